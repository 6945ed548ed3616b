/* Steps 1 to 7 of taking a command: each limit and one beyond it, the order of the checks, and
 * agreement with the engine `model`, which implements the contract independently, on random
 * words. */
#include "model_kit.h"

#include "../../sw/lib/command_check.h"

static struct fb_check check;

/* Takes the command with the next sequence and tells what was said. */
static int said(union fb_command c)
{
	c.header.seq = check.next_seq;
	int verdict = fb_check_command(&check, &c);
	fb_check_taken(&check, &c, (enum fb_reject)verdict);
	return verdict;
}

/* Symbols 0 and 1023 with ladder 255, class 15 with one pair. */
static void open_tables(void)
{
	fb_check_reset(&check, 1);
	ck_assert_int_eq(said(c_ladder(255, 0, 0, 0, 0)), FB_REJECT_NONE);
	ck_assert_int_eq(said(c_symbol(0, 255, 1)), FB_REJECT_NONE);
	ck_assert_int_eq(said(c_symbol(1023, 255, 1)), FB_REJECT_NONE);
	ck_assert_int_eq(said(c_class(15, 0, 5, 4, 0)), FB_REJECT_NONE);
}

START_TEST(sequence)
{
	fb_check_reset(&check, 7);
	union fb_command c = c_plain(FB_OP_FENCE);
	for (uint64_t seq = 5; seq < 10; seq++) {
		c.header.seq = seq;
		ck_assert_int_eq(fb_check_command(&check, &c),
				 seq == 7 ? FB_REJECT_NONE : FB_CHECK_IGNORED);
	}
	c = kit_more(c_plain(FB_OP_RESET));
	c.header.seq = UINT64_MAX;
	ck_assert_int_eq(fb_check_command(&check, &c), FB_REJECT_NONE);
	fb_check_taken(&check, &c, FB_REJECT_NONE);
	ck_assert_uint_eq(check.next_seq, 0);
	ck_assert(!check.batch_open);
}
END_TEST

START_TEST(opcodes)
{
	open_tables();
	for (unsigned op = 0; op < 256; op++) {
		int verdict = said(c_plain((enum fb_op)op));
		bool known = (op >= 1 && op <= 9) || (op >= 0x10 && op <= 0x15);
		ck_assert_int_eq(verdict == FB_REJECT_OPCODE, !known);
		ck_assert_int_ne(verdict, FB_REJECT_UNSUPPORTED);
	}
}
END_TEST

START_TEST(batches)
{
	open_tables();
	const enum fb_op alone[] = { FB_OP_AUDIT, FB_OP_HASH, FB_OP_SNAPSHOT, FB_OP_FENCE };
	for (unsigned i = 0; i < 4; i++) {
		ck_assert_int_eq(said(c_plain(alone[i])), FB_REJECT_NONE);
		/* With MORE it is refused, and yet the batch is open: the next one is refused
		 * too and closes it. */
		ck_assert_int_eq(said(kit_more(c_plain(alone[i]))), FB_REJECT_IN_BATCH);
		ck_assert(check.batch_open);
		ck_assert_int_eq(said(c_plain(alone[i])), FB_REJECT_IN_BATCH);
		ck_assert(!check.batch_open);
	}
	ck_assert_int_eq(said(kit_more(c_mark(0, 1))), FB_REJECT_NONE);
	ck_assert(check.batch_open);
	ck_assert_int_eq(said(c_plain(FB_OP_RESET)), FB_REJECT_NONE);
	ck_assert(!check.batch_open);
	ck_assert_int_eq(said(c_mark(0, 1)), FB_REJECT_SYMBOL);
}
END_TEST

START_TEST(marks)
{
	open_tables();
	union fb_command c = c_mark(0, 1);
	for (uint8_t count = 0; count < 8; count++) {
		c.marks.count = count;
		for (unsigned i = 0; i < FB_MARKS_PER_WORD; i++)
			c.marks.mark[i] = UINT64_C(1) << 12 | 1023;
		ck_assert_int_eq(said(c),
				 count >= 1 && count <= 5 ? FB_REJECT_NONE : FB_REJECT_COUNT);
	}
	c.marks.count = 3;
	c.marks.mark[2] = UINT64_C(1) << 12 | 1024;
	ck_assert_int_eq(said(c), FB_REJECT_RANGE);
	c.marks.mark[2] = 1023;
	ck_assert_int_eq(said(c), FB_REJECT_RANGE);
	c.marks.mark[2] = UINT64_MAX << 12 | 1022;
	ck_assert_int_eq(said(c), FB_REJECT_SYMBOL);
	c.marks.mark[0] = 5; /* u = 0 is found before the symbol that is not defined */
	ck_assert_int_eq(said(c), FB_REJECT_RANGE);
	c.marks.count = 2;
	c.marks.mark[0] = c.marks.mark[1];
	ck_assert_int_eq(said(c), FB_REJECT_NONE);
}
END_TEST

