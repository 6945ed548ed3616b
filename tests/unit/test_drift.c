/* Drift's integers. Examples are in tests/data/cases/drift.jsonl; here is what must hold for any
 * market: what is liquidated covers the shortage and not much more, fees and shares stay in their
 * bounds, weights only get worse with size, a loss is spread in full, and nothing wraps around. */
#include "../../sw/lib/drift.h"
#include "../../sw/lib/mix.h"
#include "inputs_kit.h"

static uint64_t state = 1;

static uint64_t draw(uint64_t from, uint64_t to)
{
	return from + fb_mix(state++) % (to - from + 1);
}

static struct drift_perp market(void)
{
	return (struct drift_perp){
		.margin_ratio_e4 = draw(300, 2000),
		.liquidator_fee_e6 = draw(0, 20000),
		.fund_fee_e6 = draw(0, 5000),
		.price_e6 = draw(1000000, 100000000000),
		.quote_price_e6 = draw(990000, 1010000),
	};
}

START_TEST(the_base_covers_the_shortage)
{
	for (int i = 0; i < 20000; i++) {
		struct drift_perp m = market();
		drift_amount shortage = draw(1000000, 1000000000000), base;
		ck_assert_int_eq(drift_base_to_cover(&m, shortage, &base), 0);
		/* What a base frees, less what its fees take; in 1e-12. */
		drift_amount ratio = m.margin_ratio_e4 * 100 - m.liquidator_fee_e6;
		drift_amount freed = (drift_amount)m.price_e6 * m.quote_price_e6 / 1000000 * ratio -
				     (drift_amount)m.price_e6 * m.fund_fee_e6;
		drift_amount covered = base * freed / 1000000000, need = shortage * 1000000;
		/* Each floor is worth at most one unit of its step. */
		drift_amount room = need / 1000 + freed / 1000000000 + 2000000;
		ck_assert_msg(covered + room >= need && covered <= need + room, "run %d", i);
		drift_amount more;
		ck_assert_int_eq(drift_base_to_cover(&m, shortage + 1000000, &more), 0);
		ck_assert(more >= base);
	}
}
END_TEST

START_TEST(fees_and_shares_stay_in_bounds)
{
	for (int i = 0; i < 20000; i++) {
		struct drift_perp m = market();
		uint64_t most = draw(0, 50000), fee;
		drift_amount shortage = draw(0, 1000000000000), share;
		drift_amount base_e9 = draw(0, 1000000000000);
		ck_assert_int_eq(drift_perp_fund_fee(&m, shortage, base_e9, most, &fee), 0);
		ck_assert_uint_le(fee, most);
		ck_assert_int_eq(drift_share(shortage, draw(0, 1000000000), draw(0, 1000),
					     draw(0, 10000), draw(0, 500), &share), 0);
		ck_assert(share <= 10000);
		ck_assert(shortage >= 50000000 || share == 10000);
		uint64_t base = draw(0, 30000), cap = draw(30000, 60000);
		fee = drift_fee(base, cap, draw(0, 100000), DRIFT_GRACE_SLOTS, 1);
		ck_assert(fee >= base && fee <= cap);
	}
}
END_TEST

START_TEST(weights_get_worse_with_size)
{
	for (int i = 0; i < 2000; i++) {
		uint64_t imf = draw(0, 100000);
		uint64_t asset = draw(1000, 10000), debt = draw(10000, 20000);
		uint64_t last_asset = asset, last_debt = debt, w;
		for (unsigned e = 0; e < 18; e++) {
			drift_amount size = 1;
			for (unsigned k = 0; k < e; k++)
				size *= 10;
			ck_assert_int_eq(drift_asset_weight(size, imf, asset, &w), 0);
			ck_assert_uint_le(w, last_asset);
			last_asset = w;
			ck_assert_int_eq(drift_liability_weight(size, imf, debt, &w), 0);
			ck_assert_uint_ge(w, last_debt);
			last_debt = w;
		}
	}
}
END_TEST

START_TEST(a_loss_is_spread_in_full)
{
	drift_amount step;
	for (int i = 0; i < 20000; i++) {
		drift_amount loss = draw(0, 1000000000000);
		drift_amount bought = draw(0, 1000000000000000), sold = draw(1, 1000000000000000);
		ck_assert_int_eq(drift_loss_as_funding(loss, bought, sold, &step), 0);
		/* rounded up by less than one unit of 1e-6 a base */
		drift_amount paid = step / 1000 * (bought + sold), need = loss * 1000000000;
		ck_assert(paid >= need && paid - need < bought + sold);
	}
	ck_assert_int_eq(drift_loss_as_funding(1, 0, 0, &step), -EDOM);
	ck_assert_int_eq(drift_loss_as_interest(1, 0, 1, &step), 0);
	ck_assert(step == 0);
}
END_TEST

START_TEST(nothing_wraps_around)
{
	struct drift_perp m = market();
	struct drift_spot pair = { .asset_weight_e4 = 8000,
				   .liability_weight_e4 = 12000,
				   .asset_multiplier_e6 = 1000000,
				   .liability_multiplier_e6 = 1000000,
				   .asset_decimals = 6,
				   .liability_decimals = 18,
				   .asset_price_e6 = 1000000,
				   .liability_price_e6 = 1000000 };
	drift_amount out;
	uint64_t fee;
	ck_assert_int_eq(drift_base_to_cover(&m, DRIFT_ALL, &out), -EOVERFLOW);
	ck_assert_int_eq(drift_perp_fund_fee(&m, DRIFT_ALL, 1, 1, &fee), -EOVERFLOW);
	ck_assert_int_eq(drift_liability_to_cover(&pair, DRIFT_ALL, &out), -EOVERFLOW);
	ck_assert_int_eq(drift_liability_for_asset(&pair, DRIFT_ALL, &out), -EOVERFLOW);
	ck_assert_int_eq(drift_asset_for_liability(&pair, 1, DRIFT_ALL, &out), -EOVERFLOW);
	ck_assert_int_eq(drift_asset_weight(DRIFT_ALL, 1, 1, &fee), -EOVERFLOW);
	ck_assert_int_eq(drift_liability_weight(DRIFT_ALL, 1, 1, &fee), -EOVERFLOW);
	ck_assert_int_eq(drift_loss_as_funding(DRIFT_ALL, 1, 1, &out), -EOVERFLOW);
	ck_assert_int_eq(drift_loss_as_funding(1, DRIFT_ALL, 1, &out), -EOVERFLOW);
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, the_base_covers_the_shortage);
	tcase_add_test(tcase, fees_and_shares_stay_in_bounds);
	tcase_add_test(tcase, weights_get_worse_with_size);
	tcase_add_test(tcase, a_loss_is_spread_in_full);
	tcase_add_test(tcase, nothing_wraps_around);
}

int main(void)
{
	return kit_run("drift", fill);
}
