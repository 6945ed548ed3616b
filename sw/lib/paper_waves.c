/* The published figures of each wave, by policy: what was needed, budgets, haircuts, ratios. */
#include <stdio.h>
#include <string.h>

#include "paper_figure.h"

/* The sum over a wave's coins of gap x contracts is what was needed. By contracts, whole ones are
 * closed of each coin, so at most the next whole number times the gap of one. */
static int sum_gaps(struct paper_reader *r, const struct fb_columns *gaps)
{
	for (size_t i = 0; i < gaps->rows; i++) {
		__int128 wave, gap, each;
		unsigned of;
		int err = paper_number(r, gaps, i, "wave", 0, &wave);
		if (!err)
			err = paper_number(r, gaps, i, "gap_usd_x_qty", PAPER_MONEY, &gap);
		if (!err)
			err = paper_number(r, gaps, i, "gap_per_contract_usd", 18, &each);
		size_t at = 0;
		for (; !err && at < r->policy.rows; at++) {
			err = paper_wave(r, &r->policy, at, &of);
			if (!err && of == wave)
				break;
		}
		if (err)
			return err;
		if (at == r->policy.rows || gap <= 0 || each <= 0)
			continue;
		/* one contract more than gap / each is never less than the next whole number */
		r->needed[at] += gap;
		r->most_contracts[at] +=
			gap + paper_divide(each, paper_power(18 - PAPER_MONEY)) + 1;
	}
	return 0;
}

/* A policy's budget beside `ours`, and what it is above what was needed. */
struct budget {
	const char *name, *label, *budget, *overshoot, *over_name, *over_label;
	enum fb_paper_how how;
	const char *reason;
};

#define NOT_THERE \
	"the winners' profits, equities and positions at a wave's start are not among the files"
static const struct budget budgets[] = {
	{ "production", "taken by the venue", "budget_prod", "overshoot_prod",
	  "production_overshoot", "taken by the venue less needed", FB_PAPER_COPIED,
	  "the replay's haircuts of each account are not among the files" },
	{ "wealth", "wealth pro rata", "budget_pr", "overshoot_pr", "wealth_overshoot",
	  "wealth pro rata less needed", FB_PAPER_AGAIN,
	  "what was needed, or all caps if those are less" },
	{ "profit", "profit pro rata", "budget_pnl_pr", "overshoot_pnl_pr", "profit_overshoot",
	  "profit pro rata less needed", FB_PAPER_AGAIN,
	  "what was needed, or all caps if those are less" },
	{ "equity", "equity pro rata", "budget_eq_pr", "overshoot_eq_pr", "equity_overshoot",
	  "equity pro rata less needed", FB_PAPER_AGAIN,
	  "what was needed, or all caps if those are less" },
	{ "descent", "vector mirror descent", "budget_vector", "overshoot_vector",
	  "descent_overshoot", "vector mirror descent less needed", FB_PAPER_BOUND, NOT_THERE },
	{ "contracts", "contract pro rata", "budget_contract_pr", "overshoot_contract_pr",
	  "contracts_overshoot", "contract pro rata less needed", FB_PAPER_BOUND, NOT_THERE },
	{ "fixed_point", "whole contracts, min-max", "budget_fixed_point_ilp_integer",
	  "overshoot_fixed_point_ilp_integer", "fixed_point_overshoot",
	  "whole contracts, min-max, less needed", FB_PAPER_COPIED, NOT_THERE },
};
#define BUDGETS (sizeof(budgets) / sizeof(budgets[0]))

static int add_needed(struct paper_reader *r)
{
	struct fb_paper_figure *f = paper_add(r, FB_PAPER_AGAIN, PAPER_MONEY, "needed", "needed",
					      "gap x contracts, summed over the coins of a wave");
	for (size_t i = 0; i < r->policy.rows; i++) {
		unsigned wave;
		__int128 theirs;
		int err = paper_wave(r, &r->policy, i, &wave);
		if (!err)
			err = paper_number(r, &r->policy, i, "budget_needed", PAPER_MONEY, &theirs);
		if (err)
			return err;
		paper_value(f, wave, r->needed[i], theirs);
	}
	paper_total(f);
	return 0;
}

