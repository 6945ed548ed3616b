/* A strict JSON reader. Recursive descent with a bounded depth; children are linked in the order of
 * the text. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

#define DEPTH_MAX 32

struct parser {
	const struct fb_text *text;
	uint32_t at;
	struct fb_json_node *node;
	uint32_t nodes, room;
	struct fb_error *error;
};

static int unexpected(const struct parser *p, const char *expected)
{
	struct fb_where place = fb_text_place(p->text->name, p->text->bytes, p->at);
	const char *found = p->text->bytes + p->at;
	size_t left = p->text->length - p->at, length = 0;

	if (left == 0)
		return fb_error_set(p->error, -EINVAL,
				    "%s:%u:%u: expected %s, found the end of the file; is it cut "
				    "off?",
				    place.file, place.line, place.column, expected);
	while (length < left && length < 20 && found[length] != '\n')
		length++;
	return fb_expected(p->error, &place, found, length ? length : 1, NULL, "%s", expected);
}

static char peek(const struct parser *p)
{
	return p->at < p->text->length ? p->text->bytes[p->at] : '\0';
}

static void skip_blanks(struct parser *p)
{
	while (peek(p) == ' ' || peek(p) == '\t' || peek(p) == '\n' || peek(p) == '\r')
		p->at++;
}

static int new_node(struct parser *p, enum fb_json_type type, uint32_t *out)
{
	if (p->nodes == p->room) {
		uint32_t room = p->room ? p->room * 2 : 1024;
		struct fb_json_node *node = realloc(p->node, room * sizeof(*node));

		if (!node)
			return fb_error_set(p->error, -ENOMEM, "%s: out of memory", p->text->name);
		p->node = node;
		p->room = room;
	}
	p->node[p->nodes] = (struct fb_json_node){ .type = type, .at = p->at };
	*out = p->nodes++;
	return 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Past the opening quote to past the closing one. */
static int scan_string(struct parser *p, uint32_t *at, uint32_t *length)
{
	*at = ++p->at;
	for (;; p->at++) {
		char c = peek(p);

		if (p->at == p->text->length)
			return unexpected(p, "the end of a string");
		if ((unsigned char)c < 0x20)
			return unexpected(p, "a string without control characters");
		if (c == '"') {
			*length = p->at++ - *at;
			return 0;
		}
		if (c != '\\')
			continue;
		p->at++;
		if (peek(p) == 'u') {
			for (int i = 0; i < 4; i++) {
				p->at++;
				if (!is_hex(peek(p)))
					return unexpected(p, "four hexadecimal digits after \\u");
			}
		} else if (p->at == p->text->length || !strchr("\"\\/bfnrt", peek(p)) ||
			   peek(p) == '\0') {
			return unexpected(p, "an escape: one of \" \\ / b f n r t u");
		}
	}
}

static int scan_digits(struct parser *p)
{
	if (!is_digit(peek(p)))
		return unexpected(p, "a digit");
	while (is_digit(peek(p)))
		p->at++;
	return 0;
}

static int scan_number(struct parser *p)
{
	int rc = 0;

	if (peek(p) == '-')
		p->at++;
	if (peek(p) == '0')
		p->at++;
	else
		rc = scan_digits(p);
	if (rc == 0 && peek(p) == '.') {
		p->at++;
		rc = scan_digits(p);
	}
	if (rc == 0 && (peek(p) == 'e' || peek(p) == 'E')) {
		p->at++;
		if (peek(p) == '+' || peek(p) == '-')
			p->at++;
		rc = scan_digits(p);
	}
	return rc;
}

struct name {
	const char *text;
	uint32_t length;
};

static int by_name(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	int order = memcmp(x->text, y->text, x->length < y->length ? x->length : y->length);

	return order ? order : (x->length > y->length) - (x->length < y->length);
}

/* Sorted, because an object may have thousands of members. */
static int check_names(struct parser *p, uint32_t object, uint32_t members)
{
	struct name *name;
	uint32_t n = 0;
	int rc = 0;

	if (members < 2)
		return 0;
	name = malloc(members * sizeof(*name));
	if (!name)
		return fb_error_set(p->error, -ENOMEM, "%s: out of memory", p->text->name);
	for (uint32_t i = p->node[object].child; i != 0; i = p->node[i].next)
		name[n++] = (struct name){ p->text->bytes + p->node[i].key, p->node[i].key_length };
	qsort(name, n, sizeof(*name), by_name);
	for (uint32_t i = 1; i < n && rc == 0; i++) {
		if (by_name(&name[i - 1], &name[i]) != 0)
			continue;
		struct fb_where place = fb_text_place(p->text->name, p->text->bytes,
						      (size_t)(name[i].text - p->text->bytes));
		rc = fb_expected(p->error, &place, name[i].text, name[i].length,
				 "the name comes twice in one object", "distinct names");
	}
	free(name);
	return rc;
}

