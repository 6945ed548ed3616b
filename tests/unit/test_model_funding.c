/* Funding: rounding that is symmetric in both signs, its range, the sum that the fund books, and
 * who is judged. */
#include "model_kit.h"

#define QTY_MAX ((INT64_C(1) << 47) - 1)
#define RATE_MAX ((INT64_C(1) << 52) - 1)
#define AMOUNT_BOUND ((__int128)1 << 61)

static struct kit kit;

/* Threshold 0 and an addend of 1: accounts stand at level 1 and COLLATERAL 0 reports their
 * equity. */
static void open_world(void)
{
	kit_open(&kit, "model:accounts=16,rows=64");
	kit_do(&kit, c_class(0, 0, 0, 0, 0));
	kit_do(&kit, c_ladder(0, 0, 0, 0, 0));
	kit_do(&kit, c_symbol(1, 0, 1));
	kit_do(&kit, c_symbol(2, 0, 1));
	kit_do(&kit, c_account(1, 0, 1, 0));
	kit_do(&kit, c_account(2, 0, 1, 0));
}

static __int128 equity_of(uint32_t account)
{
	kit_do(&kit, c_collateral(account, 0));
	const union fb_record *r = kit_find(&kit, FB_REC_LEVEL, account);
	ck_assert(r != NULL);
	return kit_wide(r->level.equity);
}

static void expect_funding(uint16_t symbol, __int128 sum, uint32_t rows)
{
	const union fb_record *r = kit_find(&kit, FB_REC_FUNDING, 0);
	ck_assert(r != NULL);
	kit_assert_wide(kit_wide(r->funding.sum), sum);
	ck_assert_uint_eq(r->funding.rows, rows);
	ck_assert_uint_eq(r->funding.symbol, symbol);
}

/* What a position of this quantity pays: the change of equity, and the sum that the fund books. */
static __int128 paid(int64_t qty, int64_t rate)
{
	open_world();
	kit_do(&kit, c_position(1, 1, 1, qty, 1)); /* an entry, so that a row of quantity 0 stays */
	__int128 before = equity_of(1);
	kit_do(&kit, c_funding(1, rate));
	__int128 sum = kit_wide(kit_find(&kit, FB_REC_FUNDING, 0)->funding.sum);
	__int128 amount = equity_of(1) - before;
	kit_assert_wide(sum, amount);
	kit_close(&kit);
	return amount;
}

START_TEST(rounding_is_symmetric)
{
	kit_assert_wide(paid(3, 32768), -1);   /* 1.5 */
	kit_assert_wide(paid(-3, 32768), 1);
	kit_assert_wide(paid(3, -32768), 1);
	kit_assert_wide(paid(-3, -32768), -1);
	kit_assert_wide(paid(1, 65535), 0);
	kit_assert_wide(paid(-1, 65535), 0);
	kit_assert_wide(paid(1, 65536), -1);
	kit_assert_wide(paid(-1, -65536), -1);
	kit_assert_wide(paid(0, 65536), 0);
	kit_assert_wide(paid(5, 0), 0);
	uint64_t seed = 7;
	for (unsigned i = 0; i < 50; i++) {
		int64_t qty = (int64_t)(kit_random(&seed) % 1000000);
		int64_t rate = (int64_t)(kit_random(&seed) % 100000000);
		kit_assert_wide(paid(qty, rate), -(__int128)(qty * rate / 65536));
		kit_assert_wide(paid(-qty, rate), (__int128)(qty * rate / 65536));
		kit_assert_wide(paid(qty, -rate), (__int128)(qty * rate / 65536));
		kit_assert_wide(paid(-qty, -rate), -(__int128)(qty * rate / 65536));
	}
}
END_TEST

/* Rounding each row leaves a remainder, which the sum shows: 3 longs of 1.5 pay 3, one short of
 * 4.5 gets 4. */
START_TEST(the_sum_holds_the_remainder)
{
	open_world();
	for (uint32_t p = 1; p <= 3; p++)
		kit_do(&kit, c_position(1, p, 1, 3, 1));
	kit_do(&kit, c_position(2, 4, 1, -9, -3));
	kit_do(&kit, c_position(2, 5, 2, -9, -3)); /* another symbol: not funded */
	kit_do(&kit, c_position(2, 6, 1, 0, -3));  /* visited, pays nothing */
	kit_do(&kit, c_funding(1, 32768));
	expect_funding(1, 1, 5);
	kit_assert_wide(equity_of(1), -3 - 3);
	kit_assert_wide(equity_of(2), 9 + 4);
	kit_do(&kit, c_funding(2, 65536));
	expect_funding(2, 9, 1);
	kit_close(&kit);
}
END_TEST

START_TEST(a_symbol_without_rows_pays_nothing)
{
	open_world();
	kit_do(&kit, c_funding(2, 12345));
	ck_assert_uint_eq(kit.n, 1);
	expect_funding(2, 0, 0);
	ck_assert_uint_eq(kit.record[0].funding.seq, kit.seq);
	kit_close(&kit);
}
END_TEST

