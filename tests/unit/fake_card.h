/* A port (card_port.h) with a card behind it that is plain C: hw/contract/card.md over any engine,
 * with a clock of its own, and faults on demand. Every call of the port turns the clock a little,
 * as a simulated link does. */
#ifndef FAKE_CARD_H
#define FAKE_CARD_H

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/engine.h>

#include "../../sw/lib/card_port.h"
#include "../../sw/lib/crc32c.h"
#include "../../sw/lib/mix.h"
#include "pair_kit.h"

#define FAKE_CARD_LATER 256 /* writes to memory that become visible later */
#define FAKE_CARD_REGS 0x280
#define FAKE_CARD_CALL 2   /* cycles that a call takes */
#define FAKE_CARD_RELAX 64 /* cycles of a relax() */

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

/* ---- memory of the host ---- */

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

/* ---- a step of the card ---- */

static inline void fake_card_close_session(struct fake_card *c)
{
	c->reg[FB_REG_SESSION / 4] = 0;
	c->reg[FB_REG_STATE / 4] = FB_CARD_CLOSED;
	memset(c->whole, 0, sizeof(c->whole));
	c->gap_due = false;
}

static inline void fake_card_open_session(struct fake_card *c, uint32_t nonce)
{
	fake_card_close_session(c);
	if (nonce == 0 || nonce == UINT32_MAX)
		return;
	c->reg[FB_REG_SESSION / 4] = nonce;
	c->nonces[c->sessions++ % 64] = nonce;
	c->next = fake_card_get64(c, FB_REG_FIRST_SEQ);
	c->produced = c->gaps = c->reg[FB_REG_CONSUMED / 4] = 0;
	c->reg[FB_REG_STATE / 4] = c->reg[FB_REG_KILL / 4] & 1 ? FB_CARD_KILLED : FB_CARD_RUNNING;
	c->status_generation = 0;
	c->waited = 0;
	fake_card_status(c);
}

static inline void fake_card_take(struct fake_card *c, const union fb_command *line)
{
	union fb_command word = *line;
	word.header.nonce = word.header.check = 0;
	int err = fb_engine_submit(c->core, &word);
	assert(err == 0);
	(void)err;
	c->next++;
	c->changed = true;
	c->waited = 0;
}

/* There are pieces of the next command or of a later one. */
static inline bool fake_card_pieces(const struct fake_card *c)
{
	for (uint64_t k = 0; k < FB_WINDOW_SLOTS / 2; k++)
		if (c->whole[(c->next + k) % FB_WINDOW_SLOTS])
			return true;
	return false;
}

/* 16 cycles of the window. */
static inline void fake_card_window(struct fake_card *c)
{
	uint32_t slot = (uint32_t)(c->next % FB_WINDOW_SLOTS);
	union fb_command line;
	if (c->reg[FB_REG_STATE / 4] != FB_CARD_RUNNING || c->fifos > 0 ||
	    fake_card_drawn(c, c->noise.no_room) || fake_card_is(c, FAKE_CARD_HUNG))
		return;
	memcpy(&line, c->window[slot], sizeof(line));
	bool good = c->whole[slot] == UINT64_MAX && fb_crc32c_line(&line) == line.header.check;
	if (good) {
		c->whole[slot] = 0;
		if (line.header.nonce == c->reg[FB_REG_SESSION / 4] && line.header.seq == c->next)
			fake_card_take(c, &line);
		else
			c->reg[FB_REG_STALE / 4]++;
		return;
	}
	c->waited += 16;
	if (c->waited < c->reg[FB_REG_GAP_CYCLES / 4] || c->gap_due || !fake_card_pieces(c))
		return;
	c->waited = 0;
	c->gaps++;
	c->gap_due = true;
	c->gap = (union fb_record){ .fault = { .kind = FB_REC_FAULT,
					       .fault = FB_FAULT_GAP,
					       .expected_seq = c->next } };
}

