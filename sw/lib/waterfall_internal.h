/* What the files of the waterfall share. See <firebreak/waterfall.h>. */
#ifndef WATERFALL_INTERNAL_H
#define WATERFALL_INTERNAL_H

#include <firebreak/confirm.h>
#include <firebreak/waterfall.h>

#include "conditions.h"
#include "waterfall_tap.h"

#define FB_FILLS_MAX 64u /* parts in which one reduction may be filled */
#define FB_RATE_ONE 10000000
#define FB_PAUSE_US 100000 /* before a step that moved nothing is tried again */

/* How far the losses of an account have gone down the waterfall. */
enum fb_stage {
	FB_STAGE_REDUCE,
	FB_STAGE_LAST_TRY, /* one more reduction, beyond bankruptcy */
	FB_STAGE_TAKEOVER,
	FB_STAGE_ADL,
	FB_STAGE_BOOK, /* reductions, where the market comes after everybody else */
	FB_STAGE_LAST
};

/* Three lines. What every verdict and every order look at is in the first; the rest is money. */
struct fb_case {
	_Alignas(64) uint8_t state;
	uint8_t stage;
	bool hold_done, closing; /* closing: counted as liquidated */
	bool last_tried;	 /* that reduction was sent */
	bool called;		 /* told of a margin call beyond the cancel level */
	bool progressed;	 /* something moved since the last step */
	uint8_t idle;		 /* steps in a row that moved nothing */
	bool turned_away;	 /* waits for the round of others to end */
	bool deferred;		 /* in this step: the same may pass later */
	uint16_t symbol;	 /* of its largest position when it was taken: whose pool pays */
	uint32_t steps;		 /* reductions since it was taken */
	uint32_t open;		 /* orders */
	uint32_t told;		 /* number of the newest own event */
	uint32_t short_row;	 /* of which a house was offered more than it took; FB_NONE */
	int64_t not_before_us;	 /* no step earlier */
	int64_t taken_us;
	int64_t cool_until_us;	 /* of reductions; outlives a release */
	_Alignas(64) __int128 freed_e15; /* of its shortage, by reductions since it was taken */
	__int128 to_fund_e8;	 /* paid to the fund since it was taken; negative: by the fund */
	__int128 asked_e8, paid_e8; /* of its profit, for losses of others */
	__int128 owed_e8;	 /* when last judged: what it lacks, and nobody is about to pay */
	__int128 borne_e8;	 /* by the fund, of what its pairs are short of; not paid yet */
	__int128 earmark_e8;	 /* paid by others into the fund for this account's deficit */
};

enum fb_purpose {
	FB_FOR_STATE,	  /* HOLD, CANCEL_ALL, RELEASE: one order, the state waits for it */
	FB_FOR_CUT,	  /* taker fee */
	FB_FOR_CLOSING,	  /* both fees */
	FB_FOR_UNWINDING, /* no fees */
	FB_FOR_STEP,	  /* takeover, pair, withdrawal */
	FB_FOR_SETTLING,  /* money between the account and the fund */
	FB_FOR_SPREAD,	  /* money from `counter`, for the account's deficit */
	FB_FOR_VENUE,	  /* of no account: gate, settlement of a symbol */
};

/* Four lines. Orders that move neither lots nor money (HOLD, CANCEL_ALL, RELEASE, and those of the
 * venue) have neither row nor counter, and use the first two: what stands in the others is of an
 * order before. */
struct fb_open {
	_Alignas(64) struct fb_order order;
	uint32_t account, row, counter, counter_row; /* indices or FB_NONE */
	uint32_t next;				     /* of the same hash, or free */
	uint32_t slot_before, slot_after;	     /* list of open orders, oldest first */
	uint8_t purpose;
	bool done; /* DONE came; fills may be missing */
	uint32_t times, rank;
	int64_t sent_us;
	uint64_t fills_seen; /* bit n - 1: fill number n was booked */
	uint32_t fills, fills_told;
	int64_t filled;
	__int128 filled_e8;
	/* TAKEOVER, FUND_MOVE: what the house cannot give to another meanwhile */
	__int128 reserved_loss_e8, reserved_notional_e8;
	__int128 bankruptcy_e8; /* REDUCE: of all its lots when it was sent */
	uint64_t window; /* of the backstop, and day of the fund, in which the reserves count */
	int64_t day;
	uint16_t pool; /* symbol whose pool bears the fund's loss */
};
_Static_assert(offsetof(struct fb_open, filled) == 128 && sizeof(struct fb_open) == 256,
	       "two lines and two");

