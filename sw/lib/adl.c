/* ADL: planning a round. See <firebreak/adl.h>.
 *
 * Each need walks its ranking from the top; what it takes is entered at once, in rows and in what
 * accounts can still lose, so that the next need finds what is left.
 *
 * Value. After c of a need's Q lots, floor(V c / Q) of its value V is given, and a pair is worth
 * the difference of two such sums: whatever the number of pairs, the last one ends at exactly V.
 * Own opposite rows are the exception: both legs trade at the mark, and the need gives up the part
 * of V that belongs to these lots. So what remains of a need is always worth V less floor(V c / Q).
 *
 * Equity. A counterparty's gains do not count until they are on the book: the venue may refuse the
 * pair that was to bring them.
 *
 * Hedges and shares make a round of several runs: own rows and siblings of all needs; then what
 * each row may give at first; then the rest, by rank. Pairs are put in order of needs afterwards.
 *
 * Two rules beyond the header's. An account with a need is nobody else's counterparty in that
 * round. Lots of a need's row that went to an earlier need of the same account (hedge mode) count
 * as closed: the need asks only for the rest.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adl_internal.h"
#include "powers.h"

static int list_open(struct fb_adl_list *list, uint32_t rows)
{
	size_t leaves = 1;
	while (leaves < rows)
		leaves *= 2;
	list->entry = calloc((size_t)rows + 1, sizeof(*list->entry));
	list->node = calloc(2 * leaves, sizeof(*list->node));
	return list->entry && list->node ? 0 : -ENOMEM;
}

int fb_adl_open(uint32_t accounts, uint32_t rows, struct fb_adl **out)
{
	assert(accounts < 1u << 29 && rows < 1u << 29); /* as the book's */
	struct fb_adl *adl = calloc(1, sizeof(*adl));
	if (!adl)
		return -ENOMEM;
	adl->accounts_max = accounts;
	adl->rows_max = rows;
	adl->account = calloc((size_t)accounts + 1, sizeof(*adl->account));
	adl->row = calloc((size_t)rows + 1, sizeof(*adl->row));
	adl->entry = calloc((size_t)rows + 1, sizeof(*adl->entry));
	adl->scratch = calloc((size_t)rows + 1, sizeof(*adl->scratch));
	adl->place = calloc((size_t)rows + 1, sizeof(*adl->place));
	adl->place_scratch = calloc((size_t)rows + 1, sizeof(*adl->place_scratch));
	if (!adl->account || !adl->row || !adl->entry || !adl->scratch || !adl->place ||
	    !adl->place_scratch ||
	    list_open(&adl->by_rank, rows) || list_open(&adl->by_owner, rows)) {
		fb_adl_close(adl);
		return -ENOMEM;
	}
	*out = adl;
	return 0;
}

static bool in_runs(const struct fb_adl_policy *policy)
{
	return policy && (policy->share != FB_SHARE_QUEUE || policy->hedges);
}

int fb_adl_extend(struct fb_adl *adl, const struct fb_adl_policy *policy)
{
	size_t rows = (size_t)adl->rows_max + 1;
	int err = 0;
	if (!in_runs(policy))
		return 0;
	adl->pair_scratch = calloc(2 * rows, sizeof(*adl->pair_scratch));
	adl->pair_first = calloc(rows + 1, sizeof(*adl->pair_first));
	if (!adl->pair_scratch || !adl->pair_first)
		return -ENOMEM;
	if (policy->hedges)
		err = fb_adl_hedge_open(adl);
	if (!err && policy->share != FB_SHARE_QUEUE)
		err = fb_adl_share_open(adl);
	return err;
}

void fb_adl_close(struct fb_adl *adl)
{
	if (!adl)
		return;
	free(adl->place);
	free(adl->place_scratch);
	free(adl->owner_bucket);
	free(adl->owner_next);
	fb_sharer_close(adl->sharer);
	free(adl->winner);
	free(adl->given);
	free(adl->pair_scratch);
	free(adl->pair_first);
	free(adl->account);
	free(adl->row);
	free(adl->entry);
	free(adl->scratch);
	free(adl->by_rank.entry);
	free(adl->by_rank.node);
	free(adl->by_owner.entry);
	free(adl->by_owner.node);
	free(adl);
}

