/* The state as others see it: hash, snapshot, fence, reset, and the sequence. */
#include "model_kit.h"

static struct kit kit, other;

static void define_tables(struct kit *k)
{
	kit_do(k, c_class(0, 0, 5000000, 4000000, 0));
	kit_do(k, c_ladder(0, 0, 1000000, 0, 0));
	kit_do(k, c_ladder(1, 0, 2000000, 0, 0));
	kit_do(k, c_symbol(1, 0, U_ONE));
	kit_do(k, c_symbol(2, 1, 2 * U_ONE));
}

static void open_world(void)
{
	kit_open(&kit, "model:accounts=64,rows=256");
	define_tables(&kit);
}

START_TEST(hash_of_nothing)
{
	kit_open(&kit, "model:accounts=4,rows=4");
	struct fb_rec_hash h = kit_hash(&kit);
	ck_assert_uint_eq(h.accounts_hash | h.rows_hash | h.symbols_hash, 0);
	ck_assert_uint_eq(h.accounts | h.rows | h.symbols, 0);
	kit_close(&kit);
}
END_TEST

/* The items as the layout describes them, byte by byte, hashed here. */
START_TEST(hash_of_one_of_each)
{
	open_world();
	kit_do(&kit, c_symbol(2, 0, 3 * U_ONE)); /* symbols 1 and 2 */
	union fb_command c = c_account(0x89abcdef, -1000, -((__int128)5 << 70), 0);
	c.account.role = 2;
	c.account.held = 1;
	kit_do(&kit, c);
	c = c_position(0x89abcdef, 0x12345678, 2, -77, -300);
	c.position.addend = 0xabcdef;
	c.position.row_flags = 1;
	kit_do(&kit, c);
	struct fb_rec_hash h = kit_hash(&kit);

	const __int128 equity = -1000 - 231 + 300;
	const __int128 mm = -((__int128)5 << 70) + 231 * (__int128)(1000000 + 0xabcdef);
	union fb_state_item item = { .account = {
		.kind = 0x81, .level = 7, .flags = 4 | 2 << 3, .account = 0x89abcdef,
		.equity_lo = (uint64_t)equity, .equity_hi = 0xff,
		.mm_lo = (uint64_t)mm, .mm_hi = (uint32_t)(mm >> 64),
		.collateral_lo = (uint64_t)-1000, .collateral_hi = 0xff,
		.addend_lo = 0, .addend_hi = 0x1000000 - (5 << 6),
	} };
	ck_assert_uint_eq(h.accounts_hash, fb_hash_word(&item));
	item = (union fb_state_item){ .row = {
		.kind = 0x82, .row_flags = 1, .symbol = 2, .account = 0x89abcdef,
		.position = 0x12345678, .addend = 0xabcdef, .qty = -77, .entry = -300,
	} };
	ck_assert_uint_eq(h.rows_hash, fb_hash_word(&item));
	item = (union fb_state_item){
		.symbol = { .kind = 0x83, .symbol = 1, .ladder = 0, .u = U_ONE }
	};
	uint64_t sum = fb_hash_word(&item);
	item = (union fb_state_item){
		.symbol = { .kind = 0x83, .symbol = 2, .ladder = 0, .u = 3 * U_ONE }
	};
	ck_assert_uint_eq(h.symbols_hash, sum + fb_hash_word(&item));
	ck_assert_uint_eq(h.accounts, 1);
	ck_assert_uint_eq(h.rows, 1);
	ck_assert_uint_eq(h.symbols, 2);
	kit_close(&kit);
}
END_TEST

