/* The orders of deleveraging that venues publish: each against its score as people write it, worked
 * out in exact fractions; figures that venues and users published; and that every order is one. */
#include "model_kit.h"

#include <firebreak/adl.h>
#include <firebreak/ratio.h>

#include "../../sw/lib/ratio.h"

#define COIN INT64_C(100000000)

static int sign_of(__int128 x)
{
	return x < 0 ? -1 : x > 0;
}

static struct fb_adl_order order_of(const char *name, bool position)
{
	struct fb_adl_policy p = { .leverage = position };
	struct fb_adl_order out;
	while (strcmp(fb_adl_families[p.score].name, name) != 0)
		KIT_MUST(++p.score < fb_adl_families_n);
	fb_adl_order_of(&p, &out);
	return out;
}

static ratio money(__int128 x)
{
	return fb_ratio_scaled(x, 8);
}

static ratio largest(ratio a, ratio b)
{
	return fb_ratio_max(a, b);
}

/* The score of a row as a signed number: more is first. */
static ratio written(const char *name, const struct fb_adl_terms *t, bool position)
{
	ratio u = money(t->score.profit_e8), e = money(t->entry_e8),
	      n = money((__int128)t->score.notional_e8), q = money(t->score.equity_e8),
	      mm = fb_ratio_scaled(t->mm_e15, 15), own = fb_ratio_scaled(t->row_mm_e15, 15),
	      w = money(t->collateral_e8), none = whole(0), one = whole(1);
	bool gains = t->score.profit_e8 > 0;
	if (position)
		q = over(times(q, own), mm);
	ratio percent = over(u, e), leverage = over(n, q), margin = over(mm, q);
	if (strcmp(name, "binance-2025") == 0)
		return gains ? times(over(u, n), leverage) : over(over(u, n), leverage);
	if (strcmp(name, "bitmex") == 0)
		return gains ? times(percent, leverage) : over(percent, leverage);
	if (strcmp(name, "binance-2020") == 0)
		return times(over(largest(none, u), largest(one, w)), margin);
	if (strcmp(name, "okx") == 0)
		return gains ? over(percent, over(q, mm)) : times(percent, over(q, mm));
	if (strcmp(name, "bitget") == 0)
		return gains ? times(percent, margin) : over(percent, margin);
	if (strcmp(name, "extended") == 0) {
		margin = over(own, largest(q, one));
		return gains ? times(percent, margin) : over(percent, margin);
	}
	if (strcmp(name, "hyperliquid") == 0)
		return times(over(n, e), leverage);
	if (strcmp(name, "hyperliquid-inverse") == 0)
		return times(t->is_short ? over(e, n) : over(n, e), leverage);
	if (strcmp(name, "coinex") == 0)
		return times(t->is_short ? over(e, n) : over(n, e), over(e, w));
	if (strcmp(name, "flox-pnl-ratio") == 0)
		return over(u, q);
	if (strcmp(name, "flox-binance") == 0)
		return times(u, leverage);
	if (strcmp(name, "flox-position-size") == 0)
		return n;
	KIT_MUST(strcmp(name, "bluefin") == 0);
	return over(largest(none, percent), largest(over(own, n), over(q, n)));
}

static int by_ids(const struct fb_adl_terms *a, const struct fb_adl_terms *b)
{
	const struct fb_adl_score *x = &a->score, *y = &b->score;
	if (x->notional_e8 != y->notional_e8)
		return x->notional_e8 > y->notional_e8 ? -1 : 1;
	if (x->account_id != y->account_id)
		return x->account_id < y->account_id ? -1 : 1;
	return x->position_id < y->position_id ? -1 : x->position_id > y->position_id;
}

