/* The same stream through two engines, seed after seed. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "cosim.h"
#include "faulty.h"

static void print_batch(const struct stream *stream, const struct batch *batch)
{
	size_t n = batch->last - batch->first + 1;

	printf("  batch of commands %zu..%zu:\n", batch->first, batch->last);
	for (size_t i = 0; i < n && i < 24; i++)
		describe_command("    ", &stream->command[batch->first + i]);
	if (n > 24)
		printf("    and %zu more\n", n - 24);
}

static bool engine_failed(const struct runner *r, const char *name)
{
	printf("%s: %s\n", name, r->error);
	return false;
}

static bool compare_batches(struct runner *a, const char *name_a, struct runner *b,
			    const char *name_b, struct batch *batch_a, struct batch *batch_b,
			    struct totals *totals)
{
	for (;;) {
		int more_a = runner_next(a, batch_a),
		    more_b = more_a < 0 ? 0 : runner_next(b, batch_b);

		if (more_a < 0)
			return engine_failed(a, name_a);
		if (more_b < 0)
			return engine_failed(b, name_b);
		if (more_a == 0 || more_b == 0)
			return more_a == more_b && check_faults(name_a, a) &&
			       check_faults(name_b, b);
		if (!check_batch(name_a, a->stream, batch_a) ||
		    !check_batch(name_b, b->stream, batch_b) ||
		    !check_equal(name_a, batch_a, name_b, batch_b)) {
			print_batch(a->stream, batch_a);
			return false;
		}
		totals->batches++;
		totals->records += batch_a->n;
	}
}

bool compare_engines(const char *engine, const char *reference, const struct stream *stream,
		     uint64_t pace, struct totals *totals)
{
	struct runner a = { 0 }, b = { 0 };
	struct batch batch_a = { 0 }, batch_b = { 0 };
	struct fb_engine_info info;
	bool equal = false;

	if (runner_open(&a, engine, stream, pace) < 0)
		engine_failed(&a, engine);
	else if (runner_open(&b, reference, stream, ~pace) < 0)
		engine_failed(&b, reference);
	else
		equal = compare_batches(&a, engine, &b, reference, &batch_a, &batch_b, totals);
	if (a.engine) {
		fb_engine_info(a.engine, &info);
		totals->revaluations += info.row_revaluations;
		totals->pairs += info.level_pairs;
		totals->cycles += info.cycles;
	}
	totals->commands += stream->n;
	totals->seeds++;
	batch_free(&batch_a);
	batch_free(&batch_b);
	runner_close(&a);
	runner_close(&b);
	return equal;
}

/* The seed once more on a core that writes a waveform, up to the batch that differed: it is counted
 * from 1. */
static void write_wave(const struct options *o, const char *uri, const struct stream *stream,
		       uint64_t seed, uint64_t batches)
{
	char wave_uri[URI_MAX];
	struct runner r;
	struct batch batch = { 0 };
	int n = snprintf(wave_uri, sizeof wave_uri, "%s,wave=build/cosim-%" PRIu64 ".vcd", uri,
			 seed);

	if (!o->wave || strncmp(uri, "core:", 5) != 0 || n >= (int)sizeof wave_uri)
		return;
	if (runner_open(&r, wave_uri, stream, seed) < 0) {
		printf("no waveform: %s\n", r.error);
		return;
	}
	while (batches-- > 0 && runner_next(&r, &batch) > 0)
		;
	printf("waveform: build/cosim-%" PRIu64 ".vcd\n", seed);
	batch_free(&batch);
	runner_close(&r);
}

static void print_replay(const struct options *o, uint64_t seed)
{
	int stall = options_stall(o, seed);

	printf("replay: build/tests/cosim --engine %s --reference %s --seed %" PRIu64
	       " --commands %zu --rows-target %u --stall %d\n",
	       o->engine, o->reference, seed, o->commands, o->rows, stall);
}

static void print_totals(const struct options *o, const struct totals *t, bool pass)
{
	printf("%s: %" PRIu64 " seeds, %" PRIu64 " commands, %" PRIu64 " batches, %" PRIu64
	       " records, %" PRIu64 " pairs, %" PRIu64 " row revaluations, %" PRIu64
	       " cycles: %s equals %s: %s\n",
	       "cosim", t->seeds, t->commands, t->batches, t->records, t->pairs, t->revaluations,
	       t->cycles, o->engine, o->reference, pass ? "PASS" : "FAIL");
}

bool compare_seeds(const struct options *o)
{
	struct stream_options shape = { .commands = o->commands, .rows = o->rows };
	struct totals totals = { 0 };
	bool pass = true;

	options_limits(o, &shape);
	for (uint64_t seed = o->first_seed; pass && seed <= o->last_seed; seed++) {
		struct stream stream;
		char engine[URI_MAX], reference[URI_MAX];

		uint64_t before = totals.batches;

		shape.seed = seed;
		stream_make(&shape, &stream);
		options_uri(o, o->engine, seed, engine);
		options_uri(o, o->reference, seed, reference);
		pass = compare_engines(engine, reference, &stream, seed, &totals);
		if (!pass) {
			print_replay(o, seed);
			fflush(stdout);
			write_wave(o, engine, &stream, seed, totals.batches - before + 1);
		}
		stream_free(&stream);
	}
	if (pass && totals.revaluations < o->least_revaluations) {
		printf("cosim: only %" PRIu64 " row revaluations, expected %" PRIu64 "\n",
		       totals.revaluations, o->least_revaluations);
		pass = false;
	}
	if (pass && totals.pairs < o->least_pairs) {
		printf("cosim: only %" PRIu64 " pairs of level changes, expected %" PRIu64 "\n",
		       totals.pairs, o->least_pairs);
		pass = false;
	}
	print_totals(o, &totals, pass);
	return pass;
}
