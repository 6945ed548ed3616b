/* Vectors of VECTOR_LANES floats or whole numbers, for code that is compiled once for each
 * instruction set (cpu_kernel.inc): the compiler's own vectors, and the few things that they cannot
 * say well. Before it is included:
 *
 *   VECTOR_LANES  8 or 16
 *   VECTOR_ISA    0 whatever the compiler makes of it; 2 AVX2; 512 AVX-512 (F, DQ, BW, VL)
 *   VECTOR        the attribute of every function
 *
 * Without them: eight lanes, anywhere. No NaN is compared unless the outcome for it is said. */
#ifndef CPU_VECTOR_H
#define CPU_VECTOR_H

#include <stdint.h>
#include <string.h>

#ifndef VECTOR_LANES
#define VECTOR_LANES 8
#define VECTOR_ISA 0
#define VECTOR
#endif
#if VECTOR_ISA != 0
#include <immintrin.h>
#endif
/* No vector is ever passed, so how it would be where it is not native is of no interest. GCC has
 * notes on it that no pragma stops: two files have an option instead, in Makefile and lint.sh. */
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wpsabi"
#endif
#define VECTOR_INLINE VECTOR static inline __attribute__((always_inline))
#define VECTOR_BYTES (VECTOR_LANES * 4)
#define VECTOR_ALL ((1u << VECTOR_LANES) - 1)
typedef float vector_f __attribute__((vector_size(VECTOR_BYTES)));
typedef int32_t vector_i __attribute__((vector_size(VECTOR_BYTES)));
typedef uint64_t vector_q __attribute__((vector_size(VECTOR_BYTES))); /* half as many */

VECTOR_INLINE vector_f vector_f_load(const float *p)
{
	vector_f v;
	memcpy(&v, p, sizeof(v));
	return v;
}

VECTOR_INLINE void vector_f_store(float *p, vector_f v)
{
	memcpy(p, &v, sizeof(v));
}

VECTOR_INLINE vector_i vector_i_load(const int32_t *p)
{
	vector_i v;
	memcpy(&v, p, sizeof(v));
	return v;
}

VECTOR_INLINE vector_i vector_i_load_bytes(const uint8_t *p)
{
#if VECTOR_ISA == 2
	return (vector_i)_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)p));
#elif VECTOR_ISA == 512
	return (vector_i)_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)p));
#else
	uint8_t byte __attribute__((vector_size(VECTOR_LANES)));
	memcpy(&byte, p, sizeof(byte));
	return __builtin_convertvector(byte, vector_i);
#endif
}

VECTOR_INLINE vector_i vector_i_load_shorts(const uint16_t *p)
{
#if VECTOR_ISA == 2
	return (vector_i)_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(const void *)p));
#elif VECTOR_ISA == 512
	return (vector_i)_mm512_cvtepu16_epi32(
		_mm256_loadu_si256((const __m256i *)(const void *)p));
#else
	uint16_t number __attribute__((vector_size(2 * VECTOR_LANES)));
	memcpy(&number, p, sizeof(number));
	return __builtin_convertvector(number, vector_i);
#endif
}

VECTOR_INLINE void vector_i_store(int32_t *p, vector_i v)
{
	memcpy(p, &v, sizeof(v));
}

VECTOR_INLINE vector_f vector_f_all(float x)
{
	return x - (vector_f){ 0 };
}

VECTOR_INLINE vector_i vector_i_all(int32_t x)
{
	return x - (vector_i){ 0 };
}

/* Lanes of a mask are 0 or -1. */
VECTOR_INLINE vector_i vector_i_pick(vector_i mask, vector_i a, vector_i b)
{
#if VECTOR_ISA == 2
	return (vector_i)_mm256_blendv_ps((__m256)b, (__m256)a, (__m256)mask);
#else
	return (mask & a) | (~mask & b);
#endif
}

VECTOR_INLINE vector_f vector_f_pick(vector_i mask, vector_f a, vector_f b)
{
	return (vector_f)vector_i_pick(mask, (vector_i)a, (vector_i)b);
}

