/* The seam between the driver of a card (card.h) and whatever leads to it: sysfs or VFIO on a
 * machine, or the simulated link. hw/contract/card.md is the specification of what lies behind.
 *
 * A port belongs to one thread. Memory that the card writes is plain host memory of the port. */
#ifndef FIREBREAK_CARD_PORT_H
#define FIREBREAK_CARD_PORT_H

#include <stddef.h>
#include <stdint.h>

#include <firebreak/error.h>
#include <firebreak/layout.h>

struct fb_card_port;

struct fb_card_port_ops {
	/* BAR0, offset a multiple of 4. Value by pointer, so that a failed read is not taken for
	 * data. 0; -ENODEV: the card is gone; -EPROTO as of relax(). A read of all ones is returned
	 * as it is, and a store to a link that is down is lost without a word, as on a machine. */
	int (*read32)(struct fb_card_port *port, uint32_t offset, uint32_t *value);
	int (*write32)(struct fb_card_port *port, uint32_t offset, uint32_t value);
	/* Stores one line to a slot of BAR2; may stay in the processor until flush(). 0; -ENODEV.
	 * */
	int (*emit)(struct fb_card_port *port, uint32_t slot, const union fb_command *line);
	void (*flush)(struct fb_card_port *port);
	/* One step of waiting: a pause of the processor, or some cycles of a simulated clock. 0;
	 * -ENODEV; -EPROTO: the
	 * simulated card broke a rule. */
	int (*relax)(struct fb_card_port *port);
	/* Time for deadlines: CLOCK_MONOTONIC, or on a simulated link its cycles x 4. */
	uint64_t (*now_ns)(struct fb_card_port *port);
	/* One line for people: what went wrong in the port, "" if nothing did. */
	const char *(*why)(const struct fb_card_port *port);
	void (*close)(struct fb_card_port *port);
};

struct fb_card_port {
	const struct fb_card_port_ops *ops;
	volatile union fb_record *ring;         /* 2^ring_bits records, aligned to 4096 bytes */
	volatile union fb_record *status;       /* one, aligned to 64 bytes */
	uint64_t ring_bus, status_bus;          /* where the card must write */
	uint32_t ring_bits;
	uint32_t nonce;                         /* for the next session: not 0, not used before */
	char path[160];                         /* canonical form, for people and URIs */
	/* how lines are stored: movdir64b, wc, uc, simulated */
	char emitter[32];
};

#endif
