/* What the engine is given for a pack's [margin], and the host's judgement in the venue's own
 * arithmetic: the promise between the two, on random packs and accounts. */
#include "margin_kit.h"

enum { LINEAR, LINEAR_2, INVERSE, QUANTO, COIN, DEBT, SYMBOLS };

static void random_ladder(struct fb_ladder *ladder, bool flat)
{
	ladder->tiers = 1 + (unsigned)below(4);
	ladder->tier[0].rate_e7 = 20000 + (uint32_t)below(200000);
	for (unsigned k = 1; k < ladder->tiers; k++) {
		struct fb_tier *t = &ladder->tier[k];
		t->rate_e7 = t[-1].rate_e7 + (uint32_t)below(200000);
		t->floor_e8 = t[-1].floor_e8 + (1 + below(10000)) * E8;
		t->deduction_e15 = flat ? 0
					: t[-1].deduction_e15 + (unsigned __int128)t->floor_e8 *
									(t->rate_e7 -
									 t[-1].rate_e7);
	}
}

static void random_rules(void)
{
	memset(&rules, 0, sizeof(rules));
	rules.strict = below(2);
	rules.thresholds = 3;
	rules.threshold[0] = (struct fb_threshold){ 5000000, 5000000, "a" };
	rules.threshold[1] = (struct fb_threshold){ 10000000, 9000000, "b" };
	rules.threshold[2] = (struct fb_threshold){ 15000000, 15000000, "c" };
	rules.ladders = 2;
	random_ladder(&rules.ladder[0], below(2));
	rules.ladder[1].tiers = 1;
	rules.symbols = SYMBOLS;
	for (unsigned s = 0; s < SYMBOLS; s++)
		rules.symbol[s].lot_e8 = E8 / 1000;
	rules.symbol[INVERSE].type = FB_INVERSE;
	rules.symbol[INVERSE].lot_e8 = E8 / 10;
	rules.symbol[QUANTO].type = FB_QUANTO;
	rules.symbol[QUANTO].factor_e8 = 1 + below(1000);
	rules.symbol[QUANTO].lot_e8 = E8;
	for (unsigned s = COIN; s <= DEBT; s++) {
		rules.symbol[s].index = 1;
		rules.symbol[s].ladder = 1;
		rules.symbol[s].weight_e7 = 9000000;
		rules.symbol[s].size_root_e7 = below(3) ? 0 : (uint32_t)below(5000000);
	}
	rules.symbol[DEBT].owed = 1;
	rules.symbol[DEBT].weight_e7 = 11000000;
	for (unsigned s = 0; s < COIN; s++) {
		if (below(3) == 0)
			rules.symbol[s].size_slope_e7 = 1 + (uint32_t)below(3000);
		if (below(3) == 0)
			rules.symbol[s].size_root_e7 = 10 * (uint32_t)below(300);
		rules.symbol[s].size_from_e8 = below(2) ? below(5) * E8 : 0;
	}
	rules.margin.mm_at_entry = below(4) == 0;
	rules.margin.fee_in = below(2) != 0;
	rules.margin.closing_fee_e7 = (uint32_t)below(10000);
	rules.margin.round = (uint32_t)below(3);
	rules.margin.quantum_e8 = rules.margin.round ? 1 + below(1000) : 0;
	rules.margin.net_max_side = below(4) == 0;
	if (rules.margin.round && below(2)) {
		rules.margin.mm_of_initial_e7 = 5000000;
		rules.symbol[LINEAR].initial_e7 = 2 * rules.ladder[0].tier[0].rate_e7;
		rules.symbol[LINEAR].size_slope_e7 = rules.symbol[LINEAR].size_root_e7 = 0;
	}
}

/* A book as loading makes it. */
static void open_random_book(const uint64_t *start_e8)
{
	uint64_t u;

	ck_assert_int_eq(fb_book_open(64, 512, 0, &book), 0);
	for (uint8_t k = 0; k < rules.thresholds; k++)
		tell(c_class(0, k, rules.threshold[k].up_e7, rules.threshold[k].down_e7,
			     rules.strict));
	for (uint16_t i = 0; i < rules.ladders; i++)
		for (uint8_t k = 0; k < rules.ladder[i].tiers; k++) {
			struct fb_tier t;
			ck_assert(fb_margin_tier(&rules, i, k, &t));
			union fb_command c = c_ladder(i, k, t.rate_e7, t.floor_e8, 0);
			c.ladder.deduction.lo = (uint64_t)t.deduction_e15;
			c.ladder.deduction.hi = (uint64_t)(t.deduction_e15 >> 64);
			tell(c);
		}
	for (uint16_t s = 0; s < SYMBOLS; s++) {
		ck_assert_int_eq(fb_unit_value(&rules.symbol[s], start_e8[s], &u), 0);
		tell(c_symbol(s, (uint16_t)rules.symbol[s].ladder, u));
	}
}

