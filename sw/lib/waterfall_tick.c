/* What time brings: orders whose answer is overdue, the fund's and the gate's instants, and houses
 * that unwind. See <firebreak/waterfall.h>. */
#include "waterfall_fund.h"

static bool overdue(const struct fb_waterfall *w, const struct fb_open *open)
{
	int64_t patience_us = ((int64_t)w->policy->timeout_ms * 1000) << open->times;
	bool closes = open->order.verb == FB_VERB_REDUCE || open->order.verb == FB_VERB_TAKEOVER ||
		      open->order.verb == FB_VERB_ADL_PAIR;
	/* Of a frozen symbol nothing is sent, not even again. */
	return w->time_us - open->sent_us >= patience_us &&
	       !(closes && fb_conditions_frozen(w->conditions, open->order.symbol));
}

int fb_waterfall_tick(struct fb_waterfall *w, int64_t time_us)
{
	w->time_us = time_us;
	fb_house_open(w);
	int failed = fb_fund_tick(w);
	if (failed)
		return failed;
	for (uint32_t i = w->first, after; i != FB_NONE; i = after) {
		after = w->slot[i].slot_after;
		if (!overdue(w, &w->slot[i]))
			continue;
		int err = w->slot[i].purpose == FB_FOR_VENUE
				  ? 0
				  : fb_waterfall_dispatch(w, w->slot[i].account, FB_TIMED_OUT,
							  NULL);
		if (!err)
			err = fb_orders_again(w, i);
		if (err)
			return err;
	}
	failed = fb_gate_tick(w);
	if (!failed)
		failed = fb_final_tick(w);
	if (failed)
		return failed;
	fb_size_renew_depth(w, FB_RATE_ONE, false);
	for (int k = 0; k < FB_HOUSES; k++) {
		uint32_t account = w->house[k].account;
		if (account == FB_NONE || w->cases[account].state != FB_CALM ||
		    w->book->account[account].rows_live == 0)
			continue;
		int err = fb_waterfall_dispatch(w, account, FB_UNWIND_DUE, NULL);
		if (err)
			return err;
	}
	return 0;
}

void fb_waterfall_time(struct fb_waterfall *w, int64_t time_us)
{
	w->time_us = time_us;
}
