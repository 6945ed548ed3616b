/* Prices of an account of a book: random accounts of several rows, contracts, ladders and levels.
 * At the price that is found the book's own valuation says breach, one tick before it does not,
 * nor anywhere between the mark and there; and it is the price of the exact formula, but for
 * rounding. */
#include <firebreak/formula_book.h>

#include "../../sw/lib/formula_book.h"
#include "ratio_kit.h"

#define SYMBOLS 3
#define COIN SYMBOLS /* a coin, valued by the mark of symbol 0 where that is linear */
#define E8 INT64_C(100000000)

static struct fb_book *book;
static struct fb_rules *rules;
static struct fb_view view;
static uint64_t price_e8[SYMBOLS + 1];
static bool continuous;

static void open_all(void)
{
	ck_assert_int_eq(fb_book_open(4, 16, 0, &book), 0);
	rules = calloc(1, sizeof(*rules));
	rules->symbols = SYMBOLS + 1;
}

static void close_all(void)
{
	fb_book_close(book);
	free(rules);
}

static void draw_ladder(struct fb_book_ladder *ladder)
{
	ladder->tiers = (unsigned)kit_between(1, 5);
	for (unsigned k = 0; k < ladder->tiers; k++) {
		struct fb_book_tier *t = &ladder->tier[k], *before = t - 1;
		t->floor_e8 = k == 0 ? 0 : before->floor_e8 + (uint64_t)kit_between(1, 4000 * E8);
		t->rate_e7 = (uint32_t)kit_between(0, 800000) + (k == 0 ? 0 : before->rate_e7);
		t->deduction_e15 = 0;
		if (k > 0 && continuous)
			t->deduction_e15 =
				before->deduction_e15 +
				(unsigned __int128)t->floor_e8 * (t->rate_e7 - before->rate_e7);
	}
}

static void draw_rules(void)
{
	static const uint64_t lots[] = { 1, 1000, 100000, 100000000 };
	struct fb_book_class *class = &book->classes[0];
	continuous = kit_random() % 3 != 0;
	*class = (struct fb_book_class){ .thresholds = 3, .strict = kit_random() % 2 };
	class->up_e7[0] = (uint32_t)kit_between(3000000, 8000000);
	class->up_e7[1] = (uint32_t)kit_between(8000000, 9500000);
	class->up_e7[2] = 10000000;
	rules->liquidate_level = 3;
	for (unsigned i = 0; i < SYMBOLS; i++) {
		draw_ladder(&book->ladder[i]);
		book->symbol[i].ladder = (uint16_t)i;
		rules->symbol[i].lot_e8 = lots[kit_random() % 4];
		rules->symbol[i].type = (uint32_t)(kit_random() % 3); /* linear, inverse, quanto */
		rules->symbol[i].factor_e8 = 0;
		/* A lot is worth 0.01 to 600. */
		uint64_t value_e8 = (uint64_t)kit_between(1000000, 600 * E8);
		unsigned __int128 both = (unsigned __int128)E8 * rules->symbol[i].lot_e8;
		price_e8[i] = rules->symbol[i].type == FB_INVERSE
				      ? (uint64_t)(both / value_e8)
				      : (uint64_t)((unsigned __int128)value_e8 * E8 /
						   rules->symbol[i].lot_e8);
		if (price_e8[i] == 0 || price_e8[i] > (uint64_t)E8 * E8)
			price_e8[i] = (uint64_t)E8;
		if (rules->symbol[i].type == FB_QUANTO)
			rules->symbol[i].factor_e8 = (uint64_t)kit_between(E8 / 1000, E8);
	}
	/* Without margin; of its value 50 to 100 % count. */
	book->ladder[COIN] = (struct fb_book_ladder){ .tiers = 1 };
	book->symbol[COIN].ladder = COIN;
	rules->symbol[COIN] = rules->symbol[0];
	rules->symbol[COIN].index = rules->symbol[0].type == FB_LINEAR;
	rules->symbol[COIN].weight_e7 = (uint32_t)kit_between(5000000, 10000000);
	price_e8[COIN] = price_e8[0];
}

