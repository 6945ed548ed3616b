/* A row into its lane of the columns that ranking reads, and out of it: see cpu_rank_side.c. */
#include <math.h>

#include "cpu_ranking.h"

#define LANES CPU_RANK_LANES

void cpu_rank_vacate(struct cpu_ranking *k, uint32_t lane)
{
	k->tile[lane / LANES].level[lane % LANES] = CPU_RANK_NEVER;
	k->row_of[lane] = CPU_NONE;
	cpu_rank_patch(k, lane, 0);
}

void cpu_rank_forget_row(struct cpu *c, uint32_t row)
{
	struct cpu_ranking *k = &c->ranking;
	if (k->lane_of[row] != CPU_NONE)
		cpu_rank_vacate(k, k->lane_of[row]);
	k->lane_of[row] = CPU_NONE;
}

static float as_float(__int128 v)
{
	unsigned __int128 m = v < 0 ? -(unsigned __int128)v : (unsigned __int128)v;
	double r = (double)(uint64_t)(m >> 64) * 0x1p64 + (double)(uint64_t)m;
	return (float)(v < 0 ? -r : r);
}

/* MM of a row as a line; returns the deduction. */
static __int128 put_line(struct cpu *c, const struct cpu_row *row, struct cpu_rank_line *line,
			 unsigned i)
{
	const struct cpu_ladder *ladder = &c->ladder[c->symbol[row->symbol].ladder];
	struct cpu_valued v;
	cpu_value(c, row, &v);
	struct cpu_band band = cpu_range_of_tier(ladder, v.tier, (double)row->qty * 0x1p-16);
	line->rate[i] = (float)(ladder->tier[v.tier].rate_e7 + row->addend_e7);
	line->lo[i] = band.lo;
	line->hi[i] = band.hi;
	return (__int128)ladder->tier[v.tier].deduction_e15;
}

void cpu_rank_no_other(struct cpu_ranking *k, uint32_t other, unsigned i)
{
	k->other[other].lots[i] = 0;
	k->other[other].symbol[i] = FB_SYMBOLS;
	if (k->margins) {
		k->line[other].rate[i] = 0;
		k->line[other].lo[i] = -1;
		k->line[other].hi[i] = INFINITY;
	}
}

static void put_others(struct cpu *c, uint32_t lane, uint32_t row)
{
	struct cpu_ranking *k = &c->ranking;
	const struct cpu_account *a = &c->account[c->row[row].account];
	struct cpu_rank_tile *t = &k->tile[lane / LANES];
	__int128 money_e8 = a->collateral_e8, margin_e15 = a->addend_e15;
	unsigned i = lane % LANES, n = 0;
	for (uint32_t r = a->first; r != CPU_NONE; r = c->row[r].next) {
		money_e8 -= c->row[r].entry_e8;
		if (r == row)
			continue;
		if (n < t->others) {
			struct cpu_rank_other *o = &k->other[t->other + n];
			o->lots[i] = (float)((double)c->row[r].qty * 0x1p-16);
			o->symbol[i] = c->row[r].symbol;
			if (k->margins)
				margin_e15 -= put_line(c, &c->row[r], &k->line[t->other + n], i);
		}
		n++;
	}
	t->base[i] = n > t->others ? NAN : as_float(money_e8);
	for (; n < t->others; n++)
		cpu_rank_no_other(k, t->other + n, i);
	if (k->margins) {
		struct cpu_rank_more *m = &k->more[lane / LANES];
		__int128 own_e15 = put_line(c, &c->row[row], &m->line, i);
		m->deduction[i] = as_float(own_e15);
		m->margin[i] = as_float(margin_e15 - own_e15);
		m->collateral[i] = as_float(a->collateral_e8);
	}
}

void cpu_rank_put(struct cpu *c, uint32_t lane, uint32_t row)
{
	struct cpu_ranking *k = &c->ranking;
	const struct cpu_row *r = &c->row[row];
	const struct cpu_account *a = &c->account[r->account];
	struct cpu_rank_tile *t = &k->tile[lane / LANES];
	struct cpu_rank_side *side = &k->side[r->symbol][r->qty < 0];
	uint64_t lots = (uint64_t)(r->qty < 0 ? -r->qty : r->qty);
	unsigned i = lane % LANES;
	bool never = r->flags & FB_ROW_NO_RANK || a->role != FB_ROLE_USER || a->held || a->damaged;
	t->lots[i] = (float)((double)r->qty * 0x1p-16);
	t->entry[i] = (float)r->entry_e8;
	t->level[i] = never ? CPU_RANK_NEVER : a->level;
	put_others(c, lane, row);
	side->lots_most = lots > side->lots_most ? lots : side->lots_most;
	k->row_of[lane] = row;
	k->lane_of[row] = lane;
	cpu_rank_patch(k, lane, never ? 0 : lots | CPU_RANK_ROW);
}
