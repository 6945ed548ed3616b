/* Rounds of ADL under a pack's rules: by hand where a venue published figures, and any rules at all
 * on random books: nobody falls below 0, value is conserved, the order of loading plays no part, no
 * pair is beyond the other side's bankruptcy price where that is asked for, hedges come last. */
#include "adl_book_kit.h"

#include <firebreak/policy.h>

#include "../../sw/lib/adl_internal.h"

static struct fb_adl_policy policy;
static uint32_t group[FB_SYMBOLS];
static bool inverse[FB_SYMBOLS], no_adl[FB_SYMBOLS];

static void use_policy(void)
{
	for (uint32_t s = 0; s < FB_SYMBOLS; s++)
		group[s] = s;
	memset(inverse, 0, sizeof(inverse));
	memset(no_adl, 0, sizeof(no_adl));
	rules.policy = &policy;
	rules.group = group;
	rules.inverse = inverse;
	rules.no_adl = no_adl;
	rules.siblings_first = policy.siblings != FB_SIBLINGS_NO;
	ck_assert_int_eq(fb_adl_extend(adl, &policy), 0);
}

static void open_with(struct fb_adl_policy p)
{
	open_all();
	policy = p;
	use_policy();
}

static void user(uint32_t id, int64_t collateral, uint32_t position, int64_t qty, int64_t entry)
{
	tell(c_account(id, collateral, 0, 0));
	tell(c_position(id, position, 1, qty, entry));
}

static void expect(size_t i, uint32_t position, int64_t qty, __int128 value_e8)
{
	ck_assert_int_lt((int64_t)i, planned);
	ck_assert_uint_eq(book->row[pairs[i].row].id, position);
	ck_assert_int_eq(pairs[i].qty, qty);
	kit_assert_wide(pairs[i].value_e8, value_e8);
}

static uint64_t score_named(const char *name)
{
	uint64_t k = 0;
	while (strcmp(fb_adl_families[k].name, name) != 0)
		k++;
	return k;
}

/* BitMEX, autoDeleveragingExamples: a short of 20 at 650 against 10, 20 and 30 in this order: 10
 * and 10. Delta's: 15 of the first 20. All at the price of the need. */
START_TEST(published_queues)
{
	for (int k = 0; k < 2; k++) {
		open_with((struct fb_adl_policy){ .score = score_named("bitmex") });
		user(1, 0, 10, k ? -15 : -20, (k ? -15 : -20) * MONEY);
		user(k ? 5 : 2, 15 * MONEY, 20, k ? 20 : 10, (k ? 20 : 10) * MONEY / 2);
		user(k ? 2 : 5, 60 * MONEY, 50, k ? 10 : 20, (k ? 10 : 20) * MONEY / 2);
		user(4, 200 * MONEY, 40, 30, 15 * MONEY);
		ask(10, k ? -15 : -20, (k ? -15 : -20) * MONEY * 65 / 100);
		plan();
		ck_assert_int_eq(planned, k ? 1 : 2);
		expect(0, 20, k ? -15 : -10, (k ? -15 : -10) * MONEY * 65 / 100);
		if (!k)
			expect(1, 50, -10, -10 * MONEY * 65 / 100);
		close_all();
	}
}
END_TEST

/* Lots 3, 5 and 2 share 7: 2.1, 3.5, 1.4. */
START_TEST(shares_of_open_interest)
{
	open_with((struct fb_adl_policy){ .share = FB_SHARE_OPEN_INTEREST,
					  .share_cap_e7 = FB_SHARE_WHOLE_E7 });
	user(1, 0, 10, 7, 7 * MONEY);
	user(2, 900 * MONEY, 20, -3, -3 * MONEY);
	user(3, 900 * MONEY, 30, -5, -5 * MONEY);
	user(4, 900 * MONEY, 40, -2, -2 * MONEY);
	ask(10, 7, 7 * MONEY);
	plan();
	int64_t got[3] = { 0 };
	for (int64_t i = 0; i < planned; i++)
		got[book->row[pairs[i].row].id / 10 - 2] += pairs[i].qty;
	ck_assert_int_eq(got[0] + got[1] + got[2], 7);
	ck_assert_int_eq(got[0], 2);
	ck_assert(got[1] == 4 || got[1] == 3);
	/* Who cannot bear its share leaves it to the best ranked. */
	tell(c_account(3, MONEY / 1000, 0, 0));
	need[0].value_e8 = 8 * MONEY;
	plan();
	int64_t all = 0;
	for (int64_t i = 0; i < planned; i++)
		all += pairs[i].qty;
	ck_assert_int_eq(all, 5);
	close_all();
}
END_TEST