/* A signed field of `bits`: both ends fit, one beyond does not. */
#define ENDS(field, bits, make)                                                              \
	do {                                                                                 \
		const int64_t end = INT64_C(1) << ((bits)-1);                                \
		const int64_t value[4] = { -end, end - 1, -end - 1, end };                   \
		for (unsigned k = 0; k < 4; k++) {                                           \
			union fb_command c = (make);                                         \
			c.field = value[k];                                                  \
			ck_assert_int_eq(said(c), k < 2 ? FB_REJECT_NONE : FB_REJECT_RANGE); \
		}                                                                            \
	} while (0)

START_TEST(rows_and_money)
{
	open_tables();
	ENDS(position.qty, FB_QTY_BITS, c_position(1, 1, 0, 1, 1));
	ENDS(position.entry, FB_MONEY_BITS, c_position(1, 1, 0, 1, 1));
	ENDS(fill.qty, FB_QTY_BITS, c_fill(1, 1, 0, 1, 1, 1));
	ENDS(fill.entry, FB_MONEY_BITS, c_fill(1, 1, 0, 1, 1, 1));
	ENDS(fill.delta, FB_MONEY_BITS, c_fill(1, 1, 0, 1, 1, 1));
	ENDS(collateral.delta, FB_MONEY_BITS, c_collateral(1, 1));
	ENDS(account.collateral, FB_MONEY_BITS, c_account(1, 1, 0, 15));
	ck_assert_int_eq(said(c_position(1, 1, 1024, 1, 1)), FB_REJECT_RANGE);
	ck_assert_int_eq(said(c_fill(1, 1, 1024, 1, 1, 0)), FB_REJECT_RANGE);
	ck_assert_int_eq(said(c_position(1, 1, 1022, 1, 1)), FB_REJECT_SYMBOL);
	ck_assert_int_eq(said(c_fill(1, 1, 1022, 1, 1, 0)), FB_REJECT_SYMBOL);
	union fb_command c = c_position(1, 1, 0, 1, 1);
	c.position.addend = (1u << 24) - 1;
	ck_assert_int_eq(said(c), FB_REJECT_NONE);
	c.position.addend = 1u << 24;
	ck_assert_int_eq(said(c), FB_REJECT_RANGE);
}
END_TEST

START_TEST(accounts)
{
	open_tables();
	const __int128 end = (__int128)1 << 87;
	ck_assert_int_eq(said(c_account(1, 0, end - 1, 15)), FB_REJECT_NONE);
	ck_assert_int_eq(said(c_account(1, 0, -end, 15)), FB_REJECT_NONE);
	ck_assert_int_eq(said(c_account(1, 0, end, 15)), FB_REJECT_RANGE);
	ck_assert_int_eq(said(c_account(1, 0, -end - 1, 15)), FB_REJECT_RANGE);
	ck_assert_int_eq(said(c_account(1, 0, 0, 14)), FB_REJECT_CLASS);
	ck_assert_int_eq(said(c_account(1, 0, 0, 16)), FB_REJECT_RANGE);
	ck_assert_int_eq(said(c_account_level(1, 0, 0, 15, 8)), FB_REJECT_NONE);
	ck_assert_int_eq(said(c_account_level(1, 0, 0, 15, 9)), FB_REJECT_RANGE);
	union fb_command c = c_account(1, 0, 0, 15);
	c.account.level = 9; /* without SET_LEVEL it is not read */
	c.account.role = 3;
	c.account.held = 1;
	ck_assert_int_eq(said(c), FB_REJECT_NONE);
	c.account.role = 4;
	ck_assert_int_eq(said(c), FB_REJECT_RANGE);
	c.account.role = 0;
	c.account.held = 2;
	ck_assert_int_eq(said(c), FB_REJECT_RANGE);
	c.account.flags = FB_FLAG_REMOVE; /* a removal reads none of them */
	ck_assert_int_eq(said(c), FB_REJECT_NONE);
}
END_TEST

