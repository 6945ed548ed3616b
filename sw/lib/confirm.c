/* Confirmation of what an engine reports: see <firebreak/confirm.h>. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/confirm.h>
#include <firebreak/hash.h>

#include "book_internal.h"
#include "fetch.h"
#include "judged.h"
#include "pages.h"
#include "sort.h"
#include "venue_judge.h"

#define AHEAD FB_CONFIRM_AHEAD
#define JUDGED (UINT32_C(1) << 31) /* in list_known: judged since, on the newest state */

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
 * JUDGED, or 0. */
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
	return JUDGED;
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

const struct fb_sums *fb_judged_sums(const struct fb_judged *judged)
{
	return fb_sums_of(judged);
}

unsigned fb_judged_level(const struct fb_book_class *rule, unsigned before,
			 const struct fb_judged *judged)
{
	return fb_level_judged(rule, before, judged);
}

bool fb_judged_breach(const struct fb_book_class *rule, unsigned level,
		      const struct fb_judged *judged)
{
	if (judged->sums.equity_e8 < 0)
		return true;
	return level <= rule->thresholds && fb_value_breach(rule, level, fb_judged_sums(judged));
}

/* Nobody else keeps the level of an account that the host judges. */
static void keep_level(struct fb_confirm *confirm, struct fb_book_account *a,
		       const struct fb_judged *judged)
{
	unsigned before = a->level == FB_LEVEL_FAULT ? FB_LEVEL_CALM : a->level,
		 level = fb_judged_level(&confirm->book->classes[a->class_id], before, judged);
	confirm->breaches += level >= confirm->act_level && before < confirm->act_level;
	a->level = (uint8_t)level;
}

static int by_severity(const void *context, uint32_t a, uint32_t b)
{
	const struct fb_confirm *confirm = context;
	const struct fb_book_account *account = confirm->book->account;
	const struct fb_judged *x = &confirm->known[a], *y = &confirm->known[b];
	return fb_value_severity(&x->sums, account[x->account].id, &y->sums,
				 account[y->account].id);
}

/* Into canonical order. An equity beyond 64 bits has no key: then all are compared. */
static void sort(struct fb_confirm *confirm)
{
	uint32_t n = confirm->judgements;
	struct fb_sort_key *key = confirm->key;
	bool keyed = true;
	confirm->judged = n == 1 ? &confirm->known[key[0].index] : confirm->ordered;
	if (n <= 1)
		return;
	for (uint32_t i = 0; i < n; i++)
		keyed = fb_value_severity_key(&confirm->known[key[i].index].sums, &key[i].key) &&
			keyed;
	for (uint32_t i = 0; i < n && !keyed; i++)
		key[i].key = 0;
	fb_sort_keys(key, confirm->scratch, n);
	fb_sort_ties(key, n, by_severity, confirm);
	for (uint32_t i = 0; i < n; i++) {
		if (i + AHEAD < n)
			fb_fetch(&confirm->known[key[i + AHEAD].index]);
		confirm->ordered[i] = confirm->known[key[i].index];
	}
}

/* Which of those known the ith on the list is, as long as that holds; FB_NONE. */
static uint32_t known_of(const struct fb_confirm *confirm, uint32_t i)
{
	uint32_t known = (confirm->list_known[i] & ~JUDGED) - 1;
	bool good = known != FB_NONE && confirm->known_seq == confirm->book->seq &&
		    confirm->known[known].account == confirm->list[i];
	return good ? known : FB_NONE;
}

/* Behind all those that were known. */
static struct fb_judged *find(struct fb_confirm *confirm, uint32_t account, uint32_t *others)
{
	const struct fb_book *book = confirm->book;
	bool now;
	assert(*others < book->accounts_max + 1);
	struct fb_judged *j = &confirm->known[book->accounts_max + 1 + (*others)++];
	j->account = account;
	fb_value_at(book, account, FB_NOW, &j->sums, &now);
	return j;
}

/* What the venue makes of it, if that is otherwise. */
static int judge_by_venue(struct fb_confirm *confirm, struct fb_judged *j)
{
	struct fb_view view;
	struct fb_sums *sums = &confirm->venue[confirm->judgements];
	if (confirm->book->account[j->account].role != FB_ROLE_USER)
		return 0;
	int err = fb_book_view(confirm->book, j->account, FB_NOW, &view);
	if (err)
		return err;
	fb_venue_judge_sums(confirm->judge, &view, sums);
	j->venue = sums;
	return 0;
}

/* Whose breach was reported stays on the list until it is calm. */
static void keep_watching(struct fb_confirm *confirm, struct fb_book_account *a,
			  const struct fb_judged *j)
{
	const struct fb_book_class *class = &confirm->book->classes[a->class_id];
	if (fb_level_reached(class, j) >= confirm->act_level)
		return; /* in breach, so its level is not calm either */
	if (fb_level_judged(class, a->level, j) == FB_LEVEL_CALM)
		a->watched = a->waiting = false;
	if (a->watched && !a->waiting && !a->busy) {
		a->waiting = true;
		confirm->waited++;
	}
}

