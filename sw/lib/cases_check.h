/* One case from its line to its outcome. */
#ifndef CASES_CHECK_H
#define CASES_CHECK_H

#include "cases_internal.h"

enum case_outcome { CASE_PASSED, CASE_FAILED, CASE_SKIPPED };

/* One thing that is expected, and what came out. */
struct case_finding {
	char name[CASE_PATH];
	enum case_outcome outcome;
	char expected[CASE_TEXT], found[CASE_TEXT];
	const char *formula; /* NULL: no rule */
	const char *unread;  /* failed, and no rule reads this input; else NULL */
	unsigned line, column;
};

/* Reads the members of a case. -EINVAL with the place: it is not of the form. */
int case_read(const struct fb_json *json, struct case_run *run, struct fb_error *error);
/* Adds what the source's test sets up for all its rows; false if that is not known. */
bool case_setup(struct case_run *run);
/* Computes and compares everything that is expected; each is told to `tell`. */
enum case_outcome case_check(const struct fb_json *json, struct case_run *run,
			     void (*tell)(void *context, const struct case_finding *finding),
			     void *context);

#endif
