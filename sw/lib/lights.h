/* Lights and alerts while a run or a replay goes on: see <firebreak/lights.h>. */
#ifndef LIGHTS_H
#define LIGHTS_H

#include <firebreak/lights.h>

#include "report_sink.h"
#include "run_host.h"

/* A position whose light changed. */
struct fb_light {
	int64_t time_us;
	uint32_t row; /* index in the book */
	uint32_t rank, ranked; /* 0: in no queue */
	uint8_t light, before;
};
struct fb_alarm {
	int64_t time_us;
	uint16_t symbol;
	uint8_t alert, before;
	bool deleveraged;
	__int128 fund_e8, peak_e8;
	uint64_t in_profit, open_interest; /* lots of the side with less of them in profit */
};

struct fb_lights_watch {
	void *context;
	void (*light)(void *context, const struct fb_light *light);
	void (*alarm)(void *context, const struct fb_alarm *alarm);
};

#define FB_PEAKS 256 /* that the fund's peak is found from; then two become one */

struct fb_lights {
	const struct fb_waterfall *waterfall;
	struct fb_summary *summary;
	struct fb_lights_watch watch;
	struct fb_adl_policy policy; /* the pack's, or what is asked for */
	struct fb_adl *adl;
	struct fb_adl_rules rules;
	uint8_t *light, *before; /* by row */
	int64_t lights_us, alerts_us; /* of the last look */
	bool looked, alerted;
	uint8_t alert[FB_SYMBOLS];
	uint64_t rounds[FB_SYMBOLS];
	/* falling from the first on: the first is the peak */
	struct {
		int64_t time_us;
		__int128 equity_e8;
	} peak[FB_PEAKS];
	unsigned peaks;
};

/* Looks on at a host from now on, as its `ticked`. -ENOMEM. */
int fb_lights_open(struct fb_host *host, const struct fb_adl_policy *policy,
		   const struct fb_lights_watch *watch, struct fb_lights **out);
void fb_lights_close(struct fb_lights *lights);
/* Lights as they are now, whatever the interval. */
void fb_lights_look(struct fb_lights *lights, int64_t time_us);

/* --- lights_file.c --- */
struct fb_lights_file {
	struct fb_lights *lights;
	struct fb_sink light, alarm;
	const struct fb_host *host;
};
/* DIRECTORY/lights.csv and alerts.csv, as far as the pack has them; *out is NULL if it has none. */
int fb_lights_file_open(struct fb_host *host, const char *directory, struct fb_lights_file **out,
			struct fb_error *error);
int fb_lights_file_finish(struct fb_lights_file *file, struct fb_error *error);
void fb_lights_file_close(struct fb_lights_file *file);

#endif
