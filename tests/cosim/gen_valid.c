/* Commands that are accepted. Each is applied to the shadow as well. */
#include "gen.h"

#define E7 10000000u

/* Thresholds that a venue would use, or any that ascend. */
static void choose_thresholds(struct gen *g, struct bank_class *c, unsigned n)
{
	uint32_t at = 0;

	for (unsigned k = 0; k < n; k++) {
		if (g->profile == GEN_EVERYDAY)
			at += E7 / 10 + (uint32_t)rng_bits(&g->rng, 22);
		else if (rng_chance(&g->rng, 850))
			at += (uint32_t)rng_edge(&g->rng, 24);
		if (rng_chance(&g->rng, 30) || at >> FB_THRESHOLD_BITS)
			at = (1u << FB_THRESHOLD_BITS) - 1;
		c->up_e7[k] = at;
		c->down_e7[k] = rng_chance(&g->rng, 300)
					? at
					: at - (uint32_t)rng_magnitude(&g->rng, 20) % (at + 1);
	}
}

void gen_class(struct gen *g, uint8_t class_id)
{
	struct bank_class *c = &g->bank.class[class_id];
	unsigned n = rng_chance(&g->rng, 400) ? FB_THRESHOLDS
					      : 1 + rng_below(&g->rng, FB_THRESHOLDS);

	assert(c->bound == 0);
	choose_thresholds(g, c, n);
	for (c->written = 0; c->written < n;) {
		union fb_command w = gen_word(g, FB_OP_CLASS);
		unsigned count = 1 + rng_below(&g->rng, FB_PAIRS_PER_WORD);

		count = count < n - c->written ? count : n - c->written;
		w.class.class_id = class_id;
		w.class.first = (uint8_t)c->written;
		c->strict = rng_chance(&g->rng, 400);
		w.class.strict = c->strict;
		w.class.count = (uint8_t)count;
		for (unsigned i = 0; i < count; i++) {
			w.class.up[i] = c->up_e7[c->written + i];
			w.class.down[i] = c->down_e7[c->written + i];
		}
		gen_emit(g, &w, FB_REJECT_NONE);
		c->written += count;
	}
}

static u128 choose_deduction(struct gen *g, const struct bank_tier *last,
			     const struct bank_tier *tier)
{
	u128 step = tier->rate_e7 > last->rate_e7
			    ? (u128)tier->floor_e8 * (tier->rate_e7 - last->rate_e7)
			    : 0;
	u128 continuous = last->deduction_e15 + step;

	/* One in three is continuous, as on venues; the others jump at the floor, so that the floor
	 * shows. */
	if (rng_chance(&g->rng, 333) && !(continuous >> FB_DEDUCTION_BITS))
		return continuous;
	if (rng_chance(&g->rng, 500))
		return rng_magnitude(&g->rng, 60);
	return rng_chance(&g->rng, 50) ? ((u128)1 << FB_DEDUCTION_BITS) - 1
				       : continuous / 2 % ((u128)1 << 84);
}

static void choose_tier(struct gen *g, const struct bank_tier *last, struct bank_tier *tier)
{
	static const unsigned step_bits[GEN_PROFILES] = { 38, 57, 60 };

	tier->floor_e8 = last->floor_e8 + 1 + rng_magnitude(&g->rng, step_bits[g->profile]);
	if (rng_chance(&g->rng, 20))
		tier->floor_e8 = last->floor_e8 + 1;
	if (g->profile == GEN_EVERYDAY)
		tier->rate_e7 = last->rate_e7 + (uint32_t)rng_magnitude(&g->rng, 18);
	else
		tier->rate_e7 = (uint32_t)rng_edge(&g->rng, FB_RATE_BITS);
	if (tier->rate_e7 >> FB_RATE_BITS)
		tier->rate_e7 = (1u << FB_RATE_BITS) - 1;
	tier->deduction_e15 = choose_deduction(g, last, tier);
}

