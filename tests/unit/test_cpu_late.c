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

static void put_account(struct pair *p, uint32_t id, bool gone)
{
	union fb_command c = c_plain(FB_OP_ACCOUNT);
	c.account.account = id;
	c.account.collateral = 1000000000;
	c.account.flags = gone ? FB_FLAG_REMOVE : 0;
	give(p, &c);
}

static void put_position(struct pair *p, uint32_t account, uint32_t id, int64_t lots)
{
	union fb_command c = c_plain(FB_OP_POSITION);
	c.position.account = account;
	c.position.position = id;
	c.position.symbol = (uint16_t)(id % SYMBOLS);
	c.position.qty = lots;
	c.position.entry = lots * 100000;
	give(p, &c);
}

/* Ten times what it owns, long in symbol 1 at this unit value. */
static void put_ten(struct pair *p, uint32_t id, uint64_t u)
{
	union fb_command c = c_plain(FB_OP_ACCOUNT);
	c.account.account = id;
	c.account.collateral = 1000000000;
	c.account.flags = FB_FLAG_MORE;
	give(p, &c);
	c = c_plain(FB_OP_POSITION);
	c.position.account = c.position.position = id;
	c.position.symbol = 1;
	c.position.qty = 100000;
	c.position.entry = (int64_t)(u >> 16) * 100000;
	give(p, &c);
	near(p, u, 1);
	ck_assert(cpu_of(p)->account[cpu_account_find(cpu_of(p), id)].sure);
	p->levels = 0;
}

static void fill(struct pair *p, uint32_t id, int64_t lots, int64_t entry_e8, int64_t delta_e8,
		 bool more)
{
	union fb_command c = c_plain(FB_OP_FILL);
	c.fill.account = c.fill.position = id;
	c.fill.symbol = 1;
	c.fill.qty = lots;
	c.fill.entry = entry_e8;
	c.fill.delta = delta_e8;
	c.fill.flags = more ? FB_FLAG_MORE : 0;
	give(p, &c);
}

static void fill_one(struct pair *p, int64_t lots, int64_t entry_e8, int64_t delta_e8)
{
	fill(p, 1, lots, entry_e8, delta_e8, false);
}

/* Twice as much: the account is calm, and its bands say nothing any more. A mark that they hold,
 * and that makes it bankrupt, comes before they hear of it. */
START_TEST(test_mark_before)
{
	const uint64_t u = UINT64_C(100000) << FB_U_FRACTION_BITS;
	struct pair p;
	pair_open(&p, "cpu:", 1);
	tables(&p, u);
	put_ten(&p, 1, u);
	fill_one(&p, 200000, 100000 * INT64_C(200000), 0);
	ck_assert_uint_eq(cpu_of(&p)->late_n, 1);
	ck_assert_uint_eq(p.levels, 0);
	near(&p, u / 100 * 94, 1);
	ck_assert_uint_eq(p.levels, 1);
	pair_close(&p);
}
END_TEST

/* The same of more accounts than there is room for in what is late, in one batch, in which the
 * first of them has gone bankrupt before its bands are made anew. */
START_TEST(test_long_batch)
{
	const uint64_t u = UINT64_C(100000) << FB_U_FRACTION_BITS;
	const int64_t value_e8 = 100000 * INT64_C(200000);
	struct pair p;
	pair_open(&p, "cpu:", 1);
	tables(&p, u);
	for (uint32_t id = 1; id <= 12; id++)
		put_ten(&p, id, u);
	for (uint32_t id = 1; id <= 12; id++) {
		fill(&p, id, 200000, value_e8, 0, true);
		if (id == 6)
			fill(&p, 1, 200000, value_e8 + 1100000000, 0, true);
	}
	ck_assert_uint_eq(cpu_of(&p)->unsure_n, CPU_LATE);
	fill(&p, 12, 200001, value_e8 + 100000, 0, false);
	ck_assert_uint_eq(p.levels, 1);
	near(&p, u / 100 * 94, 1);
	ck_assert_uint_eq(p.levels, 12);
	pair_close(&p);
}
END_TEST

/* A fill that nobody has heard of yet, and one of a new position of the same account. */
START_TEST(test_new_position)
{
	const uint64_t u = UINT64_C(100000) << FB_U_FRACTION_BITS;
	struct pair p;
	pair_open(&p, "cpu:", 1);
	tables(&p, u);
	put_ten(&p, 1, u);
	for (uint32_t i = 2; i < 8; i++) {
		fill_one(&p, 100000 + i, 100000 * INT64_C(100000), 0);
		ck_assert(cpu_of(&p)->account[0].late);
		union fb_command c = c_plain(FB_OP_FILL);
		c.fill.account = 1;
		c.fill.position = i;
		c.fill.symbol = 2;
		c.fill.qty = 1000;
		c.fill.entry = 1000 * 100000;
		give(&p, &c);
		near(&p, u, u / 1000);
	}
	pair_close(&p);
}
END_TEST

