/* Records the evidence of a run's rounds: see <firebreak/evidence.h>. It looks on through a tap of
 * the waterfall; another tap may pass on to it. No allocation after open. */
#ifndef EVIDENCE_H
#define EVIDENCE_H

#include <firebreak/evidence.h>

#include "merkle.h"
#include "waterfall_internal.h"

/* A ranked position while its round is open. */
struct fb_ranked {
	struct fb_adl_terms terms;
	uint32_t account, row; /* indices in the book */
	struct fb_evidence_leaf leaf;
	__int128 moved_e8;
	uint64_t lots;
	int64_t free; /* lots that hedge nothing */
	bool priced_out;
};

struct fb_evidence {
	const struct fb_waterfall *waterfall;
	/* Each link when it is sealed, with its leaves in order of rank. May be NULL. */
	void (*sealed)(void *context, const struct fb_evidence_link *link,
		       const struct fb_ranked *ranked);
	void *context;
	uint64_t links, rounds;
	uint8_t secret[32], last[32]; /* last: newest link */
	bool open;		      /* a round is */
	uint32_t opened;	      /* links of it */
	struct fb_evidence_link *link; /* of the open round; FB_ADL_RANKINGS */
	uint32_t *ranking;	       /* of each link: the planner's */
	uint32_t *first;	       /* of each link in `ranked`; one more than there are links */
	struct fb_ranked *ranked;
	uint32_t *place; /* by row: its index in `ranked` */
	fb_digest *hash;
	struct fb_tap tap;
};

/* The waterfall is open and the book has its final capacity. -ENOMEM. */
int fb_evidence_open(const struct fb_waterfall *waterfall, struct fb_evidence **out);
void fb_evidence_close(struct fb_evidence *evidence);
/* A round that is still open is sealed as it is: the run is over. */
void fb_evidence_end(struct fb_evidence *evidence);

/* While a link is being sealed: the opening of one of its leaves, and the path from it. */
void fb_evidence_opened(const struct fb_evidence *evidence, const struct fb_evidence_link *link,
			const struct fb_ranked *ranked, struct fb_evidence_opening *out);
void fb_evidence_path(struct fb_evidence *evidence, const struct fb_evidence_link *link,
		      const struct fb_ranked *ranked, uint32_t rank, struct fb_merkle_path *out);

#endif
