/* Brackets: the venue's and ccxt's JSON, CSV, sharing of equal ladders, faults with their places,
 * and the venue's full list. */
#include "../../sw/lib/json.h"
#include "inputs_kit.h"

static const unsigned __int128 e15 = 1000000000000000;

static const struct fb_ladder *ladder_of(const struct fb_rules *r, const char *symbol)
{
	return &r->ladder[r->symbol[fb_symbol_find(r, symbol)].ladder];
}

#define TWO_TIERS                                                                           \
	"[{\"bracket\":1,\"initialLeverage\":75,\"notionalCap\":10000,\"notionalFloor\":0," \
	"\"maintMarginRatio\":0.0065,\"cum\":0.0},{\"bracket\":2,\"initialLeverage\":50,"   \
	"\"notionalCap\":60000,\"notionalFloor\":10000,\"maintMarginRatio\":1e-2,\"cum\":35.0}]"

static void check_two_tiers(const struct fb_ladder *l)
{
	ck_assert_uint_eq(l->tiers, 2);
	ck_assert_uint_eq(l->tier[0].rate_e7, 65000);
	ck_assert_uint_eq(l->tier[1].rate_e7, 100000);
	ck_assert_uint_eq(l->tier[1].floor_e8, UINT64_C(10000) * 100000000);
	ck_assert(l->tier[1].deduction_e15 == 35 * e15);
}

START_TEST(the_venues_answer)
{
	struct fb_error error = { "" };
	struct fb_rules *r = kit_rules();
	unsigned used = 0, generic = r->symbol[2].ladder;
	int rc = fb_brackets_load(kit_file("b",
					   " [{\"symbol\":\"ETHUSDT\",\"brackets\":" TWO_TIERS "},"
					   "{\"symbol\":\"NOSUCHUSDT\",\"brackets\":7},"
					   "{\"symbol\":\"SOLUSDT\",\"brackets\":" TWO_TIERS "}]"),
				  r, &used, &error);

	ck_assert_msg(rc == 0, "%s", error.text);
	ck_assert_uint_eq(used, 2);
	check_two_tiers(ladder_of(r, "ETHUSDT"));
	/* Equal ladders are one; the others are as they were. */
	ck_assert_ptr_eq(ladder_of(r, "ETHUSDT"), ladder_of(r, "SOLUSDT"));
	ck_assert_uint_eq(r->ladders, 3);
	ck_assert_uint_eq(ladder_of(r, "BTCUSDT")->tiers, 12);
	ck_assert_str_eq(ladder_of(r, "BNBUSDT")->name, "generic");
	ck_assert_uint_eq(generic, 1);
	/* One symbol alone is answered without the list. */
	rc = fb_brackets_load(kit_file("c", "{\"symbol\":\"BTCUSDT\",\"brackets\":" TWO_TIERS "}"),
			      r, &used, &error);
	ck_assert_int_eq(rc, 0);
	ck_assert_uint_eq(used, 1);
	ck_assert_ptr_eq(ladder_of(r, "ETHUSDT"), ladder_of(r, "BTCUSDT"));
	ck_assert_uint_eq(r->ladders, 2); /* nobody uses the shipped one any more */
}
END_TEST

START_TEST(ccxt_with_info_and_without)
{
	struct fb_error error = { "" };
	struct fb_rules *r = kit_rules();
	unsigned used = 0;
	/* Numbers of `info` are strings, and win over those outside. */
	int rc = fb_brackets_load(kit_file("b", "{\"BTC\\/"
						"USDT:USDT\":[{\"minNotional\":0.0,"
						"\"maintenanceMarginRate\":0.5,\"info\":{"
						"\"notionalFloor\":\"0\",\"maintMarginRatio\":\"0."
						"0065\",\"cum\":\"0.0\"}},"
						"{\"minNotional\":10000.0,\"maxNotional\":null,"
						"\"maintenanceMarginRate\":0.01}]}"),
				  r, &used, &error);

	ck_assert_msg(rc == 0, "%s", error.text);
	ck_assert_uint_eq(used, 1);
	check_two_tiers(ladder_of(r, "BTCUSDT")); /* 35 is computed: 10,000 x (0.01 - 0.0065) */
}
END_TEST

