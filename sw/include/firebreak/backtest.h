/* Several rule packs, or one with several settings, over the same crash: the same marks, accounts,
 * simulated market and seeds; one run after another, each with its own closed loop of orders, fills
 * and prices. What came of each is put side by side.
 *
 * A variant is PACK, or PACK:section.key=value[,section.key=value...]; `sets` hold for all of them.
 * They follow the pack as the keys of a pack follow its base. All variants are read before the
 * first run begins.
 *
 * The metrics, each from the run's own inputs and answers:
 *
 *   bankrupt loss   what users owed: the sum over their accounts of the lowest equity below 0 at
 *                   which one was judged
 *   fund used       equity of the fund at the start less the lowest it had
 *   not paid        what closed accounts and houses below 0 owe at the end
 *   liquidations    accounts taken, one that is released and taken again as often as that; and the
 *                   notional closed of them, at the mark
 *   deleveraged     different accounts that were counterparties, and the notional of their pairs
 *   needed          what counterparties gave by their pairs at the marks of the moment: lots x mark
 *                   less what they got, where that is positive
 *   overshoot       what the same lots would have brought them at the last marks of the run, less
 *                   what they got and less needed: the profit they missed beyond what was needed
 *                   (arXiv 2512.01112v3: production less needed, horizon: the end)
 *   largest haircut largest of all that an account gave / its largest equity before a pair or at
 *                   the first round. 1e-9
 *   gini            of the haircuts of all winners: user accounts not held that were in profit when
 *                   the first round was planned, and all who were deleveraged later. 0: all gave
 *                   the same share; towards 1: few gave all
 *   regret          largest haircut less what all winners would have given, had each given the same
 *                   share of its equity
 *   hedges broken   pairs that closed lots of an account which held longs and shorts, so that its
 *                   longs less shorts at the mark (all symbols) went away from 0
 *   spiral          the most by which the market's price lay below the reference: what
 *                   liquidations did to it. 1e-7
 *   solvent after   from the first instant with an account held to the first one after which none
 *                   is and no house is below 0; -1: that did not come. A run goes on for up to
 *                   120 s after the last marks
 *
 * Caveat. Made-up accounts depend on the pack: its symbols and ladders bound what they hold. Packs
 * of unlike symbols then play unlike crashes; variants of one pack, and all packs with an accounts
 * file, play the same.
 */
#ifndef FIREBREAK_BACKTEST_H
#define FIREBREAK_BACKTEST_H

#include <firebreak/run.h>

#define FB_VARIANTS_MAX 64

struct fb_metrics {
	uint64_t accounts, positions; /* users' */
	__int128 bankrupt_loss_e8, fund_used_e8, not_paid_e8;
	uint64_t liquidated, bankrupt, deleveraged, pairs, hedges_broken;
	__int128 closed_e8, adl_e8, needed_e8, overshoot_e8;
	uint64_t haircut_e9, gini_e9, spiral_e7;
	int64_t regret_e9;
	int64_t solvent_us;
};

struct fb_backtest_point {
	int64_t time_us;
	__int128 fund_e8;
	uint64_t gap_e7; /* the largest of this instant: price below reference */
	__int128 adl_e8; /* so far */
};

struct fb_variant {
	char label[160], pack[160], directory[512];
	char changes[544]; /* file; "": none */
	struct fb_metrics metrics;
	struct fb_summary summary;
	bool good;
	size_t points, points_max;
	struct fb_backtest_point *point;
};

struct fb_backtest {
	size_t variants;
	struct fb_variant variant[FB_VARIANTS_MAX];
};

struct fb_backtest_options {
	const char *const *variants;
	size_t variants_n;
	const char *const *sets; /* section.key=value */
	size_t sets_n;
	/* out, rules and changes of it are filled in for each run. */
	struct fb_run_options run;
	const char *out;
	/* Which run begins. May be NULL. */
	void (*begins)(void *context, size_t index, size_t of, const char *label);
	void *context;
};

/* Leaves a folder for each run in `out`, and backtest.txt, .json, .svg and .png. `note`: as fb_run.
 * Large: not for the stack. */
int fb_backtest(const struct fb_backtest_options *options, struct fb_backtest *out, char note[128],
		struct fb_error *error);
void fb_backtest_free(struct fb_backtest *backtest);
void fb_backtest_text(const struct fb_backtest *backtest, FILE *out);
void fb_backtest_json(const struct fb_backtest *backtest, FILE *out);

#endif