static int reference(const char *name, bool position, const struct fb_adl_terms *a,
		     const struct fb_adl_terms *b)
{
	int class = sign_of(b->score.profit_e8) - sign_of(a->score.profit_e8);
	if (class != 0)
		return sign_of(class);
	if (a->score.profit_e8 != 0) {
		ratio x = written(name, a, position), y = written(name, b, position);
		KIT_MUST(!x.error && !y.error);
		int order = fb_ratio_compare(&y, &x);
		if (order != 0)
			return order;
	}
	return by_ids(a, b);
}

static __int128 some(uint64_t *seed, unsigned bits)
{
	return 1 + (__int128)(kit_random(seed) >> (64 - 1 - kit_random(seed) % bits));
}

static struct fb_adl_terms random_terms(uint64_t *seed, bool is_short)
{
	struct fb_adl_terms t = {
		.score = { .profit_e8 = some(seed, 50) * (int)(kit_random(seed) % 3 - 1),
			   .equity_e8 = some(seed, 50),
			   .notional_e8 = (unsigned __int128)some(seed, 50),
			   .account_id = (uint32_t)(kit_random(seed) % 3),
			   .position_id = (uint32_t)(kit_random(seed) % 3) },
		.entry_e8 = some(seed, 50),
		.row_mm_e15 = some(seed, 60),
		.collateral_e8 = some(seed, 50),
		.tier = (uint32_t)(kit_random(seed) % 4),
		.is_short = is_short,
	};
	if (kit_random(seed) % 9 == 0)
		t.score.profit_e8 = 0;
	t.mm_e15 = t.row_mm_e15 + some(seed, 60);
	t.account_notional_e8 = t.score.notional_e8 + (unsigned __int128)some(seed, 50);
	t.funding_e8 = some(seed, 40) * (int)(kit_random(seed) % 3 - 1);
	return t;
}

/* Like t but for one thing, and that by little: near-ties are where orders go wrong. */
static struct fb_adl_terms near(struct fb_adl_terms t, uint64_t *seed)
{
	switch (kit_random(seed) % 6) {
	case 0: t.score.equity_e8++; break;
	case 1: t.entry_e8++; break;
	case 2: t.score.notional_e8++; break;
	case 3: t.row_mm_e15++; break;
	case 4: t.score.profit_e8 += sign_of(t.score.profit_e8); break;
	default: break;
	}
	t.score.account_id = (uint32_t)(kit_random(seed) % 3);
	return t;
}

START_TEST(agrees_with_what_is_written)
{
	uint64_t seed = 5;
	for (size_t f = 0; f < fb_adl_families_n; f++) {
		const char *name = fb_adl_families[f].name;
		if (fb_adl_families[f].kind != FB_ADL_POWERS)
			continue;
		for (int k = 0; k < 1200; k++) {
			bool position = k % 4 == 0 && (strcmp(name, "bitmex") == 0 ||
						       strcmp(name, "okx") == 0);
			struct fb_adl_order o = order_of(name, position);
			struct fb_adl_terms a = random_terms(&seed, k % 2),
					    b = k % 3 ? near(a, &seed) : random_terms(&seed, k % 2);
			int expected = reference(name, position, &a, &b),
			    found = fb_adl_order_compare(&o, &a, &b);
			ck_assert_msg(sign_of(found) == expected, "%s, pair %d", name, k);
			KIT_MUST(sign_of(fb_adl_order_compare(&o, &b, &a)) == -expected);
			/* Keys that are far enough apart prove the same. */
			int64_t apart = (int64_t)fb_adl_order_key(&o, &a) -
					fb_adl_order_key(&o, &b);
			uint32_t margin = o.margin[a.is_short][a.score.profit_e8 < 0];
			if (fb_adl_group(&o, &a) == fb_adl_group(&o, &b) &&
			    apart != 0 && (apart < 0 ? -apart : apart) >= margin)
				KIT_MUST((apart > 0) == (found < 0));
		}
	}
}
END_TEST

