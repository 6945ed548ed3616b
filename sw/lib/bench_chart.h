/* Charts with logarithmic axes, for the bench. Values in coordinates are logarithms to base 10. */
#ifndef FIREBREAK_BENCH_CHART_H
#define FIREBREAK_BENCH_CHART_H

#include <stdbool.h>
#include <stdio.h>

struct chart {
	FILE *out;
	double left, top, width, height;      /* of the plot, in pixels */
	double x_low, x_high, y_low, y_high;  /* logarithms */
	unsigned keys;			      /* lines of the legend so far */
};

/* A range that grows with what is put into it, then is widened to whole steps. */
struct chart_range {
	double low, high;
	bool any;
};
void chart_put(struct chart_range *range, double value);

/* The picture around charts: size, heading and a line below it. */
void chart_open(FILE *out, double width, double height, const char *head, const char *sub);
void chart_close(FILE *out);

/* Frame, decades of y named by `unit` ("ns": times; else plain counts), title and axis names. */
void chart_frame(const struct chart *c, const char *title, const char *x_name, const char *y_name,
		 bool times);
/* Names of x: decades as counts, or percentiles where x is log10(1 / (1 - p)). */
void chart_x_counts(const struct chart *c, const char *unit);
void chart_x_percentiles(const struct chart *c);

struct chart_point {
	double x, y;
};
/* The colour of a series: a few that are told apart. */
const char *chart_colour(unsigned series);
void chart_line(const struct chart *c, const struct chart_point *point, unsigned n,
		const char *colour, bool dashed, bool dots);
/* An area between two lines that share x. */
void chart_band(const struct chart *c, const struct chart_point *low,
		const struct chart_point *high, unsigned n, const char *colour);
/* A line of the legend, at the right of the plot. */
void chart_key(struct chart *c, const char *colour, bool dashed, const char *text);
void chart_mark(const struct chart *c, double x, double y, const char *text);

#endif
