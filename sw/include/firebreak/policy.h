/* Policies of deleveraging: how a loss, or lots to be closed, is shared among those in profit.
 *
 * A queue takes whole positions from the top of a ranking. The others share: each winner gives in
 * proportion to a weight until it reaches its cap, and the rest is shared among those below theirs.
 * Chitra, "Autodeleveraging: Impossibilities and Optimization" (arXiv 2512.01112v3) compares them.
 *
 *   QUEUE          in order of rank, each as much as its cap
 *   WEALTH         weight: profit. One haircut for all: theta x D / sum of profits
 *   EQUITY         weight: equity
 *   OPEN_INTEREST  weight: lots (Drift, Paradex: "by contracts")
 *   CAPPED         weight: profit; nobody gives more than `share` of its cap: h = min(eta, beta)
 *   RISK           weight: profit x l x g(l), where l = notional / equity; capped as CAPPED
 *   DESCENT        weight: cap^2. With x = given / cap that is the point of {cap . x = budget,
 *                  0 <= x <= 1} next to 0: one step of projected descent from 0
 *   FIXED_POINT    WEALTH in whole lots of unlike values, with the least overshoot: fb_share_lots.
 *                  Where all lots are worth the same (fb_share) it is WEALTH
 *   MIN_MAX        nobody's given / equity is larger than it must be
 *
 * Units. Budget, caps and what is given are whole units of one kind: lots of a symbol, or 1e-8 of
 * the coin. There is no rounding loss: what is given adds up to the budget, or to all caps where
 * those are less.
 *
 * Remainders. The k-th unit of a winner of weight w is due at (2k - 1) / 2w (Webster's divisors;
 * MIN_MAX: k / w), and units are given in the order in which they are due; of units due at once
 * that of the lower id goes first. So the order of the input plays no part, and with a larger
 * budget nobody gives less: each budget's shares are those of the one before and a unit more.
 * fb_share finds them without counting the units. A share is less than a unit from its exact
 * proportion, but for a few winners much larger than all others: they can be off by up to half a
 * unit for each winner. Splitting an account in two of half the weight
 * saves at most one unit for a part; in a queue, whose scores may favour the small, it can save
 * everything.
 *
 * Caveats. One thread. No allocation after open. Weights of RISK and DESCENT are products too long
 * for 64 bits: after each multiplication their first 60 bits are kept; what follows from them is
 * exact. Who has no weight gives nothing as long as others can; then as much as the rest needs, by
 * caps.
 */
#ifndef FIREBREAK_POLICY_H
#define FIREBREAK_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fb_share_kind {
	FB_SHARE_QUEUE,
	FB_SHARE_WEALTH,
	FB_SHARE_EQUITY,
	FB_SHARE_OPEN_INTEREST,
	FB_SHARE_CAPPED,
	FB_SHARE_RISK,
	FB_SHARE_DESCENT,
	FB_SHARE_FIXED_POINT,
	FB_SHARE_MIN_MAX,
	FB_SHARE_KINDS
};

/* g of RISK. */
enum fb_share_risk {
	FB_RISK_CONSTANT, /* g = 1 */
	FB_RISK_LINEAR,	  /* g = l: levered pro rata */
	FB_RISK_POWER,	  /* g = l^power */
	FB_RISK_TAIL,	  /* g = max(l - tail, 0): what lies beyond a threshold, as CVaR has it */
	FB_RISKS
};

#define FB_SHARE_WHOLE_E7 10000000u
#define FB_SHARE_POWER_MAX 4u

struct fb_share_rules {
	uint32_t kind, risk; /* enums above */
	uint32_t cap_e7;     /* CAPPED, RISK: of each winner's cap, at most 1e7 */
	uint32_t power;	     /* POWER: 1..4 */
	uint64_t tail_e7;    /* TAIL: leverage x 1e7 */
};

/* "wealth", "open_interest" ... -1: none of this name. */
int fb_share_kind(const char *name);
const char *fb_share_name(enum fb_share_kind kind);
int fb_share_risk(const char *name); /* "constant", "linear", "power", "tail" */
const char *fb_share_risk_name(enum fb_share_risk risk);
/* WHOLE caps, LINEAR, power 2, tail at leverage 1. */
void fb_share_preset(enum fb_share_kind kind, struct fb_share_rules *out);

