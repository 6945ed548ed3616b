/* A run of two accounts, small enough to be checked by hand, and what explaining makes of it.
 *
 * Account 1 is long 0.1 BTC (1,000 lots) from 100,000 with 1,000 of collateral; account 2 is short
 * the same with 100,000. At 90,300 account 1 has lost 970: equity 30, MM 0.4 % of 9,030. Its
 * bankruptcy price is 90,000. The venue's books have no depth to speak of; the fund has 1,010 and
 * may hold as much: 111 lots of 9.03. The other 889 are closed against account 2, which gets them
 * 0.03 a lot cheaper than at the mark. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <firebreak/evidence.h>
#include <firebreak/explain.h>

#include "../../sw/lib/evidence_read.h"
#include "temp_kit.h"

static char log_path[600], rounds_path[600];

static void write_file(const char *name, const char *text)
{
	FILE *out = fopen(temp_path(name), "w");
	ck_assert_ptr_nonnull(out);
	fputs(text, out);
	ck_assert_int_eq(fclose(out), 0);
}

static void play_with(const char *rules, const char *accounts_csv, const char *marks_csv)
{
	char accounts[512], marks[512], out[512], note[128];
	const char *const files[] = { marks };
	write_file("accounts.csv", accounts_csv);
	write_file("marks.csv", marks_csv);
	strcpy(accounts, temp_path("accounts.csv"));
	strcpy(marks, temp_path("marks.csv"));
	strcpy(out, temp_path("."));
	struct fb_run_options o = { .rules = rules,
				    .marks = files,
				    .marks_n = 1,
				    .accounts = accounts,
				    .engine = "model:",
				    .out = out,
				    .step_us = 1000000,
				    .fund_e8 = -1 };
	struct fb_summary summary;
	struct fb_divergence divergence;
	struct fb_error error = { "" };
	setenv("FIREBREAK_RULES", "sw/rules", 1);
	ck_assert_msg(fb_run(&o, &summary, &divergence, note, &error) == 0, "%s", error.text);
	snprintf(log_path, sizeof(log_path), "%s", temp_path("firebreak.log"));
	snprintf(rounds_path, sizeof(rounds_path), "%s", temp_path("rounds.csv"));
}

static void play(void)
{
	play_with("binance-usdm",
		  "account,1,,user,cross,1000\n"
		  "position,11,1,BTCUSDT,0.1,100000\n"
		  "account,2,,user,cross,100000\n"
		  "position,12,2,BTCUSDT,-0.1,100000\n",
		  "time_us,symbol,price\n1000000,BTCUSDT,100000\n"
		  "2000000,BTCUSDT,90300\n3000000,BTCUSDT,90300\n");
}

/* What is printed; the caller frees it. */
static char *explained(uint32_t account, uint64_t sequence, enum fb_explain_form form, int expected)
{
	char *text = NULL;
	size_t length;
	struct fb_error error = { "" };
	struct fb_explain_options o = { .log = log_path,
					.engine = "model:",
					.account = account,
					.sequence = sequence,
					.form = form };
	FILE *out = open_memstream(&text, &length);
	ck_assert_int_eq(fb_explain(&o, out, &error), expected);
	fclose(out);
	ck_assert_msg(expected == 0 || (length == 0 && error.text[0]), "%s", text);
	return text;
}

