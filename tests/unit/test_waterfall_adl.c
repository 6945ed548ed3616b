/* Deleveraging inside the waterfall: rounds, who is closed against whom and what both get, and that
 * it ends. Houses take nothing here: their caps are 0. */
#include "waterfall_answer_kit.h"

/* At 0.8: account 1, long 100, has -9; shorts in order of rank: 60 lots of 2 (profit 12 / equity
 * 62), 30 of 3 (6 / 36), 50 of 4 (10 / 110). */
static void a_bankrupt_and_shorts(void)
{
	open_all();
	rules.policy.fund_cap_e7 = 0;
	holder(1, 11 * MONEY, 10, 1, 100, 100 * MONEY);
	holder(2, 50 * MONEY, 20, 1, -60, -60 * MONEY);
	holder(3, 30 * MONEY, 30, 1, -30, -30 * MONEY);
	holder(4, 100 * MONEY, 40, 1, -50, -50 * MONEY);
}

static void crash(void)
{
	start();
	mark(1, 800);
	make_ready();
	decide();
}

static void expect_pair(size_t i, uint32_t account, uint32_t counter, int64_t qty,
			__int128 value_e8)
{
	ck_assert_uint_lt(i, sents);
	const struct fb_order *o = &sent[i].order;
	ck_assert_uint_eq(o->verb, FB_VERB_ADL_PAIR);
	ck_assert_uint_eq(o->account, account);
	ck_assert_uint_eq(o->counter_account, counter);
	ck_assert_int_eq(o->qty, qty);
	kit_assert_wide(o->value_e8, value_e8);
}

/* The newest notice: what account `id` hears of its deleveraging. */
static void expect_told(uint32_t id, uint32_t rank, int64_t qty, __int128 value_e8)
{
	const struct fb_notice *n = &notice[notices - 1];
	ck_assert_uint_eq(n->kind, FB_NOTICE_DELEVERAGED);
	ck_assert_uint_eq(n->account, id);
	ck_assert_uint_eq(n->position, 10 * id);
	ck_assert_uint_eq(n->symbol, 1);
	ck_assert_uint_eq(n->rank, rank);
	ck_assert_int_eq(n->qty, qty);
	kit_assert_wide(fb_wide(n->value_e8), value_e8);
}

START_TEST(a_pair_moves_both_sides)
{
	a_bankrupt_and_shorts();
	crash();
	ck_assert_uint_eq(sents, 5);
	expect_pair(2, 1, 2, 60, 5340 * CENT);
	expect_pair(3, 1, 3, 30, 2670 * CENT);
	expect_pair(4, 1, 4, 10, 890 * CENT);
	expect_state(1, FB_DELEVERAGING);
	done(2);
	expect_row(10, 40, 40 * MONEY);
	kit_assert_wide(collateral_of(1), 440 * CENT);
	ck_assert(!row_of(20)->live);
	kit_assert_wide(collateral_of(2), 5660 * CENT);
	expect_told(2, 0, -60, -5340 * CENT);
	expect_violation(a_done(4, 0, -10, 890 * CENT));
	expect_violation(a_done(4, 0, 11, 979 * CENT));
	expect_violation(a_done(4, 0, 10, 890 * CENT + 1));
	done(4);
	expect_row(40, -40, -40 * MONEY);
	kit_assert_wide(collateral_of(4), 100 * MONEY + 110 * CENT);
	expect_told(4, 2, -10, -890 * CENT);
	done_part(3, 20, 1780 * CENT);
	expect_told(3, 1, -20, -1780 * CENT);
	expect_row(30, -10, -10 * MONEY);
	expect_row(10, 10, 10 * MONEY);
	kit_assert_wide(collateral_of(FB_ID_FEES), 0);
	kit_assert_wide(counts()->adl_notional_e8, 72 * MONEY);
	ck_assert_uint_eq(counts()->pairs, 3);
	/* The rest, worth 8.9, in a new round: 4 has more profit for its equity than 3 by now. */
	decide();
	ck_assert_uint_eq(counts()->adl_rounds, 2);
	expect_pair(5, 1, 4, 10, 890 * CENT);
	done(5);
	decide();
	expect_state(1, FB_CLOSED);
	kit_assert_wide(collateral_of(1), 0);
	close_all();
}
END_TEST

/* At the mark the bankrupt keeps its debt. */
START_TEST(pairs_at_the_mark)
{
	a_bankrupt_and_shorts();
	rules.adl.price = FB_ADL_AT_MARK;
	crash();
	expect_pair(2, 1, 2, 60, 48 * MONEY);
	for (size_t i = 2; i < 5; i++)
		done(i);
	kit_assert_wide(collateral_of(1), -9 * MONEY);
	kit_assert_wide(collateral_of(2), 62 * MONEY);
	decide();
	expect_newest(FB_VERB_FUND_MOVE, 1, 0, -9 * MONEY);
	close_all();
}
END_TEST

/* Account 5, long 50 with -6, is worse than account 1 and comes first; they share one ranking. What
 * finds nobody waits for the answers, and goes to the last resort then. */
