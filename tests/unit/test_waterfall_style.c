/* What a step of liquidation closes, style by style, with the venues' own numbers where they print
 * any. */
#include "waterfall_style_kit.h"

/* Hyperliquid: of a position above 100,000 a fifth; for 30 s after it, what comes is whole. */
START_TEST(a_fifth_then_all_while_it_cools)
{
	for (int later = 0; later < 2; later++) {
		open_style(200000);
		POLICY.reduce = FB_REDUCE_SHARE;
		POLICY.reduce_share_e7 = 2000000;
		POLICY.reduce_above_e8 = 100000 * (uint64_t)MONEY;
		POLICY.cooldown_us = 30 * TICK;
		POLICY.whole_in_cooldown = 1;
		begin();
		ck_assert_int_eq(sent[2].order.qty, 40000);
		fill_newest();
		tick(later ? 30 * TICK : 30 * TICK - 1);
		breach_again();
		ck_assert_int_eq(sent[3].order.qty, later ? 32000 : 160000);
		close_all();
	}
	open_style(100000); /* not above: whole */
	POLICY.reduce = FB_REDUCE_SHARE;
	POLICY.reduce_share_e7 = 2000000;
	POLICY.reduce_above_e8 = 100000 * (uint64_t)MONEY;
	begin();
	ck_assert_int_eq(sent[2].order.qty, 100000);
	close_all();
}
END_TEST

/* A fifth that filled nothing does not begin the cool-down in which orders are whole. */
START_TEST(nothing_filled_nothing_cools)
{
	open_style(200000);
	POLICY.reduce = FB_REDUCE_SHARE;
	POLICY.reduce_share_e7 = 2000000;
	POLICY.cooldown_us = 30 * TICK;
	POLICY.whole_in_cooldown = 1;
	begin();
	done(2);
	decide();
	ck_assert_int_eq(sent[3].order.qty, 40000);
	close_all();
}
END_TEST

/* Paradex: the same share of all positions, until the ratio is below the level, which is lower than
 * the one it begins at. */
START_TEST(a_share_of_all_until_below_a_level)
{
	open_all();
	POLICY.reduce = FB_REDUCE_SHARE;
	POLICY.reduce_share_e7 = 2000000;
	POLICY.until_level = 1; /* 80 %, kept down to 75 % */
	holder(1, 0, 10, 1, 1000, 1000 * MONEY);
	tell(c_position(1, 11, 2, -500, -500 * MONEY));
	begin();
	ck_assert_uint_eq(sents, 4);
	ck_assert_int_eq(sent[2].order.qty, 200);
	ck_assert_int_eq(sent[3].order.qty, -100);
	fill(2, 200, 200 * MONEY);
	done(2);
	fill(3, -100, -100 * MONEY);
	done(3);
	__int128 mm = sums_of(1).mm_e15 / 10000000;
	set_equity(1, mm * 100 / 85); /* out of breach, not yet below */
	decide();
	ck_assert_uint_eq(sents, 6);
	ck_assert_int_eq(sent[4].order.qty, 160);
	done(4);
	done(5);
	set_equity(1, mm * 100 / 70);
	decide();
	ck_assert_uint_eq(sent[6].order.verb, FB_VERB_RELEASE);
	close_all();
}
END_TEST

/* Extended: five fill-or-kill orders of a fifth of what there was, at bankruptcy; then one of the
 * rest, 5 % worse; then takeover. The largest loser first. */
