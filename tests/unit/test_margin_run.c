/* Whole runs of packs of each margin kind, made-up accounts in a made-up crash: the log replays to
 * the same bytes, and all the way addends are what they would be if computed anew, and the engine's
 * sums keep their promise to the venue's. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/run.h>

#include "../../sw/lib/margin.h"
#include "../../sw/lib/replay.h"
#include "temp_kit.h"

static const char *const crash = "gen:crash,seed=4,minutes=2";
static struct fb_error error;

/* The shipped pack's symbols under another name, with sections of their own. */
#define BASE "[venue]\nbase = binance-usdm\nname = kind\n"
#define COINS                                                                    \
	"[collateral bnb]\nlot = 0.01\nindex = BNBUSDT\nweight = 95 %\n"          \
	"liability_weight = 105 %\nsize_root = 100 %\n"                           \
	"[collateral sol]\nlot = 0.01\nindex = SOLUSDT\nweight = 90 %\n"          \
	"liability_weight = 110 %\n"
#define OWN                                                                                 \
	"[venue]\nname = own\nbreach = >\nliquidate_at = liq\n"                              \
	"[thresholds]\nwarn = 70 %\nliq = 100 % / 95 %\n[waterfall]\nwarn_at = warn\n"       \
	"[fees]\nliquidation = 0.5 %\ntaker = 0.05 %\n[ladders]\nl = l.csv\n"                \
	"[symbol BTCUSDT]\nlot = 100\nladder = l\ntype = inverse\ntick = 0.5\n"              \
	"[symbol ETHUSDT]\nlot = 1\nladder = l\ntype = quanto\nfactor = 0.000001\n"

static const struct {
	const char *name, *pack;
	bool moves;
} kinds[] = {
	{ "entry", BASE "[margin]\nmm_basis = entry\n", true },
	{ "fee", BASE "[margin]\nclosing_fee = in\n", false },
	{ "netting", BASE "[margin]\nnetting = max_side\n", false },
	{ "up", BASE "[margin]\nround = up\nquantum = 0.000001\n", true },
	{ "down", BASE "[margin]\nround = down\nquantum = 0.01\n", true },
	{ "coins", BASE COINS, true },
	{ "coins-entry", BASE "[margin]\nmm_basis = entry\nclosing_fee = in\n" COINS, true },
	{ "inverse", OWN, true },
	{ "slope",
	  OWN "size_slope = 0.0001 %\nsize_unit = 100\nsize_root = 0.1 %\nsize_from = 1000\n",
	  true },
};
enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(temp_path(name), "wb");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

/* ---- looking on ---- */

static struct fb_host *host;
static uint64_t looks, rows_with_addend, accounts_with_addend, flagged_early, changes;
static uint32_t addend_of[1 << 16];

static int opened(void *context, struct fb_host *h)
{
	(void)context;
	host = h;
	return 0;
}

static void look_at_row(const struct fb_book_row *row, uint32_t index)
{
	const struct fb_book *book = host->book;
	bool user = book->account[row->account].role == FB_ROLE_USER;
	uint32_t fresh = user ? fb_margin_row_addend(host->rules, row->symbol,
						     book->symbol[row->symbol].u_first, row->qty)
			      : 0;
	ck_assert_msg(row->addend_e7 == fresh, "position %u: addend %u, not %u", row->id,
		      row->addend_e7, fresh);
	rows_with_addend += fresh != 0;
	changes += addend_of[index] != fresh;
	addend_of[index] = fresh;
	if (user)
		ck_assert_int_eq(row->flags & FB_ROW_NO_RANK,
				 host->rules->symbol[row->symbol].index ? FB_ROW_NO_RANK : 0);
}

