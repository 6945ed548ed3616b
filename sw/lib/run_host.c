/* Commands out: applied to the book, written to the log, sent to the engines. See run_host.h. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "book_internal.h"
#include "run_conditions.h"
#include "run_fault.h"
#include "run_host.h"
#include "waterfall_internal.h"

/* Far above what any crash needs of an account, and below what a loop gone wild would send. The
 * pack's price of deleveraging says how far from the mark a pair may be. */
static struct fb_governor_caps caps_of(const struct fb_rules *rules)
{
	const struct fb_adl_policy *a = &rules->adl;
	bool foreign = a->price == FB_ADL_AT_PREVIOUS || a->price == FB_ADL_AT_ORACLE;
	return (struct fb_governor_caps){
		.account_orders = 20000,
		.orders = 1000000,
		.account_share_e7 = 30000000, /* three times what it had when it was held */
		.adl_worse_e7 = foreign || a->siblings == FB_SIBLINGS_AVERAGE
					? 10000000
					: (uint32_t)a->spread_e7,
		.adl_own_price = foreign || a->price == FB_ADL_BETWEEN ||
				 a->siblings == FB_SIBLINGS_AVERAGE,
	};
}

static int start_batch(struct fb_host *h, const union fb_command *c)
{
	if (h->open.first != 0)
		return 0;
	if (h->pendings == FB_BATCHES)
		return fb_error_set(h->error, -EPROTO,
				    "command %llu: more than %u batches in flight",
				    (unsigned long long)c->header.seq, FB_BATCHES);
	h->open.first = c->header.seq;
	h->open.op = c->header.op;
	return 0;
}

static void end_batch(struct fb_host *h, uint64_t seq)
{
	h->open.last = seq;
	h->pending[(h->pending_first + h->pendings++) % FB_BATCHES] = h->open;
	h->open = (struct fb_batch){ .first = 0 };
	h->summary.batches++;
}

/* Logs and sends what the book has already taken. */
static int send(struct fb_host *h, union fb_command *c, bool more)
{
	if (more)
		c->header.flags |= FB_FLAG_MORE;
	else
		c->header.flags &= (uint8_t)~FB_FLAG_MORE;
	int err = start_batch(h, c);
	if (!err)
		err = fb_log_put(h->log, FB_LOG_COMMAND, c->header.seq, c, sizeof(*c), h->error);
	if (!err)
		err = fb_standby_sent(h, c);
	if (!err)
		err = fb_link_submit(&h->engine, c, h->error);
	if (err && h->engine.dead) /* a standby gets the command too */
		err = fb_standby_take_over(h);
	if (!err && h->check.engine)
		err = fb_link_submit(&h->check, c, h->error);
	if (err)
		return err;
	fb_fault_sent(h, c);
	if (c->header.op == FB_OP_HASH) {
		h->sweep.first = c->hash.first;
		h->sweep.span = c->hash.span;
	}
	if (c->header.op == FB_OP_RANK)
		fb_rankings_count(&c->rank, &h->summary);
	h->summary.commands++;
	if (c->header.op == FB_OP_MARKS)
		h->summary.marks += c->header.count;
	if (!more)
		end_batch(h, c->header.seq);
	return 0;
}

static int book(struct fb_host *h, union fb_command *c)
{
	c->header.seq = h->book->seq + 1;
	int err = fb_book_apply(h->book, c, h->error);
	if (!err && h->booked)
		h->booked(h->booked_context);
	return err;
}

int fb_host_command(struct fb_host *h, union fb_command *c, bool more)
{
	assert(!h->holding);
	int err = book(h, c);
	if (!err)
		fb_host_margin_look(h, c);
	return err ? err : send(h, c, more);
}

/* A command that follows from an event. The book must know it at once; whether more follow shows
 * only later, so one is held back. Decisions send orders only. */
