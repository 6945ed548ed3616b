/* Where the time of a step goes, and how it is printed.
 *
 * A span is what two clocks say: this thread's processor time, and the wall's. The host's stages
 * are measured inside the host, without a line in it: the linker puts the wrappers below between it
 * and the functions they name (--wrap, in the Makefile). What a wrapped function takes is charged
 * to its part and not to the part around it. What is measured is called once in a decision or
 * batch, never once an account, so that measuring costs nothing. The price: what the model does at
 * once with each fill, about a microsecond, counts for the host. */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <firebreak/confirm.h>

#include "../../sw/lib/run_link.h"
#include "../../sw/lib/waterfall_internal.h"

#define REPEAT_MAX 99

/* What the host is given, and what of it takes the time. */
enum phase {
	PHASE_MARKS,
	PHASE_HOLDS, /* answers to */
	PHASE_CANCELS,
	PHASE_PAIRS,
	PHASE_BATCH, /* the engine's records of what answers did */
	PHASE_LATER, /* further marks */
	PHASES
};
enum part { PART_ENGINE, PART_INPUT, PART_JUDGE, PART_PLAN, PART_DECIDE, PARTS };

struct span {
	int64_t cpu_ns, wall_ns;
};

struct sheet {
	struct span spent[PHASES][PARTS];
};

static struct sheet sheet;
static struct span charged; /* to any part so far */
static enum phase phase;

static inline int64_t clock_ns(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Clocks that stand still while a part inside is charged. */
static inline struct span measure_now(void)
{
	return (struct span){ .cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - charged.cpu_ns,
			      .wall_ns = clock_ns(CLOCK_MONOTONIC) - charged.wall_ns };
}

static inline void measure_add(struct span *to, struct span what)
{
	to->cpu_ns += what.cpu_ns;
	to->wall_ns += what.wall_ns;
}

static inline void measure_charge(enum part part, struct span began)
{
	struct span now = measure_now(), took = { .cpu_ns = now.cpu_ns - began.cpu_ns,
						  .wall_ns = now.wall_ns - began.wall_ns };
	measure_add(&sheet.spent[phase][part], took);
	measure_add(&charged, took);
}

/* ---- the wrappers ---- */

int __real_fb_link_submit(struct fb_link *, const union fb_command *, struct fb_error *);
int __real_fb_link_wait(struct fb_link *, uint64_t, size_t *, struct fb_error *);
int __real_fb_confirm_judge(struct fb_confirm *, bool);
int __real_fb_waterfall_decide(struct fb_waterfall *, const struct fb_judged *, size_t);
int64_t __real_fb_adl_plan(struct fb_adl *, const struct fb_book *, const struct fb_adl_rules *,
			   const struct fb_adl_need *, size_t, struct fb_adl_pair *, size_t);

/* The model works on marks as they come, and on what else a batch changed when it ends. */
int __wrap_fb_link_submit(struct fb_link *link, const union fb_command *c, struct fb_error *error)
{
	if (c->header.flags & FB_FLAG_MORE && c->header.op != FB_OP_MARKS)
		return __real_fb_link_submit(link, c, error);
	struct span began = measure_now();
	int err = __real_fb_link_submit(link, c, error);
	measure_charge(PART_ENGINE, began);
	return err;
}

int __wrap_fb_link_wait(struct fb_link *link, uint64_t seq, size_t *n, struct fb_error *error)
{
	struct span began = measure_now();
	int err = __real_fb_link_wait(link, seq, n, error);
	measure_charge(PART_ENGINE, began);
	return err;
}

int __wrap_fb_confirm_judge(struct fb_confirm *confirm, bool all)
{
	struct span began = measure_now();
	int err = __real_fb_confirm_judge(confirm, all);
	measure_charge(PART_JUDGE, began);
	return err;
}

int __wrap_fb_waterfall_decide(struct fb_waterfall *w, const struct fb_judged *judged, size_t n)
{
	struct span began = measure_now();
	int err = __real_fb_waterfall_decide(w, judged, n);
	measure_charge(PART_DECIDE, began);
	return err;
}

int64_t __wrap_fb_adl_plan(struct fb_adl *adl, const struct fb_book *book,
			   const struct fb_adl_rules *rules, const struct fb_adl_need *need,
			   size_t needs, struct fb_adl_pair *pairs, size_t room)
{
	struct span began = measure_now();
	int64_t n = __real_fb_adl_plan(adl, book, rules, need, needs, pairs, room);
	measure_charge(PART_PLAN, began);
	return n;
}

/* ---- what comes out ---- */

struct stat {
	int64_t median, min, max;
};

static inline int measure_compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

static inline struct stat measure_stat(int64_t *sample, unsigned n)
{
	qsort(sample, n, sizeof(*sample), measure_compare);
	return (struct stat){ .median = sample[n / 2], .min = sample[0], .max = sample[n - 1] };
}

struct measure_row {
	const char *name, *unit;
	uint64_t items;
	struct stat cpu_ns, wall_ns;
};

static inline uint64_t measure_rate(const struct measure_row *row)
{
	return row->cpu_ns.median > 0
		       ? (uint64_t)((unsigned __int128)row->items * 1000000000 /
				    (uint64_t)row->cpu_ns.median)
		       : 0;
}

/* Times in milliseconds with three decimals. */
#define MS "%lld.%03lld"
#define MS_OF(ns) (long long)((ns) / 1000000), (long long)((ns) / 1000 % 1000)

static inline void measure_text(const struct measure_row *row)
{
	char median[32], spread[64], wall[32];
	snprintf(median, sizeof(median), MS, MS_OF(row->cpu_ns.median));
	snprintf(spread, sizeof(spread), MS ".." MS, MS_OF(row->cpu_ns.min),
		 MS_OF(row->cpu_ns.max));
	snprintf(wall, sizeof(wall), MS, MS_OF(row->wall_ns.median));
	printf("  %-34s %9s  %-19s %9s", row->name, median, spread, wall);
	if (row->items)
		printf(" %8llu %-8s %10llu", (unsigned long long)row->items, row->unit,
		       (unsigned long long)measure_rate(row));
	printf("\n");
}

static inline void measure_json(const struct measure_row *row, const char *end)
{
	const struct stat *s[] = { &row->cpu_ns, &row->wall_ns };
	static const char *const names[] = { "cpu_ns", "wall_ns" };
	printf("    { \"name\": \"%s\", \"unit\": \"%s\", \"items\": %llu, \"per_second\": %llu",
	       row->name, row->unit, (unsigned long long)row->items,
	       (unsigned long long)measure_rate(row));
	for (int i = 0; i < 2; i++)
		printf(", \"%s\": { \"median\": %lld, \"min\": %lld, \"max\": %lld }", names[i],
		       (long long)s[i]->median, (long long)s[i]->min, (long long)s[i]->max);
	printf(" }%s\n", end);
}

#endif
