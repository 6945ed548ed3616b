/* The sections [index], [mark], [funding], [breakers] and [adaptive]: presets are today's
 * behaviour, values arrive in their fields, refusals have a place, and a log keeps them. */
#include <firebreak/log.h>

#include "inputs_kit.h"

#define PACK                                                                   \
	"[venue]\nname = v\nbreach = >=\nliquidate_at = t\n[thresholds]\nt = 100 %\n" \
	"[fees]\nliquidation = 0.5 %\ntaker = 0.0005\n[ladders]\nl = l.csv\n"   \
	"[symbol A]\nlot = 1\nladder = l\n"
#define FIRST_LINE 15

static struct fb_rules *load(const char *more, int *rc, struct fb_error *error)
{
	static struct fb_rules rules;
	char pack[4096];

	memset(&rules, 0x5a, sizeof(rules));
	kit_file("l.csv", "floor,cap,rate\n0,1000,0.01\n1000,,0.02\n");
	snprintf(pack, sizeof(pack), "%s%s", PACK, more);
	*rc = fb_rules_load(kit_file("p.rules", pack), &rules, error);
	return &rules;
}

static struct fb_rules *good(const char *more)
{
	struct fb_error error = { "" };
	int rc;
	struct fb_rules *r = load(more, &rc, &error);

	ck_assert_msg(rc == 0, "%s", error.text);
	return r;
}

START_TEST(silent_packs)
{
	struct fb_rules *r = good("");

	ck_assert_uint_eq(r->mark.first, FB_MARK_DERIVED);
	ck_assert_uint_eq(r->mark.second, FB_MARK_NONE);
	ck_assert_uint_eq(r->index.method, FB_INDEX_VOLUME);
	ck_assert_uint_eq(r->index.weight[17], 1);
	ck_assert_uint_eq(r->mark.weight[20], 0);
	ck_assert_uint_eq(r->funding.schedule, FB_FUNDING_NONE);
	ck_assert_uint_eq(r->breakers.decline_e7, 0);
	ck_assert_uint_eq(r->breakers.stale_us, 0);
	ck_assert_uint_eq(r->adaptive.on, 0);
	for (unsigned k = 0; k < FB_ADAPTED; k++)
		for (unsigned i = 0; i < FB_ADAPTIVE_POINTS; i++)
			ck_assert_uint_eq(r->adaptive.factor_e7[k][i], 10000000);
}
END_TEST

START_TEST(values_arrive)
{
	static const char text[] =
		"[index]\nmethod = weighted\noutlier = 5 %\noutliers = 2\nstale = 10 s\n"
		"coinbase = 3\nokcoin = 0\n"
		"[mark]\nfirst = ema\nsecond = book\nthird = perpetuals\nfallback = book_ema\n"
		"points = 64\nsample = 5 s\nema = 150 s\nfallback_ema = 30 s\nclamp = 0.5 %\n"
		"binance-futures = 3\nmexc-futures = 1\n"
		"[funding]\nschedule = instants\ninterval = 1 h\noffset = 1 min\nperiod = 8 h\n"
		"interest = -0.01 %\nclamp = 0.05 %\ncap = 4 %\naverage = weighted\nema = 2 min\n"
		"sample = 5 s\npremium = book\nprice = index\n"
		"[breakers]\nwindow = 30 s\ndecline = 10 %\nrise = 200 %\nrate_window = 2 s\n"
		"orders = 100\nnotional = 1000000.5\nstale = 10 s\ncrossed = yes\napart = 3 %\n"
		"band = 5 %\ncooldown = 5 min\nvenue_after = 4\n"
		"[adaptive]\nfollow = volatility\nreturn = 2 s\nmemory = 5 min\n"
		"volatility_1 = 0.05 %\n"
		"depth_share_4 = 50 %\ncut_share_2 = 150 %\ncut_slippage_3 = 300 %\nfees_1 = 90 %\n"
		"depth_memory = 10 min\nthin = 40 %\nthin_floor = 10 %\n";
	static struct fb_rules back;
	static uint8_t bytes[1 << 20];
	size_t length;
	struct fb_rules *r = good(text);

	ck_assert_uint_eq(r->index.method, FB_INDEX_WEIGHTED);
	ck_assert_uint_eq(r->index.outlier_e7, 500000);
	ck_assert_uint_eq(r->index.outliers, 2);
	ck_assert_uint_eq(r->index.stale_us, 10000000);
	ck_assert_uint_eq(r->index.weight[2], 3);
	ck_assert_uint_eq(r->index.weight[17], 0);
	ck_assert_str_eq(fb_spot_exchange(2), "coinbase");
	ck_assert_str_eq(fb_perpetual_exchange(20), "mexc-futures");
	ck_assert_uint_eq(r->mark.first, FB_MARK_EMA);
	ck_assert_uint_eq(r->mark.fallback, FB_MARK_BOOK_EMA);
	ck_assert_uint_eq(r->mark.weight[0], 3);
	ck_assert_uint_eq(r->mark.weight[20], 1);
	ck_assert_uint_eq(r->mark.clamp_e7, 50000);
	ck_assert_int_eq(r->funding.interest_e7, -1000);
	ck_assert_uint_eq(r->funding.cap_e7, 400000);
	ck_assert_uint_eq(r->funding.at_index, 1);
	ck_assert_uint_eq(r->funding.premium, FB_PREMIUM_BOOK);
	ck_assert_uint_eq(r->funding.average, FB_AVERAGE_WEIGHTED);
	ck_assert_uint_eq(r->breakers.notional_e8, UINT64_C(100000050000000));
	ck_assert_uint_eq(r->breakers.rise_e7, 20000000);
	ck_assert_uint_eq(r->breakers.venue_after, 4);
	ck_assert_uint_eq(r->adaptive.factor_e7[FB_ADAPT_DEPTH][3], 5000000);
	ck_assert_uint_eq(r->adaptive.factor_e7[FB_ADAPT_FEES][0], 9000000);
	ck_assert_uint_eq(r->adaptive.thin_floor_e7, 1000000);
	ck_assert_int_eq(fb_log_rules_pack(r, bytes, sizeof(bytes), &length), 0);
	ck_assert_int_eq(fb_log_rules_unpack(bytes, length, &back), 0);
	ck_assert_mem_eq(&back.index, &r->index, sizeof(r->index));
	ck_assert_mem_eq(&back.mark, &r->mark, sizeof(r->mark));
	ck_assert_mem_eq(&back.funding, &r->funding, sizeof(r->funding));
	ck_assert_mem_eq(&back.breakers, &r->breakers, sizeof(r->breakers));
	ck_assert_mem_eq(&back.adaptive, &r->adaptive, sizeof(r->adaptive));
}
END_TEST

