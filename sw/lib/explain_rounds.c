/* Rounds of deleveraging as an account sees them: where it was ranked and what was decided of it,
 * with the proof; or why it was in no ranking. See explain.h. */
#include <string.h>

#include "adl_internal.h"
#include "explain.h"
#include "report_internal.h"

#define BESIDE 2 /* neighbours on each side */

static void digest(struct fb_explain *x, uint32_t parent, const char *key, const char *label,
		   const uint8_t hash[32])
{
	fb_fact_hex(&x->facts, parent, key, label, hash);
}

static uint32_t leaf(struct fb_explain *x, uint32_t parent, const char *key, const char *label,
		     const struct fb_evidence_leaf *l)
{
	struct fb_facts *f = &x->facts;
	uint32_t line = fb_fact_object(f, parent, key, label, FB_FACT_LINE);
	fb_fact_count(f, line, "rank", "rank", l->rank);
	fb_fact_count(f, line, "group", "group", l->group);
	fb_fact_text(f, line, "group_name", "", "%s", fb_evidence_group_name(l->group));
	fb_fact_count(f, line, "score_e9", "score x 1e9", l->score_e9);
	fb_fact_count(f, line, "behind", "placed by", l->behind);
	fb_fact_text(f, line, "behind_name", "", "%s", fb_evidence_behind_name(l->behind));
	fb_fact_count(f, line, "decision", "decision", l->decision);
	fb_fact_text(f, line, "decision_name", "", "%s", fb_decision_name(l->decision));
	fb_fact_count(f, line, "asked", "lots asked", (__int128)l->asked);
	fb_fact_count(f, line, "moved", "moved", (__int128)l->moved);
	digest(x, line, "commitment", "commitment", l->commitment);
	return line;
}

static void path(struct fb_explain *x, uint32_t parent, const struct fb_evidence_link *link,
		 const struct fb_ranked *ranked, uint32_t rank, enum fb_fact_form form)
{
	struct fb_merkle_path steps;
	fb_evidence_path(x->evidence, link, ranked, rank, &steps);
	uint32_t list = fb_fact_list(&x->facts, parent, "path", "path", form);
	for (unsigned i = 0; i < steps.length; i++)
		digest(x, list, NULL, "", steps.step[i]);
}

static void header(struct fb_explain *x, uint32_t parent, const struct fb_evidence_link *l)
{
	struct fb_facts *f = &x->facts;
	uint32_t line = fb_fact_object(f, parent, "link", "ranking", FB_FACT_LINE);
	fb_fact_id(f, line, "number", "link", l->number);
	fb_fact_id(f, line, "round", "round", l->round);
	fb_fact_id(f, line, "sequence", "after command", l->sequence);
	fb_fact_text(f, line, "time_us", "time", "%lld", (long long)l->time_us);
	fb_fact_text(f, line, "symbol", "", "%s", l->symbol);
	fb_fact_count(f, line, "side", "side", l->side);
	fb_fact_text(f, line, "side_name", "", "%s", l->side ? "short" : "long");
	fb_fact_count(f, line, "needs", "positions to close", l->needs);
	fb_fact_count(f, line, "need_lots", "lots to close", (__int128)l->need_lots);
	fb_fact_money(f, line, "need_value", "at", l->need_e8);
	fb_fact_count(f, line, "own_lots", "of them against own positions", (__int128)l->own_lots);
	fb_fact_count(f, line, "ranked", "ranked", l->ranked);
	fb_fact_count(f, line, "depth", "tried", l->depth);
	fb_fact_count(f, line, "asked", "lots asked", (__int128)l->asked);
	fb_fact_count(f, line, "moved", "moved", (__int128)l->moved);
	fb_fact_money(f, line, "moved_value", "for", l->moved_e8);
	fb_fact_id(f, line, "unit_value", "unit value", l->u);
	fb_fact_money(f, line, "fund_before", "fund before", l->fund_before_e8);
	fb_fact_money(f, line, "fund_after", "fund after", l->fund_after_e8);
	fb_fact_text(f, line, "order", "order", "%s", l->order);
	fb_fact_count(f, line, "ranked_lots", "lots ranked", (__int128)l->ranked_lots);
	fb_fact_count(f, line, "shared_lots", "lots shared out", (__int128)l->shared_lots);
	digest(x, line, "root", "root", l->root);
	digest(x, line, "before", "link before", l->before);
	digest(x, line, "chain", "link", l->link);
}

