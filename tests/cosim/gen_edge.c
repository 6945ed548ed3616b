/* Batches whose amounts are solved so that an account sits exactly on an edge. Random streams never
 * hit equality: without these, `>` in place of `>=` at a tier floor is not found in millions of
 * rows.
 *
 * The solution is general. An account's MM addend and collateral are free, so for any rows, any
 * unit value and any threshold T an account can be given equity E and MM = E x T + d, with d = -1,
 * 0 or 1. */
#include "gen.h"

/* The state in which the account shall be on its edge: one symbol at another unit value. */
static struct bank_what_if what_if_of(struct gen *g, int row, uint64_t u)
{
	if (row == BANK_NONE)
		return (struct bank_what_if){ .symbol = BANK_NONE };
	return (struct bank_what_if){ .symbol = g->bank.row[row].symbol, .u = u };
}

struct edge {
	int64_t collateral_e8;
	i128 addend_e15;
	int level; /* for SET_LEVEL, or -1 */
};

static int choose_level(struct gen *g, unsigned k, bool down)
{
	/* With the level reported at k + 1 or above, `down` of threshold k decides; below it, or
	 * fault, `up` does. */
	if (down)
		return (int)(k + 1 + rng_below(&g->rng, 7 - k));
	if (rng_chance(&g->rng, 300))
		return -1;
	if (rng_chance(&g->rng, 500))
		return (int)k;
	return rng_chance(&g->rng, 100) ? FB_LEVEL_FAULT : (int)rng_below(&g->rng, k + 1);
}

static bool solve(struct gen *g, int account, struct bank_what_if what_if, int d, struct edge *out)
{
	const struct bank_account *a = &g->bank.account[account];
	const struct bank_class *c = &g->bank.class[a->class_id];
	struct bank_sums sums = bank_sums(&g->bank, account, what_if);
	unsigned k = rng_below(&g->rng, c->written);
	bool down = rng_chance(&g->rng, 400);
	uint32_t t = down ? c->down_e7[k] : c->up_e7[k];

	if (sums.bad_rows)
		return false;
	for (unsigned tries = 0; tries < 8; tries++) {
		bool small = g->profile == GEN_EVERYDAY || tries > 3;
		i128 equity = (i128)(small ? rng_magnitude(&g->rng, 40) : rng_edge(&g->rng, 61));
		i128 addend = equity * t + d - sums.mm_e15;
		i128 collateral = equity - sums.pnl_e8 +
				  (rng_chance(&g->rng, 200) ? (int)rng_below(&g->rng, 3) - 1 : 0);

		if (!gen_fits(addend, FB_ADDEND_BITS) || !gen_fits(collateral, FB_MONEY_BITS))
			continue;
		*out = (struct edge){ (int64_t)collateral, addend, choose_level(g, k, down) };
		return true;
	}
	return false;
}

/* Steps over the edge and back by one unit of collateral. */
static void walk(struct gen *g, int account)
{
	int64_t step = rng_chance(&g->rng, 500) ? 1 : -1;

	for (uint32_t n = rng_below(&g->rng, 4); n > 0; n--) {
		gen_collateral(g, account, step);
		if (rng_chance(&g->rng, 800))
			gen_end_batch(g);
		step = rng_chance(&g->rng, 700) ? -step : step;
	}
}

/* Brings the row's symbol to u: at once, or over its neighbours. */
static void approach(struct gen *g, int row, uint64_t u)
{
	uint16_t symbol = g->bank.row[row].symbol;
	uint64_t limit = (1ull << FB_U_BITS) - 1;

	g->bank.symbol[symbol].aim_u = u;
	for (int64_t step = -1; step <= 1; step++) {
		uint64_t at = u + (uint64_t)step;

		if (at == 0 || at > limit || (step != 0 && rng_chance(&g->rng, 400)))
			continue;
		gen_mark_to(g, &symbol, &at, 1);
		/* One in two is not the last of its batch: then the account is judged when the
		 * batch ends, not on the way. */
		if (rng_chance(&g->rng, 500))
			gen_marks(g, 1);
		gen_end_batch(g);
	}
}

static void on_edge(struct gen *g, int account, int row, uint64_t u)
{
	struct edge e;

	if (!solve(g, account, what_if_of(g, row, u), (int)rng_below(&g->rng, 3) - 1, &e))
		return;
	gen_put_account(g, account, e.collateral_e8, e.addend_e15, e.level);
	if (rng_chance(&g->rng, 600))
		gen_end_batch(g);
	if (row != BANK_NONE)
		approach(g, row, u);
	walk(g, account);
}

void gen_edge_threshold(struct gen *g)
{
	int account = bank_pick_account(&g->bank, &g->rng);
	int row = bank_pick_row_of(&g->bank, &g->rng, account);

	if (row != BANK_NONE && rng_chance(&g->rng, 250))
		row = BANK_NONE;
	on_edge(g, account, row, row == BANK_NONE ? 0 : gen_next_u(g, g->bank.row[row].symbol));
}

/* A row whose notional is exactly a tier's floor: by its unit value (exact while |qty| <= 2^16), or
 * by its quantity (exact while u <= 2^16). The ladders of this bank jump at their floors, and the
 * account is on a threshold there as well. */
