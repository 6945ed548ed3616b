/* Arguments of `core:` and their canonical form. */
#ifndef FIREBREAK_CORE_ARGS_H
#define FIREBREAK_CORE_ARGS_H

#include <stddef.h>
#include <stdint.h>

#include <firebreak/error.h>

#include "placement.h"

struct fb_core_args {
	uint32_t lanes;               /* lanes=8: which library; the core says what it has */
	uint64_t seed;                /* seed=0: of stalls and of random placement */
	uint32_t stall_percent;       /* stall=0: cycles without room for a record; at most 99 */
	enum fb_place_policy place;   /* place=load or place=random */
	uint32_t poke;                /* poke=1: a core whose stored bits can be flipped */
	char wave[64];                /* wave=PATH: a core that writes this waveform */
};

/* "key=value,..." or "". 0 or -EINVAL. */
int fb_core_args_parse(const char *text, struct fb_core_args *out, struct fb_error *error);
/* "core:lanes=8,..." as fb_engine_info gives it. */
void fb_core_args_uri(const struct fb_core_args *args, char *out, size_t size);

#endif
