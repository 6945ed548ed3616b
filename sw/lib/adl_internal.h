/* What the two halves of the ADL planner share: adl_rank.c makes the rankings of a round, adl.c
 * consumes them. See <firebreak/adl.h>. */
#ifndef ADL_INTERNAL_H
#define ADL_INTERNAL_H

#include <firebreak/adl.h>

/* A ranking: the rows of one symbol and sign. */
#define FB_ADL_RANKINGS (2 * FB_SYMBOLS)

static inline uint16_t fb_adl_ranking(uint16_t symbol, bool is_short)
{
	return (uint16_t)(symbol * 2 + is_short);
}

/* A row that may be a counterparty in this round. */
struct fb_adl_entry {
	struct fb_adl_score score;
	uint32_t account, row; /* indices in the book */
	uint32_t owner;
	uint32_t rank; /* place in its ranking, from 0 */
	uint16_t ranking;
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
};
struct fb_adl_row {
	uint64_t round;
	bool needed;	/* a need of this round names it */
	int64_t qty, entry_e8; /* after all pairs planned so far */
};

struct fb_adl {
	uint32_t accounts_max, rows_max;
	uint64_t round;
	struct fb_adl_account *account;
	struct fb_adl_row *row;
	bool wanted[FB_ADL_RANKINGS];	       /* rankings that the needs of the round use */
	uint32_t first[FB_ADL_RANKINGS + 1];   /* of each ranking in both lists; then the end */
	struct fb_adl_entry *entry, **scratch; /* as the scan finds them; for sorting */
	uint32_t entries;
	struct fb_adl_list by_rank;
	struct fb_adl_list by_owner; /* then by rank */
};

/* Scans the book for the wanted rankings and sorts both lists. */
void fb_adl_rank(struct fb_adl *adl, const struct fb_book *book, const struct fb_adl_rules *rules);

/* A loss or what is left, as the tree keeps it: saturating, which keeps the order. */
static inline uint64_t fb_adl_key(__int128 amount_e8)
{
	return amount_e8 <= 0 ? 0 : amount_e8 > UINT64_MAX ? UINT64_MAX : (uint64_t)amount_e8;
}

void fb_adl_list_set(struct fb_adl_list *list, uint32_t at, uint64_t key);
/* The first entry of from..to-1 with at least `key`; `to` if there is none. */
uint32_t fb_adl_list_find(const struct fb_adl_list *list, uint32_t from, uint32_t to, uint64_t key);

#endif
