/* The driver of a core: what exists, where it lies, and the words that say so. The fake core
 * checks every word that reaches it; the engine `model` says which commands must be refused. */
#include "model_kit.h"

#include "../../sw/lib/engine_core.h"
#include "../../sw/lib/idmap.h"
#include "fake_core.h"

#define MANY_STEPS 100000

static struct fb_engine *core;
static uint64_t seq;
static union fb_record last_reject, last_fault;
static unsigned ends, fundings;

static void open_core(uint32_t lanes, uint32_t group, uint32_t rows, uint32_t accounts,
		      const char *args)
{
	struct fb_error error = { "" };
	fake.geometry = (struct fb_core_geometry){ lanes, group, rows, accounts };
	ck_assert_msg(fb_core_open_ops(&fake_ops, args, &core, &error) == 0, "%s", error.text);
	seq = 0;
	ends = fundings = 0;
}

static void close_core(void)
{
	ck_assert_str_eq(fake.violation, "");
	fb_engine_close(core);
	ck_assert(!fake.open);
}

/* Polls until the engine is idle. */
static void drain(void)
{
	union fb_record r[3];
	for (int idle = 0; !idle;) {
		int n = fb_engine_poll(core, r, 3, &idle);
		ck_assert_int_ge(n, 0);
		for (int i = 0; i < n; i++) {
			if (r[i].header.kind == FB_REC_REJECT)
				last_reject = r[i];
			if (r[i].header.kind == FB_REC_FAULT)
				last_fault = r[i];
			ends += r[i].header.kind == FB_REC_BATCH_END;
			fundings += r[i].header.kind == FB_REC_FUNDING;
		}
	}
}

/* Sends with the next sequence; the reason why it was refused, or NONE. */
static unsigned tell(union fb_command c)
{
	c.header.seq = ++seq;
	ck_assert_int_eq(fb_engine_submit(core, &c), 0);
	drain();
	return last_reject.header.seq == seq && last_reject.header.kind ? last_reject.reject.reason
									: FB_REJECT_NONE;
}

static void tell_all(const union fb_command *c, size_t n)
{
	memset(&last_reject, 0, sizeof(last_reject));
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(tell(c[i]), FB_REJECT_NONE);
}

/* Class 0, ladder 0, symbols 0..3. */
static void tables(void)
{
	const union fb_command c[] = { c_class(0, 0, 5, 4, 0), c_ladder(0, 0, 0, 0, 0),
				       c_symbol(0, 0, 1),      c_symbol(1, 0, 1),
				       c_symbol(2, 0, 1),      c_symbol(3, 0, 1) };
	tell_all(c, sizeof(c) / sizeof(c[0]));
}

START_TEST(idmap_against_an_array)
{
	enum { IDS = 400, MAX = 250 };
	static uint32_t value[IDS]; /* + 1 */
	struct fb_idmap map;
	uint64_t state = 1;
	size_t count = 0;
	ck_assert_int_eq(fb_idmap_open(&map, MAX), 0);
	for (unsigned n = 0; n < 300000; n++) {
		uint32_t id = (uint32_t)(kit_random(&state) % IDS), found = 0;
		/* ids that crowd: dense ones, and multiples that share their high bits */
		uint32_t key = id % 2 ? id : id << 23;
		bool there = fb_idmap_get(&map, key, &found);
		ck_assert_int_eq(there, value[id] != 0);
		ck_assert(!there || found == value[id] - 1);
		if (there) {
			fb_idmap_remove(&map, key);
			value[id] = 0;
			count--;
		} else if (count < MAX) {
			fb_idmap_put(&map, key, n);
			value[id] = n + 1;
			count++;
		}
		ck_assert_uint_eq(map.count, count);
	}
	fb_idmap_close(&map);
}
END_TEST

