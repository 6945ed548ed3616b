/* The packs of sw/rules: each is good, says what its venue does, refuses a mistake in any of its
 * lines with the place, and is documented key by key. */
#include <firebreak/packs.h>

#include "inputs_kit.h"

#include "../../sw/lib/mix.h"
#include "../../sw/lib/rules_keys.h"

static struct fb_pack packs[FB_PACKS_MAX];
static struct fb_rules rules;

static int list(void)
{
	struct fb_error error;
	int n = fb_packs_list(packs, FB_PACKS_MAX, &error);

	ck_assert_msg(n > 0, "%s", error.text);
	return n;
}

static const char *path_of(const char *name)
{
	int n = list();

	for (int i = 0; i < n; i++)
		if (strcmp(packs[i].name, name) == 0)
			return packs[i].path;
	ck_abort_msg("no pack %s", name);
	return NULL;
}

static const char *const venues[] = {
	"aevo",	       "aster",	  "binance-coinm", "binance-usdm", "bitget",  "bitmex",
	"bluefin",     "bybit-inverse", "bybit-linear", "deribit",  "drift",   "dydx",
	"ethereal",    "extended", "gate",	   "gmx",	   "hyperliquid", "kraken",
	"lighter",     "okx",	  "paradex",
};
enum { VENUES = sizeof(venues) / sizeof(*venues) };

START_TEST(every_pack_is_found_and_good)
{
	int n = list();

	for (unsigned v = 0; v < VENUES; v++)
		path_of(venues[v]);
	for (int i = 0; i < n; i++) {
		struct fb_error error = { "" };

		ck_assert_msg(fb_rules_load(packs[i].name, &rules, &error) == 0, "%s", error.text);
		ck_assert_str_eq(rules.venue, packs[i].name);
		/* What the made-up crash and Binance's files call it. */
		ck_assert_int_eq(fb_symbol_find(&rules, "BTCUSDT"),
				 fb_symbol_find(&rules, "BTCUSD_PERP"));
		ck_assert_int_ge(fb_symbol_find(&rules, "BTCUSDT"), 0);
		ck_assert(i == 0 || strcmp(packs[i - 1].name, packs[i].name) < 0);
	}
}
END_TEST

static char shown[1 << 18];

/* The pack as `firebreak rules` prints it. */
static const char *printed(const char *name)
{
	struct fb_error error = { "" };
	FILE *out = fmemopen(shown, sizeof(shown), "w");

	ck_assert_ptr_nonnull(out);
	ck_assert_msg(fb_rules_load(name, &rules, &error) == 0, "%s", error.text);
	fb_pack_print(&rules, out);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_uint_lt(strlen(shown) + 1, sizeof(shown));
	return shown;
}

/* The value of a key in the first section of this name, or "". */
static void value_of(const char *text, const char *section, const char *key, char out[100])
{
	char head[80], line[80];
	const char *at, *end, *found;

	out[0] = '\0';
	snprintf(head, sizeof(head), "\n[%s", section);
	at = strstr(text, head);
	if (!at)
		return;
	end = strstr(at + 1, "\n[");
	snprintf(line, sizeof(line), "\n%s = ", key);
	found = strstr(at, line);
	if (!found || (end && found > end))
		return;
	found += strlen(line);
	snprintf(out, 100, "%.*s", (int)strcspn(found, "\n"), found);
}

#include "packs_say.h"

/* Is this what the key is without a line? Of keys that a pack must give, no. */
static bool is_preset(const char *section_name, const char *name)
{
	for (unsigned s = 0; s < fb_sections_n; s++)
		for (unsigned k = 0; k < fb_sections[s]->keys; k++) {
			const struct fb_key *key = &fb_sections[s]->key[k];

			if (strcmp(fb_sections[s]->name, section_name) == 0 &&
			    strcmp(key->name, name) == 0)
				return key->required == 0 && key->kind != FB_KEY_NAME &&
				       fb_key_get(key, fb_section_at(fb_sections[s], &rules, 0)) ==
					       key->preset;
		}
	return false;
}

