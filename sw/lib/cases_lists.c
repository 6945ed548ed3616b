/* Rules over plain lists and maps: quantities in the order of a queue, balances by coin, positions
 * that stand apart or together. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cases_tables.h"
#include "ratio.h"

#define MEMBERS 128

static ratio number_at(struct case_run *run, const char *list, unsigned i)
{
	char path[CASE_PATH];
	snprintf(path, sizeof(path), "%.60s.%u", list, i);
	const struct case_fact *fact = case_fact(run, path);
	if (!fact) {
		/* A queue that is in its order already. */
		snprintf(path, sizeof(path), "%.60s.%u.qty", list, i);
		fact = case_fact(run, path);
	}
	return fact && fact->value.type == CASE_NUMBER ? fact->value.number
						       : fb_ratio_error(-ENOENT);
}

static const char *first_list(struct case_run *run, const char *const *names)
{
	for (; *names; names++)
		if (case_length(run, *names) > 0 && number_at(run, *names, 0).error == 0)
			return *names;
	return NULL;
}

static void set_list(struct case_run *run, const char *const *names, unsigned i, ratio number,
		     const char *formula)
{
	char path[CASE_PATH];
	for (; *names; names++) {
		snprintf(path, sizeof(path), "%s.%u", *names, i);
		case_set_number(run, path, number, formula);
	}
}

static void set_length(struct case_run *run, const char *const *names, unsigned n,
		       const char *formula)
{
	char path[CASE_PATH];
	for (; *names; names++) {
		snprintf(path, sizeof(path), "%s.#", *names);
		case_set_number(run, path, whole(n), formula);
	}
}

/* From quantities, or from shares that are summed already. */
static bool lights(struct case_run *run, const struct case_rule *rule)
{
	static const char *const quantities[] = { "quantities", "quantities_in_rank_order",
						  "qtys",	"sizes",
						  "contracts",	"quantity",
						  "qty",	"qtys_in_rank_order",
						  "queue",	NULL };
	static const char *const shares[] = { "cumulative_pct", "cumulative", "cumulative_percent",
					      "running_pct",	"running_sum_pct",
					      "shares_pct",	NULL };
	static const char *const sums[] = { "cumulative_pct", "cumulative_percent", "running_pct",
					    "cumulative_share_pct", NULL };
	static const char *const ups[] = { "lights",	    "lights_pct",     "quintiles",
					   "percentiles",   "percentile",     "quintile",
					   "quintile_pct",  "percentile_pct", "rounded_pct",
					   "indicator_pct", "rounded",	      "light_pct",
					   "indicator",	    NULL };
	const char *list = first_list(run, quantities);
	bool summed = list == NULL;
	if (summed)
		list = first_list(run, shares);
	unsigned n = list ? case_length(run, list) : 0;
	ratio all = whole(0), sum = whole(0);
	for (unsigned i = 0; i < n && !summed; i++)
		all = plus(all, fb_ratio_abs(number_at(run, list, i)));
	if (n == 0 || n > MEMBERS || all.error)
		return false;
	for (unsigned i = 0; i < n; i++) {
		ratio own = number_at(run, list, i);
		sum = plus(sum, fb_ratio_abs(own));
		ratio share = summed ? own : times(whole(100), over(sum, all));
		if (share.error)
			return false;
		set_list(run, sums, i, share, rule->formula);
		set_list(run, ups, i, fb_ratio_round_to(share, whole(20), FB_ROUND_CEIL),
			 rule->formula);
	}
	set_length(run, sums, n, rule->formula);
	set_length(run, ups, n, rule->formula);
	return true;
}

