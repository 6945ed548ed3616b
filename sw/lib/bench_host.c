/* See bench_host.h. */
#include "bench_host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ACT_LEVEL 2 /* the workload's second threshold: MM is more than equity */

static uint64_t now(const struct fb_bench_host *h)
{
	return fb_bench_ticks(h->clock);
}

static uint64_t cycles(const struct fb_bench_host *h)
{
	struct fb_engine_info info;
	fb_engine_info(h->engine, &info);
	return info.cycles;
}

static int engine_failed(struct fb_bench_host *h, int err)
{
	struct fb_engine_info info;
	fb_engine_info(h->engine, &info);
	return fb_error_set(h->error, err, "bench: the engine failed after %llu commands: %s",
			    (unsigned long long)h->book->seq,
			    *info.why ? info.why : strerror(-err));
}

/* ---- what the engine says ---- */

/* Returns 1 at the end of a batch. */
static int look_at(struct fb_bench_host *h, const union fb_record *record)
{
	switch (record->header.kind) {
	case FB_REC_REJECT:
		return fb_error_set(h->error, -EPROTO,
				    "bench: the engine refused command %llu (reason %u); its room "
				    "is too small for the workload, or this is a bug",
				    (unsigned long long)record->header.seq, record->reject.reason);
	case FB_REC_FAULT:
		return fb_error_set(h->error, -EIO, "bench: the engine reports a fault, kind %u",
				    record->fault.fault);
	case FB_REC_BATCH_END: h->digest += record->batch_end.digest; return 1;
	default: return 0;
	}
}

/* One poll. A simulated engine is asked for one record at a time, to know the cycle of each. 1: the
 * batch has ended. */
static int take_some(struct fb_bench_host *h, struct fb_bench_stamps *s, int *idle)
{
	size_t room = h->simulated ? 1 : h->room - h->records;
	if (h->records == h->room)
		return fb_error_set(h->error, -ENOBUFS, "bench: more than %zu records in a batch",
				    h->room);
	int ended = 0, n = fb_engine_poll(h->engine, h->record + h->records, room, idle);
	if (n < 0)
		return engine_failed(h, n);
	for (int k = 0; k < n && ended >= 0; k++) {
		int one = look_at(h, &h->record[h->records++]);
		ended = one ? one : ended;
	}
	if (h->simulated && n > 0) {
		s->cycles_last = cycles(h);
		s->cycles_first = s->cycles_first ? s->cycles_first : s->cycles_last;
	}
	return ended;
}

int fb_bench_host_exchange(struct fb_bench_host *h, struct fb_bench_stamps *s)
{
	uint64_t began = h->simulated ? cycles(h) : 0;
	int ended = 0, idle = 0, err;
	s->cycles_first = 0;
	h->records = 0;
	for (unsigned k = 0; k < h->words; k++)
		while ((err = fb_engine_submit(h->engine, &h->word[k])) != 0) {
			if (err != -EAGAIN)
				return engine_failed(h, err);
			if ((ended = take_some(h, s, &idle)) < 0)
				return ended;
		}
	while (ended == 0 && (ended = take_some(h, s, &idle)) == 0)
		if (idle)
			return fb_error_set(h->error, -EPROTO,
					    "bench: the engine is idle, but the batch of command "
					    "%llu has not ended",
					    (unsigned long long)h->book->seq);
	if (h->simulated && ended == 1) {
		s->cycles_first -= began;
		s->cycles_last -= began;
	}
	h->commands += h->words;
	h->all_records += h->records;
	h->trips++;
	h->words = 0;
	return ended < 0 ? ended : 0;
}

int fb_bench_host_give(void *context, union fb_command *command)
{
	struct fb_bench_host *h = context;
	command->header.seq = h->book->seq + 1;
	int err = fb_book_apply(h->book, command, h->error);
	if (!err && h->words == FB_BENCH_WORDS)
		err = fb_error_set(h->error, -ENOBUFS, "bench: a batch of too many commands");
	if (!err)
		h->word[h->words++] = *command;
	return err;
}

/* ---- confirmation and orders ---- */

