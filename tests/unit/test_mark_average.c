/* What marks and indices are made of: decay, means over time, medians; published numbers, edges,
 * and their definitions on random ones. Floating point is the second opinion here, never the
 * first. */
#include <math.h>

#include "mark_kit.h"

/* ---- decay ---- */

START_TEST(decay_is_exact_to_its_bound)
{
	ck_assert_uint_eq(fb_decay(0, 1), FB_DECAY_ONE);
	ck_assert_uint_eq(fb_decay(64, 1), 0);
	for (int i = 0; i < 200000; i++) {
		uint64_t tau = 1 + draw(UINT64_C(1) << (1 + draw(41))),
			 dt = draw(40 * tau < 1u << 30 ? 40 * tau + 1 : tau * (1 + draw(20)));
		long double exact = expl(-(long double)dt / (long double)tau) * 0x1p63L,
			    found = (long double)fb_decay(dt, tau);
		/* expl itself is good to 2^-63 */
		ck_assert_msg(found <= exact * (1 + 0x1p-61L), "%lu / %lu above", dt, tau);
		ck_assert_msg(found >= exact * (1 - 0x1p-39L) - 2, "%lu / %lu below", dt, tau);
	}
}
END_TEST

/* After one time constant 1 / e is left, after ln 2 of it a half. */
START_TEST(decay_known)
{
	/* floor(2^63 / e) */
	ck_assert_uint_le(fb_decay(150 * SECOND, 150 * SECOND), UINT64_C(3393088950634442637));
	ck_assert_uint_ge(fb_decay(150 * SECOND, 150 * SECOND), UINT64_C(3393088950628000000));
	ck_assert_uint_le(fb_decay(693147181, 1000000000), FB_DECAY_ONE / 2);
	ck_assert_uint_ge(fb_decay(693147180, 1000000000), FB_DECAY_ONE / 2);
}
END_TEST

/* ---- exponential mean ---- */

START_TEST(ema_follows_its_definition)
{
	for (int round = 0; round < 200; round++) {
		struct fb_ema ema = { .denominator = 0 };
		uint64_t tau = 1000 + draw(600 * (uint64_t)SECOND);
		int64_t time = (int64_t)draw(1u << 30);
		long double numerator = 0, denominator = 0;
		int64_t last = 0;
		for (int i = 0; i < 200; i++) {
			int64_t sample = (int64_t)draw(2000000) - 1000000, before = ema.value;
			int64_t found = fb_ema_add(&ema, sample, time, tau);
			long double dt = i ? (long double)(time - last) : (long double)tau,
				    left = i ? expl(-dt / (long double)tau) : 0;
			numerator = numerator * left + dt * (long double)sample;
			denominator = denominator * left + dt;
			long double exact = numerator / denominator;
			ck_assert_msg(fabsl((long double)found - exact) <= 2, "%ld, %Lf", found,
				      exact);
			if (i > 0) { /* in the hull of mean and sample */
				ck_assert_int_ge(found, before < sample ? before : sample);
				ck_assert_int_le(found, before < sample ? sample : before);
			}
			last = time;
			time += 1 + (int64_t)draw(3 * tau);
		}
	}
}
END_TEST

START_TEST(ema_of_a_constant_is_the_constant)
{
	struct fb_ema ema = { .denominator = 0 };
	for (int i = 0; i < 10000; i++)
		ck_assert_int_eq(fb_ema_add(&ema, -123456789, (int64_t)draw(1000) + i * 1000,
					    150 * SECOND),
				 -123456789);
}
END_TEST

START_TEST(ema_of_extremes_does_not_overflow)
{
	struct fb_ema ema = { .denominator = 0 };
	const int64_t most = ((int64_t)1 << 60) - 1;
	const uint64_t tau = ((uint64_t)1 << 42) - 1;
	fb_ema_add(&ema, most, 0, tau);
	int64_t time = 0;
	for (int i = 0; i < 100; i++) {
		time += (int64_t)(i % 3 == 0 ? 63 * tau : tau);
		fb_ema_add(&ema, i % 2 ? most : -most, time, tau);
		ck_assert_int_ge(ema.value, -most);
		ck_assert_int_le(ema.value, most);
	}
	fb_ema_add(&ema, 7, INT64_MAX, tau); /* after ages only the sample counts */
	ck_assert_int_le(ema.value < 0 ? -ema.value : ema.value, most);
}
END_TEST

