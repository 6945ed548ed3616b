/* firebreak lights: where positions stand in the queue for deleveraging, at the end of a log. */
#include <firebreak/lights.h>

#include <stdio.h>

#include "command.h"

struct lights {
	const char *log, *engine;
	uint64_t account, bars;
	bool accounts;
};

#define O(member) offsetof(struct lights, member)
static const struct option options[] = {
	{ "account", "ID", "this account's positions only", OPTION_COUNT, O(account), false, 1,
	  UINT32_MAX },
	{ "bars", "N", "lights of a full row, 4 or 5; the pack's if not given", OPTION_COUNT,
	  O(bars), false, 4, 5 },
	{ "accounts", NULL, "count positions, not lots, where the pack has no lights", OPTION_FLAG,
	  O(accounts), false, 0, 0 },
	{ "engine", "URI", "any engine: the result must be the same; model:", OPTION_TEXT,
	  O(engine), false, 0, 0 },
};

static const struct lights defaults = { .engine = "model:" };

static int run(const void *parsed)
{
	const struct lights *l = parsed;
	struct fb_lights_options o = { .log = l->log,
				       .engine = l->engine,
				       .account = (uint32_t)l->account,
				       .bars = l->bars,
				       .by_accounts = l->accounts,
				       .progress = show_progress };
	struct fb_error error;
	int err = fb_lights_print(&o, stdout, &error);
	end_progress();
	if (err)
		complain(error.text);
	return err ? EXIT_FAILED : 0;
}

const struct command command_lights = {
	.name = "lights",
	.arguments = "LOG [OPTIONS]",
	.help = "Runs a log again and prints, as CSV, where every position stands in the queue for "
		"deleveraging at its end: all bars\n"
		"lit for the first fifth (or fourth) of the queue, one for the last, none for who "
		"is in no queue. Exit status: 0\n"
		"printed; 1 no such account, or the log does not replay; 2 usage.",
	.options = options,
	.options_n = sizeof(options) / sizeof(options[0]),
	.size = sizeof(struct lights),
	.defaults = &defaults,
	.positional = 1,
	.run = run,
};
