/* What the files of the report share. See <firebreak/report.h>. */
#ifndef REPORT_INTERNAL_H
#define REPORT_INTERNAL_H

#include <firebreak/report.h>

#include "report_sink.h"

#define FB_POINTS 1024 /* of the picture; when they run out, pairs are merged */

struct fb_point {
	int64_t time_us;
	uint64_t breaches, liquidations, takeovers, pairs; /* so far, at the end of the point */
	__int128 fund_collateral_e8, fund_equity_e8;
};

struct fb_report {
	char directory[400];
	const struct fb_rules *rules;
	struct fb_sink orders, events, notices, records, records_text;
	bool complete;
	/* picture: `merge` samples make a point; the lowest mark of a point is kept, so that a
	 * spike survives merging */
	size_t points, merge, merged;
	struct fb_point point[FB_POINTS];
	uint32_t symbols;
	uint16_t symbol[FB_SYMBOLS];
	uint64_t u_first[FB_SYMBOLS];
	uint64_t *u; /* [point][symbols] */
};

/* Draws run.svg into an open stream. */
void fb_picture(const struct fb_report *report, const struct fb_summary *summary, FILE *out);

/* Price as text, from a value: value x 1e8 / (quantity x lot), cut to 8 decimals; "" where there
 * is none. */
void fb_report_price(const struct fb_symbol *symbol, int64_t qty, __int128 value_e8, char *out,
		     size_t size);
/* Money with 8 decimals. `out` has room for 64 bytes. */
char *fb_report_money(__int128 value_e8, char *out);
/* Digits in groups of three, for people. `out` has room for a third more. */
char *fb_report_grouped(const char *digits, char *out);
/* ISO 8601 with milliseconds. `out` has room for 32 bytes. */
char *fb_report_time(int64_t time_us, char *out);

#endif