static int book_and_hold(void *context, union fb_command *c)
{
	struct fb_host *h = context;
	int err = book(h, c);
	if (!err && h->holding)
		err = send(h, &h->held, true);
	h->held = *c;
	h->holding = true;
	return err;
}

/* This is where every fill comes by. */
static int booked_command(void *context, union fb_command *c)
{
	int err = book_and_hold(context, c);
	return err ? err : fb_host_margin_after(context, c, book_and_hold);
}

/* Sends the last command of what events led to, which ends its batch. */
static int end_events(struct fb_host *h)
{
	if (!h->holding)
		return 0;
	h->holding = false;
	int err = send(h, &h->held, false);
	return err ? err : fb_book_conserved(h->book, h->error);
}

/* An order of the waterfall: past the governor, into the log, to the venue. */
static int decided_order(void *context, const struct fb_order *order, bool again)
{
	struct fb_host *h = context;
	uint32_t account = fb_book_account_about(h->book, order->account, h->waterfall->acts_on);
	enum fb_refusal refused = FB_REFUSED_BLOCKED;
	if (account == FB_NONE || !h->book->account[account].blocked) {
		fb_governor_about(h->governor, account);
		refused = fb_governor_check(h->governor, order);
	}
	if (refused)
		return (int)refused;
	struct fb_log_order entry = {
		.id = order->id,
		.account = order->account,
		.position = order->position,
		.counter_account = order->counter_account,
		.counter_position = order->counter_position,
		.symbol = order->symbol,
		.verb = order->verb,
		.tif = order->tif,
		.again = again,
		.qty = order->qty,
		.value_e8 = fb_i128_of(order->value_e8),
	};
	int err = fb_log_put(h->log, FB_LOG_ORDER, order->id.sequence, &entry, sizeof(entry),
			     h->error);
	if (!err && h->venue)
		err = h->venue->ops->send(h->venue, order);
	/* A venue that cannot take it now does not answer: the order is sent again. */
	err = err == -EAGAIN ? 0 : err;
	/* The log comes before the order, the report for people after it. */
	if (!err && h->report)
		err = fb_report_order(h->report, h->time_us, &entry);
	if (!err && !again)
		fb_conditions_order(h, order);
	return err;
}

static int decided_notice(void *context, const struct fb_notice *notice)
{
	struct fb_host *h = context;
	int err = fb_log_put(h->log, FB_LOG_NOTICE, h->book->seq, notice, sizeof(*notice),
			     h->error);
	return err || !h->report ? err : fb_report_notice(h->report, h->time_us, notice);
}

static void watch(void *context, uint32_t account)
{
	struct fb_host *h = context;
	fb_confirm_watch(&h->confirm, account);
	/* Whoever is held or released passes here. */
	fb_held_look(&h->held_accounts, h->book, account);
}

static void soon(void *context, uint32_t account)
{
	const struct fb_host *h = context;
	fb_governor_fetch(h->governor, account);
}

/* The governor hears what judging found before anybody of these is decided on. */
static void decides(void *context, const struct fb_judged *judged, size_t n)
{
	struct fb_host *h = context;
	for (size_t i = 0; i < n; i++) {
		uint32_t account = judged[i].account;
		fb_governor_confirmed(h->governor, account,
				      fb_confirm_found(&h->confirm, &judged[i]));
		if (n > 1) /* the governor will look at them */
			fb_book_fetch_row(h->book, account);
	}
}

static const struct fb_waterfall_ops decided = { .order = decided_order,
						 .command = booked_command,
						 .notice = decided_notice,
						 .watch = watch,
						 .soon = soon,
						 .decides = decides };

/* Errors of an op have said what they are; others have not. */
static int explain(struct fb_host *h, int err)
{
	if (!err || h->error->text[0])
		return err;
	if (h->report && fb_report_explain(h->report, h->error))
		return err;
	return fb_error_set(h->error, err, "after command %llu: the waterfall failed: %s",
			    (unsigned long long)h->book->seq, strerror(-err));
}