static void add_row(uint16_t symbol, int64_t qty, uint64_t u)
{
	struct fb_view_row *row = &view.row[view.rows++];
	__int128 value = (__int128)qty * (__int128)u >> FB_U_FRACTION_BITS;
	*row = (struct fb_view_row){ .symbol = symbol, .qty = qty, .u = u };
	row->entry_e8 = (int64_t)(value / 100 * kit_between(90, 110));
	row->addend_e7 = symbol == COIN || kit_random() % 4 ? 0 : (uint32_t)kit_between(0, 100000);
}

/* Money for about `worth` of MM: from bankrupt to far from any threshold. */
static void draw_account(size_t rows)
{
	struct fb_sums sums;
	view = (struct fb_view){ 0 };
	while (view.rows < rows) {
		uint16_t symbol = (uint16_t)(kit_random() % SYMBOLS);
		uint64_t u;
		if (view.rows > 0 && rules->symbol[COIN].index && kit_random() % 4 == 0)
			symbol = COIN;
		if (fb_unit_value(&rules->symbol[symbol], price_e8[symbol], &u))
			continue;
		unsigned __int128 unit = u >> FB_U_FRACTION_BITS;
		int64_t most = (int64_t)(10000 * (unsigned __int128)E8 / (unit + 1)) + 1;
		bool negative = symbol != COIN && kit_random() % 2;
		add_row(symbol, negative ? -kit_between(1, most) : kit_between(1, most), u);
	}
	fb_value_exact(book, &view, &sums);
	__int128 notional = 0;
	for (size_t i = 0; i < view.rows; i++) {
		__int128 value = (__int128)view.row[i].qty * (__int128)view.row[i].u;
		notional += (value < 0 ? -value : value) >> FB_U_FRACTION_BITS;
	}
	view.collateral_e8 = -(sums.equity_e8) + notional / 100 * kit_between(-5, 60);
	/* Of the account itself, up or down; down it may take away all MM. */
	if (kit_random() % 3 == 0) {
		view.addend_e15 = notional / 1000 * kit_between(-60, 60) * 10000000;
		view.collateral_e8 = -(sums.equity_e8) + notional / 1000 * kit_between(-20, 50);
	}
}

static bool breach_at(const struct fb_price_question *q, uint64_t at_e8)
{
	struct fb_view moved = view;
	struct fb_sums sums;
	for (size_t i = 0; i < moved.rows; i++) {
		struct fb_view_row *row = &moved.row[i];
		bool coin = row->symbol == COIN && q->symbol == 0;
		if (row->symbol != q->symbol && !coin)
			continue;
		int rc = fb_unit_value(&rules->symbol[row->symbol], at_e8, &row->u);
		ck_assert(rc == 0 || coin);
		if (rc)
			row->u = 0;
	}
	fb_value_exact(book, &moved, &sums);
	return fb_value_breach(&book->classes[view.class_id], q->level, &sums);
}

static struct fb_price_question ask(unsigned level)
{
	return (struct fb_price_question){ .book = book,
					   .rules = rules,
					   .view = &view,
					   .symbol = view.row[0].symbol,
					   .level = level };
}

/* Points on the way from a to b, both included, by equal factors and then by equal steps. */
static void all_alike(const struct fb_price_question *q, uint64_t a, uint64_t b, bool breached)
{
	for (uint64_t k = 0; k <= 16; k++) {
		uint64_t apart = a < b ? b - a : a - b, step = apart / 16 * k;
		if (k == 16)
			step = apart;
		ck_assert(breach_at(q, a < b ? a + step : a - step) == breached);
	}
}

