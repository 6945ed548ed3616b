/* Rows of market data as prices in time.
 *
 * A kline says less than its ticks did: when low and high were reached is not in it. The row
 * becomes four prices: open at its open time, one extreme after a third of the interval, the other
 * after two thirds, close at its close time. The extreme that makes the path shorter comes first:
 * with close above open the low, with close below open the high, else the one nearer to open, else
 * the low. So a crash inside a minute has its real depth, and no more movement than it must have
 * had. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "decimal.h"
#include "feed_row.h"

/* 2096; larger numbers are no times. */
#define TIME_MAX_US INT64_C(4000000000000000)
/* Open times below this are milliseconds: as microseconds they would lie in 1973. */
#define MS_BELOW INT64_C(100000000000000)
/* 720 million; a price times an amount then has 112 bits (feed_derive.c). */
#define PRICE_MAX_E8 (((__int128)1 << 56) - 1)
/* Klines without a close time are of one minute. */
#define MINUTE_US 60000000

/* Names of the rules' symbols, as many as fit. */
static void list_symbols(const struct fb_rules *rules, char *to, size_t size)
{
	size_t at = 0;

	for (unsigned i = 0; i < rules->symbols; i++) {
		int n = snprintf(to + at, size - at, "%s%s", i ? ", " : "", rules->symbol[i].name);

		if (n < 0 || (size_t)n + 12 >= size - at) {
			snprintf(to + at, size - at, ", ...");
			return;
		}
		at += (size_t)n;
	}
}

int fb_feed_unknown_symbol(const struct fb_rules *rules, const struct fb_where *where,
			   const char *found, size_t length, struct fb_error *error)
{
	char names[160] = "";

	list_symbols(rules, names, sizeof(names));
	return fb_expected(error, where, found, length,
			   "add an alias to the rules, or give SYMBOL=FILE",
			   "a symbol of the rules or an alias of one: %s", names);
}

/* *unit_us: what a step of 1 in the file is worth. NULL: the file says microseconds. */
static int take_time(struct fb_feed_file *f, int column, int64_t *unit_us, int64_t *out,
		     struct fb_error *error)
{
	__int128 value = 0;
	int rc = fb_field_number(f->lines, &f->field[column], 0, 1, TIME_MAX_US,
				 "a time since 1970", &value, error);

	if (rc)
		return rc;
	*out = (int64_t)value;
	if (!unit_us)
		return 0;
	*unit_us = *out < MS_BELOW ? 1000 : 1;
	*out *= *unit_us;
	return 0;
}

int fb_feed_not_backwards(struct fb_feed_file *f, int column, int64_t time_us,
			  struct fb_error *error)
{
	if (time_us >= f->last_us) {
		f->last_us = time_us;
		return 0;
	}
	return fb_field_error(f->lines, &f->field[column], error, "sort the file by time",
			      "a time that is not before the row above (%lld us)",
			      (long long)f->last_us);
}

/* A price at which a lot has a value that the engine can hold. */
static int take_price(struct fb_feed_file *f, int column, uint16_t symbol, uint64_t *out,
		      struct fb_error *error)
{
	const struct fb_symbol *s = &f->shared->rules->symbol[symbol];
	__int128 value = 0;
	uint64_t u;
	int rc = fb_field_number(f->lines, &f->field[column], 8, 1, PRICE_MAX_E8, "a price", &value,
				 error);

	if (rc)
		return rc;
	*out = (uint64_t)value;
	if (fb_unit_value(s, *out, &u) != 0)
		return fb_field_error(f->lines, &f->field[column], error,
				      "change the symbol's lot in the rules",
				      "a price at which a lot of %s is worth something and less "
				      "than 687",
				      s->name);
	return 0;
}

static bool same_text(const struct fb_field *field, const char *text)
{
	return text[0] && fb_field_is(field, text);
}

static void keep_text(const struct fb_field *field, char text[FB_NAME_MAX])
{
	memset(text, 0, FB_NAME_MAX);
	if (field->length < FB_NAME_MAX)
		memcpy(text, field->text, field->length);
}

int fb_feed_claim(struct fb_feed_file *f, int column, uint16_t symbol, enum fb_origin origin,
		  struct fb_error *error)
{
	enum fb_origin *held = &f->shared->origin[symbol];

	if (*held == FB_ORIGIN_NONE)
		*held = origin;
	if (*held == origin)
		return 0;
	return fb_field_error(f->lines, &f->field[column], error, "leave one of the files out",
			      "marks of %s from files of marks or from files of trades, not from "
			      "both",
			      f->shared->rules->symbol[symbol].name);
}

/* The row's symbol: from its column, through the aliases. With SYMBOL=FILE a name that the rules do
 * not know is that symbol. */
