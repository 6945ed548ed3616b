/* Liquidation of one account: see <firebreak/liquidate.h>. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/liquidate.h>

#define RATE_ONE 10000000 /* rates are in 1e-7 */

static int by_severity(const void *a, const void *b)
{
	const struct fb_candidate *x = a, *y = b;
	return fb_value_severity(&x->sums, x->id, &y->sums, y->id);
}

void fb_liquidate_sort(struct fb_candidate *candidate, size_t n)
{
	qsort(candidate, n, sizeof(*candidate), by_severity);
}

static int by_position(const void *a, const void *b)
{
	const struct fb_book_row *x = *(const struct fb_book_row *const *)a,
				 *y = *(const struct fb_book_row *const *)b;
	return x->id < y->id ? -1 : x->id > y->id ? 1 : 0;
}

/* Sends an order and passes it on with its answer. */
static int order(struct fb_liquidate *l, uint32_t account, enum fb_verb verb,
		 const struct fb_book_row *row, __int128 value_e8, struct fb_ack *ack)
{
	struct fb_order o = {
		.id = { .epoch = l->epoch, .sequence = l->sequence, .index = l->index++ },
		.account = l->book->account[account].id,
		.verb = (uint8_t)verb,
		.value_e8 = value_e8,
	};
	if (row) {
		o.position = row->id;
		o.symbol = row->symbol;
		o.qty = row->qty;
	}
	int err = fb_gateway_send(l->gateway, &o, ack);
	return err ? err : l->ops->order(l->context, &o, ack);
}

/* Adds to an account's collateral; in pieces, where one command cannot carry it. */
static int move(struct fb_liquidate *l, uint32_t account_id, __int128 delta_e8)
{
	const __int128 most = ((__int128)1 << (FB_MONEY_BITS - 1)) - 1;
	while (delta_e8 != 0) {
		__int128 piece = delta_e8 > most ? most : delta_e8 < -most ? -most : delta_e8;
		union fb_command c;
		memset(&c, 0, sizeof(c));
		c.collateral.op = FB_OP_COLLATERAL;
		c.collateral.account = account_id;
		c.collateral.delta = (int64_t)piece;
		int err = l->ops->command(l->context, &c);
		if (err)
			return err;
		delta_e8 -= piece;
	}
	return 0;
}

static int fill(struct fb_liquidate *l, uint32_t account_id, uint32_t position, uint16_t symbol,
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
	int err = l->ops->command(l->context, &c);
	return err || whole ? err : move(l, account_id, trade->delta_e8);
}

/* The two rows after the whole position went to a house account at value_e8. -ERANGE: one does
 * not fit. */
static int after_transfer(const struct fb_liquidate *l, uint32_t house_id,
			  const struct fb_book_row *row, __int128 value_e8, struct fb_trade *house,
			  struct fb_trade *user)
{
	uint32_t index = fb_book_row_index(l->book, fb_house_position(house_id, row->symbol));
	const struct fb_book_row none = { .qty = 0 },
				 *old = index == FB_NONE ? &none : &l->book->row[index];
	int err = fb_trade_after(old->qty, old->entry_e8, row->qty, value_e8, house);
	return err ? err : fb_trade_after(row->qty, row->entry_e8, -row->qty, -value_e8, user);
}

static int transfer(struct fb_liquidate *l, uint32_t account, const struct fb_book_row *row,
		    uint32_t house_id, __int128 value_e8)
{
	struct fb_trade house, user;
	int err = after_transfer(l, house_id, row, value_e8, &house, &user);
	if (err)
		return err;
	uint32_t position = row->id;
	uint16_t symbol = row->symbol;
	err = fill(l, l->book->account[account].id, position, symbol, &user);
	return err ? err : fill(l, house_id, fb_house_position(house_id, symbol), symbol, &house);
}

struct closing {
	const struct fb_book_row *row;
	struct fb_row_value at_mark;
	__int128 limit_e8; /* bankruptcy value, not below 0 for a long */
};

