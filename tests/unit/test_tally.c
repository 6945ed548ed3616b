/* The metrics of a backtest, each on a case made by hand. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../../sw/lib/backtest_internal.h"
#include "../../sw/lib/tally.h"

static struct fb_tally tally;
static struct fb_metrics m;
static uint64_t u[FB_SYMBOLS];

static void begin(void)
{
	ck_assert_int_eq(fb_tally_open(6, &tally), 0);
	memset(&m, 0xa5, sizeof(m));
	memset(u, 0, sizeof(u));
}

static void end(void)
{
	fb_tally_close(&tally);
}

START_TEST(nothing_happened)
{
	fb_tally_end(&tally, u, &m);
	ck_assert(m.bankrupt_loss_e8 == 0 && m.needed_e8 == 0 && m.overshoot_e8 == 0);
	ck_assert_uint_eq(m.deleveraged + m.pairs + m.hedges_broken, 0);
	ck_assert_uint_eq(m.haircut_e9 + m.gini_e9 + m.spiral_e7, 0);
	ck_assert_int_eq(m.regret_e9, 0);
	ck_assert_int_eq(m.solvent_us, 0);
}
END_TEST

START_TEST(the_lowest_equity_of_each_counts)
{
	fb_tally_judged(&tally, 1, 500);
	fb_tally_judged(&tally, 1, -30);
	fb_tally_judged(&tally, 1, -70);
	fb_tally_judged(&tally, 1, -10);
	fb_tally_judged(&tally, 2, -5);
	fb_tally_judged(&tally, 3, 40);
	fb_tally_end(&tally, u, &m);
	ck_assert(m.bankrupt_loss_e8 == 75);
}
END_TEST

/* A short of 10 lots, each worth 7 at the mark, is closed for 8 each: 10 are given. At the end a
 * lot is worth 5: the short would have bought back for 50 in place of 80, so it missed 30, 20 more
 * than was needed. A long of 4 lots gets 6 where the mark is 7: 4 given; at 5 it missed -4. */
START_TEST(needed_and_overshoot)
{
	fb_tally_pair(&tally, &(struct fb_tally_pair){ .account = 1,
						       .symbol = 3,
						       .qty = -10,
						       .got_e8 = -80,
						       .at_mark_e8 = -70,
						       .equity_e8 = 100 });
	u[3] = 5 << FB_U_FRACTION_BITS;
	fb_tally_end(&tally, u, &m);
	ck_assert(m.needed_e8 == 10);
	ck_assert(m.overshoot_e8 == 20);
	ck_assert_uint_eq(m.haircut_e9, 100000000);
	fb_tally_pair(&tally, &(struct fb_tally_pair){ .account = 2,
						       .symbol = 3,
						       .qty = 4,
						       .got_e8 = 24,
						       .at_mark_e8 = 28,
						       .equity_e8 = 80 });
	fb_tally_end(&tally, u, &m);
	ck_assert(m.needed_e8 == 14);
	ck_assert(m.overshoot_e8 == 30 - 4 - 14);
	ck_assert_uint_eq(m.pairs, 2);
	ck_assert_uint_eq(m.deleveraged, 2);
}
END_TEST

/* Who gains by a pair gives nothing, and is a winner all the same. */
START_TEST(a_gain_is_not_given)
{
	fb_tally_pair(&tally, &(struct fb_tally_pair){ .account = 1,
						       .qty = 2,
						       .got_e8 = 20,
						       .at_mark_e8 = 14,
						       .equity_e8 = 50 });
	u[0] = 9 << FB_U_FRACTION_BITS;
	fb_tally_end(&tally, u, &m);
	ck_assert(m.needed_e8 == 0);
	ck_assert(m.overshoot_e8 == -2);
	ck_assert_uint_eq(m.haircut_e9, 0);
	ck_assert_uint_eq(m.deleveraged, 1);
}
END_TEST

/* Half a lot's value is kept: u has 16 bits of fraction. */
START_TEST(overshoot_of_fractions)
{
	fb_tally_pair(&tally, &(struct fb_tally_pair){ .account = 1,
						       .qty = 3,
						       .got_e8 = 3,
						       .at_mark_e8 = 3,
						       .equity_e8 = 50 });
	u[0] = 3 << (FB_U_FRACTION_BITS - 1);
	fb_tally_end(&tally, u, &m);
	ck_assert(m.overshoot_e8 == 1); /* 4.5 cut, less 3 */
}
END_TEST

