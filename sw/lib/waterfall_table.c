/* The table of the waterfall: for every state and everything that can happen, what is done and
 * which state follows. See <firebreak/waterfall.h>; sw/waterfall.md is this table printed.
 *
 * A pair that is not here is FB_DO_NEVER: answers come to open orders only, and the state says
 * which orders can be open, so HOLD_DONE cannot come to an account that is CALM. Refusals come
 * where something is sent. */
#include <firebreak/waterfall.h>

/* clang-format off */
#define STAY		{ FB_DO_NOTHING, 0 }
#define GO(state)	{ FB_DO_GO, FB_##state }
#define NOTE(state)	{ FB_DO_NOTE, FB_##state }
#define JUDGE		{ FB_DO_JUDGE, 0 }
#define HOLD		{ FB_DO_HOLD, FB_HOLDING }
#define CLEAR		{ FB_DO_CLEAR, FB_CLEARING }
#define CANCEL		{ FB_DO_CANCEL, FB_CANCELLING }
#define STEP		{ FB_DO_STEP, FB_READY }
#define WITHDRAW	{ FB_DO_WITHDRAW, FB_WITHDRAWING }
#define RELEASE		{ FB_DO_RELEASE, FB_RELEASING }
#define UNWIND		{ FB_DO_UNWIND, FB_UNWINDING }
#define AGAIN		{ FB_DO_AGAIN, 0 }
#define STOP		{ FB_DO_STOP, FB_STUCK }
#define RESUME		{ FB_DO_RESUME, FB_HELD }

/* Whatever it is judged, an answer has to come first. */
#define WAITING \
	[FB_SEEN_CALM] = STAY, [FB_SEEN_WARN] = STAY, [FB_SEEN_CALL] = STAY, \
	[FB_SEEN_CLEAR] = STAY, [FB_SEEN_CUT] = STAY, [FB_SEEN_BREACH] = STAY, \
	[FB_SEEN_BANKRUPT] = STAY
/* Own trades and money of the account: taken up, and judged. A tick may find houses due. */
#define OUTSIDE \
	[FB_USER_FILLED] = JUDGE, [FB_DEPOSITED] = JUDGE, [FB_RESUMED] = STAY
#define SENDING		[FB_REFUSED] = STOP, [FB_DEFERRED] = STAY
/* Something is open: it is sent again when no answer comes, unless the kill switch is on. */
#define OPEN		[FB_TIMED_OUT] = AGAIN, [FB_DEFERRED] = STAY

