/* firebreak verify: evidence of deleveraging, checked without the log. */
#include <firebreak/evidence.h>

#include <stdio.h>

#include "command.h"

struct verify {
	const char *file;
	const char *rounds;
};

static const struct option options[] = {
	{ "rounds", "FILE", "the published rounds.csv: every link must be in it", OPTION_TEXT,
	  offsetof(struct verify, rounds), false, 0, 0 },
};

static const struct verify defaults = { .file = NULL };

static int run(const void *parsed)
{
	const struct verify *v = parsed;
	struct fb_error error;
	int err = fb_evidence_verify(v->file, v->rounds, stdout, &error);
	if (err)
		complain(error.text);
	return err ? EXIT_FAILED : 0;
}

const struct command command_verify = {
	.name = "verify",
	.arguments = "FILE [--rounds FILE]",
	.help = "Checks what firebreak explain --evidence printed, from that alone: that the "
		"position has this place in the ranking,\n"
		"was ranked by these terms, and that the ranking is a link of the published chain. "
		"Exit status: 0 it holds; 1 it\n"
		"does not, or the file cannot be read; 2 usage.",
	.options = options,
	.options_n = 1,
	.size = sizeof(struct verify),
	.defaults = &defaults,
	.positional = 1,
	.run = run,
};
