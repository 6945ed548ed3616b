/* Marks and indices: published numbers, edges, and properties of random markets. Floating point is
 * the second opinion here, never the first. */
#include <math.h>

#include "mark_kit.h"

/* ---- index ---- */

static const struct fb_index_rules binance = { .method = FB_INDEX_WEIGHTED,
					       .outlier_e7 = 500000,
					       .outliers = 1,
					       .stale_us = 10 * SECOND };

START_TEST(index_guards)
{
	struct fb_index_result r;
	struct fb_source s[] = { { 100 * E8, 1, 0 }, { 101 * E8, 1, 0 }, { 102 * E8, 1, 0 } };
	fb_index_price(&binance, s, 3, 10 * SECOND, &r);
	ck_assert_uint_eq(r.price_e8, 101 * E8);
	ck_assert_uint_eq(r.used, 3);
	/* more than 5 % from the median: one loses its weight, exactly 5 % does not */
	s[2].price_e8 = 101 * E8 + 101 * E8 / 20;
	fb_index_price(&binance, s, 3, 0, &r);
	ck_assert_uint_eq(r.outliers, 0);
	s[2].price_e8++;
	fb_index_price(&binance, s, 3, 0, &r);
	ck_assert_uint_eq(r.outliers, 1);
	ck_assert_uint_eq(r.price_e8, 10050000000);
	/* two of them: the median, of all */
	s[0].price_e8 = 90 * E8;
	fb_index_price(&binance, s, 3, 0, &r);
	ck_assert_uint_eq(r.outliers, 2);
	ck_assert(r.median);
	ck_assert_uint_eq(r.price_e8, 101 * E8);
	/* ten seconds old is good, more is not */
	s[1].time_us = 1;
	fb_index_price(&binance, s, 3, 10 * SECOND + 1, &r);
	ck_assert_uint_eq(r.stale, 2);
	ck_assert_uint_eq(r.price_e8, 101 * E8);
	s[1].price_e8 = 0;
	fb_index_price(&binance, s, 3, 10 * SECOND + 1, &r);
	ck_assert_uint_eq(r.price_e8, 0);
	ck_assert_uint_eq(r.used, 0);
}
END_TEST

START_TEST(index_properties)
{
	for (int i = 0; i < 50000; i++) {
		struct fb_source s[16], scaled[16];
		struct fb_index_rules rules = binance;
		struct fb_index_result r, again;
		size_t n = random_sources(s);
		uint64_t low = UINT64_MAX, high = 0;
		rules.method = draw(2) ? FB_INDEX_WEIGHTED : FB_INDEX_MEDIAN;
		int64_t now = (int64_t)draw(30 * SECOND);
		fb_index_price(&rules, s, n, now, &r);
		for (size_t k = 0; k < n; k++) {
			scaled[k] = s[k];
			scaled[k].price_e8 *= 1000;
			if (s[k].price_e8 == 0 || s[k].weight == 0)
				continue;
			low = s[k].price_e8 < low ? s[k].price_e8 : low;
			high = s[k].price_e8 > high ? s[k].price_e8 : high;
		}
		if (r.used > 0)
			ck_assert(r.price_e8 >= low && r.price_e8 <= high);
		fb_index_price(&rules, scaled, n, now, &again); /* prices times a thousand */
		ck_assert(again.price_e8 / 1000 >= r.price_e8 &&
			  again.price_e8 / 1000 <= r.price_e8);
		shuffle(s, n);
		fb_index_price(&rules, s, n, now, &again);
		ck_assert_mem_eq(&r, &again, sizeof(r));
	}
}
END_TEST

/* Whatever one of five equal sources says, the index moves no further than 5 % of its share and
 * what rounding takes: beyond that it does not count at all. */
START_TEST(one_outlier_moves_little)
{
	for (int i = 0; i < 50000; i++) {
		struct fb_source s[5];
		struct fb_index_result before, after;
		uint64_t around = E8 + draw(1000 * E8);
		for (int k = 0; k < 5; k++)
			s[k] = (struct fb_source){ around + draw(around / 1000), 1, 0 };
		fb_index_price(&binance, s, 5, 0, &before);
		s[draw(5)].price_e8 = 1 + draw(UINT64_C(1) << (1 + draw(55)));
		fb_index_price(&binance, s, 5, 0, &after);
		uint64_t a = before.price_e8, b = after.price_e8, moved = a > b ? a - b : b - a;
		ck_assert_msg(moved <= around * 52 / 1000 / 5 + around / 1000 + 2,
			      "moved by %lu of %lu", moved, around);
	}
}
END_TEST

/* ---- marks ---- */

