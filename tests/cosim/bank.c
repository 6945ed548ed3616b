/* The generator's shadow; see bank.h. */
#include "bank.h"

#include <string.h>

void bank_clear(struct bank *b)
{
	memset(b, 0, sizeof *b);
}

static uint64_t magnitude(int64_t v)
{
	return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

u128 bank_notional(int64_t qty, uint64_t u)
{
	return ((u128)magnitude(qty) * u) >> FB_U_FRACTION_BITS;
}

i128 bank_row_mm(const struct bank_ladder *ladder, u128 notional, uint32_t addend_e7)
{
	unsigned k = 0;

	if (notional == 0)
		return 0;
	for (unsigned i = 1; i < ladder->tiers; i++)
		if (ladder->tier[i].floor_e8 <= notional)
			k = i;
	return (i128)(notional * ((u128)ladder->tier[k].rate_e7 + addend_e7)) -
	       (i128)ladder->tier[k].deduction_e15;
}

struct bank_sums bank_sums(const struct bank *b, int account, struct bank_what_if what_if)
{
	struct bank_sums sums = { 0 };

	for (int i = b->account[account].first_row; i != BANK_NONE; i = b->row[i].next) {
		const struct bank_row *row = &b->row[i];
		const struct bank_symbol *symbol = &b->symbol[row->symbol];
		uint64_t u = row->symbol == what_if.symbol ? what_if.u : symbol->u;
		u128 n = bank_notional(row->qty, u);

		if (n >> FB_NOTIONAL_BITS) {
			sums.bad_rows++;
			continue;
		}
		sums.pnl_e8 += (row->qty < 0 ? -(i128)n : (i128)n) - row->entry_e8;
		sums.mm_e15 += bank_row_mm(&b->ladder[symbol->ladder], n, row->addend_e7);
	}
	return sums;
}

int bank_find_account(const struct bank *b, uint32_t id)
{
	for (int i = 0; i < BANK_ACCOUNTS; i++)
		if (b->account[i].live && b->account[i].id == id)
			return i;
	return BANK_NONE;
}

int bank_find_row(const struct bank *b, uint32_t id)
{
	for (int i = 0; i < BANK_ROWS; i++)
		if (b->row[i].live && b->row[i].id == id)
			return i;
	return BANK_NONE;
}

int bank_pick_account(const struct bank *b, struct rng *r)
{
	int at = (int)rng_below(r, BANK_ACCOUNTS);

	for (int i = 0; i < BANK_ACCOUNTS; i++, at = (at + 1) % BANK_ACCOUNTS)
		if (b->account[at].live)
			return at;
	return BANK_NONE;
}

int bank_pick_row(const struct bank *b, struct rng *r)
{
	int at = (int)rng_below(r, BANK_ROWS);

	for (int i = 0; i < BANK_ROWS; i++, at = (at + 1) % BANK_ROWS)
		if (b->row[at].live)
			return at;
	return BANK_NONE;
}

int bank_pick_row_of(const struct bank *b, struct rng *r, int account)
{
	const struct bank_account *a = &b->account[account];
	int at = a->first_row;

	if (a->rows == 0)
		return BANK_NONE;
	for (uint32_t skip = rng_below(r, a->rows); skip > 0; skip--)
		at = b->row[at].next;
	return at;
}

int bank_add_account(struct bank *b, uint32_t id, uint8_t class_id)
{
	for (int i = 0; i < BANK_ACCOUNTS; i++) {
		struct bank_account *a = &b->account[i];

		if (a->live)
			continue;
		*a = (struct bank_account){ .live = true, .id = id, .first_row = BANK_NONE };
		a->class_id = class_id;
		b->class[class_id].bound++;
		b->accounts++;
		return i;
	}
	return BANK_NONE;
}

void bank_remove_account(struct bank *b, int account)
{
	assert(b->account[account].rows == 0);
	b->class[b->account[account].class_id].bound--;
	b->account[account].live = false;
	b->accounts--;
}

void bank_set_class(struct bank *b, int account, uint8_t class_id)
{
	b->class[b->account[account].class_id].bound--;
	b->class[class_id].bound++;
	b->account[account].class_id = class_id;
}

int bank_add_row(struct bank *b, uint32_t id, int account, uint16_t symbol)
{
	for (int i = 0; i < BANK_ROWS; i++) {
		struct bank_row *row = &b->row[i];

		if (row->live)
			continue;
		*row = (struct bank_row){
			.live = true, .id = id, .account = account, .symbol = symbol
		};
		row->next = b->account[account].first_row;
		b->account[account].first_row = i;
		b->account[account].rows++;
		b->rows++;
		return i;
	}
	return BANK_NONE;
}

void bank_remove_row(struct bank *b, int row)
{
	struct bank_account *a = &b->account[b->row[row].account];
	int *link = &a->first_row;

	while (*link != row)
		link = &b->row[*link].next;
	*link = b->row[row].next;
	b->row[row].live = false;
	a->rows--;
	b->rows--;
}

void bank_define_symbol(struct bank *b, uint16_t symbol, uint16_t ladder, uint64_t u)
{
	struct bank_symbol *s = &b->symbol[symbol];

	if (s->defined)
		b->ladder[s->ladder].bound--;
	b->ladder[ladder].bound++;
	*s = (struct bank_symbol){ .defined = true, .ladder = ladder, .u = u };
}

void bank_fund(struct bank *b, uint16_t symbol, int64_t rate)
{
	for (int i = 0; i < BANK_ROWS; i++) {
		const struct bank_row *row = &b->row[i];

		if (!row->live || row->symbol != symbol)
			continue;
		u128 amount = bank_notional(row->qty, magnitude(rate));
		bool pays = (row->qty < 0) == (rate < 0);
		struct bank_account *a = &b->account[row->account];
		if (amount >> FB_NOTIONAL_BITS)
			a->damaged = true;
		else
			a->collateral_e8 += pays ? -(i128)amount : (i128)amount;
	}
}
