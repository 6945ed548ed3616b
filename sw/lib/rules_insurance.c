/* The section [insurance]: the fund's pools, caps and what makes it stop. */
#include <string.h>

#include "rules_keys.h"

#define PERCENT 100000 /* in 1e-7 */
#define DAY_US INT64_C(86400000000)
#define AMOUNT_MAX (INT64_C(1) << 60)

enum { WARNING, DRAWDOWN, STOP };

static const struct fb_key keys[] = {
#define AT(name, field, ...) FB_KEY(name, fb_insurance, field, __VA_ARGS__)
	[WARNING] = AT("warning", warning_e7, FB_KEY_RATIO, 0, 1000 * PERCENT, 0, NULL),
	[DRAWDOWN] = AT("drawdown", drawdown_e7, FB_KEY_RATIO, 0, 1000 * PERCENT, 0, NULL),
	[STOP] = AT("stop", stop_e7, FB_KEY_RATIO, 0, 1000 * PERCENT, 0, NULL),
	AT("pools", pools_by_symbol, FB_KEY_CHOICE, 0, 1, 0, "shared|symbol"),
	AT("daily_cap", daily_cap_e7, FB_KEY_RATIO, 0, 100 * PERCENT, 0, NULL),
	AT("symbol_daily_cap", symbol_daily_cap_e7, FB_KEY_RATIO, 0, 100 * PERCENT, 0, NULL),
	AT("drawdown_of", drawdown_of_pool, FB_KEY_CHOICE, 0, 1, 0, "symbol|pool"),
	AT("bears", bears_price, FB_KEY_CHOICE, 0, 1, 0, "lots|price"),
	AT("trade_cap", trade_cap_e8, FB_KEY_AMOUNT, 0, AMOUNT_MAX, 0, "an amount"),
	AT("window", window_us, FB_KEY_TIME, 60000000, 30 * DAY_US, INT64_C(28800000000), "a time"),
#undef AT
};

/* The fall that stops ADL is at most the one that starts it; so is the one of the warning. */
static int misplaced(const struct fb_rules *r)
{
	const struct fb_insurance *i = &r->insurance;

	if (i->stop_e7 > i->drawdown_e7)
		return STOP;
	return i->warning_e7 > i->drawdown_e7 ? WARNING : -1;
}

static int finish(struct fb_rules_loader *l)
{
	int key = misplaced(l->rules);

	if (key < 0)
		return 0;
	return fb_expected(l->error, fb_keys_place(l, &fb_section_insurance, (unsigned)key),
			   keys[key].name, strlen(keys[key].name), "ADL starts at drawdown",
			   "%s not above drawdown", keys[key].name);
}

static bool good(const struct fb_rules *r)
{
	return misplaced(r) < 0;
}

const struct fb_section fb_section_insurance =
	FB_SECTION("insurance", insurance, keys, finish, good);
