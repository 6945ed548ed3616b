/* The inner loops of the software engine for processors with AVX2 and FMA. */
#include "cpu_kernels.h"

#if defined(__x86_64__)
#define VECTOR_LANES 8
#define VECTOR_ISA 2
#define VECTOR __attribute__((target("avx2,fma")))
#include "cpu_kernel.inc"

static const struct cpu_kernels kernels = CPU_KERNELS("avx2");

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
