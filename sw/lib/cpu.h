/* The software engine `cpu:`: the contract's exact results, as fast as cores can. Private to
 * cpu*.c.
 *
 * What is decided is decided in whole numbers; floating point only says which accounts need not be
 * looked at, with bounds that lean to the safe side. Three ways of not looking:
 *
 *   bands    for every row a range of its symbol's unit value. While each row of an account is
 *            inside its range, no level of that account can change, whatever the combination. A
 *            tree over the rows of a symbol (cpu_band.c) answers a mark that leaves no range with
 *            two comparisons, and finds the rows it does leave without touching the others.
 *   tiles    when a batch leaves many ranges, all calm accounts are swept instead: eight at a time,
 *            a multiplication and an addition for each row (cpu_tile.c).
 *   review   what neither can rule out is computed exactly (cpu_judge.c), and gets new ranges.
 *
 * Over a range of u a row's MM lies below a straight line, also where the range reaches into
 * other tiers (cpu_line.c); so an account's distance from its next threshold T, which is
 * h = equity - MM / T, is bounded by something linear in every u. A calm account whose h is bounded
 * that way is `sure`: tile and bands describe it, and something is spare beyond what they need. As
 * long as that lasts, money that comes or goes, and fills that change a little, need no review
 * (cpu_keep.c).
 *
 * A batch that concerns very many accounts writes no bands for those it reviews: they are `stale`.
 * While there are such, each batch of marks sweeps, and renews some of them.
 */
#ifndef CPU_H
#define CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/engine.h>
#include <firebreak/layout.h>

#include "command_check.h"
#include "cpu_pool.h"
#include "cpu_rank.h"
#include "idmap.h"

#define CPU_NONE UINT32_MAX
#define CPU_FAN 64u	     /* children of a node of a band tree */
#define CPU_DEPTH 5u	     /* 64^5 rows: more than there can be */
#define CPU_LANES 8u	     /* accounts of a tile */
#define CPU_ROWS_IN_TILE 64u /* an account with more is looked at alone */

/* ---- rows and accounts: 40 and 64 bytes ---- */

struct cpu_row {
	int64_t qty, entry_e8;
	uint32_t position; /* logical id */
	uint32_t account;  /* index */
	uint32_t addend_e7;
	uint32_t next; /* of the account, or free */
	uint32_t at;   /* place in its symbol's tree */
	uint16_t symbol;
	uint8_t flags;
	uint8_t in_tile; /* which row of its account's tile, while that is sure */
};

/* Where an account stands for a sweep. */
enum cpu_stand {
	CPU_STAND_ALONE = 0, /* no row, so that no mark concerns it */
	CPU_STAND_TILE,
	CPU_STAND_APART, /* in the list of those that a sweep looks at one by one */
};

struct cpu_account {
	__int128 collateral_e8, addend_e15;
	uint32_t id;
	uint32_t first; /* row; also links free accounts */
	uint32_t place; /* TILE: lane of its class; APART: in the list */
	uint16_t rows;
	uint8_t class_id, role, level, stand;
	uint8_t tile; /* class of tiles */
	bool used : 1, unknown : 1, damaged : 1, held : 1;
	bool touched : 1; /* the index is in cpu.touched */
	bool sure : 1;	  /* calm; bands and tile hold, with what is spare */
	bool stale : 1;	  /* its bands say nothing */
	bool listed : 1;  /* the index is in cpu.stale */
	bool dirty : 1;	  /* the index is in cpu.ranking.dirty */
	bool late : 1;	  /* a row is in cpu.late */
	double spare_e8;  /* sure: what may be lost before bands and tile say nothing */
};
_Static_assert(sizeof(struct cpu_row) == 40 && sizeof(struct cpu_account) == 64, "as promised");

struct cpu_tier {
	uint64_t floor_e8;
	uint32_t rate_e7;
	bool plain; /* MM is not negative from the floor on, whatever the addend */
	unsigned __int128 deduction_e15;
	double floor, deduction; /* the same, for ranges */
};

struct cpu_ladder {
	unsigned tiers, symbols;
	uint64_t floor_e8[FB_TIERS]; /* once more, side by side; none: the highest number */
	struct cpu_tier tier[FB_TIERS];
};

