/* Ranking by the software engine: what is kept of a side's groups while marks go on, against the
 * model. */
#include <math.h>

#include "cpu_rank_kit.h"

/* Little, far, of one symbol, or something else altogether. */
static void go_on(struct fb_workload *w, uint32_t *next)
{
	switch (below(12)) {
	case 0: fb_workload_mark(w, 0, 990000 + (uint32_t)below(20000), give, NULL); return;
	case 1: change(w, next); return;
	case 2: fb_workload_marks(w, 960000 + (uint32_t)below(80000), 100, give, NULL); return;
	case 3: fb_workload_mark(w, 0, 400000 + (uint32_t)below(1800000), give, NULL); return;
	case 4:
		fb_workload_mark(w, (uint16_t)(1 + below(2)), 300000 + (uint32_t)below(1400000),
				 give, NULL);
		return;
	default: fb_workload_marks(w, 1000000, 1u << below(16), give, NULL);
	}
}

/* Of all keys, of one class, or of the highest of one: so groups are looked at by turns. */
static union fb_command rank_some(uint8_t side)
{
	union fb_command c = c_plain(FB_OP_RANK);
	unsigned which = (unsigned)below(3), class = 1 + (unsigned)below(3);
	c.rank.side = side;
	c.rank.exclude_level = (uint8_t)(below(2) ? 8 : 1 + below(8));
	c.rank.class_mask = (uint8_t)(below(2) ? 7u : 1u << (class - 1));
	c.rank.profit_c = formula[which][0];
	c.rank.loss_c = formula[which][1];
	c.rank.cursor_key = UINT32_MAX;
	c.rank.zoom = below(2) ? 22 : 26;
	if (below(2)) {
		c.rank.from = class << FB_SCORE_BITS | ((1u << 27) - (1u << (16 + below(6))));
		c.rank.zoom = (uint8_t)(12 + below(10));
		c.rank.cursor_key = below(2) ? UINT32_MAX : c.rank.from + (1u << below(22));
	}
	c.rank.mode = below(3) == 0 ? FB_RANK_SELECT : FB_RANK_HISTOGRAM;
	return c;
}

/* What is kept of each lane is as of the marks of its group's epoch. */
static bool rest_holds(const struct cpu_ranking *k)
{
	const struct cpu_rank_last *l = &k->last;
	uint32_t first = l->side->tile * CPU_RANK_LANES;
	for (uint32_t i = 0; i < cpu_rank_lanes(l->side); i++) {
		const struct cpu_rank_tile *t = &k->tile[(first + i) / CPU_RANK_LANES];
		unsigned at = i % CPU_RANK_LANES, e = l->epoch[i / CPU_RANK_GROUP];
		if (e == CPU_RANK_NO_EPOCH || t->level[at] == CPU_RANK_NEVER)
			continue;
		double rest = (double)t->base[at], gross = fabs(rest), twin = 0;
		for (uint32_t j = 0; j < t->others; j++) {
			const struct cpu_rank_other *o = &k->other[t->other + j];
			bool same = o->symbol[at] == l->symbol;
			double lots = (double)o->lots[at], u = (double)l->at[e].u[o->symbol[at]];
			rest += lots * u;
			twin += same ? lots : 0;
			gross += same ? fabs(lots) * 2 * (double)l->at[e].own_u : fabs(lots * u);
		}
		if (isnan(rest) != isnan((double)l->rest[i]) ||
		    fabs(rest - (double)l->rest[i]) > gross * 1e-5 ||
		    fabs(gross - (double)l->gross[i]) > gross * 1e-5 ||
		    fabs(twin - (double)l->twin[i]) > fabs(twin) * 1e-5 + 1e-3)
			return false;
	}
	return true;
}

/* So many lots that they cannot be added up with rows. */
static void put_giant(const struct fb_workload *w, uint32_t position)
{
	union fb_command c = c_plain(FB_OP_POSITION);
	c.position.account = w->row[0].account + 1;
	c.position.position = position;
	c.position.qty = INT64_C(1) << 33;
	c.position.entry = (int64_t)((w->u[0] >> 16) << 33);
	give(NULL, &c);
	c.position.position++;
	c.position.qty = -c.position.qty;
	c.position.entry = -c.position.entry;
	give(NULL, &c);
}

/* One side again and again, so that its groups are of several epochs, as many as there are. Many
 * groups are never looked at closely. */
START_TEST(test_epochs)
{
	struct fb_workload_shape shape = { .rows = 12000, .symbols = 3, .seed = 4 };
	struct fb_workload w;
	uint32_t next = 100000, closely = 0, all = 0, full = 0;
	draws = 19;
	if (!open_pair(&w, &shape, _i))
		return;
	fb_workload_load(&w, give, NULL);
	const struct cpu_ranking *k = &((const struct cpu *)(const void *)engine[1])->ranking;
	second_ladder();
	for (unsigned i = 0; i < 600; i++) {
		union fb_command c = rank_some(i / 200 % 2);
		unsigned used = 0;
		if (i == 350)
			put_giant(&w, 900000);
		go_on(&w, &next);
		give(NULL, &c);
		while (below(2)) {
			union fb_command again = rank_some(c.rank.side);
			again.rank.exclude_level = c.rank.exclude_level;
			again.rank.profit_c = c.rank.profit_c;
			again.rank.loss_c = c.rank.loss_c;
			give(NULL, &again);
		}
		ck_assert(rest_holds(k));
		const struct cpu_rank_side *s = &k->side[0][c.rank.side];
		for (uint32_t g = 0; g < cpu_rank_lanes(s) / CPU_RANK_GROUP; g++, all++)
			closely += k->last.bounded[g];
		for (unsigned e = 0; e < CPU_RANK_EPOCHS; e++)
			used += k->last.at[e].groups > 0;
		full += used == CPU_RANK_EPOCHS;
	}
	ck_assert_uint_lt(closely * 10, all * 9);
	ck_assert_uint_gt(full, 30);
	close_pair(&w);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cpu_epoch");
	TCase *tests = tcase_create("cpu_epoch");
	SRunner *runner = srunner_create(suite);
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, test_epochs, 0, 4);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
