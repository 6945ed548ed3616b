/* See port_args.h. */
#include "port_args.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <firebreak/layout.h>

#include "../sw/lib/uri_args.h"
#include "root_knobs.h"

#define LANES_MAX 1024
#define RING_BITS 12

static const char *const emit_names[FB_SIM_EMITS] = { "line", "dwords", "bytes8" };

static bool set_emit(struct fb_sim_args *args, const char *value)
{
	for (unsigned i = 0; i < FB_SIM_EMITS; i++) {
		if (strcmp(value, emit_names[i]) != 0)
			continue;
		args->emit = (enum fb_sim_emit)i;
		return true;
	}
	return false;
}

static bool set(void *context, const char *key, const char *value)
{
	struct fb_sim_args *args = context;
	uint64_t number;
	if (strcmp(key, "lanes") == 0)
		return fb_uri_u32(value, LANES_MAX, &args->lanes) && args->lanes > 0;
	if (strcmp(key, "seed") == 0)
		return fb_uri_u64(value, UINT64_MAX, &args->faults.seed);
	if (strcmp(key, "ring") == 0)
		return fb_uri_u32(value, FB_RING_BITS_MOST, &args->ring_bits) &&
		       args->ring_bits >= FB_RING_BITS_LEAST;
	if (strcmp(key, "emit") == 0)
		return set_emit(args, value);
	if (strcmp(key, "wave") == 0)
		return fb_uri_text(value, args->wave, sizeof(args->wave));
	for (const struct fb_root_knob *knob = fb_root_knobs; knob->name; knob++) {
		if (strcmp(key, knob->name) != 0)
			continue;
		if (!fb_uri_u64(value, knob->most, &number) || !fb_root_knob_fits(knob, number))
			return false;
		fb_root_knob_set(&args->faults, knob, number);
		return true;
	}
	return false;
}

/* The knob that a refused pair names, or NULL. */
static const struct fb_root_knob *named(const char *pair)
{
	size_t n = strcspn(pair, "=,");
	for (const struct fb_root_knob *knob = fb_root_knobs; knob->name; knob++)
		if (strlen(knob->name) == n && strncmp(knob->name, pair, n) == 0)
			return knob;
	return NULL;
}

int fb_sim_args_parse(const char *text, struct fb_sim_args *out, struct fb_error *error)
{
	*out = (struct fb_sim_args){ .lanes = 8, .ring_bits = RING_BITS };
	int n;
	const char *refused = fb_uri_pairs(text, set, out, &n);
	if (!refused)
		return 0;
	const struct fb_root_knob *knob = named(refused);
	if (knob)
		return fb_error_set(error, -EINVAL,
				    "sim: expected %s=0 or %s=%u..%" PRIu64 ", found '%.*s'",
				    knob->name, knob->name, knob->least, knob->most, n, refused);
	return fb_error_set(error, -EINVAL,
			    "sim: expected lanes=1..%d, seed=0..2^64-1, ring=%d..%d, "
			    "emit=line|dwords|bytes8, wave=PATH (up to %zu letters) or a knob of "
			    "sim/root.h such as split=50, found '%.*s'",
			    LANES_MAX, FB_RING_BITS_LEAST, FB_RING_BITS_MOST,
			    sizeof(out->wave) - 1, n, refused);
}

struct text {
	char *out;
	size_t size, at;
};

__attribute__((format(printf, 2, 3)))
static void add(struct text *t, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	bool room = t->at < t->size;
	t->at += (size_t)vsnprintf(t->out + (room ? t->at : 0), room ? t->size - t->at : 0, format,
				   args);
	va_end(args);
}

int fb_sim_args_uri(const struct fb_sim_args *args, char *out, size_t size)
{
	struct text t = { .out = out, .size = size };
	add(&t, "sim:lanes=%u,seed=%" PRIu64, args->lanes, args->faults.seed);
	if (args->emit != FB_SIM_EMIT_LINE)
		add(&t, ",emit=%s", emit_names[args->emit]);
	if (args->ring_bits != RING_BITS)
		add(&t, ",ring=%u", args->ring_bits);
	for (const struct fb_root_knob *knob = fb_root_knobs; knob->name; knob++) {
		uint64_t value = fb_root_knob_get(&args->faults, knob);
		if (value)
			add(&t, ",%s=%" PRIu64, knob->name, value);
	}
	if (*args->wave)
		add(&t, ",wave=%s", args->wave);
	return t.at < size ? 0 : -ENAMETOOLONG;
}
