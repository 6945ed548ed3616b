/* Rules of FLOX's engine: a bankrupt position, a fund, and winners that give up gains. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases_tables.h"
#include "ratio.h"

#define WINNERS 64

struct winner {
	__int128 account;
	ratio profit, equity, score, qty;
};

static ratio number(struct case_run *run, const char *scope, const char *name)
{
	struct case_value value = case_find(run, scope, name);
	return value.type == CASE_NUMBER ? value.number : fb_ratio_error(-ENOENT);
}

/* equity, |profit| x notional / equity (the engine's "Binance"), or size. */
static ratio score(struct case_run *run, const struct winner *w, ratio mark)
{
	static const char *const names[] = { "score", "ranking", "adl_ranking", "rule" };
	struct case_value by = case_none(-ENOENT);
	for (size_t i = 0; i < 4 && by.type != CASE_WORDS; i++)
		by = case_input(run, NULL, names[i]);
	if (by.type == CASE_WORDS &&
	    (case_contains(by.words, "notional") || case_contains(by.words, "binance") ||
	     case_contains(by.words, "bybit")))
		return over(times(w->profit, times(w->qty, mark)), w->equity);
	if (by.type == CASE_WORDS && case_contains(by.words, "size"))
		return w->qty;
	return over(w->profit, w->equity);
}

static ratio deficit(struct case_run *run)
{
	struct case_value given = case_input(run, NULL, "deficit");
	if (given.type == CASE_NUMBER)
		return given.number;
	ratio mark = number(run, NULL, "mark"), qty = number(run, "bankrupt", "q");
	ratio entry = number(run, "bankrupt", "entry"), equity = number(run, "bankrupt", "equity");
	ratio left = plus(equity, times(times(case_side(run, "bankrupt"), qty),
					minus(mark, entry)));
	return left.error ? left : fb_ratio_max(whole(0), negative(left));
}

/* Highest score first, equal ones by the lower account. */
static unsigned load_winners(struct case_run *run, struct winner *out)
{
	unsigned n = case_length(run, "candidates"), winners = 0;
	ratio mark = number(run, NULL, "mark");
	for (unsigned i = 0; i < n && winners < WINNERS; i++) {
		char scope[CASE_PATH];
		struct winner own = { .account = i + 1 };
		snprintf(scope, sizeof(scope), "candidates.%u", i);
		ratio account = number(run, scope, "account");
		fb_ratio_to_int(&account, &own.account);
		own.qty = number(run, scope, "q");
		own.equity = number(run, scope, "equity");
		own.profit = times(times(case_side(run, scope), own.qty),
				   minus(mark, number(run, scope, "entry")));
		own.score = score(run, &own, mark);
		if (own.score.error)
			return 0;
		unsigned j = winners++;
		for (; j > 0; j--) {
			int order = fb_ratio_compare(&own.score, &out[j - 1].score);
			if (order < 0 || (order == 0 && own.account > out[j - 1].account))
				break;
			out[j] = out[j - 1];
		}
		out[j] = own;
	}
	return winners;
}

/* The fund first; then winners give up at most their profit, until nothing is open. */
static bool closeouts(struct case_run *run, const struct case_rule *rule)
{
	struct winner *w = calloc(WINNERS, sizeof(*w));
	struct case_value off = case_input(run, NULL, "adl_enabled");
	ratio open = deficit(run), fund = number(run, NULL, "fund");
	unsigned n = w ? load_winners(run, w) : 0, closed = 0;
	char path[CASE_PATH];
	if (open.error || !w || (n == 0 && case_length(run, "candidates"))) {
		free(w);
		return false;
	}
	if (fund.error == 0)
		open = minus(open, fb_ratio_min(open, fund));
	for (unsigned i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "scores.%lld", (long long)w[i].account);
		case_set_number(run, path, w[i].score, rule->formula);
		bool stop = off.type == CASE_TRUTH && !off.truth;
		if (stop || fb_ratio_sign(&open) <= 0 || fb_ratio_sign(&w[i].profit) <= 0)
			continue;
		open = minus(open, fb_ratio_min(open, w[i].profit));
		snprintf(path, sizeof(path), "closed.%u", closed++);
		case_set_number(run, path, whole(w[i].account), rule->formula);
	}
	case_set_number(run, "closed.#", whole(closed), rule->formula);
	case_set_number(run, "closeouts", whole(closed), rule->formula);
	case_set_number(run, "adl_closeouts", whole(closed), rule->formula);
	case_set_number(run, "unpaid", open, rule->formula);
	case_set_number(run, "deficit_unpaid", open, rule->formula);
	free(w);
	return true;
}

static bool set_deficit(struct case_run *run, const struct case_rule *rule)
{
	ratio open = deficit(run);
	case_set_number(run, "deficit", open, rule->formula);
	return open.error == 0;
}

static const struct case_rule table[] = {
	{ "FLOX", "", "deficit", "given(bankrupt.equity)", "max(0, -(equity + s q (mark - entry)))",
	  set_deficit },
	{ "FLOX", "", "deficit", "given(marks)", "max(0, -equity)", NULL },
	{ "FLOX", "", "deficit", "", "max(0, -(equity + upnl))", NULL },
	{ "FLOX", "adl_rank", "closed closeouts adl_closeouts scores unpaid deficit_unpaid", "",
	  "by score, then lower account; each gives up min(deficit left, profit)", closeouts },
	{ "FLOX", "", "winner_upnl", "", "-winner.qty * (winner.entry - mark)", NULL },
	{ "FLOX", "", "absorbed", "", "min(deficit, winner_upnl)", NULL },
	{ "FLOX", "", "retained", "", "winner_upnl - absorbed", NULL },
	{ "FLOX", "", "winner_equity_after winner_wallet_after", "",
	  "alt(winner.equity, winner.wallet) + retained", NULL },
	{ "FLOX", "", "im_rate", "given(imr)", "imr", NULL },
	{ "FLOX", "", "can_open accepted", "",
	  "initial_margin + abs(order.qty) * marks[order.symbol] * im_rate <= equity", NULL },
	{ "FLOX", "", "fund", "", "alt(insurance_fund, fund_balance, "
	  "insurance_fund_capital)", NULL },
	{ "FLOX", "", "fund_delta insurance_fund_delta", "", "-min(fund, deficit)", NULL },
	{ "FLOX", "", "fund_after insurance_fund_after fund_balance_after "
	  "insurance_fund_balance", "",
	  "fund - min(fund, deficit)", NULL },
	{ "FLOX", "", "liquidations liquidations_count", "", "liquidatable ? 1 : 0", NULL },
};
CASE_TABLE(case_rules_flox, table);
