/* The columns that ranking reads (cpu_rank.h): made for a side when it is first ranked, and kept
 * up with what changes. Rows come into their lanes in cpu_rank_lane.c.
 *
 * Rows of a side are sorted (cpu_rank_sort.c); behind them is room for some that come later. When
 * that is used up, columns are made anew; a row whose account outgrows its tile is computed exactly
 * until then. Removed rows leave a hole. */
#include <assert.h>
#include <string.h>

#include "cpu_ranking.h"
#include "fetch.h"

#define LANES CPU_RANK_LANES
#define SPARE_OTHERS 3u

void cpu_rank_clear(struct cpu *c)
{
	struct cpu_ranking *k = &c->ranking;
	for (uint32_t i = 0; i < k->dirty_n; i++)
		c->account[k->dirty[i]].dirty = false;
	k->dirty_n = 0;
	k->sides = k->tiles = k->others = 0;
	k->changes = 0;
	k->last.side = NULL;
	memset(k->side, 0, sizeof(k->side));
}

void cpu_rank_note(struct cpu *c, uint32_t account)
{
	struct cpu_ranking *k = &c->ranking;
	struct cpu_account *a = &c->account[account];
	if (a->dirty)
		return;
	if (k->dirty_n == k->dirty_max) { /* then making columns anew costs no more */
		cpu_rank_clear(c);
		return;
	}
	a->dirty = true;
	k->dirty[k->dirty_n++] = account;
}

/* ---- all rows of a side ---- */

struct gathered {
	unsigned side;
	uint32_t n;
};

static void gather(struct cpu *c, struct cpu_row *row, void *context)
{
	struct gathered *g = context;
	if (g->side == 0 ? row->qty > 0 : row->qty < 0)
		c->ranking.hi[g->n++] = (int32_t)(row - c->row);
}

/* False: no room while other sides have columns. One alone may do without others: its rows are then
 * computed exactly. */
static bool new_tile(struct cpu_ranking *k, uint32_t others)
{
	if (k->tiles == k->tiles_max)
		return false;
	if (k->others + others > k->others_max) {
		if (k->sides > 1)
			return false;
		others = 0;
	}
	struct cpu_rank_tile *t = &k->tile[k->tiles];
	memset(t, 0, sizeof(*t));
	t->other = k->others;
	t->others = others;
	for (unsigned i = 0; i < LANES; i++)
		cpu_rank_vacate(k, k->tiles * LANES + i);
	for (uint32_t j = 0; j < others; j++)
		for (unsigned i = 0; i < LANES; i++)
			cpu_rank_no_other(k, k->others + j, i);
	k->tiles++;
	k->others += others;
	return true;
}

static bool make_tiles(struct cpu *c, struct cpu_rank_side *s, uint32_t n)
{
	struct cpu_ranking *k = &c->ranking;
	s->tile = k->tiles;
	for (uint32_t i = 0; i < n; i += LANES) {
		uint32_t last = i + LANES <= n ? i + LANES - 1 : n - 1;
		if (!new_tile(k, cpu_rank_others_of(c, (uint32_t)k->hi[last])))
			return false;
	}
	s->next = s->tile * LANES + n;
	for (uint32_t i = 0; i <= n / (LANES * LANES); i++)
		if (!new_tile(k, SPARE_OTHERS))
			return false;
	s->tiles = k->tiles - s->tile;
	s->end = k->tiles * LANES;
	return true;
}

static bool make(struct cpu *c, const struct fb_cmd_rank *cmd)
{
	struct cpu_ranking *k = &c->ranking;
	struct cpu_rank_side *s = &k->side[cmd->symbol][cmd->side];
	struct gathered g = { .side = cmd->side };
	if (k->sides == 0)
		memset(k->lane_of, 0xff, (size_t)c->rows_max * sizeof(*k->lane_of));
	k->changes = 0; /* its ranges are written over, and lots */
	k->last.side = NULL;
	cpu_band_each(c, cmd->symbol, gather, &g);
	k->sides++;
	if (g.n > (k->tiles_max - k->tiles) * LANES)
		return false;
	cpu_rank_sort(c, g.n);
	if (!make_tiles(c, s, g.n))
		return false;
	for (uint32_t i = 0; i < g.n; i++) {
		cpu_rank_fetch_listed(c, i, g.n);
		cpu_rank_put(c, s->tile * LANES + i, (uint32_t)k->hi[i]);
	}
	return true;
}

