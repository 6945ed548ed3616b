/* The lines of an accounts file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/book.h>

#include "accounts_file.h"

#define E8 100000000

/* Room for one more element of an array that grows. */
static int grow(struct fb_accounts_loader *l, void *array, size_t *room, size_t used, size_t size)
{
	size_t wider = *room ? *room * 2 : 1024;
	void *bytes;

	if (used < *room)
		return 0;
	memcpy(&bytes, array, sizeof(bytes));
	bytes = realloc(bytes, wider * size);
	if (!bytes)
		return fb_error_set(l->error, -ENOMEM, "%s: out of memory",
				    fb_lines_name(l->lines));
	memcpy(array, &bytes, sizeof(bytes));
	*room = wider;
	return 0;
}

static int take_id(struct fb_accounts_loader *l, const struct fb_field *field, uint32_t limit,
		   const char *what, uint32_t *out)
{
	__int128 value = 0;
	int rc = fb_field_number(l->lines, field, 0, 1, limit - 1, what, &value, l->error);

	*out = (uint32_t)value;
	return rc;
}

static int take_choice(struct fb_accounts_loader *l, const struct fb_field *field,
		       const char *const *names, unsigned n, const char *expected, uint8_t *out)
{
	for (unsigned i = 0; i < n; i++)
		if (fb_field_is(field, names[i])) {
			*out = (uint8_t)i;
			return 0;
		}
	return fb_field_error(l->lines, field, l->error, NULL, "%s", expected);
}

/* account,ID,OWNER,ROLE,MODE,COLLATERAL */
static int take_account(struct fb_accounts_loader *l, const struct fb_field *field)
{
	static const char *const roles[] = { "user", "fund", "backstop", "excluded" };
	static const char *const modes[] = { "cross", "isolated", "hedge" };
	const __int128 limit = ((__int128)1 << (FB_MONEY_BITS - 1)) - 1;
	struct fb_account_spec *spec;
	__int128 collateral = 0;
	int rc = grow(l, &l->account, &l->accounts_room, l->accounts, sizeof(*l->account));

	if (rc)
		return rc;
	l->account[l->accounts] = (struct fb_account_line){
		.origin = { fb_lines_number(l->lines), field[1].column, field[1].column },
	};
	spec = &l->account[l->accounts].spec;
	rc = take_id(l, &field[1], FB_ID_RESERVED, "an account id", &spec->id);
	spec->owner = spec->id;
	if (rc == 0 && field[2].length)
		rc = take_id(l, &field[2], FB_ID_RESERVED, "an owner id", &spec->owner);
	if (rc == 0)
		rc = take_choice(l, &field[3], roles, 4, "a role: user, fund, backstop or excluded",
				 &spec->role);
	if (rc == 0)
		rc = take_choice(l, &field[4], modes, 3, "a mode: cross, isolated or hedge",
				 &spec->mode);
	if (rc == 0)
		rc = fb_field_number(l->lines, &field[5], 8, -limit, limit, "collateral",
				     &collateral, l->error);
	spec->collateral_e8 = (int64_t)collateral;
	l->accounts += rc == 0;
	return rc;
}

/* Base units, or contracts of an inverse symbol, to lots. */
static int take_quantity(struct fb_accounts_loader *l, const struct fb_field *field,
			 const struct fb_symbol *symbol, int64_t *lots)
{
	const __int128 most = ((__int128)1 << (FB_QTY_BITS - 1)) - 1,
		       limit = most * (__int128)symbol->lot_e8;
	__int128 value = 0;
	int rc = fb_field_number(l->lines, field, 8, -limit, limit, "a quantity", &value, l->error);

	if (rc)
		return rc;
	if (value == 0 || value % (__int128)symbol->lot_e8 != 0)
		return fb_field_error(l->lines, field, l->error, "the rules give the lot",
				      "a quantity that is not 0 and a whole number of lots of "
				      "%llu.%08llu",
				      (unsigned long long)(symbol->lot_e8 / E8),
				      (unsigned long long)(symbol->lot_e8 % E8));
	*lots = (int64_t)(value / (__int128)symbol->lot_e8);
	return 0;
}

/* What so many base units cost at a price, rounded down to 1e-8 like a notional; above `limit`: too
 * much. Factors are below 2^109, 2^63 and 2^62. */
static __int128 cost(const struct fb_symbol *symbol, __int128 units_e8, __int128 price_e8,
		     __int128 limit)
{
	unsigned __int128 most = ((unsigned __int128)1 << 127) - 1,
			  value = (unsigned __int128)units_e8;

	if (symbol->type == FB_INVERSE)
		return value > most / E8 ? limit + 1 : (__int128)(value * E8) / price_e8;
	if (value > most / (unsigned __int128)price_e8)
		return limit + 1;
	value *= (unsigned __int128)price_e8;
	if (symbol->type != FB_QUANTO)
		return (__int128)(value / E8);
	/* The remainder of the first division counts only where the product is too long, and there
	 * it is far below what is kept. */
	if (value <= most / symbol->factor_e8)
		return (__int128)(value * symbol->factor_e8 / E8 / E8);
	value /= E8;
	return value > most / symbol->factor_e8 ? limit + 1
						: (__int128)(value * symbol->factor_e8 / E8);
}

