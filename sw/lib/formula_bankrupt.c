/* Prices at which nothing is left: see <firebreak/formula.h>. */
#include "formula_internal.h"

ratio fb_bankruptcy_linear(const struct fb_terms *t)
{
	int error = formula_check(t);
	if (error)
		return fb_ratio_error(error);
	ratio per_unit = over(times(whole(t->side), formula_backing(t)), formula_size(t));
	return fb_ratio_max(minus(t->entry, per_unit), whole(0));
}

/* Q (1/E - 1/B) x s + W = 0 */
ratio fb_bankruptcy_inverse(const struct fb_terms *t)
{
	int error = formula_check(t);
	if (error)
		return fb_ratio_error(error);
	ratio below = plus(fb_notional_inverse(t, t->entry),
			   times(whole(t->side), formula_backing(t)));
	return over(t->quantity, formula_price(below));
}

ratio fb_bankruptcy_inverse_cross(const struct fb_terms *t)
{
	ratio free_of_fee = fb_bankruptcy_inverse(t);
	return times(plus(whole(1), times(whole(t->side), t->fee)), free_of_fee);
}

static ratio check_isolated(int side, ratio entry, ratio leverage)
{
	if (entry.error || leverage.error)
		return entry.error ? entry : leverage;
	if ((side != 1 && side != -1) || !above_zero(entry) || !above_zero(leverage))
		return fb_ratio_error(-EINVAL);
	return entry;
}

ratio fb_bankruptcy_isolated_linear(int side, ratio entry, ratio leverage)
{
	ratio price = check_isolated(side, entry, leverage);
	ratio left = minus(whole(1), over(whole(side), leverage));
	return fb_ratio_max(times(price, left), whole(0));
}

ratio fb_bankruptcy_isolated_inverse(int side, ratio entry, ratio leverage)
{
	ratio price = check_isolated(side, entry, leverage);
	return over(times(price, leverage), formula_price(plus(leverage, whole(side))));
}

ratio fb_zero_price(int side, ratio mark, ratio rate, ratio account_value, ratio account_mm)
{
	if (side != 1 && side != -1)
		return fb_ratio_error(-EINVAL);
	ratio share = over(times(times(whole(side), rate), account_value), account_mm);
	return times(mark, minus(whole(1), share));
}

ratio fb_zero_price_by_ratio(ratio other_mm, ratio margin_ratio, ratio balance, ratio other_profit,
			     ratio signed_quantity, ratio entry)
{
	/* Where the rest alone would have the same ratio: its equity is MM_other / ratio. */
	ratio rest = minus(minus(over(other_mm, margin_ratio), balance), other_profit);
	return over(plus(rest, times(signed_quantity, entry)), signed_quantity);
}

ratio fb_zero_quote(ratio notional_change, ratio account_value, ratio mm_change, ratio account_mm)
{
	ratio share = over(times(account_value, fb_ratio_abs(mm_change)), account_mm);
	return minus(negative(notional_change), fb_ratio_floor(share));
}
