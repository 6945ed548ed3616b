/* The section [adl] of a rule pack: who closes against a bankrupt position, at which price, and
 * what holders see of it. */
#include "rules_keys.h"

#define PERCENT 100000 /* in 1e-7 */
#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)
#define MONEY INT64_C(100000000)

#define ADL(name, field, kind, min, max, preset, words)                                            \
	FB_KEY(name, fb_adl_policy, field, FB_KEY_##kind, min, max, preset, words)

/* The order of scores is that of fb_adl_families (adl_order.c), the order of shares that of enum
 * fb_share_kind (policy.h). */
enum { WARNING = 29 };
static const struct fb_key keys[] = {
	ADL("score", score, CHOICE, 0, 0, 0,
	    "binance-2025|bitmex|binance-2020|okx|bitget|extended|hyperliquid|hyperliquid-inverse|"
	    "coinex|flox-pnl-ratio|flox-binance|flox-position-size|bluefin|lexicographic|random"),
	ADL("leverage", leverage, CHOICE, 0, 0, 0, "account|position"),
	ADL("losers", losers, CHOICE, 0, 0, 0, "last|none"),
	ADL("positions", positions, CHOICE, 0, 0, 0, "each|summed"),
	ADL("share", share, CHOICE, 0, 0, 0,
	    "queue|wealth|equity|open_interest|capped|risk|descent|fixed_point|min_max"),
	ADL("share_risk", share_risk, CHOICE, 0, 0, 1, "constant|linear|power|tail"),
	ADL("share_cap", share_cap_e7, RATIO, 0, 100 * PERCENT, 100 * PERCENT, NULL),
	ADL("share_power", share_power, NUMBER, 1, 4, 2, "a power"),
	ADL("share_tail", share_tail_e7, RATIO, 0, 10000 * PERCENT, 100 * PERCENT, NULL),
	ADL("price", price, CHOICE, 0, 0, 0, "bankruptcy|mark|previous|oracle|between"),
	ADL("spread", spread_e7, RATIO, 0, 100 * PERCENT, 0, NULL),
	ADL("cap", cap, CHOICE, 0, 0, 0, "none|bankruptcy"),
	ADL("overlap", overlap, CHOICE, 0, 0, 0, "no|yes"),
	ADL("siblings", siblings, CHOICE, 0, 0, 0, "no|first|average"),
	ADL("rerank", rerank, CHOICE, 0, 0, 0, "no|yes"),
	ADL("cancel_orders", cancel, CHOICE, 0, 0, 0, "no|contract|account"),
	ADL("fee", fee_e7, RATIO, 0, 100 * PERCENT, 0, NULL),
	ADL("fee_liquidated", fee_liquidated_e7, RATIO, 0, 100 * PERCENT, 0, NULL),
	ADL("fee_to", fee_to, CHOICE, 0, 0, 0, "fees|fund"),
	ADL("hedges", hedges, CHOICE, 0, 0, 0, "ignore|keep"),
	ADL("most", most, NUMBER, 0, 1000000000, 0,
	    "a whole number of counterparties, 0 for all"),
	ADL("size_factor", size_factor_e7, RATIO, 0, 10000 * PERCENT, 0, NULL),
	ADL("size_unit", size_unit_e8, AMOUNT, 1, 1000000000 * MONEY, 1000000 * MONEY,
	    "an amount above 0"),
	ADL("tier_factor", tier_factor_e7, RATIO, 0, 10000 * PERCENT, 0, NULL),
	ADL("funding_factor", funding_factor_e7, RATIO, 0, 10000 * PERCENT, 0, NULL),
	ADL("lights", lights, CHOICE, 0, 0, 0, "no|lots|accounts"),
	ADL("bars", bars, NUMBER, 4, 5, 5, "4 or 5"),
	ADL("lights_every", lights_every_us, TIME, SECOND, 30 * DAY, 30 * SECOND, NULL),
	ADL("alerts_every", alerts_every_us, TIME, 0, 30 * DAY, 0, NULL),
	[WARNING] = ADL("alert_warning", alert_warning_e7, RATIO, 0, 100 * PERCENT, 10 * PERCENT,
			NULL),
	ADL("alert_adl", alert_adl_e7, RATIO, 0, 100 * PERCENT, 30 * PERCENT, NULL),
	ADL("alert_window", alert_window_us, TIME, 0, 30 * DAY, 28800 * SECOND, NULL),
	ADL("alert_depth", alert_depth_e7, RATIO, 0, 100 * PERCENT, 0, NULL),
};
_Static_assert(sizeof(keys) / sizeof(*keys) * sizeof(uint64_t) == sizeof(struct fb_adl_policy),
	       "a key for every field");

/* The alert of a warning comes before that of deleveraging. */
static int finish(struct fb_rules_loader *l)
{
	const struct fb_adl_policy *a = &l->rules->adl;
	if (a->alert_warning_e7 <= a->alert_adl_e7)
		return 0;
	return fb_expected(l->error, fb_keys_place(l, &fb_section_adl, WARNING), "", 0, NULL,
			   "alert_warning of at most alert_adl");
}

static bool good(const struct fb_rules *rules)
{
	return rules->adl.alert_warning_e7 <= rules->adl.alert_adl_e7;
}

const struct fb_section fb_section_adl = FB_SECTION("adl", adl, keys, finish, good);
