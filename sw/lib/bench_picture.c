/* Percentiles, and medians against size and share. Only what was measured is drawn; a picture
 * without anything in it is not made. */
#include "bench.h"

#include <math.h>
#include <string.h>

#include "bench_chart.h"

#define STEPS 400
#define PANELS 12
#define COLUMNS 3
#define LINES 12 /* of a panel: as many as there are colours, and workloads */

static double log_of(uint64_t value)
{
	return log10(value < 1 ? 1 : (double)value);
}

static void whole(struct chart_range *r)
{
	r->low = floor(r->low + 1e-9);
	r->high = fmax(ceil(r->high - 1e-9), r->low + 1);
}

/* ---- percentiles ---- */

/* What an operation is for: orders, else the answer. */
static const struct fb_hdr *whole_way(const struct fb_bench_result *r)
{
	const struct fb_hdr *out = &r->stage[FB_STAGE_ORDER_OUT];
	return out->count ? out : &r->stage[FB_STAGE_SEEN];
}

static bool same_case(const struct fb_bench_result *a, const struct fb_bench_result *b)
{
	return a->what.work == b->what.work && a->what.rows == b->what.rows &&
	       a->what.share_e4 == b->what.share_e4 && a->what.simulated == b->what.simulated;
}

/* The first result of each case that has host time; large books only, where there are some. */
static unsigned panels_of(const struct fb_bench *b, const struct fb_bench_result *first[PANELS])
{
	unsigned n = 0;
	for (int small = 0; small < 2 && n == 0; small++)
		for (unsigned i = 0; i < b->results && n < PANELS; i++) {
			const struct fb_bench_result *r = &b->result[i];
			bool known = !whole_way(r)->count ||
				     (!small && r->what.simulated && !r->what.sized);
			for (unsigned k = 0; k < n; k++)
				known = known || (first[k]->what.work == r->what.work);
			if (!known)
				first[n++] = r;
		}
	return n;
}

static unsigned curve(const struct fb_hdr *hdr, struct chart_point out[STEPS])
{
	struct fb_hdr_walk walk = { 0 };
	struct fb_hdr_step step;
	unsigned n = 0;
	while (n < STEPS && fb_hdr_next(hdr, &walk, &step))
		if (step.part < 1)
			out[n++] = (struct chart_point){ -log10(1 - step.part),
							 log_of(step.value) };
	return n;
}

static void percentile_panel(const struct fb_bench *b, const struct fb_bench_result *of,
			     struct chart *c)
{
	static struct chart_point point[STEPS];
	struct chart_range x = { 0 }, y = { 0 };
	char title[160];
	chart_put(&x, 0);
	for (unsigned i = 0; i < b->results; i++) {
		const struct fb_bench_result *r = &b->result[i];
		unsigned n = same_case(r, of) ? curve(whole_way(r), point) : 0;
		for (unsigned k = 0; k < n; k++) {
			chart_put(&x, point[k].x);
			chart_put(&y, point[k].y);
		}
	}
	whole(&x);
	whole(&y);
	c->x_low = x.low, c->x_high = x.high, c->y_low = y.low, c->y_high = y.high;
	snprintf(title, sizeof(title), "%s, %u rows", of->what.work->name, of->what.rows);
	chart_frame(c, title, "percentile",
		    of->what.work->levels ? "until orders are out" : "until the answer is seen",
		    true);
	chart_x_percentiles(c);
	for (unsigned i = 0; i < b->results; i++) {
		const struct fb_bench_result *r = &b->result[i];
		if (!same_case(r, of) || !whole_way(r)->count)
			continue;
		unsigned n = curve(whole_way(r), point);
		chart_line(c, point, n, chart_colour(r->engine), false, false);
	}
}

