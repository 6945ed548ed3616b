/* Kernels of the software engine, each for every instruction set that runs here: ranges of keys
 * against keys in whole numbers over extreme values; bands and tiles against a loop over them. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cpu_tile_kit.h"

/* Every mantissa, and the contract's own logarithm. */
START_TEST(test_logarithm)
{
	const struct cpu_kernels *k = kernels(_i);
	double worst = 0;
	for (uint32_t m = 0; k && m < 1u << 23; m += LANES) {
		float x[LANES];
		int32_t units[LANES];
		for (uint32_t i = 0; i < LANES; i++)
			x[i] = ldexpf((float)((m + i) | 1u << 23), 27 - (int)(m / LANES % 100));
		k->rank_log(x, units);
		for (unsigned i = 0; i < LANES; i++)
			worst = fmax(worst, fabs(units[i] - 65536 * log2((double)x[i])));
	}
	ck_assert_msg(worst < (double)CPU_RANK_POLYNOMIAL + 0.5, "errs by %f", worst);
}
END_TEST

/* ---- ranges of keys ---- */

/* Rows of other symbols at unit values of before, up to a drift; those of the symbol at another
 * that is half of it at least. */
static void draw_rest(const struct cpu_kernels *k, const struct tile *t, struct cpu_rank_job *job)
{
	static float rest[LANES], gross[LANES], twin[LANES], then[FB_SYMBOLS + 1],
		now[FB_SYMBOLS + 1];
	static struct cpu_rank_groups groups;
	static const uint32_t first = 0;
	struct cpu_rank_rest kept = {
		.tile = &t->tile, .other = t->other, .tiles = 1, .group = &first, .groups = 1,
		.u = then, .own_u = t->real_u[0] * (0.5f + (float)below(1000) / 500),
		.rest = rest, .gross = gross, .twin = twin, .of = &groups,
	};
	static float drift[1];
	static const uint8_t epoch = 0;
	double most = below(3) ? ldexp(1, -4 - (int)below(16)) : 0;
	for (unsigned s = 1; s < SYMBOLS; s++) {
		double way = below(2) ? (double)below(2001) / 1000 - 1 : below(2) ? 1 : -1;
		now[s] = t->real_u[s];
		then[s] = (float)((double)t->real_u[s] * (1 + most * way));
	}
	k->rank_rest(&kept);
	job->rest = rest;
	job->gross = gross;
	job->twin = twin;
	job->group = &first;
	job->epoch = &epoch;
	job->drift = drift;
	*drift = k->rank_drift(now, then);
	ck_assert(*drift <= (float)(most + most * most * 2 + 0x1p-22));
}

START_TEST(test_ranges)
{
	const struct cpu_kernels *k = kernels(_i);
	static struct tile t;
	uint64_t certain = 0, all = 0;
	draws = 77;
	for (unsigned round = 0; k && round < 30000; round++) {
		int32_t lo[LANES], hi[LANES], bottom, top;
		uint64_t floor = below(2) ? 0 : (uint64_t)any(61);
		struct cpu_rank_job job = {
			.tile = &t.tile, .other = t.other, .more = &t.more, .line = t.line,
			.tiles = 1, .groups = 1, .u = t.real_u,
			.exclude_level = 8, .floor = (float)floor, .lo = lo, .hi = hi,
			.bottom = &bottom, .top = &top,
		};
		draw_tile(&t);
		fill_columns(&t);
		t.tile.level[3] = 8;
		t.tile.base[5] = NAN;
		draw_formula(&job);
		draw_rest(k, &t, &job);
		k->rank_bound(&job);
		ck_assert(lo[3] == 0 && hi[3] == 0);
		ck_assert(lo[5] == CPU_RANK_UNSURE_LO && hi[5] == CPU_RANK_UNSURE_HI);
		for (unsigned i = 0; i < LANES; i++) {
			if (i == 3 || i == 5)
				continue;
			int32_t key = exact_key(&t, &t.lane[i], &job, floor);
			bool unsure = hi[i] == CPU_RANK_UNSURE_HI, elsewhere = false;
			for (unsigned j = 0; j < t.lane[i].rows; j++)
				elsewhere = elsewhere || t.lane[i].row[j].elsewhere;
			bool margins = job.used & CPU_RANK_MARGINS;
			ck_assert(unsure || !elsewhere || !margins || key == 0);
			ck_assert_msg(unsure || (lo[i] <= key && key <= hi[i]),
				      "round %u, lane %u: %d is not in %d..%d", round, i, key,
				      lo[i], hi[i]);
			certain += !unsure && hi[i] - lo[i] < 400;
			all++;
			ck_assert(bottom <= lo[i] && hi[i] <= top);
		}
	}
	ck_assert(certain * 5 >= all * 2); /* of values as extreme as these */
}
END_TEST

/* Other rows of the ranked symbol that all but cancel: each errs by far more than what they leave
 * is worth, and nothing but their own size says so. */