START_TEST(five_fifths_and_one_worse)
{
	open_all();
	POLICY.reduce = FB_REDUCE_SHARE;
	POLICY.reduce_share_e7 = 2000000;
	POLICY.share_of_first = POLICY.fok = 1;
	POLICY.order = FB_ORDER_LARGEST_LOSS;
	POLICY.attempts = 5;
	POLICY.last_try_e7 = 500000;
	holder(1, 0, 10, 1, 100, 90 * MONEY);
	tell(c_position(1, 11, 2, 100, 120 * MONEY)); /* loses 20; 10 gains 10 */
	POLICY.tries = 100;
	begin();
	for (size_t k = 2; k < 7; k++) {
		ck_assert_uint_eq(sents, k + 1);
		ck_assert_uint_eq(sent[k].order.position, 11);
		ck_assert_int_eq(sent[k].order.qty, 20);
		ck_assert_uint_eq(sent[k].order.tif, FB_FOK);
		done(k);
		tick(TICK);
		breach_again();
	}
	ck_assert_uint_eq(sents, 9); /* all that is left of both, once */
	ck_assert_int_eq(sent[7].order.qty, 100);
	ck_assert_int_eq(sent[8].order.qty, 100);
	close_all();

	open_all();
	POLICY.reduce = FB_REDUCE_SHARE;
	POLICY.reduce_share_e7 = 2000000;
	POLICY.share_of_first = POLICY.fok = 1;
	POLICY.attempts = 4;
	POLICY.last_try_e7 = 500000;
	holder(1, 0, 10, 1, 100, 100 * MONEY);
	begin();
	for (size_t k = 2; k < 6; k++) {
		ck_assert_int_eq(sent[k].order.qty, 20);
		fill_newest();
		breach_again();
	}
	/* 20 are left: all of them, 5 % below the bankruptcy value. */
	struct fb_closing c[FB_ROWS_PER_ACCOUNT];
	fb_size_plan(waterfall, index_of(1), sums_of(1).equity_e8, c);
	expect_newest(FB_VERB_REDUCE, 1, 20,
		      c[0].bankruptcy_e8 - c[0].bankruptcy_e8 * 500000 / 10000000);
	ck_assert_uint_eq(sent[6].order.tif, FB_FOK);
	done(6);
	tick(TICK);
	breach_again();
	ck_assert_uint_eq(sent[7].order.verb, FB_VERB_TAKEOVER);
	close_all();
}
END_TEST

/* Binance: one order; what it does not fill is taken over. BitMEX: one to a lower tier, or none. */
START_TEST(one_attempt_then_takeover)
{
	for (int tier = 0; tier < 2; tier++) {
		open_style(1500);
		POLICY.attempts = 1;
		POLICY.reduce = tier ? FB_REDUCE_TIER : FB_REDUCE_WHOLE;
		POLICY.fok = (uint32_t)tier;
		begin();
		ck_assert_int_eq(sent[2].order.qty, tier ? 501 : 1500);
		ck_assert_uint_eq(sent[2].order.tif, tier ? FB_FOK : FB_IOC);
		fill(2, 1, MONEY);
		done(2);
		breach_again();
		ck_assert_uint_eq(sent[3].order.verb, FB_VERB_TAKEOVER);
		close_all();
	}
}
END_TEST

/* OKX: from the third tier on to a lower one; a second tier counts as the lowest. */
START_TEST(tiers_from_the_third)
{
	open_style(1500); /* the second tier of two */
	POLICY.reduce = FB_REDUCE_TIER;
	POLICY.tier_from = 3;
	begin();
	ck_assert_int_eq(sent[2].order.qty, 1500);
	close_all();
}
END_TEST

/* Deribit: small slices, one for each 50 ms at most, and none in between. */
START_TEST(no_slice_while_it_cools)
{
	open_style(1000);
	POLICY.reduce = FB_REDUCE_SHARE;
	POLICY.reduce_share_e7 = 500000;
	POLICY.cooldown_us = 50000;
	begin();
	for (int k = 0; k < 20; k++) {
		size_t before = sents;
		fill_newest();
		tick(49999);
		breach_again();
		ck_assert_uint_eq(sents, before);
		tick(1);
		breach_again();
		ck_assert_uint_eq(sents, before + 1);
		ck_assert_uint_eq(waterfall->cases[index_of(1)].idle, 0);
	}
	close_all();
}
END_TEST

/* dYdX: a tenth of a position, 1,000 at least, 100,000 of an account, once a block. In no window as
 * long as a block more than that is sent, whenever answers come and whatever they say. */
