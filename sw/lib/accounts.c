/* Accounts and positions from a CSV. sw/rules/README.md, section 2, describes the form. Lines may
 * come in any order, so that references and duplicates are checked when the whole file has been
 * read. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/book.h>
#include <firebreak/inputs.h>

#include "csv.h"
#include "generate.h"
#include "idmap.h"

#define E8 100000000

struct origin {
	unsigned line, id_column, account_column;
};

struct account_line {
	struct fb_account_spec spec;
	struct origin origin;
};

struct position_line {
	struct fb_position_spec spec;
	uint32_t account_id, account; /* account: index, once known */
	struct origin origin;
};

struct loader {
	const struct fb_rules *rules;
	struct fb_lines *lines;
	struct fb_error *error;
	struct account_line *account;
	size_t accounts, accounts_room;
	struct position_line *position;
	size_t positions, positions_room;
};

/* Room for one more element of an array that grows. */
static int grow(struct loader *l, void *array, size_t *room, size_t used, size_t size)
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

static int take_id(struct loader *l, const struct fb_field *field, uint32_t limit, const char *what,
		   uint32_t *out)
{
	__int128 value = 0;
	int rc = fb_field_number(l->lines, field, 0, 1, limit - 1, what, &value, l->error);

	*out = (uint32_t)value;
	return rc;
}

static int take_choice(struct loader *l, const struct fb_field *field, const char *const *names,
		       unsigned n, const char *expected, uint8_t *out)
{
	for (unsigned i = 0; i < n; i++)
		if (fb_field_is(field, names[i])) {
			*out = (uint8_t)i;
			return 0;
		}
	return fb_field_error(l->lines, field, l->error, NULL, "%s", expected);
}