/* In breach at the price, not one tick before, and before that as at the mark. */
START_TEST(in_breach_there_and_not_a_tick_before)
{
	int found = 0, none = 0, back = 0, inverse = 0, bankrupt = 0;
	open_all();
	for (kit_state = 0; kit_state < 600000;) {
		draw_rules();
		draw_account((size_t)kit_between(1, 4));
		struct fb_price_question q = ask((unsigned)kit_between(1, 3));
		if (kit_random() % 4 == 0)
			q.level = FB_LEVEL_BANKRUPT;
		size_t own = 0;
		for (size_t i = 0; i < view.rows; i++)
			own += view.row[i].symbol == q.symbol ||
			       (view.row[i].symbol == COIN && q.symbol == 0);
		struct fb_search s;
		ck_assert_int_eq(fb_search_open(&q, &s), 0);
		bool before = breach_at(&q, s.mark);
		uint64_t u;
		ck_assert_int_eq(fb_unit_value(&rules->symbol[q.symbol], s.mark, &u), 0);
		ck_assert_uint_eq(u, view.row[0].u);
		int heading = kit_random() % 2 ? 1 : -1;
		uint64_t p;
		int rc = fb_breach_price(&q, heading, &p);
		if (rc) {
			ck_assert_int_eq(rc, -ENOENT);
			if (own == 1 && continuous)
				all_alike(&q, s.mark, before == (heading < 0) ? s.high : s.low,
					  before);
			none++;
			continue;
		}
		uint64_t calm = heading > 0 ? p - 1 : p + 1;
		ck_assert(breach_at(&q, p));
		ck_assert(!breach_at(&q, calm));
		ck_assert(before ? (heading > 0 ? p <= s.mark : p >= s.mark)
				 : (heading > 0 ? p > s.mark : p < s.mark));
		if (own == 1)
			all_alike(&q, s.mark, before ? p : calm, before);
		found++;
		back += before;
		inverse += (rules->symbol[q.symbol].type == FB_INVERSE);
		bankrupt += q.level == FB_LEVEL_BANKRUPT;
	}
	ck_assert_msg(found > 4000 && none > 4000 && back > 400 && inverse > 800 && bankrupt > 800,
		      "%d found, %d none, %d back, %d inverse, %d bankrupt", found, none, back,
		      inverse, bankrupt);
	close_all();
}
END_TEST

/* The same account in fractions: q = lots x lot, W = collateral - entry + value at entry 1. */
static ratio exact_price(const struct fb_price_question *q, int side)
{
	const struct fb_view_row *row = &view.row[0];
	const struct fb_symbol *symbol = &rules->symbol[row->symbol];
	const struct fb_book_ladder *ladder = &book->ladder[row->symbol];
	struct fb_margin_rule rule = { .inverse = symbol->type == FB_INVERSE,
				       .tiers = ladder->tiers };
	for (unsigned k = 0; k < ladder->tiers; k++) {
		rule.tier[k].floor = fb_ratio_scaled(ladder->tier[k].floor_e8, 8);
		rule.tier[k].rate = fb_ratio_scaled(ladder->tier[k].rate_e7, 7);
		rule.tier[k].deduction =
			fb_ratio_scaled((__int128)ladder->tier[k].deduction_e15, 15);
	}
	rule.fee = fb_ratio_scaled(row->addend_e7, 7);
	struct fb_terms t = { .side = side, .other_mm = fb_ratio_scaled(view.addend_e15, 15) };
	t.quantity = fb_ratio_abs(
		times(whole(row->qty), fb_ratio_scaled(symbol->lot_e8, 8)));
	t.factor = fb_ratio_scaled(symbol->factor_e8, 8);
	t.mark = fb_price_of_unit(symbol, row->u);
	t.entry = fb_price_of_value(symbol, row->qty, whole(row->entry_e8));
	t.margin = fb_ratio_scaled(view.collateral_e8, 8);
	return fb_liquidation_price(&t, &rule,
				    fb_ratio_scaled(book->classes[0].up_e7[q->level - 1], 7));
}