START_TEST(csv)
{
	struct fb_error error = { "" };
	struct fb_rules *r = kit_rules();
	unsigned used = 0;
	int rc = fb_brackets_load(kit_file("b", "symbol,floor,rate,deduction\nXRPUSDT,0,0.0065,\n"
						"XRPUSDT,10000,0.01,\nNOSUCH,5,9999,\n"),
				  r, &used, &error);

	/* Numbers of a symbol that is ignored are still numbers of the format. */
	ck_assert_int_eq(rc, -EINVAL);
	kit_error_at(&error, "4:10", "a rate from 0 to");
	rc = fb_brackets_load(kit_file("b", "rate,symbol,floor\n0.0065,XRPUSDT,0\n0.01,XRPUSDT,"
					    "10000\n"
					    "0.5,NOSUCH,5\n0.02,LTCUSDT,0\n"),
			      r, &used, &error);
	ck_assert_msg(rc == 0, "%s", error.text);
	ck_assert_uint_eq(used, 2);
	check_two_tiers(ladder_of(r, "XRPUSDT"));
	ck_assert_uint_eq(ladder_of(r, "LTCUSDT")->tiers, 1);
	/* A deduction that jumps is taken as it is. */
	rc = fb_brackets_load(kit_file("b", "symbol,floor,rate,deduction\nXRPUSDT,0,0.0065,0\n"
					    "XRPUSDT,10000,0.01,0.000000000000001\n"),
			      r, &used, &error);
	ck_assert_int_eq(rc, 0);
	ck_assert(ladder_of(r, "XRPUSDT")->tier[1].deduction_e15 == 1);
}
END_TEST

#define T1 "{\"notionalFloor\":0,\"notionalCap\":10,\"maintMarginRatio\":0.1}"
#define ETH(tiers) "[{\"symbol\":\"ETHUSDT\",\n\"brackets\":[\n" tiers "]}]"

