/* The engine ranks what the host deleverages.
 *
 * A round is planned by the host alone, on its own book (adl.h). When it is, and its orders are
 * out, the engine is asked for the same order: RANK by the formula that adl.h is, page by page
 * (rank.h), as far down as the round took. Orders that no such formula is are the host's alone. No
 * other command lies between the plan and the questions, so both rank one state. Each answer must
 * be what the book says, row by row and bucket by bucket; the order that comes out must be the
 * plan's, but for what one side cannot know or judges otherwise:
 *
 *   not on the card   held, as far as the card was told; a level that is kept by hysteresis; a bad
 *                     row
 *   not in the plan   held since the last events of the venue
 *   neither           rows worth nothing, which the plan puts last in their class; accounts that
 *                     the host judges: of these the engine may say what it likes
 *
 * Whoever an answer is wrong about is the host's from then on (<firebreak/log.h>, FAULT), and the
 * ranking ends there. A histogram names nobody; one row after the other is asked for where it
 * differs. While the host judges anybody, histograms are not compared: they may count him.
 *
 * Plan and orders depend on no answer. RANK is an input, as HASH of a sweep is: a replay sends the
 * same and compares what is believed of the answers. Before the questions, all batches in flight
 * are taken up; with `ahead`, decisions fall earlier than they would without.
 */
#ifndef RUN_RANK_H
#define RUN_RANK_H

#include <stdbool.h>
#include <stdint.h>

#include <firebreak/rank.h>

#define FB_RANKINGS_PAGE 128		   /* rows a SELECT is aimed at */

struct fb_host;

struct fb_rankings {
	unsigned most, left; /* rankings for one batch of marks; of these not used yet */
	uint64_t round;	     /* of the planner; all up to it are looked at */
	uint32_t next;	     /* of the planner's rankings: whose turn it is */
	bool busy;
	struct fb_ranker *ranker;
	/* One ranking: the rows that take part, by the book. */
	struct fb_rank_request request;
	struct fb_rankings_row {
		struct fb_rank_row rank;
		uint32_t index; /* in the book */
	} *row;
	uint32_t rows;
	/* The question that is out. */
	union fb_command command;
	bool asked, searching; /* searching: not the ranker's */
	int state;	       /* what the ranker made of the answers */
	uint64_t *named, answer; /* by row of the book: number of the answer that named it last */
	/* Of this ranking: an answer is wrong; and the keys where a histogram is, from == below:
	 * nowhere. */
	bool wrong;
	uint32_t from, below;
	union fb_record histogram; /* as it should be, where the last one differed */
	/* A FAULT was told of the batch that is being taken up, or since the last one. */
	bool doubted;
};

/* most = 0: no ranking, and no room for one. -ENOMEM. */
int fb_rankings_open(struct fb_rankings *rankings, unsigned most, uint32_t rows);
void fb_rankings_close(struct fb_rankings *rankings);

/* The host has decided: if that was a round that the engine has not ranked, it does now. Nothing
 * is in flight then when it returns. */
int fb_host_rank(struct fb_host *host);
/* The answer, n records with BATCH_END last, is being taken up: what is wrong in it becomes an
 * input. */
int fb_rankings_observe(struct fb_host *host, size_t n);
struct fb_summary;
/* RANK was sent. */
void fb_rankings_count(const struct fb_cmd_rank *command, struct fb_summary *summary);
/* What a row's NOMINEE must be now. False: there must be none. */
bool fb_rankings_nominee(const struct fb_host *host, uint32_t row, uint64_t seq,
			 union fb_record *out);

#endif
