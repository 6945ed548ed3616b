/* Rules of dYdX v4, computed by dydx.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cases_tables.h"
#include "dydx.h"
#include "ratio.h"

/* The markets of the source's tests, where a case does not say: 20 % initial, half of it
 * maintenance, quantums of 1e-8 BTC, 1e-9 ETH and 1e-6 USD. */
#define IMF_PPM 200000
#define MAINTENANCE_PPM 500000
#define BTC_RESOLUTION (-8)
#define ETH_RESOLUTION (-9)
#define QUOTE_RESOLUTION (-6)

static ratio number(struct case_run *run, const char *scope, const char *name)
{
	struct case_value value = case_find(run, scope, name);
	return value.type == CASE_NUMBER ? value.number : fb_ratio_error(-ENOENT);
}

static ratio number_or(struct case_run *run, const char *name, ratio otherwise)
{
	ratio value = number(run, NULL, name);
	return value.error ? otherwise : value;
}

static int small(ratio x, int otherwise)
{
	__int128 n;
	return fb_ratio_to_int(&x, &n) || n < -200 || n > 200 ? otherwise : (int)n;
}

/* A value of one symbol: map[symbol], or the map's own name if it is one number. */
static ratio of_symbol(struct case_run *run, const char *map, const char *symbol)
{
	char place[CASE_PATH];
	const struct case_fact *fact =
		case_join(place, map, symbol) ? case_fact(run, place) : NULL;
	if (!fact)
		fact = case_fact(run, map);
	return fact && fact->value.type == CASE_NUMBER ? fact->value.number
						       : fb_ratio_error(-ENOENT);
}

static struct dydx_market market_of(struct case_run *run, const char *symbol)
{
	int resolution = case_contains(symbol, "ETH") ? ETH_RESOLUTION : BTC_RESOLUTION;
	ratio price = of_symbol(run, "price_usd", symbol);
	int exponent = 0, quote = small(number(run, NULL, "quote_resolution"), QUOTE_RESOLUTION);
	resolution = small(of_symbol(run, "base_resolution", symbol), resolution);
	if (price.error) {
		price = number(run, NULL, "price");
		exponent = small(number(run, NULL, "exponent"), 0);
	}
	return (struct dydx_market){
		.price = dydx_price(price, exponent, resolution, quote),
		.imf_ppm = number_or(run, "imf_ppm", whole(IMF_PPM)),
		.maintenance_ppm =
			number_or(run, "maintenance_fraction_ppm", whole(MAINTENANCE_PPM)),
		.open_interest = number_or(run, "open_interest_base_quantums", whole(0)),
		.oi_lower_cap = number_or(run, "oi_lower_cap", whole(0)),
		.oi_upper_cap = number_or(run, "oi_upper_cap", whole(0)),
	};
}

/* Quote quantums, from these or from USD. */
static ratio quote_of(struct case_run *run, const char *scope)
{
	static const char *const names[] = { "quote_balance", "quote_quantums_balance" };
	char place[CASE_PATH];
	for (size_t i = 0; i < 2; i++) {
		const struct case_fact *fact =
			case_join(place, scope, names[i]) ? case_fact(run, place) : NULL;
		if (fact && fact->value.type == CASE_NUMBER)
			return fact->value.number;
	}
	struct case_value usd = case_input(run, scope, "quote_balance_usd");
	return usd.type == CASE_NUMBER ? times(usd.number, whole(1000000))
				       : fb_ratio_error(-ENOENT);
}

/* "btc_quantums" -> "BTC"; false if the name is nothing like it. */
static bool symbol_of(const char *name, char out[CASE_PATH])
{
	size_t n = strcspn(name, "_");
	const char *rest = name + n;
	if (strncmp(name, "position_", 9) == 0) {
		name += 9;
		n = strcspn(name, "_");
		rest = name + n;
	}
	if (n == 0 || n > 8 || strcmp(rest, "_quantums") != 0)
		return false;
	for (size_t i = 0; i < n; i++)
		out[i] = (char)(name[i] >= 'a' && name[i] <= 'z' ? name[i] - 32 : name[i]);
	out[n] = '\0';
	if (strcmp(out, "BASE") == 0)
		strcpy(out, "BTC");
	return true;
}

