/* Exact decimals: known numbers, all forms that are none, and random ones against long-hand. */
#include "../../sw/lib/decimal.h"
#include "../../sw/lib/mix.h"
#include "inputs_kit.h"

START_TEST(known_numbers)
{
	static const struct {
		const char *text;
		unsigned scale;
		int64_t value;
	} good[] = {
		{ "0", 8, 0 },
		{ "-0", 8, 0 },
		{ "+7", 0, 7 },
		{ "102497.48513403", 8, 10249748513403 },
		{ "0.004", 7, 40000 },
		{ "00012", 1, 120 },
		{ "1e-05", 7, 100 },
		{ "1.25E+3", 2, 125000 },
		{ "120000e-4", 0, 12 },
		{ "-0.00000001", 8, -1 },
		{ "1.50000000000", 1, 15 },
		{ "0e9999999999", 3, 0 },
		{ "421481450.0", 8, 42148145000000000 },
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		__int128 value = 99;
		int rc = fb_decimal(good[i].text, strlen(good[i].text), good[i].scale, &value);

		ck_assert_msg(rc == 0 && value == good[i].value, "%s: %d", good[i].text, rc);
	}
}
END_TEST

START_TEST(what_is_no_number_or_not_exact)
{
	static const struct {
		const char *text;
		unsigned scale;
		int code;
	} bad[] = {
		{ "", 8, -EINVAL },
		{ "-", 8, -EINVAL },
		{ ".5", 8, -EINVAL },
		{ "5.", 8, -EINVAL },
		{ "1 ", 8, -EINVAL },
		{ " 1", 8, -EINVAL },
		{ "1,5", 8, -EINVAL },
		{ "0x10", 8, -EINVAL },
		{ "1e", 8, -EINVAL },
		{ "1e+", 8, -EINVAL },
		{ "--1", 8, -EINVAL },
		{ "nan", 8, -EINVAL },
		{ "inf", 8, -EINVAL },
		{ "1.2.3", 8, -EINVAL },
		{ "1e5.0", 8, -EINVAL },
		{ "0.123456789", 8, -EDOM },
		{ "1e-9", 8, -EDOM },
		{ "0.5", 0, -EDOM },
		{ "1e36", 0, -ERANGE },
		{ "1e99999999999999999999", 0, -ERANGE },
		{ "1e-99999999999999999999", 8, -EDOM },
		{ "1000000000000000000000000000000000000", 0, -ERANGE },
		{ "100000000000000000000000000000", 8, -ERANGE },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		__int128 value = 99;
		int rc = fb_decimal(bad[i].text, strlen(bad[i].text), bad[i].scale, &value);

		ck_assert_msg(rc == bad[i].code && value == 99, "%s: %d", bad[i].text, rc);
	}
	ck_assert_int_eq(fb_decimal(NULL, 0, 8, &(__int128){ 0 }), -EINVAL);
	/* The largest that fits. */
	__int128 value = 0;
	ck_assert_int_eq(fb_decimal("999999999999999999999999999999999999", 36, 0, &value), 0);
	ck_assert(value % 1000000007 == 2400); /* computed with another program's big integers */
}
END_TEST

START_TEST(only_the_given_length_is_read)
{
	__int128 value;

	ck_assert_int_eq(fb_decimal("123456", 3, 0, &value), 0);
	ck_assert(value == 123);
}
END_TEST

/* Digits written out by hand from an integer must come back as that integer. */
START_TEST(random_numbers_come_back)
{
	for (uint64_t i = 0; i < 200000; i++) {
		uint64_t number = fb_mix(i) >> (fb_mix(~i) % 64);
		unsigned decimals = (unsigned)(fb_mix(i ^ 5) % 16), at = 0;
		unsigned scale = decimals + (unsigned)(i % 3);
		char digits[32], text[64];
		__int128 value, expected = (__int128)number;
		int n = snprintf(digits, sizeof(digits), "%0*llu", (int)decimals + 1,
				 (unsigned long long)number);

		for (int k = 0; k < n; k++) {
			if (k == n - (int)decimals && decimals)
				text[at++] = '.';
			text[at++] = digits[k];
		}
		for (unsigned k = decimals; k < scale; k++)
			expected *= 10;
		ck_assert_msg(fb_decimal(text, at, scale, &value) == 0 && value == expected,
			      "%.*s at scale %u", (int)at, text, scale);
	}
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, known_numbers);
	tcase_add_test(tcase, what_is_no_number_or_not_exact);
	tcase_add_test(tcase, only_the_given_length_is_read);
	tcase_add_test(tcase, random_numbers_come_back);
}

int main(void)
{
	return kit_run("decimal", fill);
}
