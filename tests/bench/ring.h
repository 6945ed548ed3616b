/* A card for a bench: the driver of cards as it is, over the unit tests' card in plain C with the
 * engine `cpu:` as its core. What the card does is not the host's time. So while a span is measured
 * a line that the driver emits is stored to the window's memory, as an emitter does, and what the
 * card makes of it waits for ring_work(), which also runs the card until it has nothing to say:
 * then all its records lie in the ring. */
#ifndef RING_H
#define RING_H

#include <firebreak/engine.h>

#include "../../sw/lib/emit.h"
#include "../../sw/lib/engine_card.h"
#include "../unit/fake_card.h"

#define RING_BITS 15
#define RING_LINES 65536u /* emitted in a span */

static _Alignas(4096) uint8_t ring_window[FB_WINDOW_SLOTS * FB_WORD_BYTES];
static struct {
	bool measuring;
	struct fake_card *card;
	const struct fb_emitter *emitter;
	struct {
		uint32_t slot;
		union fb_command line;
	} *line;
	uint32_t lines;
	uint32_t consumed;
	bool tells;
} ring;

static int ring_emit(struct fb_card_port *port, uint32_t slot, const union fb_command *line)
{
	if (!ring.measuring)
		return fake_card_emit(port, slot, line);
	ring.emitter->line(ring_window + slot * FB_WORD_BYTES, line);
	if (ring.lines == RING_LINES)
		return -ENODEV;
	ring.line[ring.lines].slot = slot;
	ring.line[ring.lines++].line = *line;
	return 0;
}

static void ring_flush(struct fb_card_port *port)
{
	if (ring.measuring)
		ring.emitter->flush();
	else
		fake_card_flush(port);
}

static int ring_write32(struct fb_card_port *port, uint32_t offset, uint32_t value)
{
	if (!ring.measuring || offset != FB_REG_CONSUMED)
		return fake_card_write32(port, offset, value);
	ring.consumed = value;
	ring.tells = true;
	return 0;
}

static int ring_open_port(const char *args, struct fb_card_port **out, struct fb_error *error)
{
	static struct fb_card_port_ops ops;
	int err = fake_card_open(args, out, error);
	if (err)
		return err;
	ops = fake_card_ops;
	ops.emit = ring_emit;
	ops.flush = ring_flush;
	ops.write32 = ring_write32;
	(*out)->ops = &ops;
	ring.card = fake_card_plan.card;
	return 0;
}

/* 0 or -errno. */
static int ring_open(uint32_t accounts, uint32_t rows, struct fb_engine **out,
		     struct fb_error *error)
{
	static char core[64];
	fake_card_reset_plan();
	snprintf(core, sizeof(core), "cpu:accounts=%u,rows=%u", accounts, rows);
	fake_card_plan.core = core;
	fake_card_plan.ring_bits = RING_BITS;
	/* room to spare, since an account's rows lie in one lane */
	fake_card_plan.lanes = 8 * (1 + accounts / 4096 / 4 + rows / 8192 / 4);
	ring.emitter = fb_emitter_choose(FB_EMIT_AUTO, true, error);
	ring.line = calloc(RING_LINES, sizeof(*ring.line));
	if (!ring.emitter || !ring.line)
		return -ENOMEM;
	return fb_card_engine_open("ring", ring_open_port, "", out, error);
}

/* After a span, and before the next: the card takes what was emitted, and says what it has to. */
static void ring_work(void)
{
	struct fake_card *c = ring.card;
	uint64_t before;
	for (uint32_t i = 0; i < ring.lines; i++)
		fake_card_emit(&c->port, ring.line[i].slot, &ring.line[i].line);
	ring.lines = 0;
	if (ring.tells)
		fake_card_write32(&c->port, FB_REG_CONSUMED, ring.consumed);
	ring.tells = false;
	do {
		before = c->produced;
		fake_card_turn(c, 64);
	} while (c->produced != before || c->fifos);
}

#endif
