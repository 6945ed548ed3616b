/* When the engine errs the run goes on: whoever it erred about is judged by the host from then on,
 * so that everyone has one judge at any time (P2). See <firebreak/log.h>, FAULT. Here one record
 * after the other is taken up; run_fault_observe.c looks for them in a batch. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "run_concern.h"
#include "run_fault.h"

/* The first that goes wrong is explained; the others are counted. record may be NULL: it should
 * have come. */
static void explain_first(struct fb_host *h, const union fb_record *record,
			  const union fb_record *expected)
{
	char found[320] = "no such record", book[320] = "";
	if (h->divergence.first != 0)
		return;
	if (record)
		fb_text_record(record, found, sizeof(found));
	if (expected)
		fb_text_record(expected, book, sizeof(book));
	struct fb_batch batch = h->pendings > 0 ? h->pending[h->pending_first]
						: (struct fb_batch){ .first = h->book->seq,
								     .last = h->book->seq };
	h->divergence.first = batch.first;
	h->divergence.last = batch.last;
	snprintf(h->divergence.text, sizeof(h->divergence.text), "engine: %s%s%s", found,
		 expected ? "\nbook  : " : "", book);
}

int fb_fault_impossible(struct fb_host *h, const union fb_record *record)
{
	char text[320];
	fb_text_record(record, text, sizeof(text));
	return fb_error_set(h->error, -EPROTO, "engine: %s: no such error can be taken up here",
			    text);
}

static int take_fault(struct fb_host *h, const union fb_record *record)
{
	const struct fb_rec_fault *f = &record->fault;
	if (f->fault == FB_FAULT_SEQUENCE)
		return fb_error_set(h->error, -EPROTO,
				    "engine: FAULT %u: expected command %llu, found %llu; what it "
				    "lost is unknown",
				    f->fault, (unsigned long long)f->expected_seq,
				    (unsigned long long)f->found_seq);
	bool one = (f->fault == FB_FAULT_ROW_PARITY || f->fault == FB_FAULT_ACCOUNT_PARITY) &&
		   f->lost == 0 && f->account != 0 &&
		   fb_book_account_index(h->book, f->account) != FB_NONE;
	h->alarms.memory_faults++;
	explain_first(h, record, NULL);
	if (one)
		fb_host_judges_id(h, f->account);
	else
		fb_host_judges_all(h);
	return 0;
}

/* While loading, what makes all that follows wrong is better mended than judged. */
static int refused_at_load(struct fb_host *h, const union fb_record *record)
{
	char text[320];
	fb_text_record(record, text, sizeof(text));
	bool full = record->reject.reason == FB_REJECT_FULL;
	return fb_error_set(h->error, -EPROTO,
			    "engine: refused a command that the book accepts: %s%s", text,
			    full ? ": the engine has no room for so many accounts or positions: "
				   "take one with more lanes, or fewer accounts"
				 : "");
}

static int take_reject(struct fb_host *h, const union fb_record *record)
{
	uint8_t op = record->reject.op;
	bool table = op == FB_OP_CLASS || op == FB_OP_LADDER || op == FB_OP_SYMBOL;
	if (h->pendings == 0)
		return fb_fault_impossible(h, record);
	if (!h->book->sealed && (table || record->reject.reason == FB_REJECT_FULL))
		return refused_at_load(h, record);
	h->alarms.rejects++;
	h->rejects_told++;
	explain_first(h, record, NULL);
	fb_host_judges_batch(h, &h->pending[h->pending_first]);
	return 0;
}

/* The sums over the account's rows as the book has them. */
static int expected_audit(const struct fb_host *h, uint32_t account, union fb_record *out)
{
	struct fb_view view;
	struct fb_sums sums;
	memset(out, 0, sizeof(*out));
	int err = fb_book_view(h->book, account, FB_NOW, &view);
	if (err)
		return err;
	fb_value_engine(h->book, &view, &sums);
	out->audit.kind = FB_REC_AUDIT;
	out->audit.account = h->book->account[account].id;
	out->audit.finding = FB_AUDIT_MISMATCH;
	out->audit.equity = fb_i128_of(sums.equity_e8 - view.collateral_e8);
	out->audit.mm = fb_i128_of(sums.mm_e15 - view.addend_e15);
	out->audit.bad_rows = (uint16_t)sums.bad_rows;
	return 0;
}

