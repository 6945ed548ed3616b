/* Memory faults: a flipped bit is found at the next use of its word, reported with its place, and
 * no healthy account suffers. Runs on the -poke build of the core, whose memories can be reached;
 * skipped where it has not been built. */
#include <check.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../sim/core_shim.h"
#include "command_kit.h"

enum { ROW_TABLE = FB_CORE_ROWS, ACCOUNT_TABLE = FB_CORE_ACCOUNTS,
       WORTH_TABLE = FB_CORE_WORTHS, FIXED_TABLE = FB_CORE_FIXED };

static const struct fb_core_ops *ops;
static struct fb_core *core;
static struct fb_core_geometry geometry;
static uint64_t seq;

/* Records of the command or batch just sent. */
static union fb_record records[64];
static unsigned count;

static void collect(const struct fb_core_io *io)
{
	if (!io->record_valid)
		return;
	ck_assert_uint_lt(count, 64);
	records[count++] = io->record;
}

/* Sends one command; waits for BATCH_END if it closes its batch. */
static void send(union fb_command *command)
{
	struct fb_core_io io = { .command = command, .record_ready = 1 };
	int more = command->header.flags & FB_FLAG_MORE;

	command->header.seq = ++seq;
	count = 0;
	for (int cycle = 0; cycle < 100000; cycle++) {
		ops->tick(core, &io);
		collect(&io);
		if (io.command_taken)
			io.command = NULL;
		if (io.command)
			continue;
		if (more || (count && records[count - 1].header.kind == FB_REC_BATCH_END))
			return;
	}
	ck_abort_msg("no end of batch within 100,000 cycles");
}

static const union fb_record *find(unsigned kind)
{
	for (unsigned i = 0; i < count; i++)
		if (records[i].header.kind == kind)
			return &records[i];
	return NULL;
}

static void put_account(uint32_t lane, unsigned flags)
{
	union fb_command c = c_plain(FB_OP_ACCOUNT);

	c.header.account = 100 + lane;
	c.header.flags = (uint8_t)flags;
	c.account.collateral = 100000;
	c.account.place_lane = (uint16_t)lane;
	send(&c);
}

/* 1,000 lots in the lane's account; quantity 0 removes the row again. */
static void put_position(uint32_t lane, int64_t qty, unsigned place_flags)
{
	union fb_command c = c_plain(FB_OP_POSITION);

	c.header.account = 100 + lane;
	c.position.position = 500 + lane;
	c.position.qty = qty;
	c.position.entry = qty * 1000;
	c.position.place_lane = (uint16_t)lane;
	c.position.place_flags = (uint8_t)place_flags;
	send(&c);
}

static void mark(uint64_t price)
{
	union fb_command c = c_plain(FB_OP_MARKS);

	c.header.count = 1;
	c.marks.mark[0] = (price << 16) << 12;
	send(&c);
}

/* One account with one row in each lane: collateral 100,000, notional 1,000,000, rate 1 %,
 * threshold 80 %. */
static void setup(void)
{
	union fb_command c;

	core = ops->open(NULL);
	ck_assert_ptr_nonnull(core);
	ops->geometry(core, &geometry);
	seq = 0;
	c = c_plain(FB_OP_CLASS);
	c.header.count = 1;
	c.class.up[0] = 8000000;
	c.class.down[0] = 8000000;
	send(&c);
	c = c_plain(FB_OP_LADDER);
	c.ladder.rate = 100000;
	send(&c);
	c = c_plain(FB_OP_SYMBOL);
	c.symbol.u = 1000ull << 16;
	send(&c);
	for (uint32_t lane = 0; lane < geometry.lanes; lane++) {
		put_account(lane, 0);
		put_position(lane, 1000, lane % geometry.group == 0 ? FB_PLACE_LINK : 0);
		ck_assert_uint_eq(count, 1);
	}
}

static void teardown(void)
{
	ops->close(core);
}

START_TEST(sound_memory_gives_no_fault)
{
	mark(1001);
	ck_assert_ptr_null(find(FB_REC_FAULT));
}
END_TEST

START_TEST(row_fault_names_lane_and_stripe)
{
	ck_assert_int_eq(ops->flip(core, ROW_TABLE, 3, 0, (uint32_t)_i), 0);
	mark(900);
	const union fb_record *fault = find(FB_REC_FAULT);
	ck_assert_ptr_nonnull(fault);
	ck_assert_uint_eq(fault->fault.fault, FB_FAULT_ROW_PARITY);
	ck_assert_uint_eq(fault->fault.lane, 3);
	ck_assert_uint_eq(fault->fault.address, 0);
	/* All other accounts are bankrupt at 900 - 1 and none is missing. */
	unsigned levels = 0;
	for (unsigned i = 0; i < count; i++)
		if (records[i].header.kind == FB_REC_LEVEL && records[i].header.account != 103)
			levels++;
	ck_assert_uint_eq(levels, geometry.lanes - 1);
	ck_assert_uint_eq(records[count - 1].batch_end.count, geometry.lanes - 1);
}
END_TEST

