/* backtest.svg: three lines over time for each variant, and a panel of bars for each metric. */
#include <math.h>
#include <string.h>

#include "backtest_internal.h"
#include "picture_draw.h"
#include "report_internal.h"

#define WIDTH 1400
#define LEFT 78.0
#define PLOT 880.0
#define LINE_HEIGHT 150.0
#define LINE_STEP 206.0
#define BAR 15.0
#define ACROSS 4
#define BAR_PANEL 316.0
#define POINTS 800 /* drawn of a line: the worst of those that fall together is kept */

/* Told apart without red against green. */
static const char *const colours[] = { "#1f6fb2", "#c8502f", "#1f7a5c", "#7a4fa3", "#c9a227",
				       "#3d1420", "#4fa8b8", "#8a8f94" };
#define COLOURS (sizeof(colours) / sizeof(colours[0]))

enum line { GAP, FUND, ADL, LINES };
static const char *const titles[LINES] = { "The market below the reference price",
					   "Equity of the fund", "Notional deleveraged so far" };
static const char *const notes[LINES] = { "the worst symbol of an instant, percent", "", "" };

static double value_of(const struct fb_backtest_point *p, enum line line)
{
	switch (line) {
	case GAP: return (double)p->gap_e7 / 1e5;
	case FUND: return (double)p->fund_e8 / 1e8;
	case ADL:
	default: return (double)p->adl_e8 / 1e8;
	}
}

static void title(FILE *out, double x, double y, const char *text, const char *note)
{
	fprintf(out,
		"<text x='%.1f' y='%.1f' class='title'>%s<tspan dx='10' "
		"class='note'>%s</tspan></text>\n",
		x, y, text, note);
}

struct span {
	double from_us, us;
};

static struct span span_of(const struct fb_backtest *b)
{
	double from = INFINITY, to = -INFINITY;
	for (size_t i = 0; i < b->variants; i++) {
		const struct fb_variant *v = &b->variant[i];
		if (v->points == 0)
			continue;
		from = fmin(from, (double)v->point[0].time_us);
		to = fmax(to, (double)v->point[v->points - 1].time_us);
	}
	return (struct span){ from, fmax(to - from, 1e6) };
}

static void draw_line(const struct fb_variant *v, const struct panel *p, const struct span *s,
		      enum line line, const char *hex, FILE *out)
{
	size_t step = v->points / POINTS + 1;
	fprintf(out, "<polyline class='mark' stroke='%s' points='", hex);
	for (size_t i = 0; i < v->points; i += step) {
		double y = value_of(&v->point[i], line);
		for (size_t k = i + 1; k < i + step && k < v->points; k++)
			y = line == FUND ? fmin(y, value_of(&v->point[k], line))
					 : fmax(y, value_of(&v->point[k], line));
		fprintf(out, "%.1f,%.1f ",
			LEFT + PLOT * ((double)v->point[i].time_us - s->from_us) / s->us,
			panel_y(p, y));
	}
	fprintf(out, "'/>\n");
}

static void draw_lines(const struct fb_backtest *b, double top, enum line line, FILE *out)
{
	struct panel p = { .left = LEFT, .top = top, .width = PLOT, .height = LINE_HEIGHT };
	struct span s = span_of(b);
	double low = 0, high = 1e-9;
	for (size_t i = 0; i < b->variants; i++)
		for (size_t k = 0; k < b->variant[i].points; k++) {
			double y = value_of(&b->variant[i].point[k], line);
			low = fmin(low, y);
			high = fmax(high, y);
		}
	p.low = low * 1.08;
	p.high = high * 1.08;
	title(out, LEFT, top - 14, titles[line], notes[line]);
	draw_grid(out, &p, 4, line == GAP ? format_plain : format_short);
	for (size_t i = 0; i < b->variants; i++)
		draw_line(&b->variant[i], &p, &s, line, colours[i % COLOURS], out);
	char text[64];
	snprintf(text, sizeof(text), "%.0f minutes", s.us / 6e7);
	draw_text(out, LEFT + PLOT, top + LINE_HEIGHT + 16, "end", "tick", text);
}