VECTOR_INLINE vector_i vector_i_more(vector_i a, vector_i b)
{
#if VECTOR_ISA == 2
	return (vector_i)_mm256_max_epi32((__m256i)a, (__m256i)b);
#elif VECTOR_ISA == 512
	return (vector_i)_mm512_max_epi32((__m512i)a, (__m512i)b);
#else
	return vector_i_pick(a > b, a, b);
#endif
}

VECTOR_INLINE vector_i vector_i_less(vector_i a, vector_i b)
{
#if VECTOR_ISA == 2
	return (vector_i)_mm256_min_epi32((__m256i)a, (__m256i)b);
#elif VECTOR_ISA == 512
	return (vector_i)_mm512_min_epi32((__m512i)a, (__m512i)b);
#else
	return vector_i_pick(a < b, a, b);
#endif
}

/* b where a is NaN */
VECTOR_INLINE vector_f vector_f_more(vector_f a, vector_f b)
{
#if VECTOR_ISA == 2
	return (vector_f)_mm256_max_ps((__m256)a, (__m256)b);
#elif VECTOR_ISA == 512
	return (vector_f)_mm512_max_ps((__m512)a, (__m512)b);
#else
	return vector_f_pick(a > b, a, b);
#endif
}

VECTOR_INLINE vector_f vector_f_less(vector_f a, vector_f b)
{
#if VECTOR_ISA == 2
	return (vector_f)_mm256_min_ps((__m256)a, (__m256)b);
#elif VECTOR_ISA == 512
	return (vector_f)_mm512_min_ps((__m512)a, (__m512)b);
#else
	return vector_f_pick(a < b, a, b);
#endif
}

/* Of all lanes, none of which is NaN. */
VECTOR_INLINE float vector_f_least_of(vector_f a)
{
#if VECTOR_ISA == 512
	return _mm512_reduce_min_ps((__m512)a);
#else
	float least = a[0];
	for (unsigned i = 1; i < VECTOR_LANES; i++)
		least = a[i] < least ? a[i] : least;
	return least;
#endif
}

VECTOR_INLINE float vector_f_most_of(vector_f a)
{
	return -vector_f_least_of(-a);
}

VECTOR_INLINE int32_t vector_i_least_of(vector_i a)
{
#if VECTOR_ISA == 512
	return _mm512_reduce_min_epi32((__m512i)a);
#else
	int32_t least = a[0];
	for (unsigned i = 1; i < VECTOR_LANES; i++)
		least = a[i] < least ? a[i] : least;
	return least;
#endif
}

/* Of numbers that are not the least there is. */
VECTOR_INLINE int32_t vector_i_most_of(vector_i a)
{
	return -vector_i_least_of(-a);
}

/* a x b + c, rounded once or twice. */
VECTOR_INLINE vector_f vector_f_fma(vector_f a, vector_f b, vector_f c)
{
#if VECTOR_ISA == 2
	return (vector_f)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif VECTOR_ISA == 512
	return (vector_f)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#else
	return a * b + c;
#endif
}

/* 1 / a, of a normal a from 1 on, give or take 2^-11 of itself. */
VECTOR_INLINE vector_f vector_f_part(vector_f a)
{
#if VECTOR_ISA == 2
	return (vector_f)_mm256_rcp_ps((__m256)a);
#elif VECTOR_ISA == 512
	return (vector_f)_mm512_rcp14_ps((__m512)a);
#else
	return 1 / a;
#endif
}

VECTOR_INLINE vector_f vector_f_abs(vector_f a)
{
	return (vector_f)((vector_i)a & 0x7fffffff);
}

/* Toward zero. */
VECTOR_INLINE vector_i vector_f_whole(vector_f a)
{
	return __builtin_convertvector(a, vector_i);
}

VECTOR_INLINE vector_f vector_i_real(vector_i a)
{
	return __builtin_convertvector(a, vector_f);
}

/* Bit i: lane i of a mask. */
VECTOR_INLINE unsigned vector_bits(vector_i mask)
{
#if VECTOR_ISA == 2
	return (unsigned)_mm256_movemask_ps((__m256)mask);
#elif VECTOR_ISA == 512
	return _mm512_movepi32_mask((__m512i)mask);
#else
	unsigned bits = 0;
	for (unsigned i = 0; i < VECTOR_LANES; i++)
		bits |= (unsigned)(mask[i] & 1) << i;
	return bits;
#endif
}

#endif
