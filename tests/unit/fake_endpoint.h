/* A stand-in for the Verilated card: plain memory behind both BARs, whose reads it answers, and a
 * list of packets that it writes to the host when told so. It keeps every rule of the bus; a test
 * breaks one by changing a beat before it goes out. One at a time. */
#ifndef FAKE_ENDPOINT_H
#define FAKE_ENDPOINT_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <firebreak/layout.h>

#include "../../sim/root.h"

#define FAKE_BEATS 4096
#define FAKE_REQUESTER 0x0018
#define FAKE_BAR2_BYTES (FB_WINDOW_SLOTS * FB_WORD_BYTES)

struct fake_stream {
	struct fb_card_beat beat[FAKE_BEATS];
	unsigned first, n;
	bool mute;                      /* offers nothing, though there is something */
};

struct fake_card {
	uint8_t bar0[FB_BAR0_BYTES], bar2[FAKE_BAR2_BYTES];
	struct fake_stream cc, rq;
	uint32_t words[4 + 1024];       /* of the packet that comes on CQ */
	uint8_t byte_enable[4 + 1024];
	unsigned words_n;
	unsigned credits;               /* np_req still to be given, one a cycle */
	uint64_t cycles;
	/* what came */
	unsigned packets, odd, reads;
	uint64_t last_address;
	uint32_t last_len;              /* dwords */
	unsigned headers, data;         /* cfg_fc now */
	bool master, flr;
	/* plants */
	bool refuse_cq, no_answer, no_credit, withdraw, flr_never;
	uint8_t select, np_bits;
	unsigned plant_at, plant_width, plant_value;    /* in the next completion */
	unsigned flr_cycles;
};

static struct fake_card fake;

static inline void fake_set(uint32_t *words, unsigned at, unsigned width, uint32_t value)
{
	for (unsigned i = 0; i < width; i++) {
		words[(at + i) / 32] &= ~(1u << (at + i) % 32);
		words[(at + i) / 32] |= (value >> i & 1) << (at + i) % 32;
	}
}

static inline uint32_t fake_get(const uint32_t *words, unsigned at, unsigned width)
{
	uint32_t value = 0;
	for (unsigned i = 0; i < width; i++)
		value |= (words[(at + i) / 32] >> (at + i) % 32 & 1) << i;
	return value;
}

/* Cuts a packet into beats. marks: lowest bit of is_sop in tuser. Its first beat, to be changed. */
static inline struct fb_card_beat *fake_put(struct fake_stream *s, const uint32_t *words,
					    unsigned n, unsigned marks)
{
	struct fb_card_beat *head = NULL;
	for (unsigned at = 0; at < n; at += 16) {
		unsigned dwords = n - at < 16 ? n - at : 16;
		ck_assert_uint_lt(s->n, FAKE_BEATS);
		struct fb_card_beat *beat = &s->beat[(s->first + s->n++) % FAKE_BEATS];
		memset(beat, 0, sizeof(*beat));
		memcpy(beat->data, words + at, 4 * dwords);
		beat->keep = (uint16_t)((1u << dwords) - 1);
		beat->last = at + dwords == n;
		fake_set(beat->user, marks, 2, at == 0);
		fake_set(beat->user, marks + 6, 2, beat->last);
		fake_set(beat->user, marks + 8, 4, beat->last ? dwords - 1 : 0);
		head = head ? head : beat;
	}
	return head;
}

/* A memory write of these dwords. */
static inline struct fb_card_beat *fake_write(uint64_t address, const uint32_t *payload,
					      unsigned dwords)
{
	uint32_t words[4 + 64] = { (uint32_t)address, (uint32_t)(address >> 32),
				   dwords | 1u << 11 };
	memcpy(words + 4, payload, 4 * dwords);
	struct fb_card_beat *beat = fake_put(&fake.rq, words, 4 + dwords, 20);
	fake_set(beat->user, 0, 4, 0xf);
	fake_set(beat->user, 8, 4, dwords > 1 ? 0xf : 0);
	return beat;
}

