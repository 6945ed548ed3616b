/* Confirmation (P7): a record must be bit-equal to the book at its sequence, and an account is
 * judged again on the book as it is. */
#include "book_kit.h"

static struct fb_confirm confirm;

static void open_all(unsigned ahead)
{
	open_book(ahead);
	/* 100 lots of symbol 1 bought at 1: MM 1, equity 11 less what the mark takes. */
	tell(c_account(1, 11 * MONEY, 0, 0));
	tell(c_position(1, 10, 1, 100, 100 * MONEY));
	ck_assert_int_eq(fb_confirm_open(book, 3, &confirm), 0);
	fb_book_seal(book);
}

static void close_all(void)
{
	fb_confirm_close(&confirm);
	fb_book_close(book);
}

/* The mark of symbol 1 in hundredths. */
static void mark(uint64_t percent)
{
	tell(c_mark(1, U_MONEY * percent / 100));
}

/* The record the account must give now. */
static union fb_record truth(uint32_t id)
{
	union fb_record r;
	ck_assert_int_eq(fb_confirm_expect(book, index_of(id), book->seq, &r), 0);
	return r;
}

/* How many of those on the list are in breach now. */
static uint32_t judge(void)
{
	uint32_t breaches = 0;
	ck_assert_int_eq(fb_confirm_judge(&confirm, true), 0);
	for (uint32_t i = 0; i < confirm.judgements; i++)
		breaches += fb_confirm_found(&confirm, &confirm.judged[i]) != FB_CONFIRMED_NONE;
	fb_confirm_tidy(&confirm);
	return breaches;
}

static uint32_t take(const union fb_record *r)
{
	ck_assert_int_ge(fb_confirm_level(&confirm, r), 0);
	return judge();
}

START_TEST(an_equal_record_is_verified)
{
	open_all(0);
	mark(90); /* equity 1, MM 0.9: 90 % */
	union fb_record r = truth(1);
	ck_assert_uint_eq(r.level.level, 2);
	kit_assert_wide(fb_wide(r.level.equity), MONEY);
	kit_assert_wide(fb_wide(r.level.mm), (__int128)9 * MONEY / 10 * 10000000);
	ck_assert_uint_eq(take(&r), 0);
	ck_assert_uint_eq(confirm.verified, 1);
	ck_assert_uint_eq(confirm.differences, 0);
	ck_assert_uint_eq(book->account[index_of(1)].level, 2);
	mark(89);
	r = truth(1);
	ck_assert_uint_eq(r.level.level_before, 2);
	ck_assert_uint_eq(take(&r), 1); /* MM 0.89 >= equity 0 */
	ck_assert_uint_eq(confirm.judged[0].account, index_of(1));
	ck_assert_uint_eq(confirm.breaches, 1);
	close_all();
}
END_TEST

/* One bit wrong anywhere in the meaningful part: the difference is kept, and the host judges the
 * account. */
START_TEST(every_bit_counts)
{
	for (unsigned bit = 64; bit < 8 * FB_HASHED_BYTES; bit++) {
		if (bit / 8 >= 12 && bit / 8 < 16)
			continue; /* the account: another test */
		open_all(0);
		mark(90);
		union fb_record r = truth(1), bad = r;
		bad.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
			KIT_MUST(fb_confirm_level(&confirm, &bad) == 0);
		if (confirm.differences != 1 || confirm.verified != 0)
			ck_abort_msg("bit %u of a record went unseen", bit);
		KIT_MUST(book->account[index_of(1)].host_judged && confirm.host_judged == 1);
		KIT_MUST(memcmp(&confirm.difference[0].found, &bad, 64) == 0);
		KIT_MUST(memcmp(&confirm.difference[0].expected, &r, 64) == 0);
		close_all();
	}
}
END_TEST

START_TEST(a_record_of_nobody_is_a_difference)
{
	open_all(0);
	union fb_record r = truth(1);
	r.level.account = 77;
	ck_assert_uint_eq(take(&r), 0);
	ck_assert_uint_eq(confirm.differences, 1);
	close_all();
}
END_TEST

/* A record older than the newest marks: bit-equal at its sequence, but what is done depends on
 * now. */
