/* The section [waterfall] of rule packs: every key, every bound with its place, the order of the
 * steps, and the policy as bytes in a log. */
#include <inttypes.h>
#include <stddef.h>

#include <firebreak/log.h>

#include "inputs_kit.h"

#define VENUE "[venue]\nname = v\nbreach = >=\nliquidate_at = t5\n"
#define THRESHOLDS \
	"[thresholds]\nt1 = 50 %\nt2 = 60 %\nt3 = 70 %\nt4 = 80 %\nt5 = 90 %\nt6 = 99 %\n"
#define REST                                                            \
	"[fees]\nliquidation = 0.5 %\ntaker = 0.0005\n[ladders]\nl = l.csv\n" \
	"[symbol A]\nlot = 1\nladder = l\n"
#define FIRST_LINE 13 /* of what `load` puts below [waterfall] */

/* Fields in units of 1e-7, 1 % = 100,000. */
static const struct fb_policy usual = {
	.cancel_level = 5,
	.cut_share_e7 = 2000000,
	.cut_slip_e7 = 100000,
	.tier_from = 2,
	.reduce_share_e7 = 2000000,
	.distance_e7 = 100000,
	.limit_slip_e7 = 100000,
	.fillable_spread_e7 = 15000000,
	.fillable_adjust_e7 = 10000000,
	.takeover_spread_e7 = 100000,
	.backstop_window_us = 300000000,
	.tries = 3,
	.depth_share_e7 = 5000000,
	.fund_cap_e7 = 10000000,
	.backstop_cap_e7 = 10000000,
	.unwind_share_e7 = 1000000,
	.surplus_to_fund = 1,
	.timeout_ms = 2000,
};

static struct fb_rules *load_pack(const char *pack, int *rc, struct fb_error *error)
{
	static struct fb_rules rules;

	memset(&rules, 0x5a, sizeof(rules));
	kit_file("l.csv", "floor,cap,rate\n0,1000,0.01\n1000,,0.02\n");
	*rc = fb_rules_load(kit_file("p.rules", pack), &rules, error);
	return &rules;
}

static struct fb_rules *load(const char *waterfall, int *rc, struct fb_error *error)
{
	char pack[4096];

	snprintf(pack, sizeof(pack), "%s[waterfall]\n%s%s", VENUE THRESHOLDS, waterfall, REST);
	return load_pack(pack, rc, error);
}

#define AMOUNT (UINT64_C(1) << 60)
#define DAY UINT64_C(86400000000)
#define FIELD(name) offsetof(struct fb_policy, name)

