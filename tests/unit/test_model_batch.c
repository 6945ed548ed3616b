/* Batches: judged once, on final state; what is reported afresh; loading levels; removal. */
#include "model_kit.h"

static struct kit kit;

/* Threshold 1 at 50 % (kept down to 40 %), rate 10 %. Symbols 1 and 2 at unit value 1. Accounts
 * 1..3. */
static void open_world(void)
{
	kit_open(&kit, "model:accounts=8,rows=64");
	kit_do(&kit, c_class(0, 0, 5000000, 4000000, 0));
	kit_do(&kit, c_class(0, 1, 10000000, 10000000, 0));
	kit_do(&kit, c_ladder(0, 0, 1000000, 0, 0));
	kit_do(&kit, c_symbol(1, 0, U_ONE));
	kit_do(&kit, c_symbol(2, 0, U_ONE));
	for (uint32_t a = 1; a <= 3; a++)
		kit_do(&kit, c_account(a, 1000, 0, 0));
}

/* Long 1000 of symbol 1 against short 1000 of symbol 2: both marks fall and the account is
 * where it was. In between, one leg marked and the other not, it would be far from calm. */
START_TEST(a_hedge_is_not_judged_inside_a_batch)
{
	open_world();
	kit_do(&kit, c_position(1, 1, 1, 1000, 1000));
	kit_do(&kit, c_position(1, 2, 2, -1000, -1000));
	kit_do(&kit, kit_more(c_mark(1, U_ONE / 64)));
	kit_do(&kit, c_mark(2, U_ONE / 64));
	kit_expect_silence(&kit);
	ck_assert_uint_eq(kit.end.batch_end.commands, 2);
	/* In one command it is the same; apart it is not. */
	union fb_command both = c_mark(1, U_ONE);
	both.marks.count = 2;
	both.marks.mark[1] = U_ONE << 12 | 2;
	kit_do(&kit, both);
	kit_expect_silence(&kit);
	kit_do(&kit, c_collateral(1, -10));
	kit_expect_silence(&kit);
	kit_do(&kit, c_mark(1, U_ONE / 64));
	kit_expect_level(&kit, 1, 0, 2);
	kit_do(&kit, c_collateral(1, -900));
	kit_expect_level(&kit, 1, 2, 7);
	kit_do(&kit, c_mark(2, U_ONE / 64));
	kit_expect_level(&kit, 1, 7, 0);
	kit_close(&kit);
}
END_TEST

/* The last mark of a symbol counts; what lay between leaves no trace. */
START_TEST(a_symbol_may_be_marked_twice)
{
	open_world();
	kit_do(&kit, c_position(1, 1, 1, 1000, 1000));
	union fb_command c = c_mark(1, 1);
	c.marks.count = 3;
	c.marks.mark[1] = (U_ONE * 1000) << 12 | 1;
	c.marks.mark[2] = U_ONE << 12 | 1;
	kit_do(&kit, c);
	kit_expect_silence(&kit);
	kit_close(&kit);
}
END_TEST

/* No record comes before the batch ends, and all carry the sequence of its last command. */
START_TEST(levels_carry_the_last_sequence)
{
	open_world();
	kit_do(&kit, kit_more(c_collateral(1, -2000)));
	ck_assert(kit.ended && kit.end.batch_end.seq < kit.seq); /* the old end: nothing new */
	kit_do(&kit, kit_more(c_collateral(2, -2000)));
	kit_do(&kit, kit_more(c_collateral(3, -2000)));
	kit_do(&kit, c_collateral(3, 2000));
	ck_assert_uint_eq(kit.n, 2);
	kit_expect_level(&kit, 1, 0, 7);
	kit_expect_level(&kit, 2, 0, 7);
	ck_assert_uint_eq(kit.end.batch_end.seq, kit.seq);
	ck_assert_uint_eq(kit.end.batch_end.commands, 4);
	kit_close(&kit);
}
END_TEST

