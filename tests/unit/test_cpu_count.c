/* Counting ranges of keys, for every instruction set: whatever the keys in their ranges are, what
 * is counted and what is left in doubt together is what a loop over the keys counts. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cpu_kit.h"

#define LANES (3 * CPU_RANK_GROUP + CPU_RANK_LANES)
#define GROUPS ((LANES + CPU_RANK_GROUP - 1) / CPU_RANK_GROUP)

struct side {
	int32_t lo[LANES], hi[LANES], key[LANES], bottom[GROUPS], top[GROUPS];
	uint64_t lots[LANES], group_lots[GROUPS];
};

struct counted {
	uint64_t rows[FB_RANK_BUCKETS], lots[FB_RANK_BUCKETS];
	bool listed[LANES];
};

/* Groups of keys that are close together, that are one, or that are anywhere; ranges as narrow as
 * they mostly are, or as wide as can be. */
static void draw_side(struct side *s, unsigned lot_bits)
{
	memset(s, 0, sizeof(*s));
	for (unsigned i = 0; i < LANES; i++) {
		static int32_t middle, spread;
		unsigned group = i / CPU_RANK_GROUP;
		if (i % CPU_RANK_GROUP == 0) {
			middle = (int32_t)(1000 + below(100) * 100);
			spread = 1 + (int32_t)below(below(3) ? 40 : 4000);
		}
		int32_t at = middle + (int32_t)below((uint64_t)spread), width = (int32_t)any(6);
		bool out = below(200) == 0, unsure = below(400) == 0, vacant = out && below(2);
		s->lo[i] = out ? 0 : unsure ? CPU_RANK_UNSURE_LO : at;
		s->hi[i] = out ? 0 : unsure ? CPU_RANK_UNSURE_HI : at + width;
		s->key[i] = out ? 0 : at + (int32_t)below((uint64_t)width + 1);
		s->lots[i] = vacant ? 0 : CPU_RANK_ROW | (1 + (uint64_t)any(lot_bits));
		if (i % CPU_RANK_GROUP == 0)
			s->bottom[group] = INT32_MAX;
		if (!vacant && s->lo[i] < s->bottom[group])
			s->bottom[group] = s->lo[i];
		if (s->hi[i] > s->top[group])
			s->top[group] = s->hi[i];
	}
}

/* Of so many lanes. */
static void sum_groups(struct side *s, uint32_t lanes)
{
	memset(s->group_lots, 0, sizeof(s->group_lots));
	for (uint32_t i = 0; i < lanes; i++)
		s->group_lots[i / CPU_RANK_GROUP] += s->lots[i];
}

static bool in_range(const struct cpu_rank_count *job, int32_t key)
{
	return key >= job->from && key < job->below + job->edge;
}

static void count_key(const struct cpu_rank_count *job, int32_t key, uint64_t lots,
		      struct counted *out)
{
	uint32_t bucket = (uint32_t)(key - job->origin) >> job->zoom;
	bucket = bucket < FB_RANK_BUCKETS ? bucket : FB_RANK_BUCKETS - 1;
	out->rows[bucket]++;
	out->lots[bucket] += lots & CPU_RANK_LOTS;
}

static void count_banks(const struct cpu_rank_count *job, struct counted *out)
{
	for (unsigned i = 0; i < CPU_RANK_BANKS * CPU_RANK_BANK; i++) {
		unsigned bucket = i % CPU_RANK_BANK;
		if (bucket == FB_RANK_BUCKETS)
			continue;
		out->rows[bucket] +=
			job->together ? job->sum[i] >> CPU_RANK_ROW_BIT : job->rows[i];
		out->lots[bucket] += job->together ? job->sum[i] & CPU_RANK_LOTS : job->sum[i];
	}
}

static void run(const struct cpu_kernels *k, struct cpu_rank_count *job, const struct side *s,
		struct counted *got)
{
	static uint32_t rows[CPU_RANK_BANKS * CPU_RANK_BANK], doubtful[LANES];
	static uint64_t sum[CPU_RANK_BANKS * CPU_RANK_BANK];
	memset(rows, 0, sizeof(rows));
	memset(sum, 0, sizeof(sum));
	memset(got, 0, sizeof(*got));
	job->rows = rows;
	job->sum = sum;
	job->doubtful = doubtful;
	uint32_t n = k->rank_count(job);
	if (!job->list)
		count_banks(job, got);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t lane = doubtful[i];
		ck_assert(lane < job->lanes && !got->listed[lane]);
		got->listed[lane] = true;
		if (!job->list && in_range(job, s->key[lane]))
			count_key(job, s->key[lane], s->lots[lane], got);
	}
}

START_TEST(test_count)
{
	const struct cpu_kernels *k = kernels(_i);
	static struct side s;
	static struct counted got, want;
	uint32_t in_doubt = 0, lanes = 0;
	draws = 17;
	for (unsigned round = 0; k && round < 4000; round++) {
		bool together = below(2);
		draw_side(&s, together ? 20 : 47);
		int32_t from = (int32_t)(900 + below(10000));
		struct cpu_rank_count job = {
			.lo = s.lo, .hi = s.hi, .bottom = s.bottom, .top = s.top,
			.lots = s.lots, .group_lots = s.group_lots,
			.lanes = LANES - CPU_RANK_LANES * (uint32_t)below(5),
			.from = from, .below = from + (int32_t)any(14),
			.edge = below(2), .origin = below(2) ? from : 1,
			.zoom = (unsigned)below(10), .list = below(4) == 0, .together = together,
		};
		sum_groups(&s, job.lanes);
		memset(&want, 0, sizeof(want));
		run(k, &job, &s, &got);
		for (uint32_t i = 0; i < job.lanes; i++) {
			bool in = in_range(&job, s.key[i]);
			if (!job.list && in)
				count_key(&job, s.key[i], s.lots[i], &want);
			ck_assert(!job.list || !in || got.listed[i]);
			in_doubt += !job.list && got.listed[i];
		}
		lanes += job.list ? 0 : job.lanes;
		ck_assert_mem_eq(got.rows, want.rows, sizeof(want.rows));
		ck_assert_mem_eq(got.lots, want.lots, sizeof(want.lots));
	}
	ck_assert(in_doubt * 4 <= lanes); /* ranges are narrower than most buckets */
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cpu_count");
	TCase *tests = tcase_create("cpu_count");
	SRunner *runner = srunner_create(suite);
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, test_count, 0, 4);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
