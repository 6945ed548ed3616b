/* Products of powers, compared: see powers.h. */
#include <assert.h>
#include <stdbool.h>

#include "powers.h"

#define FACTORS (2 * FB_POWERS_MAX + 3) /* powers are at most 2; and what a quotient adds */
#define LIMBS (2 * FACTORS + 1) /* a factor fits 128 bits */

struct side {
	unsigned n, bits; /* factors; the sum of their lengths */
	unsigned __int128 factor[FACTORS];
};

static unsigned length(unsigned __int128 x)
{
	uint64_t high = (uint64_t)(x >> 64), low = (uint64_t)x;
	assert(x != 0);
	return high ? 128 - (unsigned)__builtin_clzll(high) : 64 - (unsigned)__builtin_clzll(low);
}

static void put(struct side *side, unsigned __int128 factor)
{
	assert(side->n < FACTORS);
	side->factor[side->n++] = factor;
	side->bits += length(factor);
}

static unsigned __int128 narrow_product(const struct side *side)
{
	unsigned __int128 product = 1;
	for (unsigned i = 0; i < side->n; i++)
		product *= side->factor[i];
	return product;
}

/* out += a x f, with f in the place of limb `shift`. The sum fits. */
static void add_multiple(uint64_t *out, const uint64_t *a, unsigned limbs, uint64_t f,
			 unsigned shift)
{
	unsigned __int128 carry = 0;
	for (unsigned i = 0; i + shift < limbs; i++) {
		carry += (unsigned __int128)a[i] * f + out[i + shift];
		out[i + shift] = (uint64_t)carry;
		carry >>= 64;
	}
	assert(carry == 0);
}

static void wide_product(const struct side *side, unsigned limbs, uint64_t *product)
{
	for (unsigned i = 0; i < limbs; i++)
		product[i] = i == 0;
	for (unsigned i = 0; i < side->n; i++) {
		uint64_t before[LIMBS], high = (uint64_t)(side->factor[i] >> 64);
		for (unsigned k = 0; k < limbs; k++) {
			before[k] = product[k];
			product[k] = 0;
		}
		add_multiple(product, before, limbs, (uint64_t)side->factor[i], 0);
		if (high != 0)
			add_multiple(product, before, limbs, high, 1);
	}
}

/* Sign of the difference of the products. */
static int compare_products(const struct side *a, const struct side *b)
{
	/* A product of n numbers is shorter than their lengths together by less than n bits. */
	if (a->bits >= b->bits + a->n)
		return a->bits > b->bits;
	if (b->bits >= a->bits + b->n)
		return -1;
	if (a->bits <= 128 && b->bits <= 128) {
		unsigned __int128 x = narrow_product(a), y = narrow_product(b);
		return x > y ? 1 : x < y ? -1 : 0;
	}
	uint64_t x[LIMBS], y[LIMBS];
	unsigned limbs = ((a->bits > b->bits ? a->bits : b->bits) + 63) / 64;
	wide_product(a, limbs, x);
	wide_product(b, limbs, y);
	for (unsigned i = limbs; i-- > 0;)
		if (x[i] != y[i])
			return x[i] > y[i] ? 1 : -1;
	return 0;
}

int fb_powers_compare(const int8_t *power, const unsigned __int128 *a, const unsigned __int128 *b,
		      unsigned n)
{
	struct side left, right;
	left.n = right.n = left.bits = right.bits = 0;
	assert(n <= FB_POWERS_MAX);
	for (unsigned i = 0; i < n; i++) {
		if (a[i] == b[i])
			continue; /* cancels */
		for (int k = power[i]; k > 0; k--) {
			put(&left, a[i]);
			put(&right, b[i]);
		}
		for (int k = power[i]; k < 0; k++) {
			put(&left, b[i]);
			put(&right, a[i]);
		}
	}
	return compare_products(&left, &right);
}

/* a x q <= b? */
static bool goes(const uint64_t *a, uint64_t q, const uint64_t *b, unsigned limbs)
{
	uint64_t product[LIMBS] = { 0 };
	add_multiple(product, a, limbs, q, 0);
	for (unsigned i = limbs; i-- > 0;)
		if (product[i] != b[i])
			return product[i] < b[i];
	return true;
}

uint64_t fb_powers_quotient(const int8_t *power, const unsigned __int128 *x, unsigned n,
			    const unsigned __int128 up[3], const unsigned __int128 down[3])
{
	struct side over = { .n = 0 }, under = { .n = 0 };
	for (unsigned i = 0; i < n; i++)
		for (int k = power[i] < 0 ? -power[i] : power[i]; k > 0; k--)
			put(power[i] > 0 ? &over : &under, x[i]);
	for (int i = 0; i < 3; i++) {
		put(&over, up[i]);
		put(&under, down[i]);
	}
	if (over.bits <= 128 && under.bits <= 128) {
		unsigned __int128 quotient = narrow_product(&over) / narrow_product(&under);
		return quotient > UINT64_MAX ? UINT64_MAX : (uint64_t)quotient;
	}
	/* Room for the divisor times any quotient. */
	unsigned limbs = ((over.bits > under.bits ? over.bits : under.bits) + 63) / 64 + 1;
	uint64_t a[LIMBS], b[LIMBS], quotient = 0;
	wide_product(&over, limbs, a);
	wide_product(&under, limbs, b);
	for (int bit = 63; bit >= 0; bit--)
		if (goes(b, quotient | UINT64_C(1) << bit, a, limbs))
			quotient |= UINT64_C(1) << bit;
	return quotient;
}
