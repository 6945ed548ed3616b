/* The simulated venue of a run. */
#ifndef RUN_MARKET_H
#define RUN_MARKET_H

#include <firebreak/market.h>

#include "run_host.h"

/* "calm" or "wild", with ",seed=N" or without. -EINVAL with error filled. */
int fb_market_parse(const char *text, struct fb_market_options *out, struct fb_error *error);
/* The market and every position the accounts have at the start; the host sends its orders there. */
int fb_market_start(struct fb_host *host, const struct fb_market_options *options,
		    const struct fb_accounts *accounts, struct fb_market **out);
/* What the venue says until `until_us` is taken up, with at most `ahead` batches left in flight. */
int fb_market_pump(struct fb_host *host, int64_t until_us, unsigned ahead);

#endif
