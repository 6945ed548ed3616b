/* Properties over random streams: the model against a copy loaded afresh, any bytes as input,
 * and monotony. */
#include "model_kit.h"

enum { ACCOUNTS = 12, POSITIONS = 60, SYMBOLS = 5, LADDERS = 3, CLASSES = 2 };

static struct kit kit, copy;
static uint64_t seed;

/* What the stream made of the state, as the test understands it: enough to load a copy. */
static struct {
	union fb_command ladder[LADDERS][3], class[CLASSES][3], symbol[SYMBOLS];
	union fb_command account[ACCOUNTS], position[POSITIONS];
	int64_t collateral[ACCOUNTS];
	uint8_t level[ACCOUNTS];
} book;

static uint64_t below(uint64_t n)
{
	return kit_random(&seed) % n;
}

static bool is_there(const union fb_command *c)
{
	return c->header.op != 0;
}

static void define_tables(struct kit *k)
{
	for (unsigned l = 0; l < LADDERS; l++)
		for (unsigned t = 0; t < 3; t++)
			kit_do(k, book.ladder[l][t]);
	for (unsigned c = 0; c < CLASSES; c++)
		for (unsigned i = 0; i < 3; i++)
			kit_do(k, book.class[c][i]);
	for (unsigned s = 0; s < SYMBOLS; s++)
		kit_do(k, book.symbol[s]);
}

static void draw_tables(void)
{
	memset(&book, 0, sizeof(book));
	for (uint16_t l = 0; l < LADDERS; l++) {
		uint64_t floor = 0;
		for (uint8_t t = 0; t < 3; t++) {
			uint64_t deduction = t ? below(1000000000) : 0;
			book.ladder[l][t] =
				c_ladder(l, t, (uint32_t)below(2000000), floor, deduction);
			floor += 1 + below(3000);
		}
	}
	for (uint8_t c = 0; c < CLASSES; c++) {
		uint32_t up = 0;
		for (uint8_t i = 0; i < 3; i++) {
			up += (uint32_t)below(6000000);
			uint32_t down = up - (uint32_t)below(up + 1);
			book.class[c][i] = c_class(c, i, up, down, (uint8_t)(c & 1));
		}
	}
	for (uint16_t s = 0; s < SYMBOLS; s++)
		book.symbol[s] = c_symbol(s, (uint16_t)below(LADDERS), 1 + below(4 * U_ONE));
}

/* One random change, in the book and as a command. Mostly one that is accepted. */
static union fb_command draw_change(void)
{
	uint32_t a = (uint32_t)below(ACCOUNTS), p = (uint32_t)below(POSITIONS);
	uint16_t s = (uint16_t)below(SYMBOLS);
	union fb_command c;
	switch (below(8)) {
	case 0:
	case 1:
		book.symbol[s].symbol.u = 1 + below(4 * U_ONE);
		return c_mark(s, book.symbol[s].symbol.u);
	case 2:
		book.symbol[s] = c_symbol(s, (uint16_t)below(LADDERS), 1 + below(4 * U_ONE));
		return book.symbol[s];
	case 3:
		c = c_account(a, (int64_t)below(4000) - 200, (__int128)below(1000000000),
			(uint8_t)below(CLASSES));
		book.account[a] = c;
		book.collateral[a] = c.account.collateral;
		return c;
	case 4:
		c = c_collateral(a, (int64_t)below(400) - 200);
		book.collateral[a] += is_there(&book.account[a]) ? c.collateral.delta : 0;
		return c;
	default:
		a = p % ACCOUNTS;
		s = (uint16_t)(p % SYMBOLS);
		c = c_position(a, p, s, (int64_t)below(4001) - 2000, (int64_t)below(4001) - 2000);
		if (below(4) == 0)
			c.position.qty = c.position.entry = 0;
		bool empty = c.position.qty == 0 && c.position.entry == 0;
		c.position.addend = (uint32_t)below(100000);
		if (is_there(&book.account[a]))
			book.position[p] = empty ? c_plain((enum fb_op)0) : c;
		return c;
	}
}

/* Levels as reported are the test's own memory of L. */
static void remember_levels(void)
{
	for (size_t i = 0; i < kit.n; i++) {
		const union fb_record *r = &kit.record[i];
		if (r->header.kind != FB_REC_LEVEL)
			continue;
		ck_assert_uint_eq(r->level.level_before, book.level[r->level.account]);
		book.level[r->level.account] = r->level.level;
	}
}

/* Loads the book into a fresh model, last account first, all in one batch, so that every account
 * is judged; nothing may come out, and hash and snapshot must be those of the model that went
 * the long way. */
static void expect_equal_to_a_fresh_load(void)
{
	kit_open(&copy, "model:accounts=12,rows=60");
	define_tables(&copy);
	for (uint32_t p = 0; p < POSITIONS; p++) {
		uint32_t a = ACCOUNTS - 1 - p % ACCOUNTS;
		if (p < ACCOUNTS && is_there(&book.account[a]))
			kit_do(&copy, kit_more(book.account[a]));
	}
	for (uint32_t p = POSITIONS; p-- > 0;)
		if (is_there(&book.position[p]))
			kit_do(&copy, kit_more(book.position[p]));
	for (uint32_t a = 0; a < ACCOUNTS; a++) {
		if (!is_there(&book.account[a]))
			continue;
		union fb_command c = book.account[a];
		c.account.collateral = book.collateral[a];
		c.account.flags = FB_FLAG_SET_LEVEL;
		c.account.level = book.level[a];
		kit_do(&copy, kit_more(c));
	}
	kit_do(&copy, book.symbol[0]);
	kit_expect_silence(&copy);
	struct fb_rec_hash a = kit_hash(&kit), b = kit_hash(&copy);
	kit_expect_same_state(&a, &b);
	kit_do(&kit, c_plain(FB_OP_SNAPSHOT));
	kit_do(&copy, c_plain(FB_OP_SNAPSHOT));
	ck_assert_uint_eq(kit.n, copy.n);
	for (size_t i = 0; i < kit.n; i++) {
		const union fb_record *x = &kit.record[i];
		const union fb_record *y = kit_find(&copy, FB_REC_SNAPSHOT, x->header.account);
		ck_assert(y && memcmp(x->bytes + 8, y->bytes + 8, FB_HASHED_BYTES - 8) == 0);
	}
	kit_close(&copy);
}

