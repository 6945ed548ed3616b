/* firebreak doctor: is this machine fit for a card, and the card for work? */
#include <firebreak/doctor.h>

#include "command.h"

struct doctor {
	const char *engine, *root, *lspci;
	bool json;
};

static const struct option options[] = {
	{ "engine", "URI", "the card: pci:BDF, as it is to be opened", OPTION_TEXT,
	  offsetof(struct doctor, engine), false, 0, 0 },
	{ "json", NULL, "print as JSON", OPTION_FLAG, offsetof(struct doctor, json), false, 0, 0 },
	{ "root", "DIR", "look at a recorded machine: DIR/sys, DIR/proc, DIR/dev", OPTION_TEXT,
	  offsetof(struct doctor, root), false, 0, 0 },
	{ "lspci", "FILE", "look for the card in what lspci -xxxx printed", OPTION_TEXT,
	  offsetof(struct doctor, lspci), false, 0, 0 },
};
static const struct doctor defaults = { .root = "" };

static int run(const void *parsed)
{
	const struct doctor *options_given = parsed;
	static struct fb_doctor doctor;
	struct fb_error error;
	struct fb_cards_source source = { .root = options_given->root,
					  .dump = options_given->lspci };
	if (fb_doctor_examine(&source, options_given->engine, &doctor, &error)) {
		complain(error.text);
		return EXIT_USAGE;
	}
	if (options_given->json)
		fb_doctor_print_json(&doctor, stdout);
	else
		fb_doctor_print(&doctor, stdout);
	return (int)fb_doctor_verdict(&doctor);
}

const struct command command_doctor = {
	.name = "doctor",
	.arguments = "[--engine pci:BDF] [--json] [--root DIR] [--lspci FILE]",
	.help = "Checks the card, its link and this machine, and says what cures what is wrong.\n"
		"Exit status: 0 all passed, 1 warnings, 2 something fails.",
	.options = options,
	.options_n = 4,
	.size = sizeof(struct doctor),
	.defaults = &defaults,
	.run = run,
};
