/* run.svg: marks, breaches and liquidations, and the fund, over one time axis. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "picture_draw.h"
#include "report_internal.h"

#define WIDTH 1230
#define HEIGHT 900
#define LEFT 78.0
#define PLOT 1000.0
#define BINS 250  /* bars */
#define LABELS 24 /* symbols named at the right */
#define LABEL_STEP 14.0

struct drawing {
	const struct fb_report *r;
	const struct fb_summary *s;
	FILE *out;
	size_t points;
	double from_us, span_us;
	uint32_t order[FB_SYMBOLS]; /* symbols by lowest mark, worst first */
	double lowest[FB_SYMBOLS];
};

static double x_of(const struct drawing *d, size_t point)
{
	return LEFT + PLOT * ((double)d->r->point[point].time_us - d->from_us) / d->span_us;
}

static double index_of(const struct drawing *d, uint32_t s, size_t point)
{
	return 100.0 * (double)d->r->u[point * d->r->symbols + s] / (double)d->r->u_first[s];
}

static char *number(uint64_t n, char out[32])
{
	char plain[24];
	snprintf(plain, sizeof(plain), "%" PRIu64, n);
	return fb_report_grouped(plain, out);
}

static double coins(__int128 value_e8)
{
	return (double)value_e8 / 1e8;
}

static void sort_symbols(struct drawing *d)
{
	for (uint32_t s = 0; s < d->r->symbols; s++) {
		d->lowest[s] = index_of(d, s, 0);
		for (size_t p = 1; p < d->points; p++)
			d->lowest[s] = fmin(d->lowest[s], index_of(d, s, p));
		uint32_t at = s;
		for (; at > 0 && d->lowest[d->order[at - 1]] > d->lowest[s]; at--)
			d->order[at] = d->order[at - 1];
		d->order[at] = s;
	}
}

static void panel_title(const struct drawing *d, const struct panel *p, const char *title,
			const char *note)
{
	fprintf(d->out,
		"<text x='%.1f' y='%.1f' class='title'>%s<tspan dx='10' "
		"class='note'>%s</tspan></text>\n",
		p->left, p->top - 14, title, note);
}

/* Names at the right end of their lines, pushed apart where lines meet. */
static void label_marks(const struct drawing *d, const struct panel *p)
{
	uint32_t n = d->r->symbols < LABELS ? d->r->symbols : LABELS, by_end[LABELS];
	double y[LABELS];
	for (uint32_t i = 0; i < n; i++) {
		double end = panel_y(p, index_of(d, d->order[i], d->points - 1));
		uint32_t at = i;
		for (; at > 0 && y[at - 1] > end; at--) {
			y[at] = y[at - 1];
			by_end[at] = by_end[at - 1];
		}
		y[at] = end;
		by_end[at] = d->order[i];
	}
	for (int pass = 0; pass < 100; pass++)
		for (uint32_t i = 1; i < n; i++)
			if (y[i] - y[i - 1] < LABEL_STEP) {
				double push = (LABEL_STEP - (y[i] - y[i - 1])) / 2;
				y[i - 1] -= push;
				y[i] += push;
			}
	for (uint32_t i = 0; i < n; i++) {
		char hex[8], text[80];
		double end = panel_y(p, index_of(d, by_end[i], d->points - 1)),
		       right = p->left + p->width;
		colour(100 - d->lowest[by_end[i]], hex);
		snprintf(text, sizeof(text), "%s  %.0f %%",
			 d->r->rules->symbol[d->r->symbol[by_end[i]]].name,
			 d->lowest[by_end[i]] - 100);
		fprintf(d->out,
			"<path d='M%.1f %.1fL%.1f %.1fL%.1f %.1f' stroke='%s' class='leader'/>\n",
			right, end, right + 5, end, right + 12, y[i], hex);
		fprintf(d->out, "<g fill='%s'>", hex);
		draw_text(d->out, right + 15, y[i] + 4, "start", "label", text);
		fprintf(d->out, "</g>\n");
	}
}

static void draw_marks(const struct drawing *d, struct panel *p)
{
	double top = 100, bottom = 100;
	for (uint32_t s = 0; s < d->r->symbols; s++)
		for (size_t i = 0; i < d->points; i++) {
			top = fmax(top, index_of(d, s, i));
			bottom = fmin(bottom, index_of(d, s, i));
		}
	double pad = fmax((top - bottom) * 0.04, 0.5);
	p->high = top + pad;
	p->low = fmax(bottom - pad, 0);
	panel_title(d, p, "Marks", "start = 100; names show the lowest mark against the start");
	draw_grid(d->out, p, 6, format_plain);
	for (uint32_t i = d->r->symbols; i-- > 0;) {
		char hex[8];
		uint32_t s = d->order[i];
		colour(100 - d->lowest[s], hex);
		fprintf(d->out, "<polyline class='mark' stroke='%s' points='", hex);
		for (size_t k = 0; k < d->points; k++)
			fprintf(d->out, "%.1f,%.1f ", x_of(d, k), panel_y(p, index_of(d, s, k)));
		fprintf(d->out, "'/>\n");
	}
	label_marks(d, p);
}

