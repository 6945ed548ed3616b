/* Room of the software engine. Look-ups go anywhere in it, and with pages of 4 KiB nearly each of
 * them has to walk a page table first; so from the second 2 MiB on large pages are asked for. A
 * table that is not filled costs at most one of them. */
#include <stdint.h>
#include <sys/mman.h>

#include "cpu.h"

#define LARGE ((size_t)2 << 20)

static size_t rounded(size_t bytes)
{
	return (bytes + LARGE - 1) / LARGE * LARGE;
}

void *cpu_room(size_t bytes)
{
	size_t size = rounded(bytes);
	if (size < bytes || size + LARGE < size)
		return NULL;
	uint8_t *all = mmap(NULL, size + LARGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (all == MAP_FAILED)
		return NULL;
	size_t before = rounded((uintptr_t)all) - (uintptr_t)all;
	if (before > 0)
		munmap(all, before);
	if (before < LARGE)
		munmap(all + before + size, LARGE - before);
	all += before;
	if (size > LARGE) /* may fail, and then costs time only */
		madvise(all + LARGE, size - LARGE, MADV_HUGEPAGE);
	return all;
}

void cpu_room_free(void *room, size_t bytes)
{
	if (room)
		munmap(room, rounded(bytes));
}
