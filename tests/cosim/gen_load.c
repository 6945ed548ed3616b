/* The bank's state as commands, in an order of its own: what an engine computed step by step,
 * another sums up afresh. */
#include "gen.h"

static void load_classes(struct gen *g)
{
	for (unsigned id = 0; id < FB_CLASSES; id++) {
		const struct bank_class *c = &g->bank.class[id];

		for (unsigned at = 0; at < c->written;) {
			union fb_command w = { .class = { .op = FB_OP_CLASS,
							  .class_id = (uint8_t)id,
							  .strict = c->strict } };
			unsigned n = c->written - at < FB_PAIRS_PER_WORD ? c->written - at
									 : FB_PAIRS_PER_WORD;

			w.class.first = (uint8_t)at;
			w.class.count = (uint8_t)n;
			for (unsigned i = 0; i < n; i++, at++) {
				w.class.up[i] = c->up_e7[at];
				w.class.down[i] = c->down_e7[at];
			}
			gen_emit(g, &w, FB_REJECT_NONE);
		}
	}
}

static void load_ladders(struct gen *g)
{
	for (unsigned id = 0; id < FB_LADDERS; id++)
		for (unsigned k = 0; k < g->bank.ladder[id].tiers; k++) {
			const struct bank_tier *t = &g->bank.ladder[id].tier[k];
			union fb_command w = { .ladder = { .op = FB_OP_LADDER,
							   .ladder = (uint16_t)id,
							   .tier = (uint8_t)k } };

			w.ladder.rate = t->rate_e7;
			w.ladder.floor = t->floor_e8;
			w.ladder.deduction.lo = (uint64_t)t->deduction_e15;
			w.ladder.deduction.hi = (uint64_t)(t->deduction_e15 >> 64);
			gen_emit(g, &w, FB_REJECT_NONE);
		}
}

/* In one of two a symbol starts at another unit value and is marked at the end. */
static void load_symbol(struct gen *g, uint16_t symbol, bool last)
{
	const struct bank_symbol *s = &g->bank.symbol[symbol];
	union fb_command w = {
		.symbol = { .op = FB_OP_SYMBOL, .symbol = symbol, .ladder = s->ladder, .u = s->u }
	};

	if (!s->defined)
		return;
	if (last) {
		w = (union fb_command){ .marks = { .op = FB_OP_MARKS, .count = 1 } };
		w.marks.mark[0] = s->u << 12 | symbol;
	} else if (rng_chance(&g->rng, 500)) {
		w.symbol.u = 1 + rng_magnitude(&g->rng, FB_U_BITS - 1);
	}
	gen_emit(g, &w, FB_REJECT_NONE);
}

static void load_collateral(struct gen *g, uint32_t id, i128 rest)
{
	i128 limit = ((i128)1 << (FB_MONEY_BITS - 1)) - 1;

	while (rest != 0) {
		union fb_command w = { .collateral = { .op = FB_OP_COLLATERAL, .account = id } };
		i128 step = rest > limit ? limit : rest < -limit ? -limit : rest;

		w.collateral.delta = (int64_t)step;
		gen_emit(g, &w, FB_REJECT_NONE);
		rest -= step;
	}
}

static void load_account(struct gen *g, const struct bank_account *a, int level)
{
	union fb_command w = {
		.account = { .op = FB_OP_ACCOUNT, .flags = FB_FLAG_SET_LEVEL, .account = a->id }
	};

	w.account.level = (uint8_t)level;
	w.account.class_id = a->class_id;
	w.account.role = a->role;
	w.account.held = a->held;
	w.account.addend = gen_i128(a->addend_e15);
	if (gen_fits(a->collateral_e8, FB_MONEY_BITS))
		w.account.collateral = (int64_t)a->collateral_e8;
	gen_emit(g, &w, FB_REJECT_NONE);
	load_collateral(g, a->id, a->collateral_e8 - w.account.collateral);
}

/* Now and then with another quantity first. */
static void load_row(struct gen *g, const struct bank_row *r)
{
	union fb_command w = { .position = { .op = FB_OP_POSITION,
					     .account = g->bank.account[r->account].id } };

	w.position.position = r->id;
	w.position.symbol = r->symbol;
	w.position.row_flags = r->flags;
	w.position.addend = r->addend_e7;
	if (rng_chance(&g->rng, 100)) {
		w.position.qty = rng_edge_signed(&g->rng, FB_QTY_BITS);
		w.position.entry = 1;
		gen_emit(g, &w, FB_REJECT_NONE);
	}
	w.position.qty = r->qty;
	w.position.entry = r->entry_e8;
	gen_emit(g, &w, FB_REJECT_NONE);
}

/* n = 2^bits numbers in an order that the seed draws: an odd multiple and an offset. */
static int shuffled(uint64_t key, int i, int n)
{
	return (int)(((uint64_t)i * (key | 1) + (key >> 32)) & (uint64_t)(n - 1));
}

void gen_load(struct gen *g, int (*level)(void *context, uint32_t account), void *context)
{
	uint64_t key = rng_next(&g->rng);

	g->batch_start = 0;
	load_classes(g);
	load_ladders(g);
	for (uint16_t s = 0; s < FB_SYMBOLS; s++)
		load_symbol(g, s, false);
	for (int i = 0; i < BANK_ACCOUNTS; i++) {
		const struct bank_account *a = &g->bank.account[shuffled(key, i, BANK_ACCOUNTS)];

		if (a->live)
			load_account(g, a, level(context, a->id));
	}
	for (int i = 0; i < BANK_ROWS; i++) {
		const struct bank_row *r = &g->bank.row[shuffled(key, i, BANK_ROWS)];

		if (r->live)
			load_row(g, r);
	}
	for (uint16_t s = 0; s < FB_SYMBOLS; s++)
		load_symbol(g, s, true);
	gen_end_batch(g);
	gen_stand_alone(g, FB_OP_HASH);
}