struct fb_house {
	uint32_t account; /* FB_NONE: there is none */
	uint32_t cap_e7;
	__int128 reserved_loss_e8, reserved_notional_e8, earmarked_e8;
	uint64_t window; /* number of the one that `taken` is of */
	__int128 taken_e8; /* notional */
};
enum { FB_BACKSTOP, FB_FUND, FB_HOUSES };

struct fb_fund; /* waterfall_fund.h: pools, caps, drawdown */
#define FB_POOL_COMMON UINT16_MAX /* of no symbol */

struct fb_waterfall {
	struct fb_book *book;
	const struct fb_rules *rules;
	const struct fb_policy *policy;
	const struct fb_waterfall_ops *ops;
	void *context;
	const struct fb_tap *tap; /* NULL: nobody looks on */
	const struct fb_conditions *conditions; /* NULL: nothing is frozen or adapted */
	uint32_t epoch;
	unsigned act_level; /* fb_waterfall_act_level */
	uint32_t acts_on;   /* the account whose order is on its way to the op: a hint */
	int64_t time_us;
	uint64_t sequence; /* of the newest order id */
	uint32_t index;	   /* of the next one of that sequence */
	struct fb_case *cases;
	bool *held;
	uint32_t *owner;
	uint32_t *by_id, sorted; /* indices of the first `sorted` accounts, in rising id */
	/* open orders */
	struct fb_open *slot;
	uint32_t free, first, last, open;
	uint32_t *bucket, mask;
	struct fb_house house[FB_HOUSES];
	/* lots: bids, asks; FB_UNKNOWN_DEPTH before the first DEPTH */
	int64_t (*depth)[2];
	/* of it, what this decision or tick may still use; computed when it is first asked for */
	int64_t (*depth_left)[2];
	uint64_t (*depth_round)[2], depth_rounds;
	uint32_t depth_share_e7;
	bool depth_adapts;
	struct fb_adl *adl;
	struct fb_adl_order order;
	struct fb_prices *prices;
	struct fb_adl_need *need;
	uint32_t *need_judged; /* index in `judged` of the decision */
	size_t needs, needs_max;
	struct fb_adl_pair *pair;
	size_t pairs_max;
	uint32_t pairs_open;
	uint32_t *turned_away, turned; /* accounts to be judged when the last pair is answered */
	int64_t *promised; /* by row: lots that open pairs of others close */
	int64_t *began;	   /* by row: lots when liquidation began */
	bool *full;	   /* by row: the houses took what they had room for */
	struct fb_fund *fund;
	__int128 owed_e8; /* by all accounts */
	uint32_t gate_e7, gate_asked_e7; /* in force; told to the venue last */
	bool gate_sent;			 /* and not yet answered */
	struct fb_final *final;		 /* by symbol */
	unsigned finals;		 /* of them begun and not yet done */
	struct fb_waterfall_counts counts;
	uint64_t hits[FB_STATES][FB_HAPPENINGS];
};
#define FB_UNKNOWN_DEPTH INT64_MAX

/* A symbol on its way to be settled. */
enum fb_final_step { FB_FINAL_NOT, FB_FINAL_ASKED, FB_FINAL_SENT, FB_FINAL_CLOSING, FB_FINAL_DONE };
struct fb_final {
	uint8_t step;
	bool skipped;	/* a row, in this pass */
	uint32_t open;	/* orders in the symbol */
	uint32_t next;	/* row at which closing goes on */
	uint64_t u;	/* the price */
	__int128 qty, value_e8; /* sums of what was closed: signed lots, and what they were worth */
};

/* One position of an account with what it is worth. */
struct fb_closing {
	uint32_t row;
	int64_t qty;
	struct fb_row_value at_mark;
	__int128 bankruptcy_e8; /* of all of it, not below 0 for a long */
};

/* --- waterfall.c --- */
int fb_waterfall_dispatch(struct fb_waterfall *w, uint32_t account, enum fb_happening what,
			  const struct fb_judged *judged);
void fb_waterfall_enter(struct fb_waterfall *w, uint32_t account, enum fb_state state);
int fb_waterfall_note(struct fb_waterfall *w, uint32_t account, enum fb_notice_kind kind,
		      int64_t qty, __int128 value_e8);
