/* The tables of rules, for cases_rules.c to put in order. */
#ifndef CASES_TABLES_H
#define CASES_TABLES_H

#include "cases_rules.h"

extern const struct case_rules case_rules_dydx, case_rules_drift, case_rules_flox,
	case_rules_queue, case_rules_venues, case_rules_margin, case_rules_price,
	case_rules_score, case_rules_mark, case_rules_paper, case_rules_ladder,
	case_rules_wide, case_rules_chains, case_rules_lists, case_rules_dydx_risk;

#endif
