/* The order of ADL counterparties: wide products and the comparison of scores, by hand and against
 * fractions worked out in base 2^8, digit by digit. */
#include "model_kit.h"

#include <firebreak/adl.h>

#include "../../sw/lib/wide.h"

typedef unsigned __int128 u128;

/* ---- schoolbook numbers ---- */

#define DIGITS 100 /* of 8 bits, least significant first */

struct school {
	unsigned char digit[DIGITS];
};

static struct school school_of(u128 x)
{
	struct school s;
	for (size_t i = 0; i < DIGITS; i++, x >>= 8)
		s.digit[i] = (unsigned char)x;
	return s;
}

static struct school school_times(const struct school *a, u128 factor)
{
	struct school b = school_of(factor), out = school_of(0);
	for (size_t j = 0; j < 16; j++) {
		unsigned carry = 0;
		for (size_t i = 0; i + j < DIGITS; i++) {
			carry += (unsigned)a->digit[i] * b.digit[j] + out.digit[i + j];
			out.digit[i + j] = (unsigned char)carry;
			carry >>= 8;
		}
		KIT_MUST(carry == 0);
	}
	return out;
}

static int school_compare(const struct school *a, const struct school *b)
{
	for (size_t i = DIGITS; i-- > 0;)
		if (a->digit[i] != b->digit[i])
			return a->digit[i] < b->digit[i] ? -1 : 1;
	return 0;
}

/* numerator / denominator, both products of three factors. */
struct fraction {
	u128 over[3], under[3];
};

static int compare_fractions(const struct fraction *a, const struct fraction *b)
{
	struct school x = school_of(1), y = school_of(1);
	for (size_t i = 0; i < 3; i++) {
		x = school_times(&x, a->over[i]);
		x = school_times(&x, b->under[i]);
		y = school_times(&y, b->over[i]);
		y = school_times(&y, a->under[i]);
	}
	return school_compare(&x, &y);
}

/* The magnitude of the score as the header writes it: U/|N| x |N|/equity, or U/|N| / (|N|/equity).
 */
static struct fraction score_of(const struct fb_adl_score *s)
{
	u128 n = s->notional_e8, e = (u128)s->equity_e8;
	if (s->profit_e8 > 0)
		return (struct fraction){ { (u128)s->profit_e8, n, 1 }, { n, e, 1 } };
	return (struct fraction){ { (u128)-s->profit_e8, e, 1 }, { n, n, 1 } };
}

static int sign_of(__int128 x)
{
	return x < 0 ? -1 : x > 0;
}

/* For rows that are worth something. */
static int reference(const struct fb_adl_score *a, const struct fb_adl_score *b)
{
	if (sign_of(a->profit_e8) != sign_of(b->profit_e8))
		return sign_of(b->profit_e8) - sign_of(a->profit_e8);
	if (a->profit_e8 != 0) {
		struct fraction x = score_of(a), y = score_of(b);
		int order = compare_fractions(&x, &y);
		if (order != 0) /* profit: the larger first; loss: the smaller */
			return a->profit_e8 > 0 ? -order : order;
	}
	if (a->notional_e8 != b->notional_e8)
		return a->notional_e8 > b->notional_e8 ? -1 : 1;
	if (a->account_id != b->account_id)
		return a->account_id < b->account_id ? -1 : 1;
	return a->position_id < b->position_id ? -1 : a->position_id > b->position_id;
}

/* ---- tests ---- */

START_TEST(products)
{
	uint64_t seed = 3;
	for (int round = 0; round < 3000; round++) {
		struct fb_product p[2];
		struct school s[2];
		for (int k = 0; k < 2; k++) {
			size_t n = 1 + kit_random(&seed) % FB_PRODUCT_FACTORS;
			s[k] = school_of(1);
			for (size_t i = 0; i < n; i++) {
				u128 f = (u128)kit_random(&seed) << 64 | kit_random(&seed);
				f >>= kit_random(&seed) % 128;
				/* All ones make every carry. */
				if (kit_random(&seed) % 4 == 0)
					f = kit_random(&seed) % 4 == 0 ? 0 : ~(u128)0;
				if (i == 0)
					fb_product_set(&p[k], f);
				else
					fb_product_times(&p[k], f);
				s[k] = school_times(&s[k], f);
			}
			struct school limbs = school_of(0);
			for (size_t i = 0; i < p[k].limbs * 8; i++)
				limbs.digit[i] = (unsigned char)(p[k].limb[i / 8] >> i % 8 * 8);
			KIT_MUST(school_compare(&limbs, &s[k]) == 0);
		}
		KIT_MUST(fb_product_compare(&p[0], &p[1]) == school_compare(&s[0], &s[1]));
		KIT_MUST(fb_product_compare(&p[0], &p[0]) == 0);
	}
	/* Five times all ones fill every limb. */
	struct fb_product p;
	fb_product_set(&p, ~(u128)0);
	for (int i = 1; i < FB_PRODUCT_FACTORS; i++)
		fb_product_times(&p, ~(u128)0);
	ck_assert_uint_eq(p.limbs, FB_PRODUCT_LIMBS);
	fb_product_times(&p, 0);
	ck_assert_uint_eq(p.limbs, 0);
}
END_TEST

