/* Worked examples: formulas as text, names, when a printed number agrees; and that every example of
 * tests/data/cases passes as it is printed, and fails when one result is printed otherwise. */
#include <dirent.h>

#include "../../sw/lib/cases_check.h"
#include "../../sw/lib/cases_compare.h"
#include "../../sw/lib/text.h"
#include "inputs_kit.h"

#define LINE 8192

static struct case_run *run_of(void)
{
	struct case_run *run = calloc(1, sizeof(*run));
	ck_assert_ptr_nonnull(run);
	return run;
}

/* The outcome of one line; -1 if it is no case. */
static int outcome_of(char *line)
{
	struct fb_text text = { .name = "case", .bytes = line, .length = strlen(line) };
	struct fb_json json;
	struct fb_error error;
	struct case_run *run = run_of();
	int outcome = -1;
	if (fb_json_parse(&text, &json, &error) == 0) {
		if (case_read(&json, run, &error) == 0)
			outcome = (int)case_check(&json, run, NULL, NULL);
		fb_json_free(&json);
	}
	free(run);
	return outcome;
}

static void given(struct case_run *run, const char *inputs)
{
	struct fb_text text = { .name = "inputs", .bytes = (char *)(uintptr_t)inputs,
				.length = strlen(inputs) };
	struct fb_json json;
	struct fb_error error;
	run->venue = run->kind = run->source = run->note = "";
	ck_assert_int_eq(fb_json_parse(&text, &json, &error), 0);
	case_load(run, &json, 0, "");
	fb_json_free(&json);
}

START_TEST(formulas_compute)
{
	static const struct {
		const char *formula, *value;
	} good[] = {
		{ "1 + 2 * 3", "7" },
		{ "(1 + 2) * 3", "9" },
		{ "2 - 3 - 4", "-5" },
		{ "-a / b", "-5/2" },
		{ "10^-3 * a", "1/200" },
		{ "5e-06 * 2", "1/100000" },
		{ "12.5%", "1/8" },
		{ "a > b ? a : b", "5" },
		{ "a < b ? nothing : b", "2" },
		{ "alt(nothing, b)", "2" },
		{ "min(3, a, 4)", "3" },
		{ "clamp(a, 0, 1)", "1" },
		{ "median(1, 9, 4)", "4" },
		{ "median(1, 9)", "5" },
		{ "isqrt(17)", "4" },
		{ "floor(-1/2)", "-1" },
		{ "sum(list, x * a)", "30" },
		{ "largest(list, x)", "3" },
		{ "count(list, x > 1)", "2" },
		{ "sum(list, x - previous_x)", "3" },
		{ "map[key]", "7" },
		{ "list.1.x", "2" },
		{ "nth(words, 2)", "1/200" },
		{ "q", "4" },
		{ "s", "-1" },
		{ "mmr", "1/40" },
	};
	struct case_run *run = run_of();
	given(run, "{\"a\": 5, \"b\": 2, \"list\": [{\"x\": 1}, {\"x\": 2}, {\"x\": 3}],"
		   "\"map\": {\"K\": 7}, \"key\": \"K\", \"words\": \"up to 10, then 0.5%\","
		   "\"size\": -4, \"mm_pct\": 2.5}");
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char text[FB_RATIO_TEXT];
		struct case_value value =
			case_evaluate(run, NULL, good[i].formula, strlen(good[i].formula));
		ck_assert_msg(value.type == CASE_NUMBER, "%s: no number", good[i].formula);
		ck_assert_msg(strcmp(fb_ratio_fraction(&value.number, text), good[i].value) == 0,
			      "%s: %s", good[i].formula, text);
	}
	free(run);
}
END_TEST

START_TEST(what_is_no_formula)
{
	static const char *const bad[] = { "",	      "1 +",	  "(1",	       "1)",	"a b",
					   "'open",   "min()",	  "wrong(1)",  "1 ? 2", "sum(list)",
					   "clamp(1)", "tier(1, 9)", "map[key", "1..2",	"#" };
	struct case_run *run = run_of();
	char deep[400];
	given(run, "{\"a\": 5, \"b\": 2}");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct case_value value = case_evaluate(run, NULL, bad[i], strlen(bad[i]));
		ck_assert_msg(value.type == CASE_NONE, "%s", bad[i]);
	}
	memset(deep, '(', sizeof(deep));
	ck_assert_int_eq(case_evaluate(run, NULL, deep, sizeof(deep)).type, CASE_NONE);
	free(run);
}
END_TEST

