/* What a ranking and its lights share: the RANK command, the answer to it, and histograms that
 * divide all keys, one of their buckets, one of its buckets, and so on to single keys. Private to
 * rank_*.c. */
#ifndef RANK_INTERNAL_H
#define RANK_INTERNAL_H

#include <firebreak/rank.h>

#define FB_RANK_KEYS (UINT32_C(1) << (FB_SCORE_BITS + 2)) /* keys are below this */
#define FB_RANK_LEVELS 4

/* How wide the buckets of a level are. All keys are 256 buckets of the first; a bucket of one is
 * 256 of the next, and 64 of the last. */
extern const uint8_t fb_rank_zoom[FB_RANK_LEVELS];

struct fb_rank_level {
	uint32_t from;	/* key at which bucket 0 begins */
	uint8_t zoom;
	bool known;	/* its histogram has come */
	unsigned left;	/* buckets not walked yet; they are walked from the top down */
	uint32_t rows[FB_RANK_BUCKETS];
	uint64_t lots[FB_RANK_BUCKETS]; /* UINT64_MAX: that or more */
};

static inline uint32_t fb_rank_edge(const struct fb_rank_level *level, unsigned bucket)
{
	return level->from + ((uint32_t)bucket << level->zoom);
}

/* An empty histogram of this depth, to be filled, and the command that asks for it. */
void fb_rank_level_ask(struct fb_rank_level *level, unsigned depth, uint32_t from,
		       const struct fb_rank_request *request, union fb_command *out);
/* -EBADMSG: no histogram of this level can have such a record. */
int fb_rank_level_take(struct fb_rank_level *level, const struct fb_rec_rank_hist *record);
/* The level adds up to this bucket of the level above. */
bool fb_rank_level_agrees(const struct fb_rank_level *level, const struct fb_rank_level *above,
			  unsigned bucket);

/* Rows of key from..below-1. */
void fb_rank_ask(const struct fb_rank_request *request, enum fb_rank mode, unsigned zoom,
		 uint32_t from, uint32_t below, union fb_command *out);
bool fb_rank_request_good(const struct fb_rank_request *request);

/* How far the answer to one command has come. */
struct fb_rank_answer {
	uint64_t seq;
	uint32_t records;
	bool begun;
};
enum fb_rank_part { FB_RANK_SERVICE, FB_RANK_RECORD, FB_RANK_END };
/* An fb_rank_part; -EBADMSG: it does not belong here, or some are missing; -ENOTSUP, -EPROTO: the
 * command was refused. */
int fb_rank_answer_take(struct fb_rank_answer *answer, const union fb_record *record);

#endif
