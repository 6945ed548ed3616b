/* Rankings of a book by an engine, model or core: rows, keys and exclusions as engine and book see
 * them, against a sort of all rows of the book. */
#include "ranker_kit.h"

#define ACCOUNTS 60
#define POSITIONS 500

static struct kit engine;
static const char *engine_uri;

/* Sends a command, and waits for all that it gives. */
static void ask(union fb_command c)
{
	engine.ended = false;
	engine.n = 0;
	kit_do(&engine, c);
	for (unsigned i = 0; !engine.ended && i < 100000; i++)
		kit_collect(&engine);
	KIT_MUST(engine.ended && kit_reason(&engine) == FB_REJECT_NONE);
}

/* To engine and book; what it reports is taken over as the host does. */
static void both(union fb_command c)
{
	ask(c);
	tell(c);
	for (size_t i = 0; i < engine.n; i++)
		if (engine.record[i].header.kind == FB_REC_LEVEL)
			book->account[index_of(engine.record[i].header.account)].level =
				engine.record[i].level.level;
}

static union fb_command ladder_tier(uint8_t tier, uint64_t floor, uint64_t deduction)
{
	return c_ladder(1, tier, 50000u * (tier + 1u), floor, deduction);
}

/* A row may be anywhere, on either side, of little value or much; several are of one account. */
static void random_position(uint32_t id, bool alike)
{
	uint16_t symbol = (uint16_t)(1 + below(2));
	int64_t lots = alike ? 7 : 1 + (int64_t)below(1000), entry;
	union fb_command c;
	if (below(2))
		lots = -lots;
	entry = lots * MONEY;
	if (!alike)
		entry += lots * (int64_t)below(MONEY / 5) - lots * MONEY / 10;
	c = c_position(1 + (uint32_t)below(ACCOUNTS), id, symbol, lots, entry);
	c.position.row_flags = below(12) == 0 ? FB_ROW_NO_RANK : 0;
	c.position.addend = (uint32_t)below(1000);
	both(c);
}

static void open_random(bool alike)
{
	kit_open(&engine, engine_uri);
	KIT_MUST(fb_book_open(100, 1000, 0, &book) == 0);
	both(c_class(0, 0, 5000000, 4500000, 0));
	both(c_class(0, 1, 10000000, 9500000, 0));
	both(ladder_tier(0, 0, 0));
	both(ladder_tier(1, (uint64_t)(300 * MONEY), (uint64_t)MONEY * 15000000));
	both(c_symbol(1, 1, U_MONEY));
	both(c_symbol(2, 1, 1)); /* worth nothing: N is 0 */
	for (uint32_t id = 1; id <= ACCOUNTS; id++) {
		int64_t coins = alike ? 2000 : (int64_t)below(3000);
		__int128 addend_e15 = below(4) ? 0 : (__int128)below(1000) * MONEY * 10000000;
		union fb_command c = c_account(id, coins * MONEY, addend_e15, 0);
		c.account.role = below(9) == 0 ? (uint8_t)below(4) : FB_ROLE_USER;
		c.account.held = below(12) == 0;
		both(c);
	}
	for (uint32_t id = 0; id < POSITIONS; id++)
		random_position(id, alike);
	both(c_mark(1, U_MONEY + (alike ? 0 : below(U_MONEY / 10))));
}

static void close_random(void)
{
	fb_book_close(book);
	kit_close(&engine);
}

static int look_up(void *context, uint32_t position, struct fb_rank_row *out)
{
	const struct fb_rank_request *q = context;
	uint32_t row = fb_book_row_index(book, position);
	return row == FB_NONE ? -ENOENT : fb_rank_row(book, row, q->exclude_level, out);
}

/* The rows of the book that are in question, to `rows`. */
static void gather(const struct fb_rank_request *q)
{
	rows_n = 0;
	for (uint32_t i = 0; i < book->rows; i++) {
		const struct fb_book_row *r = &book->row[i];
		if (r->live && r->symbol == q->symbol && r->qty != 0 && (r->qty < 0) == q->side)
			KIT_MUST(fb_rank_row(book, i, q->exclude_level, &rows[rows_n++]) == 0);
	}
}

