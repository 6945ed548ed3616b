/* Worked examples of published rules, run against the formulas of this library.
 *
 * A file holds one JSON object a line:
 *
 *   {"venue": "BitMEX", "kind": "liq_price", "inputs": {...}, "expected": {...}, "source": "...",
 *    "note": "..."}
 *
 * What is expected is computed from the inputs by a rule of that venue, exactly, and then compared
 * with what is printed. A rule is chosen by the venue and by which inputs there are, never by their
 * values. See cases_rules.h for the rules and cases_compare.h for when a printed number agrees.
 *
 * Outcomes. Failed: something expected comes out otherwise, and every input was read. Skipped: some
 * of it no rule gives from these inputs, or it came out otherwise while a number or a truth among
 * the inputs was read by no rule, so that rules and case may speak of different things; the reason
 * names it. Passed: everything that is
 * expected was computed, and agrees. */
#ifndef FIREBREAK_CASES_H
#define FIREBREAK_CASES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <firebreak/error.h>

struct fb_cases_options {
	const char *path; /* plain, gzip or zip */
	bool json;	  /* one object a case, then one of counts */
	bool verbose;	  /* also what passed, with its formulas */
};

struct fb_cases_summary {
	uint64_t passed, failed, skipped;
};

/* 0: the file was read to its end, whatever came out. -EINVAL: it is not of this form; `out` has
 * what came before that line, `summary` too. Failures and reasons go to `out`. */
int fb_cases_run(const struct fb_cases_options *options, FILE *out,
		 struct fb_cases_summary *summary, struct fb_error *error);

#endif
