/* What answers do to positions and money, to the last unit: reductions in parts, fees, late fills,
 * own trades in between, takeovers and pairs. */
#include "waterfall_answer_kit.h"

#define STREET_ROW fb_house_position(FB_ID_STREET, 1)
#define FUND_ROW fb_house_position(FB_ID_FUND, 1)

/* 100 lots bought at 1 with 11: at 0.895 equity is 0.5 and MM 0.895. Bankruptcy value 89. Ready for
 * the first step. */
static void a_long(void)
{
	open_all();
	holder(1, 11 * MONEY, 10, 1, 100, 100 * MONEY);
	start();
	mark(1, 895);
	make_ready();
}

/* The same with its reduction sent. */
static size_t a_long_reduced(void)
{
	a_long();
	decide();
	return expect_newest(FB_VERB_REDUCE, 1, 100, 89 * MONEY);
}

/* 40 lots at 0.9, 60 at the limit. Fees of the first: 0.05 % and 0.5 % of 35.8; of the second
 * 0.05 % of 53.7, and of 0.5 % only what is left. */
START_TEST(a_reduction_in_parts)
{
	size_t order = a_long_reduced();
	fill(order, 40, 36 * MONEY);
	expect_row(10, 60, 60 * MONEY);
	expect_row(STREET_ROW, -60, -60 * MONEY);
	kit_assert_wide(collateral_of(1), 7 * MONEY - 1790000 - 17900000);
	kit_assert_wide(collateral_of(FB_ID_STREET), 1000004 * MONEY);
	kit_assert_wide(collateral_of(FB_ID_FEES), 1790000);
	kit_assert_wide(collateral_of(FB_ID_FUND), 500 * MONEY + 17900000);
	kit_assert_wide(sums_of(1).equity_e8, 50310000);
	expect_state(1, FB_REDUCING);
	fill(order, 60, 5340 * CENT);
	expect_row(10, 0, 0);
	ck_assert(!row_of(10)->live && !row_of(STREET_ROW)->live);
	kit_assert_wide(collateral_of(1), 0);
	kit_assert_wide(collateral_of(FB_ID_FEES), 1790000 + 2685000);
	kit_assert_wide(collateral_of(FB_ID_FUND), 500 * MONEY + 17900000 + 20310000 - 2685000);
	kit_assert_wide(collateral_of(FB_ID_STREET), 1000000 * MONEY + 1060 * CENT);
	kit_assert_wide(counts()->taker_fees_e8, 4475000);
	kit_assert_wide(counts()->liquidation_fees_e8, 35525000);
	kit_assert_wide(counts()->notional_closed_e8, 8950 * CENT);
	done(order);
	decide();
	expect_state(1, FB_CLOSED);
	ck_assert_uint_eq(counts()->closed, 1);
	close_all();
}
END_TEST

/* Equity 0.01 before the fill: the taker fee takes it all, and nothing is left for the other. */
START_TEST(the_taker_fee_comes_first)
{
	size_t order = a_long_reduced();
	tell(c_collateral(1, -49 * CENT));
	tell(c_collateral(FB_ID_STREET, 49 * CENT));
	fill(order, 100, 8950 * CENT);
	kit_assert_wide(collateral_of(1), 0);
	kit_assert_wide(collateral_of(FB_ID_FEES), CENT);
	kit_assert_wide(collateral_of(FB_ID_FUND), 500 * MONEY);
	close_all();
}
END_TEST

START_TEST(the_bankrupt_pay_no_fees)
{
	size_t order = a_long_reduced();
	mark(1, 800);
	fill(order, 40, 36 * MONEY);
	kit_assert_wide(sums_of(1).equity_e8, -5 * MONEY);
	kit_assert_wide(collateral_of(1), 7 * MONEY);
	kit_assert_wide(collateral_of(FB_ID_FEES), 0);
	kit_assert_wide(collateral_of(FB_ID_FUND), 500 * MONEY);
	close_all();
}
END_TEST

/* Cuts from 80 % on, a fifth at a time: at 0.9 equity is 1 and MM 0.9. */
START_TEST(a_cut_pays_the_taker_fee_only)
{
	open_all();
	rules.policy.cut_level = 1;
	rules.policy.cut_share_e7 = 2000000;
	holder(1, 11 * MONEY, 10, 1, 100, 100 * MONEY);
	start();
	mark(1, 900);
	make_ready();
	decide();
	size_t order = sents - 1;
	ck_assert_int_eq(sent[order].order.qty, 20);
	fill(order, 20, 1798 * CENT);
	/* 11 - 2.02 and 0.05 % of 18, at the mark */
	kit_assert_wide(collateral_of(1), 898 * CENT - 900000);
	kit_assert_wide(collateral_of(FB_ID_FEES), 900000);
	kit_assert_wide(collateral_of(FB_ID_FUND), 500 * MONEY);
	ck_assert_uint_eq(counts()->cuts, 1);
	ck_assert_uint_eq(counts()->liquidations, 0);
	close_all();
}
END_TEST

