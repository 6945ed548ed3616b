/* What the files of formulas share. */
#ifndef FORMULA_INTERNAL_H
#define FORMULA_INTERNAL_H

#include <errno.h>

#include <firebreak/formula.h>

#include "ratio.h"

static inline bool above_zero(ratio x)
{
	return x.error == 0 && fb_ratio_sign(&x) > 0;
}

/* -EINVAL unless side, quantity and entry are those of a position; an error in any of them. */
static inline int formula_check(const struct fb_terms *t)
{
	int error = t->quantity.error ? t->quantity.error : t->entry.error;
	if (error)
		return error;
	if ((t->side != 1 && t->side != -1) || !above_zero(t->quantity) || !above_zero(t->entry))
		return -EINVAL;
	return t->factor.error ? t->factor.error : fb_ratio_sign(&t->factor) < 0 ? -EINVAL : 0;
}

/* q x factor */
static inline ratio formula_size(const struct fb_terms *t)
{
	bool plain = t->factor.error == 0 && fb_ratio_sign(&t->factor) == 0;
	return plain ? t->quantity : times(t->quantity, t->factor);
}

/* A price is above 0, or there is none. */
static inline ratio formula_price(ratio price)
{
	if (price.error == 0 && fb_ratio_sign(&price) <= 0)
		return fb_ratio_error(-ENOENT);
	return price;
}

/* Money that stands behind the position. */
static inline ratio formula_backing(const struct fb_terms *t)
{
	return minus(plus(t->margin, t->other_profit), t->order_margin);
}

#endif