/* account,ID,OWNER,ROLE,MODE,COLLATERAL */
static int take_account(struct loader *l, const struct fb_field *field)
{
	static const char *const roles[] = { "user", "fund", "backstop", "excluded" };
	static const char *const modes[] = { "cross", "isolated", "hedge" };
	const __int128 limit = ((__int128)1 << (FB_MONEY_BITS - 1)) - 1;
	struct fb_account_spec *spec;
	__int128 collateral = 0;
	int rc = grow(l, &l->account, &l->accounts_room, l->accounts, sizeof(*l->account));

	if (rc)
		return rc;
	l->account[l->accounts] = (struct account_line){
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
static int take_quantity(struct loader *l, const struct fb_field *field,
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

/* The entry value, as magnitude: given, or from the entry price and rounded down to 1e-8 like a
 * notional. */
static int take_entry(struct loader *l, const struct fb_field *price, const struct fb_field *value,
		      const struct fb_symbol *symbol, int64_t lots, __int128 *out)
{
	const __int128 limit = ((__int128)1 << (FB_MONEY_BITS - 1)) - 1;
	__int128 units_e8 = (__int128)(lots < 0 ? -lots : lots) * (__int128)symbol->lot_e8,
		 price_e8 = 0;
	int rc;

	if ((price->length == 0) == (value->length == 0))
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
	if (symbol->inverse)
		*out = units_e8 > ((__int128)1 << 99) ? limit + 1 : units_e8 * E8 / price_e8;
	else
		*out = units_e8 > ((__int128)1 << 126) / price_e8 ? limit + 1
								  : units_e8 * price_e8 / E8;
	if (*out > limit)
		return fb_field_error(l->lines, price, l->error, NULL,
				      "an entry value below 23 billion");
	return 0;
}

/* position,ID,ACCOUNT,SYMBOL,QUANTITY,ENTRY PRICE[,ENTRY VALUE] */
static int take_position(struct loader *l, const struct fb_field *field)
{
	struct position_line *line;
	char name[FB_NAME_MAX] = "";
	__int128 entry = 0;
	int symbol,
		rc = grow(l, &l->position, &l->positions_room, l->positions, sizeof(*l->position));

	if (rc)
		return rc;
	line = &l->position[l->positions];
	*line = (struct position_line){
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
	line->spec.symbol = (uint16_t)symbol;
	rc = take_quantity(l, &field[4], &l->rules->symbol[symbol], &line->spec.qty);
	if (rc == 0)
		rc = take_entry(l, &field[5], &field[6], &l->rules->symbol[symbol], line->spec.qty,
				&entry);
	if (rc)
		return rc;
	if (l->rules->symbol[symbol].inverse)
		line->spec.qty = -line->spec.qty; /* contract.md, section 5 */
	line->spec.entry_e8 = (int64_t)(line->spec.qty < 0 ? -entry : entry);
	l->positions++;
	return 0;
}

static int read_lines(struct loader *l)
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

static int misplaced(struct loader *l, unsigned line, unsigned column, int code,
		     const char *expected, uint32_t id)
{
	return fb_error_set(l->error, code, "%s:%u:%u: expected %s, found %u",
			    fb_lines_name(l->lines), line, column, expected, id);
}

/* Accounts by id; two of one id are a fault. */
static int link_accounts(struct loader *l, struct fb_idmap *map)
{
	for (size_t i = 0; i < l->accounts; i++) {
		const struct account_line *a = &l->account[i];
		uint32_t other;

		if (fb_idmap_get(map, a->spec.id, &other)) {
			char expected[96];

			snprintf(expected, sizeof(expected),
				 "a new account id (this one is on line %u)",
				 l->account[other].origin.line);
			return misplaced(l, a->origin.line, a->origin.id_column, -EINVAL, expected,
					 a->spec.id);
		}
		fb_idmap_put(map, a->spec.id, (uint32_t)i);
	}
	return 0;
}

/* The account of every position, and how many each has. */
static int link_positions(struct loader *l, const struct fb_idmap *accounts, struct fb_idmap *map)
{
	for (size_t i = 0; i < l->positions; i++) {
		struct position_line *p = &l->position[i];
		struct fb_account_spec *spec;
		uint32_t other;

		if (fb_idmap_get(map, p->spec.id, &other)) {
			char expected[96];

			snprintf(expected, sizeof(expected),
				 "a new position id (this one is on line %u)",
				 l->position[other].origin.line);
			return misplaced(l, p->origin.line, p->origin.id_column, -EINVAL, expected,
					 p->spec.id);
		}
		fb_idmap_put(map, p->spec.id, (uint32_t)i);
		if (!fb_idmap_get(accounts, p->account_id, &p->account))
			return misplaced(l, p->origin.line, p->origin.account_column, -EINVAL,
					 "the id of an account in this file", p->account_id);
		spec = &l->account[p->account].spec;
		if (++spec->positions > FB_ROWS_PER_ACCOUNT)
			return misplaced(l, p->origin.line, p->origin.account_column, -EINVAL,
					 "an account with fewer positions (the contract sets the "
					 "limit)",
					 p->account_id);
		if (spec->mode == FB_MARGIN_ISOLATED && spec->positions > 1)
			return misplaced(l, p->origin.line, p->origin.account_column, -EINVAL,
					 "an account that is not isolated (isolated: one account "
					 "per position)",
					 p->account_id);
	}
	return 0;
}

/* Accounts in the order of the file, each with its positions in the order of the file. */
static int gather(struct loader *l, struct fb_accounts *out)
{
	struct fb_accounts all = { .accounts = l->accounts, .positions = l->positions };
	size_t next = 0;

	all.account = calloc(l->accounts + 1, sizeof(*all.account));
	all.position = calloc(l->positions + 1, sizeof(*all.position));
	if (!all.account || !all.position) {
		fb_accounts_free(&all);
		return fb_error_set(l->error, -ENOMEM, "%s: out of memory",
				    fb_lines_name(l->lines));
	}
	for (size_t i = 0; i < l->accounts; i++) {
		all.account[i] = l->account[i].spec;
		all.account[i].first = next;
		next += all.account[i].positions;
		all.account[i].positions = 0;
	}
	for (size_t i = 0; i < l->positions; i++) {
		struct fb_account_spec *account = &all.account[l->position[i].account];

		all.position[account->first + account->positions++] = l->position[i].spec;
	}
	*out = all;
	return 0;
}

static int resolve(struct loader *l, struct fb_accounts *out)
{
	struct fb_idmap accounts = { 0 }, positions = { 0 };
	struct fb_field end = fb_lines_end();
	int rc;

	if (l->accounts == 0)
		return fb_field_error(l->lines, &end, l->error, NULL,
				      "a line that starts with account");
	rc = fb_idmap_open(&accounts, l->accounts);
	if (rc == 0) {
		rc = fb_idmap_open(&positions, l->positions + 1);
		if (rc == 0) {
			rc = link_accounts(l, &accounts);
			if (rc == 0)
				rc = link_positions(l, &accounts, &positions);
			fb_idmap_close(&positions);
		}
		fb_idmap_close(&accounts);
	}
	if (rc == -ENOMEM)
		fb_error_set(l->error, rc, "%s: out of memory", fb_lines_name(l->lines));
	return rc ? rc : gather(l, out);
}

int fb_accounts_load(const char *source, const struct fb_rules *rules, const uint64_t *start_e8,
		     struct fb_accounts *out, struct fb_error *error)
{
	struct loader l = { .rules = rules, .error = error };
	int rc;

	if (strncmp(source, "gen:", 4) == 0)
		return fb_accounts_generate(source, source + 4, rules, start_e8, out, error);
	rc = fb_lines_open(source, &l.lines, error);
	if (rc)
		return rc;
	rc = read_lines(&l);
	if (rc == 0)
		rc = resolve(&l, out);
	free(l.account);
	free(l.position);
	fb_lines_close(l.lines);
	return rc;
}

void fb_accounts_free(struct fb_accounts *accounts)
{
	free(accounts->account);
	free(accounts->position);
	*accounts = (struct fb_accounts){ 0 };
}
