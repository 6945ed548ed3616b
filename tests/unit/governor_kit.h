/* What the tests of the governor share: a small book, orders with ids that grow, answers, and a
 * count of refusals that must always be exact. */
#ifndef GOVERNOR_KIT_H
#define GOVERNOR_KIT_H

#include "book_kit.h"

#include <firebreak/governor.h>

#define SECOND INT64_C(1000000)
#define LONG 11u  /* positions: of account 1, symbol 1 and 2 */
#define SHORT 12u
#define OTHER 22u /* of account 2, symbol 2 */

static struct fb_governor *g;
static uint64_t expected[FB_REFUSALS];
static uint32_t next_index;

/* Users 1 to 4. Account 1: long 100 lots of symbol 1, short 50 of symbol 2. Account 2: the other
 * side. Account 3: long 40 of symbol 2. Account 4: nothing. */
static inline void open_all(const struct fb_governor_caps *caps, uint32_t orders)
{
	static const struct fb_governor_caps none;
	open_book(0);
	tell(c_house(FB_ID_BACKSTOP, FB_ROLE_BACKSTOP, 100 * MONEY));
	for (uint32_t id = 1; id <= 4; id++)
		tell(c_account(id, 10 * MONEY, 0, 0));
	tell(c_position(1, LONG, 1, 100, 100 * MONEY));
	tell(c_position(1, SHORT, 2, -50, -50 * MONEY));
	tell(c_position(2, 21, 1, -100, -100 * MONEY));
	tell(c_position(2, OTHER, 2, 50, 50 * MONEY));
	tell(c_position(3, 32, 2, 40, 40 * MONEY));
	ck_assert_int_eq(fb_governor_open(book, caps ? caps : &none, orders, &g), 0);
	memset(expected, 0, sizeof(expected));
	next_index = 1;
}

static inline void close_all(void)
{
	fb_governor_close(g);
	fb_book_close(book);
}

/* What the governor says; the count of each reason must be exact. */
static inline enum fb_refusal ask(const struct fb_order *o)
{
	enum fb_refusal found = fb_governor_check(g, o);
	expected[found] += found != FB_REFUSED_NOT;
	for (unsigned i = 0; i < FB_REFUSALS; i++)
		KIT_MUST(fb_governor_refused(g, (enum fb_refusal)i) == expected[i]);
	return found;
}

#define REFUSED(order, reason)                                                                     \
	do {                                                                                       \
		struct fb_order asked_ = (order);                                                  \
		enum fb_refusal found_ = ask(&asked_);                                             \
		ck_assert_msg(found_ == FB_REFUSED_##reason, "refused: %s, expected %s",           \
			      fb_refusal_name(found_), #reason);                                   \
	} while (0)
#define PASSES(order) REFUSED(order, NOT)

/* ---- orders, each with a new id ---- */

static inline struct fb_order verb(enum fb_verb v, uint32_t account)
{
	return (struct fb_order){
		.id = { .epoch = 1, .sequence = 7, .index = next_index++ },
		.account = account,
		.verb = (uint8_t)v,
	};
}

static inline __int128 at_mark(uint16_t symbol, int64_t qty)
{
	__int128 lots = qty < 0 ? -(__int128)qty : qty,
		 value = symbol < FB_SYMBOLS ? lots * (__int128)book->symbol[symbol].u >> 16 : 0;
	return qty < 0 ? -value : value;
}

static inline struct fb_order reduce(uint32_t account, uint32_t position, uint16_t symbol,
				     int64_t qty)
{
	struct fb_order o = verb(FB_VERB_REDUCE, account);
	o.position = position;
	o.symbol = symbol;
	o.qty = qty;
	o.value_e8 = at_mark(symbol, qty); /* unless the test says otherwise */
	return o;
}

static inline struct fb_order against(enum fb_verb v, struct fb_order o, uint32_t counter,
				      uint32_t row)
{
	o.verb = (uint8_t)v;
	o.counter_account = counter;
	o.counter_position = row;
	return o;
}

static inline struct fb_order takeover(uint32_t account, uint32_t position, uint16_t symbol,
				       int64_t qty, uint32_t house)
{
	return against(FB_VERB_TAKEOVER, reduce(account, position, symbol, qty), house,
		       fb_house_position(house, symbol));
}

/* Account 1's short of symbol 2 against this position. */
static inline struct fb_order pair(int64_t qty, uint32_t counter, uint32_t row)
{
	return against(FB_VERB_ADL_PAIR, reduce(1, SHORT, 2, qty), counter, row);
}

static inline struct fb_order money(uint32_t account, uint32_t bankrupt, __int128 value_e8)
{
	struct fb_order o = verb(FB_VERB_FUND_MOVE, account);
	o.counter_account = bankrupt;
	o.value_e8 = value_e8;
	return o;
}

/* ---- answers ---- */

static inline void answer(const struct fb_order *o, enum fb_event_kind kind, uint32_t number,
			  int64_t qty)
{
	struct fb_event e = {
		.id = o->id,
		.account = o->account,
		.position = o->position,
		.symbol = o->symbol,
		.kind = (uint8_t)kind,
		.verb = o->verb,
		.number = number,
		.qty = qty,
	};
	fb_governor_event(g, &e);
}

static inline void done(const struct fb_order *o)
{
	answer(o, FB_EVENT_DONE, 0, o->qty);
}

static inline void reject(const struct fb_order *o)
{
	answer(o, FB_EVENT_REJECT, 1, 0);
}

static inline void confirm_as(uint32_t id, enum fb_confirmed found)
{
	fb_governor_confirmed(g, index_of(id), found);
}

static inline struct fb_order must(struct fb_order o)
{
	PASSES(o);
	return o;
}

static inline void do_now(struct fb_order o)
{
	o = must(o);
	done(&o);
}

/* Held, orders cancelled, and confirmed so. */
static inline void hold(uint32_t id, enum fb_confirmed found)
{
	confirm_as(id, found);
	do_now(verb(FB_VERB_HOLD, id));
	do_now(verb(FB_VERB_CANCEL_ALL, id));
}

/* Without positions. */
static inline void flatten(uint32_t id, int64_t collateral)
{
	for (uint32_t i = book->account[index_of(id)].first; i != FB_NONE; i = book->row[i].next)
		if (book->row[i].live)
			tell(c_position(id, book->row[i].id, book->row[i].symbol, 0, 0));
	tell(c_account(id, collateral, 0, 0));
}

#endif
