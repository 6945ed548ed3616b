/* The book: valuation by hand-computed numbers, trades that conserve value, views of the past,
 * refusals, and its state hash against the engine `model`, with which it shares no code. */
#include "book_kit.h"

#include <firebreak/confirm.h>
#include <firebreak/waterfall.h>

START_TEST(values_by_hand)
{
	open_book(0);
	struct fb_row_value v;
	const struct fb_book_ladder *ladder = &book->ladder[1];
	fb_value_row(ladder, 999, U_MONEY, 0, &v);
	kit_assert_wide(v.value_e8, 999 * MONEY);
	kit_assert_wide(v.mm_e15, (__int128)999 * MONEY * 100000);
	/* The floor is inclusive, and MM is continuous there: 1000 x 2 % - 10 = 10. */
	fb_value_row(ladder, -1000, U_MONEY, 0, &v);
	kit_assert_wide(v.value_e8, -1000 * MONEY);
	kit_assert_wide(v.mm_e15, (__int128)10 * MONEY * 10000000);
	fb_value_row(ladder, -1000, U_MONEY, 50000, &v);
	kit_assert_wide(v.mm_e15, (__int128)15 * MONEY * 10000000);
	/* floor(3 x 1.5) = 4 for both signs. */
	fb_value_row(ladder, 3, U_ONE + U_ONE / 2, 0, &v);
	kit_assert_wide(v.value_e8, 4);
	fb_value_row(ladder, -3, U_ONE + U_ONE / 2, 0, &v);
	kit_assert_wide(v.value_e8, -4);
	fb_value_row(ladder, 0, U_MONEY, 0, &v);
	kit_assert_wide(v.mm_e15, 0);
	fb_value_row(ladder, (INT64_C(1) << 45), U_ONE << 16, 0, &v);
	ck_assert(v.bad);
	fb_value_row(ladder, (INT64_C(1) << 45) - 1, U_ONE << 16, 0, &v);
	ck_assert(!v.bad);
	/* Flat tiers jump: the floor belongs to the upper one. */
	struct fb_book_ladder flat = { .tiers = 2,
				       .tier = { { 100000, 0, 0 }, { 200000, 1000, 0 } } };
	fb_value_row(&flat, 999, U_ONE, 0, &v);
	kit_assert_wide(v.mm_e15, 999 * 100000);
	fb_value_row(&flat, 1000, U_ONE, 0, &v);
	kit_assert_wide(v.mm_e15, 1000 * 200000);
	fb_book_close(book);
}
END_TEST

/* A compiler that takes asking for memory for nothing leaves a bare return: see fetch.h. */
START_TEST(asking_for_memory_is_not_left_out)
{
#if defined(__x86_64__)
	union {
		void (*function)(const struct fb_book *book, uint32_t account);
		const uint8_t *code;
	} fetch = { fb_book_fetch_row };
	ck_assert_uint_ne(fetch.code[0], 0xc3);
#endif
}
END_TEST

/* From -2^(bits-1) to 2^(bits-1) - 1. */
START_TEST(what_fits_so_many_bits)
{
	for (unsigned bits = 2; bits < 127; bits++) {
		__int128 over = (__int128)1 << (bits - 1);
		KIT_MUST(fb_fits(over - 1, bits) && fb_fits(-over, bits));
		KIT_MUST(!fb_fits(over, bits) && !fb_fits(-over - 1, bits));
		KIT_MUST(!fb_fits(over * 2 - 1, bits) && !fb_fits(-over * 2 - 1, bits));
		KIT_MUST(fb_fits(0, bits) && fb_fits(-1, bits));
	}
}
END_TEST

static uint32_t below(uint64_t *seed, uint32_t n)
{
	return (uint32_t)(kit_random(seed) % n);
}

/* Thresholds that rise, each with a lower value to keep it by. */
static struct fb_book_class some_class(uint64_t *seed)
{
	struct fb_book_class class = { .thresholds = 1 + below(seed, FB_THRESHOLDS),
				       .strict = below(seed, 2) };
	uint32_t up = 0;
	for (unsigned k = 0; k < class.thresholds; k++) {
		up += below(seed, 4) == 0 ? 0 : below(seed, 20000000);
		class.up_e7[k] = up;
		class.down_e7[k] = below(seed, up + 1);
	}
	return class;
}

