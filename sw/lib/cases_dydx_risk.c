/* Which of two accounts of dYdX is riskier, by dydx.h. */
#include <errno.h>
#include <stdio.h>

#include "cases_tables.h"
#include "dydx.h"
#include "ratio.h"

static ratio number(struct case_run *run, const char *scope, const char *name)
{
	struct case_value value = case_find(run, scope, name);
	return value.type == CASE_NUMBER ? value.number : fb_ratio_error(-ENOENT);
}

static bool risk_at(struct case_run *run, const char *a, const char *b, struct dydx_risk *out)
{
	char place[CASE_PATH];
	*out = (struct dydx_risk){ .imr = whole(0) };
	out->nc = number(run, a, "net_collateral");
	out->mmr = number(run, a, "mmr");
	if (!case_fact(run, case_join(place, a, "mmr") ? place : "")) {
		static const char *const nc[] = { "%s_nc", "nc_%s", "nc%s", "%s_net_collateral",
						  "net_collateral_%s", "tnc_%s" };
		static const char *const mmr[] = { "%s_mmr", "mmr_%s", "mmr%s" };
		out->nc = out->mmr = fb_ratio_error(-ENOENT);
		for (size_t i = 0; i < 6 && out->nc.error; i++) {
			snprintf(place, sizeof(place), nc[i], b);
			out->nc = number(run, NULL, place);
		}
		for (size_t i = 0; i < 3 && out->mmr.error; i++) {
			snprintf(place, sizeof(place), mmr[i], b);
			out->mmr = number(run, NULL, place);
		}
	}
	return out->nc.error == 0 && out->mmr.error == 0;
}

static bool riskier(struct case_run *run, const struct case_rule *rule)
{
	static const char *const names[][2] = {
		{ "first", "second" }, { "a", "b" }, { "account_a", "account_b" }, { "1", "2" }
	};
	struct dydx_risk a, b;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!risk_at(run, names[i][0], names[i][0], &a) ||
		    !risk_at(run, names[i][1], names[i][1], &b))
			continue;
		int order = dydx_riskier(&a, &b);
		struct case_value word = case_words(order > 0   ? names[i][0]
						    : order < 0 ? names[i][1]
								: "equal");
		static const char *const as[] = { "cmp", "compare", "order", "result",
						  "comparison" };
		for (size_t k = 0; k < sizeof(as) / sizeof(as[0]); k++)
			case_set_number(run, as[k], whole(order), rule->formula);
		case_set(run, "riskier", &word, rule->formula);
		case_set(run, "more_risky", &word, rule->formula);
		struct case_value is = case_truth(order > 0);
		case_set(run, "first_riskier", &is, rule->formula);
		case_set(run, "a_riskier", &is, rule->formula);
		case_set(run, "first_is_riskier", &is, rule->formula);
		return true;
	}
	return false;
}

static const struct case_rule table[] = {
	{ "dYdX", "", "cmp compare order result comparison riskier more_risky first_riskier "
	  "a_riskier first_is_riskier", "",
	  "nc_a mmr_b against nc_b mmr_a; then mmr; then nc", riskier },
};
CASE_TABLE(case_rules_dydx_risk, table);