/* A fill that has changed its row and account, and not yet what bands and tile say of them: what
 * the row was before (cpu_keep.c). */
struct cpu_late {
	uint32_t row;
	int64_t qty, entry_e8, delta_e8;
};
#define CPU_LATE 4u

/* Ids are mostly given one after the other, as places are: then a place is the id and a number that
 * is the same for nearly all, and what lies there says whether it is the one. The map has the
 * others, and may have more. Which number that is, the first of them decide by majority. */
struct cpu_order {
	uint32_t ahead;	  /* place less id */
	uint32_t surplus; /* of those that it was right for over the others */
};
#define CPU_ORDER_FIRST 4096u

struct cpu_class {
	unsigned thresholds, accounts;
	uint32_t up_e7[FB_THRESHOLDS], down_e7[FB_THRESHOLDS];
	bool strict;
};

/* ---- bands ---- */

/* A range is open: inside is lo < u < hi, in floats that were rounded inward. */
struct cpu_node {
	float lo[CPU_FAN], hi[CPU_FAN];
	uint32_t child[CPU_FAN]; /* nodes, or rows at the bottom */
};

struct cpu_symbol {
	uint64_t u;
	uint32_t root; /* node; CPU_NONE: no rows yet */
	uint32_t rows;
	float lo, hi; /* the tightest of all rows' ranges */
	uint16_t ladder;
	uint8_t depth; /* levels of nodes */
	bool defined;
	bool marked; /* in cpu.marked */
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

struct cpu {
	struct fb_engine engine; /* first */
	const struct cpu_kernels *kernels;
	struct fb_check check; /* next sequence, batch open, tables as the checks need them */
	struct {
		uint32_t commands, rejects, records;
		uint64_t digest;
	} batch;
	struct cpu_ladder ladder[FB_LADDERS];
	struct cpu_class class[FB_CLASSES];
	struct cpu_symbol symbol[FB_SYMBOLS];
	float u[FB_SYMBOLS + 1]; /* of each symbol; the last is of unused rows of a tile */

	struct cpu_account *account;
	uint32_t accounts_max, accounts, free_account, accounts_top; /* from top on all are new */
	struct cpu_row *row;
	uint32_t rows_max, rows, free_row, rows_top;
	struct fb_idmap account_map, row_map;
	struct cpu_order account_order, row_order;
	struct cpu_node *node;
	uint32_t nodes, nodes_max, free_node;
	struct cpu_tiles tiles[CPU_TILE_CLASSES];
	uint32_t *apart, apart_n;

	uint32_t *touched, touched_n; /* accounts to review at the end of the batch */
	uint16_t marked[FB_SYMBOLS];  /* symbols with rows that may be outside of their ranges */
	unsigned marked_n;
	uint32_t *found; /* by a sweep */
	uint32_t *stale, stale_n; /* accounts without bands; some have got them meanwhile */
	struct cpu_late late[CPU_LATE]; /* the first of them is at late_first */
	unsigned late_first, late_n;
	uint32_t unsure[CPU_LATE]; /* accounts whose ranges a fill has made void; the same */
	unsigned unsure_first, unsure_n;
	struct cpu_ranking ranking;
	uint64_t changes; /* commands that changed something */

	union fb_record *queue;
	size_t queue_size, queue_first, queue_n;
	uint64_t revaluations, reviews, sweeps, kept;
	uint32_t seek; /* so many accounts are sought in trees before all are swept; 0: the usual */

