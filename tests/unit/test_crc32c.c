/* The check word: table and instruction against the polynomial division and a published value. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/layout.h>

#include "../../sw/lib/crc32c.h"
#include "../../sw/lib/mix.h"

/* CRC-32C bit by bit, from its definition: reflected 0x1edc6f41, all ones in and out. */
static uint32_t slow(const uint8_t *bytes, size_t n)
{
	uint32_t crc = ~0u;
	for (size_t i = 0; i < n; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
	}
	return ~crc;
}

/* The check value of the CRC catalogues ties the slow version to the published algorithm. */
START_TEST(slow_version_is_crc32c)
{
	ck_assert_uint_eq(slow((const uint8_t *)"123456789", 9), 0xe3069283u);
}
END_TEST

START_TEST(all_are_equal)
{
	uint8_t line[64];
	for (uint64_t i = 0; i < 100000; i++) {
		for (unsigned k = 0; k < 64; k++)
			line[k] = i == 0 ? 0 : i == 1 ? 0xff : (uint8_t)fb_mix(i * 64 + k);
		uint32_t expected = slow(line, FB_CHECKED_BYTES);
		if (fb_crc32c_line_table(line) != expected || fb_crc32c_line(line) != expected ||
		    (fb_crc32c_has_instruction() &&
		     fb_crc32c_line_instruction(line) != expected))
			ck_abort_msg("line %llu differs", (unsigned long long)i);
		/* What is beyond is not covered. */
		line[60] ^= 1;
		if (fb_crc32c_line_table(line) != expected || fb_crc32c_line(line) != expected)
			ck_abort_msg("line %llu: byte 60 is covered", (unsigned long long)i);
		line[59] ^= 1;
		if (fb_crc32c_line_table(line) == expected || fb_crc32c_line(line) == expected)
			ck_abort_msg("line %llu: byte 59 is not covered", (unsigned long long)i);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("crc32c");
	TCase *t = tcase_create("all");
	tcase_add_test(t, slow_version_is_crc32c);
	tcase_add_test(t, all_are_equal);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
