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
 * then, if the pack says so, accounts of the same owner; then all others. An account that has a
 * need is nobody's counterparty.
 *
 * The order of the others is the pack's (section [adl], fb_adl_families below): of a score's
 *
 *   profit > 0 before profit = 0 before loss, where profit U = value - entry value; within each,
 *           rows worth nothing last
 *   the score, highest first; of losses the nearest to 0 first
 *   ties:   larger notional, then lower account id, then lower position id
 *
 * compared exactly, by cross-multiplication. Without [adl]:
 *
 *   profit: U / equity, highest first: Binance's form B, U/|N| x |N|/equity (venues.md section
 *           3.2), in which the notional cancels
 *   loss:   U/|N| / (|N|/equity) = U x equity / N^2, highest (nearest to 0) first
 *
 * Lexicographic and random orders do not ask for the sign of U; theirs end with ids, too.
 *
 * A pair of n lots trades at the need's value in proportion: the values of a need's pairs and of
 * what remains add up to it to the last unit, except pairs with a price of their own, which take
 * their part of the value with them: own rows (the mark), siblings at the average entry price, and
 * prices between two bankruptcy prices. A counterparty gets no more lots than leave its equity,
 * recomputed on the book with everything reserved of it, at 0 or above.
 *
 * Bankruptcy price of a counterparty: the mark plus the row's share of the account's equity, by
 * maintenance margin (<firebreak/waterfall.h>). `overlap` refuses a pair that would trade beyond
 * it.
 */
#ifndef FIREBREAK_ADL_H
#define FIREBREAK_ADL_H

#include <firebreak/inputs.h>
#include <firebreak/rank.h>

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

struct fb_adl_order;

struct fb_adl_rules {
	unsigned liquidate_level;
	bool siblings_first;
	const uint32_t *owner; /* by account index */
	const bool *held;      /* by account index */
	/* NULL, both: as a pack without [adl]. The order is that of the policy. */
	const struct fb_adl_policy *policy;
	const struct fb_adl_order *order;
	/* By symbol, or NULL: symbols of one group hedge each other; inverse contracts, of which a
	 * negative quantity is a long; symbols in which nobody is deleveraged. */
	const uint32_t *group;
	const bool *inverse;
	const bool *no_adl;
	/* By account index, or NULL: funding received less paid, of all its positions. */
	const __int128 *funding_e8;
};

struct fb_adl;

/* Room for a book of so many accounts and rows. -ENOMEM. */
int fb_adl_open(uint32_t accounts, uint32_t rows, struct fb_adl **out);
void fb_adl_close(struct fb_adl *adl);

/* Room for what this policy needs beyond a queue: before the first plan with it. -ENOMEM. */
int fb_adl_extend(struct fb_adl *adl, const struct fb_adl_policy *policy);

/* Plans a round; `pairs` in order of need, and of rank within it. Returns their number; -ENOBUFS:
 * more than `room` (the first `room` are good, and the rest is left to the next round). What of a
 * need is in no pair found no counterparty. */
int64_t fb_adl_plan(struct fb_adl *adl, const struct fb_book *book,
		    const struct fb_adl_rules *rules, const struct fb_adl_need *need, size_t needs,
		    struct fb_adl_pair *pairs, size_t room);

/* The need got less than it asked for because its ranking waits for the next round (`rerank`). */
bool fb_adl_waits(const struct fb_adl *adl, const struct fb_book *book,
		  const struct fb_adl_need *need);

/* The comparison above without [adl], for rows of one ranking: negative if a comes first. */
struct fb_adl_score {
	__int128 profit_e8, equity_e8;	  /* equity > 0 */
	unsigned __int128 notional_e8;
	uint32_t account_id, position_id;
};
int fb_adl_compare(const struct fb_adl_score *a, const struct fb_adl_score *b);

/* The first step of the comparison in which two rows differ. */
enum fb_adl_step {
	FB_ADL_STEP_NONE, /* one and the same row */
	FB_ADL_STEP_GROUP, /* hedged or not; profit, neither or loss; worth something or nothing */
	FB_ADL_STEP_SCORE,
	FB_ADL_STEP_NOTIONAL, /* from here on a tie is broken */
	FB_ADL_STEP_ACCOUNT,
	FB_ADL_STEP_POSITION,
	/* of a lexicographic order, after the leverage */
	FB_ADL_STEP_PROFIT,
	FB_ADL_STEP_BALANCE, /* of the account: the lower first */
	FB_ADL_STEP_NEWER,   /* the higher account id first */
	FB_ADL_STEPS
};
enum fb_adl_step fb_adl_decided_by(const struct fb_adl_score *a, const struct fb_adl_score *b);

