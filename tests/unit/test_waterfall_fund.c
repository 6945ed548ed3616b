/* What the fund may lose: pools by symbol, caps by day and trade, and the fall that begins
 * deleveraging. */
#include "waterfall_answer_kit.h"

#include "../../sw/lib/waterfall_fund.h"

#define INSURANCE rules.insurance
#define MINUTE INT64_C(60000000)
#define DAY (1440 * MINUTE)

static void set_equity(uint32_t id, __int128 equity_e8)
{
	int64_t more = (int64_t)(equity_e8 - sums_of(id).equity_e8);
	tell(c_collateral(id, more));
	tell(c_collateral(FB_ID_STREET, -more));
}

/* The ledger by symbol is the fund's collateral, at any time. */
static void ledger_adds_up(void)
{
	fb_fund_book(waterfall, FB_POOL_COMMON);
	kit_assert_wide(fb_fund_ledger(waterfall), collateral_of(FB_ID_FUND));
}

/* 1 is long so many lots of a symbol, and 2 short as many and rich; the fund has 1,000. */
static void open_fund(int64_t lots)
{
	open_all();
	rules.taker_fee_e7 = rules.liquidation_fee_e7 = 0;
	rules.policy.fund_cap_e7 = 1000000000;
	holder(1, 10 * MONEY, 10, 1, lots, lots * MONEY);
	holder(2, 100000 * MONEY, 20, 1, -lots, -lots * MONEY);
	tell(c_collateral(FB_ID_FUND, 500 * MONEY));
}

/* 1 is bankrupt, short of so much, held and ready; what follows is one decision. */
static void bankrupt_by(__int128 loss_e8)
{
	set_equity(1, sums_of(1).mm_e15 / 10000000);
	make_ready();
	set_equity(1, -loss_e8);
	decide();
}

static __int128 taken_lots(void)
{
	__int128 n = 0;
	for (size_t i = 0; i < sents; i++)
		if (sent[i].order.verb == FB_VERB_TAKEOVER)
			n += size_of(sent[i].order.qty);
	return n;
}

/* Bybit's case in thousandths: a pool of 1,000, a loss of 350, ADL from 30 % on: the fund bears
 * 300, and what is 50 is left to users: 300 of 350 lots, the rest in ADL. */
START_TEST(the_fall_is_held)
{
	open_fund(350);
	INSURANCE.drawdown_e7 = 3000000;
	INSURANCE.stop_e7 = 2500000;
	INSURANCE.window_us = 480 * MINUTE;
	start();
	tick(MINUTE);
	bankrupt_by(350 * MONEY);
	kit_assert_wide(taken_lots(), 300);
	ck_assert_uint_eq(fb_fund_state(waterfall, 1), FB_FUND_ADL);
	ck_assert_uint_eq(notice[notices - 1].kind, FB_NOTICE_FUND);
	ck_assert_int_eq(notice[notices - 1].qty, FB_FUND_ADL);
	done(sents - 1);
	decide();
	const struct fb_order *pair = &sent[sents - 1].order;
	ck_assert_uint_eq(pair->verb, FB_VERB_ADL_PAIR);
	ck_assert_int_eq(pair->qty, 50);
	kit_assert_wide(pair->value_e8, 100 * MONEY); /* 50 and the 50 that they are short of */
	done(sents - 1);
	kit_assert_wide(fb_fund_pnl(waterfall, 1), -300 * MONEY);
	ledger_adds_up();
	close_all();
}
END_TEST

/* The same as Bybit words it: all 350 are deleveraged, at a price that leaves 50 to users; the fund
 * pays 300 when 1 is settled, and its drawdown is 30 %, not more. In `parts` the venue pairs half
 * first: the sum stays what it is. */
