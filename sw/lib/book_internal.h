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

/* Position in the map where `key` is, or where it would go. */
uint32_t fb_book_map_slot(const struct fb_book_map *map, uint32_t key);

#endif