void gen_ladder(struct gen *g, uint16_t ladder)
{
	struct bank_ladder *l = &g->bank.ladder[ladder];
	unsigned n = rng_chance(&g->rng, 200) ? FB_TIERS : 1 + rng_below(&g->rng, FB_TIERS);
	struct bank_tier tier = { .rate_e7 = 40000 + (uint32_t)rng_magnitude(&g->rng, 19) };

	assert(l->bound == 0);
	if (g->profile != GEN_EVERYDAY)
		tier.rate_e7 = (uint32_t)rng_edge(&g->rng, FB_RATE_BITS);
	for (unsigned k = 0; k < n; k++) {
		union fb_command w = gen_word(g, FB_OP_LADDER);

		if (k > 0)
			choose_tier(g, &l->tier[k - 1], &tier);
		if (tier.floor_e8 >> FB_NOTIONAL_BITS)
			break;
		w.ladder.ladder = ladder;
		w.ladder.tier = (uint8_t)k;
		w.ladder.rate = tier.rate_e7;
		w.ladder.floor = tier.floor_e8;
		w.ladder.deduction = (struct fb_u128){ (uint64_t)tier.deduction_e15,
						       (uint64_t)(tier.deduction_e15 >> 64) };
		gen_emit(g, &w, FB_REJECT_NONE);
		l->tier[k] = tier;
		l->tiers = k + 1;
	}
}

void gen_tables(struct gen *g)
{
	if (rng_chance(&g->rng, 500)) {
		uint8_t c = g->class_id[rng_below(&g->rng, g->classes)];

		if (g->bank.class[c].bound == 0)
			gen_class(g, c);
		return;
	}
	uint16_t l = g->ladder[rng_below(&g->rng, g->ladders)];
	if (g->bank.ladder[l].bound == 0)
		gen_ladder(g, l);
}

/* Where a symbol's unit value goes next: to the edge that was prepared for it, a small move, or a
 * jump. */
uint64_t gen_next_u(struct gen *g, uint16_t symbol)
{
	struct bank_symbol *s = &g->bank.symbol[symbol];
	uint64_t u;

	if (!s->defined)
		u = g->profile == GEN_EDGES ? rng_edge(&g->rng, FB_U_BITS)
					    : rng_bits(&g->rng, 12 + rng_below(&g->rng, 30));
	else if (s->aim_u && rng_chance(&g->rng, 700))
		u = s->aim_u - 1 + rng_below(&g->rng, 3);
	else if (rng_chance(&g->rng, g->profile == GEN_EDGES ? 150 : 5))
		u = rng_edge(&g->rng, FB_U_BITS);
	else if (rng_chance(&g->rng, 20))
		u = rng_chance(&g->rng, 500) ? s->u * 3 : s->u / 3;
	else
		u = s->u + s->u / 1000 * rng_below(&g->rng, 40) -
		    s->u / 1000 * rng_below(&g->rng, 40);
	if (s->defined && rng_chance(&g->rng, 30))
		u = s->u;
	u &= (1ull << FB_U_BITS) - 1;
	return u ? u : 1;
}

void gen_symbol(struct gen *g, uint16_t symbol, uint64_t u)
{
	union fb_command w = gen_word(g, FB_OP_SYMBOL);
	uint16_t ladder = g->ladder[rng_below(&g->rng, g->ladders)];

	if (g->bank.ladder[ladder].tiers == 0)
		return;
	w.symbol.symbol = symbol;
	w.symbol.ladder = ladder;
	w.symbol.u = u ? u : gen_next_u(g, symbol);
	gen_emit(g, &w, FB_REJECT_NONE);
	bank_define_symbol(&g->bank, symbol, ladder, w.symbol.u);
}

