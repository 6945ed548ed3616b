/* The guest's memory as the device sees it: the ranges of the last SYNC_SYSMEM, mapped shared. */
#ifndef FIREBREAK_PROXY_MEMORY_H
#define FIREBREAK_PROXY_MEMORY_H

#include "proxy_message.h"

struct proxy_memory {
	unsigned n;
	struct {
		uint64_t address, bytes;
		uint8_t *at;                    /* where the first of them is */
		void *map;
		size_t map_bytes;
	} range[PROXY_FDS_MAX];
	uint64_t written, writes, lost;         /* bytes, writes, and writes that met no memory */
};

/* Replaces all ranges by those of message and closes its descriptors. On failure there is no
 * memory. 0; -EPROTO: a range is longer than its file; -errno. */
int proxy_memory_set(struct proxy_memory *memory, struct proxy_message *message,
		     struct fb_error *error);
void proxy_memory_clear(struct proxy_memory *memory);

/* What a bus-master write does: all of it, or -EFAULT and nothing. Aligned 8-byte words are stored
 * whole and in ascending order, as the bus does within a packet. */
int proxy_memory_write(struct proxy_memory *memory, uint64_t address, const void *bytes,
		       size_t len);

#endif
