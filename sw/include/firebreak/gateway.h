/* The gateway: what the host tells the venue to do, and what the venue answers.
 *
 * Verbs are idempotent by order id. An order id is a pure function of (epoch, sequence of the batch
 * that led to it, index within that decision), so a replay and a second host give the same ids. An
 * answer comes with the call in this version. A verb a gateway does not implement is a NULL
 * pointer, and using it is a programmer error.
 */
#ifndef FIREBREAK_GATEWAY_H
#define FIREBREAK_GATEWAY_H

#include <stdint.h>

#include <firebreak/book.h>

enum fb_verb {
	FB_VERB_HOLD = 1,	/* no new orders of this account */
	FB_VERB_CANCEL_ALL = 2, /* cancel its working orders */
	FB_VERB_REDUCE = 3,	/* IOC that closes a position, at value_e8 or better */
	FB_VERB_TAKEOVER = 4,	/* the fund takes the position at value_e8 */
	FB_VERB_ADL_PAIR = 5,	/* close against a counterparty at a price; not in use yet */
	FB_VERB_FUND_MOVE = 6,	/* value_e8 from the account to the fund; negative: from the fund */
	FB_VERB_RELEASE = 7,	/* undo hold; not in use yet: a liquidated account stays held */
};

struct fb_order_id {
	uint64_t sequence;
	uint32_t epoch, index;
};

/* value_e8 and value are what the position is worth to its holder: sign of the quantity for linear
 * contracts. For a long and a short alike, more is better for the holder, and a price is value /
 * quantity. */
struct fb_order {
	struct fb_order_id id;
	uint32_t account, position;
	uint16_t symbol;
	uint8_t verb;
	/* the position that REDUCE closes or TAKEOVER passes on; else 0 */
	int64_t qty;
	__int128 value_e8;
};

struct fb_ack {
	/* closed, sign of the position; 0: nothing, the order is gone */
	int64_t qty;
	__int128 value_e8; /* at which it closed */
};

struct fb_gateway;

struct fb_gateway_ops {
	/* 0 or -errno; the answer in *ack. */
	int (*hold)(struct fb_gateway *, const struct fb_order *, struct fb_ack *);
	int (*cancel_all)(struct fb_gateway *, const struct fb_order *, struct fb_ack *);
	int (*reduce)(struct fb_gateway *, const struct fb_order *, struct fb_ack *);
	int (*takeover)(struct fb_gateway *, const struct fb_order *, struct fb_ack *);
	int (*adl_pair)(struct fb_gateway *, const struct fb_order *, struct fb_ack *);
	int (*fund_move)(struct fb_gateway *, const struct fb_order *, struct fb_ack *);
	int (*release)(struct fb_gateway *, const struct fb_order *, struct fb_ack *);
};

struct fb_gateway {
	const struct fb_gateway_ops *ops;
	const struct fb_book *book;
};

/* A market of unlimited depth at the mark: hold, cancel_all, takeover and fund_move are done at
 * once; reduce fills whole at the mark if the mark is at or better than the limit, else not at all.
 * Marks are those of the book now. */
void fb_gateway_instant(struct fb_gateway *gateway, const struct fb_book *book);

const char *fb_verb_name(enum fb_verb verb);

/* Calls the verb's function. */
int fb_gateway_send(struct fb_gateway *gateway, const struct fb_order *order, struct fb_ack *ack);

#endif
