/* Events of the venue: each is checked against the open order it answers, booked, and then told to
 * the state machine. What cannot be true is counted and changes nothing. */
#include <errno.h>
#include <string.h>

#include "waterfall_fund.h"

#define FAR_BEYOND 16

static int64_t lots(int64_t qty)
{
	return qty < 0 ? -qty : qty;
}

static int violation(struct fb_waterfall *w)
{
	w->counts.violations++;
	return 0;
}

/* Lots of a row that an answer may still close: a user's own trade may have come first. */
static int64_t closable(const struct fb_waterfall *w, uint32_t row, int64_t qty)
{
	int64_t has = w->book->row[row].qty;
	if (has == 0 || (has < 0) != (qty < 0))
		return 0;
	return lots(has) < lots(qty) ? lots(has) : lots(qty);
}

/* The order is closed and booked: the account goes on. */
static int finish(struct fb_waterfall *w, struct fb_open *open, bool rejected)
{
	uint32_t account = open->account;
	enum fb_purpose purpose = (enum fb_purpose)open->purpose;
	enum fb_verb verb = (enum fb_verb)open->order.verb;
	enum fb_happening what;
	w->counts.rejects += rejected;
	FB_TELL(w, closed, open, rejected);
	if (purpose == FB_FOR_VENUE) {
		struct fb_open answered = *open;
		fb_orders_end(w, open);
		return fb_venue_answered(w, &answered, rejected);
	}
	fb_orders_end(w, open);
	if (purpose != FB_FOR_STATE)
		what = w->cases[account].open > 0 ? FB_ORDER_DONE : FB_ORDERS_DONE;
	else if (verb == FB_VERB_HOLD)
		what = rejected ? FB_HOLD_REJECTED : FB_HOLD_DONE;
	else if (verb == FB_VERB_CANCEL_ALL)
		what = rejected ? FB_CANCEL_REJECTED : FB_CANCEL_DONE;
	else
		what = rejected ? FB_RELEASE_REJECTED : FB_RELEASE_DONE;
	w->ops->watch(w->context, account);
	return fb_waterfall_dispatch(w, account, what, NULL);
}

/* A reduction is over when DONE has come, and every fill it counts. */
static int finish_reduction(struct fb_waterfall *w, struct fb_open *open)
{
	return open->done && open->fills == open->fills_told ? finish(w, open, false) : 0;
}

static unsigned __int128 notional_of(const struct fb_waterfall *w, uint32_t row, int64_t n)
{
	const struct fb_book_symbol *symbol = &w->book->symbol[w->book->row[row].symbol];
	return (unsigned __int128)n * symbol->u >> FB_U_FRACTION_BITS;
}

/* n lots of the order for value_e8. What the account no longer has, since a trade of its own came
 * first, is the fund's: the market did trade it. */
static int book_fill(struct fb_waterfall *w, const struct fb_open *open, int64_t n,
		     __int128 value_e8)
{
	struct fb_case *c = &w->cases[open->account];
	const struct fb_book_row *row = &w->book->row[open->row];
	int64_t own = closable(w, open->row, open->order.qty < 0 ? -n : n);
	__int128 own_value = fb_size_part(value_e8, own, n);
	int err = 0;
	if (own > 0) {
		unsigned __int128 notional = notional_of(w, open->row, own);
		c->progressed = true;
		w->counts.notional_closed_e8 += (__int128)notional;
		err = fb_fill_to_house(w, open->row, FB_ID_STREET, own, own_value);
		if (!err && open->purpose != FB_FOR_UNWINDING)
			err = fb_fill_fees(w, open, own, own_value);
		if (!err && open->purpose == FB_FOR_CLOSING)
			c->freed_e15 += fb_style_freed(w, open->row, own);
	}
	if (!err && own < n) {
		int64_t rest = open->order.qty < 0 ? -(n - own) : n - own;
		w->counts.late_fills++;
		err = fb_fill_houses(w, row->symbol, rest, value_e8 - own_value);
	}
	FB_TELL(w, moved, open, own, own_value);
	return err;
}

/* Lots have a value of their own sign, or none. */
static bool same_sign(int64_t qty, __int128 value_e8)
{
	return value_e8 == 0 || (value_e8 < 0) == (qty < 0);
}

/* At the limit or better, in proportion; and what it leads to fits the rows. */
static bool can_be_true(const struct fb_waterfall *w, const struct fb_open *open, int64_t n,
			__int128 value_e8)
{
	const struct fb_order *o = &open->order;
	int64_t own = closable(w, open->row, o->qty < 0 ? -n : n), rest = n - own;
	/* Nobody pays many times the mark. */
	__int128 most = FAR_BEYOND * ((__int128)notional_of(w, open->row, n) + 1);
	if (!same_sign(o->qty, value_e8) || !fb_fits(value_e8, FB_MONEY_BITS) || value_e8 > most ||
	    value_e8 < fb_size_part(o->value_e8, n, lots(o->qty)))
		return false;
	__int128 own_value = fb_size_part(value_e8, own, n);
	return (own == 0 || fb_fill_fits(w, open->row, FB_ID_STREET, own, own_value)) &&
	       (rest == 0 || fb_fill_houses_fit(w, o->symbol, o->qty < 0 ? -rest : rest,
						value_e8 - own_value));
}

