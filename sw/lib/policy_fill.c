/* Water-filling in whole units: see <firebreak/policy.h>, "Remainders".
 *
 * Units are due at the times (2k - 1) / 2w, or k / w, and the budget is a number of units from the
 * start of that sequence. Up to the time t = R / A, where A is the sum of weights below their cap
 * and R what they have to give, roughly R units are due: no more than half a unit for a winner too
 * many. So t is taken for a budget that is a unit for each winner smaller; everything due until
 * then is given at once, and the rest, a few units for a winner, one after another from a heap.
 *
 * Weights have a shift. A is counted in units of the largest shift of those still below their cap,
 * each weight rounded up: t is then a little early, which only leaves more to the heap. When the
 * heavy ones have reached their caps A is counted anew in finer units, so that those who follow
 * have all their bits. t never falls on the way. Products stay below 2^127: units and weights have
 * 62 bits.
 */
#include <assert.h>
#include <string.h>

#include "policy_internal.h"

struct fill {
	struct fb_sharer *s;
	const struct fb_winner *winner;
	uint64_t *given;
	bool half;
};

typedef unsigned __int128 wide;

/* x x 2^shift against y. */
static int compare(wide x, wide y, int shift)
{
	if (shift < 0)
		return -compare(y, x, -shift);
	if (shift >= 128)
		return x > 0 ? 1 : y > 0 ? -1 : 0;
	wide high = y >> shift;
	if (x != high)
		return x > high ? 1 : -1;
	return high << shift == y ? 0 : -1;
}

/* a / weight[i] against b / weight[j]. */
static int compare_times(const struct fb_sharer *s, uint64_t a, uint32_t i, uint64_t b, uint32_t j)
{
	return compare((wide)a * s->weight[j], (wide)b * s->weight[i], s->shift[j] - s->shift[i]);
}

/* The lower cap / weight first: it is reached first. */
static bool reached_first(const void *context, uint32_t a, uint32_t b)
{
	const struct fill *f = context;
	int order = compare_times(f->s, f->s->cap[a], a, f->s->cap[b], b);
	return order != 0 ? order < 0 : f->winner[a].id < f->winner[b].id;
}

/* Whether a's next unit is due before b's. */
static bool due_first(const struct fill *f, uint32_t a, uint32_t b)
{
	uint64_t ka = f->half ? 2 * f->given[a] + 1 : f->given[a] + 1,
		 kb = f->half ? 2 * f->given[b] + 1 : f->given[b] + 1;
	int order = compare_times(f->s, ka, a, kb, b);
	return order != 0 ? order < 0 : f->winner[a].id < f->winner[b].id;
}

static void sink(const struct fill *f, uint32_t *heap, size_t n, size_t at)
{
	for (;;) {
		size_t first = at, left = 2 * at + 1;
		for (size_t k = left; k < left + 2 && k < n; k++)
			if (due_first(f, heap[k], heap[first]))
				first = k;
		if (first == at)
			return;
		uint32_t moved = heap[at];
		heap[at] = heap[first];
		heap[first] = moved;
		at = first;
	}
}

/* One unit after another. */
static void give_rest(const struct fill *f, size_t n, uint64_t left)
{
	uint32_t *heap = f->s->order;
	size_t open = 0;
	for (size_t i = 0; i < n; i++)
		if (f->given[heap[i]] < f->s->cap[heap[i]])
			heap[open++] = heap[i];
	for (size_t i = open; i-- > 0;)
		sink(f, heap, open, i);
	for (; left > 0; left--) {
		assert(open > 0);
		f->given[heap[0]]++;
		if (f->given[heap[0]] == f->s->cap[heap[0]])
			heap[0] = heap[--open];
		sink(f, heap, open, 0);
	}
}

/* t = rest / sum, the sum in units of 2^shift. */
struct level {
	uint64_t rest;
	wide sum;
	unsigned shift;
};

static wide shifted(const struct fb_sharer *s, uint32_t i, const struct level *l, wide times)
{
	unsigned down = l->shift - s->shift[i];
	return down < 128 ? times * s->weight[i] >> down : 0;
}

