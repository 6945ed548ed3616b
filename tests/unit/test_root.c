/* The root complex towards a card that keeps the rules: stores land where they were meant, byte by
 * byte, loads give what is there, and nothing passes what it must not. */
#include <stdlib.h>

#include "../../sw/lib/mix.h"
#include "root_kit.h"

static void open_perfect(void)
{
	kit_open(NULL);
}

START_TEST(a_store_of_any_bytes_lands)
{
	static uint8_t expected[FAKE_BAR2_BYTES], bytes[4096];
	memset(expected, 0, sizeof(expected));
	for (unsigned i = 0; i < 3000; i++) {
		uint64_t random = fb_mix(i);
		uint32_t len = 1 + fb_mix_below(random, i % 8 == 0 ? 4096 : 80);
		uint32_t at = fb_mix_below(fb_mix(random), FAKE_BAR2_BYTES - len);
		for (unsigned b = 0; b < len; b++)
			bytes[b] = (uint8_t)fb_mix(random + b);
		memcpy(expected + at, bytes, len);
		ck_assert_int_eq(fb_root_write(root, 2, at, bytes, len), 0);
	}
	ck_assert_int_eq(fb_root_drain(root, 100000), 0);
	ck_assert_mem_eq(fake.bar2, expected, sizeof(expected));
	ck_assert_uint_ge(kit_counts().writes, 3000);
}
END_TEST

START_TEST(a_load_of_any_bytes_gives_them)
{
	uint8_t bytes[4096];
	for (unsigned i = 0; i < FB_BAR0_BYTES; i++)
		fake.bar0[i] = (uint8_t)fb_mix(i);
	for (uint32_t len = 0; len <= 300; len++) {
		for (uint32_t at = 4096 - 8; at < 4096 + 140; at += 1 + len % 3) {
			if (at < 4096 && at + len > 4096)
				continue;
			memset(bytes, 0, sizeof(bytes));
			ck_assert_msg(fb_root_read(root, 0, at, bytes, len) == 0, "%u at %u: %s",
				      len, at, fb_root_why(root));
			ck_assert_mem_eq(bytes, fake.bar0 + at, len);
		}
	}
	ck_assert_int_eq(fb_root_read(root, 0, 8192, bytes, 4096), 0);
	ck_assert_mem_eq(bytes, fake.bar0 + 8192, 4096);
}
END_TEST

START_TEST(loads_under_way_together_are_told_apart)
{
	uint8_t bytes[64];
	int tags[FB_ROOT_READS];
	for (unsigned i = 0; i < FB_BAR0_BYTES; i++)
		fake.bar0[i] = (uint8_t)fb_mix(i);
	for (unsigned round = 0; round < 50; round++) {
		for (unsigned i = 0; i < FB_ROOT_READS; i++) {
			tags[i] = fb_root_read_begin(root, 0, 64 * i + round, 48);
			ck_assert_int_ge(tags[i], 0);
		}
		ck_assert_int_eq(fb_root_read_begin(root, 0, 0, 4), -EAGAIN);
		for (unsigned i = FB_ROOT_READS; i-- > 0;) {
			ck_assert_int_eq(fb_root_read_end(root, tags[i], bytes, 48), 0);
			ck_assert_mem_eq(bytes, fake.bar0 + 64 * i + round, 48);
		}
	}
}
END_TEST

START_TEST(a_load_follows_the_stores_before_it)
{
	for (uint32_t i = 1; i < 200; i++) {
		uint32_t value = 0;
		for (uint32_t k = 0; k < i % 50; k++)
			ck_assert_int_eq(fb_root_write(root, 2, 64 * k, &k, 4), 0);
		ck_assert_int_eq(fb_root_write(root, 0, 0x100, &i, 4), 0);
		ck_assert_int_eq(fb_root_read(root, 0, 0x100, &value, 4), 0);
		ck_assert_uint_eq(value, i);
	}
}
END_TEST

START_TEST(no_load_goes_without_credit_and_stores_pass_it)
{
	uint32_t value = 7;
	int tags[5];
	fake.no_answer = fake.no_credit = true;
	for (unsigned i = 0; i < 5; i++)
		tags[i] = fb_root_read_begin(root, 0, 4 * i, 4);
	ck_assert_int_eq(fb_root_write(root, 0, 0x200, &value, 4), 0);
	ck_assert_int_eq(fb_root_step(root, 20), 0);
	ck_assert_uint_eq(fake.reads, 4);
	ck_assert_uint_eq(fake.bar0[0x200], value & 0xff);
	fake.no_credit = false;
	ck_assert_int_eq(fb_root_step(root, 5), 0);
	ck_assert_uint_eq(fake.reads, 5);
	ck_assert_int_eq(fb_root_read_end(root, tags[4], &value, 4), -ETIMEDOUT);
	ck_assert_uint_eq(value, UINT32_MAX);
}
END_TEST

