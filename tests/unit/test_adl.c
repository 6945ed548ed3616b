/* Planning a round of ADL, by hand. */
#include "adl_kit.h"

/* A user with one row. */
static void user(uint32_t id, int64_t collateral, uint32_t position, int64_t qty, int64_t entry)
{
	tell(c_account(id, collateral, 0, 0));
	tell(c_position(id, position, 1, qty, entry));
}

static void expect(size_t i, uint32_t n, uint32_t position, int64_t qty, __int128 value_e8,
		   uint32_t rank)
{
	ck_assert_int_lt((int64_t)i, planned);
	ck_assert_uint_eq(pairs[i].need, n);
	ck_assert_uint_eq(book->row[pairs[i].row].id, position);
	ck_assert_uint_eq(pairs[i].counter, book->row[pairs[i].row].account);
	ck_assert_int_eq(pairs[i].qty, qty);
	kit_assert_wide(pairs[i].value_e8, value_e8);
	ck_assert_uint_eq(pairs[i].rank, rank);
}

/* A long of 100 at 1, bankrupt at 0.8 by 9, closes at 0.89. Shorts of 40 in profit of 8 with
 * equity 16, 10 and 80. sign -1: the mirror image, at 1.2 and 1.11. */
static void a_bankrupt_and_three(int sign)
{
	open_all();
	user(1, 11 * MONEY, 10, sign * 100, sign * 100 * MONEY);
	user(2, 8 * MONEY, 20, sign * -40, sign * -40 * MONEY);
	user(3, 2 * MONEY, 30, sign * -40, sign * -40 * MONEY);
	user(4, 72 * MONEY, 40, sign * -40, sign * -40 * MONEY);
	tell(c_mark(1, U_MONEY * (uint64_t)(10 - 2 * sign) / 10));
	int64_t lot = MONEY / 100 * (100 - 11 * sign);
	kit_assert_wide(sums_of(1).equity_e8, -9 * MONEY);
	ask(10, sign * 100, sign * 100 * lot);
	plan();
	ck_assert_int_eq(planned, 3);
	expect(0, 0, 30, sign * 40, sign * 40 * lot, 0);
	expect(1, 0, 20, sign * 40, sign * 40 * lot, 1);
	expect(2, 0, 40, sign * 20, sign * 20 * lot, 2);
	close_all();
}

START_TEST(by_profit_over_equity)
{
	a_bankrupt_and_three(1);
	a_bankrupt_and_three(-1);
}
END_TEST

/* Equal scores: the larger notional, then the lower account, then the lower position; then those
 * without profit and, last, those with a loss. */
START_TEST(ties_and_classes)
{
	open_all();
	user(1, 0, 10, 500, 500 * MONEY);
	tell(c_account(9, 28 * MONEY, 0, 0)); /* two rows, profit 2 and 2, equity 32 */
	tell(c_position(9, 91, 1, -10, -10 * MONEY));
	tell(c_position(9, 90, 1, -10, -10 * MONEY));
	user(8, 14 * MONEY, 80, -10, -10 * MONEY);   /* 2 of 16 */
	user(7, 30 * MONEY, 70, -10, -10 * MONEY);   /* 2 of 32 */
	user(6, 60 * MONEY, 60, -20, -20 * MONEY);   /* 4 of 64: larger */
	user(5, 60 * MONEY, 50, -20, -16 * MONEY);   /* no profit */
	user(4, 60 * MONEY, 40, -20, -15 * MONEY);   /* -1 x 59 / 16^2 */
	user(3, 60 * MONEY, 30, -40, -31 * MONEY);   /* -1 x 59 / 32^2 */
	tell(c_mark(1, U_MONEY * 8 / 10));
	ask(10, 500, 400 * MONEY);
	plan();
	const uint32_t order[] = { 80, 60, 70, 90, 91, 50, 30, 40 };
	ck_assert_int_eq(planned, 8);
	for (uint32_t i = 0; i < 8; i++) {
		ck_assert_uint_eq(book->row[pairs[i].row].id, order[i]);
		ck_assert_uint_eq(pairs[i].rank, i);
	}
	close_all();
}
END_TEST