/* Reduce; failing that, takeover; failing that, stuck. */
static int close_position(struct fb_liquidate *l, uint32_t account, const struct closing *c,
			  struct fb_liquidated *out, unsigned __int128 *street_notional_e8)
{
	struct fb_trade house, user;
	struct fb_ack ack = { .qty = 0 };
	int err;
	if (after_transfer(l, FB_ID_STREET, c->row, c->at_mark.value_e8, &house, &user) == 0) {
		err = order(l, account, FB_VERB_REDUCE, c->row, c->limit_e8, &ack);
		if (err)
			return err;
	}
	if (ack.qty != 0) {
		out->reductions++;
		out->notional_e8 += c->at_mark.notional_e8;
		*street_notional_e8 += c->at_mark.notional_e8;
		return transfer(l, account, c->row, FB_ID_STREET, ack.value_e8);
	}
	if (after_transfer(l, FB_ID_FUND, c->row, c->limit_e8, &house, &user) != 0) {
		out->stuck++;
		return 0;
	}
	err = order(l, account, FB_VERB_TAKEOVER, c->row, c->limit_e8, &ack);
	if (err)
		return err;
	out->takeovers++;
	out->notional_e8 += c->at_mark.notional_e8;
	return transfer(l, account, c->row, FB_ID_FUND, ack.value_e8);
}

static __int128 fee(unsigned __int128 notional_e8, uint32_t rate_e7, __int128 at_most_e8)
{
	__int128 amount = (__int128)(notional_e8 * rate_e7 / RATE_ONE);
	return amount < at_most_e8 ? amount : at_most_e8;
}

/* Fees and the rest; afterwards the account has neither position nor collateral. */
static int settle(struct fb_liquidate *l, uint32_t account, unsigned __int128 street_notional_e8,
		  struct fb_liquidated *out)
{
	uint32_t id = l->book->account[account].id;
	__int128 left = l->book->account[account].collateral_e8;
	if (left > 0) {
		out->taker_fee_e8 = fee(street_notional_e8, l->taker_fee_e7, left);
		out->liquidation_fee_e8 =
			fee(out->notional_e8, l->liquidation_fee_e7, left - out->taker_fee_e8);
	}
	out->fund_e8 = left - out->taker_fee_e8;
	if (out->fund_e8 != 0) {
		struct fb_ack ack;
		int err = order(l, account, FB_VERB_FUND_MOVE, NULL, out->fund_e8, &ack);
		if (err)
			return err;
	}
	int err = move(l, id, -left);
	if (!err)
		err = move(l, FB_ID_FEES, out->taker_fee_e8);
	return err ? err : move(l, FB_ID_FUND, out->fund_e8);
}

/* Positions in order of id, with bankruptcy values from the account's equity. */
static size_t plan(const struct fb_book *book, const struct fb_view *view, __int128 equity_e8,
		   struct closing *out)
{
	const struct fb_book_row *rows[FB_ROWS_PER_ACCOUNT];
	__int128 mm[FB_ROWS_PER_ACCOUNT], share[FB_ROWS_PER_ACCOUNT];
	for (size_t i = 0; i < view->rows; i++)
		rows[i] = &book->row[view->row[i].row];
	qsort(rows, view->rows, sizeof(rows[0]), by_position);
	for (size_t i = 0; i < view->rows; i++) {
		const struct fb_book_symbol *symbol = &book->symbol[rows[i]->symbol];
		out[i].row = rows[i];
		fb_value_row(&book->ladder[symbol->ladder], rows[i]->qty, symbol->u,
			     rows[i]->addend_e7, &out[i].at_mark);
		mm[i] = out[i].at_mark.mm_e15;
	}
	fb_value_shares(mm, view->rows, equity_e8, share);
	for (size_t i = 0; i < view->rows; i++) {
		out[i].limit_e8 = out[i].at_mark.value_e8 - share[i];
		if (rows[i]->qty > 0 && out[i].limit_e8 < 0)
			out[i].limit_e8 = 0;
	}
	return view->rows;
}

int fb_liquidate_account(struct fb_liquidate *l, uint32_t account, struct fb_liquidated *out)
{
	struct fb_view view;
	struct fb_sums sums;
	struct closing closing[FB_ROWS_PER_ACCOUNT];
	struct fb_ack ack;
	memset(out, 0, sizeof(*out));
	int err = fb_book_view(l->book, account, FB_NOW, &view);
	if (err)
		return err;
	fb_value_exact(l->book, &view, &sums);
	out->equity_e8 = sums.equity_e8;
	size_t n = plan(l->book, &view, sums.equity_e8, closing);
	err = order(l, account, FB_VERB_HOLD, NULL, 0, &ack);
	if (!err)
		err = order(l, account, FB_VERB_CANCEL_ALL, NULL, 0, &ack);
	unsigned __int128 street_notional_e8 = 0;
	for (size_t i = 0; i < n && !err; i++)
		err = close_position(l, account, &closing[i], out, &street_notional_e8);
	if (!err && out->stuck == 0)
		err = settle(l, account, street_notional_e8, out);
	l->book->account[account].liquidated = true;
	return err;
}