/* Every key, with its least and its largest value and a text for each. */
static const struct bound {
	const char *key;
	size_t field;
	const char *low_text, *high_text;
	uint64_t low, high;
	bool wide; /* 8 bytes */
} bounds[] = {
	{ "warn_at", FIELD(warn_level), "t1", "t4", 1, 4, false },
	{ "call_at", FIELD(call_level), "t1", "t4", 1, 4, false },
	{ "cancel_at", FIELD(cancel_level), "t1", "t5", 1, 5, false },
	{ "cut_at", FIELD(cut_level), "t1", "t4", 1, 4, false },
	{ "takeover_at", FIELD(takeover_level), "t5", "t6", 5, 6, false },
	{ "reduce_until", FIELD(until_level), "t1", "t5", 1, 5, false },
	{ "cut_share", FIELD(cut_share_e7), "0.00001 %", "100 %", 1, 10000000, false },
	{ "cut_slippage", FIELD(cut_slip_e7), "0", "100 %", 0, 10000000, false },
	{ "reduce", FIELD(reduce), "whole", "amount", 0, 3, false },
	{ "tier_from", FIELD(tier_from), "2", "16", 2, 16, false },
	{ "reduce_share", FIELD(reduce_share_e7), "0.00001 %", "1", 1, 10000000, false },
	{ "share_of", FIELD(share_of_first), "present", "first", 0, 1, false },
	{ "in_cooldown", FIELD(whole_in_cooldown), "wait", "whole", 0, 1, false },
	{ "amount_to", FIELD(amount_to), "buffer", "distance", 0, 1, false },
	{ "buffer", FIELD(buffer_e7), "0", "1", 0, 10000000, false },
	{ "distance", FIELD(distance_e7), "0.00001 %", "50 %", 1, 5000000, false },
	{ "ramp_start", FIELD(ramp_start_e7), "0", "1", 0, 10000000, false },
	{ "order", FIELD(order), "all", "largest", 0, 2, false },
	{ "limit", FIELD(limit), "bankruptcy", "fillable", 0, 2, false },
	{ "limit_slippage", FIELD(limit_slip_e7), "0", "50 %", 0, 5000000, false },
	{ "fillable_spread", FIELD(fillable_spread_e7), "0", "1000 %", 0, 100000000, false },
	{ "fillable_adjust", FIELD(fillable_adjust_e7), "0", "10000 %", 0, 1000000000, false },
	{ "attempts", FIELD(attempts), "0", "1000", 0, 1000, false },
	{ "last_try", FIELD(last_try_e7), "0", "50 %", 0, 5000000, false },
	{ "takers", FIELD(takers), "both", "none", 0, 3, false },
	{ "takeover_price", FIELD(takeover_price), "bankruptcy", "mark", 0, 2, false },
	{ "steps", FIELD(book_last), "book_first", "book_last", 0, 1, false },
	{ "takeover_spread", FIELD(takeover_spread_e7), "0", "50 %", 0, 5000000, false },
	{ "backstop_limit", FIELD(backstop_limit_e7), "0", "10000 %", 0, 1000000000, false },
	{ "fee", FIELD(fee), "notional", "none", 0, 4, false },
	{ "fee_to", FIELD(fee_to), "fund", "fees", 0, 2, false },
	{ "socialise", FIELD(socialise), "profit", "none", 0, 2, false },
	{ "withdrawals", FIELD(withdrawals), "free", "factor", 0, 2, false },
	{ "settlement", FIELD(settlement), "none", "mark", 0, 1, false },
	{ "reduce_above", FIELD(reduce_above_e8), "0", "11529215046.06846976", 0, AMOUNT, true },
	{ "reduce_min", FIELD(reduce_min_e8), "0", "11529215046.06846976", 0, AMOUNT, true },
	{ "reduce_most", FIELD(reduce_most_e8), "0", "11529215046.06846976", 0, AMOUNT, true },
	{ "ramp_free", FIELD(ramp_free_e8), "0", "11529215046.06846976", 0, AMOUNT, true },
	{ "cooldown", FIELD(cooldown_us), "0 s", "1 d", 0, DAY, true },
	{ "ramp", FIELD(ramp_us), "0 s", "24 h", 0, DAY, true },
	{ "backstop_window", FIELD(backstop_window_us), "1 s", "1 d", 1000000, DAY, true },
	{ "fill", FIELD(fok), "ioc", "fok", 0, 1, false },
	{ "tries", FIELD(tries), "1", "100", 1, 100, false },
	{ "depth_share", FIELD(depth_share_e7), "0 %", "1", 0, 10000000, false },
	{ "fund_cap", FIELD(fund_cap_e7), "0", "10000 %", 0, 1000000000, false },
	{ "backstop_cap", FIELD(backstop_cap_e7), "0", "100", 0, 1000000000, false },
	{ "unwind_share", FIELD(unwind_share_e7), "0", "100 %", 0, 10000000, false },
	{ "surplus", FIELD(surplus_to_fund), "account", "fund", 0, 1, false },
	{ "timeout", FIELD(timeout_ms), "1", "600000", 1, 600000, false },
};
enum { KEYS = sizeof(bounds) / sizeof(*bounds) };

static void set(struct fb_policy *policy, const struct bound *b, uint64_t value)
{
	memcpy((char *)policy + b->field, &value, b->wide ? sizeof(value) : sizeof(uint32_t));
}

static uint64_t get(const struct fb_policy *policy, const struct bound *b)
{
	uint64_t value = 0;

	memcpy(&value, (const char *)policy + b->field, b->wide ? sizeof(value) : sizeof(uint32_t));
	return value;
}

static void assert_policy(const struct fb_policy *found, const struct fb_policy *expected)
{
	for (unsigned k = 0; k < KEYS; k++) {
		uint64_t a = get(found, &bounds[k]), b = get(expected, &bounds[k]);

		ck_assert_msg(a == b, "%s: %" PRIu64 ", not %" PRIu64, bounds[k].key, a, b);
	}
	ck_assert_int_eq(memcmp(found, expected, sizeof(*found)), 0);
}

