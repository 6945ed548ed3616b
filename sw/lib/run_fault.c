/* When the engine errs the run goes on: whoever it erred about is judged by the host from then on,
 * so that everyone has one judge at any time (P2). See <firebreak/log.h>, FAULT.
 *
 * Where a record does not say whom it is about, all are: an account too many on the host's list
 * costs time, one too few may cost the fund. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run_conditions.h"
#include "run_fault.h"

/* ---- whom a batch concerns ---- */

static void subject(struct fb_host *h, uint64_t seq, enum fb_concern what, uint32_t id)
{
	h->sent[h->sents++ % FB_SENT_MAX] =
		(struct fb_sent){ .seq = seq, .what = (uint8_t)what, .id = id };
}

void fb_fault_sent(struct fb_host *h, const union fb_command *c)
{
	uint64_t seq = c->header.seq;
	switch (c->header.op) {
	case FB_OP_MARKS:
		for (unsigned i = 0; i < c->marks.count; i++)
			subject(h, seq, FB_CONCERNS_SYMBOL, c->marks.mark[i] & 0xfff);
		break;
	case FB_OP_SYMBOL: subject(h, seq, FB_CONCERNS_SYMBOL, c->symbol.symbol); break;
	case FB_OP_FUNDING: subject(h, seq, FB_CONCERNS_SYMBOL, c->funding.symbol); break;
	case FB_OP_POSITION:
	case FB_OP_FILL:
	case FB_OP_ACCOUNT:
	case FB_OP_COLLATERAL:
		subject(h, seq, FB_CONCERNS_ACCOUNT, c->header.account);
		break;
	case FB_OP_CLASS:
	case FB_OP_LADDER: subject(h, seq, FB_CONCERNS_ALL, 0); break;
	default: break; /* questions: about nobody */
	}
}

static void host_judges_all(struct fb_host *h)
{
	h->alarms.everyone++;
	fb_confirm_host_judges_all(&h->confirm);
}

static void host_judges_id(struct fb_host *h, uint32_t id)
{
	uint32_t account = fb_book_account_index(h->book, id);
	if (account != FB_NONE)
		fb_confirm_host_judges(&h->confirm, account);
}

/* A row that is gone may have been there when the command was refused. */
static void host_judges_symbol(struct fb_host *h, uint32_t symbol, uint64_t since)
{
	for (uint32_t i = 0; i < h->book->rows; i++) {
		const struct fb_book_row *row = &h->book->row[i];
		if (row->symbol == symbol && (row->live || row->changed >= since))
			fb_confirm_host_judges(&h->confirm, row->account);
	}
}

static void host_judges_batch(struct fb_host *h, const struct fb_batch *batch)
{
	uint64_t kept = h->sents < FB_SENT_MAX ? h->sents : FB_SENT_MAX;
	if (kept == FB_SENT_MAX && h->sent[h->sents % FB_SENT_MAX].seq >= batch->first) {
		host_judges_all(h);
		return;
	}
	for (uint64_t i = 1; i <= kept; i++) {
		const struct fb_sent *s = &h->sent[(h->sents - i) % FB_SENT_MAX];
		if (s->seq < batch->first)
			return;
		if (s->seq > batch->last)
			continue;
		if (s->what == FB_CONCERNS_SYMBOL)
			host_judges_symbol(h, s->id, batch->first);
		else if (s->what == FB_CONCERNS_ACCOUNT)
			host_judges_id(h, s->id);
		else
			host_judges_all(h);
	}
}

/* ---- one record ---- */

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

static int impossible(struct fb_host *h, const union fb_record *record)
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
		host_judges_id(h, f->account);
	else
		host_judges_all(h);
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
		return impossible(h, record);
	if (!h->book->sealed && (table || record->reject.reason == FB_REJECT_FULL))
		return refused_at_load(h, record);
	h->alarms.rejects++;
	h->rejects_told++;
	explain_first(h, record, NULL);
	host_judges_batch(h, &h->pending[h->pending_first]);
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

#define NO_SIGN_OF_LIFE 0 /* in place of a finding; the host's, no engine may say this */

