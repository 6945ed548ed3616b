/* Ranking for deleveraging: the card proposes an order by logarithms, the host makes it exact.
 *
 * The card's keys (contract.md, section 6) are sums of logarithms and err by less than a proven
 * bound. So a few histograms say where the rows lie, one SELECT brings the rows at the top, and the
 * host sorts them with whole numbers, from its own book. What comes out is the order that a sort of
 * all rows would have given: sign class, then the exact score, then ties.
 *
 *   order   PROFIT before ZERO before LOSS; within a class the larger product of operands to the
 *           powers of the coefficients; of equal ones the larger notional, then the lower account
 *           id, then the lower position id
 *
 * Caveats. One thread. No allocation after open. Between start and the end of a ranking nothing may
 * change what the engine knows: no other command goes out, and the book stands where the engine
 * does. A row that the card leaves out can be noticed only by number: select and histogram must
 * agree, and a select may name a row once only (checked up to as many rows as list and page have
 * room for). An exact score is that of the operands, each taken as 1 where it is below 1 (1e-8 of
 * the coin), as on the card.
 */
#ifndef FIREBREAK_RANK_H
#define FIREBREAK_RANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/book.h>

/* ---- formulas ---- */

/* Places of the operands. */
enum fb_rank_operand {
	FB_RANK_PNL,	    /* |value - entry| */
	FB_RANK_ENTRY,	    /* |entry| */
	FB_RANK_NOTIONAL,   /* |value| */
	FB_RANK_EQUITY,	    /* of the account */
	FB_RANK_MM,	    /* of the account */
	FB_RANK_ROW_MM,	    /* of the row alone */
	FB_RANK_COLLATERAL, /* of the account, at least the formula's floor */
};

/* A score as powers of operands: the row with the higher product goes first. In class ZERO the
 * score is the notional, whatever the formula. */
struct fb_rank_formula {
	const char *name;
	int8_t profit[FB_RANK_OPERANDS], loss[FB_RANK_OPERANDS]; /* -2..2 */
	uint64_t floor_e8;					 /* of the collateral; below 2^61 */
};

/* The published families that fit; rank_formula.c says how each became coefficients, and what of it
 * is not covered. */
extern const struct fb_rank_formula fb_rank_formulas[];
extern const size_t fb_rank_formulas_n;
/* NULL if there is none of this name. */
const struct fb_rank_formula *fb_rank_formula(const char *name);

/* ---- rows ---- */

struct fb_rank_row {
	uint32_t account, position; /* ids */
	uint16_t symbol;
	int64_t qty, entry_e8;
	__int128 pnl_e8, equity_e8, mm_e15, row_mm_e15, collateral_e8;
	unsigned __int128 notional_e8;
	bool excluded; /* takes no part */
	uint32_t key;  /* as the card must compute it; the ranker fills it in */
};

/* A row of the book as an engine sees it now; `excluded` as far as the book can know: not whether
 * the engine holds the account for damaged. 0; -ENOENT: the row is not live; else what
 * fb_book_view says. */
int fb_rank_row(const struct fb_book *book, uint32_t row, unsigned exclude_level,
		struct fb_rank_row *out);

enum fb_sign fb_rank_class(const struct fb_rank_row *row);
/* Each operand, 1 or more. */
void fb_rank_operands(const struct fb_rank_formula *formula, const struct fb_rank_row *row,
		      unsigned __int128 out[FB_RANK_OPERANDS]);
/* The card's key; 0 of an excluded row. */
uint32_t fb_rank_key(const struct fb_rank_formula *formula, const struct fb_rank_row *row);
/* How far apart the keys of two rows of this class must be to prove their order: twice the bound of
 * a score's error, rounded up. */
uint32_t fb_rank_margin(const struct fb_rank_formula *formula, enum fb_sign sign);
/* The order above, exact: negative if a comes first, 0 only for one and the same position. */
int fb_rank_compare(const struct fb_rank_formula *formula, const struct fb_rank_row *a,
		    const struct fb_rank_row *b);

/* ---- a ranking ---- */

/* The formula must outlive the ranking. */
struct fb_rank_request {
	uint16_t symbol;
	uint8_t side;	       /* 0 long, 1 short */
	uint8_t exclude_level; /* 1..8 */
	uint8_t class_mask;    /* bit FB_SIGN_x - 1; 7: all */
	const struct fb_rank_formula *formula;
	/* The list ends where it holds so many lots or so many rows; all: UINT64_MAX, UINT32_MAX */
	uint64_t lots;
	uint32_t rows;
};

