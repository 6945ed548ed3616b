/* A calm account as straight lines: how far each unit value may go, and what a sweep sees.
 *
 * MM of a row over a range of u is bounded from above by a line: that of its tier, or where the
 * range reaches into others the one through both ends, lifted over every floor between. The range
 * is as wide as the account is far from its threshold, 25 % at most: then the line is close where
 * it matters. With B of the tile,
 *
 *     equity - MM / T  >=  spare + B + sum of slope x u        while every u is in its line's range
 *     B + sum of the least that slope x u can be in its band  >  0
 *
 * so inside the bands the account is calm whatever the combination, and may lose `spare` besides.
 * Everything is rounded so that this errs to the safe side: slopes and B downwards, bands inwards,
 * and of each sum in doubles more is taken off than it can err. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "cpu_judge.h"

#define WIDEST 0.25
#define NARROWEST 1e-5	  /* below this a line over tiers is no better than one tier */
#define SPARE 0.125	  /* of the distance; the bands get the rest */
#define APART 0x1.000002p0 /* u and its float differ by less */
#define BELOW (1 / APART)

/* The next float downwards is the number before it, or after it where they are negative: the
 * library's own way there is a call. */
float cpu_float_down(double x)
{
	float f = (float)x;
	uint32_t bits;
	if (!((double)f > x))
		return f;
	memcpy(&bits, &f, sizeof(bits));
	bits = f > 0 ? bits - 1 : f < 0 ? bits + 1 : 0x80000001;
	memcpy(&f, &bits, sizeof(bits));
	return f;
}

static double above_0(float x)
{
	return x > 0 ? (double)x : 0;
}

static unsigned tier_at(const struct cpu_ladder *ladder, double notional)
{
	unsigned k = 0;
	while (k + 1 < ladder->tiers && ladder->tier[k + 1].floor <= notional)
		k++;
	return k;
}

struct mm {
	const struct cpu_ladder *ladder;
	double addend_e7;
};

/* MM as that tier has it, wherever the notional is. */
static double mm_at(const struct mm *mm, unsigned tier, double notional)
{
	const struct cpu_tier *t = &mm->ladder->tier[tier];
	return notional * (t->rate_e7 + mm->addend_e7) - t->deduction;
}

/* By how much MM exceeds rate x notional at most, from tier `first` at `from` to `last` at `to`. */
static double above(const struct mm *mm, double rate_e7, unsigned first, double from, unsigned last,
		    double to)
{
	double most = fmax(mm_at(mm, first, from) - rate_e7 * from,
			   mm_at(mm, last, to) - rate_e7 * to);
	for (unsigned k = first + 1; k <= last; k++) {
		double floor_e8 = mm->ladder->tier[k].floor, line = rate_e7 * floor_e8;
		most = fmax(most, fmax(mm_at(mm, k - 1, floor_e8), mm_at(mm, k, floor_e8)) - line);
	}
	return most;
}

static bool all_plain(const struct cpu_ladder *ladder, unsigned first, unsigned last)
{
	for (unsigned k = first; k <= last; k++)
		if (!ladder->tier[k].plain)
			return false;
	return true;
}

bool cpu_line_over(const struct cpu_ladder *ladder, double lots, uint32_t addend_e7, double part,
		   struct cpu_band range, struct cpu_line *out)
{
	double size = fabs(lots), rate_e7, most, careful;
	*out = (struct cpu_line){ .range = range };
	if (size <= 0)
		return true;
	double from = size * above_0(range.lo) * BELOW, to = size * range.hi * APART;
	if (!(range.lo < range.hi) || !(to < 0x1p61 * (1 - 1e-7)))
		return false; /* a tier so narrow that no float lies in it; a row that may be bad */
	struct mm mm = { ladder, addend_e7 };
	unsigned first = tier_at(ladder, from), last = tier_at(ladder, to);
	if (!all_plain(ladder, first, last))
		return false;
	if (first == last) {
		rate_e7 = ladder->tier[first].rate_e7 + mm.addend_e7;
		most = -ladder->tier[first].deduction;
		careful = 0;
	} else {
		rate_e7 = (mm_at(&mm, last, to) - mm_at(&mm, first, from)) / (to - from);
		most = above(&mm, rate_e7, first, from, last, to);
		careful = to * (ladder->tier[last].rate_e7 + ladder->tier[first].rate_e7 +
				mm.addend_e7 + fabs(rate_e7));
	}
	double slope = lots - size * (rate_e7 * part);
	careful += fabs(most) + ladder->tier[last].deduction;
	out->slope = cpu_float_down(slope - size * (1 + fabs(rate_e7) * part) * CPU_CAREFUL);
	/* a notional rounded down, twice over */
	out->constant_e8 = most * part + careful * part * CPU_CAREFUL + 2;
	return true;
}

double cpu_line_least(float slope, struct cpu_band band)
{
	if (slope > 0)
		return (double)slope * (above_0(band.lo) * BELOW);
	return slope < 0 ? (double)slope * (band.hi * APART) : 0;
}

