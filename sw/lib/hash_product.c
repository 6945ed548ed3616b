/* CRC-64/XZ of 56 bytes by carry-less multiplication: hash_crc.h.
 *
 * As a polynomial over bits the message is the sum of seven words w_i x^(64 (6 - i)), and its CRC
 * that times x^64, modulo P. So each word is multiplied by x^(64 (7 - i)) mod P, which is known
 * beforehand; the seven products do not wait for each other, and their sum of 128 bits is reduced
 * once. Bits are reversed: bit j of a word is the coefficient of x^(63 - j), bit k of a product
 * that of x^(126 - k). */
#include "hash_crc.h"

#include <stddef.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

#define WORDS 7u
#define PRODUCT __attribute__((target("pclmul,sse4.1")))

static uint64_t ahead[WORDS]; /* x^(64 (7 - i) - 1): a product lacks one x to fill 128 bits */
static uint64_t inverse;      /* x^128 / P, without its highest bit */

static uint64_t times_x(uint64_t v)
{
	return v >> 1 ^ (v & 1 ? FB_CRC64_POLYNOMIAL : 0);
}

static void fill(void)
{
	uint64_t power = UINT64_C(1) << 63, rest = FB_CRC64_POLYNOMIAL;
	for (unsigned n = 1; n < 64 * WORDS; n++) {
		power = times_x(power);
		if (n % 64 == 63)
			ahead[WORDS - 1 - n / 64] = power;
	}
	inverse = 0;
	for (unsigned j = 0; j < 64; j++) {
		inverse |= (rest & 1) << j;
		rest = times_x(rest);
	}
}

PRODUCT static inline __m128i product(uint64_t a, uint64_t b)
{
	return _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)a),
				    _mm_cvtsi64_si128((long long)b), 0);
}

PRODUCT static inline uint64_t low(__m128i v)
{
	return (uint64_t)_mm_cvtsi128_si64(v);
}

PRODUCT static inline uint64_t high(__m128i v)
{
	return (uint64_t)_mm_extract_epi64(v, 1);
}

PRODUCT static uint64_t crc64(const uint8_t bytes[56])
{
	uint64_t w[WORDS];
	memcpy(w, bytes, sizeof(w));
	__m128i sum = product(~w[0], ahead[0]);
	for (unsigned i = 1; i < WORDS; i++)
		sum = _mm_xor_si128(sum, product(w[i], ahead[i]));
	/* what lies above x^64, divided by P: how often P goes into it; and P times that */
	uint64_t times = low(sum) ^ low(product(low(sum), inverse)) << 1;
	__m128i back = product(times, FB_CRC64_POLYNOMIAL);
	return ~(high(sum) ^ (high(back) << 1 | low(back) >> 63));
}

fb_crc64 *fb_crc64_by_product(void)
{
	__builtin_cpu_init(); /* called before main */
	if (!__builtin_cpu_supports("pclmul") || !__builtin_cpu_supports("sse4.1"))
		return NULL;
	fill();
	return crc64;
}
#else
fb_crc64 *fb_crc64_by_product(void)
{
	return NULL;
}
#endif
