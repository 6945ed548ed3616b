/* What the software engine knows of whole groups of rows, for every instruction set: keys in
 * whole numbers lie between a group's bottom and its top, whatever the marks have done since its
 * epoch. */
#include <check.h>
#include <stdlib.h>

#include "cpu_tile_kit.h"

#define TILES 7u /* a whole group, and a part of one */
#define GROUPS 2u

struct side {
	struct tile rows[TILES];
	struct cpu_rank_tile tile[TILES];
	struct cpu_rank_other other[TILES * CPU_RANK_OTHERS];
	float then[FB_SYMBOLS + 1];
	bool out[TILES * LANES];
	struct cpu_rank_groups groups;
	float rest[TILES * LANES], gross[TILES * LANES], twin[TILES * LANES];
};

/* All in profit or all in loss, mostly, and equity as a share of what accounts have. */
static void draw_account(struct tile *t, struct lane *l, int side, int64_t gain,
			 bool bare)
{
	__int128 base = 0, gross = 0;
	for (unsigned j = 0; j < l->rows; j++) {
		struct account_row *r = &l->row[j];
		draw_row(t, r, j == 0 || below(4) == 0 ? 0 : (uint16_t)below(SYMBOLS));
		if (j == 0 && (r->qty < 0) != (side != 0))
			r->qty = -r->qty;
		__int128 v = value_of(t, r);
		if (j == 0)
			r->entry_e8 = (int64_t)(v - v / 10000 * (gain + (int64_t)below(20)));
		if (j == 0 && below(300) == 0)
			r->entry_e8 = below(2) ? (int64_t)v : either(any(50));
		gross += (__int128)size_of(v);
		base += r->entry_e8 - v;
	}
	base += gross / 1000 * (__int128)(2 + below(600));
	if (bare) /* nothing but what marks make of it */
		for (base = 0, gross = 0; gross < (__int128)l->rows; gross++)
			base += l->row[gross].entry_e8;
	l->collateral_e8 = size_of(base) >> 61 || below(500) == 0 ? either(any(61))
								   : (int64_t)base;
}

static void draw_side(struct side *s, int side)
{
	uint64_t u[FB_SYMBOLS + 1] = { 0 };
	memset(s, 0, sizeof(*s));
	for (unsigned i = 0; i < SYMBOLS; i++)
		u[i] = 1 + (UINT64_C(1) << below(50)) + (uint64_t)any(40);
	for (unsigned k = 0; k < TILES; k++) {
		struct tile *t = &s->rows[k];
		static int64_t gain;
		static bool bare;
		if (k % (CPU_RANK_GROUP / LANES) == 0) {
			gain = either((int64_t)below(800));
			bare = below(6) == 0;
		}
		memcpy(t->u, u, sizeof(u));
		for (unsigned i = 0; i < SYMBOLS; i++)
			s->then[i] = t->real_u[i] = (float)u[i];
		t->tile.others = (uint32_t)below(4);
		for (unsigned i = 0; i < LANES; i++) {
			t->lane[i].rows = 1 + (unsigned)below(t->tile.others + 1);
			draw_account(t, &t->lane[i], side, gain, bare);
		}
		fill_columns(t);
		t->tile.other = k * CPU_RANK_OTHERS;
		for (unsigned i = 0; i < LANES; i++) {
			bool never = below(100) == 0, unlike = below(1000) == 0;
			s->out[k * LANES + i] = never || unlike;
			t->tile.level[i] = never ? CPU_RANK_NEVER : unlike ? 5 : 0;
			if (below(2000) == 0)
				t->tile.base[i] = NAN;
		}
		s->tile[k] = t->tile;
		memcpy(&s->other[t->tile.other], t->other, sizeof(t->other));
	}
}

/* Marks go on by a share at most, and what is known is of before; by how much those of other
 * symbols have gone on. */
static float move(const struct cpu_kernels *k, struct side *s)
{
	double most = below(4) ? ldexp(1, -4 - (int)below(16)) : 0;
	float now[FB_SYMBOLS + 1] = { 0 }, drift;
	for (unsigned i = 0; i < SYMBOLS; i++) {
		double way = below(2) ? (double)below(2001) / 1000 - 1 : below(2) ? 1 : -1;
		uint64_t u = (uint64_t)((double)s->rows[0].u[i] * (1 + most * way));
		for (unsigned t = 0; t < TILES; t++)
			s->rows[t].u[i] = u ? u : 1;
		now[i] = s->rows[0].real_u[i] = (float)s->rows[0].u[i];
	}
	drift = k->rank_drift(now, s->then);
	for (unsigned g = 0; g < LANES; g++)
		s->groups.drift[g] = drift;
	now[0] = s->then[0]; /* of other symbols */
	return k->rank_drift(now, s->then);
}

static void learn(const struct cpu_kernels *k, struct side *s)
{
	static const uint32_t list[GROUPS] = { 1, 0 };
	float others[FB_SYMBOLS + 1];
	memcpy(others, s->then, sizeof(others));
	others[0] = 0;
	struct cpu_rank_rest job = {
		.tile = s->tile, .other = s->other, .tiles = TILES, .group = list,
		.groups = GROUPS, .u = others, .own_u = s->then[0], .rest = s->rest,
		.gross = s->gross, .twin = s->twin, .of = &s->groups,
	};
	k->rank_shape(&job);
	k->rank_rest(&job);
}

