/* Money at the end of the waterfall when something gets in between: who is held, what is refused,
 * what comes meanwhile, sums of any size. */
#include "waterfall_answer_kit.h"

static void debtor(uint32_t id, int64_t debt)
{
	tell(c_account(id, -debt, 0, 0));
}

static void fund_has(int64_t money)
{
	tell(c_house(FB_ID_FUND, FB_ROLE_FUND, money));
}

/* 100 lots, worth 100, in profit by `profit`. */
static void winner(uint32_t id, int64_t collateral, int64_t profit)
{
	holder(id, collateral, 10 * id, 1, 100, 100 * MONEY - profit);
}

/* In profit, but near liquidation itself: equity 0.5, MM 1. */
START_TEST(who_is_held_does_not_pay)
{
	open_all();
	fund_has(0);
	winner(2, -9950 * CENT, 100 * MONEY);
	winner(3, 100 * MONEY, 10 * MONEY);
	tell(c_account(1, 0, 0, 0));
	start();
	decide();
	expect_newest(FB_VERB_HOLD, 2, 0, 0);
	tell(c_collateral(1, -5 * MONEY));
	tell(c_collateral(FB_ID_STREET, 5 * MONEY));
	make_ready();
	make_ready();
	kit_assert_wide(asked_of(2), 0);
	kit_assert_wide(asked_of(3), 5 * MONEY);
	close_all();
}
END_TEST

/* Nobody is in profit, the fund has nothing: it waits, and nothing is sent. */
START_TEST(nobody_to_pay)
{
	open_all();
	fund_has(0);
	debtor(1, 5 * MONEY);
	winner(2, 100 * MONEY, -10 * MONEY);
	start();
	make_ready();
	for (int i = 0; i < 50; i++)
		decide();
	ck_assert_uint_eq(sents, 2);
	expect_state(1, FB_READY);
	ck_assert_uint_eq(counts()->nobody, 50);
	mark(1, 1150); /* 2 is in profit by 5 now */
	decide();
	kit_assert_wide(asked_of(2), 5 * MONEY);
	close_all();
}
END_TEST

START_TEST(a_refused_move_is_tried_again)
{
	open_all();
	fund_has(0);
	debtor(1, 5 * MONEY);
	winner(2, 100 * MONEY, 10 * MONEY);
	start();
	make_ready();
	decide();
	reject(2);
	kit_assert_wide(collateral_of(2), 100 * MONEY);
	decide();
	kit_assert_wide(asked_of(2), 5 * MONEY);
	done(3);
	decide();
	expect_newest(FB_VERB_FUND_MOVE, 1, 0, -5 * MONEY);
	reject(4);
	kit_assert_wide(collateral_of(FB_ID_FUND), 5 * MONEY);
	decide();
	done(expect_newest(FB_VERB_FUND_MOVE, 1, 0, -5 * MONEY));
	expect_stray(a_done(2, 0, 0, 5 * MONEY));
	decide();
	expect_state(1, FB_CLOSED);
	ck_assert_uint_eq(counts()->rejects, 2);
	kit_assert_wide(counts()->spread_e8, 5 * MONEY);
	close_all();
}
END_TEST

/* 50 come in while 300 are on their way: the account ends with 50, which go to the fund. */
START_TEST(a_deposit_while_settling)
{
	open_all();
	debtor(1, 300 * MONEY);
	start();
	make_ready();
	decide();
	happen(own_event(1, FB_EVENT_DEPOSIT, 1, 50 * MONEY));
	decide();
	expect_state(1, FB_SETTLING);
	done(2);
	kit_assert_wide(collateral_of(1), 50 * MONEY);
	decide();
	done(expect_newest(FB_VERB_FUND_MOVE, 1, 0, 50 * MONEY));
	decide();
	expect_state(1, FB_CLOSED);
	kit_assert_wide(collateral_of(FB_ID_FUND), 250 * MONEY);
	/* Once closed it lives again with the next one. */
	happen(own_event(1, FB_EVENT_DEPOSIT, 2, 20 * MONEY));
	decide();
	done(expect_newest(FB_VERB_RELEASE, 1, 0, 0));
	expect_state(1, FB_CALM);
	kit_assert_wide(collateral_of(1), 20 * MONEY);
	close_all();
}
END_TEST

