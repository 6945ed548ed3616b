/* The host as a whole: runs and replays with the engine `model`, and with engines that lie about
 * it. */
#include "model_kit.h"

#include "temp_kit.h"

#include "../../sw/lib/run_load.h"
#include "../../sw/lib/run_market.h"
#include "../../sw/lib/run_marks.h"

enum lie { HONEST, WRONG_EQUITY, LOST_RECORD, UNTOLD_REJECT, WRONG_DIGEST, NO_END, WRONG_COUNT };

/* An engine that passes everything on to another, and lies once: about the n-th LEVEL record or
 * BATCH_END. */
static struct liar {
	struct fb_engine base;
	struct fb_engine *inner;
	enum lie lie;
	unsigned countdown;
	uint64_t digest_owed; /* so that the batch stays consistent with itself */
	uint32_t count_owed, liar_account;
} liar;

static int liar_submit(struct fb_engine *e, const union fb_command *c)
{
	(void)e;
	return fb_engine_submit(liar.inner, c);
}

/* Changes one record; false: it disappears. */
static bool change(union fb_record *r)
{
	bool end = r->header.kind == FB_REC_BATCH_END;
	bool target = liar.lie < WRONG_DIGEST ? r->header.kind == FB_REC_LEVEL : end;
	if (end && (liar.digest_owed || liar.count_owed)) {
		r->batch_end.digest += liar.digest_owed;
		r->batch_end.count -= liar.count_owed;
		liar.digest_owed = liar.count_owed = 0;
	}
	if (!target || liar.lie == HONEST || liar.countdown == 0 || --liar.countdown > 0)
		return true;
	liar.liar_account = r->header.account;
	liar.digest_owed = -fb_hash_word(r);
	if (liar.lie == WRONG_EQUITY) {
		r->level.equity.lo ^= 1;
		liar.digest_owed += fb_hash_word(r);
	} else if (liar.lie == UNTOLD_REJECT) {
		r->header.kind = FB_REC_REJECT;
		liar.digest_owed += fb_hash_word(r);
	} else if (liar.lie == LOST_RECORD) {
		liar.count_owed = 1;
		return false;
	} else {
		liar.digest_owed = 0;
		r->batch_end.digest += liar.lie == WRONG_DIGEST;
		r->batch_end.count += liar.lie == WRONG_COUNT;
		return liar.lie != NO_END;
	}
	return true;
}

static int liar_poll(struct fb_engine *e, union fb_record *out, size_t room, int *idle)
{
	(void)e;
	int n = fb_engine_poll(liar.inner, out, room, idle), kept = 0;
	for (int i = 0; i < n; i++)
		if (change(&out[i]))
			out[kept++] = out[i];
	return n < 0 ? n : kept;
}

static void liar_info(const struct fb_engine *e, struct fb_engine_info *out)
{
	(void)e;
	fb_engine_info(liar.inner, out);
}

static void liar_close(struct fb_engine *e)
{
	(void)e;
	fb_engine_close(liar.inner);
}

static const struct fb_engine_ops liar_ops = {
	.submit = liar_submit,
	.poll = liar_poll,
	.info = liar_info,
	.close = liar_close,
};

static char log_path[128];
static struct fb_rules rules;

static void prepare(void)
{
	struct fb_error error = { "" };
	setenv("FIREBREAK_RULES", "sw/rules", 1);
	ck_assert_msg(fb_rules_load("binance-usdm", &rules, &error) == 0, "%s", error.text);
	snprintf(log_path, sizeof(log_path), "%s/firebreak.log", temp_directory);
}

static __int128 users_collateral_e8;

static const char *const crash[] = { "gen:crash,seed=3,minutes=4" };

