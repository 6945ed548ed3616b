/* Liquidation: prices, fees and every unit of money by hand, and by properties over random
 * accounts. */
#include "book_kit.h"

#include <firebreak/gateway.h>

#define ORDERS 4096

static struct fb_gateway gateway;
static struct fb_liquidate liquidate;
static struct {
	struct fb_order order;
	struct fb_ack ack;
} sent[ORDERS];
static size_t orders, commands;

static int on_order(void *context, const struct fb_order *order, const struct fb_ack *ack)
{
	(void)context;
	ck_assert_uint_lt(orders, ORDERS);
	sent[orders].order = *order;
	sent[orders++].ack = *ack;
	return 0;
}

static int on_command(void *context, union fb_command *command)
{
	(void)context;
	commands++;
	tell(*command);
	return 0;
}

static const struct fb_liquidate_ops ops = { on_order, on_command };

static void open_all(uint32_t taker_fee_e7, uint32_t liquidation_fee_e7)
{
	open_book(0);
	fb_gateway_instant(&gateway, book);
	liquidate = (struct fb_liquidate){
		.book = book,
		.gateway = &gateway,
		.ops = &ops,
		.epoch = 5,
		.sequence = 77,
		.taker_fee_e7 = taker_fee_e7,
		.liquidation_fee_e7 = liquidation_fee_e7,
	};
	orders = commands = 0;
}

static struct fb_liquidated take(uint32_t id)
{
	struct fb_liquidated out;
	struct fb_error error = { "" };
	ck_assert_int_eq(fb_liquidate_account(&liquidate, index_of(id), &out), 0);
	ck_assert_msg(fb_book_conserved_full(book, &error) == 0, "%s", error.text);
	return out;
}

static struct fb_book_row row_of(uint32_t position)
{
	uint32_t index = fb_book_row_index(book, position);
	ck_assert_uint_ne(index, FB_NONE);
	return book->row[index];
}

static void expect_order(size_t i, enum fb_verb verb, __int128 value_e8, int64_t filled,
			 __int128 fill_e8)
{
	ck_assert_uint_lt(i, orders);
	ck_assert_uint_eq(sent[i].order.verb, verb);
	ck_assert_uint_eq(sent[i].order.id.index, i);
	ck_assert_uint_eq(sent[i].order.id.sequence, 77);
	ck_assert_uint_eq(sent[i].order.id.epoch, 5);
	kit_assert_wide(sent[i].order.value_e8, value_e8);
	ck_assert_int_eq(sent[i].ack.qty, filled);
	kit_assert_wide(sent[i].ack.value_e8, fill_e8);
}

/* 100 lots bought at 1 with 11: at 0.895 equity is 0.5. Bankruptcy value 89. Fees 0.05 % and 0.5
 * % of 89.5. */
START_TEST(a_long_with_money_left)
{
	open_all(5000, 50000);
	tell(c_account(1, 11 * MONEY, 0, 0));
	tell(c_position(1, 10, 1, 100, 100 * MONEY));
	tell(c_position(FB_ID_STREET, fb_house_position(FB_ID_STREET, 1), 1, -100, -100 * MONEY));
	fb_book_seal(book);
	tell(c_mark(1, U_MONEY * 895 / 1000));
	struct fb_liquidated l = take(1);
	ck_assert_uint_eq(orders, 4);
	expect_order(0, FB_VERB_HOLD, 0, 0, 0);
	expect_order(1, FB_VERB_CANCEL_ALL, 0, 0, 0);
	expect_order(2, FB_VERB_REDUCE, 89 * MONEY, 100, MONEY * 895 / 10);
	int64_t taker = 4475000, fee = 44750000; /* 0.04475 and 0.4475 */
	expect_order(3, FB_VERB_FUND_MOVE, MONEY / 2 - taker, 0, MONEY / 2 - taker);
	kit_assert_wide(l.taker_fee_e8, taker);
	kit_assert_wide(l.liquidation_fee_e8, fee);
	kit_assert_wide(l.fund_e8, MONEY / 2 - taker);
	kit_assert_wide(collateral_of(1), 0);
	kit_assert_wide(collateral_of(FB_ID_FEES), taker);
	kit_assert_wide(collateral_of(FB_ID_FUND), 500 * MONEY + MONEY / 2 - taker);
	/* The street was short 100 from 100, and bought back at 89.5. */
	kit_assert_wide(collateral_of(FB_ID_STREET), 1000000 * MONEY + 105 * MONEY / 10);
	ck_assert(!row_of(10).live);
	ck_assert(!row_of(fb_house_position(FB_ID_STREET, 1)).live);
	fb_book_close(book);
}
END_TEST

/* The same at 0.8: equity -9. The mark is worse than 89, so the fund takes over at 89 and
 * carries the loss of 9. */
