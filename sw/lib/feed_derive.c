/* A mark derived from trades, in integers:
 *
 *     index = floor(sum of price x amount / sum of amount)
 *     basis = basis + floor((last - index - basis) / 16)
 *     mark  = index + floor(basis)
 *
 * The index is over all spot trades of the second, and kept where there are none. The basis has 16
 * more bits than a price, starts at the first last - index, and moves once a second.
 *
 * A factor of 15/16 a second halves a difference in 11 s (10.74) and has a mean age of 15 s, the
 * same as the plain mean over 30 seconds that Binance uses for the second of its three mark prices
 * since 2025-09-18. The third of them and the funding term of the first are left out: a derived
 * mark is not the venue's, and fb_tick.derived says so. */
#include "feed_derive.h"

#define FRACTION_BITS 16
#define SMOOTHING 16
/* (15/16)^512 < 2^-47: after a longer silence the rest does not show. */
#define SECONDS_MAX 512
/* Prices and amounts are below 2^56: so many products fit 128 bits. The real maximum is some 600 */
#define TRADES_MAX 65535

static __int128 floor_div(__int128 a, __int128 b)
{
	return a / b - (a % b < 0);
}

void fb_derive_spot(struct fb_derive *state, uint64_t price_e8, uint64_t amount_e8)
{
	if (state->trades == TRADES_MAX)
		return;
	state->trades++;
	state->value += (unsigned __int128)price_e8 * amount_e8;
	state->amount += amount_e8;
}

void fb_derive_perpetual(struct fb_derive *state, uint64_t price_e8)
{
	state->last_e8 = price_e8;
}

static void smooth(struct fb_derive *state, __int128 sample)
{
	state->basis += floor_div(sample - state->basis, SMOOTHING);
}

uint64_t fb_derive_mark(struct fb_derive *state, int64_t second, uint64_t index_e8)
{
	__int128 sample, mark;
	int64_t silent;

	if (state->amount)
		state->index_e8 = (uint64_t)(state->value / state->amount);
	if (index_e8)
		state->index_e8 = index_e8;
	state->value = state->amount = 0;
	state->trades = 0;
	if (state->index_e8 == 0)
		return state->last_e8;
	if (state->last_e8 == 0)
		return state->index_e8;
	sample = ((__int128)state->last_e8 - state->index_e8) * ((__int128)1 << FRACTION_BITS);
	if (!state->has_basis)
		state->basis = sample;
	/* Seconds without a trade saw what the one before them saw. */
	silent = state->has_basis ? second - state->basis_second - 1 : 0;
	for (int64_t i = 0; i < silent && i < SECONDS_MAX; i++)
		smooth(state, state->sample);
	smooth(state, sample);
	state->sample = sample;
	state->has_basis = true;
	state->basis_second = second;
	mark = state->index_e8 + floor_div(state->basis, (__int128)1 << FRACTION_BITS);
	return mark > 0 ? (uint64_t)mark : state->index_e8;
}
