/* The accounts that take what the market does not: backstop and fund. What they may still take is
 * their equity and cap on the book as it is, less what orders on their way have been promised. */
#include <assert.h>
#include <string.h>

#include "waterfall_fund.h"

void fb_house_open(struct fb_waterfall *w)
{
	static const uint32_t ids[FB_HOUSES] = { FB_ID_BACKSTOP, FB_ID_FUND };
	for (int i = 0; i < FB_HOUSES; i++)
		if (w->house[i].account == FB_NONE)
			w->house[i] = (struct fb_house){
				.account = fb_book_account_index(w->book, ids[i]),
				.cap_e7 = i == FB_FUND ? w->policy->fund_cap_e7
						       : w->policy->backstop_cap_e7,
			};
}

struct fb_sums fb_house_sums(const struct fb_waterfall *w, uint32_t account)
{
	struct fb_view view;
	struct fb_sums sums;
	int err = fb_book_view(w->book, account, FB_NOW, &view);
	assert(err == 0);
	(void)err;
	fb_value_exact(w->book, &view, &sums);
	return sums;
}

__int128 fb_house_free(const struct fb_waterfall *w)
{
	const struct fb_house *fund = &w->house[FB_FUND];
	__int128 left = fb_house_sums(w, fund->account).equity_e8 - fund->reserved_loss_e8 -
			fund->earmarked_e8;
	return left > 0 ? left : 0;
}

void fb_house_reserve(struct fb_waterfall *w, struct fb_open *open, int sign)
{
	if (open->counter != FB_NONE && open->counter == w->house[FB_FUND].account)
		fb_fund_reserve(w, open, sign);
	for (int i = 0; i < FB_HOUSES; i++) {
		struct fb_house *house = &w->house[i];
		if (open->counter == FB_NONE || house->account != open->counter)
			continue;
		house->reserved_loss_e8 += sign * open->reserved_loss_e8;
		house->reserved_notional_e8 += sign * open->reserved_notional_e8;
		if (i == FB_BACKSTOP && sign > 0)
			house->taken_e8 += open->reserved_notional_e8;
	}
}

uint64_t fb_house_window(const struct fb_waterfall *w)
{
	uint64_t length = w->policy->backstop_window_us;
	return length > 0 ? (uint64_t)w->time_us / length : 0;
}

void fb_house_return(struct fb_waterfall *w, const struct fb_open *open, int64_t n)
{
	struct fb_house *house = &w->house[FB_BACKSTOP];
	int64_t all = open->order.qty < 0 ? -open->order.qty : open->order.qty, left = all - n;
	bool takeover = open->order.verb == FB_VERB_TAKEOVER;
	if (left <= 0 && takeover)
		return;
	if (takeover) /* there is room again, for the same lots */
		w->cases[open->account].short_row = FB_NONE;
	if (takeover && open->counter == house->account && open->window == house->window)
		house->taken_e8 -= fb_size_part(open->reserved_notional_e8, left, all);
	if (open->counter != FB_NONE && open->counter == w->house[FB_FUND].account)
		fb_fund_return(w, open,
			       takeover ? fb_size_part(open->reserved_loss_e8, left, all)
					: open->reserved_loss_e8);
}

/* Notional of everything a house holds. */
static __int128 notional_held(const struct fb_waterfall *w, uint32_t account)
{
	struct fb_closing closing[FB_ROWS_PER_ACCOUNT];
	__int128 sum = 0;
	size_t n = fb_size_all(w, account, 0, closing);
	for (size_t i = 0; i < n; i++)
		sum += (__int128)closing[i].at_mark.notional_e8;
	return sum;
}

static int64_t least(int64_t a, __int128 b)
{
	return b < 0 ? 0 : b < a ? (int64_t)b : a;
}

static bool takes(const struct fb_waterfall *w, int house)
{
	enum fb_takers takers = (enum fb_takers)w->policy->takers;
	return takers == FB_TAKERS_BOTH ||
	       takers == (house == FB_FUND ? FB_TAKERS_FUND : FB_TAKERS_BACKSTOP);
}

/* The backstop's notional in one window of fixed length, which begins anew at once (Deribit):
 * limit x equity - used. */
