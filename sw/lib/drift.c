/* Drift's integers: see drift.h. */
#include "drift.h"

#include <errno.h>

#define PRICE ((drift_amount)1000000)
#define MONEY ((drift_amount)1000000)
#define FEE ((drift_amount)1000000)
#define BASE ((drift_amount)1000000000)
#define WEIGHT ((drift_amount)10000)
#define MARGIN_TO_FEE 100 /* 1e-4 to 1e-6 */

/* A chain of operations that remembers that one of them failed. */
struct chain {
	drift_amount x;
	int error;
};

static struct chain from(drift_amount x)
{
	return (struct chain){ x, 0 };
}

static struct chain mul(struct chain a, drift_amount b)
{
	if (a.error == 0 && __builtin_mul_overflow(a.x, b, &a.x))
		a.error = -EOVERFLOW;
	return a;
}

static struct chain add(struct chain a, drift_amount b)
{
	if (a.error == 0 && __builtin_add_overflow(a.x, b, &a.x))
		a.error = -EOVERFLOW;
	return a;
}

static struct chain sub(struct chain a, struct chain b)
{
	if (a.error == 0)
		a.error = b.error;
	if (a.error == 0 && __builtin_sub_overflow(a.x, b.x, &a.x))
		a.error = -EOVERFLOW;
	return a;
}

static struct chain over(struct chain a, drift_amount b)
{
	if (a.error == 0 && b == 0)
		a.error = -EDOM;
	if (a.error == 0)
		a.x /= b;
	return a;
}

static struct chain over_up(struct chain a, drift_amount b)
{
	drift_amount rest = b ? a.x % b : 0;
	a = over(a, b);
	return rest ? add(a, 1) : a;
}

static int finish(struct chain a, drift_amount *out)
{
	if (a.error == 0)
		*out = a.x;
	return a.error;
}

static drift_amount power_of_ten(unsigned n)
{
	drift_amount p = 1;
	while (n--)
		p *= 10;
	return p;
}

/* a x 10^to / 10^from */
static struct chain rescale(struct chain a, unsigned to, unsigned from_decimals, bool up)
{
	if (to > from_decimals)
		return mul(a, power_of_ten(to - from_decimals));
	return up ? over_up(a, power_of_ten(from_decimals - to))
		  : over(a, power_of_ten(from_decimals - to));
}

int drift_base_to_cover(const struct drift_perp *market, drift_amount shortage_e6,
			drift_amount *base_e9)
{
	uint64_t ratio_e6 = market->margin_ratio_e4 * MARGIN_TO_FEE;
	if (market->price_e6 == 0 || ratio_e6 <= market->liquidator_fee_e6) {
		*base_e9 = DRIFT_ALL;
		return 0;
	}
	struct chain freed = over(mul(from(market->price_e6), market->quote_price_e6), PRICE);
	freed = over(mul(freed, ratio_e6 - market->liquidator_fee_e6), FEE);
	struct chain fund = over(mul(from(market->price_e6), market->fund_fee_e6), FEE);
	freed = sub(freed, fund);
	if (freed.error)
		return freed.error;
	return finish(over(mul(from(shortage_e6), BASE), freed.x), base_e9);
}

int drift_perp_fund_fee(const struct drift_perp *market, drift_amount shortage_e6,
			drift_amount base_e9, uint64_t most_e6, uint64_t *fee_e6)
{
	uint64_t ratio_e6 = market->margin_ratio_e4 * MARGIN_TO_FEE;
	*fee_e6 = 0;
	if (market->price_e6 == 0 || market->quote_price_e6 == 0 || base_e9 == 0 ||
	    ratio_e6 <= market->liquidator_fee_e6)
		return 0;
	struct chain price = over(mul(from(market->price_e6), market->quote_price_e6), PRICE);
	struct chain need = mul(over(mul(from(shortage_e6), BASE), base_e9), PRICE);
	if (price.error == 0)
		need = over(need, price.x);
	if (price.error || need.error)
		return price.error ? price.error : need.error;
	drift_amount left = ratio_e6 - market->liquidator_fee_e6;
	left = need.x > left ? 0 : left - need.x;
	left = left * 19 / 20;
	*fee_e6 = left < most_e6 ? (uint64_t)left : most_e6;
	return 0;
}

