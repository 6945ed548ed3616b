/* An account at a sequence: the book now, with the changes made after that sequence undone (P7). */
#include <assert.h>
#include <errno.h>

#include "book_internal.h"

bool fb_book_remembers(const struct fb_book *book, uint64_t changes)
{
	return book->changes_max == 0 || !book->sealed ||
	       book->changes_max - (book->changes - book->changes_floor) >= changes;
}

int fb_book_remember(struct fb_book *book, uint32_t account, uint32_t row, uint64_t seq)
{
	if (book->changes_max == 0 || !book->sealed)
		return 0;
	if (book->changes - book->changes_floor >= book->changes_max)
		return -ENOBUFS;
	struct fb_book_account *a = &book->account[account];
	struct fb_book_change *change = &book->change[book->changes % book->changes_max];
	*change = (struct fb_book_change){
		.seq = seq,
		.previous = a->history,
		.row = row,
		.qty = row == FB_NONE ? 0 : book->row[row].qty,
		.entry_e8 = row == FB_NONE ? 0 : book->row[row].entry_e8,
		.row_addend_e7 = row == FB_NONE ? 0 : book->row[row].addend_e7,
		.collateral_e8 = a->collateral_e8,
		.addend_e15 = a->addend_e15,
	};
	a->history = ++book->changes;
	return 0;
}

void fb_book_forget(struct fb_book *book, uint64_t seq)
{
	while (book->changes_floor < book->changes &&
	       book->change[book->changes_floor % book->changes_max].seq <= seq)
		book->changes_floor++;
}

uint64_t fb_book_unit_before(const struct fb_book_symbol *symbol, uint64_t seq)
{
	for (uint64_t i = 0; i < symbol->versions && i < FB_MARK_VERSIONS; i++) {
		uint64_t at = (symbol->versions - 1 - i) % FB_MARK_VERSIONS;
		if (symbol->version[at].seq <= seq)
			return symbol->version[at].u;
	}
	return 0;
}

/* Puts back quantities, entries, addends and collateral that changed after seq. Linear search:
 * changes in flight are few. */
static void undo(const struct fb_book *book, uint64_t seq, struct fb_view *view)
{
	uint64_t count = book->account[view->account].history;
	while (count > book->changes_floor) {
		const struct fb_book_change *change =
			&book->change[(count - 1) % book->changes_max];
		if (change->seq <= seq)
			return;
		view->collateral_e8 = change->collateral_e8;
		view->addend_e15 = change->addend_e15;
		for (size_t i = 0; i < view->rows; i++)
			if (view->row[i].row == change->row) {
				view->row[i].qty = change->qty;
				view->row[i].entry_e8 = change->entry_e8;
				view->row[i].addend_e7 = change->row_addend_e7;
			}
		count = change->previous;
	}
}

bool fb_book_changed(const struct fb_book *book, uint32_t account, uint64_t seq)
{
	uint64_t newest = book->account[account].history;
	return newest > book->changes_floor &&
	       book->change[(newest - 1) % book->changes_max].seq > seq;
}

int fb_book_view(const struct fb_book *book, uint32_t account, uint64_t seq, struct fb_view *out)
{
	assert(account < book->accounts);
	const struct fb_book_account *a = &book->account[account];
	bool now = seq >= book->seq;
	out->account = account;
	out->class_id = a->class_id;
	out->collateral_e8 = a->collateral_e8;
	out->addend_e15 = a->addend_e15;
	out->rows = 0;
	for (uint32_t i = a->first; i != FB_NONE; i = book->row[i].next) {
		const struct fb_book_row *row = &book->row[i];
		if (!row->live && (now || row->changed <= seq))
			continue;
		if (out->rows == FB_ROWS_PER_ACCOUNT)
			return -EOVERFLOW;
		uint64_t u = now ? book->symbol[row->symbol].u
				 : fb_book_unit_at(&book->symbol[row->symbol], seq);
		if (u == 0)
			return -ESTALE;
		out->row[out->rows++] = (struct fb_view_row){
			.row = i,
			.symbol = row->symbol,
			.addend_e7 = row->addend_e7,
			.qty = row->qty,
			.entry_e8 = row->entry_e8,
			.u = u,
		};
	}
	if (now)
		return 0;
	undo(book, seq, out);
	return 0;
}