static int add_budget(struct paper_reader *r, const struct budget *b)
{
	struct fb_paper_figure *taken =
		paper_add(r, b->how, PAPER_MONEY, b->name, b->label, b->reason);
	struct fb_paper_figure *over =
		paper_add(r, FB_PAPER_AGAIN, PAPER_MONEY, b->over_name, b->over_label,
			  "their budget less what was needed, summed anew");
	for (size_t i = 0; i < r->policy.rows; i++) {
		unsigned wave;
		__int128 theirs, caps, excess;
		int err = paper_wave(r, &r->policy, i, &wave);
		if (!err)
			err = paper_number(r, &r->policy, i, b->budget, PAPER_MONEY, &theirs);
		if (!err)
			err = paper_number(r, &r->policy, i, b->overshoot, PAPER_MONEY, &excess);
		if (!err)
			err = paper_number(r, &r->policy, i, "total_cap", PAPER_MONEY, &caps);
		if (err)
			return err;
		__int128 ours = r->needed[i] < caps ? r->needed[i] : caps;
		if (strcmp(b->name, "contracts") == 0)
			ours = r->most_contracts[i];
		paper_value(taken, wave, b->how == FB_PAPER_COPIED ? 0 : ours, theirs);
		paper_value(over, wave, theirs - r->needed[i], excess);
		/* near: what their budget lost, not the small difference */
		if (over->value[i].verdict == FB_PAPER_DIFFERS &&
		    fb_paper_judge(FB_PAPER_AGAIN, r->needed[i] + excess, theirs) == FB_PAPER_NEAR)
			over->value[i].verdict = FB_PAPER_NEAR;
	}
	paper_total(taken);
	paper_total(over);
	if (over->total.verdict == FB_PAPER_DIFFERS &&
	    fb_paper_judge(FB_PAPER_AGAIN,
			   taken->total.theirs - over->total.ours + over->total.theirs,
			   taken->total.theirs) == FB_PAPER_NEAR)
		over->total.verdict = FB_PAPER_NEAR;
	return 0;
}

/* needed / caps is everybody's haircut of its profit; of its equity, which is what they print, it
 * is that of a winner whose equity is all profit, and less where there is none. */
static int add_haircut(struct paper_reader *r)
{
	struct fb_paper_figure *f =
		paper_add(r, FB_PAPER_BOUND, PAPER_SHARE, "wealth_haircut",
			  "wealth pro rata, largest haircut",
			  "needed / all caps: met where some winner's equity is all profit");
	for (size_t i = 0; i < r->policy.rows; i++) {
		unsigned wave;
		__int128 caps, theirs;
		int err = paper_wave(r, &r->policy, i, &wave);
		if (!err)
			err = paper_number(r, &r->policy, i, "total_cap", PAPER_MONEY, &caps);
		if (!err)
			err = paper_number(r, &r->policy, i, "max_pct_pr", PAPER_SHARE, &theirs);
		if (err)
			return err;
		paper_value(f, wave, paper_share(r->needed[i], caps), theirs);
	}
	return 0;
}

static int add_theta(struct paper_reader *r)
{
	struct fb_paper_figure *f = paper_add(r, FB_PAPER_AGAIN, PAPER_SHARE, "theta_needed",
					      "needed / deficit, at most 1", "as it says");
	for (size_t i = 0; i < r->policy.rows; i++) {
		unsigned wave;
		__int128 deficit, theirs;
		int err = paper_wave(r, &r->policy, i, &wave);
		if (!err)
			err = paper_number(r, &r->policy, i, "deficit_usd", PAPER_MONEY, &deficit);
		if (!err)
			err = paper_number(r, &r->policy, i, "theta_needed_capped", PAPER_SHARE,
					   &theirs);
		if (err)
			return err;
		__int128 ours = paper_share(r->needed[i], deficit), all = paper_power(PAPER_SHARE);
		paper_value(f, wave, ours < all ? ours : all, theirs);
	}
	return 0;
}

