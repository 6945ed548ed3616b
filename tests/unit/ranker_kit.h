/* What the tests of the host's ranking share: an order computed in the plainest way, a card that
 * answers RANK from an array of rows and can be made to lie, and rows of several kinds. */
#ifndef RANKER_KIT_H
#define RANKER_KIT_H

#include "book_kit.h"

#include <firebreak/rank.h>

#include "../../sw/lib/mix.h"

#define ROWS_MAX 4096

/* ---- the order, with no cleverness ---- */

#define DIGITS 96 /* of 32 bits: room for 14 factors of 128 bits and more */
struct big {
	uint32_t digit[DIGITS];
};

static inline void big_times(struct big *b, unsigned __int128 factor)
{
	struct big out = { { 0 } };
	for (unsigned k = 0; k < 4; k++) {
		uint64_t f = (uint32_t)(factor >> 32 * k), carry = 0;
		for (unsigned i = 0; f != 0 && i + k < DIGITS; i++) {
			carry += b->digit[i] * f + out.digit[i + k];
			out.digit[i + k] = (uint32_t)carry;
			carry >>= 32;
		}
	}
	*b = out;
}

/* Sign of the score of a less that of b. */
static inline int plain_score(const int8_t *power, const unsigned __int128 *a,
			      const unsigned __int128 *b)
{
	struct big x = { { 1 } }, y = { { 1 } };
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++)
		for (int k = 0; k < abs(power[i]); k++) {
			big_times(&x, power[i] > 0 ? a[i] : b[i]);
			big_times(&y, power[i] > 0 ? b[i] : a[i]);
		}
	for (unsigned i = DIGITS; i-- > 0;)
		if (x.digit[i] != y.digit[i])
			return x.digit[i] > y.digit[i] ? 1 : -1;
	return 0;
}

static inline int plain_compare(const struct fb_rank_formula *f, const struct fb_rank_row *a,
				const struct fb_rank_row *b)
{
	int class_a = a->excluded ? 0 : a->pnl_e8 < 0 ? 1 : a->pnl_e8 == 0 ? 2 : 3;
	int class_b = b->excluded ? 0 : b->pnl_e8 < 0 ? 1 : b->pnl_e8 == 0 ? 2 : 3;
	if (class_a != class_b)
		return class_b - class_a;
	unsigned __int128 x[FB_RANK_OPERANDS], y[FB_RANK_OPERANDS];
	fb_rank_operands(f, a, x);
	fb_rank_operands(f, b, y);
	int order = 0;
	if (class_a == 1 || class_a == 3)
		order = -plain_score(class_a == 3 ? f->profit : f->loss, x, y);
	if (order == 0 && a->notional_e8 != b->notional_e8)
		order = a->notional_e8 > b->notional_e8 ? -1 : 1;
	if (order == 0 && a->account != b->account)
		order = a->account < b->account ? -1 : 1;
	if (order == 0 && a->position != b->position)
		order = a->position < b->position ? -1 : 1;
	return order;
}

static const struct fb_rank_formula *plain_formula;

static inline int by_plain(const void *a, const void *b)
{
	return plain_compare(plain_formula, a, b);
}

/* All rows that take part, in order. */
static inline size_t plain_sort(const struct fb_rank_formula *f, uint8_t mask,
				const struct fb_rank_row *row, size_t n, struct fb_rank_row *out)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++)
		if (!row[i].excluded && mask >> (fb_rank_class(&row[i]) - 1) & 1)
			out[kept++] = row[i];
	plain_formula = f;
	qsort(out, kept, sizeof(*out), by_plain);
	return kept;
}

/* ---- a card ---- */

static struct fb_rank_row rows[ROWS_MAX];
static size_t rows_n;

/* Rows have the position of their place. */
static int lookup(void *context, uint32_t position, struct fb_rank_row *out)
{
	(void)context;
	if (position >= rows_n)
		return -ENOENT;
	*out = rows[position];
	return 0;
}

static union fb_record said[ROWS_MAX + 2];
static size_t said_n;
static uint64_t said_seq;
static uint64_t asked, sent; /* commands; nominees */

static inline union fb_record *say(uint8_t kind)
{
	union fb_record *r = &said[said_n++];
	memset(r, 0, sizeof(*r));
	r->header.seq = said_seq;
	r->header.kind = kind;
	return r;
}

