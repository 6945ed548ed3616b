/* After a review: between which unit values an account's level cannot change. Most calm accounts
 * are left to cpu_line.c; here are the others, each row in its tier.
 *
 * A level stays while a few quantities stay above 0, each of the form
 *
 *     x = sign x (equity - MM / T)        of the next threshold above (sign 1) or of the one that
 *                                         keeps the level (sign -1); T infinite: equity alone
 *
 * and each linear in the unit values while no row leaves its tier: x changes by slope x (change of
 * u). If every u moves by at most the share k of itself, x moves by at most k x gross, gross = sum
 * of |slope| x u. So k = x / gross. What only helps is not bounded: a calm account whose rows lose
 * in one direction only has ranges that are open on the other side.
 *
 * Doubles err by 2^-52 of what is added; contracts round each notional down to a whole number. Both
 * are taken off x beforehand, and the end results are rounded inward by more than a float can err.
 */
#include <assert.h>
#include <math.h>

#include "cpu_judge.h"

#define FAR 1e6

/* A row as the conditions see it. */
struct line {
	const struct cpu_row *row;
	const struct cpu_tier *tier;
	double u, lots; /* signed, times 2^-16: lots x u is the value */
	double rate_e7;
	struct cpu_band in_tier;
};

struct condition {
	double slack, gross;
};

/* The compiler's own way goes through a function of many branches. */
double cpu_real(__int128 v)
{
	unsigned __int128 m = v < 0 ? -(unsigned __int128)v : (unsigned __int128)v;
	double r = (double)(uint64_t)(m >> 64) * 0x1p64 + (double)(uint64_t)m;
	return v < 0 ? -r : r;
}

struct cpu_band cpu_range_of_tier(const struct cpu_ladder *ladder, unsigned k, double lots)
{
	struct cpu_band band = { -1, INFINITY };
	double top = k + 1 < ladder->tiers ? ladder->tier[k + 1].floor
					   : (double)((uint64_t)1 << FB_NOTIONAL_BITS);
	if (fabs(lots) <= 0)
		return band;
	double one = 1 / fabs(lots);
	if (k > 0)
		band.lo = (float)(ladder->tier[k].floor * one * (1 + CPU_INWARD));
	band.hi = (float)(top * one * (1 - CPU_INWARD));
	return band;
}

/* Straight lines bound MM from below by 0: then equity > MM / T says that equity > 0, too. */
static bool plain_row(const struct line *l)
{
	return l->tier->plain ||
	       (unsigned __int128)l->tier->floor_e8 * (l->tier->rate_e7 + l->row->addend_e7) >=
		       l->tier->deduction_e15;
}

static unsigned look(const struct cpu *c, const struct cpu_account *a,
		     const struct cpu_valued *seen, struct line *line, bool *plain)
{
	unsigned n = 0;
	*plain = a->addend_e15 >= 0;
	for (uint32_t r = a->first; r != CPU_NONE; r = c->row[r].next, n++) {
		const struct cpu_row *row = &c->row[r];
		const struct cpu_symbol *s = &c->symbol[row->symbol];
		const struct cpu_ladder *ladder = &c->ladder[s->ladder];
		line[n] = (struct line){
			.row = row,
			.tier = &ladder->tier[seen[n].tier],
			.u = (double)s->u,
			.lots = (double)row->qty * 0x1p-16,
			.rate_e7 = ladder->tier[seen[n].tier].rate_e7 + row->addend_e7,
		};
		line[n].in_tier = cpu_range_of_tier(ladder, seen[n].tier, line[n].lots);
		*plain = *plain && plain_row(&line[n]);
	}
	return n;
}

/* 1 / T; 0 of the infinite one. */
static double part_of(double t_e7)
{
	return t_e7 > 0 ? 1 / t_e7 : 0;
}

/* How x of a threshold changes with u of a row. */
static double slope(const struct line *l, double part)
{
	return l->lots - fabs(l->lots) * (l->rate_e7 * part);
}

static struct condition condition(const struct line *line, unsigned n, double equity, double mm,
				  double t_e7, int sign)
{
	double part = part_of(t_e7), needed = mm * part, rounding = 0;
	struct condition x = { sign * (equity - needed), 0 };
	for (unsigned i = 0; i < n; i++) {
		x.gross += fabs(slope(&line[i], part)) * line[i].u;
		/* a notional rounded down, now and then */
		rounding += 2 + 2 * line[i].rate_e7 * part;
	}
	x.slack -= rounding + (fabs(equity) + fabs(needed) + x.gross) * CPU_CAREFUL;
	return x;
}

static double share(const struct condition *x)
{
	if (x->slack <= 0)
		return 0;
	return x->gross > 0 ? fmin(x->slack / x->gross * (1 - 1e-6), FAR) : FAR;
}

/* The thresholds around a level; 0: there is none that way. False: one of them is 0 %, which no
 * quotient can express. */
