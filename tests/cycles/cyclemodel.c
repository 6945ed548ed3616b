/* How many cycles a mark of all symbols takes in a card of 256 lanes with a real venue's book, and
 * whether that lasts.
 *
 * Rows are placed by the driver's own code, in groups of 8 lanes, and walked by the model of time
 * in walk_time.h. The book has 221,000 positions over 160 symbols, 100,000 accounts with 1 to 8
 * each. Symbols are sent largest first: then what a group may slip is worth the most cycles.
 *
 * Then a million changes: a third opens a position, a third closes one, a third flips one in place.
 * A symbol that is opened is drawn from the whole book whatever the account held before. That is
 * harsher than life, where traders return to what they know, and it turns any placement into a
 * random one unless accounts are put anew as the placer advises.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../sw/lib/core_place.h"
#include "../../sw/lib/mix.h"
#include "../../sw/lib/workload_skew.h"
#include "walk_time.h"

#define LANES 256
#define GROUP 8
#define SYMBOLS FB_SKEW_SYMBOLS
#define ROWS 221000
#define ACCOUNTS 100000
#define PER_ACCOUNT 8
#define CHANGES 1000000
#define LIMIT_LOAD 1200
#define LIMIT_RANDOM 1400
#define LIMIT_WORDS_LOAD 60   /* commands spent on advice, per 100 changes */
#define LIMIT_WORDS_RANDOM 110

struct book {
	struct fb_structure structure;
	struct fb_placement placement;
	uint64_t random;
	uint16_t deck[ROWS];    /* a symbol for each position of the book, shuffled */
	uint8_t size[ACCOUNTS]; /* positions that the account has when all are open */
	uint16_t symbol[ACCOUNTS][PER_ACCOUNT];
	bool open[ACCOUNTS][PER_ACCOUNT];
	uint32_t opened[ROWS], closed[ROWS];        /* positions as account x PER_ACCOUNT + index */
	uint32_t opened_count, closed_count;
	uint64_t words;                             /* commands spent on advice */
};

static uint32_t below(struct book *b, uint32_t n)
{
	return fb_mix_below(fb_mix(b->random++), n);
}

static uint32_t mark_all_cycles(const struct book *b)
{
	return walk_cycles(&b->structure.stripes, SYMBOLS, SLIP);
}

static void deal_symbols(struct book *b)
{
	uint64_t all = 0;
	uint32_t n = 0;
	for (unsigned s = 0; s < SYMBOLS; s++)
		all += fb_skew_users[s];
	for (uint16_t s = 0; s < SYMBOLS; s++)
		for (uint64_t k = fb_skew_users[s] * (uint64_t)ROWS / all; k > 0; k--)
			b->deck[n++] = s;
	for (uint32_t left = 0; n < ROWS; left++) /* what rounding dropped */
		b->deck[n++] = (uint16_t)(left % SYMBOLS);
	for (uint32_t i = ROWS - 1; i > 0; i--) {
		uint32_t j = below(b, i + 1);
		uint16_t t = b->deck[i];
		b->deck[i] = b->deck[j];
		b->deck[j] = t;
	}
}

/* Every account has one position; the others go to accounts in lots of 1 to 7, small lots being
 * more frequent. */
static void deal_sizes(struct book *b)
{
	memset(b->size, 1, sizeof(b->size));
	for (uint32_t left = ROWS - ACCOUNTS; left > 0;) {
		uint32_t account = below(b, ACCOUNTS), lot = 1;
		while (lot < PER_ACCOUNT - 1 && below(b, 100) < 55)
			lot++;
		if (b->size[account] > 1)
			continue;
		lot = lot < left ? lot : left;
		b->size[account] = (uint8_t)(1 + lot);
		left -= lot;
	}
}

static bool holds(const struct book *b, uint32_t account, unsigned n, uint16_t symbol)
{
	for (unsigned i = 0; i < n; i++)
		if (b->symbol[account][i] == symbol)
			return true;
	return false;
}

/* Deals the deck to the accounts, one position a symbol: a card that does not fit is exchanged
 * for a later one. */
static void deal(struct book *b)
{
	deal_symbols(b);
	deal_sizes(b);
	uint32_t top = 0;
	for (uint32_t account = 0; account < ACCOUNTS; account++)
		for (unsigned i = 0; i < b->size[account]; i++, top++) {
			for (unsigned n = 0; n < 30 && holds(b, account, i, b->deck[top]); n++) {
				uint32_t j = top + below(b, ROWS - top);
				uint16_t t = b->deck[top];
				b->deck[top] = b->deck[j];
				b->deck[j] = t;
			}
			b->symbol[account][i] = b->deck[top];
		}
}

static void command(struct book *b, union fb_command word)
{
	enum fb_reject reject = fb_core_place(&b->structure, &b->placement, &word);
	if (reject != FB_REJECT_NONE) {
		fprintf(stderr, "cyclemodel: command %u refused: %u\n", word.header.op, reject);
		exit(1);
	}
}

static void put_row(struct book *b, uint32_t account, unsigned i, int64_t qty)
{
	command(b, (union fb_command){ .position = { .op = FB_OP_POSITION,
						     .account = account,
						     .position = account * PER_ACCOUNT + i,
						     .symbol = b->symbol[account][i],
						     .qty = qty } });
}