static void opening(struct fb_explain *x, uint32_t parent, const struct fb_evidence_opening *o)
{
	struct fb_facts *f = &x->facts;
	uint32_t line = fb_fact_object(f, parent, "opening", "your terms", FB_FACT_LINE);
	fb_fact_id(f, line, "account", "account", o->account);
	fb_fact_id(f, line, "position", "position", o->position);
	fb_fact_money(f, line, "profit", "profit", o->profit_e8);
	fb_fact_money(f, line, "equity", "equity", o->equity_e8);
	fb_fact_money(f, line, "notional", "notional", (__int128)o->notional_e8);
	fb_fact_ratio(f, line, "profit_over_equity", "profit / equity", o->profit_e8, o->equity_e8,
		      0);
	fb_fact_money(f, line, "moved_value", "closed for", o->moved_e8);
	fb_fact_money(f, line, "entry", "entry value", o->entry_e8);
	fb_fact_decimal(f, line, "position_mm", "its MM", o->position_mm_e15, 15, 2);
	fb_fact_decimal(f, line, "mm", "MM", o->mm_e15, 15, 2);
	fb_fact_money(f, line, "wallet", "wallet", o->wallet_e8);
	fb_fact_money(f, line, "funding", "funding received", o->funding_e8);
	fb_fact_money(f, line, "account_notional", "notional of the account",
		      (__int128)o->account_notional_e8);
	fb_fact_count(f, line, "lots", "lots", (__int128)o->lots);
	fb_fact_count(f, line, "tier", "tier", o->tier);
	fb_fact_count(f, line, "turn", "turn", o->turn);
	fb_fact_count(f, line, "hedged", "hedged", o->hedged);
	digest(x, line, "nonce", "nonce", o->nonce);
}

/* Own leaf, what is behind it, and the leaves beside it. */
static void proof(struct fb_explain *x, const struct fb_evidence_link *link,
		  const struct fb_ranked *ranked, uint32_t rank)
{
	struct fb_facts *f = &x->facts;
	struct fb_evidence_opening own;
	bool tried = ranked[rank].leaf.decision != FB_NOT_REACHED;
	uint32_t one = fb_fact_object(f, x->proofs, NULL, "evidence",
				      tried ? FB_FACT_BLOCK : FB_FACT_QUIET);
	header(x, one, link);
	leaf(x, one, "leaf", "your leaf", &ranked[rank].leaf);
	fb_evidence_opened(x->evidence, link, &ranked[rank], &own);
	opening(x, one, &own);
	path(x, one, link, ranked, rank, FB_FACT_BLOCK);
	uint32_t list = fb_fact_list(f, one, "neighbours", "neighbours", FB_FACT_BLOCK),
		 from = rank > BESIDE ? rank - BESIDE : 0;
	for (uint32_t k = from; k <= rank + BESIDE && k < link->ranked; k++) {
		if (k == rank)
			continue;
		uint32_t line = leaf(x, list, NULL, "", &ranked[k].leaf);
		path(x, line, link, ranked, k, FB_FACT_QUIET);
	}
}

/* What the counterparty got less than at the mark. */
static __int128 cost_of(const struct fb_evidence_link *link, const struct fb_ranked *ranked)
{
	__int128 mark = (__int128)((unsigned __int128)ranked->leaf.moved * link->u >>
				   FB_U_FRACTION_BITS);
	return (link->side ? -mark : mark) - ranked->moved_e8;
}

static void remember(struct fb_explain *x, const struct fb_evidence_link *link,
		     const struct fb_ranked *ranked)
{
	struct fb_story *s = &x->story;
	s->times_ranked++;
	if (ranked->leaf.moved > 0) {
		if (s->times_taken++ == 0) {
			s->first_link = *link;
			s->first = *ranked;
			fb_report_price(&x->waterfall->rules->symbol[x->waterfall->book
									     ->row[ranked->row]
									     .symbol],
					link->side ? -(int64_t)ranked->leaf.moved
						   : (int64_t)ranked->leaf.moved,
					ranked->moved_e8, s->first_price, sizeof(s->first_price));
		}
		s->lots_taken += (int64_t)ranked->leaf.moved;
		s->cost_e8 += cost_of(link, ranked);
	}
	bool past = ranked->leaf.decision == FB_NOT_REACHED;
	if (past && (!s->missed || ranked->leaf.rank - link->depth <
					   s->miss.leaf.rank - s->miss_link.depth)) {
		s->missed = true;
		s->miss_link = *link;
		s->miss = *ranked;
	}
}

