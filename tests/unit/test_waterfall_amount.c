/* What a step of liquidation closes where a limit or an amount is asked for, with the venues' own
 * numbers where they print any. */
#include "waterfall_style_kit.h"

/* ---- limits ---- */

/* dYdX's own cases, in money for its quote: a position worth 5,000 with MM of a tenth, spread of a
 * tenth (fillable_spread), equity and adjustment as given: the price that is still filled. */
START_TEST(fillable_prices)
{
	static const struct {
		int64_t qty, equity_e8, spread_e7;
		uint32_t adjust_e7;
		int64_t price_e8; /* of the whole */
	} cases[] = {
		/* 499.99 of 500: the smallest step below MM */
		{ 1, 499 * MONEY, 1000000, 10000000, 499990000000 },
		{ 1, 499 * MONEY, 2000000, 10000000, 499980000000 },
		{ 1, 499 * MONEY, 1000000, 1000000000, 499000000000 },
		{ 1, 499 * MONEY, 10, 10000000, 499999999900 },
		{ -1, 0, 1000000, 10000000, -505000000000 },
		{ -1, -500 * MONEY, 1000000, 10000000, -505000000000 },
		{ -1, 499 * MONEY, 1000000, 20000000, -500020000000 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		open_all();
		POLICY.limit = FB_LIMIT_FILLABLE;
		POLICY.fillable_spread_e7 = (uint32_t)cases[i].spread_e7;
		POLICY.fillable_adjust_e7 = cases[i].adjust_e7;
		holder(1, 0, 10, 1, 5000 * cases[i].qty, 5000 * cases[i].qty * MONEY);
		start();
		struct fb_closing c = {
			.row = fb_book_row_index(book, 10),
			.qty = 5000 * cases[i].qty,
			.at_mark = { .notional_e8 = 5000 * (unsigned __int128)MONEY,
				     .value_e8 = 5000 * cases[i].qty * (__int128)MONEY,
				     .mm_e15 = 500 * (__int128)MONEY * 10000000 },
		};
		struct fb_judged j = {
			.account = index_of(1),
			.sums = { cases[i].equity_e8, c.at_mark.mm_e15, 0 },
		};
		kit_assert_wide(fb_style_limit(waterfall, &j, &c, false), cases[i].price_e8);
		close_all();
	}
}
END_TEST

/* So far from the mark, below bankruptcy too, and never below nothing for a long. */
START_TEST(slippage_from_the_mark)
{
	open_style(100);
	POLICY.limit = FB_LIMIT_SLIPPAGE;
	POLICY.limit_slip_e7 = 300000;
	begin();
	expect_newest(FB_VERB_REDUCE, 1, 100, 97 * MONEY);
	close_all();
}
END_TEST

/* ---- amounts ---- */

/* Drift's cases: a shortage of 10 at a price of 100 with a ratio of 10 %. Lots of a billionth. The
 * venue floors; here a lot more covers what flooring leaves. */
START_TEST(base_amount_of_a_shortage)
{
	static const struct {
		uint32_t fees_e7;
		int64_t floor;
	} cases[] = { { 0, 1000000000 }, { 100000, 1111111111 }, { 200000, 1250000000 } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		open_all();
		POLICY.reduce = FB_REDUCE_AMOUNT;
		POLICY.buffer_e7 = 900000; /* and 1 % of the ladder: 10 % */
		rules.taker_fee_e7 = cases[i].fees_e7;
		rules.liquidation_fee_e7 = 0;
		/* 5 base units; a lot of 1e-9 base is worth 100 x 1e-9 money. */
		int64_t lots = 5000000000;
		holder(1, 0, 10, 1, lots, 500 * MONEY);
		start();
		tell(c_mark(1, U_MONEY / 10000000));
		/* MM + buffer = 50: short by 10 at an equity of 40. */
		struct fb_closing c[FB_ROWS_PER_ACCOUNT];
		struct fb_portion portion;
		struct fb_judged j = { .account = index_of(1), .sums = sums_of(1) };
		j.sums.equity_e8 = 40 * MONEY;
		KIT_MUST(fb_size_plan(waterfall, j.account, j.sums.equity_e8, c) == 1);
		fb_style_portions(waterfall, &j, c, 1, &portion);
		__int128 u = U_MONEY / 10000000;
		int64_t rate = 1000000 - cases[i].fees_e7;
		__int128 mm = j.sums.mm_e15 + (__int128)c[0].at_mark.notional_e8 * 900000 -
			      40 * (__int128)MONEY * 10000000;
		KIT_MUST(((portion.lots * u * rate) >> 16) >= mm);
		KIT_MUST((((portion.lots - 1) * u * rate) >> 16) < mm);
		/* The unit value is rounded: as near as that allows. */
		KIT_MUST(size_of(portion.lots - cases[i].floor) <= cases[i].floor / 1000000);
		close_all();
	}
}
END_TEST

/* A quarter at once, then more with time, of all that was short; a small shortage at once. */
START_TEST(a_share_that_grows)
{
	for (int small = 0; small < 2; small++) {
		open_style(100);
		rules.taker_fee_e7 = rules.liquidation_fee_e7 = 0;
		POLICY.reduce = FB_REDUCE_AMOUNT;
		POLICY.buffer_e7 = 100000;
		POLICY.ramp_us = 100 * TICK;
		POLICY.ramp_start_e7 = 2500000;
		POLICY.ramp_free_e8 = small ? 2 * (uint64_t)MONEY : 0;
		begin(); /* MM 1, so short of 1: of 50 lots at 2 % */
		if (small) {
			ck_assert_int_eq(sent[2].order.qty, 50);
			close_all();
			continue;
		}
		ck_assert_int_eq(sent[2].order.qty, 13); /* 12.5 */
		fill_newest();
		decide();
		ck_assert_uint_eq(sents, 3); /* not yet more */
		ck_assert_uint_eq(waterfall->cases[index_of(1)].idle, 0);
		tick(50 * TICK);
		decide(); /* 75 % of what was short: 37.5, less 13 */
		ck_assert_int_eq(sent[3].order.qty, 25);
		fill_newest();
		tick(50 * TICK);
		decide();
		ck_assert_int_eq(sent[4].order.qty, 12);
		fill_newest();
		decide();
		ck_assert_uint_eq(sent[5].order.verb, FB_VERB_RELEASE);
		close_all();
	}
}
END_TEST

/* The account is let go at MM and buffer, not at MM. */
START_TEST(a_buffer_keeps)
{
	open_style(100);
	POLICY.reduce = FB_REDUCE_AMOUNT;
	POLICY.buffer_e7 = 1000000;
	begin();
	done(2);
	tick(TICK);
	for (int enough = 0; enough < 2; enough++) {
		set_equity(1, 11 * MONEY - !enough); /* MM 1, buffer 10 */
		decide();
		ck_assert_uint_eq(sent[sents - 1].order.verb,
				  enough ? FB_VERB_RELEASE : FB_VERB_REDUCE);
		if (!enough)
			done(sents - 1);
	}
	close_all();
}
END_TEST

/* Delta: the smallest part that leaves liquidation a hundredth away, against trying each one. */
START_TEST(the_smallest_part_that_is_far_enough)
{
	uint64_t seed = 12;
	for (int round = 0; round < 300; round++) {
		int64_t lots = 1 + (int64_t)(kit_random(&seed) % 3000),
			sign = kit_random(&seed) % 2 ? 1 : -1;
		open_style(sign * lots);
		rules.taker_fee_e7 = rules.liquidation_fee_e7 = 0;
		POLICY.reduce = FB_REDUCE_AMOUNT;
		POLICY.amount_to = FB_AMOUNT_TO_DISTANCE;
		POLICY.distance_e7 = 100000;
		POLICY.limit = FB_LIMIT_SLIPPAGE;
		POLICY.limit_slip_e7 = (uint32_t)(kit_random(&seed) % 20000);
		begin();
		const struct fb_order *o = &sent[2].order;
		int64_t n = size_of(o->qty);
		__int128 equity = sums_of(1).equity_e8;
		for (int64_t k = n - 1; k <= n; k++) {
			struct fb_row_value rest, whole;
			__int128 limit = fb_size_part(o->value_e8, size_of(k), n ? n : 1);
			fb_value_row(&book->ladder[book->symbol[1].ladder], sign * (lots - k),
				     sign > 0 ? U_MONEY - U_MONEY / 100
					      : U_MONEY + U_MONEY / 100,
				     0, &rest);
			fb_value_row(&book->ladder[book->symbol[1].ladder], sign * lots, U_MONEY, 0,
				     &whole);
			__int128 left = equity + limit + rest.value_e8 - whole.value_e8;
			bool far = left * 10000000 >= rest.mm_e15;
			KIT_MUST(k == n ? far || n == lots : !far || k == 0 || n == 1);
		}
		close_all();
	}
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "fillable", fillable_prices },
		{ "slippage", slippage_from_the_mark },
		{ "shortage", base_amount_of_a_shortage },
		{ "ramp", a_share_that_grows },
		{ "buffer", a_buffer_keeps },
		{ "distance", the_smallest_part_that_is_far_enough },
	};
	return kit_main("waterfall: amounts", cases, sizeof(cases) / sizeof(cases[0]));
}
