/* Where a rule pack lies. */
#ifndef FIREBREAK_RULES_PATH_H
#define FIREBREAK_RULES_PATH_H

#include <firebreak/error.h>

#define FB_RULES_PATH_MAX 4096
#define FB_RULES_FOLDERS 7u

/* A name with a slash or ending in .rules is a path. Else NAME.rules is looked for in
 * $FIREBREAK_RULES, then in sw/rules and share/firebreak/rules of the program's folder's parent and
 * of the two folders above that one. */
int fb_rules_path(const char *name, char path[FB_RULES_PATH_MAX], struct fb_error *error);

/* The folders where fb_rules_path looks, i from 0 to FB_RULES_FOLDERS - 1 in its order; -ENOENT:
 * there is none of this number. That it exists is not checked. */
int fb_rules_folder(unsigned i, char folder[FB_RULES_PATH_MAX]);

#endif
