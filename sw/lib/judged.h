/* What a judgement says: see <firebreak/confirm.h>. Here, since confirmation and waterfall both
 * ask, of everyone who is judged. */
#ifndef FIREBREAK_JUDGED_H
#define FIREBREAK_JUDGED_H

#include <firebreak/waterfall.h>

#include "value_level.h"

static inline const struct fb_sums *fb_sums_of(const struct fb_judged *judged)
{
	return judged->venue ? judged->venue : &judged->sums;
}

static inline unsigned fb_level_judged(const struct fb_book_class *rule, unsigned before,
				       const struct fb_judged *judged)
{
	if (judged->sums.equity_e8 < 0)
		return FB_LEVEL_BANKRUPT;
	unsigned level = fb_level_of(rule, before, fb_sums_of(judged));
	return level == FB_LEVEL_BANKRUPT ? rule->thresholds : level;
}

/* The level of one who was calm before: the highest threshold that is reached, and so is each below
 * it, for they rise. Kept since it is asked for three times. */
static inline unsigned fb_level_reached(const struct fb_book_class *rule,
					const struct fb_judged *judged)
{
	return judged->reached_1 ? judged->reached_1 - 1u
				 : fb_level_judged(rule, FB_LEVEL_CALM, judged);
}

#endif
