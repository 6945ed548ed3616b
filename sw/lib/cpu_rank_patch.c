/* One lane of the side that was ranked last is another, and what is known of its group has to stay
 * true: it is widened by what is now there, at the marks of the group's epoch. That includes what
 * was there before; so a group that has been widened often is made anew by the next RANK. */
#include <math.h>

#include "cpu_ranking.h"

#define LANES CPU_RANK_LANES
#define PATCHES 4u

/* As the kernels have it (cpu_kernel_rest.inc); equity, and what the account has and owes. */
static float put_rest(struct cpu_ranking *k, uint32_t lane, const struct cpu_rank_epoch *at,
		      float *gross)
{
	struct cpu_rank_last *l = &k->last;
	const struct cpu_rank_tile *t = &k->tile[lane / LANES];
	unsigned i = lane % LANES;
	uint32_t of_side = lane - l->side->tile * LANES;
	float rest = t->base[i], all = fabsf(rest), twin = 0;
	for (uint32_t j = 0; j < t->others; j++) {
		const struct cpu_rank_other *o = &k->other[t->other + j];
		float change = o->lots[i] * at->u[o->symbol[i]];
		rest += change;
		all += fabsf(change);
		if (o->symbol[i] != l->symbol)
			continue;
		twin += o->lots[i];
		all += fabsf(o->lots[i]) * 2 * at->own_u;
	}
	l->rest[of_side] = rest;
	l->gross[of_side] = all;
	l->twin[of_side] = twin;
	*gross = all + fabsf(t->lots[i]) * at->own_u;
	return rest + (t->lots[i] + twin) * at->own_u;
}

static void widen(float *lo, float *hi, float x)
{
	*lo = x < *lo ? x : *lo;
	*hi = x > *hi ? x : *hi;
}

static void widen_group(struct cpu_ranking *k, uint32_t lane, uint32_t group, float equity,
			float gross)
{
	struct cpu_rank_groups *g = &k->last.groups[group / LANES];
	const struct cpu_rank_tile *t = &k->tile[lane / LANES];
	unsigned i = lane % LANES, at = group % LANES;
	float share = equity / (gross > 1 ? gross : 1) * 0.75f;
	share = share > 0 ? share : 0; /* also of NaN */
	widen(&g->even_lo[at], &g->even_hi[at], t->entry[i] / t->lots[i]);
	widen(&g->lots_lo[at], &g->lots_hi[at], fabsf(t->lots[i]));
	widen(&g->equity_lo[at], &g->equity_hi[at], equity / fabsf(t->lots[i]));
	g->sound[at] = share < g->sound[at] ? share : g->sound[at];
	g->level[at] = t->level[i] > g->level[at] ? t->level[i] : g->level[at];
}

void cpu_rank_patch(struct cpu_ranking *k, uint32_t lane, uint64_t lots)
{
	struct cpu_rank_last *l = &k->last;
	if (!l->side || lane < l->side->tile * LANES || lane >= l->side->end)
		return;
	uint64_t *now = &l->lots[lane - l->side->tile * LANES], before = *now;
	*now = lots;
	uint32_t group = (lane - l->side->tile * LANES) / CPU_RANK_GROUP;
	uint8_t epoch = l->epoch[group];
	if (epoch == CPU_RANK_NO_EPOCH || !l->shaped[group] || l->patches[group]++ == PATCHES) {
		cpu_rank_forget_group(l, group);
		return;
	}
	l->group_lots[group] += lots - before;
	float gross, equity = put_rest(k, lane, &l->at[epoch], &gross);
	if (lots != 0)
		widen_group(k, lane, group, equity, gross);
}
