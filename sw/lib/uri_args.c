/* See uri_args.h. */
#include "uri_args.h"

#include <stdio.h>
#include <string.h>

#define PAIR_MAX 128
#define QUOTED_MAX 100

bool fb_uri_u64(const char *text, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;
	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		uint64_t digit = (uint64_t)(*text - '0');
		if (value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*out = value;
	return value <= max;
}

bool fb_uri_u32(const char *text, uint32_t max, uint32_t *out)
{
	uint64_t value;
	if (!fb_uri_u64(text, max, &value))
		return false;
	*out = (uint32_t)value;
	return true;
}

bool fb_uri_text(const char *text, char *out, size_t size)
{
	size_t n = strlen(text);
	if (n == 0 || n >= size)
		return false;
	memcpy(out, text, n + 1);
	return true;
}

const char *fb_uri_pairs(const char *text, fb_uri_set set, void *context, int *length)
{
	while (*text) {
		char pair[PAIR_MAX];
		size_t n = strcspn(text, ",");
		bool fits = n < sizeof(pair);
		snprintf(pair, sizeof(pair), "%.*s", (int)(fits ? n : 0), text);
		char *value = strchr(pair, '=');
		if (value)
			*value++ = '\0';
		if (!fits || !value || !set(context, pair, value)) {
			*length = (int)(n < QUOTED_MAX ? n : QUOTED_MAX);
			return text;
		}
		text += n;
		if (*text == ',')
			text++;
	}
	return NULL;
}
