/* What the files of formulas over a book share. */
#ifndef FORMULA_BOOK_H
#define FORMULA_BOOK_H

#include <firebreak/formula_book.h>

#define FB_PRICE_END (UINT64_C(1) << 62)

struct fb_search {
	const struct fb_price_question *question;
	const struct fb_symbol *symbol;
	struct fb_sums others;	  /* without the rows of the symbol; not of a venue's own sums */
	uint64_t low, high, mark; /* first and last price, and the one now */
	struct fb_view moved;	  /* for a venue's own sums */
};

int fb_search_open(const struct fb_price_question *question, struct fb_search *search);
/* Is this the symbol asked about, or a coin that is valued by its price? */
bool fb_follows(const struct fb_price_question *question, uint16_t symbol);
/* The symbol's unit value: of its row, else of the book; 0: nothing of the account follows it. */
uint64_t fb_unit_now(const struct fb_price_question *question);
bool fb_is_inverse(const struct fb_symbol *symbol);

#endif
