/* firebreak run: from inputs to orders. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

struct run {
	const char *engine, *check, *standby, *rules, *brackets, *accounts, *market, *audit, *out;
	struct texts marks, acts;
	int64_t from_us, to_us;
	uint64_t step_ms, ahead, delay_seed, sweep_every, rank_check;
	__int128 fund_e8, backstop_e8;
	bool json, advise;
};

#define O(member) offsetof(struct run, member)
static const struct option options[] = {
	{ "engine", "URI",
	  "cpu: with room for the run if not given; model:, core:lanes=16 (see firebreak info)",
	  OPTION_TEXT, O(engine), false, 0, 0 },
	{ "rules", "NAME", "rule pack: a name such as binance-usdm, or a file", OPTION_TEXT,
	  O(rules), true, 0, 0 },
	{ "marks", "FILE...", "mark or trade files, or gen:crash,seed=S[,minutes=M]", OPTION_TEXTS,
	  O(marks), true, 0, 0 },
	{ "accounts", "FILE", "accounts, or gen:N,seed=S[,symbols=K]", OPTION_TEXT, O(accounts),
	  true, 0, 0 },
	{ "out", "DIR", "where results go; created if need be", OPTION_TEXT, O(out), true, 0, 0 },
	{ "brackets", "FILE", "leverage brackets that replace the pack's ladders", OPTION_TEXT,
	  O(brackets), false, 0, 0 },
	{ "from", "TIME", "leave out marks before this, such as 2025-10-10T21:00:00Z", OPTION_TIME,
	  O(from_us), false, 0, 0 },
	{ "to", "TIME", "leave out marks from this on", OPTION_TIME, O(to_us), false, 0, 0 },
	{ "step-ms", "N", "marks of N milliseconds are one batch; 1000 if not given", OPTION_COUNT,
	  O(step_ms), false, 1, 86400000 },
	{ "fund", "MONEY", "the insurance fund at the start; 1 % of all collateral if not given",
	  OPTION_MONEY, O(fund_e8), false, 0, 0 },
	{ "backstop", "MONEY", "money of the account that takes over before the fund; 0",
	  OPTION_MONEY, O(backstop_e8), false, 0, 0 },
	{ "market", "KIND",
	  "the simulated venue: calm, wild or still, with ,seed=N or without; calm", OPTION_TEXT,
	  O(market), false, 0, 0 },
	{ "operator", "ACT...",
	  "what an operator does: kill, allow, resume, block:ACCOUNT, unblock:ACCOUNT, "
	  "freeze:SYMBOL, thaw:SYMBOL, settle[:SYMBOL], each followed by @TIME",
	  OPTION_TEXTS, O(acts), false, 0, 0 },
	{ "check", "URI", "run a second engine along and compare every record", OPTION_TEXT,
	  O(check), false, 0, 0 },
	{ "standby", "URI",
	  "the engine that takes over where the first one dies, or none; cpu: if not given",
	  OPTION_TEXT, O(standby), false, 0, 0 },
	{ "ahead", "N", "batches of marks in flight before the oldest is taken up; 0", OPTION_COUNT,
	  O(ahead), false, 0, FB_AHEAD_MAX },
	{ "delay-seed", "N", "poll at odd moments and, with --ahead, waver", OPTION_COUNT,
	  O(delay_seed), false, 1, UINT64_MAX },
	{ "sweep-every", "N",
	  "batches of marks from one comparison of all state with the book to the next; 256",
	  OPTION_COUNT, O(sweep_every), false, 1, 1000000 },
	{ "rank-check", "N",
	  "rankings of deleveraging that the engine repeats, at most, for one batch of marks; 1",
	  OPTION_COUNT, O(rank_check), false, 0, 1000000 },
	{ "audit", "on|off", "whether the engine audits itself in the background; on", OPTION_TEXT,
	  O(audit), false, 0, 0 },
	{ "advise", NULL, "put accounts anew where the engine's placer asks for it", OPTION_FLAG,
	  O(advise), false, 0, 0 },
	{ "json", NULL, "print the summary as JSON", OPTION_FLAG, O(json), false, 0, 0 },
};

static const struct run defaults = { .step_ms = 1000, .fund_e8 = -1, .rank_check = 1 };

static int run(const void *parsed)
{
	const struct run *r = parsed;
	struct fb_run_options o = {
		.rules = r->rules,
		.brackets = r->brackets,
		.marks = r->marks.text,
		.marks_n = r->marks.n,
		.accounts = r->accounts,
		.engine = r->engine,
		.check = r->check,
		.standby = r->standby,
		.out = r->out,
		.from_us = r->from_us,
		.to_us = r->to_us,
		.step_us = (int64_t)r->step_ms * 1000,
		.fund_e8 = r->fund_e8,
		.backstop_e8 = r->backstop_e8,
		.market = r->market,
		.acts = r->acts.text,
		.acts_n = r->acts.n,
		.ahead = (unsigned)r->ahead,
		.sweep_every = (unsigned)r->sweep_every,
		.advise = r->advise,
		.rank_check = (unsigned)r->rank_check,
		.delay_seed = r->delay_seed,
		.progress = show_progress,
	};
	if (r->audit && strcmp(r->audit, "on") != 0 && strcmp(r->audit, "off") != 0) {
		complain("run: --audit: expected on or off");
		return EXIT_USAGE;
	}
	o.audit = !r->audit || strcmp(r->audit, "on") == 0;
	struct fb_summary summary;
	struct fb_divergence divergence = { .first = 0 };
	struct fb_error error;
	char note[128], log[600];
	int err = fb_run(&o, &summary, &divergence, note, &error);
	end_progress();
	snprintf(log, sizeof(log), "%s/firebreak.log", r->out);
	show_divergence(&divergence, log);
	if (err) {
		complain(error.text);
		return EXIT_FAILED;
	}
	(r->json ? fb_summary_json : fb_summary_text)(&summary, stdout);
	if (note[0])
		complain(note);
	return fb_summary_good(&summary) ? 0 : EXIT_FAILED;
}

const struct command command_run = {
	.name = "run",
	.arguments =
		"--rules NAME --marks FILE... --accounts FILE --out DIR [OPTIONS]",
	.help = "Loads accounts into an engine, plays marks, confirms every record, liquidates, "
		"and leaves orders, records, log,\n"
		"summary and picture in DIR. Exit status: 0 good; 1 failed, or a check did not "
		"hold; 2 usage.",
	.options = options,
	.options_n = sizeof(options) / sizeof(options[0]),
	.size = sizeof(struct run),
	.defaults = &defaults,
	.run = run,
};
