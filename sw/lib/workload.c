/* See workload.h. */
#include "workload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mix.h"
#include "workload_skew.h"

#define PER_ACCOUNT 8u
#define RATE_E7 50000u /* 0.5 %, then twice as much per tier */
#define ONE_E6 1000000u

static uint32_t below(struct fb_workload *w, uint32_t n)
{
	return fb_mix_below(fb_mix(w->shape.seed * 0x9e3779b9u + w->draws++), n);
}

/* A symbol for each row, in proportion to the skew but for symbol 0 if its number is given,
 * shuffled. */
static void deal_symbols(struct fb_workload *w)
{
	uint32_t rows = w->shape.rows, n = 0, symbols = w->shape.symbols;
	uint16_t first = w->shape.largest > 0 && symbols > 1;
	uint64_t all = 0;
	for (; first && n < w->shape.largest && n < rows; n++)
		w->row[n].symbol = 0;
	for (unsigned s = first; s < symbols; s++)
		all += fb_skew_users[s];
	for (uint32_t s = first, share = rows - n; s < symbols; s++)
		for (uint64_t k = (uint64_t)fb_skew_users[s] * share / all; k > 0; k--)
			w->row[n++].symbol = (uint16_t)s;
	for (uint32_t left = 0; n < rows; left++)
		w->row[n++].symbol = (uint16_t)(first + left % (symbols - first));
	for (uint32_t i = rows - 1; i > 0; i--) {
		uint32_t j = below(w, i + 1);
		uint16_t t = w->row[i].symbol;
		w->row[i].symbol = w->row[j].symbol;
		w->row[j].symbol = t;
	}
	for (uint32_t i = 0; i < rows; i++)
		w->rows_of[w->row[i].symbol]++;
}

/* Sizes from 10 to 1,000,000 of the coin, small ones more frequent. */
static int64_t draw_qty(struct fb_workload *w, uint64_t u)
{
	int64_t notional_e8 = 1000000000;
	for (unsigned k = 0; k < 5 && below(w, 100) < 60; k++)
		notional_e8 *= 10;
	notional_e8 += notional_e8 / 1000 * below(w, 9000);
	return (int64_t)(((unsigned __int128)notional_e8 << FB_U_FRACTION_BITS) / u) + 1;
}

static int64_t value_of(const struct fb_workload_row *row, uint64_t u)
{
	uint64_t lots = (uint64_t)(row->qty < 0 ? -row->qty : row->qty);
	int64_t notional_e8 = (int64_t)((unsigned __int128)lots * u >> FB_U_FRACTION_BITS);
	return row->qty < 0 ? -notional_e8 : notional_e8;
}

static void deal_account(struct fb_workload *w, uint32_t account, uint32_t first, uint32_t n)
{
	uint32_t weak_e4 = w->shape.weak_e4 ? w->shape.weak_e4 : 500;
	bool weak = (uint64_t)account * weak_e4 % 10000 < weak_e4;
	int64_t gross_e8 = 0, lost_e8 = 0;
	for (uint32_t i = first; i < first + n; i++) {
		struct fb_workload_row *row = &w->row[i];
		uint64_t u = w->u[row->symbol];
		row->account = account;
		row->qty = draw_qty(w, u);
		if (!weak && !w->shape.doomed && below(w, 2))
			row->qty = -row->qty;
		int64_t value_e8 = value_of(row, u);
		row->entry_e8 = value_e8 + value_e8 / 10000 * ((int64_t)below(w, 401) - 200);
		gross_e8 += value_e8 < 0 ? -value_e8 : value_e8;
		lost_e8 += row->entry_e8 - value_e8;
	}
	/* Maintenance is at most 4.5 % of it: the ladder below. */
	int64_t own_e8 = gross_e8 / 1000 * (100 + (int64_t)below(w, 500));
	if (weak) { /* equity / gross: MM there + 1.2 to 1.9 % */
		own_e8 = gross_e8 / 10000 * (120 + (int64_t)below(w, 70));
		for (uint32_t i = first; i < first + n; i++) {
			int64_t notional_e8 = value_of(&w->row[i], w->u[w->row[i].symbol]);
			own_e8 += notional_e8 / 1000 *
				  (notional_e8 < 1000000000000 ? 5
				   : notional_e8 < 10000000000000 ? 10 : 20);
		}
	}
	w->collateral_e8[account] = own_e8 + lost_e8;
}

int fb_workload_open(const struct fb_workload_shape *shape, struct fb_workload *w)
{
	*w = (struct fb_workload){ .shape = *shape };
	w->row = calloc(shape->rows, sizeof(*w->row));
	w->collateral_e8 = calloc(shape->rows, sizeof(*w->collateral_e8));
	if (!w->row || !w->collateral_e8) {
		fb_workload_close(w);
		return -ENOMEM;
	}
	for (unsigned s = 0; s < shape->symbols; s++)
		w->u[s] = (uint64_t)(50 + below(w, 950)) * 1000000 << FB_U_FRACTION_BITS;
	deal_symbols(w);
	for (uint32_t at = 0; at < shape->rows;) {
		uint32_t n = 1;
		if (below(w, 100) < 45)
			for (n = 2; n < PER_ACCOUNT && below(w, 100) < 60; n++)
				;
		n = n < shape->rows - at ? n : shape->rows - at;
		deal_account(w, w->accounts++, at, n);
		at += n;
	}
	return 0;
}

void fb_workload_close(struct fb_workload *w)
{
	free(w->row);
	free(w->collateral_e8);
	*w = (struct fb_workload){ .row = NULL };
}

