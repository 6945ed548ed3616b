/* Functions of formulas that are those of <firebreak/formula.h>: what worked examples check is what
 * the product says. Arguments in the order of a printed formula. */
#include <firebreak/formula.h>

#include <errno.h>
#include <string.h>

#include "cases_functions.h"

static struct fb_ratio number(const struct case_value *a, unsigned n, unsigned i)
{
	return i < n ? a[i].number : fb_ratio_int(0);
}

/* side, quantity, entry, margin, rate, deduction, fee, other MM, other profit, order margin */
static struct fb_terms terms(const struct case_value *a, unsigned n)
{
	__int128 side = 0;
	struct fb_ratio s = number(a, n, 0);
	if (fb_ratio_to_int(&s, &side) || (side != 1 && side != -1))
		side = 0;
	return (struct fb_terms){
		.side = (int)side,
		.quantity = number(a, n, 1),
		.entry = number(a, n, 2),
		.margin = number(a, n, 3),
		.rate = number(a, n, 4),
		.deduction = number(a, n, 5),
		.fee = number(a, n, 6),
		.other_mm = number(a, n, 7),
		.other_profit = number(a, n, 8),
		.order_margin = number(a, n, 9),
	};
}

static int side_of(const struct case_value *a)
{
	return fb_ratio_sign(&a[0].number);
}

#define OF_TERMS(name, function)                                                                   \
	static struct case_value name(const struct case_value *a, unsigned n)                      \
	{                                                                                          \
		struct case_value error;                                                           \
		if (!case_all_numbers(a, n, &error))                                               \
			return error;                                                              \
		struct fb_terms t = terms(a, n);                                                   \
		return case_number(function(&t));                                                  \
	}                                                                                          \
	_Static_assert(true, "takes the semicolon")

#define OF_TERMS_AND_PRICE(name, function)                                                         \
	static struct case_value name(const struct case_value *a, unsigned n)                      \
	{                                                                                          \
		struct case_value error;                                                           \
		if (!case_all_numbers(a, n, &error))                                               \
			return error;                                                              \
		struct fb_terms t = terms(a, 3);                                                   \
		return case_number(function(&t, a[3].number));                                     \
	}                                                                                          \
	_Static_assert(true, "takes the semicolon")

#define OF_NUMBERS(name, value)                                                                    \
	static struct case_value name(const struct case_value *a, unsigned n)                      \
	{                                                                                          \
		struct case_value error;                                                           \
		return case_all_numbers(a, n, &error) ? case_number(value) : error;                \
	}                                                                                          \
	_Static_assert(true, "takes the semicolon")

OF_TERMS(liq_linear, fb_liq_linear);
OF_TERMS(liq_linear_frozen, fb_liq_linear_frozen);
OF_TERMS(liq_inverse, fb_liq_inverse);
OF_TERMS(liq_inverse_frozen, fb_liq_inverse_frozen);
OF_TERMS(liq_inverse_cross, fb_liq_inverse_cross);
OF_TERMS(bankruptcy_linear, fb_bankruptcy_linear);
OF_TERMS(bankruptcy_inverse, fb_bankruptcy_inverse);
OF_TERMS(bankruptcy_inverse_cross, fb_bankruptcy_inverse_cross);
OF_TERMS_AND_PRICE(profit_linear, fb_profit_linear);
OF_TERMS_AND_PRICE(profit_inverse, fb_profit_inverse);
OF_NUMBERS(isolated_linear,
	   fb_bankruptcy_isolated_linear(side_of(a), a[1].number, a[2].number));
OF_NUMBERS(isolated_inverse,
	   fb_bankruptcy_isolated_inverse(side_of(a), a[1].number, a[2].number));
OF_NUMBERS(zero_price, fb_zero_price(side_of(a), a[1].number, a[2].number, a[3].number,
				     a[4].number));
OF_NUMBERS(zero_price_by_ratio, fb_zero_price_by_ratio(a[0].number, a[1].number, a[2].number,
						       a[3].number, a[4].number, a[5].number));
OF_NUMBERS(leverage_linear,
	   fb_position_leverage_linear(side_of(a), a[1].number, a[2].number));
OF_NUMBERS(leverage_inverse,
	   fb_position_leverage_inverse(side_of(a), a[1].number, a[2].number));
OF_NUMBERS(next_deduction,
	   fb_next_deduction(a[0].number, a[1].number, a[2].number, a[3].number));

static const struct case_function formulas[] = {
	{ "liq_linear", 5, 10, liq_linear },
	{ "liq_linear_frozen", 5, 10, liq_linear_frozen },
	{ "liq_inverse", 5, 10, liq_inverse },
	{ "liq_inverse_frozen", 5, 10, liq_inverse_frozen },
	{ "liq_inverse_cross", 5, 10, liq_inverse_cross },
	{ "bankruptcy_linear", 4, 10, bankruptcy_linear },
	{ "bankruptcy_inverse", 4, 10, bankruptcy_inverse },
	{ "bankruptcy_inverse_cross", 4, 10, bankruptcy_inverse_cross },
	{ "profit_linear", 4, 4, profit_linear },
	{ "profit_inverse", 4, 4, profit_inverse },
	{ "bankruptcy_isolated_linear", 3, 3, isolated_linear },
	{ "bankruptcy_isolated_inverse", 3, 3, isolated_inverse },
	{ "zero_price", 5, 5, zero_price },
	{ "zero_price_by_ratio", 6, 6, zero_price_by_ratio },
	{ "leverage_linear", 3, 3, leverage_linear },
	{ "leverage_inverse", 3, 3, leverage_inverse },
	{ "next_deduction", 4, 4, next_deduction },
};

const struct case_function *case_formula(const char *name)
{
	for (size_t i = 0; i < sizeof(formulas) / sizeof(formulas[0]); i++)
		if (strcmp(formulas[i].name, name) == 0)
			return &formulas[i];
	return NULL;
}
