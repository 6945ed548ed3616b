/* Records from the ring: there if and only if generation and check word are right. See card.md,
 * section 4. */
#include <errno.h>
#include <inttypes.h>

#include "card_internal.h"
#include "crc32c.h"
#include "fetch.h"

void card_ring_begin(struct fb_card_driver *card)
{
	card->received = card->told = 0;
	card->doubted = 0;
}

/* Of the nth record of the session, from 0 on. */
static inline const volatile union fb_record *slot(const struct fb_card_driver *card, uint64_t n)
{
	uint64_t mask = (UINT64_C(1) << card->port->ring_bits) - 1;
	return &card->port->ring[n & mask];
}

/* Each word is read once: the card may be writing. In halves of 16 bytes and not of 8, for whoever
 * hashes the copy reads it so, and would wait for two stores to become one. */
typedef uint64_t half __attribute__((vector_size(16), aligned(8), may_alias));

static inline void copy(const volatile union fb_record *from, union fb_record *to)
{
	const volatile half *in = (const volatile half *)from;
	half *out = (half *)to;
	half h0 = in[0], h1 = in[1], h2 = in[2], h3 = in[3];
	out[0] = h0, out[1] = h1, out[2] = h2, out[3] = h3;
}

/* The nth record, if it is there; its check word is xor the nonce in any case. */
static inline bool look(const struct fb_card_driver *card, uint64_t n, union fb_record *out)
{
	const volatile union fb_record *record = slot(card, n);
	if (record->header.generation != (uint32_t)(n + 1))
		return false;
	copy(record, out);
	return out->header.generation == (uint32_t)(n + 1) &&
	       (out->header.check ^ card->nonce) == fb_crc32c_line(out);
}

uint32_t fb_card_ahead(const struct fb_card_driver *card)
{
	const volatile union fb_record *record = slot(card, card->received);
	/* The line after it comes from the card, too: not one after the other. */
	fb_fetch((const void *)(uintptr_t)slot(card, card->received + 1));
	return record->header.generation == (uint32_t)(card->received + 1) &&
			       record->header.kind == FB_REC_LEVEL
		       ? record->header.account
		       : 0;
}

static int tell_consumed(struct fb_card_driver *card)
{
	int err = card->port->ops->write32(card->port, FB_REG_CONSUMED, (uint32_t)card->received);
	card->told = card->received;
	card->counts.consumed_writes++;
	return err ? card_port_died(card, err, "writing CONSUMED") : 0;
}

/* Lazily: a write of the bus for every eighth of the ring. */
static int consumed(struct fb_card_driver *card)
{
	bool due = card->received - card->told >= (1u << card->port->ring_bits) / 8;
	return due && card->phase != CARD_PHASE_CLOSED ? tell_consumed(card) : 0;
}

/* A gap is the driver's own affair: the record goes no further. */
static int take_gap(struct fb_card_driver *card, const union fb_record *record)
{
	return card->phase == CARD_PHASE_CLOSED ? 0
						: card_send_gap(card, record->fault.expected_seq);
}

int fb_card_receive(struct fb_card_driver *card, union fb_record *out, size_t room)
{
	size_t n = 0;
	if (card->dead)
		return -EIO;
	for (uint64_t at = card->received; n < room && look(card, at, &out[n]); n++) {
		const union fb_record *record = &out[n];
		card->received = ++at;
		card->counts.received++;
		card->doubted = 0;
		int err = consumed(card);
		bool level = record->header.kind == FB_REC_LEVEL,
		     gap = record->header.kind == FB_REC_FAULT &&
			   record->fault.fault == FB_FAULT_GAP;
		if (!err && gap)
			err = take_gap(card, record);
		if (err)
			return err;
		if (gap) {
			n--;
			continue;
		}
		out[n].header.generation = out[n].header.check = 0;
		if (!level)
			return (int)n + 1;
	}
	return (int)n;
}

/* What lies in the slot instead, for people. */
static int lost(struct fb_card_driver *card)
{
	union fb_record found;
	const volatile union fb_record *record = slot(card, card->received);
	copy(record, &found);
	uint32_t generation = found.header.generation,
		 nonce = found.header.check ^ fb_crc32c_line(&found);
	uint64_t n = card->received;
	if (generation == (uint32_t)(n + 1) && nonce == card->nonce_before)
		return card_die(card,
				"record %" PRIu64 " is one of the session before, %08x: the card "
				"repeats old writes",
				n, nonce);
	if (generation == (uint32_t)(n + 1))
		return card_die(card,
				"record %" PRIu64 " is torn: its check word is still wrong after "
				"%u us; the card or the memory errs",
				n, FB_CARD_TORN_NS / 1000 * card->patience);
	return card_die(card,
			"record %" PRIu64 " is missing: the card wrote %" PRIu64
			" records, but its place in the ring holds generation %u, expected %u; a "
			"write was lost or went elsewhere",
			n, card->status.produced, generation, (uint32_t)(n + 1));
}

/* A record that must be there and is not has a deadline. */
static int doubt(struct fb_card_driver *card, uint64_t now_ns)
{
	union fb_record record;
	uint64_t next = card->received;
	bool due = slot(card, next)->header.generation == (uint32_t)(next + 1) ||
		   card->status.produced > next;
	if (!due) {
		card->doubted = 0;
		return 0;
	}
	if (card->doubted != card->received + 1) {
		card->doubted = card->received + 1;
		card->doubted_ns = now_ns;
		return 0;
	}
	bool late = now_ns - card->doubted_ns > card_deadline(card, FB_CARD_TORN_NS);
	return late && !look(card, card->received, &record) ? lost(card) : 0;
}

int card_ring_idle(struct fb_card_driver *card, uint64_t now_ns)
{
	card->gap_answered = false;
	int err = 0;
	/* With nothing under way the card learns of the rest. */
	if (card->told != card->received && fb_card_quiet(card))
		err = tell_consumed(card);
	return err ? err : doubt(card, now_ns);
}

int fb_card_idle(struct fb_card_driver *card)
{
	if (card->dead)
		return -EIO;
	uint64_t now = card_now(card);
	int err = card_ring_idle(card, now);
	/* The status line first: after a pause of ours it says what was taken meanwhile. */
	if (!err && card->phase != CARD_PHASE_CLOSED)
		err = card_status_idle(card, now);
	if (!err && card->phase != CARD_PHASE_CLOSED)
		err = card_send_idle(card, now);
	if (err)
		return err;
	err = card->port->ops->relax(card->port);
	return err ? card_port_died(card, err, "waiting for the card") : 0;
}
