/* Rules of Drift, computed by drift.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cases_tables.h"
#include "drift.h"

/* An input as a whole number that is not negative. */
static bool whole(struct case_run *run, const char *name, drift_amount *out)
{
	const struct case_fact *fact = case_fact(run, name);
	struct case_value value = fact ? fact->value : case_input(run, NULL, name);
	char base[CASE_PATH], usd[CASE_PATH + 4];
	struct fb_ratio scale;
	__int128 n;
	/* Money may be in whole units instead. */
	if (value.type == CASE_NONE && case_strip(name, base, &scale)) {
		snprintf(usd, sizeof(usd), "%s_usd", base);
		fact = case_fact(run, usd);
		if (fact && fact->value.type == CASE_NUMBER)
			value = case_number(fb_ratio_mul(fact->value.number, scale));
	}
	if (value.type != CASE_NUMBER || fb_ratio_to_int(&value.number, &n) || n < 0)
		return false;
	*out = (drift_amount)n;
	return true;
}

static uint64_t field(struct case_run *run, const char *name, uint64_t otherwise)
{
	drift_amount n;
	return whole(run, name, &n) && n <= UINT32_MAX ? (uint64_t)n : otherwise;
}

static unsigned decimals(struct case_run *run, const char *name)
{
	uint64_t n = field(run, name, 6);
	return n <= 18 ? (unsigned)n : 18;
}

/* DRIFT_ALL is the source's u128::MAX, or of base amounts u64::MAX. */
static void set_amount(struct case_run *run, const struct case_rule *rule, const char *name,
		       drift_amount n, bool base)
{
	if (n == DRIFT_ALL) {
		struct fb_ratio most = fb_ratio_int(1);
		for (int i = 0; i < (base ? 64 : 128); i++)
			most = fb_ratio_add(most, most);
		case_set_number(run, name, fb_ratio_sub(most, fb_ratio_int(1)), rule->formula);
	} else if (n >> 127 == 0) {
		case_set_number(run, name, fb_ratio_int((__int128)n), rule->formula);
	}
}

static struct drift_perp perp(struct case_run *run)
{
	return (struct drift_perp){
		.margin_ratio_e4 = field(run, "margin_ratio_1e4", 0),
		.liquidator_fee_e6 = field(run, "liquidator_fee_1e6", 0),
		.fund_fee_e6 = field(run, "if_fee_1e6", 0),
		.price_e6 = field(run, "oracle_price_1e6", 0),
		.quote_price_e6 = field(run, "quote_price_1e6", 1000000),
	};
}

static bool base_to_cover(struct case_run *run, const struct case_rule *rule)
{
	struct drift_perp market = perp(run);
	drift_amount shortage, base;
	if (!whole(run, "margin_shortage_1e6", &shortage) ||
	    drift_base_to_cover(&market, shortage, &base))
		return false;
	set_amount(run, rule, "base_amount_1e9", base, true);
	return true;
}

static struct drift_spot spot(struct case_run *run)
{
	return (struct drift_spot){
		.asset_weight_e4 = field(run, "asset_weight_1e4", 0),
		.liability_weight_e4 = field(run, "liability_weight_1e4", 0),
		.asset_multiplier_e6 = field(run, "asset_multiplier_1e6", 1000000),
		.liability_multiplier_e6 = field(run, "liability_multiplier_1e6", 1000000),
		.asset_decimals = decimals(run, "asset_decimals"),
		.liability_decimals = decimals(run, "liability_decimals"),
		.asset_price_e6 = field(run, "asset_price_1e6", 1000000),
		.liability_price_e6 = field(run, "liability_price_1e6", 0),
		.fund_fee_e6 = field(run, "if_fee_1e6", 0),
	};
}

static bool liability_to_cover(struct case_run *run, const struct case_rule *rule)
{
	struct drift_spot pair = spot(run);
	drift_amount shortage, liability;
	if (!whole(run, "margin_shortage_1e6", &shortage) ||
	    drift_liability_to_cover(&pair, shortage, &liability))
		return false;
	set_amount(run, rule, "liability_transfer_1e9", liability, false);
	set_amount(run, rule, "liability_transfer_1e6", liability, false);
	set_amount(run, rule, "liability_transfer", liability, false);
	return true;
}

