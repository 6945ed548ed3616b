/* The placer: where new accounts go, what hints do, and which accounts it advises to put anew. */
#include "model_kit.h"

#include "../../sw/lib/placement.h"

static struct fb_structure structure;
static struct fb_placement placement;
static uint32_t next_position;

static void open_places(uint32_t lanes, uint32_t group, uint32_t rows, uint32_t accounts,
			enum fb_place_policy policy, uint64_t seed)
{
	struct fb_core_geometry geometry = { lanes, group, rows, accounts };
	ck_assert_int_eq(fb_structure_open(&structure, &geometry), 0);
	ck_assert_int_eq(fb_placement_open(&placement, &structure, policy, seed), 0);
	next_position = 0;
}

static void close_places(void)
{
	fb_placement_close(&placement);
	fb_structure_close(&structure);
}

/* Puts a new account where the placer says; its lane, or FB_LANE_NONE. */
static uint32_t put(uint32_t account)
{
	uint32_t lane = fb_placement_choose(&placement, account);
	if (lane != FB_LANE_NONE)
		fb_structure_add_account(&structure, account, lane, 0);
	return lane;
}

static uint32_t put_expecting(uint32_t account, const uint16_t *symbols, size_t n)
{
	fb_placement_expect(&placement, account, symbols, n);
	return put(account);
}

/* Adds a row; its position id. */
static uint32_t add(uint32_t account, uint16_t symbol)
{
	uint32_t seat, position = next_position++;
	bool link;
	ck_assert(fb_structure_find_account(&structure, account, &seat));
	ck_assert_uint_ne(fb_structure_add_row(&structure, position, seat, symbol, &link),
			  FB_STRIPE_NONE);
	fb_placement_row_added(&placement, account, fb_structure_lane(&structure, seat), symbol,
			       link);
	return position;
}

static void take_away(uint32_t position)
{
	struct fb_row_place place;
	ck_assert(fb_structure_find_row(&structure, position, &place));
	fb_structure_remove_row(&structure, position);
	fb_placement_row_removed(&placement, place.lane, place.symbol);
}

static uint32_t length(uint32_t group, uint16_t symbol)
{
	return fb_stripes_length(&structure.stripes, group, symbol);
}

START_TEST(random_spreads_and_repeats)
{
	static uint32_t first[4096];
	uint32_t count[16] = { 0 }, same = 0;
	for (unsigned round = 0; round < 3; round++) {
		open_places(16, 8, 16, 4096, FB_PLACE_RANDOM, round == 2 ? 6 : 5);
		for (uint32_t account = 0; account < 4096; account++) {
			uint32_t lane = put(account);
			if (round == 0) {
				first[account] = lane;
				count[lane]++;
			} else if (round == 1) {
				ck_assert_uint_eq(lane, first[account]);
			} else {
				same += lane == first[account];
			}
		}
		close_places();
	}
	for (unsigned lane = 0; lane < 16; lane++) /* 256 expected, standard deviation 16 */
		ck_assert(count[lane] > 256 - 80 && count[lane] < 256 + 80);
	ck_assert(same > 256 - 80 && same < 256 + 80);
}
END_TEST

START_TEST(every_slot_is_found)
{
	for (unsigned policy = 0; policy < 2; policy++) {
		open_places(8, 4, 16, 5, policy ? FB_PLACE_RANDOM : FB_PLACE_LOAD, 1);
		for (uint32_t account = 0; account < 40; account++)
			ck_assert_uint_lt(put(account), 8);
		ck_assert_uint_eq(put(40), FB_LANE_NONE);
		uint32_t seat;
		ck_assert(fb_structure_find_account(&structure, 17, &seat));
		fb_structure_remove_account(&structure, seat);
		ck_assert_uint_eq(put(40), fb_structure_lane(&structure, seat));
		close_places();
	}
}
END_TEST

START_TEST(without_a_hint_the_emptiest_lane)
{
	open_places(4, 2, 16, 8, FB_PLACE_LOAD, 0);
	bool seen[4] = { false };
	for (uint32_t account = 0; account < 4; account++) /* no rows: accounts are spread */
		seen[put(account)] = true;
	ck_assert(seen[0] && seen[1] && seen[2] && seen[3]);
	for (uint32_t account = 0; account < 4; account++)
		for (uint32_t n = 0; n < 3; n++)
			if (account != 2 || n == 0)
				add(account, (uint16_t)n);
	uint32_t seat;
	ck_assert(fb_structure_find_account(&structure, 2, &seat));
	ck_assert_uint_eq(put(99), fb_structure_lane(&structure, seat));
	close_places();
}
END_TEST

