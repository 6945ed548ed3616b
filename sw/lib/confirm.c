/* Confirmation of what an engine reports: see <firebreak/confirm.h>. Judging on the newest state is
 * in confirm_judge.c. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/confirm.h>
#include <firebreak/hash.h>

#include "book_internal.h"
#include "judged.h"
#include "pages.h"
#include "sort.h"

#define AHEAD FB_CONFIRM_AHEAD

int fb_confirm_open(struct fb_book *book, unsigned act_level, struct fb_confirm *out)
{
	memset(out, 0, sizeof(*out));
	out->book = book;
	out->act_level = out->keep_level = act_level;
	out->list = calloc(book->accounts_max + 1, sizeof(*out->list));
	out->known = fb_pages(2 * (size_t)book->accounts_max + 2, sizeof(*out->known));
	out->list_known = calloc(book->accounts_max + 1, sizeof(*out->list_known));
	out->ordered = fb_pages(book->accounts_max + 1, sizeof(*out->ordered));
	out->venue = calloc(book->accounts_max + 1, sizeof(*out->venue));
	out->key = calloc(book->accounts_max + 1, sizeof(*out->key));
	out->scratch = calloc(book->accounts_max + 1, sizeof(*out->scratch));
	if (out->list && out->known && out->list_known && out->ordered && out->venue && out->key &&
	    out->scratch)
		return 0;
	fb_confirm_close(out);
	return -ENOMEM;
}

void fb_confirm_close(struct fb_confirm *confirm)
{
	free(confirm->list);
	free(confirm->known);
	free(confirm->list_known);
	confirm->known = NULL;
	confirm->list_known = NULL;
	free(confirm->ordered);
	free(confirm->venue);
	free(confirm->key);
	free(confirm->scratch);
	confirm->venue = NULL;
	confirm->key = confirm->scratch = NULL;
	confirm->list = NULL;
	confirm->ordered = NULL;
	confirm->judged = NULL;
}

uint64_t fb_confirm_digest(const union fb_record *record, size_t n)
{
	return fb_hash_sum(record, n);
}

/* As an engine sums after command `seq`. 1: the book is the same now, and these are its exact sums;
 * 0; -ESTALE. */
static int sums_at(const struct fb_book *book, uint32_t account, uint64_t seq, struct fb_sums *sums,
		   __int128 *collateral_e8)
{
	bool now;
	*collateral_e8 = book->account[account].collateral_e8;
	if (fb_value_at(book, account, seq, sums, &now))
		return now;
	struct fb_view view;
	int err = fb_book_view(book, account, seq, &view);
	if (err)
		return err;
	fb_value_engine(book, &view, sums);
	*collateral_e8 = view.collateral_e8;
	return 0;
}

static unsigned level_at(const struct fb_book *book, const struct fb_book_account *a,
			 const struct fb_sums *sums, __int128 collateral_e8)
{
	return fb_level_engine(&book->classes[a->class_id], a->level, sums, collateral_e8);
}

static void write(const struct fb_book_account *a, uint64_t seq, unsigned level,
		  const struct fb_sums *sums, union fb_record *out)
{
	memset(out, 0, sizeof(*out));
	out->level.seq = seq;
	out->level.kind = FB_REC_LEVEL;
	out->level.level = (uint8_t)level;
	out->level.level_before = a->level;
	out->level.account = a->id;
	out->level.equity = fb_i128_of(sums->equity_e8);
	out->level.mm = fb_i128_of(sums->mm_e15);
	out->level.bad_rows = (uint16_t)sums->bad_rows;
	out->level.class_id = a->class_id;
}

int fb_confirm_expect(const struct fb_book *book, uint32_t account, uint64_t seq,
		      union fb_record *out)
{
	const struct fb_book_account *a = &book->account[account];
	__int128 collateral_e8;
	struct fb_sums sums;
	int now = sums_at(book, account, seq, &sums, &collateral_e8);
	if (now < 0)
		return now;
	write(a, seq, level_at(book, a, &sums, collateral_e8), &sums, out);
	return 0;
}

