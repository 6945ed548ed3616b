/* Prices and figures of an account of a book, by hand: one position, a hedge, both contracts,
 * coins, frozen MM, bankruptcy, a venue's own arithmetic, and what cannot be asked. */
#include "formula_book_kit.h"

/* By hand: 1,000 lots of 0.0001 BTC long from 100,000 with 1,000 behind; 0.4 %.
 * L = (10,000 - 1,000) / (0.1 x 0.996) = 90361.445783132..., where the notional is
 * 9036.1445783132...; it is a multiple of 1e-8, which are ten ticks of the price. */
static void hand(void)
{
	uint64_t u;
	book->ladder[0] = (struct fb_book_ladder){ .tiers = 1, .tier[0].rate_e7 = 40000 };
	book->symbol[0].ladder = 0;
	book->classes[0] = (struct fb_book_class){ .thresholds = 2,
						   .up_e7 = { 8000000, 10000000 } };
	rules->liquidate_level = 2;
	rules->symbol[0].lot_e8 = 10000;
	ck_assert_int_eq(fb_unit_value(&rules->symbol[0], 100000 * E8, &u), 0);
	view = (struct fb_view){ .collateral_e8 = 1000 * E8 };
	view.rows = 1;
	view.row[0] = (struct fb_view_row){ .qty = 1000, .entry_e8 = 10000 * E8, .u = u };
}

START_TEST(by_hand)
{
	uint64_t p;
	open_all();
	hand();
	struct fb_price_question q = ask(2);
	ck_assert_int_eq(fb_breach_price(&q, -1, &p), 0);
	ck_assert_uint_eq(p, UINT64_C(9036144578320));
	ck_assert_int_eq(fb_breach_price(&q, 1, &p), -ENOENT);
	q.level = FB_LEVEL_BANKRUPT;
	ck_assert_int_eq(fb_breach_price(&q, -1, &p), 0);
	ck_assert_uint_eq(p, 90000 * E8 - 1);
	struct fb_account_figures a;
	struct fb_symbol_figures f;
	fb_account_figures(&q, FB_MM_OVER_EQUITY, &a);
	kit_same(a.ratio, n("0.04"));
	kit_same(a.risk_score, n("4"));
	kit_same(a.leverage, n("10"));
	kit_same(a.buffer_e8, times(n("950"), whole(E8)));
	kit_same(a.exposure_e8.net, times(n("10000"), whole(E8)));
	kit_same(a.exposure_e8.shorts, whole(0));
	ck_assert_uint_eq(a.next_level, 1);
	ck_assert_int_eq(fb_symbol_figures(&q, a.next_level, &f), 0);
	kit_same(f.mark, n("100000"));
	kit_same(f.bankruptcy, n("90000"));
	kit_same(f.zero_price, n("90000"));
	ck_assert(f.liquidation.found && f.liquidation.price_e8 == UINT64_C(9036144578320));
	/* (10,000 - 1,000) / (0.1 x (1 - 0.4 % / 80 %)) */
	ck_assert(f.next.found && f.next.price_e8 == UINT64_C(9045226130660));
	ck_assert(f.level[1].price_e8 == f.next.price_e8 && f.level[1].found);
	ck_assert(f.level[2].price_e8 == f.liquidation.price_e8 && !f.level[3].found);
	kit_shows(f.buffer.price, "9547.73869340");
	kit_shows(f.buffer.share, "0.0955");
	fb_account_figures(&q, FB_EQUITY_OVER_MM, &a);
	kit_same(a.ratio, n("25"));
	/* 40 of 47: past the first threshold, 7 above the second. */
	view.collateral_e8 = 47 * E8;
	fb_account_figures(&q, FB_MM_OVER_EQUITY, &a);
	ck_assert_uint_eq(a.next_level, 2);
	kit_same(a.buffer_e8, whole(7 * E8));
	view.collateral_e8 = 1000 * E8;
	/* Frozen: MM is the account's. L = 90,000 + 40 / 0.1. Of two symbols nobody can say whose
	 * equity it is. */
	book->ladder[0].tier[0].rate_e7 = 0;
	view.addend_e15 = 40 * (__int128)E8 * 10000000;
	ck_assert_int_eq(fb_symbol_figures(&q, a.next_level, &f), 0);
	ck_assert_uint_eq(f.liquidation.price_e8, 90400 * E8 + 10); /* still 9,040.00000000 */
	kit_same(f.zero_price, n("90000"));
	view.row[1] = view.row[0];
	view.row[1].symbol = 1;
	view.rows = 2;
	book->ladder[1] = book->ladder[0];
	book->symbol[1].ladder = 1;
	rules->symbol[1] = rules->symbol[0];
	ck_assert_int_eq(fb_symbol_figures(&q, a.next_level, &f), 0);
	ck_assert_int_eq(f.zero_price.error, -ENOENT);
	close_all();
}
END_TEST

/* Beyond bankruptcy the way back is negative; an inverse long, whose rows have the sign turned,
 * gains when the price rises: 100,000 USD at 50,000 are 2 coins. */
