/* See run_operator.h. */
#include "run_operator.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "moment.h"
#include "uri_args.h"

enum target { NOTHING, ACCOUNT, SYMBOL, SYMBOL_OR_ALL };

static const struct {
	const char *name;
	enum fb_operator what;
	enum target target;
} acts[] = {
	{ "kill", FB_OPERATOR_KILL, NOTHING },	   { "allow", FB_OPERATOR_ALLOW, NOTHING },
	{ "resume", FB_OPERATOR_RESUME, NOTHING }, { "block", FB_OPERATOR_BLOCK, ACCOUNT },
	{ "unblock", FB_OPERATOR_UNBLOCK, ACCOUNT }, { "freeze", FB_OPERATOR_FREEZE, SYMBOL },
	{ "thaw", FB_OPERATOR_THAW, SYMBOL },	   { "settle", FB_OPERATOR_SETTLE, SYMBOL_OR_ALL },
};
#define ACTS (sizeof(acts) / sizeof(acts[0]))

static int wrong(const char *text, const char *expected, struct fb_error *error)
{
	return fb_error_set(error, -EINVAL, "operator '%.100s': expected %s", text, expected);
}

/* The part after the colon; NULL: there is none. */
static int take_target(const char *text, const char *target, enum target kind,
		       const struct fb_rules *rules, uint32_t *out, struct fb_error *error)
{
	*out = kind == SYMBOL_OR_ALL ? FB_NONE : 0;
	if (!target && (kind == NOTHING || kind == SYMBOL_OR_ALL))
		return 0;
	if (!target || kind == NOTHING)
		return wrong(text,
			     kind == NOTHING   ? "nothing between the name and @TIME"
			     : kind == ACCOUNT ? "an account: block:ID@TIME"
					       : "a symbol: freeze:SYMBOL@TIME",
			     error);
	if (kind == ACCOUNT)
		return fb_uri_u32(target, UINT32_MAX - 1, out)
			       ? 0
			       : wrong(text, "an account's id in digits", error);
	int symbol = fb_symbol_find(rules, target);
	if (symbol < 0)
		return wrong(text, "a symbol of the rules, or an alias", error);
	*out = (uint32_t)symbol;
	return 0;
}

int fb_act_parse(const char *text, const struct fb_rules *rules, struct fb_act *out,
		 struct fb_error *error)
{
	char copy[160];
	if (strlen(text) >= sizeof(copy))
		return wrong(text, "fewer than 160 bytes", error);
	strcpy(copy, text);
	char *at = strrchr(copy, '@'), *colon = strchr(copy, ':');
	if (!at || !fb_moment_parse(at + 1, &out->time_us))
		return wrong(text, "@TIME at the end, such as @2025-10-10T21:00:00Z", error);
	*at = '\0';
	if (colon && colon > at)
		colon = NULL; /* of the time */
	if (colon)
		*colon++ = '\0';
	for (size_t i = 0; i < ACTS; i++)
		if (strcmp(acts[i].name, copy) == 0) {
			out->what = acts[i].what;
			return take_target(text, colon, acts[i].target, rules, &out->target, error);
		}
	return wrong(text, "kill, allow, resume, block, unblock, freeze, thaw or settle", error);
}

/* Insertion: those of one time stay in the order in which they were said. */
static void insert(struct fb_act *act, size_t n, struct fb_act one)
{
	for (; n > 0 && act[n - 1].time_us > one.time_us; n--)
		act[n] = act[n - 1];
	act[n] = one;
}

int fb_acts_parse(const char *const *text, size_t n, const struct fb_rules *rules,
		  struct fb_act **out, struct fb_error *error)
{
	*out = n ? calloc(n, sizeof(**out)) : NULL;
	if (n && !*out)
		return fb_error_set(error, -ENOMEM, "operator: out of memory");
	for (size_t i = 0; i < n; i++) {
		struct fb_act one;
		int err = fb_act_parse(text[i], rules, &one, error);
		if (err)
			return err;
		insert(*out, i, one);
	}
	return 0;
}

int fb_acts_due(struct fb_host *host, const struct fb_act *act, size_t n, size_t *done,
		int64_t time_us)
{
	int err = 0;
	for (; *done < n && act[*done].time_us <= time_us && !err; ++*done)
		err = fb_host_operator(host, act[*done].what, act[*done].target);
	return err;
}
