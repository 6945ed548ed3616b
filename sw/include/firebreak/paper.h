/* The published figures of "Autodeleveraging: Impossibilities and Optimization" (arXiv
 * 2512.01112v3; github.com/pluriholonomic/autodeleveraging-analysis, commit aae0be8, folder out/)
 * computed again: the crash of 2025-10-10 in 16 waves, seven policies. Each figure is ours beside
 * theirs, wave by wave and in total, and says how it was come by:
 *
 *   again   computed here from published inputs
 *   bound   the inputs for each winner are not there; ours is the most that the policy can take, or
 *           the largest that a haircut can be, and theirs must not be above it
 *   copied  nothing to compute it from: theirs stands alone
 *
 * Theirs are sums of floating-point numbers. Equal: to the last of our decimals. Near: within a
 * millionth of a millionth, or two units of the last decimal, which is what their sums lose. */
#ifndef FIREBREAK_PAPER_H
#define FIREBREAK_PAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <firebreak/error.h>

#define FB_PAPER_WAVES 32
#define FB_PAPER_FIGURES 48

enum fb_paper_how { FB_PAPER_AGAIN, FB_PAPER_BOUND, FB_PAPER_COPIED };
enum fb_paper_verdict { FB_PAPER_EQUAL, FB_PAPER_NEAR, FB_PAPER_WITHIN, FB_PAPER_ALONE,
			FB_PAPER_DIFFERS, FB_PAPER_VERDICTS };
const char *fb_paper_how_name(enum fb_paper_how how);
const char *fb_paper_verdict_name(enum fb_paper_verdict verdict);

/* In units of 10^-scale of the figure. `ours` of a copied figure is 0. */
struct fb_paper_value {
	unsigned wave; /* 0: of all */
	__int128 ours, theirs;
	enum fb_paper_verdict verdict;
};

struct fb_paper_figure {
	const char *name, *label;
	const char *reason; /* how ours was come by, or why it could not be */
	enum fb_paper_how how;
	unsigned scale;
	size_t n;
	struct fb_paper_value value[FB_PAPER_WAVES];
	bool has_total;
	struct fb_paper_value total;
};

struct fb_paper {
	size_t figures;
	struct fb_paper_figure figure[FB_PAPER_FIGURES];
};

/* Reads the files of the folder. Large: not for the stack. */
int fb_paper_read(const char *directory, struct fb_paper *out, struct fb_error *error);
/* Sums are of the values there are. How many values, and totals, differ. */
size_t fb_paper_differences(const struct fb_paper *paper);
void fb_paper_text(const struct fb_paper *paper, FILE *out);
void fb_paper_json(const struct fb_paper *paper, FILE *out); /* an array */

enum fb_paper_verdict fb_paper_judge(enum fb_paper_how how, __int128 ours, __int128 theirs);

#endif
