/* Which groups of a side have to be looked at more closely than what is known of them
 * (cpu_rank_keep.c) allows. Keys are bounded in steps, and no further than a command asks:
 * all groups by what is known of them; lanes of those that this leaves in doubt. */
#include <string.h>

#include "cpu_ranking.h"

static bool same_keys(const struct cpu *c, const struct fb_cmd_rank *cmd)
{
	const struct fb_cmd_rank *of = &c->ranking.of;
	return c->ranking.changes == c->changes && of->symbol == cmd->symbol &&
	       of->side == cmd->side && of->exclude_level == cmd->exclude_level &&
	       of->profit_c == cmd->profit_c && of->loss_c == cmd->loss_c &&
	       of->floor == cmd->floor;
}

static void unpack(const struct fb_cmd_rank *cmd, struct cpu_rank_job *job)
{
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++) {
		job->profit[i] = (int8_t)((int)((cmd->profit_c >> 4 * i & 0xf) ^ 8) - 8);
		job->loss[i] = (int8_t)((int)((cmd->loss_c >> 4 * i & 0xf) ^ 8) - 8);
		job->used |= (uint8_t)((job->profit[i] != 0 || job->loss[i] != 0) << i);
	}
}

static struct cpu_rank_job bound_job(struct cpu *c, const struct cpu_rank_side *side,
				     const struct fb_cmd_rank *cmd)
{
	struct cpu_ranking *k = &c->ranking;
	struct cpu_rank_job job = {
		.tile = &k->tile[side->tile],
		.other = k->other,
		.more = &k->more[side->tile],
		.line = k->line,
		.rest = k->last.rest,
		.gross = k->last.gross,
		.twin = k->last.twin,
		.epoch = k->last.epoch,
		.tiles = cpu_rank_lanes(side) / CPU_RANK_LANES,
		.group = k->last.list,
		.of = k->last.groups,
		.u = c->u,
		.symbol = cmd->symbol,
		.is_short = cmd->side != 0,
		.exclude_level = cmd->exclude_level,
		.floor = (float)cmd->floor,
		.lo = k->lo,
		.hi = k->hi,
		.bottom = k->bottom,
		.top = k->top,
	};
	unpack(cmd, &job);
	return job;
}

void cpu_rank_begin(struct cpu *c, const struct cpu_rank_side *side, const struct fb_cmd_rank *cmd)
{
	struct cpu_ranking *k = &c->ranking;
	uint32_t groups = cpu_rank_groups_of(side);
	if (same_keys(c, cmd))
		return;
	cpu_rank_keep_side(c, side, cmd->symbol);
	memset(k->last.bounded, 0, groups * sizeof(*k->last.bounded));
	struct cpu_rank_job job = bound_job(c, side, cmd);
	if (job.used & CPU_RANK_MORE) {
		for (uint32_t g = 0; g < groups; g++) { /* nothing is known of these operands */
			k->bottom[g] = 0;
			k->top[g] = CPU_RANK_UNSURE_HI;
		}
	} else {
		cpu_rank_keep_groups(c, side);
		job.groups = groups;
		c->kernels->rank_bound_groups(&job);
	}
	k->of = *cmd;
	k->changes = c->changes;
}

/* ---- more closely ---- */

static bool one_bucket(const struct cpu_rank_count *job, int32_t bottom, int32_t top)
{
	uint32_t a = (uint32_t)(bottom - job->origin) >> job->zoom,
		 b = (uint32_t)(top - job->origin) >> job->zoom;
	return a == b || (a >= FB_RANK_BUCKETS - 1 && b >= FB_RANK_BUCKETS - 1);
}

/* A group is out of range, or counts as a whole. */
static bool says_enough(const struct cpu_rank_count *job, uint32_t g)
{
	int32_t bottom = job->bottom[g], top = job->top[g];
	if (top < job->from || bottom >= job->below + job->edge)
		return true;
	return !job->list && job->together && bottom >= job->from && top < job->below &&
	       one_bucket(job, bottom, top);
}

void cpu_rank_refine(struct cpu *c, const struct cpu_rank_side *side,
		     const struct fb_cmd_rank *cmd, const struct cpu_rank_count *of, uint32_t first)
{
	struct cpu_ranking *k = &c->ranking;
	struct cpu_rank_job job = bound_job(c, side, cmd);
	uint32_t *list = k->doubtful; /* not in use yet */
	float drift[CPU_RANK_EPOCHS];
	for (uint32_t g = 0; g < (of->lanes + CPU_RANK_GROUP - 1) / CPU_RANK_GROUP; g++)
		if (!k->last.bounded[first + g] && !says_enough(of, g))
			list[job.groups++] = first + g;
	if (job.groups == 0)
		return;
	if (!(job.used & CPU_RANK_MARGINS))
		cpu_rank_keep_rest(c, side, list, job.groups);
	for (unsigned e = 0; e < CPU_RANK_EPOCHS; e++)
		drift[e] = k->last.at[e].drift;
	job.group = list;
	job.drift = drift;
	if (job.used & CPU_RANK_MORE)
		job.of = NULL;
	c->kernels->rank_bound(&job);
	for (uint32_t i = 0; i < job.groups; i++)
		k->last.bounded[list[i]] = true;
}