/* Next to nothing is bought, and the fee takes all there is. */
START_TEST(test_fee)
{
	const uint64_t u = UINT64_C(100000) << FB_U_FRACTION_BITS;
	struct pair p;
	pair_open(&p, "cpu:", 1);
	tables(&p, u);
	put_ten(&p, 1, u);
	fill_one(&p, 100001, 100000 * INT64_C(100001), -999000000);
	ck_assert_uint_eq(p.levels, 1);
	pair_close(&p);
}
END_TEST

/* A hundredth of what there is goes with each fill: none of them is much, and all are too much. */
START_TEST(test_fees)
{
	const uint64_t u = UINT64_C(100000) << FB_U_FRACTION_BITS;
	struct pair p;
	pair_open(&p, "cpu:", 1);
	tables(&p, u);
	put_ten(&p, 1, u);
	for (unsigned i = 0; i < 100; i++)
		fill_one(&p, 100000 + i % 2, 100000 * (INT64_C(100000) + i % 2), -10000000);
	ck_assert_uint_gt(p.levels, 0);
	pair_close(&p);
}
END_TEST

/* A fill after which the row is bad, or its MM negative while equity is, is judged at once. */
START_TEST(test_judged_at_once)
{
	const uint64_t u = UINT64_C(100000) << FB_U_FRACTION_BITS;
	struct pair p;
	pair_open(&p, "cpu:", 1);
	tables(&p, u);
	put_ten(&p, 1, u);
	fill_one(&p, INT64_C(1) << 46, INT64_C(1) << 59, 0);
	ck_assert_uint_eq(p.levels, 1);
	fill_one(&p, 100000, 100000 * INT64_C(100000), 0);
	ck_assert_uint_eq(p.levels, 2);
	union fb_command c = c_plain(FB_OP_LADDER);
	c.ladder.ladder = 1;
	c.ladder.rate = 30000;
	give(&p, &c);
	c.ladder.tier = 1;
	c.ladder.floor = 20000000000;
	c.ladder.deduction.lo = UINT64_C(1000000000000000000);
	give(&p, &c);
	c = c_plain(FB_OP_SYMBOL);
	c.symbol.symbol = c.symbol.ladder = 1;
	c.symbol.u = u;
	give(&p, &c);
	ck_assert(cpu_of(&p)->account[0].sure);
	fill_one(&p, 200000, 100000 * INT64_C(200000), -1100000000);
	ck_assert_uint_eq(p.levels, 3);
	pair_close(&p);
}
END_TEST

/* Ids one after the other, backwards, or anywhere; some go, and their places are given to others.
 * A place that is foretold may be another's, or nobody's. */
START_TEST(test_order)
{
	const uint64_t u = UINT64_C(100000) << FB_U_FRACTION_BITS;
	static uint32_t id[400], owner[400];
	struct pair p;
	pair_open(&p, "cpu:", 31 + (uint64_t)_i);
	tables(&p, u);
	for (uint32_t i = 0; i < 400; i++) {
		id[i] = _i == 0 ? 7 + i : _i == 1 ? UINT32_MAX - i : (uint32_t)draw(&p) | 1;
		owner[i] = id[i];
		put_account(&p, id[i], false);
		put_position(&p, owner[i], id[i], 1 + (int64_t)(draw(&p) % 1000));
	}
	for (unsigned n = 0; n < 4000; n++) {
		uint32_t i = (uint32_t)(draw(&p) % 400);
		union fb_command c = c_plain(FB_OP_FILL);
		c.fill.account = owner[i];
		c.fill.position = id[i];
		c.fill.symbol = (uint16_t)(id[i] % SYMBOLS);
		c.fill.qty = 1 + (int64_t)(draw(&p) % 1000);
		c.fill.entry = c.fill.qty * 100000;
		give(&p, &c);
		if (draw(&p) % 5)
			continue;
		put_position(&p, owner[i], id[i], 0);
		put_account(&p, owner[i], true);
		if (draw(&p) % 2) /* the same ids again, in other places */
			id[i] = owner[i] = id[i] + (_i == 2 ? 2 : 0);
		put_account(&p, owner[i], false);
		put_position(&p, owner[i], id[i], 10);
	}
	union fb_command c = c_plain(FB_OP_HASH);
	give(&p, &c);
	pair_close(&p);
}
END_TEST

/* A position that is gone is not there, though its place may still look like it. */
START_TEST(test_gone)
{
	const uint64_t u = UINT64_C(100000) << FB_U_FRACTION_BITS;
	struct pair p;
	union fb_record record[8];
	int idle = 0;
	pair_open(&p, "cpu:", 1);
	tables(&p, u);
	for (uint32_t i = 1; i <= 20; i++) {
		put_account(&p, i, false);
		put_position(&p, i, i, 10);
	}
	put_position(&p, 5, 5, 0);
	ck_assert_uint_eq(cpu_row_find(cpu_of(&p), 5), CPU_NONE);
	put_account(&p, 5, true);
	ck_assert_uint_eq(cpu_account_find(cpu_of(&p), 5), CPU_NONE);
	union fb_command c = c_plain(FB_OP_FILL);
	c.fill.account = c.fill.position = 5;
	c.fill.symbol = 5 % SYMBOLS;
	c.fill.qty = 10;
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
