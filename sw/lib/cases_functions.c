/* Functions of formulas. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "cases_functions.h"

bool case_contains(const char *text, const char *part)
{
	size_t n = strlen(part);
	for (; strlen(text) >= n; text++)
		if (strncasecmp(text, part, n) == 0)
			return true;
	return false;
}

bool case_all_numbers(const struct case_value *argument, unsigned n, struct case_value *error)
{
	for (unsigned i = 0; i < n; i++)
		if (argument[i].type != CASE_NUMBER) {
			*error = argument[i].type == CASE_NONE ? argument[i] : case_none(-EINVAL);
			return false;
		}
	return true;
}

/* A function of numbers only. */
#define OF_NUMBERS(name)                                                                           \
	static struct case_value call_##name(const struct case_value *a, unsigned n)               \
	{                                                                                          \
		struct case_value error;                                                           \
		return case_all_numbers(a, n, &error) ? case_number(name##_of(a, n)) : error;      \
	}                                                                                          \
	_Static_assert(true, "takes the semicolon")

static struct fb_ratio min_of(const struct case_value *a, unsigned n)
{
	struct fb_ratio out = a[0].number;
	for (unsigned i = 1; i < n; i++)
		out = fb_ratio_min(out, a[i].number);
	return out;
}
OF_NUMBERS(min);

static struct fb_ratio max_of(const struct case_value *a, unsigned n)
{
	struct fb_ratio out = a[0].number;
	for (unsigned i = 1; i < n; i++)
		out = fb_ratio_max(out, a[i].number);
	return out;
}
OF_NUMBERS(max);

static struct fb_ratio abs_of(const struct case_value *a, unsigned n)
{
	(void)n;
	return fb_ratio_abs(a[0].number);
}
OF_NUMBERS(abs);

static struct fb_ratio sign_of(const struct case_value *a, unsigned n)
{
	(void)n;
	return fb_ratio_int(fb_ratio_sign(&a[0].number));
}
OF_NUMBERS(sign);

static struct fb_ratio floor_of(const struct case_value *a, unsigned n)
{
	(void)n;
	return fb_ratio_floor(a[0].number);
}
OF_NUMBERS(floor);

static struct fb_ratio ceil_of(const struct case_value *a, unsigned n)
{
	(void)n;
	return fb_ratio_ceil(a[0].number);
}
OF_NUMBERS(ceil);

static struct fb_ratio isqrt_of(const struct case_value *a, unsigned n)
{
	(void)n;
	return fb_ratio_isqrt(a[0].number);
}
OF_NUMBERS(isqrt);

static struct fb_ratio clamp_of(const struct case_value *a, unsigned n)
{
	(void)n;
	return fb_ratio_clamp(a[0].number, a[1].number, a[2].number);
}
OF_NUMBERS(clamp);

/* round_to(x, step): halves away from zero. */
static struct fb_ratio round_to_of(const struct case_value *a, unsigned n)
{
	(void)n;
	return fb_ratio_round_to(a[0].number, a[1].number, FB_ROUND_HALF_UP);
}
OF_NUMBERS(round_to);

/* Of an even number of values the mean of the middle two. */
static struct fb_ratio median_of(const struct case_value *a, unsigned n)
{
	struct fb_ratio sorted[CASE_ARGUMENTS];
	for (unsigned i = 0; i < n; i++) {
		unsigned j = i;
		for (; j > 0 && fb_ratio_compare(&sorted[j - 1], &a[i].number) > 0; j--)
			sorted[j] = sorted[j - 1];
		sorted[j] = a[i].number;
	}
	if (n % 2)
		return sorted[n / 2];
	return fb_ratio_div(fb_ratio_add(sorted[n / 2 - 1], sorted[n / 2]), fb_ratio_int(2));
}
OF_NUMBERS(median);

/* alt(a, b, ...): the first that is known. */
static struct case_value alt(const struct case_value *a, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (a[i].type != CASE_NONE)
			return a[i];
	return a[n - 1];
}

/* numeric(x): neither unknown nor null. */
static struct case_value numeric(const struct case_value *a, unsigned n)
{
	(void)n;
	return case_truth(a[0].type == CASE_NUMBER);
}

/* has(words, 'part', ...): false too if there are no words. */
static struct case_value has(const struct case_value *a, unsigned n)
{
	for (unsigned i = 1; i < n; i++)
		if (a[0].type != CASE_NONE && a[0].words[0] &&
		    case_contains(a[0].words, a[i].words))
			return case_truth(true);
	return case_truth(false);
}

static struct case_value starts(const struct case_value *a, unsigned n)
{
	(void)n;
	return case_truth(a[0].type != CASE_NONE &&
			  strncasecmp(a[0].words, a[1].words, strlen(a[1].words)) == 0);
}

/* nth(words, i): the i-th number in words, from 1; a % behind it divides it by 100. */
static struct case_value nth(const struct case_value *a, unsigned n)
{
	(void)n;
	const char *at = a[0].words;
	__int128 wanted;
	if (a[0].type == CASE_NONE)
		return a[0];
	if (a[1].type != CASE_NUMBER || fb_ratio_to_int(&a[1].number, &wanted))
		return case_none(-EINVAL);
	while (*at) {
		size_t length = strspn(at, "0123456789.");
		while (length > 0 && at[length - 1] == '.')
			length--;
		if (length == 0 || !isdigit((unsigned char)*at)) {
			at++;
			continue;
		}
		if (--wanted == 0)
			return case_number(case_parse_number(at, length + (at[length] == '%')));
		at += length;
	}
	return case_none(-ENOENT);
}

static const struct case_function functions[] = {
	{ "min", 1, CASE_ARGUMENTS, call_min },    { "max", 1, CASE_ARGUMENTS, call_max },
	{ "abs", 1, 1, call_abs },		      { "sign", 1, 1, call_sign },
	{ "floor", 1, 1, call_floor },	      { "ceil", 1, 1, call_ceil },
	{ "isqrt", 1, 1, call_isqrt },	      { "clamp", 3, 3, call_clamp },
	{ "round_to", 2, 2, call_round_to },	      { "median", 1, CASE_ARGUMENTS, call_median },
	{ "alt", 2, CASE_ARGUMENTS, alt },    { "has", 2, CASE_ARGUMENTS, has },
	{ "numeric", 1, 1, numeric },
	{ "starts", 2, 2, starts },	      { "nth", 2, 2, nth },
};

const struct case_function *case_function(const char *name)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (strcmp(functions[i].name, name) == 0)
			return &functions[i];
	const struct case_function *formula = case_formula(name);
	return formula ? formula : case_engine(name);
}
