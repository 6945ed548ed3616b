/* Rational numbers from and to text: see <firebreak/ratio.h>. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ratio_internal.h"

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

#define POWER_MAX 100000 /* far beyond what fits; keeps the arithmetic below in range */

/* [e[+-]digits] */
static int power_of(struct cursor *c, int *out)
{
	*out = 0;
	if (!take(c, 'e') && !take(c, 'E'))
		return 0;
	bool negative = take(c, '-');
	if (!negative)
		take(c, '+');
	if (!is_digit(c))
		return -EINVAL;
	for (; is_digit(c); c->at++)
		if (*out < POWER_MAX)
			*out = *out * 10 + (*c->at - '0');
	*out = negative ? -*out : *out;
	return 0;
}

/* digits[.digits] without its point, and how many came after it. */
static int digits_of(struct cursor *c, struct natural *value, int *decimals)
{
	bool too_many = false;
	value->limbs = 0;
	*decimals = 0;
	for (int part = 0; part < 2; part++) {
		if (part == 1 && !take(c, '.'))
			break;
		if (!is_digit(c))
			return -EINVAL;
		for (; is_digit(c); c->at++) {
			*decimals += part == 1 && *decimals < POWER_MAX;
			too_many = too_many || value->limbs > FB_RATIO_LIMBS;
			if (!too_many)
				natural_scale(value, value, 10, (uint64_t)(*c->at - '0'));
		}
	}
	return too_many ? -EOVERFLOW : 0;
}

static struct fb_ratio number(struct cursor *c)
{
	struct natural value, scale, scaled, one;
	int decimals, power;
	bool negative = take(c, '-');
	if (!negative)
		take(c, '+');
	int rc = digits_of(c, &value, &decimals);
	if (rc != -EINVAL && power_of(c, &power) != 0)
		rc = -EINVAL;
	if (rc)
		return fb_ratio_error(rc);
	power -= decimals;
	if (value.limbs == 0)
		return (struct fb_ratio){ 0 };
	/* 10^617 has more than FB_RATIO_BITS. */
	if (power > 617 || power < -617)
		return fb_ratio_error(-EOVERFLOW);
	natural_power_of_ten(&scale, (unsigned)(power < 0 ? -power : power));
	if (power < 0)
		return ratio_make(negative, &value, &scale);
	natural_set(&one, 1);
	natural_multiply(&scaled, &value, &scale);
	return ratio_make(negative, &scaled, &one);
}

struct fb_ratio fb_ratio_parse(const char *text, size_t length)
{
	if (length == 0)
		return fb_ratio_error(-EINVAL); /* text may be NULL: a field that is not there */
	struct cursor c = { text, text + length };
	struct fb_ratio value = number(&c);
	if (value.error != -EINVAL && take(&c, '/')) {
		struct fb_ratio below = number(&c);
		value = below.error == -EINVAL ? below : fb_ratio_div(value, below);
	}
	return value.error != -EINVAL && c.at != c.end ? fb_ratio_error(-EINVAL) : value;
}

struct fb_ratio fb_ratio_text(const char *text)
{
	return fb_ratio_parse(text, strlen(text));
}

const char *fb_ratio_error_text(int error)
{
	switch (error) {
	case 0: return "no error";
	case -EINVAL: return "no number";
	case -EDOM: return "a division by zero or an argument out of its range";
	case -EOVERFLOW: return "a number of more than 2048 bits";
	case -ENOENT: return "none";
	default: return "an error";
	}
}

/* Groups of digits from the low end, each below 10^18. */
static char *print_natural(const struct natural *n, char *out)
{
	struct natural divisor, quotient, group, value = *n;
	uint64_t groups[NATURAL_LIMBS + 8];
	unsigned count = 0;
	natural_power_of_ten(&divisor, 18);
	do {
		natural_divide(&value, &divisor, &quotient, &group);
		groups[count++] = group.limbs ? group.limb[0] : 0;
		value = quotient;
	} while (value.limbs > 0);
	out += sprintf(out, "%llu", (unsigned long long)groups[--count]);
	while (count > 0)
		out += sprintf(out, "%018llu", (unsigned long long)groups[--count]);
	return out;
}

/* Cut off after `places` decimals. */
static char *print_decimal(const struct fb_ratio *x, unsigned places, char out[FB_RATIO_TEXT])
{
	struct natural above, below, quotient, rest;
	char *at = out;
	ratio_load(x, &above, &below);
	natural_divide(&above, &below, &quotient, &rest);
	if (x->negative)
		*at++ = '-';
	at = print_natural(&quotient, at);
	if (places > 0)
		*at++ = '.';
	for (; places > 0; places--) {
		natural_scale(&above, &rest, 10, 0);
		natural_divide(&above, &below, &quotient, &rest);
		*at++ = (char)('0' + (quotient.limbs ? quotient.limb[0] : 0));
	}
	*at = '\0';
	return out;
}

char *fb_ratio_decimal(const struct fb_ratio *a, unsigned places, enum fb_rounding rounding,
		       char out[FB_RATIO_TEXT])
{
	struct fb_ratio x = fb_ratio_round(*a, places, rounding);
	if (x.error)
		return strcpy(out, fb_ratio_error_text(x.error));
	return print_decimal(&x, places, out);
}

char *fb_ratio_fraction(const struct fb_ratio *a, char out[FB_RATIO_TEXT])
{
	struct natural above, below;
	if (a->error)
		return strcpy(out, fb_ratio_error_text(a->error));
	ratio_load(a, &above, &below);
	char *at = out;
	if (a->negative)
		*at++ = '-';
	at = print_natural(&above, at);
	if (a->below_limbs > 0) {
		*at++ = '/';
		at = print_natural(&below, at);
	}
	*at = '\0';
	return out;
}

/* How often a small prime goes into n, which loses it. */
static unsigned take_out(struct natural *n, uint64_t prime)
{
	struct natural p, quotient, rest;
	unsigned count = 0;
	natural_set(&p, prime);
	for (;; count++) {
		natural_divide(n, &p, &quotient, &rest);
		if (rest.limbs > 0)
			return count;
		natural_load(n, quotient.limb, quotient.limbs);
	}
}

char *fb_ratio_exact(const struct fb_ratio *a, char out[FB_RATIO_TEXT])
{
	struct natural above, below;
	if (a->error)
		return strcpy(out, fb_ratio_error_text(a->error));
	ratio_load(a, &above, &below);
	unsigned twos = take_out(&below, 2), fives = take_out(&below, 5);
	unsigned places = twos > fives ? twos : fives;
	if (!natural_is(&below, 1) || places > FB_RATIO_PLACES_MAX)
		return fb_ratio_fraction(a, out);
	return print_decimal(a, places, out);
}
