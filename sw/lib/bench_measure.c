/* One workload on one engine: loaded, tried, paced, measured, compared with the book. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench_host.h"

#define FIRST 3 /* operations before the first HASH: an odd number, so that things have moved */
#define TRIED_NS 100000000u
#define TRIED_MOST 500u
#define SAMPLES_MOST 4000000u
#define LOAD 0.5 /* of what the engine can do, unless a rate is given */

struct measure {
	struct fb_bench *bench;
	struct fb_bench_result *out;
	struct fb_bench_host host;
	struct fb_workload work;
	double service_ns; /* mean, of an operation and what follows it */
	uint64_t done;	   /* operations so far */
	uint32_t most_orders;
};

static bool closed(const struct measure *m)
{
	return m->bench->engine[m->out->engine].simulated;
}

/* ---- opening ---- */

static int open_engine(struct measure *m, struct fb_error *error)
{
	struct fb_bench_engine *e = &m->bench->engine[m->out->engine];
	const struct fb_bench_options *o = m->bench->options;
	uint32_t accounts = m->work.accounts, rows = m->work.shape.rows;
	bool sized = strcmp(e->name, "cpu") == 0 || strcmp(e->name, "model") == 0;
	char uri[300];
	if (sized && !strstr(e->given, "rows="))
		snprintf(uri, sizeof(uri), "%s%saccounts=%u,rows=%u", e->given,
			 e->given[strlen(e->given) - 1] == ':' ? "" : ",", accounts, rows);
	else
		snprintf(uri, sizeof(uri), "%s", e->given);
	int err = (o->open ? o->open : fb_engine_open)(uri, &m->host.engine, error);
	if (err)
		return err;
	struct fb_engine_info info;
	fb_engine_info(m->host.engine, &info);
	if (!e->known)
		e->info = info;
	e->known = true;
	if (info.accounts_max >= accounts && info.rows_max >= rows)
		return 0;
	return fb_error_set(error, -EINVAL,
			    "engine '%s': expected room for %u accounts and %u positions of "
			    "workload %s, found %llu and %llu; choose fewer with --rows",
			    e->given, accounts, rows, m->out->what.work->name,
			    (unsigned long long)info.accounts_max,
			    (unsigned long long)info.rows_max);
}

static int open_work(struct measure *m, struct fb_error *error)
{
	const struct fb_bench_case *c = &m->out->what;
	struct fb_workload_shape shape = { .rows = c->rows,
					   .symbols = 160,
					   .largest = fb_bench_largest(c),
					   .weak_e4 = c->work->share ? c->share_e4 : 0,
					   .doomed = c->work->kind == FB_BENCH_STORM,
					   .seed = m->bench->options->seed };
	uint64_t lots;
	if (fb_workload_open(&shape, &m->work))
		return fb_error_set(error, -ENOMEM, "bench: out of memory for %u positions",
				    c->rows);
	m->out->accounts = m->work.accounts;
	m->out->symbols = shape.symbols;
	switch (c->work->kind) {
	case FB_BENCH_QUIET:
	case FB_BENCH_SYMBOL:
	case FB_BENCH_FUNDING: m->out->concerned = m->work.rows_of[0]; break;
	case FB_BENCH_FILLS:
	case FB_BENCH_FILLS_MARKS: m->out->concerned = 1; break;
	case FB_BENCH_RANK_COUNT:
	case FB_BENCH_RANK_LOTS:
		m->out->concerned = fb_workload_side(&m->work, 0, 0, &lots);
		break;
	default: m->out->concerned = c->rows;
	}
	return 0;
}

static int open_stages(struct measure *m, struct fb_error *error)
{
	uint64_t ns = m->bench->options->range_us * 1000;
	bool levels = m->out->what.work->levels, rank = fb_bench_is_rank(&m->out->what);
	for (int s = 0; s < FB_STAGES; s++) {
		bool planned = s <= FB_STAGE_ORDER_OUT,
		     cycles = s == FB_STAGE_CARD_FIRST || s == FB_STAGE_CARD_LAST,
		     orders = s == FB_STAGE_CONFIRMED || s == FB_STAGE_ORDER_OUT ||
			      s == FB_STAGE_ORDER || (s == FB_STAGE_CONFIRM && !rank);
		if ((planned || s == FB_STAGE_ENGINE) && closed(m))
			continue;
		if ((cycles && !closed(m)) || (orders && !levels))
			continue;
		if (s == FB_STAGE_CONFIRM && !rank && !levels)
			continue;
		uint64_t range = cycles ? UINT64_C(1) << 40 : ns < FB_HDR_SUB ? FB_HDR_SUB : ns;
		if (fb_hdr_open(range, &m->out->stage[s]))
			return fb_error_set(error, -ENOMEM, "bench: out of memory");
		if (!cycles)
			m->out->stage[s].highest = ns;
	}
	return 0;
}

