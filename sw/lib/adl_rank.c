/* ADL: scores, their order, and the rankings of a round. See <firebreak/adl.h>. */
#include <assert.h>
#include <string.h>

#include "adl_internal.h"
#include "wide.h"

/* Profit, then neither, then loss. */
static int profit_class(const struct fb_adl_score *s)
{
	return s->profit_e8 > 0 ? 0 : s->profit_e8 == 0 ? 1 : 2;
}

static unsigned __int128 magnitude(__int128 x)
{
	return x < 0 ? -(unsigned __int128)x : (unsigned __int128)x;
}

/* |U| of `profit` x equity of `equity` x (N of `notional`)^2, the last only if there is one. */
static void multiply(struct fb_product *out, const struct fb_adl_score *profit,
		     const struct fb_adl_score *equity, const struct fb_adl_score *notional)
{
	fb_product_set(out, magnitude(profit->profit_e8));
	fb_product_times(out, (unsigned __int128)equity->equity_e8);
	if (!notional)
		return;
	fb_product_times(out, notional->notional_e8);
	fb_product_times(out, notional->notional_e8);
}

/* The larger U / equity first. */
static int compare_profits(const struct fb_adl_score *a, const struct fb_adl_score *b)
{
	/* Nearly always 128 bits are enough. */
	if ((a->profit_e8 | a->equity_e8 | b->profit_e8 | b->equity_e8) >> 63 == 0) {
		__int128 left = a->profit_e8 * b->equity_e8, right = b->profit_e8 * a->equity_e8;
		return left > right ? -1 : left < right;
	}
	struct fb_product x, y;
	multiply(&x, a, b, NULL);
	multiply(&y, b, a, NULL);
	return fb_product_compare(&y, &x);
}

/* The smaller |U| x equity / N^2 first. */
static int compare_losses(const struct fb_adl_score *a, const struct fb_adl_score *b)
{
	struct fb_product x, y;
	multiply(&x, a, a, b);
	multiply(&y, b, b, a);
	return fb_product_compare(&x, &y);
}

/* Rows worth nothing (N = 0: too few lots of too low a value) have no U / N. They come last within
 * their class: closing them moves no risk. Among themselves: in profit by U / equity, else by id.
 */
static int compare_groups(const struct fb_adl_score *a, const struct fb_adl_score *b)
{
	int order = profit_class(a) - profit_class(b);
	return order != 0 ? order : (a->notional_e8 == 0) - (b->notional_e8 == 0);
}

/* Of one group. */
static int compare_scores(const struct fb_adl_score *a, const struct fb_adl_score *b)
{
	int class = profit_class(a);
	if (class == 0)
		return compare_profits(a, b);
	return class == 2 && a->notional_e8 != 0 ? compare_losses(a, b) : 0;
}

int fb_adl_compare(const struct fb_adl_score *a, const struct fb_adl_score *b)
{
	assert(a->equity_e8 > 0 && b->equity_e8 > 0);
	int order = compare_groups(a, b);
	if (order == 0)
		order = compare_scores(a, b);
	if (order == 0)
		order = a->notional_e8 > b->notional_e8 ? -1 : a->notional_e8 < b->notional_e8;
	if (order == 0)
		order = a->account_id < b->account_id ? -1 : a->account_id > b->account_id;
	if (order == 0)
		order = a->position_id < b->position_id ? -1 : a->position_id > b->position_id;
	return order;
}

enum fb_adl_step fb_adl_decided_by(const struct fb_adl_score *a, const struct fb_adl_score *b)
{
	if (compare_groups(a, b) != 0)
		return FB_ADL_STEP_GROUP;
	if (compare_scores(a, b) != 0)
		return FB_ADL_STEP_SCORE;
	if (a->notional_e8 != b->notional_e8)
		return FB_ADL_STEP_NOTIONAL;
	if (a->account_id != b->account_id)
		return FB_ADL_STEP_ACCOUNT;
	return a->position_id != b->position_id ? FB_ADL_STEP_POSITION : FB_ADL_STEP_NONE;
}

/* ---- sorting ---- */