void fb_confirm_watch(struct fb_confirm *confirm, uint32_t account)
{
	struct fb_book_account *a = &confirm->book->account[account];
	a->touched = true;
	if (a->listed)
		return;
	assert(confirm->listed < confirm->book->accounts_max);
	a->listed = true;
	confirm->list_known[confirm->listed] = 0;
	confirm->list[confirm->listed++] = account;
}

void fb_confirm_host_judges(struct fb_confirm *confirm, uint32_t account)
{
	struct fb_book_account *a = &confirm->book->account[account];
	fb_confirm_watch(confirm, account);
	if (!a->host_judged)
		confirm->host_judged++;
	a->host_judged = true;
}

void fb_confirm_host_judges_all(struct fb_confirm *confirm)
{
	confirm->everyone = true;
	for (uint32_t i = 0; i < confirm->book->accounts; i++)
		fb_confirm_host_judges(confirm, i);
}

static void keep_difference(struct fb_confirm *confirm, const union fb_record *found,
			    const union fb_record *expected)
{
	if (confirm->differences < FB_DIFFERENCES_KEPT)
		confirm->difference[confirm->differences] =
			(struct fb_difference){ .found = *found, .expected = *expected };
	confirm->differences++;
}

/* Where what is found next is kept, so that judging need not find out again; it counts when knowns
 * goes up. */
static struct fb_judged *next_known(struct fb_confirm *confirm)
{
	if (confirm->known_seq != confirm->book->seq) {
		confirm->known_seq = confirm->book->seq;
		confirm->knowns = confirm->taken = 0;
	}
	return &confirm->known[confirm->knowns];
}

/* Does the record say this, bit by bit? Its words are those that expect() would write. */
static bool says(const union fb_record *record, const struct fb_book_account *a, unsigned level,
		 const struct fb_sums *sums)
{
	const uint64_t *word = record->words;
	struct fb_i128 equity = fb_i128_of(sums->equity_e8), mm = fb_i128_of(sums->mm_e15);
	uint64_t head = FB_REC_LEVEL | (uint64_t)level << 16 | (uint64_t)a->level << 24 |
			(uint64_t)a->id << 32,
		 tail = (uint64_t)(uint16_t)sums->bad_rows | (uint64_t)a->class_id << 16;
	return ((word[1] ^ head) | (word[2] ^ equity.lo) | (word[3] ^ (uint64_t)equity.hi) |
		(word[4] ^ mm.lo) | (word[5] ^ (uint64_t)mm.hi) | (word[6] ^ tail)) == 0;
}
FB_STATIC_ASSERT(FB_HASHED_BYTES == 56 && offsetof(struct fb_rec_level, seq) == 0 &&
			 offsetof(struct fb_rec_level, kind) == 8 &&
			 offsetof(struct fb_rec_level, level) == 10 &&
			 offsetof(struct fb_rec_level, level_before) == 11 &&
			 offsetof(struct fb_rec_level, account) == 12 &&
			 offsetof(struct fb_rec_level, equity) == 16 &&
			 offsetof(struct fb_rec_level, mm) == 32 &&
			 offsetof(struct fb_rec_level, bad_rows) == 48 &&
			 offsetof(struct fb_rec_level, class_id) == 50,
		 "says() knows where they are");

int fb_confirm_compare(struct fb_confirm *confirm, const union fb_record *record, uint32_t about,
		       union fb_record *expected)
{
	const struct fb_book *book = confirm->book;
	uint32_t account = fb_book_account_about(book, record->level.account, about);
	if (account == FB_NONE)
		memset(expected, 0, sizeof(*expected));
	if (account == FB_NONE || book->account[account].host_judged)
		return account != FB_NONE;
	const struct fb_book_account *a = &book->account[account];
	struct fb_judged *known = next_known(confirm);
	__int128 collateral_e8;
	int now = sums_at(book, account, record->level.seq, &known->sums, &collateral_e8);
	if (now < 0)
		return now;
	unsigned level = level_at(book, a, &known->sums, collateral_e8);
	bool equal = says(record, a, level, &known->sums);
	if (!equal)
		write(a, record->level.seq, level, &known->sums, expected);
	if (equal && now == 1 && confirm->knowns < book->accounts_max) {
		known->account = account;
		confirm->knowns++;
	}
	return equal;
}