/* Sums at a threshold or a unit beside it, of an equity of any width. */
static struct fb_sums some_sums(uint64_t *seed, const struct fb_book_class *class)
{
	unsigned __int128 random = (unsigned __int128)kit_random(seed) << 64 | kit_random(seed);
	unsigned k = below(seed, class->thresholds), bits = 1 + below(seed, 93);
	__int128 equity = (__int128)(random >> (128 - bits)) - below(seed, 2);
	uint32_t threshold = below(seed, 2) ? class->up_e7[k] : class->down_e7[k];
	return (struct fb_sums){ .equity_e8 = equity,
				 .mm_e15 = equity * threshold + below(seed, 3) - 1 };
}

/* From the definition, the product in two parts. */
static bool crossed(const struct fb_book_class *class, uint32_t threshold, const struct fb_sums *s)
{
	const __int128 part = (__int128)1 << 40;
	__int128 high = s->equity_e8 / part * threshold, low = s->equity_e8 % part * threshold;
	high += low / part;
	low %= part;
	__int128 mm_high = s->mm_e15 / part, mm_low = s->mm_e15 % part;
	if (mm_high != high)
		return mm_high > high;
	return class->strict ? mm_low > low : mm_low >= low;
}

static unsigned level_slow(const struct fb_book_class *class, unsigned before,
			   const struct fb_sums *s)
{
	unsigned kept = before == FB_LEVEL_BANKRUPT ? 6 : before == FB_LEVEL_FAULT ? 0 : before;
	if (s->equity_e8 < 0)
		return FB_LEVEL_BANKRUPT;
	for (unsigned k = class->thresholds; k > 0 && s->mm_e15 > 0; k--)
		if (crossed(class, k <= kept ? class->down_e7[k - 1] : class->up_e7[k - 1], s))
			return k;
	return FB_LEVEL_CALM;
}

/* Of any width of equity; and whoever reaches a threshold is in breach of it and of all below. */
START_TEST(levels_by_definition)
{
	uint64_t seed = 5;
	for (unsigned i = 0; i < 200000; i++) {
		struct fb_book_class class = some_class(&seed);
		struct fb_sums s = some_sums(&seed, &class);
		unsigned before = below(&seed, FB_LEVEL_FAULT + 1);
		ck_assert_uint_eq(fb_value_level(&class, before, &s),
				  level_slow(&class, before, &s));
		struct fb_judged j = { .sums = s };
		unsigned reached = fb_judged_level(&class, FB_LEVEL_CALM, &j);
		for (unsigned act = 1; act <= FB_LEVEL_6; act++)
			ck_assert(fb_judged_breach(&class, act, &j) == (reached >= act));
	}
}
END_TEST

START_TEST(levels_by_hand)
{
	open_book(0);
	const struct fb_book_class *class = &book->classes[0];
	/* MM 80 against equity 100 is exactly the first threshold. */
	struct fb_sums s = { .equity_e8 = 100, .mm_e15 = (__int128)80 * 10000000 };
	ck_assert_uint_eq(fb_value_level(class, 0, &s), 1);
	s.mm_e15--;
	ck_assert_uint_eq(fb_value_level(class, 0, &s), 0);
	ck_assert_uint_eq(fb_value_level(class, 1, &s), 1); /* kept down to 75 % */
	s.mm_e15 = (__int128)75 * 10000000 - 1;
	ck_assert_uint_eq(fb_value_level(class, 1, &s), 0);
	s.mm_e15 = (__int128)96 * 10000000;
	ck_assert_uint_eq(fb_value_level(class, 0, &s), 2);
	/* after bankruptcy every threshold is a lower one */
	ck_assert_uint_eq(fb_value_level(class, 7, &s), 3);
	ck_assert_uint_eq(fb_value_level(class, 8, &s), 2);
	ck_assert(!fb_value_breach(class, 3, &s));
	s.mm_e15 = (__int128)100 * 10000000;
	ck_assert(fb_value_breach(class, 3, &s));
	s.equity_e8 = 0;
	ck_assert(fb_value_breach(class, 3, &s));
	s.mm_e15 = 0;
	ck_assert(!fb_value_breach(class, 3, &s));
	ck_assert_uint_eq(fb_value_level(class, 3, &s), 0);
	s.equity_e8 = -1;
	ck_assert(fb_value_breach(class, 3, &s));
	ck_assert_uint_eq(fb_value_level(class, 0, &s), 7);
	s.bad_rows = 1;
	ck_assert_uint_eq(fb_value_level_engine(class, 0, &s, 0), 8);
	s.bad_rows = 0;
	ck_assert_uint_eq(fb_value_level_engine(class, 0, &s, (__int128)1 << 61), 8);
	fb_book_close(book);
}
END_TEST

