/* A stand-in for the Verilated core that values nothing, but believes no placement word: it
 * keeps its own rows, chains and account slots and notes the first thing that a card could not
 * do. It takes words and gives records at a random pace. */
#ifndef FAKE_CORE_H
#define FAKE_CORE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../sim/core_shim.h"
#include "../../sw/lib/command_check.h"

#define FAKE_LANES 64
#define FAKE_ROWS 1024
#define FAKE_SLOTS 256
#define FAKE_FIFO 1024
#define FAKE_NONE UINT32_MAX

struct fake_core {
	struct fb_core_geometry geometry;
	struct fb_check check;
	uint64_t account[FAKE_LANES][FAKE_SLOTS];   /* id + 1; 0: free */
	uint64_t position[FAKE_LANES][FAKE_ROWS];   /* id + 1; 0: free */
	uint32_t owner[FAKE_LANES][FAKE_ROWS];      /* slot */
	uint16_t symbol[FAKE_LANES][FAKE_ROWS];     /* [group]; FB_SYMBOLS: not in a chain */
	uint32_t next[FAKE_LANES][FAKE_ROWS];       /* [group] */
	uint32_t head[FAKE_LANES][FB_SYMBOLS];      /* [group] */
	union fb_record fifo[FAKE_FIFO];
	unsigned first, records;
	uint64_t cycles;
	unsigned taken;
	bool open;
	bool stuck, mute;                           /* plants: takes no word; gives no BATCH_END */
	char violation[160];                        /* the first one; "" */
};

static struct fake_core fake; /* one at a time; set geometry, stuck and mute before opening */

#define fake_refuse(...)                                                               \
	do {                                                                           \
		if (!*fake.violation)                                                  \
			snprintf(fake.violation, sizeof(fake.violation), __VA_ARGS__); \
	} while (0)

static void fake_forget(uint64_t next_seq)
{
	memset(fake.account, 0, sizeof(fake.account));
	memset(fake.position, 0, sizeof(fake.position));
	memset(fake.head, 0xff, sizeof(fake.head));
	for (unsigned g = 0; g < FAKE_LANES; g++)
		for (unsigned r = 0; r < FAKE_ROWS; r++)
			fake.symbol[g][r] = FB_SYMBOLS;
	fb_check_reset(&fake.check, next_seq);
}

static void fake_put(union fb_record record)
{
	if (fake.records == FAKE_FIFO) {
		fake_refuse("the record FIFO is full");
		return;
	}
	fake.fifo[(fake.first + fake.records++) % FAKE_FIFO] = record;
}

/* The seat that the word names holds its account (or is free, for a new account). */
static bool fake_seat(const union fb_command *c, bool may_be_free)
{
	uint32_t lane = c->place.place_lane, slot = c->place.place_slot;
	if (lane >= fake.geometry.lanes || slot >= fake.geometry.accounts) {
		fake_refuse("lane %u slot %u does not exist", lane, slot);
		return false;
	}
	uint64_t there = fake.account[lane][slot];
	if (there == (uint64_t)c->header.account + 1 || (there == 0 && may_be_free))
		return true;
	fake_refuse("account %u is not in lane %u slot %u", c->header.account, lane, slot);
	return false;
}

static void fake_link(uint32_t group, uint32_t row, uint16_t symbol)
{
	if (fake.symbol[group][row] != FB_SYMBOLS)
		fake_refuse("LINK of stripe %u of group %u, which symbol %u has", row, group,
			    fake.symbol[group][row]);
	fake.next[group][row] = fake.head[group][symbol];
	fake.head[group][symbol] = row;
	fake.symbol[group][row] = symbol;
}

static void fake_unlink(uint32_t group, uint16_t symbol)
{
	uint32_t row = fake.head[group][symbol];
	if (row == FAKE_NONE) {
		fake_refuse("UNLINK of symbol %u in group %u, whose chain is empty", symbol, group);
		return;
	}
	for (uint32_t i = 0; i < fake.geometry.group; i++)
		if (fake.position[group * fake.geometry.group + i][row])
			fake_refuse("UNLINK of stripe %u, in which lane %u has a row", row, i);
	fake.head[group][symbol] = fake.next[group][row];
	fake.symbol[group][row] = FB_SYMBOLS;
}

/* position and symbol lie alike in POSITION and FILL, and so do quantity and entry. */
static void fake_row(const union fb_command *c)
{
	uint32_t lane = c->place.place_lane, row = c->place.place_row;
	uint32_t group = lane / fake.geometry.group;
	uint8_t flags = c->place.place_flags;
	bool remove = c->fill.qty == 0 && c->fill.entry == 0;
	if (!fake_seat(c, false))
		return;
	if (row >= fake.geometry.rows) {
		fake_refuse("stripe %u does not exist", row);
		return;
	}
	if (flags & FB_PLACE_LINK) {
		if (remove)
			fake_refuse("LINK with a removal");
		fake_link(group, row, c->fill.symbol);
	}
	if (fake.symbol[group][row] != c->fill.symbol)
		fake_refuse("stripe %u of group %u is not of symbol %u", row, group,
			    c->fill.symbol);
	uint64_t *there = &fake.position[lane][row];
	if (*there && *there != (uint64_t)c->fill.position + 1)
		fake_refuse("lane %u stripe %u holds another position than %u", lane, row,
			    c->fill.position);
	if (*there && fake.owner[lane][row] != c->place.place_slot)
		fake_refuse("position %u belongs to another account", c->fill.position);
	if (!*there && remove)
		fake_refuse("removal of position %u, which is not there", c->fill.position);
	*there = remove ? 0 : (uint64_t)c->fill.position + 1;
	fake.owner[lane][row] = c->place.place_slot;
	if (flags & FB_PLACE_UNLINK) {
		if (!remove)
			fake_refuse("UNLINK without a removal");
		fake_unlink(group, c->fill.symbol);
	}
}

