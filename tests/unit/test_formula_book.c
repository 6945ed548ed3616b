/* Prices of an account of a book: random accounts of several rows, contracts, ladders and levels.
 * At the price that is found the book's own valuation says breach, one tick before it does not,
 * nor anywhere between the mark and there; and it is the price of the exact formula, but for
 * rounding. */
#include "formula_book_kit.h"

static uint64_t price_e8[SYMBOLS + 1];
static bool continuous;

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

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, in_breach_there_and_not_a_tick_before);
	tcase_add_test(tcase, as_the_exact_formula_says);
	tcase_add_test(tcase, zero_prices_leave_nothing);
}

int main(void)
{
	return kit_run("formula_book", fill);
}
