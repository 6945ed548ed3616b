/* From a record in ring memory to an order's bytes at the gateway: how long the host takes.
 *
 * usage: path [--samples N] [--accounts N] [--rows N] [--quiet N] [--storm N] [--repeat N] [--json]
 *        [--count]
 *
 *   --samples   records, one at a time; 1000000
 *   --accounts  in the book; 221422
 *   --rows      positions of an account; 2
 *   --quiet     marks without a level change taken up before each; 4 (every 10th sample: none)
 *   --storm     accounts that breach at one instant; 11279
 *   --repeat    storms; 20
 *   --count     for valgrind --tool=callgrind --collect-atstart=no, which then counts the
 *               instructions from a record to HOLD, or with --repeat those of storms: system calls
 *               are let be, for it makes some of its own, and all is in one thread
 *
 * Accounts stand on stairs (stairs.h): each mark that goes down a step makes one account breach.
 * The card (ring.h) writes a LEVEL and a BATCH_END; then begins the span. Inside of it, all of what
 * the program `run` does with a card, through the same functions: the driver reads both records
 * from ring memory and checks generation and check word; the batch is proven whole by count and
 * digest; the record is recomputed exactly from the book and compared bit by bit; the observation
 * is logged; the account is judged again on the newest state; the waterfall decides; the governor
 * checks; the order is logged; its 64 bytes are stored at the gateway, where the span ends. For the
 * two legs that follow, the venue's answer is in memory when the span begins, and the span ends
 * with CANCEL_ALL and with the first REDUCE.
 *
 * Outside: what the card does; the way from the card to the processor's cache (here the card is
 * this processor, so the record lies in its nearest cache) and from the gateway's memory to the
 * wire; what is done after the order has left, among it the log's writing to its file; the venue.
 *
 * Thread pinned by who calls it, memory locked and touched. Exit status 1 if an order is not the
 * one that is due, or if anything was allocated or any system call made in a span; never because
 * of time. `make bench-path`. */
#include <inttypes.h>
#include <stdarg.h>
#include <sys/mman.h>

#include <firebreak/report.h>
#include <firebreak/venue.h>

#include "../../sw/lib/run_load.h"

#include "floor.h"
#include "path_report.h"
#include "ring.h"
#include "stairs.h"

#define START_US INT64_C(1760130964000000)
#define STEP_US 1000
#define GATEWAY 32768u /* lines of 64 bytes */
#define STAGED 10	/* one in so many samples is staged */
#define COLD 10		/* one in so many has no quiet mark before it */

/* LEG_COLD: of samples without a quiet mark before. */
enum leg { LEG_HOLD, LEG_CANCEL, LEG_REDUCE, LEG_COLD, LEG_ALL, LEGS };

static struct {
	struct fb_venue venue;
	struct fb_rules rules;
	struct stairs stairs;
	struct fb_host host;
	struct fb_error error;
	int64_t time_us;
	enum { COUNT_NOT, COUNT_HOLDS, COUNT_STORMS } counts;
	/* the gateway: what was sent */
	_Alignas(64) struct fb_log_order line[GATEWAY];
	uint32_t sent, due; /* in this span; number of the order that ends it */
	uint64_t began, ended;
	/* by symbol: steps taken; by account: deposits and withdrawals told */
	uint32_t step[FB_SYMBOLS], *told;
	uint64_t faults;
	struct path_series leg[LEGS], stage[STAGES];
	double floor; /* ticks */
	double storm_ns[64]; /* ticks */
	int64_t storm_cpu_ns[64];
	uint64_t storm_stage[STAGES]; /* of the quickest */
} b;

