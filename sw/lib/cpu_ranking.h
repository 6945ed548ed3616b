/* RANK of the software engine: what its files give each other. What is kept, and why, is in
 * cpu_rank.h. Private to cpu*.c. */
#ifndef CPU_RANKING_H
#define CPU_RANKING_H

#include "cpu.h"
#include "cpu_judge.h"

/* cpu_rank.c */
void cpu_rank(struct cpu *c, const struct fb_cmd_rank *command);

/* cpu_rank_group.c */
/* After a change: what all groups' keys are at most and at least, by this command's formula. */
void cpu_rank_begin(struct cpu *c, const struct cpu_rank_side *side,
		    const struct fb_cmd_rank *cmd);
/* Ranges of lanes, where those of their groups do not say enough for this. */
void cpu_rank_refine(struct cpu *c, const struct cpu_rank_side *side,
		     const struct fb_cmd_rank *cmd, const struct cpu_rank_count *job,
		     uint32_t first);

/* cpu_rank_keep.c */
/* This is the side: shapes of all groups, and how far marks have moved since each epoch. */
void cpu_rank_keep_side(struct cpu *c, const struct cpu_rank_side *side, uint16_t symbol);
/* All groups have an epoch, and know how far marks have moved since. */
void cpu_rank_keep_groups(struct cpu *c, const struct cpu_rank_side *side);
/* Marks of other symbols have moved little since the epochs of these groups. */
void cpu_rank_keep_rest(struct cpu *c, const struct cpu_rank_side *side, const uint32_t *list,
			uint32_t n);
/* The next RANK makes it anew. */
void cpu_rank_forget_group(struct cpu_rank_last *last, uint32_t group);

/* cpu_rank_patch.c */
/* The row of a lane is another, with so many lots (CPU_RANK_ROW), or has changed. */
void cpu_rank_patch(struct cpu_ranking *k, uint32_t lane, uint64_t lots);

/* cpu_rank_key.c */
/* The key of a row and its account's equity; 0: it takes no part. */
uint32_t cpu_rank_key(struct cpu *c, const struct cpu_row *row, const struct fb_cmd_rank *cmd,
		      __int128 *equity_e8);
/* What most formulas need of an account, and every nominee: without tiers and MM. */
struct cpu_sums cpu_rank_equity(struct cpu *c, const struct cpu_account *a);
bool cpu_rank_in_range(uint32_t key, uint32_t account_id, const struct fb_cmd_rank *cmd);

/* cpu_rank_room.c */
/* Of the columns when every side is ranked. */
uint64_t cpu_rank_bytes(uint32_t rows, uint32_t accounts);
int cpu_rank_open(struct cpu *c);
void cpu_rank_close(struct cpu *c);

/* cpu_rank_sort.c */
/* As many places as the row's account needs for its other rows. */
unsigned cpu_rank_others_of(const struct cpu *c, uint32_t row);
/* Ahead of a look at the ith of n rows in ranking.hi and at its account. */
void cpu_rank_fetch_listed(const struct cpu *c, uint32_t i, uint32_t n);
/* So many rows of a side, in ranking.hi; `lo`, and what is kept of a side, are written over. */
void cpu_rank_sort(struct cpu *c, uint32_t n);

/* cpu_rank_side.c */
void cpu_rank_clear(struct cpu *c);
/* The columns of this side, up to date. */
const struct cpu_rank_side *cpu_rank_columns(struct cpu *c, const struct fb_cmd_rank *cmd);
/* Of its tiles that ever had a row. */
static inline uint32_t cpu_rank_lanes(const struct cpu_rank_side *side)
{
	uint32_t lanes = side->next - side->tile * CPU_RANK_LANES;
	return (lanes + CPU_RANK_LANES - 1) / CPU_RANK_LANES * CPU_RANK_LANES;
}
static inline uint32_t cpu_rank_groups_of(const struct cpu_rank_side *side)
{
	return (cpu_rank_lanes(side) + CPU_RANK_GROUP - 1) / CPU_RANK_GROUP;
}
void cpu_rank_note(struct cpu *c, uint32_t account);
/* Collateral, level, role or a row of the account changes, or is about to. */
static inline void cpu_rank_dirty(struct cpu *c, uint32_t account)
{
	if (c->ranking.sides != 0)
		cpu_rank_note(c, account);
}

/* cpu_rank_lane.c */
/* A row into this lane, and nobody; no other row in this place. */
void cpu_rank_put(struct cpu *c, uint32_t lane, uint32_t row);
void cpu_rank_vacate(struct cpu_ranking *k, uint32_t lane);
void cpu_rank_no_other(struct cpu_ranking *k, uint32_t other, unsigned i);
void cpu_rank_forget_row(struct cpu *c, uint32_t row);

#endif
