/* Tiles of rows that the software engine ranks, as numbers and as columns, and their keys in whole
 * numbers. */
#pragma once

#include <math.h>
#include <string.h>

#include "../../sw/lib/log2.h"
#include "cpu_kit.h"

#define LANES CPU_RANK_LANES

struct account_row {
	int64_t qty, entry_e8;
	uint16_t symbol;
	uint32_t rate_e7;
	__int128 deduction_e15;
	bool elsewhere; /* in another tier than the column says */
};
struct lane {
	struct account_row row[CPU_RANK_OTHERS + 1]; /* the first is ranked */
	unsigned rows;
	int64_t collateral_e8;
	__int128 addend_e15;
};

#define SYMBOLS 40u

struct tile {
	struct cpu_rank_tile tile;
	struct cpu_rank_other other[CPU_RANK_OTHERS];
	struct cpu_rank_more more;
	struct cpu_rank_line line[CPU_RANK_OTHERS];
	struct lane lane[LANES];
	uint64_t u[FB_SYMBOLS + 1];
	float real_u[FB_SYMBOLS + 1];
};

static inline unsigned __int128 size_of(__int128 x)
{
	return x < 0 ? -(unsigned __int128)x : (unsigned __int128)x;
}

static inline __int128 value_of(const struct tile *t, const struct account_row *r)
{
	__int128 n = (__int128)(size_of(r->qty) * t->u[r->symbol] >> 16);
	return r->qty < 0 ? -n : n;
}

/* An entry near the value, at it, or anywhere. */
static inline int64_t draw_entry(__int128 value)
{
	switch (below(4)) {
	case 0: return either(any(61));
	case 1: return (int64_t)value + either(any(8));
	default: return (int64_t)(value + value / 1000 * ((int64_t)below(401) - 200) / 10);
	}
}

static inline void draw_row(struct tile *t, struct account_row *r, uint16_t symbol)
{
	r->symbol = symbol;
	do
		r->qty = either(1 + any(1 + (unsigned)below(47)));
	while (size_of(value_of(t, r)) >> 61);
	r->entry_e8 = draw_entry(value_of(t, r));
	r->rate_e7 = (uint32_t)any(25);
	r->deduction_e15 = (__int128)size_of(value_of(t, r)) * r->rate_e7 / 100;
	r->deduction_e15 *= below(3) ? 0 : (__int128)below(120);
	r->elsewhere = below(100) == 0;
}

/* MM of a row: contract, section 1. */
static inline __int128 margin_of(const struct tile *t, const struct account_row *r)
{
	return (__int128)size_of(value_of(t, r)) * r->rate_e7 - r->deduction_e15;
}

static inline void draw_tile(struct tile *t)
{
	memset(t, 0, sizeof(*t));
	for (unsigned s = 0; s < SYMBOLS; s++)
		t->u[s] = 1 + (uint64_t)any(52) % ((1ull << 52) - 1);
	for (unsigned s = 0; s < SYMBOLS; s++)
		t->real_u[s] = (float)t->u[s];
	t->tile.others = (uint32_t)below(CPU_RANK_OTHERS + 1);
	for (unsigned i = 0; i < LANES; i++) {
		struct lane *l = &t->lane[i];
		__int128 base, gross = 0;
		l->rows = 1 + (unsigned)below(t->tile.others + 1);
		for (unsigned j = 0; j < l->rows; j++) {
			draw_row(t, &l->row[j],
				 j == 0 || below(3) == 0 ? 0 : (uint16_t)below(SYMBOLS));
			gross += (__int128)size_of(value_of(t, &l->row[j]));
		}
		base = gross / 100 * (__int128)below(60);
		for (unsigned j = 0; j < l->rows; j++)
			base += l->row[j].entry_e8 - value_of(t, &l->row[j]);
		l->addend_e15 = below(3) ? 0 : (__int128)either(any(62)) * either(any(25));
		l->collateral_e8 = size_of(base) >> 61 || below(4) == 0 ? either(any(61))
									  : (int64_t)base;
	}
}

