/* The logarithm of the rank, and what must hold of RANK and of hashes of ranges on random books. */
#include <math.h>

#include "../../sw/lib/log2.h"
#include "../../sw/lib/log2_table.h"
#include "../../sw/lib/mix.h"
#include "model_rank_kit.h"

START_TEST(logarithm_by_hand)
{
	const unsigned __int128 one = 1;
	ck_assert_uint_eq(fb_log2(1), 1); /* 78 / 64: the offset that centres the error */
	ck_assert_uint_eq(fb_log2(2), L(1, 1));
	ck_assert_uint_eq(fb_log2(3), L(1, 38337)); /* 0.58496 x 65536 = 38336.1, and 1.2 */
	ck_assert_uint_eq(fb_log2(20), L(4, 21099));
	ck_assert_uint_eq(fb_log2(one << 95), L(95, 1));
	ck_assert_uint_eq(fb_log2((one << 96) - 1), L(96, 0));
	ck_assert_uint_eq(fb_log2(one << 127), L(127, 1));
	ck_assert_uint_eq(fb_log2(~(unsigned __int128)0), L(128, 0));
	/* Seventeen bits below the leading one count, the eighteenth does not. */
	ck_assert_uint_eq(fb_log2((one << 40) + (one << 40 >> 18)), L(40, 1));
	ck_assert_uint_gt(fb_log2((one << 40) + (one << 40 >> 15)), L(40, 1));
}
END_TEST

static void expect_close(unsigned __int128 x)
{
	long double units = log2l((long double)x) * 65536;
	KIT_MUST(fabsl((long double)fb_log2(x) - units) < FB_LOG2_ERROR_E3 / 1000.0L);
}

START_TEST(logarithm_errs_less_than_its_bound)
{
	for (uint64_t n = 0; n < 200000; n++) {
		unsigned __int128 x = (unsigned __int128)fb_mix(3 * n) << 64 | fb_mix(3 * n + 1);
		expect_close((x >> 32 >> fb_mix_below(fb_mix(3 * n + 2), 96)) | 1);
	}
	/* Where a chord ends and the next begins, in every octave of 96 bits. */
	for (unsigned e = 0; e < 96; e++)
		for (unsigned s = 0; s < 128; s++) {
			unsigned __int128 x = ((unsigned __int128)(128 + s) << e) >> 7;
			for (unsigned __int128 at = x > 4 ? x - 3 : 1; at <= x + 3; at++) {
				expect_close(at);
				KIT_MUST(fb_log2(at) <= fb_log2(at + 1));
			}
		}
}
END_TEST

static uint64_t seed;

static uint64_t below(uint64_t n)
{
	return fb_mix(seed++) % n;
}

static uint64_t draw_size(unsigned bits)
{
	return fb_mix(seed++) >> (64 - bits) >> below(bits);
}

static void draw_book(void)
{
	open_world("model:");
	for (uint32_t a = 0; a < 60; a++) {
		union fb_command c = c_account(a * a, (int64_t)draw_size(40), 0, 0);
		c.account.addend = kit_i128((__int128)draw_size(60));
		c.account.role = below(8) == 0;
		kit_do(&kit, c);
	}
	kit_do(&kit, c_mark(1, 1 + draw_size(20)));
	for (uint32_t p = 0; p < 400; p++) {
		int64_t qty = (int64_t)draw_size(below(4) ? 6 : 30);
		int64_t entry = 1 + (int64_t)draw_size(30);
		uint32_t a = (uint32_t)below(60);
		kit_do(&kit, c_position(a * a, p, below(4) ? 1 : 2, below(2) ? qty : -qty,
					below(3) ? entry : -entry));
	}
}

static uint32_t draw_coefficients(void)
{
	uint32_t packed = 0;
	for (unsigned i = 0; i < FB_RANK_OPERANDS; i++)
		packed |= C(i, (int)below(5) - 2);
	return below(3) ? packed : packed & C(below(FB_RANK_OPERANDS), 0xf);
}

