/* Recording evidence: see evidence.h. A round is noted when it is planned, and sealed when its last
 * pair is answered, since only then it is known what moved and what the fund has. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adl_internal.h"
#include "evidence.h"

static uint64_t lots(int64_t qty)
{
	return (uint64_t)(qty < 0 ? -qty : qty);
}

static void make_secret(struct fb_evidence *e)
{
	const struct fb_book *book = e->waterfall->book;
	struct fb_sha256 sha;
	fb_sha256_begin(&sha);
	for (uint32_t i = 0; i < book->accounts; i++) {
		fb_sha256_number(&sha, book->account[i].id, 4);
		fb_sha256_number(&sha, (unsigned __int128)book->account[i].collateral_e8, 16);
	}
	for (uint32_t i = 0; i < book->rows; i++) {
		fb_sha256_number(&sha, book->row[i].id, 4);
		fb_sha256_number(&sha, (unsigned __int128)book->row[i].qty, 8);
		fb_sha256_number(&sha, (unsigned __int128)book->row[i].entry_e8, 8);
	}
	fb_sha256_end(&sha, e->secret);
}

void fb_evidence_opened(const struct fb_evidence *e, const struct fb_evidence_link *link,
			const struct fb_ranked *ranked, struct fb_evidence_opening *out)
{
	struct fb_sha256 sha;
	*out = (struct fb_evidence_opening){
		.account = ranked->terms.score.account_id,
		.position = ranked->terms.score.position_id,
		.profit_e8 = ranked->terms.score.profit_e8,
		.equity_e8 = ranked->terms.score.equity_e8,
		.notional_e8 = ranked->terms.score.notional_e8,
		.entry_e8 = ranked->terms.entry_e8,
		.position_mm_e15 = ranked->terms.row_mm_e15,
		.mm_e15 = ranked->terms.mm_e15,
		.wallet_e8 = ranked->terms.collateral_e8,
		.funding_e8 = ranked->terms.funding_e8,
		.account_notional_e8 = ranked->terms.account_notional_e8,
		.lots = ranked->lots,
		.tier = ranked->terms.tier,
		.turn = ranked->terms.turn,
		.hedged = ranked->terms.hedged,
		.moved_e8 = ranked->moved_e8,
	};
	fb_sha256_begin(&sha);
	fb_sha256_add(&sha, e->secret, sizeof(e->secret));
	fb_sha256_number(&sha, link->number, 8);
	fb_sha256_number(&sha, ranked->leaf.rank, 4);
	fb_sha256_end(&sha, out->nonce);
}

static void hash_leaves(struct fb_evidence *e, uint32_t n, const struct fb_ranked *ranked)
{
	for (uint32_t k = 0; k < n; k++)
		fb_evidence_hash_leaf(&ranked[k].leaf, e->hash[k]);
}

void fb_evidence_path(struct fb_evidence *e, const struct fb_evidence_link *link,
		      const struct fb_ranked *ranked, uint32_t rank, struct fb_merkle_path *out)
{
	fb_digest root;
	hash_leaves(e, link->ranked, ranked);
	fb_merkle_root(e->hash, link->ranked, rank, out, root);
}

static __int128 fund_equity(const struct fb_waterfall *w)
{
	uint32_t fund = w->house[FB_FUND].account;
	return fund == FB_NONE ? 0 : fb_house_sums(w, fund).equity_e8;
}

static void seal(struct fb_evidence *e, struct fb_evidence_link *link, struct fb_ranked *ranked)
{
	link->fund_after_e8 = fund_equity(e->waterfall);
	for (uint32_t k = 0; k < link->ranked; k++) {
		struct fb_evidence_opening opening;
		link->moved += ranked[k].leaf.moved;
		link->moved_e8 += ranked[k].moved_e8;
		fb_evidence_opened(e, link, &ranked[k], &opening);
		fb_evidence_commit(&opening, ranked[k].leaf.commitment);
	}
	hash_leaves(e, link->ranked, ranked);
	if (link->ranked > 0)
		fb_merkle_root(e->hash, link->ranked, 0, NULL, link->root);
	memcpy(link->before, e->last, sizeof(e->last));
	fb_evidence_seal(link);
	memcpy(e->last, link->link, sizeof(e->last));
	if (e->sealed)
		e->sealed(e->context, link, ranked);
}

void fb_evidence_end(struct fb_evidence *e)
{
	if (!e->open)
		return;
	e->open = false;
	for (uint32_t i = 0; i < e->opened; i++)
		seal(e, &e->link[i], e->ranked + e->first[i]);
}

/* Lots of a need that the plan left: its row as the pairs leave it, less what it keeps anyway. */
static bool unfilled(const struct fb_adl *adl, const struct fb_book *book,
		     const struct fb_adl_need *need)
{
	uint64_t keeps = lots(book->row[need->row].qty) - lots(need->qty);
	const struct fb_adl_row *row = &adl->row[need->row];
	return lots(row->qty) > keeps;
}

