/* What the files of functions share. */
#ifndef CASES_FUNCTIONS_H
#define CASES_FUNCTIONS_H

#include "cases_internal.h"

/* False: *error is the first argument that is no number, as an error. */
bool case_all_numbers(const struct case_value *argument, unsigned n, struct case_value *error);
const struct case_function *case_formula(const char *name); /* of formula.h */
const struct case_function *case_engine(const char *name);  /* of a run */

/* tier(notional, column): of the tier with the highest floor that is not above the notional.
 * tier_deduction(notional): the deduction that makes MM continuous, from floors and rates;
 * tier_deduction_by_leverage(notional): where rates are half of 1 / the second column. */
struct case_value case_tier(struct case_run *run, const char *function,
			    const struct case_value *argument, unsigned n);

#endif
