/* Sorting without allocation, and without comparing: by keys of 64 bits. qsort may allocate. */
#ifndef FIREBREAK_SORT_H
#define FIREBREAK_SORT_H

#include <stddef.h>
#include <stdint.h>

struct fb_sort_key {
	uint64_t key;
	uint32_t index; /* the caller's */
};

/* Rising keys; equal ones stay in their order. scratch: room for n. */
void fb_sort_keys(struct fb_sort_key *key, struct fb_sort_key *scratch, size_t n);

/* Entries whose keys are equal, by a comparison: less(context, a, b) of two indices. */
void fb_sort_ties(struct fb_sort_key *key, size_t n,
		  int (*compare)(const void *context, uint32_t a, uint32_t b), const void *context);

#endif