static int by_owner(const struct fb_adl_entry *a, const struct fb_adl_entry *b)
{
	int order = a->ranking - b->ranking;
	if (order == 0)
		order = a->owner < b->owner ? -1 : a->owner > b->owner;
	return order != 0 ? order : a->rank < b->rank ? -1 : a->rank > b->rank;
}

/* Merge sort, bottom up: qsort may allocate. */
static void sort_by_owner(struct fb_adl_entry **entry, struct fb_adl_entry **scratch, size_t n)
{
	for (size_t width = 1; width < n; width *= 2) {
		for (size_t from = 0; from < n; from += 2 * width) {
			size_t middle = from + width < n ? from + width : n,
			       end = from + 2 * width < n ? from + 2 * width : n,
			       left = from, right = middle;
			for (size_t at = from; at < end; at++) {
				bool go_left = right == end ||
					       (left < middle &&
						by_owner(entry[left], entry[right]) <= 0);
				scratch[at] = go_left ? entry[left++] : entry[right++];
			}
		}
		memcpy(entry, scratch, n * sizeof(*entry));
	}
}

/* Keys are sums of logarithms with a bounded error: nearly always they prove the order, and it need
 * not be looked for in the entries. Where they are too near, whole numbers decide. */
static bool comes_first(const struct fb_adl *adl, const struct fb_adl_place *a,
			const struct fb_adl_place *b)
{
	if (a->head != b->head)
		return a->head < b->head;
	const struct fb_adl_terms *x = &adl->entry[a->entry].terms;
	if (a->key != b->key) {
		uint32_t apart = (uint32_t)(a->key > b->key ? a->key - b->key : b->key - a->key);
		unsigned loss = a->head % FB_ADL_GROUPS % 6 >= 4,
			 is_short = a->head / FB_ADL_GROUPS % 2;
		if (apart >= adl->order.margin[is_short][loss])
			return a->key > b->key;
	}
	return fb_adl_order_compare(&adl->order, x, &adl->entry[b->entry].terms) <= 0;
}

static void sort(struct fb_adl *adl)
{
	size_t n = adl->entries;
	struct fb_adl_place *place = adl->place, *scratch = adl->place_scratch;
	for (size_t width = 1; width < n; width *= 2) {
		for (size_t from = 0; from < n; from += 2 * width) {
			size_t middle = from + width < n ? from + width : n,
			       end = from + 2 * width < n ? from + 2 * width : n,
			       left = from, right = middle;
			for (size_t at = from; at < end; at++) {
				bool go_left = right == end ||
					       (left < middle &&
						comes_first(adl, &place[left], &place[right]));
				scratch[at] = go_left ? place[left++] : place[right++];
			}
		}
		struct fb_adl_place *sorted = scratch;
		scratch = place;
		place = sorted;
	}
	for (size_t i = 0; i < n; i++)
		adl->by_rank.entry[i] = &adl->entry[place[i].entry];
}

static void place_entries(struct fb_adl *adl)
{
	for (uint32_t i = 0; i < adl->entries; i++) {
		const struct fb_adl_entry *e = &adl->entry[i];
		adl->place[i] = (struct fb_adl_place){
			.head = e->ranking * FB_ADL_GROUPS + fb_adl_group(&adl->order, &e->terms),
			.key = fb_adl_order_key(&adl->order, &e->terms),
			.entry = i,
		};
	}
}

/* ---- candidates ---- */

static unsigned __int128 notional_of(int64_t qty, uint64_t u)
{
	return (unsigned __int128)(qty < 0 ? -(__int128)qty : qty) * u >> FB_U_FRACTION_BITS;
}

