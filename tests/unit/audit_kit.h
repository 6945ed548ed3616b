/* What the tests of the audit share: a core whose memories can be reached, driven through the
 * engine `core:`, so that words arrive with their placement; time that passes while nothing is
 * sent; and the service records, with the cycle in which each came. */
#ifndef AUDIT_KIT_H
#define AUDIT_KIT_H

#include "../../sw/lib/core_library.h"
#include "../../sw/lib/engine_core.h"
#include "model_kit.h"

#define CARD_SEEN 4096
#define CARD_ENDS 16384

struct seen {
	uint64_t cycle;
	union fb_record record;
};

/* One at a time: libcheck gives every test a process of its own. */
static struct card {
	struct fb_core_library library;
	struct fb_core_ops ops;
	struct fb_core_geometry geometry;
	struct fb_engine *engine;
	struct fb_core *core;
	bool deaf;                      /* no room for records while nothing is sent */
	uint64_t seq;
	struct seen seen[CARD_SEEN];    /* AUDIT and FAULT */
	size_t seen_n;
	union fb_record named;          /* the last FAULT as the driver gave it */
	union fb_record end[CARD_ENDS]; /* BATCH_END of every batch */
	size_t ends;
} card;

static inline uint64_t card_now(void)
{
	return card.ops.cycles(card.core);
}

static inline void card_note(const union fb_record *r)
{
	if (r->header.kind == FB_REC_AUDIT || r->header.kind == FB_REC_FAULT) {
		KIT_MUST(card.seen_n < CARD_SEEN);
		card.seen[card.seen_n++] = (struct seen){ card_now(), *r };
	}
	if (r->header.kind == FB_REC_BATCH_END) {
		KIT_MUST(card.ends < CARD_ENDS);
		card.end[card.ends++] = *r;
	}
}

static void card_tick(struct fb_core *core, struct fb_core_io *io)
{
	card.library.ops->tick(core, io);
	if (io->record_valid)
		card_note(&io->record);
}

static struct fb_core *card_start(const char *wave)
{
	return card.core = card.library.ops->open(wave);
}

/* `arguments` as in "core:arguments". */
static inline void card_open(const char *arguments)
{
	struct fb_error error = { "" };

	card.ops = *card.library.ops;
	card.ops.tick = card_tick;
	card.ops.open = card_start;
	card.seq = 0;
	card.seen_n = card.ends = 0;
	int code = fb_core_open_ops(&card.ops, arguments, &card.engine, &error);
	ck_assert_msg(code == 0, "%s", error.text);
	card.ops.geometry(card.core, &card.geometry);
}

static inline void card_close(void)
{
	fb_engine_close(card.engine);
}

/* The core with as many lanes as the arguments of card_open say. 77, what a skipped test returns,
 * if it is not built; 1 if the arguments are wrong; else 0. */
static inline int card_library(const char *arguments)
{
	struct fb_core_args args;
	struct fb_error error;

	if (fb_core_args_parse(arguments, &args, &error) < 0) {
		printf("%s\n", error.text);
		return 1;
	}
	if (fb_core_library_open(&card.library, args.lanes, "-poke", &error) == 0)
		return 0;
	printf("skipped: %s\n", error.text);
	return 77;
}

/* Gives the driver a command; card_settle() lets it go. */
static inline void card_queue(union fb_command c)
{
	c.header.seq = ++card.seq;
	KIT_MUST(fb_engine_submit(card.engine, &c) == 0);
}

/* Waits until everything is dealt with; in an open batch, until it is taken. */
static inline void card_settle(void)
{
	union fb_record out[64];
	int idle = 0;

	while (!idle) {
		int n = fb_engine_poll(card.engine, out, 64, &idle);
		KIT_MUST(n >= 0);
		for (int i = 0; i < n; i++)
			if (out[i].header.kind == FB_REC_FAULT)
				card.named = out[i];
	}
}

static inline void card_send(union fb_command c)
{
	card_queue(c);
	card_settle();
}

/* Lets cycles pass without a command. */
static inline void card_wait(uint64_t cycles)
{
	while (cycles-- > 0) {
		struct fb_core_io io = { .record_ready = !card.deaf };
		card_tick(card.core, &io);
	}
}

static inline void card_audit(bool on)
{
	union fb_command c = c_plain(FB_OP_AUDIT);

	c.audit.mode = on;
	card_send(c);
}

static inline void card_flip(enum fb_core_table table, uint32_t lane, uint32_t address,
			     uint32_t bit)
{
	int code = card.ops.flip(card.core, (int)table, lane, address, bit);

	if (code)
		ck_abort_msg("table %u, lane %u, address %u, bit %u: %d", table, lane, address, bit,
			     code);
}

/* Where an account lies. */
static inline void card_seat(uint32_t account, uint32_t *lane, uint32_t *slot)
{
	const struct fb_structure *s = fb_core_engine_structure(card.engine);
	uint32_t seat;

	KIT_MUST(fb_structure_find_account(s, account, &seat));
	*lane = fb_structure_lane(s, seat);
	*slot = fb_structure_slot(s, seat);
}

static inline struct fb_row_place card_row(uint32_t position)
{
	struct fb_row_place place;

	KIT_MUST(fb_structure_find_row(fb_core_engine_structure(card.engine), position, &place));
	return place;
}

static inline bool is_rotation(const union fb_record *r)
{
	return r->header.kind == FB_REC_AUDIT && r->audit.finding == FB_AUDIT_ROTATION;
}

/* The service records since `from` that are not signs of life; the first of them in *first. */
static inline size_t card_findings(size_t from, const struct seen **first)
{
	size_t n = 0;

	for (size_t i = from; i < card.seen_n; i++) {
		if (is_rotation(&card.seen[i].record))
			continue;
		if (n++ == 0 && first)
			*first = &card.seen[i];
	}
	return n;
}

static inline void card_tell(const struct seen *s)
{
	const union fb_record *r = &s->record;

	if (r->header.kind == FB_REC_AUDIT)
		printf("cycle %llu: audit finding %u, account %u, lane %u\n",
		       (unsigned long long)s->cycle, r->audit.finding, r->audit.account,
		       r->audit.lane);
	else
		printf("cycle %llu: fault %u, table %u, lane %u, address %u, lost %u\n",
		       (unsigned long long)s->cycle, r->fault.fault, r->fault.table, r->fault.lane,
		       r->fault.address, r->fault.lost);
}

/* Nothing was found so far. */
static inline void card_expect_healthy(void)
{
	const struct seen *first = NULL;
	size_t n = card_findings(0, &first);

	if (n) {
		card_tell(first);
		ck_abort_msg("%zu findings of a healthy card", n);
	}
}

#endif
