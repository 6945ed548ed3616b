/* See run_sweep.h. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/hash.h>

#include "run_host.h"

int fb_sweep_open(struct fb_sweep *sweep, uint32_t accounts)
{
	memset(sweep, 0, sizeof(*sweep));
	sweep->passes_max = FB_SWEEP_PASSES;
	sweep->order = calloc((size_t)accounts + 1, sizeof(*sweep->order));
	sweep->sum = calloc((size_t)accounts + 1, sizeof(*sweep->sum));
	return sweep->order && sweep->sum ? 0 : -ENOMEM;
}

void fb_sweep_close(struct fb_sweep *sweep)
{
	free(sweep->order);
	free(sweep->sum);
}

/* ---- what the book says ---- */

/* With the level that the engine reported, which is the book's own but for accounts that the host
 * judges. */
static uint64_t account_hash(const struct fb_host *h, uint32_t index)
{
	const struct fb_book_account *a = &h->book->account[index];
	struct fb_view view;
	struct fb_sums sums;
	int err = fb_book_view(h->book, index, FB_NOW, &view);
	assert(err == 0);
	(void)err;
	fb_value_engine(h->book, &view, &sums);
	union fb_state_item item = { .account = {
					     .kind = FB_ITEM_ACCOUNT,
					     .level = h->book->account[index].said,
					     .flags = (uint8_t)((a->held ? 4 : 0) | a->role << 3),
					     .class_id = a->class_id,
					     .account = a->id,
					     .bad_rows = (uint16_t)sums.bad_rows,
				     } };
	unsigned __int128 equity = (unsigned __int128)sums.equity_e8,
			  mm = (unsigned __int128)sums.mm_e15,
			  collateral = (unsigned __int128)a->collateral_e8,
			  addend = (unsigned __int128)a->addend_e15;
	item.account.equity_lo = (uint64_t)equity;
	item.account.equity_hi = (uint8_t)(equity >> 64);
	item.account.mm_lo = (uint64_t)mm;
	item.account.mm_hi = (uint32_t)(mm >> 64);
	item.account.collateral_lo = (uint64_t)collateral;
	item.account.collateral_hi = (uint8_t)(collateral >> 64);
	item.account.addend_lo = (uint64_t)addend;
	item.account.addend_hi = (uint32_t)(addend >> 64) & 0xffffff;
	return fb_hash_word(&item);
}

static uint64_t row_hash(const struct fb_book *book, const struct fb_book_row *row)
{
	union fb_state_item item = { .row = {
					     .kind = FB_ITEM_ROW,
					     .row_flags = row->flags,
					     .symbol = row->symbol,
					     .account = book->account[row->account].id,
					     .position = row->id,
					     .addend = row->addend_e7,
					     .qty = row->qty,
					     .entry = row->entry_e8,
				     } };
	return fb_hash_word(&item);
}

