/* What the fund may lose: its pools, caps and the fall that starts deleveraging. See
 * waterfall_fund.h.
 *
 * The fund is one account. A pool is a line in a ledger beside it: every change of the fund's
 * collateral is booked to the symbol that caused it, so that all lines together are the
 * collateral, to the last unit; what the fund's positions are worth above their cost belongs to
 * their symbol. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "waterfall_fund.h"

#define DAY_US INT64_C(86400000000)
#define MINUTE_US INT64_C(60000000)

/* A maximum over the minute under way and `window` minutes before: minutes whose maximum no later
 * one exceeds, falling. At most one a minute of the window is kept. */
struct peak {
	int64_t minute;
	__int128 value;
};
struct peaks {
	struct peak *ring; /* `room` of them */
	uint32_t first, count;
};

struct line {
	__int128 start_e8, cash_e8; /* collateral that is this symbol's */
	__int128 spent_e8;	    /* today, with what open orders may cost */
	__int128 promised_e8;	    /* what open orders may cost */
	__int128 borne_e8;	    /* of pairs, to be paid when their accounts are settled */
	struct peaks pnl, balance;
	uint8_t state; /* enum fb_fund_state */
};

struct fb_fund {
	struct line *line; /* by symbol; behind them the one of everything else */
	uint32_t symbols, room;
	bool opened; /* the fund's account was there */
	__int128 seen_e8; /* its collateral, as booked to lines */
	int64_t day;
	__int128 day_equity_e8, spent_e8;
	__int128 borne_e8; /* of all lines */
	struct peaks all; /* of the shared pool */
};

static bool falls(const struct fb_waterfall *w)
{
	return w->rules->insurance.drawdown_e7 > 0;
}

static int peaks_open(struct peaks *p, uint32_t room)
{
	p->ring = calloc(room, sizeof(*p->ring));
	return p->ring ? 0 : -ENOMEM;
}

int fb_fund_open(struct fb_waterfall *w)
{
	struct fb_fund *f = w->fund = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->symbols = w->rules->symbols;
	f->day = INT64_MIN;
	f->room = (uint32_t)(w->rules->insurance.window_us / MINUTE_US) + 2;
	f->line = calloc(f->symbols + 1, sizeof(*f->line));
	if (!f->line)
		return -ENOMEM;
	if (!falls(w))
		return 0;
	for (uint32_t s = 0; s < f->symbols; s++)
		if (peaks_open(&f->line[s].pnl, f->room) ||
		    peaks_open(&f->line[s].balance, f->room))
			return -ENOMEM;
	return peaks_open(&f->all, f->room);
}

void fb_fund_close(struct fb_waterfall *w)
{
	struct fb_fund *f = w->fund;
	if (!f)
		return;
	for (uint32_t s = 0; f->line && s < f->symbols; s++) {
		free(f->line[s].pnl.ring);
		free(f->line[s].balance.ring);
	}
	free(f->all.ring);
	free(f->line);
	free(f);
}

/* ---- maxima ---- */

static void note(struct peaks *p, uint32_t room, int64_t minute, __int128 value, int64_t window)
{
	while (p->count > 0 && p->ring[p->first].minute < minute - window) {
		p->first = (p->first + 1) % room;
		p->count--;
	}
	while (p->count > 0 && p->ring[(p->first + p->count - 1) % room].value <= value)
		p->count--;
	struct peak *last = p->count ? &p->ring[(p->first + p->count - 1) % room] : NULL;
	if (last && last->minute == minute) /* it was higher in this minute */
		return;
	assert(p->count < room);
	p->ring[(p->first + p->count++) % room] = (struct peak){ minute, value };
}

static __int128 highest(const struct peaks *p)
{
	return p->count > 0 ? p->ring[p->first].value : 0;
}

/* ---- the ledger ---- */

static const struct fb_book_account *account_of(const struct fb_waterfall *w)
{
	uint32_t index = fb_book_account_index(w->book, FB_ID_FUND);
	return index == FB_NONE ? NULL : &w->book->account[index];
}

