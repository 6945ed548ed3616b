/* The model and the software engine, given the same commands: each batch must end alike. Accounts
 * near their thresholds, and what changes them. */
#pragma once

#include <check.h>

#include <firebreak/engine.h>

#include "../../sw/lib/cpu.h"
#include "../../sw/lib/mix.h"
#include "command_kit.h"

/* As it is; without vectors of this processor; and sweeping whenever it can. */
static const char *const engines[] = { "cpu:", "cpu:isa=portable", "cpu:seek=1" };

struct pair {
	struct fb_engine *engine[2];
	uint64_t seq, draws, levels;
	union fb_record end[2];
};

static inline uint64_t draw(struct pair *p)
{
	return fb_mix(p->draws++);
}

static inline void pair_open(struct pair *p, const char *uri, uint64_t seed)
{
	struct fb_error error = { "" };
	*p = (struct pair){ .draws = seed << 32 };
	ck_assert_msg(fb_engine_open("model:", &p->engine[0], &error) == 0, "%s", error.text);
	ck_assert_msg(fb_engine_open(uri, &p->engine[1], &error) == 0, "%s", error.text);
}

static inline const struct cpu *cpu_of(const struct pair *p)
{
	return (const struct cpu *)(const void *)p->engine[1];
}

static inline void pair_close(struct pair *p)
{
	fb_engine_close(p->engine[0]);
	fb_engine_close(p->engine[1]);
}

static inline void take(struct pair *p, int i)
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

static inline int give(void *context, union fb_command *command)
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

static inline void say(struct pair *p, union fb_command command)
{
	give(p, &command);
}

#define SYMBOLS 4u
#define ACCOUNTS 600u

/* Two tiers, the second from an odd number on. */
static inline void tables(struct pair *p, uint64_t u)
{
	say(p, c_class(0, 0, 10000000, 9999999, false));
	say(p, c_ladder(0, 0, 30000, 0, 0));
	say(p, c_ladder(0, 1, 70001, 40000000001, 40000000001ull * 40001));
	for (uint16_t s = 0; s < SYMBOLS; s++)
		say(p, c_symbol(s, 0, u));
}

/* What a lot is worth where a test says to the unit what accounts own. */
#define LOT_E8 INT64_C(100000)
#define LOT_U ((uint64_t)LOT_E8 * U_ONE)

static inline void pair_open_at_lot(struct pair *p, const char *uri)
{
	pair_open(p, uri, 1);
	tables(p, LOT_U);
}

/* Marks of all symbols within `width` of u. */
static inline void near(struct pair *p, uint64_t u, uint64_t width)
{
	union fb_command c = c_plain(FB_OP_MARKS);
	c.marks.count = SYMBOLS;
	for (uint16_t s = 0; s < SYMBOLS; s++)
		c.marks.mark[s] = (u - width + draw(p) % (2 * width + 1)) << 12 | s;
	give(p, &c);
}

/* An account that is as far from its threshold as chance has it, and what changes it a little. */
struct loose {
	int64_t qty[3], entry_e8[3];
	unsigned rows;
};

static inline void put_loose(struct pair *p, struct loose *l, uint32_t id, uint64_t u)
{
	__int128 gross = 0, lost = 0;
	l->rows = 1 + (unsigned)(draw(p) % 3);
	for (unsigned i = 0; i < l->rows; i++) {
		int64_t lots = 1 + (int64_t)(draw(p) % 2000000);
		__int128 n = (__int128)lots * u >> 16;
		l->qty[i] = draw(p) % 2 ? lots : -lots;
		l->entry_e8[i] = (int64_t)(l->qty[i] < 0 ? -n : n) / 100 * 99;
		gross += n;
		lost += l->entry_e8[i] - (l->qty[i] < 0 ? -n : n);
	}
	/* MM is 0.3 to 0.7 % of it */
	int64_t own_e8 = (int64_t)(gross / 10000 * (int64_t)(50 + draw(p) % 150) + lost);
	say(p, kit_more(c_account(id, own_e8, 0, 0)));
	for (unsigned i = 0; i < l->rows; i++) {
		union fb_command c = c_position(id, id * 8 + i, (uint16_t)((id + i) % SYMBOLS),
						l->qty[i], l->entry_e8[i]);
		say(p, i + 1 < l->rows ? kit_more(c) : c);
	}
}

static inline void fill_loose(struct pair *p, struct loose *l, uint32_t id, uint64_t u)
{
	unsigned i = (unsigned)(draw(p) % l->rows);
	int64_t part = (int64_t)(draw(p) % 5) - 2, lots = l->qty[i] / 100 * part,
		cost_e8 = (int64_t)((__int128)lots * u >> 16);
	if (draw(p) % 50 == 0)
		lots = -2 * l->qty[i]; /* the other way round */
	l->qty[i] += lots;
	l->entry_e8[i] += (int64_t)((__int128)lots * u >> 16);
	union fb_command c = c_fill(id, id * 8 + i, (uint16_t)((id + i) % SYMBOLS), l->qty[i],
				    l->entry_e8[i], -(cost_e8 < 0 ? -cost_e8 : cost_e8) / 500);
	say(p, draw(p) % 4 == 0 ? kit_more(c) : c);
}

static inline void pay_loose(struct pair *p, uint32_t id, uint64_t u)
{
	int64_t step = (int64_t)((u >> 16) << draw(p) % 12);
	say(p, c_collateral(id, step * ((int64_t)(draw(p) % 5) - 2)));
	if (draw(p) % 10)
		return;
	uint16_t symbol = (uint16_t)(draw(p) % SYMBOLS);
	say(p, c_funding(symbol, (int64_t)(u / 10000) * ((int64_t)(draw(p) % 5) - 2)));
}
