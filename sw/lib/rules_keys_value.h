/* The forms in which a rule pack writes numbers (enum fb_key_kind says which there are). */
#ifndef FIREBREAK_RULES_KEYS_VALUE_H
#define FIREBREAK_RULES_KEYS_VALUE_H

#include "rules_keys.h"

/* Of every kind but NAME and OWN. */
int fb_key_value(struct fb_rules_loader *l, const struct fb_key *key, const struct fb_field *value,
		 int64_t *out);
/* How many words a choice has. */
unsigned fb_key_words(const struct fb_key *key);
/* A time in the largest unit that gives a whole number: "30 s". */
void fb_key_show_time(int64_t us, char *out, size_t size);

#endif