	struct cpu_pool pool;
	struct cpu_wave *wave;
	bool dead; /* a thread did not answer */
};

struct cpu_sums {
	__int128 equity_e8, mm_e15;
	unsigned bad_rows;
};

static inline __int128 cpu_wrap(__int128 v, unsigned bits)
{
	return (__int128)((unsigned __int128)v << (128 - bits)) >> (128 - bits);
}

static inline __int128 cpu_from_i128(struct fb_i128 v)
{
	return (__int128)((unsigned __int128)(uint64_t)v.hi << 64 | v.lo);
}

static inline struct fb_i128 cpu_to_i128(__int128 v)
{
	return (struct fb_i128){ .lo = (uint64_t)v, .hi = (int64_t)(v >> 64) };
}

/* cpu_store.c: accounts and rows */
int cpu_store_open(struct cpu *c);
void cpu_store_close(struct cpu *c);
void cpu_store_clear(struct cpu *c);
uint32_t cpu_account_find(const struct cpu *c, uint32_t id);
uint32_t cpu_row_find(const struct cpu *c, uint32_t position);
/* A fill goes to lines anywhere in memory. What is known to be needed is asked for at once: row and
 * account, or where ids have no order both look-ups before; and tile and band, for which it does
 * not wait (cpu_keep.c). */
void cpu_store_fetch(const struct cpu *c, const union fb_command *command);
uint32_t cpu_account_new(struct cpu *c, uint32_t id);
void cpu_account_forget(struct cpu *c, uint32_t account);
uint32_t cpu_row_new(struct cpu *c, uint32_t position, uint32_t account, uint16_t symbol);
void cpu_row_forget(struct cpu *c, uint32_t row);
void cpu_touch(struct cpu *c, uint32_t account);

/* cpu_band.c: the tree of each symbol */
int cpu_band_open(struct cpu *c);
void cpu_band_close(struct cpu *c);
void cpu_band_clear(struct cpu *c);
/* A new row, outside of its range: the next mark finds it. */
void cpu_band_add(struct cpu *c, uint32_t row);
void cpu_band_remove(struct cpu *c, uint32_t row);
void cpu_band_set(struct cpu *c, const struct cpu_row *row, struct cpu_band band);
struct cpu_band cpu_band_get(const struct cpu *c, const struct cpu_row *row);
void cpu_band_fetch(const struct cpu *c, const struct cpu_row *row);
/* Touches the accounts of rows outside of their range at the symbol's u, until `most` accounts are
 * touched in this batch. False: it stopped there. */
bool cpu_band_collect(struct cpu *c, uint16_t symbol, uint32_t most);
/* Every row of a symbol, whatever its range. */
typedef void cpu_visit(struct cpu *c, struct cpu_row *row, void *context);
void cpu_band_each(struct cpu *c, uint16_t symbol, cpu_visit *visit, void *context);

/* cpu_tile.c */
int cpu_tile_open(struct cpu *c);
void cpu_tile_close(struct cpu *c);
void cpu_tile_clear(struct cpu *c);
/* A row's value less its MM / T is at least slope x u - constant while u is inside the range. */
struct cpu_line {
	float slope;
	struct cpu_band range;
	double constant_e8;
};
/* The rows' lines, in the order of the account's list, which are 1..CPU_ROWS_IN_TILE; numbers the
 * rows. */
void cpu_tile_put(struct cpu *c, uint32_t account, float base, const struct cpu_line *line);
/* A sweep has to look at this one. */
/* Neither of these two changes anything but the account and its own lane. */
bool cpu_tile_stays(const struct cpu_account *account);
void cpu_tile_put_apart(struct cpu *c, uint32_t account);
void cpu_tile_remove(struct cpu *c, uint32_t account);
/* Touches every account that a mark may concern and that cannot be ruled out. 0 or -ETIMEDOUT. */
int cpu_tile_sweep(struct cpu *c);

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

/* cpu_judge.c */
struct cpu_valued {
	uint64_t notional_e8;
	unsigned tier;
	bool bad;
	__int128 value_e8, mm_e15;
};
void cpu_value(const struct cpu *c, const struct cpu_row *row, struct cpu_valued *out);
struct cpu_sums cpu_sum(struct cpu *c, const struct cpu_account *account);
/* The same, and what was seen of each row, in the order of the account's list. */
struct cpu_sums cpu_look(const struct cpu *c, const struct cpu_account *account,
			 struct cpu_valued seen[FB_ROWS_PER_ACCOUNT]);
enum fb_level cpu_level(const struct cpu *c, const struct cpu_account *account,
			const struct cpu_sums *sums);
/* New ranges for an account whose level is as it was. */
void cpu_judge_renew(struct cpu *c, uint32_t account);
/* The end of a batch. 0, or -ETIMEDOUT: a thread did not do its part. */
int cpu_judge(struct cpu *c, uint64_t seq);
/* Ahead of a review. */
void cpu_judge_fetch_rows(const struct cpu *c, const struct cpu_account *account);
void cpu_judge_fetch_tile(const struct cpu *c, const struct cpu_account *account);

/* cpu_storm.c: the accounts touched from one on, of a batch that concerns very many */
int cpu_storm_open(struct cpu *c);
void cpu_storm_close(struct cpu *c);
int cpu_storm(struct cpu *c, uint64_t seq, uint32_t from);

/* cpu_range.c: new ranges for an account that was reviewed, and its place for sweeps; or only its
 * place, and it is stale. */
void cpu_range_renew(struct cpu *c, uint32_t account, const struct cpu_sums *sums,
		     const struct cpu_valued *seen, bool bands);
void cpu_range_stale(struct cpu *c, uint32_t account);
/* Its place for sweeps, if it keeps its lane; changes nothing but the account and that. */
bool cpu_range_place(struct cpu *c, uint32_t account, const struct cpu_sums *sums,
		     const struct cpu_valued *seen);
struct cpu_band cpu_range_of_tier(const struct cpu_ladder *ladder, unsigned tier, double lots);
double cpu_real(__int128 v);

#define CPU_INWARD 4e-7	    /* more than four roundings to float, 2^-24 each */
#define CPU_CAREFUL 0x1p-48 /* of the magnitudes that went into a sum of at most 512 terms */

/* cpu_line.c */
/* The line of a row over a range. False: there is none, as MM might be negative there, or the row
 * bad. Part: 1 / T. */
bool cpu_line_over(const struct cpu_ladder *ladder, double lots, uint32_t addend_e7, double part,
		   struct cpu_band range, struct cpu_line *out);
/* The least that slope x u can be inside the band. */
double cpu_line_least(float slope, struct cpu_band band);
float cpu_float_down(double x);
/* A calm account: its tile, and with `bands` its bands and what is spare. False: no lines say that
 * it is calm. */
bool cpu_line_account(struct cpu *c, uint32_t account, const struct cpu_sums *sums,
		      const struct cpu_valued *seen, double up_e7, bool bands);

/* cpu_keep.c: what leaves an account so surely calm that it needs no review. False: nothing was
 * done, and it does need one. */
bool cpu_keep_money(struct cpu *c, struct cpu_account *a, __int128 delta_e8);
bool cpu_keep_fill(struct cpu *c, struct cpu_account *a, struct cpu_row *row,
		   const struct fb_cmd_fill *fill);
/* Bands and tiles say what fills have changed: before anybody reads them. */
void cpu_keep_late(struct cpu *c);

/* cpu_room.c */
/* Zeroed; pages are taken when they are first written. NULL: no room. */
void *cpu_room(size_t bytes, bool sparse);
/* What this machine, or the group of processes this one is in, can still give. */
uint64_t cpu_room_left(void);
void cpu_room_free(void *room, size_t bytes);

/* cpu_apply.c */
enum fb_reject cpu_check_structure(const struct cpu *c, const union fb_command *command);
void cpu_apply(struct cpu *c, const union fb_command *command);

/* cpu_emit.c */
/* Inline, so that it is made where it is wanted: what has just been written in pieces cannot be
 * copied in larger ones for a while. */
static inline union fb_record cpu_record(uint64_t seq, enum fb_rec kind)
{
	return (union fb_record){ .header = { .seq = seq, .kind = (uint8_t)kind } };
}
void cpu_decide(struct cpu *c, const union fb_record *record);
void cpu_decide_hashed(struct cpu *c, const union fb_record *record, uint64_t hash);
void cpu_push(struct cpu *c, const union fb_record *record);
union fb_record cpu_record_level(uint64_t seq, const struct cpu_account *account,
				 const struct cpu_sums *sums, enum fb_level level);
void cpu_emit_hash(struct cpu *c, const struct fb_cmd_hash *command);
void cpu_emit_snapshot(struct cpu *c, uint64_t seq);
void cpu_emit_batch_end(struct cpu *c, uint64_t seq);

#include "cpu_ranking.h"

#endif
