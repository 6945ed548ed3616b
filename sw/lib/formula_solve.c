/* Where an account's MM reaches a share of its equity, tier by tier.
 *
 * Everything is a function of the notional N, which moves with the price (linear) or against it
 * (inverse): equity = W + d (N - N at entry), d = s or -s, and within a tier MM is linear in N, or
 * quadratic where the rate grows with a size that is N itself. So between two borders (floors of
 * tiers, and the size from which on the rate grows)
 *
 *     g(N) = MM - T x equity = a N^2 + b N + c,      g >= 0: breach
 *
 * and the solution is found by walking from the mark's N, border by border, solving each piece. */
#include <assert.h>

#include "formula_internal.h"

#define BORDERS (FB_TIERS + 1)
#define ROOT_PLACES 60 /* of a root that is not rational, before it is rounded to a price */
#define PRICE_PLACES 18

struct walk {
	const struct fb_terms *t;
	const struct fb_margin_rule *rule;
	ratio threshold, entry_notional;
	int d;			/* sign of equity's change with N */
	int heading;		/* 1: N rises, -1: it falls */
	bool to_breach;		/* looking for the first breach, else for the first calm */
	bool irrational;	/* the answer is rounded */
	unsigned borders;	/* borders[0] = 0 */
	ratio border[BORDERS];
};

struct piece {
	ratio a, b, c;
};

static ratio notional_at(const struct fb_terms *t, const struct fb_margin_rule *rule, ratio price)
{
	return rule->inverse ? fb_notional_inverse(t, price) : fb_notional_linear(t, price);
}

ratio fb_shortfall(const struct fb_terms *t, const struct fb_margin_rule *rule, ratio threshold,
		   ratio price)
{
	ratio at = rule->at_entry ? t->entry : price,
	      mm = fb_maintenance(rule, t, notional_at(t, rule, at)),
	      profit = rule->inverse ? fb_profit_inverse(t, price) : fb_profit_linear(t, price),
	      equity = plus(formula_backing(t), profit);
	return minus(plus(t->other_mm, mm), times(threshold, equity));
}

static void add_border(struct walk *w, ratio border)
{
	unsigned i = w->borders;
	assert(w->borders < BORDERS);
	for (; i > 0 && fb_ratio_compare(&w->border[i - 1], &border) > 0; i--)
		w->border[i] = w->border[i - 1];
	if (i > 0 && fb_ratio_compare(&w->border[i - 1], &border) == 0) {
		for (; i < w->borders; i++)
			w->border[i] = w->border[i + 1];
		return;
	}
	w->border[i] = border;
	w->borders++;
}

static void find_borders(struct walk *w)
{
	const struct fb_margin_rule *rule = w->rule;
	w->border[w->borders++] = whole(0);
	if (rule->at_entry)
		return;
	for (unsigned k = 1; k < rule->tiers; k++)
		add_border(w, rule->tier[k].floor);
	if (rule->inverse && fb_ratio_sign(&rule->slope) != 0 &&
	    fb_ratio_sign(&rule->slope_from) > 0)
		add_border(w, rule->slope_from);
}

/* g from border i to the next. */
static struct piece piece_of(const struct walk *w, unsigned i)
{
	const struct fb_margin_rule *rule = w->rule;
	ratio d = whole(w->d),
	      at_zero = minus(formula_backing(w->t), times(d, w->entry_notional));
	struct piece p = {
		.b = negative(times(w->threshold, d)),
		.c = minus(w->t->other_mm, times(w->threshold, at_zero)),
	};
	if (rule->at_entry) {
		p.c = plus(p.c, fb_maintenance(rule, w->t, w->entry_notional));
		return p;
	}
	const struct fb_formula_tier *tier = &rule->tier[fb_tier_of(rule, w->border[i])];
	ratio rate = plus(tier->rate, rule->fee);
	if (!rule->inverse) {
		ratio beyond = minus(w->t->quantity, rule->slope_from);
		rate = plus(rate, times(rule->slope, fb_ratio_max(beyond, whole(0))));
	} else if (fb_ratio_compare(&rule->slope_from, &w->border[i]) <= 0) {
		p.a = rule->slope;
		rate = minus(rate, times(rule->slope, rule->slope_from));
	}
	p.b = plus(p.b, rate);
	p.c = minus(p.c, tier->deduction);
	return p;
}

static int sign_at(const struct piece *p, ratio n)
{
	ratio g = plus(times(plus(times(p->a, n), p->b), n), p->c);
	return g.error ? 0 : fb_ratio_sign(&g);
}

/* Of g just beyond a root n. */
static int sign_beyond(const struct walk *w, const struct piece *p, ratio n)
{
	ratio slope = plus(times(times(whole(2), p->a), n), p->b);
	int sign = fb_ratio_sign(&slope);
	return sign != 0 ? sign * w->heading : fb_ratio_sign(&p->a);
}

/* Square root of a number not negative, exact if it is rational, else rounded down. */
static ratio root_of(ratio x, bool *rounded)
{
	ratio below = whole(1), square = x;
	if (!fb_ratio_is_whole(&x)) {
		/* sqrt(p / q) = sqrt(p q) / q */
		ratio q = { .above_limbs = x.below_limbs };
		for (unsigned i = 0; i < x.below_limbs; i++)
			q.above[i] = x.below[i];
		below = q;
		square = times(x, times(q, q));
	}
	ratio root = fb_ratio_isqrt(square), rest = minus(square, times(root, root));
	if (rest.error || fb_ratio_sign(&rest) == 0)
		return over(root, below);
	ratio scale = over(whole(1), fb_ratio_scaled(1, ROOT_PLACES));
	*rounded = true;
	return over(fb_ratio_isqrt(times(square, times(scale, scale))), times(below, scale));
}

