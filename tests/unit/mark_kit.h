/* Numbers and sources of prices drawn for tests of marks and indices. */
#pragma once

#include <firebreak/mark.h>

#include "../../sw/lib/mix.h"
#include "inputs_kit.h"

#define E8 UINT64_C(100000000)
#define SECOND 1000000

static uint64_t draws;

static inline uint64_t draw(uint64_t n)
{
	return fb_mix(0x6d61726b + draws++) % n;
}

static inline size_t random_sources(struct fb_source *s)
{
	size_t n = 1 + draw(9);
	uint64_t around = 1000 + draw(1000000);
	for (size_t i = 0; i < n; i++)
		s[i] = (struct fb_source){ .price_e8 = draw(8) ? around + draw(around / 8) : 0,
					   .weight = draw(5),
					   .time_us = (int64_t)draw(20 * SECOND) };
	return n;
}

static inline void shuffle(struct fb_source *s, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t k = draw(i);
		struct fb_source kept = s[i - 1];
		s[i - 1] = s[k];
		s[k] = kept;
	}
}
