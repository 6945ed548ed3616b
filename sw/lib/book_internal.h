/* What the files of the book share. See <firebreak/book.h>. */
#ifndef BOOK_INTERNAL_H
#define BOOK_INTERNAL_H

#include <firebreak/book.h>

/* The state of one account, and of one of its rows, before a change. Chained per account, newest
 * first. */
struct fb_book_change {
	uint64_t seq;	   /* of the command that made the change */
	uint64_t previous; /* this account's change before, as count; 0: none */
	uint32_t row;	   /* index or FB_NONE */
	int64_t qty, entry_e8;
	uint32_t row_addend_e7;
	__int128 collateral_e8, addend_e15;
};

/* Remembers account and row (FB_NONE: no row) as they are, before command `seq` changes them.
 * -ENOBUFS: no room. */
int fb_book_remember(struct fb_book *book, uint32_t account, uint32_t row, uint64_t seq);

/* Is there room for so many more? */
bool fb_book_remembers(const struct fb_book *book, uint64_t changes);

/* Was anything of the account but marks changed after command `seq`? */
bool fb_book_changed(const struct fb_book *book, uint32_t account, uint64_t seq);
/* The unit value of a symbol after command seq, which is not the newest; 0 if that is too long
 * ago. */
uint64_t fb_book_unit_before(const struct fb_book_symbol *symbol, uint64_t seq);
static inline uint64_t fb_book_unit_at(const struct fb_book_symbol *symbol, uint64_t seq)
{
	return symbol->u_seq <= seq ? symbol->u : fb_book_unit_before(symbol, seq);
}

/* What is there; FB_NONE: nothing. */
static inline uint32_t fb_book_map_value(const struct fb_book_map *map,
					 const struct fb_book_place *place)
{
	return (place->value & map->index_mask) - 1;
}

/* Every bit depends on every bit of the key. The low ones are the place, the high ones tell keys
 * apart. */
static inline uint32_t fb_book_mixed(uint32_t key)
{
	key = (key ^ key >> 16) * 0x7feb352du;
	key = (key ^ key >> 15) * 0x846ca68bu;
	return key ^ key >> 16;
}

/* May this place be of a key with this hash? */
static inline bool fb_book_alike(const struct fb_book_map *map, const struct fb_book_place *place,
				 uint32_t hash)
{
	return ((place->value ^ hash) & ~map->index_mask) == 0;
}

static inline uint32_t fb_book_id_at(const uint32_t *ids, size_t stride, uint32_t index)
{
	return *(const uint32_t *)(const void *)((const char *)ids + index * stride);
}

/* With the stride known to the compiler, as those who only ask know it, no product is needed. */
static inline struct fb_book_place *fb_book_find(const struct fb_book_map *map, uint32_t key,
						 const uint32_t *ids, size_t stride)
{
	if (key == 0)
		return map->zero;
	uint32_t hash = fb_book_mixed(key), at = hash & map->mask;
	while (map->slot[at].value != 0 &&
	       (!fb_book_alike(map, &map->slot[at], hash) ||
		fb_book_id_at(ids, stride, fb_book_map_value(map, &map->slot[at])) != key))
		at = (at + 1) & map->mask;
	return &map->slot[at];
}

/* fb_book_account_index and fb_book_row_index, for those who ask about every order. */
static inline uint32_t fb_book_account_of(const struct fb_book *book, uint32_t id)
{
	const struct fb_book_map *map = &book->account_map;
	return fb_book_map_value(
		map, fb_book_find(map, id, &book->account->id, sizeof(*book->account)));
}

static inline uint32_t fb_book_row_of(const struct fb_book *book, uint32_t id)
{
	const struct fb_book_map *map = &book->row_map;
	return fb_book_map_value(map, fb_book_find(map, id, &book->row->id, sizeof(*book->row)));
}

/* The same for who believes to know the index: `about` is a hint, or FB_NONE. */
static inline uint32_t fb_book_account_about(const struct fb_book *book, uint32_t id,
					     uint32_t about)
{
	return about < book->accounts && book->account[about].id == id
		       ? about
		       : fb_book_account_of(book, id);
}

/* Where `key` is in the map, or where it would go. */
struct fb_book_place *fb_book_map_slot(const struct fb_book_map *map, uint32_t key);
/* An empty place is of this index from now on, which has the id `key` already. */
void fb_book_map_put(const struct fb_book_map *map, struct fb_book_place *place, uint32_t key,
		     uint32_t index);

#endif
