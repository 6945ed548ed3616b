/* Circuit breakers one by one, and what volatility and depth make of parameters. */
#include <math.h>

#include <firebreak/adaptive.h>
#include <firebreak/breakers.h>

#include "../../sw/lib/mix.h"
#include "inputs_kit.h"

#define E8 UINT64_C(100000000)
#define SECOND INT64_C(1000000)
#define PERCENT 100000

static struct fb_breakers *b;
static unsigned froze, thawed;
static enum fb_breaker_cause last_cause;

static int changed(void *context, uint16_t symbol, enum fb_breaker_cause cause)
{
	(void)context;
	(void)symbol;
	froze += cause != FB_BREAKER_NONE;
	thawed += cause == FB_BREAKER_NONE;
	if (cause)
		last_cause = cause;
	return 0;
}

static void open_with(const struct fb_breaker_rules *rules)
{
	froze = thawed = 0;
	ck_assert_int_eq(fb_breakers_open(rules, 4, changed, NULL, &b), 0);
}

/* A mark of symbol 0, and what follows. */
static enum fb_breaker_cause mark(int64_t time_us, uint64_t price_e8)
{
	const struct fb_price_inputs in = { .time_us = time_us };
	ck_assert_int_eq(fb_breakers_time(b, time_us), 0);
	fb_breakers_prices(b, 0, price_e8, &in);
	ck_assert_int_eq(fb_breakers_time(b, time_us), 0);
	return fb_breaker_frozen(b, 0);
}

START_TEST(decline_in_a_window)
{
	const struct fb_breaker_rules r = { .window_us = 32 * SECOND,
					    .decline_e7 = 10 * PERCENT,
					    .cooldown_us = 5 * SECOND };
	open_with(&r);
	ck_assert_int_eq(mark(100 * SECOND, 100 * E8), 0);
	ck_assert_int_eq(mark(101 * SECOND, 90 * E8 + 1), 0);
	ck_assert_int_eq(mark(102 * SECOND, 90 * E8), FB_BREAKER_DECLINE);
	/* measured from here on: 81 is the next */
	ck_assert_int_eq(mark(104 * SECOND, 82 * E8), FB_BREAKER_DECLINE);
	ck_assert_int_eq(mark(107 * SECOND - 1, 82 * E8), FB_BREAKER_DECLINE);
	ck_assert_int_eq(mark(107 * SECOND, 82 * E8), 0);
	ck_assert_int_eq(mark(108 * SECOND, 81 * E8), FB_BREAKER_DECLINE);
	ck_assert_uint_eq(froze, 2);
	ck_assert_uint_eq(thawed, 1);
	/* slowly enough nothing happens: 9 % in each window */
	fb_breakers_close(b);
	open_with(&r);
	uint64_t price = 100 * E8;
	for (int64_t i = 0; i < 20; i++, price -= price * 9 / 100)
		ck_assert_int_eq(mark(200 * SECOND + i * 34 * SECOND, price), 0);
	ck_assert_uint_eq(froze, 0);
	fb_breakers_close(b);
}
END_TEST

START_TEST(rise_in_a_window)
{
	const struct fb_breaker_rules r = { .window_us = 32 * SECOND,
					    .rise_e7 = 10 * PERCENT,
					    .cooldown_us = 5 * SECOND };
	open_with(&r);
	ck_assert_int_eq(mark(SECOND, 100 * E8), 0);
	ck_assert_int_eq(mark(2 * SECOND, 110 * E8 - 1), 0);
	ck_assert_int_eq(mark(3 * SECOND, 110 * E8), FB_BREAKER_RISE);
	fb_breakers_close(b);
}
END_TEST

/* The window against every mark of it looked at: it never forgets one that is in it, and remembers
 * none older than a slice more. */