START_TEST(as_the_exact_formula_says)
{
	int both = 0, inverse = 0;
	open_all();
	for (kit_state = 7; kit_state < 60000;) {
		draw_rules();
		draw_account(1);
		if (view.addend_e15 < 0)
			continue; /* the formula has no case for MM below 0 */
		struct fb_price_question q = ask((unsigned)kit_between(1, 3));
		int side = fb_symbol_direction(&q);
		uint64_t p;
		ratio exact = exact_price(&q, side);
		if (fb_breach_price(&q, -side, &p) || exact.error || !continuous)
			continue;
		/* Both notionals, which differ by rounding: of u by 2^-16 for each lot and of the
		 * row by 1, in 1e-8; what the level is judged by changes by a third of that at
		 * least, and p is one tick wide. */
		const struct fb_symbol *symbol = &rules->symbol[q.symbol];
		ratio size = fb_ratio_abs(times(whole(view.row[0].qty),
						fb_ratio_scaled(symbol->lot_e8, 8)));
		if (symbol->factor_e8)
			size = times(size, fb_ratio_scaled(symbol->factor_e8, 8));
		ratio found = fb_ratio_scaled(p, 8), tick = fb_ratio_scaled(side, 8),
		      other = plus(found, tick);
		ratio a = (symbol->type == FB_INVERSE) ? over(size, found) : times(size, found),
		      b = (symbol->type == FB_INVERSE) ? over(size, exact) : times(size, exact),
		      c = (symbol->type == FB_INVERSE) ? over(size, other) : times(size, other);
		int64_t lots = view.row[0].qty < 0 ? -view.row[0].qty : view.row[0].qty;
		ratio room = plus(fb_ratio_scaled(8 + lots / 2000, 8), fb_ratio_abs(minus(a, c)));
		ratio off = fb_ratio_abs(minus(a, b));
		char x[FB_RATIO_TEXT], y[FB_RATIO_TEXT];
		ck_assert_msg(fb_ratio_compare(&off, &room) <= 0, "%s for %s",
			      fb_ratio_decimal(&found, 8, FB_ROUND_ZERO, x),
			      fb_ratio_decimal(&exact, 12, FB_ROUND_ZERO, y));
		both++;
		inverse += symbol->type == FB_INVERSE;
	}
	ck_assert_int_gt(both, 500);
	ck_assert_int_gt(inverse, 100);
	close_all();
}
END_TEST

/* By hand: 1,000 lots of 0.0001 BTC long from 100,000 with 1,000 behind; 0.4 %.
 * L = (10,000 - 1,000) / (0.1 x 0.996) = 90361.445783132..., where the notional is
 * 9036.1445783132...; it is a multiple of 1e-8, which are ten ticks of the price. */
static void hand(void)
{
	uint64_t u;
	book->ladder[0] = (struct fb_book_ladder){ .tiers = 1, .tier[0].rate_e7 = 40000 };
	book->symbol[0].ladder = 0;
	book->classes[0] = (struct fb_book_class){ .thresholds = 2,
						   .up_e7 = { 8000000, 10000000 } };
	rules->liquidate_level = 2;
	rules->symbol[0].lot_e8 = 10000;
	ck_assert_int_eq(fb_unit_value(&rules->symbol[0], 100000 * E8, &u), 0);
	view = (struct fb_view){ .collateral_e8 = 1000 * E8 };
	view.rows = 1;
	view.row[0] = (struct fb_view_row){ .qty = 1000, .entry_e8 = 10000 * E8, .u = u };
}

