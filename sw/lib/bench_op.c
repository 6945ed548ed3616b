/* The commands of each operation. Whatever it does, a second one, or fb_bench_op_undo, undoes: so
 * the state at the end does not depend on how many there were time for. */
#include "bench_host.h"

#include <errno.h>
#include <string.h>

#define ONE_E6 1000000u
#define BATCH_EVERY 1000 /* arrivals among fills */

/* The k-th position to be filled: all of them in turn, not in the order of their ids. */
static uint32_t filled(const struct fb_bench_host *h, uint64_t k)
{
	uint32_t rows = h->work->shape.rows, step = rows % 7919 ? 7919 : 7907;
	return (uint32_t)(k % rows * step % rows);
}

/* More by a hundredth, at the price it was entered at, and the next time round as it was. */
static int fill(struct fb_bench_host *h, uint32_t row, bool more)
{
	const struct fb_workload_row *r = &h->work->row[row];
	int64_t part = r->qty / 100;
	part = !more ? 0 : part != 0 ? part : r->qty < 0 ? -1 : 1;
	union fb_command c = { .fill = { .op = FB_OP_FILL,
					 .account = r->account + 1,
					 .position = row + 1,
					 .symbol = r->symbol,
					 .qty = r->qty + part,
					 .entry = r->entry_e8 + r->entry_e8 / r->qty * part } };
	return fb_bench_host_give(h, &c);
}

static int fill_or_marks(struct fb_bench_host *h, uint64_t i, bool *counts)
{
	if (i % BATCH_EVERY != BATCH_EVERY - 1)
		return fill(h, filled(h, i - i / BATCH_EVERY),
			    (i - i / BATCH_EVERY) / h->work->shape.rows % 2 == 0);
	*counts = false;
	return fb_workload_marks(h->work, ONE_E6, 3000, fb_bench_host_give, h);
}

int fb_bench_op(struct fb_bench_host *h, uint64_t i, bool *counts)
{
	struct fb_workload *w = h->work;
	fb_workload_give *give = fb_bench_host_give;
	bool back = i % 2;
	switch (h->what->work->kind) {
	case FB_BENCH_QUIET: return fb_workload_mark(w, 0, ONE_E6 + (uint32_t)(i % 5), give, h);
	case FB_BENCH_SYMBOL: return fb_workload_mark(w, 0, back ? ONE_E6 : 1005000, give, h);
	case FB_BENCH_ALL: return fb_workload_marks(w, ONE_E6, 3000, give, h);
	case FB_BENCH_BURST: return fb_workload_marks(w, back ? ONE_E6 : 975000, 0, give, h);
	case FB_BENCH_STORM: return fb_workload_marks(w, back ? ONE_E6 : 300000, 0, give, h);
	case FB_BENCH_FUNDING: return fb_workload_funding(0, back ? -1000 : 1000, give, h);
	case FB_BENCH_FILLS:
		return fill(h, filled(h, i), i / w->shape.rows % 2 == 0);
	case FB_BENCH_FILLS_MARKS: return fill_or_marks(h, i, counts);
	default: return -EINVAL; /* rankings are made elsewhere */
	}
}

/* Fills that were not taken back yet, a batch each; the last is left to be sent. */
static int undo_fills(struct fb_bench_host *h, uint64_t n)
{
	uint32_t rows = h->work->shape.rows;
	bool back = n / rows % 2;
	uint64_t open = back ? rows - n % rows : n % rows, first = back ? n % rows : 0;
	int err = 0;
	for (uint64_t k = first; k < first + open && !err; k++) {
		err = fill(h, filled(h, k), false);
		if (!err)
			err = fb_bench_host_settle(h);
	}
	return err;
}

int fb_bench_op_undo(struct fb_bench_host *h, uint64_t n)
{
	enum fb_bench_kind kind = h->what->work->kind;
	int err = 0;
	if (kind == FB_BENCH_FILLS)
		err = undo_fills(h, n);
	if (kind == FB_BENCH_FILLS_MARKS)
		err = undo_fills(h, n - n / BATCH_EVERY);
	if (kind == FB_BENCH_FUNDING && n % 2 && !err) {
		err = fb_workload_funding(0, -1000, fb_bench_host_give, h);
		if (!err)
			err = fb_bench_host_settle(h);
	}
	return err ? err : fb_workload_marks(h->work, ONE_E6, 0, fb_bench_host_give, h);
}
