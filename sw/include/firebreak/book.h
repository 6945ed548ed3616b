/* The book: the host's own truth about accounts, positions, collateral and marks.
 *
 * The book is changed by commands only, the same 64-byte commands the engines take, one at a time
 * and in sequence. So the book, an engine and a log can never mean different things, and a replay
 * rebuilds the book from the log alone. Its valuation (value.c) shares no code with any engine:
 * what an engine reports is compared with it, bit for bit.
 *
 * Caveats. One thread. No allocation after fb_book_open. Rows are never freed: a closed position
 * keeps its slot (dead) so that the account can still be recomputed at an earlier sequence; `rows`
 * must cover every position id ever used.
 *
 * House accounts, made at load:
 *   fund    takes over what the market does not; gains what liquidated accounts leave. Watched;
 *           unwinds what it holds, and is deleveraged when bankrupt.
 *   backstop  takes over before the fund does, with money of its own. Watched like the fund.
 *   street  the market: the other side of every reduction, at mark. Role EXCLUDED.
 *   fees    collects taker fees. Role EXCLUDED.
 */
#ifndef FIREBREAK_BOOK_H
#define FIREBREAK_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <firebreak/error.h>
#include <firebreak/layout.h>

/* Ids the host keeps for itself; inputs may not use them. */
#define FB_ID_FUND 0xfffffff0u
#define FB_ID_STREET 0xfffffff1u
#define FB_ID_FEES 0xfffffff2u
#define FB_ID_BACKSTOP 0xfffffff3u
#define FB_ID_RESERVED 0xfffffff0u
#define FB_POSITION_RESERVED 0xf0000000u
#define FB_AHEAD_MAX 15u /* batches in flight before the oldest must be taken up */
#define FB_NONE 0xffffffffu

/* The position a house account has in a symbol. */
static inline uint32_t fb_house_position(uint32_t house_id, uint16_t symbol)
{
	return FB_POSITION_RESERVED | (house_id - FB_ID_RESERVED) << 12 | symbol;
}

static inline __int128 fb_wide(struct fb_i128 x)
{
	return (__int128)((unsigned __int128)(uint64_t)x.hi << 64 | x.lo);
}

static inline struct fb_i128 fb_i128_of(__int128 x)
{
	return (struct fb_i128){ .lo = (uint64_t)x, .hi = (int64_t)(x >> 64) };
}

/* True if x fits a signed integer of `bits` bits. */
static inline bool fb_fits(__int128 x, unsigned bits)
{
	__int128 above = x >> (bits - 1);
	return above == 0 || above == -1;
}

struct fb_book_tier {
	uint32_t rate_e7;
	uint64_t floor_e8;
	unsigned __int128 deduction_e15;
};

struct fb_book_ladder {
	unsigned tiers, symbols; /* written so far; symbols bound to it */
	struct fb_book_tier tier[FB_TIERS];
};

struct fb_book_class {
	unsigned thresholds; /* written so far; 0: not defined */
	bool strict;
	uint32_t up_e7[FB_THRESHOLDS], down_e7[FB_THRESHOLDS];
	uint32_t accounts;
};

#define FB_MARK_VERSIONS \
	64 /* more than the marks a symbol can get in FB_AHEAD_MAX + 1 batches of one mark each */

struct fb_book_symbol {
	bool defined;
	uint16_t ladder;
	uint64_t u, u_first; /* now; when first defined */
	uint64_t u_seq;      /* of the command that set u */
	__int128 qty_sum;    /* over all accounts; 0 once sealed (P10) */
	uint64_t versions;   /* marks so far; the newest FB_MARK_VERSIONS are kept */
	struct {
		uint64_t seq, u;
	} version[FB_MARK_VERSIONS];
};

struct fb_book_row {
	/* account and next are indices; next row of the account or FB_NONE */
	uint32_t id, account, next;
	uint32_t addend_e7;
	uint16_t symbol;
	uint8_t flags;
	bool live; /* false: qty = entry = 0, unknown to the engine */
	int64_t qty, entry_e8;
	uint64_t changed; /* sequence of the command that last changed it */
};