/* Damage and bad rows are state, too. */
START_TEST(hash_shows_damage_and_bad_rows)
{
	open_world();
	kit_do(&kit, c_account(1, 0, 0, 0));
	kit_do(&kit, c_position(1, 1, 1, INT64_C(1) << 46, 1));
	kit_do(&kit, c_mark(1, (UINT64_C(1) << 52) - 1));
	kit_do(&kit, c_funding(1, (INT64_C(1) << 52) - 1));
	struct fb_rec_hash h = kit_hash(&kit);
	union fb_state_item item = {
		.account = { .kind = 0x81, .level = 8, .flags = 2, .account = 1, .bad_rows = 1 }
	};
	ck_assert_uint_eq(h.accounts_hash, fb_hash_word(&item));
	kit_close(&kit);
}
END_TEST

enum { ACCOUNTS = 50, ROWS = 200 };

/* Ids far apart, so that nothing rests on their being dense. */
static uint32_t account_of(uint32_t position)
{
	return position % ACCOUNTS * 1000003;
}

START_TEST(hash_does_not_depend_on_load_order)
{
	open_world();
	kit_open(&other, "model:accounts=51,rows=201");
	define_tables(&other);
	for (uint32_t a = 0; a < ACCOUNTS; a++)
		kit_do(&kit, c_account(a * 1000003, 5000 + a, a, 0));
	for (uint32_t p = 0; p < ROWS; p++)
		kit_do(&kit, c_position(account_of(p), p << 16, p & 1 ? 1 : 2, p - 100, p - 90));
	/* The other way round, by detours: a row that comes and goes, a quantity that is
	 * corrected, a fill. */
	kit_do(&other, c_account(77, 1, 1, 0));
	for (uint32_t a = ACCOUNTS; a-- > 0;)
		kit_do(&other, c_account(a * 1000003, 4000, 0, 0));
	kit_do(&other, c_position(77, 5, 1, 1, 1));
	for (uint32_t p = ROWS; p-- > 0;) {
		kit_do(&other, c_position(account_of(p), p << 16, p & 1 ? 1 : 2, 5, 5));
		kit_do(&other, c_fill(account_of(p), p << 16, p & 1 ? 1 : 2, p - 100, p - 90, 0));
	}
	for (uint32_t a = 0; a < ACCOUNTS; a++)
		kit_do(&other, c_account(a * 1000003, 5000 + a, a, 0));
	kit_do(&other, c_position(77, 5, 1, 0, 0));
	kit_do(&other, c_remove(77));
	/* Hysteresis makes levels depend on the way; load them afresh from above on both sides. */
	for (uint32_t a = 0; a < ACCOUNTS; a++) {
		kit_do(&kit, c_account_level(a * 1000003, 5000 + a, a, 0, 0));
		kit_do(&other, c_account_level(a * 1000003, 5000 + a, a, 0, 0));
	}
	struct fb_rec_hash a = kit_hash(&kit), b = kit_hash(&other);
	kit_expect_same_state(&a, &b);
	ck_assert_uint_eq(a.accounts, ACCOUNTS);
	ck_assert_uint_eq(a.rows, ROWS);
	/* One unit in one entry is seen. */
	kit_do(&other, c_position(0, 0, 2, -100, -91));
	b = kit_hash(&other);
	ck_assert_uint_ne(a.rows_hash, b.rows_hash);
	ck_assert_uint_ne(a.accounts_hash, b.accounts_hash);
	ck_assert_uint_eq(a.symbols_hash, b.symbols_hash);
	kit_close(&kit);
	kit_close(&other);
}
END_TEST

