/* The general solution, by evaluating at it and on both sides of it: random sides, contracts,
 * ladders with deductions, without, and with borders close to each other, rates by size, other
 * positions. */
#include <firebreak/formula.h>

#include "ratio_kit.h"

struct sample {
	struct fb_terms t;
	struct fb_margin_rule rule;
	ratio threshold;
	bool continuous;
};

static ratio cents(int64_t low, int64_t high)
{
	return fb_ratio_scaled(kit_between(low, high), 2);
}

static struct sample draw(void)
{
	static const int64_t thresholds[] = { 100, 100, 80, 50, 66, 150 };
	struct sample s = { .continuous = kit_random() % 3 != 0 };
	s.rule.inverse = kit_random() % 3 == 0;
	s.t.side = kit_random() % 2 ? 1 : -1;
	s.t.entry = cents(1, 20000);
	s.t.mark = times(s.t.entry, cents(60, 160));
	ratio value = cents(100, 10000000);
	s.t.quantity = s.rule.inverse ? times(value, s.t.entry) : over(value, s.t.entry);
	s.t.margin = times(value, cents(-20, 150));
	s.t.other_mm = kit_random() % 2 ? whole(0) : times(value, cents(0, 10));
	s.t.other_profit = kit_random() % 2 ? whole(0) : times(value, cents(-20, 20));
	s.threshold = fb_ratio_scaled(thresholds[kit_random() % 6], 2);
	s.rule.tiers = 1 + (unsigned)(kit_random() % 6);
	s.rule.fee = kit_random() % 2 ? whole(0) : n("0.0006");
	s.rule.at_entry = kit_random() % 8 == 0;
	for (unsigned k = 0; k < s.rule.tiers; k++) {
		struct fb_formula_tier *tier = &s.rule.tier[k];
		/* Borders near the value at which it is bought: the price crosses several. */
		tier->floor = k == 0 ? whole(0)
				     : plus(tier[-1].floor, times(value, cents(1, 60)));
		tier->rate = plus(k == 0 ? whole(0) : tier[-1].rate, cents(0, 8));
	}
	/* Also from exactly on a border. */
	if (s.rule.tiers > 1 && kit_random() % 6 == 0)
		s.t.mark = s.rule.inverse ? over(s.t.quantity, s.rule.tier[1].floor)
					  : over(s.rule.tier[1].floor, s.t.quantity);
	if (s.continuous)
		fb_chain_deductions(&s.rule);
	if (kit_random() % 4 == 0) {
		s.rule.slope = over(cents(0, 20), s.rule.inverse ? value : s.t.quantity);
		s.rule.slope_from = kit_random() % 2 ? whole(0) : times(value, cents(0, 200));
	}
	return s;
}

static int at(const struct sample *s, ratio price)
{
	ratio g = fb_shortfall(&s->t, &s->rule, s->threshold, price);
	ck_assert_int_eq(g.error, 0);
	return fb_ratio_sign(&g);
}

/* A little further, in the direction that hurts (1) or back (-1). */
static ratio beyond(const struct sample *s, ratio price, int hurts)
{
	ratio step = times(price, fb_ratio_scaled(-s->t.side * hurts, 15));
	return plus(price, step);
}

/* Between the mark and L nothing may be as it is beyond L. */
static void nothing_before(const struct sample *s, ratio price, bool safe)
{
	for (int64_t i = 1; i < 12; i++) {
		ratio part = fb_ratio_of(i, 12),
		      p = plus(s->t.mark, times(minus(price, s->t.mark), part));
		ck_assert(safe ? at(s, p) < 0 : at(s, p) >= 0);
	}
}

/* Far away in that direction, and on the way there, it stays as it is at the mark. */
static void never(const struct sample *s, bool safe)
{
	bool falls = (s->t.side > 0) == safe;
	ratio p = s->t.mark;
	for (int i = 0; i < 60; i++) {
		p = times(p, falls ? n("0.8") : n("1.25"));
		ck_assert(safe ? at(s, p) < 0 : at(s, p) >= 0);
	}
}

