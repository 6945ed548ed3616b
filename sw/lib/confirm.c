/* Confirmation of what an engine reports: see <firebreak/confirm.h>. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/confirm.h>
#include <firebreak/hash.h>

int fb_confirm_open(struct fb_book *book, unsigned liquidate_level, struct fb_confirm *out)
{
	memset(out, 0, sizeof(*out));
	out->book = book;
	out->liquidate_level = liquidate_level;
	out->list = calloc(book->accounts_max + 1, sizeof(*out->list));
	out->candidate = calloc(book->accounts_max + 1, sizeof(*out->candidate));
	if (out->list && out->candidate)
		return 0;
	fb_confirm_close(out);
	return -ENOMEM;
}

void fb_confirm_close(struct fb_confirm *confirm)
{
	free(confirm->list);
	free(confirm->candidate);
	confirm->list = NULL;
	confirm->candidate = NULL;
}

void fb_confirm_begin(struct fb_confirm *confirm)
{
	confirm->candidates = 0;
}

uint64_t fb_confirm_digest(const union fb_record *record, size_t n)
{
	uint64_t digest = 0;
	for (size_t i = 0; i < n; i++)
		digest += fb_hash_word(&record[i]);
	return digest;
}

int fb_confirm_expect(const struct fb_book *book, uint32_t account, uint64_t seq,
		      union fb_record *out)
{
	const struct fb_book_account *a = &book->account[account];
	struct fb_view view;
	int err = fb_book_view(book, account, seq, &view);
	if (err)
		return err;
	struct fb_sums sums;
	fb_value_engine(book, &view, &sums);
	memset(out, 0, sizeof(*out));
	out->level.seq = seq;
	out->level.kind = FB_REC_LEVEL;
	out->level.level = (uint8_t)fb_value_level_engine(&book->classes[view.class_id], a->level,
							  &sums, view.collateral_e8);
	out->level.level_before = a->level;
	out->level.account = a->id;
	out->level.equity = fb_i128_of(sums.equity_e8);
	out->level.mm = fb_i128_of(sums.mm_e15);
	out->level.bad_rows = (uint16_t)sums.bad_rows;
	out->level.class_id = view.class_id;
	return 0;
}

static void list(struct fb_confirm *confirm, uint32_t account)
{
	const struct fb_book_account *a = &confirm->book->account[account];
	if (a->watched || a->host_judged)
		return;
	assert(confirm->listed < confirm->book->accounts_max);
	confirm->list[confirm->listed++] = account;
}

void fb_confirm_host_judges(struct fb_confirm *confirm, uint32_t account)
{
	struct fb_book_account *a = &confirm->book->account[account];
	list(confirm, account);
	if (!a->host_judged)
		confirm->host_judged++;
	a->host_judged = true;
}

static void keep_difference(struct fb_confirm *confirm, const union fb_record *found,
			    const union fb_record *expected)
{
	if (confirm->differences < FB_DIFFERENCES_KEPT)
		confirm->difference[confirm->differences] =
			(struct fb_difference){ .found = *found, .expected = *expected };
	confirm->differences++;
}

int fb_confirm_level(struct fb_confirm *confirm, const union fb_record *record)
{
	struct fb_book *book = confirm->book;
	uint32_t account = fb_book_account_index(book, record->level.account);
	union fb_record expected;
	memset(&expected, 0, sizeof(expected));
	if (account == FB_NONE) {
		/* Nobody to judge: the difference is all there is. */
		keep_difference(confirm, record, &expected);
		return 0;
	}
	int err = fb_confirm_expect(book, account, record->level.seq, &expected);
	if (err)
		return err;
	struct fb_book_account *a = &book->account[account];
	bool equal = memcmp(record, &expected, FB_HASHED_BYTES) == 0;
	if (equal)
		confirm->verified++;
	else
		keep_difference(confirm, record, &expected);
	a->level = record->level.level;
	bool breached = a->level >= confirm->liquidate_level && a->level != FB_LEVEL_FAULT;
	if (breached)
		confirm->breaches++;
	if (!equal || a->level == FB_LEVEL_FAULT) {
		fb_confirm_host_judges(confirm, account);
	} else if (breached && !a->watched) {
		/* On the list until judged: fb_confirm_judge makes it a candidate, keeps it, or
		 * lets it go. */
		list(confirm, account);
		a->watched = true;
	}
	return 0;
}

/* True if the account stays on the list. */
static bool judge(struct fb_confirm *confirm, uint32_t account, int *err)
{
	struct fb_book *book = confirm->book;
	struct fb_book_account *a = &book->account[account];
	struct fb_view view;
	struct fb_candidate *c = &confirm->candidate[confirm->candidates];
	*err = fb_book_view(book, account, FB_NOW, &view);
	if (*err)
		return true;
	fb_value_exact(book, &view, &c->sums);
	const struct fb_book_class *class = &book->classes[a->class_id];
	if (a->role == FB_ROLE_USER && fb_value_breach(class, confirm->liquidate_level, &c->sums) &&
	    !(view.rows == 0 && view.collateral_e8 == 0)) {
		c->account = account;
		c->id = a->id;
		confirm->candidates++;
		return true;
	}
	if (a->watched && fb_value_level(class, a->level, &c->sums) == FB_LEVEL_CALM)
		a->watched = a->waiting = false;
	if (a->watched && !a->waiting)
		confirm->waited++;
	a->waiting = a->watched;
	return a->watched || a->host_judged;
}

int fb_confirm_judge(struct fb_confirm *confirm)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < confirm->listed; i++) {
		int err;
		bool stays = judge(confirm, confirm->list[i], &err);
		if (err)
			return err;
		if (stays)
			confirm->list[kept++] = confirm->list[i];
	}
	confirm->listed = kept;
	fb_liquidate_sort(confirm->candidate, confirm->candidates);
	return 0;
}
