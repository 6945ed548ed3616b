/* The section [adaptive] of a rule pack. */
#include <string.h>

#include "rules_keys.h"

#define PERCENT 100000 /* in 1e-7 */
#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)
#define FIRST_POINT 3 /* key number of volatility_1 */
#define THIN_FLOOR 25

static const struct fb_key keys[] = {
#define KEY(name, field, ...) FB_KEY(name, fb_adaptive_rules, field, __VA_ARGS__)
	KEY("follow", on, FB_KEY_CHOICE, 0, 0, 0, "nothing|volatility"),
	KEY("return", return_us, FB_KEY_TIME, 1000, DAY, SECOND, NULL),
	KEY("memory", memory_us, FB_KEY_TIME, SECOND, 30 * DAY, 60 * SECOND, NULL),
#define POINT(n, preset) \
	KEY("volatility_" #n, at_e7[n - 1], FB_KEY_RATIO, 0, 100 * PERCENT, preset, NULL)
	POINT(1, 10000),
	POINT(2, 30000),
	POINT(3, 100000),
	POINT(4, 300000),
#undef POINT
/* At least a hundredth of what the pack says, at most a hundred times as much. */
#define FACTOR(name, what, n)                                                              \
	KEY(name "_" #n, factor_e7[what][n - 1], FB_KEY_RATIO, PERCENT, 10000 * PERCENT,   \
	    100 * PERCENT, NULL)
#define FACTORS(name, what) \
	FACTOR(name, what, 1), FACTOR(name, what, 2), FACTOR(name, what, 3), FACTOR(name, what, 4)
	FACTORS("depth_share", FB_ADAPT_DEPTH),
	FACTORS("cut_share", FB_ADAPT_CUT),
	FACTORS("cut_slippage", FB_ADAPT_SLIPPAGE),
	FACTORS("fees", FB_ADAPT_FEES),
#undef FACTORS
#undef FACTOR
	KEY("depth_memory", depth_memory_us, FB_KEY_TIME, 0, 30 * DAY, 0, NULL),
	KEY("thin", thin_e7, FB_KEY_RATIO, PERCENT, 100 * PERCENT, 50 * PERCENT, NULL),
	[THIN_FLOOR] = KEY("thin_floor", thin_floor_e7, FB_KEY_RATIO, PERCENT, 100 * PERCENT,
			   25 * PERCENT, NULL),
#undef KEY
};
_Static_assert(sizeof(keys) / sizeof(*keys) == THIN_FLOOR + 1, "thin_floor is the last");

static int wrong(const struct fb_rules *r)
{
	const struct fb_adaptive_rules *a = &r->adaptive;

	for (unsigned i = 1; i < FB_ADAPTIVE_POINTS; i++)
		if (a->at_e7[i] <= a->at_e7[i - 1])
			return FIRST_POINT + (int)i;
	return a->depth_memory_us != 0 && a->depth_memory_us < 1000000 ? THIN_FLOOR - 2 : -1;
}

static int finish(struct fb_rules_loader *l)
{
	int key = wrong(l->rules);

	if (key < 0)
		return 0;
	return fb_expected(l->error, fb_keys_place(l, &fb_section_adaptive, (unsigned)key),
			   keys[key].name, strlen(keys[key].name), NULL,
			   key == THIN_FLOOR - 2 ? "no depth_memory, or one of a second or more"
						 : "volatility_1 to volatility_4 rising");
}

static bool good(const struct fb_rules *rules)
{
	return wrong(rules) < 0;
}

const struct fb_section fb_section_adaptive =
	FB_SECTION("adaptive", adaptive, keys, finish, good);
