/* From inputs to orders: see <firebreak/run.h>. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lights.h"
#include "mix.h"
#include "rounds_file.h"
#include "run_load.h"
#include "run_mark.h"
#include "run_market.h"
#include "run_marks.h"
#include "run_operator.h"
#include "run_watch.h"

#define EPOCH \
	1 /* a run starts from nothing; a later session over the same accounts would count on */
#define PROGRESS_EVERY 16 /* batches of marks */
#define SETTLE_TICKS 120

struct inputs {
	struct fb_rules *rules;
	struct fb_marks_options marks;
	struct fb_accounts accounts;
	struct fb_market_options market;
	struct fb_act *act; /* of an operator, in order of time */
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
	int err = fb_rules_load_changed(o->rules, o->changes, in->rules, error);
	if (!err && o->brackets)
		err = fb_brackets_load(o->brackets, in->rules, &used, error);
	if (!err)
		err = fb_marks_survey(in->rules, &in->marks, in->start_e8, &in->instants, error);
	if (!err)
		err = fb_accounts_load(o->accounts, in->rules, in->start_e8, &in->accounts, error);
	if (!err)
		err = fb_load_check(in->rules, &in->accounts, in->start_e8, error);
	if (!err)
		err = fb_market_parse(o->market ? o->market : "calm", &in->market, error);
	if (!err)
		err = fb_acts_parse(o->acts, o->acts_n, in->rules, &in->act, error);
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

/* One instant: the market turns reference prices into marks, the host takes them up, and what the
 * venue says before the next instant. */
static int instant(struct fb_host *h, const struct fb_run_options *o, struct fb_market *market,
		   struct fb_mark_maker *maker, struct fb_tick *tick, size_t n)
{
	struct fb_tick reference[FB_SYMBOLS], traded[FB_SYMBOLS];
	unsigned ahead = in_flight(o, h->summary.mark_batches);
	unsigned every = o->sweep_every ? o->sweep_every : FB_HASH_EVERY;
	int64_t step_us = o->step_us ? o->step_us : 1000000, time_us = tick[0].time_us;
	memcpy(reference, tick, n * sizeof(*tick));
	int err = fb_market_step(market, tick, n);
	if (err)
		return fb_error_set(h->error, err, "the simulated market: %s", strerror(-err));
	memcpy(traded, tick, n * sizeof(*tick));
	fb_mark_make(maker, h, reference, tick, n);
	err = fb_load_marks(h, tick, n);
	if (!err)
		err = fb_host_drain(h, ahead);
	if (!err)
		err = fb_market_pump(h, time_us + step_us - 1, ahead);
	if (!err && o->advise && h->pendings == 0)
		err = fb_host_advise(h);
	if (!err && h->summary.mark_batches % every == 0)
		err = fb_host_sweep(h);
	if (!err && h->watch)
		err = h->watch->instant(h->watch->context, h, reference, traded, n);
	return err;
}

/* After the last marks: they are repeated, a second apart, until no order is open. */
static int settle(struct fb_host *h, const struct fb_run_options *o, struct fb_market *market,
		  struct fb_mark_maker *maker, struct fb_tick *tick, size_t n)
{
	int err = fb_host_drain(h, 0);
	for (unsigned k = 0; k < SETTLE_TICKS && !err && !fb_waterfall_at_rest(h->waterfall); k++) {
		struct fb_tick again[FB_SYMBOLS];
		memcpy(again, tick, n * sizeof(*tick));
		for (size_t i = 0; i < n; i++)
			again[i].time_us = h->time_us - h->time_us % 1000000 + 1000000;
		err = instant(h, o, market, maker, again, n);
		if (!err)
			err = fb_host_drain(h, 0);
	}
	return err;
}

static int send_marks(struct fb_host *h, const struct fb_run_options *o, const struct inputs *in,
		      struct fb_market *market, struct fb_mark_maker *maker)
{
	struct fb_marks *marks;
	struct fb_tick tick[FB_SYMBOLS], last[FB_SYMBOLS];
	size_t lasts = 0, done = 0;
	int n = fb_marks_open(h->rules, &in->marks, &marks, h->error);
	if (n)
		return n;
	while ((n = marks->ops->next(marks, tick, FB_SYMBOLS, h->error)) > 0) {
		lasts = (size_t)n;
		memcpy(last, tick, lasts * sizeof(*tick)); /* before the market moves them */
		int err = fb_acts_due(h, in->act, o->acts_n, &done, tick[0].time_us);
		if (!err)
			err = instant(h, o, market, maker, tick, (size_t)n);
		if (err) {
			n = err;
			break;
		}
		if (o->progress && h->summary.mark_batches % PROGRESS_EVERY == 1)
			o->progress(o->progress_context, h->summary.mark_batches, in->instants,
				    &h->summary);
	}
	marks->ops->close(marks);
	return n ? n : settle(h, o, market, maker, last, lasts);
}

/* The card looks at itself from now on. */
static int start_audit(struct fb_host *h)
{
	union fb_command c = { .audit = { .op = FB_OP_AUDIT, .mode = 1 } };
	int err = fb_host_command(h, &c, false);
	return err ? err : fb_host_drain(h, 0);
}

static int run(struct fb_host *h, const struct fb_run_options *o, const struct inputs *in)
{
	struct fb_market *market = NULL;
	struct fb_mark_maker maker;
	if (fb_mark_maker_open(h->rules, &maker))
		return fb_error_set(h->error, -ENOMEM, "marks: out of memory");
	int err = fb_load(h, &in->accounts, in->start_e8, o->fund_e8, o->backstop_e8);
	if (!err && o->audit)
		err = start_audit(h);
	if (!err)
		err = fb_market_start(h, &in->market, &in->accounts, &market);
	if (!err)
		err = send_marks(h, o, in, market, &maker);
	if (!err)
		err = fb_host_sweep(h);
	if (!err)
		err = fb_host_end(h);
	h->venue = NULL;
	fb_market_close(market);
	fb_mark_maker_close(&maker);
	return err;
}

static uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Closes log and report; the summary is written last, and only after everything else is safe. */
static int finish(struct fb_host *h, struct fb_rounds *rounds, struct fb_lights_file *lights,
		  uint64_t started_ms, char note[128])
{
	int err = fb_log_close(h->log, h->error);
	h->log = NULL;
	if (!err)
		err = fb_rounds_finish(rounds, h->error);
	if (!err)
		err = fb_lights_file_finish(lights, h->error);
	h->summary.host_ms = now_ms() - started_ms;
	if (!err && h->report)
		err = fb_report_finish(h->report, &h->summary, note, h->error);
	return err;
}

int fb_run(const struct fb_run_options *o, struct fb_summary *summary,
	   struct fb_divergence *divergence, char note[128], struct fb_error *error)
{
	return fb_run_watched(o, NULL, summary, divergence, note, error);
}

int fb_run_watched(const struct fb_run_options *o, const struct fb_run_watch *watch,
		   struct fb_summary *summary, struct fb_divergence *divergence, char note[128],
		   struct fb_error *error)
{
	uint64_t started_ms = now_ms();
	struct inputs in = { .rules = NULL };
	struct fb_log_config config = { .ahead = o->ahead, .epoch = EPOCH };
	struct fb_host_options options = { .engine = o->engine,
					   .check = o->check,
					   .standby = o->standby ? o->standby : "",
					   .delay_seed = o->delay_seed,
					   .rank_check = o->rank_check };
	struct fb_rounds *rounds = NULL;
	struct fb_lights_file *lights = NULL;
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
		err = fb_rounds_open(h->waterfall, o->out, &rounds, error);
	if (!err && watch) {
		h->watch = watch;
		err = watch->opened(watch->context, h);
	}
	if (!err)
		err = fb_lights_file_open(h, o->out, &lights, error);
	if (!err)
		err = run(h, o, &in);
	if (!err && watch)
		watch->ended(watch->context, h);
	if (!err)
		err = finish(h, rounds, lights, started_ms, note);
	fb_rounds_close(rounds);
	fb_lights_file_close(lights);
	if (h) {
		*summary = h->summary;
		*divergence = h->divergence;
		fb_host_close(h);
	}
	free(h);
	fb_accounts_free(&in.accounts);
	free(in.act);
	free(in.rules);
	return err;
}
