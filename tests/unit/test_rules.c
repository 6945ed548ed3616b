/* Rule packs: the shipped one, and every way in which one can be wrong, with its place. */
#include "inputs_kit.h"

static struct fb_rules *load(const char *pack, int *rc, struct fb_error *error)
{
	static struct fb_rules rules;

	memset(&rules, 0x5a, sizeof(rules));
	kit_file("l.csv", "floor,cap,rate\n0,1000,0.01\n1000,,0.02\n");
	*rc = fb_rules_load(kit_file("p.rules", pack), &rules, error);
	return &rules;
}

START_TEST(the_shipped_pack)
{
	const struct fb_rules *r = kit_rules();
	const struct fb_ladder *btc;
	int xlm = fb_symbol_find(r, "XLMUSD_PERP");

	ck_assert_str_eq(r->venue, "binance-usdm");
	ck_assert_uint_eq(r->thresholds, 4);
	ck_assert_str_eq(r->threshold[3].name, "liquidation");
	ck_assert_uint_eq(r->threshold[0].up_e7, 8000000);
	ck_assert_uint_eq(r->threshold[0].down_e7, 7500000);
	ck_assert_uint_eq(r->threshold[3].up_e7, 10000000);
	ck_assert_uint_eq(r->threshold[3].down_e7, 9700000);
	ck_assert(!r->strict);
	ck_assert_uint_eq(r->liquidate_level, 4);
	ck_assert_uint_eq(r->liquidation_fee_e7, 50000);
	ck_assert_uint_eq(r->taker_fee_e7, 5000);
	ck_assert_uint_ge(r->symbols, 14);
	ck_assert_int_ge(xlm, 0);
	ck_assert_str_eq(r->symbol[xlm].name, "XLMUSDT");
	ck_assert_int_eq(fb_symbol_find(r, "BTC/USDT:USDT"), 0);
	ck_assert_int_eq(fb_symbol_find(r, "BTC-USD"), 0);
	ck_assert_int_eq(fb_symbol_find(r, "BTCUSD"), 0);
	ck_assert_int_eq(fb_symbol_find(r, "BTC"), -ENOENT);
	btc = &r->ladder[r->symbol[0].ladder];
	ck_assert_uint_eq(btc->tiers, 12);
	ck_assert_uint_eq(btc->tier[1].rate_e7, 50000);
	ck_assert_uint_eq(btc->tier[11].floor_e8, UINT64_C(1200000000) * 100000000);
	ck_assert(btc->tier[11].deduction_e15 == (unsigned __int128)421481450 * 1000000000000000);
}
END_TEST

/* The venue's deductions make MM continuous; so must ours, whether given or computed. */
START_TEST(shipped_ladders_are_continuous)
{
	const struct fb_rules *r = kit_rules();

	for (unsigned l = 0; l < r->ladders; l++)
		for (unsigned k = 1; k < r->ladder[l].tiers; k++) {
			const struct fb_tier *a = &r->ladder[l].tier[k - 1], *b = a + 1;
			unsigned __int128 floor = b->floor_e8;

			ck_assert_uint_gt(b->floor_e8, a->floor_e8);
			ck_assert(floor * a->rate_e7 - a->deduction_e15 ==
				  floor * b->rate_e7 - b->deduction_e15);
		}
}
END_TEST

/* Prices of the day before the crash, times eight, still have a unit value. */
START_TEST(lots_leave_headroom)
{
	static const struct {
		const char *symbol;
		uint64_t price;
	} most[] = { { "BTCUSDT", 126000 }, { "ETHUSDT", 4950 }, { "BNBUSDT", 1370 },
		     { "SOLUSDT", 260 },    { "XRPUSDT", 4 },    { "DOGEUSDT", 1 },
		     { "LTCUSDT", 140 },    { "LINKUSDT", 28 },  { "AVAXUSDT", 36 },
		     { "AAVEUSDT", 390 },   { "BCHUSDT", 650 },  { "FILUSDT", 3 } };
	const struct fb_rules *r = kit_rules();
	uint64_t u;

	for (size_t i = 0; i < sizeof(most) / sizeof(*most); i++) {
		int s = fb_symbol_find(r, most[i].symbol);

		ck_assert_int_ge(s, 0);
		ck_assert_msg(fb_unit_value(&r->symbol[s], most[i].price * 8 * 100000000, &u) == 0,
			      "%s", most[i].symbol);
	}
}
END_TEST

