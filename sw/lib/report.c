/* The files of a run: see <firebreak/report.h>. */
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <firebreak/breakers.h>

#include "report_internal.h"

extern char **environ;

enum { SINKS = 5 };
static void all_sinks(struct fb_report *r, struct fb_sink *out[SINKS])
{
	out[0] = &r->orders;
	out[1] = &r->events;
	out[2] = &r->notices;
	out[3] = &r->records;
	out[4] = &r->records_text;
}

static char *path_of(const struct fb_report *r, const char *name, char out[512])
{
	snprintf(out, 512, "%s/%s", r->directory, name);
	return out;
}

static int open_files(struct fb_report *r, struct fb_error *error)
{
	static const char *const old[] = { "summary.txt", "summary.json", "run.svg", "run.png" };
	char path[512];
	FILE *mark = fopen(path_of(r, "INCOMPLETE", path), "we");
	if (!mark)
		return fb_error_set(error, -errno, "%s: cannot create: %s", path, strerror(errno));
	fprintf(mark, "The run that wrote this directory has not ended, or did not end well.\n");
	if (fclose(mark) != 0)
		return fb_error_set(error, -errno, "%s: cannot write: %s", path, strerror(errno));
	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++)
		if (unlink(path_of(r, old[i], path)) < 0 && errno != ENOENT)
			return fb_error_set(error, -errno, "%s: cannot remove: %s", path,
					    strerror(errno));
	int err = fb_sink_open(&r->orders, path_of(r, "orders.csv", path), error);
	if (!err)
		err = fb_sink_open(&r->events, path_of(r, "events.csv", path), error);
	if (!err)
		err = fb_sink_open(&r->notices, path_of(r, "notices.csv", path), error);
	if (!err)
		err = fb_sink_open(&r->records, path_of(r, "records.bin", path), error);
	if (!err)
		err = fb_sink_open(&r->records_text, path_of(r, "records.csv", path), error);
	return err;
}

int fb_report_open(const char *directory, const struct fb_rules *rules, struct fb_report **out,
		   struct fb_error *error)
{
	*out = NULL;
	if (strlen(directory) >= sizeof((*out)->directory))
		return fb_error_set(error, -ENAMETOOLONG, "%.80s...: path too long", directory);
	if (mkdir(directory, 0777) < 0 && errno != EEXIST)
		return fb_error_set(error, -errno, "%s: cannot create directory: %s", directory,
				    strerror(errno));
	struct fb_report *r = calloc(1, sizeof(*r));
	if (r)
		r->u = calloc((size_t)FB_POINTS * FB_SYMBOLS, sizeof(*r->u));
	if (!r || !r->u) {
		free(r);
		return fb_error_set(error, -ENOMEM, "report: out of memory");
	}
	r->orders.fd = r->events.fd = r->notices.fd = r->records.fd = r->records_text.fd = -1;
	r->rules = rules;
	r->merge = 1;
	strcpy(r->directory, directory);
	int err = open_files(r, error);
	if (err) {
		fb_report_close(r);
		return err;
	}
	fb_sink_print(&r->orders,
		      "order_id,time,time_us,verb,account,position,counter_account,"
		      "counter_position,symbol,qty_lots,value_e8,price,in_force,again\n");
	fb_sink_print(&r->events,
		      "order_id,time,time_us,event,account,position,verb,number,symbol,qty_lots,"
		      "value_e8,price\n");
	fb_sink_print(&r->notices, "time,time_us,notice,account,position,rank,symbol,qty_lots,"
				   "value_e8,price,reason\n");
	fb_sink_print(&r->records_text,
		      "seq,time_us,kind,account,level,level_before,equity_e8,mm_e15,bad_rows,class,"
		      "damaged\n");
	*out = r;
	return 0;
}

static void print_head(struct fb_sink *sink, int64_t time_us, const char *what, uint32_t account)
{
	char time[32];
	fb_sink_print(sink, "%s,%lld,%s,%u,", fb_report_time(time_us, time), (long long)time_us,
		      what, account);
}

static void print_lots(struct fb_report *r, struct fb_sink *sink, uint16_t symbol, int64_t qty,
		       __int128 value_e8)
{
	char value[48], price[64] = "";
	if (qty != 0)
		fb_report_price(&r->rules->symbol[symbol], qty, value_e8, price, sizeof(price));
	fb_sink_print(sink, "%s,%lld,%s,%s", qty ? r->rules->symbol[symbol].name : "",
		      (long long)qty, fb_text_i128(value_e8, value), price);
}

