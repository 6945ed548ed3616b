/* Rankings page by page: against a sort of all rows, with rows made to be hard to tell apart, and
 * against a card that lies. */
#include "ranker_kit.h"

START_TEST(wild_rows)
{
	seed = 1;
	for (size_t turn = 0; turn < 104; turn++) {
		struct fb_rank_formula f = some_formula(turn % (2 * fb_rank_formulas_n));
		rows_n = 1 + below(300);
		for (uint32_t i = 0; i < rows_n; i++)
			rows[i] = wild_row(i);
		rank_all(&f, some_page());
	}
}
END_TEST

/* Few units apart: keys are equal or neighbours, in an order of their own. */
START_TEST(near_ties)
{
	const unsigned bits[] = { 60, 40, 20, 17, 12 };
	seed = 2;
	for (size_t turn = 0; turn < 130; turn++) {
		struct fb_rank_formula f = some_formula(turn % (2 * fb_rank_formulas_n));
		unsigned wide = bits[turn % 5];
		rows_n = 1 + below(200);
		for (uint32_t i = 0; i < rows_n; i++) {
			rows[i] = near_row(i, wide, 1 + below(UINT64_C(1) << (wide - 10)));
			if (turn % 3 == 0 && below(2))
				rows[i].pnl_e8 = -rows[i].pnl_e8;
		}
		rank_all(&f, some_page());
	}
}
END_TEST

/* Hundreds of rows alike, several of one account: nothing but ties. */
START_TEST(one_key)
{
	seed = 3;
	struct fb_rank_formula f = *fb_rank_formula("bitmex");
	for (unsigned width = 1; width < 4; width++) {
		rows_n = 500;
		for (uint32_t i = 0; i < rows_n; i++)
			rows[i] = near_row(i, 50, width);
		rank_all(&f, 64);
		rank_all(&f, 499);
		rank_all(&f, 500);
		rank_all(&f, 1000);
	}
}
END_TEST

/* Keys one after the other, so that every page ends between neighbours. */
START_TEST(neighbours)
{
	seed = 4;
	struct fb_rank_formula f = *fb_rank_formula("flox-pnl-ratio");
	for (uint32_t page = 1; page < 40; page++) {
		rows_n = 300;
		for (uint32_t i = 0; i < rows_n; i++) {
			rows[i] = near_row(i, 40, 1);
			/* log2 (1 + x) is 1.44 x: 2^23 of 2^40 are 0.72 units of a key. */
			rows[i].pnl_e8 += (int64_t)i << 23;
			rows[i].equity_e8 += (__int128)below(4) << 24;
		}
		rank_all(&f, page);
	}
}
END_TEST

/* A queue as of a venue: what it costs. */
START_TEST(commands_are_few)
{
	seed = 5;
	rows_n = ROWS_MAX;
	for (uint32_t i = 0; i < rows_n; i++) {
		rows[i] = wild_row(i);
		rows[i].pnl_e8 = 1 + (__int128)below(1000000000000);
		rows[i].equity_e8 = 1000000000 + (__int128)below(1000000000000);
		rows[i].entry_e8 = 1000000000 + (int64_t)below(1000000000000);
		rows[i].notional_e8 = 1000000000 + (unsigned __int128)below(1000000000000);
	}
	struct fb_ranker *r;
	KIT_MUST(fb_ranker_open(ROWS_MAX, 256, &r) == 0);
	struct fb_rank_request q = request(fb_rank_formula("bitmex"));
	q.rows = 100;
	ck_assert_int_eq(drive(r, &q), 0);
	must_be_head(r, &q);
	ck_assert_uint_le(asked, 4);
	ck_assert_uint_le(sent, 300);
	q.rows = UINT32_MAX;
	ck_assert_int_eq(drive(r, &q), 0);
	must_be_head(r, &q);
	ck_assert_uint_le(asked, 50);
	ck_assert_uint_le(sent, ROWS_MAX + ROWS_MAX / 50);
	fb_ranker_close(r);
}
END_TEST

START_TEST(nothing_to_rank)
{
	struct fb_ranker *r;
	union fb_command c;
	size_t n;
	KIT_MUST(fb_ranker_open(8, 8, &r) == 0);
	ck_assert_int_eq(fb_ranker_next(r, &c), 0);
	struct fb_rank_request q = request(fb_rank_formula("okx"));
	rows_n = 0;
	ck_assert_int_eq(drive(r, &q), 0);
	ck_assert_uint_eq(asked, 1);
	fb_ranker_rows(r, &n);
	ck_assert_uint_eq(n, 0);
	q.lots = 0;
	ck_assert_int_eq(drive(r, &q), 0);
	ck_assert_uint_eq(asked, 0);
	q = request(fb_rank_formula("okx"));
	q.class_mask = 0;
	ck_assert_int_eq(drive(r, &q), -EINVAL);
	q.class_mask = 8;
	ck_assert_int_eq(drive(r, &q), -EINVAL);
	q = request(fb_rank_formula("okx"));
	q.exclude_level = 0;
	ck_assert_int_eq(drive(r, &q), -EINVAL);
	q.exclude_level = 3;
	struct fb_rank_formula f = *q.formula;
	f.loss[6] = 3;
	q.formula = &f;
	ck_assert_int_eq(drive(r, &q), -EINVAL);
	fb_ranker_close(r);
}
END_TEST

