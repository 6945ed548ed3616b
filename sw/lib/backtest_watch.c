/* See backtest_watch.h. */
#include <errno.h>
#include <stdlib.h>

#include "backtest_watch.h"
#include "waterfall_internal.h"

#define PASS(what, ...)                                                                            \
	do {                                                                                       \
		if (x->inner && x->inner->what)                                                    \
			x->inner->what(x->inner->context, __VA_ARGS__);                            \
	} while (0)

static void before(void *context, uint32_t account, enum fb_happening what,
		   const struct fb_judged *judged)
{
	struct fb_backtest_watch *x = context;
	if (judged && x->waterfall->book->account[account].role == FB_ROLE_USER)
		fb_tally_judged(&x->tally, account, judged->sums.equity_e8);
	PASS(before, account, what, judged);
}

static void after(void *context, uint32_t account)
{
	struct fb_backtest_watch *x = context;
	PASS(after, account);
}

static void sized(void *context, uint32_t account, const struct fb_sized *s)
{
	struct fb_backtest_watch *x = context;
	PASS(sized, account, s);
}

static void sent(void *context, const struct fb_open *open, enum fb_refusal refused)
{
	struct fb_backtest_watch *x = context;
	PASS(sent, open, refused);
}

/* Longs and shorts of an account at the mark. */
static void sides(const struct fb_book *book, uint32_t account, __int128 *longs, __int128 *shorts)
{
	*longs = *shorts = 0;
	for (uint32_t i = book->account[account].first; i != FB_NONE; i = book->row[i].next) {
		const struct fb_book_row *row = &book->row[i];
		__int128 size = row->qty < 0 ? -(__int128)row->qty : row->qty;
		__int128 worth = size * book->symbol[row->symbol].u >> FB_U_FRACTION_BITS;
		*(row->qty < 0 ? shorts : longs) += worth;
	}
}

/* The book has the pair: what it changed is put back. */
static void pair(struct fb_backtest_watch *x, const struct fb_open *open, int64_t lots,
		 __int128 value_e8)
{
	const struct fb_book *book = x->waterfall->book;
	struct fb_tally_pair p = { .account = open->counter, .symbol = open->order.symbol };
	bool shorts = open->order.qty > 0; /* the counterparty is on the other side */
	__int128 worth = (__int128)((unsigned __int128)lots * book->symbol[p.symbol].u >>
				    FB_U_FRACTION_BITS);
	p.qty = shorts ? -lots : lots;
	p.got_e8 = -value_e8;
	p.at_mark_e8 = shorts ? -worth : worth;
	p.equity_e8 = fb_house_sums(x->waterfall, p.account).equity_e8 + p.at_mark_e8 - p.got_e8;
	sides(book, p.account, &p.long_e8, &p.short_e8);
	*(shorts ? &p.short_e8 : &p.long_e8) += worth;
	x->adl_e8 += worth;
	fb_tally_pair(&x->tally, &p);
}

static void moved(void *context, const struct fb_open *open, int64_t lots, __int128 value_e8)
{
	struct fb_backtest_watch *x = context;
	/* Own opposite rows close at the mark: nobody is deleveraged. */
	if (open->order.verb == FB_VERB_ADL_PAIR && lots > 0 && open->counter != open->account &&
	    x->waterfall->book->account[open->counter].role == FB_ROLE_USER)
		pair(x, open, lots, value_e8);
	PASS(moved, open, lots, value_e8);
}

static void closed(void *context, const struct fb_open *open, bool rejected)
{
	struct fb_backtest_watch *x = context;
	PASS(closed, open, rejected);
}

static void planned(void *context, const struct fb_waterfall *w, size_t pairs)
{
	struct fb_backtest_watch *x = context;
	for (uint32_t i = 0; !x->planned && i < w->book->accounts; i++) {
		const struct fb_book_account *a = &w->book->account[i];
		if (a->role != FB_ROLE_USER || a->rows_live == 0 || w->held[i])
			continue;
		__int128 equity = fb_house_sums(w, i).equity_e8;
		if (equity > a->collateral_e8 && equity > 0)
			fb_tally_winner(&x->tally, i, equity);
	}
	x->planned = true;
	PASS(planned, w, pairs);
}

