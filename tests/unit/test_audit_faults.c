/* A bit that flips in any table is found by the audit, within the time that audit_time.h derives,
 * and the right place is named; a lane that computes wrongly as well. Whoever does not hang on the
 * table is not named. Runs on the -poke build of the core; skipped where that has not been
 * built. */
#include "audit_book.h"

#define CARD "lanes=8,poke=1,place=random,seed=5"
/* From a finding in the last slot looked at to the output: its group's and the collector's. */
#define OUT_CYCLES 4u

static struct audit_time pace;

/* What a flipped bit must give. */
struct expected {
	uint8_t fault, table;
	uint32_t lane, address;
};

static void setup(void)
{
	book_open(11, CARD);
	pace = book_time();
	card_audit(true);
	card_wait(draw(5000));
}

static void teardown(void)
{
	card_close();
}

static bool is_fault(const union fb_record *r, const struct expected *e)
{
	return r->header.kind == FB_REC_FAULT && r->fault.fault == e->fault &&
	       r->fault.table == e->table && r->fault.lane == e->lane &&
	       r->fault.address == e->address;
}

static uint32_t group_of(uint32_t lane)
{
	return lane / card.geometry.group;
}

/* Whose sums may be wrong with a bit flipped: accounts with such a row. */
enum by { BY_NOTHING, BY_POSITION, BY_GROUP, BY_SYMBOL, BY_LADDER };
struct touched {
	enum by by;
	uint32_t value;
	uint32_t group;                 /* BY_GROUP, BY_LADDER */
};

static bool row_is_touched(const struct touched *t, uint32_t position)
{
	const struct fb_structure *structure = fb_core_engine_structure(card.engine);
	struct fb_row_place p = card_row(position);
	bool in_group = group_of(p.lane) == t->group;

	switch (t->by) {
	case BY_POSITION:
		return position == t->value;
	case BY_GROUP:
		return in_group;
	case BY_SYMBOL:
		return p.symbol == t->value;
	case BY_LADDER:
		return in_group && structure->symbol_ladder[p.symbol] == t->value;
	default:
		return false;
	}
}

static bool may_mismatch(const struct touched *t, uint32_t account)
{
	for (uint32_t row = 0; row < BOOK_ROWS; row++)
		if (book_account(row) == account && row_is_touched(t, 5000 + row))
			return true;
	return false;
}

/* Everything that was said since `from` has to do with the flipped bit. */
static void expect_no_others(size_t from, const struct expected *e, const struct touched *touched)
{
	for (size_t i = from; i < card.seen_n; i++) {
		const union fb_record *r = &card.seen[i].record;
		bool of_audit = r->header.kind == FB_REC_AUDIT;
		if (is_rotation(r) || is_fault(r, e))
			continue;
		if (of_audit && r->audit.finding == FB_AUDIT_MISMATCH &&
		    may_mismatch(touched, r->audit.account))
			continue;
		if (of_audit && r->audit.finding == FB_AUDIT_KNOWN_ANSWER &&
		    e->table == FB_TABLE_LADDER && e->address == FB_LADDERS &&
		    group_of(r->audit.lane) == touched->group)
			continue;
		card_tell(&card.seen[i]);
		ck_abort_msg("an innocent one is named");
	}
}

/* Within so many windows the fault is named. */
static void expect_found(size_t from, uint64_t windows, const struct expected *e)
{
	uint64_t end = card_now() + windows * pace.window + OUT_CYCLES;

	for (size_t i = from;;) {
		for (; i < card.seen_n; i++)
			if (is_fault(&card.seen[i].record, e))
				return;
		if (card_now() >= end) {
			for (i = from; i < card.seen_n; i++)
				card_tell(&card.seen[i]);
			ck_abort_msg("fault %u, table %u, lane %u, address %u: not in %u windows",
				     e->fault, e->table, e->lane, e->address, (unsigned)windows);
		}
		card_wait(1);
	}
}

#define ONE_BIT UINT32_MAX /* no second */

/* Two bits flip, are found, and flip back; then all is well again. */
static void flip_two_and_find(enum fb_core_table table, uint32_t lane, uint32_t address,
			      uint32_t bit, uint32_t second, uint64_t windows, struct expected e,
			      struct touched touched)
{
	size_t from = card.seen_n;