START_TEST(a_bankrupt_long)
{
	open_all(5000, 50000);
	tell(c_account(1, 11 * MONEY, 0, 0));
	tell(c_position(1, 10, 1, 100, 100 * MONEY));
	tell(c_position(FB_ID_STREET, fb_house_position(FB_ID_STREET, 1), 1, -100, -100 * MONEY));
	fb_book_seal(book);
	tell(c_mark(1, U_MONEY * 8 / 10));
	struct fb_liquidated l = take(1);
	ck_assert_uint_eq(orders, 4);
	expect_order(2, FB_VERB_REDUCE, 89 * MONEY, 0, 0);
	expect_order(3, FB_VERB_TAKEOVER, 89 * MONEY, 100, 89 * MONEY);
	ck_assert_uint_eq(l.takeovers, 1);
	kit_assert_wide(l.taker_fee_e8, 0);
	kit_assert_wide(collateral_of(1), 0);
	kit_assert_wide(collateral_of(FB_ID_FUND), 500 * MONEY);
	struct fb_book_row row = row_of(fb_house_position(FB_ID_FUND, 1));
	ck_assert_int_eq(row.qty, 100);
	ck_assert_int_eq(row.entry_e8, 89 * MONEY);
	kit_assert_wide(sums_of(FB_ID_FUND).equity_e8, 491 * MONEY);
	fb_book_close(book);
}
END_TEST

/* Short 100 from 100 with 11: bankruptcy at 111. Exactly there the street still fills. */
START_TEST(a_short_at_its_bankruptcy_price)
{
	for (uint64_t above = 0; above < 2; above++) {
		open_all(0, 0);
		tell(c_account(1, 11 * MONEY, 0, 0));
		tell(c_position(1, 10, 1, -100, -100 * MONEY));
		tell(c_position(FB_ID_STREET, fb_house_position(FB_ID_STREET, 1), 1, 100,
				100 * MONEY));
		fb_book_seal(book);
		tell(c_mark(1, U_MONEY * 111 / 100 + above * U_ONE));
		take(1);
		expect_order(2, FB_VERB_REDUCE, -111 * MONEY, above ? 0 : -100,
			     above ? 0 : -111 * MONEY);
		ck_assert_uint_eq(orders, above ? 4 : 3);
		kit_assert_wide(collateral_of(1), 0);
		fb_book_close(book);
	}
}
END_TEST

/* Money missing without any position: the fund pays, even below zero. */
START_TEST(a_debt_is_paid_by_the_fund)
{
	open_all(5000, 50000);
	tell(c_account(1, -600 * MONEY, 0, 0));
	fb_book_seal(book);
	struct fb_liquidated l = take(1);
	ck_assert_uint_eq(orders, 3);
	expect_order(2, FB_VERB_FUND_MOVE, -600 * MONEY, 0, -600 * MONEY);
	kit_assert_wide(l.fund_e8, -600 * MONEY);
	kit_assert_wide(collateral_of(1), 0);
	kit_assert_wide(collateral_of(FB_ID_FUND), -100 * MONEY);
	fb_book_close(book);
}
END_TEST

/* Neither street nor fund may leave the range of a row: the position stays and nothing is
 * settled. */
START_TEST(what_nobody_can_take_stays)
{
	int64_t most = (INT64_C(1) << 47) - 1;
	open_all(0, 0);
	tell(c_mark(1, U_ONE));
	tell(c_account(1, -5, 0, 0));
	tell(c_position(1, 10, 1, 1, 1));
	tell(c_position(FB_ID_STREET, fb_house_position(FB_ID_STREET, 1), 1, most, 1));
	tell(c_position(FB_ID_FUND, fb_house_position(FB_ID_FUND, 1), 1, most, 1));
	tell(c_account(2, 0, 0, 0));
	tell(c_position(2, 20, 1, -most, -1));
	tell(c_position(2, 21, 1, -most, -1));
	tell(c_position(2, 22, 1, -1, -1));
	fb_book_seal(book);
	struct fb_liquidated l = take(1);
	ck_assert_uint_eq(l.stuck, 1);
	ck_assert_uint_eq(orders, 2);
	ck_assert_uint_eq(commands, 0);
	ck_assert(row_of(10).live);
	fb_book_close(book);
}
END_TEST

/* Money beyond what one command can carry moves in pieces, to the last unit. */
START_TEST(large_sums_move_in_pieces)
{
	open_all(0, 0);
	tell(c_account(1, (INT64_C(1) << 61) - 1, 0, 0));
	tell(c_collateral(1, (INT64_C(1) << 61) - 1));
	tell(c_collateral(1, 12345));
	fb_book_seal(book);
	take(1);
	kit_assert_wide(collateral_of(1), 0);
	kit_assert_wide(collateral_of(FB_ID_FUND), 500 * MONEY + ((__int128)1 << 62) - 2 + 12345);
	ck_assert_uint_eq(commands, 6);
	fb_book_close(book);
}
END_TEST

/* Whatever the account holds: it ends with nothing, value is conserved, and the house gains
 * exactly its equity. */
