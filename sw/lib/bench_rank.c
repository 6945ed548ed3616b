/* A ranking as the host makes it for a round of deleveraging: histograms, pages, and the exact
 * order of what came (see <firebreak/rank.h>). The time of the engine is summed over its commands;
 * the rest is the host's. */
#include "bench_host.h"

#include <errno.h>
#include <string.h>

#define PAGE 256
#define TOP 256

static int look_up(void *context, uint32_t position, struct fb_rank_row *out)
{
	const struct fb_bench_host *h = context;
	uint32_t row = fb_book_row_index(h->book, position);
	return row == FB_NONE ? -ENOENT
			      : fb_rank_row(h->book, row, h->request.exclude_level, out);
}

int fb_bench_rank_open(struct fb_bench_host *h)
{
	uint64_t lots;
	uint32_t rows = fb_workload_side(h->work, 0, 0, &lots);
	bool by_lots = h->what->work->kind == FB_BENCH_RANK_LOTS;
	h->request = (struct fb_rank_request){ .exclude_level = 2,
					       .class_mask = 7,
					       .formula = fb_rank_formula("binance-2025"),
					       .lots = by_lots ? lots / 100 : UINT64_MAX,
					       .rows = by_lots ? UINT32_MAX : TOP };
	return fb_ranker_open(rows + PAGE, PAGE, &h->ranker);
}

int fb_bench_rank(struct fb_bench_host *h, struct fb_bench_stamps *s)
{
	uint64_t cycles_first = 0, cycles_last = 0;
	int err = fb_ranker_start(h->ranker, &h->request, look_up, h);
	bool first = true;
	union fb_command word;
	while (!err && (err = fb_ranker_next(h->ranker, &word)) == 1) {
		err = fb_bench_host_give(h, &word);
		uint64_t began = fb_bench_ticks(h->clock);
		s->emitted = first ? began : s->emitted;
		if (!err)
			err = fb_bench_host_exchange(h, s);
		s->engine += fb_bench_ticks(h->clock) - began;
		cycles_first = first ? s->cycles_first : cycles_first;
		cycles_last += s->cycles_last;
		first = false;
		if (!err)
			err = fb_ranker_take(h->ranker, h->record, h->records);
	}
	s->cycles_first = cycles_first;
	s->cycles_last = cycles_last;
	s->seen = fb_bench_ticks(h->clock);
	return !err || h->error->text[0]
		       ? err
		       : fb_error_set(h->error, err == -EBADMSG ? -EILSEQ : err,
				      "bench: the ranking failed: %s",
				      err == -EBADMSG ? "a nominee is not what the book says"
						      : strerror(-err));
}
