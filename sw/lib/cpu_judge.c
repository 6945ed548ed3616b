/* Exact: what rows are worth, what an account's level is, and the end of a batch. Contract,
 * section 1. */
#include <assert.h>
#include <string.h>

#include "cpu_judge.h"
#include "cpu_ranking.h"
#include "fetch.h"

/* A batch that concerns more accounts than this many times what trees are asked for is a storm:
 * most get no bands, which the next one would leave again. Some do, or accounts that stay in
 * trouble would be reviewed at every mark. */
#define BANDS_FOR 2u
#define STORM_BANDS 4u /* one in so many */

void cpu_value(const struct cpu *c, const struct cpu_row *row, struct cpu_valued *out)
{
	const struct cpu_symbol *s = &c->symbol[row->symbol];
	const struct cpu_ladder *ladder = &c->ladder[s->ladder];
	uint64_t lots = (uint64_t)(row->qty < 0 ? -row->qty : row->qty);
	unsigned __int128 n = (unsigned __int128)lots * s->u >> FB_U_FRACTION_BITS;
	unsigned k = 0, tiers = ladder->tiers;

	out->bad = n >> FB_NOTIONAL_BITS != 0;
	out->notional_e8 = (uint64_t)n;
	/* floors rise: as many as are reached, without a branch that nobody can foretell */
	for (unsigned i = 1; i < tiers; i++)
		k += ladder->floor_e8[i] <= out->notional_e8;
	out->tier = k;
	out->value_e8 = row->qty < 0 ? -(__int128)n : (__int128)n;
	out->mm_e15 = 0;
	if (n != 0)
		out->mm_e15 = (__int128)n * (ladder->tier[k].rate_e7 + row->addend_e7) -
			      (__int128)ladder->tier[k].deduction_e15;
}

static inline void add(struct cpu_sums *sums, const struct cpu_row *row, const struct cpu_valued *v)
{
	if (v->bad) {
		sums->bad_rows++;
	} else {
		sums->equity_e8 += v->value_e8 - row->entry_e8;
		sums->mm_e15 += v->mm_e15;
	}
}

static inline void wrap(struct cpu_sums *sums)
{
	sums->equity_e8 = cpu_wrap(sums->equity_e8, FB_EQUITY_BITS);
	sums->mm_e15 = cpu_wrap(sums->mm_e15, FB_MM_BITS);
}

struct cpu_sums cpu_sum(struct cpu *c, const struct cpu_account *a)
{
	struct cpu_sums sums = { a->collateral_e8, a->addend_e15, 0 };
	for (uint32_t r = a->first; r != CPU_NONE; r = c->row[r].next) {
		struct cpu_valued v;
		cpu_value(c, &c->row[r], &v);
		add(&sums, &c->row[r], &v);
	}
	c->revaluations += a->rows;
	wrap(&sums);
	return sums;
}

struct cpu_sums cpu_look(const struct cpu *c, const struct cpu_account *a,
			 struct cpu_valued seen[FB_ROWS_PER_ACCOUNT])
{
	struct cpu_sums sums = { a->collateral_e8, a->addend_e15, 0 };
	for (uint32_t r = a->first; r != CPU_NONE; r = c->row[r].next) {
		cpu_value(c, &c->row[r], seen);
		add(&sums, &c->row[r], seen++);
	}
	wrap(&sums);
	return sums;
}

enum fb_level cpu_level(const struct cpu *c, const struct cpu_account *a,
			const struct cpu_sums *sums)
{
	const struct cpu_class *class = &c->class[a->class_id];
	const __int128 money = (__int128)1 << (FB_MONEY_BITS - 1);
	unsigned base = a->level;
	if (a->damaged || sums->bad_rows > 0 || a->collateral_e8 < -money ||
	    a->collateral_e8 >= money)
		return FB_LEVEL_FAULT;
	if (sums->equity_e8 < 0)
		return FB_LEVEL_BANKRUPT;
	if (sums->mm_e15 <= 0)
		return FB_LEVEL_CALM;
	if (base > FB_LEVEL_6)
		base = base == FB_LEVEL_BANKRUPT ? FB_LEVEL_6 : FB_LEVEL_CALM;
	for (unsigned k = class->thresholds; k > 0; k--) {
		uint32_t ratio_e7 = k <= base ? class->down_e7[k - 1] : class->up_e7[k - 1];
		__int128 bound_e15 = sums->equity_e8 * ratio_e7;
		/* whole numbers: above is one more at least */
		if (sums->mm_e15 >= bound_e15 + class->strict)
			return (enum fb_level)k;
	}
	return FB_LEVEL_CALM;
}

