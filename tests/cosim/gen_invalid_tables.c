/* Refused writes of tables: classes, ladders, symbols; and funding. */
#include "gen_invalid.h"

/* A class that is free where `free`, else one that accounts use. */
static int some_class(struct gen *g, bool want_free)
{
	for (unsigned tries = 0; tries < 40; tries++) {
		uint8_t c = (uint8_t)rng_below(&g->rng, FB_CLASSES);

		if ((g->bank.class[c].bound == 0) == want_free)
			return c;
	}
	return BANK_NONE;
}

static bool spoil_class_range(struct gen *g, union fb_command *w)
{
	switch (rng_below(&g->rng, 5)) {
	case 0:
		w->class.class_id = (uint8_t)gen_beyond(g, 4, 8);
		return true;
	case 1:
		w->class.strict = (uint8_t)gen_beyond(g, 1, 8);
		return true;
	case 2:
		/* Just too far, far, or so far that first + count wraps in eight bits. */
		w->class.first = (uint8_t)(7 - w->class.count + (int)rng_below(&g->rng, 3) * 120);
		if (rng_chance(&g->rng, 300))
			w->class.first = 255;
		return true;
	case 3:
		w->class.up[w->class.count - 1] = (uint32_t)gen_beyond(g, FB_THRESHOLD_BITS, 32);
		return true;
	default:
		w->class.down[w->class.count - 1] = (uint32_t)gen_beyond(g, FB_THRESHOLD_BITS, 32);
		return true;
	}
}

void gen_refuse_class(struct gen *g)
{
	union fb_command w = gen_word(g, FB_OP_CLASS);
	enum fb_reject expect = FB_REJECT_CLASS_BOUND;
	int c = some_class(g, rng_chance(&g->rng, 300));

	if (c == BANK_NONE)
		return;
	const struct bank_class *class = &g->bank.class[c];
	w.class.class_id = (uint8_t)c;
	w.class.first = 0;
	w.class.strict = 0;
	w.class.count = (uint8_t)(1 + rng_below(&g->rng, 3));
	for (uint32_t i = 0; i < 3; i++) {
		w.class.up[i] = 1000 * (i + 1);
		w.class.down[i] = 500 * (i + 1);
	}
	if (class->bound == 0 || rng_chance(&g->rng, 300)) {
		uint32_t k = rng_below(&g->rng, 8);

		k = k < 4 ? k : 1;
		expect = FB_REJECT_CLASS;
		if (k == 0 && w.class.count > 1)
			w.class.up[1] = w.class.down[1] = 999;
		else if (k == 1 && class->written > 0 && class->written < 6 &&
			 class->up_e7[class->written - 1] > 0) {
			w.class.first = (uint8_t) class->written;
			w.class.count = 1;
			w.class.up[0] = w.class.down[0] = class->up_e7[class->written - 1] - 1;
		} else if (k == 2 && class->written < 4) {
			w.class.first = (uint8_t)(class->written + 1);
			w.class.count = 1;
		} else {
			w.class.down[0] = w.class.up[0] + 1;
		}
	}
	if (rng_chance(&g->rng, 300) && spoil_class_range(g, &w))
		expect = FB_REJECT_RANGE;
	if (rng_chance(&g->rng, 150)) {
		w.class.count = (uint8_t)(rng_chance(&g->rng, 400) ? 0 : gen_beyond(g, 2, 8));
		expect = FB_REJECT_COUNT;
	}
	gen_emit(g, &w, expect);
}

static uint16_t empty_ladder(struct gen *g)
{
	uint16_t l;

	do
		l = (uint16_t)(rng_chance(&g->rng, 500) ? g->ladder[rng_below(&g->rng, g->ladders)]
							: rng_bits(&g->rng, 8));
	while (g->bank.ladder[l].tiers > 0);
	return l;
}

