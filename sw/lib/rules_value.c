/* Parts of a rule pack that no table of keys holds: names, ratios, thresholds, ladder files,
 * aliases. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "decimal.h"
#include "ladder.h"
#include "rules_file.h"

int fb_rules_refuse(struct fb_rules_loader *l, const struct fb_field *field, const char *hint,
		    const char *expected)
{
	return fb_field_error(l->lines, field, l->error, hint, "%s", expected);
}

/* Names of venues, ladders, thresholds, symbols and aliases: printable, no blanks, no commas, and
 * short. */
int fb_rules_take_name(struct fb_rules_loader *l, const struct fb_field *field,
		       char out[FB_NAME_MAX])
{
	bool good = field->length > 0 && field->length < FB_NAME_MAX;

	for (size_t i = 0; good && i < field->length; i++)
		good = field->text[i] > 0x20 && field->text[i] < 0x7f &&
		       !strchr(",=[]#\"", field->text[i]);
	if (!good)
		return fb_rules_refuse(l, field, "no blanks, commas, brackets or quotes",
				       "a name of 1 to 31 characters");
	memset(out, 0, FB_NAME_MAX);
	memcpy(out, field->text, field->length);
	return 0;
}

/* Cuts the part up to a separator off the front of a field, without blanks. */
struct fb_field fb_rules_cut(struct fb_field *rest, char separator)
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

static void show_ratio(int64_t value_e7, char *out, size_t size)
{
	int64_t size_e7 = value_e7 < 0 ? -value_e7 : value_e7;
	const char *sign = value_e7 < 0 ? "-" : "";

	if (value_e7 == 0)
		snprintf(out, size, "0");
	else if (size_e7 % 100000 == 0)
		snprintf(out, size, "%s%lld %%", sign, (long long)(size_e7 / 100000));
	else
		snprintf(out, size, "%s%lld.%05lld %%", sign, (long long)(size_e7 / 100000),
			 (long long)(size_e7 % 100000));
}

/* "0.8" or "80 %" in 1e-7, from min to max. */
int fb_rules_take_ratio(struct fb_rules_loader *l, const struct fb_field *field, int64_t min_e7,
			int64_t max_e7, int64_t *out)
{
	struct fb_field number = *field;
	__int128 value = 0;
	unsigned scale = 7;
	char low[48], high[48];
	int rc = -EINVAL;

	if (number.length > 0 && number.text[number.length - 1] == '%') {
		scale = 5;
		number.length--;
		while (number.length > 0 && number.text[number.length - 1] == ' ')
			number.length--;
	}
	if (field->text)
		rc = fb_decimal(number.text, number.length, scale, &value);
	if (rc == 0 && value >= min_e7 && value <= max_e7) {
		*out = (int64_t)value;
		return 0;
	}
	show_ratio(min_e7, low, sizeof(low));
	show_ratio(max_e7, high, sizeof(high));
	return fb_field_error(l->lines, field, l->error,
			      "with at most 7 decimals, 5 for a percentage",
			      "a ratio from %s to %s, such as 80 %% or 0.8", low, high);
}

/* NAME = UP or NAME = UP / DOWN */
int fb_rules_take_threshold(struct fb_rules_loader *l, const struct fb_field *key,
			    const struct fb_field *value)
{
	struct fb_rules *r = l->rules;
	struct fb_threshold *t = &r->threshold[r->thresholds],
			    *before = r->thresholds ? t - 1 : NULL;
	struct fb_field rest = *value, up = fb_rules_cut(&rest, '/');
	int64_t up_e7 = 0, down_e7;
	int rc;

	if (r->thresholds == FB_THRESHOLDS)
		return fb_rules_refuse(l, key, NULL, "at most 6 thresholds");
	for (unsigned i = 0; i < r->thresholds; i++)
		if (fb_field_is(key, r->threshold[i].name))
			return fb_rules_refuse(l, key, "this threshold is set twice", "a new name");
	rc = fb_rules_take_name(l, key, t->name);
	if (rc == 0)
		rc = fb_rules_take_ratio(l, &up, 0, (1u << FB_THRESHOLD_BITS) - 1, &up_e7);
	down_e7 = up_e7;
	if (rc == 0 && rest.text)
		rc = fb_rules_take_ratio(l, &rest, 0, (1u << FB_THRESHOLD_BITS) - 1, &down_e7);
	if (rc)
		return rc;
	t->up_e7 = (uint32_t)up_e7;
	t->down_e7 = (uint32_t)down_e7;
	if (t->up_e7 == 0 || (before && t->up_e7 < before->up_e7))
		return fb_rules_refuse(l, &up, "list thresholds from low to high",
				       "a threshold above 0 and not below the one before");
	if (t->down_e7 > t->up_e7)
		return fb_rules_refuse(l, &rest, "NAME = UP / DOWN",
				       "the second ratio not above the first");
	r->thresholds++;
	return 0;
}

/* NAME = FILE, relative to the pack */
int fb_rules_take_ladder(struct fb_rules_loader *l, const struct fb_field *key,
			 const struct fb_field *value)
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
		return fb_rules_refuse(l, key, NULL, "at most 256 ladders");
	for (unsigned i = 0; i < r->ladders; i++)
		if (fb_field_is(key, r->ladder[i].name))
			return fb_rules_refuse(l, key, "this ladder is set twice", "a new name");
	rc = fb_rules_take_name(l, key, name);
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
		rc = fb_field_error(tiers.lines, &end, l->error, NULL,
				    "a tier below the column names");
	fb_tiers_close(&tiers);
	if (rc == 0)
		r->ladder[r->ladders++] = builder.ladder;
	return rc;
}

int fb_rules_take_aliases(struct fb_rules_loader *l, const struct fb_field *value)
{
	struct fb_symbol *symbol = &l->rules->symbol[l->rules->symbols - 1];
	struct fb_field rest = *value;

	while (rest.text) {
		struct fb_field part = fb_rules_cut(&rest, ',');
		char name[FB_NAME_MAX];
		int rc = fb_rules_take_name(l, &part, name);

		if (rc)
			return rc;
		if (symbol->aliases == FB_ALIASES_MAX)
			return fb_rules_refuse(l, &part, NULL, "at most 8 aliases");
		if (fb_symbol_find(l->rules, name) >= 0)
			return fb_rules_refuse(l, &part, "a symbol already has this name or alias",
					       "a new alias");
		memcpy(symbol->alias[symbol->aliases++], name, sizeof(name));
	}
	return 0;
}

int fb_rules_use_ladder(struct fb_rules_loader *l, const struct fb_field *value, unsigned *out)
{
	for (unsigned i = 0; i < l->rules->ladders; i++)
		if (fb_field_is(value, l->rules->ladder[i].name)) {
			*out = i;
			return 0;
		}
	return fb_rules_refuse(l, value, "[ladders] comes before the symbols",
			       "the name of a ladder");
}
