/* Parts of made-up accounts. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include <firebreak/book.h>

#include "generate_part.h"
#include "margin.h"
#include "mix.h"

#define E8 100000000
#define RATIO_MAX_E7 6000000
#define EQUITY_MIN_E8 (5 * (int64_t)E8)

/* 0..n-1 */
uint32_t fb_generate_draw(struct fb_generator *g, uint32_t n)
{
	return fb_mix_below(fb_mix(g->seed + g->drawn++), n);
}

/* A bijection of 32-bit numbers. */
static uint32_t scramble(uint32_t x, uint64_t key)
{
	x ^= (uint32_t)key;
	x *= 0x9e3779b1u;
	x ^= x >> 15;
	x *= (uint32_t)(key >> 32) | 1;
	x ^= x >> 13;
	return x;
}

/* The n-th id (n < limit - 1) of 1..limit-1: walking the bijection's cycle until it is back in that
 * range keeps it one. */
uint32_t fb_generate_id(uint32_t n, uint32_t limit, uint64_t key)
{
	uint32_t x = n + 1;

	do
		x = scramble(x, key);
	while (x == 0 || x >= limit);
	return x;
}

__int128 fb_generate_notional(uint64_t u, int64_t qty)
{
	return ((__int128)(qty < 0 ? -qty : qty) * u) >> FB_U_FRACTION_BITS;
}

int fb_generate_reserve(struct fb_generator *g, size_t more)
{
	struct fb_position_spec *wider;
	size_t room = g->room * 2 + more;

	if (g->out->positions + more <= g->room)
		return 0;
	wider = realloc(g->out->position, room * sizeof(*wider));
	if (!wider)
		return fb_error_set(g->error, -ENOMEM, "%s: out of memory", g->source);
	g->out->position = wider;
	g->room = room;
	return 0;
}

/* Adds `lots` (long > 0) of traded symbol s, entered within 3 % of the start; room is reserved. The
 * quantity of an inverse contract is negated (hw/contract/contract.md, section 5). */
void fb_generate_position(struct fb_generator *g, struct fb_account_spec *account, uint32_t s,
			  int64_t lots, uint64_t key)
{
	const struct fb_symbol *symbol = &g->rules->symbol[g->symbol[s]];
	uint32_t permille = 970 + fb_generate_draw(g, 31) + fb_generate_draw(g, 31);
	uint64_t entry_price_e8 =
		(uint64_t)((unsigned __int128)g->start_e8[g->symbol[s]] * permille / 1000);
	uint64_t entry_u = g->u[s];
	struct fb_position_spec *p = &g->out->position[g->out->positions];

	(void)fb_unit_value(symbol, entry_price_e8,
			    &entry_u); /* out of range: entered at the start */
	p->id = fb_generate_id((uint32_t)g->out->positions, FB_POSITION_RESERVED, key);
	p->symbol = g->symbol[s];
	p->qty = symbol->type == FB_INVERSE ? -lots : lots;
	p->entry_e8 = (int64_t)fb_generate_notional(entry_u, lots);
	if (p->qty < 0)
		p->entry_e8 = -p->entry_e8;
	g->net[s] += lots;
	g->out->positions++;
	account->positions++;
}

/* Gives the account the collateral that makes its equity gross notional / leverage, or more where
 * maintenance asks for it. */
void fb_generate_fund(struct fb_generator *g, struct fb_account_spec *account, uint32_t times)
{
	__int128 gross = 0, profit = 0, mm = 0, equity;

	for (size_t i = account->first; i < account->first + account->positions; i++) {
		const struct fb_position_spec *p = &g->out->position[i];
		const struct fb_symbol *symbol = &g->rules->symbol[p->symbol];
		uint64_t u = 0;
		bool at_entry = g->rules->margin.mm_at_entry;
		__int128 value, entry = p->entry_e8 < 0 ? -(__int128)p->entry_e8 : p->entry_e8;
		int rc = fb_unit_value(symbol, g->start_e8[p->symbol], &u);

		assert(rc == 0); /* checked when the symbols were chosen */
		value = fb_generate_notional(u, p->qty);
		gross += value;
		mm += fb_margin_mm_e15(g->rules, p->symbol,
				       (unsigned __int128)(at_entry ? entry : value), p->qty);
		profit += (p->qty < 0 ? -value : value) - p->entry_e8;
	}
	equity = gross / times;
	if (equity < mm / RATIO_MAX_E7 + 1)
		equity = mm / RATIO_MAX_E7 + 1;
	if (equity < EQUITY_MIN_E8)
		equity = EQUITY_MIN_E8;
	/* A large profit at entry must not leave an account without money of its own. */
	equity = equity - profit < equity / 4 ? equity / 4 : equity - profit;
	assert(equity > 0 && equity < (__int128)1 << (FB_MONEY_BITS - 1));
	account->collateral_e8 = (int64_t)equity;
}

/* The n-th coin of the rules that has a mark and is not `other`; what is owed, or held. */
static int find_coin(const struct fb_generator *g, bool owed, uint32_t n, uint32_t other)
{
	unsigned found = 0;

	for (int pass = 0; pass < 2; pass++) {
		unsigned k = 0;

		for (unsigned s = 0; s < g->rules->symbols; s++) {
			const struct fb_symbol *coin = &g->rules->symbol[s];

			if (coin->index == 0 || (coin->owed != 0) != owed || g->start_e8[s] == 0 ||
			    coin->index == other)
				continue;
			if (pass == 1 && k++ == n % found)
				return (int)s;
			found += pass == 0;
		}
		if (found == 0)
			return -1;
	}
	return -1;
}

/* So much of a coin that what counts of it is worth at most value_e8, for as much less (or, owed,
 * more) money. */
static void exchange(struct fb_generator *g, struct fb_account_spec *account, int coin,
		     int64_t value_e8, uint64_t key)
{
	struct fb_position_spec *p = &g->out->position[g->out->positions];
	const struct fb_symbol *symbol = &g->rules->symbol[coin];
	uint64_t u = 0;
	__int128 lots;

	if (fb_unit_value(symbol, g->start_e8[coin], &u) != 0)
		return;
	lots = ((__int128)value_e8 << FB_U_FRACTION_BITS) / (__int128)u;
	if (lots < 1 || lots >= (__int128)1 << (FB_QTY_BITS - 2))
		return;
	*p = (struct fb_position_spec){ .symbol = (uint16_t)coin };
	p->id = fb_generate_id((uint32_t)g->out->positions, FB_POSITION_RESERVED, key);
	p->qty = (int64_t)(symbol->owed ? -lots : lots);
	value_e8 = (int64_t)fb_generate_notional(u, (int64_t)lots);
	account->collateral_e8 += symbol->owed ? value_e8 : -value_e8;
	g->out->positions++;
	account->positions++;
}

void fb_generate_coins(struct fb_generator *g, struct fb_account_spec *account, uint64_t key)
{
	int64_t own = account->collateral_e8;
	int coin = -1;

	/* Nothing is drawn where there are none: such rules give the accounts they always gave. */
	if (account->mode != FB_MARGIN_CROSS || find_coin(g, false, 0, 0) < 0 ||
	    fb_generate_draw(g, 3) != 0)
		return;
	coin = find_coin(g, false, fb_generate_draw(g, 1000), 0);
	exchange(g, account, coin, own / 8 * (1 + fb_generate_draw(g, 7)), key);
	if (fb_generate_draw(g, 4) != 0)
		return;
	coin = find_coin(g, true, fb_generate_draw(g, 1000), g->rules->symbol[coin].index);
	if (coin >= 0)
		exchange(g, account, coin, own / 16, key);
}