/* All of these, in this order. */
static void expect(char *text, const char *const *part, size_t n)
{
	const char *at = text;
	for (size_t i = 0; i < n; i++) {
		const char *found = strstr(at, part[i]);
		ck_assert_msg(found != NULL, "expected: %s\nfound: %s", part[i], at);
		at = found + strlen(part[i]);
	}
	free(text);
}
#define EXPECT(text, ...)                                                                          \
	expect(text, (const char *const[]){ __VA_ARGS__ },                                         \
	       sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

START_TEST(liquidated)
{
	play();
	EXPECT(explained(1, 0, FB_EXPLAIN_TEXT, 0), "loading is over",
	       "collateral 1,000.00, and profit 0.00, is equity 1,000.00",
	       "is 4.00 % (40000000000000000/1000000000000000000)",
	       "lots 1,000, value 10,000.00, price 100000.00000000",
	       "risk  margin ratio MM / equity, is 4.00 % (0.04), risk score of 0 to 100 4.00, "
	       "effective leverage 10.00, next is warning, after a loss of 950.00",
	       "exposure  net 10,000.00, gross 10,000.00, long 10,000.00, short 0.00, coins 0.00",
	       /* (10,000 - 1,000) / (0.1 x (1 - 0.4 %)); for the warning 0.4 / 0.8 %. A lot's
	        * price has ten ticks of 1e-8. */
	       "prices  of BTCUSDT, mark 100,000.00000000, delta 10,000.00, "
	       "liquidation at 90,361.44578320, bankruptcy at 90,000.00000000, "
	       "with its share of equity alone at 90,000.00000000",
	       "reaches  warning at 90,452.26130660, margin_call at",
	       "to the next  warning, at 90,452.26130660, away 9,547.73869340, of the mark 9.55 %",
	       "1970-01-01T00:00:02.000Z  after command 25: judged in breach",
	       "collateral 1,000.00, and profit -970.00, is equity 30.00",
	       "MM 36.12, over equity 30.00, is 120.40 %",
	       "warning, reached at 80 %, which is MM of 24.00, MM is 36.12, crossed yes",
	       "liquidation, reached at 100 %, which is MM of 30.00, MM is 36.12, crossed yes",
	       "value 9,030.00, less entry value 10,000.00, is -970.00",
	       "tier 1, of 12, from 0.00, at 0.4 %, less 0.00, is 36.12", "order  1.25.0, hold",
	       "from calm, to holding", "liquidation, kept down to 97 %, which is MM of 29.10",
	       "cancel_all", "has 1,000, to close 1,000",
	       "value at the mark 9,030.00, less its share of equity, by MM, 30.00",
	       "value 9,000.00, price 90000.00000000", "reduce, position 11, BTCUSDT",
	       "liquidation begins: equity is not below 0", "from ready, to reducing",
	       "house backstop, sent 0, since the house has no equity or no room",
	       "house fund, sent 111, since as far as its equity and its cap go",
	       "takeover, position 11, BTCUSDT, lots 111, value 999.00",
	       "steps in a row moved nothing in the market: houses are tried",
	       "account now: collateral 889.00, equity 26.67", "deleveraging\n",
	       "lots 889, value 8,001.00, price 90000.00000000, which is the bankruptcy value, "
	       "round 1, counterparties ranked 1, pairs 1, lots found 889",
	       "adl_pair, position 11, BTCUSDT, lots 889, value 8,001.00",
	       "account now: collateral 0.00, equity 0.00", "from ready, to closed");
	EXPECT(explained(1, 0, FB_EXPLAIN_STORY, 0), "Account 1 was liquidated.",
	       "a margin ratio of 120.40 %: equity 30.00 against a maintenance margin of 36.12",
	       "1 takeovers 1,002.33, 1 counterparties 8,027.67", "nothing was left of it");
}
END_TEST

/* Contracts of 10,000 USD from 100,000, 0.05 BTC behind them, in the venue's own arithmetic:
 * L = 10,000 (1 + 0.4 %) / (0.1 + 0.05), B = 10,000 / 0.15. The short: 10,000 (1 - 0.4 %) /
 * (0.1 - 0.05). A unit of 1e-8 BTC is half a cent of the price. */
START_TEST(inverse_contract)
{
	play_with("binance-coinm",
		  "account,1,,user,cross,0.05\n"
		  "position,11,1,BTCUSD_PERP,10000,100000\n"
		  "account,2,,user,cross,0.05\n"
		  "position,12,2,BTCUSD_PERP,-10000,100000\n",
		  "time_us,symbol,price\n1000000,BTCUSD_PERP,100000\n"
		  "2000000,BTCUSD_PERP,66933.33\n3000000,BTCUSD_PERP,66900\n"
		  "4000000,BTCUSD_PERP,66900\n5000000,BTCUSD_PERP,66900\n");
	EXPECT(explained(1, 0, FB_EXPLAIN_TEXT, 0), "margin ratio MM / equity, is 0.80 % (0.008)",
	       "effective leverage 2.00", "mark 100,000.00", "delta 0.10",
	       "liquidation at 66,933.32904960", "bankruptcy at 66,666.66666667",
	       /* At 66,933.33 only the engine's MM, never below the venue's, is above equity. */
	       "judged at margin call", "crossed yes", "margin ratio MM / equity, is 100.00 % "
	       "(14940239/14940250)", "from calm, to margin call",
	       "00:00:03.000Z  after command", "judged in breach", "liquidation, reached at 100 %",
	       "crossed yes", "liquidation at 66,933.32904960", "from margin call, to holding",
	       /* and looking has changed nothing */
	       "is 114.29 % (4982561/4359750)", "from held, to cancelling");
	EXPECT(explained(2, 0, FB_EXPLAIN_TEXT, 0), "delta -0.10",
	       "liquidation at 199,199.97306817", "bankruptcy at 200,000.0");
}
END_TEST

START_TEST(deleveraged)
{
	play();
	EXPECT(explained(2, 0, FB_EXPLAIN_TEXT, 0), "rank 0, by being the best of all",
	       "among 1, tried 1, taken in part",
	       "lots asked 889, moved 889, lots -889, value -8,001.00, price 90000.00000000",
	       "(below 0: a gain) -26.67", "positions to close 1, lots to close 889, at 8,001.00",
	       "fund before 1,013.33, fund after 1,013.33",
	       "profit 970.00, equity 100,970.00, notional 9,030.00",
	       "0.96 % (97000000000/10097000000000), closed for -8,001.00");
	EXPECT(explained(2, 0, FB_EXPLAIN_JSON, 0), "\"score_e9\": 9606813", "\"moved\": 889");
	EXPECT(explained(2, 0, FB_EXPLAIN_STORY, 0), "Account 2 was deleveraged",
	       "889 lots of BTCUSDT long", "profit 970.00 over equity 100,970.00",
	       "used 1 of 1 times it was ranked, and got 26.67 more");
}
END_TEST

/* The marks are command 25; with 26 the engine hears that it is to be held; the takeover is 27
 * and 28. And what is not there. */
START_TEST(at_a_sequence)
{
	play();
	EXPECT(explained(1, 24, FB_EXPLAIN_TEXT, 0), "equity 1,000.00", "state  calm");
	EXPECT(explained(1, 25, FB_EXPLAIN_TEXT, 0), "equity 30.00", "state  calm");
	EXPECT(explained(1, 26, FB_EXPLAIN_TEXT, 0), "equity 30.00", "state  holding");
	EXPECT(explained(1, 27, FB_EXPLAIN_TEXT, 0), "collateral 889.00", "lots 889",
	       "state  taking over");
	free(explained(1, 1000, FB_EXPLAIN_TEXT, -ENOENT));
	free(explained(1, 3, FB_EXPLAIN_TEXT, -ENOENT));
	free(explained(3, 0, FB_EXPLAIN_TEXT, -ENOENT));
	snprintf(log_path, sizeof(log_path), "%s", temp_path("accounts.csv"));
	free(explained(1, 0, FB_EXPLAIN_TEXT, -EBADMSG));
}
END_TEST

START_TEST(houses_and_their_roles)
{
	play();
	EXPECT(explained(FB_ID_FUND, 0, FB_EXPLAIN_TEXT, 0), "collateral 1,010.00",
	       "house to unwind", "a house sells a share of the known depth");
}
END_TEST

START_TEST(evidence_holds)
{
	struct fb_error error = { "" };
	play();
	char *text = explained(2, 0, FB_EXPLAIN_EVIDENCE, 0), *out = NULL, path[600];
	size_t length;
	write_file("evidence.json", text);
	free(text);
	strcpy(path, temp_path("evidence.json"));
	FILE *said = open_memstream(&out, &length);
	ck_assert_msg(fb_evidence_verify(path, rounds_path, said, &error) == 0, "%s", error.text);
	fclose(said);
	EXPECT(out, "holds: round 1, BTCUSDT short, position 12 of account 2: rank 0 of 1",
	       "1 proofs hold, and their links are in the published chain");
}
END_TEST

static char *hex(const uint8_t digest[32], char out[65])
{
	for (int i = 0; i < 32; i++)
		sprintf(out + 2 * i, "%02x", digest[i]);
	return out;
}

/* In a text, something by something else of the same length. */
static void exchange(char *text, const char *old, const char *new)
{
	char *at = strstr(text, old);
	ck_assert_ptr_nonnull(at);
	ck_assert_uint_eq(strlen(old), strlen(new));
	memcpy(at, new, strlen(new));
}

/* A venue that lies: another score in the leaf, with root and link made to fit. Only the terms can
 * tell. */
START_TEST(a_score_that_does_not_follow)
{
	struct fb_error error = { "" };
	struct fb_text text;
	struct fb_json json;
	struct fb_evidence_read r = { .json = &json, .error = &error };
	struct fb_evidence_link link, lie;
	struct fb_evidence_proof own;
	char a[65], b[65], path[600];
	play();
	char *file = explained(2, 0, FB_EXPLAIN_EVIDENCE, 0);
	write_file("evidence.json", file);
	strcpy(path, temp_path("evidence.json"));
	ck_assert_int_eq(fb_text_read(path, &text, &error), 0);
	ck_assert_int_eq(fb_json_parse(&text, &json, &error), 0);
	uint32_t one = json.node[fb_json_member(&json, 0, "evidence")].child;
	ck_assert_int_eq(fb_evidence_read_link(&r, one, &link), 0);
	ck_assert_int_eq(fb_evidence_read_leaf(&r, fb_json_member(&json, one, "leaf"), one, &own),
			 0);
	lie = link;
	ck_assert_uint_eq(own.leaf.score_e9++, 9606813);
	fb_evidence_hash_leaf(&own.leaf, lie.root); /* the only leaf is the root */
	fb_evidence_seal(&lie);
	exchange(file, "9606813", "9606814");
	exchange(file, hex(link.root, a), hex(lie.root, b));
	exchange(file, hex(link.link, a), hex(lie.link, b));
	write_file("evidence.json", file);
	ck_assert_int_eq(fb_evidence_verify(path, NULL, stdout, &error), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(error.text, "does not follow from its terms"));
	ck_assert_int_eq(fb_evidence_verify(path, rounds_path, stdout, &error), -EBADMSG);
	fb_json_free(&json);
	fb_text_free(&text);
	free(file);
}
END_TEST

int main(void)
{
	temp_open("explain");
	Suite *suite = suite_create("explain");
	TCase *tests = tcase_create("explain");
	tcase_add_test(tests, liquidated);
	tcase_add_test(tests, inverse_contract);
	tcase_add_test(tests, deleveraged);
	tcase_add_test(tests, at_a_sequence);
	tcase_add_test(tests, houses_and_their_roles);
	tcase_add_test(tests, evidence_holds);
	tcase_add_test(tests, a_score_that_does_not_follow);
	tcase_set_timeout(tests, 60);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	if (failed == 0)
		temp_close();
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
