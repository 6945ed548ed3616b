/* Levels, for whoever judges: see <firebreak/book.h>. Here and not in value.c, since whoever takes
 * up a record asks several times. */
#ifndef FIREBREAK_VALUE_LEVEL_H
#define FIREBREAK_VALUE_LEVEL_H

#include <assert.h>

#include <firebreak/book.h>

/* Equity is not negative, and MM above 0: is MM >= equity x threshold, or above it? Most equities
 * fit 64 bits, and one multiplication is enough. Others are below 2^93 (510 rows of 2^84), and a
 * threshold is below 2^27: no overflow. */
static inline bool fb_level_crossed(const struct fb_book_class *class, uint32_t threshold_e7,
				    const struct fb_sums *s)
{
	unsigned __int128 equity_e8 = (unsigned __int128)s->equity_e8,
			  mm_e15 = (unsigned __int128)s->mm_e15, limit;
	if (equity_e8 >> 64 == 0)
		limit = (unsigned __int128)(uint64_t)equity_e8 * threshold_e7;
	else
		limit = equity_e8 * threshold_e7;
	return class->strict ? mm_e15 > limit : mm_e15 >= limit;
}

/* Level of an account whose last reported level is `before`. */
static inline unsigned fb_level_of(const struct fb_book_class *class, unsigned before,
				   const struct fb_sums *s)
{
	if (s->equity_e8 < 0)
		return FB_LEVEL_BANKRUPT;
	if (s->mm_e15 <= 0)
		return FB_LEVEL_CALM;
	unsigned base = before <= FB_LEVEL_6	     ? before
			: before == FB_LEVEL_BANKRUPT ? FB_LEVEL_6
						      : 0;
	unsigned k = class->thresholds;
	assert(k <= FB_THRESHOLDS);
	for (; k > 0; k--)
		if (fb_level_crossed(
			    class, k <= base ? class->down_e7[k - 1] : class->up_e7[k - 1], s))
			return k;
	return FB_LEVEL_CALM;
}

/* The same with the contract's fault rule in front. */
static inline unsigned fb_level_engine(const struct fb_book_class *class, unsigned before,
				       const struct fb_sums *sums, __int128 collateral_e8)
{
	if (sums->bad_rows > 0 || !fb_fits(collateral_e8, FB_MONEY_BITS))
		return FB_LEVEL_FAULT;
	return fb_level_of(class, before, sums);
}

#endif
