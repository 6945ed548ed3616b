/* Exact decimals. Digits are collected without their point; the exponent then says how many are
 * zeros to add or to drop, and a digit may only be dropped when it is 0: a number that the unit
 * cannot hold is refused, not rounded. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "decimal.h"

#define DIGITS_MAX 36      /* 10^36 < 2^127 */
#define EXPONENT_MAX 10000 /* far beyond any price; keeps the arithmetic below in range */

struct cursor {
	const char *at, *end;
};

static bool is_digit(const struct cursor *c)
{
	return c->at < c->end && *c->at >= '0' && *c->at <= '9';
}

static bool take(struct cursor *c, char wanted)
{
	if (c->at == c->end || *c->at != wanted)
		return false;
	c->at++;
	return true;
}

/* [e[+-]digits]; 0 when there is none. */
static int exponent(struct cursor *c, int *out)
{
	bool negative;

	*out = 0;
	if (!take(c, 'e') && !take(c, 'E'))
		return 0;
	negative = take(c, '-');
	if (!negative)
		take(c, '+');
	if (!is_digit(c))
		return -EINVAL;
	for (; is_digit(c); c->at++)
		if (*out < EXPONENT_MAX)
			*out = *out * 10 + (*c->at - '0');
	if (negative)
		*out = -*out;
	return 0;
}

/* value x 10^shift. */
static int shifted(__int128 value, int shift, __int128 *out)
{
	__int128 limit = 1;

	for (int i = 0; i < DIGITS_MAX; i++)
		limit *= 10;
	for (; shift > 0 && value != 0; shift--) {
		if (value >= limit / 10)
			return -ERANGE;
		value *= 10;
	}
	for (; shift < 0 && value != 0; shift++) {
		if (value % 10 != 0)
			return -EDOM;
		value /= 10;
	}
	*out = value;
	return 0;
}

int fb_decimal(const char *text, size_t length, unsigned scale, __int128 *out)
{
	struct cursor c = { text, text };
	bool negative, point = false, any = false;
	int digits = 0, shift = (int)scale, power, rc;
	__int128 value = 0;

	if (length == 0)
		return -EINVAL; /* text may be NULL: a field that is not there */
	c.end += length;
	negative = take(&c, '-');
	if (!negative)
		take(&c, '+');
	for (;; c.at++) {
		if (!point && any && c.at < c.end && *c.at == '.') {
			point = true;
			any = false; /* at least one digit must follow the point, too */
			continue;
		}
		if (!is_digit(&c))
			break;
		any = true;
		if (point && shift > -EXPONENT_MAX)
			shift--;
		if (value == 0 && *c.at == '0')
			continue;
		if (++digits > DIGITS_MAX)
			return -ERANGE;
		value = value * 10 + (*c.at - '0');
	}
	if (!any || exponent(&c, &power) || c.at != c.end)
		return -EINVAL;
	rc = shifted(value, shift + power, &value);
	if (rc)
		return rc;
	*out = negative ? -value : value;
	return 0;
}

const char *fb_decimal_expected(int code, unsigned scale, char *buffer, size_t size)
{
	if (code == -EDOM)
		snprintf(buffer, size, "a number with at most %u decimals", scale);
	else if (code == -ERANGE)
		snprintf(buffer, size, "a number below 10^%u", DIGITS_MAX - scale);
	else
		snprintf(buffer, size, "a number");
	return buffer;
}