/* At 0.8: equity 8 + 8 = 16 of 40 short: its own bankruptcy price is 1.2. A need at 1.2 is served,
 * at 1.21 refused; half way from 1 it is 1.1. MM is 1 % of the notional. */
START_TEST(both_bankruptcy_prices)
{
	open_with((struct fb_adl_policy){ .overlap = 1 });
	user(1, 0, 10, 40, 40 * MONEY);
	user(2, 8 * MONEY, 20, -40, -40 * MONEY);
	tell(c_mark(1, U_MONEY * 8 / 10));
	ask(10, 40, 48 * MONEY);
	plan();
	expect(0, 20, 40, 48 * MONEY);
	need[0].value_e8 += 40; /* a unit a lot */
	plan();
	ck_assert_int_eq(planned, 0);
	/* The second row of an account has its share only: 2 of 16 belong to each. */
	tell(c_position(2, 21, 2, -40, -40 * MONEY));
	tell(c_mark(2, U_MONEY * 8 / 10)); /* equity 24, 12 each */
	need[0].value_e8 = 44 * MONEY;
	plan();
	expect(0, 20, 40, 44 * MONEY);
	need[0].value_e8 += 40; /* a unit a lot */
	plan();
	ck_assert_int_eq(planned, 0);
	policy.overlap = 0;
	plan();
	ck_assert_int_eq(planned, 1); /* the whole equity stands for it */
	policy.price = FB_ADL_BETWEEN;
	need[0].value_e8 = 40 * MONEY;
	plan();
	expect(0, 20, 40, 42 * MONEY);
	need[0].value_e8 = 44 * MONEY + 80;
	plan();
	ck_assert_int_eq(planned, 0);
	close_all();
}
END_TEST

/* A partly closed counterparty ends the round for its side: the next need waits. */
START_TEST(ranked_again_after_a_part)
{
	open_with((struct fb_adl_policy){ .rerank = 1 });
	user(1, 0, 10, 15, 15 * MONEY);
	user(2, 0, 20, 10, 10 * MONEY);
	user(3, 90 * MONEY, 30, -10, -11 * MONEY);
	user(4, 90 * MONEY, 40, -10, -10 * MONEY);
	ask(10, 15, 15 * MONEY);
	ask(20, 10, 10 * MONEY);
	plan();
	ck_assert_int_eq(planned, 2);
	expect(1, 40, 5, 5 * MONEY);
	ck_assert(fb_adl_waits(adl, book, &need[1]));
	need[0].qty = 10; /* ends with a whole one: goes on */
	plan();
	ck_assert_int_eq(planned, 2);
	ck_assert(!fb_adl_waits(adl, book, &need[1]));
	ck_assert_uint_eq(pairs[1].need, 1);
	close_all();
}
END_TEST

/* The sibling takes the position over at its entry price, whatever the need asks. */
START_TEST(siblings_at_the_average)
{
	open_with((struct fb_adl_policy){ .siblings = FB_SIBLINGS_AVERAGE });
	user(1, 0, 10, 30, 33 * MONEY);
	user(2, 90 * MONEY, 20, -10, -10 * MONEY);
	user(3, 90 * MONEY, 30, -90, -90 * MONEY);
	owner[index_of(2)] = owner[index_of(1)];
	ask(10, 30, 30 * MONEY);
	plan();
	ck_assert_int_eq(planned, 2);
	expect(0, 20, 10, 11 * MONEY);
	expect(1, 30, 20, 20 * MONEY);
	close_all();
}
END_TEST

START_TEST(who_is_left_out)
{
	open_with((struct fb_adl_policy){ .losers = 1, .most = 1 });
	user(1, 0, 10, 30, 30 * MONEY);
	user(2, 90 * MONEY, 20, -10, -9 * MONEY);  /* in loss */
	user(3, 90 * MONEY, 30, -10, -11 * MONEY);
	user(4, 190 * MONEY, 40, -10, -11 * MONEY);
	ask(10, 30, 30 * MONEY);
	plan();
	ck_assert_int_eq(planned, 1); /* at most one is looked at */
	expect(0, 30, 10, 10 * MONEY);
	policy.most = 0;
	plan();
	ck_assert_int_eq(planned, 2);
	policy.losers = 0;
	plan();
	ck_assert_int_eq(planned, 3);
	no_adl[1] = true;
	plan();
	ck_assert_int_eq(planned, 0);
	close_all();
}
END_TEST

