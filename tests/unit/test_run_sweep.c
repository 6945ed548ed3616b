/* The sweep: an input that is lost before the card is found within the stated number of batches of
 * marks, whose it was is named, and nobody else's, and the run goes on. */
#include "run_kit.h"

#include "../../sw/lib/run_fault.h"

static void swallow(uint8_t op, uint32_t account, unsigned n)
{
	wrap.how = ERR_SWALLOW;
	wrap.op = op;
	wrap.account = account;
	wrap.countdown = n;
}

static uint32_t index_of(uint32_t id)
{
	uint32_t index = fb_book_account_index(host.book, id);
	ck_assert_uint_ne(index, FB_NONE);
	return index;
}

/* The account is found by its next record or by the next sweep, whichever comes first. */
START_TEST(a_lost_fill)
{
	unsigned waited = 0;
	sweep_every = 8;
	ahead = _i % 2 ? 3 : 0;
	/* Of each trade the first is the account's; what the street loses is often mended by its
	 * next fill, since a fill says what is there after it. */
	swallow(FB_OP_FILL, 0, 11 + 16 * (unsigned)_i);
	ck_assert_msg(run_open("model:") == 0, "%s", error.text);
	while (host.confirm.host_judged == 0) {
		ck_assert_msg(run_instant() == 1, "%s", error.text);
		waited += wrap.hit.header.seq != 0;
		ck_assert_uint_le(waited, sweep_every);
	}
	uint32_t id = wrap.hit.header.account;
	ck_assert(host.book->account[index_of(id)].host_judged);
	ck_assert_uint_eq(host.confirm.host_judged, 1);
	ck_assert_uint_eq(host.alarms.lost_inputs + host.alarms.level_differences, 1);
	ck_assert_uint_ne(id, FB_ID_STREET);
	ck_assert_uint_ne(host.divergence.first, 0);
	ck_assert_msg(run_rest() == 0, "%s", error.text);
	ck_assert_uint_eq(host.summary.host_judged, 1);
	ck_assert(host.summary.conserved && !fb_summary_good(&host.summary));
	everyone_is_judged();
	run_close();
}
END_TEST

/* The street trades again later than the sweep comes. */
START_TEST(a_silent_account_is_found_by_the_sweep)
{
	sweep_every = 8;
	swallow(FB_OP_FILL, FB_ID_STREET, 3);
	ck_assert_int_eq(run_open("model:"), 0);
	ck_assert_msg(run_rest() == 0, "%s", error.text);
	ck_assert_uint_eq(host.alarms.lost_inputs, 1);
	ck_assert_uint_eq(host.alarms.level_differences, 0);
	ck_assert_uint_eq(host.summary.host_judged, 1);
	ck_assert(host.book->account[index_of(FB_ID_STREET)].host_judged);
	ck_assert_uint_ge(host.summary.sweep_differences, 1);
	/* The street says nothing of itself, so a sound engine's replay is the same to the end. */
	struct fb_summary first_run = host.summary, replayed;
	run_close();
	replay_agrees("model:", false, &replayed);
	same_decisions(&first_run, &replayed);
}
END_TEST

/* Money put into the engine only, so that several accounts differ. Quiet: before any marks. */
static void bend(uint32_t id)
{
	union fb_command c;
	memset(&c, 0, sizeof(c));
	c.header.op = FB_OP_COLLATERAL;
	c.header.account = id;
	c.collateral.delta = 1;
	/* The book is told of the same command with another amount. */
	c.header.seq = host.book->seq + 1;
	union fb_command told = c;
	told.collateral.delta = 2;
	ck_assert_int_eq(fb_book_apply(host.book, &told, &error), 0);
	ck_assert_int_eq(fb_log_put(host.log, FB_LOG_COMMAND, c.header.seq, &told, sizeof(told),
				    &error),
			 0);
	ck_assert_int_eq(fb_engine_submit(host.engine.engine, &c), 0);
	size_t n;
	ck_assert_int_eq(fb_link_wait(&host.engine, c.header.seq, &n, &error), 0);
	fb_link_take(&host.engine, n);
}

