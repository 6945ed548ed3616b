/* What each command does once it has passed the checks: contract, sections 2 (step 8) and 3. */
#include <assert.h>

#include "cpu_judge.h"
#include "cpu_ranking.h"
#include "fetch.h"

static enum fb_reject check_put(const struct cpu *c, uint32_t account_id, uint32_t position,
				uint16_t symbol, bool nothing)
{
	uint32_t account = cpu_account_find(c, account_id), row = cpu_row_find(c, position);
	if (account == CPU_NONE)
		return FB_REJECT_NO_ACCOUNT;
	fb_fetch_to_write(&c->account[account]);
	if (row != CPU_NONE)
		return c->row[row].account == account && c->row[row].symbol == symbol
			       ? FB_REJECT_NONE
			       : FB_REJECT_NO_POSITION;
	if (nothing)
		return FB_REJECT_NO_POSITION;
	if (c->account[account].rows == FB_ROWS_PER_ACCOUNT || c->rows == c->rows_max)
		return FB_REJECT_FULL;
	return FB_REJECT_NONE;
}

static enum fb_reject check_account(const struct cpu *c, const struct fb_cmd_account *cmd)
{
	uint32_t account = cpu_account_find(c, cmd->account);
	if (cmd->flags & FB_FLAG_REMOVE) {
		if (account == CPU_NONE)
			return FB_REJECT_NO_ACCOUNT;
		return c->account[account].rows ? FB_REJECT_HAS_POSITIONS : FB_REJECT_NONE;
	}
	return account == CPU_NONE && c->accounts == c->accounts_max ? FB_REJECT_FULL
								     : FB_REJECT_NONE;
}

enum fb_reject cpu_check_structure(const struct cpu *c, const union fb_command *command)
{
	switch (command->header.op) {
	case FB_OP_POSITION:
		return check_put(c, command->position.account, command->position.position,
				 command->position.symbol,
				 command->position.qty == 0 && command->position.entry == 0);
	case FB_OP_FILL:
		return check_put(c, command->fill.account, command->fill.position,
				 command->fill.symbol,
				 command->fill.qty == 0 && command->fill.entry == 0);
	case FB_OP_ACCOUNT:
		return check_account(c, &command->account);
	case FB_OP_COLLATERAL:
		return cpu_account_find(c, command->collateral.account) == CPU_NONE
			       ? FB_REJECT_NO_ACCOUNT
			       : FB_REJECT_NONE;
	case FB_OP_CLASS:
		return c->class[command->class.class_id].accounts ? FB_REJECT_CLASS_BOUND
								  : FB_REJECT_NONE;
	case FB_OP_LADDER:
		return c->ladder[command->ladder.ladder].symbols ? FB_REJECT_LADDER_BOUND
								 : FB_REJECT_NONE;
	default:
		return FB_REJECT_NONE;
	}
}

/* A new unit value: at the end of the batch the symbol's tree says whom it concerns. */
static void mark(struct cpu *c, uint16_t symbol, uint64_t u)
{
	struct cpu_symbol *s = &c->symbol[symbol];
	s->u = u;
	c->u[symbol] = (float)u;
	if (s->marked)
		return;
	s->marked = true;
	c->marked[c->marked_n++] = symbol;
}

static void apply_marks(struct cpu *c, const struct fb_cmd_marks *cmd)
{
	for (unsigned i = 0; i < cmd->count; i++)
		mark(c, cmd->mark[i] & 0xfff, cmd->mark[i] >> 12);
}

static struct cpu_account *disturb(struct cpu *c, uint32_t account)
{
	cpu_touch(c, account);
	cpu_rank_dirty(c, account);
	c->account[account].unknown = true;
	return &c->account[account];
}

static void add_collateral(struct cpu_account *a, __int128 delta_e8)
{
	a->collateral_e8 = cpu_wrap(a->collateral_e8 + delta_e8, FB_COLLATERAL_BITS);
}

static struct cpu_row *row_of(struct cpu *c, uint32_t account, uint32_t position, uint16_t symbol)
{
	uint32_t row = cpu_row_find(c, position);
	if (row == CPU_NONE)
		row = cpu_row_new(c, position, account, symbol);
	return &c->row[row];
}

