/* What the files of the driver share. See card.h. */
#ifndef CARD_INTERNAL_H
#define CARD_INTERNAL_H

#include "card.h"

/* RESET carries another sequence than the next: the session is over when the card has taken all
 * that was sent (DRAIN), and a new one begins when the ring is empty (CLOSED). */
enum card_phase { CARD_PHASE_RUN, CARD_PHASE_DRAIN, CARD_PHASE_CLOSED };

struct fb_card_driver {
	struct fb_card_port *port;
	struct fb_card_identity identity;
	unsigned patience;
	uint32_t nonce, nonce_before; /* of this session and the last one */
	enum card_phase phase;

	/* commands: card_send.c */
	/* as stored, by slot: until taken */
	_Alignas(64) union fb_command line[FB_WINDOW_SLOTS];
	uint64_t next;                          /* sequence of the next line */
	uint64_t taken;                         /* the window took all below */
	bool unflushed;
	bool moved;                             /* taken grew, or the first line was sent */
	uint64_t moved_ns;                      /* when that was seen, or the last resending */
	uint64_t moved_cycle;                   /* the same in the card's cycles; 0: not known */
	uint64_t gap_seq;                       /* of the newest GAP fault that was answered */
	unsigned gap_tries;
	bool gap_answered;                      /* and the ring was not empty since */

	/* records: card_ring.c */
	uint64_t received;
	uint64_t told;                          /* last written to CONSUMED */
	uint64_t doubted;                       /* record in doubt + 1; 0: none */
	uint64_t doubted_ns;

	/* status line: card_status.c */
	struct fb_rec_status status;            /* the newest good one */
	bool heard;                             /* it is newer than heard_ns */
	uint64_t heard_ns;

	struct fb_card_counts counts;
	bool dead;
	char why[320];
};

/* The first reason stays. Returns -EIO. */
__attribute__((format(printf, 2, 3)))
int card_die(struct fb_card_driver *card, const char *format, ...);
/* An error of the port. */
int card_port_died(struct fb_card_driver *card, int code, const char *doing);
static inline uint64_t card_now(struct fb_card_driver *card)
{
	return card->port->ops->now_ns(card->port);
}
static inline uint64_t card_deadline(const struct fb_card_driver *card, uint64_t ns)
{
	return ns * card->patience;
}

/* card_session.c. first: sequence of its first command. */
int card_session_open(struct fb_card_driver *card, uint64_t first);
/* Closes the session and leaves in status.produced how many records it wrote. */
int card_session_close(struct fb_card_driver *card);

/* card_send.c */
void card_send_begin(struct fb_card_driver *card, uint64_t first);
int card_send_gap(struct fb_card_driver *card, uint64_t expected_seq);
int card_send_idle(struct fb_card_driver *card, uint64_t now_ns);

/* card_ring.c */
void card_ring_begin(struct fb_card_driver *card);
int card_ring_idle(struct fb_card_driver *card, uint64_t now_ns);

/* card_status.c */
void card_status_begin(struct fb_card_driver *card);
/* Takes over the line if it is new. 1: it is; 0; -EIO: it cannot be true. */
int card_status_look(struct fb_card_driver *card);
/* Asks the registers why there is no line, and dies of it. */
int card_status_diagnose(struct fb_card_driver *card);
int card_status_idle(struct fb_card_driver *card, uint64_t now_ns);

#endif
