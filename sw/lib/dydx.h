/* The margin, liquidation and deleveraging arithmetic of dYdX v4 in its own whole numbers, rounded
 * as there.
 *
 * Source: github dydxprotocol/v4-chain: protocol/x/perpetuals/lib/lib.go, lib/margin/risk.go,
 * x/clob/keeper/{liquidations,deleveraging}.go. Amounts are base quantums and quote quantums; they
 * are ratios here because prices and quantums of 64 bits give products of more than 128. An error
 * in an input comes out as the error of the result. */
#ifndef FIREBREAK_DYDX_H
#define FIREBREAK_DYDX_H

#include <stdbool.h>

#include <firebreak/ratio.h>

struct dydx_market {
	struct fb_ratio price; /* quote quantums for one base quantum */
	struct fb_ratio imf_ppm, maintenance_ppm; /* the latter of the initial margin */
	struct fb_ratio open_interest;		  /* base quantums */
	struct fb_ratio oi_lower_cap, oi_upper_cap; /* quote quantums; upper 0: not scaled */
};

/* A price "value x 10^exponent" of whole coins for quantums of 10^base and 10^quote coins. */
struct fb_ratio dydx_price(struct fb_ratio value, int exponent, int base_resolution,
			   int quote_resolution);

/* What an account, or one position, has and needs. */
struct dydx_risk {
	struct fb_ratio nc, imr, mmr; /* net collateral, initial and maintenance requirement */
};

/* Of a position without its quote balance: nc is its notional, toward zero. */
struct dydx_risk dydx_position(const struct dydx_market *market, struct fb_ratio base);
struct dydx_risk dydx_sum(struct dydx_risk a, struct dydx_risk b);
struct fb_ratio dydx_effective_imf_ppm(const struct dydx_market *market);

/* nc >= requirement; and mmr > 0 and mmr > nc. Errors are false. */
bool dydx_collateralized(struct fb_ratio nc, struct fb_ratio requirement);
bool dydx_liquidatable(struct fb_ratio nc, struct fb_ratio mmr);
/* 1: a is riskier than b; -1; 0. By nc / mmr, then the larger mmr, then (both 0) the smaller nc. */
int dydx_riskier(const struct dydx_risk *a, const struct dydx_risk *b);

/* -EDOM: the change is not against the position, or larger than it. */
struct fb_ratio dydx_bankruptcy_quote(const struct dydx_market *market, struct fb_ratio position,
				      struct fb_ratio change, const struct dydx_risk *account);
/* Quote quantums a base quantum. */
struct fb_ratio dydx_fillable_price(const struct dydx_market *market, struct fb_ratio position,
				    const struct dydx_risk *account,
				    struct fb_ratio bankruptcy_adjustment_ppm,
				    struct fb_ratio spread_ppm);
/* What the fund gets of a fill that moved `quote` to the account; below 0 it pays. */
struct fb_ratio dydx_fund_delta(struct fb_ratio quote, struct fb_ratio bankruptcy_quote,
				struct fb_ratio max_fee_ppm);
/* What may be liquidated of a position in one block, quote quantums. */
struct fb_ratio dydx_position_least(struct fb_ratio notional, struct fb_ratio min_notional);
struct fb_ratio dydx_position_most(struct fb_ratio notional, struct fb_ratio min_notional,
				   struct fb_ratio portion_ppm);
/* May a match leave an account with `after` that had `before`? Yes if it meets its initial
 * requirement, or keeps a position and is at no more risk. */
bool dydx_acceptable(const struct dydx_risk *before, const struct dydx_risk *after);

#endif
