/* See idmap.h. */
#include "idmap.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fetch.h"

static unsigned bits_for(size_t max)
{
	unsigned bits = 3;
	while ((size_t)1 << bits < 2 * max)
		bits++;
	return bits;
}

size_t fb_idmap_bytes(size_t max)
{
	return sizeof(struct fb_idmap_entry) << bits_for(max);
}

/* Every look-up goes somewhere else: with pages of 4 KiB it would miss its translation, too. May
 * fail, and then costs time only. */
static void ask_for_large_pages(const struct fb_idmap *map)
{
	const uintptr_t large = (uintptr_t)2 << 20;
	uintptr_t first = ((uintptr_t)map->entry + large - 1) / large * large,
		  end = (uintptr_t)(map->entry + ((size_t)1 << map->bits)) / large * large;
	if (first < end)
		madvise((uint8_t *)map->entry + (first - (uintptr_t)map->entry), end - first,
			MADV_HUGEPAGE);
}

int fb_idmap_open(struct fb_idmap *map, size_t max)
{
	assert(max < (size_t)1 << 31);
	*map = (struct fb_idmap){ .bits = bits_for(max), .max = max };
	map->entry = calloc((size_t)1 << map->bits, sizeof(*map->entry));
	if (!map->entry)
		return -ENOMEM;
	ask_for_large_pages(map);
	return 0;
}

void fb_idmap_reset(struct fb_idmap *map)
{
	if (map->count == 0) /* and so is every entry */
		return;
	memset(map->entry, 0, ((size_t)1 << map->bits) * sizeof(*map->entry));
	map->count = 0;
}

void fb_idmap_close(struct fb_idmap *map)
{
	free(map->entry);
	*map = (struct fb_idmap){ 0 };
}

/* Multiplicative hashing: ids are often dense, and 2^32 / golden ratio spreads neighbours
 * evenly. */
static uint32_t home(const struct fb_idmap *map, uint32_t id)
{
	return (id * UINT32_C(2654435769)) >> (32 - map->bits);
}

static uint32_t after(const struct fb_idmap *map, uint32_t at)
{
	return (at + 1) & (uint32_t)(((size_t)1 << map->bits) - 1);
}

/* Where the id is, or the empty entry where it would go. */
static uint32_t seek(const struct fb_idmap *map, uint32_t id)
{
	uint32_t at = home(map, id);
	while (map->entry[at].value_plus_1 && map->entry[at].id != id)
		at = after(map, at);
	return at;
}

void fb_idmap_fetch(const struct fb_idmap *map, uint32_t id)
{
	fb_fetch(&map->entry[home(map, id)]);
}

bool fb_idmap_get(const struct fb_idmap *map, uint32_t id, uint32_t *value)
{
	const struct fb_idmap_entry *entry = &map->entry[seek(map, id)];
	if (!entry->value_plus_1)
		return false;
	*value = entry->value_plus_1 - 1;
	return true;
}

void fb_idmap_put(struct fb_idmap *map, uint32_t id, uint32_t value)
{
	assert(map->count < map->max && value < UINT32_MAX);
	struct fb_idmap_entry *entry = &map->entry[seek(map, id)];
	assert(!entry->value_plus_1);
	*entry = (struct fb_idmap_entry){ id, value + 1 };
	map->count++;
}

void fb_idmap_remove(struct fb_idmap *map, uint32_t id)
{
	uint32_t hole = seek(map, id);
	assert(map->entry[hole].value_plus_1);
	uint32_t mask = (uint32_t)(((size_t)1 << map->bits) - 1);
	for (uint32_t at = after(map, hole); map->entry[at].value_plus_1; at = after(map, at)) {
		/* An entry may move back to the hole only if its home does not lie behind the
		 * hole. */
		uint32_t from_home = (at - home(map, map->entry[at].id)) & mask;
		uint32_t from_hole = (at - hole) & mask;
		if (from_home >= from_hole) {
			map->entry[hole] = map->entry[at];
			hole = at;
		}
	}
	map->entry[hole].value_plus_1 = 0;
	map->count--;
}
