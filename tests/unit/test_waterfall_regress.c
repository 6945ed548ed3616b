/* Bugs that the waterfall once had, each with the case that showed it. */
#include "waterfall_answer_kit.h"

static const __int128 most = ((__int128)1 << 61) - 1;

/* Debts of 200 at once, or one after the other, and one payer with a profit of 250 and an equity of
 * 300: it was asked for 400, and fell below zero. */
START_TEST(a_payer_is_not_asked_twice)
{
	bool later = _i == 1;
	open_all();
	tell(c_house(FB_ID_FUND, FB_ROLE_FUND, 0));
	tell(c_account(1, -200 * MONEY, 0, 0));
	tell(c_account(2, later ? 0 : -200 * MONEY, 0, 0));
	holder(3, 50 * MONEY, 30, 1, 100, -150 * MONEY);
	start();
	make_ready();
	decide();
	if (later) {
		tell(c_collateral(2, -200 * MONEY));
		tell(c_collateral(FB_ID_STREET, 200 * MONEY));
		for (int i = 0; i < 2; i++) {
			decide();
			for (size_t k = 0; k < sents; k++)
				if (sent[k].open && sent[k].order.account == 2)
					done(k);
		}
		decide();
	}
	ck_assert(asked_of(3) <= 250 * MONEY);
	for (int i = 0; i < 10; i++) {
		for (size_t k = 0; k < sents; k++)
			if (sent[k].open)
				done(k);
		decide();
		ck_assert(sums_of(3).equity_e8 >= 0);
	}
	close_all();
}
END_TEST

/* The backstop has room for 12 lots, the fund for all: the rest went to the last resort. */
START_TEST(the_fund_takes_what_the_backstop_leaves)
{
	open_all();
	rules.policy.backstop_cap_e7 = 1000000;
	holder(1, 11 * MONEY, 10, 1, 100, 100 * MONEY);
	tell(c_house(FB_ID_BACKSTOP, FB_ROLE_BACKSTOP, 100 * MONEY));
	start();
	mark(1, 800);
	make_ready();
	decide();
	size_t o = sents - 2;
	ck_assert_int_eq(sent[o].order.qty, 12);
	ck_assert_uint_eq(sent[o].order.counter_account, FB_ID_BACKSTOP);
	ck_assert_int_eq(sent[o + 1].order.qty, 88);
	ck_assert_uint_eq(sent[o + 1].order.counter_account, FB_ID_FUND);
	kit_assert_wide(sent[o].order.value_e8 + sent[o + 1].order.value_e8, 89 * MONEY);
	close_all();
}
END_TEST

/* Account 1, 100 lots, in breach: its reduction is open. */
static size_t a_reduction(int sign)
{
	open_all();
	holder(1, 11 * MONEY, 10, 1, sign * 100, sign * 100 * MONEY);
	start();
	mark(1, sign > 0 ? 895 : 1105);
	make_ready();
	decide();
	return sents - 1;
}

/* Its magnitude overflowed. */
START_TEST(the_smallest_quantity)
{
	size_t o = a_reduction(1);
	expect_violation(a_fill(o, 1, INT64_MIN, MONEY));
	expect_violation(a_done(o, 1, INT64_MIN, MONEY));
	close_all();
	o = a_reduction(-1);
	expect_violation(a_fill(o, 1, INT64_MIN, MONEY));
	close_all();
}
END_TEST

/* A better price was believed whatever it was, and two such fills stopped the run. */
START_TEST(fills_nobody_would_give)
{
	size_t o = a_reduction(-1);
	expect_violation(a_fill(o, 1, -100, most)); /* paid for buying */
	close_all();
	o = a_reduction(1);
	expect_violation(a_fill(o, 1, 100, most));
	expect_violation(a_fill(o, 1, 40, most));
	happen(own_fill(1, 10, 1, -100, -90 * MONEY));
	expect_violation(a_fill(o, 1, 40, most));
	expect_violation(a_fill(o, 2, 40, most));
	close_all();
}
END_TEST