	card_flip(table, lane, address, bit);
	if (second != ONE_BIT)
		card_flip(table, lane, address, second);
	expect_found(from, windows, &e);
	expect_no_others(from, &e, &touched);
	card_flip(table, lane, address, bit);
	if (second != ONE_BIT)
		card_flip(table, lane, address, second);
	card_wait(2 * pace.window + draw((uint32_t)pace.window));
	expect_no_others(from, &e, &touched);
	card.seen_n = 0;
}

static void flip_and_find(enum fb_core_table table, uint32_t lane, uint32_t address, uint32_t bit,
			  uint64_t windows, struct expected e, struct touched touched)
{
	flip_two_and_find(table, lane, address, bit, ONE_BIT, windows, e, touched);
}

/* Of each kind of table: a rotation finds nothing once the bits are as they were. */
static void expect_well_again(void)
{
	card_wait(pace.rotation + pace.window);
	card_expect_healthy();
}

/* ---- of one account ---- */

START_TEST(rows)
{
	/* valid, NO_RANK, sign, magnitude, entry, addend, position, slot, parity */
	static const uint32_t bits[] = { 0,   1,   2,   3,   50,  51,  112,
					 113, 136, 137, 168, 169, 180, 181 };

	for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
		uint32_t position = 5000 + draw(BOOK_ROWS);
		struct fb_row_place p = card_row(position);
		flip_and_find(FB_CORE_ROWS, p.lane, p.stripe, bits[i], ROW_WINDOWS,
			      (struct expected){ FB_FAULT_ROW_PARITY, 0, p.lane, p.stripe },
			      (struct touched){ BY_POSITION, position, 0 });
	}
	expect_well_again();
}
END_TEST

/* What rows are worth to their accounts, as it is kept: gain, margin, bad, parity. The rows
 * themselves are sound, so nothing else is found. */
START_TEST(worths)
{
	static const uint32_t bits[] = { 0, 62, 63, 149, 150, 151 };

	for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
		struct fb_row_place p = card_row(5000 + draw(BOOK_ROWS));
		flip_and_find(FB_CORE_WORTHS, p.lane, p.stripe, bits[i], ROW_WINDOWS,
			      (struct expected){ FB_FAULT_ROW_PARITY, 0, p.lane, p.stripe },
			      (struct touched){ BY_NOTHING, 0, 0 });
	}
	expect_well_again();
}
END_TEST

/* Until the account is next in a window: a turn, and its own window. */
static void flip_in_account(enum fb_core_table table, uint32_t bit, uint32_t second)
{
	uint32_t lane, slot;

	card_seat(book_account(draw(BOOK_ROWS)), &lane, &slot);
	flip_two_and_find(table, lane, slot, bit, second, pace.windows + 1,
			  (struct expected){ FB_FAULT_ACCOUNT_PARITY, 0, lane, slot },
			  (struct touched){ BY_NOTHING, 0, 0 });
}

START_TEST(accounts_and_levels)
{
	/* MM, equity, bad rows, collateral, damaged, broken, parity, check bits; addend, id, class,
	 * role, held, valid, check bits */
	static const uint32_t sums[] = { 0,   95,  96,  167, 168, 176, 177,
					 248, 249, 250, 251, 252, 263 };
	static const uint32_t fixed[] = { 0,   87,  88,  119, 120, 123, 124,
					  125, 126, 127, 128, 134, 141 };

	for (uint32_t level = 0; level < 6; level++)
		flip_in_account(FB_CORE_LEVELS, level, ONE_BIT);
	for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
		flip_in_account(FB_CORE_ACCOUNTS, sums[i], ONE_BIT);
	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		flip_in_account(FB_CORE_FIXED, fixed[i], ONE_BIT);
	expect_well_again();
}
END_TEST

/* Two bits, so that a parity would hold, of what no sum over rows can tell: of each field with
 * itself and with others, and with what they are checked by. Of sums over rows: test_audit.c. */
