/* What a step of liquidation closes of each position, and at what limit: the styles of
 * `reduce` in a pack. See sw/waterfall.md, step 6; where a venue's formula is meant it is named.
 *
 * Everything here is a pure function of the book, the policy and the case; the market's depth comes
 * in later, in waterfall_size.c. */
#include <assert.h>

#include "waterfall_internal.h"

static int64_t lots(int64_t qty)
{
	return qty < 0 ? -qty : qty;
}

static const struct fb_book_symbol *symbol_of(const struct fb_waterfall *w, uint32_t row)
{
	return &w->book->symbol[w->book->row[row].symbol];
}

static const struct fb_book_ladder *ladder_of(const struct fb_waterfall *w, uint32_t row)
{
	return &w->book->ladder[symbol_of(w, row)->ladder];
}

static unsigned tier_of(const struct fb_book_ladder *ladder, unsigned __int128 notional_e8)
{
	unsigned tier = 0;
	while (tier + 1 < ladder->tiers && ladder->tier[tier + 1].floor_e8 <= notional_e8)
		tier++;
	return tier;
}

/* As many lots as are worth at most this: floor(n x u / 2^16) <= notional. */
static int64_t lots_within(uint64_t u, unsigned __int128 notional_e8)
{
	unsigned __int128 n = (((notional_e8 + 1) << FB_U_FRACTION_BITS) - 1) / u;
	return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

/* As few as are worth at least this. */
static int64_t lots_from(uint64_t u, unsigned __int128 notional_e8)
{
	unsigned __int128 n = ((notional_e8 << FB_U_FRACTION_BITS) + u - 1) / u;
	return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

/* ---- tiers ---- */

/* Lots to close so that the position falls to the next lower tier; 0: it is in the lowest, or below
 * the one from which the venue does that. */
static int64_t to_lower_tier(const struct fb_waterfall *w, const struct fb_closing *c)
{
	const struct fb_book_ladder *ladder = ladder_of(w, c->row);
	unsigned tier = tier_of(ladder, c->at_mark.notional_e8);
	if (tier == 0 || tier + 1 < w->policy->tier_from)
		return 0;
	return lots(c->qty) -
	       lots_within(symbol_of(w, c->row)->u, ladder->tier[tier].floor_e8 - 1);
}

static void tiers(const struct fb_waterfall *w, const struct fb_closing *closing, size_t n,
		  struct fb_portion *out)
{
	bool any = false;
	for (size_t i = 0; i < n; i++) {
		out[i].lots = to_lower_tier(w, &closing[i]);
		any = any || out[i].lots > 0;
	}
	for (size_t i = 0; i < n; i++)
		out[i] = any ? (struct fb_portion){ out[i].lots, w->policy->fok != 0 }
			     : (struct fb_portion){ lots(closing[i].qty), false };
}

/* ---- shares ---- */

static bool cooling(const struct fb_waterfall *w, const struct fb_case *c)
{
	return w->policy->cooldown_us > 0 && w->time_us < c->cool_until_us;
}

bool fb_style_waits(const struct fb_waterfall *w, const struct fb_case *c)
{
	return !w->policy->whole_in_cooldown && cooling(w, c);
}

static struct fb_portion share(const struct fb_waterfall *w, const struct fb_case *c,
			       const struct fb_closing *closing)
{
	const struct fb_policy *p = w->policy;
	int64_t all = lots(closing->qty), began = w->began[closing->row];
	if (closing->at_mark.notional_e8 <= p->reduce_above_e8 || cooling(w, c))
		return (struct fb_portion){ all, false };
	__int128 of = p->share_of_first && began > 0 ? began : all,
		 n = (of * p->reduce_share_e7 + FB_RATE_ONE - 1) / FB_RATE_ONE;
	int64_t least = lots_from(symbol_of(w, closing->row)->u, p->reduce_min_e8);
	n = n > least ? n : least;
	return (struct fb_portion){ n < all ? (int64_t)n : all, p->fok != 0 };
}

/* ---- amounts ---- */

/* What closing a lot takes off the shortage, per notional: Drift's margin ratio with the buffer,
 * less the fees that the closing costs. Not above 0: it takes off nothing. */
static int64_t relief_e7(const struct fb_waterfall *w, uint32_t row)
{
	const struct fb_book_row *r = &w->book->row[row];
	const struct fb_book_ladder *ladder = ladder_of(w, row);
	unsigned __int128 notional =
		(unsigned __int128)lots(r->qty) * symbol_of(w, row)->u >> FB_U_FRACTION_BITS;
	uint32_t fees = w->rules->taker_fee_e7;
	if (w->policy->fee == FB_FEE_NOTIONAL)
		fees += w->rules->liquidation_fee_e7;
	fees = fb_conditions_adapt(w->conditions, r->symbol, FB_ADAPT_FEES, 0, fees, FB_RATE_ONE);
	return (int64_t)ladder->tier[tier_of(ladder, notional)].rate_e7 + r->addend_e7 +
	       w->policy->buffer_e7 - fees;
}

__int128 fb_style_freed(const struct fb_waterfall *w, uint32_t row, int64_t n)
{
	int64_t relief = relief_e7(w, row);
	if (relief <= 0)
		return 0;
	return (__int128)((unsigned __int128)n * symbol_of(w, row)->u >> FB_U_FRACTION_BITS) *
	       relief;
}

/* The part of the shortage that may be cured by now: Drift's share, initial + elapsed /
 * duration, of all there was, less what was cured already; a small shortage at once. */
static __int128 ramped(const struct fb_waterfall *w, const struct fb_case *c, __int128 short_e15)
{
	const struct fb_policy *p = w->policy;
	int64_t elapsed = w->time_us - c->taken_us;
	if (p->ramp_us == 0 || short_e15 < (__int128)p->ramp_free_e8 * FB_RATE_ONE ||
	    elapsed >= (int64_t)p->ramp_us)
		return short_e15;
	__int128 rate = p->ramp_start_e7 + (__int128)elapsed * FB_RATE_ONE / (__int128)p->ramp_us;
	if (rate >= FB_RATE_ONE)
		return short_e15;
	__int128 now = fb_size_part(short_e15 + c->freed_e15, rate, FB_RATE_ONE) - c->freed_e15;
	return now < short_e15 ? now : short_e15;
}

static __int128 shortage_e15(const struct fb_waterfall *w, const struct fb_judged *j,
			     const struct fb_closing *closing, size_t n)
{
	__int128 notional = 0;
	for (size_t i = 0; i < n; i++)
		notional += (__int128)closing[i].at_mark.notional_e8;
	return j->sums.mm_e15 + notional * w->policy->buffer_e7 - j->sums.equity_e8 * FB_RATE_ONE;
}

/* Drift: shortage / (price x (ratio + buffer - fees)), of one position after the other until it is
 * covered; rounded up, since lots are coarser than the venue's unit. */
static void to_buffer(const struct fb_waterfall *w, const struct fb_judged *j,
		      const struct fb_closing *closing, size_t n, const uint16_t *order,
		      struct fb_portion *out)
{
	__int128 left = ramped(w, &w->cases[j->account], shortage_e15(w, j, closing, n));
	for (size_t k = 0; k < n; k++) {
		const struct fb_closing *c = &closing[order[k]];
		int64_t relief = relief_e7(w, c->row), all = lots(c->qty);
		if (left <= 0)
			break;
		out[order[k]].lots = all;
		if (relief <= 0)
			continue;
		__int128 per_lot = (__int128)symbol_of(w, c->row)->u * relief,
			 need = ((left << FB_U_FRACTION_BITS) + per_lot - 1) / per_lot;
		out[order[k]].lots = need < all ? (int64_t)need : all;
		left -= fb_style_freed(w, c->row, out[order[k]].lots);
	}
}

/* With so many lots closed at the limit, would equity still cover MM if the mark of what is left
 * went the distance against it? */
static bool far_enough(const struct fb_waterfall *w, const struct fb_judged *j,
		       const struct fb_closing *c, __int128 limit_e8, int64_t n)
{
	const struct fb_book_row *row = &w->book->row[c->row];
	uint64_t u = symbol_of(w, c->row)->u,
		 step = (uint64_t)((unsigned __int128)u * w->policy->distance_e7 / FB_RATE_ONE);
	int64_t all = lots(c->qty), left = c->qty < 0 ? c->qty + n : c->qty - n;
	struct fb_row_value after;
	fb_value_row(ladder_of(w, c->row), left, c->qty > 0 ? u - step : u + step, row->addend_e7,
		     &after);
	__int128 equity = j->sums.equity_e8 + fb_size_part(limit_e8, n, all) + after.value_e8 -
			  c->at_mark.value_e8,
		 mm = j->sums.mm_e15 - c->at_mark.mm_e15 + after.mm_e15;
	return equity * FB_RATE_ONE >= mm;
}

/* Delta: the smallest part that puts liquidation the distance away. Fewer lots lose less to the
 * limit price and leave more MM, so the search is by halves. */
static int64_t to_distance(const struct fb_waterfall *w, const struct fb_judged *j,
			   const struct fb_closing *c)
{
	__int128 limit = fb_style_limit(w, j, c, false);
	int64_t too_few = 0, enough = lots(c->qty);
	while (enough - too_few > 1) {
		int64_t middle = too_few + (enough - too_few) / 2;
		*(far_enough(w, j, c, limit, middle) ? &enough : &too_few) = middle;
	}
	return enough;
}

static void amounts(const struct fb_waterfall *w, const struct fb_judged *j,
		    const struct fb_closing *closing, size_t n, const uint16_t *order,
		    struct fb_portion *out)
{
	if (w->policy->amount_to == FB_AMOUNT_TO_BUFFER) {
		to_buffer(w, j, closing, n, order, out);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		bool small = closing[i].at_mark.notional_e8 <= w->policy->reduce_above_e8;
		out[i].lots = small ? lots(closing[i].qty) : to_distance(w, j, &closing[i]);
	}
}

/* ---- all of it ---- */

static __int128 profit(const struct fb_waterfall *w, const struct fb_closing *c)
{
	const struct fb_book_row *row = &w->book->row[c->row];
	struct fb_row_value value;
	fb_value_row(ladder_of(w, c->row), row->qty, symbol_of(w, c->row)->u, row->addend_e7,
		     &value);
	return value.value_e8 - row->entry_e8;
}

/* What the order goes by: lower comes first. */
static __int128 place(const struct fb_waterfall *w, const struct fb_closing *c)
{
	switch ((enum fb_close_order)w->policy->order) {
	case FB_ORDER_LARGEST_LOSS: return profit(w, c);
	case FB_ORDER_LARGEST: return -(__int128)c->at_mark.notional_e8;
	case FB_ORDER_ALL: break;
	}
	return 0;
}

/* Insertion: few positions, and equal ones stay in order of id. */
void fb_style_order(const struct fb_waterfall *w, const struct fb_closing *closing, size_t n,
		    uint16_t *out)
{
	__int128 key[FB_ROWS_PER_ACCOUNT];
	for (size_t i = 0; i < n; i++) {
		size_t at = i;
		key[i] = place(w, &closing[i]);
		for (; at > 0 && key[i] < key[out[at - 1]]; at--)
			out[at] = out[at - 1];
		out[at] = (uint16_t)i;
	}
}

/* One position a step, where the pack has an order; and no step beyond its notional. */
static void bound(const struct fb_waterfall *w, const struct fb_closing *closing, size_t n,
		  const uint16_t *order, struct fb_portion *out)
{
	const struct fb_policy *p = w->policy;
	unsigned __int128 room = p->reduce_most_e8;
	bool chosen = false;
	for (size_t k = 0; k < n; k++) {
		struct fb_portion *one = &out[order[k]];
		uint64_t u = symbol_of(w, closing[order[k]].row)->u;
		if (p->order != FB_ORDER_ALL && chosen)
			one->lots = 0;
		chosen = chosen || one->lots > 0;
		if (p->reduce_most_e8 == 0 || one->lots == 0)
			continue;
		int64_t most = lots_within(u, room);
		one->lots = one->lots < most ? one->lots : most;
		room -= (unsigned __int128)one->lots * u >> FB_U_FRACTION_BITS;
	}
}

void fb_style_portions(const struct fb_waterfall *w, const struct fb_judged *j,
		       const struct fb_closing *closing, size_t n, struct fb_portion *out)
{
	uint16_t order[FB_ROWS_PER_ACCOUNT];
	for (size_t i = 0; i < n; i++)
		out[i] = (struct fb_portion){ 0, false };
	fb_style_order(w, closing, n, order);
	switch ((enum fb_reduce)w->policy->reduce) {
	case FB_REDUCE_WHOLE:
		for (size_t i = 0; i < n; i++)
			out[i] = (struct fb_portion){ lots(closing[i].qty), w->policy->fok != 0 };
		break;
	case FB_REDUCE_TIER: tiers(w, closing, n, out); break;
	case FB_REDUCE_SHARE:
		for (size_t i = 0; i < n; i++)
			out[i] = share(w, &w->cases[j->account], &closing[i]);
		break;
	case FB_REDUCE_AMOUNT: amounts(w, j, closing, n, order, out); break;
	}
	bound(w, closing, n, order, out);
}

/* ---- limits ---- */

/* dYdX: mark - ABR x spread x MM of the position, ABR = adjustment x (1 - equity / MM), from 0
 * to 1. Toward the mark where it does not divide. */
static __int128 fillable(const struct fb_waterfall *w, const struct fb_judged *j,
			 const struct fb_closing *c)
{
	const struct fb_policy *p = w->policy;
	__int128 all = j->sums.mm_e15 * FB_RATE_ONE,
		 part = (j->sums.mm_e15 - j->sums.equity_e8 * FB_RATE_ONE) * p->fillable_adjust_e7,
		 spread_e22 = c->at_mark.mm_e15 * p->fillable_spread_e7;
	if (part <= 0 || all <= 0)
		return c->at_mark.value_e8;
	if (part < all)
		spread_e22 = fb_size_part(spread_e22, part, all);
	return c->at_mark.value_e8 - spread_e22 / FB_RATE_ONE / FB_RATE_ONE;
}

__int128 fb_style_limit(const struct fb_waterfall *w, const struct fb_judged *j,
			const struct fb_closing *c, bool last)
{
	__int128 limit = c->bankruptcy_e8;
	switch ((enum fb_limit_price)w->policy->limit) {
	case FB_LIMIT_BANKRUPTCY: break;
	case FB_LIMIT_SLIPPAGE:
		limit = c->at_mark.value_e8 -
			(__int128)(c->at_mark.notional_e8 * w->policy->limit_slip_e7 / FB_RATE_ONE);
		break;
	case FB_LIMIT_FILLABLE: limit = fillable(w, j, c); break;
	}
	if (last)
		limit -= (limit < 0 ? -limit : limit) * w->policy->last_try_e7 / FB_RATE_ONE;
	return c->qty > 0 && limit < 0 ? 0 : limit;
}