static int parse_value(struct parser *p, unsigned depth, uint32_t *out);

/* One `name: ` of an object. */
static int parse_name(struct parser *p, uint32_t *key, uint32_t *key_length)
{
	int rc;

	if (peek(p) != '"')
		return unexpected(p, "a name in quotes");
	rc = scan_string(p, key, key_length);
	if (rc)
		return rc;
	skip_blanks(p);
	if (peek(p) != ':')
		return unexpected(p, "a colon");
	p->at++;
	return 0;
}

/* An array or object, at its opening bracket. */
static int parse_nest(struct parser *p, unsigned depth, uint32_t self)
{
	bool object = p->node[self].type == FB_JSON_OBJECT;
	char close = object ? '}' : ']';
	uint32_t last = 0, members = 0;

	if (depth == DEPTH_MAX)
		return unexpected(p, "at most 32 levels of brackets");
	p->at++;
	skip_blanks(p);
	if (peek(p) == close) {
		p->at++;
		return 0;
	}
	for (;;) {
		uint32_t key = 0, key_length = 0, child;
		int rc = 0;

		skip_blanks(p);
		if (object)
			rc = parse_name(p, &key, &key_length);
		if (rc == 0)
			rc = parse_value(p, depth + 1, &child);
		if (rc)
			return rc;
		p->node[child].key = key;
		p->node[child].key_length = key_length;
		if (last)
			p->node[last].next = child;
		else
			p->node[self].child = child;
		last = child;
		members++;
		skip_blanks(p);
		if (peek(p) == close)
			break;
		if (peek(p) != ',')
			return unexpected(p, object ? "a comma or }" : "a comma or ]");
		p->at++;
	}
	p->at++;
	return object ? check_names(p, self, members) : 0;
}

static int parse_word(struct parser *p, const char *word)
{
	size_t length = strlen(word);

	if (p->text->length - p->at < length || memcmp(p->text->bytes + p->at, word, length) != 0)
		return unexpected(p, "a JSON value");
	p->at += (uint32_t)length;
	return 0;
}

static enum fb_json_type type_of(char c)
{
	switch (c) {
	case '{': return FB_JSON_OBJECT;
	case '[': return FB_JSON_ARRAY;
	case '"': return FB_JSON_STRING;
	case 't': return FB_JSON_TRUE;
	case 'f': return FB_JSON_FALSE;
	case 'n': return FB_JSON_NULL;
	default: return FB_JSON_NUMBER;
	}
}

static int parse_value(struct parser *p, unsigned depth, uint32_t *out)
{
	uint32_t self = 0, at, length;
	int rc;

	skip_blanks(p);
	rc = new_node(p, type_of(peek(p)), &self);
	if (rc)
		return rc;
	*out = self;
	switch (p->node[self].type) {
	case FB_JSON_OBJECT:
	case FB_JSON_ARRAY: rc = parse_nest(p, depth, self); break;
	case FB_JSON_STRING:
		rc = scan_string(p, &at, &length);
		if (rc)
			return rc;
		p->node[self].at = at;
		p->node[self].length = length;
		return 0;
	case FB_JSON_TRUE: rc = parse_word(p, "true"); break;
	case FB_JSON_FALSE: rc = parse_word(p, "false"); break;
	case FB_JSON_NULL: rc = parse_word(p, "null"); break;
	case FB_JSON_NUMBER:
		rc = peek(p) == '-' || is_digit(peek(p)) ? scan_number(p)
							 : unexpected(p, "a JSON value");
		break;
	}
	if (rc == 0)
		p->node[self].length = p->at - p->node[self].at;
	return rc;
}

int fb_json_parse(const struct fb_text *text, struct fb_json *out, struct fb_error *error)
{
	return fb_json_parse_from(text, 0, out, error);
}

int fb_json_parse_from(const struct fb_text *text, size_t from, struct fb_json *out,
		       struct fb_error *error)
{
	struct parser p = { .text = text, .at = (uint32_t)from, .error = error };
	uint32_t root;
	int rc = parse_value(&p, 0, &root);

	if (rc == 0) {
		skip_blanks(&p);
		if (p.at != text->length)
			rc = unexpected(&p, "nothing after the value");
	}
	if (rc) {
		free(p.node);
		return rc;
	}
	*out = (struct fb_json){ text, p.node, p.nodes };
	return 0;
}
