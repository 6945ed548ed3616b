/* Room of the software engine. Look-ups go anywhere in it, and with pages of 4 KiB nearly each of
 * them has to walk a page table first; so large pages are asked for where it is large, and where it
 * may stay nearly empty from the second 2 MiB on; but for its end, of which a large page would have
 * more than is ever used. A table that is not filled costs at most one of them. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

#include "cpu.h"

#define LARGE ((size_t)2 << 20)

static size_t rounded(size_t bytes)
{
	return (bytes + LARGE - 1) / LARGE * LARGE;
}

void *cpu_room(size_t bytes, bool sparse)
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
	/* may fail, and then costs time only */
	size_t small = sparse || size <= 2 * LARGE ? LARGE : 0, whole = bytes / LARGE * LARGE;
	if (whole > small)
		madvise(all + small, whole - small, MADV_HUGEPAGE);
	return all;
}

void cpu_room_free(void *room, size_t bytes)
{
	if (room)
		munmap(room, rounded(bytes));
}

/* The number in a file that begins like this; the highest one where there is none, as in `max`. */
static uint64_t number_in(const char *path, const char *format)
{
	char line[128];
	uint64_t n = UINT64_MAX;
	FILE *f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, format, &n) == 1)
			break;
	if (f)
		fclose(f);
	return n;
}

uint64_t cpu_room_left(void)
{
	uint64_t kib = number_in("/proc/meminfo", "MemAvailable: %" SCNu64),
		 most = number_in("/sys/fs/cgroup/memory.max", "%" SCNu64),
		 now = number_in("/sys/fs/cgroup/memory.current", "%" SCNu64), left = UINT64_MAX;
	if (kib <= UINT64_MAX / 1024)
		left = kib * 1024;
	if (most != UINT64_MAX && now != UINT64_MAX && left > (most > now ? most - now : 0))
		left = most > now ? most - now : 0;
	return left;
}