START_TEST(without_the_section_or_keys_there_are_defaults)
{
	struct fb_error error = { "" };
	int rc;
	const struct fb_rules *r = load_pack(VENUE THRESHOLDS REST, &rc, &error);

	ck_assert_msg(rc == 0, "%s", error.text);
	assert_policy(&r->policy, &usual);
	r = load("# nothing\n", &rc, &error);
	ck_assert_msg(rc == 0, "%s", error.text);
	assert_policy(&r->policy, &usual);
}
END_TEST

/* A key alone changes its field and no other; both ends of its range are taken. */
START_TEST(every_key_sets_its_field)
{
	size_t bytes = 0;
	for (unsigned k = 0; k < KEYS; k++)
		bytes += bounds[k].wide ? sizeof(uint64_t) : sizeof(uint32_t);
	ck_assert_uint_eq(bytes, sizeof(struct fb_policy));
	for (unsigned k = 0; k < KEYS; k++)
		for (int high = 0; high < 2; high++) {
			struct fb_policy expected = usual;
			struct fb_error error = { "" };
			char line[128];
			int rc;
			const struct fb_rules *r;

			snprintf(line, sizeof(line), "%s = %s\n", bounds[k].key,
				 high ? bounds[k].high_text : bounds[k].low_text);
			set(&expected, &bounds[k], high ? bounds[k].high : bounds[k].low);
			r = load(line, &rc, &error);
			ck_assert_msg(rc == 0, "%s", error.text);
			assert_policy(&r->policy, &expected);
		}
}
END_TEST

static const struct fb_policy all = {
	.warn_level = 1,
	.call_level = 3,
	.cancel_level = 2,
	.cut_level = 4,
	.cut_share_e7 = 1250000,
	.cut_slip_e7 = 50000,
	.takeover_level = 6,
	.until_level = 3,
	.reduce = FB_REDUCE_SHARE,
	.tier_from = 3,
	.reduce_share_e7 = 1000000,
	.share_of_first = 1,
	.whole_in_cooldown = 1,
	.amount_to = FB_AMOUNT_TO_DISTANCE,
	.buffer_e7 = 200000,
	.distance_e7 = 200000,
	.ramp_start_e7 = 300000,
	.order = FB_ORDER_LARGEST_LOSS,
	.limit = FB_LIMIT_FILLABLE,
	.limit_slip_e7 = 400000,
	.fillable_spread_e7 = 1000000,
	.fillable_adjust_e7 = 20000000,
	.attempts = 5,
	.last_try_e7 = 500000,
	.takers = FB_TAKERS_BACKSTOP,
	.takeover_price = FB_TAKEOVER_AT_SPREAD,
	.takeover_spread_e7 = 50000,
	.backstop_limit_e7 = 1500000,
	.fee = FB_FEE_ABOVE_BANKRUPTCY,
	.fee_to = FB_FEE_TO_BACKSTOP,
	.socialise = FB_SOCIALISE_OPEN_INTEREST,
	.withdrawals = FB_WITHDRAWALS_GATED,
	.settlement = FB_SETTLEMENT_MARK,
	.book_last = 1,
	.reduce_above_e8 = UINT64_C(10000000000000),
	.reduce_min_e8 = UINT64_C(100000000000),
	.reduce_most_e8 = UINT64_C(20000000000000),
	.ramp_free_e8 = UINT64_C(5000000000),
	.cooldown_us = 30000000,
	.ramp_us = 60000000,
	.backstop_window_us = 600000000,
	.fok = 1,
	.tries = 9,
	.depth_share_e7 = 2500000,
	.fund_cap_e7 = 5000000,
	.backstop_cap_e7 = 30000000,
	.unwind_share_e7 = 100000,
	.surplus_to_fund = 0,
	.timeout_ms = 750,
};

