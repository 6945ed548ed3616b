/* The columns that ranking reads (cpu_rank.h): made for a side when it is first ranked, and kept
 * up with what changes. Rows come into their lanes in cpu_rank_lane.c.
 *
 * Rows of a side are sorted by how many rows their accounts have, so that the sixteen of a tile
 * need about equally many places for others; among these by their entry price, in eight parts of as
 * many rows, which divides those in profit from those in loss whatever the mark; and in each by how
 * much their accounts have for what the row is worth, which divides high scores from low ones.
 * Behind them is room for some that come later. When that is used up, columns are made anew; a row
 * whose account outgrows its tile is computed exactly until then. Removed rows leave a hole. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "cpu.h"

#define LANES CPU_RANK_LANES
#define SPARE_OTHERS 5u

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

static unsigned others_of(const struct cpu *c, uint32_t row)
{
	unsigned n = c->account[c->row[row].account].rows - 1u;
	return n <= CPU_RANK_OTHERS ? n : 0; /* too many: none, as it is computed exactly anyway */
}

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

/* How far the entry lies above the value, in steps of 1/4096 of it, in the middle of 12 bits. */
#define STEPS 4096u
#define ENTRIES 8u

static unsigned entry_of(const struct cpu *c, const struct cpu_row *row)
{
	double value = (double)row->qty * 0x1p-16 * (double)c->symbol[row->symbol].u,
	       at = ((double)row->entry_e8 / value - 0.5) * STEPS;
	return at > 0 ? at < STEPS - 1 ? (unsigned)at : STEPS - 1 : 0;
}

/* Equity of the account over the row's value, in steps of an eighth of a power of two. */
#define SHARES 256u

static unsigned share_of(const struct cpu *c, const struct cpu_row *row)
{
	const struct cpu_account *a = &c->account[row->account];
	double equity = cpu_real(a->collateral_e8),
	       value = (double)row->qty * 0x1p-16 * (double)c->symbol[row->symbol].u;
	for (uint32_t r = a->first; r != CPU_NONE; r = c->row[r].next)
		equity += (double)c->row[r].qty * 0x1p-16 * (double)c->symbol[c->row[r].symbol].u -
			  (double)c->row[r].entry_e8;
	double at = equity > 0 ? (log2(equity / fabs(value)) + 8) * 8 : 0;
	return at > 0 ? at < SHARES - 1 ? (unsigned)at : SHARES - 1 : 0;
}

static void sum_up(uint32_t first[256])
{
	uint32_t sum = 0;
	for (unsigned i = 0; i < 256; i++) {
		uint32_t n = first[i];
		first[i] = sum;
		sum += n;
	}
}

/* In which part of all entries each step is. */
static void divide_entries(struct cpu *c, uint32_t n, uint8_t part[STEPS])
{
	struct cpu_ranking *k = &c->ranking;
	uint32_t rows[STEPS] = { 0 }, before = 0;
	for (uint32_t i = 0; i < n; i++) {
		k->lo[i] = (int32_t)entry_of(c, &c->row[k->hi[i]]);
		rows[k->lo[i]]++;
	}
	for (unsigned step = 0; step < STEPS; step++) {
		part[step] = (uint8_t)((uint64_t)before * ENTRIES / (n + 1));
		before += rows[step];
	}
}

static void prefetch(const struct cpu *c, uint32_t i, uint32_t n)
{
	const int32_t *row = c->ranking.hi;
	if (i + 24 < n)
		__builtin_prefetch(&c->row[row[i + 24]]);
	if (i + 16 < n)
		__builtin_prefetch(&c->account[c->row[row[i + 16]].account]);
	if (i + 8 < n)
		cpu_judge_fetch_rows(c, &c->account[c->row[row[i + 8]].account]);
}

/* Sorts rows in `hi`, in two rounds of eight bits. Between them they are where the lots of their
 * lanes will be. */
static void sort(struct cpu *c, uint32_t n)
{
	struct cpu_ranking *k = &c->ranking;
	uint32_t low[256] = { 0 }, high[256] = { 0 };
	uint64_t *between = &k->lots[k->tiles * LANES];
	uint8_t part[STEPS];
	divide_entries(c, n, part);
	for (uint32_t i = 0; i < n; i++) {
		prefetch(c, i, n);
		uint32_t key = (others_of(c, (uint32_t)k->hi[i]) * ENTRIES + part[k->lo[i]]) *
				       SHARES +
			       share_of(c, &c->row[k->hi[i]]);
		k->lo[i] = (int32_t)key;
		low[key & 255]++;
		high[key >> 8]++;
	}
	sum_up(low);
	sum_up(high);
	for (uint32_t i = 0; i < n; i++)
		between[low[k->lo[i] & 255]++] = (uint64_t)k->lo[i] << 32 | (uint32_t)k->hi[i];
	for (uint32_t i = 0; i < n; i++)
		k->hi[high[between[i] >> 40]++] = (int32_t)(uint32_t)between[i];
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
	memset(&k->lots[k->tiles * LANES], 0, LANES * sizeof(*k->lots));
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
		if (!new_tile(k, others_of(c, (uint32_t)k->hi[last])))
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
	k->changes = 0; /* its ranges are written over */
	cpu_band_each(c, cmd->symbol, gather, &g);
	k->sides++;
	if (g.n > (k->tiles_max - k->tiles) * LANES)
		return false;
	sort(c, g.n);
	if (!make_tiles(c, s, g.n))
		return false;
	for (uint32_t i = 0; i < g.n; i++) {
		prefetch(c, i, g.n);
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
		__builtin_prefetch(&c->account[k->dirty[i + 12]]);
	if (i + 9 < k->dirty_n)
		cpu_judge_fetch_rows(c, &c->account[k->dirty[i + 9]]);
	if (i + 6 < k->dirty_n && (a = &c->account[k->dirty[i + 6]])->rows != 0)
		__builtin_prefetch(&k->lane_of[a->first]);
	if (i + 3 >= k->dirty_n)
		return;
	a = &c->account[k->dirty[i + 3]];
	for (uint32_t r = a->rows ? a->first : CPU_NONE; r != CPU_NONE; r = c->row[r].next) {
		uint32_t lane = k->lane_of[r];
		if (lane == CPU_NONE)
			continue;
		const struct cpu_rank_tile *t = &k->tile[lane / LANES];
		__builtin_prefetch(&t->lots[lane % LANES], 1);
		__builtin_prefetch(&t->base[lane % LANES], 1);
		__builtin_prefetch(&t->level[lane % LANES], 1);
		__builtin_prefetch(&k->lots[lane], 1);
		__builtin_prefetch(&k->row_of[lane], 1);
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
