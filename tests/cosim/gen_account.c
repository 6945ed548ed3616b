/* Accepted commands on accounts and rows. */
#include "gen.h"

static uint32_t fresh_id(struct gen *g, bool account)
{
	for (;;) {
		uint32_t id = (uint32_t)rng_bits(&g->rng, g->id_bits);

		if (rng_chance(&g->rng, 200))
			id = account ? g->gone_account : g->gone_row;
		else if (g->id_bits == 32 && rng_chance(&g->rng, 10))
			id = rng_chance(&g->rng, 500) ? 0 : UINT32_MAX;
		if ((account ? bank_find_account(&g->bank, id) : bank_find_row(&g->bank, id)) ==
		    BANK_NONE)
			return id;
	}
}

/* Collateral that puts an account of this bank near its thresholds. */
static int64_t choose_collateral(struct gen *g)
{
	static const unsigned bits[GEN_PROFILES] = { 36, 58, 62 };

	if (g->profile == GEN_EVERYDAY)
		return (int64_t)rng_bits(&g->rng, 30 + rng_below(&g->rng, 7));
	return rng_edge_signed(&g->rng, bits[g->profile]);
}

static i128 choose_addend(struct gen *g)
{
	i128 v;

	if (rng_chance(&g->rng, g->profile == GEN_EVERYDAY ? 800 : 300))
		return 0;
	v = (i128)rng_edge(&g->rng, 60);
	if (g->profile == GEN_EDGES)
		v = v << rng_below(&g->rng, 28);
	if (!gen_fits(v, FB_ADDEND_BITS))
		v = ((i128)1 << 87) - 1;
	return rng_chance(&g->rng, 300) ? -v - 1 : v;
}

static void emit_account(struct gen *g, int account, int64_t collateral_e8, i128 addend_e15,
			 int level)
{
	struct bank_account *a = &g->bank.account[account];
	union fb_command w = gen_word(g, FB_OP_ACCOUNT);

	w.account.account = a->id;
	w.account.collateral = collateral_e8;
	w.account.addend = gen_i128(addend_e15);
	w.account.class_id = a->class_id;
	/* Mostly such that RANK looks at it. */
	w.account.role = a->role = (uint8_t)(rng_chance(&g->rng, 200) ? rng_below(&g->rng, 4) : 0);
	w.account.held = a->held = rng_chance(&g->rng, 100);
	if (level >= 0) {
		w.account.flags |= FB_FLAG_SET_LEVEL;
		w.account.level = (uint8_t)level;
	}
	gen_emit(g, &w, FB_REJECT_NONE);
	a->collateral_e8 = collateral_e8;
	a->addend_e15 = addend_e15;
	a->damaged = false;
}

void gen_put_account(struct gen *g, int account, int64_t collateral_e8, i128 addend_e15, int level)
{
	emit_account(g, account, collateral_e8, addend_e15, level);
}

void gen_account_new(struct gen *g)
{
	uint8_t class_id = g->class_id[rng_below(&g->rng, g->classes)];
	uint32_t limit = g->options->accounts_max ? g->options->accounts_max : BANK_ACCOUNTS;

	if (g->bank.accounts >= limit || g->bank.accounts >= BANK_ACCOUNTS ||
	    g->bank.class[class_id].written == 0)
		return;
	int a = bank_add_account(&g->bank, fresh_id(g, true), class_id);
	emit_account(g, a, choose_collateral(g), choose_addend(g),
		     rng_chance(&g->rng, 100) ? (int)rng_below(&g->rng, 9) : -1);
}

void gen_account_again(struct gen *g)
{
	int a = bank_pick_account(&g->bank, &g->rng);
	uint8_t class_id = g->class_id[rng_below(&g->rng, g->classes)];

	if (a == BANK_NONE)
		return;
	if (g->bank.class[class_id].written > 0)
		bank_set_class(&g->bank, a, class_id);
	emit_account(g, a, choose_collateral(g), choose_addend(g),
		     rng_chance(&g->rng, 300) ? (int)rng_below(&g->rng, 9) : -1);
}

/* An account without rows, or one whose rows are all removed in the same batch first. With REMOVE
 * no other field is read. */