START_TEST(classes)
{
	open_tables();
	const uint32_t most = (1u << FB_THRESHOLD_BITS) - 1;
	union fb_command c = c_class(3, 0, most, most, 1);
	ck_assert_int_eq(said(c), FB_REJECT_NONE);
	c.class.up[0] = most + 1;
	ck_assert_int_eq(said(c), FB_REJECT_RANGE);
	ck_assert_int_eq(said(c_class(3, 0, 1, most + 1, 0)), FB_REJECT_RANGE);
	ck_assert_int_eq(said(c_class(3, 0, 1, 1, 2)), FB_REJECT_RANGE);
	ck_assert_int_eq(said(c_class(16, 0, 1, 1, 0)), FB_REJECT_RANGE);
	ck_assert_int_eq(said(c_class(3, 0, 4, 5, 0)), FB_REJECT_CLASS);
	ck_assert_int_eq(said(c_class(3, 0, 4, 4, 0)), FB_REJECT_NONE);
	ck_assert_int_eq(said(c_class(3, 2, 4, 4, 0)), FB_REJECT_CLASS);
	ck_assert_int_eq(said(c_class(3, 1, 3, 3, 0)), FB_REJECT_CLASS);
	ck_assert_int_eq(said(c_class(3, 1, 4, 0, 0)), FB_REJECT_NONE);
	c = (union fb_command){ .class = { .op = FB_OP_CLASS, .count = 3, .class_id = 3, .first = 2,
		.up = { 4, 5, 5 }, .down = { 4, 5, 0 } } };
	ck_assert_int_eq(said(c), FB_REJECT_NONE);
	c.class.first = 5;
	ck_assert_int_eq(said(c), FB_REJECT_RANGE);
	c.class.count = 1;
	c.class.up[0] = 5;
	ck_assert_int_eq(said(c), FB_REJECT_NONE);
	c.class.first = 6;
	ck_assert_int_eq(said(c), FB_REJECT_RANGE);
	c.class.first = 0;
	c.class.count = 3;
	c.class.up[2] = 4;
	ck_assert_int_eq(said(c), FB_REJECT_CLASS);
	c.class.count = 4;
	ck_assert_int_eq(said(c), FB_REJECT_COUNT);
	c.class.count = 0;
	ck_assert_int_eq(said(c), FB_REJECT_COUNT);
}
END_TEST

START_TEST(ladders_and_symbols)
{
	open_tables();
	ck_assert_int_eq(said(c_symbol(5, 254, 1)), FB_REJECT_LADDER);
	ck_assert_int_eq(said(c_symbol(5, 256, 1)), FB_REJECT_RANGE);
	ck_assert_int_eq(said(c_symbol(1024, 255, 1)), FB_REJECT_RANGE);
	ck_assert_int_eq(said(c_symbol(5, 255, 0)), FB_REJECT_RANGE);
	ck_assert_int_eq(said(c_symbol(5, 255, UINT64_C(1) << 52)), FB_REJECT_RANGE);
	ck_assert_int_eq(said(c_symbol(5, 255, (UINT64_C(1) << 52) - 1)), FB_REJECT_NONE);
	ck_assert_int_eq(said(c_ladder(9, 1, 0, 1, 0)), FB_REJECT_LADDER);
	ck_assert_int_eq(said(c_ladder(9, 0, 0, 1, 0)), FB_REJECT_LADDER);
	ck_assert_int_eq(said(c_ladder(9, 0, 0, 0, 1)), FB_REJECT_LADDER);
	ck_assert_int_eq(said(c_ladder(9, 0, (1u << 24) - 1, 0, 0)), FB_REJECT_NONE);
	ck_assert_int_eq(said(c_ladder(9, 1, 1u << 24, 1, 0)), FB_REJECT_RANGE);
	ck_assert_int_eq(said(c_ladder(9, 1, 0, 0, 0)), FB_REJECT_LADDER);
	for (uint8_t tier = 1; tier < 16; tier++)
		ck_assert_int_eq(said(c_ladder(9, tier, 0, tier, 7)), FB_REJECT_NONE);
	ck_assert_int_eq(said(c_ladder(9, 16, 0, 99, 7)), FB_REJECT_RANGE);
	ck_assert_int_eq(said(c_ladder(9, 15, 0, 99, 7)), FB_REJECT_LADDER);
	ck_assert_int_eq(said(c_ladder(256, 0, 0, 0, 0)), FB_REJECT_RANGE);
	ck_assert_int_eq(said(c_ladder(9, 0, 0, 0, 0)), FB_REJECT_NONE);
	union fb_command c = c_ladder(9, 1, 0, (UINT64_C(1) << 61) - 1, 0);
	c.ladder.deduction.hi = (UINT64_C(1) << 21) - 1;
	ck_assert_int_eq(said(c), FB_REJECT_NONE);
	c = c_ladder(9, 2, 0, UINT64_C(1) << 61, 0);
	ck_assert_int_eq(said(c), FB_REJECT_RANGE);
	c = c_ladder(9, 1, 0, 1, 0);
	c.ladder.deduction.hi = UINT64_C(1) << 21;
	ck_assert_int_eq(said(c), FB_REJECT_RANGE);
}
END_TEST