/* Binance's page: rate 0.03 %, 4 of 8 hours left, index 10,000: basis 0.00015, mark 10,001.5. */
START_TEST(funding_basis_of_the_venue)
{
	const uint64_t hour = UINT64_C(3600000000);
	ck_assert_uint_eq(fb_mark_funding_basis(10000 * E8, 300000000, 4 * hour, 8 * hour),
			  1000150000000);
	ck_assert_uint_eq(fb_mark_funding_basis(10000 * E8, -300000000, 4 * hour, 8 * hour),
			  999850000000);
	ck_assert_uint_eq(fb_mark_funding_basis(10000 * E8, 300000000, 0, 8 * hour), 10000 * E8);
	/* more than an interval is no more than one */
	ck_assert_uint_eq(fb_mark_funding_basis(10000 * E8, 300000000, 9 * hour, 8 * hour),
			  1000300000000);
	ck_assert_uint_eq(fb_mark_funding_basis(3, -1, 1, 8 * hour), 2); /* down */
	for (int i = 0; i < 100000; i++) {
		uint64_t index = 1 + draw(UINT64_C(1) << 57), left = draw(8 * hour + 1);
		int64_t rate = (int64_t)draw(UINT64_C(1) << 41) - ((int64_t)1 << 40);
		long double exact = (long double)index +
				    (long double)index * (long double)rate / 1e12L *
					    (long double)left / (8.0L * (long double)hour);
		long double found = (long double)fb_mark_funding_basis(index, rate, left, 8 * hour);
		if (exact > 1 && exact < 0x1p58L)
			ck_assert_msg(fabsl(found - exact) <= 1 + exact * 0x1p-60L, "%Lf, %Lf",
				      found, exact);
	}
}
END_TEST

START_TEST(impact_price_known)
{
	/* 1 at 100, 2 at 101, 5 at 102: 250 buys 1 and 150 / 101 of the second */
	const struct fb_source asks[] = { { 100 * E8, E8, 0 }, { 101 * E8, 2 * E8, 0 },
					  { 102 * E8, 5 * E8, 0 } };
	long double amount = 1 + 150 / 101.0L;
	ck_assert_uint_eq(fb_impact_price(asks, 3, 250 * E8),
			  (uint64_t)floorl(250 / amount * 1e8L));
	ck_assert_uint_eq(fb_impact_price(asks, 3, 50 * E8), 100 * E8);
	ck_assert_uint_eq(fb_impact_price(asks, 3, 813 * E8), 0); /* 812 are there */
	ck_assert_uint_ne(fb_impact_price(asks, 3, 812 * E8), 0);
}
END_TEST

static const struct fb_mark_rules binance_mark = {
	.first = FB_MARK_FUNDING,
	.second = FB_MARK_AVERAGE,
	.third = FB_MARK_LAST,
	.points = 30,
	.sample_us = SECOND,
	.ema_us = 150 * SECOND,
	.fallback_ema_us = 30 * SECOND,
};
static const struct fb_mark_rules hyperliquid_mark = {
	.first = FB_MARK_EMA,
	.second = FB_MARK_BOOK,
	.third = FB_MARK_PERPETUALS,
	.fallback = FB_MARK_BOOK_EMA,
	.points = 30,
	.sample_us = SECOND,
	.ema_us = 150 * SECOND,
	.fallback_ema_us = 30 * SECOND,
};

START_TEST(median_of_three_candidates)
{
	struct fb_mark_state state = { .mark_e8 = 0 };
	struct fb_price_inputs in = { .time_us = SECOND,
				      .index_e8 = 100 * E8,
				      .last_e8 = 103 * E8,
				      .rate_e12 = 10000000000, /* 1 % */
				      .left_us = 1,
				      .interval_us = 1 };
	uint64_t made[4];
	/* funding basis 101, average 103, last 103 */
	ck_assert_uint_eq(fb_mark_next(&state, &binance_mark, &in, made), 103 * E8);
	ck_assert_uint_eq(made[0], 101 * E8);
	ck_assert_uint_eq(made[1], 103 * E8);
	/* a single print at half the price: the average falls by 51.5 - 1/2 over two points, the
	 * median is the funding basis */
	in.time_us = 2 * SECOND;
	in.last_e8 = 50 * E8;
	ck_assert_uint_eq(fb_mark_next(&state, &binance_mark, &in, made), 7650000000);
	ck_assert_uint_eq(made[1], 7650000000); /* 100 + (3 - 50) / 2 */
	/* without any candidate the mark stays */
	const struct fb_price_inputs nothing = { .time_us = 3 * SECOND };
	ck_assert_uint_eq(fb_mark_next(&state, &binance_mark, &nothing, made), 7650000000);
}
END_TEST

