/* Users of the simulated market: their working orders, and their deposits. */
#include <assert.h>

#include "market_internal.h"

#define ALL_E7 10000000
#define NEAREST 1 /* distance of a working order from the mark, 1e-4 */
#define FARTHEST 100
#define AGAIN 4 /* one in so many steps, an account without working orders places new ones */

void fb_market_user_fill(struct fb_market *m, uint16_t symbol, unsigned side,
			 const struct market_resting *resting, int64_t lots)
{
	const struct market_row *row = &m->row[resting->row];
	/* Bids buy; of an inverse contract, buying lowers the quantity. */
	bool inverse = m->rules->symbol[symbol].type == FB_INVERSE;
	int64_t qty = (side == MARKET_BIDS) != inverse ? lots : -lots, value = 0;
	bool fits = fb_market_value(m, symbol, qty, resting->price_e8, &value);
	assert(fits);
	(void)fits;
	fb_market_move(m, resting->row, qty);
	struct fb_event event = {
		.account = m->account[row->account].id,
		.position = row->id,
		.symbol = symbol,
		.kind = FB_EVENT_USER_FILL,
		.qty = qty,
		.value_e8 = fb_i128_of(value),
	};
	fb_market_tell_user(m, row->account, &event);
}

static void drop(struct fb_market *m, struct market_side *s, unsigned at)
{
	m->row[s->order[at].row].working = false;
	fb_market_unrest(s, at);
}

/* No quotes are in the book now: users' orders only, in their priority. */
static void reached(struct fb_market *m, uint16_t symbol, unsigned side)
{
	struct market_symbol *s = &m->symbol[symbol];
	struct market_side *book = &s->side[side];
	for (unsigned i = 0; i < book->n;) {
		const struct market_resting *resting = &book->order[i];
		int64_t lots = fb_market_usable(m, symbol, side, resting, FB_NONE);
		bool here = side == MARKET_BIDS ? resting->price_e8 >= s->mark_e8
						: resting->price_e8 <= s->mark_e8;
		if (lots > 0 && (!here || fb_market_room(m) < 2)) {
			i++;
			continue;
		}
		if (lots > 0)
			fb_market_user_fill(m, symbol, side, resting, lots);
		drop(m, book, i);
	}
}

void fb_market_users_reached(struct fb_market *m, uint16_t symbol)
{
	reached(m, symbol, MARKET_BIDS);
	reached(m, symbol, MARKET_ASKS);
}

/* An order for one position: seeded size and distance. */
static void place(struct fb_market *m, uint32_t index)
{
	struct market_row *row = &m->row[index];
	const struct market_symbol *s = &m->symbol[row->symbol];
	if (row->working || row->qty == 0 || s->mark_e8 == 0 || m->settled[row->symbol])
		return;
	int64_t size = fb_market_size(row->qty), lots;
	bool reduces = fb_market_draw(m, 2) == 0;
	if (reduces)
		lots = size / 100 * (5 + fb_market_draw(m, 46)) + 1;
	else
		lots = size / 1000 * (1 + fb_market_draw(m, 25));
	unsigned exit = fb_market_exit_side(m, row->symbol, row->qty),
		 side = reduces ? 1 - exit : exit;
	uint32_t distance = NEAREST + fb_market_draw(m, FARTHEST - NEAREST + 1);
	uint64_t part_e8 = s->mark_e8 / 10000 * distance, u;
	if (lots == 0 || part_e8 == 0 || s->side[side].users == MARKET_USERS)
		return;
	struct market_resting order = {
		.price_e8 = side == MARKET_BIDS ? s->mark_e8 - part_e8 : s->mark_e8 + part_e8,
		.lots = lots,
		.row = index,
		.reduces = reduces,
	};
	if (order.price_e8 == 0 ||
	    fb_unit_value(&m->rules->symbol[row->symbol], order.price_e8, &u))
		return;
	fb_market_rest(&m->symbol[row->symbol].side[side], side, &order);
	row->working = true;
}

/* The first attempt comes as soon as there is a price; later ones when nothing is working, and now
 * and then. */
