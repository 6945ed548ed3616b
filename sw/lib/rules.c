/* Rule packs: `key = value` lines under [sections]. sw/rules/README.md is the description of the
 * format. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/inputs.h>

#include "csv.h"
#include "decimal.h"
#include "ladder.h"
#include "rules_path.h"

enum section { NONE, VENUE, THRESHOLDS, FEES, LADDERS, SYMBOL };

static const char *const section_names[] = {
	"", "venue", "thresholds", "fees", "ladders", "symbol"
};

enum key {
	KEY_NAME,
	KEY_BREACH,
	KEY_LIQUIDATE,
	KEY_FEE_LIQUIDATION,
	KEY_FEE_TAKER,
	KEY_LOT,
	KEY_TYPE,
	KEY_LADDER,
	KEY_ALIASES,
	KEYS
};

static const struct {
	enum section section;
	const char *name;
	bool required;
} keys[KEYS] = {
	[KEY_NAME] = { VENUE, "name", true },
	[KEY_BREACH] = { VENUE, "breach", true },
	[KEY_LIQUIDATE] = { VENUE, "liquidate_at", true },
	[KEY_FEE_LIQUIDATION] = { FEES, "liquidation", true },
	[KEY_FEE_TAKER] = { FEES, "taker", true },
	[KEY_LOT] = { SYMBOL, "lot", true },
	[KEY_TYPE] = { SYMBOL, "type", false },
	[KEY_LADDER] = { SYMBOL, "ladder", true },
	[KEY_ALIASES] = { SYMBOL, "aliases", false },
};

struct loader {
	const char *path;
	struct fb_lines *lines;
	struct fb_rules *rules;
	struct fb_error *error;
	enum section section;
	unsigned sections; /* bit per section seen */
	unsigned seen;     /* bit per key seen in this section */
	struct fb_where liquidate_place;
	char liquidate_at[FB_NAME_MAX];
};

static int refuse(struct loader *l, const struct fb_field *field, const char *hint,
		  const char *expected)
{
	return fb_field_error(l->lines, field, l->error, hint, "%s", expected);
}

/* Names of venues, ladders, thresholds, symbols and aliases: printable, no blanks, no commas, and
 * short. */
static int take_name(struct loader *l, const struct fb_field *field, char out[FB_NAME_MAX])
{
	bool good = field->length > 0 && field->length < FB_NAME_MAX;

	for (size_t i = 0; good && i < field->length; i++)
		good = field->text[i] > 0x20 && field->text[i] < 0x7f &&
		       !strchr(",=[]#\"", field->text[i]);
	if (!good)
		return refuse(l, field, "no blanks, commas, brackets or quotes",
			      "a name of 1 to 31 characters");
	memset(out, 0, FB_NAME_MAX);
	memcpy(out, field->text, field->length);
	return 0;
}

/* Cuts the part up to a separator off the front of a field, without blanks. */
static struct fb_field cut(struct fb_field *rest, char separator)
{
	struct fb_field part = *rest;
	const char *at = memchr(rest->text, separator, rest->length);

	if (at) {
		part.length = (size_t)(at - rest->text);
		rest->text += part.length + 1;
		rest->length -= part.length + 1;
		rest->column += (unsigned)part.length + 1;
		while (rest->length > 0 && (*rest->text == ' ' || *rest->text == '\t')) {
			rest->text++;
			rest->length--;
			rest->column++;
		}
	} else {
		*rest = (struct fb_field){ NULL, 0, rest->column + (unsigned)rest->length };
	}
	while (part.length > 0 &&
	       (part.text[part.length - 1] == ' ' || part.text[part.length - 1] == '\t'))
		part.length--;
	return part;
}

