/* firebreak selftest: does an engine, or a card, do its work? */
#include <firebreak/selftest.h>

#include "command.h"

struct selftest {
	const char *engine;
	uint64_t seed;
	bool json;
};

static const struct option options[] = {
	{ "engine", "URI", "what is tested, such as pci:01:00.0 or sim:lanes=2", OPTION_TEXT,
	  offsetof(struct selftest, engine), true, 0, 0 },
	{ "seed", "N", "of the random commands; 1", OPTION_COUNT, offsetof(struct selftest, seed),
	  false, 0, UINT64_MAX },
	{ "json", NULL, "print as JSON", OPTION_FLAG, offsetof(struct selftest, json), false, 0,
	  0 },
};
static const struct selftest defaults = { .seed = 1 };

static int run(const void *parsed)
{
	const struct selftest *s = parsed;
	static struct fb_selftest test;
	struct fb_error error;
	if (fb_selftest_run(s->engine, s->seed, &test, &error)) {
		complain(error.text);
		return EXIT_USAGE;
	}
	(s->json ? fb_selftest_print_json : fb_selftest_print)(&test, stdout);
	return test.passed ? 0 : EXIT_FAILED;
}

const struct command command_selftest = {
	.name = "selftest",
	.arguments = "--engine URI [--seed N] [--json]",
	.help = "Tests a card end to end: identity, registers, a session, ten thousand random "
		"commands whose records must be\n"
		"those of model, the ring, and its counters; of other engines only the commands.\n"
		"What the card knew is lost. Exit status: 0 passed; 1 failed; 2 usage.",
	.options = options,
	.options_n = sizeof(options) / sizeof(options[0]),
	.size = sizeof(struct selftest),
	.defaults = &defaults,
	.run = run,
};