int drift_liability_to_cover(const struct drift_spot *pair, drift_amount shortage_e6,
			     drift_amount *liability)
{
	*liability = DRIFT_ALL;
	if (pair->asset_weight_e4 >= pair->liability_weight_e4)
		return 0;
	/* One digit more for the weights. */
	struct chain heavy = mul(from(pair->liability_weight_e4), 10);
	struct chain light = mul(mul(from(pair->asset_weight_e4), 10), pair->asset_multiplier_e6);
	light = over(light, pair->liability_multiplier_e6);
	if (heavy.error || light.error)
		return heavy.error ? heavy.error : light.error;
	if (light.x >= heavy.x)
		return 0;
	struct chain freed = mul(from(pair->liability_price_e6), heavy.x - light.x);
	struct chain fund = over(mul(from(pair->liability_price_e6), pair->fund_fee_e6), FEE);
	fund = mul(mul(fund, pair->liability_weight_e4), 10);
	freed = sub(freed, fund);
	if (freed.error)
		return freed.error;
	unsigned decimals = pair->liability_decimals;
	struct chain all = decimals > 6 ? mul(from(shortage_e6), power_of_ten(decimals - 6))
					: from(shortage_e6);
	all = over(mul(all, PRICE * WEIGHT * 10), freed.x);
	if (decimals <= 6)
		all = over(all, power_of_ten(6 - decimals));
	if (all.error == 0 && all.x == 0)
		all.x = 1;
	return finish(all, liability);
}

int drift_liability_for_asset(const struct drift_spot *pair, drift_amount asset,
			      drift_amount *liability)
{
	unsigned to = pair->liability_decimals, of = pair->asset_decimals;
	struct chain a = to > of ? mul(from(asset), power_of_ten(to - of)) : from(asset);
	struct chain b = mul(from(pair->liability_price_e6), pair->asset_multiplier_e6);
	a = mul(mul(a, pair->asset_price_e6), pair->liability_multiplier_e6);
	if (b.error)
		return b.error;
	a = over_up(a, b.x);
	return finish(to > of ? a : over_up(a, power_of_ten(of - to)), liability);
}

int drift_asset_for_liability(const struct drift_spot *pair, drift_amount held,
			      drift_amount liability, drift_amount *asset)
{
	unsigned to = pair->asset_decimals, of = pair->liability_decimals;
	struct chain a = to > of ? mul(from(liability), power_of_ten(to - of)) : from(liability);
	struct chain b = mul(from(pair->asset_price_e6), pair->liability_multiplier_e6);
	a = mul(mul(a, pair->liability_price_e6), pair->asset_multiplier_e6);
	if (b.error)
		return b.error;
	a = over(a, b.x);
	if (to <= of)
		a = over(a, power_of_ten(of - to));
	if (a.error)
		return a.error;
	if (a.x == 0)
		a.x = 1;
	struct chain value = from(a.x > held ? a.x - held : held - a.x);
	value = rescale(over(mul(value, pair->asset_price_e6), PRICE), 6, to, false);
	if (value.error)
		return value.error;
	*asset = value.x < MONEY ? held : a.x;
	return 0;
}

int drift_spot_fund_fee(const struct drift_spot *pair, drift_amount shortage_e6,
			drift_amount tokens, uint64_t most_e6, uint64_t *fee_e6)
{
	*fee_e6 = 0;
	if (pair->asset_weight_e4 >= pair->liability_weight_e4 || pair->liability_price_e6 == 0 ||
	    tokens == 0 || pair->liability_multiplier_e6 == 0)
		return 0;
	drift_amount heavy = (drift_amount)pair->liability_weight_e4 * (FEE / WEIGHT);
	struct chain light = mul(from(pair->asset_weight_e4), FEE / WEIGHT);
	light = over(mul(light, pair->asset_multiplier_e6), pair->liability_multiplier_e6);
	struct chain need = mul(mul(from(shortage_e6), FEE),
				power_of_ten(pair->liability_decimals));
	need = over(over(need, tokens), pair->liability_price_e6);
	if (light.error || need.error)
		return light.error ? light.error : need.error;
	drift_amount left = light.x > heavy ? 0 : heavy - light.x;
	left = need.x > left ? 0 : left - need.x;
	struct chain fee = over(mul(from(left), FEE), heavy);
	if (fee.error)
		return fee.error;
	*fee_e6 = fee.x < most_e6 ? (uint64_t)fee.x : most_e6;
	return 0;
}

