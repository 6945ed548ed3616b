/* RANK of the model: keys computed by hand, who takes part, ranges, histograms, refusals. */
#include "model_rank_kit.h"

#define QTY_MOST (INT64_C(1) << 47) /* of a short */

static void expect_key(uint32_t position, enum fb_sign class, int32_t score)
{
	const struct fb_rec_nominee *n = nominee(position);
	ck_assert_msg(n, "position %u is not nominated", position);
	ck_assert_uint_eq(n->key >> 28, class);
	ck_assert_int_eq((int32_t)(n->key & 0xfffffff) - MIDDLE, score);
	ck_assert_uint_eq(n->seq, kit.seq);
}

/* 16 lots for 4: N = 16, PnL = 12, collateral 20, equity 32, row MM 16 x 8 = 128, MM 256. */
static void put_sample(uint32_t account, int sign)
{
	kit_do(&kit, c_account(account, 20, 128, 0));
	kit_do(&kit, c_position(account, 10 * account, 2, 16 * sign, sign > 0 ? 4 : -28));
}

START_TEST(each_operand)
{
	static const uint32_t expected[FB_RANK_OPERANDS] = {
		L(3, 38337), L(2, 1), L(4, 1), L(5, 1), L(8, 1), L(7, 1), L(4, 21099),
	};
	open_world("model:");
	put_sample(1, 1);
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++)
		for (int c = -2; c <= 2; c++) {
			union fb_command rank = c_rank(2, 0, FB_RANK_SELECT);
			rank.rank.profit_c = C(i, c);
			rank.rank.loss_c = 0x1111111; /* of no concern to a profit */
			kit_do(&kit, rank);
			expect_key(10, FB_SIGN_PROFIT, c * (int32_t)expected[i]);
		}
	const struct fb_rec_nominee *n = nominee(10);
	ck_assert_uint_eq(n->account, 1);
	ck_assert_int_eq(n->qty, 16);
	ck_assert_int_eq(n->entry, 4);
	kit_assert_wide(kit_wide(n->equity), 32);
	kit_close(&kit);
}
END_TEST

START_TEST(operands_add_up)
{
	open_world("model:");
	put_sample(1, 1);
	put_sample(2, -1); /* short: value -16, entry -28, PnL 12 */
	union fb_command rank = c_rank(2, 0, FB_RANK_SELECT);
	rank.rank.profit_c = C(PNL, 2) | C(ENTRY, -1) | C(NOTIONAL, 1) | C(EQUITY, -2);
	int32_t rest = L(4, 1) - 2 * (int32_t)L(5, 1) + 2 * (int32_t)L(3, 38337);
	kit_do(&kit, rank);
	ck_assert_uint_eq(kit.n, 1);
	expect_key(10, FB_SIGN_PROFIT, rest - (int32_t)L(2, 1));
	rank.rank.side = 1;
	kit_do(&kit, rank);
	ck_assert_uint_eq(kit.n, 1);
	/* 28 = 2^4 x 1.75: log2 is 0.80735 x 65536 = 52910.8 above 4, and 1.2 */
	expect_key(20, FB_SIGN_PROFIT, rest - (int32_t)L(4, 52912));
	ck_assert_int_eq(nominee(20)->qty, -16);
	ck_assert_int_eq(nominee(20)->entry, -28);
	kit_close(&kit);
}
END_TEST

START_TEST(floor_of_collateral)
{
	static const struct {
		int64_t collateral;
		uint64_t floor;
		uint32_t log;
	} cases[] = {
		{ 20, 0, L(4, 21099) }, { 20, 19, L(4, 21099) }, { 20, 64, L(6, 1) },
		{ -8, 0, 1 },	       { -8, 1, 1 },		{ -8, 2, L(1, 1) },
		{ 0, 0, 1 },	       { 20, (UINT64_C(1) << 61) - 1, L(61, 0) },
	};
	open_world("model:");
	kit_do(&kit, c_account(1, 20, 0, 0));
	kit_do(&kit, c_position(1, 1, 1, 100, 50));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		union fb_command rank = c_rank(1, 0, FB_RANK_SELECT);
		rank.rank.profit_c = C(COLLATERAL, 1);
		rank.rank.floor = cases[i].floor;
		kit_do(&kit, c_account(1, cases[i].collateral, 0, 0));
		kit_do(&kit, rank);
		expect_key(1, FB_SIGN_PROFIT, (int32_t)cases[i].log);
	}
	kit_close(&kit);
}
END_TEST