/* Each line comes before the next. */
START_TEST(order_by_hand)
{
	const struct fb_adl_score s[] = {
		/* profit: U / equity, whatever the notional */
		{ UINT64_MAX, 1, 1, 1, 1 },
		{ 30, 10, 100, 9, 9 }, /* 3 */
		{ 29, 10, 900, 1, 1 }, /* 2.9 */
		{ 1, 2, 5, 8, 8 },     /* 1/2; ties: larger notional */
		{ 2, 4, 4, 3, 8 },     /* then lower account */
		{ 1, 2, 4, 4, 6 },     /* then lower position */
		{ 1, 2, 4, 4, 7 },
		{ 1, 3, 1, 1, 1 },
		{ 1, UINT64_MAX, 1, 1, 1 },
		{ 5, 1, 0, 1, 1 }, /* worth nothing: last of its class */
		{ 4, 1, 0, 0, 0 },
		/* no profit and no loss */
		{ 0, 10, 7, 5, 5 },
		{ 0, 900, 7, 6, 5 },
		{ 0, 1, 0, 0, 0 },
		/* loss: U x equity / N^2, nearest to 0 first */
		{ -9, 1, 100, 9, 9 },	/* 9 / 10000 */
		{ -10, 25, 500, 1, 1 }, /* 250 / 250000: the same as */
		{ -1, 10, 100, 1, 1 },	/* 10 / 10000; larger notional first */
		{ -10, 26, 500, 0, 1 },
		{ -1, 10, 50, 1, 1 },
		{ -1, 1, 0, 1, 1 }, /* worth nothing */
		{ -9, 9, 0, 1, 2 },
		{ -1, 1, 0, 2, 0 },
	};
	size_t n = sizeof(s) / sizeof(s[0]);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			ck_assert_msg(sign_of(fb_adl_compare(&s[i], &s[j])) == (i > j) - (i < j),
				"line %zu against line %zu", i, j);
}
END_TEST

static u128 wide_random(uint64_t *seed, unsigned bits)
{
	u128 x = (u128)kit_random(seed) << 64 | kit_random(seed);
	switch (kit_random(seed) % 4) {
	case 0: return (u128)kit_random(seed) % 4 + 1;
	case 1: return ((u128)1 << bits) - kit_random(seed) % 3; /* the far end */
	case 2: return (x >> (128 - bits) >> kit_random(seed) % 4) + 1;
	default: return (x >> (128 - bits) >> kit_random(seed) % bits) + 1;
	}
}

/* Half of them around 64 bits, where the planner changes from one way of multiplying to another. */
static struct fb_adl_score random_score(uint64_t *seed)
{
	bool middling = kit_random(seed) % 2;
	struct fb_adl_score s = {
		.profit_e8 = (__int128)wide_random(seed, middling ? 66 : 93),
		.equity_e8 = (__int128)wide_random(seed, middling ? 66 : 93),
		.notional_e8 = wide_random(seed, 84),
		.account_id = (uint32_t)(kit_random(seed) % 3),
		.position_id = (uint32_t)(kit_random(seed) % 3),
	};
	uint64_t sign = kit_random(seed) % 9;
	s.profit_e8 = sign == 0 ? 0 : sign < 5 ? -s.profit_e8 : s.profit_e8;
	return s;
}

/* Another row with the same score, or one unit off: k times profit and equity, or k times equity
 * and k times notional squared, whichever fits. */
static struct fb_adl_score near(struct fb_adl_score s, uint64_t *seed)
{
	s.account_id = (uint32_t)(kit_random(seed) % 3);
	unsigned k = 2 + (unsigned)(kit_random(seed) % 5);
	if (s.profit_e8 > 0 && (s.profit_e8 | s.equity_e8) >> 90 == 0) {
		s.profit_e8 *= k;
		s.equity_e8 *= k;
	} else if (s.notional_e8 >> 80 == 0 && s.equity_e8 >> 85 == 0) {
		s.notional_e8 *= k;
		s.equity_e8 *= k * k;
	}
	if (kit_random(seed) % 2)
		s.equity_e8 += s.equity_e8 > 1 && kit_random(seed) % 2 ? -1 : 1;
	return s;
}

START_TEST(agrees_with_fractions)
{
	uint64_t seed = 11;
	int ties = 0;
	for (int round = 0; round < 20000; round++) {
		struct fb_adl_score a = random_score(&seed),
				    b = round % 2 ? near(a, &seed) : random_score(&seed);
		int expected = sign_of(reference(&a, &b));
		KIT_MUST(sign_of(fb_adl_compare(&a, &b)) == expected);
		KIT_MUST(sign_of(fb_adl_compare(&b, &a)) == -expected);
		KIT_MUST(fb_adl_compare(&a, &a) == 0);
		ties += a.profit_e8 != 0 && a.profit_e8 == b.profit_e8 &&
			a.equity_e8 == b.equity_e8;
	}
	ck_assert_int_gt(ties, 100);
}
END_TEST

/* Antisymmetric and transitive, with worthless rows too: among any three, a before b before c
 * means a before c. */
START_TEST(is_an_order)
{
	uint64_t seed = 12;
	for (int round = 0; round < 2000; round++) {
		struct fb_adl_score s[4];
		for (int i = 0; i < 4; i++) {
			s[i] = i % 2 ? near(s[i - 1], &seed) : random_score(&seed);
			if (kit_random(&seed) % 4 == 0)
				s[i].notional_e8 = 0;
		}
		for (int i = 0; i < 64; i++) {
			const struct fb_adl_score *a = &s[i % 4], *b = &s[i / 4 % 4],
						  *c = &s[i / 16];
			KIT_MUST(sign_of(fb_adl_compare(a, b)) == -sign_of(fb_adl_compare(b, a)));
			if (fb_adl_compare(a, b) <= 0 && fb_adl_compare(b, c) <= 0)
				KIT_MUST(fb_adl_compare(a, c) <= 0);
		}
	}
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "products", products },
		{ "by hand", order_by_hand },
		{ "fractions", agrees_with_fractions },
		{ "order", is_an_order },
	};
	return kit_main("ADL: order of counterparties", cases, sizeof(cases) / sizeof(cases[0]));
}
