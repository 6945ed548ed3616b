/* What is known of whole groups of the side that was ranked last (cpu_rank.h), and which of them
 * have to be looked at more closely. Keys are bounded in steps, and no further than a command asks:
 * all groups by what is known of them; lanes of those that this leaves in doubt. */
#include <assert.h>
#include <string.h>

#include "cpu.h"

#define TILES_IN_GROUP (CPU_RANK_GROUP / CPU_RANK_LANES)

/* Beyond this the rows that the drift leaves in doubt, which are computed exactly, cost more than
 * what others are worth made anew. */
#define DRIFT_MOST 0x1p-11f

static uint32_t groups_of(const struct cpu_rank_side *side)
{
	return (cpu_rank_lanes(side) + CPU_RANK_GROUP - 1) / CPU_RANK_GROUP;
}

static bool same_keys(const struct cpu *c, const struct fb_cmd_rank *cmd)
{
	const struct fb_cmd_rank *of = &c->ranking.of;
	return c->ranking.changes == c->changes && of->symbol == cmd->symbol &&
	       of->side == cmd->side && of->exclude_level == cmd->exclude_level &&
	       of->profit_c == cmd->profit_c && of->loss_c == cmd->loss_c &&
	       of->floor == cmd->floor;
}

static void forget_epoch(struct cpu_rank_last *l, uint32_t group)
{
	if (l->epoch[group] != CPU_RANK_NO_EPOCH)
		l->at[l->epoch[group]].groups--;
	l->epoch[group] = CPU_RANK_NO_EPOCH;
}

void cpu_rank_forget_group(struct cpu_rank_last *l, uint32_t group)
{
	forget_epoch(l, group);
	l->shaped[group] = false;
}

/* ---- what is kept ---- */

static struct cpu_rank_rest rest_job(struct cpu_ranking *k, const struct cpu_rank_side *side,
				     uint32_t groups)
{
	struct cpu_rank_last *l = &k->last;
	return (struct cpu_rank_rest){
		.tile = &k->tile[side->tile],
		.other = k->other,
		.tiles = cpu_rank_lanes(side) / CPU_RANK_LANES,
		.group = l->list,
		.groups = groups,
		.symbol = l->symbol,
		.rest = l->rest,
		.gross = l->gross,
		.twin = l->twin,
		.of = l->groups,
	};
}

/* Shapes of groups that have none. */
static void make_shapes(struct cpu *c, const struct cpu_rank_side *side)
{
	struct cpu_ranking *k = &c->ranking;
	struct cpu_rank_last *l = &k->last;
	const uint64_t *lots = &k->lots[side->tile * CPU_RANK_LANES];
	uint32_t n = 0, lanes = cpu_rank_lanes(side);
	for (uint32_t g = 0; g < groups_of(side); g++) {
		if (l->shaped[g])
			continue;
		uint32_t end = (g + 1) * CPU_RANK_GROUP;
		uint64_t sum = 0;
		for (uint32_t i = g * CPU_RANK_GROUP; i < (end < lanes ? end : lanes); i++)
			sum += lots[i];
		l->group_lots[g] = sum;
		l->shaped[g] = true;
		l->patches[g] = 0;
		l->list[n++] = g;
	}
	struct cpu_rank_rest job = rest_job(k, side, n);
	c->kernels->rank_shape(&job);
}

/* The epoch of these marks. One that others are of is given up by them where it has to be; what
 * was made of them keeps holding until something changes. */
static void begin_epoch(struct cpu *c, const struct cpu_rank_side *side)
{
	struct cpu_rank_last *l = &c->ranking.last;
	unsigned fewest = 0;
	for (unsigned e = 1; e < CPU_RANK_EPOCHS; e++)
		if (l->at[e].groups < l->at[fewest].groups)
			fewest = e;
	struct cpu_rank_epoch *at = &l->at[fewest];
	for (uint32_t g = 0; g < groups_of(side) && at->groups > 0; g++)
		if (l->epoch[g] == fewest)
			forget_epoch(l, g);
	memcpy(at->u, c->u, sizeof(at->u));
	at->u[l->symbol] = 0;
	at->own_u = c->u[l->symbol];
	at->drift = 0;
	l->now = fewest;
}

