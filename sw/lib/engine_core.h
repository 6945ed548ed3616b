/* Inside of the engine `core:` for those who bring their own core or reach behind it: tests. */
#ifndef FIREBREAK_ENGINE_CORE_H
#define FIREBREAK_ENGINE_CORE_H

#include <firebreak/engine.h>

#include "../../sim/core_shim.h"
#include "structure.h"

/* As fb_core_open, with these ops in place of a library's. */
int fb_core_open_ops(const struct fb_core_ops *ops, const char *args, struct fb_engine **out,
		     struct fb_error *error);

/* Flips a stored bit of the core (see core_shim.h); needs `poke=1` in the arguments. */
int fb_core_engine_flip(struct fb_engine *engine, int table, uint32_t lane, uint32_t address,
			uint32_t bit);
/* What the driver believes to exist, the commands still queued included. */
const struct fb_structure *fb_core_engine_structure(const struct fb_engine *engine);

#endif