__attribute__((format(printf, 1, 2))) static void fault(const char *format, ...)
{
	va_list args;
	if (++b.faults > 10)
		return;
	va_start(args, format);
	fprintf(stderr, "path: ");
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

/* ---- the gateway ---- */

static int gateway_send(struct fb_venue *venue, const struct fb_order *order)
{
	(void)venue;
	b.line[b.sent % GATEWAY] = (struct fb_log_order){
		.id = order->id,
		.account = order->account,
		.position = order->position,
		.counter_account = order->counter_account,
		.counter_position = order->counter_position,
		.symbol = order->symbol,
		.verb = order->verb,
		.tif = order->tif,
		.qty = order->qty,
		.value_e8 = fb_i128_of(order->value_e8),
	};
	if (++b.sent == b.due) {
		path_stamp(STAGE_SENT);
		b.ended = path_now();
		path_end();
	}
	return 0;
}

static int gateway_poll(struct fb_venue *venue, int64_t until_us, struct fb_event *out, size_t room,
			int64_t *at_us)
{
	(void)venue, (void)until_us, (void)out, (void)room, (void)at_us;
	return 0;
}

/* A span, up to the nth order: begins, ... */
static void begin(uint32_t orders)
{
	b.sent = 0;
	b.due = orders;
	b.ended = 0;
	ring.relaxed = 0;
	ring.measuring = true;
	b.began = path_begin();
}

/* ... and is over. Ticks, or 0. */
static uint32_t over(enum fb_verb verb, uint32_t account)
{
	path_blocks = 0;
	ring.measuring = false;
	b.due = 0;
	uint64_t took = b.ended - b.began;
	if (b.ended == 0 || b.line[0].verb != verb || b.line[0].account != account)
		fault("expected %s of account %u, found %u orders, the first %s of %u",
		      fb_verb_name(verb), account, b.sent,
		      fb_verb_name((enum fb_verb)b.line[0].verb), b.line[0].account);
	return took > UINT32_MAX ? UINT32_MAX : (uint32_t)took;
}

/* ---- inputs ---- */

/* Marks of symbols from..to-1 as their steps say; their records lie in the ring afterwards. */
static int send_marks(unsigned from, unsigned to)
{
	struct fb_tick tick[FB_SYMBOLS];
	for (unsigned s = from; s < to; s++)
		tick[s - from] = (struct fb_tick){
			.time_us = b.time_us,
			.symbol = (uint16_t)s,
			.price_e8 = stairs_price(&b.stairs, s, b.step[s], false),
		};
	int err = fb_load_marks(&b.host, tick, to - from);
	b.time_us += STEP_US;
	ring_work();
	return err;
}

static int take_up(void)
{
	ring_work();
	return fb_host_drain(&b.host, 0);
}

static int tell(const struct fb_event *event, size_t n)
{
	int err = fb_host_events(&b.host, b.time_us++, event, n);
	return err ? err : take_up();
}

static struct fb_event done(const struct fb_log_order *o)
{
	return (struct fb_event){ .id = o->id, .account = o->account, .position = o->position,
				  .symbol = o->symbol, .kind = FB_EVENT_DONE, .verb = o->verb };
}

/* As much as the account's positions cost, in (sign 1) or out (-1): more than a fall can take. */
static struct fb_event money(uint32_t i, int sign)
{
	const struct fb_account_spec *a = &b.stairs.book.account[i];
	int64_t sum_e8 = 0;
	for (size_t k = 0; k < a->positions; k++)
		sum_e8 += b.stairs.book.position[a->first + k].entry_e8;
	return (struct fb_event){ .account = a->id, .kind = FB_EVENT_DEPOSIT,
				  .number = ++b.told[i], .value_e8 = fb_i128_of(sign * sum_e8) };
}

/* All stairs again from the top: what was paid in goes out. */
static int back_to_top(void)
{
	static struct fb_event event[FB_EVENTS_MAX];
	const struct stairs *s = &b.stairs;
	uint32_t used[FB_SYMBOLS];
	memcpy(used, b.step, sizeof(used));
	memset(b.step, 0, sizeof(b.step));
	int err = send_marks(0, s->symbols);
	if (!err)
		err = take_up();
	size_t n = 0;
	for (unsigned k = 0; k < s->symbols && !err; k++)
		for (uint32_t step = 0; step < used[k] && !err; step++) {
			event[n++] = money(s->at[k * s->steps + step], -1);
			if (n == FB_EVENTS_MAX || (k + 1 == s->symbols && step + 1 == used[k])) {
				err = tell(event, n);
				n = 0;
			}
		}
	return !err && n > 0 ? tell(event, n) : err;
}

/* ---- one record at a time ---- */

/* Everything that was sent is done, without a fill, and the account gets money: it is released. */
static int recover(uint32_t i)
{
	struct fb_event event[8] = { money(i, 1) };
	uint32_t n = b.sent < 7 ? b.sent : 7;
	for (uint32_t k = 0; k < n; k++)
		event[k + 1] = done(&b.line[k]);
	b.sent = 0;
	int err = tell(event, n + 1);
	if (!err && (b.sent != 1 || b.line[0].verb != FB_VERB_RELEASE))
		fault("account %u was not released", b.line[0].account);
	struct fb_event released = done(&b.line[0]);
	return err ? err : tell(&released, 1);
}

/* The venue's answer to the order in this line. */
static int answer(const struct fb_log_order *line, enum fb_verb verb, uint32_t *ticks)
{
	struct fb_event event = done(line);
	begin(1);
	int err = fb_host_events(&b.host, b.time_us++, &event, 1);
	*ticks = over(verb, event.account);
	return err;
}

struct one {
	uint32_t account, ticks[LEGS];
	uint64_t began, at[STAGES];
};

/* A mark that changes nobody's level is taken up before, as most marks are: or the code that takes
 * up records lies in no near cache, for the card and other work of this bench had the processor. */
static int quiet_marks(unsigned symbol, unsigned n)
{
	int err = 0;
	for (unsigned k = 0; k < n && !err; k++)
		err = send_marks((symbol + 1 + k) % b.stairs.symbols,
				 (symbol + 1 + k) % b.stairs.symbols + 1);
	return err;
}

/* A step down in this symbol: hold, cancel, reduce, and back. */
static int sample(unsigned symbol, unsigned quiet, struct one *one)
{
	uint32_t i = b.stairs.at[symbol * b.stairs.steps + b.step[symbol]];
	int err = quiet_marks(symbol, quiet);
	if (!err)
		err = fb_host_drain(&b.host, 0);
	one->account = i;
	b.step[symbol]++;
	if (!err)
		err = send_marks(symbol, symbol + 1);
	memset(path_stamps.at, 0, sizeof(path_stamps.at));
	path_counts = b.counts == COUNT_HOLDS;
	begin(1);
	if (!err)
		err = fb_host_observe(&b.host);
	path_counts = false;
	one->ticks[LEG_HOLD] = over(FB_VERB_HOLD, b.stairs.book.account[i].id);
	one->began = b.began;
	memcpy(one->at, path_stamps.at, sizeof(one->at));
	if (!err)
		err = take_up();
	if (!err)
		err = answer(&b.line[0], FB_VERB_CANCEL_ALL, &one->ticks[LEG_CANCEL]);
	if (!err)
		err = take_up();
	if (!err)
		err = answer(&b.line[0], FB_VERB_REDUCE, &one->ticks[LEG_REDUCE]);
	return err ? err : recover(i);
}

static void keep(struct path_series *s, uint64_t ticks)
{
	s->tick[s->n++] = ticks < UINT32_MAX ? (uint32_t)ticks : UINT32_MAX;
}

static void note(const struct one *one, bool cold, bool staged)
{
	const uint32_t *t = one->ticks;
	if (staged) {
		for (int s = 0; s < STAGES; s++)
			keep(&b.stage[s], one->at[s] - (s ? one->at[s - 1] : one->began));
		return;
	}
	keep(&b.leg[cold ? LEG_COLD : LEG_HOLD], t[LEG_HOLD]);
	keep(&b.leg[LEG_CANCEL], t[LEG_CANCEL]);
	keep(&b.leg[LEG_REDUCE], t[LEG_REDUCE]);
	keep(&b.leg[LEG_ALL], (uint64_t)t[LEG_HOLD] + t[LEG_CANCEL] + t[LEG_REDUCE]);
}

static int samples(size_t n, unsigned quiet, bool staged)
{
	unsigned symbols = b.stairs.symbols;
	int err = 0;
	for (size_t k = 0; k < n && !err && b.faults == 0; k++) {
		struct one one;
		bool cold = k % COLD == COLD - 1 && !staged;
		if (b.step[k % symbols] == b.stairs.steps)
			err = back_to_top();
		path_stamps.on = staged;
		if (!err)
			err = sample((unsigned)(k % symbols), cold ? 0 : quiet, &one);
		path_stamps.on = false;
		note(&one, cold, staged);
	}
	return err;
}

/* ---- all at once ---- */

/* The same answer for n accounts, from `first` of the gateway's lines on; then what they lead to is
 * taken up. */
static int answer_all(const struct fb_log_order *line, uint32_t n)
{
	static struct fb_event event[FB_EVENTS_MAX];
	for (uint32_t k = 0; k < n; k++)
		event[k] = done(&line[k]);
	return tell(event, n);
}

static void keep_quickest(unsigned repeat)
{
	for (unsigned i = 0; i < repeat; i++)
		if (b.storm_ns[i] < b.storm_ns[repeat])
			return;
	for (int s = 0; s < STAGES; s++)
		b.storm_stage[s] = path_stamps.at[s] - b.began;
}

/* So many accounts breach at one instant; what they need is paid, and they are released. */
static int storm(uint32_t n, unsigned repeat)
{
	static struct fb_log_order line[GATEWAY];
	static struct fb_event event[FB_EVENTS_MAX];
	const struct stairs *s = &b.stairs;
	uint32_t k = 0;
	int err = back_to_top();
	for (unsigned i = 0; i < n; i++)
		b.step[i % s->symbols]++;
	if (!err)
		err = send_marks(0, s->symbols);
	path_stamps.on = true;
	memset(path_stamps.at, 0, sizeof(path_stamps.at));
	int64_t cpu_ns = path_cpu_ns();
	path_counts = b.counts == COUNT_STORMS;
	begin(n);
	if (!err)
		err = fb_host_observe(&b.host);
	path_blocks = 0;
	path_counts = false;
	path_stamps.on = ring.measuring = false;
	b.storm_cpu_ns[repeat] = path_cpu_ns() - cpu_ns;
	b.storm_ns[repeat] = b.ended ? (double)(b.ended - b.began) : 0;
	keep_quickest(repeat);
	if (b.sent != n)
		fault("%u accounts breached at one instant: %u orders", n, b.sent);
	memcpy(line, b.line, sizeof(line));
	for (unsigned i = 0; i < s->symbols; i++)
		for (uint32_t step = 0; step < b.step[i]; step++)
			event[k++] = money(s->at[i * s->steps + step], 1);
	if (!err && b.faults == 0)
		err = tell(event, n);
	b.sent = 0;
	if (!err && b.faults == 0)
		err = answer_all(line, n);
	if (b.sent != n)
		fault("%u accounts recovered: %u releases", n, b.sent);
	memcpy(line, b.line, sizeof(line));
	return err || b.faults ? err : answer_all(line, n);
}

struct options {
	uint64_t samples, accounts, rows, quiet, storm, repeat;
	bool json, count;
};

static bool parse(int argc, char **argv, struct options *o)
{
	const struct {
		const char *name;
		uint64_t least, most, *value;
	} number[] = {
		{ "--samples", 100, 100000000, &o->samples },
		{ "--accounts", 1000, 4000000, &o->accounts },
		{ "--rows", 1, 7, &o->rows },
		{ "--quiet", 0, FB_AHEAD_MAX - 1, &o->quiet },
		{ "--storm", 1, 16000, &o->storm },
		{ "--repeat", 0, 64, &o->repeat },
	};
	for (int i = 1; i < argc; i++) {
		size_t k = 0, n = sizeof(number) / sizeof(number[0]);
		if (strcmp(argv[i], "--json") == 0) {
			o->json = true;
			continue;
		}
		if (strcmp(argv[i], "--count") == 0) {
			o->count = true;
			continue;
		}
		while (k < n && strcmp(argv[i], number[k].name) != 0)
			k++;
		if (k == n || ++i == argc)
			return false;
		char *end;
		*number[k].value = strtoull(argv[i], &end, 10);
		if (*end || *number[k].value < number[k].least ||
		    *number[k].value > number[k].most)
			return false;
	}
	return true;
}

static int open_all(const struct options *o, const char *log_path)
{
	static const struct fb_venue_ops ops = { .send = gateway_send, .poll = gateway_poll };
	struct fb_log_config config = { .epoch = 1, .ahead = (uint32_t)o->quiet + 1 };
	struct fb_host_options options = { .engine = "model:" };
	struct fb_host *h = &b.host;
	b.venue.ops = &ops;
	b.time_us = START_US;
	if (stairs_make(&b.rules, (uint32_t)o->accounts, (uint32_t)o->rows, &b.stairs))
		return fb_error_set(&b.error, -ENOMEM, "out of memory");
	b.told = calloc(b.stairs.accounts, sizeof(*b.told));
	for (int l = 0; l < LEGS; l++)
		b.leg[l].tick = calloc(o->samples, sizeof(uint32_t));
	for (int s = 0; s < STAGES; s++)
		b.stage[s].tick = calloc(o->samples / STAGED, sizeof(uint32_t));
	fb_load_config(&b.stairs.book, b.stairs.start_e8, &config);
	int err = fb_load_check(&b.rules, &b.stairs.book, b.stairs.start_e8, &b.error);
	if (!err)
		err = fb_host_open(h, &b.rules, &config, &options, &b.error);
	if (err)
		return err;
	fb_engine_close(h->engine.engine);
	h->engine.engine = NULL;
	err = ring_open(config.accounts, config.rows, &h->engine.engine, &b.error);
	if (!err)
		err = fb_log_create(log_path, &b.rules, &config, &h->log, &b.error);
	if (!err)
		err = fb_load(h, &b.stairs.book, b.stairs.start_e8, -1, 0);
	h->venue = &b.venue;
	if (!err)
		ring_beside(!o->count);
	return err;
}

static void print_storm(const struct options *o, double rate, double best, double middle,
			int64_t cpu_ns)
{
	double before = 0;
	printf("\n  %" PRIu64 " level changes at one instant to orders, %" PRIu64 " times: ",
	       o->storm, o->repeat);
	printf("best %.3f ms, %.2f million a second; median %.3f ms, %.2f million a second; least "
	       "processor time %.3f ms\n  the quickest, ns an order:",
	       best / 1e6, (double)o->storm * 1e3 / best, middle / 1e6,
	       (double)o->storm * 1e3 / middle, (double)cpu_ns / 1e6);
	for (int s = 0; s < STAGES; s++) {
		/* of a storm the stages of an order overlap with those of others */
		if (s > STAGE_JUDGED && s < STAGE_SENT)
			continue;
		double at = (double)b.storm_stage[s] / rate / (double)o->storm;
		printf(" %s %.0f%s", path_stage_names[s], at - before, s < STAGE_SENT ? "," : "\n");
		before = at;
	}
}

static void print(const struct options *o, double rate, bool locked)
{
	static const char *const names[LEGS] = {
		"record visible -> HOLD", "HOLD done -> CANCEL_ALL", "CANCEL_ALL done -> REDUCE",
		"record visible -> HOLD, code cold", "record visible -> REDUCE, all legs",
	};
	double best = 0, middle = 0;
	bool json = o->json;
	for (int l = 0; l < LEGS; l++)
		b.leg[l].name = names[l];
	for (int s = 0; s < STAGES; s++)
		b.stage[s].name = path_stage_names[s];
	int64_t cpu_ns = INT64_MAX;
	for (unsigned i = 0; i < o->repeat; i++)
		cpu_ns = b.storm_cpu_ns[i] < cpu_ns ? b.storm_cpu_ns[i] : cpu_ns;
	for (unsigned i = 0; i < o->repeat; i++) /* few: sorted by hand */
		for (unsigned k = i; k > 0 && b.storm_ns[k] < b.storm_ns[k - 1]; k--) {
			double t = b.storm_ns[k];
			b.storm_ns[k] = b.storm_ns[k - 1];
			b.storm_ns[k - 1] = t;
		}
	if (o->repeat) {
		best = b.storm_ns[0] / rate;
		middle = b.storm_ns[o->repeat / 2] / rate;
	}
	if (json)
		printf("{\n  \"bench\": \"path\", \"version\": 1, \"ghz\": %.3f, \"accounts\": %u, "
		       "\"rows\": %u,\n  \"locked\": %s, \"syscalls_trapped\": %s, "
		       "\"access_ns\": %.0f, ",
		       rate, b.stairs.accounts, b.stairs.rows, locked ? "true" : "false",
		       path_traps ? "true" : "false", b.floor / rate);
	else
		printf("counter %.3f GHz; %u accounts of %u positions; memory locked: %s; system "
		       "calls trapped: %s\n"
		       "one access to memory that depends on another, in 64 MiB: %.0f ns\n",
		       rate, b.stairs.accounts, b.stairs.rows, locked ? "yes" : "no",
		       path_traps ? "yes" : "no", b.floor / rate);
	printf(json ? "\"spans\": %" PRIu64 ", \"allocations\": %" PRIu64 ", \"syscalls\": %" PRIu64
		      ",\n  \"paths\": [\n"
		    : "%" PRIu64 " spans, %" PRIu64 " allocations and %" PRIu64
		      " system calls in them\n\n",
	       path_proof.spans, path_proof.allocations, path_proof.calls);
	if (!json)
		path_text_head();
	for (int k = 0; k < LEGS + STAGES; k++) {
		struct path_series *s = k < LEGS ? &b.leg[k] : &b.stage[k - LEGS];
		struct path_spread spread = path_spread(s, rate);
		if (json)
			path_json(s->name, s->n, &spread, k + 1 < LEGS + STAGES ? "," : "");
		else
			path_text(s->name, s->n, &spread);
	}
	if (json)
		printf("  ],\n  \"storm\": { \"orders\": %" PRIu64 ", \"repeat\": %" PRIu64
		       ", \"best_ns\": %.0f, \"median_ns\": %.0f, \"least_processor_ns\": %" PRId64
		       " }\n}\n",
		       o->storm, o->repeat, best, middle, cpu_ns);
	else if (o->repeat)
		print_storm(o, rate, best, middle, cpu_ns);
}

int main(int argc, char **argv)
{
	struct options o = { 1000000, 221422, 2, 4, 11279, 20, false, false };
	char log_path[] = "/tmp/firebreak-path-XXXXXX";
	if (!parse(argc, argv, &o)) {
		fprintf(stderr, "usage: path [--samples N] [--accounts N] [--rows 1..7] "
				"[--quiet 0..14] [--storm 1..16000] [--repeat 0..64] [--json] "
				"[--count]\n");
		return 2;
	}
	setenv("FIREBREAK_RULES", "sw/rules", 0);
	if (fb_rules_load("binance-usdm", &b.rules, &b.error)) {
		fprintf(stderr, "path: %s\n", b.error.text);
		return 1;
	}
	stairs_rules(&b.rules);
	int fd = mkstemp(log_path);
	if (fd < 0)
		return 1;
	close(fd);
	int err = open_all(&o, log_path);
	bool locked = mlockall(MCL_CURRENT) == 0;
	double rate = path_rate();
	b.floor = o.count ? 0 : floor_ticks();
	b.counts = !o.count ? COUNT_NOT : o.repeat ? COUNT_STORMS : COUNT_HOLDS;
	if (!o.count)
		path_prove();
	if (!err)
		err = samples(o.samples / STAGED, (unsigned)o.quiet, true); /* warms up, too */
	if (!err)
		err = samples(o.samples, (unsigned)o.quiet, false);
	for (unsigned i = 0; i < o.repeat && !err && b.faults == 0; i++)
		err = storm((uint32_t)o.storm, i);
	if (!err && b.faults == 0)
		err = fb_host_sweep(&b.host);
	if (!err && b.faults == 0)
		err = fb_host_end(&b.host);
	if (err)
		fault("%s", b.error.text);
	else if (b.faults == 0 && !fb_summary_good(&b.host.summary))
		fault("value is not conserved, or engine and book differ");
	if (path_proof.allocations)
		fault("%" PRIu64 " allocations in spans", path_proof.allocations);
	if (path_proof.calls)
		fault("%" PRIu64 " spans with a system call; the first: number %d",
		      path_proof.calls, path_proof.call);
	if (!err)
		print(&o, rate, locked);
	ring_alone();
	fb_host_close(&b.host);
	remove(log_path);
	return b.faults > 0;
}