START_TEST(faults_have_a_place)
{
	static const struct {
		const char *bytes, *place, *words;
	} bad[] = {
		{ "", "1:1", "a line of column names, found the end of the file" },
		{ "symbol,rate\n", "1:12", "the columns symbol, floor and rate" },
		{ "symbol,floor,rate\nXRPUSDT,0,0.1\nLTCUSDT,0,0.1\nXRPUSD_PERP,0,0.1\n", "4:1",
		  "each symbol once" },
		{ "symbol,floor,rate\n,0,0.1\n", "2:1", "a symbol of 1 to 31 characters" },
		{ "symbol,floor,rate\nXRPUSDT,0,0.1\nXRPUSDT,5,0.05\n", "3:11",
		  "a rate not below" },
		{ "7", "1:1", "the column names symbol" },
		{ "[7]", "1:2", "an object with a \"symbol\", found \"7\"" },
		{ "[{}]", "1:2", "an object with a \"symbol\"" },
		{ "[{\"pair\":\"ETHUSD\"}]", "1:2", "an object with a \"symbol\"" },
		{ "[{\"symbol\":\"ETHUSDT\"}]", "1:13", "a list of brackets for ETHUSDT" },
		{ "[{\"symbol\":\"ETHUSDT\",\"brackets\":[]}]", "1:33", "a list of brackets" },
		{ ETH("7"), "3:1", "a bracket: an object" },
		{ ETH("{\"notionalFloor\":0}"), "3:1",
		  "a maintenance margin rate as \"maintMarginRatio\"" },
		{ ETH("{\"maintMarginRatio\":0.1}"), "3:1", "a notional floor as" },
		{ ETH("{\"notionalFloor\":[],\"maintMarginRatio\":0.1}"), "3:18",
		  "a notional floor: a number" },
		{ ETH("{\"notionalFloor\":\"zero\",\"maintMarginRatio\":0.1}"), "3:19",
		  "a notional floor: a number" },
		{ ETH("{\"notionalFloor\":-1,\"maintMarginRatio\":0.1}"), "3:18", "not negative" },
		{ ETH("{\"notionalFloor\":0,\"maintMarginRatio\":2}"), "3:39", "not so large" },
		{ ETH("{\"notionalFloor\":0,\"maintMarginRatio\":0.00000001}"), "3:39",
		  "at most 7 decimals" },
		{ ETH("{\"notionalFloor\":5,\"maintMarginRatio\":0.1}"), "3:18",
		  "the first tier at floor 0" },
		{ ETH(T1 ",\n{\"notionalFloor\":11,\"maintMarginRatio\":0.1}"), "4:18", "no hole" },
		{ ETH(T1 ",\n{\"notionalFloor\":10,\"maintMarginRatio\":0.05}"), "4:40",
		  "a rate not below" },
		{ ETH(T1 ",\n{\"notionalFloor\":10,\"maintMarginRatio\":0.2,\"cum\":2.1}"), "4:50",
		  "the maintenance margin is negative" },
		{ "{\"ETH/USDT:USDT\":[" T1 "],\"ETHUSDT\":[" T1 "]}", "1:90",
		  "each symbol once; ETHUSDT" },
		{ "{\"ETH/USDT:USDT\":[" T1 "]", "1:79",
		  "a comma or }, found the end of the file" },
	};
	static struct fb_rules before;
	struct fb_rules *r = kit_rules();

	before = *r;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct fb_error error = { "" };
		unsigned used = 77;

		ck_assert_msg(fb_brackets_load(kit_file("b", bad[i].bytes), r, &used, &error) ==
				      -EINVAL,
			      "%s", bad[i].bytes);
		kit_error_at(&error, bad[i].place, bad[i].words);
		ck_assert_uint_eq(used, 77);
		ck_assert_mem_eq(&before, r, sizeof(before));
	}
	ck_assert_int_eq(fb_brackets_load(kit_path("none"), r, NULL, &(struct fb_error){ "" }),
			 -ENOENT);
	ck_assert_int_eq(fb_brackets_load(kit_folder, r, NULL, &(struct fb_error){ "" }), -EISDIR);
}
END_TEST

/* The engine has room for 256 ladders. */
START_TEST(too_many_different_ladders)
{
	static struct fb_rules rules, before;
	struct fb_error error = { "" };
	char *table = calloc(1, 40 * 258);
	size_t at = (size_t)sprintf(table, "symbol,floor,rate\n");

	rules.ladders = 1;
	rules.ladder[0].tiers = 1;
	for (int i = 0; i < 256; i++) {
		sprintf(rules.symbol[rules.symbols++].name, "S%d", i);
		at += (size_t)sprintf(table + at, "S%d,0,0.%04d\n", i, i + 1);
	}
	ck_assert_int_eq(fb_brackets_load(kit_file("b", table), &rules, NULL, &error), 0);
	ck_assert_uint_eq(rules.ladders, 256);
	sprintf(rules.symbol[rules.symbols++].name, "S256");
	sprintf(table + at, "S256,0,0.9\n");
	before = rules;
	ck_assert_int_eq(fb_brackets_load(kit_file("b", table), &rules, NULL, &error), -ENOSPC);
	ck_assert_ptr_nonnull(strstr(error.text, "at most 256 different ladders"));
	ck_assert_mem_eq(&before, &rules, sizeof(before));
	free(table);
}
END_TEST

/* ---- the real list ---- */

static struct fb_text real_list(const char *test)
{
	struct fb_error error = { "" };
	struct fb_text text = { 0 };
	const char *folder = kit_data(test);
	char command[600];

