/* Building a maintenance ladder. MM of a notional N in tier k is N x rate_k - deduction_k; with
 *     deduction_k = deduction_k-1 + floor_k x (rate_k - rate_k-1)
 * it is continuous, which is how the venues that publish deductions ("cum", "maintenance amount")
 * build them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ladder.h"

#define E8 100000000

void fb_ladder_start(struct fb_ladder_builder *builder, const char *name, size_t length)
{
	if (length >= FB_NAME_MAX)
		length = FB_NAME_MAX - 1;
	*builder = (struct fb_ladder_builder){ .cap_e8 = -1 };
	memcpy(builder->ladder.name, name, length);
}

static void show_money(char *to, size_t size, const char *before, __int128 e8)
{
	snprintf(to, size, "%s%llu.%08llu", before, (unsigned long long)(e8 / E8),
		 (unsigned long long)(e8 % E8));
}

enum fb_ladder_fault fb_ladder_add(struct fb_ladder_builder *builder,
				   const struct fb_tier_input *tier, char *expected, size_t size)
{
	struct fb_ladder *ladder = &builder->ladder;
	const struct fb_tier *last = ladder->tiers ? &ladder->tier[ladder->tiers - 1] : NULL;
	__int128 deduction = tier->deduction_e15;

	if (ladder->tiers == FB_TIERS) {
		snprintf(expected, size, "at most %d tiers in a ladder", FB_TIERS);
		return FB_LADDER_TIERS;
	}
	if (!last && tier->floor_e8 != 0) {
		snprintf(expected, size, "the first tier at floor 0");
		return FB_LADDER_FLOOR;
	}
	if (last && builder->cap_e8 >= 0 && tier->floor_e8 != builder->cap_e8) {
		show_money(expected, size, "no hole: a floor at the cap of the tier before, ",
			   builder->cap_e8);
		return FB_LADDER_FLOOR;
	}
	if (last && tier->floor_e8 <= (__int128)last->floor_e8) {
		show_money(expected, size, "a floor above that of the tier before, ",
			   last->floor_e8);
		return FB_LADDER_FLOOR;
	}
	if (last && tier->rate_e7 < (__int128)last->rate_e7) {
		snprintf(expected, size, "a rate not below that of the tier before, %u e-7",
			 last->rate_e7);
		return FB_LADDER_RATE;
	}
	if (deduction < 0)
		deduction = last ? (__int128)last->deduction_e15 +
					    tier->floor_e8 * (tier->rate_e7 - last->rate_e7)
				 : 0;
	if (deduction > tier->floor_e8 * tier->rate_e7) {
		snprintf(expected, size,
			 "a deduction of at most floor x rate, else the maintenance margin is "
			 "negative");
		return FB_LADDER_DEDUCTION;
	}
	ladder->tier[ladder->tiers++] =
		(struct fb_tier){ (uint32_t)tier->rate_e7, (uint64_t)tier->floor_e8,
				  (unsigned __int128)deduction };
	builder->cap_e8 = tier->cap_e8;
	return FB_LADDER_OK;
}

bool fb_ladder_same(const struct fb_ladder *a, const struct fb_ladder *b)
{
	if (a->tiers != b->tiers)
		return false;
	for (unsigned i = 0; i < a->tiers; i++)
		if (a->tier[i].rate_e7 != b->tier[i].rate_e7 ||
		    a->tier[i].floor_e8 != b->tier[i].floor_e8 ||
		    a->tier[i].deduction_e15 != b->tier[i].deduction_e15)
			return false;
	return true;
}

/* Column names of the first line. */
static int read_header(struct fb_tiers *tiers, bool with_symbol, struct fb_error *error)
{
	static const char *const names[] = { "symbol", "floor", "cap", "rate", "deduction" };
	int *const columns[] = { &tiers->symbol, &tiers->floor, &tiers->cap, &tiers->rate,
				 &tiers->deduction };
	struct fb_field line, end = fb_lines_end();
	int n = fb_lines_next(tiers->lines, &line, error);

	if (n == 0)
		return fb_field_error(tiers->lines, &end, error, NULL, "a line of column names");
	if (n > 0)
		n = fb_csv_split(tiers->lines, &line, tiers->field, error);
	if (n < 0)
		return n;
	for (int i = 0; i < n; i++) {
		size_t k = with_symbol ? 0 : 1;

		while (k < 5 && !(fb_field_is(&tiers->field[i], names[k]) && *columns[k] < 0))
			k++;
		if (k == 5)
			return fb_field_error(tiers->lines, &tiers->field[i], error, NULL,
					      "the column names %sfloor, cap, rate, deduction, "
					      "each once",
					      with_symbol ? "symbol, " : "");
		*columns[k] = i;
	}
	if (tiers->floor < 0 || tiers->rate < 0 || (with_symbol && tiers->symbol < 0))
		return fb_field_error(tiers->lines, &tiers->field[n], error,
				      "these columns are required", "the columns %sfloor and rate",
				      with_symbol ? "symbol, " : "");
	return 0;
}

