/* See pages.h. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pages.h"

#define LINE ((size_t)64)
#define HUGE_PAGE ((size_t)2 << 20)
#define LARGE ((size_t)4 << 20) /* below this a huge page would waste more than it saves */

void *fb_pages(size_t n, size_t size)
{
	if (n > SIZE_MAX / 2 / (size + 1))
		return NULL;
	size_t to = n * size >= LARGE ? HUGE_PAGE : LINE,
	       bytes = (n * size + to) / to * to;
	void *memory = aligned_alloc(to, bytes);
	if (!memory)
		return NULL;
	/* A hint: without it the table is the same, only slower. */
	if (to == HUGE_PAGE)
		madvise(memory, bytes, MADV_HUGEPAGE);
	memset(memory, 0, bytes);
	return memory;
}