/* What is 0 or below counts as 1, and 1 is not 0 in units of 2^-16. */
START_TEST(operands_below_one)
{
	open_world("model:");
	kit_do(&kit, c_account(1, 20, -1000, 0)); /* MM below 0 */
	kit_do(&kit, c_position(1, 1, 1, 4, 0)); /* entry 0, row MM 0 */
	union fb_command rank = c_rank(1, 0, FB_RANK_SELECT);
	rank.rank.profit_c = C(ENTRY, 2) | C(ACCOUNT_MM, 1) | C(ROW_MM, 1);
	kit_do(&kit, rank);
	expect_key(1, FB_SIGN_PROFIT, 4);
	kit_close(&kit);
}
END_TEST

START_TEST(classes)
{
	open_world("model:");
	for (uint32_t a = 1; a <= 4; a++)
		kit_do(&kit, c_account(a, 1000, 0, 0));
	kit_do(&kit, c_position(1, 1, 1, 16, 17));
	kit_do(&kit, c_position(2, 2, 1, 16, 16));
	kit_do(&kit, c_position(3, 3, 1, 16, 15));
	kit_do(&kit, c_position(4, 4, 1, 0, 15)); /* has no side */
	for (unsigned mask = 0; mask < 8; mask++) {
		union fb_command rank = c_rank(1, 0, FB_RANK_SELECT);
		rank.rank.profit_c = C(ENTRY, 1);
		rank.rank.loss_c = C(NOTIONAL, -1);
		rank.rank.class_mask = (uint8_t)mask;
		kit_do(&kit, rank);
		ck_assert_uint_eq(kit.n, (size_t)__builtin_popcount(mask));
		if (mask & 1)
			expect_key(1, FB_SIGN_LOSS, -(int32_t)L(4, 1));
		if (mask & 2) /* log N, whatever the coefficients are */
			expect_key(2, FB_SIGN_ZERO, L(4, 1));
		if (mask & 4) /* 15 = 2^3 x 1.875: 0.90689 x 65536 = 59434.0, and 1.2 */
			expect_key(3, FB_SIGN_PROFIT, L(3, 59435));
	}
	kit_do(&kit, c_rank(1, 1, FB_RANK_SELECT));
	kit_expect_silence(&kit);
	/* A row too small to be worth anything, for nothing: PnL 0 and N counts as 1. */
	kit_do(&kit, c_mark(1, 1));
	kit_do(&kit, c_position(2, 2, 1, 1, 0));
	kit_do(&kit, c_rank(1, 0, FB_RANK_SELECT));
	expect_key(2, FB_SIGN_ZERO, 1);
	kit_close(&kit);
}
END_TEST

static bool ranks(uint32_t position, uint8_t exclude_level)
{
	union fb_command rank = c_rank(1, 0, FB_RANK_SELECT);
	rank.rank.exclude_level = exclude_level;
	kit_do(&kit, rank);
	ck_assert(nominee(99) != NULL); /* the one that always takes part */
	ck_assert_uint_le(kit.n, 2);
	return nominee(position) != NULL;
}

START_TEST(exclusions)
{
	open_world("model:");
	kit_do(&kit, c_account(9, 1000, 0, 0));
	kit_do(&kit, c_position(9, 99, 1, 16, 10));
	union fb_command account = c_account(1, 1000, 0, 0), row = c_position(1, 1, 1, 16, 10), c;
	kit_do(&kit, account);
	kit_do(&kit, row);
	ck_assert(ranks(1, 8));
	row.position.row_flags = FB_ROW_NO_RANK;
	kit_do(&kit, row);
	ck_assert(!ranks(1, 8));
	row.position.row_flags = 0;
	kit_do(&kit, row);
	for (uint8_t role = 0; role < 4; role++) {
		c = account, c.account.role = role;
		kit_do(&kit, c);
		ck_assert_int_eq(ranks(1, 8), role == FB_ROLE_USER);
	}
	c = account, c.account.held = 1;
	kit_do(&kit, c);
	ck_assert(!ranks(1, 8));
	kit_do(&kit, c_account(1, -6, 0, 0)); /* equity 0: level calm, and yet excluded */
	ck_assert(!ranks(1, 8));
	kit_do(&kit, c_account(1, -5, 0, 0)); /* equity 1 */
	ck_assert(ranks(1, 1));
	kit_do(&kit, c_account(1, -7, 0, 0));
	ck_assert(!ranks(1, 8));
	kit_close(&kit);
}
END_TEST

