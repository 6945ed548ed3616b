/* Where does a card overtake the processor? The processor's times are measured. The card's are
 * modelled: cycles of the simulated core at several sizes give a line, fixed cost and cycles a
 * stripe (a stripe is a row of every lane), which is carried to more lanes and to the clock of the
 * model, with both ways over the bus added. */
#include "bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench_chart.h"

#define LANES_MODELLED 128u
#define POINTS 60

struct fit {
	unsigned engine, points;
	double fixed, stripe; /* cycles */
	double lanes;
};

static bool is_of(const struct fb_bench_result *r, enum fb_bench_kind kind, unsigned engine,
		  int stage)
{
	return r->engine == engine && r->what.work->kind == kind && r->stage[stage].total > 0 &&
	       (!r->what.work->share || r->what.share_e4 == 500);
}

static uint64_t median(const struct fb_bench_result *r, int stage)
{
	return fb_hdr_at(&r->stage[stage], 500000);
}

/* Least squares over what the simulated engine did; false: fewer than two sizes. */
static bool fit_card(const struct fb_bench *b, enum fb_bench_kind kind, struct fit *out)
{
	for (unsigned e = 0; e < b->engines; e++) {
		double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
		double lanes = b->engine[e].info.lanes;
		for (unsigned i = 0; i < b->results; i++) {
			const struct fb_bench_result *r = &b->result[i];
			if (!is_of(r, kind, e, FB_STAGE_CARD_LAST) || lanes < 1)
				continue;
			double x = r->concerned / lanes, y = (double)median(r, FB_STAGE_CARD_LAST);
			n++, sx += x, sy += y, sxx += x * x, sxy += x * y;
		}
		double spread = n * sxx - sx * sx;
		if (n < 2 || spread <= 0)
			continue;
		*out = (struct fit){ .engine = e, .points = (unsigned)n, .lanes = lanes };
		out->stripe = (n * sxy - sx * sy) / spread;
		out->fixed = (sy - out->stripe * sx) / n;
		return true;
	}
	return false;
}

static double card_ns(const struct fit *f, double rows, double lanes, double link_ns)
{
	double cycles = fmax(f->fixed, 0) + f->stripe * rows / lanes;
	return cycles * 1e9 / FB_BENCH_CLOCK_HZ + link_ns;
}

static unsigned measured(const struct fb_bench *b, enum fb_bench_kind kind, unsigned engine,
			 struct chart_point out[FB_BENCH_CASES + 1])
{
	unsigned n = 0;
	for (unsigned i = 0; i < b->results; i++) {
		const struct fb_bench_result *r = &b->result[i];
		if (!is_of(r, kind, engine, FB_STAGE_ENGINE))
			continue;
		double x = log10(r->concerned), y = log10((double)median(r, FB_STAGE_ENGINE) + 1);
		unsigned at = 0;
		while (at < n && out[at].x < x - 1e-9)
			at++;
		if (at < n && fabs(out[at].x - x) < 1e-9)
			continue;
		memmove(&out[at + 1], &out[at], (n - at) * sizeof(out[0]));
		out[at] = (struct chart_point){ x, y };
		n++;
	}
	return n;
}

/* Where the measured line first rises above the card's. */
static bool crossing(const struct fit *f, const struct chart_point *p, unsigned n,
		     struct chart_point *out)
{
	double link = (FB_BENCH_LINK_LOW_NS + FB_BENCH_LINK_HIGH_NS) / 2.0, before = 0;
	for (unsigned i = 0; i + 1 < n; i++)
		for (int k = 0; k <= 100; k++) {
			double t = k / 100.0, x = p[i].x + t * (p[i + 1].x - p[i].x),
			       y = p[i].y + t * (p[i + 1].y - p[i].y),
			       over = y - log10(card_ns(f, pow(10, x), LANES_MODELLED, link));
			if (over >= 0 && before < 0) {
				*out = (struct chart_point){ x, y };
				return true;
			}
			before = over;
		}
	return false;
}

static void card_line(const struct chart *c, const struct fit *f, double lanes, const char *colour)
{
	struct chart_point low[POINTS], high[POINTS];
	for (int k = 0; k < POINTS; k++) {
		double x = c->x_low + (c->x_high - c->x_low) * k / (POINTS - 1);
		low[k].x = high[k].x = x;
		low[k].y = log10(card_ns(f, pow(10, x), lanes, FB_BENCH_LINK_LOW_NS));
		high[k].y = log10(card_ns(f, pow(10, x), lanes, FB_BENCH_LINK_HIGH_NS));
	}
	chart_band(c, low, high, POINTS, colour);
	chart_line(c, low, POINTS, colour, true, false);
	chart_line(c, high, POINTS, colour, true, false);
}

