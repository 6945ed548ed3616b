/* Commands that are refused, one of every kind that the contract names, and two faults in one
 * command: then the earlier check decides. The reasons of one command rise in the order of the
 * checks, so the smaller number is expected. */
#include "gen_invalid.h"

static uint32_t unknown_account(struct gen *g)
{
	uint32_t id;

	do
		id = (uint32_t)rng_bits(&g->rng, g->id_bits);
	while (bank_find_account(&g->bank, id) != BANK_NONE);
	return id;
}

static uint32_t unknown_row(struct gen *g)
{
	uint32_t id;

	do
		id = (uint32_t)rng_bits(&g->rng, g->id_bits);
	while (bank_find_row(&g->bank, id) != BANK_NONE);
	return id;
}

/* Breaks what the reason says; the word was right in everything else. False: this bank cannot show
 * it. */
static bool spoil_row(struct gen *g, union fb_command *w, enum fb_reject reason)
{
	int row = bank_find_row(&g->bank, w->position.position), other;

	switch (reason) {
	case FB_REJECT_FULL:
		if (g->whale == BANK_NONE || g->bank.account[g->whale].rows < FB_ROWS_PER_ACCOUNT)
			return false;
		w->position.account = g->bank.account[g->whale].id;
		w->position.position = unknown_row(g);
		w->position.qty = 1;
		return true;
	case FB_REJECT_NO_POSITION:
		if (rng_chance(&g->rng, 300)) {
			w->position.position = unknown_row(g);
			w->position.qty = w->position.entry = 0;
			return true;
		}
		other = bank_pick_account(&g->bank, &g->rng);
		w->position.account = g->bank.account[other].id;
		w->position.symbol = g->symbol[rng_below(&g->rng, g->symbols)];
		return (other != g->bank.row[row].account ||
			w->position.symbol != g->bank.row[row].symbol) &&
		       g->bank.symbol[w->position.symbol].defined;
	case FB_REJECT_NO_ACCOUNT:
		w->position.account = unknown_account(g);
		return true;
	case FB_REJECT_SYMBOL:
		w->position.symbol = gen_undefined_symbol(g);
		return true;
	default:
		break;
	}
	assert(reason == FB_REJECT_RANGE);
	switch (rng_below(&g->rng, 4)) {
	case 0:
		w->position.symbol = (uint16_t)gen_beyond(g, 10, 16);
		break;
	case 1:
		w->position.qty = gen_beyond_signed(g, FB_QTY_BITS);
		break;
	case 2:
		w->position.entry = gen_beyond_signed(g, FB_MONEY_BITS);
		break;
	default:
		if (w->header.op == FB_OP_FILL)
			w->fill.delta = gen_beyond_signed(g, FB_MONEY_BITS);
		else
			w->position.addend = (uint32_t)gen_beyond(g, FB_RATE_BITS, 32);
	}
	return true;
}

static void refuse_row(struct gen *g, uint8_t op)
{
	static const enum fb_reject reasons[] = { FB_REJECT_FULL, FB_REJECT_NO_POSITION,
						  FB_REJECT_NO_ACCOUNT, FB_REJECT_SYMBOL,
						  FB_REJECT_RANGE };
	union fb_command w = gen_word(g, op);
	int row = bank_pick_row(&g->bank, &g->rng);
	bool full = g->whale != BANK_NONE && g->bank.account[g->whale].rows == FB_ROWS_PER_ACCOUNT;
	uint32_t first = full && rng_chance(&g->rng, 300) ? 0 : rng_below(&g->rng, 5),
		 second = first + rng_below(&g->rng, 8);

	if (row == BANK_NONE)
		return;
	w.position.account = g->bank.account[g->bank.row[row].account].id;
	w.position.position = g->bank.row[row].id;
	w.position.symbol = g->bank.row[row].symbol;
	w.position.qty = (int64_t)rng_bits(&g->rng, 20) + 1;
	w.position.entry = 5;
	if (op == FB_OP_FILL)
		w.fill.delta = 7;
	else
		w.position.addend = 9;
	if (!spoil_row(g, &w, reasons[first]))
		return;
	/* From the latest check to the earliest, so that no fault hides the one before. */
	if (second > first && second < 5 && second > 1) {
		spoil_row(g, &w, reasons[second]);
		first = second;
	}
	gen_emit(g, &w, reasons[first]);
}

static void refuse_marks(struct gen *g)
{
	union fb_command w = gen_word(g, FB_OP_MARKS);
	unsigned n = 1 + rng_below(&g->rng, FB_MARKS_PER_WORD), at = rng_below(&g->rng, n);
	uint64_t u = 1 + rng_bits(&g->rng, 51);
	enum fb_reject expect = FB_REJECT_SYMBOL;

	w.marks.count = (uint8_t)n;
	for (unsigned i = 0; i < n; i++)
		w.marks.mark[i] = u << 12 | g->symbol[rng_below(&g->rng, g->symbols)];
	w.marks.mark[at] = u << 12 | gen_undefined_symbol(g);
	if (rng_chance(&g->rng, 500)) {
		at = rng_below(&g->rng, n);
		w.marks.mark[at] = rng_chance(&g->rng, 500) ? w.marks.mark[at] & 0xfff
							    : u << 12 | gen_beyond(g, 10, 12);
		expect = FB_REJECT_RANGE;
	}
	if (rng_chance(&g->rng, 250)) {
		w.marks.count = (uint8_t)(rng_chance(&g->rng, 400) ? 0 : gen_beyond(g, 3, 8) - 2);
		expect = FB_REJECT_COUNT;
	}
	gen_emit(g, &w, expect);
}