/* ---- what has changed ---- */

/* A row that came, or went to the other side. False: there is no room left. */
static bool bring(struct cpu *c, uint32_t row)
{
	struct cpu_ranking *k = &c->ranking;
	const struct cpu_row *r = &c->row[row];
	uint32_t lane = k->lane_of[row];
	if (lane != CPU_NONE) {
		if (r->qty != 0 && (k->tile[lane / LANES].lots[lane % LANES] < 0) == (r->qty < 0)) {
			cpu_rank_put(c, lane, row);
			return true;
		}
		cpu_rank_forget_row(c, row);
	}
	struct cpu_rank_side *s = &k->side[r->symbol][r->qty < 0];
	if (s->tiles == 0 || r->qty == 0)
		return true;
	if (s->next == s->end)
		return false;
	cpu_rank_put(c, s->next++, row);
	return true;
}

/* A side without room is forgotten; its lanes stay taken until all are. */
static void forget_side(struct cpu *c, uint16_t symbol, unsigned side)
{
	struct cpu_ranking *k = &c->ranking;
	struct cpu_rank_side *s = &k->side[symbol][side];
	for (uint32_t lane = s->tile * LANES; lane < s->end; lane++)
		if (k->row_of[lane] != CPU_NONE)
			k->lane_of[k->row_of[lane]] = CPU_NONE;
	if (k->last.side == s)
		k->last.side = NULL;
	*s = (struct cpu_rank_side){ 0 };
	k->sides--;
}

/* What the next ones need: account, its rows, where they stand, and the columns there. */
static void fetch(const struct cpu *c, uint32_t i)
{
	const struct cpu_ranking *k = &c->ranking;
	const struct cpu_account *a;
	if (i + 12 < k->dirty_n)
		fb_fetch(&c->account[k->dirty[i + 12]]);
	if (i + 9 < k->dirty_n)
		cpu_judge_fetch_rows(c, &c->account[k->dirty[i + 9]]);
	if (i + 6 < k->dirty_n && (a = &c->account[k->dirty[i + 6]])->rows != 0)
		fb_fetch(&k->lane_of[a->first]);
	if (i + 3 >= k->dirty_n)
		return;
	a = &c->account[k->dirty[i + 3]];
	for (uint32_t r = a->rows ? a->first : CPU_NONE; r != CPU_NONE; r = c->row[r].next) {
		uint32_t lane = k->lane_of[r];
		if (lane == CPU_NONE)
			continue;
		const struct cpu_rank_tile *t = &k->tile[lane / LANES];
		fb_fetch_to_write(&t->lots[lane % LANES]);
		fb_fetch_to_write(&t->base[lane % LANES]);
		fb_fetch_to_write(&t->level[lane % LANES]);
		fb_fetch(&t->other);
		fb_fetch_to_write(&k->row_of[lane]);
	}
}

static void catch_up(struct cpu *c)
{
	struct cpu_ranking *k = &c->ranking;
	for (uint32_t i = 0; i < k->dirty_n; i++) {
		struct cpu_account *a = &c->account[k->dirty[i]];
		fetch(c, i);
		a->dirty = false;
		for (uint32_t r = a->used ? a->first : CPU_NONE; r != CPU_NONE; r = c->row[r].next)
			if (!bring(c, r))
				forget_side(c, c->row[r].symbol, c->row[r].qty < 0);
	}
	k->dirty_n = 0;
}

static bool asks_for(const struct fb_cmd_rank *cmd, unsigned operands)
{
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++)
		if (operands >> i & 1 && (cmd->profit_c | cmd->loss_c) >> 4 * i & 0xf)
			return true;
	return false;
}

const struct cpu_rank_side *cpu_rank_columns(struct cpu *c, const struct fb_cmd_rank *cmd)
{
	struct cpu_rank_side *s = &c->ranking.side[cmd->symbol][cmd->side];
	if (!c->ranking.margins && asks_for(cmd, CPU_RANK_MORE)) {
		cpu_rank_clear(c);
		c->ranking.margins = true;
	}
	catch_up(c);
	if (s->tiles == 0 && !make(c, cmd)) {
		cpu_rank_clear(c);
		bool made = make(c, cmd);
		assert(made); /* there is room for any side alone */
		(void)made;
	}
	return s;
}
