/* A whole CSV with column names, small enough to be held. Numbers may have been floating point:
 * they are read as exact decimals and rounded to the unit asked for. */
#ifndef FIREBREAK_COLUMNS_H
#define FIREBREAK_COLUMNS_H

#include "text.h"

#define FB_COLUMNS_MAX 96

struct fb_columns {
	struct fb_text text;
	size_t columns, rows;
	const char **cell; /* row x columns + column; row 0 is the names */
};

/* Every line has as many cells as the first. -EINVAL. */
int fb_columns_read(const char *path, struct fb_columns *out, struct fb_error *error);
void fb_columns_free(struct fb_columns *table);
/* The place of the column of this name; -EINVAL with what is missing. */
int fb_columns_column(const struct fb_columns *table, const char *name, size_t *out,
		    struct fb_error *error);
/* The cell of a data row, from 0; it ends at a comma or the end of the line. */
const char *fb_columns_cell(const struct fb_columns *table, size_t row, size_t column);
/* It as a number in units of 10^-scale, nearest, halves away from zero. */
int fb_columns_number(const struct fb_columns *table, size_t row, size_t column, unsigned scale,
		    __int128 *out, struct fb_error *error);

/* Text as such a number. -EINVAL: no number; -ERANGE: 10^36 units or more, or over 36 digits. */
int fb_decimal_nearest(const char *text, unsigned scale, __int128 *out);

#endif
