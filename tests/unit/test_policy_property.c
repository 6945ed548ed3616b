/* Sharing among winners: the properties of the header on random ones. Shares in whole units are
 * compared with a slow second writing, which hands out unit after unit. */
#include "policy_kit.h"

static uint64_t other[MOST];

static size_t draw(struct fb_winner *w, uint64_t scale)
{
	size_t n = 1 + below(MOST - 1);
	for (size_t i = 0; i < n; i++) {
		int64_t equity = (int64_t)below(50 * scale) - (int64_t)(5 * scale),
			cash = (int64_t)below(20 * scale),
			profit = (int64_t)below(40 * scale) - (int64_t)(8 * scale);
		w[i] = (struct fb_winner){
			.id = 1000 + i * 7,
			.cap = fb_winner_cap_e8(equity, cash, profit),
			.lots = below(9),
			.profit_e8 = profit > 0 ? (uint64_t)profit : 0,
			.equity_e8 = equity > 0 ? (uint64_t)equity : 0,
			.notional_e8 = below(200 * scale),
			.rank = i * 5 % 31, /* the ranking has ties, the ids have none */
		};
		if (i > 0 && below(4) == 0) { /* equals make ties */
			w[i] = w[i - 1];
			w[i].id = 1000 + i * 7;
		}
	}
	return n;
}

static uint64_t all_caps(const struct fb_winner *w, size_t n)
{
	uint64_t all = 0;
	for (size_t i = 0; i < n; i++)
		all += w[i].cap;
	return all;
}

static struct fb_share_rules draw_rules(void)
{
	struct fb_share_rules rules = rules_of((enum fb_share_kind)below(FB_SHARE_KINDS));
	rules.risk = (uint32_t)below(FB_RISKS);
	rules.power = 1 + (uint32_t)below(FB_SHARE_POWER_MAX);
	rules.tail_e7 = below(40000000);
	rules.cap_e7 = below(2) ? FB_SHARE_WHOLE_E7 : (uint32_t)below(FB_SHARE_WHOLE_E7 + 1);
	return rules;
}

static const uint64_t scales[] = { 1, 3, 1000, COIN, (uint64_t)1 << 54 };
#define CASES 4000

START_TEST(what_is_given_adds_up_and_caps_hold)
{
	struct fb_winner w[MOST];
	seed = 101;
	for (int k = 0; k < CASES; k++) {
		struct fb_share_rules rules = draw_rules();
		size_t n = draw(w, scales[k % 5]);
		uint64_t all = 0, budget = below(all_caps(w, n) * 5 / 4 + 2);
		bool lower = rules.kind == FB_SHARE_CAPPED || rules.kind == FB_SHARE_RISK;
		uint64_t taken = fb_share(sharer, &rules, budget, w, n, given);
		for (size_t i = 0; i < n; i++) {
			uint64_t cap = w[i].cap;
			if (lower)
				cap = (uint64_t)((unsigned __int128)cap * rules.cap_e7 /
						 FB_SHARE_WHOLE_E7);
			ck_assert_uint_le(given[i], cap);
			all += cap;
		}
		ck_assert_uint_eq(sum(given, n), taken);
		ck_assert_uint_eq(taken, all < budget ? all : budget);
	}
}
END_TEST

START_TEST(order_of_the_input_plays_no_part)
{
	struct fb_winner w[MOST], mixed[MOST];
	seed = 102;
	for (int k = 0; k < CASES; k++) {
		struct fb_share_rules rules = draw_rules();
		size_t n = draw(w, scales[k % 5]), from[MOST];
		uint64_t budget = below(all_caps(w, n) + 2);
		for (size_t i = 0; i < n; i++)
			from[i] = i;
		for (size_t i = n; i > 1; i--) {
			size_t j = below(i), t = from[i - 1];
			from[i - 1] = from[j];
			from[j] = t;
		}
		for (size_t i = 0; i < n; i++)
			mixed[i] = w[from[i]];
		fb_share(sharer, &rules, budget, w, n, given);
		fb_share(sharer, &rules, budget, mixed, n, other);
		for (size_t i = 0; i < n; i++)
			ck_assert_uint_eq(other[i], given[from[i]]);
	}
}
END_TEST

/* Unit by unit: one more is one winner's, and nobody gives less. */
START_TEST(a_larger_budget_takes_less_from_nobody)
{
	struct fb_winner w[MOST];
	seed = 103;
	for (int k = 0; k < CASES / 4; k++) {
		struct fb_share_rules rules = draw_rules();
		size_t n = draw(w, scales[k % 5]);
		uint64_t budget = below(all_caps(w, n) + 1);
		for (int step = 0; step < 8; step++, budget++) {
			uint64_t more = 0;
			fb_share(sharer, &rules, budget, w, n, given);
			fb_share(sharer, &rules, budget + 1, w, n, other);
			for (size_t i = 0; i < n; i++) {
				ck_assert_uint_ge(other[i], given[i]);
				more += other[i] - given[i];
			}
			ck_assert_uint_le(more, 1);
		}
	}
}
END_TEST

