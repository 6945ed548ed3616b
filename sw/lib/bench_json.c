/* The report for programs. "complete" is its last member: what lacks it is no report. */
#include "bench.h"

#include <inttypes.h>
#include <string.h>

#include "json_write.h"

static void text(FILE *out, const char *name, const char *value, const char *end)
{
	fprintf(out, "\"%s\": ", name);
	fb_json_string(value, out);
	fputs(end, out);
}

static const char *truth(bool value)
{
	return value ? "true" : "false";
}

static void print_head(const struct fb_bench *b, FILE *out)
{
	const struct fb_bench_head *h = &b->head;
	char why[128];
	snprintf(why, sizeof(why), "others used %.1f %% of the cores, the hypervisor took %.1f %%",
		 h->others * 100, h->stolen * 100);
	fprintf(out, "  \"header\": { ");
	text(out, "started", h->started, ", ");
	fprintf(out, "\"seed\": %" PRIu64 ", \"seconds\": %.1f,\n    \"machine\": { ",
		b->options->seed, h->seconds);
	text(out, "cpu", h->cpu, ", ");
	text(out, "kernel", h->kernel, ", ");
	fprintf(out, "\"cores\": %u, \"memory_mib\": %" PRIu64 ", \"hypervisor\": %s },\n    ",
		h->cores, h->memory_mib, truth(h->hypervisor));
	text(out, "compiler", fb_bench_compiler, ", ");
	text(out, "options", fb_bench_flags, ",\n    ");
	fprintf(out,
		"\"clock\": { \"source\": \"%s\", \"hz\": %" PRIu64 ", \"cost_ns\": %.2f },\n"
		"    \"pinned\": %s, \"load\": [%.2f, %.2f], \"loaded\": %s, ",
		h->clock.tsc ? "tsc" : "clock_monotonic", h->clock.hz, h->clock.cost_ns,
		strcmp(h->pinned, "no") == 0 ? "null" : h->pinned, h->load_before, h->load_after,
		truth(h->loaded));
	text(out, "loaded_why", why, " },\n");
}

static void print_link(FILE *out)
{
	fprintf(out, "  \"link\": { \"low_ns\": %u, ", FB_BENCH_LINK_LOW_NS);
	text(out, "low_source", fb_bench_link_low, ",\n    ");
	fprintf(out, "\"high_ns\": %u, ", FB_BENCH_LINK_HIGH_NS);
	text(out, "high_source", fb_bench_link_high, ",\n    ");
	fprintf(out, "\"clock_hz\": %u },\n", FB_BENCH_CLOCK_HZ);
}

static void print_engine(const struct fb_bench_engine *e, FILE *out)
{
	const struct fb_engine_card *c = &e->info.card;
	fprintf(out, "    { ");
	text(out, "given", e->given, ", ");
	text(out, "uri", e->info.uri, ", ");
	text(out, "name", e->name, ", ");
	fprintf(out, "\"time\": \"%s\", \"lanes\": %u, \"group\": %u, \"rows_per_lane\": %u, "
		"\"accounts_per_lane\": %u, ",
		e->simulated ? "simulated" : e->card ? "card" : "host", e->info.lanes, c->group,
		c->rows_per_lane, c->accounts_per_lane);
	text(out, "emitter", *c->emitter ? c->emitter : "none", " }");
}

static void percentile(const struct fb_hdr *hdr, const char *name, uint32_t part_e6, FILE *out)
{
	if (fb_hdr_beyond(hdr, part_e6) >= 10)
		fprintf(out, "\"%s\": %" PRIu64 ", ", name, fb_hdr_at(hdr, part_e6));
	else
		fprintf(out, "\"%s\": null, ", name);
}

