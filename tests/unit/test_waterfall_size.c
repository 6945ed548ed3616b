/* How much, and at what limit: parts of sums, bankruptcy values, cuts, the next lower tier. */
#include "waterfall_answer_kit.h"

/* ---- floor(value x n / all), against products of 32-bit limbs ---- */

#define LIMBS 8
struct big {
	uint32_t limb[LIMBS];
};

static struct big product(unsigned __int128 a, unsigned __int128 b)
{
	struct big out = { { 0 } };
	for (int i = 0; i < 4; i++) {
		uint64_t carry = 0;
		for (int k = 0; k < 4; k++) {
			uint64_t sum = (uint64_t)(uint32_t)(a >> 32 * i) * (uint32_t)(b >> 32 * k) +
				       out.limb[i + k] + carry;
			out.limb[i + k] = (uint32_t)sum;
			carry = sum >> 32;
		}
		out.limb[i + 4] = (uint32_t)carry;
	}
	return out;
}

static int compare(struct big a, struct big b)
{
	for (int i = LIMBS; i-- > 0;)
		if (a.limb[i] != b.limb[i])
			return a.limb[i] < b.limb[i] ? -1 : 1;
	return 0;
}

static unsigned __int128 magnitude(__int128 x)
{
	return x < 0 ? -(unsigned __int128)x : (unsigned __int128)x;
}

/* part <= value x n / all < part + 1, without a division. */
static bool is_floor(__int128 part, __int128 value, __int128 n, __int128 all)
{
	struct big whole = product(magnitude(value), (unsigned __int128)n),
		   low = product(magnitude(part), (unsigned __int128)all);
	if (value >= 0)
		return part >= 0 && compare(low, whole) <= 0 &&
		       compare(whole, product(magnitude(part) + 1, (unsigned __int128)all)) < 0;
	if (part > 0 || compare(low, whole) < 0)
		return false;
	return part == 0 ||
	       compare(whole, product(magnitude(part) - 1, (unsigned __int128)all)) > 0;
}

static void check_part(__int128 value, __int128 n, __int128 all)
{
	__int128 part = fb_size_part(value, n, all), rest = fb_size_part(value, all - n, all);
	KIT_MUST(is_floor(part, value, n, all));
	/* Both rounded down: at most one unit is lost, and none where it divides. */
	KIT_MUST(part + rest == value || part + rest == value - 1);
	KIT_MUST((part + rest == value) ==
		 (compare(product(magnitude(part), (unsigned __int128)all),
			  product(magnitude(value), (unsigned __int128)n)) == 0));
}

/* A number below 2^bits: random, or at an end. */
static __int128 some(uint64_t *seed, unsigned bits)
{
	unsigned __int128 most = ((unsigned __int128)1 << bits) - 1,
			  x = (unsigned __int128)kit_random(seed) << 64 | kit_random(seed);
	switch (kit_random(seed) % 8) {
	case 0: return (__int128)(kit_random(seed) % 3);
	case 1: return (__int128)(most - kit_random(seed) % 3);
	case 2: return (__int128)(most / 2 + kit_random(seed) % 3);
	default: return (__int128)((x & most) >> kit_random(seed) % bits);
	}
}

START_TEST(a_part_is_the_floor)
{
	const __int128 most = ((__int128)1 << 126) - 1 + ((__int128)1 << 126);
	uint64_t seed = 3;
	for (int i = 0; i < 200000; i++) {
		__int128 all = some(&seed, 1 + (unsigned)(kit_random(&seed) % 126)),
			 value = some(&seed, 1 + (unsigned)(kit_random(&seed) % 127));
		all = all > 0 ? all : 1;
		value = kit_random(&seed) % 2 ? value : -value;
		check_part(value, some(&seed, 126) % (all + 1), all);
	}
	const __int128 all = ((__int128)1 << 126) - 1;
	check_part(most, all, all);
	check_part(-most, all, all);
	check_part(most, all - 1, all);
	check_part(-most, all - 1, all);
	check_part(-most, 1, all);
	kit_assert_wide(fb_size_part(-1, 1, 2), -1);
	kit_assert_wide(fb_size_part(-1, 0, 2), 0);
	kit_assert_wide(fb_size_part(-7, 2, 3), -5);
	kit_assert_wide(fb_size_part(7, 2, 3), 4);
}
END_TEST

