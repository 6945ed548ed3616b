/* A strict JSON reader (RFC 8259): a tree of nodes over the text, numbers left as text so that they
 * stay exact. */
#ifndef FIREBREAK_JSON_H
#define FIREBREAK_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/error.h>

#include "text.h"

enum fb_json_type {
	FB_JSON_NULL,
	FB_JSON_FALSE,
	FB_JSON_TRUE,
	FB_JSON_NUMBER,
	FB_JSON_STRING,
	FB_JSON_ARRAY,
	FB_JSON_OBJECT
};

struct fb_json_node {
	enum fb_json_type type;
	uint32_t at, length;      /* its text; of a string without the quotes, escapes as written */
	uint32_t key, key_length; /* member name, likewise; 0, 0 where it is no member */
	uint32_t child, next;     /* first child, next sibling; 0: none */
};

struct fb_json {
	const struct fb_text *text; /* must outlive the tree */
	struct fb_json_node *node;  /* node[0] is the root */
	uint32_t nodes;
};

/* Refuses duplicate names in an object, nesting beyond 32 and anything after the value. */
int fb_json_parse(const struct fb_text *text, struct fb_json *out, struct fb_error *error);
/* The same for the value at bytes[from..length) of a text with one value a line: places in errors
 * are those of the whole text. */
int fb_json_parse_from(const struct fb_text *text, size_t from, struct fb_json *out,
		       struct fb_error *error);
void fb_json_free(struct fb_json *json);

/* A member by name: its node, or 0. */
uint32_t fb_json_member(const struct fb_json *json, uint32_t object, const char *name);
/* Undoes escapes; -ENAMETOOLONG when it does not fit. A byte 0 in the string is refused as -EINVAL.
 */
int fb_json_unescape(const struct fb_json *json, uint32_t at, uint32_t length, char *out,
		     size_t size);
/* "...: expected <format>, found <the node's text>; <hint>" */
int fb_json_error(const struct fb_json *json, uint32_t node, struct fb_error *error,
		  const char *hint, const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
