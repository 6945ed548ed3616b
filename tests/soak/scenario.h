/* One seed: made-up accounts in a made-up crash, with rules, venue, operator and engine delays
 * drawn from the seed; run, replayed and audited. */
#ifndef SCENARIO_H
#define SCENARIO_H

#include <firebreak/run.h>

struct scenario_result {
	uint64_t hits[FB_STATES][FB_HAPPENINGS];
	struct fb_waterfall_counts counts;
	uint64_t orders, deleveraged, batches;
	char error[512]; /* "" if all is well */
};

/* The pack that seeds vary. */
int scenario_open(const char *directory, char error[512]);
void scenario_close(void);
/* replay_engine: URI. 0, or -1 with `error` filled. */
int scenario_run(uint64_t seed, const char *replay_engine, struct scenario_result *out);

#endif
