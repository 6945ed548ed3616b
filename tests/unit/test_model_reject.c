/* Refused commands: each reason, the order of the checks, and that nothing changes but the
 * sequence. */
#include "model_kit.h"

#define MONEY (INT64_C(1) << 61)
#define QTY (INT64_C(1) << 47)

static struct kit kit;

/* Class 0 (two pairs) is used by accounts 1 and 2, class 1 (one pair) by none. Ladder 0 is bound
 * to symbols 1 and 2, ladder 1 (two tiers) to none. Account 1 has positions 1 (symbol 1) and 2
 * (symbol 2). */
static void open_world(void)
{
	kit_open(&kit, "model:accounts=4,rows=1024");
	kit_do(&kit, c_class(0, 0, 100, 50, 0));
	kit_do(&kit, c_class(0, 1, 200, 150, 0));
	kit_do(&kit, c_class(1, 0, 100, 50, 0));
	kit_do(&kit, c_ladder(0, 0, 10, 0, 0));
	kit_do(&kit, c_ladder(1, 0, 10, 0, 0));
	kit_do(&kit, c_ladder(1, 1, 20, 100, 5));
	kit_do(&kit, c_symbol(1, 0, U_ONE));
	kit_do(&kit, c_symbol(2, 0, U_ONE));
	kit_do(&kit, c_account(1, 1000, 0, 0));
	kit_do(&kit, c_account(2, 1000, 0, 0));
	kit_do(&kit, c_position(1, 1, 1, 5, 5));
	kit_do(&kit, c_position(1, 2, 2, 5, 5));
}

/* The command is refused for this reason and leaves state, sequence and batch as a refusal
 * should. */
static void expect_refused(union fb_command c, enum fb_reject reason)
{
	struct fb_rec_hash before = kit_hash(&kit);
	kit_send(&kit, c);
	ck_assert_msg(kit_reason(&kit) == reason, "op %u: expected reject %d, found %u",
		c.header.op, reason, kit_reason(&kit));
	ck_assert_uint_eq(kit.n, 1);
	ck_assert_uint_eq(kit.record[0].reject.op, c.header.op);
	ck_assert_uint_eq(kit.record[0].header.account, 0);
	ck_assert_uint_eq(kit.end.batch_end.rejects, 1);
	ck_assert_uint_eq(kit.end.batch_end.commands, 1);
	ck_assert_uint_eq(kit.end.batch_end.seq, kit.seq);
	struct fb_rec_hash after = kit_hash(&kit);
	kit_expect_same_state(&before, &after);
}

START_TEST(opcodes)
{
	open_world();
	for (unsigned op = 0; op < 256; op++) {
		if ((op >= FB_OP_MARKS && op <= FB_OP_FUNDING) ||
		    (op >= FB_OP_RANK && op <= FB_OP_RESET))
			continue;
		expect_refused(c_plain((enum fb_op)op), FB_REJECT_OPCODE);
	}
	kit_close(&kit);
}
END_TEST

/* Commands that stand alone: refused when they carry MORE, when a batch is open, and then they
 * are part of it. */
START_TEST(in_batch)
{
	static const enum fb_op alone[] = { FB_OP_AUDIT, FB_OP_HASH, FB_OP_SNAPSHOT, FB_OP_FENCE };
	open_world();
	for (size_t i = 0; i < 4; i++) {
		kit_send(&kit, kit_more(c_plain(alone[i])));
		ck_assert_uint_eq(kit_reason(&kit), FB_REJECT_IN_BATCH);
		kit_send(&kit, c_plain(alone[i])); /* ends the batch that its predecessor opened */
		ck_assert_uint_eq(kit_reason(&kit), FB_REJECT_IN_BATCH);
		ck_assert_uint_eq(kit.end.batch_end.commands, 2);
		ck_assert_uint_eq(kit.end.batch_end.rejects, 2);
		kit_do(&kit, c_plain(alone[i]));
		kit_do(&kit, kit_more(c_mark(1, U_ONE)));
		kit_send(&kit, kit_more(c_plain(alone[i])));
		ck_assert_uint_eq(kit_reason(&kit), FB_REJECT_IN_BATCH);
		kit_do(&kit, c_mark(1, U_ONE));
		ck_assert_uint_eq(kit.end.batch_end.commands, 3);
		ck_assert_uint_eq(kit.end.batch_end.rejects, 1);
	}
	/* IN_BATCH comes before RANGE: a RANK that is all zero excludes from level 0. */
	kit_send(&kit, kit_more(c_plain(FB_OP_RANK)));
	ck_assert_uint_eq(kit_reason(&kit), FB_REJECT_IN_BATCH);
	kit_do(&kit, c_mark(1, U_ONE));
	kit_close(&kit);
}
END_TEST

