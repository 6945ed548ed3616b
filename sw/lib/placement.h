/* The placer: which lane a new account goes to.
 *
 * A mark walks, in every group, as many stripes of its symbol as the fullest lane of the group has
 * rows of it. So an account belongs where its symbols find lanes that lag behind: there its rows
 * cost nothing. Which symbols those will be, the host tells beforehand (fb_engine_expect).
 * Placement changes time, never a decision.
 *
 * Positions come and go, and a good placement decays towards a random one. A row cannot leave its
 * account's lane and the driver may not invent commands, so the placer names accounts that are
 * worth putting anew (fb_engine_advise) and the host does it when it has commands to spare.
 */
#ifndef FIREBREAK_PLACEMENT_H
#define FIREBREAK_PLACEMENT_H

#include <stddef.h>
#include <stdint.h>

#include "structure.h"

#define FB_LANE_NONE UINT32_MAX
#define FB_HINT_SYMBOLS 32 /* an account with more rows is placed by its first 32 */
#define FB_HINTS 64        /* hints kept at a time; a hint that was overwritten costs time only */
#define FB_ADVICE 64       /* accounts named at a time; the last 64 are not named again */

enum fb_place_policy { FB_PLACE_LOAD, FB_PLACE_RANDOM };

struct fb_hint {
	uint32_t account;
	uint16_t symbols;                       /* entries; 0: no hint */
	uint16_t symbol[FB_HINT_SYMBOLS];       /* each once */
	uint16_t rows[FB_HINT_SYMBOLS];
};

struct fb_placement {
	const struct fb_structure *structure;
	enum fb_place_policy policy;
	uint64_t seed;
	uint16_t *announced;    /* [lane][symbol] rows that accounts placed here will have */
	uint32_t *lane_announced; /* [lane] their sum */
	uint32_t *height;       /* [hinted symbol][group] scratch: rows of the fullest lane */
	struct fb_hint hint[FB_HINTS];
	uint32_t advice[FB_ADVICE]; /* ring of accounts worth putting anew */
	uint64_t advised, taken;    /* named so far, handed out so far */
};

/* 0 or -ENOMEM. The structure must outlive the placement. */
int fb_placement_open(struct fb_placement *placement, const struct fb_structure *structure,
		      enum fb_place_policy policy, uint64_t seed);
void fb_placement_reset(struct fb_placement *placement);
void fb_placement_close(struct fb_placement *placement);

void fb_placement_expect(struct fb_placement *placement, uint32_t account, const uint16_t *symbols,
			 size_t n);
/* The lane for a new account; uses up its hint. FB_LANE_NONE: no lane has a free slot. */
uint32_t fb_placement_choose(struct fb_placement *placement, uint32_t account);
/* A new row of the account was put in the lane; link: its chain grew. */
void fb_placement_row_added(struct fb_placement *placement, uint32_t account, uint32_t lane,
			    uint16_t symbol, bool link);
/* A row of the symbol was removed from the lane. */
void fb_placement_row_removed(struct fb_placement *placement, uint32_t lane, uint16_t symbol);
/* An account that is worth putting anew, at most FB_HINT_SYMBOLS rows large; false: none. */
bool fb_placement_advise(struct fb_placement *placement, uint32_t *account);

#endif
