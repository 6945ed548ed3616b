/* A run of the bench: which workloads, at which sizes, on which engines. */
#include "bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char fb_bench_link_low[] =
	"device reads 8 bytes of host memory, median, Xeon E5-2630v4, Gen3 x8 (pcie-bench, SIGCOMM "
	"2018; github.com/pcie-bench/data): both ways over the bus and the root complex";
const char fb_bench_link_high[] =
	"application to application through an ExaNIC X25 and a 10G loop, median (Exablaze, ExaNIC "
	"user guide, benchmarking): both ways over the bus, and the network's part";

static const char *const usual[] = { "quiet",	"symbol",     "all",	    "burst",
				     "storm",	"funding",    "fills",	    "fills-marks",
				     "rank-count", "rank-lots", "rank1m-count", "rank1m-lots" };
static const char *const usual_engine[] = { "cpu:" };

static int take_engine(struct fb_bench *b, const char *given, struct fb_error *error)
{
	struct fb_bench_engine *e = &b->engine[b->engines];
	size_t length = strcspn(given, ":");
	if (b->engines == FB_BENCH_ENGINES)
		return fb_error_set(error, -EINVAL, "bench: expected at most %d engines, found "
				    "more, such as '%.64s'", FB_BENCH_ENGINES, given);
	for (unsigned i = 0; i < b->engines; i++)
		if (strcmp(b->engine[i].given, given) == 0)
			return fb_error_set(error, -EINVAL, "engine '%.64s': given twice", given);
	if (strlen(given) > 200)
		return fb_error_set(error, -EINVAL, "engine '%.64s...': too long", given);
	e->given = given;
	snprintf(e->name, sizeof(e->name), "%.*s", (int)(length < 15 ? length : 15), given);
	e->simulated = strcmp(e->name, "core") == 0 || strcmp(e->name, "sim") == 0;
	e->card = strcmp(e->name, "pci") == 0;
	b->engines++;
	return 0;
}

/* Unknown, not built, not for this processor: said before anything is measured. */
static int try_engine(struct fb_bench *b, unsigned i, struct fb_error *error)
{
	struct fb_engine *engine;
	const struct fb_bench_options *o = b->options;
	int err = (o->open ? o->open : fb_engine_open)(b->engine[i].given, &engine, error);
	if (!err)
		fb_engine_close(engine);
	return err;
}

static int add_case(struct fb_bench *b, const struct fb_bench_case *c, struct fb_error *error)
{
	for (unsigned i = 0; i < b->case_n; i++)
		if (b->cases[i].work == c->work && b->cases[i].rows == c->rows &&
		    b->cases[i].share_e4 == c->share_e4 && b->cases[i].simulated == c->simulated)
			return 0;
	if (b->case_n == FB_BENCH_CASES)
		return fb_error_set(error, -EINVAL, "bench: expected at most %d workloads and "
				    "sizes, found more", FB_BENCH_CASES);
	b->cases[b->case_n++] = *c;
	return 0;
}

/* A simulated engine gets a size of its own, which the others then run too, so that all can be
 * compared; a size that was asked for is for all, unless it is far beyond what can be simulated. */
static int take_workload(struct fb_bench *b, const char *text, struct fb_error *error)
{
	struct fb_bench_case c;
	bool simulated = false, others = false;
	int err = fb_bench_parse(text, &c, error);
	if (err)
		return err;
	for (unsigned i = 0; i < b->engines; i++)
		*(b->engine[i].simulated ? &simulated : &others) = true;
	if (b->options->rows && !c.sized) {
		c.rows = (uint32_t)b->options->rows;
		c.sized = true;
	}
	if (c.sized) {
		c.simulated = simulated && (!others || c.rows <= FB_BENCH_SIMULATED_MOST);
		return add_case(b, &c, error);
	}
	if (others)
		err = add_case(b, &c, error);
	/* A side of a million rows in a small book would be the same as the other ranking. */
	if (simulated && c.work->rows <= FB_BENCH_ROWS && !err) {
		c.rows = FB_BENCH_SIMULATED_ROWS;
		c.simulated = true;
		err = add_case(b, &c, error);
	}
	return err;
}

static int prepare(struct fb_bench *b, struct fb_error *error)
{
	const struct fb_bench_options *o = b->options;
	const char *const *engine = o->engines ? o->engine : usual_engine,
			  *const *workload = o->workloads ? o->workload : usual;
	size_t engines = o->engines ? o->engines : 1,
	       workloads = o->workloads ? o->workloads : sizeof(usual) / sizeof(usual[0]);
	int err = o->plot ? fb_bench_files_check(o->plot, error) : 0;
	for (size_t i = 0; i < engines && !err; i++)
		err = take_engine(b, engine[i], error);
	for (size_t i = 0; i < workloads && !err; i++)
		err = take_workload(b, workload[i], error);
	for (unsigned i = 0; i < b->engines && !err; i++)
		err = try_engine(b, i, error);
	for (unsigned k = 0; k < b->case_n && !err; k++)
		for (unsigned i = 0; i < b->engines && !err; i++)
			if (b->cases[k].simulated || !b->engine[i].simulated)
				err = fb_bench_memory(&b->cases[k], &b->engine[i], error);
	if (!err && b->case_n == 0)
		err = fb_error_set(error, -EINVAL, "bench: none of these workloads has a size for "
				   "simulated engines; give one with --rows");
	b->room = b->case_n * b->engines;
	b->result = calloc(b->room + 1, sizeof(*b->result));
	return !err && !b->result ? fb_error_set(error, -ENOMEM, "bench: out of memory") : err;
}

static int run_case(struct fb_bench *b, const struct fb_bench_case *c, struct fb_error *error)
{
	unsigned first = b->results;
	int err = 0;
	for (unsigned i = 0; i < b->engines && !err; i++) {
		if (b->engine[i].simulated && !c->simulated)
			continue;
		if (b->options->progress)
			fprintf(stderr, "bench: %ld of %u: %s, %u rows, %s\n",
				c - b->cases + 1, b->case_n, c->work->name, c->rows,
				b->engine[i].given);
		err = fb_bench_measure(b, c, i, &b->result[b->results++], error);
	}
	return err ? err : fb_bench_compare(b, first, error);
}

int fb_bench_run(const struct fb_bench_options *options, FILE *out, struct fb_error *error)
{
	static struct fb_bench bench;
	struct fb_bench *b = &bench;
	memset(b, 0, sizeof(*b));
	b->options = options;
	error->text[0] = '\0';
	int err = prepare(b, error);
	if (!err)
		fb_bench_head_begin(&b->head);
	for (unsigned k = 0; k < b->case_n && !err; k++)
		err = run_case(b, &b->cases[k], error);
	if (!err) {
		fb_bench_head_end(&b->head);
		err = options->plot ? fb_bench_files(b, error) : 0;
	}
	if (!err)
		(options->json ? fb_bench_json : fb_bench_text)(b, out);
	for (unsigned i = 0; i < b->results; i++)
		fb_bench_result_close(&b->result[i]);
	free(b->result);
	return err;
}
