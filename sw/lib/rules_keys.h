/* The keys of a rule pack's sections, as tables. One table reads a section, sets it to what it is
 * when the pack is silent, writes it to a log and judges what comes from one.
 *
 * How to add a section [x]:
 *   1. inputs.h: struct fb_x of plain uint32_t, uint64_t or int64_t, a member x of struct fb_rules
 *   2. rules_x.c: `static const struct fb_key keys[]`, a line for each field, in the order of the
 *      fields; `const struct fb_section fb_section_x = FB_SECTION("x", x, keys, finish, good);`
 *      declared below in this file
 *   3. rules.c: its line in `sections` (reading, presets, the log and its check follow from that)
 *   4. sw/rules/packs.md: a heading [x] and a row for each key
 * No new FB_LOG_VERSION: a log says which keys it was written with. Presets are what the program
 * does without the section; rules made in C get them from fb_rules_preset. */
#ifndef FIREBREAK_RULES_KEYS_H
#define FIREBREAK_RULES_KEYS_H

#include <stddef.h>

#include <firebreak/inputs.h>

#include "rules_file.h"

/* Numbers are stored as integers; how they are written, and in what they are counted: */
enum fb_key_kind {
	FB_KEY_RATIO,	/* 80 % or 0.8, from min to max, which may be below 0; 1e-7 */
	FB_KEY_LEVEL,	/* a threshold: its number from 1; `none`, if min is 0: 0 */
	FB_KEY_CHOICE,	/* one of `words`, "no|yes": its number from 0 (min and max are not used) */
	FB_KEY_NUMBER,	/* a whole number; `words` says of what: "a whole number of tries" */
	FB_KEY_AMOUNT,	/* with up to 8 decimals, 1e-8; `words` says of what: "an amount" */
	FB_KEY_TIME,	/* 200 ms, 30 s, 8 h (us, ms, s, min, h, d); microseconds */
	FB_KEY_DATE,	/* 2025-12-26 or 2025-12-26T08:00:00Z; microseconds since 1970 */
	FB_KEY_SYMBOL,	/* a symbol that comes before: its index + 1; `none`, if min is 0: 0 */
	FB_KEY_LADDER,	/* a ladder: its index */
	FB_KEY_NAME,	/* a name; the field is char[FB_NAME_MAX] */
	FB_KEY_OWN,	/* `take` reads it; a field of width 0 is not in logs */
};

struct fb_key {
	const char *name;     /* "": of the program, not of packs */
	size_t offset, width; /* of its field: 1, 4, 8, FB_NAME_MAX */
	enum fb_key_kind kind;
	int64_t min, max, preset;
	const char *words;
	unsigned required; /* 1: unless the pack has a base, 2: even then */
	int (*take)(struct fb_rules_loader *l, const struct fb_field *value);
};

#define FB_KEY_AS(must, name, of, field, kind, min, max, preset, words)                            \
	{                                                                                          \
		name, offsetof(struct of, field), sizeof(((struct of *)0)->field), kind, min, max, \
			preset, words, must, NULL                                                  \
	}
#define FB_KEY(...) FB_KEY_AS(0, __VA_ARGS__)
#define FB_KEY_MUST(...) FB_KEY_AS(1, __VA_ARGS__)

struct fb_section {
	const char *name;
	const struct fb_key *key; /* NULL: `take` reads every line */
	unsigned keys;		  /* at most FB_KEYS_MAX */
	size_t offset;		  /* of its struct, or of the first of them, in struct fb_rules */
	size_t size;		  /* of one struct; 0: nothing of it is in logs */
	/* [name NAME], once for each: where struct fb_rules has their number, and the largest */
	size_t count;
	unsigned most;
	bool required;
	int (*take)(struct fb_rules_loader *l, const struct fb_field *key,
		    const struct fb_field *value);
	/* Counts a new one and names it; its keys are preset then. */
	int (*start)(struct fb_rules_loader *l, const struct fb_field *name);
	/* Where two sections share an array: was this one written in this section? NULL: yes. */
	bool (*mine)(const void *one);
	/* At the end of the file: what keys say of each other; may complete them. Or NULL. */
	int (*finish)(struct fb_rules_loader *l);
	/* The same of rules that come as bytes: could a pack say this? Or NULL. */
	bool (*good)(const struct fb_rules *rules);
};

#define FB_SECTION(title, member, table, at_end, judge)                                      \
	{                                                                                    \
		.name = title, .key = table, .keys = sizeof(table) / sizeof(*(table)),       \
		.offset = offsetof(struct fb_rules, member),                                 \
		.size = sizeof(((struct fb_rules *)0)->member), .finish = at_end, .good = judge \
	}

extern const struct fb_section fb_section_waterfall, fb_section_symbol, fb_section_insurance,
	fb_section_index, fb_section_mark, fb_section_funding, fb_section_breakers,
	fb_section_adaptive, fb_section_adl, fb_section_margin, fb_section_collateral;

/* Of rules.c: all there are, in the order in which they are in a log. */
extern const struct fb_section *const fb_sections[];
extern const unsigned fb_sections_n;

/* Sets the fields of one struct of a section to their presets. */
void fb_keys_preset(const struct fb_section *section, void *out);
/* One line of the section l->section. */
int fb_keys_take(struct fb_rules_loader *l, const struct fb_field *key,
		 const struct fb_field *value);
/* Every key that the section that ends here requires was given. */
int fb_keys_end(struct fb_rules_loader *l, const struct fb_field *where);
/* Where the pack gives a value; where it names its base, if it does not give it. */
const struct fb_where *fb_keys_place(const struct fb_rules_loader *l,
				     const struct fb_section *section, unsigned key);

int64_t fb_key_get(const struct fb_key *key, const void *from);
/* All sections of rules that come as bytes: every value in its bounds, and what `good` says. */
bool fb_keys_good(const struct fb_rules *rules);
/* Changes whenever a key does: its name, its place or what its numbers mean. */
uint32_t fb_keys_print(const struct fb_section *section);
/* How many structs of this section the rules have, and each of them. */
unsigned fb_section_count(const struct fb_section *section, const struct fb_rules *rules);
void *fb_section_at(const struct fb_section *section, const struct fb_rules *rules, unsigned i);

#endif
