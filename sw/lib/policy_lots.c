/* Whole lots of unlike values for a budget in money: see fb_share_lots. */
#include <assert.h>
#include <string.h>

#include "policy_internal.h"

/* No item: the sum is not reached, or is 0. */
#define NOBODY UINT32_MAX

struct work {
	struct fb_sharer *s;
	const struct fb_winner *winner;
	uint64_t *lots;
	size_t n; /* with spare lots, in s->order, largest value first */
};

static bool larger(const void *context, uint32_t a, uint32_t b)
{
	const struct fb_winner *w = context;
	return w[a].lot_e8 != w[b].lot_e8 ? w[a].lot_e8 > w[b].lot_e8 : w[a].id < w[b].id;
}

static uint64_t spare(const struct work *w, uint32_t i)
{
	return w->winner[i].cap - w->lots[i];
}

static uint64_t common(uint64_t a, uint64_t b)
{
	while (b != 0) {
		uint64_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

/* The shares of WEALTH, each cut to whole lots: the money they take. */
static uint64_t cut_shares(struct work *w, size_t n, uint64_t budget_e8)
{
	struct fb_sharer *s = w->s;
	uint64_t taken = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned __int128 worth = (unsigned __int128)w->winner[i].cap * w->winner[i].lot_e8;
		assert(worth >> FB_SHARE_BITS == 0);
		s->cap[i] = (uint64_t)worth;
		s->weight[i] = w->winner[i].profit_e8;
		s->shift[i] = 0;
	}
	fb_share_fill(s, w->winner, n, budget_e8, true, s->share);
	for (size_t i = 0; i < n; i++) {
		w->lots[i] = w->winner[i].lot_e8 ? s->share[i] / w->winner[i].lot_e8 : 0;
		taken += w->lots[i] * w->winner[i].lot_e8;
	}
	w->n = 0;
	for (size_t i = 0; i < n; i++)
		if (w->winner[i].lot_e8 > 0 && spare(w, (uint32_t)i) > 0)
			s->order[w->n++] = (uint32_t)i;
	fb_share_sort(s->order, s->scratch, w->n, larger, w->winner);
	return taken;
}

/* The multiples of an item are 1, 2, 4 ... lots of a winner, and the rest: every number of lots up
 * to `spare` is a sum of some of them. An item is its winner's place x 32 + its number. */
static uint64_t multiple(uint64_t spare_lots, unsigned number)
{
	uint64_t before = ((uint64_t)1 << number) - 1;
	if (before >= spare_lots)
		return 0;
	uint64_t left = spare_lots - before;
	return left < (uint64_t)1 << number ? left : (uint64_t)1 << number;
}

static bool is_reached(const struct fb_sharer *s, uint32_t sum)
{
	return s->reached[sum / 64] >> sum % 64 & 1;
}

/* Adds an item to all sums there are: from above, so that it counts once. */
static void add_item(struct fb_sharer *s, uint32_t item, uint64_t size, uint32_t most)
{
	if (size > most)
		return;
	for (uint32_t sum = most; sum >= size; sum--)
		if (!is_reached(s, sum) && is_reached(s, sum - (uint32_t)size)) {
			s->reached[sum / 64] |= (uint64_t)1 << sum % 64;
			s->by[sum] = item;
		}
}

/* Adds the lots whose value is at least `missing` and exceeds it least; false: too many sums to
 * look at, nothing is added. */
static bool add_best(struct work *w, uint64_t missing)
{
	struct fb_sharer *s = w->s;
	uint64_t unit = 0;
	for (size_t k = 0; k < w->n; k++)
		unit = common(w->winner[s->order[k]].lot_e8, unit);
	assert(w->n > 0); /* the caller knows that there is enough */
	uint64_t least = missing / unit + (missing % unit != 0),
		 largest = w->winner[s->order[0]].lot_e8 / unit;
	if (least >= FB_SHARE_SUMS || largest >= FB_SHARE_SUMS ||
	    (least + largest) * w->n > FB_SHARE_LOOKS)
		return false;
	uint32_t most = (uint32_t)(least + largest - 1);
	memset(s->reached, 0, sizeof(s->reached));
	s->reached[0] = 1;
	s->by[0] = NOBODY;
	for (size_t k = 0; k < w->n; k++) {
		uint64_t value = w->winner[s->order[k]].lot_e8 / unit, lots;
		uint64_t useful = most / value, have = spare(w, s->order[k]);
		have = have < useful ? have : useful;
		for (unsigned number = 0; (lots = multiple(have, number)) > 0; number++)
			add_item(s, (uint32_t)k * 32 + number, lots * value, most);
	}
	uint32_t sum = (uint32_t)least;
	while (sum <= most && !is_reached(s, sum))
		sum++;
	assert(sum <= most);
	while (sum > 0) {
		uint32_t at = s->order[s->by[sum] / 32];
		uint64_t value = w->winner[at].lot_e8 / unit, useful = most / value;
		uint64_t have = w->winner[at].cap - s->share[at];
		have = have < useful ? have : useful;
		uint64_t lots = multiple(have, s->by[sum] % 32);
		w->lots[at] += lots;
		sum -= (uint32_t)(lots * value);
	}
	return true;
}

/* From the largest value that fits downward; at last one that is too much. */
static void add_greedy(struct work *w, uint64_t missing)
{
	for (int pass = 0; pass < 2; pass++)
		for (size_t k = 0; k < w->n; k++) {
			uint32_t i = w->s->order[k];
			uint64_t lots = missing / w->winner[i].lot_e8, have = spare(w, i);
			lots = lots < have ? lots : have;
			if (pass == 0 && lots > 1)
				lots = 1;
			w->lots[i] += lots;
			missing -= lots * w->winner[i].lot_e8;
		}
	if (missing == 0)
		return;
	uint32_t last = NOBODY;
	for (size_t k = 0; k < w->n; k++) {
		uint32_t i = w->s->order[k];
		if (spare(w, i) > 0 &&
		    (last == NOBODY || w->winner[i].lot_e8 < w->winner[last].lot_e8))
			last = i;
	}
	assert(last != NOBODY);
	w->lots[last]++;
}

uint64_t fb_share_lots(struct fb_sharer *s, uint64_t budget_e8, const struct fb_winner *winner,
		       size_t n, uint64_t *lots)
{
	struct work w = { .s = s, .winner = winner, .lots = lots };
	unsigned __int128 all = 0;
	assert(n <= s->room && budget_e8 >> FB_SHARE_BITS == 0);
	for (size_t i = 0; i < n; i++)
		all += (unsigned __int128)winner[i].cap * winner[i].lot_e8;
	assert(all >> FB_SHARE_BITS == 0);
	if (all <= budget_e8) {
		for (size_t i = 0; i < n; i++)
			lots[i] = winner[i].lot_e8 > 0 ? winner[i].cap : 0;
		return (uint64_t)all;
	}
	uint64_t taken = cut_shares(&w, n, budget_e8);
	memcpy(s->share, lots, n * sizeof(*lots)); /* the base, which add_best counts from */
	if (taken < budget_e8 && !add_best(&w, budget_e8 - taken))
		add_greedy(&w, budget_e8 - taken);
	taken = 0;
	for (size_t i = 0; i < n; i++)
		taken += lots[i] * winner[i].lot_e8;
	return taken;
}