/* DONE was believed though it contradicted the fills. */
START_TEST(done_must_fit_the_fills)
{
	size_t o = a_reduction(1);
	fill(o, 40, 36 * MONEY);
	expect_violation(a_done(o, 1, 100, 90 * MONEY)); /* one fill, of 40 */
	expect_violation(a_done(o, 1, 40, 90 * MONEY));
	expect_violation(a_done(o, 2, 40, 36 * MONEY)); /* the second of nothing: never over */
	expect_violation(a_done(o, 0, 40, 36 * MONEY));
	happen(a_done(o, 1, 40, 36 * MONEY));
	ck_assert(!fb_orders_find(waterfall, &sent[o].order.id));
	close_all();
}
END_TEST

/* A part of a takeover was believed at any value. */
START_TEST(a_part_for_its_part_of_the_value)
{
	open_all();
	holder(1, 11 * MONEY, 10, 1, 100, 100 * MONEY);
	start();
	mark(1, 800);
	make_ready();
	decide();
	expect_violation(a_done(sents - 1, 0, 1, 400 * MONEY)); /* agreed: 0.89 */
	expect_violation(a_done(sents - 1, 0, 1, 89 * MONEY / 100 - 1));
	happen(a_done(sents - 1, 0, 1, 89 * MONEY / 100));
	close_all();
}
END_TEST

/* Orders that the kill switch held back counted as tries, or as lack of room. */
START_TEST(a_kill_switch_is_no_try)
{
	open_all();
	holder(1, 11 * MONEY, 10, 1, 100, 100 * MONEY);
	start();
	mark(1, _i == 0 ? 895 : 800);
	make_ready();
	refuse_with = FB_REFUSED_KILL;
	for (int i = 0; i < 3; i++) {
		decide();
		tick(100000);
	}
	refuse_with = 0;
	decide();
	expect_newest(_i == 0 ? FB_VERB_REDUCE : FB_VERB_TAKEOVER, 1, 100, 89 * MONEY);
	close_all();
}
END_TEST

/* It told 0. */
START_TEST(closed_tells_what_the_fund_paid)
{
	open_all();
	tell(c_account(1, -300 * MONEY, 0, 0));
	start();
	make_ready();
	decide();
	done(sents - 1);
	decide();
	ck_assert_uint_eq(notice[notices - 1].kind, FB_NOTICE_CLOSED);
	kit_assert_wide(fb_wide(notice[notices - 1].value_e8), -300 * MONEY);
	close_all();
}
END_TEST

/* The backstop has room for a lot at a time, anew each time: it went on with that for as long as
 * there were lots, and nobody was deleveraged. What it leaves of a position is not its own, whether
 * one position is closed a step or all. */
START_TEST(a_drop_at_a_time_is_not_a_takeover)
{
	open_all();
	rules.policy.order = _i == 0 ? FB_ORDER_LARGEST : FB_ORDER_ALL;
	rules.policy.takers = FB_TAKERS_BACKSTOP;
	rules.policy.backstop_cap_e7 = 100000;
	holder(1, 11 * MONEY, 10, 1, 100, 100 * MONEY);
	holder(2, 1000 * MONEY, 20, 1, -100, -100 * MONEY);
	tell(c_house(FB_ID_BACKSTOP, FB_ROLE_BACKSTOP, 100 * MONEY));
	start();
	mark(1, 800);
	make_ready();
	for (int i = 0; i < 4; i++) {
		decide();
		done(sents - 1);
		/* Something else makes room for another lot. */
		tell(c_collateral(FB_ID_BACKSTOP, 100 * MONEY));
		tell(c_collateral(FB_ID_STREET, -100 * MONEY));
	}
	ck_assert_uint_eq(counts()->backstop_takeovers, 1);
	ck_assert_uint_eq(counts()->pairs, 1);
	ck_assert_int_eq(row_of(10)->qty, 0);
	close_all();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("waterfall: bugs it had");
	TCase *cases = tcase_create("bugs");
	tcase_add_loop_test(cases, a_payer_is_not_asked_twice, 0, 2);
	tcase_add_test(cases, the_fund_takes_what_the_backstop_leaves);
	tcase_add_test(cases, the_smallest_quantity);
	tcase_add_test(cases, fills_nobody_would_give);
	tcase_add_test(cases, done_must_fit_the_fills);
	tcase_add_test(cases, a_part_for_its_part_of_the_value);
	tcase_add_loop_test(cases, a_kill_switch_is_no_try, 0, 2);
	tcase_add_test(cases, closed_tells_what_the_fund_paid);
	tcase_add_loop_test(cases, a_drop_at_a_time_is_not_a_takeover, 0, 2);
	suite_add_tcase(suite, cases);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