START_TEST(by_hand)
{
	uint64_t p;
	open_all();
	hand();
	struct fb_price_question q = ask(2);
	ck_assert_int_eq(fb_breach_price(&q, -1, &p), 0);
	ck_assert_uint_eq(p, UINT64_C(9036144578320));
	ck_assert_int_eq(fb_breach_price(&q, 1, &p), -ENOENT);
	q.level = FB_LEVEL_BANKRUPT;
	ck_assert_int_eq(fb_breach_price(&q, -1, &p), 0);
	ck_assert_uint_eq(p, 90000 * E8 - 1);
	struct fb_account_figures a;
	struct fb_symbol_figures f;
	fb_account_figures(&q, FB_MM_OVER_EQUITY, &a);
	kit_same(a.ratio, n("0.04"));
	kit_same(a.risk_score, n("4"));
	kit_same(a.leverage, n("10"));
	kit_same(a.buffer_e8, times(n("950"), whole(E8)));
	kit_same(a.exposure_e8.net, times(n("10000"), whole(E8)));
	kit_same(a.exposure_e8.shorts, whole(0));
	ck_assert_uint_eq(a.next_level, 1);
	ck_assert_int_eq(fb_symbol_figures(&q, a.next_level, &f), 0);
	kit_same(f.mark, n("100000"));
	kit_same(f.bankruptcy, n("90000"));
	kit_same(f.zero_price, n("90000"));
	ck_assert(f.liquidation.found && f.liquidation.price_e8 == UINT64_C(9036144578320));
	/* (10,000 - 1,000) / (0.1 x (1 - 0.4 % / 80 %)) */
	ck_assert(f.next.found && f.next.price_e8 == UINT64_C(9045226130660));
	ck_assert(f.level[1].price_e8 == f.next.price_e8 && f.level[1].found);
	ck_assert(f.level[2].price_e8 == f.liquidation.price_e8 && !f.level[3].found);
	kit_shows(f.buffer.price, "9547.73869340");
	kit_shows(f.buffer.share, "0.0955");
	fb_account_figures(&q, FB_EQUITY_OVER_MM, &a);
	kit_same(a.ratio, n("25"));
	/* Frozen: MM is the account's. L = 90,000 + 40 / 0.1. Of two symbols nobody can say whose
	 * equity it is. */
	book->ladder[0].tier[0].rate_e7 = 0;
	view.addend_e15 = 40 * (__int128)E8 * 10000000;
	ck_assert_int_eq(fb_symbol_figures(&q, a.next_level, &f), 0);
	ck_assert_uint_eq(f.liquidation.price_e8, 90400 * E8 + 10); /* still 9,040.00000000 */
	kit_same(f.zero_price, n("90000"));
	view.row[1] = view.row[0];
	view.row[1].symbol = 1;
	view.rows = 2;
	book->ladder[1] = book->ladder[0];
	book->symbol[1].ladder = 1;
	rules->symbol[1] = rules->symbol[0];
	ck_assert_int_eq(fb_symbol_figures(&q, a.next_level, &f), 0);
	ck_assert_int_eq(f.zero_price.error, -ENOENT);
	close_all();
}
END_TEST

/* Beyond bankruptcy the way back is negative; an inverse long, whose rows have the sign turned,
 * gains when the price rises: 100,000 USD at 50,000 are 2 coins. */