/* A refused command neither ends a batch that goes on nor keeps one open that ends. */
START_TEST(a_refused_command_carries_its_flag)
{
	open_world();
	kit_do(&kit, kit_more(c_collateral(1, -2000)));
	kit_send(&kit, kit_more(c_collateral(99, 0)));
	uint64_t refused = kit.seq;
	kit_do(&kit, kit_more(c_collateral(2, -2000)));
	kit_send(&kit, c_plain(0));
	ck_assert_uint_eq(kit.n, 4);
	ck_assert_uint_eq(kit.record[0].header.kind, FB_REC_REJECT);
	ck_assert_uint_eq(kit.record[0].header.seq, refused);
	ck_assert_uint_eq(kit.end.batch_end.commands, 4);
	ck_assert_uint_eq(kit.end.batch_end.rejects, 2);
	kit_expect_level(&kit, 1, 0, 7);
	kit_expect_level(&kit, 2, 0, 7);
	kit_close(&kit);
}
END_TEST

/* Puts, fills and collateral make an account unknown: a level other than calm is reported again.
 * Marks do not. */
START_TEST(unknown_is_reported_afresh)
{
	open_world();
	kit_do(&kit, c_position(1, 1, 1, 100, 1050)); /* equity 50, MM 10 % of 100 = 10 */
	kit_expect_silence(&kit);
	kit_do(&kit, c_collateral(1, -30));           /* equity 20: 50 % exactly */
	kit_expect_level(&kit, 1, 0, 1);
	kit_do(&kit, c_mark(1, U_ONE));
	kit_expect_silence(&kit);
	kit_do(&kit, c_collateral(1, 0));
	kit_expect_level(&kit, 1, 1, 1);
	kit_do(&kit, c_position(1, 1, 1, 100, 1050));
	kit_expect_level(&kit, 1, 1, 1);
	kit_do(&kit, c_fill(1, 1, 1, 100, 1050, 0));
	kit_expect_level(&kit, 1, 1, 1);
	kit_do(&kit, c_account(1, 970, 0, 0));
	kit_expect_level(&kit, 1, 1, 1);
	kit_do(&kit, c_position(1, 2, 2, 1, 1));
	kit_expect_level(&kit, 1, 1, 1);
	kit_do(&kit, c_position(1, 2, 2, 0, 0));      /* a removal, too */
	kit_expect_level(&kit, 1, 1, 1);
	kit_do(&kit, c_symbol(1, 0, U_ONE));          /* rebinding is like a mark */
	kit_expect_silence(&kit);
	kit_do(&kit, c_funding(1, 0));
	ck_assert_uint_eq(kit.n, 1);
	kit_send(&kit, c_collateral(1, INT64_MAX));   /* refused: nothing is unknown */
	ck_assert_uint_eq(kit.n, 1);
	kit_do(&kit, c_collateral(1, 30));
	kit_expect_level(&kit, 1, 1, 0);
	kit_do(&kit, c_collateral(1, 1));             /* calm and unknown: silence */
	kit_expect_silence(&kit);
	kit_close(&kit);
}
END_TEST

/* A fill changes position and collateral at one instant. */
START_TEST(a_fill_is_one_instant)
{
	open_world();
	kit_do(&kit, c_position(1, 1, 1, 100, 100));
	kit_do(&kit, c_mark(1, 5 * U_ONE));
	kit_expect_silence(&kit);
	kit_do(&kit, c_fill(1, 1, 1, 40, 40, 240)); /* 60 lots sold at 5, bought at 1 */
	kit_expect_silence(&kit);
	kit_do(&kit, c_fill(1, 1, 1, 0, 0, -2000));
	kit_expect_level(&kit, 1, 0, 7);
	kit_assert_wide(kit_wide(kit.record[0].level.equity), 1000 + 240 - 2000);
	kit_close(&kit);
}
END_TEST

START_TEST(set_level_loads_without_a_report)
{
	open_world();
	/* MM 45 % of equity: kept at level 1, not reached from calm. */
	kit_do(&kit, c_account_level(1, 1000, 4500000000, 0, 1));
	kit_expect_silence(&kit);
	kit_do(&kit, c_account_level(1, 1000, 4500000000, 0, 0));
	kit_expect_silence(&kit);
	kit_do(&kit, c_account(1, 1000, 4500000000, 0)); /* L stays 0 */
	kit_expect_silence(&kit);
	kit_do(&kit, c_account_level(1, 1000, 4500000000, 0, 1));
	kit_do(&kit, c_account(1, 1000, 4500000000, 0)); /* L stays 1, and is unknown */
	kit_expect_level(&kit, 1, 1, 1);
	/* A loaded level that is wrong is corrected at once. */
	kit_do(&kit, c_account_level(1, -1, 0, 0, 2));
	kit_expect_level(&kit, 1, 2, 7);
	/* SET_LEVEL takes back what made the account unknown before it, not what comes after. */
	kit_do(&kit, kit_more(c_collateral(1, 0)));
	kit_do(&kit, c_account_level(1, -1, 0, 0, 7));
	kit_expect_silence(&kit);
	kit_do(&kit, kit_more(c_account_level(1, -1, 0, 0, 7)));
	kit_do(&kit, c_collateral(1, 0));
	kit_expect_level(&kit, 1, 7, 7);
	kit_close(&kit);
}
END_TEST

