/* See core_args.h. */
#include "core_args.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "uri_args.h"

#define LANES_MAX 1024
#define STALL_MAX 99 /* at 100 no record would ever leave */

static bool set(void *context, const char *key, const char *value)
{
	struct fb_core_args *args = context;
	if (strcmp(key, "lanes") == 0)
		return fb_uri_u32(value, LANES_MAX, &args->lanes) && args->lanes > 0;
	if (strcmp(key, "seed") == 0)
		return fb_uri_u64(value, UINT64_MAX, &args->seed);
	if (strcmp(key, "stall") == 0)
		return fb_uri_u32(value, STALL_MAX, &args->stall_percent);
	if (strcmp(key, "poke") == 0)
		return fb_uri_u32(value, 1, &args->poke);
	if (strcmp(key, "wave") == 0)
		return fb_uri_text(value, args->wave, sizeof(args->wave));
	if (strcmp(key, "place") != 0)
		return false;
	args->place = strcmp(value, "random") == 0 ? FB_PLACE_RANDOM : FB_PLACE_LOAD;
	return strcmp(value, "random") == 0 || strcmp(value, "load") == 0;
}

int fb_core_args_parse(const char *text, struct fb_core_args *out, struct fb_error *error)
{
	*out = (struct fb_core_args){ .lanes = 8, .place = FB_PLACE_LOAD };
	int n;
	const char *refused = fb_uri_pairs(text, set, out, &n);
	if (refused)
		return fb_error_set(error, -EINVAL,
				    "core:%.100s: expected lanes=1..%d, seed=0..2^64-1,"
				    " stall=0..%d, place=load|random, poke=0|1 or wave=PATH (up to"
				    " %zu letters), found '%.*s'",
				    refused, LANES_MAX, STALL_MAX, sizeof(out->wave) - 1, n,
				    refused);
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
