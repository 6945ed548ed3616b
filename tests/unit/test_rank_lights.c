/* Lights: the cut-off keys against a count over all rows. */
#include "ranker_kit.h"

static struct fb_rank_lights light_up(const struct fb_rank_request *q, bool by_lots)
{
	struct fb_lighter *l;
	union fb_command c;
	int err;
	KIT_MUST(fb_lighter_open(&l) == 0);
	asked = sent = 0;
	KIT_MUST(fb_lighter_start(l, q, by_lots) == 0);
	while ((err = fb_lighter_next(l, &c)) == 1) {
		KIT_MUST(c.rank.mode == FB_RANK_HISTOGRAM);
		KIT_MUST(fb_lighter_next(l, &c) == -EAGAIN);
		card(q->formula, &c.rank);
		for (size_t i = 0; i < said_n; i++)
			KIT_MUST(fb_lighter_take(l, &said[i], 1) == 0);
	}
	KIT_MUST(err == 0 && asked <= FB_LIGHTER_COMMANDS);
	struct fb_rank_lights lights = *fb_lighter_lights(l);
	fb_lighter_close(l);
	return lights;
}

/* The light of a key, as the rule says it: the share of the rows at or above it, in fifths, rounded
 * up; 5 for the first fifth. */
static unsigned plain_light(const struct fb_rank_request *q, bool by_lots, uint32_t key)
{
	uint64_t above = 0, all = 0;
	for (size_t i = 0; i < rows_n; i++) {
		uint32_t k = fb_rank_key(q->formula, &rows[i]);
		if (k == 0 || !(q->class_mask >> ((k >> FB_SCORE_BITS) - 1) & 1))
			continue;
		uint64_t weight = by_lots ? (uint64_t)llabs(rows[i].qty) : 1;
		all += weight;
		above += k >= key ? weight : 0;
	}
	uint64_t fifths = (above * FB_LIGHTS + all - 1) / all;
	return fifths <= 1 ? 5 : (unsigned)(6 - fifths);
}

/* Six positions with the percentiles 10, 30, 60, 70, 80 and 100 that BitMEX's page shows. */
START_TEST(as_on_the_page)
{
	const int64_t lots[] = { 10, 20, 30, 10, 10, 20 };
	const unsigned percent[] = { 20, 40, 60, 80, 80, 100 };
	struct fb_rank_request q = request(fb_rank_formula("bitmex"));
	rows_n = 6;
	for (uint32_t i = 0; i < rows_n; i++) {
		rows[i] = near_row(i, 30, 1);
		rows[i].pnl_e8 = (__int128)1 << (40 - i);
		rows[i].qty = lots[i];
	}
	struct fb_rank_lights by_lots = light_up(&q, true), by_rows = light_up(&q, false);
	const unsigned by_rank[] = { 5, 4, 3, 2, 1, 1 }; /* 1/6, 2/6, 3/6, 4/6, 5/6, 6/6 */
	for (uint32_t i = 0; i < rows_n; i++) {
		uint32_t key = fb_rank_key(q.formula, &rows[i]);
		ck_assert_uint_eq(fb_rank_light(&by_lots, key), 6 - percent[i] / 20);
		ck_assert_uint_eq(fb_rank_light(&by_rows, key), by_rank[i]);
	}
	ck_assert_uint_eq(fb_rank_light(&by_lots, 0), 0);
}
END_TEST

START_TEST(every_key_has_its_light)
{
	seed = 21;
	for (size_t turn = 0; turn < 300; turn++) {
		struct fb_rank_formula f = some_formula(turn % (2 * fb_rank_formulas_n));
		struct fb_rank_request q = request(&f);
		q.class_mask = turn % 4 ? 7 : 4;
		rows_n = 1 + below(200);
		bool any = false;
		for (uint32_t i = 0; i < rows_n; i++) {
			rows[i] = turn % 2 ? wild_row(i) : near_row(i, 20, 1 + below(300));
			enum fb_sign class = fb_rank_class(&rows[i]);
			any = any || (class && q.class_mask >> (class - 1) & 1);
		}
		for (unsigned by_lots = 0; any && by_lots < 2; by_lots++) {
			struct fb_rank_lights lights = light_up(&q, by_lots);
			for (size_t i = 0; i < rows_n; i++) {
				uint32_t key = fb_rank_key(&f, &rows[i]);
				if (key == 0)
					KIT_MUST(fb_rank_light(&lights, key) == 0);
				if (key < lights.cut[0])
					continue;
				for (uint32_t k = key - 1; k <= key + 1; k++)
					KIT_MUST(k < lights.cut[0] ||
						 fb_rank_light(&lights, k) ==
							 plain_light(&q, by_lots, k));
			}
		}
	}
}
END_TEST

START_TEST(without_rows)
{
	struct fb_rank_request q = request(fb_rank_formula("okx"));
	rows_n = 0;
	struct fb_rank_lights lights = light_up(&q, true);
	ck_assert_uint_eq(asked, 1);
	ck_assert_uint_eq(fb_rank_light(&lights, (1u << 28) - 1), 0);
	ck_assert_uint_eq(fb_rank_light(&lights, 1u << 28), 5);
	q.class_mask = 4;
	lights = light_up(&q, true);
	ck_assert_uint_eq(fb_rank_light(&lights, (3u << 28) - 1), 0);
	ck_assert_uint_eq(fb_rank_light(&lights, 3u << 28), 5);
}
END_TEST

START_TEST(a_card_that_lies)
{
	struct fb_lighter *l;
	union fb_command c;
	struct fb_rank_request q = request(fb_rank_formula("bitmex"));
	seed = 22;
	rows_n = 20;
	for (uint32_t i = 0; i < rows_n; i++)
		rows[i] = near_row(i, 20, 40);
	KIT_MUST(fb_lighter_open(&l) == 0);
	for (int lie = 0; lie < 4; lie++) {
		KIT_MUST(fb_lighter_start(l, &q, true) == 0);
		KIT_MUST(fb_lighter_next(l, &c) == 1);
		card(q.formula, &c.rank);
		unsigned some = said[0].rank_hist.rows[0] ? 0 : said[0].rank_hist.rows[1] ? 1 : 2;
		if (lie == 0)
			said[said_n - 1].batch_end.count++;
		if (lie == 1)
			said[0].header.kind = FB_REC_NOMINEE;
		if (lie == 2)
			said[0].rank_hist.qty[some] = UINT64_MAX;
		if (lie == 3) {
			KIT_MUST(fb_lighter_take(l, said, said_n) == 0);
			KIT_MUST(fb_lighter_next(l, &c) == 1);
			card(q.formula, &c.rank);
			said[0].rank_hist.rows[0] += 1;
			said[0].rank_hist.qty[0] += 1;
		}
		int error = lie == 2 ? -ERANGE : -EBADMSG;
		ck_assert_int_eq(fb_lighter_take(l, said, said_n), error);
		ck_assert_int_eq(fb_lighter_next(l, &c), error);
	}
	q.side = 2;
	ck_assert_int_eq(fb_lighter_start(l, &q, true), -EINVAL);
	ck_assert_int_eq(fb_lighter_next(l, &c), -EINVAL);
	fb_lighter_close(l);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "page", as_on_the_page },
		{ "every-key", every_key_has_its_light },
		{ "without-rows", without_rows },
		{ "lies", a_card_that_lies },
	};
	return kit_main("host: rank, lights", cases, sizeof(cases) / sizeof(cases[0]));
}
