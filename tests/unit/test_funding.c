/* Funding rates and schedules: the venues' own numbers, edges, and properties. */
#include <math.h>

#include <firebreak/funding.h>

#include "../../sw/lib/mix.h"
#include "inputs_kit.h"

#define E8 UINT64_C(100000000)
#define SECOND INT64_C(1000000)
#define HOUR (3600 * SECOND)
#define E7 10000000

static uint64_t draws;

static uint64_t draw(uint64_t n)
{
	return fb_mix(0x66756e64 + draws++) % n;
}

static const struct fb_funding_rules binance = {
	.schedule = FB_FUNDING_INSTANTS,
	.interval_us = 8 * HOUR,
	.period_us = 8 * HOUR,
	.interest_e7 = 1000,
	.clamp_e7 = 5000,
	.average = FB_AVERAGE_WEIGHTED,
	.sample_us = 5 * SECOND,
	.premium = FB_PREMIUM_BOOK,
};

/* The help page: premium 0.06 %, interest 0.01 %, clamp 0.05 %: the rate is the interest; it is for
 * every premium from -0.04 % to 0.06 %. */
START_TEST(rate_of_the_venue)
{
	ck_assert_int_eq(fb_funding_rate(&binance, 600000000), 100000000);
	ck_assert_int_eq(fb_funding_rate(&binance, -400000000), 100000000);
	ck_assert_int_eq(fb_funding_rate(&binance, 600000001), 100000001);
	ck_assert_int_eq(fb_funding_rate(&binance, -400000001), 99999999);
	ck_assert_int_eq(fb_funding_rate(&binance, 0), 100000000);
	/* Deribit: max(0.025 %, P) + min(-0.025 %, P) */
	const struct fb_funding_rules deribit = { .clamp_e7 = 2500 };
	ck_assert_int_eq(fb_funding_rate(&deribit, 250000000), 0);
	ck_assert_int_eq(fb_funding_rate(&deribit, -250000000), 0);
	ck_assert_int_eq(fb_funding_rate(&deribit, 300000000), 50000000);
	ck_assert_int_eq(fb_funding_rate(&deribit, -300000000), -50000000);
}
END_TEST

START_TEST(premium_known)
{
	struct fb_funding_rules r = binance;
	struct fb_price_inputs in = { .index_e8 = 100 * E8,
				      .bid_e8 = 101 * E8,
				      .ask_e8 = 102 * E8,
				      .last_e8 = 99 * E8 };
	ck_assert_int_eq(fb_funding_premium(&r, &in, 0), FB_RATE_E12 / 100);
	in.bid_e8 = 97 * E8;
	in.ask_e8 = 98 * E8;
	ck_assert_int_eq(fb_funding_premium(&r, &in, 0), -FB_RATE_E12 / 50);
	in.ask_e8 = 103 * E8; /* the index lies between: no premium */
	ck_assert_int_eq(fb_funding_premium(&r, &in, 0), 0);
	in.bid_e8 = 0; /* no book: the last price */
	ck_assert_int_eq(fb_funding_premium(&r, &in, 0), -FB_RATE_E12 / 100);
	r.premium = FB_PREMIUM_MARK;
	ck_assert_int_eq(fb_funding_premium(&r, &in, 102 * E8), FB_RATE_E12 / 50);
	in.index_e8 = 0;
	ck_assert_int_eq(fb_funding_premium(&r, &in, 102 * E8), 0);
}
END_TEST

START_TEST(averages)
{
	struct fb_funding_rules r = binance;
	struct fb_funding_state s = { .samples = 0 };
	fb_funding_sample(&s, &r, 10, 0);
	fb_funding_sample(&s, &r, 99, 4 * SECOND); /* same 5 s: the first counts */
	fb_funding_sample(&s, &r, 40, 5 * SECOND);
	fb_funding_sample(&s, &r, 70, 10 * SECOND);
	ck_assert_int_eq(fb_funding_average(&s, &r), 50); /* (10 + 80 + 210) / 6 */
	r.average = FB_AVERAGE_NEWEST;
	ck_assert_int_eq(fb_funding_average(&s, &r), 70);
	r.average = FB_AVERAGE_MEAN;
	s = (struct fb_funding_state){ .samples = 0 };
	fb_funding_sample(&s, &r, -1, 0);
	fb_funding_sample(&s, &r, -2, 5 * SECOND);
	ck_assert_int_eq(fb_funding_average(&s, &r), -2); /* -1.5, down */
}
END_TEST

