/* What a feed knows of the markets behind one symbol: newest price of every exchange, and the
 * book's best. From it come index and candidates of marks that the rules make. */
#ifndef FIREBREAK_FEED_SOURCES_H
#define FIREBREAK_FEED_SOURCES_H

#include <firebreak/mark.h>

#include "feed_file.h"

struct fb_feed_sources {
	struct fb_source spot[FB_SPOT_EXCHANGES], perpetual[FB_PERPETUAL_EXCHANGES];
	uint64_t own_e8, any_e8; /* newest trade of the venue's own perpetual, and of any */
	uint64_t bid_e8, ask_e8;
};

/* A trade or a quote. false: it has weight 0, and does not count for the index. */
bool fb_sources_take(struct fb_feed_sources *sources, const struct fb_rules *rules,
		     const struct fb_event *event);
/* The index that the rules make; 0: that is the mean by volume, or no source counts. */
uint64_t fb_sources_index(const struct fb_feed_sources *sources, const struct fb_rules *rules,
			  int64_t now_us);
/* Newest trade of the venue itself; 0: none. */
uint64_t fb_sources_last(const struct fb_feed_sources *sources);
/* Adds what is known besides the index to a mark. */
void fb_sources_fill(const struct fb_feed_sources *sources, struct fb_event *mark);

#endif
