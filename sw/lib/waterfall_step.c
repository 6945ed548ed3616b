/* The next step of an account that is held, with its working orders closed. */
#include <errno.h>
#include <string.h>

#include "waterfall_fund.h"

/* From the first step on: the houses are asked for all of it, once more. */
static void begin_anew(struct fb_waterfall *w, uint32_t account)
{
	w->cases[account].stage = w->policy->book_last ? FB_STAGE_TAKEOVER : FB_STAGE_REDUCE;
	w->cases[account].idle = 0;
	for (uint32_t i = w->book->account[account].first; i != FB_NONE; i = w->book->row[i].next)
		w->full[i] = false;
}

/* What it has when liquidation begins: shares may be of that. Its largest position says whose pool
 * pays for it. */
static void note_positions(struct fb_waterfall *w, uint32_t account)
{
	struct fb_closing closing[FB_ROWS_PER_ACCOUNT];
	unsigned __int128 largest = 0;
	size_t n = fb_size_all(w, account, 0, closing);
	for (size_t i = 0; i < n; i++) {
		const struct fb_closing *c = &closing[i];
		w->began[c->row] = c->qty < 0 ? -c->qty : c->qty;
		if (i > 0 && c->at_mark.notional_e8 <= largest)
			continue;
		largest = c->at_mark.notional_e8;
		w->cases[account].symbol = w->book->row[c->row].symbol;
	}
}

static int begin_closing(struct fb_waterfall *w, const struct fb_judged *j)
{
	struct fb_case *c = &w->cases[j->account];
	if (c->closing || fb_waterfall_is_house(w, j->account))
		return 0;
	c->closing = true;
	begin_anew(w, j->account);
	c->last_tried = false;
	c->steps = 0;
	c->freed_e15 = 0;
	c->taken_us = w->time_us;
	fb_fund_bear(w, j->account, 0);
	note_positions(w, j->account);
	w->counts.liquidations++;
	w->counts.bankrupt += j->sums.equity_e8 < 0;
	return fb_waterfall_note(w, j->account, FB_NOTICE_LIQUIDATED, 0, j->sums.equity_e8);
}

/* Nothing could be sent: later again. It was a try unless the governor put it off. */
static void pause(struct fb_waterfall *w, struct fb_case *c)
{
	if (c->idle < UINT8_MAX && !c->deferred)
		c->idle++;
	c->not_before_us = w->time_us + FB_PAUSE_US;
}

/* Steps in a row that moved nothing lead to the next stage; so does the last of the reductions that
 * the venue makes. */
static void advance(const struct fb_waterfall *w, struct fb_case *c)
{
	const struct fb_policy *p = w->policy;
	bool reduces = c->stage == FB_STAGE_REDUCE || c->stage == FB_STAGE_BOOK,
	     enough = reduces			      ? p->attempts > 0 && c->steps >= p->attempts
		      : c->stage == FB_STAGE_LAST_TRY ? c->last_tried
						      : false;
	if ((c->idle < p->tries && !enough) || c->stage == FB_STAGE_LAST)
		return;
	c->stage++;
	c->idle = 0;
	if ((c->stage == FB_STAGE_LAST_TRY && p->last_try_e7 == 0) ||
	    (c->stage == FB_STAGE_BOOK && !p->book_last))
		c->stage++;
}

/* Below 0, or at the level from which on the venue does not try the market. */
static bool beyond_market(const struct fb_waterfall *w, const struct fb_judged *j)
{
	const struct fb_book_account *a = &w->book->account[j->account];
	return j->sums.equity_e8 < 0 ||
	       w->policy->takeover_level == w->rules->liquidate_level || /* also where it is kept */
	       (w->policy->takeover_level != 0 &&
		fb_value_breach(&w->book->classes[a->class_id], w->policy->takeover_level,
				fb_judged_sums(j)));
}

/* One round at a time: while pairs are open, what they leave of the counterparties is not known,
 * and a ranking without those would pass the first in line over. */
static void turn_away(struct fb_waterfall *w, uint32_t account)
{
	if (!w->cases[account].turned_away)
		w->turned_away[w->turned++] = account;
	w->cases[account].turned_away = true;
}

