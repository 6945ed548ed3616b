/* The audit leaves a healthy card in peace, changes no decision, and starts and stops as it is
 * told; what is wrong in a sum it says, with the right account and the right sums. Runs on the
 * -poke build of the core; skipped where that has not been built. */
#include "audit_book.h"

#define ACTS 250u
#define SETTLE_CYCLES 3000u
#define WRONG 99u /* an account beside the book */

/* Random placement: more lanes, chains and stripes are met half full. */
#define CARD "lanes=8,poke=1,place=random,seed=5"
#define STALLED "lanes=8,poke=1,place=random,seed=5,stall=60"

static void teardown(void)
{
	card_close();
}

static unsigned rotations(void)
{
	unsigned n = 0;

	for (size_t i = 0; i < card.seen_n; i++)
		n += is_rotation(&card.seen[i].record);
	return n;
}

/* ---- a healthy card ---- */

START_TEST(nothing_is_found_under_traffic)
{
	book_open((uint64_t)_i, _i % 2 ? STALLED : CARD);
	card_audit(true);
	for (unsigned k = 0; k < ACTS; k++) {
		book_act();
		card_expect_healthy();
	}
	book_settle();
	card_wait(SETTLE_CYCLES);
	card_expect_healthy();
}
END_TEST

/* A symbol that is defined just behind the audit, or just before it, and gets its first row at
 * once: with every pause, since nobody is asked for symbols that do not exist. */
START_TEST(nothing_is_found_of_a_new_symbol)
{
	card_open(CARD);
	for (uint32_t pause = 0; pause < 130; pause += 6) {
		card_send(c_plain(FB_OP_RESET));
		card_send(c_class(0, 0, 8000000, 7000000, 0));
		card_send(c_ladder(17, 0, 100, 0, 0));
		card_send(c_symbol(1, 17, U_ONE));
		card_send(c_account(WRONG, 1000, 0, 0));
		card_audit(true);
		card_wait(pause);
		card_queue(kit_more(c_symbol(40, 17, U_ONE)));
		card_queue(c_position(WRONG, 1, 40, 1000, 10));
		card_settle();
		card_wait(1000);
		card_expect_healthy();
	}
}
END_TEST

/* A sign of life at each turn, but no more than one in 2^16 cycles, those before AUDIT included. */
START_TEST(rotations_are_told_at_their_pace)
{
	book_open(1, CARD);
	struct audit_time t = book_time();
	card_audit(true);
	card_wait(150000 - card_now());
	card_expect_healthy();
	ck_assert_uint_eq(rotations(), 2);
	for (size_t i = 0; i < card.seen_n; i++) {
		uint64_t before = i ? card.seen[i - 1].cycle : 0;
		ck_assert_uint_ge(card.seen[i].cycle - before, 65536);
		ck_assert_uint_le(card.seen[i].cycle - before, 65536 + t.rotation + 8);
	}
}
END_TEST

/* ---- decisions ---- */

static union fb_command rank(uint32_t s, enum fb_rank mode)
{
	union fb_command c = c_plain(FB_OP_RANK);

	c.rank.symbol = book_symbol[s];
	c.rank.side = (uint8_t)draw(2);
	c.rank.mode = (uint8_t)mode;
	c.rank.exclude_level = FB_LEVEL_FAULT;
	c.rank.class_mask = 7;
	c.rank.profit_c = 0x1001;
	c.rank.zoom = 18;
	c.rank.cursor_key = UINT32_MAX;
	return c;
}

static union fb_command question(void)
{
	uint32_t s = draw(BOOK_FIRST);

	switch (draw(5)) {
	case 0:
		return c_plain(FB_OP_SNAPSHOT);
	case 1:
		return c_plain(FB_OP_HASH);
	case 2:
		return rank(s, FB_RANK_HISTOGRAM);
	case 3:
		return rank(s, FB_RANK_SELECT);
	default:
		return c_funding(book_symbol[s], draw_signed(20));
	}
}

static void one_life(uint64_t seed, const char *arguments, bool audited)
{
	book_open(seed, arguments);
	card_audit(audited);
	for (unsigned k = 0; k < ACTS; k++) {
		book_act();
		if (k % 4 == 3) {
			book_settle();
			book_say(question(), false);
		}
	}
	book_settle();
	ck_assert_uint_eq(card_findings(0, NULL), 0);
}

