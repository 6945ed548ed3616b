/* ADL: planning a round. See <firebreak/adl.h>; what a pair is worth: adl_price.c.
 *
 * Each need walks its ranking from the top; what it takes is entered at once, in rows and in what
 * accounts can still lose, so that the next need finds what is left.
 *
 * Equity. A counterparty's gains do not count until they are on the book: the venue may refuse the
 * pair that was to bring them.
 *
 * Hedges and shares make a round of several runs: own rows and siblings of all needs; then what
 * each row may give at first; then the rest, by rank. Pairs are put in order of needs afterwards.
 *
 * Two rules beyond the header's. An account with a need is nobody else's counterparty in that
 * round. Lots of a need's row that went to an earlier need of the same account (hedge mode) count
 * as closed: the need asks only for the rest.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adl_turn.h"

static int list_open(struct fb_adl_list *list, uint32_t rows)
{
	size_t leaves = 1;
	while (leaves < rows)
		leaves *= 2;
	list->entry = calloc((size_t)rows + 1, sizeof(*list->entry));
	list->node = calloc(2 * leaves, sizeof(*list->node));
	return list->entry && list->node ? 0 : -ENOMEM;
}

int fb_adl_open(uint32_t accounts, uint32_t rows, struct fb_adl **out)
{
	assert(accounts < 1u << 29 && rows < 1u << 29); /* as the book's */
	struct fb_adl *adl = calloc(1, sizeof(*adl));
	if (!adl)
		return -ENOMEM;
	adl->accounts_max = accounts;
	adl->rows_max = rows;
	adl->account = calloc((size_t)accounts + 1, sizeof(*adl->account));
	adl->row = calloc((size_t)rows + 1, sizeof(*adl->row));
	adl->entry = calloc((size_t)rows + 1, sizeof(*adl->entry));
	adl->scratch = calloc((size_t)rows + 1, sizeof(*adl->scratch));
	adl->place = calloc((size_t)rows + 1, sizeof(*adl->place));
	adl->place_scratch = calloc((size_t)rows + 1, sizeof(*adl->place_scratch));
	if (!adl->account || !adl->row || !adl->entry || !adl->scratch || !adl->place ||
	    !adl->place_scratch ||
	    list_open(&adl->by_rank, rows) || list_open(&adl->by_owner, rows)) {
		fb_adl_close(adl);
		return -ENOMEM;
	}
	*out = adl;
	return 0;
}

static bool in_runs(const struct fb_adl_policy *policy)
{
	return policy && (policy->share != FB_SHARE_QUEUE || policy->hedges);
}

int fb_adl_extend(struct fb_adl *adl, const struct fb_adl_policy *policy)
{
	size_t rows = (size_t)adl->rows_max + 1;
	int err = 0;
	if (!in_runs(policy))
		return 0;
	adl->pair_scratch = calloc(2 * rows, sizeof(*adl->pair_scratch));
	adl->pair_first = calloc(rows + 1, sizeof(*adl->pair_first));
	if (!adl->pair_scratch || !adl->pair_first)
		return -ENOMEM;
	if (policy->hedges)
		err = fb_adl_hedge_open(adl);
	if (!err && policy->share != FB_SHARE_QUEUE)
		err = fb_adl_share_open(adl);
	return err;
}

void fb_adl_close(struct fb_adl *adl)
{
	if (!adl)
		return;
	free(adl->place);
	free(adl->place_scratch);
	free(adl->owner_bucket);
	free(adl->owner_next);
	fb_sharer_close(adl->sharer);
	free(adl->winner);
	free(adl->given);
	free(adl->pair_scratch);
	free(adl->pair_first);
	free(adl->account);
	free(adl->row);
	free(adl->entry);
	free(adl->scratch);
	free(adl->by_rank.entry);
	free(adl->by_rank.node);
	free(adl->by_owner.entry);
	free(adl->by_owner.node);
	free(adl);
}