/* Everything in another unit of money: the same shares but for a unit of the coarser one. */
START_TEST(scale)
{
	struct fb_winner w[MOST], large[MOST];
	const uint64_t times = 1000;
	seed = 104;
	for (int k = 0; k < CASES; k++) {
		struct fb_share_rules rules = draw_rules();
		rules.cap_e7 = FB_SHARE_WHOLE_E7; /* a share of a cap is cut to a unit */
		size_t n = draw(w, scales[2 + k % 2]);
		uint64_t budget = below(all_caps(w, n) + 1);
		memcpy(large, w, sizeof(w));
		for (size_t i = 0; i < n; i++) {
			large[i].cap *= times;
			large[i].profit_e8 *= times;
			large[i].equity_e8 *= times;
			large[i].notional_e8 *= times;
		}
		fb_share(sharer, &rules, budget, w, n, given);
		fb_share(sharer, &rules, budget * times, large, n, other);
		for (size_t i = 0; i < n; i++) {
			uint64_t exact = given[i] * times,
				 off = other[i] > exact ? other[i] - exact : exact - other[i];
			ck_assert_uint_le(off, times * 2);
		}
	}
}
END_TEST

/* An account in two halves pays what it paid whole, but for a unit a part. */
START_TEST(splitting_gains_nothing_where_shares_are_pro_rata)
{
	static const enum fb_share_kind kinds[] = { FB_SHARE_WEALTH, FB_SHARE_EQUITY,
						    FB_SHARE_OPEN_INTEREST, FB_SHARE_CAPPED,
						    FB_SHARE_RISK, FB_SHARE_MIN_MAX };
	struct fb_winner w[MOST + 1];
	seed = 105;
	for (int k = 0; k < CASES; k++) {
		struct fb_share_rules rules = rules_of(kinds[below(6)]);
		size_t n = draw(w, scales[1 + k % 3]);
		size_t at = below(n);
		if (n == MOST)
			continue;
		/* even, so that there are halves */
		w[at].cap &= ~UINT64_C(1);
		w[at].profit_e8 &= ~UINT64_C(1);
		w[at].equity_e8 &= ~UINT64_C(1);
		w[at].notional_e8 &= ~UINT64_C(1);
		w[at].lots &= ~UINT64_C(1);
		uint64_t budget = below(all_caps(w, n) + 1);
		fb_share(sharer, &rules, budget, w, n, given);
		uint64_t whole = given[at];
		w[at].cap /= 2;
		w[at].profit_e8 /= 2;
		w[at].equity_e8 /= 2;
		w[at].notional_e8 /= 2;
		w[at].lots /= 2;
		w[n] = w[at];
		w[n].id = 5; /* in front of all at a tie */
		fb_share(sharer, &rules, budget, w, n + 1, other);
		ck_assert_uint_ge(other[at] + other[n] + 2, whole);
	}
}
END_TEST

/* In a queue by profit a large account in small parts lets others go first. */
START_TEST(splitting_saves_everything_in_a_queue)
{
	struct fb_winner whole[] = { { .id = 1, .cap = 100, .rank = 0 },   /* profit 100 */
				     { .id = 2, .cap = 80, .rank = 1 } },  /* 80 */
			 parts[] = { { .id = 1, .cap = 50, .rank = 1 },    /* 50 and 50 */
				     { .id = 2, .cap = 80, .rank = 0 },
				     { .id = 3, .cap = 50, .rank = 2 } };
	ck_assert_uint_eq(share(FB_SHARE_QUEUE, 80, whole, 2), 80);
	ck_assert_uint_eq(given[0], 80);
	ck_assert_uint_eq(share(FB_SHARE_QUEUE, 80, parts, 3), 80);
	ck_assert_uint_eq(given[0] + given[2], 0);
}
END_TEST

/* Unit after unit by the rule of the header. */
static void slowly(const unsigned __int128 *weight, const struct fb_winner *w, size_t n,
		   uint64_t budget, bool half)
{
	memset(other, 0, sizeof(other));
	for (; budget > 0; budget--) {
		size_t next = MOST;
		for (size_t i = 0; i < n; i++) {
			if (other[i] == w[i].cap || weight[i] == 0)
				continue;
			if (next == MOST) {
				next = i;
				continue;
			}
			uint64_t a = half ? 2 * other[i] + 1 : other[i] + 1,
				 b = half ? 2 * other[next] + 1 : other[next] + 1;
			if (a * weight[next] < b * weight[i] ||
			    (a * weight[next] == b * weight[i] && w[i].id < w[next].id))
				next = i;
		}
		if (next == MOST)
			return;
		other[next]++;
	}
}

