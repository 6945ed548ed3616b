/* Unit values: the formulas of inputs.h recomputed by long division, and the limits of 52 bits. */
#include "../../sw/lib/mix.h"
#include "inputs_kit.h"

static struct fb_symbol symbol(uint64_t lot_e8, bool inverse)
{
	return (struct fb_symbol){ .lot_e8 = lot_e8, .type = inverse ? FB_INVERSE : FB_LINEAR };
}

START_TEST(known_values)
{
	struct fb_symbol btc = symbol(10000, false), coin = symbol(100ull * 100000000, true);
	uint64_t u = 0;

	/* 0.0001 BTC at 121,662 are 12.1662 USDT = 1,216,620,000 e-8. */
	ck_assert_int_eq(fb_unit_value(&btc, UINT64_C(12166200000000), &u), 0);
	ck_assert_uint_eq(u, UINT64_C(1216620000) << 16);
	/* 0.0001 BTC at 1e-8 would be 1e-12: less than 2^-16 of 1e-8, but 0.0001 e-8 x 65,536
	 * = 6.55. */
	ck_assert_int_eq(fb_unit_value(&btc, 1, &u), 0);
	ck_assert_uint_eq(u, 6);
	/* A contract of 100 USD at 121,662 is 0.00082194... BTC: floor(82194.9335 x 65,536). */
	ck_assert_int_eq(fb_unit_value(&coin, UINT64_C(12166200000000), &u), 0);
	ck_assert_uint_eq(u, UINT64_C(5386727162));
}
END_TEST

START_TEST(limits)
{
	struct fb_symbol one = symbol(100000000, false), tiny = symbol(1, false);
	struct fb_symbol large = symbol(UINT64_MAX, false), coin = symbol(1, true);
	uint64_t u = 7;

	/* One unit a lot: u = price_e8 x 2^16 < 2^52, so that 2^36 e-8 = 687.19 is the first too
	 * much. */
	ck_assert_int_eq(fb_unit_value(&one, (UINT64_C(1) << 36) - 1, &u), 0);
	ck_assert_uint_eq(u, ((UINT64_C(1) << 36) - 1) << 16);
	ck_assert_int_eq(fb_unit_value(&one, UINT64_C(1) << 36, &u), -ERANGE);
	ck_assert_int_eq(fb_unit_value(&one, 0, &u), -ERANGE);
	/* 1e-8 units at 1525 e-8: 1525 x 65,536 / 1e8 = 0.9994 and at 1526 1.0001. */
	ck_assert_int_eq(fb_unit_value(&tiny, 1525, &u), -ERANGE);
	ck_assert_int_eq(fb_unit_value(&tiny, 1526, &u), 0);
	ck_assert_uint_eq(u, 1);
	ck_assert_int_eq(fb_unit_value(&large, UINT64_MAX, &u), -ERANGE);
	ck_assert_int_eq(fb_unit_value(&coin, UINT64_MAX, &u), -ERANGE);
	ck_assert_int_eq(fb_unit_value(&coin, 0, &u), -ERANGE);
	ck_assert_uint_eq(u, 1); /* a refusal writes nothing */
}
END_TEST

/* q = floor(n / d) is the only q with q x d <= n < (q + 1) x d. */
START_TEST(random_values_are_floors)
{
	for (uint64_t i = 0; i < 200000; i++) {
		uint64_t price = fb_mix(i) >> (8 + fb_mix(i ^ 1) % 50);
		uint64_t lot = fb_mix(i ^ 2) >> (20 + fb_mix(i ^ 3) % 40), u = 0;
		struct fb_symbol linear = symbol(lot, false), inverse = symbol(lot, true);
		unsigned __int128 n = (unsigned __int128)price * lot, d = 100000000;

		if (n < (unsigned __int128)1 << 110) {
			n <<= 16;
			if (fb_unit_value(&linear, price, &u) == 0)
				ck_assert(u > 0 && u < UINT64_C(1) << 52 && u * d <= n &&
					  n < (u + 1) * d);
			else
				ck_assert(n < d || n >= d << 52);
		}
		n = ((unsigned __int128)lot * 100000000) << 16;
		d = price;
		if (fb_unit_value(&inverse, price, &u) == 0)
			ck_assert(u > 0 && u < UINT64_C(1) << 52 && u * d <= n && n < (u + 1) * d);
		else
			ck_assert(price == 0 || n < d || n >> 52 >= d);
	}
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, known_values);
	tcase_add_test(tcase, limits);
	tcase_add_test(tcase, random_values_are_floors);
}

int main(void)
{
	return kit_run("unit value", fill);
}
