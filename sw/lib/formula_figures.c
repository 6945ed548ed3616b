/* All figures of an account of a book: see <firebreak/formula_book.h>. */
#include <errno.h>

#include "formula_book.h"
#include "ratio.h"

/* Money, 1e-8, that a price of 1 gives to qty lots. */
static ratio size_of(const struct fb_symbol *symbol, int64_t qty)
{
	ratio size = times(whole(qty), whole(symbol->lot_e8));
	if (symbol->type == FB_QUANTO)
		size = times(size, fb_ratio_scaled(symbol->factor_e8, 8));
	if (symbol->index)
		size = times(size, fb_ratio_scaled(symbol->weight_e7, 7));
	return size;
}

ratio fb_price_of_value(const struct fb_symbol *symbol, int64_t qty, ratio value_e8)
{
	ratio size = size_of(symbol, qty);
	return fb_is_inverse(symbol) ? over(size, value_e8) : over(value_e8, size);
}

ratio fb_price_of_unit(const struct fb_symbol *symbol, uint64_t u)
{
	return fb_price_of_value(symbol, 1, over(whole(u), whole(1 << FB_U_FRACTION_BITS)));
}

static void value_row(const struct fb_price_question *q, const struct fb_view_row *row,
		      struct fb_row_value *out)
{
	fb_value_row(&q->book->ladder[q->book->symbol[row->symbol].ladder], row->qty, row->u,
		     row->addend_e7, out);
}

/* What of an account follows a symbol's price: positions in it, and coins valued by it. */
struct holding {
	ratio size, position_size; /* of all; of positions */
	__int128 value_e8, position_e8, gross_e8, mm_e15;
};

static struct holding hold(const struct fb_price_question *q)
{
	struct holding h = { 0 };
	for (size_t i = 0; i < q->view->rows; i++) {
		const struct fb_view_row *row = &q->view->row[i];
		struct fb_row_value v;
		if (!fb_follows(q, row->symbol))
			continue;
		value_row(q, row, &v);
		ratio size = size_of(&q->rules->symbol[row->symbol], row->qty);
		h.size = plus(h.size, size);
		h.value_e8 += v.value_e8;
		if (row->symbol != q->symbol)
			continue;
		h.position_size = plus(h.position_size, size);
		h.position_e8 += v.value_e8;
		h.gross_e8 += (__int128)v.notional_e8;
		h.mm_e15 += v.mm_e15;
	}
	return h;
}

static int direction_of(const struct fb_price_question *q, const struct holding *h)
{
	int sign = fb_ratio_sign(&h->size);
	return fb_is_inverse(&q->rules->symbol[q->symbol]) ? -sign : sign;
}

int fb_symbol_direction(const struct fb_price_question *q)
{
	struct holding h = hold(q);
	return direction_of(q, &h);
}

static struct fb_sums sums_now(const struct fb_price_question *q)
{
	struct fb_sums sums;
	if (q->sums)
		q->sums(q->context, q->book, q->view, q->symbol, 0, &sums);
	else
		fb_value_exact(q->book, q->view, &sums);
	return sums;
}

static const struct fb_book_class *class_of(const struct fb_price_question *q)
{
	return &q->book->classes[q->view->class_id];
}

static ratio threshold_of(const struct fb_price_question *q, unsigned level)
{
	return fb_ratio_scaled(class_of(q)->up_e7[level - 1], 7);
}

static unsigned liquidate_level(const struct fb_price_question *q)
{
	unsigned level = q->rules->liquidate_level;
	return level == 0 || level > class_of(q)->thresholds ? class_of(q)->thresholds : level;
}

static unsigned next_level(const struct fb_price_question *q, const struct fb_sums *sums)
{
	for (unsigned k = 1; k <= class_of(q)->thresholds; k++)
		if (!fb_value_breach(class_of(q), k, sums))
			return k;
	return FB_LEVEL_BANKRUPT;
}

static void expose(const struct fb_price_question *q, struct fb_account_figures *out)
{
	out->exposure_e8 = (struct fb_exposure){ 0 };
	out->coins_e8 = whole(0);
	for (size_t i = 0; i < q->view->rows; i++) {
		const struct fb_symbol *symbol = &q->rules->symbol[q->view->row[i].symbol];
		struct fb_row_value v;
		value_row(q, &q->view->row[i], &v);
		if (symbol->index)
			out->coins_e8 = plus(out->coins_e8, whole(v.value_e8));
		else
			fb_exposure_add(&out->exposure_e8,
					whole(fb_is_inverse(symbol) ? -v.value_e8 : v.value_e8));
	}
}

