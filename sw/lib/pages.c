/* See pages.h. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "pages.h"

#define PAGE ((uintptr_t)4096)
#define LARGE ((size_t)4 << 20) /* below this a huge page would waste more than it saves */

void *fb_pages(size_t n, size_t size)
{
	void *memory = calloc(n, size);
	if (!memory || n * size < LARGE)
		return memory;
	uintptr_t from = ((uintptr_t)memory + PAGE - 1) & ~(PAGE - 1),
		  to = ((uintptr_t)memory + n * size) & ~(PAGE - 1);
	/* A hint: without it the table is the same, only slower. */
	madvise((void *)from, to - from, MADV_HUGEPAGE);
	return memory;
}