void gen_account_remove(struct gen *g)
{
	int a = bank_pick_account(&g->bank, &g->rng);
	union fb_command w = gen_word(g, FB_OP_ACCOUNT);

	if (a == BANK_NONE || g->bank.accounts <= 3)
		return;
	if (g->bank.account[a].rows > 20)
		return;
	while (g->bank.account[a].rows > 0)
		gen_position_remove(g, g->bank.account[a].first_row);
	w.account.account = g->bank.account[a].id;
	w.account.flags |= FB_FLAG_REMOVE;
	if (rng_chance(&g->rng, 300)) {
		w.account.flags |= FB_FLAG_SET_LEVEL;
		w.account.level = w.account.class_id = w.account.role = 255;
		w.account.addend.hi = INT64_MAX;
	}
	gen_emit(g, &w, FB_REJECT_NONE);
	g->gone_account = g->bank.account[a].id;
	bank_remove_account(&g->bank, a);
	if (g->whale == a)
		g->whale = BANK_NONE;
}

void gen_collateral(struct gen *g, int account, int64_t delta_e8)
{
	union fb_command w = gen_word(g, FB_OP_COLLATERAL);

	if (account == BANK_NONE)
		return;
	w.collateral.account = g->bank.account[account].id;
	w.collateral.delta = delta_e8;
	gen_emit(g, &w, FB_REJECT_NONE);
	g->bank.account[account].collateral_e8 += delta_e8;
}

/* A quantity worth about 2^bits at the symbol's unit value. */
static int64_t choose_qty(struct gen *g, uint16_t symbol)
{
	uint64_t u = g->bank.symbol[symbol].u;
	uint64_t notional = rng_magnitude(&g->rng, g->profile == GEN_WIDE ? 60 : 40) + 1;
	u128 qty = ((u128)notional << FB_U_FRACTION_BITS) / u;

	if (g->profile == GEN_EDGES || rng_chance(&g->rng, 20))
		return rng_edge_signed(&g->rng, FB_QTY_BITS);
	if (qty >> (FB_QTY_BITS - 1))
		qty = (1ull << (FB_QTY_BITS - 1)) - 1;
	return rng_chance(&g->rng, 500) ? -(int64_t)qty : (int64_t)qty;
}

/* Entry near value, so that profit is a small part of it. */
static int64_t choose_entry(struct gen *g, uint16_t symbol, int64_t qty)
{
	u128 n = bank_notional(qty, g->bank.symbol[symbol].u);
	int64_t entry;

	if (g->profile == GEN_EDGES || n >> 60 || rng_chance(&g->rng, 20))
		return rng_edge_signed(&g->rng, FB_MONEY_BITS);
	entry = (int64_t)n;
	entry += entry / 256 * (int64_t)rng_below(&g->rng, 20) -
		 entry / 256 * (int64_t)rng_below(&g->rng, 20);
	return qty < 0 ? -entry : entry;
}

static uint32_t choose_row_addend(struct gen *g)
{
	if (rng_chance(&g->rng, 700))
		return 0;
	return (uint32_t)(g->profile == GEN_EVERYDAY ? rng_bits(&g->rng, 14)
						     : rng_edge(&g->rng, FB_RATE_BITS));
}

static void emit_position(struct gen *g, struct bank_row *row)
{
	union fb_command w = gen_word(g, FB_OP_POSITION);

	w.position.account = g->bank.account[row->account].id;
	w.position.position = row->id;
	w.position.symbol = row->symbol;
	w.position.row_flags = (uint8_t)(rng_chance(&g->rng, 100) ? rng_next(&g->rng) : 0);
	row->flags = w.position.row_flags & FB_ROW_NO_RANK;
	w.position.qty = row->qty;
	w.position.entry = row->entry_e8;
	w.position.addend = row->addend_e7;
	gen_emit(g, &w, FB_REJECT_NONE);
}

void gen_put_row(struct gen *g, int row, int64_t qty, int64_t entry_e8, uint32_t addend_e7)
{
	struct bank_row *r = &g->bank.row[row];

	r->qty = qty;
	r->entry_e8 = entry_e8;
	r->addend_e7 = addend_e7;
	emit_position(g, r);
}

