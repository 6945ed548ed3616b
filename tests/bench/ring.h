/* A card for a bench: the driver of cards as it is, over the unit tests' card in plain C with the
 * engine `cpu:` as its core. What the card does is not the host's time, and must not be seen in the
 * host's caches. So a line that the driver emits is stored to the window's memory, as an emitter
 * does, and what the card makes of it waits for ring_work(), which runs the card until it has
 * nothing to say: then all its records lie in the ring. It does so in a thread of its own on
 * another processor, so that records come from outside as those of a card do, and neither the
 * card's tables nor its code crowd out the host's. Where there is only one processor, or
 * ring_beside() was not called, the card works in the caller's place. */
#ifndef RING_H
#define RING_H

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#include <firebreak/engine.h>

#include "../../sw/lib/emit.h"
#include "../../sw/lib/engine_card.h"
#include "../unit/fake_card.h"

#define RING_BITS 15
#define RING_LINES 65536u /* emitted in a span */
#define RING_RELAXED 1000000u

static _Alignas(4096) uint8_t ring_window[FB_WINDOW_SLOTS * FB_WORD_BYTES];
static struct {
	bool apart;     /* commands wait for ring_work() */
	bool measuring; /* a span: the card rests */
	uint32_t relaxed; /* in it */
	struct fake_card *card;
	const struct fb_emitter *emitter;
	struct {
		uint32_t slot;
		union fb_command line;
	} *line;
	uint32_t lines;
	uint32_t consumed;
	bool tells;
	/* the card's thread: works whenever the first is above the second */
	pthread_t thread;
	bool threaded;
	_Alignas(64) _Atomic uint64_t asked;
	_Alignas(64) _Atomic uint64_t done;
} ring;
#define RING_OVER UINT64_MAX /* asked for last */

static int ring_emit(struct fb_card_port *port, uint32_t slot, const union fb_command *line)
{
	if (!ring.apart)
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
	if (ring.apart)
		ring.emitter->flush();
	else
		fake_card_flush(port);
}

static int ring_write32(struct fb_card_port *port, uint32_t offset, uint32_t value)
{
	if (!ring.apart || offset != FB_REG_CONSUMED)
		return fake_card_write32(port, offset, value);
	ring.consumed = value;
	ring.tells = true;
	return 0;
}

static void ring_work(void);

/* The driver found nothing to read and has nothing to send. */
static int ring_relax(struct fb_card_port *port)
{
	if (!ring.apart)
		return fake_card_relax(port);
	/* in a span all that it waits for is there, or it would wait for ever */
	if (ring.measuring && ++ring.relaxed < RING_RELAXED)
		__builtin_ia32_pause();
	else
		ring_work();
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
	ops.relax = ring_relax;
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

/* The card takes what was emitted, and says what it has to. */
static void ring_turn(void)
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

/* Spins for a while, and then lets others have the processor. */
static void ring_wait(const _Atomic uint64_t *of, uint64_t until)
{
	for (unsigned n = 0; atomic_load_explicit(of, memory_order_acquire) < until; n++)
		if (n < 4096)
			__builtin_ia32_pause();
		else
			sched_yield();
}

static void *ring_thread(void *unused)
{
	(void)unused;
	for (uint64_t n = 1;; n++) {
		ring_wait(&ring.asked, n);
		if (atomic_load(&ring.asked) == RING_OVER)
			return NULL;
		ring_turn();
		atomic_store_explicit(&ring.done, n, memory_order_release);
	}
}

/* After a span, and before the next. */
static void ring_work(void)
{
	if (!ring.threaded) {
		ring_turn();
		return;
	}
	uint64_t n = atomic_load(&ring.asked) + 1;
	atomic_store_explicit(&ring.asked, n, memory_order_release);
	ring_wait(&ring.done, n);
}

/* From now on the card works in ring_work() alone; with a processor besides this one, there. */
static void ring_beside(bool thread)
{
	cpu_set_t other;
	size_t processors = (size_t)sysconf(_SC_NPROCESSORS_ONLN), here = (size_t)sched_getcpu();
	ring.apart = true;
	if (!thread || processors < 2 || pthread_create(&ring.thread, NULL, ring_thread, NULL))
		return;
	CPU_ZERO(&other);
	for (size_t i = 0; i < processors && i < CPU_SETSIZE; i++)
		if (i != here)
			CPU_SET(i, &other);
	ring.threaded = pthread_setaffinity_np(ring.thread, sizeof(other), &other) == 0;
	if (!ring.threaded) {
		atomic_store(&ring.asked, RING_OVER);
		pthread_join(ring.thread, NULL);
	}
}

static void ring_alone(void)
{
	if (ring.threaded) {
		atomic_store(&ring.asked, RING_OVER);
		pthread_join(ring.thread, NULL);
	}
	ring.threaded = ring.apart = false;
	ring_turn();
}

#endif
