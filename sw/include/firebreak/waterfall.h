/* The waterfall: what happens to an account that falls below its margin, as a state machine.
 *
 * An account is in one state; everything that can happen to it is an event; the table in
 * waterfall_table.c says for every pair what is done and which state follows (sw/waterfall.md is
 * that table printed). Events come from sequenced inputs only: verdicts (the account judged on the
 * newest state of the book), the venue's answers, fills, deposits, ticks of time, the governor, an
 * operator. So a replay of the inputs goes through the same states and sends the same orders.
 *
 * The steps, in order; a pack's policy (inputs.h) says which exist:
 *
 *   notice        warned, margin call: nothing is sent to the venue
 *   clear         working orders are cancelled
 *   hold          no new orders of the account; nothing is sized before this is done
 *   cancel        working orders are closed; nothing is reduced before this is done
 *   cut           below liquidation: a share of every position is sold; judged afresh; again
 *   reduce        at liquidation: positions are cut to the next lower tier, where there is one,
 *                 else whole; sized by the depth known, with the bankruptcy value as limit
 *   takeover      the backstop, then the fund take positions at the bankruptcy value, as far as
 *                 their caps and their equity go
 *   deleverage    in rounds (adl.h), at the bankruptcy value or the mark
 *   last resort   nobody is left to deleverage: the fund takes over at the mark, whatever its cap
 *   settle        what is left goes to the fund or stays; what is missing comes from the fund as
 *                 far as its equity goes, the rest from accounts in profit, in proportion to it
 *   release       recovered: what is open is cancelled, and the account may trade again
 *
 * Bankruptcy value of a position: B = value at the mark - its share of the account's equity, shares
 * being proportional to the positions' maintenance margin (venues.md section 2, the account-level
 * form: closing at B keeps the margin ratio). Closing every position at B leaves exactly 0.
 *
 * Fees are taken at reductions, from equity above 0 only: taker fee, and at liquidation (not for
 * cuts) the liquidation fee, which goes to the fund.
 *
 * Deleveraging ends: each round that moves a lot lowers open interest, which is a whole number; a
 * round that moves none raises `idle` of the account, and after `tries` of those comes the last
 * resort, which needs no counterparty.
 *
 * The fund and the backstop are accounts like others, with three differences: they are never cut
 * or liquidated by margin; what they hold is unwound through the book at each tick; bankrupt, they
 * are deleveraged.
 *
 * One thread; no allocation after open. The venue is not trusted: an answer that does not belong to
 * an open order, or tells more than was asked, is counted in `violations` and changes nothing.
 */
#ifndef FIREBREAK_WATERFALL_H
#define FIREBREAK_WATERFALL_H

#include <firebreak/adl.h>
#include <firebreak/gateway.h>
#include <firebreak/governor.h>
#include <firebreak/inputs.h>

enum fb_state {
	FB_CALM = 0,	  /* at rest */
	FB_WARNED,	  /* at rest, and warned */
	FB_CALLED,	  /* at rest, after a margin call */
	FB_CLEARING,	  /* CANCEL_ALL sent, without hold */
	FB_CLEARED,	  /* at rest, working orders cancelled */
	FB_UNWINDING,	  /* a house account: reductions open */
	FB_HOLDING,	  /* HOLD sent */
	FB_HELD,	  /* held; working orders may be there */
	FB_CANCELLING,	  /* held, CANCEL_ALL sent */
	FB_READY,	  /* held, nothing open: the next step is due */
	FB_REDUCING,	  /* held, reductions open */
	FB_WITHDRAWING,	  /* held and recovered: reductions open, being cancelled */
	FB_TAKING_OVER,	  /* held, takeovers open */
	FB_DELEVERAGING,  /* held, ADL pairs open */
	FB_SETTLING,	  /* held, moves of money open */
	FB_RELEASING,	  /* RELEASE sent */
	FB_CLOSED,	  /* held, no position and no money */
	FB_STUCK,	  /* refused by the governor: waits for an operator */
	FB_STATES
};

enum fb_happening {
	/* verdicts */
	FB_SEEN_CALM = 0,
	FB_SEEN_WARN,
	FB_SEEN_CALL,
	FB_SEEN_CLEAR,	  /* at the level where working orders are cancelled */
	FB_SEEN_CUT,	  /* at the level where positions are cut */
	FB_SEEN_BREACH,	  /* at the liquidation level, equity >= 0 */
	FB_SEEN_BANKRUPT, /* equity < 0 */
	FB_SEEN_FLAT,	  /* held, no position left, equity >= 0 and not to be kept */
	/* answers */
	FB_HOLD_DONE,
	FB_HOLD_REJECTED,
	FB_CANCEL_DONE,
	FB_CANCEL_REJECTED,
	FB_RELEASE_DONE,
	FB_RELEASE_REJECTED,
	FB_FILLED,	/* part of a reduction */
	FB_ORDER_DONE,	/* a reduction, takeover, pair or move is closed or rejected */
	FB_ORDERS_DONE, /* the last that was open */
	/* from outside */
	FB_USER_FILLED,
	FB_DEPOSITED,
	FB_UNWIND_DUE, /* tick: a house account has positions and nothing is open */
	FB_TIMED_OUT,  /* tick: an open order had no answer */
	FB_REFUSED,    /* the governor refuses an order */
	FB_DEFERRED,   /* kill switch, a cap, or no room: the same may pass later */
	FB_RESUMED,    /* an operator says: try again */
	FB_HAPPENINGS
};

