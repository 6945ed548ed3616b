/* Triggers, steps and shares of venues whose pages print one example of each: asked last, so that
 * whatever is more particular comes before. */
#include "cases_tables.h"

#define USED "used, used_notional, used_in_window, already_assigned, assigned, assigned_notional"

static const struct case_rule table[] = {
	/* ---- OKX: spot margin is liquidated where the assets are worth what is owed ---- */
	{ "OKX|OKEx", "", "liq_price", "given(liability) and s > 0",
	  "(liability + alt(interest, 0)) * (1 + mmr) * (1 + alt(fee, 0)) / assets", NULL },
	{ "OKX|OKEx", "", "liq_price", "given(liability) and s < 0",
	  "assets / ((liability + alt(interest, 0)) * (1 + mmr) * (1 + alt(fee, 0)))", NULL },

	/* ---- Deribit: equity bounds what a participant may hold and take ---- */
	{ "Deribit", "", "max_assigned_notional capacity max_notional", "given(group_limit)",
	  "max(0, min(2 * equity - alt(current_notional, notional, position_notional, 0), "
	  "group_limit * equity - alt(" USED ", 0)))", NULL },
	{ "Deribit", "", "premium_rate", "given(index)", "(mark - index) / index", NULL },
	{ "Deribit", "", "funding_rate", "given(index) and not given(premium_index)",
	  "max(0.0005, premium_rate) + min(-0.0005, premium_rate)", NULL },
	{ "Deribit", "", "funding_payment payment funding", "given(hours) or given(ms)",
	  "-s * q * funding_rate * (given(ms) ? ms / 28800000 : hours / 8)", NULL },

	/* ---- Kraken ---- */
	{ "Kraken", "", "total_margin_requirement margin_requirement requirement", "",
	  "max(alt(long_margin, longs, margin_longs, long_requirement, mm_long, im_long), "
	  "alt(short_margin, shorts, margin_shorts, short_requirement, mm_short, "
	  "im_short))", NULL },

	/* ---- Delta: rates by size, in names of their own ---- */
	{ "Delta", "", "mmr mm mm_rate", "given(position_btc) and given(slope)",
	  "alt(mm_base, base_rate, mm_min) + slope * max(0, position_btc - alt(threshold, "
	  "threshold_btc))", NULL },
	{ "Delta", "", "im_rate im", "given(position_btc) and given(slope)",
	  "2 * (alt(mm_base, base_rate, mm_min) + slope * max(0, position_btc - alt(threshold, "
	  "threshold_btc)))", NULL },

	/* ---- GMX: a part of the size takes its part of the profit out of the pool ---- */
	{ "GMX", "", "min_collateral min_collateral_usd", "given(size_usd)",
	  "alt(min_collateral_factor, 0.01) * size_usd", NULL },
	{ "GMX", "", "pnl_to_pool_factor pnl_to_pool_ratio pnl_pool_factor", "", "pnl_factor",
	  NULL },
	{ "GMX", "", "adl_allowed", "", "pnl_factor > max_pnl_factor_for_adl", NULL },

	/* ---- Hyperliquid ---- */
	{ "Hyperliquid", "", "mark mark_price",
	  "given(ema_mid_minus_oracle) or given(oracle_plus_ema)",
	  "median(given(oracle_plus_ema) ? oracle_plus_ema : alt(oracle_price, oracle) + "
	  "ema_mid_minus_oracle, median(alt(bid, best_bid), alt(ask, best_ask), alt(last, "
	  "last_price, last_trade)), alt(cex_perp_median, cex_median, perp_median))", NULL },
	{ "Hyperliquid", "", "hourly_rate hourly_funding_rate funding_rate_hourly", "",
	  "funding_rate", NULL },
	{ "Hyperliquid", "", "first_order_usd first_order_notional", "",
	  "(alt(position_usd, position_notional, notional) > 100000 ? 0.2 : 1) * alt(position_usd, "
	  "position_notional, notional)", NULL },
	/* The vault takes over below two thirds of the margin, counterparties below nothing. */
	{ "Hyperliquid", "", "backstop vault_takeover backstop_liquidation", "given(equity)",
	  "equity < 2 / 3 * maintenance_margin", NULL },
	{ "Hyperliquid", "", "adl adl_triggered", "given(equity)", "equity < 0", NULL },

	/* ---- Paradex ---- */
	{ "Paradex", "", "liquidatable", "", "account_mmr > account_value", NULL },
	{ "Paradex", "", "mmr_after", "", "new_mmr", NULL },
	{ "Paradex", "", "account_value_after", "", "new_account_value", NULL },
	{ "Paradex", "", "margin_ratio_after", "", "new_margin_ratio", NULL },
	{ "Paradex", "", "unhedged_delta", "", "net_delta", NULL },
	{ "Paradex", "", "unhedged_risk", "given(unhedged_factor)",
	  "unhedged_factor * abs(net_delta) * spot", NULL },
	{ "Paradex", "", "hedged_risk", "given(hedged_factor)",
	  "hedged_factor * hedged_delta * spot", NULL },
	{ "Paradex", "", "received withdrawal_received amount_received", "",
	  "(1 - alt(socialized_loss_factor, socialised_loss_factor, factor)) * alt(requested, "
	  "withdrawal, withdraw, amount)", NULL },

	/* ---- Lighter: 60 % and 40 % of the initial margin ---- */
	{ "Lighter", "", "im_rate imr im", "given(max_leverage)", "1 / max_leverage", NULL },
	{ "Lighter", "", "mmr mm", "given(max_leverage) or given(leverage)",
	  "0.6 * alt(im_rate, imr)", NULL },
	{ "Lighter", "", "close_out close_out_rate cor com close_out_mr", "given(max_leverage)",
	  "0.4 * im_rate", NULL },

	/* ---- Extended: margin over equity; fifths at B, then 5 % worse ---- */
	{ "Extended", "", "pos_mr position_mr posmr", "",
	  "q * mark * mmr / max(alt(equity, wallet), 1)", NULL },
	{ "Extended", "", "margin_ratio", "given(equity) and given(mmr)", "pos_mr", NULL },
	{ "Extended", "", "step_qty fok_qty slice_qty slice", "", "0.2 * q", NULL },
	{ "Extended", "", "last_price final_price final_fok_price", "given(bankruptcy_price)",
	  "bankruptcy_price * (1 - s * 5%)", NULL },
	{ "Extended", "", "margin_call", "given(margin_ratio)", "margin_ratio >= 66%", NULL },

	/* ---- quanto: a coin for every unit of the price ---- */
	{ "Gate", "", "pnl", "given(multiplier) and given(exit)",
	  "s * q * (exit - entry)", NULL },

	/* ---- everywhere ---- */
	{ "", "", "notional position_notional", "given(mark) and not inverse", "q * mark", NULL },
	{ "paper", "", "threshold", "", "maintenance_margin", NULL },
	{ "", "", "leverage", "given(equity) and given(mark) and not given(leverage)",
	  "q * mark / equity", NULL },

	/* ---- BitMEX: values instead of prices ---- */
	{ "BitMEX", "", "bankruptcy_value", "given(bankrupt_value)", "bankrupt_value", NULL },
};
CASE_TABLE(case_rules_wide, table);
