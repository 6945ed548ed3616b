/* The section [waterfall] of a rule pack: what each key sets in struct fb_policy, from where to
 * where, and what it is when the pack is silent. The same table judges a policy that comes from
 * elsewhere: a log. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "rules_file.h"

#define PERCENT 100000u /* in 1e-7 */

enum kind { LEVEL, RATIO, CHOICE, NUMBER };

/* The steps that begin at a threshold come first: their numbers index fb_rules_loader.step. */
enum { WARN, CALL, CANCEL, CUT };

/* Of a choice, `what` and `yes` are the words for 0 and 1; of a number, `what` says what it is. */
static const struct {
	const char *name;
	size_t offset;
	enum kind kind;
	uint32_t min, max, preset;
	const char *what, *yes;
} keys[] = {
#define AT(field) offsetof(struct fb_policy, field)
	[WARN] = { "warn_at", AT(warn_level), LEVEL, 0, FB_THRESHOLDS, 0, NULL, NULL },
	[CALL] = { "call_at", AT(call_level), LEVEL, 0, FB_THRESHOLDS, 0, NULL, NULL },
	[CANCEL] = { "cancel_at", AT(cancel_level), LEVEL, 0, FB_THRESHOLDS, 0, NULL, NULL },
	[CUT] = { "cut_at", AT(cut_level), LEVEL, 0, FB_THRESHOLDS, 0, NULL, NULL },
	{ "cut_share", AT(cut_share_e7), RATIO, 1, 100 * PERCENT, 20 * PERCENT, NULL, NULL },
	{ "cut_slippage", AT(cut_slip_e7), RATIO, 0, 100 * PERCENT, PERCENT, NULL, NULL },
	{ "brackets", AT(brackets), CHOICE, 0, 1, 0, "no", "yes" },
	{ "fill", AT(fok), CHOICE, 0, 1, 0, "ioc", "fok" },
	{ "tries", AT(tries), NUMBER, 1, 100, 3, "a whole number of tries", NULL },
	{ "depth_share", AT(depth_share_e7), RATIO, 0, 100 * PERCENT, 50 * PERCENT, NULL, NULL },
	{ "fund_cap", AT(fund_cap_e7), RATIO, 0, 10000 * PERCENT, 100 * PERCENT, NULL, NULL },
	{ "backstop_cap", AT(backstop_cap_e7), RATIO, 0, 10000 * PERCENT, 100 * PERCENT, NULL,
	  NULL },
	{ "unwind_share", AT(unwind_share_e7), RATIO, 0, 100 * PERCENT, 10 * PERCENT, NULL, NULL },
	{ "adl_price", AT(adl_at_mark), CHOICE, 0, 1, 0, "bankruptcy", "mark" },
	{ "adl_siblings", AT(siblings_first), CHOICE, 0, 1, 0, "no", "first" },
	{ "surplus", AT(surplus_to_fund), CHOICE, 0, 1, 1, "account", "fund" },
	{ "timeout", AT(timeout_ms), NUMBER, 1, 600000, 2000, "a whole number of milliseconds",
	  NULL },
#undef AT
};
enum { KEYS = sizeof(keys) / sizeof(*keys) };
_Static_assert(KEYS * sizeof(uint32_t) == sizeof(struct fb_policy), "a key for every field");
_Static_assert(KEYS <= 32, "fb_rules_loader.seen has a bit for every key");
_Static_assert(CUT + 1 == FB_POLICY_STEPS, "fb_rules_loader.step has a place for every step");

static uint32_t get(const struct fb_policy *policy, unsigned k)
{
	uint32_t value;

	memcpy(&value, (const char *)policy + keys[k].offset, sizeof(value));
	return value;
}

static void set(struct fb_policy *policy, unsigned k, uint32_t value)
{
	memcpy((char *)policy + keys[k].offset, &value, sizeof(value));
}

void fb_policy_preset(struct fb_policy *policy)
{
	for (unsigned k = 0; k < KEYS; k++)
		set(policy, k, keys[k].preset);
}

static int take_level(struct fb_rules_loader *l, unsigned step, const struct fb_field *value,
		      uint32_t *out)
{
	for (unsigned i = 0; i < l->rules->thresholds; i++)
		if (fb_field_is(value, l->rules->threshold[i].name)) {
			l->step[step] = (struct fb_where){ fb_lines_name(l->lines),
							   fb_lines_number(l->lines),
							   value->column };
			*out = i + 1;
			return 0;
		}
	return fb_rules_refuse(l, value, "[thresholds] comes before [waterfall]",
			       "the name of a threshold");
}

static int take_value(struct fb_rules_loader *l, unsigned k, const struct fb_field *value,
		      uint32_t *out)
{
	__int128 number = 0;
	bool yes = false;
	int rc = 0;

	switch (keys[k].kind) {
	case LEVEL: return take_level(l, k, value, out);
	case RATIO: return fb_rules_take_ratio(l, value, keys[k].min, keys[k].max, out);
	case CHOICE:
		rc = fb_rules_take_choice(l, value, keys[k].what, keys[k].yes, &yes);
		*out = yes;
		break;
	case NUMBER:
		rc = fb_field_number(l->lines, value, 0, keys[k].min, keys[k].max, keys[k].what,
				     &number, l->error);
		*out = (uint32_t)number;
		break;
	}
	return rc;
}

int fb_rules_take_policy(struct fb_rules_loader *l, const struct fb_field *key,
			 const struct fb_field *value)
{
	char known[256] = "";

	for (unsigned k = 0; k < KEYS; k++) {
		uint32_t number = 0;
		int rc;

		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
			 known[0] ? ", " : "", keys[k].name);
		if (!fb_field_is(key, keys[k].name))
			continue;
		if (l->seen & 1u << k)
			return fb_rules_refuse(l, key, "it is set twice in this section",
					       "a new key");
		l->seen |= 1u << k;
		rc = take_value(l, k, value, &number);
		if (rc == 0)
			set(&l->rules->policy, k, number);
		return rc;
	}
	return fb_field_error(l->lines, key, l->error, NULL, "a key of [waterfall]: %s", known);
}

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
		uint32_t level = get(&r->policy, (unsigned)rising[i]);

		if (level == 0)
			continue;
		if (level >= limit)
			return rising[i];
		limit = level;
		*above = keys[rising[i]].name;
	}
	return -1;
}

int fb_rules_finish_policy(struct fb_rules_loader *l)
{
	struct fb_rules *r = l->rules;
	const char *above, *name;
	int step;

	if (r->policy.cancel_level == 0)
		r->policy.cancel_level = r->liquidate_level;
	step = misplaced_step(r, &above);
	if (step < 0)
		return 0;
	name = r->threshold[get(&r->policy, (unsigned)step) - 1].name;
	return fb_expected(l->error, &l->step[step], name, strlen(name),
			   step == CANCEL ? NULL : "warn_at < call_at < cut_at < liquidate_at",
			   "a threshold %s that of %s", step == CANCEL ? "not above" : "below",
			   above);
}

bool fb_policy_good(const struct fb_rules *r)
{
	const char *above;

	for (unsigned k = 0; k < KEYS; k++) {
		uint32_t value = get(&r->policy, k);

		if (value < keys[k].min || value > keys[k].max ||
		    (keys[k].kind == LEVEL && value > r->thresholds))
			return false;
	}
	return misplaced_step(r, &above) < 0;
}
