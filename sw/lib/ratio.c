/* Exact rational numbers: see <firebreak/ratio.h>. Every operation computes with natural numbers of
 * twice the room, brings the result to lowest terms and only then asks whether it fits. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "natural.h"
#include "ratio_internal.h"

struct fb_ratio fb_ratio_error(int error)
{
	assert(error < 0);
	return (struct fb_ratio){ .error = error };
}

void ratio_load(const struct fb_ratio *a, struct natural *above, struct natural *below)
{
	natural_load(above, a->above, a->above_limbs);
	if (a->below_limbs == 0)
		natural_set(below, 1);
	else
		natural_load(below, a->below, a->below_limbs);
}

struct fb_ratio ratio_make(bool negative, struct natural *above, struct natural *below)
{
	struct fb_ratio out = { 0 };
	struct natural *a = above, *b = below, q, r, common, whole_above, whole_below;
	if (below->limbs == 0)
		return fb_ratio_error(-EDOM);
	if (!natural_is(below, 1)) {
		struct natural x = *above, y = *below;
		natural_gcd(&x, &y, &common);
		if (!natural_is(&common, 1)) {
			natural_divide(above, &common, &whole_above, &r);
			natural_divide(below, &common, &q, &r);
			whole_below = q;
			a = &whole_above;
			b = &whole_below;
		}
	}
	if (a->limbs > FB_RATIO_LIMBS || b->limbs > FB_RATIO_LIMBS)
		return fb_ratio_error(-EOVERFLOW);
	out.negative = negative && a->limbs > 0;
	out.above_limbs = a->limbs;
	memcpy(out.above, a->limb, a->limbs * sizeof(*a->limb));
	if (!natural_is(b, 1)) {
		out.below_limbs = b->limbs;
		memcpy(out.below, b->limb, b->limbs * sizeof(*b->limb));
	}
	return out;
}

static unsigned __int128 magnitude(__int128 x)
{
	return x < 0 ? -(unsigned __int128)x : (unsigned __int128)x;
}

struct fb_ratio fb_ratio_of(__int128 above, __int128 below)
{
	struct natural a, b;
	natural_set(&a, magnitude(above));
	natural_set(&b, magnitude(below));
	return ratio_make((above < 0) != (below < 0), &a, &b);
}

struct fb_ratio fb_ratio_int(__int128 n)
{
	return fb_ratio_of(n, 1);
}

struct fb_ratio fb_ratio_scaled(__int128 n, unsigned decimals)
{
	struct natural a, b;
	if (decimals > FB_RATIO_PLACES_MAX)
		return fb_ratio_error(-EOVERFLOW);
	natural_set(&a, magnitude(n));
	natural_power_of_ten(&b, decimals);
	return ratio_make(n < 0, &a, &b);
}

/* a + b, or a - b if `turned`. */
static struct fb_ratio sum(const struct fb_ratio *a, const struct fb_ratio *b, bool turned)
{
	struct natural a_above, a_below, b_above, b_below, x, y, below;
	bool negative = b->negative != turned;
	ratio_load(a, &a_above, &a_below);
	ratio_load(b, &b_above, &b_below);
	natural_multiply(&x, &a_above, &b_below);
	natural_multiply(&y, &b_above, &a_below);
	natural_multiply(&below, &a_below, &b_below);
	if (a->negative == negative) {
		natural_add(&x, &x, &y);
		return ratio_make(negative, &x, &below);
	}
	if (natural_compare(&x, &y) < 0) {
		natural_subtract(&y, &y, &x);
		return ratio_make(negative, &y, &below);
	}
	natural_subtract(&x, &x, &y);
	return ratio_make(a->negative, &x, &below);
}

static bool failed(const struct fb_ratio *a, const struct fb_ratio *b, struct fb_ratio *out)
{
	if (a->error == 0 && b->error == 0)
		return false;
	*out = fb_ratio_error(a->error ? a->error : b->error);
	return true;
}

struct fb_ratio fb_ratio_add(struct fb_ratio a, struct fb_ratio b)
{
	struct fb_ratio error;
	return failed(&a, &b, &error) ? error : sum(&a, &b, false);
}

struct fb_ratio fb_ratio_sub(struct fb_ratio a, struct fb_ratio b)
{
	struct fb_ratio error;
	return failed(&a, &b, &error) ? error : sum(&a, &b, true);
}

struct fb_ratio fb_ratio_mul(struct fb_ratio a, struct fb_ratio b)
{
	struct fb_ratio error;
	struct natural a_above, a_below, b_above, b_below, above, below;
	if (failed(&a, &b, &error))
		return error;
	ratio_load(&a, &a_above, &a_below);
	ratio_load(&b, &b_above, &b_below);
	natural_multiply(&above, &a_above, &b_above);
	natural_multiply(&below, &a_below, &b_below);
	return ratio_make(a.negative != b.negative, &above, &below);
}

struct fb_ratio fb_ratio_div(struct fb_ratio a, struct fb_ratio b)
{
	struct fb_ratio error;
	struct natural a_above, a_below, b_above, b_below, above, below;
	if (failed(&a, &b, &error))
		return error;
	ratio_load(&a, &a_above, &a_below);
	ratio_load(&b, &b_above, &b_below);
	natural_multiply(&above, &a_above, &b_below);
	natural_multiply(&below, &a_below, &b_above);
	return ratio_make(a.negative != b.negative, &above, &below);
}

struct fb_ratio fb_ratio_neg(struct fb_ratio a)
{
	a.negative = !a.error && a.above_limbs > 0 && !a.negative;
	return a;
}

struct fb_ratio fb_ratio_abs(struct fb_ratio a)
{
	a.negative = false;
	return a;
}

int fb_ratio_compare(const struct fb_ratio *a, const struct fb_ratio *b)
{
	struct natural a_above, a_below, b_above, b_below, x, y;
	assert(a->error == 0 && b->error == 0);
	if (a->negative != b->negative)
		return a->negative ? -1 : 1;
	ratio_load(a, &a_above, &a_below);
	ratio_load(b, &b_above, &b_below);
	natural_multiply(&x, &a_above, &b_below);
	natural_multiply(&y, &b_above, &a_below);
	int order = natural_compare(&x, &y);
	return a->negative ? -order : order;
}

int fb_ratio_sign(const struct fb_ratio *a)
{
	assert(a->error == 0);
	return a->negative ? -1 : a->above_limbs > 0;
}

bool fb_ratio_is_whole(const struct fb_ratio *a)
{
	assert(a->error == 0);
	return a->below_limbs == 0;
}

struct fb_ratio fb_ratio_min(struct fb_ratio a, struct fb_ratio b)
{
	struct fb_ratio error;
	if (failed(&a, &b, &error))
		return error;
	return fb_ratio_compare(&a, &b) <= 0 ? a : b;
}

struct fb_ratio fb_ratio_max(struct fb_ratio a, struct fb_ratio b)
{
	struct fb_ratio error;
	if (failed(&a, &b, &error))
		return error;
	return fb_ratio_compare(&a, &b) >= 0 ? a : b;
}

struct fb_ratio fb_ratio_clamp(struct fb_ratio a, struct fb_ratio low, struct fb_ratio high)
{
	struct fb_ratio error;
	if (failed(&a, &low, &error) || failed(&a, &high, &error))
		return error;
	if (fb_ratio_compare(&low, &high) > 0)
		return fb_ratio_error(-EDOM);
	return fb_ratio_max(low, fb_ratio_min(a, high));
}
