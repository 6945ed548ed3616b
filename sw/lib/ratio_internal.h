/* What the files of ratio share. */
#ifndef RATIO_INTERNAL_H
#define RATIO_INTERNAL_H

#include "natural.h"

void ratio_load(const struct fb_ratio *a, struct natural *above, struct natural *below);
/* above / below in lowest terms, or the error. */
struct fb_ratio ratio_make(bool negative, struct natural *above, struct natural *below);

#endif
