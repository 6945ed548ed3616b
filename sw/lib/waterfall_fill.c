/* What the venue's answers do to the book: every one is a few FILL and COLLATERAL commands that
 * conserve quantity and value to the last unit (P10). */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "waterfall_internal.h"

static int add_money(struct fb_waterfall *w, uint32_t account_id, __int128 delta_e8)
{
	const __int128 most = ((__int128)1 << (FB_MONEY_BITS - 1)) - 1;
	while (delta_e8 != 0) {
		__int128 piece = delta_e8 > most ? most : delta_e8 < -most ? -most : delta_e8;
		union fb_command c;
		memset(&c, 0, sizeof(c));
		c.collateral.op = FB_OP_COLLATERAL;
		c.collateral.account = account_id;
		c.collateral.delta = (int64_t)piece;
		int err = w->ops->command(w->context, &c);
		if (err)
			return err;
		delta_e8 -= piece;
	}
	return 0;
}

int fb_fill_money(struct fb_waterfall *w, uint32_t from_id, uint32_t to_id, __int128 amount_e8)
{
	int err = add_money(w, from_id, -amount_e8);
	return err ? err : add_money(w, to_id, amount_e8);
}

static int put(struct fb_waterfall *w, uint32_t account_id, uint32_t position, uint16_t symbol,
	       const struct fb_trade *trade)
{
	bool whole = fb_fits(trade->delta_e8, FB_MONEY_BITS);
	union fb_command c;
	memset(&c, 0, sizeof(c));
	c.fill.op = FB_OP_FILL;
	c.fill.account = account_id;
	c.fill.position = position;
	c.fill.symbol = symbol;
	c.fill.qty = trade->qty;
	c.fill.entry = trade->entry_e8;
	c.fill.delta = whole ? (int64_t)trade->delta_e8 : 0;
	int err = w->ops->command(w->context, &c);
	return err || whole ? err : add_money(w, account_id, trade->delta_e8);
}

struct side {
	uint32_t account_id, position;
	struct fb_trade after;
};

/* A row after `dq` lots more that cost value_e8. */
static int side_of_row(const struct fb_waterfall *w, uint32_t index, int64_t dq, __int128 value_e8,
		       struct side *out)
{
	const struct fb_book_row *row = &w->book->row[index];
	out->account_id = w->book->account[row->account].id;
	out->position = row->id;
	return fb_trade_after(row->qty, row->entry_e8, dq, value_e8, &out->after);
}

static int side_of_house(const struct fb_waterfall *w, uint32_t house_id, uint16_t symbol,
			 int64_t dq, __int128 value_e8, struct side *out)
{
	uint32_t index = fb_book_row_index(w->book, fb_house_position(house_id, symbol));
	const struct fb_book_row none = { .qty = 0 },
				 *old = index == FB_NONE ? &none : &w->book->row[index];
	out->account_id = house_id;
	out->position = fb_house_position(house_id, symbol);
	return fb_trade_after(old->qty, old->entry_e8, dq, value_e8, &out->after);
}

static int put_both(struct fb_waterfall *w, uint16_t symbol, const struct side *a,
		    const struct side *b)
{
	int err = put(w, a->account_id, a->position, symbol, &a->after);
	return err ? err : put(w, b->account_id, b->position, symbol, &b->after);
}

/* The two sides when n lots of a row go to a house. */
static int to_house(const struct fb_waterfall *w, uint32_t row, uint32_t house_id, int64_t n,
		    __int128 value_e8, struct side *from, struct side *to)
{
	const struct fb_book_row *r = &w->book->row[row];
	int64_t dq = r->qty < 0 ? -n : n;
	int err = side_of_row(w, row, -dq, -value_e8, from);
	return err ? err : side_of_house(w, house_id, r->symbol, dq, value_e8, to);
}

bool fb_fill_fits(const struct fb_waterfall *w, uint32_t row, uint32_t house_id, int64_t n,
		  __int128 value_e8)
{
	struct side from, to;
	return to_house(w, row, house_id, n, value_e8, &from, &to) == 0;
}

int fb_fill_to_house(struct fb_waterfall *w, uint32_t row, uint32_t house_id, int64_t n,
		     __int128 value_e8)
{
	struct side from, to;
	int err = to_house(w, row, house_id, n, value_e8, &from, &to);
	return err ? err : put_both(w, w->book->row[row].symbol, &from, &to);
}

int fb_fill_pair(struct fb_waterfall *w, uint32_t row, uint32_t counter_row, int64_t n,
		 __int128 value_e8)
{
	const struct fb_book_row *r = &w->book->row[row];
	int64_t dq = r->qty < 0 ? -n : n;
	struct side from, to;
	int err = side_of_row(w, row, -dq, -value_e8, &from);
	if (!err)
		err = side_of_row(w, counter_row, dq, value_e8, &to);
	return err ? err : put_both(w, r->symbol, &from, &to);
}

int fb_fill_user(struct fb_waterfall *w, uint32_t row, int64_t qty, __int128 value_e8)
{
	uint16_t symbol = w->book->row[row].symbol;
	struct side user, street;
	int err = side_of_row(w, row, qty, value_e8, &user);
	if (!err)
		err = side_of_house(w, FB_ID_STREET, symbol, -qty, -value_e8, &street);
	return err ? err : put_both(w, symbol, &user, &street);
}

static int between_houses(const struct fb_waterfall *w, uint16_t symbol, int64_t qty,
			  __int128 value_e8, struct side *fund, struct side *street)
{
	int err = side_of_house(w, FB_ID_FUND, symbol, -qty, -value_e8, fund);
	return err ? err : side_of_house(w, FB_ID_STREET, symbol, qty, value_e8, street);
}

bool fb_fill_houses_fit(const struct fb_waterfall *w, uint16_t symbol, int64_t qty,
			__int128 value_e8)
{
	struct side fund, street;
	return between_houses(w, symbol, qty, value_e8, &fund, &street) == 0;
}

int fb_fill_houses(struct fb_waterfall *w, uint16_t symbol, int64_t qty, __int128 value_e8)
{
	struct side fund, street;
	int err = between_houses(w, symbol, qty, value_e8, &fund, &street);
	return err ? err : put_both(w, symbol, &fund, &street);
}
