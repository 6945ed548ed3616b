/* What a row is worth: rounding, tiers at their floors, addends, bad rows, and sums at the
 * widths of the contract. The class has threshold 0, so that any account with MM above 0 is at
 * level 1 and every put reports equity and MM. */
#include "model_kit.h"

#define QTY_MAX ((INT64_C(1) << 47) - 1)
#define QTY_MIN (-(INT64_C(1) << 47))
#define NOTIONAL_BOUND (INT64_C(1) << 61)
#define U_MAX ((UINT64_C(1) << 52) - 1)
#define RATE_MAX ((UINT32_C(1) << 24) - 1)

static struct kit kit;

/* Symbol 1: ladder 0, one tier without rate. Symbol 2: ladder 1, three tiers. Symbol 3: ladder
 * 2, flat tiers. */
static void open_world(void)
{
	kit_open(&kit, "model:accounts=16,rows=1024");
	kit_do(&kit, c_class(0, 0, 0, 0, 0));
	kit_do(&kit, c_ladder(0, 0, 0, 0, 0));
	kit_do(&kit, c_ladder(1, 0, 100, 0, 0));
	kit_do(&kit, c_ladder(1, 1, 200, 1000, 100000));
	kit_do(&kit, c_ladder(1, 2, 500, 2000, 700000));
	kit_do(&kit, c_ladder(2, 0, 100, 0, 0));
	kit_do(&kit, c_ladder(2, 1, 300, 50, 0));
	kit_do(&kit, c_symbol(1, 0, U_ONE));
	kit_do(&kit, c_symbol(2, 1, U_ONE));
	kit_do(&kit, c_symbol(3, 2, U_ONE));
}

/* The last batch's report of account 1. */
static void expect_sums(__int128 equity, __int128 mm, unsigned bad_rows)
{
	const union fb_record *r = kit_find(&kit, FB_REC_LEVEL, 1);
	ck_assert(r != NULL);
	kit_assert_wide(kit_wide(r->level.equity), equity);
	kit_assert_wide(kit_wide(r->level.mm), mm);
	ck_assert_uint_eq(r->level.bad_rows, bad_rows);
}

START_TEST(value_rounds_the_magnitude_down)
{
	static const struct {
		int64_t qty;
		uint64_t u;
		int64_t value;
	} row[] = {
		{ 3, U_ONE / 2, 1 }, { -3, U_ONE / 2, -1 },
		{ 1, U_ONE - 1, 0 }, { -1, U_ONE - 1, 0 },
		{ 2, U_ONE - 1, 1 }, { -2, U_ONE - 1, -1 },
		{ 65536, 1, 1 }, { -65536, 1, -1 },
		{ 65535, 1, 0 }, { -65535, 1, 0 },
		{ 7, 3 * U_ONE + 1, 21 }, { 0, U_MAX, 0 },
	};
	open_world();
	kit_do(&kit, c_account(1, 1000, 1, 0));
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		kit_do(&kit, c_mark(1, row[i].u));
		kit_do(&kit, c_position(1, 1, 1, row[i].qty, 10));
		expect_sums(1000 + row[i].value - 10, 1, 0);
	}
	kit_close(&kit);
}
END_TEST

/* Long and short of one size cancel to nothing but their entries, whatever the price does to the
 * remainder. */
START_TEST(long_and_short_cancel_exactly)
{
	open_world();
	kit_do(&kit, c_account(1, 1000, 1, 0));
	kit_do(&kit, c_position(1, 1, 1, 12345677, 500));
	kit_do(&kit, c_position(1, 2, 1, -12345677, -480));
	uint64_t seed = 1;
	for (unsigned i = 0; i < 200; i++) {
		kit_do(&kit, c_mark(1, kit_random(&seed) >> 28 | 1));
		kit_do(&kit, c_collateral(1, 0));
		expect_sums(1000 - 20, 1, 0);
	}
	kit_close(&kit);
}
END_TEST

START_TEST(tiers_begin_at_their_floor)
{
	static const struct {
		int64_t qty, mm;
	} row[] = {
		{ 1, 100 }, { 999, 99900 },
		{ 1000, 100000 }, /* 1000 x 200 - 100000: continuous */
		{ 1001, 100200 }, { 1999, 299800 }, { 2000, 300000 }, { 2001, 300500 },
		{ -999, 99900 }, { -1000, 100000 }, { -1001, 100200 },
	};
	open_world();
	kit_do(&kit, c_account(1, 0, 0, 0));
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		kit_do(&kit, c_position(1, 1, 2, row[i].qty, row[i].qty));
		expect_sums(0, row[i].mm, 0);
	}
	/* Flat tiers jump at the floor. */
	kit_do(&kit, c_position(1, 1, 2, 0, 0));
	kit_do(&kit, c_position(1, 2, 3, 49, 49));
	expect_sums(0, 4900, 0);
	kit_do(&kit, c_position(1, 2, 3, 50, 50));
	expect_sums(0, 15000, 0);
	kit_close(&kit);
}
END_TEST

