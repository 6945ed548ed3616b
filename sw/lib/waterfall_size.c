/* How much of which position, and at what limit. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "sort.h"
#include "venue_judge.h"
#include "waterfall_internal.h"

static unsigned __int128 magnitude(__int128 x)
{
	return x < 0 ? -(unsigned __int128)x : (unsigned __int128)x;
}

/* floor(a x n / all) for a, n <= all < 2^126: whole multiples of `all` first, then the remainder
 * bit by bit, since its product may need 256 bits. */
static unsigned __int128 part(unsigned __int128 a, unsigned __int128 n, unsigned __int128 all)
{
	unsigned __int128 whole = a / all * n, rest = a % all, quotient = 0, left = 0;
	if (rest == 0 || n == 0)
		return whole;
	if (rest < (unsigned __int128)1 << 64 && n < (unsigned __int128)1 << 63)
		return whole + rest * n / all;
	for (int bit = 127; bit >= 0; bit--) {
		left *= 2;
		quotient *= 2;
		if (left >= all) {
			left -= all;
			quotient++;
		}
		if (n >> bit & 1) {
			left += rest;
			if (left >= all) {
				left -= all;
				quotient++;
			}
		}
	}
	return whole + quotient;
}

__int128 fb_size_part(__int128 value_e8, __int128 n, __int128 all)
{
	assert(all > 0 && n >= 0 && n <= all && all < (__int128)1 << 126);
	if (value_e8 >= 0)
		return (__int128)part((unsigned __int128)value_e8, (unsigned __int128)n,
				      (unsigned __int128)all);
	/* Toward minus infinity: the other part, toward zero, is what is left of the whole. */
	return -(__int128)(magnitude(value_e8) - part(magnitude(value_e8),
						      (unsigned __int128)(all - n),
						      (unsigned __int128)all));
}

static int64_t lots(int64_t qty)
{
	return qty < 0 ? -qty : qty;
}

/* What of a row no open pair with another account is about to close. */
static int64_t unpromised(const struct fb_waterfall *w, uint32_t row)
{
	int64_t qty = w->book->row[row].qty, promised = w->promised[row];
	if (lots(qty) <= promised)
		return 0;
	return qty < 0 ? qty + promised : qty - promised;
}

size_t fb_size_all(const struct fb_waterfall *w, uint32_t account, __int128 equity_e8,
		   struct fb_closing out[FB_ROWS_PER_ACCOUNT])
{
	const struct fb_book *book = w->book;
	struct fb_sort_key by_id[FB_ROWS_PER_ACCOUNT], scratch[FB_ROWS_PER_ACCOUNT];
	__int128 mm[FB_ROWS_PER_ACCOUNT], share[FB_ROWS_PER_ACCOUNT];
	size_t n = 0;
	for (uint32_t i = book->account[account].first; i != FB_NONE; i = book->row[i].next)
		if (book->row[i].live && unpromised(w, i) != 0 &&
		    !fb_final_begun(w, book->row[i].symbol))
			by_id[n++] = (struct fb_sort_key){ book->row[i].id, i };
	fb_sort_keys(by_id, scratch, n);
	for (size_t i = 0; i < n; i++) {
		const struct fb_book_row *row = &book->row[by_id[i].index];
		const struct fb_book_symbol *symbol = &book->symbol[row->symbol];
		out[i].row = by_id[i].index;
		out[i].qty = unpromised(w, out[i].row);
		fb_value_row(&book->ladder[symbol->ladder], out[i].qty, symbol->u,
			     row->addend_e7, &out[i].at_mark);
		mm[i] = out[i].at_mark.mm_e15;
	}
	fb_value_shares(mm, n, equity_e8, share);
	for (size_t i = 0; i < n; i++) {
		out[i].bankruptcy_e8 = out[i].at_mark.value_e8 - share[i];
		if (book->row[out[i].row].qty > 0 && out[i].bankruptcy_e8 < 0)
			out[i].bankruptcy_e8 = 0;
	}
	return n;
}

