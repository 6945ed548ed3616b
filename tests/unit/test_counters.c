/* The card's six counters: exactly one counts in every cycle, so they sum to the cycles since
 * reset; and each counts what it is named for. Runs on the -poke build of the core; skipped where
 * that has not been built. */
#include "audit_book.h"

#define CARD "lanes=8,poke=1,place=random,seed=5"

struct counts {
	uint64_t of[FB_CORE_COUNTERS];
};

static struct counts read_counters(void)
{
	struct counts c;
	uint64_t sum = 0;

	card.ops.counters(card.core, c.of);
	for (unsigned k = 0; k < FB_CORE_COUNTERS; k++)
		sum += c.of[k];
	if (sum != card_now() - FB_CORE_RESET_CYCLES)
		ck_abort_msg("the counters sum to %llu in cycle %llu", (unsigned long long)sum,
			     (unsigned long long)card_now());
	return c;
}

/* How far each has come. */
static struct counts since(struct counts before)
{
	struct counts now = read_counters();

	for (unsigned k = 0; k < FB_CORE_COUNTERS; k++) {
		KIT_MUST(now.of[k] >= before.of[k]);
		now.of[k] -= before.of[k];
	}
	return now;
}

static void setup(void)
{
	book_open(21, CARD);
}

static void teardown(void)
{
	card_close();
}

/* In single cycles, so that a counter that skips one and another that counts twice are seen. */
START_TEST(they_sum_to_the_cycles_at_any_time)
{
	card_audit(_i);
	for (unsigned k = 0; k < 40; k++) {
		read_counters();
		book_act();
		for (unsigned cycle = 0; cycle < 60; cycle++) {
			card_wait(1);
			read_counters();
		}
	}
	card.deaf = true;
	for (unsigned cycle = 0; cycle < 3000; cycle++) {
		card_wait(1);
		read_counters();
	}
	card.deaf = false;
	card_send(c_plain(FB_OP_RESET));
	read_counters();
}
END_TEST

START_TEST(an_idle_card)
{
	struct counts before = read_counters();

	card_wait(1000);
	ck_assert_uint_eq(since(before).of[FB_CORE_IDLE], 1000);
}
END_TEST

/* Nothing new comes of a mark said twice. Between the cycle in which its word is taken and that of
 * BATCH_END: checked and issued, then the S stripes and 21 cycles of pipeline. */
START_TEST(a_mark)
{
	uint32_t stripes[FB_SYMBOLS];

	audit_stripes(5000, BOOK_ROWS, stripes);
	card_send(c_mark(book_symbol[0], U_ONE));
	struct counts before = read_counters();
	card_send(c_mark(book_symbol[0], U_ONE));
	struct counts c = since(before);
	ck_assert_uint_eq(c.of[FB_CORE_IDLE], 2);
	ck_assert_uint_eq(c.of[FB_CORE_ISSUE], 2);
	ck_assert_uint_eq(c.of[FB_CORE_DRAIN], stripes[book_symbol[0]] + 21);
	ck_assert_uint_eq(c.of[FB_CORE_RANK] + c.of[FB_CORE_AUDIT] + c.of[FB_CORE_STALLED], 0);
}
END_TEST

/* Offers a word until it is taken, then lets cycles pass without room for a record. */
static void send_deaf(union fb_command c, uint64_t cycles)
{
	struct fb_core_io io = { .command = &c };

	c.header.seq = ++card.seq;
	card.deaf = true;
	do
		card_tick(card.core, &io);
	while (!io.command_taken);
	card_wait(cycles);
	card.deaf = false;
}

START_TEST(a_storm_that_nobody_takes)
{
	card_audit(_i);
	struct counts before = read_counters();
	send_deaf(c_mark(book_symbol[0], UINT64_C(1) << 40), 4000);
	struct counts c = since(before);
	ck_assert_uint_ge(c.of[FB_CORE_STALLED], 3900);
	before = read_counters();
	card_wait(2000);
	c = since(before);
	ck_assert_uint_eq(c.of[FB_CORE_STALLED], 0);
	ck_assert_uint_gt(c.of[FB_CORE_DRAIN], 20);
}
END_TEST

/* S stripes at least eight cycles apart. */
START_TEST(a_rank)
{
	uint32_t stripes[FB_SYMBOLS];
	union fb_command c = c_plain(FB_OP_RANK);

	audit_stripes(5000, BOOK_ROWS, stripes);
	c.rank.symbol = book_symbol[1];
	c.rank.mode = (uint8_t)_i;
	c.rank.exclude_level = FB_LEVEL_FAULT;
	c.rank.class_mask = 7;
	c.rank.cursor_key = UINT32_MAX;
	card_audit(true);
	struct counts before = read_counters();
	uint64_t start = card_now();
	card_send(c);
	struct counts n = since(before);
	ck_assert_uint_ge(n.of[FB_CORE_RANK], 8 * (stripes[book_symbol[1]] - 1));
	ck_assert_uint_le(n.of[FB_CORE_ISSUE], 1);
	ck_assert_uint_eq(n.of[FB_CORE_DRAIN], 0);
	ck_assert_uint_ge(n.of[FB_CORE_RANK] + 20, card_now() - start);
}
END_TEST

/* It rests only while it passes symbols that are not defined, and where a rotation ends. */
START_TEST(the_audit)
{
	struct audit_time t = book_time();

	card_audit(true);
	card_wait(t.rotation);
	struct counts before = read_counters();
	card_wait(4 * t.rotation);
	struct counts c = since(before);
	ck_assert_uint_eq(c.of[FB_CORE_IDLE], 4 * t.resting);
	ck_assert_uint_eq(c.of[FB_CORE_AUDIT], 4 * (t.rotation - t.resting));
	card_audit(false);
	card_wait(t.window);
	before = read_counters();
	card_wait(1000);
	ck_assert_uint_eq(since(before).of[FB_CORE_IDLE], 1000);
}
END_TEST

int main(void)
{
	int code = card_library(CARD);
	if (code)
		return code;
	Suite *suite = suite_create("counters");
	TCase *tests = tcase_create("counters");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_set_timeout(tests, 100);
	tcase_add_loop_test(tests, they_sum_to_the_cycles_at_any_time, 0, 2);
	tcase_add_test(tests, an_idle_card);
	tcase_add_test(tests, a_mark);
	tcase_add_loop_test(tests, a_storm_that_nobody_takes, 0, 2);
	tcase_add_loop_test(tests, a_rank, 0, 2);
	tcase_add_test(tests, the_audit);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
