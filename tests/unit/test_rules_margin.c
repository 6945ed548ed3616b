/* The sections [margin] and [collateral], what a contract may say of itself, and what follows for
 * unit values, accounts files and logs. */
#include <firebreak/log.h>

#include "inputs_kit.h"

#define HEAD \
	"[venue]\nname = v\nbreach = >=\nliquidate_at = liq\n[thresholds]\nliq = 100 %\n" \
	"[fees]\nliquidation = 0\ntaker = 0.05 %\n[ladders]\nl = l.csv\n" \
	"[symbol A]\nlot = 0.001\nladder = l\n" /* 14 lines */
#define E8 UINT64_C(100000000)

static struct fb_rules *load(const char *rest, int *rc, struct fb_error *error)
{
	static struct fb_rules rules;
	char pack[2048];

	memset(&rules, 0x5a, sizeof(rules));
	snprintf(pack, sizeof(pack), "%s%s", HEAD, rest);
	kit_file("l.csv", "floor,cap,rate\n0,1000,0.01\n1000,,0.02\n");
	*rc = fb_rules_load(kit_file("p.rules", pack), &rules, error);
	return &rules;
}

static struct fb_rules *good(const char *rest)
{
	struct fb_error error = { "" };
	int rc;
	struct fb_rules *r = load(rest, &rc, &error);

	ck_assert_msg(rc == 0, "%s", error.text);
	return r;
}

START_TEST(a_silent_pack_counts_exactly)
{
	static const struct fb_margin none = { .closing_fee_e7 = 5000 };
	const struct fb_rules *r = good("");

	ck_assert_int_eq(memcmp(&r->margin, &none, sizeof(none)), 0);
	ck_assert_uint_eq(r->symbol[0].type, FB_LINEAR);
	ck_assert_int_eq(r->symbol[0].expires_us, 0);
	ck_assert_uint_eq(r->symbol[0].index, 0);
	r = kit_rules();
	ck_assert_uint_eq(r->margin.round, 0);
	ck_assert_uint_eq(r->margin.mm_at_entry, 0);
}
END_TEST

#define ALL \
	"[margin]\nratio = equity/mm\nmm_basis = entry\nclosing_fee = in\n" \
	"closing_fee_rate = 0.06 %\n" \
	"round = up\nquantum = 0.000001\nmm_of_initial = 50 %\nnetting = max_side\n" \
	"[symbol B]\nlot = 1\nladder = l\ntype = quanto\nfactor = 0.000001\n" \
	"expires = 2025-12-26\n" \
	"tick = 0.5\nsize_slope = 0.005 %\nsize_unit = 2\nsize_from = 10\n" \
	"initial = 2 %\nadl = no\n" \
	"pool = own\ngroup = B-all\n[symbol C]\nlot = 1\nladder = l\nsize_root = 0.03 %\n" \
	"[collateral COIN]\nlot = 0.0001\nindex = A\nweight = 95 %\nliability_weight = 105 %\n" \
	"size_root = 0.02 %\naliases = K, L\n"

static void assert_all(const struct fb_rules *r, bool aliases)
{
	static const struct fb_margin margin = { 1, 1, 1, 6000, 1, 1, 5000000, 0, 100 };
	const struct fb_symbol *b = &r->symbol[1], *coin = &r->symbol[3], *debt = &r->symbol[4];

	ck_assert_int_eq(memcmp(&r->margin, &margin, sizeof(margin)), 0);
	ck_assert_uint_eq(r->symbols, 5);
	ck_assert_uint_eq(b->type, FB_QUANTO);
	ck_assert_uint_eq(b->factor_e8, 100);
	ck_assert_int_eq(b->expires_us, INT64_C(1766707200) * 1000000);
	ck_assert_uint_eq(b->tick_e8, E8 / 2);
	ck_assert_uint_eq(b->size_slope_e7, 500);
	ck_assert_uint_eq(b->size_unit_e8, 2 * E8);
	ck_assert_uint_eq(b->size_from_e8, 10 * E8);
	ck_assert_uint_eq(b->initial_e7, 200000);
	ck_assert_uint_eq(b->no_adl, 1);
	ck_assert_str_eq(b->pool, "own");
	ck_assert_str_eq(b->group, "B-all");
	ck_assert_uint_eq(r->symbol[2].size_root_e7, 3000);
	ck_assert_str_eq(coin->name, "COIN");
	ck_assert_uint_eq(coin->index, 1);
	ck_assert_uint_eq(coin->weight_e7, 9500000);
	ck_assert_uint_eq(coin->size_root_e7, 2000);
	ck_assert_uint_eq(coin->owed, 0);
	ck_assert_uint_eq(r->ladder[coin->ladder].tiers, 1);
	ck_assert_uint_eq(r->ladder[coin->ladder].tier[0].rate_e7, 0);
	ck_assert_str_eq(debt->name, "COIN-owed");
	ck_assert_uint_eq(debt->weight_e7, 10500000);
	ck_assert_uint_eq(debt->owed, 1);
	if (aliases) {
		ck_assert_int_eq(fb_symbol_find(r, "K"), 3);
		ck_assert_int_eq(fb_symbol_find(r, "COIN-owed"), 4);
	}
}

