/* Whole text files, and errors that name a place in one. */
#ifndef FIREBREAK_TEXT_H
#define FIREBREAK_TEXT_H

#include <stddef.h>

#include <firebreak/error.h>

struct fb_where {
	const char *file;
	unsigned line, column; /* from 1; columns are bytes */
};

/* Fills "file:line:column: expected <format>, found <found>; <hint>" and returns -EINVAL.
 * found[0..length) is shown in quotes, shortened and with unprintable bytes as '?'. found may be
 * NULL, the end of the line, or fb_end_of_file; hint may be NULL. */
int fb_expected(struct fb_error *error, const struct fb_where *place, const char *found,
		size_t length, const char *hint, const char *format, ...)
	__attribute__((format(printf, 6, 7)));
extern const char fb_end_of_file[];

/* Puts a place before what fb_source_read said. */
int fb_misplaced(struct fb_error *error, const struct fb_where *place, int code,
		 const struct fb_error *cause);

struct fb_text {
	char *name, *bytes; /* bytes[length] is 0 */
	size_t length;
};

/* Plain, gzip or zip, up to 256 MB unpacked. */
int fb_text_read(const char *path, struct fb_text *out, struct fb_error *error);
void fb_text_free(struct fb_text *text);
struct fb_where fb_text_place(const char *name, const char *bytes, size_t offset);

#endif
