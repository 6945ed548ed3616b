/* Answers to RANK against the book: see run_rank.h. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "rank_internal.h"
#include "run_host.h"
#include "waterfall_internal.h"

#define PER_RECORD 3 /* buckets */
#define HISTOGRAM_RECORDS ((FB_RANK_BUCKETS + PER_RECORD - 1) / PER_RECORD)

static bool judged_by_host(const struct fb_host *h, uint32_t account)
{
	return account != FB_NONE && h->book->account[account].host_judged;
}

static int tell(struct fb_host *h, const union fb_record *record)
{
	h->rankings.wrong = true;
	return fb_host_fault(h, record);
}

static union fb_record nominee(const struct fb_rank_row *row, uint64_t seq)
{
	union fb_record r;
	memset(&r, 0, sizeof(r));
	r.nominee.seq = seq;
	r.nominee.kind = FB_REC_NOMINEE;
	r.nominee.account = row->account;
	r.nominee.position = row->position;
	r.nominee.key = row->key;
	r.nominee.qty = row->qty;
	r.nominee.entry = row->entry_e8;
	r.nominee.equity = fb_i128_of(row->equity_e8);
	return r;
}

bool fb_rankings_nominee(const struct fb_host *h, uint32_t row, uint64_t seq, union fb_record *out)
{
	struct fb_rank_row rank;
	if (fb_rank_row(h->book, row, h->rules->liquidate_level, &rank) || rank.excluded ||
	    rank.qty == 0)
		return false;
	rank.key = fb_rank_key(&h->waterfall->order.formula[rank.qty < 0], &rank);
	*out = nominee(&rank, seq);
	return true;
}

/* ---- histograms ---- */

static bool in_range(const struct fb_cmd_rank *c, uint32_t key)
{
	return key >= c->from && key < c->cursor_key;
}

static void count(const struct fb_rankings *k, union fb_record book[HISTOGRAM_RECORDS])
{
	const struct fb_cmd_rank *c = &k->command.rank;
	memset(book, 0, HISTOGRAM_RECORDS * sizeof(*book));
	for (unsigned i = 0; i < HISTOGRAM_RECORDS; i++) {
		book[i].rank_hist.seq = c->seq;
		book[i].rank_hist.kind = FB_REC_RANK_HIST;
		book[i].rank_hist.first = (uint16_t)(PER_RECORD * i);
	}
	for (uint32_t i = 0; i < k->rows; i++) {
		const struct fb_rank_row *row = &k->row[i].rank;
		if (!in_range(c, row->key))
			continue;
		uint32_t bucket = (row->key - c->from) >> c->zoom;
		bucket = bucket < FB_RANK_BUCKETS ? bucket : FB_RANK_BUCKETS - 1;
		struct fb_rec_rank_hist *r = &book[bucket / PER_RECORD].rank_hist;
		uint64_t lots = (uint64_t)(row->qty < 0 ? -row->qty : row->qty),
			 *qty = &r->qty[bucket % PER_RECORD];
		r->rows[bucket % PER_RECORD]++;
		*qty = lots > UINT64_MAX - *qty ? UINT64_MAX : *qty + lots;
	}
}

static bool is_empty(const struct fb_rec_rank_hist *r)
{
	return r->rows[0] == 0 && r->rows[1] == 0 && r->rows[2] == 0;
}

/* The keys of a record's buckets belong to what is searched. */
static void widen(struct fb_rankings *k, unsigned slot)
{
	const struct fb_cmd_rank *c = &k->command.rank;
	uint64_t from = c->from + ((uint64_t)(PER_RECORD * slot) << c->zoom),
		 below = from + ((uint64_t)PER_RECORD << c->zoom);
	if (below > c->cursor_key || slot + 1 == HISTOGRAM_RECORDS)
		below = c->cursor_key;
	if (from >= below)
		return;
	bool first = k->from == k->below;
	k->from = first || from < k->from ? (uint32_t)from : k->from;
	k->below = first || below > k->below ? (uint32_t)below : k->below;
}

/* What is known of a difference: the book's record, and whether one came instead. */
static void differs(struct fb_rankings *k, const union fb_record *book, const union fb_record *came,
		    union fb_record *found)
{
	if (found->header.kind == 0) {
		k->histogram = *book;
		*found = *book;
		memset(found->rank_hist.rows, 0, sizeof(found->rank_hist.rows));
		memset(found->rank_hist.qty, 0, sizeof(found->rank_hist.qty));
		if (came)
			*found = *came;
	}
	widen(k, book->rank_hist.first / PER_RECORD);
}

