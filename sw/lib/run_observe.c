/* Records in: a batch's result is taken up, compared, confirmed and decided on. See run_host.h. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/hash.h>

#include "run_conditions.h"
#include "run_fault.h"
#include "run_host.h"
#include "waterfall_internal.h"

/* As soon as the first records are there, memory is asked for all that will be looked at of their
 * accounts; meanwhile the batch is proven. */
static void fetch_first(struct fb_host *h, const union fb_record *record, size_t n)
{
	size_t first = fb_confirm_fetch_first(&h->confirm, record, n);
	for (size_t i = 0; i < first; i++) {
		uint32_t account = h->confirm.about[i];
		if (account == FB_NONE)
			continue;
		fb_waterfall_fetch(h->waterfall, account);
		fb_governor_fetch(h->governor, account);
	}
}

/* Whole batch, n records with BATCH_END last, in canonical order and proven against BATCH_END. */
static int take_up(struct fb_host *h, struct fb_link *link, const struct fb_batch *batch, size_t *n)
{
	int err = fb_link_wait(link, batch->last, n, h->error);
	while (err && link->dead && link == &h->engine && (err = fb_standby_take_over(h)) == 0)
		err = fb_link_wait(link, batch->last, n, h->error);
	if (err)
		return err;
	fetch_first(h, link->record, *n - 1);
	const struct fb_rec_batch_end *end = &link->record[*n - 1].batch_end;
	uint64_t digest = fb_confirm_digest(link->record, *n - 1);
	if (end->count != *n - 1 || end->digest != digest ||
	    end->commands != batch->last - batch->first + 1)
		return fb_error_set(h->error, -EPROTO,
				    "engine: batch of command %llu: BATCH_END says %u records, "
				    "digest %016llx, %u commands; "
				    "received %zu records, digest %016llx; sent %llu commands",
				    (unsigned long long)batch->last, end->count,
				    (unsigned long long)end->digest, end->commands, *n - 1,
				    (unsigned long long)digest,
				    (unsigned long long)(batch->last - batch->first + 1));
	fb_link_sort(link, *n - 1);
	return 0;
}

static void note_divergence(struct fb_host *h, const struct fb_batch *batch, const char *who,
			    const union fb_record *a, const char *than, const union fb_record *b)
{
	char first[320] = "no such record", second[320] = "no such record";
	if (h->divergence.first != 0)
		return;
	if (a)
		fb_text_record(a, first, sizeof(first));
	if (b)
		fb_text_record(b, second, sizeof(second));
	h->divergence.first = batch->first;
	h->divergence.last = batch->last;
	snprintf(h->divergence.text, sizeof(h->divergence.text), "%s: %s\n%s: %s", who, first, than,
		 second);
}

/* The second engine must give the same set. */
static int check(struct fb_host *h, const struct fb_batch *batch, size_t n)
{
	size_t m;
	int err = take_up(h, &h->check, batch, &m);
	if (err)
		return err;
	h->summary.check_batches++;
	const union fb_record *a = h->engine.record, *b = h->check.record;
	size_t i = 0;
	while (i < n && i < m && memcmp(&a[i], &b[i], sizeof(a[i])) == 0)
		i++;
	if (i < n || i < m) {
		h->summary.check_differences++;
		note_divergence(h, batch, "engine", i < n ? &a[i] : NULL, "check ",
				i < m ? &b[i] : NULL);
	}
	fb_link_take(&h->check, m);
	return 0;
}

static void sweep(struct fb_host *h, const struct fb_batch *batch, const union fb_record *found)
{
	union fb_record expected;
	bool differs = fb_sweep_take(h, found, &expected);
	if (h->sweep.span != 0)
		return;
	h->summary.sweeps++;
	h->summary.hash_accounts = found->hash.accounts_hash;
	h->summary.hash_rows = found->hash.rows_hash;
	h->summary.hash_symbols = found->hash.symbols_hash;
	if (!differs)
		return;
	h->summary.sweep_differences++;
	note_divergence(h, batch, "engine", found, "book  ", &expected);
}

static int confirm(struct fb_host *h, const struct fb_batch *batch, size_t n)
{
	/* BATCH_END is right behind them, and take_up() has proven what it says. */
	h->summary.records += n;
	h->summary.records_digest += h->engine.record[n].batch_end.digest;
	for (size_t i = h->taken; i < n; i++) {
		const union fb_record *r = &h->engine.record[i];
		fb_confirm_fetch_taken(&h->confirm);
		if (r->header.kind == FB_REC_HASH && h->pendings == 0)
			sweep(h, batch, r);
		h->summary.rank_nominees += r->header.kind == FB_REC_NOMINEE;
		if (r->header.kind != FB_REC_LEVEL)
			continue;
		if (r->level.level <= FB_LEVEL_FAULT)
			h->summary.level_records[r->level.level]++;
		int err = fb_confirm_take(&h->confirm, r);
		if (err == 1) { /* notices only; before loading is over there are none */
			uint32_t account = fb_book_account_index(h->book, r->level.account);
			err = h->book->sealed ? fb_waterfall_level(h->waterfall, account,
								   r->level.level)
					      : 0;
		}
		if (err)
			return err;
	}
	return 0;
}

