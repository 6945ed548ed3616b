/* Storage of the book: everything is allocated here, once. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "book_internal.h"
#include "fetch.h"
#include "pages.h"

/* The first row, and the one put before it, which is most often of the same account. */
static void fetch_rows(const struct fb_book *book, uint32_t first)
{
	const char *row = (const char *)&book->row[first];
	fb_fetch(row + sizeof(*book->row) - 1);
	fb_fetch(row);
	if (first > 0)
		fb_fetch(row - sizeof(*book->row));
}

/* ids: where those of the table are, so many bytes apart. */
static int map_open(struct fb_book_map *map, uint32_t entries, const uint32_t *ids, size_t stride)
{
	uint32_t size = 16;
	while (size / 2 < entries + 1)
		size *= 2;
	map->mask = size - 1;
	map->index_mask = size - 1;
	map->id = ids;
	map->stride = (uint32_t)stride;
	map->slot = fb_pages(size + 1, sizeof(*map->slot));
	map->zero = &map->slot[size];
	return map->slot ? 0 : -ENOMEM;
}

static void map_close(struct fb_book_map *map)
{
	free(map->slot);
}

struct fb_book_place *fb_book_map_slot(const struct fb_book_map *map, uint32_t key)
{
	return fb_book_find(map, key, map->id, map->stride);
}

void fb_book_map_put(const struct fb_book_map *map, struct fb_book_place *place, uint32_t key,
		     uint32_t index)
{
	assert(place->value == 0 && index + 1 <= map->index_mask &&
	       fb_book_id_at(map->id, map->stride, index) == key);
	*place = (struct fb_book_place){
		.value = (fb_book_mixed(key) & ~map->index_mask) | (index + 1),
		.first = FB_NONE,
	};
}

uint32_t fb_book_account_index(const struct fb_book *book, uint32_t id)
{
	return fb_book_account_of(book, id);
}

uint32_t fb_book_row_index(const struct fb_book *book, uint32_t id)
{
	return fb_book_row_of(book, id);
}

void fb_book_fetch_id(const struct fb_book *book, uint32_t id)
{
	fb_fetch(&book->account_map.slot[fb_book_mixed(id) & book->account_map.mask]);
}

/* The place alone is looked at, and not the account: another one with the same high bits is
 * fetched in vain. */
uint32_t fb_book_fetch(const struct fb_book *book, uint32_t id)
{
	const struct fb_book_map *map = &book->account_map;
	uint32_t hash = fb_book_mixed(id), at = hash & map->mask;
	while (map->slot[at].value != 0 && !fb_book_alike(map, &map->slot[at], hash))
		at = (at + 1) & map->mask;
	const struct fb_book_place *place = &map->slot[at];
	uint32_t account = fb_book_map_value(map, place);
	if (account == FB_NONE)
		return FB_NONE;
	fb_book_fetch_account(book, account);
	if (place->first != FB_NONE)
		fetch_rows(book, place->first);
	return account;
}

void fb_book_fetch_account(const struct fb_book *book, uint32_t account)
{
	fb_fetch_to_write(&book->account[account]);
}

void fb_book_fetch_row(const struct fb_book *book, uint32_t account)
{
	uint32_t first = book->account[account].first;
	if (first != FB_NONE)
		fetch_rows(book, first);
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
	    map_open(&book->account_map, accounts, &book->account->id, sizeof(*book->account)) ||
	    map_open(&book->row_map, rows, &book->row->id, sizeof(*book->row))) {
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