/* BATCH_END covers every decision record of its batch by number and digest. */
START_TEST(decisions_are_the_same)
{
	const char *arguments = _i % 2 ? STALLED : CARD;
	union fb_record *plain = malloc(sizeof card.end);

	KIT_MUST(plain);
	one_life((uint64_t)_i, arguments, false);
	size_t n = card.ends;
	memcpy(plain, card.end, sizeof card.end);
	card_close();
	one_life((uint64_t)_i, arguments, true);
	ck_assert_uint_eq(card.ends, n);
	for (size_t i = 0; i < n; i++)
		KIT_MUST(memcmp(&plain[i], &card.end[i], sizeof plain[i]) == 0);
	free(plain);
}
END_TEST

/* ---- wrong sums ---- */

#define WRONG_EQUITY 1300
#define WRONG_MM 65000000
#define WRONG_BAD 1u

/* Beside the book: an account whose sums can be told by hand. At 5 a lot and 10,000 units,
 *   1000 lots: value 5000, entry 4200; -300 lots: value -1500, entry -2000
 * and one row that is out of range. */
static void put_wrong_account(void)
{
	card_send(c_symbol(100, 0, 5 * U_ONE));
	card_send(c_symbol(101, 0, UINT64_C(1) << 51));
	card_send(c_account(WRONG, 123456, 777, 7));
	card_send(c_position(WRONG, 1, 100, 1000, 4200));
	card_send(c_position(WRONG, 2, 100, -300, -2000));
	card_send(c_position(WRONG, 3, 101, (INT64_C(1) << 47) - 1, 0));
}

/* Two bits of a word, so that its parity holds. */
static void spoil_two(uint32_t first, uint32_t second)
{
	uint32_t lane, slot;

	card_seat(WRONG, &lane, &slot);
	card_flip(FB_CORE_ACCOUNTS, lane, slot, first);
	card_flip(FB_CORE_ACCOUNTS, lane, slot, second);
}

static void spoil(uint32_t bit)
{
	spoil_two(bit, bit + 1);
}

static void expect_wrong(size_t from)
{
	const struct seen *s = NULL;
	uint32_t lane, slot;

	card_seat(WRONG, &lane, &slot);
	ck_assert_uint_gt(card_findings(from, &s), 0);
	const struct fb_rec_audit *r = &s->record.audit;
	ck_assert_uint_eq(r->kind, FB_REC_AUDIT);
	ck_assert_uint_eq(r->finding, FB_AUDIT_MISMATCH);
	ck_assert_uint_eq(r->account, WRONG);
	ck_assert_uint_eq(r->lane, lane);
	kit_assert_wide(kit_wide(r->equity), WRONG_EQUITY);
	kit_assert_wide(kit_wide(r->mm), WRONG_MM);
	ck_assert_uint_eq(r->bad_rows, WRONG_BAD);
}

/* Nobody else is named. */
static void expect_only_wrong(size_t from)
{
	for (size_t i = from; i < card.seen_n; i++) {
		const union fb_record *r = &card.seen[i].record;
		if (is_rotation(r))
			continue;
		ck_assert_uint_eq(r->header.kind, FB_REC_AUDIT);
		ck_assert_uint_eq(r->audit.account, WRONG);
	}
}

/* MM, equity, bad rows: lowest and highest bits; one of each of two. */
static const uint32_t sum_bits[][2] = { { 0, 1 },     { 94, 95 },   { 96, 97 },
					{ 166, 167 }, { 168, 169 }, { 175, 176 },
					{ 3, 99 },    { 95, 168 },  { 167, 176 } };

START_TEST(wrong_sums_are_told_with_the_right_ones)
{
	book_open(2, CARD);
	put_wrong_account();
	struct audit_time t = book_time();
	card_audit(true);
	for (size_t i = 0; i < sizeof sum_bits / sizeof *sum_bits; i++) {
		card_wait(draw((uint32_t)t.rotation));
		size_t from = card.seen_n;
		spoil_two(sum_bits[i][0], sum_bits[i][1]);
		/* Four stripes more than the book's. */
		card_wait(t.rotation + 4 * t.windows + t.window);
		expect_wrong(from);
		expect_only_wrong(from);
		spoil_two(sum_bits[i][0], sum_bits[i][1]);
		card_wait(t.window);
	}
}
END_TEST

