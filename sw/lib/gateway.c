/* Names of the gateway's verbs and events. */
#include <firebreak/gateway.h>

const char *fb_verb_name(enum fb_verb verb)
{
	static const char *const names[] = {
		[FB_VERB_HOLD] = "hold",	 [FB_VERB_CANCEL_ALL] = "cancel_all",
		[FB_VERB_REDUCE] = "reduce",	 [FB_VERB_TAKEOVER] = "takeover",
		[FB_VERB_ADL_PAIR] = "adl_pair", [FB_VERB_FUND_MOVE] = "fund_move",
		[FB_VERB_RELEASE] = "release",
		[FB_VERB_CANCEL_COUNTER] = "cancel_counter",
		[FB_VERB_GATE] = "gate",
		[FB_VERB_SETTLE] = "settle",
	};
	return verb >= FB_VERB_HOLD && verb <= FB_VERB_SETTLE ? names[verb] : "?";
}

const char *fb_event_name(enum fb_event_kind kind)
{
	static const char *const names[] = {
		[FB_EVENT_DONE] = "done",	    [FB_EVENT_FILL] = "fill",
		[FB_EVENT_REJECT] = "reject",	    [FB_EVENT_USER_FILL] = "user_fill",
		[FB_EVENT_DEPOSIT] = "deposit",	    [FB_EVENT_DEPTH] = "depth",
	};
	return kind >= FB_EVENT_DONE && kind <= FB_EVENT_DEPTH ? names[kind] : "?";
}
