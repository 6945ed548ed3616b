/* See venue_judge.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "margin.h"
#include "venue_judge.h"

#define ONE_E7 10000000
#define E8 100000000u

enum { EXACT, UP, DOWN }; /* [margin] round */

static unsigned __int128 magnitude(__int128 x)
{
	return x < 0 ? -(unsigned __int128)x : (unsigned __int128)x;
}

int fb_venue_judge_open(const struct fb_rules *rules, struct fb_venue_judge *out)
{
	*out = (struct fb_venue_judge){ .rules = rules };
	out->price_e8 = calloc(FB_SYMBOLS, sizeof(*out->price_e8));
	out->group = calloc(FB_SYMBOLS, sizeof(*out->group));
	if (!out->price_e8 || !out->group)
		return -ENOMEM;
	for (unsigned s = 0; s < rules->symbols; s++) {
		const char *name = rules->symbol[s].group;
		unsigned first = name[0] ? 0 : s;

		while (first < s && strcmp(rules->symbol[first].group, name) != 0)
			first++;
		out->group[s] = (uint16_t)first;
	}
	return 0;
}

void fb_venue_judge_close(struct fb_venue_judge *judge)
{
	free(judge->price_e8);
	free(judge->group);
	judge->price_e8 = NULL;
	judge->group = NULL;
}

bool fb_venue_judge_prices(const struct fb_rules *rules, unsigned symbol)
{
	return rules->symbol[symbol].type != FB_LINEAR;
}

/* Down to a multiple of the quantum, or up. */
static __int128 down(__int128 value, __int128 quantum)
{
	__int128 rest = value % quantum;

	return value - rest - (rest < 0 ? quantum : 0);
}

static __int128 up(__int128 value, __int128 quantum)
{
	return -down(-value, quantum);
}

/* What the lots are worth, rounded down to 1e-8. What does not fit is as good as the book's. */
static unsigned __int128 worth(const struct fb_venue_judge *judge, const struct fb_view_row *row)
{
	const struct fb_symbol *s = &judge->rules->symbol[row->symbol];
	unsigned __int128 lots = magnitude(row->qty), most = ~(unsigned __int128)0;
	unsigned __int128 by_book = lots * row->u >> FB_U_FRACTION_BITS, base = lots * s->lot_e8;
	uint64_t price_e8 = judge->price_e8[row->symbol];

	if (price_e8 == 0 || s->type == FB_LINEAR)
		return by_book;
	if (s->type == FB_INVERSE)
		return base > most / E8 ? by_book : base * E8 / price_e8;
	if (base > most / price_e8 || base * price_e8 > most / s->factor_e8)
		return by_book;
	return base * price_e8 * s->factor_e8 / ((unsigned __int128)E8 * E8);
}

/* Value and MM of one row, both as the venue rounds them. */
static void judge_row(const struct fb_venue_judge *judge, const struct fb_view_row *row,
		      __int128 *value_e8, __int128 *mm_e15)
{
	const struct fb_rules *r = judge->rules;
	const struct fb_margin *m = &r->margin;
	const struct fb_symbol *s = &r->symbol[row->symbol];
	unsigned __int128 n = worth(judge, row);
	__int128 quantum_e15 = (__int128)m->quantum_e8 * ONE_E7;

	if (s->index && s->size_root_e7)
		n = n * fb_margin_weight_e7(s, row->qty) / s->weight_e7;
	if (m->round)
		n -= n % m->quantum_e8;
	*value_e8 = row->qty < 0 ? -(__int128)n : (__int128)n;
	if (m->mm_at_entry)
		n = magnitude(row->entry_e8);
	if (m->mm_of_initial_e7 && s->initial_e7 && m->round) {
		__int128 initial = (__int128)(n * s->initial_e7);

		initial = m->round == UP ? up(initial, quantum_e15) : down(initial, quantum_e15);
		*mm_e15 = initial / ONE_E7 * m->mm_of_initial_e7;
	} else {
		*mm_e15 = fb_margin_mm_e15(r, row->symbol, n, row->qty);
	}
	if (m->round == UP)
		*mm_e15 = up(*mm_e15, quantum_e15);
	if (m->round == DOWN)
		*mm_e15 = down(*mm_e15, quantum_e15);
}