/* Rows of any sign (coins are held, debts owed), entered somewhere near; as loading gives them
 * addends. */
static void put_random_account(uint32_t id, const uint64_t *start_e8)
{
	__int128 addend = 0;
	unsigned rows = 1 + (unsigned)below(6);
	union fb_command put[6];

	for (unsigned i = 0; i < rows; i++) {
		uint16_t s = (uint16_t)below(SYMBOLS);
		int64_t qty = 1 + (int64_t)below(s == INVERSE  ? 100000000
						      : s == QUANTO ? 100000
								    : 30000);
		uint64_t u;

		qty = s == DEBT || (s != COIN && below(2)) ? -qty : qty;
		ck_assert_int_eq(fb_unit_value(&rules.symbol[s],
					       start_e8[s] / 100 * (90 + below(21)), &u),
				 0);
		__int128 lots = qty < 0 ? -qty : qty;
		int64_t entry = s >= COIN ? 0 : (int64_t)(lots * u >> 16);
		entry = qty < 0 ? -entry : entry;
		put[i] = c_position(id, id * 10 + i, s, qty, entry);
		put[i].position.addend =
			fb_margin_row_addend(&rules, s, book->symbol[s].u_first, qty);
		addend += fb_margin_row_part(&rules, s, qty, entry);
	}
	tell(c_account(id, 0, addend, 0));
	for (unsigned i = 0; i < rows; i++)
		tell(put[i]);
	ck_assert(fb_margin_account_addend(&rules, book, index_of(id)) == addend);
}

/* MM' - MM >= T x (E' - E) for the highest T, so for all. */
static void assert_promise(const struct fb_view *view, const struct fb_sums *engine,
			   const struct fb_sums *venue)
{
	__int128 more_e15 = engine->mm_e15 - venue->mm_e15,
		 richer = engine->equity_e8 - venue->equity_e8;

	for (unsigned k = 0; k < rules.thresholds; k++)
		ck_assert_msg(more_e15 >= richer * (__int128)rules.threshold[k].up_e7,
			      "seed %llu, account %u: MM above by %lld, equity by %lld",
			      (unsigned long long)seed, view->account, (long long)more_e15,
			      (long long)richer);
}

/* Gives the account just so much money that it is near a threshold, and asks both. */
static void ask_both(uint32_t id, unsigned *breaches, unsigned *early)
{
	const struct fb_book_class *class = &book->classes[0];
	struct fb_view view;
	struct fb_sums engine, venue;

	ck_assert_int_eq(fb_book_view(book, index_of(id), FB_NOW, &view), 0);
	for (size_t i = 0; i < view.rows; i++)
		if (view.row[i].addend_e7 == FB_MARGIN_ADDEND_MOST)
			return; /* the host judges it in any case */
	fb_venue_judge_sums(&judge, &view, &venue);
	fb_value_engine(book, &view, &engine);
	ck_assert_uint_eq(engine.bad_rows, 0);
	assert_promise(&view, &engine, &venue);
	for (unsigned k = 1; k <= rules.thresholds; k++) {
		__int128 wanted = venue.mm_e15 / rules.threshold[k - 1].up_e7;
		for (int around = -2; around <= 2; around++) {
			view.collateral_e8 += wanted - venue.equity_e8 + around;
			fb_venue_judge_sums(&judge, &view, &venue);
			fb_value_engine(book, &view, &engine);
			if (venue.mm_e15 <= 0)
				continue;
			bool there = fb_value_breach(class, k, &venue);
			bool flagged = fb_value_level(class, 0, &engine) >= k;
			ck_assert_msg(!there || flagged, "seed %llu, level %u",
				      (unsigned long long)seed, k);
			*breaches += there;
			*early += flagged && !there;
		}
	}
}

START_TEST(the_engine_flags_no_later_than_the_venue)
{
	unsigned breaches = 0, early = 0, asked = 0;

	for (uint64_t run = 0; run < 400; run++) {
		seed = run * 7919 + 1;
		random_rules();
		start_judge();
		uint64_t start[SYMBOLS], price = (1000 + below(100000)) * E8 + below(E8);
		start[LINEAR] = start[COIN] = start[DEBT] = price;
		start[LINEAR_2] = (1 + below(5000)) * E8 + below(E8);
		start[INVERSE] = (100 + below(30000)) * E8 + below(E8);
		start[QUANTO] = (500 + below(9000)) * E8 + below(E8);
		uint64_t u;
		if (fb_unit_value(&rules.symbol[QUANTO], start[QUANTO], &u) ||
		    u < FB_MARGIN_U_LEAST)
			rules.symbol[QUANTO].factor_e8 = 1000;
		open_random_book(start);
		for (uint32_t id = 1; id <= 12; id++)
			put_random_account(id, start);
		for (unsigned step = 0; step < 6; step++) {
			for (uint16_t s = 0; s < SYMBOLS; s++) {
				uint64_t at = s >= COIN ? judge.price_e8[LINEAR]
					      : start[s] / 1000 * (500 + below(1500)) + below(E8);
				judge.price_e8[s] = at;
				ck_assert_int_eq(fb_unit_value(&rules.symbol[s], at, &u), 0);
				tell(c_mark(s, u));
			}
			for (uint32_t id = 1; id <= 12; id++, asked++)
				ask_both(id, &breaches, &early);
		}
		fb_book_close(book);
		fb_venue_judge_close(&judge);
	}
	ck_assert_uint_gt(breaches, 10000);
	ck_assert_uint_gt(early, 1000); /* or nothing here was ever rounded */
	ck_assert_uint_gt(asked, 20000);
}
END_TEST

