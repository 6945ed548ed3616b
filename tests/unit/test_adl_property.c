/* Planning rounds of ADL on random books, against a plain second writing of the same rules. The
 * pairs are applied to the book as fills, so that what they do to equity is counted by the book and
 * not by the planner. */
#include "adl_book_kit.h"

/* The rules once more, plainly: every candidate is looked at for every need, and lots are counted
 * up one by one. */
struct candidate {
	struct fb_adl_score score;
	uint32_t row, account, rank;
};
static int64_t left_of_row[MOST];
static __int128 left_of_account[MOST];
static struct fb_adl_pair expected[MOST];
static size_t expectations;
static uint64_t cut_short, passed_over; /* by equity: in part, altogether */

static int by_score(const void *a, const void *b)
{
	return fb_adl_compare(&((const struct candidate *)a)->score,
			      &((const struct candidate *)b)->score);
}

static int by_position(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	return x->score.position_id < y->score.position_id ? -1 : 1;
}

static bool may_be_counterparty(uint32_t account)
{
	const struct fb_book_account *a = &book->account[account];
	struct fb_sums sums = sums_at(account);
	for (size_t i = 0; i < needs; i++)
		if (need[i].account == account)
			return false;
	return a->role == FB_ROLE_USER && !held[account] && sums.equity_e8 > 0 &&
	       !fb_value_breach(&book->classes[0], 3, &sums);
}

/* Rows against a need, of its own account or of all others, in order. */
static size_t candidates_of(const struct fb_adl_need *n, bool own, struct candidate *out)
{
	size_t count = 0;
	const struct fb_book_row *mine = &book->row[n->row];
	for (uint32_t i = 0; i < book->rows; i++) {
		const struct fb_book_row *row = &book->row[i];
		if (row->symbol != mine->symbol || row->flags & FB_ROW_NO_RANK || row->qty == 0 ||
		    (row->qty < 0) == (n->qty < 0) || own != (row->account == n->account) ||
		    !(own || may_be_counterparty(row->account)))
			continue;
		__int128 value = at_mark(row->symbol, row->qty);
		out[count++] = (struct candidate){
			.score = { value - row->entry_e8,
				   sums_at(row->account).equity_e8,
				   (unsigned __int128)(value < 0 ? -value : value),
				   book->account[row->account].id, row->id },
			.row = i,
			.account = row->account,
		};
	}
	qsort(out, count, sizeof(*out), own ? by_position : by_score);
	for (uint32_t i = 0; i < count; i++)
		out[i].rank = own ? 0 : i;
	return count;
}

static __int128 floor_divide(__int128 a, int64_t b)
{
	return a >= 0 ? a / b : -((-a + b - 1) / b);
}

static __int128 part_of(const struct fb_adl_need *n, int64_t given, int64_t lots)
{
	int64_t all = n->qty < 0 ? -n->qty : n->qty;
	return floor_divide(n->value_e8 * (given + lots), all) -
	       floor_divide(n->value_e8 * given, all);
}

static __int128 loss_of(const struct fb_adl_need *n, const struct candidate *c, int64_t given,
			int64_t lots)
{
	uint16_t symbol = book->row[c->row].symbol;
	int64_t before = left_of_row[c->row], after = before + (n->qty < 0 ? -lots : lots);
	return part_of(n, given, lots) - (at_mark(symbol, after) - at_mark(symbol, before));
}

/* Returns the lots given. */
static int64_t give(uint32_t index, const struct candidate *c, int64_t given, bool own)
{
	const struct fb_adl_need *n = &need[index];
	int64_t all = n->qty < 0 ? -n->qty : n->qty, sign = n->qty < 0 ? -1 : 1;
	int64_t most = -sign * left_of_row[c->row], lots = 0;
	if (most > all - given)
		most = all - given;
	if (own)
		lots = most;
	else if (left_of_account[c->account] > 0)
		while (lots < most && loss_of(n, c, given, lots + 1) <= left_of_account[c->account])
			lots++;
	cut_short += 0 < lots && lots < most;
	passed_over += lots <= 0 && most > 0;
	if (lots <= 0)
		return 0;
	__int128 lost = loss_of(n, c, given, lots);
	if (!own && lost > 0)
		left_of_account[c->account] -= lost;
	KIT_MUST(expectations < MOST);
	expected[expectations++] = (struct fb_adl_pair){
		.need = index,
		.counter = c->account,
		.row = c->row,
		.qty = sign * lots,
		.value_e8 = own ? at_mark(book->row[n->row].symbol, sign * lots)
				: part_of(n, given, lots),
		.rank = c->rank,
	};
	left_of_row[c->row] += sign * lots;
	left_of_row[n->row] -= sign * lots;
	return lots;
}

static void plan_plainly(void)
{
	struct candidate c[MOST];
	expectations = 0;
	for (uint32_t i = 0; i < book->rows; i++)
		left_of_row[i] = book->row[i].qty;
	for (uint32_t i = 0; i < book->accounts; i++)
		left_of_account[i] = sums_at(i).equity_e8;
	for (uint32_t i = 0; i < needs; i++) {
		int64_t given = book->row[need[i].row].qty - left_of_row[need[i].row];
		given = given < 0 ? -given : given;
		size_t n = candidates_of(&need[i], true, c);
		for (size_t k = 0; k < n; k++)
			given += give(i, &c[k], given, true);
		n = candidates_of(&need[i], false, c);
		for (size_t k = 0; rules.siblings_first && k < n; k++)
			if (owner[c[k].account] == owner[need[i].account])
				given += give(i, &c[k], given, false);
		for (size_t k = 0; k < n; k++)
			given += give(i, &c[k], given, false);
	}
}

