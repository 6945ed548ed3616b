/* What is right and wrong with this machine and its card, before anything is opened: a list of
 * checks, each with what was measured, what is wanted, and the command that cures. Nothing is
 * changed by looking, and no root is needed; what only root may see is then a warning that says so.
 * Whether the card is of this contract is not asked here: `firebreak info --engine pci:` does. */
#ifndef FIREBREAK_DOCTOR_H
#define FIREBREAK_DOCTOR_H

#include <stdio.h>

#include <firebreak/cards.h>

enum fb_verdict { FB_PASS, FB_WARN, FB_FAIL };

struct fb_check {
	const char *name;
	enum fb_verdict verdict;
	char measured[160];
	char wanted[120];
	char cure[280]; /* "" where it passes */
};

#define FB_CHECKS_MAX 32

struct fb_doctor {
	struct fb_check check[FB_CHECKS_MAX];
	size_t checks;
};

/* engine: "pci:BDF,..." as an engine is opened, or NULL for the only card there is. -EINVAL:
 * malformed. That there is no card is a check that fails, not an error. */
int fb_doctor_examine(const struct fb_cards_source *source, const char *engine,
		      struct fb_doctor *out, struct fb_error *error);
/* The worst of all; also the exit status of `firebreak doctor`. */
enum fb_verdict fb_doctor_verdict(const struct fb_doctor *doctor);
void fb_doctor_print(const struct fb_doctor *doctor, FILE *out);
void fb_doctor_print_json(const struct fb_doctor *doctor, FILE *out);

#endif
