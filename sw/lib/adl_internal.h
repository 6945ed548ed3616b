/* What the parts of the ADL planner share: adl_rank.c makes the rankings of a round, adl_hedge.c
 * and adl_share.c say how much of a row may be used at first, adl_take.c consumes. See
 * <firebreak/adl.h>. */
#ifndef ADL_INTERNAL_H
#define ADL_INTERNAL_H

#include <firebreak/adl.h>
#include <firebreak/policy.h>

/* A ranking: the rows of one symbol and sign. */
#define FB_ADL_RANKINGS (2 * FB_SYMBOLS)

static inline uint16_t fb_adl_ranking(uint16_t symbol, bool is_short)
{
	return (uint16_t)(symbol * 2 + is_short);
}

/* A row that may be a counterparty in this round. */
struct fb_adl_entry {
	struct fb_adl_terms terms;
	__int128 own_mm_e15; /* of the row alone, whatever is summed */
	uint32_t account, row; /* indices in the book */
	uint32_t owner;
	uint32_t rank;	  /* place in its ranking, from 0 */
	int64_t free;	  /* lots that hedge nothing */
	int64_t allowed;  /* lots it may give before others have given theirs */
	uint16_t ranking;
	bool priced_out; /* its bankruptcy price does not overlap with a need's */
};

/* All entries of a round, ranking after ranking, in some order within each; and over them a tree
 * that finds the next one which can bear a given loss without looking at those that cannot. A leaf
 * is what its entry's account can lose, or 0 if nothing is left of the row; a node is the larger of
 * its two children. What an account can lose only falls within a round, so a leaf that is out of
 * date costs a visit and hides nobody. */
struct fb_adl_list {
	struct fb_adl_entry **entry;
	uint64_t *node; /* children of i: 2i and 2i + 1; leaves from `leaves` on, a power of two */
	uint32_t leaves;
};

/* Of the round `round`; else to be taken from the book afresh. */
struct fb_adl_account {
	uint64_t round;
	bool ranked;	    /* may be a counterparty */
	__int128 equity_e8; /* on the book */
	__int128 left_e8;   /* of it, after the losses of all pairs planned so far */
	__int128 mm_e15;
	unsigned __int128 notional_e8; /* of all rows; where the order asks for it */
};
struct fb_adl_row {
	uint64_t round;
	bool needed;	/* a need of this round names it */
	int64_t qty, entry_e8; /* after all pairs planned so far */
};

/* An entry while it is sorted: what decides nearly always, in one place. */
struct fb_adl_place {
	uint32_t head; /* ranking, then group: the lower first */
	int32_t key;   /* fb_adl_order_key: the higher first, if by enough */
	uint32_t entry;
};

struct fb_adl {
	uint32_t accounts_max, rows_max;
	uint64_t round;
	struct fb_adl_account *account;
	struct fb_adl_row *row;
	bool wanted[FB_ADL_RANKINGS];	     /* rankings that the needs of the round use */
	bool closed[FB_ADL_RANKINGS];	     /* wait for the next round */
	uint64_t shared[FB_ADL_RANKINGS];    /* lots that were shared out */
	uint32_t first[FB_ADL_RANKINGS + 1]; /* of each ranking in both lists; then the end */
	struct fb_adl_order order;	     /* of the round */
	struct fb_adl_entry *entry, **scratch; /* as the scan finds them; for sorting */
	struct fb_adl_place *place, *place_scratch;
	uint32_t entries;
	struct fb_adl_list by_rank;
	struct fb_adl_list by_owner; /* then by rank */
	/* What a policy needs beyond a queue (fb_adl_extend); else NULL. */
	uint32_t *owner_bucket, *owner_next, owner_mask; /* accounts of one owner */
	struct fb_sharer *sharer;
	struct fb_winner *winner;
	uint64_t *given;
	struct fb_adl_pair *pair_scratch;
	uint32_t *pair_first;
};

/* Scans the book for the wanted rankings and sorts both lists. */
void fb_adl_rank(struct fb_adl *adl, const struct fb_book *book, const struct fb_adl_rules *rules);
/* What the accounts can still lose, as they stand now. */
void fb_adl_list_grow(const struct fb_adl *adl, struct fb_adl_list *list);

/* --- adl_hedge.c --- */
int fb_adl_hedge_open(struct fb_adl *adl);
/* Fills in `free` and terms.hedged of all entries. */
void fb_adl_hedges(struct fb_adl *adl, const struct fb_book *book,
		   const struct fb_adl_rules *rules);

/* --- adl_share.c --- */
int fb_adl_share_open(struct fb_adl *adl);
/* `allowed` of the rows of one ranking, which are to give so many lots together. */
void fb_adl_shares(struct fb_adl *adl, const struct fb_adl_policy *policy, uint32_t ranking,
		   uint64_t lots);
/* Pairs come in runs, each in order of needs: puts them in order of needs, and of runs within one.
 */
void fb_adl_in_order(struct fb_adl *adl, struct fb_adl_pair *pairs, size_t n, size_t needs);

/* A loss or what is left, as the tree keeps it: saturating, which keeps the order. */
static inline uint64_t fb_adl_key(__int128 amount_e8)
{
	return amount_e8 <= 0 ? 0 : amount_e8 > UINT64_MAX ? UINT64_MAX : (uint64_t)amount_e8;
}

void fb_adl_list_set(struct fb_adl_list *list, uint32_t at, uint64_t key);
/* The first entry of from..to-1 with at least `key`; `to` if there is none. */
uint32_t fb_adl_list_find(const struct fb_adl_list *list, uint32_t from, uint32_t to, uint64_t key);

#endif
