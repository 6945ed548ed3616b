/* Binance's bookDepth: every half minute a row for each of -5 to 5 percent from the price, with
 * base and quote units that rest up to there. What all bids within 1 % would pay on average stands
 * for the best bid, and the asks likewise: an impact price, the finest that these files hold. */
#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "feed_row.h"

#define ALL_E8 100000000
#define NUMBER_MOST (((__int128)1 << 62) - 1)

static bool digits(const char *text, unsigned n, unsigned *out)
{
	*out = 0;
	for (unsigned i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*out = *out * 10 + (unsigned)(text[i] - '0');
	}
	return true;
}

/* Days since 1970 of a day of the Gregorian calendar; 0 if there is none. */
static int64_t days(unsigned year, unsigned month, unsigned day)
{
	static const unsigned length[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	unsigned before = 0, past = year - 1;

	if (year < 1971 || year > 2096 || month < 1 || month > 12 || day < 1 ||
	    day > length[month - 1] + (month == 2 && leap))
		return 0;
	for (unsigned m = 0; m + 1 < month; m++)
		before += length[m];
	return (int64_t)365 * (year - 1970) + (past / 4 - past / 100 + past / 400) -
	       (1969 / 4 - 1969 / 100 + 1969 / 400) + before + (month > 2 && leap) + day - 1;
}

/* 2025-10-10 00:00:07, UTC */
static bool instant(const struct fb_field *field, int64_t *out_us)
{
	const char *t = field->text;
	unsigned y, mo, d, h, mi, s;

	if (!t || field->length != 19 || t[4] != '-' || t[7] != '-' || t[10] != ' ' ||
	    t[13] != ':' || t[16] != ':' || !digits(t, 4, &y) || !digits(t + 5, 2, &mo) ||
	    !digits(t + 8, 2, &d) || !digits(t + 11, 2, &h) || !digits(t + 14, 2, &mi) ||
	    !digits(t + 17, 2, &s) || h > 23 || mi > 59 || s > 59 || days(y, mo, d) == 0)
		return false;
	*out_us = (days(y, mo, d) * 86400 + h * 3600 + mi * 60 + s) * 1000000;
	return true;
}

/* What is there on average, if a lot has a value at that price; 0 if not. */
static uint64_t average(const struct fb_feed_file *f, __int128 notional_e8, __int128 depth_e8)
{
	__int128 price = depth_e8 > 0 ? notional_e8 * ALL_E8 / depth_e8 : 0;
	uint64_t u;

	if (price <= 0 || price >= (__int128)1 << 56)
		return 0;
	return fb_unit_value(&f->shared->rules->symbol[f->given], (uint64_t)price, &u) == 0
		       ? (uint64_t)price
		       : 0;
}

static void take(struct fb_feed_file *f, int64_t time_us, bool bids, uint64_t price_e8)
{
	if (bids) {
		f->depth_us = time_us;
		f->depth_bid_e8 = price_e8;
		return;
	}
	if (f->depth_us != time_us || f->depth_bid_e8 == 0 || price_e8 == 0)
		return;
	f->queue[0] = (struct fb_event){ .time_us = time_us,
					 .symbol = (uint16_t)f->given,
					 .kind = FB_EVENT_QUOTE,
					 .bid_e8 = f->depth_bid_e8,
					 .ask_e8 = price_e8 };
	f->queued = 1;
}

int fb_feed_depth_row(struct fb_feed_file *f, struct fb_error *error)
{
	const struct fb_field *time = &f->field[f->column.time];
	__int128 percent = 0, depth = 0, notional = 0;
	int64_t time_us = 0;
	int rc = instant(time, &time_us)
			 ? fb_feed_not_backwards(f, f->column.time, time_us, error)
			 : fb_field_error(f->lines, time, error, NULL,
					  "a time as 2025-10-10 00:00:07, in UTC");

	if (rc == 0)
		rc = fb_feed_claim(f, f->column.time, (uint16_t)f->given, FB_ORIGIN_TRADES, error);
	if (rc == 0)
		rc = fb_field_number(f->lines, &f->field[f->column.percentage], 8,
				     -(__int128)100 * ALL_E8, (__int128)100 * ALL_E8,
				     "a percentage from the price", &percent, error);
	if (rc == 0)
		rc = fb_field_number(f->lines, &f->field[f->column.depth], 8, 0, NUMBER_MOST,
				     "an amount", &depth, error);
	if (rc == 0)
		rc = fb_field_number(f->lines, &f->field[f->column.notional], 8, 0, NUMBER_MOST,
				     "an amount of money", &notional, error);
	if (rc == 0 && (percent == ALL_E8 || percent == -ALL_E8))
		take(f, time_us, percent < 0, average(f, notional, depth));
	return rc;
}