static int take_audit(struct fb_host *h, const union fb_record *record)
{
	uint32_t account = fb_book_account_index(h->book, record->audit.account);
	union fb_record expected;
	switch (record->audit.finding) {
	case NO_SIGN_OF_LIFE:
		h->alarms.silences++;
		h->alive_us = h->time_us;
		return 0;
	case FB_AUDIT_KNOWN_ANSWER:
		h->alarms.known_answers++;
		explain_first(h, record, NULL);
		host_judges_all(h);
		return 0;
	case FB_AUDIT_MISMATCH:
		h->alarms.mismatches++;
		if (account == FB_NONE || expected_audit(h, account, &expected)) {
			explain_first(h, record, NULL);
			host_judges_all(h);
			return 0;
		}
		explain_first(h, record, &expected);
		fb_confirm_differs(&h->confirm, record, &expected);
		return 0;
	default: return impossible(h, record);
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
		host_judges_all(h);
	else
		host_judges_id(h, record->header.account);
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
	host_judges_id(h, record->nominee.account);
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
		return impossible(h, record);
	h->alarms.fundings++;
	explain_first(h, record->funding.rows ? record : NULL, NULL);
	host_judges_symbol(h, record->funding.symbol, record->funding.seq);
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
	default: return impossible(h, record);
	}
}

int fb_host_fault(struct fb_host *h, const union fb_record *record)
{
	int err = take(h, record);
	return err ? err
		   : fb_log_put(h->log, FB_LOG_FAULT, h->book->seq, record, sizeof(*record),
				h->error);
}

/* ---- all that a batch shows ---- */

/* What is known already is not told again: a damaged row is met at each mark of its symbol. */
static bool is_news(const struct fb_host *h, const union fb_record *record)
{
	uint32_t account = fb_book_account_index(h->book, record->header.account);
	bool sequence = record->header.kind == FB_REC_FAULT &&
			record->fault.fault == FB_FAULT_SEQUENCE;
	if (sequence)
		return true;
	if (h->confirm.everyone)
		return false;
	bool others = record->header.kind == FB_REC_FAULT && record->fault.lost > 0;
	return others || account == FB_NONE || !h->book->account[account].host_judged;
}

/* Nothing follows from it, and how many come depends on the engine's clock: it is no input. That
 * one does not come in time is. */
static void take_sign_of_life(struct fb_host *h)
{
	h->summary.engine_rotations++;
	h->sign_of_life = true;
	h->alive_us = h->time_us;
}

static int observe_service(struct fb_host *h)
{
	struct fb_link *link = &h->engine;
	int err = 0;
	if (h->replaying) {
		link->faults = 0;
		return 0;
	}
	if (link->overflow && link->faults > 0)
		link->fault[link->faults - 1] = (union fb_record){
			.fault = { .kind = FB_REC_FAULT, .fault = FB_FAULT_TABLE_PARITY }
		};
	for (unsigned i = 0; i < link->faults && !err; i++) {
		const union fb_record *r = &link->fault[i];
		bool audit = r->header.kind == FB_REC_AUDIT;
		if (audit && r->audit.finding == NO_SIGN_OF_LIFE)
			err = impossible(h, r);
		else if (audit && r->audit.finding == FB_AUDIT_ROTATION)
			take_sign_of_life(h);
		else if (is_news(h, r))
			err = fb_host_fault(h, r);
	}
	link->faults = 0;
	link->overflow = false;
	return err;
}

static int observe_rejects(struct fb_host *h, const struct fb_batch *batch, size_t n)
{
	const union fb_record *record = h->engine.record;
	uint32_t rejects = record[n - 1].batch_end.rejects, found = 0;
	int err = 0;
	for (size_t i = 0; i + 1 < n; i++)
		found += record[i].header.kind == FB_REC_REJECT;
	if (found != rejects)
		return fb_error_set(h->error, -EPROTO,
				    "engine: batch of command %llu: BATCH_END says %u rejects, "
				    "found %u REJECT records",
				    (unsigned long long)batch->last, rejects, found);
	if (h->replaying)
		return rejects > 0 && h->rejects_told == 0
			       ? fb_error_set(h->error, -EBADMSG,
					      "first divergence at sequence %llu: logged: no "
					      "reject; now: %u",
					      (unsigned long long)batch->last, rejects)
			       : 0;
	for (size_t i = 0; i + 1 < n && !err; i++)
		if (record[i].header.kind == FB_REC_REJECT)
			err = fb_host_fault(h, &record[i]);
	return err;
}

