/* What the tests of ADL share: a planner for the book of book_kit.h, the needs of a round and its
 * pairs. */
#ifndef ADL_KIT_H
#define ADL_KIT_H

#include "book_kit.h"

#include <firebreak/adl.h>

#define MOST 256 /* accounts, rows and pairs of the small books */

static struct fb_adl *adl;
static uint32_t owner[MOST];
static bool held[MOST];
static struct fb_adl_rules rules;
static struct fb_adl_need need[MOST];
static struct fb_adl_pair pairs[MOST];
static size_t needs;
static int64_t planned;

static inline void open_all(void)
{
	open_book(0);
	ck_assert_int_eq(fb_adl_open(64, MOST, &adl), 0);
	memset(held, 0, sizeof(held));
	for (uint32_t i = 0; i < MOST; i++)
		owner[i] = 1000 + i;
	rules = (struct fb_adl_rules){ .liquidate_level = 3, .owner = owner, .held = held };
	needs = 0;
}

static inline void close_all(void)
{
	fb_adl_close(adl);
	fb_book_close(book);
}

static inline uint32_t row_index(uint32_t position)
{
	uint32_t index = fb_book_row_index(book, position);
	ck_assert_uint_ne(index, FB_NONE);
	return index;
}

static inline void ask(uint32_t position, int64_t qty, __int128 value_e8)
{
	uint32_t row = row_index(position);
	ck_assert_uint_lt(needs, MOST);
	need[needs++] = (struct fb_adl_need){ book->row[row].account, row, qty, value_e8 };
}

static inline void plan(void)
{
	planned = fb_adl_plan(adl, book, &rules, need, needs, pairs, MOST);
	ck_assert_int_ge(planned, 0);
}

#endif
