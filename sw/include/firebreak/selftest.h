/* Does an engine do its work? Of a card: identity, registers, commands and records across the link,
 * the ring, and what it counted. Of any: ten thousand random commands on a made-up book, with every
 * answer compared with that of `model`.
 *
 * A card must not be in use; its state is lost, and afterwards it has no session. */
#ifndef FIREBREAK_SELFTEST_H
#define FIREBREAK_SELFTEST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <firebreak/error.h>

#define FB_SELFTEST_STEPS 8
#define FB_SELFTEST_WORDS 10000u

struct fb_selftest_step {
	const char *name;
	bool passed;
	char text[480]; /* what was seen, or what is wrong */
};

struct fb_selftest {
	char uri[224];
	unsigned steps; /* after the first that fails none is done */
	struct fb_selftest_step step[FB_SELFTEST_STEPS];
	bool passed;
};

/* seed: of the commands. 0: done, whatever came of it; -EINVAL: malformed URI. */
int fb_selftest_run(const char *uri, uint64_t seed, struct fb_selftest *out,
		    struct fb_error *error);
void fb_selftest_print(const struct fb_selftest *test, FILE *out);
void fb_selftest_print_json(const struct fb_selftest *test, FILE *out);

#endif
