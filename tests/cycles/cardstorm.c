/* The instant of 11,279 breaches at the card's PCIe side: from the last beat of the one mark that
 * causes them all, on CQ, to the last beat of BATCH_END, on RQ. Every change is unpacked and
 * counted, and the digest of the batch is made anew from them: a card that is quick and loses one
 * fails.
 *
 * usage: cardstorm [BITS...]      512 unless given; 256 needs build/libfbcard16-256.so
 *
 * Cycles of the Verilated card with 16 lanes, on a link that takes every beat and never lacks
 * credit. A cycle is modelled as 4 ns, 250 MHz; no board has been measured. More lanes have fewer
 * stripes to walk, the rest is the same. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/hash.h>

#include "../../sim/card_library.h"
#include "../../sw/lib/core_place.h"
#include "../../sw/lib/crc32c.h"
#include "../../sw/lib/level_pair.h"

#define LANES 16
#define BREACHES 11279u
#define RING_BITS 16
#define RING UINT64_C(0x240000000)
#define STATUS UINT64_C(0x1ffff7000)
#define NONCE 0x2badcafeu
#define NS_A_CYCLE 4
#define GOAL_CYCLES 12500      /* 50 us */
#define STUCK 100000
#define PACKET_DWORDS 20
/* Beyond the walk and the beats of the records: the way through the card and the core, the first
 * records, which leave before a second change waits, and the status lines of that time. */
#define REST 80

struct host {
	struct fb_card_library library;
	struct fb_card_model *card;
	struct fb_structure structure;
	struct fb_placement placement;
	unsigned bits;
	uint64_t next, credit, cycle, quiet;
	uint32_t packet[PACKET_DWORDS + 16];
	unsigned dwords;
	/* since the batch before ended */
	uint64_t taken, words, pairs, changes, digest;
	uint64_t ends, ended;          /* batches; the cycle of the last beat of the newest */
	uint64_t first;                /* of the first word's first beat */
	uint64_t began;
	uint64_t batch_words, batch_pairs, batch_changes, batch_first;
};

static void die(const char *what)
{
	fprintf(stderr, "cardstorm: %s\n", what);
	exit(1);
}

static void add(struct host *h, const union fb_record *record)
{
	h->changes++;
	h->digest += fb_hash_word(record);
}

static void end_batch(struct host *h, const struct fb_rec_batch_end *end)
{
	if (end->rejects || end->count != h->changes || end->digest != h->digest)
		die("BATCH_END does not cover what came");
	h->ends++;
	h->ended = h->cycle;
	h->batch_words = h->words;
	h->batch_pairs = h->pairs;
	h->batch_changes = h->changes;
	h->batch_first = h->first;
	h->words = h->pairs = h->changes = h->digest = h->first = 0;
}

static void take_record(struct host *h, const union fb_record *record)
{
	union fb_record two[2], plain = *record;
	if (record->header.generation != (uint32_t)++h->taken ||
	    (record->header.check ^ NONCE) != fb_crc32c_line(record))
		die("a record is not the next one, or its check word is wrong");
	h->words++;
	h->first = h->first ? h->first : h->began;
	plain.header.generation = plain.header.check = 0;
	if (plain.header.kind == FB_REC_BATCH_END) {
		end_batch(h, &plain.batch_end);
	} else if (plain.header.kind == FB_REC_LEVEL_PAIR) {
		if (fb_level_pair_open(&plain.level_pair, two))
			die("a pair is malformed");
		add(h, &two[0]);
		add(h, &two[1]);
		h->pairs++;
	} else if (plain.header.kind == FB_REC_LEVEL) {
		add(h, &plain);
	} else {
		die("a record that nobody expects");
	}
}

static void take_packet(struct host *h)
{
	union fb_record record;
	uint64_t address = h->packet[0] | (uint64_t)h->packet[1] << 32;
	if (h->dwords != PACKET_DWORDS)
		die("a packet of the card is not a write of 64 bytes");
	memcpy(&record, &h->packet[4], sizeof(record));
	if (address == STATUS)
		h->credit = record.status.credit;
	else if (address == RING + (h->taken & ((1u << RING_BITS) - 1)) * sizeof(record))
		take_record(h, &record);
	else
		die("a packet goes elsewhere");
}

