/* Whole lots for a budget in money, and the exact projection. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/policy.h>

#include "../../sw/lib/mix.h"

#define MOST 12
#define SUMS 4000

static struct fb_sharer *sharer;
static uint64_t lots[MOST], seed, drawn;

static uint64_t below(uint64_t n)
{
	return fb_mix(seed + drawn++) % n;
}

static void begin(void)
{
	ck_assert_int_eq(fb_sharer_open(20000, &sharer), 0);
}

static void end(void)
{
	fb_sharer_close(sharer);
}

/* ---- whole lots ---- */

START_TEST(lots_by_hand)
{
	/* 26 of 60 and 40: shares of 15.6 and 10.4, cut to 2 x 7 and 2 x 5; 2 are missing. Of the
	 * ways to add 7s and 5s the least above 2 is 5. */
	struct fb_winner w[] = { { .id = 1, .cap = 9, .lot_e8 = 7, .profit_e8 = 60 },
				 { .id = 2, .cap = 8, .lot_e8 = 5, .profit_e8 = 40 } };
	ck_assert_uint_eq(fb_share_lots(sharer, 26, w, 2, lots), 29);
	ck_assert_uint_eq(lots[0], 2);
	ck_assert_uint_eq(lots[1], 3);
	/* 36: 21.6 and 14.4 give 3 x 7 and 2 x 5; 5 are missing, and a 5 is there. */
	ck_assert_uint_eq(fb_share_lots(sharer, 36, w, 2, lots), 36);
	ck_assert_uint_eq(lots[0], 3);
	ck_assert_uint_eq(lots[1], 3);
	/* More than all. */
	ck_assert_uint_eq(fb_share_lots(sharer, 1000, w, 2, lots), 103);
	ck_assert_uint_eq(lots[0], 9);
	ck_assert_uint_eq(lots[1], 8);
	ck_assert_uint_eq(fb_share_lots(sharer, 0, w, 2, lots), 0);
	ck_assert_uint_eq(lots[0] + lots[1], 0);
}
END_TEST

static size_t draw(struct fb_winner *w, uint64_t value)
{
	size_t n = 1 + below(MOST);
	for (size_t i = 0; i < n; i++) {
		uint64_t lot = below(8) == 0 ? 0 : 1 + below(value);
		w[i] = (struct fb_winner){ .id = 100 - i,
					   .cap = below(12),
					   .lot_e8 = lot,
					   .profit_e8 = below(30 * value) };
		if (i > 0 && below(3) == 0)
			w[i].lot_e8 = w[i - 1].lot_e8;
	}
	return n;
}

static uint64_t worth(const struct fb_winner *w, const uint64_t *x, size_t n)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += (x ? x[i] : w[i].cap) * w[i].lot_e8;
	return sum;
}

/* What the header calls the base: WEALTH in money, cut to lots. */
static void base_of(struct fb_winner *w, size_t n, uint64_t budget, uint64_t *out)
{
	struct fb_winner money[MOST];
	struct fb_share_rules rules;
	fb_share_preset(FB_SHARE_WEALTH, &rules);
	memcpy(money, w, n * sizeof(*w));
	for (size_t i = 0; i < n; i++)
		money[i].cap = w[i].cap * w[i].lot_e8;
	fb_share(sharer, &rules, budget, money, n, out);
	for (size_t i = 0; i < n; i++)
		out[i] = w[i].lot_e8 ? out[i] / w[i].lot_e8 : 0;
}

/* The least sum of lots on top of the base that is at least `missing`: every lot by itself. */
static uint64_t least_added(const struct fb_winner *w, size_t n, const uint64_t *base,
			    uint64_t missing)
{
	static bool reached[SUMS];
	memset(reached, 0, sizeof(reached));
	reached[0] = true;
	for (size_t i = 0; i < n; i++)
		for (uint64_t k = base[i]; k < w[i].cap; k++)
			for (uint64_t sum = SUMS - 1; w[i].lot_e8 > 0 && sum >= w[i].lot_e8; sum--)
				reached[sum] = reached[sum] || reached[sum - w[i].lot_e8];
	for (uint64_t sum = missing; sum < SUMS; sum++)
		if (reached[sum])
			return sum;
	ck_abort();
	return 0;
}