/* "0.8" or "80 %" in 1e-7, from 0 to max. */
static int take_ratio(struct loader *l, const struct fb_field *field, uint32_t max_e7,
		      uint32_t *out)
{
	struct fb_field number = *field;
	__int128 value = 0;
	unsigned scale = 7;
	int rc = -EINVAL;

	if (number.length > 0 && number.text[number.length - 1] == '%') {
		scale = 5;
		number.length--;
		while (number.length > 0 && number.text[number.length - 1] == ' ')
			number.length--;
	}
	if (field->text)
		rc = fb_decimal(number.text, number.length, scale, &value);
	if (rc || value < 0 || value > max_e7)
		return fb_field_error(
			l->lines, field, l->error, "with at most 7 decimals, 5 for a percentage",
			"a ratio from 0 to %u %%, such as 80 %% or 0.8", max_e7 / 100000);
	*out = (uint32_t)value;
	return 0;
}

/* NAME = UP or NAME = UP / DOWN */
static int take_threshold(struct loader *l, const struct fb_field *key,
			  const struct fb_field *value)
{
	struct fb_rules *r = l->rules;
	struct fb_threshold *t = &r->threshold[r->thresholds],
			    *before = r->thresholds ? t - 1 : NULL;
	struct fb_field rest = *value, up = cut(&rest, '/');
	int rc;

	if (r->thresholds == FB_THRESHOLDS)
		return refuse(l, key, NULL, "at most 6 thresholds");
	for (unsigned i = 0; i < r->thresholds; i++)
		if (fb_field_is(key, r->threshold[i].name))
			return refuse(l, key, "this threshold is set twice", "a new name");
	rc = take_name(l, key, t->name);
	if (rc == 0)
		rc = take_ratio(l, &up, (1u << FB_THRESHOLD_BITS) - 1, &t->up_e7);
	t->down_e7 = t->up_e7;
	if (rc == 0 && rest.text)
		rc = take_ratio(l, &rest, (1u << FB_THRESHOLD_BITS) - 1, &t->down_e7);
	if (rc)
		return rc;
	if (t->up_e7 == 0 || (before && t->up_e7 < before->up_e7))
		return refuse(l, &up, "list thresholds from low to high",
			      "a threshold above 0 and not below the one before");
	if (t->down_e7 > t->up_e7)
		return refuse(l, &rest, "NAME = UP / DOWN", "the second ratio not above the first");
	r->thresholds++;
	return 0;
}

/* NAME = FILE, relative to the pack */
static int take_ladder(struct loader *l, const struct fb_field *key, const struct fb_field *value)
{
	struct fb_rules *r = l->rules;
	struct fb_ladder_builder builder;
	struct fb_field end = fb_lines_end();
	struct fb_tier_input tier;
	struct fb_error cause;
	struct fb_tiers tiers;
	char path[4096], name[FB_NAME_MAX];
	const char *slash = strrchr(l->path, '/');
	int rc;

	if (r->ladders == FB_LADDERS)
		return refuse(l, key, NULL, "at most 256 ladders");
	for (unsigned i = 0; i < r->ladders; i++)
		if (fb_field_is(key, r->ladder[i].name))
			return refuse(l, key, "this ladder is set twice", "a new name");
	rc = take_name(l, key, name);
	if (rc)
		return rc;
	if (value->text[0] == '/')
		slash = NULL;
	snprintf(path, sizeof(path), "%.*s%.*s", slash ? (int)(slash - l->path + 1) : 0, l->path,
		 (int)value->length, value->text);
	rc = fb_tiers_open(path, false, &tiers, &cause);
	if (rc && rc != -EINVAL) {
		struct fb_where place = { fb_lines_name(l->lines), fb_lines_number(l->lines),
					  value->column };

		return fb_error_set(l->error, rc, "%s:%u:%u: expected a ladder file, found: %s",
				    place.file, place.line, place.column, cause.text);
	}
	if (rc)
		return fb_error_set(l->error, rc, "%s", cause.text);
	fb_ladder_start(&builder, name, strlen(name));
	while ((rc = fb_tiers_next(&tiers, &tier, l->error)) > 0) {
		rc = fb_tiers_add(&tiers, &tier, &builder, l->error);
		if (rc)
			break;
	}
	if (rc == 0 && builder.ladder.tiers == 0)
		rc = fb_field_error(tiers.lines, &end, l->error, NULL, "a tier below the column names");
	fb_tiers_close(&tiers);
	if (rc == 0)
		r->ladder[r->ladders++] = builder.ladder;
	return rc;
}

