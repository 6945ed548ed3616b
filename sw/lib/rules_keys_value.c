/* Values of rule packs by the kind of their key. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "decimal.h"
#include "rules_keys_value.h"

unsigned fb_key_words(const struct fb_key *key)
{
	unsigned n = 1;

	for (const char *c = key->words; *c; c++)
		n += *c == '|';
	return n;
}

static int take_choice(struct fb_rules_loader *l, const struct fb_key *key,
		       const struct fb_field *value, int64_t *out)
{
	unsigned words = fb_key_words(key);
	const char *word = key->words;
	char known[300] = "";

	for (unsigned i = 0; i < words; i++) {
		size_t length = strcspn(word, "|");

		if (value->length == length && memcmp(value->text, word, length) == 0) {
			*out = i;
			return 0;
		}
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%.*s",
			 i == 0		  ? ""
			 : i + 1 == words ? " or "
					  : ", ",
			 (int)length, word);
		word += length + 1;
	}
	return fb_rules_refuse(l, value, NULL, known);
}

/* 0 where the kind allows that there is none. */
static bool is_none(const struct fb_key *key, const struct fb_field *value)
{
	return key->min == 0 && fb_field_is(value, "none");
}

static int take_level(struct fb_rules_loader *l, const struct fb_key *key,
		      const struct fb_field *value, int64_t *out)
{
	char hint[100];

	for (unsigned i = 0; i < l->rules->thresholds; i++)
		if (fb_field_is(value, l->rules->threshold[i].name)) {
			*out = i + 1;
			return 0;
		}
	*out = 0;
	if (is_none(key, value))
		return 0;
	snprintf(hint, sizeof(hint), "[thresholds] comes before [%s]",
		 fb_sections[l->section]->name);
	return fb_rules_refuse(l, value, hint, "the name of a threshold");
}

static int take_symbol(struct fb_rules_loader *l, const struct fb_key *key,
		       const struct fb_field *value, int64_t *out)
{
	char name[FB_NAME_MAX];
	int rc = 0, found;

	*out = 0;
	if (is_none(key, value))
		return 0;
	rc = fb_rules_take_name(l, value, name);
	if (rc)
		return rc;
	found = fb_symbol_find(l->rules, name);
	if (found < 0)
		return fb_rules_refuse(l, value, "its [symbol] comes before",
				       "the name of a symbol");
	*out = found + 1;
	return 0;
}

static int take_number(struct fb_rules_loader *l, const struct fb_key *key, unsigned decimals,
		       const struct fb_field *value, int64_t *out)
{
	const char *what = decimals ? "an amount" : "a whole number";
	__int128 number = 0;
	int rc = fb_field_number(l->lines, value, decimals, key->min, key->max,
				 key->words ? key->words : what, &number, l->error);

	*out = (int64_t)number;
	return rc;
}

static const struct {
	const char *name;
	int64_t us;
} units[] = { { "us", 1 },	     { "ms", 1000 },	      { "s", 1000000 },
	      { "min", 60000000 }, { "h", 3600000000 }, { "d", 86400000000 } };
enum { UNITS = sizeof(units) / sizeof(*units) };

void fb_key_show_time(int64_t us, char *out, size_t size)
{
	unsigned u = UNITS;

	while (--u > 0)
		if (us % units[u].us == 0)
			break;
	snprintf(out, size, "%lld %s", (long long)(us / units[u].us), us ? units[u].name : "s");
}

