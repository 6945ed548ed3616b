/* The engine ranks what the host deleverages: it says the same; what it says wrong is found, named,
 * and an input; and no decision depends on it. */
#include "rank_liar_kit.h"

#include "../../sw/lib/adl_internal.h"
#include "../../sw/lib/replay.h"
#include "../../sw/lib/run_fault.h"
#include "../../sw/lib/waterfall_internal.h"

static bool is_judged(uint32_t id)
{
	uint32_t account = fb_book_account_index(host.book, id);
	return account != FB_NONE && host.book->account[account].host_judged;
}

static void same_rankings(const struct fb_summary *a, const struct fb_summary *b)
{
	ck_assert_uint_eq(a->rankings, b->rankings);
	ck_assert_uint_eq(a->rank_commands, b->rank_commands);
	ck_assert_uint_eq(a->rank_pages, b->rank_pages);
	ck_assert_uint_eq(a->rank_differences, b->rank_differences);
}

static void close_and_replay(bool good)
{
	struct fb_summary first_run = host.summary, replayed;
	run_close();
	replay_agrees("model:", good, &replayed);
	same_decisions(&first_run, &replayed);
	same_rankings(&first_run, &replayed);
	if (good) {
		ck_assert_uint_eq(first_run.records_digest, replayed.records_digest);
		ck_assert_uint_eq(first_run.rank_nominees, replayed.rank_nominees);
	}
}

static bool is_taken(const struct fb_adl_entry *e)
{
	const struct fb_adl *adl = host.waterfall->adl;
	return adl->row[e->row].round == adl->round &&
	       adl->row[e->row].qty != host.book->row[e->row].qty;
}

/* A ranking of the newest round whose first two rows are of two accounts and were taken. */
static uint32_t suitable(void)
{
	const struct fb_adl *adl = host.waterfall->adl;
	struct fb_adl_entry *const *entry = adl->by_rank.entry;
	for (uint32_t r = 0; r < FB_ADL_RANKINGS && adl->round != host.rankings.round; r++) {
		uint32_t i = adl->first[r];
		if (adl->wanted[r] && adl->first[r + 1] > i + 1 && is_taken(entry[i]) &&
		    is_taken(entry[i + 1]) && entry[i]->account != entry[i + 1]->account)
			return r;
	}
	host.rankings.round = adl->round;
	return FB_NONE;
}

/* Stops where a round is planned that the engine has not ranked yet. */
static uint32_t stop_at_a_plan(void)
{
	static struct fb_tick tick[FB_SYMBOLS];
	static struct fb_event event[FB_EVENTS_MAX];
	uint32_t ranking = FB_NONE;
	host.rankings.busy = true;
	while (ranking == FB_NONE) {
		int64_t at_us = 0;
		int n = marks->ops->next(marks, tick, FB_SYMBOLS, &error);
		ck_assert_int_gt(n, 0);
		int64_t until_us = tick[0].time_us + 999999;
		ck_assert_int_eq(fb_market_step(market, tick, (size_t)n), 0);
		ck_assert_int_eq(fb_load_marks(&host, tick, (size_t)n), 0);
		ck_assert_int_eq(fb_host_drain(&host, 0), 0);
		ranking = suitable();
		while (ranking == FB_NONE &&
		       (n = host.venue->ops->poll(host.venue, until_us, event, FB_EVENTS_MAX,
						  &at_us)) > 0) {
			ck_assert_int_eq(fb_host_events(&host, at_us, event, (size_t)n), 0);
			ranking = suitable();
			if (ranking == FB_NONE)
				ck_assert_int_eq(fb_host_drain(&host, 0), 0);
		}
	}
	host.rankings.busy = false;
	return ranking;
}

/* ---- an honest engine ---- */

START_TEST(host_and_engine_agree)
{
	ahead = 4 * (unsigned)(_i / 2);
	answer_us = _i % 2 ? 1500000 : 0;
	sweep_every = 7;
	open_ranking(HONEST, MOST);
	ck_assert_msg(run_rest() == 0, "%s", error.text);
	const struct fb_summary *s = &host.summary;
	ck_assert_msg(fb_summary_good(s), "%s", host.divergence.text);
	ck_assert_uint_gt(s->waterfall.adl_rounds, 5);
	ck_assert_uint_ge(s->rankings, s->waterfall.adl_rounds / 2);
	ck_assert_uint_gt(s->rank_pages, 0);
	ck_assert_uint_eq(s->rank_differences, 0);
	/* All that was taken in its turn came. */
	ck_assert_uint_ge(s->rank_nominees, s->waterfall.pairs / 2);
	close_and_replay(true);
}
END_TEST

