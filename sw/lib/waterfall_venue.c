/* Orders that concern the venue and no account, and the first of them: the gate for withdrawals.
 *
 * While somebody owes what nobody is about to pay, a pack may close the gate, or let withdrawals
 * bear a part of it. The host cannot refuse a withdrawal that it is told of: that money has
 * left. So it tells the venue beforehand what may be paid (GATE), and books what comes. */
#include <errno.h>

#include "waterfall_fund.h"

int fb_venue_send(struct fb_waterfall *w, enum fb_verb verb, uint16_t symbol, __int128 value_e8)
{
	struct fb_open open = {
		.order = { .verb = (uint8_t)verb, .symbol = symbol, .value_e8 = value_e8 },
		.account = w->house[FB_FUND].account,
		.row = FB_NONE,
		.counter = FB_NONE,
		.counter_row = FB_NONE,
		.purpose = FB_FOR_VENUE,
	};
	return fb_orders_send(w, &open);
}

static int tell_gate(struct fb_waterfall *w, uint32_t paid_e7)
{
	w->gate_sent = false;
	if (w->gate_e7 == paid_e7)
		return 0;
	w->gate_e7 = paid_e7;
	w->counts.gates++;
	return fb_waterfall_note(w, w->house[FB_FUND].account, FB_NOTICE_GATE, paid_e7, w->owed_e8);
}

int fb_venue_answered(struct fb_waterfall *w, const struct fb_open *open, bool rejected)
{
	if (open->order.verb == FB_VERB_SETTLE)
		return fb_final_answered(w, open->order.symbol, rejected);
	if (rejected) { /* asked again at the next tick */
		w->gate_sent = false;
		return 0;
	}
	return tell_gate(w, (uint32_t)open->order.value_e8);
}

/* What all users have, as far as it is above 0. */
static __int128 users_equity(const struct fb_waterfall *w)
{
	__int128 sum = 0;
	for (uint32_t i = 0; i < w->book->accounts; i++) {
		if (w->book->account[i].role != FB_ROLE_USER)
			continue;
		__int128 equity = fb_house_sums(w, i).equity_e8;
		sum += equity > 0 ? equity : 0;
	}
	return sum;
}

/* Paid of a withdrawal: 1 - owed / equity of all users, rounded down. */
static uint32_t gate_for(const struct fb_waterfall *w)
{
	if (w->owed_e8 <= 0 || w->policy->withdrawals == FB_WITHDRAWALS_FREE)
		return FB_RATE_ONE;
	if (w->policy->withdrawals == FB_WITHDRAWALS_GATED)
		return 0;
	__int128 all = users_equity(w);
	if (w->owed_e8 >= all)
		return 0;
	return (uint32_t)fb_size_part(FB_RATE_ONE, all - w->owed_e8, all);
}

int fb_gate_tick(struct fb_waterfall *w)
{
	if (w->gate_sent || w->gate_asked_e7 == w->gate_e7)
		return 0;
	int err = fb_venue_send(w, FB_VERB_GATE, 0, w->gate_asked_e7);
	w->gate_sent = err == 0;
	return err < 0 ? err : 0;
}

/* Held with nothing open after its step, and short: nobody is about to pay. What is on its way to
 * an account that waits for it does not open the gate before it is there. */
static __int128 owed(const struct fb_waterfall *w, const struct fb_judged *j)
{
	const struct fb_case *c = &w->cases[j->account];
	bool user = w->book->account[j->account].role == FB_ROLE_USER;
	if (c->state == FB_SETTLING)
		return c->owed_e8;
	return user && c->state == FB_READY && j->sums.equity_e8 < 0 ? -j->sums.equity_e8 : 0;
}

int fb_gate_look(struct fb_waterfall *w, const struct fb_judged *judged, size_t n)
{
	__int128 before = w->owed_e8;
	if (w->policy->withdrawals == FB_WITHDRAWALS_FREE)
		return 0;
	for (size_t i = 0; i < n; i++) {
		struct fb_case *c = &w->cases[judged[i].account];
		__int128 now = owed(w, &judged[i]);
		w->owed_e8 += now - c->owed_e8;
		c->owed_e8 = now;
	}
	if (w->owed_e8 != before)
		w->gate_asked_e7 = gate_for(w);
	return fb_gate_tick(w);
}

int fb_gate_deposit(struct fb_waterfall *w, uint32_t account, __int128 value_e8, int64_t withheld)
{
	uint32_t id = w->book->account[account].id;
	bool factor = w->policy->withdrawals == FB_WITHDRAWALS_FACTOR;
	if (withheld < 0 || (withheld > 0 && (!factor || withheld > -value_e8)))
		return -EINVAL;
	w->counts.leaks += value_e8 < 0 && w->gate_e7 == 0;
	int err = fb_fill_money(w, FB_ID_STREET, id, value_e8 + withheld);
	if (err || withheld == 0)
		return err;
	err = fb_fill_money(w, id, FB_ID_FUND, withheld);
	fb_fund_book(w, FB_POOL_COMMON);
	return err;
}

uint32_t fb_waterfall_gate(const struct fb_waterfall *w)
{
	return w->gate_e7;
}