/* What the core has to say: a word, and one behind it that did not fit into the same. */
static inline void fake_card_fetch(struct fake_card *c)
{
	union fb_record pair;
	if (c->fifos == 0 && fb_engine_poll(c->core, c->fifo, 1, NULL) > 0)
		c->fifos = 1;
	if (c->fifos != 1 || !pair_fits(&c->fifo[0]) || !fake_card_drawn(c, c->noise.pair) ||
	    fb_engine_poll(c->core, &c->fifo[1], 1, NULL) <= 0)
		return;
	c->fifos = 2;
	if (pair_make(&c->fifo[0], &c->fifo[1], &pair)) {
		c->fifo[0] = pair;
		c->fifos = 1;
	}
}

static inline void fake_card_writer(struct fake_card *c)
{
	uint32_t state = c->reg[FB_REG_STATE / 4];
	fake_card_fetch(c);
	bool room = (uint32_t)c->produced - c->reg[FB_REG_CONSUMED / 4] < 1u << c->port.ring_bits;
	if ((state != FB_CARD_RUNNING && state != FB_CARD_KILLED) || !room)
		return;
	if (c->gap_due) {
		c->gap_due = false;
		fake_card_record(c, c->gap);
	} else if (c->fifos) {
		union fb_record next = c->fifo[0];
		c->fifo[0] = c->fifo[1];
		c->fifos--;
		fake_card_record(c, next);
	}
}

/* What happens apart from records. */
static inline void fake_card_happen(struct fake_card *c)
{
	if (c->happened || c->event == FAKE_CARD_WELL || c->written < c->event_record ||
	    (c->event >= FAKE_CARD_TORN && c->event <= FAKE_CARD_SKIPPED))
		return;
	c->happened = true;
	if (c->event == FAKE_CARD_RESET_QUICK) {
		c->heartbeat_from = c->cycles;
		fake_card_status(c);
	}
	if (c->event == FAKE_CARD_RESET || c->event == FAKE_CARD_RESET_QUICK) {
		fake_card_close_session(c);
		c->heartbeat_from = c->cycles;
	}
	if (c->event == FAKE_CARD_STOLEN) {
		fake_card_close_session(c);
		c->reg[FB_REG_SESSION / 4] = 0xabcdef01;
	}
	if (c->event == FAKE_CARD_KILLED_BIT) {
		c->reg[FB_REG_KILL / 4] = 1;
		c->reg[FB_REG_STATE / 4] = FB_CARD_KILLED;
	}
}

static inline void fake_card_turn(struct fake_card *c, unsigned cycles)
{
	uint64_t end = c->cycles + cycles;
	for (uint64_t at = c->cycles / 16 * 16 + 16; at <= end; at += 16) {
		c->cycles = at;
		fake_card_happen(c);
		fake_card_show(c);
		uint32_t state = c->reg[FB_REG_STATE / 4];
		if (fake_card_is(c, FAKE_CARD_STOLEN) || fake_card_is(c, FAKE_CARD_GONE) ||
		    fake_card_is(c, FAKE_CARD_ALL_ONES))
			continue;
		fake_card_window(c);
		fake_card_writer(c);
		uint64_t age = c->cycles - c->status_cycle;
		if (state != FB_CARD_CLOSED && state != 0 &&
		    ((c->changed && age >= 64) || age >= c->reg[FB_REG_STATUS_CYCLES / 4]))
			fake_card_status(c);
	}
	c->cycles = end;
}

/* ---- the port ---- */

static inline int fake_card_failing(struct fake_card *c, unsigned cycles)
{
	fake_card_happen(c);
	fake_card_turn(c, cycles);
	return fake_card_is(c, FAKE_CARD_GONE)     ? -ENODEV
	       : fake_card_is(c, FAKE_CARD_BROKEN) ? -EPROTO
						   : 0;
}