static void forget_row(struct gen *g, int row)
{
	g->gone_row = g->bank.row[row].id;
	bank_remove_row(&g->bank, row);
}

static void emit_fill(struct gen *g, int row, int64_t delta_e8)
{
	const struct bank_row *r = &g->bank.row[row];
	union fb_command w = gen_word(g, FB_OP_FILL);

	w.fill.account = g->bank.account[r->account].id;
	w.fill.position = r->id;
	w.fill.symbol = r->symbol;
	w.fill.qty = r->qty;
	w.fill.entry = r->entry_e8;
	w.fill.delta = delta_e8;
	gen_emit(g, &w, FB_REJECT_NONE);
	g->bank.account[r->account].collateral_e8 += delta_e8;
	if (r->qty == 0 && r->entry_e8 == 0)
		forget_row(g, row);
}

/* A free row for some account, by POSITION or by its first FILL. */
void gen_position_new(struct gen *g)
{
	uint32_t limit = g->options->rows_max ? g->options->rows_max : BANK_ROWS;
	int a = g->whale != BANK_NONE && rng_chance(&g->rng, 850)
			? g->whale
			: bank_pick_account(&g->bank, &g->rng);
	uint32_t pick = rng_below(&g->rng, g->symbols);
	uint16_t symbol = g->symbol[rng_below(&g->rng, pick + 1)];

	if (a == g->whale && a != BANK_NONE && g->bank.account[a].rows >= FB_ROWS_PER_ACCOUNT)
		a = bank_pick_account(&g->bank, &g->rng);
	if (a == BANK_NONE || g->bank.rows >= limit || g->bank.rows >= BANK_ROWS)
		return;
	if (!g->bank.symbol[symbol].defined || g->bank.account[a].rows >= FB_ROWS_PER_ACCOUNT)
		return;
	int row = bank_add_row(&g->bank, fresh_id(g, false), a, symbol);
	struct bank_row *r = &g->bank.row[row];
	r->qty = choose_qty(g, symbol);
	r->entry_e8 = choose_entry(g, symbol, r->qty);
	if (r->qty == 0 && r->entry_e8 == 0)
		r->entry_e8 = 1;
	if (rng_chance(&g->rng, 300)) {
		emit_fill(g, row, rng_edge_signed(&g->rng, 30));
		return;
	}
	r->addend_e7 = choose_row_addend(g);
	emit_position(g, r);
}

void gen_position_again(struct gen *g)
{
	int row = bank_pick_row(&g->bank, &g->rng);

	if (row == BANK_NONE)
		return;
	uint16_t symbol = g->bank.row[row].symbol;
	int64_t qty = choose_qty(g, symbol), entry = choose_entry(g, symbol, qty);
	gen_put_row(g, row, qty, qty == 0 && entry == 0 ? -1 : entry, choose_row_addend(g));
}

void gen_position_remove(struct gen *g, int row)
{
	if (row == BANK_NONE)
		return;
	if (rng_chance(&g->rng, 300)) {
		g->bank.row[row].qty = g->bank.row[row].entry_e8 = 0;
		emit_fill(g, row, rng_edge_signed(&g->rng, 30));
		return;
	}
	gen_put_row(g, row, 0, 0, choose_row_addend(g));
	forget_row(g, row);
}

/* A trade: a part is closed, more is opened, or the side turns. */
void gen_fill(struct gen *g)
{
	int row = bank_pick_row(&g->bank, &g->rng);

	if (row == BANK_NONE) {
		gen_position_new(g);
		return;
	}
	struct bank_row *r = &g->bank.row[row];
	if (rng_chance(&g->rng, 600)) {
		r->qty -= r->qty / (1 + (int64_t)rng_below(&g->rng, 8));
		r->entry_e8 = choose_entry(g, r->symbol, r->qty);
	} else {
		r->qty = choose_qty(g, r->symbol);
		r->entry_e8 = choose_entry(g, r->symbol, r->qty);
	}
	emit_fill(g, row,
		  g->profile == GEN_EDGES ? rng_edge_signed(&g->rng, FB_MONEY_BITS)
					  : rng_edge_signed(&g->rng, 30));
}