static int take_symbol(struct fb_feed_file *f, enum fb_origin origin, struct fb_error *error)
{
	const struct fb_field *field = &f->field[f->column.symbol];
	struct fb_where where = { fb_lines_name(f->lines), fb_lines_number(f->lines),
				  field->column };
	int symbol;

	if (same_text(field, f->symbol_text))
		return 0;
	if (field->length == 0 || field->length >= FB_NAME_MAX)
		return fb_feed_unknown_symbol(f->shared->rules, &where, field->text, field->length,
					      error);
	keep_text(field, f->symbol_text);
	symbol = fb_symbol_find(f->shared->rules, f->symbol_text);
	if (symbol < 0)
		symbol = f->given;
	if (symbol < 0)
		return fb_feed_unknown_symbol(f->shared->rules, &where, field->text, field->length,
					      error);
	if (f->given >= 0 && symbol != f->given)
		return fb_field_error(f->lines, field, error, "the command line says so",
				      "rows of %s", f->shared->rules->symbol[f->given].name);
	f->symbol = (uint16_t)symbol;
	return fb_feed_claim(f, f->column.symbol, f->symbol, origin, error);
}

/* Order and times of a kline's four prices; see the top of the file. */
static void queue_kline(struct fb_feed_file *f, int64_t open_us, int64_t close_us, int64_t unit_us,
			const uint64_t price[4], bool last)
{
	uint64_t open = price[0], high = price[1], low = price[2], close = price[3];
	bool low_first = close != open ? close > open : open - low <= high - open;
	int64_t third_us = (close_us + unit_us - open_us) / 3;
	const struct fb_event event[4] = {
		{ .time_us = open_us, .price_e8 = open },
		{ .time_us = open_us + third_us, .price_e8 = low_first ? low : high },
		{ .time_us = open_us + 2 * third_us, .price_e8 = low_first ? high : low },
		{ .time_us = close_us, .price_e8 = close },
	};

	for (int i = 0; i < 4; i++) {
		f->queue[i] = event[i];
		f->queue[i].symbol = (uint16_t)f->given;
		f->queue[i].kind = last ? FB_EVENT_LAST : FB_EVENT_MARK;
	}
	f->queued = 4;
}

/* Mark price klines have no volume; with volume they are klines of the last price. */
static int take_volume(struct fb_feed_file *f, bool *traded, struct fb_error *error)
{
	const struct fb_field *field = &f->field[f->column.volume < 0 ? 0 : f->column.volume];
	__int128 value = 0;
	int rc;

	*traded = false;
	if (f->column.volume < 0)
		return 0;
	rc = fb_decimal(field->text, field->length, 8, &value);
	if (rc == -EINVAL || value < 0)
		return fb_field_error(f->lines, field, error, NULL, "a volume");
	*traded = rc != 0 || value != 0; /* too fine or too large for the scale is not zero */
	return 0;
}

static int kline_row(struct fb_feed_file *f, struct fb_error *error)
{
	const int columns[4] = { f->column.open, f->column.high, f->column.low, f->column.close };
	const struct fb_field *close_field;
	int64_t open_us = 0, close_us = 0, unit_us = 1000;
	uint64_t price[4];
	bool traded;
	int rc = take_time(f, f->column.time, &unit_us, &open_us, error);

	if (rc == 0)
		rc = fb_feed_not_backwards(f, f->column.time, open_us, error);
	close_us = open_us + MINUTE_US - unit_us;
	if (rc == 0 && f->column.close_time >= 0)
		rc = take_time(f, f->column.close_time, &unit_us, &close_us, error);
	for (int i = 0; i < 4 && rc == 0; i++)
		rc = take_price(f, columns[i], (uint16_t)f->given, &price[i], error);
	if (rc == 0)
		rc = take_volume(f, &traded, error);
	if (rc == 0)
		rc = fb_feed_claim(f, f->column.time, (uint16_t)f->given, FB_ORIGIN_MARKS, error);
	if (rc)
		return rc;
	close_field = &f->field[f->column.close_time < 0 ? f->column.time : f->column.close_time];
	if (close_us < open_us + 3)
		return fb_field_error(f->lines, close_field, error, NULL,
				      "a close time at least 3 us after the open time");
	if (price[1] < price[2])
		return fb_field_error(f->lines, &f->field[f->column.high], error, NULL,
				      "a high not below the low");
	for (int i = 0; i < 4; i += 3)
		if (price[i] > price[1] || price[i] < price[2])
			return fb_field_error(f->lines, &f->field[columns[i]], error, NULL,
					      "a price between low and high of the row");
	f->last_us = close_us;
	queue_kline(f, open_us, close_us, unit_us, price, traded);
	return 0;
}

/* Time, symbol and price of kinds with one price in a row. */
static int single_row(struct fb_feed_file *f, enum fb_origin origin, struct fb_event *event,
		      struct fb_error *error)
{
	int rc = take_time(f, f->column.time, NULL, &event->time_us, error);

	if (rc == 0)
		rc = fb_feed_not_backwards(f, f->column.time, event->time_us, error);
	if (rc == 0)
		rc = take_symbol(f, origin, error);
	if (rc == 0)
		rc = take_price(f, f->column.price, f->symbol, &event->price_e8, error);
	event->symbol = f->symbol;
	f->queued = rc == 0;
	return rc;
}

