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

	{ "OKX|OKEx", "", "mmr mmr_total maintenance_margin total_mmr", "given(mr1) and given(mr7)",
	  "max(max(mr1, mr2, alt(mr6, 0)) + alt(mr3, 0) + alt(mr4, 0) + alt(mr5, 0), mr7)", NULL },

	/* ---- Bybit's account rate ---- */
	{ "Bybit", "margin_ratio", "mmr account_mm_rate account_mmr", "given(maintenance_margin)",
	  "margin_ratio", NULL },

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
	{ "Kraken", "", "collateral_value", "given(haircut)",
	  "alt(balance_usd, value_usd, wallet) * (1 - haircut)", NULL },
	{ "Kraken", "", "total_margin_requirement margin_requirement requirement", "",
	  "max(alt(long_margin, longs, margin_longs, long_requirement, mm_long, im_long), "
	  "alt(short_margin, shorts, margin_shorts, short_requirement, mm_short, "
	  "im_short))", NULL },

	/* Whatever a fill above the bankruptcy price leaves is the trader's. */
	{ "Kraken", "", "remaining remainder user_keeps kept_by_user returned", "given(exec_price)",
	  "max(0, wallet + (inverse ? profit_inverse(s, q, entry, exec_price) : "
	  "profit_linear(s, q, entry, exec_price)))", NULL },

	/* ---- Delta: rates by size, in names of their own ---- */
	{ "Delta", "", "mmr mm mm_rate", "given(position_btc) and given(slope)",
	  "alt(mm_base, base_rate, mm_min) + slope * max(0, position_btc - alt(threshold, "
	  "threshold_btc))", NULL },
	{ "Delta", "", "im_rate im", "given(position_btc) and given(slope)",
	  "2 * (alt(mm_base, base_rate, mm_min) + slope * max(0, position_btc - alt(threshold, "
	  "threshold_btc)))", NULL },

	/* ---- GMX: a part of the size takes its part of the profit out of the pool ---- */
	{ "GMX", "", "pool_usd", "given(eth_price) or given(pool_price)",
	  "alt(pool_long_eth, pool_eth) * alt(eth_price, pool_price)", NULL },
	{ "GMX", "", "pnl_factor_after pnl_to_pool_factor_after", "given(size_delta_usd)",
	  "pnl * (1 - size_delta_usd / alt(long_size_usd, short_size_usd)) / (pool_usd - pnl * "
	  "size_delta_usd / alt(long_size_usd, short_size_usd))", NULL },
	{ "GMX", "", "min_collateral min_collateral_usd", "given(size_usd)",
	  "alt(min_collateral_factor, 0.01) * size_usd", NULL },
	{ "GMX", "", "pnl_to_pool_factor pnl_to_pool_ratio pnl_pool_factor", "", "pnl_factor",
	  NULL },
	{ "GMX", "", "adl_enabled adl_allowed", "given(pnl_to_pool_factor) or given(pnl_factor)",
	  "alt(pnl_to_pool_factor, pnl_factor) > alt(max_pnl_factor_for_adl, max_pnl_factor)",
	  NULL },
	{ "GMX", "", "remaining_collateral", "given(size_usd)",
	  "wallet + s * (size_usd / entry) * (price - entry)", NULL },
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
	/* Orders that add risk go first of all. */
	{ "Paradex", "", "orders_cancelled cancels_orders orders_are_cancelled", "given(imr)",
	  "account_value < imr", NULL },
	{ "Paradex", "", "mmr_after", "", "new_mmr", NULL },
	{ "Paradex", "", "account_value_after", "", "new_account_value", NULL },
	{ "Paradex", "", "margin_ratio_after", "", "new_margin_ratio", NULL },
	/* A share of every position is closed at the mark; its loss and the penalty are paid. */
	{ "Paradex", "", "realized_loss realised_loss", "given(share)", "max(0, -share * upnl)",
	  NULL },
	{ "Paradex", "", "collateral_after collateral_left remaining_collateral new_collateral",
	  "given(share)", "wallet + share * upnl - penalty", NULL },
	{ "Paradex", "", "max_sell max_sell_order max_sell_size max_sell_order_size",
	  "given(position_limit) or given(limit)", "alt(position_limit, limit) + s * q", NULL },
	{ "Paradex", "", "max_buy max_buy_order max_buy_size max_buy_order_size",
	  "given(position_limit) or given(limit)", "alt(position_limit, limit) - s * q", NULL },
	{ "Paradex", "", "insurance_fund_receives fund_receives fund_gets fund_share",
	  "given(withdrawal) or given(requested)",
	  "alt(socialized_loss_factor, socialised_loss_factor, factor) * alt(withdrawal, "
	  "requested)", NULL },
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
	{ "Lighter", "", "zero_price bankruptcy_price", "given(equity)",
	  "zero_price(s, mark, mmr, equity, alt(account_mm, mmr_total, total_mmr, "
	  "maintenance_margin_requirement, maintenance_margin))", NULL },
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

	/* ---- equity over all that is open ---- */
	{ "Orderly|Polymarket", "", "margin_ratio", "given(positions)",
	  "equity / sum(positions, abs(q * mark))", NULL },
	{ "Orderly|Polymarket", "", "margin_ratio", "given(notional)",
	  "alt(equity, wallet) / abs(notional)", NULL },

	/* ---- everywhere ---- */
	{ "", "", "notional position_notional", "given(mark) and not inverse", "q * mark", NULL },
	{ "paper", "", "threshold", "", "maintenance_margin", NULL },
	{ "", "", "leverage", "given(equity) and given(mark) and not given(leverage)",
	  "q * mark / equity", NULL },

	{ "", "", "fund_after fund_balance_after", "given(bad_debt)",
	  "max(0, insurance_fund_balance - bad_debt)", NULL },

	/* ---- BitMEX: values instead of prices; what a move costs under cross ---- */
	{ "BitMEX", "", "loss_cross cross_loss loss_under_cross", "given(position_value)",
	  "position_value * abs(alt(exit_price, price_after, move_to) - price) / price", NULL },
	{ "BitMEX", "", "loss loss_isolated isolated_loss", "given(position_value)",
	  "has(what, 'cross') ? loss_cross : min(wallet, loss_cross)", NULL },
	{ "BitMEX", "", "annual_basis annualised_basis fair_basis_rate", "given(impact_mid)",
	  "(impact_mid / index - 1) / (alt(days_to_expiry, days) / 365)", NULL },
	{ "BitMEX", "", "bankruptcy_value", "given(bankrupt_value)", "bankrupt_value", NULL },
};
CASE_TABLE(case_rules_wide, table);