/* Pools begin with equal parts of what the fund has then; what does not divide is nobody's. */
static void begin(struct fb_waterfall *w, __int128 collateral_e8)
{
	struct fb_fund *f = w->fund;
	uint32_t traded = 0;
	for (uint32_t s = 0; s < f->symbols; s++)
		traded += w->book->symbol[s].defined;
	f->opened = true;
	f->seen_e8 = collateral_e8;
	f->line[f->symbols].cash_e8 = collateral_e8;
	if (!w->rules->insurance.pools_by_symbol || traded == 0 || collateral_e8 <= 0)
		return;
	for (uint32_t s = 0; s < f->symbols; s++) {
		if (!w->book->symbol[s].defined)
			continue;
		f->line[s].start_e8 = f->line[s].cash_e8 = collateral_e8 / traded;
		f->line[f->symbols].cash_e8 -= collateral_e8 / traded;
	}
}

void fb_fund_book(struct fb_waterfall *w, uint16_t symbol)
{
	struct fb_fund *f = w->fund;
	const struct fb_book_account *a = account_of(w);
	if (!a)
		return;
	if (!f->opened)
		begin(w, a->collateral_e8);
	f->line[symbol < f->symbols ? symbol : f->symbols].cash_e8 += a->collateral_e8 - f->seen_e8;
	f->seen_e8 = a->collateral_e8;
}

/* What its position in the symbol is worth above its cost. */
static __int128 unrealised(const struct fb_waterfall *w, uint32_t symbol)
{
	uint32_t index =
		fb_book_row_index(w->book, fb_house_position(FB_ID_FUND, (uint16_t)symbol));
	if (index == FB_NONE || !w->book->row[index].live)
		return 0;
	const struct fb_book_row *row = &w->book->row[index];
	const struct fb_book_symbol *s = &w->book->symbol[symbol];
	struct fb_row_value value;
	fb_value_row(&w->book->ladder[s->ladder], row->qty, s->u, row->addend_e7, &value);
	return value.value_e8 - row->entry_e8;
}

__int128 fb_fund_pnl(const struct fb_waterfall *w, uint16_t symbol)
{
	const struct line *l = &w->fund->line[symbol];
	return l->cash_e8 - l->start_e8 + unrealised(w, symbol);
}

__int128 fb_fund_pool(const struct fb_waterfall *w, uint16_t symbol)
{
	if (!w->rules->insurance.pools_by_symbol)
		return fb_house_sums(w, w->house[FB_FUND].account).equity_e8;
	return w->fund->line[symbol].cash_e8 + unrealised(w, symbol);
}

__int128 fb_fund_ledger(const struct fb_waterfall *w)
{
	__int128 sum = 0;
	for (uint32_t s = 0; s <= w->fund->symbols; s++)
		sum += w->fund->line[s].cash_e8;
	return sum;
}

/* ---- the fall ---- */

static const struct peaks *balances(const struct fb_waterfall *w, uint16_t symbol)
{
	return w->rules->insurance.pools_by_symbol ? &w->fund->line[symbol].balance : &w->fund->all;
}

/* What fell, from its maximum in the window; not below 0. */
static __int128 fall_of(const struct fb_waterfall *w, uint16_t symbol)
{
	bool pool = w->rules->insurance.drawdown_of_pool != 0;
	__int128 now = pool ? fb_fund_pool(w, symbol) : fb_fund_pnl(w, symbol),
		 most = highest(pool ? balances(w, symbol) : &w->fund->line[symbol].pnl);
	return most > now ? most - now : 0;
}

/* Is the fall at least this share of the pool's maximum? */
static bool reaches(const struct fb_waterfall *w, uint16_t symbol, uint32_t share_e7)
{
	__int128 most = highest(balances(w, symbol));
	return fall_of(w, symbol) * FB_RATE_ONE >= (most > 0 ? most : 0) * share_e7;
}

static int change(struct fb_waterfall *w, uint16_t symbol, enum fb_fund_state state)
{
	struct line *l = &w->fund->line[symbol];
	if (l->state == state)
		return 0;
	l->state = (uint8_t)state;
	w->counts.fund_states++;
	struct fb_notice notice = {
		.account = FB_ID_FUND,
		.symbol = symbol,
		.kind = FB_NOTICE_FUND,
		.qty = (int64_t)state,
		.value_e8 = fb_i128_of(fall_of(w, symbol)),
	};
	return w->ops->notice(w->context, &notice);
}

