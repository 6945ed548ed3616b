/* The report for people. Everything in it is in the JSON too. */
#include "bench.h"

#include <inttypes.h>
#include <string.h>

#define COLUMNS 5
static const uint32_t part_e6[COLUMNS] = { 500000, 900000, 990000, 999000, 999900 };

static void print_head(const struct fb_bench *b, FILE *out)
{
	const struct fb_bench_head *h = &b->head;
	fprintf(out, "firebreak bench, %s, %.0f s, seed %" PRIu64 "\n", h->started, h->seconds,
		b->options->seed);
	fprintf(out, "machine:  %s, %u cores, %" PRIu64 " MiB%s\n", h->cpu, h->cores, h->memory_mib,
		h->hypervisor ? ", virtual" : "");
	fprintf(out, "kernel:   %s\n", h->kernel);
	fprintf(out, "compiler: %s\noptions:  %s\n", fb_bench_compiler, fb_bench_flags);
	fprintf(out,
		"clock:    %s, %" PRIu64 " Hz, a reading costs %.1f ns; four to six are in each "
		"operation, nothing is subtracted\n",
		h->clock.tsc ? "tsc" : "clock_monotonic", h->clock.hz, h->clock.cost_ns);
	fprintf(out, "pinned:   %s%s\n", strcmp(h->pinned, "no") == 0 ? "" : "to cpu ", h->pinned);
	fprintf(out, "load:     %.2f before, %.2f after; others used %.0f %% of the cores%s\n",
		h->load_before, h->load_after, h->others * 100 + h->stolen * 100,
		h->loaded ? ": the machine was NOT quiet" : "");
}

static void print_engines(const struct fb_bench *b, FILE *out)
{
	for (unsigned i = 0; i < b->engines; i++) {
		const struct fb_bench_engine *e = &b->engine[i];
		const struct fb_engine_card *c = &e->info.card;
		fprintf(out, "engine:   %s (%s)", e->given, e->info.uri);
		if (e->info.lanes)
			fprintf(out, ", %u lanes", e->info.lanes);
		if (c->group)
			fprintf(out, " in groups of %u, %u rows and %u accounts a lane", c->group,
				c->rows_per_lane, c->accounts_per_lane);
		fprintf(out, ", commands stored %s%s\n", *c->emitter ? "by " : "in this process",
			c->emitter);
	}
}

static void print_stage(const struct fb_hdr *hdr, const struct fb_bench_stage_name *name, FILE *out)
{
	fprintf(out, "  %-16s %-13s %-6s %9" PRIu64, name->name, name->from, name->unit,
		hdr->total);
	for (int k = 0; k < COLUMNS; k++)
		if (fb_hdr_beyond(hdr, part_e6[k]) >= 10)
			fprintf(out, " %11" PRIu64, fb_hdr_at(hdr, part_e6[k]));
		else
			fprintf(out, " %11s", "-");
	fprintf(out, " %11" PRIu64 "\n", hdr->most);
}

static void print_modelled(const struct fb_bench *b, const struct fb_bench_result *r, FILE *out)
{
	struct fb_bench_modelled m;
	if (!fb_bench_model(b, r, &m))
		return;
	fprintf(out,
		"  modelled, not measured: %" PRIu64 " cycles at %u MHz + %" PRIu64
		" x link of %u..%u ns + host %" PRIu64 " ns: %" PRIu64 "..%" PRIu64
		" ns, from medians of %" PRIu64 " samples or more\n",
		m.cycles, FB_BENCH_CLOCK_HZ / 1000000, m.trips, FB_BENCH_LINK_LOW_NS,
		FB_BENCH_LINK_HIGH_NS, m.host_ns, m.low_ns, m.high_ns,
		m.samples);
}

static void print_result(const struct fb_bench *b, const struct fb_bench_result *r, FILE *out)
{
	fprintf(out, "\n%s  rows %u  accounts %u  rows concerned %u", r->what.work->name,
		r->what.rows, r->accounts, r->concerned);
	if (r->what.work->levels)
		fprintf(out, "  breaching %u (%.2f %%)", r->breaching,
			100.0 * r->breaching / r->accounts);
	fprintf(out, "  engine %s  samples %" PRIu64, b->engine[r->engine].given, r->samples);
	if (r->rate > 0)
		fprintf(out, "  rate %.1f/s (open loop, reached %.1f)\n", r->rate, r->reached);
	else
		fprintf(out, "  (closed loop: simulated)\n");
	fprintf(out, "  %s; %.1f commands, %.1f records, %.1f orders an operation\n",
		r->what.work->what, r->commands, r->records, r->orders);
	fprintf(out, "  %-16s %-13s %-6s %9s %11s %11s %11s %11s %11s %11s\n", "stage", "from",
		"unit", "samples", "p50", "p90", "p99", "p99.9", "p99.99", "max");
	for (int s = 0; s < FB_STAGES; s++)
		if (r->stage[s].count)
			print_stage(&r->stage[s], &fb_bench_stages[s], out);
	print_modelled(b, r, out);
	fprintf(out, "  state %016" PRIx64 ".%016" PRIx64 ".%016" PRIx64 ", as the book's and "
		"every engine's\n",
		r->end.accounts, r->end.rows, r->end.symbols);
}

void fb_bench_text(const struct fb_bench *b, FILE *out)
{
	print_head(b, out);
	print_engines(b, out);
	fprintf(out, "a percentile is - where fewer than 10 samples lie beyond it\n");
	for (unsigned i = 0; i < b->results; i++)
		print_result(b, &b->result[i], out);
	fprintf(out, "\nmodelled: link low %u ns: %s;\n          high %u ns: %s\n",
		FB_BENCH_LINK_LOW_NS, fb_bench_link_low, FB_BENCH_LINK_HIGH_NS,
		fb_bench_link_high);
	fprintf(out, "complete\n");
}