/* Two levels of one account in one batch: the batch says one of them too many. */
static bool again(const union fb_record *record, size_t i)
{
	return i > 0 && record[i - 1].header.kind == FB_REC_LEVEL &&
	       record[i - 1].header.account == record[i].header.account;
}

/* May records of this batch be taken over one by one as they are found equal, while the account is
 * near? What else the batch may show must concern no account but its own: a wrong LEVEL does not.
 * A replay takes FAULTs up before the records, so nothing else may come between. */
static bool one_by_one(const struct fb_host *h)
{
	return !h->engine.others && !h->rankings.asked &&
	       h->conditions.dues_seen == h->conditions.dues;
}

/* The ith, which is equal: the rules act at its level, so it neither is a notice nor makes the host
 * judge anybody; and no other is about the same account. */
static bool acts(const struct fb_host *h, const union fb_record *record, size_t i, size_t n)
{
	bool alone = i + 1 == n || record[i + 1].header.account != record[i].header.account;
	return alone && record[i].level.level >= h->confirm.act_level &&
	       record[i].level.level < FB_LEVEL_FAULT;
}

static int take_over(struct fb_host *h, const union fb_record *record)
{
	h->taken++;
	h->summary.level_records[record->level.level]++;
	return fb_confirm_take(&h->confirm, record);
}

/* Of n records that are not BATCH_END. In a replay a difference that is not told shows in what
 * OBSERVE covers. */
static int observe_levels(struct fb_host *h, size_t n)
{
	const union fb_record *record = h->engine.record;
	union fb_record expected;
	bool early = one_by_one(h);
	int err = 0;
	h->equal = h->taken = 0;
	for (size_t i = 0; i < n && !err && !h->replaying; i++) {
		uint32_t about = fb_confirm_fetch(&h->confirm, record, i, n);
		if (record[i].header.kind != FB_REC_LEVEL)
			continue;
		int equal = fb_confirm_compare(&h->confirm, &record[i], about, &expected);
		h->equal += equal > 0;
		if (equal <= 0 || (again(record, i) && is_news(h, &record[i])))
			err = fb_host_fault(h, &record[i]);
		else if (early && h->taken == i && acts(h, record, i, n))
			err = take_over(h, &record[i]);
	}
	return err;
}

int fb_fault_observe(struct fb_host *h, const struct fb_batch *batch, size_t n)
{
	const struct fb_link *link = &h->engine;
	int err = 0;
	if (link->faults > 0 || link->overflow)
		err = observe_service(h);
	if (!err && (link->others || link->record[n - 1].batch_end.rejects > 0))
		err = observe_rejects(h, batch, n);
	if (!err)
		err = observe_levels(h, n - 1);
	if (!err && h->conditions.dues_seen < h->conditions.dues)
		err = fb_conditions_observe(h, batch, n);
	return !err && h->rankings.asked ? fb_rankings_observe(h, n) : err;
}

bool fb_fault_believed(const struct fb_host *h, const union fb_record *record)
{
	uint32_t account;
	bool answer = !h->rankings.doubted && h->rejects_told == 0;
	switch (record->header.kind) {
	case FB_REC_REJECT:
	case FB_REC_HASH: return false;
	case FB_REC_RANK_HIST: return answer && h->confirm.host_judged == 0;
	case FB_REC_FUNDING: return h->confirm.host_judged == 0;
	case FB_REC_NOMINEE:
		if (!answer)
			return false;
		/* fall through */
	case FB_REC_LEVEL:
		account = fb_book_account_index(h->book, record->header.account);
		return account != FB_NONE && !h->book->account[account].host_judged;
	default: return true;
	}
}

int fb_fault_time(struct fb_host *h, int64_t time_us)
{
	union fb_record r = { .audit = { .seq = h->book->seq,
					 .kind = FB_REC_AUDIT,
					 .finding = NO_SIGN_OF_LIFE } };
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
