/* Device proposes, host disposes (P7).
 *
 * Integrity: each LEVEL record is recomputed from the book as it was at the record's sequence.
 * Equity, MM, bad rows, level, level before, class and damage must be bit-equal; else the
 * difference is kept and the account becomes host-judged.
 * Action: an account at the liquidation level is judged again on the book as it is now. If it
 * breaches it is a candidate; if not, it goes on the watch list and is judged again at every batch
 * of marks until it is calm. Host-judged accounts (fault level, a difference, a damaged row) are
 * judged by the host alone at every batch of marks.
 */
#ifndef FIREBREAK_CONFIRM_H
#define FIREBREAK_CONFIRM_H

#include <firebreak/book.h>
#include <firebreak/liquidate.h>

#define FB_DIFFERENCES_KEPT 16

struct fb_difference {
	union fb_record found;	  /* what the engine said */
	union fb_record expected; /* what the book says */
};

struct fb_confirm {
	struct fb_book *book;
	unsigned liquidate_level;
	uint32_t *list; /* accounts watched or host-judged */
	uint32_t listed;
	struct fb_candidate *candidate; /* found since fb_confirm_begin */
	uint32_t candidates;
	/* records recomputed equal; LEVEL records at or above the liquidation level */
	uint64_t verified, breaches;
	/* accounts that had to wait on the watch list; that the host judges */
	uint64_t waited, host_judged;
	uint64_t differences;
	struct fb_difference difference[FB_DIFFERENCES_KEPT];
};

/* The book must have its final number of accounts as capacity. -ENOMEM. */
int fb_confirm_open(struct fb_book *book, unsigned liquidate_level, struct fb_confirm *out);
void fb_confirm_close(struct fb_confirm *confirm);

/* A new decision: forgets the candidates. */
void fb_confirm_begin(struct fb_confirm *confirm);
/* A LEVEL record, in batch order. Takes over the record's level as last reported. -ESTALE:
 * history too short. */
int fb_confirm_level(struct fb_confirm *confirm, const union fb_record *record);
/* From now on the host judges this account. */
void fb_confirm_host_judges(struct fb_confirm *confirm, uint32_t account);
/* Judges every account listed or breached on the book as it is now; then `candidate` holds those
 * that must go, sorted. */
int fb_confirm_judge(struct fb_confirm *confirm);

/* Digest of a set of records as BATCH_END carries it: the sum of their hashes. */
uint64_t fb_confirm_digest(const union fb_record *record, size_t n);

/* What a LEVEL record of this account must be at `seq`. */
int fb_confirm_expect(const struct fb_book *book, uint32_t account, uint64_t seq,
		      union fb_record *out);

#endif
