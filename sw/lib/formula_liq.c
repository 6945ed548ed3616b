/* Liquidation prices as venues print them: see <firebreak/formula.h>. */
#include "formula_internal.h"

ratio fb_notional_linear(const struct fb_terms *t, ratio price)
{
	return times(formula_size(t), price);
}

ratio fb_notional_inverse(const struct fb_terms *t, ratio price)
{
	return over(t->quantity, price);
}

ratio fb_profit_linear(const struct fb_terms *t, ratio price)
{
	return times(times(whole(t->side), formula_size(t)), minus(price, t->entry));
}

ratio fb_profit_inverse(const struct fb_terms *t, ratio price)
{
	ratio one = whole(1);
	return times(times(whole(t->side), t->quantity),
		     minus(over(one, t->entry), over(one, price)));
}

/* 1 - s x rate, which must leave something: a long whose margin is all of its value or more is
 * never not in breach. */
static ratio keeps(int side, ratio rate)
{
	ratio rest = minus(whole(1), times(whole(side), rate));
	if (rest.error == 0 && fb_ratio_sign(&rest) <= 0)
		return fb_ratio_error(-EDOM);
	return rest;
}

/* Solved for what is left per unit: with w = W - MM_other + U_other + c,
 *     w + s q (L - E) = q L (r + f)   <=>   L = (E - s w / q) / (1 - s (r + f)) */
ratio fb_liq_linear(const struct fb_terms *t)
{
	int error = formula_check(t);
	if (error)
		return fb_ratio_error(error);
	ratio w = plus(minus(formula_backing(t), t->other_mm), t->deduction),
	      per_unit = over(times(whole(t->side), w), formula_size(t));
	return formula_price(
		over(minus(t->entry, per_unit), keeps(t->side, plus(t->rate, t->fee))));
}

ratio fb_liq_linear_frozen(const struct fb_terms *t)
{
	int error = formula_check(t);
	if (error)
		return fb_ratio_error(error);
	ratio mm = minus(times(fb_notional_linear(t, t->entry), plus(t->rate, t->fee)),
			 t->deduction),
	      left = minus(minus(formula_backing(t), t->other_mm), mm);
	return formula_price(
		minus(t->entry, over(times(whole(t->side), left), formula_size(t))));
}

/* In base coin, with x = 1 / L: w + s Q (1/E - x) = Q x (r + f). A short's right side shrinks with
 * L, so that r + f of 100 % and more means nothing for a short here. */
ratio fb_liq_inverse(const struct fb_terms *t)
{
	int error = formula_check(t);
	if (error)
		return fb_ratio_error(error);
	ratio s = whole(t->side),
	      w = plus(minus(formula_backing(t), t->other_mm), t->deduction),
	      below = plus(fb_notional_inverse(t, t->entry), times(s, w));
	return over(times(t->quantity, keeps(-t->side, plus(t->rate, t->fee))),
		    formula_price(below));
}

ratio fb_liq_inverse_frozen(const struct fb_terms *t)
{
	int error = formula_check(t);
	if (error)
		return fb_ratio_error(error);
	ratio value = fb_notional_inverse(t, t->entry),
	      mm = minus(times(value, plus(t->rate, t->fee)), t->deduction),
	      left = minus(minus(formula_backing(t), t->other_mm), mm);
	return over(t->quantity, formula_price(plus(value, times(whole(t->side), left))));
}

ratio fb_liq_inverse_cross(const struct fb_terms *t)
{
	int error = formula_check(t);
	if (error)
		return fb_ratio_error(error);
	ratio value = fb_notional_inverse(t, t->entry),
	      fee = times(fb_notional_inverse(t, fb_bankruptcy_inverse_cross(t)), t->fee),
	      mm = plus(minus(times(value, t->rate), t->deduction), fee),
	      left = minus(minus(formula_backing(t), t->other_mm), mm);
	return over(t->quantity, formula_price(plus(value, times(whole(t->side), left))));
}

ratio fb_liq_from_mark(const struct fb_terms *t, ratio account_value, ratio account_mm)
{
	if ((t->side != 1 && t->side != -1) || !above_zero(t->quantity) || !above_zero(t->mark))
		return fb_ratio_error(t->quantity.error ? t->quantity.error
				      : t->mark.error   ? t->mark.error
							: -EINVAL);
	ratio available = minus(account_value, account_mm),
	      per_unit = over(times(whole(t->side), available), formula_size(t));
	return formula_price(minus(t->mark, over(per_unit, keeps(t->side, t->rate))));
}
