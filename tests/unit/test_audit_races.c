/* What happens to a symbol in the few cycles in which the audit walks its chain: it gets another
 * ladder, it is ranked, its groups fall apart, a new symbol appears behind. Each is tried at every
 * phase of a rotation. Runs on the -poke build of the core; skipped where that has not been
 * built. */
#include <firebreak/hash.h>

#include "../../sw/lib/mix.h"
#include "audit_kit.h"

#define CARD "lanes=8,poke=1,place=load"
#define ACCOUNTS 80u
#define LONG 600u               /* the symbol whose chain is walked: three rows of every account */
#define ROWS 240u
#define ONE_GROUP 500u          /* another, of accounts of the first group alone */
#define LONELY_ROWS 60u         /* of each of its lanes */
#define PERIOD 1500u            /* more than a rotation of this book */

static uint64_t random_state;

static uint32_t draw(uint32_t n)
{
	return fb_mix_below(fb_mix(random_state++), n);
}

static union fb_command bind(uint16_t symbol)
{
	return c_symbol(symbol, (uint16_t)draw(2), (1 + draw(1000)) * U_ONE);
}

/* Account k is 1 + k. Rates of the two ladders differ. */
static void open_book(void)
{
	card_open(CARD);
	card_send(c_class(0, 0, 5000000, 4000000, false));
	card_send(c_ladder(0, 0, 100000, 0, 0));
	card_send(c_ladder(1, 0, 370000, 0, 0));
	card_send(bind(LONG));
	for (uint32_t k = 0; k < ACCOUNTS; k++)
		card_send(c_account(1 + k, 1000000000 + (int64_t)k, 0, 0));
	for (uint32_t r = 0; r < ROWS; r++)
		card_send(c_position(1 + r % ACCOUNTS, 1000 + r, LONG, 1 + draw(1000),
				     draw(100000)));
	card_audit(true);
}

static void teardown(void)
{
	card_close();
}

static void expect_healthy_after_a_turn(void)
{
	card_wait(PERIOD + draw(PERIOD));
	card_expect_healthy();
}

/* ---- another ladder, another value ---- */

START_TEST(another_ladder)
{
	open_book();
	for (unsigned k = 0; k < 300; k++) {
		card_wait(draw(PERIOD));
		card_send(bind(LONG));
		card_expect_healthy();
	}
	expect_healthy_after_a_turn();
}
END_TEST

/* ---- a rank ---- */

/* What a command is answered, but for its sequence. */
static uint64_t answer(union fb_command c, unsigned *records)
{
	union fb_record out[64];
	uint64_t sum = 0;
	int idle = 0;

	card_queue(c);
	for (*records = 0; !idle;) {
		int n = fb_engine_poll(card.engine, out, 64, &idle);
		KIT_MUST(n >= 0);
		for (int i = 0; i < n; i++) {
			if (out[i].header.kind != FB_REC_NOMINEE)
				continue;
			out[i].header.seq = 0;
			sum += fb_hash_word(&out[i]);
			++*records;
		}
	}
	return sum;
}

START_TEST(a_rank)
{
	union fb_command rank = c_plain(FB_OP_RANK);
	unsigned first_n, n;

	rank.rank.symbol = LONG;
	rank.rank.mode = FB_RANK_SELECT;
	rank.rank.exclude_level = FB_LEVEL_FAULT;
	rank.rank.class_mask = 7;
	rank.rank.profit_c = rank.rank.loss_c = 0x1f1001;
	rank.rank.cursor_key = UINT32_MAX;
	open_book();
	uint64_t first = answer(rank, &first_n);
	ck_assert_uint_ge(first_n, ROWS / 2);
	for (unsigned k = 0; k < 300; k++) {
		card_wait(draw(PERIOD));
		uint64_t again = answer(rank, &n);
		ck_assert_uint_eq(n, first_n);
		ck_assert_msg(again == first, "turn %u: nominees differ", k);
	}
	card_expect_healthy();
}
END_TEST

/* ---- groups apart: one is rebound while the other is still behind with marks ---- */

START_TEST(groups_apart)
{
	uint32_t lane, slot, put = 0, used[64] = { 0 };

	open_book();
	card_send(bind(ONE_GROUP));
	for (uint32_t k = 0; k < ACCOUNTS; k++) {
		card_seat(1 + k, &lane, &slot);
		if (lane >= card.geometry.group || used[lane]++)
			continue;
		for (uint32_t r = 0; r < LONELY_ROWS; r++)
			card_send(c_position(1 + k, 5000 + put++, ONE_GROUP, 1 + draw(1000), 7));
	}
	ck_assert_uint_eq(put, card.geometry.group * LONELY_ROWS);
	for (unsigned k = 0; k < 1200; k++) {
		union fb_command marks = c_plain(FB_OP_MARKS);

		marks.header.count = (uint8_t)(3 + draw(3));
		for (unsigned i = 0; i < marks.header.count; i++)
			marks.marks.mark[i] = (1 + draw(1000)) * U_ONE << 12 | ONE_GROUP;
		card_wait(draw(PERIOD));
		card_queue(kit_more(marks));
		card_queue(bind(LONG));
		card_settle();
		card_expect_healthy();
	}
	expect_healthy_after_a_turn();
}
END_TEST

/* ---- a symbol behind the last one, while accounts are compared ---- */

START_TEST(a_symbol_behind_the_last)
{
	open_book();
	for (uint16_t s = LONG + 1; s < LONG + 80; s++) {
		uint32_t account = 1 + draw(ACCOUNTS);

		card_wait(draw(PERIOD));
		card_queue(kit_more(bind(s)));
		card_queue(c_position(account, 9000u + s, s, 1000000, 5));
		card_settle();
		card_expect_healthy();
	}
	expect_healthy_after_a_turn();
}
END_TEST

int main(void)
{
	int code = card_library(CARD);
	if (code)
		return code;
	Suite *suite = suite_create("audit races");
	TCase *tests = tcase_create("audit races");
	tcase_add_checked_fixture(tests, NULL, teardown);
	tcase_set_timeout(tests, 100);
	tcase_add_test(tests, another_ladder);
	tcase_add_test(tests, a_rank);
	tcase_add_test(tests, groups_apart);
	tcase_add_test(tests, a_symbol_behind_the_last);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
