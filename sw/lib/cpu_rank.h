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
 *   PnL          value less entry: 3 eps v + eps |e| + eps |PnL|, and 1; as |e| is at most
 *                v + |PnL|, that is 4 eps v + 2 eps |PnL|, and 1
 *   equity       gross = |base| + sum of v over k rows. Products err by 3 eps, base by eps, each of
 *                the k sums by eps of what is summed so far: (3 + k) eps gross, and k
 *                of the rows of other symbols, as they were when unit values were others by a
 *                share d at most: d times what they were worth more. Other rows of the symbol
 *                itself are in gross twice, at a unit value of then which is half of this at least
 *   collateral   eps of itself, and the larger of it and the floor
 *   row MM       v x rate less the deduction, while u is in the range of the row's tier (which is
 *                rounded inward): 5 eps of the product, eps of the deduction, eps of both, and the
 *                rate for the notional rounded down
 *   MM           the same of each row and the addend; gross as above: (6 + k) eps gross, and the
 *                sum of the rates
 *
 * of which the code takes a little more each time (for second-order terms, and its own rounding).
 * An operand errs by the share r of itself, and all shares together are 2^-4 at most, or the row is
 * computed exactly; taking 1 where it is below 1 errs no more. So PnL is on the side of 0 where it
 * is computed to be, and there is equity: their shares always count, at least once. A logarithm in
 * units of 2^-16 then errs by 2^16 log2(e) r / (1 - r) < 100900 r. A share is computed with a
 * reciprocal that errs by 2^-11 of itself, for which 101000 stands in the place of 100900. The
 * score errs by the sum over |c_i|.
 *
 * The operands are multiplied and divided before there is a logarithm: floats have room for two of
 * them above and two below, but for extreme ones, whose rows are computed exactly; each step errs
 * by eps. Other formulas are sums of a logarithm for each operand. The polynomial errs by less than
 * CPU_RANK_POLYNOMIAL (every mantissa is looked at by tests/unit/test_cpu_kernel.c), rounding to
 * whole units by less than 1/2, and each of the contract's logarithms by less than 1.25.
 *
 * Lanes are sorted so that neighbours are alike, and of each group of them it is known between
 * which unit values its rows break even, how many lots they have, and what their accounts' equity
 * was at the marks of an epoch. That bounds all keys of a group at any marks, if not closely
 * (cpu_kernel_group.inc): most groups are out of range or all in one bucket, and no lane is looked
 * at. Only of the others are there ranges for each lane, from which the group's own are known.
 *
 * A level says that no row is bad, no account is damaged and collateral fits: with level 8 all
 * of these are excluded, whatever exclude_level.
 *
 * What changes of rows and accounts is written down (cpu_rank_dirty) and brought into the columns
 * by the next RANK. Marks are not: keys are bounded anew after any change. What the other rows of
 * accounts are worth is kept for the side that was ranked last, for each group at the marks of one
 * of a few epochs, and while marks of other symbols have moved little since, taken as it is: the
 * range of equity then says by how much that may be wrong.
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

#define CPU_RANK_GROUP 64u /* lanes, four tiles */
#define CPU_RANK_EPOCHS 4u
#define CPU_RANK_NO_EPOCH 255

/* Sixteen groups: what is known of all rows of each that take part whatever the command. */
struct cpu_rank_groups {
	float even_lo[CPU_RANK_LANES], even_hi[CPU_RANK_LANES]; /* unit values without PnL */
	float lots_lo[CPU_RANK_LANES], lots_hi[CPU_RANK_LANES]; /* of both; none: highest is 0 */
	int32_t level[CPU_RANK_LANES];				/* the highest */
	/* at the marks of the group's epoch: the account's equity for each lot of the row, and the
	 * least share of equity in what an account has and owes, less a quarter */
	float equity_lo[CPU_RANK_LANES], equity_hi[CPU_RANK_LANES], sound[CPU_RANK_LANES];
	float drift[CPU_RANK_LANES]; /* of any unit value since then, as a share */
	float error[CPU_RANK_LANES]; /* units that a score errs by at most; 0: nothing is certain */
	int32_t loss[CPU_RANK_LANES]; /* all of them are in loss, and not in profit */
};

/* For some groups of a side. Of each account: its money and what its rows of other symbols are
 * worth; the sum of magnitudes, with those of other rows of the symbol twice; and the lots of
 * these. Of each group: its shape (the first lines above), and its equity. */
struct cpu_rank_rest {
	const struct cpu_rank_tile *tile;
	const struct cpu_rank_other *other;
	uint32_t tiles;
	const uint32_t *group;
	uint32_t groups; /* so many */
	uint16_t symbol;
	const float *u; /* of all symbols, 0 of this one */
	float own_u;	/* of this one */
	float *rest, *gross, *twin;
	struct cpu_rank_groups *of; /* all groups */
};