START_TEST(exclusion_by_level)
{
	open_world("model:");
	kit_do(&kit, c_account(9, 1000, 0, 0));
	kit_do(&kit, c_position(9, 99, 1, 16, 10));
	kit_do(&kit, c_account(1, 94, 0, 0));
	kit_do(&kit, c_position(1, 1, 1, 16, 10)); /* equity 100 */
	for (uint8_t level = 0; level <= 6; level++) {
		kit_do(&kit, c_account(1, 94, (__int128)level * 100000000, 0));
		if (level)
			ck_assert_uint_eq(kit_find(&kit, FB_REC_LEVEL, 1)->level.level, level);
		for (uint8_t exclude = 1; exclude <= 8; exclude++)
			ck_assert_int_eq(ranks(1, exclude), level < exclude);
	}
	/* Damage, and a row out of range elsewhere, are level fault. */
	kit_do(&kit, c_account(1, 94, 0, 0));
	kit_do(&kit, c_position(1, 2, 2, INT64_C(1) << 46, 1));
	kit_do(&kit, c_mark(2, UINT64_C(1) << 31));
	ck_assert(!ranks(1, 8));
	kit_do(&kit, c_mark(2, 1));
	ck_assert(ranks(1, 8));
	kit_do(&kit, c_funding(2, INT64_C(1) << 31));
	ck_assert(!ranks(1, 8));
	kit_do(&kit, c_account(1, 94, 0, 0));
	ck_assert(ranks(1, 8));
	kit_close(&kit);
}
END_TEST

/* Accounts 5, 6, 7 share a key, account 8 has the next lower, 4 the next higher. */
static uint32_t open_ties(void)
{
	open_world("model:");
	for (uint32_t a = 4; a <= 8; a++) {
		kit_do(&kit, c_account(a, 1000, 0, 0));
		kit_do(&kit, c_position(a, a, 1, a == 4 ? 32 : a == 8 ? 8 : 16, 4));
	}
	return (uint32_t)FB_SIGN_PROFIT << 28 | (MIDDLE + L(4, 1));
}

