/* Judging on the newest state: see <firebreak/confirm.h>. */
#include <assert.h>

#include <firebreak/confirm.h>

#include "fetch.h"
#include "judged.h"
#include "sort.h"
#include "venue_judge.h"

#define AHEAD FB_CONFIRM_AHEAD
#define JUDGED FB_CONFIRM_JUDGED

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