#define VENUE "[venue]\nname = v\nbreach = >=\nliquidate_at = liq\n"
#define THRESHOLDS "[thresholds]\nliq = 100 %\n"
#define FEES "[fees]\nliquidation = 0.5 %\ntaker = 0.0005\n"
#define LADDERS "[ladders]\nl = l.csv\n"
#define SYMBOL "[symbol A]\nlot = 1\nladder = l\n"

START_TEST(the_smallest_pack)
{
	struct fb_error error = { "" };
	int rc;
	struct fb_rules *r = load("# note\n" VENUE THRESHOLDS FEES LADDERS SYMBOL
				  "type = inverse\naliases = B , C/D:E\n",
				  &rc, &error);

	ck_assert_msg(rc == 0, "%s", error.text);
	ck_assert_uint_eq(r->symbols, 1);
	ck_assert_uint_eq(r->symbol[0].type, FB_INVERSE);
	ck_assert_uint_eq(r->symbol[0].lot_e8, 100000000);
	ck_assert_uint_eq(r->symbol[0].aliases, 2);
	ck_assert_int_eq(fb_symbol_find(r, "C/D:E"), 0);
	ck_assert_uint_eq(r->threshold[0].down_e7, 10000000); /* no second ratio: the same */
	ck_assert(r->ladder[0].tier[1].deduction_e15 == (unsigned __int128)10 * 1000000000000000);
	ck_assert_uint_eq(r->symbol[1].lot_e8, 0); /* nothing of the old content is left */
}
END_TEST

