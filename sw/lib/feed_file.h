/* One file of a feed: rows of any known kind become events in time order. */
#ifndef FIREBREAK_FEED_FILE_H
#define FIREBREAK_FEED_FILE_H

#include <firebreak/inputs.h>

#include "csv.h"

enum fb_event_kind {
	FB_EVENT_MARK,      /* a mark as it is */
	FB_EVENT_LAST,      /* a last price that stands for the mark */
	FB_EVENT_PERPETUAL, /* a trade of the perpetual */
	FB_EVENT_SPOT,      /* a trade of a constituent of the index */
	FB_EVENT_QUOTE,     /* best bid and ask of the perpetual */
};

struct fb_event {
	int64_t time_us;
	uint64_t price_e8, amount_e8; /* amount: of trades */
	uint16_t symbol;
	enum fb_event_kind kind;
	unsigned exchange; /* of trades: number among those of its kind */
	/* of marks, what else is known; 0: not known. Of quotes bid and ask. */
	uint64_t index_e8, last_e8, bid_e8, ask_e8, perpetuals_e8;
};

/* What the files of a feed know of each other: a symbol has marks or trades, not both. */
enum fb_origin { FB_ORIGIN_NONE, FB_ORIGIN_MARKS, FB_ORIGIN_TRADES };
struct fb_feed_shared {
	const struct fb_rules *rules;
	enum fb_origin origin[FB_SYMBOLS];
};

struct fb_feed_file;

/* `entry` is FILE or SYMBOL=FILE. `shared` must outlive the file. */
int fb_feed_file_open(const char *entry, struct fb_feed_shared *shared, struct fb_feed_file **out,
		      struct fb_error *error);
/* 1, 0 at the end, -errno. Times never fall. */
int fb_feed_file_next(struct fb_feed_file *file, struct fb_event *out, struct fb_error *error);
void fb_feed_file_progress(const struct fb_feed_file *file, uint64_t *done, uint64_t *total);
void fb_feed_file_close(struct fb_feed_file *file);

/* --- feed_kind.c --- */

enum fb_feed_kind {
	FB_FEED_KLINES,
	FB_FEED_TRADES,
	FB_FEED_TICKER,
	FB_FEED_OWN,
	FB_FEED_QUOTES,
	FB_FEED_DEPTH,
};

/* Column numbers; -1: none. */
struct fb_feed_columns {
	enum fb_feed_kind kind;
	bool header; /* the first line holds names */
	int time, symbol, exchange, price, amount;
	int open, high, low, close, close_time, volume;
	int index, last, bid, ask;	    /* of own files, tickers and quotes */
	int percentage, depth, notional; /* of Binance's bookDepth */
};

/* Tells the kind by the first line. */
int fb_feed_kind(const struct fb_lines *lines, const struct fb_field *field, int n,
		 struct fb_feed_columns *out, struct fb_error *error);
/* Tardis' name of an exchange: its trades are of perpetuals or spot, and its number among those
 * (exchanges.h); false: not known. */
bool fb_feed_exchange(const struct fb_field *name, bool *perpetual, unsigned *number);

#endif
