/* The gateway: what the host tells the venue to do, and what the venue answers.
 *
 * Verbs are idempotent by order id. An order id is a pure function of (epoch, sequence of the
 * newest command when it was decided, count within that sequence), so a replay and a second host
 * give the same ids. Answers come later, as events; each is an input in the log.
 */
#ifndef FIREBREAK_GATEWAY_H
#define FIREBREAK_GATEWAY_H

#include <stdint.h>

#include <firebreak/book.h>

enum fb_verb {
	FB_VERB_HOLD = 1,	/* no new orders of this account */
	FB_VERB_CANCEL_ALL = 2, /* cancel its working orders, and reductions still in flight */
	FB_VERB_REDUCE = 3,	/* close part of a position at value_e8 or better */
	FB_VERB_TAKEOVER = 4,	/* a house account takes part of the position at value_e8 */
	FB_VERB_ADL_PAIR = 5,	/* close against a counterparty's opposite position at value_e8 */
	FB_VERB_FUND_MOVE = 6,	/* value_e8 from the account to the fund; negative: from the fund */
	FB_VERB_RELEASE = 7,	/* undo hold */
	/* cancel the counterparty's working orders: of its position counter_position, or all if
	 * that is 0; with ADL_PAIRs */
	FB_VERB_CANCEL_COUNTER = 8,
	/* Of the whole venue; `account` is the fund's. */
	/* of a withdrawal so much is paid: value_e8 in 1e-7, 0: none may be made */
	FB_VERB_GATE = 9,
	/* no more trading in the symbol: working orders in it are cancelled, its positions are
	 * closed at value_e8, of a lot in 1e-8 / 2^16 */
	FB_VERB_SETTLE = 10,
};

enum fb_time_in_force {
	FB_IOC = 0, /* what does not fill at once is gone */
	FB_FOK = 1, /* whole or not at all */
};

struct fb_order_id {
	uint64_t sequence;
	uint32_t epoch, index;
};

/* value_e8 is what `qty` lots are worth to their holder: sign of the quantity for linear contracts.
 * For a long and a short alike, more is better for the holder, and a price is value / quantity. */
struct fb_order {
	struct fb_order_id id;
	uint32_t account, position;
	/* TAKEOVER: the house account and its position. ADL_PAIR: the counterparty and its
	 * position. FUND_MOVE that spreads a loss: the bankrupt account. Else 0. */
	uint32_t counter_account, counter_position;
	uint16_t symbol;
	uint8_t verb;
	uint8_t tif; /* of REDUCE: enum fb_time_in_force */
	/* lots that REDUCE, TAKEOVER and ADL_PAIR close; sign of the position. The counterparty of
	 * an ADL_PAIR closes as many on its side. Else 0 */
	int64_t qty;
	__int128 value_e8; /* REDUCE: at least this for all of qty; else exactly this */
};

enum fb_event_kind {
	/* The order is closed. REDUCE: qty and value_e8 are the sums over its fills, `number` how
	 * many there were, some of which may still be on the way. TAKEOVER, ADL_PAIR: the lots that
	 * moved (0 if none, never more than asked) and their value. HOLD, CANCEL_ALL, RELEASE: it
	 * is so; CANCEL_ALL: no working order of the account is left. FUND_MOVE: done whole. */
	FB_EVENT_DONE = 1,
	/* Part of a REDUCE was filled: qty lots (sign of the position) for value_e8. `number`
	 * counts an order's fills from 1. */
	FB_EVENT_FILL = 2,
	FB_EVENT_REJECT = 3, /* the order is closed and nothing happened; `number` is a reason */
	/* An own order of the account filled: its position changed by qty lots that cost value_e8
	 * (both positive: bought). `number` counts an account's own events from 1, deposits
	 * included: they come in order, and one told twice has the same number. */
	FB_EVENT_USER_FILL = 4,
	/* value_e8 into the account, from outside; negative: withdrawn, and of that `qty` (0 or
	 * more, in 1e-8) was withheld by GATE and is the fund's. What was withdrawn has left: it is
	 * booked whatever the gate is. */
	FB_EVENT_DEPOSIT = 5,
	/* Depth of a symbol: lots the market would buy (qty) and sell (value_e8) within the
	 * distance from the mark that the venue chose. */
	FB_EVENT_DEPTH = 6,
};

/* What a venue tells: in the order in which the host must take it up, each an input in the log. */
struct fb_event {
	struct fb_order_id id; /* DONE, FILL, REJECT: of the order; else 0 */
	uint32_t account, position;
	uint16_t symbol;
	uint8_t kind, verb; /* verb: of the order; else 0 */
	uint32_t number;
	int64_t qty;
	struct fb_i128 value_e8;
};
FB_STATIC_ASSERT(sizeof(struct fb_event) == 56, "fb_event has no hidden padding");

const char *fb_verb_name(enum fb_verb verb);
const char *fb_event_name(enum fb_event_kind kind);

#endif