START_TEST(structure_rejects)
{
	open_core(2, 1, 16, 4, "");
	tables();
	ck_assert_uint_eq(tell(c_ladder(0, 0, 0, 0, 0)), FB_REJECT_LADDER_BOUND);
	ck_assert_uint_eq(tell(c_ladder(0, 0, 0, 1, 0)), FB_REJECT_LADDER);
	ck_assert_uint_eq(tell(c_ladder(1, 0, 0, 0, 0)), FB_REJECT_NONE);
	for (uint16_t symbol = 0; symbol < 4; symbol++)
		ck_assert_uint_eq(tell(c_symbol(symbol, 1, 1)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_ladder(0, 0, 0, 0, 0)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_remove(7)), FB_REJECT_NO_ACCOUNT);
	ck_assert_uint_eq(tell(c_collateral(7, 1)), FB_REJECT_NO_ACCOUNT);
	ck_assert_uint_eq(tell(c_position(7, 1, 0, 1, 1)), FB_REJECT_NO_ACCOUNT);
	ck_assert_uint_eq(tell(c_account(7, 0, 0, 0)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_account(8, 0, 0, 0)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_class(0, 0, 5, 4, 0)), FB_REJECT_CLASS_BOUND);
	ck_assert_uint_eq(tell(c_class(0, 1, 5, 4, 0)), FB_REJECT_CLASS_BOUND);
	ck_assert_uint_eq(tell(c_position(7, 1, 0, 0, 0)), FB_REJECT_NO_POSITION);
	ck_assert_uint_eq(tell(c_position(7, 1, 0, 0, 1)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_position(7, 1, 0, 1, 0)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_fill(7, 1, 0, 0, 1, 0)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_fill(7, 1, 0, 1, 0, 0)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_position(7, 1, 1, 1, 1)), FB_REJECT_NO_POSITION);
	ck_assert_uint_eq(tell(c_fill(8, 1, 0, 0, 0, 0)), FB_REJECT_NO_POSITION);
	ck_assert_uint_eq(tell(c_remove(7)), FB_REJECT_HAS_POSITIONS);
	ck_assert_uint_eq(tell(c_fill(7, 1, 0, 0, 0, 0)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_remove(7)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_remove(8)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_class(0, 0, 5, 4, 0)), FB_REJECT_NONE);
	close_core();
}
END_TEST

START_TEST(a_full_engine_refuses)
{
	open_core(2, 1, 3, 2, "");
	tables();
	for (uint32_t account = 0; account < 4; account++)
		ck_assert_uint_eq(tell(c_account(account, 0, 0, 0)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_account(4, 0, 0, 0)), FB_REJECT_FULL);
	ck_assert_uint_eq(tell(c_account(3, 0, 0, 0)), FB_REJECT_NONE);
	for (uint32_t position = 0; position < 3; position++)
		ck_assert_uint_eq(tell(c_position(0, position, (uint16_t)position, 1, 1)),
				  FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_position(0, 3, 3, 1, 1)), FB_REJECT_FULL);
	ck_assert_uint_eq(tell(c_position(0, 2, 2, 2, 1)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_position(0, 2, 2, 0, 0)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_position(0, 3, 3, 1, 1)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_remove(3)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_account(4, 0, 0, 0)), FB_REJECT_NONE);
	close_core();
}
END_TEST

START_TEST(rows_of_an_account_are_bounded)
{
	open_core(1, 1, FAKE_ROWS, 4, "");
	tables();
	ck_assert_uint_eq(tell(c_account(1, 0, 0, 0)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_account(2, 0, 0, 0)), FB_REJECT_NONE);
	for (uint32_t position = 0; position < FB_ROWS_PER_ACCOUNT; position++)
		ck_assert_uint_eq(tell(c_position(1, position, 0, 1, 1)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_position(1, 9999, 0, 1, 1)), FB_REJECT_FULL);
	ck_assert_uint_eq(tell(c_position(2, 9999, 0, 1, 1)), FB_REJECT_NONE);
	close_core();
}
END_TEST

/* Heads empty first: the rows of a symbol fill the stripes nearest the tail, and a chain shrinks
 * as its rows go. */
