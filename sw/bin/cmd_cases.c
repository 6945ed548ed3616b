/* firebreak cases: worked examples of venues, checked. */
#include <firebreak/cases.h>

#include <stdio.h>

#include "command.h"

struct cases {
	const char *file;
	bool json, verbose;
};

#define O(member) offsetof(struct cases, member)
static const struct option options[] = {
	{ "json", NULL, "print one object a case, then one of counts", OPTION_FLAG, O(json), false,
	  0, 0 },
	{ "verbose", NULL, "print what passed too, with its formulas", OPTION_FLAG, O(verbose),
	  false, 0, 0 },
};

static const struct cases defaults = { .file = NULL };

static int run(const void *parsed)
{
	const struct cases *c = parsed;
	struct fb_cases_options o = { .path = c->file, .json = c->json, .verbose = c->verbose };
	struct fb_cases_summary summary;
	struct fb_error error;
	if (fb_cases_run(&o, stdout, &summary, &error)) {
		fflush(stdout);
		complain(error.text);
		return EXIT_FAILED;
	}
	return summary.failed ? EXIT_FAILED : 0;
}

const struct command command_cases = {
	.name = "cases",
	.arguments = "FILE [OPTIONS]",
	.help = "Checks worked examples that venues have published, and others of the same form: "
		"one JSON object a line with\n"
		"\"venue\", \"kind\", \"inputs\", \"expected\", and if you like \"source\" and "
		"\"note\". What is expected is computed exactly from\n"
		"the inputs by the venue's rules and compared with what is printed, rounded to its "
		"decimals. Prints each failure\n"
		"with what was expected, what came out and the formula; what no rule gives is "
		"skipped and named.\n"
		"Exit status: 0 none failed; 1 one failed, or the file is not of this form; 2 "
		"usage.",
	.options = options,
	.options_n = sizeof(options) / sizeof(options[0]),
	.size = sizeof(struct cases),
	.defaults = &defaults,
	.positional = 1,
	.run = run,
};
