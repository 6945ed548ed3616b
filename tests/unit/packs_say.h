/* What packs must say, because their venues do: each of these differs from what holds where a pack
 * is silent, or is what a reader of the venue would look for first. */
static const struct {
	const char *pack, *section, *key, *value;
} say[] = {
	{ "bitmex", "venue", "breach", ">=" },
	{ "hyperliquid", "venue", "breach", ">" },
	{ "hyperliquid", "thresholds", "takeover", "150 %" },
	{ "hyperliquid", "fees", "liquidation", "0 %" },
	{ "dydx", "venue", "breach", ">" },
	{ "dydx", "fees", "liquidation", "1.5 %" },
	{ "paradex", "thresholds", "liquidation", "100 % / 90 %" },
	{ "extended", "thresholds", "first_call", "66 %" },
	{ "extended", "thresholds", "second_call", "80 %" },
	{ "extended", "fees", "liquidation", "1 %" },
	{ "lighter", "thresholds", "close_out", "150 %" },
	{ "drift", "thresholds", "liquidation", "100 % / 71.42857 %" },
	{ "binance-coinm", "symbol", "type", "inverse" },
	{ "bybit-inverse", "symbol", "type", "inverse" },
	{ "bitmex", "symbol", "type", "inverse" },
};