/* PMR follows from PTSR: both have the largest survivor above the line, below it D - H, and
 * (D - H) / D x largest loss. RD-NSE is PTSR / (1 + PTSR). */
static int add_ratio(struct paper_reader *r, const char *suffix, bool regret, const char *name)
{
	struct fb_paper_figure *f =
		paper_add(r, FB_PAPER_AGAIN, regret ? PAPER_SHARE : PAPER_MONEY, name, name,
			  regret ? "from their PTSR: PTSR / (1 + PTSR)"
				 : "from their PTSR: x deficit / largest loss");
	for (size_t i = 0; i < r->policy.rows; i++) {
		unsigned wave;
		char ptsr[64], other[64];
		__int128 first, theirs, deficit, loss;
		snprintf(ptsr, sizeof(ptsr), "ptsr_%s", suffix);
		snprintf(other, sizeof(other), "%s_%s", regret ? "rd_nse" : "pmr", suffix);
		if (!paper_there(&r->policy, i, ptsr) || !paper_there(&r->policy, i, other))
			continue;
		int err = paper_wave(r, &r->policy, i, &wave);
		if (!err)
			err = paper_number(r, &r->policy, i, ptsr, PAPER_SHARE, &first);
		if (!err)
			err = paper_number(r, &r->policy, i, other, f->scale, &theirs);
		if (!err)
			err = paper_number(r, &r->policy, i, "deficit_usd", PAPER_MONEY, &deficit);
		if (!err)
			err = paper_number(r, &r->policy, i, "max_loss_usd", PAPER_MONEY, &loss);
		if (err)
			return err;
		__int128 in_money = paper_divide(first, paper_power(PAPER_SHARE - PAPER_MONEY));
		paper_value(f, wave,
			    regret ? paper_share(first, first + paper_power(PAPER_SHARE))
				   : paper_divide(in_money * deficit, loss),
			    theirs);
	}
	return 0;
}

static int add_ratios(struct paper_reader *r)
{
	static const struct {
		const char *suffix, *regret, *pmr;
	} policies[] = {
		{ "prod", "production_rd_nse", "production_pmr" },
		{ "pr", "wealth_rd_nse", "wealth_pmr" },
		{ "pnl_pr", "profit_rd_nse", "profit_pmr" },
		{ "eq_pr", "equity_rd_nse", "equity_pmr" },
		{ "vector", "descent_rd_nse", "descent_pmr" },
		{ "contract_pr", "contracts_rd_nse", "contracts_pmr" },
		{ "fixed_point_ilp_integer", "fixed_point_rd_nse", "fixed_point_pmr" },
	};
	int err = 0;
	for (size_t k = 0; k < sizeof(policies) / sizeof(policies[0]) && !err; k++) {
		err = add_ratio(r, policies[k].suffix, true, policies[k].regret);
		if (!err)
			err = add_ratio(r, policies[k].suffix, false, policies[k].pmr);
	}
	return err;
}

int paper_waves(struct paper_reader *r)
{
	struct fb_columns gaps;
	int err = paper_table(r, "two_pass_wave_coin_gap_per_contract_h0.csv", &gaps);
	if (err)
		return err;
	err = sum_gaps(r, &gaps);
	fb_columns_free(&gaps);
	if (!err)
		err = add_needed(r);
	for (size_t k = 0; k < BUDGETS && !err; k++)
		err = add_budget(r, &budgets[k]);
	if (!err)
		err = add_haircut(r);
	if (!err)
		err = add_theta(r);
	return err ? err : add_ratios(r);
}
