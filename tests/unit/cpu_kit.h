/* Numbers drawn for tests of the software engine, and its instruction sets. */
#pragma once

#include <check.h>
#include <stdbool.h>
#include <stdint.h>

#include "../../sw/lib/cpu.h"
#include "../../sw/lib/mix.h"

static uint64_t draws;

static uint64_t draw(void)
{
	return fb_mix(++draws);
}

static uint64_t below(uint64_t n)
{
	return draw() % n;
}

/* Of any size up to so many bits, small ones as often as large ones. */
static int64_t any(unsigned bits)
{
	return (int64_t)(draw() >> (64 - bits) >> below(bits));
}

static inline int64_t either(int64_t x)
{
	return draw() % 2 ? x : -x;
}

static const char *const isas[] = { "portable", "wide", "avx2", "avx512" };

/* NULL: this processor has no such instructions. */
static const struct cpu_kernels *kernels(int i)
{
	bool known;
	const struct cpu_kernels *k = cpu_kernels_choose(isas[i], &known);
	ck_assert(known);
	ck_assert(k || i > 1);
	return k;
}