/* One cycle; true: the beat offered was taken. */
static bool turn(struct host *h, const struct fb_card_beat *cq)
{
	struct fb_card_io io = { .cq = cq, .cc_ready = 1, .rq_ready = 1, .posted_headers = 255,
				 .posted_data = 4095, .bus_master = 1 };
	h->library.ops->tick(h->card, &io);
	if (io.rq_valid) {
		if (h->dwords == 0)
			h->began = h->cycle;
		for (unsigned i = 0; i < h->bits / 32 && io.rq.keep >> i & 1; i++)
			h->packet[h->dwords++] = io.rq.data[i];
		if (io.rq.last) {
			take_packet(h);
			h->dwords = 0;
		}
	}
	h->cycle++;
	if (h->quiet++ > STUCK)
		die("the card hangs");
	return io.cq_taken;
}

static void set_bits(uint32_t *words, unsigned at, unsigned n)
{
	for (unsigned i = at; i < at + n; i++)
		words[i / 32] |= 1u << i % 32;
}

/* Where tuser of the two widths holds what the card looks at. */
static void mark_beat(const struct host *h, struct fb_card_beat *beat, unsigned dwords, bool first,
		      bool one)
{
	bool wide = h->bits == 512;
	if (first) {
		set_bits(beat->user, 0, 4);
		set_bits(beat->user, wide ? 8 : 4, one ? 0 : 4);
		set_bits(beat->user, wide ? 80 : 40, 1);
	}
	set_bits(beat->user, wide ? 16 : 8, 4 * dwords);
	beat->keep = (uint16_t)((1u << dwords) - 1);
}

/* A posted write, one beat a cycle. */
static void store(struct host *h, unsigned bar, uint32_t offset, const void *bytes, unsigned len)
{
	uint32_t packet[PACKET_DWORDS] = { offset, bar == 0 ? 0 : 0x383f, len / 4 | 1u << 11,
					   bar << 16 | (bar == 0 ? 16u : 14u) << 19 };
	unsigned count = 4 + len / 4, lanes = h->bits / 32;
	memcpy(&packet[4], bytes, len);
	for (unsigned at = 0; at < count; at += lanes) {
		struct fb_card_beat beat = { .last = at + lanes >= count };
		unsigned n = count - at < lanes ? count - at : lanes;
		memcpy(beat.data, &packet[at], 4 * n);
		mark_beat(h, &beat, n, at == 0, len == 4);
		while (!turn(h, &beat))
			continue;
	}
	h->quiet = 0;
}

static void set(struct host *h, uint32_t offset, uint32_t value)
{
	store(h, 0, offset, &value, sizeof(value));
}

static void open_session(struct host *h)
{
	set(h, FB_REG_RING_BASE, (uint32_t)RING);
	set(h, FB_REG_RING_BASE + 4, RING >> 32);
	set(h, FB_REG_RING_BITS, RING_BITS);
	set(h, FB_REG_STATUS_BASE, (uint32_t)STATUS);
	set(h, FB_REG_STATUS_BASE + 4, STATUS >> 32);
	set(h, FB_REG_FIRST_SEQ, 1);
	set(h, FB_REG_SESSION, NONCE);
	h->next = 1;
}

static void give(struct host *h, union fb_command *c, unsigned op, unsigned flags)
{
	c->header.op = (uint8_t)op;
	c->header.flags = (uint8_t)flags;
	if (fb_core_place(&h->structure, &h->placement, c) != FB_REJECT_NONE)
		die("a command is refused");
	c->header.seq = h->next++;
	c->header.nonce = NONCE;
	c->header.check = fb_crc32c_line(c);
	while (c->header.seq >= h->credit)
		turn(h, NULL);
	store(h, 2, (uint32_t)(c->header.seq % FB_WINDOW_SLOTS) * 64, c, sizeof(*c));
}

static void wait_for(struct host *h, uint64_t ends)
{
	while (h->ends < ends)
		turn(h, NULL);
	if (h->ends != ends)
		die("a batch has ended that was not given");
}

/* Accounts with a row each, which a fall by a tenth brings over the first threshold; their sums
 * differ. */
