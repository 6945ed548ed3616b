/* See run_marks.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run_marks.h"

struct file_marks {
	struct fb_marks base;
	struct fb_feed *feed;
};

static int file_next(struct fb_marks *marks, struct fb_tick *out, size_t room,
		     struct fb_error *error)
{
	return fb_feed_next(((struct file_marks *)marks)->feed, out, room, error);
}

static void file_progress(const struct fb_marks *marks, uint64_t *done, uint64_t *total)
{
	fb_feed_progress(((const struct file_marks *)marks)->feed, done, total);
}

static void file_close(struct fb_marks *marks)
{
	fb_feed_close(((struct file_marks *)marks)->feed);
	free(marks);
}

static const struct fb_marks_ops file_ops = { file_next, file_progress, file_close };

int fb_marks_open(const struct fb_rules *rules, const struct fb_marks_options *options,
		  struct fb_marks **out, struct fb_error *error)
{
	*out = NULL;
	if (options->paths_n == 1 && strncmp(options->paths[0], "gen:", 4) == 0) {
		int failed =
			fb_crash_open(options->paths[0], rules, &options->feed, out, error);
		return failed ? failed : fb_marks_with_coins(rules, out, error);
	}
	struct file_marks *marks = calloc(1, sizeof(*marks));
	if (!marks)
		return fb_error_set(error, -ENOMEM, "marks: out of memory");
	marks->base.ops = &file_ops;
	int err = fb_feed_open(options->paths, options->paths_n, rules, &options->feed,
			       &marks->feed, error);
	if (err) {
		free(marks);
		return err;
	}
	*out = &marks->base;
	return fb_marks_with_coins(rules, out, error);
}

int fb_marks_survey(const struct fb_rules *rules, const struct fb_marks_options *options,
		    uint64_t *start_e8, uint64_t *instants, struct fb_error *error)
{
	struct fb_marks *marks;
	struct fb_tick tick[FB_SYMBOLS];
	int n = fb_marks_open(rules, options, &marks, error);
	if (n)
		return n;
	memset(start_e8, 0, FB_SYMBOLS * sizeof(*start_e8));
	*instants = 0;
	while ((n = marks->ops->next(marks, tick, FB_SYMBOLS, error)) > 0) {
		++*instants;
		for (int i = 0; i < n; i++) {
			uint64_t u;
			if (start_e8[tick[i].symbol] == 0)
				start_e8[tick[i].symbol] = tick[i].price_e8;
			n = fb_unit_value(&rules->symbol[tick[i].symbol], tick[i].price_e8, &u)
				    ? -ERANGE
				    : n;
			if (n < 0) {
				fb_error_set(error, n,
					     "marks: %s: price %llu e-8 at %lld us does not fit a "
					     "unit value "
					     "of 52 bits; choose another lot in the rules",
					     rules->symbol[tick[i].symbol].name,
					     (unsigned long long)tick[i].price_e8,
					     (long long)tick[i].time_us);
				break;
			}
		}
		if (n < 0)
			break;
	}
	marks->ops->close(marks);
	if (n == 0 && *instants == 0)
		return fb_error_set(
			error, -ENODATA,
			"marks: expected at least one mark in the chosen time, found none");
	return n;
}