/* One line of the cache: whoever is confirmed and judged is looked at here. */
struct fb_book_account {
	uint32_t id, first; /* first row or FB_NONE */
	uint64_t history;   /* newest change of this account, as count; 0: none */
	uint16_t rows_live;
	uint8_t role, class_id, held;
	uint8_t level; /* last reported by the engine and taken up by the host */
	/* The host's notes. said: the level the engine reported last. listed: on confirmation's
	 * list; touched: to be judged at the next decision, whatever it is; watched: a breach was
	 * reported, and it is not calm yet; waiting: watched, and found not in breach at least
	 * once; busy: in the waterfall, not at rest; blocked: an operator lets no order of it
	 * leave; held_looked: on the list of those whose hold may have changed; sound: a house that
	 * was without positions and debts when it was judged last. */
	uint8_t said;
	bool host_judged, listed, touched, watched, waiting, busy, blocked, held_looked, sound;
	__int128 collateral_e8, addend_e15;
};
FB_STATIC_ASSERT(sizeof(struct fb_book_account) == 64, "an account is one line");

struct fb_book_change;

struct fb_book_map {
	struct fb_book_place {
		/* Index + 1, and above it what the id's hash has there: few others need be looked
		 * at; 0: empty. */
		uint32_t value;
		uint32_t first; /* row of an account, so that both can be fetched at once; a hint */
	} *slot, *zero; /* zero: of id 0, which is asked for where an order names nobody */
	uint32_t mask, index_mask;
	/* The id of what has index i is at i x stride bytes. */
	const uint32_t *id;
	uint32_t stride;
};

struct fb_book {
	uint32_t accounts_max, rows_max;
	uint32_t accounts, rows;
	struct fb_book_account *account;
	struct fb_book_row *row;
	struct fb_book_map account_map, row_map;
	struct fb_book_symbol *symbol; /* FB_SYMBOLS */
	struct fb_book_ladder *ladder; /* FB_LADDERS */
	struct fb_book_class classes[FB_CLASSES];
	uint64_t seq;			    /* of the last command applied */
	bool sealed;			    /* loading is over: value is conserved from here on */
	__int128 total_e8, sealed_total_e8; /* sum over accounts of collateral - entry values */
	/* ring: what changed since the oldest batch not yet taken up */
	struct fb_book_change *change;
	uint64_t changes, changes_floor, changes_max;
	/* What the newest FUNDING came to: the sum that its record must say, which the host owes
	 * the fund, and what those got who got something. */
	struct {
		__int128 sum_e8, paid_e8;
		uint32_t rows;
	} funding;
};

/* accounts and rows: room. ahead: batches that may be in flight; 0 keeps no history. -ENOMEM. */
int fb_book_open(uint32_t accounts, uint32_t rows, unsigned ahead, struct fb_book **out);
void fb_book_close(struct fb_book *book);
/* Room for so many changes more, before any is made. Without history (ahead 0) it does nothing. */
int fb_book_more_history(struct fb_book *book, uint64_t changes);

/* Applies one command as an engine will (contract.md, sections 2 and 3). -EINVAL with the reason in
 * `error` and nothing changed, if the contract refuses it: the host checks before it sends. RANK,
 * AUDIT, HASH, SNAPSHOT and FENCE change nothing. A FUNDING that would be too much for some row is
 * refused too: the engine would damage its account. */
int fb_book_apply(struct fb_book *book, const union fb_command *command, struct fb_error *error);

/* Indices, FB_NONE if there is none. A dead row is found too. */
uint32_t fb_book_account_index(const struct fb_book *book, uint32_t id);
uint32_t fb_book_row_index(const struct fb_book *book, uint32_t id);

/* Asks memory for what stands at these, ahead of use. Of an id its place in the map; with the place
 * there, the account and its first row, and its index is returned; of an index the account, and its
 * first row (then the account should be there). */
void fb_book_fetch_id(const struct fb_book *book, uint32_t id);
uint32_t fb_book_fetch(const struct fb_book *book, uint32_t id);
void fb_book_fetch_account(const struct fb_book *book, uint32_t account);
void fb_book_fetch_row(const struct fb_book *book, uint32_t account);

/* Batches up to `seq` are taken up: older history may be forgotten. */
void fb_book_forget(struct fb_book *book, uint64_t seq);

