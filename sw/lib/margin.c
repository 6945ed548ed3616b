/* See margin.h. */
#include <assert.h>

#include "margin.h"

#define ONE_E7 10000000u
#define E8 100000000u
#define RATE_MOST ((1u << FB_RATE_BITS) - 1)
#define MILLION 1000000u
#define ROOM 8 /* u may fall to this part of what it was */

static unsigned __int128 magnitude(__int128 x)
{
	return x < 0 ? -(unsigned __int128)x : (unsigned __int128)x;
}

static uint32_t fee_of(const struct fb_rules *rules)
{
	return rules->margin.fee_in ? rules->margin.closing_fee_e7 : 0;
}

static uint32_t highest_threshold(const struct fb_rules *rules)
{
	return rules->thresholds ? rules->threshold[rules->thresholds - 1].up_e7 : 0;
}

static bool rounds_u(const struct fb_symbol *s)
{
	return s->type != FB_LINEAR;
}

static bool has_size(const struct fb_symbol *s)
{
	return s->size_slope_e7 || s->size_root_e7;
}

/* A ladder of a symbol whose unit value is rounded, with MM that jumps at this tier. */
static bool jumps(const struct fb_rules *rules, unsigned ladder, unsigned k)
{
	const struct fb_tier *tier = &rules->ladder[ladder].tier[k];
	bool rounded = false;

	for (unsigned s = 0; s < rules->symbols && !rounded; s++)
		rounded = rules->symbol[s].ladder == ladder && rounds_u(&rules->symbol[s]);
	if (!rounded || k == 0 || tier->floor_e8 < MILLION)
		return false;
	unsigned __int128 rise = (unsigned __int128)(tier->rate_e7 - tier[-1].rate_e7),
			  lost = rise * (tier->floor_e8 / MILLION + 1);

	return rise * tier->floor_e8 + tier[-1].deduction_e15 > tier->deduction_e15 + lost;
}

bool fb_margin_tier(const struct fb_rules *rules, unsigned ladder, unsigned k, struct fb_tier *out)
{
	const struct fb_tier *tier = &rules->ladder[ladder].tier[k];

	*out = *tier;
	if (jumps(rules, ladder, k) &&
	    tier->floor_e8 - tier->floor_e8 / MILLION - 1 > tier[-1].floor_e8)
		out->floor_e8 -= tier->floor_e8 / MILLION + 1;
	if (rules->margin.mm_at_entry) {
		out->rate_e7 = 0;
		out->deduction_e15 = 0;
		return true;
	}
	/* Coins have no margin, and no fee for closing. */
	if (tier->rate_e7 > 0)
		out->rate_e7 += fee_of(rules);
	return out->rate_e7 <= RATE_MOST;
}

bool fb_margin_differs(const struct fb_rules *rules)
{
	const struct fb_margin *m = &rules->margin;
	bool differs = m->round || m->net_max_side || m->mm_at_entry;

	for (unsigned s = 0; s < rules->symbols && !differs; s++)
		differs = rounds_u(&rules->symbol[s]) || has_size(&rules->symbol[s]);
	return differs;
}

bool fb_margin_moves(const struct fb_rules *rules)
{
	struct fb_rules const *r = rules;
	bool moves = r->margin.mm_at_entry || r->margin.round;

	for (unsigned s = 0; s < r->symbols && !moves; s++)
		moves = has_size(&r->symbol[s]) || rounds_u(&r->symbol[s]);
	return moves;
}

