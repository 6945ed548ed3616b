/* The inner loops of the software engine for processors with AVX2 and FMA. What they mean is in
 * cpu_kernel.c. */
#include "cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,fma")))

/* Bit i: lane i is not between lo and hi. NaNs do not occur. */
AVX2 static inline unsigned out_of(const float *lo, const float *hi, __m256 u)
{
	__m256 in = _mm256_and_ps(_mm256_cmp_ps(_mm256_loadu_ps(lo), u, _CMP_LT_OQ),
				  _mm256_cmp_ps(u, _mm256_loadu_ps(hi), _CMP_LT_OQ));
	return (unsigned)_mm256_movemask_ps(in) ^ 0xff;
}

AVX2 static uint64_t outside(const struct cpu_node *node, float u)
{
	__m256 at = _mm256_set1_ps(u);
	uint64_t mask = 0;
	for (unsigned i = 0; i < CPU_FAN; i += 8)
		mask |= (uint64_t)out_of(&node->lo[i], &node->hi[i], at) << i;
	return mask;
}

AVX2 static inline float across(__m256 v, bool most)
{
	__m128 a = _mm256_castps256_ps128(v), b = _mm256_extractf128_ps(v, 1);
	a = most ? _mm_max_ps(a, b) : _mm_min_ps(a, b);
	b = _mm_movehl_ps(a, a);
	a = most ? _mm_max_ps(a, b) : _mm_min_ps(a, b);
	b = _mm_shuffle_ps(a, a, 1);
	a = most ? _mm_max_ss(a, b) : _mm_min_ss(a, b);
	return _mm_cvtss_f32(a);
}

AVX2 static struct cpu_band tightest(const struct cpu_node *node)
{
	__m256 lo = _mm256_load_ps(node->lo), hi = _mm256_load_ps(node->hi);
	for (unsigned i = 8; i < CPU_FAN; i += 8) {
		lo = _mm256_max_ps(lo, _mm256_load_ps(&node->lo[i]));
		hi = _mm256_min_ps(hi, _mm256_load_ps(&node->hi[i]));
	}
	return (struct cpu_band){ across(lo, true), across(hi, false) };
}

AVX2 static inline unsigned doubtful(unsigned rows, float doubt, struct cpu_tile_head *head,
				     const float *u)
{
	const struct cpu_tile_row *row = cpu_tile_rows(head);
	const __m256 magnitude = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff));
	__m256 h = _mm256_loadu_ps(head->base), all = _mm256_and_ps(h, magnitude);
	__m256 in = _mm256_castsi256_ps(_mm256_set1_epi32(-1));
	for (unsigned j = 0; j < rows; j++) {
		__m256i symbol = _mm256_cvtepu16_epi32(
			_mm_loadu_si128((const __m128i *)(const void *)row[j].symbol));
		__m256 at = _mm256_i32gather_ps(u, symbol, 4);
		__m256 change = _mm256_mul_ps(_mm256_loadu_ps(row[j].slope), at);
		h = _mm256_add_ps(h, change);
		all = _mm256_add_ps(all, _mm256_and_ps(change, magnitude));
		in = _mm256_and_ps(in, _mm256_cmp_ps(_mm256_loadu_ps(row[j].lo), at, _CMP_LT_OQ));
		in = _mm256_and_ps(in, _mm256_cmp_ps(at, _mm256_loadu_ps(row[j].hi), _CMP_LT_OQ));
	}
	__m256 bound = _mm256_mul_ps(all, _mm256_set1_ps(doubt));
	in = _mm256_and_ps(in, _mm256_cmp_ps(h, bound, _CMP_GT_OQ));
	return (unsigned)_mm256_movemask_ps(in) ^ 0xff;
}

AVX2 static inline size_t sweep_rows(const struct cpu_tiles *t, unsigned rows, const float *u,
				     uint32_t *out)
{
	float doubt = cpu_tile_doubt(t->rows);
	size_t n = 0;
	for (uint32_t k = 0; k * CPU_LANES < t->accounts; k++) {
		struct cpu_tile_head *head = cpu_tile_head(t, k);
		for (unsigned mask = doubtful(rows, doubt, head, u); mask != 0; mask &= mask - 1)
			out[n++] = head->account[__builtin_ctz(mask)];
	}
	return n;
}

/* Few rows are most accounts: there the loop over them is unrolled. */
AVX2 static size_t sweep(const struct cpu_tiles *t, const float *u, uint32_t *out)
{
	switch (t->rows) {
	case 1: return sweep_rows(t, 1, u, out);
	case 2: return sweep_rows(t, 2, u, out);
	case 3: return sweep_rows(t, 3, u, out);
	case 4: return sweep_rows(t, 4, u, out);
	default: return sweep_rows(t, t->rows, u, out);
	}
}

static const struct cpu_kernels kernels = { "avx2", outside, tightest, sweep };

const struct cpu_kernels *cpu_kernels_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &kernels : NULL;
}
#else
const struct cpu_kernels *cpu_kernels_avx2(void)
{
	return NULL;
}
#endif
