/* A run with somebody looking on. Nothing a watch does can change a decision. See
 * <firebreak/run.h>; replay.h has the like for replays. */
#ifndef RUN_WATCH_H
#define RUN_WATCH_H

#include "run_host.h"

struct fb_run_watch {
	void *context;
	/* Before anything is loaded; taps may be put in front of the waterfall's. */
	int (*opened)(void *context, struct fb_host *host);
	/* An instant is over: what the feed said, and the prices that the market made of it. */
	int (*instant)(void *context, struct fb_host *host, const struct fb_tick *reference,
		       const struct fb_tick *price, size_t n);
	/* All is over and well. */
	void (*ended)(void *context, struct fb_host *host);
};

/* As fb_run; watch may be NULL. */
int fb_run_watched(const struct fb_run_options *options, const struct fb_run_watch *watch,
		   struct fb_summary *summary, struct fb_divergence *divergence, char note[128],
		   struct fb_error *error);

#endif