static inline int fake_card_read32(struct fb_card_port *port, uint32_t offset, uint32_t *value)
{
	struct fake_card *c = fake_card_of(port);
	int err = fake_card_failing(c, FAKE_CARD_CALL);
	c->reads++;
	fake_card_put64(c, FB_REG_NEXT_SEQ, c->next);
	fake_card_put64(c, FB_REG_PRODUCED, c->produced);
	c->reg[FB_REG_GAPS / 4] = c->gaps;
	*value = offset / 4 < FAKE_CARD_REGS / 4 ? c->reg[offset / 4] : 0;
	if (err || fake_card_is(c, FAKE_CARD_ALL_ONES))
		*value = UINT32_MAX;
	return err;
}

static inline int fake_card_write32(struct fb_card_port *port, uint32_t offset, uint32_t value)
{
	struct fake_card *c = fake_card_of(port);
	int err = fake_card_failing(c, FAKE_CARD_CALL);
	if (err || fake_card_is(c, FAKE_CARD_ALL_ONES) || fake_card_is(c, FAKE_CARD_STOLEN))
		return err;
	bool rw = offset >= FB_REG_RING_BASE && offset < FB_REG_NEXT_SEQ;
	if (offset == FB_REG_SESSION)
		fake_card_open_session(c, value);
	else if (rw) /* as the card's, FIRST_SEQ has a bit that reads 0 */
		c->reg[offset / 4] = offset == FB_REG_FIRST_SEQ + 4 ? value & INT32_MAX : value;
	if (offset == FB_REG_KILL && c->reg[FB_REG_STATE / 4] >= FB_CARD_RUNNING)
		c->reg[FB_REG_STATE / 4] = value & 1 ? FB_CARD_KILLED : FB_CARD_RUNNING;
	return 0;
}

static inline void fake_card_arrive(struct fake_card *c, uint32_t slot, const void *line,
				    unsigned from, unsigned n)
{
	memcpy(&c->window[slot][from], (const uint8_t *)line + from, n);
	c->whole[slot] |= (n == 64 ? UINT64_MAX : ((UINT64_C(1) << n) - 1) << from);
	/* Pieces come one by one. */
	fake_card_turn(c, 16);
}

static inline int fake_card_emit(struct fb_card_port *port, uint32_t slot,
				 const union fb_command *line)
{
	struct fake_card *c = fake_card_of(port);
	int err = fake_card_failing(c, FAKE_CARD_CALL);
	uint8_t bytes[64];
	c->emits++;
	if (err || fake_card_is(c, FAKE_CARD_ALL_ONES) || fake_card_is(c, FAKE_CARD_STOLEN) ||
	    fake_card_drawn(c, c->noise.lose))
		return err;
	memcpy(bytes, line, sizeof(bytes));
	if (fake_card_drawn(c, c->noise.flip))
		bytes[fb_mix_below(fb_mix(c->drawn), 64)] ^= 4;
	unsigned copies = 1 + fake_card_drawn(c, c->noise.repeat);
	while (copies-- > 0) {
		if (fake_card_is(c, FAKE_CARD_DEAF) || c->spoil) {
			c->spoil -= c->spoil > 0;
			fake_card_arrive(c, slot, bytes, 0, 63);
		} else if (fake_card_drawn(c, c->noise.split)) {
			fake_card_arrive(c, slot, bytes, 24, 40);
			fake_card_arrive(c, slot, bytes, 0, 24);
		} else {
			fake_card_arrive(c, slot, bytes, 0, 64);
		}
	}
	return 0;
}

static inline void fake_card_flush(struct fb_card_port *port)
{
	fake_card_turn(fake_card_of(port), FAKE_CARD_CALL);
}

static inline int fake_card_relax(struct fb_card_port *port)
{
	return fake_card_failing(fake_card_of(port), FAKE_CARD_RELAX);
}

static inline uint64_t fake_card_now(struct fb_card_port *port)
{
	return fake_card_of(port)->cycles * 4;
}

