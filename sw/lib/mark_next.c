/* The mark of a symbol, instant by instant. See <firebreak/mark.h>. */
#include <firebreak/mark.h>

#define ALL_E7 10000000
#define ALL_E12 1000000000000
#define SHARE_E9 1000000000 /* of FAIR */

static __int128 floor_div(__int128 a, __int128 b)
{
	return a / b - (a % b < 0);
}

static uint64_t price_of(__int128 price_e8)
{
	return price_e8 > 0 && price_e8 < (__int128)1 << 58 ? (uint64_t)price_e8 : 0;
}

const char *fb_candidate_name(enum fb_candidate candidate)
{
	static const char *const names[FB_CANDIDATES] = {
		"none", "derived", "index", "funding", "average",     "ema",
		"fair", "last",	   "book",  "mid",     "perpetuals", "book_ema",
	};
	return (unsigned)candidate < FB_CANDIDATES ? names[candidate] : "?";
}

uint64_t fb_mark_funding_basis(uint64_t index_e8, int64_t rate_e12, uint64_t left_us,
			       uint64_t interval_us)
{
	if (interval_us == 0)
		return index_e8;
	left_us = left_us < interval_us ? left_us : interval_us;
	/* floor(index x rate x left / (1e12 x interval)), in parts that fit; rate below 2^41 */
	__int128 full = (__int128)index_e8 * rate_e12, whole = floor_div(full, ALL_E12),
		 rest = full - whole * ALL_E12;
	__int128 share = whole * (__int128)left_us + rest * (__int128)left_us / ALL_E12;
	return price_of(index_e8 + floor_div(share, (__int128)interval_us));
}

uint64_t fb_impact_price(const struct fb_source *level, size_t n, uint64_t notional_e8)
{
	/* Amounts in 1e-8, so that price x amount is money in 1e-16. */
	unsigned __int128 want = (unsigned __int128)notional_e8 * 100000000, paid = 0, got = 0;
	for (size_t i = 0; i < n && paid < want; i++) {
		unsigned __int128 here = (unsigned __int128)level[i].price_e8 * level[i].weight;
		if (level[i].price_e8 == 0)
			continue;
		if (paid + here >= want) {
			/* The last level gives what is missing, in 2^-24 of its unit. */
			got += ((want - paid) << 24) / level[i].price_e8;
			return got ? (uint64_t)((want << 24) / got) : 0;
		}
		paid += here;
		got += (unsigned __int128)level[i].weight << 24;
	}
	return 0;
}

int64_t fb_clamp_share(int64_t x, uint64_t index_e8, uint64_t clamp_e7)
{
	int64_t most = (int64_t)((unsigned __int128)index_e8 * clamp_e7 / ALL_E7);
	if (clamp_e7 == 0)
		return x;
	return x > most ? most : x < -most ? -most : x;
}

static uint64_t mid_of(const struct fb_price_inputs *in)
{
	if (in->bid_e8 != 0 && in->ask_e8 != 0)
		return in->bid_e8 / 2 + in->ask_e8 / 2 + (in->bid_e8 & in->ask_e8 & 1);
	return in->last_e8;
}

static uint64_t book_of(const struct fb_price_inputs *in)
{
	if (in->bid_e8 == 0 || in->ask_e8 == 0)
		return in->last_e8;
	return in->last_e8 == 0 ? mid_of(in) : fb_median3(in->bid_e8, in->ask_e8, in->last_e8);
}

static bool asks(const struct fb_mark_rules *r, enum fb_candidate what)
{
	return r->first == what || r->second == what || r->third == what || r->fallback == what;
}

static uint64_t from_average(struct fb_mark_state *s, const struct fb_mark_rules *r,
			     const struct fb_price_inputs *in)
{
	uint64_t mid = mid_of(in);
	if (mid == 0 || in->index_e8 == 0)
		return 0;
	int64_t mean = fb_window_add(&s->window, (int64_t)mid - (int64_t)in->index_e8, in->time_us,
				     r->sample_us, r->points);
	return price_of((__int128)in->index_e8 + mean);
}