static int take_aliases(struct loader *l, const struct fb_field *value)
{
	struct fb_symbol *symbol = &l->rules->symbol[l->rules->symbols - 1];
	struct fb_field rest = *value;

	while (rest.text) {
		struct fb_field part = cut(&rest, ',');
		char name[FB_NAME_MAX];
		int rc = take_name(l, &part, name);

		if (rc)
			return rc;
		if (symbol->aliases == FB_ALIASES_MAX)
			return refuse(l, &part, NULL, "at most 8 aliases");
		if (fb_symbol_find(l->rules, name) >= 0)
			return refuse(l, &part, "a symbol already has this name or alias",
				      "a new alias");
		memcpy(symbol->alias[symbol->aliases++], name, sizeof(name));
	}
	return 0;
}

static int take_choice(struct loader *l, const struct fb_field *value, const char *no,
		       const char *yes, bool *out)
{
	*out = fb_field_is(value, yes);
	if (*out || fb_field_is(value, no))
		return 0;
	return fb_field_error(l->lines, value, l->error, NULL, "%s or %s", no, yes);
}

static int take_lot(struct loader *l, const struct fb_field *value, uint64_t *lot_e8)
{
	__int128 number;
	int rc = fb_field_number(l->lines, value, 8, 1, ((__int128)1 << 62) - 1, "a lot", &number,
				 l->error);

	if (rc == 0)
		*lot_e8 = (uint64_t)number;
	return rc;
}

static int use_ladder(struct loader *l, const struct fb_field *value, unsigned *out)
{
	for (unsigned i = 0; i < l->rules->ladders; i++)
		if (fb_field_is(value, l->rules->ladder[i].name)) {
			*out = i;
			return 0;
		}
	return refuse(l, value, "[ladders] comes before the symbols", "the name of a ladder");
}

static int take_key(struct loader *l, enum key key, const struct fb_field *value)
{
	struct fb_rules *r = l->rules;
	struct fb_symbol *symbol = r->symbols ? &r->symbol[r->symbols - 1] : NULL;

	switch (key) {
	case KEY_NAME: return take_name(l, value, r->venue);
	case KEY_BREACH: return take_choice(l, value, ">=", ">", &r->strict);
	case KEY_LIQUIDATE:
		l->liquidate_place = (struct fb_where){ fb_lines_name(l->lines),
							fb_lines_number(l->lines), value->column };
		return take_name(l, value, l->liquidate_at);
	case KEY_FEE_LIQUIDATION: return take_ratio(l, value, 10000000, &r->liquidation_fee_e7);
	case KEY_FEE_TAKER: return take_ratio(l, value, 10000000, &r->taker_fee_e7);
	case KEY_LOT: return take_lot(l, value, &symbol->lot_e8);
	case KEY_TYPE: return take_choice(l, value, "linear", "inverse", &symbol->inverse);
	case KEY_LADDER: return use_ladder(l, value, &symbol->ladder);
	case KEY_ALIASES: return take_aliases(l, value);
	case KEYS: break;
	}
	return -EINVAL;
}

/* Every required key of the section that ends here was given. */
static int end_section(struct loader *l, const struct fb_field *where)
{
	for (int k = 0; k < KEYS; k++)
		if (keys[k].section == l->section && keys[k].required && !(l->seen & 1u << k))
			return fb_field_error(
				l->lines, where, l->error, "it is required",
				"a line `%s = ...` in [%s%s%s] before this", keys[k].name,
				section_names[l->section], l->section == SYMBOL ? " " : "",
				l->section == SYMBOL ? l->rules->symbol[l->rules->symbols - 1].name
						     : "");
	return 0;
}

