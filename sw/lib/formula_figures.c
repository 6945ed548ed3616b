/* All figures of an account of a book: see <firebreak/formula_book.h>. */
#include <errno.h>

#include "formula_book.h"
#include "ratio.h"

/* Money, 1e-8, that a price of 1 gives to qty lots; of an inverse contract, at a price of 1. */
static ratio size_of(const struct fb_symbol *symbol, int64_t qty)
{
	return times(whole(qty), whole(symbol->lot_e8));
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

/* What an account has in a symbol: an inverse contract's rows have the sign turned. */
struct holding {
	int64_t qty;
	__int128 value_e8, mm_e15;
	uint64_t u;
	bool any;
};

static struct holding hold(const struct fb_price_question *q)
{
	struct holding h = { 0 };
	const struct fb_book_ladder *ladder = &q->book->ladder[q->book->symbol[q->symbol].ladder];
	for (size_t i = 0; i < q->view->rows; i++) {
		const struct fb_view_row *row = &q->view->row[i];
		struct fb_row_value v;
		if (row->symbol != q->symbol)
			continue;
		fb_value_row(ladder, row->qty, row->u, row->addend_e7, &v);
		h.qty += row->qty;
		h.value_e8 += v.value_e8;
		h.mm_e15 += v.mm_e15;
		h.u = row->u;
		h.any = true;
	}
	return h;
}

int fb_symbol_direction(const struct fb_price_question *q)
{
	int64_t qty = hold(q).qty;
	if (qty == 0)
		return 0;
	return (qty > 0) != fb_is_inverse(&q->rules->symbol[q->symbol]) ? 1 : -1;
}

static struct fb_sums sums_now(const struct fb_price_question *q)
{
	struct fb_sums sums;
	if (q->sums)
		q->sums(q->context, q->book, q->view, &sums);
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

static void expose(const struct fb_price_question *q, struct fb_exposure *out)
{
	*out = (struct fb_exposure){ 0 };
	struct fb_price_question one = *q;
	for (size_t i = 0; i < q->view->rows; i++) {
		bool seen = false;
		for (size_t k = 0; k < i; k++)
			seen = seen || q->view->row[k].symbol == q->view->row[i].symbol;
		if (seen)
			continue;
		one.symbol = q->view->row[i].symbol;
		struct fb_symbol_figures f = { 0 };
		fb_symbol_exposure(&one, &f);
		out->net = plus(out->net, f.delta_e8);
		out->gross = plus(out->gross, f.gross_e8);
		/* gross = longs + shorts, net = longs - shorts, for each symbol */
		ratio twice_longs = plus(f.gross_e8, f.delta_e8),
		      twice_shorts = minus(f.gross_e8, f.delta_e8);
		out->longs = plus(out->longs, over(twice_longs, whole(2)));
		out->shorts = plus(out->shorts, over(twice_shorts, whole(2)));
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
	expose(q, &out->exposure_e8);
	out->leverage = fb_effective_leverage(
		times(out->exposure_e8.gross, fb_ratio_scaled(1, 8)), equity);
	out->next_level = next_level(q, &out->sums);
	/* Down to the next threshold MM / T must stay; to bankruptcy, nothing. */
	ratio kept = out->next_level == FB_LEVEL_BANKRUPT
			     ? whole(0)
			     : over(mm, threshold_of(q, out->next_level));
	out->buffer_e8 = times(minus(equity, kept), whole(100000000));
}

void fb_symbol_exposure(const struct fb_price_question *q, struct fb_symbol_figures *out)
{
	bool inverse = fb_is_inverse(&q->rules->symbol[q->symbol]);
	__int128 delta = 0, gross = 0;
	for (size_t i = 0; i < q->view->rows; i++) {
		const struct fb_view_row *row = &q->view->row[i];
		struct fb_row_value v;
		if (row->symbol != q->symbol)
			continue;
		fb_value_row(&q->book->ladder[q->book->symbol[q->symbol].ladder], row->qty, row->u,
			     row->addend_e7, &v);
		delta += inverse ? -v.value_e8 : v.value_e8;
		gross += (__int128)v.notional_e8;
	}
	out->delta_e8 = whole(delta);
	out->gross_e8 = whole(gross);
}

/* The price at which the net lots are worth this; none if it is not above 0. */
static ratio price_at(const struct fb_price_question *q, const struct holding *h, ratio value_e8)
{
	if (h->qty == 0)
		return fb_ratio_error(-ENOENT);
	ratio price = fb_price_of_value(&q->rules->symbol[q->symbol], h->qty, value_e8);
	bool none = price.error == -EDOM || (!price.error && fb_ratio_sign(&price) <= 0);
	return none ? fb_ratio_error(-ENOENT) : price;
}

/* Equity is split over the rows by MM, as the waterfall does: closing all there leaves 0. */
static ratio zero_value(const struct fb_price_question *q, const struct holding *h,
			ratio equity_e8)
{
	__int128 all = 0;
	for (size_t i = 0; i < q->view->rows; i++) {
		const struct fb_view_row *row = &q->view->row[i];
		struct fb_row_value v;
		fb_value_row(&q->book->ladder[q->book->symbol[row->symbol].ladder], row->qty,
			     row->u, row->addend_e7, &v);
		all += v.mm_e15;
	}
	return minus(whole(h->value_e8), over(times(equity_e8, whole(h->mm_e15)), whole(all)));
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
	if (!h.any || level == 0 || level > FB_LEVEL_BANKRUPT ||
	    (level < FB_LEVEL_BANKRUPT && level > class_of(q)->thresholds))
		return -EINVAL;
	struct fb_sums sums = sums_now(q);
	ratio equity_e8 = whole(sums.equity_e8), none = fb_ratio_error(-ENOENT);
	*out = (struct fb_symbol_figures){ .direction = fb_symbol_direction(q) };
	out->mark = fb_price_of_unit(symbol, h.u);
	fb_symbol_exposure(q, out);
	out->bankruptcy = price_at(q, &h, minus(whole(h.value_e8), equity_e8));
	out->zero_price = price_at(q, &h, zero_value(q, &h, equity_e8));
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