/* Rows that take part lie within their group's; how many groups say anything. */
static unsigned check_groups(const struct side *s, const struct cpu_rank_job *job, unsigned round)
{
	unsigned certain = 0;
	for (unsigned g = 0; g < GROUPS; g++) {
		int32_t bottom = job->bottom[g], top = job->top[g];
		unsigned first = g * CPU_RANK_GROUP, end = (g + 1) * CPU_RANK_GROUP;
		certain += top < CPU_RANK_UNSURE_HI;
		for (unsigned i = first; i < end && i < TILES * LANES; i++) {
			const struct tile *t = &s->rows[i / LANES];
			uint8_t level = t->tile.level[i % LANES];
			if (level == CPU_RANK_NEVER)
				continue;
			int32_t key = level >= job->exclude_level
					      ? 0
					      : exact_key(t, &t->lane[i % LANES], job, 0);
			ck_assert_msg(bottom <= key && key <= top,
				      "round %u, lane %u: %d is not in %d..%d", round, i, key,
				      bottom, top);
		}
	}
	return certain;
}

/* Ranges of lanes of whose groups enough is known, or not; how many groups are of the first. */
static unsigned check_lanes(const struct cpu_kernels *k, const struct side *s,
			    struct cpu_rank_job *job, float drift, unsigned round)
{
	static const uint32_t list[GROUPS] = { 1, 0 };
	static const uint8_t epoch[GROUPS];
	static int32_t lo[TILES * LANES], hi[TILES * LANES], bottom[LANES], top[LANES];
	job->tile = s->tile;
	job->tiles = TILES;
	job->rest = s->rest;
	job->gross = s->gross;
	job->twin = s->twin;
	job->group = list;
	job->epoch = epoch;
	job->drift = &drift;
	job->lo = lo;
	job->hi = hi;
	job->bottom = bottom;
	job->top = top;
	k->rank_bound(job);
	for (unsigned i = 0; i < TILES * LANES; i++) {
		const struct tile *t = &s->rows[i / LANES];
		uint8_t level = t->tile.level[i % LANES];
		unsigned g = i / CPU_RANK_GROUP;
		int32_t key = level >= job->exclude_level
				      ? 0
				      : exact_key(t, &t->lane[i % LANES], job, 0);
		bool unsure = hi[i] == CPU_RANK_UNSURE_HI;
		ck_assert_msg(unsure || (lo[i] <= key && key <= hi[i]),
			      "round %u, lane %u: %d is not in %d..%d", round, i, key, lo[i],
			      hi[i]);
		ck_assert(level == CPU_RANK_NEVER || (bottom[g] <= lo[i] && hi[i] <= top[g]));
	}
	return (unsigned)(s->groups.error[0] > 0) + (unsigned)(s->groups.error[1] > 0);
}

START_TEST(test_groups)
{
	const struct cpu_kernels *k = kernels(_i);
	static struct side s;
	unsigned certain = 0, still = 0, sure = 0;
	draws = 41;
	for (unsigned round = 0; k && round < 4000; round++) {
		int32_t bottom[LANES], top[LANES];
		int side = (int)below(2);
		draw_side(&s, side);
		learn(k, &s);
		float drift = move(k, &s);
		struct cpu_rank_job job = {
			.of = &s.groups, .groups = GROUPS, .u = s.rows[0].real_u,
			.is_short = side != 0, .exclude_level = (uint8_t)(below(2) ? 8 : 2),
			.bottom = bottom, .top = top,
		};
		draw_formula(&job);
		for (unsigned i = 4; i < FB_RANK_OPERANDS; i++)
			job.profit[i] = job.loss[i] = 0;
		job.used &= 0xf;
		k->rank_bound_groups(&job);
		unsigned n = check_groups(&s, &job, round);
		sure += check_lanes(k, &s, &job, drift, round);
		certain += drift < 0x1p-12f ? n : 0;
		still += drift < 0x1p-12f ? GROUPS : 0;
	}
	ck_assert(certain * 4 >= still); /* of groups that say little more often than not */
	ck_assert(!k || (still > 0 && sure > 1000));
}
END_TEST

/* A group without rows is in no range, whatever is in its lanes. */
START_TEST(test_nobody)
{
	const struct cpu_kernels *k = kernels(_i);
	static struct side s;
	int32_t bottom[LANES], top[LANES];
	draws = 43;
	if (!k)
		return;
	draw_side(&s, 0);
	for (unsigned t = 0; t < 4; t++)
		memset(s.tile[t].level, CPU_RANK_NEVER, sizeof(s.tile[t].level));
	learn(k, &s);
	struct cpu_rank_job job = {
		.of = &s.groups, .groups = GROUPS, .u = s.rows[0].real_u,
		.exclude_level = 2, .profit = { 1, 0, 0, -1 }, .loss = { -1, 0, 2, -1 },
		.used = 0xd, .bottom = bottom, .top = top,
	};
	k->rank_bound_groups(&job);
	ck_assert_int_eq(bottom[0], INT32_MAX);
	ck_assert_int_eq(top[0], 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cpu_group");
	TCase *tests = tcase_create("cpu_group");
	SRunner *runner = srunner_create(suite);
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, test_groups, 0, 4);
	tcase_add_loop_test(tests, test_nobody, 0, 4);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
