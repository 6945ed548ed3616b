/* Rule packs: `key = value` lines under [sections]. sw/rules/README.md is the description of the
 * format. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules_file.h"
#include "rules_path.h"

enum section { NONE, VENUE, THRESHOLDS, WATERFALL, FEES, LADDERS, SYMBOL };

static const char *const section_names[] = {
	"", "venue", "thresholds", "waterfall", "fees", "ladders", "symbol"
};

enum key {
	KEY_BASE,
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
	[KEY_BASE] = { VENUE, "base", false },
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

static int load(const char *name, struct fb_rules *out, bool derived, struct fb_error *error);

/* All that another pack says, to be changed by what follows. */
static int take_base(struct fb_rules_loader *l, const struct fb_field *value)
{
	char name[FB_NAME_MAX];
	struct fb_error cause;
	int rc = fb_rules_take_name(l, value, name);

	if (rc)
		return rc;
	if (l->derived || l->seen != 1u << KEY_BASE)
		return fb_rules_refuse(l, value, "a pack that has a base cannot be one",
				       "base as the first key of the pack, and only there");
	rc = load(name, l->rules, true, &cause);
	if (rc)
		return fb_field_error(l->lines, value, l->error, NULL, "a good pack, but: %.300s",
				      cause.text);
	l->based = true;
	l->sections |= 1u << THRESHOLDS; /* levels have names in the base */
	for (unsigned i = 0; i < FB_POLICY_STEPS; i++)
		l->step[i] = (struct fb_where){ fb_lines_name(l->lines),
						fb_lines_number(l->lines), value->column };
	return 0;
}

static int take_key(struct fb_rules_loader *l, enum key key, const struct fb_field *value)
{
	struct fb_rules *r = l->rules;
	struct fb_symbol *symbol = r->symbols ? &r->symbol[r->symbols - 1] : NULL;

	switch (key) {
	case KEY_BASE: return take_base(l, value);
	case KEY_NAME: return fb_rules_take_name(l, value, r->venue);
	case KEY_BREACH: return fb_rules_take_choice(l, value, ">=", ">", &r->strict);
	case KEY_LIQUIDATE:
		l->liquidate_place = (struct fb_where){ fb_lines_name(l->lines),
							fb_lines_number(l->lines), value->column };
		return fb_rules_take_name(l, value, l->liquidate_at);
	case KEY_FEE_LIQUIDATION:
		return fb_rules_take_ratio(l, value, 0, 10000000, &r->liquidation_fee_e7);
	case KEY_FEE_TAKER: return fb_rules_take_ratio(l, value, 0, 10000000, &r->taker_fee_e7);
	case KEY_LOT: return fb_rules_take_lot(l, value, &symbol->lot_e8);
	case KEY_TYPE: return fb_rules_take_choice(l, value, "linear", "inverse", &symbol->inverse);
	case KEY_LADDER: return fb_rules_use_ladder(l, value, &symbol->ladder);
	case KEY_ALIASES: return fb_rules_take_aliases(l, value);
	case KEYS: break;
	}
	return -EINVAL;
}

/* Every required key of the section that ends here was given. */
static int end_section(struct fb_rules_loader *l, const struct fb_field *where)
{
	for (int k = 0; k < KEYS; k++)
		if (keys[k].section == l->section && keys[k].required && !(l->seen & 1u << k) &&
		    (!l->based || k == KEY_NAME || l->section == SYMBOL))
			return fb_field_error(
				l->lines, where, l->error, "it is required",
				"a line `%s = ...` in [%s%s%s] before this", keys[k].name,
				section_names[l->section], l->section == SYMBOL ? " " : "",
				l->section == SYMBOL ? l->rules->symbol[l->rules->symbols - 1].name
						     : "");
	return 0;
}

static int start_symbol(struct fb_rules_loader *l, const struct fb_field *name)
{
	struct fb_rules *r = l->rules;
	char text[FB_NAME_MAX];
	int rc = fb_rules_take_name(l, name, text);

	if (rc)
		return rc;
	if (r->symbols == FB_SYMBOLS)
		return fb_rules_refuse(l, name, NULL, "at most 1024 symbols");
	if (fb_symbol_find(r, text) >= 0)
		return fb_rules_refuse(l, name, "a symbol already has this name or alias",
				       "a new symbol");
	memcpy(r->symbol[r->symbols++].name, text, sizeof(text));
	return 0;
}