static unsigned __int128 root(unsigned __int128 x)
{
	unsigned __int128 low = 0, high = (unsigned __int128)1 << 64;

	while (high - low > 1) {
		unsigned __int128 middle = (low + high) / 2;

		if (middle * middle <= x)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* isqrt(10 x size + 1), the size in 1e-9 base units: how Drift scales both of its roots. */
static uint64_t root_of_size(const struct fb_symbol *symbol, int64_t qty)
{
	unsigned __int128 size_e8 = magnitude(qty) * symbol->lot_e8;

	return (uint64_t)root(size_e8 * 100 + 1);
}

uint64_t fb_margin_size_e15(const struct fb_symbol *symbol, uint32_t rate_e7, int64_t qty)
{
	unsigned __int128 size_e8 = magnitude(qty) * symbol->lot_e8, added = 0;

	if (symbol->size_slope_e7 && size_e8 > symbol->size_from_e8) {
		uint64_t unit_e8 = symbol->size_unit_e8 ? symbol->size_unit_e8 : E8;
		/* Below 2^109 x 2^24: what is beyond 2^80 is beyond every rate. */
		unsigned __int128 over = size_e8 - symbol->size_from_e8;

		if (over >> 76)
			return UINT64_MAX;
		added = over * symbol->size_slope_e7 * E8 / unit_e8;
	}
	if (symbol->size_root_e7) {
		/* Drift, in its 1e-4: w - w / 5 + isqrt x imf / (1e5 x 1e6 / 1e4), at least w. */
		uint64_t w = rate_e7 / 1000, imf_e6 = symbol->size_root_e7 / 10;
		unsigned __int128 premium =
			w - w / 5 +
			(unsigned __int128)root_of_size(symbol, qty) * imf_e6 / ONE_E7;

		if (premium > w)
			added += (premium - w) * 1000 * E8;
	}
	return added >> 63 ? UINT64_MAX : (uint64_t)added;
}

/* Drift, in its 1e-4. Held: min(w, 1.1 / (1 + isqrt x imf / 1e11)). Owed: like a rate. */
uint32_t fb_margin_weight_e7(const struct fb_symbol *coin, int64_t qty)
{
	uint64_t imf_e6 = coin->size_root_e7 / 10;

	if (coin->owed) {
		uint64_t more = fb_margin_size_e15(coin, coin->weight_e7, qty) / E8;

		return more > UINT32_MAX - coin->weight_e7 ? UINT32_MAX
							   : coin->weight_e7 + (uint32_t)more;
	}
	unsigned __int128 below = 1000000 + (unsigned __int128)root_of_size(coin, qty) * imf_e6 /
						    100000,
			  weight_e7 = (unsigned __int128)11000 * 1000000 / below * 1000;

	if (coin->size_root_e7 == 0 || weight_e7 > coin->weight_e7)
		return coin->weight_e7;
	return (uint32_t)weight_e7;
}

static const struct fb_tier *tier_of(const struct fb_ladder *ladder, unsigned __int128 notional_e8)
{
	const struct fb_tier *tier = ladder->tier;

	for (unsigned k = 1; k < ladder->tiers && ladder->tier[k].floor_e8 <= notional_e8; k++)
		tier = &ladder->tier[k];
	return tier;
}

__int128 fb_margin_mm_e15(const struct fb_rules *rules, unsigned symbol,
			  unsigned __int128 notional_e8, int64_t qty)
{
	const struct fb_symbol *s = &rules->symbol[symbol];
	const struct fb_tier *tier = tier_of(&rules->ladder[s->ladder], notional_e8);
	unsigned __int128 rate_e7 = tier->rate_e7, size_mm = 0;

	if (notional_e8 == 0 || s->index)
		return 0;
	if (rate_e7 > 0)
		rate_e7 += fee_of(rules);
	if (has_size(s)) {
		uint64_t size_e15 = fb_margin_size_e15(s, tier->rate_e7, qty);

		/* The notional is below 2^62 where it matters: a larger row is bad. */
		size_mm = notional_e8 / E8 * size_e15 + notional_e8 % E8 * size_e15 / E8;
	}
	return (__int128)(notional_e8 * rate_e7 + size_mm) - (__int128)tier->deduction_e15;
}

/* The rate that covers the rounding of u, while u is at least an eighth of u_first. */
static uint64_t rounding_rate(const struct fb_rules *rules, unsigned symbol, uint64_t u_first)
{
	const struct fb_ladder *ladder = &rules->ladder[rules->symbol[symbol].ladder];
	uint64_t rate = (uint64_t)ladder->tier[ladder->tiers - 1].rate_e7 + fee_of(rules);

	if (has_size(&rules->symbol[symbol]))
		rate += RATE_MOST;
	/* And a millionth of the rate, for jumps too small to lower a floor for. */
	return (highest_threshold(rules) + rate) * ROOM / u_first + 1 + rate / MILLION + 1;
}

uint64_t fb_margin_least(const struct fb_rules *rules, unsigned symbol, uint64_t u_first)
{
	return rounds_u(&rules->symbol[symbol]) ? u_first / ROOM + 1 : 0;
}

/* The part of its value that size takes away, or adds to a debt, times the highest threshold. */
static uint64_t coin_addend(const struct fb_rules *rules, const struct fb_symbol *coin, int64_t qty)
{
	uint64_t by_size = fb_margin_weight_e7(coin, qty),
		 lost_e7 = coin->owed ? by_size - coin->weight_e7 : coin->weight_e7 - by_size;
	unsigned __int128 lost = (unsigned __int128)lost_e7 * highest_threshold(rules);

	return (uint64_t)((lost + coin->weight_e7 - 1) / coin->weight_e7);
}

uint32_t fb_margin_row_addend(const struct fb_rules *rules, unsigned symbol, uint64_t u_first,
			      int64_t qty)
{
	const struct fb_symbol *s = &rules->symbol[symbol];
	const struct fb_ladder *ladder = &rules->ladder[s->ladder];
	uint64_t addend = 0;

	if (s->index)
		addend = coin_addend(rules, s, qty);
	else if (has_size(s) && !rules->margin.mm_at_entry)
		for (unsigned k = 0; k < ladder->tiers; k++) {
			/* Whatever its tier will be. */
			uint64_t e15 = fb_margin_size_e15(s, ladder->tier[k].rate_e7, qty),
				 e7 = e15 / E8 + (e15 % E8 != 0);

			addend = e7 > addend ? e7 : addend;
		}
	if (rounds_u(s))
		addend += rounding_rate(rules, symbol, u_first);
	return addend < RATE_MOST ? (uint32_t)addend : RATE_MOST;
}

__int128 fb_margin_row_part(const struct fb_rules *rules, unsigned symbol, int64_t qty,
			    int64_t entry_e8)
{
	const struct fb_margin *m = &rules->margin;
	const struct fb_symbol *s = &rules->symbol[symbol];
	uint64_t units = m->round ? m->quantum_e8 : 0;
	__int128 part = 0;

	/* Values, and MM twice (initial, and of that a part), may each be a unit off. */
	if (rounds_u(s))
		units++;
	if (units > 0 || (s->index && s->size_root_e7))
		part = (__int128)(units + 1) *
		       ((__int128)highest_threshold(rules) + RATE_MOST + 2 * ONE_E7);
	if (m->mm_at_entry)
		part += fb_margin_mm_e15(rules, symbol, magnitude(entry_e8), qty);
	return part;
}

__int128 fb_margin_account_addend(const struct fb_rules *rules, const struct fb_book *book,
				  uint32_t account)
{
	__int128 sum = 0;

	for (uint32_t i = book->account[account].first; i != FB_NONE; i = book->row[i].next)
		if (book->row[i].live)
			sum += fb_margin_row_part(rules, book->row[i].symbol, book->row[i].qty,
						  book->row[i].entry_e8);
	return sum;
}
