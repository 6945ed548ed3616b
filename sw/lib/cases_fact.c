/* One case as a flat table of named values. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cases_internal.h"

struct case_value case_none(int error)
{
	return (struct case_value){ .type = CASE_NONE, .number = fb_ratio_error(error) };
}

struct case_value case_number(struct fb_ratio number)
{
	if (number.error)
		return case_none(number.error);
	return (struct case_value){ .type = CASE_NUMBER, .number = number };
}

struct case_value case_truth(bool truth)
{
	return (struct case_value){ .type = CASE_TRUTH, .truth = truth };
}

struct case_value case_words(const char *words)
{
	struct case_value value = { .type = CASE_WORDS };
	snprintf(value.words, sizeof(value.words), "%s", words);
	return value;
}

struct case_value case_null(void)
{
	return (struct case_value){ .type = CASE_NULL };
}

bool case_join(char out[CASE_PATH], const char *scope, const char *name)
{
	int n = scope && scope[0] ? snprintf(out, CASE_PATH, "%s.%s", scope, name)
				  : snprintf(out, CASE_PATH, "%s", name);
	return n >= 0 && n < CASE_PATH;
}

const struct case_fact *case_fact(struct case_run *run, const char *path)
{
	for (unsigned i = 0; i < run->facts; i++)
		if (strcmp(run->fact[i].path, path) == 0) {
			run->fact[i].read = true;
			return &run->fact[i];
		}
	return NULL;
}

/* Names of things are numbers too; and what a margin, a rate or an amount in whole units already
 * says is often printed beside it. */
static bool says_no_more(const char *name, size_t length)
{
	static const char *const names[] = { "account",	      "client",	       "id",
					     "user",	      "level",	       "tier",
					     "leverage",      "max_leverage",  "symbol",
					     "token_decimals", "maintenance_leverage",
					     "cross",	      "isolated",      "tie",
					     "hedge_mode",    "liquidation_fee_included",
					     "same_as_previous" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
			return true;
	return false;
}

const char *case_unread(const struct case_run *run)
{
	for (unsigned i = 0; i < run->facts; i++) {
		const struct case_fact *fact = &run->fact[i];
		size_t n = strcspn(fact->path, ".");
		bool read = !fact->given ||
			    (fact->value.type != CASE_NUMBER && fact->value.type != CASE_TRUTH);
		/* Of a list or an object it is enough if some of it was read. */
		for (unsigned k = 0; k < run->facts && !read; k++)
			read = run->fact[k].read &&
			       strncmp(run->fact[k].path, fact->path, n) == 0 &&
			       strcspn(run->fact[k].path, ".") == n;
		if (!read && !says_no_more(fact->path, n))
			return fact->path;
	}
	return NULL;
}

/* The first value of a path stays: inputs come first, and a rule is asked once. */
static void set(struct case_run *run, const char *path, const struct case_value *value,
		const char *formula, bool given)
{
	if (case_fact(run, path))
		return;
	if (run->facts == CASE_FACTS || strlen(path) >= CASE_PATH) {
		run->full = true;
		return;
	}
	struct case_fact *fact = &run->fact[run->facts++];
	memcpy(fact->path, path, strlen(path) + 1);
	fact->given = given;
	fact->read = false;
	fact->formula = formula;
	fact->value = *value;
}

/* What is computed lies under a name that no input can have. */
static void computed_path(char out[CASE_PATH + 1], const char *path)
{
	snprintf(out, CASE_PATH + 1, "=%s", path);
}

const struct case_fact *case_computed(struct case_run *run, const char *path)
{
	char place[CASE_PATH + 1];
	computed_path(place, path);
	return case_fact(run, place);
}

void case_set(struct case_run *run, const char *path, const struct case_value *value,
	      const char *formula)
{
	char place[CASE_PATH + 1];
	computed_path(place, path);
	set(run, place, value, formula, false);
}

void case_set_number(struct case_run *run, const char *path, struct fb_ratio number,
		     const char *formula)
{
	struct case_value value = case_number(number);
	case_set(run, path, &value, formula);
}

unsigned case_length(struct case_run *run, const char *path)
{
	char name[CASE_PATH];
	__int128 n = 0;
	if (!case_join(name, path, "#"))
		return 0;
	const struct case_fact *fact = case_fact(run, name);
	if (!fact || fact->value.type != CASE_NUMBER || fb_ratio_to_int(&fact->value.number, &n))
		return 0;
	return n > 0 && n <= CASE_FACTS ? (unsigned)n : 0;
}

/* A number in quotes is a number that may also be read as words. */
static struct case_value load_value(const struct fb_json *json, uint32_t node)
{
	const struct fb_json_node *n = &json->node[node];
	const char *text = json->text->bytes + n->at;
	struct case_value value = { .type = CASE_WORDS };
	switch (n->type) {
	case FB_JSON_NULL: return case_null();
	case FB_JSON_TRUE: return case_truth(true);
	case FB_JSON_FALSE: return case_truth(false);
	case FB_JSON_NUMBER: return case_number(case_parse_number(text, n->length));
	case FB_JSON_STRING:
		if (fb_json_unescape(json, n->at, n->length, value.words, sizeof(value.words)))
			return case_none(-ENOENT);
		value.number = case_parse_number(value.words, strlen(value.words));
		if (value.number.error == 0)
			value.type = CASE_NUMBER;
		return value;
	default: return case_none(-ENOENT);
	}
}

void case_load(struct case_run *run, const struct fb_json *json, uint32_t node, const char *path)
{
	bool list = json->node[node].type == FB_JSON_ARRAY;
	unsigned n = 0;
	for (uint32_t i = json->node[node].child; i != 0; i = json->node[i].next, n++) {
		char name[CASE_PATH], place[CASE_PATH];
		if (list)
			snprintf(name, sizeof(name), "%u", n);
		else if (fb_json_unescape(json, json->node[i].key, json->node[i].key_length, name,
					  sizeof(name)))
			name[0] = '\0';
		if (name[0] == '\0' || !case_join(place, path, name)) {
			run->full = true;
			continue;
		}
		if (json->node[i].type == FB_JSON_ARRAY || json->node[i].type == FB_JSON_OBJECT) {
			case_load(run, json, i, place);
			continue;
		}
		struct case_value value = load_value(json, i);
		set(run, place, &value, NULL, true);
	}
	if (path[0]) {
		char place[CASE_PATH];
		struct case_value length = case_number(fb_ratio_int(n));
		if (case_join(place, path, "#"))
			set(run, place, &length, NULL, true);
	}
}