static inline const char *fake_card_why(const struct fb_card_port *port)
{
	return fake_card_is(fake_card_of(port), FAKE_CARD_BROKEN) ? "SIGBUS at BAR 0 + 0x120" : "";
}

static inline void fake_card_close(struct fb_card_port *port)
{
	struct fake_card *c = fake_card_of(port);
	if (fake_card_plan.card == c)
		fake_card_plan.card = NULL;
	fb_engine_close(c->core);
	free((void *)(uintptr_t)c->port.ring);
	free((void *)(uintptr_t)c->port.status);
	free(c);
}

static const struct fb_card_port_ops fake_card_ops = {
	.read32 = fake_card_read32,
	.write32 = fake_card_write32,
	.emit = fake_card_emit,
	.flush = fake_card_flush,
	.relax = fake_card_relax,
	.now_ns = fake_card_now,
	.why = fake_card_why,
	.close = fake_card_close,
};

static inline void fake_card_identity(struct fake_card *c)
{
	fake_card_put64(c, FB_REG_MAGIC, fake_card_plan.magic);
	fake_card_put64(c, FB_REG_GIT_HASH, UINT64_C(0x0123456789abcdef));
	c->reg[FB_REG_VERSION / 4] = fake_card_plan.version;
	c->reg[FB_REG_LAYOUT_HASH / 4] = fake_card_plan.layout_hash;
	c->reg[FB_REG_LANES / 4] = fake_card_plan.lanes;
	c->reg[FB_REG_GROUP / 4] = 4;
	c->reg[FB_REG_ROWS_PER_LANE / 4] = 8192;
	c->reg[FB_REG_ACCOUNTS_PER_LANE / 4] = 4096;
	c->reg[FB_REG_CLOCK_HZ / 4] = 250000000;
	c->reg[FB_REG_SLOTS / 4] = fake_card_plan.slots;
	c->reg[FB_REG_BUILD_DATE / 4] = 20000;
	c->reg[FB_REG_CAPABILITIES / 4] = 1;
	c->reg[FB_REG_GAP_CYCLES / 4] = 16384;
	c->reg[FB_REG_STATUS_CYCLES / 4] = 65536;
	c->reg[FB_REG_KILL / 4] = fake_card_plan.kill;
	c->reg[FB_REG_STATE / 4] = FB_CARD_CLOSED;
}

/* As fake_card_plan says. args are not looked at. */
static inline int fake_card_open(const char *args, struct fb_card_port **out,
				 struct fb_error *error)
{
	struct fake_card *c = calloc(1, sizeof(*c));
	(void)args;
	assert(c);
	c->port.ops = &fake_card_ops;
	c->port.ring_bits = fake_card_plan.ring_bits;
	c->port.ring = aligned_alloc(4096, (size_t)64 << c->port.ring_bits);
	c->port.status = aligned_alloc(64, 64);
	assert(c->port.ring && c->port.status);
	memset((void *)(uintptr_t)c->port.ring, 0xee, (size_t)64 << c->port.ring_bits);
	memset((void *)(uintptr_t)c->port.status, 0xee, 64);
	c->port.nonce = 0x5e550001;
	snprintf(c->port.path, sizeof(c->port.path), "fake");
	snprintf(c->port.emitter, sizeof(c->port.emitter), "simulated");
	c->noise = fake_card_plan.noise;
	c->event = fake_card_plan.event;
	c->event_record = fake_card_plan.event_record;
	fake_card_identity(c);
	int err = fb_engine_open(fake_card_plan.core, &c->core, error);
	assert(err == 0);
	if (fake_card_plan.left_over) {
		union fb_command word = { .reset = { .op = FB_OP_RESET } };
		err = fb_engine_submit(c->core, &word);
		word = (union fb_command){ .fence = { .op = FB_OP_FENCE, .seq = 1 } };
		err = err ? err : fb_engine_submit(c->core, &word);
		assert(err == 0);
	}
	fake_card_plan.card = c;
	*out = &c->port;
	return err;
}

#endif
