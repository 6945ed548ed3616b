/* Short names for files full of formulas; the numbers are those of <firebreak/ratio.h>. */
#ifndef RATIO_H
#define RATIO_H

#include <firebreak/ratio.h>

typedef struct fb_ratio ratio;

static inline ratio whole(__int128 n)
{
	return fb_ratio_int(n);
}

static inline ratio plus(ratio a, ratio b)
{
	return fb_ratio_add(a, b);
}

static inline ratio minus(ratio a, ratio b)
{
	return fb_ratio_sub(a, b);
}

static inline ratio times(ratio a, ratio b)
{
	return fb_ratio_mul(a, b);
}

static inline ratio over(ratio a, ratio b)
{
	return fb_ratio_div(a, b);
}

static inline ratio negative(ratio a)
{
	return fb_ratio_neg(a);
}

#endif
