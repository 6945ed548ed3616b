/* What each command does once it has passed the checks: contract, section 3. */
#include <assert.h>

#include "model.h"

static void add_collateral(struct model_account *a, __int128 delta_e8)
{
	a->collateral_e8 = model_wrap(a->collateral_e8 + delta_e8, FB_COLLATERAL_BITS);
}

static uint32_t known_account(const struct model *m, uint32_t id)
{
	uint32_t account = model_map_find(&m->account_map, id);
	assert(account != MODEL_NONE);
	return account;
}

static void apply_marks(struct model *m, const struct fb_cmd_marks *c)
{
	for (unsigned i = 0; i < c->count; i++) {
		uint16_t symbol = c->mark[i] & 0xfff;
		m->symbol[symbol].u = c->mark[i] >> 12;
		model_touch_symbol(m, symbol);
	}
}

/* The account becomes unknown: its level is reported afresh unless it is calm. */
static struct model_account *disturb(struct model *m, uint32_t account)
{
	model_touch(m, account);
	m->account[account].unknown = true;
	return &m->account[account];
}

/* The row to write, made if it does not exist. */
static struct model_row *row_of(struct model *m, uint32_t account, uint32_t position,
				uint16_t symbol)
{
	uint32_t row = model_map_find(&m->row_map, position);
	if (row == MODEL_NONE)
		row = model_row_new(m, position, account, symbol);
	return &m->row[row];
}

static void put_row(struct model *m, struct model_row *row, int64_t qty, int64_t entry_e8)
{
	row->qty = qty;
	row->entry_e8 = entry_e8;
	if (qty == 0 && entry_e8 == 0)
		model_row_forget(m, (uint32_t)(row - m->row));
}

static void apply_position(struct model *m, const struct fb_cmd_position *c)
{
	uint32_t account = known_account(m, c->account);
	struct model_row *row = row_of(m, account, c->position, c->symbol);
	disturb(m, account);
	row->addend_e7 = c->addend;
	row->flags = c->row_flags & FB_ROW_NO_RANK;
	put_row(m, row, c->qty, c->entry);
}

static void apply_fill(struct model *m, const struct fb_cmd_fill *c)
{
	uint32_t account = known_account(m, c->account);
	struct model_row *row = row_of(m, account, c->position, c->symbol);
	add_collateral(disturb(m, account), c->delta);
	put_row(m, row, c->qty, c->entry);
}

static void apply_account(struct model *m, const struct fb_cmd_account *c)
{
	uint32_t account = model_map_find(&m->account_map, c->account);
	if (c->flags & FB_FLAG_REMOVE) {
		model_account_forget(m, account);
		return;
	}
	if (account == MODEL_NONE)
		account = model_account_new(m, c->account);
	else
		m->class[m->account[account].class_id].accounts--;
	m->class[c->class_id].accounts++;

	struct model_account *a = disturb(m, account);
	a->collateral_e8 = c->collateral;
	a->addend_e15 = model_from_i128(c->addend);
	a->class_id = c->class_id;
	a->role = c->role;
	a->held = c->held;
	a->damaged = false;
	if (c->flags & FB_FLAG_SET_LEVEL) {
		a->level = c->level;
		a->unknown = false;
	}
}

static void apply_collateral(struct model *m, const struct fb_cmd_collateral *c)
{
	add_collateral(disturb(m, known_account(m, c->account)), c->delta);
}

static void apply_class(struct model *m, const struct fb_cmd_class *c)
{
	struct model_class *class = &m->class[c->class_id];
	for (unsigned i = 0; i < c->count; i++) {
		class->up_e7[c->first + i] = c->up[i];
		class->down_e7[c->first + i] = c->down[i];
	}
	class->thresholds = c->first + c->count;
	class->strict = c->strict;
}

static void apply_symbol(struct model *m, const struct fb_cmd_symbol *c)
{
	struct model_symbol *symbol = &m->symbol[c->symbol];
	if (symbol->defined)
		m->ladder[symbol->ladder].symbols--;
	m->ladder[c->ladder].symbols++;
	symbol->defined = true;
	symbol->ladder = c->ladder;
	symbol->u = c->u;
	model_touch_symbol(m, c->symbol);
}

static void apply_ladder(struct model *m, const struct fb_cmd_ladder *c)
{
	struct model_ladder *ladder = &m->ladder[c->ladder];
	ladder->tier[c->tier] = (struct model_tier){
		.floor_e8 = c->floor,
		.rate_e7 = c->rate,
		.deduction_e15 = (__int128)model_from_u128(c->deduction),
	};
	ladder->tiers = c->tier + 1u;
}

/* -sign(q) x sign(f) x floor(|q| x |f| / 2^16): by magnitude, so that long and short pay and get
 * the same. */
static __int128 funding_amount(int64_t qty, int64_t rate)
{
	uint64_t lots = (uint64_t)(qty < 0 ? -qty : qty);
	uint64_t lot_pays = (uint64_t)(rate < 0 ? -rate : rate);
	unsigned __int128 paid = (unsigned __int128)lots * lot_pays;
	__int128 amount_e8 = (__int128)(paid >> FB_U_FRACTION_BITS);
	return (qty < 0) == (rate < 0) ? -amount_e8 : amount_e8;
}

static void apply_funding(struct model *m, const struct fb_cmd_funding *c)
{
	const __int128 bound_e8 = (__int128)1 << FB_NOTIONAL_BITS;
	__int128 sum_e8 = 0;
	uint32_t rows = 0;
	for (uint32_t r = m->symbol[c->symbol].first_row; r != MODEL_NONE;
	     r = m->row[r].of_symbol.next) {
		struct model_account *a = &m->account[m->row[r].account];
		__int128 amount_e8 = funding_amount(m->row[r].qty, c->rate);
		rows++;
		model_touch(m, m->row[r].account);
		if (amount_e8 <= -bound_e8 || amount_e8 >= bound_e8) {
			a->damaged = true;
			continue;
		}
		add_collateral(a, amount_e8);
		sum_e8 += amount_e8;
	}
	model_emit_funding(m, c, sum_e8, rows);
}

void model_apply(struct model *m, const union fb_command *command)
{
	switch (command->header.op) {
	case FB_OP_MARKS:
		apply_marks(m, &command->marks);
		break;
	case FB_OP_POSITION:
		apply_position(m, &command->position);
		break;
	case FB_OP_FILL:
		apply_fill(m, &command->fill);
		break;
	case FB_OP_ACCOUNT:
		apply_account(m, &command->account);
		break;
	case FB_OP_COLLATERAL:
		apply_collateral(m, &command->collateral);
		break;
	case FB_OP_CLASS:
		apply_class(m, &command->class);
		break;
	case FB_OP_SYMBOL:
		apply_symbol(m, &command->symbol);
		break;
	case FB_OP_LADDER:
		apply_ladder(m, &command->ladder);
		break;
	case FB_OP_FUNDING:
		apply_funding(m, &command->funding);
		break;
	case FB_OP_RANK:
		model_rank(m, &command->rank);
		break;
	case FB_OP_AUDIT: /* there are no sums that could differ from the rows */
		break;
	case FB_OP_HASH:
		model_emit_hash(m, &command->hash);
		break;
	case FB_OP_SNAPSHOT:
		model_emit_snapshot(m, command->header.seq);
		break;
	case FB_OP_FENCE:
		model_emit_fence(m, command->header.seq, command->fence.cookie);
		break;
	default:
		assert(false && "a command that passed the checks is one of these");
	}
}
