/* The formulas of margin: at what price an account is liquidated, bankrupt or called, and how near
 * it is. Exact: rational numbers in, rational numbers out (ratio.h), nothing rounded unless the
 * comment says so.
 *
 * Three parts: printed formulas of venues, one function each; the general solution over a ladder of
 * tiers, in which the tier is that of the notional AT the price found; and the same for an account
 * of a book, in integers, to the last tick. `firebreak explain` shows what the third part gives.
 *
 * Notation, as in the literature: s side, q quantity, E entry, M mark, W wallet or isolated margin,
 * U profit, r maintenance rate, c deduction, f closing fee rate, MM maintenance margin, IM initial
 * margin, B bankruptcy price, L liquidation price, N notional, T threshold on MM / equity.
 *
 * Errors, in the value (ratio.h): -EINVAL a side that is not 1 or -1, a quantity or price not above
 * 0, a ladder whose floors do not rise from 0; -ENOENT there is no such price, whatever the price;
 * -EDOM a rate at which the formula means nothing (r + f of 100 % and more for a long).
 *
 * Caveats. A venue's number is rounded to its tick, mostly toward the position's entry (up for a
 * long): fb_ratio_round_to. "At L" is MM = T x equity exactly; whether the account is in breach
 * there or a tick further depends on the venue's >= or >. Other positions are taken as standing
 * still. No function keeps what it is given; thread-safe; a few microseconds a call.
 */
#ifndef FIREBREAK_FORMULA_H
#define FIREBREAK_FORMULA_H

#include <firebreak/book.h>
#include <firebreak/inputs.h>
#include <firebreak/ratio.h>

/* One position and what stands behind it. What a formula does not use may be left 0, which also is
 * the neutral value. Money is in the settlement coin: quote for linear, base for inverse. */
struct fb_terms {
	int side;		   /* s: 1 long, -1 short, in terms of price */
	struct fb_ratio quantity;  /* q > 0: base units; of an inverse contract, Q: quote units */
	struct fb_ratio entry;	   /* E > 0, average */
	struct fb_ratio mark;	   /* M > 0 */
	struct fb_ratio margin;	   /* W: wallet if cross, position margin if isolated */
	struct fb_ratio rate;	   /* r, of the tier that holds at the price looked for */
	struct fb_ratio deduction; /* c >= 0, "maintenance amount", of that tier */
	struct fb_ratio fee;	   /* f, where the venue has it inside the threshold */
	struct fb_ratio factor;	   /* quanto: settlement coin per unit of q x price; 0: 1 */
	struct fb_ratio other_mm;  /* MM and U of the account's other positions */
	struct fb_ratio other_profit;
	struct fb_ratio order_margin; /* not available: taken off W */
};

/* ---- value and profit of a position (venues: all; venues' contract pages) ---- */

/* N > 0. linear q x price x factor; inverse Q / price. */
struct fb_ratio fb_notional_linear(const struct fb_terms *t, struct fb_ratio price);
struct fb_ratio fb_notional_inverse(const struct fb_terms *t, struct fb_ratio price);
/* U. linear and quanto s q factor (price - E); inverse s Q (1/E - 1/price). */
struct fb_ratio fb_profit_linear(const struct fb_terms *t, struct fb_ratio price);
struct fb_ratio fb_profit_inverse(const struct fb_terms *t, struct fb_ratio price);

/* ---- liquidation price: printed formulas ---- */

/* L = (W - MM_other + U_other + c - s q E) / (q (r + f) - s q).
 * Binance USD-M (f = 0; support/faq b3c689c1f50a44cabb3a84e663b81d93), Hyperliquid with c; with
 * f: Gate, OKX, Bitget, whose (E - s W/q) / (1 - s (r + f)) is the same. `factor` makes it
 * quanto (Gate ETH/USD settled in BTC). */
struct fb_ratio fb_liq_linear(const struct fb_terms *t);
/* MM stays what it was at entry: L = E - s (W - MM) / q, MM = q E r - c, W = IM + extra margin.
 * Bybit isolated; BitMEX's worked example. */
struct fb_ratio fb_liq_linear_frozen(const struct fb_terms *t);
/* L = Q (1 + s (r + f)) / (Q/E + s (W - MM_other + U_other + c)). Gate; Binance COIN-M (c in base
 * coin); Kraken's worked example. */