static union fb_command command(unsigned op)
{
	union fb_command c;
	memset(&c, 0, sizeof(c));
	c.header.op = (uint8_t)op;
	return c;
}

/* 0.5 %, 1 % from 10,000, 2 % from 100,000, continuous. */
static int load_tables(const struct fb_workload *w, fb_workload_give *give, void *context)
{
	static const uint64_t floor_e8[3] = { 0, 1000000000000, 10000000000000 };
	union fb_command c = command(FB_OP_CLASS);
	unsigned __int128 deduction_e15 = 0;
	int err;
	c.class.count = 2;
	c.class.up[0] = 8000000;
	c.class.down[0] = 7500000;
	c.class.up[1] = 10000000;
	c.class.down[1] = 9500000;
	err = give(context, &c);
	for (uint8_t k = 0; k < 3 && !err; k++) {
		if (k > 0)
			deduction_e15 += (unsigned __int128)floor_e8[k] * (RATE_E7 << (k - 1));
		c = command(FB_OP_LADDER);
		c.ladder.tier = k;
		c.ladder.rate = RATE_E7 << k;
		c.ladder.floor = floor_e8[k];
		c.ladder.deduction.lo = (uint64_t)deduction_e15;
		c.ladder.deduction.hi = (uint64_t)(deduction_e15 >> 64);
		err = give(context, &c);
	}
	for (uint16_t s = 0; s < w->shape.symbols && !err; s++) {
		c = command(FB_OP_SYMBOL);
		c.symbol.symbol = s;
		c.symbol.u = w->u[s];
		err = give(context, &c);
	}
	return err;
}

int fb_workload_load(const struct fb_workload *w, fb_workload_give *give, void *context)
{
	int err = load_tables(w, give, context);
	for (uint32_t i = 0; i < w->shape.rows && !err; i++) {
		const struct fb_workload_row *row = &w->row[i];
		union fb_command c;
		bool first = i == 0 || row[-1].account != row->account,
		     last = i + 1 == w->shape.rows || row[1].account != row->account;
		if (first) {
			c = command(FB_OP_ACCOUNT);
			c.account.account = row->account + 1;
			c.account.collateral = w->collateral_e8[row->account];
			c.account.flags = FB_FLAG_MORE;
			err = give(context, &c);
		}
		c = command(FB_OP_POSITION);
		c.position.account = row->account + 1;
		c.position.position = i + 1;
		c.position.symbol = row->symbol;
		c.position.qty = row->qty;
		c.position.entry = row->entry_e8;
		c.position.flags = last ? 0 : FB_FLAG_MORE;
		if (!err)
			err = give(context, &c);
	}
	return err;
}

static uint64_t moved(struct fb_workload *w, uint16_t symbol, uint32_t factor_e6, uint32_t noise_e6)
{
	uint64_t factor = factor_e6 + (uint64_t)below(w, 2 * noise_e6 + 1) - noise_e6;
	return (uint64_t)((unsigned __int128)w->u[symbol] * factor / ONE_E6);
}

int fb_workload_marks(struct fb_workload *w, uint32_t factor_e6, uint32_t noise_e6,
		      fb_workload_give *give, void *context)
{
	union fb_command c = command(FB_OP_MARKS);
	int err = 0;
	for (uint16_t s = 0; s < w->shape.symbols && !err; s++) {
		c.marks.mark[c.marks.count++] = moved(w, s, factor_e6, noise_e6) << 12 | s;
		bool last = s + 1u == w->shape.symbols;
		if (c.marks.count < FB_MARKS_PER_WORD && !last)
			continue;
		c.marks.flags = last ? 0 : FB_FLAG_MORE;
		err = give(context, &c);
		c = command(FB_OP_MARKS);
	}
	return err;
}

int fb_workload_mark(struct fb_workload *w, uint16_t symbol, uint32_t factor_e6,
		     fb_workload_give *give, void *context)
{
	union fb_command c = command(FB_OP_MARKS);
	c.marks.count = 1;
	c.marks.mark[0] = moved(w, symbol, factor_e6, 0) << 12 | symbol;
	return give(context, &c);
}

int fb_workload_fill(struct fb_workload *w, uint32_t row, fb_workload_give *give, void *context)
{
	struct fb_workload_row *r = &w->row[row];
	union fb_command c = command(FB_OP_FILL);
	int64_t part = r->qty / 100, cost_e8 = r->entry_e8 / 100;
	if (below(w, 2)) {
		part = -part;
		cost_e8 = -cost_e8;
	}
	r->qty += part;
	r->entry_e8 += cost_e8;
	c.fill.account = r->account + 1;
	c.fill.position = row + 1;
	c.fill.symbol = r->symbol;
	c.fill.qty = r->qty;
	c.fill.entry = r->entry_e8;
	return give(context, &c);
}

int fb_workload_funding(uint16_t symbol, int64_t rate, fb_workload_give *give, void *context)
{
	union fb_command c = command(FB_OP_FUNDING);
	c.funding.symbol = symbol;
	c.funding.rate = rate;
	return give(context, &c);
}

uint32_t fb_workload_side(const struct fb_workload *w, uint16_t symbol, unsigned side,
			  uint64_t *lots)
{
	uint32_t n = 0;
	*lots = 0;
	for (uint32_t i = 0; i < w->shape.rows; i++) {
		const struct fb_workload_row *row = &w->row[i];
		if (row->symbol != symbol || (row->qty < 0) != (side != 0))
			continue;
		n++;
		*lots += (uint64_t)(row->qty < 0 ? -row->qty : row->qty);
	}
	return n;
}
