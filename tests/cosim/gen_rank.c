/* RANK, AUDIT and hashes of ranges. Keys are spread over 2^30, so a range drawn blindly holds all
 * rows or none: most ranges end at the key of some row, or one beside it. Levels are not known
 * here, so whether that row takes part is for the engines to say. */
#include "gen.h"

#include "../../sw/lib/log2.h"

#define KEY_BITS (FB_SCORE_BITS + 2)
#define MIDDLE (1 << (FB_SCORE_BITS - 1))

static int32_t log_of(i128 x)
{
	return (int32_t)fb_log2(x < 1 ? 1 : (u128)x);
}

static int32_t score(const i128 *operand, uint32_t packed)
{
	int32_t sum = 0;

	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++) {
		int nibble = packed >> 4 * i & 0xf;

		sum += (nibble < 8 ? nibble : nibble - 16) * log_of(operand[i]);
	}
	return sum;
}

/* The key that this row has, if it takes part. */
static uint32_t key_of(struct gen *g, int row, const struct fb_cmd_rank *c)
{
	const struct bank_row *r = &g->bank.row[row];
	const struct bank_account *a = &g->bank.account[r->account];
	const struct bank_symbol *s = &g->bank.symbol[r->symbol];
	struct bank_sums sums =
		bank_sums(&g->bank, r->account, (struct bank_what_if){ .symbol = BANK_NONE });
	i128 n = (i128)bank_notional(r->qty, s->u), pnl = (r->qty < 0 ? -n : n) - r->entry_e8;
	i128 operand[FB_RANK_OPERANDS] = {
		pnl < 0 ? -pnl : pnl,
		r->entry_e8 < 0 ? -(i128)r->entry_e8 : r->entry_e8,
		n,
		a->collateral_e8 + sums.pnl_e8,
		a->addend_e15 + sums.mm_e15,
		bank_row_mm(&g->bank.ladder[s->ladder], (u128)n, r->addend_e7),
		a->collateral_e8 > (i128)c->floor ? a->collateral_e8 : (i128)c->floor,
	};
	uint32_t class = pnl < 0 ? FB_SIGN_LOSS : pnl > 0 ? FB_SIGN_PROFIT : FB_SIGN_ZERO;
	int32_t low = pnl == 0 ? log_of(n) : score(operand, pnl < 0 ? c->loss_c : c->profit_c);

	return (class << FB_SCORE_BITS) + (uint32_t)(low + MIDDLE);
}

/* As far as the bank knows the row takes part: its level it does not know. */
static bool may_take_part(struct gen *g, const struct bank_row *r)
{
	const struct bank_account *a = &g->bank.account[r->account];

	if (r->flags || a->role != FB_ROLE_USER || a->held || a->damaged)
		return false;
	struct bank_sums sums =
		bank_sums(&g->bank, r->account, (struct bank_what_if){ .symbol = BANK_NONE });
	return sums.bad_rows == 0 && a->collateral_e8 + sums.pnl_e8 > 0;
}

static bool on_side(const struct bank_row *r, const struct fb_cmd_rank *c)
{
	return r->live && r->symbol == c->symbol && r->qty != 0 && (r->qty < 0) == c->side;
}

/* A row of this side of this symbol, or BANK_NONE; better one that takes part. */
static int pick_ranked(struct gen *g, const struct fb_cmd_rank *c)
{
	/* Live rows lie at the front: a start anywhere would mostly give the first of them. */
	int at = (int)(rng_below(&g->rng, g->bank.rows + 1) % BANK_ROWS);
	int any = BANK_NONE;

	for (int n = 0, looked = 0; n < BANK_ROWS && looked < 40; n++) {
		at = (at + 1) % BANK_ROWS;
		if (!on_side(&g->bank.row[at], c))
			continue;
		any = at;
		looked++;
		if (may_take_part(g, &g->bank.row[at]))
			return at;
	}
	return any;
}

/* Rows of the account that are out of range become small; how many. */
static unsigned mend_rows(struct gen *g, int account)
{
	unsigned mended = 0;

	for (int i = g->bank.account[account].first_row; i != BANK_NONE; i = g->bank.row[i].next) {
		const struct bank_row *r = &g->bank.row[i];
		uint64_t u = g->bank.symbol[r->symbol].u;
		int64_t qty = 1 + (int64_t)rng_magnitude(&g->rng, 8);

		if (bank_notional(r->qty, u) >> FB_NOTIONAL_BITS == 0)
			continue;
		qty = r->qty < 0 ? -qty : qty;
		gen_put_row(g, i, qty, qty, r->addend_e7);
		mended++;
	}
	return mended;
}