/* An account as a counterparty, judged once in a round. */
static const struct fb_adl_account *judge(struct fb_adl *adl, const struct fb_book *book,
					  const struct fb_adl_rules *rules, uint32_t index)
{
	const struct fb_book_account *a = &book->account[index];
	struct fb_adl_account *out = &adl->account[index];
	if (out->round == adl->round)
		return out;
	out->round = adl->round;
	out->ranked = false;
	if (a->role != FB_ROLE_USER || rules->held[index])
		return out;
	struct fb_view view;
	struct fb_sums sums;
	if (fb_book_view(book, index, FB_NOW, &view) != 0)
		return out;
	fb_value_exact(book, &view, &sums);
	out->ranked = sums.equity_e8 > 0 && !fb_value_breach(&book->classes[a->class_id],
							     rules->liquidate_level, &sums);
	out->equity_e8 = out->left_e8 = sums.equity_e8;
	out->mm_e15 = sums.mm_e15;
	out->notional_e8 = 0;
	for (size_t i = 0; i < view.rows && adl->order.family->kind == FB_ADL_LEXICOGRAPHIC; i++)
		out->notional_e8 += notional_of(view.row[i].qty, view.row[i].u);
	return out;
}

static uint32_t tier_of(const struct fb_book_ladder *ladder, unsigned __int128 notional_e8)
{
	uint32_t tier = 0;
	while (tier + 1 < ladder->tiers && ladder->tier[tier + 1].floor_e8 <= notional_e8)
		tier++;
	return tier;
}

/* Adds what a row is worth to the terms of one or, where they are summed, several. */
static void add_row(const struct fb_book *book, const struct fb_book_row *row,
		    struct fb_adl_terms *t, __int128 *mm_e15)
{
	const struct fb_book_symbol *symbol = &book->symbol[row->symbol];
	struct fb_row_value v;
	fb_value_row(&book->ladder[symbol->ladder], row->qty, symbol->u, row->addend_e7, &v);
	t->score.profit_e8 += v.value_e8 - row->entry_e8;
	t->score.notional_e8 += v.notional_e8;
	t->entry_e8 += row->entry_e8 < 0 ? -(__int128)row->entry_e8 : row->entry_e8;
	t->row_mm_e15 += v.mm_e15;
	*mm_e15 = v.mm_e15;
}

/* A counterparty stands in the ranking of its own side. */
static uint16_t ranking_of(const struct fb_book_row *row)
{
	return fb_adl_ranking(row->symbol, row->qty < 0);
}

static void describe(struct fb_adl *adl, const struct fb_book *book,
		     const struct fb_adl_rules *rules, const struct fb_adl_account *account,
		     uint32_t index, struct fb_adl_entry *e)
{
	const struct fb_book_row *row = &book->row[index];
	const struct fb_book_symbol *symbol = &book->symbol[row->symbol];
	__int128 other;
	*e = (struct fb_adl_entry){
		.terms = { .score = { .equity_e8 = account->equity_e8,
				      .account_id = book->account[row->account].id,
				      .position_id = row->id },
			   .mm_e15 = account->mm_e15,
			   .collateral_e8 = book->account[row->account].collateral_e8,
			   .funding_e8 = rules->funding_e8 ? rules->funding_e8[row->account] : 0,
			   .account_notional_e8 = account->notional_e8,
			   .is_short = row->qty < 0 },
		.account = row->account,
		.row = index,
		.owner = rules->owner[row->account],
		.free = row->qty < 0 ? -row->qty : row->qty,
		.allowed = row->qty < 0 ? -row->qty : row->qty,
		.ranking = ranking_of(row),
	};
	add_row(book, row, &e->terms, &e->own_mm_e15);
	e->terms.tier = tier_of(&book->ladder[symbol->ladder], e->terms.score.notional_e8);
	if (!adl->order.summed)
		return;
	for (uint32_t i = book->account[row->account].first; i != FB_NONE; i = book->row[i].next)
		if (i != index && book->row[i].qty != 0 &&
		    ranking_of(&book->row[i]) == e->ranking)
			add_row(book, &book->row[i], &e->terms, &other);
}

static void gather(struct fb_adl *adl, const struct fb_book *book, const struct fb_adl_rules *rules)
{
	adl->entries = 0;
	for (uint32_t i = 0; i < book->rows; i++) {
		const struct fb_book_row *row = &book->row[i];
		uint16_t ranking = ranking_of(row);
		if (row->qty == 0 || row->flags & FB_ROW_NO_RANK || !adl->wanted[ranking])
			continue;
		const struct fb_adl_account *account = judge(adl, book, rules, row->account);
		if (!account->ranked)
			continue;
		struct fb_adl_entry *e = &adl->entry[adl->entries];
		describe(adl, book, rules, account, i, e);
		adl->entries += adl->order.losers || e->terms.score.profit_e8 > 0;
	}
}