const struct fb_cell fb_waterfall_table[FB_STATES][FB_HAPPENINGS] = {
	[FB_CALM] = {
		[FB_SEEN_CALM] = STAY, [FB_SEEN_WARN] = NOTE(WARNED), [FB_SEEN_CALL] = NOTE(CALLED),
		[FB_SEEN_CLEAR] = CLEAR, [FB_SEEN_CUT] = HOLD, [FB_SEEN_BREACH] = HOLD,
		[FB_SEEN_BANKRUPT] = HOLD, [FB_UNWIND_DUE] = UNWIND, OUTSIDE, SENDING,
	},
	[FB_WARNED] = {
		[FB_SEEN_CALM] = NOTE(CALM), [FB_SEEN_WARN] = STAY, [FB_SEEN_CALL] = NOTE(CALLED),
		[FB_SEEN_CLEAR] = CLEAR, [FB_SEEN_CUT] = HOLD, [FB_SEEN_BREACH] = HOLD,
		[FB_SEEN_BANKRUPT] = HOLD, OUTSIDE, SENDING,
	},
	[FB_CALLED] = {
		[FB_SEEN_CALM] = NOTE(CALM), [FB_SEEN_WARN] = GO(WARNED), [FB_SEEN_CALL] = STAY,
		[FB_SEEN_CLEAR] = CLEAR, [FB_SEEN_CUT] = HOLD, [FB_SEEN_BREACH] = HOLD,
		[FB_SEEN_BANKRUPT] = HOLD, OUTSIDE, SENDING,
	},
	[FB_CLEARING] = {
		WAITING, OUTSIDE, OPEN,
		[FB_CANCEL_DONE] = GO(CLEARED), [FB_CANCEL_REJECTED] = NOTE(CALLED),
	},
	[FB_CLEARED] = {
		[FB_SEEN_CALM] = NOTE(CALM), [FB_SEEN_WARN] = GO(WARNED),
		[FB_SEEN_CALL] = GO(CALLED), [FB_SEEN_CLEAR] = STAY, [FB_SEEN_CUT] = HOLD,
		[FB_SEEN_BREACH] = HOLD, [FB_SEEN_BANKRUPT] = HOLD, OUTSIDE, SENDING,
	},
	[FB_UNWINDING] = {
		/* bankrupt or not: reductions are short-lived, and only then it is held */
		[FB_SEEN_CALM] = STAY, [FB_SEEN_BANKRUPT] = STAY,
		[FB_FILLED] = JUDGE, [FB_ORDER_DONE] = STAY, [FB_ORDERS_DONE] = GO(CALM),
		OPEN, [FB_RESUMED] = STAY,
	},
	[FB_HOLDING] = {
		WAITING, OUTSIDE, OPEN,
		[FB_HOLD_DONE] = GO(HELD), [FB_HOLD_REJECTED] = GO(CALLED),
	},
	[FB_HELD] = {
		[FB_SEEN_CALM] = RELEASE, [FB_SEEN_WARN] = RELEASE, [FB_SEEN_CALL] = RELEASE,
		[FB_SEEN_CLEAR] = RELEASE, [FB_SEEN_CUT] = CANCEL, [FB_SEEN_BREACH] = CANCEL,
		[FB_SEEN_BANKRUPT] = CANCEL, [FB_SEEN_FLAT] = CANCEL, OUTSIDE, SENDING,
	},
	[FB_CANCELLING] = {
		WAITING, [FB_SEEN_FLAT] = STAY, OUTSIDE, OPEN,
		[FB_CANCEL_DONE] = GO(READY), [FB_CANCEL_REJECTED] = GO(HELD),
	},
	[FB_READY] = {
		[FB_SEEN_CALM] = RELEASE, [FB_SEEN_WARN] = RELEASE, [FB_SEEN_CALL] = RELEASE,
		[FB_SEEN_CLEAR] = RELEASE, [FB_SEEN_CUT] = STEP, [FB_SEEN_BREACH] = STEP,
		[FB_SEEN_BANKRUPT] = STEP, [FB_SEEN_FLAT] = STEP, OUTSIDE, SENDING,
	},
	[FB_REDUCING] = {
		[FB_SEEN_CALM] = WITHDRAW, [FB_SEEN_WARN] = WITHDRAW, [FB_SEEN_CALL] = WITHDRAW,
		[FB_SEEN_CLEAR] = WITHDRAW, [FB_SEEN_CUT] = STAY, [FB_SEEN_BREACH] = STAY,
		[FB_SEEN_BANKRUPT] = STAY, [FB_SEEN_FLAT] = STAY, OUTSIDE, OPEN,
		[FB_FILLED] = JUDGE, [FB_ORDER_DONE] = STAY, [FB_ORDERS_DONE] = GO(READY),
		[FB_REFUSED] = STOP,
	},
	[FB_WITHDRAWING] = {
		WAITING, [FB_SEEN_FLAT] = STAY, OUTSIDE, OPEN,
		[FB_FILLED] = JUDGE, [FB_ORDER_DONE] = STAY, [FB_ORDERS_DONE] = GO(READY),
	},
	/* Neither takeovers nor pairs nor moves can be taken back: their answers come first. */
	[FB_TAKING_OVER] = {
		WAITING, [FB_SEEN_FLAT] = STAY, OUTSIDE, OPEN,
		[FB_ORDER_DONE] = STAY, [FB_ORDERS_DONE] = GO(READY),
	},
	[FB_DELEVERAGING] = {
		WAITING, [FB_SEEN_FLAT] = STAY, OUTSIDE, OPEN,
		[FB_ORDER_DONE] = STAY, [FB_ORDERS_DONE] = GO(READY),
	},
	[FB_SETTLING] = {
		WAITING, [FB_SEEN_FLAT] = STAY, OUTSIDE, OPEN,
		[FB_ORDER_DONE] = STAY, [FB_ORDERS_DONE] = GO(READY),
	},
	[FB_RELEASING] = {
		WAITING, [FB_SEEN_FLAT] = STAY, OUTSIDE, OPEN,
		[FB_RELEASE_DONE] = GO(CALM), [FB_RELEASE_REJECTED] = GO(HELD),
	},
	[FB_CLOSED] = {
		/* a late fill or a deposit: it lives again */
		[FB_SEEN_CALM] = RELEASE, [FB_SEEN_WARN] = RELEASE, [FB_SEEN_CALL] = RELEASE,
		[FB_SEEN_CLEAR] = RELEASE, [FB_SEEN_CUT] = GO(READY), [FB_SEEN_BREACH] = GO(READY),
		[FB_SEEN_BANKRUPT] = GO(READY), [FB_SEEN_FLAT] = STAY, OUTSIDE, SENDING,
	},
	[FB_STUCK] = {
		WAITING, [FB_SEEN_FLAT] = STAY, [FB_USER_FILLED] = JUDGE, [FB_DEPOSITED] = JUDGE,
		[FB_FILLED] = JUDGE, [FB_ORDER_DONE] = STAY, [FB_ORDERS_DONE] = STAY,
		OPEN, [FB_RESUMED] = RESUME,
	},
};
/* clang-format on */

