/* The formulas of an account of a book, in integers: prices to the last 1e-8, found and checked by
 * the book's own valuation, and the figures that `firebreak explain` shows.
 *
 * A price here is one at which fb_unit_value has a value, so it fits what marks can be. All rows of
 * one symbol move together (the two sides of a hedge have one liquidation price), and so do coins
 * held as collateral that are valued by its mark; other symbols stand still.
 *
 * Caveats. For looking, not for deciding: nothing in a run depends on these. Up to some thousand
 * valuations of the account a price. No allocation; thread-safe as far as the book is not changed.
 */
#ifndef FIREBREAK_FORMULA_BOOK_H
#define FIREBREAK_FORMULA_BOOK_H

#include <firebreak/formula.h>

/* By what an account is judged: fb_value_exact, unless a venue has an arithmetic of its own. The
 * view has the unit values that follow from this price of this symbol; price 0: that of the newest
 * mark. */
typedef void fb_sums_fn(void *context, const struct fb_book *book, const struct fb_view *view,
			uint16_t symbol, uint64_t price_e8, struct fb_sums *out);

struct fb_price_question {
	const struct fb_book *book;
	const struct fb_rules *rules; /* its symbols */
	const struct fb_view *view;   /* the account; its class in the book has the thresholds */
	uint16_t symbol;	      /* whose price moves */
	unsigned level;		      /* 1..6: MM / equity at this threshold; 7: equity below 0 */
	fb_sums_fn *sums;	      /* NULL: fb_value_exact */
	void *context;
};

/* 1: the account gains when this price rises, coins included; -1: it loses; 0: neither. */
int fb_symbol_direction(const struct fb_price_question *question);

/* The price at which the account comes to be in breach when the price moves the way that hurts:
 * heading -1 falls, 1 rises. At *price_e8 fb_value_breach(level) holds, and 1e-8 nearer to where it
 * came from (at *price_e8 - heading) it does not. An account not in breach: the first such price
 * from its mark on. An account in breach: the first on the way back.
 *
 * Where MM is rounded row by row, a hedge can go in and out of breach within a few units of its
 * notional: then it is one of these prices. -ENOENT: there is none. -EINVAL: a level that the class
 * does not have, a heading that is none, or nothing that follows this symbol's price. */
int fb_breach_price(const struct fb_price_question *question, int heading, uint64_t *price_e8);

/* The price that gives `value_e8` to `qty` lots: linear value / (qty x lot), inverse qty x lot /
 * value, quanto value / (qty x lot x factor), of collateral / weight too. Exact. */
struct fb_ratio fb_price_of_value(const struct fb_symbol *symbol, int64_t qty,
				  struct fb_ratio value_e8);
/* The price of a unit value, which was rounded once. */
struct fb_ratio fb_price_of_unit(const struct fb_symbol *symbol, uint64_t u);

/* ---- everything at once ---- */

struct fb_account_figures {
	struct fb_sums sums;
	struct fb_ratio ratio;	    /* in the sense asked for; an error: it says nothing */
	struct fb_ratio risk_score; /* 0..100, against the threshold of liquidation */
	struct fb_ratio leverage;   /* gross notional / equity; an error: no equity */
	unsigned next_level;	    /* lowest threshold not reached, 1..6; 7: bankruptcy only */
	struct fb_ratio buffer_e8;  /* equity - MM / T of it: may be lost, or withdrawn */
	struct fb_exposure exposure_e8; /* of positions, positive gains when prices rise */
	struct fb_ratio coins_e8;	/* and coins, as far as they count; debts are negative */
};
/* question: book, rules, view, sums, context. liquidate_level: rules->liquidate_level, or 0 for
 * rules->thresholds. */
void fb_account_figures(const struct fb_price_question *question, enum fb_ratio_sense sense,
			struct fb_account_figures *out);

/* A price that may not be there. */
struct fb_found_price {
	bool found;
	uint64_t price_e8;
};

/* One symbol of an account, the others standing still. */
struct fb_symbol_figures {
	int direction;
	struct fb_ratio mark;
	struct fb_found_price level[FB_THRESHOLDS + 1]; /* 1..6: at each threshold of the class */
	struct fb_found_price liquidation, next; /* of these; next: fb_account_figures.next_level,
						  * which may be 7 */
	struct fb_buffer buffer;     /* from the mark to `next`; price and share only, if found */
	struct fb_ratio bankruptcy;  /* equity of the book is 0; -ENOENT: none */
	struct fb_ratio zero_price;  /* trading there keeps the account's ratio; -ENOENT: none */
	struct fb_ratio delta_e8;    /* signed notional and coins: gained for +100 % of it */
	struct fb_ratio gross_e8;    /* positions only */
};
/* question: all but the level. -EINVAL: nothing follows this symbol's price; no such level. */
int fb_symbol_figures(const struct fb_price_question *question, unsigned next_level,
		      struct fb_symbol_figures *out);

#endif
