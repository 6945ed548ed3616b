/* Hash map from 32-bit ids to indices, without allocation after open. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "model.h"

int model_map_open(struct model_map *map, uint32_t capacity)
{
	uint32_t size = 2;
	while (size < 2 * (uint64_t)capacity)
		size *= 2;
	map->entry = malloc(size * sizeof(*map->entry));
	if (!map->entry)
		return -ENOMEM;
	map->mask = size - 1;
	model_map_clear(map);
	return 0;
}

void model_map_close(struct model_map *map)
{
	free(map->entry);
}

void model_map_clear(struct model_map *map)
{
	for (uint32_t i = 0; i <= map->mask; i++)
		map->entry[i].index = MODEL_NONE;
}

/* Where the search for an id begins. The multiplier is 2^32 / golden ratio, made odd: ids that
 * count upwards or come in steps of a power of two spread over the whole table. */
static uint32_t home(const struct model_map *map, uint32_t id)
{
	uint32_t h = id * 0x9e3779b1u;
	return (h ^ h >> 15) & map->mask;
}

/* The entry of the id, or the free one where it would be put. */
static uint32_t slot_of(const struct model_map *map, uint32_t id)
{
	uint32_t slot = home(map, id);
	while (map->entry[slot].index != MODEL_NONE && map->entry[slot].id != id)
		slot = (slot + 1) & map->mask;
	return slot;
}

uint32_t model_map_find(const struct model_map *map, uint32_t id)
{
	return map->entry[slot_of(map, id)].index;
}

void model_map_add(struct model_map *map, uint32_t id, uint32_t index)
{
	uint32_t slot = slot_of(map, id);
	assert(map->entry[slot].index == MODEL_NONE);
	map->entry[slot] = (struct model_map_entry){ .id = id, .index = index };
}

/* Closes the gap: an entry behind it moves into it unless its search begins after the gap. */
void model_map_remove(struct model_map *map, uint32_t id)
{
	uint32_t gap = slot_of(map, id);
	assert(map->entry[gap].index != MODEL_NONE);
	for (uint32_t at = (gap + 1) & map->mask; map->entry[at].index != MODEL_NONE;
	     at = (at + 1) & map->mask) {
		uint32_t from_home = (at - home(map, map->entry[at].id)) & map->mask;
		uint32_t from_gap = (at - gap) & map->mask;
		if (from_home >= from_gap) {
			map->entry[gap] = map->entry[at];
			gap = at;
		}
	}
	map->entry[gap].index = MODEL_NONE;
}
