/* Whole runs with funding, breakers and parameters that adapt: what they must never do, what they
 * must conserve, and that a replay comes to the same. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/explain.h>

#include "../../sw/lib/log_internal.h"
#include "../../sw/lib/run_conditions.h"
#include "../../sw/lib/run_load.h"
#include "../../sw/lib/run_market.h"
#include "../../sw/lib/run_marks.h"
#include "temp_kit.h"

#define FUNDING_HOURLY                                                                \
	"[funding]\nschedule = instants\ninterval = 1 min\nperiod = 8 h\nsample = 1 s\n"
#define FUNDING_CONTINUOUS                                                            \
	"[funding]\nschedule = continuous\ninterval = 1 s\nperiod = 8 h\nsample = 1 s\n" \
	"interest = 0\naverage = newest\n"
#define BREAKERS "[breakers]\ndecline = 5 %\nwindow = 10 s\ncooldown = 15 s\n"
#define ADAPTIVE                                                                      \
	"[adaptive]\nfollow = volatility\nmemory = 10 s\ndepth_share_3 = 40 %\n"       \
	"depth_share_4 = 20 %\nfees_4 = 50 %\ndepth_memory = 30 s\n"

static struct fb_error error;

static const char *pack(const char *sections)
{
	const char *path = temp_path("test.rules");
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fprintf(f, "[venue]\nbase = binance-usdm\nname = test\n%s%s%s", sections,
		strstr(sections, "[funding]") ? "" : "[funding]\nschedule = none\n",
		strstr(sections, "[mark]")
			? ""
			: "[mark]\nfirst = derived\nsecond = none\nthird = none\n");
	fclose(f);
	return path;
}

static struct fb_summary run(const char *sections, const char *marks, const char *market,
			     unsigned ahead)
{
	struct fb_summary summary;
	struct fb_divergence divergence;
	char note[128], rules[512];
	snprintf(rules, sizeof(rules), "%s", pack(sections));
	struct fb_run_options options = {
		.rules = rules,
		.marks = &marks,
		.marks_n = 1,
		.accounts = "gen:150,seed=2",
		.engine = "model:",
		.check = "model:",
		.out = temp_directory,
		.fund_e8 = -1,
		.market = market,
		.ahead = ahead,
		.sweep_every = 16,
	};
	ck_assert_msg(fb_run(&options, &summary, &divergence, note, &error) == 0, "%s",
		      error.text);
	ck_assert_msg(fb_summary_good(&summary), "%s", divergence.text);
	return summary;
}

static void replays(const struct fb_summary *made)
{
	char log[512], note[128];
	snprintf(log, sizeof(log), "%s", temp_path("firebreak.log"));
	struct fb_replay_options options = { .log = log, .engine = "model:" };
	struct fb_summary again;
	struct fb_divergence divergence;
	ck_assert_msg(fb_replay(&options, &again, &divergence, note, &error) == 0, "%s",
		      error.text);
	ck_assert_uint_eq(again.records_digest, made->records_digest);
	ck_assert_uint_eq(again.fundings, made->fundings);
	ck_assert_uint_eq(again.freezes, made->freezes);
	ck_assert(again.funding_paid_e8 == made->funding_paid_e8);
	ck_assert(again.fund_equity_e8 == made->fund_equity_e8);
	ck_assert_mem_eq(&again.waterfall, &made->waterfall, sizeof(again.waterfall));
}

/* ---- the log, looked at from outside ---- */

struct seen {
	uint64_t prices, fundings, frozen, thawed, statements, sent_while_frozen, sent;
	bool is_frozen[FB_SYMBOLS];
	uint32_t liquidated[64], liquidations; /* the first of them */
};

static struct seen look_at_log(void)
{
	static struct fb_rules rules;
	struct fb_log_config config;
	struct fb_log_entry entry;
	struct fb_log *log;
	struct seen s = { .prices = 0 };
	char path[512];
	snprintf(path, sizeof(path), "%s", temp_path("firebreak.log"));
	ck_assert_int_eq(fb_log_open(path, &rules, &config, &log, &error), 0);
	while (fb_log_peek(log, &entry, &error) > 0) {
		struct fb_log_order order;
		struct fb_notice notice;
		union fb_command command;
		s.prices += entry.type == FB_LOG_PRICES;
		if (entry.type == FB_LOG_COMMAND) {
			memcpy(&command, entry.payload, sizeof(command));
			s.fundings += command.header.op == FB_OP_FUNDING;
		}
		if (entry.type == FB_LOG_NOTICE) {
			memcpy(&notice, entry.payload, sizeof(notice));
			s.frozen += notice.kind == FB_NOTICE_FROZEN;
			s.thawed += notice.kind == FB_NOTICE_THAWED;
			s.statements += notice.kind == FB_NOTICE_FUNDING;
			if (notice.kind == FB_NOTICE_LIQUIDATED && s.liquidations < 64)
				s.liquidated[s.liquidations++] = notice.account;
			if (notice.kind == FB_NOTICE_FROZEN || notice.kind == FB_NOTICE_THAWED)
				s.is_frozen[notice.symbol] = notice.kind == FB_NOTICE_FROZEN;
		}
		if (entry.type == FB_LOG_ORDER) {
			memcpy(&order, entry.payload, sizeof(order));
			bool closes = order.verb == FB_VERB_REDUCE ||
				      order.verb == FB_VERB_TAKEOVER ||
				      order.verb == FB_VERB_ADL_PAIR;
			s.sent += closes;
			s.sent_while_frozen += closes && s.is_frozen[order.symbol];
		}
		/* Taking it: what is put must be what is there. */
		ck_assert_int_eq(fb_log_put(log, (enum fb_log_type)entry.type, entry.seq,
					    entry.payload, entry.length, &error),
				 0);
	}
	fb_log_close(log, NULL);
	return s;
}

