/* firebreak bench: how long things take, from when they were planned. */
#include <errno.h>
#include <stdlib.h>

#include "../lib/bench.h"
#include "command.h"

struct bench {
	struct texts workloads, engines;
	uint64_t rows, samples, rate, seconds, seed, range_us;
	const char *plot;
	bool json;
};

static const struct option options[] = {
	{ "engine", "URI...", "engines, such as cpu: cpu:threads=2 model: core:lanes=8 (cpu:)",
	  OPTION_TEXTS, offsetof(struct bench, engines), false, 0, 0 },
	{ "rows", "N", "positions of the book, for all engines (by workload)", OPTION_COUNT,
	  offsetof(struct bench, rows), false, 1000, FB_BENCH_ROWS_MOST },
	{ "samples", "N", "operations to measure (as many as fit in the time)", OPTION_COUNT,
	  offsetof(struct bench, samples), false, 2, 100000000 },
	{ "rate", "R", "operations a second (half of what the engine can do)", OPTION_COUNT,
	  offsetof(struct bench, rate), false, 1, 1000000000 },
	{ "seconds", "S", "of each measurement (1)", OPTION_COUNT, offsetof(struct bench, seconds),
	  false, 1, 600 },
	{ "seed", "N", "of the book (1)", OPTION_COUNT, offsetof(struct bench, seed), false, 0,
	  UINT64_MAX },
	{ "range-us", "N", "longest latency that a histogram holds; beyond it is an error "
	  "(100000000)", OPTION_COUNT, offsetof(struct bench, range_us), false, 1, 3600000000u },
	{ "json", NULL, "print as JSON", OPTION_FLAG, offsetof(struct bench, json), false, 0, 0 },
	{ "plot", "DIR", "write report, histograms (.hgrm) and pictures", OPTION_TEXT,
	  offsetof(struct bench, plot), false, 0, 0 },
};
static const struct bench defaults = { .seconds = 1, .seed = 1, .range_us = 100000000 };

static int run(const void *parsed)
{
	const struct bench *given = parsed;
	struct fb_error error;
	struct fb_bench_options o = { .workload = given->workloads.text,
				      .workloads = given->workloads.n,
				      .engine = given->engines.text,
				      .engines = given->engines.n,
				      .rows = given->rows,
				      .samples = given->samples,
				      .rate = given->rate,
				      .seconds = given->seconds,
				      .seed = given->seed,
				      .range_us = given->range_us,
				      .plot = given->plot,
				      .json = given->json,
				      .progress = true };
	int err = fb_bench_run(&o, stdout, &error);
	if (err)
		complain(error.text);
	return err == 0 ? 0 : err == -EINVAL || err == -ENOENT ? EXIT_USAGE : EXIT_FAILED;
}

const struct command command_bench = {
	.name = "bench",
	.arguments = "[WORKLOAD...] [--engine E...] [--rows N] [--samples N] [--rate R] "
		     "[--seconds S] [--json] [--plot DIR]",
	.help = "Work at a constant rate; latencies count from when it was planned.\n\n"
		"Workloads: quiet symbol all burst storm funding fills fills-marks rank-count "
		"rank-lots\nrank1m-count rank1m-lots; NAME:rows=65k sets a size, burst:share=20 "
		"the percentage of\naccounts that breach. Books have 221,000 positions; simulated "
		"engines (core:, sim:) get\n4,000, and the others run that size too, so that all "
		"can be compared;\nsizes above 32,000 leave them out.\n\n"
		"Exit status: 0 good; 1 failed, or engines differ (a fast wrong answer is none); "
		"2 usage.",
	.options = options,
	.options_n = sizeof(options) / sizeof(options[0]),
	.size = sizeof(struct bench),
	.defaults = &defaults,
	.positional = POSITIONAL_LIST,
	.optional = 1,
	.run = run,
};