static void load(struct host *h)
{
	union fb_command c = { .class = { .count = 1, .up = { 8000000 }, .down = { 8000000 } } };
	give(h, &c, FB_OP_CLASS, FB_FLAG_MORE);
	c = (union fb_command){ .ladder = { .rate = 100000 } };
	give(h, &c, FB_OP_LADDER, FB_FLAG_MORE);
	c = (union fb_command){ .symbol = { .u = 1000ull << FB_U_FRACTION_BITS } };
	give(h, &c, FB_OP_SYMBOL, FB_FLAG_MORE);
	for (uint32_t i = 0; i < BREACHES; i++) {
		uint16_t symbol = 0;
		fb_placement_expect(&h->placement, i, &symbol, 1);
		c = (union fb_command){ .account = { .account = i,
						     .collateral = 100000 + i % 997 } };
		give(h, &c, FB_OP_ACCOUNT, FB_FLAG_MORE);
		c = (union fb_command){ .position = { .account = i, .position = i, .qty = 1000,
						      .entry = 1000000 } };
		give(h, &c, FB_OP_POSITION, i + 1 < BREACHES ? FB_FLAG_MORE : 0);
	}
	wait_for(h, 1);
	if (h->batch_changes)
		die("an account is over a threshold before the storm");
}

static void mark(struct host *h, uint64_t price)
{
	union fb_command c = { .marks = { .count = 1 } };
	c.marks.mark[0] = (price << FB_U_FRACTION_BITS) << 12;
	give(h, &c, FB_OP_MARKS, 0);
}

static void start(struct host *h, unsigned bits)
{
	struct fb_error error = { "" };
	struct fb_core_geometry geometry;
	*h = (struct host){ .bits = bits };
	if (fb_card_library_open(&h->library, LANES, bits == 512 ? "" : "-256", &error) < 0)
		die(error.text);
	h->card = h->library.ops->open(NULL);
	if (!h->card)
		die("the card does not start");
	h->library.ops->geometry(h->card, &geometry);
	if (fb_structure_open(&h->structure, &geometry) < 0 ||
	    fb_placement_open(&h->placement, &h->structure, FB_PLACE_LOAD, 1) < 0)
		die("no memory");
	open_session(h);
}

static void stop(struct host *h)
{
	h->library.ops->close(h->card);
	fb_placement_close(&h->placement);
	fb_structure_close(&h->structure);
	fb_card_library_close(&h->library);
}

static bool storm(unsigned bits)
{
	static struct host h;
	start(&h, bits);
	load(&h);
	mark(&h, 906);
	uint64_t from = h.cycle - 1, stripes = (BREACHES + LANES - 1) / LANES;
	wait_for(&h, 2);
	uint64_t cycles = h.ended - from, beats = bits == 512 ? 2 : 3, out = beats * h.batch_words;
	uint64_t most = stripes + (out > BREACHES ? out : BREACHES) + REST;
	bool all = h.batch_changes == BREACHES;
	bool good = all && cycles <= most && (bits != 512 || cycles <= GOAL_CYCLES);
	printf("  %u bits: %llu changes in %llu words (%llu pairs), %llu stripes: first beat %llu, "
	       "last beat %llu cycles after the command's, at most %llu; modelled at 250 MHz, no "
	       "board: %.2f us%s\n",
	       bits, (unsigned long long)h.batch_changes, (unsigned long long)h.batch_words,
	       (unsigned long long)h.batch_pairs, (unsigned long long)stripes,
	       (unsigned long long)(h.batch_first - from), (unsigned long long)cycles,
	       (unsigned long long)most, (double)cycles * NS_A_CYCLE / 1000, good ? "" : "  WRONG");
	stop(&h);
	return good;
}

int main(int argc, char **argv)
{
	bool good = true;
	for (int i = 1; i < argc || i == 1; i++) {
		unsigned bits = argc > 1 ? (unsigned)strtoul(argv[i], NULL, 10) : 512;
		if (bits != 512 && bits != 256)
			die("the bus has 512 or 256 bits");
		good &= storm(bits);
	}
	printf("cardstorm: %s\n", good ? "PASS" : "FAIL");
	return good ? 0 : 1;
}
