/* A venue between the host and another venue, which makes it worse:
 *
 *   - it says what cannot be true: answers to orders nobody sent, fills of the wrong sign, beyond
 *     the order or with numbers out of range, trades of accounts that are not there or not users'
 *   - it keeps an account's own fills and deposits back, so that they come when the account is
 *     already held, being taken over, or closed
 *   - accounts that are closed get deposits, withdrawals, and trades that go back later
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include "../../sw/lib/run_host.h"

#define KEPT_MAX 256

struct hostile {
	struct fb_venue base;
	struct fb_venue *inner;
	const struct fb_host *host;
	uint64_t seed, n, said;
	bool lies, keeps, ghosts;
	enum fb_state prefer; /* accounts that get deposits; FB_STATES: any */
	struct fb_order last; /* sent */
	struct fb_event kept[KEPT_MAX];
	size_t keeping;
	uint32_t *told;	 /* own events, by account index: numbers are given here */
	uint32_t ghost_account, ghost_row; /* a trade to be undone; FB_NONE */
	unsigned ghost_left;
};

/* lies, keeps and ghosts are set by the caller afterwards. -1: no memory. */
int hostile_open(struct hostile *hostile, const struct fb_host *host, uint64_t seed);
void hostile_close(struct hostile *hostile);

#endif
