/* Opens build/libfbcoreN.so, the Verilated core. */
#ifndef FIREBREAK_CORE_LIBRARY_H
#define FIREBREAK_CORE_LIBRARY_H

#include <firebreak/error.h>

#include "../../sim/core_shim.h"
#include "library.h"

struct fb_core_library {
	struct fb_library library;
	const struct fb_core_ops *ops;
};

/* variant: "", "-trace" (writes waveforms) or "-poke" (stored bits can be flipped). 0; -ENOENT:
 * not found; -EINVAL: not loadable, or built from another contract. See library.h. */
int fb_core_library_open(struct fb_core_library *library, uint32_t lanes, const char *variant,
			 struct fb_error *error);
void fb_core_library_close(struct fb_core_library *library);

#endif
