/* Reading brackets: what the two forms share. */
#ifndef FIREBREAK_BRACKETS_FILE_H
#define FIREBREAK_BRACKETS_FILE_H

#include <firebreak/inputs.h>

/* The new ladders by symbol, until all are known to be good. */
struct fb_brackets {
	const struct fb_rules *rules;
	struct fb_ladder *ladder; /* per symbol; tiers 0: the file does not name it */
	unsigned used;
	struct fb_error *error;
};

int fb_brackets_json(struct fb_brackets *brackets, const char *path);

#endif
