/* One case: read it, compute what is expected, compare. */
#include "cases_check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases_compare.h"

/* What stands beside an expected number and says how it is rounded. */
static const char *const manners[] = { "tick", "tolerance_rel", "round", "rounding" };

static int member_text(const struct fb_json *json, const char *name, bool needed, char *out,
		       struct fb_error *error)
{
	uint32_t node = fb_json_member(json, 0, name);
	out[0] = '\0';
	if (node == 0 && !needed)
		return 0;
	if (node == 0)
		return fb_json_error(json, 0, error, "see `firebreak cases --help`",
				     "an object with a member \"%s\"", name);
	const struct fb_json_node *n = &json->node[node];
	if (n->type != FB_JSON_STRING)
		return fb_json_error(json, node, error, NULL, "words for \"%s\"", name);
	/* Long notes are cut: only phrases are looked for in them. */
	if (fb_json_unescape(json, n->at, n->length < CASE_TEXT - 8 ? n->length : CASE_TEXT - 8,
			     out, CASE_TEXT) == -EINVAL)
		return fb_json_error(json, node, error, NULL, "words without a byte 0 for \"%s\"",
				     name);
	return 0;
}

int case_read(const struct fb_json *json, struct case_run *run, struct fb_error *error)
{
	uint32_t inputs = fb_json_member(json, 0, "inputs");
	uint32_t expected = fb_json_member(json, 0, "expected");
	int rc = 0;
	run->facts = run->depth = run->nesting = 0;
	run->full = false;
	if (json->node[0].type != FB_JSON_OBJECT)
		return fb_json_error(json, 0, error, "one case a line", "an object");
	rc = member_text(json, "venue", true, run->texts[0], error);
	if (rc == 0)
		rc = member_text(json, "kind", true, run->texts[1], error);
	if (rc == 0)
		rc = member_text(json, "source", false, run->texts[2], error);
	if (rc == 0)
		rc = member_text(json, "note", false, run->texts[3], error);
	if (rc)
		return rc;
	if (inputs == 0 || json->node[inputs].type != FB_JSON_OBJECT)
		return fb_json_error(json, inputs, error, NULL, "an object as \"inputs\"");
	if (expected == 0 || json->node[expected].type != FB_JSON_OBJECT ||
	    json->node[expected].child == 0)
		return fb_json_error(json, expected, error, "there is nothing to check",
				     "an object with members as \"expected\"");
	run->json = json;
	run->venue = run->texts[0];
	run->kind = run->texts[1];
	run->source = run->texts[2];
	run->note = run->texts[3];
	case_load(run, json, inputs, "");
	if (run->full)
		return fb_json_error(json, inputs, error, "split the case",
				     "at most %d inputs with names below %d bytes", CASE_FACTS,
				     CASE_PATH);
	return 0;
}

bool case_expects_list(const struct case_run *run, const char *name)
{
	uint32_t expected = fb_json_member(run->json, 0, "expected");
	uint32_t node = fb_json_member(run->json, expected, name);
	return node && run->json->node[node].type == FB_JSON_ARRAY;
}

static bool is_manner(const char *name)
{
	for (size_t i = 0; i < sizeof(manners) / sizeof(manners[0]); i++)
		if (strcmp(name, manners[i]) == 0)
			return true;
	return false;
}

/* Notes say so where a page's numbers do not follow from its own rule. */
static bool case_contradicts(const struct case_run *run)
{
	static const char *const words[] = { "INCONSISTENT SOURCE", "must be a slip",
					     "contradicts itself", "does not follow",
					     "do not follow",
					     "inconsistent with its" };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (case_contains(run->note, words[i]))
			return true;
	return false;
}

struct checking {
	const struct fb_json *json;
	struct case_run *run;
	struct case_printed manner;
	void (*tell)(void *context, const struct case_finding *finding);
	void *context;
	unsigned failed, skipped;
};