START_TEST(beyond_and_inverse)
{
	struct fb_symbol_figures f;
	struct fb_account_figures a;
	uint64_t u;
	open_all();
	hand();
	view.collateral_e8 = -500 * E8;
	struct fb_price_question q = ask(2);
	fb_account_figures(&q, FB_MM_OVER_EQUITY, &a);
	ck_assert_uint_eq(a.next_level, FB_LEVEL_BANKRUPT);
	ck_assert_int_eq(a.ratio.error, -EDOM);
	ck_assert_int_eq(a.leverage.error, -EDOM);
	kit_same(a.risk_score, whole(100));
	kit_same(a.buffer_e8, whole(-500 * E8));
	ck_assert_int_eq(fb_symbol_figures(&q, a.next_level, &f), 0);
	kit_same(f.bankruptcy, n("105000"));
	kit_shows(f.buffer.price, "-5000.0000");
	hand();
	rules->symbol[0].type = FB_INVERSE;
	rules->symbol[0].lot_e8 = (uint64_t)(100 * E8);
	ck_assert_int_eq(fb_unit_value(&rules->symbol[0], 50000 * E8, &u), 0);
	view.row[0] = (struct fb_view_row){ .qty = -1000, .entry_e8 = -2 * E8, .u = u };
	view.collateral_e8 = E8 / 2;
	ck_assert_int_eq(fb_symbol_direction(&q), 1);
	ck_assert_int_eq(fb_symbol_figures(&q, 2, &f), 0);
	kit_same(f.mark, n("50000"));
	kit_same(f.delta_e8, whole(2 * E8));
	kit_same(f.bankruptcy, n("40000"));
	/* 100,000 (1 + 0.4 %) / (2 + 0.5) */
	kit_shows(times(n("1e-8"), whole(f.liquidation.price_e8)), "40160.00");
	close_all();
}
END_TEST

/* A rate above the threshold and an addend below 0: with N, equity = N - 18, MM = 0.5 N - 10,
 * breach from 0.3 up: below 18 for want of equity, from 23 on for want of margin, calm between. */
START_TEST(breach_on_both_sides)
{
	uint64_t p;
	open_all();
	hand();
	book->ladder[0].tier[0].rate_e7 = 5000000;
	book->classes[0] = (struct fb_book_class){ .thresholds = 1, .up_e7 = { 3000000 } };
	view.collateral_e8 = 0;
	view.addend_e15 = -10 * (__int128)E8 * 10000000;
	view.row[0].entry_e8 = 18 * E8;
	struct fb_price_question q = ask(1);
	ck_assert_int_eq(fb_unit_value(&rules->symbol[0], 100 * E8, &view.row[0].u), 0);
	ck_assert_int_eq(fb_breach_price(&q, -1, &p), 0);
	ck_assert_uint_eq(p, 180 * E8 - 1);
	ck_assert_int_eq(fb_unit_value(&rules->symbol[0], 200 * E8, &view.row[0].u), 0);
	ck_assert_int_eq(fb_breach_price(&q, -1, &p), 0);
	ck_assert_uint_eq(p, 180 * E8 - 1);
	ck_assert_int_eq(fb_breach_price(&q, 1, &p), 0);
	ck_assert_uint_eq(p, 230 * E8);
	close_all();
}
END_TEST

/* By hand: long 0.1 BTC from 100,000 and 0.1 BTC as collateral, of which 90 % count; no money. L =
 * 10,000 / (0.1 (1 + 0.9 - 0.004)), B = 10,000 / 0.19; the coins are bought for what they count. */
START_TEST(coins_follow_their_index)
{
	struct fb_symbol_figures f;
	struct fb_account_figures a;
	open_all();
	hand();
	rules->symbol[COIN] = rules->symbol[0];
	rules->symbol[COIN].index = 1;
	rules->symbol[COIN].weight_e7 = 9000000;
	book->ladder[COIN] = (struct fb_book_ladder){ .tiers = 1 };
	book->symbol[COIN].ladder = COIN;
	view.collateral_e8 = 0;
	view.row[1] = (struct fb_view_row){ .symbol = COIN, .qty = 1000 };
	view.rows = 2;
	ck_assert_int_eq(fb_unit_value(&rules->symbol[COIN], 100000 * E8, &view.row[1].u), 0);
	struct fb_price_question q = ask(2);
	fb_account_figures(&q, FB_MM_OVER_EQUITY, &a);
	kit_same(a.coins_e8, whole(9000 * E8));
	kit_same(a.exposure_e8.net, whole(10000 * E8));
	kit_same(a.leverage, n("10/9"));
	ck_assert_int_eq(fb_symbol_figures(&q, a.next_level, &f), 0);
	kit_shows(times(n("1e-8"), whole(f.liquidation.price_e8)), "52742.6160");
	kit_same(f.bankruptcy, over(n("10000"), n("0.19")));
	kit_same(f.delta_e8, whole(19000 * E8));
	kit_same(f.gross_e8, whole(10000 * E8));
	/* Without the position its price still matters, by the book's mark. */
	view.row[0] = view.row[1];
	view.rows = 1;
	view.collateral_e8 = -4500 * E8;
	ck_assert_int_eq(fb_symbol_figures(&q, a.next_level, &f), -EINVAL);
	ck_assert_int_eq(fb_unit_value(&rules->symbol[0], 100000 * E8, &book->symbol[0].u), 0);
	q.symbol = 0;
	ck_assert_int_eq(fb_symbol_figures(&q, a.next_level, &f), 0);
	kit_same(f.bankruptcy, n("50000"));
	ck_assert_int_eq(f.zero_price.error, -ENOENT);
	ck_assert_int_eq(f.direction, 1);
	close_all();
}
END_TEST

