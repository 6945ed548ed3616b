/* Rules of arXiv 2512.01112: haircuts of winners, thresholds, costs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases_tables.h"
#include "ratio.h"

#define ACCOUNTS 64

struct winners {
	unsigned n;
	bool profits;
	ratio equity[ACCOUNTS], gain[ACCOUNTS]; /* what may be taken: profit, or equity */
	ratio share[ACCOUNTS];
	ratio budget, all;
};

static ratio at(struct case_run *run, const char *list, unsigned i)
{
	char path[CASE_PATH];
	snprintf(path, sizeof(path), "%.60s.%u", list, i);
	const struct case_fact *fact = case_fact(run, path);
	return fact && fact->value.type == CASE_NUMBER ? fact->value.number
						       : fb_ratio_error(-ENOENT);
}

static bool load(struct case_run *run, struct winners *w)
{
	struct case_value severity = case_find(run, NULL, "severity");
	const char *list = case_length(run, "equities")	    ? "equities"
			   : case_length(run, "winners_pnl") ? "winners_pnl"
							     : "e";
	struct case_value owed = case_input(run, NULL, "deficit");
	ratio deficit = whole(0);
	bool profits = case_length(run, "pnl") > 0;
	const char *cash = case_length(run, "cash")	   ? "cash"
			   : case_length(run, "c")	   ? "c"
			   : case_length(run, "protected") ? "protected"
							   : NULL;
	w->n = case_length(run, list);
	w->profits = profits || cash;
	if (w->n == 0 || w->n > ACCOUNTS)
		return false;
	if (severity.type != CASE_NUMBER)
		severity = case_find(run, NULL, "theta");
	w->all = whole(0);
	for (unsigned i = 0; i < w->n; i++) {
		w->equity[i] = at(run, list, i);
		w->gain[i] = profits ? at(run, "pnl", i)
			     : cash	? minus(w->equity[i], at(run, cash, i))
					: w->equity[i];
		if (w->equity[i].error || w->gain[i].error)
			return false;
		w->gain[i] = fb_ratio_max(whole(0), w->gain[i]);
		w->share[i] = whole(0);
		deficit = plus(deficit, fb_ratio_max(whole(0), negative(w->equity[i])));
		w->all = plus(w->all, w->gain[i]);
	}
	if (owed.type == CASE_NUMBER)
		deficit = owed.number;
	case_set_number(run, "deficit", deficit, "sum of negative equities");
	w->budget = severity.type == CASE_NUMBER ? times(severity.number, deficit) : deficit;
	return true;
}

/* Whole gains in the order given, or by gain / equity, until the budget is met. */
static void by_queue(struct case_run *run, struct winners *w)
{
	bool ordered = case_length(run, "order") > 0, done[ACCOUNTS] = { false };
	ratio open = w->budget;
	for (unsigned k = 0; k < w->n; k++) {
		unsigned next = w->n;
		__int128 n = 0;
		ratio given = at(run, "order", k);
		if (ordered && (given.error || fb_ratio_to_int(&given, &n) || n < 1 || n > w->n))
			return;
		for (unsigned i = 0; i < w->n && !ordered; i++) {
			ratio a = times(w->gain[i], next < w->n ? w->equity[next] : whole(1));
			ratio b = next < w->n ? times(w->gain[next], w->equity[i]) : whole(0);
			int order = fb_ratio_compare(&a, &b);
			/* Equities alone: the largest is the highest score. */
			if (!w->profits)
				order = next < w->n ? fb_ratio_compare(&w->equity[i],
								       &w->equity[next])
						    : 1;
			/* Of equals the smaller account. */
			if (order == 0 && next < w->n)
				order = fb_ratio_compare(&w->equity[next], &w->equity[i]);
			if (!done[i] && fb_ratio_sign(&w->gain[i]) > 0 && order > 0)
				next = i;
		}
		if (ordered)
			next = (unsigned)n - 1;
		if (next == w->n || done[next] || fb_ratio_sign(&w->gain[next]) == 0)
			continue;
		done[next] = true;
		ratio part = fb_ratio_min(open, w->gain[next]);
		w->share[next] = over(part, w->gain[next]);
		open = minus(open, part);
	}
}

/* min(eta, cap), with eta so that the budget is met: caps that bind are taken out one by one. */
static void by_caps(struct case_run *run, struct winners *w)
{
	const char *list = case_length(run, "caps") ? "caps" : "beta";
	bool bound[ACCOUNTS] = { false };
	for (unsigned round = 0; round <= w->n; round++) {
		ratio open = w->budget, free_gain = whole(0);
		bool changed = false;
		for (unsigned i = 0; i < w->n; i++) {
			if (bound[i])
				open = minus(open, times(at(run, list, i), w->gain[i]));
			else
				free_gain = plus(free_gain, w->gain[i]);
		}
		ratio eta = fb_ratio_sign(&free_gain) ? over(open, free_gain) : whole(0);
		for (unsigned i = 0; i < w->n; i++) {
			ratio cap = at(run, list, i);
			if (cap.error)
				cap = whole(1);
			if (!bound[i] && fb_ratio_compare(&cap, &eta) < 0)
				bound[i] = changed = true;
			w->share[i] = bound[i] ? cap : fb_ratio_sign(&w->gain[i]) ? eta : whole(0);
		}
		if (!changed)
			return;
	}
}