/* The whole figure in 1e-9, from the fraction. */
START_TEST(scores_are_those_figures)
{
	uint64_t seed = 6;
	for (size_t f = 0; f < fb_adl_families_n; f++) {
		const char *name = fb_adl_families[f].name;
		for (int k = 0; k < 300 && fb_adl_families[f].kind == FB_ADL_POWERS; k++) {
			struct fb_adl_order o = order_of(name, false);
			struct fb_adl_terms t = random_terms(&seed, k % 2);
			if (t.score.profit_e8 == 0)
				continue;
			ratio score = fb_ratio_floor(
				times(fb_ratio_abs(written(name, &t, false)), whole(1000000000)));
			/* Of orders that do not score a loss it is 1; of those that do not ask for
			 * the sign the loss's figure is upside down. */
			bool scored = o.power[t.is_short][1][FB_RANK_PNL] != 0;
			__int128 expected;
			if ((t.score.profit_e8 < 0 && !scored) ||
			    fb_ratio_to_int(&score, &expected) != 0)
				continue;
			expected = expected > UINT64_MAX ? (__int128)UINT64_MAX : expected;
			kit_assert_wide((__int128)fb_adl_score_e9(&o, &t), expected);
		}
	}
}
END_TEST

/* A total order, whatever the policy adds: antisymmetric, transitive, 0 for one and the same row
 * only. */
START_TEST(every_policy_is_an_order)
{
	uint64_t seed = 7;
	for (int round = 0; round < 4000; round++) {
		struct fb_adl_policy p = { .score = kit_random(&seed) % fb_adl_families_n,
					   .leverage = kit_random(&seed) % 2,
					   .hedges = kit_random(&seed) % 2,
					   .size_unit_e8 = (uint64_t)some(&seed, 50) };
		struct fb_adl_order o;
		struct fb_adl_terms t[3];
		p.size_factor_e7 = round % 3 ? 0 : kit_random(&seed) % 1000000000;
		p.tier_factor_e7 = round % 4 ? 0 : kit_random(&seed) % 1000000000;
		p.funding_factor_e7 = round % 5 ? 0 : kit_random(&seed) % 1000000000;
		fb_adl_order_of(&p, &o);
		for (int i = 0; i < 3; i++) {
			t[i] = i % 2 ? near(t[i - 1], &seed) : random_terms(&seed, round % 2);
			t[i].score.position_id = (uint32_t)i;
			t[i].turn = (uint32_t)i;
			t[i].hedged = p.hedges && kit_random(&seed) % 2;
			if (kit_random(&seed) % 6 == 0)
				t[i].score.notional_e8 = 0;
		}
		for (int i = 0; i < 27; i++) {
			const struct fb_adl_terms *a = &t[i % 3], *b = &t[i / 3 % 3],
						  *c = &t[i / 9];
			int ab = fb_adl_order_compare(&o, a, b);
			KIT_MUST(sign_of(ab) == -sign_of(fb_adl_order_compare(&o, b, a)));
			KIT_MUST((ab == 0) == (a == b));
			KIT_MUST((fb_adl_order_step(&o, a, b) == FB_ADL_STEP_NONE) == (a == b));
			if (ab < 0 && fb_adl_order_compare(&o, b, c) < 0)
				KIT_MUST(fb_adl_order_compare(&o, a, c) < 0);
			if (ab < 0)
				KIT_MUST(!(a->hedged && !b->hedged));
		}
	}
}
END_TEST

static void scale(struct fb_adl_terms *t, int k)
{
	t->score.profit_e8 *= k;
	t->score.equity_e8 *= k;
	t->score.notional_e8 *= (unsigned)k;
	t->entry_e8 *= k;
	t->row_mm_e15 *= k;
	t->mm_e15 *= k;
	t->collateral_e8 *= k;
	t->account_notional_e8 *= (unsigned)k;
}

