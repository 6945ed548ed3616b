/* The published figures: which there are, and how ours are come by. See <firebreak/paper.h>. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/paper.h>

#include "columns.h"

#define MONEY 9  /* decimals of money, of its sums and quotients above 1 */
#define SHARE 15 /* of haircuts and other shares */

struct reader {
	const char *directory;
	struct fb_error *error;
	struct fb_paper *paper;
	struct fb_columns policy; /* policy_per_wave_metrics.csv */
	__int128 needed[FB_PAPER_WAVES], most_contracts[FB_PAPER_WAVES];
};

static __int128 power(unsigned n)
{
	__int128 p = 1;
	while (n-- > 0)
		p *= 10;
	return p;
}

/* To the nearest, of numbers that are not negative. */
static __int128 divide(__int128 a, __int128 b)
{
	return b > 0 ? (2 * a + b) / (2 * b) : 0;
}

enum fb_paper_verdict fb_paper_judge(enum fb_paper_how how, __int128 ours, __int128 theirs)
{
	__int128 off = ours - theirs, size = theirs < 0 ? -theirs : theirs;
	if (how == FB_PAPER_COPIED)
		return FB_PAPER_ALONE;
	if (off == 0)
		return FB_PAPER_EQUAL;
	if ((off < 0 ? -off : off) <= 2 + size / 1000000000000)
		return FB_PAPER_NEAR;
	return how == FB_PAPER_BOUND && theirs <= ours ? FB_PAPER_WITHIN : FB_PAPER_DIFFERS;
}

static struct fb_paper_figure *figure(struct reader *r, enum fb_paper_how how, unsigned scale,
				      const char *name, const char *label, const char *reason)
{
	assert(r->paper->figures < FB_PAPER_FIGURES);
	struct fb_paper_figure *f = &r->paper->figure[r->paper->figures++];
	*f = (struct fb_paper_figure){
		.name = name, .label = label, .reason = reason, .how = how, .scale = scale
	};
	return f;
}

static void value(struct fb_paper_figure *f, unsigned wave, __int128 ours, __int128 theirs)
{
	assert(f->n < FB_PAPER_WAVES);
	f->value[f->n++] = (struct fb_paper_value){
		.wave = wave,
		.ours = ours,
		.theirs = theirs,
		.verdict = fb_paper_judge(f->how, ours, theirs),
	};
}

static void total_is(struct fb_paper_figure *f, __int128 ours, __int128 theirs)
{
	f->has_total = true;
	f->total = (struct fb_paper_value){
		.ours = ours, .theirs = theirs, .verdict = fb_paper_judge(f->how, ours, theirs)
	};
}

static void total(struct fb_paper_figure *f)
{
	__int128 ours = 0, theirs = 0;
	for (size_t i = 0; i < f->n; i++) {
		ours += f->value[i].ours;
		theirs += f->value[i].theirs;
	}
	total_is(f, ours, theirs);
}

static int open_table(struct reader *r, const char *file, struct fb_columns *out)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/%s", r->directory, file);
	return fb_columns_read(path, out, r->error);
}

static int number(struct reader *r, const struct fb_columns *t, size_t row, const char *column,
		  unsigned scale, __int128 *out)
{
	size_t k;
	int err = fb_columns_column(t, column, &k, r->error);
	return err ? err : fb_columns_number(t, row, k, scale, out, r->error);
}

/* Some are left out where a division had nothing to divide by. */
static bool there(const struct fb_columns *t, size_t row, const char *column)
{
	size_t k;
	struct fb_error ignored;
	if (fb_columns_column(t, column, &k, &ignored))
		return true; /* number() will say so */
	const char *cell = fb_columns_cell(t, row, k);
	return *cell != ',' && *cell != '\n' && *cell != '\r' && *cell != '\0';
}

static int wave_of(struct reader *r, const struct fb_columns *t, size_t row, unsigned *out)
{
	__int128 wave;
	int err = number(r, t, row, "wave", 0, &wave);
	*out = (unsigned)wave;
	if (!err && (wave < 1 || wave > 1000))
		err = fb_error_set(r->error, -EINVAL,
				   "%s: line %zu: expected a wave from 1 to 1000", t->text.name,
				   row + 2);
	return err;
}

/* The sum over a wave's coins of gap x contracts is what was needed. By contracts, whole ones are
 * closed of each coin, so at most the next whole number times the gap of one. */
