/* Rule packs for a reader: which there are, and what one of them says in effect, that is with its
 * base and with what holds where it is silent. */
#ifndef FIREBREAK_PACKS_H
#define FIREBREAK_PACKS_H

#include <stdio.h>

#include <firebreak/inputs.h>

#define FB_PACKS_MAX 256

struct fb_pack {
	char name[FB_NAME_MAX];
	char path[4096]; /* the file that fb_rules_load would take for the name */
};

/* The packs that fb_rules_load finds by name, in the order of their names: how many, at most
 * `room`, or -ENOENT with error filled where there is none. */
int fb_packs_list(struct fb_pack *out, size_t room, struct fb_error *error);

/* Every section with all its keys, written as a pack writes them; what the pack does not change
 * comes apart, and a ladder as its tiers. Before that the levels: what begins at each. JSON is one
 * object. */
void fb_pack_print(const struct fb_rules *rules, FILE *out);
void fb_pack_print_json(const struct fb_rules *rules, FILE *out);

/* One line: what it breaches at, its levels, how many symbols. */
void fb_pack_print_line(const struct fb_rules *rules, FILE *out);

#endif
