/* A Merkle tree over a list of hashes, as RFC 6962 (section 2.1) shapes it: whoever knows one leaf,
 * its place and the path from it can compute the root without seeing the others. Leaves and nodes
 * are hashed with different first bytes, so that neither can pass for the other. */
#ifndef FIREBREAK_MERKLE_H
#define FIREBREAK_MERKLE_H

#include <stdbool.h>

#include "sha256.h"

#define FB_MERKLE_LEAF 0x00 /* first byte of what is hashed to a leaf */
#define FB_MERKLE_NODE 0x01
#define FB_MERKLE_PATH_MAX 32

typedef uint8_t fb_digest[FB_SHA256_BYTES];

struct fb_merkle_path {
	unsigned length;
	/* from the leaf up; levels without a sibling are left out */
	fb_digest step[FB_MERKLE_PATH_MAX];
};

/* The root of hash[0..n), n >= 1, which are overwritten. With `path`, also that of leaf `index`. */
void fb_merkle_root(fb_digest *hash, uint32_t n, uint32_t index, struct fb_merkle_path *path,
		    fb_digest root);
/* Does the path lead from the leaf at `index` of n to a root? false: its length is not that of such
 * a path. */
bool fb_merkle_climb(const fb_digest leaf, uint32_t index, uint32_t n,
		     const struct fb_merkle_path *path, fb_digest root);

#endif