static bool panel(const struct fb_bench *b, enum fb_bench_kind kind, const char *title,
		  struct chart *c, bool draw)
{
	struct chart_point point[FB_BENCH_CASES + 1], at;
	struct chart_range x = { 0 }, y = { 0 };
	struct fit f;
	char text[160], rows[32];
	if (!fit_card(b, kind, &f))
		return false;
	for (unsigned e = 0; e < b->engines; e++) {
		unsigned n = measured(b, kind, e, point);
		for (unsigned k = 0; k < n && n > 1; k++) {
			chart_put(&x, point[k].x);
			chart_put(&y, point[k].y);
		}
	}
	if (!x.any || !draw)
		return x.any;
	chart_put(&y, log10(card_ns(&f, pow(10, x.low), LANES_MODELLED, FB_BENCH_LINK_LOW_NS)));
	chart_put(&y, log10(card_ns(&f, pow(10, x.high), f.lanes, FB_BENCH_LINK_HIGH_NS)));
	c->x_low = x.low, c->x_high = x.high;
	c->y_low = floor(y.low), c->y_high = ceil(y.high);
	chart_frame(c, title, "positions concerned", "one batch, median", true);
	chart_x_counts(c, "");
	card_line(c, &f, f.lanes, "#9aa5b0");
	card_line(c, &f, LANES_MODELLED, "#c8502f");
	for (unsigned e = 0; e < b->engines; e++) {
		unsigned n = measured(b, kind, e, point);
		if (n < 2)
			continue;
		const char *colour = chart_colour(e == 1 ? 7 : e);
		chart_line(c, point, n, colour, false, true);
		snprintf(text, sizeof(text), "%.40s, measured", b->engine[e].given);
		chart_key(c, colour, false, text);
		if (!crossing(&f, point, n, &at))
			continue;
		snprintf(rows, sizeof(rows), "%.2g", pow(10, at.x));
		snprintf(text, sizeof(text), "%.0f rows", strtod(rows, NULL));
		chart_mark(c, at.x, at.y, text);
	}
	snprintf(text, sizeof(text), "card of %u lanes, modelled", LANES_MODELLED);
	chart_key(c, "#c8502f", true, text);
	snprintf(text, sizeof(text), "card of %.0f lanes, modelled", f.lanes);
	chart_key(c, "#9aa5b0", true, text);
	snprintf(text, sizeof(text), "%.0f + %.3f x stripes cycles", fmax(f.fixed, 0), f.stripe);
	chart_key(c, "#ffffff", true, text);
	return true;
}

bool fb_bench_draw_crossover(const struct fb_bench *b, FILE *out)
{
	static const struct {
		enum fb_bench_kind kind;
		const char *title;
	} panels[] = { { FB_BENCH_SYMBOL, "one symbol moves by 0.5 %" },
		       { FB_BENCH_ALL, "all symbols, 0.3 % each" },
		       { FB_BENCH_BURST, "all fall by 2.5 %, 5 % of the accounts breach" } };
	struct chart c = { .out = out, .width = 380, .height = 310, .left = 110, .top = 120 };
	char sub[200];
	unsigned n = 0;
	for (size_t k = 0; k < sizeof(panels) / sizeof(panels[0]); k++)
		n += panel(b, panels[k].kind, panels[k].title, &c, false);
	if (n == 0)
		return false;
	snprintf(sub, sizeof(sub),
		 "card: cycles of the simulated core at %u MHz, and %u to %u ns for both ways over "
		 "the bus (constants and sources: bench.json)",
		 FB_BENCH_CLOCK_HZ / 1000000, FB_BENCH_LINK_LOW_NS, FB_BENCH_LINK_HIGH_NS);
	chart_open(out, 60 + 680.0 * n, 500, "The processor measured, a card modelled", sub);
	for (size_t k = 0; k < sizeof(panels) / sizeof(panels[0]); k++, c.keys = 0)
		if (panel(b, panels[k].kind, panels[k].title, &c, true))
			c.left += 680;
	chart_close(out);
	return true;
}
