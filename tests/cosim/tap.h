/* A core with a tap on its two streams: which word crossed in which clock cycle. The engine `core:`
 * drives it as any other core, so words arrive with their placement. One tap at a time. */
#ifndef COSIM_TAP_H
#define COSIM_TAP_H

#include <firebreak/engine.h>

#include "../../sim/core_shim.h"

struct tap {
	/* Called in each cycle in which a word crossed; either may be NULL. */
	void (*command)(void *context, uint64_t cycle, const union fb_command *word);
	void (*record)(void *context, uint64_t cycle, const union fb_record *record);
	void *context;
	struct fb_core_geometry geometry; /* filled by tap_open */
	unsigned pace; /* above 1: the output is taken in every pace-th cycle only */
};

/* `args` as in "core:args"; lanes selects the library. The tap must outlive the engine. */
int tap_open(struct tap *tap, unsigned lanes, const char *args, struct fb_engine **out,
	     struct fb_error *error);

#endif