START_TEST(account_fault_gives_level_fault)
{
	/* MM, equity, bad rows, collateral, damaged, broken, parity, check bits; then of the fixed
	 * word any bit but those of the id, which the record would repeat, and VALID. */
	static const uint32_t bits[] = { 0,   95,  96,  167, 168, 176, 177, 248, 249, 250,
					 251, 252, 263, 0,   87,  120, 124, 126, 128, 141 };

	ck_assert_int_eq(ops->flip(core, _i < 13 ? ACCOUNT_TABLE : FIXED_TABLE, 5, 0, bits[_i]), 0);
	mark(1001);
	const union fb_record *fault = find(FB_REC_FAULT), *level = find(FB_REC_LEVEL);
	ck_assert_ptr_nonnull(fault);
	ck_assert_uint_eq(fault->fault.fault, FB_FAULT_ACCOUNT_PARITY);
	ck_assert_uint_eq(fault->fault.lane, 5);
	ck_assert_ptr_nonnull(level);
	ck_assert_uint_eq(level->header.account, 105);
	ck_assert_uint_eq(level->header.level, FB_LEVEL_FAULT);
	ck_assert_uint_eq(level->level.damaged, 1);
}
END_TEST

/* Its sums are sound; until ACCOUNT comes the level is fault. */
START_TEST(a_fixed_word_is_whole_again_with_its_command)
{
	ck_assert_int_eq(ops->flip(core, FIXED_TABLE, 5, 0, _i ? 128 : 60), 0);
	mark(1001);
	ck_assert_uint_eq(find(FB_REC_LEVEL)->header.level, FB_LEVEL_FAULT);
	put_account(5, 0);
	ck_assert_ptr_null(find(FB_REC_FAULT));
	ck_assert_ptr_nonnull(find(FB_REC_LEVEL));
	ck_assert_uint_eq(find(FB_REC_LEVEL)->header.level, FB_LEVEL_CALM);
	ck_assert_uint_eq(find(FB_REC_LEVEL)->level.damaged, 0);
	mark(1000);
	ck_assert_ptr_null(find(FB_REC_FAULT));
	ck_assert_uint_eq(count, 1);
}
END_TEST

START_TEST(account_fault_is_cleared_by_removal_only)
{
	union fb_command c = c_plain(FB_OP_ACCOUNT);

	ck_assert_int_eq(ops->flip(core, ACCOUNT_TABLE, 5, 0, 130), 0);
	mark(1001);
	put_account(5, 0);
	ck_assert_uint_eq(find(FB_REC_LEVEL)->header.level, FB_LEVEL_FAULT);
	put_position(5, 0, 0);
	c.header.account = 105;
	c.header.flags = FB_FLAG_REMOVE;
	c.account.place_lane = 5;
	send(&c);
	put_account(5, 0);
	put_position(5, 1000, 0);
	mark(1000);
	ck_assert_ptr_null(find(FB_REC_FAULT));
	ck_assert_uint_eq(count, 1);
	mark(890);
	const union fb_record *level = NULL;
	for (unsigned i = 0; i < count; i++)
		if (records[i].header.account == 105)
			level = &records[i];
	ck_assert_ptr_nonnull(level);
	ck_assert_uint_eq(level->header.level, FB_LEVEL_BANKRUPT);
	ck_assert_int_eq((int64_t)level->level.equity.lo, -10000);
}
END_TEST

START_TEST(put_over_a_damaged_row_breaks_its_account)
{
	ck_assert_int_eq(ops->flip(core, ROW_TABLE, 2, 0, 60), 0);
	put_position(2, 2000, 0);
	ck_assert_ptr_nonnull(find(FB_REC_FAULT));
	ck_assert_ptr_nonnull(find(FB_REC_LEVEL));
	ck_assert_uint_eq(find(FB_REC_LEVEL)->header.level, FB_LEVEL_FAULT);
	mark(1001);
	ck_assert_ptr_null(find(FB_REC_FAULT));
}
END_TEST

/* The row is sound, what it was worth is not: no difference can be formed. */
START_TEST(worth_fault_is_a_row_fault)
{
	ck_assert_int_eq(ops->flip(core, WORTH_TABLE, 3, 0, (uint32_t)_i), 0);
	for (int twice = 0; twice < 2; twice++) {
		mark(900);
		const union fb_record *fault = find(FB_REC_FAULT);
		ck_assert_ptr_nonnull(fault);
		ck_assert_uint_eq(fault->fault.fault, FB_FAULT_ROW_PARITY);
		ck_assert_uint_eq(fault->fault.lane, 3);
		ck_assert_uint_eq(fault->fault.address, 0);
		for (unsigned i = 0; i < count; i++)
			ck_assert(records[i].header.kind != FB_REC_LEVEL ||
				  records[i].header.account != 103);
		ck_assert_uint_eq(records[count - 1].batch_end.count,
				  twice ? 0 : geometry.lanes - 1);
	}
}
END_TEST