static void over(void *context, const struct fb_waterfall *w)
{
	struct fb_backtest_watch *x = context;
	PASS(over, w);
}

static int opened(void *context, struct fb_host *h)
{
	struct fb_backtest_watch *x = context;
	int err = fb_tally_open(h->config.accounts, &x->tally);
	if (err)
		return fb_error_set(h->error, err, "backtest: out of memory");
	x->waterfall = h->waterfall;
	x->inner = h->waterfall->tap;
	x->tap = (struct fb_tap){ .context = x,
				  .before = before,
				  .after = after,
				  .sized = sized,
				  .sent = sent,
				  .moved = moved,
				  .closed = closed,
				  .planned = planned,
				  .over = over };
	h->waterfall->tap = &x->tap;
	return 0;
}

static bool insolvent(const struct fb_waterfall *w)
{
	for (uint32_t i = 0; i < w->book->accounts; i++)
		if (w->held[i] && w->cases[i].state != FB_CLOSED)
			return true;
	for (int i = 0; i < FB_HOUSES; i++)
		if (w->house[i].account != FB_NONE &&
		    fb_house_sums(w, w->house[i].account).equity_e8 < 0)
			return true;
	return false;
}

static int point(struct fb_backtest_watch *x, const struct fb_host *h, uint64_t gap_e7)
{
	struct fb_variant *v = x->variant;
	if (v->points == v->points_max) {
		size_t most = v->points_max ? 2 * v->points_max : 1024;
		struct fb_backtest_point *more = realloc(v->point, most * sizeof(*more));
		if (!more)
			return fb_error_set(h->error, -ENOMEM, "backtest: out of memory");
		v->point = more;
		v->points_max = most;
	}
	v->point[v->points++] = (struct fb_backtest_point){
		.time_us = h->time_us,
		.fund_e8 = h->summary.fund_equity_e8,
		.gap_e7 = gap_e7,
		.adl_e8 = x->adl_e8,
	};
	return 0;
}

static int instant(void *context, struct fb_host *h, const struct fb_tick *reference,
		   const struct fb_tick *price, size_t n)
{
	struct fb_backtest_watch *x = context;
	uint64_t worst = 0;
	for (size_t i = 0; i < n; i++) {
		uint64_t gap = fb_tally_gap(reference[i].price_e8, price[i].price_e8);
		worst = gap > worst ? gap : worst;
	}
	fb_tally_gap_seen(&x->tally, worst);
	fb_tally_instant(&x->tally, h->time_us, insolvent(x->waterfall));
	return point(x, h, worst);
}

static void ended(void *context, struct fb_host *h)
{
	struct fb_backtest_watch *x = context;
	struct fb_metrics *m = &x->variant->metrics;
	uint64_t u[FB_SYMBOLS];
	const struct fb_summary *s = &h->summary;
	for (unsigned i = 0; i < FB_SYMBOLS; i++)
		u[i] = h->book->symbol[i].u;
	fb_tally_end(&x->tally, u, m);
	m->accounts = s->accounts;
	m->positions = s->positions;
	m->fund_used_e8 = s->fund_start_e8 - s->fund_equity_min_e8;
	m->not_paid_e8 = s->uncovered_loss_e8;
	m->liquidated = s->waterfall.liquidations;
	m->bankrupt = s->waterfall.bankrupt;
	m->closed_e8 = s->waterfall.notional_closed_e8;
	m->adl_e8 = x->adl_e8;
}

void fb_backtest_watch(struct fb_backtest_watch *out, struct fb_variant *variant)
{
	*out = (struct fb_backtest_watch){
		.watch = { .context = out, .opened = opened, .instant = instant, .ended = ended },
		.variant = variant,
	};
}

void fb_backtest_unwatch(struct fb_backtest_watch *x)
{
	fb_tally_close(&x->tally);
}
