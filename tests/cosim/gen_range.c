/* The ends of the ranges: notionals of 2^61 and one less, collateral at +-2^61 and beyond,
 * collateral that wraps, funding that does not fit. Accounts go to level fault there, and come
 * back. */
#include "gen.h"

/* (2^j + 1) x (2^(77-j) - 2^(77-2j)) = 2^77 - 2^(77-2j): with j in 31..38 that is a notional of
 * exactly 2^61 - 1, and one more in u makes it 2^61. */
static void bad_row(struct gen *g)
{
	int row = bank_pick_row(&g->bank, &g->rng);
	unsigned j = 31 + rng_below(&g->rng, 8);
	int64_t qty = ((int64_t)1 << j) + 1;
	uint64_t u = (1ull << (77 - j)) - (1ull << (77 - 2 * j)), was;

	if (row == BANK_NONE)
		return;
	const struct bank_row *r = &g->bank.row[row];
	uint16_t symbol = r->symbol;
	was = g->bank.symbol[symbol].u;
	gen_put_row(g, row, rng_chance(&g->rng, 500) ? -qty : qty,
		    rng_edge_signed(&g->rng, FB_MONEY_BITS), r->addend_e7);
	for (unsigned step = 0; step < 4; step++) {
		uint64_t at = step == 3 && rng_chance(&g->rng, 700) ? was : u + step % 2;

		gen_mark_to(g, &symbol, &at, 1);
		if (rng_chance(&g->rng, 800))
			gen_end_batch(g);
	}
}

static void collateral_limit(struct gen *g)
{
	int account = bank_pick_account(&g->bank, &g->rng);
	int64_t limit = (int64_t)1 << (FB_MONEY_BITS - 1);
	bool high = rng_chance(&g->rng, 500);

	gen_put_account(g, account, high ? limit - 1 : -limit, rng_edge_signed(&g->rng, 50),
			rng_chance(&g->rng, 300) ? (int)rng_below(&g->rng, 9) : -1);
	for (unsigned n = 1 + rng_below(&g->rng, 4); n > 0; n--) {
		gen_end_batch(g);
		gen_collateral(g, account, rng_chance(&g->rng, 700) == high ? 1 : -1);
	}
	if (rng_chance(&g->rng, 300))
		gen_collateral(g, account, rng_edge_signed(&g->rng, FB_MONEY_BITS));
}

/* 2^72 is 2,048 steps of 2^61: the only way round, in one batch. */
static void collateral_wrap(struct gen *g)
{
	int account = bank_pick_account(&g->bank, &g->rng);
	int64_t step = ((int64_t)1 << (FB_MONEY_BITS - 1)) - 1;

	gen_put_account(g, account, 0, 1, -1);
	for (unsigned n = 1100 + rng_below(&g->rng, 1000); n > 0; n--)
		gen_collateral(g, account, step);
	gen_end_batch(g);
	/* The shadow is not kept modulo 2^72: put the account anew. */
	gen_put_account(g, account, step, 1, -1);
}

static void funding_limit(struct gen *g)
{
	int row = bank_pick_row(&g->bank, &g->rng);
	unsigned j = 26 + rng_below(&g->rng, 20);
	union fb_command w = gen_word(g, FB_OP_FUNDING);

	if (row == BANK_NONE)
		return;
	int account = g->bank.row[row].account;
	int64_t qty = (int64_t)1 << j, rate = ((int64_t)1 << (77 - j)) - rng_below(&g->rng, 2);
	w.funding.symbol = g->bank.row[row].symbol;
	gen_put_row(g, row, rng_chance(&g->rng, 500) ? -qty : qty, 1, 0);
	w.funding.rate = rng_chance(&g->rng, 500) ? -rate : rate;
	gen_emit(g, &w, FB_REJECT_NONE);
	bank_fund(&g->bank, w.funding.symbol, w.funding.rate);
	gen_end_batch(g);
	gen_put_row(g, row, 1 + (int64_t)rng_bits(&g->rng, 20), 1, 0);
	if (rng_chance(&g->rng, 500))
		gen_put_account(g, account, 1000, 0, -1);
}

void gen_edge_range(struct gen *g)
{
	uint32_t k = rng_below(&g->rng, 100);

	if (k < 40)
		bad_row(g);
	else if (k < 70)
		collateral_limit(g);
	else if (k < 97)
		funding_limit(g);
	else
		collateral_wrap(g);
}