START_TEST(the_house_unwinds_without_fees)
{
	open_all();
	tell(c_position(FB_ID_FUND, FUND_ROW, 1, 100, 80 * MONEY));
	start();
	tick(1);
	size_t order = sents - 1;
	ck_assert_uint_eq(sent[order].order.account, FB_ID_FUND);
	fill(order, 10, 10 * MONEY);
	kit_assert_wide(collateral_of(FB_ID_FUND), 502 * MONEY);
	kit_assert_wide(collateral_of(FB_ID_FEES), 0);
	expect_row(FUND_ROW, 90, 72 * MONEY);
	close_all();
}
END_TEST

/* DONE counts two fills; the order is over when both have come, in whatever order. */
START_TEST(a_fill_after_done)
{
	size_t order = a_long_reduced();
	happen(a_fill(order, 2, 60, 5370 * CENT));
	happen(a_done(order, 2, 100, 8950 * CENT));
	ck_assert_uint_eq(counts()->late_fills, 0);
	ck_assert_uint_eq(fb_waterfall_open_orders(waterfall), 1);
	expect_stray(a_done(order, 2, 100, 8950 * CENT));
	expect_stray(a_fill(order, 2, 60, 5370 * CENT));
	decide();
	expect_state(1, FB_REDUCING);
	happen(a_fill(order, 1, 40, 3580 * CENT));
	ck_assert_uint_eq(counts()->late_fills, 1);
	expect_state(1, FB_READY);
	expect_row(10, 0, 0);
	/* 0.55 % of 89.5 in all; equity was 0.5, so 0.00775 is left. */
	kit_assert_wide(collateral_of(1), 50000000 - 4475000 - 44750000);
	expect_stray(a_fill(order, 1, 40, 3580 * CENT));
	expect_stray(a_done(order, 2, 100, 8950 * CENT));
	close_all();
}
END_TEST

/* The user sells 70 of 100 at the mark while the reduction is on its way; then 40 are filled:
 * 30 are the user's, 10 were sold short by the fund. */
START_TEST(what_the_user_sold_first_is_the_funds)
{
	size_t order = a_long_reduced();
	happen(own_fill(1, 10, 1, -70, -6265 * CENT));
	expect_row(10, 30, 30 * MONEY);
	kit_assert_wide(collateral_of(1), 11 * MONEY - 735 * CENT);
	fill(order, 40, 36 * MONEY + 1);
	expect_row(10, 0, 0);
	/* floor((36 + 1e-8) x 30 / 40) is 27, and the rest the fund's */
	expect_row(FUND_ROW, -10, -9 * MONEY - 1);
	expect_row(STREET_ROW, 10, 9 * MONEY + 1);
	ck_assert_uint_eq(counts()->late_fills, 1);
	/* 3.65 - 3 and fees of 26.85: 0.013425 and 0.13425 */
	kit_assert_wide(collateral_of(1), 65 * CENT - 1342500 - 13425000);
	kit_assert_wide(collateral_of(FB_ID_FUND), 500 * MONEY + 13425000);
	/* Nothing of the user is left: all of the next is the fund's, and pays no fee. */
	fill(order, 60, 54 * MONEY);
	expect_row(FUND_ROW, -70, -63 * MONEY - 1);
	kit_assert_wide(collateral_of(FB_ID_FEES), 1342500);
	ck_assert_uint_eq(counts()->late_fills, 2);
	close_all();
}
END_TEST

/* The user has turned the position: a fill must not make it larger. */
START_TEST(a_turned_position_is_left_alone)
{
	size_t order = a_long_reduced();
	happen(own_fill(1, 10, 1, -105, -9398 * CENT));
	int64_t entry = row_of(10)->entry_e8;
	fill(order, 100, 8950 * CENT);
	expect_row(10, -5, entry);
	expect_row(FUND_ROW, -100, -8950 * CENT);
	kit_assert_wide(collateral_of(FB_ID_FEES), 0);
	close_all();
}
END_TEST

START_TEST(a_fill_that_cannot_be_true)
{
	size_t order = a_long_reduced();
	fill(order, 40, 36 * MONEY);
	expect_stray(a_fill(order, 1, 40, 36 * MONEY));
	expect_violation(a_fill(order, 0, 10, 9 * MONEY));
	expect_violation(a_fill(order, FB_FILLS_MAX + 1, 10, 9 * MONEY));
	expect_violation(a_fill(order, 2, 0, 0));
	expect_violation(a_fill(order, 2, -10, 9 * MONEY));
	expect_violation(a_fill(order, 2, -10, -9 * MONEY));
	expect_violation(a_fill(order, 2, 61, 61 * MONEY));
	expect_violation(a_fill(order, 2, INT64_MAX, MONEY));
	expect_violation(a_fill(order, 2, 60, 5340 * CENT - 1));
	expect_violation(a_fill(order, 2, 60, (__int128)1 << 61));
	expect_violation(a_done(order, 0, 40, 36 * MONEY)); /* less fills than were told */
	expect_violation(a_done(order, 1, 39, 36 * MONEY));
	expect_violation(a_done(order, 1, 101, 36 * MONEY));
	expect_violation(a_done(order, FB_FILLS_MAX + 1, 40, 36 * MONEY));
	expect_violation(answer(order, FB_EVENT_REJECT));
	expect_stray((struct fb_event){ .kind = FB_EVENT_DONE, .id = { 1, 2, 3 } });
	expect_violation((struct fb_event){ .kind = FB_EVENT_DEPTH + 1 });
	happen(a_fill(order, FB_FILLS_MAX, 60, 5340 * CENT)); /* at the limit to the unit */
	expect_row(10, 0, 0);
	close_all();
}
END_TEST

