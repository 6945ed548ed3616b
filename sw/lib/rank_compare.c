/* The exact order of two rows. */
#include <firebreak/rank.h>

#include "powers.h"

int fb_rank_compare(const struct fb_rank_formula *formula, const struct fb_rank_row *a,
		    const struct fb_rank_row *b)
{
	enum fb_sign class = fb_rank_class(a);
	int order = (int)fb_rank_class(b) - (int)class;
	if (order == 0 && (class == FB_SIGN_PROFIT || class == FB_SIGN_LOSS)) {
		unsigned __int128 x[FB_RANK_OPERANDS], y[FB_RANK_OPERANDS];
		fb_rank_operands(formula, a, x);
		fb_rank_operands(formula, b, y);
		order = -fb_powers_compare(class == FB_SIGN_PROFIT ? formula->profit
								   : formula->loss,
					   x, y, FB_RANK_OPERANDS);
	}
	/* In class ZERO this is the score itself. */
	if (order == 0)
		order = a->notional_e8 > b->notional_e8 ? -1 : a->notional_e8 < b->notional_e8;
	if (order == 0)
		order = a->account < b->account ? -1 : a->account > b->account;
	if (order == 0)
		order = a->position < b->position ? -1 : a->position > b->position;
	return order;
}