static void sample(struct fb_host *h)
{
	struct fb_view view;
	struct fb_sums sums;
	const struct fb_waterfall_counts *counts = fb_waterfall_counts(h->waterfall);
	uint32_t fund = fb_book_account_index(h->book, FB_ID_FUND);
	int err = fb_book_view(h->book, fund, FB_NOW, &view);
	assert(err == 0);
	(void)err;
	fb_value_exact(h->book, &view, &sums);
	h->summary.waterfall = *counts;
	h->summary.fund_equity_e8 = sums.equity_e8;
	h->summary.fund_collateral_e8 = view.collateral_e8;
	if (sums.equity_e8 < h->summary.fund_equity_min_e8)
		h->summary.fund_equity_min_e8 = sums.equity_e8;
	if (!h->report)
		return;
	struct fb_report_sample point = {
		.time_us = h->time_us,
		.breaches = h->confirm.breaches,
		.liquidations = counts->liquidations,
		.takeovers = counts->takeovers,
		.pairs = counts->pairs,
		.fund_collateral_e8 = view.collateral_e8,
		.fund_equity_e8 = sums.equity_e8,
	};
	fb_report_sample(h->report, h->book, &point);
}

static int log_observation(struct fb_host *h, const struct fb_batch *batch, size_t n)
{
	const struct fb_rec_batch_end *end = &h->engine.record[n - 1].batch_end;
	struct fb_log_observe entry = { .digest = end->digest,
					.count = end->count,
					.rejects = h->rejects_told };
	/* Where the host judges nobody, records that were found equal need not be asked again. */
	bool all = h->confirm.host_judged == 0 && h->equal == n - 1;
	for (size_t i = 0; i + 1 < n && !all; i++)
		if (!fb_fault_believed(h, &h->engine.record[i])) {
			entry.digest -= fb_hash_word(&h->engine.record[i]);
			entry.count--;
		}
	h->rejects_told = 0;
	h->rankings.doubted = false;
	int err = fb_log_put(h->log, FB_LOG_OBSERVE, batch->last, &entry, sizeof(entry), h->error);
	if (err == -EBADMSG && h->replaying && h->divergence.first == 0) {
		h->divergence.first = batch->first;
		h->divergence.last = batch->last;
		snprintf(h->divergence.text, sizeof(h->divergence.text), "%s", h->error->text);
	}
	return err;
}

int fb_host_observe(struct fb_host *h)
{
	assert(h->pendings > 0);
	struct fb_batch batch = h->pending[h->pending_first];
	size_t n;
	/* While the driver proves the first record, memory is asked for whom it is about. */
	uint32_t ahead = fb_engine_ahead(h->engine.engine);
	if (ahead)
		fb_book_fetch_id(h->book, ahead);
	int err = take_up(h, &h->engine, &batch, &n);
	if (!err) {
		fb_held_observe(h, &batch);
		err = fb_fault_observe(h, &batch, n);
	}
	if (!err)
		err = log_observation(h, &batch, n);
	if (!err && h->check.engine)
		err = check(h, &batch, n);
	if (!err && h->report)
		err = fb_report_records(h->report, h->time_us, h->engine.record, n);
	if (err && h->report && !h->error->text[0])
		fb_report_explain(h->report, h->error);
	if (err)
		return err;
	h->pending_first = (h->pending_first + 1) % FB_BATCHES;
	h->pendings--;
	err = confirm(h, &batch, n - 1);
	fb_link_take(&h->engine, n);
	if (!err)
		err = fb_standby_taken(h, &batch);
	fb_book_forget(h->book, batch.last);
	if (!err && h->book->sealed)
		err = fb_host_decide(h, batch.op == FB_OP_MARKS || batch.op == FB_OP_FUNDING);
	if (!err && batch.op == FB_OP_MARKS)
		sample(h);
	if (!err)
		err = fb_host_rank(h);
	return err ? err : fb_log_relieve(h->log, h->error);
}

/* What accounts without positions owe, and what the houses' equity is below zero. */
static __int128 uncovered(const struct fb_host *h)
{
	__int128 sum = 0;
	for (uint32_t i = 0; i < h->book->accounts; i++) {
		const struct fb_book_account *a = &h->book->account[i];
		struct fb_view view;
		struct fb_sums sums;
		if (a->role == FB_ROLE_EXCLUDED || (a->role == FB_ROLE_USER && a->rows_live > 0) ||
		    fb_book_view(h->book, i, FB_NOW, &view))
			continue;
		fb_value_exact(h->book, &view, &sums);
		sum -= sums.equity_e8 < 0 ? sums.equity_e8 : 0;
	}
	return sum;
}

int fb_host_end(struct fb_host *h)
{
	struct fb_summary *s = &h->summary;
	struct fb_engine_info info;
	int err = fb_book_conserved_full(h->book, h->error);
	if (!err)
		err = fb_log_put(h->log, FB_LOG_END, h->book->seq, NULL, 0, h->error);
	if (err)
		return err;
	s->conserved = true;
	s->records_verified = h->confirm.verified;
	s->differences = h->alarms.level_differences;
	s->alarms = h->alarms;
	h->divergence.alarms = h->alarms;
	s->breaches = h->confirm.breaches;
	s->waited = h->confirm.waited;
	s->host_judged = h->confirm.host_judged;
	s->waterfall = *fb_waterfall_counts(h->waterfall);
	s->orders_open = fb_waterfall_open_orders(h->waterfall);
	fb_conditions_summary(h, s);
	s->uncovered_loss_e8 = uncovered(h);
	fb_engine_info(h->engine.engine, &info);
	memcpy(s->engine, info.uri, sizeof(s->engine));
	s->engine_cycles = info.cycles;
	s->spent = info.spent;
	s->engine_revaluations = info.row_revaluations;
	if (h->check.engine) {
		fb_engine_info(h->check.engine, &info);
		memcpy(s->check, info.uri, sizeof(s->check));
	}
	return 0;
}
