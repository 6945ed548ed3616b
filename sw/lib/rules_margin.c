/* The section [margin]: how the venue counts what an account needs. */
#include "rules_keys.h"

#define PERCENT 100000 /* in 1e-7 */
#define E8 100000000

enum { FEE_RATE = 3, QUANTUM = 7 };

static const struct fb_key keys[] = {
#define AT(name, field, ...) FB_KEY(name, fb_margin, field, __VA_ARGS__)
	AT("ratio", equity_over_mm, FB_KEY_CHOICE, 0, 1, 0, "mm/equity|equity/mm"),
	AT("mm_basis", mm_at_entry, FB_KEY_CHOICE, 0, 1, 0, "mark|entry"),
	AT("closing_fee", fee_in, FB_KEY_CHOICE, 0, 1, 0, "out|in"),
	[FEE_RATE] = AT("closing_fee_rate", closing_fee_e7, FB_KEY_RATIO, 0, 100 * PERCENT, 0,
			NULL),
	AT("round", round, FB_KEY_CHOICE, 0, 2, 0, "exact|up|down"),
	AT("netting", net_max_side, FB_KEY_CHOICE, 0, 1, 0, "none|max_side"),
	AT("mm_of_initial", mm_of_initial_e7, FB_KEY_RATIO, 0, 100 * PERCENT, 0, NULL),
	[QUANTUM] = AT("quantum", quantum_e8, FB_KEY_AMOUNT, 0, E8, 0, "a quantum"),
#undef AT
};
/* All fields but the one that fills up. */
_Static_assert(sizeof(keys) / sizeof(*keys) * 4 + 4 + 4 == sizeof(struct fb_margin),
	       "a key for every field");

static int finish(struct fb_rules_loader *l)
{
	struct fb_margin *m = &l->rules->margin;

	if (fb_keys_place(l, &fb_section_margin, FEE_RATE) == &l->base_place && !l->based)
		m->closing_fee_e7 = l->rules->taker_fee_e7;
	if (m->round && m->quantum_e8 == 0)
		return fb_expected(l->error, fb_keys_place(l, &fb_section_margin, QUANTUM), "0", 1,
				   "round = up or down needs it",
				   "a quantum above 0, such as 0.000001");
	return 0;
}

static bool good(const struct fb_rules *rules)
{
	return !rules->margin.round || rules->margin.quantum_e8 > 0;
}

const struct fb_section fb_section_margin = FB_SECTION("margin", margin, keys, finish, good);
