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
 * Two rules beyond the header's. An account with a need is nobody else's counterparty in that
 * round. Lots of a need's row that went to an earlier need of the same account (hedge mode) count
 * as closed: the need asks only for the rest.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adl_internal.h"

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
	if (!adl->account || !adl->row || !adl->entry || !adl->scratch ||
	    list_open(&adl->by_rank, rows) || list_open(&adl->by_owner, rows)) {
		fb_adl_close(adl);
		return -ENOMEM;
	}
	*out = adl;
	return 0;
}

void fb_adl_close(struct fb_adl *adl)
{
	if (!adl)
		return;
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

/* What the owner of a row loses at the mark if it closes the next n lots of the need. */
static __int128 loss(const struct plan *p, const struct fb_adl_row *row, int64_t n)
{
	int64_t after = row->qty + p->sign * n;
	return value_of_next(p, n) - (at_mark(after, p->u) - at_mark(row->qty, p->u));
}

/* And inside what one trade can carry, on both sides of it. */
static bool bearable(const struct plan *p, const struct fb_adl_row *row, __int128 left_e8,
		     int64_t n)
{
	__int128 value_e8 = value_of_next(p, n);
	return fb_fits(value_e8, FB_MONEY_BITS) && fb_fits(-value_e8, FB_MONEY_BITS) &&
	       loss(p, row, n) <= left_e8;
}

/* The most lots of the need that a row can take; none if it cannot bear one. Losses grow with n but
 * for the rounding of the two values, less than 2 units together: where a lot costs less than
 * that, a few lots more might be bearable again. */
static int64_t most_lots(const struct plan *p, const struct fb_adl_row *row, __int128 left_e8)
{
	int64_t most = magnitude(row->qty) < p->left ? magnitude(row->qty) : p->left;
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

/* Takes from a stretch of a list, first to last. */
static int take_from(struct plan *p, struct fb_adl_list *list, uint32_t from, uint32_t to)
{
	while (p->left > 0) {
		uint32_t at = fb_adl_list_find(list, from, to, least_loss(p));
		if (at == to)
			return 0;
		const struct fb_adl_entry *e = list->entry[at];
		struct fb_adl_account *account = &p->adl->account[e->account];
		const struct fb_adl_row *row = row_now(p, e->row);
		int64_t n = account->left_e8 > 0 ? most_lots(p, row, account->left_e8) : 0;
		if (n > 0) {
			__int128 lost = loss(p, row, n);
			int code = pair(p, e->account, e->row, n, value_of_next(p, n), e->rank);
			if (code < 0)
				return code;
			if (code > 0 && lost > 0)
				account->left_e8 -= lost;
		}
		fb_adl_list_set(list, at, row->qty != 0 ? fb_adl_key(account->left_e8) : 0);
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

static int take_others(struct plan *p)
{
	struct fb_adl *adl = p->adl;
	uint16_t ranking = fb_adl_ranking(p->symbol, p->sign > 0);
	uint32_t from = adl->first[ranking], to = adl->first[ranking + 1];
	if (p->rules->siblings_first) {
		uint64_t owner = p->rules->owner[p->need->account];
		uint32_t begin = owner_begins(&adl->by_owner, from, to, owner),
			 end = owner_begins(&adl->by_owner, begin, to, owner + 1);
		int err = take_from(p, &adl->by_owner, begin, end);
		if (err)
			return err;
	}
	return take_from(p, &adl->by_rank, from, to);
}

static int take(struct plan *p, const struct fb_adl_need *need, uint32_t index)
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
	int err = take_own(p);
	return err ? err : take_others(p);
}

/* Which rankings the needs want; their own accounts are in none. */
static void begin(struct plan *p, const struct fb_adl_need *need, size_t needs)
{
	struct fb_adl *adl = p->adl;
	adl->round++;
	memset(adl->wanted, 0, sizeof(adl->wanted));
	for (size_t i = 0; i < needs; i++) {
		assert(need[i].account < p->book->accounts && need[i].row < p->book->rows);
		const struct fb_book_row *row = &p->book->row[need[i].row];
		assert(row->account == need[i].account && need[i].qty != 0);
		assert(need[i].qty > 0 ? need[i].qty <= row->qty : need[i].qty >= row->qty);
		adl->wanted[fb_adl_ranking(row->symbol, need[i].qty > 0)] = true;
		adl->account[need[i].account] = (struct fb_adl_account){ .round = adl->round };
		struct fb_adl_row *now = row_now(p, need[i].row);
		assert(!now->needed); /* one need for a row */
		now->needed = true;
	}
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
	if (needs > 0)
		fb_adl_rank(adl, book, rules);
	for (size_t i = 0; i < needs; i++) {
		int err = take(&p, &need[i], (uint32_t)i);
		if (err)
			return err;
	}
	return (int64_t)p.n;
}