static struct fb_ratio number_at(const struct fb_json *json, uint32_t object, const char *name)
{
	uint32_t node = fb_json_member(json, object, name);
	if (node == 0 || json->node[node].type != FB_JSON_NUMBER)
		return fb_ratio_int(0);
	return case_parse_number(json->text->bytes + json->node[node].at,
				 json->node[node].length);
}

static void read_manner(struct checking *c, uint32_t expected)
{
	uint32_t round = fb_json_member(c->json, expected, "round");
	c->manner.tick = number_at(c->json, expected, "tick");
	c->manner.tolerance = number_at(c->json, expected, "tolerance_rel");
	if (fb_ratio_sign(&c->manner.tick) == 0 && case_given(c->run, NULL, "tick")) {
		struct case_value tick = case_input(c->run, NULL, "tick");
		if (tick.type == CASE_NUMBER)
			c->manner.tick = tick.number;
	}
	c->manner.side = case_side(c->run, NULL);
	if (c->manner.side.error)
		c->manner.side = fb_ratio_int(1);
	c->manner.places = -1;
	if (round && c->json->node[round].type == FB_JSON_STRING) {
		const char *digits = c->json->text->bytes + c->json->node[round].at;
		if (*digits >= '0' && *digits <= '9')
			c->manner.places = (int)strtol(digits, NULL, 10) % 100;
	}
	c->manner.cut = case_cuts(c->run);
	c->manner.thirds = case_thirds(c->run);
}

static void show(const struct case_value *value, unsigned places, char out[CASE_TEXT])
{
	char exact[FB_RATIO_TEXT], decimal[FB_RATIO_TEXT];
	switch (value->type) {
	case CASE_NUMBER:
		fb_ratio_exact(&value->number, exact);
		if (strchr(exact, '/'))
			snprintf(out, CASE_TEXT, "%.60s (%.100s)",
				 fb_ratio_decimal(&value->number, places + 6, FB_ROUND_HALF_UP,
						  decimal),
				 strlen(exact) < 60 ? exact : "a longer fraction");
		else
			snprintf(out, CASE_TEXT, "%.190s", exact);
		return;
	case CASE_TRUTH: strcpy(out, value->truth ? "true" : "false"); return;
	case CASE_WORDS: snprintf(out, CASE_TEXT, "\"%.190s\"", value->words); return;
	case CASE_NULL: strcpy(out, "null"); return;
	case CASE_NONE: strcpy(out, "nothing"); return;
	}
}

/* Does the computed value agree with the node? */
static bool agrees(struct checking *c, uint32_t node, const struct case_value *value,
		   const char *name)
{
	const struct fb_json_node *n = &c->json->node[node];
	struct case_printed printed = c->manner;
	char words[CASE_TEXT];
	printed.text = c->json->text->bytes + n->at;
	printed.length = n->length;
	/* The tick is that of prices; an exact price beside it is not on it. */
	if (!case_contains(name, "price") || case_contains(name, "exact"))
		printed.tick = fb_ratio_int(0);
	switch (n->type) {
	case FB_JSON_NULL: return value->type == CASE_NULL;
	case FB_JSON_TRUE: return value->type == CASE_TRUTH && value->truth;
	case FB_JSON_FALSE: return value->type == CASE_TRUTH && !value->truth;
	case FB_JSON_NUMBER:
		return value->type == CASE_NUMBER && case_agrees(&printed, &value->number);
	case FB_JSON_STRING:
		if (fb_json_unescape(c->json, n->at, n->length, words, sizeof(words)))
			return false;
		if (value->type == CASE_WORDS)
			return strcmp(words, value->words) == 0;
		printed.text = words;
		printed.length = strlen(words);
		printed.quoted = strchr(words, '%') == NULL;
		return value->type == CASE_NUMBER && case_agrees(&printed, &value->number);
	default: return false;
	}
}

