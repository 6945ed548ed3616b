/* CRC-64/XZ of the 56 hashed bytes and a nonlinear mix: see <firebreak/hash.h>. */
#include <stddef.h>
#include <string.h>

#include <firebreak/hash.h>
#include <firebreak/layout.h>

#include "hash_crc.h"

/* The structures of layout.h lie over little-endian words, and so does everything that is
 * hashed. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the contract's words are little-endian");

/* The CRC table is linear: the entry of a byte is the xor of the entries of its bits. These
 * eight are the entries of 1, 2, 4 .. 128 for the reflected ECMA-182 polynomial
 * 0xc96c5795d7870f42, which is the entry of 128 itself. tests/unit/test_hash.c compares with the
 * polynomial division. */
#define BIT(i, k, entry) (((i) >> (k) & 1) ? (entry) : 0)
#define T1(i)                                                                                      \
	(BIT(i, 0, 0xb32e4cbe03a75f6full) ^ BIT(i, 1, 0xf4843657a840a05bull) ^                     \
	 BIT(i, 2, 0x7bd0c384ff8f5e33ull) ^ BIT(i, 3, 0xf7a18709ff1ebc66ull) ^                     \
	 BIT(i, 4, 0x7d9ba13851336649ull) ^ BIT(i, 5, 0xfb374270a266cc92ull) ^                     \
	 BIT(i, 6, 0x64b62bcaebc387a1ull) ^ BIT(i, 7, 0xc96c5795d7870f42ull))
#define T4(i) T1(i), T1((i) + 1), T1((i) + 2), T1((i) + 3)
#define T16(i) T4(i), T4((i) + 4), T4((i) + 8), T4((i) + 12)
#define T64(i) T16(i), T16((i) + 16), T16((i) + 32), T16((i) + 48)

static const uint64_t table[256] = { T64(0), T64(64), T64(128), T64(192) };

/* Eight bytes at a time: the byte that has k more to go through is looked up in `ahead[k]`, which
 * is `table` advanced by k bytes of zeros. Filled once, before main. */
static uint64_t ahead[8][256];
static fb_crc64 *crc64 = fb_crc64_by_table;

__attribute__((constructor)) static void fill(void)
{
	fb_crc64 *faster = fb_crc64_by_product();
	for (unsigned i = 0; i < 256; i++) {
		ahead[0][i] = table[i];
		for (unsigned k = 1; k < 8; k++)
			ahead[k][i] = ahead[k - 1][i] >> 8 ^ table[ahead[k - 1][i] & 0xff];
	}
	if (faster)
		crc64 = faster;
}

uint64_t fb_crc64_by_table(const uint8_t bytes[56])
{
	uint64_t crc = ~(uint64_t)0;
	for (size_t i = 0; i < FB_HASHED_BYTES; i += 8) {
		uint64_t x;
		memcpy(&x, bytes + i, 8);
		x ^= crc;
		crc = 0;
		for (unsigned k = 0; k < 8; k++)
			crc ^= ahead[7 - k][x >> 8 * k & 0xff];
	}
	return ~crc;
}
_Static_assert(FB_HASHED_BYTES == 56, "seven steps of eight bytes");

/* Each step can be undone, so no two CRCs become one; the additions make it nonlinear over xor. */
static uint64_t mix(uint64_t x)
{
	x ^= x >> 32;
	x += x << 21;
	x ^= x >> 29;
	x += x << 37;
	x ^= x >> 32;
	return x;
}

uint64_t fb_hash_word(const void *word64)
{
	return mix(crc64(word64));
}