/* The venue has the position at the floor of a tier, the engine a little below it. */
START_TEST(a_jump_is_not_missed)
{
	unsigned below_floor = 0;

	seed = 5;
	for (unsigned run = 0; run < 3000; run++) {
		uint64_t price = (100 + below(30000)) * E8 + below(E8);
		int64_t qty = 1 + (int64_t)below(100000000);
		simple_rules(100000);
		rules.symbol[0].type = FB_INVERSE;
		rules.symbol[0].lot_e8 = E8 / 10;
		start_judge();
		struct fb_view view = { .rows = 1, .row[0] = row_at(0, qty, price, 0) };
		unsigned __int128 worth = (unsigned __int128)qty * (E8 / 10) * E8 / price;
		struct fb_ladder *ladder = &rules.ladder[0];
		ladder->tiers = 2;
		ladder->tier[1].floor_e8 = (uint64_t)worth;
		ladder->tier[1].rate_e7 = 100000 + (uint32_t)below(1000000);
		ck_assert_int_eq(fb_book_open(4, 4, 0, &book), 0);
		for (uint8_t k = 0; k < 2; k++) {
			struct fb_tier t;
			ck_assert(fb_margin_tier(&rules, 0, k, &t));
			tell(c_ladder(0, k, t.rate_e7, t.floor_e8, 0));
		}
		tell(c_symbol(0, 0, view.row[0].u));
		view.row[0].addend_e7 = fb_margin_row_addend(&rules, 0, view.row[0].u, qty);
		view.addend_e15 = fb_margin_row_part(&rules, 0, qty, 0);
		struct fb_sums engine, venue;
		fb_value_engine(book, &view, &engine);
		fb_venue_judge_sums(&judge, &view, &venue);
		assert_promise(&view, &engine, &venue);
		below_floor += (unsigned __int128)qty * view.row[0].u >> 16 < worth;
		fb_book_close(book);
		fb_venue_judge_close(&judge);
	}
	ck_assert_uint_gt(below_floor, 500);
}
END_TEST

/* Of one linear long without rounding: equity rises with the mark, MM too; sums do not depend on
 * the order of rows; twice of everything is twice of it, where nothing is a matter of size. */
START_TEST(order_and_scale)
{
	for (uint64_t run = 0; run < 300; run++) {
		seed = run + 77;
		random_rules();
		start_judge();
		struct fb_view_row row[6], other[6];
		size_t n = 2 + below(5);
		for (size_t i = 0; i < n; i++)
			row[i] = row_at((uint16_t)below(COIN), 1 + (int64_t)below(1000),
					(1000 + below(1000)) * E8, (int64_t)below(1000 * E8));
		struct fb_sums a = judged(5, row, n), b;
		for (size_t i = 0; i < n; i++)
			other[i] = row[n - 1 - i];
		b = judged(5, other, n);
		ck_assert(a.equity_e8 == b.equity_e8 && a.mm_e15 == b.mm_e15);
		fb_venue_judge_close(&judge);
	}
	simple_rules(123456);
	start_judge();
	struct fb_sums before = { .equity_e8 = -1 };
	for (uint64_t price = 1; price < 3000000000; price += 999983) {
		struct fb_view_row row = row_at(0, 7, price, 100),
				   twice = row_at(0, 14, price, 200);
		struct fb_sums one = judged(1000, &row, 1), two = judged(2000, &twice, 1);
		ck_assert(one.equity_e8 > before.equity_e8 && one.mm_e15 > before.mm_e15);
		ck_assert(two.equity_e8 == 2 * one.equity_e8 && two.mm_e15 == 2 * one.mm_e15);
		before = one;
	}
	fb_venue_judge_close(&judge);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "promise", the_engine_flags_no_later_than_the_venue },
		{ "jump", a_jump_is_not_missed },
		{ "order", order_and_scale },
	};
	return kit_main("margin, random", cases, sizeof(cases) / sizeof(cases[0]));
}