START_TEST(a_full_list_is_good)
{
	struct fb_ranker *r;
	size_t n;
	seed = 6;
	rows_n = 50;
	for (uint32_t i = 0; i < rows_n; i++) {
		rows[i] = wild_row(i);
		rows[i].excluded = false;
	}
	KIT_MUST(fb_ranker_open(20, 8, &r) == 0);
	struct fb_rank_request q = request(fb_rank_formula("bitmex"));
	ck_assert_int_eq(drive(r, &q), -ENOBUFS);
	q.rows = 20;
	fb_ranker_rows(r, &n);
	ck_assert_uint_eq(n, 20);
	must_be_head(r, &q);
	ck_assert_int_eq(drive(r, &q), 0);
	must_be_head(r, &q);
	fb_ranker_close(r);
}
END_TEST

/* ---- a card that lies ---- */

static struct fb_ranker *ranker;
static struct fb_rank_request asked_for;

/* Up to the `select`-th SELECT (from 1; 0: the first command) and its true answer. */
static void begin(unsigned select)
{
	union fb_command c;
	seed = 7;
	rows_n = 30;
	for (uint32_t i = 0; i < rows_n; i++) {
		rows[i] = near_row(i, 20, 40);
		rows[i].account = i + 1;
		rows[i].qty = 1; /* so that the number of lots tells no more than that of rows */
	}
	asked_for = request(fb_rank_formula("bitmex"));
	KIT_MUST(fb_ranker_start(ranker, &asked_for, lookup, NULL) == 0);
	for (unsigned selects = 0;;) {
		KIT_MUST(fb_ranker_next(ranker, &c) == 1);
		KIT_MUST(fb_ranker_next(ranker, &c) == -EAGAIN);
		card(asked_for.formula, &c.rank);
		selects += c.rank.mode == FB_RANK_SELECT;
		if (selects == select)
			return;
		KIT_MUST(fb_ranker_take(ranker, said, said_n) == 0);
	}
}

static void refused(int error, bool differs)
{
	union fb_command c;
	size_t n;
	KIT_MUST(fb_ranker_take(ranker, said, said_n) == error);
	KIT_MUST(fb_ranker_next(ranker, &c) == error);
	KIT_MUST(fb_ranker_take(ranker, said, 1) == error);
	fb_ranker_rows(ranker, &n);
	KIT_MUST(n == 0);
	KIT_MUST((fb_ranker_difference(ranker) != NULL) == differs);
}

static void leave_out(size_t i)
{
	said[i] = said[said_n - 2];
	said[said_n - 2] = said[said_n - 1];
	said_n--;
	said[said_n - 1].batch_end.count--;
}

START_TEST(a_nominee_is_what_the_book_says)
{
	KIT_MUST(fb_ranker_open(100, 8, &ranker) == 0);
	for (unsigned select = 1; select < 3; select++)
		for (unsigned byte = 12; byte < FB_HASHED_BYTES; byte++) {
			begin(select);
			said[1].bytes[byte] ^= 1;
			union fb_record lie = said[1];
			refused(-EBADMSG, true);
			const struct fb_rank_difference *d = fb_ranker_difference(ranker);
			KIT_MUST(memcmp(&d->found, &lie, sizeof(lie)) == 0);
			KIT_MUST(byte / 4 == 4 || d->expected.position == lie.nominee.position);
		}
	/* The card is right, but the row has changed since, or is of another symbol or side. */
	begin(1);
	rows[said[0].nominee.position].notional_e8 *= 2;
	refused(-EBADMSG, true);
	begin(1);
	rows[said[0].nominee.position].symbol = 2;
	refused(-EBADMSG, true);
	begin(1);
	rows[said[0].nominee.position].qty *= -1;
	said[0].nominee.qty *= -1;
	refused(-EBADMSG, true);
	begin(1);
	rows[said[0].nominee.position].excluded = true;
	refused(-EBADMSG, true);
	fb_ranker_close(ranker);
}
END_TEST

START_TEST(numbers_must_agree)
{
	KIT_MUST(fb_ranker_open(100, 8, &ranker) == 0);
	for (unsigned select = 1; select < 4; select++) {
		begin(select);
		size_t best = 0, old = 0;
		for (size_t i = 0; i + 1 < said_n; i++) {
			if (said[i].nominee.key > said[best].nominee.key)
				best = i;
			if (said[i].nominee.key < said[old].nominee.key)
				old = i;
		}
		leave_out(best);
		refused(-EBADMSG, false);
		/* In its place another comes twice. */
		for (size_t twice = 0; twice + 1 < said_n; twice++) {
			begin(select);
			if (twice == best)
				continue;
			said[best] = said[twice];
			refused(-EBADMSG, false);
		}
		begin(select);
		said[said_n - 1].batch_end.count++;
		refused(-EBADMSG, false);
		begin(select);
		said[0].header.seq++;
		refused(-EBADMSG, false);
		begin(select);
		said[0].header.kind = FB_REC_LEVEL;
		refused(-EBADMSG, false);
	}
	fb_ranker_close(ranker);
}
END_TEST

