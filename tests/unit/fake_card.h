/* A port (card_port.h) with a card behind it that is plain C: hw/contract/card.md over any engine,
 * with a clock of its own, and faults on demand. Every call of the port turns the clock a little,
 * as a simulated link does. */
#ifndef FAKE_CARD_H
#define FAKE_CARD_H

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "fake_card_step.h"

#define FAKE_CARD_CALL 2   /* cycles that a call takes */
#define FAKE_CARD_RELAX 64 /* cycles of a relax() */

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
