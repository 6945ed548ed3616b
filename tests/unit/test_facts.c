/* Facts: rounded for people, exact for programs, and the same in both. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../sw/lib/facts.h"

static struct fb_facts facts;

static char *printed(void (*print)(const struct fb_facts *, uint32_t, FILE *))
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	print(&facts, 0, out);
	fclose(out);
	return text;
}

/* As text and as JSON; and all of it is forgotten. */
static void expect(const char *text, const char *json)
{
	char *found = printed(fb_facts_print);
	ck_assert(!fb_facts_failed(&facts));
	ck_assert_str_eq(found, text);
	free(found);
	found = printed(fb_facts_json);
	ck_assert_str_eq(found, json);
	free(found);
	fb_facts_free(&facts);
}

static void expect_money(int64_t value_e8, const char *text, const char *json)
{
	fb_fact_money(&facts, 0, "m", "money", value_e8);
	expect(text, json);
}

START_TEST(rounding)
{
	expect_money(0, "money  0.00\n", "{\n  \"m\": \"0.00000000\"\n}\n");
	expect_money(500000, "money  0.01 (0.00500000)\n", "{\n  \"m\": \"0.00500000\"\n}\n");
	expect_money(499999, "money  0.00 (0.00499999)\n", "{\n  \"m\": \"0.00499999\"\n}\n");
	expect_money(-500000, "money  -0.01 (-0.00500000)\n", "{\n  \"m\": \"-0.00500000\"\n}\n");
	expect_money(123456789012, "money  1,234.57 (1234.56789012)\n",
		     "{\n  \"m\": \"1234.56789012\"\n}\n");
	expect_money(-123456700000000, "money  -1,234,567.00\n",
		     "{\n  \"m\": \"-1234567.00000000\"\n}\n");
}
END_TEST

START_TEST(fractions)
{
	struct fb_ratio x = fb_ratio_text("12345.678");
	fb_fact_number(&facts, 0, "x", "x", &x, 2);
	expect("x  12,345.68 (12345.678)\n", "{\n  \"x\": \"12345.678\"\n}\n");
	x = fb_ratio_text("-1000000.5");
	fb_fact_number(&facts, 0, "x", "x", &x, 2);
	expect("x  -1,000,000.50\n", "{\n  \"x\": \"-1000000.50\"\n}\n");
	x = fb_ratio_text("2/3");
	fb_fact_percent(&facts, 0, "x", "x", &x);
	expect("x  66.67 % (2/3)\n", "{\n  \"x\": \"2/3\"\n}\n");
	x = fb_ratio_error(-ENOENT);
	fb_fact_percent(&facts, 0, "x", "x", &x);
	expect("x  none\n", "{\n  \"x\": null\n}\n");
}
END_TEST

START_TEST(ratios_and_rates)
{
	fb_fact_ratio(&facts, 0, "r", "ratio", 2, 3, 0);
	expect("ratio  66.67 % (2/3)\n", "{\n  \"r\": \"2/3\"\n}\n");
	fb_fact_ratio(&facts, 0, "r", "ratio", 20000000, 3, 7);
	expect("ratio  66.67 % (20000000/30000000)\n", "{\n  \"r\": \"20000000/30000000\"\n}\n");
	fb_fact_ratio(&facts, 0, "r", "ratio", 5, 0, 7);
	expect("ratio  infinite (5/0)\n", "{\n  \"r\": \"5/0\"\n}\n");
	fb_fact_ratio(&facts, 0, "r", "ratio", 5, -1, 7);
	expect("ratio  equity is below 0 (5/-10000000)\n", "{\n  \"r\": \"5/-10000000\"\n}\n");
	fb_fact_rate(&facts, 0, "r", "rate", 40000);
	expect("rate  0.4 %\n", "{\n  \"r\": \"0.0040000\"\n}\n");
	fb_fact_rate(&facts, 0, "r", "rate", 10000001);
	expect("rate  100.00001 %\n", "{\n  \"r\": \"1.0000001\"\n}\n");
}
END_TEST

START_TEST(forms)
{
	uint32_t block = fb_fact_object(&facts, 0, "b", "block", FB_FACT_BLOCK);
	uint32_t line = fb_fact_object(&facts, block, "l", "line", FB_FACT_LINE);
	fb_fact_count(&facts, line, "n", "n", 1234567);
	fb_fact_id(&facts, line, "id", "id", 1234567);
	fb_fact_yes(&facts, line, "y", "yes", true);
	uint32_t list = fb_fact_list(&facts, block, "q", "quiet", FB_FACT_QUIET);
	fb_fact_text(&facts, list, NULL, NULL, "%s", "a");
	fb_fact_quiet(&facts, block, "k", "kind");
	expect("block\n  line  n 1,234,567, id 1234567, yes yes\n",
	       "{\n  \"b\": {\n    \"l\": {\"n\": 1234567, \"id\": 1234567, \"y\": true},\n"
	       "    \"q\": [\"a\"],\n    \"k\": \"kind\"\n  }\n}\n");
}
END_TEST

/* What came from a file may hold anything. */
START_TEST(foreign_text)
{
	fb_fact_text(&facts, 0, "t", "text", "%s", "a\"b\\c\nd");
	char *json = printed(fb_facts_json);
	ck_assert_str_eq(json, "{\n  \"t\": \"a\\\"b\\\\c\\u000ad\"\n}\n");
	free(json);
	fb_facts_free(&facts);
}
END_TEST

START_TEST(many)
{
	uint32_t list = fb_fact_list(&facts, 0, "many", "many", FB_FACT_LINE);
	for (int i = 0; i < 100000; i++)
		fb_fact_count(&facts, list, NULL, NULL, i % 10);
	char *json = printed(fb_facts_json);
	ck_assert_uint_eq(strlen(json), strlen("{\n  \"many\": []\n}\n") + 300000 - 2);
	free(json);
	fb_facts_free(&facts);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("facts");
	TCase *tests = tcase_create("facts");
	tcase_add_test(tests, rounding);
	tcase_add_test(tests, fractions);
	tcase_add_test(tests, ratios_and_rates);
	tcase_add_test(tests, forms);
	tcase_add_test(tests, foreign_text);
	tcase_add_test(tests, many);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
