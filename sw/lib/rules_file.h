/* Reading a rule pack: rules.c knows lines and sections, rules_keys.c keys by their tables,
 * rules_value.c lists and names; each section has a file for its table. */
#ifndef FIREBREAK_RULES_FILE_H
#define FIREBREAK_RULES_FILE_H

#include <firebreak/inputs.h>

#include "csv.h"

#define FB_SECTIONS_MAX 24u
#define FB_KEYS_MAX 80u /* of a section */

struct fb_rules_loader {
	const char *path;
	struct fb_lines *lines;
	struct fb_rules *rules;
	struct fb_error *error;
	unsigned section;  /* the current one, of fb_sections; FB_SECTIONS_MAX before the first */
	unsigned sections; /* bit per section seen */
	bool derived;      /* being read as the base of another pack */
	bool based;        /* has a base, which says what this one does not */
	struct fb_where base_place;
	char liquidate_at[FB_NAME_MAX];
	/* Where each key of each section was given; of [symbol NAME], in the last. Line 0: it was
	 * not. */
	struct fb_where place[FB_SECTIONS_MAX][FB_KEYS_MAX];
};

/* "...: expected <expected>, found <field>; <hint>" */
int fb_rules_refuse(struct fb_rules_loader *l, const struct fb_field *field, const char *hint,
		    const char *expected);
/* Cuts the part up to a separator off the front of a field; rest->text is NULL after the last one.
 */
struct fb_field fb_rules_cut(struct fb_field *rest, char separator);

int fb_rules_take_name(struct fb_rules_loader *l, const struct fb_field *field,
		       char out[FB_NAME_MAX]);
int fb_rules_take_ratio(struct fb_rules_loader *l, const struct fb_field *field, int64_t min_e7,
			int64_t max_e7, int64_t *out);
int fb_rules_use_ladder(struct fb_rules_loader *l, const struct fb_field *value, unsigned *out);
/* These add to the rules. */
int fb_rules_take_threshold(struct fb_rules_loader *l, const struct fb_field *key,
			    const struct fb_field *value);
int fb_rules_take_ladder(struct fb_rules_loader *l, const struct fb_field *key,
			 const struct fb_field *value);
int fb_rules_take_aliases(struct fb_rules_loader *l, const struct fb_field *value);

#endif