START_TEST(solved_and_evaluated)
{
	int found = 0, none = 0, borders = 0, back = 0, roots = 0;
	for (kit_state = 0; kit_state < 120000;) {
		struct sample s = draw();
		bool safe = at(&s, s.t.mark) < 0;
		ratio price = fb_liquidation_price(&s.t, &s.rule, s.threshold);
		if (price.error) {
			ck_assert_int_eq(price.error, -ENOENT);
			never(&s, safe);
			none++;
			continue;
		}
		found++;
		back += !safe;
		ratio step = fb_ratio_sub(price, s.t.mark);
		int way = fb_ratio_sign(&step);
		ck_assert(way == 0 || way == (safe ? -s.t.side : s.t.side));
		int here = at(&s, price);
		if (here != 0 && s.continuous) {
			/* Only a root that is not rational, which lies within the last decimal. */
			ck_assert(here > 0 && s.rule.inverse);
			ratio last = fb_ratio_scaled(s.t.side, 18);
			ck_assert_int_lt(at(&s, plus(price, last)), 0);
			roots++;
			continue;
		}
		borders += here != 0;
		ck_assert_int_ge(at(&s, beyond(&s, price, 1)), 0);
		ck_assert_int_lt(at(&s, beyond(&s, price, -1)), 0);
		nothing_before(&s, price, safe);
	}
	/* Each kind comes often enough to mean something. */
	ck_assert_msg(found > 1000 && none > 100 && borders > 10 && back > 100 && roots > 10,
		      "%d found, %d none, %d at borders, %d on the way back, %d roots", found, none,
		      borders, back, roots);
}
END_TEST

/* The printed formula with the rate and the deduction of the tier at L. */
START_TEST(printed_formula_of_the_tier_at_the_price)
{
	int moved = 0;
	for (kit_state = 0; kit_state < 30000;) {
		struct sample s = draw();
		s.threshold = whole(1);
		s.rule.slope = whole(0);
		s.rule.at_entry = false;
		fb_chain_deductions(&s.rule);
		ratio price = fb_liquidation_price(&s.t, &s.rule, s.threshold);
		if (price.error)
			continue;
		ratio notional = s.rule.inverse ? fb_notional_inverse(&s.t, price)
						: fb_notional_linear(&s.t, price),
		      before = s.rule.inverse ? fb_notional_inverse(&s.t, s.t.mark)
					      : fb_notional_linear(&s.t, s.t.mark);
		int k = fb_tier_of(&s.rule, notional);
		moved += k != fb_tier_of(&s.rule, before);
		s.t.rate = s.rule.tier[k].rate;
		s.t.deduction = s.rule.tier[k].deduction;
		s.t.fee = s.rule.fee;
		kit_same(s.rule.inverse ? fb_liq_inverse(&s.t) : fb_liq_linear(&s.t), price);
	}
	ck_assert_int_gt(moved, 100);
}
END_TEST

/* Frozen MM, both contracts, and the price of bankruptcy, where equity is 0. */
START_TEST(frozen_and_bankrupt)
{
	for (kit_state = 0; kit_state < 30000;) {
		struct sample s = draw();
		s.rule.at_entry = true;
		s.rule.slope = s.rule.fee = whole(0);
		s.rule.tiers = 1;
		s.t.rate = s.rule.tier[0].rate;
		ratio price = fb_liquidation_price(&s.t, &s.rule, whole(1));
		ratio printed = s.rule.inverse ? fb_liq_inverse_frozen(&s.t)
					       : fb_liq_linear_frozen(&s.t);
		kit_same(price, printed);
		ratio b = s.rule.inverse ? fb_bankruptcy_inverse(&s.t) : fb_bankruptcy_linear(&s.t);
		if (b.error || fb_ratio_sign(&b) == 0)
			continue;
		ratio profit = s.rule.inverse ? fb_profit_inverse(&s.t, b)
					      : fb_profit_linear(&s.t, b);
		kit_same(plus(plus(s.t.margin, s.t.other_profit), profit), whole(0));
	}
}
END_TEST

/* More money behind it: liquidated later, or never. */
START_TEST(more_money_is_further_away)
{
	for (kit_state = 0; kit_state < 30000;) {
		struct sample s = draw(), richer;
		fb_chain_deductions(&s.rule);
		s.rule.slope = whole(0);
		richer = s;
		richer.t.margin = plus(s.t.margin, fb_ratio_abs(times(s.t.margin, n("0.01"))));
		if (at(&s, s.t.mark) >= 0)
			continue;
		ratio a = fb_liquidation_price(&s.t, &s.rule, s.threshold),
		      b = fb_liquidation_price(&richer.t, &richer.rule, s.threshold);
		ck_assert(a.error == 0 || b.error == -ENOENT);
		if (a.error || b.error)
			continue;
		ratio further = times(minus(a, b), whole(s.t.side));
		ck_assert_int_ge(fb_ratio_sign(&further), 0);
	}
}
END_TEST

