/* Exact fractions: what is read and printed, against 128-bit integers where these suffice, and by
 * the laws of a field where they do not. Then that each of the checks sees a fault. */
#include "ratio_kit.h"

START_TEST(numbers_are_read_exactly)
{
	static const struct {
		const char *text, *fraction, *exact;
	} good[] = {
		{ "0", "0", "0" },
		{ "-0.000", "0", "0" },
		{ "1535443.01", "153544301/100", "1535443.01" },
		{ "4e-3", "1/250", "0.004" },
		{ "15/32", "15/32", "0.46875" },
		{ "-6/4", "-3/2", "-1.5" },
		{ "1/3", "1/3", "1/3" },
		{ "0.3/-0.9", "-1/3", "-1/3" },
		{ "+1.25E+3", "1250", "1250" },
		{ "0e99999", "0", "0" },
		{ "18446744073709551616", "18446744073709551616", "18446744073709551616" },
		{ "340282366920938463463374607431768211457",
		  "340282366920938463463374607431768211457",
		  "340282366920938463463374607431768211457" },
	};
	char out[FB_RATIO_TEXT];
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		ratio x = n(good[i].text);
		ck_assert_str_eq(fb_ratio_fraction(&x, out), good[i].fraction);
		ck_assert_str_eq(fb_ratio_exact(&x, out), good[i].exact);
	}
}
END_TEST

