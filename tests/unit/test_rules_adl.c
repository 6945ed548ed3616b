/* The section [adl] of rule packs: every key with its least and largest value, names in the order
 * of the tables that give them a meaning, and what keys say of each other. */
#include <firebreak/adl.h>
#include <firebreak/log.h>
#include <firebreak/policy.h>

#include "../../sw/lib/rules_keys.h"
#include "inputs_kit.h"

#define HEAD                                                                    \
	"[venue]\nname = v\nbreach = >=\nliquidate_at = t\n[thresholds]\nt = 90 %\n" \
	"[fees]\nliquidation = 0.5 %\ntaker = 0.0005\n[ladders]\nl = l.csv\n"        \
	"[symbol A]\nlot = 1\nladder = l\n[adl]\n"
#define FIRST_LINE 16 /* of what `load` puts below [adl] */

static struct fb_rules *load(const char *adl, int *rc, struct fb_error *error)
{
	static struct fb_rules rules;
	static char pack[4096];
	kit_file("l.csv", "floor,cap,rate\n0,1000,0.01\n1000,,0.02\n");
	snprintf(pack, sizeof(pack), "%s%s", HEAD, adl);
	*rc = fb_rules_load(kit_file("p.rules", pack), &rules, error);
	return &rules;
}

/* The words of a key, from the table itself. */
static size_t words_of(const char *key, char out[32][FB_NAME_MAX])
{
	for (unsigned k = 0; k < fb_section_adl.keys; k++) {
		const struct fb_key *at = &fb_section_adl.key[k];
		size_t n = 0;
		if (strcmp(at->name, key) != 0)
			continue;
		for (const char *word = at->words; word; n++) {
			const char *end = strchr(word, '|');
			size_t length = end ? (size_t)(end - word) : strlen(word);
			ck_assert_uint_lt(length, FB_NAME_MAX);
			snprintf(out[n], FB_NAME_MAX, "%.*s", (int)length, word);
			word = end ? end + 1 : NULL;
		}
		return n;
	}
	return 0;
}

START_TEST(names_are_those_of_the_tables)
{
	static char word[32][FB_NAME_MAX];
	ck_assert_uint_eq(words_of("score", word), fb_adl_families_n);
	for (size_t i = 0; i < fb_adl_families_n; i++)
		ck_assert_str_eq(word[i], fb_adl_families[i].name);
	ck_assert_uint_eq(words_of("share", word), FB_SHARE_KINDS);
	for (size_t i = 0; i < FB_SHARE_KINDS; i++)
		ck_assert_str_eq(word[i], fb_share_name((enum fb_share_kind)i));
}
END_TEST

/* Every word of every choice is read as its number, and another one is refused. */
START_TEST(choices)
{
	static char word[32][FB_NAME_MAX];
	char line[60];
	for (unsigned k = 0; k < fb_section_adl.keys; k++) {
		const struct fb_key *key = &fb_section_adl.key[k];
		if (key->kind != FB_KEY_CHOICE)
			continue;
		size_t n = words_of(key->name, word);
		struct fb_error error = { "" };
		int rc;
		for (size_t i = 0; i < n; i++) {
			snprintf(line, sizeof(line), "%s = %s\n", key->name, word[i]);
			const struct fb_rules *r = load(line, &rc, &error);
			ck_assert_msg(rc == 0, "%s", error.text);
			ck_assert_int_eq(fb_key_get(key, &r->adl), (int64_t)i);
		}
		snprintf(line, sizeof(line), "%s = somehow\n", key->name);
		load(line, &rc, &error);
		ck_assert_int_eq(rc, -EINVAL);
		snprintf(line, sizeof(line), "%d:%zu", FIRST_LINE, strlen(key->name) + 4);
		kit_error_at(&error, line, "found \"somehow\"");
	}
}
END_TEST

