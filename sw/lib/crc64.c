/* See crc64.h. */
#include "crc64.h"

#include <string.h>

#include <firebreak/layout.h>

_Static_assert(FB_HASHED_BYTES == 56, "three blocks of 16 bytes and a word of 8");
/* Words are loaded as they lie: byte 0 of the message is the first to be divided, and its lowest
 * bit stands for the highest power. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are little-endian");

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
static bool by_instruction;

__attribute__((constructor)) static void fill(void)
{
	for (unsigned i = 0; i < 256; i++) {
		ahead[0][i] = table[i];
		for (unsigned k = 1; k < 8; k++)
			ahead[k][i] = ahead[k - 1][i] >> 8 ^ table[ahead[k - 1][i] & 0xff];
	}
	by_instruction = fb_crc64_has_instruction();
}

uint64_t fb_crc64_table(uint64_t crc, const void *data, size_t length)
{
	const uint8_t *bytes = data;
	crc = ~crc;
	for (; length >= 8; length -= 8, bytes += 8) {
		uint64_t x;
		memcpy(&x, bytes, 8);
		x ^= crc;
		crc = 0;
		for (unsigned k = 0; k < 8; k++)
			crc ^= ahead[7 - k][x >> 8 * k & 0xff];
	}
	for (; length > 0; length--, bytes++)
		crc = crc >> 8 ^ table[(crc ^ *bytes) & 0xff];
	return ~crc;
}

#if defined(__x86_64__)
#include <immintrin.h>

#define BY_INSTRUCTION __attribute__((target("pclmul,sse4.1")))

bool fb_crc64_has_instruction(void)
{
	return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
}

/* Powers of x modulo the polynomial P, bits reflected: in a product of two reflected words the
 * powers are one too low, so x^191 moves a word by 192 bits. */
#define X191 0xe05dd497ca393ae4ull
#define X127 0xdabe95afc7875f40ull
/* P and floor(x^128 / P), of 65 bits, without the one that stands for the lowest power. */
#define P65 0x92d8af2baf0e1e85ull
#define MU65 0x9c3e466c172963d5ull

BY_INSTRUCTION static inline __m128i load(const uint8_t *bytes)
{
	return _mm_loadu_si128((const __m128i *)(const void *)bytes);
}

BY_INSTRUCTION static inline __m128i load_word(const uint8_t *bytes)
{
	return _mm_loadl_epi64((const __m128i *)(const void *)bytes);
}

/* Moved by 128 bits: the first word by 192, the second by 128. */
BY_INSTRUCTION static inline __m128i fold(__m128i s)
{
	const __m128i k = _mm_set_epi64x((long long)X127, (long long)X191);
	return _mm_xor_si128(_mm_clmulepi64_si128(s, k, 0x00), _mm_clmulepi64_si128(s, k, 0x11));
}

/* The first word times x^64, modulo P (Barrett), and the second. In q the powers from x^64 on
 * count, which are the low word; P's lowest power adds q itself. */
BY_INSTRUCTION static inline uint64_t reduce(__m128i t)
{
	const __m128i barrett = _mm_set_epi64x((long long)P65, (long long)MU65);
	__m128i q = _mm_clmulepi64_si128(t, barrett, 0x00),
		p = _mm_clmulepi64_si128(q, barrett, 0x10);
	return (uint64_t)_mm_extract_epi64(
		_mm_xor_si128(_mm_xor_si128(t, p), _mm_slli_si128(q, 8)), 1);
}

/* Whole words of eight bytes. An odd word comes last, and moves what is before it by 64 bits less
 * than a block would: that is what the end of the message does anyway. */
BY_INSTRUCTION static inline uint64_t words(uint64_t crc, const uint8_t *bytes, size_t length)
{
	const __m128i k = _mm_set_epi64x((long long)X127, (long long)X191);
	__m128i s = _mm_cvtsi64_si128((long long)crc);
	if (length == 8)
		return reduce(_mm_xor_si128(s, load_word(bytes)));
	s = _mm_xor_si128(s, load(bytes));
	for (bytes += 16, length -= 16; length >= 16; bytes += 16, length -= 16)
		s = _mm_xor_si128(fold(s), load(bytes));
	if (length > 0)
		return reduce(_mm_xor_si128(fold(s), load_word(bytes)));
	/* 128 bits times x^64: the first word moves by 128, the second by 64. */
	return reduce(_mm_xor_si128(_mm_clmulepi64_si128(s, k, 0x10), _mm_srli_si128(s, 8)));
}

BY_INSTRUCTION uint64_t fb_crc64_instruction(uint64_t crc, const void *data, size_t length)
{
	const uint8_t *bytes = data;
	size_t whole = length & ~(size_t)7;
	crc = ~crc;
	if (whole > 0)
		crc = words(crc, bytes, whole);
	for (size_t i = whole; i < length; i++)
		crc = crc >> 8 ^ table[(crc ^ bytes[i]) & 0xff];
	return ~crc;
}

BY_INSTRUCTION static uint64_t line_instruction(const uint8_t *line)
{
	__m128i s = _mm_xor_si128(load(line), _mm_cvtsi64_si128(-1));
	s = _mm_xor_si128(fold(s), load(line + 16));
	s = _mm_xor_si128(fold(s), load(line + 32));
	return ~reduce(_mm_xor_si128(fold(s), load_word(line + 48)));
}
#else
bool fb_crc64_has_instruction(void)
{
	return false;
}

uint64_t fb_crc64_instruction(uint64_t crc, const void *data, size_t length)
{
	return fb_crc64_table(crc, data, length);
}

static uint64_t line_instruction(const uint8_t *line)
{
	return fb_crc64_table(0, line, FB_HASHED_BYTES);
}
#endif

uint64_t fb_crc64(uint64_t crc, const void *data, size_t length)
{
	return by_instruction ? fb_crc64_instruction(crc, data, length)
			      : fb_crc64_table(crc, data, length);
}

uint64_t fb_crc64_line(const void *line)
{
	return by_instruction ? line_instruction(line) : fb_crc64_table(0, line, FB_HASHED_BYTES);
}
