/* See scenario.h. */
#include "scenario.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/policy.h>

#include "../../sw/lib/mix.h"
#include "../../sw/lib/run_load.h"
#include "../../sw/lib/run_market.h"
#include "../../sw/lib/run_marks.h"
#include "../../sw/lib/waterfall_fund.h"

#include "audit.h"
#include "hostile.h"

#define STEP_US 2000000
#define SETTLE 150 /* instants after the crash */
#define QUIET 80   /* of them with everything that makes trouble for closed accounts */

static struct fb_rules pack, rules;
static char log_path[256];

/* Everything a seed decides. */
struct draw {
	uint64_t seed, n;
};

static uint32_t draw(struct draw *d, uint32_t below)
{
	return fb_mix_below(fb_mix(d->seed * 0x1000003 + d->n++), below);
}

static bool chance(struct draw *d, uint32_t percent)
{
	return draw(d, 100) < percent;
}

static int fail(struct scenario_result *r, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(r->error, sizeof(r->error), format, args);
	va_end(args);
	return -1;
}

int scenario_open(const char *directory, char error[512])
{
	struct fb_error e = { "" };
	int err = fb_rules_load("binance-usdm", &pack, &e);
	snprintf(error, 512, "%s", e.text);
	snprintf(log_path, sizeof(log_path), "%s/scenario.log", directory);
	return err;
}

void scenario_close(void)
{
	if (!getenv("SOAK_KEEP"))
		remove(log_path);
}

static uint64_t money(struct draw *d, uint32_t below)
{
	return chance(d, 50) ? 0 : draw(d, below) * UINT64_C(100000000);
}

/* What a step of liquidation closes, and at what limit. A share and a cool-down must leave time to
 * get through before the run ends. */
static void draw_reduction(struct draw *d)
{
	struct fb_policy *p = &rules.policy;
	p->reduce = draw(d, 4);
	p->tier_from = 2 + draw(d, 2);
	p->reduce_share_e7 = 1000000 + draw(d, 9000000);
	p->share_of_first = draw(d, 2);
	p->whole_in_cooldown = draw(d, 2);
	p->amount_to = draw(d, 2);
	p->buffer_e7 = draw(d, 500000);
	p->distance_e7 = 1 + draw(d, 300000);
	p->ramp_start_e7 = draw(d, 5000000);
	p->ramp_us = chance(d, 50) ? 0 : draw(d, 20000000);
	p->ramp_free_e8 = money(d, 1000);
	p->order = draw(d, 3);
	p->limit = draw(d, 3);
	p->limit_slip_e7 = draw(d, 300000);
	p->fillable_spread_e7 = draw(d, 20000000);
	p->fillable_adjust_e7 = draw(d, 30000000);
	p->attempts = chance(d, 50) ? 0 : 1 + draw(d, 6);
	p->last_try_e7 = chance(d, 50) ? 0 : draw(d, 1000000);
	p->reduce_above_e8 = money(d, 50000);
	p->reduce_min_e8 = money(d, 2000);
	p->reduce_most_e8 = chance(d, 70) ? 0 : UINT64_C(10000000000000) + money(d, 100000);
	p->cooldown_us = chance(d, 50) ? 0 : draw(d, 4000000);
	p->until_level = p->reduce != FB_REDUCE_AMOUNT && chance(d, 30) ? 3 : 0;
}

/* Who takes over, who pays and who bears. */
static void draw_money(struct draw *d)
{
	struct fb_policy *p = &rules.policy;
	p->takeover_level = chance(d, 40) ? 5 : 0;
	p->takers = chance(d, 50) ? FB_TAKERS_BOTH : draw(d, 4);
	p->takeover_price = draw(d, 3);
	p->book_last = chance(d, 25);
	p->takeover_spread_e7 = draw(d, 300000);
	p->backstop_limit_e7 = chance(d, 50) ? 0 : draw(d, 20000000);
	p->backstop_window_us = 1000000 + draw(d, 60000000);
	p->fee = draw(d, 5);
	p->fee_to = draw(d, 3);
	p->socialise = chance(d, 10) ? FB_SOCIALISE_NONE : draw(d, 2);
	p->withdrawals = draw(d, 3);
	p->settlement = draw(d, 2);
}