/* Ranges of keys for some groups of a side. An excluded row has 0..0. */
struct cpu_rank_job {
	const struct cpu_rank_tile *tile;
	const struct cpu_rank_more *more; /* if an operand is one of CPU_RANK_MORE */
	const float *rest, *gross, *twin; /* unless one is of CPU_RANK_MARGINS */
	const uint8_t *epoch;		  /* of each group; and how far unit values of other */
	const float *drift;		  /* symbols have moved since each, as a share */
	const struct cpu_rank_other *other; /* otherwise */
	const struct cpu_rank_line *line;   /* of other rows, the same */
	uint32_t tiles;
	const uint32_t *group;
	uint32_t groups;		  /* so many */
	struct cpu_rank_groups *of;	  /* all of the side; NULL: they say nothing */
	const float *u;	 /* of all symbols */
	uint16_t symbol; /* that is ranked */
	bool is_short;
	uint8_t exclude_level;
	uint8_t used; /* bit i: operand i has a coefficient */
	int8_t profit[FB_RANK_OPERANDS], loss[FB_RANK_OPERANDS];
	float floor;
	int32_t *lo, *hi;
	int32_t *bottom, *top; /* of each group: no `lo` is lower, no `hi` higher, of rows that may
				* take part; there are none: highest, and 0 */
};

/* Lots of a lane, and a one above them if there is a row that may take part: added up together,
 * both are counted. */
#define CPU_RANK_ROW_BIT FB_QTY_BITS
#define CPU_RANK_ROW (UINT64_C(1) << CPU_RANK_ROW_BIT)
#define CPU_RANK_LOTS (CPU_RANK_ROW - 1)

/* Neighbours count in different banks, as one place cannot be added to every cycle. The last of a
 * bank is for nothing. */
#define CPU_RANK_BANKS 8u
#define CPU_RANK_BANK (FB_RANK_BUCKETS + 1u)

/* Which rows have keys in from..below-1, and their buckets. */
struct cpu_rank_count {
	const int32_t *lo, *hi, *bottom, *top;
	const uint64_t *lots;
	const uint64_t *group_lots; /* the sums of these, if together */
	uint32_t lanes; /* a multiple of CPU_RANK_LANES, the first of a group */
	int32_t from, below;
	bool edge; /* a key equal to `below` may belong, too */
	int32_t origin;
	unsigned zoom;
	bool list; /* no histogram: also rows that are certain go into `doubtful` */
	bool together; /* rows are counted in `sum`: lots are so few that they never reach them, and
			* lanes that rows never go beyond it */
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

/* Marks that something was computed at. */
struct cpu_rank_epoch {
	float u[FB_SYMBOLS + 1], own_u; /* of all symbols, 0 of the one ranked; and of this */
	uint32_t groups;		/* that are of this epoch */
	float drift, drift_of_all;	/* since, as a share: of other symbols, of all */
};

/* What is kept of the side that was ranked last. */
struct cpu_rank_last {
	const struct cpu_rank_side *side; /* NULL: none */
	uint16_t symbol;
	struct cpu_rank_groups *groups; /* by 16 groups of the side */
	uint64_t *group_lots;		/* by group; see CPU_RANK_ROW */
	uint8_t *epoch;			/* CPU_RANK_NO_EPOCH: `rest` and equity say nothing */
	bool *shaped;			/* its shape and lots hold */
	uint8_t *patches;		/* since they were made (cpu_rank_patch.c) */
	bool *bounded;			/* its lanes' ranges hold */
	uint32_t *list;			/* room for one of groups */
	uint64_t *lots;			/* by lane; see CPU_RANK_ROW */
	float *rest, *gross, *twin;	/* the same, at the marks of the group's epoch */
	struct cpu_rank_epoch at[CPU_RANK_EPOCHS];
	unsigned now; /* the one of these marks; CPU_RANK_EPOCHS: none yet */
};

struct cpu_ranking {
	struct fb_cmd_rank of; /* whose keys `lo` and `hi` bound */
	uint64_t changes;      /* as of then; 0: none */
	int32_t *lo, *hi;      /* by lane of the side */
	int32_t *bottom, *top; /* by group of these */
	uint32_t *doubtful;    /* by lane */
	struct cpu_rank_last last;

	struct cpu_rank_side side[FB_SYMBOLS][2];
	uint32_t sides; /* with columns */
	struct cpu_rank_tile *tile;
	uint32_t *row_of; /* by lane of all; CPU_NONE: none */
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
