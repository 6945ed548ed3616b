/* Marks made by the rules out of what the market says, live only: in the log they are inputs. */
#ifndef RUN_MARK_H
#define RUN_MARK_H

#include "run_host.h"

struct fb_mark_maker {
	struct fb_mark_state *state; /* by symbol; NULL: marks stay as they come */
};

int fb_mark_maker_open(const struct fb_rules *rules, struct fb_mark_maker *out);
void fb_mark_maker_close(struct fb_mark_maker *maker);

/* reference: the ticks before the market moved them; n of each. Last prices, bids and asks move
 * with the market; an index does not, it is the world outside. Where there is an index, the mark
 * becomes what the rules make of it. */
void fb_mark_make(struct fb_mark_maker *maker, const struct fb_host *host,
		  const struct fb_tick *reference, struct fb_tick *tick, size_t n);

#endif