START_TEST(snapshot_lists_who_is_not_calm)
{
	open_world();
	kit_do(&kit, c_account(1, 1000, 0, 0));
	kit_do(&kit, c_account(2, -1, 3, 0));
	kit_do(&kit, c_account(3, 1, 1000000000, 0));
	kit_do(&kit, c_plain(FB_OP_SNAPSHOT));
	ck_assert_uint_eq(kit.n, 2);
	const union fb_record *r = kit_find(&kit, FB_REC_SNAPSHOT, 2);
	ck_assert(r && r->snapshot.level == 7 && r->snapshot.seq == kit.seq &&
		r->snapshot.level_before == 0);
	kit_assert_wide(kit_wide(r->snapshot.equity), -1);
	kit_assert_wide(kit_wide(r->snapshot.mm), 3);
	r = kit_find(&kit, FB_REC_SNAPSHOT, 3);
	ck_assert(r && r->snapshot.level == 1);
	/* Evidence is that of now, even where the level did not change since. */
	kit_do(&kit, c_position(3, 1, 1, 10, 10));
	kit_do(&kit, c_mark(1, U_ONE + U_ONE / 10 + 1));
	kit_expect_silence(&kit);
	kit_do(&kit, c_plain(FB_OP_SNAPSHOT));
	r = kit_find(&kit, FB_REC_SNAPSHOT, 3);
	kit_assert_wide(kit_wide(r->snapshot.equity), 2);
	kit_assert_wide(kit_wide(r->snapshot.mm), 1000000000 + 11000000);
	kit_close(&kit);
}
END_TEST

START_TEST(fence_echoes)
{
	open_world();
	union fb_command c = c_plain(FB_OP_FENCE);
	c.fence.cookie = UINT64_C(0xfedcba9876543210);
	kit_do(&kit, c);
	ck_assert_uint_eq(kit.n, 1);
	ck_assert_uint_eq(kit.record[0].fence.kind, FB_REC_FENCE);
	ck_assert_uint_eq(kit.record[0].fence.cookie, c.fence.cookie);
	ck_assert_uint_eq(kit.record[0].fence.seq, kit.seq);
	ck_assert_uint_eq(kit.end.batch_end.commands, 1);
	kit_close(&kit);
}
END_TEST

/* Everything is gone, an open batch too, and the next sequence follows the reset's. */
START_TEST(reset)
{
	open_world();
	kit_do(&kit, c_account(1, -1, 0, 0));
	kit_do(&kit, kit_more(c_collateral(1, -1)));
	union fb_command c = c_plain(FB_OP_RESET);
	kit.seq = 1000000 - 1;
	kit_do(&kit, kit_more(c)); /* MORE is ignored */
	kit_expect_silence(&kit);
	ck_assert_uint_eq(kit.end.batch_end.seq, 1000000);
	ck_assert_uint_eq(kit.end.batch_end.commands, 1);
	ck_assert_uint_eq(kit.end.batch_end.digest, 0);
	struct fb_rec_hash h = kit_hash(&kit);
	ck_assert_uint_eq(h.accounts | h.rows | h.symbols, 0);
	kit_send(&kit, c_account(1, 0, 0, 0));
	ck_assert_uint_eq(kit_reason(&kit), FB_REJECT_CLASS);
	kit_send(&kit, c_symbol(1, 0, U_ONE));
	ck_assert_uint_eq(kit_reason(&kit), FB_REJECT_LADDER);
	/* A second life is like the first. */
	define_tables(&kit);
	kit_do(&kit, c_account(1, -1, 0, 0));
	kit_expect_level(&kit, 1, 0, 7);
	/* The largest sequence is followed by 0. */
	kit.seq = UINT64_MAX - 1;
	kit_do(&kit, c);
	kit_do(&kit, c_plain(FB_OP_FENCE));
	ck_assert_uint_eq(kit.seq, 0);
	kit_close(&kit);
}
END_TEST

/* Records of a dropped batch that were given already stand; the end of the reset does not cover
 * them. */
START_TEST(reset_drops_the_open_batch)
{
	open_world();
	union fb_record r[4];
	union fb_command c = kit_more(c_collateral(99, 0));
	c.header.seq = kit.seq + 1;
	ck_assert_int_eq(fb_engine_submit(kit.engine, &c), 0);
	c = c_plain(FB_OP_RESET);
	c.header.seq = 5000;
	ck_assert_int_eq(fb_engine_submit(kit.engine, &c), 0);
	ck_assert_int_eq(fb_engine_poll(kit.engine, r, 4, NULL), 2);
	ck_assert_uint_eq(r[0].header.kind, FB_REC_REJECT);
	ck_assert_uint_eq(r[1].header.kind, FB_REC_BATCH_END);
	ck_assert_uint_eq(r[1].batch_end.count | r[1].batch_end.rejects, 0);
	ck_assert_uint_eq(r[1].batch_end.commands, 1);
	ck_assert_uint_eq(r[1].batch_end.digest, 0);
	kit_close(&kit);
}
END_TEST

