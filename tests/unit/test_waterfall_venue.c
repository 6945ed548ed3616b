/* What concerns the venue as a whole: a loss that is borne by open interest, the gate for
 * withdrawals while a loss is owed, and the final settlement of a symbol. */
#include "waterfall_answer_kit.h"

#include "../../sw/lib/waterfall_fund.h"

#define POLICY rules.policy
#define SECOND_US 1000000

/* The fund has nothing, and 1 owes so much without positions, once longest in symbol 1. */
static void owe(int64_t debt)
{
	tell(c_house(FB_ID_FUND, FB_ROLE_FUND, 0));
	tell(c_account(1, -debt, 0, 0));
	start();
	waterfall->cases[index_of(1)].symbol = 1;
	tick(0);
	make_ready();
	decide();
}

/* ---- a loss ---- */

/* Drift's case: a loss of 100 over 7 long and 4 short. Each lot bears 9.0909...; the venue rounds
 * that up, here the shares add up to the loss. */
START_TEST(both_sides_bear_by_size)
{
	open_all();
	POLICY.socialise = FB_SOCIALISE_OPEN_INTEREST;
	holder(2, 1000 * MONEY, 20, 1, 7, 9 * MONEY); /* at a loss: it bears none the less */
	holder(3, 1000 * MONEY, 30, 1, -4, -4 * MONEY);
	holder(4, 1000 * MONEY, 40, 2, 50, 20 * MONEY); /* another symbol, and in profit */
	owe(100 * MONEY);
	kit_assert_wide(asked_of(2), INT64_C(6363636364));
	kit_assert_wide(asked_of(3), INT64_C(3636363636));
	kit_assert_wide(asked_of(4), 0);
	done(2);
	done(3);
	decide();
	done(expect_newest(FB_VERB_FUND_MOVE, 1, 0, -100 * MONEY));
	decide();
	expect_state(1, FB_CLOSED);
	kit_assert_wide(collateral_of(FB_ID_FUND), 0);
	close_all();
}
END_TEST

/* Who cannot bear its share bears what it has; the others the rest of it, in the next round. */
START_TEST(who_has_less_bears_less)
{
	open_all();
	POLICY.socialise = FB_SOCIALISE_OPEN_INTEREST;
	holder(2, 40 * MONEY, 20, 1, 100, 100 * MONEY);
	holder(3, 1000 * MONEY, 30, 1, -100, -100 * MONEY);
	owe(100 * MONEY);
	kit_assert_wide(asked_of(2), 40 * MONEY);
	kit_assert_wide(asked_of(3), 50 * MONEY);
	done(2);
	done(3);
	decide();
	ck_assert_uint_eq(sent[4].order.account, 1); /* before 2, which has nothing left, is held */
	kit_assert_wide(sent[4].order.value_e8, -90 * MONEY);
	done(4);
	decide();
	kit_assert_wide(asked_of(3), 10 * MONEY);
	close_all();
}
END_TEST

/* Shares of any loss over any sizes add up, and none is more than a unit off its part. */
START_TEST(shares_add_up)
{
	uint64_t seed = 31;
	for (int round = 0; round < 200; round++) {
		int64_t lots[9] = { 0 }, all = 0,
			loss = 1000 * MONEY + (int64_t)(kit_random(&seed) % (100000 * MONEY));
		open_all();
		POLICY.socialise = FB_SOCIALISE_OPEN_INTEREST;
		for (uint32_t id = 2; id < 9; id++) {
			lots[id] = 1 + (int64_t)(kit_random(&seed) % 1000);
			all += lots[id];
			int64_t qty = kit_random(&seed) % 2 ? lots[id] : -lots[id];
			holder(id, 1000000 * MONEY, 10 * id, 1, qty, qty * MONEY);
		}
		owe(loss);
		__int128 sum = 0;
		for (uint32_t id = 2; id < 9; id++) {
			__int128 asked = asked_of(id),
				 off = asked * all - (__int128)loss * lots[id];
			KIT_MUST(off > -all && off < all);
			sum += asked;
		}
		kit_assert_wide(sum, loss);
		close_all();
	}
}
END_TEST