/* The entry value, as magnitude: given, or from the entry price. A coin was not bought with margin:
 * without either its entry value is 0. */
static int take_entry(struct fb_accounts_loader *l, const struct fb_field *price,
		      const struct fb_field *value, const struct fb_symbol *symbol, int64_t lots,
		      __int128 *out)
{
	const __int128 limit = ((__int128)1 << (FB_MONEY_BITS - 1)) - 1;
	__int128 units_e8 = (__int128)(lots < 0 ? -lots : lots) * (__int128)symbol->lot_e8,
		 price_e8 = 0;
	int rc;

	*out = 0;
	if (symbol->index && price->length == 0 && value->length == 0)
		return 0;
	if ((price->length == 0) == (value->length == 0) || (symbol->index && price->length))
		return fb_field_error(l->lines, price, l->error,
				      "exactly one of the two, the other is empty",
				      "an entry price or, in the next column, an entry value");
	if (value->length)
		return fb_field_number(l->lines, value, 8, 0, limit, "an entry value, a magnitude,",
				       out, l->error);
	rc = fb_field_number(l->lines, price, 8, 1, ((__int128)1 << 63) - 1, "an entry price",
			     &price_e8, l->error);
	if (rc)
		return rc;
	*out = cost(symbol, units_e8, price_e8, limit);
	if (*out > limit)
		return fb_field_error(l->lines, price, l->error, NULL,
				      "an entry value below 23 billion");
	return 0;
}

/* The debt side of a coin, or -1. */
static int debt_of(const struct fb_rules *rules, int coin)
{
	char name[FB_NAME_MAX + 8];

	if (rules->symbol[coin].owed)
		return coin;
	snprintf(name, sizeof(name), "%s-owed", rules->symbol[coin].name);
	return fb_symbol_find(rules, name);
}

/* position,ID,ACCOUNT,SYMBOL,QUANTITY,ENTRY PRICE[,ENTRY VALUE] */
static int take_position(struct fb_accounts_loader *l, const struct fb_field *field)
{
	struct fb_position_line *line;
	char name[FB_NAME_MAX] = "";
	__int128 entry = 0;
	int symbol,
		rc = grow(l, &l->position, &l->positions_room, l->positions, sizeof(*l->position));

	if (rc)
		return rc;
	line = &l->position[l->positions];
	*line = (struct fb_position_line){
		.origin = { fb_lines_number(l->lines), field[1].column, field[2].column },
	};
	rc = take_id(l, &field[1], FB_POSITION_RESERVED, "a position id", &line->spec.id);
	if (rc == 0)
		rc = take_id(l, &field[2], FB_ID_RESERVED, "an account id", &line->account_id);
	if (rc)
		return rc;
	if (field[3].length < FB_NAME_MAX && field[3].text)
		memcpy(name, field[3].text, field[3].length);
	symbol = fb_symbol_find(l->rules, name);
	if (symbol < 0)
		return fb_field_error(
			l->lines, &field[3], l->error, "add it, or an alias, to the rules",
			"a symbol of the rules of %s (%s and %u more)", l->rules->venue,
			l->rules->symbol[0].name, l->rules->symbols - 1);
	rc = take_quantity(l, &field[4], &l->rules->symbol[symbol], &line->spec.qty);
	if (rc == 0 && l->rules->symbol[symbol].index && line->spec.qty < 0)
		symbol = debt_of(l->rules, symbol);
	if (symbol < 0)
		return fb_field_error(l->lines, &field[4], l->error,
				      "the rules give it no liability_weight",
				      "a quantity above 0: this coin cannot be owed");
	line->spec.symbol = (uint16_t)symbol;
	if (rc == 0)
		rc = take_entry(l, &field[5], &field[6], &l->rules->symbol[symbol], line->spec.qty,
				&entry);
	if (rc)
		return rc;
	if (l->rules->symbol[symbol].type == FB_INVERSE)
		line->spec.qty = -line->spec.qty; /* contract.md, section 5 */
	line->spec.entry_e8 = (int64_t)(line->spec.qty < 0 ? -entry : entry);
	l->positions++;
	return 0;
}

int fb_accounts_read(struct fb_accounts_loader *l)
{
	struct fb_field line, field[FB_FIELDS_MAX];
	int rc;

	while ((rc = fb_lines_next(l->lines, &line, l->error)) > 0) {
		int n = fb_csv_split(l->lines, &line, field, l->error), most;

		if (n < 0)
			return n;
		if (fb_field_is(&field[0], "account"))
			rc = take_account(l, field), most = 6;
		else if (fb_field_is(&field[0], "position"))
			rc = take_position(l, field), most = 7;
		else
			return fb_field_error(l->lines, &field[0], l->error,
					      "lines with # are comments",
					      "a line that starts with account or position");
		if (rc)
			return rc;
		if (n > most)
			return fb_field_error(l->lines, &field[most], l->error, NULL,
					      "at most %d fields", most);
	}
	return rc;
}
