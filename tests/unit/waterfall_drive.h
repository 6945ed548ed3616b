/* Brings an account into every state of the waterfall, and makes every event happen to it that can
 * happen there: by verdicts, answers, own trades, time, refusals and the operator, as the host
 * does. */
#ifndef WATERFALL_DRIVE_H
#define WATERFALL_DRIVE_H

#include "waterfall_kit.h"

/* ---- into a state ---- */

static inline void to_ready(void)
{
	judge_as(FB_SEEN_BREACH);
	answer(FB_EVENT_DONE); /* HOLD */
	decide();
	answer(FB_EVENT_DONE); /* CANCEL_ALL */
}

/* The fund holds a little of symbols 1 and 2, which is to be unwound. */
static inline void give_to_fund(void)
{
	subject = FB_ID_FUND;
	for (uint16_t s = 1; s <= 2; s++)
		tell(c_position(subject, fb_house_position(subject, s), s, 50, 50 * MONEY));
}

/* 1 is bankrupt without positions, the fund has nothing, 2 and 3 have 10 money of profit each. */
static inline void to_settling(void)
{
	to_ready();
	arrange(FB_SEEN_FLAT);
	set_collateral(-10 * MONEY);
	tell(c_collateral(FB_ID_FUND, -500 * MONEY));
	for (uint16_t s = 1; s <= 2; s++)
		tell(c_mark(s, U_MONEY / 10 * 9));
	decide();
	for (uint16_t s = 1; s <= 2; s++)
		tell(c_mark(s, U_MONEY));
}

static inline void bring(enum fb_state state)
{
	if (state >= FB_READY && state != FB_SETTLING)
		to_ready();
	switch (state) {
	case FB_CALM: break;
	case FB_WARNED: judge_as(FB_SEEN_WARN); break;
	case FB_CALLED: judge_as(FB_SEEN_CALL); break;
	case FB_CLEARED:
	case FB_CLEARING:
		judge_as(FB_SEEN_CLEAR);
		if (state == FB_CLEARED)
			answer(FB_EVENT_DONE);
		break;
	case FB_UNWINDING:
		give_to_fund();
		tick(0);
		break;
	case FB_HOLDING:
	case FB_HELD:
	case FB_CANCELLING:
		judge_as(FB_SEEN_BREACH);
		if (state != FB_HOLDING)
			answer(FB_EVENT_DONE);
		if (state == FB_CANCELLING)
			decide();
		break;
	case FB_READY: break;
	case FB_REDUCING: judge_as(FB_SEEN_BREACH); break;
	case FB_WITHDRAWING:
	case FB_STUCK:
		judge_as(FB_SEEN_BREACH);
		refuse = state == FB_STUCK ? FB_REFUSED_SIZE : 0;
		judge_as(FB_SEEN_CALM);
		refuse = 0;
		break;
	case FB_DELEVERAGING: /* the fund has no room */
	case FB_TAKING_OVER:
		if (state == FB_DELEVERAGING)
			w->house[FB_FUND].cap_e7 = 0;
		judge_as(FB_SEEN_BANKRUPT);
		break;
	case FB_SETTLING: to_settling(); break;
	case FB_RELEASING: judge_as(FB_SEEN_CALM); break;
	case FB_CLOSED: judge_as(FB_SEEN_FLAT); break;
	case FB_STATES: break;
	}
	ck_assert_str_eq(fb_state_name(state_of(subject)), fb_state_name(state));
}

/* ---- the event ---- */

/* A verdict upon which this state sends something, and tells nobody. */
static inline enum fb_happening sends_at(enum fb_state state)
{
	return state == FB_REDUCING || state == FB_CLOSED ? FB_SEEN_CALM : FB_SEEN_CUT;
}

/* What must be so before the event, and is not part of it. */
static inline void prepare(enum fb_state state, enum fb_happening what)
{
	if (what <= FB_SEEN_FLAT)
		arrange(what);
	if (what == FB_ORDERS_DONE)
		while (open_orders() > 1)
			answer(FB_EVENT_REJECT);
	if (what == FB_UNWIND_DUE)
		give_to_fund();
	if (what == FB_REFUSED || (what == FB_DEFERRED && open_orders() == 0))
		arrange(sends_at(state));
	if (what == FB_REFUSED || what == FB_DEFERRED)
		refuse = what == FB_REFUSED ? FB_REFUSED_SIZE : FB_REFUSED_KILL;
}

static inline void happen(enum fb_happening what)
{
	switch (what) {
	case FB_HOLD_DONE:
	case FB_CANCEL_DONE:
	case FB_RELEASE_DONE:
	case FB_ORDERS_DONE: answer(FB_EVENT_DONE); break;
	case FB_HOLD_REJECTED:
	case FB_CANCEL_REJECTED:
	case FB_RELEASE_REJECTED:
	case FB_ORDER_DONE: answer(FB_EVENT_REJECT); break;
	case FB_FILLED: fill_part(); break;
	case FB_USER_FILLED:
		event((struct fb_event){ .kind = FB_EVENT_USER_FILL,
					 .account = 1,
					 .position = 11,
					 .number = 1,
					 .qty = 1,
					 .value_e8 = fb_i128_of(MONEY) });
		break;
	case FB_DEPOSITED:
		event((struct fb_event){ .kind = FB_EVENT_DEPOSIT,
					 .account = 1,
					 .number = 1,
					 .value_e8 = fb_i128_of(MONEY) });
		break;
	case FB_UNWIND_DUE: tick(0); break;
	case FB_TIMED_OUT: tick(2); break;
	case FB_RESUMED: ck_assert_int_eq(fb_waterfall_resume(w), 0); break;
	case FB_DEFERRED: /* the kill switch at a new order, or at one sent again */
		if (open_orders() > 0)
			tick(2);
		else
			decide();
		break;
	default: decide(); /* a verdict, or a refusal of what follows from it */
	}
}

#endif