/* ---- funding ---- */

START_TEST(nothing_where_packs_are_silent)
{
	run("", "gen:crash,seed=3,minutes=4", NULL, 0);
	struct seen s = look_at_log();
	ck_assert_uint_eq(s.prices, 0);
	ck_assert_uint_eq(s.fundings + s.frozen + s.statements, 0);
}
END_TEST

START_TEST(funding_at_instants)
{
	const unsigned ahead = (unsigned)_i;
	struct fb_summary s = run(FUNDING_HOURLY, "gen:crash,seed=3,minutes=4", NULL, ahead);
	struct seen seen = look_at_log();
	/* a minute apart, all symbols; the last marks' repeats may reach some more */
	ck_assert_uint_ge(s.fundings, 3 * s.symbols);
	ck_assert_uint_le(s.fundings, 7 * s.symbols);
	ck_assert_uint_eq(seen.fundings, s.fundings);
	ck_assert_uint_eq(seen.statements, s.fundings);
	ck_assert_uint_eq(s.fundings_skipped, 0);
	ck_assert(s.funding_paid_e8 > 0);
	/* rounding: less than a unit for a position and payment */
	__int128 rest = s.funding_rest_e8 < 0 ? -s.funding_rest_e8 : s.funding_rest_e8;
	ck_assert(rest < (__int128)s.fundings * (__int128)(s.positions + 100));
	replays(&s);
}
END_TEST

START_TEST(funding_all_the_time)
{
	struct fb_summary s = run(FUNDING_CONTINUOUS, "gen:crash,seed=4,minutes=4", "wild,seed=3",
				  _i ? 3 : 0);
	ck_assert_uint_gt(s.fundings, 100 * s.symbols);
	ck_assert(s.funding_paid_e8 > 0);
	replays(&s);
}
END_TEST

/* ---- breakers ---- */

static const char *const crashes[] = { "gen:crash,seed=1,minutes=4", "gen:crash,seed=2,minutes=4",
				       "gen:crash,seed=5,minutes=4", "gen:crash,seed=7,minutes=4" };
static const char *const breakers[] = {
	BREAKERS,
	BREAKERS "venue_after = 3\n",
	"[breakers]\norders = 2\nrate_window = 1 s\ncooldown = 5 s\n",
	"[breakers]\nnotional = 1000\nrate_window = 10 s\ncooldown = 5 s\n",
	"[breakers]\napart = 2 %\ncooldown = 3 s\n",
	BREAKERS FUNDING_CONTINUOUS ADAPTIVE,
};
#define BREAKER_SETS (sizeof(breakers) / sizeof(breakers[0]))

START_TEST(a_frozen_symbol_never_liquidates)
{
	size_t crash = (size_t)_i % 4, set = (size_t)_i / 4 % BREAKER_SETS;
	struct fb_summary s = run(breakers[set], crashes[crash], _i % 2 ? "wild,seed=9" : NULL,
				  _i % 3 ? 0 : 4);
	struct seen seen = look_at_log();
	ck_assert_uint_gt(seen.frozen, 0);
	ck_assert_uint_gt(seen.sent, 0);
	ck_assert_uint_eq(seen.sent_while_frozen, 0);
	ck_assert_uint_eq(seen.frozen, s.freezes);
	ck_assert_uint_eq(seen.frozen - seen.thawed, s.frozen);
	replays(&s);
}
END_TEST

/* Frozen for good: nothing is closed; without the breaker the same crash liquidates. */
START_TEST(all_frozen_from_the_first_move)
{
	struct fb_summary free_run = run("", crashes[0], NULL, 0);
	struct fb_summary s = run("[breakers]\ndecline = 0.00001 %\nwindow = 1 d\ncooldown = 1 d\n"
				  "venue_after = 1\n",
				  crashes[0], NULL, 0);
	ck_assert_uint_gt(free_run.waterfall.liquidations, 0);
	ck_assert_uint_eq(s.waterfall.liquidations, 0);
	ck_assert_uint_eq(s.waterfall.reductions + s.waterfall.takeovers + s.waterfall.pairs, 0);
	ck_assert_uint_eq(s.frozen, s.symbols > 0 ? s.freezes : 0);
	replays(&s);
}
END_TEST

