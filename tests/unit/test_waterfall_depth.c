/* Sizes that the market's depth and other orders limit: one depth for all accounts of a decision,
 * which side of it, lots promised to pairs, and a position too large for the engine. */
#include "waterfall_answer_kit.h"

#include <firebreak/confirm.h>

/* Long 100 in breach each; account 2 has less equity and comes first. */
static void two_in_breach(uint32_t share_e7)
{
	open_all();
	rules.policy.depth_share_e7 = share_e7;
	holder(1, 11 * MONEY, 10, 1, 100, 100 * MONEY);
	holder(2, 1080 * CENT, 20, 1, 100, 100 * MONEY);
	start();
	mark(1, 895);
}

/* Lots of the open reduction of an account, which must be at its bankruptcy value. */
static int64_t reduced(uint32_t account, int64_t all_e8)
{
	int64_t lots = 0;
	for (size_t i = 0; i < sents; i++) {
		const struct fb_order *o = &sent[i].order;
		if (!sent[i].open || o->verb != FB_VERB_REDUCE || o->account != account)
			continue;
		ck_assert_int_eq(lots, 0);
		lots = o->qty;
		kit_assert_wide(o->value_e8, fb_size_part(all_e8, size_of(lots), 100));
	}
	return lots;
}

static void expect_shared(uint32_t share_e7, int64_t bids, int64_t first, int64_t second)
{
	two_in_breach(share_e7);
	make_ready();
	if (bids >= 0)
		depth(1, bids, 1);
	decide();
	ck_assert_int_eq(reduced(2, 8920 * CENT), first);
	ck_assert_int_eq(reduced(1, 89 * MONEY), second);
	close_all();
}

START_TEST(one_depth_for_all)
{
	expect_shared(5000000, -1, 100, 100); /* unknown: no limit */
	expect_shared(5000000, 400, 100, 100);
	expect_shared(5000000, 399, 100, 99);
	expect_shared(5000000, 300, 100, 50);
	expect_shared(5000000, 201, 100, 0);
	expect_shared(5000000, 199, 99, 0);
	expect_shared(5000000, 1, 0, 0);
	expect_shared(5000000, 0, 0, 0);
	expect_shared(10000000, 150, 100, 50);
	expect_shared(1, (INT64_C(1) << 47) - 1, 100, 100);
}
END_TEST

/* The newest depth counts, afresh at each decision; what cannot be true is refused. */
START_TEST(depth_of_each_decision)
{
	two_in_breach(10000000);
	depth(1, 500, 500);
	depth(1, 120, 500);
	struct fb_event bad = { .kind = FB_EVENT_DEPTH, .symbol = 1, .qty = -1 };
	expect_violation(bad);
	bad.qty = INT64_C(1) << 47;
	expect_violation(bad);
	bad.qty = 1;
	bad.value_e8 = fb_i128_of(-1);
	expect_violation(bad);
	bad.value_e8 = fb_i128_of(0);
	bad.symbol = 4; /* not defined */
	expect_violation(bad);
	bad.symbol = UINT16_MAX;
	expect_violation(bad);
	make_ready();
	decide();
	ck_assert_int_eq(reduced(2, 8920 * CENT), 100);
	ck_assert_int_eq(reduced(1, 89 * MONEY), 20);
	fill(sents - 1, 20, 1790 * CENT);
	done(sents - 1);
	decide();
	ck_assert_int_eq(sent[sents - 1].order.qty, 80);
	close_all();
}
END_TEST

/* Closing a long sells to the bids; a short buys from the asks; an inverse contract's quantity is
 * negated. */
START_TEST(the_side_of_the_depth)
{
	for (int i = 0; i < 4; i++) {
		int64_t qty = i & 1 ? -100 : 100;
		bool inverse = i & 2;
		open_all();
		rules.symbol[2].type = inverse ? FB_INVERSE : FB_LINEAR;
		holder(1, 11 * MONEY, 10, 2, qty, qty * MONEY);
		start();
		depth(2, 30, 40);
		mark(2, qty > 0 ? 895 : 1105);
		make_ready();
		decide();
		int64_t lots = (qty > 0) != inverse ? 30 : 40;
		ck_assert_int_eq(sent[2].order.qty, qty > 0 ? lots : -lots);
		kit_assert_wide(sent[2].order.value_e8,
				fb_size_part((qty > 0 ? 89 : -111) * MONEY, lots, 100));
		close_all();
	}
}
END_TEST