START_TEST(marks)
{
	open_world();
	union fb_command c = c_mark(1, U_ONE);
	c.marks.count = 0;
	expect_refused(c, FB_REJECT_COUNT);
	c.marks.count = 6;
	expect_refused(c, FB_REJECT_COUNT);
	expect_refused(c_mark(1, 0), FB_REJECT_RANGE);
	expect_refused(c_mark(1024, U_ONE), FB_REJECT_RANGE);
	expect_refused(c_mark(4095, U_ONE), FB_REJECT_RANGE);
	expect_refused(c_mark(3, U_ONE), FB_REJECT_SYMBOL);
	expect_refused(c_mark(1023, U_ONE), FB_REJECT_SYMBOL);
	/* The first entry is good, the second not: neither is applied. Range of all comes before
	 * symbol of any. */
	c = c_mark(1, 2 * U_ONE);
	c.marks.count = 2;
	c.marks.mark[1] = U_ONE << 12 | 3;
	expect_refused(c, FB_REJECT_SYMBOL);
	c.marks.count = 3;
	expect_refused(c, FB_REJECT_RANGE); /* the third is all zero: u = 0 */
	c.marks.count = 1;
	kit_do(&kit, c); /* entries beyond count are ignored */
	kit_close(&kit);
}
END_TEST

START_TEST(position_and_fill_fields)
{
	open_world();
	union fb_command c;
	expect_refused(c_position(1, 1, 1024, 1, 1), FB_REJECT_RANGE);
	expect_refused(c_position(1, 1, 1, QTY, 1), FB_REJECT_RANGE);
	expect_refused(c_position(1, 1, 1, -QTY - 1, 1), FB_REJECT_RANGE);
	expect_refused(c_position(1, 1, 1, INT64_MIN, 1), FB_REJECT_RANGE);
	expect_refused(c_position(1, 1, 1, 1, MONEY), FB_REJECT_RANGE);
	expect_refused(c_position(1, 1, 1, 1, -MONEY - 1), FB_REJECT_RANGE);
	c = c_position(1, 1, 1, 1, 1);
	c.position.addend = 1 << 24;
	expect_refused(c, FB_REJECT_RANGE);
	expect_refused(c_fill(1, 1, 1024, 1, 1, 0), FB_REJECT_RANGE);
	expect_refused(c_fill(1, 1, 1, QTY, 1, 0), FB_REJECT_RANGE);
	expect_refused(c_fill(1, 1, 1, 1, MONEY, 0), FB_REJECT_RANGE);
	expect_refused(c_fill(1, 1, 1, 1, 1, MONEY), FB_REJECT_RANGE);
	expect_refused(c_fill(1, 1, 1, 1, 1, -MONEY - 1), FB_REJECT_RANGE);
	kit_do(&kit, c_position(1, 1, 1, -QTY, -MONEY));
	kit_do(&kit, c_fill(1, 1, 1, QTY - 1, MONEY - 1, -MONEY));
	c.position.addend = (1 << 24) - 1;
	kit_do(&kit, c);
	kit_close(&kit);
}
END_TEST