static int check_histogram(struct fb_host *h, size_t n)
{
	struct fb_rankings *k = &h->rankings;
	union fb_record book[HISTOGRAM_RECORDS], found = { .header = { .kind = 0 } };
	bool came[HISTOGRAM_RECORDS] = { false };
	if (h->confirm.host_judged > 0)
		return 0;
	count(k, book);
	for (size_t i = 0; i + 1 < n; i++) {
		const union fb_record *r = &h->engine.record[i];
		unsigned slot = r->rank_hist.first / PER_RECORD;
		if (r->header.kind == FB_REC_NOMINEE ||
		    (r->header.kind == FB_REC_RANK_HIST && slot >= HISTOGRAM_RECORDS))
			return tell(h, r);
		if (r->header.kind != FB_REC_RANK_HIST)
			continue; /* the ranker takes no other */
		if (came[slot] || memcmp(r, &book[slot], FB_HASHED_BYTES) != 0)
			differs(k, &book[slot], r, &found);
		came[slot] = true;
	}
	for (unsigned slot = 0; slot < HISTOGRAM_RECORDS; slot++)
		if (!came[slot] && !is_empty(&book[slot].rank_hist))
			differs(k, &book[slot], NULL, &found);
	return found.header.kind == 0 ? 0 : tell(h, &found);
}

/* ---- rows ---- */

static int check_nominee(struct fb_host *h, const union fb_record *r)
{
	struct fb_rankings *k = &h->rankings;
	uint32_t account = fb_book_account_index(h->book, r->nominee.account),
		 row = fb_book_row_index(h->book, r->nominee.position);
	union fb_record book;
	bool again = row != FB_NONE && k->named[row] == k->answer;
	if (row != FB_NONE)
		k->named[row] = k->answer;
	if (judged_by_host(h, account) ||
	    (row != FB_NONE && judged_by_host(h, h->book->row[row].account)))
		return 0;
	bool right = row != FB_NONE && !again &&
		     h->book->row[row].symbol == k->request.symbol &&
		     (h->book->row[row].qty < 0) == k->request.side &&
		     fb_rankings_nominee(h, row, k->command.rank.seq, &book) &&
		     memcmp(r, &book, FB_HASHED_BYTES) == 0 &&
		     in_range(&k->command.rank, r->nominee.key);
	return right ? 0 : tell(h, r);
}

/* Of a row that did not come the record says whose and which, and nothing else. */
static int check_left_out(struct fb_host *h, const struct fb_rankings_row *row)
{
	struct fb_rankings *k = &h->rankings;
	union fb_record r = { .nominee = { .seq = k->command.rank.seq,
					   .kind = FB_REC_NOMINEE,
					   .account = row->rank.account,
					   .position = row->rank.position } };
	if (!in_range(&k->command.rank, row->rank.key) || k->named[row->index] == k->answer ||
	    judged_by_host(h, h->book->row[row->index].account))
		return 0;
	return tell(h, &r);
}

static int check_nominees(struct fb_host *h, size_t n)
{
	struct fb_rankings *k = &h->rankings;
	int err = 0;
	k->answer++;
	for (size_t i = 0; i + 1 < n && !err; i++) {
		const union fb_record *r = &h->engine.record[i];
		if (r->header.kind == FB_REC_NOMINEE)
			err = check_nominee(h, r);
		else if (r->header.kind == FB_REC_RANK_HIST)
			err = tell(h, r);
	}
	for (uint32_t i = 0; i < k->rows && !err; i++)
		err = check_left_out(h, &k->row[i]);
	return err;
}

int fb_rankings_observe(struct fb_host *h, size_t n)
{
	struct fb_rankings *k = &h->rankings;
	const union fb_record *record = h->engine.record;
	int err = 0;
	if (!k->asked)
		return 0;
	k->asked = false;
	/* A refusal has been told already. */
	if (record[n - 1].batch_end.rejects == 0)
		err = k->command.rank.mode == FB_RANK_SELECT ? check_nominees(h, n)
							     : check_histogram(h, n);
	if (!err && !k->wrong && !k->searching)
		k->state = fb_ranker_take(k->ranker, record, n);
	return err;
}

void fb_rankings_count(const struct fb_cmd_rank *c, struct fb_summary *summary)
{
	bool select = c->mode == FB_RANK_SELECT;
	summary->rank_commands++;
	summary->rank_pages += select;
	summary->rankings += !select && c->zoom == fb_rank_zoom[0]; /* each begins with one */
}