/* Most accounts of a stream are bankrupt or at fault, and a ranking of nobody shows little: this
 * puts equity into some that have rows on this side, in a batch of its own. */
static void enliven(struct gen *g, const struct fb_cmd_rank *c)
{
	const struct bank_what_if nothing = { .symbol = BANK_NONE };
	unsigned put = 0;

	for (int i = 0; i < BANK_ROWS && put < 60; i++) {
		const struct bank_row *r = &g->bank.row[i];

		if (!on_side(r, c) || may_take_part(g, r) || rng_chance(&g->rng, 150))
			continue;
		put += mend_rows(g, r->account);
		struct bank_sums sums = bank_sums(&g->bank, r->account, nothing);
		i128 collateral = (i128)rng_magnitude(&g->rng, 45) - sums.pnl_e8;
		i128 addend = (i128)rng_magnitude(&g->rng, 64) - sums.mm_e15;
		if (!gen_fits(collateral, FB_MONEY_BITS) || !gen_fits(addend, FB_ADDEND_BITS))
			continue;
		gen_put_account(g, r->account, (int64_t)collateral, addend, -1);
		put++;
	}
	gen_end_batch(g);
}

static uint32_t choose_coefficients(struct gen *g)
{
	/* PnL x N / (entry x equity), PnL / MM, and both ends of what a score can be. */
	static const uint32_t formula[] = { 0x000f1f1, 0x00f0001, 0x2222222, 0xeeeeeee, 0 };
	uint32_t packed = 0, only = rng_below(&g->rng, FB_RANK_OPERANDS);

	if (rng_chance(&g->rng, 500))
		return formula[rng_below(&g->rng, 5)];
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++)
		packed |= ((rng_below(&g->rng, 5) - 2) & 0xf) << 4 * i;
	return rng_chance(&g->rng, 300) ? packed & (0xfu << 4 * only) : packed;
}

static void choose_from(struct gen *g, struct fb_cmd_rank *c)
{
	int row = pick_ranked(g, c);
	uint32_t below = (uint32_t)rng_magnitude(&g->rng, 29), width = 0;

	c->from = rng_chance(&g->rng, 100) ? (uint32_t)rng_edge(&g->rng, KEY_BITS) : 0;
	c->zoom = (uint8_t)(rng_chance(&g->rng, 500) ? 14 + rng_below(&g->rng, 10)
						     : rng_below(&g->rng, 32));
	if (row == BANK_NONE || rng_chance(&g->rng, 500))
		return;
	if (rng_chance(&g->rng, 250))
		below = rng_below(&g->rng, 3) - 1; /* one above the key, or at it */
	uint32_t key = key_of(g, row, c);
	if (rng_chance(&g->rng, 200)) { /* the end of the last bucket but one, and of the last */
		c->zoom = (uint8_t)rng_below(&g->rng, 18);
		c->from = key - ((254 + rng_below(&g->rng, 4)) << c->zoom) + rng_below(&g->rng, 2);
		c->from &= (1u << KEY_BITS) - 1;
		return;
	}
	c->from = (key - below) & ((1u << KEY_BITS) - 1);
	/* That row in any bucket, and in the last or just beyond it. */
	while (width < 31 && (key - c->from) >> width > FB_RANK_BUCKETS - 1)
		width++;
	if (rng_chance(&g->rng, 700))
		c->zoom = (uint8_t)(width + rng_below(&g->rng, 3) - (width > 0));
	c->zoom &= 31;
}

static void choose_cursor(struct gen *g, struct fb_cmd_rank *c)
{
	int row = pick_ranked(g, c);

	if (row == BANK_NONE || rng_chance(&g->rng, 100)) {
		c->cursor_key = (uint32_t)rng_edge(&g->rng, rng_chance(&g->rng, 500) ? 32 : 30);
		c->cursor_account = (uint32_t)rng_bits(&g->rng, g->id_bits);
		return;
	}
	c->cursor_key = key_of(g, row, c);
	c->cursor_account = g->bank.account[g->bank.row[row].account].id;
	if (rng_chance(&g->rng, 300))
		c->cursor_key += rng_below(&g->rng, 3) - 1;
	if (rng_chance(&g->rng, 600))
		c->cursor_account += rng_below(&g->rng, 3) - 1;
	else if (rng_chance(&g->rng, 200))
		c->cursor_account = rng_chance(&g->rng, 500) ? 0 : UINT32_MAX;
}

