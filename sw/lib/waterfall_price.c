/* What a pack's [adl] says of a round beyond its order: at which price needs ask, whose orders are
 * cancelled with a pair, who pays which fee. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/funding.h>

#include "adl_internal.h"
#include "waterfall_internal.h"

/* By symbol: the mark now, the one before it, the index; and what a round has cancelled. */
struct fb_prices {
	uint64_t rounds[FB_SYMBOLS]; /* of deleveraging */
	uint64_t now[FB_SYMBOLS], before[FB_SYMBOLS], oracle[FB_SYMBOLS];
	uint32_t group[FB_SYMBOLS]; /* symbols of one group hedge each other */
	bool inverse[FB_SYMBOLS], no_adl[FB_SYMBOLS];
	__int128 *funding_e8; /* by account: received less paid; NULL where it plays no part */
	uint64_t *cancelled; /* by account or row: the round in which its orders were */
};

/* A group is known by the first symbol of it. */
static uint32_t group_of(const struct fb_rules *rules, uint32_t symbol)
{
	const char *name = rules->symbol[symbol].group;
	for (uint32_t s = 0; s < symbol && name[0]; s++)
		if (strcmp(rules->symbol[s].group, name) == 0)
			return s;
	return symbol;
}

static void look_at_symbols(struct fb_waterfall *w)
{
	struct fb_prices *p = w->prices;
	for (uint32_t s = 0; s < FB_SYMBOLS; s++)
		p->group[s] = s;
	for (uint32_t s = 0; s < w->rules->symbols; s++) {
		p->group[s] = group_of(w->rules, s);
		p->inverse[s] = w->rules->symbol[s].type == FB_INVERSE;
		p->no_adl[s] = w->rules->symbol[s].no_adl;
	}
}

int fb_price_open(struct fb_waterfall *w)
{
	size_t rows = (size_t)w->book->rows_max + w->book->accounts_max + 1;
	fb_adl_order_of(&w->rules->adl, &w->order);
	w->prices = calloc(1, sizeof(*w->prices));
	if (!w->prices)
		return -ENOMEM;
	w->prices->cancelled = calloc(rows, sizeof(*w->prices->cancelled));
	if (!w->prices->cancelled)
		return -ENOMEM;
	if (w->rules->adl.funding_factor_e7) {
		w->prices->funding_e8 = calloc((size_t)w->book->accounts_max + 1,
					       sizeof(*w->prices->funding_e8));
		if (!w->prices->funding_e8)
			return -ENOMEM;
	}
	look_at_symbols(w);
	return fb_adl_extend(w->adl, &w->rules->adl);
}

void fb_price_close(struct fb_waterfall *w)
{
	if (w->prices) {
		free(w->prices->cancelled);
		free(w->prices->funding_e8);
	}
	free(w->prices);
}

struct fb_adl_rules fb_price_rules(const struct fb_waterfall *w)
{
	return (struct fb_adl_rules){
		.liquidate_level = w->rules->liquidate_level,
		.siblings_first = w->rules->adl.siblings != FB_SIBLINGS_NO,
		.owner = w->owner,
		.held = w->held,
		.policy = &w->rules->adl,
		.order = &w->order,
		.group = w->prices->group,
		.inverse = w->prices->inverse,
		.no_adl = w->prices->no_adl,
		.funding_e8 = w->prices->funding_e8,
	};
}

/* A decision sees new marks: those that it saw last are the previous ones. */
void fb_price_marks(struct fb_waterfall *w)
{
	struct fb_prices *p = w->prices;
	if (w->rules->adl.price != FB_ADL_AT_PREVIOUS)
		return;
	for (uint32_t s = 0; s < FB_SYMBOLS; s++) {
		uint64_t u = w->book->symbol[s].u;
		if (!w->book->symbol[s].defined || u == p->now[s])
			continue;
		p->before[s] = p->now[s];
		p->now[s] = u;
	}
}

void fb_waterfall_funded(struct fb_waterfall *w, uint16_t symbol, int64_t rate)
{
	for (uint32_t i = 0; i < w->book->rows && w->prices->funding_e8; i++) {
		const struct fb_book_row *row = &w->book->row[i];
		if (row->symbol == symbol && row->qty != 0)
			w->prices->funding_e8[row->account] += fb_funding_amount(row->qty, rate);
	}
}

