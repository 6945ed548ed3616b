/* The sections [symbol NAME], a contract, and [collateral COIN], a coin that counts as margin: a
 * symbol too, with a ladder of rate 0, whose mark is that of another. What is owed of a coin counts
 * otherwise than what is held, so that the debt side is a symbol of its own, COIN-owed. */
#include <stdio.h>
#include <string.h>

#include "rules_keys.h"

#define LOT_MAX (((int64_t)1 << 62) - 1)
#define RATE_MAX ((1 << FB_RATE_BITS) - 1)
#define ONE_E7 10000000

static const struct fb_key keys[] = {
#define AT(field, ...) fb_symbol, field, __VA_ARGS__
	FB_KEY_MUST("lot", AT(lot_e8, FB_KEY_AMOUNT, 1, LOT_MAX, 0, "a lot")),
	FB_KEY("type", AT(type, FB_KEY_CHOICE, 0, 2, FB_LINEAR,
					  "linear|inverse|quanto")),
	FB_KEY_MUST("ladder", AT(ladder, FB_KEY_LADDER, 0, FB_LADDERS - 1, 0, NULL)),
	{ .name = "aliases", .kind = FB_KEY_OWN, .take = fb_rules_take_aliases },
	FB_KEY("factor", AT(factor_e8, FB_KEY_AMOUNT, 0, LOT_MAX, 0, "a factor")),
	FB_KEY("expires", AT(expires_us, FB_KEY_DATE, 0, INT64_MAX, 0, NULL)),
	FB_KEY("tick", AT(tick_e8, FB_KEY_AMOUNT, 0, LOT_MAX, 0, "a tick")),
	FB_KEY("size_slope", AT(size_slope_e7, FB_KEY_RATIO, 0, RATE_MAX, 0, NULL)),
	FB_KEY("size_unit", AT(size_unit_e8, FB_KEY_AMOUNT, 0, LOT_MAX, 0, "a size")),
	FB_KEY("size_from", AT(size_from_e8, FB_KEY_AMOUNT, 0, LOT_MAX, 0, "a size")),
	FB_KEY("size_root", AT(size_root_e7, FB_KEY_RATIO, 0, RATE_MAX, 0, NULL)),
	FB_KEY("initial", AT(initial_e7, FB_KEY_RATIO, 0, RATE_MAX, 0, NULL)),
	FB_KEY("adl", AT(no_adl, FB_KEY_CHOICE, 0, 1, 0, "yes|no")),
	FB_KEY("pool", AT(pool, FB_KEY_NAME, 0, 0, 0, NULL)),
	FB_KEY("group", AT(group, FB_KEY_NAME, 0, 0, 0, NULL)),
};
_Static_assert(sizeof(keys) / sizeof(*keys) <= FB_KEYS_MAX, "a place for every key");

/* Coins share the lot, the root (by which their weight falls) and the aliases with contracts. */
static const struct fb_key coin_keys[] = {
	FB_KEY_MUST("lot", AT(lot_e8, FB_KEY_AMOUNT, 1, LOT_MAX, 0, "a lot")),
	FB_KEY_MUST("index", AT(index, FB_KEY_SYMBOL, 0, FB_SYMBOLS, 0, NULL)),
	{ .name = "aliases", .kind = FB_KEY_OWN, .take = fb_rules_take_aliases },
	FB_KEY_MUST("weight", AT(weight_e7, FB_KEY_RATIO, 0, 4 * ONE_E7, 0, NULL)),
	FB_KEY("liability_weight", AT(liability_e7, FB_KEY_RATIO, 0, 4 * ONE_E7,
							 0, NULL)),
	FB_KEY("size_root", AT(size_root_e7, FB_KEY_RATIO, 0, RATE_MAX, 0, NULL)),
	FB_KEY("", /* in logs only */
	       AT(owed, FB_KEY_CHOICE, 0, 1, 0, "no|yes")),
#undef AT
};

static int start(struct fb_rules_loader *l, const struct fb_field *name)
{
	struct fb_rules *r = l->rules;
	char text[FB_NAME_MAX];
	int rc = fb_rules_take_name(l, name, text);

	if (rc)
		return rc;
	if (r->symbols == FB_SYMBOLS)
		return fb_rules_refuse(l, name, NULL, "at most 1024 symbols");
	if (fb_symbol_find(r, text) >= 0)
		return fb_rules_refuse(l, name, "a symbol already has this name or alias",
				       "a new symbol");
	memcpy(r->symbol[r->symbols++].name, text, sizeof(text));
	return 0;
}

static bool is_free(const struct fb_ladder *ladder)
{
	return ladder->tiers == 1 && ladder->tier[0].rate_e7 == 0;
}

/* The ladder of rate 0, made if there is none. */
static int start_coin(struct fb_rules_loader *l, const struct fb_field *name)
{
	struct fb_rules *r = l->rules;
	unsigned i = 0;
	int rc = start(l, name);

	while (i < r->ladders && !is_free(&r->ladder[i]))
		i++;
	if (rc)
		return rc;
	if (i == FB_LADDERS)
		return fb_rules_refuse(l, name, "coins need one more, of rate 0",
				       "at most 255 ladders");
	if (i == r->ladders) {
		r->ladder[i] = (struct fb_ladder){ .name = "no-margin", .tiers = 1 };
		r->ladders++;
	}
	r->symbol[r->symbols - 1].ladder = i;
	return 0;
}