START_TEST(packs_say_what_their_venues_do)
{
	for (unsigned i = 0; i < sizeof(say) / sizeof(*say); i++) {
		const char *text = printed(say[i].pack);
		char found[100];

		value_of(text, say[i].section, say[i].key, found);
		ck_assert_msg(strcmp(found, say[i].value) == 0, "%s, [%s] %s: %s, not %s",
			      say[i].pack, say[i].section, say[i].key, found, say[i].value);
		ck_assert_msg(!is_preset(say[i].section, say[i].key),
			      "%s, [%s] %s: the same without the line", say[i].pack,
			      say[i].section, say[i].key);
	}
}
END_TEST

static __int128 maintenance_e15(const struct fb_ladder *ladder, uint64_t notional_e8)
{
	unsigned k = 0;

	while (k + 1 < ladder->tiers && ladder->tier[k + 1].floor_e8 <= notional_e8)
		k++;
	return (__int128)notional_e8 * ladder->tier[k].rate_e7 -
	       (__int128)ladder->tier[k].deduction_e15;
}

/* Maintenance margins that venues publish, or that follow from what they publish. */
START_TEST(ladders_give_published_figures)
{
	static const struct {
		const char *pack, *symbol;
		uint64_t notional, mm_e3; /* thousandths */
	} known[] = {
		{ "binance-coinm", "BTCUSD_PERP", 50, 690 },   /* 50 x 5 % - 1.81 */
		{ "binance-coinm", "BTCUSD_PERP", 30, 190 },   /* 30 x 2.5 % - 0.56 */
		{ "binance-usdm", "BTCUSDT", 50000, 200000 },
		{ "bybit-linear", "BTCUSDT", 5600000, 35500000 }, /* 5.6 M x 1 % - 20,500 */
		{ "bitget", "BTCUSDT", 5000000, 50000000 },    /* flat, from 5 million on 1 % */
		{ "bitget", "BTCUSDT", 4999999, 34999993 },
		{ "gate", "BTC_USDT", 100000, 80 * 1000 + 135 * 1000 + 250 * 1000 },
		{ "hyperliquid", "BTC", 200000000, 3125000 * UINT64_C(1000) },
		{ "kraken", "PF_XBTUSD", 1000000, 10000000 },
		{ "lighter", "BTC", 1000, 12000 },
		{ "ethereal", "BTCUSD", 1000, 10000 },
		{ "aevo", "ETH-PERP", 1000, 30000 },
		{ "bluefin", "SUI-PERP", 1000, 25000 },
		{ "dydx", "SOL-USD", 1000, 50000 },
		{ "bitmex", "XBTUSD", 350, 350 * 12 },	       /* the third step: 1.2 % of all */
	};

	for (unsigned i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct fb_error error = { "" };
		int s;

		ck_assert_msg(fb_rules_load(known[i].pack, &rules, &error) == 0, "%s", error.text);
		s = fb_symbol_find(&rules, known[i].symbol);
		ck_assert_int_ge(s, 0);
		ck_assert_msg(maintenance_e15(&rules.ladder[rules.symbol[s].ladder],
					      known[i].notional * 100000000) ==
				      (__int128)known[i].mm_e3 * 1000000000000,
			      "%s %s at %llu", known[i].pack, known[i].symbol,
			      (unsigned long long)known[i].notional);
	}
}
END_TEST

static char original[1 << 16], mutated[1 << 17];

/* Into `original`; and puts its ladders beside where mutated packs lie. */
static void read_pack(const char *name)
{
	FILE *file = fopen(path_of(name), "rb");
	char ladders[4096];
	size_t n;

	snprintf(ladders, sizeof(ladders), "%s", path_of(name));
	strcpy(strrchr(ladders, '/'), "/ladders");
	ck_assert_int_eq(symlink(ladders, kit_path("ladders")), 0);

	ck_assert_ptr_nonnull(file);
	n = fread(original, 1, sizeof(original) - 1, file);
	original[n] = '\0';
	fclose(file);
}

/* The mutated pack, beside the ladders of the true one. */
static void assert_refused(unsigned line, const char *what)
{
	const char *path = kit_file("mutated.rules", mutated);
	struct fb_error error = { "" };
	char place[32];
	int rc;

	memset(&rules, 0x5a, sizeof(rules));
	rc = fb_rules_load(path, &rules, &error);
	snprintf(place, sizeof(place), "mutated.rules:%u:", line);
	ck_assert_msg(rc < 0, "line %u, %s: taken", line, what);
	ck_assert_msg(strstr(error.text, place), "line %u %s: %s", line, what, error.text);
	ck_assert_msg(strstr(error.text, "expected "), "line %u %s: %s", line, what, error.text);
	ck_assert_uint_eq(*(const uint8_t *)&rules, 0x5a);
	ck_assert_int_eq(memcmp(&rules, (const uint8_t *)&rules + 1, sizeof(rules) - 1), 0);
}

