/* Scores of the ADL queues, and prices at which counterparties trade. */
#include "cases_tables.h"

static const struct case_rule table[] = {
	/* ---- profit and leverage of a position ---- */
	{ "Bluefin", "", "pnl_share", "given(entry)", "s * (alt(index, mark) - entry) / "
	  "entry", NULL },
	/* MCS measures a short's profit against the mark. */
	{ "MCS", "", "pnl_share", "given(entry)",
	  "s > 0 ? (mark - entry) / mark : (entry - mark) / mark", NULL },
	{ "", "", "pnl_share", "given(mark_value) and given(entry_value)",
	  "(mark_value - entry_value) / abs(entry_value)", NULL },
	{ "", "", "pnl_share", "given(entry) and inverse", "s * (1 - entry / mark)", NULL },
	{ "", "", "pnl_share", "given(entry)", "s * (mark - entry) / entry", NULL },
	{ "", "", "pnl_share", "given(upnl) and given(entry_value)", "upnl / abs(entry_value)",
	  NULL },
	{ "", "", "effective_leverage", "given(mark_value) and given(bankruptcy_value)",
	  "abs(mark_value) / (mark_value - bankruptcy_value)", NULL },
	{ "", "", "effective_leverage", "given(mark) and inverse",
	  "leverage_inverse(s, mark, bankruptcy_price)", NULL },
	{ "", "", "effective_leverage", "given(mark)",
	  "leverage_linear(s, mark, bankruptcy_price)", NULL },
	{ "", "", "effective_leverage", "given(notional) and given(equity)", "notional / equity",
	  NULL },

	/* ---- Binance's form of 2020: nothing for losers ---- */
	{ "Binance|Aster|ebi", "", "pnl_percent", "given(wallet)",
	  "max(0, upnl) / max(1, wallet)", NULL },
	{ "Binance|Aster|ebi", "", "margin_ratio", "given(wallet) and not given(margin_ratio)",
	  "wallet + upnl <= 0 ? 0 : maintenance_margin / (wallet + upnl)", NULL },
	{ "Binance|Aster|ebi", "", "leverage_pnl score adl_score", "given(wallet)",
	  "max(0, upnl) / max(1, wallet) * margin_ratio", NULL },
	{ "Binance|Aster|ebi|Bluefin", "", "quantile leverage_pnl_quantile", "",
	  "rank / alt(total_users, users, total_user_count)", NULL },
	/* ---- and that of 2025 ---- */
	{ "Binance", "", "score", "given(notional) and given(upnl)",
	  "upnl > 0 ? upnl / (alt(wallet, equity) + (given(wallet) ? upnl : 0)) : "
	  "upnl / abs(notional) / (abs(notional) / (wallet + upnl))", NULL },

	/* ---- by maintenance ratio ---- */
	/* Bitget calls the account's MM over its equity a maintenance margin rate. */
	{ "Bitget", "", "margin_ratio", "given(mmr) and not given(margin_ratio)", "mmr", NULL },
	{ "Bitget|Extended", "", "score", "",
	  "pnl_share > 0 ? pnl_share * margin_ratio : pnl_share / margin_ratio", NULL },
	{ "Aevo", "", "score", "", "pnl_share > 0 ? pnl_share * margin_ratio : 0", NULL },
	{ "Bluefin", "", "score", "", "max(0, pnl_share) / max(mmr, margin_ratio)", NULL },
	{ "OKX|OKEx|Deepcoin", "adl_score|other", "margin_ratio",
	  "given(wallet) and given(position_value)", "(wallet + upnl) / position_value", NULL },
	{ "OKX|OKEx|Deepcoin", "", "score", "given(margin_ratio) or given(wallet)",
	  "pnl_share > 0 ? pnl_share / margin_ratio : pnl_share * margin_ratio", NULL },
	/* ---- by price ---- */
	{ "Hyperliquid", "", "score", "", "mark / entry * (notional / equity)", NULL },
	{ "CoinEx", "", "score", "",
	  "alt(mark, latest_price, last_price, last) / entry * (open_value / wallet)", NULL },
	/* ---- MCS prints its own forms: a winner's by the price that is bankrupt ---- */
	{ "MCS", "", "score", "given(entry) and given(bankruptcy_price)",
	  "s > 0 ? (mark > entry ? bankruptcy_price * (mark - entry) / (entry * (mark - "
	  "bankruptcy_price)) : (mark - bankruptcy_price) * (mark - entry) / (bankruptcy_price * "
	  "mark)) "
	  ": (mark < entry ? bankruptcy_price * (entry - mark) / (entry * (bankruptcy_price - "
	  "mark)) : "
	  "(bankruptcy_price - mark) * (entry - mark) / (bankruptcy_price * mark))", NULL },
	{ "FLOX", "", "score", "has(score_by, 'binance')", "upnl * notional / equity", NULL },
	/* ---- everywhere else: BitMEX's ---- */
	{ "", "", "score", "",
	  "pnl_share > 0 ? pnl_share * effective_leverage : pnl_share / effective_leverage", NULL },
	{ "", "", "pnl_percent roi pnl_ratio", "", "pnl_share", NULL },
	{ "", "", "pnl_percentage", "", "100 * pnl_share", NULL },

	/* ---- what a closed position moves ---- */
	{ "Ethereal", "", "price adl_price", "given(bankruptcy_price)",
	  "s > 0 ? max(mark, bankruptcy_price) : min(mark, bankruptcy_price)", NULL },
	{ "Ethereal|Aevo|GMX", "", "price adl_price", "", "mark", NULL },
	{ "Ethereal", "", "transferred_pnl", "", "max(0, -equity_after)", NULL },
	{ "", "", "adl_price", "", "bankruptcy_price", NULL },
	{ "Deribit", "", "transfer_price", "",
	  "s > 0 ? alt(reference_price, mark) * (1 - spread) : alt(reference_price, mark) * (1 + "
	  "spread)", NULL },
};
CASE_TABLE(case_rules_score, table);