static int take_fill(struct fb_waterfall *w, const struct fb_event *e, struct fb_open *open)
{
	__int128 value = fb_wide(e->value_e8);
	int64_t n = lots(e->qty);
	if (e->number < 1 || e->number > FB_FILLS_MAX || open->order.verb != FB_VERB_REDUCE)
		return violation(w);
	if (open->fills_seen >> (e->number - 1) & 1) {
		w->counts.strays++;
		return 0;
	}
	if (e->qty == 0 || (e->qty < 0) != (open->order.qty < 0) ||
	    n > lots(open->order.qty) - open->filled || !can_be_true(w, open, n, value))
		return violation(w);
	open->fills_seen |= UINT64_C(1) << (e->number - 1);
	open->fills++;
	open->filled += n;
	open->filled_e8 += value;
	w->counts.late_fills += open->done;
	int err = book_fill(w, open, n, value);
	fb_fund_book(w, open->order.symbol);
	if (!err)
		err = fb_waterfall_dispatch(w, open->account, FB_FILLED, NULL);
	return err ? err : finish_reduction(w, open);
}

static int take_takeover(struct fb_waterfall *w, struct fb_open *open, int64_t n,
			 __int128 value_e8)
{
	int64_t own = closable(w, open->row, open->order.qty < 0 ? -n : n);
	if (own == 0)
		return 0;
	w->cases[open->account].progressed = true;
	w->counts.notional_closed_e8 += (__int128)notional_of(w, open->row, own);
	__int128 value = fb_size_part(value_e8, own, n);
	int err = fb_fill_to_house(w, open->row, w->book->account[open->counter].id, own, value);
	FB_TELL(w, moved, open, own, value);
	return err;
}

static int take_pair(struct fb_waterfall *w, struct fb_open *open, int64_t n, __int128 value_e8)
{
	int64_t dq = open->order.qty < 0 ? -n : n, own = closable(w, open->row, dq),
		other = closable(w, open->counter_row, -dq);
	own = own < other ? own : other;
	if (own == 0)
		return 0;
	__int128 value = fb_size_part(value_e8, own, n);
	struct fb_notice notice = {
		.account = w->book->account[open->counter].id,
		.position = w->book->row[open->counter_row].id,
		.rank = open->rank,
		.symbol = open->order.symbol,
		.kind = FB_NOTICE_DELEVERAGED,
		.qty = dq < 0 ? own : -own,
		.value_e8 = fb_i128_of(-value),
	};
	unsigned __int128 notional = notional_of(w, open->row, own);
	w->cases[open->account].progressed = true;
	w->counts.notional_closed_e8 += (__int128)notional;
	w->counts.adl_notional_e8 += (__int128)notional;
	int err = fb_fill_pair(w, open->row, open->counter_row, own, value);
	if (!err)
		err = fb_price_fees(w, open, notional);
	if (!err && open->counter != open->account)
		err = w->ops->notice(w->context, &notice);
	w->ops->watch(w->context, open->counter);
	FB_TELL(w, moved, open, own, value);
	return err;
}

static int take_move(struct fb_waterfall *w, struct fb_open *open)
{
	struct fb_case *c = &w->cases[open->account];
	__int128 amount = open->order.value_e8;
	c->progressed = true;
	if (open->purpose == FB_FOR_SPREAD) {
		w->counts.spread_e8 += amount;
		w->cases[open->counter].paid_e8 += amount;
		if (open->account != w->house[FB_FUND].account) {
			w->house[FB_FUND].earmarked_e8 += amount;
			c->earmark_e8 += amount;
		}
		int err = fb_waterfall_note(w, open->counter, FB_NOTICE_SPREAD, 0, amount);
		return err ? err
			   : fb_fill_money(w, w->book->account[open->counter].id, FB_ID_FUND,
					   amount);
	}
	c->to_fund_e8 += amount;
	__int128 used = -amount < c->earmark_e8 ? -amount : c->earmark_e8;
	if (used > 0) {
		c->earmark_e8 -= used;
		w->house[FB_FUND].earmarked_e8 -= used;
	}
	return fb_fill_money(w, w->book->account[open->account].id, FB_ID_FUND, amount);
}

/* DONE of a reduction counts fills that have come and others on their way, each of a lot at least.
 * */
static bool counts_right(const struct fb_open *open, const struct fb_event *e)
{
	int64_t n = lots(e->qty), missing = (int64_t)e->number - open->fills;
	if (e->number > FB_FILLS_MAX || missing < 0 || n > lots(open->order.qty))
		return false;
	if (missing == 0)
		return n == open->filled && fb_wide(e->value_e8) == open->filled_e8;
	return n - open->filled >= missing && (e->qty < 0) == (open->order.qty < 0);
}