static void told(struct fb_explain *x, const struct fb_evidence_link *link,
		 const struct fb_ranked *ranked)
{
	struct fb_facts *f = &x->facts;
	const struct fb_evidence_leaf *l = &ranked->leaf;
	uint32_t line = fb_explain_step(x, "a round of deleveraging is over", "ranked", "ranked",
					FB_FACT_LINE);
	fb_fact_id(f, line, "link", "in link", link->number);
	fb_fact_id(f, line, "round", "of round", link->round);
	fb_fact_text(f, line, "symbol", "", "%s", link->symbol);
	fb_fact_text(f, line, "side", "", "%s", link->side ? "short" : "long");
	fb_fact_id(f, line, "position", "position", ranked->terms.score.position_id);
	fb_fact_count(f, line, "rank", "rank", l->rank);
	fb_fact_text(f, line, "behind", "by", "%s", fb_evidence_behind_name(l->behind));
	fb_fact_count(f, line, "ranked", "among", link->ranked);
	fb_fact_count(f, line, "depth", "tried", link->depth);
	fb_fact_text(f, line, "decision", "", "%s", fb_decision_name(l->decision));
	fb_fact_text(f, line, "why", "since", "%s", fb_decision_reason(l->decision));
	if (l->asked > 0) {
		uint32_t more =
			fb_explain_step(x, "", "deleveraged", "deleveraged", FB_FACT_LINE);
		fb_fact_count(f, more, "asked", "lots asked", (__int128)l->asked);
		fb_fact_count(f, more, "moved", "moved", (__int128)l->moved);
		fb_explain_lots(x, more, x->waterfall->book->row[ranked->row].symbol,
				link->side ? -(int64_t)l->moved : (int64_t)l->moved,
				ranked->moved_e8);
		fb_fact_money(f, more, "cost",
			      "loss it covers, against the mark (below 0: a gain)",
			      cost_of(link, ranked));
		if (x->waterfall->rules->adl.fee_e7)
			fb_fact_decimal(f, more, "fee_percent", "fee, percent of the notional",
					(__int128)x->waterfall->rules->adl.fee_e7, 5, 5);
		fb_explain_short(x, x->event, "now", "account now");
	}
	x->event = 0;
}

void fb_explain_sealed(void *context, const struct fb_evidence_link *link,
		       const struct fb_ranked *ranked)
{
	struct fb_explain *x = context;
	for (uint32_t k = 0; k < link->ranked; k++) {
		if (ranked[k].account != x->account)
			continue;
		remember(x, link, &ranked[k]);
		/* It may come about while the account is told something else. */
		uint32_t event = x->event, steps = x->steps;
		bool judged = x->judged;
		x->event = 0;
		x->judged = false;
		told(x, link, &ranked[k]);
		x->event = event;
		x->steps = steps;
		x->judged = judged;
		proof(x, link, ranked, k);
	}
}

enum unranked { RANKED, NOT_USER, NO_RANK, IS_HELD, IN_NEED, NO_EQUITY, IN_BREACH };
static const char *const unranked_names[] = {
	[RANKED] = "ranked",
	[NOT_USER] = "only users are ranked",
	[NO_RANK] = "the position is not to be ranked",
	[IS_HELD] = "the account is held",
	[IN_NEED] = "the account itself has a position to be closed in this round",
	[NO_EQUITY] = "its equity is not above 0",
	[IN_BREACH] = "it is itself at the liquidation level",
};

static enum unranked why_unranked(const struct fb_explain *x, const struct fb_book_row *row)
{
	const struct fb_waterfall *w = x->waterfall;
	const struct fb_book_account *a = &w->book->account[x->account];
	struct fb_sums sums = fb_explain_sums(x);
	if (a->role != FB_ROLE_USER)
		return NOT_USER;
	if (row->flags & FB_ROW_NO_RANK)
		return NO_RANK;
	for (size_t i = 0; i < w->needs; i++)
		if (w->need[i].account == x->account)
			return IN_NEED;
	if (w->held[x->account])
		return IS_HELD;
	if (sums.equity_e8 <= 0)
		return NO_EQUITY;
	return fb_value_breach(&w->book->classes[a->class_id], w->rules->liquidate_level, &sums)
		       ? IN_BREACH
		       : RANKED;
}

