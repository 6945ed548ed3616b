/* The key of a row in whole numbers: contract, section 6. */
#include "cpu_ranking.h"
#include "log2.h"

static __int128 magnitude(__int128 v)
{
	return v < 0 ? -v : v;
}

static int32_t log_of(__int128 x)
{
	return (int32_t)fb_log2(x < 1 ? 1 : (unsigned __int128)x);
}

static int32_t score(const __int128 *x, uint32_t packed)
{
	int32_t sum = 0;
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++, packed >>= 4) {
		int c = (int)((packed & 0xf) ^ 8) - 8;
		if (c != 0)
			sum += c * log_of(x[i]);
	}
	return sum;
}

struct cpu_sums cpu_rank_equity(struct cpu *c, const struct cpu_account *a)
{
	struct cpu_sums sums = { a->collateral_e8, 0, 0 };
	for (uint32_t r = a->first; r != CPU_NONE; r = c->row[r].next) {
		const struct cpu_row *row = &c->row[r];
		uint64_t lots = (uint64_t)(row->qty < 0 ? -row->qty : row->qty);
		unsigned __int128 n = (unsigned __int128)lots * c->symbol[row->symbol].u >>
				      FB_U_FRACTION_BITS;
		if (n >> FB_NOTIONAL_BITS == 0)
			sums.equity_e8 += (row->qty < 0 ? -(int64_t)n : (int64_t)n) -
					  (__int128)row->entry_e8;
	}
	c->revaluations += a->rows;
	sums.equity_e8 = cpu_wrap(sums.equity_e8, FB_EQUITY_BITS);
	return sums;
}

uint32_t cpu_rank_key(struct cpu *c, const struct cpu_row *row, const struct fb_cmd_rank *cmd,
		      __int128 *equity_e8)
{
	const struct cpu_account *a = &c->account[row->account];
	struct cpu_valued v;
	*equity_e8 = 0;
	if (row->flags & FB_ROW_NO_RANK || a->role != FB_ROLE_USER || a->held || a->damaged ||
	    a->level >= cmd->exclude_level)
		return 0;
	bool margins = ((cmd->profit_c | cmd->loss_c) >> 4 * 4 & 0xf) != 0;
	struct cpu_sums sums = margins ? cpu_sum(c, a) : cpu_rank_equity(c, a);
	*equity_e8 = sums.equity_e8;
	cpu_value(c, row, &v);
	if (v.bad || sums.equity_e8 <= 0)
		return 0;
	__int128 pnl_e8 = v.value_e8 - row->entry_e8, floor_e8 = (__int128)cmd->floor;
	__int128 x[FB_RANK_OPERANDS] = {
		magnitude(pnl_e8), magnitude(row->entry_e8), v.notional_e8, sums.equity_e8,
		sums.mm_e15,	   v.mm_e15,
		a->collateral_e8 > floor_e8 ? a->collateral_e8 : floor_e8,
	};
	unsigned class = pnl_e8 == 0  ? FB_SIGN_ZERO
			 : pnl_e8 < 0 ? FB_SIGN_LOSS
				      : FB_SIGN_PROFIT;
	int32_t at = class == FB_SIGN_ZERO ? log_of(v.notional_e8)
					   : score(x, pnl_e8 < 0 ? cmd->loss_c : cmd->profit_c);
	return (uint32_t)class << FB_SCORE_BITS |
	       (uint32_t)(at + (INT32_C(1) << (FB_SCORE_BITS - 1)));
}

bool cpu_rank_in_range(uint32_t key, uint32_t account_id, const struct fb_cmd_rank *cmd)
{
	unsigned class = key >> FB_SCORE_BITS;
	if (class == FB_SIGN_EXCLUDED || !(cmd->class_mask >> (class - 1) & 1) || key < cmd->from)
		return false;
	return key < cmd->cursor_key ||
	       (key == cmd->cursor_key && account_id > cmd->cursor_account);
}
