/* Values that do not fit, for the commands that must be refused. */
#ifndef COSIM_GEN_INVALID_H
#define COSIM_GEN_INVALID_H

#include "gen.h"

/* One bit too wide, just or far. */
static inline int64_t gen_beyond_signed(struct gen *g, unsigned bits)
{
	int64_t limit = (int64_t)1 << (bits - 1);

	switch (rng_below(&g->rng, 5)) {
	case 0:
		return limit;
	case 1:
		return -limit - 1;
	case 2:
		return INT64_MAX;
	case 3:
		return INT64_MIN;
	default:
		return limit + (int64_t)rng_bits(&g->rng, 62) % (INT64_MAX - limit);
	}
}

static inline uint64_t gen_beyond(struct gen *g, unsigned bits, unsigned container_bits)
{
	uint64_t limit = 1ull << bits,
		 all = container_bits == 64 ? UINT64_MAX : (1ull << container_bits) - 1;

	switch (rng_below(&g->rng, 3)) {
	case 0:
		return limit;
	case 1:
		return all;
	default:
		return limit + rng_next(&g->rng) % (all - limit + 1);
	}
}

/* One in two among those that this bank uses: after RESET they were defined once. */
static inline uint16_t gen_undefined_symbol(struct gen *g)
{
	uint16_t s;

	do
		s = (uint16_t)(rng_chance(&g->rng, 500) ? g->symbol[rng_below(&g->rng, g->symbols)]
							: rng_bits(&g->rng, 10));
	while (g->bank.symbol[s].defined);
	return s;
}

/* gen_invalid_rank.c: RANK and AUDIT; closes the open batch */
void gen_refuse_rank(struct gen *g);

/* gen_invalid_tables.c */
void gen_refuse_class(struct gen *g);
void gen_refuse_symbol(struct gen *g);
void gen_refuse_ladder(struct gen *g);
void gen_refuse_funding(struct gen *g);

#endif