/* The whole pack on which the faults below are planted, and what it becomes. */
static const struct {
	const char *pack, *place, *words;
} faults[] = {
	{ "", "1:1", "a section [venue], found the end of the file" },
	{ VENUE THRESHOLDS FEES LADDERS, "12:1", "a section [symbol]" },
	{ VENUE THRESHOLDS FEES SYMBOL, "12:10", "the name of a ladder, found \"l\"" },
	{ "name = v\n", "1:1", "a [section] first" },
	{ "[venue]\nname = v\nname = w\n", "3:1", "a new key, found \"name\"" },
	{ "[venue]\nnmae = v\n", "2:1",
	  "a key of [venue]: base, name, breach, liquidate_at, found \"nmae\"" },
	{ "[venue]\nlot = 1\n", "2:1", "a key of [venue]" },
	{ "[venue]\nname = v w\n", "2:8", "a name of 1 to 31 characters, found \"v w\"" },
	{ "[venue]\nname =\n", "2:7", "a value, found the end of the line" },
	{ "[venue]\nname\n", "2:1", "`key = value` or a [section]" },
	{ "[venue]\nbreach = =>\n", "2:10", ">= or >, found \"=>\"" },
	{ "[venu]\n", "1:1",
	  "[venue], [thresholds], [waterfall]" },
	{ "[venue\n", "1:1", "a section such as [venue]" },
	{ "[symbol]\n", "1:1", "[venue], [thresholds]" },
	{ "[venue x]\n", "1:1", "[venue], [thresholds]" },
	{ VENUE VENUE, "5:1", "a new section" },
	{ "[venue]\nname = v\n" THRESHOLDS, "3:1", "`breach = ...` in [venue] before this" },
	{ VENUE "[thresholds]\nwarn = 80 %\n" FEES LADDERS SYMBOL, "4:16",
	  "the name of a threshold, found \"liq\"" },
	{ VENUE "[thresholds]\na = 90 %\nb = 80 %\n", "7:5",
	  "not below the one before, found \"80 %\"" },
	{ VENUE "[thresholds]\na = 90 % / 91 %\n", "6:12", "the second ratio not above the first" },
	{ VENUE "[thresholds]\na = 90 %\na = 95 %\n", "7:1", "a new name" },
	{ VENUE "[thresholds]\na = 0\n", "6:5", "a threshold above 0" },
	{ VENUE "[thresholds]\na = 14\n", "6:5", "a ratio from 0 to " },
	{ VENUE "[thresholds]\na = 0.00000001\n", "6:5", "a ratio" },
	{ VENUE "[thresholds]\na = x %\n", "6:5", "a ratio" },
	{ VENUE "[thresholds]\na = -5 %\n", "6:5", "a ratio" },
	{ VENUE "[thresholds]\na = 90 % /\n", "6:11", "a ratio" },
	{ VENUE "[thresholds]\na=1\nb=2\nc=3\nd=4\ne=5\nf=6\ng=7\n", "12:1",
	  "at most 6 thresholds" },
	{ VENUE THRESHOLDS "[fees]\ntaker = 101 %\n", "8:9", "a ratio from 0 to 100 %" },
	{ VENUE "[ladders]\nl = none.csv\n", "6:5", "expected a ladder file, found: " },
	{ VENUE "[ladders]\nl = l.csv\nl = l.csv\n", "7:1", "a new name" },
	{ VENUE LADDERS SYMBOL SYMBOL, "10:9", "a new symbol" },
	{ VENUE LADDERS "[symbol A]\nlot = 0\n", "8:7", "a lot from 0.00000001 to" },
	{ VENUE LADDERS "[symbol A]\nlot = 0.000000001\n", "8:7", "at most 8 decimals" },
	{ VENUE LADDERS "[symbol A]\nlot = 1\n[symbol B]\n", "9:1",
	  "`ladder = ...` in [symbol A] before" },
	{ VENUE LADDERS "[symbol A]\nladder = m\n", "8:10", "the name of a ladder" },
	{ VENUE LADDERS "[symbol A]\ntype = dated\n", "8:8", "linear, inverse or quanto" },
	{ VENUE LADDERS SYMBOL "aliases = X, A\n", "10:14", "a new alias, found \"A\"" },
	{ VENUE LADDERS SYMBOL "aliases = X,\n", "10:13", "a name of 1 to 31 characters" },
	{ VENUE LADDERS SYMBOL "aliases = a,b,c,d,e,f,g,h,i\n", "10:27", "at most 8 aliases" },
	{ VENUE LADDERS "[symbol A]\naliases = X\naliases = Y\n", "9:1", "a new key" },
};

START_TEST(faults_have_a_place)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		struct fb_error error = { "" };
		int rc;
		struct fb_rules *r = load(faults[i].pack, &rc, &error);

		ck_assert_msg(rc < 0, "%s", faults[i].pack);
		kit_error_at(&error, faults[i].place, faults[i].words);
		/* and nothing is applied: every byte is like the one before */
		ck_assert_uint_eq(*(uint8_t *)r, 0x5a);
		ck_assert_int_eq(memcmp(r, (uint8_t *)r + 1, sizeof(*r) - 1), 0);
	}
}
END_TEST