static __int128 window_room(struct fb_waterfall *w, struct fb_house *house, __int128 equity_e8)
{
	uint64_t now = fb_house_window(w);
	if (house->window != now)
		house->taken_e8 = 0;
	house->window = now;
	return equity_e8 * w->policy->backstop_limit_e7 / FB_RATE_ONE - house->taken_e8;
}

/* How many lots a house can take at this value of all; shortened: so few because
 * the fund has fallen. What closes a position of its own needs
 * no cap; the loss must be covered by its equity. */
static int64_t can_take(struct fb_waterfall *w, struct fb_house *house, const struct fb_closing *c,
			__int128 value_e8, bool *shortened)
{
	int64_t all = c->qty < 0 ? -c->qty : c->qty, n = all;
	if (house->account == FB_NONE || w->held[house->account])
		return 0;
	const struct fb_book_account *account = &w->book->account[house->account];
	__int128 equity =
		fb_house_sums(w, house->account).equity_e8 - house->reserved_loss_e8 -
		house->earmarked_e8;
	__int128 loss = value_e8 - c->at_mark.value_e8, equity_left = equity;
	bool falls_short = false;
	if (equity <= 0)
		return 0;
	uint16_t symbol = w->book->row[c->row].symbol;
	if (house == &w->house[FB_FUND]) {
		equity_left = fb_fund_takeover_room(w, symbol, equity, &falls_short);
		if (equity_left < 0)
			return 0;
	}
	if (loss > equity_left)
		n = (int64_t)fb_size_part(all, equity_left, loss);
	*shortened = falls_short && n < all;
	if (*shortened && w->rules->insurance.bears_price)
		return 0; /* it bears a part of every pair instead */
	uint32_t own = fb_book_row_index(w->book, fb_house_position(account->id, symbol));
	int64_t has = own == FB_NONE ? 0 : w->book->row[own].qty, closes = 0;
	if (has != 0 && (has < 0) != (c->qty < 0))
		closes = least(n, has < 0 ? -(__int128)has : has);
	__int128 room = equity * house->cap_e7 / FB_RATE_ONE - notional_held(w, house->account) -
			house->reserved_notional_e8;
	__int128 notional = (__int128)c->at_mark.notional_e8;
	if (notional > room)
		n = least(n, (room <= 0 ? 0 : fb_size_part(all, room, notional)) + closes);
	if (house == &w->house[FB_BACKSTOP] && w->policy->backstop_limit_e7 > 0) {
		room = window_room(w, house, equity);
		if (notional > room)
			n = least(n, room <= 0 ? 0 : fb_size_part(all, room, notional));
	}
	return n > 0 && fb_fill_fits(w, c->row, account->id, n,
				     fb_size_part(value_e8, n, all))
		       ? n
		       : 0;
}

static int take(struct fb_waterfall *w, uint32_t account, const struct fb_closing *c,
		struct fb_house *house, int64_t n, __int128 value_e8)
{
	int64_t all = c->qty < 0 ? -c->qty : c->qty;
	__int128 loss = fb_size_part(value_e8, n, all) -
			fb_size_part(c->at_mark.value_e8, n, all) + 1;
	struct fb_open open = {
		.order = {
			.verb = FB_VERB_TAKEOVER,
			.qty = c->qty < 0 ? -n : n,
			.value_e8 = fb_size_part(value_e8, n, all),
			.counter_position = fb_house_position(
				w->book->account[house->account].id,
				w->book->row[c->row].symbol),
		},
		.account = account,
		.row = c->row,
		.counter = house->account,
		.counter_row = FB_NONE,
		.purpose = FB_FOR_STEP,
		.window = fb_house_window(w),
		.pool = w->book->row[c->row].symbol,
		.reserved_loss_e8 = loss > 0 ? loss : 0,
		.reserved_notional_e8 =
			fb_size_part((__int128)c->at_mark.notional_e8, n, all) + 1,
	};
	int err = fb_orders_send(w, &open);
	return err < 0 ? err : !err;
}