/* The second need goes on where the first one stopped, at its own value. Thirds are rounded down
 * and the last lot gets what is missing, for both signs of a value. */
START_TEST(a_partial_counterparty_goes_on)
{
	open_all();
	user(1, 0, 10, 3, 3 * MONEY);
	user(2, 0, 20, 30, 30 * MONEY);
	user(5, 900 * MONEY, 51, -1, -MONEY - 2);
	user(6, 900 * MONEY, 61, -1, -MONEY - 1);
	user(7, 900 * MONEY, 71, -20, -20 * MONEY);
	ask(10, 3, 100);
	ask(20, 30, 30 * MONEY + 1);
	plan();
	ck_assert_int_eq(planned, 4);
	expect(0, 0, 51, 1, 33, 0);
	expect(1, 0, 61, 1, 33, 1);
	expect(2, 0, 71, 1, 34, 2);
	expect(3, 1, 71, 19, 19 * MONEY, 2); /* floor(19/30) = 0; 11 lots find nobody */
	need[0].value_e8 = -100;
	plan();
	kit_assert_wide(pairs[0].value_e8, -34);
	kit_assert_wide(pairs[1].value_e8, -33);
	kit_assert_wide(pairs[2].value_e8, -33);
	close_all();
}
END_TEST

/* Hedge mode: own opposite rows first, by position, both legs at the mark; the need gives up their
 * part of its value. What they took of a row is not asked for again. */
START_TEST(own_rows_trade_at_the_mark)
{
	open_all();
	tell(c_account(1, 0, 0, 0));
	tell(c_position(1, 10, 1, 100, 100 * MONEY));
	tell(c_position(1, 13, 1, -10, -10 * MONEY));
	tell(c_position(1, 12, 1, -20, -30 * MONEY));
	union fb_command coin = c_position(1, 11, 1, -50, -50 * MONEY);
	coin.position.row_flags = FB_ROW_NO_RANK;
	tell(coin);
	tell(c_position(1, 14, 2, -50, -50 * MONEY));
	user(2, 900 * MONEY, 20, -200, -200 * MONEY);
	user(3, 900 * MONEY, 30, 200, 200 * MONEY);
	held[index_of(1)] = true;
	tell(c_mark(1, U_MONEY * 8 / 10));
	ask(10, 100, 90 * MONEY);
	ask(12, -20, -20 * MONEY);
	ask(13, -10, -10 * MONEY);
	plan();
	ck_assert_int_eq(planned, 3);
	expect(0, 0, 12, 20, 16 * MONEY, 0);
	expect(1, 0, 13, 10, 8 * MONEY, 0);
	expect(2, 0, 20, 70, 63 * MONEY, 0);
	/* The other way round: 20 of the long are closed first, 80 are left for the market. */
	struct fb_adl_need first = need[0];
	need[0] = need[1];
	need[1] = first;
	need[1].qty = 60;
	need[1].value_e8 = 54 * MONEY;
	needs = 2;
	plan();
	ck_assert_int_eq(planned, 3);
	expect(0, 0, 10, -20, -16 * MONEY, 0);
	expect(1, 1, 13, 10, 8 * MONEY, 0);
	expect(2, 1, 20, 30, 27 * MONEY, 0);
	/* A need that own rows have met already asks for nothing. */
	need[1].qty = 20;
	need[1].value_e8 = 18 * MONEY;
	plan();
	ck_assert_int_eq(planned, 1);
	close_all();
}
END_TEST

