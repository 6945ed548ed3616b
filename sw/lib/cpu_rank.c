/* RANK: contract, section 6. */
#include <assert.h>

#include "cpu.h"
#include "log2.h"

#define HIST_BUCKETS 3 /* in a record */

static __int128 magnitude(__int128 v)
{
	return v < 0 ? -v : v;
}

static int32_t log_of(__int128 x)
{
	return (int32_t)fb_log2(x < 1 ? 1 : (unsigned __int128)x);
}

static int32_t score(const __int128 *x, uint32_t packed)
{
	int32_t sum = 0;
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++, packed >>= 4) {
		int c = (int)((packed & 0xf) ^ 8) - 8;
		if (c != 0)
			sum += c * log_of(x[i]);
	}
	return sum;
}

/* The key of a row; 0: it takes no part. */
static uint32_t key_of(struct cpu *c, const struct cpu_row *row, const struct fb_cmd_rank *cmd)
{
	const struct cpu_account *a = &c->account[row->account];
	struct cpu_valued v;
	if (row->flags & FB_ROW_NO_RANK || a->role != FB_ROLE_USER || a->held || a->damaged ||
	    a->level >= cmd->exclude_level)
		return 0;
	struct cpu_sums sums = cpu_sum(c, a);
	cpu_value(c, row, &v);
	if (v.bad || sums.equity_e8 <= 0)
		return 0;
	__int128 pnl_e8 = v.value_e8 - row->entry_e8, floor_e8 = (__int128)cmd->floor;
	__int128 x[FB_RANK_OPERANDS] = {
		magnitude(pnl_e8), magnitude(row->entry_e8), v.notional_e8, sums.equity_e8,
		sums.mm_e15,	   v.mm_e15,
		a->collateral_e8 > floor_e8 ? a->collateral_e8 : floor_e8,
	};
	unsigned class = pnl_e8 == 0  ? FB_SIGN_ZERO
			 : pnl_e8 < 0 ? FB_SIGN_LOSS
				      : FB_SIGN_PROFIT;
	int32_t at = class == FB_SIGN_ZERO ? log_of(v.notional_e8)
					   : score(x, pnl_e8 < 0 ? cmd->loss_c : cmd->profit_c);
	return (uint32_t)class << FB_SCORE_BITS |
	       (uint32_t)(at + (INT32_C(1) << (FB_SCORE_BITS - 1)));
}

static bool in_range(const struct cpu *c, const struct cpu_place *p, const struct fb_cmd_rank *cmd)
{
	unsigned class = p->key >> FB_SCORE_BITS;
	if (!(cmd->class_mask >> (class - 1) & 1) || p->key < cmd->from)
		return false;
	return p->key < cmd->cursor_key ||
	       (p->key == cmd->cursor_key &&
		c->account[c->row[p->row].account].id > cmd->cursor_account);
}

struct histogram {
	uint32_t rows[FB_RANK_BUCKETS];
	uint64_t lots[FB_RANK_BUCKETS];
};

static void count(const struct cpu *c, struct histogram *h, const struct cpu_place *p,
		  const struct fb_cmd_rank *cmd)
{
	uint32_t bucket = (p->key - cmd->from) >> cmd->zoom;
	uint64_t lots = (uint64_t)magnitude(c->row[p->row].qty), sum;
	if (bucket >= FB_RANK_BUCKETS)
		bucket = FB_RANK_BUCKETS - 1;
	h->rows[bucket]++;
	h->lots[bucket] = __builtin_add_overflow(h->lots[bucket], lots, &sum) ? UINT64_MAX : sum;
}

static void emit_histogram(struct cpu *c, const struct histogram *h, uint64_t seq)
{
	for (unsigned first = 0; first < FB_RANK_BUCKETS; first += HIST_BUCKETS) {
		union fb_record record = cpu_record(seq, FB_REC_RANK_HIST);
		uint32_t rows = 0;
		record.rank_hist.first = (uint16_t)first;
		for (unsigned i = 0; i < HIST_BUCKETS && first + i < FB_RANK_BUCKETS; i++) {
			rows |= record.rank_hist.rows[i] = h->rows[first + i];
			record.rank_hist.qty[i] = h->lots[first + i];
		}
		if (rows != 0)
			cpu_decide(c, &record);
	}
}

static void emit_nominee(struct cpu *c, const struct cpu_place *p, uint64_t seq)
{
	union fb_record record = cpu_record(seq, FB_REC_NOMINEE);
	const struct cpu_row *row = &c->row[p->row];
	const struct cpu_account *a = &c->account[row->account];
	record.nominee.account = a->id;
	record.nominee.position = row->position;
	record.nominee.key = p->key;
	record.nominee.qty = row->qty;
	record.nominee.entry = row->entry_e8;
	record.nominee.equity = cpu_to_i128(cpu_sum(c, a).equity_e8);
	cpu_decide(c, &record);
}

/* The rows of the side, without keys yet. */
static void gather(struct cpu *c, struct cpu_row *row, void *context)
{
	struct cpu_ranking *k = context;
	(void)c;
	if (k->of.side == 0 ? row->qty > 0 : row->qty < 0)
		k->place[k->n++] = (struct cpu_place){ 0, (uint32_t)(row - c->row) };
}

/* Rows and accounts lie anywhere in memory: what the next ones need is asked for ahead. */
static void fetch(const struct cpu *c, uint32_t i)
{
	const struct cpu_ranking *k = &c->ranking;
	if (i + 16 < k->n)
		__builtin_prefetch(&c->account[c->row[k->place[i + 16].row].account]);
	if (i + 8 < k->n)
		__builtin_prefetch(&c->row[c->account[c->row[k->place[i + 8].row].account].first]);
}

static void make_keys(struct cpu *c, const struct fb_cmd_rank *cmd)
{
	struct cpu_ranking *k = &c->ranking;
	uint32_t kept = 0;
	k->of = *cmd;
	k->n = 0;
	cpu_band_each(c, cmd->symbol, gather, k);
	for (uint32_t i = 0; i < k->n; i++) {
		fetch(c, i);
		uint32_t row = k->place[i].row, key = key_of(c, &c->row[row], cmd);
		if (key != 0)
			k->place[kept++] = (struct cpu_place){ key, row };
	}
	k->n = kept;
	k->changes = c->changes;
}

static bool same_keys(const struct cpu *c, const struct fb_cmd_rank *cmd)
{
	const struct fb_cmd_rank *of = &c->ranking.of;
	return c->ranking.changes == c->changes && of->symbol == cmd->symbol &&
	       of->side == cmd->side && of->exclude_level == cmd->exclude_level &&
	       of->profit_c == cmd->profit_c && of->loss_c == cmd->loss_c &&
	       of->floor == cmd->floor;
}

void cpu_rank(struct cpu *c, const struct fb_cmd_rank *cmd)
{
	struct histogram histogram = { { 0 }, { 0 } };
	if (!same_keys(c, cmd))
		make_keys(c, cmd);
	for (uint32_t i = 0; i < c->ranking.n; i++) {
		const struct cpu_place *p = &c->ranking.place[i];
		if (!in_range(c, p, cmd))
			continue;
		if (cmd->mode == FB_RANK_HISTOGRAM)
			count(c, &histogram, p, cmd);
		else
			emit_nominee(c, p, cmd->seq);
	}
	emit_histogram(c, &histogram, cmd->seq); /* of SELECT all is empty */
}
