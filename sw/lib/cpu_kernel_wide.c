/* The inner loops with sixteen lanes in what every processor has: slower than with eight, and the
 * way to test what AVX-512 runs where there is none. */
#define VECTOR_LANES 16
#define VECTOR_ISA 0
#define VECTOR
#include "cpu_kernel.inc"

const struct cpu_kernels cpu_kernels_wide = CPU_KERNELS("wide");
