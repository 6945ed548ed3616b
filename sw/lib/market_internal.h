/* What the files of the simulated market share. See <firebreak/market.h>.
 *
 * market.c         options, opening, steps of time
 * market_rows.c    accounts and positions
 * market_book.c    the books: quotes, priority, what an order can get, impact
 * market_users.c   working orders and deposits of users
 * market_orders.c  orders by id: taken once, answered as often as they come
 * market_verbs.c   what each verb does
 * market_events.c  what is told, and when
 */
#ifndef MARKET_INTERNAL_H
#define MARKET_INTERNAL_H

#include <firebreak/market.h>

#include "idmap.h"

#define MARKET_PPB 1000000000
#define MARKET_ALL_E7 10000000
#define MARKET_QTY_MOST ((int64_t)1 << 46) /* lots of a position */
#define MARKET_TIME_MOST ((int64_t)1 << 62)
#define MARKET_HOUSES 16 /* accounts that takeovers may add beyond those asked for */

enum { MARKET_BIDS, MARKET_ASKS };
enum {
	MARKET_RESTING = 64, /* orders in one side of a book */
	MARKET_USERS = 48,   /* of them users' */
	MARKET_LEVELS = 8,   /* quoted by the other traders */
	MARKET_FILLS = 8,    /* told of one REDUCE */
};

/* Room for events that an answer, and a trade with all users of a side, may need: each twice. */
enum {
	MARKET_ROOM_ANSWER = 2 * (MARKET_FILLS + 1),
	MARKET_ROOM_CLOSE = 2,
	MARKET_ROOM_TRADE = MARKET_ROOM_ANSWER + 2 * MARKET_USERS,
};

/* `number` of a REJECT. */
enum market_reason {
	MARKET_BUSY = 1,	 /* by chance: reject_e7 */
	MARKET_NO_ACCOUNT = 2,	 /* unknown, or the counterparty is */
	MARKET_NO_POSITION = 3,	 /* unknown, of another account or symbol; the counter one too */
	MARKET_BAD_ORDER = 4,	 /* quantity, value, time in force or verb make no sense */
	MARKET_NO_ROOM = 5,	 /* for the position that a takeover opens */
};

struct market_row {
	uint32_t id, account, next; /* next row of the account or FB_NONE */
	uint16_t symbol;
	bool working; /* has an order in the book: one at most */
	int64_t qty;
};

struct market_account {
	uint32_t id, first, rows;
	uint32_t told;	     /* USER_FILL and DEPOSIT events so far: their numbers */
	uint32_t cancelling; /* CANCEL_ALLs without answer so far: no new working orders */
	bool held, worker, placed;
	int64_t told_us;    /* what is not slow is told at this time or later */
	uint64_t cancelled; /* arrival of the newest CANCEL_ALL that took effect */
};

struct market_resting {
	uint64_t price_e8;
	int64_t lots;
	uint32_t row; /* FB_NONE: other traders */
	bool reduces; /* closes its position; else it adds to it */
};

/* Best price first; at one price the older order first. */
struct market_side {
	unsigned n, users;
	int64_t quoted, width_ppb; /* when quoted last: lots, and distance of the last level */
	struct market_resting order[MARKET_RESTING];
};

struct market_symbol {
	struct market_side side[2];
	uint64_t reference_e8, mark_e8; /* 0: none yet */
	int64_t impact_ppb;
	__int128 lots[2]; /* sums of long and short positions */
	__int128 interest; /* the larger of them, at its highest */
	int64_t told[2];   /* depth, in DEPTH events */
};

struct market_fill {
	int64_t qty;
	__int128 value_e8;
};

enum market_state {
	MARKET_FREE,
	MARKET_ARRIVING, /* takes effect later */
	MARKET_ANSWERED, /* the answer is known */
};

struct market_order {
	struct fb_order order;
	uint32_t next; /* with the same hash, or free */
	uint8_t state;
	uint8_t kind; /* of the answer */
	bool told;    /* DONE or REJECT was polled: the order is closed */
	uint32_t cancels; /* CANCEL_ALL that waits: index of the account; else FB_NONE */
	uint32_t number;
	uint64_t arrival;
	int64_t qty; /* of DONE, like value_e8 */
	__int128 value_e8;
	unsigned fills;
	struct market_fill fill[MARKET_FILLS];
};

/* Something due later: an event to be told, or an order that takes effect. Orders are served by
 * (due_us, turn). */
struct market_due {
	int64_t due_us;
	uint64_t turn;
	uint32_t order; /* index; FB_NONE: no order's answer */
	struct fb_event event;
};
struct market_queue {
	struct market_due *due; /* a heap */
	size_t n, max;
};

struct fb_market {
	struct fb_venue venue;
	const struct fb_rules *rules;
	struct fb_market_options options;
	uint64_t seed, drawn, turns, arrivals;
	int64_t now_us;

	size_t accounts, accounts_max, rows, rows_max, workers;
	struct market_account *account;
	struct market_row *row;
	uint32_t *worker; /* indices of accounts that have working orders at times */
	struct fb_idmap account_map, row_map;

	struct market_symbol *symbol;

