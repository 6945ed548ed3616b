/* What backstop and fund take over: caps to the lot, losses they can bear, promises within one
 * decision, the last resort, and how they get rid of it again. */
#include "waterfall_answer_kit.h"

#define FUND_ROW fb_house_position(FB_ID_FUND, 1)

/* 100 lots bought at 1 with 11 are worth 80: equity -9, bankruptcy value 89. */
static void a_bankrupt(void)
{
	holder(1, 11 * MONEY, 10, 1, 100, 100 * MONEY);
}

static void fund_has(int64_t money)
{
	tell(c_house(FB_ID_FUND, FB_ROLE_FUND, money));
}

static void backstop_has(int64_t money)
{
	tell(c_house(FB_ID_BACKSTOP, FB_ROLE_BACKSTOP, money));
}

/* Everything up to the first step of whoever is bankrupt at 0.8. */
static void crash(void)
{
	start();
	mark(1, 800);
	make_ready();
	decide();
}

/* Lots that a house takes from this account at the bankruptcy value. */
static int64_t taken_by(uint32_t house_id, uint32_t account, int64_t all_e8)
{
	int64_t lots = 0;
	for (size_t i = 0; i < sents; i++) {
		const struct fb_order *o = &sent[i].order;
		if (o->verb != FB_VERB_TAKEOVER || o->counter_account != house_id ||
		    o->account != account || o->value_e8 == (__int128)o->qty * 80 * CENT)
			continue;
		ck_assert_uint_eq(o->counter_position, fb_house_position(house_id, o->symbol));
		kit_assert_wide(o->value_e8, fb_size_part(all_e8, o->qty, 100));
		lots += o->qty;
	}
	return lots;
}

/* The fund of this equity takes so many lots of one bankrupt. */
static void expect_fund_takes(int64_t equity, uint32_t cap_e7, int64_t lots)
{
	open_all();
	rules.policy.fund_cap_e7 = cap_e7;
	a_bankrupt();
	fund_has(equity);
	crash();
	ck_assert_int_eq(taken_by(FB_ID_FUND, 1, 89 * MONEY), lots);
	ck_assert_uint_eq(counts()->takeovers, lots > 0);
	close_all();
}

/* At 10 % of equity, 80 for 100 lots: 400 buys 50. */
START_TEST(the_cap_to_the_lot)
{
	expect_fund_takes(400 * MONEY, 1000000, 50);
	expect_fund_takes(400 * MONEY - 1, 1000000, 49);
	expect_fund_takes(800 * MONEY, 1000000, 100);
	expect_fund_takes(800 * MONEY - 1, 1000000, 99);
	expect_fund_takes(8 * MONEY, 1000000, 1);
	expect_fund_takes(8 * MONEY - 1, 1000000, 0);
	expect_fund_takes(800 * MONEY, 0, 0);
}
END_TEST

/* All of it costs 9: equity of 4.5 bears half. */
START_TEST(the_loss_to_the_lot)
{
	const uint32_t no_cap = 4000000000u;
	expect_fund_takes(9 * MONEY, no_cap, 100);
	expect_fund_takes(9 * MONEY - 1, no_cap, 99);
	expect_fund_takes(450 * CENT, no_cap, 50);
	expect_fund_takes(9 * CENT, no_cap, 1);
	expect_fund_takes(9 * CENT - 1, no_cap, 0);
	expect_fund_takes(0, no_cap, 0);
	expect_fund_takes(-MONEY, no_cap, 0);
}
END_TEST

/* The fund is short 30: as many it closes whatever its cap; 100 x 10 % less the 24 that it holds is
 * no room for more, 400 x 10 % is room for 16, which are 20 lots. */
START_TEST(closing_an_own_position_needs_no_room)
{
	static const struct {
		int64_t equity, lots;
	} cases[] = { { 100, 30 }, { 400, 50 }, { 240, 30 }, { 248, 31 }, { 4, 30 }, { 2, 22 } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		open_all();
		rules.policy.fund_cap_e7 = 1000000;
		a_bankrupt();
		fund_has((cases[i].equity - 6) * MONEY);
		tell(c_position(FB_ID_FUND, FUND_ROW, 1, -30, -30 * MONEY));
		crash();
		ck_assert_int_eq(taken_by(FB_ID_FUND, 1, 89 * MONEY), cases[i].lots);
		close_all();
	}
}
END_TEST

START_TEST(the_backstop_comes_first)
{
	open_all();
	a_bankrupt();
	backstop_has(80 * MONEY);
	crash();
	ck_assert_int_eq(taken_by(FB_ID_BACKSTOP, 1, 89 * MONEY), 100);
	ck_assert_int_eq(taken_by(FB_ID_FUND, 1, 89 * MONEY), 0);
	ck_assert_uint_eq(counts()->backstop_takeovers, 1);
	done(sents - 1);
	expect_row(fb_house_position(FB_ID_BACKSTOP, 1), 100, 89 * MONEY);
	kit_assert_wide(sums_of(FB_ID_BACKSTOP).equity_e8, 71 * MONEY);
	kit_assert_wide(collateral_of(1), 0);
	close_all();
	open_all();
	a_bankrupt();
	backstop_has(0);
	crash();
	ck_assert_int_eq(taken_by(FB_ID_FUND, 1, 89 * MONEY), 100);
	ck_assert_uint_eq(counts()->backstop_takeovers, 0);
	close_all();
}
END_TEST