static void may_place(struct fb_market *m, uint32_t index)
{
	struct market_account *a = &m->account[index];
	if (a->held || a->cancelling)
		return;
	if (a->placed && fb_market_draw(m, AGAIN) != 0)
		return;
	for (uint32_t row = a->first; row != FB_NONE; row = m->row[row].next)
		if (m->row[row].working)
			return;
	for (uint32_t n = 1 + fb_market_draw(m, 2); n > 0; n--) {
		uint32_t row = a->first;
		for (uint32_t skip = fb_market_draw(m, a->rows); skip > 0; skip--)
			row = m->row[row].next;
		place(m, row);
		a->placed |= m->symbol[m->row[row].symbol].mark_e8 != 0;
	}
}

static __int128 notional(const struct fb_market *m, const struct market_account *a)
{
	__int128 sum = 0;
	for (uint32_t row = a->first; row != FB_NONE; row = m->row[row].next) {
		uint16_t symbol = m->row[row].symbol;
		int64_t value;
		if (m->symbol[symbol].mark_e8 != 0 &&
		    fb_market_value(m, symbol, m->row[row].qty, m->symbol[symbol].mark_e8, &value))
			sum += fb_market_size(value);
	}
	return sum;
}

/* 0.5 to 5 % of the notional in; one in ten is 0.1 to 0.5 % out, but not while held. */
static void deposit(struct fb_market *m)
{
	uint32_t index = fb_market_draw(m, (uint32_t)m->accounts);
	const struct market_account *a = &m->account[index];
	bool out = fb_market_draw(m, 10) == 0;
	uint32_t share_e4 = out ? 10 + fb_market_draw(m, 41) : 50 + fb_market_draw(m, 451);
	__int128 value = notional(m, a) * share_e4 / 10000;
	if (value == 0 || !fb_fits(value, FB_MONEY_BITS) || a->id >= FB_ID_RESERVED ||
	    (out && a->held) || fb_market_room(m) < 2)
		return;
	if (out && m->paid_e7 == 0)
		return; /* the gate is closed */
	struct fb_event event = {
		.account = a->id,
		.kind = FB_EVENT_DEPOSIT,
		.qty = out ? (int64_t)(value - value * m->paid_e7 / ALL_E7) : 0,
		.value_e8 = fb_i128_of(out ? -value : value),
	};
	fb_market_tell_user(m, index, &event);
}

void fb_market_users_step(struct fb_market *m)
{
	/* Where room in the books ends, it does not always end for the same accounts. */
	if (m->workers > 0) {
		size_t start = fb_market_draw(m, (uint32_t)m->workers);
		for (size_t i = 0; i < m->workers; i++)
			may_place(m, m->worker[(start + i) % m->workers]);
	}
	if (m->accounts > 0 && fb_market_chance(m, m->options.deposit_e7))
		deposit(m);
}

void fb_market_row_cancel(struct fb_market *m, uint32_t row)
{
	struct market_symbol *s = &m->symbol[m->row[row].symbol];
	for (unsigned side = 0; side < 2 && m->row[row].working; side++)
		for (unsigned i = 0; i < s->side[side].n; i++)
			if (s->side[side].order[i].row == row) {
				drop(m, &s->side[side], i);
				break;
			}
}

void fb_market_users_cancel(struct fb_market *m, uint32_t account)
{
	for (uint32_t row = m->account[account].first; row != FB_NONE; row = m->row[row].next)
		fb_market_row_cancel(m, row);
}

void fb_market_users_settle(struct fb_market *m, uint16_t symbol)
{
	struct market_symbol *s = &m->symbol[symbol];
	m->settled[symbol] = true;
	for (unsigned side = 0; side < 2; side++)
		for (unsigned i = s->side[side].n; i-- > 0;)
			if (s->side[side].order[i].row != FB_NONE)
				drop(m, &s->side[side], i);
	for (size_t row = 0; row < m->rows; row++)
		if (m->row[row].symbol == symbol && m->row[row].qty != 0)
			fb_market_move(m, (uint32_t)row, -m->row[row].qty);
}
