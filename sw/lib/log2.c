/* See log2.h. A chord in each of 128 segments: tools/log2.py wrote the table and proved the
 * error. */
#include "log2.h"

#include <assert.h>

#include "log2_table.h"

#define MANTISSA_BITS 17
#define CHORD_BITS 10 /* of the mantissa: the place within a segment */

/* The place of the leading one. */
static unsigned exponent(unsigned __int128 x)
{
	uint64_t high = (uint64_t)(x >> 64), low = (uint64_t)x;
	return high ? 127 - (unsigned)__builtin_clzll(high) : 63 - (unsigned)__builtin_clzll(low);
}

uint32_t fb_log2(unsigned __int128 x)
{
	assert(x >= 1);
	unsigned e = exponent(x);
	/* The leading one moves to bit 17: what lies below it is the mantissa. */
	uint32_t aligned = (uint32_t)(e > MANTISSA_BITS ? x >> (e - MANTISSA_BITS)
							: x << (MANTISSA_BITS - e));
	uint32_t m = aligned - (UINT32_C(1) << MANTISSA_BITS);
	uint32_t d = m & ((1u << CHORD_BITS) - 1);
	const struct fb_log2_segment *s = &fb_log2_segments[m >> CHORD_BITS];
	uint64_t fraction = ((uint64_t)s->base << CHORD_BITS) + (uint64_t)s->slope * d;
	return (e << 16) + (uint32_t)(fraction >> 16);
}