static inline struct fb_card_beat *fake_record(uint64_t address, uint8_t kind, uint32_t fill)
{
	uint32_t payload[16];
	for (unsigned i = 0; i < 16; i++)
		payload[i] = fill + i;
	payload[2] = kind;
	return fake_write(address, payload, 16);
}

static inline uint8_t *fake_bar(unsigned bar)
{
	ck_assert(bar == 0 || bar == 2);
	return bar ? fake.bar2 : fake.bar0;
}

static inline unsigned fake_lead(uint32_t enable)
{
	return enable ? (unsigned)__builtin_ctz(enable) : 0;
}

static inline void fake_completion(uint64_t at, uint32_t left, const uint8_t *from, unsigned dwords,
				   uint32_t status)
{
	uint32_t words[3 + 32];
	uint32_t type = fake.words[2] >> 11 & 0xf;
	words[0] = ((uint32_t)at & 0x7f) | left << 16 | (uint32_t)(type == 7) << 29;
	words[1] = dwords | status << 11 | (fake.words[2] & 0xffff0000);
	words[2] = (fake.words[3] & 0xff) | (fake.words[3] >> 25 & 0x3f) << 25;
	if (dwords)
		memcpy(words + 3, from, 4 * dwords);
	struct fb_card_beat *beat = fake_put(&fake.cc, words, 3 + dwords, 0);
	fake_set(beat->data, fake.plant_at, fake.plant_width, fake.plant_value);
}

/* Completions end at 128-byte boundaries. */
static inline void fake_answer(void)
{
	uint32_t size = 1u << (fake.words[3] >> 19 & 0x3f), bar = fake.words[3] >> 16 & 7;
	uint32_t dwords = fake.words[2] & 0x7ff;
	uint32_t first = fake.byte_enable[0], last = fake.byte_enable[1];
	uint32_t at = fake.words[0] & (size - 1) & ~3u;
	uint32_t end = at + 4 * dwords;
	uint32_t bytes = 4 * dwords - fake_lead(first);
	uint32_t tail = dwords > 1 ? last : first;
	fake.reads++;
	bytes -= tail ? (uint32_t)__builtin_clz(tail << 28) : 0;
	if (first == 0)
		bytes = 1;
	uint32_t low = at + fake_lead(first);
	while (at < end && !fake.no_answer) {
		uint32_t stop = (at / 128 + 1) * 128 < end ? (at / 128 + 1) * 128 : end;
		fake_completion(low, bytes, fake_bar(bar) + at, (stop - at) / 4, 0);
		bytes -= stop == end ? bytes : stop - low;
		at = low = stop;
	}
}

static inline void fake_store(void)
{
	uint32_t size = 1u << (fake.words[3] >> 19 & 0x3f);
	uint32_t at = fake.words[0] & (size - 1) & ~3u;
	uint8_t *bar = fake_bar(fake.words[3] >> 16 & 7);
	for (unsigned i = 4; i < fake.words_n; i++)
		for (unsigned b = 0; b < 4; b++)
			if (fake.byte_enable[i] >> b & 1)
				bar[at + 4 * (i - 4) + b] = (uint8_t)(fake.words[i] >> 8 * b);
}

static inline void fake_packet(void)
{
	uint32_t type = fake.words[2] >> 11 & 0xf;
	fake.packets++;
	fake.last_address = (uint64_t)fake.words[1] << 32 | fake.words[0];
	fake.last_len = fake.words[2] & 0x7ff;
	ck_assert_uint_eq(fake.words[2] >> 16, FAKE_REQUESTER);
	if (type == 1)
		fake_store();
	else if (type == 0)
		fake_answer();
	else if (type < 8)
		fake_completion(0, 4, NULL, 0, 1);
	fake.odd += type > 1;
	fake.credits += type != 1 && type < 8;
}