/* Summed before sorting: two halves rank as one. */
START_TEST(positions_of_a_contract_are_one)
{
	open_with((struct fb_adl_policy){ .score = score_named("bitmex"), .positions = 1 });
	user(1, 0, 10, 5, 5 * MONEY);
	user(2, 90 * MONEY, 20, -10, -16 * MONEY);
	tell(c_position(2, 21, 1, -10, -10 * MONEY)); /* 6 / 26 x 20 / 96 */
	/* 5 / 15 x 10 / 77; 20 alone 6 / 16 x 10 / 96 */
	user(3, 72 * MONEY, 30, -10, -15 * MONEY);
	ask(10, 5, 5 * MONEY);
	plan();
	expect(0, 20, 5, 5 * MONEY);
	tell(c_fill(2, 20, 1, -5, -8 * MONEY, 0));
	plan(); /* 3 / 18 x 15 / 93 */
	expect(0, 30, 5, 5 * MONEY);
	close_all();
}
END_TEST

/* A short of 30 hedges a long of 20 in another symbol of the group: 10 are free, and come first;
 * the rest only when nobody else is left. */
START_TEST(hedges_are_kept)
{
	open_with((struct fb_adl_policy){ .hedges = 1 });
	group[2] = group[1] = 1;
	user(1, 0, 10, 90, 90 * MONEY);
	user(2, 10 * MONEY, 20, -30, -60 * MONEY); /* best ranked */
	tell(c_position(2, 21, 2, 20, 20 * MONEY));
	user(3, 900 * MONEY, 30, -40, -40 * MONEY);
	user(4, 10 * MONEY, 40, -10, -20 * MONEY); /* its owner is long 10 elsewhere */
	tell(c_account(5, 10 * MONEY, 0, 0));
	tell(c_position(5, 51, 2, 10, 10 * MONEY));
	owner[index_of(5)] = owner[index_of(4)];
	ask(10, 30, 30 * MONEY);
	plan();
	ck_assert_int_eq(planned, 2);
	expect(0, 20, 10, 10 * MONEY);
	expect(1, 30, 20, 20 * MONEY);
	need[0].qty = 90;
	need[0].value_e8 = 90 * MONEY;
	plan();
	ck_assert_int_eq(planned, 4);
	expect(0, 20, 10, 10 * MONEY);
	expect(1, 30, 40, 40 * MONEY);
	expect(2, 20, 20, 20 * MONEY);
	expect(3, 40, 10, 10 * MONEY);
	ck_assert_uint_eq(pairs[3].rank, 2); /* though its score is better than 30's */
	/* Whatever another owner holds. */
	tell(c_account(6, 900 * MONEY, 0, 0));
	tell(c_position(6, 61, 2, 90, 90 * MONEY));
	for (uint32_t other = 0; other < 400; other++) {
		owner[index_of(6)] = 9000 + other;
		plan();
		expect(1, 30, 40, 40 * MONEY);
	}
	inverse[2] = true; /* then those of symbol 2 are shorts too */
	plan();
	expect(0, 20, 30, 30 * MONEY);
	close_all();
}
END_TEST

/* Whatever the start, everyone has a turn, in order of account and position. */
START_TEST(from_a_random_start)
{
	bool seen[5] = { false };
	for (int k = 0; k < 60; k++) {
		open_with((struct fb_adl_policy){ .score = score_named("random") });
		user(99, 0, 10, 50, 50 * MONEY);
		for (uint32_t i = 1; i <= 5; i++)
			user(i, 900 * MONEY, 20 + i, -10, -10 * MONEY);
		for (int n = 0; n < k; n++)
			tell(c_mark(1, U_MONEY));
		ask(10, 50, 50 * MONEY);
		plan();
		ck_assert_int_eq(planned, 5);
		uint32_t start = book->row[pairs[0].row].id - 21;
		ck_assert_uint_eq(start, fb_adl_start(book->seq, U_MONEY, true, 5));
		for (uint32_t i = 0; i < 5; i++)
			ck_assert_uint_eq(book->row[pairs[i].row].id, 21 + (start + i) % 5);
		seen[start] = true;
		close_all();
	}
	for (int i = 0; i < 5; i++)
		ck_assert(seen[i]);
}
END_TEST