START_TEST(chains_stay_short)
{
	open_core(4, 4, 64, 16, "");
	tables();
	const struct fb_structure *s = fb_core_engine_structure(core);
	for (uint32_t account = 0; account < 4; account++)
		ck_assert_uint_eq(tell(c_account(account, 0, 0, 0)), FB_REJECT_NONE);
	for (uint32_t position = 0; position < 40; position++) {
		ck_assert_uint_eq(tell(c_position(position % 4, position, 1, 1, 1)),
				  FB_REJECT_NONE);
		ck_assert_uint_eq(fb_stripes_length(&s->stripes, 0, 1), position / 4 + 1);
	}
	ck_assert_uint_eq(s->symbol_rows[1], 40);
	/* A hole near the tail is taken before any other. */
	ck_assert_uint_eq(tell(c_position(0, 20, 1, 0, 0)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_position(0, 4, 1, 0, 0)), FB_REJECT_NONE);
	struct fb_row_place tail, place;
	ck_assert(fb_structure_find_row(s, 5, &tail));
	ck_assert_uint_eq(tell(c_position(0, 100, 1, 1, 1)), FB_REJECT_NONE);
	ck_assert(fb_structure_find_row(s, 100, &place));
	ck_assert_uint_eq(place.stripe, tail.stripe);
	/* Rows go from the head down, and the last of a stripe takes the stripe with it. */
	ck_assert_uint_eq(tell(c_position(0, 101, 1, 1, 1)), FB_REJECT_NONE);
	for (uint32_t position = 39; position > 27; position--)
		ck_assert_uint_eq(tell(c_position(position % 4, position, 1, 0, 0)),
				  FB_REJECT_NONE);
	ck_assert_uint_eq(fb_stripes_length(&s->stripes, 0, 1), 7);
	ck_assert_uint_eq(s->symbol_rows[1], 28);
	close_core();
}
END_TEST

START_TEST(revaluations_are_counted)
{
	open_core(2, 1, 16, 8, "");
	tables();
	struct fb_engine_info info;
	for (uint32_t account = 0; account < 6; account++) {
		ck_assert_uint_eq(tell(c_account(account, 0, 0, 0)), FB_REJECT_NONE);
		ck_assert_uint_eq(tell(c_position(account, account, 1, 1, 1)), FB_REJECT_NONE);
		ck_assert_uint_eq(tell(c_position(account, 10 + account, 2, 1, 1)), FB_REJECT_NONE);
	}
	union fb_command c = c_mark(1, 1);
	c.marks.count = 3;
	c.marks.mark[1] = 1u << 12 | 3;
	c.marks.mark[2] = 1u << 12 | 1;
	ck_assert_uint_eq(tell(c), FB_REJECT_NONE);
	fb_engine_info(core, &info);
	ck_assert_uint_eq(info.row_revaluations, 12);
	ck_assert_uint_eq(tell(c_funding(2, 1)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_symbol(1, 0, 2)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_mark(9, 1)), FB_REJECT_SYMBOL);
	fb_engine_info(core, &info);
	ck_assert_uint_eq(info.row_revaluations, 24);
	ck_assert_uint_eq(info.rows_max, 32);
	ck_assert_uint_eq(info.accounts_max, 16);
	ck_assert_uint_gt(info.cycles, 0);
	close_core();
}
END_TEST

START_TEST(queue_and_idle)
{
	open_core(2, 1, 16, 8, "stall=50,seed=3");
	tables();
	int idle;
	union fb_record r;
	ck_assert_int_eq(fb_engine_poll(core, &r, 1, &idle), 0);
	ck_assert_int_eq(idle, 1);
	union fb_command c = c_plain(FB_OP_FENCE);
	unsigned sent = 0, before = ends;
	int rc = 0;
	for (; rc == 0 && sent < 1000; sent += rc == 0) {
		c.header.seq = seq + 1;
		rc = fb_engine_submit(core, &c);
		seq += rc == 0;
	}
	ck_assert_int_eq(rc, -EAGAIN);
	ck_assert_uint_eq(sent, 64);
	drain();
	ck_assert_uint_eq(ends, before + 64);
	/* In an open batch the engine falls idle too, with what is due delivered. */
	ck_assert_uint_eq(tell(kit_more(c_mark(1, 1))), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(kit_more(c_mark(9, 1))), FB_REJECT_SYMBOL);
	ck_assert_uint_eq(tell(kit_more(c_funding(1, 1))), FB_REJECT_NONE);
	ck_assert_uint_eq(fundings, 1);
	ck_assert_uint_eq(ends, before + 64);
	/* RESET drops it; a batch is open no more. */
	ck_assert_uint_eq(tell(c_plain(FB_OP_RESET)), FB_REJECT_NONE);
	ck_assert_uint_eq(ends, before + 65);
	ck_assert_uint_eq(tell(kit_more(c_plain(FB_OP_RESET))), FB_REJECT_NONE);
	ck_assert_uint_eq(ends, before + 66);
	ck_assert_uint_eq(tell(c_mark(1, 1)), FB_REJECT_SYMBOL);
	close_core();
}
END_TEST

