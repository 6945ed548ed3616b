/* A command that the engine refuses and the book accepts: the run goes on, the accounts of its
 * batch are the host's, and a replay on an engine that refuses nothing comes to the same
 * decisions. */
#include "run_kit.h"

static struct fb_summary replayed;

static void refuse(uint8_t op, unsigned n)
{
	wrap.how = ERR_REFUSE;
	wrap.op = op;
	wrap.reason = FB_REJECT_NO_ACCOUNT;
	wrap.countdown = n;
}

/* Accounts of the commands first..last, from the log, and the rejects of all its OBSERVEs. */
static unsigned accounts_of(uint64_t first, uint64_t last, uint32_t *id, uint64_t *rejects)
{
	struct fb_log_config config;
	struct fb_log_entry entry;
	struct fb_log *log;
	unsigned n = 0;
	static struct fb_rules logged;
	*rejects = 0;
	ck_assert_int_eq(fb_log_open(log_path, &logged, &config, &log, &error), 0);
	while (fb_log_peek(log, &entry, &error) > 0) {
		union fb_command c;
		struct fb_log_observe observe;
		if (entry.type == FB_LOG_OBSERVE) {
			memcpy(&observe, entry.payload, sizeof(observe));
			*rejects += observe.rejects;
		}
		memcpy(&c, entry.payload, sizeof(c));
		if (entry.type == FB_LOG_COMMAND && entry.seq >= first && entry.seq <= last) {
			bool known = false;
			for (unsigned i = 0; i < n; i++)
				known = known || id[i] == c.header.account;
			if (!known)
				id[n++] = c.header.account;
		}
		fb_log_put(log, entry.type, entry.seq, entry.payload, entry.length, &error);
	}
	fb_log_close(log, NULL);
	return n;
}

START_TEST(a_fill_is_refused)
{
	ahead = (unsigned)_i;
	refuse(FB_OP_FILL, 40);
	ck_assert_msg(run_open("model:") == 0, "%s", error.text);
	ck_assert_msg(run_rest() == 0, "%s", error.text);
	ck_assert_uint_eq(wrap.hit.header.op, FB_OP_FILL);
	ck_assert_uint_eq(host.alarms.rejects, 1);
	ck_assert_uint_eq(host.alarms.everyone, 0);
	ck_assert_uint_le(host.divergence.first, wrap.hit.header.seq);
	ck_assert_uint_ge(host.divergence.last, wrap.hit.header.seq);
	ck_assert_ptr_nonnull(strstr(host.divergence.text, "REJECT"));
	ck_assert(!fb_summary_good(&host.summary));
	ck_assert(host.summary.conserved);
	everyone_is_judged();
	/* Exactly the accounts of the batch. */
	static uint32_t id[4096];
	uint64_t first = host.divergence.first, last = host.divergence.last, rejects;
	ck_assert_int_eq(fb_log_flush(host.log, &error), 0);
	unsigned n = accounts_of(first, last, id, &rejects);
	ck_assert_uint_eq(rejects, 1);
	ck_assert_uint_gt(n, 1);
	ck_assert_uint_eq(host.summary.host_judged, n);
	for (unsigned i = 0; i < n; i++)
		ck_assert(host.book->account[fb_book_account_index(host.book, id[i])].host_judged);
	struct fb_summary first_run = host.summary;
	run_close();
	replay_agrees("model:", false, &replayed);
	same_decisions(&first_run, &replayed);
}
END_TEST

START_TEST(marks_are_refused)
{
	ahead = (unsigned)_i;
	refuse(FB_OP_MARKS, 100);
	wrap.reason = FB_REJECT_SYMBOL;
	ck_assert_msg(run_open("model:") == 0, "%s", error.text);
	ck_assert_msg(run_rest() == 0, "%s", error.text);
	ck_assert_uint_eq(host.alarms.rejects, 1);
	/* All symbols are marked in one batch: everybody with a position is concerned. */
	for (uint32_t i = 0; i < host.book->accounts; i++) {
		const struct fb_book_account *a = &host.book->account[i];
		ck_assert(a->rows_live == 0 || a->host_judged || a->role != FB_ROLE_USER);
	}
	ck_assert(!fb_summary_good(&host.summary));
	ck_assert_uint_gt(host.summary.waterfall.liquidations, 10);
	everyone_is_judged();
	struct fb_summary first_run = host.summary;
	run_close();
	replay_agrees("model:", false, &replayed);
	same_decisions(&first_run, &replayed);
}
END_TEST

/* Liquidations are what they would have been: the host is as good a judge. */
START_TEST(the_host_decides_as_the_engine_would)
{
	ck_assert_int_eq(run_open("model:"), 0);
	ck_assert_int_eq(run_rest(), 0);
	struct fb_summary good = host.summary;
	ck_assert(fb_summary_good(&good));
	run_close();
	refuse(FB_OP_MARKS, 5);
	ck_assert_int_eq(run_open("model:"), 0);
	ck_assert_int_eq(run_rest(), 0);
	ck_assert_uint_gt(host.summary.host_judged, 100);
	ck_assert_uint_eq(host.summary.waterfall.liquidations, good.waterfall.liquidations);
	ck_assert_uint_eq(host.summary.waterfall.orders, good.waterfall.orders);
	ck_assert_uint_eq(host.summary.waterfall.warnings, good.waterfall.warnings);
	ck_assert(host.summary.fund_equity_e8 == good.fund_equity_e8);
	run_close();
}
END_TEST