/* The tier is that of the notional, not of the quantity: a mark moves a row across a floor. */
START_TEST(a_mark_moves_a_row_across_tiers)
{
	open_world();
	kit_do(&kit, c_account(1, 0, 0, 0));
	kit_do(&kit, c_position(1, 1, 2, 1000, 0));
	kit_do(&kit, c_mark(2, U_ONE - 66)); /* floor(1000 x 65470 / 65536) = 998 */
	kit_do(&kit, c_collateral(1, 0));
	expect_sums(998, 99800, 0);
	kit_do(&kit, c_mark(2, 2 * U_ONE));
	kit_do(&kit, c_collateral(1, 0));
	expect_sums(2000, 300000, 0);
	kit_close(&kit);
}
END_TEST

START_TEST(sixteen_tiers)
{
	open_world();
	for (uint8_t t = 0; t < 16; t++)
		kit_do(&kit, c_ladder(7, t, t + 1u, t * 10u, 0));
	kit_do(&kit, c_symbol(7, 7, U_ONE));
	kit_do(&kit, c_account(1, 0, 0, 0));
	for (int64_t qty = 1; qty < 200; qty++) {
		int64_t tier = qty / 10 < 15 ? qty / 10 : 15;
		kit_do(&kit, c_position(1, 1, 7, qty, qty));
		expect_sums(0, qty * (tier + 1), 0);
	}
	kit_close(&kit);
}
END_TEST

START_TEST(row_addend_adds_to_the_rate)
{
	open_world();
	kit_do(&kit, c_account(1, 0, 7, 0));
	union fb_command c = c_position(1, 1, 2, 1500, 1500);
	c.position.addend = 11;
	kit_do(&kit, c);
	expect_sums(0, 1500 * (200 + 11) - 100000 + 7, 0);
	/* A fill keeps addend and flags; a put replaces them. */
	kit_do(&kit, c_fill(1, 1, 2, 1600, 1600, 0));
	expect_sums(0, 1600 * (200 + 11) - 100000 + 7, 0);
	kit_do(&kit, c_position(1, 1, 2, 1600, 1600));
	expect_sums(0, 1600 * 200 - 100000 + 7, 0);
	kit_do(&kit, c_fill(1, 2, 2, 10, 10, 0)); /* a new row by fill has none */
	expect_sums(0, 1600 * 200 - 100000 + 7 + 1000, 0);
	kit_close(&kit);
}
END_TEST

/* A deduction may exceed the row's rate product: its MM is then negative and counts as such. */
START_TEST(row_mm_may_be_negative_and_is_zero_without_notional)
{
	open_world();
	kit_do(&kit, c_ladder(8, 0, 100, 0, 0));
	kit_do(&kit, c_ladder(8, 1, 1, 10, 1000000));
	kit_do(&kit, c_symbol(8, 8, U_ONE));
	kit_do(&kit, c_account(1, 0, 2000000, 0));
	kit_do(&kit, c_position(1, 1, 8, 20, 20));
	expect_sums(0, 2000000 + 20 - 1000000, 0);
	kit_do(&kit, c_position(1, 1, 8, 0, 20));
	expect_sums(-20, 2000000, 0);
	kit_close(&kit);
}
END_TEST

START_TEST(a_notional_of_2_to_the_61_is_bad)
{
	open_world();
	kit_do(&kit, c_account(1, 5, 3, 0));
	kit_do(&kit, c_position(1, 2, 1, 10, 4));
	/* 2^40 lots at 2^21: exactly 2^61; one unit of u less is in range. */
	kit_do(&kit, c_position(1, 1, 3, INT64_C(1) << 40, 0));
	kit_do(&kit, c_mark(3, (UINT64_C(1) << 37) - 1));
	kit_do(&kit, c_collateral(1, 0));
	__int128 n = NOTIONAL_BOUND - (1 << 24);
	expect_sums(5 + 6 + n, 3 + n * 300, 0);
	kit_do(&kit, c_mark(3, UINT64_C(1) << 37));
	kit_expect_level(&kit, 1, 1, 8);
	expect_sums(5 + 6, 3, 1);
	kit_do(&kit, c_position(1, 3, 3, QTY_MIN, -99));
	expect_sums(5 + 6, 3, 2);
	kit_do(&kit, c_mark(3, (UINT64_C(1) << 30) - 1));
	kit_expect_level(&kit, 1, 8, 7); /* 2^47 lots short against 2^40 long */
	kit_do(&kit, c_position(1, 3, 3, 0, 0));
	kit_expect_level(&kit, 1, 7, 1);
	kit_close(&kit);
}
END_TEST