/* Of what the others would pay beyond the mark the fund bears what it may, in the symbol whose pool
 * pays for the account (Bybit: the bankruptcy price is set so that the drawdown stays). */
static __int128 borne_of(const struct fb_waterfall *w, const struct fb_closing *c,
			 __int128 value_e8, __int128 may_bear_e8)
{
	const struct fb_book_row *row = &w->book->row[c->row];
	__int128 beyond_e8 = value_e8 - c->at_mark.value_e8;
	if (beyond_e8 <= 0 || row->symbol != fb_fund_symbol(w, row->account))
		return 0;
	return beyond_e8 < may_bear_e8 ? beyond_e8 : may_bear_e8;
}

static int ask_round(struct fb_waterfall *w, const struct fb_judged *j)
{
	if (w->pairs_open > 0) {
		turn_away(w, j->account);
		return 0;
	}
	struct fb_closing closing[FB_ROWS_PER_ACCOUNT];
	size_t n = fb_size_plan(w, j->account, j->sums.equity_e8, closing);
	__int128 may_bear_e8 = fb_fund_may_bear(w, j->account), borne_e8 = 0;
	for (size_t i = 0; i < n && w->needs < w->needs_max; i++) {
		__int128 value_e8 = fb_price_need(w, &closing[i]),
			 part_e8 = borne_of(w, &closing[i], value_e8, may_bear_e8 - borne_e8);
		borne_e8 += part_e8;
		w->need[w->needs++] = (struct fb_adl_need){
			.account = j->account,
			.row = closing[i].row,
			.qty = closing[i].qty,
			.value_e8 = value_e8 - part_e8,
		};
	}
	fb_fund_bear(w, j->account, borne_e8);
	return 0;
}

/* Sent orders put the account into `next`; none is a try without result. */
static int after(struct fb_waterfall *w, uint32_t account, int sent, enum fb_state next)
{
	if (sent < 0)
		return sent;
	if (sent > 0 && w->cases[account].state == FB_READY)
		fb_waterfall_enter(w, account, next);
	return 0;
}

static int step_cut(struct fb_waterfall *w, const struct fb_judged *j)
{
	struct fb_case *c = &w->cases[j->account];
	int sent = fb_size_cut(w, j);
	if (sent == 0)
		pause(w, c);
	return after(w, j->account, sent, FB_REDUCING);
}

static int step_reduce(struct fb_waterfall *w, const struct fb_judged *j)
{
	struct fb_case *c = &w->cases[j->account];
	bool last = c->stage == FB_STAGE_LAST_TRY;
	if (!last && fb_style_waits(w, c))
		return 0;
	int sent = fb_size_reduce(w, j, last);
	if (sent == 0)
		pause(w, c);
	if (sent > 0) {
		c->last_tried = last;
		c->steps++;
		if (!w->policy->whole_in_cooldown)
			c->cool_until_us = w->time_us + (int64_t)w->policy->cooldown_us;
	}
	return after(w, j->account, sent, FB_REDUCING);
}

static int step_closing(struct fb_waterfall *w, const struct fb_judged *j)
{
	struct fb_case *c = &w->cases[j->account];
	int sent = 0;
	advance(w, c);
	if (beyond_market(w, j) && c->stage < FB_STAGE_TAKEOVER)
		c->stage = FB_STAGE_TAKEOVER;
	if (c->stage < FB_STAGE_TAKEOVER)
		return step_reduce(w, j);
	if (c->stage == FB_STAGE_TAKEOVER) {
		sent = fb_house_takeover(w, j);
		if (sent != 0 || c->deferred)
			return after(w, j->account, sent, FB_TAKING_OVER);
		c->stage = FB_STAGE_ADL; /* no house has room: waiting would not change that */
		c->idle = 0;
	}
	if (c->stage == FB_STAGE_ADL)
		return ask_round(w, j);
	if (c->stage == FB_STAGE_BOOK)
		return step_reduce(w, j);
	sent = fb_house_last_resort(w, j);
	if (sent == 0)
		pause(w, c);
	return after(w, j->account, sent, FB_TAKING_OVER);
}

