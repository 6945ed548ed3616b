/* What the tests of an account's prices share: a book with ladders and rules, and one account. */
#ifndef FORMULA_BOOK_KIT_H
#define FORMULA_BOOK_KIT_H

#include <firebreak/formula_book.h>

#include "../../sw/lib/formula_book.h"
#include "ratio_kit.h"

#define SYMBOLS 3
#define COIN SYMBOLS /* a coin, valued by the mark of symbol 0 where that is linear */
#define E8 INT64_C(100000000)

static struct fb_book *book;
static struct fb_rules *rules;
static struct fb_view view;

static inline void open_all(void)
{
	ck_assert_int_eq(fb_book_open(4, 16, 0, &book), 0);
	rules = calloc(1, sizeof(*rules));
	rules->symbols = SYMBOLS + 1;
}

static inline void close_all(void)
{
	fb_book_close(book);
	free(rules);
}

static inline struct fb_price_question ask(unsigned level)
{
	return (struct fb_price_question){ .book = book,
					   .rules = rules,
					   .view = &view,
					   .symbol = view.row[0].symbol,
					   .level = level };
}

#endif
