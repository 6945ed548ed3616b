/* The ordered checks of a command: contract, section 2, steps 2 to 8. Nothing here changes
 * state. */
#include "model.h"

static bool fits_signed(__int128 v, unsigned bits)
{
	return model_wrap(v, bits) == v;
}

static bool fits_unsigned(unsigned __int128 v, unsigned bits)
{
	return v >> bits == 0;
}

static uint32_t find_account(const struct model *m, uint32_t id)
{
	return model_map_find(&m->account_map, id);
}

static enum fb_reject check_marks(const struct model *m, const struct fb_cmd_marks *c)
{
	if (c->count < 1 || c->count > FB_MARKS_PER_WORD)
		return FB_REJECT_COUNT;
	for (unsigned i = 0; i < c->count; i++)
		if ((c->mark[i] & 0xfff) >= FB_SYMBOLS || c->mark[i] >> 12 == 0)
			return FB_REJECT_RANGE;
	for (unsigned i = 0; i < c->count; i++)
		if (!m->symbol[c->mark[i] & 0xfff].defined)
			return FB_REJECT_SYMBOL;
	return FB_REJECT_NONE;
}

/* What POSITION and FILL share: everything but the range of the addend or of delta, which comes
 * before it. */
static enum fb_reject check_put(const struct model *m, uint32_t account_id, uint32_t position,
				uint16_t symbol, int64_t qty, int64_t entry_e8)
{
	if (symbol >= FB_SYMBOLS || !fits_signed(qty, FB_QTY_BITS) ||
	    !fits_signed(entry_e8, FB_MONEY_BITS))
		return FB_REJECT_RANGE;
	if (!m->symbol[symbol].defined)
		return FB_REJECT_SYMBOL;
	uint32_t account = find_account(m, account_id);
	if (account == MODEL_NONE)
		return FB_REJECT_NO_ACCOUNT;
	uint32_t row = model_map_find(&m->row_map, position);
	if (row != MODEL_NONE)
		return m->row[row].account == account && m->row[row].symbol == symbol ?
			FB_REJECT_NONE : FB_REJECT_NO_POSITION;
	if (qty == 0 && entry_e8 == 0)
		return FB_REJECT_NO_POSITION;
	if (m->account[account].rows == FB_ROWS_PER_ACCOUNT || m->rows == m->rows_max)
		return FB_REJECT_FULL;
	return FB_REJECT_NONE;
}

static enum fb_reject check_position(const struct model *m, const struct fb_cmd_position *c)
{
	if (!fits_unsigned(c->addend, FB_RATE_BITS))
		return FB_REJECT_RANGE;
	return check_put(m, c->account, c->position, c->symbol, c->qty, c->entry);
}

static enum fb_reject check_fill(const struct model *m, const struct fb_cmd_fill *c)
{
	if (!fits_signed(c->delta, FB_MONEY_BITS))
		return FB_REJECT_RANGE;
	return check_put(m, c->account, c->position, c->symbol, c->qty, c->entry);
}

static enum fb_reject check_account(const struct model *m, const struct fb_cmd_account *c)
{
	uint32_t account = find_account(m, c->account);
	if (c->flags & FB_FLAG_REMOVE) {
		if (account == MODEL_NONE)
			return FB_REJECT_NO_ACCOUNT;
		return m->account[account].rows ? FB_REJECT_HAS_POSITIONS : FB_REJECT_NONE;
	}
	if (!fits_signed(c->collateral, FB_MONEY_BITS) ||
	    !fits_signed(model_from_i128(c->addend), FB_ADDEND_BITS) ||
	    c->class_id >= FB_CLASSES || c->role > FB_ROLE_EXCLUDED || c->held > 1)
		return FB_REJECT_RANGE;
	if ((c->flags & FB_FLAG_SET_LEVEL) && c->level > FB_LEVEL_FAULT)
		return FB_REJECT_RANGE;
	if (m->class[c->class_id].thresholds == 0)
		return FB_REJECT_CLASS;
	if (account == MODEL_NONE && m->accounts == m->accounts_max)
		return FB_REJECT_FULL;
	return FB_REJECT_NONE;
}

static enum fb_reject check_collateral(const struct model *m, const struct fb_cmd_collateral *c)
{
	if (!fits_signed(c->delta, FB_MONEY_BITS))
		return FB_REJECT_RANGE;
	return find_account(m, c->account) == MODEL_NONE ? FB_REJECT_NO_ACCOUNT : FB_REJECT_NONE;
}

static enum fb_reject check_class(const struct model *m, const struct fb_cmd_class *c)
{
	if (c->count < 1 || c->count > FB_PAIRS_PER_WORD)
		return FB_REJECT_COUNT;
	if (c->class_id >= FB_CLASSES || c->first + c->count > FB_THRESHOLDS || c->strict > 1)
		return FB_REJECT_RANGE;
	for (unsigned i = 0; i < c->count; i++)
		if (!fits_unsigned(c->up[i], FB_THRESHOLD_BITS) ||
		    !fits_unsigned(c->down[i], FB_THRESHOLD_BITS))
			return FB_REJECT_RANGE;
	const struct model_class *class = &m->class[c->class_id];
	if (c->first != 0 && c->first != class->thresholds)
		return FB_REJECT_CLASS;
	uint32_t before_e7 = c->first ? class->up_e7[c->first - 1] : 0;
	for (unsigned i = 0; i < c->count; i++) {
		if (c->down[i] > c->up[i] || c->up[i] < before_e7)
			return FB_REJECT_CLASS;
		before_e7 = c->up[i];
	}
	return class->accounts ? FB_REJECT_CLASS_BOUND : FB_REJECT_NONE;
}