/* ---- bankruptcy values ---- */

/* Any account: closed at the bankruptcy values it has exactly 0, or what was added where a long's
 * would be below 0. */
START_TEST(closing_all_leaves_nothing)
{
	uint64_t seed = 5;
	unsigned clamped = 0;
	for (int round = 0; round < 1000; round++) {
		struct fb_closing c[FB_ROWS_PER_ACCOUNT];
		__int128 added = 0;
		open_all();
		tell(c_account(1, (int64_t)(kit_random(&seed) % (3000 * MONEY)) - 500 * MONEY, 0,
			       0));
		for (uint32_t i = 0; i < 6; i++) {
			int64_t qty = (int64_t)(kit_random(&seed) % 2001) - 1000;
			int64_t odd = (int64_t)(kit_random(&seed) % (20 * MONEY)) - 10 * MONEY;
			if (qty != 0)
				tell(c_position(1, 90 - i, (uint16_t)(1 + i % 3), qty,
						qty * MONEY + odd));
		}
		start();
		for (uint16_t s = 1; s <= 3; s++)
			tell(c_mark(s, U_MONEY * 9 / 10 + kit_random(&seed) % (U_MONEY / 5)));
		size_t n = fb_size_plan(waterfall, index_of(1), sums_of(1).equity_e8, c);
		for (size_t i = 0; i < n; i++) {
			KIT_MUST(i == 0 || book->row[c[i - 1].row].id < book->row[c[i].row].id);
			KIT_MUST(c[i].qty == book->row[c[i].row].qty);
			KIT_MUST(c[i].qty < 0 || c[i].bankruptcy_e8 >= 0);
			added += c[i].bankruptcy_e8 - c[i].at_mark.value_e8;
		}
		added += sums_of(1).equity_e8;
		clamped += added > 0;
		KIT_MUST(n == 0 || added >= 0);
		for (size_t i = 0; i < n; i++)
			ck_assert_int_eq(fb_fill_to_house(waterfall, c[i].row, FB_ID_STREET,
							  size_of(c[i].qty), c[i].bankruptcy_e8),
					 0);
		KIT_MUST(n == 0 || collateral_of(1) == added);
		KIT_MUST(book->account[index_of(1)].rows_live == 0);
		conserved();
		close_all();
	}
	KIT_MUST(clamped > 0 && clamped < 500);
}
END_TEST

/* ---- cuts ---- */

/* 100 lots at 0.9 with equity 1; cuts from level 1 on. */
static void open_cut(int64_t lots, uint32_t share_e7, uint32_t slip_e7)
{
	open_all();
	rules.policy.cut_level = 1;
	rules.policy.cut_share_e7 = share_e7;
	rules.policy.cut_slip_e7 = slip_e7;
	holder(1, lots * 11 * CENT, 10, 1, lots, lots * MONEY);
	start();
	mark(1, 900);
	make_ready();
	decide();
}

START_TEST(a_cut_is_rounded_up)
{
	static const struct {
		int64_t lots;
		uint32_t share_e7;
		int64_t cut;
	} cases[] = { { 1, 2000000, 1 },  { 5, 2000000, 1 },	{ 6, 2000000, 2 },
		      { 100, 2000000, 20 }, { 100, 1, 1 },	{ 100, 10000000, 100 },
		      { 1, 1, 1 },	  { 100, 2000001, 21 } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		open_cut(cases[i].lots, cases[i].share_e7, 100000);
		ck_assert_int_eq(sent[2].order.qty, cases[i].cut);
		ck_assert_uint_eq(sent[2].order.tif, FB_IOC);
		ck_assert_uint_eq(counts()->cuts, 1);
		close_all();
	}
}
END_TEST

