/* Sharing among winners: what the files of policies have in common. See <firebreak/policy.h>. */
#ifndef FIREBREAK_POLICY_INTERNAL_H
#define FIREBREAK_POLICY_INTERNAL_H

#include <firebreak/policy.h>

#define FB_SHARE_BITS 62     /* of every number of a winner */
#define FB_SHARE_SUMS 65536u /* sums of lots that fb_share_lots looks at */
#define FB_SHARE_LOOKS (1u << 23) /* sums x winners; a tenth of a second */
#define FB_WEIGHT_BITS 60

struct fb_sharer {
	size_t room;
	uint64_t *cap, *share; /* of each winner */
	uint64_t *weight;      /* a weight is weight x 2^shift; weight has at most 62 bits */
	uint8_t *shift;
	uint32_t *order, *scratch;
	int64_t *edge;	      /* of the projection: two for each winner */
	uint32_t *by;	      /* sums of lots: the item that first reached it */
	uint64_t reached[FB_SHARE_SUMS / 64 * 2];
};

/* a before b. */
typedef bool fb_share_before(const void *context, uint32_t a, uint32_t b);
/* Sorts what `order` holds; merges, so that it neither allocates nor exchanges equals. */
void fb_share_sort(uint32_t *order, uint32_t *scratch, size_t n, fb_share_before *before,
		   const void *context);

/* Shares by cap and weight of the sharer, into given; returns the sum. half: Webster's divisors,
 * else Jefferson's. */
uint64_t fb_share_fill(struct fb_sharer *s, const struct fb_winner *winner, size_t n,
		       uint64_t budget, bool half, uint64_t *given);

/* Fills in cap, weight and shift. */
void fb_share_weigh(struct fb_sharer *s, const struct fb_share_rules *rules,
		    const struct fb_winner *winner, size_t n);

#endif