/* Which rankings the needs want; their own accounts are in none. */
static void begin(struct fb_adl_turn *p, const struct fb_adl_need *need, size_t needs)
{
	struct fb_adl *adl = p->adl;
	adl->round++;
	memset(adl->wanted, 0, sizeof(adl->wanted));
	memset(adl->closed, 0, sizeof(adl->closed));
	memset(adl->shared, 0, sizeof(adl->shared));
	for (size_t i = 0; i < needs; i++) {
		assert(need[i].account < p->book->accounts && need[i].row < p->book->rows);
		const struct fb_book_row *row = &p->book->row[need[i].row];
		assert(row->account == need[i].account && need[i].qty != 0);
		assert(need[i].qty > 0 ? need[i].qty <= row->qty : need[i].qty >= row->qty);
		adl->wanted[fb_adl_ranking(row->symbol, need[i].qty > 0)] =
			!p->rules->no_adl || !p->rules->no_adl[row->symbol];
		adl->account[need[i].account] = (struct fb_adl_account){ .round = adl->round };
		struct fb_adl_row *now = fb_adl_row_now(p, need[i].row);
		assert(!now->needed); /* one need for a row */
		now->needed = true;
	}
}

/* What the rows of each ranking may give at first. */
static void allow(struct fb_adl_turn *p, const struct fb_adl_need *need, size_t needs)
{
	struct fb_adl *adl = p->adl;
	const struct fb_adl_policy *policy = p->rules->policy;
	uint64_t *lots = adl->shared;
	for (uint32_t i = 0; i < adl->entries; i++) {
		struct fb_adl_entry *e = &adl->entry[i];
		int64_t given = fb_adl_lots(p->book->row[e->row].qty) -
				fb_adl_lots(fb_adl_row_now(p, e->row)->qty);
		e->allowed = e->free > given ? e->free - given : 0;
	}
	if (policy->share == FB_SHARE_QUEUE)
		return;
	for (size_t i = 0; i < needs; i++) {
		const struct fb_book_row *row = &p->book->row[need[i].row];
		int64_t closed = fb_adl_lots(row->qty) -
				 fb_adl_lots(fb_adl_row_now(p, need[i].row)->qty),
			wants = fb_adl_lots(need[i].qty) - closed;
		lots[fb_adl_ranking(row->symbol, need[i].qty > 0)] +=
			wants > 0 ? (uint64_t)wants : 0;
	}
	for (uint32_t r = 0; r < FB_ADL_RANKINGS; r++)
		if (lots[r] > 0)
			fb_adl_shares(adl, policy, r, lots[r]);
}

static int run_over(struct fb_adl_turn *p, const struct fb_adl_need *need, size_t needs,
		    enum fb_adl_run run)
{
	for (size_t i = 0; i < needs; i++) {
		int err = fb_adl_take(p, &need[i], (uint32_t)i, run);
		if (err)
			return err;
	}
	return 0;
}

static int run_thrice(struct fb_adl_turn *p, const struct fb_adl_need *need, size_t needs)
{
	int err = run_over(p, need, needs, FB_ADL_NEAREST);
	if (!err) {
		allow(p, need, needs);
		fb_adl_list_grow(p->adl, &p->adl->by_rank);
		err = run_over(p, need, needs, FB_ADL_LIMITED);
	}
	if (!err) {
		fb_adl_list_grow(p->adl, &p->adl->by_rank);
		err = run_over(p, need, needs, FB_ADL_REST);
	}
	fb_adl_in_order(p->adl, p->pairs, p->n, needs);
	return err;
}

int64_t fb_adl_plan(struct fb_adl *adl, const struct fb_book *book,
		    const struct fb_adl_rules *rules, const struct fb_adl_need *need, size_t needs,
		    struct fb_adl_pair *pairs, size_t room)
{
	assert(book->accounts <= adl->accounts_max && book->rows <= adl->rows_max);
	struct fb_adl_turn p = {
		.adl = adl, .book = book, .rules = rules, .pairs = pairs, .room = room
	};
	begin(&p, need, needs);
	if (needs == 0)
		return 0;
	fb_adl_rank(adl, book, rules);
	bool runs = in_runs(rules->policy);
	if (runs && p.room > 2 * (size_t)adl->rows_max)
		p.room = 2 * (size_t)adl->rows_max; /* so many can be put in order */
	int err = runs ? run_thrice(&p, need, needs) : run_over(&p, need, needs, FB_ADL_ALL);
	return err ? err : (int64_t)p.n;
}

bool fb_adl_waits(const struct fb_adl *adl, const struct fb_book *book,
		  const struct fb_adl_need *need)
{
	return adl->closed[fb_adl_ranking(book->row[need->row].symbol, need->qty > 0)];
}
