/* Lights and alerts: what holders see of deleveraging before it comes.
 *
 * A light says where a position stands in its queue, which is the pack's order of counterparties
 * for one symbol and side: the running sum over the queue down to it, its own part included, over
 * the whole, in steps of 1 / bars rounded up. The first step has all bars lit, the last one; 0: it
 * is in no queue. The sum is of lots (BitMEX: 10, 30, 60, 70, 80 and 100 % are 20, 40, 60, 80, 80
 * and 100) or of positions (Binance's rank over number of users; its API counts a light less 1).
 *
 * An alert is the state of a symbol, as public streams have it:
 *
 *   adl      it was deleveraged since the last look, or the fund has fallen by alert_adl from its
 *            peak within alert_window
 *   warning  the fund has fallen by alert_warning, or fewer lots than alert_depth of the open
 *            interest are in profit and ranked, on one side
 *   normal   neither
 *
 * Both are looked at when marks come, at most once in their interval, on the book as it was before
 * those marks. They follow from the log alone and decide nothing. A run writes what changes into
 * lights.csv and alerts.csv, if its pack has them.
 */
#ifndef FIREBREAK_LIGHTS_H
#define FIREBREAK_LIGHTS_H

#include <stdint.h>
#include <stdio.h>

#include <firebreak/run.h>

enum fb_alert { FB_ALERT_NORMAL, FB_ALERT_WARNING, FB_ALERT_ADL, FB_ALERTS };
const char *fb_alert_name(enum fb_alert alert);

struct fb_lights_options {
	const char *log, *engine;
	uint32_t account; /* 0: all */
	uint64_t bars;	  /* 0: the pack's; 4 or 5 */
	bool by_accounts; /* where the pack has no lights */
	fb_progress_fn progress;
	void *progress_context;
};

/* The lights at the end of a log, as CSV. -ENOENT: no such account. */
int fb_lights_print(const struct fb_lights_options *options, FILE *out, struct fb_error *error);

#endif
