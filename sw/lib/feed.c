/* A feed: files merged in time order, trades turned into derived marks second by second, marks
 * gathered step by step. Memory is bounded by the number of files and symbols. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feed_derive.h"
#include "feed_file.h"
#include "feed_sources.h"

#define SECOND_US 1000000
#define FILES_MAX 4096

struct head {
	struct fb_event event; /* the next one of the file */
	uint32_t file;
};

struct fb_feed {
	struct fb_feed_shared shared;
	struct fb_rules *rules; /* a copy: nothing points into what the caller gave */
	int64_t step_us, from_us, to_us;
	struct fb_feed_file **file;
	size_t files;
	struct head *heap; /* of the files that are not at their end; heap[0] is next */
	size_t heads;
	bool spent; /* heap[0] was given out: the next event of its file takes its place */
	/* trades */
	struct fb_derive derive[FB_SYMBOLS];
	struct fb_feed_sources *sources; /* by symbol */
	bool made; /* the rules make marks: what is given is a last price */
	bool touched[FB_SYMBOLS];  /* traded in `second` */
	unsigned touches, flushed; /* how many; symbols below `flushed` have given their mark */
	int64_t second;
	/* the step that is being gathered, or given out */
	struct fb_tick tick[FB_SYMBOLS];
	bool has[FB_SYMBOLS];
	unsigned given; /* symbols below this were given to the caller */
	bool giving;
	int64_t step;
	bool has_mark; /* `mark` belongs to the step after */
	struct fb_event mark;
	struct fb_error failure;
	int failed;
};

/* ---- merge ---- */

static bool before(const struct head *a, const struct head *b)
{
	if (a->event.time_us != b->event.time_us)
		return a->event.time_us < b->event.time_us;
	return a->file < b->file; /* a fixed order, whatever the heap looks like */
}

static void sift_down(struct fb_feed *feed, size_t at)
{
	struct head moved = feed->heap[at];

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= feed->heads)
			break;
		if (child + 1 < feed->heads && before(&feed->heap[child + 1], &feed->heap[child]))
			child++;
		if (!before(&feed->heap[child], &moved))
			break;
		feed->heap[at] = feed->heap[child];
		at = child;
	}
	feed->heap[at] = moved;
}

/* Replaces the first event by the next one of its file. */
static int advance(struct fb_feed *feed, struct fb_error *error)
{
	struct head *top = &feed->heap[0];
	int rc = fb_feed_file_next(feed->file[top->file], &top->event, error);

	if (rc < 0)
		return rc;
	if (rc == 0)
		*top = feed->heap[--feed->heads];
	if (feed->heads)
		sift_down(feed, 0);
	return 0;
}

/* ---- derived marks ---- */

static void trade(struct fb_feed *feed, const struct fb_event *event)
{
	struct fb_derive *state = &feed->derive[event->symbol];

	feed->second = event->time_us / SECOND_US;
	struct fb_feed_sources *sources = &feed->sources[event->symbol];
	bool counts = fb_sources_take(sources, feed->rules, event);

	if (event->kind == FB_EVENT_SPOT && counts)
		fb_derive_spot(state, event->price_e8, event->amount_e8);
	if (event->kind == FB_EVENT_PERPETUAL)
		fb_derive_perpetual(state, fb_sources_last(sources));
	/* A book alone makes no mark, nor does a market without weight. */
	if (state->trades == 0 && state->index_e8 == 0 && state->last_e8 == 0)
		return;
	feed->touches += !feed->touched[event->symbol];
	feed->touched[event->symbol] = true;
}

/* The next symbol's mark at the last microsecond of the second. */
static void flush_one(struct fb_feed *feed, struct fb_event *out)
{
	struct fb_derive *state;
	uint64_t u, index;

	while (!feed->touched[feed->flushed])
		feed->flushed++;
	state = &feed->derive[feed->flushed];
	*out = (struct fb_event){
		.time_us = feed->second * SECOND_US + SECOND_US - 1,
		.symbol = (uint16_t)feed->flushed,
		.kind = FB_EVENT_LAST,
	};
	index = fb_sources_index(&feed->sources[feed->flushed], feed->rules, out->time_us);
	out->price_e8 = fb_derive_mark(state, feed->second, index);
	fb_sources_fill(&feed->sources[feed->flushed], out);
	out->index_e8 = feed->rules->index.method == FB_INDEX_VOLUME ? state->index_e8 : index;
	if (feed->made && out->last_e8 != 0)
		out->price_e8 = out->last_e8;
	/* index and last have a unit value each; should their sum with the basis have none, the
	 * index stands alone. */
	if (fb_unit_value(&feed->rules->symbol[feed->flushed], out->price_e8, &u) != 0)
		out->price_e8 = state->index_e8;
	feed->touched[feed->flushed++] = false;
	if (--feed->touches == 0)
		feed->flushed = 0;
}

/* The next mark in time order: 1, 0 at the end, -errno. The event after the one given out is read
 * at the next call only, so that a fault behind it does not hide it. */
static int next_mark(struct fb_feed *feed, struct fb_event *out, struct fb_error *error)
{
	for (;;) {
		const struct fb_event *top;
		int rc = feed->spent ? advance(feed, error) : 0;

		if (rc)
			return rc;
		feed->spent = false;
		top = feed->heads ? &feed->heap[0].event : NULL;
		if (feed->touches && (!top || top->time_us / SECOND_US > feed->second)) {
			flush_one(feed, out);
			return 1;
		}
		if (!top)
			return 0;
		feed->spent = true;
		*out = *top;
		if (out->kind == FB_EVENT_MARK || out->kind == FB_EVENT_LAST)
			return 1;
		trade(feed, out);
	}
}

/* ---- steps ---- */

