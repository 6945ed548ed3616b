/* Examples of one venue that fit nothing else. */
#include "cases_tables.h"

/* Delta's page: 0.5 % up to 5 BTC, 0.075 % more for each above, in contracts of 1 USD. */
#define MM_OF(btc) "0.5% + 0.075% * max(0, " btc " - 5)"

static const struct case_rule table[] = {
	/* Delta's incremental liquidation: as much is kept as has its liquidation price 1 % from
	 * the mark. What goes (PPL) is priced by the margin rate of its own size. */
	{ "Delta", "", "kept_qty", "given(im_pct_full)",
	  "entry * (5 + max(0, (1 + s * im_pct_full / 100 - entry / (mark * (1 - s * 1%))) * s - "
	  "0.5%) / 0.075%)", NULL },
	{ "Delta", "", "liquidated_qty", "given(im_pct_full)", "q - kept_qty", NULL },
	{ "Delta", "", "ppl_mm", "given(im_pct_full)", MM_OF("liquidated_qty / entry"), NULL },
	{ "Delta", "", "ioc_limit", "given(im_pct_full)", "mark / (1 + s * ppl_mm)", NULL },
	{ "Delta", "", "bankruptcy_before", "given(im_pct_full)",
	  "entry / (1 + s * im_pct_full / 100)", NULL },
	/* The margin that is left after PPL was closed at its limit, per contract kept. */
	{ "Delta", "", "margin_after", "given(im_pct_full)",
	  "(q * im_pct_full / 100 / entry + s * liquidated_qty * (1 / entry - 1 / ioc_limit)) * "
	  "entry / kept_qty", NULL },
	{ "Delta", "", "bankruptcy_after", "given(im_pct_full)", "entry / (1 + s * margin_after)",
	  NULL },
	{ "Delta", "", "liq_price_after", "given(im_pct_full)",
	  "entry / (1 + s * (margin_after - (" MM_OF("kept_qty / entry") ")))", NULL },
};
CASE_TABLE(case_rules_venues, table);
