/* The section [funding] of a rule pack. */
#include <string.h>

#include "rules_keys.h"

#define PERCENT 100000 /* in 1e-7 */
#define SECOND INT64_C(1000000)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)

enum { SCHEDULE, INTERVAL, OFFSET, PERIOD, INTEREST, CLAMP, CAP, AVERAGE, EMA, SAMPLE };

static const struct fb_key keys[] = {
#define KEY(name, field, ...) FB_KEY(name, fb_funding_rules, field, __VA_ARGS__)
	[SCHEDULE] = KEY("schedule", schedule, FB_KEY_CHOICE, 0, 0, 0, "none|instants|continuous"),
	[INTERVAL] = KEY("interval", interval_us, FB_KEY_TIME, SECOND / 10, 7 * DAY, 8 * HOUR,
			 NULL),
	[OFFSET] = KEY("offset", offset_us, FB_KEY_TIME, 0, 7 * DAY, 0, NULL),
	[PERIOD] = KEY("period", period_us, FB_KEY_TIME, SECOND, 365 * DAY, 8 * HOUR, NULL),
	[INTEREST] = KEY("interest", interest_e7, FB_KEY_RATIO, -100 * PERCENT, 100 * PERCENT,
			 1000, NULL),
	[CLAMP] = KEY("clamp", clamp_e7, FB_KEY_RATIO, 0, 100 * PERCENT, 5000, NULL),
	[CAP] = KEY("cap", cap_e7, FB_KEY_RATIO, 0, 100 * PERCENT, 0, NULL),
	[AVERAGE] = KEY("average", average, FB_KEY_CHOICE, 0, 0, 0, "mean|weighted|ema|newest"),
	[EMA] = KEY("ema", ema_us, FB_KEY_TIME, SECOND, 30 * DAY, 1800 * SECOND, NULL),
	[SAMPLE] = KEY("sample", sample_us, FB_KEY_TIME, 1000, DAY, 5 * SECOND, NULL),
	KEY("premium", premium, FB_KEY_CHOICE, 0, 0, 0, "mark|last|book"),
	KEY("price", at_index, FB_KEY_CHOICE, 0, 0, 0, "mark|index"),
#undef KEY
};

static int wrong(const struct fb_rules *r, const char **expected)
{
	const struct fb_funding_rules *f = &r->funding;

	if (f->schedule == FB_FUNDING_NONE)
		return -1;
	*expected = "an offset below the interval";
	if (f->offset_us >= f->interval_us)
		return OFFSET;
	*expected = "an interval not above the period";
	return f->interval_us > f->period_us ? INTERVAL : -1;
}

static int finish(struct fb_rules_loader *l)
{
	const char *expected;
	int key = wrong(l->rules, &expected);

	if (key < 0)
		return 0;
	return fb_expected(l->error, fb_keys_place(l, &fb_section_funding, (unsigned)key),
			   keys[key].name, strlen(keys[key].name), NULL, "%s", expected);
}

static bool good(const struct fb_rules *rules)
{
	const char *expected;

	return wrong(rules, &expected) < 0;
}

const struct fb_section fb_section_funding = FB_SECTION("funding", funding, keys, finish, good);
