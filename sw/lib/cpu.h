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
 *
 * Here is what an engine is made of as a whole. Accounts and rows are in cpu_book.h, the inner
 * loops and what they read in cpu_kernels.h, reviews and ranges in cpu_judge.h, RANK in
 * cpu_ranking.h.
 */
#ifndef CPU_H
#define CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/engine.h>
#include <firebreak/layout.h>

#include "command_check.h"
#include "cpu_book.h"
#include "cpu_kernels.h"
#include "cpu_pool.h"
#include "idmap.h"

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

struct cpu_line;
struct cpu_sums;

/* cpu_tile.c */
int cpu_tile_open(struct cpu *c);
void cpu_tile_close(struct cpu *c);
void cpu_tile_clear(struct cpu *c);
/* The rows' lines, in the order of the account's list, which are 1..CPU_ROWS_IN_TILE; numbers the
 * rows. */
void cpu_tile_put(struct cpu *c, uint32_t account, float base, const struct cpu_line *line);
/* A sweep has to look at this one. */
void cpu_tile_put_apart(struct cpu *c, uint32_t account);
/* It stands where an account with so many rows does: then neither of these two changes anything but
 * the account and its own lane. */
bool cpu_tile_stays(const struct cpu_account *account);
void cpu_tile_remove(struct cpu *c, uint32_t account);
/* Touches every account that a mark may concern and that cannot be ruled out. 0 or -ETIMEDOUT. */
int cpu_tile_sweep(struct cpu *c);

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

#endif