/* ---- recording ---- */

static int too_long(const struct measure *m, enum fb_bench_stage stage, uint64_t value)
{
	const struct fb_hdr *hdr = &m->out->stage[stage];
	return fb_error_set(m->host.error, -ERANGE,
			    "workload %s, engine '%s', stage %s: expected at most %llu %s, the "
			    "histogram's range; found %llu: the rate of %.0f a second is more than "
			    "this engine can do, or give a wider --range-us",
			    m->out->what.work->name, m->bench->engine[m->out->engine].given,
			    fb_bench_stages[stage].name, (unsigned long long)hdr->highest,
			    fb_bench_stages[stage].unit, (unsigned long long)value, m->out->rate);
}

static int enter(struct measure *m, uint64_t planned, const struct fb_bench_stamps *s)
{
	const struct fb_bench_clock *clock = m->host.clock;
	uint64_t host = s->seen - s->emitted - s->engine;
	bool rank = fb_bench_is_rank(&m->out->what);
	uint64_t value[FB_STAGES] = {
		[FB_STAGE_PRICE_IN] = fb_bench_ns(clock, planned, s->taken),
		[FB_STAGE_EMITTED] = fb_bench_ns(clock, planned, s->emitted),
		[FB_STAGE_SEEN] = fb_bench_ns(clock, planned, s->seen),
		[FB_STAGE_CONFIRMED] = fb_bench_ns(clock, planned, s->confirmed),
		[FB_STAGE_ORDER_OUT] = fb_bench_ns(clock, planned, s->out),
		[FB_STAGE_CARD_FIRST] = s->cycles_first,
		[FB_STAGE_CARD_LAST] = s->cycles_last,
		[FB_STAGE_EMIT] = fb_bench_ns(clock, s->taken, s->emitted),
		[FB_STAGE_ENGINE] = fb_bench_ns(clock, 0, s->engine),
		[FB_STAGE_CONFIRM] = rank ? fb_bench_ns(clock, 0, host)
					  : fb_bench_ns(clock, s->seen, s->confirmed),
		[FB_STAGE_ORDER] = fb_bench_ns(clock, s->confirmed, s->out),
	};
	for (int k = 0; k < FB_STAGES; k++)
		if (m->out->stage[k].count && fb_hdr_record(&m->out->stage[k], value[k]))
			return too_long(m, (enum fb_bench_stage)k, value[k]);
	return 0;
}

/* ---- doing ---- */

static int one(struct measure *m, struct fb_bench_stamps *s)
{
	struct fb_bench_result *out = m->out;
	int err = fb_bench_host_do(&m->host, m->done, s);
	out->commands += (double)m->host.commands;
	out->records += (double)m->host.all_records;
	out->orders += m->host.orders;
	out->trips += (double)m->host.trips;
	if (out->digests < FB_BENCH_DIGESTS)
		out->digest[out->digests++] = m->host.digest;
	if (m->host.orders > m->most_orders)
		m->most_orders = m->host.orders;
	if (!err)
		err = fb_bench_host_after(&m->host, m->done);
	m->done++;
	return err;
}

/* The first operations, in the state after which the engine is compared; then some more, to know
 * how long they take. */
static int try_some(struct measure *m)
{
	struct fb_bench_stamps s;
	int err = 0;
	while (m->done < FIRST && !err)
		err = one(m, &s);
	if (!err)
		err = fb_bench_host_hash(&m->host, &m->out->middle);
	if (closed(m))
		return err;
	uint64_t began = fb_bench_monotonic_ns(), ns = 0, n = 0;
	do {
		err = err ? err : one(m, &s);
		n++;
		ns = fb_bench_monotonic_ns() - began;
	} while (!err && ns < TRIED_NS && n < TRIED_MOST);
	m->service_ns = (double)ns / (double)n;
	return err;
}