/* Rows that the rankings of this round are of; those in none, and the reason if it is a new one. */
static void passed_over(struct fb_explain *x, uint32_t index)
{
	const struct fb_book_row *row = &x->waterfall->book->row[index];
	bool is_short = row->qty < 0;
	if (!row->live || !x->waterfall->adl->wanted[fb_adl_ranking(row->symbol, is_short)])
		return;
	enum unranked why = why_unranked(x, row);
	uint16_t *last = &x->unranked_reason[row->symbol][is_short];
	if (why != RANKED && why != *last) {
		uint32_t line = fb_explain_step(x, "a round of deleveraging begins", "unranked",
						"in no ranking", FB_FACT_LINE);
		fb_fact_id(&x->facts, line, "position", "position", row->id);
		fb_fact_text(&x->facts, line, "symbol", "", "%s",
			     x->waterfall->rules->symbol[row->symbol].name);
		fb_fact_text(&x->facts, line, "why", "since", "%s", unranked_names[why]);
		x->event = 0;
	}
	*last = (uint16_t)why;
}

static const char *price_words(const struct fb_adl_policy *a)
{
	switch ((enum fb_adl_price)a->price) {
	case FB_ADL_AT_BANKRUPTCY: break;
	case FB_ADL_AT_MARK: return a->cap ? "the mark, at most bankruptcy" : "the mark";
	case FB_ADL_AT_PREVIOUS:
		return a->cap ? "the previous mark, at most bankruptcy" : "the previous mark";
	case FB_ADL_AT_ORACLE:
		return a->cap ? "the index price, at most bankruptcy" : "the index price";
	case FB_ADL_BETWEEN: return "the bankruptcy value; pairs trade half way to the other's";
	}
	return "the bankruptcy value";
}

static void own_need(struct fb_explain *x, const struct fb_adl_need *need, uint32_t index,
		     size_t pairs)
{
	const struct fb_waterfall *w = x->waterfall;
	const struct fb_book_row *row = &w->book->row[need->row];
	uint32_t ranking = fb_adl_ranking(row->symbol, need->qty > 0), n = 0;
	int64_t found = 0;
	for (size_t i = 0; i < pairs; i++)
		if (w->pair[i].need == index) {
			found += w->pair[i].qty;
			n++;
		}
	uint32_t line = fb_explain_step(x, "a round of deleveraging begins", "need",
					"to deleverage", FB_FACT_LINE);
	fb_fact_id(&x->facts, line, "position", "position", row->id);
	fb_fact_text(&x->facts, line, "symbol", "", "%s", w->rules->symbol[row->symbol].name);
	fb_explain_lots(x, line, row->symbol, need->qty, need->value_e8);
	fb_fact_text(&x->facts, line, "at", "which is", "%s", price_words(&w->rules->adl));
	if (w->rules->adl.spread_e7)
		fb_fact_decimal(&x->facts, line, "spread", "less a spread of",
				(__int128)w->rules->adl.spread_e7, 7, 4);
	if (w->cases[x->account].borne_e8 > 0)
		fb_fact_money(&x->facts, line, "borne",
			      "less what the fund bears of the account's deficit, so that its fall "
			      "stays where deleveraging begins,",
			      w->cases[x->account].borne_e8);
	fb_fact_id(&x->facts, line, "round", "round", x->evidence->rounds);
	fb_fact_count(&x->facts, line, "ranked", "counterparties ranked",
		      w->adl->first[ranking + 1] - w->adl->first[ranking]);
	fb_fact_count(&x->facts, line, "pairs", "pairs", n);
	fb_fact_count(&x->facts, line, "found", "lots found", found);
}

void fb_explain_planned(struct fb_explain *x, size_t pairs)
{
	const struct fb_waterfall *w = x->waterfall;
	if (x->account == FB_NONE)
		return;
	for (size_t i = 0; i < w->needs; i++)
		if (w->need[i].account == x->account)
			own_need(x, &w->need[i], (uint32_t)i, pairs);
	for (uint32_t i = w->book->account[x->account].first; i != FB_NONE;
	     i = w->book->row[i].next)
		passed_over(x, i);
}