START_TEST(position_and_fill_structure)
{
	open_world();
	expect_refused(c_position(1, 1, 3, 1, 1), FB_REJECT_SYMBOL);
	expect_refused(c_position(9, 1, 3, 1, 1), FB_REJECT_SYMBOL);      /* before NO_ACCOUNT */
	expect_refused(c_position(9, 1, 1024, 1, 1), FB_REJECT_RANGE);    /* before SYMBOL */
	expect_refused(c_position(9, 1, 1, 1, 1), FB_REJECT_NO_ACCOUNT);
	expect_refused(c_position(2, 1, 1, 1, 1), FB_REJECT_NO_POSITION); /* belongs to account 1 */
	expect_refused(c_position(1, 1, 2, 1, 1), FB_REJECT_NO_POSITION); /* of symbol 1 */
	expect_refused(c_position(1, 7, 1, 0, 0), FB_REJECT_NO_POSITION);
	expect_refused(c_fill(9, 1, 1, 1, 1, 1), FB_REJECT_NO_ACCOUNT);
	expect_refused(c_fill(2, 1, 1, 1, 1, 1), FB_REJECT_NO_POSITION);
	expect_refused(c_fill(1, 7, 1, 0, 0, 1), FB_REJECT_NO_POSITION);
	kit_do(&kit, c_position(1, 7, 1, 0, 1)); /* an entry alone makes a row */
	kit_do(&kit, c_fill(1, 7, 1, 0, 0, 1));
	expect_refused(c_fill(1, 7, 1, 0, 0, 1), FB_REJECT_NO_POSITION); /* it is gone */
	kit_do(&kit, c_position(2, 7, 2, 1, 1));                         /* and its id is free */
	kit_close(&kit);
}
END_TEST

START_TEST(account)
{
	open_world();
	union fb_command c = c_account(1, MONEY, 0, 0);
	expect_refused(c, FB_REJECT_RANGE);
	expect_refused(c_account(1, -MONEY - 1, 0, 0), FB_REJECT_RANGE);
	expect_refused(c_account(1, 0, (__int128)1 << 87, 0), FB_REJECT_RANGE);
	expect_refused(c_account(1, 0, -((__int128)1 << 87) - 1, 0), FB_REJECT_RANGE);
	expect_refused(c_account(1, 0, (__int128)1 << 126, 0), FB_REJECT_RANGE);
	expect_refused(c_account(1, 0, 0, 16), FB_REJECT_RANGE);
	expect_refused(c_account(9, 0, 0, 2), FB_REJECT_CLASS);
	c = c_account(1, 0, 0, 0);
	c.account.role = 4;
	expect_refused(c, FB_REJECT_RANGE);
	c.account.role = 3;
	c.account.held = 2;
	expect_refused(c, FB_REJECT_RANGE);
	c.account.held = 1;
	c.account.level = 200; /* ignored without SET_LEVEL */
	kit_do(&kit, c);
	c.account.flags = FB_FLAG_SET_LEVEL;
	expect_refused(c, FB_REJECT_RANGE);
	c.account.level = 9;
	expect_refused(c, FB_REJECT_RANGE);
	kit_do(&kit, c_account(2, -MONEY, -((__int128)1 << 87), 0));
	kit_do(&kit, c_account(2, MONEY - 1, ((__int128)1 << 87) - 1, 0));
	kit_close(&kit);
}
END_TEST

START_TEST(account_removal)
{
	open_world();
	union fb_command c = c_remove(9);
	c.account.class_id = 77; /* removal looks at no field but the id */
	expect_refused(c, FB_REJECT_NO_ACCOUNT);
	expect_refused(c_remove(1), FB_REJECT_HAS_POSITIONS);
	kit_do(&kit, c_position(1, 1, 1, 0, 0));
	expect_refused(c_remove(1), FB_REJECT_HAS_POSITIONS);
	kit_do(&kit, c_position(1, 2, 2, 0, 0));
	c = c_remove(1);
	c.account.flags |= FB_FLAG_SET_LEVEL;
	c.account.collateral = INT64_MAX;
	kit_do(&kit, c);
	expect_refused(c_remove(1), FB_REJECT_NO_ACCOUNT);
	kit_close(&kit);
}
END_TEST