START_TEST(any_account_ends_with_nothing)
{
	uint64_t seed = 21;
	for (int round = 0; round < 2000; round++) {
		open_all(5000, 50000);
		size_t n = 1 + kit_random(&seed) % 5;
		tell(c_account(1,
			       (int64_t)(kit_random(&seed) % 2000000) * 100 +
				       (int64_t)(kit_random(&seed) % 7),
			       0, 0));
		for (uint32_t i = 0; i < n; i++) {
			int64_t qty = (int64_t)(kit_random(&seed) % 2001) - 1000;
			int64_t entry =
				qty * MONEY + (int64_t)(kit_random(&seed) % 20000001) - 10000000;
			if (qty == 0)
				continue;
			uint16_t symbol = (uint16_t)(1 + i % 3);
			tell(c_position(1, 10 + i, symbol, qty, entry));
			tell(c_account(100 + i, 0, 0, 0));
			tell(c_position(100 + i, 100 + i, symbol, -qty, -entry));
		}
		fb_book_seal(book);
		for (uint16_t s = 1; s <= 3; s++)
			tell(c_mark(s, U_MONEY * 9 / 10 + kit_random(&seed) % (U_MONEY / 5)));
		__int128 before = sums_of(1).equity_e8, house = sums_of(FB_ID_FUND).equity_e8;
		struct fb_liquidated l = take(1);
		struct fb_sums after = sums_of(1);
		KIT_MUST(after.equity_e8 == 0 && after.mm_e15 == 0 && collateral_of(1) == 0);
		KIT_MUST(l.stuck == 0 && l.equity_e8 == before);
		__int128 gained = sums_of(FB_ID_FUND).equity_e8 - house + collateral_of(FB_ID_FEES);
		/* Money is exact (take() checks it); equity at the mark is floored per row, and
		 * the fund's rows are netted. */
		KIT_MUST(gained - before <= (int)n && before - gained <= (int)n);
		KIT_MUST(before < 0 ? l.reductions == 0 || l.takeovers > 0 : l.takeovers == 0);
		for (size_t i = 0; i < orders; i++) {
			KIT_MUST(sent[i].order.id.index == i);
			/* Positions go in order of their ids. */
			if (i > 0 && sent[i].order.position != 0)
				KIT_MUST(sent[i].order.position >= sent[i - 1].order.position);
		}
		fb_book_close(book);
	}
}
END_TEST

START_TEST(the_order_of_accounts_is_canonical)
{
	struct fb_candidate a[50], b[50];
	uint64_t seed = 4;
	for (uint32_t i = 0; i < 50; i++)
		a[i] = b[49 - i] = (struct fb_candidate){
			.id = 1000 - i,
			.sums = { .equity_e8 = (int64_t)(kit_random(&seed) % 5) - 2,
				  .mm_e15 = 1 + (int64_t)(kit_random(&seed) % 3) }
		};
	fb_liquidate_sort(a, 50);
	fb_liquidate_sort(b, 50);
	for (uint32_t i = 0; i < 50; i++)
		ck_assert_uint_eq(a[i].id, b[i].id);
	for (uint32_t i = 1; i < 50; i++) /* worst first: E/MM does not fall */
		ck_assert(a[i - 1].sums.equity_e8 * a[i].sums.mm_e15 <=
			  a[i].sums.equity_e8 * a[i - 1].sums.mm_e15);
}
END_TEST

/* A gateway that fills below the limit, or more than asked, is not believed. */
static int greedy_reduce(struct fb_gateway *g, const struct fb_order *order, struct fb_ack *ack)
{
	(void)g;
	*ack = (struct fb_ack){ .qty = order->qty, .value_e8 = order->value_e8 - 1 };
	return 0;
}

START_TEST(a_gateway_cannot_fill_below_the_limit)
{
	open_all(0, 0);
	struct fb_gateway_ops bad = *gateway.ops;
	bad.reduce = greedy_reduce;
	gateway.ops = &bad;
	tell(c_account(1, 11 * MONEY, 0, 0));
	tell(c_position(1, 10, 1, 100, 100 * MONEY));
	struct fb_liquidated out;
	ck_assert_int_eq(fb_liquidate_account(&liquidate, index_of(1), &out), -EPROTO);
	ck_assert_uint_eq(commands, 0);
	fb_book_close(book);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "long", a_long_with_money_left },
		{ "bankrupt", a_bankrupt_long },
		{ "short", a_short_at_its_bankruptcy_price },
		{ "debt", a_debt_is_paid_by_the_fund },
		{ "stuck", what_nobody_can_take_stays },
		{ "pieces", large_sums_move_in_pieces },
		{ "any account", any_account_ends_with_nothing },
		{ "order", the_order_of_accounts_is_canonical },
		{ "gateway", a_gateway_cannot_fill_below_the_limit },
	};
	return kit_main("host: liquidation", cases, sizeof(cases) / sizeof(cases[0]));
}
