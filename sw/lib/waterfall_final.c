/* Final settlement of a symbol: at expiry, or when the operator says so.
 *
 * The price is the mark when it begins. The venue is told to stop trading in the symbol
 * (SETTLE), which cancels working orders first; no new order of ours is sized in it. When that
 * is answered and no order of ours in the symbol is open, every position is closed at the price,
 * against the others by way of the street, a bounded number at each tick. Lots add up to
 * nothing, so the street ends with none of it; what rounding each position's value leaves is the
 * fund's. Accounts that are below 0 then go through the waterfall as ever. */
#include <errno.h>

#include "waterfall_fund.h"

#define ROWS_A_TICK 4096

int fb_waterfall_settle(struct fb_waterfall *w, uint16_t symbol)
{
	if (w->policy->settlement == FB_SETTLEMENT_NONE || symbol >= FB_SYMBOLS ||
	    !w->book->symbol[symbol].defined)
		return -EINVAL;
	if (fb_final_begun(w, symbol))
		return -EALREADY;
	w->final[symbol].step = FB_FINAL_ASKED;
	w->final[symbol].u = w->book->symbol[symbol].u;
	w->finals++;
	return 0;
}

bool fb_waterfall_settled(const struct fb_waterfall *w, uint16_t symbol)
{
	return symbol < FB_SYMBOLS && w->final[symbol].step == FB_FINAL_DONE;
}

int fb_final_answered(struct fb_waterfall *w, uint16_t symbol, bool rejected)
{
	w->final[symbol].step = rejected ? FB_FINAL_ASKED : FB_FINAL_CLOSING;
	return 0;
}

/* At the fixed price, whatever the mark is now. */
static __int128 worth(const struct fb_waterfall *w, uint16_t symbol, int64_t qty)
{
	const struct fb_book_symbol *s = &w->book->symbol[symbol];
	struct fb_row_value value;
	fb_value_row(&w->book->ladder[s->ladder], qty, w->final[symbol].u, 0, &value);
	return value.value_e8;
}

static int close_row(struct fb_waterfall *w, uint32_t row)
{
	const struct fb_book_row *r = &w->book->row[row];
	struct fb_final *f = &w->final[r->symbol];
	int64_t qty = r->qty;
	__int128 value = worth(w, r->symbol, qty);
	int err = fb_fill_to_house(w, row, FB_ID_STREET, qty < 0 ? -qty : qty, value);
	if (err)
		return err;
	f->qty += qty;
	f->value_e8 += value;
	w->counts.settled_rows++;
	if (w->book->account[r->account].id == FB_ID_FUND)
		fb_fund_book(w, r->symbol);
	w->ops->watch(w->context, r->account);
	return 0;
}

static bool is_street(const struct fb_waterfall *w, const struct fb_book_row *row)
{
	return w->book->account[row->account].id == FB_ID_STREET;
}

/* The rows of the symbol from where it stopped, at most so many looked at. */
static int close_rows(struct fb_waterfall *w, uint16_t symbol, uint32_t *left)
{
	struct fb_final *f = &w->final[symbol];
	for (; f->next < w->book->rows && *left > 0; f->next++) {
		const struct fb_book_row *row = &w->book->row[f->next];
		if (row->symbol != symbol || row->qty == 0 || is_street(w, row))
			continue;
		--*left;
		int err = close_row(w, f->next);
		f->skipped = f->skipped || err == -ERANGE; /* fits once the other side is closed */
		if (err && err != -ERANGE)
			return err;
	}
	return 0;
}

/* All are closed: the street has none either, and gets what its own lots were worth. */
static int finish(struct fb_waterfall *w, uint16_t symbol)
{
	struct fb_final *f = &w->final[symbol];
	__int128 rest = -f->value_e8 - worth(w, symbol, (int64_t)-f->qty);
	int err = fb_fill_money(w, FB_ID_STREET, FB_ID_FUND, rest);
	if (err)
		return err;
	fb_fund_book(w, symbol);
	f->step = FB_FINAL_DONE;
	f->qty = f->value_e8 = 0;
	w->finals--;
	w->counts.settled++;
	struct fb_notice notice = {
		.account = FB_ID_FUND,
		.symbol = symbol,
		.kind = FB_NOTICE_SETTLED,
		.value_e8 = fb_i128_of((__int128)f->u),
	};
	return w->ops->notice(w->context, &notice);
}

static int go_on(struct fb_waterfall *w, uint16_t symbol, uint32_t *left)
{
	struct fb_final *f = &w->final[symbol];
	int err = 0;
	if (f->step == FB_FINAL_ASKED) {
		err = fb_venue_send(w, FB_VERB_SETTLE, symbol, (__int128)f->u);
		if (err == 0)
			f->step = FB_FINAL_SENT;
		return err < 0 ? err : 0;
	}
	if (f->step != FB_FINAL_CLOSING || f->open > 0)
		return 0;
	err = close_rows(w, symbol, left);
	if (err || f->next < w->book->rows)
		return err;
	if (!f->skipped)
		return finish(w, symbol);
	f->next = 0;
	f->skipped = false;
	return 0;
}

int fb_final_tick(struct fb_waterfall *w)
{
	uint32_t left = ROWS_A_TICK;
	int err = 0;
	for (unsigned s = 0; w->finals > 0 && s < FB_SYMBOLS && !err && left > 0; s++)
		err = go_on(w, (uint16_t)s, &left);
	return err;
}

void fb_final_touched(struct fb_waterfall *w, uint16_t symbol)
{
	struct fb_final *f = &w->final[symbol];
	if (f->step != FB_FINAL_CLOSING && f->step != FB_FINAL_DONE)
		return;
	w->finals += f->step == FB_FINAL_DONE;
	f->step = FB_FINAL_CLOSING;
	f->next = 0;
}

bool fb_final_waits(const struct fb_waterfall *w, uint32_t account)
{
	const struct fb_book *book = w->book;
	for (uint32_t i = book->account[account].first; i != FB_NONE; i = book->row[i].next)
		if (book->row[i].live && !fb_final_begun(w, book->row[i].symbol))
			return false;
	return true;
}
