/* What the software engine keeps for RANK, and how it bounds keys. Private to cpu*.c.
 *
 * A histogram needs the bucket of a key, not the key. So for each side of a symbol that is ranked
 * there are columns of floats, sixteen rows at a time, from which vector code computes a range that
 * holds the exact key; only rows whose range straddles an edge that somebody asked about are
 * computed exactly, in whole numbers (cpu_rank.c). Equity depends on marks of other symbols, so the
 * other rows of the account stand beside each row.
 *
 * Why the range holds the key. Let eps = 2^-24. Floats round to nearest: each stored number, each
 * u, each product and each sum errs by eps of itself at most. Contracts round each notional down by
 * less than 1. With v = |qty| u / 2^16 of a row as computed:
 *
 *   notional     v errs by 3 eps v, and 1
 *   PnL          value less entry: 3 eps v + eps |e| + eps (v + |e|), and 1
 *   equity       gross = |base| + sum of v over k rows. Products err by 3 eps, base by eps, each of
 *                the k sums by eps of what is summed so far: (3 + k) eps gross, and k
 *   collateral   eps of itself, and the larger of it and the floor
 *   row MM       v x rate less the deduction, while u is in the range of the row's tier (which is
 *                rounded inward): 5 eps of the product, eps of the deduction, eps of both, and the
 *                rate for the notional rounded down
 *   MM           the same of each row and the addend; gross as above: (6 + k) eps gross, and the
 *                sum of the rates
 *
 * of which the code takes a little more each time (for second-order terms, and its own rounding).
 * An operand errs by the share r of itself, r <= 2^-7, or its row is computed exactly; taking 1
 * where it is below 1 errs no more. Its logarithm in units of 2^-16 then errs by
 * 2^16 log2(e) r / (1 - r) < 95400 r; the polynomial by less than CPU_RANK_POLYNOMIAL (every
 * mantissa is looked at by tests/unit/test_cpu_kernel.c), rounding to whole units by less than 1/2,
 * and the contract's logarithm by less than 1.25. A share is computed with a reciprocal that errs
 * by 2^-11 of itself, for which 95500 stands in the place of 95400. The score errs by the sum over
 * |c_i|. The class is certain when the PnL is further from 0 than it errs; so is whether there is
 * equity.
 *
 * A level says that no row is bad, no account is damaged and collateral fits: with level 8 all
 * of these are excluded, whatever exclude_level.
 *
 * What changes of rows and accounts is written down (cpu_rank_dirty) and brought into the columns
 * by the next RANK. Marks are not: keys are bounded anew after any change.
 *
 * Maintenance margins and collateral are in columns of their own, which are made when a formula
 * first asks for them. A row that leaves its tier's range makes its account be computed exactly
 * once, and gets a new range with the next RANK.
 */
#ifndef CPU_RANK_H
#define CPU_RANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/layout.h>

#define CPU_RANK_LANES 16u
#define CPU_RANK_OTHERS 15u /* an account with more other rows is always computed exactly */
#define CPU_RANK_POLYNOMIAL 0.25f
#define CPU_RANK_UNSURE_LO 1
#define CPU_RANK_UNSURE_HI 0x3fffffff

/* One other row of each account. */
struct cpu_rank_other {
	float lots[CPU_RANK_LANES]; /* signed, times 2^-16 */
	uint16_t symbol[CPU_RANK_LANES];
};

struct cpu_rank_tile {
	float lots[CPU_RANK_LANES];
	float entry[CPU_RANK_LANES];   /* signed */
	float base[CPU_RANK_LANES];    /* collateral less all entries; NaN: computed exactly */
	uint8_t level[CPU_RANK_LANES]; /* CPU_RANK_NEVER: takes no part */
	uint32_t other;		       /* the first of `others` */
	uint32_t others;
};
#define CPU_RANK_NEVER 255

/* MM of a row is rate x notional less a deduction while lo < u < hi: there it stays in its tier. */
struct cpu_rank_line {
	float rate[CPU_RANK_LANES], lo[CPU_RANK_LANES], hi[CPU_RANK_LANES];
};