/* The orders are the same whether the engine is asked or not, but for their ids. */
START_TEST(decisions_do_not_depend_on_it)
{
	struct fb_summary with;
	open_ranking(HONEST, MOST);
	ck_assert_int_eq(run_rest(), 0);
	with = host.summary;
	run_close();
	open_ranking(HONEST, 0);
	ck_assert_int_eq(run_rest(), 0);
	ck_assert_uint_gt(with.rank_commands, 0);
	ck_assert_uint_eq(host.summary.rank_commands, 0);
	ck_assert_uint_eq(with.commands, host.summary.commands + with.rank_commands);
	ck_assert_mem_eq(&with.waterfall, &host.summary.waterfall, sizeof(with.waterfall));
	ck_assert(with.fund_equity_e8 == host.summary.fund_equity_e8);
	run_close();
}
END_TEST

START_TEST(at_most_so_many)
{
	uint64_t all;
	open_ranking(HONEST, MOST);
	ck_assert_int_eq(run_rest(), 0);
	all = host.summary.rankings;
	ck_assert_uint_gt(liar.most, 1);
	run_close();
	open_ranking(HONEST, 1);
	ck_assert_int_eq(run_rest(), 0);
	ck_assert_uint_eq(liar.most, 1);
	ck_assert(fb_summary_good(&host.summary));
	ck_assert_uint_gt(host.summary.rankings, 0);
	ck_assert_uint_lt(host.summary.rankings, all);
	close_and_replay(true);
}
END_TEST

/* Asks about the newest round again; how many rankings of it were asked for. */
static uint64_t ask_again(unsigned most)
{
	uint64_t before = host.summary.rankings;
	host.rankings.round = host.waterfall->adl->round - 1;
	host.rankings.left = most;
	ck_assert_int_eq(fb_host_rank(&host), 0);
	return host.summary.rankings - before;
}

/* Where not all can be asked for, each has its turn. */
START_TEST(in_turn)
{
	uint64_t all;
	open_ranking(HONEST, MOST);
	do {
		stop_at_a_plan();
		all = ask_again(MOST);
	} while (all < 3);
	memset(liar.ranked, 0, sizeof(liar.ranked));
	for (uint64_t i = 0; i < 2 * all; i++)
		ck_assert_uint_eq(ask_again(1), 1);
	for (unsigned i = 0; i < 2 * FB_SYMBOLS; i++)
		all -= liar.ranked[i] == 2;
	ck_assert_uint_eq(all, 0);
	run_close();
}
END_TEST

/* A round that was not asked about while the book stood is not asked about later. */
START_TEST(what_is_past_is_past)
{
	open_ranking(HONEST, MOST);
	stop_at_a_plan();
	host.rankings.left = 0;
	ck_assert_int_eq(fb_host_rank(&host), 0);
	host.rankings.left = MOST;
	ck_assert_int_eq(fb_host_rank(&host), 0);
	ck_assert_uint_eq(host.summary.rank_commands, 0);
	run_close();
}
END_TEST

/* ---- one that lies ---- */

static uint64_t accused(enum lie lie)
{
	switch (lie) {
	case ACCOUNT:
	case OTHER_SIDE:
	case SWAPPED: return 2;
	case MISCOUNTED:
	case LOTS:
	case NO_RECORD:
	case REFUSED: return 0;
	default: return 1;
	}
}

START_TEST(a_lie_is_found_and_named)
{
	enum lie lie = (enum lie)_i;
	ahead = _i % 2 ? 3 : 0;
	open_ranking(lie, MOST);
	liar.honest = 2;
	liar.always = lie == FORGOTTEN;
	while (liar.lies == 0)
		ck_assert_msg(run_instant() == 1, "%s", error.text);
	ck_assert_uint_eq(host.confirm.host_judged, accused(lie));
	ck_assert(!liar.account || is_judged(liar.account));
	ck_assert(!liar.other || is_judged(liar.other));
	ck_assert_uint_eq(host.summary.rank_differences > 0, lie != REFUSED);
	ck_assert_uint_eq(host.alarms.rejects, lie == REFUSED);
	ck_assert_uint_ne(host.divergence.first, 0);
	ck_assert(!host.confirm.everyone);
	ck_assert_msg(run_rest() == 0, "%s", error.text);
	ck_assert(!fb_summary_good(&host.summary));
	ck_assert(host.summary.conserved);
	ck_assert_uint_eq(host.summary.host_judged, accused(lie));
	everyone_is_judged();
	close_and_replay(false);
}
END_TEST