int fb_host_decide(struct fb_host *h, bool all)
{
	int err = fb_confirm_judge(&h->confirm, all);
	if (!err)
		err = fb_waterfall_decide(h->waterfall, h->confirm.judged, h->confirm.judgements);
	fb_confirm_tidy(&h->confirm);
	if (!err)
		err = fb_conditions_time(h, h->time_us);
	return explain(h, err);
}

int fb_host_events(struct fb_host *h, int64_t at_us, const struct fb_event *event, size_t n)
{
	struct {
		int64_t at_us;
		struct fb_event event[FB_EVENTS_MAX];
	} entry;
	assert(n >= 1 && n <= FB_EVENTS_MAX);
	entry.at_us = h->time_us = at_us;
	memcpy(entry.event, event, n * sizeof(*event));
	int err = fb_log_put(h->log, FB_LOG_EVENTS, h->book->seq, &entry,
			     sizeof(at_us) + n * sizeof(*event), h->error);
	fb_governor_time(h->governor, at_us);
	fb_waterfall_time(h->waterfall, at_us);
	if (!err)
		err = fb_conditions_time(h, at_us);
	for (size_t i = 0; i < n && !err; i++) {
		fb_governor_event(h->governor, &event[i]);
		fb_conditions_event(h, &event[i]);
		err = explain(h, fb_waterfall_event(h->waterfall, &event[i]));
		if (!err && h->report)
			err = explain(h, fb_report_event(h->report, at_us, &event[i]));
	}
	h->summary.events += n;
	if (!err)
		err = fb_held_send(h, booked_command);
	/* The engine works on what happened while the host decides on it. */
	if (!err)
		err = end_events(h);
	if (!err)
		err = fb_host_decide(h, false);
	if (!err)
		err = fb_host_rank(h);
	return err ? err : fb_log_relieve(h->log, h->error);
}

static int settle(struct fb_host *h, uint16_t symbol)
{
	int err = fb_waterfall_settle(h->waterfall, symbol);
	if (!err)
		fb_governor_settles(h->governor, symbol);
	return err == -EALREADY ? 0 : err;
}

/* One symbol, or all that there are. */
static int operator_settles(struct fb_host *h, uint32_t symbol)
{
	int err = symbol < FB_SYMBOLS ? settle(h, (uint16_t)symbol) : 0;
	for (uint32_t s = 0; symbol == FB_NONE && s < FB_SYMBOLS && !err; s++)
		if (h->book->symbol[s].defined)
			err = settle(h, (uint16_t)s);
	return err;
}

static bool can_settle(const struct fb_host *h, uint32_t symbol)
{
	return h->rules->policy.settlement != FB_SETTLEMENT_NONE && h->book->sealed &&
	       (symbol == FB_NONE || (symbol < FB_SYMBOLS && h->book->symbol[symbol].defined));
}

int fb_host_operator(struct fb_host *h, enum fb_operator what, uint32_t account_id)
{
	struct fb_log_operator entry = { .what = what, .account = account_id };
	uint32_t account = fb_book_account_index(h->book, account_id);
	bool one = what == FB_OPERATOR_BLOCK || what == FB_OPERATOR_UNBLOCK,
	     freezes = what == FB_OPERATOR_FREEZE || what == FB_OPERATOR_THAW;
	if (what < FB_OPERATOR_KILL || what > FB_OPERATOR_SETTLE || (one && account == FB_NONE) ||
	    (freezes && account_id >= h->rules->symbols) ||
	    (what == FB_OPERATOR_SETTLE && !can_settle(h, account_id)))
		return fb_error_set(h->error, -EINVAL,
				    "operator: expected kill, allow, resume, block or unblock of "
				    "an account there is, freeze or thaw of a symbol, or settle of "
				    "one where the pack has settlement; found %u, account or "
				    "symbol %u",
				    what, account_id);
	int err = fb_log_put(h->log, FB_LOG_OPERATOR, h->book->seq, &entry, sizeof(entry),
			     h->error);
	if (freezes)
		return err ? err
			   : fb_breakers_operator(h->conditions.breakers, (uint16_t)account_id,
						  what == FB_OPERATOR_FREEZE);
	if (one)
		h->book->account[account].blocked = what == FB_OPERATOR_BLOCK;
	else if (what == FB_OPERATOR_SETTLE)
		err = err ? err : operator_settles(h, account_id);
	else if (what != FB_OPERATOR_RESUME)
		fb_governor_kill(h->governor, what == FB_OPERATOR_KILL);
	else if (!err)
		err = explain(h, fb_waterfall_resume(h->waterfall));
	return err;
}

