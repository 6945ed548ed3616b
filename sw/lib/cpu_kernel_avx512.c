/* The inner loops of the software engine for processors with AVX-512: sixteen lanes. */
#include "cpu_kernels.h"

#if defined(__x86_64__)
#define VECTOR_LANES 16
#define VECTOR_ISA 512
#define VECTOR __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,fma")))
#include "cpu_kernel.inc"

static const struct cpu_kernels kernels = CPU_KERNELS("avx512");

const struct cpu_kernels *cpu_kernels_avx512(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
			       __builtin_cpu_supports("avx512bw") &&
			       __builtin_cpu_supports("avx512vl")
		       ? &kernels
		       : NULL;
}
#else
const struct cpu_kernels *cpu_kernels_avx512(void)
{
	return NULL;
}
#endif
