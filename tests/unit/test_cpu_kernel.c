/* Kernels of the software engine, each for every instruction set that runs here: ranges of keys
 * against keys in whole numbers over extreme values; bands and tiles against a loop over them. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../sw/lib/log2.h"
#include "cpu_kit.h"

#define LANES CPU_RANK_LANES

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

/* ---- a tile of rows, as numbers and as columns ---- */

struct account_row {
	int64_t qty, entry_e8;
	uint16_t symbol;
	uint32_t rate_e7;
	__int128 deduction_e15;
	bool elsewhere; /* in another tier than the column says */
};
struct lane {
	struct account_row row[CPU_RANK_OTHERS + 1]; /* the first is ranked */
	unsigned rows;
	int64_t collateral_e8;
	__int128 addend_e15;
};

#define SYMBOLS 40u

struct tile {
	struct cpu_rank_tile tile;
	struct cpu_rank_other other[CPU_RANK_OTHERS];
	struct cpu_rank_more more;
	struct cpu_rank_line line[CPU_RANK_OTHERS];
	struct lane lane[LANES];
	uint64_t u[FB_SYMBOLS + 1];
	float real_u[FB_SYMBOLS + 1];
};

static unsigned __int128 size_of(__int128 x)
{
	return x < 0 ? -(unsigned __int128)x : (unsigned __int128)x;
}

static __int128 value_of(const struct tile *t, const struct account_row *r)
{
	__int128 n = (__int128)(size_of(r->qty) * t->u[r->symbol] >> 16);
	return r->qty < 0 ? -n : n;
}

/* An entry near the value, at it, or anywhere. */
static int64_t draw_entry(__int128 value)
{
	switch (below(4)) {
	case 0: return either(any(61));
	case 1: return (int64_t)value + either(any(8));
	default: return (int64_t)(value + value / 1000 * ((int64_t)below(401) - 200) / 10);
	}
}

static void draw_row(struct tile *t, struct account_row *r, uint16_t symbol)
{
	r->symbol = symbol;
	do
		r->qty = either(1 + any(1 + (unsigned)below(47)));
	while (size_of(value_of(t, r)) >> 61);
	r->entry_e8 = draw_entry(value_of(t, r));
	r->rate_e7 = (uint32_t)any(25);
	r->deduction_e15 = (__int128)size_of(value_of(t, r)) * r->rate_e7 / 100;
	r->deduction_e15 *= below(3) ? 0 : (__int128)below(120);
	r->elsewhere = below(100) == 0;
}

/* MM of a row: contract, section 1. */
static __int128 margin_of(const struct tile *t, const struct account_row *r)
{
	return (__int128)size_of(value_of(t, r)) * r->rate_e7 - r->deduction_e15;
}

static void draw_tile(struct tile *t)
{
	memset(t, 0, sizeof(*t));
	for (unsigned s = 0; s < SYMBOLS; s++)
		t->u[s] = 1 + (uint64_t)any(52) % ((1ull << 52) - 1);
	for (unsigned s = 0; s < SYMBOLS; s++)
		t->real_u[s] = (float)t->u[s];
	t->tile.others = (uint32_t)below(CPU_RANK_OTHERS + 1);
	for (unsigned i = 0; i < LANES; i++) {
		struct lane *l = &t->lane[i];
		__int128 base, gross = 0;
		l->rows = 1 + (unsigned)below(t->tile.others + 1);
		for (unsigned j = 0; j < l->rows; j++) {
			draw_row(t, &l->row[j],
				 j == 0 || below(3) == 0 ? 0 : (uint16_t)below(SYMBOLS));
			gross += (__int128)size_of(value_of(t, &l->row[j]));
		}
		base = gross / 100 * (__int128)below(60);
		for (unsigned j = 0; j < l->rows; j++)
			base += l->row[j].entry_e8 - value_of(t, &l->row[j]);
		l->addend_e15 = below(3) ? 0 : (__int128)either(any(62)) * either(any(25));
		l->collateral_e8 = size_of(base) >> 61 || below(4) == 0 ? either(any(61))
									  : (int64_t)base;
	}
}

static void fill_line(const struct tile *t, const struct account_row *r, struct cpu_rank_line *line,
		      unsigned i)
{
	float u = t->real_u[r->symbol];
	line->rate[i] = (float)r->rate_e7;
	line->lo[i] = r->elsewhere && i % 2 ? u : u / 2;
	line->hi[i] = r->elsewhere && i % 2 == 0 ? u : u * 2;
}

