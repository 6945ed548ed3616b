/* Reads of the Verilated card, of every length and many at once, each answered whole, whatever is
 * reset in between. */
#include <stdio.h>
#include <stdlib.h>

#include "../../sw/lib/mix.h"
#include "card_kit.h"

static const char *const links[] = { "", ",seed=5,stall=70,cq_pause=40,starve=30,credits=6" };
#define LINKS ((int)(sizeof(links) / sizeof(links[0])))

static struct card_kit kit;

static void open_card(const char *more)
{
	char args[200];
	snprintf(args, sizeof(args), "lanes=2%s", more);
	card_open(&kit, NULL, args);
}

static void steps(uint64_t n)
{
	ck_assert_msg(fb_root_step(kit.root, n) == 0, "%s", fb_root_why(kit.root));
}

static void drained(void)
{
	ck_assert_msg(fb_root_drain(kit.root, 100000) == 0, "%s", fb_root_why(kit.root));
	steps(8);
}

static void read_bytes(int bar, uint64_t at, void *bytes, size_t len)
{
	int rc = fb_root_read(kit.root, bar, at, bytes, len);
	ck_assert_msg(rc == 0, "%zu bytes at %llx: %d, %s", len, (unsigned long long)at, rc,
		      fb_root_why(kit.root));
}

/* Dword reads are the truth; longer ones, wherever they begin and end, must agree. */
START_TEST(reads_of_every_length)
{
	static uint8_t truth[FB_BAR0_BYTES], bytes[4096];
	open_card(links[_i]);
	card_write64(&kit, FB_REG_RING_BASE, 0x123456789000);
	card_write64(&kit, FB_REG_FIRST_SEQ, 0x1122334455667788);
	drained();
	for (uint32_t at = 0; at < 0x200; at += 4)
		read_bytes(0, at, truth + at, 4);
	for (unsigned i = 0; i < 600; i++) {
		uint32_t at = fb_mix_below(fb_mix(i), 0x200);
		uint32_t len = i < 200 ? i : fb_mix_below(fb_mix(i + 10000), 0x200 - at + 1);
		if (at + len > 0x200)
			at = 0x200 - len;
		memset(bytes, 0, sizeof(bytes));
		read_bytes(0, at, bytes, len);
		ck_assert_msg(memcmp(bytes, truth + at, len) == 0, "%u bytes at %03x", len, at);
	}
	read_bytes(0, 0, bytes, 4096);
	ck_assert_mem_eq(bytes, truth, 0x200);
	card_close(&kit);
}
END_TEST

START_TEST(the_window_reads_as_a_pattern)
{
	static uint32_t words[1024];
	uint32_t junk[16] = { 1, 2, 3 };
	open_card(links[_i]);
	ck_assert_int_eq(fb_root_write(kit.root, 2, 640, junk, sizeof(junk)), 0);
	for (uint32_t at = 0; at < 4 * 4096; at += 4096) {
		read_bytes(2, at, words, 4096);
		for (unsigned i = 0; i < 1024; i++)
			ck_assert_uint_eq(words[i], FB_WINDOW_PATTERN);
	}
	card_close(&kit);
}
END_TEST

START_TEST(many_reads_at_once)
{
	uint8_t bytes[512], truth[512];
	int tags[FB_ROOT_READS];
	open_card(links[_i]);
	read_bytes(0, 0, truth, sizeof(truth));
	for (unsigned round = 0; round < 6; round++) {
		for (unsigned i = 0; i < FB_ROOT_READS; i++) {
			tags[i] = fb_root_read_begin(kit.root, 0, 3 * i, 300);
			ck_assert_int_ge(tags[i], 0);
		}
		for (unsigned i = 0; i < FB_ROOT_READS; i++) {
			int rc = fb_root_read_end(kit.root, tags[i], bytes, 300);
			ck_assert_msg(rc == 0, "%d, %s", rc, fb_root_why(kit.root));
			ck_assert_mem_eq(bytes, truth + 3 * i, 300);
		}
	}
	card_close(&kit);
}
END_TEST

/* A reset forgets reads, but not the room that they had. */
START_TEST(resets_in_the_middle_of_reads_lose_no_room)
{
	uint32_t value;
	open_card(links[_i]);
	for (unsigned round = 0; round < 60; round++) {
		int tags[FB_ROOT_READS];
		for (unsigned i = 0; i < FB_ROOT_READS; i++)
			tags[i] = fb_root_read_begin(kit.root, 0, 0, 200);
		steps(fb_mix_below(fb_mix(round), 120));
		ck_assert_msg(fb_root_flr(kit.root) == 0, "%s", fb_root_why(kit.root));
		for (unsigned i = 0; i < FB_ROOT_READS; i++)
			fb_root_read_end(kit.root, tags[i], (uint8_t[200]){ 0 }, 200);
		read_bytes(0, FB_REG_LANES, &value, 4);
		ck_assert_uint_eq(value, 2);
	}
	card_close(&kit);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("simulated reads");
	TCase *c = tcase_create("reads");
	tcase_set_timeout(c, 100);
	tcase_add_loop_test(c, reads_of_every_length, 0, LINKS);
	tcase_add_loop_test(c, the_window_reads_as_a_pattern, 0, LINKS);
	tcase_add_loop_test(c, many_reads_at_once, 0, LINKS);
	tcase_add_loop_test(c, resets_in_the_middle_of_reads_lose_no_room, 0, LINKS);
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