START_TEST(several_accounts)
{
	unsigned n = 1u << _i;
	ck_assert_int_eq(run_open("model:"), 0);
	ck_assert_int_eq(fb_host_sweep(&host), 0);
	ck_assert_uint_eq(host.summary.sweep_differences, 0);
	for (unsigned i = 0; i < n; i++)
		bend(accounts.account[i * 37 % accounts.accounts].id);
	uint64_t before = host.book->seq;
	ck_assert_msg(fb_host_sweep(&host) == 0, "%s", error.text);
	ck_assert_uint_eq(host.summary.sweep_differences, 1);
	ck_assert_uint_eq(host.alarms.lost_inputs, n);
	ck_assert_uint_eq(host.confirm.host_judged, n);
	for (unsigned i = 0; i < n; i++) {
		uint32_t id = accounts.account[i * 37 % accounts.accounts].id;
		const struct fb_book_account *a = &host.book->account[index_of(id)];
		ck_assert(a->host_judged && !a->touched); /* and judged already */
	}
	/* HASH of all and of each half on the way, and FENCE. */
	ck_assert_uint_le(host.book->seq - before, 2 + 8 * n);
	/* Found once: the next sweep finds nobody new. */
	ck_assert_int_eq(fb_host_sweep(&host), 0);
	ck_assert_uint_eq(host.alarms.lost_inputs, n);
	ck_assert_uint_eq(host.confirm.host_judged, n);
	run_close();
}
END_TEST

/* Who is the host's already is not searched for. */
START_TEST(those_known)
{
	ck_assert_int_eq(run_open("model:"), 0);
	fb_confirm_host_judges_all(&host.confirm);
	/* The host's level of an account may be another than the engine's, which the hash has. */
	host.book->account[index_of(accounts.account[10].id)].level = FB_LEVEL_FAULT;
	ck_assert_int_eq(fb_host_sweep(&host), 0);
	ck_assert_uint_eq(host.summary.sweep_differences, 0);
	bend(accounts.account[20].id);
	uint64_t before = host.book->seq;
	ck_assert_int_eq(fb_host_sweep(&host), 0);
	ck_assert_uint_eq(host.book->seq - before, 1);
	ck_assert_uint_eq(host.summary.sweep_differences, 1);
	ck_assert_uint_eq(host.alarms.lost_inputs, 0);
	run_close();
}
END_TEST

/* When the questions are used up, all that may differ is taken to differ. */
START_TEST(too_many_questions)
{
	ck_assert_int_eq(run_open("model:"), 0);
	host.sweep.passes_max = 3;
	bend(accounts.account[20].id);
	uint64_t before = host.book->seq;
	ck_assert_int_eq(fb_host_sweep(&host), 0);
	ck_assert_uint_eq(host.book->seq - before, 1 + 3 + 1);
	ck_assert(host.book->account[index_of(accounts.account[20].id)].host_judged);
	ck_assert_uint_ge(host.confirm.host_judged, host.book->accounts / 8);
	ck_assert_uint_le(host.confirm.host_judged, host.book->accounts / 8 + 1);
	run_close();
}
END_TEST

/* An engine that answers the first question only. */
START_TEST(a_half_is_refused)
{
	wrap.how = ERR_REFUSE;
	wrap.op = FB_OP_HASH;
	wrap.countdown = 2;
	ck_assert_int_eq(run_open("model:"), 0);
	bend(accounts.account[20].id);
	ck_assert_int_eq(fb_host_sweep(&host), 0);
	ck_assert_uint_eq(host.confirm.host_judged, host.book->accounts);
	run_close();
}
END_TEST