START_TEST(all_keys_together)
{
	struct fb_error error = { "" };
	int rc;
	/* Not in the order of the fields. */
	const struct fb_rules *r = load("timeout = 750\nsurplus = account\n"
					"unwind_share = 1 %\nbackstop_cap = 3\n"
					"fund_cap = 50 %\ndepth_share = 0.25\ntries = 9\n"
					"takeover_at = t6\nreduce_until = t3\nreduce = share\n"
					"tier_from = 3\nreduce_share = 10 %\nshare_of = first\n"
					"in_cooldown = whole\namount_to = distance\nbuffer = 2 %\n"
					"distance = 2 %\nramp_start = 3 %\norder = largest_loss\n"
					"limit = fillable\nlimit_slippage = 4 %\n"
					"fillable_spread = 10 %\nfillable_adjust = 2\n"
					"attempts = 5\nlast_try = 5 %\ntakers = backstop\n"
					"takeover_price = spread\ntakeover_spread = 0.5 %\n"
					"backstop_limit = 15 %\nfee = above_bankruptcy\n"
					"fee_to = backstop\nsocialise = open_interest\n"
					"withdrawals = gated\nsettlement = mark\n"
					"steps = book_last\n"
					"reduce_above = 100000\nreduce_min = 1000\n"
					"reduce_most = 200000\nramp_free = 50\n"
					"cooldown = 30 s\nramp = 1 min\n"
					"backstop_window = 10 min\n"
					"fill = fok\ncut_slippage = 0.5 %\n"
					"cut_share = 12.5 %\ncut_at = t4\ncancel_at = t2\n"
					"call_at = t3\nwarn_at = t1\n",
					&rc, &error);

	ck_assert_msg(rc == 0, "%s", error.text);
	assert_policy(&r->policy, &all);
}
END_TEST

static void assert_refused(const char *waterfall, const char *place, const char *words)
{
	struct fb_error error = { "" };
	int rc;
	const struct fb_rules *r = load(waterfall, &rc, &error);

	ck_assert_msg(rc == -EINVAL, "%s: %d", waterfall, rc);
	kit_error_at(&error, place, words);
	/* and nothing is applied: every byte is like the one before */
	ck_assert_uint_eq(*(const uint8_t *)r, 0x5a);
	ck_assert_int_eq(memcmp(r, (const uint8_t *)r + 1, sizeof(*r) - 1), 0);
}

/* One line below [waterfall] each: the value that is wrong, and what is expected instead. */
START_TEST(values_out_of_bounds_have_a_place)
{
	static const struct {
		const char *key, *value, *words;
	} wrong[] = {
		{ "warn_at", "t7", "the name of a threshold, found \"t7\"; [thresholds] comes" },
		{ "call_at", "1", "the name of a threshold, found \"1\"" },
		{ "cancel_at", "never", "the name of a threshold, found \"never\"" },
		{ "cut_at", "t", "the name of a threshold, found \"t\"" },
		{ "cut_share", "0", "a ratio from 0.00001 % to 100 %, such as 80 % or 0.8" },
		{ "cut_share", "0.00000001", "a ratio from 0.00001 % to 100 %" },
		{ "cut_share", "1.0000001", "a ratio from 0.00001 % to 100 %" },
		{ "cut_share", "-20 %", "a ratio" },
		{ "cut_slippage", "100.00001 %", "a ratio from 0 to 100 %" },
		{ "cut_slippage", "-1 %", "a ratio from 0 to 100 %" },
		{ "reduce", "half", "whole, tier, share or amount, found \"half\"" },
		{ "tier_from", "1", "a tier, counted from 1 from 2 to 16" },
		{ "reduce_share", "0", "a ratio from 0.00001 % to 100 %" },
		{ "distance", "51 %", "a ratio from 0.00001 % to 50 %" },
		{ "takers", "vault", "both, backstop, fund or none, found \"vault\"" },
		{ "reduce_most", "-1", "an amount from 0 to" },
		{ "cooldown", "25 h", "a time from 0 s to 1 d" },
		{ "fee", "half", "notional, maintenance, above_bankruptcy, all or none" },
		{ "fill", "gtc", "ioc or fok, found \"gtc\"" },
		{ "tries", "0", "a whole number of tries from 1 to 100, found \"0\"" },
		{ "tries", "101", "a whole number of tries from 1 to 100, found \"101\"" },
		{ "tries", "2.5", "a whole number of tries" },
		{ "tries", "many", "a whole number of tries" },
		{ "depth_share", "100.00001 %", "a ratio from 0 to 100 %" },
		{ "depth_share", "-1", "a ratio from 0 to 100 %" },
		{ "fund_cap", "10000.00001 %", "a ratio from 0 to 10000 %" },
		{ "fund_cap", "-0.0000001", "a ratio from 0 to 10000 %" },
		{ "fund_cap", "42949672.96 %", "a ratio" }, /* 2^32 in 1e-7 is no 0 */
		{ "backstop_cap", "100.0000001", "a ratio from 0 to 10000 %" },
		{ "backstop_cap", "-1", "a ratio from 0 to 10000 %" },
		{ "unwind_share", "1.0000001", "a ratio from 0 to 100 %" },
		{ "unwind_share", "-1", "a ratio from 0 to 100 %" },
		{ "surplus", "user", "account or fund, found \"user\"" },
		{ "timeout", "0", "a whole number of milliseconds from 1 to 600000" },
		{ "timeout", "600001", "a whole number of milliseconds from 1 to 600000" },
		{ "timeout", "0.5", "a whole number of milliseconds" },
		{ "timeout", "-1", "a whole number of milliseconds" },
		{ "timeout", "2 s", "a whole number of milliseconds" },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		char text[128], place[32], found[64];

		snprintf(text, sizeof(text), "# note\n%s = %s\n", wrong[i].key, wrong[i].value);
		snprintf(place, sizeof(place), "%d:%zu", FIRST_LINE + 1, strlen(wrong[i].key) + 4);
		snprintf(found, sizeof(found), "found \"%s\"", wrong[i].value);
		assert_refused(text, place, wrong[i].words);
		assert_refused(text, place, found);
	}
}
END_TEST

