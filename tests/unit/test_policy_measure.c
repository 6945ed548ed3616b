/* What a policy did, by hand; tables and their numbers; the published figures from small files. */
#include <firebreak/paper.h>

#include "../../sw/lib/policy_accounts.h"
#include "../../sw/lib/columns.h"
#include "inputs_kit.h"

static struct fb_error error;

static const char *temp_file(const char *name, const char *text)
{
	return kit_bytes(name, text, strlen(text));
}

START_TEST(measures_by_hand)
{
	/* Caps 80, 40, 5 of equities 100, 50, 10; taken 48, 24, 3 of a deficit of 150, of it 120
	 * owed by one. */
	struct fb_winner w[] = { { .id = 1, .cap = 80, .equity_e8 = 100 },
				 { .id = 2, .cap = 40, .equity_e8 = 50 },
				 { .id = 3, .cap = 5, .equity_e8 = 10 },
				 { .id = 4, .cap = 0, .equity_e8 = 0 } };
	uint64_t given[] = { 48, 24, 3, 0 };
	struct fb_share_measures m;
	fb_share_measure(w, given, 4, 70, 150, 120, 400000000, &m);
	ck_assert_uint_eq(m.taken_e8, 75);
	ck_assert(m.overshoot_e8 == 5);
	ck_assert_uint_eq(m.touched, 3);
	ck_assert_uint_eq(m.haircut_equity_e9, 480000000);
	ck_assert_uint_eq(m.haircut_cap_e9, 600000000);
	ck_assert_uint_eq(m.survivor_e8, 32);
	ck_assert_uint_eq(m.ptsr_e9, 426666666); /* 32 / 75 */
	ck_assert_uint_eq(m.pmr_e9, 533333333);	 /* 32 / (120 x 75 / 150) */
	ck_assert_int_eq(m.regret_e9, 80000000);
	/* The whole deficit is paid: nothing to divide by. */
	fb_share_measure(w, given, 4, 75, 75, 75, 500000000, &m);
	ck_assert_uint_eq(m.ptsr_e9, UINT64_MAX);
	ck_assert_uint_eq(m.pmr_e9, UINT64_MAX);
	ck_assert_int_eq(m.regret_e9, -20000000);
	ck_assert(m.overshoot_e8 == 0);
}
END_TEST

START_TEST(measures_of_large_numbers)
{
	const uint64_t large = ((uint64_t)1 << 62) - 1;
	struct fb_winner w[] = { { .id = 1, .cap = large, .equity_e8 = large } };
	uint64_t given[] = { large / 2 };
	struct fb_share_measures m;
	fb_share_measure(w, given, 1, 0, large, large, 0, &m);
	ck_assert_uint_eq(m.haircut_cap_e9, 499999999);
	ck_assert_uint_ge(m.ptsr_e9, 999999999);
	ck_assert_uint_le(m.ptsr_e9, 1000000000);
	ck_assert_uint_ge(m.pmr_e9, 999999990);
	ck_assert_uint_le(m.pmr_e9, 1000000000);
}
END_TEST

START_TEST(decimals_to_the_nearest)
{
	static const struct {
		const char *text;
		unsigned scale;
		int64_t value;
	} good[] = {
		{ "2266239.82024108", 9, 2266239820241080 },
		{ "4.656612873077393e-10", 9, 0 },
		{ "-5.000000001e-10", 9, -1 },
		{ "4.99999999999999999e-10", 9, 0 },
		{ "0.00867329682886033", 15, 8673296828860 },
		{ "7.836655192041593e-06", 15, 7836655192 },
		{ "1e3", 2, 100000 },
		{ "1.5E+1", 0, 15 },
		{ "-2.5", 0, -3 },
		{ "2.49", 0, 2 },
		{ "9e-300", 9, 0 },
		{ "0.0", 9, 0 },
	};
	static const char *const bad[] = { "", ".", "1.", ".5", "1.2.3", "nan", "1e", "1e999",
					   "0x10", "1 2", "--1" };
	__int128 value;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_msg(fb_decimal_nearest(good[i].text, good[i].scale, &value) == 0, "%s",
			      good[i].text);
		ck_assert_msg(value == good[i].value, "%s: %lld", good[i].text, (long long)value);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(fb_decimal_nearest(bad[i], 9, &value) != 0, "'%s'", bad[i]);
	ck_assert_int_eq(fb_decimal_nearest("1e36", 9, &value), -ERANGE);
}
END_TEST

static struct fb_columns table;

static int read_table(const char *text)
{
	return fb_columns_read(temp_file("t.csv", text), &table, &error);
}