struct fb_ratio fb_liq_inverse(const struct fb_terms *t);
/* L = Q / (Q/E + s (W - MM)), MM = Q/E r - c, W = IM + extra margin. Bybit inverse, isolated. */
struct fb_ratio fb_liq_inverse_frozen(const struct fb_terms *t);
/* The same with the fee of closing at B as part of what must be left: MM = Q/E r + Q/B f, and W
 * less order margin. Bybit inverse, cross, rules of 2020. */
struct fb_ratio fb_liq_inverse_cross(const struct fb_terms *t);
/* From the mark: L = M - s available / q / (1 - s r), available = value of the account at M - all
 * its MM at M. Hyperliquid, r = 1 / (2 max leverage). Agrees with fb_liq_linear while c = 0. */
struct fb_ratio fb_liq_from_mark(const struct fb_terms *t, struct fb_ratio account_value,
				 struct fb_ratio account_mm);

/* ---- maintenance: tiers, size ---- */

struct fb_formula_tier {
	struct fb_ratio floor, rate, deduction; /* floor inclusive, in units of N */
};

/* How a position's MM follows its notional:
 *     MM = N x (r_k + f + slope x max(0, size - from)) - c_k      k: the highest floor_k <= N
 * size: q, or N of an inverse contract, in base units: Deribit (from 0), Delta. */
struct fb_margin_rule {
	bool inverse;
	bool at_entry; /* N and size are those at E, whatever the price: MM is frozen */
	unsigned tiers;
	struct fb_formula_tier tier[FB_TIERS];
	struct fb_ratio fee, slope, slope_from;
};

/* The tier of a notional: its index; -EINVAL if the floors do not rise from 0. */
int fb_tier_of(const struct fb_margin_rule *rule, struct fb_ratio notional);
struct fb_ratio fb_maintenance(const struct fb_margin_rule *rule, const struct fb_terms *t,
			       struct fb_ratio notional);
/* c_k = c_(k-1) + floor_k (r_k - r_(k-1)): MM is continuous. Binance, Bybit, Hyperliquid. */
struct fb_ratio fb_next_deduction(struct fb_ratio deduction, struct fb_ratio rate,
				  struct fb_ratio floor, struct fb_ratio next_rate);
/* Fills the deductions of a rule so that MM is continuous. */
void fb_chain_deductions(struct fb_margin_rule *rule);
/* A ladder of a pack, as a rule. */
void fb_rule_of_ladder(const struct fb_ladder *ladder, bool inverse, struct fb_margin_rule *out);

/* ---- liquidation price: the general solution ---- */

/* Where MM reaches T x equity: T = 1 is liquidation (MM / equity of 100 %), 0.8 a margin call at
 * 80 %. t->rate, deduction and fee are not used, the rule's are; t->mark is (0: the entry).
 *
 * Not in breach at the mark: the first such price on the way that hurts (down for a long). In
 * breach at the mark: the first on the way back at which it no longer is. Solved tier by tier, so
 * that the tier is the one of the notional at L; where MM jumps between flat tiers, L may be the
 * border itself. -ENOENT: none. A root that is not rational (slope of an inverse contract) is
 * rounded to 18 decimals, into the breach. */
struct fb_ratio fb_liquidation_price(const struct fb_terms *t, const struct fb_margin_rule *rule,
				     struct fb_ratio threshold);
/* MM - T x equity at a price: not below 0 is breach. */
struct fb_ratio fb_shortfall(const struct fb_terms *t, const struct fb_margin_rule *rule,
			     struct fb_ratio threshold, struct fb_ratio price);

/* ---- bankruptcy price: equity is 0 ---- */

/* B = E - s (W + U_other) / (q factor), not below 0. */
struct fb_ratio fb_bankruptcy_linear(const struct fb_terms *t);
/* B = Q / (Q/E + s (W + U_other)); -ENOENT: a short that no price bankrupts. */
struct fb_ratio fb_bankruptcy_inverse(const struct fb_terms *t);
/* B = (1 + s f) Q / (Q/E + s (W - order margin)). Bybit inverse, cross, rules of 2020; MCS. */
struct fb_ratio fb_bankruptcy_inverse_cross(const struct fb_terms *t);
/* Isolated, by leverage: E (1 - s / lev) and E lev / (lev + s). Bybit. A short inverse of leverage
 * 1 has none: -ENOENT. */