int fb_report_order(struct fb_report *r, int64_t time_us, const struct fb_log_order *o)
{
	fb_sink_print(&r->orders, "%u.%llu.%u,", o->id.epoch, (unsigned long long)o->id.sequence,
		      o->id.index);
	print_head(&r->orders, time_us, fb_verb_name(o->verb), o->account);
	fb_sink_print(&r->orders, "%u,%u,%u,", o->position, o->counter_account,
		      o->counter_position);
	print_lots(r, &r->orders, o->symbol, o->qty, fb_wide(o->value_e8));
	return fb_sink_print(&r->orders, ",%s,%u\n",
			     o->verb != FB_VERB_REDUCE ? ""
			     : o->tif == FB_FOK	       ? "fok"
						       : "ioc",
			     o->again);
}

int fb_report_event(struct fb_report *r, int64_t time_us, const struct fb_event *e)
{
	if (e->kind == FB_EVENT_DEPTH)
		return 0;
	uint16_t symbol = e->symbol < r->rules->symbols ? e->symbol : 0;
	fb_sink_print(&r->events, "%u.%llu.%u,", e->id.epoch, (unsigned long long)e->id.sequence,
		      e->id.index);
	print_head(&r->events, time_us, fb_event_name(e->kind), e->account);
	fb_sink_print(&r->events, "%u,%s,%u,", e->position, e->verb ? fb_verb_name(e->verb) : "",
		      e->number);
	print_lots(r, &r->events, symbol, e->qty, fb_wide(e->value_e8));
	return fb_sink_print(&r->events, "\n");
}

/* Of a symbol, not of an account: lots 0, the mark or the money paid as value. */
static int print_symbol_notice(struct fb_report *r, const struct fb_notice *n)
{
	char value[48];
	const char *name = n->symbol < r->rules->symbols ? r->rules->symbol[n->symbol].name : "";
	fb_sink_print(&r->notices, "%s,0,%s,,", name, fb_text_i128(fb_wide(n->value_e8), value));
	if (n->kind == FB_NOTICE_FUNDING)
		return fb_sink_print(&r->notices, "rate %s e-12; payments %u\n",
				     fb_text_i128(n->qty, value), n->rank);
	return fb_sink_print(&r->notices, "%s\n",
			     n->kind == FB_NOTICE_FROZEN
				     ? fb_breaker_cause_name((enum fb_breaker_cause)n->rank)
				     : "");
}

int fb_report_notice(struct fb_report *r, int64_t time_us, const struct fb_notice *n)
{
	print_head(&r->notices, time_us, fb_notice_name(n->kind), n->account);
	fb_sink_print(&r->notices, "%u,%u,", n->position, n->rank);
	if (n->kind == FB_NOTICE_FROZEN || n->kind == FB_NOTICE_THAWED ||
	    n->kind == FB_NOTICE_FUNDING)
		return print_symbol_notice(r, n);
	print_lots(r, &r->notices, n->symbol, n->position ? n->qty : 0, fb_wide(n->value_e8));
	return fb_sink_print(&r->notices, ",%s\n",
			     n->kind == FB_NOTICE_STUCK
				     ? fb_refusal_name((enum fb_refusal)n->qty)
				     : "");
}

static void print_record(struct fb_report *r, int64_t time_us, const union fb_record *record)
{
	char equity[41], mm[41];
	unsigned long long seq = record->header.seq;
	if (record->header.kind == FB_REC_LEVEL)
		fb_sink_print(&r->records_text, "%llu,%lld,LEVEL,%u,%u,%u,%s,%s,%u,%u,%u\n", seq,
			      (long long)time_us, record->level.account, record->level.level,
			      record->level.level_before,
			      fb_text_i128(fb_wide(record->level.equity), equity),
			      fb_text_i128(fb_wide(record->level.mm), mm), record->level.bad_rows,
			      record->level.class_id, record->level.damaged);
	else
		fb_sink_print(&r->records_text, "%llu,%lld,%s,%u,,,,,,,\n", seq, (long long)time_us,
			      record->header.kind == FB_REC_HASH	? "HASH"
			      : record->header.kind == FB_REC_BATCH_END ? "BATCH_END"
									: "OTHER",
			      record->header.account);
}

int fb_report_records(struct fb_report *r, int64_t time_us, const union fb_record *record, size_t n)
{
	for (size_t i = 0; i < n && n > 1; i++)
		print_record(r, time_us, &record[i]);
	fb_sink_write(&r->records, record, n * sizeof(*record));
	struct fb_sink *sink[SINKS];
	all_sinks(r, sink);
	for (int i = 0; i < SINKS; i++)
		if (sink[i]->err)
			return sink[i]->err;
	return 0;
}

int fb_report_explain(const struct fb_report *r, struct fb_error *error)
{
	const struct fb_sink *sink[] = { &r->orders, &r->events, &r->notices, &r->records,
					 &r->records_text };
	for (int i = 0; i < SINKS; i++)
		if (sink[i]->err)
			return fb_error_set(error, sink[i]->err, "%s: cannot write: %s",
					    sink[i]->path, strerror(-sink[i]->err));
	return 0;
}

