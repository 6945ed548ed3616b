/* See columns.h. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "columns.h"

static int fault(const struct fb_columns *t, size_t offset, const char *found, size_t length,
		 const char *expected, struct fb_error *error)
{
	struct fb_where place = { .file = t->text.name, .line = 1, .column = 1 };
	for (size_t i = 0; i < offset; i++) {
		bool end = t->text.bytes[i] == '\n';
		place.line += end;
		place.column = end ? 1 : place.column + 1;
	}
	return fb_expected(error, &place, found, length, NULL, "%s", expected);
}

static size_t count(const char *text, size_t length, char what)
{
	size_t n = 0;
	for (size_t i = 0; i < length; i++)
		n += text[i] == what;
	return n;
}

/* Notes where the cells begin. */
static int split(struct fb_columns *t, struct fb_error *error)
{
	char *bytes = t->text.bytes, expected[64];
	size_t at = 0, lines = 0, cells = 0;
	size_t most = count(bytes, t->text.length, '\n') + 1;
	size_t first = strcspn(bytes, "\n");
	t->columns = count(bytes, first, ',') + 1;
	if (first == 0 || t->columns > FB_COLUMNS_MAX)
		return fault(t, 0, bytes, first > 40 ? 40 : first, "1 to 96 column names", error);
	t->cell = calloc(most * t->columns, sizeof(*t->cell));
	if (!t->cell)
		return fb_error_set(error, -ENOMEM, "%s: out of memory", t->text.name);
	for (; at < t->text.length; lines++) {
		size_t length = strcspn(bytes + at, "\n"), have = count(bytes + at, length, ',');
		snprintf(expected, sizeof(expected), "%zu cells", t->columns);
		bool cut = bytes[at + length] == '\0' && at + length < t->text.length;
		if (have + 1 != t->columns || cut)
			return fault(t, at, bytes + at, length > 40 ? 40 : length, expected, error);
		for (size_t k = 0; k < t->columns; k++) {
			t->cell[cells++] = bytes + at;
			at += strcspn(bytes + at, ",\n") + 1;
		}
	}
	t->rows = lines - 1;
	return 0;
}

int fb_columns_read(const char *path, struct fb_columns *out, struct fb_error *error)
{
	*out = (struct fb_columns){ .rows = 0 };
	int err = fb_text_read(path, &out->text, error);
	if (!err)
		err = split(out, error);
	if (err)
		fb_columns_free(out);
	return err;
}

void fb_columns_free(struct fb_columns *t)
{
	fb_text_free(&t->text);
	free(t->cell);
	*t = (struct fb_columns){ .rows = 0 };
}

static size_t length_of(const char *cell)
{
	return strcspn(cell, ",\r\n");
}

int fb_columns_column(const struct fb_columns *t, const char *name, size_t *out,
		    struct fb_error *error)
{
	for (size_t k = 0; k < t->columns; k++)
		if (length_of(t->cell[k]) == strlen(name) &&
		    memcmp(t->cell[k], name, strlen(name)) == 0) {
			*out = k;
			return 0;
		}
	return fb_error_set(error, -EINVAL, "%s:1:1: expected a column named %s, found none",
			    t->text.name, name);
}

const char *fb_columns_cell(const struct fb_columns *t, size_t row, size_t column)
{
	return t->cell[(row + 1) * t->columns + column];
}

int fb_columns_number(const struct fb_columns *t, size_t row, size_t column, unsigned scale,
		    __int128 *out, struct fb_error *error)
{
	const char *cell = fb_columns_cell(t, row, column);
	char text[64];
	size_t length = length_of(cell);
	if (length < sizeof(text)) {
		memcpy(text, cell, length);
		text[length] = '\0';
		if (fb_decimal_nearest(text, scale, out) == 0)
			return 0;
	}
	return fault(t, (size_t)(cell - t->text.bytes), cell, length > 40 ? 40 : length, "a number",
		     error);
}

/* The digits without point and exponent, and how many of them are decimals. */
static int digits_of(const char *text, __int128 *value, int *decimals)
{
	char plain[64];
	size_t length = strcspn(text, "eE"), n = 0, point = 0;
	int power = 0;
	for (size_t i = 0; i < length && n + 1 < sizeof(plain); i++) {
		if (text[i] == '.' && i > 0 && i + 1 < length && point == 0)
			point = length - i - 1;
		else
			plain[n++] = text[i];
	}
	if (text[length]) {
		char *end;
		const char *from = text + length + 1;
		long x = strtol(from, &end, 10);
		if (end == from || *end || x < -400 || x > 400)
			return -EINVAL;
		power = (int)x;
	}
	*decimals = (int)point - power;
	return fb_decimal(plain, n, 0, value);
}

int fb_decimal_nearest(const char *text, unsigned scale, __int128 *out)
{
	__int128 value, most = 1;
	int decimals, err = digits_of(text, &value, &decimals);
	if (err)
		return err;
	for (int i = 0; i < 35; i++)
		most *= 10;
	for (; decimals < (int)scale && value != 0; decimals++) {
		if (value >= most || value <= -most)
			return -ERANGE;
		value *= 10;
	}
	__int128 last = 0; /* of the digits dropped, the first alone decides */
	for (; decimals > (int)scale; decimals--) {
		last = value % 10;
		value /= 10;
	}
	value += last >= 5 ? 1 : last <= -5 ? -1 : 0;
	*out = value;
	return 0;
}
