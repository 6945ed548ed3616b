/* What the two files of the engine `core:` share: engine_core.c drives a core's streams,
 * engine_core_open.c opens it and says how it stands. */
#ifndef FIREBREAK_ENGINE_CORE_STATE_H
#define FIREBREAK_ENGINE_CORE_STATE_H

#include "command_check.h"
#include "core_library.h"
#include "engine_core.h"

#define CORE_QUEUE 64
/* Commands that are remembered after they left the queue: more than a command window holds and
 * records may wait for. */
#define CORE_HISTORY 1024
/* The longest walk is 65,536 stripes, and a snapshot of 2^20 accounts stays far below this too. */
#define CORE_WATCHDOG_CYCLES 50000000

struct core_queued {
	union fb_command word;
	uint32_t row_before;     /* with new_row: the account whose row lay there before */
	bool new_row;
};

struct core_engine {
	struct fb_engine engine;
	struct fb_core_args args;
	struct fb_core_library library;
	const struct fb_core_ops *ops;
	struct fb_core *core;
	struct fb_core_geometry geometry;
	struct fb_check check;
	struct fb_structure structure;
	struct fb_placement placement;
	const struct fb_live_core *live; /* NULL: the core is clocked by us */
	/* Ring; `queued` of them wait, the others have gone. */
	struct core_queued queue[CORE_HISTORY];
	unsigned queue_first, queued;
	union fb_record own[CORE_QUEUE]; /* faults of ignored commands that a card never sees */
	unsigned owns;
	uint64_t ticks; /* drives stalls */
	uint64_t heard; /* cycle in which a word was last taken or a record given */
	bool busy;      /* commands or records were on their way when we looked last */
	uint64_t ends_due; /* batches closed by what was submitted, whose BATCH_END has not come */
	uint64_t records_due; /* REJECT, FUNDING and FAULT records due from what was submitted */
	uint64_t row_revaluations;
	union fb_record second; /* of a pair: waits until the caller has room */
	bool seconds;
	uint64_t level_pairs;
	const char *why; /* what no core does, done by this one; NULL */
	bool dead;
};

static inline struct core_engine *core_engine(const struct fb_engine *engine)
{
	return (struct core_engine *)(uintptr_t)engine;
}

/* See fb_engine_ops. */
int fb_core_submit(struct fb_engine *engine, const union fb_command *command);
int fb_core_poll(struct fb_engine *engine, union fb_record *out, size_t room, int *idle);

#endif