START_TEST(keys_come_once_and_are_known)
{
	for (unsigned k = 0; k < KEYS; k++) {
		const struct bound *b = &bounds[k];
		char text[128], words[128];

		snprintf(text, sizeof(text), "%s = %s\n%s = %s\n", b->key, b->low_text, b->key,
			 b->high_text);
		snprintf(words, sizeof(words), "a new key, found \"%s\"; it is set twice", b->key);
		assert_refused(text, "14:1", words);
	}
	assert_refused("warn = t1\n", "13:1",
		       "a key of [waterfall]: warn_at, call_at, cancel_at, cut_at, takeover_at, "
		       "reduce_until, cut_share, cut_slippage, reduce, tier_from");
	assert_refused("tries = 1\ntaker = 1 %\n", "14:1", "a key of [waterfall]");
	assert_refused("tries =\n", "13:8", "a value, found the end of the line");
	assert_refused("tries\n", "13:1", "`key = value` or a [section]");
	assert_refused("tries = 1\n[waterfall]\n", "14:1", "a new section, found");
}
END_TEST

START_TEST(thresholds_come_before)
{
	struct fb_error error = { "" };
	int rc;
	const struct fb_rules *r =
		load_pack("[waterfall]\ntries = 4\n" VENUE THRESHOLDS REST, &rc, &error);

	ck_assert_msg(rc == 0, "%s", error.text); /* no name in it */
	ck_assert_uint_eq(r->policy.tries, 4);
	ck_assert_uint_eq(r->policy.cancel_level, 5);
	load_pack("[waterfall]\ntries = 4\nwarn_at = t1\n" VENUE THRESHOLDS REST, &rc, &error);
	ck_assert_int_eq(rc, -EINVAL);
	kit_error_at(&error, "3:11", "found \"t1\"; [thresholds] comes before [waterfall]");
	/* The section is no stand-in for one that is required. */
	load_pack(VENUE THRESHOLDS "[waterfall]\n", &rc, &error);
	ck_assert_int_eq(rc, -EINVAL);
	kit_error_at(&error, "13:1", "a section [fees]");
}
END_TEST

