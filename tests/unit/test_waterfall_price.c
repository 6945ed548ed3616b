/* What a pack's [adl] says of a round beyond its order: prices, orders of counterparties, fees, and
 * needs that wait for the next ranking. */
#include "waterfall_answer_kit.h"

/* At 0.8: account 1, long 100, has -9, so that its bankruptcy value is 89; shorts of 60, 30, 50. */
static void a_bankrupt_and_shorts(void)
{
	open_all();
	rules.policy.fund_cap_e7 = 0;
	holder(1, 11 * MONEY, 10, 1, 100, 100 * MONEY);
	holder(2, 50 * MONEY, 20, 1, -60, -60 * MONEY);
	holder(3, 30 * MONEY, 30, 1, -30, -30 * MONEY);
	holder(4, 100 * MONEY, 40, 1, -50, -50 * MONEY);
}

static void crash(void)
{
	mark(1, 800);
	make_ready();
	decide();
}

/* The first pair closes 60 of 100 lots for this. */
static void expect_first(__int128 value_e8)
{
	ck_assert_uint_ge(sents, 3);
	ck_assert_uint_eq(sent[2].order.verb, FB_VERB_ADL_PAIR);
	ck_assert_int_eq(sent[2].order.qty, 60);
	kit_assert_wide(sent[2].order.value_e8, value_e8);
	close_all();
}

START_TEST(a_spread_is_the_counterparty_s)
{
	a_bankrupt_and_shorts();
	rules.adl.price = FB_ADL_AT_MARK;
	rules.adl.spread_e7 = 100000; /* 0.8 of 80 */
	start();
	crash();
	expect_first(4752 * CENT);
	a_bankrupt_and_shorts();
	rules.adl.spread_e7 = 100000;
	start();
	crash();
	expect_first(5292 * CENT);
}
END_TEST

START_TEST(the_mark_before)
{
	a_bankrupt_and_shorts();
	rules.adl.price = FB_ADL_AT_PREVIOUS;
	start();
	crash(); /* no decision saw another one */
	expect_first(48 * MONEY);
	a_bankrupt_and_shorts();
	rules.adl.price = FB_ADL_AT_PREVIOUS;
	start();
	mark(1, 900);
	decide();
	crash();
	expect_first(54 * MONEY);
}
END_TEST

START_TEST(the_index)
{
	for (int capped = 0; capped < 2; capped++) {
		a_bankrupt_and_shorts();
		rules.adl.price = FB_ADL_AT_ORACLE;
		rules.adl.cap = (uint64_t)capped;
		start();
		fb_waterfall_oracle(waterfall, 1, U_MONEY * 9 / 10);
		crash();
		expect_first(capped ? 5340 * CENT : 54 * MONEY);
	}
	a_bankrupt_and_shorts();
	rules.adl.price = FB_ADL_AT_ORACLE;
	start();
	crash(); /* none is known */
	expect_first(48 * MONEY);
}
END_TEST

/* docs.ethereal.trade, auto-deleveraging: 10 at 4000, 3600 now, equity -2000: closed at 3600,
 * capped at bankruptcy, which is 3800. A lot is a tenth. */
START_TEST(ethereal)
{
	open_all();
	rules.policy.fund_cap_e7 = 0;
	rules.adl.price = FB_ADL_AT_ORACLE;
	rules.adl.cap = 1;
	rules.adl.score = 13;
	ck_assert_str_eq(fb_adl_families[rules.adl.score].name, "lexicographic");
	holder(1, 2000 * MONEY, 10, 1, 100, 40000 * MONEY);
	holder(2, 9000 * MONEY, 20, 1, -100, -40000 * MONEY);
	start();
	mark(1, 360000);
	make_ready();
	decide();
	expect_newest(FB_VERB_ADL_PAIR, 1, 100, 36000 * MONEY);
	done(2);
	kit_assert_wide(collateral_of(1), -2000 * MONEY);
	kit_assert_wide(collateral_of(2), 13000 * MONEY);
	close_all();
}
END_TEST

