/* A step of a fake card (fake_card.h): sessions, the window of commands, the core, what goes
 * wrong. */
#ifndef FAKE_CARD_STEP_H
#define FAKE_CARD_STEP_H

#include <assert.h>

#include "fake_card_memory.h"
#include "pair_kit.h"

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

#endif
