/* Ranking by the software engine: columns that are kept up with whatever changes, against the
 * model. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu_rank_kit.h"

/* Asked again after a change, the keys are not those of before. */
static union fb_command newest;

/* The page after a row, and the one that begins with it. */
static void after_nominee(union fb_command c)
{
	if (nominee.header.kind != FB_REC_NOMINEE)
		return;
	c.rank.from = 0;
	c.rank.cursor_key = nominee.nominee.key;
	for (unsigned i = 0; i < 3; i++) {
		static const uint32_t account[3] = { 0, UINT32_MAX, UINT32_MAX };
		c.rank.cursor_account = i == 2 ? nominee.nominee.account : account[i];
		c.rank.mode = FB_RANK_HISTOGRAM;
		give(NULL, &c);
		c.rank.mode = FB_RANK_SELECT;
		give(NULL, &c);
	}
	memset(&nominee, 0, sizeof(nominee));
}

/* Histograms of every width, and pages with cursors. */
static void rank_side(uint16_t symbol, uint8_t side)
{
	union fb_command c = c_plain(FB_OP_RANK);
	unsigned which = (unsigned)below(sizeof(formula) / sizeof(formula[0]));
	c.rank.symbol = symbol;
	c.rank.side = side;
	c.rank.exclude_level = (uint8_t)(1 + below(8));
	c.rank.class_mask = below(3) ? 7 : (uint8_t)below(8);
	c.rank.profit_c = formula[which][0];
	c.rank.loss_c = formula[which][1];
	c.rank.cursor_key = UINT32_MAX;
	c.rank.zoom = 22;
	give(NULL, &c);
	c.rank.from = (uint32_t)(1 + below(3)) << FB_SCORE_BITS |
		      ((1u << 27) - (1u << 20));
	c.rank.zoom = (uint8_t)below(16);
	give(NULL, &c);
	c.rank.mode = FB_RANK_SELECT;
	c.rank.cursor_key = c.rank.from + (uint32_t)below(1u << 21);
	c.rank.cursor_account = below(2) ? UINT32_MAX : (uint32_t)below(500);
	give(NULL, &c);
	after_nominee(c);
	c.rank.from = 0;
	c.rank.cursor_key = UINT32_MAX;
	newest = c;
}

static void rank_all(void)
{
	for (uint16_t symbol = 0; symbol < 3; symbol++)
		for (uint8_t side = 0; side < 2; side++)
			rank_side(symbol, side);
}

/* A side that has columns already, by a formula that reads more of them. */
static void ask_for_more(void)
{
	for (unsigned which = 0; which < 4; which += 3) {
		union fb_command c = c_plain(FB_OP_RANK);
		c.rank.exclude_level = 8;
		c.rank.class_mask = 7;
		c.rank.profit_c = formula[which][0];
		c.rank.loss_c = formula[which][1];
		c.rank.cursor_key = UINT32_MAX;
		c.rank.zoom = 22;
		give(NULL, &c);
		c.rank.from = 1u << 29;
		c.rank.zoom = 14;
		give(NULL, &c);
	}
}

/* After each change or few, the sides as the model has them: what is kept is not what was. */
START_TEST(test_changes)
{
	struct fb_workload_shape shape = { .rows = 900, .symbols = 6, .seed = 11 };
	struct fb_workload w;
	struct fb_error error = { "" };
	char uri[64];
	if (!kernels(_i))
		return;
	draws = 5;
	seq = 0;
	snprintf(uri, sizeof(uri), "cpu:accounts=2000,rows=4000,isa=%s", isas[_i]);
	ck_assert_int_eq(fb_engine_open("model:", &engine[0], &error), 0);
	ck_assert_int_eq(fb_engine_open(uri, &engine[1], &error), 0);
	ck_assert_int_eq(fb_workload_open(&shape, &w), 0);
	for (unsigned again = 0; again < 2; again++) {
		uint32_t next = 100000;
		fb_workload_load(&w, give, NULL);
		ask_for_more();
		second_ladder();
		rank_all();
		for (unsigned i = 0; i < (again ? 50 : 250); i++) {
			for (uint64_t n = 1 + below(3); n > 0; n--)
				change(&w, &next);
			give(NULL, &newest);
			rank_all();
		}
		union fb_command c = c_plain(FB_OP_RESET);
		give(NULL, &c);
	}
	fb_workload_close(&w);
	fb_engine_close(engine[0]);
	fb_engine_close(engine[1]);
}
END_TEST