/* A cut to the lower tier is fill-or-kill; what depth allows of it is not. 501 of 1500 lots. */
START_TEST(what_depth_cuts_short_is_not_whole)
{
	for (int64_t bids = 500; bids < 502; bids++) {
		open_all();
		rules.policy.reduce = FB_REDUCE_TIER;
		rules.policy.fok = 1;
		holder(1, 20 * MONEY, 10, 1, 1500, 1500 * MONEY); /* MM 20 */
		start();
		depth(1, bids, 0);
		make_ready();
		decide();
		ck_assert_int_eq(sent[2].order.qty, bids);
		ck_assert_uint_eq(sent[2].order.tif, bids == 501 ? FB_FOK : FB_IOC);
		close_all();
	}
}
END_TEST

/* Only what is in an upper tier is cut, while there is any. */
START_TEST(tiers_of_each_position)
{
	open_all();
	rules.policy.reduce = FB_REDUCE_TIER;
	holder(1, 24 * MONEY, 10, 1, 1500, 1500 * MONEY);
	tell(c_position(1, 11, 2, 500, 500 * MONEY)); /* MM 20 + 5 */
	start();
	make_ready();
	decide();
	ck_assert_uint_eq(sents, 3);
	ck_assert_uint_eq(sent[2].order.position, 10);
	ck_assert_int_eq(sent[2].order.qty, 501);
	close_all();
}
END_TEST

/* 100 of account 2's 120 lots are promised to a pair when it is itself in breach: 20 are its own to
 * sell, and worth all its equity. */
START_TEST(promised_lots_are_left_out)
{
	open_all();
	rules.policy.fund_cap_e7 = 0;
	holder(1, 11 * MONEY, 10, 1, 100, 100 * MONEY);
	holder(2, 50 * MONEY, 20, 1, -120, -120 * MONEY);
	start();
	mark(1, 800);
	make_ready();
	decide();
	ck_assert_uint_eq(expect_newest(FB_VERB_ADL_PAIR, 1, 100, 89 * MONEY), 2);
	tell(c_collateral(2, -7310 * CENT)); /* equity 0.9, MM 0.96 */
	tell(c_collateral(FB_ID_STREET, 7310 * CENT));
	make_ready();
	decide();
	size_t order = expect_newest(FB_VERB_REDUCE, 2, -20, -16 * MONEY - 90 * CENT);
	ck_assert_int_eq(open_lots(20), 120);
	fill(order, -20, -16 * MONEY);
	done(order);
	decide();
	ck_assert_uint_eq(sents, order + 1); /* nothing of it is left */
	done(2);
	expect_row(20, 0, 0);
	expect_row(10, 0, 0);
	close_all();
}
END_TEST

/* A position too large for the engine, whose level is "fault": the host alone judges the account,
 * and what follows is the same. Equity 5e8 money, MM nearly 6e8. */
START_TEST(an_account_that_the_host_judges)
{
	static const enum fb_verb expected[] = { FB_VERB_HOLD, FB_VERB_CANCEL_ALL, FB_VERB_REDUCE };
	const int64_t lots = INT64_C(30000000000), most = INT64_C(1000000000);
	struct fb_confirm confirm;
	union fb_record record;
	open_all();
	holder(1, -7500000000 * MONEY, 10, 1, lots, 22000000000 * MONEY);
	start();
	depth(1, most, most);
	ck_assert_int_eq(fb_confirm_open(book, 3, &confirm), 0);
	ck_assert_int_eq(fb_confirm_expect(book, index_of(1), book->seq, &record), 0);
	ck_assert_uint_eq(record.level.level, FB_LEVEL_FAULT);
	ck_assert_int_eq(fb_confirm_level(&confirm, &record), 0);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(fb_confirm_judge(&confirm, true), 0);
		ck_assert_int_eq(fb_waterfall_decide(waterfall, confirm.judged, confirm.judgements),
				 0);
		fb_confirm_tidy(&confirm);
		ck_assert_uint_eq(sents, i + 1);
		ck_assert_uint_eq(sent[i].order.verb, expected[i]);
		if (i < 2)
			done(i);
	}
	ck_assert_int_eq(sent[2].order.qty, most);
	kit_assert_wide(sent[2].order.value_e8, (__int128)29500000000 * MONEY / 30);
	fill(2, most, most * MONEY);
	ck_assert_int_eq(row_of(10)->qty, lots - most);
	fb_confirm_close(&confirm);
	close_all();
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "shared", one_depth_for_all },
		{ "each decision", depth_of_each_decision },
		{ "side", the_side_of_the_depth },
		{ "whole", what_depth_cuts_short_is_not_whole },
		{ "tiers", tiers_of_each_position },
		{ "promised", promised_lots_are_left_out },
		{ "host-judged", an_account_that_the_host_judges },
	};
	return kit_main("waterfall: depth", cases, sizeof(cases) / sizeof(cases[0]));
}