/* In another coin nothing changes, but where a rule names an amount: max(1, wallet). */
START_TEST(scale_plays_no_part)
{
	uint64_t seed = 8;
	for (int round = 0; round < 6000; round++) {
		struct fb_adl_policy p = { .score = kit_random(&seed) % fb_adl_families_n };
		struct fb_adl_order o;
		struct fb_adl_terms a = random_terms(&seed, round % 2),
				    b = round % 3 ? near(a, &seed) : random_terms(&seed, round % 2);
		fb_adl_order_of(&p, &o);
		a.turn = 1;
		a.collateral_e8 += COIN;
		b.collateral_e8 += COIN;
		a.score.equity_e8 += COIN;
		b.score.equity_e8 += COIN;
		int before = fb_adl_order_compare(&o, &a, &b),
		    k = 2 + (int)(kit_random(&seed) % 99);
		scale(&a, k);
		scale(&b, k);
		KIT_MUST(sign_of(before) == sign_of(fb_adl_order_compare(&o, &a, &b)));
	}
}
END_TEST

/* A factor brings the larger forward in profit and back in loss, and nothing else. */
START_TEST(factors)
{
	struct fb_adl_policy p = { .score = 0, .size_unit_e8 = 100 * COIN };
	struct fb_adl_order o;
	struct fb_adl_terms big = { .score = { 10 * COIN, 100 * COIN, 200 * COIN, 1, 1 },
				    .tier = 1, .funding_e8 = 2 * COIN },
			    better = { .score = { 14 * COIN, 100 * COIN, 100 * COIN, 2, 2 } };
	fb_adl_order_of(&p, &o);
	ck_assert(o.card && fb_adl_order_compare(&o, &big, &better) > 0);
	p.size_factor_e7 = 10000000; /* x 3 against x 2: 0.3 and 0.28 */
	fb_adl_order_of(&p, &o);
	ck_assert(!o.card && fb_adl_order_compare(&o, &big, &better) < 0);
	ck_assert_uint_eq(fb_adl_score_e9(&o, &big), 300000000);
	p.size_factor_e7 = 0;
	p.tier_factor_e7 = 5000000; /* x 1.5: 0.15 */
	fb_adl_order_of(&p, &o);
	ck_assert(fb_adl_order_compare(&o, &big, &better) < 0);
	p.tier_factor_e7 = 3999999;
	fb_adl_order_of(&p, &o);
	ck_assert(fb_adl_order_compare(&o, &big, &better) > 0);
	p.tier_factor_e7 = 0;
	p.funding_factor_e7 = 400000000; /* 40 x 2 / 200: x 1.4, a tie; the larger notional */
	fb_adl_order_of(&p, &o);
	ck_assert(fb_adl_order_compare(&o, &big, &better) < 0);
	ck_assert_uint_eq(fb_adl_order_step(&o, &big, &better), FB_ADL_STEP_NOTIONAL);
	p.funding_factor_e7--;
	fb_adl_order_of(&p, &o);
	ck_assert(fb_adl_order_compare(&o, &big, &better) > 0);
	big.score.profit_e8 = better.score.profit_e8 = -COIN;
	better.score.notional_e8 = big.score.notional_e8;
	ck_assert(fb_adl_order_compare(&o, &big, &better) > 0);
	p.funding_factor_e7 = 0;
	fb_adl_order_of(&p, &o);
	ck_assert(fb_adl_order_compare(&o, &big, &better) < 0);
}
END_TEST