static enum fb_reject check_symbol(const struct model *m, const struct fb_cmd_symbol *c)
{
	if (c->symbol >= FB_SYMBOLS || c->ladder >= FB_LADDERS || c->u == 0 ||
	    !fits_unsigned(c->u, FB_U_BITS))
		return FB_REJECT_RANGE;
	return m->ladder[c->ladder].tiers == 0 ? FB_REJECT_LADDER : FB_REJECT_NONE;
}

static enum fb_reject check_ladder(const struct model *m, const struct fb_cmd_ladder *c)
{
	unsigned __int128 deduction_e15 = model_from_u128(c->deduction);
	if (c->ladder >= FB_LADDERS || c->tier >= FB_TIERS ||
	    !fits_unsigned(c->rate, FB_RATE_BITS) || !fits_unsigned(c->floor, FB_NOTIONAL_BITS) ||
	    !fits_unsigned(deduction_e15, FB_DEDUCTION_BITS))
		return FB_REJECT_RANGE;
	const struct model_ladder *ladder = &m->ladder[c->ladder];
	if (c->tier == 0 && (c->floor != 0 || deduction_e15 != 0))
		return FB_REJECT_LADDER;
	if (c->tier > 0 && (c->tier != ladder->tiers ||
			    c->floor <= ladder->tier[c->tier - 1].floor_e8))
		return FB_REJECT_LADDER;
	return ladder->symbols ? FB_REJECT_LADDER_BOUND : FB_REJECT_NONE;
}

static enum fb_reject check_funding(const struct model *m, const struct fb_cmd_funding *c)
{
	const int64_t bound = (int64_t)1 << FB_U_BITS;
	if (c->symbol >= FB_SYMBOLS || c->rate <= -bound || c->rate >= bound)
		return FB_REJECT_RANGE;
	return m->symbol[c->symbol].defined ? FB_REJECT_NONE : FB_REJECT_SYMBOL;
}

/* A nibble, two's complement, for each operand: each is in -2..2, and bits 28..31 are 0. */
static bool coefficients_fit(uint32_t packed)
{
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++) {
		unsigned nibble = packed >> 4 * i & 0xf;
		if (nibble > 2 && nibble < 14)
			return false;
	}
	return fits_unsigned(packed, 4 * FB_RANK_OPERANDS);
}

static enum fb_reject check_rank(const struct model *m, const struct fb_cmd_rank *c)
{
	if (c->symbol >= FB_SYMBOLS || c->side > 1 || c->mode > FB_RANK_SELECT || c->zoom > 31 ||
	    c->exclude_level < 1 || c->exclude_level > FB_LEVEL_FAULT || c->class_mask > 7 ||
	    !coefficients_fit(c->profit_c) || !coefficients_fit(c->loss_c) ||
	    !fits_unsigned(c->from, FB_SCORE_BITS + 2) ||
	    !fits_unsigned(c->floor, FB_NOTIONAL_BITS))
		return FB_REJECT_RANGE;
	return m->symbol[c->symbol].defined ? FB_REJECT_NONE : FB_REJECT_SYMBOL;
}

/* Commands that are a batch of their own. */
static enum fb_reject check_alone(const struct model *m, const union fb_command *command)
{
	if (m->batch.open || (command->header.flags & FB_FLAG_MORE))
		return FB_REJECT_IN_BATCH;
	switch (command->header.op) {
	case FB_OP_RANK:
		return check_rank(m, &command->rank);
	case FB_OP_AUDIT:
		return command->audit.mode > 1 ? FB_REJECT_RANGE : FB_REJECT_NONE;
	default:
		return FB_REJECT_NONE;
	}
}

enum fb_reject model_check(const struct model *m, const union fb_command *command)
{
	switch (command->header.op) {
	case FB_OP_MARKS:
		return check_marks(m, &command->marks);
	case FB_OP_POSITION:
		return check_position(m, &command->position);
	case FB_OP_FILL:
		return check_fill(m, &command->fill);
	case FB_OP_ACCOUNT:
		return check_account(m, &command->account);
	case FB_OP_COLLATERAL:
		return check_collateral(m, &command->collateral);
	case FB_OP_CLASS:
		return check_class(m, &command->class);
	case FB_OP_SYMBOL:
		return check_symbol(m, &command->symbol);
	case FB_OP_LADDER:
		return check_ladder(m, &command->ladder);
	case FB_OP_FUNDING:
		return check_funding(m, &command->funding);
	case FB_OP_RANK:
	case FB_OP_AUDIT:
	case FB_OP_HASH:
	case FB_OP_SNAPSHOT:
	case FB_OP_FENCE:
		return check_alone(m, command);
	default: /* RESET never comes here: it is taken as it is */
		return FB_REJECT_OPCODE;
	}
}
