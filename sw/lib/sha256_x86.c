/* SHA-256's block function with the SHA instructions of x86 (Intel's SDM, volume 2: SHA256RNDS2,
 * SHA256MSG1, SHA256MSG2). The instructions keep the state as two registers of four words, from the
 * highest to the lowest: a b e f and c d g h. */
#include "sha256.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

#define SHA __attribute__((target("sha,sse4.1,ssse3")))

/* Words 4i to 4i + 3 of the schedule, from those of the four groups before. */
SHA static inline __m128i schedule(const __m128i w[4], unsigned i)
{
	__m128i newest = w[(i + 3) % 4], older = w[(i + 2) % 4];
	__m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]),
				    _mm_alignr_epi8(newest, older, 4));
	return _mm_sha256msg2_epu32(sum, newest);
}

SHA static void block_sha(uint32_t state[8], const uint8_t block[64])
{
	const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	__m128i dcba = _mm_loadu_si128((const __m128i *)(const void *)state);
	__m128i hgfe = _mm_loadu_si128((const __m128i *)(const void *)(state + 4));
	__m128i cdab = _mm_shuffle_epi32(dcba, 0xb1), efgh = _mm_shuffle_epi32(hgfe, 0x1b);
	__m128i abef = _mm_alignr_epi8(cdab, efgh, 8), cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
	const __m128i abef_before = abef, cdgh_before = cdgh;
	__m128i w[4];
	for (unsigned i = 0; i < 4; i++)
		w[i] = _mm_shuffle_epi8(
			_mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i)),
			big_endian);
#pragma GCC unroll 16
	for (unsigned i = 0; i < 16; i++) {
		if (i >= 4)
			w[i % 4] = schedule(w, i);
		__m128i k = _mm_loadu_si128(
			(const __m128i *)(const void *)(fb_sha256_constants + 4 * i));
		__m128i words = _mm_add_epi32(w[i % 4], k);
		cdgh = _mm_sha256rnds2_epu32(cdgh, abef, words);
		abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(words, 0x0e));
	}
	abef = _mm_add_epi32(abef, abef_before);
	cdgh = _mm_add_epi32(cdgh, cdgh_before);
	__m128i feba = _mm_shuffle_epi32(abef, 0x1b), dchg = _mm_shuffle_epi32(cdgh, 0xb1);
	_mm_storeu_si128((__m128i *)(void *)state, _mm_blend_epi16(feba, dchg, 0xf0));
	_mm_storeu_si128((__m128i *)(void *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

fb_sha256_block *fb_sha256_block_x86(void)
{
	unsigned a, b, c, d;
	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1))
		return NULL;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA) ? block_sha : NULL;
}
#else
fb_sha256_block *fb_sha256_block_x86(void)
{
	return NULL;
}
#endif