int fb_tiers_open(const char *path, bool with_symbol, struct fb_tiers *out, struct fb_error *error)
{
	int rc;

	*out = (struct fb_tiers){
		.symbol = -1, .floor = -1, .cap = -1, .rate = -1, .deduction = -1
	};
	rc = fb_lines_open(path, &out->lines, error);
	if (rc)
		return rc;
	rc = read_header(out, with_symbol, error);
	if (rc)
		fb_tiers_close(out);
	return rc;
}

/* A number that may be left out. */
static int optional(struct fb_tiers *tiers, int column, unsigned scale, __int128 max,
		    const char *what, __int128 *out, struct fb_error *error)
{
	*out = -1;
	if (column < 0 || tiers->field[column].length == 0)
		return 0;
	return fb_field_number(tiers->lines, &tiers->field[column], scale, 0, max, what, out,
			       error);
}

int fb_tiers_next(struct fb_tiers *tiers, struct fb_tier_input *tier, struct fb_error *error)
{
	struct fb_field line;
	int rc = fb_lines_next(tiers->lines, &line, error);

	if (rc > 0)
		rc = fb_csv_split(tiers->lines, &line, tiers->field, error);
	if (rc <= 0)
		return rc;
	rc = fb_field_number(tiers->lines, &tiers->field[tiers->floor], 8, 0, FB_FLOOR_MAX,
			     "a floor", &tier->floor_e8, error);
	if (rc == 0)
		rc = fb_field_number(tiers->lines, &tiers->field[tiers->rate], 7, 0, FB_RATE_MAX,
				     "a rate", &tier->rate_e7, error);
	if (rc == 0)
		rc = optional(tiers, tiers->cap, 8, FB_CAP_MAX, "a cap", &tier->cap_e8, error);
	if (rc == 0)
		rc = optional(tiers, tiers->deduction, 15, FB_DEDUCTION_MAX, "a deduction",
			      &tier->deduction_e15, error);
	return rc ? rc : 1;
}

int fb_tiers_add(const struct fb_tiers *tiers, const struct fb_tier_input *tier,
		 struct fb_ladder_builder *builder, struct fb_error *error)
{
	char expected[128];
	int column = tiers->floor;

	switch (fb_ladder_add(builder, tier, expected, sizeof(expected))) {
	case FB_LADDER_OK: return 0;
	case FB_LADDER_RATE: column = tiers->rate; break;
	case FB_LADDER_DEDUCTION:
		column = tiers->deduction < 0 ? tiers->floor : tiers->deduction;
		break;
	case FB_LADDER_TIERS:
	case FB_LADDER_FLOOR: break;
	}
	return fb_field_error(tiers->lines, &tiers->field[column], error, NULL, "%s", expected);
}

void fb_tiers_close(struct fb_tiers *tiers)
{
	fb_lines_close(tiers->lines);
	tiers->lines = NULL;
}
