/* Sharing among winners: the published vector, and small cases by hand. */
#include "policy_kit.h"

/* arXiv 2512.01112: equity (10, 5, 1, -3, -12), cash (2, 1, 0.5, 0, 0), profit (8, 4, 0.5, -3,
 * -12); half of the deficit of 15. */
static size_t published(struct fb_winner *w)
{
	static const int64_t equity[] = { 1000000000, 500000000, 100000000, -300000000,
					  -1200000000 },
			     cash[] = { 200000000, 100000000, 50000000, 0, 0 },
			     profit[] = { 800000000, 400000000, 50000000, -300000000, -1200000000 };
	static const uint64_t queue[] = { 1, 0, 2, 3, 4 }; /* the second goes first */
	for (size_t i = 0; i < 5; i++)
		w[i] = (struct fb_winner){
			.id = i + 1,
			.cap = fb_winner_cap_e8(equity[i], cash[i], profit[i]),
			.profit_e8 = profit[i] > 0 ? (uint64_t)profit[i] : 0,
			.equity_e8 = equity[i] > 0 ? (uint64_t)equity[i] : 0,
			.rank = queue[i],
		};
	return 5;
}

START_TEST(published_vector)
{
	struct fb_winner w[5];
	size_t n = published(w);
	const uint64_t budget = 750000000;
	ck_assert_uint_eq(share(FB_SHARE_QUEUE, budget, w, n), budget);
	/* haircuts 0.4375 and 1: equity after 6.5, 1, 1 */
	ck_assert_uint_eq(given[0], 350000000);
	ck_assert_uint_eq(given[1], 400000000);
	ck_assert_uint_eq(given[2] + given[3] + given[4], 0);
	ck_assert_uint_eq(share(FB_SHARE_WEALTH, budget, w, n), budget);
	/* 0.6 of each profit: equity after 5.2, 2.6, 0.7 */
	ck_assert_uint_eq(given[0], 480000000);
	ck_assert_uint_eq(given[1], 240000000);
	ck_assert_uint_eq(given[2], 30000000);
	ck_assert_uint_eq(given[3] + given[4], 0);
}
END_TEST

/* Weights 10 : 5 : 1; the third is at its cap of 0.5 when 16 x 0.5 = 8 are given. */
START_TEST(equity_and_min_max_by_hand)
{
	struct fb_winner w[5];
	size_t n = published(w);
	for (int kind = 0; kind < 2; kind++) {
		enum fb_share_kind k = kind ? FB_SHARE_MIN_MAX : FB_SHARE_EQUITY;
		ck_assert_uint_eq(share(k, 800000000, w, n), 800000000);
		ck_assert_uint_eq(given[0], 500000000);
		ck_assert_uint_eq(given[1], 250000000);
		ck_assert_uint_eq(given[2], 50000000);
		/* 2 more, 10 : 5, since the third has nothing left: 1.333.., 0.666.. */
		ck_assert_uint_eq(share(k, 1000000000, w, n), 1000000000);
		/* a third of a unit: nearest; or 633333334 / 10 = 316666667 / 5, the lower id */
		ck_assert_uint_eq(given[0], kind ? 633333334 : 633333333);
		ck_assert_uint_eq(given[1], kind ? 316666666 : 316666667);
		ck_assert_uint_eq(given[2], 50000000);
	}
}
END_TEST

START_TEST(open_interest_in_lots)
{
	/* Seven lots among 10, 10 and 15: 2, 2 and 3. */
	struct fb_winner w[] = { { .id = 1, .cap = 10, .lots = 10 },
				 { .id = 2, .cap = 10, .lots = 10 },
				 { .id = 3, .cap = 15, .lots = 15 } };
	ck_assert_uint_eq(share(FB_SHARE_OPEN_INTEREST, 7, w, 3), 7);
	ck_assert_uint_eq(given[0], 2);
	ck_assert_uint_eq(given[1], 2);
	ck_assert_uint_eq(given[2], 3);
	/* A winner that can close but one of its lots leaves the rest to the others. */
	w[2].cap = 1;
	ck_assert_uint_eq(share(FB_SHARE_OPEN_INTEREST, 7, w, 3), 7);
	ck_assert_uint_eq(given[0], 3);
	ck_assert_uint_eq(given[1], 3);
	ck_assert_uint_eq(given[2], 1);
	/* A single lot goes to the largest, and between equals to the lower id. */
	ck_assert_uint_eq(share(FB_SHARE_OPEN_INTEREST, 1, w, 2), 1);
	ck_assert_uint_eq(given[0], 1);
}
END_TEST