/* Halves the number of points; each keeps the later values, and the lower mark of the two. */
static void merge_points(struct fb_report *r)
{
	for (size_t i = 0; i < FB_POINTS / 2; i++) {
		r->point[i] = r->point[2 * i + 1];
		for (uint32_t s = 0; s < r->symbols; s++) {
			uint64_t a = r->u[2 * i * r->symbols + s],
				 b = r->u[(2 * i + 1) * r->symbols + s];
			r->u[i * r->symbols + s] = a < b ? a : b;
		}
	}
	r->points = FB_POINTS / 2;
	r->merge *= 2;
}

void fb_report_sample(struct fb_report *r, const struct fb_book *book,
		      const struct fb_report_sample *sample)
{
	if (r->symbols == 0)
		for (unsigned s = 0; s < FB_SYMBOLS; s++)
			if (book->symbol[s].defined) {
				r->u_first[r->symbols] = book->symbol[s].u_first;
				r->symbol[r->symbols++] = (uint16_t)s;
			}
	if (r->merged == 0 && r->points == FB_POINTS)
		merge_points(r);
	uint64_t *u = r->u + r->points * r->symbols;
	for (uint32_t s = 0; s < r->symbols; s++) {
		uint64_t now = book->symbol[r->symbol[s]].u;
		u[s] = r->merged > 0 && u[s] < now ? u[s] : now;
	}
	r->point[r->points] = (struct fb_point){
		.time_us = sample->time_us,
		.breaches = sample->breaches,
		.liquidations = sample->liquidations,
		.takeovers = sample->takeovers,
		.pairs = sample->pairs,
		.fund_collateral_e8 = sample->fund_collateral_e8,
		.fund_equity_e8 = sample->fund_equity_e8,
	};
	if (++r->merged == r->merge) {
		r->merged = 0;
		r->points++;
	}
}

/* A text file written whole by `print`. */
static int write_file(const struct fb_report *r, const char *name, const struct fb_summary *summary,
		      void (*print)(const struct fb_report *, const struct fb_summary *, FILE *),
		      struct fb_error *error)
{
	char path[512];
	FILE *out = fopen(path_of(r, name, path), "we");
	if (!out)
		return fb_error_set(error, -errno, "%s: cannot create: %s", path, strerror(errno));
	print(r, summary, out);
	int bad = ferror(out);
	if (fclose(out) != 0 || bad) {
		int err = errno ? -errno : -EIO;
		unlink(path);
		return fb_error_set(error, err, "%s: cannot write: %s", path, strerror(-err));
	}
	return 0;
}

static void print_text(const struct fb_report *r, const struct fb_summary *summary, FILE *out)
{
	(void)r;
	fb_summary_text(summary, out);
}

static void print_json(const struct fb_report *r, const struct fb_summary *summary, FILE *out)
{
	(void)r;
	fb_summary_json(summary, out);
}

/* rsvg-convert is a tool of its own; a run is complete without it. */
static void make_png(const struct fb_report *r, char note[128])
{
	char svg[512], png[512];
	char *argv[] = { "rsvg-convert",
			 "--zoom=2",
			 "-o",
			 path_of(r, "run.png", png),
			 path_of(r, "run.svg", svg),
			 NULL };
	pid_t child;
	int status;
	if (posix_spawnp(&child, argv[0], NULL, NULL, argv, environ) != 0 ||
	    waitpid(child, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		snprintf(note, 128,
			 "no run.png: rsvg-convert is not installed or failed (Debian: "
			 "librsvg2-bin)");
}

int fb_report_finish(struct fb_report *r, const struct fb_summary *summary, char note[128],
		     struct fb_error *error)
{
	char path[512];
	struct fb_sink *sink[SINKS];
	int err = 0;
	all_sinks(r, sink);
	for (int i = 0; i < SINKS && !err; i++)
		err = fb_sink_close(sink[i], 0, error);
	if (!err)
		err = write_file(r, "run.svg", summary, fb_picture, error);
	if (!err)
		make_png(r, note);
	if (!err)
		err = write_file(r, "summary.json", summary, print_json, error);
	if (!err)
		err = write_file(r, "summary.txt", summary, print_text, error);
	if (!err && unlink(path_of(r, "INCOMPLETE", path)) < 0)
		err = fb_error_set(error, -errno, "%s: cannot remove: %s", path, strerror(errno));
	return err;
}

void fb_report_close(struct fb_report *r)
{
	if (!r)
		return;
	struct fb_sink *sink[SINKS];
	all_sinks(r, sink);
	for (int i = 0; i < SINKS; i++)
		fb_sink_close(sink[i], 0, NULL);
	free(r->u);
	free(r);
}
