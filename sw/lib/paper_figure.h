/* What the files share that come by the published figures: their tables are read, and a figure is
 * added, one value of ours beside theirs. Private to paper*.c. */
#ifndef PAPER_FIGURE_H
#define PAPER_FIGURE_H

#include <firebreak/paper.h>

#include "columns.h"

#define PAPER_MONEY 9  /* decimals of money, of its sums and quotients above 1 */
#define PAPER_SHARE 15 /* of haircuts and other shares */

struct paper_reader {
	const char *directory;
	struct fb_error *error;
	struct fb_paper *paper;
	struct fb_columns policy; /* policy_per_wave_metrics.csv */
	__int128 needed[FB_PAPER_WAVES], most_contracts[FB_PAPER_WAVES];
};

static inline __int128 paper_power(unsigned n)
{
	__int128 p = 1;
	while (n-- > 0)
		p *= 10;
	return p;
}

/* To the nearest, of numbers that are not negative. */
static inline __int128 paper_divide(__int128 a, __int128 b)
{
	return b > 0 ? (2 * a + b) / (2 * b) : 0;
}

/* a / b */
static inline __int128 paper_share(__int128 a, __int128 b)
{
	return paper_divide(a * paper_power(PAPER_SHARE), b);
}

struct fb_paper_figure *paper_add(struct paper_reader *r, enum fb_paper_how how, unsigned scale,
				  const char *name, const char *label, const char *reason);
void paper_value(struct fb_paper_figure *f, unsigned wave, __int128 ours, __int128 theirs);
void paper_total_is(struct fb_paper_figure *f, __int128 ours, __int128 theirs);
/* The sum of its values. */
void paper_total(struct fb_paper_figure *f);

int paper_table(struct paper_reader *r, const char *file, struct fb_columns *out);
int paper_number(struct paper_reader *r, const struct fb_columns *t, size_t row,
		 const char *column, unsigned scale, __int128 *out);
/* Some are left out where a division had nothing to divide by. */
bool paper_there(const struct fb_columns *t, size_t row, const char *column);
int paper_wave(struct paper_reader *r, const struct fb_columns *t, size_t row, unsigned *out);

/* paper_waves.c: of each wave, by policy */
int paper_waves(struct paper_reader *r);
/* paper_totals.c: of all waves together, by horizon; and of the shocks of single coins */
int paper_totals(struct paper_reader *r);

#endif
