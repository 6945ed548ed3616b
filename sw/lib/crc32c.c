/* See crc32c.h. */
#include "crc32c.h"

#include <string.h>

#include <firebreak/layout.h>

_Static_assert(FB_CHECKED_BYTES == 60, "seven words of 8 bytes and one of 4");

/* The table is linear: the entry of a byte is the xor of the entries of its bits. These eight are
 * the entries of 1, 2, 4 .. 128 for the reflected polynomial 0x82f63b78, which is the entry of 128
 * itself. tests/unit/test_crc32c.c compares with the polynomial division. */
#define BIT(i, k, entry) (((i) >> (k) & 1) ? (entry) : 0u)
#define T1(i)                                                                                      \
	(BIT(i, 0, 0xf26b8303u) ^ BIT(i, 1, 0xe13b70f7u) ^ BIT(i, 2, 0xc79a971fu) ^                \
	 BIT(i, 3, 0x8ad958cfu) ^ BIT(i, 4, 0x105ec76fu) ^ BIT(i, 5, 0x20bd8edeu) ^                \
	 BIT(i, 6, 0x417b1dbcu) ^ BIT(i, 7, 0x82f63b78u))
#define T4(i) T1(i), T1((i) + 1), T1((i) + 2), T1((i) + 3)
#define T16(i) T4(i), T4((i) + 4), T4((i) + 8), T4((i) + 12)
#define T64(i) T16(i), T16((i) + 16), T16((i) + 32), T16((i) + 48)

static const uint32_t table[256] = { T64(0u), T64(64u), T64(128u), T64(192u) };

uint32_t fb_crc32c_line_table(const void *line)
{
	const uint8_t *bytes = line;
	uint32_t crc = ~0u;
	for (unsigned i = 0; i < FB_CHECKED_BYTES; i++)
		crc = crc >> 8 ^ table[(crc ^ bytes[i]) & 0xff];
	return ~crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

bool fb_crc32c_has_instruction(void)
{
	return __builtin_cpu_supports("sse4.2");
}

__attribute__((target("sse4.2"))) uint32_t fb_crc32c_line_instruction(const void *line)
{
	uint64_t word, crc = ~0u;
	uint32_t last;
	for (unsigned i = 0; i < 7; i++) {
		memcpy(&word, (const uint8_t *)line + 8 * i, sizeof(word));
		crc = _mm_crc32_u64(crc, word);
	}
	memcpy(&last, (const uint8_t *)line + 56, sizeof(last));
	return ~_mm_crc32_u32((uint32_t)crc, last);
}
#else
bool fb_crc32c_has_instruction(void)
{
	return false;
}

uint32_t fb_crc32c_line_instruction(const void *line)
{
	return fb_crc32c_line_table(line);
}
#endif

/* Asked once, before main: a call of this is a part of every command and record. */
static bool by_instruction;

__attribute__((constructor)) static void choose(void)
{
	by_instruction = fb_crc32c_has_instruction();
}

uint32_t fb_crc32c_line(const void *line)
{
	return by_instruction ? fb_crc32c_line_instruction(line) : fb_crc32c_line_table(line);
}
