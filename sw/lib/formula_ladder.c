/* Maintenance over a ladder of tiers: see <firebreak/formula.h>. */
#include <assert.h>

#include "formula_internal.h"

int fb_tier_of(const struct fb_margin_rule *rule, ratio notional)
{
	if (rule->tiers == 0 || rule->tiers > FB_TIERS)
		return -EINVAL;
	if (notional.error)
		return notional.error;
	int found = 0;
	for (unsigned k = 0; k < rule->tiers; k++) {
		const ratio *floor = &rule->tier[k].floor;
		if (floor->error || rule->tier[k].rate.error || rule->tier[k].deduction.error)
			return -EINVAL;
		if (k == 0 ? fb_ratio_sign(floor) != 0
			   : fb_ratio_compare(floor, &rule->tier[k - 1].floor) <= 0)
			return -EINVAL;
		if (fb_ratio_compare(floor, &notional) <= 0)
			found = (int)k;
	}
	return found;
}

ratio fb_maintenance(const struct fb_margin_rule *rule, const struct fb_terms *t, ratio notional)
{
	int k = fb_tier_of(rule, notional);
	if (k < 0)
		return fb_ratio_error(k);
	const struct fb_formula_tier *tier = &rule->tier[k];
	ratio size = rule->inverse ? notional : t->quantity,
	      beyond = fb_ratio_max(minus(size, rule->slope_from), whole(0)),
	      rate = plus(plus(tier->rate, rule->fee), times(rule->slope, beyond));
	return minus(times(notional, rate), tier->deduction);
}

ratio fb_next_deduction(ratio deduction, ratio rate, ratio floor, ratio next_rate)
{
	return plus(deduction, times(floor, minus(next_rate, rate)));
}

void fb_chain_deductions(struct fb_margin_rule *rule)
{
	assert(rule->tiers <= FB_TIERS);
	for (unsigned k = 0; k < rule->tiers; k++) {
		struct fb_formula_tier *tier = &rule->tier[k];
		tier->deduction = k == 0 ? whole(0)
					 : fb_next_deduction(tier[-1].deduction, tier[-1].rate,
							     tier->floor, tier->rate);
	}
}

void fb_rule_of_ladder(const struct fb_ladder *ladder, bool inverse, struct fb_margin_rule *out)
{
	assert(ladder->tiers <= FB_TIERS);
	*out = (struct fb_margin_rule){ .inverse = inverse, .tiers = ladder->tiers };
	for (unsigned k = 0; k < ladder->tiers; k++) {
		const struct fb_tier *tier = &ladder->tier[k];
		out->tier[k].floor = fb_ratio_scaled(tier->floor_e8, 8);
		out->tier[k].rate = fb_ratio_scaled(tier->rate_e7, 7);
		out->tier[k].deduction = fb_ratio_scaled((__int128)tier->deduction_e15, 15);
	}
}
