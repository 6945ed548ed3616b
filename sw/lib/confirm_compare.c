/* Is a LEVEL record what the book says? See <firebreak/confirm.h>. */
#include <string.h>

#include <firebreak/confirm.h>
#include <firebreak/hash.h>

#include "book_internal.h"
#include "judged.h"

#define AHEAD FB_CONFIRM_AHEAD

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
