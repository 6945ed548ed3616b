/* What rows are worth, what an account's level is, and the end of a batch: contract, section 1. */
#include "model.h"

bool model_value(const struct model *m, const struct model_row *row, __int128 *value_e8,
		 __int128 *mm_e15)
{
	const struct model_symbol *symbol = &m->symbol[row->symbol];
	const struct model_ladder *ladder = &m->ladder[symbol->ladder];
	uint64_t lots = (uint64_t)(row->qty < 0 ? -row->qty : row->qty);
	unsigned __int128 notional_e8 = ((unsigned __int128)lots * symbol->u) >> FB_U_FRACTION_BITS;

	if (notional_e8 >> FB_NOTIONAL_BITS != 0)
		return false;
	const struct model_tier *tier = &ladder->tier[0];
	for (unsigned k = 1; k < ladder->tiers && ladder->tier[k].floor_e8 <= notional_e8; k++)
		tier = &ladder->tier[k];
	__int128 rate_e7 = (__int128)tier->rate_e7 + row->addend_e7;
	*value_e8 = row->qty < 0 ? -(__int128)notional_e8 : (__int128)notional_e8;
	*mm_e15 = notional_e8 == 0 ? 0 : (__int128)notional_e8 * rate_e7 - tier->deduction_e15;
	return true;
}

struct model_sums model_sum(struct model *m, const struct model_account *account)
{
	struct model_sums sums = {
		.equity_e8 = account->collateral_e8,
		.mm_e15 = account->addend_e15,
	};
	for (uint32_t r = account->first_row; r != MODEL_NONE; r = m->row[r].of_account.next) {
		__int128 value_e8, mm_e15;
		if (model_value(m, &m->row[r], &value_e8, &mm_e15)) {
			sums.equity_e8 += value_e8 - m->row[r].entry_e8;
			sums.mm_e15 += mm_e15;
		} else {
			sums.bad_rows++;
		}
		m->revaluations++;
	}
	sums.equity_e8 = model_wrap(sums.equity_e8, FB_EQUITY_BITS);
	sums.mm_e15 = model_wrap(sums.mm_e15, FB_MM_BITS);
	return sums;
}

/* The highest threshold reached, or 0. Thresholds at or below `base` are kept down to `down`. */
static unsigned threshold_reached(const struct model_class *class, const struct model_sums *sums,
				  unsigned base)
{
	for (unsigned k = class->thresholds; k > 0; k--) {
		uint32_t ratio_e7 = k <= base ? class->down_e7[k - 1] : class->up_e7[k - 1];
		__int128 bound_e15 = sums->equity_e8 * ratio_e7;
		if (class->strict ? sums->mm_e15 > bound_e15 : sums->mm_e15 >= bound_e15)
			return k;
	}
	return 0;
}

enum fb_level model_level(const struct model *m, const struct model_account *account,
			  const struct model_sums *sums)
{
	const __int128 bound_e8 = (__int128)1 << (FB_MONEY_BITS - 1);
	if (account->damaged || sums->bad_rows > 0 ||
	    account->collateral_e8 < -bound_e8 || account->collateral_e8 >= bound_e8)
		return FB_LEVEL_FAULT;
	if (sums->equity_e8 < 0)
		return FB_LEVEL_BANKRUPT;
	if (sums->mm_e15 <= 0)
		return FB_LEVEL_CALM;
	unsigned base = account->level;
	if (account->level == FB_LEVEL_BANKRUPT)
		base = FB_LEVEL_6;
	else if (account->level == FB_LEVEL_FAULT)
		base = FB_LEVEL_CALM;
	return (enum fb_level)threshold_reached(&m->class[account->class_id], sums, base);
}

/* The level of an account that no command of the batch touched is what it was: its rows, its
 * symbols' unit values and ladders and its class are unchanged, and applying the rule twice
 * changes nothing. */
void model_judge_touched(struct model *m, uint64_t seq)
{
	for (uint32_t i = 0; i < m->touched_n; i++) {
		struct model_account *a = &m->account[m->touched[i]];
		a->touched = false;
		if (!a->used)
			continue;
		struct model_sums sums = model_sum(m, a);
		enum fb_level level = model_level(m, a, &sums);
		if (level != a->level || (a->unknown && level != FB_LEVEL_CALM))
			model_emit_level(m, seq, a, &sums, level);
		a->level = (uint8_t)level;
		a->unknown = false;
	}
	m->touched_n = 0;
}