/* An account as it was after command `seq` (UINT64_MAX: now). */
struct fb_view_row {
	uint32_t row; /* index in the book */
	uint16_t symbol;
	uint32_t addend_e7;
	int64_t qty, entry_e8;
	uint64_t u;
};
struct fb_view {
	uint32_t account; /* index in the book */
	uint8_t class_id;
	__int128 collateral_e8, addend_e15;
	size_t rows;
	struct fb_view_row row[FB_ROWS_PER_ACCOUNT];
};
#define FB_NOW UINT64_MAX
/* -ESTALE: history does not reach back to seq. -EOVERFLOW: rows then and rows now are too many. */
int fb_book_view(const struct fb_book *book, uint32_t account, uint64_t seq, struct fb_view *out);

/* P10. The incremental form looks at running sums; the full form adds everything up anew.
 * -EPROTO with what differs. */
void fb_book_seal(struct fb_book *book);
int fb_book_conserved(const struct fb_book *book, struct fb_error *error);
int fb_book_conserved_full(const struct fb_book *book, struct fb_error *error);

/* What HASH must answer (P4 seen from the host). Valid when every batch sent has been taken up. */
void fb_book_hash(const struct fb_book *book, struct fb_rec_hash *out);

/* ---- trades ---- */

/* One party after trading dq lots for value_e8: what the lots cost, with the sign of dq for linear
 * contracts. The change of collateral is realised profit; collateral - entry always changes by
 * exactly -value, so that the two sides of a trade cancel to the last unit: where a division leaves
 * a remainder it stays in the entry value of what is left. */
struct fb_trade {
	int64_t qty, entry_e8;
	__int128 delta_e8;
};
/* -ERANGE: the result does not fit a row. */
int fb_trade_after(int64_t qty, int64_t entry_e8, int64_t dq, __int128 value_e8,
		   struct fb_trade *out);

/* ---- valuation (value.c), contract.md section 1 ---- */

struct fb_row_value {
	unsigned __int128 notional_e8;
	__int128 value_e8, mm_e15;
	bool bad;
};
void fb_value_row(const struct fb_book_ladder *ladder, int64_t qty, uint64_t u, uint32_t addend_e7,
		  struct fb_row_value *out);

struct fb_sums {
	__int128 equity_e8, mm_e15;
	unsigned bad_rows;
};
/* As an engine sums: bad rows left out, modulo 2^72 and 2^96. */
void fb_value_engine(const struct fb_book *book, const struct fb_view *view, struct fb_sums *out);
/* In wide integers: every row counts and nothing wraps. bad_rows is 0. */
void fb_value_exact(const struct fb_book *book, const struct fb_view *view, struct fb_sums *out);
/* The same of an account as it was after command `seq`, without a view of it. now: it is worth the
 * same now. false: an engine may sum otherwise, or history is needed: `out` is good for nothing,
 * but for FB_NOW, where it is exact in any case. */
bool fb_value_at(const struct fb_book *book, uint32_t account, uint64_t seq, struct fb_sums *out,
		 bool *now);

/* Level of an account whose last reported level is `before`. */
unsigned fb_value_level(const struct fb_book_class *rule, unsigned before,
			const struct fb_sums *sums);
/* The same with the contract's fault rule in front: bad rows, or collateral out of range. */
unsigned fb_value_level_engine(const struct fb_book_class *rule, unsigned before,
			       const struct fb_sums *sums, __int128 collateral_e8);
/* The venue's own question, without hysteresis: is threshold `level` (1..6) crossed, or for 7 is
 * equity negative? */
bool fb_value_breach(const struct fb_book_class *rule, unsigned level, const struct fb_sums *sums);

/* Canonical order of liquidation (P9): negative if a comes first. Severity equity/MM worst
 * first, larger MM, lower id. */
int fb_value_severity(const struct fb_sums *a, uint32_t id_a, const struct fb_sums *b,
		      uint32_t id_b);

/* A key that never orders two accounts otherwise than severity does; where keys are equal severity
 * decides. equity x 2^64 / MM, toward zero and held within 64 bits, its sign bit turned. false:
 * equity is too wide for it. */
bool fb_value_severity_key(const struct fb_sums *sums, uint64_t *key);

/* Splits equity over n rows in proportion to their MM, to the last unit: shares add up to equity
 * exactly. */
void fb_value_shares(const __int128 *mm_e15, size_t n, __int128 equity_e8, __int128 *share_e8);

#endif
