/* An engine that loses a payment of funding, and an operator who freezes a symbol. */
#include "run_kit.h"

#include "../../sw/lib/log_internal.h"
#include "../../sw/lib/run_conditions.h"

static void with_funding(struct fb_rules *r)
{
	r->mark.first = FB_MARK_DERIVED;
	r->mark.second = r->mark.third = FB_MARK_NONE;
	r->funding.schedule = FB_FUNDING_CONTINUOUS;
	r->funding.interval_us = 1000000;
	r->funding.average = FB_AVERAGE_NEWEST;
	r->funding.premium = FB_PREMIUM_MARK;
}

START_TEST(a_payment_is_lost)
{
	struct fb_summary again;
	change_rules = with_funding;
	ahead = _i ? 3 : 0;
	ck_assert_msg(run_open("model:") == 0, "%s", error.text);
	wrap.how = ERR_SWALLOW;
	wrap.op = FB_OP_FUNDING;
	wrap.countdown = 40;
	ck_assert_msg(run_rest() == 0, "%s", error.text);
	ck_assert_uint_eq(wrap.countdown, 0);
	ck_assert_uint_eq(host.alarms.fundings, 1);
	ck_assert_uint_gt(host.confirm.host_judged, 0);
	ck_assert(host.summary.conserved);
	ck_assert(!fb_summary_good(&host.summary));
	/* every user who has a position of that symbol is the host's */
	for (uint32_t i = 0; i < host.book->rows; i++) {
		const struct fb_book_row *row = &host.book->row[i];
		const struct fb_book_account *account = &host.book->account[row->account];
		if (row->live && row->symbol == wrap.hit.funding.symbol &&
		    account->role == FB_ROLE_USER)
			ck_assert(account->host_judged);
	}
	everyone_is_judged();
	struct fb_summary made = host.summary;
	run_close();
	replay_agrees("model:", false, &again);
	same_decisions(&made, &again);
	ck_assert_uint_eq(made.fundings, again.fundings);
}
END_TEST

START_TEST(no_payment_is_lost)
{
	struct fb_summary again;
	change_rules = with_funding;
	ahead = _i ? 3 : 0;
	ck_assert_msg(run_open("model:") == 0, "%s", error.text);
	ck_assert_msg(run_rest() == 0, "%s", error.text);
	ck_assert_uint_gt(host.conditions.fundings, 100);
	ck_assert_uint_eq(host.conditions.dues, host.conditions.dues_seen);
	ck_assert_uint_eq(host.alarms.fundings, 0);
	struct fb_summary made = host.summary;
	ck_assert(fb_summary_good(&made));
	run_close();
	replay_agrees("model:", true, &again);
	same_decisions(&made, &again);
}
END_TEST

/* Orders that close positions of a symbol, by the log: while it is frozen, and else. */
static void count_orders(uint16_t symbol, uint64_t *frozen, uint64_t *free_of)
{
	static struct fb_rules logged;
	struct fb_log_config config;
	struct fb_log_entry entry;
	struct fb_log *log;
	bool is_frozen = false;
	*frozen = *free_of = 0;
	ck_assert_int_eq(fb_log_open(log_path, &logged, &config, &log, &error), 0);
	while (fb_log_peek(log, &entry, &error) > 0) {
		struct fb_log_order order;
		struct fb_log_operator act;
		if (entry.type == FB_LOG_OPERATOR) {
			memcpy(&act, entry.payload, sizeof(act));
			is_frozen = act.what == FB_OPERATOR_FREEZE;
		}
		if (entry.type == FB_LOG_ORDER) {
			memcpy(&order, entry.payload, sizeof(order));
			bool closes = order.verb == FB_VERB_REDUCE ||
				      order.verb == FB_VERB_TAKEOVER ||
				      order.verb == FB_VERB_ADL_PAIR;
			if (closes && order.symbol == symbol)
				++*(is_frozen ? frozen : free_of);
		}
		ck_assert_int_eq(fb_log_put(log, (enum fb_log_type)entry.type, entry.seq,
					    entry.payload, entry.length, &error),
				 0);
	}
	fb_log_close(log, NULL);
}

/* A run in which the operator freezes BTCUSDT at one instant and thaws it at another. */
static struct fb_summary frozen_from_to(int from, int to)
{
	int instant = 0, err;
	change_rules = NULL;
	ck_assert_msg(run_open("model:") == 0, "%s", error.text);
	do {
		if (instant == from)
			ck_assert_int_eq(fb_host_operator(&host, FB_OPERATOR_FREEZE, 0), 0);
		if (instant++ == to)
			ck_assert_int_eq(fb_host_operator(&host, FB_OPERATOR_THAW, 0), 0);
		err = run_instant();
	} while (err > 0);
	ck_assert_msg(err == 0 && run_rest() == 0, "%s", error.text);
	struct fb_summary made = host.summary;
	run_close();
	return made;
}

START_TEST(the_operator_freezes)
{
	struct fb_summary made, again;
	uint64_t frozen, before, after;
	frozen_from_to(-2, -2);
	count_orders(0, &frozen, &before);
	ck_assert_uint_gt(before, 0);
	made = frozen_from_to(10, 200);
	count_orders(0, &frozen, &after);
	ck_assert_uint_eq(frozen, 0);
	ck_assert_uint_gt(after, 0); /* thawed, they go on */
	ck_assert_uint_eq(made.freezes, 1);
	ck_assert_uint_eq(made.frozen, 0);
	replay_agrees("model:", true, &again);
	same_decisions(&made, &again);
	made = frozen_from_to(0, -2);
	count_orders(0, &frozen, &after);
	ck_assert_uint_eq(frozen + after, 0);
	ck_assert_uint_eq(made.frozen, 1);
	replay_agrees("model:", true, &again);
	same_decisions(&made, &again);
}
END_TEST

START_TEST(bad_acts)
{
	change_rules = NULL;
	ck_assert_msg(run_open("model:") == 0, "%s", error.text);
	ck_assert_int_eq(fb_host_operator(&host, FB_OPERATOR_FREEZE, rules.symbols), -EINVAL);
	ck_assert_int_eq(fb_host_operator(&host, (enum fb_operator)8, 0), -EINVAL);
	run_close();
}
END_TEST

/* Prices that no run would log, at a point where they may come. */
START_TEST(hostile_prices)
{
	static const struct fb_log_price bad[] = {
		{ .symbol = FB_SYMBOLS - 1, .mark_e8 = 1 },
		{ .symbol = 0, .mark_e8 = 0 },
		{ .symbol = 0, .mark_e8 = UINT64_MAX },
		{ .symbol = 0, .mark_e8 = 1, .index_e8 = (uint64_t)1 << 57 },
		{ .symbol = 0, .mark_e8 = 1, .ask_e8 = UINT64_MAX },
		{ .symbol = 0, .zero = { 0, 1, 0 }, .mark_e8 = 1 },
	};
	change_rules = with_funding;
	ck_assert_msg(run_open("model:") == 0, "%s", error.text);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(fb_host_prices(&host, &bad[i], 1), -EBADMSG);
	ck_assert_int_eq(fb_host_prices(&host, bad, 0), -EBADMSG);
	run_close();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("host: funding and the operator");
	TCase *tests = tcase_create("funding");
	temp_open("run-funding");
	setenv("PATH", "", 1);
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, a_payment_is_lost, 0, 2);
	tcase_add_loop_test(tests, no_payment_is_lost, 0, 2);
	tcase_add_test(tests, the_operator_freezes);
	tcase_add_test(tests, bad_acts);
	tcase_add_test(tests, hostile_prices);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	temp_close();
	return failed != 0;
}