static void draw_insurance(struct draw *d)
{
	struct fb_insurance *i = &rules.insurance;
	i->pools_by_symbol = draw(d, 2);
	i->daily_cap_e7 = chance(d, 50) ? 0 : draw(d, 10000000);
	i->symbol_daily_cap_e7 = chance(d, 50) ? 0 : draw(d, 10000000);
	i->trade_cap_e8 = money(d, 10000);
	i->drawdown_e7 = chance(d, 40) ? 0 : 1 + draw(d, 5000000);
	i->stop_e7 = draw(d, i->drawdown_e7 + 1);
	i->warning_e7 = draw(d, i->drawdown_e7 + 1);
	i->drawdown_of_pool = draw(d, 2);
	i->window_us = 60000000;
	i->bears_price = i->drawdown_e7 > 0 && (i->daily_cap_e7 ^ i->stop_e7) % 2;
}

/* Any order, price and way of sharing out, in a third of the runs with several of them at once. */
static void draw_adl(struct draw *d, struct fb_adl_policy *a)
{
	bool wild = chance(d, 33);
	a->score = chance(d, 30) ? 0 : draw(d, (uint32_t)fb_adl_families_n);
	a->leverage = chance(d, 25);
	a->losers = chance(d, 20);
	a->positions = chance(d, 25);
	a->share = chance(d, 60) ? 0 : draw(d, FB_SHARE_KINDS);
	a->share_risk = draw(d, FB_RISKS);
	a->share_cap_e7 = chance(d, 50) ? 10000000 : draw(d, 10000000);
	a->price = chance(d, 40) ? FB_ADL_AT_BANKRUPTCY : draw(d, FB_ADL_BETWEEN + 1);
	a->spread_e7 = chance(d, 70) ? 0 : draw(d, 100000);
	a->cap = wild && chance(d, 50);
	a->overlap = chance(d, 25);
	a->siblings = chance(d, 40) ? 1 + chance(d, 40) : FB_SIBLINGS_NO;
	a->rerank = chance(d, 25);
	a->cancel = draw(d, FB_CANCEL_ACCOUNT + 1);
	a->fee_e7 = chance(d, 70) ? 0 : draw(d, 20000);
	a->fee_liquidated_e7 = chance(d, 70) ? 0 : draw(d, 20000);
	a->fee_to = chance(d, 50);
	a->hedges = chance(d, 30);
	a->most = chance(d, 70) ? 0 : 1 + draw(d, 50);
	a->size_factor_e7 = wild && chance(d, 50) ? draw(d, 100000000) : 0;
	a->tier_factor_e7 = wild && chance(d, 50) ? draw(d, 10000000) : 0;
	a->lights = draw(d, 3);
	a->bars = 4 + chance(d, 50);
	a->alerts_every_us = chance(d, 50) ? 0 : 10000000;
}

/* The pack's thresholds, in order: warning, margin call, reduction, liquidation. */
static void draw_policy(struct draw *d)
{
	struct fb_policy *p = &rules.policy;
	rules = pack;
	p->warn_level = chance(d, 80) ? 1 : 0;
	p->call_level = chance(d, 80) ? 2 : 0;
	p->cut_level = chance(d, 60) ? 3 : 0;
	p->cancel_level = chance(d, 40) ? 2 + chance(d, 40) : 4;
	if (p->cancel_level == 3 && p->cut_level == 3)
		p->cancel_level = 4;
	p->cut_share_e7 = 500000 + draw(d, 9500000);
	p->cut_slip_e7 = draw(d, 200000);
	p->reduce = chance(d, 60) ? FB_REDUCE_TIER : FB_REDUCE_WHOLE;
	p->fok = chance(d, 40);
	p->tries = 1 + draw(d, 3);
	p->depth_share_e7 = 500000 + draw(d, 9500000);
	p->fund_cap_e7 = chance(d, 20) ? 0 : draw(d, 30000000);
	p->backstop_cap_e7 = draw(d, 30000000);
	p->unwind_share_e7 = draw(d, 5000000);
	draw_adl(d, &rules.adl);
	p->surplus_to_fund = chance(d, 70);
	p->timeout_ms = 200 + draw(d, 4000);
	rules.strict = chance(d, 30);
	if (chance(d, 30))
		rules.taker_fee_e7 = rules.liquidation_fee_e7 = 0;
	rules.threshold[4] =
		(struct fb_threshold){ 11000000 + draw(d, 5000000), 10000000, "takeover" };
	rules.thresholds = 5;
	if (chance(d, 60))
		draw_reduction(d);
	if (chance(d, 60))
		draw_money(d);
	if (chance(d, 50))
		draw_insurance(d);
}

