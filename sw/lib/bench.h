/* The latency bench: work that comes at a constant rate, measured from when it was planned.
 *
 * An operation (a mark, a fill, a batch of all symbols, a ranking) is planned at start + i / rate
 * and taken up then, or as soon as the one before is done. Latencies count from the plan, so that a
 * stall is charged to everything that waited behind it (what a loop that waits for its answers
 * leaves out). One histogram for each stage; nothing is subtracted, the clock's cost is printed.
 *
 * The host's part is the host's own code: the book takes each command (fb_book_apply), confirmation
 * compares every LEVEL record with the book and judges the account on the newest state
 * (fb_confirm_*), and a HOLD for each breach, or a RELEASE where one ended, passes the governor
 * (fb_governor_check) into the gateway's buffer. Not in it: the log, and the waterfall's later
 * steps.
 *
 * Simulated engines (core:, sim:) have no real time: they are asked one thing after another, and
 * what they take is in cycles. Cycles and nanoseconds are never added; what a card would make of
 * both is a line of its own, "modelled", from constants with their sources.
 *
 * Every engine gets the same commands. Per operation the digests of its records are compared, and
 * HASH in the middle of the work and at its end: with the other engines, and with the book. */
#ifndef FIREBREAK_BENCH_H
#define FIREBREAK_BENCH_H

#include <stdbool.h>
#include <stddef.h>

#include <firebreak/engine.h>
#include <firebreak/error.h>

#include "bench_clock.h"
#include "hdr.h"

#define FB_BENCH_CASES 64 /* workloads in a run */
#define FB_BENCH_ENGINES 8
#define FB_BENCH_ROWS 221000u	      /* positions of Hyperliquid on 2025-10-10 */
#define FB_BENCH_SIMULATED_ROWS 4000u /* of engines that are simulated */
#define FB_BENCH_SIMULATED_MOST 32000u /* larger ones are for the others only */
#define FB_BENCH_ROWS_MOST 4000000u
/* Modelled: the clock of the core, and both ways over the bus. */
#define FB_BENCH_CLOCK_HZ 250000000u
#define FB_BENCH_LINK_LOW_NS 466u
#define FB_BENCH_LINK_HIGH_NS 643u
extern const char fb_bench_link_low[], fb_bench_link_high[];

enum fb_bench_stage {
	/* from the plan */
	FB_STAGE_PRICE_IN,
	FB_STAGE_EMITTED,
	FB_STAGE_SEEN,
	FB_STAGE_CONFIRMED,
	FB_STAGE_ORDER_OUT,
	/* cycles from the first command word */
	FB_STAGE_CARD_FIRST,
	FB_STAGE_CARD_LAST,
	/* from the stage before */
	FB_STAGE_EMIT,
	FB_STAGE_ENGINE,
	FB_STAGE_CONFIRM,
	FB_STAGE_ORDER,
	FB_STAGES
};
struct fb_bench_stage_name {
	const char *name, *from, *unit, *what;
};
extern const struct fb_bench_stage_name fb_bench_stages[FB_STAGES];

struct fb_bench_options {
	const char *const *workload; /* none: a list of the usual ones */
	size_t workloads;
	const char *const *engine; /* none: cpu: */
	size_t engines;
	uint64_t rows;	  /* 0: as the workload says */
	uint64_t samples; /* 0: as many as fit in `seconds` */
	uint64_t rate;	  /* a second; 0: half of what the engine can do */
	uint64_t seconds; /* of one measurement */
	uint64_t seed, range_us;
	const char *plot; /* folder or NULL */
	bool json, progress;
	/* NULL: fb_engine_open. A test brings engines of its own. */
	int (*open)(const char *uri, struct fb_engine **out, struct fb_error *error);
};

/* ---- what is measured (bench_case.c) ---- */

enum fb_bench_kind {
	FB_BENCH_QUIET,
	FB_BENCH_SYMBOL,
	FB_BENCH_ALL,
	FB_BENCH_BURST,
	FB_BENCH_STORM,
	FB_BENCH_FUNDING,
	FB_BENCH_FILLS,
	FB_BENCH_FILLS_MARKS,
	FB_BENCH_RANK_COUNT,
	FB_BENCH_RANK_LOTS,
};

struct fb_bench_work {
	const char *name, *what;
	enum fb_bench_kind kind;
	uint32_t rows, largest;	   /* of a full-size book; largest 0: by the skew */
	bool levels;		   /* operations make records of levels */
	bool share;		   /* takes share= */
};
extern const struct fb_bench_work fb_bench_works[];
extern const size_t fb_bench_works_n;

struct fb_bench_case {
	const struct fb_bench_work *work;
	uint32_t rows, share_e4; /* accounts that breach, of 10,000 */
	bool simulated;	 /* of the size for simulated engines */
	bool sized;	 /* the size was asked for */
};