struct account {
	struct dydx_risk risk;
	ratio quote, position; /* the latter of `symbol` */
};

/* "positions.2.base_quantums", whose symbol stands beside it. */
static bool listed(struct case_run *run, const char *path, const char *name, char out[CASE_PATH])
{
	const char *member = strrchr(name, '.');
	char scope[CASE_PATH];
	if (strncmp(name, "positions.", 10) != 0 || !member ||
	    (strcmp(member, ".base_quantums") != 0 && strcmp(member, ".quantums") != 0))
		return false;
	snprintf(scope, sizeof(scope), "%.*s", (int)(strlen(path) - strlen(member)), path);
	struct case_value symbol = case_input(run, scope, "perpetual");
	if (symbol.type != CASE_WORDS)
		symbol = case_input(run, scope, "symbol");
	if (symbol.type != CASE_WORDS)
		return false;
	snprintf(out, CASE_PATH, "%.20s", symbol.words);
	return true;
}

/* All positions below a scope: "positions_base_quantums.BTC" and "btc_quantums" alike. */
static struct account account_of(struct case_run *run, const char *scope, const char *symbol)
{
	static const char map[] = "positions_base_quantums.";
	struct account a = { .quote = quote_of(run, scope), .position = whole(0) };
	char prefix[CASE_PATH] = "";
	a.risk = (struct dydx_risk){ a.quote, whole(0), whole(0) };
	if (scope)
		snprintf(prefix, sizeof(prefix), "%.60s.", scope);
	for (unsigned i = 0; i < run->facts; i++) {
		struct case_fact *fact = &run->fact[i];
		const char *name = fact->path + strlen(prefix);
		char own[CASE_PATH];
		if (!fact->given || fact->value.type != CASE_NUMBER ||
		    strncmp(fact->path, prefix, strlen(prefix)) != 0)
			continue;
		if (listed(run, fact->path, name, own))
			;
		else if (strncmp(name, map, sizeof(map) - 1) == 0 && !strchr(name, '#'))
			snprintf(own, sizeof(own), "%s", name + sizeof(map) - 1);
		else if (strchr(name, '.') || !symbol_of(name, own))
			continue;
		fact->read = true;
		struct dydx_market market = market_of(run, own);
		a.risk = dydx_sum(a.risk, dydx_position(&market, fact->value.number));
		if (strcmp(own, symbol) == 0)
			a.position = fact->value.number;
	}
	return a;
}

static void perpetual(struct case_run *run, char out[CASE_PATH])
{
	struct case_value name = case_input(run, NULL, "perpetual");
	snprintf(out, CASE_PATH, "%.20s", name.type == CASE_WORDS ? name.words : "BTC");
}

static bool margins(struct case_run *run, const struct case_rule *rule)
{
	struct dydx_market market = market_of(run, "BTC");
	struct dydx_risk risk = dydx_position(&market, number(run, NULL, "base_quantums"));
	if (risk.imr.error || risk.mmr.error)
		return false;
	case_set_number(run, "imr_quote_quantums", risk.imr, rule->formula);
	case_set_number(run, "mmr_quote_quantums", risk.mmr, rule->formula);
	case_set_number(run, "net_notional_quote_quantums", risk.nc, rule->formula);
	case_set_number(run, "effective_imf_ppm", dydx_effective_imf_ppm(&market), rule->formula);
	return true;
}