static const uint32_t two_of_sums[][2] = {
	/* Collateral: neighbours, ends, a row and a column of the check; flags, checks, sums. */
	{ 177, 178 }, { 247, 248 }, { 177, 248 }, { 180, 182 }, { 177, 183 }, { 200, 236 },
	{ 248, 249 }, { 200, 250 }, { 249, 250 }, { 177, 252 }, { 220, 263 }, { 249, 258 },
	{ 177, 251 }, { 252, 263 }, { 251, 252 }, { 0, 177 }, { 100, 230 }, { 170, 248 },
	{ 20, 250 }, { 20, 260 },
};
static const uint32_t two_of_fixed[][2] = {
	/* Addend, id, class, role, held, valid, checks. */
	{ 0, 1 }, { 86, 87 }, { 0, 87 }, { 2, 4 }, { 0, 6 }, { 40, 76 }, { 87, 88 }, { 50, 100 },
	{ 3, 121 }, { 60, 127 }, { 88, 89 }, { 88, 119 }, { 119, 120 }, { 120, 123 },
	{ 123, 124 }, { 124, 125 }, { 125, 126 }, { 126, 127 }, { 0, 128 }, { 87, 141 },
	{ 127, 134 }, { 128, 129 }, { 128, 141 }, { 133, 134 },
};

#define LISTS 4u

START_TEST(two_bits_of_an_account)
{
	for (size_t i = (size_t)_i; i < sizeof two_of_sums / sizeof *two_of_sums; i += LISTS)
		flip_in_account(FB_CORE_ACCOUNTS, two_of_sums[i][0], two_of_sums[i][1]);
	for (size_t i = (size_t)_i; i < sizeof two_of_fixed / sizeof *two_of_fixed; i += LISTS)
		flip_in_account(FB_CORE_FIXED, two_of_fixed[i][0], two_of_fixed[i][1]);
	for (uint32_t i = 0; i < 6; i++) {
		uint32_t width = i % 2 ? 142 : 87, bit = draw(width), second = draw(width - 1);
		second += second >= bit;
		if (i % 2)
			flip_in_account(FB_CORE_FIXED, bit, second);
		else /* of collateral, flags, parity, check bits */
			flip_in_account(FB_CORE_ACCOUNTS, 177 + bit, 177 + second);
	}
	expect_well_again();
}
END_TEST

/* The driver says whose it is. */
START_TEST(the_account_is_named)
{
	uint32_t row = draw(BOOK_ROWS), lane, slot;
	struct fb_row_place p = card_row(5000 + row);

	card_seat(book_account(row), &lane, &slot);
	if (_i)
		card_flip(FB_CORE_ACCOUNTS, lane, slot, 130);
	else
		card_flip(FB_CORE_ROWS, p.lane, p.stripe, 60);
	for (uint64_t end = card_now() + 2 * pace.rotation; card_now() < end && !card.seen_n;)
		card_send(c_plain(FB_OP_FENCE));
	card_send(c_plain(FB_OP_FENCE));
	ck_assert_uint_eq(card.named.header.kind, FB_REC_FAULT);
	ck_assert_uint_eq(card.named.fault.account, book_account(row));
}
END_TEST

/* ---- shared tables ---- */

/* A ladder that some row of the group uses. */
static uint32_t used_ladder(uint32_t group, unsigned tiers)
{
	for (;;) {
		uint32_t l = draw(BOOK_LADDERS);
		struct touched t = { BY_LADDER, book_ladder[l], group };
		for (uint32_t row = 0; book_tiers[l] >= tiers && row < BOOK_ROWS; row++)
			if (row_is_touched(&t, 5000 + row))
				return l;
	}
}

static void flip_ladder(enum fb_core_table table, uint32_t ladder, uint32_t tier, uint32_t lane,
			uint32_t bit)
{
	struct touched t = { BY_LADDER, ladder, group_of(lane) };

	flip_and_find(table, lane, ladder * FB_TIERS + tier, bit, ROW_WINDOWS,
		      (struct expected){ FB_FAULT_TABLE_PARITY, FB_TABLE_LADDER, 0, ladder }, t);
}

START_TEST(floors_and_tiers)
{
	/* floor, never reached, parity; deduction, rate, parity */
	static const uint32_t floor_bits[] = { 0, 30, 60, 61, 62 };
	static const uint32_t tier_bits[] = { 0, 84, 85, 108, 109 };

	for (uint32_t i = 0; i < 5; i++) {
		uint32_t lane = draw(card.geometry.lanes), l = used_ladder(group_of(lane), 1);
		/* Floors of tiers that are not written say so, and must say so truly. */
		flip_ladder(FB_CORE_FLOORS, book_ladder[l], 1 + draw(15), lane, floor_bits[i]);
		lane = draw(card.geometry.lanes);
		l = used_ladder(group_of(lane), 1);
		flip_ladder(FB_CORE_TIERS, book_ladder[l], draw(book_tiers[l]), lane, tier_bits[i]);
	}
	expect_well_again();
}
END_TEST