START_TEST(a_stale_breach_is_watched)
{
	open_all(4);
	mark(89);
	union fb_record r = truth(1);
	ck_assert_uint_eq(r.level.level, 3);
	mark(90);
	ck_assert_uint_eq(take(&r), 0);
	ck_assert_uint_eq(confirm.verified, 1);
	ck_assert_uint_eq(confirm.listed, 1);
	ck_assert_uint_eq(confirm.waited, 1);
	/* Judged again at its marks, without any record. */
	mark(90);
	ck_assert_uint_eq(judge(), 0);
	ck_assert_uint_eq(confirm.listed, 1);
	mark(88);
	ck_assert_uint_eq(judge(), 1);
	/* Calm: forgotten. */
	mark(100);
	ck_assert_uint_eq(judge(), 0);
	ck_assert_uint_eq(confirm.listed, 0);
	ck_assert_uint_eq(confirm.waited, 1);
	close_all();
}
END_TEST

/* What an account was found to be worth when its record was compared is not what it is judged by
 * once the book has moved on. */
START_TEST(sums_do_not_outlive_the_book)
{
	for (int moves = 0; moves < 3; moves++) {
		open_all(4);
		mark(89);
		union fb_record r = truth(1);
		ck_assert_int_eq(fb_confirm_level(&confirm, &r), 0);
		if (moves == 1)
			mark(95);
		if (moves == 2)
			tell(c_collateral(1, 5 * MONEY));
		ck_assert_uint_eq(judge(), moves == 0);
		ck_assert_uint_eq(confirm.judgements, 1);
		struct fb_sums sums;
		bool now;
		fb_value_at(book, index_of(1), FB_NOW, &sums, &now);
		kit_assert_wide(confirm.judged[0].sums.equity_e8, sums.equity_e8);
		kit_assert_wide(confirm.judged[0].sums.mm_e15, sums.mm_e15);
		close_all();
	}
}
END_TEST

/* Whose record was judged when it came is judged again, though nobody touched it since, if the book
 * has moved. */
START_TEST(a_judgement_of_before_is_none)
{
	open_all(4);
	mark(89);
	union fb_record r = truth(1);
	ck_assert_int_eq(fb_confirm_level(&confirm, &r), 0);
	ck_assert(!book->account[index_of(1)].touched);
	tell(c_collateral(1, 5 * MONEY));
	ck_assert_int_eq(fb_confirm_judge(&confirm, false), 0);
	ck_assert_uint_eq(confirm.judgements, 1);
	ck_assert_int_eq(fb_confirm_found(&confirm, &confirm.judged[0]), FB_CONFIRMED_NONE);
	close_all();
}
END_TEST

/* A level that hysteresis keeps is a record like others, but no breach: the account waits. */
START_TEST(a_level_that_is_kept_is_no_breach)
{
	open_all(4);
	struct fb_book_account *a = &book->account[index_of(1)];
	mark(89);
	tell(c_collateral(1, 92 * MONEY / 100)); /* MM 0.89, equity 0.92: 97 % */
	a->level = 3;
	union fb_record r = truth(1);
	ck_assert_uint_eq(r.level.level, 3);
	ck_assert_int_eq(fb_confirm_level(&confirm, &r), 0);
	ck_assert(a->touched);
	ck_assert_uint_eq(judge(), 0);
	ck_assert(a->watched && a->waiting);
	ck_assert_uint_eq(confirm.waited, 1);
	close_all();
}
END_TEST

START_TEST(the_host_judges_what_the_card_cannot)
{
	open_all(0);
	tell(c_collateral(1, (INT64_C(1) << 61) - 1));
	tell(c_collateral(1, (INT64_C(1) << 61) - 1));
	union fb_record r = truth(1);
	ck_assert_uint_eq(r.level.level, FB_LEVEL_FAULT);
	ck_assert_uint_eq(take(&r), 0);
	ck_assert_uint_eq(confirm.differences, 0);
	ck_assert_uint_eq(confirm.host_judged, 1);
	/* Wide integers know that the account is bankrupt although its engine level says only
	 * "fault". */
	tell(c_collateral(1, -(INT64_C(1) << 61)));
	tell(c_collateral(1, -(INT64_C(1) << 61)));
	tell(c_collateral(1, -20 * MONEY));
	ck_assert_uint_eq(judge(), 1);
	kit_assert_wide(confirm.judged[0].sums.equity_e8, -9 * MONEY - 2);
	/* It stays with the host for good. */
	tell(c_collateral(1, 1000 * MONEY));
	ck_assert_uint_eq(judge(), 0);
	ck_assert_uint_eq(confirm.listed, 1);
	close_all();
}
END_TEST