void gen_mark_to(struct gen *g, const uint16_t *symbols, const uint64_t *u, unsigned n)
{
	union fb_command w = gen_word(g, FB_OP_MARKS);

	assert(n >= 1 && n <= FB_MARKS_PER_WORD);
	w.marks.count = (uint8_t)n;
	for (unsigned i = 0; i < n; i++) {
		w.marks.mark[i] = u[i] << 12 | symbols[i];
		g->bank.symbol[symbols[i]].u = u[i];
	}
	gen_emit(g, &w, FB_REJECT_NONE);
}

/* n marks; busy symbols come more often, and now and then the same one twice. */
void gen_marks(struct gen *g, unsigned n)
{
	uint16_t symbol[FB_MARKS_PER_WORD];
	uint64_t u[FB_MARKS_PER_WORD];

	for (unsigned i = 0; i < n; i++) {
		uint32_t pick = rng_below(&g->rng, g->symbols);
		struct bank_symbol *s;

		if (rng_chance(&g->rng, 500))
			pick = rng_below(&g->rng, pick + 1);
		symbol[i] = i > 0 && rng_chance(&g->rng, 60) ? symbol[i - 1] : g->symbol[pick];
		s = &g->bank.symbol[symbol[i]];
		u[i] = gen_next_u(g, symbol[i]);
		if (rng_chance(&g->rng, 300))
			s->aim_u = 0;
	}
	gen_mark_to(g, symbol, u, n);
}

void gen_funding(struct gen *g)
{
	union fb_command w = gen_word(g, FB_OP_FUNDING);
	uint16_t symbol = g->symbol[rng_below(&g->rng, g->symbols)];
	uint64_t limit = (1ull << FB_U_BITS) - 1, rate = g->bank.symbol[symbol].u / 1000;

	if (rng_chance(&g->rng, g->profile == GEN_EDGES ? 300 : 30))
		rate = rng_edge(&g->rng, FB_U_BITS) & limit;
	else if (rate)
		rate = rng_below(&g->rng, 5) == 0 ? rate : rng_next(&g->rng) % rate;
	w.funding.symbol = symbol;
	w.funding.rate = rng_chance(&g->rng, 500) ? -(int64_t)rate : (int64_t)rate;
	gen_emit(g, &w, FB_REJECT_NONE);
	bank_fund(&g->bank, symbol, w.funding.rate);
}

void gen_stand_alone(struct gen *g, uint8_t op)
{
	gen_end_batch(g);
	union fb_command w = gen_word(g, op);
	if (op == FB_OP_HASH)
		w.hash.first = w.hash.span = 0; /* of everything */
	gen_emit(g, &w, FB_REJECT_NONE);
	gen_end_batch(g);
}

/* Out of an open batch in one of two, at any sequence, with a noisy MORE that must be ignored. */
void gen_reset(struct gen *g)
{
	union fb_command w = gen_word(g, FB_OP_RESET);
	struct stream *s = g->writer.stream;

	if (rng_chance(&g->rng, 700))
		for (unsigned n = 1 + rng_below(&g->rng, 20); n > 0; n--)
			gen_collateral(g, bank_pick_account(&g->bank, &g->rng), 1);
	if (rng_chance(&g->rng, 500))
		g->writer.seq = rng_edge(&g->rng, 63);
	/* RESET itself stays below 2^63, where a card's session can begin. */
	if (g->writer.seq == INT64_MAX)
		g->writer.seq--;
	gen_emit(g, &w, FB_REJECT_NONE);
	s->command[s->n - 1].ends_batch = true;
	if (rng_chance(&g->rng, 500))
		s->command[s->n - 1].word.header.flags &= (uint8_t)~FB_FLAG_MORE;
	g->batch_start = s->n;
	g->whale = BANK_NONE;
	bank_clear(&g->bank);
	g->one_batch = rng_chance(&g->rng, 500);
	if (g->one_batch)
		return;
	/* All that was known before must be unknown now. */
	for (unsigned n = 4 + rng_below(&g->rng, 20); n > 0; n--) {
		gen_invalid(g);
		gen_end_batch(g);
	}
	if (rng_chance(&g->rng, 500))
		gen_stand_alone(g, FB_OP_HASH);
}