/* A round being planned, and the need whose turn it is. */
struct plan {
	struct fb_adl *adl;
	const struct fb_book *book;
	const struct fb_adl_rules *rules;
	struct fb_adl_pair *pairs;
	size_t room, n;

	const struct fb_adl_need *need;
	uint32_t index;
	int sign;	    /* of the need's lots */
	int64_t lots, left; /* of the need: all, and not yet given */
	__int128 per_lot_e8; /* value = per_lot x lots + rest, 0 <= rest < lots */
	int64_t rest_e8;
	uint16_t symbol;
	uint64_t u;
	enum { BY_NEED, BY_AVERAGE, BY_BOTH } pricing;
	const struct fb_adl_entry *entry; /* the counterparty, where it has a say in the price */
	bool limited;	 /* rows give no more than `allowed` */
	bool partial;	 /* the last counterparty keeps a part of its row */
	uint64_t looked; /* counterparties for this need */
};

static int64_t magnitude(int64_t qty)
{
	return qty < 0 ? -qty : qty;
}

/* A row as the pairs planned so far leave it. */
static struct fb_adl_row *row_now(const struct plan *p, uint32_t index)
{
	struct fb_adl_row *row = &p->adl->row[index];
	if (row->round != p->adl->round)
		*row = (struct fb_adl_row){
			.round = p->adl->round,
			.qty = p->book->row[index].qty,
			.entry_e8 = p->book->row[index].entry_e8,
		};
	return row;
}

static __int128 at_mark(int64_t qty, uint64_t u)
{
	__int128 notional = (__int128)magnitude(qty) * u >> FB_U_FRACTION_BITS;
	return qty < 0 ? -notional : notional;
}

/* floor(value x lots / all lots), in two parts: the product may need more than 128 bits. */
static __int128 value_of_first(const struct plan *p, int64_t lots)
{
	return p->per_lot_e8 * lots + (__int128)p->rest_e8 * lots / p->lots;
}

/* Of the next n lots. */
static __int128 value_of_next(const struct plan *p, int64_t n)
{
	int64_t given = p->lots - p->left;
	return value_of_first(p, given + n) - value_of_first(p, given);
}

/* What n lots of a counterparty's row are worth to it at the mark, with the sign of the need's. */
static __int128 mark_of_next(const struct plan *p, const struct fb_adl_row *row, int64_t n)
{
	return at_mark(row->qty + p->sign * n, p->u) - at_mark(row->qty, p->u);
}

/* Of the account's equity, what belongs to n lots of a row, by maintenance margin: closing at the
 * mark and paying that is closing at the row's bankruptcy price. Cut, and at most 2^64 - 1. */
static __int128 share_of(const struct plan *p, const struct fb_adl_entry *e, int64_t n)
{
	__int128 equity_e8 = e->terms.score.equity_e8, mm = e->terms.mm_e15, own = e->own_mm_e15;
	const unsigned __int128 up[3] = { (unsigned __int128)equity_e8,
					  (unsigned __int128)(own > 0 ? own : 1),
					  (unsigned __int128)n },
				down[3] = { (unsigned __int128)(mm > 0 ? mm : 1),
					    (unsigned __int128)magnitude(p->book->row[e->row].qty),
					    1 };
	return fb_powers_quotient(NULL, NULL, 0, up, down);
}

/* At which the next n lots of the need trade with this row. */
static __int128 price_of(const struct plan *p, const struct fb_adl_row *row, int64_t n)
{
	const struct fb_book_row *own = &p->book->row[p->need->row];
	__int128 own_e8 = value_of_next(p, n), sum, entry_e8;
	switch (p->pricing) {
	case BY_NEED: break;
	case BY_AVERAGE:
		entry_e8 = (__int128)own->entry_e8 * n;
		return entry_e8 / magnitude(own->qty) - (entry_e8 % magnitude(own->qty) < 0);
	case BY_BOTH:
		sum = own_e8 + mark_of_next(p, row, n) + share_of(p, p->entry, n);
		return sum / 2 - (sum % 2 < 0);
	}
	return own_e8;
}