START_TEST(collateral)
{
	open_world();
	expect_refused(c_collateral(9, MONEY), FB_REJECT_RANGE); /* before NO_ACCOUNT */
	expect_refused(c_collateral(1, -MONEY - 1), FB_REJECT_RANGE);
	expect_refused(c_collateral(9, 1), FB_REJECT_NO_ACCOUNT);
	kit_close(&kit);
}
END_TEST

static union fb_command pairs(uint8_t class_id, uint8_t first, uint8_t count)
{
	static const uint32_t up[3] = { 300, 400, 500 }, down[3] = { 250, 350, 450 };
	union fb_command c = c_class(class_id, first, 0, 0, 0);
	c.class.count = count;
	memcpy(c.class.up, up, sizeof(up));
	memcpy(c.class.down, down, sizeof(down));
	return c;
}

START_TEST(class)
{
	open_world();
	union fb_command c = pairs(1, 1, 0);
	expect_refused(c, FB_REJECT_COUNT);
	expect_refused(pairs(1, 1, 4), FB_REJECT_COUNT);
	expect_refused(pairs(16, 0, 1), FB_REJECT_RANGE);
	expect_refused(pairs(1, 4, 3), FB_REJECT_RANGE);
	expect_refused(pairs(1, 255, 3), FB_REJECT_RANGE);
	expect_refused(pairs(1, 2, 1), FB_REJECT_CLASS);  /* one is written */
	expect_refused(pairs(5, 1, 1), FB_REJECT_CLASS);  /* none is written */
	expect_refused(pairs(0, 0, 1), FB_REJECT_CLASS_BOUND);
	expect_refused(pairs(0, 2, 1), FB_REJECT_CLASS_BOUND);
	expect_refused(pairs(0, 3, 1), FB_REJECT_CLASS);  /* before CLASS_BOUND */
	c = pairs(1, 1, 1);
	c.class.strict = 2;
	expect_refused(c, FB_REJECT_RANGE);
	c = pairs(1, 1, 2);
	c.class.up[1] = UINT32_C(1) << FB_THRESHOLD_BITS;
	expect_refused(c, FB_REJECT_RANGE);
	c = pairs(1, 1, 2);
	c.class.down[1] = UINT32_C(1) << FB_THRESHOLD_BITS;
	expect_refused(c, FB_REJECT_RANGE);
	c = pairs(1, 1, 2);
	c.class.down[1] = 401; /* above its up */
	expect_refused(c, FB_REJECT_CLASS);
	c = pairs(1, 1, 2);
	c.class.up[1] = 299;   /* below the pair before, in this command */
	c.class.down[1] = 0;
	expect_refused(c, FB_REJECT_CLASS);
	expect_refused(c_class(1, 1, 99, 0, 0), FB_REJECT_CLASS); /* ... or written earlier */
	kit_do(&kit, c_class(1, 1, 100, 100, 0));                 /* equal is in order */
	c = pairs(1, 2, 1);
	c.class.up[2] = UINT32_MAX; /* beyond count: ignored */
	kit_do(&kit, c);
	kit_do(&kit, pairs(1, 3, 3));
	expect_refused(pairs(1, 6, 1), FB_REJECT_RANGE); /* six are all */
	kit_do(&kit, pairs(1, 0, 1));                    /* starts anew: one is written now */
	expect_refused(pairs(1, 6, 1), FB_REJECT_RANGE);
	expect_refused(pairs(1, 3, 1), FB_REJECT_CLASS);
	kit_do(&kit, pairs(1, 1, 1));
	kit_close(&kit);
}
END_TEST

START_TEST(class_is_free_again_when_no_account_uses_it)
{
	open_world();
	kit_do(&kit, c_account(3, 0, 0, 1));
	expect_refused(pairs(1, 0, 1), FB_REJECT_CLASS_BOUND);
	kit_do(&kit, c_account(3, 0, 0, 0)); /* moves to class 0 */
	kit_do(&kit, pairs(1, 0, 1));
	kit_do(&kit, c_account(3, 0, 0, 1));
	kit_do(&kit, c_account(3, 0, 0, 1)); /* twice counts once */
	kit_do(&kit, c_remove(3));
	kit_do(&kit, pairs(1, 0, 1));
	kit_close(&kit);
}
END_TEST

