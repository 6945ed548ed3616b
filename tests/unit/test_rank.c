/* Rows as they are ranked: the exact order, keys and how far they can be wrong. */
#include "ranker_kit.h"

#include <firebreak/adl.h>

/* Small formulas, to say what is meant. */
static const struct fb_rank_formula pnl_by_equity = { "pnl / equity",
						      { 1, 0, 0, -1 },
						      { -1, 0, 0, 1 },
						      0 };

static struct fb_rank_row plain_row(int64_t pnl, int64_t equity)
{
	return (struct fb_rank_row){ .account = 1,
				     .position = 1,
				     .qty = 1,
				     .pnl_e8 = pnl,
				     .equity_e8 = equity,
				     .notional_e8 = 100 };
}

static int order(const struct fb_rank_row *a, const struct fb_rank_row *b)
{
	return fb_rank_compare(&pnl_by_equity, a, b);
}

START_TEST(classes_then_scores_then_ties)
{
	struct fb_rank_row high = plain_row(2, 3), low = plain_row(1, 3), zero = plain_row(0, 3);
	struct fb_rank_row little = plain_row(-1, 3), much = plain_row(-2, 3);
	const struct fb_rank_row *rank[] = { &high, &low, &zero, &little, &much };
	for (int i = 0; i < 5; i++)
		for (int k = 0; k < 5; k++)
			ck_assert_int_eq(order(rank[i], rank[k]) < 0, i < k);
	struct fb_rank_row other = plain_row(4, 6);
	ck_assert_int_eq(order(&high, &other), 0);
	other.position = 0;
	ck_assert_int_gt(order(&high, &other), 0);
	other.account = 2;
	ck_assert_int_lt(order(&high, &other), 0);
	other.notional_e8 = 101;
	ck_assert_int_gt(order(&high, &other), 0);
	/* Within ZERO by notional, though both operands are 1. */
	other = zero;
	zero.notional_e8 = 0;
	other.notional_e8 = 1;
	ck_assert_int_gt(order(&zero, &other), 0);
	other.excluded = true;
	ck_assert_int_lt(order(&much, &other), 0);
}
END_TEST

START_TEST(one_part_in_very_many)
{
	/* (2^61 - 1) / 2^61 and 2^61 / (2^61 + 1) differ by one part in 2^122. */
	int64_t big = INT64_C(1) << 61;
	struct fb_rank_row a = plain_row(big - 1, big), b = plain_row(big, big + 1);
	ck_assert_int_gt(order(&a, &b), 0);
	ck_assert_int_lt(order(&b, &a), 0);
	uint32_t apart = fb_rank_key(&pnl_by_equity, &b) - fb_rank_key(&pnl_by_equity, &a);
	ck_assert_uint_lt(apart, fb_rank_margin(&pnl_by_equity, FB_SIGN_PROFIT));
	/* 14 factors of 95 bits on a side, and one of them is a unit larger. */
	const struct fb_rank_formula all = { "all", { 2, 2, 2, 2, 2, 2, 2 }, { 0 }, 0 };
	__int128 wide = ((__int128)1 << 95) - 1;
	a = (struct fb_rank_row){ .pnl_e8 = wide, .entry_e8 = INT64_MAX, .notional_e8 = 1,
				  .equity_e8 = wide, .mm_e15 = wide, .row_mm_e15 = wide,
				  .collateral_e8 = wide, .account = 2 };
	b = a;
	b.account = 1;
	b.pnl_e8 = wide - 1; /* (w - 1) w < w w */
	ck_assert_int_lt(fb_rank_compare(&all, &a, &b), 0);
	b.mm_e15 = wide + 1; /* (w - 1) (w + 1) < w w */
	ck_assert_int_lt(fb_rank_compare(&all, &a, &b), 0);
	b.row_mm_e15 = wide + 1;
	ck_assert_int_gt(fb_rank_compare(&all, &a, &b), 0);
	/* Alike in the low half. */
	b = a;
	b.account = 3;
	b.mm_e15 = a.mm_e15 + ((__int128)1 << 64);
	ck_assert_int_gt(fb_rank_compare(&all, &a, &b), 0);
}
END_TEST

START_TEST(exact_order_is_the_plain_one)
{
	seed = 11;
	rows_n = 40;
	for (size_t turn = 0; turn < 30000; turn++) {
		struct fb_rank_formula f = some_formula(turn % (2 * fb_rank_formulas_n));
		struct fb_rank_row a = wild_row(1), b = turn % 3 ? a : wild_row(2);
		if (turn % 3 == 1) {
			b.mm_e15++;
			b.equity_e8--;
			b.position = 2;
		} else if (turn % 3 == 2) {
			a = near_row(1, 59, 2);
			b = near_row(2, 59, 2);
		}
		int expected = plain_compare(&f, &a, &b);
		KIT_MUST(fb_rank_compare(&f, &a, &b) == expected);
		KIT_MUST(fb_rank_compare(&f, &b, &a) == -expected);
	}
}
END_TEST