/* What the owner of a row loses at the mark if it closes the next n lots of the need. */
static __int128 loss(const struct plan *p, const struct fb_adl_row *row, int64_t n)
{
	return price_of(p, row, n) - mark_of_next(p, row, n);
}

/* The need's price is not beyond the row's own bankruptcy price. */
static bool overlaps(const struct plan *p, const struct fb_adl_row *row,
		     const struct fb_adl_entry *e, int64_t n)
{
	return value_of_next(p, n) - mark_of_next(p, row, n) <= share_of(p, e, n);
}

/* And inside what one trade can carry, on both sides of it. */
static bool bearable(const struct plan *p, const struct fb_adl_row *row, __int128 left_e8,
		     int64_t n)
{
	__int128 value_e8 = price_of(p, row, n);
	return fb_fits(value_e8, FB_MONEY_BITS) && fb_fits(-value_e8, FB_MONEY_BITS) &&
	       loss(p, row, n) <= left_e8;
}

/* The most lots of the need that a row can take; none if it cannot bear one. Losses grow with n but
 * for the rounding of the two values, less than 2 units together: where a lot costs less than
 * that, a few lots more might be bearable again. */
static int64_t most_lots(const struct plan *p, const struct fb_adl_row *row, __int128 left_e8,
			 int64_t allowed)
{
	int64_t most = magnitude(row->qty) < p->left ? magnitude(row->qty) : p->left;
	most = most < allowed ? most : allowed;
	if (most == 0 || !bearable(p, row, left_e8, 1))
		return 0;
	if (bearable(p, row, left_e8, most))
		return most;
	int64_t good = 1, bad = most;
	while (bad - good > 1) {
		int64_t middle = good + (bad - good) / 2;
		if (bearable(p, row, left_e8, middle))
			good = middle;
		else
			bad = middle;
	}
	return good;
}

/* Nobody loses less by the need's next lot: the value of a lot at the mark is floor(u) or one more,
 * whichever row it is taken from. */
static uint64_t least_loss(const struct plan *p)
{
	if (p->pricing == BY_AVERAGE)
		return 1;
	__int128 unit = (__int128)(p->u >> FB_U_FRACTION_BITS);
	uint64_t key = fb_adl_key(value_of_next(p, 1) - (p->sign > 0 ? unit + 1 : -unit));
	return key > 0 ? key : 1; /* who has nothing left is done even where it would gain */
}