static inline bool fb_bench_is_rank(const struct fb_bench_case *c)
{
	return c->work->kind == FB_BENCH_RANK_COUNT || c->work->kind == FB_BENCH_RANK_LOTS;
}

/* "burst:rows=65k,share=20". -EINVAL with what is known. */
int fb_bench_parse(const char *text, struct fb_bench_case *out, struct fb_error *error);
/* As many rows of symbol 0 as the case's size wants; 0: by the skew. */
uint32_t fb_bench_largest(const struct fb_bench_case *c);

/* ---- what came of it ---- */

struct fb_bench_state {
	uint64_t accounts, rows, symbols;
};

#define FB_BENCH_DIGESTS 256
struct fb_bench_result {
	struct fb_bench_case what;
	unsigned engine;
	uint32_t accounts, symbols, concerned, breaching;
	double commands, records, orders, trips; /* an operation; trips: batches asked for */
	double rate, reached;		  /* 0: closed loop */
	uint64_t samples;
	struct fb_bench_state middle, end;
	bool equal;
	uint64_t digest[FB_BENCH_DIGESTS]; /* of the first operations */
	unsigned digests;
	struct fb_hdr stage[FB_STAGES]; /* count NULL: there is no such stage */
};

struct fb_bench_engine {
	const char *given;
	char name[16];
	bool simulated, card;
	struct fb_engine_info info; /* of the first one opened */
	bool known;
};

struct fb_bench_head {
	char started[32], cpu[96], kernel[160], pinned[16];
	unsigned cores;
	uint64_t memory_mib;
	bool hypervisor, loaded;
	double load_before, load_after, others; /* others: share of the processors, 0..1 */
	double stolen, seconds;
	struct fb_bench_clock clock;
	uint64_t ticks[3]; /* of all processors at the start: all, busy, stolen */
};

struct fb_bench {
	const struct fb_bench_options *options;
	struct fb_bench_head head;
	struct fb_bench_engine engine[FB_BENCH_ENGINES];
	unsigned engines;
	struct fb_bench_case cases[FB_BENCH_CASES];
	unsigned case_n;
	struct fb_bench_result *result;
	unsigned results, room;
	const char *picture[12];
	unsigned pictures;
};

/* 0; -EINVAL what was asked for cannot be; -EILSEQ engines differ; else what failed. On an error
 * nothing was printed or written. The report goes to `out`. */
int fb_bench_run(const struct fb_bench_options *options, FILE *out, struct fb_error *error);

/* ---- between the files of the bench ---- */

void fb_bench_head_begin(struct fb_bench_head *head);
void fb_bench_head_end(struct fb_bench_head *head);
extern const char fb_bench_compiler[], fb_bench_flags[];

/* bench_memory.c: too little memory for a case on an engine is said before anything is made. */
int fb_bench_memory(const struct fb_bench_case *c, const struct fb_bench_engine *e,
		    struct fb_error *error);

/* bench_measure.c: one case on one engine. */
int fb_bench_measure(struct fb_bench *b, const struct fb_bench_case *c, unsigned engine,
		     struct fb_bench_result *out, struct fb_error *error);
void fb_bench_result_close(struct fb_bench_result *result);

/* bench_compare.c: the results of one case; -EILSEQ. */
int fb_bench_compare(struct fb_bench *b, unsigned first, struct fb_error *error);

/* Modelled, from cycles and the host's own medians. False: there is nothing to model. */
struct fb_bench_modelled {
	uint64_t cycles, host_ns, trips, low_ns, high_ns;
	uint64_t samples; /* that each median is of, at least */
};
bool fb_bench_model(const struct fb_bench *b, const struct fb_bench_result *r,
		    struct fb_bench_modelled *out);

void fb_bench_text(const struct fb_bench *b, FILE *out);
void fb_bench_json(const struct fb_bench *b, FILE *out);
/* Name of a histogram's file below the folder. */
void fb_bench_hgrm_name(const struct fb_bench *b, const struct fb_bench_result *r,
			enum fb_bench_stage stage, char out[192]);
/* bench_files.c. The folder exists and can be written, or -errno. */
int fb_bench_files_check(const char *folder, struct fb_error *error);
/* Everything under other names first, then all are renamed; bench.json last. */
int fb_bench_files(struct fb_bench *b, struct fb_error *error);
/* bench_picture*.c. False: there is nothing to draw. */
bool fb_bench_draw_percentiles(const struct fb_bench *b, FILE *out);
bool fb_bench_draw_rows(const struct fb_bench *b, FILE *out);
bool fb_bench_draw_share(const struct fb_bench *b, FILE *out);
bool fb_bench_draw_crossover(const struct fb_bench *b, FILE *out);

#endif
