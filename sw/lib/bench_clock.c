/* See bench_clock.h. */
#include "bench_clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELD_NS 50000000u
#define READINGS 1001

/* Even and not stopped in idle states: both flags, or it is no clock. */
static bool counter_is_even(void)
{
	char line[8192];
	bool even = false;
#if defined(__x86_64__)
	FILE *file = fopen("/proc/cpuinfo", "re");
	while (file && !even && fgets(line, sizeof(line), file))
		even = strncmp(line, "flags", 5) == 0 && strstr(line, " constant_tsc") &&
		       strstr(line, " nonstop_tsc");
	if (file)
		fclose(file);
#else
	(void)line;
#endif
	return even;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

/* 32 readings at a time: one alone is shorter than a tick of some clocks. */
static double cost(const struct fb_bench_clock *clock)
{
	static uint64_t took[READINGS];
	for (unsigned i = 0; i < READINGS; i++) {
		uint64_t began = fb_bench_ticks(clock), last = began;
		for (unsigned k = 0; k < 32; k++)
			last = fb_bench_ticks(clock);
		took[i] = last - began;
	}
	qsort(took, READINGS, sizeof(took[0]), by_value);
	return (double)took[READINGS / 2] * 1e9 / (double)clock->hz / 32;
}

void fb_bench_clock_open(struct fb_bench_clock *out)
{
	*out = (struct fb_bench_clock){ .tsc = counter_is_even(), .hz = 1000000000u };
	if (out->tsc) {
		uint64_t ns = fb_bench_monotonic_ns(), ticks = fb_bench_ticks(out), now;
		while ((now = fb_bench_monotonic_ns()) - ns < HELD_NS)
			;
		ticks = fb_bench_ticks(out) - ticks;
		out->hz = (uint64_t)((unsigned __int128)ticks * 1000000000u / (now - ns));
	}
	out->cost_ns = cost(out);
}
