/* Confirmation of what an engine reports: see <firebreak/confirm.h>. Here records are taken over,
 * and accounts put on the list; they are compared in confirm_compare.c, and who is on the list is
 * judged in confirm_judge.c. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/confirm.h>

#include "book_internal.h"
#include "judged.h"
#include "pages.h"
#include "sort.h"

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

void fb_confirm_fetch_taken(const struct fb_confirm *confirm)
{
	uint32_t ahead = confirm->taken + FB_CONFIRM_AHEAD;
	if (ahead < confirm->knowns)
		fb_book_fetch_account(confirm->book, confirm->known[ahead].account);
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
