/* The model and the software engine side by side, and what changes a ranking. */
#pragma once

#include <check.h>
#include <stdio.h>

#include "../../sw/lib/cpu_ranking.h"
#include "../../sw/lib/workload.h"
#include "command_kit.h"
#include "cpu_kit.h"

static struct fb_engine *engine[2];
static uint64_t seq;
static union fb_record end[2], nominee;

static inline int give(void *context, union fb_command *command)
{
	(void)context;
	command->header.seq = ++seq;
	for (int i = 0; i < 2; i++) {
		union fb_record record[64];
		int idle = 0;
		ck_assert_int_eq(fb_engine_submit(engine[i], command), 0);
		while (!idle) {
			int n = fb_engine_poll(engine[i], record, 64, &idle);
			for (int k = 0; k < n; k++)
				if (record[k].header.kind == FB_REC_BATCH_END)
					end[i] = record[k];
				else if (record[k].header.kind == FB_REC_NOMINEE)
					nominee = record[k];
		}
	}
	if (!(command->header.flags & FB_FLAG_MORE))
		ck_assert_mem_eq(&end[0], &end[1], sizeof(end[0]));
	return 0;
}

static const uint32_t formula[][2] = {
	{ 0x0000f001, 0x0000f20f }, { 0x0000f1f1, 0x0000f11f }, { 0x0000f2f0, 0x0000f2f0 },
	{ 0x0f000100, 0x0f000100 }, { 0x0001f0f1, 0x0001f01f }, { 0, 0 },
	{ 0x00100f00, 0x00f10001 },
};

/* Tiers that most rows leave with a small change of their mark, and that jump. */
static inline void second_ladder(void)
{
	for (uint8_t k = 0; k < 8; k++) {
		union fb_command c = c_plain(FB_OP_LADDER);
		c.ladder.ladder = 1;
		c.ladder.tier = k;
		c.ladder.rate = 40000u + 10000u * k;
		c.ladder.floor = k > 0 ? UINT64_C(300000000) << 2 * k : 0;
		c.ladder.deduction.lo = k > 0 ? UINT64_C(10000000000000) << k : 0;
		give(NULL, &c);
	}
}

/* One of everything that a rank depends on. */
static inline void change(struct fb_workload *w, uint32_t *next)
{
	uint32_t i = (uint32_t)below(w->shape.rows), id = w->row[i].account + 1;
	union fb_command c;
	switch (below(10)) {
	case 9: /* another ladder: rows have other tiers at the same mark */
		c = c_plain(FB_OP_SYMBOL);
		c.symbol.symbol = w->row[i].symbol;
		c.symbol.ladder = (uint8_t)below(2);
		c.symbol.u = w->u[w->row[i].symbol];
		break;
	case 0: fb_workload_fill(w, i, give, NULL); return;
	case 1: fb_workload_mark(w, w->row[i].symbol, 995000 + (uint32_t)below(10000), give, NULL);
		return;
	case 2: fb_workload_marks(w, 960000 + (uint32_t)below(80000), 3000, give, NULL); return;
	case 3: /* little, or as much as changes its level */
		c = c_plain(FB_OP_COLLATERAL);
		c.collateral.account = id;
		c.collateral.delta = either(any(below(2) ? 30 : 44));
		break;
	case 4: /* the other way round, or nothing left */
		c = c_plain(FB_OP_POSITION);
		c.position.account = id;
		c.position.position = i + 1;
		c.position.symbol = w->row[i].symbol;
		c.position.qty = w->row[i].qty *= -(int64_t)below(2);
		c.position.entry = w->row[i].entry_e8 = -w->row[i].entry_e8;
		c.position.row_flags = below(8) == 0 ? FB_ROW_NO_RANK : 0;
		break;
	case 5: /* a new one, of a symbol that is ranked */
		c = c_plain(FB_OP_POSITION);
		c.position.account = id;
		c.position.position = ++*next;
		c.position.symbol = (uint16_t)below(3);
		c.position.qty = either(1 + any(20));
		c.position.entry = c.position.qty * 100000;
		break;
	case 6:
		c = c_plain(FB_OP_POSITION); /* away with the newest */
		c.position.account = id;
		c.position.position = i + 1;
		c.position.symbol = w->row[i].symbol;
		w->row[i].qty = w->row[i].entry_e8 = 0;
		break;
	case 7:
		c = c_plain(FB_OP_ACCOUNT);
		c.account.account = id;
		c.account.collateral = w->collateral_e8[id - 1];
		c.account.role = (uint8_t)(below(4) == 0);
		c.account.held = below(4) == 0;
		c.account.flags = below(2) ? FB_FLAG_SET_LEVEL : 0;
		c.account.level = (uint8_t)below(3);
		break;
	default:
		c = c_plain(FB_OP_FUNDING);
		c.funding.symbol = (uint16_t)below(3);
		c.funding.rate = either(any(30));
	}
	give(NULL, &c);
}

/* A workload, and on it the model and an engine; false: this processor has no such instructions. */
static inline bool open_pair(struct fb_workload *w, const struct fb_workload_shape *shape, int isa)
{
	struct fb_error error = { "" };
	char uri[64];
	if (!kernels(isa))
		return false;
	seq = 0;
	snprintf(uri, sizeof(uri), "cpu:accounts=%u,rows=%u,isa=%s", shape->rows + 1000,
		 shape->rows + 4000, isas[isa]);
	ck_assert_int_eq(fb_engine_open("model:", &engine[0], &error), 0);
	ck_assert_int_eq(fb_engine_open(uri, &engine[1], &error), 0);
	ck_assert_int_eq(fb_workload_open(shape, w), 0);
	return true;
}

static inline void close_pair(struct fb_workload *w)
{
	fb_workload_close(w);
	fb_engine_close(engine[0]);
	fb_engine_close(engine[1]);
}