/* An amount that goes by one of several names. */
static bool amount(struct case_run *run, const char *const *names, drift_amount *out)
{
	for (; *names; names++)
		if (case_fact(run, *names))
			return whole(run, *names, out);
	return false;
}

static bool liability_for_asset(struct case_run *run, const struct case_rule *rule)
{
	static const char *const names[] = { "asset_amount",	   "asset_transfer",
					     "asset_amount_1e6",   "asset_transfer_1e6",
					     "asset_transfer_1e9", NULL };
	struct drift_spot pair = spot(run);
	drift_amount asset, liability;
	if (!amount(run, names, &asset) || drift_liability_for_asset(&pair, asset, &liability))
		return false;
	set_amount(run, rule, "liability_transfer_1e9", liability, false);
	set_amount(run, rule, "liability_transfer_1e6", liability, false);
	set_amount(run, rule, "liability_transfer", liability, false);
	return true;
}

static bool asset_for_liability(struct case_run *run, const struct case_rule *rule)
{
	static const char *const mine[] = { "asset_amount", "asset_amount_1e6",
					    "asset_amount_1e9", NULL };
	static const char *const owed[] = { "liability_transfer",     "liability_transfer_1e9",
					    "liability_transfer_1e6", "liability_amount",
					    "liability_amount_1e9",   NULL };
	struct drift_spot pair = spot(run);
	drift_amount held, liability, asset;
	if (!amount(run, mine, &held) || !amount(run, owed, &liability) ||
	    drift_asset_for_liability(&pair, held, liability, &asset))
		return false;
	set_amount(run, rule, "asset_transfer", asset, false);
	set_amount(run, rule, "asset_transfer_1e6", asset, false);
	set_amount(run, rule, "asset_transfer_1e9", asset, false);
	return true;
}

static bool fund_fee(struct case_run *run, const struct case_rule *rule)
{
	static const char *const tokens[] = { "token_amount", "token_amount_1e9",
					      "liability_amount", NULL };
	struct drift_perp market = perp(run);
	struct drift_spot pair = spot(run);
	drift_amount shortage, base;
	uint64_t fee, most = field(run, "max_if_fee_1e6", UINT32_MAX);
	if (!whole(run, "margin_shortage_1e6", &shortage))
		return false;
	if (whole(run, "base_amount_1e9", &base)) {
		if (drift_perp_fund_fee(&market, shortage, base, most, &fee))
			return false;
	} else {
		if (pair.liability_price_e6 == 0)
			pair.liability_price_e6 = market.price_e6;
		if (!amount(run, tokens, &base) ||
		    drift_spot_fund_fee(&pair, shortage, base, most, &fee))
			return false;
	}
	case_set_number(run, "if_fee_1e6", fb_ratio_int((__int128)fee), rule->formula);
	return true;
}

/* The size of a token in 1e-9, floored. */
static bool size_of(struct case_run *run, drift_amount *out)
{
	struct case_value tokens = case_find(run, NULL, "token_amount");
	struct fb_ratio size;
	__int128 n;
	if (tokens.type != CASE_NUMBER)
		return false;
	/* Whole tokens; the decimals only say how fine the chain counts them. */
	size = fb_ratio_floor(fb_ratio_mul(tokens.number, fb_ratio_int(1000000000)));
	if (fb_ratio_to_int(&size, &n) || n < 0)
		return false;
	*out = (drift_amount)n;
	return true;
}

