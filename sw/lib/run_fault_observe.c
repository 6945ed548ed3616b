/* What a batch shows to be wrong, which is looked for whenever one is taken up: see run_fault.h. */
#include <errno.h>

#include "run_conditions.h"
#include "run_fault.h"

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
		if (audit && r->audit.finding == FB_NO_SIGN_OF_LIFE)
			err = fb_fault_impossible(h, r);
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
