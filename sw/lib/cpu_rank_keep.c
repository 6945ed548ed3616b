/* What is kept of the side that was ranked last (cpu_rank.h): the shape of its groups, and at the
 * marks of a few epochs what accounts are worth besides the row. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cpu_ranking.h"

/* Beyond this the rows that the drift leaves in doubt, which are computed exactly, cost more than
 * what others are worth made anew. */
#define DRIFT_MOST 0x1p-11f

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
	uint32_t n = 0, lanes = cpu_rank_lanes(side);
	for (uint32_t g = 0; g < cpu_rank_groups_of(side); g++) {
		if (l->shaped[g])
			continue;
		uint32_t end = (g + 1) * CPU_RANK_GROUP;
		uint64_t sum = 0;
		for (uint32_t i = g * CPU_RANK_GROUP; i < (end < lanes ? end : lanes); i++)
			sum += l->lots[i];
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
	for (uint32_t g = 0; g < cpu_rank_groups_of(side) && at->groups > 0; g++)
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

/* Of the columns' floats, while these hold them; else of the rows themselves. */
static void take_lots(struct cpu *c, const struct cpu_rank_side *side)
{
	struct cpu_ranking *k = &c->ranking;
	bool exact = side->lots_most <= 1u << FLT_MANT_DIG;
	for (uint32_t i = 0; i < side->end - side->tile * CPU_RANK_LANES; i++) {
		const struct cpu_rank_tile *t = &k->tile[side->tile + i / CPU_RANK_LANES];
		unsigned at = i % CPU_RANK_LANES;
		k->last.lots[i] = 0;
		if (t->level[at] == CPU_RANK_NEVER)
			continue;
		uint64_t lots = (uint64_t)(fabsf(t->lots[at]) * 0x1p16f);
		if (!exact)
			lots = (uint64_t)llabs(
				c->row[k->row_of[side->tile * CPU_RANK_LANES + i]].qty);
		k->last.lots[i] = lots | CPU_RANK_ROW;
	}
}

static void take_side(struct cpu *c, const struct cpu_rank_side *side, uint16_t symbol)
{
	struct cpu_rank_last *l = &c->ranking.last;
	l->side = side;
	l->symbol = symbol;
	take_lots(c, side);
	uint32_t groups = (side->end - side->tile * CPU_RANK_LANES + CPU_RANK_GROUP - 1) /
			  CPU_RANK_GROUP;
	memset(l->epoch, CPU_RANK_NO_EPOCH, groups * sizeof(*l->epoch));
	memset(l->shaped, 0, groups * sizeof(*l->shaped));
	memset(l->at, 0, sizeof(l->at));
}

/* How far marks have moved since each epoch. */
static void renew_epochs(struct cpu *c)
{
	struct cpu_rank_last *l = &c->ranking.last;
	l->now = CPU_RANK_EPOCHS;
	for (unsigned e = 0; e < CPU_RANK_EPOCHS; e++) {
		if (l->at[e].groups == 0)
			continue;
		l->at[e].drift_of_all = drift_of_all(c, &l->at[e], l->symbol);
		if (l->at[e].drift_of_all <= 0)
			l->now = e;
	}
}

void cpu_rank_keep_groups(struct cpu *c, const struct cpu_rank_side *side)
{
	struct cpu_rank_last *l = &c->ranking.last;
	uint32_t n = 0;
	for (uint32_t g = 0; g < cpu_rank_groups_of(side); g++)
		if (l->epoch[g] == CPU_RANK_NO_EPOCH)
			l->list[n++] = g;
		else
			l->groups[g / CPU_RANK_LANES].drift[g % CPU_RANK_LANES] =
				l->at[l->epoch[g]].drift_of_all;
	make_rest(c, side, n);
}

void cpu_rank_keep_rest(struct cpu *c, const struct cpu_rank_side *side, const uint32_t *list,
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

void cpu_rank_keep_side(struct cpu *c, const struct cpu_rank_side *side, uint16_t symbol)
{
	if (c->ranking.last.side != side)
		take_side(c, side, symbol);
	make_shapes(c, side);
	renew_epochs(c);
}
