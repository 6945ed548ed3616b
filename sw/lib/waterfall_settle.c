/* Money at the end: what is left of an account without positions, or what is missing.
 *
 * A deficit is paid by the fund as far as its free equity and its caps go. The rest is spread
 * over users in profit, in proportion to it, or over all who have positions in the symbol, in
 * proportion to them: their money goes to the fund, earmarked for this account, and the fund
 * pays. Shares add up to the rest, to the last unit. Those below a hundredth of a coin are not
 * worth a payment and are borne by the others; if all are, the account with the most profit
 * pays. */
#include <errno.h>
#include <string.h>

#include "waterfall_fund.h"

#define SHARE_MIN_E8 1000000

/* Sinks the entry at `top` of a heap of n accounts, largest id first. */
static void sink(struct fb_waterfall *w, uint32_t top, uint32_t n)
{
	const struct fb_book_account *a = w->book->account;
	uint32_t entry = w->by_id[top];
	for (uint32_t child; (child = 2 * top + 1) < n; top = child) {
		if (child + 1 < n && a[w->by_id[child + 1]].id > a[w->by_id[child]].id)
			child++;
		if (a[w->by_id[child]].id <= a[entry].id)
			break;
		w->by_id[top] = w->by_id[child];
	}
	w->by_id[top] = entry;
}

/* Accounts in rising id: nothing that is paid may depend on the order in which they were loaded. By
 * heap, since qsort may allocate; again only when there are more of them. */
static const uint32_t *in_order(struct fb_waterfall *w)
{
	uint32_t n = w->book->accounts;
	if (w->sorted == n)
		return w->by_id;
	for (uint32_t i = 0; i < n; i++)
		w->by_id[i] = i;
	for (uint32_t i = n / 2; i-- > 0;)
		sink(w, i, n);
	for (uint32_t i = n; i-- > 1;) {
		uint32_t last = w->by_id[i];
		w->by_id[i] = w->by_id[0];
		w->by_id[0] = last;
		sink(w, 0, i);
	}
	w->sorted = n;
	return w->by_id;
}

/* An order that moves money. The case that waits for it is `account`'s, whoever pays: the payer of
 * a spread loss stays in the state in which it is. */
static int send_move(struct fb_waterfall *w, uint32_t account, uint32_t counter,
		     __int128 amount_e8, enum fb_purpose purpose)
{
	__int128 promised = -amount_e8 - w->cases[account].earmark_e8;
	struct fb_open open = {
		.order = { .verb = FB_VERB_FUND_MOVE, .value_e8 = amount_e8 },
		.account = account,
		.row = FB_NONE,
		.counter = counter,
		.counter_row = FB_NONE,
		.purpose = (uint8_t)purpose,
		.pool = fb_fund_symbol(w, account),
		.reserved_loss_e8 = purpose == FB_FOR_SETTLING && promised > 0 ? promised : 0,
	};
	int err = fb_orders_send(w, &open);
	w->counts.moves += !err && purpose == FB_FOR_SETTLING;
	if (!err && purpose == FB_FOR_SPREAD) {
		w->counts.spreads++;
		w->cases[counter].asked_e8 += amount_e8;
	}
	return err < 0 ? err : !err;
}

/* Unrealised profit less what was paid of it before, at most the equity: what an account can be
 * asked for. 0: nothing. */
static __int128 profit_of(const struct fb_waterfall *w, uint32_t account)
{
	const struct fb_book_account *a = &w->book->account[account];
	if (a->role != FB_ROLE_USER || a->rows_live == 0 || w->held[account])
		return 0;
	__int128 equity = fb_house_sums(w, account).equity_e8,
		 asked = w->cases[account].asked_e8,
		 profit = equity - a->collateral_e8 - w->cases[account].paid_e8;
	profit = (profit < equity ? profit : equity) - asked;
	return profit > 0 ? profit : 0;
}

/* Notional that an account has in the symbol, long and short alike; of a loss of no symbol, in
 * all. As much as can still be asked of it, if that is less, shall be asked: what it cannot pay
 * others do, in a later round. */
static __int128 interest_of(const struct fb_waterfall *w, uint32_t account, uint16_t symbol)
{
	const struct fb_book *book = w->book;
	const struct fb_book_account *a = &book->account[account];
	__int128 sum = 0;
	if (a->role != FB_ROLE_USER || a->rows_live == 0 || w->held[account])
		return 0;
	for (uint32_t i = a->first; i != FB_NONE; i = book->row[i].next) {
		const struct fb_book_row *row = &book->row[i];
		uint64_t n = row->qty < 0 ? -(uint64_t)row->qty : (uint64_t)row->qty;
		if (symbol == FB_POOL_COMMON || row->symbol == symbol)
			sum += (__int128)((unsigned __int128)n * book->symbol[row->symbol].u >>
					  FB_U_FRACTION_BITS);
	}
	return sum;
}

/* What shares are in proportion to, and the most that one account can pay. */
struct bearer {
	__int128 weight_e8, most_e8;
};

