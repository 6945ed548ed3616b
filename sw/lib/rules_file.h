/* Reading a rule pack: rules.c knows sections and keys, rules_value.c the forms of values. */
#ifndef FIREBREAK_RULES_FILE_H
#define FIREBREAK_RULES_FILE_H

#include <firebreak/inputs.h>

#include "csv.h"

struct fb_rules_loader {
	const char *path;
	struct fb_lines *lines;
	struct fb_rules *rules;
	struct fb_error *error;
	unsigned section;  /* of rules.c */
	unsigned sections; /* bit per section seen */
	unsigned seen;     /* bit per key seen in this section */
	struct fb_where liquidate_place;
	char liquidate_at[FB_NAME_MAX];
};

/* "...: expected <expected>, found <field>; <hint>" */
int fb_rules_refuse(struct fb_rules_loader *l, const struct fb_field *field, const char *hint,
		    const char *expected);
/* Cuts the part up to a separator off the front of a field; rest->text is NULL after the last one.
 */
struct fb_field fb_rules_cut(struct fb_field *rest, char separator);

int fb_rules_take_name(struct fb_rules_loader *l, const struct fb_field *field,
		       char out[FB_NAME_MAX]);
int fb_rules_take_ratio(struct fb_rules_loader *l, const struct fb_field *field, uint32_t max_e7,
			uint32_t *out);
int fb_rules_take_choice(struct fb_rules_loader *l, const struct fb_field *value, const char *no,
			 const char *yes, bool *out);
int fb_rules_take_lot(struct fb_rules_loader *l, const struct fb_field *value, uint64_t *lot_e8);
int fb_rules_use_ladder(struct fb_rules_loader *l, const struct fb_field *value, unsigned *out);
/* These add to the rules. */
int fb_rules_take_threshold(struct fb_rules_loader *l, const struct fb_field *key,
			    const struct fb_field *value);
int fb_rules_take_ladder(struct fb_rules_loader *l, const struct fb_field *key,
			 const struct fb_field *value);
int fb_rules_take_aliases(struct fb_rules_loader *l, const struct fb_field *value);

#endif