/* A coin is valued by the mark of a contract, in the contract's settlement coin: not of another
 * coin, and not of what is settled in something else. */
static bool coin_good(const struct fb_rules *r, const struct fb_symbol *s)
{
	const struct fb_symbol *index = s->index ? &r->symbol[s->index - 1] : NULL;

	if (!index)
		return s->weight_e7 == 0 && s->owed == 0;
	return s->weight_e7 > 0 && (s->owed || s->weight_e7 <= ONE_E7) && s->index <= r->symbols &&
	       index->index == 0 && index->type == FB_LINEAR && s->type == FB_LINEAR &&
	       r->ladder[s->ladder].tier[0].rate_e7 == 0;
}

static bool symbol_good(const struct fb_symbol *s)
{
	return (s->type == FB_QUANTO) == (s->factor_e8 > 0);
}

/* Where MM is a part of initial margin, the engine goes by the ladder: that must not be less. */
static bool ladder_good(const struct fb_rules *r, const struct fb_symbol *s)
{
	uint64_t part = (uint64_t)r->margin.mm_of_initial_e7 * s->initial_e7;

	return !r->margin.round ||
	       (uint64_t)r->ladder[s->ladder].tier[0].rate_e7 * ONE_E7 >= part;
}

static int finish_symbols(struct fb_rules_loader *l)
{
	const struct fb_rules *r = l->rules;
	const struct fb_where end = { fb_lines_name(l->lines), fb_lines_number(l->lines), 1 };

	for (unsigned i = 0; i < r->symbols; i++) {
		const char *name = r->symbol[i].name;

		if (!symbol_good(&r->symbol[i]))
			return fb_expected(l->error, &end, name, strlen(name), NULL,
					   "a factor of each quanto symbol, and of no other");
		if (!ladder_good(r, &r->symbol[i]))
			return fb_expected(l->error, &end, name, strlen(name), NULL,
					   "ladders with rates of at least initial x "
					   "mm_of_initial");
	}
	return 0;
}

static bool symbols_good(const struct fb_rules *r)
{
	for (unsigned i = 0; i < r->symbols; i++)
		if (!symbol_good(&r->symbol[i]) || !ladder_good(r, &r->symbol[i]))
			return false;
	return true;
}

static bool coins_good(const struct fb_rules *r)
{
	for (unsigned i = 0; i < r->symbols; i++)
		if (!coin_good(r, &r->symbol[i]))
			return false;
	return true;
}

/* Adds the debt side of every coin that may be owed. */
static int finish_coins(struct fb_rules_loader *l)
{
	struct fb_rules *r = l->rules;
	const struct fb_where end = { fb_lines_name(l->lines), fb_lines_number(l->lines), 1 };
	unsigned n = r->symbols;

	for (unsigned i = 0; i < n; i++)
		if (!coin_good(r, &r->symbol[i]))
			return fb_expected(l->error, &end, r->symbol[i].name,
					   strlen(r->symbol[i].name), NULL,
					   "of each coin a weight above 0 and at most 100 "
					   "%%, and as index a linear contract");
	for (unsigned i = 0; i < n; i++) {
		const struct fb_symbol *coin = &r->symbol[i];
		struct fb_symbol *debt = &r->symbol[r->symbols];
		char name[FB_NAME_MAX + 8];

		if (!coin->index || coin->owed || coin->liability_e7 == 0)
			continue;
		snprintf(name, sizeof(name), "%s-owed", coin->name);
		if (fb_symbol_find(r, name) >= 0)
			continue; /* of a base */
		if (r->symbols == FB_SYMBOLS || strlen(name) >= FB_NAME_MAX)
			return fb_expected(l->error, &end, coin->name,
					   strlen(coin->name), "what is owed of it is a symbol too",
					   "a coin with a name of at most 26 characters, and a "
					   "symbol less");
		*debt = *coin;
		memset(debt->alias, 0, sizeof(debt->alias));
		debt->aliases = 0;
		memcpy(debt->name, name, sizeof(debt->name));
		debt->weight_e7 = coin->liability_e7;
		debt->owed = 1;
		r->symbols++;
	}
	return 0;
}

static bool is_contract(const void *symbol)
{
	return ((const struct fb_symbol *)symbol)->index == 0;
}

/* The debt side is made from the coin. */
static bool is_coin(const void *symbol)
{
	return !is_contract(symbol) && !((const struct fb_symbol *)symbol)->owed;
}

const struct fb_section fb_section_symbol = {
	.name = "symbol",
	.key = keys,
	.keys = sizeof(keys) / sizeof(*keys),
	.offset = offsetof(struct fb_rules, symbol),
	.size = sizeof(struct fb_symbol),
	.count = offsetof(struct fb_rules, symbols),
	.most = FB_SYMBOLS,
	.required = true,
	.start = start,
	.mine = is_contract,
	.finish = finish_symbols,
	.good = symbols_good,
};

/* In a log the fields of coins follow those of contracts, of every symbol. */
const struct fb_section fb_section_collateral = {
	.name = "collateral",
	.key = coin_keys,
	.keys = sizeof(coin_keys) / sizeof(*coin_keys),
	.offset = offsetof(struct fb_rules, symbol),
	.size = sizeof(struct fb_symbol),
	.count = offsetof(struct fb_rules, symbols),
	.most = FB_SYMBOLS,
	.start = start_coin,
	.mine = is_coin,
	.finish = finish_coins,
	.good = coins_good,
};