/* Where each ranking begins, and each entry's place in it; by_rank is sorted. */
static void number(struct fb_adl *adl)
{
	uint32_t at = 0;
	for (uint32_t r = 0; r < FB_ADL_RANKINGS; r++) {
		adl->first[r] = at;
		for (; at < adl->entries && adl->by_rank.entry[at]->ranking == r; at++)
			adl->by_rank.entry[at]->rank = at - adl->first[r];
	}
	adl->first[FB_ADL_RANKINGS] = at;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

void fb_adl_list_grow(const struct fb_adl *adl, struct fb_adl_list *list)
{
	uint32_t n = adl->entries;
	list->leaves = 1;
	while (list->leaves < n)
		list->leaves *= 2;
	for (uint32_t i = 0; i < list->leaves; i++) {
		const struct fb_adl_entry *e = i < n ? list->entry[i] : NULL;
		const struct fb_adl_row *row = e ? &adl->row[e->row] : NULL;
		bool done = !e || (row->round == adl->round && row->qty == 0);
		list->node[list->leaves + i] =
			done ? 0 : fb_adl_key(adl->account[e->account].left_e8);
	}
	for (uint32_t i = list->leaves - 1; i > 0; i--)
		list->node[i] = larger(list->node[2 * i], list->node[2 * i + 1]);
}

void fb_adl_list_set(struct fb_adl_list *list, uint32_t at, uint64_t key)
{
	uint32_t i = list->leaves + at;
	list->node[i] = key;
	while (i > 1) {
		i /= 2;
		key = larger(list->node[2 * i], list->node[2 * i + 1]);
		if (list->node[i] == key)
			return;
		list->node[i] = key;
	}
}

uint32_t fb_adl_list_find(const struct fb_adl_list *list, uint32_t from, uint32_t to, uint64_t key)
{
	assert(key > 0 && to <= list->leaves);
	if (from >= to)
		return to;
	uint32_t i = list->leaves + from;
	/* Up and to the right, to the first subtree that holds one; */
	while (list->node[i] < key) {
		while (i & 1)
			i /= 2;
		if (i == 0)
			return to; /* that was the last one */
		i++;
	}
	/* then down, on the left where possible. */
	while (i < list->leaves) {
		i *= 2;
		if (list->node[i] < key)
			i++;
	}
	i -= list->leaves;
	return i < to ? i : to;
}

/* A list by account and position in the place of a ranking, turned so that it begins at the start
 * that the inputs decide. */
static void turn(struct fb_adl *adl, const struct fb_book *book)
{
	for (uint32_t r = 0; r < FB_ADL_RANKINGS; r++) {
		uint32_t from = adl->first[r], n = adl->first[r + 1] - from;
		uint32_t start = fb_adl_start(book->seq, book->symbol[r / 2].u, r & 1, n);
		for (uint32_t i = 0; i < n; i++)
			adl->by_rank.entry[from + i]->terms.turn = (i + n - start) % n;
	}
	place_entries(adl);
	sort(adl);
	number(adl);
}

void fb_adl_rank(struct fb_adl *adl, const struct fb_book *book, const struct fb_adl_rules *rules)
{
	if (rules->order)
		adl->order = *rules->order;
	else
		fb_adl_order_of(rules->policy, &adl->order);
	gather(adl, book, rules);
	if (rules->policy && rules->policy->hedges)
		fb_adl_hedges(adl, book, rules);
	place_entries(adl);
	sort(adl);
	number(adl);
	if (adl->order.family->kind == FB_ADL_RANDOM)
		turn(adl, book);
	fb_adl_list_grow(adl, &adl->by_rank);
	if (!rules->siblings_first)
		return;
	memcpy(adl->by_owner.entry, adl->by_rank.entry,
	       adl->entries * sizeof(*adl->by_owner.entry));
	sort_by_owner(adl->by_owner.entry, adl->scratch, adl->entries);
	fb_adl_list_grow(adl, &adl->by_owner);
}