/* An account that comes new has level 0; removal and return in one batch is new, too. */
START_TEST(removal)
{
	open_world();
	kit_do(&kit, c_collateral(1, -2000));
	kit_expect_level(&kit, 1, 0, 7);
	kit_do(&kit, c_remove(1));
	kit_expect_silence(&kit);
	kit_do(&kit, c_account(1, -5, 0, 0));
	kit_expect_level(&kit, 1, 0, 7);
	kit_do(&kit, kit_more(c_remove(1)));
	kit_do(&kit, c_account(1, -6, 0, 0));
	kit_expect_level(&kit, 1, 0, 7);
	/* Touched and then removed in one batch: no record. */
	kit_do(&kit, kit_more(c_collateral(1, -5)));
	kit_do(&kit, c_remove(1));
	kit_expect_silence(&kit);
	/* Its storage may serve another account in the same batch, again and again. */
	for (uint32_t a = 10; a < 60; a++) {
		kit_do(&kit, kit_more(c_account(a, -1, 0, 0)));
		kit_do(&kit, kit_more(c_remove(a)));
	}
	kit_do(&kit, c_account(60, -1, 0, 0));
	ck_assert_uint_eq(kit.n, 1);
	kit_expect_level(&kit, 60, 0, 7);
	kit_close(&kit);
}
END_TEST

/* Marks of different symbols commute: any order inside a batch gives the same digest. */
START_TEST(marks_permuted_inside_a_batch)
{
	enum { SYMBOLS = 6, ACCOUNTS = 8 };
	uint64_t digest = 0;
	for (unsigned round = 0; round < 40; round++) {
		uint64_t seed = 3, shuffle = round;
		kit_open(&kit, "model:accounts=8,rows=64");
		kit_do(&kit, c_class(0, 0, 5000000, 4000000, 0));
		kit_do(&kit, c_ladder(0, 0, 1000000, 0, 0));
		for (uint16_t s = 0; s < SYMBOLS; s++)
			kit_do(&kit, c_symbol(s, 0, U_ONE));
		for (uint32_t a = 0; a < ACCOUNTS; a++)
			kit_do(&kit, c_account(a, 3000, 0, 0));
		for (uint32_t p = 0; p < 40; p++) {
			int64_t qty = (int64_t)(kit_random(&seed) % 2001) - 1000;
			uint16_t symbol = (uint16_t)(p % SYMBOLS);
			kit_do(&kit, c_position(p % ACCOUNTS, p, symbol, qty, qty + 1));
		}
		uint16_t order[SYMBOLS];
		for (uint16_t s = 0; s < SYMBOLS; s++) {
			uint16_t other = (uint16_t)(kit_random(&shuffle) % (s + 1u));
			order[s] = order[other];
			order[other] = s;
		}
		for (unsigned i = 0; i < SYMBOLS; i++) {
			union fb_command c = c_mark(order[i], U_ONE * (order[i] + 2u));
			kit_do(&kit, i + 1 < SYMBOLS ? kit_more(c) : c);
		}
		ck_assert_uint_gt(kit.n, 0);
		if (round == 0)
			digest = kit.end.batch_end.digest;
		ck_assert_uint_eq(kit.end.batch_end.digest, digest);
		kit_close(&kit);
	}
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "hedge", a_hedge_is_not_judged_inside_a_batch },
		{ "marked twice", a_symbol_may_be_marked_twice },
		{ "last sequence", levels_carry_the_last_sequence },
		{ "refused inside", a_refused_command_carries_its_flag },
		{ "unknown", unknown_is_reported_afresh },
		{ "fill", a_fill_is_one_instant },
		{ "set level", set_level_loads_without_a_report },
		{ "removal", removal },
		{ "permuted marks", marks_permuted_inside_a_batch },
	};
	return kit_main("model: batches", cases, sizeof(cases) / sizeof(cases[0]));
}
