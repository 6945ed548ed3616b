/* What need not be reviewed: an account that is sure (cpu_line.c) has something to spare, and what
 * a command takes from it is taken from that. Everything a review would have to look at stays as it
 * is: the other rows, their bands, the tile. */
#include <math.h>

#include "cpu_judge.h"
#include "fetch.h"

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

static struct cpu_tile_row *line_of(const struct cpu *c, const struct cpu_account *a,
				    const struct cpu_row *row, struct cpu_tile_head **head)
{
	*head = cpu_tile_head(&c->tiles[a->tile], a->place / CPU_LANES);
	return &cpu_tile_rows(*head)[row->in_tile];
}

/* The row gets another line over the same range; the base is moved so that the row's band stays
 * right, and what that takes comes from the spare. */
static bool move_line(struct cpu *c, struct cpu_account *a, const struct cpu_row *row,
		      const struct cpu_late *was, const struct cpu_line *before,
		      const struct cpu_line *after)
{
	struct cpu_tile_head *head;
	struct cpu_tile_row *line = line_of(c, a, row, &head);
	unsigned lane = a->place % CPU_LANES;
	struct cpu_band band = cpu_band_get(c, row);
	double least_before = cpu_line_least(line->slope[lane], band),
	       least = cpu_line_least(after->slope, band), spare = a->spare_e8,
	       terms = fabs(least_before) + fabs(least) + fabsf(head->base[lane]);
	if (!(terms < 0x1p100)) /* a band that is open where it now must not be */
		return false;
	float base = float_up(head->base[lane] + (least_before - least) + terms * CPU_CAREFUL);
	double cost_e8 = (double)(row->entry_e8 - was->entry_e8), delta = (double)was->delta_e8;
	terms += fabs(cost_e8) + fabs(delta) + fabs(before->constant_e8) +
		 fabs(after->constant_e8) + fabs(spare) + fabsf(base);
	spare += delta - cost_e8 - (after->constant_e8 - before->constant_e8) -
		 ((double)base - head->base[lane]) - terms * CPU_CAREFUL;
	if (!(spare > 0))
		return false;
	head->base[lane] = base;
	line->slope[lane] = after->slope;
	a->spare_e8 = spare;
	return true;
}

/* What bands and tile say of a row that has changed. False: they would have to be others. */
static bool change_line(struct cpu *c, struct cpu_account *a, const struct cpu_row *row,
			const struct cpu_late *was)
{
	const struct cpu_ladder *ladder = &c->ladder[c->symbol[row->symbol].ladder];
	struct cpu_tile_head *head;
	const struct cpu_tile_row *tile = line_of(c, a, row, &head);
	unsigned lane = a->place % CPU_LANES;
	struct cpu_band range = { tile->lo[lane], tile->hi[lane] };
	struct cpu_line before, after;
	double part = 1 / (double)c->class[a->class_id].up_e7[0];
	return cpu_line_over(ladder, (double)was->qty * 0x1p-16, row->addend_e7, part, range,
			     &before) &&
	       cpu_line_over(ladder, (double)row->qty * 0x1p-16, row->addend_e7, part, range,
			     &after) &&
	       move_line(c, a, row, was, &before, &after);
}

/* ---- later ----
 *
 * Bands and tile of a row lie elsewhere, and where is known only when row and account are there. So
 * a fill waits for these two, and asks for the others; a few fills later they are there. */

static void fetch(const struct cpu *c, const struct cpu_account *a, const struct cpu_row *row)
{
	struct cpu_tile_head *head;
	const struct cpu_tile_row *line = line_of(c, a, row, &head);
	unsigned lane = a->place % CPU_LANES;
	fb_fetch_to_write(&head->base[lane]);
	fb_fetch_to_write(&line->slope[lane]);
	fb_fetch(&line->lo[lane]);
	fb_fetch(&line->hi[lane]);
	cpu_band_fetch(c, row);
}

/* Unless it has been reviewed meanwhile, or will be at the end of the batch. */
static void renew_first(struct cpu *c)
{
	uint32_t account = c->unsure[c->unsure_first];
	c->unsure_first = (c->unsure_first + 1) % CPU_LATE;
	c->unsure_n--;
	if (!c->account[account].sure && !c->account[account].touched)
		cpu_judge_renew(c, account);
}

static void catch_up(struct cpu *c)
{
	const struct cpu_late *was = &c->late[c->late_first];
	const struct cpu_row *row = &c->row[was->row];
	struct cpu_account *a = &c->account[row->account];
	c->late_first = (c->late_first + 1) % CPU_LATE;
	c->late_n--;
	a->late = false;
	if (change_line(c, a, row, was)) {
		c->kept++;
		return;
	}
	a->sure = false; /* bands and tile say nothing */
	cpu_judge_fetch_rows(c, a);
	cpu_judge_fetch_tile(c, a);
	if (c->unsure_n == CPU_LATE)
		renew_first(c);
	c->unsure[(c->unsure_first + c->unsure_n++) % CPU_LATE] = row->account;
}

void cpu_keep_late(struct cpu *c)
{
	while (c->late_n > 0)
		catch_up(c);
	while (c->unsure_n > 0)
		renew_first(c);
}

/* By how much equity - MM / T changes at these marks, less what that may err by: from whole
 * numbers, so whatever the tiers. */
static double change_now(const struct cpu *c, const struct cpu_account *a,
			 const struct cpu_row *before, const struct cpu_row *after,
			 int64_t delta_e8)
{
	struct cpu_valued was, is;
	cpu_value(c, before, &was);
	cpu_value(c, after, &is);
	double money = (double)(int64_t)(is.value_e8 - was.value_e8) -
		       (double)(after->entry_e8 - before->entry_e8) + (double)delta_e8,
	       mm_e15 = cpu_real(is.mm_e15 - was.mm_e15),
	       needed = mm_e15 / (double)c->class[a->class_id].up_e7[0],
	       terms = (double)is.notional_e8 + (double)was.notional_e8 +
		       fabs((double)after->entry_e8) + fabs((double)before->entry_e8) +
		       fabs((double)delta_e8) + fabs(needed);
	/* a row whose MM is negative could let the account's be, and calm would need more */
	if (is.bad || is.mm_e15 < 0)
		return -INFINITY;
	return money - needed - terms * CPU_CAREFUL;
}

/* Inside of its bands an account's equity - MM / T is its spare at least. If that stays above 0 the
 * account stays calm now; bands and tile may say so later, or be made anew. */
bool cpu_keep_fill(struct cpu *c, struct cpu_account *a, struct cpu_row *row,
		   const struct fb_cmd_fill *fill)
{
	if (!a->sure || a->touched || (fill->qty == 0 && fill->entry == 0) ||
	    !fits(a->collateral_e8 + fill->delta) || c->marked_n > 0)
		return false;
	struct cpu_row after = *row;
	after.qty = fill->qty;
	after.entry_e8 = fill->entry;
	double spare = a->spare_e8 + change_now(c, a, row, &after, fill->delta);
	if (!(spare - fabs(a->spare_e8) * CPU_CAREFUL > 0))
		return false;
	if (c->late_n == CPU_LATE)
		catch_up(c);
	c->late[(c->late_first + c->late_n++) % CPU_LATE] = (struct cpu_late){
		(uint32_t)(row - c->row), row->qty, row->entry_e8, fill->delta
	};
	a->late = true;
	a->collateral_e8 += fill->delta;
	row->qty = fill->qty;
	row->entry_e8 = fill->entry;
	fetch(c, a, row);
	return true;
}