void gen_rank_choose(struct gen *g, struct fb_cmd_rank *c)
{
	int row = BANK_NONE;

	for (unsigned k = 0; k < 20 && row == BANK_NONE; k++) {
		int at = (int)rng_below(&g->rng, g->bank.rows + 1);

		if (at < BANK_ROWS && g->bank.row[at].live && g->bank.row[at].qty != 0)
			row = may_take_part(g, &g->bank.row[at]) || k > 15 ? at : BANK_NONE;
	}
	c->symbol = g->symbol[rng_below(&g->rng, g->symbols)];
	c->side = (uint8_t)rng_below(&g->rng, 2);
	if (row != BANK_NONE && rng_chance(&g->rng, 900)) {
		c->symbol = g->bank.row[row].symbol;
		c->side = (g->bank.row[row].qty < 0) ^ rng_chance(&g->rng, 100);
	}
	c->mode = (uint8_t)rng_below(&g->rng, 2);
	c->exclude_level = (uint8_t)(rng_chance(&g->rng, 600) ? 7 + rng_below(&g->rng, 2)
							      : 1 + rng_below(&g->rng, 8));
	c->class_mask = (uint8_t)(rng_chance(&g->rng, 700) ? 7 : rng_below(&g->rng, 8));
	c->profit_c = choose_coefficients(g);
	c->loss_c = choose_coefficients(g);
	c->floor = rng_chance(&g->rng, 500) ? 0 : rng_edge(&g->rng, FB_NOTIONAL_BITS);
	c->cursor_key = c->cursor_account = UINT32_MAX;
	choose_from(g, c);
	if (rng_chance(&g->rng, 200))
		choose_cursor(g, c);
}

static void emit_alone(struct gen *g, const union fb_command *w)
{
	gen_end_batch(g);
	gen_emit(g, w, FB_REJECT_NONE);
	gen_end_batch(g);
}

/* In one of two the same again with one thing changed, so that what a change cuts off is seen to be
 * cut off. */
void gen_rank(struct gen *g)
{
	union fb_command w = gen_word(g, FB_OP_RANK);

	gen_rank_choose(g, &w.rank);
	if (!g->bank.symbol[w.rank.symbol].defined)
		return;
	if (rng_chance(&g->rng, 400))
		enliven(g, &w.rank);
	emit_alone(g, &w);
	if (rng_chance(&g->rng, 500))
		return;
	switch (rng_below(&g->rng, 9)) {
	case 0:
		w.rank.class_mask = (uint8_t)rng_below(&g->rng, 8);
		break;
	case 1:
	case 2:
		w.rank.exclude_level = (uint8_t)(1 + rng_magnitude(&g->rng, 3));
		break;
	case 3:
		w.rank.mode ^= 1;
		break;
	case 4:
	case 5:
		choose_from(g, &w.rank);
		break;
	default:
		choose_cursor(g, &w.rank);
	}
	emit_alone(g, &w);
}

void gen_audit(struct gen *g)
{
	union fb_command w = gen_word(g, FB_OP_AUDIT);

	w.audit.mode = rng_chance(&g->rng, 700);
	emit_alone(g, &w);
}

/* Mostly from one account's id to another's, ends included or not, the short way or round. */
void gen_hash_range(struct gen *g)
{
	union fb_command w = gen_word(g, FB_OP_HASH);
	int a = bank_pick_account(&g->bank, &g->rng), b = bank_pick_account(&g->bank, &g->rng);
	uint32_t first = a == BANK_NONE ? 0 : g->bank.account[a].id,
		 last = b == BANK_NONE ? 0 : g->bank.account[b].id;

	w.hash.first = first + rng_below(&g->rng, 3) - 1;
	w.hash.span = last - w.hash.first + rng_below(&g->rng, 3);
	if (rng_chance(&g->rng, 200))
		w.hash.span = (uint32_t)rng_edge(&g->rng, 32);
	emit_alone(g, &w);
}
