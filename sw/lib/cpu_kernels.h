/* The inner loops of the software engine, a set for each kind of instructions, and what they read:
 * bands, tiles, and the columns of cpu_rank.h. Private to cpu*.c. */
#ifndef CPU_KERNELS_H
#define CPU_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/layout.h>

#include "cpu_rank.h"

#define CPU_FAN 64u	     /* children of a node of a band tree */
#define CPU_DEPTH 5u	     /* 64^5 rows: more than there can be */
#define CPU_LANES 8u	     /* accounts of a tile */
#define CPU_ROWS_IN_TILE 64u /* an account with more is looked at alone */

/* ---- bands ---- */

/* A range is open: inside is lo < u < hi, in floats that were rounded inward. */
struct cpu_node {
	float lo[CPU_FAN], hi[CPU_FAN];
	uint32_t child[CPU_FAN]; /* nodes, or rows at the bottom */
};

struct cpu_band {
	float lo, hi;
};

/* ---- tiles: all calm accounts with the same number of rows, eight at a time ---- */

struct cpu_tile_head {
	float base[CPU_LANES]; /* h at u = 0, rounded down */
	uint32_t account[CPU_LANES];
};
struct cpu_tile_row {
	float slope[CPU_LANES], lo[CPU_LANES], hi[CPU_LANES];
	uint16_t symbol[CPU_LANES];
};

#define CPU_TILE_CLASSES 14u
struct cpu_tiles {
	unsigned rows;	   /* rows of a lane; unused ones have slope 0 */
	uint32_t accounts; /* lanes in use, from the first on */
	size_t stride;	   /* bytes of a tile */
	uint8_t *tile;
	size_t bytes; /* of the mapping */
};

static inline struct cpu_tile_head *cpu_tile_head(const struct cpu_tiles *t, uint32_t tile)
{
	return (struct cpu_tile_head *)(void *)(t->tile + tile * t->stride);
}
static inline struct cpu_tile_row *cpu_tile_rows(struct cpu_tile_head *head)
{
	return (struct cpu_tile_row *)(void *)(head + 1);
}
/* A lane is safe if h exceeds this share of |base| + sum of |slope x u|: every product errs by
 * 2^-23 of itself at most (u, slope and the product are rounded once each), every sum by 2^-24. */
static inline float cpu_tile_doubt(unsigned rows)
{
	return (float)(rows + 8) * 0x1p-23f;
}

/* What depends on the instruction set. Same answers, to the bit, are not asked for: each may err to
 * the safe side. */
struct cpu_kernels {
	const char *name;
	/* Bit i: range i does not hold u. */
	uint64_t (*outside)(const struct cpu_node *node, float u);
	/* The tightest range of a node's. */
	struct cpu_band (*tightest)(const struct cpu_node *node);
	/* Appends accounts of the tiles that it cannot rule out; returns how many. */
	size_t (*sweep)(const struct cpu_tiles *tiles, const float *u, uint32_t *out);
	/* What other rows are worth, and the equity of groups. */
	void (*rank_rest)(const struct cpu_rank_rest *job);
	/* The shape of groups. */
	void (*rank_shape)(const struct cpu_rank_rest *job);
	/* How far any of these unit values is from that of then, as a share of it. */
	float (*rank_drift)(const float u[FB_SYMBOLS], const float then[FB_SYMBOLS]);
	/* Ranges that hold the keys; and those of all groups, from what is known of these. */
	void (*rank_bound)(const struct cpu_rank_job *job);
	void (*rank_bound_groups)(const struct cpu_rank_job *job);
	/* Counts rows, and appends those in doubt; returns how many. */
	uint32_t (*rank_count)(const struct cpu_rank_count *job);
	/* The logarithms of sixteen numbers, 1 or more, in units. For tests. */
	void (*rank_log)(const float *x, int32_t *out);
};
extern const struct cpu_kernels cpu_kernels_portable; /* eight lanes, anywhere */
/* What avx512 runs, sixteen lanes, in the instructions that every processor has. For tests. */
extern const struct cpu_kernels cpu_kernels_wide;
/* NULL where the compiler or the processor has no such instructions. */
const struct cpu_kernels *cpu_kernels_avx2(void);
const struct cpu_kernels *cpu_kernels_avx512(void);
/* By name, or "best" there is. *known: it is one of these names. NULL: not here. */
const struct cpu_kernels *cpu_kernels_choose(const char *name, bool *known);

#endif
