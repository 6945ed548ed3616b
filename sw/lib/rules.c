/* Rule packs: `key = value` lines under [sections]. sw/rules/packs.md is the description of the
 * format. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules_keys.h"
#include "rules_path.h"

static int load(const char *name, struct fb_rules *out, bool derived, struct fb_error *error);

static struct fb_where place_of(const struct fb_rules_loader *l, const struct fb_field *value)
{
	return (struct fb_where){ fb_lines_name(l->lines), fb_lines_number(l->lines),
				  value->column };
}

/* Of [venue]; fb_rules_loader.place tells which were given. */
enum { BASE, NAME, BREACH, LIQUIDATE_AT };

/* All that another pack says, to be changed by what follows. */
static int take_base(struct fb_rules_loader *l, const struct fb_field *value)
{
	const struct fb_where *given = l->place[l->section];
	char name[FB_NAME_MAX];
	struct fb_error cause;
	int rc = fb_rules_take_name(l, value, name);

	if (rc)
		return rc;
	if (l->derived || given[NAME].line || given[BREACH].line || given[LIQUIDATE_AT].line ||
	    l->sections != 1u << l->section)
		return fb_rules_refuse(l, value, "a pack that has a base cannot be one",
				       "base as the first key of the pack, and only there");
	rc = load(name, l->rules, true, &cause);
	if (rc)
		return fb_field_error(l->lines, value, l->error, NULL, "a good pack, but: %.300s",
				      cause.text);
	l->based = true;
	l->base_place = place_of(l, value);
	return 0;
}

static int take_liquidate_at(struct fb_rules_loader *l, const struct fb_field *value)
{
	return fb_rules_take_name(l, value, l->liquidate_at);
}

static const struct fb_key venue_keys[] = {
	[BASE] = { .name = "base", .kind = FB_KEY_OWN, .take = take_base },
	[NAME] = FB_KEY_AS(2, "name", fb_rules, venue, FB_KEY_NAME, 0, 0, 0, NULL),
	[BREACH] = FB_KEY_MUST("breach", fb_rules, strict, FB_KEY_CHOICE, 0, 1, 0, ">=|>"),
	[LIQUIDATE_AT] = { .name = "liquidate_at",
			   .kind = FB_KEY_OWN,
			   .required = 1,
			   .take = take_liquidate_at },
};
static const struct fb_section venue = {
	.name = "venue",
	.key = venue_keys,
	.keys = sizeof(venue_keys) / sizeof(*venue_keys),
	.size = sizeof(struct fb_rules),
	.required = true,
};

static const struct fb_key fee_keys[] = {
	FB_KEY_MUST("liquidation", fb_rules, liquidation_fee_e7, FB_KEY_RATIO, 0, 10000000, 0,
		    NULL),
	FB_KEY_MUST("taker", fb_rules, taker_fee_e7, FB_KEY_RATIO, 0, 10000000, 0, NULL),
};
static const struct fb_section fees = {
	.name = "fees",
	.key = fee_keys,
	.keys = sizeof(fee_keys) / sizeof(*fee_keys),
	.size = sizeof(struct fb_rules),
	.required = true,
};

/* What these hold is packed by log_rules.c. */
static const struct fb_section thresholds = { .name = "thresholds",
					      .required = true,
					      .take = fb_rules_take_threshold };
static const struct fb_section ladders = { .name = "ladders",
					   .required = true,
					   .take = fb_rules_take_ladder };

/* The order is that of a log, and of what an error lists. */
const struct fb_section *const fb_sections[] = {
	&venue,
	&thresholds,
	&fb_section_waterfall,
	&fb_section_insurance,
	&fees,
	&fb_section_margin,
	&ladders,
	&fb_section_symbol,
	&fb_section_collateral,
	&fb_section_index,
	&fb_section_mark,
	&fb_section_funding,
	&fb_section_breakers,
	&fb_section_adaptive,
	&fb_section_adl,
};
const unsigned fb_sections_n = sizeof(fb_sections) / sizeof(*fb_sections);
_Static_assert(sizeof(fb_sections) / sizeof(*fb_sections) <= FB_SECTIONS_MAX, "places for keys");

/* [name] or, of those that come more than once, [name NAME] */
static int start_section(struct fb_rules_loader *l, unsigned s, const struct fb_field *line,
			 const struct fb_field *name)
{
	const struct fb_section *section = fb_sections[s];
	int rc;

	if (!section->most && (l->sections & 1u << s || (l->based && section == &thresholds)))
		return fb_rules_refuse(l, line, "it comes twice", "a new section");
	l->section = s;
	l->sections |= 1u << s;
	memset(l->place[s], 0, sizeof(l->place[s]));
	if (!section->most)
		return 0;
	rc = section->start(l, name);
	if (rc == 0)
		fb_keys_preset(section, fb_section_at(section, l->rules,
						      fb_section_count(section, l->rules) - 1));
	return rc;
}

