/* Finds and opens build/libfbcoreN.so, the Verilated core, at run time: the program builds and
 * runs without Verilator. */
#ifndef FIREBREAK_CORE_LIBRARY_H
#define FIREBREAK_CORE_LIBRARY_H

#include <firebreak/error.h>

#include "../../sim/core_shim.h"

struct fb_core_library {
	void *handle;
	const struct fb_core_ops *ops;
};

/* variant: "", "-trace" (writes waveforms) or "-poke" (stored bits can be flipped). Looked for
 * in $FIREBREAK_CORE_DIR, the program's own folder, the folder above it (tests lie in
 * build/tests) and ./build. 0; -ENOENT: not found; -EINVAL: not loadable, or built from another
 * contract. */
int fb_core_library_open(struct fb_core_library *library, uint32_t lanes, const char *variant,
			 struct fb_error *error);
void fb_core_library_close(struct fb_core_library *library);

#endif