START_TEST(overshoot_is_the_least_on_top_of_the_base)
{
	struct fb_winner w[MOST];
	uint64_t base[MOST];
	seed = 201;
	for (int k = 0; k < 5000; k++) {
		size_t n = draw(w, k % 2 ? 9 : 90);
		uint64_t all = worth(w, NULL, n), budget = below(all + 3);
		uint64_t taken = fb_share_lots(sharer, budget, w, n, lots);
		ck_assert_uint_eq(taken, worth(w, lots, n));
		for (size_t i = 0; i < n; i++)
			ck_assert_uint_le(lots[i], w[i].cap);
		if (budget >= all) {
			ck_assert_uint_eq(taken, all);
			continue;
		}
		base_of(w, n, budget, base);
		for (size_t i = 0; i < n; i++)
			ck_assert_uint_ge(lots[i], base[i]);
		uint64_t missing = budget - worth(w, base, n);
		ck_assert_uint_eq(taken - worth(w, base, n), least_added(w, n, base, missing));
	}
}
END_TEST

/* Values of 60 bits: the sums are too many to look at, and the bound is that of the header. */
START_TEST(overshoot_without_all_sums_is_below_the_smallest_lot_left)
{
	struct fb_winner w[MOST];
	seed = 202;
	for (int k = 0; k < 5000; k++) {
		size_t n = draw(w, (uint64_t)1 << 50);
		uint64_t all = worth(w, NULL, n), budget = below(all + 3);
		uint64_t taken = fb_share_lots(sharer, budget, w, n, lots);
		ck_assert_uint_eq(taken, worth(w, lots, n));
		for (size_t i = 0; i < n; i++)
			ck_assert_uint_le(lots[i], w[i].cap);
		if (budget >= all) {
			ck_assert_uint_eq(taken, all);
			continue;
		}
		ck_assert_uint_ge(taken, budget);
		/* Less than that lot, which is one of those given, and than any not given. */
		uint64_t least = UINT64_MAX;
		for (size_t i = 0; i < n; i++)
			if (w[i].lot_e8 > 0 && lots[i] < w[i].cap && w[i].lot_e8 < least)
				least = w[i].lot_e8;
		bool one = false;
		for (size_t i = 0; i < n; i++)
			one = one || (lots[i] > 0 && w[i].lot_e8 > taken - budget);
		ck_assert(one || taken == budget);
		ck_assert(taken - budget < least || taken == all);
	}
}
END_TEST

START_TEST(lots_do_not_depend_on_the_order)
{
	struct fb_winner w[MOST], mixed[MOST];
	uint64_t first[MOST];
	seed = 203;
	for (int k = 0; k < 3000; k++) {
		size_t n = draw(w, k % 2 ? 9 : (uint64_t)1 << 50), turn = below(n);
		uint64_t budget = below(worth(w, NULL, n) + 3);
		for (size_t i = 0; i < n; i++)
			mixed[i] = w[(n - 1 - i + turn) % n];
		fb_share_lots(sharer, budget, w, n, first);
		uint64_t taken = fb_share_lots(sharer, budget, mixed, n, lots);
		ck_assert_uint_eq(taken, worth(w, first, n));
		for (size_t i = 0; i < n; i++)
			ck_assert_uint_eq(lots[i], first[(n - 1 - i + turn) % n]);
	}
}
END_TEST

/* Twenty thousand winners: all sums are not looked at, and it does not take long. */
START_TEST(many_winners)
{
	struct fb_winner *w = calloc(20000, sizeof(*w));
	uint64_t *x = calloc(20000, sizeof(*x));
	ck_assert(w && x);
	seed = 204;
	for (size_t i = 0; i < 20000; i++)
		w[i] = (struct fb_winner){ .id = i,
					   .cap = 1 + below(1000),
					   .lot_e8 = 1 + below(50000),
					   .profit_e8 = 1 + below(1000000) };
	const uint64_t budget = 12345678901;
	ck_assert_uint_eq(fb_share_lots(sharer, budget, w, 20000, x), worth(w, x, 20000));
	ck_assert_uint_ge(worth(w, x, 20000), budget);
	ck_assert_uint_lt(worth(w, x, 20000), budget + 50000);
	free(w);
	free(x);
}
END_TEST

/* ---- projection ---- */