START_TEST(beyond_and_inverse)
{
	struct fb_symbol_figures f;
	struct fb_account_figures a;
	uint64_t u;
	open_all();
	hand();
	view.collateral_e8 = -500 * E8;
	struct fb_price_question q = ask(2);
	fb_account_figures(&q, FB_MM_OVER_EQUITY, &a);
	ck_assert_uint_eq(a.next_level, FB_LEVEL_BANKRUPT);
	ck_assert_int_eq(a.ratio.error, -EDOM);
	ck_assert_int_eq(a.leverage.error, -EDOM);
	kit_same(a.risk_score, whole(100));
	kit_same(a.buffer_e8, whole(-500 * E8));
	ck_assert_int_eq(fb_symbol_figures(&q, a.next_level, &f), 0);
	kit_same(f.bankruptcy, n("105000"));
	kit_shows(f.buffer.price, "-5000.0000");
	hand();
	rules->symbol[0].type = FB_INVERSE;
	rules->symbol[0].lot_e8 = (uint64_t)(100 * E8);
	ck_assert_int_eq(fb_unit_value(&rules->symbol[0], 50000 * E8, &u), 0);
	view.row[0] = (struct fb_view_row){ .qty = -1000, .entry_e8 = -2 * E8, .u = u };
	view.collateral_e8 = E8 / 2;
	ck_assert_int_eq(fb_symbol_direction(&q), 1);
	ck_assert_int_eq(fb_symbol_figures(&q, 2, &f), 0);
	kit_same(f.mark, n("50000"));
	kit_same(f.delta_e8, whole(2 * E8));
	kit_same(f.bankruptcy, n("40000"));
	/* 100,000 (1 + 0.4 %) / (2 + 0.5) */
	kit_shows(times(n("1e-8"), whole(f.liquidation.price_e8)), "40160.00");
	close_all();
}
END_TEST

/* A rate above the threshold and an addend below 0: with N, equity = N - 18, MM = 0.5 N - 10,
 * breach from 0.3 up: below 18 for want of equity, from 23 on for want of margin, calm between. */
START_TEST(breach_on_both_sides)
{
	uint64_t p;
	open_all();
	hand();
	book->ladder[0].tier[0].rate_e7 = 5000000;
	book->classes[0] = (struct fb_book_class){ .thresholds = 1, .up_e7 = { 3000000 } };
	view.collateral_e8 = 0;
	view.addend_e15 = -10 * (__int128)E8 * 10000000;
	view.row[0].entry_e8 = 18 * E8;
	struct fb_price_question q = ask(1);
	ck_assert_int_eq(fb_unit_value(&rules->symbol[0], 100 * E8, &view.row[0].u), 0);
	ck_assert_int_eq(fb_breach_price(&q, -1, &p), 0);
	ck_assert_uint_eq(p, 180 * E8 - 1);
	ck_assert_int_eq(fb_unit_value(&rules->symbol[0], 200 * E8, &view.row[0].u), 0);
	ck_assert_int_eq(fb_breach_price(&q, -1, &p), 0);
	ck_assert_uint_eq(p, 180 * E8 - 1);
	ck_assert_int_eq(fb_breach_price(&q, 1, &p), 0);
	ck_assert_uint_eq(p, 230 * E8);
	close_all();
}
END_TEST

/* By hand: long 0.1 BTC from 100,000 and 0.1 BTC as collateral, of which 90 % count; no money. L =
 * 10,000 / (0.1 (1 + 0.9 - 0.004)), B = 10,000 / 0.19; the coins are bought for what they count. */