/* As fb_fault_observe does, what the next records are about is fetched ahead. */
static int confirm(struct fb_bench_host *h)
{
	struct fb_confirm *c = &h->confirm;
	union fb_record expected;
	for (size_t k = 0; k < h->records; k++) {
		const union fb_record *record = &h->record[k];
		uint32_t about = fb_confirm_fetch(c, record, k, h->records);
		if (record->header.kind != FB_REC_LEVEL)
			continue;
		int err = fb_confirm_compare(c, record, about, &expected);
		if (err == 0)
			fb_confirm_differs(c, record, &expected);
		if (err >= 0)
			err = fb_confirm_take(c, record);
		if (err < 0)
			return fb_error_set(h->error, err, "bench: a record is too old to confirm");
	}
	if (h->confirm.differences > 0)
		return fb_error_set(h->error, -EILSEQ,
				    "bench: a wrong answer: a record of account %u is not what the "
				    "book computes",
				    h->confirm.difference[0].found.header.account);
	return fb_confirm_judge(&h->confirm, false);
}

static int send_order(struct fb_bench_host *h, uint32_t account, enum fb_verb verb)
{
	struct fb_order *o = &h->gateway[h->orders];
	*o = (struct fb_order){ .id = { .sequence = h->book->seq, .index = h->orders + 1 },
				.account = h->book->account[account].id,
				.verb = (uint8_t)verb };
	enum fb_refusal refusal = fb_governor_check(h->governor, o);
	if (refusal)
		return fb_error_set(h->error, -EPROTO, "bench: the governor refused: %s",
				    fb_refusal_name(refusal));
	h->orders++;
	h->held[account] = verb == FB_VERB_HOLD;
	return 0;
}

int fb_bench_host_settle(struct fb_bench_host *h)
{
	struct fb_bench_stamps unused = { 0 };
	int err = fb_bench_host_exchange(h, &unused);
	if (!err)
		err = confirm(h);
	fb_confirm_tidy(&h->confirm);
	fb_book_forget(h->book, h->book->seq);
	return err;
}

/* In canonical order, as judged: HOLD who breaches, RELEASE who no longer does. */
static int orders(struct fb_bench_host *h)
{
	int err = 0;
	h->orders = 0;
	for (uint32_t k = 0; k < h->confirm.judgements && !err; k++) {
		const struct fb_judged *j = &h->confirm.judged[k];
		if (k + FB_CONFIRM_AHEAD < h->confirm.judgements)
			fb_governor_fetch(h->governor, j[FB_CONFIRM_AHEAD].account);
		enum fb_confirmed found = fb_confirm_found(&h->confirm, j);
		bool breach = found != FB_CONFIRMED_NONE;
		fb_governor_confirmed(h->governor, j->account, found);
		if (breach != h->held[j->account])
			err = send_order(h, j->account, breach ? FB_VERB_HOLD : FB_VERB_RELEASE);
	}
	return err;
}

int fb_bench_host_do(struct fb_bench_host *h, uint64_t i, struct fb_bench_stamps *s)
{
	*s = (struct fb_bench_stamps){ .taken = now(h), .counts = true };
	h->digest = h->commands = h->all_records = h->trips = 0;
	h->orders = 0;
	if (fb_bench_is_rank(h->what))
		return fb_bench_rank(h, s);
	int err = fb_bench_op(h, i, &s->counts);
	s->emitted = now(h);
	if (!err)
		err = fb_bench_host_exchange(h, s);
	s->seen = now(h);
	s->engine = s->seen - s->emitted;
	if (err || !h->what->work->levels)
		return err;
	err = confirm(h);
	s->confirmed = now(h);
	if (!err)
		err = orders(h);
	s->out = now(h);
	return err;
}

int fb_bench_host_after(struct fb_bench_host *h, uint64_t i)
{
	for (uint32_t k = 0; k < h->orders; k++) {
		const struct fb_order *o = &h->gateway[k];
		struct fb_event done = { .id = o->id,
					 .account = o->account,
					 .kind = FB_EVENT_DONE,
					 .verb = o->verb };
		fb_governor_event(h->governor, &done);
	}
	int err = h->what->work->levels ? 0 : confirm(h); /* of fills: hardly ever any */
	if (err)
		return err;
	fb_confirm_tidy(&h->confirm);
	fb_book_forget(h->book, h->book->seq);
	if (!fb_bench_is_rank(h->what))
		return 0;
	/* Rankings of an unchanged book would be answered from memory. */
	err = fb_workload_mark(h->work, 0, 1000000 + (uint32_t)(i % 3), fb_bench_host_give, h);
	return err ? err : fb_bench_host_settle(h);
}