START_TEST(projection_by_hand)
{
	/* From 0 with weights 1, 2: x = m (1, 2), 5 m = 5. */
	static const uint32_t c[] = { 1, 2 }, cap[] = { 10, 10 };
	static const int64_t zero[] = { 0, 0 }, y[] = { 7, -3 };
	struct fb_multiplier m;
	ck_assert_int_eq(fb_share_project(sharer, c, cap, zero, 2, 5, &m), 0);
	ck_assert(m.above == m.below);
	ck_assert(fb_share_projected(&m, 2, 10, 0) == 2 * m.below);
	/* From (7, -3) to x + 2 y = 10: 7 + m and -3 + 2 m, 1 + 5 m = 10: 8.8 and 0.6. */
	ck_assert_int_eq(fb_share_project(sharer, c, cap, y, 2, 10, &m), 0);
	ck_assert(m.above * 5 == m.below * 9);
	/* To 4: the second is at 0, the first at 4. */
	ck_assert_int_eq(fb_share_project(sharer, c, cap, y, 2, 4, &m), 0);
	ck_assert(fb_share_projected(&m, c[0], cap[0], y[0]) == 4 * m.below);
	ck_assert(fb_share_projected(&m, c[1], cap[1], y[1]) == 0);
	ck_assert_int_eq(fb_share_project(sharer, c, cap, y, 2, 30, &m), 0);
	ck_assert_int_eq(fb_share_project(sharer, c, cap, y, 2, 31, &m), -ERANGE);
	ck_assert_int_eq(fb_share_project(sharer, c, cap, y, 0, 0, &m), 0);
}
END_TEST

/* c . x is the budget, as fractions; that x has this form and meets it is what makes it the
 * nearest point (Karush, Kuhn and Tucker). */
START_TEST(projection_meets_the_budget_exactly)
{
	uint32_t c[MOST], cap[MOST];
	int64_t y[MOST];
	struct fb_multiplier m;
	seed = 205;
	for (int k = 0; k < 20000; k++) {
		static const uint64_t sizes[] = { 4, 1000, INT32_MAX };
		uint64_t size = sizes[k % 3];
		size_t n = 1 + below(MOST);
		uint64_t all = 0;
		for (size_t i = 0; i < n; i++) {
			c[i] = 1 + (uint32_t)below(size < INT32_MAX ? size : INT32_MAX - 1);
			cap[i] = (uint32_t)below(size);
			y[i] = (int64_t)below(4 * size) - (int64_t)(2 * size);
			all += (uint64_t)c[i] * cap[i] / 16;
		}
		uint64_t budget = below(all + 1);
		ck_assert_int_eq(fb_share_project(sharer, c, cap, y, n, budget, &m), 0);
		__int128 sum = 0;
		for (size_t i = 0; i < n; i++) {
			__int128 x = fb_share_projected(&m, c[i], cap[i], y[i]);
			ck_assert(x >= 0 && x <= (__int128)cap[i] * m.below);
			sum += x * c[i];
		}
		ck_assert(sum == (__int128)budget * m.below);
	}
}
END_TEST

/* The policy DESCENT is the projection of 0 where a unit of x is a share of the cap. */
START_TEST(descent_is_the_projection_of_nothing)
{
	struct fb_winner w[MOST];
	struct fb_share_rules rules;
	uint32_t c[MOST], one[MOST];
	int64_t zero[MOST] = { 0 };
	struct fb_multiplier m;
	fb_share_preset(FB_SHARE_DESCENT, &rules);
	seed = 206;
	for (int k = 0; k < 3000; k++) {
		size_t n = 1 + below(MOST);
		uint64_t all = 0;
		for (size_t i = 0; i < n; i++) {
			c[i] = 1 + (uint32_t)below(1000000);
			w[i] = (struct fb_winner){ .id = i, .cap = c[i] };
			one[i] = 1;
			all += c[i];
		}
		uint64_t budget = below(all + 1);
		fb_share(sharer, &rules, budget, w, n, lots);
		ck_assert_int_eq(fb_share_project(sharer, c, one, zero, n, budget, &m), 0);
		for (size_t i = 0; i < n; i++) {
			/* c x, whole units */
			__int128 exact = fb_share_projected(&m, c[i], 1, 0) * c[i];
			__int128 off = (__int128)lots[i] * m.below - exact;
			ck_assert((off < 0 ? -off : off) <= m.below * (__int128)(n / 2 + 1));
		}
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy_lots");
	TCase *tcase = tcase_create("policy_lots");
	tcase_add_unchecked_fixture(tcase, begin, end);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, lots_by_hand);
	tcase_add_test(tcase, overshoot_is_the_least_on_top_of_the_base);
	tcase_add_test(tcase, overshoot_without_all_sums_is_below_the_smallest_lot_left);
	tcase_add_test(tcase, lots_do_not_depend_on_the_order);
	tcase_add_test(tcase, many_winners);
	tcase_add_test(tcase, projection_by_hand);
	tcase_add_test(tcase, projection_meets_the_budget_exactly);
	tcase_add_test(tcase, descent_is_the_projection_of_nothing);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
