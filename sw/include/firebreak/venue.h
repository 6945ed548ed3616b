/* A venue: takes orders, answers later. A real one is a session with a matching engine; the
 * simulated one is <firebreak/market.h>; a replay needs none, since every answer is in the log.
 *
 * Orders are idempotent by id: a venue that gets an order again does nothing twice, and says again
 * what it said (FILLs with the same numbers, then DONE or REJECT). Answers may come late and fills
 * after the DONE that counts them, but every order is answered in the end; the host asks again
 * after a timeout.
 */
#ifndef FIREBREAK_VENUE_H
#define FIREBREAK_VENUE_H

#include <stddef.h>

#include <firebreak/gateway.h>

struct fb_venue;

struct fb_venue_ops {
	/* 0, -EAGAIN: cannot take it now (the host sends it again after a timeout), -errno. */
	int (*send)(struct fb_venue *, const struct fb_order *);
	/* Events due at or before `until_us` that share the earliest due time: their number, at
	 * most `room`, and that time in *at_us; 0: none is due; -errno. */
	int (*poll)(struct fb_venue *, int64_t until_us, struct fb_event *out, size_t room,
		    int64_t *at_us);
};

struct fb_venue {
	const struct fb_venue_ops *ops;
};

#endif