START_TEST(test_twins)
{
	const struct cpu_kernels *k = kernels(_i);
	static struct tile t;
	unsigned certain = 0;
	draws = 57;
	for (unsigned round = 0; k && round < 3000; round++) {
		int32_t lo[LANES], hi[LANES], bottom, top;
		struct cpu_rank_job job = {
			.tile = &t.tile, .other = t.other, .tiles = 1, .groups = 1,
			.u = t.real_u, .exclude_level = 8, .lo = lo, .hi = hi,
			.bottom = &bottom, .top = &top, .used = 0xd,
			.profit = { 1, 0, 0, -1 }, .loss = { -1, 0, 2, -1 },
		};
		draw_tile(&t);
		t.u[0] = (UINT64_C(1) << 40) + (uint64_t)any(38);
		t.real_u[0] = (float)t.u[0];
		t.tile.others = 2;
		for (unsigned i = 0; i < LANES; i++) {
			struct lane *l = &t.lane[i];
			int64_t own = (1 << 14) + any(15),
				twin = own * (1000 + (int64_t)below(7000)) + any(10);
			l->rows = 3;
			for (unsigned j = 0; j < 3; j++) {
				l->row[j].symbol = 0;
				l->row[j].qty = j == 0 ? own : j == 1 ? twin : own - twin;
				l->row[j].entry_e8 =
					j == 0 ? (int64_t)(value_of(&t, &l->row[0]) * 9 / 10) : 0;
			}
			l->collateral_e8 = own * 100;
		}
		fill_columns(&t);
		draw_rest(k, &t, &job);
		k->rank_bound(&job);
		for (unsigned i = 0; i < LANES; i++) {
			int32_t key = exact_key(&t, &t.lane[i], &job, 0);
			bool unsure = hi[i] == CPU_RANK_UNSURE_HI;
			ck_assert_msg(unsure || (lo[i] <= key && key <= hi[i]),
				      "round %u, lane %u: %d is not in %d..%d", round, i, key,
				      lo[i], hi[i]);
			certain += !unsure;
		}
	}
	ck_assert(!k || certain > 1000);
}
END_TEST

/* ---- bands and tiles ---- */

/* Nodes and tiles of random ranges: every instruction set says what a loop over them says. */
START_TEST(test_bands)
{
	const struct cpu_kernels *k = kernels(_i);
	static struct cpu_node node;
	draws = 21;
	for (unsigned round = 0; k && round < 2000; round++) {
		float u = (float)below(100), most = -INFINITY, least = INFINITY;
		uint64_t outside = 0;
		for (unsigned i = 0; i < CPU_FAN; i++) {
			node.lo[i] = below(5) ? (float)below(100) / 4 : -INFINITY;
			node.hi[i] = below(5) ? 100 - (float)below(100) / 4 : INFINITY;
			outside |= (uint64_t)!(node.lo[i] < u && u < node.hi[i]) << i;
			most = fmaxf(most, node.lo[i]);
			least = fminf(least, node.hi[i]);
		}
		struct cpu_band band = k->tightest(&node);
		ck_assert_uint_eq(k->outside(&node, u), outside);
		ck_assert(band.lo == most && band.hi == least); /* NOLINT: chosen, not computed */
	}
}
END_TEST

/* Whole numbers, so that nothing rounds; any number of accounts, any number of rows. */
START_TEST(test_tiles)
{
	const struct cpu_kernels *k = kernels(_i);
	static float u[FB_SYMBOLS + 1];
	draws = 31;
	for (unsigned round = 0; k && round < 3000; round++) {
		unsigned rows = 1 + (unsigned)below(6);
		struct cpu_tiles t = { .rows = rows, .accounts = 1 + (uint32_t)below(70) };
		uint32_t want[80], got[80], n = 0;
		t.stride = sizeof(struct cpu_tile_head) + rows * sizeof(struct cpu_tile_row);
		t.tile = calloc(10, t.stride);
		for (unsigned s = 0; s <= FB_SYMBOLS; s++)
			u[s] = (float)(1 + below(9));
		for (uint32_t a = 0; a < 80; a++) {
			struct cpu_tile_head *head = cpu_tile_head(&t, a / CPU_LANES);
			struct cpu_tile_row *row = cpu_tile_rows(head);
			unsigned i = a % CPU_LANES;
			bool is = a < t.accounts, in = true;
			float h = head->base[i] = is ? (float)below(200) - 80 : 1;
			float all = fabsf(h);
			head->account[i] = a;
			for (unsigned j = 0; j < rows; j++) {
				uint16_t s = row[j].symbol[i] = (uint16_t)below(FB_SYMBOLS + 1);
				row[j].slope[i] = is ? (float)below(20) - 8 : 0;
				row[j].lo[i] = below(20) && is ? 0 : is ? 5 : -INFINITY;
				row[j].hi[i] = below(20) && is ? 20 : is ? 6 : INFINITY;
				h += row[j].slope[i] * u[s];
				all += fabsf(row[j].slope[i] * u[s]);
				in = in && row[j].lo[i] < u[s] && u[s] < row[j].hi[i];
			}
			if (is && !(in && h > all * cpu_tile_doubt(rows)))
				want[n++] = a;
		}
		ck_assert_uint_eq(k->sweep(&t, u, got), n);
		ck_assert(n == 0 || memcmp(want, got, n * sizeof(want[0])) == 0);
		free(t.tile);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cpu_kernel");
	TCase *tests = tcase_create("cpu_kernel");
	SRunner *runner = srunner_create(suite);
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, test_logarithm, 0, 4);
	tcase_add_loop_test(tests, test_ranges, 0, 4);
	tcase_add_loop_test(tests, test_twins, 0, 4);
	tcase_add_loop_test(tests, test_bands, 0, 4);
	tcase_add_loop_test(tests, test_tiles, 0, 4);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