static void look_at_account(uint32_t account)
{
	const struct fb_book_account *a = &host->book->account[account];
	struct fb_view view;
	struct fb_sums engine, venue;
	uint32_t highest = host->rules->threshold[host->rules->thresholds - 1].up_e7;

	bool too_large = false;
	for (uint32_t i = a->first; i != FB_NONE; i = host->book->row[i].next)
		if (host->book->row[i].live) {
			look_at_row(&host->book->row[i], i);
			too_large |= host->book->row[i].addend_e7 == FB_MARGIN_ADDEND_MOST;
		}
	if (too_large) {
		ck_assert(a->host_judged);
		return;
	}
	if (a->role != FB_ROLE_USER)
		return;
	__int128 fresh = fb_margin_account_addend(host->rules, host->book, account);
	ck_assert_msg(a->addend_e15 == fresh, "account %u", a->id);
	accounts_with_addend += fresh != 0;
	if (!host->confirm.judge || a->rows_live == 0)
		return;
	ck_assert_int_eq(fb_book_view(host->book, account, FB_NOW, &view), 0);
	fb_value_engine(host->book, &view, &engine);
	fb_venue_judge_sums(&host->judge, &view, &venue);
	ck_assert_msg(engine.mm_e15 - venue.mm_e15 >=
			      (engine.equity_e8 - venue.equity_e8) * (__int128)highest,
		      "account %u: MM above by %lld, equity by %lld; %zu rows, symbol %u qty %lld",
		      a->id, (long long)(engine.mm_e15 - venue.mm_e15),
		      (long long)(engine.equity_e8 - venue.equity_e8), view.rows,
		      view.row[0].symbol, (long long)view.row[0].qty);
	flagged_early += engine.mm_e15 != venue.mm_e15;
}

/* After events, and at marks; before LOADED rows are still to come. */
static int fed(void *context, const struct fb_log_entry *entry)
{
	(void)context;
	if ((entry->type != FB_LOG_EVENTS && entry->type != FB_LOG_LOADED &&
	     (entry->type != FB_LOG_TIME || entry->seq % 4 != 0)) ||
	    !host->book->sealed)
		return 0;
	for (uint32_t i = 0; i < host->book->accounts; i++)
		look_at_account(i);
	looks++;
	return 0;
}

START_TEST(kind_runs_and_replays)
{
	struct fb_run_options options = { .marks = &crash,
					  .marks_n = 1,
					  .accounts = "gen:120,seed=5",
					  .engine = "model:",
					  .out = temp_directory,
					  .ahead = 8,
					  .fund_e8 = -1 };
	struct fb_summary summary, again;
	struct fb_divergence divergence;
	struct fb_replay_watch watch = { .opened = opened, .fed = fed };
	char pack[600], log[600], note[128];

	write_file("l.csv", "floor,rate,deduction\n0,0.01,0\n5,0.02,0\n50,0.04,0.5\n");
	write_file("kind.rules", kinds[_i].pack);
	snprintf(pack, sizeof(pack), "%s", temp_path("kind.rules"));
	options.rules = pack;
	ck_assert_msg(fb_run(&options, &summary, &divergence, note, &error) == 0, "%s: %s",
		      kinds[_i].name, error.text);
	ck_assert_msg(fb_summary_good(&summary), "%s", kinds[_i].name);
	ck_assert_uint_gt(summary.events, 50);
	snprintf(log, sizeof(log), "%s", temp_path("firebreak.log"));
	struct fb_replay_options replay = { .log = log, .engine = "model:" };
	ck_assert_msg(fb_replay_watched(&replay, &watch, &again, &divergence, note, &error) == 0,
		      "%s: %s", kinds[_i].name, error.text);
	ck_assert_uint_gt(looks, 20);
	ck_assert_uint_eq(again.records, summary.records);
	ck_assert_uint_eq(rows_with_addend + accounts_with_addend > 0, kinds[_i].moves);
	if (strcmp(kinds[_i].name, "slope") == 0 || strcmp(kinds[_i].name, "coins") == 0)
		ck_assert_uint_gt(changes, 5); /* of loading and of fills */
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("margin: runs");
	TCase *c = tcase_create("kinds");
	int failed;

	temp_open("margin");
	tcase_add_loop_test(c, kind_runs_and_replays, 0, KINDS);
	tcase_set_timeout(c, 120);
	suite_add_tcase(suite, c);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	temp_close();
	return failed > 0;
}
