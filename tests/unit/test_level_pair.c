/* Two level changes in one word: nothing is lost, the driver gives them out as two, also when the
 * caller has room for one, and a word that no core makes ends the engine. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "../../sw/lib/engine_core.h"
#include "../../sw/lib/level_pair.h"
#include "../../sw/lib/mix.h"
#include "fake_core.h"
#include "pair_kit.h"

static uint64_t draws;

static uint64_t draw(void)
{
	return fb_mix(++draws);
}

/* A change that fits, its numbers of any size. */
static union fb_record change(uint32_t account)
{
	int64_t equity = (int64_t)draw() >> draw() % 64;
	uint64_t hi = (draw() & 0xffff) >> draw() % 17;
	uint8_t level = (uint8_t)(draw() % 9), before = (uint8_t)(draw() % 9);
	return (union fb_record){
		.level = { .seq = 77,
			   .kind = FB_REC_LEVEL,
			   .level = level ? level : (uint8_t)(before ? 0 : 1),
			   .level_before = before,
			   .account = account,
			   .equity = { (uint64_t)equity, equity < 0 ? -1 : 0 },
			   .mm = { draw() >> draw() % 64, (int64_t)hi },
			   .class_id = (uint8_t)(draw() % FB_CLASSES) }
	};
}

START_TEST(nothing_is_lost)
{
	for (uint32_t i = 0; i < 100000; i++) {
		union fb_record a = change(2 * i), pair, two[2];
		union fb_record b = change(i % 3 ? 2 * i + 1 : UINT32_MAX);
		ck_assert(pair_make(&a, &b, &pair));
		ck_assert_ptr_null(fb_level_pair_open(&pair.level_pair, two));
		ck_assert_mem_eq(&two[0], &a, sizeof(a));
		ck_assert_mem_eq(&two[1], &b, sizeof(b));
	}
}
END_TEST

static void whole(union fb_record a)
{
	union fb_record b = change(a.level.account + 1), pair, two[2];
	ck_assert(pair_make(&a, &b, &pair) && pair_make(&b, &a, &pair));
	ck_assert_ptr_null(fb_level_pair_open(&pair.level_pair, two));
	ck_assert_mem_eq(&two[0], &b, sizeof(b));
	ck_assert_mem_eq(&two[1], &a, sizeof(a));
}

START_TEST(the_largest_numbers_are_whole)
{
	union fb_record a = change(1);
	a.level.mm.lo = UINT64_MAX;
	a.level.mm.hi = 0xffff;
	a.level.equity.lo = (uint64_t)INT64_MAX;
	a.level.equity.hi = 0;
	whole(a);
	a.level.equity.lo = (uint64_t)INT64_MIN;
	a.level.equity.hi = -1;
	whole(a);
}
END_TEST

/* A pair with one byte replaced. */
static const char *spoilt(unsigned byte, uint8_t value)
{
	union fb_record a = change(5), b = change(6), pair, two[2], before[2];
	ck_assert(pair_make(&a, &b, &pair));
	pair.bytes[byte] = value;
	memset(two, 0x5a, sizeof(two));
	memcpy(before, two, sizeof(two));
	const char *wrong = fb_level_pair_open(&pair.level_pair, two);
	ck_assert(!wrong || memcmp(two, before, sizeof(two)) == 0);
	return wrong;
}

START_TEST(no_core_makes_such_a_word)
{
	for (unsigned level = 9; level < 16; level++) {
		ck_assert_ptr_nonnull(spoilt(9, (uint8_t)(level << 4 | 1)));
		ck_assert_ptr_nonnull(spoilt(9, (uint8_t)(1 << 4 | level)));
		ck_assert_ptr_nonnull(spoilt(10, (uint8_t)(3 << 4 | level)));
		ck_assert_ptr_nonnull(spoilt(11, (uint8_t)(3 << 4 | level)));
	}
	ck_assert_ptr_nonnull(spoilt(9, 0));
	ck_assert_ptr_nonnull(spoilt(52, 5));
	ck_assert_ptr_null(spoilt(52, 9));
	ck_assert_ptr_null(spoilt(9, 0x81));
}
END_TEST

/* ---- through an engine ---- */

static struct fb_engine *engine;

/* A FENCE is under way, and the core has this to say before its BATCH_END. */
static void says(const union fb_record *pair)
{
	struct fb_error error = { "" };
	union fb_command fence = { .fence = { .op = FB_OP_FENCE, .seq = 1 } };
	fake.geometry = (struct fb_core_geometry){ 8, 4, FAKE_ROWS, FAKE_SLOTS };
	ck_assert_int_eq(fb_core_open_ops(&fake_ops, "lanes=8", &engine, &error), 0);
	fake_put(*pair);
	ck_assert_int_eq(fb_engine_submit(engine, &fence), 0);
}

START_TEST(a_caller_with_room_for_one_gets_both)
{
	size_t room = (size_t)_i;
	union fb_record a = change(1), b = change(2), pair, got[8];
	struct fb_engine_info info;
	size_t n = 0;
	int idle = 0, some;
	ck_assert(pair_make(&a, &b, &pair));
	says(&pair);
	for (unsigned polls = 0; polls < 1000 && n < 3; polls++) {
		some = fb_engine_poll(engine, got + n, room, &idle);
		ck_assert(some >= 0 && (size_t)some <= room);
		n += (size_t)some;
		ck_assert(idle == (n == 3));
	}
	ck_assert_uint_eq(n, 3);
	ck_assert_mem_eq(&got[0], &a, sizeof(a));
	ck_assert_mem_eq(&got[1], &b, sizeof(b));
	ck_assert_uint_eq(got[2].header.kind, FB_REC_BATCH_END);
	fb_engine_info(engine, &info);
	ck_assert_uint_eq(info.level_pairs, 1);
	ck_assert_str_eq(info.why, "");
	fb_engine_close(engine);
}
END_TEST

START_TEST(a_malformed_pair_ends_the_engine)
{
	union fb_record a = change(1), b = change(2), pair, got[8];
	union fb_command fence = { .fence = { .op = FB_OP_FENCE, .seq = 2 } };
	struct fb_engine_info info;
	int idle = 0, n = 0;
	ck_assert(pair_make(&a, &b, &pair));
	pair.level_pair.second = pair.level_pair.account;
	says(&pair);
	for (unsigned polls = 0; polls < 1000 && n == 0; polls++)
		n = fb_engine_poll(engine, got, 8, &idle);
	ck_assert_int_eq(n, -EIO);
	ck_assert_int_eq(fb_engine_poll(engine, got, 8, &idle), -EIO);
	ck_assert_int_eq(fb_engine_submit(engine, &fence), -EIO);
	fb_engine_info(engine, &info);
	ck_assert_ptr_nonnull(strstr(info.why, "the same account twice"));
	fb_engine_close(engine);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("level_pair");
	TCase *tests = tcase_create("level_pair");
	tcase_add_test(tests, nothing_is_lost);
	tcase_add_test(tests, the_largest_numbers_are_whole);
	tcase_add_test(tests, no_core_makes_such_a_word);
	tcase_add_loop_test(tests, a_caller_with_room_for_one_gets_both, 1, 4);
	tcase_add_test(tests, a_malformed_pair_ends_the_engine);
	tcase_set_timeout(tests, 30);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