/* They stay on the list, whatever they are judged. */
START_TEST(house_accounts_are_watched)
{
	open_all(0);
	fb_confirm_watch(&confirm, index_of(FB_ID_FUND));
	ck_assert_uint_eq(judge(), 0);
	ck_assert_uint_eq(confirm.listed, 1);
	tell(c_collateral(FB_ID_FUND, -501 * MONEY));
	union fb_record r = truth(FB_ID_FUND);
	ck_assert_uint_eq(r.level.level, FB_LEVEL_BANKRUPT);
	ck_assert_uint_eq(take(&r), 1);
	ck_assert_uint_eq(confirm.verified, 1);
	ck_assert_uint_eq(confirm.listed, 1);
	close_all();
}
END_TEST

/* How many are judged between two decisions. */
static uint32_t judged(bool all)
{
	ck_assert_int_eq(fb_confirm_judge(&confirm, all), 0);
	uint32_t n = confirm.judgements;
	fb_confirm_tidy(&confirm);
	return n;
}

/* A house without positions and debts is not judged at every mark; whatever else it is or becomes,
 * it is, and once more when that is over. */
START_TEST(a_sound_house_rests)
{
	open_all(0);
	struct fb_book_account *fund = &book->account[index_of(FB_ID_FUND)];
	fb_confirm_watch(&confirm, index_of(FB_ID_FUND));
	ck_assert_uint_eq(judged(true), 1);
	ck_assert_uint_eq(judged(true), 0);
	ck_assert_uint_eq(confirm.listed, 1);
	fb_confirm_watch(&confirm, index_of(FB_ID_FUND));
	ck_assert_uint_eq(judged(false), 1);

	tell(c_collateral(FB_ID_FUND, -501 * MONEY));
	ck_assert_uint_eq(judge(), 1);
	ck_assert_uint_eq(confirm.judgements, 1);
	ck_assert_uint_eq(judge(), 1); /* and stays so */
	tell(c_collateral(FB_ID_FUND, 501 * MONEY));
	ck_assert_uint_eq(judged(true), 1); /* the governor must hear that it is sound again */
	ck_assert_int_eq(fb_confirm_found(&confirm, &confirm.judged[0]), FB_CONFIRMED_NONE);
	ck_assert_uint_eq(judged(true), 0);

	bool *notes[] = { &fund->busy, &fund->watched, &fund->host_judged };
	for (int i = 0; i < 3; i++) {
		*notes[i] = true;
		ck_assert_uint_eq(judged(true), 1);
		*notes[i] = false;
	}
	ck_assert_uint_eq(judged(true), 0);
	for (int shift = 0; shift < 80; shift += 79) { /* an addend of any width is MM */
		fund->addend_e15 = (__int128)1 << shift;
		ck_assert_uint_eq(judged(true), 1);
		ck_assert_uint_eq(judged(true), 1);
		fund->addend_e15 = 0;
		ck_assert_uint_eq(judged(true), 1);
		ck_assert_uint_eq(judged(true), 0);
	}
	tell(c_position(FB_ID_FUND, 77, 1, 1, MONEY));
	ck_assert_uint_eq(judged(true), 1);
	ck_assert_uint_eq(judged(true), 1);
	close_all();
}
END_TEST