static void fill_columns(struct tile *t)
{
	for (unsigned i = 0; i < LANES; i++) {
		const struct lane *l = &t->lane[i];
		__int128 base = l->collateral_e8;
		for (unsigned j = 0; j < l->rows; j++)
			base -= l->row[j].entry_e8;
		t->tile.lots[i] = (float)((double)l->row[0].qty * 0x1p-16);
		t->tile.entry[i] = (float)l->row[0].entry_e8;
		t->tile.base[i] = (float)(double)base;
		__int128 margin = l->addend_e15;
		for (unsigned j = 0; j < l->rows; j++)
			margin -= l->row[j].deduction_e15;
		t->more.collateral[i] = (float)l->collateral_e8;
		t->more.margin[i] = (float)(double)margin;
		t->more.deduction[i] = (float)(double)l->row[0].deduction_e15;
		fill_line(t, &l->row[0], &t->more.line, i);
		for (unsigned j = 0; j < t->tile.others; j++) {
			bool is = j + 1 < l->rows;
			t->other[j].lots[i] =
				is ? (float)((double)l->row[j + 1].qty * 0x1p-16) : 0;
			t->other[j].symbol[i] = is ? l->row[j + 1].symbol : FB_SYMBOLS;
			t->line[j].rate[i] = 0;
			t->line[j].lo[i] = -1;
			t->line[j].hi[i] = INFINITY;
			if (is)
				fill_line(t, &l->row[j + 1], &t->line[j], i);
		}
	}
}

static int32_t exact_key(const struct tile *t, const struct lane *l, const struct cpu_rank_job *job,
			 uint64_t floor)
{
	__int128 equity = l->collateral_e8, value = value_of(t, &l->row[0]), x[FB_RANK_OPERANDS],
		 pnl = value - l->row[0].entry_e8;
	const int8_t *c = pnl < 0 ? job->loss : job->profit;
	int64_t score = 0;
	for (unsigned j = 0; j < l->rows; j++)
		equity += value_of(t, &l->row[j]) - l->row[j].entry_e8;
	if (equity <= 0)
		return 0;
	x[0] = (__int128)size_of(pnl);
	x[1] = (__int128)size_of(l->row[0].entry_e8);
	x[2] = (__int128)size_of(value);
	x[3] = equity;
	x[4] = l->addend_e15;
	for (unsigned j = 0; j < l->rows; j++)
		x[4] += margin_of(t, &l->row[j]);
	x[5] = margin_of(t, &l->row[0]);
	x[6] = l->collateral_e8 > (__int128)floor ? l->collateral_e8 : (__int128)floor;
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++)
		score += c[i] * (int64_t)fb_log2(x[i] < 1 ? 1 : (unsigned __int128)x[i]);
	if (pnl == 0)
		score = fb_log2(x[2] < 1 ? 1 : (unsigned __int128)x[2]);
	int32_t class = pnl < 0 ? FB_SIGN_LOSS : pnl == 0 ? FB_SIGN_ZERO : FB_SIGN_PROFIT;
	return (int32_t)(score + (class << FB_SCORE_BITS) + (1 << (FB_SCORE_BITS - 1)));
}

static void draw_formula(struct cpu_rank_job *job)
{
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++) {
		bool in = below(2);
		job->profit[i] = (int8_t)(in ? (int)below(5) - 2 : 0);
		job->loss[i] = (int8_t)(in ? (int)below(5) - 2 : 0);
		job->used |= (uint8_t)((job->profit[i] || job->loss[i]) << i);
	}
}

/* Rows of other symbols at unit values of before, up to a drift; those of the symbol at another
 * that is half of it at least. */
static void draw_rest(const struct cpu_kernels *k, const struct tile *t, struct cpu_rank_job *job)
{
	static float rest[LANES], gross[LANES], twin[LANES], then[FB_SYMBOLS + 1],
		now[FB_SYMBOLS + 1];
	struct cpu_rank_rest kept = {
		.tile = &t->tile, .other = t->other, .tiles = 1,
		.u = then, .own_u = t->real_u[0] * (0.5f + (float)below(1000) / 500),
		.rest = rest, .gross = gross, .twin = twin,
	};
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
	job->drift = k->rank_drift(now, then);
	ck_assert(job->drift <= (float)(most + most * most * 2 + 0x1p-22));
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
			.tiles = 1, .u = t.real_u,
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
	tcase_add_loop_test(tests, test_bands, 0, 4);
	tcase_add_loop_test(tests, test_tiles, 0, 4);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
