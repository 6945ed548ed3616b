/* The engine is told who is held: what the waterfall says, the book has, and the engine has; levels
 * are not reported afresh for it; and a replay sends the same commands. */
#include "run_kit.h"

static uint64_t holds, releases, afresh, put_seq[4096];
static uint8_t said[4096]; /* by account: the level the engine said last */

static void see_command(const union fb_command *c)
{
	if (c->header.op != FB_OP_ACCOUNT || !(c->header.flags & FB_FLAG_SET_LEVEL))
		return;
	holds += c->account.held;
	releases += !c->account.held;
	put_seq[fb_book_account_index(host.book, c->header.account)] = c->header.seq;
}

static uint64_t first_of_batch(uint64_t last)
{
	for (unsigned i = 0; i < host.pendings; i++) {
		const struct fb_batch *b = &host.pending[(host.pending_first + i) % FB_BATCHES];
		if (b->last == last)
			return b->first;
	}
	return last;
}

/* A record whose level is the one said before, in a batch that put the account. */
static void see_record(const union fb_record *r)
{
	if (r->header.kind != FB_REC_LEVEL)
		return;
	uint32_t account = fb_book_account_index(host.book, r->header.account);
	uint64_t seq = put_seq[account];
	afresh += r->level.level == said[account] && seq <= r->header.seq &&
		  seq >= first_of_batch(r->header.seq);
	said[account] = r->level.level;
}

/* Told at the latest with the next events, so none lags behind the state it had then. */
static void book_agrees(void)
{
	for (uint32_t i = 0; i < host.book->accounts; i++) {
		bool held = fb_waterfall_state(host.waterfall, i) > FB_UNWINDING;
		ck_assert(host.book->account[i].held == held ||
			  host.book->account[i].held_looked);
	}
}

static void whole_run(const char *engine)
{
	int err;
	holds = releases = afresh = 0;
	memset(put_seq, 0, sizeof(put_seq));
	memset(said, 0, sizeof(said));
	wrap.sent = see_command;
	wrap.said = see_record;
	sweep_every = 4;
	ck_assert_msg(run_open(engine) == 0, "%s", error.text);
	while ((err = run_instant()) > 0)
		book_agrees();
	ck_assert_msg(err == 0, "%s", error.text);
	ck_assert_msg(run_rest() == 0, "%s", error.text);
	ck_assert_msg(fb_summary_good(&host.summary), "%s", host.divergence.text);
	ck_assert_uint_gt(host.summary.sweeps, 40);
	ck_assert_uint_gt(holds, 50);
	if (ahead == 0) /* else the host may not know yet what the engine has said */
		ck_assert_uint_eq(afresh, 0);
}

START_TEST(book_and_engine_agree)
{
	ahead = 5 * (unsigned)(_i / 2);
	answer_us = _i % 2 ? 1500000 : 0;
	whole_run("model:");
	struct fb_summary first_run = host.summary, replayed;
	run_close();
	replay_agrees("model:", true, &replayed);
	same_decisions(&first_run, &replayed);
	ck_assert_uint_eq(first_run.records_digest, replayed.records_digest);
}
END_TEST

START_TEST(on_the_core)
{
	ahead = 5 * (unsigned)_i;
	whole_run("core:lanes=2");
	run_close();
	struct fb_summary replayed;
	replay_agrees("model:", true, &replayed);
}
END_TEST

/* A refused ACCOUNT is one more command whose account is the host's. */
START_TEST(a_hold_is_refused)
{
	wrap.how = ERR_REFUSE;
	wrap.op = FB_OP_ACCOUNT;
	wrap.countdown = 5;
	ck_assert_int_eq(run_open("model:"), 0);
	ck_assert_msg(run_rest() == 0, "%s", error.text);
	uint32_t index = fb_book_account_index(host.book, wrap.hit.header.account);
	ck_assert(host.book->account[index].host_judged);
	ck_assert_uint_eq(host.alarms.rejects, 1);
	everyone_is_judged();
	run_close();
}
END_TEST

int main(void)
{
	const char *dir = getenv("FIREBREAK_CORE_DIR");
	char path[4096];
	Suite *suite = suite_create("host: held accounts");
	TCase *tests = tcase_create("held");
	snprintf(path, sizeof(path), "%s/libfbcore2.so", dir ? dir : "build");
	temp_open("run-held");
	setenv("PATH", "", 1);
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, book_and_engine_agree, 0, 8);
	if (access(path, R_OK) == 0)
		tcase_add_loop_test(tests, on_the_core, 0, 2);
	tcase_add_test(tests, a_hold_is_refused);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	temp_close();
	return failed != 0;
}