int fb_step(struct fb_waterfall *w, const struct fb_judged *j, enum fb_happening seen)
{
	struct fb_case *c = &w->cases[j->account];
	if (w->time_us < c->not_before_us)
		return 0;
	c->deferred = false;
	if (w->book->account[j->account].rows_live == 0) {
		int err = seen == FB_SEEN_BANKRUPT ? begin_closing(w, j) : 0;
		return err ? err : fb_settle(w, j);
	}
	if (w->finals > 0 && fb_final_waits(w, j->account))
		return 0;
	/* It waits, judged at each mark, and begins anew with the market when it thaws. */
	if (fb_size_frozen(w, j->account)) {
		begin_anew(w, j->account);
		return 0;
	}
	if (fb_waterfall_is_house(w, j->account))
		return ask_round(w, j);
	if (seen == FB_SEEN_CUT)
		return step_cut(w, j);
	int err = begin_closing(w, j);
	return err ? err : step_closing(w, j);
}

static int send_pair(struct fb_waterfall *w, const struct fb_adl_pair *pair)
{
	const struct fb_adl_need *need = &w->need[pair->need];
	struct fb_open open = {
		.order = {
			.verb = FB_VERB_ADL_PAIR,
			.qty = pair->qty,
			.value_e8 = pair->value_e8,
		},
		.account = need->account,
		.row = need->row,
		.counter = pair->counter,
		.counter_row = pair->row,
		.purpose = FB_FOR_STEP,
		.rank = pair->rank,
	};
	int err = fb_orders_send(w, &open);
	w->counts.pairs += !err;
	return err < 0 ? err : !err;
}

/* An account that found nobody: at once what comes next for a user; a house goes on unwinding
 * through the book. */
static int found_nobody(struct fb_waterfall *w, uint32_t account, const struct fb_judged *judged,
			size_t need)
{
	const struct fb_judged *j = &judged[w->need_judged[need]];
	struct fb_case *c = &w->cases[account];
	w->counts.nobody++;
	if (fb_waterfall_is_house(w, account)) {
		c->not_before_us = w->time_us + FB_PAUSE_US;
		return after(w, account, fb_size_unwind(w, account), FB_REDUCING);
	}
	c->stage = w->policy->book_last ? FB_STAGE_BOOK : FB_STAGE_LAST;
	return step_closing(w, j);
}

/* One of these needs got nothing because its ranking changes with what others got. */
static bool waits(const struct fb_waterfall *w, size_t from, size_t to)
{
	bool any = false;
	for (size_t i = from; i < to; i++)
		any = any || fb_adl_waits(w->adl, w->book, &w->need[i]);
	return any && w->pairs_open > 0;
}

int fb_step_round(struct fb_waterfall *w, const struct fb_judged *judged)
{
	struct fb_adl_rules rules = fb_price_rules(w);
	if (w->needs == 0)
		return 0;
	w->counts.adl_rounds++;
	fb_price_round(w);
	int64_t pairs = fb_adl_plan(w->adl, w->book, &rules, w->need, w->needs, w->pair,
				    w->pairs_max);
	if (pairs < 0 && pairs != -ENOBUFS)
		return (int)pairs;
	size_t n = pairs < 0 ? w->pairs_max : (size_t)pairs, at = 0;
	FB_TELL(w, planned, w, n);
	/* Needs of one account stand together, and so do its pairs. */
	for (size_t i = 0; i < w->needs;) {
		uint32_t account = w->need[i].account;
		size_t need = i;
		int sent = 0;
		while (i < w->needs && w->need[i].account == account)
			i++;
		for (; at < n && w->pair[at].need < i; at++) {
			if (w->cases[account].state != FB_READY)
				continue;
			int got = fb_price_cancel(w, &w->pair[at]);
			if (got == 0 && w->cases[account].state == FB_READY)
				got = send_pair(w, &w->pair[at]);
			if (got < 0)
				return got;
			sent += got;
		}
		int err = after(w, account, sent, FB_DELEVERAGING);
		if (!err && sent == 0 && waits(w, need, i))
			turn_away(w, account);
		else if (!err && sent == 0 && !w->cases[account].deferred && pairs >= 0)
			err = found_nobody(w, account, judged, need);
		if (err)
			return err;
	}
	if (w->pairs_open == 0)
		FB_TELL(w, over, w);
	return 0;
}
