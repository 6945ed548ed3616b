/* The forms of values in rule packs, kind by kind, and what a log says of the keys it was written
 * with. The keys here are the test's own; those of real sections have tests of their own. */
#include <firebreak/log.h>

#include "../../sw/lib/rules_keys.h"
#include "../../sw/lib/rules_keys_value.h"
#include "inputs_kit.h"

static struct fb_error error;

/* Reads `text` as the value of this key, as if it stood in the shipped pack. */
static int take(const struct fb_key *key, const char *text, int64_t *out)
{
	struct fb_rules_loader l = { .rules = kit_rules(), .error = &error };
	struct fb_field line;
	int rc;

	ck_assert_int_eq(fb_lines_open(kit_file("value", text), &l.lines, &error), 0);
	ck_assert_int_eq(fb_lines_next(l.lines, &line, &error), 1);
	*out = -77;
	rc = fb_key_value(&l, key, &line, out);
	fb_lines_close(l.lines);
	return rc;
}

#define HOUR INT64_C(3600000000)

static const struct fb_key share = { .kind = FB_KEY_RATIO, .min = -50000, .max = 10000000 };
static const struct fb_key level = { .kind = FB_KEY_LEVEL, .max = 6 };
static const struct fb_key must = { .kind = FB_KEY_LEVEL, .min = 1, .max = 6 };
static const struct fb_key choice = { .kind = FB_KEY_CHOICE, .words = "no|first|a-third" };
static const struct fb_key tries = { .kind = FB_KEY_NUMBER, .min = 1, .max = 9, .words = "tries" };
static const struct fb_key cap = { .kind = FB_KEY_AMOUNT, .max = INT64_MAX, .words = "a cap" };
static const struct fb_key pause_ = { .kind = FB_KEY_TIME, .min = 1000, .max = 8 * HOUR };
static const struct fb_key date = { .kind = FB_KEY_DATE, .max = INT64_MAX };
static const struct fb_key symbol = { .kind = FB_KEY_SYMBOL, .max = 1024 };
static const struct fb_key ladder = { .kind = FB_KEY_LADDER, .max = 255 };

START_TEST(values_are_counted_in_their_unit)
{
	static const struct {
		const struct fb_key *key;
		const char *text;
		int64_t value;
	} good[] = {
		{ &share, "-0.5 %", -50000 },
		{ &share, "-0.0000001", -1 },
		{ &share, "100%", 10000000 },
		{ &level, "margin_call", 2 },
		{ &level, "none", 0 },
		{ &choice, "no", 0 },
		{ &choice, "first", 1 },
		{ &choice, "a-third", 2 },
		{ &tries, "9", 9 },
		{ &cap, "0.00000001", 1 },
		{ &cap, "92233720368.54775807", INT64_MAX },
		{ &pause_, "1000 us", 1000 },
		{ &pause_, "1ms", 1000 },
		{ &pause_, "0.001 s", 1000 },
		{ &pause_, "30 s", 30000000 },
		{ &pause_, "1.5 min", 90000000 },
		{ &pause_, "8 h", 8 * HOUR },
		{ &pause_, "0.25 d", 6 * HOUR },
		{ &date, "1970-01-01", 0 },
		{ &date, "none", 0 },
		{ &date, "2025-12-26T08:00:00Z", INT64_C(1766736000) * 1000000 },
		{ &date, "2024-02-29", INT64_C(1709164800) * 1000000 },
		{ &date, "2000-12-31T23:59:59Z", INT64_C(978307199) * 1000000 },
		{ &symbol, "BTCUSDT", 1 },
		{ &symbol, "ETH-USD", 2 },
		{ &symbol, "none", 0 },
		{ &ladder, "generic", 1 },
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		int64_t value;

		ck_assert_msg(take(good[i].key, good[i].text, &value) == 0, "%s", error.text);
		ck_assert_msg(value == good[i].value, "%s: %lld", good[i].text, (long long)value);
	}
}
END_TEST

