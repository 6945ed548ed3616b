/* What need not be reviewed: an account that is sure (cpu_line.c) has something to spare, and what
 * a command takes from it is taken from that. Everything a review would have to look at stays as it
 * is: the other rows, their bands, the tile. */
#include <math.h>

#include "cpu.h"

static bool fits(__int128 collateral_e8)
{
	const __int128 money = (__int128)1 << (FB_MONEY_BITS - 1);
	return collateral_e8 >= -money && collateral_e8 < money;
}

bool cpu_keep_money(struct cpu *c, struct cpu_account *a, __int128 delta_e8)
{
	if (!a->sure || a->touched || !fits(a->collateral_e8 + delta_e8))
		return false;
	double delta = (double)(int64_t)delta_e8, spare = a->spare_e8 + delta;
	spare -= (fabs(a->spare_e8) + fabs(delta)) * CPU_CAREFUL;
	if (!(spare > 0))
		return false;
	a->collateral_e8 += delta_e8;
	a->spare_e8 = spare;
	c->kept++;
	return true;
}

static float float_up(double x)
{
	return -cpu_float_down(-x);
}

/* The row gets another line over the same range; the base is moved so that the row's band stays
 * right, and what that takes comes from the spare. */
static bool change_line(struct cpu *c, struct cpu_account *a, const struct cpu_row *row,
			const struct fb_cmd_fill *fill, const struct cpu_line *before,
			const struct cpu_line *after, double *spare)
{
	struct cpu_tile_head *head = cpu_tile_head(&c->tiles[a->tile], a->place / CPU_LANES);
	struct cpu_tile_row *line = &cpu_tile_rows(head)[row->in_tile];
	unsigned lane = a->place % CPU_LANES;
	struct cpu_band band = cpu_band_get(c, row);
	double least_before = cpu_line_least(line->slope[lane], band),
	       least = cpu_line_least(after->slope, band),
	       terms = fabs(least_before) + fabs(least) + fabsf(head->base[lane]);
	if (!(terms < 0x1p100)) /* a band that is open where it now must not be */
		return false;
	float base = float_up(head->base[lane] + (least_before - least) + terms * CPU_CAREFUL);
	double cost_e8 = (double)(fill->entry - row->entry_e8), delta = (double)fill->delta;
	terms += fabs(cost_e8) + fabs(delta) + fabs(before->constant_e8) +
		 fabs(after->constant_e8) + fabs(*spare) + fabsf(base);
	*spare += delta - cost_e8 - (after->constant_e8 - before->constant_e8) -
		  ((double)base - head->base[lane]) - terms * CPU_CAREFUL;
	if (!(*spare > 0))
		return false;
	head->base[lane] = base;
	line->slope[lane] = after->slope;
	return true;
}

bool cpu_keep_fill(struct cpu *c, struct cpu_account *a, struct cpu_row *row,
		   const struct fb_cmd_fill *fill)
{
	if (!a->sure || a->touched || (fill->qty == 0 && fill->entry == 0) ||
	    !fits(a->collateral_e8 + fill->delta))
		return false;
	const struct cpu_ladder *ladder = &c->ladder[c->symbol[row->symbol].ladder];
	struct cpu_tile_head *head = cpu_tile_head(&c->tiles[a->tile], a->place / CPU_LANES);
	__builtin_prefetch(&head->base[a->place % CPU_LANES], 1);
	const struct cpu_tile_row *tile = &cpu_tile_rows(head)[row->in_tile];
	unsigned lane = a->place % CPU_LANES;
	__builtin_prefetch(&tile->slope[lane], 1);
	struct cpu_band range = { tile->lo[lane], tile->hi[lane] };
	struct cpu_line before, after;
	double part = 1 / (double)c->class[a->class_id].up_e7[0], spare = a->spare_e8;
	if (!cpu_line_over(ladder, (double)row->qty * 0x1p-16, row->addend_e7, part, range,
			   &before) ||
	    !cpu_line_over(ladder, (double)fill->qty * 0x1p-16, row->addend_e7, part, range,
			   &after) ||
	    !change_line(c, a, row, fill, &before, &after, &spare))
		return false;
	a->spare_e8 = spare;
	a->collateral_e8 += fill->delta;
	row->qty = fill->qty;
	row->entry_e8 = fill->entry;
	c->kept++;
	return true;
}
