/* From inputs to orders: see <firebreak/run.h>. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mix.h"
#include "run_load.h"
#include "run_marks.h"

#define EPOCH \
	1 /* a run starts from nothing; a later session over the same accounts would count on */
#define PROGRESS_EVERY 16 /* batches of marks */

struct inputs {
	struct fb_rules *rules;
	struct fb_marks_options marks;
	struct fb_accounts accounts;
	uint64_t start_e8[FB_SYMBOLS], instants;
};

/* Everything that can be wrong with inputs comes out here, before anything exists. */
static int read_inputs(const struct fb_run_options *o, struct inputs *in, struct fb_error *error)
{
	unsigned used;
	in->rules = malloc(sizeof(*in->rules));
	if (!in->rules)
		return fb_error_set(error, -ENOMEM, "rules: out of memory");
	in->marks = (struct fb_marks_options){
		.paths = o->marks,
		.paths_n = o->marks_n,
		.feed = { .step_us = o->step_us, .from_us = o->from_us, .to_us = o->to_us },
	};
	int err = fb_rules_load(o->rules, in->rules, error);
	if (!err && o->brackets)
		err = fb_brackets_load(o->brackets, in->rules, &used, error);
	if (!err)
		err = fb_marks_survey(in->rules, &in->marks, in->start_e8, &in->instants, error);
	if (!err)
		err = fb_accounts_load(o->accounts, in->rules, in->start_e8, &in->accounts, error);
	if (!err)
		err = fb_load_check(in->rules, &in->accounts, in->start_e8, error);
	return err;
}

static int open_outputs(struct fb_host *h, const struct fb_run_options *o, const struct inputs *in,
			const struct fb_log_config *config, struct fb_error *error)
{
	char path[600];
	int err = fb_report_open(o->out, in->rules, &h->report, error);
	if (err)
		return err;
	snprintf(path, sizeof(path), "%s/firebreak.log", o->out);
	return fb_log_create(path, in->rules, config, &h->log, error);
}

/* How many batches may stay in flight now. With a delay seed it wavers, as it does when an engine
 * is slow at times; the log keeps where each batch was taken up, so a replay does not need the
 * seed. */
static unsigned in_flight(const struct fb_run_options *o, uint64_t batch)
{
	if (o->delay_seed == 0 || o->ahead == 0)
		return o->ahead;
	return fb_mix_below(fb_mix(o->delay_seed ^ batch << 8), o->ahead + 1);
}

static int send_marks(struct fb_host *h, const struct fb_run_options *o, const struct inputs *in)
{
	struct fb_marks *marks;
	struct fb_tick tick[FB_SYMBOLS];
	int n = fb_marks_open(h->rules, &in->marks, &marks, h->error);
	if (n)
		return n;
	while ((n = marks->ops->next(marks, tick, FB_SYMBOLS, h->error)) > 0) {
		uint64_t batch = h->summary.mark_batches;
		int err = fb_load_marks(h, tick, (size_t)n);
		if (!err)
			err = fb_host_drain(h, in_flight(o, batch));
		if (!err && (batch + 1) % FB_HASH_EVERY == 0)
			err = fb_host_sweep(h);
		if (err) {
			n = err;
			break;
		}
		if (o->progress && batch % PROGRESS_EVERY == 0)
			o->progress(o->progress_context, batch, in->instants, &h->summary);
	}
	marks->ops->close(marks);
	return n;
}

static int run(struct fb_host *h, const struct fb_run_options *o, const struct inputs *in)
{
	int err = fb_load(h, &in->accounts, in->start_e8, o->fund_e8);
	if (!err)
		err = send_marks(h, o, in);
	if (!err)
		err = fb_host_sweep(h);
	if (!err)
		err = fb_host_end(h);
	return err;
}

static uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Closes log and report; the summary is written last, and only after everything else is safe. */
static int finish(struct fb_host *h, uint64_t started_ms, char note[128])
{
	int err = fb_log_close(h->log, h->error);
	h->log = NULL;
	h->summary.host_ms = now_ms() - started_ms;
	if (!err && h->report)
		err = fb_report_finish(h->report, &h->summary, note, h->error);
	return err;
}

int fb_run(const struct fb_run_options *o, struct fb_summary *summary,
	   struct fb_divergence *divergence, char note[128], struct fb_error *error)
{
	uint64_t started_ms = now_ms();
	struct inputs in = { .rules = NULL };
	struct fb_log_config config = { .ahead = o->ahead, .epoch = EPOCH };
	struct fb_host_options options = { .engine = o->engine,
					   .check = o->check,
					   .delay_seed = o->delay_seed };
	struct fb_host *h = calloc(1, sizeof(*h));
	assert(o->ahead <= FB_AHEAD_MAX && error);
	note[0] = '\0';
	error->text[0] = '\0';
	int err = h ? read_inputs(o, &in, error) : fb_error_set(error, -ENOMEM, "out of memory");
	if (!err) {
		fb_load_config(&in.accounts, in.start_e8, &config);
		err = fb_host_open(h, in.rules, &config, &options, error);
	}
	if (!err)
		err = open_outputs(h, o, &in, &config, error);
	if (!err)
		err = run(h, o, &in);
	if (!err)
		err = finish(h, started_ms, note);
	if (h) {
		*summary = h->summary;
		*divergence = h->divergence;
		fb_host_close(h);
	}
	free(h);
	fb_accounts_free(&in.accounts);
	free(in.rules);
	return err;
}
