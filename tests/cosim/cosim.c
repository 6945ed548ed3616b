/* cosim: proves engines equal on random streams, and their properties. `cosim --help` lists the
 * options. */
#include <stdio.h>
#include <string.h>

#include "cosim.h"

static const struct {
	const char *name;
	bool (*run)(const struct options *o);
} subcommands[] = {
	{ "run", compare_seeds },
	{ "selftest", selftest },
	{ "coverage", coverage },
	{ "dump", dump },
	{ "compare", dump_compare },
	{ "properties", properties },
	{ "cycles", cycles },
	{ "lanes", property_lanes },
	{ "hedge", property_hedge },
	{ "recompute", property_recompute },
	{ "storm", property_storm },
	{ "full", property_full },
	{ "limits", property_limits },
};

int main(int argc, char **argv)
{
	struct options o;
	size_t which = 0;
	int skip = 1;

	for (size_t i = 0; argc > 1 && i < sizeof subcommands / sizeof subcommands[0]; i++)
		if (strcmp(argv[1], subcommands[i].name) == 0) {
			which = i;
			skip = 2;
		}
	options_parse(argc - skip, argv + skip, &o);
	return subcommands[which].run(&o) ? 0 : 1;
}
