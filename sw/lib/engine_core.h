/* Inside of the engine `core:` for those who bring their own core or reach behind it: tests. */
#ifndef FIREBREAK_ENGINE_CORE_H
#define FIREBREAK_ENGINE_CORE_H

#include <firebreak/engine.h>

#include "../../sim/core_shim.h"
#include "core_args.h"
#include "structure.h"

/* A core behind a driver, which runs by itself. tick() sends the command offered if there is room,
 * looks for one record, and waits a little when it did neither. Its cycles() may stand still for a
 * while. ops.open is not used: the core is open already. */
struct fb_live_core {
	struct fb_core_ops ops;
	/* 1: the word is on its way; 0: not now; -EIO */
	int (*push)(struct fb_core *core, const union fb_command *word);
	/* Number of records that were there: LEVEL after LEVEL, and the first that is something
	 * else; at most room; 0; -EIO. Nothing else is looked at. */
	int (*receive)(struct fb_core *core, union fb_record *out, size_t room);
	/* See fb_engine_ops. */
	uint32_t (*ahead)(const struct fb_core *core);
	/* So many of its cycles went by, and nothing came of what it was told: it is dead. */
	void (*hangs)(struct fb_core *core, uint64_t cycles);
	/* uri, emitter, own_clock and why. args: those of fb_core_open_live. */
	void (*describe)(const struct fb_core *core, const struct fb_core_args *args,
			 struct fb_engine_info *out);
};
/* The core belongs to the engine from here on, also if this fails. Of args, seed, place and stall
 * count. live must outlive the engine. */
int fb_core_open_live(const struct fb_live_core *live, struct fb_core *core,
		      const struct fb_core_args *args, struct fb_engine **out,
		      struct fb_error *error);

/* As fb_core_open, with these ops in place of a library's. */
int fb_core_open_ops(const struct fb_core_ops *ops, const char *args, struct fb_engine **out,
		     struct fb_error *error);

struct fb_core *fb_core_engine_core(struct fb_engine *engine);
/* Flips a stored bit of the core (see core_shim.h); needs `poke=1` in the arguments. */
int fb_core_engine_flip(struct fb_engine *engine, int table, uint32_t lane, uint32_t address,
			uint32_t bit);
/* What the driver believes to exist, the commands still queued included. */
const struct fb_structure *fb_core_engine_structure(const struct fb_engine *engine);

#endif