enum fb_action {
	FB_DO_NEVER = 0, /* cannot come in this state; counted as a violation if it does */
	FB_DO_NOTHING,
	FB_DO_GO,      /* only the state changes */
	FB_DO_NOTE,    /* notice to the account's holder */
	FB_DO_JUDGE,   /* to be judged at this decision */
	FB_DO_HOLD,
	FB_DO_CLEAR,   /* CANCEL_ALL without hold */
	FB_DO_CANCEL,
	FB_DO_STEP,    /* the next step; the state follows from it */
	FB_DO_WITHDRAW, /* CANCEL_ALL for what is open */
	FB_DO_RELEASE,
	FB_DO_UNWIND,
	FB_DO_AGAIN,   /* send again */
	FB_DO_STOP,    /* alarm */
	FB_DO_RESUME,  /* held: HELD; orders open: WITHDRAWING; else CALM */
	FB_ACTIONS
};

struct fb_cell {
	uint8_t action, next;
};
/* next: what the state becomes if the action succeeds. */
extern const struct fb_cell fb_waterfall_table[FB_STATES][FB_HAPPENINGS];
const char *fb_state_name(enum fb_state state);
const char *fb_happening_name(enum fb_happening happening);
const char *fb_action_name(enum fb_action action);

/* To the holder of an account, or an alarm to the venue's operator. */
enum fb_notice_kind {
	FB_NOTICE_WARNED = 1,
	FB_NOTICE_CALLED,
	FB_NOTICE_CALM,	      /* back to calm */
	FB_NOTICE_LIQUIDATED, /* taken: equity in value_e8 */
	FB_NOTICE_CLOSED,     /* settled; value_e8: to the fund, negative: from it */
	FB_NOTICE_RELEASED,
	FB_NOTICE_DELEVERAGED, /* counterparty: position, lots closed (qty), value, rank */
	FB_NOTICE_SPREAD,      /* pays value_e8 of a loss */
	FB_NOTICE_STUCK,       /* alarm: qty is the governor's reason */
	FB_NOTICE_FUND,	       /* to all: qty is the fund's state in the symbol, value its fall */
	FB_NOTICE_FROZEN,      /* a symbol: rank is the cause, value_e8 the mark */
	FB_NOTICE_THAWED,
	/* Statement of a symbol: qty is the newest rate (1e-12), value_e8 what was paid since the
	 * statement before, rank how many payments that were. */
	FB_NOTICE_FUNDING,
	FB_NOTICE_GATE,	       /* to all: of withdrawals qty is paid, in 1e-7; value is owed */
	FB_NOTICE_SETTLED,     /* to all: the symbol is closed; value: of a lot, 1e-8 / 2^16 */
	FB_NOTICE_KINDS
};
struct fb_notice {
	uint32_t account, position;
	uint32_t rank;
	uint16_t symbol;
	uint8_t kind, zero;
	int64_t qty;
	struct fb_i128 value_e8;
};
FB_STATIC_ASSERT(sizeof(struct fb_notice) == 40, "fb_notice has no hidden padding");
const char *fb_notice_name(enum fb_notice_kind kind);

/* An account judged on the newest state. */
struct fb_judged {
	uint32_t account;
	uint8_t reached_1; /* fb_judged_level of one who was calm, + 1; 0: nobody has asked */
	/* The sums as the venue computes them, or NULL if it does so, too: breaches are judged by
	 * them, money by those below. */
	const struct fb_sums *venue;
	struct fb_sums sums;
};
FB_STATIC_ASSERT(sizeof(struct fb_judged) == 64, "one line");

/* How far the fund has fallen in a symbol; FB_FUND_ADL: it takes over nothing there. */
enum fb_fund_state { FB_FUND_NORMAL, FB_FUND_WARNING, FB_FUND_ADL };

struct fb_waterfall_ops {
	/* 0: on its way; > 0: enum fb_refusal; -errno. again: an open order is sent once more. */
	int (*order)(void *context, const struct fb_order *order, bool again);
	/* seq and MORE are filled in by the receiver. */
	int (*command)(void *context, union fb_command *command);
	int (*notice)(void *context, const struct fb_notice *notice);
	/* Judge this account at the next decision, and from then on until it is at rest. */
	void (*watch)(void *context, uint32_t account);
	/* An order of this account may come soon: memory may be asked for what is known of it. May
	 * be NULL; nothing follows from it. */
	void (*soon)(void *context, uint32_t account);
	/* These n are decided on next, in this order, and nobody else before: whoever has to know
	 * what was found of them hears it now. May be NULL. */
	void (*decides)(void *context, const struct fb_judged *judged, size_t n);
};

