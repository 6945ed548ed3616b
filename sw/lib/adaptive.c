/* Parameters that follow volatility and depth. See <firebreak/adaptive.h>. */
#include <assert.h>

#include <firebreak/adaptive.h>

#define ALL_E7 10000000
#define RETURN_E9 1000000000
#define SQUARE_MOST (((__int128)1 << 59) - 1) /* a return of 76 % */

static uint64_t root(uint64_t n)
{
	uint64_t r = 0;
	for (uint64_t bit = UINT64_C(1) << 31; bit; bit >>= 1)
		if ((unsigned __int128)(r + bit) * (r + bit) <= n)
			r += bit;
	return r;
}

void fb_adaptive_mark(struct fb_adaptive_state *s, const struct fb_adaptive_rules *r,
		      uint64_t mark_e8, int64_t time_us)
{
	if (!s->begun || s->from_e8 == 0) {
		s->begun = true;
		s->from_e8 = mark_e8;
		s->from_us = time_us;
		return;
	}
	int64_t dt_us = time_us - s->from_us;
	if (dt_us < (int64_t)r->return_us || mark_e8 == 0)
		return;
	__int128 by = ((__int128)mark_e8 - s->from_e8) * RETURN_E9 / s->from_e8;
	by = by > RETURN_E9 ? RETURN_E9 : by;
	__int128 square = by * by * (__int128)r->return_us / dt_us;
	fb_ema_add(&s->square, (int64_t)(square < SQUARE_MOST ? square : SQUARE_MOST), time_us,
		   r->memory_us);
	s->from_e8 = mark_e8;
	s->from_us = time_us;
}

void fb_adaptive_depth(struct fb_adaptive_state *s, const struct fb_adaptive_rules *r,
		       unsigned side, int64_t lots, int64_t time_us)
{
	assert(side < 2 && lots >= 0);
	s->depth[side] = lots;
	if (r->depth_memory_us != 0)
		fb_ema_add(&s->usual[side], lots, time_us, r->depth_memory_us);
}

uint64_t fb_adaptive_volatility(const struct fb_adaptive_state *s)
{
	return s->square.value > 0 ? root((uint64_t)s->square.value) : 0;
}

/* A straight line between neighbouring points. */
static uint64_t along(const uint64_t at_e7[FB_ADAPTIVE_POINTS],
		      const uint64_t factor_e7[FB_ADAPTIVE_POINTS], uint64_t x_e7)
{
	unsigned i = 1;
	if (x_e7 <= at_e7[0])
		return factor_e7[0];
	while (i + 1 < FB_ADAPTIVE_POINTS && x_e7 > at_e7[i])
		i++;
	if (x_e7 >= at_e7[i])
		return factor_e7[i];
	__int128 rise = (__int128)factor_e7[i] - factor_e7[i - 1],
		 part = rise * (__int128)(x_e7 - at_e7[i - 1]) /
			(__int128)(at_e7[i] - at_e7[i - 1]);
	return (uint64_t)(factor_e7[i - 1] + part);
}

/* How far thin depth draws the share of it down. */
static uint64_t thinned(const struct fb_adaptive_state *s, const struct fb_adaptive_rules *r,
			unsigned side)
{
	if (r->depth_memory_us == 0 || s->usual[side].value <= 0)
		return ALL_E7;
	unsigned __int128 ratio_e7 =
		(unsigned __int128)s->depth[side] * ALL_E7 / (uint64_t)s->usual[side].value;
	if (ratio_e7 >= r->thin_e7)
		return ALL_E7;
	uint64_t left = (uint64_t)(ratio_e7 * ALL_E7 / r->thin_e7);
	return left > r->thin_floor_e7 ? left : r->thin_floor_e7;
}

uint64_t fb_adaptive_factor(const struct fb_adaptive_state *s, const struct fb_adaptive_rules *r,
			    enum fb_adapted what, unsigned side)
{
	assert((unsigned)what < FB_ADAPTED && side < 2);
	if (!r->on)
		return ALL_E7;
	uint64_t factor = along(r->at_e7, r->factor_e7[what], fb_adaptive_volatility(s) / 100);
	if (what == FB_ADAPT_DEPTH)
		factor = factor * thinned(s, r, side) / ALL_E7;
	return factor;
}

uint32_t fb_adaptive_apply(uint32_t preset, uint64_t factor_e7, uint32_t min, uint32_t max)
{
	unsigned __int128 value = (unsigned __int128)preset * factor_e7 / ALL_E7;
	return value < min ? min : value > max ? max : (uint32_t)value;
}

const char *fb_adapted_name(enum fb_adapted what)
{
	static const char *const names[FB_ADAPTED] = { "depth_share", "cut_share", "cut_slippage",
						       "fees" };
	return (unsigned)what < FB_ADAPTED ? names[what] : "?";
}
