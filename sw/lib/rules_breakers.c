/* The section [breakers] of a rule pack. */
#include "rules_keys.h"

#define PERCENT 100000 /* in 1e-7 */
#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)

static const struct fb_key keys[] = {
#define KEY(name, field, ...) FB_KEY(name, fb_breaker_rules, field, __VA_ARGS__)
	KEY("window", window_us, FB_KEY_TIME, 1000, DAY, 60 * SECOND, NULL),
	KEY("decline", decline_e7, FB_KEY_RATIO, 0, 100 * PERCENT, 0, NULL),
	KEY("rise", rise_e7, FB_KEY_RATIO, 0, 10000 * PERCENT, 0, NULL),
	KEY("rate_window", rate_us, FB_KEY_TIME, 1000, DAY, SECOND, NULL),
	KEY("orders", orders, FB_KEY_NUMBER, 0, 1000000000, 0, "a number of orders"),
	KEY("notional", notional_e8, FB_KEY_AMOUNT, 0, INT64_C(1) << 60, 0, "an amount of money"),
	KEY("stale", stale_us, FB_KEY_TIME, 0, DAY, 0, NULL),
	KEY("crossed", crossed, FB_KEY_CHOICE, 0, 0, 0, "no|yes"),
	KEY("apart", apart_e7, FB_KEY_RATIO, 0, 10000 * PERCENT, 0, NULL),
	KEY("band", band_e7, FB_KEY_RATIO, 0, 100 * PERCENT, 0, NULL),
	KEY("cooldown", cooldown_us, FB_KEY_TIME, 1000, DAY, 60 * SECOND, NULL),
	KEY("venue_after", venue_after, FB_KEY_NUMBER, 0, FB_SYMBOLS, 0, "a number of symbols"),
#undef KEY
};

const struct fb_section fb_section_breakers = FB_SECTION("breakers", breakers, keys, NULL, NULL);