/* A price that a row may leave out: 0 then. */
static int take_optional(struct fb_feed_file *f, int column, uint64_t *out, struct fb_error *error)
{
	*out = 0;
	if (column < 0 || (f->field[column].text && f->field[column].length == 0))
		return 0;
	return take_price(f, column, f->symbol, out, error);
}

static int take_extras(struct fb_feed_file *f, struct fb_error *error)
{
	struct fb_event *e = &f->queue[0];
	int rc = take_optional(f, f->column.index, &e->index_e8, error);

	if (rc == 0)
		rc = take_optional(f, f->column.last, &e->last_e8, error);
	if (rc == 0)
		rc = take_optional(f, f->column.bid, &e->bid_e8, error);
	if (rc == 0)
		rc = take_optional(f, f->column.ask, &e->ask_e8, error);
	f->queued = rc == 0;
	return rc;
}

static int ticker_row(struct fb_feed_file *f, struct fb_error *error)
{
	const struct fb_field *mark = &f->field[f->column.price];

	/* A row may tell of funding or open interest only. */
	if (mark->text && mark->length == 0)
		return 0;
	f->queue[0].kind = FB_EVENT_MARK;
	int rc = single_row(f, FB_ORIGIN_MARKS, &f->queue[0], error);

	return rc ? rc : take_extras(f, error);
}

static int take_exchange(struct fb_feed_file *f, struct fb_error *error)
{
	const struct fb_field *exchange = &f->field[f->column.exchange];

	if (!same_text(exchange, f->exchange_text)) {
		if (!fb_feed_exchange(exchange, &f->perpetual, &f->exchange))
			return fb_field_error(f->lines, exchange, error, "exchanges.h lists them",
					      "an exchange known as one of spot or of perpetuals, "
					      "such as coinbase or binance-futures");
		keep_text(exchange, f->exchange_text);
	}
	f->queue[0].exchange = f->exchange;
	return 0;
}

/* Times and symbol of what is no price of its own. */
static int quote_head(struct fb_feed_file *f, struct fb_error *error)
{
	struct fb_event *e = &f->queue[0];
	int rc = take_time(f, f->column.time, NULL, &e->time_us, error);

	if (rc == 0)
		rc = fb_feed_not_backwards(f, f->column.time, e->time_us, error);
	if (rc == 0)
		rc = take_symbol(f, FB_ORIGIN_TRADES, error);
	e->symbol = f->symbol;
	e->kind = FB_EVENT_QUOTE;
	return rc;
}

static int quote_row(struct fb_feed_file *f, struct fb_error *error)
{
	int rc = quote_head(f, error);

	if (rc == 0)
		rc = take_exchange(f, error);
	if (rc == 0 && !f->perpetual)
		return fb_field_error(f->lines, &f->field[f->column.exchange], error,
				      "constituents of an index are read from trades",
				      "quotes of a perpetual");
	return rc ? rc : take_extras(f, error);
}

static int trade_row(struct fb_feed_file *f, struct fb_error *error)
{
	__int128 amount = 0;
	int rc = single_row(f, FB_ORIGIN_TRADES, &f->queue[0], error);

	if (rc == 0)
		rc = fb_field_number(f->lines, &f->field[f->column.amount], 8, 1, PRICE_MAX_E8,
				     "an amount", &amount, error);
	if (rc == 0)
		rc = take_exchange(f, error);
	if (rc)
		return rc;
	f->queue[0].amount_e8 = (uint64_t)amount;
	f->queue[0].kind = f->perpetual ? FB_EVENT_PERPETUAL : FB_EVENT_SPOT;
	return 0;
}

int fb_feed_row(struct fb_feed_file *f, struct fb_error *error)
{
	struct fb_field line;
	int n = 0;

	if (!f->pushed_back) {
		n = fb_lines_next(f->lines, &line, error);
		if (n <= 0)
			return n;
		n = fb_csv_split(f->lines, &line, f->field, error);
		if (n < 0)
			return n;
		if (n != f->fields)
			return fb_field_error(f->lines, &f->field[n < f->fields ? n : f->fields],
					      error, "is the file cut off?",
					      "%d fields as in the first line", f->fields);
	}
	f->pushed_back = false;
	f->queued = f->taken = 0;
	memset(&f->queue[0], 0, sizeof(f->queue[0]));
	switch (f->column.kind) {
	case FB_FEED_KLINES: n = kline_row(f, error); break;
	case FB_FEED_TRADES: n = trade_row(f, error); break;
	case FB_FEED_TICKER: n = ticker_row(f, error); break;
	case FB_FEED_OWN:
		f->queue[0].kind = FB_EVENT_MARK;
		n = single_row(f, FB_ORIGIN_MARKS, &f->queue[0], error);
		if (n == 0)
			n = take_extras(f, error);
		break;
	case FB_FEED_QUOTES: n = quote_row(f, error); break;
	case FB_FEED_DEPTH: n = fb_feed_depth_row(f, error); break;
	}
	return n ? n : 1;
}
