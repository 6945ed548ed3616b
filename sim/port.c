/* See port.h.
 *
 * Lines that a processor would keep in write-combining buffers are kept here too, until there are
 * more than it has room for, until flush(), or until a load or store to a register drives them out:
 * a driver that forgets to flush waits in vain. */
#include "port.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../sw/lib/mix.h"
#include "port_args.h"

#define CYCLE_NS 4
#define RELAX_CYCLES 16
#define COMBINING_LINES 8
#define PAGE 4096
/* Bus addresses, so that nothing works by chance that takes one for a pointer. */
#define RING_BUS UINT64_C(0x240000000)
#define STATUS_BUS UINT64_C(0x1ffff7000)
#define INTERRUPT_BUS UINT64_C(0xfee00000)
#define INTERRUPT_BYTES UINT64_C(0x100000)

struct sim_port {
	struct fb_card_port port;
	struct fb_sim_args args;
	struct fb_root *root;
	uint64_t interrupts;
	struct { uint32_t slot; union fb_command line; } combining[COMBINING_LINES];
	unsigned held;
};

static struct sim_port *sim_port(const struct fb_card_port *port)
{
	return (struct sim_port *)(uintptr_t)port;
}

/* Where bytes of a bus address lie; NULL: nothing of the card's does. */
static uint8_t *place(struct sim_port *p, uint64_t address, size_t len)
{
	uint64_t ring_bytes = (uint64_t)FB_WORD_BYTES << p->port.ring_bits;
	uint64_t at = address - p->port.ring_bus;
	if (at < ring_bytes && len <= ring_bytes - at)
		return (uint8_t *)(uintptr_t)p->port.ring + at;
	at = address - p->port.status_bus;
	if (at < FB_WORD_BYTES && len <= FB_WORD_BYTES - at)
		return (uint8_t *)(uintptr_t)p->port.status + at;
	return NULL;
}

static int memory_write(void *context, uint64_t address, const void *bytes, size_t len)
{
	struct sim_port *p = context;
	uint8_t *to = place(p, address, len);
	if (to) {
		memcpy(to, bytes, len);
		return 0;
	}
	if (address - INTERRUPT_BUS >= INTERRUPT_BYTES || len != 4)
		return -EFAULT;
	p->interrupts++;
	return 0;
}

static int memory_read(void *context, uint64_t address, void *bytes, size_t len)
{
	const uint8_t *from = place(context, address, len);
	if (from)
		memcpy(bytes, from, len);
	return from ? 0 : -EFAULT;
}

/* A store to a link that is down is lost without a word. */
static int as_a_machine(int rc)
{
	return rc == -ENODEV || rc == -ETIMEDOUT ? 0 : rc;
}

static int store(struct sim_port *p, uint32_t slot, const union fb_command *line)
{
	static const size_t pieces[FB_SIM_EMITS] = { 64, 4, 8 };
	size_t n = pieces[p->args.emit];
	int rc = 0;
	for (size_t at = 0; rc == 0 && at < sizeof(*line); at += n)
		rc = fb_root_write(p->root, 2, (uint64_t)slot * sizeof(*line) + at,
				   (const uint8_t *)line + at, n);
	return as_a_machine(rc);
}

static int drive_out(struct sim_port *p)
{
	int rc = 0;
	for (unsigned i = 0; i < p->held && rc == 0; i++)
		rc = store(p, p->combining[i].slot, &p->combining[i].line);
	p->held = 0;
	return rc;
}

static int sim_read32(struct fb_card_port *port, uint32_t offset, uint32_t *value)
{
	struct sim_port *p = sim_port(port);
	int rc = drive_out(p);
	return rc < 0 ? rc : as_a_machine(fb_root_read(p->root, 0, offset, value, 4));
}

static int sim_write32(struct fb_card_port *port, uint32_t offset, uint32_t value)
{
	struct sim_port *p = sim_port(port);
	int rc = drive_out(p);
	return rc < 0 ? rc : as_a_machine(fb_root_write(p->root, 0, offset, &value, 4));
}