/* ---- any rules, any book ---- */

/* Rankings are in the exact order, and pairs in the order of needs. */
static void in_order(void)
{
	for (uint32_t i = 1; i < adl->entries; i++) {
		const struct fb_adl_entry *a = adl->by_rank.entry[i - 1],
					  *b = adl->by_rank.entry[i];
		KIT_MUST(a->ranking <= b->ranking);
		if (a->ranking == b->ranking)
			KIT_MUST(fb_adl_order_compare(&adl->order, &a->terms, &b->terms) < 0);
	}
	for (int64_t i = 1; i < planned; i++)
		KIT_MUST(pairs[i - 1].need <= pairs[i].need);
}

/* Scores that logarithms cannot tell apart. */
START_TEST(near_ties_are_exact)
{
	uint64_t seed = 3;
	for (uint64_t k = 0; k < fb_adl_families_n; k++) {
		open_with((struct fb_adl_policy){ .score = k });
		user(1, 0, 10, 5, 5 * MONEY);
		for (uint32_t i = 2; i <= 50; i++)
			user(i, 90 * i * MONEY + between(&seed, 0, 40), 10 * i, -10 * (int)i,
			     -((k % 2 ? 14 : 9) * (int)i * MONEY + between(&seed, 0, 40)));
		ask(10, 5, 5 * MONEY);
		plan();
		ck_assert_uint_eq(adl->entries, 49);
		in_order();
		close_all();
	}
}
END_TEST

static struct fb_adl_policy any_policy(uint64_t *seed)
{
	return (struct fb_adl_policy){
		.score = kit_random(seed) % fb_adl_families_n,
		.leverage = one_in(seed, 3),
		.losers = one_in(seed, 4),
		.positions = one_in(seed, 3),
		.share = one_in(seed, 2) ? 0 : kit_random(seed) % FB_SHARE_KINDS,
		.share_risk = kit_random(seed) % FB_RISKS,
		.share_cap_e7 = one_in(seed, 2) ? FB_SHARE_WHOLE_E7 : 2000000,
		.share_power = 2,
		.share_tail_e7 = 10000000,
		.price = one_in(seed, 3) ? FB_ADL_BETWEEN : FB_ADL_AT_BANKRUPTCY,
		.overlap = one_in(seed, 3),
		.siblings = kit_random(seed) % 3,
		.rerank = one_in(seed, 4),
		.hedges = one_in(seed, 2),
		.most = one_in(seed, 3) ? 1 + kit_random(seed) % 4 : 0,
		.size_factor_e7 = one_in(seed, 3) ? kit_random(seed) % 100000000 : 0,
		.size_unit_e8 = 1 + kit_random(seed) % (100 * MONEY),
		.tier_factor_e7 = one_in(seed, 4) ? 5000000 : 0,
	};
}

/* Of what each pair costs its counterparty no more than the row's part of the equity. */
static void never_beyond(void)
{
	for (int64_t i = 0; i < planned; i++) {
		const struct fb_adl_pair *p = &pairs[i];
		const struct fb_book_row *row = &book->row[p->row];
		bool own = p->counter == need[p->need].account;
		if (own || (rules.siblings_first &&
			    owner[p->counter] == owner[need[p->need].account]))
			continue;
		struct fb_row_value v;
		struct fb_sums sums = sums_at(p->counter);
		fb_value_row(&book->ladder[1], row->qty, book->symbol[row->symbol].u, 0, &v);
		__int128 lots = row->qty < 0 ? -row->qty : row->qty,
			 n = p->qty < 0 ? -p->qty : p->qty,
			 worse = p->value_e8 - at_mark(row->symbol, p->qty),
			 mm = sums.mm_e15 > 0 ? sums.mm_e15 : 1,
			 mine = v.mm_e15 > 0 ? v.mm_e15 : 1;
		/* A unit or two for rounding of the mark in parts. */
		KIT_MUST((worse - 2) * mm / 1000 * lots <= sums.equity_e8 * (mine / 1000 + 1) * n);
	}
}

