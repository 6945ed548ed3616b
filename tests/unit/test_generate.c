/* Made-up accounts: the promises at the top of sw/lib/generate.c, counted. */
#include "inputs_kit.h"

#include <firebreak/book.h>

#define PRICES 17
/* Some hours before the fall of 2025-10-10, in 1e-4, in the order of the shipped pack. */
static const uint64_t price_e4[PRICES] = { 1216620000, 43700000, 12500000, 2200000, 28000,  2500,
					   8200,       41000,    1300000,  220000,  280000, 2730000,
					   40600,      5800000,  23000,    3370,    3790 };
/* What was left at the low, in percent: BTC -16, others -40 to -70. */
static const unsigned left[PRICES] = { 84, 80, 75, 65, 55, 45, 40, 35, 50,
				       40, 35, 30, 30, 60, 30, 70, 45 };

static uint64_t start_e8[FB_SYMBOLS];

static void generate(const char *source, struct fb_accounts *out)
{
	struct fb_error error = { "" };

	for (int i = 0; i < PRICES; i++)
		start_e8[i] = price_e4[i] * 10000;
	ck_assert_msg(fb_accounts_load(source, kit_rules(), start_e8, out, &error) == 0, "%s",
		      error.text);
}

struct sums {
	__int128 equity_e8, mm_e15, gross_e8;
};

/* At `percent` of the starting prices, or at the low of the crash where percent is NULL. */
static struct sums value(const struct fb_rules *r, const struct fb_accounts *a,
			 const struct fb_account_spec *spec, const unsigned *percent)
{
	struct sums s = { .equity_e8 = spec->collateral_e8 };

	for (size_t i = spec->first; i < spec->first + spec->positions; i++) {
		const struct fb_position_spec *p = &a->position[i];
		const struct fb_symbol *symbol = &r->symbol[p->symbol];
		const struct fb_ladder *ladder = &r->ladder[symbol->ladder];
		unsigned k = ladder->tiers - 1;
		uint64_t u;
		__int128 n;

		ck_assert_int_eq(fb_unit_value(symbol,
					       start_e8[p->symbol] *
						       (percent ? percent[p->symbol] : 100) / 100,
					       &u),
				 0);
		n = ((__int128)llabs(p->qty) * u) >> 16;
		while ((__int128)ladder->tier[k].floor_e8 > n)
			k--;
		s.mm_e15 += n * ladder->tier[k].rate_e7 - (__int128)ladder->tier[k].deduction_e15;
		s.equity_e8 += (p->qty < 0 ? -n : n) - p->entry_e8;
		s.gross_e8 += n;
	}
	return s;
}

/* FNV-1a over the numbers, not the padding. */
static uint64_t fingerprint(const struct fb_accounts *a)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	const uint64_t prime = UINT64_C(0x100000001b3);

	for (size_t i = 0; i < a->accounts; i++) {
		const struct fb_account_spec *s = &a->account[i];

		hash = (hash ^ s->id) * prime;
		hash = (hash ^ s->owner) * prime;
		hash = (hash ^ s->mode) * prime;
		hash = (hash ^ (uint64_t)s->collateral_e8) * prime;
		hash = (hash ^ s->positions) * prime;
	}
	for (size_t i = 0; i < a->positions; i++) {
		const struct fb_position_spec *p = &a->position[i];

		hash = (hash ^ p->id) * prime;
		hash = (hash ^ p->symbol) * prime;
		hash = (hash ^ (uint64_t)p->qty) * prime;
		hash = (hash ^ (uint64_t)p->entry_e8) * prime;
	}
	return hash;
}

START_TEST(the_same_text_gives_the_same_accounts)
{
	struct fb_accounts a, b, c;

	generate("gen:3000,seed=7", &a);
	generate("gen:3000,seed=7", &b);
	generate("gen:3000,seed=8", &c);
	ck_assert_uint_eq(fingerprint(&a), fingerprint(&b));
	ck_assert_uint_ne(fingerprint(&a), fingerprint(&c));
	/* Logs name accounts by text: a change of this number breaks every replay of an older log.
	 */
	ck_assert_uint_eq(fingerprint(&a), UINT64_C(1909043736080339387));
	fb_accounts_free(&a);
	fb_accounts_free(&b);
	fb_accounts_free(&c);
}
END_TEST

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void check_unique(uint32_t *id, size_t n, uint32_t limit)
{
	size_t dense = 0;

	qsort(id, n, sizeof(*id), by_value);
	for (size_t i = 0; i < n; i++) {
		ck_assert(id[i] > 0 && id[i] < limit);
		if (i) {
			ck_assert_uint_ne(id[i], id[i - 1]);
			dense += id[i] == id[i - 1] + 1;
		}
	}
	ck_assert_uint_lt(dense, n / 100 + 2);
}

