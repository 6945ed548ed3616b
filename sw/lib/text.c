/* Whole text files, and errors that name a place in one. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"
#include "text.h"

/* A venue's full bracket list is 2 MB; more than this is not one. */
#define TEXT_MAX (256u << 20)
#define FOUND_MAX 40

const char fb_end_of_file[] = "the end of the file";

static void quote(char *to, size_t size, const char *found, size_t length)
{
	size_t n = length < FOUND_MAX ? length : FOUND_MAX, at = 0;

	if (!found || length == 0) {
		snprintf(to, size, "%s",
			 !found                    ? "the end of the line"
			 : found == fb_end_of_file ? found
						   : "nothing");
		return;
	}
	to[at++] = '"';
	for (size_t i = 0; i < n; i++)
		to[at++] = found[i] < 0x20 || found[i] == 0x7f ? '?' : found[i];
	snprintf(to + at, size - at, length > FOUND_MAX ? "...\"" : "\"");
}

int fb_expected(struct fb_error *error, const struct fb_where *place, const char *found,
		size_t length, const char *hint, const char *format, ...)
{
	char what[256], shown[FOUND_MAX + 8];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	quote(shown, sizeof(shown), found, length);
	return fb_error_set(error, -EINVAL, "%s:%u:%u: expected %s, found %s%s%s", place->file,
			    place->line, place->column, what, shown, hint ? "; " : "",
			    hint ? hint : "");
}

int fb_misplaced(struct fb_error *error, const struct fb_where *place, int code,
		 const struct fb_error *cause)
{
	return fb_error_set(error, code, "%s:%u:%u: %s", place->file, place->line, place->column,
			    cause->text);
}

struct fb_where fb_text_place(const char *name, const char *bytes, size_t offset)
{
	struct fb_where place = { name, 1, 1 };

	for (size_t i = 0; i < offset; i++) {
		place.column++;
		if (bytes[i] == '\n') {
			place.line++;
			place.column = 1;
		}
	}
	return place;
}

static int grow(struct fb_text *text, size_t *room, struct fb_error *error)
{
	size_t wider = *room ? *room * 2 : 65536;
	char *bytes;

	if (text->length >= TEXT_MAX)
		return fb_error_set(error, -EFBIG, "%s: expected at most %u MB of text", text->name,
				    TEXT_MAX >> 20);
	bytes = realloc(text->bytes, wider + 1);
	if (!bytes)
		return fb_error_set(error, -ENOMEM, "%s: out of memory", text->name);
	text->bytes = bytes;
	*room = wider;
	return 0;
}

int fb_text_read(const char *path, struct fb_text *out, struct fb_error *error)
{
	struct fb_text text = { 0 };
	struct fb_source *source;
	size_t room = 0, got = 1;
	int rc = fb_source_open(path, &source, error);

	if (rc)
		return rc;
	text.name = strdup(fb_source_name(source));
	if (!text.name)
		rc = fb_error_set(error, -ENOMEM, "%s: out of memory", path);
	while (rc == 0 && got != 0) {
		struct fb_error cause;

		if (text.length == room)
			rc = grow(&text, &room, error);
		if (rc)
			break;
		rc = fb_source_read(source, text.bytes + text.length, room - text.length, &got,
				    &cause);
		if (rc) {
			struct fb_where place = fb_text_place(text.name, text.bytes, text.length);

			fb_misplaced(error, &place, rc, &cause);
		}
		text.length += got;
	}
	fb_source_close(source);
	if (rc) {
		fb_text_free(&text);
		return rc;
	}
	text.bytes[text.length] = '\0';
	*out = text;
	return 0;
}

void fb_text_free(struct fb_text *text)
{
	free(text->name);
	free(text->bytes);
	*text = (struct fb_text){ 0 };
}
