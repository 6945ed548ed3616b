/* Percentiles of what was measured, as text and as JSON. */
#ifndef PATH_REPORT_H
#define PATH_REPORT_H

#include <inttypes.h>
#include <sys/utsname.h>

#include "path_stages.h"

#define WINDOW 10000 /* samples of the windows that are compared */

struct path_series {
	const char *name;
	uint32_t *tick; /* in order of time until path_spread() */
	size_t n;
};

struct path_spread {
	double p50, p90, p99, p999, p9999, most; /* ns */
	double best50, best99, middle50, middle99; /* of windows: the best, and the median one */
	size_t windows;
};

static inline int path_by_tick(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static inline double path_at(const uint32_t *sorted, size_t n, double share, double rate)
{
	size_t i = (size_t)(share * (double)n);
	return n ? sorted[i < n ? i : n - 1] / rate : 0;
}

/* Sorts. */
static inline struct path_spread path_spread(struct path_series *s, double rate)
{
	struct path_spread out = { .windows = s->n / WINDOW };
	uint32_t *p50 = calloc(out.windows + 1, sizeof(*p50)),
		 *p99 = calloc(out.windows + 1, sizeof(*p99)),
		 *window = calloc(WINDOW, sizeof(*window));
	if (!p50 || !p99 || !window)
		abort();
	for (size_t w = 0; w < out.windows; w++) {
		memcpy(window, s->tick + w * WINDOW, WINDOW * sizeof(*window));
		qsort(window, WINDOW, sizeof(*window), path_by_tick);
		p50[w] = window[WINDOW / 2];
		p99[w] = window[WINDOW * 99 / 100];
	}
	qsort(p50, out.windows, sizeof(*p50), path_by_tick);
	qsort(p99, out.windows, sizeof(*p99), path_by_tick);
	qsort(s->tick, s->n, sizeof(*s->tick), path_by_tick);
	out.p50 = path_at(s->tick, s->n, 0.5, rate);
	out.p90 = path_at(s->tick, s->n, 0.9, rate);
	out.p99 = path_at(s->tick, s->n, 0.99, rate);
	out.p999 = path_at(s->tick, s->n, 0.999, rate);
	out.p9999 = path_at(s->tick, s->n, 0.9999, rate);
	out.most = path_at(s->tick, s->n, 1, rate);
	out.best50 = path_at(p50, out.windows, 0, rate);
	out.best99 = path_at(p99, out.windows, 0, rate);
	out.middle50 = path_at(p50, out.windows, 0.5, rate);
	out.middle99 = path_at(p99, out.windows, 0.5, rate);
	free(p50);
	free(p99);
	free(window);
	return out;
}

static inline void path_text_head(void)
{
	printf("  %-38s %9s %7s %7s %7s %7s %7s %8s   %s\n", "ns", "samples", "p50", "p90", "p99",
	       "p99.9", "p99.99", "max", "windows of 10,000, p50/p99: best, median");
}

static inline void path_text(const char *name, size_t n, const struct path_spread *s)
{
	printf("  %-38s %9zu %7.0f %7.0f %7.0f %7.0f %7.0f %8.0f", name, n, s->p50, s->p90, s->p99,
	       s->p999, s->p9999, s->most);
	if (s->windows)
		printf("   %.0f/%.0f, %.0f/%.0f", s->best50, s->best99, s->middle50, s->middle99);
	printf("\n");
}

static inline void path_json(const char *name, size_t n, const struct path_spread *s,
			     const char *end)
{
	printf("    { \"name\": \"%s\", \"samples\": %zu, \"p50\": %.1f, \"p90\": %.1f, "
	       "\"p99\": %.1f, \"p99.9\": %.1f, \"p99.99\": %.1f, \"max\": %.1f, "
	       "\"best_window\": { \"p50\": %.1f, \"p99\": %.1f }, "
	       "\"median_window\": { \"p50\": %.1f, \"p99\": %.1f } }%s\n",
	       name, n, s->p50, s->p90, s->p99, s->p999, s->p9999, s->most, s->best50, s->best99,
	       s->middle50, s->middle99, end);
}

#endif