static int by_id(const void *a, const void *b)
{
	const struct fb_sweep_account *x = a, *y = b;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* Accounts are made while loading only. */
static void sort_accounts(struct fb_sweep *sweep, const struct fb_book *book)
{
	if (sweep->sorted == book->accounts)
		return;
	for (uint32_t i = 0; i < book->accounts; i++)
		sweep->order[i] = (struct fb_sweep_account){ book->account[i].id, i };
	qsort(sweep->order, book->accounts, sizeof(*sweep->order), by_id);
	sweep->sorted = book->accounts;
}

/* Sums from the lowest id on, so that those of any range are one subtraction. */
static void sum_up(struct fb_host *h)
{
	struct fb_sweep *sweep = &h->sweep;
	const struct fb_book *book = h->book;
	sort_accounts(sweep, book);
	sweep->sum[0] = (struct fb_sweep_sum){ .accounts = 0 };
	for (uint32_t k = 0; k < book->accounts; k++) {
		uint32_t index = sweep->order[k].index;
		struct fb_sweep_sum *s = &sweep->sum[k + 1];
		*s = sweep->sum[k];
		s->accounts++;
		s->known += book->account[index].host_judged;
		s->accounts_hash += account_hash(h, index);
		for (uint32_t i = book->account[index].first; i != FB_NONE; i = book->row[i].next)
			if (book->row[i].live) {
				s->rows++;
				s->rows_hash += row_hash(book, &book->row[i]);
			}
	}
}

static struct fb_sweep_sum minus(struct fb_sweep_sum a, struct fb_sweep_sum b)
{
	return (struct fb_sweep_sum){
		.accounts_hash = a.accounts_hash - b.accounts_hash,
		.rows_hash = a.rows_hash - b.rows_hash,
		.accounts = a.accounts - b.accounts,
		.rows = a.rows - b.rows,
		.known = a.known - b.known,
	};
}

static bool is_zero(const struct fb_sweep_sum *s)
{
	return s->accounts_hash == 0 && s->rows_hash == 0 && s->accounts == 0 && s->rows == 0;
}

/* What the engine has more than the book in accounts i..j-1. */
static struct fb_sweep_sum beyond(const struct fb_sweep *sweep, uint32_t i, uint32_t j,
				  const union fb_record *found)
{
	struct fb_sweep_sum engine = {
		.accounts_hash = found->hash.accounts_hash,
		.rows_hash = found->hash.rows_hash,
		.accounts = found->hash.accounts,
		.rows = found->hash.rows,
	};
	return minus(engine, minus(sweep->sum[j], sweep->sum[i]));
}

bool fb_sweep_take(struct fb_host *h, const union fb_record *found, union fb_record *expected)
{
	struct fb_sweep *sweep = &h->sweep;
	sweep->answer = *found;
	sweep->answered = true;
	if (sweep->span != 0)
		return false;
	sum_up(h);
	const struct fb_sweep_sum *all = &sweep->sum[h->book->accounts];
	memset(expected, 0, sizeof(*expected));
	fb_book_hash(h->book, &expected->hash); /* symbols, and who else is there */
	expected->hash.seq = found->hash.seq;
	expected->hash.accounts_hash = all->accounts_hash;
	assert(expected->hash.rows_hash == all->rows_hash && expected->hash.rows == all->rows);
	return memcmp(expected, found, FB_HASHED_BYTES) != 0;
}

/* ---- questions ---- */

static int ask(struct fb_host *h, uint32_t first, uint32_t span)
{
	union fb_command c = { .hash = { .op = FB_OP_HASH, .first = first, .span = span } };
	h->sweep.answered = false;
	int err = fb_host_command(h, &c, false);
	return err ? err : fb_host_drain(h, 0);
}

/* Ids from account i's on, or from 0, up to account j's, or to the end: an account that only the
 * engine has lies in some range too. */
static int ask_range(struct fb_host *h, uint32_t i, uint32_t j)
{
	const struct fb_sweep *sweep = &h->sweep;
	uint32_t first = i == 0 ? 0 : sweep->order[i].id,
		 end = j == sweep->sorted ? 0 : sweep->order[j].id; /* modulo 2^32 */
	return ask(h, first, end - first);
}

/* Accounts i..j-1 differ, or cannot be told apart any more. */
static int found(struct fb_host *h, uint32_t i, uint32_t j, const struct fb_sweep_sum *more)
{
	int err = 0;
	for (uint32_t k = i; k < j && !err; k++) {
		const struct fb_sweep_account *account = &h->sweep.order[k];
		struct fb_sweep_sum has = minus(h->sweep.sum[k + 1], h->sweep.sum[k]);
		union fb_record r = { .hash = { .seq = h->book->seq,
						.kind = FB_REC_HASH,
						.account = account->id } };
		if (j - i == 1) { /* what the engine has of it */
			r.hash.accounts_hash = has.accounts_hash + more->accounts_hash;
			r.hash.rows_hash = has.rows_hash + more->rows_hash;
			r.hash.accounts = has.accounts + more->accounts;
			r.hash.rows = has.rows + more->rows;
		}
		if (!h->book->account[account->index].host_judged)
			err = fb_host_fault(h, &r);
	}
	return err;
}

struct range {
	uint32_t i, j;
	struct fb_sweep_sum more;
};

static int search(struct fb_host *h, struct fb_sweep_sum more)
{
	struct range stack[64] = { { 0, h->sweep.sorted, more } };
	unsigned depth = 1, passes = 0;
	int err = 0;
	while (depth > 0 && !err) {
		struct range r = stack[--depth];
		uint32_t known = h->sweep.sum[r.j].known - h->sweep.sum[r.i].known,
			 middle = r.i + (r.j - r.i) / 2;
		if (is_zero(&r.more) || known == r.j - r.i)
			continue;
		if (r.j - r.i == 1 || passes == h->sweep.passes_max) {
			err = found(h, r.i, r.j, &r.more);
			continue;
		}
		passes++;
		err = ask_range(h, r.i, middle);
		if (err)
			return err;
		if (!h->sweep.answered)
			return found(h, 0, h->sweep.sorted, &more);
		struct fb_sweep_sum left = beyond(&h->sweep, r.i, middle, &h->sweep.answer);
		assert(depth + 2 <= sizeof(stack) / sizeof(stack[0]));
		stack[depth++] = (struct range){ middle, r.j, minus(r.more, left) };
		stack[depth++] = (struct range){ r.i, middle, left };
	}
	return err;
}

/* Marks of a symbol are everybody's who has it, or will. */
static int everybody(struct fb_host *h)
{
	union fb_record r = h->sweep.answer;
	r.header.kind = FB_REC_HASH;
	r.header.account = FB_NONE;
	return h->confirm.everyone ? 0 : fb_host_fault(h, &r);
}

int fb_host_sweep(struct fb_host *h)
{
	union fb_command fence = { .fence = { .op = FB_OP_FENCE } };
	uint64_t judged = h->confirm.host_judged, differences = h->summary.sweep_differences;
	int err = fb_host_drain(h, 0);
	if (!err)
		err = ask(h, 0, 0);
	if (err || (h->sweep.answered && h->summary.sweep_differences == differences))
		return err;
	struct fb_sweep_sum more =
		beyond(&h->sweep, 0, h->sweep.sorted, &h->sweep.answer);
	union fb_record book;
	memset(&book, 0, sizeof(book));
	fb_book_hash(h->book, &book.hash);
	if (!h->sweep.answered || book.hash.symbols != h->sweep.answer.hash.symbols ||
	    book.hash.symbols_hash != h->sweep.answer.hash.symbols_hash)
		err = everybody(h);
	else
		err = search(h, more);
	/* Who was found is judged now, not at the next marks. */
	if (!err && h->confirm.host_judged > judged)
		err = fb_host_command(h, &fence, false);
	return err ? err : fb_host_drain(h, 0);
}
