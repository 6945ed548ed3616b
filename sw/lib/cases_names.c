/* Names of inputs: synonyms, units and scales. */
#include <errno.h>
#include <string.h>

#include "cases_internal.h"

/* One line a quantity, the name that rules use first; earlier names win. With % the value is in
 * percent. Only for inputs: what is expected goes by case_canonical(). */
static const char *const synonyms[] = {
	"wallet wallet_balance isolated_wallet isolated_margin position_margin collateral margin "
	"account_balance balance margin_balance deposit usdc_deposit",
	"mmr mm_rate maintenance_margin_rate maintenance_rate maint_margin_ratio mmf mm_pct% "
	"maintenance_margin_fraction",
	"im_rate initial_margin_rate initial_margin_fraction imf im_pct% initial_rate",
	"qty size quantity position position_size position_qty contracts amount",
	"entry entry_price avg_entry avg_entry_price average_entry_price average_entry open_price "
	"open_rate",
	"mark mark_price current_price oracle_price oracle",
	"leverage lev",
	"max_leverage max_lev maximum_leverage",
	"fee taker_fee taker taker_fee_rate fee_rate closing_fee_rate close_fee_rate closing_fee",
	"maint_amount maintenance_amount mm_deduction maintenance_deduction deduction "
	"cum maint_amt",
	"prev_maint_amount prev_maintenance_amount prev_deduction prev_cum",
	"floor notional_floor lower_bound",
	"rate maint_rate tier_rate",
	"upnl unrealized_profit unrealised_profit unrealized_pnl unrealised_pnl pnl_usd pnl",
	"bankruptcy_price bankruptcy bankrupt_price",
	"liq_price liquidation_price",
	"exec_price execution_price fill_price fill filled_at executed_price",
	"tmm_others mm_others other_mm tmm_other tmm1 tmm",
	"upnl_others upnl_other other_upnl upnl1",
	"extra_margin extra_margin_added added_margin",
	"available_balance available",
	"funding_rate last_funding_rate current_funding_rate",
	"index index_price",
	"hours_until_funding hours_to_funding time_until_funding_h time_to_funding_h "
	"time_until_funding time_to_funding",
	"interval_h funding_interval_h interval_hours interval funding_interval",
	"premium_index premium average_premium avg_premium premium_rate",
	"interest interest_rate baseline_rate",
	"clamp clamp_rate",
	"pnl_share pnl_pct% pnl_percent% pnl_percentage% roi roi_pct% return_rate return_pct% "
	"pnl_ratio profit_pct%",
	"effective_leverage position_leverage eff_leverage eff_lev leverage",
	"margin_ratio mm_ratio maintenance_margin_ratio account_mmr mmr_account "
	"account_maintenance_margin_rate account_mm_rate margin_rate "
	"pos_mr position_mr",
	"side position_side direction",
	"equity account_value account_equity total_account_value tav",
	"notional position_notional notional_value",
	"liquidated_qty liquidation_qty qty_to_close amount_to_close",
	"imf_ppm imr_ppm initial_margin_ppm",
	"net_collateral nc tnc",
	"insurance_fund_balance fund_balance insurance_fund fund_before fund",
	"bankruptcy_value bankrupt_value",
	"maintenance_margin maint_margin mm mm_amount",
	"adl_enabled adl adl_on",
	"funding_index_now funding_index current_funding_index index_now",
	"funding_index_entry position_funding_index entry_funding_index index_entry "
	"funding_index_at_entry",
	"contract_size contract_value face_value contract_multiplier",
	"quote_balance_usd quote_usd",
	"order_qty order_size order_quantity",
};

/* Of what is expected, to the name that rules give: that name first. */
static const struct {
	const char *name, *others;
} results[] = {
	{ "liq_price", "liquidation_price" },
	{ "bankruptcy_price", "bankrupt_price" },
	{ "initial_margin", "im" },
	{ "maintenance_margin", "maint_margin mm mm_requirement" },
	{ "upnl", "unrealized_pnl unrealised_pnl unrealized_profit unrealised_profit" },
	{ "maint_amount", "maintenance_amount mm_deduction deduction cum maintenance_deduction" },
	{ "mmr", "mm_rate maintenance_margin_rate" },
	{ "im_rate", "initial_margin_rate" },
	{ "liquidatable", "liquidated is_liquidatable is_liquidated liquidate" },
	{ "margin_ratio", "account_margin_ratio mm_ratio" },
	{ "score", "adl_score adl_ranking_score" },
	{ "available", "available_balance" },
	{ "pnl_ratio", "pnl return_rate" },
	{ "qty", "size quantity contracts amount" },
	{ "position_value", "entry_value" },
	{ "insurance_fund_delta", "fund_delta insurance_delta insurance_fund_change" },
	{ "settlement_ppm", "net_settlement_ppm funding_settlement_ppm" },
	{ "base_amount_1e9", "base_to_liquidate_1e9 base_asset_amount_1e9 base_1e9" },
	{ "if_fee_1e6", "insurance_fee_1e6 fund_fee_1e6 insurance_fund_fee_1e6" },
	{ "fee_1e6", "liquidation_fee_1e6 liquidator_fee_1e6" },
	{ "qty_to_close", "close_qty amount_to_close liquidate_qty" },
	{ "adl_triggered", "triggered adl" },
	{ "cost", "total_cost liquidation_cost" },
};

