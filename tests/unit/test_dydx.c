/* dYdX's whole numbers. Examples are in tests/data/cases/dydx.jsonl; here is what must hold for
 * any account: a trade at the bankruptcy price leaves no more risk, closing all leaves nothing,
 * the fund never gets more than there is, and the order of risk is an order. */
#include "../../sw/lib/dydx.h"
#include "../../sw/lib/mix.h"
#include "../../sw/lib/ratio.h"
#include "inputs_kit.h"

static uint64_t state = 1;

static int64_t draw(int64_t from, int64_t to)
{
	return from + (int64_t)(fb_mix(state++) % (uint64_t)(to - from + 1));
}

static struct dydx_market market(void)
{
	return (struct dydx_market){
		.price = fb_ratio_of(draw(1, 1000000), draw(1, 1000)),
		.imf_ppm = whole(draw(10000, 1000000)),
		.maintenance_ppm = whole(draw(100000, 1000000)),
	};
}

static ratio position(void)
{
	return whole(draw(1, 1000000) * (draw(0, 1) ? 1 : -1));
}

START_TEST(a_trade_at_the_bankruptcy_price_is_acceptable)
{
	for (int i = 0; i < 3000; i++) {
		struct dydx_market m = market(), other = market();
		ratio base = position(), quote = whole(draw(-1000000000, 1000000000));
		struct dydx_risk own = dydx_position(&m, base);
		struct dydx_risk rest = dydx_position(&other, position());
		rest.nc = plus(rest.nc, quote);
		struct dydx_risk before = dydx_sum(own, rest);
		__int128 size;
		ck_assert_int_eq(fb_ratio_to_int(&base, &size), 0);
		ratio change = whole(size > 0 ? -draw(1, (int64_t)size) : draw(1, (int64_t)-size));
		if (fb_ratio_sign(&before.mmr) == 0)
			continue;
		ratio got = dydx_bankruptcy_quote(&m, base, change, &before);
		ck_assert_int_eq(got.error, 0);
		ck_assert(fb_ratio_is_whole(&got));
		struct dydx_risk left = dydx_sum(dydx_position(&m, plus(base, change)), rest);
		left.nc = plus(left.nc, got);
		if (fb_ratio_sign(&left.mmr))
			ck_assert_msg(dydx_acceptable(&before, &left), "run %d", i);
		/* One quote quantum less would be more risk, if it changes the ratio at all. */
		left.nc = minus(left.nc, whole(1));
		ratio a = times(left.nc, before.mmr), b = times(before.nc, left.mmr);
		ck_assert_msg(fb_ratio_compare(&a, &b) < 0, "run %d: one less is enough", i);
	}
}
END_TEST

START_TEST(closing_the_only_position_leaves_nothing)
{
	for (int i = 0; i < 1000; i++) {
		struct dydx_market m = market();
		ratio base = position(), quote = whole(draw(-1000000000, 1000000000));
		struct dydx_risk account = dydx_position(&m, base);
		if (fb_ratio_sign(&account.mmr) == 0)
			continue;
		account.nc = plus(account.nc, quote);
		ratio got = dydx_bankruptcy_quote(&m, base, negative(base), &account);
		ratio left = plus(quote, got);
		ck_assert_int_eq(left.error, 0);
		ck_assert_int_eq(fb_ratio_sign(&left), 0);
	}
}
END_TEST

START_TEST(the_fund_gets_what_is_left_at_most)
{
	for (int i = 0; i < 1000; i++) {
		ratio quote = whole(draw(-1000000, 1000000)), at = whole(draw(-1000000, 1000000));
		ratio fee = whole(draw(0, 1000000));
		ratio delta = dydx_fund_delta(quote, at, fee), gain = minus(quote, at);
		ratio most = fb_ratio_div(times(fb_ratio_abs(quote), fee), whole(1000000));
		ck_assert(fb_ratio_compare(&delta, &gain) <= 0);
		if (fb_ratio_sign(&gain) <= 0)
			ck_assert_int_eq(fb_ratio_compare(&delta, &gain), 0);
		else
			ck_assert(fb_ratio_sign(&delta) >= 0 &&
				  fb_ratio_compare(&delta, &most) <= 0);
	}
}
END_TEST

