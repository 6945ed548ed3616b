/* Formulas against the numbers that venues and open-source tests print, each with its source; what
 * a page rounds is compared as it rounds. */
#include <firebreak/formula.h>

#include "ratio_kit.h"

/* side, quantity, entry, margin, rate, deduction, fee */
static struct fb_terms terms(int side, const char *quantity, const char *entry, const char *margin,
			     const char *rate, const char *deduction, const char *fee)
{
	return (struct fb_terms){ .side = side,
				  .quantity = n(quantity),
				  .entry = n(entry),
				  .margin = n(margin),
				  .rate = n(rate),
				  .deduction = n(deduction),
				  .fee = n(fee) };
}

/* freqtrade tests/exchange/test_binance.py, figures of Binance's own example; Binance help centre
 * 360033525271 (2020), whose second example prints 190.29 for inputs that give 190.297. */
START_TEST(binance)
{
	struct fb_terms t =
		terms(1, "109.488", "32481.98", "1535443.01", "0.025", "16300", "0");
	kit_shows(fb_liq_linear(&t), "18778.73");
	struct fb_terms eth =
		terms(1, "3683.979", "1456.84", "0", "0.1", "135365", "0");
	struct fb_margin_rule rule = { .tiers = 1,
				       .tier[0] = { .rate = n("0.1"), .deduction = n("135365") } };
	t.other_profit = fb_profit_linear(&eth, n("1335.18"));
	t.other_mm = fb_maintenance(&rule, &eth, fb_notional_linear(&eth, n("1335.18")));
	kit_same(t.other_profit, n("-448192.88514"));
	kit_shows(fb_liq_linear(&t), "26316.89");
	t = terms(-1, "0.005", "9451.53", "10.72", "0.004", "0", "0");
	t.other_mm = n("1.3");
	t.other_profit = n("0.47");
	kit_shows(fb_liq_linear(&t), "11383.99");
	t = terms(1, "1", "199.53", "10.72", "0.0065", "0", "0");
	t.other_mm = n("0.19");
	t.other_profit = n("-0.06");
	kit_shows(fb_liq_linear(&t), "190.297");
	t = terms(1, "0.6", "10", "1.2", "0.01", "0.01", "0");
	kit_shows(fb_liq_linear(&t), "8.063973063973064");
	t = terms(-1, "1", "8", "1.6", "0.01", "0.01", "0");
	kit_shows(fb_liq_linear(&t), "9.514851485148515");
	/* COIN-M: tiers in base coin, 50 BTC from 2.5 % to 5 %. */
	kit_same(fb_next_deduction(n("0.56"), n("0.025"), n("50"), n("0.05")), n("1.81"));
	kit_same(fb_next_deduction(n("16300"), n("0.025"), n("5000000"), n("0.05")), n("141300"));
}
END_TEST

/* Bybit help centre (USDT contracts, isolated); rules of 2020 for inverse contracts. */
START_TEST(bybit)
{
	struct fb_terms t = terms(1, "1", "20000", "400", "0.005", "0", "0");
	kit_same(fb_liq_linear_frozen(&t), n("19700"));
	t = terms(1, "1", "10", "2", "0.01", "0", "0");
	kit_same(fb_liq_linear_frozen(&t), n("8.1"));
	kit_shows(fb_liq_linear(&t), "8.0808");
	t = terms(-1, "1", "10", "10/3", "0.01", "0", "0");
	kit_shows(fb_liq_linear_frozen(&t), "13.233333");
	ratio b = fb_bankruptcy_isolated_inverse(1, n("7890.08"), n("50"));
	kit_shows(b, "7735.372549");
	kit_same(fb_ratio_round_to(b, n("0.5"), FB_ROUND_CEIL), n("7735.5"));
	t = terms(1, "10000", "8000", "0.5", "0.005", "0", "0.00075");
	kit_shows(fb_bankruptcy_inverse_cross(&t), "5718.57");
	kit_shows(fb_liq_inverse_cross(&t), "5739.0835");
	kit_same(fb_ratio_round_to(fb_liq_inverse_cross(&t), n("0.5"), FB_ROUND_CEIL),
		 n("5739.5"));
	kit_same(fb_bankruptcy_isolated_linear(-1, n("20000"), n("50")), n("20400"));
	kit_same(fb_bankruptcy_isolated_linear(1, n("20000"), n("1")), n("0"));
}
END_TEST