START_TEST(funding)
{
	open_tables();
	const int64_t end = INT64_C(1) << 52;
	ck_assert_int_eq(said(c_funding(1023, end - 1)), FB_REJECT_NONE);
	ck_assert_int_eq(said(c_funding(1023, 1 - end)), FB_REJECT_NONE);
	ck_assert_int_eq(said(c_funding(1023, end)), FB_REJECT_RANGE);
	ck_assert_int_eq(said(c_funding(1023, -end)), FB_REJECT_RANGE);
	ck_assert_int_eq(said(c_funding(1024, 1)), FB_REJECT_RANGE);
	ck_assert_int_eq(said(c_funding(1022, 1)), FB_REJECT_SYMBOL);
}
END_TEST

START_TEST(rank_and_audit)
{
	open_tables();
	union fb_command good = c_plain(FB_OP_RANK), c;
	good.rank.symbol = 1023;
	good.rank.exclude_level = 8;
	good.rank.side = good.rank.mode = 1;
	good.rank.zoom = 31;
	good.rank.class_mask = 7;
	good.rank.profit_c = good.rank.loss_c = 0x0012fe0;
	good.rank.from = (1u << 30) - 1;
	good.rank.cursor_key = good.rank.cursor_account = UINT32_MAX;
	good.rank.floor = (UINT64_C(1) << 61) - 1;
	ck_assert_int_eq(said(good), FB_REJECT_NONE);
	c = good, c.rank.symbol = 1022;
	ck_assert_int_eq(said(c), FB_REJECT_SYMBOL);
	c.rank.side = 2; /* RANGE of a later field comes before SYMBOL */
	ck_assert_int_eq(said(c), FB_REJECT_RANGE);
	for (unsigned nibble = 0; nibble < 16; nibble++)
		for (unsigned i = 0; i < 8; i++) {
			bool fits = nibble == 0 || (i < 7 && (nibble <= 2 || nibble >= 14));
			int reason = fits ? FB_REJECT_NONE : FB_REJECT_RANGE;
			c = good, c.rank.profit_c = nibble << 4 * i;
			ck_assert_int_eq(said(c), reason);
			c = good, c.rank.loss_c = nibble << 4 * i;
			ck_assert_int_eq(said(c), reason);
		}
	c = c_plain(FB_OP_AUDIT);
	for (unsigned mode = 0; mode < 4; mode++) {
		c.audit.mode = (uint8_t)mode;
		ck_assert_int_eq(said(c), mode < 2 ? FB_REJECT_NONE : FB_REJECT_RANGE);
	}
}
END_TEST

/* One field of RANK beyond its end; the others fit. */
START_TEST(rank_fields)
{
	open_tables();
	union fb_command good = c_plain(FB_OP_RANK), c;
	good.rank.symbol = 1023;
	good.rank.exclude_level = 1;
	ck_assert_int_eq(said(good), FB_REJECT_NONE);
	c = good, c.rank.symbol = 1024;
	ck_assert_int_eq(said(c), FB_REJECT_RANGE);
	c = good, c.rank.side = 2;
	ck_assert_int_eq(said(c), FB_REJECT_RANGE);
	c = good, c.rank.mode = 2;
	ck_assert_int_eq(said(c), FB_REJECT_RANGE);
	c = good, c.rank.zoom = 32;
	ck_assert_int_eq(said(c), FB_REJECT_RANGE);
	c = good, c.rank.exclude_level = 0;
	ck_assert_int_eq(said(c), FB_REJECT_RANGE);
	c = good, c.rank.exclude_level = 9;
	ck_assert_int_eq(said(c), FB_REJECT_RANGE);
	c = good, c.rank.class_mask = 8;
	ck_assert_int_eq(said(c), FB_REJECT_RANGE);
	c = good, c.rank.from = 1u << 30;
	ck_assert_int_eq(said(c), FB_REJECT_RANGE);
	c = good, c.rank.floor = UINT64_C(1) << 61;
	ck_assert_int_eq(said(c), FB_REJECT_RANGE);
}
END_TEST

