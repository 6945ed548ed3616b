/* Auto-deleveraging: who closes against a bankrupt position, in which order, at which value.
 *
 * One round: the needs of one decision, in canonical order of severity, consume one ranking for
 * each symbol and side, made on the book as it is. What is given away is reserved, so that no row
 * is used beyond its quantity and no account beyond its equity. The caller sends the pairs as
 * orders; when all are answered, the next round ranks anew.
 *
 * Counterparties: live rows of the opposite sign and same symbol, not flagged FB_ROW_NO_RANK, of
 * accounts with role user, not held (the caller's flag), with equity > 0 and below the liquidation
 * level. First the account's own opposite rows (hedge mode), at the mark: nobody gains or loses;
 * then, if the pack says so, accounts of the same owner; then all others. Within each:
 *
 *   profit > 0 before profit = 0 before loss, where profit U = value - entry value
 *   profit: U / equity, highest first: Binance's form B, U/|N| x |N|/equity (venues.md section
 *           3.2), in which the notional cancels
 *   loss:   U/|N| / (|N|/equity) = U x equity / N^2, highest (nearest to 0) first
 *   ties:   larger notional, then lower account id, then lower position id
 *
 * compared exactly, by cross-multiplication. An account that has a need is nobody's counterparty.
 *
 * A pair of n lots trades at the need's value in proportion: the values of a need's pairs and of
 * what remains add up to it to the last unit, except own rows, which trade at the mark and take
 * their part of the value with them. A counterparty gets no more lots than leave its
 * equity, recomputed on the book with everything reserved of it, at 0 or above.
 */
#ifndef FIREBREAK_ADL_H
#define FIREBREAK_ADL_H

#include <firebreak/book.h>

struct fb_adl_need {
	uint32_t account, row; /* indices in the book */
	int64_t qty;	       /* lots to close: sign of the row, at most the row */
	__int128 value_e8;     /* what they shall be closed at, all together */
};

struct fb_adl_pair {
	uint32_t need;		 /* index of the need */
	uint32_t counter, row;	 /* account and row of the counterparty; indices in the book */
	int64_t qty;		 /* lots, sign of the need's */
	__int128 value_e8;	 /* of these lots, to the need's side */
	uint32_t rank;		 /* place of the row in its ranking, from 0; own leg: 0 */
};

struct fb_adl_rules {
	unsigned liquidate_level;
	bool siblings_first;
	const uint32_t *owner; /* by account index */
	const bool *held;      /* by account index */
};

struct fb_adl;

/* Room for a book of so many accounts and rows. -ENOMEM. */
int fb_adl_open(uint32_t accounts, uint32_t rows, struct fb_adl **out);
void fb_adl_close(struct fb_adl *adl);

/* Plans a round; `pairs` in order of need, and of rank within it. Returns their number; -ENOBUFS:
 * more than `room` (the first `room` are good, and the rest is left to the next round). What of a
 * need is in no pair found no counterparty. */
int64_t fb_adl_plan(struct fb_adl *adl, const struct fb_book *book,
		    const struct fb_adl_rules *rules, const struct fb_adl_need *need, size_t needs,
		    struct fb_adl_pair *pairs, size_t room);

/* The comparison above, for rows of one ranking: negative if a comes first. */
struct fb_adl_score {
	__int128 profit_e8, equity_e8;	  /* equity > 0 */
	unsigned __int128 notional_e8;
	uint32_t account_id, position_id;
};
int fb_adl_compare(const struct fb_adl_score *a, const struct fb_adl_score *b);

/* The first step of the comparison in which two rows differ. */
enum fb_adl_step {
	FB_ADL_STEP_NONE, /* one and the same row */
	FB_ADL_STEP_GROUP, /* profit, neither or loss; worth something or nothing */
	FB_ADL_STEP_SCORE,
	FB_ADL_STEP_NOTIONAL, /* from here on a tie is broken */
	FB_ADL_STEP_ACCOUNT,
	FB_ADL_STEP_POSITION,
	FB_ADL_STEPS
};
enum fb_adl_step fb_adl_decided_by(const struct fb_adl_score *a, const struct fb_adl_score *b);

#endif