void gen_edge_floor(struct gen *g)
{
	int row = bank_pick_row(&g->bank, &g->rng);

	if (row == BANK_NONE)
		return;
	struct bank_row *r = &g->bank.row[row];
	const struct bank_ladder *l = &g->bank.ladder[g->bank.symbol[r->symbol].ladder];
	if (l->tiers < 2)
		return;
	u128 floor = (u128)l->tier[1 + rng_below(&g->rng, l->tiers - 1)].floor_e8
		     << FB_U_FRACTION_BITS;
	uint64_t u = g->bank.symbol[r->symbol].u;
	u128 qty = (floor + u - 1) / u;
	bool by_u = rng_chance(&g->rng, 600) || qty >> (FB_QTY_BITS - 1);
	if (by_u) {
		qty = 1 + rng_bits(&g->rng, 16);
		while ((floor + qty - 1) / qty >> FB_U_BITS)
			qty <<= 1;
		u = (uint64_t)((floor + qty - 1) / qty);
	}
	if (qty >> (FB_QTY_BITS - 1) || u == 0)
		return;
	int64_t signed_qty = rng_chance(&g->rng, 500) ? -(int64_t)qty : (int64_t)qty;
	int64_t entry = (int64_t)bank_notional(signed_qty, u);
	gen_put_row(g, row, signed_qty, signed_qty < 0 ? -entry : entry, r->addend_e7);
	if (rng_chance(&g->rng, 300))
		gen_end_batch(g);
	on_edge(g, r->account, row, u);
	if (!by_u && qty > 1) {
		gen_end_batch(g);
		gen_put_row(g, row, signed_qty < 0 ? signed_qty + 1 : signed_qty - 1, r->entry_e8,
			    r->addend_e7);
	}
}

/* MM and equity both 0, or one unit off: calm comes before every threshold, bankrupt before calm.
 */
void gen_edge_calm(struct gen *g)
{
	int account = bank_pick_account(&g->bank, &g->rng);
	struct bank_sums sums = bank_sums(&g->bank, account,
					  (struct bank_what_if){ .symbol = BANK_NONE });
	i128 collateral = (int)rng_below(&g->rng, 3) - 1 - sums.pnl_e8;
	i128 addend = (int)rng_below(&g->rng, 3) - 1 - sums.mm_e15;

	if (sums.bad_rows || !gen_fits(collateral, FB_MONEY_BITS) ||
	    !gen_fits(addend, FB_ADDEND_BITS))
		return;
	gen_put_account(g, account, (int64_t)collateral, addend,
			rng_chance(&g->rng, 500) ? (int)rng_below(&g->rng, 9) : -1);
	if (rng_chance(&g->rng, 500))
		gen_end_batch(g);
	walk(g, account);
}

/* An account long in one symbol and short in another (or twice in one) for the same value, a unit
 * away from a threshold. The legs are marked far away one after the other inside a batch: only the
 * end may be judged. */
void gen_edge_hedge(struct gen *g)
{
	int account = bank_pick_account(&g->bank, &g->rng);
	int one = bank_pick_row_of(&g->bank, &g->rng, account);
	int two = bank_pick_row_of(&g->bank, &g->rng, account);

	if (one == BANK_NONE || one == two)
		return;
	uint16_t symbol[2] = { g->bank.row[one].symbol, g->bank.row[two].symbol };
	uint64_t u = g->bank.symbol[symbol[0]].u, far;
	int64_t qty = 1 + (int64_t)rng_magnitude(&g->rng, 30);

	if (bank_notional(qty, u) >> 55)
		return;
	gen_mark_to(g, symbol, (const uint64_t[2]){ u, u }, 2);
	gen_put_row(g, one, qty, (int64_t)bank_notional(qty, u), 0);
	gen_put_row(g, two, -qty, -(int64_t)bank_notional(qty, u), 0);
	on_edge(g, account, BANK_NONE, 0);
	gen_end_batch(g);
	far = rng_chance(&g->rng, 500) ? u / 2 + 1 : u + u / 2;
	far &= (1ull << FB_U_BITS) - 1;
	if (far == 0)
		return;
	gen_mark_to(g, &symbol[0], &far, 1);
	if (rng_chance(&g->rng, 300))
		gen_fill(g);
	gen_mark_to(g, &symbol[1], &far, 1);
	gen_end_batch(g);
}

/* Every symbol at once, far up or down, and back. */
void gen_storm(struct gen *g)
{
	uint64_t was[BANK_SYMBOLS], to[BANK_SYMBOLS];
	unsigned factor = 2 + rng_below(&g->rng, 30);
	bool up = rng_chance(&g->rng, 500);

	for (unsigned i = 0; i < g->symbols; i++) {
		was[i] = g->bank.symbol[g->symbol[i]].u;
		to[i] = up ? was[i] * factor : was[i] / factor;
		if (to[i] == 0 || to[i] >> FB_U_BITS)
			to[i] = 1 + rng_bits(&g->rng, 20);
	}
	for (unsigned at = 0; at < g->symbols; at += FB_MARKS_PER_WORD) {
		unsigned n = g->symbols - at;

		gen_mark_to(g, &g->symbol[at], &to[at],
			    n < FB_MARKS_PER_WORD ? n : FB_MARKS_PER_WORD);
	}
	gen_end_batch(g);
	for (unsigned at = 0; at < g->symbols; at += FB_MARKS_PER_WORD) {
		unsigned n = g->symbols - at;

		gen_mark_to(g, &g->symbol[at], &was[at],
			    n < FB_MARKS_PER_WORD ? n : FB_MARKS_PER_WORD);
	}
	gen_end_batch(g);
}