/* A lane that lags behind in a symbol is the better one for it, even if it has more rows in all. */
START_TEST(a_hint_goes_where_a_chain_does_not_grow)
{
	open_places(2, 2, 64, 64, FB_PLACE_LOAD, 0);
	const uint16_t one[] = { 1 }, two[] = { 2 };
	uint32_t a = put_expecting(1, one, 1);
	for (unsigned n = 0; n < 3; n++)
		add(1, 1);
	uint32_t b = put_expecting(2, two, 1);
	ck_assert_uint_ne(a, b);
	for (unsigned n = 0; n < 5; n++)
		add(2, 2);
	ck_assert_uint_eq(put_expecting(3, one, 1), b);
	add(3, 1);
	ck_assert_uint_eq(put_expecting(4, two, 1), a);
	add(4, 2);
	ck_assert_uint_eq(length(0, 1), 3);
	ck_assert_uint_eq(length(0, 2), 5);
	close_places();
}
END_TEST

/* Rows that are announced count as if they were there, so accounts may all be put before their
 * positions. */
START_TEST(announced_rows_count)
{
	uint32_t total[2];
	for (unsigned late = 0; late < 2; late++) {
		open_places(16, 8, 1024, 1024, FB_PLACE_LOAD, 0);
		static uint16_t symbol[2000][2];
		uint64_t state = 3;
		for (uint32_t account = 0; account < 2000; account++) {
			symbol[account][0] = (uint16_t)(kit_random(&state) % 7);
			symbol[account][1] = (uint16_t)(7 + kit_random(&state) % 40);
			put_expecting(account, symbol[account], 2);
			for (unsigned i = 0; i < 2 && !late; i++)
				add(account, symbol[account][i]);
		}
		for (uint32_t account = 0; account < 2000 && late; account++)
			for (unsigned i = 0; i < 2; i++)
				add(account, symbol[account][i]);
		total[late] = 0;
		for (uint16_t s = 0; s < 47; s++)
			total[late] += length(0, s);
		for (uint32_t lane = 0; lane < 16; lane++)
			ck_assert_uint_eq(placement.lane_announced[lane], 0);
		for (uint32_t i = 0; i < 16 * FB_SYMBOLS; i++)
			ck_assert_uint_eq(placement.announced[i], 0);
		close_places();
	}
	/* 4,000 rows on 16 lanes: 250 stripes if nothing were wasted; lanes at random take 320
	 * and more. */
	ck_assert_msg(total[0] <= 280 && total[1] <= 280, "%u and %u stripes", total[0], total[1]);
}
END_TEST

START_TEST(load_beats_random)
{
	uint32_t longest[2] = { 0 };
	for (unsigned policy = 0; policy < 2; policy++) {
		open_places(64, 8, 1024, 1024, policy ? FB_PLACE_RANDOM : FB_PLACE_LOAD, 1);
		uint64_t state = 8;
		for (uint32_t account = 0; account < 10000; account++) {
			uint16_t symbol[3];
			/* The product skews: low symbols are frequent. */
			for (unsigned i = 0; i < 3; i++)
				symbol[i] = (uint16_t)((kit_random(&state) % 60) *
						       (kit_random(&state) % 60) / 60);
			put_expecting(account, symbol, 3);
			for (unsigned i = 0; i < 3; i++)
				add(account, symbol[i]);
		}
		for (uint32_t group = 0; group < 8; group++) {
			uint32_t stripes = 1024 - structure.stripes.free_count[group];
			longest[policy] = stripes > longest[policy] ? stripes : longest[policy];
		}
		close_places();
	}
	/* 30,000 rows on 64 lanes: 469 */
	ck_assert_msg(longest[0] < 540 && longest[1] > 600, "load %u, random %u", longest[0],
		      longest[1]);
}
END_TEST