static inline void say_nominee(const struct fb_rank_row *row, uint32_t key)
{
	union fb_record *r = say(FB_REC_NOMINEE);
	r->nominee.account = row->account;
	r->nominee.position = row->position;
	r->nominee.key = key;
	r->nominee.qty = row->qty;
	r->nominee.entry = row->entry_e8;
	r->nominee.equity = kit_i128(row->equity_e8);
	sent++;
}

/* Answers from `rows`, as the contract says. */
static inline void card(const struct fb_rank_formula *f, const struct fb_cmd_rank *c)
{
	uint32_t count[FB_RANK_BUCKETS + 2] = { 0 };
	uint64_t lots[FB_RANK_BUCKETS + 2] = { 0 };
	said_n = 0;
	said_seq++;
	asked++;
	for (size_t i = 0; i < rows_n; i++) {
		uint32_t key = fb_rank_key(f, &rows[i]);
		if ((rows[i].qty < 0) != c->side || key >> FB_SCORE_BITS == 0 ||
		    !(c->class_mask >> ((key >> FB_SCORE_BITS) - 1) & 1) || key < c->from ||
		    !(key < c->cursor_key ||
		      (key == c->cursor_key && rows[i].account > c->cursor_account)))
			continue;
		uint32_t bucket = (key - c->from) >> c->zoom;
		bucket = bucket < FB_RANK_BUCKETS ? bucket : FB_RANK_BUCKETS - 1;
		count[bucket]++;
		lots[bucket] += (uint64_t)llabs(rows[i].qty);
		if (c->mode == FB_RANK_SELECT)
			say_nominee(&rows[i], key);
	}
	for (uint16_t b = 0; c->mode == FB_RANK_HISTOGRAM && b < FB_RANK_BUCKETS; b += 3) {
		if (count[b] + count[b + 1] + count[b + 2] == 0)
			continue;
		union fb_record *r = say(FB_REC_RANK_HIST);
		r->rank_hist.first = b;
		memcpy(r->rank_hist.rows, &count[b], sizeof(r->rank_hist.rows));
		memcpy(r->rank_hist.qty, &lots[b], sizeof(r->rank_hist.qty));
	}
	union fb_record *end = say(FB_REC_BATCH_END);
	end->batch_end.count = (uint32_t)(said_n - 1);
	end->batch_end.commands = 1;
}

static inline struct fb_rank_request request(const struct fb_rank_formula *f)
{
	return (struct fb_rank_request){ .symbol = 1,
					 .exclude_level = 3,
					 .class_mask = 7,
					 .formula = f,
					 .lots = UINT64_MAX,
					 .rows = UINT32_MAX };
}

/* Ranks against the card; what the ranker says in the end. */
static inline int drive(struct fb_ranker *r, const struct fb_rank_request *q)
{
	union fb_command c;
	asked = sent = 0;
	int err = fb_ranker_start(r, q, lookup, NULL);
	while (!err && (err = fb_ranker_next(r, &c)) == 1) {
		card(q->formula, &c.rank);
		err = 0;
		for (size_t at = 0; !err && at < said_n;) {
			size_t n = (size_t)(fb_mix(asked + at) % 7 + 1);
			n = n < said_n - at ? n : said_n - at;
			err = fb_ranker_take(r, &said[at], n);
			at += n;
		}
	}
	return err;
}

/* ---- rows ---- */

static uint64_t seed;

static inline uint64_t below(uint64_t n)
{
	return kit_random(&seed) % n;
}

/* Of a random number of bits, at most `bits`. */
static inline unsigned __int128 of_bits(unsigned bits)
{
	unsigned __int128 x = (unsigned __int128)kit_random(&seed) << 64 | kit_random(&seed);
	return x >> (128 - below(bits) - 1);
}

