/* Money at the end of the waterfall, to the last unit: what is left, what is missing, who pays. */
#include "waterfall_answer_kit.h"

/* An account that owes money and has no positions. */
static void debtor(uint32_t id, int64_t debt)
{
	tell(c_account(id, -debt, 0, 0));
}

static void fund_has(int64_t money)
{
	tell(c_house(FB_ID_FUND, FB_ROLE_FUND, money));
}

/* 100 lots, worth 100, in profit by `profit`; what it can pay is that, at most its equity. */
static void winner(uint32_t id, int64_t collateral, int64_t profit)
{
	holder(id, collateral, 10 * id, 1, 100, 100 * MONEY - profit);
}

/* sent[i] asks this account for money for the sake of another. */
static void expect_spread(size_t i, uint32_t payer, uint32_t debtor_id, __int128 value_e8)
{
	ck_assert_uint_lt(i, sents);
	ck_assert_uint_eq(sent[i].order.verb, FB_VERB_FUND_MOVE);
	ck_assert_uint_eq(sent[i].order.account, payer);
	ck_assert_uint_eq(sent[i].order.counter_account, debtor_id);
	kit_assert_wide(sent[i].order.value_e8, value_e8);
}

static void expect_move(size_t i, uint32_t account, __int128 value_e8)
{
	expect_spread(i, account, 0, value_e8);
}

/* Answers all that is open, and decides, until the account is closed. */
static void finish(uint32_t id)
{
	for (int i = 0; i < 20 && state_of(id) != FB_CLOSED; i++) {
		for (size_t k = 0; k < sents; k++)
			if (sent[k].open)
				done(k);
		decide();
	}
	expect_state(id, FB_CLOSED);
	kit_assert_wide(collateral_of(id), 0);
}

/* 100 lots bought at 1 with 11, closed at 0.895: 0.5 less fees of 0.55 % of 89.5. */
static void sell_all(void)
{
	holder(1, 11 * MONEY, 10, 1, 100, 100 * MONEY);
	start();
	mark(1, 895);
	make_ready();
	decide();
	fill(sents - 1, 100, 8950 * CENT);
	done(sents - 1);
	decide();
}

START_TEST(a_surplus_goes_to_the_fund)
{
	open_all();
	sell_all();
	expect_move(sents - 1, 1, 775000);
	expect_state(1, FB_SETTLING);
	__int128 fund = collateral_of(FB_ID_FUND);
	done(sents - 1);
	kit_assert_wide(collateral_of(1), 0);
	kit_assert_wide(collateral_of(FB_ID_FUND), fund + 775000);
	decide();
	expect_state(1, FB_CLOSED);
	ck_assert_uint_eq(notice[notices - 1].kind, FB_NOTICE_CLOSED);
	ck_assert_uint_eq(counts()->moves, 1);
	close_all();
}
END_TEST

START_TEST(a_surplus_is_kept)
{
	open_all();
	rules.policy.surplus_to_fund = 0;
	sell_all();
	ck_assert_uint_eq(sent[sents - 1].order.verb, FB_VERB_RELEASE);
	done(sents - 1);
	expect_state(1, FB_CALM);
	kit_assert_wide(collateral_of(1), 775000);
	ck_assert_uint_eq(notice[notices - 1].kind, FB_NOTICE_RELEASED);
	ck_assert_uint_eq(counts()->released, 1);
	ck_assert_uint_eq(counts()->moves, 0);
	close_all();
}
END_TEST

/* Two debts of 300, and 500 to pay them: the first has all of it, the second what is left, and
 * waits for the rest. */
START_TEST(the_fund_pays_as_far_as_it_goes)
{
	open_all();
	debtor(1, 300 * MONEY);
	debtor(2, 300 * MONEY);
	start();
	make_ready();
	decide();
	ck_assert_uint_eq(sents, 6);
	expect_move(4, 1, -300 * MONEY);
	expect_move(5, 2, -200 * MONEY);
	done(5);
	done(4);
	kit_assert_wide(collateral_of(1), 0);
	kit_assert_wide(collateral_of(2), -100 * MONEY);
	kit_assert_wide(collateral_of(FB_ID_FUND), 0);
	decide();
	expect_state(1, FB_CLOSED);
	for (int i = 0; i < 5; i++)
		decide();
	expect_state(2, FB_READY);
	ck_assert_uint_eq(sents, 6);
	ck_assert_uint_gt(counts()->nobody, 0);
	tell(c_collateral(FB_ID_FUND, 60 * MONEY));
	tell(c_collateral(FB_ID_STREET, -60 * MONEY));
	decide();
	expect_move(6, 2, -60 * MONEY);
	done(6);
	tell(c_collateral(FB_ID_FUND, 60 * MONEY));
	tell(c_collateral(FB_ID_STREET, -60 * MONEY));
	finish(2);
	kit_assert_wide(collateral_of(FB_ID_FUND), 20 * MONEY);
	close_all();
}
END_TEST

/* The fund pays its 3 first; then 7.00000001 over profits of 10, 20 and 40: the odd unit falls to
 * the first. */