void gen_refuse_symbol(struct gen *g)
{
	union fb_command w = gen_word(g, FB_OP_SYMBOL);
	enum fb_reject expect = FB_REJECT_LADDER;

	w.symbol.symbol = rng_chance(&g->rng, 500) ? gen_undefined_symbol(g) : g->symbol[0];
	w.symbol.ladder = empty_ladder(g);
	w.symbol.u = 1 + rng_bits(&g->rng, 51);
	if (rng_chance(&g->rng, 600)) {
		uint32_t k = rng_below(&g->rng, 4);

		expect = FB_REJECT_RANGE;
		if (k == 0)
			w.symbol.symbol = (uint16_t)gen_beyond(g, 10, 16);
		else if (k == 1)
			w.symbol.ladder = (uint16_t)gen_beyond(g, 8, 16);
		else
			w.symbol.u = k == 2 ? 0 : gen_beyond(g, FB_U_BITS, 64);
	}
	gen_emit(g, &w, expect);
}

static void spoil_ladder_range(struct gen *g, union fb_command *w)
{
	switch (rng_below(&g->rng, 5)) {
	case 0:
		w->ladder.ladder = (uint16_t)gen_beyond(g, 8, 16);
		break;
	case 1:
		w->ladder.tier = (uint8_t)gen_beyond(g, 4, 8);
		break;
	case 2:
		w->ladder.rate = (uint32_t)gen_beyond(g, FB_RATE_BITS, 32);
		break;
	case 3:
		w->ladder.floor = gen_beyond(g, FB_NOTIONAL_BITS, 64);
		break;
	default:
		w->ladder.deduction.hi = gen_beyond(g, FB_DEDUCTION_BITS - 64, 64);
	}
}

void gen_refuse_ladder(struct gen *g)
{
	union fb_command w = gen_word(g, FB_OP_LADDER);
	uint16_t l = g->ladder[rng_below(&g->rng, g->ladders)];
	const struct bank_ladder *ladder = &g->bank.ladder[l];
	enum fb_reject expect = FB_REJECT_LADDER_BOUND;

	w.ladder.ladder = l;
	w.ladder.tier = 0;
	w.ladder.rate = 100;
	w.ladder.floor = 0;
	w.ladder.deduction = (struct fb_u128){ 0 };
	if (ladder->bound == 0 || rng_chance(&g->rng, 500)) {
		uint32_t k = rng_below(&g->rng, 4);

		expect = FB_REJECT_LADDER;
		if (k == 0)
			w.ladder.floor = 1 + rng_bits(&g->rng, 40);
		else if (k == 1)
			w.ladder.deduction.lo = 1;
		else if (k == 2 && ladder->tiers > 1 && ladder->tiers < FB_TIERS) {
			w.ladder.tier = (uint8_t)ladder->tiers;
			w.ladder.floor = ladder->tier[ladder->tiers - 1].floor_e8 -
					 rng_below(&g->rng, 2);
		} else if (ladder->tiers < FB_TIERS - 1) {
			w.ladder.tier = (uint8_t)(ladder->tiers + 1);
			w.ladder.floor = (1ull << 61) - 1;
		} else {
			w.ladder.deduction.hi = 1;
		}
	}
	if (rng_chance(&g->rng, 300)) {
		spoil_ladder_range(g, &w);
		expect = FB_REJECT_RANGE;
	}
	gen_emit(g, &w, expect);
}

void gen_refuse_funding(struct gen *g)
{
	union fb_command w = gen_word(g, FB_OP_FUNDING);
	enum fb_reject expect = FB_REJECT_SYMBOL;
	int64_t limit = (int64_t)1 << FB_U_BITS;

	w.funding.symbol = gen_undefined_symbol(g);
	w.funding.rate = limit - 1;
	if (rng_chance(&g->rng, 500)) {
		expect = FB_REJECT_RANGE;
		if (rng_chance(&g->rng, 400))
			w.funding.symbol = (uint16_t)gen_beyond(g, 10, 16);
		else
			w.funding.rate = rng_chance(&g->rng, 500)
						 ? -limit
						 : gen_beyond_signed(g, FB_U_BITS + 1);
	}
	gen_emit(g, &w, expect);
}
