/* Seeded random numbers for the tests: SplitMix64, and integers that favour the edges of a field.
 * The same seed gives the same stream on every machine, so a failure is named by one number. */
#ifndef COSIM_RANDOM_H
#define COSIM_RANDOM_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

typedef __int128 i128;
typedef unsigned __int128 u128;

struct rng {
	uint64_t state;
};

static inline uint64_t rng_next(struct rng *r)
{
	uint64_t z = (r->state += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* 0..n-1; the bias of a remainder is of no concern to a test. */
static inline uint32_t rng_below(struct rng *r, uint32_t n)
{
	assert(n > 0);
	return (uint32_t)((rng_next(r) >> 16) % n);
}

static inline bool rng_chance(struct rng *r, uint32_t per_mille)
{
	return rng_below(r, 1000) < per_mille;
}

/* Uniform in 0..2^bits-1. */
static inline uint64_t rng_bits(struct rng *r, unsigned bits)
{
	return bits == 0 ? 0 : rng_next(r) >> (64 - bits);
}

/* A magnitude: the number of bits is uniform, so small and large numbers are equally common. */
static inline uint64_t rng_magnitude(struct rng *r, unsigned bits)
{
	return rng_bits(r, rng_below(r, bits + 1));
}

/* Below 2^bits, one in two on an edge: 0, 1, the largest, a power of two, and their neighbours. */
static inline uint64_t rng_edge(struct rng *r, unsigned bits)
{
	uint64_t mask = bits == 64 ? UINT64_MAX : (1ull << bits) - 1;

	switch (rng_below(r, 8)) {
	case 0:
		return rng_below(r, 3) & mask;
	case 1:
		return mask - rng_below(r, 2);
	case 2:
		return (1ull << rng_below(r, bits)) & mask;
	case 3:
		return ((1ull << rng_below(r, bits)) - 1 + rng_below(r, 3)) & mask;
	default:
		return rng_magnitude(r, bits);
	}
}

/* Signed in `bits` bits with the same bias, both limits included. */
static inline int64_t rng_edge_signed(struct rng *r, unsigned bits)
{
	int64_t limit = (int64_t)1 << (bits - 1);

	if (rng_chance(r, 60))
		return rng_chance(r, 500) ? limit - 1 : -limit;
	int64_t v = (int64_t)rng_edge(r, bits - 1);
	return rng_chance(r, 500) ? -v : v;
}

#endif