static int take_audit(struct fb_host *h, const union fb_record *record)
{
	uint32_t account = fb_book_account_index(h->book, record->audit.account);
	union fb_record expected;
	switch (record->audit.finding) {
	case FB_NO_SIGN_OF_LIFE:
		h->alarms.silences++;
		h->alive_us = h->time_us;
		return 0;
	case FB_AUDIT_KNOWN_ANSWER:
		h->alarms.known_answers++;
		explain_first(h, record, NULL);
		fb_host_judges_all(h);
		return 0;
	case FB_AUDIT_MISMATCH:
		h->alarms.mismatches++;
		if (account == FB_NONE || expected_audit(h, account, &expected)) {
			explain_first(h, record, NULL);
			fb_host_judges_all(h);
			return 0;
		}
		explain_first(h, record, &expected);
		fb_confirm_differs(&h->confirm, record, &expected);
		return 0;
	default: return fb_fault_impossible(h, record);
	}
}

static int take_level(struct fb_host *h, const union fb_record *record)
{
	union fb_record expected;
	if (h->pendings > 0)
		fb_held_observe(h, &h->pending[h->pending_first]);
	int equal = fb_confirm_compare(&h->confirm, record, FB_NONE, &expected);
	if (equal < 0)
		return fb_error_set(h->error, equal,
				    "record of command %llu: the book's history is too short",
				    (unsigned long long)record->header.seq);
	h->alarms.level_differences++;
	explain_first(h, record, &expected);
	fb_confirm_differs(&h->confirm, record, &expected);
	return 0;
}

/* The search after a sweep ended at this account. */
static int take_hash(struct fb_host *h, const union fb_record *record)
{
	h->alarms.lost_inputs++;
	explain_first(h, record, NULL);
	if (fb_book_account_index(h->book, record->header.account) == FB_NONE)
		fb_host_judges_all(h);
	else
		fb_host_judges_id(h, record->header.account);
	return 0;
}

/* A row of a ranking, wrong; key 0: it was left out. */
static int take_nominee(struct fb_host *h, const union fb_record *record)
{
	uint32_t row = fb_book_row_index(h->book, record->nominee.position);
	union fb_record expected;
	bool known = row != FB_NONE &&
		     fb_rankings_nominee(h, row, record->nominee.seq, &expected);
	h->summary.rank_differences++;
	h->rankings.doubted = true;
	explain_first(h, record->nominee.key ? record : NULL, known ? &expected : NULL);
	fb_host_judges_id(h, record->nominee.account);
	if (row != FB_NONE)
		fb_confirm_host_judges(&h->confirm, h->book->row[row].account);
	return 0;
}

/* Of a ranking: it names nobody. */
static int take_histogram(struct fb_host *h, const union fb_record *record)
{
	h->summary.rank_differences++;
	h->rankings.doubted = true;
	explain_first(h, record, h->rankings.wrong ? &h->rankings.histogram : NULL);
	return 0;
}

/* The engine's positions of the symbol, or their sum, are not the book's. */
static int take_funding(struct fb_host *h, const union fb_record *record)
{
	if (record->funding.symbol >= FB_SYMBOLS)
		return fb_fault_impossible(h, record);
	h->alarms.fundings++;
	explain_first(h, record->funding.rows ? record : NULL, NULL);
	fb_host_judges_symbol(h, record->funding.symbol, record->funding.seq);
	return 0;
}

static int take(struct fb_host *h, const union fb_record *record)
{
	switch (record->header.kind) {
	case FB_REC_FAULT: return take_fault(h, record);
	case FB_REC_REJECT: return take_reject(h, record);
	case FB_REC_AUDIT: return take_audit(h, record);
	case FB_REC_LEVEL: return take_level(h, record);
	case FB_REC_HASH: return take_hash(h, record);
	case FB_REC_FUNDING: return take_funding(h, record);
	case FB_REC_NOMINEE: return take_nominee(h, record);
	case FB_REC_RANK_HIST: return take_histogram(h, record);
	default: return fb_fault_impossible(h, record);
	}
}

int fb_host_fault(struct fb_host *h, const union fb_record *record)
{
	int err = take(h, record);
	return err ? err
		   : fb_log_put(h->log, FB_LOG_FAULT, h->book->seq, record, sizeof(*record),
				h->error);
}

int fb_fault_time(struct fb_host *h, int64_t time_us)
{
	union fb_record r = { .audit = { .seq = h->book->seq,
					 .kind = FB_REC_AUDIT,
					 .finding = FB_NO_SIGN_OF_LIFE } };
	struct fb_engine_info info;
	if (h->replaying || !h->sign_of_life || time_us - h->alive_us < FB_SILENCE_US)
		return 0;
	fb_engine_info(h->engine.engine, &info);
	return info.cycles > 0 && !info.own_clock ? 0 : fb_host_fault(h, &r);
}

uint64_t fb_fault_count(const struct fb_log_alarms *a)
{
	return a->rejects + a->memory_faults + a->mismatches + a->known_answers +
	       a->level_differences + a->lost_inputs + a->silences + a->fundings;
}
