/* The governor's rules: see <firebreak/governor.h>. All that decides whether an order may leave is
 * in this file; governor_ledger.c keeps what is looked up here. */
#include "governor_ledger.h"

#define RATE_ONE 10000000 /* rates are in 1e-7 */

static bool is_house(const struct fb_book_account *a)
{
	return a->role == FB_ROLE_FUND || a->role == FB_ROLE_BACKSTOP;
}

/* May this account's positions be closed? The street's and the fees' never are. */
static enum fb_refusal closable(const struct fb_governor *g, const struct fb_open_order *o)
{
	const struct fb_governor_account *a = &g->account[o->account];
	const struct fb_book_account *in_book = &g->book->account[o->account];
	enum fb_confirmed least =
		is_house(in_book) ? FB_CONFIRMED_BANKRUPT : FB_CONFIRMED_BREACH;
	if (is_house(in_book) && o->order.verb != FB_VERB_ADL_PAIR &&
	    o->order.verb != FB_VERB_CANCEL_COUNTER)
		return FB_REFUSED_NOT;
	if (in_book->role == FB_ROLE_EXCLUDED || a->confirmed < least)
		return FB_REFUSED_BREACH;
	return is_house(in_book) || (a->held && a->cancelled) ? FB_REFUSED_NOT : FB_REFUSED_HELD;
}

static bool is_row_of(const struct fb_governor *g, uint32_t row, uint32_t account, uint16_t symbol)
{
	return row != FB_NONE && g->book->row[row].account == account &&
	       g->book->row[row].symbol == symbol;
}

/* Is qty a part of this row, besides what open orders close of it? */
static enum fb_refusal part_of(const struct fb_governor *g, uint32_t row, __int128 qty)
{
	__int128 has = g->book->row[row].qty, reserved = g->reserved[row];
	if (qty == 0 || has == 0 || (qty < 0) != (has < 0))
		return FB_REFUSED_SIGN;
	bool fits = has < 0 ? qty - reserved >= has : qty + reserved <= has;
	return fits ? FB_REFUSED_NOT : FB_REFUSED_SIZE;
}

/* How far below the mark this order may close, and how far above it. */
static __int128 may_lose(const struct fb_governor *g, const struct fb_open_order *o)
{
	bool pair = o->order.verb == FB_VERB_ADL_PAIR;
	return o->lose_e8 + (pair ? o->notional_e8 * g->caps.adl_worse_e7 / RATE_ONE : 0);
}

static __int128 may_gain(const struct fb_governor *g, const struct fb_open_order *o)
{
	bool own_price = o->order.verb == FB_VERB_ADL_PAIR && g->caps.adl_own_price;
	return own_price && o->counter_e8 > o->spare_e8 ? o->counter_e8 : o->spare_e8;
}

static enum fb_refusal close_rules(const struct fb_governor *g, const struct fb_open_order *o)
{
	if (!is_row_of(g, o->row, o->account, o->order.symbol))
		return FB_REFUSED_UNKNOWN;
	enum fb_refusal refusal = closable(g, o);
	if (!refusal)
		refusal = part_of(g, o->row, o->order.qty);
	__int128 better = o->order.value_e8 - o->mark_e8;
	if (refusal || (o->order.verb == FB_VERB_REDUCE && is_house(&g->book->account[o->account])))
		return refusal; /* a house unwinds at what the market gives */
	bool reduces = o->order.verb == FB_VERB_REDUCE;
	if (better < -may_lose(g, o) || (!reduces && better > may_gain(g, o)))
		return FB_REFUSED_PRICE;
	if (o->order.verb == FB_VERB_REDUCE)
		return FB_REFUSED_NOT;
	/* The other side. A house account may not have a row of the symbol yet. */
	bool takeover = o->order.verb == FB_VERB_TAKEOVER, self = o->counter == o->account;
	if (o->counter == FB_NONE ||
	    (!is_row_of(g, o->counter_row, o->counter, o->order.symbol) &&
	     !(takeover && o->counter_row == FB_NONE)))
		return FB_REFUSED_UNKNOWN;
	const struct fb_book_account *counter = &g->book->account[o->counter];
	if (takeover)
		return is_house(counter) && !self ? FB_REFUSED_NOT : FB_REFUSED_COUNTER;
	if (!self && (counter->role != FB_ROLE_USER || g->account[o->counter].held))
		return FB_REFUSED_COUNTER;
	return part_of(g, o->counter_row, -(__int128)o->order.qty);
}

/* Of the account's own money; or (a loss is spread) of a payer's, for what the counter account
 * lacks. Moves on the way count as if they were done. */
static enum fb_refusal money_rules(const struct fb_governor *g, const struct fb_open_order *o)
{
	bool spread = o->order.counter_account != 0;
	uint32_t of = spread ? o->counter : o->account;
	if (of == FB_NONE)
		return FB_REFUSED_UNKNOWN;
	const struct fb_governor_account *a = &g->account[of];
	__int128 value = o->order.value_e8, has = g->book->account[of].collateral_e8;
	if (spread && (of == o->account || g->account[o->account].held ||
		       g->book->account[o->account].role != FB_ROLE_USER))
		return FB_REFUSED_COUNTER;
	if (!a->held)
		return FB_REFUSED_HELD;
	if (spread && !a->was_bankrupt)
		return FB_REFUSED_BREACH;
	bool right = spread ? value > 0 && value <= -has - a->spread_e8 && value <= o->equity_e8
		     : value > 0 ? value <= has - a->leaving_e8
				 : value < 0 && value >= has - a->coming_e8;
	return right && g->book->account[of].rows_live == 0 ? FB_REFUSED_NOT : FB_REFUSED_MONEY;
}

