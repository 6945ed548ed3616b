/* Ratios, buffers, leverage, exposure: see <firebreak/formula.h>. */
#include "formula_internal.h"

ratio fb_margin_ratio(ratio mm, ratio equity, enum fb_ratio_sense sense)
{
	if (sense == FB_EQUITY_OVER_MM)
		return over(equity, mm);
	if (equity.error == 0 && fb_ratio_sign(&equity) < 0)
		return mm.error ? mm : fb_ratio_error(-EDOM);
	return over(mm, equity);
}

struct fb_buffer fb_buffer_to(int side, ratio mark, ratio price, ratio equity, ratio mm,
			      ratio threshold)
{
	struct fb_buffer out;
	out.price = side == 1 || side == -1 ? times(whole(side), minus(mark, price))
					    : fb_ratio_error(-EINVAL);
	out.share = over(out.price, mark);
	out.money = minus(equity, over(mm, threshold));
	return out;
}

static ratio of_equity(ratio x, ratio equity)
{
	if (equity.error == 0 && fb_ratio_sign(&equity) <= 0)
		return x.error ? x : fb_ratio_error(-EDOM);
	return over(x, equity);
}

ratio fb_effective_leverage(ratio gross_notional, ratio equity)
{
	return of_equity(gross_notional, equity);
}

static ratio distance(int side, ratio mark, ratio bankruptcy)
{
	if (side != 1 && side != -1)
		return fb_ratio_error(-EINVAL);
	return times(whole(side), minus(mark, bankruptcy));
}

ratio fb_position_leverage_linear(int side, ratio mark, ratio bankruptcy)
{
	return over(mark, distance(side, mark, bankruptcy));
}

ratio fb_position_leverage_inverse(int side, ratio mark, ratio bankruptcy)
{
	return over(bankruptcy, distance(side, mark, bankruptcy));
}

ratio fb_risk_score(ratio mm, ratio equity, ratio threshold)
{
	ratio hundred = whole(100);
	if (mm.error || equity.error || threshold.error)
		return plus(plus(mm, equity), threshold);
	if (fb_ratio_sign(&threshold) <= 0)
		return fb_ratio_error(-EINVAL);
	if (fb_ratio_sign(&equity) < 0)
		return hundred;
	if (fb_ratio_sign(&mm) <= 0)
		return whole(0);
	if (fb_ratio_sign(&equity) == 0)
		return hundred;
	return fb_ratio_min(times(hundred, over(mm, times(equity, threshold))), hundred);
}

ratio fb_initial_margin(ratio notional, ratio leverage)
{
	return over(notional, leverage);
}

ratio fb_leverage_of(ratio notional, ratio initial_margin)
{
	return over(notional, initial_margin);
}

ratio fb_initial_rate_by_interest(ratio base, ratio open_interest, ratio low, ratio high)
{
	ratio share = over(minus(fb_ratio_clamp(open_interest, low, high), low), minus(high, low));
	return plus(base, times(minus(whole(1), base), share));
}

void fb_exposure_add(struct fb_exposure *sum, ratio signed_notional)
{
	bool is_short = signed_notional.error == 0 && fb_ratio_sign(&signed_notional) < 0;
	ratio size = fb_ratio_abs(signed_notional);
	sum->net = plus(sum->net, signed_notional);
	sum->gross = plus(sum->gross, size);
	if (is_short)
		sum->shorts = plus(sum->shorts, size);
	else
		sum->longs = plus(sum->longs, size);
}
