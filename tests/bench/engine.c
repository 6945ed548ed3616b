/* What an engine needs for the work of a venue, on whatever machine this is: for each workload the
 * median, the 99th percentile and the best of several rounds, and for `cpu:` how many accounts were
 * computed exactly in a round. A benchmark, not a test.
 *
 * usage: engine [URI [ROWS...]]   cpu: and 221000 unless given */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../sw/lib/cpu_ranking.h"
#include "../../sw/lib/workload.h"
#include "roofline.h"

#define ROUNDS 4096u

struct bench {
	struct fb_engine *engine;
	bool is_cpu;
	uint64_t seq, records, before; /* before: bytes resident without the engine */
	struct fb_workload w;
	uint64_t ns[ROUNDS], reviews;
	size_t n;
};

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t resident_bytes(void)
{
	unsigned long all, resident = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	if (f && fscanf(f, "%lu %lu", &all, &resident) != 2)
		resident = 0;
	if (f)
		fclose(f);
	return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t reviews(const struct bench *b)
{
	return b->is_cpu ? ((const struct cpu *)(const void *)b->engine)->reviews : 0;
}

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "engine: %s: %s\n", what, why);
	exit(1);
}

static void take_all(struct bench *b)
{
	union fb_record record[256];
	int idle = 0;
	while (!idle) {
		int n = fb_engine_poll(b->engine, record, 256, &idle);
		if (n < 0)
			fail("poll", strerror(-n));
		for (int i = 0; i < n; i++)
			if (record[i].header.kind == FB_REC_REJECT)
				fail("a command", "refused");
		b->records += (uint64_t)n;
	}
}

static int give(void *context, union fb_command *command)
{
	struct bench *b = context;
	command->header.seq = ++b->seq;
	int err = fb_engine_submit(b->engine, command);
	if (err)
		fail("submit", strerror(-err));
	if (!(command->header.flags & FB_FLAG_MORE))
		take_all(b);
	return 0;
}

/* For work that is made beforehand, so that making it is not measured. */
static int keep(void *context, union fb_command *command)
{
	union fb_command **at = context;
	*(*at)++ = *command;
	return 0;
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

static void show(struct bench *b, const char *what, double per)
{
	qsort(b->ns, b->n, sizeof(b->ns[0]), by_size);
	printf("%-46s %12.1f  p99 %12.1f  best %12.1f ns %10.3f a unit", what,
	       (double)b->ns[b->n / 2], (double)b->ns[b->n * 99 / 100], (double)b->ns[0],
	       (double)b->ns[b->n / 2] / per);
	if (b->is_cpu)
		printf("  exact %9.1f", (double)(reviews(b) - b->reviews) / (double)b->n);
	printf("\n");
	fflush(stdout);
	b->n = 0;
	b->reviews = reviews(b);
}

#define TIMED(b, rounds, work)                                                                     \
	for (unsigned round = 0; round < (rounds); round++) {                                      \
		uint64_t began = now_ns();                                                         \
		work;                                                                              \
		(b)->ns[(b)->n++] = now_ns() - began;                                              \
	}

static void marks(struct bench *b)
{
	struct fb_workload *w = &b->w;
	uint32_t rows = w->shape.rows, few = rows > 500000 ? 20 : 100;
	for (unsigned i = 0; i < 100; i++)
		fb_workload_mark(w, 0, 1000000 + i % 2, give, b);
	TIMED(b, 500, for (unsigned k = 0; k < 100; k++)
			      fb_workload_mark(w, 0, 1000000 + k % 5, give, b));
	show(b, "100 quiet ticks of the largest symbol", 100);
	TIMED(b, 200, fb_workload_mark(w, 0, round % 2 ? 1000000 : 1005000, give, b));
	show(b, "largest symbol moves by 0.5 %", w->rows_of[0]);
	TIMED(b, 200, fb_workload_mark(w, 0, round % 2 ? 1000000 : 1050000, give, b));
	show(b, "largest symbol, 5 % up and back", w->rows_of[0]);
	TIMED(b, 200, fb_workload_marks(w, 1000000, 3000, give, b));
	show(b, "all symbols, 0.3 % each", rows);
	TIMED(b, few, fb_workload_marks(w, round % 2 ? 1000000 : 1050000, 3000, give, b));
	show(b, "all symbols, 5 % up and back", rows);
	TIMED(b, few, fb_workload_marks(w, round % 2 ? 1000000 : 1300000, 3000, give, b));
	show(b, "all symbols, 30 % up and back", rows);
	for (unsigned i = 0; i < few; i++) /* until every account has its bands again */
		fb_workload_marks(w, 1000000, 0, give, b);
	b->reviews = reviews(b);
	TIMED(b, 20, fb_workload_marks(w, round % 2 ? 1000000 : 975000, 0, give, b));
	show(b, "5 % of accounts breach or recover", 1);
	for (unsigned i = 0; i < few; i++)
		fb_workload_marks(w, 1000000, 0, give, b);
	b->reviews = reviews(b);
}

static void fills(struct bench *b, const char *what, bool few, bool among_marks)
{
	static union fb_command made[2048];
	union fb_command *end = made;
	for (uint32_t i = 0; i < 2048; i++) {
		uint32_t row = few ? 100 + i % 32 : i * 7919u % b->w.shape.rows;
		fb_workload_fill(&b->w, row, keep, &end);
	}
	for (unsigned i = 0; i < 2048; i += 16) {
		if (among_marks && i % 64 == 0)
			fb_workload_marks(&b->w, 1000000, 3000, give, b);
		TIMED(b, 1, for (unsigned k = i; k < i + 16; k++) give(b, &made[k]));
	}
	show(b, what, 16);
}

static void funding(struct bench *b)
{
	union fb_command c;
	memset(&c, 0, sizeof(c));
	c.funding.op = FB_OP_FUNDING;
	TIMED(b, 20, c.funding.rate = round % 2 ? 1000 : -1000; give(b, &c));
	show(b, "funding of the largest symbol", b->w.rows_of[0]);
}

static void rank(struct bench *b)
{
	uint32_t rows = b->w.rows_of[0] / 2;
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
		fb_workload_mark(&b->w, 0, 1000000 + i % 3, give, b);
		TIMED(b, 1, give(b, &c));
	}
	show(b, "first histogram of the largest side", rows);
	TIMED(b, 20, give(b, &c));
	show(b, "another histogram of it", rows);
	c.rank.mode = FB_RANK_SELECT;
	c.rank.from = 0x3f000000;
	TIMED(b, 20, give(b, &c));
	show(b, "select of few", rows);
}