START_TEST(wrong_sequences_pass_unchanged)
{
	open_core(2, 1, 16, 8, "");
	tables();
	ck_assert_uint_eq(tell(c_account(1, 0, 0, 0)), FB_REJECT_NONE);
	union fb_command c = c_position(1, 1, 1, 1, 1);
	c.header.seq = seq + 5;
	ck_assert_int_eq(fb_engine_submit(core, &c), 0);
	drain();
	ck_assert_uint_eq(last_fault.fault.fault, FB_FAULT_SEQUENCE);
	ck_assert_uint_eq(last_fault.fault.expected_seq, seq + 1);
	ck_assert_uint_eq(last_fault.fault.found_seq, seq + 5);
	ck_assert_uint_eq(fb_core_engine_structure(core)->positions.count, 0);
	/* A RESET is taken at any sequence and sets the next. */
	seq = 1000;
	ck_assert_uint_eq(tell(c_plain(FB_OP_RESET)), FB_REJECT_NONE);
	tables();
	ck_assert_uint_eq(tell(c_account(1, 0, 0, 0)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_position(1, 1, 1, 1, 1)), FB_REJECT_NONE);
	close_core();
}
END_TEST

/* The card names a lane and an address; the driver names the account, as of what the core has
 * taken. */
START_TEST(faults_name_accounts)
{
	open_core(1, 1, 4, 8, "");
	tables();
	ck_assert_uint_eq(tell(c_account(71, 0, 0, 0)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_account(72, 0, 0, 0)), FB_REJECT_NONE);
	ck_assert_uint_eq(tell(c_position(71, 1, 1, 1, 1)), FB_REJECT_NONE);
	/* Queued: the row goes to another account. The fault comes first. */
	union fb_command queued[] = { c_position(71, 1, 1, 0, 0), c_position(72, 2, 2, 1, 1) };
	for (unsigned i = 0; i < 2; i++) {
		queued[i].header.seq = ++seq;
		ck_assert_int_eq(fb_engine_submit(core, &queued[i]), 0);
	}
	fake.stuck = true;
	fb_core_engine_flip(core, 0, 0, 0, 0);
	union fb_record r = { 0 };
	while (fb_engine_poll(core, &r, 1, NULL) == 0)
		continue;
	ck_assert_uint_eq(r.fault.account, 71);
	fake.stuck = false;
	drain();
	fb_core_engine_flip(core, 0, 0, 0, 0);
	ck_assert_uint_eq(tell(c_plain(FB_OP_FENCE)), FB_REJECT_NONE);
	ck_assert_uint_eq(last_fault.fault.account, 72);
	fb_core_engine_flip(core, 1, 0, 0, 0);
	ck_assert_uint_eq(tell(c_plain(FB_OP_FENCE)), FB_REJECT_NONE);
	ck_assert_uint_eq(last_fault.fault.account, 71);
	close_core();
}
END_TEST

START_TEST(a_dead_core_is_an_error)
{
	for (unsigned plant = 0; plant < 2; plant++) {
		fake.stuck = plant == 0;
		fake.mute = plant == 1;
		open_core(1, 1, 4, 8, "");
		union fb_command c = c_plain(FB_OP_FENCE);
		c.header.seq = 1;
		ck_assert_int_eq(fb_engine_submit(core, &c), 0);
		union fb_record r;
		int rc = 0, polls = 0;
		for (int idle = 0; rc == 0 && polls < 100000; polls++) {
			rc = fb_engine_poll(core, &r, 1, &idle);
			ck_assert_int_eq(idle, 0);
		}
		ck_assert_int_eq(rc, -EIO);
		ck_assert_int_eq(fb_engine_submit(core, &c), -EIO);
		fake.stuck = fake.mute = false;
		close_core();
	}
}
END_TEST