START_TEST(ids_are_unique_scattered_and_not_reserved)
{
	struct fb_accounts a;
	uint32_t *id;

	generate("gen:100000,seed=1", &a);
	id = malloc(a.positions * sizeof(*id));
	for (size_t i = 0; i < a.accounts; i++)
		id[i] = a.account[i].id;
	check_unique(id, a.accounts, FB_ID_RESERVED);
	for (size_t i = 0; i < a.positions; i++)
		id[i] = a.position[i].id;
	check_unique(id, a.positions, FB_POSITION_RESERVED);
	free(id);
	fb_accounts_free(&a);
}
END_TEST

/* Each account: ranges that follow one another, limits, a sane margin ratio. All: open interest. */
static void check_book(const char *source, size_t accounts)
{
	const struct fb_rules *r = kit_rules();
	struct fb_accounts a;
	__int128 net[FB_SYMBOLS] = { 0 };
	size_t next = 0;

	generate(source, &a);
	ck_assert_uint_eq(a.accounts, accounts);
	for (size_t i = 0; i < a.accounts; i++) {
		const struct fb_account_spec *s = &a.account[i];
		struct sums sums = value(r, &a, s, NULL);

		ck_assert_uint_eq(s->first, next);
		next += s->positions;
		ck_assert_uint_le(s->positions, FB_ROWS_PER_ACCOUNT);
		ck_assert_int_gt(s->collateral_e8, 0);
		if (s->mode == FB_MARGIN_ISOLATED)
			ck_assert_uint_eq(s->positions, 1);
		ck_assert(sums.mm_e15 < sums.equity_e8 * 7500000);
		ck_assert(sums.gross_e8 < (__int128)1 << 60);
		ck_assert(sums.gross_e8 <= sums.equity_e8 * 50); /* leverage */
	}
	ck_assert_uint_eq(next, a.positions);
	for (size_t i = 0; i < a.positions; i++) {
		const struct fb_position_spec *p = &a.position[i];

		ck_assert_int_ne(p->qty, 0);
		ck_assert((p->entry_e8 > 0) == (p->qty > 0));
		ck_assert(llabs(p->qty) < INT64_C(1) << 47);
		net[p->symbol] += p->qty;
	}
	for (unsigned s = 0; s < r->symbols; s++)
		ck_assert(net[s] == 0);
	fb_accounts_free(&a);
}

START_TEST(every_account_is_sound)
{
	check_book("gen:2,seed=0", 2);
	check_book("gen:3,seed=18446744073709551615", 3);
	check_book("gen:500,seed=5,symbols=1", 500);
	check_book("gen:2500,seed=5,symbols=4", 2500);
	check_book("gen:20000,seed=1", 20000);
	check_book("gen:200000,seed=99", 200000);
}
END_TEST

START_TEST(shares_and_sizes)
{
	const struct fb_rules *r = kit_rules();
	struct fb_accounts a;
	size_t mode[3] = { 0 }, hedged = 0, owned = 0, makers = 0, small = 0, large = 0, most = 0,
	       shared = 0;

	generate("gen:20000,seed=1", &a);
	for (size_t i = 0; i < a.accounts; i++) {
		const struct fb_account_spec *s = &a.account[i];
		const struct fb_position_spec *p = &a.position[s->first];
		int64_t gross = (int64_t)(value(r, &a, s, NULL).gross_e8 / 100000000);

		if (i >= a.accounts - 9) { /* one in 2,500, and one */
			makers += s->positions == r->symbols;
			continue;
		}
		mode[s->mode]++;
		owned += s->owner != s->id;
		most = s->positions > most ? s->positions : most;
		small += gross < 400;
		large += gross > 100000;
		shared += s->positions > 1;
		for (size_t k = 1; k < s->positions && s->mode == FB_MARGIN_HEDGE; k++)
			hedged += p[k].symbol == p[k - 1].symbol &&
				  (p[k].qty > 0) != (p[k - 1].qty > 0) &&
				  llabs(p[k].qty) != llabs(p[k - 1].qty);
	}
	ck_assert_uint_eq(makers, 9);
	ck_assert(mode[FB_MARGIN_CROSS] > 13600 && mode[FB_MARGIN_CROSS] < 14400);
	ck_assert(mode[FB_MARGIN_ISOLATED] > 3700 && mode[FB_MARGIN_ISOLATED] < 4300);
	ck_assert(mode[FB_MARGIN_HEDGE] > 1800 && mode[FB_MARGIN_HEDGE] < 2200);
	ck_assert(owned > 1700 && owned < 2300);
	ck_assert_uint_gt(hedged, 2000);
	ck_assert_uint_gt(shared, 10000);
	ck_assert_uint_eq(most, 8);
	ck_assert(small > 8000 && small < 14000); /* many small, few large */
	ck_assert(large > 100 && large < 600);
	fb_accounts_free(&a);
}
END_TEST