int fb_bench_host_undo(struct fb_bench_host *h, uint64_t n)
{
	struct fb_bench_stamps unused = { 0 };
	int err = fb_bench_op_undo(h, n);
	if (!err && h->words > 0)
		err = fb_bench_host_exchange(h, &unused);
	if (!err && h->what->work->levels)
		err = confirm(h);
	if (!err && h->what->work->levels)
		err = orders(h);
	return err ? err : fb_bench_host_after(h, 0);
}

int fb_bench_host_hash(struct fb_bench_host *h, struct fb_bench_state *out)
{
	union fb_command hash = { .hash = { .op = FB_OP_HASH } };
	struct fb_bench_stamps unused = { 0 };
	struct fb_rec_hash expected;
	int err = fb_bench_host_give(h, &hash);
	if (!err)
		err = fb_bench_host_exchange(h, &unused);
	if (err)
		return err;
	const union fb_record *found = NULL;
	for (size_t k = 0; k < h->records; k++)
		if (h->record[k].header.kind == FB_REC_HASH)
			found = &h->record[k];
	fb_book_hash(h->book, &expected);
	if (!found)
		return fb_error_set(h->error, -EPROTO, "bench: HASH has no answer");
	*out = (struct fb_bench_state){ found->hash.accounts_hash, found->hash.rows_hash,
					found->hash.symbols_hash };
	if (out->accounts == expected.accounts_hash && out->rows == expected.rows_hash &&
	    out->symbols == expected.symbols_hash)
		return 0;
	return fb_error_set(h->error, -EILSEQ,
			    "bench: a wrong answer: the engine's state is not the book's (%s)",
			    out->rows != expected.rows_hash	    ? "positions"
			    : out->accounts != expected.accounts_hash ? "accounts"
								      : "symbols");
}

/* ---- opening ---- */

/* A hint for engines with lanes: the rows that the account will have. */
static void expect(struct fb_bench_host *h, uint32_t account)
{
	uint16_t symbol[FB_ROWS_PER_ACCOUNT];
	const struct fb_workload *w = h->work;
	size_t n = 0;
	while (h->cursor < w->shape.rows && w->row[h->cursor].account == account - 1)
		symbol[n++] = w->row[h->cursor++].symbol;
	fb_engine_expect(h->engine, account, symbol, n);
}

static int load(void *context, union fb_command *command)
{
	struct fb_bench_host *h = context;
	struct fb_bench_stamps unused = { 0 };
	if (command->header.op == FB_OP_ACCOUNT)
		expect(h, command->account.account);
	int err = fb_bench_host_give(h, command);
	if (!err && !(command->header.flags & FB_FLAG_MORE))
		err = fb_bench_host_exchange(h, &unused);
	return err;
}

static int make_room(struct fb_bench_host *h)
{
	const struct fb_workload *w = h->work;
	uint32_t accounts = w->accounts, rows = w->shape.rows;
	/* Caps of 0 are none: this is about time. */
	static const struct fb_governor_caps caps = { 0 };
	h->room = (size_t)(fb_bench_is_rank(h->what) ? rows : accounts) + 4096;
	h->record = malloc(h->room * sizeof(*h->record));
	h->gateway = malloc((size_t)(accounts + 1) * sizeof(*h->gateway));
	h->held = calloc((size_t)accounts + 1, sizeof(*h->held));
	int err = h->record && h->gateway && h->held ? 0 : -ENOMEM;
	if (!err)
		err = fb_book_open(accounts, rows, 1, &h->book);
	if (!err)
		err = fb_confirm_open(h->book, ACT_LEVEL, &h->confirm);
	if (!err)
		err = fb_governor_open(h->book, &caps, accounts + 16, &h->governor);
	if (!err && fb_bench_is_rank(h->what))
		err = fb_bench_rank_open(h);
	return err ? fb_error_set(h->error, err,
				  "bench: out of memory for a book of %u positions; choose fewer "
				  "with --rows",
				  rows)
		   : 0;
}

int fb_bench_host_open(struct fb_bench_host *h)
{
	int err = make_room(h);
	if (!err)
		err = fb_workload_load(h->work, load, h);
	if (!err)
		fb_book_seal(h->book);
	return err;
}

void fb_bench_host_close(struct fb_bench_host *h)
{
	fb_ranker_close(h->ranker);
	fb_governor_close(h->governor);
	fb_confirm_close(&h->confirm);
	fb_book_close(h->book);
	free(h->record);
	free(h->gateway);
	free(h->held);
}