/* The roots of a piece, 0 to 2 of them. */
static unsigned roots_of(const struct piece *p, ratio root[2], bool *rounded)
{
	*rounded = false;
	if (fb_ratio_sign(&p->a) == 0) {
		root[0] = over(negative(p->c), p->b);
		return fb_ratio_sign(&p->b) != 0;
	}
	ratio inside = minus(times(p->b, p->b), times(times(whole(4), p->a), p->c));
	if (inside.error || fb_ratio_sign(&inside) < 0)
		return 0;
	ratio half = root_of(inside, rounded), twice = times(whole(2), p->a);
	root[0] = over(minus(negative(p->b), half), twice);
	root[1] = over(plus(negative(p->b), half), twice);
	return root[0].error || root[1].error ? 0 : 2;
}

/* Is n ahead of `from` (or there), and inside piece i? */
static bool ahead(const struct walk *w, unsigned i, ratio from, ratio n)
{
	int order = fb_ratio_compare(&n, &from);
	bool last = i + 1 == w->borders;
	return (order == 0 || order == w->heading) &&
	       fb_ratio_compare(&w->border[i], &n) <= 0 &&
	       (last || fb_ratio_compare(&n, &w->border[i + 1]) < 0);
}

/* Since a >= 0, of two roots ahead at most one is a turn. */
static bool turns(const struct walk *w, const struct piece *p, ratio n)
{
	return w->to_breach || sign_beyond(w, p, n) < 0;
}

/* The first turn of piece i from `from` on. */
static bool turn_in(struct walk *w, unsigned i, ratio from, ratio *out)
{
	struct piece p = piece_of(w, i);
	ratio root[2];
	bool rounded;
	/* The border just crossed may be the turn itself: where MM jumps, or by chance. */
	int sign = sign_at(&p, from);
	if (sign == 0 && !w->to_breach)
		sign = sign_beyond(w, &p, from);
	if (w->to_breach == (sign >= 0)) {
		*out = from;
		return true;
	}
	unsigned n = roots_of(&p, root, &rounded);
	for (unsigned k = 0; k < n; k++) {
		if (!ahead(w, i, from, root[k]) || !turns(w, &p, root[k]))
			continue;
		*out = root[k];
		w->irrational = rounded;
		return true;
	}
	return false;
}

static ratio turn_from(struct walk *w, ratio n)
{
	unsigned i = 0;
	ratio out;
	while (i + 1 < w->borders && fb_ratio_compare(&w->border[i + 1], &n) <= 0)
		i++;
	struct piece here = piece_of(w, i);
	if (here.c.error || here.b.error)
		return here.c.error ? here.c : here.b;
	w->to_breach = sign_at(&here, n) < 0;
	w->heading = w->to_breach ? -w->d : w->d;
	for (;;) {
		if (turn_in(w, i, n, &out))
			return out;
		if (w->heading > 0 ? i + 1 == w->borders : i == 0)
			return fb_ratio_error(-ENOENT);
		n = w->heading > 0 ? w->border[i + 1] : w->border[i];
		i = w->heading > 0 ? i + 1 : i - 1;
	}
}

/* Into the breach, which lies where the price hurts. */
static ratio rounded_price(const struct walk *w, ratio price)
{
	ratio step = times(whole(-w->t->side), fb_ratio_scaled(1, PRICE_PLACES));
	price = fb_ratio_round(price, PRICE_PLACES,
			       w->t->side > 0 ? FB_ROUND_FLOOR : FB_ROUND_CEIL);
	for (int i = 0; i < 3; i++) {
		ratio short_of = fb_shortfall(w->t, w->rule, w->threshold, price);
		if (short_of.error || fb_ratio_sign(&short_of) >= 0)
			break;
		price = plus(price, step);
	}
	return price;
}

static int check(const struct walk *w, ratio mark)
{
	const struct fb_margin_rule *rule = w->rule;
	int k = fb_tier_of(rule, w->entry_notional);
	ratio all = plus(plus(plus(mark, w->threshold), plus(rule->fee, rule->slope)),
			 plus(plus(rule->slope_from, w->t->other_mm), formula_backing(w->t)));
	if (k < 0 || all.error)
		return k < 0 ? k : all.error;
	if (fb_ratio_sign(&mark) <= 0 || fb_ratio_sign(&w->threshold) <= 0 ||
	    fb_ratio_sign(&rule->slope) < 0 || fb_ratio_sign(&rule->slope_from) < 0)
		return -EINVAL;
	return 0;
}

ratio fb_liquidation_price(const struct fb_terms *t, const struct fb_margin_rule *rule,
			   ratio threshold)
{
	int error = formula_check(t);
	if (error)
		return fb_ratio_error(error);
	ratio mark = t->mark.error || fb_ratio_sign(&t->mark) != 0 ? t->mark : t->entry;
	struct walk w = { .t = t,
			  .rule = rule,
			  .threshold = threshold,
			  .entry_notional = notional_at(t, rule, t->entry),
			  .d = rule->inverse ? -t->side : t->side };
	error = check(&w, mark);
	if (error)
		return fb_ratio_error(error);
	find_borders(&w);
	ratio n = turn_from(&w, notional_at(t, rule, mark));
	if (n.error == 0 && fb_ratio_sign(&n) <= 0)
		return fb_ratio_error(-ENOENT);
	ratio price = rule->inverse ? over(t->quantity, n) : over(n, formula_size(t));
	return w.irrational ? rounded_price(&w, price) : price;
}