/* The order in which accounts were loaded says nothing: who comes first, and where a unit of
 * rounding falls, goes by id. */
START_TEST(in_order_of_id)
{
	static const uint32_t loaded[2][3] = { { 2, 3, 4 }, { 4, 2, 3 } };
	__int128 asked[2][3];
	for (int how = 0; how < 2; how++) {
		open_all();
		POLICY.socialise = FB_SOCIALISE_OPEN_INTEREST;
		for (int i = 0; i < 3; i++)
			holder(loaded[how][i], 1000 * MONEY, 10 * loaded[how][i], 1, 1, MONEY);
		owe(100 * MONEY); /* by three: it does not divide */
		for (uint32_t i = 0; i < 3; i++) {
			ck_assert_uint_eq(sent[2 + i].order.account, 2 + i);
			asked[how][i] = asked_of(2 + i);
		}
		close_all();
	}
	for (int i = 0; i < 3; i++)
		kit_assert_wide(asked[0][i], asked[1][i]);
}
END_TEST

START_TEST(nobody_bears)
{
	open_all();
	POLICY.socialise = FB_SOCIALISE_NONE;
	holder(2, 1000 * MONEY, 20, 1, 100, 50 * MONEY);
	owe(100 * MONEY);
	ck_assert_uint_eq(sents, 2);
	expect_state(1, FB_READY);
	close_all();
}
END_TEST

/* ---- the gate ---- */

static struct fb_event withdrawal(uint32_t number, int64_t money, int64_t withheld)
{
	struct fb_event e = own_event(2, FB_EVENT_DEPOSIT, number, -money);
	e.qty = withheld;
	return e;
}

/* Closed while somebody owes and nobody pays; open again when it is paid. */
START_TEST(gated_while_a_loss_is_owed)
{
	open_all();
	POLICY.socialise = FB_SOCIALISE_NONE;
	POLICY.withdrawals = FB_WITHDRAWALS_GATED;
	holder(2, 1000 * MONEY, 20, 1, 100, 100 * MONEY);
	owe(100 * MONEY);
	size_t gate = expect_newest(FB_VERB_GATE, FB_ID_FUND, 0, 0);
	ck_assert_uint_eq(fb_waterfall_gate(waterfall), 10000000); /* not yet in force */
	tick(2 * SECOND_US);
	ck_assert_uint_eq(sent[gate].resent, 1);
	done(gate);
	ck_assert_uint_eq(fb_waterfall_gate(waterfall), 0);
	ck_assert_uint_eq(notice[notices - 1].kind, FB_NOTICE_GATE);
	kit_assert_wide(fb_wide(notice[notices - 1].value_e8), 100 * MONEY);
	/* One that was on its way has left: it is booked, and counted. */
	happen(withdrawal(1, 10 * MONEY, 0));
	kit_assert_wide(collateral_of(2), 990 * MONEY);
	ck_assert_uint_eq(counts()->leaks, 1);
	expect_violation(withdrawal(2, 10 * MONEY, 1)); /* nothing can be withheld by a gate */
	happen(own_event(1, FB_EVENT_DEPOSIT, 1, 100 * MONEY));
	decide();
	reject(expect_newest(FB_VERB_GATE, FB_ID_FUND, 0, 10000000));
	ck_assert_uint_eq(fb_waterfall_gate(waterfall), 0);
	size_t before = sents, told = notices;
	tick(SECOND_US);
	ck_assert_uint_eq(sents, before + 1);
	done(expect_newest(FB_VERB_GATE, FB_ID_FUND, 0, 10000000));
	ck_assert_uint_eq(fb_waterfall_gate(waterfall), 10000000);
	ck_assert_uint_eq(notices, told + 1);
	close_all();
}
END_TEST

