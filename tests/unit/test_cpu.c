/* The software engine where its floating point could betray it: accounts so near to their
 * thresholds that the last bits of a float decide, and marks that go there in steps of one unit.
 * What it says is compared with the model by the digest of each batch. (Everything else is
 * compared by `cosim run --engine cpu:`.) */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/engine.h>

#include "../../sw/lib/mix.h"
#include "../../sw/lib/workload.h"

struct pair {
	struct fb_engine *engine[2];
	uint64_t seq, draws, levels;
	union fb_record end[2];
};

static uint64_t draw(struct pair *p)
{
	return fb_mix(p->draws++);
}

static void pair_open(struct pair *p, const char *uri, uint64_t seed)
{
	struct fb_error error = { "" };
	*p = (struct pair){ .draws = seed << 32 };
	ck_assert_msg(fb_engine_open("model:", &p->engine[0], &error) == 0, "%s", error.text);
	ck_assert_msg(fb_engine_open(uri, &p->engine[1], &error) == 0, "%s", error.text);
}

static void pair_close(struct pair *p)
{
	fb_engine_close(p->engine[0]);
	fb_engine_close(p->engine[1]);
}

static void take(struct pair *p, int i)
{
	union fb_record record[64];
	int idle = 0;
	while (!idle) {
		int n = fb_engine_poll(p->engine[i], record, 64, &idle);
		ck_assert_int_ge(n, 0);
		for (int k = 0; k < n; k++) {
			ck_assert_uint_ne(record[k].header.kind, FB_REC_REJECT);
			p->levels += i == 0 && record[k].header.kind == FB_REC_LEVEL;
			if (record[k].header.kind == FB_REC_BATCH_END)
				p->end[i] = record[k];
		}
	}
}

static int give(void *context, union fb_command *command)
{
	struct pair *p = context;
	command->header.seq = ++p->seq;
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(fb_engine_submit(p->engine[i], command), 0);
	if (command->header.flags & FB_FLAG_MORE)
		return 0;
	take(p, 0);
	take(p, 1);
	ck_assert_mem_eq(&p->end[0], &p->end[1], sizeof(p->end[0]));
	return 0;
}

static union fb_command command(unsigned op)
{
	union fb_command c;
	memset(&c, 0, sizeof(c));
	c.header.op = (uint8_t)op;
	return c;
}

#define SYMBOLS 4u
#define ACCOUNTS 600u

/* Two tiers, the second from an odd number on. */
static void tables(struct pair *p, uint64_t u)
{
	union fb_command c = command(FB_OP_CLASS);
	c.class.count = 1;
	c.class.up[0] = 10000000;
	c.class.down[0] = 9999999;
	give(p, &c);
	for (uint8_t k = 0; k < 2; k++) {
		c = command(FB_OP_LADDER);
		c.ladder.tier = k;
		c.ladder.rate = k ? 70001 : 30000;
		c.ladder.floor = k ? 40000000001 : 0;
		c.ladder.deduction.lo = k ? 40000000001ull * 40001 : 0;
		give(p, &c);
	}
	for (uint16_t s = 0; s < SYMBOLS; s++) {
		c = command(FB_OP_SYMBOL);
		c.symbol.symbol = s;
		c.symbol.u = u;
		give(p, &c);
	}
}

/* An account whose equity is its MM give or take a few units, at unit value u. */
static void on_the_edge(struct pair *p, uint32_t id, uint64_t u)
{
	unsigned rows = 1 + (unsigned)(draw(p) % 3);
	__int128 need_e15 = 0, worth_e8 = 0;
	union fb_command c = command(FB_OP_ACCOUNT), position[3];
	for (unsigned i = 0; i < rows; i++) {
		int64_t lots = 1 + (int64_t)(draw(p) % 100000);
		__int128 n = (__int128)lots * u >> 16;
		position[i] = command(FB_OP_POSITION);
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

/* Marks of all symbols within `width` of u. */
static void near(struct pair *p, uint64_t u, uint64_t width)
{
	union fb_command c = command(FB_OP_MARKS);
	c.marks.count = SYMBOLS;
	for (uint16_t s = 0; s < SYMBOLS; s++)
		c.marks.mark[s] = (u - width + draw(p) % (2 * width + 1)) << 12 | s;
	give(p, &c);
}

static const char *const engines[] = { "cpu:", "cpu:isa=portable" };

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
		union fb_command c = command(FB_OP_ACCOUNT);
		int64_t lots = 1 + (int64_t)(draw(&p) % 60), entry_e8 = (int64_t)(u >> 16) * lots;
		int64_t own_e8 = entry_e8 / 100 * (int64_t)(5 + draw(&p) % 50);
		uint64_t at = trigger(lots, own_e8 - entry_e8, u / 4, u), below;
		c.account.account = id;
		c.account.collateral = own_e8;
		c.account.flags = FB_FLAG_MORE;
		give(&p, &c);
		c = command(FB_OP_POSITION);
		c.position.account = c.position.position = id;
		c.position.qty = lots;
		c.position.entry = entry_e8;
		give(&p, &c);
		below = draw(&p) % 2 ? 1 : 1 + draw(&p) % (at >> 24);
		c = command(FB_OP_MARKS);
		c.marks.count = 1;
		c.marks.mark[0] = (at - below) << 12;
		p.levels = 0;
		give(&p, &c);
		ck_assert_uint_eq(p.levels, 1);
		c.marks.mark[0] = u << 12;
		give(&p, &c);
		c = command(FB_OP_POSITION);
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
	union fb_command c = command(FB_OP_HASH);
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

int main(void)
{
	Suite *suite = suite_create("cpu");
	TCase *tests = tcase_create("cpu");
	SRunner *runner = srunner_create(suite);
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, test_edges, 0, 2);
	tcase_add_loop_test(tests, test_triggers, 0, 2);
	tcase_add_loop_test(tests, test_workload, 0, 2);
	tcase_add_test(tests, test_workload_breaches);
	tcase_add_test(tests, test_arguments);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