/* Hyperliquid: every hour an eighth of the rate for 8 h, at most 4 %. */
START_TEST(instants)
{
	struct fb_funding_rules r = binance;
	struct fb_funding_state s = { .samples = 0 };
	int64_t rate = 7, start = 1760054400 * SECOND; /* midnight */
	r.interval_us = HOUR;
	r.cap_e7 = 4 * E7 / 100;
	ck_assert(!fb_funding_due(&s, &r, start, &rate));
	fb_funding_sample(&s, &r, 8 * FB_RATE_E12 / 1000, start);
	ck_assert(!fb_funding_due(&s, &r, start + HOUR - 1, &rate));
	ck_assert(fb_funding_due(&s, &r, start + HOUR, &rate));
	/* 0.8 % - 0.05 % of 8 h, an eighth */
	ck_assert_int_eq(rate, 7500000000 / 8);
	ck_assert(!fb_funding_due(&s, &r, start + HOUR, &rate));
	ck_assert_uint_eq(fb_funding_left(&r, start + HOUR), HOUR);
	ck_assert_uint_eq(fb_funding_left(&r, start + 2 * HOUR - 5), 5);
	fb_funding_sample(&s, &r, 4 * FB_RATE_E12, start + HOUR);
	ck_assert(fb_funding_due(&s, &r, start + 2 * HOUR + 3, &rate));
	ck_assert_int_eq(rate, FB_RATE_E12 / 25);
	/* two instants missed are paid with the third */
	fb_funding_sample(&s, &r, 8 * FB_RATE_E12 / 1000, start + 3 * HOUR - 1);
	ck_assert(fb_funding_due(&s, &r, start + 5 * HOUR, &rate));
	ck_assert_int_eq(rate, 3 * (7500000000 / 8));
	/* offset: one minute past the hour */
	r.offset_us = 60 * SECOND;
	ck_assert(fb_funding_due(&s, &r, start + 5 * HOUR + 60 * SECOND, &rate));
	ck_assert(!fb_funding_due(&s, &r, start + 6 * HOUR, &rate));
	ck_assert(fb_funding_due(&s, &r, start + 6 * HOUR + 60 * SECOND, &rate));
}
END_TEST

/* Small steps add up to what one step would be, but for the last unit. */
START_TEST(continuous_adds_up)
{
	const struct fb_funding_rules r = { .schedule = FB_FUNDING_CONTINUOUS,
					    .interval_us = SECOND,
					    .period_us = 8 * HOUR,
					    .average = FB_AVERAGE_NEWEST,
					    .sample_us = SECOND };
	for (int round = 0; round < 50; round++) {
		struct fb_funding_state s = { .samples = 0 };
		int64_t time = (int64_t)draw(1u << 30) * SECOND, began = time, rate,
			premium = (int64_t)draw(2000000000) - 1000000000;
		uint64_t u = 1 + draw(UINT64_C(1) << 45);
		__int128 paid = 0, f = 0;
		ck_assert(!fb_funding_due(&s, &r, time, &rate));
		for (int i = 0; i < 2000; i++) {
			time += SECOND + (int64_t)draw(3 * SECOND);
			fb_funding_sample(&s, &r, premium, time);
			ck_assert(fb_funding_due(&s, &r, time, &rate));
			paid += rate;
			f += fb_funding_lot(&s, u, rate, false);
		}
		__int128 exact = (__int128)premium * (time - began), whole = exact / (8 * HOUR);
		ck_assert(paid - whole >= -1 && paid - whole <= 1);
		ck_assert(s.index == f);
		__int128 lot = (__int128)u * paid / FB_RATE_E12;
		ck_assert(f - lot >= -1 && f - lot <= 1);
	}
}
END_TEST

/* Of perpetuals/lib/lib_test.go of dYdX v4: -(index now - index at entry) x size. */
START_TEST(settlement_by_index)
{
	ck_assert(fb_funding_settlement(4000000000, 4000000000, 1000000) == 0);
	ck_assert(fb_funding_settlement(-50, 100, -5000000) == -750000000);
	ck_assert(fb_funding_settlement(123456789123, 100000000000, 1000000) ==
		  -(__int128)23456789123000000);
	ck_assert(fb_funding_settlement(123456789123, 100000000000, -1000000) ==
		  (__int128)23456789123000000);
}
END_TEST

/* Pass by pass an account gets what settlement by the index of the symbol gives it, but for less
 * than a unit each; longs and shorts of equal size cancel exactly; an inverse contract pays the
 * other way round. */
START_TEST(passes_are_the_index_form)
{
	for (int round = 0; round < 200; round++) {
		struct fb_funding_state s = { .samples = 0 }, inverse = s;
		int64_t qty = 1 + (int64_t)draw(1u << 30);
		__int128 got = 0, entry = s.index;
		for (int i = 0; i < 50; i++) {
			int64_t rate = (int64_t)draw(2000000000) - 1000000000;
			uint64_t u = 1 + draw(UINT64_C(1) << 44);
			int64_t f = fb_funding_lot(&s, u, rate, false),
				g = fb_funding_lot(&inverse, u, rate, true);
			ck_assert_int_eq(f, -g);
			got += fb_funding_amount(qty, f);
			ck_assert(fb_funding_amount(qty, f) == -fb_funding_amount(-qty, f));
			ck_assert(f <= 0 || fb_funding_amount(qty, f) <= 0); /* longs pay */
		}
		__int128 settled = fb_funding_settlement(s.index, entry, qty) / 65536;
		ck_assert(got - settled > -51 && got - settled < 51);
	}
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, rate_of_the_venue);
	tcase_add_test(tcase, premium_known);
	tcase_add_test(tcase, averages);
	tcase_add_test(tcase, instants);
	tcase_add_test(tcase, continuous_adds_up);
	tcase_add_test(tcase, settlement_by_index);
	tcase_add_test(tcase, passes_are_the_index_form);
}

int main(void)
{
	return kit_run("funding", fill);
}
