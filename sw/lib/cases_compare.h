/* When a printed number agrees with an exact one.
 *
 * - Both whole, or both fractions in quotes ("505/1"): equal.
 * - `tolerance_rel` beside it: within that share of the printed number.
 * - `tick` beside it: the exact number rounded to a multiple of the tick: up for a long, down for
 *   a short, so that the price is reached later (Bybit).
 * - 15 digits or more: the printed number is a binary64 written out. The exact number lies within
 *   4 units in its last place (2^-52 of it): what a few roundings in the source's arithmetic cost.
 *   Where the source typed a third as 3.3333333333 (see case_thirds()), within 1e-11 of it.
 * - Else it is the exact number rounded half up to the decimals that are printed; `round` beside
 *   it ("2 decimals") says how many if trailing zeros were dropped.
 * - Where the source says that its numbers are cut, or was seen to cut (see cuts()), the exact
 *   number cut to the printed decimals agrees too. */
#ifndef CASES_COMPARE_H
#define CASES_COMPARE_H

#include "cases_internal.h"

struct case_printed {
	const char *text; /* as in the file, [0..length) */
	size_t length;
	bool quoted;
	struct fb_ratio tick, tolerance; /* 0: none */
	struct fb_ratio side;		 /* 1 or -1 */
	int places;			 /* from `round`; -1: as printed */
	bool cut;			 /* cut agrees too */
	bool thirds;			 /* typed with ten digits */
};

bool case_agrees(const struct case_printed *printed, const struct fb_ratio *exact);
/* The decimals of a printed number: 2 of "0.50", 7 of "5e-7", 0 of "10". */
unsigned case_places(const char *text, size_t length);
/* Does this source cut its numbers? */
bool case_cuts(const struct case_run *run);
bool case_thirds(const struct case_run *run);

#endif
