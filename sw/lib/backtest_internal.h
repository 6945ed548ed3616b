/* What the files of the backtest share. See <firebreak/backtest.h>. */
#ifndef BACKTEST_INTERNAL_H
#define BACKTEST_INTERNAL_H

#include <firebreak/backtest.h>

enum fb_metric_kind {
	FB_METRIC_COUNT, /* uint64_t */
	FB_METRIC_MONEY, /* __int128, 1e-8 */
	FB_METRIC_SHARE, /* uint64_t, 1e-9 */
	FB_METRIC_SIGNED, /* int64_t, 1e-9 */
	FB_METRIC_RATE,	 /* uint64_t, 1e-7 */
	FB_METRIC_TIME,	 /* int64_t us; -1: never */
};
struct fb_metric {
	const char *name, *label;
	enum fb_metric_kind kind;
	size_t offset; /* in struct fb_metrics */
	bool drawn;    /* has a panel in the picture */
};
extern const struct fb_metric fb_metrics_all[];
extern const size_t fb_metrics_n;

double fb_metric_double(const struct fb_metric *metric, const struct fb_metrics *m);
/* For people; `out` has room for 80 bytes. */
char *fb_metric_text(const struct fb_metric *metric, const struct fb_metrics *m, char *out);

void fb_backtest_picture(const struct fb_backtest *backtest, FILE *out);

#endif
