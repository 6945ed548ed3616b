/* Laws that hold of any venue's rules, tried on made-up accounts of a pack. */
#ifndef LAWS_H
#define LAWS_H

#include <firebreak/run.h>

struct law_options {
	const char *pack, *engine, *directory; /* engine: URI; directory: for logs */
	uint64_t seed;
};

/* What was looked at, so that a law that was never put to the test fails. */
struct law_counts {
	uint64_t accounts, longs, breached, saved; /* saved: in breach before the better mark */
	uint64_t borders;			   /* breaches that a flat tier's border explains */
	uint64_t liquidated, steps;
};

/* Each 0, or -1 with `error` filled. */

/* A better mark never puts a long in breach: accounts whose positions all gain by a rise, marked
 * twice. Where the ladder jumps at a border, MM may grow by more than the position gains; then a
 * position must have crossed one. */
int law_better_mark(const struct law_options *o, struct law_counts *c, char error[512]);
/* Three times the quantities, money and floors of the ladders: three times equity and MM, the same
 * levels. */
int law_scale(const struct law_options *o, struct law_counts *c, char error[512]);
/* Accounts loaded in another order are worth the same, and are at the same levels. */
int law_order(const struct law_options *o, struct law_counts *c, char error[512]);
/* A whole run: value is conserved to the last unit, a replay on another engine is the same, and no
 * step of its liquidation leaves an account with more than it had at the mark. */
int law_no_gain(const struct law_options *o, struct law_counts *c, char error[512]);

/* A whole run of accounts from a file and the same with the file's lines turned round: the same
 * orders, byte for byte. */
int law_run_order(const struct law_options *o, struct law_counts *c, char error[512]);

/* gain.c: the last part of it, read from the run's log. */
int law_gain_audit(const char *log, struct law_counts *c, char error[512]);

#endif
