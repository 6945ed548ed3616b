/* The books of the simulated market. Everything here is in terms of price: closing a long sells
 * into bids. An inverse contract's quantity is negated, so there it is the other side; its value
 * then follows from the unit value at the price, and a worse price is worse value in either. */
#include <assert.h>
#include <string.h>

#include "market_internal.h"

#define ALL_E7 10000000
#define BASIS_POINT (MARKET_PPB / 10000)
#define NEAR (50 * BASIS_POINT)		 /* depth is told within this distance */
#define IMPACT_MOST (MARKET_PPB / 10 * 3)
#define DECAY_E6 965936			 /* 2^(-1/20) */
#define CALM_MOVE (100 * BASIS_POINT)	 /* a larger move between two steps thins the book */
#define FULL_MOVE (400 * BASIS_POINT)	 /* from here on a quarter is left */
#define LIMIT_MOST ((__int128)1 << 78)	 /* |value| of an order; no row gets near it */

bool fb_market_value(const struct fb_market *m, uint16_t symbol, int64_t qty, uint64_t price_e8,
		     int64_t *value_e8)
{
	uint64_t u;
	if (fb_unit_value(&m->rules->symbol[symbol], price_e8, &u))
		return false;
	unsigned __int128 notional =
		(unsigned __int128)fb_market_size(qty) * u >> FB_U_FRACTION_BITS;
	if (notional >> FB_NOTIONAL_BITS)
		return false;
	*value_e8 = qty < 0 ? -(int64_t)notional : (int64_t)notional;
	return true;
}

unsigned fb_market_exit_side(const struct fb_market *m, uint16_t symbol, int64_t qty)
{
	bool inverse = m->rules->symbol[symbol].type == FB_INVERSE;

	return (qty > 0) != inverse ? MARKET_BIDS : MARKET_ASKS;
}

int64_t fb_market_usable(const struct fb_market *m, uint16_t symbol, unsigned side,
			 const struct market_resting *resting, uint32_t taker)
{
	if (resting->row == FB_NONE)
		return resting->lots;
	const struct market_row *row = &m->row[resting->row];
	if (row->account == taker || row->qty == 0)
		return 0; /* nobody trades with himself */
	/* The position may have changed since the order was placed: it never reduces beyond
	 * zero, and what adds stays small. An order that reduces rests where its position's
	 * exit does not: it buys what a short has sold. */
	bool reduces = fb_market_exit_side(m, symbol, row->qty) != side;
	if (reduces != resting->reduces)
		return 0;
	int64_t size = fb_market_size(row->qty), most = reduces ? size : size / 20, value;
	if (!reduces && size + most > MARKET_QTY_MOST)
		return 0;
	int64_t lots = resting->lots < most ? resting->lots : most;
	return fb_market_value(m, symbol, lots, resting->price_e8, &value) ? lots : 0;
}

static bool better(unsigned side, uint64_t price_e8, uint64_t than_e8)
{
	return side == MARKET_BIDS ? price_e8 > than_e8 : price_e8 < than_e8;
}

void fb_market_rest(struct market_side *s, unsigned side, const struct market_resting *order)
{
	assert(s->n < MARKET_RESTING);
	unsigned at = s->n;
	while (at > 0 && better(side, order->price_e8, s->order[at - 1].price_e8))
		at--;
	memmove(&s->order[at + 1], &s->order[at], (s->n - at) * sizeof(*order));
	s->order[at] = *order;
	s->n++;
	s->users += order->row != FB_NONE;
}

void fb_market_unrest(struct market_side *s, unsigned at)
{
	s->users -= s->order[at].row != FB_NONE;
	s->n--;
	memmove(&s->order[at], &s->order[at + 1], (s->n - at) * sizeof(s->order[0]));
}

/* ---- quotes ---- */

static uint64_t moved(uint64_t price_e8, int64_t by_ppb)
{
	unsigned __int128 price =
		(unsigned __int128)price_e8 * (uint64_t)(MARKET_PPB + by_ppb) / MARKET_PPB;
	return price > UINT64_MAX ? UINT64_MAX : price == 0 ? 1 : (uint64_t)price;
}