/* What is known is not told again, and what is said of others still counts. */
START_TEST(of_the_same_account_again)
{
	open_ranking(_i ? FORGOTTEN : EQUITY, MOST);
	liar.always = liar.last = true;
	ck_assert_msg(run_rest() == 0, "%s", error.text);
	ck_assert_uint_gt(liar.lies, 1);
	ck_assert_uint_eq(host.summary.host_judged, 1);
	ck_assert_uint_eq(host.summary.rank_differences, _i ? 2 : 1); /* with the histogram */
	close_and_replay(false);

	open_ranking(EQUITY, MOST);
	while (liar.lies == 0)
		ck_assert_int_eq(run_instant(), 1);
	uint32_t first = liar.account;
	do { /* about everybody, one after the other */
		liar.account = 0;
		liar.lies = 0;
	} while (run_instant() == 1 && host.confirm.host_judged < 3);
	ck_assert_uint_eq(host.confirm.host_judged, 3);
	ck_assert(is_judged(first));
	run_close();
}
END_TEST

/* An engine that has no RANK is asked once. */
START_TEST(without_rank)
{
	open_ranking(REFUSED, MOST);
	liar.always = true;
	ck_assert_msg(run_rest() == 0, "%s", error.text);
	ck_assert_uint_eq(host.summary.rank_commands, 1);
	ck_assert_uint_eq(host.alarms.rejects, 1);
	ck_assert_uint_eq(host.summary.host_judged, 0);
	close_and_replay(false);
}
END_TEST

/* What an engine says in a replay is compared with what the first one said. */
static int put_liar(void *context, struct fb_host *h)
{
	(void)context;
	liar.inner = h->engine.engine;
	h->engine.engine = &liar.base;
	return 0;
}

static int fed(void *context, const struct fb_log_entry *entry)
{
	(void)context;
	(void)entry;
	return 0;
}

START_TEST(a_lie_in_a_replay)
{
	static const enum lie lies[] = { KEY, LEFT_OUT, MISCOUNTED };
	const struct fb_replay_watch watch = { .opened = put_liar, .fed = fed };
	const struct fb_replay_options o = { .log = log_path, .engine = "model:" };
	struct fb_divergence divergence;
	struct fb_summary replayed;
	char note[128];
	open_ranking(HONEST, MOST);
	ck_assert_int_eq(run_rest(), 0);
	run_close();
	liar = (struct liar){ .base = { &liar_ops }, .lie = lies[_i] };
	ck_assert_int_eq(fb_replay_watched(&o, &watch, &replayed, &divergence, note, &error),
			 -EBADMSG);
	ck_assert_uint_eq(liar.lies, 1);
	ck_assert_uint_eq(divergence.first, liar.asked.seq);
}
END_TEST

/* ---- a plan that is another order than the engine's ---- */

static struct fb_adl_entry **planned(void)
{
	struct fb_adl *adl = host.waterfall->adl;
	uint32_t ranking = fb_adl_ranking(liar.asked.symbol, liar.asked.side != 0);
	liar.lies++;
	liar.meddle = NULL;
	return adl->by_rank.entry + adl->first[ranking];
}

static void swap_entries(void)
{
	struct fb_adl_entry **entry = planned(), *first = entry[0];
	entry[0] = entry[1];
	entry[1] = first;
	liar.account = entry[0]->terms.score.account_id;
}

static void bend_equity(void)
{
	struct fb_adl_entry *first = planned()[0];
	first->terms.score.equity_e8++;
	liar.account = first->terms.score.account_id;
}

static void drop_account(void)
{
	struct fb_adl_entry *first = planned()[0];
	host.waterfall->adl->account[first->account].ranked = false;
	liar.account = first->terms.score.account_id;
}

START_TEST(the_plan_differs)
{
	static void (*const meddle[])(void) = { swap_entries, bend_equity, drop_account };
	static const char *const how[] = { "higher", "otherwise", "not in the plan" };
	open_ranking(HONEST, MOST);
	liar.meddle = meddle[_i];
	while (liar.lies == 0)
		ck_assert_msg(run_instant() == 1, "%s", error.text);
	ck_assert_uint_eq(host.summary.rank_differences, 1);
	ck_assert_uint_eq(host.confirm.host_judged, 1);
	ck_assert(is_judged(liar.account));
	ck_assert_msg(strstr(host.divergence.text, how[_i]) != NULL, "%s", host.divergence.text);
	ck_assert_int_eq(run_rest(), 0);
	ck_assert_uint_eq(host.summary.rank_differences, 1);
	close_and_replay(false);
}
END_TEST

