/* Liquidation and bankruptcy prices. `s` is the side, `q` the size without its sign, `c` the
 * deduction. What holds everywhere comes last. */
#include "cases_tables.h"

#define FEE_VENUES "Gate|OKX|OKEx|Bitget|Deepcoin"
#define FROZEN "Bybit|BitMEX|Delta"
#define OTHERS "c, fee, tmm_of_others, upnl_of_others"

static const struct case_rule table[] = {
	/* ---- terms ---- */
	{ "MCS", "", "inverse", "", "true", NULL },
	{ "", "", "inverse", "",
	  "has(contract, 'inverse') or has(type, 'inverse') or has(venue, 'inverse') or "
	  "has(venue, 'COIN-M') or has(what, 'inverse') or has(margin_type, 'coin') or "
	  "(given(qty_usd) and not has(contract, 'linear') and not has(venue, 'GMX'))", NULL },
	{ "", "", "c", "", "alt(maint_amount, 0)", NULL },
	{ FEE_VENUES, "", "fee_inside", "", "alt(fee, 0)", NULL },
	{ "", "", "fee_inside", "", "0", NULL },
	{ "", "", "position_value", "", "inverse ? q / entry : q * entry", NULL },
	{ "", "", "im_rate", "given(leverage)",
	  "has(leverage, '%') ? nth(leverage, 1) : 1 / leverage", NULL },
	{ "Delta", "", "im_rate", "given(mmr)", "2 * mmr", NULL },
	{ "Gate", "", "initial_margin", "given(fee)", "position_value * (im_rate + fee)", NULL },
	{ "", "", "initial_margin", "given(notional) and not given(qty)", "notional * im_rate",
	  NULL },
	{ "", "", "initial_margin", "given(price) and not given(entry)",
	  "q * price * im_rate", NULL },
	{ "", "", "initial_margin", "", "position_value * im_rate", NULL },
	{ "MCS", "", "wallet", "given(available_balance)", "available_balance", NULL },
	{ "", "", "wallet", "not given(wallet)", "position_value * im_rate", NULL },
	{ "", "", "tmm_others", "given(other_positions)",
	  "sum(other_positions, q * mark * mmr - (given(maint_amount) ? maint_amount : 0))", NULL },
	{ "", "", "upnl_others", "given(other_positions)",
	  "sum(other_positions, s * q * (mark - entry))", NULL },
	/* What stands among the inputs must be known: it is not taken for 0. */
	{ "", "", "tmm_of_others", "not given(other_positions)", "alt(tmm_others, 0)", NULL },
	{ "", "", "tmm_of_others", "", "tmm_others", NULL },
	{ "", "", "upnl_of_others", "not given(other_positions)", "alt(upnl_others, 0)", NULL },
	{ "", "", "upnl_of_others", "", "upnl_others", NULL },
	{ "Hyperliquid", "", "mmr", "given(maintenance_leverage)", "1 / maintenance_leverage",
	  NULL },
	{ "Hyperliquid", "", "mmr", "given(max_leverage)", "1 / (2 * max_leverage)", NULL },
	/* The lowest tier of 2020, which that page does not repeat. */
	{ "Bybit inverse|MCS", "", "mmr", "",
	  "has(symbol, 'ETH', 'EOS', 'XRP') ? 0.01 : 0.005", NULL },
	{ "Bybit inverse|MCS", "", "fee", "", "0.00075", NULL },

	/* ---- liquidation price, venue by venue ---- */
	{ FEE_VENUES, "", "liq_price", "not inverse",
	  "liq_linear(s, q, entry, wallet + alt(extra_margin, 0), mmr, c, fee_inside, "
	  "tmm_of_others, upnl_of_others)", NULL },
	{ FEE_VENUES, "", "liq_price", "inverse",
	  "liq_inverse(s, q, entry, wallet + alt(extra_margin, 0), mmr, c, fee_inside, "
	  "tmm_of_others, upnl_of_others)", NULL },
	{ "Bybit inverse|MCS", "", "liq_price",
	  "(given(wallet) or given(available_balance)) and not starts(margin_mode, 'iso')",
	  "given(bankruptcy_price) ? q / (q / entry + s * (wallet - alt(order_margin, 0) - q / "
	  "entry "
	  "* mmr - q * fee / bankruptcy_price)) : liq_inverse_cross(s, q, entry, wallet, mmr, 0, "
	  "fee, 0, 0, alt(order_margin, 0))", NULL },
	{ "Bybit|Delta|MCS", "", "liq_price", "inverse and not given(qty)",
	  "liq_inverse_frozen(s, 1, entry, im_rate / entry, mmr, 0)", NULL },
	{ "Bybit|Delta|MCS", "", "liq_price", "inverse",
	  "liq_inverse_frozen(s, q, entry, position_value * im_rate + alt(extra_margin, 0), mmr, "
	  "c)",
	  NULL },
	{ "Bybit", "", "liq_price", "given(available_balance)",
	  "liq_linear_frozen(s, q, entry, available_balance + position_value * im_rate, mmr, c)",
	  NULL },
	{ "Bybit|Delta", "", "liq_price", "given(leverage) or given(im_rate)",
	  "liq_linear_frozen(s, q, entry, position_value * im_rate + alt(extra_margin, 0), mmr, c)",
	  NULL },
	{ "BitMEX", "", "liq_price", "inverse",
	  "liq_inverse_frozen(s, q, entry, wallet, mmr, c)", NULL },
	{ "BitMEX", "", "liq_price", "given(position_value) and given(price)",
	  "liq_linear_frozen(alt(s, 1), position_value / price, price, margin, alt(mmr, 0.01), "
	  "0)", NULL },
	{ FROZEN, "", "liq_price", "",
	  "liq_linear_frozen(s, q, entry, wallet + alt(extra_margin, 0), mmr, c)", NULL },
	{ "Affiliate", "", "liq_price", "", "liq_linear_frozen(s, q, entry, wallet, mmr, "
	  "0)", NULL },
	{ "Hyperliquid", "", "liq_price", "given(margin_available)",
	  "mark - s * margin_available / q / (1 - s * mmr)", NULL },
	/* What the account is worth at the mark, or else at the entry. */
	{ "Hyperliquid", "", "liq_price", "given(equity) and not given(wallet) and given(mark)",
	  "mark - s * (equity - tmm_of_others - q * mark * mmr + c) / q / (1 - s * mmr)",
	  NULL },
	{ "Hyperliquid", "", "liq_price", "given(equity) and not given(wallet)",
	  "liq_linear(s, q, entry, equity, mmr, c, 0, tmm_of_others)", NULL },
	{ "Lighter", "", "liq_price", "given(account_value) and given(account_mm)",
	  "zero_price(s, mark, mmr, account_value, account_mm)", NULL },

	/* ---- everywhere else: maintenance at the mark, no fee ---- */
	{ "", "", "liq_price", "inverse",
	  "liq_inverse(s, q, entry, wallet, mmr, c, 0, tmm_of_others, upnl_of_others)",
	  NULL },
	{ "", "", "liq_price", "",
	  "liq_linear(s, q, entry, wallet + alt(extra_margin, 0), mmr, c, 0, tmm_of_others, "
	  "upnl_of_others)", NULL },

	/* ---- bankruptcy price ---- */
	{ "Lighter", "", "zero_price", "", "zero_price(s, mark, mmr, account_value, account_mm)",
	  NULL },
	{ "Extended", "", "bankruptcy_price", "given(margin_ratio)",
	  "zero_price_by_ratio(tmm_of_others, margin_ratio, wallet, upnl_of_others, s * "
	  "q, "
	  "entry)", NULL },
	{ "Bybit inverse|MCS", "", "bankruptcy_price",
	  "(given(wallet) or given(available_balance)) and not starts(margin_mode, 'iso')",
	  "bankruptcy_inverse_cross(s, q, entry, wallet, 0, 0, fee, 0, 0, alt(order_margin, 0))",
	  NULL },
	{ "", "", "bankruptcy_price", "inverse and given(leverage) and not has(leverage, '%')",
	  "bankruptcy_isolated_inverse(s, entry, leverage)", NULL },
	{ "", "", "bankruptcy_price", "inverse",
	  "bankruptcy_inverse(s, q, entry, wallet, 0, 0, 0, 0, upnl_of_others)", NULL },
	{ "", "", "bankruptcy_price", "not given(wallet) and given(leverage)",
	  "bankruptcy_isolated_linear(s, entry, leverage)", NULL },
	{ "", "", "bankruptcy_price", "",
	  "bankruptcy_linear(s, q, entry, wallet, 0, 0, 0, 0, upnl_of_others)", NULL },
	{ "", "", "bankruptcy_price_exact bankruptcy_before", "", "bankruptcy_price", NULL },
	{ "", "", "liq_price_exact", "", "liq_price", NULL },
	/* Kraken's order that leaves nothing below zero. */
	{ "", "", "ioc_limit_price ioc_limit zero_equity_price", "", "bankruptcy_price", NULL },
	/* The page's wallet is worth the position. */
	{ "BitMEX", "", "margin_balance_left", "", "position_value - wallet", NULL },
	{ "", "", "max_loss", "", "wallet", NULL },
};
CASE_TABLE(case_rules_price, table);
