/* SHA-256: see sha256.h. Checked against the published vectors in tests/unit/test_merkle.c. */
#include <endian.h>
#include <stdatomic.h>
#include <string.h>

#include "sha256.h"

/* The first 32 bits of the fractions of the cube roots of the first 64 primes. */
const uint32_t fb_sha256_constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static uint32_t turn(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

/* One step; the caller renames instead of moving. */
static inline void step(uint32_t a, uint32_t b, uint32_t c, uint32_t *d, uint32_t e, uint32_t f,
			uint32_t g, uint32_t *h, uint32_t word)
{
	*h += (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + (g ^ (e & (f ^ g))) + word;
	*d += *h;
	*h += (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) | (c & (a | b)));
}

void fb_sha256_block_portable(uint32_t state[8], const uint8_t block[64])
{
	uint32_t w[64];
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5],
		 g = state[6], h = state[7];
	for (int t = 0; t < 16; t++)
		w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
		       (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
	for (int t = 16; t < 64; t++) {
		uint32_t x = w[t - 15], y = w[t - 2];
		w[t] = w[t - 16] + (turn(x, 7) ^ turn(x, 18) ^ x >> 3) + w[t - 7] +
		       (turn(y, 17) ^ turn(y, 19) ^ y >> 10);
	}
	for (int t = 0; t < 64; t++)
		w[t] += fb_sha256_constants[t];
	for (int t = 0; t < 64; t += 8) {
		step(a, b, c, &d, e, f, g, &h, w[t]);
		step(h, a, b, &c, d, e, f, &g, w[t + 1]);
		step(g, h, a, &b, c, d, e, &f, w[t + 2]);
		step(f, g, h, &a, b, c, d, &e, w[t + 3]);
		step(e, f, g, &h, a, b, c, &d, w[t + 4]);
		step(d, e, f, &g, h, a, b, &c, w[t + 5]);
		step(c, d, e, &f, g, h, a, &b, w[t + 6]);
		step(b, c, d, &e, f, g, h, &a, w[t + 7]);
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
	state[5] += f;
	state[6] += g;
	state[7] += h;
}

/* Which of them, is found once. Two threads that do so at the same time find the same. */
static void compress(uint32_t state[8], const uint8_t block[64])
{
	static _Atomic(fb_sha256_block *) best;
	fb_sha256_block *take = best;
	if (!take) {
		take = fb_sha256_block_x86();
		best = take = take ? take : fb_sha256_block_portable;
	}
	take(state, block);
}

void fb_sha256_begin(struct fb_sha256 *sha)
{
	/* Of the square roots of the first 8 primes. */
	static const uint32_t first[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
	memcpy(sha->state, first, sizeof(first));
	sha->bytes = 0;
}

void fb_sha256_add(struct fb_sha256 *sha, const void *data, size_t length)
{
	const uint8_t *from = data;
	while (length > 0) {
		size_t used = sha->bytes % 64, n = 64 - used < length ? 64 - used : length;
		memcpy(sha->block + used, from, n);
		sha->bytes += n;
		from += n;
		length -= n;
		if (used + n == 64)
			compress(sha->state, sha->block);
	}
}

void fb_sha256_end(struct fb_sha256 *sha, uint8_t out[FB_SHA256_BYTES])
{
	static const uint8_t padding[64] = { 0x80 };
	uint64_t bits = sha->bytes * 8;
	uint8_t length[8];
	for (int i = 0; i < 8; i++)
		length[i] = (uint8_t)(bits >> (56 - 8 * i));
	fb_sha256_add(sha, padding, 1 + (119 - sha->bytes % 64) % 64);
	fb_sha256_add(sha, length, sizeof(length));
	for (int i = 0; i < FB_SHA256_BYTES; i++)
		out[i] = (uint8_t)(sha->state[i / 4] >> (24 - 8 * (i % 4)));
}

void fb_sha256_number(struct fb_sha256 *sha, unsigned __int128 value, unsigned bytes)
{
	const uint64_t halves[2] = { htole64((uint64_t)value), htole64((uint64_t)(value >> 64)) };
	fb_sha256_add(sha, halves, bytes);
}