static bool bankruptcy(struct case_run *run, const struct case_rule *rule)
{
	char symbol[CASE_PATH];
	perpetual(run, symbol);
	struct account a = account_of(run, NULL, symbol);
	struct dydx_market market = market_of(run, symbol);
	ratio change = number(run, NULL, "delta_base_quantums");
	if (change.error || a.quote.error || market.price.error)
		return false;
	ratio quote = dydx_bankruptcy_quote(&market, a.position, change, &a.risk);
	struct case_value error = case_truth(quote.error != 0), none = case_null();
	case_set(run, "error", &error, rule->formula);
	if (quote.error)
		case_set(run, "bankruptcy_quote_quantums", &none, rule->formula);
	else
		case_set_number(run, "bankruptcy_quote_quantums", quote, rule->formula);
	return true;
}

static bool fillable(struct case_run *run, const struct case_rule *rule)
{
	char symbol[CASE_PATH];
	perpetual(run, symbol);
	struct account a = account_of(run, NULL, symbol);
	struct dydx_market market = market_of(run, symbol);
	ratio price = dydx_fillable_price(&market, a.position, &a.risk,
					  number(run, NULL, "bankruptcy_adjustment_ppm"),
					  number(run, NULL, "spread_to_mmr_ppm"));
	if (price.error)
		return false;
	case_set_number(run, "price_quote_quantums_per_base_quantum", price, rule->formula);
	return true;
}

static bool liquidatable(struct case_run *run, const struct case_rule *rule)
{
	struct account a = account_of(run, NULL, "BTC");
	if (a.risk.nc.error || a.risk.mmr.error)
		return false;
	struct case_value is = case_truth(dydx_liquidatable(a.risk.nc, a.risk.mmr));
	case_set(run, "is_liquidatable", &is, rule->formula);
	case_set(run, "liquidatable", &is, rule->formula);
	case_set_number(run, "tnc", a.risk.nc, rule->formula);
	case_set_number(run, "tmmr", a.risk.mmr, rule->formula);
	return true;
}

/* Both accounts after the trade, or as they were. */
static void set_match(struct case_run *run, const struct case_rule *rule, bool accepted,
		      ratio quote, const struct account *liquidated,
		      const struct account *offsetting, ratio change)
{
	struct case_value truth = case_truth(accepted), none = case_null();
	ratio usd = fb_ratio_of(1, 1000000);
	case_set(run, "accepted", &truth, rule->formula);
	if (!accepted) {
		struct case_value same = case_words("unchanged");
		case_set(run, "price_quote_quantums", &none, rule->formula);
		case_set(run, "offsetting_quote_usd_after", &none, rule->formula);
		case_set(run, "liquidated_quote_usd_after", &none, rule->formula);
		case_set(run, "liquidated_after", &same, rule->formula);
		case_set(run, "offsetting_after", &same, rule->formula);
		return;
	}
	ratio left = plus(liquidated->position, change), kept = minus(offsetting->position, change);
	ratio mine = plus(liquidated->quote, quote), theirs = minus(offsetting->quote, quote);
	case_set_number(run, "price_quote_quantums", quote, rule->formula);
	case_set_number(run, "offsetting_quote_usd_after", times(theirs, usd), rule->formula);
	case_set_number(run, "liquidated_quote_usd_after", times(mine, usd), rule->formula);
	case_set_number(run, "offsetting_btc_quantums_after", kept, rule->formula);
	case_set_number(run, "liquidated_btc_quantums_after", left, rule->formula);
	case_set_number(run, "offsetting_after.quote_usd", times(theirs, usd), rule->formula);
	case_set_number(run, "offsetting_after.btc_quantums", kept, rule->formula);
	case_set_number(run, "liquidated_after.quote_usd", times(mine, usd), rule->formula);
	case_set_number(run, "liquidated_after.btc_quantums", left, rule->formula);
	if (fb_ratio_sign(&left) == 0 && fb_ratio_sign(&mine) == 0) {
		struct case_value empty = case_words("empty");
		case_set(run, "liquidated_after", &empty, rule->formula);
	}
}