static void draw_market(struct draw *d, struct fb_market_options *m)
{
	(chance(d, 30) ? fb_market_calm : fb_market_wild)(m, fb_mix(d->seed));
	m->depth_e7 = 1000 + draw(d, 500000);
	m->working_e7 = chance(d, 30) ? 10000000 : draw(d, 5000000);
	m->deposit_e7 = chance(d, 30) ? 10000000 : m->deposit_e7;
	m->reject_e7 = chance(d, 20) ? 3000000 : m->reject_e7;
	m->lost_e7 = chance(d, 20) ? 2000000 : m->lost_e7;
	m->delay_us = chance(d, 40) ? 200000 + draw(d, 4000000) : m->delay_us;
	/* A thousand times a few seconds would outlast the run. */
	m->slow_e7 = m->delay_us > 100000 ? 0 : chance(d, 20) ? 2000000 : m->slow_e7;
}

/* What an operator does: at an instant something is switched off, later everything is on again. */
struct operator {
	unsigned at, until;
	bool kill;
	uint8_t state; /* block an account that is in this state then */
	uint32_t blocked[8];
	unsigned blocks;
	bool done;
	unsigned settle_at; /* 0: never */
	uint32_t settle;    /* symbol, or FB_NONE: all */
};

static int block_some(struct fb_host *h, struct operator *o)
{
	int err = 0;
	for (uint32_t i = 0; i < h->book->accounts && o->blocks < 8 && !err; i++)
		if (fb_waterfall_state(h->waterfall, i) == o->state &&
		    !h->book->account[i].blocked &&
		    (h->book->account[i].level > 0 || o->state > FB_CLEARED)) {
			o->blocked[o->blocks++] = h->book->account[i].id;
			err = fb_host_operator(h, FB_OPERATOR_BLOCK, h->book->account[i].id);
		}
	return err;
}

static int operate(struct fb_host *h, struct operator *o, unsigned instant)
{
	int err = 0;
	if (o->settle_at != 0 && instant == o->settle_at)
		err = fb_host_operator(h, FB_OPERATOR_SETTLE, o->settle);
	if (err)
		return err;
	if (instant == o->at && o->kill && !o->done)
		return fb_host_operator(h, FB_OPERATOR_KILL, 0);
	if (instant >= o->at && instant < o->until && !o->kill)
		err = block_some(h, o);
	if (!err && instant % 8 == 7)
		err = fb_host_operator(h, FB_OPERATOR_RESUME, 0);
	if (err || instant < o->until || o->done)
		return err;
	o->done = true;
	if (o->kill)
		err = fb_host_operator(h, FB_OPERATOR_ALLOW, 0);
	for (unsigned i = 0; i < o->blocks && !err; i++)
		err = fb_host_operator(h, FB_OPERATOR_UNBLOCK, o->blocked[i]);
	return err ? err : fb_host_operator(h, FB_OPERATOR_RESUME, 0);
}

/* Some seeds aim at what is rare: accounts between cancel level and cut, reductions still open when
 * the account recovers, settling with an empty fund. Answers are slow then. */
enum theme { ANY, CLEARING, OPEN_REDUCTIONS, SETTLING, THEMES };

struct play {
	struct draw d;
	struct fb_host host;
	struct fb_error error;
	struct fb_market *market;
	struct hostile hostile;
	struct operator operator;
	unsigned ahead;
	enum theme theme;
};

static int instant(struct play *p, struct fb_tick *tick, size_t n, unsigned count)
{
	struct fb_host *h = &p->host;
	int64_t time_us = tick[0].time_us;
	unsigned ahead = p->ahead ? draw(&p->d, p->ahead + 1) : 0;
	int err = operate(h, &p->operator, count);
	if (!err)
		err = fb_market_step(p->market, tick, n);
	if (!err)
		err = fb_load_marks(h, tick, n);
	if (!err)
		err = fb_host_drain(h, ahead);
	return err ? err : fb_market_pump(h, time_us + STEP_US - 1, ahead);
}