static void put_row(struct cpu *c, struct cpu_row *row, int64_t qty, int64_t entry_e8)
{
	row->qty = qty;
	row->entry_e8 = entry_e8;
	if (qty == 0 && entry_e8 == 0)
		cpu_row_forget(c, (uint32_t)(row - c->row));
}

static void apply_position(struct cpu *c, const struct fb_cmd_position *cmd)
{
	uint32_t account = cpu_account_find(c, cmd->account);
	struct cpu_row *row = row_of(c, account, cmd->position, cmd->symbol);
	disturb(c, account);
	row->addend_e7 = cmd->addend;
	row->flags = cmd->row_flags & FB_ROW_NO_RANK;
	put_row(c, row, cmd->qty, cmd->entry);
}

static void apply_fill(struct cpu *c, const struct fb_cmd_fill *cmd)
{
	uint32_t account = cpu_account_find(c, cmd->account);
	uint32_t known = cpu_row_find(c, cmd->position);
	if (c->account[account].late) /* also where the position is new */
		cpu_keep_late(c);
	cpu_rank_dirty(c, account);
	if (known != CPU_NONE &&
	    cpu_keep_fill(c, &c->account[account], &c->row[known], cmd))
		return;
	struct cpu_row *row = row_of(c, account, cmd->position, cmd->symbol);
	add_collateral(disturb(c, account), cmd->delta);
	put_row(c, row, cmd->qty, cmd->entry);
}

static void apply_collateral(struct cpu *c, const struct fb_cmd_collateral *cmd)
{
	uint32_t account = cpu_account_find(c, cmd->account);
	cpu_rank_dirty(c, account);
	if (!cpu_keep_money(c, &c->account[account], cmd->delta))
		add_collateral(disturb(c, account), cmd->delta);
}

static void apply_account(struct cpu *c, const struct fb_cmd_account *cmd)
{
	uint32_t account = cpu_account_find(c, cmd->account);
	if (cmd->flags & FB_FLAG_REMOVE) {
		cpu_account_forget(c, account);
		return;
	}
	if (account == CPU_NONE)
		account = cpu_account_new(c, cmd->account);
	else
		c->class[c->account[account].class_id].accounts--;
	c->class[cmd->class_id].accounts++;

	struct cpu_account *a = disturb(c, account);
	a->collateral_e8 = cmd->collateral;
	a->addend_e15 = cpu_from_i128(cmd->addend);
	a->class_id = cmd->class_id;
	a->role = cmd->role & 3;
	a->held = cmd->held != 0;
	a->damaged = false;
	if (cmd->flags & FB_FLAG_SET_LEVEL) {
		a->level = cmd->level;
		a->unknown = false;
	}
}

static void apply_class(struct cpu *c, const struct fb_cmd_class *cmd)
{
	struct cpu_class *class = &c->class[cmd->class_id];
	for (unsigned i = 0; i < cmd->count; i++) {
		class->up_e7[cmd->first + i] = cmd->up[i];
		class->down_e7[cmd->first + i] = cmd->down[i];
	}
	class->thresholds = cmd->first + cmd->count;
	class->strict = cmd->strict;
}

static void touch_owner(struct cpu *c, struct cpu_row *row, void *context)
{
	(void)context;
	cpu_touch(c, row->account);
	cpu_rank_dirty(c, row->account);
}

/* The ranges were made for the old ladder. */
static void apply_symbol(struct cpu *c, const struct fb_cmd_symbol *cmd)
{
	struct cpu_symbol *s = &c->symbol[cmd->symbol];
	if (s->defined)
		c->ladder[s->ladder].symbols--;
	c->ladder[cmd->ladder].symbols++;
	s->defined = true;
	s->ladder = cmd->ladder;
	mark(c, cmd->symbol, cmd->u);
	cpu_band_each(c, cmd->symbol, touch_owner, NULL);
}