static const struct {
	const char *text, *place, *words;
} faults[] = {
	{ "[index]\nbitmax = 1\n", "16:1", "a key of [index]: method, outlier" },
	{ "[index]\nmethod = mean\n", "16:10", "volume, weighted or median" },
	{ "[mark]\nfirst = none\n", "16:9", "a candidate" },
	{ "[mark]\nfirst = last\nthird = index\n", "17:9", "second before third" },
	{ "[mark]\nfirst = last\nfallback = index\n", "17:12", "no fallback" },
	{ "[mark]\nfirst = ema\nsecond = fair\n", "17:10", "ema or fair, not both" },
	{ "[mark]\nfirst = funding\n", "16:9", "schedule = instants in [funding]" },
	{ "[mark]\npoints = 65\n", "16:10", "from 1 to 64" },
	{ "[funding]\nschedule = daily\n", "16:12", "none, instants or continuous" },
	{ "[funding]\nschedule = instants\noffset = 8 h\n", "17:10", "an offset below" },
	{ "[funding]\nschedule = instants\ninterval = 9 h\n", "17:12", "not above the period" },
	{ "[funding]\ninterval = 8\n", "16:12", "a time from 100 ms" },
	{ "[breakers]\ndecline = 101 %\n", "16:11", "a ratio from" },
	{ "[adaptive]\nvolatility_2 = 0.1 %\n", "16:16", "rising" },
	{ "[adaptive]\nfees_1 = 0.5 %\n", "16:10", "a ratio from" },
	{ "[adaptive]\ndepth_memory = 5 ms\n", "16:16", "a second or more" },
};

START_TEST(refusals)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		struct fb_error error = { "" };
		int rc;
		struct fb_rules *r = load(faults[i].text, &rc, &error);

		ck_assert_msg(rc < 0, "%s", faults[i].text);
		kit_error_at(&error, faults[i].place, faults[i].words);
		ck_assert_uint_eq(*(uint8_t *)r, 0x5a);
	}
}
END_TEST

/* What a pack could not say, a log cannot either. */
START_TEST(hostile_bytes)
{
	static struct fb_rules r, back;
	static uint8_t bytes[1 << 20];
	size_t length;

	for (int k = 0; k < 6; k++) {
		r = *good("");
		uint64_t *const field[] = { &r.mark.points,	     &r.mark.first,
					    &r.funding.sample_us,    &r.funding.interval_us,
					    &r.adaptive.at_e7[0],    &r.adaptive.memory_us };
		const uint64_t bad[] = { 0, 99, 0, 0, 1 << 30, UINT64_MAX };
		*field[k] = bad[k];
		ck_assert_int_eq(fb_log_rules_pack(&r, bytes, sizeof(bytes), &length), 0);
		ck_assert_int_eq(fb_log_rules_unpack(bytes, length, &back), -EBADMSG);
	}
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, silent_packs);
	tcase_add_test(tcase, values_arrive);
	tcase_add_test(tcase, refusals);
	tcase_add_test(tcase, hostile_bytes);
}

int main(void)
{
	return kit_run("rules: conditions", fill);
}
