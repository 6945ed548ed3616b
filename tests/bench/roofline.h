/* What a sweep of all rows, or the bounding of a ranked side, has to do at least, and what this
 * machine can do: bytes a row against how fast one core reads as many bytes, again and again from
 * whatever cache holds them, and from memory; cycles a row, at the rate of additions that each wait
 * for the one before; and instructions a row, where the kernel lets them be counted. */
#ifndef ROOFLINE_H
#define ROOFLINE_H

#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../../sw/lib/cpu_ranking.h"

static inline double roofline_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Negative: not permitted, or the machine has no such counter. */
static inline int roofline_counter(void)
{
	struct perf_event_attr attr;
	memset(&attr, 0, sizeof(attr));
	attr.size = sizeof(attr);
	attr.type = PERF_TYPE_HARDWARE;
	attr.config = PERF_COUNT_HW_INSTRUCTIONS;
	attr.exclude_kernel = 1;
	return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static inline size_t roofline_sweep(const struct cpu *c, uint32_t *out)
{
	size_t n = 0;
	for (unsigned k = 0; k < CPU_TILE_CLASSES; k++)
		if (c->tiles[k].accounts > 0)
			n += c->kernels->sweep(&c->tiles[k], c->u, out);
	return n;
}

/* The best of 50: of reading so many bytes, by the library's own search for a byte that is not
 * there, which uses the widest loads there are. */
static inline double roofline_read_ns(size_t bytes)
{
	double best = 1e18;
	uint8_t *room = calloc(1, bytes + 1);
	if (!room)
		return 0;
	memset(room, 1, bytes);
	for (unsigned i = 0; i < 50; i++) {
		double began = roofline_now();
		const void *at = memchr(room, 0, bytes + 1);
		double ns = roofline_now() - began;
		best = at == room + bytes && ns < best ? ns : best;
	}
	free(room);
	return best;
}

/* Cycles a nanosecond: an addition that waits for the one before takes one. */
static inline double roofline_rate(void)
{
	const unsigned n = 1000000;
	double best = 1e18;
	for (unsigned i = 0; i < 20; i++) {
		double began = roofline_now();
		for (unsigned k = 0, x = 0; k < n; k++) {
			x++;
			__asm__ volatile("" : "+r"(x));
		}
		double ns = roofline_now() - began;
		best = ns < best ? ns : best;
	}
	return n / best;
}

static inline void roofline_show(const char *what, double rows, double bytes, double ns)
{
	const size_t much = (size_t)256 << 20;
	double floor_ns = roofline_read_ns((size_t)bytes), rate = roofline_rate();
	printf("roofline of %s: %.0f rows (with those that fill tiles up), %.1f bytes a row\n",
	       what, rows, bytes / rows);
	printf("  this core reads them at %.1f GB/s (from memory at %.1f): %.3f ns a row at least; "
	       "measured %.3f ns, %.1f GB/s, %.2f cycles at %.2f GHz\n",
	       bytes / floor_ns, (double)much / roofline_read_ns(much), floor_ns / rows, ns / rows,
	       bytes / ns, ns / rows * rate, rate);
}

/* The largest side that has columns, by PnL / equity: with what is kept of other symbols' rows, and
 * that made anew; all of its groups, of which a ranking looks at some. */
static inline void roofline_rank(const struct cpu *c)
{
	const struct cpu_ranking *k = &c->ranking;
	const struct cpu_rank_last *l = &k->last;
	const struct cpu_rank_side *s = &k->side[0][0];
	uint32_t tiles = cpu_rank_lanes(s) / CPU_RANK_LANES,
		 groups = (tiles * CPU_RANK_LANES + CPU_RANK_GROUP - 1) / CPU_RANK_GROUP;
	if (tiles == 0 || l->side != s)
		return;
	uint32_t *all = malloc(groups * sizeof(*all));
	if (!all)
		return;
	for (uint32_t i = 0; i < groups; i++)
		all[i] = i;
	const float drift[CPU_RANK_NO_EPOCH + 1] = { 0 };
	struct cpu_rank_job job = {
		.tile = &k->tile[s->tile], .tiles = tiles, .group = all, .groups = groups,
		.rest = l->rest, .gross = l->gross, .twin = l->twin, .epoch = l->epoch,
		.drift = drift, .u = c->u, .exclude_level = 2,
		.used = 1u << 0 | 1u << 2 | 1u << 3,
		.lo = k->lo, .hi = k->hi, .bottom = k->bottom, .top = k->top,
	};
	struct cpu_rank_rest rest = {
		.tile = job.tile, .other = k->other, .tiles = tiles, .group = all,
		.groups = groups, .u = l->at[0].u, .own_u = l->at[0].own_u, .rest = l->rest,
		.gross = l->gross, .twin = l->twin, .of = l->groups,
	};
	double best = 1e18, best_rest = 1e18, rows = (double)tiles * CPU_RANK_LANES, others = 0;
	job.profit[0] = 1;
	job.loss[0] = job.profit[3] = job.loss[3] = -1;
	job.loss[2] = 2;
	for (uint32_t i = 0; i < tiles; i++)
		others += job.tile[i].others * (double)sizeof(*rest.other);
	for (unsigned i = 0; i < 50; i++) {
		double began = roofline_now();
		c->kernels->rank_rest(&rest);
		double between = roofline_now();
		c->kernels->rank_bound(&job);
		double ended = roofline_now();
		best_rest = between - began < best_rest ? between - began : best_rest;
		best = ended - between < best ? ended - between : best;
	}
	double bytes = (double)tiles * sizeof(*job.tile);
	roofline_show("a ranking after a mark", rows,
		      bytes + rows * (3 * sizeof(*l->rest) + 2 * sizeof(*k->lo)), best);
	roofline_show("what it keeps of other rows", rows,
		      bytes + others + rows * 3 * sizeof(*l->rest), best_rest);
	free(all);
}

static inline void roofline(const struct cpu *c)
{
	double best = 1e18, rows = 0, bytes = 0;
	uint32_t *out = malloc(((size_t)c->accounts + 128) * sizeof(*out));
	for (unsigned k = 0; k < CPU_TILE_CLASSES; k++) {
		const struct cpu_tiles *t = &c->tiles[k];
		rows += (double)t->accounts * t->rows;
		bytes += (double)((t->accounts + CPU_LANES - 1) / CPU_LANES * t->stride);
	}
	if (!out || rows <= 0)
		return;
	for (unsigned i = 0; i < 50; i++) {
		double began = roofline_now();
		roofline_sweep(c, out);
		double ns = roofline_now() - began;
		best = ns < best ? ns : best;
	}
	roofline_show("a sweep", rows, bytes, best);
	int counter = roofline_counter();
	uint64_t count = 0;
	if (counter >= 0) {
		ioctl(counter, PERF_EVENT_IOC_RESET, 0);
		roofline_sweep(c, out);
		if (read(counter, &count, sizeof(count)) == (ssize_t)sizeof(count))
			printf("  %.2f instructions a row\n", (double)count / rows);
		close(counter);
	} else {
		printf("  instructions a row: this machine does not let them be counted\n");
	}
	free(out);
}

#endif
