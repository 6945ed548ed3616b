/* The end of a batch that concerns very many accounts: they are reviewed a wave at a time, each
 * wave in parts that any thread may do, and what they found is taken up in the accounts' order. So
 * the records come in the same order whoever did what.
 *
 * A part writes only to its accounts, to the lanes of the tiles that these have already, and to its
 * places of the wave. What touches more, a new lane or a list, is left to the taking up. No bands
 * are written: these accounts are stale. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include <firebreak/hash.h>

#include "cpu_judge.h"
#include "cpu_ranking.h"
#include "fetch.h"

#define PART 64u
#define WAVE (PART * 32u)

struct cpu_wave {
	struct cpu *c;
	uint64_t seq;
	const uint32_t *account;
	uint32_t n;
	union fb_record record[WAVE];
	uint64_t hash[WAVE];
	bool speaks[WAVE], left[WAVE]; /* gives a record; has to be renewed when taken up */
	uint32_t rows[WAVE / PART];
};

int cpu_storm_open(struct cpu *c)
{
	c->wave = cpu_room(sizeof(*c->wave), false);
	return c->wave ? 0 : -ENOMEM;
}

void cpu_storm_close(struct cpu *c)
{
	cpu_room_free(c->wave, sizeof(*c->wave));
}

/* What a review goes through, of the account that is so many places ahead. */
static void fetch(const struct cpu *c, const struct cpu_wave *w, uint32_t i, uint32_t end)
{
	if (i + 12 < end)
		fb_fetch(&c->account[w->account[i + 12]]);
	if (i + 6 < end)
		cpu_judge_fetch_rows(c, &c->account[w->account[i + 6]]);
	if (i + 3 < end)
		cpu_judge_fetch_tile(c, &c->account[w->account[i + 3]]);
}

static void review(struct cpu_wave *w, uint32_t i)
{
	struct cpu *c = w->c;
	struct cpu_account *a = &c->account[w->account[i]];
	struct cpu_valued seen[FB_ROWS_PER_ACCOUNT];
	struct cpu_sums sums = cpu_look(c, a, seen);
	enum fb_level level = cpu_level(c, a, &sums);
	w->speaks[i] = level != a->level || (a->unknown && level != FB_LEVEL_CALM);
	if (w->speaks[i]) {
		w->record[i] = cpu_record_level(w->seq, a, &sums, level);
		w->hash[i] = fb_hash_word(&w->record[i]);
	}
	a->level = (uint8_t)level;
	a->unknown = false;
	w->left[i] = !cpu_range_place(c, w->account[i], &sums, seen);
}

static void do_part(void *context, unsigned part)
{
	struct cpu_wave *w = context;
	uint32_t i = part * PART, end = i + PART < w->n ? i + PART : w->n;
	w->rows[part] = 0;
	for (; i < end; i++) {
		struct cpu_account *a = &w->c->account[w->account[i]];
		fetch(w->c, w, i, end);
		w->speaks[i] = w->left[i] = false;
		a->touched = false;
		if (!a->used)
			continue;
		w->rows[part] += a->rows;
		review(w, i);
	}
}

static void renew(struct cpu *c, uint32_t account)
{
	struct cpu_valued seen[FB_ROWS_PER_ACCOUNT];
	struct cpu_sums sums = cpu_look(c, &c->account[account], seen);
	cpu_range_renew(c, account, &sums, seen, false);
}

static void take_up(struct cpu *c, const struct cpu_wave *w)
{
	for (uint32_t i = 0; i < w->n; i++) {
		if (w->speaks[i]) { /* so does every level that changes */
			cpu_rank_dirty(c, w->account[i]);
			cpu_decide_hashed(c, &w->record[i], w->hash[i]);
		}
		if (w->left[i])
			renew(c, w->account[i]);
		else if (c->account[w->account[i]].used)
			cpu_range_stale(c, w->account[i]);
	}
	for (uint32_t part = 0; part * PART < w->n; part++)
		c->revaluations += w->rows[part];
	c->reviews += w->n;
}

int cpu_storm(struct cpu *c, uint64_t seq, uint32_t from)
{
	struct cpu_wave *w = c->wave;
	w->c = c;
	w->seq = seq;
	for (uint32_t first = from; first < c->touched_n; first += w->n) {
		uint32_t left = c->touched_n - first;
		w->account = &c->touched[first];
		w->n = left < WAVE ? left : WAVE;
		if (cpu_pool_run(&c->pool, (w->n + PART - 1) / PART, do_part, w))
			return -ETIMEDOUT;
		take_up(c, w);
	}
	return 0;
}