START_TEST(ladder_of_the_known_rows)
{
	for (uint32_t i = 0; i < 16; i++) {
		uint32_t lane = draw(card.geometry.lanes);
		if (i)
			flip_ladder(FB_CORE_FLOORS, FB_LADDERS, i, lane, draw(63));
		flip_ladder(FB_CORE_TIERS, FB_LADDERS, i, lane, draw(110));
	}
	expect_well_again();
}
END_TEST

START_TEST(thresholds)
{
	static const uint32_t bits[] = { 0, 25, 26, 27 };

	for (uint32_t i = 0; i < 24; i++) {
		uint32_t index = 1 + i % 6, copy = i / 6;
		uint32_t entry = 8u * book_class[draw(BOOK_CLASSES)] + index;
		struct expected e = { FB_FAULT_TABLE_PARITY, FB_TABLE_THRESHOLD, 0, entry };
		flip_and_find(FB_CORE_THRESHOLDS, draw(card.geometry.lanes), copy * 128 + entry,
			      bits[draw(4)], THRESHOLD_WINDOWS, e,
			      (struct touched){ BY_NOTHING, 0, 0 });
	}
	expect_well_again();
}
END_TEST

START_TEST(symbols)
{
	/* unit value, ladder, parity */
	static const uint32_t bits[] = { 0, 51, 52, 59, 60 };

	for (uint32_t i = 0; i < 5; i++) {
		uint16_t symbol = book_symbol[draw(BOOK_FIRST)];
		struct expected e = { FB_FAULT_TABLE_PARITY, FB_TABLE_SYMBOL, 0, symbol };
		flip_and_find(FB_CORE_SYMBOLS, 0, symbol, bits[i], ROW_WINDOWS, e,
			      (struct touched){ BY_SYMBOL, symbol, 0 });
	}
	expect_well_again();
}
END_TEST

/* A command always waits when the audit has read the symbol: it is found, and the audit goes on. */
START_TEST(a_symbol_while_commands_come)
{
	uint16_t symbol = book_symbol[draw(BOOK_FIRST)];
	struct expected e = { FB_FAULT_TABLE_PARITY, FB_TABLE_SYMBOL, 0, symbol };
	unsigned told = 0;

	card_flip(FB_CORE_SYMBOLS, 0, symbol, 5);
	for (uint64_t end = card_now() + 30 * pace.rotation; card_now() < end && told < 2;) {
		card_send(c_plain(FB_OP_FENCE));
		told = 0;
		for (size_t i = 0; i < card.seen_n; i++)
			told += is_fault(&card.seen[i].record, &e);
	}
	ck_assert_uint_eq(told, 2);
}
END_TEST

/* A link that lies leads anywhere within its group, perhaps in a circle. */
static void flip_chain(enum fb_core_table table, uint32_t bit)
{
	struct fb_row_place p = card_row(5000 + draw(BOOK_ROWS));

	flip_and_find(table, p.lane, table == FB_CORE_HEADS ? p.symbol : p.stripe, bit, ROW_WINDOWS,
		      (struct expected){ FB_FAULT_TABLE_PARITY, FB_TABLE_CHAIN, 0, p.symbol },
		      (struct touched){ BY_GROUP, 0, group_of(p.lane) });
}

START_TEST(chains)
{
	/* stripe; not empty, or last; parity */
	static const uint32_t bits[] = { 0, 1, 3, 5, 12, 13, 14 };

	book.seed += (uint64_t)_i;
	flip_chain(_i % 2 ? FB_CORE_HEADS : FB_CORE_LINKS, bits[_i / 2]);
	expect_well_again();
}
END_TEST

/* Eight stripes of a symbol of its own, linked one after the other: with the lowest bit flipped an
 * odd one leads to itself. */
