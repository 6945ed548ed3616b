/* ADL: one need takes its counterparties: own opposite rows, siblings, then the ranking from the
 * top. What it takes is entered at once, in rows and in what accounts can still lose. */
#include <errno.h>

#include "adl_turn.h"

/* Enters a pair of n lots. 1; 0: a row would leave its range; -ENOBUFS. */
static int pair(struct fb_adl_turn *p, uint32_t counter, uint32_t row, int64_t n, __int128 value_e8,
		uint32_t rank)
{
	struct fb_adl_row *own = fb_adl_row_now(p, p->need->row), *other = fb_adl_row_now(p, row);
	int64_t dq = p->sign * n;
	struct fb_trade own_after, other_after;
	if (fb_trade_after(own->qty, own->entry_e8, -dq, -value_e8, &own_after) != 0 ||
	    fb_trade_after(other->qty, other->entry_e8, dq, value_e8, &other_after) != 0)
		return 0;
	if (p->n == p->room)
		return -ENOBUFS;
	own->qty = own_after.qty;
	own->entry_e8 = own_after.entry_e8;
	other->qty = other_after.qty;
	other->entry_e8 = other_after.entry_e8;
	p->left -= n;
	p->pairs[p->n++] = (struct fb_adl_pair){
		.need = p->index,
		.counter = counter,
		.row = row,
		.qty = dq,
		.value_e8 = value_e8,
		.rank = rank,
	};
	return 1;
}

/* The account's own opposite row with the lowest id above `after`, or FB_NONE. */
static uint32_t own_opposite(const struct fb_adl_turn *p, int64_t after)
{
	uint32_t best = FB_NONE;
	for (uint32_t i = p->book->account[p->need->account].first; i != FB_NONE;
	     i = p->book->row[i].next) {
		const struct fb_book_row *row = &p->book->row[i];
		if (row->symbol == p->symbol && !(row->flags & FB_ROW_NO_RANK) &&
		    (p->sign > 0 ? row->qty < 0 : row->qty > 0) && (int64_t)row->id > after &&
		    fb_adl_row_now(p, i)->qty != 0 &&
		    (best == FB_NONE || row->id < p->book->row[best].id))
			best = i;
	}
	return best;
}

static int take_own(struct fb_adl_turn *p)
{
	int code = 0;
	for (int64_t id = -1; p->left > 0 && code >= 0;) {
		uint32_t row = own_opposite(p, id);
		if (row == FB_NONE)
			return 0;
		id = p->book->row[row].id;
		int64_t n = fb_adl_lots(fb_adl_row_now(p, row)->qty);
		n = n < p->left ? n : p->left;
		code = pair(p, p->need->account, row, n, fb_adl_at_mark(p->sign * n, p->u), 0);
	}
	return code < 0 ? code : 0;
}

/* Pairs the need with one counterparty, as far as both can. 0 or -ENOBUFS. */
static int take_one(struct fb_adl_turn *p, struct fb_adl_list *list, uint32_t at)
{
	const struct fb_adl_policy *policy = p->rules->policy;
	struct fb_adl_entry *e = list->entry[at];
	struct fb_adl_account *account = &p->adl->account[e->account];
	const struct fb_adl_row *row = fb_adl_row_now(p, e->row);
	int64_t allowed = p->limited ? e->allowed : INT64_MAX, n = 0;
	p->entry = e;
	if (account->left_e8 > 0)
		n = fb_adl_most_lots(p, row, account->left_e8, allowed);
	bool checked = policy && p->pricing != FB_ADL_BY_AVERAGE &&
		       (policy->overlap || p->pricing == FB_ADL_BY_BOTH);
	if (n > 0 && checked && !fb_adl_overlaps(p, row, e, n)) {
		e->priced_out = true;
		n = 0;
	}
	if (n > 0) {
		__int128 lost = fb_adl_loss(p, row, n);
		int code = pair(p, e->account, e->row, n, fb_adl_price(p, row, n), e->rank);
		if (code < 0)
			return code;
		if (code > 0) {
			account->left_e8 -= lost > 0 ? lost : 0;
			e->allowed = e->allowed > n ? e->allowed - n : 0;
			p->partial = row->qty != 0;
		}
	}
	bool done = row->qty == 0 || (p->limited && e->allowed == 0);
	fb_adl_list_set(list, at, done ? 0 : fb_adl_key(account->left_e8));
	return 0;
}

