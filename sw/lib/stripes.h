/* Stripes: which row addresses of each lane group hold which symbol, and in what order the card
 * walks them.
 *
 * A stripe is one row address common to all lanes of a group and belongs to one symbol at a time.
 * Per group and symbol the stripes form a chain that the card walks from its head; it can push a
 * stripe at the head (LINK) and pop the head (UNLINK), nothing else. Walking costs a cycle a
 * stripe, so chains are kept short: a row takes the hole nearest the tail, heads run empty first,
 * and an empty head is popped by the next removal.
 */
#ifndef FIREBREAK_STRIPES_H
#define FIREBREAK_STRIPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/layout.h>

#include "../../sim/core_shim.h"

#define FB_STRIPE_NONE UINT32_MAX

struct fb_stripe {
	uint64_t used;         /* bit per lane of the group: this lane has a row here */
	uint32_t above, below; /* neighbours towards the head and towards the tail */
	uint32_t depth;        /* distance from the tail */
	uint16_t symbol;       /* FB_SYMBOLS: free */
};

struct fb_stripes {
	struct fb_core_geometry geometry;
	uint32_t groups;
	struct fb_stripe *stripe; /* [group][row] */
	uint32_t *head;           /* [group][symbol] */
	uint32_t *length;         /* [group][symbol] stripes in the chain */
	uint32_t *count;          /* [lane][symbol] rows */
	uint32_t *hole;           /* [lane][symbol] nearer the tail, all stripes hold a row */
	uint32_t *free;           /* [group][row] stack of free stripes */
	uint32_t *free_count;     /* [group] */
};

/* 0, -EINVAL for a geometry that the placement fields cannot address, or -ENOMEM. */
int fb_stripes_open(struct fb_stripes *stripes, const struct fb_core_geometry *geometry);
void fb_stripes_reset(struct fb_stripes *stripes);
void fb_stripes_close(struct fb_stripes *stripes);

/* Finds a place for a new row and occupies it: the stripe, *link = it was free and is now the
 * chain's head. FB_STRIPE_NONE: the lane has no room. */
uint32_t fb_stripes_take(struct fb_stripes *stripes, uint32_t lane, uint16_t symbol, bool *link);
/* Frees a row's place; true: the head of its chain is empty and has been popped (UNLINK). */
bool fb_stripes_give(struct fb_stripes *stripes, uint32_t lane, uint32_t row);

static inline uint32_t fb_stripes_group(const struct fb_stripes *s, uint32_t lane)
{
	return lane / s->geometry.group;
}

static inline struct fb_stripe *fb_stripes_at(const struct fb_stripes *s, uint32_t group,
					      uint32_t row)
{
	return &s->stripe[(size_t)group * s->geometry.rows + row];
}

static inline uint32_t fb_stripes_length(const struct fb_stripes *s, uint32_t group,
					 uint16_t symbol)
{
	return s->length[(size_t)group * FB_SYMBOLS + symbol];
}

static inline uint32_t fb_stripes_count(const struct fb_stripes *s, uint32_t lane, uint16_t symbol)
{
	return s->count[(size_t)lane * FB_SYMBOLS + symbol];
}

#endif
