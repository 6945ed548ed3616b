/* The inner loops of the software engine in plain C: the ones that run where the processor has
 * nothing better, and the meaning of the others. */
#include <math.h>

#include "cpu.h"

static uint64_t outside(const struct cpu_node *node, float u)
{
	uint64_t mask = 0;
	for (unsigned i = 0; i < CPU_FAN; i++)
		mask |= (uint64_t)!(node->lo[i] < u && u < node->hi[i]) << i;
	return mask;
}

static struct cpu_band tightest(const struct cpu_node *node)
{
	struct cpu_band band = { -INFINITY, INFINITY };
	for (unsigned i = 0; i < CPU_FAN; i++) {
		band.lo = node->lo[i] > band.lo ? node->lo[i] : band.lo;
		band.hi = node->hi[i] < band.hi ? node->hi[i] : band.hi;
	}
	return band;
}

/* Bit i: account i of the tile cannot be ruled out. */
static unsigned doubtful(const struct cpu_tiles *t, struct cpu_tile_head *head, const float *u)
{
	const struct cpu_tile_row *row = cpu_tile_rows(head);
	float doubt = cpu_tile_doubt(t->rows);
	unsigned mask = 0;
	for (unsigned i = 0; i < CPU_LANES; i++) {
		float h = head->base[i], all = fabsf(h);
		bool in = true;
		for (unsigned j = 0; j < t->rows; j++) {
			float at = u[row[j].symbol[i]], change = row[j].slope[i] * at;
			h += change;
			all += fabsf(change);
			in = in && row[j].lo[i] < at && at < row[j].hi[i];
		}
		mask |= (unsigned)!(in && h > all * doubt) << i;
	}
	return mask;
}

static size_t sweep(const struct cpu_tiles *t, const float *u, uint32_t *out)
{
	size_t n = 0;
	for (uint32_t k = 0; k * CPU_LANES < t->accounts; k++) {
		struct cpu_tile_head *head = cpu_tile_head(t, k);
		for (unsigned mask = doubtful(t, head, u); mask != 0; mask &= mask - 1)
			out[n++] = head->account[__builtin_ctz(mask)];
	}
	return n;
}

const struct cpu_kernels cpu_kernels_portable = { "portable", outside, tightest, sweep };