/* Two maps by coin, or one of balances and one haircut for all. */
static bool haircut_sum(struct case_run *run, const struct case_rule *rule)
{
	static const char *const maps[] = { "balances_usd.", "balances.", "collateral_usd.",
					    "collateral.",   "usd_values.", "collaterals." };
	ratio sum = whole(0);
	unsigned found = 0, n = run->facts;
	for (unsigned i = 0; i < n; i++)
		for (size_t k = 0; k < sizeof(maps) / sizeof(maps[0]); k++) {
			struct case_fact *fact = &run->fact[i];
			char place[CASE_PATH];
			const char *coin = fact->path + strlen(maps[k]);
			if (!fact->given || fact->value.type != CASE_NUMBER ||
			    strncmp(fact->path, maps[k], strlen(maps[k])) != 0 || *coin == '#' ||
			    strchr(coin, '.'))
				continue;
			snprintf(place, sizeof(place), "haircuts.%.80s", coin);
			const struct case_fact *cut = case_fact(run, place);
			if (!cut) {
				snprintf(place, sizeof(place), "haircut.%.80s", coin);
				cut = case_fact(run, place);
			}
			if (!cut || cut->value.type != CASE_NUMBER)
				return false;
			fact->read = true;
			ratio left = minus(whole(1), cut->value.number);
			sum = plus(sum, times(fact->value.number, left));
			found++;
		}
	if (found == 0 || sum.error)
		return false;
	struct case_value upnl = case_input(run, NULL, "upnl");
	case_set_number(run, "collateral_value", sum, rule->formula);
	if (upnl.type == CASE_NUMBER)
		sum = plus(sum, upnl.number);
	case_set_number(run, "equity", sum, rule->formula);
	case_set_number(run, "margin_equity", sum, rule->formula);
	return true;
}

static void set_symbol(struct case_run *run, const char *list, unsigned i,
		       const struct case_value *symbol, const char *formula)
{
	char path[CASE_PATH];
	snprintf(path, sizeof(path), "%s.%u", list, i);
	case_set(run, path, symbol, formula);
}

/* FLOX: isolated positions fall each by itself; of a cross account the worst goes first. */
static bool walk(struct case_run *run, const struct case_rule *rule)
{
	static const char profit[] = "s * q * (alt(mark, marks[symbol]) - entry)";
	static const char short_of[] = "equity + s * q * (alt(mark, marks[symbol]) - entry) < q * "
				       "alt(mark, marks[symbol]) * mmr";
	unsigned n = case_length(run, "positions"), gone = 0, kept = 0;
	ratio worst = whole(0);
	struct case_value victim = case_null();
	for (unsigned i = 0; i < n; i++) {
		char scope[CASE_PATH];
		snprintf(scope, sizeof(scope), "positions.%u", i);
		struct case_value symbol = case_input(run, scope, "symbol");
		struct case_value pnl = case_evaluate(run, scope, profit, strlen(profit));
		if (symbol.type != CASE_WORDS || pnl.type != CASE_NUMBER)
			return false;
		if (fb_ratio_compare(&pnl.number, &worst) < 0) {
			worst = pnl.number;
			victim = symbol;
		}
		if (case_input(run, scope, "equity").type != CASE_NUMBER)
			continue;
		struct case_value falls = case_evaluate(run, scope, short_of, strlen(short_of));
		if (falls.type != CASE_TRUTH)
			return false;
		if (falls.truth) {
			set_symbol(run, "liquidated", gone, &symbol, rule->formula);
			set_symbol(run, "liquidated_symbols", gone++, &symbol, rule->formula);
		} else {
			set_symbol(run, "kept", kept, &symbol, rule->formula);
			set_symbol(run, "remaining", kept, &symbol, rule->formula);
			set_symbol(run, "survivors", kept++, &symbol, rule->formula);
		}
	}
	if (gone + kept == n && n > 0) {
		case_set_number(run, "liquidated.#", whole(gone), rule->formula);
		case_set_number(run, "liquidated_symbols.#", whole(gone), rule->formula);
		case_set_number(run, "kept.#", whole(kept), rule->formula);
		case_set_number(run, "remaining.#", whole(kept), rule->formula);
		case_set_number(run, "survivors.#", whole(kept), rule->formula);
		case_set_number(run, "liquidations", whole(gone), rule->formula);
	}
	case_set(run, "first_closed", &victim, rule->formula);
	case_set(run, "closed_first", &victim, rule->formula);
	case_set(run, "worst_leg", &victim, rule->formula);
	return n > 0;
}

static const struct case_rule table[] = {
	{ "", "adl_rank|adl_score|other", "light* indicator quintile* percentile* "
	  "cumulative_* running_pct rounded* indicator_pct", "not given(liquidated_qty)",
	  "running share of the quantity, own included, up to the next 20 %", lights },
	{ "Kraken", "", "equity margin_equity collateral_value", "",
	  "sum of balance (1 - haircut), and the profit", haircut_sum },
	{ "FLOX", "", "liquidated liquidated_symbols kept remaining survivors liquidations "
	  "first_closed closed_first worst_leg", "given(marks) or given(mark)",
	  "isolated: equity + profit < mmr q mark; cross: the worst leg first", walk },
};
CASE_TABLE(case_rules_lists, table);