static void price_holds(bool parts)
{
	open_fund(350);
	INSURANCE.drawdown_e7 = 3000000;
	INSURANCE.stop_e7 = 2500000;
	INSURANCE.window_us = 480 * MINUTE;
	INSURANCE.bears_price = 1;
	start();
	tick(MINUTE);
	__int128 before = sums_of(2).equity_e8;
	bankrupt_by(350 * MONEY);
	kit_assert_wide(taken_lots(), 0);
	ck_assert_uint_eq(fb_fund_state(waterfall, 1), FB_FUND_ADL);
	const struct fb_order *pair = &sent[sents - 1].order;
	ck_assert_uint_eq(pair->verb, FB_VERB_ADL_PAIR);
	ck_assert_int_eq(pair->qty, 350);
	kit_assert_wide(pair->value_e8, 400 * MONEY);
	kit_assert_wide(waterfall->cases[index_of(1)].borne_e8, 300 * MONEY);
	if (parts) {
		done_part(sents - 1, 175, 200 * MONEY);
		decide();
		kit_assert_wide(waterfall->cases[index_of(1)].borne_e8, 300 * MONEY);
		kit_assert_wide(sent[sents - 1].order.value_e8, 200 * MONEY);
	}
	done(sents - 1);
	kit_assert_wide(before - sums_of(2).equity_e8, 50 * MONEY);
	kit_assert_wide(collateral_of(1), -300 * MONEY);
	decide();
	kit_assert_wide(waterfall->cases[index_of(1)].borne_e8, 0);
	expect_newest(FB_VERB_FUND_MOVE, 1, 0, -300 * MONEY);
	done(sents - 1);
	decide();
	kit_assert_wide(collateral_of(1), 0);
	kit_assert_wide(fb_fund_pnl(waterfall, 1), -300 * MONEY);
	tick(1000000);
	ck_assert_uint_eq(fb_fund_state(waterfall, 1), FB_FUND_ADL); /* held there, not beyond */
	kit_assert_wide(fb_fund_may_bear(waterfall, index_of(1)), 0);
	ledger_adds_up();
	close_all();
}

START_TEST(the_price_holds_the_fall)
{
	price_holds(false);
}
END_TEST

START_TEST(the_price_holds_the_fall_in_parts)
{
	price_holds(true);
}
END_TEST

/* What is promised to one is not promised to the next: two are short of 250 each, and 300 is all
 * that may be lost. A loss that fits is taken over as ever. */
START_TEST(the_price_is_promised_once)
{
	open_fund(250);
	INSURANCE.drawdown_e7 = 3000000;
	INSURANCE.window_us = 480 * MINUTE;
	INSURANCE.bears_price = 1;
	holder(3, 10 * MONEY, 30, 1, 250, 250 * MONEY);
	holder(4, 100000 * MONEY, 40, 1, -250, -250 * MONEY);
	start();
	tick(MINUTE);
	for (uint32_t id = 1; id <= 3; id += 2)
		set_equity(id, sums_of(id).mm_e15 / 10000000);
	make_ready();
	ck_assert_int_eq(fb_fund_short(waterfall, 1), 0);
	for (uint32_t id = 1; id <= 3; id += 2)
		set_equity(id, -250 * MONEY);
	decide();
	kit_assert_wide(waterfall->cases[index_of(1)].borne_e8 +
				waterfall->cases[index_of(3)].borne_e8,
			300 * MONEY);
	__int128 asked = 0;
	for (size_t i = 0; i < sents; i++)
		if (sent[i].order.verb == FB_VERB_ADL_PAIR)
			asked += sent[i].order.value_e8;
	kit_assert_wide(asked, 700 * MONEY); /* 500 of lots, and 200 that users bear */
	close_all();
	open_fund(250);
	INSURANCE.drawdown_e7 = 3000000;
	INSURANCE.window_us = 480 * MINUTE;
	INSURANCE.bears_price = 1;
	start();
	tick(MINUTE);
	bankrupt_by(250 * MONEY);
	kit_assert_wide(taken_lots(), 250);
	ck_assert_uint_eq(fb_fund_state(waterfall, 1), FB_FUND_NORMAL);
	close_all();
}
END_TEST

