/* firebreak rules: which rule packs there are, and what one says. */
#include <firebreak/packs.h>

#include "command.h"

struct rules {
	const char *pack;
	bool json;
};

static const struct option options[] = {
	{ "json", NULL, "print as JSON", OPTION_FLAG, offsetof(struct rules, json), false, 0, 0 },
};
static const struct rules defaults = { .pack = NULL };

static struct fb_rules rules;
static struct fb_pack packs[FB_PACKS_MAX];

static int show_pack(const struct rules *given)
{
	struct fb_error error;
	if (fb_rules_load(given->pack, &rules, &error)) {
		complain(error.text);
		return EXIT_FAILED;
	}
	(given->json ? fb_pack_print_json : fb_pack_print)(&rules, stdout);
	return 0;
}

/* What is wrong with a pack goes to stderr, and the others are listed nevertheless. */
static int list_packs(bool json)
{
	struct fb_error error;
	int n = fb_packs_list(packs, FB_PACKS_MAX, &error), status = 0;
	if (n < 0) {
		complain(error.text);
		return EXIT_FAILED;
	}
	printf(json ? "[\n" : "");
	for (int i = 0; i < n; i++) {
		int rc = fb_rules_load(packs[i].name, &rules, &error);
		if (rc) {
			complain(error.text);
			status = EXIT_FAILED;
		}
		if (json)
			printf("  {\"name\": \"%s\", \"path\": \"%s\", \"good\": %s}%s\n",
			       packs[i].name, packs[i].path, rc ? "false" : "true",
			       i + 1 < n ? "," : "");
		else
			printf("%-15s ", packs[i].name);
		if (!json && rc)
			printf("cannot be loaded\n");
		else if (!json)
			fb_pack_print_line(&rules, stdout);
	}
	printf(json ? "]\n" : "\nfirebreak rules NAME shows one in full.\n");
	return status;
}

static int run(const void *parsed)
{
	const struct rules *given = parsed;
	return given->pack ? show_pack(given) : list_packs(given->json);
}

const struct command command_rules = {
	.name = "rules",
	.arguments = "[NAME] [--json]",
	.help = "Lists the rule packs that are found by name and checks each. With NAME, which may "
		"be a path: what that pack says in\n"
		"effect, with what holds where it is silent. Exit status: 0 all are good; 1 one "
		"cannot be loaded: the message names\n"
		"file, line and column; 2 usage.",
	.options = options,
	.options_n = sizeof(options) / sizeof(options[0]),
	.size = sizeof(struct rules),
	.defaults = &defaults,
	.positional = 1,
	.optional = 1,
	.run = run,
};
