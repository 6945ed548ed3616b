/* What each verb does to the market, and the answer it gets. */
#include <assert.h>

#include "market_internal.h"

#define QTY_MOST ((int64_t)1 << 47)
#define VALUE_MOST ((__int128)1 << 78) /* so that a product with a quantity fits */

static void reject(struct market_order *o, enum market_reason reason)
{
	o->kind = FB_EVENT_REJECT;
	o->number = reason;
}

/* The order's position, or FB_NONE: not one of this account and symbol. */
static uint32_t row_of(const struct fb_market *m, uint32_t account, uint32_t position,
		       uint16_t symbol)
{
	uint32_t index = fb_market_row_index(m, position);
	if (index == FB_NONE || m->account[m->row[index].account].id != account ||
	    m->row[index].symbol != symbol)
		return FB_NONE;
	return index;
}

/* Lots of the row that can be closed in the direction of qty, at most |qty|. */
static int64_t closable(const struct market_row *row, int64_t qty)
{
	if (row->qty == 0 || (row->qty < 0) != (qty < 0))
		return 0;
	int64_t have = fb_market_size(row->qty), wanted = fb_market_size(qty);
	return have < wanted ? have : wanted;
}

/* The position, or FB_NONE with the order rejected. */
static uint32_t checked(const struct fb_market *m, struct market_order *o, bool any_value)
{
	const struct fb_order *order = &o->order;
	uint32_t row = row_of(m, order->account, order->position, order->symbol);
	bool value_fits = order->value_e8 >= -VALUE_MOST && order->value_e8 <= VALUE_MOST;
	if (row == FB_NONE || m->settled[m->row[row].symbol])
		reject(o, MARKET_NO_POSITION);
	else if (order->qty == 0 || order->qty < -QTY_MOST || order->qty > QTY_MOST ||
		 !(any_value || value_fits))
		reject(o, MARKET_BAD_ORDER);
	else
		return row;
	return FB_NONE;
}

static void reduce(struct fb_market *m, struct market_order *o, uint32_t account)
{
	const struct fb_order *order = &o->order;
	uint32_t row = checked(m, o, true);
	if (row == FB_NONE)
		return;
	if (order->tif != FB_IOC && order->tif != FB_FOK) {
		reject(o, MARKET_BAD_ORDER);
		return;
	}
	if (m->account[account].cancelled > o->arrival)
		return; /* cancelled on its way in: nothing was closed */
	int64_t lots = closable(&m->row[row], order->qty), piece = lots;
	bool whole = order->tif == FB_FOK;
	if (lots == 0 || (whole && lots < fb_market_size(order->qty)))
		return;
	if (fb_market_chance(m, m->options.part_e7)) {
		int64_t parts = 2 + fb_market_draw(m, 3);
		piece = (lots + parts - 1) / parts;
	}
	struct market_plan plan;
	fb_market_plan(m, order, account, lots, piece, &plan);
	if (plan.lots == 0 || (whole && plan.lots < lots))
		return;
	fb_market_take(m, order, account, plan.lots);
	o->qty = order->qty < 0 ? -plan.lots : plan.lots;
	o->value_e8 = plan.value_e8;
	o->number = plan.fills;
	o->fills = plan.fills;
	for (unsigned k = 0; k < plan.fills; k++)
		o->fill[k] = plan.fill[k];
	fb_market_move(m, row, -o->qty);
}

/* `lots` of the order moved: the whole value exactly, else in proportion, rounded toward zero. */
static void moved(struct market_order *o, int64_t lots)
{
	o->qty = o->order.qty < 0 ? -lots : lots;
	o->value_e8 = o->order.value_e8 * lots / fb_market_size(o->order.qty);
}

/* The house's position, made if it is new; FB_NONE with the order rejected. */
static uint32_t house_row(struct fb_market *m, struct market_order *o)
{
	const struct fb_order *order = &o->order;
	if (order->counter_account == 0 || order->counter_account == order->account) {
		reject(o, MARKET_NO_ACCOUNT);
		return FB_NONE;
	}
	if (fb_market_row_index(m, order->counter_position) != FB_NONE ||
	    order->counter_position == 0) {
		uint32_t row = row_of(m, order->counter_account, order->counter_position,
				      order->symbol);
		if (row == FB_NONE)
			reject(o, MARKET_NO_POSITION);
		return row;
	}
	uint32_t account = m->rows == m->rows_max
				   ? FB_NONE
				   : fb_market_account_make(m, order->counter_account);
	if (account == FB_NONE) {
		reject(o, MARKET_NO_ROOM);
		return FB_NONE;
	}
	return fb_market_row_make(m, account, order->counter_position, order->symbol);
}

