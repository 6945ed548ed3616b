/* What a fake card (fake_card.h) is made of, and what the next one to open is to be like. */
#ifndef FAKE_CARD_STATE_H
#define FAKE_CARD_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <firebreak/engine.h>

#include "../../sw/lib/card_port.h"
#include "../../sw/lib/mix.h"

#define FAKE_CARD_LATER 256 /* writes to memory that become visible later */
#define FAKE_CARD_REGS 0x280

/* Percent, drawn from a seed. All but what says otherwise must change no record. */
struct fake_card_noise {
	uint64_t seed;
	uint32_t lose, flip, split, repeat; /* of lines: lost, a bit wrong, in two halves, twice */
	uint32_t torn, stale; /* of records: check word later; what was there comes back */
	uint32_t no_room;     /* of cycles without room at the core */
	uint32_t pair;        /* of two level changes in a row that fit: they leave as one word */
};

/* One thing that goes wrong for good. */
enum fake_card_event {
	FAKE_CARD_WELL,
	FAKE_CARD_GONE,       /* reads give all ones and -ENODEV, writes are lost */
	FAKE_CARD_ALL_ONES,   /* reads give all ones without an error, writes are lost */
	FAKE_CARD_BROKEN,     /* every call fails, and why() says so */
	FAKE_CARD_MUTE,       /* what it writes to memory does not arrive */
	FAKE_CARD_RESET,      /* it is reset: no session, heartbeat from 0 */
	FAKE_CARD_RESET_QUICK,/* the same, but an old line with the new heartbeat comes */
	FAKE_CARD_STOLEN,     /* another process opens a session */
	FAKE_CARD_TORN,       /* the next record keeps a wrong check word */
	FAKE_CARD_OLD_SESSION,/* the next record is one of the session before */
	FAKE_CARD_REPEATED,   /* in place of the next record, the one before */
	FAKE_CARD_SKIPPED,    /* the next record is counted and not written */
	FAKE_CARD_DEAF,       /* no command arrives whole any more: one byte is missing */
	FAKE_CARD_HUNG,       /* the core takes no command; all else goes on */
	FAKE_CARD_KILLED_BIT, /* somebody sets KILL */
	FAKE_CARD_EVENTS
};

struct fake_card {
	struct fb_card_port port;
	struct fb_engine *core;
	struct fake_card_noise noise;
	enum fake_card_event event;
	uint64_t event_record;       /* it happens when so many records were written ... */
	bool happened;
	unsigned spoil;              /* so many lines to come lack their last byte */
	uint64_t drawn, cycles, heartbeat_from;
	uint32_t reg[FAKE_CARD_REGS / 4];
	uint8_t window[FB_WINDOW_SLOTS][64];
	uint64_t whole[FB_WINDOW_SLOTS]; /* bytes that are there */
	uint64_t waited, status_cycle, next, produced, written;
	uint32_t status_generation, gaps;
	bool changed;
	union fb_record gap;
	bool gap_due;
	union fb_record fifo[2], before; /* from the core: of two, the first is looked at alone */
	unsigned fifos;
	struct {
		uint64_t cycle;
		volatile union fb_record *to;
		union fb_record record;
	} later[FAKE_CARD_LATER];
	unsigned laters;
	unsigned emits, reads;       /* calls, for tests */
	uint32_t nonces[64];         /* of sessions opened */
	unsigned sessions;
};

/* The next one to open. */
static struct {
	const char *core;            /* URI of the engine that is the core */
	uint32_t ring_bits;
	struct fake_card_noise noise;
	enum fake_card_event event;
	uint64_t event_record;
	uint32_t kill;
	bool left_over;              /* the core was reset before, and nobody took its records */
	uint64_t magic;
	uint32_t version, layout_hash, slots, lanes;
	struct fake_card *card;      /* the one opened last; NULL when it is closed */
} fake_card_plan;

static inline void fake_card_reset_plan(void)
{
	memset(&fake_card_plan, 0, sizeof(fake_card_plan));
	fake_card_plan.core = "model:";
	fake_card_plan.ring_bits = 6;
	fake_card_plan.magic = FB_MAGIC;
	fake_card_plan.version = FB_CONTRACT_VERSION;
	fake_card_plan.layout_hash = FB_LAYOUT_HASH;
	fake_card_plan.slots = FB_WINDOW_SLOTS;
	fake_card_plan.lanes = 8;
}

static inline struct fake_card *fake_card_of(const struct fb_card_port *port)
{
	return (struct fake_card *)(uintptr_t)port;
}

static inline bool fake_card_drawn(struct fake_card *c, uint32_t percent)
{
	return percent && fb_mix_below(fb_mix(c->noise.seed ^ fb_mix(++c->drawn)), 100) < percent;
}

static inline bool fake_card_is(const struct fake_card *c, enum fake_card_event event)
{
	return c->happened && c->event == event;
}

static inline void fake_card_put64(struct fake_card *c, uint32_t offset, uint64_t value)
{
	c->reg[offset / 4] = (uint32_t)value;
	c->reg[offset / 4 + 1] = (uint32_t)(value >> 32);
}

static inline uint64_t fake_card_get64(const struct fake_card *c, uint32_t offset)
{
	return (uint64_t)c->reg[offset / 4 + 1] << 32 | c->reg[offset / 4];
}

#endif