size_t fb_confirm_fetch_first(struct fb_confirm *confirm, const union fb_record *record, size_t n)
{
	size_t first = n < AHEAD ? n : AHEAD;
	for (size_t i = 0; i < first; i++)
		confirm->about[i] = fb_book_fetch(confirm->book, record[i].header.account);
	return first;
}

uint32_t fb_confirm_fetch(struct fb_confirm *confirm, const union fb_record *record, size_t i,
			  size_t n)
{
	uint32_t about = confirm->about[i % AHEAD];
	if (i + 2 * AHEAD < n)
		fb_book_fetch_id(confirm->book, record[i + 2 * AHEAD].header.account);
	if (i + AHEAD < n)
		confirm->about[i % AHEAD] =
			fb_book_fetch(confirm->book, record[i + AHEAD].header.account);
	return about;
}

void fb_confirm_fetch_taken(const struct fb_confirm *confirm)
{
	if (confirm->taken + AHEAD < confirm->knowns)
		fb_book_fetch_account(confirm->book,
				      confirm->known[confirm->taken + AHEAD].account);
}

void fb_confirm_differs(struct fb_confirm *confirm, const union fb_record *found,
			const union fb_record *expected)
{
	uint32_t account = fb_book_account_index(confirm->book, found->header.account);
	keep_difference(confirm, found, expected);
	/* Of nobody: the difference is all there is. */
	if (account != FB_NONE)
		fb_confirm_host_judges(confirm, account);
}

/* Most often the next of those that were recomputed: then nobody need look for it. */
static uint32_t account_of(const struct fb_confirm *confirm, const union fb_record *record)
{
	if (confirm->taken < confirm->knowns && confirm->known_seq == confirm->book->seq) {
		uint32_t account = confirm->known[confirm->taken].account;
		if (confirm->book->account[account].id == record->level.account)
			return account;
	}
	return fb_book_account_index(confirm->book, record->level.account);
}

/* Most who breach are users in breach on the newest state, by the book's sums: while the account is
 * near, all is done that judging would do with it, and it need not be looked at for that again.
 * FB_CONFIRM_JUDGED, or 0. */
static uint32_t judged_now(struct fb_confirm *confirm, struct fb_book_account *a, uint32_t known)
{
	struct fb_judged *j = &confirm->known[known];
	if (confirm->judge || a->role != FB_ROLE_USER || confirm->known_seq != confirm->book->seq)
		return 0;
	j->venue = NULL;
	j->reached_1 = (uint8_t)(1 + fb_level_judged(&confirm->book->classes[a->class_id],
						     FB_LEVEL_CALM, j));
	if (j->reached_1 - 1u < confirm->act_level)
		return 0;
	a->touched = a->sound = false;
	return FB_CONFIRM_JUDGED;
}

int fb_confirm_take(struct fb_confirm *confirm, const union fb_record *record)
{
	uint32_t account = account_of(confirm, record);
	if (account == FB_NONE)
		return 0;
	struct fb_book_account *a = &confirm->book->account[account];
	confirm->book->account[account].said = record->level.level;
	if (a->host_judged)
		return 0;
	confirm->verified++;
	a->level = record->level.level;
	if (a->level == FB_LEVEL_FAULT) {
		fb_confirm_host_judges(confirm, account);
		return 0;
	}
	if (a->level >= confirm->act_level) {
		confirm->breaches++;
		bool listed = a->listed;
		fb_confirm_watch(confirm, account);
		a->watched = true;
		if (!listed && confirm->taken < confirm->knowns &&
		    confirm->known[confirm->taken].account == account) {
			uint32_t judged = judged_now(confirm, a, confirm->taken++);
			confirm->list_known[confirm->listed - 1] = confirm->taken | judged;
		}
		return 0;
	}
	if (a->listed) /* its next judgement says more than this record */
		a->touched = true;
	return !a->listed;
}

int fb_confirm_level(struct fb_confirm *confirm, const union fb_record *record)
{
	union fb_record expected;
	int equal = fb_confirm_compare(confirm, record, FB_NONE, &expected);
	if (equal == 0)
		fb_confirm_differs(confirm, record, &expected);
	return equal < 0 ? equal : fb_confirm_take(confirm, record);
}