static void takeover(struct fb_market *m, struct market_order *o)
{
	uint32_t row = checked(m, o, false);
	if (row == FB_NONE)
		return;
	uint32_t house = house_row(m, o);
	if (house == FB_NONE)
		return;
	int64_t lots = closable(&m->row[row], o->order.qty), sign = o->order.qty < 0 ? -1 : 1;
	int64_t room = MARKET_QTY_MOST - sign * m->row[house].qty;
	if (lots > room)
		lots = room;
	moved(o, lots);
	fb_market_move(m, row, -o->qty);
	fb_market_move(m, house, o->qty);
}

static void adl_pair(struct fb_market *m, struct market_order *o)
{
	const struct fb_order *order = &o->order;
	uint32_t row = checked(m, o, false);
	if (row == FB_NONE)
		return;
	uint32_t counter = row_of(m, order->counter_account, order->counter_position,
				  order->symbol);
	if (counter == FB_NONE || counter == row) {
		reject(o, MARKET_NO_POSITION);
		return;
	}
	int64_t lots = closable(&m->row[row], order->qty),
		there = closable(&m->row[counter], -order->qty);
	moved(o, lots < there ? lots : there);
	fb_market_move(m, row, -o->qty);
	fb_market_move(m, counter, o->qty);
}

static void fund_move(const struct fb_market *m, struct market_order *o)
{
	uint32_t counter = o->order.counter_account;
	if (counter != 0 && fb_market_account_index(m, counter) == FB_NONE)
		reject(o, MARKET_NO_ACCOUNT);
	else
		o->value_e8 = o->order.value_e8;
}

static void cancel_counter(struct fb_market *m, struct market_order *o)
{
	const struct fb_order *order = &o->order;
	uint32_t account = fb_market_account_index(m, order->counter_account);
	if (account == FB_NONE) {
		reject(o, MARKET_NO_ACCOUNT);
		return;
	}
	if (order->counter_position == 0) {
		fb_market_users_cancel(m, account);
		return;
	}
	uint32_t row = row_of(m, order->counter_account, order->counter_position, order->symbol);
	if (row == FB_NONE)
		reject(o, MARKET_NO_POSITION);
	else
		fb_market_row_cancel(m, row);
}

static bool of_the_venue(struct fb_market *m, struct market_order *o)
{
	const struct fb_order *order = &o->order;
	if (order->verb == FB_VERB_GATE) {
		if (order->value_e8 < 0 || order->value_e8 > MARKET_ALL_E7)
			reject(o, MARKET_BAD_ORDER);
		else
			m->paid_e7 = (uint32_t)order->value_e8;
		return true;
	}
	if (order->verb != FB_VERB_SETTLE)
		return false;
	if (order->symbol >= m->rules->symbols)
		reject(o, MARKET_BAD_ORDER);
	else
		fb_market_users_settle(m, order->symbol);
	return true;
}

void fb_market_execute(struct fb_market *m, struct market_order *o)
{
	uint32_t account = fb_market_account_index(m, o->order.account);
	o->state = MARKET_ANSWERED;
	o->kind = FB_EVENT_DONE;
	if (of_the_venue(m, o))
		return;
	if (account == FB_NONE) {
		reject(o, MARKET_NO_ACCOUNT);
		return;
	}
	switch ((enum fb_verb)o->order.verb) {
	case FB_VERB_HOLD: m->account[account].held = true; break;
	case FB_VERB_RELEASE: m->account[account].held = false; break;
	case FB_VERB_CANCEL_ALL:
		fb_market_users_cancel(m, account);
		if (m->account[account].cancelled < o->arrival)
			m->account[account].cancelled = o->arrival;
		break;
	case FB_VERB_REDUCE: reduce(m, o, account); break;
	case FB_VERB_TAKEOVER: takeover(m, o); break;
	case FB_VERB_ADL_PAIR: adl_pair(m, o); break;
	case FB_VERB_FUND_MOVE: fund_move(m, o); break;
	case FB_VERB_CANCEL_COUNTER: cancel_counter(m, o); break;
	default: reject(o, MARKET_BAD_ORDER); break;
	}
}