/* Whatever a trade does, collateral - entry of a side changes by exactly -value. */
START_TEST(trades_conserve)
{
	uint64_t seed = 1;
	for (int i = 0; i < 200000; i++) {
		int64_t qty = (int64_t)(kit_random(&seed) >> 20) >> (kit_random(&seed) % 44);
		int64_t dq = (int64_t)(kit_random(&seed) >> 20) >> (kit_random(&seed) % 44);
		int64_t entry =
			qty ? (int64_t)kit_random(&seed) >> 4 >> (kit_random(&seed) % 50) : 0;
		int64_t value = (int64_t)kit_random(&seed) >> 5 >> (kit_random(&seed) % 50);
		struct fb_trade t;
		qty = kit_random(&seed) & 1 ? qty : -qty;
		dq = kit_random(&seed) & 1 ? dq : -dq;
		dq = kit_random(&seed) % 8 == 0 ? -qty : dq;
		if (dq == 0 || fb_trade_after(qty, entry, dq, value, &t))
			continue;
		KIT_MUST(t.qty == qty + dq);
		KIT_MUST(t.delta_e8 - (t.entry_e8 - entry) == -value);
		KIT_MUST(t.qty != 0 || t.entry_e8 == 0);
		/* Opening realises nothing. */
		KIT_MUST(qty != 0 || t.delta_e8 == 0);
	}
	struct fb_trade t;
	/* half of 10 bought for 1000, sold for 600 */
	ck_assert_int_eq(fb_trade_after(10, 1000, -5, -600, &t), 0);
	ck_assert_int_eq(t.entry_e8, 500);
	kit_assert_wide(t.delta_e8, 100);
	/* sold at 120 each, turned short */
	ck_assert_int_eq(fb_trade_after(10, 1000, -20, -2400, &t), 0);
	ck_assert_int_eq(t.qty, -10);
	ck_assert_int_eq(t.entry_e8, -1200);
	kit_assert_wide(t.delta_e8, 200);
	ck_assert_int_eq(fb_trade_after((INT64_C(1) << 47) - 1, 5, 1, 1, &t), -ERANGE);
	ck_assert_int_eq(fb_trade_after(1, (INT64_C(1) << 61) - 1, 1, 1, &t), -ERANGE);
	ck_assert_int_eq(fb_trade_after(1, 5, 1, (__int128)1 << 61, &t), -ERANGE);
}
END_TEST

START_TEST(shares_add_up)
{
	uint64_t seed = 7;
	for (int i = 0; i < 20000; i++) {
		__int128 mm[8], share[8], sum = 0;
		size_t n = 1 + kit_random(&seed) % 8;
		__int128 equity =
			(__int128)(int64_t)kit_random(&seed) * (1 << kit_random(&seed) % 9) >>
			(kit_random(&seed) % 64);
		for (size_t k = 0; k < n; k++)
			mm[k] = kit_random(&seed) % 5 == 0 ? 0
							   : (__int128)(kit_random(&seed) >> 2)
								     << (kit_random(&seed) % 32);
		fb_value_shares(mm, n, equity, share);
		for (size_t k = 0; k < n; k++) {
			sum += share[k];
			KIT_MUST(equity >= 0 ? share[k] >= 0 : share[k] <= 0);
		}
		KIT_MUST(sum == equity);
	}
	__int128 mm[3] = { 30, 0, 70 }, share[3];
	fb_value_shares(mm, 3, -1000, share);
	kit_assert_wide(share[0], -300);
	kit_assert_wide(share[1], 0);
	kit_assert_wide(share[2], -700);
}
END_TEST