START_TEST(what_does_not_fit_is_said)
{
	static const struct {
		const struct fb_key *key;
		const char *text, *words;
	} bad[] = {
		{ &share, "-0.50001 %", "a ratio from -0.50000 % to 100 %" },
		{ &must, "none", "the name of a threshold" },
		{ &choice, "third", "no, first or a-third, found \"third\"" },
		{ &choice, "a", "no, first or a-third" },
		{ &tries, "0", "tries from 1 to 9" },
		{ &tries, "1.5", "tries: " },
		{ &cap, "-1", "a cap from 0 to 92233720368.5" },
		{ &cap, "0.000000001", "a cap: " },
		{ &pause_, "30", "a time from 1 ms to 8 h, such as 30 s" },
		{ &pause_, "30 m", "with us, ms, s, min, h or d" },
		{ &pause_, "999 us", "a time from 1 ms" },
		{ &pause_, "8.1 h", "a time from 1 ms to 8 h" },
		{ &pause_, "1000.5 us", "a time" },
		{ &pause_, "s", "a time" },
		{ &pause_, "1 2 s", "a time" },
		{ &pause_, "1e30 d", "a time" },
		{ &date, "2025-02-29", "a day or an instant" },
		{ &date, "2025-04-31", "a day or an instant" },
		{ &date, "2025-13-01", "a day or an instant" },
		{ &date, "1969-12-31", "a day or an instant" },
		{ &date, "2025-12-26T24:00:00Z", "a day or an instant" },
		{ &date, "2025-12-26 08:00", "a day or an instant" },
		{ &date, "2025-1-1", "a day or an instant" },
		{ &symbol, "NOPE", "the name of a symbol, found \"NOPE\"" },
		{ &ladder, "NOPE", "the name of a ladder" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		int64_t value;

		ck_assert_msg(take(bad[i].key, bad[i].text, &value) == -EINVAL, "%s", bad[i].text);
		kit_error_at(&error, "1:1", bad[i].words);
	}
}
END_TEST

/* Every day of four centuries comes after the one before, by 86,400 seconds; others are none. */
START_TEST(every_day_is_there)
{
	int64_t expected = INT64_C(946684800) * 1000000; /* 2000-01-01 */

	for (unsigned year = 2000; year < 2101; year += year == 2008 ? 88 : 1)
		for (unsigned month = 1; month <= 12; month++)
			for (unsigned day = 1; day <= 32; day++) {
				char text[32];
				int64_t value;

				if (year == 2096 && month == 1 && day == 1)
					expected = INT64_C(3976214400) * 1000000;
				snprintf(text, sizeof(text), "%u-%02u-%02u", year, month, day);
				if (take(&date, text, &value)) {
					ck_assert_uint_gt(day, 28);
					continue;
				}
				ck_assert_msg(value == expected, "%s", text);
				expected += 24 * HOUR;
			}
}
END_TEST

static uint8_t packed[1 << 20];

/* Tables are sane: names once, presets within bounds, fields inside the struct, none twice. */
START_TEST(tables_of_all_sections)
{
	static struct fb_rules preset;

	for (unsigned s = 0; s < fb_sections_n; s++) {
		const struct fb_section *section = fb_sections[s];

		ck_assert_uint_le(section->keys, FB_KEYS_MAX);
		for (unsigned k = 0; k < section->keys; k++) {
			const struct fb_key *key = &section->key[k];

			ck_assert(key->width == 0 || key->width == 1 || key->width == 4 ||
				  key->width == 8 ||
				  (key->kind == FB_KEY_NAME && key->width == FB_NAME_MAX));
			ck_assert_uint_le(key->offset + key->width, section->size);
			ck_assert(key->kind != FB_KEY_CHOICE || key->words);
			ck_assert(key->kind != FB_KEY_OWN || key->take);
			if (!key->required && key->width > 0 && key->kind != FB_KEY_CHOICE)
				ck_assert_msg(key->preset >= key->min && key->preset <= key->max,
					      "%s", key->name);
			for (unsigned j = 0; j < k; j++) {
				const struct fb_key *other = &section->key[j];

				ck_assert_str_ne(key->name, other->name);
				ck_assert_msg(key->offset >= other->offset + other->width ||
						      other->offset >= key->offset + key->width,
					      "%s and %s share a field", key->name, other->name);
			}
		}
	}
	fb_rules_preset(&preset);
	preset.thresholds = preset.liquidate_level = 1;
	ck_assert(fb_keys_good(&preset));
}
END_TEST

/* Any bit of what tells the keys apart is enough to refuse a log. */
START_TEST(logs_with_other_keys_are_refused)
{
	static struct fb_rules back;
	const struct fb_rules *rules = kit_rules();
	uint32_t print = fb_keys_print(&fb_section_waterfall);
	size_t length, at = 0;

	ck_assert_int_eq(fb_log_rules_pack(rules, packed, sizeof(packed), &length), 0);
	ck_assert_int_eq(fb_log_rules_unpack(packed, length, &back), 0);
	ck_assert_str_eq(back.venue, rules->venue);
	ck_assert_uint_eq(back.liquidation_fee_e7, rules->liquidation_fee_e7);
	ck_assert_int_eq(memcmp(&back.policy, &rules->policy, sizeof(back.policy)), 0);
	for (size_t i = 0; i + sizeof(print) <= length; i++)
		if (memcmp(packed + i, &print, sizeof(print)) == 0)
			at = i;
	ck_assert_uint_gt(at, 0);
	for (unsigned bit = 0; bit < 32; bit++) {
		packed[at + bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert_int_eq(fb_log_rules_unpack(packed, length, &back), -EBADMSG);
		packed[at + bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, values_are_counted_in_their_unit);
	tcase_add_test(tcase, what_does_not_fit_is_said);
	tcase_add_test(tcase, every_day_is_there);
	tcase_add_test(tcase, tables_of_all_sections);
	tcase_add_test(tcase, logs_with_other_keys_are_refused);
}

int main(void)
{
	return kit_run("rules: keys", fill);
}
