/* A book for the tests of the audit: accounts with three positions each over several symbols and
 * ladders, some of them out of range; and traffic upon it, a pure function of a seed. */
#ifndef AUDIT_BOOK_H
#define AUDIT_BOOK_H

#include "../../sw/lib/mix.h"
#include "audit_time.h"

#define BOOK_ACCOUNTS 320u
#define BOOK_ROWS (3 * BOOK_ACCOUNTS)
#define BOOK_SYMBOLS 12u   /* defined at the start: the first BOOK_FIRST */
#define BOOK_FIRST 7u
#define BOOK_LADDERS 3u
#define BOOK_CLASSES 3u

static const uint16_t book_symbol[BOOK_SYMBOLS] = { 3, 31, 32, 500, 501, 900, 1023,
						    40, 0, 700, 1000, 4 };
static const uint8_t book_class[BOOK_CLASSES] = { 0, 7, 15 };
static const uint16_t book_ladder[BOOK_LADDERS] = { 0, 17, 255 };
static const uint8_t book_tiers[BOOK_LADDERS] = { 1, 4, 16 };

static struct {
	uint64_t seed;
	bool defined[BOOK_SYMBOLS];
	uint8_t symbol[BOOK_ROWS];      /* index in book_symbol */
	bool live[BOOK_ROWS];
} book;

static inline uint32_t draw(uint32_t n)
{
	return fb_mix_below(fb_mix(book.seed++), n);
}

/* Any size up to 2^bits, small ones as often as large ones; never 0. */
static inline uint64_t draw_size(unsigned bits)
{
	return (fb_mix(book.seed++) >> (64 - bits + draw(bits - 1))) | 1;
}

static inline int64_t draw_signed(unsigned bits)
{
	int64_t size = (int64_t)draw_size(bits);

	return draw(2) ? -size : size;
}

static inline uint32_t book_account(uint32_t row)
{
	return 1000 + 7 * (row / 3);
}

static inline union fb_command book_put(uint32_t row)
{
	uint16_t symbol = book_symbol[book.symbol[row]];
	int64_t qty = draw_signed(46), entry_e8 = draw_signed(60);
	union fb_command c = c_position(book_account(row), 5000 + row, symbol, qty, entry_e8);

	c.position.addend = (uint32_t)draw_size(23);
	c.position.row_flags = draw(8) == 0 ? FB_ROW_NO_RANK : 0;
	book.live[row] = true;
	return c;
}

static inline union fb_command book_put_account(uint32_t row)
{
	return c_account(book_account(row), draw_signed(60), draw_signed(62),
			 book_class[draw(BOOK_CLASSES)]);
}

static inline union fb_command book_bind(uint32_t s)
{
	book.defined[s] = true;
	return c_symbol(book_symbol[s], book_ladder[draw(BOOK_LADDERS)], draw_size(50));
}

static inline void book_tables(void)
{
	for (unsigned c = 0; c < BOOK_CLASSES; c++)
		for (uint8_t k = 0; k < FB_THRESHOLDS; k++)
			card_send(c_class(book_class[c], k, 2000000u * (k + 1u),
					  2000000u * (k + 1u) - 300000u * (c + 1), c == 1));
	for (unsigned l = 0; l < BOOK_LADDERS; l++)
		for (uint8_t k = 0; k < book_tiers[l]; k++) {
			uint64_t floor_e8 = k ? UINT64_C(1) << (6 + 3 * k) : 0;
			card_send(c_ladder(book_ladder[l], k, 10000u + 7 * k, floor_e8,
					   3 * floor_e8 / 4));
		}
}

static inline void book_open(uint64_t seed, const char *arguments)
{
	memset(&book, 0, sizeof book);
	book.seed = fb_mix(seed);
	card_open(arguments);
	book_tables();
	for (uint32_t s = 0; s < BOOK_FIRST; s++)
		card_send(book_bind(s));
	for (uint32_t row = 0; row < BOOK_ROWS; row++) {
		book.symbol[row] = (uint8_t)draw(BOOK_FIRST);
		if (row % 3 == 0)
			card_send(kit_more(book_put_account(row)));
		card_send(row % 30 == 29 ? book_put(row) : kit_more(book_put(row)));
	}
}

