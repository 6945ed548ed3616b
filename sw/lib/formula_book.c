/* Prices of an account of a book, in integers: see <firebreak/formula_book.h>.
 *
 * Between two prices at which a row changes its tier, or MM its sign, equity and MM are linear in
 * the notionals. So the search goes from the mark piece by piece, to the end of each, and where a
 * piece begins on one side and ends on the other, it is halved. */
#include <assert.h>
#include <errno.h>

#include "formula_book.h"

bool fb_is_inverse(const struct fb_symbol *symbol)
{
	return symbol->type == FB_INVERSE;
}

bool fb_follows(const struct fb_price_question *q, uint16_t symbol)
{
	return symbol == q->symbol || q->rules->symbol[symbol].index == q->symbol + 1u;
}

/* 0: none. */
static uint64_t unit_value(const struct fb_symbol *symbol, uint64_t price_e8)
{
	uint64_t u = 0;
	return fb_unit_value(symbol, price_e8, &u) == 0 ? u : 0;
}

static void add_row(const struct fb_price_question *q, const struct fb_view_row *row, uint64_t u,
		    struct fb_sums *sums)
{
	struct fb_row_value v;
	fb_value_row(&q->book->ladder[q->book->symbol[row->symbol].ladder], row->qty, u,
		     row->addend_e7, &v);
	sums->equity_e8 += v.value_e8 - row->entry_e8;
	sums->mm_e15 += v.mm_e15;
}

/* The account as it would be at this price. */
static struct fb_sums sums_at(struct fb_search *s, uint64_t price_e8)
{
	const struct fb_price_question *q = s->question;
	struct fb_sums sums = s->others;
	for (size_t i = 0; i < q->view->rows; i++) {
		const struct fb_view_row *row = &q->view->row[i];
		if (!fb_follows(q, row->symbol))
			continue;
		uint64_t u = unit_value(&q->rules->symbol[row->symbol], price_e8);
		if (q->sums)
			s->moved.row[i].u = u;
		else
			add_row(q, row, u, &sums);
	}
	if (q->sums)
		q->sums(q->context, q->book, &s->moved, q->symbol, price_e8, &sums);
	return sums;
}

static bool breached(struct fb_search *s, uint64_t price_e8)
{
	struct fb_sums sums = sums_at(s, price_e8);
	return fb_value_breach(&s->question->book->classes[s->question->view->class_id],
			       s->question->level, &sums);
}

/* The last price from `from` toward `to` at which `holds` says the same as at `from`. */
typedef bool predicate(struct fb_search *s, uint64_t price_e8, const void *what);
static uint64_t last_alike(struct fb_search *s, uint64_t from, uint64_t to, predicate *holds,
			   const void *what)
{
	bool first = holds(s, from, what);
	if (holds(s, to, what) == first)
		return to;
	for (;;) {
		uint64_t apart = from < to ? to - from : from - to;
		if (apart <= 1)
			return from;
		uint64_t middle = from < to ? from + apart / 2 : from - apart / 2;
		*(holds(s, middle, what) == first ? &from : &to) = middle;
	}
}

static bool is_price(struct fb_search *s, uint64_t price_e8, const void *what)
{
	(void)what;
	return unit_value(s->symbol, price_e8) > 0;
}

static bool is_breached(struct fb_search *s, uint64_t price_e8, const void *what)
{
	(void)what;
	return breached(s, price_e8);
}

static bool has_mm(struct fb_search *s, uint64_t price_e8, const void *what)
{
	(void)what;
	return sums_at(s, price_e8).mm_e15 > 0;
}

struct worth {
	const struct fb_symbol *symbol;
	uint64_t u;
};

static bool is_worth(struct fb_search *s, uint64_t price_e8, const void *what)
{
	const struct worth *worth = what;
	(void)s;
	return unit_value(worth->symbol, price_e8) >= worth->u;
}

/* Least unit value at which this row is in a tier. */
static uint64_t unit_of_floor(const struct fb_view_row *row, uint64_t floor_e8)
{
	uint64_t lots = row->qty < 0 ? -(uint64_t)row->qty : (uint64_t)row->qty;
	unsigned __int128 floor = (unsigned __int128)floor_e8 << FB_U_FRACTION_BITS;
	unsigned __int128 u = (floor + lots - 1) / lots;
	return u >> FB_U_BITS != 0 ? UINT64_MAX : (uint64_t)u;
}