/* Whom a record is about is in the record: what the caller believes changes nothing. */
START_TEST(a_hint_is_a_hint)
{
	open_all(0);
	tell(c_account(2, 50 * MONEY, 0, 0));
	mark(90);
	union fb_record r = truth(1), unknown = r, expected;
	const uint32_t hints[] = { index_of(1), index_of(2), index_of(FB_ID_FUND), book->accounts,
				   FB_NONE - 1, FB_NONE };
	unknown.level.account = 77;
	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++) {
		ck_assert_int_eq(fb_confirm_compare(&confirm, &r, hints[i], &expected), 1);
		ck_assert_uint_eq(confirm.known[confirm.knowns - 1].account, index_of(1));
		ck_assert_int_eq(fb_confirm_compare(&confirm, &unknown, hints[i], &expected), 0);
		ck_assert_uint_eq(expected.level.account, 0);
	}
	close_all();
}
END_TEST

/* A level below those at which the rules act is a notice, unless the account is on the list. */
START_TEST(a_low_level_is_a_notice)
{
	open_all(0);
	mark(90);
	union fb_record r = truth(1);
	ck_assert_uint_eq(r.level.level, 2);
	ck_assert_int_eq(fb_confirm_level(&confirm, &r), 1);
	ck_assert_uint_eq(confirm.listed, 0);
	fb_confirm_watch(&confirm, index_of(1));
	mark(91);
	r = truth(1);
	ck_assert_int_eq(fb_confirm_level(&confirm, &r), 0);
	ck_assert_int_eq(fb_confirm_judge(&confirm, false), 0);
	ck_assert_uint_eq(confirm.judgements, 1);
	fb_confirm_tidy(&confirm);
	ck_assert_uint_eq(confirm.listed, 0);
	close_all();
}
END_TEST

/* In the waterfall a breach is kept down to the threshold's lower value; only who was touched is
 * judged between batches of marks; and it stays on the list while it is busy. */
START_TEST(busy_accounts_have_hysteresis)
{
	open_all(0);
	mark(89);
	union fb_record r = truth(1);
	struct fb_book_account *a = &book->account[index_of(1)];
	ck_assert_uint_eq(take(&r), 1);
	tell(c_collateral(1, 92 * MONEY / 100)); /* MM 0.89, equity 0.92: 97 % */
	ck_assert_uint_eq(judge(), 0);
	a->busy = true;
	ck_assert_uint_eq(judge(), 1);
	ck_assert_int_eq(fb_confirm_judge(&confirm, false), 0);
	ck_assert_uint_eq(confirm.judgements, 0);
	fb_confirm_watch(&confirm, index_of(1));
	ck_assert_int_eq(fb_confirm_judge(&confirm, false), 0);
	ck_assert_uint_eq(confirm.judgements, 1);
	a->busy = a->watched = false;
	fb_confirm_tidy(&confirm);
	ck_assert_uint_eq(confirm.listed, 0);
	close_all();
}
END_TEST

START_TEST(a_digest_is_of_a_set)
{
	union fb_record r[3], turned[3];
	uint64_t seed = 9;
	for (int i = 0; i < 3; i++)
		for (int k = 0; k < 8; k++)
			r[i].words[k] = kit_random(&seed);
	turned[0] = r[2];
	turned[1] = r[0];
	turned[2] = r[1];
	ck_assert_uint_eq(fb_confirm_digest(r, 3), fb_confirm_digest(turned, 3));
	turned[1].bytes[20] ^= 1;
	ck_assert_uint_ne(fb_confirm_digest(r, 3), fb_confirm_digest(turned, 3));
	ck_assert_uint_ne(fb_confirm_digest(r, 3), fb_confirm_digest(r, 2));
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "equal", an_equal_record_is_verified },
		{ "bits", every_bit_counts },
		{ "nobody", a_record_of_nobody_is_a_difference },
		{ "stale", a_stale_breach_is_watched },
		{ "outlive", sums_do_not_outlive_the_book },
		{ "host-judged", the_host_judges_what_the_card_cannot },
		{ "house", house_accounts_are_watched },
		{ "resting", a_sound_house_rests },
		{ "before", a_judgement_of_before_is_none },
		{ "kept", a_level_that_is_kept_is_no_breach },
		{ "hint", a_hint_is_a_hint },
		{ "notice", a_low_level_is_a_notice },
		{ "busy", busy_accounts_have_hysteresis },
		{ "digest", a_digest_is_of_a_set },
	};
	return kit_main("host: confirmation", cases, sizeof(cases) / sizeof(cases[0]));
}
