/* Storage of the book: everything is allocated here, once. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "book_internal.h"
#include "pages.h"

static int map_open(struct fb_book_map *map, uint32_t entries)
{
	uint32_t size = 16;
	while (size / 2 < entries)
		size *= 2;
	map->mask = size - 1;
	map->slot = fb_pages(size, sizeof(*map->slot));
	if (!map->slot)
		return -ENOMEM;
	memset(map->slot, 0xff, size * sizeof(*map->slot));
	return 0;
}

static void map_close(struct fb_book_map *map)
{
	free(map->slot);
}

/* The product's high bits depend on every bit of the key; the map is at most half full, so probes
 * are short. */
static uint32_t home(const struct fb_book_map *map, uint32_t key)
{
	uint32_t mixed = key * 2654435769u;
	return (mixed ^ mixed >> 15) & map->mask;
}

uint32_t fb_book_map_slot(const struct fb_book_map *map, uint32_t key)
{
	uint32_t slot = home(map, key);
	while (map->slot[slot].value != FB_NONE && map->slot[slot].key != key)
		slot = (slot + 1) & map->mask;
	return slot;
}

uint32_t fb_book_account_index(const struct fb_book *book, uint32_t id)
{
	return book->account_map.slot[fb_book_map_slot(&book->account_map, id)].value;
}

uint32_t fb_book_row_index(const struct fb_book *book, uint32_t id)
{
	return book->row_map.slot[fb_book_map_slot(&book->row_map, id)].value;
}

void fb_book_fetch_id(const struct fb_book *book, uint32_t id)
{
	__builtin_prefetch(&book->account_map.slot[home(&book->account_map, id)]);
}

uint32_t fb_book_fetch(const struct fb_book *book, uint32_t id)
{
	const struct fb_book_place *place =
		&book->account_map.slot[fb_book_map_slot(&book->account_map, id)];
	if (place->value == FB_NONE)
		return FB_NONE;
	if (place->first != FB_NONE)
		__builtin_prefetch(&book->row[place->first]);
	fb_book_fetch_account(book, place->value);
	return place->value;
}

void fb_book_fetch_account(const struct fb_book *book, uint32_t account)
{
	const char *a = (const char *)&book->account[account];
	__builtin_prefetch(a);
	__builtin_prefetch(a + sizeof(*book->account) - 1);
}

void fb_book_fetch_row(const struct fb_book *book, uint32_t account)
{
	uint32_t first = book->account[account].first;
	if (first != FB_NONE)
		__builtin_prefetch(&book->row[first]);
}

/* Between two observations every row can be filled once, each with another row, both with addends
 * that follow and a few moves of money. */
static uint64_t history_room(uint32_t accounts, uint32_t rows, unsigned ahead)
{
	return ahead == 0 ? 0 : 6 * (uint64_t)rows + 16 * (uint64_t)accounts + 1024;
}

int fb_book_open(uint32_t accounts, uint32_t rows, unsigned ahead, struct fb_book **out)
{
	assert(ahead <= FB_AHEAD_MAX);
	assert(accounts < 1u << 29 && rows < 1u << 29);
	struct fb_book *book = calloc(1, sizeof(*book));
	if (!book)
		return -ENOMEM;
	book->accounts_max = accounts;
	book->rows_max = rows;
	book->changes_max = history_room(accounts, rows, ahead);
	book->account = fb_pages(accounts + 1, sizeof(*book->account));
	book->row = fb_pages(rows + 1, sizeof(*book->row));
	book->symbol = fb_pages(FB_SYMBOLS, sizeof(*book->symbol));
	book->ladder = calloc(FB_LADDERS, sizeof(*book->ladder));
	book->change = calloc(book->changes_max + 1, sizeof(*book->change));
	if (!book->account || !book->row || !book->symbol || !book->ladder || !book->change ||
	    map_open(&book->account_map, accounts) || map_open(&book->row_map, rows)) {
		fb_book_close(book);
		return -ENOMEM;
	}
	*out = book;
	return 0;
}

int fb_book_more_history(struct fb_book *book, uint64_t changes)
{
	assert(book->changes == 0);
	if (book->changes_max == 0)
		return 0;
	free(book->change);
	book->changes_max += changes;
	book->change = calloc(book->changes_max + 1, sizeof(*book->change));
	return book->change ? 0 : -ENOMEM;
}

void fb_book_close(struct fb_book *book)
{
	if (!book)
		return;
	map_close(&book->account_map);
	map_close(&book->row_map);
	free(book->account);
	free(book->row);
	free(book->symbol);
	free(book->ladder);
	free(book->change);
	free(book);
}
