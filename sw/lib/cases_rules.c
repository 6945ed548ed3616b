/* The order of the tables: what one venue does before what many do. */
#include "cases_tables.h"

static const struct case_rules *const tables[] = {
	&case_rules_dydx,   &case_rules_dydx_risk, &case_rules_chains, &case_rules_drift,
	&case_rules_flox,   &case_rules_paper,	   &case_rules_queue,  &case_rules_lists,
	&case_rules_venues, &case_rules_score,	   &case_rules_mark,   &case_rules_margin,
	&case_rules_ladder, &case_rules_wide,	   &case_rules_price,
};

const struct case_rules *case_rules_at(unsigned i)
{
	return i < sizeof(tables) / sizeof(tables[0]) ? tables[i] : NULL;
}