static int take_time(struct fb_rules_loader *l, const struct fb_key *key,
		     const struct fb_field *value, int64_t *out)
{
	struct fb_field number = *value;
	char low[40], high[40];
	__int128 time;

	while (number.length > 0 && number.text[number.length - 1] >= 'a' &&
	       number.text[number.length - 1] <= 'z')
		number.length--;
	for (unsigned u = 0; u < UNITS; u++) {
		size_t length = value->length - number.length;

		if (length != strlen(units[u].name) ||
		    memcmp(value->text + number.length, units[u].name, length) != 0)
			continue;
		while (number.length > 0 && number.text[number.length - 1] == ' ')
			number.length--;
		/* With six decimals, of which the unit must leave none. */
		if (fb_decimal(number.text, number.length, 6, &time) == 0 &&
		    time > -((__int128)1 << 80) && time < (__int128)1 << 80 &&
		    time * units[u].us % 1000000 == 0) {
			time = time * units[u].us / 1000000;
			if (time >= key->min && time <= key->max) {
				*out = (int64_t)time;
				return 0;
			}
		}
		break;
	}
	fb_key_show_time(key->min, low, sizeof(low));
	fb_key_show_time(key->max, high, sizeof(high));
	return fb_field_error(l->lines, value, l->error, "with us, ms, s, min, h or d",
			      "a time from %s to %s, such as 30 s", low, high);
}

/* Days from 1970-01-01 in the Gregorian calendar, by its cycle of 400 years, each counted from 1
 * March so that the leap day is the last. */
static int64_t days(int64_t year, unsigned month, unsigned day)
{
	int64_t y = year - (month <= 2), era = y / 400, of_era = y - era * 400;
	unsigned of_year = (153 * (month + (month > 2 ? -3u : 9u)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* Digits with what separates them, as in "0000-00-00": each number of them, or false. */
static bool take_shape(const struct fb_field *value, const char *shape, unsigned *number)
{
	if (value->length != strlen(shape))
		return false;
	*number = 0;
	for (size_t i = 0; i < value->length; i++)
		if (shape[i] != '0') {
			if (value->text[i] != shape[i])
				return false;
			if (i + 1 < value->length)
				*++number = 0;
		} else if (value->text[i] >= '0' && value->text[i] <= '9') {
			*number = *number * 10 + (unsigned)(value->text[i] - '0');
		} else {
			return false;
		}
	return true;
}

static int take_date(struct fb_rules_loader *l, const struct fb_key *key,
		     const struct fb_field *value, int64_t *out)
{
	static const unsigned length[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	unsigned n[6] = { 0 };

	*out = 0;
	if (is_none(key, value))
		return 0;
	if ((take_shape(value, "0000-00-00", n) || take_shape(value, "0000-00-00T00:00:00Z", n)) &&
	    n[0] >= 1970 && n[1] >= 1 && n[1] <= 12 && n[2] >= 1 && n[2] <= length[n[1] - 1] &&
	    n[3] < 24 && n[4] < 60 && n[5] < 60 &&
	    days(n[0], n[1], n[2]) < days(n[0], n[1] % 12 + 1, 1) + (n[1] == 12 ? 366 : 0)) {
		int64_t seconds = days(n[0], n[1], n[2]) * 86400 + n[3] * 3600 + n[4] * 60 + n[5];

		*out = seconds * 1000000;
		if (*out >= key->min && *out <= key->max)
			return 0;
	}
	return fb_rules_refuse(l, value, NULL,
			       "a day or an instant, as 2025-12-26 or 2025-12-26T08:00:00Z");
}

int fb_key_value(struct fb_rules_loader *l, const struct fb_key *key, const struct fb_field *value,
		 int64_t *out)
{
	unsigned ladder = 0;
	int rc;

	switch (key->kind) {
	case FB_KEY_RATIO: return fb_rules_take_ratio(l, value, key->min, key->max, out);
	case FB_KEY_LEVEL: return take_level(l, key, value, out);
	case FB_KEY_CHOICE: return take_choice(l, key, value, out);
	case FB_KEY_NUMBER: return take_number(l, key, 0, value, out);
	case FB_KEY_AMOUNT: return take_number(l, key, 8, value, out);
	case FB_KEY_TIME: return take_time(l, key, value, out);
	case FB_KEY_DATE: return take_date(l, key, value, out);
	case FB_KEY_SYMBOL: return take_symbol(l, key, value, out);
	case FB_KEY_LADDER:
		rc = fb_rules_use_ladder(l, value, &ladder);
		*out = ladder;
		return rc;
	case FB_KEY_NAME:
	case FB_KEY_OWN: break;
	}
	return -EINVAL;
}
