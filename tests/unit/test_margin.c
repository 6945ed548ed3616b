/* The host's judgement in the venue's own arithmetic, by a pack's [margin]: venues' published
 * numbers. */
#include "margin_kit.h"

/* Of tests of drift-labs/protocol-v2, spot_market_asset_weight: 1,000 tokens. */
START_TEST(drift_weighs_by_size)
{
	struct fb_symbol coin = { .lot_e8 = E8, .index = 1, .weight_e7 = 9000000 };

	coin.size_root_e7 = 100; /* 10 of 1e6 */
	ck_assert_uint_eq(fb_margin_weight_e7(&coin, 1000), 9000000);
	coin.size_root_e7 = 1000000; /* 0.1 */
	ck_assert_uint_eq(fb_margin_weight_e7(&coin, 1000), 2642000);
	coin.owed = 1;
	coin.weight_e7 = 11000000;
	ck_assert_uint_eq(fb_margin_weight_e7(&coin, -1000), 40422000);
	coin.size_root_e7 = 100;
	ck_assert_uint_eq(fb_margin_weight_e7(&coin, -1000), 11000000);
}
END_TEST

/* Deribit, linear: BTC 1 % and 0.005 % for each BTC; Delta: from a size on. */
START_TEST(rates_grow_with_size)
{
	simple_rules(100000);
	rules.symbol[0].size_slope_e7 = 500;
	ck_assert(fb_margin_mm_e15(&rules, 0, 200 * E8, 2) ==
		  200 * (E15 / 100 + 2 * E15 / 20000)); /* 1.01 % */
	ck_assert(fb_margin_mm_e15(&rules, 0, 10000 * E8, -100) == 10000 * E15 * 15 / 1000);
	ck_assert_uint_eq(fb_margin_row_addend(&rules, 0, 1, 100), 50000);
	rules.symbol[0].size_from_e8 = 40 * E8;
	rules.symbol[0].size_unit_e8 = 3 * E8;
	ck_assert_uint_eq(fb_margin_row_addend(&rules, 0, 1, 40), 0);
	ck_assert_uint_eq(fb_margin_row_addend(&rules, 0, 1, 41), 167); /* 500 / 3, up */
	ck_assert_uint_eq(fb_margin_row_addend(&rules, 0, 1, -100), 10000);
	ck_assert_uint_eq(fb_margin_row_addend(&rules, 0, 1, INT64_C(1) << 46),
			  FB_MARGIN_ADDEND_MOST);
}
END_TEST

/* dYdX: initial margin up to a quantum of 1e-6, of that a part, up again; equality is safe. */
START_TEST(dydx_rounds_up_twice)
{
	struct fb_view_row row;
	struct fb_sums sums;

	simple_rules(1000000);
	rules.strict = true;
	rules.margin.round = 1;
	rules.margin.quantum_e8 = 100;
	rules.margin.mm_of_initial_e7 = 5000000;
	rules.symbol[0].initial_e7 = 2000000;
	start_judge();
	row = row_at(0, 1, 100000150, 0); /* 1.0000015: 1.000001 in quanta */
	sums = judged(0, &row, 1);
	ck_assert_int_eq((int64_t)sums.equity_e8, 100000100);
	/* 0.2000002 is 0.200001, the half of it 0.1000005 is 0.100001 */
	ck_assert(sums.mm_e15 == 100001 * E15 / 1000000);
	row.qty = -1;
	sums = judged(300000000, &row, 1);
	ck_assert_int_eq((int64_t)sums.equity_e8, 199999900);
	ck_assert(sums.mm_e15 == 100001 * E15 / 1000000);
	rules.margin.round = 2; /* Drift: down */
	rules.margin.mm_of_initial_e7 = 0;
	sums = judged(0, &row, 1);
	ck_assert(sums.mm_e15 == 100000 * E15 / 1000000);
	fb_venue_judge_close(&judge);
}
END_TEST

static bool breach(int64_t collateral_e8, const struct fb_view_row *row)
{
	struct fb_sums sums = judged(collateral_e8, row, 1);
	return sums.mm_e15 >= sums.equity_e8 * 10000000;
}

/* Bybit isolated, frozen at entry: E = 10, leverage 5, 1 %: 8.1; by the mark 8.0808. Gate, fee of
 * 0.05 % in it: (E - W / q) / (1 - r - f). */