static void must_rank(struct fb_ranker *r, struct fb_rank_request *q)
{
	union fb_command c;
	int err;
	KIT_MUST(fb_ranker_start(r, q, look_up, q) == 0);
	while ((err = fb_ranker_next(r, &c)) == 1) {
		ask(c);
		err = fb_ranker_take(r, engine.record, engine.n);
		if (!err)
			err = fb_ranker_take(r, &engine.end, 1);
		if (err)
			ck_abort_msg("%s: %d", q->formula->name, err);
	}
	KIT_MUST(err == 0);
	gather(q);
	size_t n, all = plain_sort(q->formula, q->class_mask, rows, rows_n, sorted);
	const struct fb_rank_row *list = fb_ranker_rows(r, &n);
	if (n != (all < q->rows ? all : q->rows))
		ck_abort_msg("%s: %zu rows of %zu", q->formula->name, n, all);
	for (size_t i = 0; i < n; i++)
		if (list[i].position != sorted[i].position)
			ck_abort_msg("%s: another order", q->formula->name);
}

/* Share of the ranked rows with this key or above, in fifths: 1 to 5. */
static unsigned fifths(const struct fb_rank_formula *f, bool by_lots, uint32_t key)
{
	uint64_t above = 0, all = 0;
	for (size_t i = 0; i < rows_n; i++) {
		uint64_t weight = rows[i].excluded ? 0 : by_lots ? (uint64_t)llabs(rows[i].qty) : 1;
		all += weight;
		above += fb_rank_key(f, &rows[i]) >= key ? weight : 0;
	}
	return (unsigned)((FB_LIGHTS * above + all - 1) / all);
}

/* Five keys serve every account: its light follows from them and from the key that the book
 * computes. */
static void must_light(struct fb_rank_request *q, bool by_lots)
{
	struct fb_lighter *l;
	union fb_command c;
	int err;
	KIT_MUST(fb_lighter_open(&l) == 0);
	KIT_MUST(fb_lighter_start(l, q, by_lots) == 0);
	while ((err = fb_lighter_next(l, &c)) == 1) {
		ask(c);
		KIT_MUST(fb_lighter_take(l, engine.record, engine.n) == 0);
		KIT_MUST(fb_lighter_take(l, &engine.end, 1) == 0);
	}
	KIT_MUST(err == 0);
	gather(q);
	for (size_t i = 0; i < rows_n; i++) {
		uint32_t key = fb_rank_key(q->formula, &rows[i]);
		unsigned light = rows[i].excluded ? 0 : 6 - fifths(q->formula, by_lots, key);
		KIT_MUST(fb_rank_light(fb_lighter_lights(l), key) == light);
	}
	fb_lighter_close(l);
}

static void rank_books(bool alike, unsigned turns)
{
	struct fb_ranker *r;
	KIT_MUST(fb_ranker_open(POSITIONS, 16, &r) == 0);
	for (unsigned turn = 0; turn < turns; turn++) {
		open_random(alike);
		for (size_t i = 0; i < fb_rank_formulas_n + 5; i++) {
			struct fb_rank_formula f = some_formula(i);
			struct fb_rank_request q = request(&f);
			q.symbol = (uint16_t)(1 + below(2));
			q.side = (uint8_t)below(2);
			q.exclude_level = (uint8_t)(1 + below(8));
			q.rows = below(2) ? UINT32_MAX : 1 + (uint32_t)below(100);
			must_rank(r, &q);
			must_light(&q, false);
			must_light(&q, true);
		}
		close_random();
	}
	fb_ranker_close(r);
}

START_TEST(random_books)
{
	seed = 31;
	rank_books(false, 4);
}
END_TEST

START_TEST(books_of_rows_alike)
{
	seed = 32;
	rank_books(true, 4);
}
END_TEST

START_TEST(on_the_core)
{
	engine_uri = "core:lanes=8,poke=1,place=random,seed=3";
	seed = 35;
	rank_books(false, 1);
	rank_books(true, 1);
}
END_TEST