enum fb_fund_state fb_fund_state(const struct fb_waterfall *w, uint16_t symbol)
{
	return symbol < w->fund->symbols ? (enum fb_fund_state)w->fund->line[symbol].state
					 : FB_FUND_NORMAL;
}

/* Beyond the level ADL begins (at it, a loss that does not fit does); it ends only where the fall
 * is less than the stop level. */
static int judge(struct fb_waterfall *w, uint16_t symbol, __int128 pool_e8)
{
	const struct fb_insurance *p = &w->rules->insurance;
	bool adl = fb_fund_state(w, symbol) == FB_FUND_ADL, empty = pool_e8 <= 0;
	__int128 most = highest(balances(w, symbol));
	bool beyond = fall_of(w, symbol) * FB_RATE_ONE > (most > 0 ? most : 0) * p->drawdown_e7;
	if (empty || beyond || (adl && reaches(w, symbol, p->stop_e7) && fall_of(w, symbol) > 0))
		return change(w, symbol, FB_FUND_ADL);
	bool warned = p->warning_e7 > 0 && reaches(w, symbol, p->warning_e7) &&
		      fall_of(w, symbol) > 0;
	return change(w, symbol, warned ? FB_FUND_WARNING : FB_FUND_NORMAL);
}

int fb_fund_tick(struct fb_waterfall *w)
{
	struct fb_fund *f = w->fund;
	int64_t day = w->time_us / DAY_US, minute = w->time_us / MINUTE_US;
	if (w->house[FB_FUND].account == FB_NONE)
		return 0;
	fb_fund_book(w, FB_POOL_COMMON);
	__int128 equity = fb_house_sums(w, w->house[FB_FUND].account).equity_e8;
	if (day != f->day) {
		f->day = day;
		f->day_equity_e8 = equity > 0 ? equity : 0;
		f->spent_e8 = 0;
		for (uint32_t s = 0; s < f->symbols; s++)
			f->line[s].spent_e8 = 0;
	}
	if (!falls(w))
		return 0;
	int64_t window = (int64_t)w->rules->insurance.window_us / MINUTE_US;
	note(&f->all, f->room, minute, equity, window);
	int err = 0;
	for (uint32_t s = 0; s < f->symbols && !err; s++) {
		if (!w->book->symbol[s].defined)
			continue;
		note(&f->line[s].pnl, f->room, minute, fb_fund_pnl(w, (uint16_t)s), window);
		__int128 pool = equity;
		if (w->rules->insurance.pools_by_symbol) {
			pool = fb_fund_pool(w, (uint16_t)s);
			note(&f->line[s].balance, f->room, minute, pool, window);
		}
		err = judge(w, (uint16_t)s, pool);
	}
	return err;
}

/* ---- what it may still lose ---- */

static __int128 lower(__int128 a, __int128 b)
{
	return a < b ? a : b;
}

static __int128 cap_left(const struct fb_fund *f, uint32_t cap_e7, __int128 spent_e8, __int128 room)
{
	if (cap_e7 == 0)
		return room;
	return lower(room, f->day_equity_e8 * cap_e7 / FB_RATE_ONE - spent_e8);
}

/* Of one symbol's pool, or of what no symbol has. */
static __int128 pool_left(const struct fb_waterfall *w, uint16_t symbol, __int128 room)
{
	const struct fb_fund *f = w->fund;
	if (!w->rules->insurance.pools_by_symbol)
		return room;
	if (symbol >= f->symbols)
		return lower(room, f->line[f->symbols].cash_e8);
	const struct line *l = &f->line[symbol];
	return lower(room, fb_fund_pool(w, symbol) - l->promised_e8 - l->borne_e8);
}

__int128 fb_fund_room(const struct fb_waterfall *w, uint16_t symbol, __int128 free_e8)
{
	const struct fb_insurance *p = &w->rules->insurance;
	const struct fb_fund *f = w->fund;
	__int128 room = cap_left(f, p->daily_cap_e7, f->spent_e8,
				 pool_left(w, symbol, free_e8 - f->borne_e8));
	if (symbol < f->symbols)
		room = cap_left(f, p->symbol_daily_cap_e7, f->line[symbol].spent_e8, room);
	return room > 0 ? room : 0;
}