void fb_waterfall_oracle(struct fb_waterfall *w, uint16_t symbol, uint64_t u)
{
	w->prices->oracle[symbol] = u;
}

static __int128 value_at(int64_t qty, uint64_t u)
{
	unsigned __int128 lots = (unsigned __int128)(qty < 0 ? -(__int128)qty : qty);
	__int128 value = (__int128)(lots * u >> FB_U_FRACTION_BITS);
	return qty < 0 ? -value : value;
}

/* 0: there is none (yet); then the mark. */
static uint64_t reference(const struct fb_waterfall *w, uint16_t symbol)
{
	switch ((enum fb_adl_price)w->rules->adl.price) {
	case FB_ADL_AT_PREVIOUS: return w->prices->before[symbol];
	case FB_ADL_AT_ORACLE: return w->prices->oracle[symbol];
	case FB_ADL_AT_BANKRUPTCY:
	case FB_ADL_AT_MARK:
	case FB_ADL_BETWEEN: break;
	}
	return 0;
}

void fb_price_round(struct fb_waterfall *w)
{
	for (size_t i = 0; i < w->needs; i++)
		w->prices->rounds[w->book->row[w->need[i].row].symbol]++;
}

uint64_t fb_price_rounds(const struct fb_waterfall *w, uint16_t symbol)
{
	return w->prices->rounds[symbol];
}

__int128 fb_price_need(const struct fb_waterfall *w, const struct fb_closing *c)
{
	const struct fb_adl_policy *a = &w->rules->adl;
	uint16_t symbol = w->book->row[c->row].symbol;
	uint64_t u = reference(w, symbol);
	__int128 value_e8 = u != 0 ? value_at(c->qty, u) : c->at_mark.value_e8;
	if (a->price == FB_ADL_AT_BANKRUPTCY || a->price == FB_ADL_BETWEEN)
		value_e8 = c->bankruptcy_e8;
	value_e8 -= (__int128)(c->at_mark.notional_e8 * a->spread_e7 / FB_RATE_ONE);
	if (a->cap && value_e8 > c->bankruptcy_e8)
		value_e8 = c->bankruptcy_e8;
	return c->qty > 0 && value_e8 < 0 ? 0 : value_e8;
}

int fb_price_cancel(struct fb_waterfall *w, const struct fb_adl_pair *pair)
{
	const struct fb_adl_need *need = &w->need[pair->need];
	bool all = w->rules->adl.cancel == FB_CANCEL_ACCOUNT;
	uint64_t *done = &w->prices->cancelled[all ? pair->counter
						   : w->book->accounts_max + pair->row];
	if (w->rules->adl.cancel == FB_CANCEL_NOT || pair->counter == need->account ||
	    *done == w->adl->round)
		return 0;
	*done = w->adl->round;
	struct fb_open open = {
		.order = { .verb = FB_VERB_CANCEL_COUNTER },
		.account = need->account,
		.row = need->row,
		.counter = pair->counter,
		.counter_row = all ? FB_NONE : pair->row,
		.purpose = FB_FOR_STEP,
	};
	int err = fb_orders_send(w, &open);
	w->counts.counter_cancels += !err;
	return err < 0 ? err : 0;
}

/* From what an account has above 0. */
static int pay(struct fb_waterfall *w, uint32_t account, unsigned __int128 notional_e8,
	       uint64_t rate_e7)
{
	__int128 fee = (__int128)(notional_e8 * rate_e7 / FB_RATE_ONE),
		 has = fee > 0 ? fb_house_sums(w, account).equity_e8 : 0;
	fee = fee < has ? fee : has;
	if (fee <= 0)
		return 0;
	w->counts.adl_fees_e8 += fee;
	return fb_fill_money(w, w->book->account[account].id,
			     w->rules->adl.fee_to ? FB_ID_FUND : FB_ID_FEES, fee);
}

int fb_price_fees(struct fb_waterfall *w, const struct fb_open *open,
		  unsigned __int128 notional_e8)
{
	if (open->counter == open->account)
		return 0;
	int err = pay(w, open->counter, notional_e8, w->rules->adl.fee_e7);
	if (err || fb_waterfall_is_house(w, open->account))
		return err;
	return pay(w, open->account, notional_e8, w->rules->adl.fee_liquidated_e7);
}