/* Leverage, then profit, then the lower balance, then the newer account. */
START_TEST(lexicographic)
{
	struct fb_adl_order o = order_of("lexicographic", false);
	struct fb_adl_terms t[] = {
		{ .score = { -5, 10, 30, 1, 1 }, .account_notional_e8 = 31 }, /* even in loss */
		{ .score = { 9, 10, 30, 1, 1 }, .account_notional_e8 = 30, .collateral_e8 = 9 },
		{ .score = { 8, 20, 60, 1, 1 }, .account_notional_e8 = 60, .collateral_e8 = 1 },
		{ .score = { 8, 10, 30, 9, 1 }, .account_notional_e8 = 30, .collateral_e8 = 2 },
		{ .score = { 8, 10, 90, 8, 1 }, .account_notional_e8 = 30, .collateral_e8 = 2 },
		{ .score = { 8, 10, 30, 8, 2 }, .account_notional_e8 = 30, .collateral_e8 = 2 },
		{ .score = { 99, 10, 90, 9, 9 }, .account_notional_e8 = 29 },
	};
	const enum fb_adl_step step[] = { FB_ADL_STEP_SCORE,  FB_ADL_STEP_PROFIT,
					  FB_ADL_STEP_BALANCE, FB_ADL_STEP_NEWER,
					  FB_ADL_STEP_POSITION, FB_ADL_STEP_SCORE };
	for (size_t i = 0; i + 1 < sizeof(t) / sizeof(t[0]); i++) {
		ck_assert_msg(fb_adl_order_compare(&o, &t[i], &t[i + 1]) < 0, "line %zu", i);
		ck_assert_uint_eq(fb_adl_order_step(&o, &t[i], &t[i + 1]), step[i]);
	}
	ck_assert_uint_eq(fb_adl_score_e9(&o, &t[0]), 3100000000);
}
END_TEST

/* dev.binance.vision 17801: 40.2 over a wallet of 4.27 at a margin ratio of 13.42 %: 1.26.
 * FLOX test_liquidation_engine.cpp: 60 of 10 and 300 of 100 are 6 and 3. ZUBR 360011816240: 12 % at
 * leverage 5 is 0.6, before it 11 % at 11, 1.21. */
START_TEST(published_figures)
{
	struct fb_adl_order o = order_of("binance-2020", false);
	struct fb_adl_terms t = { .score = { 4020000000, 4447000000, 1, 1, 1 },
				  .collateral_e8 = 427000000,
				  .mm_e15 = (__int128)44470000000000000 * 1342 / 10000 };
	ck_assert_uint_eq(fb_adl_score_e9(&o, &t) / 10000000, 126);
	o = order_of("flox-pnl-ratio", false);
	struct fb_adl_terms two = { .score = { 60, 10, 40, 2, 2 } },
			    three = { .score = { 300, 100, 200, 3, 3 } };
	ck_assert_uint_eq(fb_adl_score_e9(&o, &two), 6000000000);
	ck_assert_uint_eq(fb_adl_score_e9(&o, &three), 3000000000);
	ck_assert(fb_adl_order_compare(&o, &two, &three) < 0);
	o = order_of("bitmex", false);
	struct fb_adl_terms nine = { .score = { 11, 10, 110, 9, 9 }, .entry_e8 = 100 },
			    seven = { .score = { 12, 10, 50, 7, 7 }, .entry_e8 = 100 };
	ck_assert_uint_eq(fb_adl_score_e9(&o, &nine), 1210000000);
	ck_assert_uint_eq(fb_adl_score_e9(&o, &seven), 600000000);
	ck_assert(fb_adl_order_compare(&o, &nine, &seven) < 0);
}
END_TEST

/* The card's order is the host's. */
START_TEST(the_card_agrees)
{
	uint64_t seed = 9;
	unsigned cards = 0;
	for (size_t f = 0; f < fb_adl_families_n; f++) {
		struct fb_adl_order o = order_of(fb_adl_families[f].name, f % 2);
		cards += o.card;
		for (int k = 0; k < 800 && o.card; k++) {
			struct fb_adl_terms t[2];
			struct fb_rank_row r[2];
			t[0] = random_terms(&seed, k % 2);
			t[1] = k % 3 ? near(t[0], &seed) : random_terms(&seed, k % 2);
			for (int i = 0; i < 2; i++)
				r[i] = (struct fb_rank_row){
					.account = t[i].score.account_id,
					.position = t[i].score.position_id,
					.entry_e8 = (int64_t)t[i].entry_e8,
					.pnl_e8 = t[i].score.profit_e8,
					.equity_e8 = t[i].score.equity_e8,
					.mm_e15 = t[i].mm_e15,
					.row_mm_e15 = t[i].row_mm_e15,
					.collateral_e8 = t[i].collateral_e8,
					.notional_e8 = t[i].score.notional_e8,
				};
			KIT_MUST(sign_of(fb_adl_order_compare(&o, &t[0], &t[1])) ==
				 sign_of(fb_rank_compare(&o.formula[k % 2], &r[0], &r[1])));
		}
	}
	ck_assert_uint_ge(cards, 9);
}
END_TEST

