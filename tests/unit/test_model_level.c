/* Levels: each threshold at equality and one unit on either side, hysteresis, and what comes
 * before what. Equity is the collateral and MM the addend of an account without rows, so every
 * number here is exact by sight. */
#include "model_kit.h"

#define BOUND (INT64_C(1) << 61)
#define EQUITY 1000

static struct kit kit;

static const struct { uint32_t up, down; } pair[6] = {
	{ 4000000, 3000000 }, { 5000000, 4500000 }, { 6000000, 6000000 },
	{ 8000000, 7000000 }, { 10000000, 9000000 }, { 15000000, 11000000 },
};

/* Class 0 has the six pairs and is not strict; class 1 the same, strict; class 2 the first two
 * pairs only. */
static void open_world(void)
{
	kit_open(&kit, "model:accounts=16,rows=16");
	for (uint8_t k = 0; k < 6; k++) {
		kit_do(&kit, c_class(0, k, pair[k].up, pair[k].down, 0));
		kit_do(&kit, c_class(1, k, pair[k].up, pair[k].down, 1));
	}
	kit_do(&kit, c_class(2, 0, pair[0].up, pair[0].down, 0));
	kit_do(&kit, c_class(2, 1, pair[1].up, pair[1].down, 0));
	kit_do(&kit, c_ladder(0, 0, 0, 0, 0));
	kit_do(&kit, c_symbol(1, 0, U_ONE));
}

/* The level after an account with last level `before` is put with this equity and MM. */
static unsigned judged(uint8_t class_id, uint8_t before, int64_t equity, __int128 mm)
{
	kit_do(&kit, c_account_level(1, equity, mm, class_id, before));
	const union fb_record *r = kit_find(&kit, FB_REC_LEVEL, 1);
	if (!r)
		return before;
	ck_assert_uint_eq(r->level.level_before, before);
	ck_assert_uint_ne(r->level.level, before);
	kit_assert_wide(kit_wide(r->level.equity), equity);
	kit_assert_wide(kit_wide(r->level.mm), mm);
	ck_assert_uint_eq(r->level.class_id, class_id);
	return r->level.level;
}

static __int128 at(uint32_t ratio)
{
	return (__int128)EQUITY * ratio;
}

START_TEST(up_thresholds_at_equality)
{
	open_world();
	for (unsigned k = 1; k <= 6; k++) {
		ck_assert_uint_eq(judged(0, 0, EQUITY, at(pair[k - 1].up) - 1), k - 1);
		ck_assert_uint_eq(judged(0, 0, EQUITY, at(pair[k - 1].up)), k);
		ck_assert_uint_eq(judged(0, 0, EQUITY, at(pair[k - 1].up) + 1), k);
	}
	kit_close(&kit);
}
END_TEST

START_TEST(strict_class_needs_more_than_equality)
{
	open_world();
	for (unsigned k = 1; k <= 6; k++) {
		ck_assert_uint_eq(judged(1, 0, EQUITY, at(pair[k - 1].up)), k - 1);
		ck_assert_uint_eq(judged(1, 0, EQUITY, at(pair[k - 1].up) + 1), k);
	}
	ck_assert_uint_eq(judged(1, 3, EQUITY, at(pair[2].down)), 2);
	ck_assert_uint_eq(judged(1, 3, EQUITY, at(pair[2].down) + 1), 3);
	kit_close(&kit);
}
END_TEST

/* Pairs may be written in several commands; `strict` of the last one holds for all. */
START_TEST(strict_is_that_of_the_last_write)
{
	open_world();
	kit_do(&kit, c_class(3, 0, 4000000, 4000000, 1));
	kit_do(&kit, c_class(3, 1, 5000000, 5000000, 0));
	ck_assert_uint_eq(judged(3, 0, EQUITY, at(4000000)), 1);
	kit_do(&kit, c_class(4, 0, 4000000, 4000000, 0));
	kit_do(&kit, c_class(4, 1, 5000000, 5000000, 1));
	ck_assert_uint_eq(judged(4, 0, EQUITY, at(4000000)), 0);
	kit_close(&kit);
}
END_TEST

START_TEST(a_level_is_kept_down_to_its_down_threshold)
{
	open_world();
	for (unsigned k = 1; k <= 6; k++) {
		uint8_t before = (uint8_t)k;
		ck_assert_uint_eq(judged(0, before, EQUITY, at(pair[k - 1].down)), k);
		unsigned below = judged(0, before, EQUITY, at(pair[k - 1].down) - 1);
		ck_assert_uint_eq(below, k - 1); /* the lower down thresholds still hold */
		/* From calm the same ratio reaches less: that is the hysteresis. */
		if (pair[k - 1].down < pair[k - 1].up)
			ck_assert_uint_eq(judged(0, 0, EQUITY, at(pair[k - 1].up) - 1), k - 1);
	}
	kit_close(&kit);
}
END_TEST

