/* What is printed of all repetitions, as text and as JSON, both from struct report. */
#ifndef REPORT_H
#define REPORT_H

#include <inttypes.h>
#include <string.h>
#include <sys/utsname.h>

#include <firebreak/report.h>

#include "crowd.h"
#include "measure.h"

/* What one repetition leaves behind for the report. */
struct outcome {
	struct sheet sheet;
	struct fb_summary summary;
	uint64_t verbs[FB_VERB_CANCEL_COUNTER + 1];
	uint64_t later, pair_commands;
};

struct report {
	struct utsname machine;
	char processor[64];
	int load_e2; /* load average of the last minute, in hundredths */
	struct crowd_options crowd;
	unsigned repeat;
	uint64_t pairs, rounds, later, group;
	long peak_kib;
	unsigned rows;
	struct measure_row row[20];
};

struct source {
	const char *name, *unit;
	uint64_t items;
	/* parts of a phase, as bits */
	struct {
		enum phase phase;
		unsigned parts;
	} of[PHASES];
};
#define BIT(part) (1u << PART_##part)

static inline int64_t *sample_of(const struct outcome *outcome, unsigned n,
				 const struct source *s, bool wall)
{
	static int64_t sample[REPEAT_MAX];
	memset(sample, 0, sizeof(sample));
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < PHASES && s->of[k].parts; k++)
			for (unsigned part = 0; part < PARTS; part++) {
				const struct span *spent =
					&outcome[i].sheet.spent[s->of[k].phase][part];
				if (s->of[k].parts >> part & 1)
					sample[i] += wall ? spent->wall_ns : spent->cpu_ns;
			}
	return sample;
}

static inline void report_row(struct report *r, struct outcome *outcome, const struct source *s)
{
	struct measure_row *row = &r->row[r->rows++];
	row->name = s->name;
	row->unit = s->unit;
	row->items = s->items;
	row->cpu_ns = measure_stat(sample_of(outcome, r->repeat, s, false), r->repeat);
	row->wall_ns = measure_stat(sample_of(outcome, r->repeat, s, true), r->repeat);
}

static inline void report_rows(struct report *r, struct outcome *outcome)
{
	const unsigned host = BIT(INPUT) | BIT(JUDGE) | BIT(PLAN) | BIT(DECIDE);
	uint64_t n = r->crowd.losers, pairs = r->pairs, orders = 2 * n + pairs;
	const struct source sources[] = {
		{ "marks: taken up, confirmed", "records", n, { { PHASE_MARKS, BIT(INPUT) } } },
		{ "marks: judged", "accounts", n, { { PHASE_MARKS, BIT(JUDGE) } } },
		{ "marks: holds decided", "orders", n, { { PHASE_MARKS, BIT(DECIDE) } } },
		{ "holds: answers booked", "events", n, { { PHASE_HOLDS, BIT(INPUT) } } },
		{ "holds: judged", "accounts", n, { { PHASE_HOLDS, BIT(JUDGE) } } },
		{ "holds: cancels decided", "orders", n, { { PHASE_HOLDS, BIT(DECIDE) } } },
		{ "cancels: answers booked", "events", n, { { PHASE_CANCELS, BIT(INPUT) } } },
		{ "cancels: judged", "accounts", n,
		  { { PHASE_CANCELS, BIT(JUDGE) }, { PHASE_LATER, BIT(JUDGE) } } },
		{ "cancels: pairs planned (ADL)", "pairs", pairs,
		  { { PHASE_CANCELS, BIT(PLAN) }, { PHASE_LATER, BIT(PLAN) } } },
		{ "cancels: pairs decided", "orders", pairs,
		  { { PHASE_CANCELS, BIT(DECIDE) }, { PHASE_LATER, BIT(DECIDE) } } },
		{ "pairs: answers booked", "events", pairs, { { PHASE_PAIRS, BIT(INPUT) } } },
		{ "       commands emitted by that", "commands", outcome->pair_commands,
		  { { PHASE_PAIRS, BIT(INPUT) } } },
		{ "pairs: judged", "accounts", n + pairs, { { PHASE_PAIRS, BIT(JUDGE) } } },
		{ "pairs: accounts closed", "accounts", n, { { PHASE_PAIRS, BIT(DECIDE) } } },
		{ "pairs: records of it taken up", "records", 0, { { PHASE_BATCH, host } } },
		{ "further marks, taken up", "marks", 0, { { PHASE_LATER, BIT(INPUT) } } },
		{ "the instant, host", "orders", orders,
		  { { PHASE_MARKS, host }, { PHASE_HOLDS, host }, { PHASE_CANCELS, host },
		    { PHASE_PAIRS, host }, { PHASE_BATCH, host }, { PHASE_LATER, host } } },
		{ "the engine's part (model:)", "rows", 0,
		  { { PHASE_MARKS, BIT(ENGINE) }, { PHASE_HOLDS, BIT(ENGINE) },
		    { PHASE_CANCELS, BIT(ENGINE) }, { PHASE_PAIRS, BIT(ENGINE) },
		    { PHASE_BATCH, BIT(ENGINE) }, { PHASE_LATER, BIT(ENGINE) } } },
	};
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		report_row(r, outcome, &sources[i]);
}