/* [name] or [symbol NAME] */
static int take_section(struct fb_rules_loader *l, const struct fb_field *line)
{
	struct fb_field inside = { line->text + 1, line->length - 2, line->column + 1 }, word;
	int rc = end_section(l, line);

	if (rc)
		return rc;
	if (line->text[line->length - 1] != ']' || line->length < 3)
		return fb_rules_refuse(l, line, NULL, "a section such as [venue]");
	word = fb_rules_cut(&inside, ' ');
	for (enum section s = VENUE; s <= SYMBOL; s++) {
		if (!fb_field_is(&word, section_names[s]) || (s == SYMBOL) != (inside.text != NULL))
			continue;
		if (s != SYMBOL && l->sections & 1u << s)
			return fb_rules_refuse(l, line, "it comes twice", "a new section");
		l->section = s;
		l->sections |= 1u << s;
		l->seen = 0;
		return s == SYMBOL ? start_symbol(l, &inside) : 0;
	}
	return fb_rules_refuse(
		l, line, NULL,
		"[venue], [thresholds], [waterfall], [fees], [ladders] or [symbol NAME]");
}

static int take_line(struct fb_rules_loader *l, const struct fb_field *line)
{
	struct fb_field value = *line, key;
	char known[128] = "";

	if (line->text[0] == '[')
		return take_section(l, line);
	key = fb_rules_cut(&value, '=');
	if (!value.text || key.length == 0)
		return fb_rules_refuse(l, line, NULL, "`key = value` or a [section]");
	if (value.length == 0)
		return fb_rules_refuse(l, &(struct fb_field){ NULL, 0, value.column }, NULL,
				       "a value");
	if (l->section == THRESHOLDS)
		return fb_rules_take_threshold(l, &key, &value);
	if (l->section == WATERFALL)
		return fb_rules_take_policy(l, &key, &value);
	if (l->section == LADDERS)
		return fb_rules_take_ladder(l, &key, &value);
	for (int k = 0; k < KEYS; k++) {
		if (keys[k].section != l->section)
			continue;
		if (fb_field_is(&key, keys[k].name)) {
			if (l->seen & 1u << k)
				return fb_rules_refuse(l, &key, "it is set twice in this section",
						       "a new key");
			l->seen |= 1u << k;
			return take_key(l, (enum key)k, &value);
		}
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
			 known[0] ? ", " : "", keys[k].name);
	}
	if (l->section == NONE)
		return fb_rules_refuse(l, line, NULL, "a [section] first");
	return fb_field_error(l->lines, &key, l->error, NULL, "a key of [%s]: %s",
			      section_names[l->section], known);
}

/* What only the whole file shows. */
static int finish(struct fb_rules_loader *l)
{
	struct fb_rules *r = l->rules;
	struct fb_field end = fb_lines_end();
	int rc = end_section(l, &end);

	for (enum section s = VENUE; rc == 0 && s <= SYMBOL; s++)
		if (s != WATERFALL && !(l->sections & 1u << s) && !l->based)
			rc = fb_field_error(l->lines, &end, l->error, "the file has none",
					    "a section [%s]", section_names[s]);
	if (rc)
		return rc;
	for (unsigned i = 0; i < r->thresholds && l->liquidate_at[0]; i++)
		if (strcmp(r->threshold[i].name, l->liquidate_at) == 0)
			r->liquidate_level = i + 1;
	if (r->liquidate_level == 0)
		return fb_expected(l->error, &l->liquidate_place, l->liquidate_at,
				   strlen(l->liquidate_at), NULL, "the name of a threshold");
	return fb_rules_finish_policy(l);
}

static int load(const char *name, struct fb_rules *out, bool derived, struct fb_error *error)
{
	char path[FB_RULES_PATH_MAX];
	struct fb_rules_loader l = { .path = path, .error = error, .derived = derived };
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
	else
		fb_policy_preset(&l.rules->policy);
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

int fb_rules_load(const char *name, struct fb_rules *out, struct fb_error *error)
{
	return load(name, out, false, error);
}
