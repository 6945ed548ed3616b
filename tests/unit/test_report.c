/* The report: numbers as text, the two summaries from one struct, the picture's points, and
 * files that cannot be written. */
#include "book_kit.h"

#include "temp_kit.h"

#include "../../sw/lib/report_internal.h"

static struct fb_rules rules;

static void prepare(void)
{
	memset(&rules, 0, sizeof(rules));
	fb_rules_preset(&rules);
	rules.symbols = 4;
	for (unsigned s = 0; s < 4; s++) {
		snprintf(rules.symbol[s].name, FB_NAME_MAX, "SYM%u", s);
		rules.symbol[s].lot_e8 = 1000000; /* 0.01 */
	}
}

static size_t slurp(const char *name, char *out, size_t room)
{
	FILE *f = fopen(temp_path(name), "rb");
	ck_assert_msg(f != NULL, "%s is missing", name);
	size_t n = fread(out, 1, room - 1, f);
	out[n] = '\0';
	fclose(f);
	return n;
}

START_TEST(numbers_as_text)
{
	char out[64];
	ck_assert_str_eq(fb_report_money(0, out), "0.00000000");
	ck_assert_str_eq(fb_report_money(-5, out), "-0.00000005");
	ck_assert_str_eq(fb_report_money(123456789012, out), "1234.56789012");
	ck_assert_str_eq(fb_report_money(-((__int128)1 << 100), out),
			 "-12676506002282294014967.03205376");
	ck_assert_str_eq(fb_report_time(1760129400123456, out), "2025-10-10T20:50:00.123Z");
	ck_assert_str_eq(fb_report_time(-1, out), "1969-12-31T23:59:59.999Z");
	ck_assert_str_eq(fb_text_i128(-((__int128)1 << 126) - ((__int128)1 << 126), out),
			 "-170141183460469231731687303715884105728");
	ck_assert_str_eq(fb_report_grouped("-1234567.5", out), "-1,234,567.5");
	ck_assert_str_eq(fb_report_grouped("123", out), "123");
	prepare();
	/* 200 lots of 0.01 for 7.0: 3.5 each; a short's value is negative, its price is not. */
	fb_report_price(&rules.symbol[0], 200, 7 * MONEY, out, sizeof(out));
	ck_assert_str_eq(out, "3.50000000");
	fb_report_price(&rules.symbol[0], -200, -7 * MONEY, out, sizeof(out));
	ck_assert_str_eq(out, "3.50000000");
	fb_report_price(&rules.symbol[0], 0, 7 * MONEY, out, sizeof(out));
	ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(good_means_everything_held)
{
	struct fb_summary s = { .conserved = true };
	ck_assert(fb_summary_good(&s));
	s.differences = 1;
	ck_assert(!fb_summary_good(&s));
	s = (struct fb_summary){ .conserved = true, .sweep_differences = 1 };
	ck_assert(!fb_summary_good(&s));
	s = (struct fb_summary){ .conserved = true, .check_differences = 1 };
	ck_assert(!fb_summary_good(&s));
	s = (struct fb_summary){ .conserved = true, .waterfall = { .refused = 1 } };
	ck_assert(!fb_summary_good(&s));
	s = (struct fb_summary){ .conserved = true, .waterfall = { .violations = 1 } };
	ck_assert(!fb_summary_good(&s));
	s = (struct fb_summary){ .conserved = false };
	ck_assert(!fb_summary_good(&s));
}
END_TEST

/* Both forms carry the same numbers; the loss that nobody covers is said in words. */
START_TEST(one_struct_two_summaries)
{
	static char text[8192], json[8192], note[128];
	struct fb_summary s = { .venue = "v\"x",
				.waterfall = { .liquidations = 1234567 },
				.conserved = true,
				.uncovered_loss_e8 = 98765 * (__int128)MONEY,
				.hash_rows = 0xabcdef,
				.engine = "model:" };
	struct fb_report *report;
	struct fb_error error = { "" };
	prepare();
	ck_assert_msg(fb_report_open(temp_directory, &rules, &report, &error) == 0, "%s",
		      error.text);
	ck_assert_int_eq(access(temp_path("INCOMPLETE"), F_OK), 0);
	ck_assert_msg(fb_report_finish(report, &s, note, &error) == 0, "%s", error.text);
	fb_report_close(report);
	ck_assert_int_ne(access(temp_path("INCOMPLETE"), F_OK), 0);
	slurp("summary.txt", text, sizeof(text));
	slurp("summary.json", json, sizeof(json));
	ck_assert_ptr_nonnull(strstr(text, "1,234,567\n"));
	ck_assert_ptr_nonnull(strstr(text, "0000000000abcdef"));
	ck_assert_ptr_nonnull(strstr(text, "A loss of 98,765.00000000 is not paid"));
	ck_assert_ptr_nonnull(strstr(json, "\"liquidations\": 1234567,"));
	ck_assert_ptr_nonnull(strstr(json, "\"uncovered_loss_e8\": \"98765.00000000\","));
	ck_assert_ptr_nonnull(strstr(json, "\"venue\": \"v\\\"x\","));
	ck_assert_ptr_nonnull(strstr(json, "\"good\": true"));
}
END_TEST

/* However many samples: the points stay bounded, the last counts and the lowest mark survive. */
START_TEST(points_are_merged_not_lost)
{
	struct fb_report *report;
	struct fb_error error = { "" };
	prepare();
	open_book(0);
	ck_assert_int_eq(fb_report_open(temp_directory, &rules, &report, &error), 0);
	for (uint64_t i = 1; i <= 5000; i++) {
		tell(c_mark(1, i == 1234 ? U_MONEY / 7 : U_MONEY));
		tell(c_mark(2, i == 4001 ? U_MONEY / 9 : U_MONEY)); /* the first of the eight */
		struct fb_report_sample sample = { .time_us = (int64_t)i, .liquidations = i };
		fb_report_sample(report, book, &sample);
	}
	ck_assert_uint_le(report->points, FB_POINTS);
	ck_assert_uint_eq(report->merge, 8);
	ck_assert_uint_eq(report->symbols, 3);
	uint64_t lowest = UINT64_MAX, lowest_2 = UINT64_MAX;
	for (size_t p = 0; p < report->points; p++) {
		lowest = report->u[p * 3] < lowest ? report->u[p * 3] : lowest;
		lowest_2 = report->u[p * 3 + 1] < lowest_2 ? report->u[p * 3 + 1] : lowest_2;
		ck_assert_int_eq(report->point[p].time_us, (int64_t)(p + 1) * 8);
		ck_assert_uint_eq(report->point[p].liquidations, (p + 1) * 8);
	}
	ck_assert_uint_eq(lowest, U_MONEY / 7);
	ck_assert_uint_eq(lowest_2, U_MONEY / 9);
	char note[128];
	struct fb_summary s = { .accounts = 3 };
	ck_assert_int_eq(fb_report_finish(report, &s, note, &error), 0);
	fb_report_close(report);
	fb_book_close(book);
}
END_TEST

/* A summary must never stand beside files that could not be written. */
START_TEST(a_failed_file_leaves_no_summary)
{
	static union fb_record records[4096];
	struct fb_report *report;
	struct fb_summary s = { .conserved = true };
	struct fb_error error = { "" };
	char note[128];
	prepare();
	unlink(temp_path("records.bin"));
	ck_assert_int_eq(symlink("/dev/full", temp_path("records.bin")), 0);
	ck_assert_msg(fb_report_open(temp_directory, &rules, &report, &error) == 0, "%s",
		      error.text);
	memset(records, 0, sizeof(records));
	ck_assert_int_eq(fb_report_records(report, 0, records, 4096), -ENOSPC);
	ck_assert_int_eq(fb_report_finish(report, &s, note, &error), -ENOSPC);
	ck_assert_ptr_nonnull(strstr(error.text, "records.bin"));
	fb_report_close(report);
	ck_assert_int_eq(access(temp_path("INCOMPLETE"), F_OK), 0);
	ck_assert_int_ne(access(temp_path("summary.txt"), F_OK), 0);
	ck_assert_int_ne(access(temp_path("summary.json"), F_OK), 0);
	unlink(temp_path("records.bin"));
}
END_TEST

START_TEST(a_directory_that_cannot_be_made)
{
	struct fb_report *report;
	struct fb_error error = { "" };
	prepare();
	ck_assert_int_lt(fb_report_open("/dev/null/x", &rules, &report, &error), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "/dev/null/x"));
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "numbers", numbers_as_text },
		{ "good", good_means_everything_held },
		{ "summaries", one_struct_two_summaries },
		{ "points", points_are_merged_not_lost },
		{ "failed file", a_failed_file_leaves_no_summary },
		{ "directory", a_directory_that_cannot_be_made },
	};
	temp_open("report");
	int status = kit_main("host: report", cases, sizeof(cases) / sizeof(cases[0]));
	temp_close();
	return status;
}
