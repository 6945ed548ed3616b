/* Commands out: applied to the book, written to the log, sent to the engines. See run_host.h. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "book_internal.h"
#include "run_concern.h"
#include "run_conditions.h"
#include "run_fault.h"
#include "run_host.h"
#include "waterfall_internal.h"

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
	fb_concern_sent(h, c);
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

const struct fb_waterfall_ops fb_host_decided = { .order = decided_order,
						  .command = booked_command,
						  .notice = decided_notice,
						  .watch = watch,
						  .soon = soon,
						  .decides = decides };

int fb_host_explain(struct fb_host *h, int err)
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
	return fb_host_explain(h, err);
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
		err = fb_host_explain(h, fb_waterfall_event(h->waterfall, &event[i]));
		if (!err && h->report)
			err = fb_host_explain(h, fb_report_event(h->report, at_us, &event[i]));
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
		err = fb_host_settle_expired(h, time_us);
	if (!err)
		err = fb_host_explain(h, fb_waterfall_tick(h->waterfall, time_us));
	if (!err) /* what a settlement booked */
		err = end_events(h);
	return err ? err : fb_fault_time(h, time_us);
}

int fb_host_drain(struct fb_host *h, unsigned n)
{
	int err = 0;
	while (!err && h->pendings > n)
		err = fb_host_observe(h);
	return err;
}