static int sum_gaps(struct reader *r, const struct fb_columns *gaps)
{
	for (size_t i = 0; i < gaps->rows; i++) {
		__int128 wave, gap, each;
		unsigned of;
		int err = number(r, gaps, i, "wave", 0, &wave);
		if (!err)
			err = number(r, gaps, i, "gap_usd_x_qty", MONEY, &gap);
		if (!err)
			err = number(r, gaps, i, "gap_per_contract_usd", 18, &each);
		size_t at = 0;
		for (; !err && at < r->policy.rows; at++) {
			err = wave_of(r, &r->policy, at, &of);
			if (!err && of == wave)
				break;
		}
		if (err)
			return err;
		if (at == r->policy.rows || gap <= 0 || each <= 0)
			continue;
		/* one contract more than gap / each is never less than the next whole number */
		r->needed[at] += gap;
		r->most_contracts[at] += gap + divide(each, power(18 - MONEY)) + 1;
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

static int add_needed(struct reader *r)
{
	struct fb_paper_figure *f = figure(r, FB_PAPER_AGAIN, MONEY, "needed", "needed",
					   "gap x contracts, summed over the coins of a wave");
	for (size_t i = 0; i < r->policy.rows; i++) {
		unsigned wave;
		__int128 theirs;
		int err = wave_of(r, &r->policy, i, &wave);
		if (!err)
			err = number(r, &r->policy, i, "budget_needed", MONEY, &theirs);
		if (err)
			return err;
		value(f, wave, r->needed[i], theirs);
	}
	total(f);
	return 0;
}

static int add_budget(struct reader *r, const struct budget *b)
{
	struct fb_paper_figure *taken = figure(r, b->how, MONEY, b->name, b->label, b->reason);
	struct fb_paper_figure *over =
		figure(r, FB_PAPER_AGAIN, MONEY, b->over_name, b->over_label,
		       "their budget less what was needed, summed anew");
	for (size_t i = 0; i < r->policy.rows; i++) {
		unsigned wave;
		__int128 theirs, caps, excess;
		int err = wave_of(r, &r->policy, i, &wave);
		if (!err)
			err = number(r, &r->policy, i, b->budget, MONEY, &theirs);
		if (!err)
			err = number(r, &r->policy, i, b->overshoot, MONEY, &excess);
		if (!err)
			err = number(r, &r->policy, i, "total_cap", MONEY, &caps);
		if (err)
			return err;
		__int128 ours = r->needed[i] < caps ? r->needed[i] : caps;
		if (strcmp(b->name, "contracts") == 0)
			ours = r->most_contracts[i];
		value(taken, wave, b->how == FB_PAPER_COPIED ? 0 : ours, theirs);
		value(over, wave, theirs - r->needed[i], excess);
		/* near: what their budget lost, not the small difference */
		if (over->value[i].verdict == FB_PAPER_DIFFERS &&
		    fb_paper_judge(FB_PAPER_AGAIN, r->needed[i] + excess, theirs) == FB_PAPER_NEAR)
			over->value[i].verdict = FB_PAPER_NEAR;
	}
	total(taken);
	total(over);
	if (over->total.verdict == FB_PAPER_DIFFERS &&
	    fb_paper_judge(FB_PAPER_AGAIN,
			   taken->total.theirs - over->total.ours + over->total.theirs,
			   taken->total.theirs) == FB_PAPER_NEAR)
		over->total.verdict = FB_PAPER_NEAR;
	return 0;
}

/* needed / caps is everybody's haircut of its profit; of its equity, which is what they print, it
 * is that of a winner whose equity is all profit, and less where there is none. */
static int add_haircut(struct reader *r)
{
	struct fb_paper_figure *f =
		figure(r, FB_PAPER_BOUND, SHARE, "wealth_haircut",
		       "wealth pro rata, largest haircut",
		       "needed / all caps: met where some winner's equity is all profit");
	for (size_t i = 0; i < r->policy.rows; i++) {
		unsigned wave;
		__int128 caps, theirs;
		int err = wave_of(r, &r->policy, i, &wave);
		if (!err)
			err = number(r, &r->policy, i, "total_cap", MONEY, &caps);
		if (!err)
			err = number(r, &r->policy, i, "max_pct_pr", SHARE, &theirs);
		if (err)
			return err;
		value(f, wave, divide(r->needed[i] * power(SHARE), caps), theirs);
	}
	return 0;
}

static int add_theta(struct reader *r)
{
	struct fb_paper_figure *f = figure(r, FB_PAPER_AGAIN, SHARE, "theta_needed",
					   "needed / deficit, at most 1", "as it says");
	for (size_t i = 0; i < r->policy.rows; i++) {
		unsigned wave;
		__int128 deficit, theirs;
		int err = wave_of(r, &r->policy, i, &wave);
		if (!err)
			err = number(r, &r->policy, i, "deficit_usd", MONEY, &deficit);
		if (!err)
			err = number(r, &r->policy, i, "theta_needed_capped", SHARE, &theirs);
		if (err)
			return err;
		__int128 ours = divide(r->needed[i] * power(SHARE), deficit);
		value(f, wave, ours < power(SHARE) ? ours : power(SHARE), theirs);
	}
	return 0;
}

/* PMR follows from PTSR: both have the largest survivor above the line, below it D - H, and
 * (D - H) / D x largest loss. RD-NSE is PTSR / (1 + PTSR). */
static int add_ratio(struct reader *r, const char *suffix, bool regret, const char *name)
{
	struct fb_paper_figure *f = figure(
		r, FB_PAPER_AGAIN, regret ? SHARE : MONEY, name, name,
		regret ? "from their PTSR: PTSR / (1 + PTSR)"
		       : "from their PTSR: x deficit / largest loss");
	for (size_t i = 0; i < r->policy.rows; i++) {
		unsigned wave;
		char ptsr[64], other[64];
		__int128 first, theirs, deficit, loss;
		snprintf(ptsr, sizeof(ptsr), "ptsr_%s", suffix);
		snprintf(other, sizeof(other), "%s_%s", regret ? "rd_nse" : "pmr", suffix);
		if (!there(&r->policy, i, ptsr) || !there(&r->policy, i, other))
			continue;
		int err = wave_of(r, &r->policy, i, &wave);
		if (!err)
			err = number(r, &r->policy, i, ptsr, SHARE, &first);
		if (!err)
			err = number(r, &r->policy, i, other, f->scale, &theirs);
		if (!err)
			err = number(r, &r->policy, i, "deficit_usd", MONEY, &deficit);
		if (!err)
			err = number(r, &r->policy, i, "max_loss_usd", MONEY, &loss);
		if (err)
			return err;
		value(f, wave,
		      regret ? divide(first * power(SHARE), first + power(SHARE))
			     : divide(divide(first, power(SHARE - MONEY)) * deficit, loss),
		      theirs);
	}
	return 0;
}

/* A column of one table against one of another, row by row, and the sum against a cell. */
static int add_deficit(struct reader *r, const struct fb_columns *waves, __int128 theirs_total)
{
	struct fb_paper_figure *f = figure(r, FB_PAPER_AGAIN, MONEY, "deficit", "deficit of losers",
					   "from bad_debt_loser_waves.csv");
	__int128 ours = 0;
	for (size_t i = 0; i < waves->rows; i++) {
		unsigned wave;
		__int128 a, b;
		int err = wave_of(r, waves, i, &wave);
		if (!err)
			err = number(r, waves, i, "deficit_usd", MONEY, &a);
		if (err)
			return err;
		ours += a;
		for (size_t k = 0; k < r->policy.rows; k++) {
			unsigned of;
			if ((err = wave_of(r, &r->policy, k, &of)))
				return err;
			if (of != wave)
				continue;
			if ((err = number(r, &r->policy, k, "deficit_usd", MONEY, &b)))
				return err;
			value(f, wave, a, b);
		}
	}
	total_is(f, ours, theirs_total);
	return 0;
}

/* The row of the sweep over horizons, in ms. */
static int sweep_row(struct reader *r, const struct fb_columns *sweep, __int128 horizon,
		     size_t *out)
{
	for (*out = 0; *out < sweep->rows; ++*out) {
		__int128 found;
		int err = number(r, sweep, *out, "eval_horizon_ms", 0, &found);
		if (err || found == horizon)
			return err;
	}
	return fb_error_set(r->error, -ENOENT, "%s: expected a row of horizon %d", sweep->text.name,
			    (int)horizon);
}

static int add_horizon(struct reader *r, const struct fb_columns *sweep, const char *file,
		       unsigned horizon, const char *taken, const char *over)
{
	struct fb_columns waves;
	size_t row;
	__int128 sums[2] = { 0, 0 }, theirs[2];
	int err = sweep_row(r, sweep, horizon, &row);
	if (!err)
		err = open_table(r, file, &waves);
	if (err)
		return err;
	static const char *const columns[] = { "budget_prod_usd", "budget_needed_usd" };
	for (size_t i = 0; i < waves.rows && !err; i++)
		for (int k = 0; k < 2 && !err; k++) {
			__int128 x;
			err = number(r, &waves, i, columns[k], MONEY, &x);
			sums[k] += err ? 0 : x;
		}
	if (!err)
		err = number(r, sweep, row, "total_H_prod_usd", MONEY, &theirs[0]);
	if (!err)
		err = number(r, sweep, row, "total_overshoot_prod_minus_needed_usd", MONEY,
			     &theirs[1]);
	fb_columns_free(&waves);
	if (err)
		return err;
	total_is(figure(r, FB_PAPER_AGAIN, MONEY, taken, taken, "sum over the waves of its file"),
		 sums[0], theirs[0]);
	total_is(figure(r, FB_PAPER_AGAIN, MONEY, over, over, "sum over the waves of its file"),
		 sums[0] - sums[1], theirs[1]);
	return 0;
}

static int copy_horizon(struct reader *r, const struct fb_columns *sweep, unsigned horizon,
			const char *name)
{
	size_t row;
	__int128 theirs;
	int err = sweep_row(r, sweep, horizon, &row);
	if (!err)
		err = number(r, sweep, row, "total_overshoot_prod_minus_needed_usd", MONEY,
			     &theirs);
	if (!err)
		total_is(figure(r, FB_PAPER_COPIED, MONEY, name, name,
				"the waves of this horizon are not among the files"),
			 0, theirs);
	return err;
}

/* The stylised queue: 1,125 shocks of single coins. */
static int add_shocks(struct reader *r)
{
	struct fb_columns shocks, totals;
	__int128 over = 0, left = 0, theirs[2];
	int err = open_table(r, "per_shock_metrics_queue.csv", &shocks);
	if (err)
		return err;
	for (size_t i = 0; i < shocks.rows && !err; i++) {
		__int128 deficit, budget;
		err = number(r, &shocks, i, "deficit_usd", MONEY, &deficit);
		if (!err)
			err = number(r, &shocks, i, "budget_queue_usd", MONEY, &budget);
		if (err)
			break;
		over += budget > deficit ? budget - deficit : 0;
		left += deficit > budget ? deficit - budget : 0;
	}
	fb_columns_free(&shocks);
	if (!err)
		err = open_table(r, "summary_totals.csv", &totals);
	if (err)
		return err;
	err = number(r, &totals, 0, "total_overshoot", MONEY, &theirs[0]);
	if (!err)
		err = number(r, &totals, 0, "total_residual", MONEY, &theirs[1]);
	fb_columns_free(&totals);
	if (err)
		return err;
	total_is(figure(r, FB_PAPER_AGAIN, MONEY, "queue_overshoot",
			"stylised queue, above the deficits of all shocks",
			"taken less deficit of each shock where it is more"),
		 over, theirs[0]);
	total_is(figure(r, FB_PAPER_AGAIN, MONEY, "queue_residual",
			"stylised queue, below the deficits of all shocks",
			"deficit less taken of each shock where it is more"),
		 left, theirs[1]);
	return 0;
}

static int add_ratios(struct reader *r)
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

static int add_sweep(struct reader *r)
{
	struct fb_columns sweep, waves;
	__int128 deficit;
	int err = open_table(r, "eval_horizon_sweep_gap_ms=5000.csv", &sweep);
	if (err)
		return err;
	err = sweep.rows == 0 ? fb_error_set(r->error, -EINVAL, "%s: expected rows, found none",
					     sweep.text.name)
			      : number(r, &sweep, 0, "total_deficit_usd", MONEY, &deficit);
	if (!err)
		err = open_table(r, "bad_debt_loser_waves.csv", &waves);
	if (!err) {
		err = add_deficit(r, &waves, deficit);
		fb_columns_free(&waves);
	}
	if (!err)
		err = add_horizon(r, &sweep, "two_pass_equity_delta_by_wave_h0.csv", 0,
				  "production_after_0_ms", "overshoot_after_0_ms");
	if (!err)
		err = add_horizon(r, &sweep, "two_pass_equity_delta_by_wave_h5000.csv", 5000,
				  "production_after_5000_ms", "overshoot_after_5000_ms");
	if (!err)
		err = copy_horizon(r, &sweep, 500, "overshoot_after_500_ms");
	if (!err)
		err = copy_horizon(r, &sweep, 1000, "overshoot_after_1000_ms");
	if (!err)
		err = copy_horizon(r, &sweep, 2000, "overshoot_after_2000_ms");
	fb_columns_free(&sweep);
	return err;
}

static int read_all(struct reader *r)
{
	struct fb_columns gaps;
	if (r->policy.rows > FB_PAPER_WAVES)
		return fb_error_set(r->error, -EINVAL, "%s: expected at most %d waves, found %zu",
				    r->policy.text.name, FB_PAPER_WAVES, r->policy.rows);
	int err = open_table(r, "two_pass_wave_coin_gap_per_contract_h0.csv", &gaps);
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
	if (!err)
		err = add_ratios(r);
	if (!err)
		err = add_sweep(r);
	return err ? err : add_shocks(r);
}

int fb_paper_read(const char *directory, struct fb_paper *out, struct fb_error *error)
{
	struct reader r = { .directory = directory, .error = error, .paper = out };
	out->figures = 0;
	int err = open_table(&r, "policy_per_wave_metrics.csv", &r.policy);
	if (err)
		return err;
	err = read_all(&r);
	fb_columns_free(&r.policy);
	return err;
}
