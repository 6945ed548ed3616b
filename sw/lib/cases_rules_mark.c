/* Marks, funding, bands, triggers and amounts. */
#include "cases_tables.h"

static const struct case_rule table[] = {
	/* ---- funding: premium, pulled toward the interest ---- */
	{ "Deribit", "", "funding_rate", "given(premium_index)",
	  "max(0.0005, premium_index) + min(-0.0005, premium_index)", NULL },
	{ "Paradex", "", "delta", "",
	  "clamp(alt(interest, 0.0001) - premium_index, -alt(clamp, 0.0005), alt(clamp, 0.0005))",
	  NULL },
	{ "Paradex", "", "raw_rate funding_rate", "given(premium_index)",
	  "clamp(alt(funding_multiplier, multiplier, 1) * (premium_index + clamp(alt(interest, "
	  "0.0001) "
	  "- premium_index, -alt(clamp, 0.0005), alt(clamp, 0.0005))), -alt(max_rate, 0.02), "
	  "alt(max_rate, 0.02))", NULL },
	{ "Paradex", "", "funding_premium premium", "given(spot)",
	  "funding_rate * spot / alt(usdc_price, 1)", NULL },
	{ "Paradex", "", "index_advance delta_index", "",
	  "funding_premium * alt(holding_s, window_s, seconds, holding_seconds) / "
	  "alt(funding_period_s, 28800)", NULL },
	{ "Paradex", "", "accrued_pnl funding_pnl pnl", "given(spot)",
	  "-s * q * index_advance * alt(usdc_price, 1)", NULL },
	{ "Hyperliquid", "", "funding_rate", "given(premium_index)",
	  "clamp((premium_index + clamp(interest - premium_index, -alt(clamp, 0.0005), alt(clamp, "
	  "0.0005))) / 8, -0.04, 0.04)", NULL },
	{ "", "", "funding_rate", "given(premium_index) and given(interval_h)",
	  "(premium_index + clamp(interest - premium_index, -alt(clamp, 0.0005), alt(clamp, "
	  "0.0005))) "
	  "/ (8 / interval_h)", NULL },
	{ "", "", "funding_rate", "given(premium_index)",
	  "engine_funding(premium_index, interest, alt(clamp, 0.0005))", NULL },
	{ "", "", "funding_rate", "given(premium_index)",
	  "premium_index + clamp(interest - premium_index, -alt(clamp, 0.0005), alt(clamp, "
	  "0.0005))",
	  NULL },
	{ "", "", "premium_index", "given(impact_bid)",
	  "(max(0, impact_bid - index) - max(0, index - impact_ask)) / index", NULL },
	{ "", "", "funding_payment funding_fee funding_amount payment", "given(notional)",
	  "-s * notional * funding_rate", NULL },
	{ "", "", "funding_payment funding_fee funding_amount payment", "",
	  "-s * q * mark * funding_rate", NULL },

	/* ---- marks ---- */
	{ "", "", "basis funding_basis", "given(funding_rate)",
	  "funding_rate * hours_until_funding / alt(interval_h, 8)", NULL },
	{ "", "", "mark mark_price price_1 p1", "given(funding_rate) and given(index)",
	  "engine_mark(index, funding_rate, hours_until_funding, alt(interval_h, 8))", NULL },
	{ "", "", "mark mark_price price_1 p1", "given(funding_rate) and given(index)",
	  "index * (1 + funding_rate * hours_until_funding / alt(interval_h, 8))", NULL },
	{ "", "", "price_2 p2", "", "index + alt(moving_average, average_basis, avg_basis, "
	  "basis_average, basis_ma, moving_average_basis, moving_average_30m_basis, ma)", NULL },
	{ "", "", "mark mark_price", "given(price_1)",
	  "median(price_1, price_2, alt(contract_price, last_price, last, price_3))", NULL },
	{ "", "", "mark mark_price", "given(p1)",
	  "median(p1, p2, alt(contract_price, last_price, last, p3))", NULL },
	{ "Paradex", "", "internal_basis", "", "median(bid_ewma, ask_ewma, trade_ewma)", NULL },
	{ "Paradex", "", "liquid_basis", "", "median(internal_basis, mid_ewma, "
	  "external_median)", NULL },
	{ "Paradex", "", "fair_basis", "",
	  "(1 - w) * external_median + w * liquid_basis", NULL },
	{ "Paradex", "", "mark mark_price", "", "alt(spot, index) * (1 + fair_basis)", NULL },
	{ "Delta", "", "annualised_basis", "",
	  "(impact_mid / index - 1) * (365 * 86400 / seconds_to_expiry)", NULL },
	{ "Delta", "", "fair_basis", "",
	  "index * annualised_basis * seconds_to_expiry / (365 * 86400)", NULL },
	{ "Delta", "", "mark mark_price", "", "index + fair_basis", NULL },

	/* ---- bands ---- */
	{ "Paradex", "", "limit_down", "", "mark * (1 - bandwidth)", NULL },
	{ "Paradex", "", "limit_up market_buy_limit", "", "mark * (1 + bandwidth)", NULL },
	{ "Paradex", "", "market_sell_limit", "", "mark * (1 - bandwidth)", NULL },
	/* Only orders that cross: a resting one may lie outside. */
	{ "Paradex", "", "sell_*", "", "tail < limit_down ? 'rejected' : 'accepted'", NULL },
	{ "Paradex", "", "buy_*", "", "tail > limit_up ? 'rejected' : 'accepted'", NULL },

	/* ---- pools and triggers ---- */
	{ "Bybit", "", "pnl_ratio", "given(symbol_loss_8h)",
	  "(alt(symbol_pnl, -symbol_loss_8h) - alt(symbol_max_pnl_8h, 0)) / pool_8h_max", NULL },
	{ "Bybit", "", "pnl_ratio", "given(pool_8h_max)",
	  "(alt(symbol_pnl, symbol_pnl_now, symbol_current_pnl, current_pnl) - "
	  "alt(symbol_max_pnl_8h, symbol_8h_max_pnl, symbol_pnl_8h_max, symbol_pnl_max_8h, "
	  "max_pnl_8h, 0)) / pool_8h_max", NULL },
	/* The page's rule says below, its second example triggers at the ratio itself. */
	{ "Bybit", "", "adl_triggered", "given(pool_8h_max) and given(insurance_pnl_ratio)",
	  "pool_balance <= 0 or (pool_balance > adl_trigger_threshold and pnl_ratio <= "
	  "insurance_pnl_ratio)", NULL },
	{ "Bybit", "", "adl_triggered", "", "pool_balance <= 0", NULL },
	{ "Bybit", "", "adl_stopped", "given(adl_stop_ratio)", "pnl_ratio > adl_stop_ratio", NULL },
	{ "Bybit", "", "adl_stopped", "", "pool_balance > 0", NULL },
	/* The bankruptcy price is set so that the drawdown is held there. */
	{ "Bybit", "", "amount_left_to_users", "",
	  "max(0, (insurance_pnl_ratio - pnl_ratio) * pool_8h_max)", NULL },
	{ "GMX", "", "pnl", "given(long_size_usd)", "long_size_usd / entry * (price - "
	  "entry)", NULL },
	{ "GMX", "", "pnl", "given(short_size_usd)", "short_size_usd / entry * (entry - price)",
	  NULL },
	{ "GMX", "", "pool_usd", "not given(eth_price) and not given(pool_price)",
	  "alt(pool_long_eth, pool_eth) * price", NULL },
	{ "GMX", "", "pnl_factor pnl_to_pool", "", "pnl / alt(pool_usd, pool_long_usd)", NULL },
	{ "GMX", "", "adl_enabled", "", "pnl_factor > max_pnl_factor_for_adl", NULL },
	{ "GMX", "", "adl_done adl_complete", "", "pnl_factor < min_pnl_factor_after_adl", NULL },
	{ "Bitget", "", "adl_triggered", "given(fund_peak)",
	  "fund_balance <= 0 or fund_balance <= 0.7 * fund_peak", NULL },
	{ "Bitget", "", "adl_triggered", "", "fund_balance <= 0", NULL },

	/* ---- how much ---- */
	{ "OKX|OKEx", "", "qty_to_close", "",
	  "max(0, qty - alt(tier1_max, tier_max, lower_tier_max, tier2_max))", NULL },
	{ "Hyperliquid", "", "qty_to_close first_order_qty", "given(notional)",
	  "notional > 100000 ? 0.2 * qty : qty", NULL },
	{ "Extended", "", "qty_to_close", "", "0.2 * qty", NULL },

	/* ---- Paradex: shares of 20 % until the ratio is below 90 % ---- */
	{ "Paradex", "", "new_mmr", "", "account_mmr * (1 - share)", NULL },
	{ "Paradex", "", "penalty liquidation_penalty", "given(liquidation_fee)",
	  "share * liquidation_fee * account_mmr", NULL },
	/* The page's table charges 50 %, its text says 70 %. */
	{ "Paradex", "", "penalty liquidation_penalty", "", "share * 0.5 * account_mmr", NULL },
	{ "Paradex", "", "new_account_value", "", "account_value - penalty", NULL },
	{ "Paradex", "", "new_margin_ratio", "", "new_mmr / new_account_value", NULL },
	{ "Paradex", "", "share liquidation_share", "",
	  "alt(account_mmr * 0.8 < 0.9 * (account_value - 0.2 * 0.5 * account_mmr) ? 0.2 : "
	  "account_mmr * 0.6 < 0.9 * (account_value - 0.4 * 0.5 * account_mmr) ? 0.4 : "
	  "account_mmr * 0.4 < 0.9 * (account_value - 0.6 * 0.5 * account_mmr) ? 0.6 : "
	  "account_mmr * 0.2 < 0.9 * (account_value - 0.8 * 0.5 * account_mmr) ? 0.8 : 1, "
	  "1)", NULL },
	/* ---- Paradex: withdrawals while insolvent ---- */
	{ "Paradex", "", "bankruptcy_amount", "", "max(0, -account_value)", NULL },
	{ "Paradex", "", "exchange_bankruptcy_amount exchange_bankruptcy", "",
	  "max(0, alt(total_users_bankruptcy_amount, users_bankruptcy, user_bankruptcy_amount, "
	  "total_bankruptcy, total_bankruptcy_amount, users_bankruptcy_amount, "
	  "bankruptcy_amount) - alt(insurance_fund_balance, insurance_fund, fund))", NULL },
	{ "Paradex", "", "socialized_loss_factor socialised_loss_factor factor", "",
	  "alt(exchange_bankruptcy_amount, exchange_bankruptcy) / (alt(total_exchange_balance, "
	  "total_exchange_usdc_balance, exchange_balance, total_balance, total_usdc_balance) + "
	  "alt(exchange_bankruptcy_amount, exchange_bankruptcy))", NULL },
	{ "Paradex", "", "withdrawal_paid user_receives", "",
	  "(1 - alt(factor, socialized_loss_factor)) * alt(withdrawal, withdraw)", NULL },
};
CASE_TABLE(case_rules_mark, table);
