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
};

struct fb_core_ops {
	uint32_t abi;                   /* FB_LAYOUT_HASH of the build */
	struct fb_core *(*open)(const char *wave_path /* NULL: no waveform */);
	void (*geometry)(const struct fb_core *, struct fb_core_geometry *);
	void (*tick)(struct fb_core *, struct fb_core_io *);
	uint64_t (*cycles)(const struct fb_core *);
	/* Test port: flips one bit of a stored word. table 0: row RAM, 1: account RAM. 0, or
	 * -ENOTSUP / -EINVAL. */
	int (*flip)(struct fb_core *, int table, uint32_t lane, uint32_t address, uint32_t bit);
	void (*close)(struct fb_core *);
};

/* The one exported symbol. */
const struct fb_core_ops *fb_core_ops(void);
typedef const struct fb_core_ops *(*fb_core_ops_fn)(void);

#endif