START_TEST(a_block_has_its_limits)
{
	uint64_t seed = 11;
	for (int round = 0; round < 200; round++) {
		struct {
			int64_t at_us;
			__int128 notional;
		} order[64];
		size_t n = 0;
		open_all();
		POLICY.reduce = FB_REDUCE_SHARE;
		POLICY.reduce_share_e7 = 1000000;
		POLICY.reduce_min_e8 = 1000 * (uint64_t)MONEY;
		POLICY.reduce_most_e8 = 100000 * (uint64_t)MONEY;
		POLICY.cooldown_us = TICK;
		POLICY.takers = FB_TAKERS_NONE;
		POLICY.tries = 100;
		rules.taker_fee_e7 = rules.liquidation_fee_e7 = 0;
		int64_t first = 1 + (int64_t)(kit_random(&seed) % 2000000),
			second = 1 + (int64_t)(kit_random(&seed) % 20000);
		holder(1, 0, 10, 1, first, first * MONEY);
		tell(c_position(1, 11, 2, second, second * MONEY));
		begin();
		for (size_t seen = 2, k = 0; k < 40; k++) {
			__int128 step = 0;
			for (; seen < sents && sent[seen].order.verb == FB_VERB_REDUCE; seen++) {
				const struct fb_order *o = &sent[seen].order;
				int64_t has = row_of(o->position)->qty;
				KIT_MUST(o->qty <= has);
				KIT_MUST(o->qty <= (has + 9) / 10 || o->qty <= 1000);
				step += (__int128)o->qty * MONEY;
				int64_t part = (int64_t)(kit_random(&seed) %
							 (uint64_t)(o->qty + 1));
				if (part > 0)
					fill(seen, part, (__int128)part * MONEY);
				done(seen);
			}
			KIT_MUST(step <= 100000 * (__int128)MONEY);
			if (step > 0) {
				KIT_MUST(n == 0 || now_us - order[n - 1].at_us >= TICK);
				order[n].at_us = now_us;
				order[n++].notional = step;
			}
			tick((int64_t)(kit_random(&seed) % TICK));
			if (book->account[index_of(1)].rows_live == 0)
				break;
			breach_again();
		}
		KIT_MUST(n > 1);
		close_all();
	}
}
END_TEST

/* Ethereal: at the liquidation level itself, so that the market is never tried. */
START_TEST(no_market_at_all)
{
	open_style(100);
	POLICY.takeover_level = 3;
	begin();
	ck_assert_uint_eq(sent[2].order.verb, FB_VERB_TAKEOVER);
	close_all();
}
END_TEST

/* Hyperliquid: below a second threshold (two thirds of MM; here MM itself, with liquidation at a
 * ratio of 90 %) the vault takes all of it. */
START_TEST(beyond_a_level_the_vault_takes_all)
{
	for (int beyond = 0; beyond < 2; beyond++) {
		open_style(300);
		rules.liquidate_level = 2;
		POLICY.takeover_level = 3;
		POLICY.takers = FB_TAKERS_BACKSTOP;
		POLICY.backstop_cap_e7 = 1000000000;
		tell(c_house(FB_ID_BACKSTOP, FB_ROLE_BACKSTOP, 1000 * MONEY));
		start();
		set_equity(1, 3 * MONEY + !beyond); /* MM is 3 */
		make_ready();
		decide();
		ck_assert_uint_eq(sent[2].order.verb,
				  beyond ? FB_VERB_TAKEOVER : FB_VERB_REDUCE);
		if (beyond) {
			ck_assert_uint_eq(sent[2].order.counter_account, FB_ID_BACKSTOP);
			done(2);
			kit_assert_wide(collateral_of(1), 0); /* it keeps the margin */
		}
		close_all();
	}
}
END_TEST

/* Deribit's case: a provider of 1,000 may be assigned 15 % of it in a window of five minutes, and
 * hold twice its equity. */
START_TEST(a_provider_has_a_window)
{
	open_all();
	holder(1, 0, 10, 1, 400, 400 * MONEY);
	POLICY.takers = FB_TAKERS_BACKSTOP;
	POLICY.takeover_level = 3;
	POLICY.backstop_cap_e7 = 20000000;
	POLICY.backstop_limit_e7 = 1500000;
	POLICY.backstop_window_us = 300 * TICK;
	POLICY.unwind_share_e7 = 0;
	POLICY.order = FB_ORDER_LARGEST;
	POLICY.tries = 100;
	tell(c_house(FB_ID_BACKSTOP, FB_ROLE_BACKSTOP, 1000 * MONEY));
	begin();
	ck_assert_int_eq(sent[2].order.qty, 150);
	done_part(2, 100, fb_size_part(sent[2].order.value_e8, 100, 150));
	breach_again(); /* 50 came back */
	ck_assert_int_eq(sent[3].order.qty, 50);
	done(3);
	close_all();
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "fifth", a_fifth_then_all_while_it_cools },
		{ "cool", nothing_filled_nothing_cools },
		{ "until", a_share_of_all_until_below_a_level },
		{ "five", five_fifths_and_one_worse },
		{ "attempt", one_attempt_then_takeover },
		{ "tiers", tiers_from_the_third },
		{ "slices", no_slice_while_it_cools },
		{ "block", a_block_has_its_limits },
		{ "no market", no_market_at_all },
		{ "vault", beyond_a_level_the_vault_takes_all },
		{ "window", a_provider_has_a_window },
	};
	return kit_main("waterfall: styles", cases, sizeof(cases) / sizeof(cases[0]));
}