/* What the symbol may still lose until ADL begins. */
static __int128 fall_left(const struct fb_waterfall *w, uint16_t symbol)
{
	const struct line *l = &w->fund->line[symbol];
	__int128 most = highest(balances(w, symbol)),
		 bound = (most > 0 ? most : 0) * w->rules->insurance.drawdown_e7 / FB_RATE_ONE;
	return bound - fall_of(w, symbol) - l->promised_e8 - l->borne_e8;
}

__int128 fb_fund_takeover_room(const struct fb_waterfall *w, uint16_t symbol, __int128 free_e8,
			       bool *falls_short)
{
	const struct fb_insurance *p = &w->rules->insurance;
	__int128 room = fb_fund_room(w, symbol, free_e8);
	*falls_short = false;
	if (p->trade_cap_e8 > 0)
		room = lower(room, (__int128)p->trade_cap_e8);
	if (!falls(w))
		return room;
	if (fb_fund_state(w, symbol) == FB_FUND_ADL)
		return -1;
	__int128 left = fall_left(w, symbol);
	*falls_short = left < room;
	return *falls_short ? (left > 0 ? left : 0) : room;
}

int fb_fund_short(struct fb_waterfall *w, uint16_t symbol)
{
	return change(w, symbol, FB_FUND_ADL);
}

__int128 fb_fund_pay_room(const struct fb_waterfall *w, uint32_t account, __int128 free_e8)
{
	const struct fb_case *c = &w->cases[account];
	uint64_t cap = w->rules->insurance.trade_cap_e8;
	__int128 room = fb_fund_room(w, fb_fund_symbol(w, account), free_e8),
		 paid = c->to_fund_e8 < 0 ? -c->to_fund_e8 : 0;
	if (cap > 0)
		room = lower(room, (__int128)cap - paid);
	return room > 0 ? room : 0;
}

__int128 fb_fund_may_bear(struct fb_waterfall *w, uint32_t account)
{
	uint16_t symbol = fb_fund_symbol(w, account);
	fb_fund_bear(w, account, 0);
	if (!w->rules->insurance.bears_price || fb_fund_state(w, symbol) != FB_FUND_ADL)
		return 0;
	__int128 room =
		lower(fall_left(w, symbol), fb_fund_pay_room(w, account, fb_house_free(w)));
	return room > 0 ? room : 0;
}

void fb_fund_bear(struct fb_waterfall *w, uint32_t account, __int128 amount_e8)
{
	struct fb_fund *f = w->fund;
	uint16_t symbol = fb_fund_symbol(w, account);
	__int128 more = amount_e8 - w->cases[account].borne_e8;
	w->cases[account].borne_e8 = amount_e8;
	f->borne_e8 += more;
	f->line[symbol < f->symbols ? symbol : f->symbols].borne_e8 += more;
}

uint16_t fb_fund_symbol(const struct fb_waterfall *w, uint32_t account)
{
	return fb_waterfall_is_house(w, account) ? FB_POOL_COMMON : w->cases[account].symbol;
}

/* ---- what it has spent ---- */

void fb_fund_spend(struct fb_waterfall *w, uint16_t symbol, __int128 amount_e8)
{
	struct fb_fund *f = w->fund;
	f->spent_e8 += amount_e8;
	f->line[symbol < f->symbols ? symbol : f->symbols].spent_e8 += amount_e8;
}

void fb_fund_reserve(struct fb_waterfall *w, struct fb_open *open, int sign)
{
	struct fb_fund *f = w->fund;
	f->line[open->pool < f->symbols ? open->pool : f->symbols].promised_e8 +=
		sign * open->reserved_loss_e8;
	if (sign < 0)
		return;
	open->day = f->day;
	fb_fund_spend(w, open->pool, open->reserved_loss_e8);
}

void fb_fund_return(struct fb_waterfall *w, const struct fb_open *open, __int128 amount_e8)
{
	if (open->day == w->fund->day)
		fb_fund_spend(w, open->pool, -amount_e8);
}