START_TEST(arguments)
{
	const char *bad[] = { "lanes=0",       "lanes=x",    "lanes=",
			      "lanes",         "lanes=1025", "stall=100",
			      "seed=-1",       "place=best", "seed=18446744073709551616",
			      "lane=1",        "wave=",      "poke=2",
			      "poke=1,wave=a", "=",          "lanes=2 " };
	struct fb_engine *engine;
	struct fb_error error;
	fake.geometry = (struct fb_core_geometry){ 1, 1, 16, 4 };
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		error.text[0] = '\0';
		ck_assert_msg(fb_core_open_ops(&fake_ops, bad[i], &engine, &error) == -EINVAL, "%s",
			      bad[i]);
		ck_assert_str_ne(error.text, "");
	}
	open_core(4, 2, 16, 4, "place=random,seed=18446744073709551615,stall=99,lanes=4");
	struct fb_engine_info info;
	fb_engine_info(core, &info);
	ck_assert_str_eq(info.uri, "core:lanes=4,seed=18446744073709551615,stall=99,place=random");
	close_core();
	ck_assert_int_eq(fb_core_open("lanes=777", &engine, &error), -ENOENT);
	ck_assert_ptr_nonnull(strstr(error.text, "run: make build/libfbcore777.so"));
	fake.geometry = (struct fb_core_geometry){ 4, 3, 16, 4 };
	ck_assert_int_eq(fb_core_open_ops(&fake_ops, "", &engine, &error), -EINVAL);
	fake.geometry = (struct fb_core_geometry){ 1, 1, 65537, 4 };
	ck_assert_int_eq(fb_core_open_ops(&fake_ops, "", &engine, &error), -EINVAL);
}
END_TEST

/* Few accounts, positions and symbols, so that everything collides. */
static union fb_command random_command(uint64_t *state)
{
	uint64_t r = kit_random(state);
	uint32_t account = (uint32_t)(r & 15), position = account * 8 + (uint32_t)(r >> 4 & 7);
	uint16_t symbol = (uint16_t)(position % 5); /* 4 is not defined */
	int64_t size = r >> 7 & 1, cost = (r >> 12 & 7) ? size : (int64_t)(r >> 11 & 1);
	if ((r >> 8 & 31) == 0)
		position = (uint32_t)(r >> 40 & 127); /* perhaps another's */
	bool rare = (r >> 20 & 3) == 0;
	uint8_t table = r >> 22 & 3;
	union fb_command c;
	switch (r >> 16 & 15) {
	case 0: c = c_account(account, 0, 0, (uint8_t)(r >> 20 & 1)); break;
	case 1: c = c_remove(account); break;
	case 2: c = c_collateral(account, 1); break;
	case 3: c = rare ? c_symbol(symbol & 3, table, 1) : c_mark(symbol, 1); break;
	case 4: c = rare ? c_class(table, 0, 5, 4, 0) : c_funding(symbol, 1); break;
	case 5: c = rare ? c_ladder(table, 0, 0, 0, 0) : c_plain(FB_OP_FENCE); break;
	case 6: case 7: case 8: case 9: c = c_fill(account, position, symbol, size, cost, 1); break;
	default: c = c_position(account, position, symbol, size, cost); break;
	}
	if ((r >> 24 & 1) == 0)
		c.header.flags |= FB_FLAG_MORE;
	if (r >> 25 & 1 && fb_command_placed(c.header.op))
		c.place.place_lane = c.place.place_row = c.place.place_slot =
			0xffff; /* means nothing from outside */
	c.header.place_reject = (uint8_t)(r >> 26 & 15);
	return c;
}

/* What the model refuses, the driver must refuse for the same reason, and every word must make
 * sense to a card. */
