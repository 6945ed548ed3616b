/* How fast a card is simulated behind its link, against the core alone in the same run: commands
 * and row revaluations a second of one processor. A benchmark, not a test: it asserts nothing.
 *
 * usage: cardspeed [ENGINE...]      core: and sim: with 2 and 8 lanes unless given */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <firebreak/engine.h>

#include "../unit/command_kit.h"

#define ROUNDS 3
#define SECONDS 0.7                     /* a round, about */
#define FLIGHT 16                       /* marks under way together */

struct bench {
	struct fb_engine *engine;
	uint64_t seq;
	uint64_t ends;                  /* batches that have ended */
};

static void die(const char *what)
{
	fprintf(stderr, "cardspeed: %s\n", what);
	exit(1);
}

static void poll_once(struct bench *b)
{
	union fb_record records[64];
	int n = fb_engine_poll(b->engine, records, 64, NULL);
	if (n < 0) {
		struct fb_engine_info info;
		fb_engine_info(b->engine, &info);
		die(info.why);
	}
	for (int i = 0; i < n; i++) {
		if (records[i].header.kind == FB_REC_REJECT)
			die("a command was rejected");
		b->ends += records[i].header.kind == FB_REC_BATCH_END;
	}
}

/* Commands go out as fast as the engine takes them. */
static void give(struct bench *b, union fb_command *command)
{
	int rc;
	command->header.seq = ++b->seq;
	while ((rc = fb_engine_submit(b->engine, command)) == -EAGAIN)
		poll_once(b);
	if (rc < 0)
		die("the engine takes no command");
}

static void wait_for(struct bench *b, uint64_t ends)
{
	while (b->ends < ends)
		poll_once(b);
}

static uint64_t tables(struct bench *b)
{
	union fb_command c = c_plain(FB_OP_CLASS);
	c.header.count = 1;
	c.class.up[0] = c.class.down[0] = 8000000;
	give(b, &c);
	c = c_plain(FB_OP_LADDER);
	c.ladder.rate = 100000;
	give(b, &c);
	c = c_plain(FB_OP_SYMBOL);
	c.symbol.u = 1000ull << FB_U_FRACTION_BITS;
	give(b, &c);
	return 3;
}

/* Accounts with one row each, none of them ever near a threshold: two commands and one batch
 * each. */
static void load(struct bench *b, uint32_t rows)
{
	for (uint32_t id = 0; id < rows; id++) {
		union fb_command c = c_plain(FB_OP_ACCOUNT);
		c.header.flags = FB_FLAG_MORE;
		c.header.account = id;
		c.account.collateral = 1000000;
		give(b, &c);
		c = c_plain(FB_OP_POSITION);
		c.header.account = c.position.position = id;
		c.position.qty = 1000;
		c.position.entry = 1000000;
		give(b, &c);
	}
}

static double processor_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double best_marks_a_second(struct bench *b)
{
	union fb_command c = c_plain(FB_OP_MARKS);
	double best = 0;
	c.header.count = 1;
	for (int round = 0; round < ROUNDS; round++) {
		double began = processor_seconds(), now;
		uint32_t n = 0;
		do {
			uint64_t due = b->ends + FLIGHT;
			for (uint32_t i = 0; i < FLIGHT; i++, n++) {
				c.marks.mark[0] = ((1000ull + (n & 1)) << FB_U_FRACTION_BITS) << 12;
				give(b, &c);
			}
			wait_for(b, due);
			now = processor_seconds();
		} while (now - began < SECONDS);
		if (n / (now - began) > best)
			best = n / (now - began);
	}
	return best;
}

static void measure(const char *uri, uint32_t rows)
{
	struct fb_error error = { "" };
	struct fb_engine_info before, after;
	struct bench b = { 0 };
	if (fb_engine_open(uri, &b.engine, &error) < 0)
		die(error.text);
	uint64_t due = tables(&b);
	wait_for(&b, due);
	double began = processor_seconds();
	load(&b, rows);
	wait_for(&b, due + rows);
	double loaded = 2 * rows / (processor_seconds() - began);
	fb_engine_info(b.engine, &before);
	began = processor_seconds();
	double marks = best_marks_a_second(&b);
	double seconds = processor_seconds() - began;
	fb_engine_info(b.engine, &after);
	printf("  %-14s %6u rows: %8.0f commands a second loading, %7.0f marks a second, "
	       "%6.2f million row revaluations, %4.0f thousand cycles\n",
	       uri, rows, loaded, marks, marks * rows / 1e6,
	       (double)(after.cycles - before.cycles) / seconds / 1e3);
	fflush(stdout);
	fb_engine_close(b.engine);
}

int main(int argc, char **argv)
{
	static const char *const usual[] = {
		"core:lanes=2", "sim:lanes=2", "core:lanes=8", "sim:lanes=8",
	};
	static const uint32_t rows[] = { 64, 2048, 8192 };
	int n = argc > 1 ? argc - 1 : (int)(sizeof(usual) / sizeof(usual[0]));
	printf("best of %d rounds, one processor\n", ROUNDS);
	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++)
		for (int i = 0; i < n; i++)
			measure(argc > 1 ? argv[i + 1] : usual[i], rows[k]);
	return 0;
}
