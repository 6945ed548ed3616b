/* C face of the Verilated core. build/libfbcoreN.so (N = lanes) holds one Verilated model and this
 * one symbol; sw/lib/engine_core.c opens it with dlopen, so that `firebreak` builds and runs
 * without Verilator. One clock cycle is one call of tick(). All C++ of Verilator stays behind this
 * header. */
#ifndef FIREBREAK_CORE_SHIM_H
#define FIREBREAK_CORE_SHIM_H

#include <stdint.h>

#include <firebreak/layout.h>

struct fb_core;

struct fb_core_geometry {
	/* lanes, lanes per group: a group walks its stripes in lockstep */
	uint32_t lanes, group;
	/* stripes per group (= rows per lane), account slots per lane */
	uint32_t rows, accounts;
};

/* What crosses the core's two streams in one cycle. */
struct fb_core_io {
	/* in */
	/* NULL: cmd_valid is low. Keep offering the same word until taken. */
	const union fb_command *command;
	int record_ready;
	/* out */
	int command_taken;              /* the core took *command in this cycle */
	/* `record` was on the output and was taken (record_ready was high) */
	int record_valid;
	union fb_record record;
	/* A core behind a driver only; left as they are by a core that is clocked by tick(). */
	int error;                      /* -errno: there is no core any more */
	int busy;                       /* commands or records are still on their way */
};

/* What the core spent its cycles on (hw/rtl/fb_counters.v). Every cycle since reset counts once:
 * the six sum to cycles() - FB_CORE_RESET_CYCLES. 48 bits each. */
enum fb_core_counter {
	FB_CORE_IDLE,                   /* nothing is done */
	FB_CORE_ISSUE,                  /* a command is checked or its rows are walked */
	FB_CORE_DRAIN,                  /* a batch is closed */
	FB_CORE_RANK,
	FB_CORE_AUDIT,                  /* no command is under way, and the audit works */
	FB_CORE_STALLED,                /* a record waits for room at the output */
	FB_CORE_COUNTERS
};
#define FB_CORE_RESET_CYCLES 4          /* spent in open() */

/* Memories that flip() reaches. Those of a group are named by any of its lanes; where there is
 * one for the whole core, the lane is ignored. */
enum fb_core_table {
	FB_CORE_ROWS,                   /* of a lane; address: stripe */
	FB_CORE_ACCOUNTS,               /* of a lane; address: slot */
	FB_CORE_LEVELS,                 /* of a lane; address: slot */
	/* Of a group; address: ladder x 16 + tier. Tier 0 has no floor. Ladder 256: known rows. */
	FB_CORE_FLOORS,
	FB_CORE_TIERS,
	/* Of a lane; address: copy x 128 + class x 8 + index from 1. The copies: up and down of
	 * port a, up and down of port b. */
	FB_CORE_THRESHOLDS,
	FB_CORE_SYMBOLS,                /* of the core; address: symbol */
	FB_CORE_HEADS,                  /* of a group; address: symbol */
	FB_CORE_LINKS,                  /* of a group; address: stripe */
	FB_CORE_WORTHS,                 /* of a lane; address: stripe */
	FB_CORE_FIXED,                  /* of a lane; address: slot. What only ACCOUNT writes */
	FB_CORE_TABLES
};

struct fb_core_ops {
	uint32_t abi;                   /* FB_LAYOUT_HASH of the build */
	struct fb_core *(*open)(const char *wave_path /* NULL: no waveform */);
	void (*geometry)(const struct fb_core *, struct fb_core_geometry *);
	void (*tick)(struct fb_core *, struct fb_core_io *);
	uint64_t (*cycles)(const struct fb_core *);
	/* Test port: flips one bit of a stored word of an fb_core_table. 0; -EINVAL: no such table,
	 * lane, address or bit; -ENOTSUP: not the -poke build. */
	int (*flip)(struct fb_core *, int table, uint32_t lane, uint32_t address, uint32_t bit);
	void (*close)(struct fb_core *);
	void (*counters)(const struct fb_core *, uint64_t out[FB_CORE_COUNTERS]);
};

/* The one exported symbol. */
const struct fb_core_ops *fb_core_ops(void);
typedef const struct fb_core_ops *(*fb_core_ops_fn)(void);

#endif
