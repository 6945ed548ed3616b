/* A pack whose [margin] tests set, and the venue's judgement by it. */
#pragma once

#include "book_kit.h"

#include "../../sw/lib/margin.h"
#include "../../sw/lib/venue_judge.h"

#define E8 UINT64_C(100000000)
#define E15 ((__int128)1000000000000000)

static struct fb_rules rules;
static struct fb_venue_judge judge;
static uint64_t seed;

static inline uint64_t below(uint64_t n)
{
	return kit_random(&seed) % n;
}

/* One ladder of one tier, one symbol of lot 1, one threshold at 100 %. */
static inline void simple_rules(uint32_t rate_e7)
{
	memset(&rules, 0, sizeof(rules));
	rules.thresholds = 1;
	rules.threshold[0] = (struct fb_threshold){ 10000000, 10000000, "liquidation" };
	rules.liquidate_level = 1;
	rules.ladders = 1;
	rules.ladder[0].tiers = 1;
	rules.ladder[0].tier[0].rate_e7 = rate_e7;
	rules.symbols = 1;
	rules.symbol[0].lot_e8 = E8;
}

static inline void start_judge(void)
{
	ck_assert_int_eq(fb_venue_judge_open(&rules, &judge), 0);
}

static inline struct fb_view_row row_at(uint16_t symbol, int64_t qty, uint64_t price_e8,
					int64_t entry_e8)
{
	struct fb_view_row row = { .symbol = symbol, .qty = qty, .entry_e8 = entry_e8 };

	ck_assert_int_eq(fb_unit_value(&rules.symbol[symbol], price_e8, &row.u), 0);
	judge.price_e8[symbol] = price_e8;
	return row;
}

static inline struct fb_sums judged(int64_t collateral_e8, const struct fb_view_row *row,
				    size_t rows)
{
	static struct fb_view view;
	struct fb_sums sums;

	view.collateral_e8 = collateral_e8;
	view.rows = rows;
	memcpy(view.row, row, rows * sizeof(*row));
	fb_venue_judge_sums(&judge, &view, &sums);
	return sums;
}