static void memory(const struct bench *b, const char *when)
{
	double taken = (double)(resident_bytes() - b->before),
	       bound = 128.0 * ((double)b->w.shape.rows + b->w.accounts);
	printf("memory %s: %.1f MiB resident, %.0f %% of 128 bytes a position and 128 an account\n",
	       when, taken / 1048576, taken / bound * 100);
}

/* What the columns take: every side of every symbol, first as most formulas want them, then with
 * maintenance margins. */
static void rank_all(struct bench *b)
{
	union fb_command c;
	for (unsigned margins = 0; margins < 2; margins++) {
		for (unsigned i = 0; i < 2 * b->w.shape.symbols; i++) {
			memset(&c, 0, sizeof(c));
			c.rank.op = FB_OP_RANK;
			c.rank.symbol = (uint16_t)(i / 2);
			c.rank.side = i % 2;
			c.rank.exclude_level = 2;
			c.rank.class_mask = 7;
			c.rank.profit_c = margins ? 0x0001f001 : 0x0000f001;
			c.rank.cursor_key = UINT32_MAX;
			c.rank.zoom = 22;
			give(b, &c);
		}
		memory(b, margins ? "with every side ranked by a formula with margins"
				  : "with every side ranked");
	}
}

static void open_all(struct bench *b, const char *name, const struct fb_workload_shape *shape,
		     bool said)
{
	struct fb_error error = { "" };
	char uri[128];
	if (fb_workload_open(shape, &b->w))
		fail("workload", strerror(ENOMEM));
	snprintf(uri, sizeof(uri), "%s%saccounts=%u,rows=%u", name,
		 name[strlen(name) - 1] == ':' ? "" : ",", b->w.accounts, shape->rows);
	b->is_cpu = strncmp(uri, "cpu:", 4) == 0;
	b->before = resident_bytes();
	if (fb_engine_open(uri, &b->engine, &error))
		fail(uri, error.text);
	if (said)
		printf("\n%s: %u rows, %u accounts\n", uri, shape->rows, b->w.accounts);
	TIMED(b, 1, fb_workload_load(&b->w, give, b));
	if (said) {
		show(b, "load, a command at a time", shape->rows);
		memory(b, "after load");
	}
	b->n = 0;
	b->reviews = reviews(b);
}

static void close_all(struct bench *b)
{
	fb_engine_close(b->engine);
	fb_workload_close(&b->w);
	b->seq = 0;
}

static void storm(struct bench *b, const char *name, struct fb_workload_shape shape)
{
	shape.doomed = true;
	open_all(b, name, &shape, false);
	uint64_t before = b->records;
	TIMED(b, 10, fb_workload_marks(&b->w, round % 2 ? 1000000 : 300000, 0, give, b));
	show(b, "all accounts bankrupt or recovered", b->w.accounts);
	printf("records of a storm: %.0f\n", (double)(b->records - before) / 10);
	close_all(b);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "cpu:";
	static struct bench b;
	for (int i = 2; i < (argc > 2 ? argc : 3); i++) {
		struct fb_workload_shape shape = { .symbols = 160, .seed = 1 };
		shape.rows = i < argc ? (uint32_t)atoi(argv[i]) : 221000;
		if (shape.rows < 10000)
			fail("usage", "engine [URI [ROWS...]], at least 10000 rows");
		open_all(&b, name, &shape, true);
		marks(&b);
		fills(&b, "16 fills of random positions", false, false);
		fills(&b, "16 fills of 32 positions", true, false);
		fills(&b, "16 random fills, marks of all after each 64", false, true);
		funding(&b);
		rank(&b);
		if (b.is_cpu) {
			roofline((const struct cpu *)(const void *)b.engine);
			roofline_rank((const struct cpu *)(const void *)b.engine);
		}
		rank_all(&b);
		close_all(&b);
		storm(&b, name, shape);
	}
	return 0;
}
