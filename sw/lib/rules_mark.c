/* The sections [index] and [mark] of a rule pack. */
#include <string.h>

#include "exchanges.h"
#include "rules_keys.h"

#define PERCENT 100000 /* in 1e-7 */
#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)
#define WEIGHT_MOST 1000000

static const struct fb_key index_keys[] = {
#define KEY(name, field, ...) FB_KEY(name, fb_index_rules, field, __VA_ARGS__)
	KEY("method", method, FB_KEY_CHOICE, 0, 2, 0, "volume|weighted|median"),
	KEY("outlier", outlier_e7, FB_KEY_RATIO, 0, 100 * PERCENT, 0, NULL),
	KEY("outliers", outliers, FB_KEY_NUMBER, 0, 64, 1, "a number of sources"),
	KEY("stale", stale_us, FB_KEY_TIME, 0, DAY, 0, NULL),
#define WEIGHT(i, name) \
	KEY(name, weight[i], FB_KEY_NUMBER, 0, WEIGHT_MOST, 1, "a weight, a whole number"),
	FB_SPOT_LIST(WEIGHT)
#undef WEIGHT
#undef KEY
};

const struct fb_section fb_section_index = FB_SECTION("index", index, index_keys, NULL, NULL);

enum { FIRST, SECOND_ONE, THIRD, FALLBACK };

#define CANDIDATES \
	"none|derived|index|funding|average|ema|fair|last|book|mid|perpetuals|book_ema"

static const struct fb_key mark_keys[] = {
#define KEY(name, field, ...) FB_KEY(name, fb_mark_rules, field, __VA_ARGS__)
	[FIRST] = KEY("first", first, FB_KEY_CHOICE, 0, 0, FB_MARK_DERIVED, CANDIDATES),
	[SECOND_ONE] = KEY("second", second, FB_KEY_CHOICE, 0, 0, FB_MARK_NONE, CANDIDATES),
	[THIRD] = KEY("third", third, FB_KEY_CHOICE, 0, 0, FB_MARK_NONE, CANDIDATES),
	[FALLBACK] = KEY("fallback", fallback, FB_KEY_CHOICE, 0, 0, FB_MARK_NONE, CANDIDATES),
	KEY("points", points, FB_KEY_NUMBER, 1, 64, 30, "a whole number of points"),
	KEY("sample", sample_us, FB_KEY_TIME, 1000, DAY, SECOND, NULL),
	KEY("ema", ema_us, FB_KEY_TIME, SECOND, 30 * DAY, 150 * SECOND, NULL),
	KEY("fallback_ema", fallback_ema_us, FB_KEY_TIME, SECOND, 30 * DAY, 30 * SECOND, NULL),
	KEY("clamp", clamp_e7, FB_KEY_RATIO, 0, 100 * PERCENT, 0, NULL),
#define WEIGHT(i, name) \
	KEY(name, weight[i], FB_KEY_NUMBER, 0, WEIGHT_MOST, 0, "a weight, a whole number"),
	FB_PERPETUAL_LIST(WEIGHT)
#undef WEIGHT
#undef KEY
};

const char *fb_spot_exchange(unsigned i)
{
	return i < FB_SPOT_EXCHANGES ? index_keys[4 + i].name : "?";
}

const char *fb_perpetual_exchange(unsigned i)
{
	return i < FB_PERPETUAL_EXCHANGES ? mark_keys[9 + i].name : "?";
}
_Static_assert(sizeof(index_keys) / sizeof(*index_keys) == 4 + FB_SPOT_EXCHANGES, "all of them");
_Static_assert(sizeof(mark_keys) / sizeof(*mark_keys) == 9 + FB_PERPETUAL_EXCHANGES, "all");

static bool asks(const struct fb_mark_rules *m, enum fb_candidate what)
{
	return m->first == what || m->second == what || m->third == what || m->fallback == what;
}

/* The key that cannot be, and why; -1: none. */
static int wrong_mark(const struct fb_rules *r, const char **expected)
{
	const struct fb_mark_rules *m = &r->mark;
	const uint64_t of[] = { m->first, m->second, m->third, m->fallback };

	*expected = "a candidate: the mark is made of at least one";
	if (m->first == FB_MARK_NONE)
		return FIRST;
	*expected = "second before third";
	if (m->third != FB_MARK_NONE && m->second == FB_MARK_NONE)
		return THIRD;
	*expected = "no fallback where there are not three candidates";
	if (m->fallback != FB_MARK_NONE && m->third == FB_MARK_NONE)
		return FALLBACK;
	*expected = "ema or fair, not both: they are one mean";
	for (int k = FALLBACK; k >= 0; k--)
		if (of[k] == FB_MARK_FAIR && asks(m, FB_MARK_EMA))
			return k;
	*expected = "schedule = instants in [funding], which this candidate counts down to";
	for (int k = 0; k <= FALLBACK; k++)
		if (of[k] == FB_MARK_FUNDING && r->funding.schedule != FB_FUNDING_INSTANTS)
			return k;
	return -1;
}

static int finish_mark(struct fb_rules_loader *l)
{
	const char *expected, *found;
	int key = wrong_mark(l->rules, &expected);

	if (key < 0)
		return 0;
	found = mark_keys[key].name;
	return fb_expected(l->error, fb_keys_place(l, &fb_section_mark, (unsigned)key), found,
			   strlen(found), NULL, "%s", expected);
}

static bool good_mark(const struct fb_rules *rules)
{
	const char *expected;

	return wrong_mark(rules, &expected) < 0;
}

const struct fb_section fb_section_mark =
	FB_SECTION("mark", mark, mark_keys, finish_mark, good_mark);