START_TEST(severity_is_an_order)
{
	struct fb_sums s[40];
	uint64_t seed = 3;
	for (int i = 0; i < 40; i++) {
		/* Few values, so that ties happen; some as large as 72 and 96 bits allow. */
		s[i].equity_e8 = ((__int128)(kit_random(&seed) % 7) - 3) *
				 ((__int128)1 << (kit_random(&seed) % 2 ? 68 : 3));
		s[i].mm_e15 = (__int128)(kit_random(&seed) % 4) << (kit_random(&seed) % 2 ? 92 : 5);
	}
	for (uint32_t a = 0; a < 40; a++)
		for (uint32_t b = 0; b < 40; b++) {
			int ab = fb_value_severity(&s[a], a, &s[b], b);
			KIT_MUST((ab == 0) == (a == b));
			KIT_MUST((ab < 0) == (fb_value_severity(&s[b], b, &s[a], a) > 0));
			for (uint32_t c = 0; c < 40; c++)
				if (ab < 0 && fb_value_severity(&s[b], b, &s[c], c) < 0)
					KIT_MUST(fb_value_severity(&s[a], a, &s[c], c) < 0);
		}
	struct fb_sums x = { .equity_e8 = 5, .mm_e15 = 10 }, y = { .equity_e8 = 6, .mm_e15 = 11 };
	ck_assert_int_lt(fb_value_severity(&x, 9, &y, 1), 0); /* 0.5 is worse than 0.545 */
	y = (struct fb_sums){ .equity_e8 = 10, .mm_e15 = 20 };
	ck_assert_int_gt(fb_value_severity(&x, 1, &y, 9), 0); /* equal ratio: larger MM first */
	ck_assert_int_lt(fb_value_severity(&x, 1, &x, 2), 0); /* all equal: lower id first */
}
END_TEST

START_TEST(refusals_change_nothing)
{
	open_book(0);
	tell(c_account(7, 5, 0, 0));
	tell(c_position(7, 70, 1, 10, 100));
	struct fb_rec_hash before, after;
	fb_book_hash(book, &before);
	tell_refused(c_mark(9, U_ONE), "SYMBOL");
	tell_refused(c_mark(1, 0), "RANGE");
	tell_refused(c_position(8, 71, 1, 1, 1), "NO_ACCOUNT");
	tell_refused(c_position(7, 70, 2, 1, 1), "NO_POSITION");
	tell_refused(c_position(7, 71, 1, 0, 0), "NO_POSITION");
	tell_refused(c_position(7, 71, 4, 1, 1), "SYMBOL");
	tell_refused(c_position(7, 71, 1, INT64_C(1) << 47, 1), "RANGE");
	tell_refused(c_position(7, 71, 1, 1, INT64_C(1) << 61), "RANGE");
	tell_refused(c_fill(7, 70, 1, 1, 1, INT64_C(1) << 61), "RANGE");
	tell_refused(c_collateral(8, 1), "NO_ACCOUNT");
	tell_refused(c_account(9, INT64_C(1) << 61, 0, 0), "RANGE");
	tell_refused(c_account(9, 0, 0, 1), "CLASS");
	tell_refused(c_class(0, 0, 1, 1, 0), "CLASS_BOUND");
	tell_refused(c_class(1, 0, 1, 2, 0), "CLASS");
	tell_refused(c_class(1, 1, 2, 1, 0), "CLASS");
	tell_refused(c_ladder(1, 0, 1, 0, 0), "LADDER_BOUND");
	tell_refused(c_ladder(2, 1, 1, 1, 1), "LADDER");
	tell_refused(c_ladder(2, 0, 1 << 24, 0, 0), "RANGE");
	tell_refused(c_symbol(4, 2, U_ONE), "LADDER");
	tell_refused(c_funding(1, (int64_t)1 << 52), "RANGE");
	tell_refused(c_funding(1, -((int64_t)1 << 52)), "RANGE");
	tell_refused(c_funding(4, 1), "SYMBOL");
	fb_book_hash(book, &after);
	kit_expect_same_state(&before, &after);
	fb_book_close(book);
}
END_TEST