START_TEST(coins_follow_their_index)
{
	struct fb_symbol_figures f;
	struct fb_account_figures a;
	open_all();
	hand();
	rules->symbol[COIN] = rules->symbol[0];
	rules->symbol[COIN].index = 1;
	rules->symbol[COIN].weight_e7 = 9000000;
	book->ladder[COIN] = (struct fb_book_ladder){ .tiers = 1 };
	book->symbol[COIN].ladder = COIN;
	view.collateral_e8 = 0;
	view.row[1] = (struct fb_view_row){ .symbol = COIN, .qty = 1000 };
	view.rows = 2;
	ck_assert_int_eq(fb_unit_value(&rules->symbol[COIN], 100000 * E8, &view.row[1].u), 0);
	struct fb_price_question q = ask(2);
	fb_account_figures(&q, FB_MM_OVER_EQUITY, &a);
	kit_same(a.coins_e8, whole(9000 * E8));
	kit_same(a.exposure_e8.net, whole(10000 * E8));
	kit_same(a.leverage, n("10/9"));
	ck_assert_int_eq(fb_symbol_figures(&q, a.next_level, &f), 0);
	kit_shows(times(n("1e-8"), whole(f.liquidation.price_e8)), "52742.6160");
	kit_same(f.bankruptcy, over(n("10000"), n("0.19")));
	kit_same(f.delta_e8, whole(19000 * E8));
	kit_same(f.gross_e8, whole(10000 * E8));
	/* Without the position its price still matters, by the book's mark. */
	view.row[0] = view.row[1];
	view.rows = 1;
	view.collateral_e8 = -4500 * E8;
	ck_assert_int_eq(fb_symbol_figures(&q, a.next_level, &f), -EINVAL);
	ck_assert_int_eq(fb_unit_value(&rules->symbol[0], 100000 * E8, &book->symbol[0].u), 0);
	q.symbol = 0;
	ck_assert_int_eq(fb_symbol_figures(&q, a.next_level, &f), 0);
	kit_same(f.bankruptcy, n("50000"));
	ck_assert_int_eq(f.zero_price.error, -ENOENT);
	ck_assert_int_eq(f.direction, 1);
	close_all();
}
END_TEST

/* Both sides of a hedge: even, no price of bankruptcy; MM of both sides grows when it rises. */
START_TEST(hedge)
{
	uint64_t p;
	open_all();
	hand();
	view.collateral_e8 = 100 * E8;
	view.row[1] = view.row[0];
	view.row[1].qty = -1000;
	view.row[1].entry_e8 = -10000 * E8;
	view.rows = 2;
	struct fb_price_question q = ask(2);
	struct fb_symbol_figures f;
	ck_assert_int_eq(fb_symbol_direction(&q), 0);
	/* 0.004 x 2 x 0.1 x price = 100 */
	ck_assert_int_eq(fb_breach_price(&q, 1, &p), 0);
	ck_assert_uint_eq(p, 125000 * E8);
	ck_assert_int_eq(fb_breach_price(&q, -1, &p), -ENOENT);
	ck_assert_int_eq(fb_symbol_figures(&q, 2, &f), 0);
	ck_assert(f.liquidation.found && f.liquidation.price_e8 == 125000 * (uint64_t)E8);
	kit_same(f.buffer.price, n("25000"));
	ck_assert_int_eq(f.bankruptcy.error, -ENOENT);
	kit_same(f.delta_e8, whole(0));
	kit_same(f.gross_e8, times(n("20000"), whole(E8)));
	close_all();
}
END_TEST

/* The account-level price: a trade there keeps the ratio, all of them leave nothing. */
START_TEST(zero_prices_leave_nothing)
{
	int checked = 0;
	open_all();
	for (kit_state = 3; kit_state < 20000;) {
		draw_rules();
		draw_account((size_t)kit_between(1, 4));
		struct fb_price_question q = ask(3);
		ratio left = whole(view.collateral_e8);
		bool all = true;
		for (size_t i = 0; i < view.rows && all; i++) {
			bool seen = false;
			struct fb_symbol_figures f;
			int64_t qty = 0;
			for (size_t k = 0; k < view.rows; k++) {
				seen = seen || (k < i && view.row[k].symbol == view.row[i].symbol);
				if (view.row[k].symbol == view.row[i].symbol)
					qty += view.row[k].qty;
			}
			left = minus(left, whole(view.row[i].entry_e8));
			if (view.row[i].symbol == COIN) {
				struct fb_row_value v;
				fb_value_row(&book->ladder[COIN], view.row[i].qty, view.row[i].u, 0,
					     &v);
				left = plus(left, whole(v.value_e8));
				continue;
			}
			if (seen)
				continue;
			q.symbol = view.row[i].symbol;
			ck_assert_int_eq(fb_symbol_figures(&q, 3, &f), 0);
			all = f.zero_price.error == 0;
			ratio size = times(whole(qty), whole(rules->symbol[q.symbol].lot_e8));
			if (rules->symbol[q.symbol].factor_e8)
				size = times(size, fb_ratio_scaled(
							   rules->symbol[q.symbol].factor_e8, 8));
			left = plus(left, (rules->symbol[q.symbol].type == FB_INVERSE)
						  ? over(size, f.zero_price)
						  : times(size, f.zero_price));
		}
		if (!all)
			continue;
		kit_same(left, whole(0));
		checked++;
	}
	ck_assert_int_gt(checked, 50);
	close_all();
}
END_TEST

