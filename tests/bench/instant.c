/* The worst instant of a crash through the whole host, checked and timed.
 *
 * On 2025-10-10, 21:16:04.831874 UTC, one instant of Hyperliquid held 11,279 liquidations and
 * 11,279 ADL fills (the public fills in HyperMultiAssetedADL, commit 79bad0f); 221,422 positions
 * were open that day. Here as many accounts become bankrupt by one batch of marks, in a book of
 * that size, with a fund that has nothing. All of them are held, their working orders closed,
 * deleveraged and closed, while the venue answers every order at once.
 *
 * usage: instant [--accounts N] [--book N] [--symbols N] [--uneven] [--seed N] [--repeat N]
 *                [--group N] [--json]
 *
 *   --accounts  bankrupt at once; 11279
 *   --book      accounts in all, one position each; in proportion to --accounts
 *   --symbols   of the pack, 1 to 17; 17
 *   --uneven    positions of different sizes: more pairs than accounts
 *   --group     answers taken up together, at most what the host takes, which is the default
 *   --repeat    times, of which the median and the spread are printed; 5
 *
 * Exit status 1 if anything about the result is wrong, never because of time. `make bench-host`. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../../sw/lib/run_load.h"

#include "crowd.h"
#include "desk.h"
#include "measure.h"
#include "report.h"

#define LOSERS 11279
#define BOOK 221422
#define START_US INT64_C(1760130964000000)
#define ANSWER_US 1000	 /* from orders to answers */
#define MARKS_US 1000000 /* from marks to marks */
#define LATER_MOST 64	/* further marks until everybody is closed */

static struct fb_rules rules;
static size_t group = FB_EVENTS_MAX;

struct play {
	const struct crowd *crowd;
	struct fb_host host;
	struct fb_error error;
	struct desk desk;
	int64_t time_us;
	uint64_t later; /* marks after the first */
	uint64_t faults;
};

