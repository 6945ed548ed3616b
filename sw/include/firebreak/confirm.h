/* Device proposes, host disposes (P7).
 *
 * Integrity: each LEVEL record is recomputed from the book as it was at the record's sequence.
 * Equity, MM, bad rows, level, level before, class and damage must be bit-equal; else the
 * difference is kept and the account becomes host-judged. What the engine says of an account that
 * the host judges is noted (for the state hash) and changes nothing any more: so decisions do not
 * depend on what an engine makes of an account once it was found to err about it.
 * Action: an account at a level at which the rules act goes on the list and is judged on the book
 * as it is now, at every batch of marks and whenever something happens to it. It stays there until
 * it is calm and the waterfall has nothing more to do with it: a stale record is never simply
 * dropped. Host-judged accounts (fault level, a difference, a damaged row, a refused command, a
 * lost input) are on the list for good: the host alone judges them, and keeps their level by the
 * contract's rule. So are the fund and the backstop.
 */
#ifndef FIREBREAK_CONFIRM_H
#define FIREBREAK_CONFIRM_H

#include <firebreak/book.h>
#include <firebreak/waterfall.h>

#define FB_DIFFERENCES_KEPT 16

struct fb_difference {
	union fb_record found;	  /* what the engine said: LEVEL, or AUDIT with MISMATCH */
	union fb_record expected; /* what the book says */
};

struct fb_venue_judge;
struct fb_sort_key;

#define FB_CONFIRM_AHEAD 8u /* accounts: what is about to be read is fetched so far before */
#define FB_CONFIRM_JUDGED (UINT32_C(1) << 31) /* in list_known: it has been judged as well */

struct fb_confirm {
	struct fb_book *book;
	unsigned act_level; /* the lowest at which the rules act */
	/* The lowest at which they go on with an account in the waterfall, and the part of its
	 * notional that its equity must exceed MM by there; act_level and 0 unless set. */
	unsigned keep_level;
	uint32_t buffer_e7;
	const struct fb_venue_judge *judge; /* of users; NULL: the book's sums are the venue's */
	bool everyone;	    /* the host judges all accounts */
	uint32_t *list;	    /* accounts to judge */
	uint32_t listed;
	/* Found when records were recomputed, in their order, after command known_seq: good until
	 * the book changes. taken: of them seen again when the records were taken over. By place in
	 * the list: which one is of that account, + 1; 0: none. In the second half of it judging
	 * puts those of whom nothing was known. */
	struct fb_judged *known;
	uint32_t knowns, taken, *list_known;
	uint64_t known_seq;
	/* Of the records to come, by their number: whom they are about, as far as a glance at the
	 * book's map shows. */
	uint32_t about[FB_CONFIRM_AHEAD];
	const struct fb_judged *judged; /* by fb_confirm_judge, in canonical order */
	uint32_t judgements;
	/* room to put them in order, what they are sorted by, and what the venue makes of them */
	struct fb_judged *ordered;
	struct fb_sums *venue;
	struct fb_sort_key *key, *scratch;
	/* records recomputed equal; times an account was seen to reach the level at which the rules
	 * act, by a LEVEL record or by the host that judges it */
	uint64_t verified, breaches;
	/* accounts that had to wait on the list; that the host judges */
	uint64_t waited, host_judged;
	uint64_t differences;
	struct fb_difference difference[FB_DIFFERENCES_KEPT];
};

/* The book must have its final number of accounts as capacity. -ENOMEM. */
int fb_confirm_open(struct fb_book *book, unsigned act_level, struct fb_confirm *out);
void fb_confirm_close(struct fb_confirm *confirm);

/* A LEVEL record, in batch order. Takes over the record's level as last reported. 1: a level below
 * act_level of an account not on the list, verified: all there is to it is a notice. 0: nothing, or
 * the account is on the list now. -ESTALE: history too short. */
int fb_confirm_level(struct fb_confirm *confirm, const union fb_record *record);
/* The same in two steps. First: 1 the record is what the book says, or of an account that the host
 * judges; 0 it is not, and `expected` is what it should be (all zero: there is no such account);
 * -ESTALE. about: the index of its account, as far as the caller knows: a hint, or FB_NONE. Then:
 * takes it over, or keeps the difference and lets the host judge the account. */
int fb_confirm_compare(struct fb_confirm *confirm, const union fb_record *record, uint32_t about,
		       union fb_record *expected);
int fb_confirm_take(struct fb_confirm *confirm, const union fb_record *record);
void fb_confirm_differs(struct fb_confirm *confirm, const union fb_record *found,
			const union fb_record *expected);
/* For whoever goes through n records of a batch, from 0 on, and is at the ith: asks memory for what
 * those a few further on are about. The index of the account that the ith is about, as far as that
 * shows: nothing else follows from it. */
uint32_t fb_confirm_fetch(struct fb_confirm *confirm, const union fb_record *record, size_t i,
			  size_t n);
/* Before that, as soon as they are there: for the first of them. Their number. */
size_t fb_confirm_fetch_first(struct fb_confirm *confirm, const union fb_record *record, size_t n);
/* The same when records are taken over that were compared before. */
void fb_confirm_fetch_taken(const struct fb_confirm *confirm);
/* To be judged at the next decision. */
void fb_confirm_watch(struct fb_confirm *confirm, uint32_t account);
/* From now on the host judges this account. */
void fb_confirm_host_judges(struct fb_confirm *confirm, uint32_t account);
/* From now on the host judges all accounts there are. */
void fb_confirm_host_judges_all(struct fb_confirm *confirm);
/* Judges accounts on the book as it is now: all on the list, or those touched since the last time.
 * Left out is a house that was found without positions and debts and still is, for no mark changes
 * that.
 * `judged` holds them in canonical order (P9): severity, larger MM, lower id. */
int fb_confirm_judge(struct fb_confirm *confirm, bool all);
/* By the sums that breaches are judged by. An account that has money in the book is not bankrupt,
 * whatever the venue counts: then it is at the highest threshold. */
const struct fb_sums *fb_judged_sums(const struct fb_judged *judged);
unsigned fb_judged_level(const struct fb_book_class *rule, unsigned before,
			 const struct fb_judged *judged);
bool fb_judged_breach(const struct fb_book_class *rule, unsigned level,
		      const struct fb_judged *judged);
/* What a judgement says, for the governor: reached, or in the waterfall and not below the level at
 * which a breach is kept. */
enum fb_confirmed fb_confirm_found(const struct fb_confirm *confirm,
				   const struct fb_judged *judged);
/* Is equity below MM and this part of the notional together? false without a buffer. */
bool fb_confirm_lacks_buffer(const struct fb_book *book, uint32_t account, uint32_t buffer_e7,
			     const struct fb_sums *sums);
/* After the decision: who has no more reason to be on the list leaves it. */
void fb_confirm_tidy(struct fb_confirm *confirm);

/* Digest of a set of records as BATCH_END carries it: the sum of their hashes. */
uint64_t fb_confirm_digest(const union fb_record *record, size_t n);

/* What a LEVEL record of this account must be at `seq`. */
int fb_confirm_expect(const struct fb_book *book, uint32_t account, uint64_t seq,
		      union fb_record *out);

#endif