/* The book moves on between two commands: that is noticed. */
START_TEST(a_book_that_moved_is_noticed)
{
	struct fb_ranker *r;
	union fb_command c;
	seed = 33;
	open_random(false);
	KIT_MUST(fb_ranker_open(POSITIONS, 500, &r) == 0);
	struct fb_rank_request q = request(fb_rank_formula("bitmex"));
	q.side = 1;
	KIT_MUST(fb_ranker_start(r, &q, look_up, &q) == 0);
	for (;;) {
		KIT_MUST(fb_ranker_next(r, &c) == 1);
		ask(c);
		if (c.rank.mode == FB_RANK_SELECT)
			break;
		KIT_MUST(fb_ranker_take(r, engine.record, engine.n) == 0);
		KIT_MUST(fb_ranker_take(r, &engine.end, 1) == 0);
	}
	ck_assert_uint_gt(engine.n, 0);
	tell(c_mark(1, U_MONEY + 12345));
	ck_assert_int_eq(fb_ranker_take(r, engine.record, engine.n), -EBADMSG);
	const struct fb_rank_difference *d = fb_ranker_difference(r);
	ck_assert_ptr_nonnull(d);
	ck_assert_uint_eq(d->expected.position, d->found.nominee.position);
	ck_assert_uint_ne(d->expected.key, d->found.nominee.key);
	fb_ranker_close(r);
	close_random();
}
END_TEST

START_TEST(a_closed_row_is_no_row)
{
	struct fb_rank_row row;
	seed = 34;
	open_random(false);
	uint32_t index = fb_book_row_index(book, 5);
	KIT_MUST(fb_rank_row(book, index, 3, &row) == 0);
	ck_assert_uint_eq(row.position, 5);
	both(c_position(row.account, 5, row.symbol, 0, 0));
	ck_assert_int_eq(fb_rank_row(book, index, 3, &row), -ENOENT);
	close_random();
}
END_TEST

/* As an engine sees it, also where its numbers end: a row too large is out, collateral is kept
 * modulo 2^72. Judged on the book alone, before any level is reported. */
START_TEST(where_numbers_end)
{
	struct fb_rank_row row, wrapped;
	open_book(0);
	tell(c_account(1, 1000 * MONEY, 0, 0));
	tell(c_position(1, 1, 1, 10, 9 * MONEY));
	tell(c_position(1, 2, 2, INT64_C(1) << 40, 0));
	uint32_t small = fb_book_row_index(book, 1), large = fb_book_row_index(book, 2);
	KIT_MUST(fb_rank_row(book, small, 8, &row) == 0);
	ck_assert(!row.excluded);
	kit_assert_wide(row.pnl_e8, MONEY);
	kit_assert_wide(row.equity_e8, 1001 * MONEY); /* without the large one */
	KIT_MUST(fb_rank_row(book, large, 8, &row) == 0);
	ck_assert(row.excluded);
	KIT_MUST(fb_rank_row(book, small, 8, &row) == 0);
	book->account[index_of(1)].collateral_e8 += (__int128)1 << 72;
	KIT_MUST(fb_rank_row(book, small, 8, &wrapped) == 0);
	kit_assert_wide(wrapped.collateral_e8, row.collateral_e8);
	kit_assert_wide(wrapped.equity_e8, row.equity_e8);
	fb_book_close(book);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "random", random_books },
		{ "alike", books_of_rows_alike },
		{ "moved", a_book_that_moved_is_noticed },
		{ "closed", a_closed_row_is_no_row },
		{ "ends", where_numbers_end },
		{ "core", on_the_core },
	};
	struct fb_engine *core;
	struct fb_error error;
	if (fb_engine_open("core:lanes=8,poke=1", &core, &error) < 0) {
		printf("skipped: %s\n", error.text);
		return 77;
	}
	fb_engine_close(core);
	engine_uri = "model:accounts=100,rows=1000";
	return kit_main("host: rank, books", cases, sizeof(cases) / sizeof(cases[0]));
}