/* The part of full depth that is quoted after such a move of the price. */
static int64_t thinned(int64_t lots, uint64_t before_e8, uint64_t now_e8)
{
	uint64_t distance_e8 = before_e8 < now_e8 ? now_e8 - before_e8 : before_e8 - now_e8;
	if (before_e8 == 0)
		return lots;
	unsigned __int128 move = (unsigned __int128)distance_e8 * MARKET_PPB / before_e8;
	if (move <= CALM_MOVE)
		return lots;
	if (move >= FULL_MOVE)
		return lots / 4;
	const int64_t span = 4 * (FULL_MOVE - CALM_MOVE);
	return (int64_t)((__int128)lots * (span - 3 * ((int64_t)move - CALM_MOVE)) / span);
}

static void quote_side(struct fb_market *m, uint16_t symbol, unsigned side, int64_t lots)
{
	struct market_symbol *s = &m->symbol[symbol];
	struct market_side *book = &s->side[side];
	uint32_t weight[MARKET_LEVELS], weights = 0;
	int64_t left = lots, offset = 0;
	uint64_t u;
	for (unsigned i = 0; i < MARKET_LEVELS; i++)
		weights += weight[i] = 50 + fb_market_draw(m, 101);
	for (unsigned i = 0; i < MARKET_LEVELS; i++) {
		offset += 2 * BASIS_POINT + fb_market_draw(m, 8 * BASIS_POINT + 1);
		struct market_resting level = {
			.price_e8 = moved(s->mark_e8, side == MARKET_BIDS ? -offset : offset),
			.lots = i + 1 == MARKET_LEVELS
					? left
					: (int64_t)((__int128)lots * weight[i] / weights),
			.row = FB_NONE,
		};
		/* Of a price of few units, levels may fall together with the mark. */
		if (level.lots == 0 || !better(side, s->mark_e8, level.price_e8) ||
		    fb_unit_value(&m->rules->symbol[symbol], level.price_e8, &u))
			continue;
		fb_market_rest(book, side, &level);
		left -= level.lots;
	}
	book->width_ppb = offset;
	book->quoted = 0;
	for (unsigned i = 0; i < book->n; i++)
		book->quoted += fb_market_usable(m, symbol, side, &book->order[i], FB_NONE);
}

static void drop_quotes(struct market_side *s)
{
	for (unsigned i = s->n; i-- > 0;)
		if (s->order[i].row == FB_NONE)
			fb_market_unrest(s, i);
}

void fb_market_quote(struct fb_market *m, uint16_t symbol, uint64_t reference_e8)
{
	struct market_symbol *s = &m->symbol[symbol];
	uint64_t before_e8 = s->mark_e8, u;
	s->reference_e8 = reference_e8;
	s->impact_ppb = s->impact_ppb * DECAY_E6 / 1000000;
	uint64_t mark_e8 = moved(reference_e8, s->impact_ppb);
	if (fb_unit_value(&m->rules->symbol[symbol], mark_e8, &u) == 0)
		s->mark_e8 = mark_e8;
	else if (before_e8 == 0)
		s->mark_e8 = reference_e8;
	drop_quotes(&s->side[MARKET_BIDS]);
	drop_quotes(&s->side[MARKET_ASKS]);
	fb_market_users_reached(m, symbol);
	__int128 full = s->interest * m->options.depth_e7 / ALL_E7;
	int64_t lots = full > MARKET_QTY_MOST ? MARKET_QTY_MOST : (int64_t)full;
	lots = thinned(lots, before_e8, s->mark_e8);
	quote_side(m, symbol, MARKET_BIDS, lots);
	quote_side(m, symbol, MARKET_ASKS, lots);
}

int64_t fb_market_depth(const struct fb_market *m, uint16_t symbol, unsigned side)
{
	const struct market_symbol *s = &m->symbol[symbol];
	const struct market_side *book = &s->side[side];
	uint64_t end_e8 = moved(s->mark_e8, side == MARKET_BIDS ? -NEAR : NEAR);
	int64_t lots = 0;
	for (unsigned i = 0; i < book->n && !better(side, end_e8, book->order[i].price_e8); i++)
		lots += fb_market_usable(m, symbol, side, &book->order[i], FB_NONE);
	return lots;
}

/* ---- trading ---- */

