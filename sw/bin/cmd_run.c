/* firebreak run: from inputs to orders. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "inputs.h"

struct run {
	struct inputs inputs;
	const char *engine, *check, *standby, *rules, *audit;
	struct texts acts;
	uint64_t ahead, delay_seed, sweep_every, rank_check;
	bool json, advise;
};

#define O(member) offsetof(struct run, member)
static const struct option options[] = {
	{ "engine", "URI",
	  "cpu: with room for the run if not given; model:, core:lanes=16 (see firebreak info)",
	  OPTION_TEXT, O(engine), false, 0, 0 },
	{ "rules", "NAME", "rule pack: a name such as binance-usdm, or a file", OPTION_TEXT,
	  O(rules), true, 0, 0 },
	INPUT_OPTIONS(run),
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

static const struct run defaults = { .inputs = INPUTS_DEFAULT, .rank_check = 1 };

static int run(const void *parsed)
{
	const struct run *r = parsed;
	struct fb_run_options o = inputs_of(&r->inputs);
	o.rules = r->rules;
	o.engine = r->engine;
	o.check = r->check;
	o.standby = r->standby;
	o.acts = r->acts.text;
	o.acts_n = r->acts.n;
	o.ahead = (unsigned)r->ahead;
	o.sweep_every = (unsigned)r->sweep_every;
	o.advise = r->advise;
	o.rank_check = (unsigned)r->rank_check;
	o.delay_seed = r->delay_seed;
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
	snprintf(log, sizeof(log), "%s/firebreak.log", r->inputs.out);
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