/* More accounts change than are written down, and more rows come than there is room for; accounts
 * have more rows than columns hold. */
START_TEST(test_many)
{
	struct fb_error error = { "" };
	union fb_command c;
	struct fb_workload_shape shape = { .rows = 4000, .symbols = 3, .seed = 2 };
	struct fb_workload w;
	draws = 9;
	seq = 0;
	ck_assert_int_eq(fb_engine_open("model:", &engine[0], &error), 0);
	ck_assert_int_eq(fb_engine_open("cpu:accounts=4000,rows=9000", &engine[1], &error), 0);
	ck_assert_int_eq(fb_workload_open(&shape, &w), 0);
	fb_workload_load(&w, give, NULL);
	rank_all();
	for (uint32_t i = 0; i < shape.rows; i++)
		fb_workload_fill(&w, i, give, NULL);
	rank_all();
	for (uint32_t n = 0; n < 3000; n++) {
		c = c_plain(FB_OP_POSITION);
		c.position.account = n < 1500 ? 1 + n % 3 * 100 : 1 + n % 1000;
		c.position.position = 10000 + n;
		c.position.symbol = (uint16_t)(n % 3);
		c.position.qty = either(1 + any(20));
		c.position.entry = c.position.qty * 100000;
		give(NULL, &c);
		if (n % 200 == 0)
			rank_all();
	}
	rank_all();
	fb_workload_close(&w);
	fb_engine_close(engine[0]);
	fb_engine_close(engine[1]);
}
END_TEST

/* Rows so large that lots reach where rows are counted: there both are counted apart. */
START_TEST(test_large)
{
	struct fb_error error = { "" };
	char uri[64];
	union fb_command c;
	if (!kernels(_i))
		return;
	draws = 13;
	seq = 0;
	snprintf(uri, sizeof(uri), "cpu:accounts=300,rows=300,isa=%s", isas[_i]);
	ck_assert_int_eq(fb_engine_open("model:", &engine[0], &error), 0);
	ck_assert_int_eq(fb_engine_open(uri, &engine[1], &error), 0);
	struct fb_workload_shape shape = { .rows = 200, .symbols = 3, .seed = 3 };
	struct fb_workload w;
	ck_assert_int_eq(fb_workload_open(&shape, &w), 0);
	fb_workload_load(&w, give, NULL);
	rank_all();
	for (uint32_t i = 0; i < 100; i++) {
		c = c_plain(FB_OP_SYMBOL);
		c.symbol.symbol = w.row[i].symbol;
		c.symbol.u = 1 + below(1000);
		give(NULL, &c);
		c = c_plain(FB_OP_POSITION);
		c.position.account = w.row[i].account + 1;
		c.position.position = i + 1;
		c.position.symbol = w.row[i].symbol;
		c.position.qty = (INT64_C(1) << 47) - 1 - any(46);
		c.position.entry = any(40);
		give(NULL, &c);
		if (i % 10 == 0)
			rank_all();
	}
	rank_all();
	fb_workload_close(&w);
	fb_engine_close(engine[0]);
	fb_engine_close(engine[1]);
}
END_TEST

/* An instruction set that is not there is an error that says so. */
START_TEST(test_isa)
{
	for (int i = 0; i < 4; i++) {
		struct fb_engine *e = NULL;
		struct fb_error error = { "" };
		char uri[32];
		snprintf(uri, sizeof(uri), "cpu:isa=%s", isas[i]);
		int err = fb_engine_open(uri, &e, &error);
		if (kernels(i)) {
			struct fb_engine_info info;
			ck_assert_int_eq(err, 0);
			fb_engine_info(e, &info);
			ck_assert_ptr_nonnull(strstr(info.uri, isas[i]));
			fb_engine_close(e);
			continue;
		}
		ck_assert_int_eq(err, -ENOTSUP);
		ck_assert_ptr_null(e);
		ck_assert_msg(strstr(error.text, isas[i]) != NULL, "%s", error.text);
	}
#if defined(__x86_64__)
	bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
		      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
	ck_assert(avx512 == (kernels(3) != NULL));
#endif
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cpu_rank");
	TCase *tests = tcase_create("cpu_rank");
	SRunner *runner = srunner_create(suite);
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, test_changes, 0, 4);
	tcase_add_test(tests, test_many);
	tcase_add_loop_test(tests, test_large, 0, 4);
	tcase_add_test(tests, test_isa);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
