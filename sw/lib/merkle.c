/* Merkle trees: see merkle.h. Level by level; the last node of an odd level goes up as it is, which
 * gives the shape of RFC 6962. */
#include <assert.h>
#include <string.h>

#include "merkle.h"

static void join(const fb_digest left, const fb_digest right, fb_digest out)
{
	static const uint8_t node = FB_MERKLE_NODE;
	struct fb_sha256 sha;
	fb_sha256_begin(&sha);
	fb_sha256_add(&sha, &node, 1);
	fb_sha256_add(&sha, left, FB_SHA256_BYTES);
	fb_sha256_add(&sha, right, FB_SHA256_BYTES);
	fb_sha256_end(&sha, out);
}

void fb_merkle_root(fb_digest *hash, uint32_t n, uint32_t index, struct fb_merkle_path *path,
		    fb_digest root)
{
	assert(n > 0 && (!path || index < n));
	if (path)
		path->length = 0;
	for (; n > 1; n = (n + 1) / 2, index /= 2) {
		uint32_t sibling = index ^ 1;
		if (path && sibling < n)
			memcpy(path->step[path->length++], hash[sibling], FB_SHA256_BYTES);
		for (uint32_t i = 0; i + 1 < n; i += 2)
			join(hash[i], hash[i + 1], hash[i / 2]);
		if (n % 2)
			memmove(hash[n / 2], hash[n - 1], FB_SHA256_BYTES);
	}
	memcpy(root, hash[0], FB_SHA256_BYTES);
}

bool fb_merkle_climb(const fb_digest leaf, uint32_t index, uint32_t n,
		     const struct fb_merkle_path *path, fb_digest root)
{
	fb_digest at;
	unsigned used = 0;
	if (index >= n)
		return false;
	memcpy(at, leaf, FB_SHA256_BYTES);
	for (; n > 1; n = n / 2 + n % 2, index /= 2) {
		if ((index ^ 1) >= n)
			continue;
		if (used == path->length)
			return false;
		if (index % 2)
			join(path->step[used++], at, at);
		else
			join(at, path->step[used++], at);
	}
	memcpy(root, at, FB_SHA256_BYTES);
	return used == path->length;
}
