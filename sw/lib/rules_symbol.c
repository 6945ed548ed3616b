/* The section [symbol NAME]: a contract. */
#include <string.h>

#include "rules_keys.h"

#define LOT_MAX (((int64_t)1 << 62) - 1)

static const struct fb_key keys[] = {
#define AT(field, ...) fb_symbol, field, __VA_ARGS__
	FB_KEY_MUST("lot", AT(lot_e8, FB_KEY_AMOUNT, 1, LOT_MAX, 0, "a lot")),
	FB_KEY("type", AT(inverse, FB_KEY_CHOICE, 0, 1, 0, "linear|inverse")),
	FB_KEY_MUST("ladder", AT(ladder, FB_KEY_LADDER, 0, FB_LADDERS - 1, 0, NULL)),
	{ .name = "aliases", .kind = FB_KEY_OWN, .take = fb_rules_take_aliases },
#undef AT
};
_Static_assert(sizeof(keys) / sizeof(*keys) <= FB_KEYS_MAX, "a place for every key");

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
};