/* What stays wrong is said at every turn: that shows how long a turn is. */
START_TEST(a_rotation_takes_what_its_stages_take)
{
	book_open(3, CARD);
	uint32_t lane, slot;
	card_seat(book_account(0), &lane, &slot);
	card_flip(FB_CORE_ACCOUNTS, lane, slot, 130);
	card_flip(FB_CORE_ACCOUNTS, lane, slot, 131);
	struct audit_time t = book_time();
	card_audit(true);
	card_wait(6 * t.rotation);
	ck_assert_uint_ge(card.seen_n, 5);
	for (size_t i = 1; i < card.seen_n; i++)
		ck_assert_uint_eq(card.seen[i].cycle - card.seen[i - 1].cycle, t.rotation + 1);
}
END_TEST

/* ---- on and off ---- */

START_TEST(it_is_off_until_it_is_told)
{
	book_open(4, CARD);
	put_wrong_account();
	struct audit_time t = book_time();
	spoil(128);
	card_wait(3 * t.rotation);
	ck_assert_uint_eq(card.seen_n, 0);
	card_audit(true);
	card_wait(2 * t.rotation);
	expect_wrong(0);
	card_audit(false);
	card_wait(t.window);
	size_t from = card.seen_n;
	card_wait(3 * t.rotation);
	ck_assert_uint_eq(card.seen_n, from);
	card_audit(true);
	card_wait(2 * t.rotation);
	expect_wrong(from);
}
END_TEST

/* RESET in the middle of a window, and a book after it that must be found healthy. */
START_TEST(reset_stops_it)
{
	book_open(5, CARD);
	struct audit_time t = book_time();
	card_audit(true);
	card_wait(draw((uint32_t)t.rotation));
	card_send(c_plain(FB_OP_RESET));
	book_tables();
	put_wrong_account();
	spoil(128);
	size_t from = card.seen_n;
	card_wait(3 * t.rotation);
	ck_assert_uint_eq(card.seen_n, from);
	card_audit(true);
	card_wait(t.rotation);
	expect_wrong(from);
	expect_only_wrong(from);
}
END_TEST

/* ---- in the way of others ---- */

START_TEST(it_goes_on_in_an_open_batch)
{
	book_open(6, CARD);
	put_wrong_account();
	struct audit_time t = book_time();
	card_audit(true);
	card_send(kit_more(book_marks()));
	spoil(128);
	size_t ends = card.ends;
	card_wait(t.rotation + 4 * t.windows + t.window);
	expect_wrong(0);
	expect_only_wrong(0);
	ck_assert_uint_eq(card.ends, ends);
	spoil(128);
	book_settle();
	size_t from = card.seen_n;
	card_wait(2 * t.rotation);
	ck_assert_uint_eq(card_findings(from, NULL), 0);
}
END_TEST

/* A finding waits for room; it is not lost, and nothing is found because of the wait. */
START_TEST(it_waits_for_room_at_the_output)
{
	book_open(7, CARD);
	put_wrong_account();
	struct audit_time t = book_time();
	card_audit(true);
	spoil(128);
	card.deaf = true;
	card_wait(3 * t.rotation);
	ck_assert_uint_eq(card.seen_n, 0);
	card.deaf = false;
	card_wait(8);
	expect_wrong(0);
	spoil(128);
	card_wait(t.window);
	size_t from = card.seen_n;
	card_wait(2 * t.rotation);
	ck_assert_uint_eq(card_findings(from, NULL), 0);
	expect_only_wrong(0);
}
END_TEST

int main(void)
{
	int code = card_library(CARD);
	if (code)
		return code;
	Suite *suite = suite_create("audit");
	TCase *tests = tcase_create("audit");
	tcase_add_checked_fixture(tests, NULL, teardown);
	tcase_set_timeout(tests, 100);
	tcase_add_loop_test(tests, nothing_is_found_under_traffic, 0, 6);
	tcase_add_test(tests, nothing_is_found_of_a_new_symbol);
	tcase_add_test(tests, rotations_are_told_at_their_pace);
	tcase_add_loop_test(tests, decisions_are_the_same, 0, 3);
	tcase_add_test(tests, wrong_sums_are_told_with_the_right_ones);
	tcase_add_test(tests, a_rotation_takes_what_its_stages_take);
	tcase_add_test(tests, it_is_off_until_it_is_told);
	tcase_add_test(tests, reset_stops_it);
	tcase_add_test(tests, it_goes_on_in_an_open_batch);
	tcase_add_test(tests, it_waits_for_room_at_the_output);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
