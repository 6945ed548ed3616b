/* Conservation of value (P10) and the state hash that the book expects of an engine (P4). */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include <firebreak/book.h>
#include <firebreak/hash.h>

void fb_book_seal(struct fb_book *book)
{
	assert(!book->sealed);
	book->sealed = true;
	book->sealed_total_e8 = book->total_e8;
}

static int differs(struct fb_error *error, const char *what, __int128 found, __int128 expected)
{
	/* Only the low 63 bits are printed; any difference at all is already fatal. */
	return fb_error_set(error, -EPROTO,
			    "value is not conserved: %s is %lld, expected %lld (low 63 bits)", what,
			    (long long)found, (long long)expected);
}

int fb_book_conserved(const struct fb_book *book, struct fb_error *error)
{
	assert(book->sealed);
	if (book->total_e8 != book->sealed_total_e8)
		return differs(error, "the sum of collateral less entry values", book->total_e8,
			       book->sealed_total_e8);
	for (unsigned s = 0; s < FB_SYMBOLS; s++)
		if (book->symbol[s].qty_sum != 0)
			return differs(error, "the quantity of a symbol", book->symbol[s].qty_sum,
				       0);
	return 0;
}

int fb_book_conserved_full(const struct fb_book *book, struct fb_error *error)
{
	__int128 total = 0, qty[FB_SYMBOLS];
	memset(qty, 0, sizeof(qty));
	for (uint32_t i = 0; i < book->accounts; i++)
		total += book->account[i].collateral_e8;
	for (uint32_t i = 0; i < book->rows; i++) {
		total -= book->row[i].entry_e8;
		qty[book->row[i].symbol] += book->row[i].qty;
	}
	if (total != book->total_e8)
		return differs(error, "the sum of collateral less entry values, added anew", total,
			       book->total_e8);
	for (unsigned s = 0; s < FB_SYMBOLS; s++)
		if (qty[s] != book->symbol[s].qty_sum)
			return differs(error, "the quantity of a symbol, added anew", qty[s],
				       book->symbol[s].qty_sum);
	return fb_book_conserved(book, error);
}

static uint64_t hash_account(const struct fb_book *book, uint32_t index)
{
	const struct fb_book_account *a = &book->account[index];
	struct fb_view view;
	struct fb_sums sums;
	int err = fb_book_view(book, index, FB_NOW, &view);
	assert(err == 0);
	(void)err;
	fb_value_engine(book, &view, &sums);
	union fb_state_item item;
	memset(&item, 0, sizeof(item));
	struct fb_item_account *out = &item.account;
	out->kind = FB_ITEM_ACCOUNT;
	out->level = a->level;
	/* Bit 0, unknown, is 0 between batches; bit 1, damaged, is nothing the book can know. */
	out->flags = (uint8_t)((a->held ? 4 : 0) | a->role << 3);
	out->class_id = a->class_id;
	out->account = a->id;
	out->equity_lo = (uint64_t)sums.equity_e8;
	out->equity_hi = (uint8_t)(sums.equity_e8 >> 64);
	out->mm_lo = (uint64_t)sums.mm_e15;
	out->mm_hi = (uint32_t)(sums.mm_e15 >> 64);
	out->collateral_lo = (uint64_t)a->collateral_e8;
	out->collateral_hi = (uint8_t)(a->collateral_e8 >> 64);
	out->addend_lo = (uint64_t)a->addend_e15;
	out->addend_hi = (uint32_t)(a->addend_e15 >> 64) & 0xffffff;
	out->bad_rows = (uint16_t)sums.bad_rows;
	return fb_hash_word(&item);
}

static uint64_t hash_row(const struct fb_book *book, const struct fb_book_row *row)
{
	union fb_state_item item;
	memset(&item, 0, sizeof(item));
	item.row = (struct fb_item_row){
		.kind = FB_ITEM_ROW,
		.row_flags = row->flags,
		.symbol = row->symbol,
		.account = book->account[row->account].id,
		.position = row->id,
		.addend = row->addend_e7,
		.qty = row->qty,
		.entry = row->entry_e8,
	};
	return fb_hash_word(&item);
}

void fb_book_hash(const struct fb_book *book, struct fb_rec_hash *out)
{
	memset(out, 0, sizeof(*out));
	out->kind = FB_REC_HASH;
	out->accounts = book->accounts;
	for (uint32_t i = 0; i < book->accounts; i++)
		out->accounts_hash += hash_account(book, i);
	for (uint32_t i = 0; i < book->rows; i++)
		if (book->row[i].live) {
			out->rows++;
			out->rows_hash += hash_row(book, &book->row[i]);
		}
	for (unsigned s = 0; s < FB_SYMBOLS; s++)
		if (book->symbol[s].defined) {
			union fb_state_item item;
			memset(&item, 0, sizeof(item));
			item.symbol = (struct fb_item_symbol){
				.kind = FB_ITEM_SYMBOL,
				.symbol = (uint16_t)s,
				.ladder = book->symbol[s].ladder,
				.u = book->symbol[s].u,
			};
			out->symbols++;
			out->symbols_hash += fb_hash_word(&item);
		}
}