START_TEST(window_random)
{
	const struct fb_breaker_rules r = { .window_us = 32 * SECOND,
					    .decline_e7 = 5 * PERCENT,
					    .cooldown_us = 1000 };
	for (uint64_t round = 0; round < 100; round++) {
		static uint64_t price[400];
		static int64_t time[400];
		int from = 0;
		open_with(&r);
		for (int i = 0; i < 400; i++) {
			uint64_t random = fb_mix(round * 1000 + (uint64_t)i);
			time[i] = (i ? time[i - 1] : 1000 * SECOND) +
				  (int64_t)(random % (3 * SECOND)) + 1000;
			price[i] = 1000 + (random >> 32) % 60;
			uint64_t in = price[i], wide = price[i];
			for (int k = from; k < i; k++) {
				int64_t age = time[i] - time[k];
				in = age < 32 * SECOND && price[k] > in ? price[k] : in;
				wide = age < 33 * SECOND && price[k] > wide ? price[k] : wide;
			}
			bool must = (in - price[i]) * 100 >= in * 5,
			     may = (wide - price[i]) * 100 >= wide * 5,
			     found = mark(time[i], price[i]) != FB_BREAKER_NONE;
			ck_assert_msg(!must || found, "round %lu, %d: missed", round, i);
			ck_assert_msg(!found || may, "round %lu, %d: not so", round, i);
			if (found)
				from = i;
		}
		fb_breakers_close(b);
	}
}
END_TEST

START_TEST(stale_crossed_apart)
{
	const struct fb_breaker_rules r = { .stale_us = 10 * SECOND,
					    .crossed = 1,
					    .apart_e7 = 3 * PERCENT,
					    .cooldown_us = 2 * SECOND };
	struct fb_price_inputs in = { .index_e8 = 100 * E8, .last_e8 = 103 * E8 - 1 };
	open_with(&r);
	ck_assert_int_eq(fb_breakers_time(b, 100 * SECOND), 0);
	ck_assert_int_eq(fb_breaker_frozen(b, 0), 0); /* no mark yet: nothing to be stale */
	ck_assert_int_eq(mark(100 * SECOND, 100 * E8), 0);
	ck_assert_int_eq(fb_breakers_time(b, 110 * SECOND - 1), 0);
	ck_assert_int_eq(fb_breaker_frozen(b, 0), 0);
	ck_assert_int_eq(fb_breakers_time(b, 110 * SECOND), 0);
	ck_assert_int_eq(fb_breaker_frozen(b, 0), FB_BREAKER_STALE);
	ck_assert_int_eq(mark(120 * SECOND, 100 * E8), FB_BREAKER_STALE); /* cooldown */
	ck_assert_int_eq(mark(122 * SECOND, 100 * E8), 0);
	fb_breakers_prices(b, 0, 100 * E8, &in);
	ck_assert_int_eq(fb_breakers_time(b, 122 * SECOND), 0);
	ck_assert_int_eq(fb_breaker_frozen(b, 0), 0);
	in.last_e8 = 97 * E8;
	fb_breakers_prices(b, 0, 100 * E8, &in);
	ck_assert_int_eq(fb_breakers_time(b, 122 * SECOND), 0);
	ck_assert_int_eq(fb_breaker_frozen(b, 0), FB_BREAKER_APART);
	in = (struct fb_price_inputs){ .bid_e8 = 100 * E8, .ask_e8 = 100 * E8 };
	fb_breakers_prices(b, 0, 100 * E8, &in);
	ck_assert_int_eq(fb_breakers_time(b, 123 * SECOND), 0);
	ck_assert_int_eq(fb_breaker_frozen(b, 0), FB_BREAKER_CROSSED);
	in.ask_e8++;
	fb_breakers_prices(b, 0, 100 * E8, &in);
	ck_assert_int_eq(fb_breakers_time(b, 125 * SECOND), 0);
	ck_assert_int_eq(fb_breaker_frozen(b, 0), 0);
	fb_breakers_close(b);
}
END_TEST

START_TEST(orders_and_notional)
{
	struct fb_breaker_rules r = { .orders = 2, .rate_us = SECOND, .cooldown_us = 3 * SECOND };
	open_with(&r);
	ck_assert_int_eq(fb_breakers_time(b, 10 * SECOND), 0);
	for (int i = 0; i < 2; i++)
		fb_breakers_order(b, 1, 5);
	ck_assert_int_eq(fb_breakers_time(b, 11 * SECOND), 0);
	fb_breakers_order(b, 1, 5); /* another second */
	fb_breakers_order(b, 1, 5);
	ck_assert_int_eq(fb_breakers_time(b, 11 * SECOND), 0);
	ck_assert_uint_eq(froze, 0);
	fb_breakers_order(b, 1, 5);
	ck_assert_int_eq(fb_breaker_frozen(b, 1), 0); /* the decision goes to its end */
	ck_assert_int_eq(fb_breakers_time(b, 11 * SECOND), 0);
	ck_assert_int_eq(fb_breaker_frozen(b, 1), FB_BREAKER_ORDERS);
	ck_assert_int_eq(fb_breaker_frozen(b, 0), 0);
	fb_breakers_close(b);
	r = (struct fb_breaker_rules){ .rate_us = SECOND, .cooldown_us = SECOND };
	r.notional_e8 = 10;
	open_with(&r);
	ck_assert_int_eq(fb_breakers_time(b, 10 * SECOND), 0);
	fb_breakers_order(b, 1, 10);
	ck_assert_int_eq(fb_breakers_time(b, 10 * SECOND), 0);
	ck_assert_int_eq(fb_breaker_frozen(b, 1), 0);
	fb_breakers_order(b, 1, 1);
	ck_assert_int_eq(fb_breakers_time(b, 10 * SECOND), 0);
	ck_assert_int_eq(fb_breaker_frozen(b, 1), FB_BREAKER_NOTIONAL);
	fb_breakers_close(b);
}
END_TEST

