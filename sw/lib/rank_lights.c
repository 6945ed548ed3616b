/* Lights: five cut-off keys of a queue, found in histograms alone. See <firebreak/rank.h>.
 *
 * For each border the first histogram says in which bucket the running sum passes it; that bucket
 * is divided again, down to single keys. Three histograms below the first for each of four
 * borders, fewer where borders share a bucket. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rank_internal.h"

struct fb_lighter {
	struct fb_rank_request request;
	bool by_lots, busy, sent; /* not ended; the command is out */
	int error;
	union fb_command command;
	struct fb_rank_answer answer;
	struct fb_rank_level level[FB_RANK_LEVELS];
	unsigned depth;	 /* of the histogram that is asked for */
	unsigned bucket; /* of the level above, which it divides */
	unsigned fifth;	 /* the border looked for: below so many fifths */
	unsigned __int128 total;
	struct fb_rank_lights lights;
};

int fb_lighter_open(struct fb_lighter **out)
{
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : -ENOMEM;
}

void fb_lighter_close(struct fb_lighter *lighter)
{
	free(lighter);
}

static int end(struct fb_lighter *l, int error)
{
	l->busy = false;
	l->error = error;
	return error;
}

static uint64_t weight(const struct fb_lighter *l, const struct fb_rank_level *level,
		       unsigned bucket)
{
	return l->by_lots ? level->lots[bucket] : level->rows[bucket];
}

static void ask(struct fb_lighter *l, unsigned depth, uint32_t from)
{
	l->depth = depth;
	fb_rank_level_ask(&l->level[depth], depth, from, &l->request, &l->command);
}

/* The bucket in which the sum from the top passes the border, and the sum above it. */
static unsigned passed_in(const struct fb_lighter *l, const struct fb_rank_level *level,
			  unsigned __int128 *above)
{
	unsigned bucket = level->left;
	for (;;) {
		assert(bucket > 0); /* the level holds what its bucket above holds */
		unsigned __int128 with = *above + weight(l, level, --bucket);
		if (with * FB_LIGHTS > l->total * l->fifth)
			return bucket;
		*above = with;
	}
}

/* 0: found. 1: a histogram is needed first. */
static int find_border(struct fb_lighter *l)
{
	unsigned __int128 above = 0;
	for (unsigned depth = 0;; depth++) {
		const struct fb_rank_level *level = &l->level[depth];
		unsigned bucket = passed_in(l, level, &above);
		uint32_t edge = fb_rank_edge(level, bucket);
		if (depth + 1 == FB_RANK_LEVELS) {
			/* This key is too much; the next one up is not. */
			l->lights.cut[FB_LIGHTS - l->fifth] = edge + 1;
			return 0;
		}
		const struct fb_rank_level *below = &l->level[depth + 1];
		if (below->known && below->from == edge)
			continue;
		l->bucket = bucket;
		ask(l, depth + 1, edge);
		return 1;
	}
}

static int finish(struct fb_lighter *l)
{
	struct fb_rank_level *level = &l->level[l->depth];
	if (l->depth > 0 && !fb_rank_level_agrees(level, level - 1, l->bucket))
		return -EBADMSG;
	for (unsigned i = 0; l->depth == 0 && i < FB_RANK_BUCKETS; i++) {
		if (l->by_lots && level->lots[i] == UINT64_MAX)
			return -ERANGE;
		l->total += weight(l, level, i);
	}
	level->known = true;
	if (l->total == 0)
		return end(l, 0);
	for (; l->fifth < FB_LIGHTS; l->fifth++)
		if (find_border(l))
			return 0;
	return end(l, 0);
}

int fb_lighter_start(struct fb_lighter *lighter, const struct fb_rank_request *request,
		     bool by_lots)
{
	struct fb_lighter *l = lighter;
	memset(l, 0, sizeof(*l));
	if (!fb_rank_request_good(request))
		return end(l, -EINVAL);
	l->request = *request;
	l->by_lots = by_lots;
	l->busy = true;
	l->fifth = 1;
	uint32_t lowest = (uint32_t)__builtin_ffs(request->class_mask) << FB_SCORE_BITS;
	for (unsigned i = 0; i < FB_LIGHTS; i++)
		l->lights.cut[i] = lowest;
	ask(l, 0, 0);
	return 0;
}

int fb_lighter_next(struct fb_lighter *lighter, union fb_command *out)
{
	if (!lighter->busy)
		return lighter->error;
	if (lighter->sent)
		return -EAGAIN;
	*out = lighter->command;
	lighter->sent = true;
	memset(&lighter->answer, 0, sizeof(lighter->answer));
	return 1;
}

static int take_one(struct fb_lighter *l, const union fb_record *record)
{
	int part = fb_rank_answer_take(&l->answer, record);
	if (part != FB_RANK_SERVICE && !l->sent)
		return -EBADMSG;
	if (part == FB_RANK_RECORD)
		return fb_rank_level_take(&l->level[l->depth], &record->rank_hist);
	if (part != FB_RANK_END)
		return part; /* FB_RANK_SERVICE is 0 */
	l->sent = false;
	return finish(l);
}

int fb_lighter_take(struct fb_lighter *lighter, const union fb_record *record, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!lighter->busy && lighter->error)
			return lighter->error;
		int err = take_one(lighter, &record[i]);
		if (err)
			return end(lighter, err);
	}
	return 0;
}

const struct fb_rank_lights *fb_lighter_lights(const struct fb_lighter *lighter)
{
	assert(!lighter->busy && !lighter->error);
	return &lighter->lights;
}