/* Ends of names: a scale, or a unit with scale 1. */
static const struct {
	const char *end;
	uint32_t scale;
} ends[] = {
	{ "_pct", 100 },	{ "_percent", 100 }, { "_ppm", 1000000 },    { "_bps", 10000 },
	{ "_1e2", 100 },	{ "_1e4", 10000 },   { "_1e6", 1000000 },    { "_1e8", 100000000 },
	{ "_1e9", 1000000000 }, { "_e4", 10000 },    { "_e6", 1000000 },     { "_e8", 100000000 },
	{ "_e9", 1000000000 },	{ "_usd", 1 },	     { "_usdt", 1 },	     { "_usdc", 1 },
	{ "_btc", 1 },		{ "_eth", 1 },	     { "_xbt", 1 },	     { "_sol", 1 },
	{ "_underlying", 1 },	{ "_coin", 1 },	     { "_contracts", 1 },    { "_price", 1 },
};
enum { ENDS = sizeof(ends) / sizeof(ends[0]) };

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);
	return n > m && strcmp(name + n - m, end) == 0;
}

bool case_strip(const char *name, char out[CASE_PATH], struct fb_ratio *scale)
{
	for (unsigned i = 0; i < ENDS; i++) {
		if (!ends_with(name, ends[i].end) || strlen(name) >= CASE_PATH)
			continue;
		size_t n = strlen(name) - strlen(ends[i].end);
		memcpy(out, name, n);
		out[n] = '\0';
		*scale = fb_ratio_int(ends[i].scale);
		return true;
	}
	return false;
}

/* The next word of *list, with its length; NULL at the end. */
static const char *next_word(const char **list, size_t *length)
{
	const char *word = *list + strspn(*list, " ");
	*length = strcspn(word, " ");
	*list = word + *length;
	return *length ? word : NULL;
}

static bool is_word(const char *word, size_t length, const char *name)
{
	return strlen(name) == length && memcmp(word, name, length) == 0;
}

/* The line of a table that has `name`, or NULL. */
static const char *line_of(const char *const *table, size_t lines, const char *name)
{
	for (size_t i = 0; i < lines; i++) {
		const char *list = table[i], *word;
		size_t n;
		while ((word = next_word(&list, &n)))
			if (is_word(word, n - (word[n - 1] == '%'), name))
				return table[i];
	}
	return NULL;
}

const char *case_canonical(const char *name)
{
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		const char *list = results[i].others, *word;
		size_t n;
		while ((word = next_word(&list, &n)))
			if (is_word(word, n, name))
				return results[i].name;
	}
	return name;
}

/* A given fact of this very name, or of this name with a unit or a scale. */
static struct case_value given(struct case_run *run, const char *scope, const char *name,
			       bool percent)
{
	char place[CASE_PATH], longer[CASE_PATH];
	if (!case_join(place, scope, name))
		return case_none(-ENOENT);
	const struct case_fact *fact = case_fact(run, place);
	struct fb_ratio scale = fb_ratio_int(percent ? 100 : 1);
	for (unsigned i = 0; i < ENDS && !(fact && fact->given) && !percent; i++) {
		if (strlen(place) + strlen(ends[i].end) >= CASE_PATH)
			continue;
		memcpy(longer, place, strlen(place) + 1);
		strcat(longer, ends[i].end);
		fact = case_fact(run, longer);
		scale = fb_ratio_int(ends[i].scale);
	}
	if (!fact || !fact->given)
		return case_none(-ENOENT);
	struct case_value value = fact->value;
	if (value.type == CASE_NUMBER)
		value.number = fb_ratio_div(value.number, scale);
	return value;
}

struct case_value case_input(struct case_run *run, const char *scope, const char *name)
{
	struct case_value value = given(run, scope, name, false);
	const char *member = strrchr(name, '.');
	char whole[CASE_PATH], object[CASE_PATH];
	if (value.type == CASE_NONE && member && member > name && strlen(name) < CASE_PATH) {
		/* winner.qty may go by winner.size */
		memcpy(object, name, (size_t)(member - name));
		object[member - name] = '\0';
		return case_join(whole, scope, object) ? case_input(run, whole, member + 1)
						       : value;
	}
	const char *list =
		line_of(synonyms, sizeof(synonyms) / sizeof(synonyms[0]), name), *word;
	size_t n;
	/* Only the name that rules use stands for its line; the others are themselves. */
	if (value.type != CASE_NONE || !list || !is_word(list, strcspn(list, " "), name))
		return value;
	while ((word = next_word(&list, &n)) && value.type == CASE_NONE) {
		char synonym[CASE_PATH];
		bool percent = word[n - 1] == '%';
		/* "position" may be a size, a side or a letter. */
		bool number = is_word(word, n, "position") || is_word(word, n, "pnl");
		memcpy(synonym, word, n - percent);
		synonym[n - percent] = '\0';
		value = given(run, scope, synonym, percent);
		if (number && value.type != CASE_NUMBER)
			value = case_none(-ENOENT);
	}
	return value;
}

bool case_given(struct case_run *run, const char *scope, const char *name)
{
	return case_input(run, scope, name).type != CASE_NONE;
}