START_TEST(hints_are_bounded)
{
	open_places(2, 1, 2048, 64, FB_PLACE_LOAD, 0);
	uint16_t many[700];
	for (unsigned i = 0; i < 700; i++)
		many[i] = (uint16_t)(i * 97 % 1100); /* 1024 and more do not exist */
	put_expecting(1, many, 700);
	uint32_t announced = placement.lane_announced[0] + placement.lane_announced[1];
	ck_assert(announced >= FB_HINT_SYMBOLS && announced <= 700);
	const uint16_t bad[] = { 1024, 65535 };
	ck_assert_uint_lt(put_expecting(2, bad, 2), 2);
	fb_placement_expect(&placement, 3, many, 3);
	fb_placement_expect(&placement, 3, many, 0); /* the later hint counts */
	uint32_t before = placement.lane_announced[0] + placement.lane_announced[1];
	ck_assert_uint_lt(put(3), 2);
	ck_assert_uint_eq(placement.lane_announced[0] + placement.lane_announced[1], before);
	/* A hint is for its account, whoever is put meanwhile. */
	fb_placement_expect(&placement, 4, many, 3);
	for (uint32_t account = 10; account < 90; account++)
		ck_assert_uint_lt(put(account), 2);
	ck_assert_uint_eq(placement.lane_announced[0] + placement.lane_announced[1], before);
	ck_assert_uint_lt(put(4), 2);
	ck_assert_uint_eq(placement.lane_announced[0] + placement.lane_announced[1], before + 3);
	for (uint32_t account = 100; account < 120; account++)
		fb_placement_expect(&placement, account, many, 1);
	fb_placement_reset(&placement);
	fb_structure_reset(&structure);
	ck_assert_uint_eq(placement.lane_announced[0] + placement.lane_announced[1], 0);
	ck_assert_uint_lt(put(110), 2);
	ck_assert_uint_eq(placement.lane_announced[0] + placement.lane_announced[1], 0);
	close_places();
}
END_TEST

/* A group that lacks stripes is the last resort, even if its chains would grow by less. */
START_TEST(a_full_group_is_avoided)
{
	open_places(2, 1, 4, 64, FB_PLACE_LOAD, 0);
	uint32_t full = put(1);
	const uint32_t tail = add(1, 2);
	add(1, 2);
	add(1, 0);
	add(1, 1);
	uint32_t other = put(2);
	ck_assert_uint_ne(full, other);
	take_away(tail); /* a hole, but no free stripe */
	const uint16_t symbols[] = { 2, 7 };
	ck_assert_uint_eq(put_expecting(3, symbols, 2), other);
	close_places();
}
END_TEST

START_TEST(advice_names_what_made_a_chain_long)
{
	open_places(16, 8, 64, 64, FB_PLACE_LOAD, 0);
	uint32_t account, seat;
	/* Three accounts in one lane, as if placed for other symbols. */
	for (uint32_t a = 0; a < 3; a++)
		fb_structure_add_account(&structure, a, 5, 0);
	add(0, 1);
	ck_assert(!fb_placement_advise(&placement, &account));
	add(1, 1);
	ck_assert(fb_placement_advise(&placement, &account));
	/* Its row made two stripes where 16 lanes could do with one. */
	ck_assert_uint_eq(account, 1);
	ck_assert(!fb_placement_advise(&placement, &account));
	take_away(add(2, 1));
	fb_structure_add_account(&structure, 3, 4, 0);
	add(3, 1); /* in a hole of a chain that is long already: not its doing */
	ck_assert(fb_structure_find_account(&structure, 2, &seat));
	fb_structure_remove_account(&structure, seat);
	ck_assert(!fb_placement_advise(&placement, &account)); /* account 2 is gone */
	/* Put anew, account 1 finds a better lane. */
	take_away(1);
	ck_assert(fb_structure_find_account(&structure, 1, &seat));
	fb_structure_remove_account(&structure, seat);
	const uint16_t symbols[] = { 1 };
	uint32_t lane = put_expecting(1, symbols, 1);
	ck_assert(lane != 4 && lane != 5);
	add(1, 1);
	ck_assert_uint_eq(length(0, 1) > length(1, 1) ? length(0, 1) : length(1, 1), 1);
	ck_assert(!fb_placement_advise(&placement, &account));
	close_places();
}
END_TEST