static void review(struct cpu *c, uint32_t account, uint64_t seq)
{
	struct cpu_account *a = &c->account[account];
	struct cpu_valued seen[FB_ROWS_PER_ACCOUNT];
	struct cpu_sums sums = cpu_look(c, a, seen);
	enum fb_level level = cpu_level(c, a, &sums);
	c->reviews++;
	c->revaluations += a->rows;
	if (level != a->level || (a->unknown && level != FB_LEVEL_CALM)) {
		union fb_record record = cpu_record_level(seq, a, &sums, level);
		cpu_decide(c, &record);
	}
	if (level != a->level)
		cpu_rank_dirty(c, account);
	a->level = (uint8_t)level;
	a->unknown = false;
	cpu_range_renew(c, account, &sums, seen, true);
}

void cpu_judge_renew(struct cpu *c, uint32_t account)
{
	struct cpu_account *a = &c->account[account];
	struct cpu_valued seen[FB_ROWS_PER_ACCOUNT];
	struct cpu_sums sums = cpu_look(c, a, seen);
	assert(cpu_level(c, a, &sums) == a->level);
	c->reviews++;
	c->revaluations += a->rows;
	cpu_range_renew(c, account, &sums, seen, true);
}

/* More accounts than this are not collected from the trees: about as many can be reviewed while all
 * tiles are swept. */
static uint32_t sweep_from(const struct cpu *c)
{
	return c->seek ? c->seek : c->rows / 256 + 64;
}

/* So that they get bands again. */
static void touch_stale(struct cpu *c, uint32_t most)
{
	while (most > 0 && c->stale_n > 0) {
		uint32_t account = c->stale[--c->stale_n];
		c->account[account].listed = false;
		if (!c->account[account].used || !c->account[account].stale)
			continue;
		cpu_touch(c, account);
		most--;
	}
}

/* The accounts that the new unit values may concern. Ranges speak of all rows of an account at
 * once: none may stay behind outside of its own, or the others say nothing. So a symbol from which
 * not everything was collected stays marked, and until the rest has been collected by later
 * batches, each of them sweeps. Those that are stale are no business of the trees. */
static int find(struct cpu *c)
{
	uint32_t most = c->touched_n + sweep_from(c);
	unsigned i = 0;
	touch_stale(c, sweep_from(c));
	most = most < c->accounts_max ? most : c->accounts_max;
	while (i < c->marked_n && cpu_band_collect(c, c->marked[i], most))
		c->symbol[c->marked[i++]].marked = false;
	c->marked_n -= i;
	memmove(c->marked, c->marked + i, c->marked_n * sizeof(c->marked[0]));
	return c->marked_n > 0 || c->stale_n > 0 ? cpu_tile_sweep(c) : 0;
}

/* Its rows mostly lie side by side. */
void cpu_judge_fetch_rows(const struct cpu *c, const struct cpu_account *a)
{
	if (a->rows == 0)
		return;
	fb_fetch(&c->row[a->first]);
	fb_fetch((const char *)&c->row[a->first] - 64);
}

void cpu_judge_fetch_tile(const struct cpu *c, const struct cpu_account *a)
{
	if (a->rows == 0 || a->stand != CPU_STAND_TILE)
		return;
	const char *tile = (const char *)cpu_tile_head(&c->tiles[a->tile], a->place / CPU_LANES);
	fb_fetch_to_write(tile);
	fb_fetch_to_write(tile + 64);
	fb_fetch_to_write(tile + 128);
}

static void review_first(struct cpu *c, uint64_t seq, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (i + 12 < c->touched_n)
			fb_fetch(&c->account[c->touched[i + 12]]);
		if (i + 6 < c->touched_n)
			cpu_judge_fetch_rows(c, &c->account[c->touched[i + 6]]);
		if (i + 3 < c->touched_n)
			cpu_judge_fetch_tile(c, &c->account[c->touched[i + 3]]);
		struct cpu_account *a = &c->account[c->touched[i]];
		a->touched = false;
		if (a->used)
			review(c, c->touched[i], seq);
	}
}

int cpu_judge(struct cpu *c, uint64_t seq)
{
	int err = c->marked_n > 0 ? find(c) : 0;
	if (err)
		return err;
	uint32_t with_bands = c->touched_n;
	if (with_bands > BANDS_FOR * sweep_from(c))
		with_bands = sweep_from(c) + with_bands / STORM_BANDS;
	review_first(c, seq, with_bands);
	err = cpu_storm(c, seq, with_bands);
	c->touched_n = 0;
	return err;
}