START_TEST(thresholds_above_the_last_level_are_up)
{
	open_world();
	/* Level 2; MM between down_4 and up_4: 4 is not reached, 3 is. */
	ck_assert_uint_eq(judged(0, 2, EQUITY, at(7500000)), 3);
	ck_assert_uint_eq(judged(0, 4, EQUITY, at(7500000)), 4);
	/* A fall through several levels stops at the highest down threshold that holds. */
	ck_assert_uint_eq(judged(0, 6, EQUITY, at(3500000)), 1);
	ck_assert_uint_eq(judged(0, 6, EQUITY, at(3000000) - 1), 0);
	kit_close(&kit);
}
END_TEST

/* A down threshold may lie below that of a lower level; the highest that holds counts. */
START_TEST(down_thresholds_need_not_rise)
{
	open_world();
	kit_do(&kit, c_class(3, 0, 5000000, 5000000, 0));
	kit_do(&kit, c_class(3, 1, 6000000, 1000000, 0));
	ck_assert_uint_eq(judged(3, 2, EQUITY, at(1000000)), 2);
	ck_assert_uint_eq(judged(3, 2, EQUITY, at(1000000) - 1), 0);
	ck_assert_uint_eq(judged(3, 1, EQUITY, at(4000000)), 0);
	kit_close(&kit);
}
END_TEST

START_TEST(bankrupt_by_the_sign_of_equity)
{
	open_world();
	ck_assert_uint_eq(judged(0, 0, -1, 0), 7);
	ck_assert_uint_eq(judged(0, 0, -1, -5), 7);  /* before the calm rule */
	ck_assert_uint_eq(judged(0, 0, -1, 5), 7);
	ck_assert_uint_eq(judged(0, 3, 0, 0), 0);
	ck_assert_uint_eq(judged(0, 0, 0, 1), 6);    /* any MM is beyond every threshold */
	ck_assert_uint_eq(judged(1, 0, 0, 1), 6);    /* strictly, too */
	ck_assert_uint_eq(judged(2, 0, 0, 1), 2);    /* a class of two has no level 3 */
	ck_assert_uint_eq(judged(0, 0, -BOUND, 0), 7);
	kit_close(&kit);
}
END_TEST

START_TEST(without_mm_an_account_is_calm)
{
	open_world();
	ck_assert_uint_eq(judged(0, 6, EQUITY, 0), 0);
	ck_assert_uint_eq(judged(0, 6, EQUITY, -1), 0);
	ck_assert_uint_eq(judged(0, 7, 0, 0), 0);
	ck_assert_uint_eq(judged(0, 8, 0, -1), 0);
	/* Threshold 0 is breached by MM 1, not by MM 0. */
	kit_do(&kit, c_class(3, 0, 0, 0, 0));
	ck_assert_uint_eq(judged(3, 0, EQUITY, 0), 0);
	ck_assert_uint_eq(judged(3, 0, EQUITY, 1), 1);
	kit_close(&kit);
}
END_TEST

START_TEST(after_bankrupt_thresholds_are_down_and_after_fault_up)
{
	open_world();
	for (unsigned k = 1; k <= 6; k++) {
		ck_assert_uint_eq(judged(0, 7, EQUITY, at(pair[k - 1].down)), k);
		ck_assert_uint_eq(judged(0, 8, EQUITY, at(pair[k - 1].up) - 1), k - 1);
		ck_assert_uint_eq(judged(0, 8, EQUITY, at(pair[k - 1].up)), k);
	}
	kit_close(&kit);
}
END_TEST

/* A level loaded beyond the class's thresholds only means that all of them are down. */
START_TEST(a_loaded_level_may_exceed_the_class)
{
	open_world();
	ck_assert_uint_eq(judged(2, 6, EQUITY, at(pair[1].down)), 2);
	ck_assert_uint_eq(judged(2, 6, EQUITY, at(pair[1].down) - 1), 1);
	ck_assert_uint_eq(judged(2, 6, EQUITY, at(pair[0].down) - 1), 0);
	kit_close(&kit);
}
END_TEST

