/* firebreak backtest: several rules over the same crash. */
#include <firebreak/backtest.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "inputs.h"

struct backtest {
	struct texts variants; /* arguments without "--" */
	struct inputs inputs;
	struct texts sets;
	const char *engine;
	bool json;
};

#define O(member) offsetof(struct backtest, member)
static const struct option options[] = {
	INPUT_OPTIONS(backtest),
	{ "set", "KEY=VALUE...", "settings that hold for all packs, such as waterfall.tries=1",
	  OPTION_TEXTS, O(sets), false, 0, 0 },
	{ "engine", "URI", "model: if not given", OPTION_TEXT, O(engine), false, 0, 0 },
	{ "json", NULL, "print the table as JSON", OPTION_FLAG, O(json), false, 0, 0 },
};

static const struct backtest defaults = { .engine = "model:", .inputs = INPUTS_DEFAULT };

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
		.out = o->inputs.out,
		.begins = begins,
		.run = inputs_of(&o->inputs),
	};
	b.run.out = NULL; /* each variant gets its own below `out` */
	b.run.engine = o->engine;
	b.run.audit = true;
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
