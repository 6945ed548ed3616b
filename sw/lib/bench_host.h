/* The host of the bench, and one operation through it. Private to bench_*.c. */
#ifndef FIREBREAK_BENCH_HOST_H
#define FIREBREAK_BENCH_HOST_H

#include <firebreak/confirm.h>
#include <firebreak/governor.h>
#include <firebreak/rank.h>

#include "bench.h"
#include "workload.h"

#define FB_BENCH_WORDS 64 /* commands of an operation, at most: 160 symbols are 32 */

struct fb_bench_host {
	const struct fb_bench_case *what;
	const struct fb_bench_clock *clock;
	struct fb_workload *work; /* the same for all engines */
	struct fb_engine *engine;
	bool simulated;
	struct fb_book *book;
	struct fb_confirm confirm;
	struct fb_governor *governor;
	struct fb_ranker *ranker; /* of rankings */
	struct fb_rank_request request;
	union fb_command word[FB_BENCH_WORDS];
	unsigned words;
	union fb_record *record;
	size_t records, room;
	struct fb_order *gateway; /* what has left in this operation */
	uint32_t orders;
	bool *held; /* by account of the book */
	uint64_t digest; /* sum over the operation's batches */
	uint64_t commands, all_records, trips; /* of the operation; trips: batches */
	uint32_t cursor; /* row, while loading */
	struct fb_error *error;
};

/* Ticks, and cycles of a simulated engine. */
struct fb_bench_stamps {
	uint64_t taken, emitted, seen, confirmed, out;
	uint64_t engine; /* ticks inside of the engine */
	uint64_t cycles_first, cycles_last;
	bool counts; /* false: it stands between what is measured */
};

/* Loads the book and the engine. Both are as the workload says afterwards. */
int fb_bench_host_open(struct fb_bench_host *host);
void fb_bench_host_close(struct fb_bench_host *host);

/* The i-th operation. What follows it and is no part of it: the venue's answers, and what makes the
 * next one possible. */
int fb_bench_host_do(struct fb_bench_host *host, uint64_t i, struct fb_bench_stamps *out);
int fb_bench_host_after(struct fb_bench_host *host, uint64_t i);
/* Everything as it was before the first operation, whatever was done: n of them. */
int fb_bench_host_undo(struct fb_bench_host *host, uint64_t n);
/* HASH, and what the book says. -EILSEQ: they differ. */
int fb_bench_host_hash(struct fb_bench_host *host, struct fb_bench_state *out);

/* Commands of an operation go this way: numbered, booked, kept. */
int fb_bench_host_give(void *host, union fb_command *command);
/* Sends what was given, and takes everything the engine says to it. */
int fb_bench_host_exchange(struct fb_bench_host *host, struct fb_bench_stamps *stamps);
/* The same outside of what is measured, and the book follows: levels confirmed, the past
 * forgotten. */
int fb_bench_host_settle(struct fb_bench_host *host);

/* bench_op.c */
int fb_bench_op(struct fb_bench_host *host, uint64_t i, bool *counts);
int fb_bench_op_undo(struct fb_bench_host *host, uint64_t n);

/* bench_rank.c */
int fb_bench_rank_open(struct fb_bench_host *host);
int fb_bench_rank(struct fb_bench_host *host, struct fb_bench_stamps *stamps);

#endif