/* Enters a pair of n lots. 1; 0: a row would leave its range; -ENOBUFS. */
static int pair(struct plan *p, uint32_t counter, uint32_t row, int64_t n, __int128 value_e8,
		uint32_t rank)
{
	struct fb_adl_row *own = row_now(p, p->need->row), *other = row_now(p, row);
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
static uint32_t own_opposite(const struct plan *p, int64_t after)
{
	uint32_t best = FB_NONE;
	for (uint32_t i = p->book->account[p->need->account].first; i != FB_NONE;
	     i = p->book->row[i].next) {
		const struct fb_book_row *row = &p->book->row[i];
		if (row->symbol == p->symbol && !(row->flags & FB_ROW_NO_RANK) &&
		    (p->sign > 0 ? row->qty < 0 : row->qty > 0) && (int64_t)row->id > after &&
		    row_now(p, i)->qty != 0 && (best == FB_NONE || row->id < p->book->row[best].id))
			best = i;
	}
	return best;
}

static int take_own(struct plan *p)
{
	int code = 0;
	for (int64_t id = -1; p->left > 0 && code >= 0;) {
		uint32_t row = own_opposite(p, id);
		if (row == FB_NONE)
			return 0;
		id = p->book->row[row].id;
		int64_t n = magnitude(row_now(p, row)->qty);
		n = n < p->left ? n : p->left;
		code = pair(p, p->need->account, row, n, at_mark(p->sign * n, p->u), 0);
	}
	return code < 0 ? code : 0;
}

/* Pairs the need with one counterparty, as far as both can. 0 or -ENOBUFS. */
static int take_one(struct plan *p, struct fb_adl_list *list, uint32_t at)
{
	const struct fb_adl_policy *policy = p->rules->policy;
	struct fb_adl_entry *e = list->entry[at];
	struct fb_adl_account *account = &p->adl->account[e->account];
	const struct fb_adl_row *row = row_now(p, e->row);
	int64_t allowed = p->limited ? e->allowed : INT64_MAX, n = 0;
	p->entry = e;
	if (account->left_e8 > 0)
		n = most_lots(p, row, account->left_e8, allowed);
	bool checked = policy && p->pricing != BY_AVERAGE &&
		       (policy->overlap || p->pricing == BY_BOTH);
	if (n > 0 && checked && !overlaps(p, row, e, n)) {
		e->priced_out = true;
		n = 0;
	}
	if (n > 0) {
		__int128 lost = loss(p, row, n);
		int code = pair(p, e->account, e->row, n, price_of(p, row, n), e->rank);
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
static int take_from(struct plan *p, struct fb_adl_list *list, uint32_t from, uint32_t to)
{
	uint64_t most = p->rules->policy ? p->rules->policy->most : 0;
	while (p->left > 0) {
		uint32_t at = fb_adl_list_find(list, from, to, least_loss(p));
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

static int take_siblings(struct plan *p)
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
		p->pricing = BY_AVERAGE;
	int err = take_from(p, &adl->by_owner, begin, end);
	p->pricing = BY_NEED;
	return err;
}

static int take_others(struct plan *p)
{
	struct fb_adl *adl = p->adl;
	const struct fb_adl_policy *policy = p->rules->policy;
	uint16_t ranking = fb_adl_ranking(p->symbol, p->sign > 0);
	if (adl->closed[ranking])
		return 0;
	if (policy && policy->price == FB_ADL_BETWEEN)
		p->pricing = BY_BOTH;
	int err = take_from(p, &adl->by_rank, adl->first[ranking], adl->first[ranking + 1]);
	p->pricing = BY_NEED;
	/* What is left of a partly closed row has another score. */
	adl->closed[ranking] = policy && policy->rerank && p->partial && p->left == 0;
	return err;
}

/* Which counterparties a need turns to. */
enum run { ALL, NEAREST, LIMITED, REST };

static int take(struct plan *p, const struct fb_adl_need *need, uint32_t index, enum run run)
{
	const struct fb_book_row *row = &p->book->row[need->row];
	p->need = need;
	p->index = index;
	p->symbol = row->symbol;
	p->u = p->book->symbol[row->symbol].u;
	p->sign = need->qty < 0 ? -1 : 1;
	p->lots = magnitude(need->qty);
	int64_t closed = magnitude(row->qty) - magnitude(row_now(p, need->row)->qty);
	p->left = closed < p->lots ? p->lots - closed : 0;
	p->per_lot_e8 = need->value_e8 / p->lots;
	p->rest_e8 = (int64_t)(need->value_e8 % p->lots);
	if (p->rest_e8 < 0) { /* division cuts toward zero */
		p->per_lot_e8--;
		p->rest_e8 += p->lots;
	}
	p->pricing = BY_NEED;
	p->limited = run == LIMITED;
	p->partial = false;
	p->looked = 0;
	int err = 0;
	if (run == ALL || run == NEAREST)
		err = take_own(p);
	if (!err && (run == ALL || run == NEAREST))
		err = take_siblings(p);
	return err || run == NEAREST ? err : take_others(p);
}

/* Which rankings the needs want; their own accounts are in none. */
static void begin(struct plan *p, const struct fb_adl_need *need, size_t needs)
{
	struct fb_adl *adl = p->adl;
	adl->round++;
	memset(adl->wanted, 0, sizeof(adl->wanted));
	memset(adl->closed, 0, sizeof(adl->closed));
	memset(adl->shared, 0, sizeof(adl->shared));
	for (size_t i = 0; i < needs; i++) {
		assert(need[i].account < p->book->accounts && need[i].row < p->book->rows);
		const struct fb_book_row *row = &p->book->row[need[i].row];
		assert(row->account == need[i].account && need[i].qty != 0);
		assert(need[i].qty > 0 ? need[i].qty <= row->qty : need[i].qty >= row->qty);
		adl->wanted[fb_adl_ranking(row->symbol, need[i].qty > 0)] =
			!p->rules->no_adl || !p->rules->no_adl[row->symbol];
		adl->account[need[i].account] = (struct fb_adl_account){ .round = adl->round };
		struct fb_adl_row *now = row_now(p, need[i].row);
		assert(!now->needed); /* one need for a row */
		now->needed = true;
	}
}

/* What the rows of each ranking may give at first. */
static void allow(struct plan *p, const struct fb_adl_need *need, size_t needs)
{
	struct fb_adl *adl = p->adl;
	const struct fb_adl_policy *policy = p->rules->policy;
	uint64_t *lots = adl->shared;
	for (uint32_t i = 0; i < adl->entries; i++) {
		struct fb_adl_entry *e = &adl->entry[i];
		int64_t given = magnitude(p->book->row[e->row].qty) -
				magnitude(row_now(p, e->row)->qty);
		e->allowed = e->free > given ? e->free - given : 0;
	}
	if (policy->share == FB_SHARE_QUEUE)
		return;
	for (size_t i = 0; i < needs; i++) {
		const struct fb_book_row *row = &p->book->row[need[i].row];
		int64_t closed = magnitude(row->qty) - magnitude(row_now(p, need[i].row)->qty),
			wants = magnitude(need[i].qty) - closed;
		lots[fb_adl_ranking(row->symbol, need[i].qty > 0)] +=
			wants > 0 ? (uint64_t)wants : 0;
	}
	for (uint32_t r = 0; r < FB_ADL_RANKINGS; r++)
		if (lots[r] > 0)
			fb_adl_shares(adl, policy, r, lots[r]);
}

static int run_over(struct plan *p, const struct fb_adl_need *need, size_t needs, enum run run)
{
	for (size_t i = 0; i < needs; i++) {
		int err = take(p, &need[i], (uint32_t)i, run);
		if (err)
			return err;
	}
	return 0;
}

static int run_thrice(struct plan *p, const struct fb_adl_need *need, size_t needs)
{
	int err = run_over(p, need, needs, NEAREST);
	if (!err) {
		allow(p, need, needs);
		fb_adl_list_grow(p->adl, &p->adl->by_rank);
		err = run_over(p, need, needs, LIMITED);
	}
	if (!err) {
		fb_adl_list_grow(p->adl, &p->adl->by_rank);
		err = run_over(p, need, needs, REST);
	}
	fb_adl_in_order(p->adl, p->pairs, p->n, needs);
	return err;
}

int64_t fb_adl_plan(struct fb_adl *adl, const struct fb_book *book,
		    const struct fb_adl_rules *rules, const struct fb_adl_need *need, size_t needs,
		    struct fb_adl_pair *pairs, size_t room)
{
	assert(book->accounts <= adl->accounts_max && book->rows <= adl->rows_max);
	struct plan p = {
		.adl = adl, .book = book, .rules = rules, .pairs = pairs, .room = room
	};
	begin(&p, need, needs);
	if (needs == 0)
		return 0;
	fb_adl_rank(adl, book, rules);
	bool runs = in_runs(rules->policy);
	if (runs && p.room > 2 * (size_t)adl->rows_max)
		p.room = 2 * (size_t)adl->rows_max; /* so many can be put in order */
	int err = runs ? run_thrice(&p, need, needs) : run_over(&p, need, needs, ALL);
	return err ? err : (int64_t)p.n;
}

bool fb_adl_waits(const struct fb_adl *adl, const struct fb_book *book,
		  const struct fb_adl_need *need)
{
	return adl->closed[fb_adl_ranking(book->row[need->row].symbol, need->qty > 0)];
}
