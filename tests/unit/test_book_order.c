/* Where the book finds an account without its map of ids, and what it keeps near of its rows: with
 * ids in every order, and after every kind of command. */
#include "../../sw/lib/book_internal.h"

#include "book_kit.h"

enum { FEW = 1000, MANY = 6000 };

static struct fb_book *open_many(uint32_t accounts)
{
	struct fb_book *many;
	struct fb_error error = { "" };
	union fb_command c = c_class(0, 0, 8000000, 7500000, 0);
	ck_assert_int_eq(fb_book_open(accounts, 8, 0, &many), 0);
	c.header.seq = 1;
	KIT_MUST(fb_book_apply(many, &c, &error) == 0);
	return many;
}

static void put(struct fb_book *many, uint32_t id)
{
	struct fb_error error = { "" };
	union fb_command c = c_account(id, 1, 0, 0);
	c.header.seq = many->seq + 1;
	KIT_MUST(fb_book_apply(many, &c, &error) == 0);
}

static void put_all(struct fb_book *many, const uint32_t *id, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		put(many, id[i]);
}

/* Each is found where it was put, by all who look; and nobody else is found at all, though his id
 * leads to somebody's place. */
static void expect_found(const struct fb_book *many, const uint32_t *id, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		KIT_MUST(fb_book_account_index(many, id[i]) == i);
		uint32_t hint = fb_book_fetch(many, id[i]);
		KIT_MUST(fb_book_account_about(many, id[i], hint) == i);
		fb_book_fetch_id(many, id[i]);
	}
	for (uint32_t place = 0; place < n; place++) {
		uint32_t leads_to = place - many->order.ahead, i = 0;
		while (i < n && id[i] != leads_to)
			i++;
		uint32_t is = i < n ? i : FB_NONE;
		KIT_MUST(fb_book_account_index(many, leads_to) == is);
		KIT_MUST(fb_book_account_about(many, leads_to, fb_book_fetch(many, leads_to)) ==
			 is);
	}
	uint32_t right = 0;
	for (uint32_t i = 0; i < n; i++)
		right += i - id[i] == many->order.ahead;
	ck_assert_uint_eq(many->order.right, right);
}

/* As they are loaded: the houses first, whose ids wrap around to the places of others. */
static uint32_t houses(uint32_t *id)
{
	id[0] = FB_ID_FUND, id[1] = FB_ID_STREET, id[2] = FB_ID_FEES;
	return 3;
}

START_TEST(ids_in_order_need_no_map)
{
	static uint32_t id[MANY];
	struct fb_book *many = open_many(MANY);
	uint32_t n = houses(id);
	for (uint32_t i = n; i < MANY; i++)
		id[i] = i - n + 1;
	put_all(many, id, MANY);
	ck_assert_uint_eq(many->order.ahead, n - 1);
	ck_assert_uint_eq(many->order.right, MANY - n);
	ck_assert(fb_book_in_order(many));
	expect_found(many, id, MANY);
	/* The map knows them all, too, but is not asked. */
	memset(many->account_map.slot, 0, (many->account_map.mask + 1) * sizeof(uint32_t));
	for (uint32_t i = n; i < MANY; i++)
		KIT_MUST(fb_book_account_index(many, id[i]) == i);
	ck_assert_uint_eq(fb_book_account_index(many, FB_ID_FUND), FB_NONE);
	fb_book_close(many);
}
END_TEST

START_TEST(ids_around_the_end_are_found)
{
	static uint32_t id[FEW];
	struct fb_book *many = open_many(FEW);
	for (uint32_t i = 0; i < FEW; i++)
		id[i] = i - FEW / 2; /* 0 among them */
	put_all(many, id, FEW);
	ck_assert(fb_book_in_order(many));
	expect_found(many, id, FEW);
	fb_book_close(many);
}
END_TEST

/* Every other one in order, or none, or in order from the middle on, or downwards. */
START_TEST(ids_in_any_order_are_found)
{
	static uint32_t id[FEW];
	for (unsigned way = 0; way < 5; way++) {
		struct fb_book *many = open_many(FEW);
		uint32_t n = houses(id);
		for (uint32_t i = n; i < FEW; i++) {
			uint32_t spread = (i * 2654435769u) | 0x40000000;
			id[i] = way == 0   ? (i % 2 ? i : spread)
				: way == 1 ? spread
				: way == 2 ? (i < FEW / 2 ? i : i + 7)
				: way == 3 ? (i % 10 ? i : spread)
					   : FEW - i;
		}
		put_all(many, id, FEW);
		ck_assert_int_eq(fb_book_in_order(many), way == 3);
		expect_found(many, id, FEW);
		fb_book_close(many);
	}
}
END_TEST

