/* Symbols: finding one by any of its names, and its unit value at a price. */
#include <errno.h>
#include <string.h>

#include <firebreak/inputs.h>

#define E8 100000000u
#define ONE_E7 10000000u

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

/* *a x= b; false: 2^16 times that would not fit. */
static bool times(unsigned __int128 *a, uint64_t b)
{
	if (b == 0 || *a > ((unsigned __int128)1 << (128 - FB_U_FRACTION_BITS)) / b)
		return false;
	*a *= b;
	return true;
}

/* Money per lot in 1e-8, x 2^16. All factors come in 1e-8 themselves, weights in 1e-7:
 *     linear, price x lot in quote         price_e8 x lot_e8 x 2^16 / 1e8
 *     inverse, lot / price in base         lot_e8 x 1e8 x 2^16 / price_e8
 *     quanto, price x lot x factor         price_e8 x lot_e8 x factor_e8 x 2^16 / 1e16
 *     coin, price x lot x weight           price_e8 x lot_e8 x weight_e7 x 2^16 / 1e15
 * rounded down; what is owed, up: both against the account. */
int fb_unit_value(const struct fb_symbol *symbol, uint64_t price_e8, uint64_t *u)
{
	unsigned __int128 value = (unsigned __int128)price_e8 * symbol->lot_e8, divisor = E8;

	if (price_e8 == 0)
		return -ERANGE;
	if (symbol->type == FB_INVERSE) {
		value = ((unsigned __int128)symbol->lot_e8 * E8 << FB_U_FRACTION_BITS) / price_e8;
	} else {
		if (symbol->type == FB_QUANTO) {
			divisor *= E8;
			if (!times(&value, symbol->factor_e8))
				return -ERANGE;
		}
		if (symbol->index) {
			divisor *= ONE_E7;
			if (!times(&value, symbol->weight_e7))
				return -ERANGE;
		}
		if (value >> (128 - FB_U_FRACTION_BITS))
			return -ERANGE; /* the shift below would lose bits */
		value <<= FB_U_FRACTION_BITS;
		value = value / divisor + (symbol->owed && value % divisor != 0);
	}
	if (value == 0 || value >> FB_U_BITS)
		return -ERANGE;
	*u = (uint64_t)value;
	return 0;
}