struct fb_waterfall_counts {
	uint64_t warnings, calls, clears, cuts, reductions, takeovers, backstop_takeovers;
	uint64_t counter_cancels; /* orders to cancel those of counterparties */
	uint64_t pairs, adl_rounds, last_resorts, moves, spreads, released, closed;
	/* accounts taken (first order of a liquidation), of them bankrupt then */
	uint64_t liquidations, bankrupt;
	uint64_t orders, resent, rejects, refused, deferred, late_fills, unwinds;
	uint64_t strays;     /* answers to orders that are not open: told twice, or too late */
	uint64_t violations; /* answers that cannot be true */
	uint64_t nobody;     /* steps that found nobody to take a position */
	uint64_t fund_states; /* changes of enum fb_fund_state */
	uint64_t gates;	      /* times that what is paid of withdrawals changed */
	uint64_t leaks;	      /* withdrawals told while none may be made */
	uint64_t settled, settled_rows; /* symbols, and positions in them */
	__int128 notional_closed_e8, adl_notional_e8;
	__int128 adl_fees_e8;
	__int128 taker_fees_e8, liquidation_fees_e8, spread_e8;
	__int128 made_up_e8; /* by the fund, for fills beyond bankruptcy */
};

struct fb_waterfall;

/* The book has its final capacity. rules must outlive the waterfall. -ENOMEM. */
int fb_waterfall_open(struct fb_book *book, const struct fb_rules *rules, uint32_t epoch,
		      const struct fb_waterfall_ops *ops, void *context, struct fb_waterfall **out);
void fb_waterfall_close(struct fb_waterfall *waterfall);

void fb_waterfall_owner(struct fb_waterfall *waterfall, uint32_t account, uint32_t owner);

/* All return 0 or -errno of an op. */
/* Time goes on: orders without answer are sent again, houses unwind. */
int fb_waterfall_tick(struct fb_waterfall *waterfall, int64_t time_us);
/* Time goes on within a tick. */
void fb_waterfall_time(struct fb_waterfall *waterfall, int64_t time_us);
/* The index price of a symbol, as unit value; what `price = oracle` of [adl] takes. */
void fb_waterfall_oracle(struct fb_waterfall *waterfall, uint16_t symbol, uint64_t u);
/* FUNDING of this rate is about to be applied: what `funding_factor` of [adl] takes. */
void fb_waterfall_funded(struct fb_waterfall *waterfall, uint16_t symbol, int64_t rate);
/* One event of the venue. */
int fb_waterfall_event(struct fb_waterfall *waterfall, const struct fb_event *event);
/* A level record below every level at which the rules act: notices only. */
int fb_waterfall_level(struct fb_waterfall *waterfall, uint32_t account, unsigned level);
/* Verdicts on judged accounts, in canonical order; what is due is sized and sent. */
int fb_waterfall_decide(struct fb_waterfall *waterfall, const struct fb_judged *judged, size_t n);
int fb_waterfall_resume(struct fb_waterfall *waterfall);
/* From now on the symbol is settled: at its mark as it is now, as soon as the venue has stopped
 * trading in it and no order of ours in it is open. What is done in a tick of it is bounded.
 * -EINVAL: the pack has no settlement, or there is no such symbol; -EALREADY: it is. */
int fb_waterfall_settle(struct fb_waterfall *waterfall, uint16_t symbol);
/* It is closed: no position is left in it. */
bool fb_waterfall_settled(const struct fb_waterfall *waterfall, uint16_t symbol);
/* What is paid of a withdrawal now, in 1e-7, as the venue has confirmed. */
uint32_t fb_waterfall_gate(const struct fb_waterfall *waterfall);

/* The lowest level at which the rules act. */
unsigned fb_waterfall_act_level(const struct fb_rules *rules);
/* The lowest at which they go on with an account that is in the waterfall; and the part of its
 * notional that its equity must exceed MM by before it is let go. */
unsigned fb_waterfall_keep_level(const struct fb_rules *rules);
uint32_t fb_waterfall_buffer(const struct fb_rules *rules);
enum fb_state fb_waterfall_state(const struct fb_waterfall *waterfall, uint32_t account);
const struct fb_waterfall_counts *fb_waterfall_counts(const struct fb_waterfall *waterfall);
/* How often each cell was taken. */
const uint64_t (*fb_waterfall_hits(const struct fb_waterfall *waterfall))[FB_HAPPENINGS];
/* No order is open, and no account waits for a step. O(accounts). */
bool fb_waterfall_at_rest(const struct fb_waterfall *waterfall);
/* Orders open now. */
uint32_t fb_waterfall_open_orders(const struct fb_waterfall *waterfall);

#endif
