/* Fills that bands and tiles hear of later: whatever comes before they do, the software engine says
 * what the model says. And ids that are given in order, or are not. */
#include <check.h>
#include <stdlib.h>

#include "cpu_pair_kit.h"

#define LOOSE 12u

/* Few accounts, so that those with something late are soon met again; long batches, in which much
 * happens before anybody is judged. */
START_TEST(test_late)
{
	const uint64_t u = UINT64_C(0x9e3779b97f4a7) >> 10;
	struct loose loose[LOOSE + 1];
	struct pair p;
	uint64_t late = 0, unsure = 0;
	pair_open(&p, _i ? "cpu:seek=1" : "cpu:", 21);
	tables(&p, u);
	for (uint32_t id = 1; id <= LOOSE; id++)
		put_loose(&p, &loose[id], id, u);
	for (unsigned i = 0; i < 30000; i++) {
		uint32_t id = 1 + (uint32_t)(draw(&p) % LOOSE);
		if (draw(&p) % 12)
			fill_loose(&p, &loose[id], id, u);
		else
			pay_loose(&p, id, u);
		late += cpu_of(&p)->late_n > 0;
		unsure += cpu_of(&p)->unsure_n > 0;
		if (draw(&p) % 8 == 0)
			near(&p, u, u / 2000);
		if (draw(&p) % 100 == 0) { /* as good as new */
			near(&p, u, 1);
			put_loose(&p, &loose[id], id, u);
		}
	}
	ck_assert_uint_gt(late, _i ? 1000 : 5000);
	ck_assert_uint_gt(unsure, _i ? 10 : 100);
	ck_assert_uint_gt(p.levels, 1000);
	pair_close(&p);
}
END_TEST

static void put_account(struct pair *p, uint32_t id)
{
	say(p, c_account(id, 1000000000, 0, 0));
}

static void put_position(struct pair *p, uint32_t account, uint32_t id, int64_t lots)
{
	say(p, c_position(account, id, (uint16_t)(id % SYMBOLS), lots, lots * LOT_E8));
}

/* Ten times what it owns, long in symbol 1. */
static void put_ten(struct pair *p, uint32_t id)
{
	say(p, kit_more(c_account(id, 1000000000, 0, 0)));
	say(p, c_position(id, id, 1, 100000, 100000 * LOT_E8));
	near(p, LOT_U, 1);
	ck_assert(cpu_of(p)->account[cpu_account_find(cpu_of(p), id)].sure);
	p->levels = 0;
}

/* A pair with such an account, which is the first. */
static void open_with_ten(struct pair *p)
{
	pair_open_at_lot(p, "cpu:");
	put_ten(p, 1);
}

static void fill_one(struct pair *p, int64_t lots, int64_t entry_e8, int64_t delta_e8)
{
	say(p, c_fill(1, 1, 1, lots, entry_e8, delta_e8));
}

/* Twice as much: the account is calm, and its bands say nothing any more. A mark that they hold,
 * and that makes it bankrupt, comes before they hear of it. */
START_TEST(test_mark_before)
{
	struct pair p;
	open_with_ten(&p);
	fill_one(&p, 200000, 200000 * LOT_E8, 0);
	ck_assert_uint_eq(cpu_of(&p)->late_n, 1);
	ck_assert_uint_eq(p.levels, 0);
	near(&p, LOT_U / 100 * 94, 1);
	ck_assert_uint_eq(p.levels, 1);
	pair_close(&p);
}
END_TEST

/* The same of more accounts than there is room for in what is late, in one batch, in which the
 * first of them has gone bankrupt before its bands are made anew. */
START_TEST(test_long_batch)
{
	const int64_t value_e8 = 200000 * LOT_E8;
	struct pair p;
	pair_open_at_lot(&p, "cpu:");
	for (uint32_t id = 1; id <= 12; id++)
		put_ten(&p, id);
	for (uint32_t id = 1; id <= 12; id++) {
		say(&p, kit_more(c_fill(id, id, 1, 200000, value_e8, 0)));
		if (id == 6)
			say(&p, kit_more(c_fill(1, 1, 1, 200000, value_e8 + 1100000000, 0)));
	}
	ck_assert_uint_eq(cpu_of(&p)->unsure_n, CPU_LATE);
	say(&p, c_fill(12, 12, 1, 200001, 200001 * LOT_E8, 0));
	ck_assert_uint_eq(p.levels, 1);
	near(&p, LOT_U / 100 * 94, 1);
	ck_assert_uint_eq(p.levels, 12);
	pair_close(&p);
}
END_TEST

/* A fill that nobody has heard of yet, and one of a new position of the same account. */
START_TEST(test_new_position)
{
	struct pair p;
	open_with_ten(&p);
	for (uint32_t i = 2; i < 8; i++) {
		fill_one(&p, 100000 + i, 100000 * LOT_E8, 0);
		ck_assert(cpu_of(&p)->account[0].late);
		say(&p, c_fill(1, i, 2, 1000, 1000 * LOT_E8, 0));
		near(&p, LOT_U, LOT_U / 1000);
	}
	pair_close(&p);
}
END_TEST

