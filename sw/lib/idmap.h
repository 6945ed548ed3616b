/* Maps 32-bit ids to small numbers. Open addressing, at most half full, so that a look-up
 * touches about one cache line. Room is fixed when the map is opened; removal moves followers
 * back, so there are no tombstones and no slow decay. */
#ifndef FIREBREAK_IDMAP_H
#define FIREBREAK_IDMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fb_idmap_entry {
	uint32_t id;
	uint32_t value_plus_1; /* 0: empty */
};

struct fb_idmap {
	struct fb_idmap_entry *entry;
	unsigned bits;         /* 2^bits entries */
	size_t count, max;
};

/* Of a map with so much room. */
size_t fb_idmap_bytes(size_t max);
/* 0 or -ENOMEM. */
int fb_idmap_open(struct fb_idmap *map, size_t max);
void fb_idmap_reset(struct fb_idmap *map);
void fb_idmap_close(struct fb_idmap *map);

/* Asks for what a look-up of this id will read. */
void fb_idmap_fetch(const struct fb_idmap *map, uint32_t id);
bool fb_idmap_get(const struct fb_idmap *map, uint32_t id, uint32_t *value);
/* The id must be new and count below max; value below UINT32_MAX. */
void fb_idmap_put(struct fb_idmap *map, uint32_t id, uint32_t value);
/* The id must exist. */
void fb_idmap_remove(struct fb_idmap *map, uint32_t id);

#endif
