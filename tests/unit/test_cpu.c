/* The software engine where its floating point could betray it: accounts so near to their
 * thresholds that the last bits of a float decide, and marks that go there in steps of one unit.
 * What it says is compared with the model by the digest of each batch. (Everything else is
 * compared by `cosim run --engine cpu:`.) */
#include <check.h>

#include "../../sw/lib/workload.h"
#include "cpu_pair_kit.h"

/* An account whose equity is its MM give or take a few units, at unit value u. */
static void on_the_edge(struct pair *p, uint32_t id, uint64_t u)
{
	unsigned rows = 1 + (unsigned)(draw(p) % 3);
	__int128 need_e15 = 0, worth_e8 = 0;
	union fb_command position[3];
	for (unsigned i = 0; i < rows; i++) {
		int64_t lots = 1 + (int64_t)(draw(p) % 100000);
		int64_t qty = draw(p) % 2 ? lots : -lots;
		__int128 n = (__int128)lots * u >> 16, value_e8 = qty < 0 ? -n : n;
		int64_t entry_e8 = (int64_t)value_e8 / 10 * 9;
		position[i] = c_position(id, id * 8 + i, (uint16_t)((id + i) % SYMBOLS), qty,
					 entry_e8);
		worth_e8 += value_e8 - entry_e8;
		need_e15 += n >= 40000000001 ? n * 70001 - (__int128)40000000001 * 40001
					     : n * 30000;
	}
	int64_t own_e8 = (int64_t)(need_e15 / 10000000 - worth_e8 + (int64_t)(draw(p) % 5) - 2);
	say(p, kit_more(c_account(id, own_e8, 0, 0)));
	for (unsigned i = 0; i < rows; i++)
		say(p, i + 1 < rows ? kit_more(position[i]) : position[i]);
}

START_TEST(test_edges)
{
	for (unsigned shape = 0; shape < 6; shape++) {
		/* from few bits of u to all 52 */
		uint64_t u = UINT64_C(0x9e3779b97f4a7) >> 4 * (5 - shape);
		struct pair p;
		pair_open(&p, engines[_i], shape + 1);
		tables(&p, u);
		for (uint32_t id = 1; id <= ACCOUNTS; id++)
			on_the_edge(&p, id, u);
		for (unsigned i = 0; i < 400; i++)
			near(&p, u, i % 4 == 0 ? 1 : (u >> (4 + i % 40)) + 1);
		ck_assert_uint_gt(p.levels, ACCOUNTS);
		pair_close(&p);
	}
}
END_TEST

/* The lowest unit value at which a long with this entry and collateral is calm. */
static uint64_t trigger(int64_t lots, __int128 worth_e8, uint64_t from, uint64_t to)
{
	while (to - from > 1) {
		uint64_t middle = from + (to - from) / 2;
		__int128 n = (__int128)lots * middle >> 16;
		if (n * 30000 >= (n + worth_e8) * 10000000)
			from = middle;
		else
			to = middle;
	}
	return to;
}

/* Alone in its symbol and far away; then at once below its trigger, by less than a float holds. */
START_TEST(test_triggers)
{
	const uint64_t u = UINT64_C(0x9e3779b97f4a7) >> 3;
	struct pair p;
	pair_open(&p, engines[_i], 5);
	tables(&p, u);
	for (uint32_t id = 1; id <= 1000; id++) {
		int64_t lots = 1 + (int64_t)(draw(&p) % 60), entry_e8 = (int64_t)(u >> 16) * lots;
		int64_t own_e8 = entry_e8 / 100 * (int64_t)(5 + draw(&p) % 50);
		uint64_t at = trigger(lots, own_e8 - entry_e8, u / 4, u), below;
		say(&p, kit_more(c_account(id, own_e8, 0, 0)));
		say(&p, c_position(id, id, 0, lots, entry_e8));
		below = draw(&p) % 2 ? 1 : 1 + draw(&p) % (at >> 24);
		p.levels = 0;
		say(&p, c_mark(0, at - below));
		ck_assert_uint_eq(p.levels, 1);
		say(&p, c_mark(0, u));
		say(&p, c_position(id, id, 0, 0, 0));
	}
	pair_close(&p);
}
END_TEST

/* A venue's work, with everything that moves: also what it answers to HASH. */
START_TEST(test_workload)
{
	struct fb_workload_shape shape = { .rows = 6000, .symbols = 160, .seed = 7 };
	struct fb_workload w;
	struct pair p;
	pair_open(&p, engines[_i], 1);
	ck_assert_int_eq(fb_workload_open(&shape, &w), 0);
	fb_workload_load(&w, give, &p);
	uint64_t loaded = p.levels;
	fb_workload_marks(&w, 1000000, 1000, give, &p);
	ck_assert_uint_eq(p.levels, loaded); /* calm */
	for (unsigned i = 0; i < 300; i++) {
		fb_workload_fill(&w, (uint32_t)(draw(&p) % shape.rows), give, &p);
		fb_workload_mark(&w, (uint16_t)(draw(&p) % 160), 980000 + i * 133, give, &p);
		if (i % 10 == 0)
			fb_workload_marks(&w, 1000000 - i * 1000, 2000, give, &p);
	}
	ck_assert_uint_gt(p.levels, loaded + 300);
	say(&p, c_plain(FB_OP_HASH));
	fb_workload_close(&w);
	pair_close(&p);
}
END_TEST

/* One account in twenty at a fall of 2.5 %, every one of a doomed book at 70 %. */
START_TEST(test_workload_breaches)
{
	for (int doomed = 0; doomed < 2; doomed++) {
		struct fb_workload_shape shape = {
			.rows = 6000, .symbols = 160, .seed = 3, .doomed = doomed
		};
		struct fb_workload w;
		struct pair p;
		pair_open(&p, "cpu:", 1);
		ck_assert_int_eq(fb_workload_open(&shape, &w), 0);
		fb_workload_load(&w, give, &p);
		fb_workload_marks(&w, 990000, 0, give, &p);
		p.levels = 0;
		fb_workload_marks(&w, doomed ? 300000 : 975000, 0, give, &p);
		uint64_t all = w.accounts, weak = (all + 19) / 20;
		ck_assert_uint_ge(p.levels, doomed ? all : weak);
		ck_assert_uint_le(p.levels, doomed ? all : weak * 2);
		fb_workload_close(&w);
		pair_close(&p);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cpu");
	TCase *tests = tcase_create("cpu");
	SRunner *runner = srunner_create(suite);
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, test_edges, 0, 3);
	tcase_add_loop_test(tests, test_triggers, 0, 3);
	tcase_add_loop_test(tests, test_workload, 0, 3);
	tcase_add_test(tests, test_workload_breaches);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