START_TEST(full_is_refused)
{
	open_book(0);
	for (uint32_t i = 0; i < 61; i++)
		tell(c_account(100 + i, 1, 0, 0));
	tell_refused(c_account(999, 1, 0, 0), "FULL");
	for (uint32_t i = 0; i < 256; i++)
		tell(c_position(100, i, 1, 1, 1));
	tell_refused(c_position(100, 256, 1, 1, 1), "FULL");
	fb_book_close(book);
}
END_TEST

/* As many positions at a time as the contract allows, however many ids came and went. */
START_TEST(positions_of_an_account_are_bounded)
{
	struct fb_view view;
	open_book(FB_AHEAD_MAX);
	fb_book_close(book);
	ck_assert_int_eq(fb_book_open(4, 2000, FB_AHEAD_MAX, &book), 0);
	tell(c_class(0, 0, 8000000, 7500000, 0));
	tell(c_ladder(1, 0, 100000, 0, 0));
	tell(c_symbol(1, 1, U_MONEY));
	tell(c_account(1, 5, 0, 0));
	fb_book_seal(book);
	for (uint32_t i = 1; i <= FB_ROWS_PER_ACCOUNT; i++)
		tell(c_position(1, i, 1, 1, 1));
	tell_refused(c_position(1, 5000, 1, 1, 1), "FULL");
	for (uint32_t i = 1; i <= 700; i++) {
		tell(c_position(1, i, 1, 0, 0));
		tell(c_position(1, i + FB_ROWS_PER_ACCOUNT, 1, 1, 1));
	}
	tell_refused(c_position(1, 5000, 1, 1, 1), "FULL");
	ck_assert_int_eq(fb_book_view(book, 0, FB_NOW, &view), 0);
	ck_assert_uint_eq(view.rows, FB_ROWS_PER_ACCOUNT);
	ck_assert_int_eq(fb_book_view(book, 0, book->seq - 2, &view), -EOVERFLOW);
	fb_book_close(book);
}
END_TEST

START_TEST(conservation_sees_a_lost_unit)
{
	struct fb_error error;
	open_book(0);
	tell(c_account(1, 100, 0, 0));
	tell(c_account(2, 100, 0, 0));
	tell(c_position(1, 1, 1, 10, 30));
	tell(c_position(2, 2, 1, -10, -33));
	fb_book_seal(book);
	ck_assert_int_eq(fb_book_conserved_full(book, &error), 0);
	tell(c_collateral(1, -1));
	ck_assert_int_eq(fb_book_conserved(book, &error), -EPROTO);
	tell(c_collateral(2, 1));
	ck_assert_int_eq(fb_book_conserved(book, &error), 0);
	tell(c_fill(1, 1, 1, 9, 30, 0));
	ck_assert_int_eq(fb_book_conserved(book, &error), -EPROTO);
	tell(c_fill(1, 1, 1, 10, 30, 0));
	ck_assert_int_eq(fb_book_conserved_full(book, &error), 0);
	/* A slip inside the book itself: running sums and rows part. */
	book->row[0].entry_e8++;
	ck_assert_int_eq(fb_book_conserved(book, &error), 0);
	ck_assert_int_eq(fb_book_conserved_full(book, &error), -EPROTO);
	book->row[0].entry_e8--;
	book->row[1].qty--;
	ck_assert_int_eq(fb_book_conserved_full(book, &error), -EPROTO);
	fb_book_close(book);
}
END_TEST

/* A random command that the book may refuse. */
static union fb_command random_command(uint64_t *seed)
{
	uint32_t account = 1 + (uint32_t)(kit_random(seed) % 4),
		 position = account * 10 + (uint32_t)(kit_random(seed) % 3);
	uint16_t symbol = (uint16_t)(1 + position % 3);
	int64_t qty = (int64_t)(kit_random(seed) % 2000) - 1000,
		money = (int64_t)(kit_random(seed) % 2000) * MONEY - 1000 * MONEY;
	switch (kit_random(seed) % 4) {
	case 0: return c_mark(symbol, U_MONEY / 2 + kit_random(seed) % U_MONEY);
	case 1: return c_collateral(account, money);
	case 2: return c_fill(account, position, symbol, qty, money, money / 3);
	default: return c_position(account, position, symbol, qty, qty ? money : 0);
	}
}

