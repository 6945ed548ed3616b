/* ADL: what a pair of a need and a counterparty's row trades at, what that costs the counterparty
 * at the mark, and how many lots it can bear.
 *
 * Value. After c of a need's Q lots, floor(V c / Q) of its value V is given, and a pair is worth
 * the difference of two such sums: whatever the number of pairs, the last one ends at exactly V.
 * Own opposite rows are the exception: both legs trade at the mark, and the need gives up the part
 * of V that belongs to these lots. So what remains of a need is always worth V less
 * floor(V c / Q). */
#include "adl_turn.h"
#include "powers.h"

/* A row as the pairs planned so far leave it. */
struct fb_adl_row *fb_adl_row_now(const struct fb_adl_turn *p, uint32_t index)
{
	struct fb_adl_row *row = &p->adl->row[index];
	if (row->round != p->adl->round)
		*row = (struct fb_adl_row){
			.round = p->adl->round,
			.qty = p->book->row[index].qty,
			.entry_e8 = p->book->row[index].entry_e8,
		};
	return row;
}
__int128 fb_adl_at_mark(int64_t qty, uint64_t u)
{
	__int128 notional = (__int128)fb_adl_lots(qty) * u >> FB_U_FRACTION_BITS;
	return qty < 0 ? -notional : notional;
}
/* floor(value x lots / all lots), in two parts: the product may need more than 128 bits. */
static __int128 value_of_first(const struct fb_adl_turn *p, int64_t lots)
{
	return p->per_lot_e8 * lots + (__int128)p->rest_e8 * lots / p->lots;
}

/* Of the next n lots. */
static __int128 value_of_next(const struct fb_adl_turn *p, int64_t n)
{
	int64_t given = p->lots - p->left;
	return value_of_first(p, given + n) - value_of_first(p, given);
}

/* What n lots of a counterparty's row are worth to it at the mark, with the sign of the need's. */
static __int128 mark_of_next(const struct fb_adl_turn *p, const struct fb_adl_row *row, int64_t n)
{
	return fb_adl_at_mark(row->qty + p->sign * n, p->u) - fb_adl_at_mark(row->qty, p->u);
}

/* Of the account's equity, what belongs to n lots of a row, by maintenance margin: closing at the
 * mark and paying that is closing at the row's bankruptcy price. Cut, and at most 2^64 - 1. */
static __int128 share_of(const struct fb_adl_turn *p, const struct fb_adl_entry *e, int64_t n)
{
	__int128 equity_e8 = e->terms.score.equity_e8, mm = e->terms.mm_e15, own = e->own_mm_e15;
	int64_t all = fb_adl_lots(p->book->row[e->row].qty);
	const unsigned __int128 up[3] = { (unsigned __int128)equity_e8,
					  (unsigned __int128)(own > 0 ? own : 1),
					  (unsigned __int128)n },
				down[3] = { (unsigned __int128)(mm > 0 ? mm : 1),
					    (unsigned __int128)all, 1 };
	return fb_powers_quotient(NULL, NULL, 0, up, down);
}

/* At which the next n lots of the need trade with this row. */
__int128 fb_adl_price(const struct fb_adl_turn *p, const struct fb_adl_row *row, int64_t n)
{
	const struct fb_book_row *own = &p->book->row[p->need->row];
	__int128 own_e8 = value_of_next(p, n), sum, entry_e8;
	switch (p->pricing) {
	case FB_ADL_BY_NEED: break;
	case FB_ADL_BY_AVERAGE:
		entry_e8 = (__int128)own->entry_e8 * n;
		return entry_e8 / fb_adl_lots(own->qty) - (entry_e8 % fb_adl_lots(own->qty) < 0);
	case FB_ADL_BY_BOTH:
		sum = own_e8 + mark_of_next(p, row, n) + share_of(p, p->entry, n);
		return sum / 2 - (sum % 2 < 0);
	}
	return own_e8;
}

/* What the owner of a row loses at the mark if it closes the next n lots of the need. */
__int128 fb_adl_loss(const struct fb_adl_turn *p, const struct fb_adl_row *row, int64_t n)
{
	return fb_adl_price(p, row, n) - mark_of_next(p, row, n);
}

/* The need's price is not beyond the row's own bankruptcy price. */
bool fb_adl_overlaps(const struct fb_adl_turn *p, const struct fb_adl_row *row,
		     const struct fb_adl_entry *e, int64_t n)
{
	return value_of_next(p, n) - mark_of_next(p, row, n) <= share_of(p, e, n);
}

/* And inside what one trade can carry, on both sides of it. */
static bool bearable(const struct fb_adl_turn *p, const struct fb_adl_row *row, __int128 left_e8,
		     int64_t n)
{
	__int128 value_e8 = fb_adl_price(p, row, n);
	return fb_fits(value_e8, FB_MONEY_BITS) && fb_fits(-value_e8, FB_MONEY_BITS) &&
	       fb_adl_loss(p, row, n) <= left_e8;
}

/* The most lots of the need that a row can take; none if it cannot bear one. Losses grow with n but
 * for the rounding of the two values, less than 2 units together: where a lot costs less than
 * that, a few lots more might be bearable again. */
int64_t fb_adl_most_lots(const struct fb_adl_turn *p, const struct fb_adl_row *row,
			 __int128 left_e8, int64_t allowed)
{
	int64_t most = fb_adl_lots(row->qty) < p->left ? fb_adl_lots(row->qty) : p->left;
	most = most < allowed ? most : allowed;
	if (most == 0 || !bearable(p, row, left_e8, 1))
		return 0;
	if (bearable(p, row, left_e8, most))
		return most;
	int64_t good = 1, bad = most;
	while (bad - good > 1) {
		int64_t middle = good + (bad - good) / 2;
		if (bearable(p, row, left_e8, middle))
			good = middle;
		else
			bad = middle;
	}
	return good;
}

/* Nobody loses less by the need's next lot: the value of a lot at the mark is floor(u) or one more,
 * whichever row it is taken from. */
uint64_t fb_adl_least_loss(const struct fb_adl_turn *p)
{
	if (p->pricing == FB_ADL_BY_AVERAGE)
		return 1;
	__int128 unit = (__int128)(p->u >> FB_U_FRACTION_BITS);
	uint64_t key = fb_adl_key(value_of_next(p, 1) - (p->sign > 0 ? unit + 1 : -unit));
	return key > 0 ? key : 1; /* who has nothing left is done even where it would gain */
}
