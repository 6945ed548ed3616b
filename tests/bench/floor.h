/* One access to memory that depends on the one before, anywhere in a table with large pages: what
 * no path can do without when nobody looked at the account for long. */
#ifndef FLOOR_H
#define FLOOR_H

#include <stddef.h>
#include <sys/mman.h>

#include "../../sw/lib/mix.h"
#include "prove.h"

#define FLOOR_BYTES ((size_t)64 << 20) /* as large as the tables that an account is found in */
#define FLOOR_STEPS 200000

/* Ticks; the best of several. */
static inline double floor_ticks(void)
{
	size_t lines = FLOOR_BYTES / 64, at = 0;
	uint64_t best = UINT64_MAX;
	size_t(*line)[8] = aligned_alloc((size_t)2 << 20, FLOOR_BYTES);
	if (!line)
		return 0;
	madvise(line, FLOOR_BYTES, MADV_HUGEPAGE);
	/* One circle through all of them (Sattolo). */
	for (size_t i = 0; i < lines; i++)
		line[i][0] = i;
	for (size_t i = lines - 1; i > 0; i--) {
		size_t k = fb_mix_below(fb_mix(i), (uint32_t)i), other = line[k][0];
		line[k][0] = line[i][0];
		line[i][0] = other;
	}
	for (int round = 0; round < 10; round++) {
		uint64_t began = path_now();
		for (int i = 0; i < FLOOR_STEPS; i++)
			at = line[at][0];
		uint64_t took = path_now() - began;
		best = took < best ? took : best;
	}
	volatile size_t last = at; /* or none of it need be done */
	(void)last;
	free(line);
	return (double)best / FLOOR_STEPS;
}

#endif