static inline void report_machine(struct report *r)
{
	char line[256];
	double load = 0;
	FILE *f = fopen("/proc/cpuinfo", "r");
	uname(&r->machine);
	if (getloadavg(&load, 1) == 1)
		r->load_e2 = (int)(load * 100);
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "model name : %63[^\n]", r->processor) == 1)
			break;
	if (f)
		fclose(f);
}

static inline void report_text(const struct report *r)
{
	printf("%s, %s %s, load %d.%02d at the start\n", r->processor, r->machine.sysname,
	       r->machine.release, r->load_e2 / 100, r->load_e2 % 100);
	printf("%u accounts bankrupt at one instant, of %u, in %u symbols%s; seed %" PRIu64 "\n",
	       r->crowd.losers, r->crowd.accounts, r->crowd.symbols,
	       r->crowd.uneven ? ", of all sizes" : "", r->crowd.seed);
	printf("%" PRIu64 " pairs in %" PRIu64 " rounds; answers in groups of at most %" PRIu64
	       ", %" PRIu64 " further marks were needed\n",
	       r->pairs, r->rounds, r->group, r->later);
	printf("times in ms, one thread: median and spread of %u, log written, not synced; "
	       "all results good\n\n", r->repeat);
	printf("  %-34s %9s  %-19s %9s %8s %-8s %10s\n", "", "processor", "(least..most)", "wall",
	       "", "", "a second");
	for (unsigned i = 0; i < r->rows; i++)
		measure_text(&r->row[i]);
	printf("\n  peak memory %ld MiB\n", r->peak_kib / 1024);
}

static inline void report_json(const struct report *r)
{
	printf("{\n  \"bench\": \"instant\", \"version\": 1,\n");
	printf("  \"processor\": \"%s\", \"kernel\": \"%s %s\", \"load\": %d.%02d,\n", r->processor,
	       r->machine.sysname, r->machine.release, r->load_e2 / 100, r->load_e2 % 100);
	printf("  \"bankrupt\": %u, \"accounts\": %u, \"symbols\": %u, \"uneven\": %s, "
	       "\"seed\": %" PRIu64 ",\n", r->crowd.losers, r->crowd.accounts, r->crowd.symbols,
	       r->crowd.uneven ? "true" : "false", r->crowd.seed);
	printf("  \"pairs\": %" PRIu64 ", \"rounds\": %" PRIu64 ", \"group_max\": %" PRIu64
	       ", \"further_marks\": %" PRIu64 ",\n", r->pairs, r->rounds, r->group, r->later);
	printf("  \"repeat\": %u, \"peak_kib\": %ld,\n  \"rows\": [\n", r->repeat, r->peak_kib);
	for (unsigned i = 0; i < r->rows; i++)
		measure_json(&r->row[i], i + 1 < r->rows ? "," : "");
	printf("  ]\n}\n");
}

#endif