/* Oracle price in final settlement, else the liquidated account's bankruptcy price. */
static bool at_oracle(struct case_run *run)
{
	struct case_value what = case_find(run, NULL, "what");
	struct case_value flag = case_input(run, NULL, "at_oracle_price");
	return case_contains(what.words, "oracle") || case_contains(what.words, "settlement") ||
	       (flag.type == CASE_TRUTH && flag.truth);
}

static bool match(struct case_run *run, const struct case_rule *rule)
{
	struct account a = account_of(run, "liquidated", "BTC");
	struct account b = account_of(run, "offsetting", "BTC");
	struct dydx_market market = market_of(run, "BTC");
	ratio change = number(run, NULL, "delta_base_quantums");
	if (a.quote.error || b.quote.error || market.price.error || change.error ||
	    a.position.error || b.position.error)
		return false;
	bool fits = fb_ratio_sign(&b.position) == fb_ratio_sign(&change);
	ratio left = minus(fb_ratio_abs(b.position), fb_ratio_abs(change));
	fits = fits && fb_ratio_sign(&left) >= 0;
	ratio quote = dydx_bankruptcy_quote(&market, a.position, change, &a.risk);
	struct dydx_risk own = dydx_position(&market, a.position);
	struct dydx_risk mine = dydx_position(&market, plus(a.position, change));
	struct dydx_risk old = dydx_position(&market, b.position);
	struct dydx_risk theirs = dydx_position(&market, minus(b.position, change));
	if (at_oracle(run) && quote.error == 0)
		quote = minus(own.nc, mine.nc);
	if (!fits || quote.error) {
		set_match(run, rule, false, quote, &a, &b, change);
		return true;
	}
	/* Each side's risk, its traded position exchanged. */
	struct dydx_risk after_a = {
		plus(plus(minus(a.risk.nc, own.nc), mine.nc), quote),
		plus(minus(a.risk.imr, own.imr), mine.imr),
		plus(minus(a.risk.mmr, own.mmr), mine.mmr),
	};
	struct dydx_risk after_b = {
		minus(plus(minus(b.risk.nc, old.nc), theirs.nc), quote),
		plus(minus(b.risk.imr, old.imr), theirs.imr),
		plus(minus(b.risk.mmr, old.mmr), theirs.mmr),
	};
	set_match(run, rule,
		  dydx_acceptable(&a.risk, &after_a) && dydx_acceptable(&b.risk, &after_b), quote,
		  &a, &b, change);
	return true;
}

static bool fund_delta(struct case_run *run, const struct case_rule *rule)
{
	struct case_value buy = case_input(run, NULL, "is_buy");
	struct case_value quote = case_find(run, NULL, "quote_quantums");
	if (buy.type != CASE_TRUTH || quote.type != CASE_NUMBER)
		return false;
	ratio paid = buy.truth ? negative(quote.number) : quote.number;
	ratio fee = number(run, NULL, "max_liquidation_fee_ppm");
	ratio bankrupt = number(run, NULL, "bankruptcy_quote_quantums");
	struct account a = account_of(run, NULL, "BTC");
	if (bankrupt.error) {
		struct dydx_market market = market_of(run, "BTC");
		ratio fill = number(run, NULL, "fill_base_quantums");
		bankrupt = dydx_bankruptcy_quote(&market, a.position,
						 buy.truth ? fill : negative(fill), &a.risk);
	}
	ratio delta = dydx_fund_delta(paid, bankrupt, fee);
	if (delta.error)
		return false;
	case_set_number(run, "insurance_fund_delta", delta, rule->formula);
	return true;
}