/* Account 2 is worse: equity -10. All of it is taken, for 80 of room and a loss of 10, each a unit
 * more for rounding. 38 lots of account 1 need 30.4. */
START_TEST(promises_of_one_decision_add_up)
{
	for (int short_of = 0; short_of < 2; short_of++) {
		open_all();
		a_bankrupt();
		holder(2, 10 * MONEY, 20, 1, 100, 100 * MONEY);
		fund_has(12040 * CENT + 2 - short_of);
		crash();
		ck_assert_int_eq(taken_by(FB_ID_FUND, 2, 90 * MONEY), 100);
		ck_assert_int_eq(taken_by(FB_ID_FUND, 1, 89 * MONEY), 38 - short_of);
		/* Once answered they are promises no more. */
		kit_assert_wide(waterfall->house[FB_FUND].reserved_notional_e8,
				80 * MONEY + (38 - short_of) * 80 * CENT + 2);
		for (size_t i = sents - 2; i < sents; i++)
			done(i);
		kit_assert_wide(waterfall->house[FB_FUND].reserved_notional_e8, 0);
		kit_assert_wide(waterfall->house[FB_FUND].reserved_loss_e8, 0);
		expect_row(FUND_ROW, 138 - short_of,
			   90 * MONEY + fb_size_part(89 * MONEY, 38 - short_of, 100));
		close_all();
	}
}
END_TEST

/* What was moved is the venue's to say: 60 of 100 lots. */
START_TEST(a_takeover_in_part)
{
	open_all();
	a_bankrupt();
	crash();
	size_t order = expect_newest(FB_VERB_TAKEOVER, 1, 100, 89 * MONEY);
	expect_violation(a_done(order, 0, 101, 89 * MONEY));
	expect_violation(a_done(order, 0, -60, 5340 * CENT));
	expect_violation(a_done(order, 0, 100, 89 * MONEY + 1));
	expect_violation(a_done(order, 0, 100, 89 * MONEY - 1));
	expect_violation(a_done(order, 0, 60, (__int128)1 << 61));
	expect_violation(a_fill(order, 1, 60, 5340 * CENT));
	expect_state(1, FB_TAKING_OVER);
	done_part(order, 60, 5340 * CENT);
	expect_row(10, 40, 40 * MONEY);
	expect_row(FUND_ROW, 60, 5340 * CENT);
	kit_assert_wide(collateral_of(1), 440 * CENT);
	kit_assert_wide(collateral_of(FB_ID_FUND), 500 * MONEY);
	kit_assert_wide(collateral_of(FB_ID_FEES), 0);
	kit_assert_wide(counts()->notional_closed_e8, 48 * MONEY);
	expect_stray(a_done(order, 0, 60, 5340 * CENT));
	close_all();
}
END_TEST

/* 70 were sold by the user before the takeover of 100 is done: 30 are left to take, at 0.89. */
START_TEST(a_takeover_of_what_is_left)
{
	open_all();
	a_bankrupt();
	crash();
	happen(own_fill(1, 10, 1, -70, -56 * MONEY));
	done(sents - 1);
	expect_row(10, 0, 0);
	expect_row(FUND_ROW, 30, 2670 * CENT);
	kit_assert_wide(collateral_of(1), -3 * MONEY - 330 * CENT);
	close_all();
}
END_TEST

/* No cap, no counterparties: the fund takes it at the mark, and pays what is missing then. */
START_TEST(the_last_resort)
{
	for (int bankrupt = 0; bankrupt < 2; bankrupt++) {
		open_all();
		rules.policy.fund_cap_e7 = bankrupt ? 4000000000u : 0;
		a_bankrupt();
		fund_has(bankrupt ? -MONEY : 5 * MONEY);
		crash();
		size_t order = 0;
		while (sent[order].order.verb != FB_VERB_TAKEOVER)
			ck_assert_uint_lt(++order, sents);
		ck_assert_int_eq(sent[order].order.qty, 100);
		kit_assert_wide(sent[order].order.value_e8, 80 * MONEY);
		ck_assert_uint_eq(counts()->last_resorts, 1);
		done(order);
		expect_row(FUND_ROW, 100, 80 * MONEY);
		kit_assert_wide(collateral_of(1), -9 * MONEY);
		if (!bankrupt) {
			decide();
			done(expect_newest(FB_VERB_FUND_MOVE, 1, 0, -5 * MONEY));
			kit_assert_wide(collateral_of(1), -4 * MONEY);
		}
		close_all();
	}
}
END_TEST

