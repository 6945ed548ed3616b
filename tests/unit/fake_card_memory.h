/* A fake card (fake_card.h) writes to memory of the host: records into the ring, status lines. */
#ifndef FAKE_CARD_MEMORY_H
#define FAKE_CARD_MEMORY_H

#include <assert.h>

#include "../../sw/lib/crc32c.h"
#include "fake_card_state.h"

static inline void fake_card_write(volatile union fb_record *to, const union fb_record *record)
{
	for (unsigned i = 0; i < 8; i++)
		((volatile uint64_t *)to)[i] = record->words[i];
}

static inline void fake_card_later(struct fake_card *c, volatile union fb_record *to,
				   const union fb_record *record)
{
	assert(c->laters < FAKE_CARD_LATER);
	c->later[c->laters].cycle = c->cycles + 300;
	c->later[c->laters].to = to;
	c->later[c->laters++].record = *record;
}

static inline void fake_card_show(struct fake_card *c)
{
	unsigned kept = 0;
	for (unsigned i = 0; i < c->laters; i++) {
		if (c->later[i].cycle <= c->cycles)
			fake_card_write(c->later[i].to, &c->later[i].record);
		else
			c->later[kept++] = c->later[i];
	}
	c->laters = kept;
}

static inline void fake_card_stamp(struct fake_card *c, union fb_record *r, uint32_t generation)
{
	r->header.generation = generation;
	r->header.check = fb_crc32c_line(r) ^ c->reg[FB_REG_SESSION / 4];
}

static inline void fake_card_status(struct fake_card *c)
{
	union fb_record r = { .status = { .kind = FB_REC_STATUS,
					  .credit = c->next + FB_WINDOW_SLOTS,
					  .heartbeat = c->cycles - c->heartbeat_from,
					  .state = c->reg[FB_REG_STATE / 4],
					  .session = c->reg[FB_REG_SESSION / 4],
					  .produced = c->produced,
					  .gaps = c->gaps } };
	c->changed = false;
	c->status_cycle = c->cycles;
	fake_card_stamp(c, &r, ++c->status_generation);
	if (!fake_card_is(c, FAKE_CARD_MUTE))
		fake_card_write(c->port.status, &r);
}

/* The event that ruins one record; true: it is not written as usual. */
static inline bool fake_card_ruin(struct fake_card *c, volatile union fb_record *to,
				  union fb_record *r)
{
	if (c->happened || c->written < c->event_record)
		return false;
	c->happened = true;
	switch (c->event) {
	case FAKE_CARD_TORN:
		r->header.check ^= 1;
		break;
	case FAKE_CARD_OLD_SESSION:
		r->header.check ^= c->nonces[c->sessions - 1] ^ c->nonces[c->sessions - 2];
		break;
	case FAKE_CARD_REPEATED:
		*r = c->before;
		break;
	case FAKE_CARD_SKIPPED:
		return true;
	default:
		return false;
	}
	fake_card_write(to, r);
	return true;
}

static inline void fake_card_record(struct fake_card *c, union fb_record r)
{
	uint64_t size = UINT64_C(1) << c->port.ring_bits;
	volatile union fb_record *to = &c->port.ring[c->produced % size];
	union fb_record old, half;
	fake_card_stamp(c, &r, (uint32_t)++c->produced);
	c->changed = true;
	bool ruined = fake_card_ruin(c, to, &r);
	c->before = r;
	c->written++;
	if (ruined || fake_card_is(c, FAKE_CARD_MUTE))
		return;
	for (unsigned i = 0; i < 8; i++)
		old.words[i] = ((volatile uint64_t *)to)[i];
	if (fake_card_drawn(c, c->noise.torn)) {
		half = r;
		memcpy(half.bytes, old.bytes, 32);
		fake_card_write(to, &half);
		fake_card_later(c, to, &r);
	} else if (fake_card_drawn(c, c->noise.stale)) {
		fake_card_write(to, &old);
		fake_card_later(c, to, &r);
	} else {
		fake_card_write(to, &r);
	}
}

#endif
