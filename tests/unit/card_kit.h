/* The least that drives a card through a port (card.md): a session, commands, records, and what is
 * sent again after a gap. Written apart from the driver in sw/lib, so that one can be held against
 * the other. It waits for nothing; card_turn() is one step of everything. */
#ifndef CARD_KIT_H
#define CARD_KIT_H

#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "../../sim/port.h"

#define CARD_SENT 512           /* commands kept; more than the window */

struct card_kit {
	struct fb_card_port *port;
	struct fb_root *root;
	uint32_t nonce;
	uint64_t credit;        /* sequences below may be sent */
	uint64_t next;          /* of the next command */
	uint64_t taken;         /* records */
	uint64_t told;          /* of them, the card knows */
	uint64_t gaps;
	struct fb_rec_status status;    /* the newest good one */
	uint64_t status_lines;
	union fb_command sent[CARD_SENT];
	bool broken;
};

static inline uint32_t kit_crc(const void *bytes)
{
	const uint8_t *at = bytes;
	uint32_t crc = UINT32_MAX;
	for (unsigned i = 0; i < FB_CHECKED_BYTES; i++) {
		crc ^= at[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return ~crc;
}

static inline uint32_t card_read(struct card_kit *k, uint32_t offset)
{
	uint32_t value = 0;
	int rc = k->port->ops->read32(k->port, offset, &value);
	ck_assert_msg(rc == 0, "read of %03x: %d, %s", offset, rc, k->port->ops->why(k->port));
	return value;
}

static inline uint64_t card_read64(struct card_kit *k, uint32_t offset)
{
	return card_read(k, offset) | (uint64_t)card_read(k, offset + 4) << 32;
}

static inline void card_write(struct card_kit *k, uint32_t offset, uint32_t value)
{
	int rc = k->port->ops->write32(k->port, offset, value);
	ck_assert_msg(rc == 0, "write of %03x: %d, %s", offset, rc, k->port->ops->why(k->port));
}

static inline void card_write64(struct card_kit *k, uint32_t offset, uint64_t value)
{
	card_write(k, offset, (uint32_t)value);
	card_write(k, offset + 4, (uint32_t)(value >> 32));
}

/* Opens the next session; the card goes on at the sequence `first`. */
static inline void card_session(struct card_kit *k, uint64_t first)
{
	memset((void *)(uintptr_t)k->port->ring, 0, (size_t)FB_WORD_BYTES << k->port->ring_bits);
	memset((void *)(uintptr_t)k->port->status, 0, FB_WORD_BYTES);
	memset(&k->status, 0, sizeof(k->status));
	k->nonce = k->port->nonce++;
	k->taken = k->told = k->status_lines = 0;
	k->credit = k->next = first;
	card_write64(k, FB_REG_RING_BASE, k->port->ring_bus);
	card_write(k, FB_REG_RING_BITS, k->port->ring_bits);
	card_write64(k, FB_REG_STATUS_BASE, k->port->status_bus);
	card_write64(k, FB_REG_FIRST_SEQ, first);
	card_write(k, FB_REG_SESSION, k->nonce);
}

static inline void card_open(struct card_kit *k, const struct fb_card_model_ops *ops,
			     const char *args)
{
	struct fb_error error = { "" };
	memset(k, 0, sizeof(*k));
	int rc = ops ? fb_sim_port_open_ops(ops, args, &k->port, &error)
		     : fb_sim_port_open(args, &k->port, &error);
	ck_assert_msg(rc == 0, "sim:%s: %s", args, error.text);
	k->root = fb_sim_port_root(k->port);
}

static inline void card_close(struct card_kit *k)
{
	k->port->ops->close(k->port);
	k->port = NULL;
}

/* The newest status line, if it can be believed. */
static inline void card_look(struct card_kit *k)
{
	union fb_record line;
	memcpy(&line, (const void *)(uintptr_t)k->port->status, sizeof(line));
	if (line.header.generation <= k->status_lines ||
	    (line.header.check ^ k->nonce) != kit_crc(&line))
		return;
	k->status = line.status;
	k->status_lines = line.header.generation;
	if (line.status.credit > k->credit)
		k->credit = line.status.credit;
}

static inline void card_emit(struct card_kit *k, uint64_t seq)
{
	int rc = k->port->ops->emit(k->port, (uint32_t)(seq % FB_WINDOW_SLOTS),
				    &k->sent[seq % CARD_SENT]);
	ck_assert_msg(rc == 0, "emit: %d, %s", rc, k->port->ops->why(k->port));
}

/* False: no credit. */
static inline bool card_send(struct card_kit *k, const union fb_command *command)
{
	card_look(k);
	if (k->next >= k->credit)
		return false;
	ck_assert_uint_eq(command->header.seq, k->next);
	union fb_command *line = &k->sent[k->next % CARD_SENT];
	*line = *command;
	line->header.nonce = k->nonce;
	line->header.check = kit_crc(line);
	card_emit(k, k->next++);
	k->port->ops->flush(k->port);
	return true;
}

/* The next record, if it is there whole. Records of a gap are dealt with here. */
static inline bool card_receive(struct card_kit *k, union fb_record *out)
{
	uint64_t mask = (UINT64_C(1) << k->port->ring_bits) - 1;
	const void *at = (const void *)(uintptr_t)&k->port->ring[k->taken & mask];
	memcpy(out, at, sizeof(*out));
	if (out->header.generation != (uint32_t)(k->taken + 1) ||
	    (out->header.check ^ k->nonce) != kit_crc(out))
		return false;
	k->taken++;
	if (k->taken - k->told > mask / 8) {
		k->told = k->taken;
		card_write(k, FB_REG_CONSUMED, (uint32_t)k->told);
	}
	if (out->header.kind != FB_REC_FAULT || out->fault.fault != FB_FAULT_GAP)
		return true;
	k->gaps++;
	ck_assert_uint_le(out->fault.expected_seq, k->next);
	if (out->fault.expected_seq < k->next) {
		card_emit(k, out->fault.expected_seq);
		k->port->ops->flush(k->port);
	}
	return false;
}

#endif