START_TEST(fast_equals_unit_after_unit)
{
	struct fb_winner w[MOST];
	unsigned __int128 weight[MOST];
	seed = 106;
	for (int k = 0; k < CASES; k++) {
		size_t n = draw(w, scales[k % 2]);
		bool equity = below(2);
		for (size_t i = 0; i < n; i++) {
			weight[i] = equity ? w[i].equity_e8 : w[i].profit_e8;
			if (weight[i] == 0)
				w[i].cap = 0;
		}
		uint64_t budget = below(all_caps(w, n) + 1);
		share(equity ? FB_SHARE_MIN_MAX : FB_SHARE_WEALTH, budget, w, n);
		slowly(weight, w, n, budget, !equity);
		for (size_t i = 0; i < n; i++)
			ck_assert_uint_eq(given[i], other[i]);
	}
}
END_TEST

/* Leverages that end in 24 zeros, so that weights of up to 110 bits are whole. */
START_TEST(fast_equals_unit_after_unit_with_long_weights)
{
	struct fb_winner w[MOST];
	unsigned __int128 weight[MOST];
	seed = 108;
	for (int k = 0; k < CASES; k++) {
		struct fb_share_rules rules = rules_of(FB_SHARE_RISK);
		size_t n = 1 + below(MOST);
		uint64_t budget = 0;
		rules.risk = FB_RISK_POWER;
		rules.power = 1 + (uint32_t)below(3);
		for (size_t i = 0; i < n; i++) {
			uint64_t l = (1 + below(below(2) ? 3 : 60)) << 20;
			w[i] = (struct fb_winner){ .id = 100 + i * 11 % 31,
						   .cap = below(60),
						   .profit_e8 = 1 + below(90),
						   .equity_e8 = 10000000,
						   .notional_e8 = l };
			weight[i] = w[i].profit_e8;
			for (uint32_t times = 0; times <= rules.power; times++)
				weight[i] *= l;
			budget += w[i].cap;
		}
		budget = below(budget + 1);
		ck_assert_uint_eq(fb_share(sharer, &rules, budget, w, n, given), budget);
		slowly(weight, w, n, budget, true);
		for (size_t i = 0; i < n; i++)
			ck_assert_uint_eq(given[i], other[i]);
	}
}
END_TEST

/* Beside a weight of 260 bits two of 60 are nothing, until it has reached its cap: then they share
 * by all their bits, and at once. */
START_TEST(light_weights_after_heavy_ones)
{
	struct fb_share_rules rules = rules_of(FB_SHARE_RISK);
	const uint64_t budget = (uint64_t)3 << 58;
	struct fb_winner w[] = {
		{ .id = 1, .cap = 7, .profit_e8 = (uint64_t)1 << 60, .equity_e8 = 1,
		  .notional_e8 = (uint64_t)1 << 60 },
		{ .id = 2, .cap = (uint64_t)1 << 60, .profit_e8 = 1, .equity_e8 = 1,
		  .notional_e8 = 1 },
		{ .id = 3, .cap = (uint64_t)1 << 60, .profit_e8 = 2, .equity_e8 = 1,
		  .notional_e8 = 1 },
	};
	rules.risk = FB_RISK_POWER;
	rules.power = 4;
	ck_assert_uint_eq(fb_share(sharer, &rules, budget + 7, w, 3, given), budget + 7);
	ck_assert_uint_eq(given[0], 7);
	ck_assert_uint_eq(given[1], (uint64_t)1 << 58);
	ck_assert_uint_eq(given[2], (uint64_t)1 << 59);
}
END_TEST

/* Moving a unit from whoever has the largest given / equity to anybody else makes the largest no
 * smaller. */
START_TEST(min_max_cannot_be_improved)
{
	struct fb_winner w[MOST];
	seed = 107;
	for (int k = 0; k < CASES; k++) {
		size_t n = draw(w, scales[k % 4]);
		share(FB_SHARE_MIN_MAX, below(all_caps(w, n) + 1), w, n);
		size_t top = 0;
		for (size_t i = 1; i < n; i++)
			if ((unsigned __int128)given[i] * w[top].equity_e8 >
			    (unsigned __int128)given[top] * w[i].equity_e8)
				top = i;
		for (size_t i = 0; i < n; i++)
			if (i != top && given[i] < w[i].cap)
				ck_assert((unsigned __int128)(given[i] + 1) * w[top].equity_e8 >=
					  (unsigned __int128)given[top] * w[i].equity_e8);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy, properties");
	TCase *tcase = tcase_create("policy, properties");
	tcase_add_unchecked_fixture(tcase, begin, end);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, what_is_given_adds_up_and_caps_hold);
	tcase_add_test(tcase, order_of_the_input_plays_no_part);
	tcase_add_test(tcase, a_larger_budget_takes_less_from_nobody);
	tcase_add_test(tcase, scale);
	tcase_add_test(tcase, splitting_gains_nothing_where_shares_are_pro_rata);
	tcase_add_test(tcase, splitting_saves_everything_in_a_queue);
	tcase_add_test(tcase, fast_equals_unit_after_unit);
	tcase_add_test(tcase, fast_equals_unit_after_unit_with_long_weights);
	tcase_add_test(tcase, light_weights_after_heavy_ones);
	tcase_add_test(tcase, min_max_cannot_be_improved);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