/* Judging the accounts that a batch touched equals judging them all. */
START_TEST(incremental_equals_recomputed)
{
	size_t levels = 0;
	for (seed = 1; seed < 4000; seed += 1000) {
		draw_tables();
		kit_open(&kit, "model:accounts=64,rows=256");
		define_tables(&kit);
		for (unsigned batch = 0; batch < 300; batch++) {
			for (uint64_t n = below(5); n > 0; n--)
				kit_send(&kit, kit_more(draw_change()));
			kit_send(&kit, draw_change());
			remember_levels();
			levels += kit.n;
			if (batch % 10 == 9)
				expect_equal_to_a_fresh_load();
		}
		kit_close(&kit);
	}
	ck_assert_uint_gt(levels, 500); /* the streams are not silent */
}
END_TEST

/* One in four: noise. Else a command that means something, with up to three bits flipped. */
static union fb_command draw_word(void)
{
	union fb_command c;
	if (below(4) == 0) {
		for (unsigned i = 0; i < 8; i++)
			c.words[i] = kit_random(&seed);
		if (c.header.op == FB_OP_RESET && below(10))
			c.header.op = FB_OP_FENCE;
		return c;
	}
	switch (below(12)) {
	case 0:
		c = book.ladder[below(LADDERS)][below(3)];
		break;
	case 1:
		c = book.class[below(CLASSES)][below(3)];
		break;
	case 2:
		c = c_plain((enum fb_op)(FB_OP_HASH + below(3)));
		break;
	case 3:
		c = c_funding((uint16_t)below(SYMBOLS), (int64_t)kit_random(&seed) >> 11);
		c.funding.rate >>= below(50);
		break;
	case 4:
		c = c_remove((uint32_t)below(ACCOUNTS));
		break;
	default:
		c = draw_change();
	}
	for (uint64_t flips = below(4); flips > 0; flips--)
		c.bytes[8 + below(48)] ^= (uint8_t)(1 << below(8));
	return c;
}

/* Any 64 bytes are answered: one BATCH_END for each batch, a record for each refusal, never a
 * crash. */
START_TEST(any_word_is_survived)
{
	seed = 99;
	kit_open(&kit, "model:accounts=16,rows=64");
	draw_tables();
	define_tables(&kit);
	unsigned accepted = 0;
	while (kit.seq < 100000) {
		kit_send(&kit, draw_word());
		accepted += kit_reason(&kit) == FB_REJECT_NONE;
	}
	kit_send(&kit, c_plain(FB_OP_FENCE));
	ck_assert(kit.ended);
	ck_assert_uint_gt(accepted, 20000);
	kit_close(&kit);
}
END_TEST

/* A higher mark never worsens the level of an account with long positions only, where MM cannot
 * outgrow the value: every rate below the thresholds, and MM continuous over the tiers. */
START_TEST(a_better_mark_never_worsens_a_long)
{
	for (seed = 5; seed < 60; seed++) {
		uint64_t start = seed;
		kit_open(&kit, "model:accounts=4,rows=64");
		kit_do(&kit, c_class(0, 0, 5000000, 4000000, 0));
		kit_do(&kit, c_class(0, 1, 8000000, 6000000, 0));
		kit_do(&kit, c_ladder(0, 0, 100000, 0, 0));
		kit_do(&kit, c_ladder(0, 1, 300000, 5000, UINT64_C(5000) * 200000));
		kit_do(&kit, c_symbol(1, 0, U_ONE));
		kit_do(&kit, c_account(1, (int64_t)below(400), 0, 0));
		for (uint32_t p = 0; p < 8; p++) {
			int64_t qty = 1 + (int64_t)below(2000);
			kit_do(&kit, kit_more(c_position(1, p, 1, qty, qty)));
		}
		kit_do(&kit, c_mark(1, U_ONE / 4));
		ck_assert(kit.ended);
		unsigned level = kit_find(&kit, FB_REC_LEVEL, 1)->level.level;
		ck_assert_uint_eq(level, FB_LEVEL_BANKRUPT);
		for (uint64_t u = U_ONE / 4; u < 2 * U_ONE; u += 1 + below(200)) {
			kit_do(&kit, c_mark(1, u));
			const union fb_record *r = kit_find(&kit, FB_REC_LEVEL, 1);
			if (!r)
				continue;
			ck_assert_msg(r->level.level < level, "seed %llu: level %u -> %u at u %llu",
				(unsigned long long)start, level, r->level.level,
				(unsigned long long)u);
			level = r->level.level;
		}
		ck_assert_uint_eq(level, FB_LEVEL_CALM);
		kit_close(&kit);
		seed = start;
	}
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "incremental equals recomputed", incremental_equals_recomputed },
		{ "any word", any_word_is_survived },
		{ "monotony", a_better_mark_never_worsens_a_long },
	};
	return kit_main("model: properties", cases, sizeof(cases) / sizeof(cases[0]));
}
