/* Products of a few wide factors, not negative, for exact comparisons: fractions are compared by
 * cross-multiplication, and the products need more than 128 bits. */
#ifndef FIREBREAK_WIDE_H
#define FIREBREAK_WIDE_H

#include <assert.h>
#include <stdint.h>

#define FB_PRODUCT_FACTORS 5 /* of 128 bits each */
#define FB_PRODUCT_LIMBS (2 * FB_PRODUCT_FACTORS)

/* Least significant limb first; the last limb is not 0, and 0 has no limbs. So small numbers are
 * cheap: what fits 64 bits costs one multiplication per factor. */
struct fb_product {
	unsigned limbs;
	uint64_t limb[FB_PRODUCT_LIMBS];
};

static inline void fb_product_set(struct fb_product *p, unsigned __int128 x)
{
	p->limb[0] = (uint64_t)x;
	p->limb[1] = (uint64_t)(x >> 64);
	p->limbs = p->limb[1] != 0 ? 2 : p->limb[0] != 0 ? 1 : 0;
}

static inline void fb_product_add(struct fb_product *p, unsigned at, unsigned __int128 x)
{
	/* x is at most (2^64 - 1)^2, so that adding a limb cannot overflow. */
	for (; x != 0; at++) {
		x += p->limb[at];
		p->limb[at] = (uint64_t)x;
		x >>= 64;
	}
}

static inline void fb_product_times(struct fb_product *p, unsigned __int128 factor)
{
	uint64_t low = (uint64_t)factor, high = (uint64_t)(factor >> 64);
	unsigned limbs = p->limbs + (high != 0 ? 2 : low != 0 ? 1 : 0);
	assert(limbs <= FB_PRODUCT_LIMBS);
	for (unsigned i = p->limbs; i < limbs; i++)
		p->limb[i] = 0;
	/* From the top down, so that what is not multiplied yet stays in its place. */
	for (unsigned i = p->limbs; i-- > 0;) {
		unsigned __int128 x = p->limb[i];
		p->limb[i] = 0;
		fb_product_add(p, i, x * low);
		fb_product_add(p, i + 1, x * high);
	}
	while (limbs > 0 && p->limb[limbs - 1] == 0)
		limbs--;
	p->limbs = limbs;
}

/* Sign of a - b. */
static inline int fb_product_compare(const struct fb_product *a, const struct fb_product *b)
{
	if (a->limbs != b->limbs)
		return a->limbs < b->limbs ? -1 : 1;
	for (unsigned i = a->limbs; i-- > 0;)
		if (a->limb[i] != b->limb[i])
			return a->limb[i] < b->limb[i] ? -1 : 1;
	return 0;
}

#endif
