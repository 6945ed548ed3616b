/* Ranking by the software engine: what is kept of a side's groups while marks go on, against the
 * model. */
#include "cpu_rank_kit.h"

/* Little, far, of one symbol, or something else altogether. */
static void go_on(struct fb_workload *w, uint32_t *next)
{
	switch (below(12)) {
	case 0: fb_workload_mark(w, 0, 990000 + (uint32_t)below(20000), give, NULL); return;
	case 1: change(w, next); return;
	case 2: fb_workload_marks(w, 960000 + (uint32_t)below(80000), 100, give, NULL); return;
	case 3: fb_workload_mark(w, 0, 400000 + (uint32_t)below(1800000), give, NULL); return;
	case 4: return;
	default: fb_workload_marks(w, 1000000, 1u << below(12), give, NULL);
	}
}

static union fb_command histogram(uint8_t side)
{
	union fb_command c = command(FB_OP_RANK);
	unsigned which = (unsigned)below(3);
	c.rank.side = side;
	c.rank.exclude_level = (uint8_t)(1 + below(8));
	c.rank.class_mask = 7;
	c.rank.profit_c = formula[which][0];
	c.rank.loss_c = formula[which][1];
	c.rank.cursor_key = UINT32_MAX;
	c.rank.zoom = below(2) ? 22 : 26;
	return c;
}

/* One side again and again, so that its groups are of several epochs. Many are never looked at
 * closely. */
START_TEST(test_epochs)
{
	struct fb_workload_shape shape = { .rows = 12000, .symbols = 3, .seed = 4 };
	struct fb_workload w;
	uint32_t next = 100000, closely = 0, all = 0, epochs = 0;
	draws = 19;
	if (!open_pair(&w, &shape, _i))
		return;
	fb_workload_load(&w, give, NULL);
	const struct cpu_ranking *k = &((const struct cpu *)(const void *)engine[1])->ranking;
	second_ladder();
	for (unsigned i = 0; i < 300; i++) {
		go_on(&w, &next);
		union fb_command c = histogram(i / 100 % 2);
		give(NULL, &c);
		const struct cpu_rank_side *s = &k->side[0][c.rank.side];
		for (uint32_t g = 0; g < cpu_rank_lanes(s) / CPU_RANK_GROUP; g++, all++)
			closely += k->last.bounded[g];
		for (unsigned e = 0; e < CPU_RANK_EPOCHS; e++)
			epochs += k->last.at[e].groups > 0;
		c.rank.from = (uint32_t)(1 + below(3)) << FB_SCORE_BITS |
			      ((1u << 27) - (1u << (16 + below(6))));
		c.rank.zoom = (uint8_t)(10 + below(8));
		give(NULL, &c);
		c.rank.mode = FB_RANK_SELECT;
		give(NULL, &c);
	}
	ck_assert_uint_lt(closely * 10, all * 9);
	ck_assert_uint_gt(epochs, 500);
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