START_TEST(venue_and_operator)
{
	const struct fb_breaker_rules r = { .venue_after = 2, .cooldown_us = SECOND };
	open_with(&r);
	ck_assert_int_eq(fb_breakers_operator(b, 4, true), -EINVAL);
	ck_assert_int_eq(fb_breakers_operator(b, 1, true), 0);
	ck_assert_int_eq(fb_breaker_frozen(b, 1), FB_BREAKER_OPERATOR);
	ck_assert_int_eq(fb_breaker_frozen(b, 0), 0);
	ck_assert_int_eq(fb_breakers_operator(b, 2, true), 0);
	ck_assert_int_eq(fb_breaker_frozen(b, 0), FB_BREAKER_VENUE);
	ck_assert_uint_eq(fb_breakers_frozen(b), 4);
	ck_assert_int_eq(fb_breakers_time(b, 1000 * SECOND), 0); /* no end but by him */
	ck_assert_uint_eq(fb_breakers_frozen(b), 4);
	ck_assert_int_eq(fb_breakers_operator(b, 2, false), 0);
	ck_assert_uint_eq(fb_breakers_frozen(b), 1);
	ck_assert_int_eq(fb_breakers_operator(b, 1, false), 0);
	ck_assert_uint_eq(fb_breakers_frozen(b), 0);
	ck_assert_uint_eq(froze, 4);
	ck_assert_uint_eq(thawed, 4);
	fb_breakers_close(b);
	ck_assert_int_eq(fb_breaker_frozen(NULL, 0), 0);
}
END_TEST

/* What is left of a cooldown ends with the operator's thaw. */
START_TEST(the_operator_ends_a_cooldown)
{
	const struct fb_breaker_rules r = { .window_us = 32 * SECOND,
					    .decline_e7 = 10 * PERCENT,
					    .cooldown_us = 60 * SECOND };
	open_with(&r);
	ck_assert_int_eq(mark(SECOND, 100 * E8), 0);
	ck_assert_int_eq(mark(2 * SECOND, 80 * E8), FB_BREAKER_DECLINE);
	ck_assert_int_eq(fb_breakers_operator(b, 0, false), 0);
	ck_assert_int_eq(fb_breaker_frozen(b, 0), 0);
	ck_assert_int_eq(mark(3 * SECOND, 80 * E8), 0);
	fb_breakers_close(b);
}
END_TEST

/* ---- adaptive ---- */

static const struct fb_adaptive_rules adaptive = {
	.on = 1,
	.return_us = SECOND,
	.memory_us = 10 * SECOND,
	.at_e7 = { 1 * PERCENT, 2 * PERCENT, 4 * PERCENT, 8 * PERCENT },
	.factor_e7 = { { 10000000, 8000000, 4000000, 1000000 },
		       { 10000000, 10000000, 10000000, 10000000 },
		       { 10000000, 20000000, 30000000, 50000000 },
		       { 5000000, 5000000, 5000000, 5000000 } },
	.depth_memory_us = 60 * SECOND,
	.thin_e7 = 5000000,
	.thin_floor_e7 = 2500000,
};