START_TEST(every_key_sets_its_field_and_comes_back_from_a_log)
{
	static uint8_t packed[1 << 20];
	static struct fb_rules back;
	const struct fb_rules *r = good(ALL);
	size_t length;

	assert_all(r, true);
	ck_assert_int_eq(fb_log_rules_pack(r, packed, sizeof(packed), &length), 0);
	ck_assert_int_eq(fb_log_rules_unpack(packed, length, &back), 0);
	assert_all(&back, false);
}
END_TEST

/* A pack on a base gets its coins, and no second debt side. */
START_TEST(coins_of_a_base)
{
	struct fb_error error = { "" };
	int rc;
	const struct fb_rules *r;

	good(ALL);
	setenv("FIREBREAK_RULES", kit_folder, 1);
	kit_file("q.rules", "[venue]\nbase = p\nname = w\n[margin]\nnetting = none\n"
			    "[collateral D]\n"
			    "lot = 1\nindex = A\nweight = 1\nliability_weight = 1\n");
	static struct fb_rules derived;
	rc = fb_rules_load("q", &derived, &error);
	unsetenv("FIREBREAK_RULES");
	r = &derived;
	ck_assert_msg(rc == 0, "%s", error.text);
	ck_assert_uint_eq(r->symbols, 7);
	ck_assert_str_eq(r->symbol[6].name, "D-owed");
	ck_assert_uint_eq(r->symbol[6].ladder, r->symbol[3].ladder);
	ck_assert_uint_eq(r->margin.net_max_side, 0);
	ck_assert_uint_eq(r->margin.closing_fee_e7, 6000);
	ck_assert_uint_eq(r->margin.mm_at_entry, 1);
}
END_TEST

