/* What the governor lets pass of orders that concern the venue, and how far beyond bankruptcy a
 * pack lets reductions go. */
#include "governor_kit.h"

static struct fb_order gate(__int128 paid_e7)
{
	struct fb_order o = verb(FB_VERB_GATE, FB_ID_FUND);
	o.value_e8 = paid_e7;
	return o;
}

static struct fb_order settle(uint16_t symbol, __int128 u)
{
	struct fb_order o = verb(FB_VERB_SETTLE, FB_ID_FUND);
	o.symbol = symbol;
	o.value_e8 = u;
	return o;
}

START_TEST(the_gate_closes_only_while_somebody_owes)
{
	open_all(NULL, 64);
	PASSES(gate(10000000)); /* open: at any time */
	REFUSED(gate(0), BREACH);
	REFUSED(gate(-1), MONEY);
	REFUSED(gate(10000001), MONEY);
	confirm_as(1, FB_CONFIRMED_BANKRUPT); /* not held */
	REFUSED(gate(0), BREACH);
	hold(1, FB_CONFIRMED_BREACH); /* not bankrupt */
	REFUSED(gate(0), BREACH);
	confirm_as(1, FB_CONFIRMED_BANKRUPT);
	PASSES(gate(0));
	PASSES(gate(9999999));
	do_now(verb(FB_VERB_RELEASE, 1));
	REFUSED(gate(0), BREACH);
	/* Whose order it is, and what it must not name. */
	struct fb_order o = gate(10000000);
	o.account = 1;
	REFUSED(o, UNKNOWN);
	o = gate(10000000);
	o.qty = 1;
	REFUSED(o, UNKNOWN);
	fb_governor_kill(g, true);
	REFUSED(gate(10000000), KILL);
	close_all();
}
END_TEST

START_TEST(only_what_is_to_be_settled_is)
{
	open_all(NULL, 64);
	REFUSED(settle(1, U_MONEY), PRICE);
	fb_governor_settles(g, 1);
	tell(c_mark(1, U_MONEY * 2)); /* later than that */
	REFUSED(settle(1, U_MONEY * 2), PRICE);
	REFUSED(settle(1, U_MONEY - 1), PRICE);
	REFUSED(settle(2, U_MONEY), PRICE);
	REFUSED(settle(2, 0), PRICE);
	REFUSED(settle(FB_SYMBOLS, U_MONEY), UNKNOWN);
	struct fb_order o = settle(1, U_MONEY);
	o.account = 1;
	REFUSED(o, UNKNOWN);
	PASSES(settle(1, U_MONEY));
	close_all();
}
END_TEST

/* How much worse than the mark a reduction of 50 of 1's 100 lots may be. */
static __int128 worst(const struct fb_policy *policy)
{
	struct fb_rules *r = calloc(1, sizeof(*r));
	struct fb_governor_caps caps = { 0 };
	__int128 low = 0, high = 1000 * MONEY;
	ck_assert_ptr_nonnull(r);
	r->policy = *policy;
	fb_governor_worse(r, &caps);
	free(r);
	while (high - low > 1) {
		__int128 middle = (low + high) / 2;
		open_all(&caps, 64);
		hold(1, FB_CONFIRMED_BREACH);
		struct fb_order o = reduce(1, LONG, 1, 50);
		o.value_e8 -= middle;
		*(ask(&o) == FB_REFUSED_NOT ? &low : &high) = middle;
		close_all();
	}
	return low;
}

/* 1 has 10 of equity; its 100 lots have an MM of 1. Units of rounding apart. */
START_TEST(as_far_as_the_pack_lets_it)
{
	static const struct {
		struct fb_policy policy;
		__int128 worst_e8;
	} cases[] = {
		{ { .last_try_e7 = 0 }, 10 * MONEY },
		/* 5 % of what is closed and of equity */
		{ { .last_try_e7 = 500000 }, 13 * MONEY },
		{ { .limit = FB_LIMIT_SLIPPAGE, .limit_slip_e7 = 1000000 }, 16 * MONEY },
		/* 10 % and 5 % of what is 10 % further */
		{ { .limit = FB_LIMIT_SLIPPAGE, .limit_slip_e7 = 1000000, .last_try_e7 = 500000 },
		  1930 * MONEY / 100 },
		/* not that limit: the spread is nothing to it */
		{ { .fillable_spread_e7 = 15000000 }, 10 * MONEY },
		/* one and a half times the MM of 50 lots */
		{ { .limit = FB_LIMIT_FILLABLE, .fillable_spread_e7 = 15000000 },
		  1075 * MONEY / 100 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		__int128 off = worst(&cases[i].policy) - cases[i].worst_e8;
		ck_assert_msg(off >= 0 && off < 20, "case %zu: off by %lld", i, (long long)off);
	}
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "gate", the_gate_closes_only_while_somebody_owes },
		{ "settle", only_what_is_to_be_settled_is },
		{ "limits", as_far_as_the_pack_lets_it },
	};
	return kit_main("governor: venue", cases, sizeof(cases) / sizeof(cases[0]));
}