/* Shares of the equity are of all positions: what is frozen keeps its own. */
size_t fb_size_plan(const struct fb_waterfall *w, uint32_t account, __int128 equity_e8,
		    struct fb_closing out[FB_ROWS_PER_ACCOUNT])
{
	size_t all = fb_size_all(w, account, equity_e8, out), n = 0;
	for (size_t i = 0; i < all; i++)
		if (!fb_conditions_frozen(w->conditions, w->book->row[out[i].row].symbol))
			out[n++] = out[i];
	return n;
}

bool fb_size_frozen(const struct fb_waterfall *w, uint32_t account)
{
	bool any = false;
	for (uint32_t i = w->book->account[account].first; i != FB_NONE; i = w->book->row[i].next) {
		const struct fb_book_row *row = &w->book->row[i];
		if (!row->live || w->rules->symbol[row->symbol].index != 0) /* a coin */
			continue;
		if (!fb_conditions_frozen(w->conditions, row->symbol))
			return false;
		any = true;
	}
	return any;
}

/* A limit within the band around the mark. */
static __int128 banded(const struct fb_waterfall *w, const struct fb_closing *c, __int128 limit_e8)
{
	uint32_t band_e7 = fb_conditions_band(w->conditions);
	if (band_e7 == 0)
		return limit_e8;
	__int128 edge = c->at_mark.value_e8 -
			(__int128)(c->at_mark.notional_e8 * band_e7 / FB_RATE_ONE);
	return limit_e8 > edge ? limit_e8 : edge;
}

/* Closing a position sells in terms of price if it is long: bids; an inverse contract's quantity is
 * negated. */
static int64_t *depth_for(struct fb_waterfall *w, uint16_t symbol, int64_t qty)
{
	bool sells = (qty > 0) != (w->rules->symbol[symbol].type == FB_INVERSE);
	unsigned side = sells ? 0 : 1;
	__int128 depth = w->depth[symbol][side];
	if (w->depth_round[symbol][side] == w->depth_rounds)
		return &w->depth_left[symbol][side];
	/* The first time in this decision or tick: few symbols are asked for in one. */
	uint32_t share_e7 = w->depth_adapts
				    ? fb_conditions_adapt(w->conditions, symbol, FB_ADAPT_DEPTH,
							  side, w->depth_share_e7, FB_RATE_ONE)
				    : w->depth_share_e7;
	w->depth_round[symbol][side] = w->depth_rounds;
	w->depth_left[symbol][side] = depth == FB_UNKNOWN_DEPTH
					      ? FB_UNKNOWN_DEPTH
					      : (int64_t)(depth * share_e7 / FB_RATE_ONE);
	return &w->depth_left[symbol][side];
}

/* Sends a reduction of at most n lots, as far as depth goes. 1, 0 (nothing), -errno. */
static int reduce(struct fb_waterfall *w, uint32_t account, const struct fb_closing *c, int64_t n,
		  __int128 limit_e8, bool whole, enum fb_purpose purpose)
{
	const struct fb_book_row *row = &w->book->row[c->row];
	int64_t *depth = depth_for(w, row->symbol, c->qty);
	limit_e8 = banded(w, c, limit_e8);
	struct fb_sized sized = { c, n, *depth, n, limit_e8, FB_NONE, (uint8_t)purpose };
	if (n > *depth) {
		n = *depth;
		whole = false;
	}
	sized.lots = n;
	FB_TELL(w, sized, account, &sized);
	if (n <= 0)
		return 0;
	/* At the price that the venue takes: never worse for the account than sized. */
	__int128 limit = fb_venue_tick(&w->rules->symbol[row->symbol],
				       fb_size_part(limit_e8, n, lots(c->qty)), n);
	if (!fb_fill_fits(w, c->row, FB_ID_STREET, n, c->at_mark.value_e8 / lots(c->qty) * n))
		return 0;
	struct fb_open open = {
		.order = {
			.verb = FB_VERB_REDUCE,
			.tif = whole ? FB_FOK : FB_IOC,
			.qty = c->qty < 0 ? -n : n,
			.value_e8 = limit,
		},
		.account = account,
		.row = c->row,
		.counter = FB_NONE,
		.counter_row = FB_NONE,
		.purpose = (uint8_t)purpose,
		.bankruptcy_e8 = fb_size_part(c->bankruptcy_e8, n, lots(c->qty)),
	};
	int err = fb_orders_send(w, &open);
	if (err)
		return err < 0 ? err : 0;
	if (*depth != FB_UNKNOWN_DEPTH)
		*depth -= n;
	w->counts.reductions += purpose == FB_FOR_CLOSING;
	w->counts.cuts += purpose == FB_FOR_CUT;
	w->counts.unwinds += purpose == FB_FOR_UNWINDING;
	return 1;
}