START_TEST(risk_is_an_order)
{
	for (int i = 0; i < 3000; i++) {
		struct dydx_risk r[3];
		for (int k = 0; k < 3; k++)
			r[k] = (struct dydx_risk){ .nc = whole(draw(-3, 3)),
						   .mmr = whole(draw(1, 3)) };
		for (int a = 0; a < 3; a++)
			for (int b = 0; b < 3; b++) {
				int ab = dydx_riskier(&r[a], &r[b]);
				ck_assert_int_eq(ab, -dydx_riskier(&r[b], &r[a]));
				for (int c = 0; c < 3; c++)
					if (ab > 0 && dydx_riskier(&r[b], &r[c]) > 0)
						ck_assert_int_gt(dydx_riskier(&r[a], &r[c]), 0);
			}
	}
}
END_TEST

START_TEST(equal_ratios_are_told_apart)
{
	struct dydx_risk small = { .nc = whole(100), .mmr = whole(50) };
	struct dydx_risk large = { .nc = whole(200), .mmr = whole(100) };
	struct dydx_risk poor = { .nc = whole(-1) }, rich = { .nc = whole(1) };
	ck_assert_int_eq(dydx_riskier(&large, &small), 1);
	ck_assert_int_eq(dydx_riskier(&small, &large), -1);
	ck_assert_int_eq(dydx_riskier(&poor, &rich), 1);
	ck_assert_int_eq(dydx_riskier(&rich, &rich), 0);
}
END_TEST

START_TEST(initial_margin_grows_with_open_interest)
{
	struct dydx_market m = { .price = whole(1),
				 .imf_ppm = whole(50000),
				 .maintenance_ppm = whole(600000),
				 .oi_lower_cap = whole(1000),
				 .oi_upper_cap = whole(2000) };
	ratio last = whole(0);
	for (int oi = 0; oi <= 3000; oi += 50) {
		m.open_interest = whole(oi);
		ratio imf = dydx_effective_imf_ppm(&m);
		__int128 n;
		ck_assert_int_eq(fb_ratio_to_int(&imf, &n), 0);
		ck_assert(fb_ratio_compare(&last, &imf) <= 0);
		ck_assert(oi > 1000 || n == 50000);
		ck_assert(oi < 2000 || n == 1000000);
		ck_assert(oi != 1500 || n == 525000);
		last = imf;
	}
}
END_TEST

START_TEST(what_is_no_change_is_an_error)
{
	struct dydx_market m = market();
	struct dydx_risk r = dydx_position(&m, whole(10));
	static const int changes[] = { 0, 1, -11 };
	for (size_t i = 0; i < 3; i++) {
		ratio got = dydx_bankruptcy_quote(&m, whole(10), whole(changes[i]), &r);
		ck_assert_int_eq(got.error, -EDOM);
	}
	ratio far = dydx_price(whole(1), 1000000, 0, 0);
	ck_assert_int_eq(far.error, -EDOM);
	ck_assert(!dydx_liquidatable(fb_ratio_error(-EDOM), whole(1)));
	ck_assert(!dydx_collateralized(fb_ratio_error(-EDOM), whole(1)));
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, a_trade_at_the_bankruptcy_price_is_acceptable);
	tcase_add_test(tcase, closing_the_only_position_leaves_nothing);
	tcase_add_test(tcase, the_fund_gets_what_is_left_at_most);
	tcase_add_test(tcase, risk_is_an_order);
	tcase_add_test(tcase, equal_ratios_are_told_apart);
	tcase_add_test(tcase, initial_margin_grows_with_open_interest);
	tcase_add_test(tcase, what_is_no_change_is_an_error);
}

int main(void)
{
	return kit_run("dydx", fill);
}