START_TEST(advice_frees_a_head_that_is_nearly_empty)
{
	open_places(4, 4, 64, 64, FB_PLACE_RANDOM, 0);
	uint32_t account, position[8], n = 0;
	for (uint32_t lane = 0; lane < 4; lane++)
		fb_structure_add_account(&structure, lane, lane, 0);
	for (unsigned stripe = 0; stripe < 2; stripe++)
		for (uint32_t lane = 0; lane < 4; lane++)
			position[n++] = add(lane, 1);
	ck_assert_uint_eq(length(0, 1), 2);
	take_away(position[3]); /* lane 3 has a hole at the tail, but the head still holds four */
	take_away(position[4]);
	take_away(position[5]);
	ck_assert(!fb_placement_advise(&placement, &account)); /* lane 2 has no hole */
	take_away(position[2]);
	ck_assert(fb_placement_advise(&placement, &account));
	ck_assert_uint_eq(account, 2);
	ck_assert(fb_placement_advise(&placement, &account));
	ck_assert_uint_eq(account, 3);
	ck_assert(!fb_placement_advise(&placement, &account));
	take_away(position[6]);
	add(2, 1);
	take_away(position[7]);
	add(3, 1);
	ck_assert_uint_eq(length(0, 1), 1);
	close_places();
}
END_TEST

/* Each open and close may name somebody, and yet nobody is named twice in a row, so the host
 * need not guard itself. */
START_TEST(advice_does_not_repeat_itself)
{
	open_places(1, 1, 64, 64, FB_PLACE_LOAD, 0);
	uint32_t account, named = 0;
	fb_structure_add_account(&structure, 7, 0, 0);
	fb_structure_add_account(&structure, 8, 0, 0);
	const uint32_t kept = add(8, 2);
	for (unsigned n = 0; n < 1000; n++) {
		uint32_t a = add(7, 1), b = add(7, 1);
		take_away(a); /* b is alone in the head, above a hole */
		while (fb_placement_advise(&placement, &account))
			named++;
		take_away(b);
	}
	ck_assert_uint_eq(named, 1);
	take_away(kept);
	close_places();
}
END_TEST

/* What fb_engine_advise asks for changes nothing that anyone can see: no record, and the same
 * state hash. */
START_TEST(putting_a_calm_account_anew_is_silent)
{
	static struct kit kit;
	kit_open(&kit, "model:");
	kit_do(&kit, c_class(0, 0, 5000000, 4000000, 0));
	kit_do(&kit, c_ladder(0, 0, 100000, 0, 0));
	kit_do(&kit, c_symbol(1, 0, U_ONE));
	kit_do(&kit, c_symbol(2, 0, U_ONE));
	kit_do(&kit, c_account(1, 1000, 0, 0));
	kit_do(&kit, c_position(1, 10, 1, 500, 480));
	kit_do(&kit, c_position(1, 11, 2, -300, -310));
	struct fb_rec_hash before = kit_hash(&kit);
	kit_do(&kit, kit_more(c_position(1, 10, 1, 0, 0)));
	kit_do(&kit, kit_more(c_position(1, 11, 2, 0, 0)));
	kit_do(&kit, kit_more(c_remove(1)));
	kit_do(&kit, kit_more(c_account_level(1, 1000, 0, 0, 0)));
	kit_do(&kit, kit_more(c_position(1, 10, 1, 500, 480)));
	kit_do(&kit, c_position(1, 11, 2, -300, -310));
	kit_expect_silence(&kit);
	struct fb_rec_hash after = kit_hash(&kit);
	kit_expect_same_state(&before, &after);
	kit_close(&kit);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "random", random_spreads_and_repeats }, { "every slot", every_slot_is_found },
		{ "no hint", without_a_hint_the_emptiest_lane },
		{ "hint", a_hint_goes_where_a_chain_does_not_grow },
		{ "announced", announced_rows_count }, { "load and random", load_beats_random },
		{ "hints are bounded", hints_are_bounded },
		{ "full group", a_full_group_is_avoided },
		{ "long chains", advice_names_what_made_a_chain_long },
		{ "heads", advice_frees_a_head_that_is_nearly_empty },
		{ "once", advice_does_not_repeat_itself },
		{ "putting anew", putting_a_calm_account_anew_is_silent },
	};
	return kit_main("placement", cases, sizeof(cases) / sizeof(cases[0]));
}