/* Takes from a stretch of a list, first to last. */
static int take_from(struct fb_adl_turn *p, struct fb_adl_list *list, uint32_t from, uint32_t to)
{
	uint64_t most = p->rules->policy ? p->rules->policy->most : 0;
	while (p->left > 0) {
		uint32_t at = fb_adl_list_find(list, from, to, fb_adl_least_loss(p));
		if (at == to || (most > 0 && p->looked == most))
			return 0;
		p->looked++;
		int err = take_one(p, list, at);
		if (err)
			return err;
		from = at + 1;
	}
	return 0;
}

/* The first entry at from..to-1 of an owner not below `owner`. */
static uint32_t owner_begins(const struct fb_adl_list *list, uint32_t from, uint32_t to,
			     uint64_t owner)
{
	while (from < to) {
		uint32_t middle = from + (to - from) / 2;
		if (list->entry[middle]->owner < owner)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static int take_siblings(struct fb_adl_turn *p)
{
	struct fb_adl *adl = p->adl;
	uint16_t ranking = fb_adl_ranking(p->symbol, p->sign > 0);
	if (!p->rules->siblings_first || adl->closed[ranking])
		return 0;
	uint32_t from = adl->first[ranking], to = adl->first[ranking + 1];
	uint64_t owner = p->rules->owner[p->need->account];
	uint32_t begin = owner_begins(&adl->by_owner, from, to, owner),
		 end = owner_begins(&adl->by_owner, begin, to, owner + 1);
	if (p->rules->policy && p->rules->policy->siblings == FB_SIBLINGS_AVERAGE)
		p->pricing = FB_ADL_BY_AVERAGE;
	int err = take_from(p, &adl->by_owner, begin, end);
	p->pricing = FB_ADL_BY_NEED;
	return err;
}

static int take_others(struct fb_adl_turn *p)
{
	struct fb_adl *adl = p->adl;
	const struct fb_adl_policy *policy = p->rules->policy;
	uint16_t ranking = fb_adl_ranking(p->symbol, p->sign > 0);
	if (adl->closed[ranking])
		return 0;
	if (policy && policy->price == FB_ADL_BETWEEN)
		p->pricing = FB_ADL_BY_BOTH;
	int err = take_from(p, &adl->by_rank, adl->first[ranking], adl->first[ranking + 1]);
	p->pricing = FB_ADL_BY_NEED;
	/* What is left of a partly closed row has another score. */
	adl->closed[ranking] = policy && policy->rerank && p->partial && p->left == 0;
	return err;
}

int fb_adl_take(struct fb_adl_turn *p, const struct fb_adl_need *need, uint32_t index,
		enum fb_adl_run run)
{
	const struct fb_book_row *row = &p->book->row[need->row];
	p->need = need;
	p->index = index;
	p->symbol = row->symbol;
	p->u = p->book->symbol[row->symbol].u;
	p->sign = need->qty < 0 ? -1 : 1;
	p->lots = fb_adl_lots(need->qty);
	int64_t closed = fb_adl_lots(row->qty) - fb_adl_lots(fb_adl_row_now(p, need->row)->qty);
	p->left = closed < p->lots ? p->lots - closed : 0;
	p->per_lot_e8 = need->value_e8 / p->lots;
	p->rest_e8 = (int64_t)(need->value_e8 % p->lots);
	if (p->rest_e8 < 0) { /* division cuts toward zero */
		p->per_lot_e8--;
		p->rest_e8 += p->lots;
	}
	p->pricing = FB_ADL_BY_NEED;
	p->limited = run == FB_ADL_LIMITED;
	p->partial = false;
	p->looked = 0;
	int err = 0;
	if (run == FB_ADL_ALL || run == FB_ADL_NEAREST)
		err = take_own(p);
	if (!err && (run == FB_ADL_ALL || run == FB_ADL_NEAREST))
		err = take_siblings(p);
	return err || run == FB_ADL_NEAREST ? err : take_others(p);
}