START_TEST(siblings_first)
{
	open_all();
	user(1, 0, 10, 100, 100 * MONEY);
	user(2, 1 * MONEY, 20, -30, -30 * MONEY);
	user(3, 100 * MONEY, 30, -30, -30 * MONEY);
	user(4, 50 * MONEY, 40, -30, -30 * MONEY);
	user(5, 10 * MONEY, 50, -30, -30 * MONEY);
	tell(c_mark(1, U_MONEY * 8 / 10));
	owner[index_of(1)] = owner[index_of(3)] = owner[index_of(4)] = 7;
	ask(10, 100, 80 * MONEY);
	plan();
	expect(0, 0, 20, 30, 24 * MONEY, 0);
	rules.siblings_first = true;
	plan();
	ck_assert_int_eq(planned, 4);
	expect(0, 0, 40, 30, 24 * MONEY, 2);
	expect(1, 0, 30, 30, 24 * MONEY, 3);
	expect(2, 0, 20, 30, 24 * MONEY, 0);
	expect(3, 0, 50, 10, 8 * MONEY, 1);
	close_all();
}
END_TEST

/* A lot costs the counterparty 0.09. Equity 0.9 is ten lots, one unit less is nine. */
static void to_equity_zero(int sign)
{
	open_all();
	user(1, 11 * MONEY, 10, sign * 50, sign * 50 * MONEY);
	user(5, 11 * MONEY, 15, sign * 90, sign * 90 * MONEY);
	user(2, -71 * MONEY / 10, 20, sign * -40, sign * -40 * MONEY);
	user(3, -71 * MONEY / 10 - 1, 30, sign * -40, sign * -40 * MONEY);
	user(6, -71 * MONEY / 10 + 1, 60, sign * -40, sign * -40 * MONEY);
	user(4, 900 * MONEY, 40, sign * -60, sign * -60 * MONEY);
	tell(c_mark(1, U_MONEY * (uint64_t)(10 - 2 * sign) / 10));
	kit_assert_wide(sums_of(2).equity_e8, 9 * MONEY / 10);
	int64_t lot = sign * MONEY / 100 * (100 - 11 * sign),
		at_mark = sign * MONEY / 10 * (10 - 2 * sign);
	ask(10, sign * 50, 50 * lot);
	ask(15, sign * 90, 90 * at_mark);
	plan();
	ck_assert_int_eq(planned, 7);
	expect(0, 0, 30, sign * 9, 9 * lot, 0);
	expect(1, 0, 20, sign * 10, 10 * lot, 1);
	expect(2, 0, 60, sign * 10, 10 * lot, 2);
	expect(3, 0, 40, sign * 21, 21 * lot, 3);
	/* At the mark: 3 and 6 have a little left, the latter one unit, and take part again; 2 has
	 * nothing. */
	expect(4, 1, 30, sign * 31, 31 * at_mark, 0);
	expect(5, 1, 60, sign * 30, 30 * at_mark, 2);
	expect(6, 1, 40, sign * 29, 29 * at_mark, 3);
	close_all();
}

START_TEST(down_to_equity_zero)
{
	to_equity_zero(1);
	to_equity_zero(-1);
}
END_TEST

/* The one lot that an account can bear exactly, at a unit value of 1000.5: the value of
 * a row changes by 1000 with its last lot and by 1001 with the one before. */
static void one_lot(int sign, int64_t lots, int64_t change)
{
	for (int64_t less = 0; less < 2; less++) {
		open_all();
		tell(c_mark(1, 1000 * U_ONE + U_ONE / 2));
		user(1, 0, 10, sign, sign * 1000);
		tell(c_account(2, 0, -(__int128)MONEY * MONEY, 0)); /* no MM */
		__int128 notional = (__int128)lots * 2001 / 2;
		/* Value less entry is 7; the lot is traded 7 units worse than that changes. */
		tell(c_position(2, 20, 1, sign * -lots, (int64_t)(sign * -notional - 7 + less)));
		ask(10, sign, sign * change + 7);
		plan();
		ck_assert_int_eq(planned, 1 - less);
		close_all();
	}
}

