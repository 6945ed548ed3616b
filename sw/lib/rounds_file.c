/* Writing rounds.csv: see rounds_file.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/log.h>

#include "report_internal.h"
#include "rounds_file.h"

static char *hex(const uint8_t digest[32], char out[65])
{
	for (int i = 0; i < 32; i++)
		sprintf(out + 2 * i, "%02x", digest[i]);
	return out;
}

static void sealed(void *context, const struct fb_evidence_link *l, const struct fb_ranked *ranked)
{
	struct fb_rounds *r = context;
	char need[41], moved[41], before[41], after[41], root[65], last[65], link[65];
	char time[32];
	(void)ranked;
	fb_sink_print(&r->sink, "%llu,%llu,%llu,%s,%lld,%s,%s,%u,%llu,%s,%llu,%u,%u,%llu,%llu,%s,",
		      (unsigned long long)l->number, (unsigned long long)l->round,
		      (unsigned long long)l->sequence, fb_report_time(l->time_us, time),
		      (long long)l->time_us, l->symbol, l->side ? "short" : "long", l->needs,
		      (unsigned long long)l->need_lots, fb_text_i128(l->need_e8, need),
		      (unsigned long long)l->own_lots, l->ranked, l->depth,
		      (unsigned long long)l->asked, (unsigned long long)l->moved,
		      fb_text_i128(l->moved_e8, moved));
	fb_sink_print(&r->sink, "%llu,%s,%s,%s,%llu,%llu,%s,%s,%s\n", (unsigned long long)l->u,
		      fb_text_i128(l->fund_before_e8, before),
		      fb_text_i128(l->fund_after_e8, after), l->order,
		      (unsigned long long)l->ranked_lots, (unsigned long long)l->shared_lots,
		      hex(l->root, root),
		      hex(l->before, last), hex(l->link, link));
}

int fb_rounds_open(struct fb_waterfall *w, const char *directory, struct fb_rounds **out,
		   struct fb_error *error)
{
	char path[512];
	struct fb_rounds *r = calloc(1, sizeof(*r));
	if (!r)
		return fb_error_set(error, -ENOMEM, "rounds: out of memory");
	r->sink.fd = -1;
	snprintf(path, sizeof(path), "%s/rounds.csv", directory);
	int err = fb_evidence_open(w, &r->evidence);
	if (err)
		fb_error_set(error, err, "rounds: out of memory");
	else
		err = fb_sink_open(&r->sink, path, error);
	if (err) {
		fb_rounds_close(r);
		return err;
	}
	fb_sink_print(&r->sink, "%s\n", FB_ROUNDS_COLUMNS);
	r->evidence->sealed = sealed;
	r->evidence->context = r;
	w->tap = &r->evidence->tap;
	*out = r;
	return 0;
}

int fb_rounds_finish(struct fb_rounds *r, struct fb_error *error)
{
	fb_evidence_end(r->evidence);
	return fb_sink_close(&r->sink, 0, error);
}

void fb_rounds_close(struct fb_rounds *r)
{
	if (!r)
		return;
	fb_evidence_close(r->evidence);
	fb_sink_close(&r->sink, 0, NULL);
	free(r);
}
