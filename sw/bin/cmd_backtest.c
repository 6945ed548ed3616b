/* firebreak backtest: several rules over the same crash. */
#include <firebreak/backtest.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"

struct backtest {
	struct texts variants; /* arguments without "--" */
	struct texts marks, sets;
	const char *engine, *accounts, *brackets, *market, *out;
	int64_t from_us, to_us;
	uint64_t step_ms;
	__int128 fund_e8, backstop_e8;
	bool json;
};

#define O(member) offsetof(struct backtest, member)
static const struct option options[] = {
	{ "marks", "FILE...", "mark or trade files, or gen:crash,seed=S[,minutes=M]", OPTION_TEXTS,
	  O(marks), true, 0, 0 },
	{ "accounts", "FILE", "accounts, or gen:N,seed=S[,symbols=K]", OPTION_TEXT, O(accounts),
	  true, 0, 0 },
	{ "out", "DIR", "where results go; created if need be", OPTION_TEXT, O(out), true, 0, 0 },
	{ "set", "KEY=VALUE...", "settings that hold for all packs, such as waterfall.tries=1",
	  OPTION_TEXTS, O(sets), false, 0, 0 },
	{ "engine", "URI", "model: if not given", OPTION_TEXT, O(engine), false, 0, 0 },
	{ "brackets", "FILE", "leverage brackets that replace the packs' ladders", OPTION_TEXT,
	  O(brackets), false, 0, 0 },
	{ "market", "KIND", "the simulated venue: calm or wild, with ,seed=N or without; calm",
	  OPTION_TEXT, O(market), false, 0, 0 },
	{ "from", "TIME", "leave out marks before this, such as 2025-10-10T21:00:00Z", OPTION_TIME,
	  O(from_us), false, 0, 0 },
	{ "to", "TIME", "leave out marks from this on", OPTION_TIME, O(to_us), false, 0, 0 },
	{ "step-ms", "N", "marks of N milliseconds are one batch; 1000 if not given", OPTION_COUNT,
	  O(step_ms), false, 1, 86400000 },
	{ "fund", "MONEY", "the insurance fund at the start; 1 % of all collateral if not given",
	  OPTION_MONEY, O(fund_e8), false, 0, 0 },
	{ "backstop", "MONEY", "money of the account that takes over before the fund; 0",
	  OPTION_MONEY, O(backstop_e8), false, 0, 0 },
	{ "json", NULL, "print the table as JSON", OPTION_FLAG, O(json), false, 0, 0 },
};

static const struct backtest defaults = { .engine = "model:", .step_ms = 1000, .fund_e8 = -1 };

static void begins(void *context, size_t index, size_t of, const char *label)
{
	(void)context;
	end_progress();
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "%zu of %zu: %s\n", index + 1, of, label);
}

static int run(const void *parsed)
{
	const struct backtest *o = parsed;
	struct fb_backtest_options b = {
		.variants = o->variants.text,
		.variants_n = o->variants.n,
		.sets = o->sets.text,
		.sets_n = o->sets.n,
		.out = o->out,
		.begins = begins,
		.run = { .brackets = o->brackets,
			 .marks = o->marks.text,
			 .marks_n = o->marks.n,
			 .accounts = o->accounts,
			 .engine = o->engine,
			 .from_us = o->from_us,
			 .to_us = o->to_us,
			 .step_us = (int64_t)o->step_ms * 1000,
			 .fund_e8 = o->fund_e8,
			 .backstop_e8 = o->backstop_e8,
			 .market = o->market,
			 .audit = true,
			 .progress = show_progress },
	};
	struct fb_error error;
	char note[128];
	struct fb_backtest *result = calloc(1, sizeof(*result));
	int err = result ? fb_backtest(&b, result, note, &error)
			 : fb_error_set(&error, -1, "out of memory");
	end_progress();
	bool good = !err;
	if (err) {
		complain(error.text);
	} else {
		(o->json ? fb_backtest_json : fb_backtest_text)(result, stdout);
		for (size_t i = 0; i < result->variants; i++)
			good = good && result->variant[i].good;
		if (note[0])
			complain(note);
	}
	if (result)
		fb_backtest_free(result);
	free(result);
	return good ? 0 : EXIT_FAILED;
}

const struct command command_backtest = {
	.name = "backtest",
	.arguments = "PACK[:section.key=value,...]... --marks FILE... --accounts FILE --out DIR "
		     "[OPTIONS]",
	.help = "Runs several rule packs, or one with several settings, over the same crash, each "
		"in a loop with its own simulated\n"
		"market, and puts side by side what came of them. DIR holds a run's files for "
		"each, and backtest.txt, .json, .svg\n"
		"and .png. Exit status: 0 good; 1 failed, or a check did not hold; 2 usage.",
	.options = options,
	.options_n = sizeof(options) / sizeof(options[0]),
	.size = sizeof(struct backtest),
	.defaults = &defaults,
	.positional = POSITIONAL_LIST,
	.run = run,
};
