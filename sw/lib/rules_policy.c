/* The section [waterfall]: what each key sets in struct fb_policy, and the order of its steps. */
#include <string.h>

#include "rules_keys.h"

#define PERCENT 100000 /* in 1e-7 */
#define DAY_US INT64_C(86400000000)
/* Below the money of an account (2^61): a sum of two still fits. */
#define AMOUNT_MAX (INT64_C(1) << 60)

/* The steps that begin at a threshold come first. */
enum { WARN, CALL, CANCEL, CUT, TAKEOVER, UNTIL, REDUCE = UNTIL + 3 };

static const struct fb_key keys[] = {
#define AT(name, field, ...) FB_KEY(name, fb_policy, field, __VA_ARGS__)
	[WARN] = AT("warn_at", warn_level, FB_KEY_LEVEL, 0, FB_THRESHOLDS, 0, NULL),
	[CALL] = AT("call_at", call_level, FB_KEY_LEVEL, 0, FB_THRESHOLDS, 0, NULL),
	[CANCEL] = AT("cancel_at", cancel_level, FB_KEY_LEVEL, 0, FB_THRESHOLDS, 0, NULL),
	[CUT] = AT("cut_at", cut_level, FB_KEY_LEVEL, 0, FB_THRESHOLDS, 0, NULL),
	[TAKEOVER] = AT("takeover_at", takeover_level, FB_KEY_LEVEL, 0, FB_THRESHOLDS, 0, NULL),
	[UNTIL] = AT("reduce_until", until_level, FB_KEY_LEVEL, 0, FB_THRESHOLDS, 0, NULL),
	AT("cut_share", cut_share_e7, FB_KEY_RATIO, 1, 100 * PERCENT, 20 * PERCENT, NULL),
	AT("cut_slippage", cut_slip_e7, FB_KEY_RATIO, 0, 100 * PERCENT, PERCENT, NULL),
	[REDUCE] = AT("reduce", reduce, FB_KEY_CHOICE, 0, 3, 0, "whole|tier|share|amount"),
	AT("tier_from", tier_from, FB_KEY_NUMBER, 2, FB_TIERS, 2, "a tier, counted from 1"),
	AT("reduce_share", reduce_share_e7, FB_KEY_RATIO, 1, 100 * PERCENT, 20 * PERCENT, NULL),
	AT("share_of", share_of_first, FB_KEY_CHOICE, 0, 1, 0, "present|first"),
	AT("in_cooldown", whole_in_cooldown, FB_KEY_CHOICE, 0, 1, 0, "wait|whole"),
	AT("amount_to", amount_to, FB_KEY_CHOICE, 0, 1, 0, "buffer|distance"),
	AT("buffer", buffer_e7, FB_KEY_RATIO, 0, 100 * PERCENT, 0, NULL),
	AT("distance", distance_e7, FB_KEY_RATIO, 1, 50 * PERCENT, PERCENT, NULL),
	AT("ramp_start", ramp_start_e7, FB_KEY_RATIO, 0, 100 * PERCENT, 0, NULL),
	AT("order", order, FB_KEY_CHOICE, 0, 2, 0, "all|largest_loss|largest"),
	AT("limit", limit, FB_KEY_CHOICE, 0, 2, 0, "bankruptcy|slippage|fillable"),
	AT("limit_slippage", limit_slip_e7, FB_KEY_RATIO, 0, 50 * PERCENT, PERCENT, NULL),
	AT("fillable_spread", fillable_spread_e7, FB_KEY_RATIO, 0, 1000 * PERCENT, 150 * PERCENT,
	   NULL),
	AT("fillable_adjust", fillable_adjust_e7, FB_KEY_RATIO, 0, 10000 * PERCENT, 100 * PERCENT,
	   NULL),
	AT("fill", fok, FB_KEY_CHOICE, 0, 1, 0, "ioc|fok"),
	AT("tries", tries, FB_KEY_NUMBER, 1, 100, 3, "a whole number of tries"),
	AT("attempts", attempts, FB_KEY_NUMBER, 0, 1000, 0, "a whole number of attempts"),
	AT("last_try", last_try_e7, FB_KEY_RATIO, 0, 50 * PERCENT, 0, NULL),
	AT("depth_share", depth_share_e7, FB_KEY_RATIO, 0, 100 * PERCENT, 50 * PERCENT, NULL),
	AT("takers", takers, FB_KEY_CHOICE, 0, 3, 0, "both|backstop|fund|none"),
	AT("takeover_price", takeover_price, FB_KEY_CHOICE, 0, 2, 0,
	   "bankruptcy|spread|mark"),
	AT("takeover_spread", takeover_spread_e7, FB_KEY_RATIO, 0, 50 * PERCENT, PERCENT, NULL),
	AT("fund_cap", fund_cap_e7, FB_KEY_RATIO, 0, 10000 * PERCENT, 100 * PERCENT, NULL),
	AT("backstop_cap", backstop_cap_e7, FB_KEY_RATIO, 0, 10000 * PERCENT, 100 * PERCENT, NULL),
	AT("backstop_limit", backstop_limit_e7, FB_KEY_RATIO, 0, 10000 * PERCENT, 0, NULL),
	AT("unwind_share", unwind_share_e7, FB_KEY_RATIO, 0, 100 * PERCENT, 10 * PERCENT, NULL),
	AT("surplus", surplus_to_fund, FB_KEY_CHOICE, 0, 1, 1, "account|fund"),
	AT("fee", fee, FB_KEY_CHOICE, 0, 4, 0, "notional|maintenance|above_bankruptcy|all|none"),
	AT("fee_to", fee_to, FB_KEY_CHOICE, 0, 2, 0, "fund|backstop|fees"),
	AT("socialise", socialise, FB_KEY_CHOICE, 0, 2, 0, "profit|open_interest|none"),
	AT("withdrawals", withdrawals, FB_KEY_CHOICE, 0, 2, 0, "free|gated|factor"),
	AT("settlement", settlement, FB_KEY_CHOICE, 0, 1, 0, "none|mark"),
	AT("timeout", timeout_ms, FB_KEY_NUMBER, 1, 600000, 2000, "a whole number of milliseconds"),
	AT("steps", book_last, FB_KEY_CHOICE, 0, 1, 0, "book_first|book_last"),
	AT("reduce_above", reduce_above_e8, FB_KEY_AMOUNT, 0, AMOUNT_MAX, 0, "an amount"),
	AT("reduce_min", reduce_min_e8, FB_KEY_AMOUNT, 0, AMOUNT_MAX, 0, "an amount"),
	AT("reduce_most", reduce_most_e8, FB_KEY_AMOUNT, 0, AMOUNT_MAX, 0, "an amount"),
	AT("ramp_free", ramp_free_e8, FB_KEY_AMOUNT, 0, AMOUNT_MAX, 0, "an amount"),
	AT("cooldown", cooldown_us, FB_KEY_TIME, 0, DAY_US, 0, "a time"),
	AT("ramp", ramp_us, FB_KEY_TIME, 0, DAY_US, 0, "a time"),
	AT("backstop_window", backstop_window_us, FB_KEY_TIME, 1000000, DAY_US, 300000000,
	   "a time"),
#undef AT
};
enum { KEYS = sizeof(keys) / sizeof(*keys) };
enum { WIDE_KEYS = 7 }; /* amounts and times: 8 bytes each */
_Static_assert((KEYS + WIDE_KEYS) * sizeof(uint32_t) == sizeof(struct fb_policy),
	       "a key for every field");