START_TEST(fallback_where_two_are_left)
{
	struct fb_mark_state state = { .mark_e8 = 0 };
	struct fb_price_inputs in = { .time_us = SECOND,
				      .index_e8 = 100 * E8,
				      .last_e8 = 100 * E8,
				      .bid_e8 = 101 * E8,
				      .ask_e8 = 103 * E8,
				      .perpetuals_e8 = 90 * E8 };
	uint64_t made[4];
	/* ema 102, book 101, perpetuals 90 */
	ck_assert_uint_eq(fb_mark_next(&state, &hyperliquid_mark, &in, made), 101 * E8);
	ck_assert_uint_eq(made[3], 0);
	in.perpetuals_e8 = 0;
	in.time_us = 2 * SECOND;
	in.bid_e8 = 111 * E8;
	in.ask_e8 = 113 * E8;
	in.last_e8 = 112 * E8;
	uint64_t mark = fb_mark_next(&state, &hyperliquid_mark, &in, made);
	/* book 112, its 30 s mean just above 101, ema of the difference just above 102 */
	ck_assert_uint_eq(made[1], 112 * E8);
	ck_assert(made[3] > 101 * E8 && made[3] < 102 * E8);
	ck_assert(made[0] > 102 * E8 && made[0] < 103 * E8);
	ck_assert_uint_eq(mark, made[0]);
}
END_TEST

/* Lighter: index + mean of the difference, no further than 0.5 %. */
START_TEST(clamp_of_the_difference)
{
	struct fb_mark_rules rules = { .first = FB_MARK_EMA, .ema_us = SECOND, .clamp_e7 = 50000 };
	struct fb_mark_state state = { .mark_e8 = 0 };
	struct fb_price_inputs in = { .time_us = 1, .index_e8 = 200 * E8, .last_e8 = 300 * E8 };
	ck_assert_uint_eq(fb_mark_next(&state, &rules, &in, NULL), 201 * E8);
	in.time_us = 60 * SECOND;
	in.last_e8 = 1;
	ck_assert_uint_eq(fb_mark_next(&state, &rules, &in, NULL), 199 * E8);
	rules.first = FB_MARK_FAIR;
	state = (struct fb_mark_state){ .mark_e8 = 0 };
	in.last_e8 = 20050000000;
	ck_assert_uint_eq(fb_mark_next(&state, &rules, &in, NULL), 20050000000);
	/* the share stays when the index moves */
	in.time_us += SECOND / 1000000;
	in.index_e8 = 400 * E8;
	in.last_e8 = 40100000000;
	ck_assert_uint_eq(fb_mark_next(&state, &rules, &in, NULL), 40100000000);
}
END_TEST

/* A mark lies between the lowest and highest candidate, the same inputs give the same bytes, and
 * prices times 1000 give the mark times 1000 but for what rounding loses. */
START_TEST(mark_properties)
{
	for (int round = 0; round < 300; round++) {
		struct fb_mark_state a = { .mark_e8 = 0 }, b = a, big = a;
		const struct fb_mark_rules *rules = round % 2 ? &binance_mark : &hyperliquid_mark;
		uint64_t price = 10 * E8 + draw(1000 * E8);
		int64_t time = (int64_t)draw(1u << 30);
		for (int i = 0; i < 200; i++) {
			price += draw(price / 50) - price / 100;
			struct fb_price_inputs in = {
				.time_us = time,
				.index_e8 = draw(50) ? price : 0,
				.last_e8 = price + draw(price / 50) - price / 100,
				.bid_e8 = draw(3) ? price - draw(price / 100) : 0,
				.ask_e8 = price + draw(price / 100),
				.perpetuals_e8 = draw(3) ? price + draw(price / 50) : 0,
				.rate_e12 = (int64_t)draw(20000000000) - 10000000000,
				.left_us = draw(1000),
				.interval_us = 1000,
			};
			uint64_t made[4], low = UINT64_MAX, high = 0,
				 mark = fb_mark_next(&a, rules, &in, made);
			for (int k = 0; k < 4; k++) {
				low = made[k] && made[k] < low ? made[k] : low;
				high = made[k] > high ? made[k] : high;
			}
			ck_assert(mark >= low && mark <= high);
			ck_assert_uint_eq(fb_mark_next(&b, rules, &in, NULL), mark);
			ck_assert_mem_eq(&a.basis.value, &b.basis.value, sizeof(a.basis.value));
			in.index_e8 *= 1000;
			in.last_e8 *= 1000;
			in.bid_e8 *= 1000;
			in.ask_e8 *= 1000;
			in.perpetuals_e8 *= 1000;
			uint64_t times = fb_mark_next(&big, rules, &in, NULL);
			ck_assert_msg(times + 4000 > mark * 1000 && times < mark * 1000 + 4000,
				      "%lu against %lu", times, mark);
			time += (int64_t)draw(3 * SECOND);
		}
	}
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, index_guards);
	tcase_add_test(tcase, index_properties);
	tcase_add_test(tcase, one_outlier_moves_little);
	tcase_add_test(tcase, funding_basis_of_the_venue);
	tcase_add_test(tcase, impact_price_known);
	tcase_add_test(tcase, median_of_three_candidates);
	tcase_add_test(tcase, fallback_where_two_are_left);
	tcase_add_test(tcase, clamp_of_the_difference);
	tcase_add_test(tcase, mark_properties);
}

int main(void)
{
	return kit_run("mark", fill);
}