static const struct case_rule table[] = {
	{ "dYdX", "", "imr_quote_quantums mmr_quote_quantums net_notional_quote_quantums "
	  "effective_imf_ppm", "",
	  "imr = ceil(N imf'), mmr = ceil(ceil(N imf) fraction), imf' = imf + (1 - imf) (OI - "
	  "low) / "
	  "(high - low)", margins },
	{ "dYdX", "", "bankruptcy_quote_quantums error", "",
	  "-DNNV - floor(TNC |DMMR| / TMMR)", bankruptcy },
	{ "dYdX", "", "price_quote_quantums_per_base_quantum", "",
	  "(PNNV - ABR SMMR PMMR) / PS, ABR = clamp(BA (1 - TNC / TMMR), 0, 1)", fillable },
	{ "dYdX", "", "is_liquidatable liquidatable", "given(mmr) and given(net_collateral)",
	  "mmr > 0 and mmr > net_collateral", NULL },
	{ "dYdX", "", "is_initial_collateralized is_collateralized", "",
	  "net_collateral >= imr", NULL },
	{ "dYdX", "", "is_maintenance_collateralized", "", "net_collateral >= mmr", NULL },
	{ "dYdX", "", "is_liquidatable liquidatable tnc tmmr", "",
	  "TMMR > 0 and TMMR > TNC", liquidatable },
	{ "dYdX", "", "accepted price_quote_quantums offsetting_quote_usd_after liquidated_after "
	  "liquidated_quote_usd_after offsetting_after offsetting_btc_quantums_after "
	  "liquidated_btc_quantums_after", "given(price_usd) or given(price)",
	  "-DNNV - floor(TNC |DMMR| / TMMR) of the liquidated; both sides no riskier after it",
	  match },
	{ "dYdX", "", "insurance_fund_delta", "given(max_liquidation_fee_ppm)",
	  "quote - bankruptcy quote; of a gain at most floor(|quote| fee)", fund_delta },
	/* Subticks are 10^exponent quote quantums a base quantum; in the tests it is -8. */
	{ "dYdX", "", "quote_quantums", "",
	  "floor(subticks * fill_base_quantums * 10^alt(quantum_conversion_exponent, -8))", NULL },
	{ "dYdX", "", "fill", "", "fill_base_quantums", NULL },
	{ "dYdX", "", "settlement_ppm", "",
	  "engine_settlement(funding_index_now, funding_index_entry, base_quantums)", NULL },
	{ "dYdX", "", "settlement_ppm", "",
	  "-(funding_index_now - funding_index_entry) * base_quantums", NULL },
	/* Two positions, told by their requirements: the tests' maintenance rate is 10 %. */
	{ "dYdX", "", "price_usd", "given(tnc_usd)",
	  "(mmr_btc_usd / 10% - sign(liquidated.btc_quantums) * tnc_usd * mmr_btc_usd / "
	  "(mmr_btc_usd + mmr_eth_usd)) / (abs(liquidated.btc_quantums) / 10^8)", NULL },
	{ "dYdX", "", "liquidated_quote_after_usd", "given(tnc_usd)",
	  "liquidated.quote_usd - price_usd * delta_base_quantums / 10^8", NULL },
	{ "dYdX", "", "offsetting_quote_after_usd", "given(tnc_usd)",
	  "offsetting.quote_usd + price_usd * delta_base_quantums / 10^8", NULL },
	{ "dYdX", "", "insurance_fund_delta", "given(delta)", "delta", NULL },
	{ "dYdX", "", "is_valid_insurance_fund_delta is_valid valid covers can_cover", "",
	  "insurance_fund_balance + insurance_fund_delta >= 0 or "
	  "insurance_fund_delta >= 0", NULL },
	{ "dYdX", "", "max_notional_liquidatable", "",
	  "max_notional_liquidated - previous_notional_liquidated", NULL },
	{ "dYdX", "", "max_insurance_lost max_quantums_insurance_lost", "",
	  "max_quantums_insurance_lost - abs(previous_insurance_lost)", NULL },
	{ "dYdX", "", "min_position_notional_liquidatable min_notional", "",
	  "min(min_position_notional_liquidated, abs(notional))", NULL },
	{ "dYdX", "", "max_position_notional_liquidatable max_notional", "",
	  "max(min(min_position_notional_liquidated, abs(notional)), "
	  "floor(abs(notional) * max_position_portion_liquidated_ppm / 10^6))", NULL },
};
CASE_TABLE(case_rules_dydx, table);