static int play(struct play *p, const struct fb_marks_options *options)
{
	static struct fb_tick tick[FB_SYMBOLS], last[FB_SYMBOLS];
	struct fb_host *h = &p->host;
	struct fb_marks *marks;
	size_t n = 0;
	unsigned count = 0;
	int got, err = fb_marks_open(&rules, options, &marks, &p->error);
	if (err)
		return err;
	while (!err && (got = marks->ops->next(marks, tick, FB_SYMBOLS, &p->error)) > 0) {
		n = (size_t)got;
		memcpy(last, tick, n * sizeof(*tick));
		err = instant(p, tick, n, count++);
	}
	marks->ops->close(marks);
	p->operator.until = count < p->operator.until ? count : p->operator.until;
	if (p->operator.settle_at >= count)
		p->operator.settle_at = count + 1;
	for (unsigned k = 0; k < SETTLE && !err; k++) {
		if (k == QUIET)
			p->hostile.ghosts = p->hostile.keeps = false;
		err = fb_host_drain(h, 0);
		if (err || (p->operator.done && h->waterfall->finals == 0 &&
			    count > p->operator.settle_at && fb_waterfall_at_rest(h->waterfall)))
			break;
		memcpy(tick, last, n * sizeof(*tick));
		for (size_t i = 0; i < n; i++)
			tick[i].time_us = h->time_us - h->time_us % STEP_US + STEP_US;
		err = instant(p, tick, n, count++);
	}
	if (!err)
		err = fb_host_sweep(h);
	return err ? err : fb_host_end(h);
}

static void aim_rules(struct play *p, struct fb_market_options *market)
{
	if (p->theme != ANY) {
		market->delay_us = 1000000 + draw(&p->d, 3000000);
		market->slow_e7 = 0;
	}
	if (p->theme == CLEARING) {
		rules.policy.warn_level = 1;
		rules.policy.call_level = 2;
		rules.policy.cancel_level = chance(&p->d, 50) ? 2 : 3;
		rules.policy.cut_level = rules.policy.cancel_level == 2 ? 3 : 0;
		/* Wide bands, so that accounts stay in them for a while. */
		rules.threshold[0].up_e7 = 5000000;
		rules.threshold[0].down_e7 = 4500000;
		rules.threshold[1].up_e7 = 6500000;
		rules.threshold[1].down_e7 = 6000000;
		rules.threshold[2].up_e7 = 8500000;
		rules.threshold[2].down_e7 = 8000000;
		market->working_e7 = 10000000;
		market->deposit_e7 = 10000000;
	}
}

/* The hostile venue and the operator. */
static int aim_trouble(struct play *p, bool hostile)
{
	if (hostile) {
		if (hostile_open(&p->hostile, &p->host, p->d.seed))
			return -1;
		p->hostile.lies = chance(&p->d, 40);
		p->hostile.keeps = chance(&p->d, 50);
		p->hostile.ghosts = chance(&p->d, 50);
		p->host.venue = &p->hostile.base;
	}
	static const uint8_t target[THEMES] = { FB_STATES, FB_CLEARED, FB_REDUCING, FB_STATES };
	p->hostile.prefer = p->theme == CLEARING ? FB_CLEARED : FB_STATES;
	p->hostile.ghosts = p->hostile.ghosts || p->theme != ANY;
	p->operator = (struct operator){
		.at = draw(&p->d, p->theme ? 10 : 50),
		.until = 60 + draw(&p->d, 20),
		.kill = chance(&p->d, 40),
		.state = (uint8_t)(chance(&p->d, 50) ? draw(&p->d, FB_STATES) : FB_STATES),
	};
	/* Symbols 0, which all scenarios trade, or all. */
	if (rules.policy.settlement == FB_SETTLEMENT_MARK && chance(&p->d, 50)) {
		p->operator.settle_at = 10 + draw(&p->d, 60);
		p->operator.settle = chance(&p->d, 60) ? 0 : FB_NONE;
	}
	if (target[p->theme] != FB_STATES) {
		p->operator.kill = p->theme == CLEARING && chance(&p->d, 50);
		if (p->operator.kill)
			p->operator.at = draw(&p->d, 50);
		p->operator.state = target[p->theme];
	}
	return 0;
}