void fb_account_figures(const struct fb_price_question *q, enum fb_ratio_sense sense,
			struct fb_account_figures *out)
{
	out->sums = sums_now(q);
	ratio mm = fb_ratio_scaled(out->sums.mm_e15, 15),
	      equity = fb_ratio_scaled(out->sums.equity_e8, 8);
	out->ratio = fb_margin_ratio(mm, equity, sense);
	out->risk_score = fb_risk_score(mm, equity, threshold_of(q, liquidate_level(q)));
	expose(q, out);
	out->leverage = fb_effective_leverage(
		times(out->exposure_e8.gross, fb_ratio_scaled(1, 8)), equity);
	out->next_level = next_level(q, &out->sums);
	/* Down to the next threshold MM / T must stay; to bankruptcy, nothing. */
	ratio kept = out->next_level == FB_LEVEL_BANKRUPT
			     ? whole(0)
			     : over(mm, threshold_of(q, out->next_level));
	out->buffer_e8 = times(minus(equity, kept), whole(100000000));
}

/* The price at which this size is worth this; none if it is not above 0. */
static ratio price_at(const struct fb_price_question *q, ratio size, ratio value_e8)
{
	bool inverse = fb_is_inverse(&q->rules->symbol[q->symbol]);
	ratio price = inverse ? over(size, value_e8) : over(value_e8, size);
	bool none = price.error == -EDOM || (!price.error && fb_ratio_sign(&price) <= 0);
	return none ? fb_ratio_error(-ENOENT) : price;
}

/* Equity is split over the rows by MM, as the waterfall does: closing all there leaves 0. Rows
 * without MM (it is the account's, where it is frozen) have all of it if there are no others. */
static ratio zero_value(const struct fb_price_question *q, const struct holding *h,
			ratio equity_e8)
{
	__int128 all = 0;
	bool others = false;
	for (size_t i = 0; i < q->view->rows; i++) {
		struct fb_row_value v;
		value_row(q, &q->view->row[i], &v);
		all += v.mm_e15;
		others = others || (v.notional_e8 != 0 && q->view->row[i].symbol != q->symbol);
	}
	ratio share = all == 0 && !others
			      ? equity_e8
			      : over(times(equity_e8, whole(h->mm_e15)), whole(all));
	return minus(whole(h->position_e8), share);
}

/* The way that hurts first. The other may hurt too, where MM of both sides of a hedge grows faster
 * than what its larger side gains. */
static struct fb_found_price found(const struct fb_price_question *q, unsigned level, int direction)
{
	struct fb_price_question one = *q;
	struct fb_found_price out = { 0 };
	int hurts = direction < 0 ? 1 : -1;
	one.level = level;
	out.found = fb_breach_price(&one, hurts, &out.price_e8) == 0 ||
		    fb_breach_price(&one, -hurts, &out.price_e8) == 0;
	return out;
}

int fb_symbol_figures(const struct fb_price_question *q, unsigned level,
		      struct fb_symbol_figures *out)
{
	struct holding h = hold(q);
	const struct fb_symbol *symbol = &q->rules->symbol[q->symbol];
	if (fb_unit_now(q) == 0 || level == 0 || level > FB_LEVEL_BANKRUPT ||
	    (level < FB_LEVEL_BANKRUPT && level > class_of(q)->thresholds))
		return -EINVAL;
	struct fb_sums sums = sums_now(q), booked;
	/* Money is the book's, however a venue counts what is enough. */
	fb_value_exact(q->book, q->view, &booked);
	ratio equity_e8 = whole(booked.equity_e8), none = fb_ratio_error(-ENOENT);
	*out = (struct fb_symbol_figures){ .direction = direction_of(q, &h) };
	out->mark = fb_price_of_unit(symbol, fb_unit_now(q));
	out->delta_e8 = whole(fb_is_inverse(symbol) ? -h.value_e8 : h.value_e8);
	out->gross_e8 = whole(h.gross_e8);
	out->bankruptcy = price_at(q, h.size, minus(whole(h.value_e8), equity_e8));
	out->zero_price = price_at(q, h.position_size, zero_value(q, &h, equity_e8));
	for (unsigned k = 1; k <= class_of(q)->thresholds; k++)
		out->level[k] = found(q, k, out->direction);
	out->liquidation = out->level[liquidate_level(q)];
	out->next = level < FB_LEVEL_BANKRUPT ? out->level[level]
					      : found(q, level, out->direction);
	out->buffer = (struct fb_buffer){ none, none, none };
	if (!out->next.found)
		return 0;
	ratio next = fb_ratio_scaled(out->next.price_e8, 8);
	bool below = fb_ratio_compare(&next, &out->mark) <= 0,
	     beyond = fb_value_breach(class_of(q), level, &sums);
	out->buffer = fb_buffer_to(below != beyond ? 1 : -1, out->mark, next, none, none, none);
	return 0;
}