START_TEST(symbol)
{
	open_world();
	expect_refused(c_symbol(1024, 0, U_ONE), FB_REJECT_RANGE);
	expect_refused(c_symbol(1, 256, U_ONE), FB_REJECT_RANGE);
	expect_refused(c_symbol(1, 0, 0), FB_REJECT_RANGE);
	expect_refused(c_symbol(1, 0, UINT64_C(1) << 52), FB_REJECT_RANGE);
	expect_refused(c_symbol(1, 9, 0), FB_REJECT_RANGE); /* before LADDER */
	expect_refused(c_symbol(1, 9, U_ONE), FB_REJECT_LADDER);
	kit_do(&kit, c_symbol(1023, 0, (UINT64_C(1) << 52) - 1));
	kit_close(&kit);
}
END_TEST

START_TEST(ladder)
{
	open_world();
	expect_refused(c_ladder(256, 0, 1, 0, 0), FB_REJECT_RANGE);
	expect_refused(c_ladder(1, 16, 1, 500, 0), FB_REJECT_RANGE);
	expect_refused(c_ladder(1, 2, 1 << 24, 500, 0), FB_REJECT_RANGE);
	expect_refused(c_ladder(1, 2, 1, UINT64_C(1) << 61, 0), FB_REJECT_RANGE);
	union fb_command c = c_ladder(1, 2, 1, 500, 0);
	c.ladder.deduction.hi = UINT64_C(1) << 21; /* 2^85 */
	expect_refused(c, FB_REJECT_RANGE);
	expect_refused(c_ladder(2, 0, 1, 1, 0), FB_REJECT_LADDER);
	expect_refused(c_ladder(2, 0, 1, 0, 1), FB_REJECT_LADDER);
	expect_refused(c_ladder(2, 1, 1, 5, 0), FB_REJECT_LADDER);
	expect_refused(c_ladder(1, 3, 1, 500, 0), FB_REJECT_LADDER);
	expect_refused(c_ladder(1, 1, 1, 500, 0), FB_REJECT_LADDER); /* tier 1 is written */
	expect_refused(c_ladder(1, 2, 1, 100, 0), FB_REJECT_LADDER); /* floor not above the last */
	expect_refused(c_ladder(0, 1, 1, 5, 0), FB_REJECT_LADDER_BOUND);
	expect_refused(c_ladder(0, 0, 1, 0, 0), FB_REJECT_LADDER_BOUND);
	expect_refused(c_ladder(0, 2, 1, 5, 0), FB_REJECT_LADDER);   /* before LADDER_BOUND */
	c.ladder.deduction.hi--;
	c.ladder.deduction.lo = UINT64_MAX;
	kit_do(&kit, c);
	kit_do(&kit, c_ladder(1, 0, 1, 0, 0));                       /* tier 0 forgets the others */
	expect_refused(c_ladder(1, 2, 1, 500, 0), FB_REJECT_LADDER);
	kit_do(&kit, c_ladder(1, 1, 1, 1, 0));
	/* Rebinding frees a ladder when the last symbol leaves it. */
	kit_do(&kit, c_symbol(1, 1, U_ONE));
	expect_refused(c_ladder(0, 0, 1, 0, 0), FB_REJECT_LADDER_BOUND);
	kit_do(&kit, c_symbol(2, 1, U_ONE));
	kit_do(&kit, c_ladder(0, 0, 1, 0, 0));
	expect_refused(c_ladder(1, 2, 1, 500, 0), FB_REJECT_LADDER_BOUND);
	kit_close(&kit);
}
END_TEST

