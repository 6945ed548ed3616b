/* Decay, exponential means, windows and medians. See <firebreak/mark.h>.
 *
 * exp(-x) = 2^-y with y = x log2(e), in 40 bits of fraction: 2^-y is a shift by its whole part and
 * a product over the bits of the rest, of a table of 2^-(2^-i). y is rounded up and each product
 * down, so the result is never above the exact value. Below it: y is too large by less than
 * 2^-39.9, and 40 products lose 2^-63 each of something above 2^-1, which together is less than
 * 2^-39 of the value, and less than one unit of 2^-63 by the shift. */
#include <assert.h>

#include <firebreak/mark.h>

#define FRACTION 40
#define LOG2E_Q62 (((unsigned __int128)0x5c551d94ae0bf85d) + 1) /* log2(e), rounded up */
#define SCALE_BITS 16

/* 2^-(2^-i) in 2^-63, i from 1, rounded down. */
static const uint64_t root[FRACTION] = {
	UINT64_C(0x5a827999fcef3242), UINT64_C(0x6ba27e656b4eb57a), UINT64_C(0x75606373ee921c97),
	UINT64_C(0x7a92be8a92436616), UINT64_C(0x7d41d96db915019d), UINT64_C(0x7e9f06067a4360ba),
	UINT64_C(0x7f4f08ae3dc7c425), UINT64_C(0x7fa765aca88f6452), UINT64_C(0x7fd3ab290e46d768),
	UINT64_C(0x7fe9d3a8e07bf085), UINT64_C(0x7ff4e9597bed93aa), UINT64_C(0x7ffa748dff8dc61e),
	UINT64_C(0x7ffd3a3f50020332), UINT64_C(0x7ffe9d1dbc0a75a9), UINT64_C(0x7fff4e8e6306ed58),
	UINT64_C(0x7fffa74712c3cdfd), UINT64_C(0x7fffd3a381b1fa28), UINT64_C(0x7fffe9d1beed0189),
	UINT64_C(0x7ffff4e8defb81d7), UINT64_C(0x7ffffa746f5f012f), UINT64_C(0x7ffffd3a37a7d0a8),
	UINT64_C(0x7ffffe9d1bd1fc58), UINT64_C(0x7fffff4e8de8832d), UINT64_C(0x7fffffa746f422d6),
	UINT64_C(0x7fffffd3a37a09bb), UINT64_C(0x7fffffe9d1bd02f1), UINT64_C(0x7ffffff4e8de80fd),
	UINT64_C(0x7ffffffa746f4060), UINT64_C(0x7ffffffd3a37a028), UINT64_C(0x7ffffffe9d1bd012),
	UINT64_C(0x7fffffff4e8de808), UINT64_C(0x7fffffffa746f404), UINT64_C(0x7fffffffd3a37a02),
	UINT64_C(0x7fffffffe9d1bd01), UINT64_C(0x7ffffffff4e8de80), UINT64_C(0x7ffffffffa746f40),
	UINT64_C(0x7ffffffffd3a37a0), UINT64_C(0x7ffffffffe9d1bd0), UINT64_C(0x7fffffffff4e8de8),
	UINT64_C(0x7fffffffffa746f4),
};

uint64_t fb_decay(uint64_t dt_us, uint64_t tau_us)
{
	assert(tau_us > 0);
	if (dt_us / tau_us >= 64)
		return 0;
	unsigned __int128 exact = (unsigned __int128)dt_us * LOG2E_Q62, unit = 1;
	unit <<= 62 - FRACTION;
	unsigned __int128 y = (exact + tau_us - 1) / tau_us;
	y = (y + unit - 1) / unit;
	uint64_t whole = (uint64_t)(y >> FRACTION), value = FB_DECAY_ONE;
	for (unsigned i = 0; i < FRACTION; i++)
		if (y >> (FRACTION - 1 - i) & 1)
			value = (uint64_t)((unsigned __int128)value * root[i] >> 63);
	return whole < 64 ? value >> whole : 0;
}

static __int128 floor_div(__int128 a, __int128 b)
{
	return a / b - (a % b < 0);
}

