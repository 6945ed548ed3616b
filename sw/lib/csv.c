/* Lines of a text file and their fields. One buffer holds what was read ahead; a line never spans
 * it, because lines longer than half of it are refused. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "decimal.h"
#include "source.h"

#define LINE_MAX_BYTES 8192
#define BUFFER_BYTES 65536

struct fb_lines {
	struct fb_source *source;
	unsigned number;
	size_t at, filled;
	bool at_end, ended; /* nothing more to read; the end was given to the caller */
	char buffer[BUFFER_BYTES];
};

int fb_lines_open(const char *path, struct fb_lines **out, struct fb_error *error)
{
	struct fb_lines *lines = calloc(1, sizeof(*lines));
	int rc;

	if (!lines)
		return fb_error_set(error, -ENOMEM, "%s: out of memory", path);
	rc = fb_source_open(path, &lines->source, error);
	if (rc) {
		free(lines);
		return rc;
	}
	*out = lines;
	return 0;
}

/* Moves the rest of the buffer to its start and reads on behind it. */
static int refill(struct fb_lines *lines, struct fb_error *error)
{
	struct fb_error cause;
	size_t got;
	int rc;

	memmove(lines->buffer, lines->buffer + lines->at, lines->filled - lines->at);
	lines->filled -= lines->at;
	lines->at = 0;
	rc = fb_source_read(lines->source, lines->buffer + lines->filled,
			    BUFFER_BYTES - lines->filled, &got, &cause);
	if (rc) {
		struct fb_where place = { fb_lines_name(lines), lines->number + 1,
					  (unsigned)lines->filled + 1 };

		return fb_misplaced(error, &place, rc, &cause);
	}
	lines->filled += got;
	lines->at_end = got == 0;
	return 0;
}

/* The next line with its blanks: 1, 0 at the end, -errno. */
static int raw_line(struct fb_lines *lines, struct fb_field *line, struct fb_error *error)
{
	size_t seen = 0;

	for (;;) {
		char *start = lines->buffer + lines->at;
		size_t left = lines->filled - lines->at;
		char *newline = left > seen ? memchr(start + seen, '\n', left - seen) : NULL;
		size_t length = newline ? (size_t)(newline - start) : left;
		int rc;

		if (length > LINE_MAX_BYTES) {
			struct fb_where place = { fb_lines_name(lines), lines->number + 1,
						  LINE_MAX_BYTES + 1 };

			return fb_expected(error, &place, start, LINE_MAX_BYTES,
					   "is this a text file?", "a line of at most %u bytes",
					   LINE_MAX_BYTES);
		}
		if (newline || (lines->at_end && left > 0)) {
			lines->at += newline ? length + 1 : length;
			lines->number++;
			*line = (struct fb_field){ start, length, 1 };
			return 1;
		}
		if (lines->at_end)
			return 0;
		seen = left;
		rc = refill(lines, error);
		if (rc)
			return rc;
	}
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void trim(struct fb_field *field)
{
	while (field->length > 0 && blank(field->text[0])) {
		field->text++;
		field->length--;
		field->column++;
	}
	while (field->length > 0 && blank(field->text[field->length - 1]))
		field->length--;
}

int fb_lines_next(struct fb_lines *lines, struct fb_field *line, struct fb_error *error)
{
	for (;;) {
		int rc = raw_line(lines, line, error);

		if (rc == 0 && !lines->ended) {
			lines->ended = true;
			lines->number++;
		}
		if (rc <= 0)
			return rc;
		/* A byte order mark, as spreadsheets write it. */
		if (lines->number == 1 && line->length >= 3 &&
		    memcmp(line->text, "\xef\xbb\xbf", 3) == 0) {
			line->text += 3;
			line->length -= 3;
			line->column += 3;
		}
		trim(line);
		if (line->length > 0 && line->text[0] != '#')
			return 1;
	}
}

struct fb_field fb_lines_end(void)
{
	return (struct fb_field){ fb_end_of_file, 0, 1 };
}

const char *fb_lines_name(const struct fb_lines *lines)
{
	return fb_source_name(lines->source);
}

unsigned fb_lines_number(const struct fb_lines *lines)
{
	return lines->number;
}

void fb_lines_progress(const struct fb_lines *lines, uint64_t *done, uint64_t *total)
{
	fb_source_progress(lines->source, done, total);
}

void fb_lines_close(struct fb_lines *lines)
{
	if (!lines)
		return;
	fb_source_close(lines->source);
	free(lines);
}

int fb_csv_split(const struct fb_lines *lines, const struct fb_field *line, struct fb_field *field,
		 struct fb_error *error)
{
	size_t at = 0;
	int n = 0;

	for (;;) {
		const char *comma = memchr(line->text + at, ',', line->length - at);
		size_t length = comma ? (size_t)(comma - line->text) - at : line->length - at;
		struct fb_field one = { line->text + at, length, line->column + (unsigned)at };

		if (n == FB_FIELDS_MAX)
			return fb_field_error(lines, &one, error, NULL, "at most %d fields",
					      FB_FIELDS_MAX);
		trim(&one);
		field[n++] = one;
		if (!comma)
			break;
		at += length + 1;
	}
	for (int i = n; i < FB_FIELDS_MAX; i++)
		field[i] = (struct fb_field){ NULL, 0, line->column + (unsigned)line->length };
	return n;
}

bool fb_field_is(const struct fb_field *field, const char *text)
{
	return field->text && strlen(text) == field->length &&
	       memcmp(field->text, text, field->length) == 0;
}

int fb_field_error(const struct fb_lines *lines, const struct fb_field *field,
		   struct fb_error *error, const char *hint, const char *format, ...)
{
	struct fb_where place = { fb_lines_name(lines), lines->number, field->column };
	char what[256];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return fb_expected(error, &place, field->text, field->length, hint, "%s", what);
}

/* value / 10^scale without trailing zeros, for messages. */
static void show(__int128 value, unsigned scale, char *to, size_t size)
{
	unsigned __int128 magnitude =
		value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
	char digits[64];
	int n = 0;

	while (scale > 0 && magnitude % 10 == 0 && magnitude != 0) {
		magnitude /= 10;
		scale--;
	}
	if (magnitude == 0)
		scale = 0;
	for (unsigned i = 0; magnitude != 0 || i <= scale; i++) {
		if (i == scale && scale != 0)
			digits[n++] = '.';
		digits[n++] = (char)('0' + (int)(magnitude % 10));
		magnitude /= 10;
	}
	if (value < 0)
		digits[n++] = '-';
	for (size_t i = 0; i + 1 < size && n > 0; i++) {
		*to++ = digits[--n];
		*to = '\0';
	}
}

int fb_field_number(const struct fb_lines *lines, const struct fb_field *field, unsigned scale,
		    __int128 min, __int128 max, const char *what, __int128 *out,
		    struct fb_error *error)
{
	char low[64], high[64], kind[64];
	__int128 value;
	int rc = fb_decimal(field->text, field->length, scale, &value);

	if (rc == 0 && value >= min && value <= max) {
		*out = value;
		return 0;
	}
	if (rc == -EINVAL || rc == -EDOM)
		return fb_field_error(lines, field, error, NULL, "%s: %s", what,
				      fb_decimal_expected(rc, scale, kind, sizeof(kind)));
	show(min, scale, low, sizeof(low));
	show(max, scale, high, sizeof(high));
	return fb_field_error(lines, field, error, NULL, "%s from %s to %s", what, low, high);
}