/* What is left of a position when n lots of it are promised to a house. */
static struct fb_closing rest_of(const struct fb_waterfall *w, const struct fb_closing *c,
				 int64_t n)
{
	const struct fb_book_row *row = &w->book->row[c->row];
	const struct fb_book_symbol *symbol = &w->book->symbol[row->symbol];
	int64_t all = c->qty < 0 ? -c->qty : c->qty;
	struct fb_closing rest = {
		.row = c->row,
		.qty = c->qty < 0 ? c->qty + n : c->qty - n,
		.bankruptcy_e8 = c->bankruptcy_e8 - fb_size_part(c->bankruptcy_e8, n, all),
	};
	fb_value_row(&w->book->ladder[symbol->ladder], rest.qty, symbol->u, row->addend_e7,
		     &rest.at_mark);
	return rest;
}

/* The bankruptcy value; the mark; or so far from the mark, but never below bankruptcy: the rest
 * stays with the account (Deribit). */
static __int128 price_for(const struct fb_waterfall *w, const struct fb_closing *c)
{
	if (w->policy->takeover_price == FB_TAKEOVER_AT_BANKRUPTCY)
		return c->bankruptcy_e8;
	if (w->policy->takeover_price == FB_TAKEOVER_AT_MARK)
		return c->at_mark.value_e8;
	__int128 value = c->at_mark.value_e8 - (__int128)(c->at_mark.notional_e8 *
							  w->policy->takeover_spread_e7 /
							  FB_RATE_ONE);
	return value > c->bankruptcy_e8 ? value : c->bankruptcy_e8;
}

/* The backstop takes what it can of a position, the fund of the rest. */
static int offer(struct fb_waterfall *w, uint32_t account, struct fb_closing c)
{
	int sent = 0;
	for (int k = 0; k < FB_HOUSES && c.qty != 0; k++) {
		__int128 value = price_for(w, &c);
		bool shortened = false;
		int64_t n = takes(w, k) ? can_take(w, &w->house[k], &c, value, &shortened) : 0,
			all = c.qty < 0 ? -c.qty : c.qty;
		int err = shortened ? fb_fund_short(w, w->book->row[c.row].symbol) : 0;
		if (err)
			return err;
		struct fb_sized sized = { &c, all, all, n, value, w->house[k].account,
					  FB_FOR_STEP };
		if (w->house[k].account != FB_NONE && takes(w, k))
			FB_TELL(w, sized, account, &sized);
		if (n == 0)
			continue;
		int got = take(w, account, &c, &w->house[k], n, value);
		if (got <= 0)
			return got < 0 ? got : sent;
		sent++;
		w->counts.takeovers++;
		w->counts.backstop_takeovers += k == FB_BACKSTOP;
		c = rest_of(w, &c, n);
	}
	w->cases[account].short_row = sent > 0 && c.qty != 0 ? c.row : FB_NONE;
	return sent;
}

int fb_house_takeover(struct fb_waterfall *w, const struct fb_judged *j)
{
	struct fb_closing closing[FB_ROWS_PER_ACCOUNT];
	uint16_t order[FB_ROWS_PER_ACCOUNT];
	size_t rows = fb_size_plan(w, j->account, j->sums.equity_e8, closing);
	int sent = 0;
	fb_style_order(w, closing, rows, order);
	for (size_t i = 0; i < rows && !w->cases[j->account].deferred; i++) {
		if (w->full[closing[order[i]].row])
			continue;
		int got = offer(w, j->account, closing[order[i]]);
		if (got < 0)
			return got;
		sent += got;
		/* One position a step; the rest, if the account still must. */
		if (sent > 0 && w->policy->order != FB_ORDER_ALL)
			break;
	}
	return sent;
}

int fb_house_last_resort(struct fb_waterfall *w, const struct fb_judged *j)
{
	struct fb_closing closing[FB_ROWS_PER_ACCOUNT];
	size_t rows = fb_size_plan(w, j->account, j->sums.equity_e8, closing);
	int sent = 0;
	for (size_t i = 0; i < rows && w->cases[j->account].state == FB_READY; i++) {
		const struct fb_closing *c = &closing[i];
		int64_t all = c->qty < 0 ? -c->qty : c->qty;
		if (!fb_fill_fits(w, c->row, FB_ID_FUND, all, c->at_mark.value_e8)) {
			w->counts.nobody++;
			continue;
		}
		int got = take(w, j->account, c, &w->house[FB_FUND], all, c->at_mark.value_e8);
		if (got < 0)
			return got;
		sent += got;
		w->counts.last_resorts += (uint64_t)got;
	}
	return sent;
}