/* The magnitude 2^61 - 1 is paid, 2^61 damages the account and pays nothing; both in one pass. */
START_TEST(an_amount_out_of_range_damages_the_account)
{
	open_world();
	const int64_t rate = INT64_C(1) << 40;
	kit_do(&kit, c_position(1, 1, 1, (INT64_C(1) << 37) - 1, 1));
	kit_do(&kit, c_position(2, 2, 1, INT64_C(1) << 37, 1));
	kit_do(&kit, c_funding(1, -rate));
	__int128 in_range = AMOUNT_BOUND - (1 << 24);
	expect_funding(1, in_range, 2);
	kit_expect_level(&kit, 2, 1, 8);
	ck_assert_uint_eq(kit_find(&kit, FB_REC_LEVEL, 2)->level.damaged, 1);
	ck_assert(!kit_find(&kit, FB_REC_LEVEL, 1));
	/* Damage outlives everything but a put of the account. */
	kit_do(&kit, c_position(2, 2, 1, 0, 0));
	kit_expect_level(&kit, 2, 8, 8);
	kit_do(&kit, c_collateral(2, 1));
	kit_expect_level(&kit, 2, 8, 8);
	kit_do(&kit, c_account(2, 0, 1, 0));
	kit_expect_level(&kit, 2, 8, 1);
	ck_assert_uint_eq(kit_find(&kit, FB_REC_LEVEL, 2)->level.damaged, 0);
	kit_close(&kit);
}
END_TEST

/* The largest amounts of all: 2^47 lots x (2^52 - 1) is about 2^83. */
START_TEST(the_largest_product_is_out_of_range_and_not_wrapped)
{
	open_world();
	kit_do(&kit, c_position(1, 1, 1, -QTY_MAX - 1, 1));
	kit_do(&kit, c_funding(1, RATE_MAX));
	expect_funding(1, 0, 1);
	ck_assert_uint_eq(kit_find(&kit, FB_REC_LEVEL, 1)->level.damaged, 1);
	kit_close(&kit);
}
END_TEST

START_TEST(the_edge_of_the_amount)
{
	/* floor((2^47 - 1) x f / 2^16) is below 2^61 for f = 2^30, and above for the next f. */
	kit_assert_wide(paid(QTY_MAX, INT64_C(1) << 30), -(AMOUNT_BOUND - (1 << 14)));
	open_world();
	kit_do(&kit, c_position(1, 1, 1, QTY_MAX, 1));
	kit_do(&kit, c_funding(1, (INT64_C(1) << 30) + 1));
	ck_assert_uint_eq(kit_find(&kit, FB_REC_LEVEL, 1)->level.damaged, 1);
	kit_close(&kit);
	/* Exactly 2^61, paid or received, is out of range. */
	for (int side = -1; side <= 1; side += 2) {
		open_world();
		kit_do(&kit, c_position(1, 1, 1, side * (INT64_C(1) << 40), 1));
		kit_do(&kit, c_funding(1, INT64_C(1) << 37));
		expect_funding(1, 0, 1);
		ck_assert_uint_eq(kit_find(&kit, FB_REC_LEVEL, 1)->level.damaged, 1);
		kit_close(&kit);
	}
}
END_TEST

/* Funding does not make accounts unknown: an account whose level stays is not reported. */
START_TEST(funding_is_silent_while_levels_stay)
{
	open_world();
	kit_do(&kit, c_account(1, 100, 1, 0));
	kit_do(&kit, c_position(1, 1, 1, 10, 0));
	kit_do(&kit, c_funding(1, 65536));
	ck_assert_uint_eq(kit.n, 1);
	expect_funding(1, -10, 1);
	kit_do(&kit, c_funding(1, 65536 * 9)); /* equity 0: still level 1 */
	ck_assert_uint_eq(kit.n, 1);
	kit_do(&kit, c_funding(1, 65536));
	kit_expect_level(&kit, 1, 1, 7);
	kit_close(&kit);
}
END_TEST

/* A row that is out of range as a notional still pays, for its quantity is known. */
START_TEST(a_bad_row_pays)
{
	open_world();
	kit_do(&kit, c_position(1, 1, 1, QTY_MAX, 0));
	kit_do(&kit, c_mark(1, (UINT64_C(1) << 52) - 1));
	kit_expect_level(&kit, 1, 1, 8);
	kit_do(&kit, c_funding(1, 1));
	expect_funding(1, -(__int128)(QTY_MAX >> 16), 1);
	kit_close(&kit);
}
END_TEST

/* Two funding commands in one batch: each has its record, the account is judged once, at the end.
 * In between it would be bankrupt. */
START_TEST(funding_in_a_batch)
{
	open_world();
	kit_do(&kit, c_account(1, 10, 1, 0));
	kit_do(&kit, c_position(1, 1, 1, 10, 0));
	kit_do(&kit, kit_more(c_funding(1, 131072)));
	uint64_t first = kit.seq;
	kit_do(&kit, c_funding(1, -131072));
	ck_assert_uint_eq(kit.n, 2);
	ck_assert_uint_eq(kit.record[0].funding.seq, first);
	ck_assert_uint_eq(kit.record[1].funding.seq, kit.seq);
	kit_close(&kit);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "rounding", rounding_is_symmetric },
		{ "remainder", the_sum_holds_the_remainder },
		{ "no rows", a_symbol_without_rows_pays_nothing },
		{ "damage", an_amount_out_of_range_damages_the_account },
		{ "largest product", the_largest_product_is_out_of_range_and_not_wrapped },
		{ "edge", the_edge_of_the_amount },
		{ "silent", funding_is_silent_while_levels_stay },
		{ "bad row", a_bad_row_pays },
		{ "batch", funding_in_a_batch },
	};
	return kit_main("model: funding", cases, sizeof(cases) / sizeof(cases[0]));
}