/* More commands than are remembered: then it is everybody. */
START_TEST(a_batch_too_long_to_remember)
{
	ck_assert_int_eq(run_open("model:"), 0);
	ck_assert_int_gt(run_instant(), 0);
	union fb_command c;
	memset(&c, 0, sizeof(c));
	c.header.op = FB_OP_COLLATERAL;
	c.header.account = FB_ID_FEES;
	refuse(FB_OP_COLLATERAL, 1);
	for (uint32_t i = 0; i <= 65536; i++)
		ck_assert_int_eq(fb_host_command(&host, &c, i < 65536), 0);
	ck_assert_msg(fb_host_drain(&host, 0) == 0, "%s", error.text);
	ck_assert_uint_eq(host.alarms.everyone, 1);
	ck_assert_uint_eq(host.confirm.host_judged, host.book->accounts);
	run_close();
}
END_TEST

START_TEST(full_at_load_says_what_to_do)
{
	refuse(FB_OP_POSITION, 50);
	wrap.reason = FB_REJECT_FULL;
	wrap.from_seq = 1;
	ck_assert_int_eq(run_open("model:"), -EPROTO);
	ck_assert_msg(strstr(error.text, "more lanes") != NULL, "%s", error.text);
	run_close();
}
END_TEST

/* Any other refusal of an account or position at load is the host's to judge. */
START_TEST(a_position_is_refused_at_load)
{
	refuse(FB_OP_POSITION, 50);
	wrap.from_seq = 1;
	ck_assert_msg(run_open("model:") == 0, "%s", error.text);
	ck_assert_msg(run_rest() == 0, "%s", error.text);
	ck_assert_uint_eq(host.alarms.rejects, 1);
	ck_assert_uint_ge(host.summary.host_judged, 1);
	ck_assert(host.book->account[fb_book_account_index(host.book, wrap.hit.header.account)]
			  .host_judged);
	everyone_is_judged();
	run_close();
	replay_agrees("model:", false, &replayed);
}
END_TEST

/* A replay that meets a refusal of which the log knows nothing has diverged. */
START_TEST(a_refusal_that_is_not_in_the_log)
{
	struct fb_log_config config;
	static struct fb_rules logged;
	struct fb_host_options options = { .engine = "model:" };
	ck_assert_int_eq(run_open("model:"), 0);
	ck_assert_int_eq(run_rest(), 0);
	run_close();
	/* By hand: the log's commands up to the first batch, of which one is refused. */
	memset(&host, 0, sizeof(host));
	ck_assert_int_eq(fb_log_open(log_path, &logged, &config, &host.log, &error), 0);
	host.replaying = true;
	ck_assert_int_eq(fb_host_open(&host, &logged, &config, &options, &error), 0);
	refuse(FB_OP_POSITION, 1);
	wrap.from_seq = 1;
	wrap.base.ops = &wrap_ops;
	wrap.inner = host.engine.engine;
	host.engine.engine = &wrap.base;
	int err = 0;
	struct fb_log_entry entry;
	while (!err && fb_log_peek(host.log, &entry, &error) > 0) {
		union fb_command c;
		uint16_t symbols[FB_ROWS_PER_ACCOUNT];
		uint32_t who[2];
		if (entry.type == FB_LOG_OBSERVE) {
			err = fb_host_observe(&host);
		} else if (entry.type == FB_LOG_EXPECT) {
			memcpy(who, entry.payload, sizeof(who));
			memcpy(symbols, entry.payload + sizeof(who), entry.length - sizeof(who));
			err = fb_host_expect(&host, who[0], who[1], symbols,
					     (entry.length - sizeof(who)) / 2);
		} else {
			ck_assert_uint_eq(entry.type, FB_LOG_COMMAND);
			memcpy(&c, entry.payload, sizeof(c));
			err = fb_host_command(&host, &c, c.header.flags & FB_FLAG_MORE);
		}
	}
	ck_assert_int_eq(err, -EBADMSG);
	ck_assert_ptr_nonnull(strstr(error.text, "no reject"));
	fb_host_close(&host);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("host: refused commands");
	TCase *tests = tcase_create("refused");
	temp_open("run-reject");
	setenv("PATH", "", 1);
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, a_fill_is_refused, 0, 4);
	tcase_add_loop_test(tests, marks_are_refused, 0, 3);
	tcase_add_test(tests, the_host_decides_as_the_engine_would);
	tcase_add_test(tests, a_batch_too_long_to_remember);
	tcase_add_test(tests, full_at_load_says_what_to_do);
	tcase_add_test(tests, a_position_is_refused_at_load);
	tcase_add_test(tests, a_refusal_that_is_not_in_the_log);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	temp_close();
	return failed != 0;
}
