/* Arguments of `sim:` and their canonical form. */
#ifndef FIREBREAK_SIM_PORT_ARGS_H
#define FIREBREAK_SIM_PORT_ARGS_H

#include <stddef.h>
#include <stdint.h>

#include <firebreak/error.h>

#include "root.h"

enum fb_sim_emit { FB_SIM_EMIT_LINE, FB_SIM_EMIT_DWORDS, FB_SIM_EMIT_BYTES8, FB_SIM_EMITS };

struct fb_sim_args {
	uint32_t lanes;
	uint32_t ring_bits;
	enum fb_sim_emit emit;
	struct fb_root_faults faults;
	char wave[64];
};

/* "key=value,..." or "". 0 or -EINVAL. */
int fb_sim_args_parse(const char *text, struct fb_sim_args *out, struct fb_error *error);
/* "sim:lanes=8,seed=0", then what is not the default. -ENAMETOOLONG: it does not fit. */
int fb_sim_args_uri(const struct fb_sim_args *args, char *out, size_t size);

#endif
