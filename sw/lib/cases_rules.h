/* The rules: which formula gives what, at which venue, from which inputs.
 *
 * Rules are tried in the order of their tables. One applies if its venue and kind fit, `when` comes
 * out true, and every name of its formula is an input or comes from a rule in turn. So a rule says
 * what it needs by using it. */
#ifndef CASES_RULES_H
#define CASES_RULES_H

#include "cases_internal.h"

struct case_rule {
	const char *venue;   /* "Gate|OKX": contains one of these, whatever the case; "" any */
	const char *kind;    /* "mm|other"; "" any */
	const char *name;    /* what it gives: one name, or several separated by blanks */
	const char *when;    /* an expression, or "" */
	const char *formula; /* an expression; of a native rule, words for people */
	/* What an expression cannot say, such as queues: sets facts below `name`. False: it does
	 * not apply. */
	bool (*native)(struct case_run *run, const struct case_rule *rule);
};

struct case_rules {
	const struct case_rule *rule;
	unsigned n;
};

/* Table i, or NULL behind the last. Venues come before what holds everywhere. */
const struct case_rules *case_rules_at(unsigned i);

#define CASE_TABLE(name, array)                                                                    \
	const struct case_rules name = { array, sizeof(array) / sizeof((array)[0]) }

#endif
