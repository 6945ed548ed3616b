/* Inside cosim: its subcommands. Each returns true when all holds. */
#ifndef COSIM_COSIM_H
#define COSIM_COSIM_H

#include "options.h"

struct totals {
	uint64_t seeds, batches, commands, records, pairs, revaluations, cycles;
};

/* compare.c: both engines through one stream; false: a difference was found and printed. */
bool compare_engines(const char *engine, const char *reference, const struct stream *stream,
		     uint64_t pace, struct totals *totals);
bool compare_seeds(const struct options *o);

bool selftest(const struct options *o);
bool coverage(const struct options *o);
/* properties.c: each alone, or all. */
bool property_lanes(const struct options *o);
bool property_hedge(const struct options *o);
bool property_recompute(const struct options *o);
bool property_storm(const struct options *o);
bool property_full(const struct options *o);
/* limits.c */
bool property_limits(const struct options *o);
bool properties(const struct options *o);

bool cycles(const struct options *o);
bool dump(const struct options *o);
bool dump_compare(const struct options *o);

#endif
