/* See command_check.h. */
#include "command_check.h"

#include <assert.h>
#include <string.h>

#define U_MAX ((UINT64_C(1) << FB_U_BITS) - 1)

void fb_check_reset(struct fb_check *check, uint64_t next_seq)
{
	memset(check, 0, sizeof(*check));
	check->next_seq = next_seq;
}

bool fb_command_placed(uint8_t op)
{
	return op == FB_OP_POSITION || op == FB_OP_FILL || op == FB_OP_ACCOUNT ||
	       op == FB_OP_COLLATERAL;
}

bool fb_command_closes(const union fb_command *command)
{
	return command->header.op == FB_OP_RESET || !(command->header.flags & FB_FLAG_MORE);
}

static bool stands_alone(uint8_t op)
{
	return op >= FB_OP_RANK && op <= FB_OP_FENCE;
}

static bool fits_signed(int64_t value, unsigned bits)
{
	int64_t limit = INT64_C(1) << (bits - 1);
	return value >= -limit && value < limit;
}

/* Two's complement of 128 bits that fits `bits` > 64: all bits from bits-1 up are equal. */
static bool fits_signed_wide(struct fb_i128 value, unsigned bits)
{
	return fits_signed(value.hi, bits - 64);
}

static uint16_t mark_symbol(uint64_t mark)
{
	return (uint16_t)(mark & 0xfff);
}

static enum fb_reject check_marks(const struct fb_check *check, const struct fb_cmd_marks *c)
{
	if (c->count < 1 || c->count > FB_MARKS_PER_WORD)
		return FB_REJECT_COUNT;
	for (unsigned i = 0; i < c->count; i++)
		if (mark_symbol(c->mark[i]) >= FB_SYMBOLS || c->mark[i] >> 12 == 0)
			return FB_REJECT_RANGE;
	for (unsigned i = 0; i < c->count; i++)
		if (!check->symbol_defined[mark_symbol(c->mark[i])])
			return FB_REJECT_SYMBOL;
	return FB_REJECT_NONE;
}

static enum fb_reject check_position(const struct fb_check *check, const struct fb_cmd_position *c)
{
	if (c->symbol >= FB_SYMBOLS || !fits_signed(c->qty, FB_QTY_BITS) ||
	    !fits_signed(c->entry, FB_MONEY_BITS) || c->addend >> FB_RATE_BITS)
		return FB_REJECT_RANGE;
	return check->symbol_defined[c->symbol] ? FB_REJECT_NONE : FB_REJECT_SYMBOL;
}

static enum fb_reject check_fill(const struct fb_check *check, const struct fb_cmd_fill *c)
{
	if (c->symbol >= FB_SYMBOLS || !fits_signed(c->qty, FB_QTY_BITS) ||
	    !fits_signed(c->entry, FB_MONEY_BITS) || !fits_signed(c->delta, FB_MONEY_BITS))
		return FB_REJECT_RANGE;
	return check->symbol_defined[c->symbol] ? FB_REJECT_NONE : FB_REJECT_SYMBOL;
}

static enum fb_reject check_account(const struct fb_check *check, const struct fb_cmd_account *c)
{
	if (c->flags & FB_FLAG_REMOVE)
		return FB_REJECT_NONE;
	if (!fits_signed(c->collateral, FB_MONEY_BITS) ||
	    !fits_signed_wide(c->addend, FB_ADDEND_BITS) || c->class_id >= FB_CLASSES ||
	    c->role >= 4 || c->held >= 2)
		return FB_REJECT_RANGE;
	if ((c->flags & FB_FLAG_SET_LEVEL) && c->level > FB_LEVEL_FAULT)
		return FB_REJECT_RANGE;
	return check->class_pairs[c->class_id] ? FB_REJECT_NONE : FB_REJECT_CLASS;
}

static enum fb_reject check_collateral(const struct fb_cmd_collateral *c)
{
	return fits_signed(c->delta, FB_MONEY_BITS) ? FB_REJECT_NONE : FB_REJECT_RANGE;
}

static enum fb_reject check_class(const struct fb_check *check, const struct fb_cmd_class *c)
{
	if (c->count < 1 || c->count > FB_PAIRS_PER_WORD)
		return FB_REJECT_COUNT;
	if (c->class_id >= FB_CLASSES || c->first + c->count > FB_THRESHOLDS || c->strict >= 2)
		return FB_REJECT_RANGE;
	for (unsigned i = 0; i < c->count; i++)
		if (c->up[i] >> FB_THRESHOLD_BITS || c->down[i] >> FB_THRESHOLD_BITS)
			return FB_REJECT_RANGE;
	if (c->first != 0 && c->first != check->class_pairs[c->class_id])
		return FB_REJECT_CLASS;
	uint32_t before = c->first ? check->class_up[c->class_id] : 0;
	for (unsigned i = 0; i < c->count; before = c->up[i++])
		if (c->down[i] > c->up[i] || c->up[i] < before)
			return FB_REJECT_CLASS;
	return FB_REJECT_NONE;
}

