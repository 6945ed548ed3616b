/* Building a maintenance ladder tier by tier, and the table form of ladders. */
#ifndef FIREBREAK_LADDER_H
#define FIREBREAK_LADDER_H

#include <stdbool.h>
#include <stddef.h>

#include <firebreak/inputs.h>

#include "csv.h"

/* A tier as a file gives it; -1 where the file is silent. */
struct fb_tier_input {
	__int128 floor_e8, cap_e8, rate_e7, deduction_e15;
};

struct fb_ladder_builder {
	struct fb_ladder ladder;
	__int128 cap_e8; /* of the tier before; -1: not given */
};

enum fb_ladder_fault {
	FB_LADDER_OK,
	FB_LADDER_TIERS,
	FB_LADDER_FLOOR,
	FB_LADDER_RATE,
	FB_LADDER_DEDUCTION
};

void fb_ladder_start(struct fb_ladder_builder *builder, const char *name, size_t length);
/* Adds a tier, or says which of its numbers cannot be: `expected` (>= 128 bytes) then tells what
 * could. A deduction that is not given makes MM continuous. One that is given may jump, but MM may
 * not become negative. */
enum fb_ladder_fault fb_ladder_add(struct fb_ladder_builder *builder,
				   const struct fb_tier_input *tier, char *expected, size_t size);
bool fb_ladder_same(const struct fb_ladder *a, const struct fb_ladder *b); /* but for the name */

/* Limits for readers of the numbers: contract widths. */
#define FB_FLOOR_MAX (((__int128)1 << FB_NOTIONAL_BITS) - 1)
#define FB_RATE_MAX (((__int128)1 << FB_RATE_BITS) - 1)
#define FB_DEDUCTION_MAX (((__int128)1 << FB_DEDUCTION_BITS) - 1)
#define FB_CAP_MAX ((__int128)1 << 100) /* venues write 2^63 - 1 for "none" */

/* A CSV with the columns floor, rate and optionally cap, deduction, in any order; with `symbol`
 * too, or without where with_symbol is false. fb_tiers_next: 1 with the next tier, 0 at the end. */
struct fb_tiers {
	struct fb_lines *lines;
	int symbol, floor, cap, rate, deduction; /* column numbers, -1: none */
	struct fb_field field[FB_FIELDS_MAX];
};
int fb_tiers_open(const char *path, bool with_symbol, struct fb_tiers *out, struct fb_error *error);
int fb_tiers_next(struct fb_tiers *tiers, struct fb_tier_input *tier, struct fb_error *error);
/* Adds the tier last read. */
int fb_tiers_add(const struct fb_tiers *tiers, const struct fb_tier_input *tier,
		 struct fb_ladder_builder *builder, struct fb_error *error);
void fb_tiers_close(struct fb_tiers *tiers);

#endif
