/* What a crash did, added up: see <firebreak/backtest.h>, which defines every number. */
#ifndef FIREBREAK_TALLY_H
#define FIREBREAK_TALLY_H

#include <firebreak/backtest.h>

struct fb_tally_account {
	__int128 lowest_e8; /* equity, 0 or below */
	__int128 base_e8, given_e8;
	bool winner, deleveraged;
};

struct fb_tally_symbol {
	__int128 qty, got_e8; /* of lots that counterparties closed */
};

struct fb_tally {
	uint32_t accounts;
	struct fb_tally_account *account;
	struct fb_tally_symbol symbol[FB_SYMBOLS];
	uint64_t *sorted; /* haircuts, at the end */
	uint64_t pairs, hedges_broken, spiral_e7;
	__int128 needed_e8;
	int64_t first_us;   /* of the first account held; -1: none */
	int64_t solvent_us; /* since when nobody is */
	bool insolvent;
};

/* One pair, for its counterparty. */
struct fb_tally_pair {
	uint32_t account; /* index */
	uint16_t symbol;
	int64_t qty;	       /* lots closed, sign of its position */
	__int128 got_e8;       /* for them, sign of qty */
	__int128 at_mark_e8;   /* what they were worth */
	__int128 equity_e8;    /* of the account before */
	__int128 long_e8, short_e8; /* of all its positions before, at the mark; magnitudes */
};

int fb_tally_open(uint32_t accounts, struct fb_tally *out); /* -ENOMEM */
void fb_tally_close(struct fb_tally *tally);

void fb_tally_judged(struct fb_tally *tally, uint32_t account, __int128 equity_e8);
/* In profit when the first round is planned. */
void fb_tally_winner(struct fb_tally *tally, uint32_t account, __int128 equity_e8);
void fb_tally_pair(struct fb_tally *tally, const struct fb_tally_pair *pair);
/* How far a price is below its reference, in 1e-7, cut; 0 if it is not. */
uint64_t fb_tally_gap(uint64_t reference_e8, uint64_t price_e8);
void fb_tally_gap_seen(struct fb_tally *tally, uint64_t gap_e7);
/* An instant: whether an account is held or a house below 0. */
void fb_tally_instant(struct fb_tally *tally, int64_t time_us, bool insolvent);
/* Fills in what is known here; u: the last unit values, by symbol. */
void fb_tally_end(struct fb_tally *tally, const uint64_t *u, struct fb_metrics *out);

#endif
