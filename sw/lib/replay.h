/* A replay with somebody looking on. See <firebreak/run.h>. */
#ifndef REPLAY_H
#define REPLAY_H

#include "run_host.h"

/* Each returns 0, or an error that ends the replay. */
struct fb_replay_watch {
	void *context;
	int (*opened)(void *context, struct fb_host *host);
	int (*fed)(void *context, const struct fb_log_entry *entry); /* and all that followed */
};

/* As fb_replay; watch may be NULL. */
int fb_replay_watched(const struct fb_replay_options *options, const struct fb_replay_watch *watch,
		      struct fb_summary *summary, struct fb_divergence *divergence, char note[128],
		      struct fb_error *error);

#endif