START_TEST(silent_and_full)
{
	struct fb_error error = { "" };
	int rc;
	const struct fb_adl_policy silent = { .share_risk = FB_RISK_LINEAR,
					      .share_cap_e7 = FB_SHARE_WHOLE_E7,
					      .share_power = 2,
					      .share_tail_e7 = 10000000,
					      .size_unit_e8 = UINT64_C(100000000000000),
					      .bars = 5,
					      .lights_every_us = 30000000,
					      .alert_warning_e7 = 1000000,
					      .alert_adl_e7 = 3000000,
					      .alert_window_us = UINT64_C(28800000000) };
	const struct fb_rules *r = load("", &rc, &error);
	ck_assert_msg(rc == 0, "%s", error.text);
	ck_assert_mem_eq(&r->adl, &silent, sizeof(silent));
	r = load("score = okx\nshare = risk\nshare_risk = power\nshare_cap = 20 %\n"
		 "share_power = 3\nshare_tail = 10\nprice = previous\nspread = 0.1 %\n"
		 "fee = 0.05 %\nfee_liquidated = 1 %\n"
		 "most = 1000\nsize_factor = 50 %\nsize_unit = 250000\ntier_factor = 0.25\n"
		 "funding_factor = 2\nlights = lots\nbars = 4\nlights_every = 1 min\n"
		 "alerts_every = 30 min\nalert_warning = 0.2\nalert_adl = 25 %\n"
		 "alert_window = 0 s\nalert_depth = 5 %\n",
		 &rc, &error);
	ck_assert_msg(rc == 0, "%s", error.text);
	const struct fb_adl_policy full = { .score = 3,
					    .share = FB_SHARE_RISK,
					    .share_risk = FB_RISK_POWER,
					    .share_cap_e7 = 2000000,
					    .share_power = 3,
					    .share_tail_e7 = 100000000,
					    .price = FB_ADL_AT_PREVIOUS,
					    .spread_e7 = 10000,
					    .fee_e7 = 5000,
					    .fee_liquidated_e7 = 100000,
					    .most = 1000,
					    .size_factor_e7 = 5000000,
					    .size_unit_e8 = UINT64_C(25000000000000),
					    .tier_factor_e7 = 2500000,
					    .funding_factor_e7 = 20000000,
					    .lights = 1,
					    .bars = 4,
					    .lights_every_us = 60000000,
					    .alerts_every_us = 1800000000,
					    .alert_warning_e7 = 2000000,
					    .alert_adl_e7 = 2500000,
					    .alert_depth_e7 = 500000 };
	ck_assert_mem_eq(&r->adl, &full, sizeof(full));
}
END_TEST

/* A warning after the alarm is refused where it stands; so is a log that says so. */
START_TEST(warnings_come_first)
{
	static uint8_t packed[1 << 16];
	static struct fb_rules back;
	struct fb_error error = { "" };
	size_t length;
	int rc;
	struct fb_rules *r = load("alert_adl = 5 %\nalert_warning = 6 %\n", &rc, &error);
	ck_assert_int_eq(rc, -EINVAL);
	kit_error_at(&error, "17:17", "alert_warning of at most alert_adl");
	r = load("alert_adl = 5 %\nalert_warning = 5 %\n", &rc, &error);
	ck_assert_int_eq(rc, 0);
	ck_assert_int_eq(fb_log_rules_pack(r, packed, sizeof(packed), &length), 0);
	ck_assert_int_eq(fb_log_rules_unpack(packed, length, &back), 0);
	ck_assert_mem_eq(&back.adl, &r->adl, sizeof(r->adl));
	r->adl.alert_warning_e7++;
	ck_assert_int_eq(fb_log_rules_pack(r, packed, sizeof(packed), &length), 0);
	ck_assert_int_eq(fb_log_rules_unpack(packed, length, &back), -EBADMSG);
	r->adl.alert_warning_e7--;
	r->adl.score = fb_adl_families_n;
	ck_assert_int_eq(fb_log_rules_pack(r, packed, sizeof(packed), &length), 0);
	ck_assert_int_eq(fb_log_rules_unpack(packed, length, &back), -EBADMSG);
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, names_are_those_of_the_tables);
	tcase_add_test(tcase, choices);
	tcase_add_test(tcase, silent_and_full);
	tcase_add_test(tcase, warnings_come_first);
}

int main(void)
{
	return kit_run("rules: adl", fill);
}