/* A run of 150 accounts, with the engine wrapped in the liar. 0 or the first error. */
static int run_with(enum lie lie, unsigned countdown, struct fb_host *h, struct fb_error *error)
{
	static uint64_t start_e8[FB_SYMBOLS];
	static struct fb_tick tick[FB_SYMBOLS];
	struct fb_marks_options options = { .paths = crash, .paths_n = 1 };
	struct fb_log_config config = { .epoch = 1 };
	struct fb_host_options host_options = { .engine = "model:" };
	struct fb_market_options venue;
	struct fb_accounts accounts;
	struct fb_market *market = NULL;
	struct fb_marks *marks;
	uint64_t instants;
	int n;
	memset(h, 0, sizeof(*h));
	error->text[0] = '\0';
	ck_assert_int_eq(fb_marks_survey(&rules, &options, start_e8, &instants, error), 0);
	ck_assert_int_eq(fb_accounts_load("gen:150,seed=2", &rules, start_e8, &accounts, error), 0);
	users_collateral_e8 = 0;
	for (size_t i = 0; i < accounts.accounts; i++)
		users_collateral_e8 += accounts.account[i].collateral_e8;
	fb_load_config(&accounts, start_e8, &config);
	ck_assert_int_eq(fb_host_open(h, &rules, &config, &host_options, error), 0);
	liar = (struct liar){
		.base = { &liar_ops }, .inner = h->engine.engine, .lie = lie, .countdown = countdown
	};
	h->engine.engine = &liar.base;
	ck_assert_int_eq(fb_log_create(log_path, &rules, &config, &h->log, error), 0);
	int err = fb_load(h, &accounts, start_e8, -1, 0);
	fb_market_calm(&venue, 1);
	if (!err)
		err = fb_market_start(h, &venue, &accounts, &market);
	ck_assert_int_eq(fb_marks_open(&rules, &options, &marks, error), 0);
	while (!err && (n = marks->ops->next(marks, tick, FB_SYMBOLS, error)) > 0) {
		int64_t time_us = tick[0].time_us;
		ck_assert_int_eq(fb_market_step(market, tick, (size_t)n), 0);
		err = fb_load_marks(h, tick, (size_t)n);
		if (!err)
			err = fb_host_drain(h, 0);
		if (!err)
			err = fb_market_pump(h, time_us + 999999, 0);
	}
	h->venue = NULL;
	fb_market_close(market);
	marks->ops->close(marks);
	fb_accounts_free(&accounts);
	if (!err)
		err = fb_host_sweep(h);
	if (!err)
		err = fb_host_end(h);
	return err;
}

static struct fb_host host;
static struct fb_error error;

START_TEST(an_honest_engine)
{
	prepare();
	ck_assert_msg(run_with(HONEST, 0, &host, &error) == 0, "%s", error.text);
	ck_assert(fb_summary_good(&host.summary));
	ck_assert_uint_gt(host.summary.waterfall.liquidations, 10);
	ck_assert_uint_eq(host.summary.sweeps, 1);
	kit_assert_wide(host.summary.fund_start_e8, users_collateral_e8 / 100);
	/* A state that is not the book's is found by the next sweep. */
	host.book->account[5].held ^= 1;
	ck_assert_int_eq(fb_host_sweep(&host), 0);
	ck_assert_uint_eq(host.summary.sweep_differences, 1);
	fb_host_close(&host);
}
END_TEST

/* The record is not believed, the account goes to the host, and the run goes on. */
START_TEST(a_wrong_equity)
{
	prepare();
	ck_assert_msg(run_with(WRONG_EQUITY, 5, &host, &error) == 0, "%s", error.text);
	ck_assert_uint_eq(host.summary.differences, 1);
	ck_assert_uint_eq(host.summary.host_judged, 1);
	ck_assert_uint_ne(host.divergence.first, 0);
	ck_assert(!fb_summary_good(&host.summary));
	ck_assert(host.summary.conserved);
	uint32_t account = fb_book_account_index(host.book, liar.liar_account);
	ck_assert(host.book->account[account].host_judged);
	fb_host_close(&host);
	/* The difference is an input in the log: an honest engine leads to the same decisions, and
	 * the summary still says that something was wrong. */
	const struct fb_waterfall_counts counts = host.summary.waterfall;
	struct fb_replay_options options = { .log = log_path, .engine = "model:" };
	struct fb_summary summary;
	struct fb_divergence divergence;
	char note[128];
	ck_assert_msg(fb_replay(&options, &summary, &divergence, note, &error) == 0, "%s",
		      error.text);
	ck_assert_uint_ne(divergence.first, 0);
	ck_assert_uint_eq(divergence.alarms.level_differences, 1);
	ck_assert_uint_eq(summary.differences, 1);
	ck_assert_uint_eq(summary.host_judged, 1);
	ck_assert(!fb_summary_good(&summary));
	ck_assert_mem_eq(&summary.waterfall, &counts, sizeof(counts));
}
END_TEST

