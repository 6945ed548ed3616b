/* firebreak replay: a run again, from its log alone. */
#include <errno.h>
#include <stdio.h>

#include "command.h"

struct replay {
	const char *log;
	const char *engine, *check, *out;
	uint64_t delay_seed;
	bool json;
};

#define O(member) offsetof(struct replay, member)
static const struct option options[] = {
	{ "engine", "URI", "any engine: the result must be the same; cpu: if not given",
	  OPTION_TEXT, O(engine), false, 0, 0 },
	{ "check", "URI", "run a second engine along and compare every record", OPTION_TEXT,
	  O(check), false, 0, 0 },
	{ "out", "DIR", "write orders, records, summary and picture again", OPTION_TEXT, O(out),
	  false, 0, 0 },
	{ "delay-seed", "N", "poll at odd moments: the result must be the same", OPTION_COUNT,
	  O(delay_seed), false, 1, UINT64_MAX },
	{ "json", NULL, "print the summary as JSON", OPTION_FLAG, O(json), false, 0, 0 },
};

static const struct replay defaults = { .log = NULL };

static int run(const void *parsed)
{
	const struct replay *r = parsed;
	struct fb_replay_options o = {
		.log = r->log,
		.engine = r->engine,
		.check = r->check,
		.out = r->out,
		.delay_seed = r->delay_seed,
		.progress = show_progress,
	};
	struct fb_summary summary;
	struct fb_divergence divergence = { .first = 0 };
	struct fb_error error;
	char note[128];
	int err = fb_replay(&o, &summary, &divergence, note, &error);
	end_progress();
	show_divergence(&divergence, r->log);
	if (err) {
		complain(error.text);
		if (err == -EPIPE)
			fprintf(stderr,
				"firebreak: replayed up to there: %llu commands, %llu orders, all "
				"as logged\n",
				(unsigned long long)summary.commands,
				(unsigned long long)summary.waterfall.orders);
		return EXIT_FAILED;
	}
	(r->json ? fb_summary_json : fb_summary_text)(&summary, stdout);
	if (!r->json)
		printf("IDENTICAL: records, orders and commands are those of the log.\n");
	if (note[0])
		complain(note);
	return fb_summary_good(&summary) ? 0 : EXIT_FAILED;
}

const struct command command_replay = {
	.name = "replay",
	.arguments = "LOG [OPTIONS]",
	.help = "Runs a log again and compares: every record, order and command must be the same. "
		"The first divergence is shown\n"
		"with its inputs. Exit status: 0 identical; 1 diverged, or the log is torn or "
		"damaged; 2 usage.",
	.options = options,
	.options_n = sizeof(options) / sizeof(options[0]),
	.size = sizeof(struct replay),
	.defaults = &defaults,
	.positional = 1,
	.run = run,
};
