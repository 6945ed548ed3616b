/* The Verilated card behind the simulated link: registers, a session, commands and records. */
#include <stdio.h>
#include <stdlib.h>

#include "card_kit.h"

static const uint32_t lanes[] = { 2 };

static struct card_kit kit;

static void open_lanes(unsigned i, const char *more)
{
	char args[200];
	snprintf(args, sizeof(args), "lanes=%u%s", lanes[i], more);
	card_open(&kit, NULL, args);
}

static void steps(uint64_t n)
{
	ck_assert_msg(fb_root_step(kit.root, n) == 0, "%s", fb_root_why(kit.root));
}

/* The core clears its tables first. */
#define FIRST_RECORD_CYCLES 40000

static void receive(union fb_record *record, uint64_t within)
{
	while (!card_receive(&kit, record)) {
		ck_assert_uint_gt(within--, 0);
		steps(1);
	}
}

START_TEST(identity)
{
	struct fb_core_geometry geometry;
	open_lanes((unsigned)_i, "");
	fb_root_geometry(kit.root, &geometry);
	ck_assert_uint_eq(card_read64(&kit, FB_REG_MAGIC), FB_MAGIC);
	ck_assert_uint_eq(card_read(&kit, FB_REG_VERSION), FB_CONTRACT_VERSION);
	ck_assert_uint_eq(card_read(&kit, FB_REG_LAYOUT_HASH), FB_LAYOUT_HASH);
	ck_assert_uint_eq(card_read(&kit, FB_REG_LANES), lanes[_i]);
	ck_assert_uint_eq(card_read(&kit, FB_REG_GROUP), geometry.group);
	ck_assert_uint_eq(card_read(&kit, FB_REG_ROWS_PER_LANE), geometry.rows);
	ck_assert_uint_eq(card_read(&kit, FB_REG_ACCOUNTS_PER_LANE), geometry.accounts);
	ck_assert_uint_eq(card_read(&kit, FB_REG_SLOTS), FB_WINDOW_SLOTS);
	ck_assert_uint_eq(card_read(&kit, FB_REG_STATE), FB_CARD_CLOSED);
	card_close(&kit);
}
END_TEST

START_TEST(a_fence_comes_back)
{
	union fb_record record;
	open_lanes((unsigned)_i, "");
	card_session(&kit, 1);
	steps(2000);
	card_look(&kit);
	ck_assert_uint_eq(kit.status.state, FB_CARD_RUNNING);
	ck_assert_uint_eq(kit.credit, 257);
	union fb_command fence = { .header = { .seq = 1, .op = FB_OP_FENCE } };
	fence.fence.cookie = 0x1234;
	ck_assert(card_send(&kit, &fence));
	receive(&record, FIRST_RECORD_CYCLES);
	ck_assert_uint_eq(record.header.kind, FB_REC_FENCE);
	ck_assert_uint_eq(record.fence.cookie, 0x1234);
	receive(&record, 100);
	ck_assert_uint_eq(record.header.kind, FB_REC_BATCH_END);
	steps(100);
	ck_assert(!card_receive(&kit, &record));
	card_close(&kit);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("simulated card");
	TCase *c = tcase_create("card");
	int n = (int)(sizeof(lanes) / sizeof(lanes[0]));
	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, identity, 0, n);
	tcase_add_loop_test(c, a_fence_comes_back, 0, n);
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