static struct bearer bearer_of(const struct fb_waterfall *w, uint32_t account, uint16_t symbol)
{
	struct bearer b = { 0, 0 };
	if (w->policy->socialise == FB_SOCIALISE_PROFIT) {
		b.weight_e8 = b.most_e8 = profit_of(w, account);
	} else if (w->policy->socialise == FB_SOCIALISE_OPEN_INTEREST) {
		b.weight_e8 = interest_of(w, account, symbol);
		if (b.weight_e8 > 0)
			b.most_e8 = fb_house_sums(w, account).equity_e8 -
				    w->cases[account].asked_e8;
		if (b.most_e8 <= 0)
			b.weight_e8 = 0;
	}
	return b;
}

/* Weights of all who bear, and of those whose share of `rest` is worth a payment; the largest
 * one. */
struct bearers {
	__int128 asked_e8, all_e8, worth_e8, largest_e8;
	uint32_t largest;
};

static bool worth_asking(const struct bearers *all, uint32_t account, __int128 weight_e8)
{
	if (all->worth_e8 == 0)
		return account == all->largest;
	return fb_size_part(all->asked_e8, weight_e8, all->all_e8) >= SHARE_MIN_E8;
}

static struct bearers find_bearers(struct fb_waterfall *w, uint16_t symbol, __int128 rest_e8)
{
	const uint32_t *order = in_order(w);
	struct bearers all = { .largest = FB_NONE };
	__int128 most = 0;
	for (uint32_t k = 0; k < w->book->accounts; k++) {
		uint32_t i = order[k];
		struct bearer b = bearer_of(w, i, symbol);
		all.all_e8 += b.weight_e8;
		most += b.weight_e8 > 0 ? b.most_e8 : 0;
		if (b.weight_e8 > all.largest_e8) {
			all.largest_e8 = b.weight_e8;
			all.largest = i;
		}
	}
	all.asked_e8 = rest_e8 < most ? rest_e8 : most;
	for (uint32_t i = 0; i < w->book->accounts && all.asked_e8 > 0; i++) {
		__int128 weight = bearer_of(w, i, symbol).weight_e8;
		if (weight > 0 &&
		    fb_size_part(all.asked_e8, weight, all.all_e8) >= SHARE_MIN_E8)
			all.worth_e8 += weight;
	}
	return all;
}

/* Asks those who bear it for a share of `rest`. The number of orders sent. Shares are differences
 * of ceil(asked x weight so far / all weights asked), so they add up, to the last unit: unlike a
 * rate per lot that is rounded up (Drift's), which would leave a remainder. A funding command could
 * not do it: what it takes from one side it gives to the other. */
static int spread(struct fb_waterfall *w, uint32_t account, __int128 rest_e8)
{
	uint16_t symbol = fb_fund_symbol(w, account);
	struct bearers all = find_bearers(w, symbol, rest_e8);
	const uint32_t *order = in_order(w);
	__int128 from = all.worth_e8 > 0 ? all.worth_e8 : all.largest_e8,
		 asked = all.asked_e8, upto = 0, asked_upto = 0;
	int sent = 0;
	if (w->policy->socialise == FB_SOCIALISE_PROFIT && asked > from)
		asked = from;
	for (uint32_t k = 0; k < w->book->accounts && asked > 0; k++) {
		uint32_t i = order[k];
		struct bearer b = bearer_of(w, i, symbol);
		if (b.weight_e8 == 0 || !worth_asking(&all, i, b.weight_e8) ||
		    w->cases[account].state != FB_READY)
			continue;
		upto += b.weight_e8;
		__int128 share = -fb_size_part(-asked, upto, from) - asked_upto;
		asked_upto += share;
		share = share < b.most_e8 ? share : b.most_e8;
		int got = share > 0 ? send_move(w, account, i, share, FB_FOR_SPREAD) : 0;
		if (got < 0)
			return got;
		sent += got;
	}
	return sent;
}

static int close_account(struct fb_waterfall *w, uint32_t account)
{
	struct fb_case *c = &w->cases[account];
	c->closing = c->progressed = false;
	c->stage = FB_STAGE_REDUCE;
	c->idle = 0;
	w->counts.closed++;
	fb_fund_bear(w, account, 0);
	__int128 to_fund = c->to_fund_e8;
	c->to_fund_e8 = 0;
	fb_waterfall_enter(w, account, FB_CLOSED);
	return fb_waterfall_note(w, account, FB_NOTICE_CLOSED, 0, to_fund);
}

int fb_settle(struct fb_waterfall *w, const struct fb_judged *j)
{
	uint32_t account = j->account;
	struct fb_case *c = &w->cases[account];
	__int128 left = w->book->account[account].collateral_e8;
	int sent = 0;
	if (left == 0)
		return close_account(w, account);
	if (left > 0) {
		sent = send_move(w, account, FB_NONE, left, FB_FOR_SETTLING);
	} else {
		uint32_t fund = w->house[FB_FUND].account;
		fb_fund_bear(w, account, 0); /* it is asked for now */
		__int128 has = fb_fund_pay_room(w, account, fb_house_free(w)) + c->earmark_e8;
		/* First what the fund has; only what is missing then is asked of others. */
		sent = has > 0 ? send_move(w, account, fund, has < -left ? -has : left,
					   FB_FOR_SETTLING)
			       : spread(w, account, -left);
	}
	if (sent < 0)
		return sent;
	if (sent > 0 && c->state == FB_READY)
		fb_waterfall_enter(w, account, FB_SETTLING);
	else if (c->state == FB_READY)
		w->counts.nobody++;
	return 0;
}