START_TEST(faults_of_ladders)
{
	static const struct {
		const char *csv, *place, *words;
	} bad[] = {
		{ "", "1:1", "a line of column names" },
		{ "floor,rate\n", "2:1", "a tier below the column names" },
		{ "floor,cap\n0,1\n", "1:10", "the columns floor and rate" },
		{ "floor,rat\n0,1\n", "1:7", "the column names floor, cap, rate, deduction" },
		{ "floor,rate,floor\n", "1:12", "each once" },
		{ "floor,rate\n1,0.1\n", "2:1", "the first tier at floor 0, found \"1\"" },
		{ "floor,rate\n0,0.1\n0,0.2\n", "3:1",
		  "a floor above that of the tier before, 0.00000000" },
		{ "floor,cap,rate\n0,10,0.1\n11,,0.2\n", "3:1",
		  "no hole: a floor at the cap of the tier before, 10.0" },
		{ "floor,cap,rate\n0,10,0.1\n9,,0.2\n", "3:1", "no hole" },
		{ "floor,rate\n0,0.1\n10,0.09\n", "3:4",
		  "a rate not below that of the tier before" },
		{ "floor,rate\n0,1.7\n", "2:3", "a rate from 0 to 1.6777215" },
		{ "floor,rate\n0,-0.1\n", "2:3", "a rate" },
		{ "floor,rate\n0,0.00000001\n", "2:3", "at most 7 decimals" },
		{ "floor,rate\n0\n", "2:2", "a rate: a number, found the end of the line" },
		{ "floor,rate,deduction\n0,0.1,1\n", "2:7", "a deduction of at most floor x rate" },
		{ "floor,rate,deduction\n0,0.1,0\n10,0.2,2.000000000000001\n", "3:8",
		  "at most floor x rate" },
		{ "floor,rate\n0,0.1\n23058430093,0.2\n24000000000,0.3\n", "3:1",
		  "a floor from 0 to 23058430092" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		static struct fb_rules rules;
		struct fb_error error = { "" };
		const char *pack = kit_file("q.rules", VENUE THRESHOLDS FEES "[ladders]\nl = "
									     "m.csv\n" SYMBOL);

		kit_file("m.csv", bad[i].csv);
		ck_assert_int_eq(fb_rules_load(pack, &rules, &error), -EINVAL);
		ck_assert_msg(strstr(error.text, "m.csv:"), "%s", error.text);
		kit_error_at(&error, bad[i].place, bad[i].words);
	}
}
END_TEST

START_TEST(seventeen_tiers)
{
	static struct fb_rules rules;
	struct fb_error error = { "" };
	const char *pack = kit_file("q.rules", VENUE THRESHOLDS FEES "[ladders]\nl = "
								     "m.csv\n" SYMBOL);
	char csv[512] = "floor,rate\n";

	for (int i = 0; i < 16; i++)
		sprintf(csv + strlen(csv), "%d,0.%02d\n", i * 10, i);
	kit_file("m.csv", csv);
	ck_assert_int_eq(fb_rules_load(pack, &rules, &error), 0);
	ck_assert_uint_eq(rules.ladder[0].tiers, 16);
	strcat(csv, "160,0.16\n");
	kit_file("m.csv", csv);
	ck_assert_int_eq(fb_rules_load(pack, &rules, &error), -EINVAL);
	kit_error_at(&error, "18:1", "at most 16 tiers");
}
END_TEST

START_TEST(packs_are_looked_up_by_name)
{
	static struct fb_rules rules;
	struct fb_error error = { "" };

	ck_assert_int_eq(fb_rules_load("no-such-pack", &rules, &error), -ENOENT);
	ck_assert_ptr_nonnull(strstr(error.text, "$FIREBREAK_RULES (not set)"));
	ck_assert_int_eq(fb_rules_load("./no-such-pack", &rules, &error), -ENOENT);
	kit_file("l.csv", "floor,rate\n0,0.01\n");
	kit_file("own.rules", VENUE THRESHOLDS FEES LADDERS SYMBOL);
	setenv("FIREBREAK_RULES", kit_folder, 1);
	ck_assert_msg(fb_rules_load("own", &rules, &error) == 0, "%s", error.text);
	ck_assert_int_eq(fb_rules_load("binance-usdm", &rules, &error),
			 0); /* not there: the shipped one */
	unsetenv("FIREBREAK_RULES");
	ck_assert_int_eq(fb_rules_load("own", &rules, &error), -ENOENT);
	ck_assert_int_eq(fb_rules_load(kit_folder, &rules, &error), -EISDIR);
}
END_TEST

/* A pack on another: what it does not say is the base's. */
START_TEST(a_pack_with_a_base)
{
	static struct fb_rules base, rules;
	static const struct {
		const char *text, *expected;
	} bad[] = {
		{ "[venue]\nname = x\nbase = binance-usdm\n", ":3:8: expected base as the first" },
		{ "[venue]\nbase = binance-usdm\n", "a line `name = ...`" },
		{ "[venue]\nbase = demo\nname = x\n", "a pack that has a base cannot be one" },
		{ "[venue]\nbase = nowhere\nname = x\n", ":2:8: expected a good pack, but" },
		{ "[venue]\nbase = binance-usdm\nname = x\n[thresholds]\na = 10 %\n",
		  ":4:1: expected a new section" },
		{ "[venue]\nbase = binance-usdm\nname = x\n[waterfall]\ncut_at = liquidation\n",
		  ":5:10:" },
		{ "[venue]\nbase = binance-usdm\nname = x\n[waterfall]\ncall_at = reduction\n",
		  ":5:11:" },
		{ "[venue]\nbase = binance-usdm\nname = x\n[symbol BTCUSDT]\nlot = 1\n",
		  "already has this name" },
	};
	struct fb_error error;
	int rc;

	ck_assert_int_eq(fb_rules_load("binance-usdm", &base, &error), 0);
	ck_assert_msg(fb_rules_load("demo", &rules, &error) == 0, "%s", error.text);
	ck_assert_str_eq(rules.venue, "demo");
	ck_assert_uint_eq(rules.policy.fund_cap_e7, 100000000);
	ck_assert_uint_eq(rules.policy.backstop_cap_e7, 30000000);
	rules.policy.fund_cap_e7 = base.policy.fund_cap_e7;
	rules.policy.backstop_cap_e7 = base.policy.backstop_cap_e7;
	memcpy(rules.venue, base.venue, sizeof(rules.venue));
	ck_assert_int_eq(memcmp(&rules, &base, sizeof(rules)), 0);
	load("[venue]\nbase = binance-usdm\nname = x\nliquidate_at = reduction\n[waterfall]\n"
	     "cut_at = margin_call\ncall_at = warning\nwarn_at = warning\n[fees]\ntaker = 1 %\n",
	     &rc, &error);
	ck_assert_int_ne(rc, 0); /* warn_at is not below call_at */
	const struct fb_rules *own = load(
		"[venue]\nbase = binance-usdm\nname = x\nliquidate_at = reduction\nbreach = >\n"
		"[fees]\ntaker = 1 %\n[waterfall]\ncut_at = margin_call\ncall_at = warning\n"
		"[ladders]\nl = l.csv\n[symbol NEW]\nlot = 1\nladder = l\n",
		&rc, &error);
	ck_assert_int_ne(rc, 0); /* the base's warn_at is not below call_at now */
	ck_assert_ptr_nonnull(strstr(error.text, ":2:8:"));
	own = load("[venue]\nbase = binance-usdm\nname = x\nliquidate_at = liquidation\n"
		   "breach = >\n[fees]\ntaker = 1 %\n[ladders]\nl = l.csv\n[symbol NEW]\n"
		   "lot = 1\nladder = l\n",
		   &rc, &error);
	ck_assert_msg(rc == 0, "%s", error.text);
	ck_assert(own->strict);
	ck_assert_uint_eq(own->liquidate_level, 4);
	ck_assert_uint_eq(own->taker_fee_e7, 100000);
	ck_assert_uint_eq(own->liquidation_fee_e7, base.liquidation_fee_e7);
	ck_assert_uint_eq(own->symbols, base.symbols + 1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		load(bad[i].text, &rc, &error);
		ck_assert_msg(rc != 0 && strstr(error.text, bad[i].expected), "%zu: %s", i,
			      error.text);
	}
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, the_shipped_pack);
	tcase_add_test(tcase, shipped_ladders_are_continuous);
	tcase_add_test(tcase, lots_leave_headroom);
	tcase_add_test(tcase, the_smallest_pack);
	tcase_add_test(tcase, faults_have_a_place);
	tcase_add_test(tcase, faults_of_ladders);
	tcase_add_test(tcase, seventeen_tiers);
	tcase_add_test(tcase, packs_are_looked_up_by_name);
	tcase_add_test(tcase, a_pack_with_a_base);
}

int main(void)
{
	return kit_run("rules", fill);
}
