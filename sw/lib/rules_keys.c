/* Sections by their tables of keys: reading a line, presets, what is required, and judging rules
 * that come as bytes. rules_keys_value.c reads the values. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <firebreak/log.h>

#include "rules_keys.h"
#include "rules_keys_value.h"

int64_t fb_key_get(const struct fb_key *key, const void *from)
{
	const char *at = (const char *)from + key->offset;
	uint64_t wide = 0;

	memcpy(&wide, at, key->width); /* hosts are little-endian (hash.c asserts it) */
	return (int64_t)wide;
}

static bool is_integer(const struct fb_key *key)
{
	return key->width > 0 && key->kind != FB_KEY_NAME;
}

static void set(const struct fb_key *key, void *out, int64_t value)
{
	memcpy((char *)out + key->offset, &value, key->width);
}

void fb_keys_preset(const struct fb_section *section, void *out)
{
	for (unsigned k = 0; k < section->keys; k++)
		if (is_integer(&section->key[k]))
			set(&section->key[k], out, section->key[k].preset);
}

void fb_rules_preset(struct fb_rules *rules)
{
	for (unsigned s = 0; s < fb_sections_n; s++)
		for (unsigned i = 0; i < fb_section_count(fb_sections[s], rules); i++)
			fb_keys_preset(fb_sections[s], fb_section_at(fb_sections[s], rules, i));
}

unsigned fb_section_count(const struct fb_section *section, const struct fb_rules *rules)
{
	unsigned count;

	if (section->most == 0)
		return section->size > 0;
	memcpy(&count, (const char *)rules + section->count, sizeof(count));
	return count;
}

void *fb_section_at(const struct fb_section *section, const struct fb_rules *rules, unsigned i)
{
	return (char *)(uintptr_t)rules + section->offset + i * section->size;
}

const struct fb_where *fb_keys_place(const struct fb_rules_loader *l,
				     const struct fb_section *section, unsigned key)
{
	for (unsigned s = 0; s < fb_sections_n; s++)
		if (fb_sections[s] == section && l->place[s][key].line)
			return &l->place[s][key];
	return &l->base_place;
}

static int take_value(struct fb_rules_loader *l, const struct fb_section *section,
		      const struct fb_key *key, const struct fb_field *value)
{
	unsigned count = fb_section_count(section, l->rules);
	void *out = fb_section_at(section, l->rules, section->most ? count - 1 : 0);
	int64_t number = 0;
	int rc;

	if (key->kind == FB_KEY_OWN)
		return key->take(l, value);
	if (key->kind == FB_KEY_NAME)
		return fb_rules_take_name(l, value, (char *)out + key->offset);
	rc = fb_key_value(l, key, value, &number);
	if (rc == 0)
		set(key, out, number);
	return rc;
}

int fb_keys_take(struct fb_rules_loader *l, const struct fb_field *key,
		 const struct fb_field *value)
{
	const struct fb_section *section = fb_sections[l->section];
	char known[400] = "";

	for (unsigned k = 0; k < section->keys; k++) {
		struct fb_where *place = &l->place[l->section][k];

		if (section->key[k].name[0] == '\0')
			continue;
		/* Cut off where it gets too long: a message holds no more. */
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
			 known[0] ? ", " : "", section->key[k].name);
		if (!fb_field_is(key, section->key[k].name))
			continue;
		if (place->line)
			return fb_rules_refuse(l, key, "it is set twice in this section",
					       "a new key");
		*place = (struct fb_where){ fb_lines_name(l->lines), fb_lines_number(l->lines),
					    value->column };
		return take_value(l, section, &section->key[k], value);
	}
	return fb_field_error(l->lines, key, l->error, NULL, "a key of [%s]: %s", section->name,
			      known);
}

int fb_keys_end(struct fb_rules_loader *l, const struct fb_field *where)
{
	const struct fb_section *section = fb_sections[l->section];
	const char *name = "";

	if (section->most && section->size > 0)
		name = fb_section_at(section, l->rules,
				     fb_section_count(section, l->rules) - 1);
	for (unsigned k = 0; k < section->keys; k++) {
		const struct fb_key *key = &section->key[k];

		if (l->place[l->section][k].line || key->required == 0 ||
		    (key->required == 1 && l->based && section->most == 0))
			continue;
		return fb_field_error(l->lines, where, l->error, "it is required",
				      "a line `%s = ...` in [%s%s%s] before this", key->name,
				      section->name, *name ? " " : "", name);
	}
	return 0;
}

static bool good_value(const struct fb_rules *rules, const struct fb_key *key, int64_t value)
{
	switch (key->kind) {
	case FB_KEY_CHOICE: return value >= 0 && value < fb_key_words(key);
	case FB_KEY_LADDER: return value >= 0 && value < rules->ladders;
	case FB_KEY_SYMBOL:
		return value >= key->min && value <= rules->symbols;
	case FB_KEY_LEVEL:
		return value >= key->min && value <= key->max && value <= rules->thresholds;
	case FB_KEY_RATIO:
	case FB_KEY_NUMBER:
	case FB_KEY_AMOUNT:
	case FB_KEY_TIME:
	case FB_KEY_DATE:
	case FB_KEY_OWN: return value >= key->min && value <= key->max;
	case FB_KEY_NAME: break;
	}
	return true;
}

bool fb_keys_good(const struct fb_rules *rules)
{
	for (unsigned s = 0; s < fb_sections_n; s++) {
		const struct fb_section *section = fb_sections[s];

		for (unsigned i = 0; i < fb_section_count(section, rules); i++)
			for (unsigned k = 0; k < section->keys; k++) {
				const struct fb_key *key = &section->key[k];

				if (is_integer(key) &&
				    !good_value(rules, key,
						fb_key_get(key, fb_section_at(section, rules, i))))
					return false;
			}
		if (section->good && !section->good(rules))
			return false;
	}
	return true;
}

uint32_t fb_keys_print(const struct fb_section *section)
{
	uint64_t crc = 0;

	for (unsigned k = 0; k < section->keys; k++) {
		const struct fb_key *key = &section->key[k];
		char text[512];
		int n = snprintf(text, sizeof(text), "%s %zu %d %s\n", key->name, key->width,
				 (int)key->kind, key->words ? key->words : "");

		crc = fb_log_crc(crc, text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
	}
	return (uint32_t)crc;
}