START_TEST(collateral_out_of_range_is_a_fault)
{
	open_world();
	kit_do(&kit, c_account(1, BOUND - 1, 0, 0));
	kit_expect_silence(&kit);
	kit_do(&kit, c_collateral(1, 1));
	kit_expect_level(&kit, 1, 0, 8);
	kit_assert_wide(kit_wide(kit.record[0].level.equity), (__int128)BOUND);
	kit_do(&kit, c_collateral(1, -1));
	kit_expect_level(&kit, 1, 8, 0);
	kit_do(&kit, c_account(1, -BOUND, 0, 0));
	kit_expect_level(&kit, 1, 0, 7); /* -2^61 is still in range */
	kit_do(&kit, c_collateral(1, -1));
	kit_expect_level(&kit, 1, 7, 8); /* fault comes before bankrupt */
	kit_close(&kit);
}
END_TEST

/* Collateral is kept modulo 2^72: it comes back after a trip around, and the account is a fault
 * all the while. */
START_TEST(collateral_wraps_modulo_2_to_the_72)
{
	open_world();
	kit_do(&kit, c_account(1, 5, 0, 0));
	__int128 sum = 5;
	for (unsigned i = 0; i < 2048; i++) {
		kit_do(&kit, c_collateral(1, BOUND - 1));
		sum += BOUND - 1;
		__int128 wrapped = sum >= (__int128)1 << 71 ? sum - ((__int128)1 << 72) : sum;
		if (i == 2047 || wrapped < BOUND)
			continue;
		const union fb_record *r = kit_find(&kit, FB_REC_LEVEL, 1);
		ck_assert(r && r->level.level == FB_LEVEL_FAULT);
		kit_assert_wide(kit_wide(r->level.equity), wrapped);
	}
	kit_do(&kit, c_collateral(1, 2048)); /* 2048 x (2^61 - 1) + 2048 = 2^72 */
	kit_expect_level(&kit, 1, 7, 0);     /* it was 5 - 2048: in range and negative */
	kit_close(&kit);
}
END_TEST

START_TEST(a_bad_row_is_a_fault_before_bankrupt)
{
	open_world();
	kit_do(&kit, c_account(1, -1, 0, 0));
	kit_expect_level(&kit, 1, 0, 7);
	kit_do(&kit, c_mark(1, U_ONE << 15));
	kit_do(&kit, c_position(1, 1, 1, (INT64_C(1) << 47) - 1, 0));
	kit_expect_level(&kit, 1, 7, 8);
	ck_assert_uint_eq(kit.record[0].level.bad_rows, 1);
	/* The bad row is not in the sum. */
	kit_assert_wide(kit_wide(kit.record[0].level.equity), -1);
	kit_close(&kit);
}
END_TEST

/* Neither equity x threshold nor MM at their largest loses a bit on the way to the comparison. */
START_TEST(the_largest_numbers_compare_exactly)
{
	open_world();
	const __int128 top = ((__int128)1 << 87) - 1;
	const uint32_t max_threshold = (UINT32_C(1) << FB_THRESHOLD_BITS) - 1;
	kit_do(&kit, c_class(4, 0, max_threshold, max_threshold, 0));
	const __int128 bound = (BOUND - 1) * (__int128)max_threshold;
	ck_assert_uint_eq(judged(4, 0, BOUND - 1, top), 1);
	ck_assert_uint_eq(judged(4, 0, BOUND - 1, bound), 1);
	ck_assert_uint_eq(judged(4, 0, BOUND - 1, bound - 1), 0);
	ck_assert_uint_eq(judged(4, 0, BOUND - 1, -((__int128)1 << 87)), 0);
	kit_close(&kit);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "up thresholds", up_thresholds_at_equality },
		{ "strict", strict_class_needs_more_than_equality },
		{ "strict of the last write", strict_is_that_of_the_last_write },
		{ "kept", a_level_is_kept_down_to_its_down_threshold },
		{ "above the last", thresholds_above_the_last_level_are_up },
		{ "down need not rise", down_thresholds_need_not_rise },
		{ "bankrupt", bankrupt_by_the_sign_of_equity },
		{ "calm", without_mm_an_account_is_calm },
		{ "base", after_bankrupt_thresholds_are_down_and_after_fault_up },
		{ "beyond the class", a_loaded_level_may_exceed_the_class },
		{ "collateral range", collateral_out_of_range_is_a_fault },
		{ "collateral wrap", collateral_wraps_modulo_2_to_the_72 },
		{ "bad row", a_bad_row_is_a_fault_before_bankrupt },
		{ "largest numbers", the_largest_numbers_compare_exactly },
	};
	return kit_main("model: levels", cases, sizeof(cases) / sizeof(cases[0]));
}
