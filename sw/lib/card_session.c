/* Sessions: what is written to open one, and how it ends. See card.h and card.md, section 2. */
#include <errno.h>
#include <inttypes.h>

#include "card_internal.h"

static int put32(struct fb_card_driver *card, uint32_t offset, uint32_t value)
{
	return card->port->ops->write32(card->port, offset, value);
}

/* The low dword first. */
static int put64(struct fb_card_driver *card, uint32_t offset, uint64_t value)
{
	int err = put32(card, offset, (uint32_t)value);
	return err ? err : put32(card, offset + 4, (uint32_t)(value >> 32));
}

/* A number that this memory has not seen: what an earlier session left in it must not pass. */
static uint32_t fresh_nonce(struct fb_card_port *port)
{
	uint32_t nonce = port->nonce++;
	if (port->nonce == UINT32_MAX)
		port->nonce = 1;
	return nonce;
}

static void forget_memory(struct fb_card_driver *card)
{
	volatile uint64_t *words = (volatile uint64_t *)card->port->ring;
	for (size_t i = 0; i < (size_t)8 << card->port->ring_bits; i++)
		words[i] = 0;
	words = (volatile uint64_t *)card->port->status;
	for (size_t i = 0; i < 8; i++)
		words[i] = 0;
}

/* Closes whatever session there is, ours or one of a process that is gone. Reads push the card's
 * last writes before them. */
static int close_any(struct fb_card_driver *card)
{
	uint32_t state = 0;
	uint64_t started = card_now(card);
	int err = put32(card, FB_REG_SESSION, 0);
	while (!err) {
		bool late = card_now(card) - started > card_deadline(card, FB_CARD_OPEN_NS);
		err = card->port->ops->read32(card->port, FB_REG_STATE, &state);
		if (err || state == FB_CARD_CLOSED)
			break;
		if (state == UINT32_MAX)
			err = -ENODEV;
		else if (late)
			return card_die(card,
					"the session does not close: state is %u after %u us, "
					"expected %u; reset the function",
					state, FB_CARD_OPEN_NS / 1000 * card->patience,
					FB_CARD_CLOSED);
		else
			err = card->port->ops->relax(card->port);
	}
	return err ? card_port_died(card, err, "closing a session") : 0;
}

int card_session_close(struct fb_card_driver *card)
{
	uint64_t produced;
	int err = close_any(card);
	if (err)
		return err;
	err = fb_card_read64(card->port, FB_REG_PRODUCED, &produced);
	if (err)
		return card_port_died(card, err, "reading PRODUCED");
	if (produced < card->received || produced - card->received > 1u << card->port->ring_bits)
		return card_die(card,
				"PRODUCED is %" PRIu64 ", but %" PRIu64 " records were received",
				produced, card->received);
	card->status.produced = produced;
	return 0;
}

static int write_registers(struct fb_card_driver *card, uint64_t first)
{
	struct fb_card_port *port = card->port;
	int err = put64(card, FB_REG_RING_BASE, port->ring_bus);
	if (!err)
		err = put32(card, FB_REG_RING_BITS, port->ring_bits);
	if (!err)
		err = put64(card, FB_REG_STATUS_BASE, port->status_bus);
	if (!err)
		err = put32(card, FB_REG_GAP_CYCLES, FB_CARD_GAP_CYCLES);
	if (!err)
		err = put32(card, FB_REG_STATUS_CYCLES, FB_CARD_STATUS_CYCLES);
	if (!err)
		err = put64(card, FB_REG_FIRST_SEQ, first);
	return err ? err : put32(card, FB_REG_SESSION, card->nonce);
}

/* The first status line says that the card can reach us. */
static int wait_running(struct fb_card_driver *card)
{
	uint64_t started = card_now(card);
	while (card->status.state != FB_CARD_RUNNING) {
		bool late = card_now(card) - started > card_deadline(card, FB_CARD_OPEN_NS);
		int got = card_status_look(card);
		if (got < 0)
			return got;
		if (card->status.state == FB_CARD_RUNNING)
			break;
		if (late)
			return card_status_diagnose(card);
		int err = card->port->ops->relax(card->port);
		if (err)
			return card_port_died(card, err, "opening a session");
	}
	card->heard_ns = card->moved_ns = card_now(card);
	return 0;
}

int card_session_open(struct fb_card_driver *card, uint64_t first)
{
	if (first >> 63)
		return card_die(card,
				"RESET carries sequence %" PRIu64
				"; a session of a card begins below 2^63",
				first);
	int err = close_any(card);
	if (err)
		return err;
	forget_memory(card);
	card->nonce_before = card->nonce;
	card->nonce = fresh_nonce(card->port);
	card_send_begin(card, first);
	card_ring_begin(card);
	card_status_begin(card);
	card->counts.sessions++;
	err = write_registers(card, first);
	if (err)
		return card_port_died(card, err, "opening a session");
	card->phase = CARD_PHASE_RUN;
	return wait_running(card);
}