uint64_t drift_fee(uint64_t base_e6, uint64_t most_e6, uint64_t slots, uint64_t grace,
		   uint64_t step_e6)
{
	if (slots < grace)
		return base_e6;
	drift_amount fee = base_e6 + (drift_amount)slots * step_e6;
	return fee < most_e6 ? (uint64_t)fee : most_e6;
}

int drift_share(drift_amount shortage_e6, drift_amount freed_e6, uint64_t slots,
		uint64_t initial_e4, uint64_t duration, drift_amount *share_e4)
{
	*share_e4 = WEIGHT;
	if (shortage_e6 < 50 * MONEY)
		return 0;
	drift_amount share = duration ? (drift_amount)slots * WEIGHT / duration : WEIGHT;
	share = share + initial_e4 < WEIGHT ? share + initial_e4 : WEIGHT;
	struct chain most = over(mul(add(from(shortage_e6), freed_e6), share), WEIGHT);
	if (most.error)
		return most.error;
	drift_amount more = most.x > freed_e6 ? most.x - freed_e6 : 0;
	return finish(over(mul(from(more), WEIGHT), shortage_e6), share_e4);
}

/* Largest whole number whose square is at most x. */
static drift_amount root(drift_amount x)
{
	drift_amount low = 0, high = (drift_amount)1 << 64;
	while (high - low > 1) {
		drift_amount middle = low + (high - low) / 2;
		if (middle <= x / middle)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* sqrt of the size in 1e-5: 10 x 1e9 is 1e10, its root 1e5. */
static struct chain root_of_size(drift_amount size_e9)
{
	struct chain x = add(mul(from(size_e9), 10), 1);
	if (x.error == 0)
		x.x = root(x.x);
	return x;
}

int drift_liability_weight(drift_amount size_e9, uint64_t imf_e6, uint64_t weight_e4,
			   uint64_t *out_e4)
{
	*out_e4 = weight_e4;
	if (imf_e6 == 0)
		return 0;
	/* 1e5 of the root x 1e6 of the factor / 1e4 of the weight */
	struct chain more = over(mul(root_of_size(size_e9), imf_e6), 10000000);
	more = add(more, weight_e4 - weight_e4 / 5);
	if (more.error || more.x > UINT32_MAX)
		return -EOVERFLOW;
	if (more.x > weight_e4)
		*out_e4 = (uint64_t)more.x;
	return 0;
}

int drift_asset_weight(drift_amount size_e9, uint64_t imf_e6, uint64_t weight_e4,
		       uint64_t *out_e4)
{
	*out_e4 = weight_e4;
	if (imf_e6 == 0)
		return 0;
	struct chain below = over(mul(root_of_size(size_e9), imf_e6), 100000);
	below = add(below, 1000000);
	if (below.error)
		return below.error;
	/* 1.1 / (1 + root x factor) */
	drift_amount weight = 1100000 * WEIGHT / below.x;
	if (weight < weight_e4)
		*out_e4 = (uint64_t)weight;
	return 0;
}

int drift_loss_as_funding(drift_amount loss_e6, drift_amount base_long_e9,
			  drift_amount base_short_e9, drift_amount *step)
{
	struct chain all = add(from(base_long_e9), base_short_e9);
	if (all.error)
		return all.error;
	/* from 1e-6 to the 1e-9 of the index only after the division */
	return finish(mul(over_up(mul(from(loss_e6), BASE), all.x), 1000), step);
}

int drift_loss_as_interest(drift_amount loss, drift_amount deposits, drift_amount interest,
			   drift_amount *step)
{
	*step = 0;
	if (deposits == 0)
		return 0;
	return finish(over_up(mul(from(interest), loss), deposits), step);
}