/* One word for each policy, and none for anything else. */
START_TEST(words)
{
	uint64_t seed = 10;
	char text[FB_ADL_ORDER_TEXT], again[FB_ADL_ORDER_TEXT];
	struct fb_adl_policy p = { .bars = 5, .size_unit_e8 = 7 }, back;
	fb_adl_order_text(&p, text);
	ck_assert_str_eq(text, "binance-2025");
	for (int k = 0; k < 3000; k++) {
		p = (struct fb_adl_policy){ .score = kit_random(&seed) % fb_adl_families_n,
					    .leverage = kit_random(&seed) % 2,
					    .losers = kit_random(&seed) % 2,
					    .positions = kit_random(&seed) % 2,
					    .hedges = kit_random(&seed) % 2,
					    .share = kit_random(&seed) % 9,
					    .tier_factor_e7 = kit_random(&seed) % 3,
					    .funding_factor_e7 = kit_random(&seed) % 3 };
		if (k % 2) {
			p.size_factor_e7 = 1 + kit_random(&seed) % FB_ADL_FACTOR_MAX;
			p.size_unit_e8 = 1 + kit_random(&seed) % FB_ADL_UNIT_MAX;
		}
		fb_adl_order_text(&p, text);
		KIT_MUST(fb_adl_order_read(text, &back));
		KIT_MUST(memcmp(&p, &back, sizeof(p)) == 0);
		/* One letter more, less or other is another word or none. */
		memcpy(again, text, sizeof(again));
		size_t at = kit_random(&seed) % strlen(text);
		again[at] = (char)(again[at] + 1);
		if (fb_adl_order_read(again, &back))
			KIT_MUST(memcmp(&p, &back, sizeof(p)) != 0);
	}
	const char *const wrong[] = { "", ";", "binance", "okx;", "okx;tier=", "okx;tier=01",
				      "okx;tier=1000000001", "okx;size=1", "okx;share=queue",
				      "okx;hedges=keep;leverage=position", "okx;x=1",
				      "okx;tier=1x" };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(!fb_adl_order_read(wrong[i], &back), "%s", wrong[i]);
}
END_TEST

/* The start is spread over the list, and changes with each of what it is made from. */
START_TEST(starts)
{
	unsigned seen[7] = { 0 }, moved = 0;
	for (uint64_t k = 0; k < 7000; k++) {
		uint32_t start = fb_adl_start(k, 1 << 20, false, 7);
		ck_assert_uint_lt(start, 7);
		seen[start]++;
		moved += start != fb_adl_start(k, 1 << 20, true, 7);
		moved += start != fb_adl_start(k, (1 << 20) + 1, false, 7);
		ck_assert_uint_eq(start, fb_adl_start(k, 1 << 20, false, 7));
	}
	for (int i = 0; i < 7; i++)
		ck_assert_msg(seen[i] > 900 && seen[i] < 1100, "%u", seen[i]);
	ck_assert_uint_gt(moved, 11500);
	ck_assert_uint_eq(fb_adl_start(1, 1, false, 0), 0);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "written", agrees_with_what_is_written },
		{ "figures", scores_are_those_figures },
		{ "order", every_policy_is_an_order },
		{ "scale", scale_plays_no_part },
		{ "factors", factors },
		{ "lexicographic", lexicographic },
		{ "published", published_figures },
		{ "card", the_card_agrees },
		{ "words", words },
		{ "starts", starts },
	};
	return kit_main("ADL: orders of venues", cases, sizeof(cases) / sizeof(cases[0]));
}
