/* The liquidation arithmetic of Drift in its own integers, every step rounded as there.
 *
 * Source: github drift-labs/protocol-v2, programs/drift/src/math/{liquidation,margin}.rs. Money and
 * prices are in 1e-6, base amounts in 1e-9, weights and margin ratios in 1e-4, liquidation fees in
 * 1e-6, multipliers in 1e-6, imf factors in 1e-6. Divisions are floored unless a comment says
 * otherwise. Functions return 0, -EOVERFLOW, or -EDOM where Drift refuses too. */
#ifndef FIREBREAK_DRIFT_H
#define FIREBREAK_DRIFT_H

#include <stdbool.h>
#include <stdint.h>

typedef unsigned __int128 drift_amount;

#define DRIFT_ALL (~(drift_amount)0) /* "as much as there is": the source's u128::MAX */

struct drift_perp {
	uint64_t margin_ratio_e4;
	uint64_t liquidator_fee_e6, fund_fee_e6;
	uint64_t price_e6, quote_price_e6;
};

/* Base to close so that its freed margin covers the shortage. DRIFT_ALL: no amount does. */
int drift_base_to_cover(const struct drift_perp *market, drift_amount shortage_e6,
			drift_amount *base_e9);
/* The insurance fund's fee: what is left of the margin after shortage and liquidator, less 5 %. */
int drift_perp_fund_fee(const struct drift_perp *market, drift_amount shortage_e6,
			drift_amount base_e9, uint64_t most_e6, uint64_t *fee_e6);

struct drift_spot {
	uint64_t asset_weight_e4, liability_weight_e4;
	uint64_t asset_multiplier_e6, liability_multiplier_e6;
	unsigned asset_decimals, liability_decimals; /* at most 18 */
	uint64_t asset_price_e6, liability_price_e6;
	uint64_t fund_fee_e6;
};

/* Liability to hand over so that it covers the shortage; at least 1. DRIFT_ALL as above. */
int drift_liability_to_cover(const struct drift_spot *pair, drift_amount shortage_e6,
			     drift_amount *liability);
/* Liability that an amount of the asset pays for, rounded up. */
int drift_liability_for_asset(const struct drift_spot *pair, drift_amount asset,
			      drift_amount *liability);
/* Asset handed over for a liability; all of `held` if less than 1 USD is left or short. */
int drift_asset_for_liability(const struct drift_spot *pair, drift_amount held,
			      drift_amount liability, drift_amount *asset);
int drift_spot_fund_fee(const struct drift_spot *pair, drift_amount shortage_e6,
			drift_amount tokens, uint64_t most_e6, uint64_t *fee_e6);

/* Grows by 1e-6 a slot once the user was inactive for `grace` slots, up to a maximum. */
uint64_t drift_fee(uint64_t base_e6, uint64_t most_e6, uint64_t slots, uint64_t grace,
		   uint64_t step_e6);
#define DRIFT_GRACE_SLOTS 1500

/* The share, in 1e-4, that may be liquidated by now: all below 50 USD of shortage. */
int drift_share(drift_amount shortage_e6, drift_amount freed_e6, uint64_t slots,
		uint64_t initial_e4, uint64_t duration, drift_amount *share_e4);

/* Weights that depend on size (in 1e-9): never better than the given one. */
int drift_liability_weight(drift_amount size_e9, uint64_t imf_e6, uint64_t weight_e4,
			   uint64_t *out_e4);
int drift_asset_weight(drift_amount size_e9, uint64_t imf_e6, uint64_t weight_e4,
		       uint64_t *out_e4);

/* A loss in 1e-6 spread over all base on both sides, as a step of both funding indices (1e-9 of
 * quote a base, rounded up). -EDOM: there is no base. */
int drift_loss_as_funding(drift_amount loss_e6, drift_amount base_long_e9,
			  drift_amount base_short_e9, drift_amount *step);
/* The same over depositors, as a step of the cumulative interest (1e-10), rounded up; 0 without
 * deposits. */
int drift_loss_as_interest(drift_amount loss, drift_amount deposits, drift_amount interest,
			   drift_amount *step);

#endif