static int start_symbol(struct loader *l, const struct fb_field *name)
{
	struct fb_rules *r = l->rules;
	char text[FB_NAME_MAX];
	int rc = take_name(l, name, text);

	if (rc)
		return rc;
	if (r->symbols == FB_SYMBOLS)
		return refuse(l, name, NULL, "at most 1024 symbols");
	if (fb_symbol_find(r, text) >= 0)
		return refuse(l, name, "a symbol already has this name or alias", "a new symbol");
	memcpy(r->symbol[r->symbols++].name, text, sizeof(text));
	return 0;
}

/* [name] or [symbol NAME] */
static int take_section(struct loader *l, const struct fb_field *line)
{
	struct fb_field inside = { line->text + 1, line->length - 2, line->column + 1 }, word;
	int rc = end_section(l, line);

	if (rc)
		return rc;
	if (line->text[line->length - 1] != ']' || line->length < 3)
		return refuse(l, line, NULL, "a section such as [venue]");
	word = cut(&inside, ' ');
	for (enum section s = VENUE; s <= SYMBOL; s++) {
		if (!fb_field_is(&word, section_names[s]) || (s == SYMBOL) != (inside.text != NULL))
			continue;
		if (s != SYMBOL && l->sections & 1u << s)
			return refuse(l, line, "it comes twice", "a new section");
		l->section = s;
		l->sections |= 1u << s;
		l->seen = 0;
		return s == SYMBOL ? start_symbol(l, &inside) : 0;
	}
	return refuse(l, line, NULL, "[venue], [thresholds], [fees], [ladders] or [symbol NAME]");
}

static int take_line(struct loader *l, const struct fb_field *line)
{
	struct fb_field value = *line, key;
	char known[128] = "";

	if (line->text[0] == '[')
		return take_section(l, line);
	key = cut(&value, '=');
	if (!value.text || key.length == 0)
		return refuse(l, line, NULL, "`key = value` or a [section]");
	if (value.length == 0)
		return refuse(l, &(struct fb_field){ NULL, 0, value.column }, NULL, "a value");
	if (l->section == THRESHOLDS)
		return take_threshold(l, &key, &value);
	if (l->section == LADDERS)
		return take_ladder(l, &key, &value);
	for (int k = 0; k < KEYS; k++) {
		if (keys[k].section != l->section)
			continue;
		if (fb_field_is(&key, keys[k].name)) {
			if (l->seen & 1u << k)
				return refuse(l, &key, "it is set twice in this section",
					      "a new key");
			l->seen |= 1u << k;
			return take_key(l, (enum key)k, &value);
		}
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
			 known[0] ? ", " : "", keys[k].name);
	}
	if (l->section == NONE)
		return refuse(l, line, NULL, "a [section] first");
	return fb_field_error(l->lines, &key, l->error, NULL, "a key of [%s]: %s",
			      section_names[l->section], known);
}

/* What only the whole file shows. */
static int finish(struct loader *l)
{
	struct fb_rules *r = l->rules;
	struct fb_field end = fb_lines_end();
	int rc = end_section(l, &end);

	for (enum section s = VENUE; rc == 0 && s <= SYMBOL; s++)
		if (!(l->sections & 1u << s))
			rc = fb_field_error(l->lines, &end, l->error, "the file has none",
					    "a section [%s]", section_names[s]);
	if (rc)
		return rc;
	for (unsigned i = 0; i < r->thresholds; i++)
		if (strcmp(r->threshold[i].name, l->liquidate_at) == 0)
			r->liquidate_level = i + 1;
	if (r->liquidate_level == 0)
		return fb_expected(l->error, &l->liquidate_place, l->liquidate_at,
				   strlen(l->liquidate_at), NULL, "the name of a threshold");
	return 0;
}

int fb_rules_load(const char *name, struct fb_rules *out, struct fb_error *error)
{
	char path[FB_RULES_PATH_MAX];
	struct loader l = { .path = path, .error = error };
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
