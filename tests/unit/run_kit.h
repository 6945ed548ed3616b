/* A host with an engine that can be made to err, for the tests of what the host does then. The
 * wrapper stands before any engine. One command can be swallowed or refused, and records can be put
 * in before the end of a batch; what it says stays consistent with itself, as a card's would. */
#ifndef RUN_KIT_H
#define RUN_KIT_H

#include "model_kit.h"

#include "../../sw/lib/run_load.h"
#include "../../sw/lib/run_market.h"
#include "../../sw/lib/run_marks.h"

#include "temp_kit.h"

#define WRAP_PUT 128

enum err_how { ERR_NOT, ERR_SWALLOW, ERR_REFUSE };

/* What a test wants of the rules besides; may be NULL. */
static void (*change_rules)(struct fb_rules *rules);

static struct wrap {
	struct fb_engine base;
	struct fb_engine *inner;
	/* the n-th command of opcode `op`, counted down after loading; of `account`, if not 0 */
	enum err_how how;
	uint8_t op, reason;
	unsigned countdown;
	uint32_t account;
	uint64_t from_seq;	    /* commands before it pass; 0: all of loading */
	union fb_command hit;	    /* the one it was */
	union fb_record refusal;    /* waits for the end of its batch */
	bool refused;
	union fb_record put[WRAP_PUT]; /* service records to say before the next BATCH_END */
	unsigned puts;
	union fb_record out[2 + WRAP_PUT];
	unsigned outs, taken;
	/* it dies with the n-th command, or when it has given n records; 0: never */
	uint64_t dies_at_command, dies_at_record, commands, records;
	bool dead;
	/* look at everything that passes; may be NULL */
	void (*sent)(const union fb_command *c);
	void (*said)(const union fb_record *r);
	int (*advise)(uint32_t *account);
} wrap;

static int wrap_submit(struct fb_engine *e, const union fb_command *c)
{
	union fb_command changed = *c;
	bool target = wrap.how != ERR_NOT && wrap.countdown > 0 && c->header.op == wrap.op &&
		      wrap.from_seq != 0 && c->header.seq >= wrap.from_seq &&
		      (wrap.account == 0 || c->header.account == wrap.account);
	(void)e;
	if (wrap.dead || (wrap.dies_at_command && ++wrap.commands == wrap.dies_at_command)) {
		wrap.dead = true;
		return -EIO;
	}
	if (target && wrap.countdown == 1) {
		/* A command that changes nothing takes its place in the sequence. */
		memset(&changed, 0, sizeof(changed));
		changed.header.seq = c->header.seq;
		changed.header.flags = c->header.flags & FB_FLAG_MORE;
		changed.header.op = FB_OP_COLLATERAL;
		changed.header.account =
			c->header.op == FB_OP_FILL ? c->header.account : FB_ID_FEES;
	}
	int err = fb_engine_submit(wrap.inner, &changed);
	if (!err && wrap.sent)
		wrap.sent(c);
	if (err || !target || --wrap.countdown > 0)
		return err;
	wrap.hit = *c;
	if (wrap.how == ERR_REFUSE) {
		wrap.refused = true;
		wrap.refusal = (union fb_record){ .reject = { .seq = c->header.seq,
							       .kind = FB_REC_REJECT,
							       .reason = wrap.reason,
							       .op = c->header.op } };
	}
	return 0;
}

static void wrap_end(union fb_record end)
{
	for (unsigned i = 0; i < wrap.puts; i++)
		wrap.out[wrap.outs++] = wrap.put[i];
	wrap.puts = 0;
	if (wrap.refused && wrap.refusal.reject.seq <= end.header.seq) {
		wrap.out[wrap.outs++] = wrap.refusal;
		end.batch_end.count++;
		end.batch_end.rejects++;
		end.batch_end.digest += fb_hash_word(&wrap.refusal);
		wrap.refused = false;
	}
	wrap.out[wrap.outs++] = end;
}