static bool weights(struct case_run *run, const struct case_rule *rule)
{
	drift_amount size;
	uint64_t out, imf = field(run, "imf_factor_1e6", 0);
	static const char *const of[][3] = {
		{ "initial_asset_weight_1e4", "initial_liability_weight_1e4", "" },
		{ "maintenance_asset_weight_1e4", "maintenance_liability_weight_1e4",
		  "maintenance_" },
	};
	if (!size_of(run, &size))
		return false;
	/* Fills are weighed half way between initial and maintenance. */
	uint64_t half = (field(run, of[0][0], 0) + field(run, of[1][0], 0)) / 2;
	if (case_given(run, NULL, of[0][0]) && case_given(run, NULL, of[1][0]) &&
	    drift_asset_weight(size, imf, half, &out) == 0)
		case_set_number(run, "fill_asset_weight_1e4", fb_ratio_int((__int128)out),
				rule->formula);
	for (size_t i = 0; i < 2; i++) {
		char name[CASE_PATH];
		uint64_t asset = field(run, of[i][0], 0), liability = field(run, of[i][1], 0);
		if (case_given(run, NULL, of[i][0]) &&
		    drift_asset_weight(size, imf, asset, &out) == 0) {
			strcpy(name, of[i][2]);
			strcat(name, "asset_weight_1e4");
			case_set_number(run, name, fb_ratio_int((__int128)out), rule->formula);
			if (i == 0)
				case_set_number(run, "initial_asset_weight_1e4",
						fb_ratio_int((__int128)out), rule->formula);
		}
		/* Without a maintenance weight of its own a liability has the source's 0. */
		if ((i == 1 || case_given(run, NULL, of[i][1])) &&
		    drift_liability_weight(size, imf, liability, &out) == 0) {
			strcpy(name, of[i][2]);
			strcat(name, "liability_weight_1e4");
			case_set_number(run, name, fb_ratio_int((__int128)out), rule->formula);
		}
	}
	return true;
}

/* A profit counts less the larger it is, a loss in full. */
static bool profit_weight(struct case_run *run, const struct case_rule *rule)
{
	static const char *const names[] = { "asset_weight_1e4", "unrealized_asset_weight_1e4",
					     "unrealised_asset_weight_1e4", "weight_1e4",
					     "pnl_weight_1e4" };
	struct case_value profit = case_input(run, NULL, "upnl");
	uint64_t weight = field(run, "unrealized_pnl_initial_asset_weight_1e4",
				field(run, "initial_asset_weight_1e4", 10000));
	uint64_t imf = field(run, "unrealized_pnl_imf_factor_1e6", field(run, "imf_factor_1e6", 0));
	__int128 size_e9;
	if (profit.type != CASE_NUMBER || fb_ratio_to_scaled(&profit.number, 9, &size_e9))
		return false;
	if (size_e9 <= 0)
		weight = 10000;
	else if (drift_asset_weight((drift_amount)size_e9, imf, weight, &weight))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		case_set_number(run, names[i], fb_ratio_int((__int128)weight), rule->formula);
	return true;
}

static bool growth(struct case_run *run, const struct case_rule *rule)
{
	drift_amount base, most, slots;
	if (!whole(run, "base_fee_1e6", &base) || !whole(run, "max_fee_1e6", &most) ||
	    !whole(run, "slots_since_user_active", &slots) || slots > UINT32_MAX ||
	    base > UINT32_MAX || most > UINT32_MAX)
		return false;
	uint64_t fee = drift_fee((uint64_t)base, (uint64_t)most, (uint64_t)slots,
				 field(run, "grace_slots", DRIFT_GRACE_SLOTS),
				 field(run, "increase_per_slot_1e6", 1));
	case_set_number(run, "fee_1e6", fb_ratio_int((__int128)fee), rule->formula);
	return true;
}

static bool share(struct case_run *run, const struct case_rule *rule)
{
	static const char *const elapsed[] = { "slots_elapsed", "slots_since_user_active", "slots",
					       "slot", NULL };
	static const char *const names[] = { "pct_1e4", "max_pct_1e4", "max_pct_to_liquidate_1e4",
					     "share_1e4", "liquidation_pct_1e4" };
	drift_amount shortage, freed = 0, slots = 0, out;
	if (!whole(run, "margin_shortage_1e6", &shortage))
		return false;
	whole(run, "margin_freed_1e6", &freed);
	if (!amount(run, elapsed, &slots) && shortage >= 50000000)
		return false;
	if (slots > UINT32_MAX ||
	    drift_share(shortage, freed, (uint64_t)slots,
			field(run, "initial_pct_1e4",
			      field(run, "initial_pct_to_liquidate_1e4", 0)),
			field(run, "liquidation_duration", field(run, "duration_slots", 0)), &out))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		set_amount(run, rule, names[i], out, false);
	case_set_number(run, "max_pct", fb_ratio_of((__int128)out, 100), rule->formula);
	case_set_number(run, "pct", fb_ratio_of((__int128)out, 100), rule->formula);
	case_set_number(run, "share", fb_ratio_of((__int128)out, 10000), rule->formula);
	case_set_number(run, "max_share", fb_ratio_of((__int128)out, 10000), rule->formula);
	return true;
}

