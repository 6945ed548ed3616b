/* Margins: rates, amounts, ratios, and when they call for liquidation. */
#include "cases_tables.h"

static const struct case_rule table[] = {
	/* ---- tiers ---- */
	{ "Hyperliquid", "", "notional", "given(position_value)", "position_value", NULL },
	{ "Hyperliquid", "", "mmr", "given(notional) or given(position_value)",
	  "1 / (2 * tier(notional, 1))", NULL },
	{ "Hyperliquid", "", "maint_amount", "", "tier_deduction_by_leverage(notional)", NULL },
	{ "COIN-M", "", "notional", "given(position_btc)", "abs(position_btc)", NULL },
	{ "COIN-M", "", "notional", "given(qty)", "q", NULL },
	{ "", "", "mmr", "given(notional)", "tier(notional, 1)", NULL },
	{ "", "", "mmr", "given(mark) and given(qty)", "tier(q * mark, 1)", NULL },
	{ "", "", "maint_amount", "given(prev_rate)",
	  "next_deduction(prev_maint_amount, prev_rate, floor, rate)", NULL },
	{ "FLOX", "", "maint_amount", "", "0", NULL },
	/* Rates per tier, and no amount. */
	{ "OKX|OKEx|Gate", "mm", "maint_amount", "given(notional)", "null", NULL },
	{ "", "", "maint_amount", "given(notional)",
	  "alt(tier(notional, 2), tier_deduction(notional))", NULL },
	{ "", "", "maint_amount", "given(mark) and given(qty)", "tier(q * mark, 2)", NULL },
	{ "", "mm", "maintenance_margin", "given(notional)", "notional * mmr - "
	  "maint_amount", NULL },
	{ "Hyperliquid", "", "mmr", "given(max_leverage)", "1 / (2 * max_leverage)", NULL },
	/* Lighter: 60 % and 40 % of the initial margin. */
	{ "Lighter", "", "mmr", "given(im_rate) or given(leverage)", "0.6 * im_rate", NULL },
	{ "Lighter", "", "close_out close_out_rate cor", "given(im_rate) or given(leverage)",
	  "0.4 * im_rate", NULL },
	{ "Hyperliquid", "", "transfer_margin_required withdrawal_margin", "",
	  "max(initial_margin, 0.1 * notional)", NULL },

	/* ---- rates linear in size ---- */
	{ "Deribit", "", "im_rate mm_rate mmr", "given(base_rate)",
	  "base_rate + slope_per_unit * abs(position)", NULL },
	{ "Deribit", "", "im mm initial_margin maintenance_margin im_underlying "
	  "mm_underlying", "given(base_rate)",
	  "(base_rate + slope_per_unit * abs(position)) * abs(position)", NULL },
	{ "Deribit", "", "im_usdc mm_usdc im_usd mm_usd im_usdt mm_usdt", "given(base_rate)",
	  "(base_rate + slope_per_unit * abs(position)) * abs(position) * price", NULL },
	/* "MM%=0.5% up to 5 BTC, then +0.075% per BTC above"; initial margin is twice that. */
	{ "Delta", "", "mmr mm", "given(rule)",
	  "nth(rule, 1) + nth(rule, 3) * max(0, position_btc - nth(rule, 2))", NULL },
	{ "Delta", "", "im_rate im", "given(rule)",
	  "2 * (nth(rule, 1) + nth(rule, 3) * max(0, position_btc - nth(rule, 2)))", NULL },

	/* ---- portfolio margin ---- */
	{ "OKX|OKEx", "", "mr7_adjusted", "",
	  "sum(tiers, mult * max(0, (numeric(upto) ? min(mr7_raw, upto) : mr7_raw) - "
	  "previous_upto))", NULL },
	{ "OKX|OKEx", "", "mmr_before", "", "max(mr_other, mr7_raw)", NULL },
	{ "OKX|OKEx", "", "mmr_after", "", "max(mr_other, mr7_adjusted)", NULL },
	{ "Paradex", "", "net_delta", "", "perp_delta + options.qty * options.delta", NULL },
	{ "Paradex", "", "gross_delta", "", "abs(perp_delta) + abs(options.qty * options.delta)",
	  NULL },
	{ "Paradex", "", "hedged_delta", "", "(gross_delta - abs(net_delta)) / 2", NULL },
	{ "Paradex", "", "min_delta_risk", "",
	  "(unhedged_factor * abs(net_delta) + hedged_factor * hedged_delta) * spot", NULL },

	/* ---- Paradex ---- */
	{ "Paradex", "", "buy_open_size", "", "max(0, alt(buy_orders, 0) + s * q)", NULL },
	{ "Paradex", "", "sell_open_size", "", "max(0, alt(sell_orders, 0) - s * q)", NULL },
	{ "Paradex", "", "open_size", "", "max(buy_open_size, sell_open_size)", NULL },
	{ "Paradex", "", "imr net_imr", "", "open_size * im_rate * mark", NULL },
	{ "Paradex", "", "mmr net_mmr", "not given(positions) and given(im_rate)",
	  "0.5 * imr + q * mark * alt(fee, 0)", NULL },
	{ "Paradex", "", "account_value", "given(positions)",
	  "wallet + sum(positions, s * q * (mark - entry))", NULL },
	{ "Paradex", "", "upnl", "given(positions)", "sum(positions, s * q * (mark - "
	  "entry))", NULL },
	{ "Paradex", "", "mmr account_mmr", "given(positions)",
	  "sum(positions, q * mark * alt(mmf, mmr, mm_rate))", NULL },
	{ "Paradex", "", "account_value", "", "wallet + upnl", NULL },
	{ "Paradex", "", "meets_imr", "", "account_value >= imr", NULL },
	/* An order may also leave the requirement as it is. */
	{ "Paradex", "", "open_size_after", "given(order_qty)",
	  "max(max(0, alt(buy_orders, 0) + (has(order_side, 'buy') ? order_qty : 0) + s * q), "
	  "max(0, alt(sell_orders, 0) + (has(order_side, 'sell') ? order_qty : 0) - s * q))",
	  NULL },
	{ "Paradex", "", "accepted", "given(order_qty)",
	  "account_value >= open_size_after * im_rate * mark or (open_size_after <= open_size and "
	  "not crosses_over)", NULL },
	/* The page's example refuses an order that brings the offsetting ones above the position,
	 * though by its formula the open size stays as it is. */
	{ "Paradex", "", "crosses_over", "given(order_qty)",
	  "(has(order_side, 'sell') and s > 0 and alt(sell_orders, 0) + order_qty > q) or "
	  "(has(order_side, 'buy') and s < 0 and alt(buy_orders, 0) + order_qty > q)", NULL },
	{ "Paradex", "", "buy_imr", "", "buy_open_size * im_rate * mark", NULL },
	{ "Paradex", "", "sell_imr", "", "sell_open_size * im_rate * mark", NULL },
	{ "Paradex", "", "accepted", "", "account_value >= imr", NULL },
	{ "Paradex", "", "free_collateral", "", "min(account_value - imr, wallet)", NULL },
	{ "Paradex", "", "account_mmr", "given(mmr)", "mmr", NULL },
	{ "Paradex", "", "margin_ratio", "", "account_mmr / account_value", NULL },

	/* ---- multi-collateral: Kraken ---- */
	{ "Kraken", "", "margin_equity equity", "given(balances)",
	  "sum(balances, alt(usd, value_usd, usd_value, balance_usd, value) * (1 - haircut)) + "
	  "alt(upnl, 0)", NULL },
	{ "Kraken", "", "margin_equity equity", "given(haircut)",
	  "balance_usd * (1 - haircut) + alt(upnl, 0)", NULL },
	{ "Kraken", "", "total_margin_requirement margin_requirement requirement", "",
	  "max(margin_long, margin_short)", NULL },

	/* ---- of FLOX, whose `equity` is the margin before profit ---- */
	{ "FLOX", "", "equity", "given(wallet)",
	  "wallet + sum(positions, s * q * (marks[symbol] - entry))", NULL },
	{ "FLOX", "", "maintenance_margin", "given(marks)",
	  "sum(positions, q * marks[symbol] * mmr)", NULL },
	{ "FLOX", "", "initial_margin", "given(marks)",
	  "sum(positions, q * marks[symbol] * im_rate)", NULL },
	{ "FLOX", "", "liquidatable", "given(marks)", "equity < maintenance_margin", NULL },
	{ "FLOX", "", "legs_closed", "", "liquidatable ? positions.# : 0", NULL },
	{ "FLOX", "", "net", "", "equity + upnl", NULL },
	{ "FLOX", "", "maintenance_margin", "", "q * mark * mmr", NULL },
	{ "FLOX", "", "liquidatable", "given(equity)", "net < maintenance_margin", NULL },

	/* ---- GMX: the fees, which are not printed, are left out ---- */
	{ "GMX", "", "remaining_collateral", "given(collateral_eth)",
	  "collateral_eth * price + s * (size_usd / entry) * (price - entry)", NULL },
	{ "GMX", "", "remaining_collateral", "",
	  "collateral_usd + s * (size_usd / entry) * (price - entry)", NULL },
	{ "GMX", "", "liquidatable", "",
	  "remaining_collateral <= 0 or remaining_collateral < alt(min_collateral_factor, 0.01) * "
	  "size_usd", NULL },

	/* ---- everywhere: the ratio is MM / equity ---- */
	{ "Bybit|BitMEX|Delta|Affiliate|MCS", "", "maintenance_margin", "",
	  "position_value * mmr - c", NULL },
	{ "Kraken", "", "maintenance_margin", "", "position_value * mmr", NULL },
	/* Both margins of Gate hold the fee of closing. */
	{ "Gate", "", "maintenance_margin", "given(fee)", "position_value * (mmr + fee)", NULL },
	{ "", "", "maintenance_margin", "given(mark) and not inverse", "q * mark * mmr - c", NULL },
	{ "", "", "maintenance_margin", "given(mark)", "q / mark * mmr - c", NULL },
	{ "", "", "maintenance_margin", "", "position_value * mmr - c", NULL },
	{ "", "", "upnl", "inverse", "profit_inverse(s, q, entry, mark)", NULL },
	{ "", "", "upnl", "", "profit_linear(s, q, entry, mark)", NULL },
	{ "", "", "available", "", "wallet - initial_margin", NULL },
	{ "", "", "margin_balance", "", "wallet + upnl", NULL },
	/* (balance + profit - fees of orders) / (MM + fee of the reduction) */
	{ "OKX|OKEx", "", "margin_ratio",
	  "given(reduction_fee) or given(order_fees) or given(pending_order_fees) or "
	  "given(liquidation_fee)",
	  "(alt(wallet, equity) + (given(wallet) ? alt(upnl, 0) : 0) - alt(order_fees, "
	  "pending_order_fees, 0)) / (maintenance_margin + alt(reduction_fee, liquidation_fee, "
	  "fees, 0))", NULL },
	{ "OKX|OKEx", "", "margin_ratio", "given(fee)",
	  "margin_balance / (maintenance_margin + q * mark * fee)", NULL },
	{ "OKX|OKEx|Deepcoin", "", "margin_ratio", "", "margin_balance / "
	  "maintenance_margin", NULL },
	{ "", "", "margin_ratio", "", "maintenance_margin / margin_balance", NULL },
	{ "OKX|OKEx", "", "liquidatable", "", "margin_ratio <= 1", NULL },
	{ "Affiliate|paper", "", "liquidatable", "given(mark)",
	  "margin_balance <= maintenance_margin", NULL },
	{ "", "", "liquidatable", "given(margin_balance)", "margin_balance < maintenance_margin",
	  NULL },
	{ "", "", "liquidatable", "given(equity) and given(maintenance_margin)",
	  "equity < maintenance_margin", NULL },
	{ "", "", "liquidatable", "", "margin_balance < maintenance_margin", NULL },
	{ "", "", "equity account_value", "", "wallet + upnl", NULL },
	{ "", "", "effective_leverage account_leverage", "given(equity) and given(notional)",
	  "notional / equity", NULL },
};
CASE_TABLE(case_rules_margin, table);
