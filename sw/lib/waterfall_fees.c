/* What a reduction costs beside its price. Fees are taken from equity above 0 only: the taker fee
 * first, then, at liquidation, what the pack's `fee` says. */
#include "waterfall_fund.h"

static __int128 at_most(__int128 amount_e8, __int128 most_e8)
{
	return amount_e8 < most_e8 ? amount_e8 : most_e8;
}

static __int128 rate_of(__int128 base_e8, uint32_t rate_e7)
{
	return base_e8 * rate_e7 / FB_RATE_ONE;
}

static __int128 magnitude(__int128 x)
{
	return x < 0 ? -x : x;
}

/* MM of so many lots alone, at the mark. */
static __int128 maintenance_e8(const struct fb_waterfall *w, uint32_t row, int64_t n)
{
	const struct fb_book_row *r = &w->book->row[row];
	const struct fb_book_symbol *symbol = &w->book->symbol[r->symbol];
	struct fb_row_value value;
	fb_value_row(&w->book->ladder[symbol->ladder], n, symbol->u, r->addend_e7, &value);
	return value.mm_e15 / FB_RATE_ONE;
}

/* What the lots brought above the bankruptcy value that they had when the order was sent. */
static __int128 above_bankruptcy(const struct fb_open *open, int64_t n, __int128 value_e8)
{
	int64_t all = open->order.qty < 0 ? -open->order.qty : open->order.qty;
	return value_e8 - fb_size_part(open->bankruptcy_e8, n, all);
}

/* dYdX: at most a share of the fill, and never more than there is above bankruptcy; what is missing
 * there comes from the fund. BitMEX: all of it. */
static __int128 liquidation_fee(const struct fb_waterfall *w, const struct fb_open *open, int64_t n,
				__int128 notional_e8, __int128 value_e8)
{
	uint32_t rate = fb_conditions_adapt(w->conditions, open->order.symbol, FB_ADAPT_FEES, 0,
					    w->rules->liquidation_fee_e7, FB_RATE_ONE);
	__int128 above = above_bankruptcy(open, n, value_e8);
	switch ((enum fb_fee_style)w->policy->fee) {
	case FB_FEE_NOTIONAL: return rate_of(notional_e8, rate);
	case FB_FEE_MAINTENANCE: return rate_of(maintenance_e8(w, open->row, n), rate);
	case FB_FEE_ABOVE_BANKRUPTCY: return at_most(above, rate_of(magnitude(value_e8), rate));
	case FB_FEE_ALL: return above;
	case FB_FEE_NONE: break;
	}
	return 0;
}

static uint32_t receiver(const struct fb_waterfall *w)
{
	switch ((enum fb_fee_to)w->policy->fee_to) {
	case FB_FEE_TO_BACKSTOP:
		if (w->house[FB_BACKSTOP].account != FB_NONE)
			return FB_ID_BACKSTOP;
		break;
	case FB_FEE_TO_FEES: return FB_ID_FEES;
	case FB_FEE_TO_FUND: break;
	}
	return FB_ID_FUND;
}

/* A fill beyond bankruptcy: the fund makes up for it as far as it goes. */
static int make_up(struct fb_waterfall *w, uint32_t account, uint16_t symbol, __int128 amount_e8)
{
	amount_e8 = at_most(amount_e8, fb_fund_room(w, symbol, fb_house_free(w)));
	if (amount_e8 <= 0)
		return 0;
	fb_fund_spend(w, symbol, amount_e8);
	w->counts.made_up_e8 += amount_e8;
	w->cases[account].to_fund_e8 -= amount_e8;
	return fb_fill_money(w, FB_ID_FUND, w->book->account[account].id, amount_e8);
}

int fb_fill_fees(struct fb_waterfall *w, const struct fb_open *open, int64_t n, __int128 value_e8)
{
	uint32_t id = w->book->account[open->account].id;
	uint64_t u = w->book->symbol[open->order.symbol].u;
	__int128 notional = (__int128)((unsigned __int128)n * u >> FB_U_FRACTION_BITS),
		 left = fb_house_sums(w, open->account).equity_e8, penalty = 0;
	if (open->purpose == FB_FOR_CLOSING)
		penalty = liquidation_fee(w, open, n, notional, value_e8);
	if (penalty < 0)
		return make_up(w, open->account, open->order.symbol, -penalty);
	if (left <= 0)
		return 0;
	uint32_t rate = fb_conditions_adapt(w->conditions, open->order.symbol, FB_ADAPT_FEES, 0,
					    w->rules->taker_fee_e7, FB_RATE_ONE);
	__int128 taker = at_most(rate_of(notional, rate), left);
	penalty = at_most(penalty, left - taker);
	w->counts.taker_fees_e8 += taker;
	w->counts.liquidation_fees_e8 += penalty;
	int err = fb_fill_money(w, id, FB_ID_FEES, taker);
	return err ? err : fb_fill_money(w, id, receiver(w), penalty);
}