static int wrap_poll(struct fb_engine *e, union fb_record *out, size_t room, int *idle)
{
	size_t n = 0;
	(void)e;
	if (wrap.dies_at_record && wrap.records >= wrap.dies_at_record)
		wrap.dead = true;
	if (wrap.dead)
		return -EIO;
	while (n < room && (!wrap.dies_at_record || n == 0)) {
		if (wrap.taken < wrap.outs) {
			out[n++] = wrap.out[wrap.taken++];
			continue;
		}
		wrap.taken = wrap.outs = 0;
		union fb_record r;
		int got = fb_engine_poll(wrap.inner, &r, 1, idle);
		if (got <= 0)
			return got < 0 ? got : (int)n;
		wrap.records++;
		if (wrap.said)
			wrap.said(&r);
		if (r.header.kind == FB_REC_BATCH_END)
			wrap_end(r);
		else
			out[n++] = r;
	}
	if (idle && wrap.taken < wrap.outs)
		*idle = 0;
	return (int)n;
}

static void wrap_info(const struct fb_engine *e, struct fb_engine_info *out)
{
	(void)e;
	fb_engine_info(wrap.inner, out);
	if (wrap.dead)
		snprintf(out->why, sizeof(out->why), "planted death");
}

static void wrap_expect(struct fb_engine *e, uint32_t account, const uint16_t *symbols, size_t n)
{
	(void)e;
	fb_engine_expect(wrap.inner, account, symbols, n);
}

static int wrap_advise(struct fb_engine *e, uint32_t *account)
{
	(void)e;
	return wrap.advise ? wrap.advise(account) : fb_engine_advise(wrap.inner, account);
}

static void wrap_close(struct fb_engine *e)
{
	(void)e;
	fb_engine_close(wrap.inner);
}

static const struct fb_engine_ops wrap_ops = {
	.submit = wrap_submit,
	.poll = wrap_poll,
	.info = wrap_info,
	.expect = wrap_expect,
	.advise = wrap_advise,
	.close = wrap_close,
};

static char log_path[128];
static struct fb_rules rules;
static struct fb_host host;
static struct fb_error error;
static struct fb_accounts accounts;
static struct fb_market *market;
static struct fb_marks *marks;
static unsigned sweep_every; /* instants; 0: none */
static uint64_t instants;
static unsigned ahead;
static const char *standby;
static uint64_t delay_seed;
static uint32_t answer_us; /* how long the venue takes to answer; 0: as it likes */

static const char *const crash[] = { "gen:crash,seed=3,minutes=4" };

/* A host with 150 accounts loaded, or the error of that. */
static inline int run_open(const char *engine)
{
	static uint64_t start_e8[FB_SYMBOLS];
	struct fb_marks_options options = { .paths = crash, .paths_n = 1 };
	struct fb_log_config config = { .epoch = 1, .ahead = ahead };
	struct fb_host_options host_options = { .engine = engine,
						.standby = standby,
						.delay_seed = delay_seed };
	struct fb_market_options venue;
	uint64_t all;
	setenv("FIREBREAK_RULES", "sw/rules", 1);
	ck_assert_msg(fb_rules_load("binance-usdm", &rules, &error) == 0, "%s", error.text);
	if (change_rules)
		change_rules(&rules);
	snprintf(log_path, sizeof(log_path), "%s/firebreak.log", temp_directory);
	memset(&host, 0, sizeof(host));
	error.text[0] = '\0';
	instants = 0;
	ck_assert_int_eq(fb_marks_survey(&rules, &options, start_e8, &all, &error), 0);
	ck_assert_int_eq(fb_accounts_load("gen:150,seed=2", &rules, start_e8, &accounts, &error),
			 0);
	fb_load_config(&accounts, start_e8, &config);
	ck_assert_msg(fb_host_open(&host, &rules, &config, &host_options, &error) == 0, "%s",
		      error.text);
	wrap.base.ops = &wrap_ops;
	wrap.inner = host.engine.engine;
	host.engine.engine = &wrap.base;
	ck_assert_int_eq(fb_log_create(log_path, &rules, &config, &host.log, &error), 0);
	int err = fb_load(&host, &accounts, start_e8, -1, 0);
	fb_market_calm(&venue, 1);
	if (answer_us != 0)
		venue.delay_us = answer_us;
	if (!err)
		err = fb_market_start(&host, &venue, &accounts, &market);
	ck_assert_int_eq(fb_marks_open(&rules, &options, &marks, &error), 0);
	if (wrap.from_seq == 0)
		wrap.from_seq = host.book->seq + 1;
	return err;
}

