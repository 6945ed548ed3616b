/* fb_hash_word against polynomial division, a published check value, and what it must and must
 * not cover. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/hash.h>
#include <firebreak/layout.h>

#include "../../sw/lib/crc64.h"

/* CRC-64/XZ bit by bit, from its definition: reflected ECMA-182, all ones in and out. */
static uint64_t crc64_slow(const uint8_t *bytes, size_t n)
{
	uint64_t crc = ~UINT64_C(0);
	for (size_t i = 0; i < n; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ UINT64_C(0xc96c5795d7870f42) : crc >> 1;
	}
	return ~crc;
}

static uint64_t mix_slow(uint64_t x)
{
	x = x ^ x / (UINT64_C(1) << 32);
	x = x + x * (UINT64_C(1) << 21);
	x = x ^ x / (UINT64_C(1) << 29);
	x = x + x * (UINT64_C(1) << 37);
	return x ^ x / (UINT64_C(1) << 32);
}

/* The check value of the CRC catalogues for "123456789" ties the slow version to the published
 * algorithm. */
START_TEST(slow_version_is_crc64_xz)
{
	const uint64_t check = UINT64_C(0x995dc9bbdf1939fa);
	ck_assert_uint_eq(crc64_slow((const uint8_t *)"123456789", 9), check);
}
END_TEST

/* Computed with another program in another language. */
START_TEST(known_words)
{
	uint8_t word[64] = { 0 };
	ck_assert_uint_eq(fb_hash_word(word), UINT64_C(0x1a163632266ddfb0));
	for (unsigned i = 0; i < 64; i++)
		word[i] = (uint8_t)i;
	ck_assert_uint_eq(fb_hash_word(word), UINT64_C(0x4b19ad81bc7ca8f5));
}
END_TEST

START_TEST(every_byte_value_in_every_place)
{
	uint8_t word[64] = { 0 };
	for (unsigned at = 0; at < FB_HASHED_BYTES; at++) {
		for (unsigned v = 0; v < 256; v++) {
			word[at] = (uint8_t)v;
			uint64_t slow = mix_slow(crc64_slow(word, FB_HASHED_BYTES));
			ck_assert_uint_eq(fb_hash_word(word), slow);
		}
		word[at] = (uint8_t)(at * 37 + 11);
	}
}
END_TEST

/* Both forms of the CRC, over any length from any place, in one call or several. */
START_TEST(both_forms_are_the_division)
{
	uint8_t bytes[300];
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * i * 37 + i + 11);
	for (size_t from = 0; from < 9; from++)
		for (size_t n = 0; from + n <= sizeof(bytes); n++) {
			uint64_t slow = crc64_slow(bytes + from, n);
			ck_assert_uint_eq(fb_crc64_table(0, bytes + from, n), slow);
			if (fb_crc64_has_instruction())
				ck_assert_uint_eq(fb_crc64_instruction(0, bytes + from, n), slow);
			size_t part = n * 3 / 7;
			uint64_t crc = fb_crc64(0, bytes + from, part);
			ck_assert_uint_eq(fb_crc64(crc, bytes + from + part, n - part), slow);
		}
}
END_TEST

START_TEST(transport_bytes_do_not_count)
{
	uint8_t word[64] = { 1, 2, 3 };
	uint64_t hash = fb_hash_word(word);
	for (unsigned at = FB_HASHED_BYTES; at < 64; at++)
		word[at] = 0xa5;
	ck_assert_uint_eq(fb_hash_word(word), hash);
	word[FB_HASHED_BYTES - 1] ^= 1;
	ck_assert_uint_ne(fb_hash_word(word), hash);
}
END_TEST

/* A sum of plain CRCs is linear: exchanging a field between two records keeps it. The mix must
 * break that. */
START_TEST(a_sum_sees_fields_exchanged_between_records)
{
	uint8_t a[64] = { 1 }, b[64] = { 2 };
	a[16] = 7;
	b[16] = 9;
	uint64_t sum = fb_hash_word(a) + fb_hash_word(b);
	a[16] = 9;
	b[16] = 7;
	ck_assert_uint_ne(fb_hash_word(a) + fb_hash_word(b), sum);
}
END_TEST

/* Of words that stand one behind the other, each counts once. */
START_TEST(the_sum_is_that_of_all_words)
{
	uint8_t word[5][64];
	uint64_t sum = 0;
	for (unsigned i = 0; i < sizeof(word); i++)
		((uint8_t *)word)[i] = (uint8_t)(i * i * 13 + i);
	for (unsigned n = 0; n <= 5; n++) {
		ck_assert_uint_eq(fb_hash_sum(word, n), sum);
		if (n < 5)
			sum += mix_slow(crc64_slow(word[n], FB_HASHED_BYTES));
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hash");
	TCase *tcase = tcase_create("hash");
	tcase_add_test(tcase, slow_version_is_crc64_xz);
	tcase_add_test(tcase, known_words);
	tcase_add_test(tcase, every_byte_value_in_every_place);
	tcase_add_test(tcase, both_forms_are_the_division);
	tcase_add_test(tcase, transport_bytes_do_not_count);
	tcase_add_test(tcase, a_sum_sees_fields_exchanged_between_records);
	tcase_add_test(tcase, the_sum_is_that_of_all_words);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