static void note_ranked(struct fb_evidence *e, const struct fb_adl *adl, uint32_t ranking,
			struct fb_evidence_link *link)
{
	uint32_t from = adl->first[ranking], to = adl->first[ranking + 1], at = e->first[e->opened];
	for (uint32_t i = from; i < to; i++, at++) {
		const struct fb_adl_entry *entry = adl->by_rank.entry[i];
		e->ranked[at] = (struct fb_ranked){
			.terms = entry->terms,
			.account = entry->account,
			.row = entry->row,
			.lots = lots(e->waterfall->book->row[entry->row].qty),
			.priced_out = entry->priced_out,
			.free = entry->free,
			.leaf = { .rank = entry->rank },
		};
		fb_evidence_score(&adl->order, &entry->terms, &e->ranked[at].leaf);
		if (i > from)
			e->ranked[at].leaf.behind = (uint8_t)fb_adl_order_step(
				&adl->order, &e->ranked[at - 1].terms, &entry->terms);
		e->place[entry->row] = at;
		link->ranked_lots += e->ranked[at].lots;
	}
	link->ranked = to - from;
	e->first[e->opened + 1] = at;
}

/* The headers of all rankings that the needs want, in order of symbol and side. */
static void note_rankings(struct fb_evidence *e, const struct fb_adl *adl)
{
	const struct fb_waterfall *w = e->waterfall;
	e->opened = 0;
	e->first[0] = 0;
	for (uint32_t r = 0; r < FB_ADL_RANKINGS; r++) {
		if (!adl->wanted[r])
			continue;
		struct fb_evidence_link *link = &e->link[e->opened];
		e->ranking[e->opened] = r;
		*link = (struct fb_evidence_link){
			.number = ++e->links,
			.round = e->rounds,
			.sequence = w->book->seq,
			.time_us = w->time_us,
			.side = (uint8_t)(r & 1),
			.u = w->book->symbol[r / 2].u,
			.fund_before_e8 = fund_equity(w),
		};
		fb_adl_order_text(&w->rules->adl, link->order);
		link->shared_lots = adl->shared[r];
		memcpy(link->symbol, w->rules->symbol[r / 2].name, sizeof(link->symbol));
		note_ranked(e, adl, r, link);
		for (size_t i = 0; i < w->needs; i++) {
			const struct fb_adl_need *need = &w->need[i];
			if (fb_adl_ranking(w->book->row[need->row].symbol, need->qty > 0) != r)
				continue;
			link->needs++;
			link->need_lots += lots(need->qty);
			link->need_e8 += need->value_e8;
			if (unfilled(adl, w->book, need) && !adl->closed[r])
				link->depth = link->ranked;
		}
		e->opened++;
	}
}

static struct fb_evidence_link *link_of(struct fb_evidence *e, uint32_t place)
{
	uint32_t i = 0;
	while (e->first[i + 1] <= place)
		i++;
	return &e->link[i];
}

static bool sibling(const struct fb_waterfall *w, uint32_t account, uint32_t counter)
{
	return w->rules->adl.siblings != FB_SIBLINGS_NO && w->owner[account] == w->owner[counter];
}

/* Lots that a need of this ranking closed against opposite ones of its own account. */
static void note_own(struct fb_evidence *e, uint16_t ranking, uint64_t n)
{
	const char *symbol = e->waterfall->rules->symbol[ranking / 2].name;
	for (uint32_t i = 0; i < e->opened; i++)
		if (e->link[i].side == (ranking & 1) && strcmp(e->link[i].symbol, symbol) == 0)
			e->link[i].own_lots += n;
}

static void note_pair(struct fb_evidence *e, const struct fb_adl_pair *pair)
{
	const struct fb_waterfall *w = e->waterfall;
	const struct fb_adl_need *need = &w->need[pair->need];
	if (pair->counter == need->account) {
		uint16_t symbol = w->book->row[need->row].symbol;
		note_own(e, fb_adl_ranking(symbol, need->qty > 0), lots(pair->qty));
		if (w->adl->row[pair->row].needed) /* and that need asks for as many less */
			note_own(e, fb_adl_ranking(symbol, need->qty < 0), lots(pair->qty));
		return;
	}
	uint32_t place = e->place[pair->row];
	struct fb_evidence_leaf *leaf = &e->ranked[place].leaf;
	struct fb_evidence_link *link = link_of(e, place);
	leaf->asked += lots(pair->qty);
	link->asked += lots(pair->qty);
	if (sibling(w, need->account, pair->counter))
		leaf->decision = FB_TAKEN_SIBLING;
	else if (link->depth <= leaf->rank)
		link->depth = leaf->rank + 1;
}