bool fb_bench_draw_percentiles(const struct fb_bench *b, FILE *out)
{
	const struct fb_bench_result *first[PANELS];
	unsigned n = panels_of(b, first), columns = n < COLUMNS ? n : COLUMNS,
		 lines = n ? (n + columns - 1) / columns : 0;
	if (n == 0)
		return false;
	chart_open(out, 100 + 360.0 * columns + 200, 130 + 270.0 * lines,
		   "Latency from the planned time",
		   "arrivals at a constant rate, half of what each engine can do unless given; host"
		   " time");
	struct chart c = { .out = out };
	for (unsigned k = 0; k < n; k++) {
		c.left = 110 + 360.0 * (k % columns);
		c.top = 110 + 270.0 * (k / columns);
		c.width = 270;
		c.height = 180;
		percentile_panel(b, first[k], &c);
	}
	c.left = 110 + 360.0 * (columns - 1);
	c.top = 110;
	for (unsigned i = 0; i < b->engines; i++)
		if (!b->engine[i].simulated)
			chart_key(&c, chart_colour(i), false, b->engine[i].given);
	chart_close(out);
	return true;
}

/* ---- medians against something ---- */

/* A median of one result, as a point; false: it is not of this line. */
typedef bool fb_bench_point(const struct fb_bench *b, const struct fb_bench_result *r,
			    const struct fb_bench_work *work, unsigned engine, int stage,
			    struct chart_point *out);

static bool by_rows(const struct fb_bench *b, const struct fb_bench_result *r,
		    const struct fb_bench_work *work, unsigned engine, int stage,
		    struct chart_point *out)
{
	(void)b;
	if (r->what.work != work || r->engine != engine || !r->stage[stage].count ||
	    (work->share && r->what.share_e4 != 500))
		return false;
	*out = (struct chart_point){ log_of(r->what.rows),
				     log_of(fb_hdr_at(&r->stage[stage], 500000)) };
	return true;
}

static bool by_share(const struct fb_bench *b, const struct fb_bench_result *r,
		     const struct fb_bench_work *work, unsigned engine, int stage,
		     struct chart_point *out)
{
	(void)b;
	if (r->what.work != work || r->engine != engine || !r->stage[stage].count ||
	    r->what.rows != FB_BENCH_ROWS)
		return false;
	*out = (struct chart_point){ log10(r->what.share_e4 / 100.0),
				     log_of(fb_hdr_at(&r->stage[stage], 500000)) };
	return true;
}

/* Points of a line in the order of x; each x once. */
static unsigned points_of(const struct fb_bench *b, fb_bench_point *get,
			  const struct fb_bench_work *work, unsigned engine, int stage,
			  struct chart_point out[FB_BENCH_CASES])
{
	unsigned n = 0;
	for (unsigned i = 0; i < b->results && n < FB_BENCH_CASES; i++) {
		struct chart_point p;
		if (!get(b, &b->result[i], work, engine, stage, &p))
			continue;
		unsigned at = 0;
		while (at < n && out[at].x < p.x - 1e-9)
			at++;
		if (at < n && fabs(out[at].x - p.x) < 1e-9)
			continue;
		memmove(&out[at + 1], &out[at], (n - at) * sizeof(out[0]));
		out[at] = p;
		n++;
	}
	return n;
}

/* A line of a panel: medians of one workload in one stage. */
struct series {
	const struct fb_bench_work *work;
	int stage;
	const char *name;
};

/* What panels of one picture have in common. */
struct panel_kind {
	fb_bench_point *get;
	const char *x_title, *x_unit, *y_title;
	double margin; /* beside the outermost points, in decades */
	bool time;
};

/* One engine's panel; lines of a single point are left out. False: there is none of two points. */
static bool panel(const struct fb_bench *b, unsigned engine, const struct panel_kind *kind,
		  const struct series *line, unsigned lines, struct chart *c, bool draw)
{
	struct chart_point point[FB_BENCH_CASES + 1];
	struct chart_range x = { 0 }, y = { 0 };
	for (unsigned l = 0; l < lines; l++) {
		unsigned n = points_of(b, kind->get, line[l].work, engine, line[l].stage, point);
		for (unsigned k = 0; k < n && n > 1; k++) {
			chart_put(&x, point[k].x);
			chart_put(&y, point[k].y);
		}
	}
	if (!x.any || !draw)
		return x.any;
	whole(&y);
	c->x_low = x.low - kind->margin, c->x_high = x.high + kind->margin;
	c->y_low = y.low, c->y_high = y.high;
	chart_frame(c, b->engine[engine].given, kind->x_title, kind->y_title, kind->time);
	chart_x_counts(c, kind->x_unit);
	for (unsigned l = 0; l < lines; l++) {
		unsigned n = points_of(b, kind->get, line[l].work, engine, line[l].stage, point);
		if (n < 2)
			continue;
		chart_line(c, point, n, chart_colour(l), false, true);
		chart_key(c, chart_colour(l), false, line[l].name);
	}
	return true;
}