/* warn < call < cut < liquidate, as far as given, and cancel <= liquidate (t5). */
START_TEST(steps_are_in_order)
{
	static const struct {
		const char *text, *place, *words;
	} wrong[] = {
		{ "cut_at = t5\n", "13:10", "a threshold below that of liquidate_at, found" },
		{ "cut_at = t6\n", "13:10", "of liquidate_at, found \"t6\"" },
		{ "call_at = t5\n", "13:11", "a threshold below that of liquidate_at" },
		{ "warn_at = t5\n", "13:11", "a threshold below that of liquidate_at" },
		{ "cancel_at = t6\n", "13:13",
		  "a threshold not above that of liquidate_at, found \"t6\"" },
		{ "call_at = t3\ncut_at = t3\n", "13:11", "a threshold below that of cut_at" },
		{ "cut_at = t3\ncall_at = t4\n", "14:11",
		  "a threshold below that of cut_at, found \"t4\"; warn_at < call_at < cut_at" },
		{ "cut_at = t3\nwarn_at = t3\n", "14:11", "a threshold below that of cut_at" },
		{ "warn_at = t2\ncall_at = t2\n", "13:11", "a threshold below that of call_at" },
		{ "takeover_at = t4\n", "13:15", "a threshold not below that of liquidate_at" },
		{ "reduce_until = t6\n", "13:16", "a threshold not above that of liquidate_at" },
		{ "reduce_until = t3\nreduce = amount\n", "14:10",
		  "whole, tier or share together with reduce_until, found \"amount\"" },
		{ "cut_at = t4\n\nwarn_at = t3\ncall_at = t2\n", "15:11",
		  "a threshold below that of call_at, found \"t3\"" },
	};
	struct fb_error error = { "" };
	int rc;
	const struct fb_rules *r;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_refused(wrong[i].text, wrong[i].place, wrong[i].words);
	r = load("warn_at = t2\ncall_at = t3\ncut_at = t4\ncancel_at = t5\n", &rc, &error);
	ck_assert_msg(rc == 0, "%s", error.text);
	ck_assert_uint_eq(r->policy.cut_level, 4);
	r = load("warn_at = t2\ncancel_at = t1\n", &rc, &error); /* has no place among them */
	ck_assert_msg(rc == 0, "%s", error.text);
	ck_assert_uint_eq(r->policy.cancel_level, 1);
}
END_TEST

START_TEST(the_shipped_pack_uses_every_step)
{
	const struct fb_rules *r = kit_rules();
	const struct fb_policy expected = {
		.warn_level = 1,
		.call_level = 2,
		.cut_level = 3,
		.cancel_level = 4,
		.cut_share_e7 = 2000000,
		.cut_slip_e7 = 100000,
		.reduce = FB_REDUCE_TIER,
		.tier_from = 2,
		.reduce_share_e7 = 2000000,
		.distance_e7 = 100000,
		.limit_slip_e7 = 100000,
		.fillable_spread_e7 = 15000000,
		.fillable_adjust_e7 = 10000000,
		.takeover_spread_e7 = 100000,
		.backstop_window_us = 300000000,
		.tries = 2,
		.depth_share_e7 = 5000000,
		.fund_cap_e7 = 10000000,
		.backstop_cap_e7 = 10000000,
		.unwind_share_e7 = 1000000,
		.surplus_to_fund = 1,
		.timeout_ms = 2000,
	};

	assert_policy(&r->policy, &expected);
	ck_assert_str_eq(r->threshold[0].name, "warning");
	ck_assert_str_eq(r->threshold[1].name, "margin_call");
	ck_assert_str_eq(r->threshold[2].name, "reduction");
	ck_assert_uint_eq(r->threshold[2].up_e7, 9500000);
	ck_assert_uint_eq(r->threshold[2].down_e7, 9000000);
}
END_TEST

static uint8_t packed[1 << 20];
static struct fb_rules back;

/* Packs rules with this policy and unpacks them into `back`. */
static int through_bytes(struct fb_rules *rules, const struct fb_policy *policy, size_t *length)
{
	rules->policy = *policy;
	ck_assert_int_eq(fb_log_rules_pack(rules, packed, sizeof(packed), length), 0);
	return fb_log_rules_unpack(packed, *length, &back);
}

START_TEST(every_field_comes_back_from_bytes)
{
	struct fb_error error = { "" };
	int rc;
	struct fb_rules *r = load("", &rc, &error);
	size_t length;

	ck_assert_int_eq(through_bytes(r, &usual, &length), 0);
	assert_policy(&back.policy, &usual);
	ck_assert_uint_eq(back.symbol[0].lot_e8, 100000000); /* what follows is in its place */
	for (unsigned k = 0; k < KEYS; k++)
		for (int high = 0; high < 2; high++) {
			struct fb_policy policy = usual;

			set(&policy, &bounds[k], high ? bounds[k].high : bounds[k].low);
			ck_assert_msg(through_bytes(r, &policy, &length) == 0, "%s",
				      bounds[k].key);
			assert_policy(&back.policy, &policy);
		}
}
END_TEST