/* BitMEX, liquidationExamples: MM at entry value. */
START_TEST(bitmex)
{
	struct fb_terms t = terms(1, "20", "1000", "10000", "0.01", "0", "0");
	kit_same(fb_liq_linear_frozen(&t), n("510"));
	kit_same(fb_bankruptcy_linear(&t), n("500"));
	kit_same(fb_initial_margin(fb_notional_linear(&t, t.entry), n("50")), n("400"));
	kit_same(fb_leverage_of(n("20000"), n("400")), n("50"));
	/* effLev of section 2, both contracts: M / (s (M - B)), B / (s (M - B)). */
	kit_same(fb_position_leverage_linear(1, n("1000"), n("500")), n("2"));
	kit_same(fb_position_leverage_inverse(-1, n("1000"), n("1250")), n("5"));
	ck_assert_int_eq(fb_position_leverage_linear(1, n("7"), n("7")).error, -EDOM);
}
END_TEST

/* freqtrade tests of Gate and OKX: the closing fee is in the threshold. */
START_TEST(closing_fee)
{
	struct fb_terms t = terms(1, "1", "10", "10/3", "0.01", "0", "0.0006");
	kit_shows(fb_liq_linear(&t), "6.738090425173506");
	t = terms(-1, "1", "8", "1.6", "0.01", "0", "0.0006");
	kit_shows(fb_liq_linear(&t), "9.499307342172967");
	/* Quanto: q x factor takes the place of q, margin in the third coin. */
	t = terms(1, "100", "3000", "0.01", "0.005", "0", "0.00075");
	t.factor = n("0.000001");
	kit_same(fb_liq_linear(&t), over(minus(n("3000"), n("100")), n("0.99425")));
}
END_TEST

/* Kraken multi-collateral page: MM on the current value gives its 7481. Delta: IM 1 %, MM 0.5 %. */
START_TEST(inverse)
{
	struct fb_terms t = terms(1, "1000", "8000", "0.01", "0.01", "0", "0");
	kit_shows(fb_liq_inverse(&t), "7481");
	kit_shows(fb_bankruptcy_inverse(&t), "7407");
	kit_shows(fb_liq_inverse_frozen(&t), "7476.6");
	t = terms(1, "20000", "10000", "0.02", "0.005", "0", "0");
	kit_shows(fb_liq_inverse_frozen(&t), "9950.25");
	kit_shows(fb_bankruptcy_inverse(&t), "9900.99");
	kit_shows(fb_bankruptcy_isolated_inverse(1, n("10000"), n("100")), "9900.99");
	/* A short with all of its value behind it. */
	ck_assert_int_eq(fb_bankruptcy_isolated_inverse(-1, n("100"), n("1")).error, -ENOENT);
}
END_TEST

