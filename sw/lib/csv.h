/* Lines of a text file, as a stream, and their comma-separated fields. */
#ifndef FIREBREAK_CSV_H
#define FIREBREAK_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/error.h>

#include "text.h"

#define FB_FIELDS_MAX 32

struct fb_field {
	const char *text; /* blanks around it are not part of it; not terminated */
	size_t length;
	unsigned column;
};

struct fb_lines;

/* Plain, gzip or zip. */
int fb_lines_open(const char *path, struct fb_lines **out, struct fb_error *error);
/* The next line that is neither blank nor a comment (#): 1; 0 at the end; -errno. It is valid until
 * the next call. */
int fb_lines_next(struct fb_lines *lines, struct fb_field *line, struct fb_error *error);
const char *fb_lines_name(const struct fb_lines *lines);
unsigned fb_lines_number(const struct fb_lines *lines); /* of the line last given, or one more */
struct fb_field fb_lines_end(void); /* the field for errors at the end of the file */
void fb_lines_progress(const struct fb_lines *lines, uint64_t *done, uint64_t *total);
void fb_lines_close(struct fb_lines *lines);

/* Splits at commas into field[FB_FIELDS_MAX]; their number, or -EINVAL with too many. An absent
 * field i >= n is left with text NULL and the column of the line's end. */
int fb_csv_split(const struct fb_lines *lines, const struct fb_field *line, struct fb_field *field,
		 struct fb_error *error);

bool fb_field_is(const struct fb_field *field, const char *text);
/* "...: expected <format>, found <field>; <hint>" */
int fb_field_error(const struct fb_lines *lines, const struct fb_field *field,
		   struct fb_error *error, const char *hint, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
/* An exact decimal in units of 10^-scale, from min to max. `what` names it: "a price". */
int fb_field_number(const struct fb_lines *lines, const struct fb_field *field, unsigned scale,
		    __int128 min, __int128 max, const char *what, __int128 *out,
		    struct fb_error *error);

#endif