/* Signed amounts of whole units in `decimals`. */
static bool scaled(struct case_run *run, const char *name, unsigned places, drift_amount *out)
{
	struct case_value value = case_find(run, NULL, name);
	__int128 n;
	if (value.type != CASE_NUMBER)
		return false;
	value.number = fb_ratio_abs(value.number);
	if (fb_ratio_to_scaled(&value.number, places, &n))
		return false;
	*out = (drift_amount)n;
	return true;
}

static bool socialised(struct case_run *run, const struct case_rule *rule)
{
	drift_amount loss, bought, sold, step;
	if (!scaled(run, "loss_usd", 6, &loss) || !scaled(run, "base_long", 9, &bought) ||
	    !scaled(run, "base_short", 9, &sold))
		return false;
	int rc = drift_loss_as_funding(loss, bought, sold, &step);
	struct case_value error = case_truth(rc != 0), none = case_null();
	case_set(run, "error", &error, rule->formula);
	if (rc)
		case_set(run, "cumulative_funding_rate_delta", &none, rule->formula);
	else
		set_amount(run, rule, "cumulative_funding_rate_delta", step, false);
	return true;
}

static bool interest(struct case_run *run, const struct case_rule *rule)
{
	static const char *const names[] = { "cumulative_deposit_interest_delta",
					     "cumulative_interest_delta", "interest_delta" };
	drift_amount loss, deposits, index = 10000000000, step;
	if (!(scaled(run, "loss_usd", 6, &loss) || scaled(run, "borrow_usd", 6, &loss)) ||
	    !(scaled(run, "total_deposits", 6, &deposits) ||
	      scaled(run, "deposits_usd", 6, &deposits) || scaled(run, "deposits", 6, &deposits)))
		return false;
	whole(run, "cumulative_deposit_interest_1e10", &index);
	if (drift_loss_as_interest(loss, deposits, index, &step))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		set_amount(run, rule, names[i], step, false);
	return true;
}