/* Next to nothing is bought, and the fee takes all there is. */
START_TEST(test_fee)
{
	struct pair p;
	open_with_ten(&p);
	fill_one(&p, 100001, 100001 * LOT_E8, -999000000);
	ck_assert_uint_eq(p.levels, 1);
	pair_close(&p);
}
END_TEST

/* A hundredth of what there is goes with each fill: none of them is much, and all are too much. */
START_TEST(test_fees)
{
	struct pair p;
	open_with_ten(&p);
	for (unsigned i = 0; i < 100; i++)
		fill_one(&p, 100000 + i % 2, (100000 + i % 2) * LOT_E8, -10000000);
	ck_assert_uint_gt(p.levels, 0);
	pair_close(&p);
}
END_TEST

/* A fill after which the row is bad, or its MM negative while equity is, is judged at once. */
START_TEST(test_judged_at_once)
{
	struct pair p;
	open_with_ten(&p);
	fill_one(&p, INT64_C(1) << 46, INT64_C(1) << 59, 0);
	ck_assert_uint_eq(p.levels, 1);
	fill_one(&p, 100000, 100000 * LOT_E8, 0);
	ck_assert_uint_eq(p.levels, 2);
	say(&p, c_ladder(1, 0, 30000, 0, 0));
	say(&p, c_ladder(1, 1, 30000, 20000000000, UINT64_C(1000000000000000000)));
	say(&p, c_symbol(1, 1, LOT_U));
	ck_assert(cpu_of(&p)->account[0].sure);
	fill_one(&p, 200000, 200000 * LOT_E8, -1100000000);
	ck_assert_uint_eq(p.levels, 3);
	pair_close(&p);
}
END_TEST

/* Ids one after the other, backwards, or anywhere; some go, and their places are given to others.
 * A place that is foretold may be another's, or nobody's. */
START_TEST(test_order)
{
	static uint32_t id[400], owner[400];
	struct pair p;
	pair_open(&p, "cpu:", 31 + (uint64_t)_i);
	tables(&p, LOT_U);
	for (uint32_t i = 0; i < 400; i++) {
		id[i] = _i == 0 ? 7 + i : _i == 1 ? UINT32_MAX - i : (uint32_t)draw(&p) | 1;
		owner[i] = id[i];
		put_account(&p, id[i]);
		put_position(&p, owner[i], id[i], 1 + (int64_t)(draw(&p) % 1000));
	}
	for (unsigned n = 0; n < 4000; n++) {
		uint32_t i = (uint32_t)(draw(&p) % 400);
		int64_t lots = 1 + (int64_t)(draw(&p) % 1000);
		say(&p, c_fill(owner[i], id[i], (uint16_t)(id[i] % SYMBOLS), lots, lots * LOT_E8,
			       0));
		if (draw(&p) % 5)
			continue;
		put_position(&p, owner[i], id[i], 0);
		say(&p, c_remove(owner[i]));
		if (draw(&p) % 2) /* the same ids again, in other places */
			id[i] = owner[i] = id[i] + (_i == 2 ? 2 : 0);
		put_account(&p, owner[i]);
		put_position(&p, owner[i], id[i], 10);
	}
	say(&p, c_plain(FB_OP_HASH));
	pair_close(&p);
}
END_TEST

/* A position that is gone is not there, though its place may still look like it. */
START_TEST(test_gone)
{
	struct pair p;
	union fb_record record[8];
	int idle = 0;
	pair_open_at_lot(&p, "cpu:");
	for (uint32_t i = 1; i <= 20; i++) {
		put_account(&p, i);
		put_position(&p, i, i, 10);
	}
	put_position(&p, 5, 5, 0);
	ck_assert_uint_eq(cpu_row_find(cpu_of(&p), 5), CPU_NONE);
	say(&p, c_remove(5));
	ck_assert_uint_eq(cpu_account_find(cpu_of(&p), 5), CPU_NONE);
	union fb_command c = c_fill(5, 5, 5 % SYMBOLS, 10, 0, 0);
	c.header.seq = ++p.seq;
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(fb_engine_submit(p.engine[i], &c), 0);
		ck_assert_int_eq(fb_engine_poll(p.engine[i], record, 8, &idle), 2);
		ck_assert_uint_eq(record[0].header.kind, FB_REC_REJECT);
		ck_assert_uint_eq(record[0].reject.reason, FB_REJECT_NO_ACCOUNT);
	}
	pair_close(&p);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cpu_late");
	TCase *tests = tcase_create("cpu_late");
	SRunner *runner = srunner_create(suite);
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, test_late, 0, 2);
	tcase_add_test(tests, test_mark_before);
	tcase_add_test(tests, test_long_batch);
	tcase_add_test(tests, test_new_position);
	tcase_add_test(tests, test_fee);
	tcase_add_test(tests, test_fees);
	tcase_add_test(tests, test_judged_at_once);
	tcase_add_loop_test(tests, test_order, 0, 3);
	tcase_add_test(tests, test_gone);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
