/* The rows of a feed's file; feed_file.c opens it and hands their events out. */
#ifndef FIREBREAK_FEED_ROW_H
#define FIREBREAK_FEED_ROW_H

#include "feed_file.h"

struct fb_feed_file {
	struct fb_lines *lines;
	struct fb_feed_shared *shared;
	struct fb_feed_columns column;
	int given;        /* symbol of SYMBOL=FILE or of the name; -1: rows say it */
	bool pushed_back; /* a kline file without names: its first line is a row */
	struct fb_field field[FB_FIELDS_MAX];
	int fields;               /* in the first line; every row has as many */
	struct fb_event queue[4]; /* of one row */
	unsigned queued, taken;
	int64_t last_us;               /* time of the last row, of klines the last close */
	char symbol_text[FB_NAME_MAX]; /* the last symbol and exchange looked up */
	char exchange_text[FB_NAME_MAX];
	uint16_t symbol;
	bool perpetual;
	unsigned exchange; /* its number among those of its kind */
	int64_t depth_us;  /* of the newest rows of depth, and what they said of the bids */
	uint64_t depth_bid_e8;
};

/* Reads the next row into the queue: 1, 0 at the end, -errno. A row may hold no event. */
int fb_feed_row(struct fb_feed_file *file, struct fb_error *error);
/* A row of Binance's bookDepth (feed_depth.c). */
int fb_feed_depth_row(struct fb_feed_file *file, struct fb_error *error);
/* The row's time, which must not be before the last one; its symbol, which has marks or trades. */
int fb_feed_not_backwards(struct fb_feed_file *file, int column, int64_t time_us,
			  struct fb_error *error);
int fb_feed_claim(struct fb_feed_file *file, int column, uint16_t symbol, enum fb_origin origin,
		  struct fb_error *error);
int fb_feed_unknown_symbol(const struct fb_rules *rules, const struct fb_where *where,
			   const char *found, size_t length, struct fb_error *error);

#endif
