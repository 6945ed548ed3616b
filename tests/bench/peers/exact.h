/* The book of a workload judged and ranked anew from its rows, in whole numbers: what an engine's
 * answer must be. Written apart from the engines, after hw/contract/contract.md, sections 2 and 6;
 * for books in which everybody is calm before a batch, so that hysteresis plays no part. */
#ifndef PEERS_EXACT_H
#define PEERS_EXACT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "../../../sw/lib/workload.h"

#define EXACT_TIERS 16u
#define EXACT_TOP 256u
#define EXACT_E7 10000000
#define PPB 1000000000

/* Tables as the commands carried them. */
struct exact_tables {
	uint32_t up_e7[2], down_e7[2];
	unsigned tiers;
	int64_t floor_e8[EXACT_TIERS], rate_e7[EXACT_TIERS], deduction_e15[EXACT_TIERS];
};

struct exact_sums {
	__int128 equity_e8, mm_e15;
};

struct exact_ranked {
	uint32_t row, account;
	int64_t pnl_e8, notional_e8, equity_e8;
};

static inline int64_t exact_value(const struct fb_workload_row *row, uint64_t u)
{
	uint64_t lots = (uint64_t)(row->qty < 0 ? -row->qty : row->qty);
	int64_t notional_e8 = (int64_t)((unsigned __int128)lots * u >> FB_U_FRACTION_BITS);
	return row->qty < 0 ? -notional_e8 : notional_e8;
}

static inline __int128 exact_mm(const struct exact_tables *t, int64_t notional_e8)
{
	unsigned k = t->tiers;
	while (k-- > 1)
		if (t->floor_e8[k] <= notional_e8)
			break;
	return (__int128)notional_e8 * t->rate_e7[k] - t->deduction_e15[k];
}

/* Sums of every account at the unit values u. */
static inline void exact_sums(const struct fb_workload *w, const struct exact_tables *t,
			      const uint64_t *u, struct exact_sums *out)
{
	for (uint32_t a = 0; a < w->accounts; a++)
		out[a] = (struct exact_sums){ .equity_e8 = w->collateral_e8[a] };
	for (uint32_t i = 0; i < w->shape.rows; i++) {
		const struct fb_workload_row *row = &w->row[i];
		int64_t value_e8 = exact_value(row, u[row->symbol]);
		out[row->account].equity_e8 += value_e8 - row->entry_e8;
		out[row->account].mm_e15 += exact_mm(t, value_e8 < 0 ? -value_e8 : value_e8);
	}
}

/* MM / equity has reached a threshold; below no equity it always has. */
static inline bool exact_breach(const struct exact_sums *s, uint32_t up_e7)
{
	return s->equity_e8 < 0 || s->mm_e15 >= s->equity_e8 * up_e7;
}

/* Near enough for doubles without a floor to err: MM within 1e-9 of it of the threshold, or within
 * ten units (1e-7 of the coin). */
static inline bool exact_at_margin(const struct exact_sums *s, uint32_t up_e7)
{
	__int128 short_e15 = s->mm_e15 - s->equity_e8 * up_e7;
	return (short_e15 < 0 ? -short_e15 : short_e15) < s->mm_e15 / PPB + 10 * EXACT_E7;
}

/* ---- rank: profit / equity, the longs of one symbol that are in profit ---- */

/* < 0: a before b. Products stay below 2^127: money of a workload is below 2^62. */
static inline int exact_before(const void *va, const void *vb)
{
	const struct exact_ranked *a = va, *b = vb;
	__int128 x = (__int128)a->pnl_e8 * b->equity_e8, y = (__int128)b->pnl_e8 * a->equity_e8;
	if (x != y)
		return x > y ? -1 : 1;
	if (a->notional_e8 != b->notional_e8)
		return a->notional_e8 > b->notional_e8 ? -1 : 1;
	if (a->account != b->account)
		return a->account < b->account ? -1 : 1;
	return a->row < b->row ? -1 : a->row > b->row;
}

/* Scores so near that doubles without a floor may order them otherwise: within 1e-6. */
static inline bool exact_near(const struct exact_ranked *a, const struct exact_ranked *b)
{
	__int128 x = (__int128)a->pnl_e8 * b->equity_e8, y = (__int128)b->pnl_e8 * a->equity_e8;
	return x - y <= x / 1000000;
}

/* Every row that takes part, in order; the number of them. Room for rows_of[symbol]. */
static inline uint32_t exact_rank(const struct fb_workload *w, const struct exact_tables *t,
				  const uint64_t *u, const struct exact_sums *sums, uint16_t symbol,
				  struct exact_ranked *out)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < w->shape.rows; i++) {
		const struct fb_workload_row *row = &w->row[i];
		const struct exact_sums *s = &sums[row->account];
		int64_t value_e8 = exact_value(row, u[row->symbol]);
		if (row->symbol != symbol || row->qty <= 0 || value_e8 <= row->entry_e8)
			continue;
		if (s->equity_e8 <= 0 || exact_breach(s, t->up_e7[1]))
			continue;
		out[n++] = (struct exact_ranked){ .row = i, .account = row->account,
						  .pnl_e8 = value_e8 - row->entry_e8,
						  .notional_e8 = value_e8,
						  .equity_e8 = (int64_t)s->equity_e8 };
	}
	qsort(out, n, sizeof(*out), exact_before);
	return n;
}

#endif