const char *fb_state_name(enum fb_state state)
{
	static const char *const names[FB_STATES] = {
		[FB_CALM] = "calm",
		[FB_WARNED] = "warned",
		[FB_CALLED] = "margin call",
		[FB_CLEARING] = "clearing",
		[FB_CLEARED] = "cleared",
		[FB_UNWINDING] = "unwinding",
		[FB_HOLDING] = "holding",
		[FB_HELD] = "held",
		[FB_CANCELLING] = "cancelling",
		[FB_READY] = "ready",
		[FB_REDUCING] = "reducing",
		[FB_WITHDRAWING] = "withdrawing",
		[FB_TAKING_OVER] = "taking over",
		[FB_DELEVERAGING] = "deleveraging",
		[FB_SETTLING] = "settling",
		[FB_RELEASING] = "releasing",
		[FB_CLOSED] = "closed",
		[FB_STUCK] = "stuck",
	};
	return state < FB_STATES ? names[state] : "?";
}

const char *fb_happening_name(enum fb_happening happening)
{
	static const char *const names[FB_HAPPENINGS] = {
		[FB_SEEN_CALM] = "judged calm",
		[FB_SEEN_WARN] = "judged at warning",
		[FB_SEEN_CALL] = "judged at margin call",
		[FB_SEEN_CLEAR] = "judged at cancel level",
		[FB_SEEN_CUT] = "judged at cut level",
		[FB_SEEN_BREACH] = "judged in breach",
		[FB_SEEN_BANKRUPT] = "judged bankrupt",
		[FB_SEEN_FLAT] = "no position left",
		[FB_HOLD_DONE] = "hold done",
		[FB_HOLD_REJECTED] = "hold rejected",
		[FB_CANCEL_DONE] = "cancel done",
		[FB_CANCEL_REJECTED] = "cancel rejected",
		[FB_RELEASE_DONE] = "release done",
		[FB_RELEASE_REJECTED] = "release rejected",
		[FB_FILLED] = "reduction filled in part",
		[FB_ORDER_DONE] = "an order closed",
		[FB_ORDERS_DONE] = "the last order closed",
		[FB_USER_FILLED] = "own order filled",
		[FB_DEPOSITED] = "deposit",
		[FB_UNWIND_DUE] = "house to unwind",
		[FB_TIMED_OUT] = "no answer in time",
		[FB_REFUSED] = "governor refuses",
		[FB_DEFERRED] = "governor defers",
		[FB_RESUMED] = "operator resumes",
	};
	return happening < FB_HAPPENINGS ? names[happening] : "?";
}

const char *fb_action_name(enum fb_action action)
{
	static const char *const names[FB_ACTIONS] = {
		[FB_DO_NEVER] = "never",	 [FB_DO_NOTHING] = "nothing",
		[FB_DO_GO] = "go on",		 [FB_DO_NOTE] = "notice",
		[FB_DO_JUDGE] = "judge",	 [FB_DO_HOLD] = "hold",
		[FB_DO_CLEAR] = "cancel_all",	 [FB_DO_CANCEL] = "cancel_all",
		[FB_DO_STEP] = "next step",	 [FB_DO_WITHDRAW] = "cancel_all",
		[FB_DO_RELEASE] = "release",	 [FB_DO_UNWIND] = "reduce",
		[FB_DO_AGAIN] = "send again",	 [FB_DO_STOP] = "alarm",
		[FB_DO_RESUME] = "resume",
	};
	return action < FB_ACTIONS ? names[action] : "?";
}

const char *fb_notice_name(enum fb_notice_kind kind)
{
	static const char *const names[FB_NOTICE_KINDS] = {
		[0] = "?",
		[FB_NOTICE_WARNED] = "warning",
		[FB_NOTICE_CALLED] = "margin_call",
		[FB_NOTICE_CALM] = "calm",
		[FB_NOTICE_LIQUIDATED] = "liquidated",
		[FB_NOTICE_CLOSED] = "closed",
		[FB_NOTICE_RELEASED] = "released",
		[FB_NOTICE_DELEVERAGED] = "deleveraged",
		[FB_NOTICE_SPREAD] = "loss_spread",
		[FB_NOTICE_STUCK] = "stuck",
		[FB_NOTICE_FUND] = "fund_state",
		[FB_NOTICE_FROZEN] = "frozen",
		[FB_NOTICE_THAWED] = "thawed",
		[FB_NOTICE_FUNDING] = "funding",
		[FB_NOTICE_GATE] = "gate",
		[FB_NOTICE_SETTLED] = "settled",
	};
	return kind < FB_NOTICE_KINDS ? names[kind] : "?";
}