static union fb_command draw_rank(enum fb_rank mode)
{
	union fb_command c = c_rank(1, (uint8_t)below(2), mode);
	c.rank.profit_c = draw_coefficients();
	c.rank.loss_c = draw_coefficients();
	c.rank.class_mask = below(3) ? 7 : (uint8_t)below(8);
	c.rank.exclude_level = (uint8_t)(1 + below(8));
	c.rank.floor = draw_size(61);
	return c;
}

/* Position -> how often nominated. */
static unsigned times[400];

static void note_nominees(const struct fb_cmd_rank *c)
{
	for (size_t i = 0; i < kit.n; i++) {
		const struct fb_rec_nominee *n = &kit.record[i].nominee;
		unsigned class = n->key >> 28;
		KIT_MUST(n->kind == FB_REC_NOMINEE && n->key >= c->from);
		KIT_MUST(n->key < c->cursor_key ||
			 (n->key == c->cursor_key && n->account > c->cursor_account));
		KIT_MUST(class >= 1 && c->class_mask >> (class - 1) & 1);
		KIT_MUST(c->side ? n->qty < 0 : n->qty > 0);
		times[n->position]++;
	}
}

START_TEST(histogram_counts_what_select_gives)
{
	size_t nominees = 0, records = 0;
	for (seed = 1; seed < 1000000; seed += 100000 - seed % 100000) {
		draw_book();
		for (unsigned k = 0; k < 40; k++) {
			union fb_command c = draw_rank(FB_RANK_SELECT);
			uint64_t lots[256] = { 0 }, found_lots;
			uint32_t rows[256] = { 0 };
			c.rank.from = (uint32_t)(below(2) ? below(4) << 28 : below(1u << 30));
			c.rank.zoom = (uint8_t)(below(4) ? 16 + below(8) : below(32));
			kit_do(&kit, c);
			for (size_t i = 0; i < kit.n; i++) {
				const struct fb_rec_nominee *n = &kit.record[i].nominee;
				uint64_t bucket = (uint64_t)(n->key - c.rank.from) >> c.rank.zoom;
				bucket = bucket < 255 ? bucket : 255;
				rows[bucket]++;
				lots[bucket] += (uint64_t)llabs(n->qty);
			}
			nominees += kit.n;
			c.rank.mode = FB_RANK_HISTOGRAM;
			kit_do(&kit, c);
			for (unsigned b = 0; b < 256; b++) {
				KIT_MUST(bucket_rows(b, &found_lots) == rows[b]);
				KIT_MUST(found_lots == lots[b]);
			}
			records += kit.n;
		}
		kit_close(&kit);
	}
	ck_assert_uint_gt(nominees, 10000);
	ck_assert_uint_gt(records, 300);
}
END_TEST

/* The last nominee in the order of keys down, accounts up. */
static void cursor_after_page(struct fb_cmd_rank *c)
{
	const struct fb_rec_nominee *last = &kit.record[0].nominee;
	for (size_t i = 1; i < kit.n; i++) {
		const struct fb_rec_nominee *n = &kit.record[i].nominee;
		if (n->key < last->key || (n->key == last->key && n->account > last->account))
			last = n;
	}
	c->cursor_key = last->key;
	c->cursor_account = last->account;
}

START_TEST(pages_together_are_the_whole)
{
	unsigned pages = 0, cut = 0;
	for (seed = 1; seed < 1000000; seed += 100000 - seed % 100000) {
		draw_book();
		for (unsigned k = 0; k < 10; k++) {
			union fb_command c = draw_rank(FB_RANK_SELECT), page = c;
			memset(times, 0, sizeof(times));
			kit_do(&kit, c);
			note_nominees(&c.rank);
			page.rank.from = (1u << 30) - 1;
			while (page.rank.from > 0) {
				uint64_t step = 1 + below(1u << 22);
				page.rank.from = page.rank.from > step && pages % 400 != 399
							 ? page.rank.from - (uint32_t)step
							 : 0;
				kit_do(&kit, page);
				note_nominees(&page.rank);
				pages++;
				cut += kit.n > 0;
				if (kit.n > 0 && below(2)) {
					cursor_after_page(&page.rank);
				} else {
					page.rank.cursor_key = page.rank.from;
					page.rank.cursor_account = ALL;
				}
			}
			for (unsigned p = 0; p < 400; p++)
				KIT_MUST(times[p] == 0 || times[p] == 2);
		}
		kit_close(&kit);
	}
	ck_assert_uint_gt(cut, 500);
}
END_TEST

