/* Seeds of crash, venue and operator through the whole host, each replayed on another engine and
 * audited from its log.
 *
 * usage: soak [--seeds A..B] [--seconds N] [--coverage] [--cores DIR]
 *
 *   --seeds     from A to B; 1..100 if neither this nor --seconds is given
 *   --seconds   from seed 1, or A, on until the time is over
 *   --coverage  a cell of the waterfall's table that no seed hit is a failure
 *   --cores     every fourth seed is replayed on DIR/libfbcoreN.so, N = 1, 2, 8, 16 in turn
 *
 * With SOAK_KEEP set in the environment the log of the last seed stays, in /dev/shm or /tmp.
 * Exit status 0 if every seed is good. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "scenario.h"

struct soak {
	uint64_t first, last, seconds;
	bool coverage;
	const char *cores;
};

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int usage(void)
{
	fprintf(stderr, "usage: soak [--seeds A..B] [--seconds N] [--coverage] [--cores DIR]\n");
	return 2;
}

static bool parse(int argc, char **argv, struct soak *s)
{
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";
		int end = -1;
		if (strcmp(argv[i], "--coverage") == 0) {
			s->coverage = true;
			continue;
		}
		if (strcmp(argv[i], "--seeds") == 0)
			sscanf(value, "%" SCNu64 "..%" SCNu64 "%n", &s->first, &s->last, &end);
		else if (strcmp(argv[i], "--seconds") == 0)
			sscanf(value, "%" SCNu64 "%n", &s->seconds, &end);
		else if (strcmp(argv[i], "--cores") == 0)
			s->cores = value, end = (int)strlen(value);
		if (end < 1 || value[end] != '\0')
			return false;
		i++;
	}
	if (s->seconds)
		s->last = UINT64_MAX;
	return s->last >= s->first;
}

static const char *engine_for(const struct soak *s, uint64_t seed, char out[128])
{
	static const unsigned lanes[] = { 1, 2, 8, 16 };
	if (s->cores && seed % 4 == 0)
		snprintf(out, 128, "core:lanes=%u%s", lanes[seed / 4 % 4],
			 seed / 16 % 2 ? ",place=random" : "");
	else
		snprintf(out, 128, "model:accounts=1024,rows=8192");
	return out;
}

static void add(struct scenario_result *sum, const struct scenario_result *r)
{
	for (int s = 0; s < FB_STATES; s++)
		for (int e = 0; e < FB_HAPPENINGS; e++)
			sum->hits[s][e] += r->hits[s][e];
	sum->orders += r->orders;
	sum->deleveraged += r->deleveraged;
	sum->batches += r->batches;
	struct fb_waterfall_counts *c = &sum->counts;
	c->settled += r->counts.settled;
	c->settled_rows += r->counts.settled_rows;
	c->gates += r->counts.gates;
	c->leaks += r->counts.leaks;
	c->fund_states += r->counts.fund_states;
	c->spreads += r->counts.spreads;
	c->last_resorts += r->counts.last_resorts;
	c->backstop_takeovers += r->counts.backstop_takeovers;
	c->made_up_e8 += r->counts.made_up_e8 > 0;
}

/* What only some packs have. */
static void report_rare(const struct scenario_result *sum)
{
	const struct fb_waterfall_counts *c = &sum->counts;
	printf("%" PRIu64 " symbols settled with %" PRIu64 " positions, %" PRIu64
	       " changes of the gate, %" PRIu64 " withdrawals past it, %" PRIu64
	       " states of the fund, %" PRIu64 " payments for losses of others, %" PRIu64
	       " last resorts, %" PRIu64 " takeovers by the backstop; %" PRIu64
	       " seeds in which the fund made up for fills\n",
	       c->settled, c->settled_rows, c->gates, c->leaks, c->fund_states, c->spreads,
	       c->last_resorts, c->backstop_takeovers, (uint64_t)c->made_up_e8);
}

/* Cells that can come and did not; cells that cannot and did. */
static unsigned report_cells(const struct scenario_result *sum, bool all)
{
	unsigned live = 0, hit = 0, bad = 0;
	for (int s = 0; s < FB_STATES; s++)
		for (int e = 0; e < FB_HAPPENINGS; e++) {
			bool can = fb_waterfall_table[s][e].action != FB_DO_NEVER;
			live += can;
			hit += can && sum->hits[s][e] > 0;
			if (can && sum->hits[s][e] == 0 && all)
				printf("never hit: %s x %s\n", fb_state_name((enum fb_state)s),
				       fb_happening_name((enum fb_happening)e));
			if (!can && sum->hits[s][e] > 0) {
				printf("hit, but the table says it cannot be: %s x %s\n",
				       fb_state_name((enum fb_state)s),
				       fb_happening_name((enum fb_happening)e));
				bad++;
			}
		}
	printf("cells of the table: %u of %u hit\n", hit, live);
	return bad + (all ? live - hit : 0);
}

int main(int argc, char **argv)
{
	struct soak s = { .first = 1, .last = 100 };
	static struct scenario_result sum, r;
	char directory[] = "/tmp/firebreak-soak-XXXXXX", error[512], engine[128];
	uint64_t seeds = 0, failed = 0;
	double start = now(), said = start;
	if (!parse(argc, argv, &s))
		return usage();
	if (access("/dev/shm", W_OK) == 0)
		memcpy(directory, "/dev/shm/fb-soak-XXXXXX", sizeof("/dev/shm/fb-soak-XXXXXX"));
	setenv("FIREBREAK_RULES", "sw/rules", 0);
	if (s.cores)
		setenv("FIREBREAK_CORE_DIR", s.cores, 0);
	if (!mkdtemp(directory) || scenario_open(directory, error)) {
		fprintf(stderr, "soak: %s\n", error);
		return 1;
	}
	for (uint64_t seed = s.first; seed <= s.last; seed++) {
		if (s.seconds && now() - start >= (double)s.seconds)
			break;
		if (scenario_run(seed, engine_for(&s, seed, engine), &r)) {
			printf("seed %" PRIu64 ": %s\n", seed, r.error);
			failed++;
		}
		add(&sum, &r);
		seeds++;
		if (now() - said > 10) {
			said = now();
			fprintf(stderr,
				"soak: %" PRIu64 " seeds, %" PRIu64 " failed, %.0f a minute\n",
				seeds, failed, 60 * (double)seeds / (said - start));
		}
	}
	scenario_close();
	rmdir(directory);
	unsigned cells = report_cells(&sum, s.coverage);
	report_rare(&sum);
	printf("%" PRIu64 " seeds, %" PRIu64 " failed, %.0f a minute; %" PRIu64 " orders, %" PRIu64
	       " counterparties, %" PRIu64 " batches\n",
	       seeds, failed, 60 * (double)seeds / (now() - start), sum.orders, sum.deleveraged,
	       sum.batches);
	return failed || cells ? 1 : 0;
}