static uint64_t from_ema(struct fb_mark_state *s, const struct fb_mark_rules *r,
			 const struct fb_price_inputs *in)
{
	uint64_t mid = mid_of(in);
	if (mid == 0 || in->index_e8 == 0)
		return 0;
	int64_t mean = fb_ema_add(&s->basis, (int64_t)mid - (int64_t)in->index_e8, in->time_us,
				  r->ema_us);
	return price_of((__int128)in->index_e8 + fb_clamp_share(mean, in->index_e8, r->clamp_e7));
}

static uint64_t from_fair(struct fb_mark_state *s, const struct fb_mark_rules *r,
			  const struct fb_price_inputs *in)
{
	uint64_t mid = mid_of(in);
	if (mid == 0 || in->index_e8 == 0)
		return 0;
	/* Beyond a hundred times the index a share says nothing. */
	__int128 share = floor_div(((__int128)mid - in->index_e8) * SHARE_E9, in->index_e8);
	const __int128 most = (__int128)100 * SHARE_E9;
	int64_t mean = fb_ema_add(&s->basis, (int64_t)(share < most ? share : most), in->time_us,
				  r->ema_us);
	int64_t basis = (int64_t)floor_div((__int128)in->index_e8 * mean, SHARE_E9);
	return price_of((__int128)in->index_e8 + fb_clamp_share(basis, in->index_e8, r->clamp_e7));
}

static uint64_t candidate(struct fb_mark_state *s, const struct fb_mark_rules *r,
			  enum fb_candidate what, const struct fb_price_inputs *in)
{
	switch (what) {
	case FB_MARK_DERIVED: return in->derived_e8;
	case FB_MARK_INDEX: return in->index_e8;
	case FB_MARK_FUNDING:
		return in->index_e8 == 0 ? 0
					 : fb_mark_funding_basis(in->index_e8, in->rate_e12,
								 in->left_us, in->interval_us);
	case FB_MARK_AVERAGE: return from_average(s, r, in);
	case FB_MARK_EMA: return from_ema(s, r, in);
	case FB_MARK_FAIR: return from_fair(s, r, in);
	case FB_MARK_LAST: return in->last_e8;
	case FB_MARK_BOOK: return book_of(in);
	case FB_MARK_MID: return mid_of(in);
	case FB_MARK_PERPETUALS: return in->perpetuals_e8;
	case FB_MARK_BOOK_EMA:
		return s->book.denominator == 0 ? book_of(in) : (uint64_t)s->book.value;
	case FB_MARK_NONE:
	case FB_CANDIDATES: break;
	}
	return 0;
}

static uint64_t median_of(const uint64_t price_e8[3], unsigned n)
{
	if (n == 3)
		return fb_median3(price_e8[0], price_e8[1], price_e8[2]);
	if (n == 2)
		return (price_e8[0] + price_e8[1]) / 2;
	return n == 1 ? price_e8[0] : 0;
}

uint64_t fb_mark_next(struct fb_mark_state *s, const struct fb_mark_rules *r,
		      const struct fb_price_inputs *in, uint64_t candidate_e8[4])
{
	const uint64_t what[3] = { r->first, r->second, r->third };
	uint64_t made[4] = { 0 }, there[3];
	unsigned n = 0, wanted = 0;
	if (asks(r, FB_MARK_BOOK_EMA) && book_of(in) != 0)
		fb_ema_add(&s->book, (int64_t)book_of(in), in->time_us, r->fallback_ema_us);
	for (unsigned i = 0; i < 3; i++) {
		made[i] = candidate(s, r, (enum fb_candidate)what[i], in);
		wanted += what[i] != FB_MARK_NONE;
		if (made[i] != 0)
			there[n++] = made[i];
	}
	if (n == 2 && wanted == 3 && r->fallback != FB_MARK_NONE) {
		made[3] = candidate(s, r, (enum fb_candidate)r->fallback, in);
		if (made[3] != 0)
			there[n++] = made[3];
	}
	if (candidate_e8)
		for (unsigned i = 0; i < 4; i++)
			candidate_e8[i] = made[i];
	if (n > 0)
		s->mark_e8 = median_of(there, n);
	else if (s->mark_e8 == 0)
		s->mark_e8 = in->last_e8 != 0 ? in->last_e8 : in->index_e8;
	return s->mark_e8;
}