static int prepare(struct play *p, struct scenario_result *r, struct fb_marks_options *options,
		   struct fb_accounts *accounts)
{
	static uint64_t start_e8[FB_SYMBOLS];
	struct fb_log_config config = { .epoch = 1 + draw(&p->d, 3) };
	struct fb_host_options host = { .engine = "model:accounts=1024,rows=8192",
					.delay_seed = 1 + draw(&p->d, 1000) };
	struct fb_market_options market;
	char text[96];
	uint64_t instants;
	int err = fb_marks_survey(&rules, options, start_e8, &instants, &p->error);
	snprintf(text, sizeof(text), "gen:%u,seed=%u,symbols=%u", 12 + draw(&p->d, 100),
		 draw(&p->d, 1u << 30), 1 + draw(&p->d, 5));
	if (!err)
		err = fb_accounts_load(text, &rules, start_e8, accounts, &p->error);
	if (err)
		return fail(r, "inputs: %s", p->error.text);
	bool hostile = chance(&p->d, 40) || p->theme != ANY;
	draw_market(&p->d, &market);
	aim_rules(p, &market);
	if (hostile) /* it numbers own events anew: one told twice would become two */
		market.twice_e7 = 0;
	config.ahead = p->ahead;
	fb_load_config(accounts, start_e8, &config);
	__int128 all = 0;
	for (size_t i = 0; i < accounts->accounts; i++)
		all += accounts->account[i].collateral_e8;
	__int128 fund = all * draw(&p->d, 100) / (chance(&p->d, 50) ? 100000 : 2000),
		 backstop = chance(&p->d, 50) ? 0 : all * draw(&p->d, 100) / 10000;
	if (p->theme == SETTLING)
		fund = backstop = 0;
	err = fb_host_open(&p->host, &rules, &config, &host, &p->error);
	if (!err)
		err = fb_log_create(log_path, &rules, &config, &p->host.log, &p->error);
	if (!err)
		err = fb_load(&p->host, accounts, start_e8, fund, backstop);
	if (!err)
		err = fb_market_start(&p->host, &market, accounts, &p->market);
	if (err)
		return fail(r, "start: %s", p->error.text);
	return aim_trouble(p, hostile) ? fail(r, "out of memory") : 0;
}

static bool in_breach(const struct fb_book *book, uint32_t account)
{
	struct fb_view view;
	struct fb_sums sums;
	if (fb_book_view(book, account, FB_NOW, &view))
		return true;
	fb_value_exact(book, &view, &sums);
	return fb_value_breach(&book->classes[view.class_id], rules.liquidate_level, &sums);
}

/* A little at a time in a thin market, or before a breach, takes longer than a run: it must be
 * moving or wait for a market that buys. */
static bool may_take_longer(const struct play *p, uint32_t account)
{
	const struct fb_case *c = &p->host.waterfall->cases[account];
	if (c->state == FB_READY && !in_breach(p->host.book, account))
		return true;
	return (c->stage == FB_STAGE_REDUCE || c->stage == FB_STAGE_BOOK) &&
	       c->idle < rules.policy.tries && c->steps > 10 &&
	       (c->state == FB_READY || c->state == FB_REDUCING);
}

