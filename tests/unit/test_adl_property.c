/* Planning rounds of ADL on random books, against a plain second writing of the same rules. The
 * pairs are applied to the book as fills, so that what they do to equity is counted by the book and
 * not by the planner. */
#include "adl_kit.h"

/* tell() and sums_of() without ck_assert, which costs two system calls each time. */
static void put(union fb_command c)
{
	struct fb_error error = { "" };
	c.header.seq = book->seq + 1;
	KIT_MUST(fb_book_apply(book, &c, &error) == 0);
}

static struct fb_sums sums_at(uint32_t account)
{
	struct fb_view view;
	struct fb_sums sums;
	KIT_MUST(fb_book_view(book, account, FB_NOW, &view) == 0);
	fb_value_exact(book, &view, &sums);
	return sums;
}

struct spec_row {
	uint32_t id;
	uint16_t symbol;
	uint8_t flags;
	int64_t qty, entry;
};
struct spec_account {
	uint32_t id, owner;
	uint8_t role;
	bool held;
	int64_t collateral;
	size_t rows;
	struct spec_row row[4];
};
static struct spec {
	size_t accounts;
	struct spec_account account[40];
	uint64_t u[3];
} spec;

static int64_t between(uint64_t *seed, int64_t least, int64_t most)
{
	return least + (int64_t)(kit_random(seed) % (uint64_t)(most - least + 1));
}

static bool one_in(uint64_t *seed, uint64_t n)
{
	return kit_random(seed) % n == 0;
}

/* `money` is what a lot is worth, more or less: in the smallest of books every unit counts. */
static void draw(uint64_t *seed, int64_t money)
{
	uint64_t u = U_ONE * (uint64_t)money;
	spec.accounts = 4 + kit_random(seed) % 37;
	for (int s = 0; s < 3; s++)
		spec.u[s] = u * 8 / 10 + kit_random(seed) % (u * 4 / 10);
	uint32_t position = 100;
	for (size_t i = 0; i < spec.accounts; i++) {
		struct spec_account *a = &spec.account[i];
		*a = (struct spec_account){ .id = 1 + (uint32_t)i,
					    .owner = (uint32_t)(kit_random(seed) % 4),
					    .held = one_in(seed, 10),
					    .rows = kit_random(seed) % 5 };
		a->role = one_in(seed, 12) ? (uint8_t)(kit_random(seed) % 4) : FB_ROLE_USER;
		int64_t lots = 0;
		for (size_t r = 0; r < a->rows; r++) {
			int64_t qty = between(seed, 1, 40) * (one_in(seed, 2) ? 1 : -1);
			a->row[r] = (struct spec_row){
				.id = position++,
				.symbol = one_in(seed, 3) ? 2 : 1,
				.flags = one_in(seed, 12) ? FB_ROW_NO_RANK : 0,
				.qty = qty,
				.entry = qty * between(seed, money * 8 / 10, money * 12 / 10),
			};
			lots += qty < 0 ? -qty : qty;
		}
		/* Equal accounts make ties; the rest runs from bankrupt to rich. */
		if (i > 0 && one_in(seed, 8))
			a->collateral = a[-1].collateral;
		else
			a->collateral =
				lots * between(seed, -money / 5, money / (one_in(seed, 3) ? 1 : 5));
	}
}

/* Steps through 0..n-1 in some order. */
static size_t shuffled(size_t i, size_t n, uint64_t order)
{
	return order % 2 ? n - 1 - (i + order) % n : (i + order) % n;
}

/* Loads the spec; the order of accounts and rows in the book is what `order` makes it. */
static void load(uint64_t order)
{
	open_all();
	for (size_t i = 0; i < spec.accounts; i++) {
		const struct spec_account *a = &spec.account[shuffled(i, spec.accounts, order)];
		union fb_command c = c_account(a->id, a->collateral, 0, 0);
		c.account.role = a->role;
		put(c);
		owner[index_of(a->id)] = a->owner;
		held[index_of(a->id)] = a->held;
	}
	int64_t sum[3] = { 0, 0, 0 };
	for (size_t k = 0; k < 4; k++)
		for (size_t i = 0; i < spec.accounts; i++) {
			const struct spec_account *a =
				&spec.account[shuffled(i, spec.accounts, order / 2)];
			size_t r = shuffled(k, 4, order / 3);
			if (r >= a->rows)
				continue;
			const struct spec_row *row = &a->row[r];
			union fb_command c =
				c_position(a->id, row->id, row->symbol, row->qty, row->entry);
			c.position.row_flags = row->flags;
			put(c);
			sum[row->symbol] -= row->qty;
		}
	for (uint16_t s = 1; s <= 2; s++) {
		if (sum[s] != 0)
			put(c_position(FB_ID_STREET, fb_house_position(FB_ID_STREET, s), s, sum[s],
					sum[s]));
		put(c_mark(s, spec.u[s]));
	}
	fb_book_seal(book);
}