/* A reset inside a batch forgets whom the batch touched, however often. */
START_TEST(reset_again_and_again)
{
	kit_open(&kit, "model:accounts=2,rows=4");
	for (unsigned i = 0; i < 10; i++) {
		define_tables(&kit);
		for (uint32_t a = 0; a < 2; a++) {
			kit_do(&kit, kit_more(c_account(a, -1, 0, 0)));
			kit_do(&kit, kit_more(c_position(a, a, 1, 1, 1)));
		}
		kit_do(&kit, c_plain(FB_OP_RESET));
		kit_expect_silence(&kit);
	}
	define_tables(&kit);
	kit_do(&kit, c_account(1, -1, 0, 0));
	kit_expect_level(&kit, 1, 0, 7);
	kit_close(&kit);
}
END_TEST

/* A command out of sequence is ignored and named; the one that was expected is still expected. */
START_TEST(sequence_fault)
{
	open_world();
	struct fb_rec_hash before = kit_hash(&kit);
	const uint64_t expected = kit.seq + 1;
	const uint64_t wrong[] = { expected + 1, expected - 1, 0, UINT64_MAX };
	for (size_t i = 0; i < 4; i++) {
		union fb_command c = c_account(1, -1, 0, 0);
		union fb_record r[4];
		c.header.seq = wrong[i];
		ck_assert_int_eq(fb_engine_submit(kit.engine, &c), 0);
		ck_assert_int_eq(fb_engine_poll(kit.engine, r, 4, NULL), 1); /* no BATCH_END */
		ck_assert_uint_eq(r[0].fault.kind, FB_REC_FAULT);
		ck_assert_uint_eq(r[0].fault.fault, FB_FAULT_SEQUENCE);
		ck_assert_uint_eq(r[0].fault.expected_seq, expected);
		ck_assert_uint_eq(r[0].fault.found_seq, wrong[i]);
	}
	struct fb_rec_hash after = kit_hash(&kit);
	kit_expect_same_state(&before, &after);
	kit_close(&kit);
}
END_TEST

/* An ignored word leaves an open batch open and is no command of it. */
START_TEST(sequence_fault_in_a_batch)
{
	open_world();
	kit_do(&kit, c_account(1, 1000, 0, 0));
	kit_do(&kit, kit_more(c_collateral(1, -2000)));
	union fb_command c = c_plain(FB_OP_FENCE);
	c.header.seq = kit.seq;
	ck_assert_int_eq(fb_engine_submit(kit.engine, &c), 0);
	kit_do(&kit, c_collateral(1, 0));
	ck_assert_uint_eq(kit.n, 2);
	ck_assert_uint_eq(kit.end.batch_end.commands, 2);
	ck_assert_uint_eq(kit.end.batch_end.count, 1);
	kit_expect_level(&kit, 1, 0, 7);
	kit_close(&kit);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "hash of nothing", hash_of_nothing },
		{ "hash of one", hash_of_one_of_each },
		{ "hash of faults", hash_shows_damage_and_bad_rows },
		{ "hash and order", hash_does_not_depend_on_load_order },
		{ "snapshot", snapshot_lists_who_is_not_calm },
		{ "fence", fence_echoes },
		{ "reset", reset },
		{ "reset in a batch", reset_drops_the_open_batch },
		{ "reset again", reset_again_and_again },
		{ "sequence fault", sequence_fault },
		{ "sequence fault in a batch", sequence_fault_in_a_batch },
	};
	return kit_main("model: state", cases, sizeof(cases) / sizeof(cases[0]));
}
