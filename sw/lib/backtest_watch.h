/* Looks on at one run of a backtest and adds up. */
#ifndef BACKTEST_WATCH_H
#define BACKTEST_WATCH_H

#include "run_watch.h"
#include "tally.h"
#include "waterfall_tap.h"

struct fb_backtest_watch {
	struct fb_run_watch watch; /* for fb_run_watched */
	struct fb_variant *variant;
	struct fb_waterfall *waterfall;
	const struct fb_tap *inner; /* who looked on before */
	struct fb_tap tap;
	struct fb_tally tally;
	__int128 adl_e8;
	bool planned;
};

void fb_backtest_watch(struct fb_backtest_watch *out, struct fb_variant *variant);
void fb_backtest_unwatch(struct fb_backtest_watch *watch);

#endif