/* a x share / 2^63, toward 0; |a| < 2^126 */
static __int128 part(__int128 a, uint64_t share)
{
	unsigned __int128 m = a < 0 ? -(unsigned __int128)a : (unsigned __int128)a;
	unsigned __int128 high = (m >> 64) * share * 2, low = (m & UINT64_MAX) * share >> 63;
	return a < 0 ? -(__int128)(high + low) : (__int128)(high + low);
}

int64_t fb_ema_add(struct fb_ema *ema, int64_t sample, int64_t time_us, uint64_t tau_us)
{
	const int64_t most = (int64_t)1 << 60;
	assert(sample > -most && sample < most && tau_us > 0 && tau_us < (uint64_t)1 << 42);
	if (ema->denominator == 0) { /* as if it had been so for ever */
		ema->denominator = (unsigned __int128)tau_us << SCALE_BITS;
		ema->numerator = (__int128)ema->denominator * sample;
		ema->time_us = time_us;
		ema->value = sample;
		return sample;
	}
	if (time_us <= ema->time_us)
		return ema->value;
	uint64_t dt_us = (uint64_t)(time_us - ema->time_us);
	dt_us = dt_us < 64 * tau_us ? dt_us : 64 * tau_us;
	uint64_t left = fb_decay(dt_us, tau_us);
	__int128 weight = (__int128)dt_us << SCALE_BITS;
	ema->numerator = part(ema->numerator, left) + weight * sample;
	ema->denominator = (unsigned __int128)(part((__int128)ema->denominator, left) + weight);
	__int128 value = floor_div(ema->numerator, (__int128)ema->denominator);
	int64_t low = ema->value < sample ? ema->value : sample,
		high = ema->value < sample ? sample : ema->value;
	ema->time_us = time_us;
	ema->value = value < low ? low : value > high ? high : (int64_t)value;
	return ema->value;
}

static void push(struct fb_window *w, int64_t sample, uint64_t points)
{
	int64_t *at = &w->sample[w->taken % points];
	w->sum += sample - (w->taken >= points ? *at : 0);
	*at = sample;
	w->taken++;
}

int64_t fb_window_add(struct fb_window *w, int64_t sample, int64_t time_us, uint64_t sample_us,
		      uint64_t points)
{
	assert(points >= 1 && points <= FB_WINDOW_MAX && sample_us > 0);
	int64_t slot = (int64_t)((uint64_t)time_us / sample_us);
	if (w->taken == 0 || slot > w->slot) {
		/* Times without a sample saw what the one before them saw. */
		int64_t newest = w->taken ? w->sample[(w->taken - 1) % points] : 0,
			silent = w->taken ? slot - w->slot - 1 : 0;
		for (int64_t i = 0; i < silent && i < (int64_t)points; i++)
			push(w, newest, points);
		push(w, sample, points);
		w->slot = slot;
	}
	uint64_t n = w->taken < points ? w->taken : points;
	return (int64_t)floor_div(w->sum, (__int128)n);
}

uint64_t fb_median3(uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t low = a < b ? a : b, high = a < b ? b : a;
	return c < low ? low : c > high ? high : c;
}

static bool counts(const struct fb_source *s)
{
	return s->price_e8 != 0 && s->weight != 0;
}

/* Quadratic, without an array to sort: sources are few. */
uint64_t fb_median_weighted(const struct fb_source *source, size_t n)
{
	uint64_t all = 0, below = 0, price = 0;
	for (size_t i = 0; i < n; i++)
		all += counts(&source[i]) ? source[i].weight : 0;
	if (all == 0)
		return 0;
	/* Price by price upward; `below` is the weight of those up to `price`. */
	for (;;) {
		uint64_t next = UINT64_MAX, here = 0;
		for (size_t i = 0; i < n; i++) {
			uint64_t p = source[i].price_e8;
			if (!counts(&source[i]) || p <= price)
				continue;
			here = p < next ? source[i].weight : here + (p == next) * source[i].weight;
			next = p < next ? p : next;
		}
		if (below * 2 == all)
			return (uint64_t)(((unsigned __int128)price + next) / 2);
		below += here;
		price = next;
		if (below * 2 > all)
			return price;
	}
}