/* Puts `instead` in the place of the line that begins at `at`. */
static void replace_line(const char *at, size_t length, const char *instead)
{
	snprintf(mutated, sizeof(mutated), "%.*s%s%s", (int)(at - original), original, instead,
		 at + length);
}

/* Of one line: a key that is not known, a value that is none, and twice. */
static void mutate_line(const char *at, size_t length, unsigned number, const char *section)
{
	size_t key = strcspn(at, " =");
	bool own_names = strcmp(section, "[thresholds]") == 0 || strcmp(section, "[ladders]") == 0;
	char instead[1024];

	if (*at == '[') {
		snprintf(instead, sizeof(instead), "[x%.*s", (int)length - 1, at + 1);
		replace_line(at, length, instead);
		assert_refused(number, "section misspelt");
		/* A second one of the same name is refused, [symbol NAME] too. */
		snprintf(instead, sizeof(instead), "%.*s\n%.*s", (int)length, at, (int)length, at);
		replace_line(at, length, instead);
		assert_refused(number + 1, "section twice");
		return;
	}
	if (!own_names) {
		snprintf(instead, sizeof(instead), "%.*sx%.*s", (int)key, at, (int)(length - key),
			 at + key);
		replace_line(at, length, instead);
		assert_refused(number, "key misspelt");
	}
	snprintf(instead, sizeof(instead), "%.*s = \"", (int)key, at);
	replace_line(at, length, instead);
	assert_refused(number, "value is none");
	snprintf(instead, sizeof(instead), "%.*s =", (int)key, at);
	replace_line(at, length, instead);
	assert_refused(number, "no value");
	snprintf(instead, sizeof(instead), "%.*s\n%.*s", (int)length, at, (int)length, at);
	replace_line(at, length, instead);
	assert_refused(number + 1, "line twice");
}

START_TEST(a_mistake_in_any_line_has_a_place)
{
	const char *name = venues[_i], *at;
	char section[80] = "";
	unsigned number = 1;

	read_pack(name);
	for (at = original; *at; number++) {
		size_t length = strcspn(at, "\n");

		if (*at == '[')
			snprintf(section, sizeof(section), "%.*s", (int)length, at);
		if (length > 0 && *at != '#')
			mutate_line(at, length, number, section);
		at += length + (at[length] == '\n');
	}
	ck_assert_int_eq(unlink(kit_path("ladders")), 0);
}
END_TEST

/* Changes a byte of the text, leaves one out, doubles one, or cuts the text off. */
static void damage(char *text, uint64_t draw)
{
	static const char bytes[] = "\n []=%/#,.-+0123456789abcxyz>_\"\\\t\x7f\xff";
	size_t length = strlen(text);
	size_t at = (size_t)fb_mix_below(fb_mix(draw), (uint32_t)length);

	switch (draw % 8) {
	case 0: text[at > 0 ? at : 1] = '\0'; break;
	case 1:
	case 2: memmove(text + at, text + at + 1, length - at); break;
	case 3:
	case 4: memmove(text + at + 1, text + at, length + 1 - at); break;
	default: text[at] = bytes[draw / 8 % (sizeof(bytes) - 1)]; break;
	}
}

/* From a seed: what comes of a pack is either one still, or refused with a place, and then nothing
 * of it is applied. */
START_TEST(damage_is_refused_or_harmless)
{
	const char *name = venues[_i];
	uint64_t seed = 1 + (uint64_t)_i, drawn = 0;
	unsigned refused = 0;

	read_pack(name);
	for (unsigned round = 0; round < 60; round++) {
		struct fb_error error = { "" };

		strcpy(mutated, original);
		for (unsigned change = 0; change < 1 + round % 4; change++)
			damage(mutated, fb_mix(seed * 1000003 + drawn++));
		memset(&rules, 0x5a, sizeof(rules));
		if (fb_rules_load(kit_file("damaged.rules", mutated), &rules, &error) == 0)
			continue;
		refused++;
		ck_assert_msg(strstr(error.text, "damaged.rules:"), "%s", error.text);
		ck_assert_msg(strstr(error.text, "expected "), "%s", error.text);
		ck_assert_uint_eq(*(const uint8_t *)&rules, 0x5a);
		ck_assert_int_eq(memcmp(&rules, (const uint8_t *)&rules + 1, sizeof(rules) - 1),
				 0);
	}
	ck_assert_uint_gt(refused, 5); /* most bytes of a pack are in comments and names */
	ck_assert_int_eq(unlink(kit_path("ladders")), 0);
}
END_TEST

