/* dYdX and Drift: who may be deleveraged, limits of a block, weights that shrink with deposits. */
#include "cases_tables.h"

/* Blocks without withdrawals after an account below zero was seen, of x/subaccounts/types. */
#define GATE_BLOCKS "alt(gate_blocks, blocked_for_blocks, blocks, 50)"
#define SEEN                                                                                       \
	"alt(negative_tnc_block, last_negative_block, negative_tnc_seen_at, "                      \
	"last_block_negative_tnc_seen, last_negative_tnc_block, seen_block)"
#define NOW "alt(current_block, block, block_height)"

static const struct case_rule table[] = {
	/* ---- dYdX ---- */
	{ "dYdX", "", "nc_of_account", "given(net_collateral)", "net_collateral", NULL },
	{ "dYdX", "", "nc_of_account", "", "tnc", NULL },
	{ "dYdX", "", "settling", "given(final_settlement)", "final_settlement", NULL },
	{ "dYdX", "", "settling", "", "has(clob_status, 'final') or has(status, 'final') or "
	  "has(clob_pair_status, 'final') or has(market_status, 'final')", NULL },
	{ "dYdX", "", "should_deleverage_at_bankruptcy_price deleverage_at_bankruptcy_price "
	  "deleverage_at_bankruptcy at_bankruptcy_price at_bankruptcy can_deleverage_at_bankruptcy",
	  "", "nc_of_account < 0", NULL },
	{ "dYdX", "", "should_deleverage_at_oracle_price deleverage_at_oracle_price "
	  "deleverage_at_oracle at_oracle_price at_oracle can_deleverage_at_oracle", "",
	  "nc_of_account >= 0 and settling", NULL },
	{ "dYdX", "", "can_deleverage", "", "nc_of_account < 0 or settling", NULL },
	{ "dYdX", "", "notional", "given(price_usd)",
	  "abs(alt(position_base_quantums, position_btc_quantums, base_quantums)) * price_usd / "
	  "100", NULL },
	{ "dYdX", "", "min_position_notional_liquidatable min_notional min_notional_liquidatable",
	  "", "min(alt(min_position_notional_liquidated, min_position_notional), "
	  "abs(notional))", NULL },
	{ "dYdX", "", "max_position_notional_liquidatable max_notional max_notional_liquidatable",
	  "", "max(min(alt(min_position_notional_liquidated, min_position_notional), "
	  "abs(notional)), floor(abs(notional) * alt(max_position_portion_liquidated_ppm, "
	  "max_portion_ppm, "
	  "max_position_portion_ppm) / 10^6))", NULL },
	/* A long sells: up; a short buys: down. Never below a tick, nor beyond 64 bits. */
	{ "dYdX", "", "subticks", "given(is_long) or given(is_liquidating_long)",
	  "clamp((alt(is_liquidating_long, is_long) ? "
	  "ceil(fillable_price / 10^alt(quantum_conversion_exponent, exponent) / "
	  "subticks_per_tick) : floor(fillable_price / 10^alt(quantum_conversion_exponent, "
	  "exponent) / subticks_per_tick)) * subticks_per_tick, subticks_per_tick, "
	  "floor(18446744073709551615 / subticks_per_tick) * subticks_per_tick)", NULL },
	{ "dYdX", "", "withdrawals_blocked blocked withdrawals_gated gated "
	  "withdrawals_and_transfers_blocked", "",
	  NOW " - " SEEN " < " GATE_BLOCKS, NULL },
	{ "dYdX", "", "withdrawals_unblocked_at_block unblocked_at_block blocked_until_block", "",
	  SEEN " + " GATE_BLOCKS, NULL },
	{ "dYdX", "", "max_notional_liquidatable", "given(block_limit)",
	  "block_limit - alt(previous_notional_liquidated, already_liquidated)", NULL },

	{ "dYdX", "", "settlement_ppm", "given(index_delta) or given(funding_index_delta)",
	  "-alt(index_delta, funding_index_delta) * base_quantums", NULL },
	{ "dYdX", "mm", "mmr mmf mm maintenance_margin",
	  "given(imf_ppm) and not given(base_quantums)",
	  "imf_ppm * maintenance_fraction_ppm / 10^12", NULL },
	{ "dYdX", "", "sum.nc sum.net_collateral", "", "alt(a.net_collateral + b.net_collateral, "
	  "first.net_collateral + second.net_collateral)", NULL },
	{ "dYdX", "", "sum.mmr", "", "alt(a.mmr + b.mmr, first.mmr + second.mmr)", NULL },
	{ "dYdX", "", "sum.imr", "", "alt(a.imr + b.imr, first.imr + second.imr)", NULL },

	/* ---- Drift ---- */
	{ "Drift", "", "deposits_value", "",
	  "alt(deposits_usd, deposit_value_usd, deposit_value, alt(deposits_sol, deposits, "
	  "deposit_balance, total_deposits) * alt(oracle_price, price, sol_price))", NULL },
	{ "Drift", "", "asset_weight_1e4 initial_asset_weight_scaled_1e4 scaled_asset_weight_1e4 "
	  "scaled_initial_asset_weight_1e4",
	  "given(scale_start) or given(scale_initial_asset_weight_start)",
	  "deposits_value < alt(scale_start, scale_initial_asset_weight_start) ? "
	  "initial_asset_weight_1e4 : floor(initial_asset_weight_1e4 * alt(scale_start, "
	  "scale_initial_asset_weight_start) / deposits_value)", NULL },
	/* Both in the smallest unit of their token, whatever their names say. */
	{ "Drift", "", "liability_moved", "given(liability_transfer_1e6)", "liability_transfer_1e6",
	  NULL },
	{ "Drift", "", "liability_moved", "given(liability_transfer_1e9)", "liability_transfer_1e9",
	  NULL },
	{ "Drift", "", "liability_moved", "given(liability_transfer)", "liability_transfer", NULL },
	{ "Drift", "", "asset_moved", "given(asset_transfer_1e6)", "asset_transfer_1e6", NULL },
	{ "Drift", "", "asset_moved", "given(asset_transfer_1e9)", "asset_transfer_1e9", NULL },
	{ "Drift", "", "asset_moved", "given(asset_transfer)", "asset_transfer", NULL },
	/* What a liquidator swaps must be at least the worst price, both cut to 1e-6. */
	{ "Drift", "", "swap_price_1e6", "given(liability_transfer)",
	  "floor(floor(liability_moved * 10^6 / 10^liability_decimals) * 10^asset_decimals / "
	  "asset_moved)", NULL },
	{ "Drift", "", "worst_case_price_1e6 worst_price_1e6", "given(asset_price_1e6)",
	  "floor(floor(asset_price_1e6 * 10^6 * liability_multiplier_1e6 / liability_price_1e6) / "
	  "asset_multiplier_1e6)", NULL },
	{ "Drift", "", "valid ok accepted is_valid satisfied within_boundaries",
	  "given(limit_price_1e6) or given(limit_price)",
	  "swap_price_1e6 >= limit_price_1e6", NULL },
	{ "Drift", "", "valid ok accepted is_valid within_boundaries", "given(asset_price_1e6)",
	  "swap_price_1e6 >= worst_case_price_1e6", NULL },
	{ "Drift", "", "cross_margin_requirement cross_requirement", "", "cross_req", NULL },
	{ "Drift", "", "cross_total_collateral", "", "cross_collateral", NULL },
	{ "Drift", "", "isolated_margin_requirement isolated_requirement", "", "isolated_req",
	  NULL },
	{ "Drift", "", "isolated_total_collateral", "", "isolated_collateral", NULL },
	{ "Drift", "", "cross_ok", "", "meets_cross", NULL },
	{ "Drift", "", "isolated_ok", "", "meets_isolated", NULL },
	{ "Drift", "", "meets_all account_ok ok", "", "meets_margin_requirement", NULL },
};
CASE_TABLE(case_rules_chains, table);