/* Delta's kind of rate, at which size itself liquidates: a short of 100,000 in an inverse contract
 * from 10,000, rate 1 % + 1 % a unit. With x = N: g = 0.01 x + 0.01 x^2 - (W + x - 10). */
START_TEST(quadratic_by_hand)
{
	struct sample s = { .threshold = whole(1) };
	s.rule = (struct fb_margin_rule){ .inverse = true,
					  .tiers = 1,
					  .tier[0].rate = n("0.01"),
					  .slope = n("0.01") };
	s.t = (struct fb_terms){ .side = -1,
				 .quantity = n("100000"),
				 .entry = n("10000"),
				 .margin = n("1.2") };
	/* 0.01 x^2 - 0.99 x + 8.8 = 0: x = 49.5 -+ sqrt(2450.25 - 880), not rational. */
	ratio price = fb_liquidation_price(&s.t, &s.rule, s.threshold);
	kit_shows(price, "10128.00");
	ck_assert_int_gt(at(&s, price), 0);
	ck_assert_int_lt(at(&s, minus(price, n("1e-18"))), 0);
	/* 0.01 x^2 - 0.99 x + 9.8 = 0, from the other side; then no root: breach everywhere. */
	s.t.margin = n("0.2");
	s.t.mark = n("8000");
	kit_shows(fb_liquidation_price(&s.t, &s.rule, s.threshold), "8963.66");
	s.t.margin = n("-20");
	ck_assert_int_eq(fb_liquidation_price(&s.t, &s.rule, s.threshold).error, -ENOENT);
}
END_TEST

/* At a border the upper tier counts: a long of 1 at 100 with 10 behind is in breach there at 20 %,
 * until 0.2 x = x - 90; below the border, at 1 %, it is not until 0.01 x = x - 90. */
START_TEST(from_a_border)
{
	struct fb_margin_rule rule = { .tiers = 2,
				       .tier[0].rate = n("0.01"),
				       .tier[1] = { .floor = n("100"), .rate = n("0.2") } };
	struct fb_terms t = {
		.side = 1, .quantity = n("1"), .entry = n("100"), .margin = n("10")
	};
	t.mark = n("100");
	kit_same(fb_liquidation_price(&t, &rule, whole(1)), n("112.5"));
	t.mark = n("99.99");
	kit_same(fb_liquidation_price(&t, &rule, whole(1)), over(n("90"), n("0.99")));
	/* A short: the border itself, from both sides. */
	t.side = -1;
	kit_same(fb_liquidation_price(&t, &rule, whole(1)), n("100"));
	t.mark = n("101");
	kit_same(fb_liquidation_price(&t, &rule, whole(1)), n("100"));
}
END_TEST

START_TEST(bad_rules)
{
	kit_state = 5;
	struct sample good = draw(), s = good;
	good.rule.tiers = 3;
	for (int k = 0; k < 3; k++)
		good.rule.tier[k] =
			(struct fb_formula_tier){ .floor = whole(k * 100), .rate = n("0.01") };
#define BAD(change, code)                                                                        \
	do {                                                                                     \
		s = good;                                                                        \
		change;                                                                          \
		ck_assert_int_eq(fb_liquidation_price(&s.t, &s.rule, s.threshold).error, code);  \
	} while (0)
	BAD(s.rule.tiers = 0, -EINVAL);
	BAD(s.rule.tiers = FB_TIERS + 1, -EINVAL);
	BAD(s.rule.tier[0].floor = whole(1), -EINVAL);
	BAD(s.rule.tier[2].floor = whole(100), -EINVAL);
	BAD(s.rule.tier[1].rate = over(whole(1), whole(0)), -EINVAL);
	BAD(s.rule.slope = whole(-1), -EINVAL);
	BAD(s.rule.fee = over(whole(1), whole(0)), -EDOM);
	BAD(s.threshold = whole(0), -EINVAL);
	BAD(s.t.side = 7, -EINVAL);
	BAD(s.t.mark = whole(-1), -EINVAL);
	BAD(s.t.margin = over(whole(1), whole(0)), -EDOM);
	BAD(s.t.other_mm = over(whole(1), whole(0)), -EDOM);
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, solved_and_evaluated);
	tcase_add_test(tcase, printed_formula_of_the_tier_at_the_price);
	tcase_add_test(tcase, frozen_and_bankrupt);
	tcase_add_test(tcase, more_money_is_further_away);
	tcase_add_test(tcase, quadratic_by_hand);
	tcase_add_test(tcase, from_a_border);
	tcase_add_test(tcase, bad_rules);
}

int main(void)
{
	return kit_run("formula_solve", fill);
}