/* One instant; 1, 0 after the last, or the error. */
static inline int run_instant(void)
{
	static struct fb_tick tick[FB_SYMBOLS];
	int n = marks->ops->next(marks, tick, FB_SYMBOLS, &error);
	if (n <= 0)
		return n;
	int64_t time_us = tick[0].time_us;
	ck_assert_int_eq(fb_market_step(market, tick, (size_t)n), 0);
	int err = fb_load_marks(&host, tick, (size_t)n);
	if (!err)
		err = fb_host_drain(&host, ahead);
	if (!err)
		err = fb_market_pump(&host, time_us + 999999, ahead);
	if (!err && sweep_every != 0 && ++instants % sweep_every == 0)
		err = fb_host_sweep(&host);
	return err ? err : 1;
}

/* The rest of the instants, a last sweep, and the end. */
static inline int run_rest(void)
{
	int err;
	while ((err = run_instant()) > 0) {
	}
	if (!err)
		err = fb_host_drain(&host, 0);
	if (!err)
		err = fb_host_sweep(&host);
	return err ? err : fb_host_end(&host);
}

static inline void run_close(void)
{
	host.venue = NULL;
	fb_market_close(market);
	marks->ops->close(marks);
	fb_accounts_free(&accounts);
	fb_host_close(&host);
	market = NULL;
	marks = NULL;
	wrap = (struct wrap){ .how = ERR_NOT };
	ahead = sweep_every = 0;
	answer_us = 0;
	standby = NULL;
	delay_seed = 0;
}

/* The log again, on an engine that does not err: same decisions, but not good, unless `good`. */
static inline void replay_agrees(const char *engine, bool good, struct fb_summary *out)
{
	struct fb_replay_options options = { .log = log_path, .engine = engine };
	struct fb_divergence divergence;
	char note[128];
	int err = fb_replay(&options, out, &divergence, note, &error);
	ck_assert_msg(err == 0, "%s", error.text);
	ck_assert_int_eq(fb_summary_good(out), good);
}

/* Summary fields that decisions lead to. */
static inline void same_decisions(const struct fb_summary *a, const struct fb_summary *b)
{
	ck_assert_mem_eq(&a->waterfall, &b->waterfall, sizeof(a->waterfall));
	ck_assert_uint_eq(a->breaches, b->breaches);
	ck_assert_uint_eq(a->host_judged, b->host_judged);
	ck_assert_uint_eq(a->records_verified, b->records_verified);
	ck_assert_uint_eq(a->differences, b->differences);
	ck_assert_mem_eq(&a->alarms, &b->alarms, sizeof(a->alarms));
	ck_assert_uint_eq(a->commands, b->commands);
	ck_assert(a->fund_equity_e8 == b->fund_equity_e8);
}

/* Nobody who should have been taken was forgotten: whoever is in breach at the end is busy. */
static inline void everyone_is_judged(void)
{
	for (uint32_t i = 0; i < host.book->accounts; i++) {
		const struct fb_book_account *a = &host.book->account[i];
		struct fb_view view;
		struct fb_sums sums;
		if (a->role != FB_ROLE_USER || a->rows_live == 0)
			continue;
		ck_assert_int_eq(fb_book_view(host.book, i, FB_NOW, &view), 0);
		fb_value_exact(host.book, &view, &sums);
		ck_assert_msg(a->busy || !fb_value_breach(&host.book->classes[a->class_id],
							  rules.liquidate_level, &sums),
			      "account %u is in breach and nobody acts", a->id);
	}
}

#endif