static void spoil_account_range(struct gen *g, union fb_command *w)
{
	switch (rng_below(&g->rng, 6)) {
	case 0:
		w->account.collateral = gen_beyond_signed(g, FB_MONEY_BITS);
		break;
	case 1:
		w->account.addend.hi = gen_beyond_signed(g, FB_ADDEND_BITS - 64);
		break;
	case 2:
		w->account.class_id = (uint8_t)gen_beyond(g, 4, 8);
		break;
	case 3:
		w->account.role = (uint8_t)gen_beyond(g, 2, 8);
		break;
	case 4:
		w->account.held = (uint8_t)gen_beyond(g, 1, 8);
		break;
	default:
		w->account.flags |= FB_FLAG_SET_LEVEL;
		w->account.level = (uint8_t)(gen_beyond(g, 3, 8) | 1);
	}
}

static void refuse_account(struct gen *g)
{
	union fb_command w = gen_word(g, FB_OP_ACCOUNT);
	int a = bank_pick_account(&g->bank, &g->rng), c = BANK_NONE;
	enum fb_reject expect = FB_REJECT_CLASS;

	if (rng_chance(&g->rng, 400)) {
		bool known = rng_chance(&g->rng, 600) && a != BANK_NONE &&
			     g->bank.account[a].rows > 0;

		w.account.account = known ? g->bank.account[a].id : unknown_account(g);
		w.account.flags |= FB_FLAG_REMOVE;
		gen_emit(g, &w, known ? FB_REJECT_HAS_POSITIONS : FB_REJECT_NO_ACCOUNT);
		return;
	}
	for (unsigned tries = 0; tries < 40 && c == BANK_NONE; tries++) {
		unsigned i = rng_below(&g->rng, FB_CLASSES);

		if (g->bank.class[i].written == 0)
			c = (int)i;
	}
	w.account.account = a != BANK_NONE && rng_chance(&g->rng, 500) ? g->bank.account[a].id
								       : unknown_account(g);
	w.account.collateral = -1;
	w.account.addend = gen_i128(-1);
	w.account.role = w.account.held = 0;
	w.account.class_id = (uint8_t)c;
	if (c == BANK_NONE || rng_chance(&g->rng, 600)) {
		spoil_account_range(g, &w);
		expect = FB_REJECT_RANGE;
	}
	gen_emit(g, &w, expect);
}

static void refuse_collateral(struct gen *g)
{
	union fb_command w = gen_word(g, FB_OP_COLLATERAL);
	bool range = rng_chance(&g->rng, 500);

	w.collateral.account = unknown_account(g);
	w.collateral.delta = range ? gen_beyond_signed(g, FB_MONEY_BITS) : 1;
	gen_emit(g, &w, range ? FB_REJECT_RANGE : FB_REJECT_NO_ACCOUNT);
}

/* Steps 2 to 4: opcode, and what must stand alone. */
static void refuse_opcode(struct gen *g)
{
	static const uint8_t lone[] = { FB_OP_RANK, FB_OP_AUDIT, FB_OP_HASH, FB_OP_SNAPSHOT,
					FB_OP_FENCE };
	uint32_t k = rng_below(&g->rng, 2);
	union fb_command w;
	uint8_t op;

	if (k == 0) {
		do
			op = (uint8_t)(rng_chance(&g->rng, 600) ? rng_below(&g->rng, 33)
								: rng_next(&g->rng));
		while ((op >= FB_OP_MARKS && op <= FB_OP_FUNDING) ||
		       (op >= FB_OP_RANK && op <= FB_OP_RESET));
		w = gen_word(g, op);
		gen_emit(g, &w, FB_REJECT_OPCODE);
	} else {
		bool open = gen_batch_open(g);

		if (!open && g->bank.accounts == 0)
			return;
		w = gen_word(g, lone[rng_below(&g->rng, 5)]); /* RANGE or not comes later */
		gen_emit(g, &w, FB_REJECT_IN_BATCH);
		if (!open)
			gen_collateral(g, bank_pick_account(&g->bank, &g->rng), 1);
	}
}

void gen_invalid(struct gen *g)
{
	switch (rng_below(&g->rng, 14)) {
	case 0:
		refuse_marks(g);
		break;
	case 1:
	case 2:
		refuse_row(g, FB_OP_POSITION);
		break;
	case 3:
	case 4:
		refuse_row(g, FB_OP_FILL);
		break;
	case 5:
		refuse_account(g);
		break;
	case 6:
		refuse_collateral(g);
		break;
	case 7:
		gen_refuse_class(g);
		break;
	case 8:
		gen_refuse_symbol(g);
		break;
	case 9:
		gen_refuse_ladder(g);
		break;
	case 10:
		gen_refuse_funding(g);
		break;
	case 11:
		gen_refuse_rank(g);
		break;
	default:
		refuse_opcode(g);
	}
}
