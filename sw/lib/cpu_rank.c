/* RANK: contract, section 6. */
#include <assert.h>

#include "cpu.h"
#include "log2.h"

#define HIST_BUCKETS 3 /* in a record */

struct ranked {
	const struct cpu_row *row;
	const struct cpu_account *account;
	struct cpu_sums sums;
	uint32_t key;
	unsigned class;
};

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

/* Class and key; false: the row takes no part. */
static bool rate(struct cpu *c, struct ranked *r, const struct fb_cmd_rank *cmd)
{
	const struct cpu_account *a = r->account;
	struct cpu_valued v;
	if (r->row->flags & FB_ROW_NO_RANK || a->role != FB_ROLE_USER || a->held || a->damaged ||
	    a->level >= cmd->exclude_level)
		return false;
	r->sums = cpu_sum(c, a);
	cpu_value(c, r->row, &v);
	if (v.bad || r->sums.equity_e8 <= 0)
		return false;
	__int128 pnl_e8 = v.value_e8 - r->row->entry_e8, floor_e8 = (__int128)cmd->floor;
	__int128 x[FB_RANK_OPERANDS] = {
		magnitude(pnl_e8),  magnitude(r->row->entry_e8),
		v.notional_e8,	    r->sums.equity_e8,
		r->sums.mm_e15,	    v.mm_e15,
		a->collateral_e8 > floor_e8 ? a->collateral_e8 : floor_e8,
	};
	int32_t at;
	if (pnl_e8 == 0) {
		r->class = FB_SIGN_ZERO;
		at = log_of(v.notional_e8);
	} else {
		r->class = pnl_e8 < 0 ? FB_SIGN_LOSS : FB_SIGN_PROFIT;
		at = score(x, pnl_e8 < 0 ? cmd->loss_c : cmd->profit_c);
	}
	r->key = (uint32_t)r->class << FB_SCORE_BITS |
		 (uint32_t)(at + (INT32_C(1) << (FB_SCORE_BITS - 1)));
	return true;
}

static bool in_range(const struct ranked *r, const struct fb_cmd_rank *cmd)
{
	if (!(cmd->class_mask >> (r->class - 1) & 1) || r->key < cmd->from)
		return false;
	return r->key < cmd->cursor_key ||
	       (r->key == cmd->cursor_key && r->account->id > cmd->cursor_account);
}

struct histogram {
	uint32_t rows[FB_RANK_BUCKETS];
	uint64_t lots[FB_RANK_BUCKETS];
};

static void count(struct histogram *h, const struct ranked *r, const struct fb_cmd_rank *cmd)
{
	uint32_t bucket = (r->key - cmd->from) >> cmd->zoom;
	uint64_t lots = (uint64_t)magnitude(r->row->qty), sum;
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

static void emit_nominee(struct cpu *c, const struct ranked *r, uint64_t seq)
{
	union fb_record record = cpu_record(seq, FB_REC_NOMINEE);
	record.nominee.account = r->account->id;
	record.nominee.position = r->row->position;
	record.nominee.key = r->key;
	record.nominee.qty = r->row->qty;
	record.nominee.entry = r->row->entry_e8;
	record.nominee.equity = cpu_to_i128(r->sums.equity_e8);
	cpu_decide(c, &record);
}

struct ranking {
	const struct fb_cmd_rank *cmd;
	struct histogram histogram;
};

static void visit(struct cpu *c, struct cpu_row *row, void *context)
{
	struct ranking *k = context;
	struct ranked r = { .row = row, .account = &c->account[row->account] };
	if (k->cmd->side == 0 ? row->qty <= 0 : row->qty >= 0)
		return;
	if (!rate(c, &r, k->cmd) || !in_range(&r, k->cmd))
		return;
	if (k->cmd->mode == FB_RANK_HISTOGRAM)
		count(&k->histogram, &r, k->cmd);
	else
		emit_nominee(c, &r, k->cmd->seq);
}

void cpu_rank(struct cpu *c, const struct fb_cmd_rank *cmd)
{
	struct ranking ranking = { .cmd = cmd };
	cpu_band_each(c, cmd->symbol, visit, &ranking);
	emit_histogram(c, &ranking.histogram, cmd->seq); /* of SELECT all is empty */
}