/* Four winners of 100 each, one gives 40 in two pairs: haircuts 0, 0, 0, 0.4. */
START_TEST(haircut_gini_and_regret)
{
	for (uint32_t i = 1; i < 5; i++)
		fb_tally_winner(&tally, i, 100);
	for (int k = 0; k < 2; k++)
		fb_tally_pair(&tally, &(struct fb_tally_pair){ .account = 2,
							       .qty = 20,
							       .got_e8 = 60,
							       .at_mark_e8 = 80,
							       .equity_e8 = 90 });
	fb_tally_end(&tally, u, &m);
	ck_assert_uint_eq(m.haircut_e9, 400000000);
	ck_assert_uint_eq(m.gini_e9, 750000000); /* 1 - 1/4 */
	ck_assert_int_eq(m.regret_e9, 300000000); /* 0.1 for all would have done */
	ck_assert_uint_eq(m.deleveraged, 1);
	/* All give the same. */
	for (uint32_t i = 1; i < 5; i++)
		for (int k = 0; k < 2 && i != 2; k++)
			fb_tally_pair(&tally, &(struct fb_tally_pair){ .account = i,
								       .got_e8 = 60,
								       .at_mark_e8 = 80,
								       .equity_e8 = 90 });
	fb_tally_end(&tally, u, &m);
	ck_assert_uint_eq(m.gini_e9, 0);
	ck_assert_int_eq(m.regret_e9, 0);
	/* One more, who grew to 200 before it gave 20: the larger equity counts. */
	fb_tally_pair(&tally, &(struct fb_tally_pair){ .account = 5,
						       .got_e8 = 60,
						       .at_mark_e8 = 80,
						       .equity_e8 = 200 });
	fb_tally_end(&tally, u, &m);
	/* 0.1, 0.4 x 4: (2 (0.1 + 0.4 (2 + 3 + 4 + 5)) - 6 x 1.7) / (5 x 1.7) */
	ck_assert_uint_eq(m.gini_e9, 141176470);
}
END_TEST

START_TEST(hedges)
{
	static const struct {
		int64_t at_mark, longs, shorts;
		bool broken;
	} cases[] = {
		{ -30, 100, 100, true },  /* a short is closed: 30 more long than short */
		{ 30, 100, 100, true },	  /* a long */
		{ 30, 100, 0, false },	  /* there was no hedge */
		{ 30, 100, 50, false },	  /* the unhedged part: 70 against 50 */
		{ -30, 100, 50, true },	  /* 100 against 20 */
		{ 80, 100, 60, false },	  /* from 40 long to 40 short: no further from 0 */
		{ 81, 100, 60, true },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t before = tally.hedges_broken;
		fb_tally_pair(&tally, &(struct fb_tally_pair){ .account = 1,
							       .qty = cases[i].at_mark,
							       .got_e8 = cases[i].at_mark,
							       .at_mark_e8 = cases[i].at_mark,
							       .equity_e8 = 10,
							       .long_e8 = cases[i].longs,
							       .short_e8 = cases[i].shorts });
		ck_assert_msg(tally.hedges_broken - before == cases[i].broken, "case %zu", i);
	}
	fb_tally_end(&tally, u, &m);
	ck_assert_uint_eq(m.hedges_broken, 4);
}
END_TEST

START_TEST(spiral)
{
	ck_assert_uint_eq(fb_tally_gap(200, 150), 2500000);
	ck_assert_uint_eq(fb_tally_gap(200, 200), 0);
	ck_assert_uint_eq(fb_tally_gap(200, 250), 0);
	ck_assert_uint_eq(fb_tally_gap(UINT64_MAX, UINT64_MAX / 2 + 1), 4999999);
	fb_tally_gap_seen(&tally, 10);
	fb_tally_gap_seen(&tally, 30);
	fb_tally_gap_seen(&tally, 20);
	fb_tally_end(&tally, u, &m);
	ck_assert_uint_eq(m.spiral_e7, 30);
}
END_TEST

START_TEST(time_to_solvency)
{
	fb_tally_instant(&tally, 1000, false);
	fb_tally_instant(&tally, 2000, true);
	fb_tally_end(&tally, u, &m);
	ck_assert_int_eq(m.solvent_us, -1);
	fb_tally_instant(&tally, 3000, false);
	fb_tally_instant(&tally, 4000, true); /* again */
	fb_tally_instant(&tally, 5000, false);
	fb_tally_instant(&tally, 6000, false);
	fb_tally_end(&tally, u, &m);
	ck_assert_int_eq(m.solvent_us, 3000); /* 2000 to 5000 */
}
END_TEST

START_TEST(as_text)
{
	char text[80];
	m = (struct fb_metrics){ .bankrupt_loss_e8 = -123456789012345,
				 .haircut_e9 = 86012345,
				 .regret_e9 = -5000000,
				 .spiral_e7 = 203000,
				 .liquidated = 1222,
				 .solvent_us = 160049999 };
	static const struct {
		const char *name, *text;
	} cases[] = {
		{ "bankrupt_loss_e8", "-1,234,567.89" }, { "haircut_e9", "0.086012" },
		{ "regret_e9", "-0.005000" },		 { "spiral_e7", "0.0203" },
		{ "liquidated", "1,222" },		 { "solvent_us", "160.0 s" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t k = 0; k < fb_metrics_n; k++)
			if (strcmp(fb_metrics_all[k].name, cases[i].name) == 0)
				ck_assert_str_eq(fb_metric_text(&fb_metrics_all[k], &m, text),
						 cases[i].text);
	m.solvent_us = -1;
	ck_assert_str_eq(fb_metric_text(&fb_metrics_all[fb_metrics_n - 1], &m, text), "never");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tally");
	TCase *tcase = tcase_create("tally");
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, nothing_happened);
	tcase_add_test(tcase, the_lowest_equity_of_each_counts);
	tcase_add_test(tcase, needed_and_overshoot);
	tcase_add_test(tcase, a_gain_is_not_given);
	tcase_add_test(tcase, overshoot_of_fractions);
	tcase_add_test(tcase, haircut_gini_and_regret);
	tcase_add_test(tcase, hedges);
	tcase_add_test(tcase, spiral);
	tcase_add_test(tcase, time_to_solvency);
	tcase_add_test(tcase, as_text);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
