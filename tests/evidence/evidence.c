/* The laws of laws.h for every pack named, with an engine of choice.
 *
 * usage: evidence [--engine URI] [--seeds A..B] PACK...
 *
 * The engine is `cpu:` with its own room, and seeds are 1..3, unless given. One line a pack; a law
 * that nothing put to the test fails like one that does not hold. Exit status 0 if all hold. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "laws.h"

static const struct {
	const char *name;
	int (*law)(const struct law_options *o, struct law_counts *c, char error[512]);
} laws[] = {
	{ "a better mark puts no long in breach", law_better_mark },
	{ "three times everything is three times the same", law_scale },
	{ "the order of accounts is nothing", law_order },
	{ "the order of a file's lines is nothing", law_run_order },
	{ "nobody gains by its liquidation", law_no_gain },
};
#define LAWS (sizeof(laws) / sizeof(laws[0]))

struct evidence {
	struct law_options options;
	uint64_t first, last;
	bool failed;
};

static void clean(const char *directory)
{
	char command[400];
	snprintf(command, sizeof(command), "rm -rf '%s'", directory);
	if (system(command) != 0)
		fprintf(stderr, "evidence: %s is left over\n", directory);
}

static void complain(struct evidence *e, const char *law, uint64_t seed, const char *why)
{
	printf("FAIL %s, seed %" PRIu64 ": %s: %s\n", e->options.pack, seed, law, why);
	e->failed = true;
}

static void try_pack(struct evidence *e)
{
	struct law_counts c = { 0 };
	char error[512];
	for (uint64_t seed = e->first; seed <= e->last; seed++) {
		e->options.seed = seed;
		for (size_t i = 0; i < LAWS; i++)
			if (laws[i].law(&e->options, &c, error))
				complain(e, laws[i].name, seed, error);
	}
	if (c.longs == 0 || c.saved == 0 || c.liquidated == 0 || c.steps == 0)
		complain(e, "all of them", e->last, "nothing was put to the test");
	printf("%-16s %6" PRIu64 " accounts, %5" PRIu64 " all long, %4" PRIu64
	       " of them in breach, %3" PRIu64 " saved by a better mark, %2" PRIu64
	       " borders; %5" PRIu64 " liquidated in %6" PRIu64 " steps\n",
	       e->options.pack, c.accounts, c.longs, c.breached, c.saved, c.borders, c.liquidated,
	       c.steps);
	fflush(stdout);
}

static int usage(void)
{
	fprintf(stderr, "usage: evidence [--engine URI] [--seeds A..B] PACK...\n");
	return 2;
}

int main(int argc, char **argv)
{
	struct evidence e = { .options = { .engine = "cpu:accounts=4096,rows=16384" },
			      .first = 1, .last = 3 };
	char directory[] = "/tmp/evidence.XXXXXX";
	int i = 1;
	for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
		if (strcmp(argv[i], "--engine") == 0)
			e.options.engine = argv[i + 1];
		else if (strcmp(argv[i], "--seeds") != 0 ||
			 sscanf(argv[i + 1], "%" SCNu64 "..%" SCNu64, &e.first, &e.last) != 2)
			return usage();
	}
	if (i >= argc || argv[i][0] == '-' || !mkdtemp(directory))
		return usage();
	e.options.directory = directory;
	for (; i < argc; i++) {
		e.options.pack = argv[i];
		try_pack(&e);
	}
	if (!getenv("EVIDENCE_KEEP"))
		clean(directory);
	printf("evidence: %s: %s\n", e.options.engine, e.failed ? "FAIL" : "PASS");
	return e.failed;
}
