/* Telling kinds of market data files apart, by their column names or, for klines without, by their
 * first row. */
#include <errno.h>
#include <string.h>

#include "feed_file.h"

bool fb_feed_exchange(const struct fb_field *name, bool *perpetual, unsigned *number)
{
	for (*number = 0; *number < FB_PERPETUAL_EXCHANGES; ++*number)
		if (fb_field_is(name, fb_perpetual_exchange(*number))) {
			*perpetual = true;
			return true;
		}
	*perpetual = false;
	for (*number = 0; *number < FB_SPOT_EXCHANGES; ++*number)
		if (fb_field_is(name, fb_spot_exchange(*number)))
			return true;
	return false;
}

static int column(const struct fb_field *field, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (fb_field_is(&field[i], name))
			return i;
	return -1;
}

/* Binance's own order: open_time, open, high, low, close, volume, close_time, ... */
static void bare_klines(struct fb_feed_columns *c, int n)
{
	c->kind = FB_FEED_KLINES;
	c->header = false;
	c->time = 0;
	c->open = 1;
	c->high = 2;
	c->low = 3;
	c->close = 4;
	c->volume = 5;
	c->close_time = n > 6 ? 6 : -1;
}

static bool is_number(const struct fb_field *field)
{
	return field->length > 0 && field->text[0] >= '0' && field->text[0] <= '9';
}

static bool is_klines(const struct fb_field *field, int n, struct fb_feed_columns *c)
{
	c->kind = FB_FEED_KLINES;
	c->time = column(field, n, "open_time");
	if (c->time < 0)
		c->time = column(field, n, "open_time_ms");
	c->open = column(field, n, "open");
	c->high = column(field, n, "high");
	c->low = column(field, n, "low");
	c->close = column(field, n, "close");
	c->close_time = column(field, n, "close_time");
	c->volume = column(field, n, "volume");
	return c->time >= 0 && c->open >= 0 && c->high >= 0 && c->low >= 0 && c->close >= 0;
}

static bool is_tardis(const struct fb_field *field, int n, struct fb_feed_columns *c)
{
	c->exchange = column(field, n, "exchange");
	c->symbol = column(field, n, "symbol");
	c->time = column(field, n, "timestamp");
	c->amount = column(field, n, "amount");
	c->price = column(field, n, "mark_price");
	c->index = column(field, n, "index_price");
	c->last = column(field, n, "last_price");
	c->kind = FB_FEED_TICKER;
	if (c->price < 0 && c->amount >= 0) {
		c->kind = FB_FEED_TRADES;
		c->price = column(field, n, "price");
	}
	/* Book updates have a price and an amount, too: only trades have an id and a side. */
	if (c->kind == FB_FEED_TRADES &&
	    (column(field, n, "id") < 0 || column(field, n, "side") < 0))
		return false;
	return c->exchange >= 0 && c->symbol >= 0 && c->time >= 0 && c->price >= 0;
}

static bool is_quotes(const struct fb_field *field, int n, struct fb_feed_columns *c)
{
	c->kind = FB_FEED_QUOTES;
	c->exchange = column(field, n, "exchange");
	c->symbol = column(field, n, "symbol");
	c->time = column(field, n, "timestamp");
	c->bid = column(field, n, "bid_price");
	c->ask = column(field, n, "ask_price");
	return c->exchange >= 0 && c->symbol >= 0 && c->time >= 0 && c->bid >= 0 && c->ask >= 0;
}

static bool is_depth(const struct fb_field *field, int n, struct fb_feed_columns *c)
{
	c->kind = FB_FEED_DEPTH;
	c->time = column(field, n, "timestamp");
	c->percentage = column(field, n, "percentage");
	c->depth = column(field, n, "depth");
	c->notional = column(field, n, "notional");
	return c->time >= 0 && c->percentage >= 0 && c->depth >= 0 && c->notional >= 0;
}

static bool is_own(const struct fb_field *field, int n, struct fb_feed_columns *c)
{
	c->kind = FB_FEED_OWN;
	c->time = column(field, n, "time_us");
	c->symbol = column(field, n, "symbol");
	c->price = column(field, n, "price");
	c->index = column(field, n, "index");
	c->last = column(field, n, "last");
	c->bid = column(field, n, "bid");
	c->ask = column(field, n, "ask");
	return c->time >= 0 && c->symbol >= 0 && c->price >= 0;
}

int fb_feed_kind(const struct fb_lines *lines, const struct fb_field *field, int n,
		 struct fb_feed_columns *out, struct fb_error *error)
{
	static const struct fb_feed_columns none = { 0,	 true, -1, -1, -1, -1, -1, -1, -1, -1,
						     -1, -1,   -1, -1, -1, -1, -1, -1, -1, -1 };

	*out = none;
	if (is_number(&field[0]) && n >= 6) {
		bare_klines(out, n);
		return 0;
	}
	if (is_klines(field, n, out))
		return 0;
	*out = none;
	if (is_tardis(field, n, out))
		return 0;
	*out = none;
	if (is_quotes(field, n, out))
		return 0;
	*out = none;
	if (is_depth(field, n, out))
		return 0;
	*out = none;
	if (is_own(field, n, out))
		return 0;
	return fb_field_error(lines, &field[0], error,
			      "the kinds of files are in sw/rules/README.md, section 3",
			      "the column names of klines (open_time,open,high,low,close,...), of "
			      "Tardis trades, quotes or derivative_ticker, of Binance's "
			      "bookDepth, or time_us,symbol,price");
}