/* The mark less a share of it, twice as far after each try that filled nothing. */
static __int128 limit_near_mark(const struct fb_waterfall *w, const struct fb_closing *c,
				unsigned idle)
{
	uint32_t slip_e7 = fb_conditions_adapt(w->conditions, w->book->row[c->row].symbol,
					       FB_ADAPT_SLIPPAGE, 0, w->policy->cut_slip_e7,
					       FB_RATE_ONE);
	unsigned __int128 slip = c->at_mark.notional_e8 * slip_e7 / FB_RATE_ONE + 1;
	return c->at_mark.value_e8 - (__int128)(slip << (idle < 30 ? idle : 30));
}

int fb_size_cut(struct fb_waterfall *w, const struct fb_judged *j)
{
	struct fb_closing closing[FB_ROWS_PER_ACCOUNT];
	size_t n = fb_size_plan(w, j->account, j->sums.equity_e8, closing);
	int sent = 0;
	for (size_t i = 0; i < n; i++) {
		const struct fb_closing *c = &closing[i];
		uint32_t share_e7 = fb_conditions_adapt(
			w->conditions, w->book->row[c->row].symbol, FB_ADAPT_CUT, 0,
			w->policy->cut_share_e7, FB_RATE_ONE);
		__int128 share = (__int128)lots(c->qty) * share_e7,
			 limit = limit_near_mark(w, c, w->cases[j->account].idle);
		int got = reduce(w, j->account, c,
				 (int64_t)((share + FB_RATE_ONE - 1) / FB_RATE_ONE),
				 limit > c->bankruptcy_e8 ? limit : c->bankruptcy_e8, false,
				 FB_FOR_CUT);
		if (got < 0)
			return got;
		sent += got;
		if (w->cases[j->account].state == FB_STUCK)
			break;
	}
	return sent;
}

int fb_size_reduce(struct fb_waterfall *w, const struct fb_judged *j, bool last)
{
	struct fb_closing closing[FB_ROWS_PER_ACCOUNT];
	struct fb_portion portion[FB_ROWS_PER_ACCOUNT];
	struct fb_case *c = &w->cases[j->account];
	size_t n = fb_size_plan(w, j->account, j->sums.equity_e8, closing);
	bool any = false;
	int sent = 0;
	if (!last)
		fb_style_portions(w, j, closing, n, portion);
	for (size_t i = 0; i < n && c->state != FB_STUCK; i++) {
		if (last)
			portion[i] = (struct fb_portion){ lots(closing[i].qty), true };
		any = any || portion[i].lots > 0;
		int got = reduce(w, j->account, &closing[i], portion[i].lots,
				 fb_style_limit(w, j, &closing[i], last), portion[i].fok,
				 FB_FOR_CLOSING);
		if (got < 0)
			return got;
		sent += got;
	}
	/* A style that asks for nothing yet has not tried in vain. */
	c->deferred = c->deferred || !any;
	return sent;
}

int fb_size_unwind(struct fb_waterfall *w, uint32_t account)
{
	struct fb_closing closing[FB_ROWS_PER_ACCOUNT];
	size_t n = fb_size_plan(w, account, 0, closing);
	int sent = 0;
	for (size_t i = 0; i < n; i++) {
		const struct fb_closing *c = &closing[i];
		int64_t most = *depth_for(w, w->book->row[c->row].symbol, c->qty);
		__int128 base = most == FB_UNKNOWN_DEPTH ? lots(c->qty) : most;
		int64_t share = (int64_t)((base * w->policy->unwind_share_e7 + FB_RATE_ONE - 1) /
					  FB_RATE_ONE);
		int got = reduce(w, account, c, share < lots(c->qty) ? share : lots(c->qty),
				 limit_near_mark(w, c, 0), false, FB_FOR_UNWINDING);
		if (got < 0)
			return got;
		sent += got;
		if (w->cases[account].state == FB_STUCK)
			break;
	}
	return sent;
}