/* Ranges of accounts add up to all of them; symbols are in every range. */
START_TEST(hashes_of_ranges)
{
	seed = 77;
	draw_book();
	struct fb_rec_hash all = kit_hash(&kit);
	ck_assert_uint_eq(all.accounts, 60);
	for (unsigned k = 0; k < 200; k++) {
		union fb_command c = c_plain(FB_OP_HASH);
		struct fb_rec_hash sum = { 0 };
		uint32_t first = (uint32_t)below(below(2) ? 3600 : UINT32_MAX), at = first;
		uint64_t left = UINT64_C(1) << 32; /* round all ids, wherever it begins */
		while (left > 0) {
			uint64_t span = 1 + draw_size(below(2) ? 12 : 32);
			span = span < left ? span : left;
			span = span < UINT32_MAX ? span : UINT32_MAX;
			if (left < UINT64_C(1) << 32 && left - span > 0 && below(8) == 0)
				span = left - 1 < UINT32_MAX ? left - 1 : UINT32_MAX;
			c.hash.first = at;
			c.hash.span = (uint32_t)span;
			kit_do(&kit, c);
			const struct fb_rec_hash *h = &kit.record[0].hash;
			sum.accounts_hash += h->accounts_hash;
			sum.rows_hash += h->rows_hash;
			sum.accounts += h->accounts;
			sum.rows += h->rows;
			KIT_MUST(h->symbols == all.symbols && h->symbols_hash == all.symbols_hash);
			at += (uint32_t)span;
			left -= span;
		}
		sum.symbols = all.symbols;
		sum.symbols_hash = all.symbols_hash;
		kit_expect_same_state(&sum, &all);
	}
	kit_close(&kit);
}
END_TEST

START_TEST(hash_range_ends)
{
	open_world("model:");
	const uint32_t ids[] = { 0, 1, 5, UINT32_MAX };
	for (uint32_t i = 0; i < 4; i++) {
		kit_do(&kit, c_account(ids[i], 1000, 0, 0));
		for (uint32_t r = 0; r <= i; r++)
			kit_do(&kit, c_position(ids[i], 10 * i + r, 1, 5, 5));
	}
	const struct {
		uint32_t first, span, accounts, rows;
	} cases[] = {
		{ 0, 0, 4, 10 }, { 7, 0, 4, 10 },     { 0, 1, 1, 1 },	     { 1, 4, 1, 2 },
		{ 1, 5, 2, 5 },	 { ALL, 1, 1, 4 },    { ALL, 2, 2, 5 },	     { ALL, 3, 3, 7 },
		{ 2, 3, 0, 0 },	 { 0, ALL, 3, 6 },    { 1, ALL, 3, 9 },	     { 6, ALL - 5, 1, 4 },
		{ 2, ALL, 3, 8 }, { 6, ALL - 4, 2, 5 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		union fb_command c = c_plain(FB_OP_HASH);
		c.hash.first = cases[i].first;
		c.hash.span = cases[i].span;
		kit_do(&kit, c);
		ck_assert_msg(kit.record[0].hash.accounts == cases[i].accounts, "case %zu", i);
		ck_assert_msg(kit.record[0].hash.rows == cases[i].rows, "case %zu", i);
	}
	kit_close(&kit);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "logarithm by hand", logarithm_by_hand },
		{ "logarithm's error", logarithm_errs_less_than_its_bound },
		{ "histogram and select", histogram_counts_what_select_gives },
		{ "pages", pages_together_are_the_whole },
		{ "hashes of ranges", hashes_of_ranges },
		{ "hash range ends", hash_range_ends },
	};
	return kit_main("model: rank on random books", cases, sizeof(cases) / sizeof(cases[0]));
}
