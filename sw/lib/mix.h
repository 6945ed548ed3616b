/* A bijective scramble of 64 bits (the finaliser of splitmix64), for seeded choices that need no
 * state: fb_mix(seed + n) is the n-th of a sequence. Nothing that decides about an account
 * depends on it. */
#ifndef FIREBREAK_MIX_H
#define FIREBREAK_MIX_H

#include <stdint.h>

static inline uint64_t fb_mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

/* Maps 64 random bits to 0..n-1 without division. */
static inline uint32_t fb_mix_below(uint64_t random, uint32_t n)
{
	return (uint32_t)(((random >> 32) * n) >> 32);
}

#endif