START_TEST(a_chain_that_leads_in_a_circle)
{
	uint32_t account = book_account(0);
	struct fb_row_place p = { 0 };
	struct expected e = { FB_FAULT_TABLE_PARITY, FB_TABLE_CHAIN, 0, 200 };

	card_send(c_symbol(200, book_ladder[0], U_ONE));
	for (uint32_t i = 0; i < 8; i++) {
		uint32_t before = p.stripe;
		card_send(c_position(account, 1 + i, 200, 1000, 1000));
		p = card_row(1 + i);
		if (i > 3 && p.stripe % 2 == 1 && p.stripe == before + 1)
			break;
	}
	ck_assert_uint_eq(p.stripe % 2, 1);
	card_flip(FB_CORE_LINKS, p.lane, p.stripe, 0);
	if (_i)
		card_send(c_mark(200, 2 * U_ONE));
	expect_found(card.seen_n, ROW_WINDOWS + 1, &e);
}
END_TEST

/* Symbol 0 opens every window; its rows are wrong with it, and nobody else's. */
START_TEST(symbol_0)
{
	struct expected e = { FB_FAULT_TABLE_PARITY, FB_TABLE_SYMBOL, 0, 0 };
	struct touched t = { BY_POSITION, 5000, 0 };

	card_send(c_position(book_account(0), 5000, book_symbol[book.symbol[0]], 0, 0));
	card_send(c_symbol(0, book_ladder[1], U_ONE));
	card_send(c_position(book_account(0), 5000, 0, 1000, 10));
	pace = book_time();
	for (uint32_t bit = 0; bit < 60; bit += 20)
		flip_and_find(FB_CORE_SYMBOLS, 0, 0, bit, ROW_WINDOWS, e, t);
	expect_well_again();
}
END_TEST

/* ---- lanes ---- */

/* A bit for each lane. */
static uint64_t lanes_of(uint32_t group)
{
	return ((UINT64_C(1) << card.geometry.group) - 1) << group * card.geometry.group;
}

/* Two bits, so that parity holds: the ladder of the known rows is wrong, and with it the answers
 * of every lane of the group, and of no other. */
START_TEST(a_lane_that_computes_wrongly)
{
	uint32_t lane = _i % 2 ? card.geometry.lanes - 1 : 0, tier = 1 + draw(15);
	enum fb_core_table table = _i < 2 ? FB_CORE_TIERS : FB_CORE_FLOORS;
	uint64_t told = 0;

	if (table == FB_CORE_TIERS)
		tier = 9; /* the known rows do not meet every tier */
	card_flip(table, lane, FB_LADDERS * FB_TIERS + tier, 60);
	card_flip(table, lane, FB_LADDERS * FB_TIERS + tier, 59);
	card_wait(KNOWN_WINDOWS * pace.window + OUT_CYCLES);
	for (size_t i = 0; i < card.seen_n; i++) {
		const union fb_record *r = &card.seen[i].record;
		if (is_rotation(r))
			continue;
		ck_assert_uint_eq(r->header.kind, FB_REC_AUDIT);
		ck_assert_uint_eq(r->audit.finding, FB_AUDIT_KNOWN_ANSWER);
		ck_assert_uint_eq(group_of(r->audit.lane), group_of(lane));
		told |= UINT64_C(1) << r->audit.lane;
	}
	ck_assert_uint_eq(told, lanes_of(group_of(lane)));
}
END_TEST

int main(void)
{
	int code = card_library(CARD);
	if (code)
		return code;
	Suite *suite = suite_create("audit faults");
	TCase *tests = tcase_create("audit faults");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_set_timeout(tests, 100);
	tcase_add_test(tests, rows);
	tcase_add_test(tests, worths);
	tcase_add_test(tests, accounts_and_levels);
	tcase_add_loop_test(tests, two_bits_of_an_account, 0, (int)LISTS);
	tcase_add_loop_test(tests, the_account_is_named, 0, 2);
	tcase_add_test(tests, floors_and_tiers);
	tcase_add_test(tests, ladder_of_the_known_rows);
	tcase_add_test(tests, thresholds);
	tcase_add_test(tests, symbols);
	tcase_add_test(tests, a_symbol_while_commands_come);
	tcase_add_loop_test(tests, chains, 0, 14);
	tcase_add_loop_test(tests, a_chain_that_leads_in_a_circle, 0, 2);
	tcase_add_test(tests, symbol_0);
	tcase_add_loop_test(tests, a_lane_that_computes_wrongly, 0, 4);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
