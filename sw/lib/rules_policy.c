/* The section [waterfall]: what each key sets in struct fb_policy, and the order of its steps. */
#include <string.h>

#include "rules_keys.h"

#define PERCENT 100000 /* in 1e-7 */

/* The steps that begin at a threshold come first. */
enum { WARN, CALL, CANCEL, CUT };

static const struct fb_key keys[] = {
#define AT(name, field, ...) FB_KEY(name, fb_policy, field, __VA_ARGS__)
	[WARN] = AT("warn_at", warn_level, FB_KEY_LEVEL, 0, FB_THRESHOLDS, 0, NULL),
	[CALL] = AT("call_at", call_level, FB_KEY_LEVEL, 0, FB_THRESHOLDS, 0, NULL),
	[CANCEL] = AT("cancel_at", cancel_level, FB_KEY_LEVEL, 0, FB_THRESHOLDS, 0, NULL),
	[CUT] = AT("cut_at", cut_level, FB_KEY_LEVEL, 0, FB_THRESHOLDS, 0, NULL),
	AT("cut_share", cut_share_e7, FB_KEY_RATIO, 1, 100 * PERCENT, 20 * PERCENT, NULL),
	AT("cut_slippage", cut_slip_e7, FB_KEY_RATIO, 0, 100 * PERCENT, PERCENT, NULL),
	AT("brackets", brackets, FB_KEY_CHOICE, 0, 1, 0, "no|yes"),
	AT("fill", fok, FB_KEY_CHOICE, 0, 1, 0, "ioc|fok"),
	AT("tries", tries, FB_KEY_NUMBER, 1, 100, 3, "a whole number of tries"),
	AT("depth_share", depth_share_e7, FB_KEY_RATIO, 0, 100 * PERCENT, 50 * PERCENT, NULL),
	AT("fund_cap", fund_cap_e7, FB_KEY_RATIO, 0, 10000 * PERCENT, 100 * PERCENT, NULL),
	AT("backstop_cap", backstop_cap_e7, FB_KEY_RATIO, 0, 10000 * PERCENT, 100 * PERCENT, NULL),
	AT("unwind_share", unwind_share_e7, FB_KEY_RATIO, 0, 100 * PERCENT, 10 * PERCENT, NULL),
	AT("adl_price", adl_at_mark, FB_KEY_CHOICE, 0, 1, 0, "bankruptcy|mark"),
	AT("adl_siblings", siblings_first, FB_KEY_CHOICE, 0, 1, 0, "no|first"),
	AT("surplus", surplus_to_fund, FB_KEY_CHOICE, 0, 1, 1, "account|fund"),
	AT("timeout", timeout_ms, FB_KEY_NUMBER, 1, 600000, 2000, "a whole number of milliseconds"),
#undef AT
};
enum { KEYS = sizeof(keys) / sizeof(*keys) };
_Static_assert(KEYS * sizeof(uint32_t) == sizeof(struct fb_policy), "a key for every field");
_Static_assert(KEYS <= FB_KEYS_MAX, "fb_rules_loader.place has a place for every key");

/* Steps come one after the other as margin runs out: the first that does not, or -1. *above is the
 * step that it should come before. */
static int misplaced_step(const struct fb_rules *r, const char **above)
{
	static const int rising[] = { WARN, CALL, CUT };
	uint32_t limit = r->liquidate_level;

	*above = "liquidate_at";
	if (r->policy.cancel_level > limit)
		return CANCEL;
	for (size_t i = sizeof(rising) / sizeof(*rising); i-- > 0;) {
		uint32_t level = (uint32_t)fb_key_get(&keys[rising[i]], &r->policy);

		if (level == 0)
			continue;
		if (level >= limit)
			return rising[i];
		limit = level;
		*above = keys[rising[i]].name;
	}
	return -1;
}

static int finish(struct fb_rules_loader *l)
{
	struct fb_rules *r = l->rules;
	const char *above, *name;
	int step;

	if (r->policy.cancel_level == 0)
		r->policy.cancel_level = r->liquidate_level;
	step = misplaced_step(r, &above);
	if (step < 0)
		return 0;
	name = r->threshold[fb_key_get(&keys[step], &r->policy) - 1].name;
	return fb_expected(l->error, fb_keys_place(l, &fb_section_waterfall, (unsigned)step), name,
			   strlen(name),
			   step == CANCEL ? NULL : "warn_at < call_at < cut_at < liquidate_at",
			   "a threshold %s that of %s", step == CANCEL ? "not above" : "below",
			   above);
}

static bool good(const struct fb_rules *r)
{
	const char *above;

	return misplaced_step(r, &above) < 0;
}

const struct fb_section fb_section_waterfall = FB_SECTION("waterfall", policy, keys, finish, good);