/* What must hold of a run by itself; the auditor says more from the log. */
static int judge(struct play *p, struct scenario_result *r)
{
	const struct fb_waterfall_counts *c = fb_waterfall_counts(p->host.waterfall);
	if (!p->host.summary.conserved || p->host.summary.differences ||
	    p->host.summary.sweep_differences)
		return fail(r, "the run itself is not good");
	if (c->refused > 0 && p->operator.blocks == 0) {
		char why[200] = "";
		for (int i = 1; i < FB_REFUSALS; i++)
			if (fb_governor_refused(p->host.governor, (enum fb_refusal)i))
				snprintf(why + strlen(why), sizeof(why) - strlen(why), " %s",
					 fb_refusal_name((enum fb_refusal)i));
		return fail(r, "the governor refused orders:%s", why);
	}
	if (c->violations > 0 && p->hostile.said == 0)
		return fail(r, "%llu answers of an honest venue were not believed",
			    (unsigned long long)c->violations);
	for (uint32_t i = 0; i < p->host.book->rows; i++) {
		const struct fb_book_row *row = &p->host.book->row[i];
		if (row->qty != 0 && fb_final_begun(p->host.waterfall, row->symbol))
			return fail(r, "position %u is left in a symbol that was settled", row->id);
	}
	if (rules.symbol[0].expires_us != 0 && !fb_waterfall_settled(p->host.waterfall, 0))
		return fail(r, "a contract has expired and is not settled");
	uint32_t fund = fb_book_account_index(p->host.book, FB_ID_FUND);
	fb_fund_book(p->host.waterfall, FB_POOL_COMMON);
	if (fb_fund_ledger(p->host.waterfall) != p->host.book->account[fund].collateral_e8)
		return fail(r, "the fund's pools are not its collateral");
	for (uint32_t i = 0; i < p->host.book->accounts; i++) {
		enum fb_state state = fb_waterfall_state(p->host.waterfall, i);
		const struct fb_book_account *a = &p->host.book->account[i];
		/* Without positions it may wait for somebody who can pay what it owes. */
		bool owes = a->rows_live == 0 && a->collateral_e8 < 0;
		if (a->busy && a->role == FB_ROLE_USER && !owes && !may_take_longer(p, i))
			return fail(r, "account %u is still %s at the end (%u instants)",
				    a->id, fb_state_name(state),
				    (unsigned)p->host.summary.mark_batches);
	}
	return 0;
}

static int replay(const char *engine, uint64_t seed, struct scenario_result *r)
{
	struct fb_replay_options options = { .log = log_path, .engine = engine,
					     .delay_seed = 1 + seed };
	struct fb_summary summary;
	struct fb_divergence divergence;
	struct fb_error error = { "" };
	char note[128];
	return fb_replay(&options, &summary, &divergence, note, &error)
		       ? fail(r, "replay on %s: %.400s", engine, error.text)
		       : 0;
}

/* Symbol 0 is a dated contract that ends within the crash. */
static void draw_expiry(struct draw *d, const struct fb_marks_options *options)
{
	static struct fb_tick tick[FB_SYMBOLS];
	struct fb_error error;
	struct fb_marks *marks;
	if (rules.policy.settlement != FB_SETTLEMENT_MARK || !chance(d, 30) ||
	    fb_marks_open(&rules, options, &marks, &error))
		return;
	if (marks->ops->next(marks, tick, FB_SYMBOLS, &error) > 0)
		rules.symbol[0].expires_us = tick[0].time_us + 1000000 * (int64_t)draw(d, 50);
	marks->ops->close(marks);
}

int scenario_run(uint64_t seed, const char *replay_engine, struct scenario_result *r)
{
	struct play *p = calloc(1, sizeof(*p));
	struct fb_accounts accounts = { 0 };
	struct audit audit = { .orders = 0 };
	char marks[64];
	const char *paths[] = { marks };
	struct fb_marks_options options = { .paths = paths, .paths_n = 1,
					    .feed = { .step_us = STEP_US } };
	memset(r, 0, sizeof(*r));
	if (!p)
		return fail(r, "out of memory");
	p->d.seed = seed;
	p->theme = seed % 3 == 0 ? (enum theme)(seed / 3 % THEMES) : ANY;
	p->ahead = chance(&p->d, 50) ? draw(&p->d, 8) : 0;
	draw_policy(&p->d);
	snprintf(marks, sizeof(marks), "gen:crash,seed=%u,minutes=%u", draw(&p->d, 1u << 30),
		 1 + draw(&p->d, 2));
	draw_expiry(&p->d, &options);
	int err = prepare(p, r, &options, &accounts);
	if (!err && play(p, &options))
		err = fail(r, "run: %s", p->error.text);
	if (!err) {
		memcpy(r->hits, fb_waterfall_hits(p->host.waterfall), sizeof(r->hits));
		r->counts = *fb_waterfall_counts(p->host.waterfall);
		err = judge(p, r);
	}
	p->host.venue = NULL;
	hostile_close(&p->hostile);
	fb_host_close(&p->host); /* closes the log */
	fb_market_close(p->market);
	fb_accounts_free(&accounts);
	free(p);
	if (!err && audit_log(log_path, &rules, &audit))
		err = fail(r, "audit: %s", audit.error);
	if (!err)
		err = replay(replay_engine, seed, r);
	r->orders = audit.orders;
	r->deleveraged = audit.deleveraged;
	r->batches = audit.batches;
	return err;
}
