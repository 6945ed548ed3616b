/* The sweep: the engine's whole state against the book's, by state hash (P4 from the host's side).
 *
 * An input that was lost before the card shows in no record, only in what the card says later, or
 * does not say. So every so many batches of marks the host asks for the hash of everything. If that
 * is not the book's, it asks for half of the range of account ids, and for halves of what differs,
 * until it has the accounts: they are the host's from then on. What one half does not explain is in
 * the other, so one question halves.
 *
 * A lost FILL that another of the same position follows may be mended before anybody looks.
 */
#ifndef RUN_SWEEP_H
#define RUN_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include <firebreak/layout.h>

#define FB_SWEEP_PASSES 1024 /* questions in one sweep; what is left then is all taken to differ */

struct fb_host;

/* Of a set of accounts and their rows. */
struct fb_sweep_sum {
	uint64_t accounts_hash, rows_hash;
	uint32_t accounts, rows;
	uint32_t known; /* judged by the host already */
};

struct fb_sweep {
	struct fb_sweep_account {
		uint32_t id, index; /* in the book */
	} *order;		     /* by id */
	uint32_t sorted;
	struct fb_sweep_sum *sum; /* of the first n of `order` */
	uint32_t first, span;	  /* of the HASH sent last */
	unsigned passes_max;	  /* FB_SWEEP_PASSES */
	bool answered;
	union fb_record answer;
};

int fb_sweep_open(struct fb_sweep *sweep, uint32_t accounts);
void fb_sweep_close(struct fb_sweep *sweep);
/* A HASH record was taken up with nothing else in flight. One of everything is compared. True: it
 * differs; `expected` is what it should be. */
bool fb_sweep_take(struct fb_host *host, const union fb_record *found, union fb_record *expected);

#endif