/* Positions as Hyperliquid returned them (freqtrade tests): r = 1 / (2 x 20), 1 / (2 x 50). */
START_TEST(hyperliquid)
{
	static const struct {
		int side;
		const char *quantity, *entry, *collateral, *rate, *price;
	} rows[] = {
		{ 1, "0.6", "173.06", "20.735658", "1/40", "142.05186667" },
		{ -1, "0.0327", "2552", "20.833393", "1/100", "3157.53150453" },
		{ -1, "0.007", "2518.4", "17.62263", "1/100", "4986.05799151" },
		{ 1, "360", "0.13284", "15.943218", "1/40", "0.09082388" },
		{ -1, "0.00031", "67400", "20.887308", "1/100", "133443.97317151" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct fb_terms t = terms(rows[i].side, rows[i].quantity, rows[i].entry,
					  rows[i].collateral, rows[i].rate, "0", "0");
		t.mark = t.entry;
		ratio mm = times(fb_notional_linear(&t, t.mark), t.rate);
		kit_shows(fb_liq_from_mark(&t, t.margin, mm), rows[i].price);
		kit_same(fb_liq_from_mark(&t, t.margin, mm), fb_liq_linear(&t));
		/* From anywhere else it is the same price. */
		t.mark = times(t.entry, n("1.07"));
		ratio value = plus(t.margin, fb_profit_linear(&t, t.mark));
		mm = times(fb_notional_linear(&t, t.mark), t.rate);
		kit_same(fb_liq_from_mark(&t, value, mm), fb_liq_linear(&t));
	}
}
END_TEST

/* arXiv 2512.01112, appendix: B floored at 0, L = B / (1 - s r). */
START_TEST(generic_paper)
{
	struct fb_terms t = terms(-1, "4", "1", "2.6666666666666665", "0.1", "0", "0");
	kit_shows(fb_bankruptcy_linear(&t), "1.6667");
	kit_shows(fb_liq_linear(&t), "1.5152");
	t = terms(1, "1", "1", "2", "0.1", "0", "0");
	kit_same(fb_bankruptcy_linear(&t), n("0"));
	ck_assert_int_eq(fb_liq_linear(&t).error, -ENOENT);
	t = terms(1, "1", "1", "0.10526315789473684", "0.1", "0", "0");
	kit_shows(fb_liq_linear(&t), "0.9942");
	kit_shows(fb_bankruptcy_linear(&t), "0.8947");
}
END_TEST

/* Deribit's linear perpetuals and Delta's inverse one: rates that grow with size. */
START_TEST(rates_by_size)
{
	struct fb_margin_rule btc = { .tiers = 1, .tier[0].rate = n("0.01"), .slope = n("5e-5") },
			      sol = { .tiers = 1, .tier[0].rate = n("0.02"), .slope = n("5e-6") };
	struct fb_terms t = { .side = 1, .quantity = n("25"), .entry = n("100000") };
	kit_same(fb_maintenance(&btc, &t, n("2500000")), n("28125"));
	kit_same(fb_maintenance(&sol, &t, n("5000")), n("100.625"));
	struct fb_margin_rule delta = { .inverse = true,
					.tiers = 1,
					.tier[0].rate = n("0.005"),
					.slope = n("0.00075"),
					.slope_from = n("5") };
	kit_same(fb_maintenance(&delta, &t, n("20")), times(n("20"), n("0.01625")));
	kit_same(fb_maintenance(&delta, &t, n("4")), n("0.02"));
}
END_TEST

/* dYdX v4 protocol tests: quantums. Lighter's and Extended's forms are the same price. */
START_TEST(account_level)
{
	/* full close of a long below bankruptcy: NC -100, MMR 500 of all, of 5000 USD */
	kit_same(fb_zero_quote(n("-5000000000"), n("-100000000"), n("-500000000"),
			       n("500000000")),
		 n("5100000000"));
	/* partial close of a long, -21347 of 100000000 at 50000 USD: floored */
	kit_same(fb_zero_quote(n("-10673500"), n("49987000000"), n("-1067350"), n("5000000000")),
		 n("2776"));
	/* M 100, q 10, r 5 %, value 80, MM 50 of its own and 30 of others */
	ratio lighter = fb_zero_price(1, n("100"), n("0.05"), n("80"), n("80"));
	kit_same(lighter, n("95"));
	/* E 110: U = -100, balance 170, U_other 10 */
	kit_same(fb_zero_price_by_ratio(n("30"), n("1"), n("170"), n("10"), n("10"), n("110")),
		 lighter);
	ck_assert_int_eq(fb_zero_price(2, n("1"), n("1"), n("1"), n("1")).error, -EINVAL);
	ck_assert_int_eq(fb_zero_price(1, n("1"), n("1"), n("1"), n("0")).error, -EDOM);
}
END_TEST

START_TEST(how_near)
{
	kit_same(fb_margin_ratio(n("30"), n("40"), FB_MM_OVER_EQUITY), n("0.75"));
	kit_same(fb_margin_ratio(n("30"), n("40"), FB_EQUITY_OVER_MM), n("4/3"));
	ck_assert_int_eq(fb_margin_ratio(n("1"), n("-1"), FB_MM_OVER_EQUITY).error, -EDOM);
	kit_same(fb_margin_ratio(n("1"), n("-1"), FB_EQUITY_OVER_MM), n("-1"));
	ck_assert_int_eq(fb_margin_ratio(n("0"), n("1"), FB_EQUITY_OVER_MM).error, -EDOM);
	struct fb_buffer b =
		fb_buffer_to(-1, n("100"), n("120"), n("50"), n("20"), n("0.8"));
	kit_same(b.price, n("20"));
	kit_same(b.share, n("0.2"));
	kit_same(b.money, n("25"));
	b = fb_buffer_to(1, n("100"), n("120"), n("20"), n("20"), n("0.8"));
	kit_same(b.price, n("-20"));
	kit_same(b.money, n("-5"));
	ck_assert_int_eq(fb_buffer_to(0, n("1"), n("1"), n("1"), n("1"), n("1")).price.error,
			 -EINVAL);
	kit_same(fb_effective_leverage(n("900"), n("60")), n("15"));
	ck_assert_int_eq(fb_effective_leverage(n("900"), n("0")).error, -EDOM);
	kit_same(fb_risk_score(n("30"), n("100"), n("0.5")), n("60"));
	kit_same(fb_risk_score(n("90"), n("100"), n("0.5")), n("100"));
	kit_same(fb_risk_score(n("0"), n("5"), n("1")), n("0"));
	kit_same(fb_risk_score(n("0"), n("0"), n("1")), n("0"));
	kit_same(fb_risk_score(n("0"), n("-5"), n("1")), n("100"));
	kit_same(fb_risk_score(n("1"), n("0"), n("1")), n("100"));
	ck_assert_int_eq(fb_risk_score(n("1"), n("1"), n("0")).error, -EINVAL);
	/* dYdX: 20 % until 100M, everything at 200M */
	kit_same(fb_initial_rate_by_interest(n("0.2"), n("150"), n("100"), n("200")), n("0.6"));
	kit_same(fb_initial_rate_by_interest(n("0.2"), n("50"), n("100"), n("200")), n("0.2"));
	kit_same(fb_initial_rate_by_interest(n("0.2"), n("500"), n("100"), n("200")), n("1"));
	struct fb_exposure e = { 0 };
	fb_exposure_add(&e, n("100"));
	fb_exposure_add(&e, n("-250"));
	fb_exposure_add(&e, n("20"));
	kit_same(e.net, n("-130"));
	kit_same(e.gross, n("370"));
	kit_same(e.longs, n("120"));
	kit_same(e.shorts, n("250"));
}
END_TEST

/* Every formula says what is wrong with its input, and passes on what was wrong before. */
START_TEST(bad_input)
{
	typedef ratio formula(const struct fb_terms *);
	formula *all[] = { fb_liq_linear,	   fb_liq_linear_frozen, fb_liq_inverse,
			   fb_liq_inverse_frozen,  fb_liq_inverse_cross, fb_bankruptcy_linear,
			   fb_bankruptcy_inverse,  fb_bankruptcy_inverse_cross };
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct fb_terms good = terms(1, "2", "100", "20", "0.01", "0", "0"), t = good;
		ck_assert_int_eq(all[i](&t).error, 0);
		t.side = 0;
		ck_assert_int_eq(all[i](&t).error, -EINVAL);
		t = good;
		t.quantity = n("0");
		ck_assert_int_eq(all[i](&t).error, -EINVAL);
		t = good;
		t.entry = n("-1");
		ck_assert_int_eq(all[i](&t).error, -EINVAL);
		t = good;
		t.entry = fb_ratio_text("x");
		ck_assert_int_eq(all[i](&t).error, -EINVAL);
		t = good;
		t.margin = over(n("1"), n("0"));
		ck_assert_int_eq(all[i](&t).error, -EDOM);
		t = good;
		t.factor = n("-1");
		ck_assert_int_eq(all[i](&t).error, -EINVAL);
	}
	struct fb_terms t = terms(1, "2", "100", "20", "1", "0", "0");
	ck_assert_int_eq(fb_liq_linear(&t).error, -EDOM);
	t.side = -1;
	ck_assert_int_eq(fb_liq_inverse(&t).error, -EDOM);
	ck_assert_int_eq(fb_bankruptcy_isolated_linear(1, n("1"), n("0")).error, -EINVAL);
	ck_assert_int_eq(fb_bankruptcy_isolated_inverse(3, n("1"), n("1")).error, -EINVAL);
	ck_assert_int_eq(fb_liq_from_mark(&t, n("1"), n("1")).error, -EINVAL);
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, binance);
	tcase_add_test(tcase, bybit);
	tcase_add_test(tcase, bitmex);
	tcase_add_test(tcase, closing_fee);
	tcase_add_test(tcase, inverse);
	tcase_add_test(tcase, hyperliquid);
	tcase_add_test(tcase, generic_paper);
	tcase_add_test(tcase, rates_by_size);
	tcase_add_test(tcase, account_level);
	tcase_add_test(tcase, how_near);
	tcase_add_test(tcase, bad_input);
}

int main(void)
{
	return kit_run("formula", fill);
}