enum { BREACHES, LIQUIDATIONS, TAKEOVERS, PAIRS, COUNTS };

/* Sums of a bar: the differences of the running counts. */
static void bin_counts(const struct drawing *d, size_t bins, double count[COUNTS][BINS])
{
	uint64_t before[COUNTS] = { 0 };
	for (size_t b = 0; b < bins; b++) {
		const struct fb_point *p = &d->r->point[(b + 1) * d->points / bins - 1];
		const uint64_t now[COUNTS] = { p->breaches, p->liquidations, p->takeovers,
					       p->pairs };
		for (int i = 0; i < COUNTS; i++) {
			count[i][b] = (double)(now[i] - before[i]);
			before[i] = now[i];
		}
	}
}

static void draw_bars(const struct drawing *d, const struct panel *p, const double *value,
		      size_t bins, double share, const char *class)
{
	double width = PLOT / (double)bins;
	for (size_t b = 0; b < bins; b++)
		if (value[b] > 0)
			fprintf(d->out,
				"<rect x='%.2f' y='%.1f' width='%.2f' height='%.1f' class='%s'/>\n",
				LEFT + ((double)b + (1 - share) / 2) * width, panel_y(p, value[b]),
				width * share, panel_y(p, 0) - panel_y(p, value[b]), class);
}

static void draw_legend(const struct drawing *d, double x, double y, const char *class,
			const char *text)
{
	fprintf(d->out, "<rect x='%.1f' y='%.1f' width='11' height='11' class='%s'/>\n", x, y - 10,
		class);
	draw_text(d->out, x + 16, y, "start", "label dark", text);
}

static void draw_liquidations(const struct drawing *d, struct panel *p)
{
	static const struct {
		const char *class, *what;
		double width;
	} bars[COUNTS] = {
		{ "breach", "breaches", 0.96 },
		{ "liquidation", "liquidated", 0.66 },
		{ "takeover", "taken over", 0.42 },
		{ "adl", "deleveraged", 0.2 },
	};
	const struct fb_waterfall_counts *w = &d->s->waterfall;
	const uint64_t total[COUNTS] = { d->s->breaches, w->liquidations, w->takeovers, w->pairs };
	double count[COUNTS][BINS], top = 1, right = p->left + p->width + 15;
	char text[96], plain[32];
	size_t bins = d->points < BINS ? d->points : BINS;
	bin_counts(d, bins, count);
	for (int i = 0; i < COUNTS; i++)
		for (size_t b = 0; b < bins; b++)
			top = fmax(top, count[i][b]);
	p->low = 0;
	p->high = top * 1.08;
	snprintf(text, sizeof(text),
		 "each bar %.0f s; accounts, and positions taken over or deleveraged",
		 d->span_us / 1e6 / (double)bins);
	panel_title(d, p, "Breaches, liquidations and ADL", text);
	draw_grid(d->out, p, 4, format_short);
	for (int i = 0; i < COUNTS; i++) {
		draw_bars(d, p, count[i], bins, bars[i].width, bars[i].class);
		snprintf(text, sizeof(text), "%s %s", number(total[i], plain), bars[i].what);
		draw_legend(d, right, p->top + 14 + 20 * i, bars[i].class, text);
	}
}

/* In a legend: to the unit, or from 10,000 on to the hundred. */
static void format_amount(__int128 value_e8, char out[32])
{
	double value = coins(value_e8), unit = fabs(value) < 1e4 ? 1 : 1e2;
	format_short(round(value / unit) * unit, out);
}

