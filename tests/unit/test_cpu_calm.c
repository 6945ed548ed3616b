/* What the software engine need not look at again: accounts that are surely calm and are kept
 * without a review, and those whose bands say nothing after a storm. What it says is compared with
 * the model by the digest of each batch. */
#include <check.h>

#include "../../sw/lib/workload.h"
#include "cpu_pair_kit.h"

/* What is kept without a review has to be what a review would find. */
START_TEST(test_kept)
{
	const uint64_t u = UINT64_C(0x9e3779b97f4a7) >> 10;
	static struct loose loose[ACCOUNTS + 1];
	struct pair p;
	pair_open(&p, engines[_i], 11);
	tables(&p, u);
	for (uint32_t id = 1; id <= ACCOUNTS; id++)
		put_loose(&p, &loose[id], id, u);
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t id = 1 + (uint32_t)(draw(&p) % ACCOUNTS);
		if (draw(&p) % 3)
			fill_loose(&p, &loose[id], id, u);
		else
			pay_loose(&p, id, u);
		if (i % 20 == 0)
			near(&p, u, u / 1000 * (1 + i / 4000));
		if (i % 500 == 0)
			near(&p, u, u / 20);
	}
	ck_assert_uint_gt(cpu_of(&p)->kept, 3000);
	ck_assert_uint_gt(cpu_of(&p)->reviews, 3000);
	ck_assert_uint_gt(p.levels, 3000);
	pair_close(&p);
}
END_TEST

/* Money beyond what an account may hold is a fault, however calm the account is: by a fill, by a
 * payment, by funding. */
START_TEST(test_too_much_money)
{
	const int64_t most = ((int64_t)1 << (FB_MONEY_BITS - 1)) - 1;
	struct pair p;
	pair_open_at_lot(&p, engines[_i]);
	for (uint32_t id = 1; id <= 3; id++) {
		say(&p, c_account(id, most - 10, 0, 0));
		say(&p, c_position(id, id, (uint16_t)id, 1000, 1000 * LOT_E8));
	}
	near(&p, LOT_U, 5);
	ck_assert_uint_eq(p.levels, 0);
	ck_assert(cpu_of(&p)->account[cpu_account_find(cpu_of(&p), 1)].sure);
	for (int64_t delta = 10; delta <= 11; delta++) { /* the last one that fits, and one more */
		say(&p, c_fill(1, 1, 1, 1001, 1001 * LOT_E8, delta == 10 ? 10 : 1));
		ck_assert_uint_eq(p.levels, (unsigned)(delta - 10));
	}
	say(&p, c_collateral(2, 11));
	ck_assert_uint_eq(p.levels, 2);
	say(&p, c_funding(3, -(int64_t)U_ONE)); /* a unit a lot, to longs */
	near(&p, LOT_U, 5);
	ck_assert_uint_eq(p.levels, 3);
	pair_close(&p);
}
END_TEST

/* After storms all accounts get their bands back, and marks need no sweep any more. */
START_TEST(test_storm_passes)
{
	struct fb_workload_shape shape = { .rows = 6000, .symbols = 160, .seed = 5 };
	struct fb_workload w;
	struct pair p;
	shape.doomed = true;
	pair_open(&p, engines[_i], 1);
	ck_assert_int_eq(fb_workload_open(&shape, &w), 0);
	fb_workload_load(&w, give, &p);
	for (unsigned i = 0; i < 6; i++)
		fb_workload_marks(&w, i % 2 ? 1000000 : 300000, 0, give, &p);
	ck_assert_uint_gt(cpu_of(&p)->stale_n, w.accounts / 4);
	for (unsigned i = 0; i < 60; i++) {
		fb_workload_marks(&w, 1000000, 200, give, &p);
		fb_workload_fill(&w, i * 97 % shape.rows, give, &p);
	}
	ck_assert_uint_eq(cpu_of(&p)->stale_n, 0);
	uint64_t sweeps = cpu_of(&p)->sweeps;
	for (unsigned i = 0; i < 20; i++)
		fb_workload_marks(&w, 1000000, 200, give, &p);
	ck_assert_uint_eq(cpu_of(&p)->sweeps, sweeps);
	/* and so do those that stay bankrupt */
	for (unsigned i = 0; i < 60; i++)
		fb_workload_marks(&w, 300000, 20, give, &p);
	uint64_t reviews = cpu_of(&p)->reviews;
	for (unsigned i = 0; i < 20; i++)
		fb_workload_marks(&w, 300000, 20, give, &p);
	ck_assert_uint_lt(cpu_of(&p)->reviews, reviews + w.accounts);
	fb_workload_close(&w);
	pair_close(&p);
}
END_TEST

/* So much is paid out in one batch that nobody gets bands, and those of before are wider than what
 * is left allows. The next mark stays inside them: its tree has nothing to say, only a sweep has.
 * (The first of a storm do get bands; accounts of symbol 0 are the last.) */
START_TEST(test_stale_are_swept)
{
	struct pair p;
	pair_open_at_lot(&p, engines[_i]);
	for (uint32_t id = 1; id <= ACCOUNTS; id++) {
		uint16_t symbol = (uint16_t)((ACCOUNTS - id) / (ACCOUNTS / SYMBOLS));
		say(&p, c_account(id, 100000000, 0, 0)); /* MM is 0.3 % of 1 money */
		say(&p, c_position(id, id, symbol, 1000, 1000 * LOT_E8));
	}
	near(&p, LOT_U, 5);
	for (uint32_t id = 1; id <= ACCOUNTS; id++) {
		union fb_command c = c_collateral(id, -100000000 + 306000);
		say(&p, id < ACCOUNTS ? kit_more(c) : c);
	}
	ck_assert_uint_eq(p.levels, 0);
	ck_assert_uint_gt(cpu_of(&p)->stale_n, ACCOUNTS / 2);
	say(&p, c_mark(0, LOT_U - LOT_U / 1000));
	ck_assert_uint_eq(p.levels, ACCOUNTS / SYMBOLS);
	pair_close(&p);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cpu_calm");
	TCase *tests = tcase_create("cpu_calm");
	SRunner *runner = srunner_create(suite);
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, test_kept, 0, 3);
	tcase_add_loop_test(tests, test_too_much_money, 0, 3);
	tcase_add_loop_test(tests, test_storm_passes, 0, 2);
	tcase_add_loop_test(tests, test_stale_are_swept, 0, 3);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
