/* What an engine needs for the work of a venue: the medians of several rounds, on whatever machine
 * this is. A benchmark, not a test; but a difference in state between engines is an error.
 *
 * usage: engine [URI [ROWS]]   cpu: and 221000 unless given */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <firebreak/engine.h>

#include "../../sw/lib/workload.h"

struct bench {
	struct fb_engine *engine;
	uint64_t seq, records;
	union fb_record end;
};

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void take_all(struct bench *b)
{
	union fb_record record[256];
	int n, idle = 0;
	while (!idle) {
		n = fb_engine_poll(b->engine, record, 256, &idle);
		for (int i = 0; i < n; i++) {
			if (record[i].header.kind == FB_REC_REJECT) {
				fprintf(stderr, "engine: a command was refused: %u\n",
					record[i].reject.reason);
				exit(1);
			}
			if (record[i].header.kind == FB_REC_BATCH_END ||
			    record[i].header.kind == FB_REC_HASH)
				b->end = record[i];
		}
		b->records += (uint64_t)n;
	}
}

static int give(void *context, union fb_command *command)
{
	struct bench *b = context;
	command->header.seq = ++b->seq;
	int err = fb_engine_submit(b->engine, command);
	if (err) {
		fprintf(stderr, "engine: %s\n", strerror(-err));
		exit(1);
	}
	if (!(command->header.flags & FB_FLAG_MORE))
		take_all(b);
	return 0;
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

struct series {
	uint64_t ns[4096];
	size_t n;
};

static void show(struct series *s, const char *what, double per)
{
	qsort(s->ns, s->n, sizeof(s->ns[0]), by_size);
	printf("%-48s %12.1f ns  p99 %12.1f  best %12.1f  %9.2f ns a unit\n", what,
	       (double)s->ns[s->n / 2], (double)s->ns[s->n * 99 / 100], (double)s->ns[0],
	       (double)s->ns[s->n / 2] / per);
	s->n = 0;
}

#define TIMED(s, rounds, work)                                                                     \
	for (unsigned round = 0; round < (rounds); round++) {                                      \
		uint64_t began = now_ns();                                                         \
		work;                                                                              \
		(s)->ns[(s)->n++] = now_ns() - began;                                              \
	}

static void marks(struct bench *b, struct fb_workload *w, struct series *s, uint32_t rows)
{
	for (unsigned i = 0; i < 100; i++)
		fb_workload_mark(w, 0, 1000000 + i % 2, give, b);
	TIMED(s, 500, for (unsigned k = 0; k < 100; k++)
			      fb_workload_mark(w, 0, 1000000 + k % 5, give, b));
	show(s, "100 quiet ticks of the largest symbol", 100);
	TIMED(s, 200, fb_workload_mark(w, 0, round % 2 ? 1000000 : 1005000, give, b));
	show(s, "largest symbol moves by 0.5 %", w->rows_of[0]);
	TIMED(s, 200, fb_workload_marks(w, 1000000, 100, give, b));
	show(s, "all symbols, 0.01 % each", rows);
	TIMED(s, 200, fb_workload_marks(w, 1000000, 3000, give, b));
	show(s, "all symbols, 0.3 % each", rows);
	TIMED(s, 100, fb_workload_marks(w, round % 2 ? 1000000 : 1050000, 3000, give, b));
	show(s, "all symbols, 5 % up and back", rows);
	TIMED(s, 20, fb_workload_marks(w, round % 2 ? 1000000 : 975000, 0, give, b));
	show(s, "5 % of accounts breach or recover", 1);
}

static void storm(const char *uri, struct fb_workload_shape shape, struct series *s)
{
	struct bench b = { .seq = 0 };
	struct fb_workload w;
	struct fb_error error;
	shape.doomed = true;
	if (fb_workload_open(&shape, &w) || fb_engine_open(uri, &b.engine, &error))
		exit(1);
	fb_workload_load(&w, give, &b);
	TIMED(s, 7, fb_workload_marks(&w, round % 2 ? 1000000 : 300000, 0, give, &b));
	show(s, "all accounts bankrupt or recovered", w.accounts);
	fb_engine_close(b.engine);
	fb_workload_close(&w);
}

static void rank(struct bench *b, struct fb_workload *w, struct series *s, uint32_t rows)
{
	union fb_command c;
	memset(&c, 0, sizeof(c));
	c.rank.op = FB_OP_RANK;
	c.rank.exclude_level = 2;
	c.rank.class_mask = 7;
	c.rank.profit_c = 0x0000f001; /* PnL / equity */
	c.rank.loss_c = 0x0000f20f;
	c.rank.cursor_key = UINT32_MAX;
	c.rank.zoom = 23;
	for (unsigned i = 0; i < 20; i++) {
		fb_workload_mark(w, 0, 1000000 + i % 3, give, b);
		TIMED(s, 1, give(b, &c));
	}
	show(s, "first histogram of the largest side", rows);
	TIMED(s, 20, give(b, &c));
	show(s, "another histogram of it", rows);
	c.rank.mode = FB_RANK_SELECT;
	c.rank.from = 0x3f000000;
	TIMED(s, 20, give(b, &c));
	show(s, "select of few", rows);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "cpu:";
	struct fb_workload_shape shape = { .rows = argc > 2 ? (uint32_t)atoi(argv[2]) : 221000,
					   .symbols = 160,
					   .seed = 1 };
	struct bench b = { .seq = 0 };
	struct fb_workload w;
	struct fb_error error;
	static struct series s;
	char uri[128];
	snprintf(uri, sizeof(uri), "%s%saccounts=%u,rows=%u", name,
		 name[strlen(name) - 1] == ':' ? "" : ",", shape.rows, shape.rows);
	if (fb_workload_open(&shape, &w) || fb_engine_open(uri, &b.engine, &error)) {
		fprintf(stderr, "engine: %s\n", error.text);
		return 1;
	}
	printf("%s: %u rows, %u accounts\n", uri, shape.rows, w.accounts);
	TIMED(&s, 1, fb_workload_load(&w, give, &b));
	show(&s, "load", shape.rows);
	printf("records so far: %llu\n", (unsigned long long)b.records);
	marks(&b, &w, &s, shape.rows);
	TIMED(&s, 4000, fb_workload_fill(&w, round * 7919u % shape.rows, give, &b));
	show(&s, "fill of a random position", 1);
	TIMED(&s, 4000, fb_workload_fill(&w, 100 + round % 32, give, &b));
	show(&s, "fill of one of 32 positions", 1);
	union fb_command c;
	memset(&c, 0, sizeof(c));
	c.funding.op = FB_OP_FUNDING;
	TIMED(&s, 20, c.funding.rate = round % 2 ? 1000 : -1000; give(&b, &c));
	show(&s, "funding of the largest symbol", w.rows_of[0]);
	rank(&b, &w, &s, w.rows_of[0] / 2);
	memset(&c, 0, sizeof(c));
	c.hash.op = FB_OP_HASH;
	give(&b, &c);
	printf("state: records %llu\n", (unsigned long long)b.records);
	fb_engine_close(b.engine);
	fb_workload_close(&w);
	storm(uri, shape, &s);
	return 0;
}