/* What fb_value_at says of an account after a command is what a view of it comes to. Did it say
 * anything? */
static bool same_as_view(uint32_t account, uint64_t seq)
{
	struct fb_view view;
	struct fb_sums at, engine, exact;
	bool now = false, good = fb_value_at(book, account, seq, &at, &now);
	KIT_MUST(fb_book_view(book, account, seq, &view) == 0);
	fb_value_engine(book, &view, &engine);
	fb_value_exact(book, &view, &exact);
	if (good)
		KIT_MUST(at.equity_e8 == engine.equity_e8 && at.mm_e15 == engine.mm_e15 &&
			 engine.bad_rows == 0);
	if (good || seq >= book->seq)
		KIT_MUST(at.equity_e8 == exact.equity_e8 && at.mm_e15 == exact.mm_e15);
	if (!good || !now)
		return good;
	KIT_MUST(fb_book_view(book, account, FB_NOW, &view) == 0);
	fb_value_exact(book, &view, &exact);
	KIT_MUST(at.equity_e8 == exact.equity_e8 && at.mm_e15 == exact.mm_e15);
	return true;
}

/* What was true after each command is what the view of that sequence says later. */
START_TEST(views_of_the_past)
{
	enum { DEPTH = 12, STEPS = 3000 };
	struct fb_sums past[4][DEPTH];
	uint64_t seed = 11, said[2] = { 0 };
	open_book(FB_AHEAD_MAX);
	for (uint32_t a = 1; a <= 4; a++)
		tell(c_account(a, 1000 * MONEY, 5, 0));
	fb_book_seal(book);
	uint64_t first = book->seq;
	for (int step = 0; step < STEPS; step++) {
		union fb_command c = random_command(&seed);
		c.header.seq = book->seq + 1;
		if (fb_book_apply(book, &c, NULL))
			continue;
		for (uint32_t a = 1; a <= 4; a++)
			past[a - 1][book->seq % DEPTH] = sums_of(a);
		fb_book_forget(book, book->seq < DEPTH ? 0 : book->seq - DEPTH);
		for (uint64_t seq = book->seq; seq > first && seq + DEPTH > book->seq; seq--)
			for (uint32_t a = 1; a <= 4; a++) {
				struct fb_view view;
				struct fb_sums sums;
				KIT_MUST(fb_book_view(book, index_of(a), seq, &view) == 0);
				fb_value_exact(book, &view, &sums);
				KIT_MUST(sums.equity_e8 == past[a - 1][seq % DEPTH].equity_e8);
				KIT_MUST(sums.mm_e15 == past[a - 1][seq % DEPTH].mm_e15);
				said[seq == book->seq] += same_as_view(index_of(a), seq);
			}
	}
	ck_assert_uint_gt(said[0], STEPS);
	ck_assert_uint_gt(said[1], STEPS);
	ck_assert_uint_gt(book->seq, first + STEPS / 2);
	struct fb_view view;
	for (int i = 0; i < FB_MARK_VERSIONS; i++)
		tell(c_mark(1, U_MONEY + (uint64_t)i));
	tell(c_position(1, 10, 2, 5, 5));
	tell(c_position(1, 12, 1, 5, 5));
	ck_assert_int_eq(fb_book_view(book, index_of(1), first, &view), -ESTALE);
	fb_book_close(book);
}
END_TEST

/* A row beyond an engine's range: the sums are exact, and said not to be the engine's. */
START_TEST(a_bad_row_is_no_engines)
{
	struct fb_sums sums;
	bool now;
	open_book(0);
	tell(c_account(1, 1000 * MONEY, 5, 0));
	tell(c_position(1, 10, 1, 1000, 5));
	ck_assert(same_as_view(index_of(1), FB_NOW));
	tell(c_mark(1, (UINT64_C(1) << FB_U_BITS) - 1));
	tell(c_position(1, 10, 1, (INT64_C(1) << 46), 5));
	ck_assert(!same_as_view(index_of(1), FB_NOW));
	ck_assert(!fb_value_at(book, index_of(1), FB_NOW, &sums, &now));
	fb_book_close(book);
}
END_TEST

