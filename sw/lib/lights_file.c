/* lights.csv and alerts.csv of a run, and the lights at the end of a log. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/log.h>

#include "lights.h"
#include "replay.h"
#include "report_internal.h"
#include "waterfall_internal.h"

#define LIGHT_COLUMNS "time,time_us,account,position,symbol,side,light,bars,rank,ranked"
#define ALERT_COLUMNS                                                                            \
	"time,time_us,symbol,state,before,deleveraged,fund_e8,peak_e8,lots_in_profit,open_interest"

static void light_line(const struct fb_host *h, uint64_t bars, const struct fb_light *l, char *out,
		       size_t size)
{
	const struct fb_book_row *row = &h->book->row[l->row];
	char time[32];
	snprintf(out, size, "%s,%lld,%u,%u,%s,%s,%u,%u,%u,%u", fb_report_time(l->time_us, time),
		 (long long)l->time_us, h->book->account[row->account].id, row->id,
		 h->rules->symbol[row->symbol].name, row->qty < 0 ? "short" : "long", l->light,
		 (unsigned)bars, l->rank, l->ranked);
}

static void write_light(void *context, const struct fb_light *l)
{
	struct fb_lights_file *f = context;
	char line[256];
	light_line(f->host, f->lights->policy.bars, l, line, sizeof(line));
	fb_sink_print(&f->light, "%s\n", line);
}

static void write_alarm(void *context, const struct fb_alarm *a)
{
	struct fb_lights_file *f = context;
	char time[32], fund[41], peak[41];
	fb_sink_print(&f->alarm, "%s,%lld,%s,%s,%s,%u,%s,%s,%llu,%llu\n",
		      fb_report_time(a->time_us, time), (long long)a->time_us,
		      f->host->rules->symbol[a->symbol].name,
		      fb_alert_name((enum fb_alert)a->alert),
		      fb_alert_name((enum fb_alert)a->before), a->deleveraged,
		      fb_text_i128(a->fund_e8, fund), fb_text_i128(a->peak_e8, peak),
		      (unsigned long long)a->in_profit, (unsigned long long)a->open_interest);
}

static int open_sink(struct fb_sink *sink, const char *directory, const char *name,
		     const char *columns, struct fb_error *error)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	int err = fb_sink_open(sink, path, error);
	if (!err)
		fb_sink_print(sink, "%s\n", columns);
	return err;
}

int fb_lights_file_open(struct fb_host *h, const char *directory, struct fb_lights_file **out,
			struct fb_error *error)
{
	const struct fb_adl_policy *p = &h->rules->adl;
	*out = NULL;
	if (!p->lights && !p->alerts_every_us)
		return 0;
	struct fb_lights_file *f = calloc(1, sizeof(*f));
	if (!f)
		return fb_error_set(error, -ENOMEM, "lights: out of memory");
	const struct fb_lights_watch watch = { .context = f,
					       .light = write_light,
					       .alarm = write_alarm };
	f->host = h;
	f->light.fd = f->alarm.fd = -1;
	int err = fb_lights_open(h, p, &watch, &f->lights);
	if (err)
		fb_error_set(error, err, "lights: out of memory");
	if (!err && p->lights)
		err = open_sink(&f->light, directory, "lights.csv", LIGHT_COLUMNS, error);
	if (!err && p->alerts_every_us)
		err = open_sink(&f->alarm, directory, "alerts.csv", ALERT_COLUMNS, error);
	if (err)
		fb_lights_file_close(f);
	else
		*out = f;
	return err;
}

int fb_lights_file_finish(struct fb_lights_file *f, struct fb_error *error)
{
	if (!f)
		return 0;
	int err = f->light.fd < 0 ? 0 : fb_sink_close(&f->light, 0, error);
	return err || f->alarm.fd < 0 ? err : fb_sink_close(&f->alarm, 0, error);
}

void fb_lights_file_close(struct fb_lights_file *f)
{
	if (!f)
		return;
	fb_lights_close(f->lights);
	fb_sink_close(&f->light, 0, NULL);
	fb_sink_close(&f->alarm, 0, NULL);
	free(f);
}

/* ---- at the end of a log ---- */

struct print {
	const struct fb_lights_options *options;
	struct fb_host *host;
	struct fb_lights *lights;
	char *text; /* nothing is printed of a log that does not replay */
	size_t size;
	FILE *out;
};

static void print_light(void *context, const struct fb_light *l)
{
	struct print *p = context;
	char line[256];
	uint32_t account = p->host->book->account[p->host->book->row[l->row].account].id;
	if (p->options->account != 0 && p->options->account != account)
		return;
	light_line(p->host, p->lights->policy.bars, l, line, sizeof(line));
	fprintf(p->out, "%s\n", line);
}

static int opened(void *context, struct fb_host *host)
{
	struct print *p = context;
	const struct fb_lights_watch watch = { .context = p, .light = print_light };
	struct fb_adl_policy policy = host->rules->adl;
	p->host = host;
	if (!policy.lights)
		policy.lights = p->options->by_accounts ? 2 : 1;
	if (p->options->bars)
		policy.bars = p->options->bars;
	int err = fb_lights_open(host, &policy, &watch, &p->lights);
	host->ticked = NULL; /* only the end is asked for */
	return err ? fb_error_set(host->error, err, "lights: out of memory") : 0;
}

static int fed(void *context, const struct fb_log_entry *entry)
{
	struct print *p = context;
	if (entry->type != FB_LOG_END)
		return 0;
	if (p->options->account != 0 &&
	    fb_book_account_index(p->host->book, p->options->account) == FB_NONE)
		return fb_error_set(p->host->error, -ENOENT,
				    "%s: expected an account of this log, found %u",
				    p->options->log, p->options->account);
	fb_lights_look(p->lights, p->host->time_us);
	return 0;
}

int fb_lights_print(const struct fb_lights_options *o, FILE *out, struct fb_error *error)
{
	struct fb_replay_options options = { .log = o->log,
					     .engine = o->engine,
					     .progress = o->progress,
					     .progress_context = o->progress_context };
	struct print p = { .options = o };
	const struct fb_replay_watch watch = { .context = &p, .opened = opened, .fed = fed };
	struct fb_summary summary;
	struct fb_divergence divergence;
	char note[128];
	p.out = open_memstream(&p.text, &p.size);
	if (!p.out)
		return fb_error_set(error, -ENOMEM, "lights: out of memory");
	fprintf(p.out, "%s\n", LIGHT_COLUMNS);
	int err = fb_replay_watched(&options, &watch, &summary, &divergence, note, error);
	if (fclose(p.out) && !err)
		err = fb_error_set(error, -ENOMEM, "lights: out of memory");
	if (!err)
		fwrite(p.text, 1, p.size, out);
	free(p.text);
	fb_lights_close(p.lights);
	return err;
}
