/* The inner loops of the software engine with eight lanes in what every processor has, and which
 * ones an engine uses. */
#include "cpu_kernel.inc"

const struct cpu_kernels cpu_kernels_portable = CPU_KERNELS("portable");

static const struct cpu_kernels *portable(void)
{
	return &cpu_kernels_portable;
}

static const struct cpu_kernels *wide(void)
{
	return &cpu_kernels_wide;
}

static const struct {
	const char *name;
	const struct cpu_kernels *(*get)(void);
} isas[] = {
	/* the best first */
	{ "avx512", cpu_kernels_avx512 },
	{ "avx2", cpu_kernels_avx2 },
	{ "portable", portable },
	{ "wide", wide },
};

const struct cpu_kernels *cpu_kernels_choose(const char *name, bool *known)
{
	bool best = strcmp(name, "best") == 0;
	*known = best;
	for (size_t i = 0; i < sizeof(isas) / sizeof(isas[0]); i++) {
		bool same = strcmp(name, isas[i].name) == 0;
		*known = *known || same;
		if (same || (best && isas[i].get()))
			return isas[i].get();
	}
	return NULL;
}