/* A record that never comes is found by the sweep: the engine's level is not the one the book
 * was told. */
START_TEST(a_lost_record)
{
	prepare();
	ck_assert_msg(run_with(LOST_RECORD, 1, &host, &error) == 0, "%s", error.text);
	ck_assert_uint_ge(host.summary.differences + host.summary.sweep_differences, 1);
	ck_assert(!fb_summary_good(&host.summary));
	fb_host_close(&host);
}
END_TEST

START_TEST(a_batch_that_contradicts_itself)
{
	static const struct {
		enum lie lie;
		const char *says;
	} lies[] = {
		{ WRONG_DIGEST, "digest" },
		{ UNTOLD_REJECT, "0 rejects, found 1" },
		{ WRONG_COUNT, "BATCH_END says" },
		{ NO_END, "idle" },
	};
	prepare();
	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		unsigned countdown = lies[i].lie < WRONG_DIGEST ? 5 : 200;
		ck_assert_int_eq(run_with(lies[i].lie, countdown, &host, &error), -EPROTO);
		ck_assert_msg(strstr(error.text, lies[i].says) != NULL, "%s", error.text);
		fb_host_close(&host);
	}
}
END_TEST

static uint64_t file_crc(const char *name)
{
	static uint8_t bytes[1 << 22];
	FILE *f = fopen(temp_path(name), "rb");
	ck_assert_ptr_nonnull(f);
	size_t n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	return fb_log_crc(n, bytes, n);
}

static void run_whole(unsigned ahead, uint64_t delay_seed, struct fb_summary *summary)
{
	struct fb_run_options options = {
		.rules = "binance-usdm",
		.marks = crash,
		.marks_n = 1,
		.accounts = "gen:150,seed=2",
		.engine = "model:",
		.check = "model:",
		.out = temp_directory,
		.fund_e8 = -1,
		.ahead = ahead,
		.delay_seed = delay_seed,
	};
	struct fb_divergence divergence;
	char note[128];
	ck_assert_msg(fb_run(&options, summary, &divergence, note, &error) == 0, "%s", error.text);
	ck_assert(fb_summary_good(summary));
}

/* Same log, same bytes out, whatever the pace: of the run, of the replay, in flight or not. */
START_TEST(pace_changes_nothing)
{
	struct fb_summary first, summary;
	struct fb_divergence divergence;
	char note[128];
	prepare();
	run_whole(0, 0, &first);
	uint64_t waited = 0, log = file_crc("firebreak.log"), orders = file_crc("orders.csv"),
		 records = file_crc("records.bin");
	for (uint64_t seed = 1; seed <= 3; seed++) {
		run_whole(0, seed, &summary);
		ck_assert_uint_eq(file_crc("firebreak.log"), log);
	}
	for (unsigned ahead = 0; ahead <= FB_AHEAD_MAX; ahead += 5) {
		run_whole(ahead, ahead, &summary);
		waited += summary.waited;
		orders = file_crc("orders.csv");
		records = file_crc("records.bin");
		for (uint64_t seed = 0; seed < 3; seed++) {
			struct fb_replay_options replay = {
				.log = log_path,
				.engine = "model:",
				.out = temp_directory,
				.delay_seed = seed,
			};
			ck_assert_msg(fb_replay(&replay, &summary, &divergence, note, &error) == 0,
				      "%s", error.text);
			ck_assert_uint_eq(file_crc("orders.csv"), orders);
			ck_assert_uint_eq(file_crc("records.bin"), records);
		}
	}
	ck_assert_uint_gt(waited, 0); /* or the watch list was never tried */
}
END_TEST