static void draw_fund(const struct drawing *d, struct panel *p)
{
	double low = 0, high = 1;
	char short_form[32], text[96];
	for (size_t i = 0; i < d->points; i++) {
		double equity = coins(d->r->point[i].fund_equity_e8),
		       money = coins(d->r->point[i].fund_collateral_e8);
		low = fmin(low, fmin(equity, money));
		high = fmax(high, fmax(equity, money));
	}
	p->low = low < 0 ? low * 1.1 : 0;
	p->high = high * 1.08;
	panel_title(d, p, "Insurance fund",
		    "money, and equity with the positions it took over at the mark");
	draw_grid(d->out, p, 4, format_short);
	fprintf(d->out, "<path class='equity-area' d='M%.1f %.1f", x_of(d, 0), panel_y(p, 0));
	for (size_t i = 0; i < d->points; i++)
		fprintf(d->out, "L%.1f %.1f", x_of(d, i),
			panel_y(p, coins(d->r->point[i].fund_equity_e8)));
	fprintf(d->out, "L%.1f %.1fZ'/>\n<polyline class='equity' points='", x_of(d, d->points - 1),
		panel_y(p, 0));
	for (size_t i = 0; i < d->points; i++)
		fprintf(d->out, "%.1f,%.1f ", x_of(d, i),
			panel_y(p, coins(d->r->point[i].fund_equity_e8)));
	fprintf(d->out, "'/>\n<polyline class='collateral' points='");
	for (size_t i = 0; i < d->points; i++)
		fprintf(d->out, "%.1f,%.1f ", x_of(d, i),
			panel_y(p, coins(d->r->point[i].fund_collateral_e8)));
	fprintf(d->out, "'/>\n");
	double right = p->left + p->width + 15;
	format_amount(d->s->fund_equity_e8, short_form);
	snprintf(text, sizeof(text), "equity %s", short_form);
	draw_legend(d, right, p->top + 14, "equity-key", text);
	format_amount(d->s->fund_collateral_e8, short_form);
	snprintf(text, sizeof(text), "money %s", short_form);
	draw_legend(d, right, p->top + 34, "collateral-key", text);
	if (d->s->uncovered_loss_e8 > 0)
		draw_text(d->out, right, p->top + 56, "start", "label bad", "uncovered loss");
}

/* Vertical lines through all panels at round times, named at the bottom. */
static void draw_time(const struct drawing *d, double top, double bottom)
{
	static const double steps_s[] = { 1,   5,    10,   30,	 60,	120,   300,
					  600, 1800, 3600, 7200, 21600, 86400, 864000 };
	size_t i = 0;
	while (i + 1 < sizeof(steps_s) / sizeof(steps_s[0]) && d->span_us / 1e6 / steps_s[i] > 14)
		i++;
	double step = steps_s[i] * 1e6;
	for (double t = ceil(d->from_us / step) * step; t <= d->from_us + d->span_us; t += step) {
		char text[32];
		double x = LEFT + PLOT * (t - d->from_us) / d->span_us;
		fb_report_time((int64_t)t, text);
		/* 2025-10-10T21:05:00: minutes are enough from one minute on. */
		text[steps_s[i] >= 60 ? 16 : 19] = '\0';
		fprintf(d->out, "<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' class='grid'/>\n", x,
			top, x, bottom);
		draw_text(d->out, x, bottom + 20, "middle", "tick", text + 11);
	}
}

static void draw_head(const struct drawing *d)
{
	char from[32], to[32], text[256];
	fb_report_time(d->s->from_us, from);
	fb_report_time(d->s->to_us, to);
	from[16] = to[16] = '\0';
	from[10] = to[10] = ' ';
	fprintf(d->out,
		"<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' "
		"viewBox='0 0 %d %d'>\n<style>\n%s</style>\n"
		"<rect width='100%%' height='100%%' fill='#ffffff'/>\n",
		WIDTH, HEIGHT, WIDTH, HEIGHT, picture_style);
	char n[5][32];
	snprintf(text, sizeof(text), "%s of %s accounts liquidated, %s of them bankrupt",
		 number(d->s->waterfall.liquidations, n[0]), number(d->s->accounts - 4, n[1]),
		 number(d->s->waterfall.bankrupt, n[2]));
	draw_text(d->out, LEFT, 40, "start", "head", text);
	snprintf(text, sizeof(text),
		 "%s to %s UTC, %s positions in %" PRIu64 " symbols, %s marks, rules %s", from,
		 to + 11, number(d->s->positions, n[3]), d->s->symbols, number(d->s->marks, n[4]),
		 d->s->venue);
	draw_text(d->out, LEFT, 62, "start", "sub", text);
}

void fb_picture(const struct fb_report *report, const struct fb_summary *summary, FILE *out)
{
	struct drawing d = { .r = report, .s = summary, .out = out };
	struct panel marks = { .left = LEFT, .top = 112, .width = PLOT, .height = 360 };
	struct panel bars = { .left = LEFT, .top = 526, .width = PLOT, .height = 140 };
	struct panel fund = { .left = LEFT, .top = 720, .width = PLOT, .height = 130 };
	d.points = report->points + (report->merged > 0);
	draw_head(&d);
	if (d.points > 0) {
		d.from_us = (double)report->point[0].time_us;
		d.span_us = fmax((double)report->point[d.points - 1].time_us - d.from_us, 1e6);
		sort_symbols(&d);
		draw_time(&d, marks.top, fund.top + fund.height);
		draw_marks(&d, &marks);
		draw_liquidations(&d, &bars);
		draw_fund(&d, &fund);
	}
	fprintf(out, "</svg>\n");
}