/* Gathers the marks of the next step: 1, 0 at the end, -errno. */
static int gather(struct fb_feed *feed, struct fb_error *error)
{
	bool any = false;
	int rc = 1;

	for (;;) {
		const struct fb_event *mark = &feed->mark;

		if (!feed->has_mark)
			rc = next_mark(feed, &feed->mark, error);
		feed->has_mark = rc > 0;
		if (rc < 0)
			return rc;
		if (rc == 0 || (feed->to_us && mark->time_us >= feed->to_us))
			break;
		if (mark->time_us < feed->from_us) {
			feed->has_mark = false;
			continue;
		}
		if (any && mark->time_us / feed->step_us != feed->step)
			break;
		feed->step = mark->time_us / feed->step_us;
		feed->has[mark->symbol] = any = true;
		feed->tick[mark->symbol] = (struct fb_tick){
			.time_us = feed->step * feed->step_us,
			.price_e8 = mark->price_e8,
			.symbol = mark->symbol,
			.derived = mark->kind == FB_EVENT_LAST,
			.index_e8 = mark->index_e8,
			.last_e8 = mark->last_e8,
			.bid_e8 = mark->bid_e8,
			.ask_e8 = mark->ask_e8,
			.perpetuals_e8 = mark->perpetuals_e8,
		};
		feed->has_mark = false;
	}
	return any;
}

int fb_feed_next(struct fb_feed *feed, struct fb_tick *out, size_t room, struct fb_error *error)
{
	size_t n = 0;

	if (feed->failed)
		return fb_error_set(error, feed->failed, "%s", feed->failure.text);
	if (room == 0)
		return fb_error_set(error, -EINVAL, "a feed needs room for at least one tick");
	if (!feed->giving) {
		int rc = gather(feed, &feed->failure);

		if (rc < 0) {
			feed->failed = rc;
			return fb_error_set(error, rc, "%s", feed->failure.text);
		}
		if (rc == 0)
			return 0;
		feed->giving = true;
		feed->given = 0;
	}
	for (; feed->given < feed->rules->symbols && n < room; feed->given++) {
		if (!feed->has[feed->given])
			continue;
		feed->has[feed->given] = false;
		out[n++] = feed->tick[feed->given];
	}
	/* What did not fit comes with the next call; look whether there is anything. */
	while (feed->given < feed->rules->symbols && !feed->has[feed->given])
		feed->given++;
	feed->giving = feed->given < feed->rules->symbols;
	return (int)n;
}

/* ---- opening ---- */

static int open_files(struct fb_feed *feed, const char *const *paths, size_t n,
		      struct fb_error *error)
{
	feed->file = calloc(n, sizeof(*feed->file));
	feed->heap = calloc(n, sizeof(*feed->heap));
	if (!feed->file || !feed->heap)
		return fb_error_set(error, -ENOMEM, "feed: out of memory");
	for (size_t i = 0; i < n; i++) {
		struct head *head = &feed->heap[feed->heads];
		int rc = fb_feed_file_open(paths[i], &feed->shared, &feed->file[i], error);

		if (rc)
			return rc;
		feed->files = i + 1;
		rc = fb_feed_file_next(feed->file[i], &head->event, error);
		if (rc < 0)
			return rc;
		head->file = (uint32_t)i;
		feed->heads += rc > 0;
	}
	for (size_t i = feed->heads / 2; i-- > 0;)
		sift_down(feed, i);
	return 0;
}

int fb_feed_open(const char *const *paths, size_t n, const struct fb_rules *rules,
		 const struct fb_feed_options *options, struct fb_feed **out,
		 struct fb_error *error)
{
	struct fb_feed *feed;
	int rc;

	if (n == 0 || n > FILES_MAX)
		return fb_error_set(error, -EINVAL, "feed: expected 1 to %d files, found %zu",
				    FILES_MAX, n);
	if (options && (options->step_us < 0 || options->from_us < 0 || options->to_us < 0 ||
			(options->to_us && options->to_us <= options->from_us)))
		return fb_error_set(error, -EINVAL,
				    "feed: expected a step and times that are not negative, and an "
				    "end after the start");
	feed = calloc(1, sizeof(*feed));
	if (!feed)
		return fb_error_set(error, -ENOMEM, "feed: out of memory");
	feed->step_us = options && options->step_us ? options->step_us : SECOND_US;
	feed->from_us = options ? options->from_us : 0;
	feed->to_us = options ? options->to_us : 0;
	feed->rules = malloc(sizeof(*feed->rules));
	feed->sources = calloc(rules->symbols + 1, sizeof(*feed->sources));
	if (feed->rules && feed->sources) {
		*feed->rules = *rules;
		feed->made = rules->mark.first != FB_MARK_DERIVED ||
			     rules->mark.second != FB_MARK_NONE;
		feed->shared.rules = feed->rules;
		rc = open_files(feed, paths, n, error);
	} else {
		rc = fb_error_set(error, -ENOMEM, "feed: out of memory");
	}
	if (rc) {
		fb_feed_close(feed);
		return rc;
	}
	*out = feed;
	return 0;
}

void fb_feed_progress(const struct fb_feed *feed, uint64_t *done, uint64_t *total)
{
	*done = *total = 0;
	for (size_t i = 0; i < feed->files; i++) {
		uint64_t one, of;

		fb_feed_file_progress(feed->file[i], &one, &of);
		*done += one;
		*total += of;
	}
}

void fb_feed_close(struct fb_feed *feed)
{
	if (!feed)
		return;
	for (size_t i = 0; i < feed->files; i++)
		fb_feed_file_close(feed->file[i]);
	free(feed->file);
	free(feed->heap);
	free(feed->rules);
	free(feed->sources);
	free(feed);
}
