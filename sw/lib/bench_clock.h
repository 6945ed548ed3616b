/* The clock of the bench: the processor's time stamp counter where it runs evenly, else
 * CLOCK_MONOTONIC. In ticks; a tick becomes nanoseconds only when it is recorded. */
#ifndef FIREBREAK_BENCH_CLOCK_H
#define FIREBREAK_BENCH_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

struct fb_bench_clock {
	bool tsc;
	uint64_t hz;	/* ticks a second */
	double cost_ns; /* of one reading, the median of many */
};

/* Takes 50 ms: the counter is held against CLOCK_MONOTONIC. */
void fb_bench_clock_open(struct fb_bench_clock *out);

static inline uint64_t fb_bench_monotonic_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline uint64_t fb_bench_ticks(const struct fb_bench_clock *clock)
{
#if defined(__x86_64__)
	if (clock->tsc)
		return __rdtsc();
#endif
	(void)clock;
	return fb_bench_monotonic_ns();
}

/* 0 of what did not last: two counters of two cores may differ by a few ticks. */
static inline uint64_t fb_bench_ns(const struct fb_bench_clock *clock, uint64_t from, uint64_t to)
{
	return (int64_t)(to - from) <= 0
		       ? 0
		       : (uint64_t)((unsigned __int128)(to - from) * 1000000000u / clock->hz);
}

/* When the i-th of a constant number a second is due. */
static inline uint64_t fb_bench_planned(const struct fb_bench_clock *clock, uint64_t start,
					uint64_t i, double rate)
{
	return start + (uint64_t)((double)i * ((double)clock->hz / rate));
}

#endif