/* Dated contracts end at their instant, which is an input as every tick is. */
static int settle_expired(struct fb_host *h, int64_t time_us)
{
	int err = 0;
	if (h->rules->policy.settlement == FB_SETTLEMENT_NONE || !h->book->sealed)
		return 0;
	for (unsigned s = 0; s < h->rules->symbols && !err; s++) {
		int64_t expires_us = h->rules->symbol[s].expires_us;
		if (expires_us != 0 && time_us >= expires_us && h->book->symbol[s].defined)
			err = settle(h, (uint16_t)s);
	}
	return err;
}

int fb_host_time(struct fb_host *h, int64_t time_us)
{
	if (h->ticked)
		h->ticked(h->ticked_context, time_us);
	h->time_us = time_us;
	if (h->summary.ticks++ == 0)
		h->summary.from_us = time_us;
	h->summary.to_us = time_us;
	int err = fb_log_put(h->log, FB_LOG_TIME, h->book->seq + 1, &time_us, sizeof(time_us),
			     h->error);
	fb_governor_time(h->governor, time_us);
	h->rankings.left = h->rankings.most;
	if (!err)
		err = fb_conditions_time(h, time_us);
	if (!err)
		err = settle_expired(h, time_us);
	if (!err)
		err = explain(h, fb_waterfall_tick(h->waterfall, time_us));
	if (!err) /* what a settlement booked */
		err = end_events(h);
	return err ? err : fb_fault_time(h, time_us);
}

int fb_host_expect(struct fb_host *h, uint32_t account, uint32_t owner, const uint16_t *symbols,
		   size_t n)
{
	struct {
		uint32_t account, owner;
		uint16_t symbol[FB_ROWS_PER_ACCOUNT];
	} entry;
	assert(n <= FB_ROWS_PER_ACCOUNT);
	entry.account = account;
	entry.owner = owner;
	if (h->book->accounts < h->book->accounts_max)
		fb_waterfall_owner(h->waterfall, h->book->accounts, owner);
	if (n > 0)
		memcpy(entry.symbol, symbols, n * sizeof(*symbols));
	fb_engine_expect(h->engine.engine, account, symbols, n);
	if (h->check.engine)
		fb_engine_expect(h->check.engine, account, symbols, n);
	return fb_log_put(h->log, FB_LOG_EXPECT, h->book->seq + 1, &entry,
			  2 * sizeof(account) + n * sizeof(*symbols), h->error);
}

int fb_host_loaded(struct fb_host *h)
{
	uint32_t fund = fb_book_account_index(h->book, FB_ID_FUND);
	if (fund == FB_NONE)
		return fb_error_set(h->error, -EPROTO,
				    "loading ended without an account for the fund");
	if (h->confirm.everyone) /* those who came after that too */
		fb_confirm_host_judges_all(&h->confirm);
	fb_book_seal(h->book);
	fb_confirm_watch(&h->confirm, fund);
	uint32_t backstop = fb_book_account_index(h->book, FB_ID_BACKSTOP);
	if (backstop != FB_NONE)
		fb_confirm_watch(&h->confirm, backstop);
	h->summary.accounts = h->book->accounts;
	h->summary.positions = h->book->rows;
	for (unsigned i = 0; i < FB_SYMBOLS; i++)
		h->summary.symbols += h->book->symbol[i].defined;
	h->summary.fund_start_e8 = h->book->account[fund].collateral_e8;
	h->summary.fund_equity_min_e8 = h->summary.fund_equity_e8 = h->summary.fund_start_e8;
	h->summary.fund_collateral_e8 = h->summary.fund_start_e8;
	return fb_log_put(h->log, FB_LOG_LOADED, h->book->seq, NULL, 0, h->error);
}

