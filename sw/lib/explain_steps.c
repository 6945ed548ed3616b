/* What an account's steps sent, how much, and why. See explain.h. */
#include <string.h>

#include <firebreak/book.h>

#include "explain.h"
#include "waterfall_fund.h"

static int64_t lots(int64_t qty)
{
	return qty < 0 ? -qty : qty;
}

/* By the pack's style of reduction. */
static const char *why_portion(const struct fb_explain *x, const struct fb_sized *s)
{
	const struct fb_policy *p = x->waterfall->policy;
	bool whole = s->wanted == lots(s->closing->qty);
	if (x->waterfall->cases[x->account].stage == FB_STAGE_LAST_TRY)
		return "the last try: all that is left";
	if (s->wanted == 0 && p->order != FB_ORDER_ALL)
		return "another position comes first";
	switch ((enum fb_reduce)p->reduce) {
	case FB_REDUCE_WHOLE: return whole ? "all of it" : "as much as one step may close";
	case FB_REDUCE_TIER:
		return s->wanted == 0 ? "it is in its lowest tier, another position is not"
		       : whole	      ? "no position is above its lowest tier: all of it"
				      : "down to the next lower tier of its ladder";
	case FB_REDUCE_SHARE:
		return whole ? "it is small, or reduced again while it cools down: all of it"
			     : "a share of it, as far as one step may go";
	case FB_REDUCE_AMOUNT:
		if (p->amount_to == FB_AMOUNT_TO_DISTANCE)
			return "the least that leaves liquidation the distance away";
		return s->wanted == 0 ? "the shortage of MM and buffer is covered, or may not be "
					"cured yet"
				      : "what the shortage of MM and buffer needs, as far as it "
					"may be cured by now";
	}
	return "all of it";
}

static const char *why_wanted(const struct fb_explain *x, const struct fb_sized *s)
{
	if (s->house != FB_NONE)
		return "all that is left is offered to the house";
	if (s->purpose == FB_FOR_CUT)
		return "a cut closes a share of each position";
	if (s->purpose == FB_FOR_UNWINDING)
		return "a house sells a share of the known depth";
	return why_portion(x, s);
}

static const char *why_sent(const struct fb_sized *s)
{
	if (s->house != FB_NONE)
		return s->lots == 0	    ? "the house has no equity or no room under its cap"
		       : s->lots < s->wanted ? "as far as its equity and its cap go"
					     : "the house has room for all";
	if (s->lots == s->wanted)
		return "known depth does not limit it";
	return s->lots == 0 ? "no known depth is left at this instant"
			    : "as far as its share of the known depth goes";
}

static const char *why_limit(const struct fb_explain *x, const struct fb_sized *s, bool bankruptcy)
{
	const struct fb_policy *p = x->waterfall->policy;
	if (s->house != FB_NONE && p->takeover_price == FB_TAKEOVER_AT_MARK)
		return "a house takes over at the mark";
	if (s->house != FB_NONE)
		return bankruptcy ? "a house takes over at the bankruptcy value"
				  : "a house takes over near the mark, never below bankruptcy";
	if (s->purpose != FB_FOR_CLOSING)
		return bankruptcy ? "closing there leaves the account nothing, and owes nothing"
				  : "near the mark, further away with each try in vain";
	if (x->waterfall->cases[x->account].stage == FB_STAGE_LAST_TRY)
		return "the last try goes beyond the limits before: what is lost there is the "
		       "fund's";
	switch ((enum fb_limit_price)p->limit) {
	case FB_LIMIT_SLIPPAGE: return "so far from the mark, be it beyond bankruptcy";
	case FB_LIMIT_FILLABLE: return "the spread grows with what equity lacks of MM";
	case FB_LIMIT_BANKRUPTCY: break;
	}
	return "closing there leaves the account nothing, and owes nothing";
}

static void limit(struct fb_explain *x, uint32_t parent, const struct fb_sized *s)
{
	const struct fb_closing *c = s->closing;
	struct fb_facts *f = &x->facts;
	uint16_t symbol = x->waterfall->book->row[c->row].symbol;
	bool bankruptcy = s->limit_e8 == c->bankruptcy_e8;
	uint32_t line = fb_fact_object(f, parent, "bankruptcy", "bankruptcy value", FB_FACT_LINE);
	fb_fact_money(f, line, "value_at_mark", "value at the mark", c->at_mark.value_e8);
	fb_fact_money(f, line, "equity_share", "less its share of equity, by MM,",
		      c->at_mark.value_e8 - c->bankruptcy_e8);
	fb_fact_decimal(f, line, "mm", "MM of these lots", c->at_mark.mm_e15, 15, 2);
	fb_explain_lots(x, line, symbol, c->qty, c->bankruptcy_e8);
	line = fb_fact_object(f, parent, "limit", "limit", FB_FACT_LINE);
	fb_explain_lots(x, line, symbol, c->qty, s->limit_e8);
	fb_fact_text(f, line, "why", "since", "%s", why_limit(x, s, bankruptcy));
}