/* Fills in what is known of a position: all but `key`. 0; else the nominee is a difference.
 * Like fb_rank_row, but by position id. */
typedef int fb_rank_lookup(void *context, uint32_t position, struct fb_rank_row *out);

/* A nominee that is not what the book says. */
struct fb_rank_difference {
	union fb_record found;
	struct fb_rank_row expected; /* all 0: no such row */
};

struct fb_ranker;

/* rows: room of the list. page: how many rows a SELECT is aimed at, and how many are held while
 * they are sorted; both at least 1. -ENOMEM. */
int fb_ranker_open(uint32_t rows, uint32_t page, struct fb_ranker **out);
void fb_ranker_close(struct fb_ranker *ranker);

/* Whatever was going on is dropped. -EINVAL: a field is out of range. */
int fb_ranker_start(struct fb_ranker *ranker, const struct fb_rank_request *request,
		    fb_rank_lookup *lookup, void *context);

/* 1: send this (the sender numbers it), then take all of its records. 0: done. -EAGAIN: records of
 * the last one are still to come. Else the error that ended the ranking. */
int fb_ranker_next(struct fb_ranker *ranker, union fb_command *out);

/* Records that answer the last command, in any number of calls, BATCH_END last; service records may
 * be among them. 0, or what ends the ranking:
 *   -EBADMSG   a nominee differs from the book (fb_ranker_difference), a record cannot be right, or
 *              counts do not agree: nothing may be used, and the list is empty
 *   -ENOTSUP   the engine has no RANK; -EPROTO: it refused the command for another reason
 *   -ENOBUFS   the list is full; what it holds is good */
int fb_ranker_take(struct fb_ranker *ranker, const union fb_record *record, size_t n);

/* The list so far: final and exact, the first is the first to be deleveraged. */
const struct fb_rank_row *fb_ranker_rows(const struct fb_ranker *ranker, size_t *n);
/* NULL unless a nominee differed. */
const struct fb_rank_difference *fb_ranker_difference(const struct fb_ranker *ranker);

/* Commands that a list of n rows takes at most, whatever the keys. Why is in rank_pages.c. */
#define FB_RANKER_COMMANDS(n, page) (14 + 11 * ((uint64_t)(n) / (page)))

/* ---- lights ---- */

/* Where a row stands in its queue, in fifths: 5 is the top fifth, 1 the last, and 0 takes no part.
 * The share of a row is the sum over all rows of its key or above, so that a row counts for its own
 * share, and rows of one key have one light. Four keys would divide five lights; the fifth divides
 * those that take part from those that do not.
 *
 * By lots: BitMEX's indicator; its steps of 20 % up to 100 % are lights 5 to 1. By rows: rank over
 * number of rows, as Binance's quantile over users, which counts 0 to 4: a light less 1.
 *
 * The order is that of the keys: rows closer than fb_rank_margin may stand the wrong way round. */
#define FB_LIGHTS 5
struct fb_rank_lights {
	uint32_t cut[FB_LIGHTS]; /* cut[i]: the lowest key of light i + 1 */
};

static inline unsigned fb_rank_light(const struct fb_rank_lights *lights, uint32_t key)
{
	unsigned light = 0;
	while (light < FB_LIGHTS && key >= lights->cut[light])
		light++;
	return light;
}

/* At most so many commands, all of them histograms. */
#define FB_LIGHTER_COMMANDS 13

struct fb_lighter;

int fb_lighter_open(struct fb_lighter **out); /* -ENOMEM */
void fb_lighter_close(struct fb_lighter *lighter);
/* Lots and rows of the request play no part. As fb_ranker_start, _next and _take; -ERANGE: more
 * lots than a histogram counts. */
int fb_lighter_start(struct fb_lighter *lighter, const struct fb_rank_request *request,
		     bool by_lots);
int fb_lighter_next(struct fb_lighter *lighter, union fb_command *out);
int fb_lighter_take(struct fb_lighter *lighter, const union fb_record *record, size_t n);
/* Once next has said 0. Without any row every key from the lowest has light 5. */
const struct fb_rank_lights *fb_lighter_lights(const struct fb_lighter *lighter);

#endif