static const struct case_rule table[] = {
	{ "Drift", "", "base_amount_1e9", "",
	  "shortage 1e9 / (px (ratio - liquidator fee) - px fund fee), floored step by step",
	  base_to_cover },
	{ "Drift", "", "liability_transfer_1e9 liability_transfer_1e6 liability_transfer",
	  "given(margin_shortage_1e6)",
	  "shortage / (px (w_liability - w_asset m_asset / m_liability) - px fund fee w_liability)",
	  liability_to_cover },
	{ "Drift", "", "liability_transfer_1e9 liability_transfer_1e6 liability_transfer", "",
	  "ceil(asset px_asset m_liability / (px_liability m_asset))", liability_for_asset },
	{ "Drift", "", "asset_transfer asset_transfer_1e6 asset_transfer_1e9", "",
	  "liability px_liability m_asset / (px_asset m_liability); all if within 1 USD of all",
	  asset_for_liability },
	{ "Drift", "", "if_fee_1e6", "",
	  "min(max, 0.95 (ratio - liquidator fee - shortage / (base px)))", fund_fee },
	{ "Drift", "", "asset_weight_1e4 liability_weight_1e4 maintenance_asset_weight_1e4 "
	  "maintenance_liability_weight_1e4 initial_asset_weight_1e4 fill_asset_weight_1e4", "",
	  "min(w, 1.1 / (1 + root imf)) and max(w, w - w / 5 + root imf), root = isqrt(10 size + "
	  "1)",
	  weights },
	{ "Drift", "", "asset_weight_1e4 unrealized_asset_weight_1e4 unrealised_asset_weight_1e4 "
	  "weight_1e4 pnl_weight_1e4", "given(imf_factor) or given(unrealized_pnl_imf_factor)",
	  "of a profit min(w, 1.1 / (1 + root imf)), root = isqrt(10 profit + 1)", profit_weight },
	{ "Drift", "", "fee_1e6", "", "min(max, base + slots 1e-6) once slots >= 1500", growth },
	{ "Drift", "", "pct_1e4 max_pct_1e4 max_pct_to_liquidate_1e4 share_1e4 liquidation_pct_1e4 "
	  "max_pct pct share max_share", "given(margin_shortage)",
	  "all below 50 USD, else initial + elapsed / duration, less what was freed", share },
	{ "Drift", "", "cumulative_funding_rate_delta error", "",
	  "ceil(|loss| 1e9 / (long + |short|)) 1000", socialised },
	{ "Drift", "", "cumulative_deposit_interest_delta cumulative_interest_delta "
	  "interest_delta", "", "ceil(interest loss / deposits)", interest },
	/* Collateral and requirement with the buffer: negative collateral grows by it too. Weights
	 * are 1 for USDC. */
	{ "Drift", "", "liquidation_buffer_ratio", "", "buffer", NULL },
	{ "Drift", "", "total_collateral", "given(usdc_deposit)",
	  "usdc_deposit + alt(perp_quote_pnl, 0) + alt(base, 0) * alt(oracle_price, 0)", NULL },
	{ "Drift", "", "total_collateral_plus_buffer", "given(usdc_deposit)",
	  "total_collateral + min(0, alt(perp_quote_pnl, 0)) * liquidation_buffer_ratio", NULL },
	{ "Drift", "", "borrowed", "", "alt(sol_borrow, borrow, cross.sol_borrow, cross.borrow)",
	  NULL },
	{ "Drift", "", "cross_req", "",
	  "borrowed * alt(sol_price, price) * alt(liability_weight, 1.2)", NULL },
	{ "Drift", "", "cross_collateral", "",
	  "alt(usdc_deposit, cross.usdc, cross.usdc_deposit, cross.deposit)", NULL },
	{ "Drift", "", "isolated_upnl", "",
	  "alt(isolated.base, isolated_base) * alt(sol_price, price) + "
	  "alt(isolated.quote, isolated_quote)", NULL },
	{ "Drift", "", "isolated_req", "",
	  "abs(alt(isolated.base, isolated_base)) * alt(sol_price, price) * "
	  "alt(isolated.margin_ratio, margin_ratio_initial, 0.1)", NULL },
	{ "Drift", "", "isolated_collateral", "",
	  "alt(isolated.deposit, isolated_deposit, isolated.usdc, isolated.usdc_deposit) + "
	  "isolated_upnl", NULL },
	{ "Drift", "", "cross_req_plus_buffer", "",
	  "cross_req + borrowed * alt(sol_price, price) * liquidation_buffer_ratio", NULL },
	{ "Drift", "", "cross_collateral_plus_buffer", "", "cross_collateral", NULL },
	{ "Drift", "", "isolated_req_plus_buffer", "",
	  "isolated_req + abs(alt(isolated.base, isolated_base)) * alt(sol_price, price) * "
	  "liquidation_buffer_ratio", NULL },
	{ "Drift", "", "isolated_collateral_plus_buffer", "",
	  "isolated_collateral + min(0, isolated_upnl) * liquidation_buffer_ratio", NULL },
	{ "Drift", "", "meets_cross meets_cross_margin_requirement", "",
	  "cross_collateral >= cross_req", NULL },
	{ "Drift", "", "meets_isolated meets_isolated_margin_requirement", "",
	  "isolated_collateral >= isolated_req", NULL },
	{ "Drift", "", "meets_margin_requirement meets", "",
	  "cross_collateral >= cross_req and isolated_collateral >= isolated_req", NULL },
};
CASE_TABLE(case_rules_drift, table);