START_TEST(what_cannot_be_is_refused)
{
	static const struct {
		const char *rest, *place, *words;
	} bad[] = {
		{ "[margin]\nround = up\n", ":", "a quantum above 0, such as 0.000001" },
		{ "[margin]\nround = down\nquantum = 0\n", ":17:11: ", "a quantum above 0" },
		{ "initial = 2 %\n[margin]\nround = up\nquantum = 1\nmm_of_initial = 50.00001 %\n",
		  ":20:1: ", "rates of at least initial x mm_of_initial, found \"A\"" },
		{ "[margin]\nround = near\n", ":16:9: ", "exact, up or down, found \"near\"" },
		{ "[margin]\nmm_basis = index\n", ":16:12: ", "mark or entry" },
		{ "[margin]\nhalf = 1\n", ":16:1: ",
		  "a key of [margin]: ratio, mm_basis, closing_fee" },
		{ "factor = 1\n", ":16:1: ", "a factor of each quanto symbol, and of no other" },
		{ "type = quanto\n", ":16:1: ", "a factor of each quanto symbol" },
		{ "expires = soon\n", ":15:11: ", "a day or an instant" },
		{ "index = A\n", ":15:1: ", "a key of [symbol]: lot, type, ladder" },
		{ "[collateral A]\n", ":15:13: ", "already has this name" },
		{ "[collateral X]\nlot = 1\nweight = 1\n", ":18:1: ",
		  "`index = ...` in [collateral X] before" },
		{ "[collateral X]\nlot = 1\nindex = Y\n", ":17:9: ", "the name of a symbol" },
		{ "[collateral X]\nlot = 1\nindex = none\nweight = 1\n", ":19:1: ",
		  "at most 100 %, and as index a linear contract, found \"X\"" },
		{ "[collateral X]\nlot = 1\nindex = A\nweight = 0\n", ":19:1: ",
		  "a weight above 0" },
		{ "[collateral X]\nlot = 1\nindex = A\nweight = 101 %\n", ":19:1: ",
		  "above 0 and at most 100 %" },
		{ "[collateral X]\nlot = 1\nindex = A\nweight = 1\n[collateral Y]\nlot = 1\n"
		  "index = X\nweight = 1\n",
		  ":23:1: ", "as index a linear contract, found \"Y\"" },
		{ "[symbol I]\nlot = 1\nladder = l\ntype = inverse\n[collateral Y]\nlot = 1\n"
		  "index = I\nweight = 1\n",
		  ":23:1: ", "as index a linear contract" },
		{ "[collateral ABCDEFGHIJKLMNOPQRSTUVWXYZ1]\nlot = 1\nindex = A\nweight = 1\n"
		  "liability_weight = 1\n",
		  ":", "a coin with a name of at most 26 characters" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct fb_error error = { "" };
		int rc;

		load(bad[i].rest, &rc, &error);
		ck_assert_msg(rc < 0, "%s", bad[i].rest);
		ck_assert_msg(strstr(error.text, bad[i].place) && strstr(error.text, bad[i].words),
			      "expected %s ... %s, found %s", bad[i].place, bad[i].words,
			      error.text);
	}
}
END_TEST

/* Exact against wide arithmetic; a coin's value rounds down, a debt's up. */
START_TEST(unit_values_of_each_type)
{
	const struct fb_rules *r = good(ALL);
	uint64_t u, v;

	/* 4,000 x 1 x 0.000001 = 0.004 */
	ck_assert_int_eq(fb_unit_value(&r->symbol[1], 4000 * E8, &u), 0);
	ck_assert_uint_eq(u, UINT64_C(400000) << 16);
	/* 100,000 x 0.0001 x 0.95 = 9.5; owed 10.5 */
	ck_assert_int_eq(fb_unit_value(&r->symbol[3], 100000 * E8, &u), 0);
	ck_assert_uint_eq(u, UINT64_C(950000000) << 16);
	ck_assert_int_eq(fb_unit_value(&r->symbol[4], 100000 * E8, &u), 0);
	ck_assert_uint_eq(u, UINT64_C(1050000000) << 16);
	for (uint64_t price = 1; price < (uint64_t)1 << 50; price = price * 7 / 3 + 1) {
		struct fb_symbol same = r->symbol[3];

		same.owed = 1;
		if (fb_unit_value(&r->symbol[3], price, &u) || fb_unit_value(&same, price, &v))
			continue;
		unsigned __int128 exact = (unsigned __int128)price * 10000 * 9500000 << 16,
				  divisor = (unsigned __int128)E8 * 10000000;
		ck_assert_uint_eq(u, (uint64_t)(exact / divisor));
		ck_assert_uint_eq(v - u, exact % divisor != 0);
	}
	ck_assert_int_eq(fb_unit_value(&r->symbol[1], UINT64_MAX, &u), -ERANGE);
}
END_TEST

START_TEST(accounts_hold_coins_and_owe_them)
{
	const struct fb_rules *r = good(ALL);
	struct fb_accounts accounts;
	struct fb_error error = { "" };
	const char *text = "account,1,,user,cross,5\n"
			   "position,1,1,COIN,0.25,,\n"
			   "position,2,1,K,-0.5,,\n"
			   "position,3,1,B,-3,4000\n"
			   "position,4,1,COIN,1,,7.5\n";

	ck_assert_msg(fb_accounts_load(kit_file("a.csv", text), r, NULL, &accounts, &error) == 0,
		      "%s", error.text);
	ck_assert_uint_eq(accounts.position[0].symbol, 3);
	ck_assert_int_eq(accounts.position[0].qty, 2500);
	ck_assert_int_eq(accounts.position[0].entry_e8, 0);
	ck_assert_uint_eq(accounts.position[1].symbol, 4);
	ck_assert_int_eq(accounts.position[1].qty, -5000);
	ck_assert_int_eq(accounts.position[2].entry_e8, -1200000); /* 3 x 4,000 x 0.000001 */
	ck_assert_int_eq(accounts.position[3].entry_e8, 750000000);
	fb_accounts_free(&accounts);
	text = "account,1,,user,cross,5\nposition,1,1,COIN,1,100000\n";
	ck_assert_int_lt(fb_accounts_load(kit_file("a.csv", text), r, NULL, &accounts, &error), 0);
	kit_error_at(&error, "2:21", "exactly one of the two");
	r = good("[collateral COIN]\nlot = 1\nindex = A\nweight = 1\n");
	text = "account,1,,user,cross,5\nposition,1,1,COIN,-1,,\n";
	ck_assert_int_lt(fb_accounts_load(kit_file("a.csv", text), r, NULL, &accounts, &error), 0);
	kit_error_at(&error, "2:19", "this coin cannot be owed");
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, a_silent_pack_counts_exactly);
	tcase_add_test(tcase, every_key_sets_its_field_and_comes_back_from_a_log);
	tcase_add_test(tcase, coins_of_a_base);
	tcase_add_test(tcase, what_cannot_be_is_refused);
	tcase_add_test(tcase, unit_values_of_each_type);
	tcase_add_test(tcase, accounts_hold_coins_and_owe_them);
}

int main(void)
{
	return kit_run("rules: margin", fill);
}
