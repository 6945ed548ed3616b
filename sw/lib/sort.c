/* See sort.h. */
#include <stdbool.h>
#include <string.h>

#include "sort.h"

#define FEW 24 /* up to here insertion is faster than counting */
/* Bits of a digit: with many keys wide digits cost less than the passes they save. */
#define NARROW 8u
#define WIDE 11u
#define MANY 2048

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

/* By the digit of the key that is so far up; mask: as wide as it. */
static void pass(const struct fb_sort_key *from, struct fb_sort_key *to, size_t n, unsigned shift,
		 uint32_t mask)
{
	uint32_t at[1 << WIDE], sum = 0;
	memset(at, 0, (mask + 1) * sizeof(*at));
	for (size_t i = 0; i < n; i++)
		at[from[i].key >> shift & mask]++;
	for (uint32_t d = 0; d <= mask; d++) {
		uint32_t count = at[d];
		at[d] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		to[at[from[i].key >> shift & mask]++] = from[i];
}

/* Digits in which all keys are the same are passed over. */
void fb_sort_keys(struct fb_sort_key *key, struct fb_sort_key *scratch, size_t n)
{
	struct fb_sort_key *from = key, *to = scratch;
	uint64_t varies = 0;
	bool rises = true;
	for (size_t i = 1; i < n; i++) {
		varies |= key[i].key ^ key[0].key;
		rises &= key[i - 1].key <= key[i].key;
	}
	if (rises)
		return;
	if (n <= FEW) {
		insert(key, n);
		return;
	}
	unsigned width = n < MANY ? NARROW : WIDE, shift = (unsigned)__builtin_ctzll(varies);
	uint32_t mask = (1u << width) - 1;
	for (; shift < 64 && varies >> shift; shift += width) {
		if ((varies >> shift & mask) == 0)
			continue;
		pass(from, to, n, shift, mask);
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

static void by_insertion(struct fb_sort_key *key, size_t n,
			 int (*compare)(const void *context, uint32_t a, uint32_t b),
			 const void *context)
{
	for (size_t i = 1; i < n; i++) {
		struct fb_sort_key x = key[i];
		size_t k = i;
		for (; k > 0 && compare(context, key[k - 1].index, x.index) > 0; k--)
			key[k] = key[k - 1];
		key[k] = x;
	}
}

void fb_sort_ties(struct fb_sort_key *key, size_t n,
		  int (*compare)(const void *context, uint32_t a, uint32_t b), const void *context)
{
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && key[to].key == key[from].key; to++)
			;
		if (to - from > FEW)
			by_heap(key + from, to - from, compare, context);
		else
			by_insertion(key + from, to - from, compare, context);
	}
}