/* On stays on until the fall is less than the stop level; off stays off up to the drawdown. */
START_TEST(on_and_off_at_different_levels)
{
	/* Marks of the fund's 100 lots, in thousandths, and whether ADL is on then. Its largest
	 * balance is 1,000, so a lot's fall of 3 is 30 %. */
	static const struct {
		uint64_t mark;
		enum fb_fund_state state;
	} steps[] = {
		{ 10000, FB_FUND_NORMAL },  { 8100, FB_FUND_NORMAL },  { 8000, FB_FUND_WARNING },
		{ 7000, FB_FUND_WARNING },  { 6990, FB_FUND_ADL },     { 7000, FB_FUND_ADL },
		{ 7490, FB_FUND_ADL },      { 7510, FB_FUND_WARNING }, { 7490, FB_FUND_WARNING },
		{ 7000, FB_FUND_WARNING },  { 6000, FB_FUND_ADL },     { 9000, FB_FUND_NORMAL },
	};
	open_fund(350);
	INSURANCE.drawdown_e7 = 3000000;
	INSURANCE.stop_e7 = 2500000;
	INSURANCE.warning_e7 = 2000000;
	INSURANCE.window_us = 480 * MINUTE;
	rules.policy.unwind_share_e7 = 0;
	tell(c_mark(1, U_MONEY * 10));
	tell(c_position(FB_ID_FUND, fb_house_position(FB_ID_FUND, 1), 1, 100, 1000 * MONEY));
	start();
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		mark(1, steps[i].mark);
		tick(1000000);
		ck_assert_msg(fb_fund_state(waterfall, 1) == steps[i].state, "step %zu: %d", i,
			      (int)fb_fund_state(waterfall, 1));
	}
	/* After the window the maximum is another one. */
	mark(1, 6990);
	tick(1000000);
	ck_assert_uint_eq(fb_fund_state(waterfall, 1), FB_FUND_ADL);
	tick(240 * MINUTE);
	ck_assert_uint_eq(fb_fund_state(waterfall, 1), FB_FUND_ADL);
	tick(241 * MINUTE);
	ck_assert_uint_eq(fb_fund_state(waterfall, 1), FB_FUND_NORMAL);
	close_all();
}
END_TEST

/* While ADL is on the fund takes over nothing of the symbol, whatever it has. */
START_TEST(nothing_is_taken_while_adl_is_on)
{
	open_fund(100);
	INSURANCE.drawdown_e7 = 3000000;
	INSURANCE.window_us = 480 * MINUTE;
	start();
	tick(MINUTE);
	ck_assert_int_eq(fb_fund_short(waterfall, 1), 0);
	bankrupt_by(MONEY);
	kit_assert_wide(taken_lots(), 0);
	ck_assert_uint_eq(sent[sents - 1].order.verb, FB_VERB_ADL_PAIR);
	close_all();
}
END_TEST

/* Extended: a share of the fund a day in all, a smaller one in a market, an amount a trade. What an
 * order did not cost is given back; at the next day it begins anew. */
START_TEST(caps_by_day_and_trade)
{
	static const struct {
		uint32_t day, symbol;
		int64_t trade, lots; /* of 100 short of 100 */
	} cases[] = { { 0, 0, 0, 100 }, { 500000, 0, 0, 50 }, { 500000, 250000, 0, 25 },
		      { 0, 0, 10, 10 }, { 500000, 250000, 10, 10 } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		open_fund(100);
		INSURANCE.daily_cap_e7 = cases[i].day;
		INSURANCE.symbol_daily_cap_e7 = cases[i].symbol;
		INSURANCE.trade_cap_e8 = (uint64_t)cases[i].trade * MONEY;
		start();
		tick(MINUTE);
		bankrupt_by(100 * MONEY);
		kit_assert_wide(taken_lots(), cases[i].lots);
		close_all();
	}
	for (int how = 0; how < 3; how++) { /* rejected, done, done and a day later */
		open_fund(100);
		INSURANCE.daily_cap_e7 = 500000;
		start();
		tick(MINUTE);
		bankrupt_by(100 * MONEY);
		size_t order = sents - 1;
		if (how == 0)
			reject(order);
		else
			done(order);
		tick(how == 2 ? DAY : 1000000);
		waterfall->cases[index_of(1)].stage = FB_STAGE_TAKEOVER;
		__int128 before = taken_lots();
		decide();
		/* 50 of 100 again; or nothing; or what 5 % of 950 allow of 50 */
		kit_assert_wide(taken_lots() - before, how == 0 ? 50 : how == 1 ? 0 : 47);
		close_all();
	}
}
END_TEST