/* h = min(eta, 1/4): 8 and 4 can give 2 and 1. */
START_TEST(capped_keeps_its_cap)
{
	struct fb_winner w[5];
	size_t n = published(w);
	struct fb_share_rules rules = rules_of(FB_SHARE_CAPPED);
	rules.cap_e7 = 2500000;
	ck_assert_uint_eq(fb_share(sharer, &rules, 125000000, w, n, given), 125000000);
	ck_assert_uint_eq(given[0], 80000000); /* eta = 0.1 */
	ck_assert_uint_eq(given[1], 40000000);
	ck_assert_uint_eq(given[2], 5000000);
	ck_assert_uint_eq(fb_share(sharer, &rules, 750000000, w, n, given), 312500000);
	ck_assert_uint_eq(given[0], 200000000);
	ck_assert_uint_eq(given[1], 100000000);
	ck_assert_uint_eq(given[2], 12500000);
}
END_TEST

/* Three of equal profit at leverage 1, 2 and 4. */
START_TEST(risk_by_hand)
{
	static const struct {
		uint32_t risk, power;
		uint64_t tail_e7, budget, given[3];
	} cases[] = {
		{ FB_RISK_CONSTANT, 1, 0, 70, { 10, 20, 40 } },
		{ FB_RISK_LINEAR, 1, 0, 21, { 1, 4, 16 } },
		{ FB_RISK_POWER, 2, 0, 73, { 1, 8, 64 } },
		{ FB_RISK_TAIL, 1, 10000000, 14, { 0, 2, 12 } },
		/* the third at its cap of 100, the rest 1 : 4 */
		{ FB_RISK_LINEAR, 1, 0, 150, { 10, 40, 100 } },
		/* nobody above the threshold has anything left: the others, by what they can */
		{ FB_RISK_TAIL, 1, 30000000, 160, { 30, 30, 100 } },
	};
	struct fb_winner w[3];
	for (size_t i = 0; i < 3; i++)
		w[i] = (struct fb_winner){ .id = 9 - i,
					   .cap = 100,
					   .profit_e8 = COIN,
					   .equity_e8 = 3 * (uint64_t)COIN,
					   .notional_e8 = 3 * (uint64_t)COIN << i };
	for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		struct fb_share_rules rules = rules_of(FB_SHARE_RISK);
		rules.risk = cases[k].risk;
		rules.power = cases[k].power;
		rules.tail_e7 = cases[k].tail_e7;
		fb_share(sharer, &rules, cases[k].budget, w, 3, given);
		for (size_t i = 0; i < 3; i++)
			ck_assert_msg(given[i] == cases[k].given[i], "case %zu, %zu: %lu", k, i,
				      (unsigned long)given[i]);
	}
}
END_TEST

/* x = m x cap: given = m x cap^2, until x is 1. */
START_TEST(descent_by_hand)
{
	struct fb_winner w[] = { { .id = 1, .cap = 10 }, { .id = 2, .cap = 20 },
				 { .id = 3, .cap = 40 } };
	ck_assert_uint_eq(share(FB_SHARE_DESCENT, 21, w, 3), 21);
	ck_assert_uint_eq(given[0], 1);
	ck_assert_uint_eq(given[1], 4);
	ck_assert_uint_eq(given[2], 16);
	/* the third whole; 20 = m (100 + 400) */
	ck_assert_uint_eq(share(FB_SHARE_DESCENT, 60, w, 3), 60);
	ck_assert_uint_eq(given[0], 4);
	ck_assert_uint_eq(given[1], 16);
	ck_assert_uint_eq(given[2], 40);
}
END_TEST

START_TEST(protected_cash)
{
	ck_assert_uint_eq(fb_winner_cap_e8(10, 2, 8), 8);
	ck_assert_uint_eq(fb_winner_cap_e8(10, 5, 8), 5); /* other positions lose */
	ck_assert_uint_eq(fb_winner_cap_e8(10, 2, 3), 3);
	ck_assert_uint_eq(fb_winner_cap_e8(2, 2, 3), 0);
	ck_assert_uint_eq(fb_winner_cap_e8(-1, 0, 3), 0);
	ck_assert_uint_eq(fb_winner_cap_e8(10, 2, -3), 0);
	ck_assert_uint_eq(fb_winner_cap_e8(INT64_MAX, INT64_MIN, 5), 5);
}
END_TEST

START_TEST(names_there_and_back)
{
	for (int k = 0; k < FB_SHARE_KINDS; k++)
		ck_assert_int_eq(fb_share_kind(fb_share_name((enum fb_share_kind)k)), k);
	for (int k = 0; k < FB_RISKS; k++)
		ck_assert_int_eq(fb_share_risk(fb_share_risk_name((enum fb_share_risk)k)), k);
	ck_assert_int_eq(fb_share_kind("fair"), -1);
	ck_assert_int_eq(fb_share_risk(""), -1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy");
	TCase *tcase = tcase_create("policy");
	tcase_add_unchecked_fixture(tcase, begin, end);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, published_vector);
	tcase_add_test(tcase, equity_and_min_max_by_hand);
	tcase_add_test(tcase, open_interest_in_lots);
	tcase_add_test(tcase, capped_keeps_its_cap);
	tcase_add_test(tcase, risk_by_hand);
	tcase_add_test(tcase, descent_by_hand);
	tcase_add_test(tcase, protected_cash);
	tcase_add_test(tcase, names_there_and_back);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