/* Owed 100 of 1,000 that users have: a tenth of each withdrawal is withheld, and is the fund's,
 * with which it then pays. */
START_TEST(a_factor_withholds_the_loss)
{
	open_all();
	POLICY.socialise = FB_SOCIALISE_NONE;
	POLICY.withdrawals = FB_WITHDRAWALS_FACTOR;
	holder(2, 1000 * MONEY, 20, 1, 100, 100 * MONEY);
	owe(100 * MONEY);
	done(expect_newest(FB_VERB_GATE, FB_ID_FUND, 0, 9000000));
	happen(withdrawal(1, 200 * MONEY, 20 * MONEY));
	kit_assert_wide(collateral_of(2), 800 * MONEY);
	kit_assert_wide(collateral_of(FB_ID_FUND), 20 * MONEY);
	expect_violation(withdrawal(2, 10 * MONEY, 10 * MONEY + 1));
	expect_violation(withdrawal(2, 10 * MONEY, -1));
	expect_violation(withdrawal(2, -10 * MONEY, 1)); /* a deposit */
	decide();
	done(expect_newest(FB_VERB_FUND_MOVE, 1, 0, -20 * MONEY));
	/* 80 are owed of what 800 users have. */
	decide();
	kit_assert_wide(waterfall->owed_e8, 80 * MONEY);
	ck_assert_uint_eq(waterfall->gate_asked_e7, 9000000);
	close_all();
}
END_TEST

/* ---- final settlement ---- */

static __int128 value_at(int64_t qty, uint64_t u)
{
	__int128 size = (__int128)size_of(qty) * u >> 16;
	return qty < 0 ? -size : size;
}

/* Any book at any mark: everybody ends with what it had at that mark, the street with none of it,
 * and what rounding leaves is the fund's, to the last unit; value is conserved after every step. */
START_TEST(all_is_closed_at_the_mark)
{
	uint64_t seed = 32;
	for (int round = 0; round < 100; round++) {
		__int128 due[12] = { 0 }, fund;
		open_all();
		POLICY.settlement = FB_SETTLEMENT_MARK;
		for (uint32_t id = 2; id < 12; id++) {
			int64_t qty = (int64_t)(kit_random(&seed) % 2000) - 1000;
			qty += qty == 0;
			holder(id, 100000 * MONEY, 10 * id, 1, qty, qty * MONEY);
			tell(c_position(id, 10 * id + 1, 2, 5, 5 * MONEY));
		}
		start();
		uint64_t u = U_MONEY / 2 + kit_random(&seed) % U_MONEY;
		tell(c_mark(1, u));
		ck_assert_int_eq(fb_waterfall_settle(waterfall, 1), 0);
		ck_assert_int_eq(fb_waterfall_settle(waterfall, 1), -EALREADY);
		tell(c_mark(1, u + 12345)); /* the price stays */
		for (uint32_t id = 2; id < 12; id++)
			due[id] = collateral_of(id) + value_at(row_of(10 * id)->qty, u) -
				  row_of(10 * id)->entry_e8;
		fund = collateral_of(FB_ID_FUND);
		tick(SECOND_US);
		size_t order = expect_newest(FB_VERB_SETTLE, FB_ID_FUND, 0, (__int128)u);
		ck_assert_uint_eq(sent[order].order.symbol, 1);
		tick(SECOND_US);
		KIT_MUST(row_of(20)->qty != 0); /* not before the venue has stopped */
		done(order);
		tick(SECOND_US);
		ck_assert(fb_waterfall_settled(waterfall, 1));
		for (uint32_t id = 2; id < 12; id++) {
			KIT_MUST(row_of(10 * id)->qty == 0 && row_of(10 * id + 1)->qty == 5);
			kit_assert_wide(collateral_of(id), due[id]);
		}
		expect_row(fb_house_position(FB_ID_STREET, 1), 0, 0);
		__int128 rest = collateral_of(FB_ID_FUND) - fund;
		KIT_MUST(rest > -12 && rest < 12);
		kit_assert_wide(fb_fund_ledger(waterfall), collateral_of(FB_ID_FUND));
		/* A trade that comes late is closed too, at the same price. */
		happen(own_fill(2, 20, 1, 7, 7 * MONEY));
		tick(SECOND_US);
		KIT_MUST(row_of(20)->qty == 0);
		kit_assert_wide(collateral_of(2), due[2] - 7 * MONEY + value_at(7, u));
		close_all();
	}
}
END_TEST