/* ---- what one side cannot know ---- */

/* The first account of a ranking disappears from it, as if it had not been ranked. */
static uint32_t take_out_first(uint32_t ranking)
{
	struct fb_adl *adl = host.waterfall->adl;
	struct fb_adl_entry **entry = adl->by_rank.entry;
	uint32_t from = adl->first[ranking], account = entry[from]->account, kept = from;
	adl->account[account].ranked = false;
	for (uint32_t i = from; i < adl->first[ranking + 1]; i++)
		if (entry[i]->account != account)
			entry[kept++] = entry[i];
	adl->first[ranking + 1] = kept; /* no other ranking is looked at */
	for (uint32_t r = 0; r < FB_ADL_RANKINGS; r++)
		adl->wanted[r] = r == ranking;
	return account;
}

/* An account that is held may be missing in the plan, another may not. */
START_TEST(the_plan_leaves_out)
{
	open_ranking(HONEST, MOST);
	uint32_t account = take_out_first(stop_at_a_plan());
	host.waterfall->held[account] = _i;
	ck_assert_int_eq(fb_host_rank(&host), 0);
	ck_assert_uint_eq(host.summary.rankings, 1);
	ck_assert_uint_eq(host.summary.rank_differences, !_i);
	ck_assert(host.book->account[account].host_judged == !_i);
	run_close();
}
END_TEST

/* The engine and the book have an account held that the waterfall has not. */
START_TEST(the_card_leaves_out)
{
	open_ranking(HONEST, MOST);
	const struct fb_adl *adl = host.waterfall->adl;
	const struct fb_adl_entry *first = adl->by_rank.entry[adl->first[stop_at_a_plan()]];
	const struct fb_book_account *a = &host.book->account[first->account];
	union fb_command c = { .account = { .op = FB_OP_ACCOUNT,
					    .flags = FB_FLAG_SET_LEVEL,
					    .account = a->id,
					    .collateral = (int64_t)a->collateral_e8,
					    .class_id = a->class_id,
					    .level = a->level,
					    .held = 1 } };
	host.rankings.busy = true;
	ck_assert_int_eq(fb_host_command(&host, &c, false), 0);
	ck_assert_int_eq(fb_host_drain(&host, 0), 0);
	host.rankings.busy = false;
	ck_assert_int_eq(fb_host_rank(&host), 0);
	ck_assert(a->held && !host.waterfall->held[first->account]);
	ck_assert_uint_gt(host.summary.rankings, 0);
	ck_assert_uint_eq(host.summary.rank_differences, 0);
	run_close();
}
END_TEST

/* ---- options of a run ---- */

START_TEST(options)
{
	struct fb_run_options o = {
		.rules = "binance-usdm",
		.marks = crash,
		.marks_n = 1,
		.accounts = "gen:150,seed=2",
		.engine = "model:",
		.check = "model:",
		.out = temp_directory,
		.fund_e8 = -1,
	};
	struct fb_divergence divergence;
	struct fb_summary plain, audited, ranked;
	char note[128];
	setenv("FIREBREAK_RULES", "sw/rules", 1);
	ck_assert_int_eq(fb_run(&o, &plain, &divergence, note, &error), 0);
	o.audit = true;
	ck_assert_int_eq(fb_run(&o, &audited, &divergence, note, &error), 0);
	o.rank_check = MOST;
	ck_assert_int_eq(fb_run(&o, &ranked, &divergence, note, &error), 0);
	ck_assert_uint_eq(audited.commands, plain.commands + 1);
	ck_assert_uint_eq(ranked.commands, audited.commands + ranked.rank_commands);
	ck_assert_uint_eq(audited.rankings, 0);
	ck_assert_uint_gt(ranked.rankings, 0);
	ck_assert_uint_eq(ranked.check_differences, 0);
	ck_assert(fb_summary_good(&ranked));
	ranked.rank_differences = 1;
	ck_assert(!fb_summary_good(&ranked));
}
END_TEST

/* A simulated clock stands still when there is nothing to do: no sign of life is due by the time of
 * the marks. */