/* Is this fill within the limit, in proportion? |value| < 2^61 and lots, |qty| < 2^48. */
static bool within(const struct fb_order *order, int64_t lots, int64_t value_e8)
{
	__int128 limit = order->value_e8;
	if (limit > LIMIT_MOST)
		return false;
	if (limit < -LIMIT_MOST)
		return true;
	return (__int128)value_e8 * fb_market_size(order->qty) >= limit * lots;
}

static void add_fill(struct market_plan *plan, int64_t qty, int64_t value_e8, bool pieces)
{
	if (plan->fills == 0 || (pieces && plan->fills < MARKET_FILLS))
		plan->fill[plan->fills++] = (struct market_fill){ 0 };
	struct market_fill *fill = &plan->fill[plan->fills - 1];
	fill->qty += qty;
	fill->value_e8 += value_e8;
	plan->lots += fb_market_size(qty);
	plan->value_e8 += value_e8;
}

/* Trades up to `lots` at one price, in pieces; false: the limit ends it here. */
static bool plan_level(const struct fb_market *m, const struct fb_order *order, uint64_t price_e8,
		       int64_t lots, int64_t piece, bool pieces, struct market_plan *plan)
{
	int64_t sign = order->qty < 0 ? -1 : 1, value;
	while (lots > 0) {
		int64_t n = piece < lots ? piece : lots;
		/* A small piece may lose by rounding what the whole does not. */
		if (!fb_market_value(m, order->symbol, sign * n, price_e8, &value) ||
		    !within(order, n, value)) {
			n = lots;
			if (!fb_market_value(m, order->symbol, sign * n, price_e8, &value) ||
			    !within(order, n, value))
				return false;
		}
		add_fill(plan, sign * n, value, pieces);
		lots -= n;
	}
	return true;
}

void fb_market_plan(const struct fb_market *m, const struct fb_order *order, uint32_t taker,
		    int64_t lots, int64_t piece, struct market_plan *out)
{
	unsigned side = fb_market_exit_side(m, order->symbol, order->qty);
	const struct market_side *book = &m->symbol[order->symbol].side[side];
	memset(out, 0, sizeof(*out));
	for (unsigned i = 0; i < book->n && out->lots < lots;) {
		/* All orders at one price are one trade to the taker. */
		uint64_t price_e8 = book->order[i].price_e8;
		int64_t here = 0;
		for (; i < book->n && book->order[i].price_e8 == price_e8; i++)
			here += fb_market_usable(m, order->symbol, side, &book->order[i], taker);
		if (here > lots - out->lots)
			here = lots - out->lots;
		if (!plan_level(m, order, price_e8, here, piece, piece < lots, out))
			break;
	}
}

/* Eating all that was quoted moves the price by the distance of the last level. */
static void move_price(struct market_symbol *s, unsigned side, int64_t lots)
{
	const struct market_side *book = &s->side[side];
	if (book->quoted <= 0)
		return;
	__int128 by = (__int128)lots * book->width_ppb / book->quoted;
	if (by > IMPACT_MOST)
		by = IMPACT_MOST;
	s->impact_ppb += side == MARKET_BIDS ? -(int64_t)by : (int64_t)by;
	if (s->impact_ppb > IMPACT_MOST)
		s->impact_ppb = IMPACT_MOST;
	if (s->impact_ppb < -IMPACT_MOST)
		s->impact_ppb = -IMPACT_MOST;
}

void fb_market_take(struct fb_market *m, const struct fb_order *order, uint32_t taker,
		    int64_t lots)
{
	unsigned side = fb_market_exit_side(m, order->symbol, order->qty);
	struct market_symbol *s = &m->symbol[order->symbol];
	struct market_side *book = &s->side[side];
	int64_t left = lots;
	for (unsigned i = 0; left > 0;) {
		assert(i < book->n); /* the plan counted what is there */
		struct market_resting *resting = &book->order[i];
		int64_t n = fb_market_usable(m, order->symbol, side, resting, taker);
		if (n > left)
			n = left;
		if (n > 0 && resting->row != FB_NONE)
			fb_market_user_fill(m, order->symbol, side, resting, n);
		resting->lots -= n;
		left -= n;
		if (resting->lots > 0) {
			i++;
			continue;
		}
		if (resting->row != FB_NONE)
			m->row[resting->row].working = false;
		fb_market_unrest(book, i);
	}
	move_price(s, side, lots);
}