/* Memory is asked for the case of an account whose turn comes soon. */
void fb_waterfall_fetch(const struct fb_waterfall *w, uint32_t account);
bool fb_waterfall_is_house(const struct fb_waterfall *w, uint32_t account);

/* --- waterfall_orders.c --- */
int fb_orders_open(struct fb_waterfall *w, uint32_t slots);
void fb_orders_close(struct fb_waterfall *w);
/* 0: open now; 1: not sent, and the account was told so (FB_REFUSED or FB_DEFERRED); -errno. The
 * caller fills order.verb, value and what the verb needs; ids are filled in here. */
int fb_orders_send(struct fb_waterfall *w, struct fb_open *open);
int fb_orders_again(struct fb_waterfall *w, uint32_t slot);
struct fb_open *fb_orders_find(struct fb_waterfall *w, const struct fb_order_id *id);
/* Forgets it; the account's count of open orders goes down. */
void fb_orders_end(struct fb_waterfall *w, struct fb_open *open);
/* An order of the account alone. */
int fb_orders_single(struct fb_waterfall *w, uint32_t account, enum fb_verb verb,
		     enum fb_purpose purpose);

/* --- waterfall_fill.c: what answers do to the book --- */
/* n lots of the row (n > 0) pass to a house at value_e8 (sign of the row). -ERANGE: they do not
 * fit. */
int fb_fill_to_house(struct fb_waterfall *w, uint32_t row, uint32_t house_id, int64_t n,
		     __int128 value_e8);
bool fb_fill_fits(const struct fb_waterfall *w, uint32_t row, uint32_t house_id, int64_t n,
		  __int128 value_e8);
int fb_fill_pair(struct fb_waterfall *w, uint32_t row, uint32_t counter_row, int64_t n,
		 __int128 value_e8);
/* The fund sells qty lots to the street, which an account no longer had. */
int fb_fill_houses(struct fb_waterfall *w, uint16_t symbol, int64_t qty, __int128 value_e8);
bool fb_fill_houses_fit(const struct fb_waterfall *w, uint16_t symbol, int64_t qty,
			__int128 value_e8);
int fb_fill_user(struct fb_waterfall *w, uint32_t row, int64_t qty, __int128 value_e8);
/* From one account's collateral to another's. */
int fb_fill_money(struct fb_waterfall *w, uint32_t from_id, uint32_t to_id, __int128 amount_e8);
/* --- waterfall_fees.c --- */
/* The fees of n lots (n > 0) of an order, closed for value_e8 and booked. */
int fb_fill_fees(struct fb_waterfall *w, const struct fb_open *open, int64_t n, __int128 value_e8);

/* --- waterfall_size.c --- */
/* The account's positions in order of id, without what is promised to open pairs of others. */
size_t fb_size_all(const struct fb_waterfall *w, uint32_t account, __int128 equity_e8,
		   struct fb_closing out[FB_ROWS_PER_ACCOUNT]);
/* Of them those whose symbol is not frozen: what may be closed. */
size_t fb_size_plan(const struct fb_waterfall *w, uint32_t account, __int128 equity_e8,
		    struct fb_closing out[FB_ROWS_PER_ACCOUNT]);
/* Everything that the account has is frozen. */
bool fb_size_frozen(const struct fb_waterfall *w, uint32_t account);
/* floor(value x n / all), toward minus infinity; 0 <= n <= all, all > 0. */
__int128 fb_size_part(__int128 value_e8, __int128 n, __int128 all);
/* Each returns how many orders it sent, or -errno. */
int fb_size_cut(struct fb_waterfall *w, const struct fb_judged *j);
/* last: all of it, beyond bankruptcy, whole or not at all. */
int fb_size_reduce(struct fb_waterfall *w, const struct fb_judged *j, bool last);
int fb_size_unwind(struct fb_waterfall *w, uint32_t account);
/* A decision or a tick begins: it may use this share of the depth that is known now. */
static inline void fb_size_renew_depth(struct fb_waterfall *w, uint32_t share_e7, bool adapts)
{
	w->depth_rounds++;
	w->depth_share_e7 = share_e7;
	w->depth_adapts = adapts;
}

/* --- waterfall_style.c: what a step of liquidation closes --- */
struct fb_portion {
	int64_t lots; /* at most the position; 0: nothing of it in this step */
	bool fok;
};
/* A portion for each position. */
void fb_style_portions(const struct fb_waterfall *w, const struct fb_judged *j,
		       const struct fb_closing *closing, size_t n, struct fb_portion *out);