START_TEST(what_is_no_number)
{
	static const struct {
		const char *text;
		int code;
	} bad[] = {
		{ "", -EINVAL },     { "-", -EINVAL },	  { ".5", -EINVAL },   { "5.", -EINVAL },
		{ "1 ", -EINVAL },   { "1,5", -EINVAL },  { "0x10", -EINVAL }, { "1e", -EINVAL },
		{ "1e+", -EINVAL },  { "--1", -EINVAL },  { "nan", -EINVAL },  { "1/", -EINVAL },
		{ "/2", -EINVAL },   { "1/2/3", -EINVAL }, { "1/0", -EDOM },   { "0/0.0", -EDOM },
		{ "1/x", -EINVAL },  { "1/0x", -EINVAL }, { "1e700", -EOVERFLOW },
		{ "1e-700", -EOVERFLOW }, { "1e99999999", -EOVERFLOW }, { "1e700x", -EINVAL },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(fb_ratio_text(bad[i].text).error == bad[i].code, "%s: %d, not %d",
			      bad[i].text, fb_ratio_text(bad[i].text).error, bad[i].code);
	ck_assert_int_eq(fb_ratio_parse(NULL, 0).error, -EINVAL);
	kit_same(fb_ratio_parse("123456", 3), whole(123));
}
END_TEST

/* 2^2048 - 1 is the largest; one more, or as a denominator, is refused. */
START_TEST(room_ends_with_an_error)
{
	ratio largest = whole(1);
	for (int i = 0; i < 2047; i++)
		largest = plus(plus(largest, largest), whole(1));
	ck_assert_int_eq(largest.error, 0);
	ck_assert_uint_eq(largest.above_limbs, FB_RATIO_LIMBS);
	ck_assert_int_eq(plus(largest, whole(1)).error, -EOVERFLOW);
	ck_assert_int_eq(times(largest, whole(-2)).error, -EOVERFLOW);
	ratio least = over(whole(1), largest);
	ck_assert_int_eq(least.error, 0);
	ck_assert_int_eq(over(least, whole(2)).error, -EOVERFLOW);
	/* What fits in lowest terms fits, though its products did not. */
	kit_same(times(largest, least), whole(1));
	kit_same(plus(over(largest, whole(2)), over(largest, whole(2))), largest);
	kit_same(minus(plus(minus(largest, whole(1)), whole(1)), largest), whole(0));
	char out[FB_RATIO_TEXT];
	kit_same(fb_ratio_text(fb_ratio_fraction(&largest, out)), largest);
	kit_same(fb_ratio_text(fb_ratio_fraction(&least, out)), least);
	/* The largest products of dYdX's arithmetic are far below. */
	ratio max = n("18446744073709551615");
	ck_assert_int_eq(times(times(max, max), times(n("1000000"), max)).error, 0);
}
END_TEST

START_TEST(errors_stick)
{
	ratio none = over(whole(1), whole(0)), bad = fb_ratio_text("x"), one = whole(1);
	ck_assert_int_eq(none.error, -EDOM);
	ck_assert_int_eq(plus(one, times(none, whole(0))).error, -EDOM);
	ck_assert_int_eq(plus(none, bad).error, -EDOM);
	ck_assert_int_eq(plus(bad, none).error, -EINVAL);
	ck_assert_int_eq(minus(one, bad).error, -EINVAL);
	ck_assert_int_eq(over(bad, one).error, -EINVAL);
	ck_assert_int_eq(negative(bad).error, -EINVAL);
	ck_assert_int_eq(fb_ratio_abs(bad).error, -EINVAL);
	ck_assert_int_eq(fb_ratio_floor(bad).error, -EINVAL);
	ck_assert_int_eq(fb_ratio_round(bad, 2, FB_ROUND_CEIL).error, -EINVAL);
	ck_assert_int_eq(fb_ratio_round_to(one, bad, FB_ROUND_CEIL).error, -EINVAL);
	ck_assert_int_eq(fb_ratio_round_to(one, whole(0), FB_ROUND_CEIL).error, -EDOM);
	ck_assert_int_eq(fb_ratio_round_to(one, whole(-1), FB_ROUND_CEIL).error, -EDOM);
	ck_assert_int_eq(fb_ratio_round(one, 601, FB_ROUND_CEIL).error, -EOVERFLOW);
	ck_assert_int_eq(fb_ratio_isqrt(whole(-1)).error, -EDOM);
	ck_assert_int_eq(fb_ratio_isqrt(n("1/2")).error, -EDOM);
	ck_assert_int_eq(fb_ratio_min(one, bad).error, -EINVAL);
	ck_assert_int_eq(fb_ratio_max(bad, one).error, -EINVAL);
	ck_assert_int_eq(fb_ratio_clamp(one, whole(3), whole(2)).error, -EDOM);
	ck_assert_int_eq(fb_ratio_clamp(one, whole(1), bad).error, -EINVAL);
	ck_assert_int_eq(fb_ratio_of(0, 0).error, -EDOM);
	__int128 out = 5;
	char text[FB_RATIO_TEXT];
	ck_assert_int_eq(fb_ratio_to_int(&bad, &out), -EINVAL);
	ck_assert_str_eq(fb_ratio_exact(&bad, text), "no number");
	ck_assert_str_eq(fb_ratio_decimal(&none, 2, FB_ROUND_ZERO, text),
			 fb_ratio_error_text(-EDOM));
	ck_assert(out == 5);
}
END_TEST

START_TEST(rounding_of_each_kind)
{
	static const struct {
		const char *x, *floor, *ceil, *zero, *away, *half_up, *half_even;
	} rows[] = {
		{ "2.5", "2", "3", "2", "3", "3", "2" },
		{ "3.5", "3", "4", "3", "4", "4", "4" },
		{ "-2.5", "-3", "-2", "-2", "-3", "-3", "-2" },
		{ "-3.5", "-4", "-3", "-3", "-4", "-4", "-4" },
		{ "0.5", "0", "1", "0", "1", "1", "0" },
		{ "-0.4", "-1", "0", "0", "-1", "0", "0" },
		{ "2.500001", "2", "3", "2", "3", "3", "3" },
		{ "7", "7", "7", "7", "7", "7", "7" },
		{ "-7", "-7", "-7", "-7", "-7", "-7", "-7" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *want[] = { rows[i].floor, rows[i].ceil,    rows[i].zero,
				       rows[i].away,  rows[i].half_up, rows[i].half_even };
		for (int r = FB_ROUND_FLOOR; r <= FB_ROUND_HALF_EVEN; r++) {
			ratio x = n(rows[i].x), cent = n("0.01");
			kit_same(fb_ratio_round(x, 0, (enum fb_rounding)r), n(want[r]));
			kit_same(fb_ratio_round(times(x, cent), 2, (enum fb_rounding)r),
				 times(n(want[r]), cent));
		}
	}
	kit_same(fb_ratio_round_to(n("7735.3725"), n("0.5"), FB_ROUND_CEIL), n("7735.5"));
	kit_same(fb_ratio_round_to(n("-7735.3725"), n("0.5"), FB_ROUND_ZERO), n("-7735"));
	kit_same(fb_ratio_truncate(n("-9/4")), whole(-2));
	kit_same(fb_ratio_ceil(n("-9/4")), whole(-2));
	kit_same(fb_ratio_floor(n("-9/4")), whole(-3));
	kit_same(fb_ratio_clamp(n("5"), n("1"), n("3")), n("3"));
	kit_same(fb_ratio_clamp(n("-5"), n("1"), n("3")), n("1"));
	kit_same(fb_ratio_clamp(n("2"), n("1"), n("3")), n("2"));
	char out[FB_RATIO_TEXT];
	ratio x = n("-2/3");
	ck_assert_str_eq(fb_ratio_decimal(&x, 4, FB_ROUND_HALF_UP, out), "-0.6667");
	ck_assert_str_eq(fb_ratio_decimal(&x, 0, FB_ROUND_ZERO, out), "0");
	ck_assert_str_eq(fb_ratio_decimal(&x, 3, FB_ROUND_CEIL, out), "-0.666");
}
END_TEST

START_TEST(small_ones_are_as_128_bits_have_them)
{
	for (kit_state = 0; kit_state < 60000;) {
		int64_t a = (int64_t)kit_wide(40), b = (int64_t)kit_wide(30),
			c = (int64_t)kit_wide(40), d = (int64_t)kit_wide(30);
		if (b == 0 || d == 0)
			continue;
		ratio x = fb_ratio_of(a, b), y = fb_ratio_of(c, d);
		__int128 above = (__int128)a * d + (__int128)c * b, below = (__int128)b * d;
		kit_same(plus(x, y), fb_ratio_of(above, below));
		kit_same(minus(x, y), fb_ratio_of((__int128)a * d - (__int128)c * b, below));
		kit_same(times(x, y), fb_ratio_of((__int128)a * c, below));
		if (c != 0)
			kit_same(over(x, y), fb_ratio_of((__int128)a * d, (__int128)b * c));
		__int128 left = (__int128)a * d, right = (__int128)c * b;
		int order = left < right ? -1 : left > right;
		ck_assert_int_eq(fb_ratio_compare(&x, &y), below < 0 ? -order : order);
		ck_assert_int_eq(fb_ratio_sign(&x), a == 0 ? 0 : (a < 0) != (b < 0) ? -1 : 1);
		ck_assert(fb_ratio_is_whole(&x) == (a % b == 0));
		__int128 out, q = a / b;
		ck_assert_int_eq(fb_ratio_to_int(&x, &out), a % b == 0 ? 0 : -EDOM);
		ratio cut = fb_ratio_truncate(x);
		ck_assert(fb_ratio_to_int(&cut, &out) == 0 && out == q);
		cut = fb_ratio_floor(x);
		ck_assert(fb_ratio_to_int(&cut, &out) == 0 &&
			  out == q - (a % b != 0 && (a < 0) != (b < 0)));
	}
}
END_TEST

START_TEST(integers_come_back)
{
	for (kit_state = 0; kit_state < 5000;) {
		__int128 a = kit_wide(126), out = 1;
		unsigned decimals = (unsigned)(kit_random() % 20);
		ratio x = fb_ratio_scaled(a, decimals);
		ck_assert_int_eq(fb_ratio_to_scaled(&x, decimals, &out), 0);
		ck_assert(out == a);
		char text[FB_RATIO_TEXT];
		kit_same(fb_ratio_text(fb_ratio_decimal(&x, decimals, FB_ROUND_ZERO, text)), x);
	}
	__int128 out = 7;
	ratio wide = times(whole((__int128)1 << 126), whole(2));
	ck_assert_int_eq(fb_ratio_to_int(&wide, &out), -ERANGE);
	ck_assert(out == 7);
}
END_TEST

/* Division of numbers up to 960 bits, whose parts are often all ones or powers of two: where the
 * guess of a digit is wrong, the identities break. */
START_TEST(large_ones_keep_the_laws)
{
	for (kit_state = 0; kit_state < 120000;) {
		ratio a = kit_large((int)kit_between(1, 4)), b = kit_large((int)kit_between(1, 4)),
		      c = kit_large((int)kit_between(1, 3)), d = kit_large((int)kit_between(1, 3));
		kit_same(minus(plus(a, b), b), a);
		kit_same(times(a, plus(c, d)), plus(times(a, c), times(a, d)));
		kit_same(negative(minus(a, b)), minus(b, a));
		ratio square = times(a, a), root = fb_ratio_isqrt(square);
		kit_same(root, fb_ratio_abs(a));
		if (fb_ratio_sign(&square) > 0)
			kit_same(fb_ratio_isqrt(minus(square, whole(1))), minus(root, whole(1)));
		if (fb_ratio_sign(&c) == 0 || fb_ratio_sign(&d) == 0)
			continue;
		ratio q = over(a, c), whole_part = fb_ratio_floor(q), rest = minus(q, whole_part);
		kit_same(times(q, c), a);
		kit_same(over(times(a, c), times(b, c)), over(a, b));
		kit_same(plus(q, over(b, d)), over(plus(times(a, d), times(b, c)), times(c, d)));
		ratio one = whole(1);
		ck_assert(fb_ratio_sign(&rest) >= 0 && fb_ratio_compare(&rest, &one) < 0);
		ck_assert(fb_ratio_is_whole(&whole_part));
		char text[FB_RATIO_TEXT];
		kit_same(fb_ratio_text(fb_ratio_fraction(&q, text)), q);
	}
}
END_TEST

/* Carries and borrows that run on over equal limbs, and factors of two by the limb. */
START_TEST(edges_of_limbs)
{
	ratio limb = plus(n("18446744073709551615"), whole(1)), power = whole(1);
	ratio high = times(limb, times(limb, plus(times(limb, whole(5)), whole(1))));
	kit_same(plus(minus(high, plus(times(times(limb, limb), limb), whole(1))), whole(1)),
		 times(times(limb, limb), plus(times(limb, whole(4)), whole(1))));
	ratio five = plus(times(limb, limb), times(limb, whole(5)));
	kit_same(minus(five, plus(times(limb, whole(5)), whole(1))),
		 minus(times(limb, limb), whole(1)));
	for (int i = 0; i < 300; i++) {
		ratio three = times(power, whole(3));
		kit_same(fb_ratio_floor(over(minus(times(power, power), whole(1)), power)),
			 minus(power, whole(1)));
		char text[FB_RATIO_TEXT];
		ratio lowest = over(times(three, whole(5)), times(power, whole(35)));
		ck_assert_str_eq(fb_ratio_fraction(&lowest, text), "3/7");
		power = plus(power, power);
	}
}
END_TEST

/* The checks can fail: a bit planted anywhere in a value is seen. */
START_TEST(planted_bits_are_seen)
{
	for (kit_state = 0; kit_state < 1000;) {
		ratio x = kit_large(3), y = kit_large(2);
		if (fb_ratio_sign(&x) == 0 || fb_ratio_sign(&y) == 0)
			continue;
		ratio q = over(x, y), wrong = q;
		if (kit_random() % 2 && q.below_limbs > 0)
			wrong.below[kit_random() % q.below_limbs] ^= UINT64_C(1)
								    << kit_random() % 60;
		else
			wrong.above[kit_random() % q.above_limbs] ^= UINT64_C(1)
								    << kit_random() % 60;
		ck_assert(!same(wrong, q));
		ck_assert(!same(times(wrong, y), x));
	}
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, numbers_are_read_exactly);
	tcase_add_test(tcase, what_is_no_number);
	tcase_add_test(tcase, room_ends_with_an_error);
	tcase_add_test(tcase, errors_stick);
	tcase_add_test(tcase, rounding_of_each_kind);
	tcase_add_test(tcase, small_ones_are_as_128_bits_have_them);
	tcase_add_test(tcase, integers_come_back);
	tcase_add_test(tcase, large_ones_keep_the_laws);
	tcase_add_test(tcase, edges_of_limbs);
	tcase_add_test(tcase, planted_bits_are_seen);
}

int main(void)
{
	return kit_run("ratio", fill);
}
