/* Is the model of time in walk_time.h true? A skewed book is put on the Verilated core, all
 * symbols are marked in one batch in which nobody's level changes, and the cycles that the core
 * took are compared with the model's. How far a group may slip depends on where its items stand,
 * so the core must lie between the model with SLIP and the model with SLIP_MOST; in an even book
 * both are the same. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../sw/lib/engine_core.h"
#include "../../sw/lib/mix.h"
#include "walk_time.h"

#define SYMBOLS 100
#define ACCOUNTS 2000
#define TOLERANCE 4 /* cycles: PIPELINE is a round number */

static struct fb_engine *engine;
static uint64_t seq, random_state;

static uint32_t below(uint32_t n)
{
	return fb_mix_below(fb_mix(random_state++), n);
}

static void fail(const char *what)
{
	fprintf(stderr, "walkcheck: %s\n", what);
	exit(1);
}

/* Polls until idle. The number of records that are no BATCH_END. */
static unsigned drain(void)
{
	union fb_record r[16];
	unsigned others = 0;
	for (int idle = 0; !idle;) {
		int n = fb_engine_poll(engine, r, 16, &idle);
		if (n < 0)
			fail("the core is dead");
		for (int i = 0; i < n; i++)
			others += r[i].header.kind != FB_REC_BATCH_END;
	}
	return others;
}

static void send(union fb_command c)
{
	c.header.seq = ++seq;
	if (fb_engine_submit(engine, &c) < 0)
		fail("a command was not taken");
}

/* Sends one command and expects it to be accepted and nobody's level to change. */
static void quietly(union fb_command c)
{
	send(c);
	if (drain() != 0)
		fail("a record came where none was expected");
}

/* Placed by load, groups are so alike that they hardly slip. In a lopsided book each account
 * holds symbols of its group's turn only: groups take turns of ten symbols, so that one always
 * waits for another. */
static uint16_t choose_symbol(uint32_t account, bool lopsided)
{
	uint16_t symbol = (uint16_t)(below(SYMBOLS) * below(SYMBOLS) /
				     SYMBOLS); /* low symbols are frequent */
	const struct fb_structure *s = fb_core_engine_structure(engine);
	uint32_t seat;
	if (!lopsided || !fb_structure_find_account(s, account, &seat))
		return symbol;
	uint32_t group = fb_stripes_group(&s->stripes, fb_structure_lane(s, seat));
	return symbol / 10 % 2 == group % 2 ? symbol : (uint16_t)((symbol + 10) % SYMBOLS);
}

static void put_book(bool lopsided)
{
	quietly((union fb_command){
		.class = { .op = FB_OP_CLASS, .count = 1, .up = { 1 }, .down = { 1 } } });
	quietly((union fb_command){ .ladder = { .op = FB_OP_LADDER } });
	for (uint16_t s = 0; s < SYMBOLS; s++)
		quietly((union fb_command){
			.symbol = { .op = FB_OP_SYMBOL, .symbol = s, .u = 65536 } });
	for (uint32_t account = 1; account <= ACCOUNTS; account++) {
		uint16_t symbol[8];
		unsigned n = 1 + below(8);
		for (unsigned i = 0; i < n; i++)
			symbol[i] = choose_symbol(account, false);
		if (!lopsided)
			fb_engine_expect(engine, account, symbol, n);
		quietly((union fb_command){ .account = { .op = FB_OP_ACCOUNT,
							 .account = account,
							 .collateral = 1000000 } });
		for (unsigned i = 0; i < n; i++)
			quietly((union fb_command){
				.position = { .op = FB_OP_POSITION,
					      .account = account,
					      .position = account * 8 + i,
					      .symbol = lopsided ? choose_symbol(account, true)
								 : symbol[i],
					      .qty = 1,
					      .entry = 1 } });
	}
}

static uint64_t mark_all(void)
{
	struct fb_engine_info before, after;
	fb_engine_info(engine, &before);
	for (uint16_t s = 0; s < SYMBOLS; s = (uint16_t)(s + FB_MARKS_PER_WORD)) {
		union fb_command c = { .marks = { .op = FB_OP_MARKS, .count = FB_MARKS_PER_WORD } };
		for (uint16_t i = 0; i < FB_MARKS_PER_WORD; i++)
			c.marks.mark[i] = (UINT64_C(65537) << 12) | (uint16_t)(s + i);
		if (s + FB_MARKS_PER_WORD < SYMBOLS)
			c.header.flags = FB_FLAG_MORE;
		send(c);
	}
	if (drain() != 0)
		fail("a mark changed a level");
	fb_engine_info(engine, &after);
	return after.cycles - before.cycles;
}

/* 0, 1, or 77 when the core is not built. */
static int compare(const char *uri, bool lopsided)
{
	struct fb_error error = { "" };
	int rc = fb_engine_open(uri, &engine, &error);
	if (rc == -ENOENT) {
		printf("%s skipped: %s\n", uri, error.text);
		return 77;
	}
	if (rc < 0)
		fail(error.text);
	seq = random_state = 0;
	put_book(lopsided);
	const struct fb_stripes *stripes = &fb_core_engine_structure(engine)->stripes;
	uint32_t most = walk_cycles(stripes, SYMBOLS, SLIP);
	uint32_t least = walk_cycles(stripes, SYMBOLS, SLIP_MOST);
	uint64_t found = mark_all();
	bool good = found <= most && found + TOLERANCE >= least;
	printf("%-28s %-9s groups of %u: expected %u to %u cycles, found %u%s\n", uri,
	       lopsided ? "lopsided" : "even", stripes->geometry.group, least, most,
	       (unsigned)found, good ? "" : "  DIFFERS");
	fb_engine_close(engine);
	return good ? 0 : 1;
}

int main(void)
{
	const char *uris[] = { "core:lanes=2", "core:lanes=8", "core:lanes=16",
			       "core:lanes=8,place=random", "core:lanes=16,place=random" };
	int worst = 0;
	for (unsigned i = 0; i < 2 * sizeof(uris) / sizeof(uris[0]); i++) {
		int rc = compare(uris[i / 2], i % 2);
		worst = rc == 1 || worst == 1 ? 1 : rc > worst ? rc : worst;
	}
	return worst;
}
