/* Values of rule packs as text. */
#ifndef FIREBREAK_PACKS_VALUE_H
#define FIREBREAK_PACKS_VALUE_H

#include <stdio.h>

#include "rules_keys.h"

/* value / 10^decimals without zeros at the end. */
void fb_pack_decimal(FILE *out, __int128 value, unsigned decimals);
/* A ratio in 1e-7 as "80 %". */
void fb_pack_percent(FILE *out, int64_t ratio_e7);
/* Of every kind but NAME. */
void fb_pack_value(FILE *out, const struct fb_rules *r, const struct fb_key *key, int64_t value);

bool fb_pack_is(const struct fb_section *section, const char *name);

#endif