__attribute__((format(printf, 2, 3)))
static void fault(struct play *p, const char *format, ...)
{
	va_list args;
	if (++p->faults > 10)
		return;
	va_start(args, format);
	fprintf(stderr, "instant: ");
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

static void expect(struct play *p, const char *what, uint64_t found, uint64_t expected)
{
	if (found != expected)
		fault(p, "%s: expected %" PRIu64 ", found %" PRIu64, what, expected, found);
}

/* ---- the instant ---- */

static struct fb_sums sums_of(const struct play *p, uint32_t account_id)
{
	struct fb_view view;
	struct fb_sums sums = { 0 };
	uint32_t account = fb_book_account_index(p->host.book, account_id);
	if (account != FB_NONE && fb_book_view(p->host.book, account, FB_NOW, &view) == 0)
		fb_value_exact(p->host.book, &view, &sums);
	return sums;
}

/* Holds leave in canonical order: the book is still as it was when they were decided. */
static void check_severity(struct play *p, const struct fb_order *order, size_t n)
{
	struct fb_sums before = { 0 };
	for (size_t i = 0; i < n; i++) {
		struct fb_sums sums = sums_of(p, order[i].account);
		if (i > 0 && fb_value_severity(&before, order[i - 1].account, &sums,
					       order[i].account) >= 0)
			fault(p, "account %u is held before %u, which is worse off",
			      order[i - 1].account, order[i].account);
		before = sums;
	}
}

static int send_marks(struct play *p)
{
	struct fb_tick tick[FB_SYMBOLS] = { { 0 } };
	unsigned n = p->crowd->options.symbols;
	for (unsigned s = 0; s < n; s++) {
		tick[s].time_us = p->time_us;
		tick[s].symbol = (uint16_t)s;
		tick[s].price_e8 = p->crowd->fallen_e8[s];
	}
	struct span began = measure_now();
	int err = fb_load_marks(&p->host, tick, n);
	if (!err)
		err = fb_host_drain(&p->host, 0);
	measure_charge(PART_INPUT, began);
	return err;
}

/* Counterparties' working orders are cancelled together with the pairs that concern them. */
static uint8_t step_of(const struct fb_order *order)
{
	return order->verb == FB_VERB_CANCEL_COUNTER ? FB_VERB_ADL_PAIR : order->verb;
}

/* The venue answers all orders it has, in as few groups as the host takes. */
static int answer_all(struct play *p)
{
	struct desk *d = &p->desk;
	size_t n = desk_answer(d);
	const struct fb_order *order = d->answered;
	if (order[0].verb == FB_VERB_HOLD)
		check_severity(p, order, n);
	for (size_t i = 0; i < n; i++)
		if (step_of(&order[i]) != step_of(&order[0]))
			fault(p, "orders %u and %u in one step", order[0].verb, order[i].verb);
	p->time_us += ANSWER_US;
	enum phase answers = order[0].verb == FB_VERB_HOLD	   ? PHASE_HOLDS
			     : order[0].verb == FB_VERB_CANCEL_ALL ? PHASE_CANCELS
								   : PHASE_PAIRS;
	int err = 0;
	for (size_t at = 0; at < n && !err; at += group) {
		size_t some = n - at < group ? n - at : group;
		phase = answers;
		struct span began = measure_now();
		err = fb_host_events(&p->host, p->time_us, d->event + at, some);
		measure_charge(PART_INPUT, began);
		phase = PHASE_BATCH;
		began = measure_now();
		if (!err)
			err = fb_host_drain(&p->host, 0);
		measure_charge(PART_INPUT, began);
	}
	return err;
}

static int play(struct play *p, struct outcome *out)
{
	struct fb_host *h = &p->host;
	uint64_t most = p->crowd->options.losers, commands;
	memset(&sheet, 0, sizeof(sheet));
	phase = PHASE_MARKS;
	int err = send_marks(p);
	commands = h->summary.commands;
	expect(p, "breaches confirmed", h->confirm.breaches, most);
	for (;;) {
		while (p->desk.n > 0 && !err)
			err = answer_all(p);
		if (err || fb_waterfall_at_rest(h->waterfall) || p->later == LATER_MOST)
			break;
		p->later++;
		p->time_us += MARKS_US;
		phase = PHASE_LATER;
		commands -= h->summary.commands;
		err = send_marks(p);
		commands += h->summary.commands;
	}
	out->sheet = sheet;
	out->later = p->later;
	out->pair_commands = h->summary.commands - commands;
	if (!err)
		err = fb_host_sweep(h);
	return err ? err : fb_host_end(h);
}

/* ---- what must be so afterwards ---- */

static void check_account(struct play *p, uint32_t i)
{
	const struct fb_book *book = p->host.book;
	const struct crowd *c = p->crowd;
	uint32_t account = fb_book_account_index(book, i + 1);
	const struct fb_book_account *a = &book->account[account];
	const struct fb_position_spec *had = &c->accounts.position[i];
	uint64_t lots = (uint64_t)(had->qty < 0 ? -had->qty : had->qty),
		 left = lots - p->desk.lots[i];
	bool loser = c->kind[i] == CROWD_LOSER;
	const struct fb_book_row *row = &book->row[fb_book_row_index(book, i + 1)];
	enum fb_state state = fb_waterfall_state(p->host.waterfall, account);
	if (p->desk.lots[i] > lots || row->qty != (had->qty < 0 ? -(int64_t)left : (int64_t)left))
		fault(p, "position %u: %" PRId64 " lots less %" PRIu64 " are not %" PRId64, i + 1,
		      had->qty, p->desk.lots[i], row->qty);
	if (p->desk.holds[i] != loser || p->desk.cancels[i] != loser)
		fault(p, "account %u: held %u times, cancelled %u times", i + 1, p->desk.holds[i],
		      p->desk.cancels[i]);
	if (loser && (state != FB_CLOSED || a->rows_live > 0 || a->collateral_e8 != 0))
		fault(p, "account %u: %s with %u positions", i + 1, fb_state_name(state),
		      a->rows_live);
	if (!loser && state != FB_CALM)
		fault(p, "account %u was never bankrupt and is %s", i + 1, fb_state_name(state));
	if (sums_of(p, i + 1).equity_e8 < 0)
		fault(p, "account %u is below zero", i + 1);
	/* With equal sizes the first in line are enough, and each is taken whole. */
	if (!c->options.uneven && !loser && left != (c->kind[i] == CROWD_WINNER ? 0 : lots))
		fault(p, "account %u: %" PRIu64 " of %" PRIu64 " lots left", i + 1, left, lots);
}

static void check_counts(struct play *p)
{
	const struct fb_waterfall_counts *c = fb_waterfall_counts(p->host.waterfall);
	const uint64_t *verbs = p->desk.verbs, n = p->crowd->options.losers,
		       groups = (n + group - 1) / group;
	expect(p, "orders whose id is not new, or of nobody", p->desk.strange, 0);
	expect(p, "liquidations", c->liquidations, n);
	expect(p, "bankrupt", c->bankrupt, n);
	expect(p, "closed", c->closed, n);
	expect(p, "holds", verbs[FB_VERB_HOLD], n);
	expect(p, "cancels", verbs[FB_VERB_CANCEL_ALL], n);
	expect(p, "pairs counted", c->pairs, verbs[FB_VERB_ADL_PAIR]);
	expect(p, "orders", c->orders,
	       2 * n + verbs[FB_VERB_ADL_PAIR] + verbs[FB_VERB_CANCEL_COUNTER]);
	if (p->crowd->options.uneven ? c->pairs < n : c->pairs != n)
		fault(p, "%" PRIu64 " pairs for %" PRIu64 " accounts", c->pairs, n);
	/* What comes in several groups may begin one round for each of them. */
	if (c->adl_rounds < 1 || c->adl_rounds > groups)
		fault(p, "%" PRIu64 " rounds of deleveraging; answers came in %" PRIu64 " groups",
		      c->adl_rounds, groups);
	expect(p, "takeovers and last resorts", c->takeovers + c->last_resorts, 0);
	expect(p, "moves of money", c->moves + c->spreads, 0);
	expect(p, "refused, deferred, rejected, sent again",
	       c->refused + c->deferred + c->rejects + c->resent, 0);
	expect(p, "strays and violations", c->strays + c->violations, 0);
	expect(p, "steps that found nobody", c->nobody, 0);
}

static void check(struct play *p)
{
	const struct fb_summary *s = &p->host.summary;
	const struct fb_book *book = p->host.book;
	uint32_t fund = fb_book_account_index(book, FB_ID_FUND);
	for (uint32_t i = 0; i < p->crowd->options.accounts; i++)
		check_account(p, i);
	check_counts(p);
	if (!fb_summary_good(s) || s->sweeps != 1)
		fault(p, "value is not conserved, or engine and book differ");
	if (book->account[fund].collateral_e8 != 0 || book->account[fund].rows_live > 0)
		fault(p, "the fund has gained or taken something");
	if (!fb_waterfall_at_rest(p->host.waterfall))
		fault(p, "not at rest after %" PRIu64 " further marks", p->later);
}

static void engine_uri(const struct crowd *c, char out[96])
{
	snprintf(out, 96, "model:accounts=%u,rows=%u", c->options.accounts + 4,
		 c->options.accounts + 4 * c->options.symbols);
}

/* 0, or 1 with what is wrong on stderr. */
static int repetition(const struct crowd *crowd, const char *log_path, struct outcome *out)
{
	static struct play p;
	char engine[96];
	struct fb_log_config config = { .epoch = 1 };
	struct fb_host_options options = { .engine = engine };
	memset(&p, 0, sizeof(p));
	p.crowd = crowd;
	p.time_us = START_US;
	engine_uri(crowd, engine);
	fb_load_config(&crowd->accounts, crowd->start_e8, &config);
	int err = desk_open(&p.desk, crowd->options.accounts)
			  ? fb_error_set(&p.error, -ENOMEM, "out of memory")
			  : fb_load_check(&rules, &crowd->accounts, crowd->start_e8, &p.error);
	if (!err)
		err = fb_host_open(&p.host, &rules, &config, &options, &p.error);
	if (!err)
		err = fb_log_create(log_path, &rules, &config, &p.host.log, &p.error);
	if (!err)
		err = fb_load(&p.host, &crowd->accounts, crowd->start_e8, 0, 0);
	p.host.venue = &p.desk.base;
	if (!err)
		err = play(&p, out);
	if (err)
		fault(&p, "%s", p.error.text);
	else
		check(&p);
	out->summary = p.host.summary;
	memcpy(out->verbs, p.desk.verbs, sizeof(out->verbs));
	fb_host_close(&p.host);
	desk_close(&p.desk);
	return p.faults > 0;
}

/* Everything again from the log: the same orders, byte for byte. */
static int replay(const struct crowd *crowd, const char *log_path)
{
	static struct fb_summary summary;
	static struct fb_divergence divergence;
	char engine[96], note[128];
	struct fb_error error = { "" };
	struct fb_replay_options options = { .log = log_path, .engine = engine, .delay_seed = 1 };
	engine_uri(crowd, engine);
	if (fb_replay(&options, &summary, &divergence, note, &error) == 0)
		return 0;
	fprintf(stderr, "instant: replay: %s\n", error.text);
	return 1;
}

/* ---- */

struct options {
	struct crowd_options crowd;
	unsigned repeat;
	bool json;
};

static bool number(const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
	int end = -1;
	return text[0] >= '0' && text[0] <= '9' &&
	       sscanf(text, "%19" SCNu64 "%n", out, &end) == 1 && text[end] == '\0' &&
	       *out >= least && *out <= most;
}

static bool parse(int argc, char **argv, struct options *o)
{
	uint64_t losers = LOSERS, book = 0, symbols = 17, seed = 1, repeat = 5,
		 together = FB_EVENTS_MAX;
	for (int i = 1; i < argc; i++) {
		const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";
		bool flag = true;
		if (strcmp(name, "--json") == 0)
			o->json = true;
		else if (strcmp(name, "--uneven") == 0)
			o->crowd.uneven = true;
		else
			flag = false;
		if (flag)
			continue;
		if (!(strcmp(name, "--accounts") == 0 && number(value, 1, 1000000, &losers)) &&
		    !(strcmp(name, "--book") == 0 && number(value, 2, 10000000, &book)) &&
		    !(strcmp(name, "--symbols") == 0 && number(value, 1, 17, &symbols)) &&
		    !(strcmp(name, "--group") == 0 && number(value, 1, FB_EVENTS_MAX, &together)) &&
		    !(strcmp(name, "--seed") == 0 && number(value, 0, UINT64_MAX, &seed)) &&
		    !(strcmp(name, "--repeat") == 0 && number(value, 1, REPEAT_MAX, &repeat)))
			return false;
		i++;
	}
	if (book == 0)
		book = losers * BOOK / LOSERS;
	o->crowd.losers = (uint32_t)losers;
	o->crowd.accounts = (uint32_t)book;
	o->crowd.symbols = (unsigned)symbols;
	o->crowd.seed = seed;
	o->repeat = (unsigned)repeat;
	group = together;
	return book >= 2 * losers;
}

static int run(const struct options *o, const struct crowd *crowd, const char *log_path)
{
	static struct outcome outcome[REPEAT_MAX];
	static struct report report;
	struct rusage usage;
	int failed = 0;
	report_machine(&report);
	for (unsigned i = 0; i < o->repeat && !failed; i++)
		failed = repetition(crowd, log_path, &outcome[i]);
	getrusage(RUSAGE_SELF, &usage); /* before the replay, which has a host of its own */
	if (!failed)
		failed = replay(crowd, log_path);
	if (failed)
		return failed;
	report.crowd = o->crowd;
	report.repeat = o->repeat;
	report.group = group;
	report.pairs = outcome->verbs[FB_VERB_ADL_PAIR];
	report.rounds = outcome->summary.waterfall.adl_rounds;
	report.later = outcome->later;
	report.peak_kib = usage.ru_maxrss;
	report_rows(&report, outcome);
	(o->json ? report_json : report_text)(&report);
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = { .json = false };
	struct crowd crowd;
	struct fb_error error = { "" };
	char log_path[] = "/tmp/firebreak-instant-XXXXXX";
	if (!parse(argc, argv, &o)) {
		fprintf(stderr, "usage: instant [--accounts N] [--book N] [--symbols N] [--uneven] "
				"[--seed N] [--repeat N] [--group N] [--json]\n");
		return 2;
	}
	setenv("FIREBREAK_RULES", "sw/rules", 0);
	if (fb_rules_load("binance-usdm", &rules, &error)) {
		fprintf(stderr, "instant: %s\n", error.text);
		return 1;
	}
	int fd = mkstemp(log_path);
	if (fd < 0 || crowd_make(&o.crowd, &rules, &crowd)) {
		fprintf(stderr, "instant: no place for a log, or out of memory\n");
		return 1;
	}
	close(fd);
	int failed = run(&o, &crowd, log_path);
	remove(log_path);
	crowd_free(&crowd);
	return failed;
}