	struct market_order *order;
	uint32_t *bucket; /* heads of chains, 2^bucket_bits */
	unsigned bucket_bits;
	uint32_t orders_free;
	size_t orders_max, orders_open;
	uint32_t *closed; /* ring of closed orders, oldest first */
	size_t closed_first, closed_n, closed_max;

	struct market_queue events, effects;
	uint32_t paid_e7; /* of a withdrawal: GATE */
	bool *settled;	  /* by symbol */
	size_t reserved; /* events that orders on their way in may need */
};

/* ---- seeded choices ---- */
uint32_t fb_market_draw(struct fb_market *m, uint32_t n); /* 0..n-1 */
bool fb_market_chance(struct fb_market *m, uint32_t share_e7);

static inline int64_t fb_market_size(int64_t qty)
{
	return qty < 0 ? -qty : qty;
}

/* ---- accounts and positions ---- */
uint32_t fb_market_account_index(const struct fb_market *m, uint32_t id);
uint32_t fb_market_row_index(const struct fb_market *m, uint32_t id);
/* Finds or makes it. FB_NONE: no room. */
uint32_t fb_market_account_make(struct fb_market *m, uint32_t id);
uint32_t fb_market_row_make(struct fb_market *m, uint32_t account, uint32_t id, uint16_t symbol);
/* Changes a position by so many lots; the result must be within MARKET_QTY_MOST. */
void fb_market_move(struct fb_market *m, uint32_t row, int64_t by);

/* ---- books ---- */
/* What qty lots are worth at a price; false: beyond what a row can hold. */
bool fb_market_value(const struct fb_market *m, uint16_t symbol, int64_t qty, uint64_t price_e8,
		     int64_t *value_e8);
/* The side of the book into which `qty` lots of a position can be closed. */
unsigned fb_market_exit_side(const struct fb_market *m, uint16_t symbol, int64_t qty);
/* What a resting order at this side can trade now with `taker` (index; FB_NONE: anybody). */
int64_t fb_market_usable(const struct fb_market *m, uint16_t symbol, unsigned side,
			 const struct market_resting *resting, uint32_t taker);
void fb_market_rest(struct market_side *s, unsigned side, const struct market_resting *order);
void fb_market_unrest(struct market_side *s, unsigned at);
/* New price, new quotes; users' orders that the price reached are filled in between. */
void fb_market_quote(struct fb_market *m, uint16_t symbol, uint64_t reference_e8);
/* Lots within half a percent of the mark. */
int64_t fb_market_depth(const struct fb_market *m, uint16_t symbol, unsigned side);

/* What a REDUCE of `lots` can get within its limit, in pieces of at most `piece` lots. */
struct market_plan {
	unsigned fills;
	struct market_fill fill[MARKET_FILLS];
	int64_t lots;
	__int128 value_e8;
};
void fb_market_plan(const struct fb_market *m, const struct fb_order *order, uint32_t taker,
		    int64_t lots, int64_t piece, struct market_plan *out);
/* Takes it from the book. */
void fb_market_take(struct fb_market *m, const struct fb_order *order, uint32_t taker,
		    int64_t lots);

/* ---- users ---- */
/* A resting order of a user trades. */
void fb_market_user_fill(struct fb_market *m, uint16_t symbol, unsigned side,
			 const struct market_resting *resting, int64_t lots);
/* Fills what the mark has reached, and drops what can trade no more. */
void fb_market_users_reached(struct fb_market *m, uint16_t symbol);
void fb_market_users_step(struct fb_market *m);
void fb_market_users_cancel(struct fb_market *m, uint32_t account);
void fb_market_row_cancel(struct fb_market *m, uint32_t row);
/* Trading in the symbol ends: no working order, no position. */
void fb_market_users_settle(struct fb_market *m, uint16_t symbol);

/* ---- orders ---- */
int fb_market_orders_open(struct fb_market *m, size_t orders);
void fb_market_orders_close(struct fb_market *m);
int fb_market_send(struct fb_venue *venue, const struct fb_order *order);
/* An order on its way in has arrived. */
void fb_market_effect(struct fb_market *m, uint32_t index);
/* The answer to an order was told. */
void fb_market_closed(struct fb_market *m, uint32_t index, const struct fb_event *event);
/* Does what the order says, and leaves the answer in it. */
void fb_market_execute(struct fb_market *m, struct market_order *o);

/* ---- events ---- */
int fb_market_events_open(struct fb_market *m, size_t events, size_t effects);
void fb_market_events_close(struct fb_market *m);
size_t fb_market_room(const struct fb_market *m);
int64_t fb_market_delay(struct fb_market *m, bool slow); /* microseconds from now */
/* The time so many microseconds after t, rounded up to a millisecond. */
int64_t fb_market_after(int64_t t_us, int64_t delay_us);
void fb_market_tell(struct fb_market *m, int64_t due_us, uint32_t order,
		    const struct fb_event *event);
void fb_market_tell_user(struct fb_market *m, uint32_t account, struct fb_event *event);
void fb_market_later(struct fb_market *m, int64_t due_us, uint32_t order);
/* Lets orders take effect that were due up to now. */
void fb_market_effects_due(struct fb_market *m);
int fb_market_poll(struct fb_venue *venue, int64_t until_us, struct fb_event *out, size_t room,
		   int64_t *at_us);

#endif