/* What became of a position, now that all pairs and the depth are known. */
static unsigned decision(const struct fb_evidence *e, const struct fb_evidence_link *link,
			 const struct fb_ranked *ranked, bool waits)
{
	const struct fb_waterfall *w = e->waterfall;
	const struct fb_evidence_leaf *leaf = &ranked->leaf;
	const struct fb_adl_account *account = &w->adl->account[ranked->account];
	bool filled = waits || link->asked + link->own_lots >= link->need_lots;
	if (leaf->decision == FB_TAKEN_SIBLING)
		return FB_TAKEN_SIBLING;
	if (leaf->asked == ranked->lots)
		return FB_TAKEN_WHOLE;
	if (leaf->asked > 0 && filled && link->shared_lots > 0)
		return FB_TAKEN_SHARE;
	if (leaf->asked > 0 && filled && leaf->asked == (uint64_t)ranked->free)
		return FB_TAKEN_FREE;
	if (leaf->asked > 0)
		return filled && leaf->rank + 1 == link->depth ? FB_TAKEN_REST : FB_TAKEN_EQUITY;
	if (leaf->rank >= link->depth)
		return FB_NOT_REACHED;
	if (ranked->priced_out)
		return FB_SKIPPED_PRICE;
	if (account->left_e8 < account->equity_e8)
		return FB_SKIPPED_SPENT;
	if (filled && link->shared_lots > 0)
		return FB_SKIPPED_SHARE;
	return filled && ranked->terms.hedged ? FB_SKIPPED_HEDGE : FB_SKIPPED_LOT;
}

static void planned(void *context, const struct fb_waterfall *w, size_t pairs)
{
	struct fb_evidence *e = context;
	fb_evidence_end(e);
	if (e->rounds++ == 0)
		make_secret(e);
	note_rankings(e, w->adl);
	for (size_t i = 0; i < pairs; i++)
		note_pair(e, &w->pair[i]);
	for (uint32_t i = 0; i < e->opened; i++)
		for (uint32_t at = e->first[i]; at < e->first[i + 1]; at++)
			e->ranked[at].leaf.decision =
				(uint8_t)decision(e, &e->link[i], &e->ranked[at],
						  w->adl->closed[e->ranking[i]]);
	e->open = true;
}

static void moved(void *context, const struct fb_open *open, int64_t n, __int128 value_e8)
{
	struct fb_evidence *e = context;
	if (!e->open || open->order.verb != FB_VERB_ADL_PAIR || open->counter == open->account)
		return;
	struct fb_ranked *ranked = &e->ranked[e->place[open->counter_row]];
	ranked->leaf.moved += (uint64_t)n;
	ranked->moved_e8 -= value_e8;
}

static void over(void *context, const struct fb_waterfall *w)
{
	(void)w;
	fb_evidence_end(context);
}

int fb_evidence_open(const struct fb_waterfall *w, struct fb_evidence **out)
{
	struct fb_evidence *e = calloc(1, sizeof(*e));
	size_t rows = (size_t)w->book->rows_max + 1;
	if (!e)
		return -ENOMEM;
	e->waterfall = w;
	e->link = calloc(FB_ADL_RANKINGS, sizeof(*e->link));
	e->first = calloc(FB_ADL_RANKINGS + 1, sizeof(*e->first));
	e->ranking = calloc(FB_ADL_RANKINGS, sizeof(*e->ranking));
	e->ranked = calloc(rows, sizeof(*e->ranked));
	e->place = calloc(rows, sizeof(*e->place));
	e->hash = calloc(rows, sizeof(*e->hash));
	e->tap = (struct fb_tap){ .context = e, .planned = planned, .moved = moved, .over = over };
	if (!e->link || !e->first || !e->ranking || !e->ranked || !e->place || !e->hash) {
		fb_evidence_close(e);
		return -ENOMEM;
	}
	*out = e;
	return 0;
}

void fb_evidence_close(struct fb_evidence *e)
{
	if (!e)
		return;
	free(e->link);
	free(e->first);
	free(e->ranking);
	free(e->ranked);
	free(e->place);
	free(e->hash);
	free(e);
}