void fb_explain_sized(struct fb_explain *x, const struct fb_sized *s)
{
	struct fb_facts *f = &x->facts;
	const struct fb_book *book = x->waterfall->book;
	const struct fb_book_row *row = &book->row[s->closing->row];
	uint32_t one = fb_explain_step(x, "a step", "size", "size", FB_FACT_BLOCK),
		 line = fb_fact_object(f, one, "size", "lots", FB_FACT_LINE);
	fb_fact_id(f, line, "position", "position", row->id);
	fb_fact_text(f, line, "symbol", "", "%s", x->waterfall->rules->symbol[row->symbol].name);
	fb_fact_count(f, line, "has", "has", s->closing->qty);
	fb_fact_count(f, line, "wanted", "to close", s->wanted);
	fb_fact_text(f, line, "why_wanted", "since", "%s", why_wanted(x, s));
	if (s->house != FB_NONE)
		fb_fact_text(f, line, "house", "house", "%s",
			     book->account[s->house].role == FB_ROLE_FUND ? "fund" : "backstop");
	else if (s->room == FB_UNKNOWN_DEPTH)
		fb_fact_text(f, line, "depth", "depth", "not known");
	else
		fb_fact_count(f, line, "depth", "depth left", s->room);
	fb_fact_count(f, line, "sent", "sent", s->lots);
	fb_fact_text(f, line, "why_sent", "since", "%s", why_sent(s));
	limit(x, one, s);
	fb_explain_in_effect(x, one, row->symbol);
}

void fb_explain_order(struct fb_explain *x, const struct fb_open *open, enum fb_refusal refused)
{
	struct fb_facts *f = &x->facts;
	const struct fb_order *o = &open->order;
	uint32_t line = fb_explain_step(x, "orders", "order", "order", FB_FACT_LINE);
	fb_fact_text(f, line, "id", "", "%u.%llu.%u", o->id.epoch,
		     (unsigned long long)o->id.sequence, o->id.index);
	fb_fact_text(f, line, "verb", "", "%s", fb_verb_name((enum fb_verb)o->verb));
	if (open->row != FB_NONE) {
		fb_fact_id(f, line, "position", "position", o->position);
		fb_fact_text(f, line, "symbol", "", "%s",
			     x->waterfall->rules->symbol[o->symbol].name);
		fb_explain_lots(x, line, o->symbol, o->qty, o->value_e8);
	} else if (o->verb == FB_VERB_FUND_MOVE) {
		fb_fact_money(f, line, "value", "to the fund", o->value_e8);
	} else if (o->verb == FB_VERB_GATE) {
		fb_fact_rate(f, line, "paid", "of a withdrawal is paid", (uint64_t)o->value_e8);
	} else if (o->verb == FB_VERB_SETTLE) {
		fb_fact_text(f, line, "symbol", "", "%s",
			     x->waterfall->rules->symbol[o->symbol].name);
	}
	if (o->verb == FB_VERB_REDUCE)
		fb_fact_text(f, line, "in_force", "", "%s", o->tif == FB_FOK ? "fok" : "ioc");
	if (o->verb == FB_VERB_ADL_PAIR)
		fb_fact_count(f, line, "rank", "counterparty of rank", open->rank);
	if (refused)
		fb_fact_text(f, line, "refused", "refused by the governor:", "%s",
			     fb_refusal_name(refused));
}

/* Does the fund take nothing of one of its positions? */
static bool fund_in_adl(const struct fb_explain *x)
{
	const struct fb_book *book = x->waterfall->book;
	for (uint32_t i = book->account[x->account].first; i != FB_NONE; i = book->row[i].next)
		if (book->row[i].live &&
		    fb_fund_state(x->waterfall, book->row[i].symbol) == FB_FUND_ADL)
			return true;
	return false;
}

const char *fb_explain_stage(const struct fb_explain *x, const struct fb_case *now)
{
	const struct fb_case *was = &x->was;
	if (now->turned_away && !was->turned_away)
		return "another round of deleveraging is open: this account waits for its end";
	if (now->closing && !was->closing && now->stage == FB_STAGE_REDUCE)
		return "liquidation begins: equity is not below 0, so the market is tried first";
	if (now->stage == was->stage && now->closing == was->closing)
		return NULL;
	switch ((enum fb_stage)now->stage) {
	case FB_STAGE_REDUCE: return NULL;
	case FB_STAGE_LAST_TRY:
		return "the reductions are over: one more, beyond the bankruptcy value";
	case FB_STAGE_TAKEOVER:
		if (x->waterfall->policy->book_last)
			return "liquidation begins with the houses: the market comes last";
		if (x->sums.equity_e8 < 0)
			return "equity is below 0: the market is not tried, houses are";
		if (was->stage < FB_STAGE_TAKEOVER && was->idle < x->waterfall->policy->tries)
			return "it is beyond the level of takeover, or has had its reductions: "
			       "houses are tried";
		return "steps in a row moved nothing in the market: houses are tried";
	case FB_STAGE_ADL:
		if (fund_in_adl(x))
			return "the fund has fallen too far in one of its symbols: deleveraging";
		return "the houses took what they have room for, or have none: deleveraging";
	case FB_STAGE_BOOK: return "nobody is left to deleverage: the market is tried";
	case FB_STAGE_LAST:
		if (x->waterfall->policy->book_last)
			return "the market was last, in vain: the fund takes over at the mark";
		return "nobody is left to deleverage: the fund takes over at the mark";
	}
	return NULL;
}
