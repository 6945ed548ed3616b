/* The software engine where its floating point could betray it: accounts so near to their
 * thresholds that the last bits of a float decide, and marks that go there in steps of one unit.
 * What it says is compared with the model by the digest of each batch. (Everything else is
 * compared by `cosim run --engine cpu:`.) */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/engine.h>

#include <sys/resource.h>
#include <unistd.h>

#include "../../sw/lib/workload.h"
#include "cpu_pair_kit.h"

/* An account whose equity is its MM give or take a few units, at unit value u. */
static void on_the_edge(struct pair *p, uint32_t id, uint64_t u)
{
	unsigned rows = 1 + (unsigned)(draw(p) % 3);
	__int128 need_e15 = 0, worth_e8 = 0;
	union fb_command c = c_plain(FB_OP_ACCOUNT), position[3];
	for (unsigned i = 0; i < rows; i++) {
		int64_t lots = 1 + (int64_t)(draw(p) % 100000);
		__int128 n = (__int128)lots * u >> 16;
		position[i] = c_plain(FB_OP_POSITION);
		position[i].position.account = id;
		position[i].position.position = id * 8 + i;
		position[i].position.symbol = (uint16_t)((id + i) % SYMBOLS);
		position[i].position.qty = draw(p) % 2 ? lots : -lots;
		position[i].position.entry =
			(int64_t)(position[i].position.qty < 0 ? -n : n) / 10 * 9;
		worth_e8 += (position[i].position.qty < 0 ? -n : n) - position[i].position.entry;
		need_e15 += n >= 40000000001 ? n * 70001 - (__int128)40000000001 * 40001
					     : n * 30000;
		position[i].position.flags = i + 1 < rows ? FB_FLAG_MORE : 0;
	}
	c.account.account = id;
	c.account.flags = FB_FLAG_MORE;
	c.account.collateral =
		(int64_t)(need_e15 / 10000000 - worth_e8 + (int64_t)(draw(p) % 5) - 2);
	give(p, &c);
	for (unsigned i = 0; i < rows; i++)
		give(p, &position[i]);
}

static const char *const engines[] = { "cpu:", "cpu:isa=portable", "cpu:seek=1" };

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
		union fb_command c = c_plain(FB_OP_ACCOUNT);
		int64_t lots = 1 + (int64_t)(draw(&p) % 60), entry_e8 = (int64_t)(u >> 16) * lots;
		int64_t own_e8 = entry_e8 / 100 * (int64_t)(5 + draw(&p) % 50);
		uint64_t at = trigger(lots, own_e8 - entry_e8, u / 4, u), below;
		c.account.account = id;
		c.account.collateral = own_e8;
		c.account.flags = FB_FLAG_MORE;
		give(&p, &c);
		c = c_plain(FB_OP_POSITION);
		c.position.account = c.position.position = id;
		c.position.qty = lots;
		c.position.entry = entry_e8;
		give(&p, &c);
		below = draw(&p) % 2 ? 1 : 1 + draw(&p) % (at >> 24);
		c = c_plain(FB_OP_MARKS);
		c.marks.count = 1;
		c.marks.mark[0] = (at - below) << 12;
		p.levels = 0;
		give(&p, &c);
		ck_assert_uint_eq(p.levels, 1);
		c.marks.mark[0] = u << 12;
		give(&p, &c);
		c = c_plain(FB_OP_POSITION);
		c.position.account = c.position.position = id;
		give(&p, &c);
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
	union fb_command c = c_plain(FB_OP_HASH);
	give(&p, &c);
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

/* What is kept without a review has to be what a review would find. */
START_TEST(test_kept)
{
	const uint64_t u = UINT64_C(0x9e3779b97f4a7) >> 10;
	static struct loose loose[ACCOUNTS + 1];
	struct pair p;
	pair_open(&p, engines[_i], 11);
	tables(&p, u);
	for (uint32_t id = 1; id <= ACCOUNTS; id++)
		put_loose(&p, &loose[id], id, u);
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t id = 1 + (uint32_t)(draw(&p) % ACCOUNTS);
		if (draw(&p) % 3)
			fill_loose(&p, &loose[id], id, u);
		else
			pay_loose(&p, id, u);
		if (i % 20 == 0)
			near(&p, u, u / 1000 * (1 + i / 4000));
		if (i % 500 == 0)
			near(&p, u, u / 20);
	}
	ck_assert_uint_gt(cpu_of(&p)->kept, 3000);
	ck_assert_uint_gt(cpu_of(&p)->reviews, 3000);
	ck_assert_uint_gt(p.levels, 3000);
	pair_close(&p);
}
END_TEST