/* What other rows are worth at these marks, for listed groups. */
static void make_rest(struct cpu *c, const struct cpu_rank_side *side, uint32_t n)
{
	struct cpu_rank_last *l = &c->ranking.last;
	if (n == 0)
		return;
	if (l->now == CPU_RANK_EPOCHS)
		begin_epoch(c, side);
	struct cpu_rank_rest job = rest_job(&c->ranking, side, n);
	job.u = l->at[l->now].u;
	job.own_u = l->at[l->now].own_u;
	c->kernels->rank_rest(&job);
	for (uint32_t i = 0; i < n; i++) {
		forget_epoch(l, l->list[i]);
		l->epoch[l->list[i]] = (uint8_t)l->now;
		l->groups[l->list[i] / CPU_RANK_LANES].drift[l->list[i] % CPU_RANK_LANES] = 0;
	}
	l->at[l->now].groups += n;
}

/* ---- after a change ---- */

/* Of this symbol and all others since an epoch. Where the unit value of this one has more than
 * doubled, `gross` says too little. */
static float drift_of_all(const struct cpu *c, struct cpu_rank_epoch *at, uint16_t symbol)
{
	float u[FB_SYMBOLS + 1], now = c->u[symbol],
		own = (now > at->own_u ? now - at->own_u : at->own_u - now) / at->own_u;
	memcpy(u, c->u, sizeof(u));
	u[symbol] = 0;
	at->drift = now <= 2 * at->own_u ? c->kernels->rank_drift(u, at->u) : 1;
	return own > at->drift ? own : at->drift;
}

static void take_side(struct cpu *c, const struct cpu_rank_side *side, uint16_t symbol)
{
	struct cpu_rank_last *l = &c->ranking.last;
	if (l->side == side)
		return;
	l->side = side;
	l->symbol = symbol;
	uint32_t groups = (side->end - side->tile * CPU_RANK_LANES + CPU_RANK_GROUP - 1) /
			  CPU_RANK_GROUP;
	memset(l->epoch, CPU_RANK_NO_EPOCH, groups * sizeof(*l->epoch));
	memset(l->shaped, 0, groups * sizeof(*l->shaped));
	memset(l->at, 0, sizeof(l->at));
}

/* How far marks have moved since each epoch. */
static void renew_epochs(struct cpu *c, float drift[CPU_RANK_EPOCHS])
{
	struct cpu_rank_last *l = &c->ranking.last;
	l->now = CPU_RANK_EPOCHS;
	for (unsigned e = 0; e < CPU_RANK_EPOCHS; e++) {
		drift[e] = l->at[e].groups ? drift_of_all(c, &l->at[e], l->symbol) : 1;
		if (l->at[e].groups && drift[e] <= 0)
			l->now = e;
	}
}

/* Groups without an epoch get that of these marks. */
static void renew_groups(struct cpu *c, const struct cpu_rank_side *side,
			 const float drift[CPU_RANK_EPOCHS])
{
	struct cpu_rank_last *l = &c->ranking.last;
	uint32_t n = 0;
	for (uint32_t g = 0; g < groups_of(side); g++)
		if (l->epoch[g] == CPU_RANK_NO_EPOCH)
			l->list[n++] = g;
		else
			l->groups[g / CPU_RANK_LANES].drift[g % CPU_RANK_LANES] =
				drift[l->epoch[g]];
	make_rest(c, side, n);
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
	uint32_t groups = groups_of(side);
	if (same_keys(c, cmd))
		return;
	take_side(c, side, cmd->symbol);
	make_shapes(c, side);
	memset(k->last.bounded, 0, groups * sizeof(*k->last.bounded));
	float drift[CPU_RANK_EPOCHS];
	renew_epochs(c, drift);
	struct cpu_rank_job job = bound_job(c, side, cmd);
	if (job.used & CPU_RANK_MORE) {
		for (uint32_t g = 0; g < groups; g++) { /* nothing is known of these operands */
			k->bottom[g] = 0;
			k->top[g] = CPU_RANK_UNSURE_HI;
		}
	} else {
		renew_groups(c, side, drift);
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

static void refresh_rest(struct cpu *c, const struct cpu_rank_side *side, const uint32_t *list,
			 uint32_t n)
{
	struct cpu_rank_last *l = &c->ranking.last;
	uint32_t old = 0;
	for (uint32_t i = 0; i < n; i++)
		if (l->epoch[list[i]] == CPU_RANK_NO_EPOCH ||
		    l->at[l->epoch[list[i]]].drift > DRIFT_MOST)
			l->list[old++] = list[i];
	make_rest(c, side, old);
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
		refresh_rest(c, side, list, job.groups);
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