struct fb_ratio fb_bankruptcy_isolated_linear(int side, struct fb_ratio entry,
					      struct fb_ratio leverage);
struct fb_ratio fb_bankruptcy_isolated_inverse(int side, struct fb_ratio entry,
					       struct fb_ratio leverage);

/* Of the whole account: a trade at this price leaves its margin ratio as it was, and closing every
 * position so leaves 0. `signed_quantity` is s q. */
/* Lighter: M (1 - s r value / MM), r and M of the position, value and MM of the account. */
struct fb_ratio fb_zero_price(int side, struct fb_ratio mark, struct fb_ratio rate,
			      struct fb_ratio account_value, struct fb_ratio account_mm);
/* Extended: (MM_other / ratio - balance - U_other + s q E) / (s q), ratio = all MM / equity. */
struct fb_ratio fb_zero_price_by_ratio(struct fb_ratio other_mm, struct fb_ratio margin_ratio,
				       struct fb_ratio balance, struct fb_ratio other_profit,
				       struct fb_ratio signed_quantity, struct fb_ratio entry);
/* dYdX: what is paid (negative) or got for a change of a position: - change of notional -
 * floor(value x |change of MM| / MM). Whole quantums in and out. */
struct fb_ratio fb_zero_quote(struct fb_ratio notional_change, struct fb_ratio account_value,
			      struct fb_ratio mm_change, struct fb_ratio account_mm);

/* ---- how near: ratio, buffer, leverage, risk ---- */

enum fb_ratio_sense {
	FB_MM_OVER_EQUITY, /* bad when large: Binance, Bybit, Paradex, Extended */
	FB_EQUITY_OVER_MM, /* bad when small: OKX, Deepcoin, dYdX's order of risk */
};
/* -EDOM: division by zero; of MM / equity also equity below 0, where a ratio says nothing. */
struct fb_ratio fb_margin_ratio(struct fb_ratio mm, struct fb_ratio equity,
				enum fb_ratio_sense sense);

/* Between an account and a threshold T. */
struct fb_buffer {
	struct fb_ratio price;	/* |M - L| in the direction that hurts; < 0: beyond it already */
	struct fb_ratio share;	/* of M */
	struct fb_ratio money;	/* equity - MM / T: may be lost or withdrawn at these marks */
};
struct fb_buffer fb_buffer_to(int side, struct fb_ratio mark, struct fb_ratio price,
			      struct fb_ratio equity, struct fb_ratio mm,
			      struct fb_ratio threshold);

/* Sum of notionals / equity. -EDOM: equity not above 0. */
struct fb_ratio fb_effective_leverage(struct fb_ratio gross_notional, struct fb_ratio equity);
/* BitMEX: |MV| / (MV - BV), values signed at mark and bankruptcy price. linear M / (s (M - B)),
 * inverse B / (s (M - B)). -EDOM: M = B. */
struct fb_ratio fb_position_leverage_linear(int side, struct fb_ratio mark,
					    struct fb_ratio bankruptcy);
struct fb_ratio fb_position_leverage_inverse(int side, struct fb_ratio mark,
					     struct fb_ratio bankruptcy);
/* 0..100: MM / equity as a share of the threshold, 100 at the threshold and beyond it (equity not
 * above 0 included), 0 without MM. Own definition: one number to sort accounts of all venues by. */
struct fb_ratio fb_risk_score(struct fb_ratio mm, struct fb_ratio equity,
			      struct fb_ratio threshold);

/* ---- initial margin and leverage ---- */

struct fb_ratio fb_initial_margin(struct fb_ratio notional, struct fb_ratio leverage);
struct fb_ratio fb_leverage_of(struct fb_ratio notional, struct fb_ratio initial_margin);
/* dYdX: base + (1 - base) (OI - low) / (high - low), OI clamped to low..high. */
struct fb_ratio fb_initial_rate_by_interest(struct fb_ratio base, struct fb_ratio open_interest,
					    struct fb_ratio low, struct fb_ratio high);

/* ---- directional exposure: signed notionals, positive gains when prices rise ---- */

struct fb_exposure {
	struct fb_ratio net, gross, longs, shorts; /* shorts not negative */
};
void fb_exposure_add(struct fb_exposure *sum, struct fb_ratio signed_notional);

#endif