/* Mostly small values, so that tables fill and fields agree; now and then any bits at all. */
static union fb_command random_command(uint64_t *state)
{
	union fb_command c;
	for (unsigned i = 0; i < 8; i++) {
		uint64_t r = kit_random(state), narrow = kit_random(state);
		/* small numbers in every field, or any bits at all */
		c.words[i] =
			narrow % 16 ? r & UINT64_C(0x0003000300000003) : r >> (narrow / 16 % 64);
	}
	uint64_t r = kit_random(state);
	static const uint8_t op[] = { 1, 2, 3, 4, 4, 5,    6,    6,    6,    7,
				      7, 8, 8, 8, 9, 0x10, 0x11, 0x12, 0x14, 0x15 };
	c.header.op = r % 64 ? op[r / 64 % sizeof(op)] : (uint8_t)(r >> 32);
	if (c.header.op == FB_OP_RESET && r >> 40 & 15)
		c.header.op = FB_OP_LADDER;
	c.header.flags = (uint8_t)(r >> 48 & 7);
	c.header.count = (uint8_t)(r >> 52 & 7);
	if (c.header.op == FB_OP_CLASS && r >> 56 & 3) {
		for (unsigned i = 0; i < 3; i++) {
			c.class.up[i] &= 3;
			c.class.down[i] &= 3;
		}
		c.class.first &= 7;
		c.class.strict &= 1;
	}
	if (c.header.op == FB_OP_RANK && r >> 56 & 3) {
		c.header.flags &= (uint8_t)~FB_FLAG_MORE;
		c.rank.exclude_level = (uint8_t)(r >> 58 & 7) + 1;
		/* All of 0..2; and one nibble, whatever it is, at times the one too many. */
		c.rank.profit_c = 0x02121212u & (uint32_t)(r >> 20);
		c.rank.loss_c = (uint32_t)(r >> 16 & 15) << 4 * (r >> 32 & 7);
	}
	if (c.header.op == FB_OP_LADDER && r >> 56 & 3) {
		c.ladder.floor = c.ladder.tier = (uint8_t)(r >> 58 & 3);
		c.ladder.deduction.lo = r >> 60 & 1;
		c.ladder.deduction.hi = 0;
	}
	return c;
}

/* The last REJECT that the model gave for this sequence. */
static unsigned model_reason(struct fb_engine *model, uint64_t seq)
{
	union fb_record r;
	unsigned reason = FB_REJECT_NONE;
	while (fb_engine_poll(model, &r, 1, NULL) == 1)
		if (r.header.kind == FB_REC_REJECT && r.header.seq == seq)
			reason = r.reject.reason;
	return reason;
}

START_TEST(agrees_with_the_model)
{
	struct fb_engine *model;
	uint64_t state = 42, ranks = 0, seen[16] = { 0 };
	ck_assert_int_eq(fb_engine_open("model:", &model, NULL), 0);
	fb_check_reset(&check, 1);
	for (unsigned n = 0; n < 400000; n++) {
		union fb_command c = random_command(&state);
		c.header.seq = check.next_seq;
		int verdict = fb_check_command(&check, &c);
		ck_assert_int_eq(fb_engine_submit(model, &c), 0);
		unsigned reason = model_reason(model, c.header.seq);
		bool structural = reason == FB_REJECT_LADDER_BOUND ||
				  reason == FB_REJECT_CLASS_BOUND ||
				  (reason >= FB_REJECT_NO_ACCOUNT && reason <= FB_REJECT_FULL);
		ck_assert_msg((unsigned)verdict == (structural ? FB_REJECT_NONE : reason),
			      "command %u, op %u: model says %u, the check %d", n, c.header.op,
			      reason, verdict);
		fb_check_taken(&check, &c, (enum fb_reject)reason);
		seen[reason]++;
		ranks += c.header.op == FB_OP_RANK && reason == FB_REJECT_NONE;
	}
	for (unsigned reason = FB_REJECT_NONE; reason <= FB_REJECT_NO_ACCOUNT; reason++)
		ck_assert_msg(seen[reason] > 20 || reason == FB_REJECT_UNSUPPORTED,
			      "reject %u came %u times only", reason, (unsigned)seen[reason]);
	ck_assert_uint_eq(seen[FB_REJECT_UNSUPPORTED], 0);
	ck_assert_uint_gt(ranks, 500);
	fb_engine_close(model);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "sequence", sequence },
		{ "opcodes", opcodes },
		{ "batches", batches },
		{ "marks", marks },
		{ "rows and money", rows_and_money },
		{ "accounts", accounts },
		{ "classes", classes },
		{ "ladders and symbols", ladders_and_symbols }, { "funding", funding },
		{ "rank and audit", rank_and_audit },
		{ "rank fields", rank_fields },
		{ "agrees with the model", agrees_with_the_model },
	};
	return kit_main("command check", cases, sizeof(cases) / sizeof(cases[0]));
}
