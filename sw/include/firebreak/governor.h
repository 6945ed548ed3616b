/* The governor: the last look at every order before it leaves (P11).
 *
 * It shares no code with the waterfall and believes nothing the waterfall believes: it keeps a
 * ledger of its own from the orders that passed, the venue's events and what confirmation found.
 * An order passes if and only if all of this holds:
 *
 *   all          kill switch off; id above every id before, or the very same order as one that is
 *                still open (sent again); caps on orders and notional not exceeded
 *   HOLD         the account is confirmed in breach (fb_governor_confirmed)
 *   CANCEL_ALL, RELEASE   a HOLD of the account is done and not released; or, CANCEL_ALL only,
 *                the account is confirmed in breach
 *   REDUCE       role user: HOLD and CANCEL_ALL done, confirmed in breach. Role fund, backstop:
 *                always. Sign of qty is that of the position in the book, and qty with what other
 *                open orders close of that position does not exceed it. Of a user, its value is not
 *                worse than the mark by more than the account's equity, if that is above 0, and
 *                what the pack lets a limit price go beyond that (worse_e7, worse_mm_e7)
 *   TAKEOVER     as REDUCE, of any role, and its value is not better than the mark, but for what
 *                equity is below 0; the counter account is a fund or backstop, another one
 *   ADL_PAIR     as TAKEOVER, except that a fund or backstop must be confirmed bankrupt; the
 *                counter position is of the same symbol, its sign opposite, and what open orders
 *                close of it does not exceed it; its account has role user and is not held, unless
 *                it is the account itself (own opposite leg)
 *                Its value may be adl_worse_e7 of the notional worse than the account can lose;
 *                with adl_own_price it may be better than the mark as far as the
 *                counterparty's equity goes
 *   CANCEL_COUNTER  as TAKEOVER, of no quantity; the counter account has role user, is another one
 *                and not held
 *   FUND_MOVE    counter account 0: HOLD done; value > 0 does not exceed the account's collateral
 *                and comes only when it has no position left; value < 0 does not exceed what its
 *                collateral is below 0, and comes only when it has no position left.
 *                counter account given (a loss is spread): that account has no position left, is
 *                held, was bankrupt; value > 0; all such moves together do not exceed its deficit;
 *                the payer has role user, is another account, not held, and its equity
 *                covers the move
 *
 *   GATE         account fund; from nothing to all (1e-7). Less than all only while a held account
 *                is confirmed bankrupt
 *   SETTLE       account fund; a symbol that the host was told to settle (fb_governor_settles), at
 *                the mark it had then
 *
 * Moves of money that are on their way count as done. What an order did not close is given back to
 * the share cap within the same hold. A position closed in parts stays reserved until every fill
 * that DONE counts has come. Role excluded is never closed.
 *
 * Caps count within one second of the host's time (fb_governor_time): orders of one account,
 * orders of all, notional closed of all; and notional closed of one account over one hold. A cap of
 * 0 is no cap. Caps refuse with FB_REFUSED_CAP: such an order may be tried again later. Refusals
 * are counted by reason. One thread; no allocation after open.
 */
#ifndef FIREBREAK_GOVERNOR_H
#define FIREBREAK_GOVERNOR_H

#include <firebreak/book.h>
#include <firebreak/gateway.h>
#include <firebreak/inputs.h>

enum fb_refusal {
	FB_REFUSED_NOT = 0,
	FB_REFUSED_KILL,	/* kill switch */
	FB_REFUSED_CAP,		/* a cap on rate or notional */
	FB_REFUSED_ID,		/* id not new */
	FB_REFUSED_UNKNOWN,	/* verb, account or position the book does not have */
	FB_REFUSED_BREACH,	/* no confirmed breach */
	FB_REFUSED_HELD,	/* not held, or working orders not closed */
	FB_REFUSED_SIGN,	/* would not reduce */
	FB_REFUSED_SIZE,	/* more than the position, with what is open */
	FB_REFUSED_COUNTER,	/* this counterparty may not be used */
	FB_REFUSED_MONEY,	/* a move that takes or gives too much, or too early */
	FB_REFUSED_FULL,	/* no room in the ledger */
	FB_REFUSED_BLOCKED,	/* the operator blocked the account (not by the governor) */
	FB_REFUSED_PRICE,	/* too far from the mark */
	FB_REFUSALS
};

struct fb_governor_caps {
	uint32_t account_orders, orders; /* a second */
	__int128 notional_e8;		 /* closed, a second */
	/* notional closed of one account / its notional when it was held, 1e-7 */
	uint32_t account_share_e7;
	/* How far beyond bankruptcy a REDUCE may go: share of notional and equity, and share of the
	 * MM of its lots. */
	uint32_t worse_e7, worse_mm_e7;
	uint32_t adl_worse_e7; /* see ADL_PAIR */
	bool adl_own_price;
};
/* What the pack's limit prices need of the last two; nothing else is set. */
void fb_governor_worse(const struct fb_rules *rules, struct fb_governor_caps *caps);

enum fb_confirmed {
	FB_CONFIRMED_NONE = 0, /* no breach, as judged last */
	FB_CONFIRMED_BREACH,   /* at a level at which the rules act */
	FB_CONFIRMED_BANKRUPT, /* equity < 0 */
};

struct fb_governor;

/* `orders` that may be open at once. -ENOMEM. */
int fb_governor_open(const struct fb_book *book, const struct fb_governor_caps *caps,
		     uint32_t orders, struct fb_governor **out);
void fb_governor_close(struct fb_governor *governor);

void fb_governor_time(struct fb_governor *governor, int64_t time_us);
void fb_governor_kill(struct fb_governor *governor, bool kill);
/* What judging the account on the newest state found. `account` is an index in the book. */
void fb_governor_confirmed(struct fb_governor *governor, uint32_t account, enum fb_confirmed found);
/* The next order is believed to name the account of this index, which then need not be looked for:
 * a hint. */
void fb_governor_about(struct fb_governor *governor, uint32_t account);
/* It will soon be told, or asked, of this account: memory is asked for what it knows of it. */
void fb_governor_fetch(const struct fb_governor *governor, uint32_t account);
/* The operator or the calendar says that this symbol is to be settled. */
void fb_governor_settles(struct fb_governor *governor, uint16_t symbol);
/* An event of the venue, before anything else makes use of it. */
void fb_governor_event(struct fb_governor *governor, const struct fb_event *event);
/* May this order leave? If so it is in the ledger from now on. The caller has not yet applied
 * to the book what the order will do. */
enum fb_refusal fb_governor_check(struct fb_governor *governor, const struct fb_order *order);

uint64_t fb_governor_refused(const struct fb_governor *governor, enum fb_refusal reason);
const char *fb_refusal_name(enum fb_refusal reason);

#endif