static inline void fill_line(const struct tile *t, const struct account_row *r,
			     struct cpu_rank_line *line, unsigned i)
{
	float u = t->real_u[r->symbol];
	line->rate[i] = (float)r->rate_e7;
	line->lo[i] = r->elsewhere && i % 2 ? u : u / 2;
	line->hi[i] = r->elsewhere && i % 2 == 0 ? u : u * 2;
}

static inline void fill_columns(struct tile *t)
{
	for (unsigned i = 0; i < LANES; i++) {
		const struct lane *l = &t->lane[i];
		__int128 base = l->collateral_e8;
		for (unsigned j = 0; j < l->rows; j++)
			base -= l->row[j].entry_e8;
		t->tile.lots[i] = (float)((double)l->row[0].qty * 0x1p-16);
		t->tile.entry[i] = (float)l->row[0].entry_e8;
		t->tile.base[i] = (float)(double)base;
		__int128 margin = l->addend_e15;
		for (unsigned j = 0; j < l->rows; j++)
			margin -= l->row[j].deduction_e15;
		t->more.collateral[i] = (float)l->collateral_e8;
		t->more.margin[i] = (float)(double)margin;
		t->more.deduction[i] = (float)(double)l->row[0].deduction_e15;
		fill_line(t, &l->row[0], &t->more.line, i);
		for (unsigned j = 0; j < t->tile.others; j++) {
			bool is = j + 1 < l->rows;
			t->other[j].lots[i] =
				is ? (float)((double)l->row[j + 1].qty * 0x1p-16) : 0;
			t->other[j].symbol[i] = is ? l->row[j + 1].symbol : FB_SYMBOLS;
			t->line[j].rate[i] = 0;
			t->line[j].lo[i] = -1;
			t->line[j].hi[i] = INFINITY;
			if (is)
				fill_line(t, &l->row[j + 1], &t->line[j], i);
		}
	}
}

static inline int32_t exact_key(const struct tile *t, const struct lane *l,
				const struct cpu_rank_job *job, uint64_t floor)
{
	__int128 equity = l->collateral_e8, value = value_of(t, &l->row[0]), x[FB_RANK_OPERANDS],
		 pnl = value - l->row[0].entry_e8;
	const int8_t *c = pnl < 0 ? job->loss : job->profit;
	int64_t score = 0;
	for (unsigned j = 0; j < l->rows; j++)
		equity += value_of(t, &l->row[j]) - l->row[j].entry_e8;
	if (equity <= 0)
		return 0;
	x[0] = (__int128)size_of(pnl);
	x[1] = (__int128)size_of(l->row[0].entry_e8);
	x[2] = (__int128)size_of(value);
	x[3] = equity;
	x[4] = l->addend_e15;
	for (unsigned j = 0; j < l->rows; j++)
		x[4] += margin_of(t, &l->row[j]);
	x[5] = margin_of(t, &l->row[0]);
	x[6] = l->collateral_e8 > (__int128)floor ? l->collateral_e8 : (__int128)floor;
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++)
		score += c[i] * (int64_t)fb_log2(x[i] < 1 ? 1 : (unsigned __int128)x[i]);
	if (pnl == 0)
		score = fb_log2(x[2] < 1 ? 1 : (unsigned __int128)x[2]);
	int32_t class = pnl < 0 ? FB_SIGN_LOSS : pnl == 0 ? FB_SIGN_ZERO : FB_SIGN_PROFIT;
	return (int32_t)(score + (class << FB_SCORE_BITS) + (1 << (FB_SCORE_BITS - 1)));
}

static inline void draw_formula(struct cpu_rank_job *job)
{
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++) {
		bool in = below(2);
		job->profit[i] = (int8_t)(in ? (int)below(5) - 2 : 0);
		job->loss[i] = (int8_t)(in ? (int)below(5) - 2 : 0);
		job->used |= (uint8_t)((job->profit[i] || job->loss[i]) << i);
	}
}