/* Both sides of a hedge: even, no price of bankruptcy; MM of both sides grows when it rises. */
START_TEST(hedge)
{
	uint64_t p;
	open_all();
	hand();
	view.collateral_e8 = 100 * E8;
	view.row[1] = view.row[0];
	view.row[1].qty = -1000;
	view.row[1].entry_e8 = -10000 * E8;
	view.rows = 2;
	struct fb_price_question q = ask(2);
	struct fb_symbol_figures f;
	ck_assert_int_eq(fb_symbol_direction(&q), 0);
	/* 0.004 x 2 x 0.1 x price = 100 */
	ck_assert_int_eq(fb_breach_price(&q, 1, &p), 0);
	ck_assert_uint_eq(p, 125000 * E8);
	ck_assert_int_eq(fb_breach_price(&q, -1, &p), -ENOENT);
	ck_assert_int_eq(fb_symbol_figures(&q, 2, &f), 0);
	ck_assert(f.liquidation.found && f.liquidation.price_e8 == 125000 * (uint64_t)E8);
	kit_same(f.buffer.price, n("25000"));
	ck_assert_int_eq(f.bankruptcy.error, -ENOENT);
	kit_same(f.delta_e8, whole(0));
	kit_same(f.gross_e8, times(n("20000"), whole(E8)));
	close_all();
}
END_TEST

static void doubled(void *context, const struct fb_book *b, const struct fb_view *v,
		    uint16_t symbol, uint64_t at_e8, struct fb_sums *out)
{
	uint64_t u;
	ck_assert_uint_eq(symbol, 0);
	ck_assert((at_e8 == 0) == (v == &view));
	ck_assert(at_e8 == 0 || (fb_unit_value(&rules->symbol[0], at_e8, &u) == 0 &&
				 u == v->row[0].u));
	fb_value_exact(b, v, out);
	out->mm_e15 *= *(int *)context;
}

START_TEST(a_venues_own_arithmetic)
{
	uint64_t plain, twice;
	int factor = 2;
	open_all();
	hand();
	struct fb_price_question q = ask(2);
	q.sums = doubled;
	q.context = &factor;
	ck_assert_int_eq(fb_breach_price(&q, -1, &twice), 0);
	ck_assert_uint_eq(twice, UINT64_C(9072580645170)); /* 9,000 / (0.1 x 0.992) */
	q.sums = NULL;
	book->ladder[0].tier[0].rate_e7 = 80000;
	ck_assert_int_eq(fb_breach_price(&q, -1, &plain), 0);
	ck_assert_uint_eq(plain, twice);
	struct fb_account_figures a;
	book->ladder[0].tier[0].rate_e7 = 40000;
	q.sums = doubled;
	fb_account_figures(&q, FB_MM_OVER_EQUITY, &a);
	kit_same(a.ratio, n("0.08"));
	close_all();
}
END_TEST

START_TEST(bad_questions)
{
	uint64_t p = 7;
	struct fb_symbol_figures f;
	open_all();
	hand();
	struct fb_price_question q = ask(0);
	ck_assert_int_eq(fb_breach_price(&q, -1, &p), -EINVAL);
	q.level = 3;
	ck_assert_int_eq(fb_breach_price(&q, -1, &p), -EINVAL);
	q.level = 8;
	ck_assert_int_eq(fb_breach_price(&q, -1, &p), -EINVAL);
	q.level = 2;
	ck_assert_int_eq(fb_breach_price(&q, 0, &p), -EINVAL);
	q.symbol = 2;
	ck_assert_int_eq(fb_breach_price(&q, -1, &p), -EINVAL);
	ck_assert_int_eq(fb_symbol_figures(&q, 1, &f), -EINVAL);
	q.symbol = 0;
	ck_assert_int_eq(fb_symbol_figures(&q, 3, &f), -EINVAL);
	ck_assert_int_eq(fb_symbol_figures(&q, 0, &f), -EINVAL);
	ck_assert_int_eq(fb_symbol_figures(&q, FB_LEVEL_BANKRUPT, &f), 0);
	ck_assert_uint_eq(p, 7);
	close_all();
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, by_hand);
	tcase_add_test(tcase, beyond_and_inverse);
	tcase_add_test(tcase, breach_on_both_sides);
	tcase_add_test(tcase, coins_follow_their_index);
	tcase_add_test(tcase, hedge);
	tcase_add_test(tcase, a_venues_own_arithmetic);
	tcase_add_test(tcase, bad_questions);
}

int main(void)
{
	return kit_run("formula_figures", fill);
}