START_TEST(the_last_notional_in_range)
{
	open_world();
	/* The largest u for which floor(qty x u / 2^16) is below 2^61. */
	const int64_t qty = QTY_MAX;
	const uint64_t u = (((unsigned __int128)NOTIONAL_BOUND << 16) - 1) / (unsigned __int128)qty;
	const int64_t n = (int64_t)(((unsigned __int128)qty * u) >> 16);
	kit_do(&kit, c_mark(1, u));
	kit_do(&kit, c_account(1, 0, 1, 0));
	kit_do(&kit, c_position(1, 1, 1, qty, 0));
	expect_sums(n, 1, 0);
	ck_assert_int_lt(n, NOTIONAL_BOUND);
	kit_do(&kit, c_mark(1, u + 1));
	kit_expect_level(&kit, 1, 1, 8);
	kit_close(&kit);
}
END_TEST

/* As many rows as an account may have, at the largest value, entry, rate and addend: the sums
 * that set the widths of equity and MM, and the number of rows. */
START_TEST(the_largest_sums_do_not_wrap)
{
	open_world();
	const int64_t entry = -NOTIONAL_BOUND;
	const uint64_t u = UINT64_C(1) << 30;
	const int64_t n = (int64_t)(((unsigned __int128)QTY_MAX * u) >> 16);
	kit_do(&kit, c_ladder(9, 0, RATE_MAX, 0, 0));
	kit_do(&kit, c_symbol(9, 9, u));
	kit_do(&kit, c_account(1, NOTIONAL_BOUND - 1, ((__int128)1 << 87) - 1, 0));
	for (uint32_t p = 0; p < FB_ROWS_PER_ACCOUNT; p++) {
		union fb_command c = c_position(1, p, 9, QTY_MAX, entry);
		c.position.addend = RATE_MAX;
		kit_do(&kit, p + 1 < FB_ROWS_PER_ACCOUNT ? kit_more(c) : c);
	}
	const __int128 rows = FB_ROWS_PER_ACCOUNT;
	__int128 equity = NOTIONAL_BOUND - 1 + rows * ((__int128)n - entry);
	__int128 mm = ((__int128)1 << 87) - 1 + rows * n * (2 * (__int128)RATE_MAX);
	ck_assert(equity < (__int128)1 << 71 && mm < (__int128)1 << 95);
	expect_sums(equity, mm, 0);
	kit_close(&kit);
}
END_TEST

START_TEST(rebinding_a_symbol_changes_ladder_and_unit_value)
{
	open_world();
	kit_do(&kit, c_account(1, 100, 0, 0));
	kit_do(&kit, c_position(1, 1, 2, 60, 60));
	expect_sums(100, 6000, 0);
	kit_do(&kit, c_symbol(2, 0, U_ONE));
	kit_expect_level(&kit, 1, 1, 0);         /* judged, because its row is valued anew */
	kit_do(&kit, c_symbol(2, 2, 2 * U_ONE)); /* flat tiers, and the double price */
	kit_expect_level(&kit, 1, 0, 1);
	expect_sums(160, 120 * 300, 0);
	kit_close(&kit);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "rounding", value_rounds_the_magnitude_down },
		{ "cancel", long_and_short_cancel_exactly },
		{ "tiers", tiers_begin_at_their_floor },
		{ "mark moves tier", a_mark_moves_a_row_across_tiers },
		{ "sixteen tiers", sixteen_tiers },
		{ "row addend", row_addend_adds_to_the_rate },
		{ "negative row MM", row_mm_may_be_negative_and_is_zero_without_notional },
		{ "bad rows", a_notional_of_2_to_the_61_is_bad },
		{ "edge of bad", the_last_notional_in_range },
		{ "largest sums", the_largest_sums_do_not_wrap },
		{ "rebinding", rebinding_a_symbol_changes_ladder_and_unit_value },
	};
	return kit_main("model: values", cases, sizeof(cases) / sizeof(cases[0]));
}
