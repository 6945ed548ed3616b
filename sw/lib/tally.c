/* See tally.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tally.h"

#define NANO 1000000000

int fb_tally_open(uint32_t accounts, struct fb_tally *out)
{
	*out = (struct fb_tally){ .accounts = accounts, .first_us = -1 };
	out->account = calloc((size_t)accounts + 1, sizeof(*out->account));
	out->sorted = calloc((size_t)accounts + 1, sizeof(*out->sorted));
	if (out->account && out->sorted)
		return 0;
	fb_tally_close(out);
	return -ENOMEM;
}

void fb_tally_close(struct fb_tally *t)
{
	free(t->account);
	free(t->sorted);
	t->account = NULL;
	t->sorted = NULL;
}

void fb_tally_judged(struct fb_tally *t, uint32_t account, __int128 equity_e8)
{
	struct fb_tally_account *a = &t->account[account];
	if (equity_e8 < a->lowest_e8)
		a->lowest_e8 = equity_e8;
}

void fb_tally_winner(struct fb_tally *t, uint32_t account, __int128 equity_e8)
{
	struct fb_tally_account *a = &t->account[account];
	a->winner = true;
	if (equity_e8 > a->base_e8)
		a->base_e8 = equity_e8;
}

static __int128 magnitude(__int128 x)
{
	return x < 0 ? -x : x;
}

/* Longs less shorts, before and after: those of one side alone only come nearer to 0. */
static bool breaks_hedge(const struct fb_tally_pair *p)
{
	__int128 net = p->long_e8 - p->short_e8;
	return magnitude(net - p->at_mark_e8) > magnitude(net);
}

void fb_tally_pair(struct fb_tally *t, const struct fb_tally_pair *p)
{
	struct fb_tally_symbol *s = &t->symbol[p->symbol];
	__int128 given = p->at_mark_e8 - p->got_e8;
	t->pairs++;
	t->hedges_broken += breaks_hedge(p);
	s->qty += p->qty;
	s->got_e8 += p->got_e8;
	fb_tally_winner(t, p->account, p->equity_e8);
	t->account[p->account].deleveraged = true;
	if (given <= 0)
		return;
	t->account[p->account].given_e8 += given;
	t->needed_e8 += given;
}

uint64_t fb_tally_gap(uint64_t reference_e8, uint64_t price_e8)
{
	if (price_e8 >= reference_e8)
		return 0;
	return (uint64_t)((unsigned __int128)(reference_e8 - price_e8) * 10000000 / reference_e8);
}

void fb_tally_gap_seen(struct fb_tally *t, uint64_t gap_e7)
{
	if (gap_e7 > t->spiral_e7)
		t->spiral_e7 = gap_e7;
}

void fb_tally_instant(struct fb_tally *t, int64_t time_us, bool insolvent)
{
	if (insolvent && t->first_us < 0)
		t->first_us = time_us;
	if (!insolvent && t->insolvent)
		t->solvent_us = time_us;
	t->insolvent = insolvent;
}

static uint64_t share_e9(__int128 above, __int128 below)
{
	if (above <= 0)
		return 0;
	if (below <= 0)
		return NANO;
	while (above >> 90 != 0) {
		above >>= 1;
		below >>= 1;
	}
	return (uint64_t)(above * NANO / (below > 0 ? below : 1));
}

static int rising(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

/* 2 sum of i x_i / (n sum of x) - (n + 1) / n, i from 1, x rising. */
static uint64_t gini_e9(uint64_t *x, size_t n)
{
	__int128 sum = 0, weighted = 0;
	qsort(x, n, sizeof(*x), rising);
	for (size_t i = 0; i < n; i++) {
		sum += x[i];
		weighted += (__int128)x[i] * (int64_t)(i + 1);
	}
	return sum == 0 ? 0
			: share_e9(2 * weighted - (int64_t)(n + 1) * sum, (int64_t)n * sum);
}

void fb_tally_end(struct fb_tally *t, const uint64_t *u, struct fb_metrics *out)
{
	__int128 given = 0, base = 0;
	size_t winners = 0;
	out->bankrupt_loss_e8 = 0;
	out->deleveraged = 0;
	out->haircut_e9 = 0;
	out->overshoot_e8 = 0;
	for (uint32_t i = 0; i < t->accounts; i++) {
		const struct fb_tally_account *a = &t->account[i];
		out->bankrupt_loss_e8 -= a->lowest_e8;
		out->deleveraged += a->deleveraged;
		if (!a->winner)
			continue;
		uint64_t haircut = share_e9(a->given_e8, a->base_e8);
		t->sorted[winners++] = haircut;
		given += a->given_e8;
		base += a->base_e8;
		if (haircut > out->haircut_e9)
			out->haircut_e9 = haircut;
	}
	out->gini_e9 = gini_e9(t->sorted, winners);
	out->regret_e9 = (int64_t)out->haircut_e9 - (int64_t)share_e9(given, base);
	for (uint32_t s = 0; s < FB_SYMBOLS; s++) {
		const struct fb_tally_symbol *x = &t->symbol[s];
		__int128 whole = x->qty / 65536, rest = x->qty % 65536;
		__int128 last = whole * u[s] + rest * u[s] / 65536;
		out->overshoot_e8 += last - x->got_e8;
	}
	out->overshoot_e8 -= t->needed_e8;
	out->needed_e8 = t->needed_e8;
	out->pairs = t->pairs;
	out->hedges_broken = t->hedges_broken;
	out->spiral_e7 = t->spiral_e7;
	out->solvent_us = t->first_us < 0 ? 0 : t->insolvent ? -1 : t->solvent_us - t->first_us;
}