static void fake_account(const union fb_command *c)
{
	if (!fake_seat(c, !(c->header.flags & FB_FLAG_REMOVE)))
		return;
	uint32_t lane = c->place.place_lane, slot = c->place.place_slot;
	for (uint32_t row = 0; (c->header.flags & FB_FLAG_REMOVE) && row < fake.geometry.rows;
	     row++)
		if (fake.position[lane][row] && fake.owner[lane][row] == slot)
			fake_refuse("account %u is removed but has a row in stripe %u",
				    c->header.account, row);
	fake.account[lane][slot] =
		c->header.flags & FB_FLAG_REMOVE ? 0 : (uint64_t)c->header.account + 1;
}

static void fake_apply(const union fb_command *c)
{
	switch (c->header.op) {
	case FB_OP_POSITION:
	case FB_OP_FILL:
		fake_row(c);
		break;
	case FB_OP_ACCOUNT:
		fake_account(c);
		break;
	case FB_OP_COLLATERAL:
		fake_seat(c, false);
		break;
	case FB_OP_FUNDING:
		fake_put((union fb_record){
			.funding = { .kind = FB_REC_FUNDING, .seq = c->header.seq } });
		break;
	default:
		break;
	}
}

static void fake_take(const union fb_command *c)
{
	int verdict = fb_check_command(&fake.check, c);
	fake.taken++;
	if (verdict == FB_CHECK_IGNORED) {
		fake_put((union fb_record){ .fault = { .kind = FB_REC_FAULT,
						       .fault = FB_FAULT_SEQUENCE,
						       .expected_seq = fake.check.next_seq,
						       .found_seq = c->header.seq } });
		return;
	}
	if (verdict != FB_REJECT_NONE && c->header.place_reject != FB_REJECT_NONE)
		fake_refuse("a word that the card refuses carries place_reject %u",
			    c->header.place_reject);
	enum fb_reject reject = (enum fb_reject)(verdict ? verdict : (int)c->header.place_reject);
	if (reject)
		fake_put((union fb_record){ .reject = { .kind = FB_REC_REJECT, .seq = c->header.seq,
			.reason = (uint8_t)reject, .op = c->header.op } });
	else
		fake_apply(c);
	fb_check_taken(&fake.check, c, reject);
	if (c->header.op == FB_OP_RESET)
		fake_forget(c->header.seq + 1);
	if (fb_command_closes(c) && !fake.mute)
		fake_put((union fb_record){
			.batch_end = { .kind = FB_REC_BATCH_END, .seq = c->header.seq } });
}

static struct fb_core *fake_open(const char *wave_path)
{
	(void)wave_path;
	struct fake_core kept = { .geometry = fake.geometry,
				  .stuck = fake.stuck,
				  .mute = fake.mute };
	fake = kept;
	fake.open = true;
	fake_forget(1);
	return (struct fb_core *)&fake;
}

static void fake_geometry(const struct fb_core *core, struct fb_core_geometry *out)
{
	(void)core;
	*out = fake.geometry;
}

static void fake_tick(struct fb_core *core, struct fb_core_io *io)
{
	(void)core;
	fake.cycles++;
	uint64_t pace = fake.cycles * UINT64_C(0x9e3779b97f4a7c15) >> 60;
	/* Records leave a cycle after they came at the earliest. */
	io->record_valid = io->record_ready && fake.records && (pace & 3) != 3;
	if (io->record_valid) {
		io->record = fake.fifo[fake.first];
		fake.first = (fake.first + 1) % FAKE_FIFO;
		fake.records--;
	}
	io->command_taken = io->command && !fake.stuck && pace < 9 && fake.records < FAKE_FIFO / 2;
	if (io->command_taken)
		fake_take(io->command);
}

static uint64_t fake_cycles(const struct fb_core *core)
{
	(void)core;
	return fake.cycles;
}

/* Stands for a parity fault: a FAULT record without an account, as the card gives it. */
static int fake_flip(struct fb_core *core, int table, uint32_t lane, uint32_t address, uint32_t bit)
{
	(void)core;
	(void)bit;
	fake_put((union fb_record){
		.fault = { .kind = FB_REC_FAULT,
			   .lane = (uint16_t)lane,
			   .address = address,
			   .fault = table ? FB_FAULT_ACCOUNT_PARITY : FB_FAULT_ROW_PARITY } });
	return 0;
}

static void fake_close(struct fb_core *core)
{
	(void)core;
	fake.open = false;
}

static const struct fb_core_ops fake_ops = {
	.abi = FB_LAYOUT_HASH,
	.open = fake_open,
	.geometry = fake_geometry,
	.tick = fake_tick,
	.cycles = fake_cycles,
	.flip = fake_flip,
	.close = fake_close,
};

#endif