/* 200 in the fund are for account 5's debt, which is on its way: nothing to take account 1's
 * position over with. It goes to the last resort at the mark, not to the fund at 89. */
START_TEST(paid_for_a_debt_takes_no_position)
{
	open_all();
	fund_has(0);
	debtor(5, 200 * MONEY);
	winner(3, 900 * MONEY, 500 * MONEY);
	holder(1, 11 * MONEY, 11, 2, 100, 100 * MONEY);
	start();
	make_ready();
	decide();
	done(expect_newest(FB_VERB_FUND_MOVE, 3, 0, 200 * MONEY));
	decide();
	size_t move = expect_newest(FB_VERB_FUND_MOVE, 5, 0, -200 * MONEY);
	kit_assert_wide(collateral_of(FB_ID_FUND), 200 * MONEY);
	mark(2, 800);
	make_ready();
	decide();
	expect_newest(FB_VERB_TAKEOVER, 1, 100, 80 * MONEY);
	ck_assert_uint_eq(counts()->takeovers, 0);
	done(move);
	kit_assert_wide(waterfall->house[FB_FUND].earmarked_e8, 0);
	close_all();
}
END_TEST

/* Shares below 0.01 are not asked for: 10 over profits of 90 and 0.05 is paid by the first, and a
 * debt of 0.005 by the one with the largest profit. */
START_TEST(small_shares_are_left_out)
{
	open_all();
	fund_has(0);
	debtor(1, 10 * MONEY);
	winner(2, 100 * MONEY, 90 * MONEY);
	winner(3, 100 * MONEY, 5 * CENT);
	start();
	make_ready();
	decide();
	kit_assert_wide(asked_of(2), 10 * MONEY);
	kit_assert_wide(asked_of(3), 0);
	close_all();
	open_all();
	fund_has(0);
	debtor(1, CENT / 2);
	winner(2, 100 * MONEY, 10 * MONEY);
	winner(3, 100 * MONEY, 20 * MONEY);
	start();
	make_ready();
	decide();
	kit_assert_wide(asked_of(2), 0);
	kit_assert_wide(asked_of(3), CENT / 2);
	close_all();
}
END_TEST

/* Money beyond what one command can carry moves in pieces, to the last unit. */
START_TEST(large_sums_move_in_pieces)
{
	int64_t most = (INT64_C(1) << 61) - 1;
	open_all();
	debtor(1, most);
	tell(c_collateral(1, -most));
	tell(c_collateral(1, -12345));
	fund_has(most);
	tell(c_collateral(FB_ID_FUND, most));
	tell(c_collateral(FB_ID_FUND, 12346));
	start();
	make_ready();
	decide();
	size_t order = expect_newest(FB_VERB_FUND_MOVE, 1, 0, -2 * (__int128)most - 12345);
	uint64_t seq = book->seq;
	done(order);
	ck_assert_uint_eq(book->seq, seq + 6);
	kit_assert_wide(collateral_of(1), 0);
	kit_assert_wide(collateral_of(FB_ID_FUND), 1);
	close_all();
}
END_TEST

/* The fund itself owes money: it is spread, and set aside for nobody. */
START_TEST(a_fund_in_debt)
{
	open_all();
	fund_has(-30 * MONEY);
	winner(2, 100 * MONEY, 40 * MONEY);
	start();
	make_ready();
	decide();
	kit_assert_wide(asked_of(2), 30 * MONEY);
	done(expect_newest(FB_VERB_FUND_MOVE, 2, 0, 30 * MONEY));
	kit_assert_wide(collateral_of(FB_ID_FUND), 0);
	decide();
	answer_states();
	expect_state(FB_ID_FUND, FB_CALM);
	tell(c_collateral(2, -10 * MONEY));
	tell(c_collateral(FB_ID_FUND, 10 * MONEY));
	kit_assert_wide(fb_house_free(waterfall), 10 * MONEY);
	close_all();
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "held", who_is_held_does_not_pay },
		{ "nobody", nobody_to_pay },
		{ "refused", a_refused_move_is_tried_again },
		{ "deposit", a_deposit_while_settling },
		{ "takeover", paid_for_a_debt_takes_no_position },
		{ "small", small_shares_are_left_out },
		{ "pieces", large_sums_move_in_pieces },
		{ "fund", a_fund_in_debt },
	};
	return kit_main("waterfall: spread losses", cases, sizeof(cases) / sizeof(cases[0]));
}