static void doubled(void *context, const struct fb_book *b, const struct fb_view *v,
		    uint16_t symbol, uint64_t at_e8, struct fb_sums *out)
{
	uint64_t u;
	ck_assert_uint_eq(symbol, 0);
	ck_assert(at_e8 == 0 || (fb_unit_value(&rules->symbol[0], at_e8, &u) == 0 &&
				 u == v->row[0].u));
	fb_value_exact(b, v, out);
	out->mm_e15 *= *(int *)context;
}

START_TEST(a_venues_own_arithmetic)
{
	uint64_t plain, twice;
	int factor = 2;
	open_all();
	hand();
	struct fb_price_question q = ask(2);
	q.sums = doubled;
	q.context = &factor;
	ck_assert_int_eq(fb_breach_price(&q, -1, &twice), 0);
	ck_assert_uint_eq(twice, UINT64_C(9072580645170)); /* 9,000 / (0.1 x 0.992) */
	q.sums = NULL;
	book->ladder[0].tier[0].rate_e7 = 80000;
	ck_assert_int_eq(fb_breach_price(&q, -1, &plain), 0);
	ck_assert_uint_eq(plain, twice);
	struct fb_account_figures a;
	book->ladder[0].tier[0].rate_e7 = 40000;
	q.sums = doubled;
	fb_account_figures(&q, FB_MM_OVER_EQUITY, &a);
	kit_same(a.ratio, n("0.08"));
	close_all();
}
END_TEST

START_TEST(bad_questions)
{
	uint64_t p = 7;
	struct fb_symbol_figures f;
	open_all();
	hand();
	struct fb_price_question q = ask(0);
	ck_assert_int_eq(fb_breach_price(&q, -1, &p), -EINVAL);
	q.level = 3;
	ck_assert_int_eq(fb_breach_price(&q, -1, &p), -EINVAL);
	q.level = 8;
	ck_assert_int_eq(fb_breach_price(&q, -1, &p), -EINVAL);
	q.level = 2;
	ck_assert_int_eq(fb_breach_price(&q, 0, &p), -EINVAL);
	q.symbol = 2;
	ck_assert_int_eq(fb_breach_price(&q, -1, &p), -EINVAL);
	ck_assert_int_eq(fb_symbol_figures(&q, 1, &f), -EINVAL);
	q.symbol = 0;
	ck_assert_int_eq(fb_symbol_figures(&q, 3, &f), -EINVAL);
	ck_assert_int_eq(fb_symbol_figures(&q, 0, &f), -EINVAL);
	ck_assert_int_eq(fb_symbol_figures(&q, FB_LEVEL_BANKRUPT, &f), 0);
	ck_assert_uint_eq(p, 7);
	close_all();
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, in_breach_there_and_not_a_tick_before);
	tcase_add_test(tcase, as_the_exact_formula_says);
	tcase_add_test(tcase, by_hand);
	tcase_add_test(tcase, beyond_and_inverse);
	tcase_add_test(tcase, breach_on_both_sides);
	tcase_add_test(tcase, coins_follow_their_index);
	tcase_add_test(tcase, hedge);
	tcase_add_test(tcase, zero_prices_leave_nothing);
	tcase_add_test(tcase, a_venues_own_arithmetic);
	tcase_add_test(tcase, bad_questions);
}

int main(void)
{
	return kit_run("formula_book", fill);
}
