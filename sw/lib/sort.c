/* See sort.h. */
#include <stdbool.h>
#include <string.h>

#include "sort.h"

#define FEW 24 /* up to here insertion is faster than counting */

static bool rising(const struct fb_sort_key *key, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (key[i - 1].key > key[i].key)
			return false;
	return true;
}

static void insert(struct fb_sort_key *key, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct fb_sort_key x = key[i];
		size_t k = i;
		for (; k > 0 && key[k - 1].key > x.key; k--)
			key[k] = key[k - 1];
		key[k] = x;
	}
}

/* By one byte of the key. */
static void pass(const struct fb_sort_key *from, struct fb_sort_key *to, size_t n, unsigned shift,
		 const uint32_t count[256])
{
	uint32_t at[256], sum = 0;
	for (unsigned d = 0; d < 256; d++) {
		at[d] = sum;
		sum += count[d];
	}
	for (size_t i = 0; i < n; i++)
		to[at[from[i].key >> shift & 0xff]++] = from[i];
}

void fb_sort_keys(struct fb_sort_key *key, struct fb_sort_key *scratch, size_t n)
{
	uint32_t count[8][256];
	struct fb_sort_key *from = key, *to = scratch;
	if (rising(key, n))
		return;
	if (n <= FEW) {
		insert(key, n);
		return;
	}
	memset(count, 0, sizeof(count));
	for (size_t i = 0; i < n; i++)
		for (unsigned d = 0; d < 8; d++)
			count[d][key[i].key >> 8 * d & 0xff]++;
	for (unsigned d = 0; d < 8; d++) {
		if (count[d][key[0].key >> 8 * d & 0xff] == n)
			continue; /* all have the same */
		pass(from, to, n, 8 * d, count[d]);
		struct fb_sort_key *swap = from;
		from = to;
		to = swap;
	}
	if (from != key)
		memcpy(key, from, n * sizeof(*key));
}

/* A heap with the largest on top: ties may be many, and no two need be equal. */
static void sink(struct fb_sort_key *key, size_t top, size_t n,
		 int (*compare)(const void *context, uint32_t a, uint32_t b), const void *context)
{
	struct fb_sort_key x = key[top];
	for (size_t child; (child = 2 * top + 1) < n; top = child) {
		if (child + 1 < n &&
		    compare(context, key[child + 1].index, key[child].index) > 0)
			child++;
		if (compare(context, key[child].index, x.index) <= 0)
			break;
		key[top] = key[child];
	}
	key[top] = x;
}

static void by_heap(struct fb_sort_key *key, size_t n,
		    int (*compare)(const void *context, uint32_t a, uint32_t b),
		    const void *context)
{
	for (size_t i = n / 2; i-- > 0;)
		sink(key, i, n, compare, context);
	for (size_t i = n; i-- > 1;) {
		struct fb_sort_key last = key[i];
		key[i] = key[0];
		key[0] = last;
		sink(key, 0, i, compare, context);
	}
}

void fb_sort_ties(struct fb_sort_key *key, size_t n,
		  int (*compare)(const void *context, uint32_t a, uint32_t b), const void *context)
{
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && key[to].key == key[from].key; to++)
			;
		if (to - from > 1)
			by_heap(key + from, to - from, compare, context);
	}
}