/* A beat of CQ: what the block promises must hold too. */
static inline void fake_take(const struct fb_card_beat *beat)
{
	unsigned n = (unsigned)__builtin_popcount(beat->keep);
	bool begins = fake.words_n == 0;
	ck_assert_uint_eq(fake_get(beat->user, 80, 2), begins);
	ck_assert_uint_eq(fake_get(beat->user, 86, 2), beat->last);
	ck_assert(!beat->last || fake_get(beat->user, 88, 4) == n - 1);
	ck_assert(beat->last || n == 16);
	for (unsigned i = 0; i < n; i++) {
		fake.words[fake.words_n] = beat->data[i];
		uint32_t enable = fake_get(beat->user, 16 + 4 * i, 4);
		if (fake.words_n >= 4)
			fake.byte_enable[fake.words_n] = (uint8_t)enable;
		fake.words_n++;
	}
	if (begins) {
		fake.byte_enable[0] = (uint8_t)fake_get(beat->user, 0, 4);
		fake.byte_enable[1] = (uint8_t)fake_get(beat->user, 8, 4);
	}
	if (!beat->last)
		return;
	if (fake.words_n > 4) {
		ck_assert_uint_eq(fake.words_n - 4, fake.words[2] & 0x7ff);
		ck_assert_uint_eq(fake.byte_enable[4], fake.byte_enable[0]);
		ck_assert_uint_eq(fake.words_n > 5 ? fake.byte_enable[fake.words_n - 1] : 0,
				  fake.byte_enable[1]);
	}
	fake_packet();
	fake.words_n = 0;
}

static inline bool fake_give(struct fake_stream *s, uint8_t ready, uint8_t *offered, uint8_t *valid,
			     struct fb_card_beat *beat)
{
	*offered = s->n > 0 && !s->mute;
	*valid = *offered && ready;
	if (*offered)
		*beat = s->beat[s->first];
	if (*valid) {
		s->first = (s->first + 1) % FAKE_BEATS;
		s->n--;
	}
	return *valid;
}

static void fake_tick(struct fb_card_model *model, struct fb_card_io *io)
{
	(void)model;
	fake.cycles++;
	fake.headers = io->posted_headers;
	fake.data = io->posted_data;
	fake.master = io->bus_master;
	fake.flr = io->flr;
	io->cq_taken = !fake.refuse_cq;
	fake_give(&fake.cc, io->cc_ready, &io->cc_offered, &io->cc_valid, &io->cc);
	fake_give(&fake.rq, io->rq_ready, &io->rq_offered, &io->rq_valid, &io->rq);
	if (fake.withdraw && io->rq_offered && !io->rq_ready)
		fake.rq.mute = true;
	if (io->cq && io->cq_taken)
		fake_take(io->cq);
	io->credit_select = fake.select;
	bool give = fake.credits > 0 && !fake.no_credit;
	io->np_request = fake.np_bits ? fake.np_bits : give;
	fake.credits -= give;
	fake.flr_cycles = io->flr ? fake.flr_cycles + 1 : 0;
	io->flr_done = fake.flr_cycles == 20 && !fake.flr_never;
	if (io->flr)
		fake.cc.n = fake.cc.first = 0;
}

static struct fb_card_model *fake_open(const char *wave)
{
	(void)wave;
	memset(&fake, 0, sizeof(fake));
	fake.select = 4;
	fake.credits = 4;
	return (struct fb_card_model *)&fake;
}

static void fake_geometry(const struct fb_card_model *model, struct fb_core_geometry *out)
{
	(void)model;
	*out = (struct fb_core_geometry){ .lanes = 1, .group = 1, .rows = 64, .accounts = 64 };
}

static uint64_t fake_cycles(const struct fb_card_model *model)
{
	(void)model;
	return fake.cycles;
}

static void fake_close(struct fb_card_model *model)
{
	(void)model;
}

static const struct fb_card_model_ops fake_ops = {
	FB_LAYOUT_HASH, fake_open, fake_geometry, fake_tick, fake_cycles, fake_close,
};

#endif