START_TEST(one_lot_exactly)
{
	one_lot(1, 1, 1000);
	one_lot(1, 2, 1001);
	one_lot(-1, 1, 1000);
	one_lot(-1, 2, 1001);
}
END_TEST

/* Two rows of one account bear from one equity: when the first has used it up, the second is done
 * too, even at the mark. */
START_TEST(rows_share_their_equity)
{
	open_all();
	user(1, 0, 10, 10, 10 * MONEY);
	user(5, 0, 15, 10, 10 * MONEY);
	tell(c_account(2, -151 * MONEY / 10, 0, 0));
	tell(c_position(2, 20, 1, -40, -40 * MONEY));
	tell(c_position(2, 21, 1, -40, -40 * MONEY));
	tell(c_mark(1, U_MONEY * 8 / 10));
	kit_assert_wide(sums_of(2).equity_e8, 9 * MONEY / 10);
	ask(10, 10, 10 * MONEY * 89 / 100);
	ask(15, 10, 10 * MONEY * 8 / 10);
	plan();
	ck_assert_int_eq(planned, 1);
	expect(0, 0, 20, 10, 10 * MONEY * 89 / 100, 0);
	close_all();
}
END_TEST

/* A gain counts when it is on the book, not before: at 0.7 a lot brings 0.1, and the loss of 0.09 a
 * lot that follows must be borne without it. */
START_TEST(gains_do_not_count_yet)
{
	open_all();
	user(1, 0, 10, 10, 10 * MONEY);
	user(5, 0, 15, 30, 30 * MONEY);
	user(2, -71 * MONEY / 10, 20, -40, -40 * MONEY);
	tell(c_mark(1, U_MONEY * 8 / 10));
	ask(10, 10, 7 * MONEY);
	ask(15, 30, 30 * MONEY * 89 / 100);
	plan();
	ck_assert_int_eq(planned, 2);
	expect(0, 0, 20, 10, 7 * MONEY, 0);
	expect(1, 1, 20, 10, 10 * MONEY * 89 / 100, 0);
	close_all();
}
END_TEST

START_TEST(who_is_no_counterparty)
{
	open_all();
	user(1, 0, 10, 100, 100 * MONEY);
	user(2, 900 * MONEY, 20, 100, 100 * MONEY); /* same side */
	tell(c_account(3, 900 * MONEY, 0, 0));
	tell(c_position(3, 30, 2, -100, -100 * MONEY)); /* another symbol */
	union fb_command coin = c_position(3, 31, 1, -100, -100 * MONEY);
	coin.position.row_flags = FB_ROW_NO_RANK;
	tell(coin);
	for (uint8_t role = FB_ROLE_FUND; role <= FB_ROLE_EXCLUDED; role++) {
		union fb_command house = c_account(30u + role, 900 * MONEY, 0, 0);
		house.account.role = role;
		tell(house);
		tell(c_position(30u + role, 300u + role, 1, -100, -100 * MONEY));
	}
	user(4, 900 * MONEY, 40, -100, -100 * MONEY);
	held[index_of(4)] = true;
	/* Equity 0; without MM that is below every level. */
	tell(c_account(5, -20 * MONEY, -(__int128)MONEY * MONEY, 0));
	tell(c_position(5, 50, 1, -100, -100 * MONEY));
	user(6, -19 * MONEY - 2 * MONEY / 10, 60, -100, -100 * MONEY); /* MM = equity = 0.8 */
	user(7, 900 * MONEY, 70, 0, -MONEY); /* no lots */
	user(8, 900 * MONEY, 80, -100, -100 * MONEY); /* has a need of its own */
	user(9, 900 * MONEY, 90, -100, -100 * MONEY);
	tell(c_fill(9, 90, 1, 0, 0, 0)); /* dead */
	tell(c_mark(1, U_MONEY * 8 / 10));
	kit_assert_wide(sums_of(5).equity_e8, 0);
	kit_assert_wide(sums_of(6).mm_e15, sums_of(6).equity_e8 * 10000000);
	ask(10, 100, 80 * MONEY);
	ask(80, -1, -MONEY);
	plan();
	ck_assert_int_eq(planned, 1); /* of the second need */
	ck_assert_uint_eq(pairs[0].need, 1);
	tell(c_collateral(6, 1)); /* one unit above */
	plan();
	ck_assert_int_eq(planned, 2);
	expect(0, 0, 60, 100, 80 * MONEY, 0);
	close_all();
}
END_TEST