START_TEST(range_and_cursor)
{
	const uint32_t key = open_ties();
	const struct {
		uint32_t from, cursor_key, cursor_account;
		const char *accounts; /* those in range */
	} cases[] = {
		{ 0, ALL, 0, "45678" },	      { 0, ALL, ALL, "45678" },
		{ key, ALL, 0, "4567" },      { key + 1, ALL, 0, "4" },
		{ 0, key, 4, "5678" },	      { 0, key, 5, "678" },
		{ 0, key, 6, "78" },	      { 0, key, 7, "8" },
		{ 0, key, ALL, "8" },	      { 0, key - 1, 0, "8" },
		{ 0, key + 1, ALL, "5678" },  { key, key, 5, "67" },
		{ key, key, 7, "" },	      { 0, key + 65536, 4, "5678" },
		{ 0, key + 65536, 3, "45678" }, { 0, 0, 0, "" },
		{ (1u << 30) - 1, ALL, 0, "" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		union fb_command rank = c_rank(1, 0, FB_RANK_SELECT);
		rank.rank.profit_c = C(NOTIONAL, 1);
		rank.rank.from = cases[i].from;
		rank.rank.cursor_key = cases[i].cursor_key;
		rank.rank.cursor_account = cases[i].cursor_account;
		kit_do(&kit, rank);
		ck_assert_msg(kit.n == strlen(cases[i].accounts), "case %zu: %zu nominees", i,
			      kit.n);
		for (const char *a = cases[i].accounts; *a; a++)
			ck_assert_msg(nominee((uint32_t)(*a - '0')) != NULL,
				      "case %zu: account %c is missing", i, *a);
	}
	kit_close(&kit);
}
END_TEST

static void expect_bucket(unsigned bucket, uint32_t rows, uint64_t lots)
{
	uint64_t found_lots;
	ck_assert_uint_eq(bucket_rows(bucket, &found_lots), rows);
	ck_assert_uint_eq(found_lots, lots);
}

START_TEST(histogram)
{
	const uint32_t key = open_ties();
	union fb_command rank = c_rank(1, 0, FB_RANK_HISTOGRAM);
	rank.rank.profit_c = C(NOTIONAL, 1);
	rank.rank.from = key - 65536;
	rank.rank.zoom = 16;
	kit_do(&kit, rank); /* one bucket an octave */
	ck_assert_uint_eq(kit.n, 1);
	expect_bucket(0, 1, 8);
	expect_bucket(1, 3, 48);
	expect_bucket(2, 1, 32);
	rank.rank.from++; /* account 8 falls out, the others slip below their bucket's edge */
	kit_do(&kit, rank);
	expect_bucket(0, 3, 48);
	expect_bucket(1, 1, 32);
	rank.rank.zoom = 15;
	rank.rank.from = key - 3 * 32768;
	kit_do(&kit, rank);
	ck_assert_uint_eq(kit.n, 2);
	expect_bucket(1, 1, 8);
	expect_bucket(3, 3, 48);
	expect_bucket(5, 1, 32);
	rank.rank.zoom = 31; /* all in one */
	kit_do(&kit, rank);
	ck_assert_uint_eq(kit.n, 1);
	expect_bucket(0, 5, 88);
	rank.rank.zoom = 0; /* and all in the last */
	rank.rank.from = key - 254;
	kit_do(&kit, rank);
	ck_assert_uint_eq(kit.n, 2);
	expect_bucket(254, 3, 48);
	expect_bucket(255, 1, 32);
	rank.rank.from = key - 255;
	kit_do(&kit, rank);
	ck_assert_uint_eq(kit.n, 1);
	expect_bucket(255, 4, 80);
	ck_assert_uint_eq(kit.record[0].rank_hist.rows[1] + kit.record[0].rank_hist.rows[2], 0);
	rank.rank.cursor_key = key; /* the cursor cuts here too */
	rank.rank.cursor_account = 6;
	kit_do(&kit, rank);
	expect_bucket(255, 1, 16);
	rank.rank.from = (1u << 30) - 1;
	kit_do(&kit, rank);
	kit_expect_silence(&kit);
	kit_close(&kit);
}
END_TEST

/* 2^17 rows of 2^47 lots are 2^64: one more than the sum can say. */
START_TEST(lots_stop_at_the_top)
{
	enum { ROWS = 1 << 17, ACCOUNTS = 1 << 15 };
	open_world("model:accounts=40000,rows=140000");
	kit_do(&kit, c_mark(1, 1));
	for (uint32_t a = 0; a < ACCOUNTS; a++)
		kit_do(&kit, c_account(a, 1000, 0, 0));
	for (uint32_t p = 0; p < ROWS - 1; p++)
		kit_do(&kit, kit_more(c_position(p % ACCOUNTS, p, 1, -QTY_MOST,
						 -QTY_MOST / 65536 - 1)));
	kit_do(&kit, c_account(ACCOUNTS, 1000, 0, 0));
	union fb_command rank = c_rank(1, 1, FB_RANK_HISTOGRAM);
	rank.rank.zoom = 31;
	kit_do(&kit, rank);
	expect_bucket(0, ROWS - 1, (uint64_t)QTY_MOST * (ROWS - 1));
	kit_do(&kit, c_position(ACCOUNTS, ROWS, 1, 1 - QTY_MOST, 1 - QTY_MOST));
	kit_do(&kit, rank);
	expect_bucket(0, ROWS, UINT64_MAX); /* exactly */
	kit_do(&kit, c_position(ACCOUNTS, ROWS, 1, -QTY_MOST, -QTY_MOST));
	kit_do(&kit, rank);
	expect_bucket(0, ROWS, UINT64_MAX);
	kit_do(&kit, c_position(ACCOUNTS, ROWS + 1, 1, -QTY_MOST, -QTY_MOST));
	kit_do(&kit, rank);
	expect_bucket(0, ROWS + 1, UINT64_MAX);
	kit_close(&kit);
}
END_TEST

/* More nominees than accounts: the queue of records holds them all. */
START_TEST(every_row_fits_the_queue)
{
	enum { ROWS = 4000, ACCOUNTS = 8 };
	open_world("model:accounts=8,rows=4000");
	for (uint32_t a = 0; a < ACCOUNTS; a++)
		kit_do(&kit, c_account(a, 1000, 0, 0));
	for (uint32_t p = 0; p < ROWS; p++)
		kit_do(&kit, c_position(p % ACCOUNTS, p, 1, 10, 9));
	kit_do(&kit, c_rank(1, 0, FB_RANK_SELECT));
	ck_assert_uint_eq(kit.n, ROWS);
	kit_close(&kit);
}
END_TEST

/* A submit without polls between: a RANK that does not fit waits, and loses nothing. */
START_TEST(waits_for_room)
{
	open_world("model:accounts=8,rows=600");
	kit_do(&kit, c_account(1, 1000, 0, 0));
	for (uint32_t p = 0; p < 500; p++)
		kit_do(&kit, c_position(1, p, 1, 10, 9));
	union fb_command rank = c_rank(1, 0, FB_RANK_SELECT);
	union fb_record r;
	unsigned taken = 0, nominees = 0, ends = 0;
	int code;
	do {
		rank.header.seq = kit.seq + 1 + taken;
		code = fb_engine_submit(kit.engine, &rank);
		taken += code == 0;
	} while (code == 0);
	ck_assert_int_eq(code, -EAGAIN);
	ck_assert_uint_ge(taken, 1);
	while (fb_engine_poll(kit.engine, &r, 1, NULL) == 1) {
		nominees += r.header.kind == FB_REC_NOMINEE;
		ends += r.header.kind == FB_REC_BATCH_END && r.batch_end.count == 500;
	}
	ck_assert_uint_eq(nominees, 500 * taken);
	ck_assert_uint_eq(ends, taken);
	kit_close(&kit);
}
END_TEST

/* One field just beyond its end; `good` is at the end of each. */
START_TEST(refusals)
{
	open_world("model:");
	union fb_command good = c_rank(1, 1, FB_RANK_SELECT), bad[32];
	good.rank.zoom = 31;
	good.rank.profit_c = good.rank.loss_c = 0x2ee22ef;
	good.rank.from = (1u << 30) - 1;
	good.rank.floor = (UINT64_C(1) << 61) - 1;
	kit_do(&kit, good);
	unsigned n = 0;
	bad[n] = good, bad[n++].rank.symbol = 1024;
	bad[n] = good, bad[n++].rank.side = 2;
	bad[n] = good, bad[n++].rank.mode = 2;
	bad[n] = good, bad[n++].rank.zoom = 32;
	bad[n] = good, bad[n++].rank.exclude_level = 0;
	bad[n] = good, bad[n++].rank.exclude_level = 9;
	bad[n] = good, bad[n++].rank.class_mask = 8;
	bad[n] = good, bad[n++].rank.from = 1u << 30;
	bad[n] = good, bad[n++].rank.floor = UINT64_C(1) << 61;
	bad[n] = good, bad[n++].rank.profit_c |= 1u << 28;
	bad[n] = good, bad[n++].rank.loss_c |= 1u << 31;
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++) {
		bad[n] = good, bad[n++].rank.profit_c = C(i, 3);
		bad[n] = good, bad[n++].rank.loss_c = C(i, -3);
	}
	for (unsigned i = 0; i < n; i++) {
		kit_send(&kit, bad[i]);
		ck_assert_msg(kit_reason(&kit) == FB_REJECT_RANGE, "case %u", i);
		bad[i].rank.symbol = bad[i].rank.symbol == 1 ? 3 : bad[i].rank.symbol;
		kit_send(&kit, bad[i]); /* the symbol is asked for last */
		ck_assert_uint_eq(kit_reason(&kit), FB_REJECT_RANGE);
	}
	good.rank.symbol = 3;
	kit_send(&kit, good);
	ck_assert_uint_eq(kit_reason(&kit), FB_REJECT_SYMBOL);
	kit_send(&kit, kit_more(good));
	ck_assert_uint_eq(kit_reason(&kit), FB_REJECT_IN_BATCH);
	kit_send(&kit, bad[0]);
	ck_assert_uint_eq(kit_reason(&kit), FB_REJECT_IN_BATCH);
	kit_close(&kit);
}
END_TEST