START_TEST(volatility_known)
{
	struct fb_adaptive_state s = { .begun = false };
	uint64_t price = 100 * E8;
	fb_adaptive_mark(&s, &adaptive, price, SECOND);
	ck_assert_uint_eq(fb_adaptive_volatility(&s), 0);
	/* 3 % a second, up and down, for a long while */
	for (int64_t i = 2; i < 500; i++)
		fb_adaptive_mark(&s, &adaptive, i % 2 ? price : price * 103 / 100, i * SECOND);
	uint64_t v = fb_adaptive_volatility(&s);
	ck_assert(v > 29000000 && v < 31000000);
	/* straight lines between the points: at 3 %, 60 % of depth and 250 % of slippage */
	uint64_t depth = fb_adaptive_factor(&s, &adaptive, FB_ADAPT_DEPTH, 0),
		 slip = fb_adaptive_factor(&s, &adaptive, FB_ADAPT_SLIPPAGE, 0);
	ck_assert(depth > 5700000 && depth < 6300000);
	ck_assert(slip > 24500000 && slip < 25500000);
	ck_assert_uint_eq(fb_adaptive_factor(&s, &adaptive, FB_ADAPT_FEES, 0), 5000000);
	/* and nothing where prices stand still */
	for (int64_t i = 500; i < 1000; i++)
		fb_adaptive_mark(&s, &adaptive, price, i * SECOND);
	ck_assert_uint_eq(fb_adaptive_factor(&s, &adaptive, FB_ADAPT_DEPTH, 0), 10000000);
}
END_TEST

START_TEST(thin_depth)
{
	struct fb_adaptive_state s = { .begun = false };
	fb_adaptive_depth(&s, &adaptive, 0, 1000, SECOND);
	ck_assert_uint_eq(fb_adaptive_factor(&s, &adaptive, FB_ADAPT_DEPTH, 0), 10000000);
	ck_assert_uint_eq(fb_adaptive_factor(&s, &adaptive, FB_ADAPT_DEPTH, 1), 10000000);
	fb_adaptive_depth(&s, &adaptive, 0, 400, SECOND + 1); /* usual is still 1000 */
	uint64_t factor = fb_adaptive_factor(&s, &adaptive, FB_ADAPT_DEPTH, 0);
	ck_assert(factor >= 8000000 && factor < 8020000);
	fb_adaptive_depth(&s, &adaptive, 0, 0, SECOND + 2);
	ck_assert_uint_eq(fb_adaptive_factor(&s, &adaptive, FB_ADAPT_DEPTH, 0), 2500000);
	ck_assert_uint_eq(fb_adaptive_factor(&s, &adaptive, FB_ADAPT_CUT, 0), 10000000);
}
END_TEST

/* A factor lies between the least and largest of its row; a parameter within its bounds; prices
 * times a thousand change nothing. */
START_TEST(adaptive_properties)
{
	for (uint64_t round = 0; round < 200; round++) {
		struct fb_adaptive_state s = { .begun = false }, big = s;
		uint64_t price = E8 + fb_mix(round) % (1000 * E8);
		int64_t time = 0;
		for (uint64_t i = 0; i < 100; i++) {
			uint64_t random = fb_mix(round * 7919 + i);
			price += random % (price / 5) - price / 10;
			time += (int64_t)(random >> 40) % (3 * SECOND);
			fb_adaptive_mark(&s, &adaptive, price, time);
			fb_adaptive_mark(&big, &adaptive, price * 1000, time);
			ck_assert_uint_eq(fb_adaptive_volatility(&s), fb_adaptive_volatility(&big));
			uint64_t f = fb_adaptive_factor(&s, &adaptive, FB_ADAPT_DEPTH, 0);
			ck_assert(f >= 1000000 && f <= 10000000);
			uint32_t share = fb_adaptive_apply(5000000, f, 1, 4000000);
			ck_assert(share >= 1 && share <= 4000000);
		}
	}
	ck_assert_uint_eq(fb_adaptive_apply(9000000, 50000000, 0, 10000000), 10000000);
	ck_assert_uint_eq(fb_adaptive_apply(10, 100000, 1, 10000000), 1);
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, decline_in_a_window);
	tcase_add_test(tcase, rise_in_a_window);
	tcase_add_test(tcase, window_random);
	tcase_add_test(tcase, stale_crossed_apart);
	tcase_add_test(tcase, orders_and_notional);
	tcase_add_test(tcase, venue_and_operator);
	tcase_add_test(tcase, the_operator_ends_a_cooldown);
	tcase_add_test(tcase, volatility_known);
	tcase_add_test(tcase, thin_depth);
	tcase_add_test(tcase, adaptive_properties);
}

int main(void)
{
	return kit_run("breakers", fill);
}