/* Money beyond what an account may hold is a fault, however calm the account is: by a fill, by a
 * payment, by funding. */
START_TEST(test_too_much_money)
{
	const uint64_t u = UINT64_C(100000) << FB_U_FRACTION_BITS;
	const int64_t most = ((int64_t)1 << (FB_MONEY_BITS - 1)) - 1;
	struct pair p;
	pair_open(&p, engines[_i], 1);
	tables(&p, u);
	for (uint32_t id = 1; id <= 3; id++) {
		union fb_command c = c_plain(FB_OP_ACCOUNT);
		c.account.account = id;
		c.account.collateral = most - 10;
		give(&p, &c);
		c = c_plain(FB_OP_POSITION);
		c.position.account = id;
		c.position.position = id;
		c.position.symbol = (uint16_t)id;
		c.position.qty = 1000;
		c.position.entry = 100000000;
		give(&p, &c);
	}
	near(&p, u, 5);
	ck_assert_uint_eq(p.levels, 0);
	ck_assert(cpu_of(&p)->account[cpu_account_find(cpu_of(&p), 1)].sure);
	for (int64_t delta = 10; delta <= 11; delta++) { /* the last one that fits, and one more */
		union fb_command c = c_plain(FB_OP_FILL);
		c.fill.account = c.fill.position = 1;
		c.fill.symbol = 1;
		c.fill.qty = 1001;
		c.fill.entry = 100100000;
		c.fill.delta = delta == 10 ? 10 : 1;
		give(&p, &c);
		ck_assert_uint_eq(p.levels, (unsigned)(delta - 10));
	}
	union fb_command c = c_plain(FB_OP_COLLATERAL);
	c.collateral.account = 2;
	c.collateral.delta = 11;
	give(&p, &c);
	ck_assert_uint_eq(p.levels, 2);
	c = c_plain(FB_OP_FUNDING);
	c.funding.symbol = 3;
	c.funding.rate = -((int64_t)1 << FB_U_FRACTION_BITS); /* a unit a lot, to longs */
	give(&p, &c);
	near(&p, u, 5);
	ck_assert_uint_eq(p.levels, 3);
	pair_close(&p);
}
END_TEST

/* After storms all accounts get their bands back, and marks need no sweep any more. */
START_TEST(test_storm_passes)
{
	struct fb_workload_shape shape = { .rows = 6000, .symbols = 160, .seed = 5 };
	struct fb_workload w;
	struct pair p;
	shape.doomed = true;
	pair_open(&p, engines[_i], 1);
	ck_assert_int_eq(fb_workload_open(&shape, &w), 0);
	fb_workload_load(&w, give, &p);
	for (unsigned i = 0; i < 6; i++)
		fb_workload_marks(&w, i % 2 ? 1000000 : 300000, 0, give, &p);
	ck_assert_uint_gt(cpu_of(&p)->stale_n, w.accounts / 4);
	for (unsigned i = 0; i < 60; i++) {
		fb_workload_marks(&w, 1000000, 200, give, &p);
		fb_workload_fill(&w, i * 97 % shape.rows, give, &p);
	}
	ck_assert_uint_eq(cpu_of(&p)->stale_n, 0);
	uint64_t sweeps = cpu_of(&p)->sweeps;
	for (unsigned i = 0; i < 20; i++)
		fb_workload_marks(&w, 1000000, 200, give, &p);
	ck_assert_uint_eq(cpu_of(&p)->sweeps, sweeps);
	/* and so do those that stay bankrupt */
	for (unsigned i = 0; i < 60; i++)
		fb_workload_marks(&w, 300000, 20, give, &p);
	uint64_t reviews = cpu_of(&p)->reviews;
	for (unsigned i = 0; i < 20; i++)
		fb_workload_marks(&w, 300000, 20, give, &p);
	ck_assert_uint_lt(cpu_of(&p)->reviews, reviews + w.accounts);
	fb_workload_close(&w);
	pair_close(&p);
}
END_TEST

/* So much is paid out in one batch that nobody gets bands, and those of before are wider than what
 * is left allows. The next mark stays inside them: its tree has nothing to say, only a sweep has.
 * (The first of a storm do get bands; accounts of symbol 0 are the last.) */
