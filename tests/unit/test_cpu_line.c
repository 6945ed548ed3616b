/* The straight lines of the software engine: whatever the ladder, no line may promise more than a
 * row is worth. Compared with whole numbers. */
#include <check.h>
#include <string.h>

#include "../../sw/lib/cpu_judge.h"
#include "../../sw/lib/mix.h"

static uint64_t draws;

static uint64_t draw(uint64_t n)
{
	return fb_mix(draws++) % n;
}

/* Rates rise or fall, MM jumps or does not; it is never negative. */
static void draw_ladder(struct cpu_ladder *ladder)
{
	uint64_t floor_e8 = 0;
	memset(ladder, 0, sizeof(*ladder));
	ladder->tiers = 1 + (unsigned)draw(FB_TIERS);
	for (unsigned k = 0; k < ladder->tiers; k++) {
		struct cpu_tier *t = &ladder->tier[k];
		t->floor_e8 = floor_e8;
		t->floor = (double)floor_e8;
		t->rate_e7 = (uint32_t)draw(draw(2) ? 1 << 24 : 100000);
		unsigned __int128 most = (unsigned __int128)floor_e8 * t->rate_e7;
		t->deduction_e15 = most / 16 * draw(17);
		t->deduction = (double)t->deduction_e15;
		t->plain = true;
		floor_e8 += 1 + draw(UINT64_C(1) << draw(52));
	}
}

static __int128 exact_mm(const struct cpu_ladder *ladder, uint64_t n, uint32_t addend_e7)
{
	unsigned k = 0;
	while (k + 1 < ladder->tiers && ladder->tier[k + 1].floor_e8 <= n)
		k++;
	if (n == 0)
		return 0;
	return (__int128)n * (ladder->tier[k].rate_e7 + addend_e7) -
	       (__int128)ladder->tier[k].deduction_e15;
}

struct sample {
	struct cpu_ladder ladder;
	int64_t qty;
	uint32_t addend_e7;
	double t_e7;
	struct cpu_line line;
};

/* T times what the line promises less what there is, at most 0. */
static void check_at(const struct sample *s, uint64_t u)
{
	uint64_t lots = (uint64_t)(s->qty < 0 ? -s->qty : s->qty);
	unsigned __int128 n = (unsigned __int128)lots * u >> FB_U_FRACTION_BITS;
	ck_assert(n >> FB_NOTIONAL_BITS == 0);
	__int128 value = s->qty < 0 ? -(__int128)n : (__int128)n,
		 mm = exact_mm(&s->ladder, (uint64_t)n, s->addend_e7);
	long double promised = ((long double)s->line.slope * (long double)u -
				(long double)s->line.constant_e8) * s->t_e7,
		    there = (long double)value * s->t_e7 - (long double)mm;
	ck_assert_msg(promised <= there, "u %llu: promised %Lg, there is %Lg",
		      (unsigned long long)u, promised, there);
}

static bool draw_sample(struct sample *s, uint64_t u, double share)
{
	draw_ladder(&s->ladder);
	s->qty = 1 + (int64_t)draw(UINT64_C(1) << draw(47));
	s->qty = draw(2) ? s->qty : -s->qty;
	s->addend_e7 = draw(3) ? 0 : (uint32_t)draw(1 << 20);
	s->t_e7 = (double)(1 + draw(UINT64_C(1) << draw(26)));
	struct cpu_band range = { (float)((double)u * (1 - share)),
				  (float)((double)u * (1 + share)) };
	return cpu_line_over(&s->ladder, (double)s->qty * 0x1p-16, s->addend_e7, 1 / s->t_e7,
			     range, &s->line);
}

START_TEST(no_line_promises_too_much)
{
	unsigned lines = 0;
	draws = (uint64_t)_i << 40;
	for (unsigned i = 0; i < 20000; i++) {
		uint64_t u = 1000 + draw(UINT64_C(1) << (20 + draw(30)));
		double share = (double)(1 + draw(1000)) / (draw(2) ? 1000 : 100000);
		struct sample s;
		if (!draw_sample(&s, u, share))
			continue;
		lines++;
		for (unsigned k = 0; k < 40; k++) {
			double at = (double)s.line.range.lo +
				    ((double)s.line.range.hi - s.line.range.lo) *
					    (double)draw(1001) / 1000;
			uint64_t v = (uint64_t)at;
			if (v > 0 && s.line.range.lo < (float)v && (float)v < s.line.range.hi)
				check_at(&s, v);
		}
	}
	ck_assert_uint_gt(lines, 10000);
}
END_TEST

/* Between tiers of the usual kind a line is near: it promises hardly less than there is. */
START_TEST(lines_are_near)
{
	struct cpu_ladder ladder = { .tiers = 2 };
	struct cpu_line line;
	ladder.tier[0] = (struct cpu_tier){ .rate_e7 = 50000, .plain = true };
	ladder.tier[1] = (struct cpu_tier){ .floor_e8 = 1000000000000,
					    .floor = 1e12,
					    .rate_e7 = 100000,
					    .plain = true,
					    .deduction = 5e16 };
	/* notional 800,000 to 1,200,000 million, T = 100 % */
	struct cpu_band range = { 0.8f * 65536, 1.2f * 65536 };
	ck_assert(cpu_line_over(&ladder, 1e12 / 65536, 0, 1e-7, range, &line));
	for (double u = 0.81 * 65536; u < 1.19 * 65536; u += 100) {
		double n = u * 1e12 / 65536, mm = n < 1e12 ? n * 0.005 : n * 0.01 - 5e9,
		       less = n - mm - ((double)line.slope * u - line.constant_e8);
		ck_assert(less >= 0 && less < n * 0.0011);
	}
}
END_TEST

/* Nothing is said where a row may be bad, or MM negative. */
START_TEST(no_line)
{
	struct cpu_ladder ladder = { .tiers = 2 };
	struct cpu_line line;
	struct cpu_band range = { 1000, 2000 }, empty = { 2000, 1000 };
	ladder.tier[0] = (struct cpu_tier){ .rate_e7 = 1, .plain = true };
	ladder.tier[1] = (struct cpu_tier){ .floor_e8 = 150000, .floor = 150000, .rate_e7 = 1 };
	ck_assert(cpu_line_over(&ladder, 70, 0, 1, range, &line));
	ck_assert(!cpu_line_over(&ladder, 70, 0, 1, empty, &line));
	ck_assert(!cpu_line_over(&ladder, 80, 0, 1, range, &line)); /* reaches a tier not plain */
	ladder.tiers = 1;
	ck_assert(cpu_line_over(&ladder, 80, 0, 1, range, &line));
	ck_assert(!cpu_line_over(&ladder, 0x1p61 / 1999, 0, 1, range, &line));
	ck_assert(cpu_line_over(&ladder, 0, 0, 1, range, &line));
	ck_assert(line.slope == 0 && line.constant_e8 <= 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cpu_line");
	TCase *tests = tcase_create("cpu_line");
	SRunner *runner = srunner_create(suite);
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, no_line_promises_too_much, 1, 4);
	tcase_add_test(tests, lines_are_near);
	tcase_add_test(tests, no_line);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
