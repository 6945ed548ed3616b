/* The driver of a card: a session over a port (card_port.h), commands out, records in.
 * hw/contract/card.md is the specification of what lies behind.
 *
 * No register is read while commands flow: credit, heartbeat and the number of records come with
 * the status line. A card that does not keep its promises is dead: every later call gives -EIO,
 * and fb_card_why() says what happened, where, and what to do. Nothing waits longer than the
 * deadlines below.
 *
 * Caveats. A card belongs to one thread. It must be looked after (receive, idle) as long as it is
 * open: a ring that nobody empties stops the card. */
#ifndef FIREBREAK_CARD_H
#define FIREBREAK_CARD_H

#include <stdbool.h>

#include "../../sim/core_shim.h"
#include "card_port.h"

/* Deadlines, multiplied by the session's patience. The clock is read before memory is looked at for
 * the last time, so a process that did not run for a while does not take that for the card's
 * silence. */

/* A register takes effect, a session opens: the card promises 512 cycles, 2 us at 250 MHz. */
#define FB_CARD_OPEN_NS 2000000u
/* RESET is answered. A snapshot of 2^20 records that an earlier session left comes before it:
 * two beats each, 8 ms. */
#define FB_CARD_RESET_NS 100000000u
/* No status line. One is due every FB_CARD_STATUS_CYCLES, so this is more than a hundred missed;
 * a link that retrains is away for less. It bounds how long a dead card goes unseen. */
#define FB_CARD_SILENT_NS 2000000u
/* A record whose generation is there but not its check word, or that the status line counts but
 * the ring does not show. Both parts crossed the link in one packet, so they are apart by what
 * caches need. */
#define FB_CARD_TORN_NS 100000u
/* Nothing was taken from the window although something was sent: the oldest line goes out again,
 * because a line that was lost whole makes no GAP fault. Longer than GAP_CYCLES. */
#define FB_CARD_RESEND_NS 50000u
/* Requests to send one line again before the link is called broken. A link that loses half of all
 * lines gets that far once in 2^32 lines. */
#define FB_CARD_GAP_TRIES 32u

/* Cycles of the card during which it lives and takes no command that was sent: 200 ms at 250 MHz.
 * The longest walk is 65,536 stripes, and a snapshot of 2^20 accounts stays far below this too. */
#define FB_CARD_STUCK_CYCLES 50000000u

/* What the driver sets: 16 us at 250 MHz, each. A status line every 4,096 cycles is 4 MB/s. */
#define FB_CARD_STATUS_CYCLES 4096u
#define FB_CARD_GAP_CYCLES 4096u

#define FB_CARD_PATIENCE_MOST 100000u

struct fb_card_driver;

struct fb_card_identity {
	struct fb_core_geometry geometry;
	uint32_t clock_hz, slots, capabilities, build_date;
	uint64_t git_hash;
};

struct fb_card_counts {
	uint64_t sent, received;   /* lines, without those sent again; records */
	uint64_t gaps, resent;     /* GAP faults answered; lines sent again for any reason */
	uint64_t consumed_writes;
	uint64_t sessions;
};

/* Reads who answers and refuses what is not a card of this build, naming both sides. 0; -EPROTO;
 * -ENODEV. */
int fb_card_identify(struct fb_card_port *port, struct fb_card_identity *out,
		     struct fb_error *error);

/* Identifies the card, opens a session, and leaves the core as after RESET with sequence 0, with
 * nothing of an earlier use in the ring. patience: factor of all deadlines, at least 1; for a card
 * whose clock is slower than 250 MHz. The port belongs to the card from here on, also if this
 * fails. */
int fb_card_open(struct fb_card_port *port, unsigned patience, struct fb_card_driver **out,
		 struct fb_error *error);
void fb_card_close(struct fb_card_driver *card);

/* Sends the next command. 1; 0: not now; -EIO: the card is dead. Its sequence is the one after the
 * last; RESET may carry any other: then a new session begins, which needs calls of receive and
 * idle in between. Lines may wait in the processor until a batch ends or fb_card_idle(). */
int fb_card_send(struct fb_card_driver *card, const union fb_command *word);
/* Number of records that are there, with generation and check cleared; 0: none; -EIO. LEVEL after
 * LEVEL and the first that is something else, at most `room`: behind the end of a batch nothing is
 * looked at. GAP faults are answered here and not given out. */
int fb_card_receive(struct fb_card_driver *card, union fb_record *out, size_t room);
/* The account of the record to come, if it is a LEVEL and seems to be there; else 0. A hint. */
uint32_t fb_card_ahead(const struct fb_card_driver *card);
/* There is nothing to send and nothing to receive: one step of waiting. Looks at the status line
 * and at every deadline, tells the card what was consumed. 0; -EIO. */
int fb_card_idle(struct fb_card_driver *card);

/* Who waited for an answer gives up: its clock went on for so many cycles without one. */
void fb_card_hangs(struct fb_card_driver *card, uint64_t cycles);

/* True if the newest status line says that all that was sent is taken, and that all records
 * written so far have been received. */
bool fb_card_quiet(const struct fb_card_driver *card);
/* Heartbeat of the newest status line. */
uint64_t fb_card_cycles(const struct fb_card_driver *card);
const struct fb_card_identity *fb_card_identity(const struct fb_card_driver *card);
const struct fb_card_counts *fb_card_counts(const struct fb_card_driver *card);
const struct fb_card_port *fb_card_port(const struct fb_card_driver *card);
/* One line; "" while the card is alive. */
const char *fb_card_why(const struct fb_card_driver *card);

/* Registers, for tools; not while commands flow. 0; -ENODEV. */
int fb_card_read64(struct fb_card_port *port, uint32_t offset, uint64_t *value);

#endif