START_TEST(tables)
{
	__int128 value;
	size_t k;
	ck_assert_int_eq(read_table("a,b\r\n1,2.5\r\n3,x\n"), 0);
	ck_assert_uint_eq(table.rows, 2);
	ck_assert_int_eq(fb_columns_column(&table, "b", &k, &error), 0);
	ck_assert_int_eq(fb_columns_number(&table, 0, k, 1, &value, &error), 0);
	ck_assert(value == 25);
	ck_assert_int_eq(fb_columns_number(&table, 1, k, 1, &value, &error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "t.csv:3:3: expected a number, found \"x\""));
	ck_assert_int_eq(fb_columns_column(&table, "c", &k, &error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "a column named c"));
	fb_columns_free(&table);
	ck_assert_int_eq(read_table("a,b\n1,2"), 0); /* without an end of line */
	ck_assert_uint_eq(table.rows, 1);
	fb_columns_free(&table);
	ck_assert_int_eq(read_table("a,b\n1,2\n1\n"), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "t.csv:3:1: expected 2 cells"));
	ck_assert_int_eq(read_table("a,b\n1,2,3\n"), -EINVAL);
	ck_assert_int_eq(read_table(""), -EINVAL);
}
END_TEST

START_TEST(verdicts)
{
	const __int128 million = (__int128)1000000 * 1000000000;
	ck_assert_int_eq(fb_paper_judge(FB_PAPER_AGAIN, 5, 5), FB_PAPER_EQUAL);
	ck_assert_int_eq(fb_paper_judge(FB_PAPER_AGAIN, 7, 5), FB_PAPER_NEAR);
	ck_assert_int_eq(fb_paper_judge(FB_PAPER_AGAIN, 8, 5), FB_PAPER_DIFFERS);
	ck_assert_int_eq(fb_paper_judge(FB_PAPER_AGAIN, million + 1002, million), FB_PAPER_NEAR);
	ck_assert_int_eq(fb_paper_judge(FB_PAPER_AGAIN, million + 1003, million), FB_PAPER_DIFFERS);
	ck_assert_int_eq(fb_paper_judge(FB_PAPER_BOUND, 50, 5), FB_PAPER_WITHIN);
	ck_assert_int_eq(fb_paper_judge(FB_PAPER_BOUND, 5, 50), FB_PAPER_DIFFERS);
	ck_assert_int_eq(fb_paper_judge(FB_PAPER_COPIED, 0, 50), FB_PAPER_ALONE);
}
END_TEST

/* Two users of the same caps, one who has nothing to lose, one who lost. */
START_TEST(accounts_by_hand)
{
	struct fb_real_accounts a;
	struct fb_policies p = { .budget_e8 = 600000000,
				 .deficit_e8 = 1000000000,
				 .loss_e8 = 1000000000,
				 .cap_e7 = 2500000 };
	const char *path = temp_file("accounts.csv",
				     "closed_pnl,user,adl_notional,account_value_realtime\n"
				     "8,0xb,20,10\n4.000000001,0xa,10,5\n3,0xd,1,-2\n-1,0xc,9,9\n");
	ck_assert_int_eq(fb_real_accounts_read(path, &a, &error), 0);
	ck_assert_uint_eq(a.n, 4);
	ck_assert_int_eq(fb_policies_run(&a, &p, &error), 0);
	ck_assert_uint_eq(p.caps_e8, 1200000000);
	for (size_t i = 0; i < p.rows; i++) {
		const struct fb_share_measures *m = &p.row[i].m;
		bool capped = strcmp(p.row[i].name, "capped") == 0;
		ck_assert_msg(m->taken_e8 == (capped ? 300000000 : 600000000) ||
				      strcmp(p.row[i].name, "fixed_point") == 0,
			      "%s", p.row[i].name);
		if (strcmp(p.row[i].name, "wealth") == 0) {
			ck_assert_uint_eq(m->haircut_cap_e9, 500000000);
			ck_assert_uint_eq(m->touched, 2);
			ck_assert_uint_eq(m->ptsr_e9, 1000000000); /* 4 of 4 */
		}
		/* 0.8 and 0.8 of equity: who comes first gives 0.8 of it. */
		if (strcmp(p.row[i].name, "queue") == 0)
			ck_assert_uint_eq(m->haircut_cap_e9, 750000000);
	}
	fb_real_accounts_free(&a);
	path = temp_file("twice.csv", "closed_pnl,user,adl_notional,account_value_realtime\n"
				      "8,0xb,20,10\n4,0xb,10,5\n");
	ck_assert_int_eq(fb_real_accounts_read(path, &a, &error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "two of '0xb'"));
	path = temp_file("few.csv", "closed_pnl,user\n8,0xb\n");
	ck_assert_int_eq(fb_real_accounts_read(path, &a, &error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "adl_notional"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy_measure");
	TCase *tcase = tcase_create("policy_measure");
	tcase_add_checked_fixture(tcase, kit_open, kit_close);
	tcase_add_test(tcase, measures_by_hand);
	tcase_add_test(tcase, measures_of_large_numbers);
	tcase_add_test(tcase, decimals_to_the_nearest);
	tcase_add_test(tcase, tables);
	tcase_add_test(tcase, verdicts);
	tcase_add_test(tcase, accounts_by_hand);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