static void print_stage(const struct fb_bench *b, const struct fb_bench_result *r, int stage,
			FILE *out)
{
	const struct fb_hdr *hdr = &r->stage[stage];
	const struct fb_bench_stage_name *name = &fb_bench_stages[stage];
	char file[192];
	fprintf(out,
		"        { \"stage\": \"%s\", \"from\": \"%s\", \"unit\": \"%s\", "
		"\"samples\": %" PRIu64 ", \"min\": %" PRIu64 ", \"mean\": %.1f,\n          ",
		name->name, name->from, name->unit, hdr->total, hdr->total ? hdr->least : 0,
		fb_hdr_mean(hdr));
	percentile(hdr, "p50", 500000, out);
	percentile(hdr, "p90", 900000, out);
	percentile(hdr, "p99", 990000, out);
	percentile(hdr, "p99_9", 999000, out);
	percentile(hdr, "p99_99", 999900, out);
	fprintf(out, "\"max\": %" PRIu64 ", ", hdr->most);
	fb_bench_hgrm_name(b, r, (enum fb_bench_stage)stage, file);
	if (b->options->plot)
		text(out, "hgrm", file, " }");
	else
		fprintf(out, "\"hgrm\": null }");
}

static void print_modelled(const struct fb_bench *b, const struct fb_bench_result *r, FILE *out)
{
	struct fb_bench_modelled m;
	if (!fb_bench_model(b, r, &m)) {
		fprintf(out, "      \"modelled\": null }");
		return;
	}
	fprintf(out,
		"      \"modelled\": { \"cycles_p50\": %" PRIu64 ", \"link_ns\": [%u, %u], "
		"\"trips\": %" PRIu64 ", \"host_ns\": %" PRIu64 ", \"low_ns\": %" PRIu64
		", \"high_ns\": %" PRIu64 ", \"samples\": %" PRIu64 " } }",
		m.cycles, FB_BENCH_LINK_LOW_NS, FB_BENCH_LINK_HIGH_NS, m.trips, m.host_ns, m.low_ns,
		m.high_ns, m.samples);
}

static void print_result(const struct fb_bench *b, const struct fb_bench_result *r, FILE *out)
{
	fprintf(out, "    { ");
	text(out, "workload", r->what.work->name, ", ");
	text(out, "what", r->what.work->what, ",\n      ");
	fprintf(out, "\"engine\": %u, ", r->engine);
	text(out, "uri", b->engine[r->engine].given, ", ");
	fprintf(out,
		"\"rows\": %u, \"accounts\": %u, \"symbols\": %u, \"share_percent\": %.2f,\n"
		"      \"breaching\": %u, \"rows_concerned\": %u, \"commands\": %.2f, "
		"\"records\": %.2f, \"orders\": %.2f, \"trips\": %.2f,\n      \"loop\": \"%s\", ",
		r->what.rows, r->accounts, r->symbols, r->what.share_e4 / 100.0, r->breaching,
		r->concerned, r->commands, r->records, r->orders, r->trips,
		r->rate > 0 ? "open" : "closed");
	if (r->rate > 0)
		fprintf(out, "\"rate\": %.2f, \"reached\": %.2f, ", r->rate, r->reached);
	else
		fprintf(out, "\"rate\": null, \"reached\": null, ");
	fprintf(out,
		"\"samples\": %" PRIu64 ",\n      \"state\": \"%016" PRIx64 ".%016" PRIx64
		".%016" PRIx64 "\", \"equal\": %s,\n      \"stages\": [\n",
		r->samples, r->end.accounts, r->end.rows, r->end.symbols, truth(r->equal));
	bool more = false;
	for (int s = 0; s < FB_STAGES; s++) {
		if (!r->stage[s].count)
			continue;
		fputs(more ? ",\n" : "", out);
		print_stage(b, r, s, out);
		more = true;
	}
	fprintf(out, " ],\n");
	print_modelled(b, r, out);
}

void fb_bench_json(const struct fb_bench *b, FILE *out)
{
	fprintf(out, "{ \"bench\": \"firebreak\", \"schema\": 1,\n");
	print_head(b, out);
	print_link(out);
	fprintf(out, "  \"engines\": [\n");
	for (unsigned i = 0; i < b->engines; i++) {
		print_engine(&b->engine[i], out);
		fputs(i + 1 < b->engines ? ",\n" : " ],\n", out);
	}
	fprintf(out, "  \"results\": [\n");
	for (unsigned i = 0; i < b->results; i++) {
		print_result(b, &b->result[i], out);
		fputs(i + 1 < b->results ? ",\n" : " ],\n", out);
	}
	fprintf(out, "  \"pictures\": [");
	for (unsigned i = 0; i < b->pictures; i++)
		fprintf(out, "%s\"%s\"", i ? ", " : " ", b->picture[i]);
	fprintf(out, " ],\n  \"complete\": true }\n");
}
