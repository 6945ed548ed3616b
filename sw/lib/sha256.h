/* SHA-256 (FIPS 180-4), for evidence that leaves the house. Not on the way of any order. */
#ifndef FIREBREAK_SHA256_H
#define FIREBREAK_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define FB_SHA256_BYTES 32

struct fb_sha256 {
	uint32_t state[8];
	uint64_t bytes;
	uint8_t block[64];
};

void fb_sha256_begin(struct fb_sha256 *sha);
void fb_sha256_add(struct fb_sha256 *sha, const void *data, size_t length);
void fb_sha256_end(struct fb_sha256 *sha, uint8_t out[FB_SHA256_BYTES]);

/* Numbers as they are hashed: little-endian, `bytes` of them. */
void fb_sha256_number(struct fb_sha256 *sha, unsigned __int128 value, unsigned bytes);

/* Takes one block into the state. */
typedef void fb_sha256_block(uint32_t state[8], const uint8_t block[64]);
void fb_sha256_block_portable(uint32_t state[8], const uint8_t block[64]);
/* NULL where the processor has no such instructions. Asking is slow: once. */
fb_sha256_block *fb_sha256_block_x86(void);
extern const uint32_t fb_sha256_constants[64];

#endif