START_TEST(liquidation_prices_of_each_basis)
{
	int64_t wallet = 200000000000; /* 1,000 x 10 / 5 */
	struct fb_view_row row;

	simple_rules(100000);
	rules.margin.mm_at_entry = 1;
	start_judge();
	row = row_at(0, 1000, 810000000, 1000000000000);
	ck_assert(breach(wallet, &row));
	row = row_at(0, 1000, 810000001, 1000000000000);
	ck_assert(!breach(wallet, &row));
	rules.margin.mm_at_entry = 0;
	row = row_at(0, 1000, 808080808, 1000000000000);
	ck_assert(breach(wallet, &row));
	row = row_at(0, 1000, 808080809, 1000000000000);
	ck_assert(!breach(wallet, &row));
	rules.margin.fee_in = 1;
	rules.margin.closing_fee_e7 = 5000;
	row = row_at(0, 1000, 808489135, 1000000000000); /* 8 / 0.9895 = 8.084891359 */
	ck_assert(breach(wallet, &row));
	row = row_at(0, 1000, 808489136, 1000000000000);
	ck_assert(!breach(wallet, &row));
	fb_venue_judge_close(&judge);
}
END_TEST

/* Kraken: of one underlying the larger side. */
START_TEST(the_larger_side_needs_margin)
{
	struct fb_view_row row[3];

	simple_rules(100000);
	rules.symbols = 3;
	rules.symbol[1] = rules.symbol[2] = rules.symbol[0];
	strcpy(rules.symbol[0].group, "btc");
	strcpy(rules.symbol[1].group, "btc");
	rules.margin.net_max_side = 1;
	start_judge();
	row[0] = row_at(0, 300, E8, 0);
	row[1] = row_at(1, -500, E8, 0);
	row[2] = row_at(2, 100, E8, 0);
	ck_assert(judged(0, row, 3).mm_e15 == (5 + 1) * E15);
	ck_assert(judged(0, row, 2).mm_e15 == 5 * E15);
	rules.symbol[1].type = FB_INVERSE; /* a quantity below 0 is a long there */
	row[1] = row_at(1, -500, E8, 0);
	ck_assert(judged(0, row, 3).mm_e15 == (8 + 1) * E15);
	fb_venue_judge_close(&judge);
}
END_TEST

START_TEST(limits_at_ticks)
{
	struct fb_symbol s = { .lot_e8 = E8, .tick_e8 = E8 / 2 };

	/* Bybit: B of a long up, of a short down. */
	ck_assert(fb_venue_tick(&s, 773537250000, 1) == 773550000000);
	ck_assert(fb_venue_tick(&s, -773537250000, 1) == -773500000000);
	ck_assert(fb_venue_tick(&s, 773550000000, 1) == 773550000000);
	s.tick_e8 = 0;
	ck_assert(fb_venue_tick(&s, 773537250000, 1) == 773537250000);
	for (unsigned run = 0; run < 20000; run++) {
		struct fb_symbol r = { .lot_e8 = 1 + below(1000000),
				       .tick_e8 = 1 + below(100000) };
		int64_t n = 1 + (int64_t)below(1000000);
		__int128 value = 1000000 + (int64_t)below(UINT64_C(1) << 50), at;
		__int128 exact;

		r.type = (uint32_t)below(3);
		r.factor_e8 = r.type == FB_QUANTO ? 1 + below(E8) : 0;
		value = below(2) ? value : -value;
		at = fb_venue_tick(&r, value, n);
		ck_assert_msg(at >= value, "the account would get less");
		/* and is not further than a tick away, in the price */
		exact = (__int128)n * (__int128)r.lot_e8;
		if (r.type == FB_LINEAR)
			ck_assert((at - value - 1) * (int64_t)E8 <= exact * (__int128)r.tick_e8);
		if (r.type == FB_QUANTO)
			ck_assert((at - value - 1) * (int64_t)E8 * (int64_t)E8 <=
				  exact * (__int128)r.tick_e8 * (__int128)r.factor_e8);
	}
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "drift", drift_weighs_by_size },
		{ "size", rates_grow_with_size },
		{ "dydx", dydx_rounds_up_twice },
		{ "basis", liquidation_prices_of_each_basis },
		{ "netting", the_larger_side_needs_margin },
		{ "ticks", limits_at_ticks },
	};
	return kit_main("margin", cases, sizeof(cases) / sizeof(cases[0]));
}