/* "[venue], [thresholds] or [symbol NAME]" */
static int unknown_section(struct fb_rules_loader *l, const struct fb_field *line)
{
	char known[400] = "";

	for (unsigned s = 0; s < fb_sections_n; s++)
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s[%s%s]",
			 s == 0			  ? ""
			 : s + 1 == fb_sections_n ? " or "
						  : ", ",
			 fb_sections[s]->name, fb_sections[s]->most ? " NAME" : "");
	return fb_rules_refuse(l, line, NULL, known);
}

static int take_section(struct fb_rules_loader *l, const struct fb_field *line)
{
	struct fb_field inside = { line->text + 1, line->length - 2, line->column + 1 }, word;
	int rc = l->section < fb_sections_n ? fb_keys_end(l, line) : 0;

	if (rc)
		return rc;
	if (line->text[line->length - 1] != ']' || line->length < 3)
		return fb_rules_refuse(l, line, NULL, "a section such as [venue]");
	word = fb_rules_cut(&inside, ' ');
	for (unsigned s = 0; s < fb_sections_n; s++)
		if (fb_field_is(&word, fb_sections[s]->name) &&
		    (fb_sections[s]->most > 0) == (inside.text != NULL))
			return start_section(l, s, line, &inside);
	return unknown_section(l, line);
}

static int take_line(struct fb_rules_loader *l, const struct fb_field *line)
{
	struct fb_field value = *line, key;

	if (line->text[0] == '[')
		return take_section(l, line);
	key = fb_rules_cut(&value, '=');
	if (!value.text || key.length == 0)
		return fb_rules_refuse(l, line, NULL, "`key = value` or a [section]");
	if (value.length == 0)
		return fb_rules_refuse(l, &(struct fb_field){ NULL, 0, value.column }, NULL,
				       "a value");
	if (l->section >= fb_sections_n)
		return fb_rules_refuse(l, line, NULL, "a [section] first");
	if (fb_sections[l->section]->take)
		return fb_sections[l->section]->take(l, &key, &value);
	return fb_keys_take(l, &key, &value);
}

static int find_liquidate_level(struct fb_rules_loader *l)
{
	struct fb_rules *r = l->rules;

	for (unsigned i = 0; i < r->thresholds && l->liquidate_at[0]; i++)
		if (strcmp(r->threshold[i].name, l->liquidate_at) == 0)
			r->liquidate_level = i + 1;
	if (r->liquidate_level == 0)
		return fb_expected(l->error, fb_keys_place(l, &venue, LIQUIDATE_AT),
				   l->liquidate_at, strlen(l->liquidate_at), NULL,
				   "the name of a threshold");
	return 0;
}

/* What only the whole file shows. */
static int finish(struct fb_rules_loader *l)
{
	struct fb_field end = fb_lines_end();
	int rc = l->section < fb_sections_n ? fb_keys_end(l, &end) : 0;

	for (unsigned s = 0; rc == 0 && s < fb_sections_n; s++)
		if (fb_sections[s]->required && !(l->sections & 1u << s) && !l->based)
			rc = fb_field_error(l->lines, &end, l->error, "the file has none",
					    "a section [%s]", fb_sections[s]->name);
	if (rc == 0)
		rc = find_liquidate_level(l);
	for (unsigned s = 0; rc == 0 && s < fb_sections_n; s++)
		if (fb_sections[s]->finish)
			rc = fb_sections[s]->finish(l);
	return rc;
}

/* changes: the pack is in *out already, and the file says what differs. */
static int load_file(const char *name, struct fb_rules *out, bool derived, bool changes,
		     struct fb_error *error)
{
	char path[FB_RULES_PATH_MAX];
	struct fb_rules_loader l = { .path = path,
				     .error = error,
				     .derived = derived,
				     .based = changes,
				     .section = FB_SECTIONS_MAX };
	struct fb_field line;
	int rc = fb_rules_path(name, path, error);

	if (rc)
		return rc;
	rc = fb_lines_open(path, &l.lines, error);
	if (rc)
		return rc;
	l.rules = calloc(1, sizeof(*l.rules));
	if (!l.rules)
		rc = fb_error_set(error, -ENOMEM, "%s: out of memory", path);
	else if (changes)
		*l.rules = *out;
	else
		fb_rules_preset(l.rules);
	while (rc == 0) {
		rc = fb_lines_next(l.lines, &line, error);
		if (rc <= 0)
			break;
		rc = take_line(&l, &line);
	}
	if (rc == 0)
		rc = finish(&l);
	if (rc == 0)
		*out = *l.rules;
	free(l.rules);
	fb_lines_close(l.lines);
	return rc;
}

static int load(const char *name, struct fb_rules *out, bool derived, struct fb_error *error)
{
	return load_file(name, out, derived, false, error);
}

int fb_rules_load(const char *name, struct fb_rules *out, struct fb_error *error)
{
	return load(name, out, false, error);
}

int fb_rules_load_changed(const char *name, const char *changes, struct fb_rules *out,
			  struct fb_error *error)
{
	struct fb_rules *rules = malloc(sizeof(*rules));
	int rc = rules ? load(name, rules, false, error)
		       : fb_error_set(error, -ENOMEM, "%s: out of memory", name);

	if (rc == 0 && changes)
		rc = load_file(changes, rules, true, true, error);
	if (rc == 0)
		*out = *rules;
	free(rules);
	return rc;
}