/* A weight in the sum's units, rounded up. */
static uint64_t portion(const struct fb_sharer *s, uint32_t i, const struct level *l)
{
	unsigned down = l->shift - s->shift[i];
	return down < 64 ? ((s->weight[i] - 1) >> down) + 1 : 1;
}

static void count(const struct fb_sharer *s, size_t from, size_t n, struct level *l)
{
	l->shift = 0;
	l->sum = 0;
	for (size_t i = from; i < n; i++)
		if (s->shift[s->order[i]] > l->shift)
			l->shift = s->shift[s->order[i]];
	for (size_t i = from; i < n; i++)
		l->sum += portion(s, s->order[i], l);
}

static bool finer(const struct fb_sharer *s, size_t from, size_t n, const struct level *l)
{
	for (size_t i = from; i < n; i++)
		if (s->shift[s->order[i]] == l->shift)
			return false;
	return from < n;
}

/* Those whose caps are due; returns who comes after them. */
static size_t give_caps(const struct fill *f, size_t n, struct level *l, uint64_t *left)
{
	const struct fb_sharer *s = f->s;
	size_t i = 0;
	do {
		count(s, i, n, l);
		for (; i < n; i++) {
			uint32_t at = s->order[i];
			if (s->cap[at] > shifted(s, at, l, l->rest) / l->sum)
				break;
			f->given[at] = s->cap[at];
			*left -= s->cap[at];
			l->rest -= s->cap[at];
			l->sum -= portion(s, at, l);
		}
	} while (finer(s, i, n, l));
	return i;
}

/* Of the n in order, all with weight, who can give more than `budget` together. */
static void fill(const struct fill *f, size_t n, uint64_t budget)
{
	const struct fb_sharer *s = f->s;
	struct level l = { .rest = budget > n ? budget - n : 0 };
	uint64_t left = budget;
	fb_share_sort(f->s->order, f->s->scratch, n, reached_first, f);
	for (size_t i = give_caps(f, n, &l, &left); i < n; i++) {
		uint32_t at = s->order[i];
		wide units = f->half ? (shifted(s, at, &l, 2 * (wide)l.rest) + l.sum) / (2 * l.sum)
				     : shifted(s, at, &l, l.rest) / l.sum;
		assert(units <= s->cap[at] && units <= left); /* its cap is not due */
		f->given[at] = (uint64_t)units;
		left -= f->given[at];
	}
	give_rest(f, n, left);
}

/* Those with weight, or those without. */
static size_t choose(const struct fb_sharer *s, size_t n, bool with, wide *caps)
{
	size_t chosen = 0;
	*caps = 0;
	for (size_t i = 0; i < n; i++)
		if (s->cap[i] > 0 && (s->weight[i] > 0) == with) {
			s->order[chosen++] = (uint32_t)i;
			*caps += s->cap[i];
		}
	return chosen;
}

static uint64_t fill_or_take_all(const struct fill *f, size_t n, wide caps, uint64_t budget)
{
	if (caps > budget) {
		fill(f, n, budget);
		return budget;
	}
	for (size_t i = 0; i < n; i++)
		f->given[f->s->order[i]] = f->s->cap[f->s->order[i]];
	return (uint64_t)caps;
}

uint64_t fb_share_fill(struct fb_sharer *s, const struct fb_winner *winner, size_t n,
		       uint64_t budget, bool half, uint64_t *given)
{
	struct fill f = { .s = s, .winner = winner, .given = given, .half = half };
	wide caps;
	memset(given, 0, n * sizeof(*given));
	size_t chosen = choose(s, n, true, &caps);
	uint64_t taken = fill_or_take_all(&f, chosen, caps, budget);
	if (taken == budget)
		return taken;
	chosen = choose(s, n, false, &caps);
	for (size_t i = 0; i < chosen; i++) {
		s->weight[s->order[i]] = s->cap[s->order[i]];
		s->shift[s->order[i]] = 0;
	}
	return taken + fill_or_take_all(&f, chosen, caps, budget - taken);
}
