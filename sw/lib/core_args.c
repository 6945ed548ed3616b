/* See core_args.h. */
#include "core_args.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LANES_MAX 1024
#define STALL_MAX 99 /* at 100 no record would ever leave */

static bool parse_number(const char *text, uint64_t max, uint64_t *out)
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

static bool set_u32(const char *text, uint32_t max, uint32_t *out)
{
	uint64_t value;
	if (!parse_number(text, max, &value))
		return false;
	*out = (uint32_t)value;
	return true;
}

static bool set(struct fb_core_args *args, const char *key, const char *value)
{
	if (strcmp(key, "lanes") == 0)
		return set_u32(value, LANES_MAX, &args->lanes) && args->lanes > 0;
	if (strcmp(key, "seed") == 0)
		return parse_number(value, UINT64_MAX, &args->seed);
	if (strcmp(key, "stall") == 0)
		return set_u32(value, STALL_MAX, &args->stall_percent);
	if (strcmp(key, "poke") == 0)
		return set_u32(value, 1, &args->poke);
	if (strcmp(key, "wave") == 0)
		return *value && snprintf(args->wave, sizeof(args->wave), "%s", value) <
					 (int)sizeof(args->wave);
	if (strcmp(key, "place") != 0)
		return false;
	args->place = strcmp(value, "random") == 0 ? FB_PLACE_RANDOM : FB_PLACE_LOAD;
	return strcmp(value, "random") == 0 || strcmp(value, "load") == 0;
}

int fb_core_args_parse(const char *text, struct fb_core_args *out, struct fb_error *error)
{
	*out = (struct fb_core_args){ .lanes = 8, .place = FB_PLACE_LOAD };
	while (*text) {
		char pair[128];
		size_t n = strcspn(text, ",");
		int copied = snprintf(pair, sizeof(pair), "%.*s",
				      (int)(n < sizeof(pair) ? n : sizeof(pair)), text);
		char *value = strchr(pair, '=');
		if (value)
			*value++ = '\0';
		if (copied >= (int)sizeof(pair) || !value || !set(out, pair, value))
			return fb_error_set(
				error, -EINVAL,
				"core:%.*s: expected lanes=1..%d, seed=0..2^64-1, stall=0..%d,"
				" place=load|random, poke=0|1 or wave=PATH (up to %zu letters), "
				"found '%.*s'",
				(int)(strlen(text) < 100 ? strlen(text) : 100), text, LANES_MAX,
				STALL_MAX, sizeof(out->wave) - 1, (int)(n < 100 ? n : 100), text);
		text += n;
		if (*text == ',')
			text++;
	}
	if (out->poke && *out->wave)
		return fb_error_set(
			error, -EINVAL,
			"core: poke=1 and wave= need different cores; give one of them");
	return 0;
}

void fb_core_args_uri(const struct fb_core_args *args, char *out, size_t size)
{
	snprintf(out, size, "core:lanes=%u,seed=%" PRIu64 ",stall=%u,place=%s%s%s%s", args->lanes,
		 args->seed, args->stall_percent, args->place == FB_PLACE_LOAD ? "load" : "random",
		 args->poke ? ",poke=1" : "", *args->wave ? ",wave=" : "", args->wave);
}
