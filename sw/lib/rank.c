/* Rows as the card ranks them: operands, sign class, key. See <firebreak/rank.h>. */
#include <errno.h>
#include <string.h>

#include <firebreak/rank.h>

#include "log2.h"
#include "log2_table.h"

#define SCORE_MIDDLE (INT32_C(1) << (FB_SCORE_BITS - 1))

static unsigned __int128 magnitude(__int128 x)
{
	return x < 0 ? -(unsigned __int128)x : (unsigned __int128)x;
}

/* The card keeps collateral modulo 2^72. */
static __int128 kept(__int128 collateral_e8)
{
	const unsigned shift = 128 - FB_COLLATERAL_BITS;
	return (__int128)((unsigned __int128)collateral_e8 << shift) >> shift;
}

int fb_rank_row(const struct fb_book *book, uint32_t row, unsigned exclude_level,
		struct fb_rank_row *out)
{
	const struct fb_book_row *r = &book->row[row];
	const struct fb_book_account *a = &book->account[r->account];
	const struct fb_book_symbol *symbol = &book->symbol[r->symbol];
	memset(out, 0, sizeof(*out));
	if (!r->live)
		return -ENOENT;
	struct fb_view view;
	int err = fb_book_view(book, r->account, FB_NOW, &view);
	if (err)
		return err;
	struct fb_sums sums;
	struct fb_row_value v;
	fb_value_engine(book, &view, &sums);
	fb_value_row(&book->ladder[symbol->ladder], r->qty, symbol->u, r->addend_e7, &v);
	*out = (struct fb_rank_row){
		.account = a->id,
		.position = r->id,
		.symbol = r->symbol,
		.qty = r->qty,
		.entry_e8 = r->entry_e8,
		.pnl_e8 = v.value_e8 - r->entry_e8,
		.notional_e8 = v.notional_e8,
		.equity_e8 = sums.equity_e8,
		.mm_e15 = sums.mm_e15,
		.row_mm_e15 = v.mm_e15,
		.collateral_e8 = kept(view.collateral_e8),
		.excluded = v.bad || r->flags & FB_ROW_NO_RANK || a->role != FB_ROLE_USER ||
			    a->held || sums.equity_e8 <= 0 || a->level >= exclude_level,
	};
	return 0;
}

enum fb_sign fb_rank_class(const struct fb_rank_row *row)
{
	if (row->excluded)
		return FB_SIGN_EXCLUDED;
	return row->pnl_e8 > 0 ? FB_SIGN_PROFIT : row->pnl_e8 == 0 ? FB_SIGN_ZERO : FB_SIGN_LOSS;
}

void fb_rank_operands(const struct fb_rank_formula *formula, const struct fb_rank_row *row,
		      unsigned __int128 out[FB_RANK_OPERANDS])
{
	__int128 floor = (__int128)formula->floor_e8;
	const __int128 x[FB_RANK_OPERANDS] = {
		[FB_RANK_PNL] = (__int128)magnitude(row->pnl_e8),
		[FB_RANK_ENTRY] = (__int128)magnitude(row->entry_e8),
		[FB_RANK_NOTIONAL] = (__int128)row->notional_e8,
		[FB_RANK_EQUITY] = row->equity_e8,
		[FB_RANK_MM] = row->mm_e15,
		[FB_RANK_ROW_MM] = row->row_mm_e15,
		[FB_RANK_COLLATERAL] = row->collateral_e8 > floor ? row->collateral_e8 : floor,
	};
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++)
		out[i] = x[i] < 1 ? 1 : (unsigned __int128)x[i];
}

uint32_t fb_rank_key(const struct fb_rank_formula *formula, const struct fb_rank_row *row)
{
	enum fb_sign class = fb_rank_class(row);
	if (class == FB_SIGN_EXCLUDED)
		return 0;
	unsigned __int128 x[FB_RANK_OPERANDS];
	fb_rank_operands(formula, row, x);
	int32_t score = 0;
	if (class == FB_SIGN_ZERO)
		score = (int32_t)fb_log2(x[FB_RANK_NOTIONAL]);
	else
		for (unsigned i = 0; i < FB_RANK_OPERANDS; i++)
			score += (class == FB_SIGN_PROFIT ? formula->profit : formula->loss)[i] *
				 (int32_t)fb_log2(x[i]);
	return ((uint32_t)class << FB_SCORE_BITS) + (uint32_t)(score + SCORE_MIDDLE);
}

/* Each logarithm errs by less than FB_LOG2_ERROR_E3 / 1000 of a unit, and a score by the sum. */
uint32_t fb_rank_margin(const struct fb_rank_formula *formula, enum fb_sign class)
{
	unsigned logarithms = 0;
	if (class == FB_SIGN_ZERO)
		logarithms = 1;
	else if (class != FB_SIGN_EXCLUDED)
		for (unsigned i = 0; i < FB_RANK_OPERANDS; i++)
			logarithms += (unsigned)magnitude((class == FB_SIGN_PROFIT
								   ? formula->profit
								   : formula->loss)[i]);
	return (2 * FB_LOG2_ERROR_E3 * logarithms + 999) / 1000;
}