/* Orders of somebody who is about to be a counterparty. */
static enum fb_refusal counter_rules(const struct fb_governor *g, const struct fb_open_order *o)
{
	enum fb_refusal refusal = closable(g, o);
	if (refusal)
		return refusal;
	if (o->counter == FB_NONE || o->counter == o->account ||
	    g->book->account[o->counter].role != FB_ROLE_USER || g->account[o->counter].held)
		return FB_REFUSED_COUNTER;
	return FB_REFUSED_NOT;
}

static bool somebody_owes(const struct fb_governor *g)
{
	for (uint32_t i = 0; i < g->book->accounts; i++)
		if (g->account[i].held && g->account[i].confirmed == FB_CONFIRMED_BANKRUPT)
			return true;
	return false;
}

/* Orders of the whole venue. */
static enum fb_refusal venue_rules(const struct fb_governor *g, const struct fb_open_order *o)
{
	const struct fb_order *order = &o->order;
	if (g->book->account[o->account].role != FB_ROLE_FUND || order->qty != 0 ||
	    order->position != 0 || order->symbol >= FB_SYMBOLS)
		return FB_REFUSED_UNKNOWN;
	if (order->verb == FB_VERB_SETTLE)
		return g->settles[order->symbol] != 0 &&
				       order->value_e8 == (__int128)g->settles[order->symbol]
			       ? FB_REFUSED_NOT
			       : FB_REFUSED_PRICE;
	if (order->value_e8 < 0 || order->value_e8 > RATE_ONE)
		return FB_REFUSED_MONEY;
	return order->value_e8 == RATE_ONE || somebody_owes(g) ? FB_REFUSED_NOT : FB_REFUSED_BREACH;
}

static enum fb_refusal rules(const struct fb_governor *g, const struct fb_open_order *o)
{
	if (o->account == FB_NONE)
		return FB_REFUSED_UNKNOWN;
	const struct fb_governor_account *a = &g->account[o->account];
	bool breach = a->confirmed != FB_CONFIRMED_NONE;
	switch (o->order.verb) {
	case FB_VERB_HOLD: return breach ? FB_REFUSED_NOT : FB_REFUSED_BREACH;
	case FB_VERB_CANCEL_ALL: return a->held || breach ? FB_REFUSED_NOT : FB_REFUSED_HELD;
	case FB_VERB_RELEASE: return a->held ? FB_REFUSED_NOT : FB_REFUSED_HELD;
	case FB_VERB_FUND_MOVE: return money_rules(g, o);
	case FB_VERB_CANCEL_COUNTER: return counter_rules(g, o);
	case FB_VERB_GATE:
	case FB_VERB_SETTLE: return venue_rules(g, o);
	default: return fb_ledger_closes(&o->order) ? close_rules(g, o) : FB_REFUSED_UNKNOWN;
	}
}

static bool capped(const struct fb_governor *g, const struct fb_open_order *o)
{
	const struct fb_governor_caps *cap = &g->caps;
	const struct fb_governor_account *a = &g->account[o->account];
	uint32_t orders = a->window == g->window ? a->orders : 0;
	if ((cap->orders && g->orders >= cap->orders) ||
	    (cap->account_orders && orders >= cap->account_orders))
		return true;
	if (!fb_ledger_closes(&o->order))
		return false;
	if (cap->notional_e8 && g->notional_e8 + o->notional_e8 > cap->notional_e8)
		return true;
	return cap->account_share_e7 && !is_house(&g->book->account[o->account]) &&
	       a->closed_notional_e8 + o->notional_e8 >
		       a->held_notional_e8 * cap->account_share_e7 / RATE_ONE;
}

/* An order above all that passed. */
static enum fb_refusal judge(const struct fb_governor *g, const struct fb_open_order *o)
{
	enum fb_refusal refusal = rules(g, o);
	if (refusal)
		return refusal;
	if (capped(g, o))
		return FB_REFUSED_CAP;
	return g->count == g->max ? FB_REFUSED_FULL : FB_REFUSED_NOT;
}

/* One that passed already, sent again: nothing is counted twice. */
static bool passed(const struct fb_governor *g, const struct fb_order *order)
{
	const struct fb_open_order *open = fb_ledger_find(g, &order->id);
	return open && fb_ledger_same(&open->order, order);
}

enum fb_refusal fb_governor_check(struct fb_governor *g, const struct fb_order *order)
{
	struct fb_open_order *o = fb_ledger_blank(g);
	enum fb_refusal refusal = g->killed ? FB_REFUSED_KILL : FB_REFUSED_NOT;
	if (!refusal && !fb_ledger_new(g, &order->id)) {
		if (passed(g, order))
			return FB_REFUSED_NOT;
		refusal = FB_REFUSED_ID;
	}
	if (!refusal) {
		fb_ledger_look_up(g, order, o);
		refusal = judge(g, o);
	}
	if (refusal)
		g->refused[refusal]++;
	else
		fb_ledger_add(g, o);
	return refusal;
}
