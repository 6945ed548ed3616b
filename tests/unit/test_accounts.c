/* Accounts from a CSV: what comes out, and every fault with its place. */
#include "inputs_kit.h"

#include <firebreak/book.h>

#define E8 INT64_C(100000000)

static int load(const char *text, struct fb_accounts *out, struct fb_error *error)
{
	return fb_accounts_load(kit_file("a.csv", text), kit_rules(), NULL, out, error);
}

START_TEST(accounts_and_positions)
{
	struct fb_error error = { "" };
	struct fb_accounts a;
	const struct fb_position_spec *p;

	ck_assert_msg(load("# a position may come before its account\n"
			   "position,7,100,BTCUSDT,-0.5,121000.12345678\n"
			   "account,100,,user,cross,2500.00000001\n"
			   "account,200,100,fund,isolated,-1\n"
			   "position,9,200,ETH/USDT:USDT,1.001,,4400.00000001\n"
			   "position,8,100,DOGEUSDT,3,0.33333333\n"
			   "account,4294967279,4294967279,excluded,hedge,0\n",
			   &a, &error) == 0,
		      "%s", error.text);
	ck_assert_uint_eq(a.accounts, 3);
	ck_assert_uint_eq(a.positions, 3);
	ck_assert_uint_eq(a.account[0].id, 100);
	ck_assert_uint_eq(a.account[0].owner, 100);
	ck_assert_uint_eq(a.account[0].role, FB_ROLE_USER);
	ck_assert_uint_eq(a.account[0].mode, FB_MARGIN_CROSS);
	ck_assert_int_eq(a.account[0].collateral_e8, 2500 * E8 + 1);
	ck_assert_uint_eq(a.account[0].positions, 2);
	ck_assert_uint_eq(a.account[1].owner, 100);
	ck_assert_uint_eq(a.account[1].role, FB_ROLE_FUND);
	ck_assert_uint_eq(a.account[1].mode, FB_MARGIN_ISOLATED);
	ck_assert_int_eq(a.account[1].collateral_e8, -E8);
	ck_assert_uint_eq(a.account[2].id, FB_ID_RESERVED - 1);
	ck_assert_uint_eq(a.account[2].positions, 0);
	p = &a.position[a.account[0].first];
	ck_assert_uint_eq(p->id, 7);
	ck_assert_uint_eq(p->symbol, 0);
	ck_assert_int_eq(p->qty, -5000);                        /* lots of 0.0001 */
	ck_assert_int_eq(p->entry_e8, -INT64_C(6050006172839)); /* 60,500.06172839, exact */
	ck_assert_uint_eq(p[1].id, 8);
	ck_assert_int_eq(p[1].entry_e8, 99999999);
	p = &a.position[a.account[1].first];
	ck_assert_uint_eq(p->id, 9);
	ck_assert_int_eq(p->qty, 1001);
	ck_assert_int_eq(p->entry_e8, 4400 * E8 + 1);
	fb_accounts_free(&a);
	ck_assert_ptr_null(a.account);
	fb_accounts_free(&a);
}
END_TEST

/* An entry value is the magnitude rounded down, like a notional; inverse quantities turn their
 * sign. */
START_TEST(rounding_and_inverse)
{
	static struct fb_rules rules;
	struct fb_error error = { "" };
	struct fb_accounts a;

	rules = *kit_rules();
	rules.symbol[1].type = FB_INVERSE; /* ETHUSDT, as contracts of 10 USD */
	rules.symbol[1].lot_e8 = 10 * E8;
	ck_assert_msg(fb_accounts_load(kit_file("a.csv", "account,1,,user,cross,1\n"
							 "position,1,1,ETHUSDT,70,3000\n"
							 "position,2,1,BTCUSDT,-0.0003,0."
							 "33333333\n"),
				       &rules, NULL, &a, &error) == 0,
		      "%s", error.text);
	ck_assert_int_eq(a.position[0].qty, -7);
	ck_assert_int_eq(a.position[0].entry_e8, -2333333); /* 70 / 3000 = 0.02333333|33 coins */
	ck_assert_int_eq(a.position[1].qty, -3);
	ck_assert_int_eq(a.position[1].entry_e8, -9999); /* 0.0003 x 0.33333333 = 0.00009999|9999 */
	fb_accounts_free(&a);
}
END_TEST

#define A "account,1,,user,cross,1\n"