/* All of it is worth 90, and 89 is its bankruptcy value: 0.1 % of 90 and a unit below the mark,
 * twice as far with each try that fills nothing; near again after one that does. */
START_TEST(a_limit_goes_away_from_the_mark)
{
	static const int64_t slip[] = { 9, 18, 36, 72, 100, 100 };
	open_cut(100, 2000000, 10000);
	for (size_t i = 0; i < 6; i++) {
		__int128 unit = i < 4 ? 1 << i : 0;
		expect_newest(FB_VERB_REDUCE, 1, 20,
			      fb_size_part(90 * MONEY - slip[i] * CENT - unit, 20, 100));
		done(2 + i);
		size_t before = sents;
		decide();
		ck_assert_uint_eq(sents, before); /* not at once again */
		tick(100000);
		decide();
	}
	size_t order = sents - 1;
	fill(order, 1, 90 * CENT);
	done(order);
	decide();
	/* 99 lots are worth 89.1; the fee moves the bankruptcy value only. */
	expect_newest(FB_VERB_REDUCE, 1, 20, fb_size_part(8910 * CENT - 8910000 - 1, 20, 99));
	close_all();
}
END_TEST

/* ---- tiers ---- */

/* The second tier begins at 1000. */
static void open_tiers(int64_t lots, uint64_t u, uint32_t fok)
{
	open_all();
	rules.policy.reduce = FB_REDUCE_TIER;
	rules.policy.fok = fok;
	holder(1, 0, 10, 1, lots, lots * MONEY);
	start();
	tell(c_mark(1, u));
	struct fb_sums sums = sums_of(1);
	int64_t to_breach = (int64_t)(sums.mm_e15 / 10000000 - sums.equity_e8);
	tell(c_collateral(1, to_breach));
	tell(c_collateral(FB_ID_STREET, -to_breach));
	make_ready();
	decide();
}

START_TEST(down_to_the_next_tier)
{
	uint64_t seed = 6;
	for (uint32_t i = 0; i < 400; i++) {
		uint64_t u = i == 0 ? U_MONEY : U_MONEY / 2 + kit_random(&seed) % U_MONEY;
		int64_t lots = 2100 + (int64_t)(kit_random(&seed) % 5000);
		open_tiers(lots, u, i & 1);
		int64_t keep = lots - sent[2].order.qty;
		KIT_MUST(keep >= 0 && keep < lots);
		KIT_MUST((unsigned __int128)keep * u >> 16 < (unsigned __int128)(1000 * MONEY));
		KIT_MUST((unsigned __int128)(keep + 1) * u >> 16 >=
			 (unsigned __int128)(1000 * MONEY));
		KIT_MUST(sent[2].order.tif == (i % 2 ? FB_FOK : FB_IOC));
		close_all();
	}
	/* Exactly at the floor is the upper tier: one lot goes. */
	open_tiers(1000, U_MONEY, 1);
	ck_assert_int_eq(sent[2].order.qty, 1);
	close_all();
	open_tiers(999, U_MONEY, 1); /* the lowest tier: all of it, in whatever parts */
	ck_assert_int_eq(sent[2].order.qty, 999);
	ck_assert_uint_eq(sent[2].order.tif, FB_IOC);
	close_all();
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "part", a_part_is_the_floor },
		{ "bankruptcy", closing_all_leaves_nothing },
		{ "cut", a_cut_is_rounded_up },
		{ "limit", a_limit_goes_away_from_the_mark },
		{ "tiers", down_to_the_next_tier },
	};
	return kit_main("waterfall: sizes", cases, sizeof(cases) / sizeof(cases[0]));
}