static void check_one(struct checking *c, uint32_t node, const char *path)
{
	const struct fb_json_node *n = &c->json->node[node];
	struct case_finding finding = { .line = c->run->line,
					.column = (unsigned)(n->at - c->run->line_at) + 1 };
	c->run->formula = NULL;
	c->run->missing[0] = '\0';
	struct case_value value = case_expect(c->run, path);
	snprintf(finding.name, sizeof(finding.name), "%s", path);
	snprintf(finding.expected, sizeof(finding.expected), "%.*s",
		 (int)(n->length < CASE_TEXT - 8 ? n->length : CASE_TEXT - 8),
		 c->json->text->bytes + n->at);
	if (value.type == CASE_NONE) {
		finding.outcome = CASE_SKIPPED;
		snprintf(finding.found, sizeof(finding.found), "%s", c->run->missing);
		c->skipped++;
	} else {
		finding.formula = c->run->formula;
		show(&value, case_places(c->json->text->bytes + n->at, n->length), finding.found);
		finding.outcome = agrees(c, node, &value, path)	 ? CASE_PASSED
				  : case_contradicts(c->run) ? CASE_SKIPPED
							     : CASE_FAILED;
		if (finding.outcome == CASE_FAILED)
			finding.unread = case_unread(c->run);
		c->failed += finding.outcome == CASE_FAILED;
		c->skipped += finding.outcome == CASE_SKIPPED;
	}
	if (c->tell)
		c->tell(c->context, &finding);
}

static void check_length(struct checking *c, uint32_t list, const char *path, unsigned n)
{
	struct case_value length = case_none(-ENOENT);
	struct fb_ratio want = fb_ratio_int(n);
	struct case_finding finding = {
		.formula = "length of the list",
		.line = c->run->line,
		.column = (unsigned)(c->json->node[list].at - c->run->line_at) + 1
	};
	if (case_join(finding.name, path, "#"))
		length = case_expect(c->run, finding.name);
	if (length.type == CASE_NUMBER && fb_ratio_compare(&length.number, &want) == 0)
		return;
	finding.outcome = length.type == CASE_NUMBER ? CASE_FAILED : CASE_SKIPPED;
	if (length.type == CASE_NONE)
		finding.formula = NULL;
	snprintf(finding.expected, sizeof(finding.expected), "%u elements", n);
	show(&length, 0, finding.found);
	c->failed += finding.outcome == CASE_FAILED;
	c->skipped += finding.outcome == CASE_SKIPPED;
	if (c->tell)
		c->tell(c->context, &finding);
}

/* Nested members one by one, and the length of each list, so that nothing is left out. */
static void check_all(struct checking *c, uint32_t object, const char *path)
{
	bool list = c->json->node[object].type == FB_JSON_ARRAY;
	unsigned n = 0;
	for (uint32_t i = c->json->node[object].child; i != 0; i = c->json->node[i].next, n++) {
		char name[CASE_PATH], place[CASE_PATH];
		if (list)
			snprintf(name, sizeof(name), "%u", n);
		else if (fb_json_unescape(c->json, c->json->node[i].key,
					  c->json->node[i].key_length, name, sizeof(name)))
			strcpy(name, "?");
		if (!case_join(place, path, name))
			strcpy(place, "?");
		if (!path[0] && is_manner(name))
			continue;
		if (c->json->node[i].type == FB_JSON_ARRAY ||
		    c->json->node[i].type == FB_JSON_OBJECT)
			check_all(c, i, place);
		else
			check_one(c, i, place);
	}
	if (list)
		check_length(c, object, path, n);
}

enum case_outcome case_check(const struct fb_json *json, struct case_run *run,
			     void (*tell)(void *context, const struct case_finding *finding),
			     void *context)
{
	struct checking c = { .json = json, .run = run, .tell = tell, .context = context };
	uint32_t expected = fb_json_member(json, 0, "expected");
	read_manner(&c, expected);
	/* Once for what is read, before anything is told. */
	c.tell = NULL;
	check_all(&c, expected, "");
	c.tell = tell;
	c.failed = c.skipped = 0;
	check_all(&c, expected, "");
	return c.failed ? CASE_FAILED : c.skipped ? CASE_SKIPPED : CASE_PASSED;
}