/* Where the line of a row should hold, for an account whose u may move by that share. */
static struct cpu_band range_for(const struct cpu_ladder *ladder, const struct cpu_valued *v,
				 double lots, double u, double share)
{
	unsigned first = v->tier, last = v->tier;
	double n = (double)v->notional_e8;
	if (share < NARROWEST)
		return cpu_range_of_tier(ladder, v->tier, lots);
	while (first > 0 && ladder->tier[first].floor > n * (1 - share))
		first--;
	while (last + 1 < ladder->tiers && ladder->tier[last + 1].floor <= n * (1 + share))
		last++;
	if (first == last)
		return cpu_range_of_tier(ladder, v->tier, lots);
	return (struct cpu_band){ (float)(u * (1 - share) * (1 + CPU_INWARD)),
				  (float)(u * (1 + share) * (1 - CPU_INWARD)) };
}

/* The lines of an account, and of their sums: B and the spare together at u = 0, the distance at
 * the present u, and how it changes. */
struct lines {
	unsigned n;
	double base, distance, gross;
	struct cpu_line line[CPU_ROWS_IN_TILE];
	double u[CPU_ROWS_IN_TILE];
	uint32_t row[CPU_ROWS_IN_TILE];
};

static double share_of(const struct cpu_account *a, const struct cpu_sums *sums,
		       const struct cpu_valued *seen, double part)
{
	double gross = 0, distance = cpu_real(sums->equity_e8) - cpu_real(sums->mm_e15) * part;
	for (unsigned i = 0; i < a->rows; i++)
		gross += (double)seen[i].notional_e8;
	return gross > 0 ? fmin(1.5 * distance / gross, WIDEST) : WIDEST;
}

static bool make_lines(const struct cpu *c, const struct cpu_account *a,
		       const struct cpu_sums *sums, const struct cpu_valued *seen, double part,
		       struct lines *l)
{
	double share = share_of(a, sums, seen, part), constants = 0, terms = 0;
	__int128 money_e8 = a->collateral_e8;
	l->n = 0;
	l->distance = l->gross = 0;
	for (uint32_t r = a->first; r != CPU_NONE; r = c->row[r].next) {
		const struct cpu_row *row = &c->row[r];
		const struct cpu_symbol *s = &c->symbol[row->symbol];
		const struct cpu_ladder *ladder = &c->ladder[s->ladder];
		struct cpu_line *line = &l->line[l->n];
		double lots = (double)row->qty * 0x1p-16, u = (double)s->u;
		struct cpu_band range = range_for(ladder, &seen[l->n], lots, u, share);
		if (!cpu_line_over(ladder, lots, row->addend_e7, part, range, line))
			return false;
		money_e8 -= row->entry_e8;
		constants += line->constant_e8;
		terms += fabs(line->constant_e8);
		l->distance += (double)line->slope * u;
		l->gross += fabs((double)line->slope) * u;
		l->row[l->n] = r;
		l->u[l->n++] = u;
	}
	double money = cpu_real(money_e8), addend = cpu_real(a->addend_e15) * part;
	l->base = money - addend - constants;
	l->base -= (fabs(money) + addend + terms) * CPU_CAREFUL;
	l->distance += l->base - (l->gross + fabs(l->base)) * CPU_CAREFUL;
	return true;
}

/* Every u may move by the same share of itself, and as far as it likes where that helps. */
static void make_bands(const struct lines *l, double share, struct cpu_band *band)
{
	for (unsigned i = 0; i < l->n; i++) {
		float slope = l->line[i].slope;
		double below = l->u[i] * (1 - share);
		float lo = (float)(below * (share < 1 ? 1 + CPU_INWARD : 1 - CPU_INWARD)),
		      hi = (float)(l->u[i] * (1 + share) * (1 - CPU_INWARD));
		band[i] = l->line[i].range;
		if (slope > 0 && lo > band[i].lo)
			band[i].lo = lo;
		if (slope < 0 && hi < band[i].hi)
			band[i].hi = hi;
	}
}

/* Not by reasoning about roundings, but by adding up what was rounded. */
static bool bands_hold(const struct lines *l, float base, const struct cpu_band *band)
{
	double sum = base, terms = fabsf(base);
	for (unsigned i = 0; i < l->n; i++) {
		float u = (float)l->u[i];
		double least = cpu_line_least(l->line[i].slope, band[i]);
		if (!(band[i].lo < u && u < band[i].hi))
			return false;
		sum += least;
		terms += fabs(least);
	}
	return sum > terms * CPU_CAREFUL;
}

bool cpu_line_account(struct cpu *c, uint32_t account, const struct cpu_sums *sums,
		      const struct cpu_valued *seen, double up_e7, bool bands)
{
	struct cpu_account *a = &c->account[account];
	struct lines l;
	struct cpu_band band[CPU_ROWS_IN_TILE];
	assert(a->rows > 0 && a->rows <= CPU_ROWS_IN_TILE);
	if (a->addend_e15 < 0 || !make_lines(c, a, sums, seen, 1 / up_e7, &l) || !(l.distance > 0))
		return false;
	float base = cpu_float_down(l.base - l.distance * SPARE);
	double share = l.gross > 0 ? l.distance * (1 - SPARE) / l.gross * (1 - 1e-6) : 1e6;
	if (bands) {
		make_bands(&l, fmin(share, 1e6), band);
		if (!bands_hold(&l, base, band))
			return false;
		for (unsigned i = 0; i < l.n; i++)
			cpu_band_set(c, &c->row[l.row[i]], band[i]);
		a->spare_e8 = l.base - base - (fabs(l.base) + fabsf(base)) * CPU_CAREFUL;
	}
	cpu_tile_put(c, account, base, l.line);
	return true;
}
