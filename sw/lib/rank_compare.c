/* The exact order of two rows. Scores are products of powers, some of them negative, so two are
 * compared by cross-multiplication: every factor goes to the side where its power is positive. Up
 * to 14 factors of 96 bits meet on a side, 1,344 bits; nearly always 128 do. */
#include <assert.h>

#include <firebreak/rank.h>

#define FACTORS (2 * FB_RANK_OPERANDS) /* powers are at most 2 */
#define LIMBS (2 * FACTORS)	       /* a factor fits 128 bits */

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

/* Sign of score a - score b. */
static int compare_scores(const int8_t power[FB_RANK_OPERANDS],
			  const unsigned __int128 a[FB_RANK_OPERANDS],
			  const unsigned __int128 b[FB_RANK_OPERANDS])
{
	struct side left, right;
	left.n = right.n = left.bits = right.bits = 0;
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++) {
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

int fb_rank_compare(const struct fb_rank_formula *formula, const struct fb_rank_row *a,
		    const struct fb_rank_row *b)
{
	enum fb_sign class = fb_rank_class(a);
	int order = (int)fb_rank_class(b) - (int)class;
	if (order == 0 && (class == FB_SIGN_PROFIT || class == FB_SIGN_LOSS)) {
		unsigned __int128 x[FB_RANK_OPERANDS], y[FB_RANK_OPERANDS];
		fb_rank_operands(formula, a, x);
		fb_rank_operands(formula, b, y);
		order = -compare_scores(class == FB_SIGN_PROFIT ? formula->profit : formula->loss,
					x, y);
	}
	/* In class ZERO this is the score itself. */
	if (order == 0)
		order = a->notional_e8 > b->notional_e8 ? -1 : a->notional_e8 < b->notional_e8;
	if (order == 0)
		order = a->account < b->account ? -1 : a->account > b->account;
	if (order == 0)
		order = a->position < b->position ? -1 : a->position > b->position;
	return order;
}