static enum fb_reject check_symbol(const struct fb_check *check, const struct fb_cmd_symbol *c)
{
	if (c->symbol >= FB_SYMBOLS || c->ladder >= FB_LADDERS || c->u == 0 || c->u > U_MAX)
		return FB_REJECT_RANGE;
	return check->ladder_tiers[c->ladder] ? FB_REJECT_NONE : FB_REJECT_LADDER;
}

static enum fb_reject check_ladder(const struct fb_check *check, const struct fb_cmd_ladder *c)
{
	if (c->ladder >= FB_LADDERS || c->tier >= FB_TIERS || c->rate >> FB_RATE_BITS ||
	    c->floor >> FB_NOTIONAL_BITS || c->deduction.hi >> (FB_DEDUCTION_BITS - 64))
		return FB_REJECT_RANGE;
	bool in_order;
	if (c->tier == 0)
		in_order = c->floor == 0 && c->deduction.lo == 0 && c->deduction.hi == 0;
	else
		in_order = c->tier == check->ladder_tiers[c->ladder] &&
			   c->floor > check->ladder_floor[c->ladder];
	return in_order ? FB_REJECT_NONE : FB_REJECT_LADDER;
}

static enum fb_reject check_funding(const struct fb_check *check, const struct fb_cmd_funding *c)
{
	int64_t limit = INT64_C(1) << FB_U_BITS;
	if (c->symbol >= FB_SYMBOLS || c->rate <= -limit || c->rate >= limit)
		return FB_REJECT_RANGE;
	return check->symbol_defined[c->symbol] ? FB_REJECT_NONE : FB_REJECT_SYMBOL;
}

/* Seven nibbles, two's complement, each in -2..2. */
static bool fits_coefficients(uint32_t packed)
{
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++, packed >>= 4)
		if (((packed + 2) & 0xf) > 4)
			return false;
	return packed == 0;
}

static enum fb_reject check_rank(const struct fb_check *check, const struct fb_cmd_rank *c)
{
	if (c->symbol >= FB_SYMBOLS || c->side >= 2 || c->mode >= 2 || c->zoom >= 32 ||
	    c->exclude_level == 0 || c->exclude_level > FB_LEVEL_FAULT || c->class_mask >= 8 ||
	    c->from >> 30 || c->floor >> FB_NOTIONAL_BITS ||
	    !fits_coefficients(c->profit_c) || !fits_coefficients(c->loss_c))
		return FB_REJECT_RANGE;
	return check->symbol_defined[c->symbol] ? FB_REJECT_NONE : FB_REJECT_SYMBOL;
}

static enum fb_reject check_audit(const struct fb_cmd_audit *c)
{
	return c->mode < 2 ? FB_REJECT_NONE : FB_REJECT_RANGE;
}

/* Steps 5 to 7 */
static enum fb_reject check_fields(const struct fb_check *check, const union fb_command *c)
{
	switch (c->header.op) {
	case FB_OP_MARKS: return check_marks(check, &c->marks);
	case FB_OP_POSITION: return check_position(check, &c->position);
	case FB_OP_FILL: return check_fill(check, &c->fill);
	case FB_OP_ACCOUNT: return check_account(check, &c->account);
	case FB_OP_COLLATERAL: return check_collateral(&c->collateral);
	case FB_OP_CLASS: return check_class(check, &c->class);
	case FB_OP_SYMBOL: return check_symbol(check, &c->symbol);
	case FB_OP_LADDER: return check_ladder(check, &c->ladder);
	case FB_OP_FUNDING: return check_funding(check, &c->funding);
	case FB_OP_RANK: return check_rank(check, &c->rank);
	case FB_OP_AUDIT: return check_audit(&c->audit);
	default: return FB_REJECT_NONE;
	}
}

int fb_check_command(const struct fb_check *check, const union fb_command *c)
{
	uint8_t op = c->header.op;
	if (op == FB_OP_RESET)
		return FB_REJECT_NONE;
	if (c->header.seq != check->next_seq)
		return FB_CHECK_IGNORED;
	if (!(op >= FB_OP_MARKS && op <= FB_OP_FUNDING) && !stands_alone(op))
		return FB_REJECT_OPCODE;
	if (stands_alone(op) && (check->batch_open || (c->header.flags & FB_FLAG_MORE)))
		return FB_REJECT_IN_BATCH;
	return (int)check_fields(check, c);
}

void fb_check_taken(struct fb_check *check, const union fb_command *c, enum fb_reject reject)
{
	if (c->header.op == FB_OP_RESET) {
		fb_check_reset(check, c->header.seq + 1);
		return;
	}
	assert(c->header.seq == check->next_seq);
	check->next_seq++;
	check->batch_open = !fb_command_closes(c);
	if (reject != FB_REJECT_NONE)
		return;
	switch (c->header.op) {
	case FB_OP_SYMBOL:
		check->symbol_defined[c->symbol.symbol] = true;
		break;
	case FB_OP_LADDER:
		check->ladder_tiers[c->ladder.ladder] = (uint8_t)(c->ladder.tier + 1);
		check->ladder_floor[c->ladder.ladder] = c->ladder.floor;
		break;
	case FB_OP_CLASS:
		check->class_pairs[c->class.class_id] = (uint8_t)(c->class.first + c->class.count);
		check->class_up[c->class.class_id] = c->class.up[c->class.count - 1];
		break;
	default:
		break;
	}
}