/* Numbers below 2^62. */
struct fb_winner {
	uint64_t id;	   /* unlike all others */
	uint64_t cap;	   /* units it can give at most */
	uint64_t lots;	   /* of its position */
	uint64_t lot_e8;   /* fb_share_lots: what closing a lot takes from it */
	uint64_t profit_e8, equity_e8, notional_e8; /* 0 where not positive */
	uint64_t rank;	   /* QUEUE: lower goes first */
};

/* What a winner can lose without touching its protected cash: profit, as far as there is equity
 * above that cash. */
uint64_t fb_winner_cap_e8(int64_t equity_e8, int64_t protected_e8, int64_t profit_e8);

struct fb_sharer;
int fb_sharer_open(size_t winners, struct fb_sharer **out); /* room for so many; -ENOMEM */
void fb_sharer_close(struct fb_sharer *sharer);

/* given[i] units of winner[i]. Returns their sum: the budget, or all caps (of CAPPED and RISK: the
 * lower ones) if those are less. */
uint64_t fb_share(struct fb_sharer *sharer, const struct fb_share_rules *rules, uint64_t budget,
		  const struct fb_winner *winner, size_t n, uint64_t *given);

/* A budget in money, lots of unlike values: lots[i], at most cap, of winner[i]. cap x lot_e8 of all
 * together below 2^62. Returns the money taken: at least the budget, unless all caps are less.
 *
 * How: each share of WEALTH in money is cut to whole lots; what is missing then is d. If d and the
 * largest lot are below 65,536 in units of the lots' greatest common divisor, and their sum times
 * the number of winners at most 2^23, the lots added are those that exceed d least (all sums are
 * looked at): no other way of adding to the base overshoots less. Else lots are added from the
 * largest value that still fits downward, first one for a winner, then as many as there are, and
 * last one lot of the smallest value that is left: the overshoot is less than that value. Of equal
 * values the lower id goes first. */
uint64_t fb_share_lots(struct fb_sharer *sharer, uint64_t budget_e8,
		       const struct fb_winner *winner, size_t n, uint64_t *lots);

/* The point of {c . x = budget, 0 <= x <= cap} next to y: x = clamp(y + m c, 0, cap), with the one
 * m that meets the budget, an exact fraction above / below. Step of a projected descent: y = x -
 * eta x gradient. c 1..2^31 - 1, cap below 2^31, |y| below 2^40, n below 2^20. 0; -ERANGE: the
 * budget is more than c . cap. */
struct fb_multiplier {
	__int128 above, below; /* below > 0 */
};
int fb_share_project(struct fb_sharer *sharer, const uint32_t *c, const uint32_t *cap,
		     const int64_t *y, size_t n, uint64_t budget, struct fb_multiplier *out);
/* x of one place x `below`. */
__int128 fb_share_projected(const struct fb_multiplier *m, uint32_t c, uint32_t cap, int64_t y);

/* What a policy did, in money. Shares are in 1e-9, cut; UINT64_MAX: nothing to divide by.
 *
 *   ptsr  largest survivor / deficit left: the most that a winner keeps of its cap / (D - taken)
 *   pmr   the same / the part of the largest single loss that is left: x D / ((D - taken) x loss)
 *   regret  largest haircut less that of MIN_MAX for the same budget; negative: the same budget was
 *         not met
 */
struct fb_share_measures {
	uint64_t taken_e8, touched;
	__int128 overshoot_e8;			   /* taken less budget */
	uint64_t haircut_equity_e9, haircut_cap_e9; /* largest given / equity, given / cap */
	uint64_t survivor_e8, ptsr_e9, pmr_e9;
	int64_t regret_e9;
};
/* given_e8[i] of winner[i], cap in 1e-8; min_max_e9: largest haircut of equity of MIN_MAX. */
void fb_share_measure(const struct fb_winner *winner, const uint64_t *given_e8, size_t n,
		      uint64_t budget_e8, uint64_t deficit_e8, uint64_t loss_e8,
		      uint64_t min_max_e9, struct fb_share_measures *out);

#endif