static void apply_ladder(struct cpu *c, const struct fb_cmd_ladder *cmd)
{
	struct cpu_ladder *ladder = &c->ladder[cmd->ladder];
	unsigned __int128 deduction_e15 =
		(unsigned __int128)cmd->deduction.hi << 64 | cmd->deduction.lo;
	ladder->tier[cmd->tier] = (struct cpu_tier){
		.floor_e8 = cmd->floor,
		.rate_e7 = cmd->rate,
		.plain = (unsigned __int128)cmd->floor * cmd->rate >= deduction_e15,
		.deduction_e15 = deduction_e15,
		.floor = (double)cmd->floor,
		.deduction = (double)deduction_e15,
	};
	ladder->tiers = cmd->tier + 1u;
	for (unsigned k = 0; k < FB_TIERS; k++)
		ladder->floor_e8[k] = k < ladder->tiers ? ladder->tier[k].floor_e8 : UINT64_MAX;
}

struct funding {
	int64_t rate;
	__int128 sum_e8;
};

static void fund_row(struct cpu *c, struct cpu_row *row, void *context)
{
	struct funding *f = context;
	uint64_t lots = (uint64_t)(row->qty < 0 ? -row->qty : row->qty),
		 rate = (uint64_t)(f->rate < 0 ? -f->rate : f->rate);
	unsigned __int128 paid = (unsigned __int128)lots * rate >> FB_U_FRACTION_BITS;
	struct cpu_account *a = &c->account[row->account];
	cpu_rank_dirty(c, row->account);
	if (paid >> FB_NOTIONAL_BITS != 0) {
		cpu_touch(c, row->account);
		a->damaged = true;
		return;
	}
	__int128 amount_e8 = (row->qty < 0) == (f->rate < 0) ? -(__int128)paid : (__int128)paid;
	f->sum_e8 += amount_e8;
	if (cpu_keep_money(c, a, amount_e8))
		return;
	cpu_touch(c, row->account);
	add_collateral(a, amount_e8);
}

static void apply_funding(struct cpu *c, const struct fb_cmd_funding *cmd)
{
	struct funding funding = { .rate = cmd->rate };
	union fb_record record = cpu_record(cmd->seq, FB_REC_FUNDING);
	cpu_band_each(c, cmd->symbol, fund_row, &funding);
	record.funding.sum = cpu_to_i128(funding.sum_e8);
	record.funding.rows = c->symbol[cmd->symbol].rows;
	record.funding.symbol = cmd->symbol;
	cpu_decide(c, &record);
}

static void apply_fence(struct cpu *c, const struct fb_cmd_fence *cmd)
{
	union fb_record record = cpu_record(cmd->seq, FB_REC_FENCE);
	record.fence.cookie = cmd->cookie;
	cpu_decide(c, &record);
}

void cpu_apply(struct cpu *c, const union fb_command *command)
{
	/* those that stand alone change nothing */
	c->changes += command->header.op <= FB_OP_FUNDING;
	if (command->header.op != FB_OP_FILL)
		cpu_keep_late(c);
	switch (command->header.op) {
	case FB_OP_MARKS: apply_marks(c, &command->marks); break;
	case FB_OP_POSITION: apply_position(c, &command->position); break;
	case FB_OP_FILL: apply_fill(c, &command->fill); break;
	case FB_OP_ACCOUNT: apply_account(c, &command->account); break;
	case FB_OP_COLLATERAL: apply_collateral(c, &command->collateral); break;
	case FB_OP_CLASS: apply_class(c, &command->class); break;
	case FB_OP_SYMBOL: apply_symbol(c, &command->symbol); break;
	case FB_OP_LADDER: apply_ladder(c, &command->ladder); break;
	case FB_OP_FUNDING: apply_funding(c, &command->funding); break;
	case FB_OP_RANK: cpu_rank(c, &command->rank); break;
	case FB_OP_AUDIT: break; /* no sums are kept that could differ from the rows */
	case FB_OP_HASH: cpu_emit_hash(c, &command->hash); break;
	case FB_OP_SNAPSHOT: cpu_emit_snapshot(c, command->header.seq); break;
	case FB_OP_FENCE: apply_fence(c, &command->fence); break;
	default: assert(false && "a command that passed the checks is one of these");
	}
}