static bool around(const struct cpu_class *class, unsigned level, double *up_e7, double *down_e7)
{
	*up_e7 = *down_e7 = 0;
	if (level < class->thresholds) {
		if (class->up_e7[level] == 0)
			return false;
		*up_e7 = class->up_e7[level];
	}
	if (level > 0 && level <= FB_LEVEL_6) {
		if (class->down_e7[level - 1] == 0)
			return false;
		*down_e7 = class->down_e7[level - 1];
	}
	return true;
}

/* By which share every u may move. */
static double reach(const struct line *line, unsigned n, unsigned level, bool plain,
		    const struct cpu_sums *sums, double up_e7, double down_e7)
{
	double equity = cpu_real(sums->equity_e8), mm = cpu_real(sums->mm_e15);
	struct condition x;
	if (level == FB_LEVEL_BANKRUPT) {
		x = condition(line, n, equity, mm, 0, -1);
		return share(&x);
	}
	x = condition(line, n, equity, mm, up_e7, 1);
	double k = share(&x);
	if (!plain && up_e7 > 0) {
		x = condition(line, n, equity, mm, 0, 1);
		k = fmin(k, share(&x));
	}
	if (down_e7 > 0) {
		x = condition(line, n, equity, mm, down_e7, -1);
		k = fmin(k, share(&x));
	}
	return k;
}

static void put_ranges(struct cpu *c, const struct line *line, unsigned n, double k, bool one_sided,
		       double part)
{
	for (unsigned i = 0; i < n; i++) {
		const struct line *l = &line[i];
		double gains = slope(l, part);
		struct cpu_band band = l->in_tier;
		float lo = (float)(l->u * (1 - k) * (k < 1 ? 1 + CPU_INWARD : 1 - CPU_INWARD)),
		      hi = (float)(l->u * (1 + k) * (1 - CPU_INWARD));
		if (lo > band.lo && !(one_sided && gains <= 0))
			band.lo = lo;
		if (hi < band.hi && !(one_sided && gains >= 0))
			band.hi = hi;
		cpu_band_set(c, l->row, band);
	}
}

static void nowhere(struct cpu *c, const struct cpu_account *a)
{
	for (uint32_t r = a->first; r != CPU_NONE; r = c->row[r].next)
		cpu_band_set(c, &c->row[r], (struct cpu_band){ INFINITY, -INFINITY });
}

/* More rows than a tile has, or MM that might be negative, are not for lines. */
static bool by_lines(struct cpu *c, uint32_t account, const struct cpu_sums *sums,
		     const struct cpu_valued *seen, bool bands)
{
	const struct cpu_account *a = &c->account[account];
	const struct cpu_class *class = &c->class[a->class_id];
	return a->level == FB_LEVEL_CALM && a->rows > 0 && a->rows <= CPU_ROWS_IN_TILE &&
	       class->up_e7[0] > 0 &&
	       cpu_line_account(c, account, sums, seen, class->up_e7[0], bands);
}

static void by_tiers(struct cpu *c, const struct cpu_account *a, const struct cpu_sums *sums,
		     const struct cpu_valued *seen)
{
	struct line line[FB_ROWS_PER_ACCOUNT];
	double up_e7, down_e7;
	bool plain;
	if (a->level == FB_LEVEL_FAULT ||
	    !around(&c->class[a->class_id], a->level, &up_e7, &down_e7)) {
		nowhere(c, a);
		return;
	}
	unsigned n = look(c, a, seen, line, &plain);
	assert(n == a->rows);
	put_ranges(c, line, n, reach(line, n, a->level, plain, sums, up_e7, down_e7),
		   a->level == FB_LEVEL_CALM && plain, part_of(up_e7));
}

void cpu_range_stale(struct cpu *c, uint32_t account)
{
	struct cpu_account *a = &c->account[account];
	if (a->rows == 0)
		return;
	a->stale = true;
	if (a->listed)
		return;
	a->listed = true;
	assert(c->stale_n < c->accounts_max);
	c->stale[c->stale_n++] = account;
}

void cpu_range_renew(struct cpu *c, uint32_t account, const struct cpu_sums *sums,
		     const struct cpu_valued *seen, bool bands)
{
	struct cpu_account *a = &c->account[account];
	assert(!a->late); /* or what is late would be taken off what is new */
	a->sure = a->stale = false;
	if (a->rows == 0) {
		cpu_tile_remove(c, account);
		return;
	}
	if (by_lines(c, account, sums, seen, bands)) {
		a->sure = bands;
	} else {
		cpu_tile_put_apart(c, account);
		if (bands)
			by_tiers(c, a, sums, seen);
	}
	if (!bands)
		cpu_range_stale(c, account);
}

bool cpu_range_place(struct cpu *c, uint32_t account, const struct cpu_sums *sums,
		     const struct cpu_valued *seen)
{
	struct cpu_account *a = &c->account[account];
	if (!cpu_tile_stays(a))
		return false;
	a->sure = false;
	if (!by_lines(c, account, sums, seen, false) && a->rows > 0)
		cpu_tile_put_apart(c, account);
	return true;
}
