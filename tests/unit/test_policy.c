/* Sharing among winners: the published vector, small cases by hand, and the properties of the
 * header on random winners. Shares in whole units are compared with a slow second writing, which
 * hands out unit after unit. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/policy.h>

#include "../../sw/lib/mix.h"

#define MOST 24
#define COIN 100000000u

static struct fb_sharer *sharer;
static uint64_t given[MOST], other[MOST];

static uint64_t seed, drawn;

static uint64_t below(uint64_t n)
{
	return fb_mix(seed + drawn++) % n;
}

static void begin(void)
{
	ck_assert_int_eq(fb_sharer_open(MOST, &sharer), 0);
}

static void end(void)
{
	fb_sharer_close(sharer);
}

static struct fb_share_rules rules_of(enum fb_share_kind kind)
{
	struct fb_share_rules rules;
	fb_share_preset(kind, &rules);
	return rules;
}

static uint64_t share(enum fb_share_kind kind, uint64_t budget, const struct fb_winner *w, size_t n)
{
	struct fb_share_rules rules = rules_of(kind);
	return fb_share(sharer, &rules, budget, w, n, given);
}

static uint64_t sum(const uint64_t *x, size_t n)
{
	uint64_t all = 0;
	for (size_t i = 0; i < n; i++)
		all += x[i];
	return all;
}

/* arXiv 2512.01112: equity (10, 5, 1, -3, -12), cash (2, 1, 0.5, 0, 0), profit (8, 4, 0.5, -3,
 * -12); half of the deficit of 15. */
static size_t published(struct fb_winner *w)
{
	static const int64_t equity[] = { 1000000000, 500000000, 100000000, -300000000,
					  -1200000000 },
			     cash[] = { 200000000, 100000000, 50000000, 0, 0 },
			     profit[] = { 800000000, 400000000, 50000000, -300000000, -1200000000 };
	static const uint64_t queue[] = { 1, 0, 2, 3, 4 }; /* the second goes first */
	for (size_t i = 0; i < 5; i++)
		w[i] = (struct fb_winner){
			.id = i + 1,
			.cap = fb_winner_cap_e8(equity[i], cash[i], profit[i]),
			.profit_e8 = profit[i] > 0 ? (uint64_t)profit[i] : 0,
			.equity_e8 = equity[i] > 0 ? (uint64_t)equity[i] : 0,
			.rank = queue[i],
		};
	return 5;
}

START_TEST(published_vector)
{
	struct fb_winner w[5];
	size_t n = published(w);
	const uint64_t budget = 750000000;
	ck_assert_uint_eq(share(FB_SHARE_QUEUE, budget, w, n), budget);
	/* haircuts 0.4375 and 1: equity after 6.5, 1, 1 */
	ck_assert_uint_eq(given[0], 350000000);
	ck_assert_uint_eq(given[1], 400000000);
	ck_assert_uint_eq(given[2] + given[3] + given[4], 0);
	ck_assert_uint_eq(share(FB_SHARE_WEALTH, budget, w, n), budget);
	/* 0.6 of each profit: equity after 5.2, 2.6, 0.7 */
	ck_assert_uint_eq(given[0], 480000000);
	ck_assert_uint_eq(given[1], 240000000);
	ck_assert_uint_eq(given[2], 30000000);
	ck_assert_uint_eq(given[3] + given[4], 0);
}
END_TEST

/* Weights 10 : 5 : 1; the third is at its cap of 0.5 when 16 x 0.5 = 8 are given. */
START_TEST(equity_and_min_max_by_hand)
{
	struct fb_winner w[5];
	size_t n = published(w);
	for (int kind = 0; kind < 2; kind++) {
		enum fb_share_kind k = kind ? FB_SHARE_MIN_MAX : FB_SHARE_EQUITY;
		ck_assert_uint_eq(share(k, 800000000, w, n), 800000000);
		ck_assert_uint_eq(given[0], 500000000);
		ck_assert_uint_eq(given[1], 250000000);
		ck_assert_uint_eq(given[2], 50000000);
		/* 2 more, 10 : 5, since the third has nothing left: 1.333.., 0.666.. */
		ck_assert_uint_eq(share(k, 1000000000, w, n), 1000000000);
		/* a third of a unit: nearest; or 633333334 / 10 = 316666667 / 5, the lower id */
		ck_assert_uint_eq(given[0], kind ? 633333334 : 633333333);
		ck_assert_uint_eq(given[1], kind ? 316666666 : 316666667);
		ck_assert_uint_eq(given[2], 50000000);
	}
}
END_TEST

START_TEST(open_interest_in_lots)
{
	/* Seven lots among 10, 10 and 15: 2, 2 and 3. */
	struct fb_winner w[] = { { .id = 1, .cap = 10, .lots = 10 },
				 { .id = 2, .cap = 10, .lots = 10 },
				 { .id = 3, .cap = 15, .lots = 15 } };
	ck_assert_uint_eq(share(FB_SHARE_OPEN_INTEREST, 7, w, 3), 7);
	ck_assert_uint_eq(given[0], 2);
	ck_assert_uint_eq(given[1], 2);
	ck_assert_uint_eq(given[2], 3);
	/* A winner that can close but one of its lots leaves the rest to the others. */
	w[2].cap = 1;
	ck_assert_uint_eq(share(FB_SHARE_OPEN_INTEREST, 7, w, 3), 7);
	ck_assert_uint_eq(given[0], 3);
	ck_assert_uint_eq(given[1], 3);
	ck_assert_uint_eq(given[2], 1);
	/* A single lot goes to the largest, and between equals to the lower id. */
	ck_assert_uint_eq(share(FB_SHARE_OPEN_INTEREST, 1, w, 2), 1);
	ck_assert_uint_eq(given[0], 1);
}
END_TEST