START_TEST(printed_numbers_agree_by_their_digits)
{
	static const struct {
		const char *printed, *exact;
		bool quoted, cut;
		const char *tick;
		bool agrees;
	} table[] = {
		{ "1.67", "1.6652", false, false, "0", true },
		{ "1.67", "1.665", false, false, "0", true },
		{ "1.67", "1.6649", false, false, "0", false },
		{ "-1.67", "-1.665", false, false, "0", true },
		{ "190.29", "190.2969", false, false, "0", false },
		{ "190.29", "190.2969", false, true, "0", true },
		{ "190.28", "190.2969", false, true, "0", false },
		{ "505/1", "505", true, false, "0", true },
		{ "505/1", "505.001", true, false, "0", false },
		{ "7735.5", "7735.3725", false, false, "0.5", true },
		{ "7735", "7735.3725", false, false, "0.5", false },
		{ "8.063973063973064", "239.5/29.7", false, false, "0", true },
		{ "8.063973063974", "239.5/29.7", false, false, "0", false },
		{ "1e-05", "0.0000149", false, false, "0", true },
		{ "1e-05", "0.0000151", false, false, "0", false },
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct fb_ratio exact = fb_ratio_text(table[i].exact);
		struct case_printed printed = {
			.text = table[i].printed,
			.length = strlen(table[i].printed),
			.quoted = table[i].quoted,
			.cut = table[i].cut,
			.tick = fb_ratio_text(table[i].tick),
			.side = fb_ratio_int(1),
			.places = -1,
		};
		ck_assert_int_eq(exact.error, 0);
		ck_assert_msg(case_agrees(&printed, &exact) == table[i].agrees, "%s for %s",
			      table[i].printed, table[i].exact);
	}
}
END_TEST

/* ---- every result of every example, printed otherwise ---- */

/* Puts `with` in the place of a node and gives the outcome. */
static int outcome_with(const char *line, const struct fb_json_node *n, const char *with)
{
	static char changed[2 * LINE];
	int length = snprintf(changed, sizeof(changed), "%.*s%s%s", (int)n->at, line, with,
			      line + n->at + n->length);
	ck_assert_int_lt(length, (int)sizeof(changed));
	return outcome_of(changed);
}

/* The printed number with `units` added to a digit: the last one, of a long one the ninth. */
static void change(const char *text, size_t length, int units, char out[128])
{
	unsigned places = case_places(text, length), digits = 0;
	struct fb_ratio number = case_parse_number(text, length), step = fb_ratio_int(units);
	for (size_t i = 0; i < length; i++)
		digits += text[i] >= '0' && text[i] <= '9';
	if (digits >= 15 && places > 0) {
		/* seven digits before the last */
		ck_assert_uint_ge(places, 7);
		step = fb_ratio_mul(step, fb_ratio_int(10000000));
	}
	for (unsigned i = 0; i < places; i++)
		step = fb_ratio_div(step, fb_ratio_int(10));
	char decimal[FB_RATIO_TEXT];
	number = fb_ratio_add(number, step);
	snprintf(out, 128, "%.120s", fb_ratio_decimal(&number, places, FB_ROUND_HALF_UP, decimal));
}

static unsigned change_number(const char *line, const struct fb_json_node *n, bool loose)
{
	/* Of a number that may be cut or rounded, the neighbour may be right too. */
	int first = loose ? 2 : 1;
	for (int units = -first; units <= first; units += 2 * first) {
		char with[160];
		ck_assert_int_eq(outcome_with(line, n, units < 0 ? "null" : "true"), CASE_FAILED);
		change(line + n->at, n->length, units, with);
		ck_assert_msg(outcome_with(line, n, with) == CASE_FAILED, "%s still passes in %s",
			      with, line);
	}
	return 2;
}

static bool manner(const struct fb_json *json, const struct fb_json_node *n)
{
	const char *name = json->text->bytes + n->key;
	return (n->key_length == 4 && memcmp(name, "tick", 4) == 0) ||
	       (n->key_length == 5 && memcmp(name, "round", 5) == 0) ||
	       (n->key_length == 13 && memcmp(name, "tolerance_rel", 13) == 0);
}

