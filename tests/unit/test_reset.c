/* RESET in an open batch: accounts that were waiting to be judged are forgotten with the rest. If a
 * lane kept them in its queue, a state that is loaded again in one batch would report an account
 * twice. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <firebreak/engine.h>

#define ACCOUNTS 24u

static struct fb_engine *engine;
static uint64_t seq;
static unsigned levels;     /* LEVEL records since the last count_levels() */

static void poll_all(void)
{
	union fb_record record[16];
	int n, idle = 0;

	while ((n = fb_engine_poll(engine, record, 16, &idle)) > 0 || !idle)
		for (int i = 0; i < n; i++)
			levels += record[i].header.kind == FB_REC_LEVEL;
	ck_assert_int_eq(n, 0);
}

static void give(union fb_command *c, unsigned op, unsigned flags)
{
	c->header.op = (uint8_t)op;
	c->header.flags = (uint8_t)flags;
	c->header.seq = ++seq;
	while (fb_engine_submit(engine, c) == -EAGAIN)
		poll_all();
}

static void mark(uint64_t price, unsigned flags)
{
	union fb_command c = { .marks = { .count = 1 } };

	c.marks.mark[0] = (price << 16) << 12;
	give(&c, FB_OP_MARKS, flags);
}

/* Everything in one batch that stays open: class, ladder, symbol, accounts with a row each. */
static void load(void)
{
	union fb_command c = { .class = { .count = 1, .up = { 8000000 }, .down = { 8000000 } } };

	give(&c, FB_OP_CLASS, FB_FLAG_MORE);
	c = (union fb_command){ .ladder = { .rate = 100000 } };
	give(&c, FB_OP_LADDER, FB_FLAG_MORE);
	c = (union fb_command){ .symbol = { .u = 1000ull << 16 } };
	give(&c, FB_OP_SYMBOL, FB_FLAG_MORE);
	for (uint32_t i = 1; i <= ACCOUNTS; i++) {
		c = (union fb_command){ .account = { .account = i, .collateral = 100000 } };
		give(&c, FB_OP_ACCOUNT, FB_FLAG_MORE);
		c = (union fb_command){ .position = { .account = i, .position = i, .qty = 1000,
						      .entry = 1000000 } };
		give(&c, FB_OP_POSITION, FB_FLAG_MORE);
	}
}

START_TEST(a_dropped_batch_leaves_nothing_to_judge)
{
	union fb_command reset = { .reset = { .seq = 0 } };

	load();
	mark(1000, 0);
	mark(906, FB_FLAG_MORE);
	poll_all();
	give(&reset, FB_OP_RESET, 0);
	load();
	mark(906, FB_FLAG_MORE);
	poll_all();
	levels = 0;
	mark(905, 0);
	poll_all();
	ck_assert_uint_eq(levels, ACCOUNTS);
}
END_TEST

int main(void)
{
	static const char *const uris[] = { "model:", "core:lanes=2", "core:lanes=8" };
	int failed = 0, opened = 0;

	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		struct fb_error error;
		Suite *suite = suite_create(uris[i]);
		TCase *tests = tcase_create("reset");
		SRunner *runner = srunner_create(suite);

		suite_add_tcase(suite, tests);
		tcase_set_timeout(tests, 60);
		tcase_add_test(tests, a_dropped_batch_leaves_nothing_to_judge);
		if (fb_engine_open(uris[i], &engine, &error) == 0) {
			opened++;
			seq = 0;
			srunner_run_all(runner, CK_NORMAL);
			failed += srunner_ntests_failed(runner);
			fb_engine_close(engine);
		} else {
			printf("%s: not tried: %s\n", uris[i], error.text);
		}
		srunner_free(runner);
	}
	return failed != 0 || opened == 0;
}