struct side {
	uint16_t group;
	__int128 long_e15, short_e15;
};

/* Adds to a group, which is new if it is not among the first n; how many there are then. */
static size_t add_side(struct side *side, size_t n, uint16_t group, bool is_long, __int128 mm_e15)
{
	size_t i = 0;

	while (i < n && side[i].group != group)
		i++;
	if (i == n)
		side[n++] = (struct side){ .group = group };
	if (is_long)
		side[i].long_e15 += mm_e15;
	else
		side[i].short_e15 += mm_e15;
	return n;
}

void fb_venue_judge_sums(const struct fb_venue_judge *judge, const struct fb_view *view,
			 struct fb_sums *out)
{
	const struct fb_rules *r = judge->rules;
	struct side side[FB_ROWS_PER_ACCOUNT];
	size_t sides = 0;

	*out = (struct fb_sums){ .equity_e8 = view->collateral_e8 };
	for (size_t i = 0; i < view->rows; i++) {
		const struct fb_view_row *row = &view->row[i];
		bool inverse = r->symbol[row->symbol].type == FB_INVERSE;
		__int128 value_e8, mm_e15;

		if (row->qty == 0 && row->entry_e8 == 0)
			continue; /* no more, or not yet */
		judge_row(judge, row, &value_e8, &mm_e15);
		out->equity_e8 += value_e8 - row->entry_e8;
		if (r->margin.net_max_side)
			sides = add_side(side, sides, judge->group[row->symbol],
					 (row->qty > 0) != inverse, mm_e15);
		else
			out->mm_e15 += mm_e15;
	}
	for (size_t i = 0; i < sides; i++)
		out->mm_e15 += side[i].long_e15 > side[i].short_e15 ? side[i].long_e15
								     : side[i].short_e15;
	/* The venue has so much money, in whole quanta. */
	if (r->margin.round)
		out->equity_e8 = down(out->equity_e8, (__int128)r->margin.quantum_e8);
}

/* value = lots x lot x price (linear), lots x lot / price (inverse), lots x lot x price x factor
 * (quanto). The book's sign: an inverse long is negative there. */
__int128 fb_venue_tick(const struct fb_symbol *symbol, __int128 value_e8, int64_t lots)
{
	unsigned __int128 n = magnitude(lots), value = magnitude(value_e8), price, step;
	bool positive = value_e8 >= 0;

	/* Wider than a price of 64 bits: left as it is. */
	if (symbol->tick_e8 == 0 || lots == 0 || value == 0 || value >> 62 || symbol->index ||
	    symbol->lot_e8 >> 40 || symbol->factor_e8 >> 40)
		return value_e8;
	if (symbol->type == FB_INVERSE) {
		/* price = n x lot x 1e8 / value; a lower value is a higher price */
		unsigned __int128 base = n * symbol->lot_e8 * E8;

		price = positive ? base / value : (base + value - 1) / value + symbol->tick_e8 - 1;
		price = price / symbol->tick_e8 * symbol->tick_e8;
		if (price == 0)
			return value_e8;
		step = positive ? (base + price - 1) / price : base / price;
		return positive ? (__int128)step : -(__int128)step;
	}
	/* What a tick is worth: x 1e8, and x 1e16 of a quanto. */
	step = n * symbol->lot_e8 * symbol->tick_e8;
	value *= E8;
	if (symbol->type == FB_QUANTO) {
		if (step > ~(unsigned __int128)0 / symbol->factor_e8 || value >> 100)
			return value_e8;
		step *= symbol->factor_e8;
		value *= E8;
	}
	if (step == 0)
		return value_e8;
	price = positive ? (value + step - 1) / step : value / step;
	value = price * step;
	step = symbol->type == FB_QUANTO ? (unsigned __int128)E8 * E8 : E8;
	/* To the side of the account in the last unit too. */
	return positive ? (__int128)((value + step - 1) / step) : -(__int128)(value / step);
}