/* What does not fit: the first pairs stand. A value that no row can carry finds nobody. */
START_TEST(room_and_range)
{
	open_all();
	user(1, 0, 10, 100, 100 * MONEY);
	for (uint32_t i = 0; i < 5; i++)
		user(2 + i, 900 * MONEY, 20 + i, -20, -20 * MONEY);
	ask(10, 100, 100 * MONEY);
	plan();
	ck_assert_int_eq(planned, 5);
	struct fb_adl_pair first[5];
	memcpy(first, pairs, sizeof(first));
	for (size_t room = 0; room < 5; room++) {
		memset(pairs, 0xee, sizeof(pairs));
		ck_assert_int_eq(fb_adl_plan(adl, book, &rules, need, needs, pairs, room),
			-ENOBUFS);
		for (size_t i = 0; i < room; i++) {
			ck_assert_uint_eq(pairs[i].row, first[i].row);
			ck_assert_int_eq(pairs[i].qty, first[i].qty);
			kit_assert_wide(pairs[i].value_e8, first[i].value_e8);
		}
		ck_assert_uint_eq(pairs[room].counter, 0xeeeeeeee);
	}
	ck_assert_int_eq(fb_adl_plan(adl, book, &rules, need, needs, pairs, 5), 5);
	/* A trade carries less than 2^61: of two lots one at a time, or none. */
	need[0].qty = 2;
	need[0].value_e8 = -((__int128)1 << 62);
	plan();
	ck_assert_int_eq(planned, 0);
	need[0].value_e8 += 2;
	plan();
	ck_assert_int_eq(planned, 2);
	expect(0, 0, 20, 1, -((__int128)1 << 61) + 1, 0);
	expect(1, 0, 21, 1, -((__int128)1 << 61) + 1, 1);
	/* Of four, three: the fourth would make 2^61. */
	need[0].qty = 4;
	need[0].value_e8 = -((__int128)1 << 61);
	plan();
	ck_assert_int_eq(planned, 2);
	expect(0, 0, 20, 3, -((__int128)3 << 59), 0);
	ck_assert_int_eq(fb_adl_plan(adl, book, &rules, need, 0, pairs, MOST), 0);
	/* An own row that cannot be traded at the mark in one piece is left. */
	tell(c_position(1, 11, 1, -((INT64_C(1) << 26) + 1), -MONEY));
	tell(c_position(1, 12, 1, -5, -MONEY));
	tell(c_position(1, 10, 1, INT64_C(1) << 27, MONEY));
	tell(c_mark(1, (UINT64_C(1) << 51)));
	need[0].qty = INT64_C(1) << 27;
	need[0].value_e8 = MONEY;
	plan();
	ck_assert_int_ge(planned, 1);
	expect(0, 0, 12, 5, (__int128)5 << 35, 0);
	close_all();
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "score", by_profit_over_equity },
		{ "ties", ties_and_classes },
		{ "partial", a_partial_counterparty_goes_on },
		{ "own rows", own_rows_trade_at_the_mark },
		{ "siblings", siblings_first },
		{ "equity", down_to_equity_zero },
		{ "one lot", one_lot_exactly },
		{ "two rows", rows_share_their_equity },
		{ "gains", gains_do_not_count_yet },
		{ "excluded", who_is_no_counterparty },
		{ "room", room_and_range },
	};
	return kit_main("ADL: a round by hand", cases, sizeof(cases) / sizeof(cases[0]));
}
