/* The governor's ledger: the orders that passed and are not answered yet, what they close of each
 * row of the book, and what the venue's answers have made of each account. It decides nothing: the
 * rules are in governor.c.
 *
 * Open orders lie in a pool, the one that was freed last is used first, so that the memory in use
 * is small and near. They are found by id through an index with open addressing, at most half full;
 * removal moves followers back. */
#ifndef FIREBREAK_GOVERNOR_LEDGER_H
#define FIREBREAK_GOVERNOR_LEDGER_H

#include <stdbool.h>

#include <firebreak/governor.h>

/* Four lines. HOLD, CANCEL_ALL and RELEASE name an account and nothing else, and use the first two:
 * what stands in the others is of an order before. */
struct fb_open_order {
	_Alignas(64) struct fb_order order;
	uint32_t account, counter, row, counter_row; /* indices in the book, or FB_NONE */
	/* REDUCE, TAKEOVER, ADL_PAIR: lots not filled yet, the mark when they were judged, and what
	 * they were worth at it. HOLD: the notional of the account */
	__int128 left;
	__int128 notional_e8;
	uint64_t fills;	     /* bit n - 1: fill n has come */
	uint32_t holds;	     /* of the account that bears it: of the bankrupt one in a spread */
	bool done;
	bool used; /* false: free */
	_Alignas(64) __int128 mark_e8; /* notional with the sign of qty */
	/* Exact, of the account; how far below and above the mark its lots may go, for rounding
	 * included. */
	__int128 equity_e8, lose_e8, spare_e8;
	__int128 counter_e8; /* equity of the other side of a pair */
	uint64_t u;
	uint32_t done_fills; /* REDUCE: what DONE has counted, when it has come */
	__int128 done_lots;
};
_Static_assert(sizeof(struct fb_open_order) == 256, "two lines and two");

/* A place of the index. */
struct fb_ledger_place {
	uint32_t home; /* where it would be if there were no others */
	uint32_t slot; /* in the pool, + 1; 0: empty */
};

/* Two lines; what is of moves of money is in the second. */
struct fb_governor_account {
	_Alignas(64) enum fb_confirmed confirmed;
	bool held, cancelled, was_bankrupt; /* the last two: since HOLD was done */
	uint32_t holds;			    /* changes with every HOLD and RELEASE that is done */
	uint32_t orders;		    /* passed in second `window` */
	int64_t window;
	__int128 held_notional_e8, closed_notional_e8; /* of this hold */
	__int128 spread_e8;			       /* of its deficit, passed on to payers */
	__int128 leaving_e8, coming_e8; /* open moves to the fund, and from it (not positive) */
};

struct fb_governor {
	const struct fb_book *book;
	struct fb_governor_caps caps;
	struct fb_governor_account *account; /* by index in the book, as reserved */
	int64_t *reserved;		     /* lots of the row that open orders close */
	struct fb_open_order *open; /* the pool: `max`, and one to try what will not fit */
	uint32_t *after;	    /* of a free one: the next that is, or FB_NONE */
	struct fb_ledger_place *place;
	uint32_t mask, count, max, free;
	struct fb_order_id last; /* the highest that passed, if any did */
	bool any, killed;
	uint64_t *settles; /* by symbol: the mark at which it may be settled; 0: not */
	int64_t window; /* second of the host's time, and what passed in it */
	uint32_t orders;
	__int128 notional_e8;
	uint64_t refused[FB_REFUSALS];
	uint32_t about; /* fb_governor_about */
};

static inline __int128 fb_ledger_lots(int64_t qty)
{
	return qty < 0 ? -(__int128)qty : qty;
}

static inline bool fb_ledger_closes(const struct fb_order *order)
{
	return order->verb == FB_VERB_REDUCE || order->verb == FB_VERB_TAKEOVER ||
	       order->verb == FB_VERB_ADL_PAIR;
}

/* The order names an account, and neither positions nor money. */
static inline bool fb_ledger_bare(const struct fb_order *order)
{
	return order->verb == FB_VERB_HOLD || order->verb == FB_VERB_CANCEL_ALL ||
	       order->verb == FB_VERB_RELEASE;
}

/* By epoch, then sequence, then index. */
static inline bool fb_ledger_after(const struct fb_order_id *a, const struct fb_order_id *b)
{
	if (a->epoch != b->epoch)
		return a->epoch > b->epoch;
	return a->sequence != b->sequence ? a->sequence > b->sequence : a->index > b->index;
}

/* The id is above all that passed: there is no such order in the ledger. */
static inline bool fb_ledger_new(const struct fb_governor *governor, const struct fb_order_id *id)
{
	return !governor->any || fb_ledger_after(id, &governor->last);
}

/* NULL: not open. */
const struct fb_open_order *fb_ledger_find(const struct fb_governor *governor,
					   const struct fb_order_id *id);
/* Field by field: what lies between the fields means nothing. */
bool fb_ledger_same(const struct fb_order *a, const struct fb_order *b);
/* Where the next order that passes will stand: what is written there before counts for nothing. */
struct fb_open_order *fb_ledger_blank(const struct fb_governor *governor);
/* What the order names, looked up in the book and valued at the mark; nothing is judged. */
void fb_ledger_look_up(const struct fb_governor *governor, const struct fb_order *order,
		       struct fb_open_order *out);
/* The blank, looked up, is an open order from now on. There must be room, and none with this id.
 * Reserves and counts what the order takes. */
void fb_ledger_add(struct fb_governor *governor, struct fb_open_order *blank);

#endif