/* Index of the positions in the order in which they are closed. */
void fb_style_order(const struct fb_waterfall *w, const struct fb_closing *closing, size_t n,
		    uint16_t *out);
/* The limit for all of the position. last: the try beyond bankruptcy. */
__int128 fb_style_limit(const struct fb_waterfall *w, const struct fb_judged *j,
			const struct fb_closing *closing, bool last);
/* No reduction yet. */
bool fb_style_waits(const struct fb_waterfall *w, const struct fb_case *c);
/* n lots of the row are closed: what that takes off the shortage of its account. */
__int128 fb_style_freed(const struct fb_waterfall *w, uint32_t row, int64_t n);

/* --- waterfall_house.c --- */
void fb_house_open(struct fb_waterfall *w);
struct fb_sums fb_house_sums(const struct fb_waterfall *w, uint32_t account);
/* Equity of the fund that is not promised, at least 0. */
__int128 fb_house_free(const struct fb_waterfall *w);
void fb_house_reserve(struct fb_waterfall *w, struct fb_open *open, int sign);
/* Number of the backstop's window at this time. */
uint64_t fb_house_window(const struct fb_waterfall *w);
/* A takeover moved n lots only, or a payment nothing (n = 0): the rest is given back to the
 * window or the day, if it is still the same. */
void fb_house_return(struct fb_waterfall *w, const struct fb_open *open, int64_t n);
int fb_house_takeover(struct fb_waterfall *w, const struct fb_judged *j);
int fb_house_last_resort(struct fb_waterfall *w, const struct fb_judged *j);

/* --- waterfall_price.c: of [adl] --- */
int fb_price_open(struct fb_waterfall *w);
void fb_price_close(struct fb_waterfall *w);
struct fb_adl_rules fb_price_rules(const struct fb_waterfall *w);
/* A decision begins. */
void fb_price_marks(struct fb_waterfall *w);
/* A round begins; and needs of a symbol so far. */
void fb_price_round(struct fb_waterfall *w);
uint64_t fb_price_rounds(const struct fb_waterfall *w, uint16_t symbol);
/* What all lots of a position ask for in a round. */
__int128 fb_price_need(const struct fb_waterfall *w, const struct fb_closing *closing);
/* Cancels the counterparty's orders, if the pack does and this round has not yet. 0 or -errno. */
int fb_price_cancel(struct fb_waterfall *w, const struct fb_adl_pair *pair);
/* After a pair moved lots worth so much: who pays for it. */
int fb_price_fees(struct fb_waterfall *w, const struct fb_open *open,
		  unsigned __int128 notional_e8);

/* --- waterfall_settle.c --- */
/* An account without positions: 0 or -errno; enters the state that follows. */
int fb_settle(struct fb_waterfall *w, const struct fb_judged *j);

/* --- waterfall_venue.c: orders of no account --- */
int fb_venue_send(struct fb_waterfall *w, enum fb_verb verb, uint16_t symbol, __int128 value_e8);
int fb_venue_answered(struct fb_waterfall *w, const struct fb_open *open, bool rejected);
/* After a decision: what is owed, and whether the gate must change. */
int fb_gate_look(struct fb_waterfall *w, const struct fb_judged *judged, size_t n);
int fb_gate_tick(struct fb_waterfall *w);
/* An account deposits (or withdraws: value < 0, of which so much was withheld). -EINVAL: that
 * cannot be. */
int fb_gate_deposit(struct fb_waterfall *w, uint32_t account, __int128 value_e8, int64_t withheld);

/* --- waterfall_final.c: final settlement of a symbol --- */
static inline bool fb_final_begun(const struct fb_waterfall *w, uint16_t symbol)
{
	return w->final[symbol].step != FB_FINAL_NOT;
}
int fb_final_answered(struct fb_waterfall *w, uint16_t symbol, bool rejected);
int fb_final_tick(struct fb_waterfall *w);
/* Somebody traded in it nevertheless. */
void fb_final_touched(struct fb_waterfall *w, uint16_t symbol);
/* Nothing to be done with the account until then: all it has is in symbols that are being
 * settled. */
bool fb_final_waits(const struct fb_waterfall *w, uint32_t account);

/* --- waterfall_step.c --- */
int fb_step(struct fb_waterfall *w, const struct fb_judged *j, enum fb_happening seen);
/* Deleverages for all accounts that asked for it in this decision. */
int fb_step_round(struct fb_waterfall *w, const struct fb_judged *judged);

#endif
