/* Exchanges by the names that Tardis.dev gives them (docs.tardis.dev, "exchanges"), as
 * X(number, name). mexc-futures is not there; it is one of the five whose perpetuals Hyperliquid
 * looks at. */
#ifndef FIREBREAK_EXCHANGES_H
#define FIREBREAK_EXCHANGES_H

/* clang-format off */
#define FB_SPOT_LIST(X) \
	X(0, "binance") X(1, "binance-us") X(2, "coinbase") X(3, "gemini") X(4, "kraken") \
	X(5, "bitstamp") X(6, "bitfinex") X(7, "okex") X(8, "bybit-spot") X(9, "bitget") \
	X(10, "gate-io") X(11, "huobi") X(12, "kucoin") X(13, "crypto-com") X(14, "bitflyer") \
	X(15, "upbit") X(16, "coinbase-international") X(17, "okcoin")

#define FB_PERPETUAL_LIST(X) \
	X(0, "binance-futures") X(1, "binance-delivery") X(2, "bitmex") X(3, "bybit") \
	X(4, "okex-swap") X(5, "deribit") X(6, "bitget-futures") X(7, "gate-io-futures") \
	X(8, "huobi-dm-swap") X(9, "huobi-dm-linear-swap") X(10, "kucoin-futures") \
	X(11, "cryptofacilities") X(12, "bitfinex-derivatives") X(13, "crypto-com-derivatives") \
	X(14, "hyperliquid") X(15, "dydx") X(16, "dydx-v4") X(17, "phemex") X(18, "woo-x") \
	X(19, "delta") X(20, "mexc-futures")
/* clang-format on */

#endif