/* Puts an account with those of its positions that are open. The number of commands. */
static unsigned put_account(struct book *b, uint32_t account)
{
	uint16_t symbols[PER_ACCOUNT];
	unsigned n = 0;
	for (unsigned i = 0; i < PER_ACCOUNT; i++)
		if (b->open[account][i])
			symbols[n++] = b->symbol[account][i];
	fb_placement_expect(&b->placement, account, symbols, n);
	command(b, (union fb_command){ .account = { .op = FB_OP_ACCOUNT, .account = account } });
	for (unsigned i = 0; i < PER_ACCOUNT; i++)
		if (b->open[account][i])
			put_row(b, account, i, 1);
	return 1 + n;
}

static unsigned remove_account(struct book *b, uint32_t account)
{
	unsigned n = 0;
	for (unsigned i = 0; i < PER_ACCOUNT; i++)
		if (b->open[account][i]) {
			put_row(b, account, i, 0);
			n++;
		}
	command(b, (union fb_command){ .account = { .op = FB_OP_ACCOUNT,
						    .account = account,
						    .flags = FB_FLAG_REMOVE } });
	return 1 + n;
}

static void open_some(struct book *b)
{
	uint32_t pick = below(b, b->closed_count), id = b->closed[pick];
	uint32_t account = id / PER_ACCOUNT, i = id % PER_ACCOUNT;
	b->closed[pick] = b->closed[--b->closed_count];
	b->opened[b->opened_count++] = id;
	b->symbol[account][i] = b->deck[below(b, ROWS)];
	b->open[account][i] = true;
	put_row(b, account, i, 1);
}

static void close_some(struct book *b)
{
	uint32_t pick = below(b, b->opened_count), id = b->opened[pick];
	b->opened[pick] = b->opened[--b->opened_count];
	b->closed[b->closed_count++] = id;
	put_row(b, id / PER_ACCOUNT, id % PER_ACCOUNT, 0);
	b->open[id / PER_ACCOUNT][id % PER_ACCOUNT] = false;
}

/* Quantities mean nothing here: a flip must find its row and change nothing else. */
static void flip_some(struct book *b)
{
	uint32_t id = b->opened[below(b, b->opened_count)];
	put_row(b, id / PER_ACCOUNT, id % PER_ACCOUNT, -1);
}

/* A million changes; with advice, at most one account is put anew for each. */
static void change(struct book *b, bool advised)
{
	for (unsigned n = 0; n < CHANGES; n++) {
		unsigned kind = below(b, 3);
		if (kind == 0)
			flip_some(b);
		else if (kind == 1 && b->closed_count)
			open_some(b);
		else
			close_some(b);
		uint32_t account;
		if (advised && fb_placement_advise(&b->placement, &account)) {
			b->words += remove_account(b, account);
			b->words += put_account(b, account);
		}
	}
}

static bool within(const char *what, uint32_t found, const char *unit, uint32_t limit)
{
	printf("  %-36s %5u%s, limit %u%s\n", what, found, unit, limit,
	       found > limit ? "  EXCEEDED" : "");
	return found <= limit;
}

static bool run(struct book *b, enum fb_place_policy policy, bool advised, uint64_t seed,
		uint32_t limit)
{
	struct fb_core_geometry geometry = { LANES, GROUP, 8192, 4096 };
	memset(b, 0, sizeof(*b));
	if (fb_structure_open(&b->structure, &geometry) < 0 ||
	    fb_placement_open(&b->placement, &b->structure, policy, seed) < 0) {
		fprintf(stderr, "cyclemodel: no memory\n");
		exit(1);
	}
	b->random = seed << 32;
	deal(b);
	for (uint32_t account = 0; account < ACCOUNTS; account++) {
		for (unsigned i = 0; i < b->size[account]; i++) {
			b->open[account][i] = true;
			b->opened[b->opened_count++] = account * PER_ACCOUNT + i;
		}
		put_account(b, account);
	}
	printf("place=%s, %s\n", policy == FB_PLACE_LOAD ? "load" : "random",
	       advised ? "accounts put anew as advised" : "no account put anew");
	bool good = within("placed", mark_all_cycles(b), " cycles", limit);
	uint32_t account;
	while (fb_placement_advise(&b->placement, &account))
		continue; /* what placing in this order came upon is of no interest */
	change(b, advised);
	if (advised) {
		good &= within("after 1,000,000 changes", mark_all_cycles(b), " cycles", limit);
		good &= within("commands for that, per 100 changes",
			       (uint32_t)(b->words * 100 / CHANGES), "",
			       policy == FB_PLACE_LOAD ? LIMIT_WORDS_LOAD : LIMIT_WORDS_RANDOM);
	} else {
		printf("  %-36s %5u cycles\n", "after 1,000,000 changes", mark_all_cycles(b));
	}
	fb_placement_close(&b->placement);
	fb_structure_close(&b->structure);
	return good;
}

int main(int argc, char **argv)
{
	static struct book book;
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	bool good = true;
	good &= run(&book, FB_PLACE_LOAD, true, seed, LIMIT_LOAD);
	good &= run(&book, FB_PLACE_RANDOM, true, seed, LIMIT_RANDOM);
	good &= run(&book, FB_PLACE_LOAD, false, seed, LIMIT_LOAD);
	good &= run(&book, FB_PLACE_RANDOM, false, seed, LIMIT_RANDOM);
	return good ? 0 : 1;
}