/* The lowest and the highest ids are in ranges like the others. */
START_TEST(the_ends)
{
	const struct fb_sweep *sweep = &host.sweep;
	ck_assert_int_eq(run_open("model:"), 0);
	ck_assert_int_eq(fb_host_sweep(&host), 0);
	uint32_t low = sweep->order[0].id, high = sweep->order[sweep->sorted - 1].id;
	ck_assert_uint_eq(high, FB_ID_BACKSTOP);
	bend(low);
	bend(high);
	ck_assert_int_eq(fb_host_sweep(&host), 0);
	ck_assert_uint_eq(host.confirm.host_judged, 2);
	ck_assert(host.book->account[index_of(low)].host_judged);
	ck_assert(host.book->account[index_of(high)].host_judged);
	run_close();
}
END_TEST

/* A mark that is lost: everybody who has the symbol differs, and the symbol itself, so everybody is
 * the host's. */
START_TEST(a_lost_mark)
{
	ck_assert_int_eq(run_open("model:"), 0);
	ck_assert_int_eq(run_instant(), 1);
	swallow(FB_OP_MARKS, 0, 1);
	wrap.from_seq = 1;
	ck_assert_int_eq(run_instant(), 1);
	ck_assert_uint_eq(wrap.hit.header.op, FB_OP_MARKS);
	ck_assert_int_eq(fb_host_sweep(&host), 0);
	ck_assert_uint_eq(host.alarms.everyone, 1);
	ck_assert_uint_eq(host.confirm.host_judged, host.book->accounts);
	ck_assert_int_eq(run_rest(), 0);
	ck_assert_uint_gt(host.summary.waterfall.liquidations, 50);
	everyone_is_judged();
	run_close();
}
END_TEST

/* An engine that does not answer is taken to differ in everything. */
START_TEST(a_sweep_is_refused)
{
	wrap.how = ERR_REFUSE;
	wrap.op = FB_OP_HASH;
	wrap.countdown = 1;
	ck_assert_int_eq(run_open("model:"), 0);
	ck_assert_int_eq(run_instant(), 1);
	ck_assert_int_eq(fb_host_sweep(&host), 0);
	ck_assert_uint_eq(host.alarms.rejects, 1);
	ck_assert_uint_eq(host.confirm.host_judged, host.book->accounts);
	ck_assert_int_eq(run_rest(), 0);
	everyone_is_judged();
	run_close();
}
END_TEST

/* The option of a run: with one it is found sooner than without. The number of sweeps tells. */
START_TEST(the_option)
{
	struct fb_run_options options = {
		.rules = "binance-usdm",
		.marks = crash,
		.marks_n = 1,
		.accounts = "gen:150,seed=2",
		.engine = "model:",
		.out = temp_directory,
		.fund_e8 = -1,
	};
	struct fb_divergence divergence;
	struct fb_summary summary;
	char note[128];
	setenv("FIREBREAK_RULES", "sw/rules", 1);
	ck_assert_int_eq(fb_run(&options, &summary, &divergence, note, &error), 0);
	ck_assert_uint_eq(summary.sweeps, summary.mark_batches / 256 + 1);
	options.sweep_every = 10;
	ck_assert_int_eq(fb_run(&options, &summary, &divergence, note, &error), 0);
	ck_assert_uint_eq(summary.sweeps, summary.mark_batches / 10 + 1);
	ck_assert(fb_summary_good(&summary));
	ck_assert_uint_eq(fb_fault_count(&divergence.alarms), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("host: sweep");
	TCase *tests = tcase_create("sweep");
	temp_open("run-sweep");
	setenv("PATH", "", 1);
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, a_lost_fill, 0, 16);
	tcase_add_test(tests, a_silent_account_is_found_by_the_sweep);
	tcase_add_loop_test(tests, several_accounts, 0, 6);
	tcase_add_test(tests, those_known);
	tcase_add_test(tests, too_many_questions);
	tcase_add_test(tests, a_half_is_refused);
	tcase_add_test(tests, the_ends);
	tcase_add_test(tests, a_lost_mark);
	tcase_add_test(tests, a_sweep_is_refused);
	tcase_add_test(tests, the_option);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	temp_close();
	return failed != 0;
}
