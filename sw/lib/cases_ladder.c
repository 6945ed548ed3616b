/* Tiers that a case names by its symbol only: from the ladders that lie beside the rule packs. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cases_tables.h"
#include "ladder.h"
#include "rules_path.h"

#define NAME 160

static const struct {
	const char *venue, *file;
} venues[] = {
	{ "COIN-M", "binance-coinm" },	  { "Binance", "binance-usdm" },
	{ "Hyperliquid", "hyperliquid" }, { "Bybit", "bybit" },
	{ "Bitget", "bitget" },		  { "Gate", "gate" },
	{ "OKX", "okx" },		  { "BitMEX", "bitmex" },
};

/* "BTCUSDT" in 2020 -> binance-usdm-2020-btcusdt, -btc, and without the year. */
static bool file_name(const struct case_run *run, const char *symbol, unsigned form,
		      char out[NAME])
{
	const char *file = NULL;
	char own[32];
	size_t n = strcspn(symbol, " -_/(");
	for (size_t i = 0; i < sizeof(venues) / sizeof(venues[0]) && !file; i++)
		if (case_contains(run->venue, venues[i].venue))
			file = venues[i].file;
	bool year = case_contains(run->note, "2020") || case_contains(run->source, "2020");
	/* USDT tiers have a ladder of that year only; coin-margined ones one of any year. */
	if (!file || n == 0 || n >= sizeof(own) || (form < 2 && !year) ||
	    (form >= 2 && year && strcmp(file, "binance-usdm") == 0))
		return false;
	for (size_t i = 0; i < n; i++)
		own[i] = (char)tolower((unsigned char)symbol[i]);
	own[n] = '\0';
	if (form % 2) {
		char *quote = strstr(own, "usd");
		if (!quote || quote == own)
			return false;
		*quote = '\0';
	}
	return snprintf(out, NAME, "%s%s-%s.csv", file, form < 2 ? "-2020" : "", own) < NAME;
}

static bool read_ladder(const char *path, struct fb_ladder_builder *builder)
{
	struct fb_tiers tiers;
	struct fb_tier_input tier;
	int more;
	if (fb_tiers_open(path, false, &tiers, NULL))
		return false;
	fb_ladder_start(builder, "case", 4);
	while ((more = fb_tiers_next(&tiers, &tier, NULL)) == 1)
		if (fb_tiers_add(&tiers, &tier, builder, NULL)) {
			more = -EINVAL;
			break;
		}
	fb_tiers_close(&tiers);
	return more == 0 && builder->ladder.tiers > 0;
}

static bool find_ladder(const struct case_run *run, const char *symbol,
			struct fb_ladder_builder *builder)
{
	for (unsigned form = 0; form < 4; form++) {
		char file[NAME], folder[FB_RULES_PATH_MAX], path[FB_RULES_PATH_MAX + NAME + 16];
		if (!file_name(run, symbol, form, file))
			continue;
		for (unsigned i = 0; i < FB_RULES_FOLDERS; i++) {
			if (fb_rules_folder(i, folder))
				continue;
			snprintf(path, sizeof(path), "%s/ladders/%s", folder, file);
			if (read_ladder(path, builder))
				return true;
		}
	}
	return false;
}

static bool by_symbol(struct case_run *run, const struct case_rule *rule)
{
	struct fb_ladder_builder builder;
	struct case_value symbol = case_input(run, NULL, "symbol");
	struct case_value notional = case_find(run, NULL, "notional");
	unsigned row = 0;
	if (symbol.type != CASE_WORDS || notional.type != CASE_NUMBER ||
	    !find_ladder(run, symbol.words, &builder))
		return false;
	const struct fb_ladder *l = &builder.ladder;
	for (unsigned i = 1; i < l->tiers; i++) {
		struct fb_ratio floor = fb_ratio_scaled(l->tier[i].floor_e8, 8);
		if (fb_ratio_compare(&floor, &notional.number) <= 0)
			row = i;
	}
	case_set_number(run, "mmr", fb_ratio_scaled(l->tier[row].rate_e7, 7), rule->formula);
	case_set_number(run, "maint_amount",
			fb_ratio_scaled((__int128)l->tier[row].deduction_e15, 15), rule->formula);
	return true;
}

static const struct case_rule table[] = {
	{ "", "mm", "mmr maint_amount", "given(symbol)",
	  "of the symbol's ladder, the tier with the highest floor not above the notional",
	  by_symbol },
};
CASE_TABLE(case_rules_ladder, table);