static void run_against_model(const char *args, uint32_t lanes, uint32_t group)
{
	struct fb_engine *model;
	uint64_t state = lanes, refused[16] = { 0 };
	ck_assert_int_eq(fb_engine_open("model:", &model, NULL), 0);
	open_core(lanes, group, 256, 32, args);
	for (unsigned n = 0; n < MANY_STEPS; n++) {
		union fb_command c =
			n % 25000 == 24999 ? c_plain(FB_OP_RESET) : random_command(&state);
		union fb_record r;
		unsigned expected = FB_REJECT_NONE, found = tell(c);
		c.header.seq = seq;
		ck_assert_int_eq(fb_engine_submit(model, &c), 0);
		while (fb_engine_poll(model, &r, 1, NULL) == 1)
			if (r.header.kind == FB_REC_REJECT && r.header.seq == seq)
				expected = r.reject.reason;
		ck_assert_msg(found == expected, "step %u, op %u: the model says %u, the driver %u",
			      n, c.header.op, expected, found);
		ck_assert_msg(!*fake.violation, "step %u: %s", n, fake.violation);
		refused[expected]++;
	}
	const unsigned seen[] = { FB_REJECT_NONE,         FB_REJECT_SYMBOL,
				  FB_REJECT_LADDER_BOUND, FB_REJECT_CLASS_BOUND,
				  FB_REJECT_NO_ACCOUNT,   FB_REJECT_NO_POSITION,
				  FB_REJECT_HAS_POSITIONS };
	for (unsigned i = 0; i < sizeof(seen) / sizeof(seen[0]); i++)
		ck_assert_msg(refused[seen[i]] > 20, "outcome %u came %u times", seen[i],
			      (unsigned)refused[seen[i]]);
	fb_engine_close(model);
	close_core();
}

START_TEST(agrees_with_the_model_1_lane)
{
	run_against_model("", 1, 1);
}
END_TEST

START_TEST(agrees_with_the_model_8_lanes)
{
	run_against_model("place=load,stall=30", 8, 4);
}
END_TEST

START_TEST(agrees_with_the_model_16_lanes)
{
	run_against_model("place=random,seed=9", 16, 8);
}
END_TEST

/* The fake must see what is wrong, or all the above says nothing. */
START_TEST(the_fake_sees_bad_words)
{
	const struct { uint32_t lane, slot, row; uint8_t flags; int64_t qty; } bad[] = {
		{ 9, 0, 0, FB_PLACE_LINK, 1 },  /* no such lane */
		{ 0, 1, 0, FB_PLACE_LINK, 1 },  /* not the account's slot */
		{ 0, 0, 1, 0, 1 },              /* a stripe that is not linked */
		{ 0, 0, 0, FB_PLACE_LINK, 1 },  /* linked twice */
		{ 0, 0, 0, 0, 1 },              /* on top of another position */
		{ 0, 0, 0, FB_PLACE_UNLINK, 1 }, /* UNLINK without a removal */
	};
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		open_core(2, 2, 16, 8, "");
		tables();
		ck_assert_uint_eq(tell(c_account(1, 0, 0, 0)), FB_REJECT_NONE);
		ck_assert_uint_eq(tell(c_position(1, 1, 1, 1, 1)), FB_REJECT_NONE);
		ck_assert_str_eq(fake.violation, "");
		union fb_command c = c_position(1, 2, 1, bad[i].qty, 1);
		c.header.seq = fake.check.next_seq;
		c.place.place_lane = (uint16_t)bad[i].lane;
		c.place.place_slot = (uint16_t)bad[i].slot;
		c.place.place_row = (uint16_t)bad[i].row;
		c.place.place_flags = bad[i].flags;
		fake_take(&c);
		ck_assert_msg(*fake.violation, "bad word %u went unseen", i);
		fb_engine_close(core);
	}
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "id map", idmap_against_an_array },
		{ "rejects", structure_rejects },
		{ "full", a_full_engine_refuses },
		{ "rows per account", rows_of_an_account_are_bounded },
		{ "chains", chains_stay_short },
		{ "revaluations", revaluations_are_counted }, { "queue and idle", queue_and_idle },
		{ "sequences", wrong_sequences_pass_unchanged }, { "faults", faults_name_accounts },
		{ "dead core", a_dead_core_is_an_error }, { "arguments", arguments },
		{ "model, 1 lane", agrees_with_the_model_1_lane },
		{ "model, 8 lanes", agrees_with_the_model_8_lanes },
		{ "model, 16 lanes", agrees_with_the_model_16_lanes },
		{ "bad words", the_fake_sees_bad_words },
	};
	return kit_main("core: driver and structure", cases, sizeof(cases) / sizeof(cases[0]));
}