static __int128 at_mark(uint16_t symbol, int64_t qty)
{
	__int128 n = (__int128)(qty < 0 ? -qty : qty) * book->symbol[symbol].u / U_ONE;
	return qty < 0 ? -n : n;
}

/* Bankrupt accounts, and now and then another one, want to close what they have, for about what it
 * is worth, in order of ids. */
static void draw_needs(uint64_t seed)
{
	needs = 0;
	for (size_t i = 0; i < spec.accounts; i++) {
		const struct spec_account *a = &spec.account[i];
		bool any = one_in(&seed, 30);
		for (size_t r = 0; r < a->rows; r++) {
			int64_t percent = between(&seed, 70, 130), odd = between(&seed, -5, 5);
			bool whole = !one_in(&seed, 4), plain = one_in(&seed, 3);
			uint32_t index = fb_book_row_index(book, a->row[r].id);
			int64_t qty = book->row[index].qty;
			int64_t part = between(&seed, 1, qty == 0 ? 1 : qty < 0 ? -qty : qty);
			if (qty == 0 || !(any || sums_at(book->row[index].account).equity_e8 < 0))
				continue;
			int64_t lots = whole ? qty : qty < 0 ? -part : part;
			__int128 value = at_mark(a->row[r].symbol, lots);
			ask(a->row[r].id, lots, plain ? value : value * percent / 100 + odd);
		}
	}
}

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

static void trade(uint32_t index, int64_t dq, __int128 value_e8)
{
	const struct fb_book_row *row = &book->row[index];
	struct fb_trade after;
	KIT_MUST(fb_trade_after(row->qty, row->entry_e8, dq, value_e8, &after) == 0);
	/* Closing only. */
	KIT_MUST(row->qty < 0 ? dq > 0 && after.qty <= 0 : dq < 0 && after.qty >= 0);
	put(c_fill(book->account[row->account].id, row->id, row->symbol, after.qty, after.entry_e8,
		    (int64_t)after.delta_e8));
}

/* Applies the pairs, or some of them: nobody's equity falls below 0. Where a pair is left out,
 * those after it meet another quantity, and the value at the mark may be a unit less for each. */
static void apply(bool all, uint64_t seed)
{
	int64_t applied = 0;
	for (int64_t i = 0; i < planned; i++) {
		const struct fb_adl_pair *p = &pairs[i];
		if (!all && one_in(&seed, 3))
			continue;
		applied++;
		trade(need[p->need].row, -p->qty, -p->value_e8);
		trade(p->row, p->qty, p->value_e8);
		struct fb_sums sums = sums_at(p->counter);
		if (p->counter != need[p->need].account)
			KIT_MUST(sums.equity_e8 >= (all ? 0 : -2 * applied));
	}
	struct fb_error error = { "" };
	ck_assert_msg(fb_book_conserved_full(book, &error) == 0, "%s", error.text);
}

/* A pair by ids: what must not depend on the order in the book. */
struct named {
	uint32_t need, account, position, rank;
	int64_t qty;
	__int128 value_e8;
};

static int64_t name_pairs(struct named *out)
{
	memset(out, 0, sizeof(*out) * MOST);
	for (int64_t i = 0; i < planned; i++) {
		const struct fb_adl_pair *p = &pairs[i];
		out[i].need = book->row[need[p->need].row].id;
		out[i].account = book->account[p->counter].id;
		out[i].position = book->row[p->row].id;
		out[i].rank = p->rank;
		out[i].qty = p->qty;
		out[i].value_e8 = p->value_e8;
	}
	return planned;
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