/* ---- window ---- */

START_TEST(window_is_the_mean_of_its_points)
{
	for (int round = 0; round < 100; round++) {
		struct fb_window w = { .taken = 0 };
		uint64_t points = 1 + draw(FB_WINDOW_MAX);
		static int64_t all[4000];
		size_t n = 0;
		int64_t second = 1000;
		for (int i = 0; i < 300; i++) {
			int64_t gap = draw(10) == 0 ? (int64_t)draw(5) : 1,
				sample = (int64_t)draw(1000) - 500;
			int64_t newest = n ? all[n - 1] : 0;
			for (int64_t k = 1; n > 0 && k < gap; k++)
				all[n++] = newest;
			second += n > 0 ? gap : 0;
			if (gap > 0 || n == 0)
				all[n++] = sample; /* of one second the first counts */
			int64_t time = second * SECOND + (int64_t)draw(SECOND),
				found = fb_window_add(&w, sample, time, SECOND, points);
			int64_t sum = 0, used = (int64_t)(n < points ? n : points);
			for (int64_t k = 0; k < used; k++)
				sum += all[n - 1 - (size_t)k];
			long double mean = (long double)sum / (long double)used;
			ck_assert_int_eq(found, (int64_t)floorl(mean));
		}
	}
}
END_TEST

/* ---- medians ---- */

START_TEST(weighted_median_known)
{
	/* Hyperliquid's weights: 3, 2, 2, 1, 1 */
	const struct fb_source five[] = { { 100, 3, 0 }, { 104, 2, 0 }, { 98, 2, 0 }, { 1, 1, 0 },
					  { 500, 1, 0 } };
	ck_assert_uint_eq(fb_median_weighted(five, 5), 100);
	const struct fb_source two[] = { { 100, 1, 0 }, { 103, 1, 0 } };
	ck_assert_uint_eq(fb_median_weighted(two, 2), 101);
	const struct fb_source heavy[] = { { 100, 1, 0 }, { 103, 2, 0 }, { 105, 1, 0 } };
	ck_assert_uint_eq(fb_median_weighted(heavy, 3), 103);
	const struct fb_source none[] = { { 100, 0, 0 }, { 0, 5, 0 } };
	ck_assert_uint_eq(fb_median_weighted(none, 2), 0);
	ck_assert_uint_eq(fb_median3(3, 1, 2), 2);
	ck_assert_uint_eq(fb_median3(1, 1, 9), 1);
}
END_TEST

/* Half of the weight is at or below, half at or above: the definition, not the method. */
START_TEST(weighted_median_splits_the_weight)
{
	for (int i = 0; i < 100000; i++) {
		struct fb_source s[16];
		size_t n = random_sources(s);
		uint64_t all = 0, below = 0, above = 0, low = UINT64_MAX, high = 0,
			 m = fb_median_weighted(s, n);
		for (size_t k = 0; k < n; k++) {
			if (s[k].price_e8 == 0 || s[k].weight == 0)
				continue;
			all += s[k].weight;
			below += s[k].price_e8 < m ? s[k].weight : 0;
			above += s[k].price_e8 > m ? s[k].weight : 0;
			low = s[k].price_e8 < low ? s[k].price_e8 : low;
			high = s[k].price_e8 > high ? s[k].price_e8 : high;
		}
		if (all == 0) {
			ck_assert_uint_eq(m, 0);
			continue;
		}
		ck_assert(m >= low && m <= high);
		ck_assert(2 * below <= all && 2 * above <= all);
		shuffle(s, n);
		ck_assert_uint_eq(fb_median_weighted(s, n), m);
	}
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, decay_is_exact_to_its_bound);
	tcase_add_test(tcase, decay_known);
	tcase_add_test(tcase, ema_follows_its_definition);
	tcase_add_test(tcase, ema_of_a_constant_is_the_constant);
	tcase_add_test(tcase, ema_of_extremes_does_not_overflow);
	tcase_add_test(tcase, window_is_the_mean_of_its_points);
	tcase_add_test(tcase, weighted_median_known);
	tcase_add_test(tcase, weighted_median_splits_the_weight);
}

int main(void)
{
	return kit_run("mark, averages", fill);
}