/* Anything that fits the contract's widths. */
static inline struct fb_rank_row wild_row(uint32_t position)
{
	__int128 pnl = (__int128)of_bits(62);
	return (struct fb_rank_row){ .account = 1 + (uint32_t)below(1 + rows_n / 2 + 1),
				     .position = position,
				     .symbol = 1,
				     .qty = 1 + (int64_t)of_bits(20),
				     .entry_e8 = (int64_t)of_bits(61),
				     .pnl_e8 = below(8) == 0 ? 0 : below(2) ? pnl : -pnl,
				     .notional_e8 = of_bits(61),
				     .equity_e8 = (__int128)of_bits(71),
				     .mm_e15 = (__int128)of_bits(95),
				     .row_mm_e15 = (__int128)of_bits(87),
				     .collateral_e8 = (__int128)of_bits(71),
				     .excluded = below(20) == 0 };
}

static inline int64_t near(int64_t x, uint64_t width)
{
	return x + (int64_t)below(width);
}

/* All alike but for the last bits: scores differ by one part in 2^`bits` or so, or not at all. */
static inline struct fb_rank_row near_row(uint32_t position, unsigned bits, uint64_t width)
{
	int64_t one = INT64_C(1) << bits;
	return (struct fb_rank_row){ .account = 1 + (uint32_t)below(1 + rows_n / 3 + 1),
				     .position = position,
				     .symbol = 1,
				     .qty = 1 + (int64_t)below(9),
				     .entry_e8 = near(one, width),
				     .pnl_e8 = near(one, width),
				     .notional_e8 = (unsigned __int128)near(one, width),
				     .equity_e8 = near(one, width),
				     .mm_e15 = near(one, width),
				     .row_mm_e15 = near(one, width),
				     .collateral_e8 = near(one, width) };
}

static inline struct fb_rank_formula random_formula(void)
{
	struct fb_rank_formula f = { .name = "random", .floor_e8 = (uint64_t)of_bits(50) };
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++) {
		f.profit[i] = (int8_t)((int)below(5) - 2);
		f.loss[i] = (int8_t)((int)below(5) - 2);
	}
	return f;
}

/* A published formula, or after the last of them a random one. */
static inline struct fb_rank_formula some_formula(size_t i)
{
	return i < fb_rank_formulas_n ? fb_rank_formulas[i] : random_formula();
}

/* ---- the list against the sort ---- */

static struct fb_rank_row sorted[ROWS_MAX];

/* The list must be the head of the sort, and end where it has what was wanted. */
static inline void must_be_head(const struct fb_ranker *r, const struct fb_rank_request *q)
{
	size_t n, all = plain_sort(q->formula, q->class_mask, rows, rows_n, sorted), wanted = 0;
	const struct fb_rank_row *list = fb_ranker_rows(r, &n);
	for (uint64_t lots = 0; wanted < all && lots < q->lots && wanted < q->rows; wanted++)
		lots += (uint64_t)llabs(sorted[wanted].qty);
	if (n != wanted)
		ck_abort_msg("%s: %zu rows instead of %zu", q->formula->name, n, wanted);
	for (size_t i = 0; i < n; i++)
		if (list[i].position != sorted[i].position)
			ck_abort_msg("%s: row %zu of %zu is %u instead of %u", q->formula->name, i,
				     n, list[i].position, sorted[i].position);
}

static inline void rank_all(const struct fb_rank_formula *f, uint32_t page)
{
	struct fb_ranker *r;
	KIT_MUST(fb_ranker_open(ROWS_MAX, page, &r) == 0);
	struct fb_rank_request q = request(f);
	for (int turn = 0; turn < 3; turn++) {
		q.class_mask = turn < 2 ? 7 : (uint8_t)(1 + below(7));
		q.lots = turn == 1 ? 1 + below(40 * rows_n) : UINT64_MAX;
		q.rows = turn == 2 ? 1 + (uint32_t)below(rows_n) : UINT32_MAX;
		int err = drive(r, &q);
		if (err)
			ck_abort_msg("%s: %d", f->name, err);
		must_be_head(r, &q);
		size_t n;
		fb_ranker_rows(r, &n);
		if (asked > FB_RANKER_COMMANDS(n, page))
			ck_abort_msg("%zu rows in pages of %u took %llu commands", n, page,
				     (unsigned long long)asked);
	}
	fb_ranker_close(r);
}

static inline uint32_t some_page(void)
{
	const uint32_t page[] = { 1, 2, 3, 7, 16, 64, 1000 };
	return page[below(sizeof(page) / sizeof(page[0]))];
}

#endif