/* The first decide; what comes later in another order is found by the map. */
START_TEST(later_ids_are_found)
{
	static uint32_t id[MANY];
	struct fb_book *many = open_many(MANY);
	for (uint32_t i = 0; i < MANY; i++) {
		/* Those behind lead to the places of the first. */
		id[i] = i < 4500 ? i + 10 : i + 200000;
		put(many, id[i]);
	}
	ck_assert_uint_eq(many->order.ahead, (uint32_t)-10);
	ck_assert(!fb_book_in_order(many));
	for (uint32_t i = 0; i < MANY; i++)
		KIT_MUST(fb_book_account_index(many, id[i]) == i);
	ck_assert_uint_eq(fb_book_account_index(many, MANY + 5), FB_NONE);
	fb_book_close(many);
}
END_TEST

/* An account that is removed keeps its place, and is put again there. */
START_TEST(a_removed_account_keeps_its_place)
{
	open_book(FB_AHEAD_MAX);
	for (uint32_t i = 1; i <= 20; i++)
		tell(c_account(i, i, 0, 0));
	uint32_t before = index_of(7);
	union fb_command remove = c_account(7, 0, 0, 0);
	remove.account.flags |= FB_FLAG_REMOVE;
	tell(remove);
	ck_assert_uint_eq(index_of(7), before);
	tell(c_account(7, 70, 0, 0));
	tell(c_account(21, 21, 0, 0));
	ck_assert_uint_eq(index_of(7), before);
	kit_assert_wide(collateral_of(7), 70);
	kit_assert_wide(collateral_of(21), 21);
	ck_assert_uint_eq(fb_book_account_index(book, 22), FB_NONE);
	fb_book_close(book);
}
END_TEST

/* ---- rows that are near ---- */

static union fb_command random_row(uint64_t *seed)
{
	uint32_t account = 1 + (uint32_t)(kit_random(seed) % 3),
		 row = (uint32_t)(kit_random(seed) % 5);
	int64_t qty = (int64_t)(kit_random(seed) % 4000) - 1500,
		money = (int64_t)(kit_random(seed) % 2000) * MONEY - 1000 * MONEY;
	uint16_t symbol = (uint16_t)(1 + row % 3);
	union fb_command c;
	qty = kit_random(seed) % 5 ? qty : 0;
	if (kit_random(seed) % 2)
		return c_fill(account, 10 * account + row, symbol, qty, qty ? money : 0, money / 3);
	c = c_position(account, 10 * account + row, symbol, qty, qty ? money : 0);
	c.position.addend = (uint32_t)(kit_random(seed) % 3 * 10000);
	return c;
}

/* Up to five rows of an account, of which two are near, closed and opened again. */
START_TEST(near_rows_are_those_of_the_book)
{
	enum { STEPS = 5000 };
	struct fb_error error = { "" };
	uint64_t seed = 3, addends = 0;
	open_book(0);
	for (uint32_t a = 1; a <= 3; a++)
		tell(c_account(a, 1000 * MONEY, 5, 0));
	for (int step = 0; step < STEPS; step++) {
		union fb_command c = random_row(&seed);
		c.header.seq = book->seq + 1;
		if (fb_book_apply(book, &c, NULL))
			continue;
		struct fb_sums at, exact = sums_of(c.header.account);
		bool now;
		KIT_MUST(fb_value_at(book, index_of(c.header.account), FB_NOW, &at, &now) && now);
		KIT_MUST(at.equity_e8 == exact.equity_e8 && at.mm_e15 == exact.mm_e15);
		addends += book->account[index_of(c.header.account)].near.addend_e7[1] != 0;
	}
	ck_assert_uint_gt(addends, STEPS / 10);
	for (uint32_t a = 1; a <= 3; a++)
		ck_assert_uint_eq(book->account[index_of(a)].near.rows, FB_BOOK_NEAR);
	ck_assert_uint_eq(book->rows, 15);
	for (uint16_t s = 1; s <= 3; s++) { /* the street has the rest */
		int64_t rest = (int64_t)-book->symbol[s].qty_sum;
		tell(c_position(FB_ID_STREET, s, s, rest, 1));
	}
	fb_book_seal(book);
	ck_assert_msg(fb_book_conserved_full(book, &error) == 0, "%s", error.text);
	book->account[index_of(2)].near.qty[1]++;
	ck_assert_int_eq(fb_book_conserved_full(book, &error), -EPROTO);
	ck_assert_msg(strstr(error.text, "account 2 has another position 2"), "%s", error.text);
	fb_book_close(book);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "in order", ids_in_order_need_no_map },
		{ "around the end", ids_around_the_end_are_found },
		{ "any order", ids_in_any_order_are_found },
		{ "later", later_ids_are_found },
		{ "removed", a_removed_account_keeps_its_place },
		{ "near", near_rows_are_those_of_the_book },
	};
	return kit_main("host: order of the book", cases, sizeof(cases) / sizeof(cases[0]));
}
