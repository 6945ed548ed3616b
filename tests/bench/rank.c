/* What ranking costs: the top of one side through the host's ranker, and how much of that is the
 * engine's. Times of the engine are from a command given to its last record taken, summed over
 * the histograms and pages that the host asks for. A benchmark, not a test; but the host compares
 * every record with its book, and a difference is an error.
 *
 * usage: rank [URI [ROWS [SYMBOLS]]]   cpu:, 221000 rows, 160 symbols: the largest has 42,000, all
 * long */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <firebreak/book.h>
#include <firebreak/engine.h>
#include <firebreak/rank.h>

#include "../../sw/lib/workload.h"

#define TOP 256u

static struct fb_engine *engine;
static struct fb_book *book;
static uint64_t seq;

static void fail(const char *what)
{
	fprintf(stderr, "rank: %s\n", what);
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void take_levels(void)
{
	union fb_record record[256];
	int idle = 0;
	while (!idle) {
		int n = fb_engine_poll(engine, record, 256, &idle);
		for (int i = 0; i < n; i++) {
			if (record[i].header.kind == FB_REC_REJECT)
				fail("a command was refused");
			if (record[i].header.kind != FB_REC_LEVEL)
				continue;
			uint32_t a = fb_book_account_index(book, record[i].header.account);
			book->account[a].level = record[i].level.level;
		}
	}
}

static int give(void *context, union fb_command *command)
{
	struct fb_error error;
	(void)context;
	command->header.seq = ++seq;
	if (fb_engine_submit(engine, command) || fb_book_apply(book, command, &error))
		fail("a command was not taken");
	if (!(command->header.flags & FB_FLAG_MORE))
		take_levels();
	return 0;
}

static int look_up(void *context, uint32_t position, struct fb_rank_row *out)
{
	return fb_rank_row(book, fb_book_row_index(book, position), *(unsigned *)context, out);
}

struct timing {
	uint64_t all_ns, engine_ns, first_ns; /* first: its first command */
	unsigned commands, records;
};

static struct timing rank_once(struct fb_ranker *ranker, const struct fb_rank_formula *formula,
			       bool by_lots, uint64_t lots)
{
	struct fb_rank_request want = { .exclude_level = 2,
					.class_mask = 7,
					.formula = formula,
					.lots = by_lots ? lots : UINT64_MAX,
					.rows = by_lots ? UINT32_MAX : TOP };
	static union fb_record record[8192];
	struct timing t = { 0 };
	union fb_command c;
	struct fb_error error;
	unsigned exclude = want.exclude_level;
	uint64_t began = now_ns();
	int more;
	if (fb_ranker_start(ranker, &want, look_up, &exclude))
		fail("a ranking did not start");
	while ((more = fb_ranker_next(ranker, &c)) == 1) {
		uint64_t asked = now_ns();
		c.header.seq = ++seq;
		if (fb_engine_submit(engine, &c))
			fail("a command was not taken");
		int idle = 0, n = fb_engine_poll(engine, record, 8192, &idle);
		if (n < 0 || !idle)
			fail("more records than there is room for");
		uint64_t ns = now_ns() - asked;
		t.engine_ns += ns;
		t.first_ns = t.commands++ == 0 ? ns : t.first_ns;
		t.records += (unsigned)n;
		if (fb_book_apply(book, &c, &error))
			fail("a command was not taken");
		if (fb_ranker_take(ranker, record, (size_t)n))
			fail("the ranker found a difference");
	}
	if (more < 0)
		fail("the ranking ended with an error");
	t.all_ns = now_ns() - began;
	return t;
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

#define ROUNDS 31u

struct series {
	uint64_t all[ROUNDS], engine[ROUNDS], first[ROUNDS];
	struct timing last;
};

static void show(struct series *s, const char *what)
{
	qsort(s->all, ROUNDS, sizeof(s->all[0]), by_size);
	qsort(s->engine, ROUNDS, sizeof(s->engine[0]), by_size);
	qsort(s->first, ROUNDS, sizeof(s->first[0]), by_size);
	printf("  %-44s %9.1f best %9.1f | %9.1f best %9.1f | %9.1f best %9.1f us  %u commands, %u "
	       "records\n",
	       what, (double)s->engine[ROUNDS / 2] / 1e3, (double)s->engine[0] / 1e3,
	       (double)s->first[ROUNDS / 2] / 1e3, (double)s->first[0] / 1e3,
	       (double)s->all[ROUNDS / 2] / 1e3, (double)s->all[0] / 1e3, s->last.commands,
	       s->last.records);
}

enum before { NOTHING, ONE_MARK, ALL_MARKS, FILLS };

static void prepare(enum before before, struct fb_workload *w, unsigned round)
{
	switch (before) {
	case NOTHING: break;
	case ONE_MARK: fb_workload_mark(w, 0, 1000000 + round % 5 * 20, give, NULL); break;
	case ALL_MARKS: fb_workload_marks(w, 1000000, 500, give, NULL); break;
	case FILLS:
		for (unsigned i = 0; i < 100; i++)
			fb_workload_fill(w, (round * 100 + i) * 7919 % w->shape.rows, give, NULL);
	}
	fb_book_forget(book, seq + 1);
}

static void measure(struct fb_ranker *ranker, struct fb_workload *w, const char *formula,
		    bool by_lots)
{
	static const char *const what[] = { "nothing changed", "one mark moved", "all marks moved",
					    "100 fills" };
	const struct fb_rank_formula *f = fb_rank_formula(formula);
	static struct series s;
	size_t n;
	rank_once(ranker, f, false, 0);
	const struct fb_rank_row *rows = fb_ranker_rows(ranker, &n);
	uint64_t lots = 0;
	for (size_t i = 0; i < n; i++)
		lots += (uint64_t)llabs(rows[i].qty);
	printf("%s, the first %s:\n", formula, by_lots ? "lots that 256 rows hold" : "256 rows");
	for (unsigned before = NOTHING; before <= FILLS; before++) {
		for (unsigned i = 0; i < ROUNDS; i++) {
			prepare((enum before)before, w, i);
			struct timing t = rank_once(ranker, f, by_lots, lots);
			s.all[i] = t.all_ns;
			s.engine[i] = t.engine_ns;
			s.first[i] = t.first_ns;
			s.last = t;
		}
		show(&s, what[before]);
	}
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "cpu:";
	struct fb_workload_shape shape = { .rows = argc > 2 ? (uint32_t)atoi(argv[2]) : 221000,
					   .symbols = argc > 3 ? (uint32_t)atoi(argv[3]) : 160,
					   .doomed = true,
					   .seed = 1 };
	struct fb_workload w;
	struct fb_ranker *ranker;
	struct fb_error error = { "" };
	char uri[128];
	snprintf(uri, sizeof(uri), "%s%saccounts=%u,rows=%u", name,
		 name[strlen(name) - 1] == ':' ? "" : ",", shape.rows, shape.rows);
	if (fb_workload_open(&shape, &w) || fb_engine_open(uri, &engine, &error) ||
	    fb_book_open(shape.rows, shape.rows, 0, &book) || fb_ranker_open(8192, TOP, &ranker)) {
		fprintf(stderr, "rank: %s\n", error.text);
		return 1;
	}
	fb_workload_load(&w, give, NULL);
	fb_workload_marks(&w, 1000000, 500, give, NULL);
	printf("%s: %u rows, %u of the side\n", uri, shape.rows, w.rows_of[0]);
	printf("  %-44s %24s | %24s | %24s\n", "before", "engine, all commands, median",
	       "its first command", "with the host's ranker");
	uint64_t began = now_ns();
	rank_once(ranker, fb_rank_formula("binance-2025"), false, 0);
	printf("  the very first: %.1f us\n", (double)(now_ns() - began) / 1e3);
	measure(ranker, &w, "binance-2025", false);
	measure(ranker, &w, "binance-2025", true);
	measure(ranker, &w, "bitmex", false);
	measure(ranker, &w, "okx", false);
	fb_ranker_close(ranker);
	fb_book_close(book);
	fb_engine_close(engine);
	fb_workload_close(&w);
	return 0;
}