/* Ids of all kinds, 0 among them, and many whose hashes are alike. */
START_TEST(ids_are_found)
{
	enum { ACCOUNTS = 60000 };
	struct fb_book *many;
	struct fb_error error = { "" };
	union fb_command c = c_class(0, 0, 8000000, 7500000, 0);
	ck_assert_int_eq(fb_book_open(ACCOUNTS, 8, 0, &many), 0);
	c.header.seq = 1;
	KIT_MUST(fb_book_apply(many, &c, &error) == 0);
	for (uint32_t i = 0; i < ACCOUNTS; i++) {
		uint32_t id = i * 2654435769u;
		KIT_MUST(fb_book_account_index(many, id) == FB_NONE);
		c = c_account(id, 1, 0, 0);
		c.header.seq = many->seq + 1;
		KIT_MUST(fb_book_apply(many, &c, &error) == 0);
		KIT_MUST(fb_book_account_index(many, id) == i);
	}
	for (uint32_t i = 0; i < 2 * ACCOUNTS; i++)
		KIT_MUST(fb_book_account_index(many, i * 2654435769u) ==
			 (i < ACCOUNTS ? i : FB_NONE));
	fb_book_close(many);
}
END_TEST

START_TEST(hash_is_the_models)
{
	struct kit k;
	struct fb_rec_hash ours, theirs;
	uint64_t seed = 5;
	kit_open(&k, "model:");
	open_book(0);
	/* The kit's book has sent its own commands; the model gets the same. */
	kit_do(&k, c_class(0, 0, 8000000, 7500000, 0));
	kit_do(&k, c_class(0, 1, 9000000, 8500000, 0));
	kit_do(&k, c_class(0, 2, 10000000, 9500000, 0));
	kit_do(&k, c_ladder(1, 0, 100000, 0, 0));
	kit_do(&k,
	       c_ladder(1, 1, 200000, (uint64_t)(1000 * MONEY), (uint64_t)(10 * MONEY) * 10000000));
	for (uint16_t s = 1; s <= 3; s++)
		kit_do(&k, c_symbol(s, 1, U_MONEY));
	kit_do(&k, c_house(FB_ID_FUND, FB_ROLE_FUND, 500 * MONEY));
	kit_do(&k, c_house(FB_ID_STREET, FB_ROLE_EXCLUDED, 1000000 * MONEY));
	kit_do(&k, c_house(FB_ID_FEES, FB_ROLE_EXCLUDED, 0));
	for (int step = 0; step < 2000; step++) {
		union fb_command c = step < 4 ? c_account((uint32_t)step + 1, 1000 * MONEY, 5, 0)
					      : random_command(&seed);
		struct fb_error error;
		c.header.seq = book->seq + 1;
		int refused = fb_book_apply(book, &c, &error);
		/* The book asks for a little more than the contract: ids of closed positions are
		 * not passed on. */
		if (refused)
			continue;
		kit_do(&k, c);
		for (size_t i = 0; i < k.n; i++)
			if (k.record[i].header.kind == FB_REC_LEVEL)
				book->account[index_of(k.record[i].level.account)].level =
					k.record[i].level.level;
		if (step % 50 == 0) {
			fb_book_hash(book, &ours);
			theirs = kit_hash(&k);
			kit_expect_same_state(&ours, &theirs);
			book->seq++;
		}
	}
	kit_close(&k);
	fb_book_close(book);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "values", values_by_hand },
		{ "fetch", asking_for_memory_is_not_left_out },
		{ "fits", what_fits_so_many_bits },
		{ "levels", levels_by_hand },
		{ "levels, any", levels_by_definition },
		{ "trades", trades_conserve },
		{ "shares", shares_add_up },
		{ "severity", severity_is_an_order },
		{ "refusals", refusals_change_nothing },
		{ "positions", positions_of_an_account_are_bounded },
		{ "full", full_is_refused },
		{ "conservation", conservation_sees_a_lost_unit },
		{ "views", views_of_the_past },
		{ "bad row", a_bad_row_is_no_engines },
		{ "ids", ids_are_found },
		{ "hash", hash_is_the_models },
	};
	return kit_main("host: book", cases, sizeof(cases) / sizeof(cases[0]));
}