START_TEST(test_stale_are_swept)
{
	const uint64_t u = UINT64_C(100000) << FB_U_FRACTION_BITS;
	struct pair p;
	union fb_command c;
	pair_open(&p, engines[_i], 1);
	tables(&p, u);
	for (uint32_t id = 1; id <= ACCOUNTS; id++) {
		c = c_plain(FB_OP_ACCOUNT);
		c.account.account = id;
		c.account.collateral = 100000000;
		give(&p, &c);
		c = c_plain(FB_OP_POSITION); /* MM is 0.3 % of 1 money */
		c.position.account = id;
		c.position.position = id;
		c.position.symbol = (uint16_t)((ACCOUNTS - id) / (ACCOUNTS / SYMBOLS));
		c.position.qty = 1000;
		c.position.entry = 100000000;
		give(&p, &c);
	}
	near(&p, u, 5);
	for (uint32_t id = 1; id <= ACCOUNTS; id++) {
		c = c_plain(FB_OP_COLLATERAL);
		c.collateral.account = id;
		c.collateral.delta = -100000000 + 306000;
		c.collateral.flags = id < ACCOUNTS ? FB_FLAG_MORE : 0;
		give(&p, &c);
	}
	ck_assert_uint_eq(p.levels, 0);
	ck_assert_uint_gt(cpu_of(&p)->stale_n, ACCOUNTS / 2);
	c = c_plain(FB_OP_MARKS);
	c.marks.count = 1;
	c.marks.mark[0] = (u - u / 1000) << 12;
	give(&p, &c);
	ck_assert_uint_eq(p.levels, ACCOUNTS / SYMBOLS);
	pair_close(&p);
}
END_TEST

/* Too little memory is said when the engine is opened. */
START_TEST(test_no_memory)
{
	struct rlimit limit = { 200000000, 200000000 };
	struct fb_engine *engine = NULL;
	struct fb_error error = { "" };
#ifdef __SANITIZE_ADDRESS__
	return; /* which needs more addresses than any limit */
#endif
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
	ck_assert_int_eq(fb_engine_open("cpu:rows=4000000", &engine, &error), -ENOMEM);
	ck_assert_ptr_null(engine);
	ck_assert_msg(strstr(error.text, "4000000 rows") != NULL, "%s", error.text);
	if (cpu_room_left() >= UINT64_C(10) << 30)
		return; /* there is room for the largest */
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(fb_engine_open("cpu:accounts=67108864,rows=67108864", &engine, &error),
			 -ENOMEM);
	ck_assert_msg(strstr(error.text, "are left") != NULL, "%s", error.text);
}
END_TEST

START_TEST(test_arguments)
{
	static const struct {
		const char *uri, *says;
	} bad[] = {
		{ "cpu:accounts=0", "accounts=0" },
		{ "cpu:rows=67108865", "rows=67108865" },
		{ "cpu:lanes=8", "lanes=8" },
		{ "cpu:isa=sse9", "sse9" },
		{ "cpu:rows=", "rows=" },
		{ "cpu:threads=0", "threads=0" },
		{ "cpu:threads=17", "threads=17" },
		{ "cpu:threads=two", "threads=two" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fb_engine *engine = NULL;
		struct fb_error error = { "" };
		ck_assert_int_lt(fb_engine_open(bad[i].uri, &engine, &error), 0);
		ck_assert_ptr_null(engine);
		ck_assert_msg(strstr(error.text, bad[i].says) != NULL, "%s", error.text);
	}
}
END_TEST

START_TEST(test_more_threads_than_processors)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct fb_engine *engine = NULL;
	struct fb_error error = { "" };
	char uri[64];
	if (processors >= 16)
		return;
	snprintf(uri, sizeof(uri), "cpu:threads=%ld", processors + 1);
	ck_assert_int_eq(fb_engine_open(uri, &engine, &error), -EINVAL);
	ck_assert_msg(strstr(error.text, "processors") != NULL, "%s", error.text);
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
	tcase_add_loop_test(tests, test_kept, 0, 3);
	tcase_add_loop_test(tests, test_too_much_money, 0, 3);
	tcase_add_loop_test(tests, test_storm_passes, 0, 2);
	tcase_add_loop_test(tests, test_stale_are_swept, 0, 3);
	tcase_add_test(tests, test_no_memory);
	tcase_add_test(tests, test_arguments);
	tcase_add_test(tests, test_more_threads_than_processors);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