static void draw_legend(const struct fb_backtest *b, double top, FILE *out)
{
	for (size_t i = 0; i < b->variants; i++) {
		char text[200];
		double y = top + 18 * (double)i;
		fprintf(out,
			"<rect x='%.1f' y='%.1f' width='11' height='11' fill='%s'/>\n",
			LEFT + PLOT + 40, y - 10, colours[i % COLOURS]);
		snprintf(text, sizeof(text), "%zu  %.52s", i + 1, b->variant[i].label);
		draw_text(out, LEFT + PLOT + 58, y, "start", "label dark", text);
	}
}

static void draw_metric(const struct fb_backtest *b, const struct fb_metric *f, double left,
			double top, FILE *out)
{
	double low = 0, high = 0, room = BAR_PANEL - 130;
	char text[80];
	title(out, left, top - 8, f->label, "");
	for (size_t i = 0; i < b->variants; i++) {
		double x = fb_metric_double(f, &b->variant[i].metrics);
		if (isnan(x))
			continue;
		low = fmin(low, x);
		high = fmax(high, x);
	}
	double scale = high - low > 0 ? room / (high - low) : 0, zero = left + 18 - low * scale;
	for (size_t i = 0; i < b->variants; i++) {
		double x = fb_metric_double(f, &b->variant[i].metrics),
		       y = top + BAR * (double)i;
		double from = isnan(x) || x > 0 ? zero : zero + x * scale,
		       width = isnan(x) ? 0 : fabs(x) * scale;
		snprintf(text, sizeof(text), "%zu", i + 1);
		draw_text(out, left + 10, y + 10, "end", "tick", text);
		fprintf(out, "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' fill='%s'/>\n",
			from, y + 1, width, BAR - 4, colours[i % COLOURS]);
		draw_text(out, from + width + 5, y + 10, "start", "label dark",
			  fb_metric_text(f, &b->variant[i].metrics, text));
	}
}

void fb_backtest_picture(const struct fb_backtest *b, FILE *out)
{
	size_t drawn = 0;
	for (size_t k = 0; k < fb_metrics_n; k++)
		drawn += fb_metrics_all[k].drawn;
	double step = BAR * (double)b->variants + 44, bars = 112 + LINES * LINE_STEP + 12,
	       height = bars + step * (double)((drawn + ACROSS - 1) / ACROSS),
	       legend = 112 + 18 * (double)b->variants + 20;
	height = fmax(height, legend);
	fprintf(out,
		"<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%.0f' "
		"viewBox='0 0 %d %.0f'>\n<style>\n%s</style>\n"
		"<rect width='100%%' height='100%%' fill='#ffffff'/>\n",
		WIDTH, height, WIDTH, height, picture_style);
	draw_text(out, LEFT, 40, "start", "head", "One crash, several rules");
	char text[160], from[32];
	fb_report_time(b->variants ? b->variant[0].summary.from_us : 0, from);
	from[16] = '\0';
	from[10] = ' ';
	snprintf(text, sizeof(text), "from %s UTC, %zu variants, the same marks, market and seeds",
		 from, b->variants);
	draw_text(out, LEFT, 62, "start", "sub", text);
	for (int line = 0; line < LINES; line++)
		draw_lines(b, 112 + LINE_STEP * line, (enum line)line, out);
	draw_legend(b, 122, out);
	size_t place = 0;
	for (size_t k = 0; k < fb_metrics_n; k++) {
		if (!fb_metrics_all[k].drawn)
			continue;
		draw_metric(b, &fb_metrics_all[k], 40 + (BAR_PANEL + 14) * (double)(place % ACROSS),
			    bars + step * (double)(place / ACROSS), out);
		place++;
	}
	fprintf(out, "</svg>\n");
}
