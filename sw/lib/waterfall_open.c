/* The waterfall is opened and closed; who looks on asks how it stands. See
 * <firebreak/waterfall.h>. */
#include <errno.h>
#include <stdlib.h>

#include "pages.h"
#include "waterfall_fund.h"

#define SLOTS_MORE 4096 /* orders open beyond one for each position and account */

int fb_waterfall_open(struct fb_book *book, const struct fb_rules *rules, uint32_t epoch,
		      const struct fb_waterfall_ops *ops, void *context, struct fb_waterfall **out)
{
	struct fb_waterfall *w = calloc(1, sizeof(*w));
	size_t accounts = book->accounts_max + 1, rows = book->rows_max + 1;
	if (!w)
		return -ENOMEM;
	w->book = book;
	w->rules = rules;
	w->policy = &rules->policy;
	w->act_level = fb_waterfall_act_level(rules);
	w->epoch = epoch;
	w->ops = ops;
	w->context = context;
	w->needs_max = rows;
	w->pairs_max = 2 * rows;
	w->cases = fb_pages(accounts, sizeof(*w->cases));
	w->held = fb_pages(accounts, sizeof(*w->held));
	w->owner = fb_pages(accounts, sizeof(*w->owner));
	w->by_id = calloc(accounts, sizeof(*w->by_id));
	w->depth = calloc(FB_SYMBOLS, sizeof(*w->depth));
	w->depth_left = calloc(FB_SYMBOLS, sizeof(*w->depth_left));
	w->depth_round = calloc(FB_SYMBOLS, sizeof(*w->depth_round));
	w->need = calloc(w->needs_max, sizeof(*w->need));
	w->need_judged = calloc(w->needs_max, sizeof(*w->need_judged));
	w->turned_away = calloc(accounts, sizeof(*w->turned_away));
	w->promised = calloc(rows, sizeof(*w->promised));
	w->began = calloc(rows, sizeof(*w->began));
	w->full = calloc(rows, sizeof(*w->full));
	w->pair = calloc(w->pairs_max, sizeof(*w->pair));
	for (int k = 0; k < FB_HOUSES; k++)
		w->house[k].account = FB_NONE;
	w->final = calloc(FB_SYMBOLS, sizeof(*w->final));
	w->gate_e7 = w->gate_asked_e7 = FB_RATE_ONE;
	for (size_t i = 0; w->cases && i < accounts; i++)
		w->cases[i].symbol = FB_POOL_COMMON;
	if (!w->cases || !w->held || !w->owner || !w->by_id || !w->depth || !w->depth_left ||
	    !w->depth_round ||
	    !w->need || !w->need_judged || !w->turned_away || !w->promised || !w->began ||
	    !w->full || !w->pair || !w->final ||
	    fb_orders_open(w, (uint32_t)(rows + accounts) + SLOTS_MORE) ||
	    fb_fund_open(w) || fb_adl_open(book->accounts_max, book->rows_max, &w->adl) ||
	    fb_price_open(w)) {
		fb_waterfall_close(w);
		return -ENOMEM;
	}
	for (unsigned s = 0; s < FB_SYMBOLS; s++)
		w->depth[s][0] = w->depth[s][1] = FB_UNKNOWN_DEPTH;
	*out = w;
	return 0;
}

void fb_waterfall_close(struct fb_waterfall *w)
{
	if (!w)
		return;
	fb_orders_close(w);
	fb_adl_close(w->adl);
	fb_fund_close(w);
	fb_price_close(w);
	free(w->cases);
	free(w->held);
	free(w->owner);
	free(w->by_id);
	free(w->depth);
	free(w->depth_left);
	free(w->depth_round);
	free(w->need);
	free(w->need_judged);
	free(w->turned_away);
	free(w->promised);
	free(w->began);
	free(w->full);
	free(w->final);
	free(w->pair);
	free(w);
}

void fb_waterfall_owner(struct fb_waterfall *w, uint32_t account, uint32_t owner)
{
	w->owner[account] = owner;
}

enum fb_state fb_waterfall_state(const struct fb_waterfall *w, uint32_t account)
{
	return w->cases[account].state;
}

const struct fb_waterfall_counts *fb_waterfall_counts(const struct fb_waterfall *w)
{
	return &w->counts;
}

const uint64_t (*fb_waterfall_hits(const struct fb_waterfall *w))[FB_HAPPENINGS]
{
	return (const uint64_t(*)[FB_HAPPENINGS])w->hits;
}

uint32_t fb_waterfall_open_orders(const struct fb_waterfall *w)
{
	return w->open;
}

bool fb_waterfall_at_rest(const struct fb_waterfall *w)
{
	for (uint32_t i = 0; i < w->book->accounts; i++)
		if (w->book->account[i].busy && w->cases[i].state != FB_STUCK)
			return false;
	return w->open == 0;
}
