/* Where marks come from: files (fb_feed) or the built-in crash. Both give one instant at a time. */
#ifndef RUN_MARKS_H
#define RUN_MARKS_H

#include <firebreak/inputs.h>

struct fb_marks;

struct fb_marks_ops {
	int (*next)(struct fb_marks *marks, struct fb_tick *out, size_t room,
		    struct fb_error *error);
	void (*progress)(const struct fb_marks *marks, uint64_t *done, uint64_t *total);
	void (*close)(struct fb_marks *marks);
};

struct fb_marks {
	const struct fb_marks_ops *ops;
};

struct fb_marks_options {
	const char *const *paths; /* or one text that starts with "gen:" */
	size_t paths_n;
	struct fb_feed_options feed;
};

int fb_marks_open(const struct fb_rules *rules, const struct fb_marks_options *options,
		  struct fb_marks **out, struct fb_error *error);

/* Reads all marks once: first price of each symbol (0: none), number of instants. So a bad line
 * anywhere is found before anything is applied, and the generator of accounts knows where prices
 * start. */
int fb_marks_survey(const struct fb_rules *rules, const struct fb_marks_options *options,
		    uint64_t *start_e8, uint64_t *instants, struct fb_error *error);

/* "gen:crash,seed=S[,minutes=M]" */
int fb_crash_open(const char *text, const struct fb_rules *rules,
		  const struct fb_feed_options *options, struct fb_marks **out,
		  struct fb_error *error);

/* run_marks_coins.c: adds marks of the rules' coins, if they have any; on failure *marks is closed.
 */
int fb_marks_with_coins(const struct fb_rules *rules, struct fb_marks **marks,
			struct fb_error *error);

#endif