static uint64_t how_many(const struct measure *m)
{
	const struct fb_bench_options *o = m->bench->options;
	if (o->samples)
		return o->samples;
	double n = m->out->rate * (double)o->seconds;
	return n < 2 ? 2 : n > SAMPLES_MOST ? SAMPLES_MOST : (uint64_t)n;
}

/* What comes at a constant rate does not wait for what was before it. */
static int open_loop(struct measure *m)
{
	const struct fb_bench_clock *clock = m->host.clock;
	const struct fb_bench_options *o = m->bench->options;
	m->out->rate = o->rate ? (double)o->rate : LOAD * 1e9 / m->service_ns;
	uint64_t n = how_many(m), start = fb_bench_ticks(clock) + clock->hz / 1000;
	int err = 0;
	for (uint64_t i = 0; i < n && !err; i++) {
		struct fb_bench_stamps s;
		uint64_t planned = fb_bench_planned(clock, start, i, m->out->rate);
		while ((int64_t)(fb_bench_ticks(clock) - planned) < 0)
			;
		err = one(m, &s);
		if (!err && s.counts) {
			err = enter(m, planned, &s);
			m->out->samples++;
		}
	}
	m->out->reached = (double)n * (double)clock->hz / (double)(fb_bench_ticks(clock) - start);
	return err;
}

static int closed_loop(struct measure *m)
{
	const struct fb_bench_options *o = m->bench->options;
	uint64_t began = fb_bench_monotonic_ns(), limit = o->seconds * 1000000000u;
	uint64_t most = o->samples ? o->samples : SAMPLES_MOST;
	int err = 0;
	for (uint64_t i = 0; i < most && !err; i++) {
		struct fb_bench_stamps s;
		if (!o->samples && i >= 2 && i % 2 == 0 && fb_bench_monotonic_ns() - began > limit)
			break;
		err = one(m, &s);
		if (!err && s.counts) {
			err = enter(m, s.taken, &s);
			m->out->samples++;
		}
	}
	return err;
}

static int work(struct measure *m)
{
	struct fb_bench_host *h = &m->host;
	int err = try_some(m);
	uint64_t before = m->done;
	m->out->commands = m->out->records = m->out->orders = m->out->trips = 0;
	if (!err)
		err = closed(m) ? closed_loop(m) : open_loop(m);
	double n = (double)(m->done - before);
	m->out->commands /= n;
	m->out->records /= n;
	m->out->orders /= n;
	m->out->trips /= n;
	m->out->breaching = m->most_orders;
	if (!err)
		err = fb_bench_host_undo(h, m->done);
	if (!err)
		err = fb_bench_host_hash(h, &m->out->end);
	return err;
}

int fb_bench_measure(struct fb_bench *b, const struct fb_bench_case *c, unsigned engine,
		     struct fb_bench_result *out, struct fb_error *error)
{
	static struct measure m; /* large, and one at a time */
	memset(&m, 0, sizeof(m));
	memset(out, 0, sizeof(*out));
	out->what = *c;
	out->engine = engine;
	m.bench = b;
	m.out = out;
	m.host = (struct fb_bench_host){ .what = &out->what,
					 .clock = &b->head.clock,
					 .work = &m.work,
					 .simulated = b->engine[engine].simulated,
					 .error = error };
	int err = fb_bench_memory(c, &b->engine[engine], error);
	if (!err)
		err = open_work(&m, error);
	if (!err)
		err = open_engine(&m, error);
	if (!err)
		err = open_stages(&m, error);
	if (!err)
		err = fb_bench_host_open(&m.host);
	if (!err)
		err = work(&m);
	if (err && !error->text[0])
		fb_error_set(error, err, "workload %s, engine '%s': %s", c->work->name,
			     b->engine[engine].given, strerror(-err));
	fb_bench_host_close(&m.host);
	fb_engine_close(m.host.engine);
	fb_workload_close(&m.work);
	return err;
}

void fb_bench_result_close(struct fb_bench_result *result)
{
	for (int s = 0; s < FB_STAGES; s++)
		if (result->stage[s].count)
			fb_hdr_close(&result->stage[s]);
}