/* The last price toward `to` up to which no row changes its tier. */
static uint64_t end_of_piece(struct fb_search *s, uint64_t from, uint64_t to)
{
	const struct fb_price_question *q = s->question;
	for (size_t i = 0; i < q->view->rows; i++) {
		const struct fb_view_row *row = &q->view->row[i];
		const struct fb_book_ladder *ladder =
			&q->book->ladder[q->book->symbol[row->symbol].ladder];
		if (!fb_follows(q, row->symbol) || row->qty == 0)
			continue;
		for (unsigned k = 1; k < ladder->tiers; k++) {
			struct worth tier = { &q->rules->symbol[row->symbol],
					      unit_of_floor(row, ladder->tier[k].floor_e8) };
			to = last_alike(s, from, to, is_worth, &tier);
		}
	}
	return last_alike(s, from, to, has_mm, NULL);
}

/* Prices that have a unit value, around one that has: powers of two are close enough to hit their
 * 52 octaves. */
static bool find_range(struct fb_search *s)
{
	uint64_t anchor = 1;
	while (anchor < FB_PRICE_END && !is_price(s, anchor, NULL))
		anchor *= 2;
	if (anchor == FB_PRICE_END)
		return false;
	s->low = last_alike(s, anchor, 1, is_price, NULL);
	s->high = last_alike(s, anchor, FB_PRICE_END, is_price, NULL);
	return true;
}

/* The highest price of the unit value now. */
static uint64_t mark_of(struct fb_search *s, uint64_t u)
{
	struct worth now = { s->symbol, u + !fb_is_inverse(s->symbol) };
	return last_alike(s, s->low, s->high, is_worth, &now);
}

uint64_t fb_unit_now(const struct fb_price_question *q)
{
	bool any = false;
	for (size_t i = 0; i < q->view->rows; i++) {
		if (q->view->row[i].symbol == q->symbol)
			return q->view->row[i].u;
		any = any || fb_follows(q, q->view->row[i].symbol);
	}
	return any ? q->book->symbol[q->symbol].u : 0;
}

int fb_search_open(const struct fb_price_question *q, struct fb_search *s)
{
	uint64_t u = fb_unit_now(q);
	*s = (struct fb_search){ .question = q, .symbol = &q->rules->symbol[q->symbol] };
	s->others = (struct fb_sums){ .equity_e8 = q->view->collateral_e8,
				      .mm_e15 = q->view->addend_e15 };
	for (size_t i = 0; i < q->view->rows; i++) {
		const struct fb_view_row *row = &q->view->row[i];
		if (!fb_follows(q, row->symbol))
			add_row(q, row, row->u, &s->others);
	}
	if (q->sums)
		s->moved = *q->view;
	if (u == 0 || !find_range(s))
		return -EINVAL;
	s->mark = mark_of(s, u);
	return 0;
}

static int search(struct fb_search *s, int heading, uint64_t *price_e8)
{
	bool before = breached(s, s->mark);
	int way = before ? -heading : heading;
	uint64_t last = way > 0 ? s->high : s->low, from = s->mark;
	for (;;) {
		uint64_t end = end_of_piece(s, from, last);
		uint64_t turn = last_alike(s, from, end, is_breached, NULL);
		if (turn == last)
			return -ENOENT;
		uint64_t next = way > 0 ? turn + 1 : turn - 1;
		if (turn != end || breached(s, next) != before) {
			*price_e8 = before ? turn : next;
			return 0;
		}
		from = next;
	}
}

int fb_breach_price(const struct fb_price_question *q, int heading, uint64_t *price_e8)
{
	struct fb_search s;
	const struct fb_book_class *class = &q->book->classes[q->view->class_id];
	if ((heading != 1 && heading != -1) || q->level == 0 || q->level > FB_LEVEL_BANKRUPT ||
	    (q->level != FB_LEVEL_BANKRUPT && q->level > class->thresholds))
		return -EINVAL;
	int err = fb_search_open(q, &s);
	return err ? err : search(&s, heading, price_e8);
}
