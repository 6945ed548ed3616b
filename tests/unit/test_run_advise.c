/* The placer's advice: who is put anew is as before, no record comes of it, and a replay on an
 * engine without a placer does the same. */
#include "run_kit.h"

static uint32_t next;
static uint64_t records;

static int everybody_in_turn(uint32_t *account)
{
	*account = next % 7 == 6 ? FB_ID_FUND : accounts.account[next % accounts.accounts].id;
	next++;
	return 1;
}

static void count_levels(const union fb_record *r)
{
	records += r->header.kind == FB_REC_LEVEL;
}

static void whole_run(const char *engine, bool advised)
{
	int err;
	next = 0;
	ck_assert_msg(run_open(engine) == 0, "%s", error.text);
	wrap.said = count_levels;
	wrap.advise = advised ? everybody_in_turn : NULL;
	while ((err = run_instant()) > 0) {
		records = 0;
		ck_assert_msg(!advised || fb_host_advise(&host) == 0, "%s", error.text);
		ck_assert_uint_eq(records, 0);
		ck_assert_int_eq(fb_book_conserved(host.book, &error), 0);
	}
	ck_assert_msg(err == 0 && run_rest() == 0, "%s", error.text);
	ck_assert_msg(fb_summary_good(&host.summary), "%s", host.divergence.text);
}

static void advice_changes_nothing(const char *engine)
{
	struct fb_summary without, with, replayed;
	whole_run(engine, false);
	without = host.summary;
	run_close();
	sweep_every = 3;
	whole_run(engine, true);
	with = host.summary;
	run_close();
	ck_assert_uint_gt(with.commands, without.commands + 500);
	ck_assert_mem_eq(&with.waterfall, &without.waterfall, sizeof(with.waterfall));
	ck_assert_uint_eq(with.records_verified, without.records_verified);
	ck_assert_uint_gt(with.sweeps, 50);
	replay_agrees("model:", true, &replayed);
	same_decisions(&with, &replayed);
}

START_TEST(on_the_model)
{
	advice_changes_nothing("model:");
}
END_TEST

START_TEST(on_the_core)
{
	advice_changes_nothing("core:lanes=8,poke=1");
}
END_TEST

/* An account that is not calm, a house, nobody. */
START_TEST(who_may_not_be_put_anew)
{
	ck_assert_int_eq(run_open("model:"), 0);
	for (int k = 0; k < 100; k++)
		ck_assert_int_eq(run_instant(), 1);
	uint64_t seq = host.book->seq;
	ck_assert_int_eq(fb_host_put_anew(&host, 1), -EINVAL);
	ck_assert_int_eq(fb_host_put_anew(&host, FB_ID_FUND), -EINVAL);
	unsigned refused = 0;
	for (uint32_t i = 0; i < host.book->accounts; i++)
		if (host.book->account[i].level != 0 || host.book->account[i].held) {
			refused++;
			ck_assert_int_eq(fb_host_put_anew(&host, host.book->account[i].id),
					 -EINVAL);
		}
	ck_assert_uint_gt(refused, 5);
	ck_assert_uint_eq(host.book->seq, seq);
	run_close();
}
END_TEST

int main(void)
{
	const char *dir = getenv("FIREBREAK_CORE_DIR");
	char path[4096];
	Suite *suite = suite_create("host: advice");
	TCase *tests = tcase_create("advice");
	snprintf(path, sizeof(path), "%s/libfbcore8-poke.so", dir ? dir : "build");
	temp_open("run-advise");
	setenv("PATH", "", 1);
	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, on_the_model);
	if (access(path, R_OK) == 0)
		tcase_add_test(tests, on_the_core);
	tcase_add_test(tests, who_may_not_be_put_anew);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	temp_close();
	return failed != 0;
}