/* Without a section that is required, or a key. */
START_TEST(what_is_required_cannot_be_left_out)
{
	static const struct {
		const char *from, *to; /* what is between, and `from`, is left out */
		const char *words;
	} cuts[] = {
		{ "[fees]", "[ladders]", "a section [fees]" },
		{ "[thresholds]", "[fees]", "a section [thresholds]" },
		{ "breach", "liquidate_at", "a line `breach = ...` in [venue]" },
		{ "taker", "[ladders]", "a line `taker = ...` in [fees]" },
	};

	kit_file("l.csv", "floor,rate\n0,0.01\n");
	for (unsigned i = 0; i < sizeof(cuts) / sizeof(*cuts); i++) {
		static const char whole[] =
			"[venue]\nname = v\nbreach = >\nliquidate_at = l\n[thresholds]\nl = 1\n"
			"[fees]\nliquidation = 0\ntaker = 0\n[ladders]\nl = l.csv\n"
			"[symbol A]\nlot = 1\nladder = l\n";
		const char *from = strstr(whole, cuts[i].from), *to = strstr(whole, cuts[i].to);
		struct fb_error error = { "" };

		snprintf(mutated, sizeof(mutated), "%.*s%s", (int)(from - whole), whole, to);
		ck_assert_int_lt(fb_rules_load(kit_file("cut.rules", mutated), &rules, &error), 0);
		ck_assert_msg(strstr(error.text, cuts[i].words), "%s", error.text);
	}
}
END_TEST

static char document[1 << 18];

/* The rows of the section in packs.md, from its heading to the next; NULL: it has none. */
static char *rows_of(const struct fb_section *section)
{
	char head[80], *at, *end;

	snprintf(head, sizeof(head), "\n## [%s%s]\n", section->name, section->most ? " NAME" : "");
	at = strstr(document, head);
	if (!at)
		return NULL;
	end = strstr(at + 1, "\n## ");
	return strndup(at, end ? (size_t)(end - at) : strlen(at));
}

START_TEST(every_key_is_in_the_document)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s", path_of("binance-usdm"));
	strcpy(strrchr(path, '/'), "/packs.md");
	file = fopen(path, "rb");
	ck_assert_msg(file != NULL, "%s", path);
	document[fread(document, 1, sizeof(document) - 1, file)] = '\0';
	fclose(file);
	for (unsigned s = 0; s < fb_sections_n; s++) {
		const struct fb_section *section = fb_sections[s];
		char *rows = rows_of(section);
		unsigned found = 0, keys = section->keys;

		ck_assert_msg(rows, "packs.md has no heading for [%s]", section->name);
		for (unsigned k = 0; k < section->keys; k++) {
			char row[80];

			keys -= section->key[k].name[0] == '\0';
			if (section->key[k].name[0] == '\0')
				continue; /* of the program */
			snprintf(row, sizeof(row), "\n| `%s` |", section->key[k].name);
			ck_assert_msg(strstr(rows, row), "packs.md, [%s]: no row for %s",
				      section->name, section->key[k].name);
		}
		for (const char *at = rows; (at = strstr(at, "\n| `")) != NULL; at++)
			found++;
		ck_assert_msg(found == keys,
			      "packs.md, [%s]: %u rows for %u keys: one names no key, or twice",
			      section->name, found, keys);
		free(rows);
	}
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, every_pack_is_found_and_good);
	tcase_add_test(tcase, packs_say_what_their_venues_do);
	tcase_add_test(tcase, ladders_give_published_figures);
	tcase_add_loop_test(tcase, a_mistake_in_any_line_has_a_place, 0, VENUES);
	tcase_add_loop_test(tcase, damage_is_refused_or_harmless, 0, VENUES);
	tcase_add_test(tcase, what_is_required_cannot_be_left_out);
	tcase_add_test(tcase, every_key_is_in_the_document);
}

int main(void)
{
	return kit_run("packs", fill);
}
