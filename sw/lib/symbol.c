/* Symbols: finding one by any of its names, and its unit value at a price. */
#include <errno.h>
#include <string.h>

#include <firebreak/inputs.h>

#define E8 100000000u

int fb_symbol_find(const struct fb_rules *rules, const char *name)
{
	for (unsigned i = 0; i < rules->symbols; i++) {
		const struct fb_symbol *symbol = &rules->symbol[i];

		if (strcmp(symbol->name, name) == 0)
			return (int)i;
		for (unsigned k = 0; k < symbol->aliases; k++)
			if (strcmp(symbol->alias[k], name) == 0)
				return (int)i;
	}
	return -ENOENT;
}

/* Money per lot in 1e-8, x 2^16. Both factors come in 1e-8 themselves:
 *     linear, price x lot in quote     price_e8 x lot_e8 x 2^16 / 1e8
 *     inverse, lot / price in base     lot_e8 x 1e8 x 2^16 / price_e8 */
int fb_unit_value(const struct fb_symbol *symbol, uint64_t price_e8, uint64_t *u)
{
	unsigned __int128 value;

	if (price_e8 == 0)
		return -ERANGE;
	if (symbol->inverse) {
		value = ((unsigned __int128)symbol->lot_e8 * E8 << FB_U_FRACTION_BITS) / price_e8;
	} else {
		value = (unsigned __int128)price_e8 * symbol->lot_e8;
		if (value >> (128 - FB_U_FRACTION_BITS))
			return -ERANGE; /* far beyond 2^52, and the shift below would lose bits */
		value = (value << FB_U_FRACTION_BITS) / E8;
	}
	if (value == 0 || value >> FB_U_BITS)
		return -ERANGE;
	*u = (uint64_t)value;
	return 0;
}