START_TEST(funding)
{
	open_world();
	const int64_t bound = INT64_C(1) << 52;
	expect_refused(c_funding(1024, 1), FB_REJECT_RANGE);
	expect_refused(c_funding(1, bound), FB_REJECT_RANGE);
	expect_refused(c_funding(1, -bound), FB_REJECT_RANGE);
	expect_refused(c_funding(1, INT64_MIN), FB_REJECT_RANGE);
	expect_refused(c_funding(3, bound), FB_REJECT_RANGE); /* before SYMBOL */
	expect_refused(c_funding(3, 1), FB_REJECT_SYMBOL);
	kit_do(&kit, c_funding(1, bound - 1));
	kit_do(&kit, c_funding(1, 1 - bound));
	kit_close(&kit);
}
END_TEST

START_TEST(full)
{
	kit_open(&kit, "model:accounts=2,rows=512");
	kit_do(&kit, c_class(0, 0, 100, 50, 0));
	kit_do(&kit, c_ladder(0, 0, 10, 0, 0));
	kit_do(&kit, c_symbol(1, 0, U_ONE));
	kit_do(&kit, c_account(1, 1000, 0, 0));
	kit_do(&kit, c_account(2, 1000, 0, 0));
	expect_refused(c_account(3, 1000, 0, 0), FB_REJECT_FULL);
	kit_do(&kit, c_account(2, 1000, 0, 0)); /* not new */
	for (uint32_t p = 0; p < FB_ROWS_PER_ACCOUNT; p++)
		kit_do(&kit, c_position(1, p, 1, 1, 1));
	expect_refused(c_position(1, 9999, 1, 1, 1), FB_REJECT_FULL);
	expect_refused(c_fill(1, 9999, 1, 1, 1, 0), FB_REJECT_FULL);
	kit_do(&kit, c_fill(1, 7, 1, 2, 2, 0)); /* not new */
	for (uint32_t p = FB_ROWS_PER_ACCOUNT; p < 512; p++)
		kit_do(&kit, c_position(2, p, 1, 1, 1));
	expect_refused(c_position(2, 512, 1, 1, 1), FB_REJECT_FULL); /* the engine has no room */
	kit_do(&kit, c_position(1, 7, 1, 0, 0));
	kit_do(&kit, c_position(2, 512, 1, 1, 1));
	expect_refused(c_position(1, 7, 1, 1, 1), FB_REJECT_FULL);
	kit_close(&kit);
}
END_TEST

/* What a placing engine writes into place_reject, and other ignored bytes, mean nothing to this
 * one. */
START_TEST(ignored_bytes)
{
	open_world();
	union fb_command c = c_position(1, 1, 1, 6, 6);
	memset(c.bytes + 44, 0xff, 20); /* reserved, placement, transport */
	c.position.pad0[0] = 0xff;
	c.position.place_reject = FB_REJECT_FULL;
	c.position.count = 99;
	c.position.flags = 0xf8;        /* flag bits that no one defined */
	struct fb_rec_hash plain, noisy;
	kit_do(&kit, c_position(1, 1, 1, 6, 6));
	plain = kit_hash(&kit);
	c.position.row_flags = 0xfe;    /* of row flags only NO_RANK is kept */
	kit_do(&kit, c);
	noisy = kit_hash(&kit);
	kit_expect_same_state(&plain, &noisy);
	c.position.row_flags = 0xff;
	kit_do(&kit, c);
	noisy = kit_hash(&kit);
	ck_assert_uint_ne(noisy.rows_hash, plain.rows_hash);
	kit_close(&kit);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "opcodes", opcodes },
		{ "in batch", in_batch },
		{ "marks", marks },
		{ "position and fill fields", position_and_fill_fields },
		{ "position and fill structure", position_and_fill_structure },
		{ "account", account },
		{ "account removal", account_removal },
		{ "collateral", collateral },
		{ "class", class },
		{ "class bound", class_is_free_again_when_no_account_uses_it },
		{ "symbol", symbol },
		{ "ladder", ladder },
		{ "funding", funding },
		{ "full", full },
		{ "ignored bytes", ignored_bytes },
	};
	return kit_main("model: rejects", cases, sizeof(cases) / sizeof(cases[0]));
}
