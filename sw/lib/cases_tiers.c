/* Tables of tiers among the inputs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cases_functions.h"

/* A member of the tier that holds a notional. Tiers are lists or objects, by rising floors; each
 * column goes by these names too. */
static struct case_value tier_member(struct case_run *run, const char *list, unsigned row,
				     unsigned column)
{
	static const char *const names[][6] = {
		{ "0", "floor", "from", "min", "notional_floor", "lower" },
		{ "1", "rate", "mmr", "maintenance_margin_rate", "mm_rate", "max_leverage" },
		{ "2", "cum", "maint_amount", "amount", "deduction", "maintenance_amount" },
	};
	char scope[CASE_PATH];
	snprintf(scope, sizeof(scope), "%.60s.%u", list, row);
	for (size_t i = 0; i < 6; i++) {
		struct case_value value = case_input(run, scope, names[column][i]);
		if (value.type == CASE_NUMBER)
			return value;
	}
	return case_none(-ENOENT);
}

static unsigned tier_row(struct case_run *run, const char *list, struct fb_ratio notional)
{
	unsigned row = 0, n = case_length(run, list);
	for (unsigned i = 1; i < n; i++) {
		struct case_value floor = tier_member(run, list, i, 0);
		if (floor.type == CASE_NUMBER && fb_ratio_compare(&floor.number, &notional) <= 0)
			row = i;
	}
	return row;
}

/* Any input list whose name begins with "tiers" or "brackets" or "ladder". */
static bool tiers_of(const struct case_run *run, char out[CASE_PATH])
{
	static const char *const starts[] = { "tiers", "brackets", "ladder", "margin_tiers" };
	for (unsigned i = 0; i < run->facts; i++)
		for (size_t k = 0; k < sizeof(starts) / sizeof(starts[0]); k++) {
			const char *path = run->fact[i].path;
			size_t n = strcspn(path, ".");
			if (strncmp(path, starts[k], strlen(starts[k])) != 0 ||
			    strcmp(path + n, ".#") != 0)
				continue;
			memcpy(out, path, n);
			out[n] = '\0';
			return true;
		}
	return false;
}

struct case_value case_tier(struct case_run *run, const char *function,
			    const struct case_value *a, unsigned n)
{
	char list[CASE_PATH];
	__int128 column = 1;
	bool leverage = strcmp(function, "tier_deduction_by_leverage") == 0;
	if (!tiers_of(run, list))
		return case_none(-ENOENT);
	if (a[0].type != CASE_NUMBER)
		return a[0];
	unsigned row = tier_row(run, list, a[0].number);
	if (strcmp(function, "tier") == 0) {
		if (n < 2 || a[1].type != CASE_NUMBER || fb_ratio_to_int(&a[1].number, &column) ||
		    column < 0 || column > 2)
			return case_none(-EINVAL);
		return tier_member(run, list, row, (unsigned)column);
	}
	struct fb_ratio deduction = fb_ratio_int(0), before = fb_ratio_int(0);
	for (unsigned i = 0; i <= row; i++) {
		struct fb_ratio rate = tier_member(run, list, i, 1).number;
		struct fb_ratio floor = tier_member(run, list, i, 0).number;
		if (leverage)
			rate = fb_ratio_div(fb_ratio_of(1, 2), rate);
		if (i > 0)
			deduction = fb_ratio_add(deduction,
						 fb_ratio_mul(floor, fb_ratio_sub(rate, before)));
		before = rate;
	}
	return case_number(deduction);
}