/* A command that ends its batch or not, and a pause after it: so the audit is met in every
 * state. */
static inline void book_say(union fb_command c, bool more)
{
	card_send(more ? kit_more(c) : c);
	uint32_t pause = draw(4) ? draw(12) : draw(400);
	card_wait(pause);
}

static inline union fb_command book_marks(void)
{
	union fb_command c = c_plain(FB_OP_MARKS);

	c.header.count = (uint8_t)(1 + draw(FB_MARKS_PER_WORD));
	for (unsigned i = 0; i < c.header.count; i++) {
		uint32_t s;
		do
			s = draw(BOOK_SYMBOLS);
		while (!book.defined[s]);
		c.marks.mark[i] = draw_size(50) << 12 | book_symbol[s];
	}
	return c;
}

/* A row is filled, removed, or put: perhaps under another symbol. */
static inline union fb_command book_trade(uint32_t row)
{
	uint32_t account = book_account(row), position = 5000 + row;

	if (!book.live[row]) {
		do
			book.symbol[row] = (uint8_t)draw(BOOK_SYMBOLS);
		while (!book.defined[book.symbol[row]]);
		return book_put(row);
	}
	uint16_t symbol = book_symbol[book.symbol[row]];
	switch (draw(4)) {
	case 0:
	case 1:
		book.live[row] = false;
		return c_position(account, position, symbol, 0, 0);
	case 2:
		return book_put(row);
	default:
		return c_fill(account, position, symbol, draw_signed(46), draw_signed(60),
			      draw_signed(50));
	}
}

/* An account goes with its positions and comes again. */
static inline void book_replace(uint32_t account)
{
	for (uint32_t row = 3 * account; row < 3 * account + 3; row++)
		if (book.live[row]) {
			book.live[row] = false;
			book_say(c_position(book_account(row), 5000 + row,
					    book_symbol[book.symbol[row]], 0, 0),
				 true);
		}
	book_say(c_remove(book_account(3 * account)), true);
	book_say(book_put_account(3 * account), true);
	book_say(book_put(3 * account), false);
}

/* Does one thing to the book. */
static inline void book_act(void)
{
	bool more = draw(2) == 0;
	uint32_t s = draw(BOOK_SYMBOLS), row = draw(BOOK_ROWS);

	switch (draw(16)) {
	case 0:
		book_say(book_bind(s), more);
		break;
	case 1:
		if (book.defined[s])
			book_say(c_funding(book_symbol[s], draw_signed(20)), more);
		break;
	case 2:
		book_replace(draw(BOOK_ACCOUNTS));
		break;
	case 3:
		book_say(c_collateral(book_account(row), draw_signed(58)), more);
		break;
	case 4:
	case 5:
	case 6:
	case 7:
		book_say(book_marks(), more);
		break;
	default:
		book_say(book_trade(row), more);
	}
}

/* Ends a batch that may be open. */
static inline void book_settle(void)
{
	card_send(c_collateral(book_account(0), 1));
}

/* Of a book as it was opened. */
static inline struct audit_time book_time(void)
{
	const struct fb_structure *structure = fb_core_engine_structure(card.engine);
	uint32_t stripes[FB_SYMBOLS], slots = 0;
	bool defined[FB_SYMBOLS] = { false };

	for (uint32_t s = 0; s < FB_SYMBOLS; s++)
		defined[s] = structure->symbol_ladder[s] < FB_LADDERS;
	for (uint32_t lane = 0; lane < card.geometry.lanes; lane++)
		if (structure->lane_accounts[lane] > slots)
			slots = structure->lane_accounts[lane];
	audit_stripes(5000, BOOK_ROWS, stripes);
	return audit_time(defined, stripes, slots);
}

#endif