/* Pools by symbol: a third of the fund each; what is lost in one is borne by it alone. */
START_TEST(a_pool_for_each_symbol)
{
	open_fund(1000);
	INSURANCE.pools_by_symbol = 1;
	start();
	tick(MINUTE);
	kit_assert_wide(fb_fund_pool(waterfall, 1), 1000 * MONEY / 3);
	bankrupt_by(1000 * MONEY);
	kit_assert_wide(taken_lots(), 333);
	done(sents - 1);
	kit_assert_wide(fb_fund_pool(waterfall, 2), 1000 * MONEY / 3);
	ck_assert(fb_fund_pool(waterfall, 1) >= 0 && fb_fund_pool(waterfall, 1) < MONEY);
	ledger_adds_up();
	close_all();
}
END_TEST

/* The maximum in a window against all that was noted in it. */
START_TEST(maxima_are_those_of_the_window)
{
	uint64_t seed = 21;
	for (int round = 0; round < 30; round++) {
		static int64_t at[3000];
		static uint64_t value[3000];
		int64_t window = 1 + (int64_t)(kit_random(&seed) % 20);
		size_t n = 0;
		open_fund(10);
		rules.policy.unwind_share_e7 = 0;
		INSURANCE.drawdown_e7 = 10000000;
		INSURANCE.window_us = (uint64_t)(window * MINUTE);
		tell(c_position(FB_ID_FUND, fb_house_position(FB_ID_FUND, 1), 1, 100, 100 * MONEY));
		start();
		while (n < 3000) {
			value[n] = 500 + kit_random(&seed) % 1000;
			mark(1, value[n]);
			tick((int64_t)(kit_random(&seed) % (kit_random(&seed) % 50 ? 20 : 900)) *
			     1000000);
			at[n++] = now_us / MINUTE;
			uint64_t most = 0;
			for (size_t i = 0; i < n; i++)
				if (at[i] >= at[n - 1] - window && value[i] > most)
					most = value[i];
			/* The fall in thousandths of 100 lots, from the room that is left. */
			__int128 fall = (__int128)(most - value[n - 1]) * 100 * (MONEY / 1000),
				 balance = 1000 * MONEY + ((__int128)most - 1000) * 100 *
								  (MONEY / 1000);
			bool falls_short;
			__int128 room = fb_fund_takeover_room(waterfall, 1, (__int128)1 << 100,
							      &falls_short);
			__int128 off = room - (balance - fall);
			KIT_MUST(off > -MONEY / 1000 && off < MONEY / 1000);
		}
		close_all();
	}
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "fall", the_fall_is_held },
		{ "price", the_price_holds_the_fall },
		{ "price in parts", the_price_holds_the_fall_in_parts },
		{ "promised", the_price_is_promised_once },
		{ "levels", on_and_off_at_different_levels },
		{ "on", nothing_is_taken_while_adl_is_on },
		{ "caps", caps_by_day_and_trade },
		{ "pools", a_pool_for_each_symbol },
		{ "maxima", maxima_are_those_of_the_window },
	};
	return kit_main("waterfall: fund", cases, sizeof(cases) / sizeof(cases[0]));
}