/* Every workload of which an engine has two sizes or more is a line; engines are panels. */
static bool rows_panel(const struct fb_bench *b, unsigned engine, struct chart *c, bool draw)
{
	bool simulated = b->engine[engine].simulated;
	const struct panel_kind kind = {
		.get = by_rows,
		.x_title = "positions in the book",
		.x_unit = "",
		.y_title = simulated ? "cycles, median" : "engine's time, median",
		.margin = 0.05,
		.time = !simulated,
	};
	struct series line[LINES];
	unsigned lines = 0;
	for (unsigned w = 0; w < fb_bench_works_n && w < LINES; w++)
		line[lines++] = (struct series){ &fb_bench_works[w],
					   simulated ? FB_STAGE_CARD_LAST : FB_STAGE_ENGINE,
					   fb_bench_works[w].name };
	return panel(b, engine, &kind, line, lines, c, draw);
}

/* The stages of the workload that has a share, each a line. */
static bool share_panel(const struct fb_bench *b, unsigned engine, struct chart *c, bool draw)
{
	static const struct panel_kind kind = {
		.get = by_share,
		.x_title = "accounts that breach at once",
		.x_unit = " %",
		.y_title = "median of one batch",
		.margin = 0.08,
		.time = true,
	};
	const struct fb_bench_work *work = NULL;
	for (unsigned w = 0; w < fb_bench_works_n; w++)
		if (fb_bench_works[w].share)
			work = &fb_bench_works[w];
	const struct series line[] = {
		{ work, FB_STAGE_ENGINE, "engine: find them all" },
		{ work, FB_STAGE_CONFIRM, "host: compare and judge" },
		{ work, FB_STAGE_ORDER, "host: orders through the governor" },
	};
	return panel(b, engine, &kind, line, 3, c, draw);
}

/* A picture's panels side by side, one for each engine that has one. */
struct picture {
	bool (*panel)(const struct fb_bench *b, unsigned engine, struct chart *c, bool draw);
	double width, panel_width; /* of a panel; with its keys */
	bool simulated;		   /* whether simulated engines have one */
	const char *title, *subtitle;
};

static bool picture(const struct fb_bench *b, FILE *out, const struct picture *of)
{
	struct chart c = { .out = out, .width = of->width, .height = 300 };
	unsigned n = 0;
	for (unsigned i = 0; i < b->engines; i++)
		n += (of->simulated || !b->engine[i].simulated) && of->panel(b, i, &c, false);
	if (n == 0)
		return false;
	chart_open(out, 60 + of->panel_width * n, 470, of->title, of->subtitle);
	c.left = 110;
	c.top = 110;
	for (unsigned i = 0; i < b->engines; i++, c.keys = 0)
		if ((of->simulated || !b->engine[i].simulated) && of->panel(b, i, &c, true))
			c.left += of->panel_width;
	chart_close(out);
	return true;
}

bool fb_bench_draw_rows(const struct fb_bench *b, FILE *out)
{
	static const struct picture rows = {
		rows_panel, 360, 600, true, "Cost against rows",
		"median of one operation; simulated engines in cycles, the others in time",
	};
	return picture(b, out, &rows);
}

bool fb_bench_draw_share(const struct fb_bench *b, FILE *out)
{
	static const struct picture share = {
		share_panel, 400, 740, false, "Cost against the share that breaches",
		"221,000 positions, 160 symbols fall together by 2.5 % and come back",
	};
	return picture(b, out, &share);
}