/* It waits for orders of ours that are open in the symbol, and sends no more there. */
START_TEST(open_orders_come_first)
{
	open_all();
	POLICY.settlement = FB_SETTLEMENT_MARK;
	holder(1, 0, 10, 1, 100, 99 * MONEY);
	holder(2, 1000 * MONEY, 20, 1, -100, -100 * MONEY);
	start();
	make_ready();
	decide();
	ck_assert_uint_eq(sent[2].order.verb, FB_VERB_REDUCE);
	ck_assert_int_eq(fb_waterfall_settle(waterfall, 1), 0);
	tick(SECOND_US / 2);
	done(expect_newest(FB_VERB_SETTLE, FB_ID_FUND, 0, (__int128)U_MONEY));
	tick(SECOND_US / 2);
	KIT_MUST(row_of(20)->qty == -100);
	fill(2, 40, 40 * MONEY);
	done(2);
	decide();
	for (size_t i = 4; i < sents; i++) /* it is out of breach: no further reduction */
		ck_assert_uint_eq(sent[i].order.verb, FB_VERB_RELEASE);
	tick(SECOND_US / 2);
	KIT_MUST(row_of(20)->qty == 0 && row_of(10)->qty == 0);
	decide();
	ck_assert_uint_eq(counts()->settled_rows, 2);
	close_all();
}
END_TEST

/* Who is below 0 afterwards goes through the waterfall: the fund pays. */
START_TEST(a_deficit_is_settled_after)
{
	open_all();
	POLICY.settlement = FB_SETTLEMENT_MARK;
	holder(1, 5 * MONEY, 10, 1, 100, 100 * MONEY);
	holder(2, 1000 * MONEY, 20, 1, -100, -100 * MONEY);
	start();
	mark(1, 900);
	ck_assert_int_eq(fb_waterfall_settle(waterfall, 1), 0);
	tick(SECOND_US);
	done(0);
	tick(SECOND_US);
	kit_assert_wide(collateral_of(1), -5 * MONEY);
	kit_assert_wide(collateral_of(2), 1010 * MONEY);
	make_ready();
	decide();
	done(expect_newest(FB_VERB_FUND_MOVE, 1, 0, -5 * MONEY));
	decide();
	expect_state(1, FB_CLOSED);
	close_all();
}
END_TEST

START_TEST(only_where_the_pack_has_it)
{
	open_all();
	start();
	ck_assert_int_eq(fb_waterfall_settle(waterfall, 1), -EINVAL);
	POLICY.settlement = FB_SETTLEMENT_MARK;
	ck_assert_int_eq(fb_waterfall_settle(waterfall, 77), -EINVAL);
	ck_assert_int_eq(fb_waterfall_settle(waterfall, FB_SYMBOLS), -EINVAL);
	close_all();
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "both sides", both_sides_bear_by_size },
		{ "less", who_has_less_bears_less },
		{ "shares", shares_add_up },
		{ "order", in_order_of_id },
		{ "nobody", nobody_bears },
		{ "gate", gated_while_a_loss_is_owed },
		{ "factor", a_factor_withholds_the_loss },
		{ "settlement", all_is_closed_at_the_mark },
		{ "orders", open_orders_come_first },
		{ "deficit", a_deficit_is_settled_after },
		{ "pack", only_where_the_pack_has_it },
	};
	return kit_main("waterfall: venue", cases, sizeof(cases) / sizeof(cases[0]));
}