/* The fund is long 100 at 1: a tenth of the bids at a tick, at most 1 % and a unit off the mark. */
static void expect_unwinding(int64_t qty, int64_t bids, int64_t asks, int64_t lots)
{
	open_all();
	tell(c_position(FB_ID_FUND, FUND_ROW, 1, qty, qty * MONEY));
	start();
	if (bids >= 0)
		depth(1, bids, asks);
	tick(1);
	ck_assert_uint_eq(sents, lots > 0);
	if (lots > 0) {
		__int128 all = qty * MONEY - MONEY - 1;
		size_t order = expect_newest(FB_VERB_REDUCE, FB_ID_FUND, qty < 0 ? -lots : lots,
					     fb_size_part(all, lots, 100));
		ck_assert_uint_eq(sent[order].order.tif, FB_IOC);
		expect_state(FB_ID_FUND, FB_UNWINDING);
		tick(1); /* one at a time */
		decide();
		ck_assert_uint_eq(sents, 1);
		fill(order, qty < 0 ? -1 : 1, qty < 0 ? -MONEY : MONEY);
		done(order);
		expect_state(FB_ID_FUND, FB_CALM);
		tick(1);
		ck_assert_uint_eq(sents, 2);
		ck_assert_uint_eq(counts()->unwinds, 2);
	}
	close_all();
}

START_TEST(houses_unwind_at_ticks)
{
	expect_unwinding(100, -1, -1, 10); /* depth unknown: a tenth of what it has */
	expect_unwinding(100, 40, 0, 4);
	expect_unwinding(100, 45, 0, 5);
	expect_unwinding(100, 1, 0, 1);
	expect_unwinding(100, 0, 100, 0);
	expect_unwinding(100, 2000, 0, 100);
	expect_unwinding(-100, 0, 40, 4);
	expect_unwinding(-100, 40, 0, 0);
}
END_TEST

/* Far below its margin and not bankrupt: the fund has room for 55 lots, somebody is short of 30,
 * and the market is asked for the last 15, in vain. */
START_TEST(the_book_is_last)
{
	open_all();
	rules.policy.book_last = 1;
	rules.policy.fund_cap_e7 = 1000000;
	holder(1, 11 * MONEY, 10, 1, 100, 100 * MONEY);
	holder(2, 1000 * MONEY, 20, 1, -30, -30 * MONEY);
	start();
	mark(1, 895);
	make_ready();
	decide();
	ck_assert_uint_eq(sent[sents - 1].order.verb, FB_VERB_TAKEOVER);
	ck_assert_int_eq(sent[sents - 1].order.qty, 55);
	done(sents - 1);
	decide();
	ck_assert_uint_eq(sent[sents - 1].order.verb, FB_VERB_ADL_PAIR);
	ck_assert_int_eq(sent[sents - 1].order.qty, 30);
	done(sents - 1);
	for (int i = 0; i < 2; i++) {
		decide();
		ck_assert_uint_eq(sent[sents - 1].order.verb, FB_VERB_REDUCE);
		ck_assert_int_eq(sent[sents - 1].order.qty, 15);
		done(sents - 1);
		tick(1000000);
	}
	decide();
	ck_assert_uint_eq(sent[sents - 1].order.verb, FB_VERB_TAKEOVER);
	ck_assert_uint_eq(counts()->last_resorts, 1);
	done(sents - 1);
	expect_row(10, 0, 0);
	close_all();
}
END_TEST

/* GMX: the pool takes it at the oracle's price, whatever is owed, and pays that after. */
START_TEST(takeover_at_the_mark)
{
	open_all();
	rules.policy.takeover_price = FB_TAKEOVER_AT_MARK;
	a_bankrupt();
	crash();
	done(expect_newest(FB_VERB_TAKEOVER, 1, 100, 80 * MONEY));
	expect_row(FUND_ROW, 100, 80 * MONEY);
	kit_assert_wide(collateral_of(1), -9 * MONEY);
	decide();
	done(expect_newest(FB_VERB_FUND_MOVE, 1, 0, -9 * MONEY));
	kit_assert_wide(collateral_of(1), 0);
	close_all();
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "cap", the_cap_to_the_lot },
		{ "loss", the_loss_to_the_lot },
		{ "own", closing_an_own_position_needs_no_room },
		{ "backstop", the_backstop_comes_first },
		{ "promises", promises_of_one_decision_add_up },
		{ "part", a_takeover_in_part },
		{ "left", a_takeover_of_what_is_left },
		{ "last resort", the_last_resort },
		{ "book last", the_book_is_last },
		{ "mark", takeover_at_the_mark },
		{ "unwinding", houses_unwind_at_ticks },
	};
	return kit_main("waterfall: houses", cases, sizeof(cases) / sizeof(cases[0]));
}