START_TEST(what_nothing_answers_times_out_with_all_ones)
{
	uint64_t value = 0, before = fb_root_cycles(root);
	fake.no_answer = true;
	ck_assert_int_eq(fb_root_read(root, 0, 0, &value, 8), -ETIMEDOUT);
	ck_assert_uint_eq(value, UINT64_MAX);
	ck_assert_uint_eq(fb_root_cycles(root) - before, FB_ROOT_READ_CYCLES);
	fake.no_answer = false;
	ck_assert_int_eq(fb_root_read(root, 0, 0, &value, 8), 0);
	ck_assert_uint_eq(value, 0);
}
END_TEST

START_TEST(requests_that_no_card_serves_are_answered_or_dropped)
{
	for (unsigned type = 2; type <= 7; type++)
		ck_assert_int_eq(fb_root_odd_request(root, type, 0, 64), 1);
	for (unsigned type = 12; type <= 14; type++)
		ck_assert_int_eq(fb_root_odd_request(root, type, 0, 64), 0);
	ck_assert_int_eq(fb_root_drain(root, 100), 0);
	ck_assert_uint_eq(fake.odd, 9);
	ck_assert_int_eq(fb_root_odd_request(root, 1, 0, 64), -EINVAL);
	ck_assert_int_eq(fb_root_odd_request(root, 15, 0, 64), -EINVAL);
	ck_assert_int_eq(fb_root_odd_request(root, 2, 0, 2), -EINVAL);
}
END_TEST

START_TEST(nothing_outside_of_the_bars)
{
	uint8_t byte[8] = { 0 };
	ck_assert_int_eq(fb_root_write(root, 1, 0, byte, 1), -EINVAL);
	ck_assert_int_eq(fb_root_write(root, 0, FB_BAR0_BYTES - 4, byte, 8), -EINVAL);
	ck_assert_int_eq(fb_root_write(root, 2, FAKE_BAR2_BYTES, byte, 1), -EINVAL);
	ck_assert_int_eq(fb_root_write(root, 2, UINT64_MAX, byte, 2), -EINVAL);
	ck_assert_int_eq(fb_root_write(root, 2, 0, byte, 0), -EINVAL);
	ck_assert_int_eq(fb_root_read(root, 0, 4092, byte, 8), -EINVAL);
	ck_assert_int_eq(fb_root_read(root, 0, FB_BAR0_BYTES, byte, 4), -EINVAL);
	ck_assert_int_eq(fb_root_read_end(root, 3, byte, 4), -EINVAL);
	ck_assert_int_eq(fb_root_read_end(root, -1, byte, 4), -EINVAL);
}
END_TEST

START_TEST(the_queue_is_bounded_and_waits_for_room)
{
	static uint8_t line[64];
	for (unsigned i = 0; i < 3 * FB_ROOT_QUEUE; i++)
		ck_assert_int_eq(fb_root_write(root, 2, 64 * (i % 256), line, 64), 0);
	ck_assert_uint_ge(fake.packets, 2 * FB_ROOT_QUEUE - 1);
}
END_TEST

START_TEST(a_write_of_the_card_reaches_host_memory)
{
	for (unsigned i = 0; i < 500; i++)
		fake_record(HOST_BUS + 64 * i, FB_REC_LEVEL, i);
	kit_out();
	ck_assert_str_eq(fb_root_why(root), "");
	ck_assert_int_eq(fb_root_drain(root, 10), 0);
	ck_assert_uint_eq(host_writes, 500);
	for (unsigned i = 0; i < 500; i++)
		ck_assert_uint_eq(host[64 * i], i & 0xff);
	ck_assert_uint_eq(kit_counts().card_writes, 500);
}
END_TEST

START_TEST(a_reset_of_the_function_forgets_what_waited)
{
	uint32_t value = 5;
	fake.no_answer = true;
	int tag = fb_root_read_begin(root, 0, 0, 4);
	ck_assert_int_eq(fb_root_step(root, 3), 0);
	ck_assert_int_eq(fb_root_flr(root), 0);
	ck_assert_int_eq(fb_root_step(root, 1), 0);
	ck_assert(!fake.flr);
	ck_assert_int_eq(fb_root_read_end(root, tag, &value, 4), -ETIMEDOUT);
	ck_assert_uint_eq(value, UINT32_MAX);
	fake.no_answer = false;
	ck_assert_int_eq(fb_root_read(root, 0, 0, &value, 4), 0);
	ck_assert_uint_eq(value, 0);
	ck_assert(fake.master);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("root");
	TCase *c = tcase_create("root");
	tcase_add_checked_fixture(c, open_perfect, kit_close);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, a_store_of_any_bytes_lands);
	tcase_add_test(c, a_load_of_any_bytes_gives_them);
	tcase_add_test(c, loads_under_way_together_are_told_apart);
	tcase_add_test(c, a_load_follows_the_stores_before_it);
	tcase_add_test(c, no_load_goes_without_credit_and_stores_pass_it);
	tcase_add_test(c, what_nothing_answers_times_out_with_all_ones);
	tcase_add_test(c, requests_that_no_card_serves_are_answered_or_dropped);
	tcase_add_test(c, nothing_outside_of_the_bars);
	tcase_add_test(c, the_queue_is_bounded_and_waits_for_room);
	tcase_add_test(c, a_write_of_the_card_reaches_host_memory);
	tcase_add_test(c, a_reset_of_the_function_forgets_what_waited);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	SRunner *runner = srunner_create(suite());
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
