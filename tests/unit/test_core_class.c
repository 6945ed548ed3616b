/* CLASS in two words: the order of thresholds is checked across words, and an index that wraps is
 * out of range. The card keeps only the last pair of a class for that; the model keeps all. Both
 * must refuse the same words for the same reason. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <firebreak/engine.h>

static struct fb_engine *engine;
static uint64_t seq;

/* The reject reason of a command that is a batch of its own; FB_REJECT_NONE if it was taken. */
static unsigned give(union fb_command *word)
{
	unsigned reason = FB_REJECT_NONE;
	union fb_record record[8];
	int n, idle = 0;

	word->header.seq = ++seq;
	ck_assert_int_eq(fb_engine_submit(engine, word), 0);
	while ((n = fb_engine_poll(engine, record, 8, &idle)) > 0 || !idle)
		for (int i = 0; i < n; i++)
			if (record[i].header.kind == FB_REC_REJECT)
				reason = record[i].reject.reason;
	return reason;
}

/* The same of one CLASS word. */
static unsigned class_word(uint8_t first, uint8_t count, uint32_t a, uint32_t b, uint32_t c)
{
	union fb_command word = { .class = { .op = FB_OP_CLASS, .count = count, .first = first } };

	word.class.up[0] = word.class.down[0] = a;
	word.class.up[1] = word.class.down[1] = b;
	word.class.up[2] = word.class.down[2] = c;
	return give(&word);
}

START_TEST(order_holds_across_words)
{
	for (uint8_t count = 1; count <= 3; count++) {
		uint32_t last = 1000u * count;

		ck_assert_uint_eq(class_word(0, count, 1000, 2000, 3000), FB_REJECT_NONE);
		ck_assert_uint_eq(class_word(count, 1, last - 1, 0, 0), FB_REJECT_CLASS);
		ck_assert_uint_eq(class_word(count, 1, last, 0, 0), FB_REJECT_NONE);
		ck_assert_uint_eq(class_word(count, 1, last, 0, 0), FB_REJECT_CLASS);
	}
}
END_TEST

START_TEST(an_index_that_wraps_is_out_of_range)
{
	ck_assert_uint_eq(class_word(0, 1, 1000, 0, 0), FB_REJECT_NONE);
	for (unsigned first = 250; first < 256; first++)
		for (uint8_t count = 1; count <= 3; count++)
			ck_assert_uint_eq(class_word((uint8_t)first, count, 2000, 2000, 2000),
					  FB_REJECT_RANGE);
}
END_TEST

START_TEST(reset_forgets_every_class)
{
	union fb_command reset = { .reset = { .op = FB_OP_RESET } };
	union fb_command account = { .account = { .op = FB_OP_ACCOUNT, .account = 7 } };

	ck_assert_uint_eq(class_word(0, 1, 1000, 0, 0), FB_REJECT_NONE);
	ck_assert_uint_eq(give(&reset), FB_REJECT_NONE);
	ck_assert_uint_eq(give(&account), FB_REJECT_CLASS);
}
END_TEST

int main(void)
{
	static const char *const uris[] = { "model:", "core:lanes=2" };
	int failed = 0, opened = 0;

	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		struct fb_error error;
		Suite *suite = suite_create(uris[i]);
		TCase *tests = tcase_create("class");
		SRunner *runner = srunner_create(suite);

		suite_add_tcase(suite, tests);
		tcase_add_test(tests, order_holds_across_words);
		tcase_add_test(tests, an_index_that_wraps_is_out_of_range);
		tcase_add_test(tests, reset_forgets_every_class);
		/* One engine for both tests: no forks, so that they share its sequence. */
		srunner_set_fork_status(runner, CK_NOFORK);
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
