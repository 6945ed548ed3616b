/* Commands out: applied to the book, written to the log, sent to the engines. See run_host.h. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run_host.h"

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
		err = fb_link_submit(&h->engine, c, h->error);
	if (!err && h->check.engine)
		err = fb_link_submit(&h->check, c, h->error);
	if (err)
		return err;
	h->summary.commands++;
	if (c->header.op == FB_OP_MARKS)
		h->summary.marks += c->header.count;
	if (!more)
		end_batch(h, c->header.seq);
	return 0;
}

int fb_host_command(struct fb_host *h, union fb_command *c, bool more)
{
	assert(!h->holding);
	c->header.seq = h->book->seq + 1;
	int err = fb_book_apply(h->book, c, h->error);
	return err ? err : send(h, c, more);
}

/* A command of a decision. The book must know it at once; whether more follow shows only later,
 * so one is held back. */
static int decided_command(void *context, union fb_command *c)
{
	struct fb_host *h = context;
	c->header.seq = h->book->seq + 1;
	int err = fb_book_apply(h->book, c, h->error);
	if (!err && h->holding)
		err = send(h, &h->held, true);
	h->held = *c;
	h->holding = true;
	return err;
}

int fb_host_end_decision(struct fb_host *h)
{
	assert(h->holding);
	h->holding = false;
	return send(h, &h->held, false);
}

static int decided_order(void *context, const struct fb_order *order, const struct fb_ack *ack)
{
	struct fb_host *h = context;
	struct fb_log_order entry = {
		.id = order->id,
		.account = order->account,
		.position = order->position,
		.symbol = order->symbol,
		.verb = order->verb,
		.qty = order->qty,
		.ack_qty = ack->qty,
		.value_e8 = fb_i128_of(order->value_e8),
		.ack_value_e8 = fb_i128_of(ack->value_e8),
	};
	h->summary.orders++;
	int err = fb_log_put(h->log, FB_LOG_ORDER, order->id.sequence, &entry, sizeof(entry),
			     h->error);
	if (!err && h->report)
		err = fb_report_order(h->report, h->time_us, &entry);
	return err;
}

static const struct fb_liquidate_ops decided = { .order = decided_order,
						 .command = decided_command };

int fb_host_time(struct fb_host *h, int64_t time_us)
{
	h->time_us = time_us;
	if (h->summary.mark_batches++ == 0)
		h->summary.from_us = time_us;
	h->summary.to_us = time_us;
	return fb_log_put(h->log, FB_LOG_TIME, h->book->seq + 1, &time_us, sizeof(time_us),
			  h->error);
}

int fb_host_expect(struct fb_host *h, uint32_t account, const uint16_t *symbols, size_t n)
{
	struct {
		uint32_t account;
		uint16_t symbol[FB_ROWS_PER_ACCOUNT];
	} entry;
	assert(n <= FB_ROWS_PER_ACCOUNT);
	entry.account = account;
	if (n > 0)
		memcpy(entry.symbol, symbols, n * sizeof(*symbols));
	fb_engine_expect(h->engine.engine, account, symbols, n);
	if (h->check.engine)
		fb_engine_expect(h->check.engine, account, symbols, n);
	return fb_log_put(h->log, FB_LOG_EXPECT, h->book->seq + 1, &entry,
			  sizeof(account) + n * sizeof(*symbols), h->error);
}

int fb_host_fault(struct fb_host *h, const union fb_record *fault)
{
	uint32_t account = fb_book_account_index(h->book, fault->fault.account);
	if (fault->fault.fault == FB_FAULT_SEQUENCE || account == FB_NONE)
		return fb_error_set(h->error, -EPROTO,
				    "engine: FAULT %u: expected command %llu, found %llu; what it "
				    "lost is unknown",
				    fault->fault.fault,
				    (unsigned long long)fault->fault.expected_seq,
				    (unsigned long long)fault->fault.found_seq);
	fb_confirm_host_judges(&h->confirm, account);
	return fb_log_put(h->log, FB_LOG_FAULT, h->book->seq, fault, sizeof(*fault), h->error);
}

int fb_host_loaded(struct fb_host *h)
{
	uint32_t fund = fb_book_account_index(h->book, FB_ID_FUND);
	if (fund == FB_NONE)
		return fb_error_set(h->error, -EPROTO,
				    "loading ended without an account for the fund");
	fb_book_seal(h->book);
	h->summary.accounts = h->book->accounts;
	h->summary.positions = h->book->rows;
	for (unsigned i = 0; i < FB_SYMBOLS; i++)
		h->summary.symbols += h->book->symbol[i].defined;
	h->summary.fund_start_e8 = h->book->account[fund].collateral_e8;
	h->summary.fund_equity_min_e8 = h->summary.fund_equity_e8 = h->summary.fund_start_e8;
	h->summary.fund_collateral_e8 = h->summary.fund_start_e8;
	return fb_log_put(h->log, FB_LOG_LOADED, h->book->seq, NULL, 0, h->error);
}

int fb_host_sweep(struct fb_host *h)
{
	union fb_command c;
	memset(&c, 0, sizeof(c));
	c.header.op = FB_OP_HASH;
	int err = fb_host_drain(h, 0);
	if (!err)
		err = fb_host_command(h, &c, false);
	return err ? err : fb_host_drain(h, 0);
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
	/* Room for a record of every account in every batch in flight, and for rejects. */
	size_t room = (size_t)(config->ahead + 2) * ((size_t)config->accounts + 4096);
	int err = fb_link_open(&h->engine, options->engine, room, options->delay_seed, error);
	if (!err && options->check)
		err = fb_link_open(&h->check, options->check, room, 0, error);
	if (err)
		return err;
	err = fb_book_open(config->accounts, config->rows, config->ahead, &h->book);
	if (!err)
		err = fb_confirm_open(h->book, rules->liquidate_level, &h->confirm);
	if (err)
		return fb_error_set(error, err, "out of memory for %u accounts and %u positions",
				    config->accounts, config->rows);
	fb_gateway_instant(&h->gateway, h->book);
	h->liquidate = (struct fb_liquidate){
		.book = h->book,
		.gateway = &h->gateway,
		.ops = &decided,
		.context = h,
		.epoch = config->epoch,
		.taker_fee_e7 = rules->taker_fee_e7,
		.liquidation_fee_e7 = rules->liquidation_fee_e7,
	};
	memcpy(h->summary.venue, rules->venue, sizeof(h->summary.venue));
	h->summary.checked = h->check.engine != NULL;
	return 0;
}

void fb_host_close(struct fb_host *h)
{
	fb_link_close(&h->engine);
	fb_link_close(&h->check);
	fb_confirm_close(&h->confirm);
	fb_book_close(h->book);
	fb_report_close(h->report);
	fb_log_close(h->log, NULL);
}