/* Part of what was asked, for its part of the value, but for a unit of rounding. */
static bool part_right(const struct fb_order *o, const struct fb_event *e)
{
	int64_t n = lots(e->qty);
	if (n == 0)
		return true;
	if (n > lots(o->qty) || (e->qty < 0) != (o->qty < 0))
		return false;
	__int128 off = fb_wide(e->value_e8) - fb_size_part(o->value_e8, n, lots(o->qty));
	return n == lots(o->qty) ? off == 0 : off == 0 || off == 1;
}

static int take_done(struct fb_waterfall *w, const struct fb_event *e, struct fb_open *open)
{
	const struct fb_order *o = &open->order;
	int64_t n = lots(e->qty);
	__int128 value = fb_wide(e->value_e8);
	int err = 0;
	switch ((enum fb_verb)o->verb) {
	case FB_VERB_REDUCE:
		if (!counts_right(open, e))
			return violation(w);
		open->done = true;
		open->fills_told = e->number;
		return finish_reduction(w, open);
	case FB_VERB_TAKEOVER:
	case FB_VERB_ADL_PAIR:
		if (!part_right(o, e))
			return violation(w);
		fb_house_return(w, open, n);
		if (n > 0)
			err = o->verb == FB_VERB_TAKEOVER ? take_takeover(w, open, n, value)
							  : take_pair(w, open, n, value);
		break;
	case FB_VERB_FUND_MOVE:
		err = take_move(w, open);
		FB_TELL(w, moved, open, 0, o->value_e8);
		break;
	case FB_VERB_HOLD:
	case FB_VERB_CANCEL_ALL:
	case FB_VERB_RELEASE:
	case FB_VERB_CANCEL_COUNTER:
	case FB_VERB_GATE:
	case FB_VERB_SETTLE: break;
	}
	fb_fund_book(w, o->verb == FB_VERB_FUND_MOVE ? fb_fund_symbol(w, open->account)
						     : o->symbol);
	return err ? err : finish(w, open, false);
}

static int take_answer(struct fb_waterfall *w, const struct fb_event *e)
{
	struct fb_open *open = fb_orders_find(w, &e->id);
	if (!open) {
		w->counts.strays++;
		return 0;
	}
	if (e->kind == FB_EVENT_FILL)
		return take_fill(w, e, open);
	if (e->kind == FB_EVENT_DONE)
		return open->done ? (w->counts.strays++, 0) : take_done(w, e, open);
	/* A reject of what was filled, even in part, contradicts itself. */
	if (open->fills > 0 || open->done)
		return violation(w);
	fb_house_return(w, open, 0);
	return finish(w, open, true);
}

static int take_user(struct fb_waterfall *w, const struct fb_event *e)
{
	uint32_t account = fb_book_account_index(w->book, e->account);
	__int128 value = fb_wide(e->value_e8);
	int err;
	if (account == FB_NONE || w->book->account[account].role != FB_ROLE_USER)
		return violation(w);
	struct fb_case *c = &w->cases[account];
	if (e->number <= c->told) {
		w->counts.strays++;
		return 0;
	}
	if (!fb_fits(value, FB_MONEY_BITS) ||
	    (e->kind == FB_EVENT_USER_FILL && !same_sign(e->qty, value)))
		return violation(w);
	if (e->kind == FB_EVENT_DEPOSIT) {
		err = fb_gate_deposit(w, account, value, e->qty);
		if (err == -EINVAL)
			return violation(w);
	} else {
		uint32_t row = fb_book_row_index(w->book, e->position);
		if (row == FB_NONE || w->book->row[row].account != account || e->qty == 0)
			return violation(w);
		err = fb_fill_user(w, row, e->qty, value);
		if (err == -ERANGE)
			return violation(w);
		fb_final_touched(w, w->book->row[row].symbol);
	}
	/* A gap: something was lost on the way. What came is true nevertheless. */
	w->counts.violations += e->number != c->told + 1;
	c->told = e->number;
	if (!err && c->state > FB_UNWINDING)
		w->ops->watch(w->context, account);
	return err ? err
		   : fb_waterfall_dispatch(w, account,
					   e->kind == FB_EVENT_DEPOSIT ? FB_DEPOSITED
								       : FB_USER_FILLED,
					   NULL);
}

static int take_depth(struct fb_waterfall *w, const struct fb_event *e)
{
	__int128 asks = fb_wide(e->value_e8);
	if (e->symbol >= FB_SYMBOLS || !w->book->symbol[e->symbol].defined || e->qty < 0 ||
	    asks < 0 || !fb_fits(e->qty, FB_QTY_BITS) || !fb_fits(asks, FB_QTY_BITS))
		return violation(w);
	w->depth[e->symbol][0] = e->qty;
	w->depth[e->symbol][1] = (int64_t)asks;
	return 0;
}

int fb_waterfall_event(struct fb_waterfall *w, const struct fb_event *e)
{
	if (e->qty == INT64_MIN) /* has no magnitude */
		return violation(w);
	switch (e->kind) {
	case FB_EVENT_DONE:
	case FB_EVENT_FILL:
	case FB_EVENT_REJECT: return take_answer(w, e);
	case FB_EVENT_USER_FILL:
	case FB_EVENT_DEPOSIT: return take_user(w, e);
	case FB_EVENT_DEPTH: return take_depth(w, e);
	default: return violation(w);
	}
}
