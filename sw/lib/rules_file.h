/* Reading a rule pack: rules.c knows sections and keys, rules_value.c the forms of values,
 * rules_policy.c the waterfall. */
#ifndef FIREBREAK_RULES_FILE_H
#define FIREBREAK_RULES_FILE_H

#include <firebreak/inputs.h>

#include "csv.h"

#define FB_POLICY_STEPS 4u /* of the waterfall that begin at a threshold */

struct fb_rules_loader {
	const char *path;
	struct fb_lines *lines;
	struct fb_rules *rules;
	struct fb_error *error;
	unsigned section;  /* of rules.c */
	unsigned sections; /* bit per section seen */
	unsigned seen;     /* bit per key seen in this section */
	bool derived;      /* being read as the base of another pack */
	bool based;        /* has a base, which says what this one does not */
	struct fb_where liquidate_place;
	char liquidate_at[FB_NAME_MAX];
	struct fb_where step[FB_POLICY_STEPS]; /* where the pack says when they begin */
};

/* "...: expected <expected>, found <field>; <hint>" */
int fb_rules_refuse(struct fb_rules_loader *l, const struct fb_field *field, const char *hint,
		    const char *expected);
/* Cuts the part up to a separator off the front of a field; rest->text is NULL after the last one.
 */
struct fb_field fb_rules_cut(struct fb_field *rest, char separator);

int fb_rules_take_name(struct fb_rules_loader *l, const struct fb_field *field,
		       char out[FB_NAME_MAX]);
int fb_rules_take_ratio(struct fb_rules_loader *l, const struct fb_field *field, uint32_t min_e7,
			uint32_t max_e7, uint32_t *out);
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
int fb_rules_take_policy(struct fb_rules_loader *l, const struct fb_field *key,
			 const struct fb_field *value);

/* What a pack without [waterfall] has; cancel_level follows from liquidate_level at the end. */
void fb_policy_preset(struct fb_policy *policy);
/* At the end of the file: the steps are in order. */
int fb_rules_finish_policy(struct fb_rules_loader *l);
/* Could a pack say this? For rules that come as bytes. */
bool fb_policy_good(const struct fb_rules *rules);

#endif
