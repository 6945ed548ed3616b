/* Did all engines say the same? And what a card would make of it. */
#include "bench.h"

#include <errno.h>
#include <string.h>

static bool same(const struct fb_bench_state *a, const struct fb_bench_state *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* NULL: they agree as far as both went. */
static const char *difference(const struct fb_bench_result *a, const struct fb_bench_result *b)
{
	unsigned n = a->digests < b->digests ? a->digests : b->digests;
	for (unsigned i = 0; i < n; i++)
		if (a->digest[i] != b->digest[i])
			return "the records of an operation";
	if (!same(&a->middle, &b->middle))
		return "the state after the first operations";
	return same(&a->end, &b->end) ? NULL : "the state at the end";
}

int fb_bench_compare(struct fb_bench *b, unsigned first, struct fb_error *error)
{
	const struct fb_bench_result *one = &b->result[first];
	for (unsigned i = first; i < b->results; i++) {
		struct fb_bench_result *r = &b->result[i];
		const char *what = difference(one, r);
		r->equal = !what;
		if (what)
			return fb_error_set(error, -EILSEQ,
					    "workload %s, %u rows: engines '%s' and '%s' differ in "
					    "%s: a fast wrong answer is none",
					    one->what.work->name, one->what.rows,
					    b->engine[one->engine].given,
					    b->engine[r->engine].given,
					    what);
	}
	return 0;
}

static uint64_t median(const struct fb_bench_result *r, enum fb_bench_stage stage)
{
	const struct fb_hdr *hdr = &r->stage[stage];
	return hdr->count ? fb_hdr_at(hdr, 500000) : 0;
}

bool fb_bench_model(const struct fb_bench *b, const struct fb_bench_result *r,
		    struct fb_bench_modelled *out)
{
	if (!b->engine[r->engine].simulated || r->stage[FB_STAGE_CARD_LAST].total == 0)
		return false;
	out->cycles = median(r, FB_STAGE_CARD_LAST);
	out->host_ns = median(r, FB_STAGE_EMIT) + median(r, FB_STAGE_CONFIRM) +
		       median(r, FB_STAGE_ORDER);
	static const enum fb_bench_stage used[] = { FB_STAGE_CARD_LAST, FB_STAGE_EMIT,
						    FB_STAGE_CONFIRM, FB_STAGE_ORDER };
	out->samples = r->samples;
	for (unsigned i = 0; i < sizeof(used) / sizeof(used[0]); i++)
		if (r->stage[used[i]].total > 0 && r->stage[used[i]].total < out->samples)
			out->samples = r->stage[used[i]].total;
	uint64_t ns = out->cycles * 1000000000u / FB_BENCH_CLOCK_HZ + out->host_ns;
	out->trips = (uint64_t)(r->trips + 0.5);
	out->low_ns = ns + FB_BENCH_LINK_LOW_NS * out->trips;
	out->high_ns = ns + FB_BENCH_LINK_HIGH_NS * out->trips;
	return true;
}