START_TEST(two_bankrupts_one_ranking)
{
	a_bankrupt_and_shorts();
	holder(5, 4 * MONEY, 50, 1, 50, 50 * MONEY);
	crash();
	ck_assert_uint_eq(sents, 8);
	expect_pair(4, 5, 2, 50, 46 * MONEY);
	expect_pair(5, 1, 2, 10, 890 * CENT);
	expect_pair(6, 1, 3, 30, 2670 * CENT);
	expect_pair(7, 1, 4, 50, 4450 * CENT);
	ck_assert_uint_eq(counts()->adl_rounds, 1);
	done(5);
	done(4);
	expect_told(2, 0, -50, -46 * MONEY);
	done(7);
	decide();
	expect_state(5, FB_CLOSED);
	expect_state(1, FB_DELEVERAGING);
	done(6);
	decide();
	size_t order = expect_newest(FB_VERB_TAKEOVER, 1, 10, 8 * MONEY);
	ck_assert_uint_eq(counts()->last_resorts, 1);
	done(order);
	kit_assert_wide(collateral_of(1), -90 * CENT);
	close_all();
}
END_TEST

/* While a pair is open there is no other round, whoever asks for one. */
START_TEST(one_round_at_a_time)
{
	a_bankrupt_and_shorts();
	holder(5, 20 * MONEY, 50, 1, 30, 30 * MONEY);
	crash();
	tell(c_collateral(5, -15 * MONEY));
	tell(c_collateral(FB_ID_STREET, 15 * MONEY));
	make_ready();
	size_t before = sents;
	for (size_t i = 2; i < 5; i++) {
		decide();
		expect_state(5, FB_READY);
		ck_assert_uint_eq(sents, before);
		ck_assert_uint_eq(counts()->adl_rounds, 1);
		done(i);
	}
	decide();
	ck_assert_uint_eq(counts()->adl_rounds, 2);
	expect_pair(before, 5, 4, 30, 25 * MONEY);
	close_all();
}
END_TEST

START_TEST(siblings_first)
{
	a_bankrupt_and_shorts();
	rules.adl.siblings = FB_SIBLINGS_FIRST;
	start();
	fb_waterfall_owner(waterfall, index_of(4), 1000 + index_of(1));
	mark(1, 800);
	make_ready();
	decide();
	expect_pair(2, 1, 4, 50, 4450 * CENT);
	expect_pair(3, 1, 2, 50, 4450 * CENT);
	ck_assert_uint_eq(sents, 4);
	done(2);
	expect_told(4, 2, -50, -4450 * CENT);
	close_all();
}
END_TEST

/* Long 100 and short 40 of its own: these first, at the mark, and nobody is told. */
START_TEST(own_legs_first)
{
	a_bankrupt_and_shorts();
	tell(c_position(1, 11, 1, -40, -40 * MONEY));
	tell(c_collateral(1, -8 * MONEY));
	crash();
	expect_pair(2, 1, 1, 40, 32 * MONEY);
	ck_assert_uint_eq(sent[2].order.counter_position, 11);
	size_t told = notices;
	done(2);
	ck_assert_uint_eq(notices, told);
	expect_row(10, 60, 60 * MONEY);
	ck_assert(!row_of(11)->live);
	kit_assert_wide(collateral_of(1), 3 * MONEY);
	close_all();
}
END_TEST

/* Account 2 is held itself: equity 0.4, MM 0.48. */
START_TEST(who_is_held_is_no_counterparty)
{
	a_bankrupt_and_shorts();
	tell(c_collateral(2, -6160 * CENT));
	crash();
	expect_state(2, FB_REDUCING);
	for (size_t i = 0; i < sents; i++)
		ck_assert_uint_ne(sent[i].order.counter_account, 2);
	ck_assert_uint_eq(counts()->pairs, 2);
	close_all();
}
END_TEST

/* The counterparty has traded since: what it still has is closed; a turned one is left alone. */
START_TEST(a_counterparty_that_traded)
{
	a_bankrupt_and_shorts();
	crash();
	happen(own_fill(2, 20, 1, 45, 36 * MONEY));
	happen(own_fill(3, 30, 1, 31, 2480 * CENT));
	done(2);
	expect_row(10, 85, 85 * MONEY);
	expect_told(2, 0, -15, -1335 * CENT);
	size_t told = notices;
	done(3);
	expect_row(10, 85, 85 * MONEY);
	expect_row(30, 1, 80 * CENT);
	ck_assert_uint_eq(notices, told);
	close_all();
}
END_TEST

/* Every pair is refused: after so many tries the fund takes it all at the mark. */
START_TEST(refused_pairs_come_to_an_end)
{
	for (uint32_t tries = 1; tries < 6; tries++) {
		a_bankrupt_and_shorts();
		rules.policy.tries = tries;
		crash();
		uint32_t decisions = 1;
		for (; counts()->last_resorts == 0; decisions++) {
			ck_assert_uint_le(decisions, tries);
			for (size_t i = 2; i < sents; i++)
				if (sent[i].open)
					reject(i);
			decide();
		}
		ck_assert_uint_eq(counts()->adl_rounds, tries);
		done(expect_newest(FB_VERB_TAKEOVER, 1, 100, 80 * MONEY));
		kit_assert_wide(collateral_of(1), -9 * MONEY);
		close_all();
	}
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "pair", a_pair_moves_both_sides },
		{ "mark", pairs_at_the_mark },
		{ "ranking", two_bankrupts_one_ranking },
		{ "round", one_round_at_a_time },
		{ "siblings", siblings_first },
		{ "own legs", own_legs_first },
		{ "held", who_is_held_is_no_counterparty },
		{ "traded", a_counterparty_that_traded },
		{ "refused", refused_pairs_come_to_an_end },
	};
	return kit_main("waterfall: deleveraging", cases, sizeof(cases) / sizeof(cases[0]));
}
