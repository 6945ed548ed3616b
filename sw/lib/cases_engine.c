/* Functions of formulas that are those of a run: marks and funding in their integers. What does not
 * fit these comes from the exact formula that stands behind in the table. */
#include <firebreak/funding.h>

#include <errno.h>
#include <string.h>

#include "cases_functions.h"

#define HOUR_US UINT64_C(3600000000)

/* x in units of 10^-decimals, if it is whole in them and fits. */
static bool units(struct fb_ratio x, unsigned decimals, int64_t *out)
{
	__int128 n;
	if (fb_ratio_to_scaled(&x, decimals, &n) || n < INT64_MIN / 4 || n > INT64_MAX / 4)
		return false;
	*out = (int64_t)n;
	return true;
}

/* engine_funding(premium, interest, clamp): the rate of a period. */
static struct case_value funding(const struct case_value *a, unsigned n)
{
	struct case_value error;
	int64_t premium, interest, clamp;
	if (!case_all_numbers(a, n, &error))
		return error;
	if (!units(a[0].number, 12, &premium) || !units(a[1].number, 7, &interest) ||
	    !units(a[2].number, 7, &clamp) || clamp < 0)
		return case_none(-EDOM);
	struct fb_funding_rules rules = { .interest_e7 = interest, .clamp_e7 = (uint64_t)clamp };
	return case_number(fb_ratio_scaled(fb_funding_rate(&rules, premium), 12));
}

/* engine_mark(index, rate, hours to funding, hours of its interval), cut to 1e-8. */
static struct case_value mark(const struct case_value *a, unsigned n)
{
	struct case_value error;
	int64_t index, rate, left, interval;
	if (!case_all_numbers(a, n, &error))
		return error;
	struct fb_ratio hour = fb_ratio_int((__int128)HOUR_US);
	if (!units(a[0].number, 8, &index) || !units(a[1].number, 12, &rate) ||
	    !units(fb_ratio_mul(a[2].number, hour), 0, &left) ||
	    !units(fb_ratio_mul(a[3].number, hour), 0, &interval) || index <= 0 || left < 0 ||
	    interval <= 0 || index >= INT64_C(1) << 57)
		return case_none(-EDOM);
	uint64_t price = fb_mark_funding_basis((uint64_t)index, rate, (uint64_t)left,
					       (uint64_t)interval);
	return price ? case_number(fb_ratio_scaled((__int128)price, 8)) : case_none(-EDOM);
}

/* engine_settlement(index now, index at entry, size), as dYdX pays funding. */
static struct case_value settlement(const struct case_value *a, unsigned n)
{
	struct case_value error;
	int64_t now, entry, size;
	if (!case_all_numbers(a, n, &error))
		return error;
	if (!units(a[0].number, 0, &now) || !units(a[1].number, 0, &entry) ||
	    !units(a[2].number, 0, &size))
		return case_none(-EDOM);
	return case_number(fb_ratio_int(fb_funding_settlement(now, entry, size)));
}

static const struct case_function functions[] = {
	{ "engine_funding", 3, 3, funding },
	{ "engine_mark", 4, 4, mark },
	{ "engine_settlement", 3, 3, settlement },
};

const struct case_function *case_engine(const char *name)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (strcmp(functions[i].name, name) == 0)
			return &functions[i];
	return NULL;
}