static void expect_plain(void)
{
	plan_plainly();
	plan();
	KIT_MUST((size_t)planned == expectations);
	for (int64_t i = 0; i < planned; i++) {
		const struct fb_adl_pair *a = &pairs[i], *b = &expected[i];
		KIT_MUST(a->need == b->need && a->counter == b->counter && a->row == b->row &&
			 a->qty == b->qty && a->value_e8 == b->value_e8 && a->rank == b->rank);
	}
}

START_TEST(any_book)
{
	static struct named first[MOST], again[MOST];
	uint64_t seed = 31;
	int64_t all = 0, second = 0;
	for (int round = 0; round < 600; round++) {
		draw(&seed, round % 3 ? MONEY : 1000);
		uint64_t orders[2] = { 0, kit_random(&seed) % 1000 }, choice = kit_random(&seed);
		for (int k = 0; k < 2; k++) {
			load(orders[k]);
			rules.siblings_first = round % 2;
			draw_needs(choice);
			expect_plain();
			name_pairs(k == 0 ? first : again);
			all += planned;
			apply(k == 0, choice);
			/* The next round ranks anew. */
			draw_needs(choice + 1);
			expect_plain();
			second += planned;
			apply(true, 0);
			close_all();
		}
		KIT_MUST(memcmp(first, again, sizeof(first)) == 0);
	}
	ck_assert_int_gt(all, 5000);
	ck_assert_int_gt(second, 1000);
	ck_assert_uint_gt(cut_short, 500);
	ck_assert_uint_gt(passed_over, 500);
}
END_TEST

/* ---- a storm ---- */

#define STORM_NEEDS 11279 /* as in the worst instant of 2025-10-10 */
#define STORM_ROWS 50000

/* As many bankrupt longs as that against all others, short with `equity` a lot. Returns the lots
 * that were paired. */
static int64_t storm(int64_t equity, bool siblings)
{
	static struct fb_adl_need asked[STORM_NEEDS];
	static struct fb_adl_pair found[2 * STORM_ROWS];
	static uint32_t owners[STORM_ROWS];
	static bool nobody[STORM_ROWS];
	struct fb_adl_rules r = { .liquidate_level = 3,
				  .siblings_first = siblings,
				  .owner = owners,
				  .held = nobody };
	uint64_t seed = 77;
	ck_assert_int_eq(fb_book_open(STORM_ROWS, STORM_ROWS, 0, &book), 0);
	ck_assert_int_eq(fb_adl_open(STORM_ROWS, STORM_ROWS, &adl), 0);
	put(c_class(0, 0, 10000000, 10000000, 0));
	put(c_ladder(1, 0, 100000, 0, 0));
	put(c_symbol(1, 1, U_MONEY * 8 / 10));
	for (uint32_t i = 0; i < STORM_ROWS; i++) {
		bool bankrupt = i < STORM_NEEDS;
		int64_t lots = between(&seed, 20, 60);
		int64_t free = between(&seed, equity, 2 * equity) - MONEY / 5;
		put(c_account(i + 1, bankrupt ? lots * MONEY / 10 : lots * free, 0, 0));
		put(c_position(i + 1, i + 1, 1, bankrupt ? lots : -lots,
				(bankrupt ? lots : -lots) * MONEY));
		owners[i] = i % 3; /* few and large: long ways to go */
		if (bankrupt)
			asked[i] = (struct fb_adl_need){ i, i, lots, lots * MONEY * 9 / 10 };
	}
	int64_t n = fb_adl_plan(adl, book, &r, asked, STORM_NEEDS, found, 2 * STORM_ROWS);
	ck_assert_int_gt(n, 0);
	int64_t sum = 0;
	for (int64_t i = 0; i < n; i++) {
		sum += found[i].qty;
		trade(asked[found[i].need].row, -found[i].qty, -found[i].value_e8);
		trade(found[i].row, found[i].qty, found[i].value_e8);
	}
	for (uint32_t i = STORM_NEEDS; i < STORM_ROWS; i++)
		KIT_MUST(sums_at(i).equity_e8 >= 0);
	close_all();
	return sum;
}

/* Rich counterparties close all of it. Poor ones bear 0.01 to 0.02 of the 0.1 that a lot costs:
 * most needs find nobody, and must find that out without asking everybody. */
START_TEST(a_storm_is_planned_in_time)
{
	for (int siblings = 0; siblings < 2; siblings++) {
		int64_t rich = storm(MONEY, siblings), poor = storm(MONEY / 90, siblings);
		ck_assert_int_gt(rich, STORM_NEEDS * 39);
		ck_assert_int_lt(poor, rich);
	}
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "any book", any_book },
		{ "storm", a_storm_is_planned_in_time },
	};
	return kit_main("ADL: rounds on any book", cases, sizeof(cases) / sizeof(cases[0]));
}