START_TEST(faults_have_a_place)
{
	static const struct {
		const char *text, *place, *words;
	} bad[] = {
		{ "", "1:1", "a line that starts with account, found the end of the file" },
		{ "# none\n", "2:1", "a line that starts with account" },
		{ "Account,1\n", "1:1", "a line that starts with account or position" },
		{ "account,0,,user,cross,1\n", "1:9", "an account id from 1 to 4294967279" },
		{ "account,4294967280,,user,cross,1\n", "1:9",
		  "an account id from 1 to 4294967279" },
		{ "account,x,,user,cross,1\n", "1:9", "an account id: a number" },
		{ "account,1,-1,user,cross,1\n", "1:11", "an owner id" },
		{ "account,1,,boss,cross,1\n", "1:12",
		  "a role: user, fund, backstop or excluded, found \"boss\"" },
		{ "account,1,,user,,1\n", "1:17",
		  "a mode: cross, isolated or hedge, found nothing" },
		{ "account,1,,user,cross\n", "1:22",
		  "collateral: a number, found the end of the line" },
		{ "account,1,,user,cross,0.000000001\n", "1:23",
		  "collateral: a number with at most 8 decimals" },
		{ "account,1,,user,cross,23058430092.2\n", "1:23",
		  "collateral from -23058430092.13693951 to" },
		{ "account,1,,user,cross,1,2\n", "1:25", "at most 6 fields" },
		{ A "account,2,,user,cross,1\n" A, "3:9",
		  "a new account id (this one is on line 1), found 1" },
		{ A "position,1,2,BTCUSDT,1,1\n", "2:12",
		  "the id of an account in this file, found 2" },
		{ A "position,1,1,BTCUSDT,1,1\nposition,1,1,ETHUSDT,1,1\n", "3:10",
		  "a new position id (this one is on line 2)" },
		{ A "position,4026531840,1,BTCUSDT,1,1\n", "2:10",
		  "a position id from 1 to 4026531839" },
		{ A "position,1,1,NOSUCH,1,1\n", "2:14",
		  "a symbol of the rules of binance-usdm (BTCUSDT and 16 more)" },
		{ A "position,1,1,,1,1\n", "2:14", "a symbol of the rules" },
		{ A "position,1,1,BTCUSDT,0,1\n", "2:22",
		  "a quantity that is not 0 and a whole number of lots of 0.00010000" },
		{ A "position,1,1,BTCUSDT,0.00015,1\n", "2:22", "a whole number of lots" },
		{ A "position,1,1,BTCUSDT,14073748835.5328,1\n", "2:22",
		  "a quantity from -14073748835.5327 to 14073748835.5327" },
		{ A "position,1,1,BTCUSDT,1,\n", "2:24",
		  "an entry price or, in the next column, an entry value" },
		{ A "position,1,1,BTCUSDT,1,5,5\n", "2:24",
		  "an entry price or, in the next column" },
		{ A "position,1,1,BTCUSDT,1,0\n", "2:24", "an entry price from 0.00000001" },
		{ A "position,1,1,BTCUSDT,1,,-5\n", "2:25", "an entry value, a magnitude, from 0" },
		{ A "position,1,1,BTCUSDT,10000000,100000\n", "2:31", "an entry value below" },
		{ A "position,1,1,BTCUSDT,14073748835.5327,92233720368\n", "2:39",
		  "an entry value below" },
		{ A "position,1,1,BTCUSDT,1,5,,\n", "2:27", "at most 7 fields" },
		{ "account,1,,user,isolated,1\nposition,1,1,BTCUSDT,1,1\nposition,2,1,ETHUSDT,1,"
		  "1\n",
		  "3:12", "an account that is not isolated" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct fb_error error = { "" };
		struct fb_accounts a = { .accounts = 99 };

		ck_assert_msg(load(bad[i].text, &a, &error) == -EINVAL, "%s", bad[i].text);
		kit_error_at(&error, bad[i].place, bad[i].words);
		ck_assert_uint_eq(a.accounts, 99);
	}
}
END_TEST

START_TEST(the_rows_of_an_account_are_limited)
{
	struct fb_error error = { "" };
	struct fb_accounts a;
	char *text = calloc(1, 64 * (FB_ROWS_PER_ACCOUNT + 2)), place[32];
	size_t at = (size_t)sprintf(text, A);

	for (int i = 1; i <= FB_ROWS_PER_ACCOUNT; i++)
		at += (size_t)sprintf(text + at, "position,%d,1,XLMUSDT,1,1\n", i);
	ck_assert_int_eq(load(text, &a, &error), 0);
	fb_accounts_free(&a);
	sprintf(text + at, "position,%d,1,XLMUSDT,1,1\n", FB_ROWS_PER_ACCOUNT + 1);
	ck_assert_int_eq(load(text, &a, &error), -EINVAL);
	snprintf(place, sizeof(place), "%d:14", FB_ROWS_PER_ACCOUNT + 2);
	kit_error_at(&error, place, "an account with fewer positions");
	free(text);
}
END_TEST

START_TEST(what_is_no_file)
{
	struct fb_error error = { "" };
	struct fb_accounts a;

	ck_assert_int_eq(fb_accounts_load(kit_path("none"), kit_rules(), NULL, &a, &error),
			 -ENOENT);
	ck_assert_int_eq(fb_accounts_load(kit_folder, kit_rules(), NULL, &a, &error), -EISDIR);
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, accounts_and_positions);
	tcase_add_test(tcase, rounding_and_inverse);
	tcase_add_test(tcase, faults_have_a_place);
	tcase_add_test(tcase, the_rows_of_an_account_are_limited);
	tcase_add_test(tcase, what_is_no_file);
}

int main(void)
{
	return kit_run("accounts", fill);
}