/* h = min(eta, 1/4): 8 and 4 can give 2 and 1. */
START_TEST(capped_keeps_its_cap)
{
	struct fb_winner w[5];
	size_t n = published(w);
	struct fb_share_rules rules = rules_of(FB_SHARE_CAPPED);
	rules.cap_e7 = 2500000;
	ck_assert_uint_eq(fb_share(sharer, &rules, 125000000, w, n, given), 125000000);
	ck_assert_uint_eq(given[0], 80000000); /* eta = 0.1 */
	ck_assert_uint_eq(given[1], 40000000);
	ck_assert_uint_eq(given[2], 5000000);
	ck_assert_uint_eq(fb_share(sharer, &rules, 750000000, w, n, given), 312500000);
	ck_assert_uint_eq(given[0], 200000000);
	ck_assert_uint_eq(given[1], 100000000);
	ck_assert_uint_eq(given[2], 12500000);
}
END_TEST

/* Three of equal profit at leverage 1, 2 and 4. */
START_TEST(risk_by_hand)
{
	static const struct {
		uint32_t risk, power;
		uint64_t tail_e7, budget, given[3];
	} cases[] = {
		{ FB_RISK_CONSTANT, 1, 0, 70, { 10, 20, 40 } },
		{ FB_RISK_LINEAR, 1, 0, 21, { 1, 4, 16 } },
		{ FB_RISK_POWER, 2, 0, 73, { 1, 8, 64 } },
		{ FB_RISK_TAIL, 1, 10000000, 14, { 0, 2, 12 } },
		/* the third at its cap of 100, the rest 1 : 4 */
		{ FB_RISK_LINEAR, 1, 0, 150, { 10, 40, 100 } },
		/* nobody above the threshold has anything left: the others, by what they can */
		{ FB_RISK_TAIL, 1, 30000000, 160, { 30, 30, 100 } },
	};
	struct fb_winner w[3];
	for (size_t i = 0; i < 3; i++)
		w[i] = (struct fb_winner){ .id = 9 - i,
					   .cap = 100,
					   .profit_e8 = COIN,
					   .equity_e8 = 3 * (uint64_t)COIN,
					   .notional_e8 = 3 * (uint64_t)COIN << i };
	for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		struct fb_share_rules rules = rules_of(FB_SHARE_RISK);
		rules.risk = cases[k].risk;
		rules.power = cases[k].power;
		rules.tail_e7 = cases[k].tail_e7;
		fb_share(sharer, &rules, cases[k].budget, w, 3, given);
		for (size_t i = 0; i < 3; i++)
			ck_assert_msg(given[i] == cases[k].given[i], "case %zu, %zu: %lu", k, i,
				      (unsigned long)given[i]);
	}
}
END_TEST

/* x = m x cap: given = m x cap^2, until x is 1. */
START_TEST(descent_by_hand)
{
	struct fb_winner w[] = { { .id = 1, .cap = 10 }, { .id = 2, .cap = 20 },
				 { .id = 3, .cap = 40 } };
	ck_assert_uint_eq(share(FB_SHARE_DESCENT, 21, w, 3), 21);
	ck_assert_uint_eq(given[0], 1);
	ck_assert_uint_eq(given[1], 4);
	ck_assert_uint_eq(given[2], 16);
	/* the third whole; 20 = m (100 + 400) */
	ck_assert_uint_eq(share(FB_SHARE_DESCENT, 60, w, 3), 60);
	ck_assert_uint_eq(given[0], 4);
	ck_assert_uint_eq(given[1], 16);
	ck_assert_uint_eq(given[2], 40);
}
END_TEST

START_TEST(protected_cash)
{
	ck_assert_uint_eq(fb_winner_cap_e8(10, 2, 8), 8);
	ck_assert_uint_eq(fb_winner_cap_e8(10, 5, 8), 5); /* other positions lose */
	ck_assert_uint_eq(fb_winner_cap_e8(10, 2, 3), 3);
	ck_assert_uint_eq(fb_winner_cap_e8(2, 2, 3), 0);
	ck_assert_uint_eq(fb_winner_cap_e8(-1, 0, 3), 0);
	ck_assert_uint_eq(fb_winner_cap_e8(10, 2, -3), 0);
	ck_assert_uint_eq(fb_winner_cap_e8(INT64_MAX, INT64_MIN, 5), 5);
}
END_TEST

START_TEST(names_there_and_back)
{
	for (int k = 0; k < FB_SHARE_KINDS; k++)
		ck_assert_int_eq(fb_share_kind(fb_share_name((enum fb_share_kind)k)), k);
	for (int k = 0; k < FB_RISKS; k++)
		ck_assert_int_eq(fb_share_risk(fb_share_risk_name((enum fb_share_risk)k)), k);
	ck_assert_int_eq(fb_share_kind("fair"), -1);
	ck_assert_int_eq(fb_share_risk(""), -1);
}
END_TEST

/* ---- properties ---- */

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
	Suite *suite = suite_create("policy");
	TCase *tcase = tcase_create("policy");
	tcase_add_unchecked_fixture(tcase, begin, end);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, published_vector);
	tcase_add_test(tcase, equity_and_min_max_by_hand);
	tcase_add_test(tcase, open_interest_in_lots);
	tcase_add_test(tcase, capped_keeps_its_cap);
	tcase_add_test(tcase, risk_by_hand);
	tcase_add_test(tcase, descent_by_hand);
	tcase_add_test(tcase, protected_cash);
	tcase_add_test(tcase, names_there_and_back);
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