static int sim_emit(struct fb_card_port *port, uint32_t slot, const union fb_command *line)
{
	struct sim_port *p = sim_port(port);
	if (slot >= FB_WINDOW_SLOTS)
		return -EINVAL;
	if (p->args.emit == FB_SIM_EMIT_DWORDS)
		return store(p, slot, line);
	int rc = p->held == COMBINING_LINES ? drive_out(p) : 0;
	p->combining[p->held].slot = slot;
	p->combining[p->held++].line = *line;
	return rc;
}

static void sim_flush(struct fb_card_port *port)
{
	drive_out(sim_port(port)); /* a breach is told by the next call */
}

static int sim_relax(struct fb_card_port *port)
{
	return fb_root_step(sim_port(port)->root, RELAX_CYCLES);
}

static uint64_t sim_now_ns(struct fb_card_port *port)
{
	return fb_root_cycles(sim_port(port)->root) * CYCLE_NS;
}

static const char *sim_why(const struct fb_card_port *port)
{
	return fb_root_why(sim_port(port)->root);
}

static void sim_close(struct fb_card_port *port)
{
	struct sim_port *p = sim_port(port);
	fb_root_close(p->root);
	free((void *)(uintptr_t)p->port.ring);
	free((void *)(uintptr_t)p->port.status);
	free(p);
}

static const struct fb_card_port_ops sim_ops = {
	.read32 = sim_read32,
	.write32 = sim_write32,
	.emit = sim_emit,
	.flush = sim_flush,
	.relax = sim_relax,
	.now_ns = sim_now_ns,
	.why = sim_why,
	.close = sim_close,
};

/* Host memory. What an earlier session would leave in it is not zero. */
static int set_memory(struct sim_port *p)
{
	size_t bytes = (size_t)FB_WORD_BYTES << p->args.ring_bits;
	void *ring = aligned_alloc(PAGE, bytes < PAGE ? PAGE : bytes);
	void *status = aligned_alloc(PAGE, PAGE);
	p->port.ring = ring;
	p->port.status = status;
	if (!ring || !status)
		return -ENOMEM;
	memset(ring, 0xa5, bytes);
	memset(status, 0xa5, FB_WORD_BYTES);
	return 0;
}

static int start(struct sim_port *p, const struct fb_card_model_ops *ops, struct fb_error *error)
{
	struct fb_card_port *port = &p->port;
	const char *wave = *p->args.wave ? p->args.wave : NULL;
	port->ops = &sim_ops;
	port->ring_bits = p->args.ring_bits;
	port->ring_bus = RING_BUS;
	port->status_bus = STATUS_BUS;
	port->nonce = (uint32_t)(fb_mix(p->args.faults.seed) & 0x3fffffff) | 1;
	snprintf(port->emitter, sizeof(port->emitter), "simulated");
	if (fb_sim_args_uri(&p->args, port->path, sizeof(port->path)) < 0)
		return fb_error_set(error, -EINVAL, "sim: more knobs than %zu letters hold",
				    sizeof(port->path) - 1);
	if (set_memory(p) < 0)
		return fb_error_set(error, -ENOMEM, "no memory for a ring of 2^%u records",
				    port->ring_bits);
	struct fb_root_memory memory = { p, memory_write, memory_read };
	if (ops)
		return fb_root_open_ops(ops, wave, &p->args.faults, &memory, &p->root, error);
	return fb_root_open(p->args.lanes, wave, &p->args.faults, &memory, &p->root, error);
}

int fb_sim_port_open_ops(const struct fb_card_model_ops *ops, const char *args,
			 struct fb_card_port **out, struct fb_error *error)
{
	struct fb_sim_args parsed;
	int rc = fb_sim_args_parse(args, &parsed, error);
	if (rc < 0)
		return rc;
	struct sim_port *p = calloc(1, sizeof(*p));
	if (!p)
		return fb_error_set(error, -ENOMEM, "no memory for a port");
	p->args = parsed;
	rc = start(p, ops, error);
	if (rc < 0) {
		sim_close(&p->port);
		return rc;
	}
	*out = &p->port;
	return 0;
}

int fb_sim_port_open(const char *args, struct fb_card_port **out, struct fb_error *error)
{
	return fb_sim_port_open_ops(NULL, args, out, error);
}

struct fb_root *fb_sim_port_root(struct fb_card_port *port)
{
	return sim_port(port)->root;
}

uint64_t fb_sim_port_interrupts(const struct fb_card_port *port)
{
	return sim_port(port)->interrupts;
}