/* Each symbol starts at its price and falls about as deep as the table says; the seed decides,
 * nothing else. */
START_TEST(the_crash_is_what_it_says)
{
	static uint64_t low[FB_SYMBOLS], start[FB_SYMBOLS];
	static struct fb_tick tick[FB_SYMBOLS], again[FB_SYMBOLS];
	struct fb_feed_options options = { .step_us = 1000000 };
	struct fb_marks *a, *b;
	int n;
	prepare();
	ck_assert_int_eq(fb_crash_open("gen:crash,seed=9", &rules, &options, &a, &error), 0);
	ck_assert_int_eq(fb_crash_open("gen:crash,seed=9", &rules, &options, &b, &error), 0);
	memset(tick, 0, sizeof(tick));
	memset(again, 0, sizeof(again));
	unsigned instants = 0, symbols = 0;
	while ((n = a->ops->next(a, tick, FB_SYMBOLS, &error)) > 0) {
		ck_assert_int_eq(b->ops->next(b, again, FB_SYMBOLS, &error), n);
		ck_assert_int_eq(memcmp(tick, again, sizeof(tick)), 0);
		for (int i = 0; i < n; i++) {
			uint16_t s = tick[i].symbol;
			start[s] = start[s] ? start[s] : tick[i].price_e8;
			low[s] = low[s] && low[s] < tick[i].price_e8 ? low[s] : tick[i].price_e8;
		}
		instants++;
	}
	ck_assert_uint_eq(instants, 2400);
	for (unsigned s = 0; s < rules.symbols; s++) {
		if (start[s] == 0)
			continue;
		symbols++;
		uint64_t left_percent = low[s] * 100 / start[s];
		bool bitcoin = strcmp(rules.symbol[s].name, "BTCUSDT") == 0;
		ck_assert_uint_ge(left_percent, bitcoin ? 81 : 18);
		ck_assert_uint_le(left_percent, bitcoin ? 88 : 82);
	}
	ck_assert_uint_ge(symbols, 12);
	a->ops->close(a);
	b->ops->close(b);
	/* Another seed is another crash. */
	ck_assert_int_eq(fb_crash_open("gen:crash,seed=9", &rules, &options, &a, &error), 0);
	ck_assert_int_eq(fb_crash_open("gen:crash,seed=10", &rules, &options, &b, &error), 0);
	for (int i = 0; i < 2; i++) {
		n = a->ops->next(a, tick, FB_SYMBOLS, &error);
		ck_assert_int_eq(b->ops->next(b, again, FB_SYMBOLS, &error), n);
	}
	ck_assert_int_ne(memcmp(tick, again, sizeof(tick)), 0);
	a->ops->close(a);
	b->ops->close(b);
	ck_assert_int_eq(fb_crash_open("gen:crash", &rules, &options, &a, &error), -EINVAL);
	ck_assert_int_eq(fb_crash_open("gen:crash,seed=1,minutes=0", &rules, &options, &a, &error),
			 -EINVAL);
	ck_assert_int_eq(fb_crash_open("gen:crash,seed=1x", &rules, &options, &a, &error), -EINVAL);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "honest", an_honest_engine },
		{ "wrong equity", a_wrong_equity },
		{ "lost record", a_lost_record },
		{ "contradiction", a_batch_that_contradicts_itself },
		{ "pace", pace_changes_nothing },
		{ "crash", the_crash_is_what_it_says },
	};
	temp_open("run");
	/* no rsvg-convert: pictures are looked at elsewhere, and this must be no failure */
	setenv("PATH", "", 1);
	int status = kit_main("host: run and replay", cases, sizeof(cases) / sizeof(cases[0]));
	temp_close();
	return status;
}
