/* What an operator does during a run, said beforehand: WHAT[:TARGET]@TIME.
 *
 *   kill, allow, resume       no order leaves; orders leave again; what is stuck is tried again
 *   block, unblock            of an account, by its id
 *   freeze, thaw              of a symbol: it does not liquidate, until it does again
 *   settle                    of a symbol, or of all where none is named
 *
 * Done before the first marks of that time or later; an input in the log like any other. */
#ifndef RUN_OPERATOR_H
#define RUN_OPERATOR_H

#include "run_host.h"

struct fb_act {
	int64_t time_us;
	enum fb_operator what;
	uint32_t target; /* as fb_host_operator takes it */
};

/* -EINVAL with what is wrong with the text. */
int fb_act_parse(const char *text, const struct fb_rules *rules, struct fb_act *out,
		 struct fb_error *error);
/* Reads all, and puts them in order of time. *out is NULL if there are none; else to be freed. */
int fb_acts_parse(const char *const *text, size_t n, const struct fb_rules *rules,
		  struct fb_act **out, struct fb_error *error);

/* Does those that are due: from *done on, which moves. */
int fb_acts_due(struct fb_host *host, const struct fb_act *act, size_t n, size_t *done,
		int64_t time_us);

#endif