START_TEST(put_over_a_damaged_worth_breaks_its_account)
{
	ck_assert_int_eq(ops->flip(core, WORTH_TABLE, 2, 0, 60), 0);
	put_position(2, _i ? 0 : 2000, 0);
	ck_assert_ptr_nonnull(find(FB_REC_FAULT));
	ck_assert_ptr_nonnull(find(FB_REC_LEVEL));
	ck_assert_uint_eq(find(FB_REC_LEVEL)->header.level, FB_LEVEL_FAULT);
	mark(1001);
	ck_assert_ptr_null(find(FB_REC_FAULT));
}
END_TEST

/* Not marks alone: funding, rebinding and the state hash walk rows as well. */
START_TEST(every_walk_sees_a_damaged_row)
{
	static const enum fb_op ops_that_walk[] = { FB_OP_FUNDING, FB_OP_SYMBOL, FB_OP_HASH };
	union fb_command c = c_plain(ops_that_walk[_i]);

	if (_i == 0)
		c.funding.rate = 1 << 16;
	if (_i == 1)
		c.symbol.u = 1000ull << 16;
	ck_assert_int_eq(ops->flip(core, ROW_TABLE, 3, 0, 50), 0);
	send(&c);
	if (_i == 2)
		mark(1000);
	ck_assert_ptr_nonnull(find(FB_REC_FAULT));
	ck_assert_uint_eq(find(FB_REC_FAULT)->fault.fault, FB_FAULT_ROW_PARITY);
	ck_assert_uint_eq(find(FB_REC_FAULT)->fault.lane, 3);
}
END_TEST

/* Five walks: the word of the record fails five times, which is one fault; another word as often.
 * The stripe linked last is walked first. */
START_TEST(faults_are_counted_when_they_share_a_record)
{
	union fb_command c = c_plain(FB_OP_POSITION), marks = c_plain(FB_OP_MARKS);

	c.header.account = 107;
	c.position.position = 600;
	c.position.qty = 1;
	c.position.entry = 1000;
	c.position.place_lane = 7;
	c.position.place_row = 1;
	c.position.place_flags = FB_PLACE_LINK;
	send(&c);
	ck_assert_int_eq(ops->flip(core, ROW_TABLE, 7, 0, 3), 0);
	if (_i)
		ck_assert_int_eq(ops->flip(core, ROW_TABLE, 7, 1, 3), 0);
	marks.header.count = 5;
	for (unsigned i = 0; i < 5; i++)
		marks.marks.mark[i] = ((1000ull + i) << 16) << 12;
	send(&marks);
	ck_assert_ptr_nonnull(find(FB_REC_FAULT));
	ck_assert_uint_eq(find(FB_REC_FAULT)->fault.address, _i ? 1 : 0);
	ck_assert_uint_eq(find(FB_REC_FAULT)->fault.lost, _i ? 5 : 0);
}
END_TEST

int main(void)
{
	const char *dir = getenv("FIREBREAK_CORE_DIR");
	char path[4096];

	snprintf(path, sizeof path, "%s/libfbcore8-poke.so", dir ? dir : "build");
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		printf("skipped: %s is not built; run: make %s\n", path, path);
		return 77;
	}
	fb_core_ops_fn entry = (fb_core_ops_fn)dlsym(library, "fb_core_ops");
	ops = entry();

	Suite *suite = suite_create("parity");
	TCase *tests = tcase_create("parity");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, sound_memory_gives_no_fault);
	tcase_add_loop_test(tests, row_fault_names_lane_and_stripe, 0, 182);
	tcase_add_loop_test(tests, account_fault_gives_level_fault, 0, 20);
	tcase_add_loop_test(tests, a_fixed_word_is_whole_again_with_its_command, 0, 2);
	tcase_add_test(tests, account_fault_is_cleared_by_removal_only);
	tcase_add_test(tests, put_over_a_damaged_row_breaks_its_account);
	tcase_add_loop_test(tests, worth_fault_is_a_row_fault, 0, 152);
	tcase_add_loop_test(tests, put_over_a_damaged_worth_breaks_its_account, 0, 2);
	tcase_add_loop_test(tests, every_walk_sees_a_damaged_row, 0, 3);
	tcase_add_loop_test(tests, faults_are_counted_when_they_share_a_record, 0, 2);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
