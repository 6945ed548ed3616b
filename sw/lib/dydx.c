/* dYdX v4's whole numbers: see dydx.h. */
#include "dydx.h"

#include <errno.h>

#include "ratio.h"

#define MILLION 1000000

static int compare(ratio a, ratio b)
{
	return fb_ratio_compare(&a, &b);
}

static int sign(ratio a)
{
	return fb_ratio_sign(&a);
}

static ratio of_ppm(ratio x, ratio ppm)
{
	return over(times(x, ppm), whole(MILLION));
}

static ratio power_of_ten(int exponent)
{
	ratio p = whole(1);
	for (int i = 0; i < (exponent < 0 ? -exponent : exponent); i++)
		p = times(p, whole(10));
	return exponent < 0 ? over(whole(1), p) : p;
}

ratio dydx_price(ratio value, int exponent, int base_resolution, int quote_resolution)
{
	int e = exponent + base_resolution - quote_resolution;
	if (e < -300 || e > 300)
		return fb_ratio_error(-EDOM);
	return times(value, power_of_ten(e));
}

/* Toward zero, for longs and shorts alike. */
static ratio notional(const struct dydx_market *m, ratio base)
{
	return fb_ratio_truncate(times(base, m->price));
}

ratio dydx_effective_imf_ppm(const struct dydx_market *m)
{
	ratio oi = notional(m, m->open_interest);
	ratio span = minus(m->oi_upper_cap, m->oi_lower_cap);
	if (oi.error || span.error || m->imf_ppm.error)
		return oi.error ? oi : span.error ? span : m->imf_ppm;
	if (sign(m->oi_upper_cap) == 0 || compare(oi, m->oi_lower_cap) <= 0)
		return m->imf_ppm;
	if (compare(oi, m->oi_upper_cap) >= 0)
		return whole(MILLION);
	ratio more = times(minus(whole(MILLION), m->imf_ppm), minus(oi, m->oi_lower_cap));
	return plus(m->imf_ppm, fb_ratio_floor(over(more, span)));
}

struct dydx_risk dydx_position(const struct dydx_market *m, ratio base)
{
	ratio size = notional(m, fb_ratio_abs(base));
	ratio unscaled = fb_ratio_ceil(of_ppm(size, m->imf_ppm));
	return (struct dydx_risk){
		.nc = notional(m, base),
		.imr = fb_ratio_ceil(of_ppm(size, dydx_effective_imf_ppm(m))),
		/* From the initial margin before open interest raises it. */
		.mmr = fb_ratio_ceil(of_ppm(unscaled, m->maintenance_ppm)),
	};
}

struct dydx_risk dydx_sum(struct dydx_risk a, struct dydx_risk b)
{
	return (struct dydx_risk){ plus(a.nc, b.nc), plus(a.imr, b.imr), plus(a.mmr, b.mmr) };
}

bool dydx_collateralized(ratio nc, ratio requirement)
{
	return nc.error == 0 && requirement.error == 0 && compare(nc, requirement) >= 0;
}

bool dydx_liquidatable(ratio nc, ratio mmr)
{
	return nc.error == 0 && mmr.error == 0 && sign(mmr) > 0 && compare(mmr, nc) > 0;
}

int dydx_riskier(const struct dydx_risk *a, const struct dydx_risk *b)
{
	/* nc / mmr of both by cross multiplication: no rounding, and 0 is no trouble. */
	int order = compare(times(b->nc, a->mmr), times(a->nc, b->mmr));
	if (order)
		return order;
	if (sign(a->mmr) == 0 && sign(b->mmr) == 0)
		return compare(b->nc, a->nc);
	return compare(a->mmr, b->mmr);
}

ratio dydx_bankruptcy_quote(const struct dydx_market *m, ratio position, ratio change,
			    const struct dydx_risk *account)
{
	if (position.error || change.error)
		return position.error ? position : change;
	if (sign(position) * sign(change) != -1 ||
	    compare(fb_ratio_abs(position), fb_ratio_abs(change)) < 0)
		return fb_ratio_error(-EDOM);
	struct dydx_risk before = dydx_position(m, position);
	struct dydx_risk after = dydx_position(m, plus(position, change));
	ratio freed = minus(before.mmr, after.mmr);
	/* The equity's share goes with the maintenance margin that is freed; rounding is in favour
	 * of the account's safety. */
	ratio share = fb_ratio_floor(over(times(account->nc, freed), account->mmr));
	return minus(minus(before.nc, after.nc), share);
}

ratio dydx_fillable_price(const struct dydx_market *m, ratio position,
			  const struct dydx_risk *account, ratio bankruptcy_adjustment_ppm,
			  ratio spread_ppm)
{
	struct dydx_risk own = dydx_position(m, position);
	ratio below = minus(whole(1), over(account->nc, account->mmr));
	ratio rating = fb_ratio_clamp(of_ppm(below, bankruptcy_adjustment_ppm), whole(0),
				      whole(1));
	return over(minus(own.nc, times(rating, of_ppm(own.mmr, spread_ppm))), position);
}

ratio dydx_fund_delta(ratio quote, ratio bankruptcy_quote, ratio max_fee_ppm)
{
	ratio delta = minus(quote, bankruptcy_quote);
	if (delta.error || sign(delta) <= 0)
		return delta;
	return fb_ratio_min(fb_ratio_floor(of_ppm(fb_ratio_abs(quote), max_fee_ppm)), delta);
}

ratio dydx_position_least(ratio size, ratio min_notional)
{
	return fb_ratio_min(min_notional, fb_ratio_abs(size));
}

ratio dydx_position_most(ratio size, ratio min_notional, ratio portion_ppm)
{
	ratio portion = fb_ratio_floor(of_ppm(fb_ratio_abs(size), portion_ppm));
	return fb_ratio_max(portion, dydx_position_least(size, min_notional));
}

bool dydx_acceptable(const struct dydx_risk *before, const struct dydx_risk *after)
{
	if (dydx_collateralized(after->nc, after->imr))
		return true;
	if (compare(after->mmr, before->mmr) > 0)
		return false;
	if (sign(after->mmr) == 0 || sign(before->mmr) == 0)
		return sign(after->mmr) == 0 && sign(before->mmr) == 0 &&
		       compare(after->nc, before->nc) > 0;
	return compare(times(before->nc, after->mmr), times(after->nc, before->mmr)) <= 0;
}