static bool is_house(const struct fb_book_account *a)
{
	return a->role == FB_ROLE_FUND || a->role == FB_ROLE_BACKSTOP;
}

/* Without positions and addend it has no MM, and its equity is its money: while that is not
 * negative, judging it again comes to what judging it came to last. At every mark there would be
 * two of them beside the account that the mark is about. */
static bool is_sound_house(const struct fb_book_account *a)
{
	return a->rows_live == 0 && is_house(a) && a->addend_e15 == 0 && a->collateral_e8 >= 0;
}

static bool rests(const struct fb_book_account *a)
{
	return a->sound && is_sound_house(a) && !(a->busy | a->watched | a->host_judged);
}

/* One on the list. */
static int judge(struct fb_confirm *confirm, struct fb_judged *j, struct fb_book_account *a)
{
	j->venue = NULL;
	int err = confirm->judge ? judge_by_venue(confirm, j) : 0;
	if (err)
		return err;
	j->reached_1 = (uint8_t)(1 + fb_level_judged(&confirm->book->classes[a->class_id],
						     FB_LEVEL_CALM, j));
	a->touched = false;
	a->sound = is_sound_house(a);
	if (a->host_judged)
		keep_level(confirm, a, j);
	if (a->watched)
		keep_watching(confirm, a, j);
	confirm->key[confirm->judgements++].index = (uint32_t)(j - confirm->known);
	return 0;
}

/* What the ith and those behind it need. */
static void fetch(const struct fb_confirm *confirm, uint32_t i)
{
	if (i + 2 * AHEAD < confirm->listed && !(confirm->list_known[i + 2 * AHEAD] & JUDGED))
		fb_book_fetch_account(confirm->book, confirm->list[i + 2 * AHEAD]);
	if (i + AHEAD < confirm->listed && confirm->list_known[i + AHEAD] == 0)
		fb_book_fetch_row(confirm->book, confirm->list[i + AHEAD]);
}

int fb_confirm_judge(struct fb_confirm *confirm, bool all)
{
	struct fb_book *book = confirm->book;
	uint32_t n = confirm->listed, others = 0;
	int err = 0;
	confirm->judgements = 0;
	for (uint32_t i = 0; i < n && !err; i++) {
		uint32_t account = confirm->list[i], known = known_of(confirm, i);
		bool judged = confirm->list_known[i] & JUDGED;
		confirm->list_known[i] = 0;
		if (n > AHEAD)
			fetch(confirm, i);
		if (judged && known != FB_NONE) {
			confirm->key[confirm->judgements++].index = known;
			continue;
		}
		struct fb_book_account *a = &book->account[account];
		if (!judged && !a->touched && (!all || rests(a)))
			continue;
		err = judge(confirm,
			    known != FB_NONE ? &confirm->known[known]
					     : find(confirm, account, &others),
			    a);
	}
	if (!err)
		sort(confirm);
	return err;
}

bool fb_confirm_lacks_buffer(const struct fb_book *book, uint32_t account, uint32_t buffer_e7,
			     const struct fb_sums *sums)
{
	__int128 notional_e8 = 0;
	if (buffer_e7 == 0)
		return false;
	for (uint32_t i = book->account[account].first; i != FB_NONE; i = book->row[i].next) {
		const struct fb_book_row *row = &book->row[i];
		uint64_t lots = row->qty < 0 ? -(uint64_t)row->qty : (uint64_t)row->qty;
		notional_e8 += (__int128)((unsigned __int128)lots * book->symbol[row->symbol].u >>
					  FB_U_FRACTION_BITS);
	}
	return sums->equity_e8 * 10000000 < sums->mm_e15 + notional_e8 * buffer_e7;
}

enum fb_confirmed fb_confirm_found(const struct fb_confirm *confirm, const struct fb_judged *judged)
{
	const struct fb_book_account *a = &confirm->book->account[judged->account];
	const struct fb_book_class *class = &confirm->book->classes[a->class_id];
	if (judged->sums.equity_e8 < 0)
		return FB_CONFIRMED_BANKRUPT;
	if (!a->busy)
		return fb_level_reached(class, judged) >= confirm->act_level ? FB_CONFIRMED_BREACH
									     : FB_CONFIRMED_NONE;
	if (fb_confirm_lacks_buffer(confirm->book, judged->account, confirm->buffer_e7,
				    fb_judged_sums(judged)))
		return FB_CONFIRMED_BREACH;
	return fb_level_judged(class, FB_LEVEL_6, judged) >= confirm->keep_level
		       ? FB_CONFIRMED_BREACH
		       : FB_CONFIRMED_NONE;
}

void fb_confirm_tidy(struct fb_confirm *confirm)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < confirm->listed; i++) {
		struct fb_book_account *a = &confirm->book->account[confirm->list[i]];
		if (i + AHEAD < confirm->listed)
			fb_book_fetch_account(confirm->book, confirm->list[i + AHEAD]);
		a->listed = a->host_judged || a->watched || a->busy || a->touched ||
			    is_house(a);
		if (a->listed) {
			confirm->list_known[kept] = 0;
			confirm->list[kept++] = confirm->list[i];
		}
	}
	confirm->listed = kept;
}
