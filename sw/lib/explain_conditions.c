/* Funding, frozen symbols and parameters in effect, as an account meets them. See explain.h. */
#include <string.h>

#include "explain.h"
#include "waterfall_internal.h"

#define RATE_DIGITS 12

static const char *name_of(const struct fb_explain *x, uint16_t symbol)
{
	return x->waterfall->rules->symbol[symbol].name;
}

static void tell_payment(struct fb_explain *x, const struct fb_book_row *row, int64_t rate_e12,
			 __int128 amount_e8)
{
	struct fb_facts *f = &x->facts;
	uint32_t line = fb_explain_step(x, "funding", "funding", "funding", FB_FACT_LINE);
	fb_fact_id(f, line, "position", "position", row->id);
	fb_fact_text(f, line, "symbol", "", "%s", name_of(x, row->symbol));
	fb_fact_count(f, line, "lots", "lots", row->qty);
	fb_fact_decimal(f, line, "rate", "rate", rate_e12, RATE_DIGITS, RATE_DIGITS);
	fb_fact_money(f, line, "amount", "gets", amount_e8);
}

/* Payments of an instant each; those that come all the time are summed up at the end. */
void fb_explain_funded(void *context, uint16_t symbol, int64_t funding, int64_t rate_e12)
{
	struct fb_explain *x = context;
	const struct fb_book *book = x->waterfall->book;
	bool each = x->waterfall->rules->funding.schedule == FB_FUNDING_INSTANTS;
	if (x->account == FB_NONE)
		return;
	for (uint32_t i = book->account[x->account].first; i != FB_NONE; i = book->row[i].next) {
		const struct fb_book_row *row = &book->row[i];
		if (!row->live || row->symbol != symbol || row->qty == 0)
			continue;
		__int128 amount = fb_funding_amount(row->qty, funding);
		x->fundings++;
		x->funding_e8 += amount;
		if (each)
			tell_payment(x, row, rate_e12, amount);
	}
	if (x->depth == 0)
		x->event = 0;
}

void fb_explain_funding_total(struct fb_explain *x)
{
	if (x->fundings == 0)
		return;
	uint32_t line = fb_explain_step(x, "the end", "funding_total", "funding in all",
					FB_FACT_LINE);
	fb_fact_count(&x->facts, line, "payments", "payments", (__int128)x->fundings);
	fb_fact_money(&x->facts, line, "amount", "got", x->funding_e8);
	x->event = 0;
}

/* Told once, until all is thawed: what of the account cannot be closed now. */
void fb_explain_frozen(struct fb_explain *x)
{
	const struct fb_waterfall *w = x->waterfall;
	bool closes = x->what == FB_SEEN_CUT || x->what == FB_SEEN_BREACH ||
		      x->what == FB_SEEN_BANKRUPT;
	bool any = false, told = false;
	if (!w->conditions)
		return;
	for (uint32_t i = w->book->account[x->account].first; i != FB_NONE;
	     i = w->book->row[i].next) {
		const struct fb_book_row *row = &w->book->row[i];
		enum fb_breaker_cause cause =
			fb_breaker_frozen(w->conditions->breakers, row->symbol);
		if (!row->live || cause == FB_BREAKER_NONE)
			continue;
		any = true;
		if (x->told_frozen || !closes || w->cases[x->account].state != FB_READY)
			continue;
		uint32_t line = fb_explain_step(x, "frozen", "frozen", "frozen", FB_FACT_LINE);
		fb_fact_id(&x->facts, line, "position", "position", row->id);
		fb_fact_text(&x->facts, line, "symbol", "", "%s", name_of(x, row->symbol));
		fb_fact_text(&x->facts, line, "cause", "by", "%s", fb_breaker_cause_name(cause));
		fb_fact_text(&x->facts, line, "why", "so", "%s",
			     "it is not closed before the symbol thaws, whatever the margin");
		told = true;
	}
	x->told_frozen = any && (x->told_frozen || told);
}

static void prices(struct fb_explain *x, uint32_t parent, const struct fb_log_price *p)
{
	struct fb_facts *f = &x->facts;
	uint32_t line = fb_fact_object(f, parent, "prices", "prices", FB_FACT_LINE);
	fb_fact_money(f, line, "mark", "mark", (__int128)p->mark_e8);
	if (p->index_e8)
		fb_fact_money(f, line, "index", "index", (__int128)p->index_e8);
	if (p->last_e8)
		fb_fact_money(f, line, "last", "last", (__int128)p->last_e8);
	if (p->bid_e8 && p->ask_e8) {
		fb_fact_money(f, line, "bid", "bid", (__int128)p->bid_e8);
		fb_fact_money(f, line, "ask", "ask", (__int128)p->ask_e8);
	}
}

/* Parameters of the pack, as they are for this symbol now. */
void fb_explain_in_effect(struct fb_explain *x, uint32_t parent, uint16_t symbol)
{
	const struct fb_waterfall *w = x->waterfall;
	const struct fb_conditions *c = w->conditions;
	const uint32_t preset[FB_ADAPTED] = { w->policy->depth_share_e7, w->policy->cut_share_e7,
					      w->policy->cut_slip_e7, w->rules->taker_fee_e7 };
	struct fb_facts *f = &x->facts;
	if (!c || !c->symbol || symbol >= c->rules->symbols || c->symbol[symbol].time_us == 0)
		return;
	prices(x, parent, &c->symbol[symbol].price);
	if (!c->rules->adaptive.on)
		return;
	uint32_t line = fb_fact_object(f, parent, "in_effect", "in effect", FB_FACT_LINE);
	fb_fact_decimal(f, line, "volatility", "volatility",
			(__int128)fb_adaptive_volatility(&c->symbol[symbol].adaptive), 9, 9);
	for (unsigned k = 0; k < FB_ADAPTED; k++)
		fb_fact_rate(f, line, fb_adapted_name((enum fb_adapted)k),
			     fb_adapted_name((enum fb_adapted)k),
			     fb_conditions_adapt(c, symbol, (enum fb_adapted)k, 0, preset[k],
						 FB_RATE_ONE));
}
