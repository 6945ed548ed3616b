/* Brackets as JSON: the venue's answer, or ccxt's. */
#include <string.h>

#include "brackets_file.h"
#include "decimal.h"
#include "json.h"
#include "ladder.h"

/* The same number under its names: as Binance gives it, then as ccxt does. */
struct number_names {
	const char *venue, *ccxt, *what;
	unsigned scale;
	__int128 max;
	bool required;
};

static const struct number_names floor_names = { "notionalFloor",    "minNotional",
						 "a notional floor", 8,
						 FB_FLOOR_MAX,       true };
static const struct number_names cap_names = { "notionalCap", "maxNotional", "a notional cap", 8,
					       FB_CAP_MAX,    false };
static const struct number_names rate_names = { "maintMarginRatio",
						"maintenanceMarginRate",
						"a maintenance margin rate",
						7,
						FB_RATE_MAX,
						true };
static const struct number_names cum_names = { "cum", "cum", "a deduction", 15, FB_DEDUCTION_MAX,
					       false };

static int take_number(struct fb_brackets *l, const struct fb_json *json, uint32_t tier,
		       const struct number_names *names, __int128 *out, uint32_t *node)
{
	uint32_t info = fb_json_member(json, tier, "info");
	char kind[64];
	int rc;

	*out = -1;
	*node = info ? fb_json_member(json, info, names->venue) : 0;
	if (*node == 0)
		*node = fb_json_member(json, tier, names->venue);
	if (*node == 0)
		*node = fb_json_member(json, tier, names->ccxt);
	if (*node == 0 || json->node[*node].type == FB_JSON_NULL) {
		*node = *node ? *node : tier;
		return names->required
			       ? fb_json_error(json, tier, l->error, NULL, "%s as \"%s\" or \"%s\"",
					       names->what, names->venue, names->ccxt)
			       : 0;
	}
	if (json->node[*node].type != FB_JSON_NUMBER && json->node[*node].type != FB_JSON_STRING)
		return fb_json_error(json, *node, l->error, NULL, "%s: a number", names->what);
	rc = fb_decimal(json->text->bytes + json->node[*node].at, json->node[*node].length,
			names->scale, out);
	if (rc == 0 && (*out < 0 || *out > names->max))
		return fb_json_error(json, *node, l->error, "it does not fit the engine",
				     "%s that is not negative and not so large", names->what);
	if (rc)
		return fb_json_error(json, *node, l->error, NULL, "%s: %s", names->what,
				     fb_decimal_expected(rc, names->scale, kind, sizeof(kind)));
	return 0;
}

static int take_tier(struct fb_brackets *l, const struct fb_json *json, uint32_t node,
		     struct fb_ladder_builder *builder)
{
	struct fb_tier_input tier = { 0 };
	uint32_t at_floor = 0, at_cap = 0, at_rate = 0, at_cum = 0;
	char expected[128];
	int rc;

	if (json->node[node].type != FB_JSON_OBJECT)
		return fb_json_error(json, node, l->error, NULL, "a bracket: an object");
	rc = take_number(l, json, node, &floor_names, &tier.floor_e8, &at_floor);
	if (rc == 0)
		rc = take_number(l, json, node, &cap_names, &tier.cap_e8, &at_cap);
	if (rc == 0)
		rc = take_number(l, json, node, &rate_names, &tier.rate_e7, &at_rate);
	if (rc == 0)
		rc = take_number(l, json, node, &cum_names, &tier.deduction_e15, &at_cum);
	if (rc)
		return rc;
	switch (fb_ladder_add(builder, &tier, expected, sizeof(expected))) {
	case FB_LADDER_OK: return 0;
	case FB_LADDER_RATE: return fb_json_error(json, at_rate, l->error, NULL, "%s", expected);
	case FB_LADDER_DEDUCTION:
		return fb_json_error(json, at_cum, l->error, NULL, "%s", expected);
	case FB_LADDER_TIERS:
	case FB_LADDER_FLOOR: break;
	}
	return fb_json_error(json, at_floor, l->error, NULL, "%s", expected);
}

/* The brackets of one symbol; `named` is where errors about the symbol point to. */
static int take_brackets(struct fb_brackets *l, const struct fb_json *json, const char *symbol,
			 uint32_t named, uint32_t brackets)
{
	int index = fb_symbol_find(l->rules, symbol), rc;
	struct fb_ladder_builder builder;

	if (index < 0)
		return 0; /* the pack does not trade it */
	if (l->ladder[index].tiers)
		return fb_json_error(json, named, l->error,
				     "another entry is the same symbol by name or alias",
				     "each symbol once; %s came before", symbol);
	if (brackets == 0 || json->node[brackets].type != FB_JSON_ARRAY ||
	    json->node[brackets].child == 0)
		return fb_json_error(json, brackets ? brackets : named, l->error, NULL,
				     "a list of brackets for %s", symbol);
	fb_ladder_start(&builder, l->rules->symbol[index].name,
			strlen(l->rules->symbol[index].name));
	for (uint32_t i = json->node[brackets].child; i != 0; i = json->node[i].next) {
		rc = take_tier(l, json, i, &builder);
		if (rc)
			return rc;
	}
	l->ladder[index] = builder.ladder;
	l->used++;
	return 0;
}

/* {"symbol": "BTCUSDT", "brackets": [...]}, the venue's own answer */
static int take_venue_entry(struct fb_brackets *l, const struct fb_json *json, uint32_t entry)
{
	uint32_t symbol = fb_json_member(json, entry, "symbol");
	char name[FB_NAME_MAX];

	if (symbol == 0 || json->node[symbol].type != FB_JSON_STRING)
		return fb_json_error(json, entry, l->error,
				     "the USDT-margined form is "
				     "{\"symbol\":...,\"brackets\":[...]}",
				     "an object with a \"symbol\"");
	if (fb_json_unescape(json, json->node[symbol].at, json->node[symbol].length, name,
			     sizeof(name)))
		return 0; /* longer than any name of a pack */
	return take_brackets(l, json, name, symbol, fb_json_member(json, entry, "brackets"));
}

static int take_json(struct fb_brackets *l, const struct fb_json *json)
{
	int rc = 0;

	if (json->node[0].type != FB_JSON_ARRAY && json->node[0].type != FB_JSON_OBJECT)
		return fb_json_error(json, 0, l->error, NULL, "a list or an object of brackets");
	if (json->node[0].type == FB_JSON_OBJECT && fb_json_member(json, 0, "brackets"))
		return take_venue_entry(l, json, 0);
	for (uint32_t i = json->node[0].child; i != 0 && rc == 0; i = json->node[i].next) {
		char name[FB_NAME_MAX];

		if (json->node[0].type == FB_JSON_ARRAY)
			rc = take_venue_entry(l, json, i);
		else if (fb_json_unescape(json, json->node[i].key, json->node[i].key_length, name,
					  sizeof(name)) == 0)
			rc = take_brackets(l, json, name, i,
					   i); /* "BTC/USDT:USDT": [...], as ccxt gives it */
	}
	return rc;
}

int fb_brackets_json(struct fb_brackets *l, const char *path)
{
	struct fb_text text;
	struct fb_json json;
	int rc = fb_text_read(path, &text, l->error);

	if (rc)
		return rc;
	rc = fb_json_parse(&text, &json, l->error);
	if (rc == 0) {
		rc = take_json(l, &json);
		fb_json_free(&json);
	}
	fb_text_free(&text);
	return rc;
}
