/* Examples of one venue that fit nothing else. */
#include "cases_tables.h"

static const struct case_rule table[] = {
	/* Delta's incremental liquidation. PPL is the part that goes; its margin rate is that of
	 * its own size, its limit that much from the mark; the page's rates are 0.5 % up to 5 BTC
	 * and 0.075 % for each above. */
	{ "Delta", "", "ppl_btc", "", "liquidated_qty / entry", NULL },
	{ "Delta", "", "kept_btc", "", "kept_qty / entry", NULL },
	{ "Delta", "", "ppl_mm", "", "0.5% + 0.075% * max(0, ppl_btc - 5)", NULL },
	{ "Delta", "", "kept_mm", "", "0.5% + 0.075% * max(0, kept_btc - 5)", NULL },
};
CASE_TABLE(case_rules_venues, table);
