/* Rounding of rational numbers: see <firebreak/ratio.h>. */
#include <assert.h>
#include <errno.h>

#include "ratio_internal.h"

/* Does a magnitude with this quotient and rest (of below) go up? */
static bool goes_up(const struct natural *quotient, const struct natural *rest,
		    const struct natural *below, bool negative, enum fb_rounding rounding)
{
	struct natural twice;
	if (rest->limbs == 0)
		return false;
	natural_add(&twice, rest, rest);
	int half = natural_compare(&twice, below);
	assert(rounding <= FB_ROUND_HALF_EVEN);
	switch (rounding) {
	case FB_ROUND_FLOOR: return negative;
	case FB_ROUND_CEIL: return !negative;
	case FB_ROUND_ZERO: return false;
	case FB_ROUND_AWAY: return true;
	case FB_ROUND_HALF_UP: return half >= 0;
	case FB_ROUND_HALF_EVEN:
		return half > 0 || (half == 0 && quotient->limbs > 0 && quotient->limb[0] % 2 == 1);
	}
	return false;
}

static struct fb_ratio to_whole(const struct fb_ratio *a, enum fb_rounding rounding)
{
	struct natural above, below, quotient, rest, one;
	if (a->error)
		return *a;
	ratio_load(a, &above, &below);
	natural_divide(&above, &below, &quotient, &rest);
	natural_set(&one, 1);
	if (goes_up(&quotient, &rest, &below, a->negative, rounding))
		natural_add(&quotient, &quotient, &one);
	return ratio_make(a->negative, &quotient, &one);
}

struct fb_ratio fb_ratio_floor(struct fb_ratio a)
{
	return to_whole(&a, FB_ROUND_FLOOR);
}

struct fb_ratio fb_ratio_ceil(struct fb_ratio a)
{
	return to_whole(&a, FB_ROUND_CEIL);
}

struct fb_ratio fb_ratio_truncate(struct fb_ratio a)
{
	return to_whole(&a, FB_ROUND_ZERO);
}

struct fb_ratio fb_ratio_round_to(struct fb_ratio a, struct fb_ratio step,
				  enum fb_rounding rounding)
{
	if (a.error || step.error)
		return a.error ? a : step;
	if (fb_ratio_sign(&step) <= 0)
		return fb_ratio_error(-EDOM);
	struct fb_ratio steps = fb_ratio_div(a, step);
	return fb_ratio_mul(to_whole(&steps, rounding), step);
}

struct fb_ratio fb_ratio_round(struct fb_ratio a, unsigned places, enum fb_rounding rounding)
{
	if (places > FB_RATIO_PLACES_MAX)
		return fb_ratio_error(-EOVERFLOW);
	return fb_ratio_round_to(a, fb_ratio_scaled(1, places), rounding);
}

struct fb_ratio fb_ratio_isqrt(struct fb_ratio a)
{
	struct natural above, below, root;
	if (a.error)
		return a;
	if (a.negative || a.below_limbs != 0)
		return fb_ratio_error(-EDOM);
	ratio_load(&a, &above, &below);
	natural_root(&above, &root);
	return ratio_make(false, &root, &below);
}

int fb_ratio_to_scaled(const struct fb_ratio *a, unsigned decimals, __int128 *out)
{
	struct fb_ratio x = fb_ratio_mul(*a, fb_ratio_div(fb_ratio_int(1),
							 fb_ratio_scaled(1, decimals)));
	if (x.error)
		return x.error;
	if (x.below_limbs != 0)
		return -EDOM;
	if (x.above_limbs > 2 || (x.above_limbs == 2 && x.above[1] >> 63 != 0))
		return -ERANGE;
	unsigned __int128 value = x.above_limbs > 1 ? x.above[1] : 0;
	value = value << 64 | (x.above_limbs > 0 ? x.above[0] : 0);
	*out = x.negative ? -(__int128)value : (__int128)value;
	return 0;
}

int fb_ratio_to_int(const struct fb_ratio *a, __int128 *out)
{
	return fb_ratio_to_scaled(a, 0, out);
}