/* No limit of a reduction is further than the band from the mark that the host has then. */
START_TEST(limits_keep_within_the_band)
{
	static struct fb_rules rules;
	static uint64_t u[FB_SYMBOLS];
	struct fb_log_config config;
	struct fb_log_entry entry;
	struct fb_log *log;
	char path[512];
	uint64_t reductions = 0;
	run("[breakers]\nband = 0.5 %\n", crashes[1], NULL, 0);
	snprintf(path, sizeof(path), "%s", temp_path("firebreak.log"));
	ck_assert_int_eq(fb_log_open(path, &rules, &config, &log, &error), 0);
	while (fb_log_peek(log, &entry, &error) > 0) {
		struct fb_log_order o;
		union fb_command c;
		if (entry.type == FB_LOG_COMMAND) {
			memcpy(&c, entry.payload, sizeof(c));
			if (c.header.op == FB_OP_SYMBOL)
				u[c.symbol.symbol] = c.symbol.u;
			for (unsigned i = 0; c.header.op == FB_OP_MARKS && i < c.marks.count; i++)
				u[c.marks.mark[i] & 0xfff] = c.marks.mark[i] >> 12;
		}
		if (entry.type == FB_LOG_ORDER) {
			memcpy(&o, entry.payload, sizeof(o));
			__int128 mark = (__int128)o.qty * (__int128)u[o.symbol] / 65536,
				 size = mark < 0 ? -mark : mark;
			if (o.verb == FB_VERB_REDUCE) {
				ck_assert(fb_wide(o.value_e8) >= mark - size / 200 - 4);
				reductions++;
			}
		}
		ck_assert_int_eq(fb_log_put(log, (enum fb_log_type)entry.type, entry.seq,
					    entry.payload, entry.length, &error),
				 0);
	}
	fb_log_close(log, NULL);
	ck_assert_uint_gt(reductions, 20);
}
END_TEST

/* ---- adaptive ---- */

START_TEST(parameters_adapt)
{
	struct fb_summary plain = run("", crashes[2], NULL, 0);
	struct fb_summary s = run("[adaptive]\nfollow = volatility\nmemory = 10 s\n"
				  "fees_1 = 50 %\nfees_2 = 50 %\nfees_3 = 50 %\nfees_4 = 50 %\n",
				  crashes[2], NULL, 0);
	ck_assert(plain.waterfall.taker_fees_e8 > 0);
	ck_assert(s.waterfall.taker_fees_e8 > 0);
	ck_assert(s.waterfall.taker_fees_e8 < plain.waterfall.taker_fees_e8);
	replays(&s);
	s = run(ADAPTIVE, crashes[2], "wild,seed=4", 2);
	replays(&s);
}
END_TEST

/* ---- explain ---- */

/* Is this said of the account? */
static bool says(uint32_t account, const char *words)
{
	char *text = NULL, log[512];
	size_t length;
	FILE *out = open_memstream(&text, &length);
	snprintf(log, sizeof(log), "%s", temp_path("firebreak.log"));
	const struct fb_explain_options o = { .log = log, .engine = "model:", .account = account };
	ck_assert_msg(fb_explain(&o, out, &error) == 0, "%s", error.text);
	fclose(out);
	bool found = strstr(text, words) != NULL;
	free(text);
	return found;
}

START_TEST(explain_tells)
{
	run("[breakers]\ndecline = 3 %\nwindow = 5 s\ncooldown = 10 s\n" FUNDING_HOURLY ADAPTIVE,
	    crashes[0], NULL, 0);
	struct seen s = look_at_log();
	bool frozen = false, funding = false;
	ck_assert_uint_gt(s.liquidations, 0);
	ck_assert(says(s.liquidated[0], "in effect  volatility"));
	ck_assert(says(s.liquidated[0], "prices  mark"));
	for (uint32_t i = 0; i < s.liquidations && !(frozen && funding); i++) {
		frozen = frozen || says(s.liquidated[i], "not closed before the symbol thaws");
		funding = funding || says(s.liquidated[i], "funding in all");
	}
	ck_assert(frozen);
	ck_assert(funding); /* those taken before the first payment got none */
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("host: conditions");
	TCase *t = tcase_create("conditions");
	setenv("FIREBREAK_RULES", "sw/rules", 1);
	tcase_set_timeout(t, 300);
	tcase_add_test(t, nothing_where_packs_are_silent);
	tcase_add_loop_test(t, funding_at_instants, 0, 3);
	tcase_add_loop_test(t, funding_all_the_time, 0, 2);
	tcase_add_loop_test(t, a_frozen_symbol_never_liquidates, 0, 4 * BREAKER_SETS);
	tcase_add_test(t, all_frozen_from_the_first_move);
	tcase_add_test(t, limits_keep_within_the_band);
	tcase_add_test(t, parameters_adapt);
	tcase_add_test(t, explain_tells);
	suite_add_tcase(suite, t);
	temp_open("conditions");
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	temp_close();
	return failed ? 1 : 0;
}
