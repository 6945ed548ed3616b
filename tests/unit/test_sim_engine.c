/* The engine `sim:` on links that fail for good, and on such as only seem to: what the driver sees
 * of each, and what it says. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include <firebreak/engine.h>

#define STRIKES_AT 100000

static struct fb_engine *engine;
static struct fb_engine_info info;

static void open_engine(const char *uri)
{
	struct fb_error error = { "" };
	ck_assert_msg(fb_engine_open(uri, &engine, &error) == 0, "%s", error.text);
}

/* Fences until the engine dies; how many came back. */
static uint64_t until_death(uint64_t most)
{
	union fb_record records[16];
	uint64_t seq = 0, ends = 0;
	int rc = 0;
	while (rc >= 0 && ends < most) {
		union fb_command fence = { .fence = { .seq = seq + 1, .op = FB_OP_FENCE } };
		rc = seq < ends + 40 ? fb_engine_submit(engine, &fence) : -EAGAIN;
		seq += rc == 0;
		rc = rc == -EAGAIN ? 0 : rc;
		int n = rc < 0 ? rc : fb_engine_poll(engine, records, 16, NULL);
		for (int i = 0; i < n; i++)
			ends += records[i].header.kind == FB_REC_BATCH_END;
		rc = n < 0 ? n : rc;
	}
	if (ends < most)
		ck_assert_int_eq(rc, -EIO);
	fb_engine_info(engine, &info);
	return ends;
}

static const struct { const char *knob, *why; } deadly[] = {
	{ "drop_at", "the card is gone from the bus" },
	{ "mute_at", "the card's writes do not arrive" },
	{ "flr_at", "the session was closed behind our back" },
	{ "master_off_at", "the session was closed behind our back" },
};

START_TEST(a_link_that_fails_for_good)
{
	char uri[100];
	snprintf(uri, sizeof(uri), "sim:lanes=2,%s=%u", deadly[_i].knob, STRIKES_AT);
	open_engine(uri);
	uint64_t ends = until_death(UINT64_MAX);
	ck_assert_uint_gt(ends, 100);
	ck_assert_msg(*info.why && strstr(info.why, deadly[_i].why), "%s", info.why);
	/* By the newest status line, which is older than the strike. */
	ck_assert_uint_le(info.cycles, STRIKES_AT);
	union fb_record record;
	ck_assert_int_eq(fb_engine_poll(engine, &record, 1, NULL), -EIO);
	fb_engine_close(engine);
}
END_TEST

static const char *const survived[] = {
	"split=50", "merge=50", "reorder=50", "repeat=30", "lose=10", "flip=10", "cq_pause=60",
	"stall=80", "credits=5", "starve=60", "delay_cycles=2000", "torn=50", "stale=50",
};

START_TEST(a_link_that_is_only_bad)
{
	char uri[100];
	snprintf(uri, sizeof(uri), "sim:lanes=2,seed=4,%s", survived[_i]);
	open_engine(uri);
	ck_assert_uint_ge(until_death(1000), 1000);
	ck_assert_str_eq(info.why, "");
	fb_engine_close(engine);
}
END_TEST

START_TEST(malformed)
{
	struct fb_error error = { "" };
	ck_assert_int_eq(fb_engine_open("sim:lanes=2,stall=100", &engine, &error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "stall=1..99"));
	ck_assert_int_eq(fb_engine_open("sim:lanes=5", &engine, &error), -ENOENT);
	ck_assert_ptr_nonnull(strstr(error.text, "make build/libfbcard5.so"));
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("simulated engine");
	TCase *c = tcase_create("engine");
	tcase_set_timeout(c, 100);
	tcase_add_loop_test(c, a_link_that_fails_for_good, 0,
			    (int)(sizeof(deadly) / sizeof(deadly[0])));
	tcase_add_loop_test(c, a_link_that_is_only_bad, 0,
			    (int)(sizeof(survived) / sizeof(survived[0])));
	tcase_add_test(c, malformed);
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