/* Lots of a row that hedge nothing, by a plain sum over the book. */
static int64_t free_lots(uint32_t index)
{
	const struct fb_book_row *row = &book->row[index];
	__int128 same = 0, other = 0;
	for (uint32_t i = 0; i < book->rows; i++) {
		const struct fb_book_row *r = &book->row[i];
		if (r->qty == 0 || group[r->symbol] != group[row->symbol] ||
		    owner[r->account] != owner[row->account] ||
		    book->account[r->account].role != FB_ROLE_USER)
			continue;
		__int128 value = at_mark(r->symbol, r->qty < 0 ? -r->qty : r->qty);
		*((r->qty < 0) == (row->qty < 0) ? &same : &other) += value;
	}
	int64_t lots = row->qty < 0 ? -row->qty : row->qty;
	return other == 0 ? lots : same <= other ? 0 : (int64_t)(lots * (same - other) / same);
}

/* While a hedge was closed of, what else was free of its side was used up, or could not be. A
 * queue only: shares and a bound of counterparties may leave others with lots. */
static uint64_t hedges_closed;
static void hedges_last(void)
{
	int64_t used[MOST] = { 0 };
	for (int64_t i = 0; i < planned; i++)
		used[pairs[i].row] += pairs[i].qty < 0 ? -pairs[i].qty : pairs[i].qty;
	for (int64_t i = 0; i < planned; i++) {
		const struct fb_adl_pair *p = &pairs[i];
		if (p->counter == need[p->need].account || used[p->row] <= free_lots(p->row) ||
		    (rules.siblings_first &&
		     owner[p->counter] == owner[need[p->need].account]))
			continue;
		hedges_closed++;
		/* Another row with free lots, of an account that no pair costs anything. */
		for (uint32_t r = 0; r < book->rows; r++) {
			const struct fb_book_row *row = &book->row[r];
			const struct fb_book_account *a = &book->account[row->account];
			if (row->symbol != book->row[p->row].symbol ||
			    (row->qty < 0) != (book->row[p->row].qty < 0) || row->qty == 0 ||
			    used[r] >= free_lots(r) || row->flags & FB_ROW_NO_RANK ||
			    a->role != FB_ROLE_USER || held[row->account])
				continue;
			struct fb_sums sums = sums_at(row->account);
			bool needs_too = false, spends = false;
			for (size_t k = 0; k < needs; k++)
				needs_too = needs_too || need[k].account == row->account;
			for (int64_t k = 0; k < planned; k++)
				spends = spends || pairs[k].counter == row->account;
			if (needs_too || spends || sums.equity_e8 <= 0 ||
			    fb_value_breach(&book->classes[0], 3, &sums))
				continue;
			/* It must have been too poor for a lot of this need. */
			__int128 worse = (p->value_e8 - at_mark(row->symbol, p->qty)) /
					 (p->qty < 0 ? -p->qty : p->qty);
			KIT_MUST(sums.equity_e8 <= worse + 2);
		}
	}
}

START_TEST(any_rules)
{
	static struct named first[MOST], again[MOST];
	uint64_t seed = 41;
	int64_t all = 0;
	for (int round = 0; round < 1500; round++) {
		draw(&seed, round % 3 ? MONEY : 1000);
		struct fb_adl_policy p = any_policy(&seed);
		uint64_t orders[2] = { 0, kit_random(&seed) % 1000 }, choice = kit_random(&seed);
		for (int k = 0; k < 2; k++) {
			load(orders[k]);
			policy = p;
			use_policy();
			group[2] = group[round % 2 + 1];
			draw_needs(choice);
			plan();
			name_pairs(k == 0 ? first : again);
			all += planned;
			in_order();
			if (p.overlap || p.price == FB_ADL_BETWEEN)
				never_beyond();
			if (p.hedges && !p.share && !p.most && !p.overlap && !p.rerank &&
			    !p.losers && p.price != FB_ADL_BETWEEN)
				hedges_last();
			apply(true, 0);
			close_all();
		}
		KIT_MUST(memcmp(first, again, sizeof(first)) == 0);
	}
	ck_assert_int_gt(all, 5000);
	ck_assert_uint_gt(hedges_closed, 50);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "queues", published_queues },
		{ "shares", shares_of_open_interest },
		{ "overlap", both_bankruptcy_prices },
		{ "rerank", ranked_again_after_a_part },
		{ "siblings", siblings_at_the_average },
		{ "left out", who_is_left_out },
		{ "summed", positions_of_a_contract_are_one },
		{ "hedges", hedges_are_kept },
		{ "random", from_a_random_start },
		{ "near ties", near_ties_are_exact },
		{ "any", any_rules },
	};
	return kit_main("ADL: rounds by a pack's rules", cases, sizeof(cases) / sizeof(cases[0]));
}