/* Keys a margin apart are right. Keys nearer than that can be wrong, or the margin is too large. */
START_TEST(a_margin_proves_the_order)
{
	uint64_t wrong = 0, proven = 0, worst = 0, allowed = 0;
	seed = 12;
	rows_n = 40;
	for (size_t turn = 0; turn < 60000; turn++) {
		struct fb_rank_formula f = some_formula(turn % (2 * fb_rank_formulas_n));
		struct fb_rank_row a = near_row(1, 40, UINT64_C(1) << 40), b = a;
		/* Another row, and one operand set so that the products nearly agree. */
		b.pnl_e8 = a.pnl_e8 + (__int128)below(UINT64_C(1) << 40);
		b.equity_e8 = a.equity_e8 * b.pnl_e8 / a.pnl_e8;
		b.equity_e8 += (__int128)below(UINT64_C(1) << 26) - (1 << 25);
		b.position = 2;
		uint32_t key_a = fb_rank_key(&f, &a), key_b = fb_rank_key(&f, &b);
		uint32_t margin = fb_rank_margin(&f, fb_rank_class(&a));
		int expected = fb_rank_compare(&f, &a, &b);
		uint32_t apart = key_a > key_b ? key_a - key_b : key_b - key_a;
		if (apart == 0)
			continue;
		bool right = (key_a > key_b) == (expected < 0);
		proven += apart >= margin;
		wrong += !right;
		KIT_MUST(right || apart < margin);
		if (!right && apart >= worst) {
			worst = apart;
			allowed = margin;
		}
	}
	ck_assert_uint_gt(wrong, 100);
	ck_assert_uint_gt(proven, 100);
	ck_assert_uint_ge(worst, 1);
	ck_assert_uint_lt(worst, allowed);
}
END_TEST

START_TEST(keys_by_hand)
{
	struct fb_rank_row r = plain_row(1 << 20, 1 << 10);
	/* log2 is 65,536 for each doubling, and one too much at powers of two. */
	uint32_t profit = 3u << 28, middle = 1u << 27;
	ck_assert_uint_eq(fb_rank_key(&pnl_by_equity, &r), profit + middle + 10 * 65536);
	r.pnl_e8 = -r.pnl_e8;
	ck_assert_uint_eq(fb_rank_key(&pnl_by_equity, &r), (1u << 28) + middle - 10 * 65536);
	r.pnl_e8 = 0;
	r.notional_e8 = 0;
	ck_assert_uint_eq(fb_rank_key(&pnl_by_equity, &r), (2u << 28) + middle + 1);
	r.excluded = true;
	ck_assert_uint_eq(fb_rank_key(&pnl_by_equity, &r), 0);
	ck_assert_uint_eq(fb_rank_margin(&pnl_by_equity, FB_SIGN_PROFIT), 5);
	ck_assert_uint_eq(fb_rank_margin(&pnl_by_equity, FB_SIGN_ZERO), 3);
	const struct fb_rank_formula all = { "all", { 2, 2, 2, -2, 2, 2, 2 }, { 0 }, 0 };
	ck_assert_uint_eq(fb_rank_margin(&all, FB_SIGN_PROFIT), 35);
	ck_assert_uint_eq(fb_rank_margin(&all, FB_SIGN_LOSS), 0);
	/* The floor is of the collateral alone. */
	struct fb_rank_formula floored = { "floor", { 0, 0, 0, 0, 0, 0, 1 }, { 0 }, 1 << 12 };
	r = plain_row(1, 1);
	r.collateral_e8 = -5;
	ck_assert_uint_eq(fb_rank_key(&floored, &r), profit + middle + 12 * 65536 + 1);
	floored.floor_e8 = 0;
	ck_assert_uint_eq(fb_rank_key(&floored, &r), profit + middle + 1);
}
END_TEST

/* The plan of a round has its own comparison. */
START_TEST(binance_is_as_in_the_waterfall)
{
	const struct fb_rank_formula *f = fb_rank_formula("binance-2025");
	seed = 14;
	rows_n = 40;
	for (unsigned turn = 0; turn < 20000; turn++) {
		struct fb_rank_row row[2];
		struct fb_adl_score score[2];
		for (uint32_t i = 0; i < 2; i++) {
			row[i] = turn % 2 ? wild_row(i) : near_row(i, 8, 8);
			row[i].excluded = false;
			if (turn % 3 == 0)
				row[i].pnl_e8 = -row[i].pnl_e8;
			row[i].notional_e8 += row[i].notional_e8 == 0;
			row[i].equity_e8 += row[i].equity_e8 == 0;
			score[i] = (struct fb_adl_score){ row[i].pnl_e8, row[i].equity_e8,
							  row[i].notional_e8, row[i].account,
							  row[i].position };
		}
		KIT_MUST(fb_rank_compare(f, &row[0], &row[1]) ==
			 fb_adl_compare(&score[0], &score[1]));
	}
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "order", classes_then_scores_then_ties },
		{ "wide", one_part_in_very_many },
		{ "plain", exact_order_is_the_plain_one },
		{ "margin", a_margin_proves_the_order },
		{ "keys", keys_by_hand },
		{ "waterfall", binance_is_as_in_the_waterfall },
	};
	return kit_main("host: rank, order", cases, sizeof(cases) / sizeof(cases[0]));
}