/* ---- orders that venues publish ---- */

enum fb_adl_kind {
	FB_ADL_POWERS,	      /* a product of powers of the terms below */
	FB_ADL_LEXICOGRAPHIC, /* leverage, profit, balance, newest account */
	FB_ADL_RANDOM,	      /* by account and position, from a start that the inputs decide */
};

/* All that an order may ask of a row. With `positions = summed` these are sums over the rows of
 * its account, symbol and side, but for the ids. */
struct fb_adl_terms {
	struct fb_adl_score score;
	__int128 entry_e8, row_mm_e15;
	/* of the account */
	__int128 mm_e15, collateral_e8, funding_e8;
	unsigned __int128 account_notional_e8;
	uint32_t tier; /* of the row, from 0 */
	uint32_t turn; /* of a random order: place in the list, from the start on */
	bool hedged;   /* comes after those that are not */
	bool is_short;
};

struct fb_adl_family {
	const char *name; /* in packs */
	char letter;	  /* of venues.md section 4, item 5 */
	enum fb_adl_kind kind;
	/* the card's formula for longs and shorts (rank.h), or NULL: the host's */
	const char *card[2];
	const char *text; /* the score of a profit, as people write it */
};
extern const struct fb_adl_family fb_adl_families[];
extern const size_t fb_adl_families_n;

#define FB_ADL_OPERANDS 13
#define FB_ADL_GROUPS 12 /* of fb_adl_group */

/* An order made ready for comparing; plain data, does not point to the policy. */
struct fb_adl_order {
	const struct fb_adl_family *family;
	bool plain; /* fb_adl_compare */
	bool card;  /* the card ranks by `formula`, and agrees */
	struct fb_rank_formula formula[2]; /* of longs, of shorts */
	int8_t power[2][2][FB_ADL_OPERANDS]; /* of longs, shorts; in profit, in loss */
	uint32_t margin[2][2]; /* logarithms that differ by so much prove an order */
	bool position_leverage, losers, summed;
	uint64_t size_factor_e7, size_unit_e8, tier_factor_e7, funding_factor_e7;
};
void fb_adl_order_of(const struct fb_adl_policy *policy, struct fb_adl_order *out);

/* In one word, for evidence: the score's name and what else of the policy bears on the order or on
 * shares of it, zero-padded. Read: false if it is not a word that the other function writes. */
#define FB_ADL_ORDER_TEXT 192
#define FB_ADL_FACTOR_MAX UINT64_C(1000000000)
#define FB_ADL_UNIT_MAX UINT64_C(100000000000000000)
void fb_adl_order_text(const struct fb_adl_policy *policy, char out[FB_ADL_ORDER_TEXT]);
bool fb_adl_order_read(const char *text, struct fb_adl_policy *out);

/* Negative if a comes first; 0 for one and the same row only. Both of one ranking. */
int fb_adl_order_compare(const struct fb_adl_order *order, const struct fb_adl_terms *a,
			 const struct fb_adl_terms *b);
enum fb_adl_step fb_adl_order_step(const struct fb_adl_order *order, const struct fb_adl_terms *a,
				   const struct fb_adl_terms *b);
/* 0: in profit, 2: neither, 4: in loss; 1 more if it is worth nothing; 6 more if it is hedged. Of
 * orders that do not ask for the sign: 0 or 6. */
unsigned fb_adl_group(const struct fb_adl_order *order, const struct fb_adl_terms *terms);
/* The score in 1e-9, cut, at most 2^64 - 1: of a loss its magnitude, where less is better; of a
 * lexicographic order the leverage; of a random one the turn, where less is better. */
uint64_t fb_adl_score_e9(const struct fb_adl_order *order, const struct fb_adl_terms *terms);
/* For sorting fast: of one group, a key that is larger by order->margin or more comes first. */
int32_t fb_adl_order_key(const struct fb_adl_order *order, const struct fb_adl_terms *terms);

/* Where a random order of n rows starts: from recorded inputs only, the sequence of the newest
 * command and the symbol's unit value. */
uint32_t fb_adl_start(uint64_t sequence, uint64_t u, bool is_short, uint32_t n);

#endif