static unsigned change_all(const struct fb_json *json, uint32_t object, const char *line)
{
	bool loose = strstr(line, "differences are from rounding") || strstr(line, "Bybit linear");
	uint32_t tolerance = fb_json_member(json, object, "tolerance_rel");
	unsigned changed = 0;
	for (uint32_t i = json->node[object].child; i != 0; i = json->node[i].next) {
		const struct fb_json_node *n = &json->node[i];
		char with[160];
		if (manner(json, n))
			continue;
		switch (n->type) {
		case FB_JSON_ARRAY:
		case FB_JSON_OBJECT: changed += change_all(json, i, line); continue;
		case FB_JSON_NUMBER:
			if (tolerance) {
				snprintf(with, sizeof(with), "1%.*s", (int)n->length,
					 line + n->at);
				ck_assert_int_eq(outcome_with(line, n, with), CASE_FAILED);
				changed++;
			} else {
				changed += change_number(line, n, loose);
			}
			continue;
		case FB_JSON_TRUE: strcpy(with, "false"); break;
		case FB_JSON_FALSE: strcpy(with, "true"); break;
		case FB_JSON_NULL: strcpy(with, "0"); break;
		case FB_JSON_STRING: snprintf(with, sizeof(with), "7%.*s", (int)n->length,
					      line + n->at);
		}
		ck_assert_msg(outcome_with(line, n, with) == CASE_FAILED, "%s still passes in %s",
			      with, line);
		changed++;
	}
	return changed;
}

static unsigned check_line(char *line)
{
	struct fb_text text = { .name = "case", .bytes = line, .length = strlen(line) };
	struct fb_json json;
	struct fb_error error;
	int outcome = outcome_of(line);
	if (outcome == CASE_SKIPPED && strstr(line, "same_as_previous"))
		return 0;
	if (outcome == CASE_SKIPPED && getenv("FIREBREAK_CASES"))
		return 0;
	ck_assert_msg(outcome == CASE_PASSED, "%d: %s", outcome, line);
	ck_assert_int_eq(fb_json_parse(&text, &json, &error), 0);
	unsigned changed = change_all(&json, fb_json_member(&json, 0, "expected"), line);
	fb_json_free(&json);
	return changed;
}

static unsigned check_file(const char *path)
{
	static char line[LINE];
	unsigned changed = 0;
	FILE *file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s", path);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		changed += check_line(line);
	}
	fclose(file);
	return changed;
}

START_TEST(a_result_printed_otherwise_fails)
{
	static const char *const folders[] = { "tests/data/cases", "../../../tests/data/cases",
					       "../../tests/data/cases" };
	unsigned changed = 0, files = 0;
	for (size_t i = 0; i < 3 && files == 0; i++) {
		DIR *folder = opendir(folders[i]);
		struct dirent *entry;
		while (folder && (entry = readdir(folder))) {
			char path[600];
			if (!strstr(entry->d_name, ".jsonl"))
				continue;
			snprintf(path, sizeof(path), "%s/%s", folders[i], entry->d_name);
			changed += check_file(path);
			files++;
		}
		if (folder)
			closedir(folder);
	}
	if (getenv("FIREBREAK_CASES"))
		changed += check_file(getenv("FIREBREAK_CASES"));
	ck_assert_uint_ge(files, 4);
	ck_assert_uint_ge(changed, 400);
}
END_TEST

/* A wrong number is a failure whatever else is given: an input that no rule reads does not excuse
 * it, or a rule that forgets an input would never be found. */
START_TEST(an_input_that_nothing_reads_excuses_nothing)
{
	static const struct {
		const char *input, *expected;
		int outcome;
	} table[] = {
		{ "", "150000", CASE_PASSED },
		{ "", "50000", CASE_FAILED },
		{ ", \"used\": 100000", "50000", CASE_PASSED },
		{ ", \"used\": 100000", "150000", CASE_FAILED },
		{ ", \"whatever\": 100000", "150000", CASE_PASSED },
		{ ", \"whatever\": 100000", "50000", CASE_FAILED },
		{ ", \"whatever\": true", "50000", CASE_FAILED },
		{ ", \"whatever\": {\"a\": [1]}", "50000", CASE_FAILED },
		{ ", \"whatever\": \"words\"", "50000", CASE_FAILED },
		{ ", \"account\": 7", "50000", CASE_FAILED },
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char line[512];
		snprintf(line, sizeof(line),
			 "{\"venue\": \"Deribit\", \"kind\": \"other\", \"inputs\": {\"equity\": "
			 "1000000, \"group_limit_pct\": 15%s}, \"expected\": "
			 "{\"max_assigned_notional\": %s}}",
			 table[i].input, table[i].expected);
		ck_assert_msg(outcome_of(line) == table[i].outcome, "%s", line);
	}
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, an_input_that_nothing_reads_excuses_nothing);
	tcase_add_test(tcase, formulas_compute);
	tcase_add_test(tcase, what_is_no_formula);
	tcase_add_test(tcase, printed_numbers_agree_by_their_digits);
	tcase_add_test(tcase, a_result_printed_otherwise_fails);
}

int main(void)
{
	return kit_run("cases", fill);
}
