/* Looking into a JSON tree: members, strings without their escapes, errors at a node. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

void fb_json_free(struct fb_json *json)
{
	free(json->node);
	*json = (struct fb_json){ 0 };
}

uint32_t fb_json_member(const struct fb_json *json, uint32_t object, const char *name)
{
	size_t length = strlen(name);

	if (json->node[object].type != FB_JSON_OBJECT)
		return 0;
	for (uint32_t i = json->node[object].child; i != 0; i = json->node[i].next)
		if (json->node[i].key_length == length &&
		    memcmp(json->text->bytes + json->node[i].key, name, length) == 0)
			return i;
	return 0;
}

static unsigned hex4(const char *text)
{
	char digits[5] = { text[0], text[1], text[2], text[3], 0 };

	return (unsigned)strtoul(digits, NULL, 16);
}

/* One code point of the basic plane as UTF-8; halves of pairs stay as they are, names of symbols
 * have none. */
static size_t utf8(unsigned code, char out[3])
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	out[0] = (char)(0xe0 | code >> 12);
	out[1] = (char)(0x80 | (code >> 6 & 0x3f));
	out[2] = (char)(0x80 | (code & 0x3f));
	return 3;
}

int fb_json_unescape(const struct fb_json *json, uint32_t at, uint32_t length, char *out,
		     size_t size)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *text = json->text->bytes + at;
	size_t n = 0;

	for (uint32_t i = 0; i < length; i++) {
		char bytes[3] = { text[i] };
		size_t wide = 1;

		if (text[i] == '\\') {
			const char *found = strchr(from, text[++i]);

			bytes[0] = found ? to[found - from] : text[i];
			if (text[i] == 'u') {
				wide = utf8(hex4(text + i + 1), bytes);
				i += 4;
			}
		}
		if (bytes[0] == '\0')
			return -EINVAL;
		if (n + wide >= size)
			return -ENAMETOOLONG;
		memcpy(out + n, bytes, wide);
		n += wide;
	}
	out[n] = '\0';
	return 0;
}

int fb_json_error(const struct fb_json *json, uint32_t node, struct fb_error *error,
		  const char *hint, const char *format, ...)
{
	struct fb_where place =
		fb_text_place(json->text->name, json->text->bytes, json->node[node].at);
	char what[256];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return fb_expected(error, &place, json->text->bytes + json->node[node].at,
			   json->node[node].length, hint, "%s", what);
}
