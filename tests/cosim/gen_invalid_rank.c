/* Refused RANK and AUDIT: each field just or far beyond its end, and a symbol that is not
 * defined. */
#include "gen_invalid.h"

static uint32_t spoiled_coefficients(struct gen *g, uint32_t packed)
{
	unsigned i = rng_below(&g->rng, FB_RANK_OPERANDS + 1);

	if (i == FB_RANK_OPERANDS) /* there is no eighth */
		return packed | (1 + rng_below(&g->rng, 15)) << 4 * i;
	return (packed & ~(0xfu << 4 * i)) | (3 + rng_below(&g->rng, 11)) << 4 * i;
}

static void spoil_rank(struct gen *g, struct fb_cmd_rank *c)
{
	switch (rng_below(&g->rng, 10)) {
	case 0:
		c->symbol = (uint16_t)gen_beyond(g, 10, 16);
		break;
	case 1:
		c->side = (uint8_t)gen_beyond(g, 1, 8);
		break;
	case 2:
		c->mode = (uint8_t)gen_beyond(g, 1, 8);
		break;
	case 3:
		c->zoom = (uint8_t)gen_beyond(g, 5, 8);
		break;
	case 4:
		c->exclude_level =
			rng_chance(&g->rng, 400) ? 0 : (uint8_t)(gen_beyond(g, 3, 8) | 1);
		break;
	case 5:
		c->class_mask = (uint8_t)gen_beyond(g, 3, 8);
		break;
	case 6:
		c->from = (uint32_t)gen_beyond(g, 30, 32);
		break;
	case 7:
		c->floor = gen_beyond(g, FB_NOTIONAL_BITS, 64);
		break;
	case 8:
		c->profit_c = spoiled_coefficients(g, c->profit_c);
		break;
	default:
		c->loss_c = spoiled_coefficients(g, c->loss_c);
	}
}

void gen_refuse_rank(struct gen *g)
{
	union fb_command w = gen_word(g, FB_OP_RANK);
	enum fb_reject expect = FB_REJECT_SYMBOL;

	gen_rank_choose(g, &w.rank);
	if (rng_chance(&g->rng, 150)) {
		w = gen_word(g, FB_OP_AUDIT);
		w.audit.mode = (uint8_t)gen_beyond(g, 1, 8);
		expect = FB_REJECT_RANGE;
	} else {
		if (rng_chance(&g->rng, 400) || !g->bank.symbol[w.rank.symbol].defined)
			w.rank.symbol = gen_undefined_symbol(g);
		if (g->bank.symbol[w.rank.symbol].defined || rng_chance(&g->rng, 500)) {
			spoil_rank(g, &w.rank);
			expect = FB_REJECT_RANGE;
		}
	}
	gen_end_batch(g);
	gen_emit(g, &w, expect);
	gen_end_batch(g);
}
