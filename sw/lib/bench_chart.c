/* See bench_chart.h. */
#include "bench_chart.h"

#include <math.h>
#include <string.h>

#include "picture_draw.h"

#define KEY_STEP 18.0

void chart_put(struct chart_range *range, double value)
{
	range->low = range->any ? fmin(range->low, value) : value;
	range->high = range->any ? fmax(range->high, value) : value;
	range->any = true;
}

void chart_open(FILE *out, double width, double height, const char *head, const char *sub)
{
	fprintf(out,
		"<svg xmlns='http://www.w3.org/2000/svg' width='%.0f' height='%.0f' "
		"viewBox='0 0 %.0f %.0f'>\n<style>\n%s.frame { fill: none; stroke: #9aa5b0 }\n"
		"</style>\n<rect width='100%%' height='100%%' fill='#ffffff'/>\n",
		width, height, width, height, picture_style);
	draw_text(out, 40, 40, "start", "head", head);
	draw_text(out, 40, 62, "start", "sub", sub);
}

void chart_close(FILE *out)
{
	fprintf(out, "</svg>\n");
}

static double x_of(const struct chart *c, double x)
{
	return c->left + c->width * (x - c->x_low) / (c->x_high - c->x_low);
}

static double y_of(const struct chart *c, double y)
{
	return c->top + c->height * (c->y_high - y) / (c->y_high - c->y_low);
}

/* 90 ns, 1.5 us, 20 ms. */
static void time_label(double log_ns, char out[32])
{
	static const char *const unit[] = { "ns", "us", "ms", "s" };
	int k = (int)fmax(0, fmin(3, floor(log_ns / 3 + 1e-9)));
	snprintf(out, 32, "%.3g %s", pow(10, log_ns - 3 * k), unit[k]);
}

void chart_frame(const struct chart *c, const char *title, const char *x_name, const char *y_name,
		 bool times)
{
	FILE *out = c->out;
	double step = c->y_high - c->y_low > 7 ? 2 : 1;
	for (double y = ceil(c->y_low - 1e-9); y <= c->y_high + 1e-9; y += step) {
		char text[32];
		fprintf(out, "<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' class='grid'/>\n",
			c->left, y_of(c, y), c->left + c->width, y_of(c, y));
		if (times)
			time_label(y, text);
		else
			format_short(pow(10, y), text);
		draw_text(out, c->left - 8, y_of(c, y) + 4, "end", "tick", text);
	}
	fprintf(out, "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' class='frame'/>\n",
		c->left, c->top, c->width, c->height);
	draw_text(out, c->left, c->top - 12, "start", "title", title);
	draw_text(out, c->left + c->width / 2, c->top + c->height + 36, "middle", "tick", x_name);
	fprintf(out,
		"<text x='%.1f' y='%.1f' transform='rotate(-90 %.1f %.1f)' text-anchor='middle' "
		"class='tick'>%s</text>\n",
		c->left - 56, c->top + c->height / 2, c->left - 56, c->top + c->height / 2, y_name);
}

static void x_tick(const struct chart *c, double x, const char *text)
{
	if (x < c->x_low - 1e-9 || x > c->x_high + 1e-9)
		return;
	fprintf(c->out, "<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' class='grid'/>\n",
		x_of(c, x), c->top, x_of(c, x), c->top + c->height);
	draw_text(c->out, x_of(c, x), c->top + c->height + 17, "middle", "tick", text);
}

void chart_x_counts(const struct chart *c, const char *unit)
{
	bool wide = c->x_high - c->x_low >= 2.5;
	static const double parts[] = { 1, 2, 5 };
	for (double d = floor(c->x_low); d <= c->x_high; d++)
		for (int k = 0; k < (wide ? 1 : 3); k++) {
			char text[48];
			format_short(parts[k] * pow(10, d), text);
			strncat(text, unit, 8);
			x_tick(c, d + log10(parts[k]), text);
		}
}

void chart_x_percentiles(const struct chart *c)
{
	static const char *const text[] = { "0", "90", "99", "99.9", "99.99", "99.999", "99.9999" };
	for (int k = 0; k < 7; k++) {
		bool tight = c->x_high >= 6 && k == 5; /* the last two would touch */
		x_tick(c, k, tight ? "" : text[k]);
	}
}

const char *chart_colour(unsigned series)
{
	static const char *const colours[] = { "#1f6fb2", "#c8502f", "#1f7a5c", "#8a4fa8",
					       "#b8860b", "#3d1420", "#5c8a1f", "#c23b80",
					       "#2fa8b8", "#7b8792", "#e09f3e", "#4a3fa8" };
	return colours[series % 12];
}

void chart_line(const struct chart *c, const struct chart_point *p, unsigned n,
		const char *colour, bool dashed, bool dots)
{
	fprintf(c->out,
		"<polyline fill='none' stroke='%s' stroke-width='1.8' stroke-linejoin='round'%s "
		"points='",
		colour, dashed ? " stroke-dasharray='6 4'" : "");
	for (unsigned i = 0; i < n; i++)
		fprintf(c->out, "%.1f,%.1f ", x_of(c, p[i].x), y_of(c, p[i].y));
	fprintf(c->out, "'/>\n");
	for (unsigned i = 0; i < n && dots; i++)
		fprintf(c->out, "<circle cx='%.1f' cy='%.1f' r='3.2' fill='%s'/>\n",
			x_of(c, p[i].x), y_of(c, p[i].y), colour);
}

void chart_band(const struct chart *c, const struct chart_point *low,
		const struct chart_point *high, unsigned n, const char *colour)
{
	fprintf(c->out, "<polygon fill='%s' opacity='0.16' points='", colour);
	for (unsigned i = 0; i < n; i++)
		fprintf(c->out, "%.1f,%.1f ", x_of(c, low[i].x), y_of(c, low[i].y));
	for (unsigned i = n; i-- > 0;)
		fprintf(c->out, "%.1f,%.1f ", x_of(c, high[i].x), y_of(c, high[i].y));
	fprintf(c->out, "'/>\n");
}

void chart_key(struct chart *c, const char *colour, bool dashed, const char *text)
{
	double x = c->left + c->width + 16, y = c->top + 10 + KEY_STEP * c->keys++;
	fprintf(c->out,
		"<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' stroke='%s' "
		"stroke-width='2.4'%s/>\n",
		x, y, x + 22, y, colour, dashed ? " stroke-dasharray='6 4'" : "");
	draw_text(c->out, x + 28, y + 4, "start", "label dark", text);
}

void chart_mark(const struct chart *c, double x, double y, const char *text)
{
	fprintf(c->out,
		"<circle cx='%.1f' cy='%.1f' r='5.5' fill='none' stroke='#18222c' "
		"stroke-width='1.6'/>\n",
		x_of(c, x), y_of(c, y));
	draw_text(c->out, x_of(c, x) + 10, y_of(c, y) + 18, "start", "label dark", text);
}