START_TEST(bytes_that_no_pack_gives_are_refused)
{
	static const struct {
		size_t field;
		uint32_t value;
	} also[] = { { FIELD(tries), 0 },	   { FIELD(timeout_ms), 0 },
		     { FIELD(cut_share_e7), 0 },   { FIELD(cancel_level), 7 },
		     { FIELD(warn_level), 0x100 }, { FIELD(fund_cap_e7), UINT32_MAX } };
	struct fb_error error = { "" };
	int rc;
	struct fb_rules *r = load("", &rc, &error);
	struct fb_policy policy;
	size_t length;

	for (unsigned k = 0; k < KEYS; k++) {
		policy = usual;
		set(&policy, &bounds[k], bounds[k].high + 1);
		ck_assert_msg(through_bytes(r, &policy, &length) == -EBADMSG, "%s",
			      bounds[k].key);
	}
	for (size_t i = 0; i < sizeof(also) / sizeof(*also); i++) {
		policy = usual;
		memcpy((char *)&policy + also[i].field, &also[i].value, sizeof(uint32_t));
		ck_assert_int_eq(through_bytes(r, &policy, &length), -EBADMSG);
	}
	policy = usual;
	policy.call_level = policy.warn_level = 2;
	ck_assert_int_eq(through_bytes(r, &policy, &length), -EBADMSG);
	/* No level beyond the thresholds there are, even where liquidation is at bankruptcy. */
	r->liquidate_level = FB_LEVEL_BANKRUPT;
	policy = usual;
	policy.cut_level = 6;
	ck_assert_int_eq(through_bytes(r, &policy, &length), 0);
	r->thresholds = 5;
	ck_assert_int_eq(through_bytes(r, &policy, &length), -EBADMSG);
}
END_TEST

/* Whatever a flipped bit makes of the bytes: refused, or a policy within the bounds. */
START_TEST(flipped_bits)
{
	struct fb_error error = { "" };
	int rc;
	struct fb_rules *r = load("warn_at = t1\ncut_at = t3\n", &rc, &error);
	struct fb_policy policy = r->policy;
	size_t length, taken = 0;

	ck_assert_int_eq(through_bytes(r, &policy, &length), 0);
	for (size_t bit = 0; bit < length * 8; bit++) {
		packed[bit / 8] ^= (uint8_t)(1u << bit % 8);
		rc = fb_log_rules_unpack(packed, length, &back);
		packed[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (rc == -EBADMSG)
			continue;
		ck_assert_int_eq(rc, 0);
		taken++;
		for (unsigned k = 0; k < KEYS; k++) {
			uint64_t value = get(&back.policy, &bounds[k]);

			ck_assert_msg(value <= bounds[k].high &&
					      (value >= bounds[k].low || (k < 6 && value == 0)),
				      "bit %zu: %s = %" PRIu64, bit, bounds[k].key, value);
		}
	}
	ck_assert_uint_gt(taken, 100);
	for (size_t cut = 0; cut < length; cut++)
		ck_assert_int_eq(fb_log_rules_unpack(packed, cut, &back), -EBADMSG);
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, without_the_section_or_keys_there_are_defaults);
	tcase_add_test(tcase, every_key_sets_its_field);
	tcase_add_test(tcase, all_keys_together);
	tcase_add_test(tcase, values_out_of_bounds_have_a_place);
	tcase_add_test(tcase, keys_come_once_and_are_known);
	tcase_add_test(tcase, thresholds_come_before);
	tcase_add_test(tcase, steps_are_in_order);
	tcase_add_test(tcase, the_shipped_pack_uses_every_step);
	tcase_add_test(tcase, every_field_comes_back_from_bytes);
	tcase_add_test(tcase, bytes_that_no_pack_gives_are_refused);
	tcase_add_test(tcase, flipped_bits);
}

int main(void)
{
	return kit_run("rules: waterfall", fill);
}