/* For a tile, what only formulas with MM or collateral read; a side of an engine that was never
 * asked for one has none. */
struct cpu_rank_more {
	float collateral[CPU_RANK_LANES];
	float margin[CPU_RANK_LANES];	 /* the account's addend less the deductions of all rows */
	float deduction[CPU_RANK_LANES]; /* of the row itself */
	struct cpu_rank_line line;
};
#define CPU_RANK_MARGINS (1u << 4 | 1u << 5) /* operands */
#define CPU_RANK_MORE (CPU_RANK_MARGINS | 1u << 6)

/* Ranges of keys for tiles side by side. An excluded row has 0..0. */
struct cpu_rank_job {
	const struct cpu_rank_tile *tile;
	const struct cpu_rank_other *other;
	const struct cpu_rank_more *more; /* if an operand is one of CPU_RANK_MORE */
	const struct cpu_rank_line *line; /* of other rows, the same */
	uint32_t tiles;
	const float *u;	 /* of all symbols */
	uint16_t symbol; /* that is ranked */
	uint8_t exclude_level;
	uint8_t used; /* bit i: operand i has a coefficient */
	int8_t profit[FB_RANK_OPERANDS], loss[FB_RANK_OPERANDS];
	float floor;
	int32_t *lo, *hi;
};

/* Lots of a lane, and a one above them if there is a row: added up together, both are counted. */
#define CPU_RANK_ROW_BIT FB_QTY_BITS
#define CPU_RANK_ROW (UINT64_C(1) << CPU_RANK_ROW_BIT)
#define CPU_RANK_LOTS (CPU_RANK_ROW - 1)

/* Neighbours count in different banks, as one place cannot be added to every cycle. The last of a
 * bank is for nothing. */
#define CPU_RANK_BANKS 8u
#define CPU_RANK_BANK (FB_RANK_BUCKETS + 1u)

/* Which rows have keys in from..below-1, and their buckets. */
struct cpu_rank_count {
	const int32_t *lo, *hi;
	const uint64_t *lots;
	uint32_t lanes; /* a multiple of CPU_RANK_LANES */
	int32_t from, below;
	bool edge; /* a key equal to `below` may belong, too */
	int32_t origin;
	unsigned zoom;
	bool list; /* no histogram: also rows that are certain go into `doubtful` */
	bool together;	/* rows are counted in `sum`: lots are so few that they never reach them */
	uint32_t *rows; /* CPU_RANK_BANKS times a bank */
	uint64_t *sum;	/* the same; lanes are few enough for no sum to overflow */
	uint32_t *doubtful; /* lanes to be looked at one by one */
};

/* Rows of one side of a symbol: tiles side by side. */
struct cpu_rank_side {
	uint32_t tile, tiles; /* 0 tiles: no columns */
	uint32_t next, end;   /* lanes of all that no row has had yet */
	uint64_t lots_most;   /* no row has had more */
};

struct cpu_ranking {
	struct fb_cmd_rank of; /* whose keys `lo` and `hi` bound */
	uint64_t changes;      /* as of then; 0: none */
	int32_t *lo, *hi;      /* by lane of the side */
	uint32_t *doubtful;    /* the same */

	struct cpu_rank_side side[FB_SYMBOLS][2];
	uint32_t sides; /* with columns */
	struct cpu_rank_tile *tile;
	uint32_t *row_of; /* by lane of all; CPU_NONE: none */
	uint64_t *lots;	  /* the same; see CPU_RANK_ROW */
	uint32_t tiles, tiles_max;
	struct cpu_rank_other *other;
	uint32_t others, others_max;
	bool margins; /* there are these two */
	struct cpu_rank_more *more; /* by tile */
	struct cpu_rank_line *line; /* by other */
	uint32_t *lane_of; /* by row, while there are columns; CPU_NONE: none */
	uint32_t *dirty, dirty_n, dirty_max; /* accounts */
};

#endif