int fb_host_drain(struct fb_host *h, unsigned n)
{
	int err = 0;
	while (!err && h->pendings > n)
		err = fb_host_observe(h);
	return err;
}

int fb_host_open(struct fb_host *h, const struct fb_rules *rules,
		 const struct fb_log_config *config, const struct fb_host_options *options,
		 struct fb_error *error)
{
	h->rules = rules;
	h->config = *config;
	h->error = error;
	/* Room for a record of every account in every batch in flight, and for rejects; or for one
	 * of every position. */
	size_t room = (size_t)(config->ahead + 2) * ((size_t)config->accounts + 4096) +
		      config->rows;
	char uri[FB_LINK_URI_ROOM];
	int err = fb_link_open(&h->engine, fb_link_uri(options->engine, config, uri), room,
			       options->delay_seed, error);
	if (!err && options->check)
		err = fb_link_open(&h->check, options->check, room, 0, error);
	if (err)
		return err;
	err = fb_book_open(config->accounts, config->rows, config->ahead, &h->book);
	if (!err)
		err = fb_conditions_open(&h->conditions, rules, fb_conditions_changed, h);
	/* A payment may change every row at every instant in flight. */
	if (!err && rules->funding.schedule != FB_FUNDING_NONE)
		err = fb_book_more_history(h->book,
					   (uint64_t)config->rows * (config->ahead + 2));
	h->sent = calloc(FB_SENT_MAX, sizeof(*h->sent));
	if (!err)
		err = fb_standby_open(h, options->standby);
	if (!h->sent || fb_sweep_open(&h->sweep, config->accounts) ||
	    fb_held_open(&h->held_accounts, config->accounts) ||
	    fb_rankings_open(&h->rankings, options->rank_check, config->rows))
		err = -ENOMEM;
	if (!err)
		err = fb_confirm_open(h->book, fb_waterfall_act_level(rules), &h->confirm);
	if (!err)
		err = fb_host_margin_open(h);
	h->confirm.keep_level = fb_waterfall_keep_level(rules);
	h->confirm.buffer_e7 = fb_waterfall_buffer(rules);
	if (!err)
		err = fb_waterfall_open(h->book, rules, config->epoch, &decided, h,
					&h->waterfall);
	struct fb_governor_caps allowed = caps_of(rules);
	fb_governor_worse(rules, &allowed);
	if (!err)
		h->waterfall->conditions = &h->conditions;
	if (!err)
		err = fb_governor_open(h->book, &allowed,
				       2 * config->rows + 2 * config->accounts + 8192,
				       &h->governor);
	if (err)
		return fb_error_set(error, err, "out of memory for %u accounts and %u positions",
				    config->accounts, config->rows);
	memcpy(h->summary.venue, rules->venue, sizeof(h->summary.venue));
	h->summary.checked = h->check.engine != NULL;
	return 0;
}

void fb_host_close(struct fb_host *h)
{
	fb_link_close(&h->engine);
	fb_link_close(&h->check);
	fb_standby_close(&h->standby);
	free(h->sent);
	fb_sweep_close(&h->sweep);
	fb_held_close(&h->held_accounts);
	fb_rankings_close(&h->rankings);
	fb_waterfall_close(h->waterfall);
	fb_conditions_close(&h->conditions);
	fb_governor_close(h->governor);
	fb_confirm_close(&h->confirm);
	fb_venue_judge_close(&h->judge);
	fb_book_close(h->book);
	fb_report_close(h->report);
	fb_log_close(h->log, NULL);
}