START_TEST(orders_of_counterparties)
{
	a_bankrupt_and_shorts();
	holder(5, 4 * MONEY, 50, 1, 50, 50 * MONEY); /* bankrupt, too: 2 is used by both */
	rules.adl.cancel = FB_CANCEL_CONTRACT;
	start();
	crash();
	ck_assert_uint_eq(counts()->pairs, 4);
	ck_assert_uint_eq(counts()->counter_cancels, 3);
	ck_assert_uint_eq(sents, 4 + 4 + 3);
	const struct fb_order *o = &sent[4].order;
	ck_assert_uint_eq(o->verb, FB_VERB_CANCEL_COUNTER);
	ck_assert_uint_eq(o->account, 5);
	ck_assert_uint_eq(o->counter_account, 2);
	ck_assert_uint_eq(o->counter_position, 20);
	ck_assert_uint_eq(o->symbol, 1);
	ck_assert_uint_eq(sent[5].order.verb, FB_VERB_ADL_PAIR);
	/* The account waits for this answer as for a pair's. */
	done(5);
	expect_state(5, FB_DELEVERAGING);
	done(4);
	decide();
	expect_state(5, FB_CLOSED);
	close_all();
	a_bankrupt_and_shorts();
	rules.adl.cancel = FB_CANCEL_ACCOUNT;
	start();
	crash();
	ck_assert_uint_eq(sent[2].order.verb, FB_VERB_CANCEL_COUNTER);
	ck_assert_uint_eq(sent[2].order.counter_position, 0);
	reject(2); /* the pair goes on */
	done(3);
	expect_row(10, 40, 40 * MONEY);
	close_all();
}
END_TEST

/* 1 % of 48, from the counterparty; the bankrupt has nothing to pay from. */
START_TEST(fees)
{
	for (int fund = 0; fund < 2; fund++) {
		a_bankrupt_and_shorts();
		rules.adl.fee_e7 = 100000;
		rules.adl.fee_liquidated_e7 = 200000;
		rules.adl.fee_to = (uint64_t)fund;
		start();
		__int128 before = collateral_of(FB_ID_FUND);
		crash();
		done(2);
		kit_assert_wide(collateral_of(2), 5660 * CENT - 48 * CENT);
		kit_assert_wide(collateral_of(1), 440 * CENT);
		kit_assert_wide(collateral_of(FB_ID_FEES), fund ? 0 : 48 * CENT);
		kit_assert_wide(collateral_of(FB_ID_FUND) - before, fund ? 48 * CENT : 0);
		kit_assert_wide(counts()->adl_fees_e8, 48 * CENT);
		close_all();
	}
}
END_TEST

/* 5 takes 50 of the 60 lots of 2; what is left of 2 is ranked again before 1 has its turn. */
START_TEST(a_need_waits_for_the_next_ranking)
{
	a_bankrupt_and_shorts();
	holder(5, 4 * MONEY, 50, 1, 50, 50 * MONEY);
	rules.adl.rerank = 1;
	start();
	crash();
	ck_assert_uint_eq(sents, 5);
	ck_assert_uint_eq(sent[4].order.account, 5);
	expect_state(1, FB_READY);
	decide();
	ck_assert_uint_eq(sents, 5);
	done(4);
	decide();
	ck_assert_uint_eq(counts()->adl_rounds, 2);
	ck_assert_uint_gt(sents, 5);
	ck_assert_uint_eq(sent[5].order.account, 1);
	ck_assert_uint_eq(sent[5].order.verb, FB_VERB_ADL_PAIR);
	ck_assert_uint_eq(counts()->last_resorts, 0);
	close_all();
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "spread", a_spread_is_the_counterparty_s },
		{ "previous", the_mark_before },
		{ "index", the_index },
		{ "ethereal", ethereal },
		{ "orders", orders_of_counterparties },
		{ "fees", fees },
		{ "waits", a_need_waits_for_the_next_ranking },
	};
	return kit_main("waterfall: prices of deleveraging", cases,
			sizeof(cases) / sizeof(cases[0]));
}
