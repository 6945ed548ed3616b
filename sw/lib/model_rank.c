/* RANK: contract, section 6. Every row of the symbol is looked at, and nothing is remembered. */
#include <assert.h>

#include "log2.h"
#include "model.h"

#define LOTS_MAX UINT64_MAX /* where a sum of lots stops */
#define HIST_BUCKETS 3      /* in a record */

/* What a key is made of, in the order of the nibbles. */
struct operands {
	__int128 x[FB_RANK_OPERANDS];
};

/* A row as RANK sees it. */
struct ranked {
	const struct model_row *row;
	const struct model_account *account;
	struct model_sums sums; /* of the account */
	uint32_t key;
	unsigned class;         /* an FB_SIGN */
};

static __int128 magnitude(__int128 v)
{
	return v < 0 ? -v : v;
}

/* Coefficient i: a nibble, two's complement. */
static int coefficient(uint32_t packed, unsigned i)
{
	int nibble = packed >> 4 * i & 0xf;
	return nibble < 8 ? nibble : nibble - 16;
}

/* log2 of an operand; one below 1 counts as 1. */
static int32_t log_of(__int128 x)
{
	return (int32_t)fb_log2(x < 1 ? 1 : (unsigned __int128)x);
}

static int32_t score_of(const struct operands *operands, uint32_t packed)
{
	int32_t score = 0;
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++)
		score += coefficient(packed, i) * log_of(operands->x[i]);
	return score;
}

/* The row is of the side that is ranked. */
static bool on_side(const struct model_row *row, const struct fb_cmd_rank *c)
{
	return c->side == 0 ? row->qty > 0 : row->qty < 0;
}

static bool excluded(const struct ranked *r, const struct fb_cmd_rank *c)
{
	const struct model_account *a = r->account;
	return r->row->flags & FB_ROW_NO_RANK || a->role != FB_ROLE_USER || a->held ||
	       a->damaged || r->sums.equity_e8 <= 0 || a->level >= c->exclude_level;
}

static unsigned class_of(__int128 pnl_e8)
{
	if (pnl_e8 == 0)
		return FB_SIGN_ZERO;
	return pnl_e8 < 0 ? FB_SIGN_LOSS : FB_SIGN_PROFIT;
}

/* Fills in class and key; of an excluded row the class only. */
static void rate(const struct model *m, struct ranked *r, const struct fb_cmd_rank *c)
{
	__int128 value_e8, mm_e15, floor_e8 = (__int128)c->floor;
	r->class = FB_SIGN_EXCLUDED;
	if (!model_value(m, r->row, &value_e8, &mm_e15) || excluded(r, c))
		return;
	__int128 pnl_e8 = value_e8 - r->row->entry_e8;
	__int128 collateral_e8 = r->account->collateral_e8;
	struct operands operands = { {
		magnitude(pnl_e8),
		magnitude(r->row->entry_e8),
		magnitude(value_e8), /* the notional */
		r->sums.equity_e8,
		r->sums.mm_e15,
		mm_e15,
		collateral_e8 > floor_e8 ? collateral_e8 : floor_e8,
	} };
	int32_t score;

	r->class = class_of(pnl_e8);
	if (r->class == FB_SIGN_ZERO)
		score = log_of(magnitude(value_e8));
	else
		score = score_of(&operands, r->class == FB_SIGN_PROFIT ? c->profit_c : c->loss_c);
	const int32_t middle = INT32_C(1) << (FB_SCORE_BITS - 1);
	assert(score > -middle && score < middle);
	r->key = (uint32_t)r->class << FB_SCORE_BITS | (uint32_t)(score + middle);
}

/* The cursor comes before the row in the order of keys down, then accounts up. */
static bool after_cursor(const struct ranked *r, const struct fb_cmd_rank *c)
{
	if (r->key != c->cursor_key)
		return r->key < c->cursor_key;
	return r->account->id > c->cursor_account;
}

static bool in_range(const struct ranked *r, const struct fb_cmd_rank *c)
{
	if (r->class == FB_SIGN_EXCLUDED || !(c->class_mask >> (r->class - 1) & 1))
		return false;
	return r->key >= c->from && after_cursor(r, c);
}

struct histogram {
	uint32_t rows[FB_RANK_BUCKETS];
	uint64_t lots[FB_RANK_BUCKETS];
};

static void count(struct histogram *h, const struct ranked *r, const struct fb_cmd_rank *c)
{
	uint32_t bucket = (r->key - c->from) >> c->zoom;
	if (bucket >= FB_RANK_BUCKETS)
		bucket = FB_RANK_BUCKETS - 1;
	uint64_t lots = (uint64_t)magnitude(r->row->qty);
	bool stops = lots > LOTS_MAX - h->lots[bucket];
	h->rows[bucket]++;
	h->lots[bucket] = stops ? LOTS_MAX : h->lots[bucket] + lots;
}

static void emit_histogram(struct model *m, const struct histogram *h, uint64_t seq)
{
	for (unsigned first = 0; first < FB_RANK_BUCKETS; first += HIST_BUCKETS) {
		union fb_record record = model_record(seq, FB_REC_RANK_HIST);
		bool empty = true;
		record.rank_hist.first = (uint16_t)first;
		for (unsigned i = 0; i < HIST_BUCKETS && first + i < FB_RANK_BUCKETS; i++) {
			record.rank_hist.rows[i] = h->rows[first + i];
			record.rank_hist.qty[i] = h->lots[first + i];
			empty = empty && h->rows[first + i] == 0;
		}
		if (!empty)
			model_decide(m, &record);
	}
}

static void emit_nominee(struct model *m, const struct ranked *r, uint64_t seq)
{
	union fb_record record = model_record(seq, FB_REC_NOMINEE);
	record.nominee.account = r->account->id;
	record.nominee.position = r->row->position;
	record.nominee.key = r->key;
	record.nominee.qty = r->row->qty;
	record.nominee.entry = r->row->entry_e8;
	record.nominee.equity = model_to_i128(r->sums.equity_e8);
	model_decide(m, &record);
}

void model_rank(struct model *m, const struct fb_cmd_rank *c)
{
	struct histogram histogram = { { 0 }, { 0 } };
	for (uint32_t i = m->symbol[c->symbol].first_row; i != MODEL_NONE;
	     i = m->row[i].of_symbol.next) {
		struct ranked r = { .row = &m->row[i], .account = &m->account[m->row[i].account] };
		if (!on_side(r.row, c))
			continue;
		r.sums = model_sum(m, r.account);
		rate(m, &r, c);
		if (!in_range(&r, c))
			continue;
		if (c->mode == FB_RANK_HISTOGRAM)
			count(&histogram, &r, c);
		else
			emit_nominee(m, &r, c->seq);
	}
	emit_histogram(m, &histogram, c->seq); /* of SELECT all is empty */
}