/* A fall like that of 2025-10-10, in one step, must leave work: hundreds to thousands of breaches.
 */
START_TEST(a_crash_liquidates_thousands)
{
	const struct fb_rules *r = kit_rules();
	struct fb_accounts a;
	size_t breached = 0;

	generate("gen:20000,seed=1", &a);
	for (size_t i = 0; i < a.accounts; i++) {
		struct sums s = value(r, &a, &a.account[i], left);

		breached += s.mm_e15 >= s.equity_e8 * 10000000;
	}
	ck_assert_uint_gt(breached, 800);
	ck_assert_uint_lt(breached, 10000);
	fb_accounts_free(&a);
}
END_TEST

START_TEST(texts_that_are_refused)
{
	static const struct {
		const char *source, *place, *words;
	} bad[] = {
		{ "gen:", "1:5",
		  "a number of accounts 2..4000000, found nothing; the form is gen:N,seed=S" },
		{ "gen:1,seed=1", "1:5", "a number of accounts" },
		{ "gen:4000001,seed=1", "1:5", "a number of accounts" },
		{ "gen:1.5,seed=1", "1:5", "a number of accounts" },
		{ "gen:10", "1:7", "seed=0..18446744073709551615" },
		{ "gen:10,seed=", "1:8", "seed=0.." },
		{ "gen:10,seed=-1", "1:8", "seed=0.." },
		{ "gen:10,seed=18446744073709551616", "1:8", "seed=0.." },
		{ "gen:10,seed=1,", "1:15", "the end" },
		{ "gen:10,seed=1,symbols=0", "1:15", "symbols=1.." },
		{ "gen:10,seed=1,symbols=2,x", "1:25", "the end" },
		{ "gen:10,x=1", "1:8", "seed=0..18446744073709551615, found \"x=1\"" },
	};
	uint64_t none[FB_SYMBOLS] = { 0 }, odd[FB_SYMBOLS] = { 0 };
	struct fb_accounts a;
	struct fb_error error = { "" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_int_eq(fb_accounts_load(bad[i].source, kit_rules(), start_e8, &a, &error),
				 -EINVAL);
		kit_error_at(&error, bad[i].place, bad[i].words);
	}
	ck_assert_int_eq(fb_accounts_load("gen:10,seed=1", kit_rules(), none, &a, &error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "a starting price of at least one symbol"));
	ck_assert_int_eq(fb_accounts_load("gen:10,seed=1", kit_rules(), NULL, &a, &error), -EINVAL);
	odd[3] = UINT64_C(1) << 63;
	ck_assert_int_eq(fb_accounts_load("gen:10,seed=1", kit_rules(), odd, &a, &error), -ERANGE);
	ck_assert_ptr_nonnull(strstr(error.text, "SOLUSDT"));
}
END_TEST

/* Prices at the edges of what has a unit value: an error or sound accounts, never a crash. */
START_TEST(prices_at_the_edges)
{
	struct fb_rules *r = kit_rules();
	uint64_t price[FB_SYMBOLS] = { 0 };
	struct fb_error error = { "" };
	struct fb_accounts a;

	r->symbol[0].lot_e8 = 100000000; /* u = price_e8 x 65,536 */
	for (int shift = 0; shift < 36; shift++) {
		price[0] = UINT64_C(1) << shift;
		ck_assert_msg(fb_accounts_load("gen:2000,seed=1", r, price, &a, &error) == 0, "%s",
			      error.text);
		for (size_t i = 0; i < a.positions; i++)
			ck_assert(llabs(a.position[i].qty) < INT64_C(1) << 47 &&
				  a.position[i].entry_e8 != 0);
		fb_accounts_free(&a);
	}
	/* A tiny unit value and many accounts: what makers must take no longer fits. */
	price[0] = 1;
	r->symbol[0].lot_e8 = 1526; /* u = 1 */
	ck_assert_int_eq(fb_accounts_load("gen:100000,seed=1", r, price, &a, &error), -ERANGE);
	kit_error_at(&error, "1:5", "expected fewer accounts");
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, the_same_text_gives_the_same_accounts);
	tcase_add_test(tcase, ids_are_unique_scattered_and_not_reserved);
	tcase_add_test(tcase, every_account_is_sound);
	tcase_add_test(tcase, shares_and_sizes);
	tcase_add_test(tcase, a_crash_liquidates_thousands);
	tcase_add_test(tcase, texts_that_are_refused);
	tcase_add_test(tcase, prices_at_the_edges);
}

int main(void)
{
	return kit_run("generate", fill);
}