START_TEST(audit_says_nothing)
{
	open_world("model:");
	union fb_command c = c_plain(FB_OP_AUDIT);
	for (unsigned mode = 0; mode < 256; mode++) {
		struct fb_rec_hash before = kit_hash(&kit);
		c.audit.mode = (uint8_t)mode;
		kit_send(&kit, c);
		if (mode < 2)
			kit_expect_silence(&kit);
		else
			ck_assert_uint_eq(kit_reason(&kit), FB_REJECT_RANGE);
		struct fb_rec_hash after = kit_hash(&kit);
		kit_expect_same_state(&before, &after);
	}
	kit_close(&kit);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "each operand", each_operand },
		{ "operands add up", operands_add_up },
		{ "floor", floor_of_collateral },
		{ "operands below one", operands_below_one },
		{ "classes", classes },
		{ "exclusions", exclusions },
		{ "exclusion by level", exclusion_by_level },
		{ "range and cursor", range_and_cursor },
		{ "histogram", histogram },
		{ "lots stop at the top", lots_stop_at_the_top },
		{ "every row fits the queue", every_row_fits_the_queue },
		{ "waits for room", waits_for_room },
		{ "refusals", refusals },
		{ "audit", audit_says_nothing },
	};
	return kit_main("model: rank", cases, sizeof(cases) / sizeof(cases[0]));
}