_Static_assert(KEYS <= FB_KEYS_MAX, "fb_rules_loader.place has a place for every key");

static uint32_t level_of(const struct fb_rules *r, int step)
{
	return (uint32_t)fb_key_get(&keys[step], &r->policy);
}

/* Steps come one after the other as margin runs out: the first that does not, or -1. *must says
 * where it belongs. */
static int misplaced_step(const struct fb_rules *r, const char **must)
{
	static const int rising[] = { WARN, CALL, CUT };
	static const char *const below[] = { "below that of call_at", "below that of cut_at",
					     "below that of liquidate_at" };
	uint32_t limit = r->liquidate_level;

	*must = "not above that of liquidate_at";
	if (level_of(r, CANCEL) > limit)
		return CANCEL;
	if (level_of(r, UNTIL) > limit)
		return UNTIL;
	*must = "not below that of liquidate_at";
	if (level_of(r, TAKEOVER) != 0 && level_of(r, TAKEOVER) < limit)
		return TAKEOVER;
	*must = "below that of liquidate_at";
	for (size_t i = sizeof(rising) / sizeof(*rising); i-- > 0;) {
		uint32_t level = level_of(r, rising[i]);

		if (level == 0)
			continue;
		if (level >= limit)
			return rising[i];
		limit = level;
		*must = i > 0 ? below[i - 1] : *must;
	}
	return -1;
}

/* An amount is sized to the buffer; below a lower level there would be nothing left to size. */
static bool until_fits(const struct fb_rules *r)
{
	return r->policy.until_level == 0 || r->policy.reduce != FB_REDUCE_AMOUNT;
}

static int finish(struct fb_rules_loader *l)
{
	struct fb_rules *r = l->rules;
	const char *must, *name;
	int step;

	if (r->policy.cancel_level == 0)
		r->policy.cancel_level = r->liquidate_level;
	if (!until_fits(r))
		return fb_expected(l->error, fb_keys_place(l, &fb_section_waterfall, REDUCE),
				   "amount", strlen("amount"),
				   "an amount has its buffer; reduce_until is for the others",
				   "whole, tier or share together with reduce_until");
	step = misplaced_step(r, &must);
	if (step < 0)
		return 0;
	name = r->threshold[level_of(r, step) - 1].name;
	return fb_expected(l->error, fb_keys_place(l, &fb_section_waterfall, (unsigned)step), name,
			   strlen(name),
			   step == WARN || step == CALL || step == CUT
				   ? "warn_at < call_at < cut_at < liquidate_at"
				   : NULL,
			   "a threshold %s", must);
}

static bool good(const struct fb_rules *r)
{
	const char *must;

	return until_fits(r) && misplaced_step(r, &must) < 0;
}

const struct fb_section fb_section_waterfall = FB_SECTION("waterfall", policy, keys, finish, good);
