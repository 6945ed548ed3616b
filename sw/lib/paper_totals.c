/* The published figures of all waves together, after several horizons, and of the shocks of single
 * coins. */
#include <errno.h>

#include "paper_figure.h"

/* A column of one table against one of another, row by row, and the sum against a cell. */
static int add_deficit(struct paper_reader *r, const struct fb_columns *waves,
		       __int128 theirs_total)
{
	struct fb_paper_figure *f = paper_add(r, FB_PAPER_AGAIN, PAPER_MONEY, "deficit",
					      "deficit of losers", "from bad_debt_loser_waves.csv");
	__int128 ours = 0;
	for (size_t i = 0; i < waves->rows; i++) {
		unsigned wave;
		__int128 a, b;
		int err = paper_wave(r, waves, i, &wave);
		if (!err)
			err = paper_number(r, waves, i, "deficit_usd", PAPER_MONEY, &a);
		if (err)
			return err;
		ours += a;
		for (size_t k = 0; k < r->policy.rows; k++) {
			unsigned of;
			if ((err = paper_wave(r, &r->policy, k, &of)))
				return err;
			if (of != wave)
				continue;
			if ((err = paper_number(r, &r->policy, k, "deficit_usd", PAPER_MONEY, &b)))
				return err;
			paper_value(f, wave, a, b);
		}
	}
	paper_total_is(f, ours, theirs_total);
	return 0;
}

/* The row of the sweep over horizons, in ms. */
static int sweep_row(struct paper_reader *r, const struct fb_columns *sweep, __int128 horizon,
		     size_t *out)
{
	for (*out = 0; *out < sweep->rows; ++*out) {
		__int128 found;
		int err = paper_number(r, sweep, *out, "eval_horizon_ms", 0, &found);
		if (err || found == horizon)
			return err;
	}
	return fb_error_set(r->error, -ENOENT, "%s: expected a row of horizon %d", sweep->text.name,
			    (int)horizon);
}

static int add_horizon(struct paper_reader *r, const struct fb_columns *sweep, const char *file,
		       unsigned horizon, const char *taken, const char *over)
{
	struct fb_columns waves;
	size_t row;
	__int128 sums[2] = { 0, 0 }, theirs[2];
	int err = sweep_row(r, sweep, horizon, &row);
	if (!err)
		err = paper_table(r, file, &waves);
	if (err)
		return err;
	static const char *const columns[] = { "budget_prod_usd", "budget_needed_usd" };
	for (size_t i = 0; i < waves.rows && !err; i++)
		for (int k = 0; k < 2 && !err; k++) {
			__int128 x;
			err = paper_number(r, &waves, i, columns[k], PAPER_MONEY, &x);
			sums[k] += err ? 0 : x;
		}
	if (!err)
		err = paper_number(r, sweep, row, "total_H_prod_usd", PAPER_MONEY, &theirs[0]);
	if (!err)
		err = paper_number(r, sweep, row, "total_overshoot_prod_minus_needed_usd",
				   PAPER_MONEY, &theirs[1]);
	fb_columns_free(&waves);
	if (err)
		return err;
	paper_total_is(paper_add(r, FB_PAPER_AGAIN, PAPER_MONEY, taken, taken,
				 "sum over the waves of its file"),
		       sums[0], theirs[0]);
	paper_total_is(paper_add(r, FB_PAPER_AGAIN, PAPER_MONEY, over, over,
				 "sum over the waves of its file"),
		       sums[0] - sums[1], theirs[1]);
	return 0;
}

static int copy_horizon(struct paper_reader *r, const struct fb_columns *sweep, unsigned horizon,
			const char *name)
{
	size_t row;
	__int128 theirs;
	int err = sweep_row(r, sweep, horizon, &row);
	if (!err)
		err = paper_number(r, sweep, row, "total_overshoot_prod_minus_needed_usd",
				   PAPER_MONEY, &theirs);
	if (!err)
		paper_total_is(paper_add(r, FB_PAPER_COPIED, PAPER_MONEY, name, name,
					 "the waves of this horizon are not among the files"),
			       0, theirs);
	return err;
}

/* The stylised queue: 1,125 shocks of single coins. */
static int add_shocks(struct paper_reader *r)
{
	struct fb_columns shocks, totals;
	__int128 over = 0, left = 0, theirs[2];
	int err = paper_table(r, "per_shock_metrics_queue.csv", &shocks);
	if (err)
		return err;
	for (size_t i = 0; i < shocks.rows && !err; i++) {
		__int128 deficit, budget;
		err = paper_number(r, &shocks, i, "deficit_usd", PAPER_MONEY, &deficit);
		if (!err)
			err = paper_number(r, &shocks, i, "budget_queue_usd", PAPER_MONEY, &budget);
		if (err)
			break;
		over += budget > deficit ? budget - deficit : 0;
		left += deficit > budget ? deficit - budget : 0;
	}
	fb_columns_free(&shocks);
	if (!err)
		err = paper_table(r, "summary_totals.csv", &totals);
	if (err)
		return err;
	err = paper_number(r, &totals, 0, "total_overshoot", PAPER_MONEY, &theirs[0]);
	if (!err)
		err = paper_number(r, &totals, 0, "total_residual", PAPER_MONEY, &theirs[1]);
	fb_columns_free(&totals);
	if (err)
		return err;
	paper_total_is(paper_add(r, FB_PAPER_AGAIN, PAPER_MONEY, "queue_overshoot",
				 "stylised queue, above the deficits of all shocks",
				 "taken less deficit of each shock where it is more"),
		       over, theirs[0]);
	paper_total_is(paper_add(r, FB_PAPER_AGAIN, PAPER_MONEY, "queue_residual",
				 "stylised queue, below the deficits of all shocks",
				 "deficit less taken of each shock where it is more"),
		       left, theirs[1]);
	return 0;
}

static int add_sweep(struct paper_reader *r)
{
	struct fb_columns sweep, waves;
	__int128 deficit;
	int err = paper_table(r, "eval_horizon_sweep_gap_ms=5000.csv", &sweep);
	if (err)
		return err;
	err = sweep.rows == 0
		      ? fb_error_set(r->error, -EINVAL, "%s: expected rows, found none",
				     sweep.text.name)
		      : paper_number(r, &sweep, 0, "total_deficit_usd", PAPER_MONEY, &deficit);
	if (!err)
		err = paper_table(r, "bad_debt_loser_waves.csv", &waves);
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

int paper_totals(struct paper_reader *r)
{
	int err = add_sweep(r);
	return err ? err : add_shocks(r);
}