/* A limit that no number of lots divides: of each part it is rounded down. */
START_TEST(a_limit_in_parts)
{
	a_long();
	tell(c_collateral(1, -1));
	tell(c_collateral(FB_ID_STREET, 1));
	decide();
	size_t order = expect_newest(FB_VERB_REDUCE, 1, 100, 89 * MONEY + 1);
	expect_violation(a_fill(order, 1, 1, 89 * CENT - 1));
	for (uint32_t i = 1; i <= 60; i++)
		happen(a_fill(order, i, 1, 89 * CENT));
	expect_row(10, 40, 40 * MONEY);
	expect_violation(a_fill(order, 61, 40, 3560 * CENT - 1));
	happen(a_fill(order, 61, 40, 3560 * CENT));
	expect_row(10, 0, 0);
	close_all();
}
END_TEST

START_TEST(a_fill_of_what_is_no_reduction)
{
	open_all();
	holder(1, 11 * MONEY, 10, 1, 100, 100 * MONEY);
	start();
	mark(1, 895);
	decide();
	expect_violation(a_fill(0, 1, 100, 100 * MONEY)); /* HOLD */
	expect_state(1, FB_HOLDING);
	close_all();
}
END_TEST

START_TEST(own_events_are_numbered)
{
	open_all();
	holder(1, 30 * MONEY, 10, 1, 100, 100 * MONEY);
	start();
	happen(own_fill(1, 10, 1, 10, 11 * MONEY));
	expect_row(10, 110, 111 * MONEY);
	expect_row(STREET_ROW, -110, -111 * MONEY);
	expect_stray(own_fill(1, 10, 1, 10, 11 * MONEY));
	happen(own_event(1, FB_EVENT_DEPOSIT, 2, 5 * MONEY));
	kit_assert_wide(collateral_of(1), 35 * MONEY);
	kit_assert_wide(collateral_of(FB_ID_STREET), 999995 * MONEY);
	expect_stray(own_event(1, FB_EVENT_DEPOSIT, 2, 5 * MONEY));
	happen(own_event(1, FB_EVENT_DEPOSIT, 3, -7 * MONEY));
	kit_assert_wide(collateral_of(1), 28 * MONEY);
	/* Number 4 was lost: what came is true nevertheless. */
	ck_assert_uint_eq(counts()->violations, 0);
	happen(own_fill(1, 10, 5, -11, -10 * MONEY));
	ck_assert_uint_eq(counts()->violations, 1);
	expect_row(10, 99, 9990 * CENT);
	/* 11 of 110 lots were bought for 11.1. */
	kit_assert_wide(collateral_of(1), 28 * MONEY - 110 * CENT);
	expect_stray(own_fill(1, 10, 4, 1, MONEY));
	expect_violation(own_event(77, FB_EVENT_DEPOSIT, 1, MONEY));
	expect_violation(own_event(FB_ID_FUND, FB_EVENT_DEPOSIT, 1, MONEY));
	expect_violation(own_event(1, FB_EVENT_DEPOSIT, 6, (__int128)1 << 61));
	expect_violation(own_fill(1, STREET_ROW, 7, 1, MONEY)); /* not its position */
	expect_violation(own_fill(1, 10, 8, 0, MONEY));
	expect_violation(own_fill(1, 10, 9, INT64_C(1) << 47, MONEY));
	expect_violation(own_fill(1, 10, 10, INT64_MIN, MONEY));
	close_all();
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "parts", a_reduction_in_parts },
		{ "taker first", the_taker_fee_comes_first },
		{ "bankrupt", the_bankrupt_pay_no_fees },
		{ "cut", a_cut_pays_the_taker_fee_only },
		{ "unwinding", the_house_unwinds_without_fees },
		{ "late", a_fill_after_done },
		{ "sold first", what_the_user_sold_first_is_the_funds },
		{ "turned", a_turned_position_is_left_alone },
		{ "untrue", a_fill_that_cannot_be_true },
		{ "limit", a_limit_in_parts },
		{ "no reduction", a_fill_of_what_is_no_reduction },
		{ "own events", own_events_are_numbered },
	};
	return kit_main("waterfall: fills", cases, sizeof(cases) / sizeof(cases[0]));
}
