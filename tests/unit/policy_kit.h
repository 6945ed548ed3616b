/* A sharer, and numbers drawn, for tests of sharing among winners. */
#pragma once

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/policy.h>

#include "../../sw/lib/mix.h"

#define MOST 24
#define COIN 100000000u

static struct fb_sharer *sharer;
static uint64_t given[MOST];

static uint64_t seed, drawn;

static inline uint64_t below(uint64_t n)
{
	return fb_mix(seed + drawn++) % n;
}

static inline void begin(void)
{
	ck_assert_int_eq(fb_sharer_open(MOST, &sharer), 0);
}

static inline void end(void)
{
	fb_sharer_close(sharer);
}

static inline struct fb_share_rules rules_of(enum fb_share_kind kind)
{
	struct fb_share_rules rules;
	fb_share_preset(kind, &rules);
	return rules;
}

static inline uint64_t share(enum fb_share_kind kind, uint64_t budget, const struct fb_winner *w,
			     size_t n)
{
	struct fb_share_rules rules = rules_of(kind);
	return fb_share(sharer, &rules, budget, w, n, given);
}

static inline uint64_t sum(const uint64_t *x, size_t n)
{
	uint64_t all = 0;
	for (size_t i = 0; i < n; i++)
		all += x[i];
	return all;
}