START_TEST(a_simulated_clock_may_be_silent)
{
	open_ranking(HONEST, MOST);
	liar.clock = _i ? 1000 : 0;
	wrap.put[wrap.puts++] = (union fb_record){
		.audit = { .kind = FB_REC_AUDIT, .finding = FB_AUDIT_ROTATION }
	};
	ck_assert_msg(run_rest() == 0, "%s", error.text);
	ck_assert_uint_eq(host.summary.engine_rotations, 1);
	ck_assert_uint_eq(host.alarms.silences > 0, !_i);
	close_and_replay(_i);
}
END_TEST

START_TEST(as_text)
{
	static const struct {
		union fb_command c;
		const char *text;
	} command[] = {
		{ { .rank = { .seq = 7,
			      .op = FB_OP_RANK,
			      .symbol = 3,
			      .side = 1,
			      .mode = FB_RANK_SELECT,
			      .exclude_level = 4,
			      .class_mask = 7,
			      .profit_c = 0xf001,
			      .loss_c = 0xf20f,
			      .from = 5,
			      .cursor_key = 9 } },
		  "7 RANK symbol 3 short select keys 5..9 cursor 0 below level 4 classes 7 profit "
		  "1,0,0,-1,0,0,0 loss -1,0,2,-1,0,0,0 floor 0" },
		{ { .rank = { .seq = 8, .op = FB_OP_RANK, .zoom = 22 } },
		  "8 RANK symbol 0 long histogram by 4194304 keys 0..0 cursor 0 below level 0 "
		  "classes 0 profit 0,0,0,0,0,0,0 loss 0,0,0,0,0,0,0 floor 0" },
		{ { .audit = { .seq = 1, .op = FB_OP_AUDIT, .mode = 1 } }, "1 AUDIT on" },
		{ { .audit = { .seq = 1, .op = FB_OP_AUDIT } }, "1 AUDIT off" },
		{ { .hash = { .seq = 2, .op = FB_OP_HASH } }, "2 HASH of everything" },
		{ { .hash = { .seq = 2, .op = FB_OP_HASH, .first = 10, .span = 5 } },
		  "2 HASH of accounts 10..14" },
	};
	const union fb_record hist = { .rank_hist = { .seq = 4,
						      .kind = FB_REC_RANK_HIST,
						      .first = 6,
						      .rows = { 1, 0, 2 },
						      .qty = { 3, 0, UINT64_MAX } } },
			      nominee = { .nominee = { .seq = 4,
						       .kind = FB_REC_NOMINEE,
						       .account = 1,
						       .position = 2,
						       .key = 3,
						       .qty = -4,
						       .entry = -5,
						       .equity = { 6, 0 } } };
	union fb_command widest;
	char text[320];
	for (size_t i = 0; i < sizeof(command) / sizeof(command[0]); i++) {
		fb_text_command(&command[i].c, text, sizeof(text));
		ck_assert_str_eq(text, command[i].text);
	}
	fb_text_record(&hist, text, sizeof(text));
	ck_assert_str_eq(text, "4 RANK_HIST buckets 6.. rows 1 0 2 lots 3 0 18446744073709551615");
	fb_text_record(&nominee, text, sizeof(text));
	ck_assert_str_eq(text, "4 NOMINEE account 1 position 2 key 3 qty -4 entry -5 equity 6");
	memset(&widest, 0xff, sizeof(widest));
	widest.header.op = FB_OP_RANK;
	fb_text_command(&widest, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "floor 18446744073709551615 more"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("host: rankings by the engine");
	TCase *tests = tcase_create("rank");
	temp_open("run-rank");
	setenv("PATH", "", 1);
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, host_and_engine_agree, 0, 4);
	tcase_add_test(tests, decisions_do_not_depend_on_it);
	tcase_add_test(tests, at_most_so_many);
	tcase_add_test(tests, in_turn);
	tcase_add_test(tests, what_is_past_is_past);
	tcase_add_loop_test(tests, a_lie_is_found_and_named, KEY, LIES);
	tcase_add_loop_test(tests, of_the_same_account_again, 0, 2);
	tcase_add_test(tests, without_rank);
	tcase_add_loop_test(tests, a_lie_in_a_replay, 0, 3);
	tcase_add_loop_test(tests, the_plan_differs, 0, 3);
	tcase_add_loop_test(tests, the_plan_leaves_out, 0, 2);
	tcase_add_test(tests, the_card_leaves_out);
	tcase_add_test(tests, options);
	tcase_add_loop_test(tests, a_simulated_clock_may_be_silent, 0, 2);
	tcase_add_test(tests, as_text);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	temp_close();
	return failed != 0;
}