	if (!folder)
		return text;
	snprintf(command, sizeof(command),
		 "xz -dc %s/tiers/binance_leverage_tiers_2025-06.json.xz > %s", folder,
		 kit_path("tiers.json"));
	ck_assert_int_eq(system(command), 0);
	ck_assert_msg(fb_text_read(kit_path("tiers.json"), &text, &error) == 0, "%s", error.text);
	return text;
}

START_TEST(the_full_list_on_the_shipped_pack)
{
	struct fb_text text = real_list("the_full_list_on_the_shipped_pack");
	struct fb_error error = { "" };
	struct fb_rules *r = kit_rules();
	struct fb_ladder shipped = *ladder_of(r, "BTCUSDT");
	unsigned used = 0;

	if (!text.bytes)
		return;
	fb_text_free(&text);
	ck_assert_msg(fb_brackets_load(kit_path("tiers.json"), r, &used, &error) == 0, "%s",
		      error.text);
	ck_assert_uint_eq(used, r->symbols);
	/* The shipped BTC ladder is the published one. */
	ck_assert_uint_eq(ladder_of(r, "BTCUSDT")->tiers, shipped.tiers);
	ck_assert_mem_eq(ladder_of(r, "BTCUSDT")->tier, shipped.tier, sizeof(shipped.tier));
	ck_assert_uint_eq(ladder_of(r, "AAVEUSDT")->tier[1].rate_e7, 150000);
}
END_TEST

/* A pack of all 500 symbols of the list: every ladder is continuous as published. In the list are
 * 164 that differ, leverage included; 145 of them differ in floor, rate or deduction, and only that
 * is left to an engine. */
START_TEST(the_full_list_on_a_pack_of_its_own)
{
	struct fb_text text = real_list("the_full_list_on_a_pack_of_its_own");
	static struct fb_rules rules;
	struct fb_error error = { "" };
	struct fb_json json;
	unsigned used = 0;
	size_t tiers = 0;

	if (!text.bytes)
		return;
	ck_assert_int_eq(fb_json_parse(&text, &json, &error), 0);
	rules.ladders = 1;
	rules.ladder[0].tiers = 1;
	for (uint32_t i = json.node[0].child; i != 0; i = json.node[i].next)
		ck_assert_int_eq(fb_json_unescape(&json, json.node[i].key, json.node[i].key_length,
						  rules.symbol[rules.symbols++].name, FB_NAME_MAX),
				 0);
	fb_json_free(&json);
	fb_text_free(&text);
	ck_assert_uint_eq(rules.symbols, 500);
	ck_assert_msg(fb_brackets_load(kit_path("tiers.json"), &rules, &used, &error) == 0, "%s",
		      error.text);
	ck_assert_uint_eq(used, 500);
	ck_assert_uint_eq(rules.ladders, 145);
	for (unsigned s = 0; s < rules.symbols; s++) {
		const struct fb_ladder *l = &rules.ladder[rules.symbol[s].ladder];

		tiers += l->tiers;
		ck_assert_uint_le(l->tiers, 12);
		for (unsigned k = 1; k < l->tiers; k++) {
			unsigned __int128 floor = l->tier[k].floor_e8;

			ck_assert(floor * (l->tier[k].rate_e7 - l->tier[k - 1].rate_e7) ==
				  l->tier[k].deduction_e15 - l->tier[k - 1].deduction_e15);
		}
	}
	ck_assert_uint_eq(tiers, 4529);
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, the_venues_answer);
	tcase_add_test(tcase, ccxt_with_info_and_without);
	tcase_add_test(tcase, csv);
	tcase_add_test(tcase, faults_have_a_place);
	tcase_add_test(tcase, too_many_different_ladders);
	tcase_add_test(tcase, the_full_list_on_the_shipped_pack);
	tcase_add_test(tcase, the_full_list_on_a_pack_of_its_own);
}

int main(void)
{
	return kit_run("brackets", fill);
}
