/* The order of a side's rows in the columns that ranking reads.
 *
 * They are sorted by how many rows their accounts have, so that the sixteen of a tile need about
 * equally many places for others; among these by their entry price, in eight parts of as
 * many rows, which divides those in profit from those in loss whatever the mark; and in each by how
 * much their accounts have for what the row is worth, which divides high scores from low ones. */
#include <math.h>

#include "cpu_ranking.h"
#include "fetch.h"

unsigned cpu_rank_others_of(const struct cpu *c, uint32_t row)
{
	unsigned n = c->account[c->row[row].account].rows - 1u;
	return n <= CPU_RANK_OTHERS ? n : 0; /* too many: none, as it is computed exactly anyway */
}

/* How far the entry lies above the value, in steps of 1/4096 of it, in the middle of 12 bits. */
#define STEPS 4096u
#define ENTRIES 8u

static unsigned entry_of(const struct cpu *c, const struct cpu_row *row)
{
	double value = (double)row->qty * 0x1p-16 * (double)c->symbol[row->symbol].u,
	       at = ((double)row->entry_e8 / value - 0.5) * STEPS;
	return at > 0 ? at < STEPS - 1 ? (unsigned)at : STEPS - 1 : 0;
}

/* Equity of the account over the row's value, in steps of an eighth of a power of two. */
#define SHARES 256u

static unsigned share_of(const struct cpu *c, const struct cpu_row *row)
{
	const struct cpu_account *a = &c->account[row->account];
	double equity = cpu_real(a->collateral_e8),
	       value = (double)row->qty * 0x1p-16 * (double)c->symbol[row->symbol].u;
	for (uint32_t r = a->first; r != CPU_NONE; r = c->row[r].next)
		equity += (double)c->row[r].qty * 0x1p-16 * (double)c->symbol[c->row[r].symbol].u -
			  (double)c->row[r].entry_e8;
	double at = equity > 0 ? (log2(equity / fabs(value)) + 8) * 8 : 0;
	return at > 0 ? at < SHARES - 1 ? (unsigned)at : SHARES - 1 : 0;
}

static void sum_up(uint32_t first[256])
{
	uint32_t sum = 0;
	for (unsigned i = 0; i < 256; i++) {
		uint32_t n = first[i];
		first[i] = sum;
		sum += n;
	}
}

/* In which part of all entries each step is. */
static void divide_entries(struct cpu *c, uint32_t n, uint8_t part[STEPS])
{
	struct cpu_ranking *k = &c->ranking;
	uint32_t rows[STEPS] = { 0 }, before = 0;
	for (uint32_t i = 0; i < n; i++) {
		k->lo[i] = (int32_t)entry_of(c, &c->row[k->hi[i]]);
		rows[k->lo[i]]++;
	}
	for (unsigned step = 0; step < STEPS; step++) {
		part[step] = (uint8_t)((uint64_t)before * ENTRIES / (n + 1));
		before += rows[step];
	}
}

void cpu_rank_fetch_listed(const struct cpu *c, uint32_t i, uint32_t n)
{
	const int32_t *row = c->ranking.hi;
	if (i + 24 < n)
		fb_fetch(&c->row[row[i + 24]]);
	if (i + 16 < n)
		fb_fetch(&c->account[c->row[row[i + 16]].account]);
	if (i + 8 < n)
		cpu_judge_fetch_rows(c, &c->account[c->row[row[i + 8]].account]);
}

/* Sorts rows in `hi`, in two rounds of eight bits. Between them they are where the lots of the
 * side that is ranked are. */
void cpu_rank_sort(struct cpu *c, uint32_t n)
{
	struct cpu_ranking *k = &c->ranking;
	uint32_t low[256] = { 0 }, high[256] = { 0 };
	uint64_t *between = k->last.lots;
	uint8_t part[STEPS];
	divide_entries(c, n, part);
	for (uint32_t i = 0; i < n; i++) {
		cpu_rank_fetch_listed(c, i, n);
		uint32_t key = cpu_rank_others_of(c, (uint32_t)k->hi[i]) * ENTRIES + part[k->lo[i]];
		key = key * SHARES + share_of(c, &c->row[k->hi[i]]);
		k->lo[i] = (int32_t)key;
		low[key & 255]++;
		high[key >> 8]++;
	}
	sum_up(low);
	sum_up(high);
	for (uint32_t i = 0; i < n; i++)
		between[low[k->lo[i] & 255]++] = (uint64_t)k->lo[i] << 32 | (uint32_t)k->hi[i];
	for (uint32_t i = 0; i < n; i++)
		k->hi[high[between[i] >> 40]++] = (int32_t)(uint32_t)between[i];
}