START_TEST(shares_add_up)
{
	open_all();
	fund_has(3 * MONEY);
	debtor(1, 10 * MONEY + 1);
	winner(2, 100 * MONEY, 10 * MONEY);
	winner(3, 100 * MONEY, 20 * MONEY);
	winner(4, 100 * MONEY, 40 * MONEY);
	winner(5, 100 * MONEY, 0);
	winner(6, 100 * MONEY, -MONEY);
	start();
	make_ready();
	decide();
	ck_assert_uint_eq(sents, 3);
	expect_move(2, 1, -3 * MONEY);
	done(2);
	decide();
	ck_assert_uint_eq(sents, 6);
	expect_spread(3, 2, 1, MONEY + 1);
	expect_spread(4, 3, 1, 2 * MONEY);
	expect_spread(5, 4, 1, 4 * MONEY);
	expect_state(1, FB_SETTLING);
	expect_state(2, FB_CALM);
	done(4);
	decide();
	ck_assert_uint_eq(sents, 6);
	done(5);
	done(3);
	kit_assert_wide(collateral_of(2), 99 * MONEY - 1);
	kit_assert_wide(collateral_of(FB_ID_FUND), 7 * MONEY + 1);
	kit_assert_wide(counts()->spread_e8, 7 * MONEY + 1);
	ck_assert_uint_eq(counts()->spreads, 3);
	const struct fb_notice *told = &notice[notices - 1];
	ck_assert_uint_eq(told->kind, FB_NOTICE_SPREAD);
	ck_assert_uint_eq(told->account, 2);
	kit_assert_wide(fb_wide(told->value_e8), MONEY + 1);
	decide();
	expect_move(6, 1, -7 * MONEY - 1);
	finish(1);
	kit_assert_wide(collateral_of(FB_ID_FUND), 0);
	close_all();
}
END_TEST

/* Any debts and profits: shares add up to the debt or to all profit, none is beyond its profit or
 * its equity. */
START_TEST(shares_of_any_size)
{
	uint64_t seed = 8;
	for (int round = 0; round < 300; round++) {
		__int128 all = 0, asked = 0;
		int64_t debt = 1 + (int64_t)(kit_random(&seed) % (1000 * MONEY));
		open_all();
		fund_has(0);
		debtor(1, debt);
		for (uint32_t id = 2; id < 12; id++)
			winner(id, (int64_t)(kit_random(&seed) % (100 * MONEY)) - 20 * MONEY,
			       (int64_t)(kit_random(&seed) % (60 * MONEY)) + 30 * MONEY);
		start();
		for (uint32_t id = 2; id < 12; id++) {
			__int128 equity = sums_of(id).equity_e8,
				 profit = equity - collateral_of(id);
			all += equity < profit ? equity : profit;
		}
		make_ready();
		decide();
		for (size_t i = 2; i < sents; i++) {
			const struct fb_order *o = &sent[i].order;
			__int128 equity = sums_of(o->account).equity_e8;
			KIT_MUST(o->counter_account == 1 && o->value_e8 > 0);
			KIT_MUST(o->value_e8 <= equity);
			KIT_MUST(o->value_e8 <= equity - collateral_of(o->account));
			asked += o->value_e8;
		}
		KIT_MUST(asked == (debt < all ? debt : all));
		close_all();
	}
}
END_TEST

/* Profits of 100 with equity 150, and of 200 with equity 150: 250 of the 300 missing. What was paid
 * of a profit is not asked again: 50 stay unpaid. */
START_TEST(payers_keep_what_is_not_below_zero)
{
	open_all();
	fund_has(100 * MONEY);
	debtor(1, 400 * MONEY);
	winner(2, 50 * MONEY, 100 * MONEY);
	winner(3, -50 * MONEY, 200 * MONEY);
	start();
	make_ready();
	decide();
	expect_move(2, 1, -100 * MONEY);
	done(2);
	decide();
	expect_spread(3, 2, 1, 100 * MONEY);
	expect_spread(4, 3, 1, 150 * MONEY);
	done(3);
	done(4);
	kit_assert_wide(sums_of(3).equity_e8, 0);
	kit_assert_wide(sums_of(2).equity_e8, 50 * MONEY);
	decide();
	expect_move(5, 1, -250 * MONEY); /* 6: a HOLD of account 3, which has nothing left */
	done(5);
	kit_assert_wide(collateral_of(1), -50 * MONEY);
	uint64_t nobody = counts()->nobody;
	decide();
	ck_assert_uint_eq(counts()->nobody, nobody + 1);
	close_all();
}
END_TEST

/* What others paid for account 5 is in the fund, but not for account 2. */
START_TEST(paid_for_one_is_not_for_another)
{
	open_all();
	fund_has(0);
	tell(c_account(2, 0, 0, 0));
	debtor(5, 200 * MONEY);
	winner(3, 900 * MONEY, 500 * MONEY);
	start();
	make_ready();
	decide();
	expect_spread(2, 3, 5, 200 * MONEY);
	done(2);
	tell(c_collateral(2, -150 * MONEY));
	tell(c_collateral(FB_ID_STREET, 150 * MONEY));
	refuse_with = FB_REFUSED_KILL; /* 5 is kept from settling meanwhile */
	decide();
	refuse_with = 0;
	tick(1000);
	kit_assert_wide(collateral_of(FB_ID_FUND), 200 * MONEY);
	make_ready();
	size_t of_5 = expect_newest(FB_VERB_CANCEL_ALL, 2, 0, 0) - 1;
	expect_move(of_5, 5, -200 * MONEY);
	decide();
	expect_spread(sents - 1, 3, 2, 150 * MONEY);
	done(of_5);
	kit_assert_wide(collateral_of(FB_ID_FUND), 0);
	finish(2);
	expect_state(5, FB_CLOSED);
	kit_assert_wide(collateral_of(3), 550 * MONEY);
	kit_assert_wide(waterfall->house[FB_FUND].earmarked_e8, 0);
	close_all();
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "surplus", a_surplus_goes_to_the_fund },
		{ "kept", a_surplus_is_kept },
		{ "fund", the_fund_pays_as_far_as_it_goes },
		{ "shares", shares_add_up },
		{ "any", shares_of_any_size },
		{ "payers", payers_keep_what_is_not_below_zero },
		{ "earmark", paid_for_one_is_not_for_another },
	};
	return kit_main("waterfall: settling", cases, sizeof(cases) / sizeof(cases[0]));
}