static void set_haircuts(struct case_run *run, const struct case_rule *rule,
			 const struct winners *w)
{
	static const char *const after[] = { "equities_after", "result", "e_after" };
	static const char *const cut[] = { "haircuts", "h", "haircuts" };
	char path[CASE_PATH];
	case_set_number(run, "budget", w->budget, rule->formula);
	case_set_number(run, "winners", w->all, rule->formula);
	case_set_number(run, "factor", over(w->budget, w->all), rule->formula);
	ratio largest = whole(0), deepest = whole(0), hardest = whole(0);
	for (unsigned i = 0; i < w->n; i++) {
		ratio left = minus(w->equity[i], times(w->share[i], w->gain[i]));
		largest = fb_ratio_max(largest, left);
		deepest = fb_ratio_max(deepest, negative(w->equity[i]));
		hardest = fb_ratio_max(hardest, w->share[i]);
	}
	/* The largest winner that is left, over what was taken, and over the largest deficit. */
	case_set_number(run, "ptsr", over(largest, w->budget), rule->formula);
	case_set_number(run, "pmr", over(largest, deepest), rule->formula);
	case_set_number(run, "max_haircut", hardest, rule->formula);
	for (size_t k = 0; k < 3; k++) {
		for (unsigned i = 0; i < w->n; i++) {
			ratio left = minus(w->equity[i], times(w->share[i], w->gain[i]));
			snprintf(path, sizeof(path), "%s.%u", after[k], i);
			case_set_number(run, path, left, rule->formula);
			snprintf(path, sizeof(path), "%s.%u", cut[k], i);
			case_set_number(run, path, w->share[i], rule->formula);
		}
		snprintf(path, sizeof(path), "%s.#", after[k]);
		case_set_number(run, path, whole(w->n), rule->formula);
		snprintf(path, sizeof(path), "%s.#", cut[k]);
		case_set_number(run, path, whole(w->n), rule->formula);
	}
}

static bool haircuts(struct case_run *run, const struct case_rule *rule)
{
	struct winners *w = calloc(1, sizeof(*w));
	struct case_value by = case_find(run, NULL, "rule");
	if (by.type != CASE_WORDS)
		by = case_find(run, NULL, "policy");
	if (!w || !load(run, w)) {
		free(w);
		return false;
	}
	if (case_contains(by.words, "queue"))
		by_queue(run, w);
	else if (case_contains(by.words, "cap"))
		by_caps(run, w);
	else
		for (unsigned i = 0; i < w->n; i++)
			w->share[i] = fb_ratio_sign(&w->gain[i]) ? over(w->budget, w->all)
								 : whole(0);
	set_haircuts(run, rule, w);
	free(w);
	return true;
}

/* Accounts as members of maps: equity.A, qty.A. */
static bool thresholds(struct case_run *run, const struct case_rule *rule)
{
	static const char prefix[] = "equity.";
	struct case_value mark = case_find(run, NULL, "mark"), rate = case_find(run, NULL, "mmr");
	unsigned below = 0, found = 0, n = run->facts;
	if (mark.type != CASE_NUMBER || rate.type != CASE_NUMBER)
		return false;
	for (unsigned i = 0; i < n; i++) {
		char path[CASE_PATH];
		const char *name = run->fact[i].path + sizeof(prefix) - 1;
		if (strncmp(run->fact[i].path, prefix, sizeof(prefix) - 1) != 0 || name[0] == '#' ||
		    run->fact[i].value.type != CASE_NUMBER)
			continue;
		run->fact[i].read = true;
		found++;
		snprintf(path, sizeof(path), "qty.%.80s", name);
		const struct case_fact *qty = case_fact(run, path);
		if (!qty || qty->value.type != CASE_NUMBER)
			return false;
		ratio least = times(times(rate.number, mark.number),
				    fb_ratio_abs(qty->value.number));
		snprintf(path, sizeof(path), "thresholds.%.80s", name);
		case_set_number(run, path, least, rule->formula);
		if (fb_ratio_compare(&run->fact[i].value.number, &least) > 0)
			continue;
		struct case_value account = case_words(name);
		snprintf(path, sizeof(path), "liquidatable.%u", below++);
		case_set(run, path, &account, rule->formula);
	}
	if (found > 0)
		case_set_number(run, "liquidatable.#", whole(below), rule->formula);
	return found > 0;
}

static const struct case_rule table[] = {
	{ "paper", "adl_rank|other", "deficit winners factor budget equities_after result e_after "
	  "haircuts h ptsr pmr max_haircut", "given(equities) or given(e) or given(winners_pnl)",
	  "budget = severity x deficit, taken from winners: alike, by queue, or alike up to caps",
	  haircuts },
	{ "paper", "margin_ratio", "thresholds liquidatable", "not given(side)",
	  "equity <= mmr mark |qty|", thresholds },
	/* From a price that is not below 0. */
	{ "paper", "", "liq_price", "", "bankruptcy_price / (1 - s * mmr)", NULL },
	/* What selling at a price costs against the mark, fees included. */
	{ "paper", "", "cost", "",
	  "qty * (alt(fee_on_mark, 0) * mark + alt(fee_on_exec, 0) * exec_price)", NULL },
	{ "", "", "bad_debt", "given(exec_price)",
	  "max(0, q * s * (bankruptcy_price - exec_price))", NULL },
	{ "", "", "bad_debt", "given(mark)", "max(0, q * s * (bankruptcy_price - mark))", NULL },
	{ "", "", "shortfall deficit loss_to_fund", "given(bankruptcy_price)", "bad_debt", NULL },
	{ "", "", "surplus", "given(exec_price)",
	  "max(0, q * s * (exec_price - bankruptcy_price))", NULL },
	/* What a fund gets of a fill, or pays. */
	{ "", "", "fund_delta fund_gain fund_change to_fund insurance_fund_gain "
	  "insurance_fund_change insurance_fund_delta", "given(exec_price)",
	  "alt(q, 1) * s * (exec_price - bankruptcy_price)", NULL },
};
CASE_TABLE(case_rules_paper, table);
