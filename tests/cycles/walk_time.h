/* The model of time of a mark of many symbols: a group of lanes walks one stripe a cycle and at
 * least a cycle a symbol, and it takes up a symbol when the slowest group has done the one
 * `slip` before. walkcheck.c compares this with the core itself. */
#ifndef WALK_TIME_H
#define WALK_TIME_H

#include <stdint.h>

#include "../../sw/lib/stripes.h"

#define SLIP 4      /* FIFO of a walker (hw/rtl/fb_walker.v) */
#define SLIP_MOST 5 /* with the item that is being walked */
#define PIPELINE 25 /* command word in to record word out, besides the walk */

/* Cycles to mark symbols 0..n-1 in this order, from the first command word to the last record. */
static inline uint32_t walk_cycles(const struct fb_stripes *stripes, uint16_t n, uint16_t slip)
{
	uint32_t finished[256] = { 0 }, done[FB_SYMBOLS], last = 0; /* done: by the slowest group */
	for (uint16_t symbol = 0; symbol < n; symbol++) {
		uint32_t start = symbol >= slip ? done[symbol - slip] : 0;
		done[symbol] = 0;
		for (uint32_t group = 0; group < stripes->groups; group++) {
			uint32_t length = fb_stripes_length(stripes, group, symbol);
			uint32_t from = finished[group] > start ? finished[group] : start;
			finished[group] = from + (length ? length : 1);
			if (finished[group] > done[symbol])
				done[symbol] = finished[group];
		}
		last = done[symbol] > last ? done[symbol] : last;
	}
	return last + PIPELINE;
}

#endif
