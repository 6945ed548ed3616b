/* CRC-64/XZ of the 56 hashed bytes and a nonlinear mix: see <firebreak/hash.h>. */
#include <firebreak/hash.h>
#include <firebreak/layout.h>

#include "crc64.h"

/* The structures of layout.h lie over little-endian words, and so does everything that is
 * hashed. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the contract's words are little-endian");

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
	return mix(fb_crc64_line(word64));
}

uint64_t fb_hash_sum(const void *words64, size_t n)
{
	const uint8_t *word = words64;
	uint64_t sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += mix(fb_crc64_line(word + 64 * i));
	return sum;
}