/* A row above or below what was asked for, though what it says of itself is true. */
START_TEST(a_nominee_is_in_range)
{
	KIT_MUST(fb_ranker_open(100, 8, &ranker) == 0);
	begin(2);
	uint32_t top = 0;
	for (uint32_t i = 1; i < rows_n; i++)
		if (fb_rank_key(asked_for.formula, &rows[i]) >
		    fb_rank_key(asked_for.formula, &rows[top]))
			top = i;
	said_n--;
	say_nominee(&rows[top], fb_rank_key(asked_for.formula, &rows[top]));
	say(FB_REC_BATCH_END)->batch_end.count = (uint32_t)(said_n - 1);
	refused(-EBADMSG, false);
	fb_ranker_close(ranker);
}
END_TEST

START_TEST(a_histogram_can_be_wrong)
{
	KIT_MUST(fb_ranker_open(100, 8, &ranker) == 0);
	begin(0);
	said[0].rank_hist.first++;
	refused(-EBADMSG, false);
	begin(0);
	said[0].rank_hist.first = 258;
	refused(-EBADMSG, false);
	begin(0);
	said[1] = said[0];
	said_n = 2;
	refused(-EBADMSG, false);
	begin(0);
	said[0].rank_hist.first = 255;
	refused(-EBADMSG, false);
	begin(0);
	for (unsigned i = 0; i < 3; i++)
		said[0].rank_hist.qty[i] = said[0].rank_hist.rows[i] / 2;
	refused(-EBADMSG, false);
	/* Of the second level: a row more than the bucket above holds. */
	for (unsigned more = 0; more < 2; more++) {
		begin(0);
		KIT_MUST(fb_ranker_take(ranker, said, said_n) == 0);
		union fb_command c;
		KIT_MUST(fb_ranker_next(ranker, &c) == 1);
		KIT_MUST(c.rank.mode == FB_RANK_HISTOGRAM && c.rank.zoom == 14);
		card(asked_for.formula, &c.rank);
		for (unsigned i = 0; i < 3; i++) {
			bool any = said[0].rank_hist.rows[i] != 0;
			said[0].rank_hist.rows[i] += any && more;
			said[0].rank_hist.qty[i] += any;
		}
		refused(-EBADMSG, false);
	}
	fb_ranker_close(ranker);
}
END_TEST

START_TEST(a_refusal_ends_it)
{
	KIT_MUST(fb_ranker_open(100, 8, &ranker) == 0);
	const struct {
		uint8_t reason;
		int error;
	} refusal[] = { { FB_REJECT_UNSUPPORTED, -ENOTSUP }, { FB_REJECT_SYMBOL, -EPROTO } };
	for (unsigned i = 0; i < 2; i++) {
		begin(1);
		said_n = 0;
		say(FB_REC_REJECT)->reject.reason = refusal[i].reason;
		say(FB_REC_BATCH_END)->batch_end.count = 1;
		refused(refusal[i].error, false);
	}
	fb_ranker_close(ranker);
}
END_TEST

/* They may come anywhere. Anything else after the end is one too many. */
START_TEST(service_records_do_not_count)
{
	union fb_record service = { .header = { .seq = 999, .kind = FB_REC_AUDIT } };
	KIT_MUST(fb_ranker_open(100, 8, &ranker) == 0);
	begin(1);
	for (size_t i = 0; i < said_n; i++) {
		KIT_MUST(fb_ranker_take(ranker, &service, 1) == 0);
		KIT_MUST(fb_ranker_take(ranker, &said[i], 1) == 0);
	}
	KIT_MUST(fb_ranker_take(ranker, &service, 1) == 0);
	size_t n;
	fb_ranker_rows(ranker, &n);
	ck_assert_uint_gt(n, 0);
	ck_assert_int_eq(fb_ranker_take(ranker, said, 1), -EBADMSG);
	fb_ranker_close(ranker);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "wild", wild_rows },
		{ "near", near_ties },
		{ "one-key", one_key },
		{ "neighbours", neighbours },
		{ "few", commands_are_few },
		{ "nothing", nothing_to_rank },
		{ "full", a_full_list_is_good },
		{ "nominee", a_nominee_is_what_the_book_says },
		{ "numbers", numbers_must_agree },
		{ "range", a_nominee_is_in_range },
		{ "histogram", a_histogram_can_be_wrong },
		{ "refusal", a_refusal_ends_it },
		{ "service", service_records_do_not_count },
	};
	return kit_main("host: rank, pages", cases, sizeof(cases) / sizeof(cases[0]));
}
