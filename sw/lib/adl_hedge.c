/* Hedges: which lots of a row offset opposite positions of the same owner in symbols of one group.
 * Deleveraging those would leave the other leg open, so they are used after all others.
 *
 * Of an owner's rows of a group the longs are worth L and the shorts S at the mark. The smaller
 * side is a hedge as a whole. Of the larger one L - S is free, spread over its rows in proportion:
 * floor, so that taking every row's free lots breaks no hedge. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adl_internal.h"
#include "mix.h"
#include "powers.h"

int fb_adl_hedge_open(struct fb_adl *adl)
{
	uint32_t buckets = 16;
	while (buckets < adl->accounts_max)
		buckets *= 2;
	adl->owner_mask = buckets - 1;
	adl->owner_bucket = calloc(buckets, sizeof(*adl->owner_bucket));
	adl->owner_next = calloc((size_t)adl->accounts_max + 1, sizeof(*adl->owner_next));
	return adl->owner_bucket && adl->owner_next ? 0 : -ENOMEM;
}

static void chain_owners(struct fb_adl *adl, const struct fb_book *book, const uint32_t *owner)
{
	memset(adl->owner_bucket, 0xff,
	       ((size_t)adl->owner_mask + 1) * sizeof(*adl->owner_bucket));
	for (uint32_t i = 0; i < book->accounts; i++) {
		uint32_t *bucket = &adl->owner_bucket[fb_mix(owner[i]) & adl->owner_mask];
		adl->owner_next[i] = *bucket;
		*bucket = i;
	}
}

static uint32_t group_of(const struct fb_adl_rules *rules, uint16_t symbol)
{
	return rules->group ? rules->group[symbol] : symbol;
}

/* A long gains as the price rises; of an inverse contract that is a negative quantity. */
static bool is_long(const struct fb_adl_rules *rules, const struct fb_book_row *row)
{
	return (row->qty > 0) != (rules->inverse && rules->inverse[row->symbol]);
}

static unsigned __int128 notional(const struct fb_book *book, const struct fb_book_row *row)
{
	unsigned __int128 lots = (unsigned __int128)(row->qty < 0 ? -(__int128)row->qty : row->qty);
	return lots * book->symbol[row->symbol].u >> FB_U_FRACTION_BITS;
}

/* What the owner of an account holds in a group: side[1] long, side[0] short. */
static void sides_of(const struct fb_adl *adl, const struct fb_book *book,
		     const struct fb_adl_rules *rules, uint32_t account, uint32_t group,
		     unsigned __int128 side[2])
{
	uint32_t owner = rules->owner[account];
	side[0] = side[1] = 0;
	for (uint32_t a = adl->owner_bucket[fb_mix(owner) & adl->owner_mask]; a != FB_NONE;
	     a = adl->owner_next[a]) {
		if (rules->owner[a] != owner || book->account[a].role != FB_ROLE_USER)
			continue;
		for (uint32_t i = book->account[a].first; i != FB_NONE; i = book->row[i].next) {
			const struct fb_book_row *row = &book->row[i];
			if (row->qty != 0 && group_of(rules, row->symbol) == group)
				side[is_long(rules, row)] += notional(book, row);
		}
	}
}

void fb_adl_hedges(struct fb_adl *adl, const struct fb_book *book, const struct fb_adl_rules *rules)
{
	chain_owners(adl, book, rules->owner);
	for (uint32_t i = 0; i < adl->entries; i++) {
		struct fb_adl_entry *e = &adl->entry[i];
		const struct fb_book_row *row = &book->row[e->row];
		unsigned __int128 side[2];
		bool way = is_long(rules, row);
		sides_of(adl, book, rules, e->account, group_of(rules, row->symbol), side);
		if (side[!way] == 0)
			continue; /* all of it is free */
		unsigned __int128 lots = (unsigned __int128)e->free,
				  left = side[way] > side[!way] ? side[way] - side[!way] : 0;
		const unsigned __int128 up[3] = { left ? lots : 1, left ? left : 1, 1 },
					down[3] = { side[way] ? side[way] : 1, 1, 1 };
		e->free = left ? (int64_t)fb_powers_quotient(NULL, NULL, 0, up, down) : 0;
		e->terms.hedged = e->free == 0;
	}
}
